"""Local time as London keeps it: the hour skipped, the hour twice, and UTC feeds in the month the clock was in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest

from concord.evidence.timing.clock import (
    ClockState,
    changes,
    clock_state,
    clock_state_sql,
    local_column,
    local_month_sql,
    local_sql,
    to_local,
)


@pytest.mark.parametrize(
    ("local", "state"),
    [
        ("2026-03-29 00:59", "once"),
        ("2026-03-29 01:00", "skipped"),
        ("2026-03-29 01:59", "skipped"),
        ("2026-03-29 02:00", "once"),
        ("2026-10-25 00:59", "once"),
        ("2026-10-25 01:00", "twice"),
        ("2026-10-25 01:59", "twice"),
        ("2026-10-25 02:00", "once"),
        ("2026-06-01 01:30", "once"),
        ("1970-06-01 01:30", "once"),
    ],
)
def test_the_hour_that_spring_skips_and_the_hour_that_autumn_has_twice(local: str, state: str) -> None:
    moment = datetime.fromisoformat(local)
    assert clock_state(moment) == state
    said = duckdb.execute(f"SELECT {clock_state_sql('$t::TIMESTAMP')}", {"t": moment}).fetchall()
    assert said == [(state,)]


def test_a_zone_that_moves_by_half_an_hour_is_marked_too() -> None:
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    assert clock_state(datetime(2026, 4, 5, 1, 45), lord_howe) is ClockState.TWICE
    found = [state for first, _, state in changes(lord_howe) if first.date() == date(2026, 4, 5)]
    assert found == [ClockState.TWICE]


def test_europe_has_changed_on_last_sundays_since_1996() -> None:
    recent = [(first, last) for first, last, _ in changes() if 1996 <= first.year <= 2060]
    assert len(recent) == 2 * 65
    assert all(first.weekday() == 6 and first.day > 24 and first.hour == 1 and last.hour == 2 for first, last in recent)


@pytest.mark.parametrize(
    ("utc", "local", "month"),
    [
        ("2023-03-31 23:30", "2023-04-01 00:30", "2023-04"),
        ("2023-10-31 23:30", "2023-10-31 23:30", "2023-10"),
        ("2023-03-26 01:00", "2023-03-26 02:00", "2023-03"),
        ("2023-10-29 00:30", "2023-10-29 01:30", "2023-10"),
        ("2023-10-29 01:30", "2023-10-29 01:30", "2023-10"),
        ("2022-12-31 23:59", "2022-12-31 23:59", "2022-12"),
    ],
)
def test_utc_is_read_as_local_in_sql_python_and_arrow_alike(utc: str, local: str, month: str) -> None:
    instant, wanted = datetime.fromisoformat(utc), datetime.fromisoformat(local)
    assert to_local(instant) == wanted
    assert to_local(instant.replace(tzinfo=UTC)) == wanted
    assert local_column(pa.array([instant, None], pa.timestamp("us"))).to_pylist() == [wanted, None]
    assert local_column(pa.array([instant], pa.timestamp("us", "UTC"))).to_pylist() == [wanted]
    asked = f"SELECT {local_sql('$t')}, {local_month_sql('$t')}"
    assert duckdb.execute(asked, {"t": instant}).fetchall() == [(wanted, month)]


def test_searches_of_the_first_hour_of_a_summer_month_belong_to_it(shared: Path) -> None:
    """Published in UTC, in files by London's month: read as local time, every search is in the month of its file."""
    file = shared / "data" / "tower_hamlets_extracts" / "met_stop_and_search_TH_to_2023-12.csv"
    utc = 'left("Date", 19)::TIMESTAMP'
    rows, moved, elsewhere, hour = duckdb.execute(
        f"""
        WITH searches AS (
            SELECT left(source_file, 7) AS of_file, strftime({utc}, '%Y-%m') AS of_utc,
                {local_month_sql(utc)} AS of_london, hour({local_sql(utc)}) AS hour
            FROM read_csv('{file}', header = true, all_varchar = true)
            WHERE regexp_matches(source_file, '^[0-9]{{4}}-[0-9]{{2}}-')
        )
        SELECT count(*), count(*) FILTER (of_utc <> of_file), count(*) FILTER (of_london <> of_file),
            max(hour) FILTER (of_utc <> of_london)
        FROM searches
        """
    ).fetchall()[0]
    assert rows > 30_000
    assert (moved, elsewhere, hour) == (22, 0, 0)
