"""The definition of serious violence in plain words, made from the rule itself."""

from __future__ import annotations

from dataclasses import dataclass

from concord.definition import Description, describe
from concord.definition.render import VERDICTS, edition, matters
from concord.strategy.loader import Partnership


@dataclass(frozen=True, slots=True)
class Offence:
    """A listed offence with its codes and each of the four matters of the Act, in words."""

    name: str
    codes: str
    matters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Case:
    text: str
    verdict: str
    why: str


@dataclass(frozen=True, slots=True)
class Words:
    """What the page shows. `said` is the description that `concord definition show` prints too."""

    said: Description
    edition: str
    offences: tuple[Offence, ...]
    cases: tuple[Case, ...]


def words(partnership: Partnership) -> Words | None:
    """None where the partnership has no definition."""
    if partnership.definition is None:
        return None
    said = describe(partnership.definition)
    return Words(
        said=said,
        edition=edition(said),
        offences=tuple(
            Offence(each.name, ", ".join(each.codes) or "none in the lists yet", tuple(matters(each)))
            for each in said.offences
        ),
        cases=tuple(
            Case(each.example.text, VERDICTS[each.verdict.verdict], " ".join(each.verdict.reasons))
            for each in said.examples
        ),
    )
