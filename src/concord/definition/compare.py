"""Two definitions beside each other, in plain words: what only one of them says."""

from __future__ import annotations

from dataclasses import dataclass

from concord.definition.describe import Description, Point, describe
from concord.definition.rules import Definition
from concord.strategy.shapes.definition import DefinitionFile


@dataclass(frozen=True, slots=True)
class Difference:
    """One part of the rule: what stands only in the first definition, and what only in the second."""

    part: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def differences(before: Definition | DefinitionFile, after: Definition | DefinitionFile) -> tuple[Difference, ...]:
    """What the two say differently, part by part; empty where nothing that is counted could differ in words."""
    first, second = describe(before), describe(after)
    found = []
    for part, (left, right) in _parts(first, second).items():
        only_left = tuple(line for line in dict.fromkeys(left) if line not in right)
        only_right = tuple(line for line in dict.fromkeys(right) if line not in left)
        if only_left or only_right:
            found.append(Difference(part, only_left, only_right))
    return tuple(found)


def _parts(first: Description, second: Description) -> dict[str, tuple[list[str], list[str]]]:
    return {
        "The rule": (_lines(first.rule), _lines(second.rule)),
        "Offences": (_offences(first), _offences(second)),
        "Ages and lists": (list(first.settings), list(second.settings)),
        "Counted beside the total": (_beside(first), _beside(second)),
    }


def _lines(point: Point) -> list[str]:
    return [point.text, *(line for each in point.points for line in _lines(each))]


def _offences(said: Description) -> list[str]:
    return [f"{each.name}: {', '.join(each.codes) or 'no code'}" for each in said.offences]


def _beside(said: Description) -> list[str]:
    return [f"{each.name}: {line}" for each in said.beside for line in each.lines or (each.says,)]
