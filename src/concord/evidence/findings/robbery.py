"""Personal robbery, and robbery of children between the end of school and six."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.model import Cell, Dimension, Finding, Table
from concord.evidence.findings.slices import AGE_OF_VICTIM, METHOD, By, Part, Slice, answer
from concord.evidence.findings.statistics import rate
from concord.evidence.timing.precision import WITHIN_A_DAY, precision_sql
from concord.evidence.timing.school import day_part_sql, measurement, school_calendar, school_day_sql
from concord.kernel.periods import Period
from concord.kernel.school_time import SchoolCalendar
from concord.strategy.shapes.measurement import SchoolDay

NAME = "robbery"
PER_DAYS = 100.0
CHILD = "crime_ref IN (SELECT crime_ref FROM crime_persons WHERE role = 'victim' AND age < 18)"
TIMED = f"{precision_sql('happened_at', 'ended_at')} IN ({', '.join(repr(each.value) for each in WITHIN_A_DAY)})"
SCHOOL = (
    " Robberies with a victim under 18 by part of the school day, by the local hour in which they began; those between "
    "the end of school and six on school days also for each 100 school days."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The last twelve months of `period`. Raises BadInput where nothing says how a school day is read."""
    parts = measurement(partnership).school_day
    calendar = school_calendar(partnership)

    def also(part_of: Slice) -> Sequence[Table]:
        part_of_day = By(
            "part_of_day",
            "Part of the day",
            day_part_sql("happened_at", parts, school_day_sql("happened_at", calendar)),
            parts.names,
        )
        where = (("victim_age", ("under 18",)), ("time_known", ("within a day",)))
        children = part_of.shares(
            "school_day", "of children by part of the day", part_of_day, where=where,
            also=f"{CHILD} AND {TIMED}",
        )  # fmt: skip
        return (
            part_of.shares("victims", "by age of victims", AGE_OF_VICTIM),
            part_of.shares("places", "by kind of place", PLACE),
            children,
            *_after_school(part_of, children, parts, calendar),
        )

    return answer(
        store,
        partnership,
        period,
        Part("Personal robbery", "offence_code = '34B'", (("offence_group", ("Robbery of personal property",)),)),
        name=NAME,
        asks="How much personal robbery is recorded, where, and how much of it is of children on their way home?",
        base="Offences of robbery of personal property recorded in the period, one for each crime reference",
        kinds=By("offence_group", "Offence group", "'Robbery of personal property'", ("Robbery of personal property",)),
        cannot_say=(
            "Visitors and workers are robbed too: a rate on residents is not anyone's risk.",
            "Children tell the police of few of the robberies that happen to them.",
            *(
                ()
                if calendar.knows(period)
                else ("Where no terms are listed, weekdays in the holidays are counted as school days.",)
            ),
        ),
        also=also,
        method=METHOD + SCHOOL,
    )


PLACE = By(
    "location_type",
    "Kind of place",
    "CASE WHEN location_type IN ('street', 'park', 'transport', 'shop', 'licensed_premises', 'school', 'dwelling', "
    "'workplace') THEN location_type ELSE 'other or not known' END",
    (
        "street",
        "park",
        "transport",
        "shop",
        "licensed_premises",
        "school",
        "dwelling",
        "workplace",
        "other or not known",
    ),
)


def _after_school(part_of: Slice, children: Table, parts: SchoolDay, calendar: SchoolCalendar) -> Sequence[Table]:
    """The last part of the school day beside the number of school days; none where no day is known."""
    open_days = sum(what is what.OPEN for _, what in calendar.days(part_of.now))
    if not open_days or not parts.parts:
        return ()
    last = parts.parts[-1].name
    n = next(cell.count for cell in children.cells if cell.key == (last,))
    cell = Cell(
        (last,),
        n,
        population=float(open_days),
        estimate=rate(n, open_days, per=PER_DAYS, of="school days"),
        rests_on=(("school_day", (last,)),),
    )
    return (
        Table(
            "after_school",
            f"Personal robbery of children after school, for each school day, {part_of.now.label}",
            violence.UNIT,
            (Dimension("part_of_day", "Part of the day", (last,)),),
            (cell,),
            additive=False,
            per=PER_DAYS,
            universe=violence.UNIVERSE,
            where=children.where,
            period=part_of.now,
        ),
    )
