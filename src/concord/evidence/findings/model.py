"""What a finding is: counts and estimates before disclosure control. Unsafe: it may hold small numbers.

Only `concord.evidence.disclosure` turns a `Finding` into a `Release`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from concord.kernel.lineage import Lineage
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period

TOTAL = "Total"
"""The category that is the sum over a dimension. Additive tables carry their own margins."""


FROM_ROUNDED = "from counts rounded to the nearest"
"""How the method of an estimate begins (with the number) whose every count was rounded before it was made: it says no
more than rounded counts do."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way a table is broken down. `categories` are in display order, `TOTAL` last when present.

    Where a category is a group of another dimension's (a neighbourhood of wards), `groups` lists what each holds and
    `of` names that dimension, so that disclosure control sees through the grouping.
    """

    name: str
    label: str
    categories: tuple[str, ...]
    of: str = ""
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a count of `unit`, its base where it is part of one, and a statistic of it.

    `key` holds one category for each dimension of the table. `base` is the number the count is a
    share of (None for plain counts and for rates on public population). `population` is a public
    denominator. `estimate` is the rate, share or ratio with its interval.
    """

    key: tuple[str, ...]
    count: int
    base: int | None = None
    population: float | None = None
    estimate: Estimate | None = None
    rests_on: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Other cells of this finding, as (table name, key), that the base or estimate is computed from."""
    label: str = ""
    """A word that a reader needs with the number (“above the limits”); hidden where the number is."""
    people: int | None = None
    """How many different people the count is about (victims, say), where known: five events may be one person."""
    largest: tuple[float, ...] = ()
    """Where the estimate is a sum of amounts (harm): the largest single contributions to it, largest first, as shares
    of the sum. They leave with nobody; disclosure control judges dominance by them."""
    catchment: int | None = None
    """Where the cell is a point on a map: the postal addresses that the point stands for."""


@dataclass(frozen=True, slots=True)
class Table:
    """Cells over dimensions. `additive`: cells sum to the margins that the table shows.

    `universe` names what is counted, the same words in every finding that counts the same things, so that
    disclosure control knows when two tables hold the same number. Empty means “counted nowhere else”.
    `where` holds the categories that the table is confined to in dimensions it does not show, or shows in part.
    """

    name: str
    title: str
    unit: str
    dimensions: tuple[Dimension, ...]
    cells: tuple[Cell, ...]
    additive: bool = True
    per: float | None = None
    """Rates are per this many of the population (1,000 or 100,000); None where there is no rate."""
    universe: str = ""
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    period: Period | None = None
    """Where the table is about other days than the finding (the year before); its title then says so."""
    published: bool = False
    """Values that an open publication prints in these very words (a rate, a rank, a percentage) and that no count held
    here gives: each cell is an estimate, or none where the publisher left it out. Its count is nought and not shown."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An answer to one question, with what it rests on and what it cannot say."""

    name: str
    question: str
    tables: tuple[Table, ...]
    base: str
    period: Period
    source: str
    method: str
    lineage: Lineage
    cannot_say: tuple[str, ...] = ()
    source_class: str = "police"
    """Which disclosure rule applies at least: police, health, education, social_care, desk, open."""
    also_from: tuple[str, ...] = ()
    """Further classes of source that any of its numbers rest on; the strictest demand of them all applies."""
    facts: dict[str, float] = field(default_factory=dict)
    """Numbers a sentence needs that are safe whatever the counts (for example a slope's p-value)."""
    synthetic: bool = False
    """True where any dataset behind it was generated; nothing downstream may forget it."""

    @property
    def source_classes(self) -> tuple[str, ...]:
        """Every class of source that the finding rests on."""
        return tuple(dict.fromkeys((self.source_class, *self.also_from)))
