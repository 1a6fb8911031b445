"""Weapons in serious violence: which, how often, and how far the record says."""

from __future__ import annotations

from typing import Any

from concord import codelists
from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.model import Finding
from concord.evidence.findings.slices import AGE_OF_VICTIM, By, Part, answer
from concord.kernel.periods import Period

NAME = "weapons"


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """Offences in the definition, last twelve months of `period`, by the most serious weapon used or threatened."""
    listed = codelists.get("weapons")
    whens = " ".join(f"WHEN '{entry.code}' THEN '{entry.label}'" for entry in listed)
    named = tuple(dict.fromkeys((*(entry.label for entry in listed), "Not known")))
    weapon = By("weapon", "Most serious weapon", f"CASE weapon {whens} ELSE 'Not known' END", named)
    armed = "weapon IS NOT NULL AND weapon NOT IN ('none', 'not_known')"
    return answer(
        store,
        partnership,
        period,
        Part("Serious violence", "verdict = 'in'", violence.IN),
        name=NAME,
        asks="Which weapons are used or threatened in serious violence?",
        base="Offences recorded in the period that the definition holds to be in, one for each crime reference",
        kinds=weapon,
        cannot_say=(
            "Only the most serious weapon of an offence is recorded, and often none where there was one.",
            "A weapon that was threatened may not have been there.",
        ),
        also=lambda part_of: (
            part_of.shares(
                "armed_victims", "with a weapon, by age of victims", AGE_OF_VICTIM, where=(("weapon", named[:-2]),),
                also=armed,
            ),
        ),
    )  # fmt: skip
