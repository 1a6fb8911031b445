"""Violence that hospitals see beside violence that the police record: the Cardiff comparison."""

from __future__ import annotations

from typing import Any

from concord import codelists
from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import Key, added_up, additive, last_months, month_keys, with_total
from concord.evidence.findings.hospital import ATTENDANCES, PARTS, part_sql
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.residents import residents
from concord.evidence.findings.shares import NOT_KNOWN, categories, counted
from concord.evidence.findings.statistics import rate_ratio
from concord.kernel.periods import Period

NAME = "ed_assaults_against_police"
INJURY = frozenset(
    {"homicide", "grievous_bodily_harm_with_intent", "grievous_bodily_harm", "actual_bodily_harm", "attempted_murder"}
)
"""Offence groups with injury; a code that can only be one of these counts (national code list)."""
PRIVATE = ("dwelling", "online")
METHOD = (
    "Assault attendances at emergency departments (Information Sharing to Tackle Violence data set) against "
    "offences of violence with injury recorded outside dwellings, whoever is hurt: by month of arrival and of "
    "recording, "
    "by ward, and by the part of the week in which it happened (night is 00:00 to 05:59, day 06:00 to 17:59, evening "
    "18:00 to 23:59). Ratio with a log-Wald interval. Both are counted under the hospital's disclosure rule."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The last twelve months of `period`, month by month; by ward and part of the week where those are known."""
    now = last_months(period, 12)
    named = ("population",) if store.has("population") else ()
    with violence.ask(store, "ed_assaults", *named) as question:
        held = question.columns("ed_assaults")
        pairs = question.rows("SELECT DISTINCT offence_code, sub_code FROM events WHERE offence_code IS NOT NULL")
        question.table("injury", ("offence_code", "sub_code"), [pair for pair in sorted(pairs) if injures(*pair)])
        patients = _Counts(question, now, "ed_assaults", "arrived_at", "")
        private = ", ".join(f"'{place}'" for place in PRIVATE)
        crimes = _Counts(
            question, now, "events JOIN injury USING (offence_code, sub_code)", "recorded_on",
            f" AND coalesce(location_type, '') NOT IN ({private})",
        )  # fmt: skip
        months = with_total("month", "Month", month_keys(now))
        tables = _pair("", "by month", months, patients.by("strftime(arrived_at::TIMESTAMP, '%Y-%m')"),
                       crimes.by("strftime(recorded_on, '%Y-%m')"), now)  # fmt: skip
        if "ward_code" in held:
            ward = f"coalesce(ward_code, '{NOT_KNOWN}')"
            names = residents(question).names if named else {}
            mine, theirs = (
                counted((names.get(code, code), n) for (code,), n in each.by(ward).items())
                for each in (patients, crimes)
            )
            wards = with_total("ward", "Ward", categories([*mine, *theirs]))
            tables += _pair("_ward", "by ward", wards, mine, theirs, now)
        if "assault_at" in held:
            parts = with_total("part", "Part of the week", (*PARTS, NOT_KNOWN))
            known = f"coalesce({part_sql('{0}')}, '{NOT_KNOWN}')"
            tables += _pair("_part", "by part of the week", parts,
                            patients.by(known.format("coalesce(assault_at, arrived_at)::TIMESTAMP")),
                            crimes.by(known.format("happened_at")), now)  # fmt: skip
        return Finding(
            name=NAME,
            question="How much violence do hospitals see for each offence that the police record?",
            tables=tuple(tables),
            base="Assault attendances in the period, and offences of violence with injury recorded outside dwellings",
            period=now,
            source=f"Emergency department assault data; {violence.SOURCE}",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}, violence.version(question)),
            cannot_say=(
                "The two do not count the same: patients come from elsewhere, one assault may bring several, "
                "and an offence may hurt nobody enough for a hospital.",
                "A ratio that changes may mean that recording changed, or that violence did.",
                "A ward is where the patient says it happened, and where the police say so: each leaves some blank.",
                f"{TOTAL} counts are rounded from their own sum, so they need not equal the sum of rounded parts.",
            ),
            source_class="health",
            synthetic=question.synthetic,
        )


class _Counts:
    """Counts of one source in the period, by whatever SQL they are asked by."""

    def __init__(self, question: Question, now: Period, rows: str, day: str, only: str) -> None:
        self._ask = question
        self._from = f"FROM {rows} WHERE {day}::DATE BETWEEN $start AND $end{only}"
        self._bound = {"start": now.start, "end": now.end}

    def by(self, sql: str) -> dict[Key, int]:
        return dict(
            counted(self._ask.rows(f"SELECT {sql} AS part, count(*) {self._from} GROUP BY 1 ORDER BY 1", self._bound))
        )


def _pair(
    suffix: str, by: str, dimension: Dimension, patients: dict[Key, int], crimes: dict[Key, int], now: Period
) -> list[Table]:
    """Attendances, offences and the ratio of the two over one dimension."""
    outside = (("place", ("outside dwellings",)), ("kind", ("violence with injury",)))
    summed, against = added_up(patients, (dimension,)), added_up(crimes, (dimension,))
    ratios = tuple(
        Cell(key, n, base=against[key], estimate=rate_ratio(n, 1, against[key], 1),
             rests_on=((f"recorded{suffix}", key),))
        for key, n in summed.items()
    )  # fmt: skip
    what = "violence with injury outside dwellings"
    return [
        additive(f"attendances{suffix}", f"Assault attendances {by}, {now.label}", "attendances", (dimension,),
                 patients, universe=ATTENDANCES),
        additive(f"recorded{suffix}", f"Recorded {what} {by}, {now.label}", violence.UNIT, (dimension,), crimes,
                 universe=violence.UNIVERSE, where=outside),
        Table(f"ratio{suffix}", f"Attendances for each recorded offence {by}, {now.label}", "attendances", (dimension,),
              ratios, additive=False, universe=ATTENDANCES),
    ]  # fmt: skip


def injures(code: str, sub_code: str, groups: frozenset[str] = INJURY) -> bool:
    """Whether an offence with these codes can only be one of `groups`: those with injury, unless others are given."""
    possible = codelists.possible_groups(code, sub_code or None)
    return possible is not None and bool(possible) and possible <= groups
