"""In the room: what is thrown on the wall, what newest papers are too old, what was written by two at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256

CADENCES = {
    "daily": 1,
    "weekly": 7,
    "every two weeks": 14,
    "fortnightly": 14,
    "monthly": 31,
    "quarterly": 92,
    "annual": 366,
}
"""Days that a paper of each cadence may stand before the next is expected."""


def too_old(cadence: str, made_on: date, today: date) -> int | None:
    """How many days old a paper is, where that is more than its cadence says; None where it is not, or no cadence is
    known."""
    age, most = (today - made_on).days, CADENCES.get(cadence)
    return age if most is not None and age > most else None


def stands_for(roles: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What each person is called on the wall, by name: their part, with a number where several have it."""
    every = list(roles)
    counts: dict[str, int] = {}
    for _, role in every:
        counts[role] = counts.get(role, 0) + 1
    seen: dict[str, int] = {}
    found = {}
    for name, role in every:
        seen[role] = seen.get(role, 0) + 1
        found[name] = f"the {role}" + (f" {seen[role]}" if counts[role] > 1 else "")
    return found


def masked(text: str, called: Mapping[str, str], keep: str = "") -> str:
    """The text with each person's names put as what they are called on the wall: whole names first, then each part.
    A part that is also in the name to `keep` stays."""
    parts: dict[str, str] = {}
    kept = {each.casefold() for each in keep.split()}
    for name, words in called.items():
        for part in (name, *(each for each in name.split() if len(each) > 2 and each.casefold() not in kept)):
            if part != "SYN":
                parts.setdefault(part, words)
    for part in sorted(parts, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", parts[part], text, flags=re.IGNORECASE)
    return text


def digest(text: str) -> str:
    """SHA-256 of a text, in hexadecimal: what the trail keeps of signed minutes."""
    return sha256(text.encode()).hexdigest()
