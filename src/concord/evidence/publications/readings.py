"""What a released table says, worked out only from what it shows: limits, positions, classes, busiest hours."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from concord.evidence.disclosure.model import ReleasedCell, ReleasedTable
from concord.evidence.publications import tables, words
from concord.evidence.publications.tables import Point, Ranked
from concord.kernel.errors import BadInput
from concord.kernel.measures import Estimate


class Position(Enum):
    """Where an interval lies against a value. Overlap means “cannot be told apart”, never “the same”."""

    ABOVE = "above"
    SAME = "same"
    BELOW = "below"


def position(estimate: Estimate, whole: float | None, label: str = "") -> Position:
    """By the finding's own test where it made one (`label`), else by whether the interval leaves `whole` out."""
    if label:
        return Position.ABOVE if "above" in label else Position.BELOW if "below" in label else Position.SAME
    if whole is None or estimate.interval is None:
        return Position.SAME
    if estimate.interval.low > whole:
        return Position.ABOVE
    return Position.BELOW if estimate.interval.high < whole else Position.SAME


def positions(ranked: Sequence[Ranked], whole: float | None) -> dict[str, Position]:
    """Each category's place against `whole`; a finding that marked any category judged them all."""
    judged = any(one.cell.label for one in ranked)
    return {one.category: position(one.estimate, None if judged else whole, one.cell.label) for one in ranked}


@dataclass(frozen=True, slots=True)
class Limits:
    """The usual range of a monthly series, and the months outside it (category names, in order)."""

    mean: float
    low: float
    high: float
    outside: tuple[str, ...]
    trial: bool
    """Fewer than twelve points: the limits may still move."""
    runs: tuple[tuple[str, str], ...] = ()
    """Other signs of change that the finding marked, as (last month, words), one for each run."""


def limits(points: Sequence[Point], facts: Mapping[str, float]) -> Limits | None:
    """XmR limits that the finding published as facts (`mean`, `lower_limit`, `upper_limit`), if it did."""
    try:
        mean, low, high = (facts[name] for name in ("mean", "lower_limit", "upper_limit"))
    except KeyError:
        return None
    shown = [p for p in points if p.shown and p.cell.count is not None]
    outside = tuple(p.category for p in shown if not low <= (p.cell.count or 0) <= high)
    return Limits(mean, max(0.0, low), high, outside, len(shown) < 12, _runs(shown))


def _runs(shown: Sequence[Point]) -> tuple[tuple[str, str], ...]:
    """The end of each stretch of months under one mark, limits aside."""
    found = []
    for place, point in enumerate(shown):
        mark = point.cell.label
        ends = place + 1 == len(shown) or shown[place + 1].cell.label != mark
        if mark and "range" not in mark and ends:
            found.append((point.category, mark))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Classes:
    """Equal steps from nought for shading: `edges` are upper ends, the last holding the largest value."""

    edges: tuple[float, ...]
    labels: tuple[str, ...]

    def band(self, value: float) -> int:
        return next((i for i, edge in enumerate(self.edges) if value <= edge), len(self.edges) - 1)


def classes(values: Sequence[float], *, counts: bool = False, most: int = 5) -> Classes:
    """At most `most` classes with round ends, from nought to the largest value.

    Counts get whole, non-overlapping classes (“0 to 4”, “5 to 9”); rates get “under 2”, “2 to under 4”.
    """
    top = max(values, default=0.0)
    if top < 1e-9:
        return Classes((top,), ("0",))
    if counts:
        step = max(1.0, math.ceil((top + 1) / most))
        count = math.ceil((top + 1) / step)
        edges = tuple(step * (i + 1) - 1 for i in range(count))
        labels = tuple(
            f"{int(step * i)} to {int(step * (i + 1) - 1)}" if step > 1 else f"{int(step * i)}" for i in range(count)
        )
        return Classes(edges, labels)
    scale = 10 ** math.floor(math.log10(top / most))
    step = next(scale * k for k in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12) if scale * k * most > top)
    count = math.floor(top / step) + 1
    edges = tuple(math.nextafter(step * (i + 1), 0) for i in range(count))
    text = [f"{step * i:g}" for i in range(count + 1)]
    labels = tuple(f"under {text[i + 1]}" if i == 0 else f"{text[i]} to under {text[i + 1]}" for i in range(count))
    return Classes(edges, labels)


def hour_of(category: str) -> int | None:
    """The hour that a category starts at: “18”, “18:00”, “18:00–18:59”; None for anything else."""
    found = re.match(r"(\d{1,2})(?::\d{2}|$)", category)
    return int(found[1]) if found and int(found[1]) < 24 else None


