"""Where violence gathers, on counts by small area: hot spots against chance, what lasts, how few hold how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from concord.evidence.datasets.store import Store
from concord.evidence.findings import hotspots
from concord.evidence.findings import open_counts as counts
from concord.evidence.findings.build import additive, with_total
from concord.evidence.findings.hotspots import Neighbours
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.statistics import rate
from concord.evidence.geography import BoundarySet, Geography
from concord.kernel.errors import Usage
from concord.kernel.measures import Estimate
from concord.kernel.names import did_you_mean
from concord.kernel.periods import Period

NAME = "area_hotspots"
DATASET, WARDS, BOUNDARIES = "mps_lsoa_counts", "mps_ward_counts", "boundary_lsoa_2021"
UNIVERSE = "offences in the police's counts by small area"
PER = 1_000.0
PERMUTATIONS, FALSE_DISCOVERY = 999, 0.05
SHARES = (25, 50)
BESIDE = {"borough": "the borough", "london": "London"}
TRIED = 5.0
SPARSE = 1.0
METHOD = (
    "Offences of the last twelve months by LSOA of 2021. Gi* with weights of one over each area and those that touch "
    "it; its p from the normal distribution, or from permutations where an area has under one event on average, held "
    f"to a false discovery rate of {FALSE_DISCOVERY:.0%}. An area's pattern is that of its quarters over two years "
    "(persistent: hot in four fifths of them; emerging: in the latest ones, or over the last twelve months; former: in "
    "none of those; intermittent: other). Local Moran, with conditional permutations "
    f"({PERMUTATIONS} draws), says whether a high area stands among high ones: a harder test, because a few very busy "
    "areas make large sums by chance too. Concentration is the fewest areas that hold a share. Forecasts are ranked on "
    f"months before the last three and judged on those, at {TRIED:.0f}% of the areas; ties count against them; PAI is "
    "hits over what chance would catch, PEI is PAI over the best possible."
)


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts by area (rows, in the order of the boundaries) and month (columns, oldest first)."""

    counts: NDArray[np.float64]
    months: tuple[Period, ...]

    def over(self, months: int, back: int = 0) -> NDArray[np.float64]:
        """For each area, the events of `months` months that end `back` months before the last."""
        last = self.counts.shape[1] - back
        summed: NDArray[np.float64] = self.counts[:, max(0, last - months) : last].sum(axis=1)
        return summed


def find(
    store: Store, partnership: Any, period: Period, *, kind: str = "violence_with_injury", beside: str = "borough"
) -> Finding:
    """The 24 months to the end of `period`. `beside`: hot beside the rest of the `borough`, or of `london`.

    Raises Usage for a kind that is not counted by small area, or another word.
    """
    if beside not in BESIDE:
        raise Usage(f"Areas are compared with no “{beside}”", next_step=did_you_mean(beside, BESIDE))
    own = counts.borough(partnership)
    some, noun = counts.chosen(partnership, kind, below_borough=True)
    geography = Geography.of(partnership)
    areas = BoundarySet.from_dataset(store.latest(BOUNDARIES))
    with Question(store, DATASET, "census_2021_population", "lookup_lsoa_2021_to_ward_2024", BOUNDARIES) as question:
        span = counts.held(question, DATASET, period, 24)
        now = counts.held(question, DATASET, period)
        counts.kind_table(question, some)
        people = counts.residents_by_lsoa(question)
        found = _counted(question, areas, span)
        mine = np.array([name.startswith(f"{own.name} ") for name in areas.names])
        if beside == "borough":
            areas, found, mine = areas.only(mine), Counted(found.counts[mine], found.months), mine[mine]
        neighbours = Neighbours.of_areas(list(areas.shapes))
        table = _places(noun, areas, mine, found, neighbours, people, now)
        tables = [
            table,
            _concentration(noun, mine, found, now),
            *_forecast(noun, mine, found, neighbours),
        ]
        if store.has(WARDS):
            question.use(WARDS)
            tables.insert(1, _wards(question, geography, own, noun, now))
        return Finding(
            name=NAME,
            question=f"Where does {noun[:1].lower()}{noun[1:]} gather, and does it stay there?",
            tables=tuple(tables),
            base="Offences that the Metropolitan Police counted by LSOA, where a usable place was recorded",
            period=now,
            source="Metropolitan Police recorded crime by LSOA and ward; Census 2021; boundaries of 2021",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {"kind": kind, "beside": beside}),
            cannot_say=(
                counts.UNDETERMINED,
                f"“Hot” is beside the rest of {BESIDE[beside]}: the same place may be ordinary beside another whole.",
                "Sexual offences are not published by small area, and offences without a usable place are left out: "
                "counts by area add up to less than the borough's.",
                "An LSOA is some hundreds of homes: where in it something happened is not said, and its rate on "
                "residents says little where people come to shop, drink or change trains.",
                "A pattern of the past is not a forecast; the table of forecasts says how far it would have held.",
            ),
            source_class="open",
            synthetic=question.synthetic,
        )


