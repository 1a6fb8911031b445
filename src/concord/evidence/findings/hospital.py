"""Violence that hospitals and ambulances see: assaults in emergency departments, calls, and admissions."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings.build import Key, added_up, last_months, with_total, year_before
from concord.evidence.findings.model import TOTAL, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.residents import residents
from concord.evidence.findings.shares import (
    NOT_KNOWN,
    against_before,
    answer,
    beside,
    categories,
    counted,
    in_words,
    rates,
    shared_out,
)
from concord.kernel.periods import Period

PROFILE, CALLS, ADMISSIONS = "hospital_assaults", "ambulance_violence", "assault_admissions"
ATTENDANCES, AMBULANCE, BEDS = (
    "emergency department assault attendances",
    "ambulance calls",
    "hospital admissions by day",
)
PARTS = ("Monday to Thursday, night", "Monday to Thursday, day", "Monday to Thursday, evening",
         "Friday to Sunday, night", "Friday to Sunday, day", "Friday to Sunday, evening")  # fmt: skip
"""Night is 00:00 to 05:59, day 06:00 to 17:59, evening 18:00 to 23:59, by the calendar day."""
KINDS = {"X85": "Poison", "X91": "Strangling", "X93": "Firearm", "X94": "Firearm", "X95": "Firearm",
         "X99": "Sharp object", "Y00": "Blunt object", "Y04": "Bodily force", "Y05": "Sexual assault",
         "Y06": "Neglect", "Y07": "Other maltreatment"}  # fmt: skip
OTHER_KIND = "Other or not said how"
SUBSTANCES = {
    "F10": "Alcohol", "F11": "Opioids", "F12": "Cannabinoids", "F13": "Sedatives", "F14": "Cocaine",
    "F15": "Other stimulants", "F16": "Hallucinogens", "F17": "Tobacco", "F18": "Solvents",
    "F19": "Several or other drugs",
}  # fmt: skip
"""Blocks of ICD-10 chapter V: mental and behavioural disorders due to psychoactive substance use."""
FIFTHS = ("Most deprived fifth", "Second fifth", "Middle fifth", "Fourth fifth", "Least deprived fifth")
PROFILE_METHOD = (
    "Assault attendances at emergency departments (Information Sharing to Tackle Violence data set) in the last twelve "
    "months of the period, by the time of the assault, or of arrival where it is not written down. Night is 00:00 to "
    "05:59, day 06:00 to 17:59 and evening 18:00 to 23:59. Wilson and Byar's intervals on rounded counts."
)
CALLS_METHOD = (
    "Ambulance calls to violence, as the ambulance service counts them by month, ward and six hours of the day, in the "
    "last twelve months of the period. Rates on residents of the ward where the call was from, Byar's interval."
)
ADMISSIONS_METHOD = (
    "Admissions with assault as the cause (ICD-10 X85 to Y09), and for substance use (F10 to F19), in the last twelve "
    "months of the period, under section 17A. Deprivation is that of the outward part of the patient's postcode: "
    "districts are put in fifths of residents by the share who live in the most deprived two fifths of small areas. "
    "Byar's interval on rounded counts."
)


def part_sql(local: str) -> str:
    """SQL for the one of `PARTS` in which the local time `local` falls."""
    hour = f"(hour({local}) >= 6)::INTEGER + (hour({local}) >= 18)::INTEGER"
    names = ", ".join(f"'{name}'" for name in PARTS)
    return f"list_extract([{names}], 1 + (isodow({local}) > 4)::INTEGER * 3 + {hour})"


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """Assault attendances in the last twelve months of `period`: when, where, how, and who."""
    now, before = last_months(period, 12), year_before(last_months(period, 12))
    with Question(store, "ed_assaults", "population") as question:
        people = residents(question)
        bound = {"start": now.start, "end": now.end}
        within = "arrived_at::DATE BETWEEN $start AND $end"
        at = "coalesce(assault_at, arrived_at)::TIMESTAMP"
        when = counted(
            question.rows(
                f"SELECT {part_sql(at)} AS part, count(*) FROM ed_assaults WHERE {within} GROUP BY 1 ORDER BY 1", bound
            )
        )
        rows = question.rows(
            f"SELECT location_type, method, age_band, CASE sex WHEN 'F' THEN 'Female' WHEN 'M' THEN 'Male' END AS who, "
            f"ward_code, count(*) FROM ed_assaults WHERE {within} GROUP BY ALL ORDER BY ALL",
            bound,
        )
        places = counted((in_words(place), n) for place, *_, n in rows)
        methods = counted((in_words(how), n) for _, how, *_, n in rows)
        who = counted((sex, band, n) for _, _, band, sex, _, n in rows)
        wards = counted((people.names.get(str(ward), NOT_KNOWN) if ward else NOT_KNOWN, n) for *_, ward, n in rows)
        attended = sum(wards.values())
        earlier, first = question.rows(
            "SELECT count(*) FILTER (arrived_at::DATE BETWEEN $start AND $end), min(arrived_at)::DATE FROM ed_assaults",
            {"start": before.start, "end": before.end},
        )[0]
        bands = ("0-9", "10-17", "18-24", "25-39", "40-64", "65+")
        covered = first is not None and first.replace(day=1) <= before.start
        tables = (
            shared_out("times", f"Assault attendances by part of the week, {now.label}", "attendances",
                       (with_total("part", "Part of the week", PARTS),), when, universe=ATTENDANCES),
            shared_out("places", f"Assault attendances by kind of place, {now.label}", "attendances",
                       (with_total("place", "Place", categories(places)),), places, universe=ATTENDANCES),
            shared_out("methods", f"Assault attendances by how, {now.label}", "attendances",
                       (with_total("method", "How", categories(methods)),), methods, universe=ATTENDANCES),
            shared_out("who", f"Assault attendances by sex and age, {now.label}", "attendances",
                       (with_total("sex", "Sex", categories(who, 0, ("Female", "Male"))),
                        with_total("age_band", "Age", categories(who, 1, bands))), who, universe=ATTENDANCES),
            rates("wards", f"Assault attendances by ward of the assault, {now.label}", "attendances",
                  with_total("ward", "Ward", categories(wards, 0, tuple(people.by_ward))), wards,
                  {ward: float(n) for ward, n in people.by_ward.items()}, per=1_000.0, of="residents",
                  universe=ATTENDANCES),
            *(against_before("change", "Assault attendances", "attendances", attended, earlier, now, before, "places",
                             universe=ATTENDANCES) if covered else ()),
        )  # fmt: skip
        return answer(
            question,
            PROFILE,
            "When, where, how and to whom do the assaults happen that emergency departments see?",
            tables,
            base="Assault attendances at emergency departments in the period",
            period=now,
            source="Emergency department assault data; residents by ward",
            method=PROFILE_METHOD,
            cannot_say=(
                "Assaults after which nobody goes to hospital, or to another, are not counted.",
                "Patients are asked where it happened; at busy hours the answer is missing more often.",
                "Residents of a ward are not those who are in its streets at night.",
            ),
            source_class="health",
        )


def find_calls(store: Store, partnership: Any, period: Period) -> Finding:
    """Ambulance calls to violence in the last twelve months of `period`, by kind, time of day and ward."""
    now = last_months(period, 12)
    with Question(store, "ambulance_calls", "population") as question:
        people = residents(question)
        rows = question.rows(
            "SELECT category, time_band, ward_code, sum(calls)::BIGINT FROM ambulance_calls "
            "WHERE month BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL",
            {"start": now.start, "end": now.end},
        )
        kinds = counted((in_words(kind), band, n) for kind, band, _, n in rows)
        wards = counted((people.names.get(str(ward), NOT_KNOWN) if ward else NOT_KNOWN, n) for *_, ward, n in rows)
        tables = (
            shared_out("kinds", f"Ambulance calls to violence by kind and time of day, {now.label}", "calls",
                       (with_total("category", "Kind", categories(kinds)),
                        with_total("time_band", "Hours", categories(kinds, 1))), kinds, universe=AMBULANCE),
            rates("wards", f"Ambulance calls to violence by ward, {now.label}", "calls",
                  with_total("ward", "Ward", categories(wards, 0, tuple(people.by_ward))), wards,
                  {ward: float(n) for ward, n in people.by_ward.items()}, per=1_000.0, of="residents",
                  universe=AMBULANCE),
        )  # fmt: skip
        return answer(
            question,
            CALLS,
            "To what violence are ambulances called, when and where?",
            tables,
            base="Ambulance calls to violence in the period, as the service counts them",
            period=now,
            source="The ambulance service; residents by ward",
            method=CALLS_METHOD,
            cannot_say=(
                "A call is what the caller said, and not what was found.",
                "One event may bring several calls, and a call need not lead to hospital.",
            ),
            source_class="health",
        )


def find_admissions(store: Store, partnership: Any, period: Period) -> Finding:
    """Admissions for assault and for substance use in the last twelve months of `period`; by deprivation of the
    patient's postcode district where `postcode_districts` is loaded."""
    now = last_months(period, 12)
    districts = store.has("postcode_districts")
    held = ("section_17a_hospital_admissions", "population", *(("postcode_districts",) if districts else ()))
    with Question(store, *held) as question:
        people = residents(question)
        bound = {"start": now.start, "end": now.end}
        rows = question.rows(
            "SELECT left(icd10, 3) AS code, upper(outward_postcode), count(*) FROM section_17a_hospital_admissions "
            "WHERE admitted_on BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL",
            bound,
        )
        assaults = [(code, place, n) for code, place, n in rows if "X85" <= code <= "Y09"]
        kinds = counted((KINDS.get(code, OTHER_KIND), n) for code, _, n in assaults)
        named = tuple(dict.fromkeys((*KINDS.values(), OTHER_KIND)))
        used = tuple(name for name in named if (name,) in kinds or name == "Sharp object")
        substances = counted((SUBSTANCES[code], n) for code, _, n in rows if code in SUBSTANCES)
        everyone = float(people.all)
        hurt, using = (("chapter", (name,)) for name in ("assault", "substance use"))
        tables: list[Table] = [
            rates("kinds", f"Hospital admissions for assault, {now.label}", "admissions",
                  with_total("kind", "How", used), kinds, dict.fromkeys((*used, TOTAL), everyone), per=100_000.0,
                  of="residents", universe=BEDS, where=(hurt,)),
            rates("substances", f"Hospital admissions for substance use, {now.label}", "admissions",
                  with_total("substance", "Substance", categories(substances)), substances,
                  dict.fromkeys((*categories(substances), TOTAL), everyone), per=100_000.0, of="residents",
                  universe=BEDS, where=(using,)),
        ]  # fmt: skip
        if districts:
            tables += _by_deprivation(question, assaults, now, hurt)
        return answer(
            question,
            ADMISSIONS,
            "How many people are admitted to hospital after an assault, how were they hurt, and where do they live?",
            tables,
            base="Admissions of the period under section 17A, by the cause that was coded",
            period=now,
            source="Hospital admissions under section 17A; residents"
            + (" and postcode districts" if districts else ""),
            method=ADMISSIONS_METHOD,
            cannot_say=(
                "Assault is coded where the patient says so and somebody writes it down.",
                "Admissions are of patients who live here, wherever they were hurt.",
                "A district holds streets of every kind: what holds for districts need not hold for people.",
                "Age and sex are not in this exchange.",
            ),
            source_class="health",
        )


