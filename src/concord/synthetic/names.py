"""Names for people who do not exist, and the ways agencies misspell them.

Given and family names are ordinary words of each community, drawn at random; the family name always
carries `MARKER`, so that no record can be taken for a person. A record without a family name carries
the marker on the given name.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import numpy as np

MARKER = "SYN"


def mark(name: str) -> str:
    """The name with the marker a reader cannot miss."""
    return f"{name}-{MARKER}"


@cache
def pool(kind: str, community: str) -> tuple[str, ...]:
    """Names of one kind (female, male, family, or family_female and family_male where those differ); maybe none."""
    with (files("concord.synthetic") / "data" / "names.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["kind"] == kind and row["community"] == community:
                return tuple(row["names"].split())
    return ()


@cache
def spellings() -> dict[str, tuple[str, ...]]:
    """Each name that is written several ways in English letters, with its other spellings."""
    variants: dict[str, tuple[str, ...]] = {}
    with (files("concord.synthetic") / "data" / "spellings.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            group = tuple(row["spellings"].split())
            for name in group:
                variants[name] = tuple(other for other in group if other != name)
    return variants


def misspell(name: str, rng: np.random.Generator) -> str:
    """Another spelling of `name`: a transliteration where one is known, else one slip of the keyboard."""
    known = spellings().get(name)
    if known and rng.random() < 0.7:
        return known[int(rng.integers(len(known)))]
    if len(name) < 4:
        return name + name[-1]
    place = int(rng.integers(1, len(name) - 1))
    slip = int(rng.integers(3))
    if slip == 0:
        return name[:place] + name[place + 1 :]
    if slip == 1:
        return name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    return name[:place] + name[place] + name[place:]
