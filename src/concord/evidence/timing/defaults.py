"""Times that a form filled in: how many events stand at 09:00 because nobody knew better, with an interval.

People round times, so that every hour has more events on the hour than chance would put there. What a form fills in
comes on top, at one clock time. Three things are known of the hour of a suspect time: its events, how many of them
carry the mark, and how often genuine times of *other* hours fall on that minute of the hour (the habit of rounding).
If genuine times of this hour are rounded by the same habit p, the others of the hour are 1 - p of its genuine events,
and what is left at the mark is defaults.

Whether they are rounded by the same habit cannot be known (those who wait at a school gate at 08:57 may say so), so the
interval does not assume it: its lower end takes the strongest habit that other hours show, its upper end none at all
(bounds on what is not identified, after Manski 2003), each with the sampling error of the hour (Wilson 1927).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from statistics import NormalDist

import duckdb

from concord.kernel.intervals import wilson
from concord.kernel.measures import Estimate, Interval
from concord.strategy.shapes.measurement import DefaultTimes

DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Habit:
    """How often genuine times fall on one minute of the hour: `share`, and the strongest that hours show, `most`."""

    share: float
    most: float
    events: int


@dataclass(frozen=True, slots=True)
class Artefact:
    """What was found at one clock time. `share` is of the events of its hour, in percent, with its interval."""

    mark: time
    at_mark: int
    in_hour: int
    habit: Habit
    share: Estimate | None
    """None where the hour has too few events to say."""
    suspect: bool
    """Whether more stand at the mark than the strongest habit of other hours explains."""

    @property
    def events(self) -> float:
        """How many of the hour's events are estimated to be defaults."""
        return self.share.value / 100 * self.in_hour if self.share else 0.0

    @property
    def words(self) -> str:
        """A sentence for whoever reads the hour."""
        at = f"{self.mark:%H:%M}"
        if self.share is None or self.share.interval is None:
            return f"{self.in_hour:,} events between {self.mark:%H}:00 and {self.mark:%H}:59 are too few to test {at}."
        low, high = self.share.interval.low, self.share.interval.high
        told = f"{self.at_mark:,} of the hour's {self.in_hour:,} events are timed {at} exactly"
        if not self.suspect:
            return f"{told}: no more than people round."
        return f"{told}; {low:.0f}% to {high:.0f}% of the hour are likely to be times that were filled in."


def minute_counts(connection: duckdb.DuckDBPyConnection, relation: str, local: str) -> list[int]:
    """Events of `relation` at each minute of the day: 1,440 numbers. `local` is a timestamp or SQL for one."""
    found = [0] * DAY_MINUTES
    for minute, events in connection.execute(
        f"SELECT hour({local}) * 60 + minute({local}), count(*) FROM {relation} WHERE {local} IS NOT NULL GROUP BY 1"
    ).fetchall():
        found[minute] = events
    return found


