"""Whether the latest week is higher than the same time of earlier years leads one to expect, by kind and place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.alerts import Alert, farrington
from concord.evidence.findings.build import Where, additive, with_total
from concord.evidence.findings.flexible import LEAST_YEARS, farrington_flexible
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.residents import residents
from concord.evidence.findings.spc import TRIAL_BELOW, xmr
from concord.evidence.findings.statistics import share
from concord.evidence.geography import Geography
from concord.kernel.errors import BadInput
from concord.kernel.measures import Estimate, Interval
from concord.kernel.periods import Period

NAME = "alerts"
MOST_YEARS, EITHER_SIDE, SHOWN = 4, 3, 52
ABOVE, NO_HISTORY = "above the usual range", "too little history to say"
FARRINGTON, RANGE = "Same weeks of earlier years", "Usual range of the last year (XmR)"
METHOD = (
    "Offences recorded in each week from Monday to Sunday, against a limit learnt from earlier years: with three years "
    "of them or more Noufaily and others 2013 (99th percentile of a negative binomial), with one or two Farrington and "
    "others 1996 on the same weeks, three either side (97.5th percentile); earlier outbreaks weigh less. No alert on "
    "fewer than five offences in four weeks. How often each rule would have called before is measured on the history, "
    "beside XmR limits of the 52 weeks before."
)


@dataclass(frozen=True, slots=True)
class Kind:
    words: str
    condition: str
    where: Where


ROBBERY: Where = (("offence_group", ("Robbery of personal property",)),)
KINDS = {
    "serious_violence": Kind("Serious violence", "verdict = 'in'", violence.IN),
    "robbery": Kind(
        "Personal robbery", "offence_code = '34B'", (("offence_group", ("Robbery of personal property",)),)
    ),
    "knife": Kind("Offences with the knife flag", "knife = 'Y'", (("knife_flag", ("yes",)),)),
}


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The last whole week of `period`, with the weeks before it as history. Raises BadInput where there is no week."""
    with violence.ask(store, "population") as question:
        people = residents(question, Geography.of(partnership))
        last = _last_week(period)
        first = question.rows("SELECT min(recorded_on) FROM events")[0][0]
        if first is None or first > last.start:
            raise BadInput(
                "No whole week of recorded crime lies in the period.",
                next_step="Ask about a period that the records reach.",
            )
        start = first + timedelta(days=-first.weekday() % 7)
        weeks = (last.start - start).days // 7 + 1
        years = min(MOST_YEARS, max(0, weeks - 1 - EITHER_SIDE) // 52)
        hoods = people.neighbourhoods
        home = {code: hood for hood, wards in hoods.items() for code, name in people.names.items() if name in wards}
        tables: list[Table] = []
        tested: list[Cell] = []
        for kind in KINDS.values():
            by_hood = _weekly(question, kind, start, weeks, home, tuple(hoods))
            whole = [sum(column) for column in zip(*by_hood.values(), strict=True)]
            tables.append(_latest(kind, by_hood, whole, hoods, last, years))
            if kind.where == violence.IN:
                tables.append(_series(kind, whole, start, years))
            tested += _tested(kind, whole, years)
        tables.append(
            Table(
                "reliability", "How often each rule would have called in the weeks before", "weeks judged",
                (
                    Dimension("kind", "Kind of offence", tuple(kind.words for kind in KINDS.values())),
                    Dimension("rule", "Rule", (FARRINGTON, RANGE)),
                ),
                tuple(tested), additive=False, universe="weeks judged", period=last,
            )
        )  # fmt: skip
        return Finding(
            name=NAME,
            question="Was more violence recorded in the last week than the time of year leads one to expect?",
            tables=tuple(tables),
            base="Offences recorded in each week whose ward is known, one for each crime reference",
            period=last,
            source=f"{violence.SOURCE}; population estimates, vintage {people.vintage}, for neighbourhoods",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}, violence.version(question)),
            cannot_say=(
                *violence.CANNOT_SAY,
                "An alert asks for somebody to look; it explains nothing, and some are false: see how many.",
                "No alert is not a sign that nothing happened.",
                *((f"History reaches back {_years(years)} only: the season is hardly known.",) if years < 3 else ()),
            ),
            facts={"points": float(weeks), "points_needed": float(52 + EITHER_SIDE + 1)},
            synthetic=question.synthetic,
        )


