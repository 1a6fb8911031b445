"""What the desk counts of its own assessments, in the form of every agency's return: counts, never a line about one.

Fewer people are in a quarter of a small borough than a public figure may show: suppression is the release's work, and
nothing here leaves the evidence side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

from concord.evidence.extracts.calendar import period_of
from concord.jobs.own_return import Line, write_quarters

FEED = "desk_returns"
SCREENING, NEEDS, GRAVITY = "exploitation_screening", "needs_assessment", "child_gravity"

Row = Mapping[str, object]


def write(home: Path, rows: Iterable[Row], today: date) -> list[Path]:
    """Write `outbox/desk_returns_YYYY-Qn.csv` for each quarter that is over and has something to count.

    `rows` are those of `instruments.queries.extract_assessments`. Raises Environment where the disk refuses.
    """
    return write_quarters(home, FEED, lines(rows, today))


def lines(rows: Iterable[Row], today: date) -> list[Line]:
    """The lines of the return: screenings, assessments in time, decisions with their reasons, quarter by quarter."""
    parts: Counter[tuple[str, date, date, str, str]] = Counter()
    wholes: Counter[tuple[str, date, date, str, str]] = Counter()
    plain = {"exploitation_screenings"}
    for row in rows:
        for measure, day, counts, groups in _counted(row, today):
            quarter = period_of("quarter", day)
            if quarter.end >= today:
                continue
            for breakdown, category in (("all", ""), *groups):
                key = (measure, quarter.start, quarter.end, breakdown, category)
                parts[key] += counts
                wholes[key] += 1
    return [(*key, parts[key], "" if key[0] in plain else wholes[key]) for key in sorted(wholes)]


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
