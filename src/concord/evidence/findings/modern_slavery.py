"""Modern slavery: who was referred to the National Referral Mechanism, how soon, and what was seen besides."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings.build import Key, last_months, with_total, year_before
from concord.evidence.findings.model import Finding
from concord.evidence.findings.question import Question
from concord.evidence.findings.shares import (
    against_before,
    answer,
    categories,
    counted,
    in_words,
    list_names,
    named,
    shared_out,
)
from concord.evidence.timing.school import bank_holidays
from concord.kernel.periods import Period
from concord.kernel.working_time import LONDON, WorkingTime

NRM, CONCERNS = "nrm", "modern_slavery_concerns"
RAISED = "safeguarding concerns about adults by day raised"
UNIVERSE = "national referral mechanism referrals by identification"
AGES = {"child": "Children", "adult": "Adults"}
ROUTES = {"referral": "Referral", "duty_to_notify": "Duty to notify"}
DECIDED = ("Positive", "Negative", "Not yet decided")
METHOD = (
    "Potential victims by the day on which exploitation was suspected, in the last twelve months of the period: those "
    "referred, and adults who did not consent and of whom the Home Office was notified (Modern Slavery Act 2015 s52). "
    "Submitted in time where the referral was made before the close of working day {days} after that day; bank "
    "holidays are not working days. Wilson intervals."
)
CONCERNS_METHOD = (
    "Safeguarding concerns about adults of the ages that the council counts, raised in the last twelve months of the "
    "period, by kind and by what was decided. Wilson intervals."
)


def find(store: Store, partnership: Any, period: Period, *, within: int = 5) -> Finding:
    """Referrals in the last twelve months of `period`, by age, kind and route, and within `within` working days."""
    now = last_months(period, 12)
    method = METHOD.format(days=within)
    hours = WorkingTime(closed_on=bank_holidays(partnership))
    timely = (f"Within {within} working days", "Later")
    with Question(store, "nrm_referrals") as question:
        bound = {"start": now.start, "end": now.end}
        rows = question.rows(
            "SELECT age_group, route, exploitation, first_responder, reasonable_grounds, identified_on, referred_on, "
            "count(*) FROM nrm_referrals WHERE identified_on BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL",
            bound,
        )
        kinds = named({row[2] for row in rows}, list_names(partnership, "nrm_exploitation_types"))
        responders = named({row[3] for row in rows}, list_names(partnership, "nrm_first_responders"))
        speed: Counter[Key] = Counter()
        for age, *_, seen, sent, n in rows:
            limit = hours.add_working_days(datetime.combine(seen, time(12), LONDON), within)
            speed[AGES[age], timely[sent is None or sent > limit.date()]] += n
        by_kind = counted((AGES[age], kinds[kind], n) for age, _, kind, *_, n in rows)
        by_responder = counted((responders[who], n) for _, _, _, who, *_, n in rows)
        ages = with_total("age", "Age", tuple(AGES.values()))
        before = year_before(now)
        earlier, started = question.rows(
            "SELECT count(*) FILTER (identified_on BETWEEN $start AND $end), min(identified_on) FROM nrm_referrals",
            {"start": before.start, "end": before.end},
        )[0]
        covered = started is not None and started.replace(day=1) <= before.start
        tables = (
            shared_out(
                "routes", f"Potential victims by age and route, {now.label}", "people",
                (ages, with_total("route", "Route", tuple(ROUTES.values()))),
                counted((AGES[age], ROUTES[route], n) for age, route, *_, n in rows), universe=UNIVERSE,
            ),
            shared_out(
                "kinds", f"Potential victims by age and kind of exploitation, {now.label}", "people",
                (ages, with_total("exploitation", "Kind of exploitation", categories(by_kind, 1))), by_kind,
                universe=UNIVERSE,
            ),
            shared_out(
                "submitted", f"Referrals by how soon they were made, {now.label}", "people",
                (ages, with_total("submitted", "Submitted", timely)), speed, universe=UNIVERSE,
            ),
            shared_out(
                "responders", f"Potential victims by who referred, {now.label}", "people",
                (with_total("responder", "First responder", categories(by_responder)),), by_responder,
                universe=UNIVERSE,
            ),
            shared_out(
                "decisions", f"First decisions on those referred, {now.label}", "people",
                (ages, with_total("reasonable_grounds", "Reasonable grounds", DECIDED)),
                counted((AGES[age], in_words(said) if said else DECIDED[2], n)
                        for age, route, _, _, said, *_, n in rows if route == "referral"),
                universe=UNIVERSE, where=(("route", ("Referral",)),),
            ),
            *(
                against_before("change", "Potential victims", "people", sum(row[-1] for row in rows), earlier, now,
                               before, "responders", universe=UNIVERSE)
                if covered else ()
            ),
        )  # fmt: skip
        return answer(
            question,
            NRM,
            "Who is referred as a potential victim of modern slavery, how soon, and with what first decision?",
            tables,
            base="Potential victims whom first responders here referred, or of whom they notified the Home Office",
            period=now,
            source="First responders' records of the National Referral Mechanism",
            method=method,
            cannot_say=(
                "People whom nobody recognised are not counted: more referrals may mean that more are seen.",
                "Who was suspected and never referred, an adult's consent aside, is not known here.",
                "A decision that there are grounds is no finding that somebody was harmed, nor its absence that not.",
            ),
            source_class="social_care",
            parameters={"within": within},
        )


def find_concerns(store: Store, partnership: Any, period: Period) -> Finding:
    """Safeguarding concerns about young adults in the last twelve months of `period`, exploitation among them."""
    now = last_months(period, 12)
    with Question(store, "adult_safeguarding_concerns") as question:
        rows = question.rows(
            "SELECT kind, result, count(*) FROM adult_safeguarding_concerns "
            "WHERE raised_on BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL",
            {"start": now.start, "end": now.end},
        )
        low, high = question.rows("SELECT min(age), max(age) FROM adult_safeguarding_concerns")[0]
        universe = RAISED
        kinds = counted((in_words(kind), n) for kind, _, n in rows)
        results = counted((in_words(result), n) for _, result, n in rows)
        exploited = counted(
            (in_words(kind), n) for kind, _, n in rows if kind in ("sexual_exploitation", "modern_slavery")
        )
        some = ("Sexual exploitation", "Modern slavery")
        tables = (
            shared_out(
                "kinds", f"Concerns by kind, {now.label}", "concerns",
                (with_total("kind", "Kind", categories(kinds)),), kinds, universe=universe,
            ),
            shared_out(
                "exploitation", f"Concerns about exploitation, {now.label}", "concerns",
                (with_total("kind", "Kind", some),), exploited, universe=universe, where=(("kind", some),),
            ),
            shared_out(
                "results", f"Concerns by what was decided, {now.label}", "concerns",
                (with_total("result", "Result", categories(results)),), results, universe=universe,
            ),
        )  # fmt: skip
        return answer(
            question,
            CONCERNS,
            f"Which concerns are raised about adults of {low} to {high}, exploitation and modern slavery among them?",
            tables,
            base="Safeguarding concerns about adults of these ages, raised with the council in the period",
            period=now,
            source="Adult social care",
            method=CONCERNS_METHOD,
            cannot_say=(
                "Several concerns may be about one person.",
                "A concern is what somebody feared; what was found is another question.",
            ),
            source_class="social_care",
        )
