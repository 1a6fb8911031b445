"""Records into persons, where some pairs must never be one person.

Method: single linkage under constraints. Links are taken strongest first (Kruskal's order, as in agglomerative
clustering with cannot-link constraints, Davidson and Ravi 2005); a link that would bring a pair that must stay apart
into one person is cut. So on every path between two such records it is the weakest link that goes, and every other
link stays. Links that two reviewers made come before all others and are never cut.

Only persons that hold a pair to keep apart are taken through this; the others are plain connected components.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from concord.kernel.errors import BadInput

Node = str
Pair = tuple[Node, Node]


@dataclass(frozen=True, slots=True)
class Link:
    """A reason to take two records for one person: its probability, and whether two reviewers decided it."""

    one: Node
    other: Node
    probability: float
    decided: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """`person` gives each record the least record of its person; `cut` are the links given up."""

    person: Mapping[Node, Node]
    cut: tuple[Link, ...]


def join(links: Iterable[Link], *, different: Collection[Pair] = (), contradicting: Collection[Pair] = ()) -> Joined:
    """Persons from links. `different` pairs were decided by reviewers, `contradicting` ones are the evidence's own.

    A reviewers' link outranks the evidence's contradiction. Raises BadInput where reviewers' decisions contradict
    each other: some pair is decided to be different whose records other decisions join.
    """
    ordered = sorted(links, key=lambda link: (not link.decided, -link.probability, *sorted((link.one, link.other))))
    above: dict[Node, Node] = {}
    members: dict[Node, set[Node]] = {}

    def root(node: Node) -> Node:
        while above.setdefault(node, node) != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    apart: dict[Node, set[Node]] = {}

    def keep_apart(pairs: Collection[Pair]) -> None:
        for one, other in pairs:
            apart.setdefault(one, set()).add(other)
            apart.setdefault(other, set()).add(one)

    keep_apart(different)
    cut: list[Link] = []
    softened = False
    for link in ordered:
        if not link.decided and not softened:
            keep_apart([pair for pair in contradicting if root(pair[0]) != root(pair[1])])
            softened = True
        one, other = root(link.one), root(link.other)
        if one == other:
            continue
        mine, theirs = members.get(one, {one}), members.get(other, {other})
        small, large = (mine, theirs) if len(mine) <= len(theirs) else (theirs, mine)
        if any(not apart.get(node, set()).isdisjoint(large) for node in small):
            if link.decided:
                raise BadInput(
                    "Reviewers' decisions contradict each other: a pair decided to be two people is joined by others.",
                    why=f"The decision that {link.one} and {link.other} are one person closes the circle.",
                    next_step="Reopen one of the decisions about these records, and run: concord link",
                )
            cut.append(link)
            continue
        low, high = sorted((one, other))
        above[high] = low
        members[low] = mine | theirs
        members.pop(high, None)
    return Joined({node: root(node) for node in list(above)}, tuple(cut))


def contradictions(decided_same: Sequence[Pair], decided_different: Collection[Pair]) -> list[Pair]:
    """The pairs of `decided_different` whose records `decided_same` joins; none where decisions agree."""
    joined = join([Link(one, other, 1.0, decided=True) for one, other in decided_same]).person
    return [(a, b) for a, b in decided_different if a in joined and joined[a] == joined.get(b)]
