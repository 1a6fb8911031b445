"""Resident population: the public denominator of rates."""

from __future__ import annotations

from dataclasses import dataclass

from concord.evidence.findings.question import Question
from concord.evidence.geography import Geography
from concord.kernel.errors import BadInput, Refused


@dataclass(frozen=True, slots=True)
class Residents:
    """Persons by ward name, ward names by code, wards of each neighbourhood, and the estimate's vintage."""

    by_ward: dict[str, int]
    names: dict[str, str]
    neighbourhoods: dict[str, tuple[str, ...]]
    vintage: str

    @property
    def all(self) -> int:
        return sum(self.by_ward.values())


def residents(question: Question, geography: Geography | None = None) -> Residents:
    """The newest population estimate that is loaded; `population` must be in use. Raises BadInput where it is empty.

    Wards lie in the neighbourhoods that `geography` lists, or else in those that the estimate itself names.
    """
    rows = question.rows(
        "SELECT ward_code, ward_name, neighbourhood, sum(persons)::BIGINT, vintage FROM population "
        "WHERE vintage = (SELECT max(vintage) FROM population) GROUP BY ALL ORDER BY ward_code"
    )
    if not rows or not sum(row[3] for row in rows):
        raise BadInput("The population dataset is empty", next_step="Load it again: concord load population FILE")
    hoods: dict[str, list[str]] = {}
    listed = {
        ward.code: hood.name
        for hood in (geography.at("neighbourhood") if geography else ())
        for ward in geography.within(hood.code, "ward")
    }
    for code, name, hood, _, _ in rows:
        hoods.setdefault(listed.get(str(code), str(hood)), []).append(str(name))
    return Residents(
        by_ward={str(name): int(persons) for _, name, _, persons, _ in rows},
        names={str(code): str(name) for code, name, _, _, _ in rows},
        neighbourhoods={hood: tuple(wards) for hood, wards in hoods.items()},
        vintage=str(rows[0][4]),
    )


def one_vintage(elsewhere: dict[str, int], people: Residents) -> None:
    """Refuses offences in wards without residents (`elsewhere`: ward code to how many). They would vanish from a table,
    and the others' rates would be wrong. Raises Refused.
    """
    if elsewhere:
        raise Refused(
            f"Offences lie in {len(elsewhere)} wards that the population estimate does not have, "
            f"the first {min(elsewhere)}.",
            why=f"The estimate (vintage {people.vintage}) has {len(people.names)} wards: rates of one vintage of wards "
            "on residents of another mean nothing.",
            next_step="Load the population of the same wards, or have the offences' wards brought up to date.",
        )
