"""What taskings changed: beside a place where nothing was done, with what moved next door, and “cannot tell”."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import additive, with_total
from concord.evidence.findings.evaluation import (
    LEAST_BEFORE,
    BeforeAfter,
    Displacement,
    clustering,
    difference_in_differences,
    displacement,
    interruption,
    two_counts,
    widened,
)
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.statistics import share
from concord.kernel.errors import BadInput, Usage
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period

NAME = "effect"
ROLES = ("treated", "next_to_treated", "comparison", "next_to_comparison")
WORDS = ("Treated", "Next to it", "Compared with", "Next to that")
WHEN = ("Before", "After")
READINGS = ("fewer", "more", "cannot tell", "too early")
YEAR = 26
"""Fortnights on each side, below which a season is taken for an effect."""
LEAST_WEEKS = 4
"""Fewer weeks after the start than this are too early to judge."""
POWER = 2.8
"""Standard errors of a change that is told from chance four times in five (1.96 + 0.84)."""
METHOD = (
    "Offences that each tasking was about, by the day they began, in as many weeks from its start as before it: "
    "treated place less comparison, and the places next to each, so that what moved next door counts (weighted "
    "displacement difference, Wheeler and Ratcliffe 2018, normal interval). Because offences cluster, counts vary more "
    "than independent events would: the interval that is read is widened by how much more wards vary from four weeks "
    "to four weeks (Pearson's dispersion), and the published one stands beside it. “Cannot tell” where the interval "
    "holds nought. Beside it the smallest fall that such numbers tell from chance four times in five; the test of the "
    "treated place's two counts alone (Poisson E-test); and, with a year or more on each side, an interrupted time "
    "series by fortnights (quasi-Poisson, season of the year) and, with two wards or more a side, a difference in "
    "differences."
)


@dataclass(frozen=True, slots=True)
class Tasking:
    """One tasking. `wards` by role; days are counted from `started_on`."""

    reference: str
    tactic: str
    started_on: date
    wards: dict[str, tuple[str, ...]]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was counted around one tasking. `weeks` on each side; `counts` by role; `result` None where too early."""

    tasking: Tasking
    weeks: int
    counts: dict[str, BeforeAfter]
    result: Displacement | None
    published: Displacement | None = None
    """The result before its interval was widened."""

    @property
    def reading(self) -> str:
        return "too early" if self.result is None else self.result.reading


def find(store: Store, partnership: Any, period: Period, *, weeks: int = 12, reference: str | None = None) -> Finding:
    """Taskings that started in `period`, over up to `weeks` weeks on each side; `reference` keeps to one.

    Raises Usage for fewer weeks than four or a reference that is not there, BadInput where no tasking started.
    """
    if weeks < LEAST_WEEKS:
        raise Usage(f"A tasking is judged over {LEAST_WEEKS} weeks or more, not {weeks}")
    with violence.ask(store, "taskings") as question:
        taskings = _taskings(question, period)
        if reference is not None and reference not in {each.reference for each in taskings}:
            raise Usage(
                f"No tasking “{reference}” started in {period.label}",
                next_step=f"Those that did: {', '.join(each.reference for each in taskings) or 'none'}.",
            )
        taskings = [each for each in taskings if reference in (None, each.reference)]
        if not taskings:
            raise BadInput(
                f"No tasking started in {period.label}.",
                next_step="Load them: concord load taskings FILE, or ask about a longer period.",
            )
        sql = "SELECT min(recorded_on), max(recorded_on) FILTER (recorded_on <= $end) FROM events"
        begun, last = question.rows(sql, {"end": period.end})[0]
        if last is None:
            raise BadInput("No crime is recorded by the end of the period.", next_step="Ask about a later one.")
        seen = [_judged(question, each, weeks, begun, last) for each in taskings]
        tables = [_results(seen), *_effects(seen), _counts(seen), _tests(seen), _detectable(seen)]
        tables += _long_run(question, taskings, begun, last)
        parameters: dict[str, object] = {"weeks": weeks} | ({"reference": reference} if reference else {})
        return Finding(
            name=NAME,
            question="Did what was tasked change anything, and did trouble only move next door?",
            tables=tuple(tables),
            base="Offences of the kinds that each tasking was about, in its wards and those it is compared with",
            period=period,
            source=f"{violence.SOURCE}; taskings with the wards they are compared with",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, parameters, violence.version(question)),
            cannot_say=(
                *violence.CANNOT_SAY,
                "Places are tasked when they are worst, and the worst weeks are followed by better ones anyway: the "
                "comparison takes that out only as far as it was as bad.",
                "“Cannot tell” is not “nothing changed”: see how large a fall could have been told.",
                "What moved further than next door, or to another hour or kind of offence, is not seen.",
            ),
            synthetic=question.synthetic,
        )


