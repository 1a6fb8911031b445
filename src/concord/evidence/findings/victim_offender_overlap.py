"""How many young people are both victims and suspects of serious violence."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import linked_people as people
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import additive, last_months, of_whole, with_total
from concord.evidence.findings.model import Finding
from concord.evidence.linkage.uses import require_quality
from concord.kernel.periods import Period

NAME = "victim_offender_overlap"
ROLES = ("Victim only", "Suspect only", "Both victim and suspect")
MONTHS = 24
METHOD = (
    "People named in offences that are in the definition, recorded in the last 24 months of the period, who were "
    "under the age given at an offence. Records are one person where record linkage joins them at the match "
    "probability given or above. Shares with Wilson intervals."
)


def find(store: Store, partnership: Any, period: Period, *, under: int = 25, match_at_least: float = 0.95) -> Finding:
    """People under `under` at an offence, in the last 24 months of `period`.

    Raises NotGoodEnough (a refusal) where links are not known to be good enough for this.
    """
    now = last_months(period, MONTHS)
    quality = require_quality(store, partnership.linkage, NAME)
    with violence.ask(store, *people.DATASETS) as question:
        people.name_people(question, match_at_least)
        rows = question.rows(
            """WITH roles AS (
                SELECT person, bool_or(role = 'victim') AS victim, bool_or(role = 'suspect') AS suspect
                FROM named WHERE verdict = 'in' AND recorded_on BETWEEN $start AND $end AND age < $under GROUP BY 1
            )
            SELECT CASE WHEN victim AND suspect THEN 2 WHEN suspect THEN 1 ELSE 0 END AS kind, count(*)
            FROM roles GROUP BY 1 ORDER BY 1""",
            {"start": now.start, "end": now.end, "under": under},
        )
        whole = sum(n for _, n in rows)

        table = additive(
            "roles",
            f"Young people by role in serious violence, {now.label}",
            "people",
            (with_total("role", "Role", ROLES),),
            {(ROLES[kind],): n for kind, n in rows},
            dress=of_whole("roles", whole),
            universe=people.UNIVERSE,
            # Single years, so that “under 25” less “under 24” is seen to be one year of age.
            where=(("age", tuple(f"{age:03d}" for age in range(under))), *violence.IN),
        )
        method = METHOD + people.how_good(quality)
        return Finding(
            name=NAME,
            question=f"How many people under {under} are both victims and suspects of serious violence?",
            tables=(table,),
            base="People named as victims or suspects of offences in the definition, joined across records",
            period=now,
            source=people.SOURCE,
            method=method,
            lineage=question.lineage(
                NAME, method, {"under": under, "match_at_least": match_at_least}, violence.version(question)
            ),
            cannot_say=(
                *violence.CANNOT_SAY,
                "A suspect is not someone who was found to have done it.",
                "Suspects nobody could name, and people of no known age, are not counted.",
                "Links that were missed make the overlap look smaller; false links make it look larger.",
                *people.CAUTIONS,
                "It says nothing about which came first.",
            ),
            synthetic=question.synthetic,
        )
