"""Places, groups of peers and online spaces: how a concern is linked to one, and when harm is said to happen. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LINKS = ("about", "member", "harmed", "harming", "seen")
"""How a contact hangs on a subject: it is about the subject itself, or about somebody who belongs to it, was harmed
there, is said to cause harm there, or was seen there."""
PART_OF_DAY = "part_of_day"
"""The question of a pathway that says at what time of day it happens."""


@dataclass(frozen=True, slots=True)
class Band:
    """One part of the day, how many concerns say so, and its share of those that say when."""

    name: str
    count: int
    share: float


def pattern(choices: Sequence[tuple[str, str]], said: Mapping[str, int]) -> tuple[tuple[Band, ...], int]:
    """Concerns by part of the day, in the order of the question's choices, and how many do not say when.

    `said` counts concerns by answer; an answer that is no choice counts as not said.
    """
    known = {key: said.get(key, 0) for key, _ in choices}
    total = sum(known.values())
    bands = tuple(Band(name, known[key], known[key] / total if total else 0.0) for key, name in choices)
    return bands, sum(said.values()) - total
