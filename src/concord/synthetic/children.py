"""What schools and the police write about children: suspensions and child notifications, as they truly were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concord.synthetic import calendar
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
    pupil = people.nearest(rng, sex, (day - (year + 5.5 + rng.random(total) * 0.6) * 365.2425).astype(np.int64))
    recruits = np.unique(crimes.suspects[crimes.suspects >= 0])
    recruits = recruits[(start - people.birth[recruits]) < 16.5 * 365.2425]
    recruits = rng.permutation(recruits[school_year(people, recruits, np.full(len(recruits), start)) >= 7])
    slots = rng.permutation(total)[: min(len(recruits), int(SUSPENDED_KNOWN_TO_POLICE * total))]
    pupil[slots] = recruits[: len(slots)]
    # About a third of suspensions are of a pupil suspended before.
    back = rng.geometric(min(1.0, 4 / total), total)
    for i in np.flatnonzero(rng.random(total) < 0.33):
        if i - back[i] >= 0:
            pupil[i] = pupil[i - back[i]]
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
    missing = exploited[rng.random(len(exploited)) < EXPLOITED_MISSING]
    episodes = np.repeat(missing, 1 + rng.geometric(0.4, len(missing)))
    days = np.arange(start, end)
    school_days = days[calendar.is_school_day(days)]
    if not len(school_days):
        school_days = days
    in_school = rng.random(len(episodes)) < MISSING_IN_SCHOOL_HOURS
    missing_at = np.where(
        in_school,
        rng.choice(school_days, len(episodes)) * 1440 + rng.integers(9 * 60, 15 * 60 + 30, len(episodes)),
        rng.choice(days, len(episodes)) * 1440 + rng.integers(17 * 60, 24 * 60, len(episodes)),
    )
    concern_at = rng.choice(days, len(exploited)) * 1440 + rng.integers(8 * 60, 22 * 60, len(exploited))
    left = max(total - len(met) - len(seen) - len(homes) - len(episodes) - len(exploited), 0)
    others = people.nearest(
        rng, rng.integers(0, 2, left), rng.choice(days, left) - (rng.uniform(4, 17.4, left) * 365.2425).astype(np.int64)
    )
    other_at = rng.choice(days, left) * 1440 + rng.integers(7 * 60, 24 * 60, left)
    other_reason = np.where(rng.random(left) < 0.55, 0, 5)
    lag = rng.integers(20, 20 * 60, len(met) + len(seen) + len(homes))
    child = np.concatenate([crimes.victim[met], crimes.suspects[seen, 0], at_home, episodes, exploited, others])
    stamp = np.concatenate([stamp_of_crime[np.concatenate([met, seen, homes])] + lag, missing_at, concern_at, other_at])
    reason = np.concatenate(
        [np.full(len(met), 2), np.full(len(seen), 3), np.full(len(homes), 1), np.full(len(episodes), 0),
         np.full(len(exploited), 4), other_reason]
    )  # fmt: skip
    age_then = (stamp // 1440 - people.birth[child]) / 365.2425
    kept = np.flatnonzero((stamp >= start * 1440) & (stamp < end * 1440) & (age_then >= 0) & (age_then < 18))
    order = kept[np.argsort(stamp[kept], kind="stable")]
    return Notifications(child=child[order], stamp=stamp[order], reason=reason[order], exploited=exploited)


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
