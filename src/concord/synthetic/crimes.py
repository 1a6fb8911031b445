"""Recorded crimes as they truly were: what, when, where, who. Agencies' errors are added afterwards."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from concord.synthetic import borough, calendar
from concord.synthetic.population import FEMALE, MALE, Population

REPEAT_SHARE = {"da": 0.41, "other": 0.08}
"""Chance that an event's victim is one of the recent victims of the same kind: tuned to the shares of 5.5."""
REOFFEND_SHARE = 0.35
OVERLAP_SHARE = 0.27
NEAR_REPEAT_SHARE = 0.42  # gives 1.9 to 2.0 times the expected pairs of robberies within 200 m and 14 days
EAST_SHARE_SERIOUS = 0.447  # of street events, so that 44% of all the most serious are there
SHIFT_WEEK, SHIFT_FALL = 60, 0.30
HOTSPOT_WARD, CONTROL_WARD = "SYN14", "SYN13"
STRANDS = ("race", "religion", "sexual_orientation", "disability", "transgender")
STRAND_SHARES = np.array([0.66, 0.16, 0.10, 0.05, 0.03])


@dataclass
class Crimes:
    """One entry for each crime. `day` is days since 1970, `minute` minutes after midnight, -1 is "none"."""

    offence: np.ndarray  # index into the offence mix
    year: np.ndarray
    day: np.ndarray
    minute: np.ndarray
    default_time: np.ndarray
    recorded: np.ndarray
    domestic: np.ndarray
    strand: np.ndarray
    knife: np.ndarray
    lsoa: np.ndarray
    x: np.ndarray
    y: np.ndarray
    victim: np.ndarray
    second_victim: np.ndarray
    suspects: np.ndarray  # three columns of person indexes
    described: np.ndarray  # a suspect seen but not named
    relationship: np.ndarray
    linked: np.ndarray
    child: np.ndarray
    near_repeat: np.ndarray
    moved_by_tasking: np.ndarray

    def __len__(self) -> int:
        return len(self.offence)

    def sorted(self, order: np.ndarray) -> Crimes:
        """The same crimes in another order, links pointing where they pointed."""
        position = np.empty(len(order), dtype=np.int64)
        position[order] = np.arange(len(order))
        made = Crimes(**{f.name: getattr(self, f.name)[order] for f in fields(self)})
        made.linked = np.where(made.linked >= 0, position[np.maximum(made.linked, 0)], -1)
        return made


def _pick_flags(rng: np.random.Generator, offence: np.ndarray, counts: list[int]) -> np.ndarray:
    """Exactly `counts[k]` of the events of offence k, at random."""
    chosen = np.zeros(len(offence), dtype=bool)
    for k, count in enumerate(counts):
        where = np.flatnonzero(offence == k)
        if count and len(where):
            chosen[rng.permutation(where)[: min(count, len(where))]] = True
    return chosen


def _scaled(value: str, share: float) -> int:
    return int(float(value) * share + 0.5)


