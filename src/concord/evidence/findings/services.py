"""What services were told and did: hate reports made to others than the police, landlords' concerns, police
notifications about children, children who are victims of domestic abuse."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time
from typing import Any

from concord import codelists
from concord.evidence.datasets.store import Store
from concord.evidence.findings.build import Key, last_months, with_total, year_before
from concord.evidence.findings.children import AGE_LABEL, AGES, BORN, SEXES, age_sql, sex_sql
from concord.evidence.findings.model import TOTAL, Finding
from concord.evidence.findings.question import Question
from concord.evidence.findings.shares import (
    against_before,
    answer,
    categories,
    counted,
    in_words,
    named,
    rates,
    shared_out,
)
from concord.evidence.timing.school import bank_holidays
from concord.kernel.periods import Period
from concord.kernel.working_time import LONDON, WorkingTime

THIRD_PARTY, HOUSING_CONCERNS = "third_party_reports", "housing_concerns"
NOTIFICATIONS, DOMESTIC_ABUSE = "child_notifications", "children_domestic_abuse"
REPORTS = "hate reports to third parties by day reported"
CONCERNS = "concerns of housing providers by day raised"
TOLD = "police notifications about children"
POLICE = ("Told the police too", "Did not", "Not known")


def find_reports(store: Store, partnership: Any, period: Period) -> Finding:
    """Hate reports to third parties in the last twelve months of `period`, beside what the police recorded."""
    now = last_months(period, 12)
    method = (
        "Reports by the day on which they were made, in the last twelve months of the period. Share of all reports and "
        "records: reports of people who did not tell the police, over those and the police's recorded hate crimes, so "
        "that nothing is counted twice. Wilson intervals."
    )
    with Question(store, "hate_reports", "recorded_crime") as question:
        bound = {"start": now.start, "end": now.end}
        rows = question.rows(
            "SELECT strand, centre, kind, told_police, count(*) FROM hate_reports "
            "WHERE reported_on BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL",
            bound,
        )
        listed = {entry.code: entry.label for entry in codelists.get("hate_strands")}
        strands = named({row[0] for row in rows}, listed)
        police = {"Y": POLICE[0], "N": POLICE[1]}
        by_strand = counted((strands[strand], police.get(told, POLICE[2]), n) for strand, _, _, told, n in rows)
        by_centre = counted((in_words(centre), n) for _, centre, *_, n in rows)
        by_kind = counted((in_words(kind), n) for _, _, kind, _, n in rows)
        recorded = question.rows(
            "SELECT count(DISTINCT crime_ref) FROM recorded_crime "
            "WHERE coalesce(hate_strand, '') <> '' AND recorded_on::DATE BETWEEN $start AND $end",
            bound,
        )[0][0]
        alone = sum(n for *_, told, n in rows if told != "Y")
        before = year_before(now)
        earlier, started = question.rows(
            "SELECT count(*) FILTER (reported_on BETWEEN $start AND $end), min(reported_on) FROM hate_reports",
            {"start": before.start, "end": before.end},
        )[0]
        seen = ("Only a third party", "The police")
        share_of = shared_out(
            "share", f"Hate reported to others than the police, {now.label}", "reports and records",
            (with_total("known_to", "Known to", seen),), {(seen[0],): alone, (seen[1],): recorded},
            universe="hate reports and records together",
        )  # fmt: skip
        tables = (
            shared_out(
                "strands", f"Third-party hate reports by strand, {now.label}", "reports",
                (with_total("strand", "Strand", categories(by_strand)),),
                counted((strand, n) for (strand, _), n in by_strand.items()), universe=REPORTS,
            ),
            shared_out(
                "police", f"Third-party hate reports by whether the police were told, {now.label}", "reports",
                (with_total("police", "The police", POLICE),),
                counted((told, n) for (_, told), n in by_strand.items()), universe=REPORTS,
            ),
            shared_out(
                "centres", f"Third-party hate reports by where they were made, {now.label}", "reports",
                (with_total("centre", "Where", categories(by_centre)),), by_centre, universe=REPORTS,
            ),
            shared_out(
                "kinds", f"Third-party hate reports by what happened, {now.label}", "reports",
                (with_total("kind", "What happened", categories(by_kind)),), by_kind, universe=REPORTS,
            ),
            share_of,
            *(
                against_before("change", "Third-party hate reports", "reports", sum(by_kind.values()), earlier, now,
                               before, "kinds", universe=REPORTS)
                if started is not None and started.replace(day=1) <= before.start else ()
            ),
        )  # fmt: skip
        return answer(
            question,
            THIRD_PARTY,
            "How much hate is reported to others than the police, and of what kind?",
            tables,
            base="Reports to third-party reporting centres in the period; hate crimes recorded by the police",
            period=now,
            source="Third-party reporting centres; police recorded crime",
            method=method,
            cannot_say=(
                "Reports ask for no name: somebody may have reported the same thing twice.",
                "More reports may mean more hate, or more trust in those who take the report.",
                "A report need not be of a crime.",
            ),
            source_class="desk",
        )


def find_housing(store: Store, partnership: Any, period: Period, *, within: int = 10) -> Finding:
    """Concerns of landlords in the last twelve months of `period`, and whether they heard back in `within` days."""
    now = last_months(period, 12)
    hours = WorkingTime(closed_on=bank_holidays(partnership))
    heard = (f"Within {within} working days", "Later", "Not told")
    method = (
        "Concerns by the day on which they were raised, in the last twelve months of the period. Told in time where "
        "the "
        f"provider heard before the close of working day {within} after that day; bank holidays are not working days. "
        "Rate on residents, for want of a count of homes. Wilson and Byar's intervals."
    )
    with Question(store, "housing_concerns", "population") as question:
        bound = {"start": now.start, "end": now.end}
        rows = question.rows(
            "SELECT provider, kind, raised_on, told_on, count(*) FROM housing_concerns "
            "WHERE raised_on BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL",
            bound,
        )
        people = question.rows(
            "SELECT coalesce(sum(persons), 0)::BIGINT FROM population "
            "WHERE vintage = (SELECT max(vintage) FROM population)"
        )[0][0]
        told: Counter[Key] = Counter()
        for provider, _, raised, answered, n in rows:
            limit = hours.add_working_days(datetime.combine(raised, time(12), LONDON), within).date()
            told[str(provider), heard[2 if answered is None else answered > limit]] += n
        kinds = counted((in_words(kind), n) for _, kind, *_, n in rows)
        tables = (
            rates(
                "rate", f"Concerns of housing providers by kind, {now.label}", "concerns",
                with_total("kind", "Kind", categories(kinds)), kinds,
                dict.fromkeys((*categories(kinds), TOTAL), float(people)), per=1_000.0, of="residents",
                universe=CONCERNS,
            ),
            shared_out(
                "told", f"Concerns by how soon the provider was told what came of them, {now.label}", "concerns",
                (with_total("provider", "Provider", categories(told)), with_total("told", "Told", heard)), told,
                universe=CONCERNS,
            ),
        )  # fmt: skip
        return answer(
            question,
            HOUSING_CONCERNS,
            "What do landlords tell the partnership, and do they hear back?",
            tables,
            base="Concerns that housing providers raised in the period",
            period=now,
            source="Registered providers of social housing",
            method=method,
            cannot_say=(
                "Providers have homes in different numbers: a count says nothing of how well one looks.",
                "Concerns raised shortly before the period's end may yet be answered in time and count as not told.",
            ),
            source_class="desk",
            parameters={"within": within},
        )


def find_notifications(store: Store, partnership: Any, period: Period) -> Finding:
    """Police notifications about children in the last twelve months of `period`, by reason, sex and age."""
    now = last_months(period, 12)
    with Question(store, "child_notifications") as question:
        rows = question.rows(
            f"SELECT reason, {sex_sql()} AS who, {age_sql('raised_at')} AS age, count(*) FROM child_notifications "
            "WHERE raised_at::DATE BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL",
            {"start": now.start, "end": now.end},
        )
        reasons = named({row[0] for row in rows}, {e.code: e.label for e in codelists.get("notification_reasons")})
        by_reason = counted((reasons[reason], n) for reason, *_, n in rows)
        who = counted((sex, age, n) for _, sex, age, n in rows)
        tables = (
            shared_out(
                "reasons", f"Notifications about children by reason, {now.label}", "notifications",
                (with_total("reason", "Reason", categories(by_reason)),), by_reason, universe=TOLD,
            ),
            shared_out(
                "who", f"Notifications about children by sex and age, {now.label}", "notifications",
                (with_total("sex", "Sex", categories(who, 0, SEXES)),
                 with_total("age", AGE_LABEL, categories(who, 1, AGES))), who, universe=TOLD,
            ),
        )  # fmt: skip
        return answer(
            question,
            NOTIFICATIONS,
            "About what do the police notify children's services?",
            tables,
            base="Notifications about a child that the police sent in the period",
            period=now,
            source="Police notifications to children's services",
            method="Notifications by the day on which they were raised, in the last twelve months of the period.",
            cannot_say=(
                "A child may be in several notifications.",
                "Children who came to the notice of the police without one are not counted.",
                BORN,
            ),
            source_class="police",
        )


def find_domestic_abuse(store: Store, partnership: Any, period: Period) -> Finding:
    """Children known to social care as victims of domestic abuse, in episodes begun in the last twelve months."""
    now = last_months(period, 12)
    method = (
        "Children in episodes of children's social care that began in the last twelve months of the period and are "
        "marked as victims of domestic abuse (Domestic Abuse Act 2021 s3), each child once; rate on residents under "
        "18, Byar's interval."
    )
    universe = "children marked as victims of domestic abuse"
    with Question(store, "childrens_social_care", "population") as question:
        bound = {"start": now.start, "end": now.end}
        victims = (
            "SELECT person_ref, min(started_on) AS started_on, any_value(birth_year) AS birth_year, any_value(sex) "
            "AS sex "
            "FROM childrens_social_care WHERE domestic_abuse_victim = 'Y' AND started_on BETWEEN $start AND $end "
            "GROUP BY 1"
        )
        who = counted(
            question.rows(
                f"SELECT {sex_sql()} AS who, {age_sql('started_on')} AS age, count(*) FROM ({victims}) "
                "GROUP BY ALL ORDER BY ALL",
                bound,
            )
        )
        people = dict(
            question.rows(
                f"SELECT {sex_sql()} AS who, sum(persons)::BIGINT FROM population WHERE age_band IN ('0-9', '10-17') "
                "AND vintage = (SELECT max(vintage) FROM population) GROUP BY 1 ORDER BY 1"
            )
        )
        children = {**people, TOTAL: sum(people.values())}
        sexes = with_total("sex", "Sex", categories(who, 0, SEXES))
        tables = (
            rates(
                "rate", f"Children marked as victims of domestic abuse, {now.label}", "children", sexes,
                counted((sex, n) for (sex, _), n in who.items()), children, per=1_000.0, of="residents under 18",
                universe=universe,
            ),
            shared_out(
                "ages", f"Children marked as victims of domestic abuse by age, {now.label}", "children",
                (with_total("age", AGE_LABEL, categories(who, 1, AGES)),),
                counted((age, n) for (_, age), n in who.items()), universe=universe,
            ),
        )  # fmt: skip
        return answer(
            question,
            DOMESTIC_ABUSE,
            "How many children are known as victims of domestic abuse, of residents under 18?",
            tables,
            base="Children whose episode of social care began in the period and says that they are victims",
            period=now,
            source="Children's social care; residents by age",
            method=method,
            cannot_say=(
                "Children whom social care does not know, or whose record does not say so, are not counted.",
                "More children may mean that more are asked.",
                BORN,
            ),
            source_class="social_care",
        )
