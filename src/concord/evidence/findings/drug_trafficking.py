"""Drug trafficking: what the police found by looking, shown as context."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings.model import Finding
from concord.evidence.findings.slices import SUBGROUP, Part, answer
from concord.kernel.periods import Period

NAME = "drug_trafficking"
KIND = "Trafficking of drugs"
PART = Part("Drug trafficking", f"subgroup = '{KIND}'", (("offence_subgroup", (KIND,)),), context=True)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The last twelve months of `period`; nothing is marked, because enforcement decides the number."""
    return answer(
        store,
        partnership,
        period,
        PART,
        name=NAME,
        asks="How much drug trafficking do the police record?",
        base="Offences of trafficking in controlled drugs recorded in the period, one for each crime reference",
        kinds=SUBGROUP,
        cannot_say=(
            "It counts what the police looked for and found, not how much is dealt.",
            "Where it is recorded is where searches and warrants were, not where drugs come from.",
        ),
    )
