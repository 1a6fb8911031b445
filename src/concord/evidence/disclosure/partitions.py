"""Partitions of a dimension's categories, selections that follow from others, and circles among sets of dimensions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, permutations

MOST_REACHED = 64
Dim = tuple[str, str]
"""A dimension by name; where its categories may overlap, one dimension for each category (in or out), named with it."""
Label = str | date
Dims = frozenset[Dim]


@dataclass(frozen=True, slots=True)
class Classes:
    """A partition of one dimension's categories: `of` gives the class of each that is told apart, 0 being the rest."""

    of: dict[Label, int]
    size: int
    rest: bool

    @property
    def members(self) -> list[list[Label]]:
        found: list[list[Label]] = [[] for _ in range(self.size)]
        for label, number in self.of.items():
            found[number - (not self.rest)].append(label)
        return found

    def place(self, label: Label | None) -> int:
        return (self.of.get(label, 0) if label is not None else 0) - (not self.rest)


def partition(signatures: Mapping[Label, tuple[int, ...]], everything: Collection[Label] | None) -> Classes:
    """Classes of the labels with equal signature. `everything` are all labels there are, where that is known."""
    numbers: dict[tuple[int, ...], int] = {}
    of = {label: numbers.setdefault(signature, len(numbers) + 1) for label, signature in signatures.items()}
    rest = everything is None or len(of) < len(everything)
    return Classes(of, len(numbers) + rest, rest)


def told_apart(selections: Iterable[Sequence[Label]], everything: Collection[Label] | None) -> Classes:
    signatures: dict[Label, list[int]] = defaultdict(list)
    for number, selection in enumerate(selections):
        for label in selection:
            signatures[label].append(number)
    return partition({label: tuple(found) for label, found in signatures.items()}, everything)


def joined_classes(parts: Sequence[Classes], everything: Collection[Label] | None) -> Classes:
    if len(parts) == 1:
        return parts[0]
    labels = dict.fromkeys(label for part in parts for label in part.of)
    return partition({label: tuple(part.of.get(label, 0) for part in parts) for label in labels}, everything)


def reached(known: Collection[frozenset[int]], least: int) -> set[frozenset[int]]:
    """Selections of at least so many classes that follow from `known` ones, by taking one from another or joining two.

    Stops at `MOST_REACHED`; single classes are only taken away, as any of them together would be all there is.
    """
    found = {one for one in known if len(one) > 1}
    fresh = {a - b for a in found for b in known if b < a} | {a | b for a, b in combinations(found, 2) if not a & b}
    while fresh := {one for one in fresh if len(one) >= least} - found:
        found |= set(sorted(fresh, key=sorted)[: MOST_REACHED - len(found)])
        if len(found) >= MOST_REACHED:
            break
        fresh = {a - b for a, b in permutations(found, 2) if b < a} | {
            a | b for a, b in combinations(found, 2) if not a & b
        }
    return found - set(known)


def connected(sets: Sequence[Dims]) -> list[list[Dims]]:
    """The sets in groups that share dimensions."""
    groups: list[list[Dims]] = []
    for one in sets:
        touching = [group for group in groups if any(one & other for other in group)]
        groups = [group for group in groups if group not in touching] + [[one, *(o for g in touching for o in g)]]
    return groups


def circle_of(nodes: Sequence[Dims]) -> list[Dims]:
    """The nodes left when every ear is cut off (Graham 1979; Yu and Özsoyoğlu 1979): none where there is no circle."""
    left: dict[Dims, Dims] = {node: node for node in nodes}  # as given -> as reduced
    changed = True
    while changed and len(left) > 1:
        changed = False
        for node, dims in list(left.items()):
            others = [other for name, other in left.items() if name != node]
            reduced = dims & frozenset().union(*others)
            if any(reduced <= other for other in others):
                del left[node]
                changed = True
            elif reduced != dims:
                left[node] = reduced
                changed = True
    return list(left) if len(left) > 1 else []
