"""How much harm the recorded violence is, by scales that the partnership loads, with how much hangs on few events."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import Key, Where, additive, last_months, with_total
from concord.evidence.findings.harm import Harm, weighted
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.residents import Residents, residents
from concord.evidence.findings.statistics import rate
from concord.evidence.geography import Geography
from concord.kernel.errors import BadInput, Usage
from concord.kernel.measures import Estimate, Interval
from concord.kernel.names import did_you_mean
from concord.kernel.periods import Period

NAME = "harm"
PER = 1_000.0
DEADLY = ("Homicide", "Attempted murder")
"""Offence groups so few that the public rule hides their numbers, and with them any sum that they are part of."""
ALL, WITHOUT = "All offences", "All but homicide and attempts"
METHOD = (
    "Offences in the definition recorded in the last twelve months, each times the weight of its offence class or "
    "sub-code on a scale that the partnership loaded; the sum per 1,000 residents, with a compound Poisson interval "
    "(variance: the sum of counts times squared weights), to three significant figures; and the share of the single "
    "weightiest offence. Beside it the plain number. A few grave offences make most of the sum: it is given without "
    "homicide and attempted murder too."
)
Group = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale as it was loaded. `weights` by offence class, and by `class|sub-code` where that has its own."""

    key: str
    title: str
    edition: str
    licence: str
    unit: str
    weights: dict[str, float]
    name: str = "harm"

    def of(self, code: str, sub: str) -> float | None:
        return self.weights.get(f"{code}|{sub}", self.weights.get(code))


def find(store: Store, partnership: Any, period: Period, *, scale: str | None = None) -> Finding:
    """The last twelve months of `period`, by every scale that is loaded or by `scale` alone.

    Raises BadInput where no scale was loaded (none comes with Concord), Usage naming the nearest for one that was not.
    """
    now = last_months(period, 12)
    if not store.has("harm_weights"):
        raise BadInput(
            "No scale of harm is loaded.",
            why="Scales belong to their makers: none comes with Concord.",
            next_step="Load one with its source, edition and licence: concord load harm_weights FILE",
        )
    with violence.ask(store, "population", "harm_weights") as question:
        violence.name_offences(question)
        people = residents(question, Geography.of(partnership))
        scales = _scales(question)
        if scale is not None and scale not in scales:
            raise Usage(f"No scale “{scale}” is loaded", next_step=did_you_mean(scale, scales))
        rows = question.rows(
            f"SELECT offence_code, sub_code, coalesce(offence_group, '{violence.NO_NAME}'), subgroup, ward_code, "
            "count(*) FROM offences WHERE verdict = 'in' AND recorded_on BETWEEN $start AND $end "
            "GROUP BY ALL ORDER BY ALL",
            {"start": now.start, "end": now.end},
        )
        groups = violence.in_order({row[2] for row in rows})
        tables = [_groups(rows, groups, people, now), _groups_by_hood(rows, groups, people, now)]
        chosen = [each for key, each in scales.items() if scale in (None, key)]
        for number, each in enumerate(chosen):
            # The first scale's tables have names that an indicator can rely on; the others carry the scale's.
            tables += _tables(replace(each, name=f"harm_{each.key}" if number else "harm"), rows, groups, people, now)
        told = "; ".join(f"{each.title}, edition {each.edition}, licence: {each.licence}" for each in chosen)
        method = f"{METHOD} Scales: {told}."
        return Finding(
            name=NAME,
            question="How much harm is there in the serious violence that is recorded here?",
            tables=tuple(tables),
            base="Offences recorded in the period that the definition holds to be in, one for each crime reference",
            period=now,
            source=f"{violence.SOURCE}; population estimates, vintage {people.vintage}; scales of harm, see the method",
            method=method,
            lineage=question.lineage(NAME, method, {"scale": scale} if scale else {}, violence.version(question)),
            cannot_say=(
                *violence.CANNOT_SAY,
                "A weight stands for what courts give for an offence, not for what it did to the person harmed.",
                "Offences without a weight on the scale count as nothing in its sum; see how many there are.",
                "The sum can double with one offence more of the gravest kind: read the interval, not the sum.",
            ),
            synthetic=question.synthetic,
        )


