"""What the desk counts of its own work, in the form of every agency's return: counts, never a line about one.

Fewer people are in a quarter of a small borough than a public figure may show: suppression is the release's work, and
nothing here leaves the evidence side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from concord.evidence.extracts.calendar import period_of
from concord.jobs.own_return import Line, write_quarters

FEED = "desk_returns"
SCREENING, NEEDS, GRAVITY = "exploitation_screening", "needs_assessment", "child_gravity"

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Tally:
    """What one thing adds to a measure: its part of the numerator and of the denominator (None: a plain count)."""

    measure: str
    day: date
    part: int
    of: int | None
    groups: tuple[tuple[str, str], ...] = ()


def write(home: Path, tallies: Iterable[Tally], today: date) -> list[Path]:
    """Write `outbox/desk_returns_YYYY-Qn.csv` for each quarter that is over and has something to count.

    Raises Environment where the disk refuses.
    """
    return write_quarters(home, FEED, lines(tallies, today))


def lines(tallies: Iterable[Tally], today: date) -> list[Line]:
    """The lines of the return, quarter by quarter: everybody, and each group."""
    parts: Counter[tuple[str, date, date, str, str]] = Counter()
    wholes: Counter[tuple[str, date, date, str, str]] = Counter()
    plain: set[str] = set()
    for each in tallies:
        quarter = period_of("quarter", each.day)
        if quarter.end >= today:
            continue
        if each.of is None:
            plain.add(each.measure)
        for breakdown, category in (("all", ""), *each.groups):
            key = (each.measure, quarter.start, quarter.end, breakdown, category)
            parts[key] += each.part
            wholes[key] += each.of or 0
    return [(*key, parts[key], "" if key[0] in plain else wholes[key]) for key in sorted(wholes)]


def of_pathways(rows: Iterable[Any]) -> Iterator[Tally]:
    """What `referrals.queries.extract_measures` tells of."""
    for row in rows:
        yield Tally(row.measure, row.day, int(row.counts), 1 if row.whole else None, row.groups)


def of_sittings(rows: Iterable[Row]) -> Iterator[Tally]:
    """Core seats filled and sittings with a quorum, by forum and seat, from `panels.queries.extract_sittings`."""
    for row in rows:
        day, forum, filled = _day(row["met_on"]), ("panel", str(row["forum"])), set(_names(row["filled"]))
        yield Tally("panel_sittings_quorate", day, int(row["quorate"] is True), 1, (forum,))
        for seat in _names(row["seats"]):
            yield Tally("panel_seats_filled", day, int(seat in filled), 1, (forum, ("seat", seat)))


def of_hearings(rows: Iterable[Row]) -> Iterator[Tally]:
    """Days from a referral to its first hearing, and repeats among cases, from `panels.queries.extract_hearings`."""
    for row in rows:
        day, forum = _day(row["met_on"]), ("panel", str(row["forum"]))
        if row["first_hearing"] == "yes" and isinstance(row["days_to"], int):
            yield Tally("days_from_referral_to_hearing", day, max(0, row["days_to"]), 1, (forum,))
        yield Tally("panel_cases_repeat", day, int(row["repeat"] == "yes"), 1, (forum,))


def _day(value: object) -> date:
    if not isinstance(value, date):
        raise TypeError("a row of the extract has a day")
    return value


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, tuple | list) else ()


def of_assessments(rows: Iterable[Row], today: date) -> Iterator[Tally]:
    """Screenings, assessments in time, decisions with their reasons, from `instruments.queries.extract_assessments`."""
    for row in rows:
        for measure, day, counts, groups in _counted(row, today):
            yield Tally(measure, day, int(counts), None if measure == "exploitation_screenings" else 1, groups)


def _counted(row: Row, today: date) -> Iterator[tuple[str, date, bool, tuple[tuple[str, str], ...]]]:
    """(measure, the day it falls on, whether it counts in the numerator, its groups) for each measure of a row."""
    decided, due, agency = row["decided_on"], row["due_on"], str(row["agency"])
    if row["instrument"] == SCREENING and isinstance(decided, date):
        yield "exploitation_screenings", decided, True, (("agency", agency), ("level", str(row["level"])))
    if row["instrument"] == NEEDS and row["eligible"] is True and isinstance(due, date) and due < today:
        yield (
            "needs_assessed_within_20_working_days",
            due,
            isinstance(decided, date) and decided <= due,
            (("agency", agency),),
        )
    if row["instrument"] == GRAVITY and isinstance(decided, date):
        yield "gravity_decisions_with_rationale", decided, row["rationale"] is True, (("agency", agency),)
