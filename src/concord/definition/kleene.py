"""Three-valued logic (Kleene's strong logic): yes, no, and not known, which is None.

SQL's AND, OR and NOT follow the same tables, which is what lets the rule be compiled.
"""

from __future__ import annotations

from collections.abc import Iterable

Truth = bool | None


def any_of(truths: Iterable[Truth]) -> Truth:
    """Yes if one is yes; not known if none is yes and one is not known."""
    unknown = False
    for truth in truths:
        if truth:
            return True
        unknown = unknown or truth is None
    return None if unknown else False


def all_of(truths: Iterable[Truth]) -> Truth:
    """No if one is no; not known if none is no and one is not known."""
    return negation(any_of(negation(truth) for truth in truths))


def negation(truth: Truth) -> Truth:
    return None if truth is None else not truth
