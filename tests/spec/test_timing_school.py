"""School days as the partnership folders list them, and the parts of a school day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import duckdb
import numpy as np
import pytest

from concord.evidence.timing.school import bank_holidays, day_part_sql, days_table, school_calendar, school_day_sql
from concord.kernel.errors import BadInput
from concord.kernel.periods import Period
from concord.kernel.school_time import HalfTerm, SchoolCalendar, SchoolDay
from concord.strategy import load
from concord.synthetic import calendar as generator

ROOT = Path(__file__).resolve().parents[2]
HARBOURSIDE = load(ROOT / "partnerships" / "harbourside")

TERM = SchoolCalendar(
    (
        HalfTerm(Period(date(2025, 9, 1), date(2025, 10, 24)), "Autumn", "2025/26"),
        HalfTerm(Period(date(2025, 11, 3), date(2025, 12, 19)), "Autumn", "2025/26"),
        HalfTerm(Period(date(2026, 1, 5), date(2026, 2, 13)), "Spring", "2025/26"),
        HalfTerm(Period(date(2026, 4, 13), date(2026, 5, 22)), "Summer", "2025/26"),
    ),
    closed=frozenset({date(2025, 9, 1), date(2025, 9, 6)}),
    bank_holidays=frozenset({date(2025, 12, 25), date(2026, 5, 4)}),
)


@pytest.mark.parametrize(
    ("day", "what"),
    [
        (date(2025, 8, 31), SchoolDay.NOT_KNOWN),
        (date(2025, 9, 1), SchoolDay.CLOSED),  # staff training
        (date(2025, 9, 2), SchoolDay.OPEN),
        (date(2025, 9, 6), SchoolDay.WEEKEND),
        (date(2025, 10, 24), SchoolDay.OPEN),
        (date(2025, 10, 27), SchoolDay.HALF_TERM),
        (date(2025, 11, 3), SchoolDay.OPEN),
        (date(2025, 12, 22), SchoolDay.HOLIDAY),
        (date(2025, 12, 25), SchoolDay.BANK_HOLIDAY),
        (date(2026, 2, 16), SchoolDay.HOLIDAY),
        (date(2026, 5, 4), SchoolDay.BANK_HOLIDAY),  # early May, in term
        (date(2026, 5, 22), SchoolDay.OPEN),
        (date(2026, 5, 25), SchoolDay.NOT_KNOWN),
    ],
)
def test_what_a_day_is_to_a_pupil(day: date, what: SchoolDay) -> None:
    assert TERM.what(day) is what


@pytest.mark.parametrize(
    ("local", "open_"),
    [
        ("2025-09-02 07:59", False),
        ("2025-09-02 08:00", True),
        ("2025-09-02 15:59", True),
        ("2025-09-02 16:00", False),
        ("2025-09-06 10:00", False),
        ("2025-10-27 10:00", False),
        ("2025-08-27 10:00", None),
    ],
)
def test_school_hours(local: str, open_: bool | None) -> None:
    assert TERM.in_school_hours(datetime.fromisoformat(local)) is open_


def test_terms_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match=r"the half terms Autumn .* and Spring .* overlap"):
        SchoolCalendar(
            (
                HalfTerm(Period(date(2025, 9, 1), date(2025, 12, 19)), "Autumn", "2025/26"),
                HalfTerm(Period(date(2025, 12, 19), date(2026, 2, 13)), "Spring", "2025/26"),
            )
        )


def test_a_slip_in_the_terms_is_named_by_its_row() -> None:
    rows = [{"year": "2025/26", "term": "Autumn", "first": "2025-09-01", "last": "2025-08-01"}]
    with pytest.raises(BadInput) as refused:
        school_calendar(SimpleNamespace(codelists={"school_terms": rows}, measurement=HARBOURSIDE.measurement))
    assert str(refused.value).splitlines()[1] == "  Where: codelists/school_terms.csv, row 2"
    overlapping = [{**rows[0], "last": "2025-10-01"}, {**rows[0], "first": "2025-09-20", "last": "2025-11-01"}]
    with pytest.raises(BadInput, match="do not fit together"):
        school_calendar(SimpleNamespace(codelists={"school_terms": overlapping}, measurement=HARBOURSIDE.measurement))
    assert school_calendar(SimpleNamespace(codelists={}, measurement=HARBOURSIDE.measurement)).covers is None
    with pytest.raises(BadInput, match="Nothing says how places and times are read"):
        school_calendar(SimpleNamespace(codelists={}, measurement=None))


@pytest.mark.parametrize("calendar", [TERM, school_calendar(HARBOURSIDE), SchoolCalendar(())])
def test_sql_knows_the_same_school_days(calendar: SchoolCalendar) -> None:
    period = Period(date(2025, 8, 1), date(2026, 9, 30))
    table = days_table(calendar, period)
    with duckdb.connect() as connection:
        connection.register("days", table)
        rows = connection.execute(
            f"SELECT {school_day_sql('day', calendar)}, {school_day_sql('day + INTERVAL 15 HOURS', calendar)} "
            "FROM days ORDER BY day"
        ).fetchall()
    assert [row[0] for row in rows] == [row[1] for row in rows] == table["school_day"].to_pylist()


def test_the_invented_borough_keeps_the_days_its_generator_does() -> None:
    """The generator knows no bank holidays in term; the folder's calendar does."""
    calendar, holidays = school_calendar(HARBOURSIDE), bank_holidays(HARBOURSIDE)
    period = Period(date(2021, 9, 1), date(2030, 7, 31))
    assert calendar.knows(period.__class__(date(2021, 9, 1), date(2031, 7, 22)))
    days = [period.start + timedelta(days=n) for n in range(period.days)]
    generated = generator.is_school_day(np.array([generator.epoch(day) for day in days]))
    for day, school in zip(days, generated, strict=True):
        if day not in holidays:
            assert (calendar.what(day) is SchoolDay.OPEN) == school, day
        else:
            assert calendar.what(day) in (SchoolDay.BANK_HOLIDAY, SchoolDay.WEEKEND)


