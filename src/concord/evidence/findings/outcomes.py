"""What became of offences: charged, withdrawn from, never solved; and how long it took."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from concord import codelists
from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import Key, Where, additive, last_months, of_whole, with_total, year_before
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.quantiles import normal
from concord.evidence.findings.question import Question
from concord.evidence.findings.slices import Part
from concord.evidence.findings.statistics import share
from concord.kernel.errors import Usage
from concord.kernel.measures import Estimate, Interval
from concord.kernel.names import did_you_mean
from concord.kernel.periods import Period

NAME = "outcomes"
CHARGED, WITHDREW, NONE_YET = "Charge or summons", "Victim does not support action", "No outcome yet"
REST = "Another outcome or none yet"
LEAST = 20
"""No median is given of fewer offences."""
METHOD = (
    "Outcomes (Home Office types) of offences recorded in the year before the last twelve months, so that each has had "
    "at least a year; and types of the outcomes that were given in the last twelve months. Shares with Wilson "
    "intervals. Days from recording to outcome: the median over all of them, those without an outcome taken for "
    "longer than any; limits from the order of the values (binomial); none below 20 offences."
)
PARTS = {
    "serious_violence": Part("Serious violence", "verdict = 'in'", violence.IN),
    "domestic_abuse": Part(
        "Offences flagged as domestic abuse", "domestic_abuse = 'Y'", (("domestic_flag", ("Domestic abuse",)),)
    ),
    "sexual_violence": Part(
        "Rape, penetration and sexual assault",
        "(subgroup = 'Rape' OR offence_code IN ('17A', '17B', '20A', '20B'))",
        (("sexual_violence", ("rape, penetration, sexual assault",)),),
    ),
    "rape": Part("Rape", "subgroup = 'Rape'", (("offence_subgroup", ("Rape",)),)),
}
"""What may be asked about."""


def find(store: Store, partnership: Any, period: Period, *, of: str = "serious_violence") -> Finding:
    """Offences of one of `PARTS`. Raises Usage naming the nearest where there is none of that name."""
    if of not in PARTS:
        raise Usage(f"Outcomes are not asked of “{of}”", next_step=did_you_mean(of, PARTS))
    part = PARTS[of]
    now = last_months(period, 12)
    cohort = year_before(now)
    kinds = tuple(dict.fromkeys(entry.extra["kind"] for entry in codelists.get("outcomes")))
    with violence.ask(store) as question:
        violence.name_offences(question)
        question.table(
            "outcome_kinds", ("code", "kind"), [(e.code, e.extra["kind"]) for e in codelists.get("outcomes")]
        )
        question.keep(
            "judged",
            f"""SELECT recorded_on, outcome_on, coalesce(offence_group, '{violence.NO_NAME}') AS offence_group,
                kind, date_diff('day', recorded_on, outcome_on) AS days
            FROM offences LEFT JOIN outcome_kinds ON code = regexp_extract(outcome_code, '^[0-9]+')
            WHERE {part.condition}""",
        )
        tables = (
            _settled(question, part, cohort, now, kinds),
            _given(question, part, now, kinds),
            *_by_group(question, part, cohort, now, kinds),
            _days(question, part, cohort, now),
        )
        return Finding(
            name=NAME,
            question=f"What becomes of {part.words[:1].lower()}{part.words[1:]}, and how soon?",
            tables=tables,
            base="Offences recorded by the police, one for each crime reference, and the outcome each has now",
            period=now,
            source=violence.SOURCE,
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {"of": of}, violence.version(question)),
            cannot_say=(
                "An outcome is of an offence, not of a person; a charge is not a conviction.",
                "Why a victim does not support action is not recorded; it is no measure of the victim.",
                "An outcome may be changed later, and an offence cancelled.",
            ),
            synthetic=question.synthetic,
        )


def _settled(question: Question, part: Part, cohort: Period, now: Period, kinds: tuple[str, ...]) -> Table:
    rows = question.rows(
        f"SELECT CASE WHEN outcome_on <= $end THEN coalesce(kind, 'Another outcome') ELSE '{NONE_YET}' END, count(*) "
        "FROM judged WHERE recorded_on BETWEEN $from AND $to GROUP BY 1 ORDER BY 1",
        {"from": cohort.start, "to": cohort.end, "end": now.end},
    )
    return _shared(
        "outcomes", f"{part.words} recorded {cohort.label}, by outcome by {_day(now)}", (*kinds, NONE_YET),
        {(kind,): n for kind, n in rows}, part.where, cohort, violence.UNIVERSE,
    )  # fmt: skip


def _given(question: Question, part: Part, now: Period, kinds: tuple[str, ...]) -> Table:
    rows = question.rows(
        "SELECT coalesce(kind, 'Another outcome'), count(*) FROM judged "
        "WHERE outcome_on BETWEEN $from AND $to GROUP BY 1 ORDER BY 1",
        {"from": now.start, "to": now.end},
    )
    return _shared(
        "given", f"Outcomes given {now.label}: {part.words[:1].lower()}{part.words[1:]}", kinds,
        {(kind,): n for kind, n in rows}, part.where, now, "outcomes given to recorded offences",
    )  # fmt: skip


def _shared(
    name: str, title: str, kinds: tuple[str, ...], counts: dict[Key, int], where: Where, period: Period, universe: str
) -> Table:
    whole = sum(counts.values())

    return additive(
        name, title, violence.UNIT, (with_total("outcome", "Outcome", kinds),), counts,
        dress=of_whole(name, whole), universe=universe, where=where, period=period,
    )  # fmt: skip


def _by_group(question: Question, part: Part, cohort: Period, now: Period, every: tuple[str, ...]) -> Sequence[Table]:
    """Charged and withdrawn-from by offence group: two-way, so that a group's share has its base beside it."""
    rows = question.rows(
        f"""SELECT offence_group, CASE WHEN outcome_on <= $end AND kind IN ('{CHARGED}', '{WITHDREW}') THEN kind
            ELSE '{REST}' END, count(*)
        FROM judged WHERE recorded_on BETWEEN $from AND $to GROUP BY ALL ORDER BY ALL""",
        {"from": cohort.start, "to": cohort.end, "end": now.end},
    )
    if not rows:
        return ()
    counts: dict[Key, int] = {(group, kind): n for group, kind, n in rows}
    groups = with_total("offence_group", "Offence group", violence.in_order({key[0] for key in counts}))
    # Said as the outcomes it holds: the rest here and the outcomes of the other table are then seen to be the same.
    others = tuple(kind for kind in (*every, NONE_YET) if kind not in (CHARGED, WITHDREW))
    members = ((CHARGED, (CHARGED,)), (WITHDREW, (WITHDREW,)), (REST, others))
    names = (*(name for name, _ in members), TOTAL)
    kinds = Dimension("outcome_group", "Outcome", names, of="outcome", groups=members)
    wholes = {group: sum(n for key, n in counts.items() if group in (key[0], TOTAL)) for group in groups.categories}

    def dress(key: Key, n: int) -> Cell:
        base = wholes[key[0]]
        if key[1] == TOTAL or not base:
            return Cell(key, n)
        return Cell(key, n, base=base, estimate=share(n, base), rests_on=(("by_group", (key[0], TOTAL)),))

    return (
        additive(
            "by_group", f"{part.words} recorded {cohort.label}, by offence group and outcome", violence.UNIT,
            (groups, kinds), counts, dress=dress, universe=violence.UNIVERSE, where=part.where, period=cohort,
        ),
    )  # fmt: skip


