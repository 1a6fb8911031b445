"""What a partnership folder assumes, awaits and asks, gathered by the file that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from concord.strategy.loader import Partnership

KINDS = {
    "plan": "Theme",
    "forums": "Forum",
    "pathways": "Pathway",
    "sharing": "Agreement",
    "boards": "Board",
    "services": "Services",
    "registers": "Register",
    "indicators": "Indicator",
    "feeds": "Feed",
    "publications": "Publication",
    "statements": "Statements",
}


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    items: tuple[Any, ...]


def groups(partnership: Partnership, held: Mapping[str, Sequence[Any]]) -> list[Group]:
    """One group a file, in the order of the folder; files with nothing to say are left out."""
    return [Group(_name(partnership, file), tuple(items)) for file, items in sorted(held.items()) if items]


def readable(keys: Sequence[str]) -> tuple[str, ...]:
    """Key paths as phrases: `repeat.perpetrators` reads “repeat, perpetrators”."""
    return tuple(key.replace(".", ", ").replace("_", " ") for key in keys)


def _name(partnership: Partnership, file: str) -> str:
    path = PurePosixPath(file)
    kind = KINDS.get(path.parts[0])
    if kind is None:
        return path.stem.replace("_", " ").capitalize()
    attribute = {"plan": "themes", "sharing": "agreements"}.get(path.parts[0], path.parts[0])
    value = getattr(partnership, attribute, {}).get(path.stem)
    return f"{kind}: {getattr(value, 'name', getattr(value, 'title', path.stem.replace('_', ' ')))}"
