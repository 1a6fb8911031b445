"""Children in youth justice: who enters it, what is decided, whether it is completed, and whom each stage falls on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings.build import last_months, with_total, year_before
from concord.evidence.findings.children import AGE_LABEL, AGES, BORN, SEXES, age_sql, sex_sql
from concord.evidence.findings.ethnicity import REFERENCE, group_names, residents_by_group, with_groups
from concord.evidence.findings.model import TOTAL, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.shares import (
    NOT_KNOWN,
    UNSTATED,
    against_before,
    answer,
    beside,
    categories,
    counted,
    in_words,
    rates,
    shared_out,
)
from concord.kernel.errors import BadInput
from concord.kernel.periods import Period

NAME, STAGES, AGAIN = "youth_justice", "youth_justice_stages", "reoffending_after_outcome_22"
SOME = (("stage", ("with an outcome",)),)
UNIVERSE = "youth justice decisions by day"
ENTRANTS = (("first_time_entrant", ("Yes",)),)
DIVERTED = ("Community resolution or outcome 22", "Caution, court or other formal outcome")
INFORMAL = ("community_resolution", "outcome_22")
FORMAL = ("youth_caution", "youth_conditional_caution", "referral_order", "youth_rehabilitation_order", "detention",
          "discharge_or_fine")  # fmt: skip
PER = 100_000.0
METHOD = (
    "Decisions about children by the day on which they were made, in the last twelve months of the period. First-time "
    "entrants for every 100,000 residents of 10 to 17, Byar's interval, exact below ten. Diverted: community "
    "resolutions "
    "(outcome 8) and diversions (outcome 22) of all decisions but those to take no further action. Completed: of "
    "interventions whose last day fell in the period. Wilson intervals."
)
STAGES_METHOD = (
    "Relative rate index (Uhrig, 2016): each stage's denominator is the stage before, and each group stands beside "
    "White "
    "children: decisions for each resident of 10 to 17; formal outcomes of decisions; custody of formal outcomes. "
    "Log-Wald intervals, exact below ten; a false discovery rate of 5% over the groups of a stage. Decisions in "
    "which no group was stated are missing, not a group: the bounds say how far they could move a ratio."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """Entrants, disposals and completion in the last twelve months of `period`.

    Raises BadInput where no residents of 10 to 17 are loaded.
    """
    now, before = last_months(period, 12), year_before(last_months(period, 12))
    with Question(store, "youth_justice_outcomes", "population") as question:
        bound = {"start": now.start, "end": now.end}
        people = dict(
            question.rows(
                f"SELECT {sex_sql()} AS who, sum(persons)::BIGINT FROM population WHERE age_band = '10-17' "
                "AND vintage = (SELECT max(vintage) FROM population) GROUP BY 1 ORDER BY 1"
            )
        )
        if not sum(people.values()):
            raise BadInput(
                "There are no residents of 10 to 17 to compare decisions with.",
                next_step="Load them: concord load population FILE",
            )
        once = "youth_justice_outcomes WHERE decided_on BETWEEN $start AND $end"
        rows = question.rows(
            f"SELECT disposal, {sex_sql()} AS who, {age_sql('offence_on')} AS age, first_time_entrant = 'Y' AS "
            f"entered, gravity, count(*) FROM {once} GROUP BY ALL ORDER BY ALL",
            bound,
        )
        ended = question.rows(
            "SELECT disposal, CASE completed WHEN 'Y' THEN 'Completed' WHEN 'N' THEN 'Not completed' END AS done, "
            "count(*) FROM youth_justice_outcomes WHERE ends_on BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL",
            bound,
        )
        earlier, first = question.rows(
            "SELECT count(*) FILTER (first_time_entrant = 'Y' AND decided_on BETWEEN $start AND $end), min(decided_on) "
            "FROM youth_justice_outcomes",
            {"start": before.start, "end": before.end},
        )[0]
        entered = counted((sex, n) for _, sex, _, new, _, n in rows if new)
        disposals = counted((in_words(disposal), n) for disposal, *_, n in rows)
        order = tuple(in_words(each) for each in (*INFORMAL, "no_further_action", *FORMAL))
        diverted = counted(
            (sex, DIVERTED[disposal not in INFORMAL], n)
            for disposal, sex, *_, n in rows if disposal != "no_further_action"
        )  # fmt: skip
        gravity = counted((NOT_KNOWN if score is None else f"Score {score}", n) for *_, score, n in rows)
        ages = counted((age, n) for _, _, age, _, _, n in rows)
        completed = counted((in_words(disposal), done, n) for disposal, done, n in ended)
        done = ("Completed", "Not completed")
        tables = (
            rates(
                "entrants", f"First-time entrants to youth justice, {now.label}", "children",
                with_total("sex", "Sex", categories(entered, 0, SEXES)), entered,
                {**people, TOTAL: sum(people.values())}, per=PER, of="residents of 10 to 17", universe=UNIVERSE,
                where=ENTRANTS,
            ),
            shared_out(
                "disposals", f"Youth justice decisions, {now.label}", "decisions",
                (with_total("disposal", "Decision", categories(disposals, 0, order)),), disposals, universe=UNIVERSE,
            ),
            shared_out(
                "diverted", f"Outcomes by whether the child was diverted, {now.label}", "decisions",
                (with_total("sex", "Sex", categories(diverted, 0, SEXES)), with_total("diverted", "Outcome", DIVERTED)),
                diverted, universe=UNIVERSE, where=SOME,
            ),
            shared_out(
                "completed", f"Interventions that ended, {now.label}", "interventions",
                (with_total("disposal", "Decision", categories(completed, 0, ("Outcome 22", "Community resolution"))),
                 with_total("completed", "Completed", categories(completed, 1, done))), completed,
                universe="youth justice interventions by last day",
            ),
            shared_out(
                "gravity", f"Decisions by gravity score, {now.label}", "decisions",
                (with_total("gravity", "Gravity score", categories(gravity)),), gravity, universe=UNIVERSE,
            ),
            shared_out(
                "ages", f"Decisions by age, {now.label}", "decisions",
                (with_total("age", AGE_LABEL, categories(ages, 0, AGES)),), ages, universe=UNIVERSE,
            ),
            *(
                against_before("change", "First-time entrants", "children", sum(entered.values()), earlier, now, before,
                               "entrants", universe=UNIVERSE, where=ENTRANTS)
                if first is not None and first.replace(day=1) <= before.start else ()
            ),
        )  # fmt: skip
        return answer(
            question,
            NAME,
            "How many children enter youth justice, what is decided, and do they complete it?",
            tables,
            base="Decisions about children of 10 to 17 at the offence, and first decisions among them",
            period=now,
            source="The youth justice service; residents by age",
            method=METHOD,
            cannot_say=(
                "What a child did: a decision follows what was suspected, admitted or proven.",
                "Fewer decisions may mean less offending, or that less is found or referred.",
                "With so few entrants one child more or less moves the rate: read the interval.",
                BORN,
            ),
            source_class="police",
        )


def find_stages(store: Store, partnership: Any, period: Period) -> Finding:
    """How much more often each stage falls on each ethnic group, in the last twenty-four months of `period`."""
    now = last_months(period, 24)
    with Question(store, "youth_justice_outcomes", "population_ethnicity") as question:
        with_groups(question)
        residents = residents_by_group(question, ("10-17",))
        formal = ", ".join(f"'{each}'" for each in FORMAL)
        rows = question.rows(
            f"SELECT coalesce(name, '{UNSTATED}') AS given, count(*), count(*) FILTER (disposal IN ({formal})), "
            "count(*) FILTER (disposal = 'detention'), count(*) FILTER (first_time_entrant = 'Y'), "
            "count(*) FILTER (disposal <> 'no_further_action'), "
            "count(*) FILTER (disposal IN ('community_resolution', 'outcome_22')) "
            "FROM youth_justice_outcomes LEFT JOIN ethnic_groups ON code = ethnicity_self "
            "WHERE decided_on BETWEEN $start AND $end GROUP BY 1 ORDER BY 1",
            {"start": now.start, "end": now.end},
        )
        decided, ended, custody, entered, positive, diverted = (
            {str(row[0]): int(row[place]) for row in rows} for place in range(1, 7)
        )
        names = group_names(set(residents) | set(decided))
        given = with_total("ethnicity", "Ethnic group, as the child gave it", names)
        others = replace(given, categories=names)
        known = {name: float(n) for name, n in residents.items()}

        def count(name: str, title: str, counts: dict[str, int], where: Any = ()) -> Table:
            keyed = {(group,): n for group, n in counts.items()}
            return shared_out(
                name, f"{title}, {now.label}", "decisions", (given,), keyed, universe=UNIVERSE, where=where
            )

        fell = "times the rate of White children"
        tables = (
            count("decisions", "Youth justice decisions by ethnic group", decided),
            count("formal", "Formal outcomes by ethnic group", ended, (("stage", ("formal",)),)),
            count("custody", "Custody by ethnic group", custody, (("stage", ("custody",)),)),
            count("entrants", "First-time entrants by ethnic group", entered, ENTRANTS),
            count("outcomes", "Decisions with an outcome by ethnic group", positive, SOME),
            count("diverted", "Diverted children by ethnic group", diverted, (("diverted", DIVERTED[:1]),)),
            beside("decisions_rate", f"Decisions for each resident of 10 to 17, beside White children, {now.label}",
                   "decisions", others, decided, known, REFERENCE, fell, counted_in="decisions", universe=UNIVERSE),
            beside("entrants_rate", f"First-time entrants for each resident, beside White children, {now.label}",
                   "decisions", others, entered, known, REFERENCE, fell, counted_in="entrants", universe=UNIVERSE,
                   where=ENTRANTS),
            beside("formal_rate", f"Formal outcomes of decisions, beside White children, {now.label}", "decisions",
                   others, ended, {k: float(v) for k, v in decided.items()}, REFERENCE, fell, counted_in="formal",
                   within="decisions", universe=UNIVERSE, where=(("stage", ("formal",)),)),
            beside("diverted_rate", f"Diversion of decisions with an outcome, beside White children, {now.label}",
                   "decisions", others, diverted, {k: float(v) for k, v in positive.items()}, REFERENCE, fell,
                   counted_in="diverted", within="outcomes", universe=UNIVERSE, where=(("diverted", DIVERTED[:1]),)),
            beside("custody_rate", f"Custody of formal outcomes, beside White children, {now.label}", "decisions",
                   others, custody, {k: float(v) for k, v in ended.items()}, REFERENCE, fell, counted_in="custody",
                   within="formal", universe=UNIVERSE, where=(("stage", ("custody",)),)),
        )  # fmt: skip
        return answer(
            question,
            STAGES,
            "Does youth justice fall on children of some ethnic groups more, and at which stage?",
            tables,
            base="Decisions about children of 10 to 17 at the offence, by the group they gave; residents of that age",
            period=now,
            source="The youth justice service; residents by age and ethnic group",
            method=STAGES_METHOD,
            cannot_say=(
                "Why: offences, admission and history differ between children and are not compared here.",
                "Whether a decision was right, or unfair to anyone.",
                "Arrests, charges and remand are stages too, and are not in these records.",
                "Groups hold many groups; where few children were counted the interval holds almost anything.",
            ),
            source_class="police",
        )


def find_again(store: Store, partnership: Any, period: Period) -> Finding:
    """Children whose outcome 22 ended 12 to 24 months before the end of `period`, and who offended again."""
    until = date(period.end.year - 1, period.end.month, min(period.end.day, 28))
    cohort = Period(last_months(Period(date(period.end.year - 4, 1, 1), period.end), 24).start, until)
    method = (
        "Children whose intervention of outcome 22 ended 12 to 24 months before the end of the period, each once, by "
        "whether an offence of theirs within 12 months of its end led to another youth justice decision. Wilson "
        "interval."
    )
    said = ("Another decision", "None")
    with Question(store, "youth_justice_outcomes") as question:
        whole, again = question.rows(
            """WITH ended AS (
                SELECT person_ref, min(ends_on) AS ends_on FROM youth_justice_outcomes
                WHERE disposal = 'outcome_22' AND ends_on BETWEEN $start AND $end AND person_ref IS NOT NULL GROUP BY 1
            )
            SELECT count(*), count(*) FILTER (EXISTS (
                SELECT 1 FROM youth_justice_outcomes o WHERE o.person_ref = ended.person_ref
                AND o.offence_on > ended.ends_on AND o.offence_on <= ended.ends_on + INTERVAL 12 MONTH))
            FROM ended""",
            {"start": cohort.start, "end": cohort.end},
        )[0]
        table = shared_out(
            "again", f"Children after outcome 22, by whether there was another decision, {cohort.label}", "children",
            (with_total("again", "Another decision within 12 months", said),),
            {(said[0],): again, (said[1],): whole - again}, universe="children by end of outcome 22", period=cohort,
        )  # fmt: skip
        return answer(
            question,
            AGAIN,
            "Do children offend again in the 12 months after outcome 22?",
            (table,),
            base="Children whose intervention of outcome 22 ended 12 to 24 months before the end of the period",
            period=period,
            source="The youth justice service",
            method=method,
            cannot_say=(
                "Whether outcome 22 made the difference: children who got it differ from those who did not.",
                "Offences that led to no decision here, or that were decided after the period, are not seen.",
                "A child written down under two numbers counts as two.",
            ),
            source_class="police",
        )
