"""Which offence groups a recorded crime may belong to, by its Home Office code and sub-code."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from concord.codelists.lists import get


@cache
def _table() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Offence code -> sub-code ("" for every other) -> groups."""
    table: dict[str, dict[str, frozenset[str]]] = {}
    for each in get("offence_groups"):
        by_sub = table.setdefault(each.extra["offence_code"], {})
        sub = each.extra["sub_code"]
        by_sub[sub] = by_sub.get(sub, frozenset()) | {each.extra["group"]}
    return MappingProxyType({code: MappingProxyType(subs) for code, subs in table.items()})


def offence_groups() -> tuple[str, ...]:
    """Names of the groups, in the order of their list."""
    return get("offence_group_names").codes


def sub_codes(code: str) -> tuple[str, ...]:
    """Sub-codes of a code that decide its group; empty where the code alone decides."""
    return tuple(sub for sub in _table().get(code, {}) if sub)


def possible_groups(code: str | None, sub_code: str | None = None) -> frozenset[str] | None:
    """The groups a crime may belong to: one or none where the codes decide, several where they do not.

    Sections 20 and 47 share class 8N, and penetration shares 20A, 20B, 17A and 17B with other sexual assault: only
    the sub-code tells them apart. None means that nothing can be said: the code is blank or in no list.
    """
    if not code or code not in get("offences"):
        return None
    by_sub = _table().get(code)
    if by_sub is None:
        return frozenset()
    every = frozenset().union(*by_sub.values())
    if not sub_code:
        return every
    return by_sub.get(sub_code) or by_sub.get("") or every
