"""Known truth, written beside the extracts and never loaded: tests and linkage quality are measured against it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from concord.synthetic import borough, names, writing
from concord.synthetic import crimes as crime_room
from concord.synthetic.calendar import is_school_day
from concord.synthetic.cast import Draft, Story, member
from concord.synthetic.children import Notifications
from concord.synthetic.crimes import Crimes
from concord.synthetic.faults import Fault
from concord.synthetic.health import Attendances
from concord.synthetic.population import Population
from concord.synthetic.tables import Written

PEOPLE = {"suspensions": "pupil_id", "permanent_exclusions": "pupil_id", "absence": "pupil_id"}
"""The column that holds the person's number, where it is not `person_id`."""


def stories(drafts: list[Draft], people: Population, written: dict[str, Written]) -> dict[str, Story]:
    """Stories with the references under which the agencies hold them."""
    crime, notices, schools = (written[feed] for feed in ("recorded_crime", "child_notifications", "suspensions"))

    def ids(feed: str, person: int) -> tuple[str, ...]:
        each = written[feed]
        if each.records is None or each.record is None:
            return ()
        mine = np.flatnonzero(each.records.person == person)
        rows = np.flatnonzero(np.isin(each.record, mine))
        return tuple(dict.fromkeys(each.table[PEOPLE.get(feed, "person_id")][rows].tolist()))

    told: dict[str, Story] = {}
    for draft in drafts:
        members = {}
        for key, person in draft.people.items():
            record_ids = {feed: ids(feed, person) for feed in written}
            members[key] = member(key, people, person, {feed: held for feed, held in record_ids.items() if held})
        told[draft.key] = Story(
            key=draft.key, summary=draft.summary, people=members,
            crime_refs=tuple(crime.table["crime_ref"][draft.crimes].tolist()),
            notification_refs=tuple(notices.table["notification_ref"][draft.notifications].tolist()),
            suspended_on=tuple(schools.table["started_on"][draft.suspensions].tolist()),
        )  # fmt: skip
    return told


def write(
    folder: Path, *, people: Population, crimes: Crimes, refs: np.ndarray, written: dict[str, Written],
    notified: Notifications, attended: Attendances, told: dict[str, Story], faults: list[Fault], start: int, end: int,
) -> None:  # fmt: skip
    """Write the tables of the truth folder, facts.json and cast.json."""
    seen = [each.records.person for each in written.values() if each.records is not None]
    everyone = np.unique(np.concatenate(seen))
    given, family = people.given_names[people.given[everyone]], people.family_names[people.family[everyone]]
    here = borough.places()
    writing.write_csv(
        {
            "true_person": _ids(everyone), "given_name": given,
            "family_name": np.array([names.mark(name) for name in family], dtype=object),
            "born_on": writing.days(people.birth[everyone]),
            "sex": np.array(["F", "M"], dtype=object)[people.sex[everyone]],
            "ethnicity": np.array(people.ethnicity_codes, dtype=object)[people.ethnicity[everyone]],
            "postcode": np.array(here.postcodes, dtype=object)[people.postcode[everyone]],
            "exploited": np.where(np.isin(everyone, notified.exploited), "Y", "N").astype(object),
        },
        folder / "people.csv",
    )  # fmt: skip
    records: dict[str, list[np.ndarray]] = {"feed": [], "record_id": [], "true_person": []}
    for feed, each in written.items():
        if each.records is None or each.record is None:
            continue
        used = np.unique(each.record[each.record >= 0])
        records["feed"].append(np.full(len(used), feed, dtype=object))
        records["record_id"].append(each.records.ids[used])
        records["true_person"].append(_ids(each.records.person[used]))
    writing.write_csv({k: np.concatenate(v) for k, v in records.items()}, folder / "person_records.csv")
    writing.write_csv(
        {
            "crime_ref": refs, "victim": _ids(crimes.victim), "second_victim": _ids(crimes.second_victim),
            **{f"suspect_{k + 1}": _ids(crimes.suspects[:, k]) for k in range(3)},
            "happened_at": writing.instants(crimes.day * 1440 + crimes.minute),
            "child": _yes(crimes.child), "school_day": _yes(is_school_day(crimes.day)),
            "default_time": _yes(crimes.default_time), "near_repeat": _yes(crimes.near_repeat),
            "moved_by_tasking": _yes(crimes.moved_by_tasking),
            "metres_east": np.round(crimes.x).astype(int), "metres_north": np.round(crimes.y).astype(int),
        },
        folder / "crime_truth.csv",
    )  # fmt: skip
    young, both = overlap(people, crimes)
    writing.write_csv({"true_person": _ids(young), "also_suspect": _yes(both)}, folder / "overlap.csv")
    writing.write_csv(
        {
            "arrived_at": writing.instants(attended.arrived),
            "crime_ref": np.where(attended.crime >= 0, refs[np.maximum(attended.crime, 0)], None),
        },
        folder / "ed_truth.csv",
    )
    writing.write_csv(
        {name: np.array([getattr(f, name) for f in faults], dtype=object) for name in ("feed", "ref", "fault")},
        folder / "faults.csv",
    )
    writing.write_json(facts(people, crimes, start=start, end=end), folder / "facts.json")
    writing.write_json(
        {"synthetic": True, "stories": {key: asdict(story) for key, story in told.items()}}, folder / "cast.json"
    )