def _taskings(question: Question, period: Period) -> list[Tasking]:
    rows = question.rows(
        "SELECT tasking_ref, any_value(tactic), min(started_on), any_value(offence_codes), "
        "list((place_role, ward_code) ORDER BY place_role, ward_code) FROM taskings "
        "WHERE started_on BETWEEN $start AND $end GROUP BY 1 ORDER BY 3, 1",
        {"start": period.start, "end": period.end},
    )
    made = []
    for reference, tactic, started, codes, places in rows:
        pairs = [tuple(each.values()) if isinstance(each, dict) else tuple(each) for each in places]
        wards = {role: tuple(ward for own, ward in pairs if own == role) for role in ROLES}
        made.append(Tasking(reference, tactic, started, wards, tuple(codes.split())))
    return made


def _judged(question: Question, tasking: Tasking, most: int, first: date, last: date) -> Seen:
    """Counted over as many weeks on each side as there are on both, up to `most`."""
    weeks = min(most, (tasking.started_on - first).days // 7, (last - tasking.started_on + timedelta(days=1)).days // 7)
    nothing = {role: BeforeAfter(0, 0) for role in ROLES}
    if weeks < LEAST_WEEKS or not tasking.wards["treated"] or not tasking.wards["comparison"]:
        return Seen(tasking, max(weeks, 0), nothing, None)
    before, after = timedelta(weeks=-weeks), timedelta(weeks=weeks)
    rows = question.rows(
        "SELECT ward_code, happened_at::DATE >= $day, count(*) FROM events WHERE list_contains($codes, offence_code) "
        "AND happened_at::DATE >= $from AND happened_at::DATE < $to AND ward_code IS NOT NULL "
        "GROUP BY ALL ORDER BY ALL",
        {
            "day": tasking.started_on,
            "codes": list(tasking.codes),
            "from": tasking.started_on + before,
            "to": tasking.started_on + after,
        },
    )
    counts = {
        role: BeforeAfter(
            sum(n for ward, late, n in rows if ward in tasking.wards[role] and not late),
            sum(n for ward, late, n in rows if ward in tasking.wards[role] and late),
        )
        for role in ROLES
    }
    published = displacement(
        counts["treated"], counts["comparison"], counts["next_to_treated"], counts["next_to_comparison"]
    )
    return Seen(tasking, weeks, counts, widened(published, _clustering(question, tasking, first, last)), published)


def _clustering(question: Question, tasking: Tasking, first: date, last: date) -> float:
    """Of the kinds of offence that the tasking was about, over four weeks at a time of the whole record, in every ward
    that it did not touch: what it changed is no clustering."""
    stretches = ((last - first).days + 1) // 28
    rows = question.rows(
        "SELECT ward_code, date_diff('day', $from, happened_at::DATE) // 28, count(*) FROM events "
        "WHERE list_contains($codes, offence_code) AND ward_code IS NOT NULL AND happened_at::DATE >= $from "
        "GROUP BY ALL ORDER BY ALL",
        {"from": first, "codes": list(tasking.codes)},
    )
    wards = {ward: number for number, ward in enumerate(dict.fromkeys(ward for ward, _, _ in rows))}
    counts = [[0.0] * stretches for _ in wards]
    touched = {*tasking.wards["treated"], *tasking.wards["next_to_treated"]}
    for ward, stretch, n in rows:
        if stretch < stretches and ward not in touched:
            counts[wards[ward]][stretch] = float(n)
    return clustering(counts)


UNIVERSE = "offences around taskings"


def _named(seen: Sequence[Seen]) -> Dimension:
    return Dimension("tasking", "Tasking", tuple(each.tasking.reference for each in seen))


def _results(seen: Sequence[Seen]) -> Table:
    counts = {(reading,): sum(each.reading == reading for each in seen) for reading in READINGS}
    whole = len(seen)

    def dress(key: tuple[str, ...], n: int) -> Cell:
        if key == (TOTAL,):
            return Cell(key, n)
        return Cell(key, n, base=whole, estimate=share(n, whole), rests_on=(("results", (TOTAL,)),))

    return additive(
        "results", "Taskings by what can be said of them", "taskings",
        (with_total("reading", "What can be said", READINGS),), counts, dress=dress, universe="taskings",
    )  # fmt: skip


def _effects(seen: Sequence[Seen]) -> list[Table]:
    """The net change of each, as it is read and as published; it rests on every count it was made from."""
    made = []
    for name, title, attribute in (
        ("effects", "What each tasking changed, beside its comparison", "result"),
        ("published", "The same with the published interval, events taken for independent", "published"),
    ):
        cells = []
        for each in seen:
            key = each.tasking.reference
            rests = tuple(("counts", (key, place, when)) for place in WORDS for when in WHEN)
            estimate, result = None, getattr(each, attribute)
            if result is not None:
                found = result.difference
                estimate = Estimate(found.value, "offences, net of the comparison", found.interval, found.method)
            label = each.reading if name == "effects" else ""
            n = int(each.counts["treated"].after)
            cells.append(Cell((key,), n, estimate=estimate, label=label, rests_on=rests))
        made.append(_of_treated(name, title, seen, cells, WHEN[1]))
    return made


def _of_treated(name: str, title: str, seen: Sequence[Seen], cells: Sequence[Cell], when: str) -> Table:
    """A table whose counts are those of the treated places in `counts`, and say so."""
    where = (("place_role", (WORDS[0],)), ("when", (when,)))
    return Table(
        name, title, violence.UNIT, (_named(seen),), tuple(cells), additive=False, universe=UNIVERSE, where=where
    )


def _counts(seen: Sequence[Seen]) -> Table:
    cells = [
        Cell((each.tasking.reference, words, when), int(count))
        for each in seen
        for role, words in zip(ROLES, WORDS, strict=True)
        for when, count in (("Before", each.counts[role].before), ("After", each.counts[role].after))
    ]
    return Table(
        "counts", "Offences before and after each tasking, in as many weeks", violence.UNIT,
        (_named(seen), Dimension("place_role", "Place", WORDS), Dimension("when", "When", WHEN)),
        tuple(cells), additive=False, universe=UNIVERSE,
    )  # fmt: skip


def _tests(seen: Sequence[Seen]) -> Table:
    cells = []
    for each in seen:
        treated, key = each.counts["treated"], each.tasking.reference
        estimate = None
        if each.result is not None and treated.before and treated.after:
            p = two_counts(int(treated.after), int(treated.before))
            estimate = Estimate(float(f"{p:.2g}"), "p, treated place alone", None, "Poisson E-test")
        rests = (("counts", (key, WORDS[0], "Before")), ("counts", (key, WORDS[0], "After")))
        cells.append(Cell((key,), int(treated.before), estimate=estimate, rests_on=rests))
    title = "Whether the treated place's two counts differ by more than chance"
    return _of_treated("tests", title, seen, cells, WHEN[0])


def _detectable(seen: Sequence[Seen]) -> Table:
    """The smallest fall that could have been told, as a share of what the treated place had before."""
    cells = []
    for each in seen:
        before, key = each.counts["treated"].before, each.tasking.reference
        estimate, label = None, "too early"
        if each.result is not None and before:
            fall = 100 * POWER * each.result.standard_error / before
            estimate = Estimate(float(f"{fall:.2g}"), "% of the offences before", None, "2.8 standard errors")
            label = "too few to tell any fall" if fall > 100 or before < LEAST_BEFORE else ""
        rests = tuple(("counts", (key, place, when)) for place in WORDS for when in WHEN)
        cells.append(Cell((key,), int(before), estimate=estimate, label=label, rests_on=rests))
    return _of_treated("detectable", "The smallest fall that could have been told from chance", seen, cells, WHEN[0])


def _long_run(question: Question, taskings: Sequence[Tasking], begun: date, last: date) -> list[Table]:
    """The whole of the record where it is long enough: fortnights of the treated place, and wards against wards."""
    cells = []
    methods = ("Interrupted time series", "Difference in differences")
    for tasking in taskings:
        start = tasking.started_on
        left, right = (start - begun).days // 14, ((last - start).days + 1) // 14
        if min(left, right) < YEAR:
            continue
        rows = question.rows(
            "SELECT ward_code, floor(date_diff('day', $day, happened_at::DATE) / 14.0)::BIGINT, count(*) FROM events "
            "WHERE list_contains($codes, offence_code) AND ward_code IS NOT NULL AND happened_at IS NOT NULL "
            "GROUP BY ALL ORDER BY ALL",
            {"day": start, "codes": list(tasking.codes)},
        )
        of = {(ward, fortnight): n for ward, fortnight, n in rows}
        span = range(-left, right)
        after = [fortnight >= 0 for fortnight in span]

        def series(ward: str, of: dict[tuple[str, int], int] = of, span: range = span) -> list[float]:
            return [float(of.get((ward, fortnight), 0)) for fortnight in span]

        treated = [series(ward) for ward in tasking.wards["treated"]]
        control = [series(ward) for ward in tasking.wards["comparison"]]
        whole = [sum(column) for column in zip(*treated, strict=True)]
        n = int(sum(whole))
        if n and sum(whole[:left]) and sum(whole[left:]):
            found = interruption(whole, after, harmonics=1, per_year=YEAR)
            cells.append(Cell((tasking.reference, methods[0]), n, estimate=found.change, label=_told(found.change)))
        both = difference_in_differences(treated, control, after)
        if both is not None:
            cells.append(Cell((tasking.reference, methods[1]), n, estimate=both, label=_told(both)))
    if not cells:
        return []
    names = tuple(dict.fromkeys(cell.key[0] for cell in cells))
    used = tuple(method for method in methods if any(cell.key[1] == method for cell in cells))
    return [
        Table(
            "long_run", "Level since each tasking over what the time before leads one to expect", violence.UNIT,
            (Dimension("tasking", "Tasking", names), Dimension("method", "Method", used)), tuple(cells),
            additive=False, universe=f"{UNIVERSE}, whole record",
        )
    ]  # fmt: skip


def _told(estimate: Estimate) -> str:
    interval = estimate.interval
    if interval is None or interval.low <= 1 <= interval.high:
        return "cannot tell"
    return "fewer" if interval.high < 1 else "more"