def artefacts(by_minute: Sequence[int], rule: DefaultTimes) -> tuple[Artefact, ...]:
    """What stands at each of the rule's marks, in the rule's order. `by_minute` has 1,440 counts of one group.

    A mark is called suspect at the rule's confidence after Bonferroni's correction for the number of marks.
    Raises ValueError where there are not 1,440 counts.
    """
    if len(by_minute) != DAY_MINUTES:
        raise ValueError(f"a day has {DAY_MINUTES} minutes, not {len(by_minute)}")
    marks = [_minute(mark) for mark in rule.marks]
    strict = 1 - (1 - rule.confidence) / len(marks)
    usual = [hour for hour in range(24) if all(mark // 60 != hour for mark in marks)]
    return tuple(_looked_at(by_minute, mark, marks, usual, rule, strict) for mark in marks)


def _looked_at(
    by_minute: Sequence[int], mark: int, marks: Sequence[int], usual: Sequence[int], rule: DefaultTimes, strict: float
) -> Artefact:
    hour = mark // 60
    in_hour = sum(by_minute[hour * 60 : hour * 60 + 60])
    at = by_minute[mark]
    # Other marks of the hour hold defaults too, so only the minutes that nobody fills in tell of genuine events.
    beside = [each for each in marks if each // 60 == hour and each != mark]
    other_marks = sum(by_minute[each] for each in beside)
    held_by_others = sum(_habit(by_minute, each % 60, usual, rule.confidence).share for each in beside)
    habit = _habit(by_minute, mark % 60, usual, rule.confidence)
    where = time(hour, mark % 60)
    if in_hour < rule.at_least_events or not habit.events:
        return Artefact(where, at, in_hour, habit, None, suspect=False)

    def left(part: float, rounded: float) -> float:
        """Share of the hour that is defaults, where `part` of it stands at the mark and genuine times round so."""
        genuine = max(1 - part - other_marks / in_hour, 0.0) / max(1 - rounded - held_by_others, 1e-9)
        return min(max(part - rounded * genuine, 0.0), 1.0)

    low, high = wilson(at, in_hour, rule.confidence)
    surely = _habit(by_minute, mark % 60, usual, strict)
    estimate = Estimate(
        100 * left(at / in_hour, habit.share),
        "%",
        Interval(100 * left(low, habit.most), 100 * high, rule.confidence),
        "excess over the habit of rounding in other hours; from the strongest habit to none, Wilson",
    )
    suspect = left(wilson(at, in_hour, strict)[0], surely.most) > 0
    return Artefact(where, at, in_hour, habit, estimate, suspect)


def _habit(by_minute: Sequence[int], minute: int, hours: Sequence[int], level: float) -> Habit:
    """The share of genuine times on this minute of the hour, over `hours`, and the most that an hour may have.

    Hours differ by more than chance; their variance is added to chance's (method of moments, DerSimonian and Laird
    1986), so that a strong habit in some hours is not taken for defaults in another.
    """
    counts = [(by_minute[hour * 60 + minute], sum(by_minute[hour * 60 : hour * 60 + 60])) for hour in hours]
    counts = [(at, whole) for at, whole in counts if whole]
    events = sum(whole for _, whole in counts)
    if not events:
        return Habit(0.0, 1.0, 0)
    share = sum(at for at, _ in counts) / events
    if not 0 < share < 1:
        return Habit(share, wilson(share * events, events, level)[1], events)
    chance = share * (1 - share)
    weights = [whole / chance for _, whole in counts]
    between = sum(w * (at / whole - share) ** 2 for w, (at, whole) in zip(weights, counts, strict=True))
    spread = sum(weights) - sum(w * w for w in weights) / sum(weights)
    variance = max(0.0, (between - (len(counts) - 1)) / spread) if spread > 0 else 0.0
    z = NormalDist().inv_cdf((1 + level) / 2)
    return Habit(share, min(share + z * math.sqrt(variance + chance / events), 1.0), events)


def suspect_default_sql(local: str, found: Sequence[Artefact]) -> str:
    """SQL that is true of an event at a clock time found suspect, false of others, null without a time.

    A mark, not a verdict: some events did happen at 09:00. Nothing is left out by it; figures say both.
    """
    marks = [_minute(each.mark) for each in found if each.suspect]
    listed = ", ".join(map(str, marks))
    at = f"hour({local}) * 60 + minute({local}) IN ({listed})" if marks else "false"
    return f"CASE WHEN {local} IS NULL THEN NULL ELSE {at} END"


@dataclass(frozen=True, slots=True)
class HourCount:
    """Events of one hour of the day: all, those not at a suspect time, and all less the estimated defaults."""

    hour: int
    events: int
    unmarked: int
    less_defaults: float


def hour_profile(by_minute: Sequence[int], found: Sequence[Artefact]) -> tuple[HourCount, ...]:
    """The day by hours, with and without what may have been filled in."""
    profile = []
    for hour in range(24):
        events = sum(by_minute[hour * 60 : hour * 60 + 60])
        here = [each for each in found if each.suspect and each.mark.hour == hour]
        profile.append(
            HourCount(
                hour, events, events - sum(each.at_mark for each in here), events - sum(each.events for each in here)
            )
        )
    return tuple(profile)


def _minute(mark: time) -> int:
    return mark.hour * 60 + mark.minute
