"""The nearest valid name, for messages that correct a slip."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, valid: Iterable[str]) -> str | None:
    """The valid name most like `name`, or None where nothing is close enough to suggest."""
    matches = get_close_matches(name, list(valid), n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """A sentence that helps: the nearest valid name, or the list where nothing is near."""
    choices = sorted(set(valid))
    match = nearest(name, choices)
    if match is not None:
        return f"Did you mean “{match}”?"
    return f"Valid names: {', '.join(choices)}." if choices else "No name is valid here yet."
