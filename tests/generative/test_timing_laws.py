"""Whatever the times: SQL over many rows says what Python says of one, and nothing is lost or made."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.evidence.timing import aoristic
from concord.evidence.timing.clock import clock_state, clock_state_sql, local_column, local_sql, to_local
from concord.evidence.timing.precision import Precision, precision_of, precision_sql
from concord.evidence.timing.quality import quality_sql, time_quality
from concord.kernel.periods import Period
from concord.kernel.school_time import HalfTerm, SchoolCalendar, SchoolDay

SETTINGS = settings(max_examples=25, deadline=None)

# Most draws lie round a clock change, where the mistakes are.
changes = st.sampled_from([datetime(2026, 3, 29, 1), datetime(2026, 10, 25, 1), datetime(2023, 10, 29, 1)])
near = st.builds(lambda at, by: at + timedelta(seconds=by), changes, st.integers(-9000, 9000))
anywhen = st.datetimes(datetime(1972, 1, 1), datetime(2059, 12, 31))
moments = st.one_of(near, anywhen).map(lambda t: t.replace(microsecond=0))
spans = st.one_of(
    st.sampled_from([0, 30, 59, 60, 3599, 3600, 3601, 86_340, 86_399, 86_400, 604_799, 604_800]),
    st.integers(-4000, 900_000),
)
ranges = st.tuples(moments, st.one_of(st.none(), spans)).map(
    lambda drawn: (drawn[0], None if drawn[1] is None else drawn[0] + timedelta(seconds=drawn[1]))
)


@SETTINGS
@given(st.lists(moments, min_size=1, max_size=60))
def test_clock_and_local_time_are_the_same_in_sql_python_and_arrow(times: list[datetime]) -> None:
    with duckdb.connect() as connection:
        connection.register("t", pa.table({"t": pa.array(times, pa.timestamp("us"))}))
        rows = connection.execute(f"SELECT t, {clock_state_sql('t')}, {local_sql('t')} FROM t").fetchall()
    assert [(state, local) for _, state, local in rows] == [(clock_state(t).value, to_local(t)) for t, _, _ in rows]
    near_times = [t for t in times if t.year < 2038]
    assert local_column(pa.array(near_times, pa.timestamp("us"))).to_pylist() == [to_local(t) for t in near_times]


@SETTINGS
@given(st.lists(st.one_of(ranges, st.just((None, None))), min_size=1, max_size=60))
def test_precision_is_the_same_in_sql_and_python(events: list[tuple[datetime | None, datetime | None]]) -> None:
    starts, ends = (pa.array(column, pa.timestamp("us")) for column in map(list, zip(*events, strict=True)))
    with duckdb.connect() as connection:
        connection.register("events", pa.table({"n": range(len(events)), "s": starts, "e": ends}))
        for end in ("e", None):
            rows = connection.execute(f"SELECT {precision_sql('s', end)} FROM events ORDER BY n").fetchall()
            assert [row[0] for row in rows] == [precision_of(s, e if end else None).value for s, e in events]
        months = time_quality(connection, "events", "s", "e")
        shares = connection.sql(quality_sql("events", "s", "e")).to_arrow_table().to_pylist()
    assert sum(month.events for month in months) == len(events)
    for month in months:
        assert sum(month.by_precision.values()) == month.events
        assert month.on_the_hour <= month.by_precision[Precision.EXACT]
        assert sum(month.share(each) for each in Precision) == pytest.approx(1.0)
    for month, row in zip(months, shares, strict=True):
        assert {each: row[f"{each}_share"] for each in Precision} == pytest.approx(
            {each: month.share(each) for each in Precision}
        )


@SETTINGS
@given(st.lists(st.tuples(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.one_of(st.none(), st.integers(-3, 9)))))
def test_dates_without_times_are_days(events: list[tuple[date, int | None]]) -> None:
    pairs = [(day, None if by is None else day + timedelta(days=by)) for day, by in events]
    with duckdb.connect() as connection:
        starts, ends = [first for first, _ in pairs], [last for _, last in pairs]
        columns = {"n": range(len(pairs)), "s": pa.array(starts, pa.date32()), "e": pa.array(ends, pa.date32())}
        connection.register("events", pa.table(columns))
        rows = connection.execute(f"SELECT {precision_sql('s', 'e')} FROM events ORDER BY n").fetchall()
    assert [row[0] for row in rows] == [precision_of(first, last).value for first, last in pairs]
    assert {row[0] for row in rows} <= {"day", "range", "unknown"}


@SETTINGS
@given(st.lists(ranges, min_size=1, max_size=12))
def test_aoristic_weights_add_up_to_one_and_sql_agrees(events: list[tuple[datetime, datetime | None]]) -> None:
    starts, ends = (pa.array(column, pa.timestamp("us")) for column in map(list, zip(*events, strict=True)))
    with duckdb.connect() as connection:
        connection.register("events", pa.table({"n": range(len(events)), "s": starts, "e": ends}))
        rows = connection.execute(aoristic.weights_sql("events", "n", "s", "e")).fetchall()
    found: dict[int, dict[int, float]] = {}
    for key, hour, weight in rows:
        found.setdefault(key, {})[hour] = weight
    for key, (start, end) in enumerate(events):
        wanted = aoristic.weights(start, end)
        assert sum(wanted.values()) == pytest.approx(1.0)
        assert found[key] == pytest.approx(wanted)


@SETTINGS
@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 20)), min_size=1, max_size=8), st.integers(-30, 400))
def test_every_day_is_one_thing_and_only_days_of_the_calendar_are_known(
    blocks: list[tuple[int, int]], offset: int
) -> None:
    start, terms = date(2025, 9, 1), []
    for number, (length, gap) in enumerate(blocks):
        end = start + timedelta(days=length)
        terms.append(HalfTerm(Period(start, end), "Autumn" if number % 3 else "Spring", str(number // 2)))
        start = end + timedelta(days=gap)
    calendar = SchoolCalendar(tuple(reversed(terms)), bank_holidays=frozenset({date(2025, 12, 25)}))
    day = date(2025, 9, 1) + timedelta(days=offset)
    what = calendar.what(day)
    inside = any(day in term.days for term in terms)
    assert (what is SchoolDay.NOT_KNOWN) == (not terms[0].days.start <= day <= terms[-1].days.end)
    if what in (SchoolDay.OPEN, SchoolDay.CLOSED):
        assert inside and day.weekday() < 5
    if what in (SchoolDay.HALF_TERM, SchoolDay.HOLIDAY):
        assert not inside
