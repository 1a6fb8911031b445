"""Sexual offences: how many are recorded, of which kind, against whom, and how long after."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings.model import Finding
from concord.evidence.findings.slices import SUBGROUP, By, Part, answer
from concord.kernel.periods import Period

NAME = "sexual_offences"
LAGS = ("Within a month", "Within a year", "Later", "Not known")
LAG = By(
    "recorded_after",
    "Recorded after the offence",
    """CASE WHEN happened_at IS NULL THEN 'Not known'
    WHEN recorded_on < happened_at::DATE + INTERVAL 1 MONTH THEN 'Within a month'
    WHEN recorded_on < happened_at::DATE + INTERVAL 1 YEAR THEN 'Within a year' ELSE 'Later' END""",
    LAGS,
)
AGES = ("Under 18", "18 to 24", "25 and over", "Not known")
_VICTIM = "crime_ref IN (SELECT crime_ref FROM crime_persons WHERE role = 'victim' AND {})"
VICTIM = By(
    "youngest_victim",
    "Age of the youngest victim",
    f"""CASE WHEN {_VICTIM.format("age < 18")} THEN 'Under 18' WHEN {_VICTIM.format("age < 25")} THEN '18 to 24'
    WHEN {_VICTIM.format("age >= 25")} THEN '25 and over' ELSE 'Not known' END""",
    AGES,
)
SEXES = ("Female", "Male", "Both or not known")
SEX = By(
    "victim_sex",
    "Sex of victims",
    f"""CASE WHEN {_VICTIM.format("sex = 'F'")} AND NOT {_VICTIM.format("sex <> 'F'")} THEN 'Female'
    WHEN {_VICTIM.format("sex = 'M'")} AND NOT {_VICTIM.format("sex <> 'M'")} THEN 'Male'
    ELSE 'Both or not known' END""",
    SEXES,
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The last twelve months of `period`. By neighbourhood, never by ward or point: a ward can name a home."""
    return answer(
        store,
        partnership,
        period,
        Part("Sexual offences", "heading = 'Sexual offences'", (("offence_heading", ("Sexual offences",)),), True),
        name=NAME,
        asks="How many sexual offences are recorded, of which kinds, and against whom?",
        base="Sexual offences recorded in the period, one for each crime reference",
        kinds=SUBGROUP,
        level="neighbourhood",
        cannot_say=(
            "Most sexual offences are never reported: more recorded may be more harm or more trust.",
            "Offences are dated by the day of recording, for some years after they happened.",
            "Where it happened is told by neighbourhood only, so that nobody's home is pointed to.",
        ),
        also=lambda part_of: (
            part_of.shares("victims", "by age of the youngest victim", VICTIM),
            part_of.shares("sexes", "by sex of victims", SEX),
            part_of.shares("recorded_after", "by how long after they were recorded", LAG),
        ),
    )