def busiest(counts: Mapping[tuple[int, str], int]) -> tuple[int, str] | None:
    """The hour and day with the most; the first in the mapping's order where several tie."""
    return max(counts, key=lambda place: counts[place], default=None)


@dataclass(frozen=True, slots=True)
class Centre:
    """What a funnel is drawn around: the whole's rate `per` so many (Poisson), or its share in per cent (binomial)."""

    value: float
    per: float | None


@dataclass(frozen=True, slots=True)
class Limit:
    """Points (base, value) of the lower and upper control limit at `level`, in order of the base."""

    level: float
    low: tuple[tuple[float, float], ...]
    high: tuple[tuple[float, float], ...]


def base_of(cell: ReleasedCell) -> float | None:
    """What a cell's rate or share is on."""
    return cell.population if cell.population is not None else None if cell.base is None else float(cell.base)


def centre(table: ReleasedTable, cell: ReleasedCell | None) -> Centre | None:
    """The middle of a funnel from the table's total, where it shows one."""
    if cell is None or cell.hidden or cell.estimate is None:
        return None
    share = words.is_share(cell.estimate)
    return Centre(cell.estimate.value, None if share else table.per or 1.0)


def funnel(middle: Centre, first: float, last: float, steps: int = 60) -> tuple[Limit, ...]:
    """95% and 99.8% control limits (Spiegelhalter 2005) for bases from `first` to `last`.

    A rate lies outside where its exact Poisson limits leave the whole out, a share where Wilson's do: the curves are
    those limits turned round, so that they agree with a finding that tests each area by them.
    """
    from scipy.special import ndtri, pdtrik

    bases = [first * (last / first) ** (i / (steps - 1)) for i in range(steps)]
    found = []
    for level in (0.95, 0.998):
        tail = (1 - level) / 2
        if middle.per is None:
            p, z = middle.value / 100, float(ndtri(1 - tail))
            spread = [100 * z * math.sqrt(p * (1 - p) / n) for n in bases]
            low = [max(0.0, middle.value - s) for s in spread]
            high = [min(100.0, middle.value + s) for s in spread]
        else:
            expected = [n * middle.value / middle.per for n in bases]
            below = [float(pdtrik(tail, e)) if math.exp(-e) < tail else 0.0 for e in expected]
            above = [float(pdtrik(1 - tail, e)) + 1 for e in expected]
            low = [o / n * middle.per for o, n in zip(below, bases, strict=True)]
            high = [o / n * middle.per for o, n in zip(above, bases, strict=True)]
        found.append(Limit(level, tuple(zip(bases, low, strict=True)), tuple(zip(bases, high, strict=True))))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a divided whole, in per cent."""

    name: str
    share: float
    count: int | None


@dataclass(frozen=True, slots=True)
class Divided:
    """One whole and the parts of it that are shown. `hidden`: the rest of it is not."""

    name: str
    parts: tuple[Part, ...]
    hidden: bool
    of: int | None


def divided(table: ReleasedTable, drawn: int, margin: Mapping[str, str]) -> tuple[Divided, ...]:
    """Rows of dimension `drawn`, each divided by the table's other dimension; one row where it has no other.

    Parts are shares of the row's total where that is shown, else of the parts if all of them are. A row of which
    neither is so has no parts: shares of what happens to be shown would mislead.
    """
    others = [i for i, d in enumerate(table.dimensions) if i != drawn and d.name not in margin]
    by_key = {cell.key: cell for cell in table.cells}
    held = [margin.get(d.name, tables.TOTAL) for d in table.dimensions]
    if not others:
        return tuple(row for row in [_divide(table.dimensions[drawn].label, table, by_key, held, drawn)] if row)
    made = []
    for name in table.dimensions[drawn].categories:
        key = list(held)
        key[drawn] = name
        made.append(_divide(words.category(name), table, by_key, key, others[0]))
    return tuple(row for row in made if row)


def _divide(
    name: str, table: ReleasedTable, by_key: Mapping[tuple[str, ...], ReleasedCell], held: Sequence[str], across: int
) -> Divided | None:
    def at(category: str) -> ReleasedCell | None:
        key = list(held)
        key[across] = category
        return by_key.get(tuple(key))

    cells = [(c, at(c)) for c in table.dimensions[across].categories if c != tables.TOTAL]
    there = [(c, cell) for c, cell in cells if cell is not None]
    if not there:
        return None
    shown = [(c, cell.count) for c, cell in there if cell.hidden is None and cell.count is not None]
    whole = at(tables.TOTAL)
    total = whole.count if whole is not None and whole.hidden is None else None
    hidden = len(shown) < len(there)
    if total is None:
        total = None if hidden else sum(n for _, n in shown)
    if not total:
        return Divided(name, (), False, None)
    parts = tuple(Part(words.category(c), 100 * n / total, n) for c, n in shown)
    return Divided(name, parts, hidden, total)


@dataclass(frozen=True, slots=True)
class Step:
    """One point of a line; without a value, `mark` stands in its place. `label` is the finding's own word."""

    period: str
    value: float | None
    low: float | None
    high: float | None
    mark: str
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    steps: tuple[Step, ...]