def _scales(question: Question) -> dict[str, Scale]:
    """The scales that are loaded. Raises BadInput where one has two weights for an offence, or mixes editions."""
    found: dict[str, Scale] = {}
    sub_code = "coalesce(offence_sub_code, '')" if "offence_sub_code" in question.columns("harm_weights") else "''"
    for key, title, edition, licence, unit, code, sub, weight in question.rows(
        f"SELECT scale, title, edition, licence, unit, offence_code, {sub_code}, weight::DOUBLE "
        "FROM harm_weights ORDER BY ALL"
    ):
        each = found.setdefault(key, Scale(key, title, edition, licence, unit, {}))
        name = f"{code}|{sub}" if sub else code
        if name in each.weights or (title, edition, unit) != (each.title, each.edition, each.unit):
            raise BadInput(
                f"The scale “{key}” says two things: it has "
                + (f"two weights for {sub or code}." if name in each.weights else "rows of several editions or units."),
                next_step=f"Send one file of one edition: concord load harm_weights harm_weights_{key}.csv",
            )
        each.weights[name] = weight
    return found


def _groups(rows: list[tuple[Any, ...]], groups: tuple[str, ...], people: Residents, now: Period) -> Table:
    counts: dict[Key, int] = {}
    for _code, _sub, group, _subgroup, _ward, n in rows:
        counts[group,] = counts.get((group,), 0) + n
    return additive(
        "offences", f"Serious violence by offence group, {now.label}", violence.UNIT,
        (with_total("offence_group", "Offence group", groups),), counts,
        dress=lambda key, n: Cell(key, n, population=people.all, estimate=rate(n, people.all, per=PER)),
        per=PER, universe=violence.UNIVERSE, where=violence.IN, period=now,
    )  # fmt: skip


def _groups_by_hood(rows: list[tuple[Any, ...]], groups: tuple[str, ...], people: Residents, now: Period) -> Table:
    home = _home(people)
    counts: dict[Key, int] = {}
    for _code, _sub, group, _subgroup, ward, n in rows:
        if ward in home:
            counts[home[ward], group] = counts.get((home[ward], group), 0) + n
    hoods = people.neighbourhoods
    return additive(
        "neighbourhoods", f"Serious violence by neighbourhood and offence group, {now.label}", violence.UNIT,
        (
            Dimension("neighbourhood", "Neighbourhood", (*hoods, TOTAL), of="ward", groups=tuple(hoods.items())),
            with_total("offence_group", "Offence group", groups),
        ),
        counts, universe=violence.UNIVERSE, where=(*violence.IN, ("ward_known", ("yes",))), period=now,
    )  # fmt: skip


def _home(people: Residents) -> dict[str, str]:
    hood_of = {ward: hood for hood, wards in people.neighbourhoods.items() for ward in wards}
    return {code: hood_of[name] for code, name in people.names.items()}


def _summed(scale: Scale, rows: list[tuple[Any, ...]]) -> Harm:
    counts: dict[str, int] = {}
    weights: dict[str, float] = {}
    for code, sub, _group, _subgroup, _ward, n in rows:
        name, weight = f"{code}|{sub}", scale.of(code, sub)
        counts[name] = counts.get(name, 0) + n
        if weight is not None:
            weights[name] = weight
    return weighted(counts, weights, unit=scale.unit)


def _three(value: float) -> float:
    """Three significant figures: with more, whoever knows the weights could work out how few of a kind there were."""
    return float(f"{value:.3g}") if math.isfinite(value) else value


def _per_resident(harm: Harm, scale: Scale, people: float) -> Estimate:
    interval = harm.total.interval
    spread = None if interval is None else Interval(
        _three(interval.low * PER / people), _three(interval.high * PER / people), interval.level
    )  # fmt: skip
    return Estimate(
        _three(harm.total.value * PER / people), f"{scale.unit} per {PER:,.0f} residents", spread, harm.total.method
    )


