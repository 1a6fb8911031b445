"""The partnership's school calendar, and SQL that asks it of many events at once."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pyarrow as pa

from concord.kernel.errors import BadInput, Where
from concord.kernel.periods import Period
from concord.kernel.school_time import HalfTerm, SchoolCalendar
from concord.strategy.shapes.measurement import Measurement
from concord.strategy.shapes.measurement import SchoolDay as DayParts

DAYS = pa.schema([("day", pa.date32()), ("what", pa.string()), ("school_day", pa.bool_())])


def measurement(partnership: Any) -> Measurement:
    """How the partnership reads places and times. Raises BadInput where nothing says."""
    found: Measurement | None = getattr(partnership, "measurement", None)
    if found is None:
        raise BadInput(
            "Nothing says how places and times are read here.",
            where=Where(file="measurement.toml"),
            next_step='Extend the national folder (extends = "national"), or write the file.',
        )
    return found


def bank_holidays(partnership: Any) -> frozenset[date]:
    """The bank holidays that a partnership inherits or lists."""
    rows = partnership.codelists.get("bank_holidays", ()) if partnership is not None else ()
    return frozenset(date.fromisoformat(row["date"]) for row in rows)


def school_calendar(partnership: Any) -> SchoolCalendar:
    """The school calendar of a partnership folder; without terms no day is known. Raises BadInput naming the row."""
    file = "codelists/school_terms.csv"
    terms = []
    for number, row in enumerate(partnership.codelists.get("school_terms", ()), start=2):
        try:
            days = Period(date.fromisoformat(row["first"]), date.fromisoformat(row["last"]))
        except ValueError as error:
            raise BadInput(
                "A half term has no first and last day.",
                where=Where(file=file, row=number),
                why=str(error),
                next_step="Give both as YYYY-MM-DD, the first not after the last.",
            ) from error
        terms.append(HalfTerm(days, row["term"], row["year"]))
    closed = frozenset(date.fromisoformat(row["date"]) for row in partnership.codelists.get("school_closures", ()))
    day = measurement(partnership).school_day
    try:
        return SchoolCalendar(tuple(terms), closed, bank_holidays(partnership), day.opens, day.closes)
    except ValueError as error:
        raise BadInput("The school terms do not fit together.", where=Where(file=file), why=str(error)) from error


def days_table(calendar: SchoolCalendar, period: Period) -> pa.Table:
    """Every day of `period` to join events to: day, what, school_day (null where not known)."""
    days = list(calendar.days(period))
    return pa.table(
        {
            "day": pa.array([day for day, _ in days], pa.date32()),
            "what": pa.array([what.value for _, what in days], pa.string()),
            "school_day": pa.array(
                [None if what is what.NOT_KNOWN else what is what.OPEN for _, what in days], pa.bool_()
            ),
        },
        schema=DAYS,
    )


def school_day_sql(local: str, calendar: SchoolCalendar) -> str:
    """SQL for whether the local time (or date) `local` is on a school day; null on a day that is not known."""
    covered = calendar.covers
    if covered is None:
        return "NULL::BOOLEAN"
    day = f"({local})::DATE"
    within = " OR ".join(f"{day} {_between(each.days)}" for each in calendar.terms)
    shut = sorted(each for each in calendar.closed | calendar.bank_holidays if each in covered)
    listed = f" AND {day} NOT IN ({', '.join(_date(each) for each in shut)})" if shut else ""
    return f"CASE WHEN {day} {_between(covered)} THEN isodow({day}) < 6{listed} AND ({within}) END"


def day_part_sql(local: str, parts: DayParts, school_day: str) -> str:
    """SQL for the part of the day (one of `parts.names`) in which the local time `local` falls.

    `school_day` is SQL that is true on a school day, such as `school_day_sql`. Where it is null (a day that the
    calendar does not know) a weekday counts as a school day: whoever shows the figure has to say so.
    """
    minute = f"(hour({local}) * 60 + minute({local}))"
    cases = " ".join(
        f"WHEN {minute} >= {_minutes(part.from_)} AND {minute} < {_minutes(part.to)} THEN {_text(part.name)}"
        for part in parts.parts
    )
    return (
        f"CASE WHEN isodow({local}) > 5 THEN {_text(parts.weekend)} "
        f"WHEN NOT coalesce({school_day}, true) THEN {_text(parts.no_school)} {cases} ELSE {_text(parts.other)} END"
    )


def _date(day: date) -> str:
    return f"DATE '{day.isoformat()}'"


def _between(days: Period) -> str:
    return f"BETWEEN {_date(days.start)} AND {_date(days.end)}"


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _text(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