def happen(rng: np.random.Generator, people: Population, *, start: int, month_starts: list[int], size: float) -> Crimes:
    """All crimes recorded from the first month to the last (`month_starts` holds one more, the end)."""
    mix = borough.rows("offence_mix")
    pieces: list[tuple[np.ndarray, ...]] = []
    for year, first in enumerate(range(0, len(month_starts) - 1, 12)):
        last = min(first + 12, len(month_starts) - 1)
        share = size * (last - first) / 12
        which = "one" if year % 2 == 0 else "two"
        offence = np.repeat(np.arange(len(mix)), [_scaled(row[f"year_{which}"], share) for row in mix])
        domestic = _pick_flags(rng, offence, [_scaled(row[f"da_{which}"], share) for row in mix])
        knife = _pick_flags(rng, offence, [_scaled(row[f"knife_{which}"], share) for row in mix])
        bounds = np.tile([month_starts[first], month_starts[last]], (len(offence), 1))
        pieces.append((offence, np.full(len(offence), year), domestic, knife, bounds[:, 0], bounds[:, 1]))
    offence, year, domestic, knife, low, high = (np.concatenate(part) for part in zip(*pieces, strict=True))
    total = len(offence)

    def attribute(name: str) -> np.ndarray:
        return np.array([row[name] for row in mix], dtype=object)[offence]

    tempo = attribute("tempo")
    tempo[domestic] = "domestic"
    victim_age, victim_sex = _victim_kinds(rng, mix, offence, domestic)
    has_victim = attribute("victim_profile") != "none"
    suspect_age, suspect_sex, wanted, described = _suspect_kinds(rng, mix, offence, domestic, victim_age)
    named = wanted & ~described[:, None]
    child = (has_victim & (victim_age < 18)) | (wanted & (suspect_age < 18)).any(axis=1)

    day = _days(rng, tempo, child, low, high)
    minute, default_time = calendar.times(rng, day, tempo, child)
    recorded = _recorded(rng, day, domestic, tempo, high)
    victim = _victims(rng, people, day, victim_age, victim_sex, has_victim, domestic, mix, offence)
    second = _second_victims(rng, people, day, victim, has_victim & ~domestic & (tempo != "sexual"))
    suspects, relationship = _suspects(rng, people, day, suspect_age, suspect_sex, named, domestic, victim, second)
    for _ in range(8):  # later passes place those whom earlier ones found no fitting event for
        _overlap(rng, people, victim, second, suspects, day, domestic | (tempo == "sexual"))
    lsoa, near, moved = _where(rng, tempo, attribute("place"), domestic, day, minute, start)
    # Points fall inside a 250 by 500 metre block around the middle of the LSOA.
    here = borough.places()
    x = here.lsoa_x[lsoa] + rng.uniform(-125, 125, total)
    y = here.lsoa_y[lsoa] + rng.uniform(-250, 250, total)
    original = near >= 0
    copies = np.flatnonzero(original)
    for i in copies[np.lexsort((minute[copies], day[copies]))]:  # in order: a near repeat may have one of its own
        x[i], y[i] = x[near[i]] + rng.uniform(-90, 90), y[near[i]] + rng.uniform(-90, 90)

    hate_share = attribute("hate_share").astype(float)
    hate = (rng.random(total) < hate_share) & ~domestic
    strand = np.where(hate, calendar.draw(rng, STRAND_SHARES, total), -1)
    aggravated = hate_share >= 1
    strand[aggravated] = np.where(rng.random(int(aggravated.sum())) < 0.8, 0, 1)
    made = Crimes(
        offence=offence, year=year, day=day, minute=minute, default_time=default_time, recorded=recorded,
        domestic=domestic, strand=strand, knife=knife, lsoa=lsoa, x=x, y=y, victim=victim, second_victim=second,
        suspects=suspects, described=described, relationship=relationship, linked=np.full(total, -1),
        child=child, near_repeat=original, moved_by_tasking=moved,
    )  # fmt: skip
    _link_damage(rng, made, np.array([row["code"] for row in mix], dtype=object)[offence])
    return made.sorted(np.lexsort((np.arange(total), made.minute, made.recorded)))


def _ages(rng: np.random.Generator, row: dict[str, str], size: int) -> np.ndarray:
    band = calendar.draw(rng, np.array([float(row[b]) for b in borough.AGE_BANDS]), size)
    low, high = borough.BAND_FROM[band], np.minimum(borough.BAND_TO[band], 90)
    return low + rng.random(size) * (high - low)


def _profile(name: str, used_for: str) -> dict[str, str]:
    return next(row for row in borough.rows("profiles") if row["profile"] == name and row["used_for"] == used_for)


