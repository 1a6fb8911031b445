"""How much violence neither the police nor hospitals see: two sources matched without anybody's name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import last_months
from concord.evidence.findings.capture import unseen
from concord.evidence.findings.ed_assaults_against_police import INJURY, injures
from concord.evidence.findings.model import FROM_ROUNDED, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.shares import answer
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period

NAME = "reporting_gap"
ATTACKS = INJURY | {"assault_without_injury", "strangulation", "personal_robbery", "business_robbery"}
"""Offences that can bring somebody to hospital: those the police hold to be without injury too, and robbery."""
ROUND_TO = 5
"""Estimates are made from counts rounded to this, so that they say no more than the rounded counts beside them."""
SHIFTS = (-21, -14, -7, 7, 14, 21)
"""Days by which one source is moved to see how many would match by chance: weeks, so that hours and weekdays agree."""
POLICE, HOSPITAL, AMBULANCE = "Police records", "Emergency departments", "Ambulance calls"
PAIRS = ((POLICE, HOSPITAL), (POLICE, AMBULANCE), (HOSPITAL, AMBULANCE))
CANNOT = "cannot be estimated: too little in both beyond what chance matches"
MATCHED = "matched between two sources"
METHOD = (
    "Attacks (violence against the person that can injure, and robbery) whose ward and time both sources know, in "
    "the last twelve months of the period that both cover. "
    "Two records are taken for one event where they are in the same ward, within {minutes} minutes, of the same sex "
    "and "
    "age band of the injured where both say it, and each is the other's nearest in time. As many as match by chance "
    "(the mean over one source moved by one, two and three weeks either way) are taken off. All events, seen or not: "
    "Chapman's estimate with log-normal limits, from counts rounded to five, and none below 7 in both."
)


def find(store: Store, partnership: Any, period: Period, *, minutes: int = 60) -> Finding:
    """Each pair of the sources that are loaded: what each holds, how many match, and all events with their limits.

    `minutes` is how far apart two records of one event may be.
    """
    now = last_months(period, 12)
    ambulance = store.has("section_17a_ambulance_calls")
    more = ("section_17a_ambulance_calls",) if ambulance else ()
    with violence.ask(store, "crime_persons", "ed_assaults", *more) as question:
        _events(question, now, ambulance=ambulance)
        held = [pair for pair in PAIRS if ambulance or AMBULANCE not in pair]
        counted = [_pair(question, one, other, minutes) for one, other in held]
        names = tuple(f"{one} and {other.lower()}" for one, other in held)
        pairs = Dimension("pair", "Sources", names)
        sides = Dimension("side", "Records", ("First source", "Second source", "In both"))
        cells, estimates = [], []
        for name, (first, second, both) in zip(names, counted, strict=True):
            cells += [Cell((name, side), n) for side, n in zip(sides.categories, (first, second, both), strict=True)]
            made = _estimated(first, second, both)
            rests = tuple(("sources", (name, side)) for side in sides.categories)
            seen = first + second - both
            estimates.append(Cell((name,), seen, estimate=made, rests_on=rests, label="" if made else CANNOT))
        tables = (
            Table("sources", f"Records that can be matched, {now.label}", "records", (pairs, sides), tuple(cells),
                  additive=False, universe=f"records {MATCHED}"),
            Table("estimate", f"Attacks, seen by either source or by neither, {now.label}", "events",
                  (pairs,), tuple(estimates), additive=False, universe=f"events {MATCHED}"),
            _known(held, counted, now),
        )  # fmt: skip
        return answer(
            question,
            NAME,
            "How much violence do neither the police nor hospitals see?",
            tables,
            base="Records of attacks whose ward and time are known, in each source",
            period=now,
            source=f"{violence.SOURCE}; emergency department assault data"
            + ("; ambulance calls under section 17A" if ambulance else ""),
            method=METHOD.format(minutes=minutes),
            cannot_say=(
                "Which records are of one event is not known for sure, because no name is shared: false matches make "
                "the hidden part look smaller, missed ones larger.",
                "It rests on the sources seeing independently. Where the police bring the injured to hospital, more is "
                "hidden than this says.",
                "Injuries that nobody would take to a hospital and everybody would keep from the police are not "
                "reached.",
                "Records without a ward or a time are left out: the estimate is of events that have both.",
            ),
            source_class="health",
            parameters={"minutes": minutes},
            definition_version=violence.version(question),
        )


def _events(question: Question, now: Period, *, ambulance: bool) -> None:
    """The table `seen`: source, a number of its own, minute, ward, sex and age band (null where not said)."""
    pairs = question.rows("SELECT DISTINCT offence_code, sub_code FROM events WHERE offence_code IS NOT NULL")
    question.table("attacks", ("offence_code", "sub_code"), [pair for pair in sorted(pairs) if injures(*pair, ATTACKS)])
    band = (
        "CASE WHEN v.age < 10 THEN '0-9' WHEN v.age < 18 THEN '10-17' WHEN v.age < 25 THEN '18-24' "
        "WHEN v.age < 40 THEN '25-39' WHEN v.age < 65 THEN '40-64' WHEN v.age >= 65 THEN '65+' END"
    )
    sex = "CASE WHEN {0} IN ('F', 'M') THEN {0} END"
    calls = (
        " UNION ALL SELECT 'Ambulance calls', NULL, NULL, happened_at::TIMESTAMP, ward_code "
        "FROM section_17a_ambulance_calls WHERE category IN ('assault', 'stabbing', 'shooting')"
    )
    days = f"BETWEEN DATE '{now.start}' AND DATE '{now.end}'"
    question.define(
        "seen",
        f"""SELECT source, row_number() OVER (ORDER BY source, moment, ward_code, sex, band) AS id,
            epoch(moment) / 60 AS minute, ward_code AS ward, sex, band
        FROM (
            SELECT 'Police records' AS source, {sex.format("v.sex")} AS sex, {band} AS band, e.happened_at AS moment,
                e.ward_code
            FROM events e JOIN attacks USING (offence_code, sub_code)
            LEFT JOIN (SELECT crime_ref, any_value(sex ORDER BY sex) AS sex, any_value(age ORDER BY age) AS age
                FROM crime_persons WHERE role = 'victim' GROUP BY 1) v USING (crime_ref)
            UNION ALL
            SELECT 'Emergency departments', {sex.format("sex")}, age_band, assault_at::TIMESTAMP, ward_code
            FROM ed_assaults{calls if ambulance else ""}
        ) WHERE moment IS NOT NULL AND ward_code IS NOT NULL AND moment::DATE {days}""",
    )


def _pair(question: Question, one: str, other: str, minutes: int) -> tuple[int, int, int]:
    """Records of each source over the days that both cover, and how many match beyond chance (never below nought)."""
    shifts = ", ".join(str(days) for days in (0, *SHIFTS))
    first, second, matched, chance = question.rows(
        f"""WITH a AS (SELECT * FROM seen WHERE source = $one), b AS (SELECT * FROM seen WHERE source = $other),
        span AS (
            SELECT greatest((SELECT min(minute) FROM a), (SELECT min(minute) FROM b)) AS low,
                least((SELECT max(minute) FROM a), (SELECT max(minute) FROM b)) AS high
        ),
        near AS (
            SELECT shift, a.id AS a, b.id AS b, abs(a.minute - b.minute - shift * 1440) AS apart
            FROM (SELECT unnest([{shifts}]) AS shift), span, a JOIN b ON a.ward = b.ward
                AND a.minute BETWEEN b.minute + shift * 1440 - $minutes AND b.minute + shift * 1440 + $minutes
                AND coalesce(a.sex = b.sex, true) AND coalesce(a.band = b.band, true)
            WHERE a.minute BETWEEN span.low AND span.high AND b.minute BETWEEN span.low AND span.high
        ),
        best AS (
            SELECT shift FROM near QUALIFY row_number() OVER (PARTITION BY shift, a ORDER BY apart, b) = 1
                AND row_number() OVER (PARTITION BY shift, b ORDER BY apart, a) = 1
        )
        SELECT (SELECT count(*) FROM a, span WHERE minute BETWEEN low AND high),
            (SELECT count(*) FROM b, span WHERE minute BETWEEN low AND high),
            count(*) FILTER (shift = 0), count(*) FILTER (shift <> 0) / {len(SHIFTS)}
        FROM best""",
        {"one": one, "other": other, "minutes": minutes},
    )[0]
    return int(first), int(second), max(0, round(matched - chance))


def _estimated(first: int, second: int, both: int) -> Estimate | None:
    """All events from rounded counts, or None where too few are in both."""
    one, other, shared = (ROUND_TO * round(n / ROUND_TO) for n in (first, second, both))
    made = unseen(one, other, min(shared, one, other))
    return None if made is None else replace(made, method=f"{FROM_ROUNDED} {ROUND_TO}: {made.method}")


def _known(held: list[tuple[str, str]], counted: list[tuple[int, int, int]], now: Period) -> Table:
    """The share of all events that each source of the first pair knows; both shares follow from the one estimate."""
    (one, other), (first, second, both) = held[0], counted[0]
    made = _estimated(first, second, both)
    name = f"{one} and {other.lower()}"
    sides = ("First source", "Second source", "In both")
    cells = []
    for source, n in ((one, first), (other, second)):
        cells.append(
            Cell((source,), n, estimate=_share(n, made), label="" if made else CANNOT,
                 rests_on=tuple(("sources", (name, side)) for side in sides))
        )  # fmt: skip
    title = f"Share of attacks that each source knows, {now.label}"
    return Table("known", title, "records", (Dimension("source", "Source", (one, other)),), tuple(cells),
                 additive=False, universe=f"records {MATCHED}")  # fmt: skip


def _share(known: int, everything: Estimate | None) -> Estimate | None:
    if everything is None or everything.interval is None:
        return None
    n, spread = ROUND_TO * round(known / ROUND_TO), everything.interval
    limits = replace(spread, low=min(100.0, 100 * n / spread.high), high=min(100.0, 100 * n / spread.low))
    return Estimate(100 * n / everything.value, "%", limits, everything.method)