def _tables(
    scale: Scale, rows: list[tuple[Any, ...]], groups: tuple[str, ...], people: Residents, now: Period
) -> list[Table]:
    deadly = set(DEADLY)
    every = tuple(("offences", (group,)) for group in groups)
    # Said as the groups it holds, so that the two counts are seen to differ by the deadly ones.
    less = tuple(group for group in groups if group not in deadly)
    others = tuple(("offences", (group,)) for group in less)
    lesser = [row for row in rows if row[2] not in deadly]
    whole, rest = _summed(scale, rows), _summed(scale, lesser)
    counted, counted_rest = (sum(row[-1] for row in some) for some in (rows, lesser))
    lines = (
        Cell((ALL,), counted, population=people.all, estimate=_per_resident(whole, scale, people.all), rests_on=every),
        Cell((WITHOUT,), counted_rest, population=people.all,
             estimate=_per_resident(rest, scale, people.all), rests_on=others),
    )  # fmt: skip
    top = tuple(
        Cell((line,), n, estimate=Estimate(_three(100 * harm.top_share), "% of the harm", None, "share of one offence"),
             rests_on=rests)
        for line, n, harm, rests in ((ALL, counted, whole, every), (WITHOUT, counted_rest, rest, others))
    )  # fmt: skip
    line = Dimension(
        "line", "What is summed", (ALL, WITHOUT), of="offence_group", groups=((ALL, groups), (WITHOUT, less))
    )
    return [
        Table(
            scale.name, f"Harm of serious violence by {scale.title}, {now.label}", violence.UNIT, (line,), lines,
            additive=False, per=PER, universe=violence.UNIVERSE, where=violence.IN, period=now,
        ),
        Table(
            f"{scale.name}_top", f"Share of the weightiest offence in the harm, by {scale.title}, {now.label}",
            violence.UNIT, (line,), top, additive=False, universe=violence.UNIVERSE, where=violence.IN, period=now,
        ),
        _by_group(scale, rows, groups, whole, every, now),
        _by_hood(scale, lesser, people, now, less),
        _weighed(scale, rows, whole, now),
    ]  # fmt: skip


def _by_group(
    scale: Scale, rows: list[tuple[Any, ...]], groups: tuple[str, ...], whole: Harm, every: Any, now: Period
) -> Table:
    """What each group is of the number and of the harm: the two orders differ, which is the point."""
    cells = []
    for group in groups:
        own = [row for row in rows if row[2] == group]
        harm = _summed(scale, own)
        share = 100 * harm.total.value / whole.total.value if whole.total.value else 0.0
        estimate = Estimate(_three(share), "% of the harm", None, "share of the sum")
        cells.append(Cell((group,), sum(row[-1] for row in own), estimate=estimate, rests_on=every))
    return Table(
        f"{scale.name}_groups", f"Number and share of harm by offence group, {scale.title}, {now.label}", violence.UNIT,
        (Dimension("offence_group", "Offence group", groups),), tuple(cells), additive=False,
        universe=violence.UNIVERSE, where=violence.IN, period=now,
    )  # fmt: skip


def _by_hood(
    scale: Scale, rows: list[tuple[Any, ...]], people: Residents, now: Period, groups: tuple[str, ...]
) -> Table:
    home = _home(people)
    cells = []
    for hood, wards in people.neighbourhoods.items():
        own = [row for row in rows if home.get(row[4]) == hood]
        persons = sum(people.by_ward[ward] for ward in wards)
        rests = tuple(("neighbourhoods", (hood, group)) for group in groups)
        estimate = _per_resident(_summed(scale, own), scale, persons)
        n = sum(row[-1] for row in own)
        cells.append(Cell((hood,), n, population=persons, estimate=estimate, rests_on=rests))
    names = tuple(people.neighbourhoods)
    return Table(
        f"{scale.name}_neighbourhoods",
        f"Harm of serious violence but homicide and attempts, by {scale.title}, {now.label}",
        violence.UNIT, (
            Dimension("neighbourhood", "Neighbourhood", names, of="ward", groups=tuple(people.neighbourhoods.items())),
        ), tuple(cells), additive=False, per=PER,
        universe=violence.UNIVERSE, where=(*violence.IN, ("ward_known", ("yes",)), ("offence_group", groups)),
        period=now,
    )  # fmt: skip


def _weighed(scale: Scale, rows: list[tuple[Any, ...]], whole: Harm, now: Period) -> Table:
    n = sum(row[-1] for row in rows)
    where: Where = violence.IN
    return additive(
        f"{scale.name}_weighed", f"Serious violence that has a weight, by {scale.title}, {now.label}", violence.UNIT,
        (with_total(f"weight_{scale.key}", "Weight", ("With a weight", "Without one")),),
        {("With a weight",): n - whole.unweighted, ("Without one",): whole.unweighted},
        universe=violence.UNIVERSE, where=where, period=now,
    )  # fmt: skip
