"""What several panels asked about one person, side by side: asked twice, or against each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from concord.desk.panels.rules.views import ActionLine

ALIKE = 0.6
"""Share of words two actions of one agency have in common from which on they are the same action asked twice."""
SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "that",
        "the",
        "their",
        "them",
        "they",
        "to",
        "who",
        "with",
    ]
)


@dataclass(frozen=True, slots=True)
class Opposition:
    """Words that ask for something, words that ask for the opposite, and why both cannot stand."""

    asks: tuple[str, ...]
    forbids: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Clash:
    """Two open actions that should be looked at together. `kind` is “duplicate” or “contradiction”."""

    kind: str
    first: ActionLine
    second: ActionLine
    why: str


def oppositions(rows: Iterable[Mapping[str, str]]) -> tuple[Opposition, ...]:
    """The rows of `codelists/action_oppositions.csv`; phrases are parted by semicolons."""
    return tuple(
        Opposition(tuple(row["asks"].lower().split(";")), tuple(row["forbids"].lower().split(";")), row["why"])
        for row in rows
    )


def clashes(actions: Sequence[ActionLine], opposed: Sequence[Opposition]) -> tuple[Clash, ...]:
    """Every pair that says the same to one agency, or that asks for what the other forbids. Contradictions first."""
    found = []
    for first, second in combinations(actions, 2):
        why = next((each.why for each in opposed if _against(each, first.text, second.text)), "")
        if why:
            found.append(Clash("contradiction", first, second, why))
        elif first.agency == second.agency and alike(first.text, second.text) >= ALIKE:
            found.append(Clash("duplicate", first, second, f"{first.agency} is asked for the same thing twice."))
    return tuple(sorted(found, key=lambda each: each.kind))


def alike(one: str, other: str) -> float:
    """The share of words in common (Jaccard), small words left out."""
    left, right = _words(one), _words(other)
    return len(left & right) / len(left | right) if left | right else 0.0


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower())) - SMALL


def _against(rule: Opposition, one: str, other: str) -> bool:
    return any(
        _says(rule.forbids, left) and _says(rule.asks, right) and not _says(rule.forbids, right)
        for left, right in ((one, other), (other, one))
    )


def _says(phrases: Iterable[str], text: str) -> bool:
    said = " ".join(re.findall(r"[a-z0-9]+", text.lower()))
    return any(re.search(rf"\b{re.escape(phrase.strip())}\b", said) for phrase in phrases)