PERIODS = ("month", "quarter", "year", "financial_year", "week", "period")
MOST_LINES = 6


def lines(table: ReleasedTable, by: str, margin: Mapping[str, str]) -> tuple[Line, ...]:
    """A line for each category of dimension `by` (else the one that is neither time nor held), at most six: the largest
    at the end. Their points are estimates where the table has any, else counts."""
    time = tables.dimension_index(table, PERIODS) or 0
    other = tables.drawn(table, by, margin) if by else None
    if other is None:
        other = next((i for i, d in enumerate(table.dimensions) if i != time and d.name not in margin), None)
    if other is None or other == time:
        return (Line("", _steps(table, time, margin)),)
    dimension = table.dimensions[other]
    names = [name for name in dimension.categories if name != tables.TOTAL]
    found = [Line(words.category(n), _steps(table, time, {**margin, dimension.name: n})) for n in names]
    found = [line for line in found if any(step.value is not None for step in line.steps)]
    largest = sorted(found, key=lambda line: -next((s.value for s in reversed(line.steps) if s.value is not None), 0.0))
    return tuple(line for line in found if line in largest[:MOST_LINES])


def _steps(table: ReleasedTable, time: int, margin: Mapping[str, str]) -> tuple[Step, ...]:
    rated = any(cell.estimate is not None for cell in table.cells)
    made = []
    for p in tables.series(table, time, margin):
        estimate, count = p.cell.estimate, p.cell.count
        if not p.shown or (estimate is None if rated else count is None):
            made.append(Step(p.category, None, None, None, p.mark, p.cell.label))
        elif rated and estimate is not None:
            spread = estimate.interval
            low, high = (spread.low, spread.high) if spread else (None, None)
            made.append(Step(p.category, estimate.value, low, high, "", p.cell.label))
        else:
            made.append(Step(p.category, float(count or 0), None, None, "", p.cell.label))
    return tuple(made)


def breaks(found: Sequence[Line]) -> tuple[tuple[str, str], ...]:
    """Periods from which what is counted changed, with what changed: cells whose word begins “break”."""
    told: dict[str, str] = {}
    for line in found:
        for step in line.steps:
            if step.label.lower().startswith("break"):
                told.setdefault(step.period, step.label[5:].strip(" :–-") or "counted differently from here")
    return tuple(told.items())


@dataclass(frozen=True, slots=True)
class Held:
    """The busiest `places` per cent of places hold `events` per cent of events."""

    places: float
    events: float


@dataclass(frozen=True, slots=True)
class Curve:
    name: str
    points: tuple[Held, ...]
    telling: Held | None
    """The point that a sentence names: the one asked for, else the one farthest from an even spread."""


def curves(table: ReleasedTable, margin: Mapping[str, str], focus: str = "") -> tuple[Curve, ...]:
    """Concentration curves: the dimension whose categories hold a percentage, one curve for each of the other's.

    Raises BadInput where no dimension's categories do.
    """
    across = next((i for i, d in enumerate(table.dimensions) if any(_percent(c) for c in d.categories)), None)
    if across is None:
        raise BadInput(
            f"Table “{table.name}” has no categories that say which share of places they are",
            next_step="Choose another chart (bars, rates), or name categories as in “busiest 5%”.",
        )
    other = next((d for i, d in enumerate(table.dimensions) if i != across and d.name not in margin), None)
    names = [""] if other is None else [c for c in other.categories if c != tables.TOTAL]
    made = []
    for name in names:
        found = []
        telling = None
        for p in tables.series(table, across, {**margin, **({other.name: name} if other else {})}):
            share, cell = _percent(p.category), p.cell
            if share is None or not p.shown:
                continue
            if cell.estimate is not None and words.is_share(cell.estimate):
                held = Held(share, cell.estimate.value)
            elif cell.count is not None and cell.base:
                held = Held(share, 100 * cell.count / cell.base)
            else:
                continue
            found.append(held)
            telling = held if focus and p.category == focus else telling
        points = tuple(sorted(found, key=lambda held: held.places))
        if points:
            best = telling or max(points, key=lambda held: held.events - held.places)
            made.append(Curve(words.category(name) if name else "", points, best))
    return tuple(made)


def _percent(category: str) -> float | None:
    found = re.search(r"(\d+(?:\.\d+)?)\s?(?:%|per cent)", category)
    return float(found[1]) if found else None
