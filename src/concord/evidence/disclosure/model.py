"""What leaves: a `Release`, made only by `concord.evidence.disclosure`, for one audience under one rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from concord.evidence.findings.model import Dimension
from concord.kernel.lineage import Lineage
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period

Hidden = Literal["confidential", "small", "complementary", "low_base", "not_published"]
"""Why a cell holds nothing. A release says `confidential` for small and complementary cells alike, because telling
them apart tells a reader which are small; the two finer words are for messages before release, never after."""


@dataclass(frozen=True, slots=True)
class ReleasedCell:
    """Either a count with what may be derived from it, or `hidden` with the kind of reason. Never both."""

    key: tuple[str, ...]
    count: int | None = None
    base: int | None = None
    population: float | None = None
    estimate: Estimate | None = None
    hidden: Hidden | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class ReleasedTable:
    name: str
    title: str
    unit: str
    dimensions: tuple[Dimension, ...]
    cells: tuple[ReleasedCell, ...]
    code: str
    """The figure code of this table: short, unambiguous when read aloud, stable for the same content."""
    per: float | None = None
    additive: bool = True
    universe: str = ""
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    period: Period | None = None
    """Where the table is about other days than the release."""
    published: bool = False
    """Values of an open publication, repeated: there are no counts behind them here."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What an attacker with everything ever released could work out. `exposed` must be empty to publish."""

    hidden_cells: int
    exposed: tuple[str, ...]
    narrowest_interval: float | None
    method: str
    flags: tuple[str, ...] = ()
    """What a person should look at although no rule forbids it: a group that is all in one category, for example."""
    against: tuple[str, ...] = ()
    """The earlier releases that were part of what the attacker was given."""


@dataclass(frozen=True, slots=True)
class Release:
    id: str
    finding: str
    question: str
    tables: tuple[ReleasedTable, ...]
    base: str
    period: Period
    source: str
    method: str
    cannot_say: tuple[str, ...]
    audience: str
    rule: str
    audit: Audit
    lineage: Lineage
    requested_by: str
    approved_by: str
    released_at: datetime
    synthetic: bool = False
    facts: dict[str, float] = field(default_factory=dict)
    notice: str = ""
    """Words that every rendering must show beside the tables: small numbers inside, for whom, under what."""
    rounded_to: int = 0
    """Counts are rounded to the nearest of this; 0 where they are exact."""
    hides_up_to: int = 0
    """The largest count that the rule hides for being small; 0 where small numbers are shown."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What keeping small numbers in takes from the reader.

    `cells` of the finding, of them `small` hidden for what they are, `others` hidden so that those do not come back and
    `low_base` left out because their base says too little. `counts` are the events in hidden cells of the finest tables
    that add up, in tens rounded up, and `share` (whole per cent) what they are of all events there.
    """

    cells: int
    small: int
    others: int
    low_base: int
    counts: int
    share: int

    @property
    def hidden(self) -> int:
        return self.small + self.others + self.low_base
