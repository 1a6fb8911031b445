"""When things happen in Harbourside: seasons, school days, hours. Days are counted from 1 January 1970."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

# Hours 0 to 23 for people under 18 on a school day; the 9 am peak is the one the strategy reports.
CHILD_SCHOOL_DAY = np.array([1, 1, 0, 0, 0, 0, 1, 4, 8, 12, 5, 4, 5, 5, 5, 9, 11, 9, 7, 5, 4, 3, 2, 1], float)
CHILD_FREE_DAY = np.array([2, 1, 1, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 9, 8, 7, 6, 4, 3], float)
ADULT = np.array([5, 4, 3, 2, 2, 1, 1, 2, 3, 3, 3, 4, 4, 4, 4, 5, 5, 6, 6, 6, 7, 7, 7, 6], float)
DOMESTIC = np.array([6, 5, 4, 3, 2, 1, 1, 2, 3, 3, 3, 3, 3, 3, 3, 4, 4, 5, 6, 7, 8, 8, 8, 7], float)
DAYTIME = np.array([1, 1, 1, 1, 1, 1, 2, 3, 5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 5, 4, 4, 3, 2, 2], float)
EVENING_SHARE = 0.63  # of adults' events, so that 55% of all are in the evening
ROBBERY_AFTER_SCHOOL_SHARE = 0.38
DEFAULT_TIME_SHARE = 0.25
CHILD_AUGUST, CHILD_DECEMBER = 0.62, 0.78
WEEKEND_EXTRA = 1.2


def _evening(share: float) -> np.ndarray:
    hours = np.where(np.arange(24) >= 18, 0.0, ADULT)
    evening = np.where(np.arange(24) >= 18, np.array([0] * 18 + [6, 7, 8, 9, 9, 8], float), 0.0)
    return hours / hours.sum() * (1 - share) + evening / evening.sum() * share


SERIOUS = _evening(EVENING_SHARE)


def _after_school() -> np.ndarray:
    window = np.isin(np.arange(24), (15, 16, 17))
    inside, outside = np.where(window, [0] * 15 + [12, 15, 11] + [0] * 6, 0), np.where(window, 0, SERIOUS)
    return inside / inside.sum() * ROBBERY_AFTER_SCHOOL_SHARE + outside / outside.sum() * (
        1 - ROBBERY_AFTER_SCHOOL_SHARE
    )


CHILD_ROBBERY = _after_school()


def epoch(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def day_of(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=int(number))


def is_school_day(days: np.ndarray) -> np.ndarray:
    """Monday to Friday outside an invented but ordinary English school calendar."""
    when = days.astype("datetime64[D]")
    month = when.astype("datetime64[M]").astype(int) % 12 + 1
    of_month = (when - when.astype("datetime64[M]")).astype(int) + 1
    weekday = (days + 3) % 7  # 1 January 1970 was a Thursday
    holiday = (
        (month == 8)
        | ((month == 7) & (of_month >= 23))
        | ((month == 9) & (of_month <= 2))
        | ((month == 12) & (of_month >= 20))
        | ((month == 1) & (of_month <= 3))
        | ((month == 4) & (of_month <= 14))
        | ((month == 10) & (of_month >= 24))
        | ((month == 5) & (of_month >= 25))
        | ((month == 2) & (of_month >= 15) & (of_month <= 21))
    )
    return (weekday < 5) & ~holiday


def day_weights(days: np.ndarray, tempo: str) -> np.ndarray:
    """Relative chance of each day for a kind of event."""
    when = days.astype("datetime64[D]")
    month = when.astype("datetime64[M]").astype(int) % 12 + 1
    of_month = (when - when.astype("datetime64[M]")).astype(int) + 1
    weekend = (days + 3) % 7 >= 5
    weights = np.ones(len(days))
    if tempo == "child":
        weights[month == 8] *= CHILD_AUGUST
        weights[month == 12] *= CHILD_DECEMBER
        return weights
    weights *= np.where(np.isin(month, (6, 7, 8)), 1.05, 1.0)
    if tempo in ("serious", "robbery", "domestic"):
        weights[weekend] *= WEEKEND_EXTRA
    if tempo == "domestic":
        weights[(month == 1) & (of_month <= 7)] *= 1.35
    return weights


def draw(rng: np.random.Generator, weights: np.ndarray, size: int) -> np.ndarray:
    """Indexes drawn with the given weights."""
    cumulative = np.cumsum(weights / weights.sum())
    return np.minimum(np.searchsorted(cumulative, rng.random(size)), len(weights) - 1)


def times(
    rng: np.random.Generator, days: np.ndarray, tempo: np.ndarray, child: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Minutes after midnight of each event, and which of them an agency merely entered as 09:00."""
    hour = np.zeros(len(days), dtype=np.int64)
    school = is_school_day(days)
    groups = (
        (child & school & (tempo == "robbery"), CHILD_ROBBERY),
        (child & school & (tempo != "robbery"), CHILD_SCHOOL_DAY),
        (child & ~school, CHILD_FREE_DAY),
        (~child & np.isin(tempo, ("serious", "robbery")), SERIOUS),
        (~child & (tempo == "domestic"), DOMESTIC),
        (~child & np.isin(tempo, ("adult", "general", "sexual")), ADULT),
        (~child & (tempo == "day"), DAYTIME),
    )
    for where, weights in groups:
        hour[where] = draw(rng, weights, int(where.sum()))
    # Officers round: most times end in a multiple of five minutes.
    minute = np.where(rng.random(len(days)) < 0.7, 5 * rng.integers(0, 12, len(days)), rng.integers(0, 60, len(days)))
    arrival = child & school & (tempo != "robbery") & (hour == 9)
    artefact = arrival & (rng.random(len(days)) < DEFAULT_TIME_SHARE)
    near_school = arrival & ~artefact
    minute[near_school] = rng.integers(1, 16, int(near_school.sum()))
    before = child & school & (tempo != "robbery") & (hour == 8)
    minute[before] = rng.integers(30, 60, int(before.sum()))
    total = hour * 60 + minute
    total[artefact] = 9 * 60
    return total, artefact


def without_clock_change(stamps: np.ndarray) -> np.ndarray:
    """Move local times that the last Sunday of March skips (01:00 to 01:59) on by an hour."""
    when = stamps.astype("datetime64[m]")
    day = when.astype("datetime64[D]")
    month = when.astype("datetime64[M]").astype(int) % 12 + 1
    of_month = (day - when.astype("datetime64[M]").astype("datetime64[D]")).astype(int) + 1
    sunday = (day.astype(int) + 3) % 7 == 6
    hour = (when - day).astype(int) // 60
    skipped = (month == 3) & sunday & (of_month > 24) & (hour == 1)
    return np.where(skipped, when + np.timedelta64(60, "m"), when)
