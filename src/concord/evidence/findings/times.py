"""When: hour by weekday, how many times were only put in by default, and the school day for those under 18."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import day_quarters
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import Key, Where, additive, of_whole, with_total
from concord.evidence.findings.model import TOTAL, Cell, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.statistics import share
from concord.evidence.timing.defaults import DAY_MINUTES, artefacts
from concord.evidence.timing.precision import WITHIN_A_DAY, precision_sql
from concord.evidence.timing.school import day_part_sql, measurement, school_calendar, school_day_sql
from concord.kernel.periods import Period
from concord.kernel.school_time import SchoolCalendar
from concord.strategy.shapes.measurement import DefaultTimes, SchoolDay

NAME = "times"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = tuple(f"{hour:02d}:00" for hour in range(24))
METHOD = (
    "The local hour in which the offence began, for offences whose start and end lie within a day of each other. "
    "Times on the exact hour are counted beside: by chance one in sixty would be, and the rest are rounded or filled "
    "in. A clock time is marked where more offences carry it than the habit of rounding in other hours explains. "
    "Beside it, every offence is shared out over the hours that it may have been in (aoristic weights): none is left "
    "out."
)
NO_TERMS = "Where no terms are listed, weekdays in the school holidays are counted as school days."
OTHER_TIMES = "Other times"
MORE_THAN_ROUNDING = "more than people round"
_UNDER_18 = "crime_ref IN (SELECT crime_ref FROM crime_persons WHERE role = 'victim' AND age < 18)"
_TIMED = (("time_known", ("within a day",)),)


def find(store: Store, partnership: Any, period: Period, *, limb: str | None = None) -> Finding:
    """All of `period`; `limb` keeps to one limb of the definition."""
    with violence.ask(store, "crime_persons") as question:
        condition, values, where = violence.chosen_limb(partnership, limb)
        question.define(
            "timed",
            "SELECT *, hour(happened_at) AS hour, isodow(happened_at) AS weekday, "
            f"minute(happened_at) = 0 AS on_the_hour FROM events WHERE {precision_sql('happened_at', 'ended_at')} "
            f"IN ({', '.join(repr(each.value) for each in WITHIN_A_DAY)})",
        )
        calendar = school_calendar(partnership)
        bound = {"start": period.start, "end": period.end, **values}
        chosen = f"{condition} AND recorded_on BETWEEN $start AND $end"
        rows = question.rows(
            f"SELECT hour, weekday, count(*) FROM timed WHERE {chosen} GROUP BY ALL ORDER BY ALL", bound
        )
        counts: dict[Key, int] = {(HOURS[hour], WEEKDAYS[day - 1]): n for hour, day, n in rows}
        timed = (*where, *_TIMED)
        tables = (
            additive(
                "hours",
                f"Serious violence by hour and weekday, {period.label}",
                violence.UNIT,
                (with_total("hour", "Hour", HOURS), with_total("weekday", "Weekday", WEEKDAYS)),
                counts,
                universe=violence.UNIVERSE,
                where=timed,
            ),
            _on_the_hour(question, chosen, bound, period, timed),
            _marks(question, measurement(partnership).default_times, chosen, bound, period, timed),
            _school_day(question, measurement(partnership).school_day, calendar, chosen, bound, period, timed),
            day_quarters.precision(question, chosen, bound, period, where),
            day_quarters.aoristic(question, chosen, bound, period, where),
            day_quarters.by_age(question, chosen, bound, period, timed),
            *day_quarters.by_neighbourhood(question, store, partnership, chosen, bound, period, timed),
        )
        return Finding(
            name=NAME,
            question="At which hours and on which days does serious violence happen?",
            tables=tables,
            base="Offences recorded by the police in the period whose time is known to within a day",
            period=period,
            source=violence.SOURCE,
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {"limb": limb} if limb else {}, violence.version(question)),
            cannot_say=(
                *violence.CANNOT_SAY,
                "Offences that may have happened at any time of several days are left out; some kinds more often.",
                "A peak on an exact hour may be made by how times are typed in.",
                *(() if calendar.knows(period) else (NO_TERMS,)),
            ),
            synthetic=question.synthetic,
        )


def _on_the_hour(question: Question, chosen: str, bound: dict[str, object], period: Period, where: Where) -> Table:
    found = dict(question.rows(f"SELECT on_the_hour, count(*) FROM timed WHERE {chosen} GROUP BY 1 ORDER BY 1", bound))
    whole = sum(found.values())
    names = {True: "On the exact hour", False: "At other minutes"}

    return additive(
        "default_times",
        f"Times on the exact hour, {period.label}",
        violence.UNIT,
        (with_total("minute", "Minute", tuple(names.values())),),
        {(names[flag],): n for flag, n in found.items()},
        dress=of_whole("default_times", whole),
        universe=violence.UNIVERSE,
        where=where,
    )


def _marks(
    question: Question, rule: DefaultTimes, chosen: str, bound: dict[str, object], period: Period, where: Where
) -> Table:
    """Clock times that forms fill in, for those under 18: a peak at nine may be the school gate or a form."""
    by_minute = [0] * DAY_MINUTES
    minute = "hour * 60 + minute(happened_at)"
    sql = f"SELECT {minute}, count(*) FROM timed WHERE {chosen} AND {_UNDER_18} GROUP BY 1 ORDER BY 1"
    for number, n in question.rows(sql, bound):
        by_minute[number] = n
    found = artefacts(by_minute, rule)
    names = {f"{each.mark:%H:%M}": each for each in found}
    whole = sum(by_minute)
    counts: dict[Key, int] = {(name,): each.at_mark for name, each in names.items()}
    counts[OTHER_TIMES,] = whole - sum(counts.values())

    def dress(key: tuple[str, ...], n: int) -> Cell:
        if key == (TOTAL,) or not whole:
            return Cell(key, n)
        label = MORE_THAN_ROUNDING if key[0] in names and names[key[0]].suspect else ""
        rests = (("default_marks", (TOTAL,)),)
        return Cell(key, n, base=whole, estimate=share(n, whole), rests_on=rests, label=label)

    return additive(
        "default_marks",
        f"Serious violence against under 18s at clock times that forms fill in, {period.label}",
        violence.UNIT,
        (with_total("clock_time", "Clock time", (*names, OTHER_TIMES)),),
        counts,
        dress=dress,
        universe=violence.UNIVERSE,
        where=(*where, ("victim_age", ("under 18",))),
    )


def _school_day(
    question: Question,
    parts: SchoolDay,
    calendar: SchoolCalendar,
    chosen: str,
    bound: dict[str, object],
    period: Period,
    where: Where,
) -> Table:
    rows = question.rows(
        f"""SELECT {day_part_sql("happened_at", parts, school_day_sql("happened_at", calendar))} AS part, count(*)
        FROM timed WHERE {chosen} AND {_UNDER_18}
        GROUP BY 1 ORDER BY 1""",
        bound,
    )
    whole = sum(n for _, n in rows)

    return additive(
        "school_day",
        f"Serious violence against under 18s by part of the school day, {period.label}",
        violence.UNIT,
        (with_total("part_of_day", "Part of the day", parts.names),),
        {(part,): n for part, n in rows},
        dress=of_whole("school_day", whole),
        universe=violence.UNIVERSE,
        where=(*where, ("victim_age", ("under 18",))),
    )
