"""The shape of `publications/*.toml`: what a publication says, to whom, under which rule, in which order.

A publication names findings; it never names a number. Numbers reach it as releases.
"""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text

Chart = Literal["trend", "rates", "map", "heat", "bars", "change", "table"]
"""How a table is drawn: months with limits, areas with intervals, areas on a map, hour by weekday, bars,
changes with intervals, or not at all."""


@dataclass(frozen=True, kw_only=True, config=FORBID)
class FigureSpec:
    """One figure: a table of a finding and how to draw it.

    `name` is how prose cites it (the finding's own name where empty), `table` the table's name (the first
    where empty), `subject` the plural noun phrase that sentences use ("serious violence offences").
    `focus` is the category that the title is about and `says` what is so of those in it ("were both victims and
    suspects"). `margin` picks one category for dimensions that the chart does not draw; where it is silent, the total.
    """

    finding: Key
    chart: Chart
    subject: Text
    name: str = ""
    table: str = ""
    parameters: dict[str, object] = field(default_factory=dict)
    margin: dict[str, str] = field(default_factory=dict)
    by: str = ""
    """The dimension that bars stand for; the table's first where empty."""
    focus: str = ""
    says: str = ""
    when_loaded: tuple[Key, ...] = ()
    """Datasets that not every installation has: without them the figure is left out, and the page says so. The first
    decides the months."""
    months: Annotated[int, Field(ge=1)] | None = None
    """How many months the finding looks back over, where not the publication's."""
    cannot_say: tuple[Text, ...] = ()

    @property
    def cited_as(self) -> str:
        return self.name or self.finding


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Section:
    """One message: a heading, figures, and a narrative block `prose/<prose>.md` of this partnership."""

    key: Key
    heading: Text
    figures: tuple[FigureSpec, ...] = ()
    prose: str = ""
    cannot_say: tuple[Text, ...] = ()


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Publication(Common):
    """A document of the partnership. `rule` is a key of `disclosure.toml`; sections appear in the order written."""

    key: Key
    title: Text
    summary: Text
    audience: Text
    rule: Text
    cadence: Literal["weekly", "monthly", "quarterly", "annual"]
    months: Annotated[int, Field(ge=1)] = 24
    """How many whole months the findings look back over."""
    headlines: bool = False
    """Whether it must show every headline measure (`Indicator.headline`)."""
    restricted_audience: Key = "board"
    """Who may read, in an edition of its own, what section 8(8) keeps out of the public one."""
    sections: tuple[Section, ...] = ()


SHAPE = Publication
