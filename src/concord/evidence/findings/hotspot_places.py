"""Where serious violence gathers: hot spots and how long they have been, and whether knowing them helps.

Cells of a grid where points are where things happened; wards where they are not, or where a point could be a home.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from concord.evidence.datasets.store import Store
from concord.evidence.findings import hotspots as pure
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import Key, Where, additive, last_months, with_total
from concord.evidence.findings.grid_cells import CELL, Grid, name_in_words
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.residents import Residents, one_vintage, residents
from concord.evidence.findings.statistics import rate, share
from concord.evidence.geography import Geography, must_be_places, recognise
from concord.evidence.timing.school import measurement
from concord.kernel.errors import Refused
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period

NAME = "hotspots"
PATTERNS = ("persistent", "emerging", "intermittent", "former", "no pattern")
NOW = "In a hot spot"
LEAST = 3
"""No place is named for fewer offences."""
LISTED = 20
CHOSEN = 0.05
"""The share of cells that is judged afterwards."""
JUDGED_MONTHS = 6
SENSITIVE_LIMBS = ("domestic_abuse", "sexual_violence")
PUBLIC = (
    "heading IS DISTINCT FROM 'Sexual offences' AND coalesce(domestic_abuse, '') <> 'Y' "
    "AND coalesce(location_type, '') <> 'dwelling'"
)
"""A cell can hold one home: what happens at home, domestic abuse and sexual offences are never placed by one."""
METHOD = (
    "Gi* (each area with its queen neighbours, weights of one) in every three months of the period, counted back from "
    "its end, with p values adjusted for false discovery (Benjamini and Hochberg) at 5%, by conditional permutation "
    "where an area has fewer than one event on average. An area was a hot spot in at least 10% of those; persistent: "
    "in 80% of all; emerging: in 80% of the latest fifth; former: in none of those; else intermittent. Concentration: "
    "the fewest areas with half of the offences, and the Gini for few events over many places."
)
FORESIGHT = (
    " Foresight: the 5% of cells that each way of choosing ranked first before a month are judged on that month, over "
    "the last six months: the share of offences caught, over the share of cells (PAI), and over the best that could "
    "have been chosen (PEI); ties count against the ranking."
)


def find(store: Store, partnership: Any, period: Period, *, limb: str | None = None, metres: int = CELL) -> Finding:
    """Hot spots over the quarters of `period`; `limb` keeps to one limb, `metres` is the side of a cell.

    Raises Usage for a limb that is not there.
    """
    now = last_months(period, 12)
    use = ["population", *(["areas"] if store.has("areas") else [])]
    with violence.ask(store, *use) as question:
        violence.name_offences(question)
        condition, values, where = violence.chosen_limb(partnership, limb)
        people = residents(question, Geography.of(partnership))
        question.keep("chosen", f"SELECT * FROM offences WHERE {condition}", values)
        why_not = _not_placed(question, partnership, limb)
        tables: list[Table] = []
        if not why_not:
            tables += _cells(question, period, now, people, where, metres)
        tables += _wards(question, store, period, now, people, where, alone=bool(why_not))
        parameters = {"metres": metres} | ({"limb": limb} if limb else {})
        method = METHOD + ("" if why_not else FORESIGHT)
        return Finding(
            name=NAME,
            question="Where does serious violence gather, for how long has it, and does knowing it help?",
            tables=tuple(tables),
            base="Offences in the definition recorded in the period whose place is known"
            + ("" if why_not else "; on the grid, those outside homes that are neither domestic nor sexual"),
            period=period,
            source=f"{violence.SOURCE}; population estimates, vintage {people.vintage}",
            method=method,
            lineage=question.lineage(NAME, method, parameters, violence.version(question)),
            cannot_say=(
                *violence.CANNOT_SAY,
                "A hot spot is where much was recorded; why, it does not say, and it says nothing of who is there.",
                "Places with more people have more offences: a hot spot need not be a risk to each of them.",
                *(
                    (f"Wards only: {why_not}",)
                    if why_not
                    else ("Homes, domestic abuse and sexual offences are on no grid: a cell could be one home.",)
                ),
            ),
            synthetic=question.synthetic,
        )


def _not_placed(question: Question, partnership: Any, limb: str | None) -> str:
    """Why offences may not be put on a grid, in words; empty where they may."""
    if limb in SENSITIVE_LIMBS:
        return "what is domestic or sexual is never placed on a grid, where a cell could be one home."
    rule = measurement(partnership).snap_points
    question.keep(
        "points",
        "SELECT easting, northing, date_trunc('month', recorded_on) AS month FROM events "
        "WHERE easting IS NOT NULL AND northing IS NOT NULL",
    )
    seen = recognise(question.connection, "points", rule, dataset="recorded_crime", month="month")
    try:
        must_be_places(seen, "A grid")
    except Refused:
        return (
            "the extract has no coordinates."
            if not seen.events
            else "nothing shows that the points are where things happened."
            if not seen.snapped
            else "the points were moved to map points before they were sent."
        )
    return ""


def _patterns(counts: np.ndarray, neighbours: pure.Neighbours) -> list[pure.Pattern]:
    """The pattern of each area over the quarters."""
    hot = np.zeros(counts.shape, dtype=bool)
    for quarter in range(counts.shape[1]):
        column = counts[:, quarter]
        if column.sum() == 0 or len(column) < 3:
            continue
        z, p = pure.gi_star(column, neighbours)
        if column.mean() < 1:
            p = np.minimum(1.0, 2 * pure.permuted(column, neighbours, statistic="gi_star"))
        hot[:, quarter] = (z > 0) & (pure.false_discovery(p) < 0.05)
    return pure.classify(hot)


def _quarters(
    question: Question, area: str, relation: str, names: dict[Any, int], period: Period, now: Period
) -> tuple[np.ndarray, np.ndarray]:
    """Counts by area (rows) and three months (columns, counted back from the end), and of the last twelve months."""
    last = period.end.year * 12 + period.end.month
    whole = max(1, len(list(period.months())) // 3)
    counts, year = np.zeros((len(names), whole)), np.zeros(len(names))
    for code, back, n, lately in question.rows(
        f"SELECT {area}, ({last} - year(recorded_on) * 12 - month(recorded_on)) // 3, count(*), "
        f"count(*) FILTER (recorded_on >= $year) FROM {relation} WHERE recorded_on BETWEEN $start AND $end "
        "GROUP BY ALL ORDER BY ALL",
        {"start": period.start, "end": period.end, "year": now.start},
    ):
        if code in names:
            year[names[code]] += lately
            if back < whole:
                counts[names[code], whole - 1 - back] += n
    return counts, year


def _cells(
    question: Question, period: Period, now: Period, people: Residents, where: Where, metres: int
) -> list[Table]:
    grid = Grid.of(question, metres)
    question.keep("placed", f"SELECT *, {grid.sql} AS cell FROM chosen WHERE easting IS NOT NULL AND {PUBLIC}")
    index = {code: number for number, code in enumerate(grid.codes)}
    counts, year = _quarters(question, "cell", "placed", index, period, now)
    neighbours = pure.Neighbours.of_points(grid.x, grid.y, metres * 2**0.5 + 1)
    patterns = _patterns(counts, neighbours)
    placed = (*where, ("placed", ("on the grid",)))
    words = name_in_words(question, grid, people)
    spots = _hot_spots(patterns, year, words, now, placed)
    shown = frozenset(cell.key[0] for cell in spots.cells)
    return [
        *_classes(Patterned("hot_spot", "cell", tuple(words), tuple(patterns), year, shown), now, placed),
        spots,
        _concentrated("concentration", "cells", year, now, placed),
        *_foresight(question, grid, index, neighbours, period, placed),
    ]


@dataclass(frozen=True, slots=True)
class Patterned:
    """Areas of one kind by their name (of dimension `of`), the pattern of each and its offences of the last year."""

    of: str
    word: str
    names: tuple[str, ...]
    patterns: tuple[str, ...]
    year: np.ndarray
    shown: frozenset[str]
    """Names that another table shows: only these are told, the others of a pattern go by one name."""

    def size(self, patterns: tuple[str, ...]) -> int:
        return sum(pattern in patterns for pattern in self.patterns)

    def group(self, patterns: tuple[str, ...]) -> tuple[str, ...]:
        pairs = list(zip(self.names, self.patterns, strict=True))
        told = [name for name, pattern in pairs if pattern in patterns and name in self.shown]
        rest = dict.fromkeys(
            f"other places, {own}" for name, own in pairs if own in patterns and name not in self.shown
        )
        return (*told, *rest)

    def count(self, patterns: tuple[str, ...]) -> int:
        return int(sum(n for n, pattern in zip(self.year, self.patterns, strict=True) if pattern in patterns))


def _classes(areas: Patterned, now: Period, where: Where) -> list[Table]:
    """Offences by pattern, and in what is a hot spot now (persistent, emerging or intermittent) and elsewhere.

    Both say which areas each group holds, so that a group less the areas that are shown is seen to be the rest.
    """
    sorts = {
        "classes": ("pattern", "Pattern", {pattern: (pattern,) for pattern in PATTERNS}),
        "in_hot_spots": ("hot", "Where", {NOW: PATTERNS[:3], "Elsewhere": PATTERNS[3:]}),
    }
    titles = {
        "classes": f"Serious violence by the pattern of the {areas.word} it was in, {now.label}",
        "in_hot_spots": f"Serious violence in what is a hot spot now, {now.label}",
    }
    whole = areas.count(PATTERNS)
    made = []
    for name, (dimension, label, members) in sorts.items():
        size = {key: float(areas.size(patterns)) for key, patterns in members.items()}

        def dress(key: Key, n: int, name: str = name, size: dict[str, float] = size) -> Cell:
            if key == (TOTAL,) or not whole:
                return Cell(key, n, population=float(len(areas.names)))
            rests = ((name, (TOTAL,)),)
            return Cell(key, n, base=whole, population=size[key[0]], estimate=share(n, whole), rests_on=rests)

        groups = tuple((key, areas.group(patterns)) for key, patterns in members.items())
        made.append(
            additive(
                name, titles[name], violence.UNIT,
                (Dimension(dimension, label, (*members, TOTAL), of=areas.of, groups=groups),),
                {(key,): areas.count(patterns) for key, patterns in members.items()},
                dress=dress, universe=violence.UNIVERSE, where=where, period=now,
            )
        )  # fmt: skip
    return made


def _hot_spots(patterns: list[pure.Pattern], year: np.ndarray, words: list[str], now: Period, where: Where) -> Table:
    """The hot spots with most offences, by what a reader calls the place. Never one with fewer than three."""
    order = [int(i) for i in np.argsort(-year, kind="stable") if patterns[i] not in ("no pattern", "former")]
    listed = [i for i in order if year[i] >= LEAST][:LISTED]
    cells = tuple(Cell((words[i],), int(year[i]), label=patterns[i]) for i in listed)
    return Table(
        "hot_spots", f"Places with most serious violence among the hot spots, {now.label}", violence.UNIT,
        (Dimension("hot_spot", "Place", tuple(words[i] for i in listed)),), cells, additive=False,
        universe=violence.UNIVERSE, where=where, period=now,
    )  # fmt: skip


def _concentrated(name: str, what: str, year: np.ndarray, now: Period, where: Where) -> Table:
    """How few areas hold half: its share of areas and the Gini say nothing of any one of them."""
    found = pure.concentration(year.tolist())
    whole = int(year.sum())
    cells = []
    if found is not None:
        half = rate(found.places, found.of, per=100.0)
        cells = [
            Cell((f"Share of {what} with half of the offences",), whole, population=float(found.of),
                 estimate=_told(half.value, f"of 100 {what}")),
            Cell(("Gini",), whole, population=float(found.of),
                 estimate=_told(found.gini, "from 0 (as even as can be) to 1 (all in one place)")),
        ]  # fmt: skip
    return Table(
        name, f"How much of serious violence is in how few {what}, {now.label}", violence.UNIT,
        (Dimension("measure", "Measure", tuple(cell.key[0] for cell in cells)),), tuple(cells), additive=False,
        universe=f"{violence.UNIVERSE}, over {what}", where=where, period=now,
    )  # fmt: skip


def _told(value: float, unit: str) -> Estimate:
    return Estimate(value, unit, None, "counted over all areas, not estimated from some")


def _foresight(
    question: Question, grid: Grid, index: dict[str, int], neighbours: pure.Neighbours, period: Period, where: Where
) -> list[Table]:
    """Each way of choosing cells beforehand, judged on months it had not seen."""
    months = list(period.months())
    if len(months) < 12 + JUDGED_MONTHS:
        return []
    place = {(m.start.year, m.start.month): number for number, m in enumerate(months)}
    counts = np.zeros((len(grid.codes), len(months)))
    for cell, y, m, n in question.rows(
        "SELECT cell, year(recorded_on), month(recorded_on), count(*) FROM placed "
        "WHERE recorded_on BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL",
        {"start": period.start, "end": period.end},
    ):
        counts[index[cell], place[y, m]] = n
    points = question.rows(
        "SELECT easting, northing, year(recorded_on), month(recorded_on) FROM placed "
        "WHERE recorded_on BETWEEN $start AND $end ORDER BY ALL",
        {"start": period.start, "end": period.end},
    )
    east, north = (np.array([row[k] for row in points], dtype=float) for k in (0, 1))
    when = np.array([place[row[2], row[3]] for row in points], dtype=int)
    few = max(1, round(CHOSEN * len(grid.codes)))
    chance = np.random.default_rng(1)
    ways: dict[str, list[pure.Hit]] = {}
    came = 0
    for month in range(len(months) - JUDGED_MONTHS, len(months)):
        after = counts[:, month]
        if after.sum() == 0:
            continue
        came += int(after.sum())
        year = counts[:, month - 12 : month].sum(axis=1)
        seen = (when >= month - 12) & (when < month)
        known = {
            "A kernel surface over the last twelve months": _surface(east[seen], north[seen], grid),
            "Gi* over the last twelve months": pure.gi_star(year, neighbours)[0],
            "The cells with most in the last twelve months": year,
            "The same with their neighbours": year + neighbours.sums(year) / np.maximum(neighbours.number, 1),
            "The same month of the year before": counts[:, month - 12],
            "Cells drawn by lot": chance.random(len(year)),
        }
        for way, score in known.items():
            ways.setdefault(way, []).append(pure.accuracy(score, after, few))
    if not came:
        return []
    measures = ("Offences caught", "PAI", "PEI")
    cells = []
    for way, hits in ways.items():
        caught = float(np.mean([hit.hit_rate for hit in hits]))
        values = (100 * caught, float(np.mean([h.pai for h in hits])), float(np.mean([h.pei for h in hits])))
        units = ("of 100 offences", "times the share of cells", "of the best possible")
        cells += [
            Cell((way, measure), came, estimate=_told(value, unit))
            for measure, value, unit in zip(measures, values, units, strict=True)
        ]
    first, last = months[-JUDGED_MONTHS].start, months[-1].end
    return [
        Table(
            "foresight", f"What five in a hundred cells, chosen beforehand, caught, {Period(first, last).label}",
            violence.UNIT,
            (Dimension("way", "Chosen by", tuple(ways)), Dimension("measure", "Measure", measures)), tuple(cells),
            additive=False, universe=violence.UNIVERSE, where=where, period=Period(first, last),
        )
    ]  # fmt: skip


def _surface(east: np.ndarray, north: np.ndarray, grid: Grid) -> np.ndarray:
    """The kernel at the middle of each cell, with the rule of thumb for its reach, never less than a cell."""
    if len(east) < 2:
        return np.zeros(len(grid.codes))
    return pure.kernel(east, north, grid.x, grid.y, max(pure.bandwidth(east, north), float(grid.metres)))


def _wards(
    question: Question, store: Store, period: Period, now: Period, people: Residents, where: Where, *, alone: bool
) -> list[Table]:
    """Wards with their patterns; LSOAs' concentration. `alone`: without a grid, wards are summed by pattern."""
    placed = (*where, ("ward_known", ("yes",)))
    found = dict(
        question.rows("SELECT ward_code, count(*) FROM chosen WHERE ward_code IS NOT NULL GROUP BY 1 ORDER BY 1")
    )
    one_vintage({code: n for code, n in found.items() if code not in people.names}, people)
    index = {code: number for number, code in enumerate(people.names)}
    counts, year = _quarters(question, "ward_code", "chosen", index, period, now)
    names = tuple(people.names.values())
    patterns: list[str] = [""] * len(names)
    if store.has("areas"):
        shapes = dict(question.rows("SELECT ward_code, any_value(geometry) FROM areas GROUP BY 1 ORDER BY 1"))
        if set(shapes) >= set(people.names) and len(names) > 2:
            import shapely

            outlines = shapely.from_wkb([bytes(shapes[code]) for code in people.names])
            patterns = list(_patterns(counts, pure.Neighbours.of_areas(list(outlines))))
    marks = dict(zip(names, patterns, strict=True))
    wards = additive(
        "wards", f"Serious violence by ward, with the ward's pattern, {now.label}", violence.UNIT,
        (with_total("ward", "Ward", names),), {(name,): int(n) for name, n in zip(names, year, strict=True)},
        dress=lambda key, n: Cell(key, n, label=marks.get(key[0], "")),
        universe=violence.UNIVERSE, where=placed, period=now,
    )  # fmt: skip
    tables = [wards]
    if alone and all(patterns):
        tables += _classes(Patterned("ward", "ward", names, tuple(patterns), year, frozenset(names)), now, placed)
    small = question.rows(
        "SELECT lsoa_code, count(*) FILTER (recorded_on BETWEEN $start AND $end) FROM chosen "
        "WHERE lsoa_code IS NOT NULL GROUP BY 1 ORDER BY 1",
        {"start": now.start, "end": now.end},
    )
    if len(small) < 2:
        return tables
    spread = np.array([n for _, n in small], dtype=float)
    known = (*where, ("lsoa_known", ("yes",)))
    return [*tables, _concentrated("small_areas", "small areas (LSOAs)", spread, now, known)]