@pytest.mark.parametrize("borough", ["harbourside", "tower_hamlets"])
def test_a_school_year_has_about_190_days(borough: str) -> None:
    calendar = school_calendar(load(ROOT / "partnerships" / borough))
    for year in range(2021, 2026):
        table = days_table(calendar, Period(date(year, 9, 7), date(year + 1, 7, 20)))
        assert 178 <= sum(table["school_day"].to_pylist()) <= 205


def test_what_is_not_known_is_null_and_parts_of_the_day_are_the_folder_s() -> None:
    table = days_table(TERM, Period(date(2025, 8, 30), date(2025, 9, 2)))
    assert table["school_day"].to_pylist() == [None, None, False, True]
    parts = HARBOURSIDE.measurement.school_day

    def part(moment: str, school_day: str) -> str:
        asked = f"SELECT {day_part_sql('$t::TIMESTAMP', parts, school_day)}"
        return duckdb.execute(asked, {"t": datetime.fromisoformat(moment)}).fetchall()[0][0]

    on_monday = [
        part(f"2026-01-05 {at}", "true")
        for at in ("06:59", "07:00", "08:59", "09:00", "14:59", "15:00", "17:59", "18:00")
    ]
    assert on_monday == [
        "School day, other times",
        *["School day 07:00 to 08:59"] * 2,
        *["School day 09:00 to 14:59"] * 2,
        *["School day 15:00 to 17:59"] * 2,
        "School day, other times",
    ]
    assert part("2026-01-05 15:30", "false") == "Weekday without school"
    assert part("2026-01-05 15:30", "NULL") == "School day 15:00 to 17:59", "not known: said beside the figure"
    assert part("2026-01-10 15:30", "true") == "Weekend"
    assert set(on_monday) < set(parts.names)
