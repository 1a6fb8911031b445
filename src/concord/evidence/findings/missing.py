"""Children who go missing: how many, how often, in school hours, and whether somebody speaks with them afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings.build import last_months, with_total, year_before
from concord.evidence.findings.children import AGE_LABEL, AGES, BORN, SEXES, age_sql, school_hours, sex_sql
from concord.evidence.findings.model import Finding
from concord.evidence.findings.question import Question
from concord.evidence.findings.shares import (
    NOT_KNOWN,
    against_before,
    answer,
    categories,
    counted,
    in_words,
    shared_out,
)
from concord.kernel.periods import Period

MISSING, INTERVIEWS = "missing", "return_home_interviews"
UNIVERSE = "missing episodes by start"
OFTEN = ("Once", "Twice", "Three times or more")
HOURS = ("In school hours for some of it", "Outside school hours", NOT_KNOWN)
SPOKEN = ("Within 72 hours", "Later", "Not held")
METHOD = (
    "Episodes by the day on which they began, in the last twelve months of the period; children by the number of "
    "episodes that the police gave them. An episode is in school hours where any of it falls in hours in which schools "
    "are open, by the partnership's calendar. Wilson intervals."
)
INTERVIEWS_METHOD = (
    "Episodes that began in the last twelve months of the period and ended, by whether an interview with the child was "
    "held within {hours} hours of the child being found. Declined interviews, those that could not be held and those "
    "of which nothing came are not held. Wilson intervals."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """Missing episodes and the children in them, in the last twelve months of `period`."""
    now = last_months(period, 12)
    with Question(store, "missing_episodes") as question:
        bound = {"start": now.start, "end": now.end}
        within = "missing_from::DATE BETWEEN $start AND $end"
        until = f"coalesce(found_at, TIMESTAMP '{now.end + timedelta(days=1)}')"
        at_school = school_hours(question, partnership, now, "missing_from::TIMESTAMP", f"({until})::TIMESTAMP")
        episodes = counted(
            (in_words(place), in_words(risk), n)
            for place, risk, n in question.rows(
                f"SELECT missing_from_place, risk, count(*) FROM missing_episodes WHERE {within} "
                "GROUP BY ALL ORDER BY ALL",
                bound,
            )
        )
        hours = counted(
            (HOURS[2] if hit is None else HOURS[0] if hit else HOURS[1], n)
            for hit, n in question.rows(
                f"SELECT hit, count(*) FROM (SELECT {at_school} AS hit FROM missing_episodes WHERE {within}) "
                "GROUP BY 1 ORDER BY 1",
                bound,
            )
        )
        children = question.rows(
            f"SELECT {age_sql('first')} AS age, {sex_sql()} AS who, least(times, 3) AS often, count(*) FROM ("
            "SELECT person_ref, min(missing_from) AS first, any_value(birth_year) AS birth_year, any_value(sex) AS "
            f"sex, count(*) AS times FROM missing_episodes WHERE {within} GROUP BY 1) GROUP BY ALL ORDER BY ALL",
            bound,
        )
        before = year_before(now)
        earlier, started = question.rows(
            "SELECT count(*) FILTER (missing_from::DATE BETWEEN $start AND $end), min(missing_from)::DATE "
            "FROM missing_episodes",
            {"start": before.start, "end": before.end},
        )[0]
        whole = sum(episodes.values())
        covered = started is not None and started.replace(day=1) <= before.start
        places = with_total("place", "Missing from", categories(episodes, 0, ("Home", "Care here", "Care elsewhere")))
        risks = with_total(
            "risk",
            "Risk, as the police judged it",
            categories(episodes, 1, ("No apparent risk", "Low", "Medium", "High")),
        )
        people, who = "children missing", counted((sex, age, n) for age, sex, _, n in children)
        tables = (
            shared_out(
                "risk", f"Missing episodes by where from and risk, {now.label}", "episodes", (places, risks), episodes,
                universe=UNIVERSE,
            ),
            shared_out(
                "school_hours", f"Missing episodes and school hours, {now.label}", "episodes",
                (with_total("school_hours", "School hours", HOURS),), hours, universe=UNIVERSE,
            ),
            shared_out(
                "children", f"Children by how often they went missing, {now.label}", "children",
                (with_total("often", "How often", OFTEN),),
                counted((OFTEN[often - 1], n) for _, _, often, n in children), universe=people,
            ),
            shared_out(
                "who", f"Children who went missing, by sex and age, {now.label}", "children",
                (with_total("sex", "Sex", categories(who, 0, SEXES)),
                 with_total("age", AGE_LABEL, categories(who, 1, AGES))), who, universe=people,
            ),
            *(
                against_before(
                    "change", "Missing episodes", "episodes", whole, earlier, now, before, "school_hours",
                    universe=UNIVERSE,
                )
                if covered else ()
            ),
        )  # fmt: skip
        return answer(
            question,
            MISSING,
            "How many children go missing, how often, and is it in school hours?",
            tables,
            base="Episodes in which a child was reported missing to the police, begun in the period",
            period=now,
            source="Police missing person reports of children",
            method=METHOD,
            cannot_say=(
                "A child whom nobody reported missing is not counted.",
                "A child whom the police wrote down under two numbers counts as two.",
                BORN,
                "An episode is a sign to look closer; by itself it says nothing of exploitation.",
            ),
            source_class="police",
        )


def find_interviews(store: Store, partnership: Any, period: Period, *, hours: int = 72) -> Finding:
    """Interviews held within `hours` of a missing child's return, for episodes begun in the last twelve months."""
    now = last_months(period, 12)
    method = INTERVIEWS_METHOD.format(hours=hours)
    with Question(store, "missing_episodes", "return_home_interviews") as question:
        bound = {"start": now.start, "end": now.end, "hours": hours}
        in_time = "r.held_at::TIMESTAMP <= e.found_at::TIMESTAMP + to_hours($hours::INTEGER)"
        told = (
            f"CASE WHEN r.result = 'held' AND {in_time} THEN '{SPOKEN[0]}' "
            f"WHEN r.result = 'held' THEN '{SPOKEN[1]}' ELSE '{SPOKEN[2]}' END"
        )
        once = (
            "(SELECT * FROM return_home_interviews QUALIFY row_number() OVER (PARTITION BY episode_ref "
            "ORDER BY (result = 'held') DESC, held_at NULLS LAST, offered_on NULLS LAST) = 1)"
        )
        rows = question.rows(
            f"SELECT e.missing_from_place, {age_sql('e.missing_from')} AS age, {told} AS told, r.concern, count(*) "
            f"FROM missing_episodes e LEFT JOIN {once} r USING (episode_ref) "
            "WHERE e.missing_from::DATE BETWEEN $start AND $end AND e.found_at::DATE <= $end GROUP BY ALL ORDER BY ALL",
            bound,
        )
        spoken = with_total("interview", "Interview", SPOKEN)
        ended = (("ended", ("in the period",)),)
        by_place = counted((in_words(place), said, n) for place, _, said, _, n in rows)
        by_age = counted((age, said, n) for _, age, said, _, n in rows)
        concerns = counted((in_words(c), n) for _, _, said, c, n in rows if said != SPOKEN[2])
        places = categories(by_place, 0, ("Home", "Care here", "Care elsewhere"))
        tables = (
            shared_out(
                "interviews", f"Return home interviews by where the child lived, {now.label}", "episodes",
                (with_total("place", "Missing from", places), spoken), by_place, universe=UNIVERSE, where=ended,
            ),
            shared_out(
                "ages", f"Return home interviews by age, {now.label}", "episodes",
                (with_total("age", AGE_LABEL, categories(by_age, 0, AGES)), spoken), by_age, universe=UNIVERSE,
                where=ended,
            ),
            shared_out(
                "concerns", f"What children spoke of in interviews, {now.label}", "interviews",
                (with_total("concern", "Main concern", categories(concerns)),), concerns,
                universe=UNIVERSE, where=(("interview", SPOKEN[:2]), *ended),
            ),
        )  # fmt: skip
        return answer(
            question,
            INTERVIEWS,
            "Does somebody speak with missing children soon after they come back?",
            tables,
            base="Missing episodes of children that began and ended in the period",
            period=now,
            source="Police missing person reports of children; the council's return home interviews",
            method=method,
            cannot_say=(
                "Whether the child was heard, or what was done about what was said.",
                "Episodes whose interview is written down after the period's last quarter was sent count as not held.",
                BORN,
            ),
            source_class="social_care",
            parameters={"hours": hours},
        )