def overlap(people: Population, crimes: Crimes) -> tuple[np.ndarray, np.ndarray]:
    """Everyone who was a victim under 25, and whether they were ever a suspect too in the months generated."""
    young: list[np.ndarray] = []
    for column in (crimes.victim, crimes.second_victim):
        years = np.where(column >= 0, (crimes.day - people.birth[np.maximum(column, 0)]) / 365.2425, 99)
        young.append(column[years < 25])
    victims = np.unique(np.concatenate(young))
    return victims, np.isin(victims, crimes.suspects[~crimes.described])


def repeats(who: np.ndarray, day: np.ndarray, start: int, end: int) -> float:
    """Share of people first met at least 365 days before the end who were met again within 365 days."""
    order = np.lexsort((day, who))
    who, day = who[order], day[order]
    first = np.ones(len(who), dtype=bool)
    first[1:] = who[1:] != who[:-1]
    at = np.flatnonzero(first)
    index = at[day[at] < max(end - 365, start + 1)]
    after = np.minimum(index + 1, len(who) - 1)
    again = (after > index) & (who[after] == who[index]) & (day[after] - day[index] <= 365)
    return float(again.mean()) if len(index) else 0.0


def facts(people: Population, crimes: Crimes, *, start: int, end: int) -> dict[str, float | int]:
    """The true values that findings are checked against, measured on the events themselves."""
    mix = borough.rows("offence_mix")
    code = np.array([row["code"] for row in mix], dtype=object)[crimes.offence]
    tempo = np.array([row["tempo"] for row in mix], dtype=object)[crimes.offence]
    here = borough.places()
    east = here.in_neighbourhood("East")[here.lsoa_ward[crimes.lsoa]]
    serious = np.isin(tempo.astype(str), ("serious", "robbery")) & ~crimes.domestic
    public = serious & (np.array([row["place"] for row in mix])[crimes.offence] != "home")
    school = crimes.child & is_school_day(crimes.day) & (tempo != "robbery")
    nine = school & (crimes.minute // 60 == 9)
    met = crimes.victim >= 0
    domestic = met & crimes.domestic
    _young, both = overlap(people, crimes)
    week = (crimes.day - start) // 7
    made: dict[str, float | int] = {
        "crimes": len(crimes),
        "victim_offender_overlap_under_25": float(both.mean()) if len(both) else 0.0,
        "repeat_victims_12_months": repeats(crimes.victim[met], crimes.day[met], start, end),
        "repeat_domestic_victims_12_months": repeats(crimes.victim[domestic], crimes.day[domestic], start, end),
        "serious_share_evening": float((crimes.minute[serious] >= 18 * 60).mean()),
        "serious_share_east": float(east[serious].mean()),
        "nine_oclock_default_share": float(crimes.default_time[nine].mean()) if nine.any() else 0.0,
        "moved_by_tasking": int(crimes.moved_by_tasking.sum()),
        "shift_week": crime_room.SHIFT_WEEK,
    }
    for name, ward in (("hotspot", crime_room.HOTSPOT_WARD), ("control", crime_room.CONTROL_WARD)):
        inside = public & (here.lsoa_ward[crimes.lsoa] == here.ward_codes.index(ward))
        before, after = inside & (week < crime_room.SHIFT_WEEK), inside & (week >= crime_room.SHIFT_WEEK)
        made[f"{name}_before"], made[f"{name}_after"] = int(before.sum()), int(after.sum())
    for year in np.unique(crimes.year):
        of = crimes.year == year
        label = f"year_{int(year) + 1}"
        made[f"{label}_domestic_abuse"] = int((crimes.domestic & of).sum())
        made[f"{label}_sexual_offences"] = int(
            (
                of
                & np.isin(
                    code, [c for c in np.unique(code.astype(str)) if c[:2] in ("17", "19", "20", "22", "71", "88")]
                )
            ).sum()
        )
        made[f"{label}_drug_trafficking"] = int((of & (code == "92A")).sum())
        injury = np.isin(code.astype(str), ("1", "2", "5D", "5E", "8N", "8P", "8S"))
        made[f"{label}_knife_with_injury"] = int((of & injury & crimes.knife).sum())
    return made


def _ids(numbers: np.ndarray) -> np.ndarray:
    return np.array([f"T{n:07d}" if n >= 0 else None for n in numbers.tolist()], dtype=object)


def _yes(flags: np.ndarray) -> np.ndarray:
    return np.where(flags, "Y", "N").astype(object)
