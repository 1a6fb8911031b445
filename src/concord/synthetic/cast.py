"""Named stories: a handful of Harbourside's people whose records run through every feed, for the demo and tests.

Each story is written into the generated events themselves, so that the desk and the evidence tell the same one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from concord.synthetic import borough, names
from concord.synthetic.children import Notifications, Suspensions, school_year
from concord.synthetic.crimes import RELATIONSHIPS, Crimes
from concord.synthetic.population import FEMALE, MALE, Population


@dataclass(frozen=True)
class Member:
    """One person of a story. `record_ids` holds their identifiers by feed, as the agencies use them."""

    key: str
    given_name: str
    family_name: str
    born_on: str
    sex: str
    ethnicity_self: str
    postcode: str
    ward_code: str
    record_ids: dict[str, tuple[str, ...]] = field(default_factory=dict)
    true_person: int = -1


@dataclass(frozen=True)
class Story:
    """A thing that happened. Crime and notification references are as they stand in the extracts."""

    key: str
    summary: str
    people: dict[str, Member]
    crime_refs: tuple[str, ...] = ()
    notification_refs: tuple[str, ...] = ()
    suspended_on: tuple[str, ...] = ()


@dataclass
class Draft:
    """A story before references are given: rows of the true events."""

    key: str
    summary: str
    people: dict[str, int]
    crimes: list[int] = field(default_factory=list)
    notifications: list[int] = field(default_factory=list)
    suspensions: list[int] = field(default_factory=list)


def tell(
    rng: np.random.Generator,
    people: Population,
    crimes: Crimes,
    notified: Notifications,
    suspended: Suspensions,
    *,
    end: int,
) -> list[Draft]:
    """Write the stories into recent events and return where they are."""
    mix = borough.rows("offence_mix")
    code = np.array([row["code"] for row in mix], dtype=object)[crimes.offence]
    taken: set[int] = set()
    # what schools and the police write about the people of a story is what the story says, and nothing else
    busy = {*suspended.pupil.tolist(), *notified.child.tolist(), *notified.exploited.tolist()}
    used = np.zeros(len(crimes), dtype=bool)

    def someone(sex: int, age: float) -> int:
        """A resident of about this age on the last day, in no story yet."""
        wanted = int(end - age * 365.2425)
        at = int(people.nearest(rng, np.array([sex]), np.array([wanted]))[0])
        step = -1
        while at in taken or at in busy or people.sex[at] != sex:
            at += step
        taken.add(at)
        return at

    def crime(codes: tuple[str, ...], since: int, until: int, *, domestic: bool = False) -> int:
        free = np.isin(code, codes) & (crimes.domestic == domestic) & ~used & (crimes.linked < 0) & (crimes.victim >= 0)
        free &= (crimes.day >= end - since) & (crimes.day < end - until) & (crimes.recorded - crimes.day <= 3)
        # In a very small or short borough the wanted crime may be missing: then the nearest there is.
        kind = np.isin(code, codes) & ~used
        widening = (free, kind & (crimes.domestic == domestic), kind, ~used & (crimes.domestic == domestic), ~used)
        # Nobody is both sides of an event: none that somebody of a story is in already.
        met = np.column_stack([crimes.victim, crimes.second_victim, crimes.suspects])
        strangers = ~np.isin(met, list(taken)).any(axis=1)
        widening = tuple(each & strangers for each in widening)
        choices = next(found for each in widening if len(found := np.flatnonzero(each)))
        at = int(choices[rng.integers(len(choices))])
        used[at] = True
        return at

    def put(
        at: int, *, victim: int | None = None, suspect: int | None = None, second: int = -1, relationship: str = ""
    ) -> int:
        if victim is not None:
            crimes.victim[at], crimes.second_victim[at] = victim, -1
        if suspect is not None:
            crimes.suspects[at, 0], crimes.described[at] = suspect, False
            crimes.suspects[at, 1:] = (second, -1)
            crimes.relationship[at] = RELATIONSHIPS.index(relationship)
        return at

    def suspensions(pupil: int, *places: float) -> list[int]:
        """Suspensions of a pupil at these shares of the time; none where no school day falls into it."""
        given: list[int] = []
        for place in places:
            free = [i for i in range(len(suspended.day)) if i not in given and int(suspended.pupil[i]) not in taken]
            if free:
                at = min(free, key=lambda i: abs(i - len(suspended.day) * place))
                suspended.pupil[at] = pupil
                suspended.year_group[at] = school_year(people, np.array([pupil]), suspended.day[[at]])[0]
                given.append(at)
        return given

    def notice(child: int, reason: int, place: float) -> int:
        free = [i for i in range(len(notified.child)) if int(notified.child[i]) not in taken]
        at = min(free, key=lambda i: abs(i - len(notified.child) * place))
        notified.child[at], notified.reason[at] = child, reason
        return at

    boy, sister, robbed = someone(MALE, 14.4), someone(FEMALE, 12.6), someone(MALE, 13.8)
    people.family[sister], people.postcode[sister] = people.family[boy], people.postcode[boy]
    people.ethnicity[sister] = people.ethnicity[boy]
    woman, man = someone(FEMALE, 33.2), someone(MALE, 36.7)
    people.postcode[man] = people.postcode[woman]
    girl, older = someone(FEMALE, 15.3), someone(MALE, 22.8)
    grown, friend = someone(MALE, 23.5), someone(MALE, 19.1)
    elder, nephew = someone(FEMALE, 61.0), someone(MALE, 27.4)
    people.postcode[nephew], kin = people.postcode[elder], "other_relative"
    return [
        Draft(
            "child_at_risk",
            "A boy of 14: suspended three times, missing twice, a suspect in a robbery, hurt in an assault.",
            {"child": boy, "sister": sister, "robbed": robbed},
            crimes=[
                put(crime(("34B",), 75, 20), victim=robbed, suspect=boy, relationship="schoolmate"),
                put(crime(("8N",), 200, 90), victim=boy),
            ],
            notifications=[notice(boy, 0, 0.93), notice(boy, 0, 0.965), notice(boy, 4, 0.98), notice(sister, 5, 0.97)],
            suspensions=suspensions(boy, 0.85, 0.92, 0.98),
        ),
        Draft(
            "child_victim",
            "A girl of 15, sexually assaulted by a man of 22 she met online, missing once.",
            {"child": girl, "suspect": older},
            crimes=[put(crime(("20A",), 60, 12), victim=girl, suspect=older, relationship="acquaintance")],
            notifications=[notice(girl, 0, 0.95), notice(girl, 2, 0.975)],
        ),
        Draft(
            "repeat_domestic_abuse",
            "A woman of 33, assaulted twice within a year by her former partner, who threatened to kill her.",
            {"victim": woman, "perpetrator": man},
            crimes=[
                put(crime(("8N",), 300, 220, domestic=True), victim=woman, suspect=man, relationship="ex_partner"),
                put(crime(("3B",), 120, 70, domestic=True), victim=woman, suspect=man, relationship="ex_partner"),
                put(crime(("8N",), 40, 6, domestic=True), victim=woman, suspect=man, relationship="ex_partner"),
            ],
        ),
        Draft(
            "family_violence",
            "A woman of 61 abused by a relative who lives with her.",
            {"victim": elder, "perpetrator": nephew},
            crimes=[
                put(crime(("105A",), 160, 90, domestic=True), victim=elder, suspect=nephew, relationship=kin),
                put(crime(("8N",), 60, 10, domestic=True), victim=elder, suspect=nephew, relationship=kin),
            ],
        ),
        Draft(
            "victim_and_suspect",
            "A man of 23, wounded with a knife, later a suspect in a robbery with a friend of 19.",
            {"person": grown, "friend": friend},
            crimes=[
                put(crime(("5D",), 330, 200), victim=grown),
                put(crime(("34B",), 90, 15), suspect=grown, second=friend, relationship="stranger"),
            ],
        ),
    ]  # fmt: skip


def member(key: str, people: Population, person: int, record_ids: dict[str, tuple[str, ...]]) -> Member:
    """A person of a story as they truly are."""
    here = borough.places()
    home = int(people.postcode[person])
    return Member(
        key=key,
        given_name=str(people.given_names[people.given[person]]),
        family_name=names.mark(str(people.family_names[people.family[person]])),
        born_on=str(people.birth[person].astype("datetime64[D]")),
        sex="FM"[people.sex[person]],
        ethnicity_self=people.ethnicity_codes[people.ethnicity[person]],
        postcode=here.postcodes[home],
        ward_code=here.ward_codes[here.lsoa_ward[here.postcode_lsoa[home]]],
        record_ids=record_ids,
        true_person=person,
    )