def _by_deprivation(question: Question, assaults: list[tuple[Any, ...]], now: Period, hurt: Any) -> list[Table]:
    """Rates by fifth of residents, districts ranked by deprivation, and the most deprived fifth beside the least."""
    listed = question.rows(
        "SELECT upper(outward_postcode), residents, residents_most_deprived FROM postcode_districts "
        "ORDER BY residents_most_deprived / residents DESC, outward_postcode"
    )
    total, passed = sum(row[1] for row in listed), 0.0
    fifth: dict[str, str] = {}
    lives: dict[str, float] = {}
    for district, n, _ in listed:
        # A district is in the fifth in which its middle resident falls.
        name = FIFTHS[min(int(5 * (passed + n / 2) / total), 4)]
        passed += n
        fifth[str(district)] = name
        lives[name] = lives.get(name, 0.0) + float(n)
    counts = counted((fifth.get(str(place), NOT_KNOWN), n) for _, place, n in assaults)
    dimension = with_total(
        "deprivation", "Residents by deprivation of their postcode district", categories(counts, 0, FIFTHS)
    )
    lives[TOTAL] = float(total)
    title = f"Hospital admissions for assault by deprivation, {now.label}"
    summed: dict[Key, int] = added_up(counts, (dimension,))
    return [
        rates("deprivation", title, "admissions", dimension, counts, lives, per=100_000.0, of="residents",
              universe=BEDS, where=(hurt,)),
        beside("most_deprived", f"Most beside least deprived fifth, {now.label}", "admissions",
               Dimension("deprivation", dimension.label, (FIFTHS[0], FIFTHS[-1])),
               {name: summed[(name,)] for name in (FIFTHS[0], FIFTHS[-1])}, lives, FIFTHS[-1],
               "times the rate of the least deprived fifth", counted_in="deprivation", universe=BEDS, where=(hurt,)),
    ]  # fmt: skip