def _counted(question: Question, areas: BoundarySet, span: Period) -> Counted:
    """Counts of the chosen kinds by area and month, areas without a row counting nought."""
    rows = question.rows(
        f"SELECT area_code, month, sum(count)::BIGINT FROM {DATASET} JOIN kinds ON minor = minor_category "
        "WHERE month BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL",
        {"start": span.start, "end": span.end},
    )
    months = tuple(span.months())
    at = {month.start: place for place, month in enumerate(months)}
    row = {code: place for place, code in enumerate(areas.codes)}
    made = np.zeros((len(areas), len(months)))
    for code, month, n in rows:
        if code in row:
            made[row[code], at[month]] = n
    return Counted(made, months)


def hot(values: NDArray[np.float64], neighbours: Neighbours, seed: int = 1) -> NDArray[np.bool_]:
    """Areas where more gathers than chance explains, at the false discovery rate of this finding."""
    z, p = hotspots.gi_star(values.tolist(), neighbours)
    if values.mean() < SPARSE:
        p = hotspots.permuted(values.tolist(), neighbours, statistic="gi_star", times=PERMUTATIONS, seed=seed)
    called: NDArray[np.bool_] = (hotspots.false_discovery(p) < FALSE_DISCOVERY) & (z > 0)
    return called


def among_high(values: NDArray[np.float64], neighbours: Neighbours) -> NDArray[np.bool_]:
    """High areas among high ones: local Moran above nought, with a permutation p under 5% for each area alone."""
    moran = hotspots.local_moran(values.tolist(), neighbours)
    p = hotspots.permuted(values.tolist(), neighbours, statistic="local_moran", times=PERMUTATIONS)
    called: NDArray[np.bool_] = (moran > 0) & (values > values.mean()) & (p < 0.05)
    return called


def _places(
    noun: str,
    areas: BoundarySet,
    mine: NDArray[np.bool_],
    found: Counted,
    neighbours: Neighbours,
    people: dict[str, int],
    now: Period,
) -> Table:
    """The borough's areas: count, rate, and the pattern that its quarters make."""
    whole = found.counts.shape[1] // 3 * 3
    quarters = found.counts[:, found.counts.shape[1] - whole :].reshape(len(areas), -1, 3).sum(axis=2)
    flags = np.column_stack([hot(quarter, neighbours, seed) for seed, quarter in enumerate(quarters.T, start=1)])
    pattern = hotspots.classify(flags)
    latest = found.over(12)
    now_hot, surrounded = hot(latest, neighbours), among_high(latest, neighbours)
    own = np.flatnonzero(mine)
    names = tuple(areas.names[place] for place in own)
    label = {areas.names[place]: _word(pattern[place], bool(now_hot[place]), bool(surrounded[place])) for place in own}
    lives = {areas.names[place]: people.get(areas.codes[place], 0) for place in own}

    def dress(key: tuple[str, ...], n: int) -> Cell:
        residents = sum(lives.values()) if key == (TOTAL,) else lives[key[0]]
        estimate = rate(n, residents, per=PER) if residents else None
        mark = "" if key == (TOTAL,) else label[key[0]]
        return Cell(key, n, population=float(residents) if residents else None, estimate=estimate, label=mark)

    return additive(
        "areas",
        f"{noun} by small area, {now.label}",
        counts.UNIT,
        (with_total("lsoa", "LSOA of 2021", names),),
        {(areas.names[place],): int(latest[place]) for place in own},
        dress=dress,
        per=PER,
        universe=UNIVERSE,
        where=(("kind", (noun,)),),
    )


