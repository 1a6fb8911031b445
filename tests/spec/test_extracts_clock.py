"""When what covers a period is due, and how a feed kept its clock: tables over real quarters, months and years.

The quarterly exchange: SI 2007/1831 regulation 3(1), by the end of the quarter that follows.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pytest
from load_support import FEEDS
from pydantic import TypeAdapter

from concord.evidence.extracts import calendar, exchange, standing
from concord.evidence.extracts.contracts import read_feed
from concord.kernel.periods import Period
from concord.strategy.shapes.feed import Due, Feed

EXCHANGE = Due(every="quarter", by="end of next period")
FEED = TypeAdapter(Feed).validate_python(
    {
        "key": "fires", "title": "Fires", "owner": "fire_brigade", "gateway": "cda_s17a", "agreement": "paper",
        "data_class": "anonymised", "purpose": "Tests", "due": {"every": "quarter", "by": "end of next period"},
        "tables": {"fires": {"dataset": "fires", "title": "Fires", "fields": {"at": {"description": "When."}}}},
    }
)  # fmt: skip


@dataclass(frozen=True)
class Came:
    """As much of a receipt as the clock reads."""

    day: str
    partitions: dict[str, str] = field(default_factory=dict)
    status: str = "loaded"

    @property
    def when(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.day).replace(tzinfo=dt.UTC)


def came(day: str, *partitions: str, status: str = "loaded") -> Came:
    return Came(day, dict.fromkeys(partitions, "digest"), status)


@pytest.mark.parametrize(
    ("quarter", "ends", "due"),
    [
        ((2023, 4), "2023-12-31", "2024-03-31"),
        ((2024, 1), "2024-03-31", "2024-06-30"),
        ((2024, 2), "2024-06-30", "2024-09-30"),
        ((2024, 3), "2024-09-30", "2024-12-31"),
        ((2024, 4), "2024-12-31", "2025-03-31"),
        ((2025, 1), "2025-03-31", "2025-06-30"),
        ((2025, 2), "2025-06-30", "2025-09-30"),
        ((2025, 3), "2025-09-30", "2025-12-31"),
        ((2025, 4), "2025-12-31", "2026-03-31"),
    ],
)
def test_a_quarter_is_due_by_the_last_day_of_the_next(quarter: tuple[int, int], ends: str, due: str) -> None:
    period = Period.quarter(*quarter)
    assert str(period.end) == ends
    assert str(calendar.due_on(EXCHANGE, period)) == due


def test_no_number_of_days_says_the_same() -> None:
    """91 days are right for two quarters in a common year, and never for all: the rule is a date, not a length."""
    periods = [Period.quarter(2025, n) for n in (1, 2, 3, 4)]
    assert {(calendar.due_on(EXCHANGE, p) - p.end).days for p in periods} == {90, 91, 92}


@pytest.mark.parametrize(
    ("due", "period", "day"),
    [
        (Due(every="month", days=30), Period.month(2026, 1), "2026-03-02"),
        (Due(every="month", by="end of next period"), Period.month(2026, 1), "2026-02-28"),
        (Due(every="quarter", days=45), Period.quarter(2026, 1), "2026-05-15"),
        (Due(every="year", days=90), Period.financial_year(2025), "2026-06-29"),
        (Due(every="year", by="end of next period"), Period.financial_year(2025), "2027-03-31"),
    ],
)
def test_other_clocks(due: Due, period: Period, day: str) -> None:
    assert str(calendar.due_on(due, period)) == day


@pytest.mark.parametrize(
    ("today", "receipts", "state", "received", "late"),
    [
        ("2026-09-30", [], "due", None, 0),
        ("2026-10-01", [], "overdue", None, 1),
        ("2026-12-31", [], "overdue", None, 92),
        ("2026-12-31", [came("2026-09-30T12:00", "quarter=2026-Q2")], "received", "2026-09-30", 0),
        # 23:30 UTC in British Summer Time is half past midnight of the next day here: a day late
        ("2026-12-31", [came("2026-09-30T23:30", "quarter=2026-Q2")], "received late", "2026-10-01", 1),
        ("2026-12-31", [came("2026-11-09T12:00", "quarter=2026-Q2")], "received late", "2026-11-09", 40),
        # sent again later: what counts is when it first came
        ("2026-12-31", [came("2026-11-09T12:00", "quarter=2026-Q2"), came("2026-08-01T12:00", "quarter=2026-Q2")],
         "received", "2026-08-01", 0),
        # before the quarter ended it cannot have held the whole of it
        ("2026-12-31", [came("2026-06-30T12:00", "quarter=2026-Q2")], "overdue", None, 92),
        # months make a quarter when the last of them has come
        ("2026-12-31", [came("2026-10-05T12:00", "month=2026-04", "month=2026-05"), came("2026-10-07T12:00",
         "month=2026-06")], "received late", "2026-10-07", 7),
        ("2026-12-31", [came("2026-10-05T12:00", "month=2026-04", "month=2026-05")], "overdue", None, 92),
        ("2026-12-31", [came("2026-08-01T12:00", "quarter=2026-Q2", status="refused")], "overdue", None, 92),
        ("2026-12-31", [came("2026-08-01T12:00", "quarter=2026-Q1")], "overdue", None, 92),
        ("2026-12-31", [came("2026-08-01T12:00", "ward=SYN01", "month=unknown")], "overdue", None, 92),
    ],
)  # fmt: skip
def test_how_the_second_quarter_of_2026_stands(
    today: str, receipts: list[Came], state: str, received: str | None, late: int
) -> None:
    feed = Feed(**{**FEED.__dict__, "due": Due(every="quarter", by="end of next period", first=dt.date(2026, 4, 1))})
    found = standing(feed, receipts, dt.date.fromisoformat(today), last=8).periods[0]
    assert found.period == Period.quarter(2026, 2)
    assert (found.state, str(found.received_on) if found.received_on else None, found.days_late) == (
        state, received, late,
    )  # fmt: skip


def test_eight_quarters_are_shown_oldest_first_and_none_that_still_runs() -> None:
    found = standing(FEED, [], dt.date(2026, 11, 26))
    assert [each.period for each in found.periods] == [
        Period.quarter(2024, 4), *(Period.quarter(2025, n) for n in (1, 2, 3, 4)),
        *(Period.quarter(2026, n) for n in (1, 2, 3)),
    ]  # fmt: skip
    assert [each.state for each in found.periods] == ["overdue"] * 7 + ["due"]
    assert found.never_received
    assert len(found.overdue) == 7


def test_nothing_is_owed_from_before_the_first_that_came() -> None:
    found = standing(FEED, [came("2026-03-01T12:00", "quarter=2025-Q4")], dt.date(2026, 11, 26))
    assert [(each.period.start.year, each.period.start.month) for each in found.periods] == [
        (2025, 10), (2026, 1), (2026, 4), (2026, 7),
    ]  # fmt: skip
    assert [each.state for each in found.periods] == ["received", "overdue", "overdue", "due"]
    assert not found.never_received


def test_of_years_sent_at_once_only_the_last_was_owed() -> None:
    history = [f"quarter={year}-Q{n}" for year in (2024, 2025) for n in (1, 2, 3, 4)]
    sent = [came("2026-11-09T12:00", *history, "quarter=2026-Q1", "quarter=2026-Q2")]
    found = standing(FEED, sent, dt.date(2026, 11, 26))
    assert [(each.period.label, each.state) for each in found.periods] == [
        ("April to June 2026", "received late"), ("July to September 2026", "due"),
    ]  # fmt: skip
    stated = Feed(**{**FEED.__dict__, "due": Due(every="quarter", by="end of next period", first=dt.date(2024, 1, 1))})
    assert len(standing(stated, sent, dt.date(2026, 11, 26)).periods) == 8, "unless the contract says since when"


def test_a_feed_without_a_clock_owes_nothing() -> None:
    feed = read_feed(FEEDS / "national" / "feeds" / "police_uk.toml")
    found = standing(Feed(**{**feed.__dict__, "due": Due(every="once")}), [], dt.date(2026, 11, 26))
    assert found.periods == ()


def test_suppliers_are_told_apart_and_one_who_is_not_named_is_under_none() -> None:
    other = Feed(**{**FEED.__dict__, "key": "calls", "owner": None, "owner_kind": "health"})
    found = exchange([FEED, other], {"fires": [came("2026-11-01T12:00", "quarter=2026-Q3")]}, dt.date(2026, 11, 26))
    assert list(found) == ["fire_brigade", None]
    assert found["fire_brigade"][0].periods[-1].state == "received"
    assert found[None][0].never_received


@pytest.mark.parametrize(
    ("period", "label"),
    [
        (Period.quarter(2026, 3), "July to September 2026"),
        (Period.quarter(2026, 1), "January to March 2026"),
        (Period.month(2026, 3), "March 2026"),
        (Period(dt.date(2026, 1, 2), dt.date(2026, 3, 31)), "2 January 2026 to 31 March 2026"),
    ],
)
def test_a_quarter_is_called_by_its_months(period: Period, label: str) -> None:
    assert period.label == label
