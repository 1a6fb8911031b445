"""The twelve items of the quarterly exchange (section 17A), written as each agency would, without anyone in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from concord.synthetic import borough, calendar, services, writing
from concord.synthetic.calendar import day_of, epoch
from concord.synthetic.children import SUSPENSION_REASONS, Suspensions
from concord.synthetic.crimes import Crimes
from concord.synthetic.population import Population
from concord.synthetic.records import Table
from concord.synthetic.sampling import count, dealt, exactly, flags, objects
from concord.synthetic.span import Span, quarter_name
from concord.synthetic.tables import Written
from concord.synthetic.youth import Exclusions

GROUPS = {
    "violence": ("1", "2", "3A", "3B", "5D", "5E", "8N", "8P", "8S", "8L", "8Q", "104", "105A", "105B", "11A", "13",
                 "36", "106"),
    "sexual_offences": ("19C", "19D", "19E", "19F", "19G", "19H", "20A", "20B", "17A", "17B", "22A", "22B", "71",
                        "88A", "88E"),
    "robbery": ("34A", "34B"), "criminal_damage": ("56A", "56B", "58A", "58B", "58C", "58D", "58J"),
    "drug_offences": ("92A",), "other": ("10B", "10C", "10D", "9A"),
}  # fmt: skip
ELSEWHERE = (("burglary", "28E", 1400), ("theft", "39", 2300), ("theft", "48", 900), ("fraud_forgery", "61", 160),
             ("drug_offences", "92D", 1500))  # fmt: skip
"""Kinds that no other feed of Harbourside holds: group, class, number a year."""
POLICE_INCIDENTS = (("anti_social_behaviour", 6400), ("transport", 1500), ("public_safety_welfare", 2600))
FIRES = (("deliberate_secondary", 190), ("deliberate_primary", 46), ("deliberate_primary_vehicle", 34),
         ("dwelling_without_alarm", 58), ("violence_to_employee", 11))  # fmt: skip
MALICIOUS_CALLS, COLLISIONS, RACIAL_INCIDENTS, COUNCIL_REPORTS = 85, 560, 130, 2900
ASSAULT_ADMISSIONS, DEPRIVED_MALE, ADMITTED_MALE = 170, 0.82, 0.84
ASSAULT_CAUSES = (("Y04", 0.46), ("X99", 0.27), ("Y00", 0.10), ("Y09", 0.07), ("X95", 0.01), ("Y05", 0.02),
                  ("Y03", 0.02), ("X85", 0.01), ("Y08", 0.04))  # fmt: skip
OTHER_ADMISSIONS = (("F10", 620), ("F11", 210), ("F12", 110), ("F19", 160), ("T51", 24), ("Y90", 30), ("Y91", 40))
DOMESTIC_ADMISSIONS, OUTPATIENTS, IN_TREATMENT = 44, 1300, 760
AMBULANCE = (("assault", 980), ("stabbing", 120), ("shooting", 12), ("sexual_assault", 60), ("domestic_abuse", 420),
             ("overdose", 310), ("intoxication", 760), ("other", 240))  # fmt: skip
EXCHANGED = 4
"""The agencies have exchanged for this many quarters; those before were never sent, though the files are there."""
LATE = {"section_17a_hospital_admissions": (1, 40), "section_17a_council_asb": (3, 12)}
"""Feeds that are late by so many days in this many of the quarters that are due, the latest of them."""
NEVER = "section_17a_treatment"
"""The feed whose latest quarter, and the one before the last, never came."""


@dataclass
class Exchanged:
    """Tables by feed; what is true about admissions; ambulance counts made from the same calls."""

    written: dict[str, Written] = field(default_factory=dict)
    truth: dict[str, Table] = field(default_factory=dict)


def exchange(
    rng: np.random.Generator, people: Population, crimes: Crimes, code: np.ndarray, suspended: Suspensions,
    excluded: Exclusions, *, span: Span, size: float,
) -> Exchanged:  # fmt: skip
    """All twelve for every whole quarter, and `ambulance_calls` (counted) from the calls of the twelfth."""
    made = Exchanged()
    if not span.quarters:
        return made
    years = span.quarterly_years
    category, stamp, ward = _ambulance(rng, span, size)
    made.written["ambulance_calls"] = services.ambulance_counts(stamp, ward, category, span)

    def put(item: str, table: Table, day: np.ndarray) -> None:
        made.written[f"section_17a_{item}"] = Written(table, span.quarter_of(day))

    def happen(kinds: tuple[tuple[str, float], ...], hours: np.ndarray) -> tuple[np.ndarray, Table]:
        """Kinds, with when and where each happened, in order of time."""
        numbers = [count(yearly, size, years) for _, yearly in kinds]
        kind = rng.permutation(np.repeat(objects([name for name, _ in kinds]), numbers))
        at = _stamps(rng, span.days(), hours, "general", len(kind))
        return kind, {"happened_at": writing.instants(at), **_places(rng, len(kind)), "_day": at // 1440}

    def event(item: str, column: str, kind: np.ndarray, where: Table, **more: np.ndarray) -> None:
        day = where.pop("_day")
        put(item, {column: kind, **more, **where}, day)

    kind, where = happen(POLICE_INCIDENTS, calendar.ADULT)
    event("police_incidents", "category", kind, where)
    put("police_crime", *_crime(rng, crimes, code, span, size))
    kind, where = happen(FIRES, calendar.ADULT)
    event("fire_incidents", "kind", kind, where)
    went, where = happen((("Y", MALICIOUS_CALLS * 0.6), ("N", MALICIOUS_CALLS * 0.4)), calendar.CHILD_FREE_DAY)
    event("fire_malicious_calls", "attended", went, where)
    severity, where = happen((("slight", COLLISIONS * 0.84), ("serious", COLLISIONS * 0.155), ("fatal", 3)),
                             calendar.DAYTIME)  # fmt: skip
    children = (rng.random(len(severity)) < 0.13).astype(np.int64)
    adults = np.maximum(1 + (rng.random(len(severity)) < 0.2) - children, 1 - children)
    event("road_collisions", "severity", severity, where, adults_injured=adults.astype(object),
          children_injured=children.astype(object))  # fmt: skip
    put("exclusions", *_exclusions(people, suspended, excluded, span))
    setting, where = happen(tuple((name, RACIAL_INCIDENTS * share) for name, share in (
        ("school", 0.32), ("housing", 0.28), ("street", 0.22), ("council_service", 0.09), ("other", 0.04),
        ("not_known", 0.05))), calendar.DAYTIME)  # fmt: skip
    event("racial_incidents", "setting", setting, where)
    reported, where = happen(tuple((name, COUNCIL_REPORTS * share) for name, share in (
        ("noise", 0.34), ("rowdy_behaviour", 0.2), ("drug_use", 0.15), ("litter_and_waste", 0.1), ("vandalism", 0.06),
        ("vehicles", 0.06), ("harassment", 0.04), ("animals", 0.02), ("other", 0.03))), calendar.ADULT)  # fmt: skip
    event("council_asb", "category", reported, where)
    _hospital(rng, span, size, made)
    here = borough.places()
    lsoa = ward * borough.LSOAS_PER_WARD + rng.integers(0, borough.LSOAS_PER_WARD, len(ward))
    put("ambulance_calls", {
        "category": category, "happened_at": writing.instants(stamp),
        "ward_code": objects(here.ward_codes)[ward], "lsoa_code": objects(here.lsoa_codes)[lsoa],
    }, stamp // 1440)  # fmt: skip
    return made


def _stamps(rng: np.random.Generator, days: np.ndarray, hours: np.ndarray, tempo: str, total: int) -> np.ndarray:
    day = days[calendar.draw(rng, calendar.day_weights(days, tempo), total)]
    at = day * 1440 + calendar.draw(rng, hours, total) * 60 + rng.integers(0, 60, total)
    return np.sort(calendar.without_clock_change(at).astype(np.int64))


def _places(rng: np.random.Generator, total: int) -> Table:
    here = borough.places()
    ward = calendar.draw(rng, here.ward_share * (0.5 + here.deprivation), total)
    lsoa = ward * borough.LSOAS_PER_WARD + rng.integers(0, borough.LSOAS_PER_WARD, total)
    codes = objects(here.lsoa_codes)[lsoa]
    codes[rng.random(total) < 0.03] = None  # a place nobody could put on the map
    return {"ward_code": objects(here.ward_codes)[ward], "lsoa_code": codes}


def _ambulance(rng: np.random.Generator, span: Span, size: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    numbers = [count(yearly, size, span.quarterly_years) for _, yearly in AMBULANCE]
    category = rng.permutation(np.repeat(objects([name for name, _ in AMBULANCE]), numbers))
    stamp = _stamps(rng, span.days(), calendar.SERIOUS, "serious", len(category))
    here = borough.places()
    return category, stamp, calendar.draw(rng, here.ward_share * (0.4 + here.deprivation), len(category))


def _crime(
    rng: np.random.Generator, crimes: Crimes, code: np.ndarray, span: Span, size: float
) -> tuple[Table, np.ndarray]:
    """The crimes of the other feed as sub-category, time and place alone, and those kinds that it does not hold."""
    here = borough.places()
    group_of = {each: group for group, codes in GROUPS.items() for each in codes}
    mine = np.flatnonzero((crimes.day >= span.start) & (crimes.recorded < span.until))
    numbers = [count(yearly, size, span.quarterly_years) for _, _, yearly in ELSEWHERE]
    other = np.repeat(np.arange(len(ELSEWHERE)), numbers)
    at = rng.permutation(_stamps(rng, span.days(), calendar.DAYTIME, "general", len(other)))
    where = _places(rng, len(other))
    own = calendar.without_clock_change(crimes.day[mine] * 1440 + crimes.minute[mine]).astype(np.int64)
    stamp = np.concatenate([own, at])
    order = np.argsort(stamp, kind="stable")
    group = np.concatenate(
        [objects([group_of.get(c, "other") for c in code[mine]]), objects([g for g, _, _ in ELSEWHERE])[other]]
    )
    codes = np.concatenate([code[mine], objects([c for _, c, _ in ELSEWHERE])[other]])
    table: Table = {
        "offence_group": group, "offence_code": codes, "happened_at": writing.instants(stamp),
        "ward_code": np.concatenate([objects(here.ward_codes)[here.lsoa_ward[crimes.lsoa[mine]]], where["ward_code"]]),
        "lsoa_code": np.concatenate([objects(here.lsoa_codes)[crimes.lsoa[mine]], where["lsoa_code"]]),
    }  # fmt: skip
    return {name: column[order] for name, column in table.items()}, stamp[order] // 1440


def _exclusions(
    people: Population, suspended: Suspensions, excluded: Exclusions, span: Span
) -> tuple[Table, np.ndarray]:
    """The education service's own two files without the pupils: age, sex, school and reason."""
    pupil, day = np.concatenate([suspended.pupil, excluded.pupil]), np.concatenate([suspended.day, excluded.day])
    kind = np.repeat(objects(("fixed_period", "permanent")), [len(suspended.pupil), len(excluded.pupil)])
    reason = np.concatenate([suspended.reason, excluded.reason])
    order = np.argsort(day, kind="stable")
    order = order[day[order] < span.until]
    pupil, day = pupil[order], day[order]
    schools = objects([f"SCH-{n:03d}" for n in range(1, 19)])
    age = people.ages(pupil, day).clip(3, 19).astype(object)
    table: Table = {
        "excluded_on": writing.days(day), "kind": kind[order], "age": age,
        "sex": objects(("F", "M"))[people.sex[pupil]], "school_code": schools[pupil % len(schools)],
        "reason": objects(SUSPENSION_REASONS)[reason[order]],
    }  # fmt: skip
    return table, day