def _word(pattern: str, now_hot: bool, surrounded: bool) -> str:
    """The pattern of an area in words; empty where it is none."""
    if pattern == "no pattern":
        pattern = "emerging" if now_hot else ""
    found = f"{pattern} hot spot" if pattern else ""
    return f"{found}, among high neighbours" if found and surrounded else found


def _concentration(noun: str, mine: NDArray[np.bool_], found: Counted, now: Period) -> Table:
    """In how few areas a quarter and a half of the offences lie."""
    values = found.over(12)[mine]
    cells = []
    for part in SHARES:
        held = hotspots.concentration(values.tolist(), part / 100)
        if held is not None:
            estimate = Estimate(100 * held.places / held.of, "% of areas", None, "fewest areas, ranked by count")
            cells.append(Cell((f"{part}% of offences",), held.places, base=held.of, estimate=estimate))
    return Table(
        "concentration",
        f"In how few small areas {noun[:1].lower()}{noun[1:]} lies, {now.label}",
        "areas",
        (Dimension("share", "Share of offences", tuple(cell.key[0] for cell in cells)),),
        tuple(cells),
        additive=False,
        universe=f"areas that hold a share of {noun}",
    )


def _forecast(noun: str, mine: NDArray[np.bool_], found: Counted, neighbours: Neighbours) -> list[Table]:
    """Rankings made on months before the last three, judged on the last three. None where there is too little."""
    if found.counts.shape[1] < 18:
        return []
    came = found.over(3)[mine]
    if came.sum() == 0:
        return []
    before = found.over(12, back=3)
    z, _ = hotspots.gi_star(before.tolist(), neighbours)
    chosen_by = {
        "The twelve months before": before[mine],
        "The same months last year": found.over(3, back=12)[mine],
        "Gi* over the twelve months before": z[mine],
    }
    places = max(1, round(len(came) * TRIED / 100))
    cells = []
    for name, score in chosen_by.items():
        hit = hotspots.accuracy(score.tolist(), came.tolist(), places)
        estimate = Estimate(hit.pai, "times what chance catches", None, "PAI, judged on later months")
        cells.append(
            Cell(
                (name,),
                round(hit.hit_rate * came.sum()),
                base=int(came.sum()),
                estimate=estimate,
                label=f"{100 * hit.pei:.0f}% of the best possible",
            )
        )
    last = Period(found.months[-3].start, found.months[-1].end)
    return [
        Table(
            "forecast",
            f"What a forecast for {places} areas would have caught, {last.label}",
            counts.UNIT,
            (Dimension("chosen_by", "Areas chosen by", tuple(chosen_by)),),
            tuple(cells),
            additive=False,
            universe=f"{noun} in areas chosen beforehand",
            period=last,
        )
    ]


def _wards(question: Question, geography: Geography, own: Any, noun: str, now: Period) -> Table:
    names = counts.ward_names(geography, own)
    rows = question.rows(
        f"SELECT area_code, sum(count)::BIGINT FROM {WARDS} JOIN kinds ON minor = minor_category "
        "WHERE borough = $borough AND month BETWEEN $start AND $end GROUP BY 1 ORDER BY 1",
        {"borough": own.name, "start": now.start, "end": now.end},
    )
    return counts.ward_table(
        f"{noun} by ward, {now.label}",
        counts.UNIT,
        {names[code]: int(n) for code, n in rows if code in names},
        counts.residents_by_ward(question, geography, own),
        now,
        universe="offences in the police's counts by ward",
        where=(("kind", (noun,)),),
    )