def _years(years: int) -> str:
    return ("less than a year", "one year", "two years")[years]


def _last_week(period: Period) -> Period:
    sunday = period.end - timedelta(days=(period.end.weekday() + 1) % 7)
    return Period(sunday - timedelta(days=6), sunday)


def _weekly(
    question: Question, kind: Kind, start: date, weeks: int, home: dict[str, str], hoods: tuple[str, ...]
) -> dict[str, list[int]]:
    found = {hood: [0] * weeks for hood in hoods}
    for ward, week, n in question.rows(
        f"SELECT ward_code, date_diff('day', $start, recorded_on) // 7, count(*) FROM events "
        f"WHERE {kind.condition} AND recorded_on >= $start AND ward_code IS NOT NULL GROUP BY ALL ORDER BY ALL",
        {"start": start},
    ):
        if ward in home and 0 <= week < weeks:
            found[home[ward]][week] += n
    return found


def judge(years: int) -> Callable[[Sequence[int], int], Alert | None]:
    """The rule for this much history."""
    if years >= LEAST_YEARS:
        return lambda counts, at: farrington_flexible(counts, at, years=years)
    if years:
        return lambda counts, at: farrington(counts, at, years=years, either_side=EITHER_SIDE)
    return lambda _counts, _at: None


def _dressed(key: tuple[str, ...], n: int, alert: Alert | None) -> Cell:
    if alert is None:
        return Cell(key, n, label=NO_HISTORY)
    expected = Estimate(alert.expected, "expected", Interval(0.0, alert.upper), "limit of the usual range")
    return Cell(key, n, estimate=expected, label=ABOVE if alert.alarm else "")


def _latest(
    kind: Kind,
    by_hood: dict[str, list[int]],
    whole: list[int],
    hoods: dict[str, tuple[str, ...]],
    last: Period,
    years: int,
) -> Table:
    rule, at = judge(years), len(whole) - 1
    verdicts = {hood: rule(counts, at) for hood, counts in by_hood.items()} | {TOTAL: rule(whole, at)}
    name = next(key for key, each in KINDS.items() if each is kind)
    return additive(
        name, f"{kind.words} in the week {last.label}, by neighbourhood", violence.UNIT,
        (Dimension("neighbourhood", "Neighbourhood", (*hoods, TOTAL), of="ward", groups=tuple(hoods.items())),),
        {(hood,): counts[-1] for hood, counts in by_hood.items()},
        dress=lambda key, n: _dressed(key, n, verdicts[key[0]]),
        universe=violence.UNIVERSE, where=(*kind.where, ("ward_known", ("yes",))), period=last,
    )  # fmt: skip


def _series(kind: Kind, whole: list[int], start: date, years: int) -> Table:
    rule = judge(years)
    first = max(0, len(whole) - SHOWN)
    mondays = [start + timedelta(weeks=week) for week in range(first, len(whole))]
    names = [f"{monday.isocalendar().year}-W{monday.isocalendar().week:02d}" for monday in mondays]
    alerts = dict(zip(names, (rule(whole, week) for week in range(first, len(whole))), strict=True))
    when = Period(mondays[0], mondays[-1] + timedelta(days=6))
    return additive(
        "weeks", f"{kind.words} by week, {when.label}", violence.UNIT,
        (with_total("week", "Week", tuple(names)),),
        {(name,): n for name, n in zip(names, whole[first:], strict=True)},
        dress=lambda key, n: Cell(key, n) if key == (TOTAL,) else _dressed(key, n, alerts[key[0]]),
        universe=violence.UNIVERSE, where=(*kind.where, ("ward_known", ("yes",))), period=when,
    )  # fmt: skip


def _tested(kind: Kind, whole: list[int], years: int) -> list[Cell]:
    """Alarms over the weeks that could be judged: of weeks in which, as far as anyone knows, nothing was amiss."""
    rule = judge(years)
    seasonal = [found.alarm for at in range(len(whole) - 1) if (found := rule(whole, at)) is not None]
    ranged = [
        whole[at] > limits.high
        for at in range(TRIAL_BELOW, len(whole) - 1)
        if (limits := xmr(whole[max(0, at - SHOWN) : at])) is not None
    ]
    return [
        Cell((kind.words, name), len(called), estimate=share(sum(called), len(called)) if called else None)
        for name, called in ((FARRINGTON, seasonal), (RANGE, ranged))
    ]