def _victim_kinds(
    rng: np.random.Generator, mix: list[dict[str, str]], offence: np.ndarray, domestic: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    age, sex = np.full(len(offence), 30.0), np.full(len(offence), FEMALE)
    for k, row in enumerate(mix):
        for flagged in (False, True):
            where = np.flatnonzero((offence == k) & (domestic == flagged))
            if row["victim_profile"] == "none" or not len(where):
                continue
            profile = _profile("da" if flagged else row["victim_profile"], "victim")
            low, high = float(row["victim_from"]), float(row["victim_to"]) + 0.99
            drawn = _ages(rng, profile, len(where))
            outside = (drawn < low) | (drawn > high)
            drawn[outside] = rng.uniform(low, min(high, low + 20), int(outside.sum()))
            age[where] = np.maximum(drawn, 16.05) if flagged else drawn
            female = rng.random(len(where)) < float(profile["f_share"])
            sex[where] = np.where(female, FEMALE, MALE)
            if row["victim_sex"]:
                sex[where] = FEMALE if row["victim_sex"] == "F" else MALE
    return age, sex


def _suspect_kinds(
    rng: np.random.Generator,
    mix: list[dict[str, str]],
    offence: np.ndarray,
    domestic: np.ndarray,
    victim_age: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    total = len(offence)
    age, sex = np.zeros((total, 3)), np.full((total, 3), MALE)
    wanted = np.zeros((total, 3), dtype=bool)
    for k, row in enumerate(mix):
        where = np.flatnonzero(offence == k)
        profile = _profile(row["suspect_profile"], "suspect")
        first = _ages(rng, profile, len(where))
        # People offend together with people of their own age.
        for slot in range(3):
            age[where, slot] = np.maximum(first + (rng.normal(0, 1.5, len(where)) if slot else 0), 10.05)
            sex[where, slot] = np.where(rng.random(len(where)) < float(profile["f_share"]), FEMALE, MALE)
        known = rng.random(len(where)) < float(row["suspect_share"])
        group = {"robbery": (0.45, 0.20), "serious": (0.30, 0.12)}.get(row["suspect_profile"], (0.12, 0.03))
        more = rng.random(len(where))
        wanted[where, 0] = known
        wanted[where, 1] = known & (more < group[0])
        wanted[where, 2] = known & (more < group[1])
    wanted[domestic] = [True, False, False]
    # Some suspects are described, not named: an age is guessed and there is no name to link.
    described = ~domestic & (wanted.any(axis=1)) & (rng.random(total) < 0.16)
    wanted[described] = [True, False, False]
    return age, sex, wanted, described


def _days(
    rng: np.random.Generator, tempo: np.ndarray, child: np.ndarray, low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    day = np.zeros(len(tempo), dtype=np.int64)
    kinds = np.where(child, "child", tempo.astype(str))
    for first in np.unique(low):
        for kind in np.unique(kinds):
            where = np.flatnonzero((low == first) & (kinds == kind))
            if not len(where):
                continue
            days = np.arange(first, high[where[0]])
            day[where] = days[calendar.draw(rng, calendar.day_weights(days, str(kind)), len(where))]
    return day


def _recorded(
    rng: np.random.Generator, day: np.ndarray, domestic: np.ndarray, tempo: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """The day of recording: mostly the same or the next, up to three weeks for domestic abuse, longer for sexual."""
    lag = np.floor(rng.exponential(0.7, len(day))).astype(np.int64)
    late = domestic & (rng.random(len(day)) < 0.35)
    lag[late] = rng.integers(1, 22, int(late.sum()))
    slow = (tempo == "sexual") & (rng.random(len(day)) < 0.4)
    lag[slow] = np.floor(rng.exponential(25, int(slow.sum()))).astype(np.int64)
    return np.minimum(day + lag, high - 1)


def _birth(day: np.ndarray, age: np.ndarray) -> np.ndarray:
    return (day - age * 365.2425).astype(np.int64)


def _victims(
    rng: np.random.Generator, people: Population, day: np.ndarray, age: np.ndarray, sex: np.ndarray,
    has_victim: np.ndarray, domestic: np.ndarray, mix: list[dict[str, str]], offence: np.ndarray,
) -> np.ndarray:  # fmt: skip
    victim = np.full(len(day), -1)
    victim[has_victim] = people.nearest(rng, sex[has_victim], _birth(day[has_victim], age[has_victim]))
    band = np.searchsorted(borough.BAND_FROM, age, side="right")
    sexual = np.array([row["tempo"] == "sexual" for row in mix])[offence]
    low = np.array([float(row["victim_from"]) for row in mix])[offence]
    high = np.array([float(row["victim_to"]) for row in mix])[offence]
    # Narrow-age offences keep their own victims; the others share recent victims of the same age band and sex.
    kind = domestic * 1000 + sexual * 500 + band * 10 + sex
    for each in np.unique(kind[has_victim]):
        where = np.flatnonzero(has_victim & (kind == each))
        where = where[np.argsort(day[where], kind="stable")]
        again = rng.random(len(where)) < REPEAT_SHARE["da" if each >= 1000 else "other"]
        back = rng.geometric(min(1.0, 6.0 / max(len(where), 6)), len(where))
        earlier = np.arange(len(where)) - back
        again &= earlier >= 0
        for i in np.flatnonzero(again):  # in order, so that a course of events may run on
            candidate = victim[where[earlier[i]]]
            years = (day[where[i]] - people.birth[candidate]) / 365.2425
            if low[where[i]] <= years < high[where[i]] + 1 and (each < 1000 or years >= 16):
                victim[where[i]] = candidate
    return victim


def _second_victims(
    rng: np.random.Generator, people: Population, day: np.ndarray, victim: np.ndarray, may: np.ndarray
) -> np.ndarray:
    second = np.full(len(day), -1)
    where = np.flatnonzero(may & (victim >= 0) & (rng.random(len(day)) < 0.06))
    wanted = people.birth[victim[where]] + np.round(rng.normal(0, 500, len(where))).astype(np.int64)
    found = people.nearest(rng, people.sex[victim[where]], np.minimum(wanted, day[where] - 400))
    second[where] = np.where(found == victim[where], -1, found)
    return second


PARTNERS = ("ex_partner", "partner", "spouse", "ex_spouse", "parent", "child", "sibling", "other_relative")
PARTNER_SHARES = np.array([0.36, 0.26, 0.13, 0.06, 0.04, 0.07, 0.05, 0.03])
OTHERS = ("stranger", "acquaintance", "friend", "neighbour", "colleague", "schoolmate", "")
OTHER_SHARES = np.array([0.38, 0.17, 0.06, 0.09, 0.03, 0.05, 0.22])
RELATIONSHIPS = PARTNERS + OTHERS


def _suspects(
    rng: np.random.Generator, people: Population, day: np.ndarray, age: np.ndarray, sex: np.ndarray,
    named: np.ndarray, domestic: np.ndarray, victim: np.ndarray, second: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    suspects = np.full(age.shape, -1)
    for slot in range(3):
        where = np.flatnonzero(named[:, slot] & ~domestic)
        found = people.nearest(rng, sex[where, slot], _birth(day[where], age[where, slot]))
        suspects[where, slot] = np.where((found == victim[where]) | (found == second[where]), -1, found)
    _reoffend(rng, people, day, suspects, domestic, np.column_stack([victim, second]))
    relationship = len(PARTNERS) + calendar.draw(rng, OTHER_SHARES, len(day))

    # A victim of domestic abuse meets the same perpetrator again, except where the couple has changed.
    where = np.flatnonzero(domestic)
    order = where[np.argsort(day[where], kind="stable")]
    kind = calendar.draw(rng, PARTNER_SHARES, len(order))
    shift = np.select([kind == 4, kind == 5], [9500.0, -9500.0], 0) + rng.normal(0, 1500, len(order))
    other_sex = np.where(rng.random(len(order)) < 0.94, 1 - people.sex[victim[order]], people.sex[victim[order]])
    sexes = np.where(kind <= 3, other_sex, np.where(rng.random(len(order)) < 0.72, MALE, FEMALE))
    born = people.birth[victim[order]] - np.round(shift).astype(np.int64)
    born = np.minimum(born, day[order] - round(16.2 * 365.2425))
    partner = people.nearest(rng, sexes, born)
    changed = rng.random(len(order)) < 0.12
    current: dict[int, tuple[int, int]] = {}
    for i, event in enumerate(order):
        who = int(victim[event])
        if who not in current or changed[i]:
            mate = int(partner[i]) if partner[i] != who else max(int(partner[i]) - 1, 0)
            current[who] = (mate, int(kind[i]))
        suspects[event, 0], relationship[event] = current[who]
    return suspects, relationship


def _reoffend(
    rng: np.random.Generator, people: Population, day: np.ndarray, suspects: np.ndarray, domestic: np.ndarray,
    victims: np.ndarray,
) -> None:  # fmt: skip
    """Some suspects of an age band are among those seen lately in it: most people once, a few often."""
    years = (day - people.birth[np.maximum(suspects[:, 0], 0)]) / 365.2425
    band = np.searchsorted(borough.BAND_FROM, years, side="right")
    eligible = (suspects[:, 0] >= 0) & ~domestic
    for each in np.unique(band[eligible]):
        where = np.flatnonzero(eligible & (band == each))
        where = where[np.argsort(day[where], kind="stable")]
        again = rng.random(len(where)) < REOFFEND_SHARE
        back = rng.geometric(min(1.0, 4.0 / max(len(where), 4)), len(where))
        earlier = np.arange(len(where)) - back
        for i in np.flatnonzero(again & (earlier >= 0)):
            seen = suspects[where[earlier[i]], 0]
            if seen not in victims[where[i]]:
                suspects[where[i], 0] = seen
    for slot in (1, 2):
        same = suspects[:, slot] == suspects[:, 0]
        suspects[same, slot] = -1
    suspects[suspects[:, 2] == suspects[:, 1], 2] = -1


def _overlap(
    rng: np.random.Generator, people: Population, victim: np.ndarray, second: np.ndarray,
    suspects: np.ndarray, day: np.ndarray, barred: np.ndarray,
) -> None:  # fmt: skip
    """Make the wanted share of victims under 25 appear as suspects too, in events of their own age band."""
    met = [(column, (day - people.birth[np.maximum(column, 0)]) / 365.2425) for column in (victim, second)]
    every = np.unique(np.concatenate([column[(column >= 0) & (age < 25)] for column, age in met]))
    young = np.unique(np.concatenate([column[(column >= 0) & (age < 25) & (age >= 10)] for column, age in met]))
    already = np.isin(every, suspects)
    missing = round(OVERLAP_SHARE * len(every)) - int(already.sum())
    if missing <= 0 or not len(young):
        return
    recruits = rng.permutation(young[~np.isin(young, suspects)])[:missing]
    first = suspects[:, 0]
    times = np.bincount(np.maximum(first, 0), minlength=len(people))
    years = np.where(first >= 0, (day - people.birth[np.maximum(first, 0)]) / 365.2425, 99)
    slots = rng.permutation(np.flatnonzero((years < 25) & ~barred & (times[np.maximum(first, 0)] == 1)))
    # Youngest recruits take the youngest slots, so that ages stay close; a slot never makes a person their own victim.
    recruits = recruits[: len(slots)]
    slots = slots[: len(recruits)]
    slots = slots[np.argsort(years[slots], kind="stable")]
    recruits = recruits[np.argsort(-people.birth[recruits], kind="stable")]
    fits = (victim[slots] != recruits) & (second[slots] != recruits) & (day[slots] - people.birth[recruits] > 3653)
    fits &= (suspects[slots, 1] != recruits) & (suspects[slots, 2] != recruits)
    suspects[slots[fits], 0] = recruits[fits]


def _where(
    rng: np.random.Generator, tempo: np.ndarray, place: np.ndarray, domestic: np.ndarray,
    day: np.ndarray, minute: np.ndarray, start: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """LSOA of each event; which earlier event a near repeat stays near (-1: none); what a tasking moved."""
    here = borough.places()
    home = here.ward_share * (0.6 + here.deprivation)
    public = np.isin(tempo, ("serious", "robbery")) & (place != "home") & ~domestic
    east = here.in_neighbourhood("East")
    street = home.copy()
    street[east] *= EAST_SHARE_SERIOUS / street[east].sum()
    street[~east] *= (1 - EAST_SHARE_SERIOUS) / street[~east].sum()
    within = np.array([0.19, 0.16, 0.14, 0.12, 0.11, 0.10, 0.09, 0.09])
    ward = np.where(public, calendar.draw(rng, street, len(day)), calendar.draw(rng, home, len(day)))
    corner = np.where(public, calendar.draw(rng, within, len(day)), rng.integers(0, borough.LSOAS_PER_WARD, len(day)))
    lsoa = ward * borough.LSOAS_PER_WARD + corner

    near = np.full(len(day), -1)
    where = np.flatnonzero(public)
    where = where[np.lexsort((minute[where], day[where]))]
    copies = np.flatnonzero(rng.random(len(where)) < NEAR_REPEAT_SHARE)
    spread = np.searchsorted(day[where], day[where] - 13)
    for i in copies:
        if spread[i] < i:
            source = where[int(rng.integers(spread[i], i))]
            lsoa[where[i]], near[where[i]] = lsoa[source], source
    pair = [here.ward_codes.index(code) for code in (HOTSPOT_WARD, CONTROL_WARD)]
    elsewhere = np.flatnonzero(~np.isin(here.lsoa_ward, pair))
    after = public & (day >= start + 7 * SHIFT_WEEK)
    gone: list[int] = []
    for ward_index in pair:
        # Chance would hide a fall of this size: both places first keep their earlier rate, then one falls.
        inside = rng.permutation(np.flatnonzero(after & (here.lsoa_ward[lsoa] == ward_index)))
        before = int((public & ~after & (here.lsoa_ward[lsoa] == ward_index)).sum())
        weeks = (int(day.max()) + 1 - start) / 7 - SHIFT_WEEK
        wanted = round(before / SHIFT_WEEK * max(weeks, 0))
        surplus = inside[wanted:]
        lsoa[surplus] = rng.choice(elsewhere, len(surplus))
        others = rng.permutation(np.flatnonzero(after & ~np.isin(here.lsoa_ward[lsoa], pair)))
        brought = others[: max(wanted - len(inside), 0)]
        lsoa[brought] = ward_index * borough.LSOAS_PER_WARD + rng.integers(0, borough.LSOAS_PER_WARD, len(brought))
        gone += [*surplus.tolist(), *brought.tolist()]
    moved = np.zeros(len(day), dtype=bool)
    inside = np.flatnonzero(after & (here.lsoa_ward[lsoa] == pair[0]))
    fallen = rng.permutation(inside)[: round(SHIFT_FALL * len(inside))]
    lsoa[fallen], moved[fallen] = rng.choice(elsewhere, len(fallen)), True
    gone += fallen.tolist()
    near[gone] = -1
    near[np.isin(near, gone)] = -1
    return lsoa, near, moved


def _link_damage(rng: np.random.Generator, made: Crimes, code: np.ndarray) -> None:
    """Some damage and arson happened during a violent crime: same day, place and people, one refers to the other."""
    damage = np.flatnonzero(np.isin(code, ("56A", "56B", "58A", "58C", "58D", "58J")))
    damage = damage[rng.random(len(damage)) < 0.09]
    main = np.flatnonzero(np.isin(code, ("8N", "5D", "3B", "34B", "20A", "105A")) & (made.victim >= 0))
    main = rng.permutation(main)[: len(damage)]
    for d, m in zip(damage, main, strict=False):
        if made.year[d] != made.year[m] or (made.domestic[d] and not made.domestic[m]):
            continue
        made.linked[d] = m
        for column in (made.day, made.minute, made.recorded, made.lsoa, made.x, made.y, made.child):
            column[d] = column[m]
        if made.domestic[d] == made.domestic[m]:
            made.victim[d], made.suspects[d] = made.victim[m], made.suspects[m]
            made.relationship[d], made.described[d] = made.relationship[m], made.described[m]
