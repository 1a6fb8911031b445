"""Turns what truly happened into the tables that Harbourside's agencies send."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concord.synthetic import borough, calendar, writing
from concord.synthetic.children import REASONS, SUSPENSION_REASONS, Notifications, Suspensions
from concord.synthetic.crimes import RELATIONSHIPS, STRANDS, Crimes
from concord.synthetic.health import ASSAILANT_SHARES, ASSAILANTS, METHODS, PLACES, Attendances
from concord.synthetic.population import Population
from concord.synthetic.records import NO_DATE, Records, Table, identities, split_nominals, write_down

LOCATIONS = {
    "home": (("dwelling", "street"), (0.88, 0.12)),
    "public": (
        ("street", "transport", "park", "shop", "licensed_premises", "school"),
        (0.58, 0.12, 0.10, 0.08, 0.09, 0.03),
    ),
    "mixed": (
        ("street", "dwelling", "shop", "licensed_premises", "school", "park"),
        (0.42, 0.28, 0.10, 0.10, 0.05, 0.05),
    ),
}
KNOWN_OUTCOMES = (
    ("1", 0.13),
    ("2", 0.01),
    ("3", 0.02),
    ("8", 0.04),
    ("10", 0.03),
    ("15", 0.36),
    ("16", 0.33),
    ("22", 0.05),
    ("21", 0.03),
)
UNKNOWN_OUTCOMES = (("18", 0.80), ("14", 0.20))
POLICE_NOMINALS, NOTIFICATION_NOMINALS = 3, 2
"""How many records of one person an agency may hold by mistake: with one at most in each other, nine in all."""


@dataclass
class Written:
    """A table with the calendar month (0 is the first) of each row, and what links its rows to the truth."""

    table: Table
    month: np.ndarray
    records: Records | None = None
    record: np.ndarray | None = None


def month_index(day: np.ndarray, month_starts: list[int]) -> np.ndarray:
    return np.searchsorted(np.array(month_starts), day, side="right") - 1


def _objects(values: list[str] | tuple[str, ...]) -> np.ndarray:
    return np.array(values, dtype=object)


def crime_refs(crimes: Crimes) -> np.ndarray:
    """References in order of recording: `HP` (Harbourside police), year, number, the synthetic marker."""
    years = (crimes.recorded.astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970) % 100
    return _objects([f"HP{year:02d}-{number:06d}-SYN" for number, year in enumerate(years.tolist(), start=1)])


def recorded_crime(rng: np.random.Generator, crimes: Crimes, month_starts: list[int]) -> Written:
    mix, here, total = borough.rows("offence_mix"), borough.places(), len(crimes)
    code = _objects([row["code"] for row in mix])[crimes.offence]
    place = _objects([row["place"] for row in mix])[crimes.offence]
    refs = crime_refs(crimes)
    location = np.empty(total, dtype=object)
    for kind, (values, shares) in LOCATIONS.items():
        where = np.flatnonzero(np.where(crimes.domestic, "home", place.astype(str)) == kind)
        location[where] = _objects(values)[calendar.draw(rng, np.array(shares), len(where))]
    committed = calendar.without_clock_change(crimes.day * 1440 + crimes.minute).astype(np.int64)
    lasts = np.isin(code, ("58A", "58B", "58C", "56B", "8L", "8Q", "106", "92A")) & (rng.random(total) < 0.6)
    until = np.where(lasts, committed + rng.integers(60, 14 * 60, total), NO_DATE)
    until[lasts] = np.minimum(until[lasts], (crimes.recorded[lasts] + 1) * 1440 - 1)
    until[lasts] = calendar.without_clock_change(until[lasts]).astype(np.int64)
    # Some sexual offences are reported years after they happened.
    historic = np.isin(code, ("19C", "19D", "19F", "20A", "22B")) & (rng.random(total) < 0.08) & ~crimes.near_repeat
    committed[historic] -= rng.integers(400, 3000, int(historic.sum())) * 1440
    until[historic] = NO_DATE
    flagged = np.where(crimes.domestic, "Y", "N").astype(object)
    flagged[~crimes.domestic & (rng.random(total) < 0.03)] = None
    knife = np.where(crimes.knife, "Y", "N").astype(object)
    knife[~crimes.knife & (rng.random(total) < 0.04)] = None
    weapon = _objects(("none", "blunt", "other", "corrosive", "imitation_firearm"))[
        calendar.draw(rng, np.array([0.88, 0.06, 0.05, 0.004, 0.006]), total)
    ]
    weapon[crimes.knife] = "knife"
    weapon[np.isin(code, ("10B",))] = "firearm_section_1"
    outcome, outcome_day = _outcomes(rng, crimes, code, month_starts[-1])
    linked = np.where(crimes.linked >= 0, refs[np.maximum(crimes.linked, 0)], None)
    table: Table = {
        "crime_ref": refs,
        "offence_code": code,
        "offence_sub_code": _objects([row["sub_code"] for row in mix])[crimes.offence],
        "offence": _objects([row["offence"] for row in mix])[crimes.offence],
        "recorded_on": writing.days(crimes.recorded),
        "committed_from": writing.instants(committed),
        "committed_to": writing.instants(until),
        "ward_code": _objects(here.ward_codes)[here.lsoa_ward[crimes.lsoa]],
        "lsoa_code": _objects(here.lsoa_codes)[crimes.lsoa],
        **_points(crimes, code),
        "location_type": location,
        "domestic_abuse": flagged,
        "hate_strand": np.where(crimes.strand >= 0, _objects(STRANDS)[np.maximum(crimes.strand, 0)], None),
        "knife": knife,
        "weapon": weapon,
        **_flags(rng, crimes, code),
        "linked_crime_ref": linked,
        "outcome_code": outcome,
        "outcome_on": writing.days(outcome_day),
    }
    # A sub-code is often left out; then section 20 and section 47 cannot be told apart.
    table["offence_sub_code"] = table["offence_sub_code"].copy()
    table["offence_sub_code"][rng.random(total) < 0.05] = None
    return Written(table, month_index(crimes.recorded, month_starts))


def _points(crimes: Crimes, code: np.ndarray) -> Table:
    """Where it happened, to the metre, on the grid of the invented borough; what is done online happens nowhere."""
    nowhere = code == "88A"
    points: Table = {}
    for name, corner, metres in (("easting", borough.EAST, crimes.x), ("northing", borough.NORTH, crimes.y)):
        value = (corner + np.round(metres).astype(np.int64)).astype(object)
        value[nowhere] = None
        points[name] = value
    return points


def _flags(rng: np.random.Generator, crimes: Crimes, code: np.ndarray) -> Table:
    """The lesser Home Office flags. Officers miss knives that the national rules find in the text of the report."""
    total = len(crimes)
    source = _objects(("officer", "ndqis", "analyst"))[calendar.draw(rng, np.array([0.71, 0.26, 0.03]), total)]
    source[~crimes.knife] = None
    exploited = np.isin(code, ("71",)) | (np.isin(code, ("88A", "22B")) & (rng.random(total) < 0.3))
    abused = np.isin(code, ("19D", "19E", "19G", "19H", "20B", "17B", "22B", "71", "88A"))
    drunk = rng.random(total) < np.where(crimes.minute >= 20 * 60, 0.26, 0.11)
    online = rng.random(total) < np.select([code == "88A", np.isin(code, ("8L", "8Q", "71"))], [0.8, 0.2], 0.004)
    marks = {"child_sexual_exploitation": exploited, "child_sexual_abuse": abused, "alcohol": drunk, "online": online}
    return {"knife_source": source} | {name: np.where(mask, "Y", "N").astype(object) for name, mask in marks.items()}


def _outcomes(rng: np.random.Generator, crimes: Crimes, code: np.ndarray, end: int) -> tuple[np.ndarray, np.ndarray]:
    total = len(crimes)
    median = np.where(np.char.startswith(code.astype(str), "19"), 120.0, 30.0)
    lag = np.ceil(median * np.exp(rng.normal(0, 0.8, total))).astype(np.int64)
    day = crimes.recorded + lag
    known = (crimes.suspects >= 0).any(axis=1)
    outcome = np.empty(total, dtype=object)
    for where, choices in ((known, KNOWN_OUTCOMES), (~known, UNKNOWN_OUTCOMES)):
        values, shares = zip(*choices, strict=True)
        outcome[where] = _objects(values)[calendar.draw(rng, np.array(shares), int(where.sum()))]
    pending = day >= end
    outcome[pending] = None
    return outcome, np.where(pending, NO_DATE, day)


def crime_persons(
    rng: np.random.Generator, people: Population, crimes: Crimes, month_starts: list[int], clean: frozenset[int]
) -> Written:
    """Victims and suspects of each crime. A described suspect has a guessed age and appearance, no name."""
    refs = crime_refs(crimes)
    rows, roles, who, slot = [], [], [], []
    for role, column in (
        ("victim", crimes.victim),
        ("victim", crimes.second_victim),
        *(("suspect", crimes.suspects[:, k]) for k in range(3)),
    ):
        where = np.flatnonzero(column >= 0)
        rows.append(where)
        roles.append(np.full(len(where), role, dtype=object))
        who.append(column[where])
        slot.append(np.full(len(where), len(slot)))
    described = np.flatnonzero(crimes.described & (crimes.suspects < 0).all(axis=1))
    row, role, person, part = (np.concatenate(each) for each in (rows, roles, who, slot))
    order = np.lexsort((part, row))
    row, role, person = row[order], role[order], person[order]

    number = split_nominals(rng, person, at_most=POLICE_NOMINALS)
    first = np.zeros(int(number.max()) + 1, dtype=np.int64)
    first[number] = person
    number, first = _one_nominal_for_clean(number, first, person, clean)
    records = write_down(rng, people, first, prefix="NOM", clean=clean)
    age = people.ages(person, crimes.day[row])
    birth = records.birth[number]
    missing = birth == NO_DATE
    shown_age = age.astype(object)
    shown_age[missing & (rng.random(len(row)) < 0.55)] = None
    ethnicity = _objects(people.ethnicity_codes)[people.ethnicity[person]]
    unstated = rng.random(len(row)) < np.where(role == "victim", 0.22, 0.34)
    ethnicity[unstated] = np.where(rng.random(int(unstated.sum())) < 0.5, "NS", None)
    observed = _objects(people.observed_codes)[people.ethnicity[person]]
    observed[rng.random(len(row)) < 0.12] = "IC9"
    relation = np.where(role == "suspect", _objects(RELATIONSHIPS)[crimes.relationship[row]], None)
    relation[relation == ""] = None
    who = identities(records, number)
    table: Table = {
        "crime_ref": refs[row], "role": role,
        **{name: who[name] for name in ("person_id", "given_name", "family_name", "born_on")}, "age": shown_age,
        "sex": who["sex"], "postcode": who["postcode"],
        "ethnicity_self": ethnicity, "ethnicity_observed": observed, "relationship": relation,
    }  # fmt: skip
    table, crime_of, link = _with_described(rng, people, crimes, table, refs, row, described, number)
    return Written(table, month_index(crimes.recorded[crime_of], month_starts), records, link)


def _one_nominal_for_clean(
    number: np.ndarray, first: np.ndarray, person: np.ndarray, clean: frozenset[int]
) -> tuple[np.ndarray, np.ndarray]:
    """People of the told stories keep one police record, so that the demo finds them under one number."""
    for each in sorted(clean):
        mine = person == each
        if mine.any():
            number[mine] = number[mine][0]
    return number, first


def _with_described(
    rng: np.random.Generator, people: Population, crimes: Crimes, table: Table, refs: np.ndarray,
    row: np.ndarray, described: np.ndarray, number: np.ndarray,
) -> tuple[Table, np.ndarray, np.ndarray]:  # fmt: skip
    total = len(described)
    nothing = np.full(total, None, dtype=object)
    guess = _objects(("IC1", "IC3", "IC4", "IC6", "IC9"))[
        calendar.draw(rng, np.array([0.35, 0.2, 0.3, 0.05, 0.1]), total)
    ]
    guessed_age = (5 * np.round(rng.normal(24, 7, total).clip(13, 55) / 5)).astype(np.int64).astype(object)
    guessed_age[rng.random(total) < 0.35] = None
    extra: Table = {
        "crime_ref": refs[described], "role": np.full(total, "suspect", dtype=object),
        "person_id": _objects([f"DES{ref[2:4]}{ref[5:11]}" for ref in refs[described]]),
        "given_name": nothing, "family_name": nothing, "born_on": nothing, "age": guessed_age,
        "sex": _objects(("M", "F", "U"))[calendar.draw(rng, np.array([0.85, 0.08, 0.07]), total)],
        "postcode": nothing, "ethnicity_self": nothing, "ethnicity_observed": guess,
        "relationship": np.full(total, "stranger", dtype=object),
    }  # fmt: skip
    crime_of = np.concatenate([row, described])
    order = np.argsort(crime_of, kind="stable")
    joined = {name: np.concatenate([table[name], extra[name]])[order] for name in table}
    return joined, crime_of[order], np.concatenate([number, np.full(total, -1)])[order]


def child_notifications(
    rng: np.random.Generator, people: Population, made: Notifications, month_starts: list[int], clean: frozenset[int]
) -> Written:
    number = split_nominals(rng, made.child, 0.12, at_most=NOTIFICATION_NOMINALS)
    first = np.zeros(int(number.max()) + 1, dtype=np.int64)
    first[number] = made.child
    number, first = _one_nominal_for_clean(number, first, made.child, clean)
    records = write_down(rng, people, first, prefix="CHD", clean=clean)
    stamp = calendar.without_clock_change(made.stamp).astype(np.int64)
    table: Table = {
        "notification_ref": _objects([f"CN-{n:06d}-SYN" for n in range(1, len(made.child) + 1)]),
        "raised_at": writing.instants(stamp), "reason": _objects(REASONS)[made.reason],
        **identities(records, number),
    }  # fmt: skip
    return Written(table, month_index(made.stamp // 1440, month_starts), records, number)


def pupils(rng: np.random.Generator, people: Population, known: np.ndarray, clean: frozenset[int]) -> Records:
    """The education service's one record of each pupil it writes about, who are sorted and each there once.

    Schools know their pupils better than the police know theirs: fewer errors.
    """
    records = write_down(rng, people, known, prefix="PUP", clean=clean)
    exact = (records.birth == NO_DATE) | (rng.random(len(known)) < 0.6)
    records.birth = np.where(exact, people.birth[known], records.birth)
    return records


def suspensions(records: Records, made: Suspensions, month_starts: list[int]) -> Written:
    number = np.searchsorted(records.person, made.pupil)
    table: Table = {
        **identities(records, number, called="pupil_id", home=False), "year_group": made.year_group.astype(object),
        "started_on": writing.days(made.day), "sessions": made.sessions.astype(object),
        "reason": _objects(SUSPENSION_REASONS)[made.reason],
    }  # fmt: skip
    return Written(table, month_index(made.day, month_starts), records, number)


def ed_assaults(rng: np.random.Generator, made: Attendances, month_starts: list[int]) -> Written:
    here, total = borough.places(), len(made.arrived)
    ward = _objects(here.ward_codes)[made.ward]
    ward[rng.random(total) < 0.14] = None  # patients often cannot say where
    assailants = _objects(ASSAILANTS)[calendar.draw(rng, ASSAILANT_SHARES, total)]
    sex = np.where(made.male, "M", "F").astype(object)
    assaulted = calendar.without_clock_change(made.assaulted).astype(np.int64)
    # The hour that spring skips may move an assault past the arrival: the patient then came just after it.
    arrived = np.maximum(calendar.without_clock_change(made.arrived).astype(np.int64), assaulted + 5)
    table: Table = {
        "site_code": _objects(("SYN-ED-1", "SYN-ED-2"))[(rng.random(total) < 0.18).astype(int)],
        "arrived_at": writing.instants(arrived),
        "assault_at": writing.instants(assaulted),
        "method": _objects(METHODS)[made.method], "location_type": _objects(PLACES)[made.place],
        "assailants": assailants, "ward_code": ward, "age_band": _objects(borough.AGE_BANDS)[made.band], "sex": sex,
    }  # fmt: skip
    return Written(table, month_index(made.arrived // 1440, month_starts))
