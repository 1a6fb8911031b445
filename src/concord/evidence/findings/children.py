"""What findings on children share: their age where only a year of birth is kept, and days on which schools are open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from concord.evidence.findings.question import Question
from concord.evidence.findings.shares import NOT_KNOWN
from concord.evidence.timing.school import school_calendar
from concord.kernel.periods import Period
from concord.kernel.school_time import SchoolDay

AGES = ("9 and under", "10 to 12", "13 to 15", "16 to 17", "18 and over", NOT_KNOWN)
AGE_LABEL = "Age turned in the year"
SEXES = ("Female", "Male", NOT_KNOWN)
BORN = "Only the year of birth is kept: ages are those that a child turns in the year."


def age_sql(day: str, born: str = "birth_year") -> str:
    """SQL for the band of `AGES` of the age that somebody turns in the year of `day`."""
    age = f"(year({day}) - {born})"
    return (
        f"CASE WHEN {born} IS NULL THEN '{NOT_KNOWN}' WHEN {age} < 10 THEN '{AGES[0]}' WHEN {age} < 13 THEN "
        f"'{AGES[1]}' WHEN {age} < 16 THEN '{AGES[2]}' WHEN {age} < 18 THEN '{AGES[3]}' ELSE '{AGES[4]}' END"
    )


def sex_sql(sex: str = "sex") -> str:
    """SQL for the word of `SEXES`; indeterminate and unknown are counted together, for they are few."""
    return f"CASE {sex} WHEN 'F' THEN '{SEXES[0]}' WHEN 'M' THEN '{SEXES[1]}' ELSE '{NOT_KNOWN}' END"


def school_hours(question: Question, partnership: Any, period: Period, first: str, last: str) -> str:
    """SQL for whether the time from `first` to `last` (local) overlaps hours in which schools are open.

    True, false, or null where the time touches a day that the partnership's calendar does not know. Makes the table
    `school_days`, of the days from a month before `period` to a month after.
    """
    calendar = school_calendar(partnership)
    around = Period(period.start - timedelta(days=31), period.end + timedelta(days=31))
    known = {SchoolDay.OPEN: "True", SchoolDay.NOT_KNOWN: None}
    rows = [(day.isoformat(), known.get(what, "False")) for day, what in calendar.days(around)]
    question.table("school_days", ("day", "open"), rows)
    opens, closes = (f"INTERVAL '{each.hour * 60 + each.minute} minutes'" for each in (calendar.opens, calendar.closes))
    return (
        f"(SELECT CASE WHEN bool_or(d.open = 'True' AND {first} < d.day::TIMESTAMP + {closes} "
        f"AND {last} > d.day::TIMESTAMP + {opens}) THEN true WHEN bool_or(d.open IS NULL) OR count(*) = 0 THEN NULL "
        f"ELSE false END FROM school_days d WHERE d.day::DATE BETWEEN ({first})::DATE AND ({last})::DATE)"
    )
