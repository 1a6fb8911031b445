"""When a contact's clocks run out. Hub hours 9 to 17, Monday to Friday, bank holidays of England and Wales closed."""

from __future__ import annotations

import csv
import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from concord.desk.referrals import rules
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.pathway import SHAPE, Pathway

NATIONAL = Path(__file__).resolve().parents[2] / "partnerships" / "national"
MASH: Pathway = TypeAdapter(SHAPE).validate_python(
    tomllib.loads((NATIONAL / "pathways" / "mash_contact.toml").read_text("utf-8"))
)
HOLIDAYS = frozenset(
    date.fromisoformat(row["date"])
    for row in csv.DictReader((NATIONAL / "codelists" / "bank_holidays.csv").read_text("utf-8").splitlines())
)
WORKING = rules.working_time(MASH.hours, HOLIDAYS)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


# rating (None: the statutory decision), received, due, why
TABLE = [
    (None, "2026-06-01T10:00", "2026-06-02T17:00", "Monday morning: end of Tuesday"),
    (None, "2026-06-01T16:59", "2026-06-02T17:00", "a minute before closing still counts as Monday"),
    (None, "2026-06-01T17:00", "2026-06-03T17:00", "at closing it counts from Tuesday"),
    (None, "2026-06-01T03:00", "2026-06-02T17:00", "before opening it counts as that day"),
    (None, "2026-06-05T15:00", "2026-06-08T17:00", "Friday: end of Monday"),
    (None, "2026-06-06T12:00", "2026-06-09T17:00", "Saturday counts as received on Monday"),
    (None, "2026-05-22T12:00", "2026-05-26T17:00", "Friday before the spring bank holiday: Tuesday"),
    (None, "2026-05-25T12:00", "2026-05-27T17:00", "on the bank holiday itself: as if on Tuesday"),
    (None, "2026-04-02T10:00", "2026-04-07T17:00", "Maundy Thursday: Good Friday and Easter Monday are closed"),
    (None, "2026-12-24T16:00", "2026-12-29T17:00", "Christmas Eve: 25 and the substitute 28 are closed"),
    (None, "2026-12-31T10:00", "2027-01-04T17:00", "New Year's Eve: Friday 1 January is closed"),
    (None, "2026-03-27T16:00", "2026-03-30T17:00", "over the change to summer time: still 17:00 on the clock"),
    ("red", "2026-06-01T10:00", "2026-06-01T14:00", "red: four hours"),
    ("red", "2026-06-01T16:00", "2026-06-01T20:00", "red runs on after closing"),
    ("red", "2026-06-06T23:00", "2026-06-07T03:00", "red runs on through Saturday night"),
    ("red", "2026-12-25T08:00", "2026-12-25T12:00", "red runs on at Christmas"),
    ("amber", "2026-06-01T10:00", "2026-06-02T17:00", "amber: one working day"),
    ("amber", "2026-06-05T18:00", "2026-06-09T17:00", "amber after closing on Friday: as if on Monday"),
    ("green", "2026-06-01T10:00", "2026-06-04T17:00", "green: three working days"),
    ("green", "2026-05-21T10:00", "2026-05-27T17:00", "green over a weekend and a bank holiday"),
]


@pytest.mark.parametrize(("rag", "received", "due", "why"), TABLE, ids=[row[3] for row in TABLE])
def test_due(rag, received, due, why):
    clock = rules.clock_named(MASH, rag)
    assert clock is not None
    assert rules.due(clock, at(received), WORKING) == at(due)


# stopped, now, due at Tuesday 17:00 from Monday 10:00: overdue, met, working time left
SEEN = [
    (None, "2026-06-01T10:00", False, None, timedelta(hours=15)),
    (None, "2026-06-02T16:00", False, None, timedelta(hours=1)),
    (None, "2026-06-02T17:00", False, None, timedelta()),
    (None, "2026-06-02T17:01", True, None, timedelta()),
    ("2026-06-02T17:00", "2026-06-09T10:00", False, True, timedelta()),
    ("2026-06-02T17:01", "2026-06-09T10:00", False, False, timedelta()),
]


@pytest.mark.parametrize(("stopped", "now", "overdue", "met", "left"), SEEN)
def test_seen(stopped, now, overdue, met, left):
    clock = rules.clock_named(MASH, None)
    assert clock is not None
    stopped_at = at(stopped) if stopped else None
    view = rules.look_at(clock, at("2026-06-01T10:00"), WORKING, now=at(now), stopped_at=stopped_at)
    assert (view.overdue, view.met, view.left) == (overdue, met, left)
    assert "1 working day from receipt. It stands still outside 09:00 to 17:00" in view.why


def test_red_says_that_it_runs_on():
    clock = rules.clock_named(MASH, "red")
    assert clock is not None
    view = rules.look_at(clock, at("2026-06-06T23:00"), WORKING, now=at("2026-06-07T01:00"), stopped_at=None)
    assert view.runs_on and view.left == timedelta(hours=2)
    assert "4 hours from receipt, day and night" in view.why


def test_holidays_cover_the_demonstration_and_fall_on_weekdays():
    assert {day.year for day in HOLIDAYS} >= set(range(2021, 2028))
    assert all(day.weekday() < 5 for day in HOLIDAYS)
    for year in range(2023, 2028):
        assert len([day for day in HOLIDAYS if day.year == year]) >= 8