def _hospital(rng: np.random.Generator, span: Span, size: float, made: Exchanged) -> None:
    """Admissions by district of residence: of men assaulted, a known share from the most deprived two fifths."""
    here = borough.places()
    years = span.quarterly_years
    outward = objects([f"HB{n}" for n in range(1, len(here.ward_codes) + 1)])
    deprived = here.deprivation >= np.sort(here.deprivation)[len(here.deprivation) * 3 // 5]
    poor, rich = np.flatnonzero(deprived), np.flatnonzero(~deprived)

    def lived(total: int, share: float) -> np.ndarray:
        wards = np.empty(total, dtype=np.int64)
        inside = exactly(rng, share, total)
        wards[inside] = poor[calendar.draw(rng, here.ward_share[poor], int(inside.sum()))]
        wards[~inside] = rich[calendar.draw(rng, here.ward_share[rich], int((~inside).sum()))]
        return wards

    assaults = count(ASSAULT_ADMISSIONS, size, years)
    male = np.arange(assaults) < round(ADMITTED_MALE * assaults)
    ward = np.concatenate([lived(int(male.sum()), DEPRIVED_MALE), lived(int((~male).sum()), 0.6)])
    cause = dealt(rng, [name for name, _ in ASSAULT_CAUSES], [share for _, share in ASSAULT_CAUSES], assaults)
    others = [count(yearly, size, years) for _, yearly in OTHER_ADMISSIONS]
    cause = np.concatenate([cause, np.repeat(objects([name for name, _ in OTHER_ADMISSIONS]), others)])
    ward = np.concatenate([ward, lived(sum(others), 0.55)])
    sex = np.concatenate([np.where(male, "M", "F"), np.where(rng.random(sum(others)) < 0.64, "M", "F")]).astype(object)
    day = rng.choice(span.days(), len(cause))
    order = np.argsort(day, kind="stable")
    day, cause, ward, sex = day[order], cause[order], ward[order], sex[order]
    admitted: Table = {"admitted_on": writing.days(day), "icd10": cause, "outward_postcode": outward[ward]}
    made.written["section_17a_hospital_admissions"] = Written(admitted, span.quarter_of(day))
    made.truth["admissions"] = {
        "admitted_on": admitted["admitted_on"], "icd10": cause.copy(), "outward_postcode": outward[ward], "sex": sex,
        "most_deprived_two_fifths": flags(deprived[ward]),
    }  # fmt: skip
    for item, yearly, share in (("domestic_abuse_admissions", DOMESTIC_ADMISSIONS, 0.58), ("treatment", 0, 0.6)):
        numbers = [count(each, size, years) for each in ((OUTPATIENTS, IN_TREATMENT) if not yearly else (yearly,))]
        total = sum(numbers)
        when = np.sort(rng.choice(span.days(), total))
        table: Table = {"outward_postcode": outward[lived(total, share)]}
        if yearly:
            table = {"admitted_on": writing.days(when), **table}
        else:
            kinds = objects(("mental_illness_outpatient_first", "drug_treatment"))
            table = {"kind": rng.permutation(np.repeat(kinds, numbers)), "started_on": writing.days(when), **table}
        made.written[f"section_17a_{item}"] = Written(table, span.quarter_of(when))


def sending(feeds: list[str], span: Span) -> dict[str, dict[str, str | None]]:
    """The day on which each quarter of each feed was sent, some weeks after its end or late; None: not sent.

    Of the last four quarters the latest is not yet due when the span ends a month after it, as the default one does.
    """
    quarters = span.quarters
    since = max(len(quarters) - EXCHANGED, 0)
    days: dict[str, dict[str, str | None]] = {}
    for at, feed in enumerate(feeds):
        late, by = LATE.get(feed, (0, 0))
        sent: dict[str, str | None] = {quarter_name(first): None for first in quarters[:since]}
        for number, first in enumerate(quarters[since:], start=since):
            end = _quarter_end(first)
            day = end + timedelta(days=20 + 3 * at)
            if late and number >= len(quarters) - 1 - late:
                day = _quarter_end(end + timedelta(days=1)) + timedelta(days=by)
            never = feed == NEVER and number in (len(quarters) - 1, len(quarters) - 3)
            sent[quarter_name(first)] = None if never else str(day)
        days[feed] = sent
    return days


def _quarter_end(day: date) -> date:
    month = 3 * ((day.month + 2) // 3)
    return day_of(epoch(date(day.year + month // 12, month % 12 + 1, 1)) - 1)
