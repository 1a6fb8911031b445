"""How many young people are both victims and suspects of serious violence."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import additive, last_months, with_total
from concord.evidence.findings.model import TOTAL, Cell, Finding
from concord.evidence.findings.statistics import share
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
    # The quality is read too, so that the figure is pinned to the measurement it was allowed by.
    with violence.ask(store, "crime_persons", "person_links", "linkage_quality") as question:
        rows = question.rows(
            """WITH linked AS (
                SELECT person_ref, any_value(linked_ref ORDER BY match_probability DESC, linked_ref) AS linked_ref
                FROM person_links WHERE feed = 'crime_persons' AND match_probability >= $match GROUP BY 1
            ), named AS (
                SELECT coalesce(l.linked_ref, p.person_ref) AS person, p.role
                FROM crime_persons p JOIN events e USING (crime_ref) LEFT JOIN linked l USING (person_ref)
                WHERE e.verdict = 'in' AND e.recorded_on BETWEEN $start AND $end AND p.age < $under
                    AND p.person_ref IS NOT NULL
            ), roles AS (
                SELECT person, bool_or(role = 'victim') AS victim, bool_or(role = 'suspect') AS suspect
                FROM named GROUP BY 1
            )
            SELECT CASE WHEN victim AND suspect THEN 2 WHEN suspect THEN 1 ELSE 0 END AS kind, count(*)
            FROM roles GROUP BY 1 ORDER BY 1""",
            {"match": match_at_least, "start": now.start, "end": now.end, "under": under},
        )
        whole = sum(n for _, n in rows)

        def dress(key: tuple[str, ...], n: int) -> Cell:
            if key == (TOTAL,) or not whole:
                return Cell(key, n)
            return Cell(key, n, base=whole, estimate=share(n, whole), rests_on=(("roles", (TOTAL,)),))

        table = additive(
            "roles",
            f"Young people by role in serious violence, {now.label}",
            "people",
            (with_total("role", "Role", ROLES),),
            {(ROLES[kind],): n for kind, n in rows},
            dress=dress,
            universe="people named in recorded offences",
            # Single years, so that “under 25” less “under 24” is seen to be one year of age.
            where=(("age", tuple(f"{age:03d}" for age in range(under))), *violence.IN),
        )
        return Finding(
            name=NAME,
            question=f"How many people under {under} are both victims and suspects of serious violence?",
            tables=(table,),
            base="People named as victims or suspects of offences in the definition, joined across records",
            period=now,
            source=f"{violence.SOURCE}, victims and suspects; record linkage",
            method=METHOD,
            lineage=question.lineage(
                NAME, METHOD, {"under": under, "match_at_least": match_at_least}, violence.version(question)
            ),
            cannot_say=(
                *violence.CANNOT_SAY,
                "A suspect is not someone who was found to have done it.",
                "Suspects nobody could name, and people of no known age, are not counted.",
                "Links that were missed make the overlap look smaller; false links make it look larger. "
                f"Of true links {quality.recall:.0%} were found, and of those made {quality.precision:.0%} were right.",
                "It says nothing about which came first, or about any one person.",
            ),
            synthetic=question.synthetic,
        )
