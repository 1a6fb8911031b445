"""Children out of school: suspensions, permanent exclusions, and absence."""

from __future__ import annotations

from typing import Any

from concord import codelists
from concord.evidence.datasets.store import Store
from concord.evidence.findings.build import Key, last_months, with_total
from concord.evidence.findings.children import SEXES, sex_sql
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.shares import (
    answer,
    beside,
    categories,
    counted,
    in_words,
    named,
    rates,
    shared_out,
)
from concord.evidence.findings.statistics import share
from concord.kernel.errors import BadInput
from concord.kernel.periods import Period

SUSPENSIONS, EXCLUSIONS, ABSENCE = "school_suspensions", "school_exclusions", "school_absence"
SUSPENDED, EXCLUDED, PUPILS = "suspensions by first day", "permanent exclusions by day", "pupils by quarter"
OFTEN = ("Once", "Twice", "Three times or more")
NEEDS = {"none": "No special need known", "support": "Support", "plan": "Education, health and care plan"}
AWAY = ("Persistently absent", "Not")
SUSPENSIONS_METHOD = (
    "Suspensions by first day, in the last twelve months of the period. Rates for every 100 pupils on roll in the "
    "years "
    "whose roll is known ({years}; in the last quarter for which it was sent), Byar's interval. Boys beside girls: "
    "ratio of the two rates, log-Wald interval. Pupils by how often they were suspended."
)
EXCLUSIONS_METHOD = (
    "Permanent exclusions by day, in the last twelve months of the period. Rates for every 10,000 pupils on roll in "
    "the "
    "years whose roll is known ({years}), Byar's interval, exact below ten. Boys beside girls: ratio of the two rates."
)
ABSENCE_METHOD = (
    "Pupils who missed a tenth or more of the sessions of a quarter (persistently absent), and half or more "
    "(severely), of pupils on roll. Wilson intervals. Quarters are compared, not added: they hold the same pupils."
)
CANNOT_SAY = (
    "Pupils who left, were taught elsewhere or were sent home without its being recorded are not counted.",
    "What happened before, or whether the decision was right.",
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """Suspensions in the last twelve months of `period`. Raises BadInput where no roll is known."""
    now = last_months(period, 12)
    with Question(store, "suspensions", "absence_totals") as question:
        roll, years = _roll(question, now)
        bound = {"start": now.start, "end": now.end}
        within = "started_on BETWEEN $start AND $end"
        who = counted(
            question.rows(
                f"SELECT {sex_sql()} AS who, 'Year ' || year_group, count(*) FROM suspensions WHERE {within} "
                "GROUP BY ALL ORDER BY ALL",
                bound,
            )
        )
        labels = {e.code: e.label for e in codelists.get("suspension_reasons")}
        reasons = question.rows(f"SELECT reason, count(*) FROM suspensions WHERE {within} GROUP BY 1 ORDER BY 1", bound)
        called = named({row[0] for row in reasons}, labels)
        why = counted((called[reason], n) for reason, n in reasons)
        pupils = counted(
            (OFTEN[often - 1], n)
            for often, n in question.rows(
                "SELECT least(times, 3) AS often, count(*) FROM (SELECT person_ref, count(*) AS times FROM suspensions "
                f"WHERE {within} GROUP BY 1) GROUP BY 1 ORDER BY 1",
                bound,
            )
        )
        listed = tuple(sorted({key[1] for key in who}, key=lambda name: int(name.split()[1])))
        tables = (
            shared_out(
                "years", f"Suspensions by sex and year group, {now.label}", "suspensions",
                (with_total("sex", "Sex", categories(who, 0, SEXES)), with_total("year_group", "Year group", listed)),
                who, universe=SUSPENDED,
            ),
            *_rated("suspensions", "suspensions", who, roll, years, now, 100.0, SUSPENDED),
            shared_out(
                "reasons", f"Suspensions by reason, {now.label}", "suspensions",
                (with_total("reason", "Reason", categories(why)),), why, universe=SUSPENDED,
            ),
            shared_out(
                "pupils", f"Suspended pupils by how often, {now.label}", "pupils",
                (with_total("often", "How often", OFTEN),), pupils, universe="suspended pupils",
            ),
        )  # fmt: skip
        return answer(
            question,
            SUSPENSIONS,
            "Which pupils are suspended from school, how often, and at what rate?",
            tables,
            base="Suspensions that began in the period; pupils on roll in the years whose roll is known",
            period=now,
            source="Schools' suspensions and attendance returns",
            method=SUSPENSIONS_METHOD.format(years=_listed(years)),
            cannot_say=(*CANNOT_SAY, "Ethnic group is not in these records: see the return of rates by group."),
            source_class="education",
        )


def find_permanent(store: Store, partnership: Any, period: Period) -> Finding:
    """Permanent exclusions in the last twelve months of `period`. Raises BadInput where no roll is known."""
    now = last_months(period, 12)
    with Question(store, "permanent_exclusions", "absence_totals") as question:
        roll, years = _roll(question, now)
        rows = question.rows(
            f"SELECT {sex_sql()} AS who, 'Year ' || year_group, special_needs, count(*) FROM permanent_exclusions "
            "WHERE excluded_on BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL",
            {"start": now.start, "end": now.end},
        )
        who = counted((sex, year, n) for sex, year, _, n in rows)
        needs = counted((NEEDS.get(str(need), in_words(need)), n) for *_, need, n in rows)
        tables = (
            shared_out(
                "sex", f"Permanent exclusions by sex, {now.label}", "exclusions",
                (with_total("sex", "Sex", categories(who, 0, SEXES)),),
                counted((sex, n) for (sex, _), n in who.items()), universe=EXCLUDED,
            ),
            *_rated("exclusions", "exclusions", who, roll, years, now, 10_000.0, EXCLUDED),
            shared_out(
                "needs", f"Permanent exclusions by special educational need, {now.label}", "exclusions",
                (with_total("special_needs", "Special educational need", categories(needs, 0, tuple(NEEDS.values()))),),
                needs, universe=EXCLUDED,
            ),
        )  # fmt: skip
        return answer(
            question,
            EXCLUSIONS,
            "Which pupils are excluded for good, and at what rate?",
            tables,
            base="Permanent exclusions in the period; pupils on roll in the years whose roll is known",
            period=now,
            source="Schools' exclusions and attendance returns",
            method=EXCLUSIONS_METHOD.format(years=_listed(years)),
            cannot_say=(*CANNOT_SAY, "How many pupils have special needs is not in these records, so no rate by need."),
            source_class="education",
        )


def _roll(question: Question, period: Period) -> tuple[dict[Key, int], tuple[str, ...]]:
    """Pupils by (sex, year group) in the last quarter that began by the end of `period`, and those year groups."""
    rows = question.rows(
        f"SELECT {sex_sql()} AS who, 'Year ' || year_group, sum(pupils)::BIGINT FROM absence_totals "
        "WHERE quarter_from = (SELECT max(quarter_from) FROM absence_totals WHERE quarter_from <= $end) "
        "GROUP BY ALL ORDER BY ALL",
        {"end": period.end},
    )
    if not sum(row[2] for row in rows):
        raise BadInput(
            "How many pupils are on roll is not known, so there is no rate.",
            next_step="Load the attendance totals of a quarter in or before the period: concord load absence FILE",
        )
    years = tuple(sorted({str(row[1]) for row in rows}, key=lambda name: int(name.split()[1])))
    return {(str(sex), str(year)): int(n) for sex, year, n in rows}, years


def _listed(years: tuple[str, ...]) -> str:
    return f"{years[0]} to {years[-1]}"


def _rated(
    what: str, unit: str, who: dict[Key, int], roll: dict[Key, int], years: tuple[str, ...], now: Period, per: float,
    universe: str,
) -> tuple[Table, ...]:  # fmt: skip
    """Rates by sex and by year group in the years whose roll is known, and boys beside girls."""
    known = {key: n for key, n in who.items() if key[1] in years}
    where = (("year_group", years),)
    sexes = {sex: float(sum(n for (each, _), n in roll.items() if each == sex)) for sex in SEXES[:2]}
    groups = {year: float(sum(n for (_, each), n in roll.items() if each == year)) for year in years}
    everyone = float(sum(roll.values()))
    by_sex = counted((sex, n) for (sex, _), n in known.items())
    title = f"{what.capitalize()} for every {per:,.0f} pupils, {_listed(years)}, {now.label}"
    dimension = with_total("sex", "Sex", categories(by_sex, 0, SEXES))
    return (
        rates("rate", title, unit, dimension, by_sex, {**sexes, TOTAL: everyone}, per=per, of="pupils",
              universe=universe, where=where),
        rates("rate_by_year", title, unit, with_total("year_group", "Year group", years),
              counted((year, n) for (_, year), n in known.items()), {**groups, TOTAL: everyone}, per=per, of="pupils",
              universe=universe, where=where),
        beside("boys", f"{what.capitalize()} of boys beside girls, {_listed(years)}, {now.label}", unit,
               Dimension("sex", "Sex", SEXES[:2]), {sex: by_sex[(sex,)] for sex in SEXES[:2]}, sexes, SEXES[0],
               "times the rate of girls", counted_in="rate", universe=universe, where=where),
    )  # fmt: skip


def find_absence(store: Store, partnership: Any, period: Period) -> Finding:
    """Absence in the last quarter that lies in `period`, by sex and year group, and in each quarter of `period`.

    Raises BadInput where no quarter of it was sent.
    """
    with Question(store, "absence_totals") as question:
        rows = question.rows(
            f"SELECT quarter_from, {sex_sql()} AS who, 'Year ' || year_group AS year_named, sum(pupils)::BIGINT, "
            "sum(persistently_absent)::BIGINT, sum(severely_absent)::BIGINT FROM absence_totals "
            "WHERE quarter_from BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL",
            {"start": period.start, "end": period.end},
        )
        if not rows:
            raise BadInput(
                f"No quarter's attendance was sent for {period.label}",
                next_step="Load it: concord load absence FILE",
            )
        quarters = list(dict.fromkeys(row[0] for row in rows))
        spans = [Period.quarter(day.year, (day.month + 2) // 3) for day in quarters]
        last, span = quarters[-1], spans[-1]
        latest = [(sex, year, *n) for day, sex, year, *n in rows if day == last]
        years = tuple(sorted({str(row[1]) for row in latest}, key=lambda name: int(name.split()[1])))
        sexes = with_total("sex", "Sex", categories([(str(row[0]),) for row in latest], 0, SEXES[:2]))
        away = counted(
            (sex, year, said, n)
            for sex, year, pupils, missed, _ in latest for said, n in zip(AWAY, (missed, pupils - missed), strict=True)
        )  # fmt: skip
        half = counted(
            (sex, said, n) for sex, _, pupils, _, missed in latest
            for said, n in zip(("Severely absent", "Not"), (missed, pupils - missed), strict=True)
        )  # fmt: skip
        names = tuple(f"{day.year}-Q{(day.month + 2) // 3}" for day in quarters)
        sums = [[sum(row[place] for row in rows if row[0] == day) for place in (4, 3)] for day in quarters]
        tables = (
            shared_out(
                "persistent", f"Persistent absence by sex and year group, {span.label}", "pupils",
                (sexes, with_total("year_group", "Year group", years), with_total("absence", "Absence", AWAY)), away,
                universe=PUPILS, period=span,
            ),
            shared_out(
                "severe", f"Severe absence by sex, {span.label}", "pupils",
                (sexes, with_total("severe", "Absence", ("Severely absent", "Not"))), half, universe=PUPILS,
                period=span,
            ),
            Table(
                "quarters", f"Persistent absence by quarter, {period.label}", "pupils",
                (Dimension("quarter", "Quarter", names),),
                tuple(Cell((name,), missed, base=pupils, estimate=share(missed, pupils) if pupils else None)
                      for name, (missed, pupils) in zip(names, sums, strict=True)),
                additive=False, universe=PUPILS, where=(("absence", AWAY[:1]),), period=period,
            ),
        )  # fmt: skip
        return answer(
            question,
            ABSENCE,
            "How many pupils miss a tenth of school or more, and is it rising?",
            tables,
            base="Pupils on roll in the years for which attendance is returned",
            period=period,
            source="Schools' attendance returns",
            method=ABSENCE_METHOD,
            cannot_say=(
                "Why: illness counts as absence too.",
                "Pupils without a school place are on no roll.",
                "A quarter is shorter than the school year that national figures are of: the two do not compare.",
            ),
            source_class="education",
        )
