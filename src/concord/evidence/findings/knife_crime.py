"""Knife crime: offences of the national list with the knife flag, with injury and without, and who set the flag."""

from __future__ import annotations

from typing import Any

from concord import codelists
from concord.evidence.datasets.store import Store
from concord.evidence.findings.model import Finding
from concord.evidence.findings.slices import AGE_OF_VICTIM, By, Part, answer
from concord.kernel.periods import Period

NAME = "knife_crime"
LIST = "knife_crime_offences"
FLAGS = {"officer": "An officer", "ndqis": "National rules read in the text", "analyst": "An analyst"}
NOT_SAID = "Not said"


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The last twelve months of `period`, its months, and the year before where it was recorded."""
    listed = codelists.get(LIST)
    injury = [entry.code for entry in listed if entry.extra["with_injury"] == "yes"]
    part = Part(
        "Knife crime",
        f"knife = 'Y' AND offence_code IN ({_texts(listed.codes)})",
        (("knife_crime", ("of the national list",)),),
    )
    hurt = By(
        "knife_injury",
        "Injury",
        f"CASE WHEN offence_code IN ({_texts(injury)}) THEN 'With injury' ELSE 'Without injury' END",
        ("With injury", "Without injury"),
    )
    whens = " ".join(f"WHEN '{code}' THEN '{words}'" for code, words in FLAGS.items())
    flag = By(
        "knife_flag_source",
        "Who set the knife flag",
        f"CASE knife_source {whens} ELSE '{NOT_SAID}' END",
        (*FLAGS.values(), NOT_SAID),
    )
    domestic = By(
        "domestic_flag",
        "Domestic abuse flag",
        "CASE domestic_abuse WHEN 'Y' THEN 'Domestic abuse' WHEN 'N' THEN 'Not domestic abuse' ELSE 'Not said' END",
        ("Domestic abuse", "Not domestic abuse", "Not said"),
    )
    return answer(
        store,
        partnership,
        period,
        part,
        name=NAME,
        asks="How much knife crime is recorded, how often is somebody hurt, and where?",
        base="Offences of the national list recorded in the period with the knife flag, one for each crime reference",
        cannot_say=(
            "A knife may be seen, threatened or only mentioned: the flag does not say that it was used.",
            "Officers miss knives that rules over the text of reports find; where those rules came into use, "
            "recorded knife crime rose without any rise in knives.",
            "Injury is read from the offence recorded, not from a doctor. Possession of a knife is not knife crime.",
        ),
        also=lambda part_of: (
            part_of.shares("injury", "by whether the offence is one of injury", hurt),
            part_of.shares("flagged_by", "by who set the flag", flag),
            part_of.shares("domestic", "by domestic abuse flag", domestic),
            part_of.shares("victims", "by age of victims", AGE_OF_VICTIM),
        ),
    )


def _texts(codes: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"'{code}'" for code in codes)
