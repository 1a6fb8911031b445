"""The shape of `publications/*.toml`: what a publication says, to whom, under which rule, in which order.

A publication names findings; it never names a number. Numbers reach it as releases.
"""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text

Chart = Literal[
    "trend",
    "rates",
    "map",
    "heat",
    "bars",
    "change",
    "table",
    "ratios",
    "funnel",
    "classes",
    "shares",
    "concentration",
    "series",
    "interval",
]
"""How a table is drawn, and what it must hold for that.

- `trend`: months with their usual range; `rates`: areas with intervals, against the whole; `map`: areas shaded by rate;
- `heat`: hour by weekday; `bars`; `change`: changes in per cent with intervals; `table`: not drawn at all;
- `ratios`: ratios with intervals against 1, on a log scale (estimates that are ratios);
- `funnel`: rates or shares against the size of their base, with 95% and 99.8% limits around the total's;
- `classes`: areas on a map in named classes (the cell's word: “persistent”, “emerging”), hatched as well as coloured;
- `shares`: bars of 100%, `by` naming the rows and the other dimension the parts;
- `concentration`: the share of events in the busiest share of places (categories that hold a percentage);
- `series`: one or more lines over months or years, with breaks where a cell's word begins “break”;
- `interval`: one estimate, large, with its interval (`focus`, or the total, or the first that has one).
"""


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
    unless_loaded: tuple[Key, ...] = ()
    """Datasets that answer the same question better: where all of them are loaded the figure is not made at all."""
    months: Annotated[int, Field(ge=1)] | None = None
    """How many months the finding looks back over, where not the publication's."""
    cannot_say: tuple[Text, ...] = ()

    @property
    def cited_as(self) -> str:
        return self.name or self.finding


@dataclass(frozen=True, kw_only=True, config=FORBID)
class ListingSpec:
    """A table of words: what the folder declares and what happened to it, never a count of people.

    `made_of` names the listing (`concord.jobs.listings`), `parameters` are its own. `intro` stands before the table.
    """

    made_of: Key
    title: Text
    intro: str = ""
    parameters: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Section:
    """One message: a heading, a narrative block `prose/<prose>.md` of this partnership, figures and listings.

    A section may be a table of its publication's file or a file of its own, `publications/<publication>/NN-<key>.toml`;
    files follow the tables, in the order of their names. `answers` names the provisions that the section answers.
    `when_loaded` and `unless_loaded` are as for figures. A partnership that does not want a section it inherits writes
    a file of the same name with `omit` and the reason.
    """

    key: Key
    heading: Text
    figures: tuple[FigureSpec, ...] = ()
    listings: tuple[ListingSpec, ...] = ()
    prose: str = ""
    cannot_say: tuple[Text, ...] = ()
    answers: tuple[Text, ...] = ()
    when_loaded: tuple[Key, ...] = ()
    unless_loaded: tuple[Key, ...] = ()
    omit: Text | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class SectionFile(Common, Section):
    """A section in a file of its own."""


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Parameter:
    """Something that is chosen when the publication is made, as `--NAME VALUE`.

    `type` says what may be given: `area`, the name of an area of the level `of` in `codelists/areas.csv`; `limb`, a
    reported limb of the definition; `choice`, a key of `choices`; `month` (2026-09) or `date` (2026-09-30), which also
    end the period that the publication is about; `text` or `whole` number. Words of the publication may hold
    `{NAME}` (and `{partnership}`, its name), and a figure's parameters may be `"$NAME"`.
    """

    type: Literal["area", "limb", "choice", "month", "date", "text", "whole"]
    says: Text
    of: Key | None = None
    choices: dict[Key, Text] = field(default_factory=dict)
    required: bool = False
    default: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Parameter:
        if self.type == "area" and self.of is None:
            raise ValueError('a parameter of type area says of which level: of = "ward"')
        if self.type == "choice" and not self.choices:
            raise ValueError("a parameter of type choice lists what may be chosen: choices = { ... }")
        if self.required and self.default:
            raise ValueError("a parameter that must be given has no default")
        return self


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]*$", max_length=30)]


EQUALITY = "equality"
"""The key of the section that holds the equality note."""


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Publication(Common):
    """A document of the partnership. `rule` is a key of `disclosure.toml`; sections appear in the order written.

    `called` is the word by which `concord assess` knows it; several may share one where what they must be told differs.
    `obliged` lists provisions of law that its sections must answer between them. `equality` is the block of prose that
    records what was considered for the public sector equality duty.
    """

    key: Key
    title: Text
    summary: Text
    audience: Text
    rule: Text
    cadence: Literal["weekly", "monthly", "quarterly", "annual"]
    called: Name | None = None
    months: Annotated[int, Field(ge=1)] = 24
    """How many whole months the findings look back over."""
    headlines: bool = False
    """Whether it must show every headline measure (`Indicator.headline`)."""
    restricted_audience: Key = "board"
    """Who may read, in an edition of its own, what section 8(8) keeps out of the public one."""
    parameters: dict[Key, Parameter] = field(default_factory=dict)
    obliged: tuple[Text, ...] = ()
    equality: str = ""
    sections: tuple[Section, ...] = ()

    @property
    def narratives(self) -> dict[str, str]:
        """The block of prose that each section's narrative starts from, by the section's key; blank for none."""
        found = {section.key: section.prose for section in self.sections}
        return {**found, EQUALITY: self.equality} if self.equality else found


SHAPE = Publication
