"""Domestic abuse: offences with the flag, how the flag stands to the rule of the Act, and to whom it happens."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.model import Finding, Table
from concord.evidence.findings.sexual_offences import SEX, VICTIM
from concord.evidence.findings.slices import By, Part, Slice, answer
from concord.kernel.periods import Period

NAME = "domestic_abuse"
LIMB = "domestic_abuse"
HEADINGS = By("offence_heading", "Kind of offence", f"coalesce(heading, '{violence.NO_NAME}')")
AGREES = (
    "Flagged, and domestic abuse by the rule",
    "Flagged, not domestic abuse by the rule",
    "Not flagged, domestic abuse by the rule",
)
EITHER = f"(domestic_abuse = 'Y' OR list_contains(limbs, '{LIMB}'))"
RULE = By(
    "flag_and_rule",
    "Flag and rule",
    f"""CASE WHEN coalesce(domestic_abuse, '') <> 'Y' THEN '{AGREES[2]}'
    WHEN list_contains(limbs, '{LIMB}') THEN '{AGREES[0]}' ELSE '{AGREES[1]}' END""",
    AGREES,
)
FLAGGED = (("domestic_flag", ("Domestic abuse",)),)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The last twelve months of `period`; the wards are those of the offence, most of them homes."""
    return answer(
        store,
        partnership,
        period,
        Part("Offences flagged as domestic abuse", "domestic_abuse = 'Y'", FLAGGED, True),
        name=NAME,
        asks="How much domestic abuse is recorded as crime, of which kinds, and against whom?",
        base="Offences recorded in the period with the domestic abuse flag, one for each crime reference",
        kinds=HEADINGS,
        cannot_say=(
            "Most domestic abuse is not reported; more recorded may be more abuse or more trust.",
            "The flag is set by an officer. The rule reads ages and relationships, which are often not recorded.",
            "Rates are on all residents: the population estimate has no band that begins at sixteen.",
            "Incidents that are no offence are not among these.",
        ),
        also=lambda part_of: (
            part_of.shares("victims", "by age of the youngest victim", VICTIM),
            part_of.shares("sexes", "by sex of victims", SEX),
            _flag_and_rule(part_of),
        ),
    )


def _flag_and_rule(part_of: Slice) -> Table:
    """Of whatever the flag or the rule holds to be domestic abuse, which of the two says so."""
    either = Part("Domestic abuse by flag or rule", EITHER, (("domestic_abuse", ("by flag or rule",)),))
    return part_of.beside(either).shares("flag_and_rule", "compared", RULE)
