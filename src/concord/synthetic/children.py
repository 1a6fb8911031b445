"""What schools and the police write about children: suspensions and child notifications, as they truly were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from concord.synthetic import calendar
from concord.synthetic.calendar import day_of, epoch
from concord.synthetic.crimes import Crimes
from concord.synthetic.population import FEMALE, MALE, Population

SUSPENSIONS_A_YEAR, NOTIFICATIONS_A_YEAR = 1450, 2600
SUSPENDED_BOYS, SUSPENDED_YEARS_8_TO_11 = 0.68, 0.81
SUSPENDED_KNOWN_TO_POLICE = 0.16
EXPLOITED_A_YEAR = 60
EXPLOITED_MALE, EXPLOITED_MISSING, MISSING_IN_SCHOOL_HOURS = 0.82, 0.50, 0.45
SUSPENSION_REASONS = ("PP", "PA", "VP", "VA", "BU", "OW", "DA", "DM", "TH", "SM", "DB")
SUSPENSION_SHARES = np.array([0.20, 0.05, 0.05, 0.16, 0.03, 0.03, 0.04, 0.03, 0.02, 0.02, 0.37])
REASONS = (
    "missing",
    "domestic_abuse_in_household",
    "victim_of_crime",
    "suspect_of_crime",
    "exploitation_concern",
    "other",
)


@dataclass
class Suspensions:
    """One entry for each suspension. `day` is days since 1970; `year_group` 7 to 13, or 1 to 6."""

    pupil: np.ndarray
    day: np.ndarray
    year_group: np.ndarray
    sessions: np.ndarray
    reason: np.ndarray


@dataclass
class Notifications:
    """One entry for each child notification; `stamp` is minutes since 1970 in local time."""

    child: np.ndarray
    stamp: np.ndarray
    reason: np.ndarray
    exploited: np.ndarray  # people, not entries: the children whom exploitation truly affects
    missing_from: np.ndarray  # minutes since 1970; means something where the reason is that the child is missing
    found_at: np.ndarray


def school_year(people: Population, who: np.ndarray, day: np.ndarray) -> np.ndarray:
    """The National Curriculum year of each child on a day (1 September is the boundary)."""

    def september(days: np.ndarray) -> np.ndarray:
        when = days.astype("datetime64[D]")
        return when.astype("datetime64[Y]").astype(int) - (when.astype("datetime64[M]").astype(int) % 12 < 8)

    return september(day) - september(people.birth[who]) - 5


def suspend(
    rng: np.random.Generator, people: Population, crimes: Crimes, *, start: int, end: int, size: float
) -> Suspensions:
    """Suspensions on school days; most pupils once, some often, some also suspects of recorded crime."""
    total = max(4, int(SUSPENSIONS_A_YEAR * size * (end - start) / 365.25))
    days = np.arange(start, end)
    school_days = days[calendar.is_school_day(days)]
    if not len(school_days):  # a run of August alone
        nobody = np.zeros(0, dtype=np.int64)
        return Suspensions(pupil=nobody, day=nobody, year_group=nobody, sessions=nobody, reason=nobody)
    day = np.sort(rng.choice(school_days, total))
    older = rng.random(total) < SUSPENDED_YEARS_8_TO_11
    year = np.where(older, 8 + calendar.draw(rng, np.array([0.2, 0.27, 0.3, 0.23]), total), 7)
    year = np.where(~older, rng.choice(np.array([3, 4, 5, 6, 7, 7, 7, 12]), total), year)
    sex = np.where(rng.random(total) < SUSPENDED_BOYS, MALE, FEMALE)
    # A pupil of year n turns n + 5 within the school year, which begins on 1 September.
    into_year = (day - np.array([epoch(date(d.year - (d.month < 9), 9, 1)) for d in map(day_of, day)])) / 365.2425
    pupil = people.nearest(rng, sex, (day - (year + 4 + into_year + rng.uniform(0.03, 0.97, total)) * 365.2425).astype(
        np.int64))  # fmt: skip
    recruits = rng.permutation(np.unique(crimes.suspects[crimes.suspects >= 0]))
    wanted = int(SUSPENDED_KNOWN_TO_POLICE * total)
    for each in (MALE, FEMALE):  # pupils whom the police know take places of their own sex and years
        slots = rng.permutation(np.flatnonzero(older & (sex == each)))
        mine = recruits[people.sex[recruits] == each]
        mine = mine[(start - people.birth[mine] < 16.4 * 365.2425) & (end - people.birth[mine] > 12 * 365.2425)]
        slots, mine = slots[: min(len(slots), len(mine))], mine[: min(len(slots), len(mine))]
        then = school_year(people, mine, day[slots])
        fits = np.flatnonzero((then >= 8) & (then <= 11))[: round(wanted * (0.75 if each == MALE else 0.25))]
        pupil[slots[fits]] = mine[fits]
    # About a third of suspensions are of a pupil suspended before, still in the same years of school.
    back = rng.geometric(min(1.0, 4 / total), total)
    for i in np.flatnonzero(rng.random(total) < 0.4):
        before = pupil[max(i - back[i], 0)]
        then = int(school_year(people, before[None], day[[i]])[0])
        if i >= back[i] and people.sex[before] == sex[i] and (8 <= then <= 11) == older[i] and 1 <= then <= 13:
            pupil[i] = before
    true_year = school_year(people, pupil, day)
    fits = (true_year >= 1) & (true_year <= 13)
    return Suspensions(
        pupil=pupil[fits], day=day[fits], year_group=true_year[fits],
        sessions=np.minimum(1 + rng.geometric(0.28, total), 10)[fits],
        reason=calendar.draw(rng, SUSPENSION_SHARES, total)[fits],
    )  # fmt: skip


def notify(
    rng: np.random.Generator, people: Population, crimes: Crimes, *, start: int, end: int, size: float
) -> Notifications:
    """Child notifications: children met at crimes, missing episodes, concerns about exploitation."""
    total = max(24, int(NOTIFICATIONS_A_YEAR * size * (end - start) / 365.25))
    stamp_of_crime = crimes.day * 1440 + crimes.minute
    age = np.where(crimes.victim >= 0, (crimes.day - people.birth[np.maximum(crimes.victim, 0)]) / 365.2425, 99)
    victims = np.flatnonzero(age < 18)
    suspect_age = (crimes.day - people.birth[np.maximum(crimes.suspects[:, 0], 0)]) / 365.2425
    suspects = np.flatnonzero((crimes.suspects[:, 0] >= 0) & (suspect_age < 18))
    met = rng.permutation(victims)[: int(total * 0.24)]
    seen = rng.permutation(suspects)[: int(total * 0.16)]
    homes = rng.permutation(np.flatnonzero(crimes.domestic))[: int(total * 0.25)]
    at_home = people.nearest(
        rng, rng.integers(0, 2, len(homes)),
        crimes.day[homes] - (rng.uniform(0.5, 16, len(homes)) * 365.2425).astype(np.int64),
    )  # fmt: skip

    exploited = _exploited(rng, people, crimes, start=start, end=end, size=size)
    days = np.arange(start, end)
    episodes, missing_at, gone, back = _episodes(rng, people, exploited, start=start, end=end)
    concern_at = _young_days(rng, people, exploited, days) * 1440 + rng.integers(8 * 60, 22 * 60, len(exploited))
    left = max(total - len(met) - len(seen) - len(homes) - len(episodes) - len(exploited), 0)
    others = people.nearest(
        rng, rng.integers(0, 2, left), rng.choice(days, left) - (rng.uniform(4, 17.4, left) * 365.2425).astype(np.int64)
    )
    other_at = rng.choice(days, left) * 1440 + rng.integers(7 * 60, 24 * 60, left)
    other_reason = np.where(rng.random(left) < 0.55, 0, 5)
    other_gone = other_at - rng.integers(20, 180, left)
    other_back = other_at + np.ceil(rng.exponential(11 * 60, left)).astype(np.int64)
    lag = rng.integers(20, 20 * 60, len(met) + len(seen) + len(homes))
    child = np.concatenate([crimes.victim[met], crimes.suspects[seen, 0], at_home, episodes, exploited, others])
    stamp = np.concatenate([stamp_of_crime[np.concatenate([met, seen, homes])] + lag, missing_at, concern_at, other_at])
    reason = np.concatenate(
        [np.full(len(met), 2), np.full(len(seen), 3), np.full(len(homes), 1), np.full(len(episodes), 0),
         np.full(len(exploited), 4), other_reason]
    )  # fmt: skip
    unknown = np.zeros(len(met) + len(seen) + len(homes), dtype=np.int64)
    never = np.zeros(len(exploited), dtype=np.int64)
    gone = np.concatenate([unknown, gone, never, other_gone])
    back = np.concatenate([unknown, back, never, other_back])
    age_then = (stamp // 1440 - people.birth[child]) / 365.2425
    kept = np.flatnonzero((stamp >= start * 1440) & (stamp < end * 1440) & (age_then >= 0) & (age_then < 18))
    order = kept[np.argsort(stamp[kept], kind="stable")]
    gone = np.where(gone[order] > 0, gone[order], stamp[order] - 60)
    back = np.where(back[order] > 0, back[order], stamp[order] + 300)
    return Notifications(
        child=child[order], stamp=stamp[order], reason=reason[order], exploited=exploited,
        missing_from=np.maximum(gone, start * 1440), found_at=back,
    )  # fmt: skip


SCHOOL_FROM, SCHOOL_TO = 9 * 60, 15 * 60 + 30


def missing_overlaps_school(left: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Whether any school day, 09:00 to 15:30, lies partly within each absence (minutes since 1970)."""
    overlaps = np.zeros(len(left), dtype=bool)
    for ahead in range(int(np.max((found - left) // 1440 + 2, initial=1))):
        day = left // 1440 + ahead
        overlaps |= calendar.is_school_day(day) & (left < day * 1440 + SCHOOL_TO) & (found > day * 1440 + SCHOOL_FROM)
    return overlaps


def _episodes(
    rng: np.random.Generator, people: Population, exploited: np.ndarray, *, start: int, end: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Missing episodes of half of the exploited children: child, when reported, when gone and when found.

    The wanted share of them overlaps school hours; the others begin in the evening and end before school.
    """
    young = exploited[people.birth[exploited] + 6570 > start + 3]  # not yet 18 when the span begins
    missing = rng.permutation(young)[: round(EXPLOITED_MISSING * len(exploited))]
    child = np.repeat(missing, 1 + rng.geometric(0.4, len(missing)))
    total = len(child)
    days = np.arange(start, end)
    school_days = days[calendar.is_school_day(days)]
    in_school = np.zeros(total, dtype=bool)
    if len(school_days):
        in_school[rng.permutation(total)[: round(MISSING_IN_SCHOOL_HOURS * total)]] = True
    day = np.where(in_school, _young_days(rng, people, child, school_days if len(school_days) else days),
                   _young_days(rng, people, child, days))  # fmt: skip
    gone = day * 1440 + np.where(
        in_school, rng.integers(SCHOOL_FROM, SCHOOL_TO - 30, total), rng.integers(17 * 60, 22 * 60, total)
    )
    long = np.ceil(rng.exponential(14 * 60, total)).astype(np.int64) + 30
    back = np.where(in_school, gone + long, np.minimum(gone + long, (day + 1) * 1440 + SCHOOL_FROM - 30))
    reported = np.minimum(gone + rng.integers(10, 180, total), back)
    # the last of the span may still be reported in it
    reported = np.minimum(reported, end * 1440 - 1)
    return child, reported, gone, back


def _young_days(rng: np.random.Generator, people: Population, child: np.ndarray, days: np.ndarray) -> np.ndarray:
    """For each child one of `days` (sorted) on which it is under 18; the first of them where there is none."""
    last = np.searchsorted(days, people.birth[child] + 6570)
    return days[(rng.random(len(child)) * np.maximum(last, 1)).astype(np.int64)]


def _exploited(
    rng: np.random.Generator, people: Population, crimes: Crimes, *, start: int, end: int, size: float
) -> np.ndarray:
    """Children aged 13 to 17, mostly 15 and 16, some of whom the police also know as suspects."""
    total = max(4, int(EXPLOITED_A_YEAR * size * (end - start) / 365.25))
    age = 13 + calendar.draw(rng, np.array([0.10, 0.18, 0.30, 0.28, 0.14]), total) + rng.random(total) * 0.9
    sex = np.where(rng.random(total) < EXPLOITED_MALE, MALE, FEMALE)
    found = people.nearest(rng, sex, ((start + end) / 2 - age * 365.2425).astype(np.int64))
    known = np.unique(crimes.suspects[crimes.suspects >= 0])
    years = ((start + end) / 2 - people.birth[known]) / 365.2425
    known = rng.permutation(known[(years >= 13.5) & (years < 17) & (people.sex[known] == MALE)])
    take = min(len(known), int(total * 0.4))
    males = np.flatnonzero(people.sex[found] == MALE)[:take]
    found[males] = known[: len(males)]
    return np.unique(found)