def _days(question: Question, part: Part, cohort: Period, now: Period) -> Table:
    """Median days by offence group and over all. Not additive: groups with too few are left out."""
    rows = question.rows(
        """SELECT offence_group, list(CASE WHEN outcome_on <= $end THEN days END), count(*)
        FROM judged WHERE recorded_on BETWEEN $from AND $to GROUP BY ROLLUP (offence_group) ORDER BY 1 NULLS LAST""",
        {"from": cohort.start, "to": cohort.end, "end": now.end},
    )
    made = {group or TOTAL: median_days(days or (), n) for group, days, n in rows if n >= LEAST}
    sizes = {group or TOTAL: n for group, _, n in rows}
    names = (*violence.in_order({name for name in made if name != TOTAL}), *((TOTAL,) if TOTAL in made else ()))
    rests = {name: (("by_group", (name, TOTAL)),) for name in names}
    cells = tuple(Cell((name,), sizes[name], estimate=made[name], rests_on=rests[name]) for name in names)
    return Table(
        "days",
        f"Median days from recording to outcome: {part.words[:1].lower()}{part.words[1:]} recorded {cohort.label}",
        violence.UNIT,
        (Dimension("offence_group", "Offence group", names),),
        cells,
        additive=False,
        universe=violence.UNIVERSE,
        where=part.where,
        period=cohort,
    )


def median_days(days: Sequence[float | None], of: int, level: float = 0.95) -> Estimate | None:
    """The median of `of` durations, those not in `days` (or None) longer than any, with limits by order statistics.

    None where half had no outcome; no upper limit is infinite: then there is no interval either.
    """
    known = sorted(day for day in days if day is not None)
    middle = (of + 1) // 2
    if middle > len(known):
        return None
    reach = normal((1 + level) / 2) * math.sqrt(of) / 2
    low, high = max(1, math.floor(of / 2 - reach)), min(of, math.ceil(of / 2 + 1 + reach))
    interval = Interval(float(known[low - 1]), float(known[high - 1]), level) if high <= len(known) else None
    return replace(Estimate(float(known[middle - 1]), "days", interval), method="median, limits by order of the values")


def _day(period: Period) -> str:
    return f"{period.end.day} {period.end:%B %Y}"
