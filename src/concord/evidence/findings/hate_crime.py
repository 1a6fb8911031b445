"""Hate crime by strand, in the definition and in all."""

from __future__ import annotations

from typing import Any

from concord import codelists
from concord.definition.predicates import strand_codes
from concord.evidence.datasets.store import Store
from concord.evidence.findings.model import Finding
from concord.evidence.findings.slices import VERDICT, By, Part, answer
from concord.kernel.periods import Period

NAME = "hate_crime"


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The last twelve months of `period`, by nationally monitored strand. An offence is recorded with one."""
    monitored = strand_codes("national")
    listed = [entry for entry in codelists.get("hate_strands") if entry.code in monitored]
    whens = " ".join(f"WHEN '{entry.code}' THEN '{entry.label}'" for entry in listed)
    named = tuple(entry.label for entry in listed)
    strand = By("hate_strand", "Strand", f"CASE hate_strand {whens} ELSE 'Another' END", (*named, "Another"))
    return answer(
        store,
        partnership,
        period,
        Part("Hate crime", "hate_strand IS NOT NULL", (("hate_flag", ("yes",)),), True),
        name=NAME,
        asks="How much hate crime is recorded, of which strands, and how much of it does the definition count?",
        base="Offences recorded in the period with a hate strand, one for each crime reference",
        cannot_say=(
            "Most hate crime is not reported; more recorded may be more hate or more trust.",
            "One strand is recorded for each offence where several may have moved the offender.",
        ),
        kinds=strand,
        also=lambda part_of: (part_of.shares("strands_in_definition", "by strand and verdict", strand, VERDICT),),
    )
