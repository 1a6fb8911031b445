"""Clocks that run in working hours: drawn as a table, then as laws."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.kernel.working_time import LONDON, WorkingTime

CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 28)})
DESK = WorkingTime(closed_on=CHRISTMAS)


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=LONDON)


# received                what is added                 due
ONE_WORKING_DAY = """
    2026-11-23 10:00    within hours, Monday          2026-11-24 17:00
    2026-11-23 07:00    before opening                2026-11-24 17:00
    2026-11-23 17:00    at closing counts as next day 2026-11-25 17:00
    2026-11-27 16:59    Friday afternoon              2026-11-30 17:00
    2026-11-28 12:00    Saturday counts as Monday     2026-12-01 17:00
    2026-12-24 12:00    before Christmas              2026-12-29 17:00
"""


@pytest.mark.parametrize("line", [line for line in ONE_WORKING_DAY.splitlines() if line.strip()])
def test_one_working_day(line: str) -> None:
    received, due = at(line.strip()[:16]), at(line.strip()[-16:])
    assert DESK.add_working_days(received, 1) == due


def test_hours_carry_over_a_weekend() -> None:
    assert DESK.add(at("2026-11-27 15:00"), timedelta(hours=4)) == at("2026-11-30 11:00")


def test_the_clocks_going_back_do_not_move_opening_time() -> None:
    assert DESK.add(at("2026-10-23 16:00"), timedelta(hours=2)) == at("2026-10-26 10:00")


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        DESK.add(datetime(2026, 11, 23, 10), timedelta(hours=1))


instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda d: d.replace(tzinfo=LONDON))


@given(instants, st.integers(0, 100_000))
def test_what_is_added_is_what_passes(start: datetime, seconds: int) -> None:
    amount = timedelta(seconds=seconds)
    assert DESK.between(start, DESK.add(start, amount)) == amount


@given(instants, st.integers(0, 50_000), st.integers(0, 50_000))
def test_adding_twice_is_adding_once(start: datetime, first: int, second: int) -> None:
    one, two = timedelta(seconds=first), timedelta(seconds=second)
    assert DESK.between(start, DESK.add(DESK.add(start, one), two)) == one + two


def test_no_time_passes_backwards() -> None:
    assert DESK.between(at("2026-11-24 12:00"), at("2026-11-23 12:00")) == timedelta()
