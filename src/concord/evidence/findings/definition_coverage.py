"""How far the records allow the definition to be applied at all."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import additive, last_months, of_whole, with_total
from concord.evidence.findings.model import TOTAL, Dimension, Finding
from concord.kernel.periods import Period

NAME = "definition_coverage"
KNOWN = ("Victim and suspect", "Victim only", "Suspect only", "Neither")
VERDICTS = {"in": "In the definition", "undetermined": "Undetermined"}
METHOD = (
    "Among offences that the definition holds to be in, or cannot decide, whether the age of at least one victim "
    "and of at least one suspect is recorded; and the share left undetermined. Wilson intervals."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The last twelve months of `period`."""
    now = last_months(period, 12)
    with violence.ask(store, "crime_persons") as question:
        rows = question.rows(
            """WITH ages AS (
                SELECT crime_ref, bool_or(role = 'victim' AND age IS NOT NULL) AS victim,
                    bool_or(role = 'suspect' AND age IS NOT NULL) AS suspect FROM crime_persons GROUP BY 1
            )
            SELECT CASE WHEN a.victim AND a.suspect THEN 0 WHEN a.victim THEN 1 WHEN a.suspect THEN 2 ELSE 3 END,
                e.verdict, count(*)
            FROM events e LEFT JOIN ages a USING (crime_ref)
            WHERE e.verdict <> 'out' AND e.recorded_on BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL""",
            {"start": now.start, "end": now.end},
        )
        whole = sum(n for _, _, n in rows)

        table = additive(
            "ages",
            f"Whose age is known, and what the definition could decide, {now.label}",
            violence.UNIT,
            (with_total("ages_known", "Age known of", KNOWN), with_total("verdict", "Verdict", tuple(VERDICTS))),
            {(KNOWN[known], verdict): n for known, verdict, n in rows},
            dress=of_whole("ages", whole),
            universe=violence.UNIVERSE,
            where=(("verdict", tuple(VERDICTS)),),
        )
        anyone = Dimension(
            "any_age",
            "Age known",
            ("Of someone", "Of no one", TOTAL),
            of="ages_known",
            groups=(("Of someone", KNOWN[:3]), ("Of no one", KNOWN[3:])),
        )
        known = additive(
            "known",
            f"Whether anyone's age is known, {now.label}",
            violence.UNIT,
            (anyone,),
            {
                ("Of someone",): sum(n for place, _, n in rows if place < 3),
                ("Of no one",): sum(n for place, _, n in rows if place == 3),
            },
            dress=of_whole("known", whole),
            universe=violence.UNIVERSE,
            where=(("verdict", tuple(VERDICTS)),),
        )
        return Finding(
            name=NAME,
            question="How much of recorded violence can the definition decide on what is recorded?",
            tables=(known, table),
            base="Offences recorded in the period that are in the definition or that it cannot decide",
            period=now,
            source=f"{violence.SOURCE}, victims and suspects",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}, violence.version(question)),
            cannot_say=(
                "An age that is recorded may still be wrong: ages of suspects who were only seen are guesses.",
                "Offences that are out whatever anyone's age are not counted here.",
            ),
            synthetic=question.synthetic,
        )
