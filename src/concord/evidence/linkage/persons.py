"""Which records are one person, as a value: merged and unmerged without losing anything.

A person is a set of records held together by joins, and is called by the reference of its oldest record. Every
record keeps the reference it was given when it came, whatever it is joined to. So a merge is one join added, the older
person's reference survives and the newer one's becomes an alias; an unmerge is that join taken away, and both persons
are what they would have been without it: their records, their references and everything merged or arrived meanwhile.

`references.py` says the same in SQL for every record at once; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from concord.kernel.errors import Refused
from concord.kernel.names import did_you_mean

Ref = str


@dataclass(frozen=True, slots=True, order=True)
class Join:
    """Two records taken for one person's: the ends are references of records, in order."""

    one: Ref
    other: Ref

    @staticmethod
    def of(one: Ref, other: Ref) -> Join:
        return Join(one, other) if one < other else Join(other, one)


@dataclass(frozen=True, slots=True)
class Register:
    """`since` gives each record's reference its place in the order of arrival; equal registers are the same history.

    `apart` are pairs of references that must not become one person. No operation changes a register: each returns
    another.
    """

    since: Mapping[Ref, int] = field(default_factory=lambda: MappingProxyType({}))
    joins: frozenset[Join] = frozenset()
    apart: frozenset[Join] = frozenset()

    def arrive(self, ref: Ref, since: int) -> Register:
        """A record that nobody held before. Raises Refused where the reference is taken."""
        if ref in self.since:
            raise Refused(f"There is a record {ref} already.", next_step="A record arrives once.")
        return replace(self, since=MappingProxyType({**self.since, ref: since}))

    def depart(self, ref: Ref) -> Register:
        """Take back an arrival. Raises Refused while the record is joined or kept apart: undo that first."""
        self._known(ref)
        if any(ref in (join.one, join.other) for join in self.joins | self.apart):
            raise Refused(
                f"Record {ref} is part of a merge or of a decision.", next_step="Undo that, and then take it back."
            )
        return replace(self, since=MappingProxyType({r: s for r, s in self.since.items() if r != ref}))

    def merge(self, one: Ref, other: Ref) -> tuple[Register, Join]:
        """One person of two, and the join by which it can be undone. Any reference or alias of either will do.

        Raises Refused where they are one already, or where a decision keeps two of their records apart.
        """
        ours, theirs = self.records(one), self.records(other)
        if ours == theirs:
            raise Refused(f"{one} and {other} are one person already.", next_step="Nothing is left to merge.")
        for join in sorted(self.apart):
            if (join.one in ours and join.other in theirs) or (join.one in theirs and join.other in ours):
                raise Refused(
                    f"{one} and {other} may not be merged.",
                    why=f"Records {join.one} and {join.other} were decided to be two people.",
                    next_step="Reopen that decision first.",
                )
        made = Join.of(one, other)
        return replace(self, joins=self.joins | {made}), made

    def unmerge(self, join: Join) -> Register:
        """Take a merge back: both persons return with their own references. Raises Refused where there is no such."""
        if join not in self.joins:
            raise Refused(
                f"{join.one} and {join.other} were not merged with each other.",
                next_step="Choose a merge from the person's history.",
            )
        return replace(self, joins=self.joins - {join})

    def keep_apart(self, one: Ref, other: Ref) -> tuple[Register, Join]:
        """Two records decided to be two people's. Raises Refused while merges hold them together."""
        if self.person(one) == self.person(other):
            raise Refused(f"{one} and {other} are one person here.", next_step="Unmerge them first.")
        made = Join.of(one, other)
        if made in self.apart:
            raise Refused(f"{one} and {other} are kept apart already.", next_step="Nothing is left to do.")
        return replace(self, apart=self.apart | {made}), made

    def allow(self, join: Join) -> Register:
        """Take back a decision to keep apart. Raises Refused where there is none."""
        if join not in self.apart:
            raise Refused(f"{join.one} and {join.other} were not kept apart.", next_step="Choose another decision.")
        return replace(self, apart=self.apart - {join})

    def records(self, ref: Ref) -> frozenset[Ref]:
        """The records of the person whom a reference or alias names. Raises Refused for one that nobody holds."""
        self._known(ref)
        neighbours: dict[Ref, list[Ref]] = {}
        for join in self.joins:
            neighbours.setdefault(join.one, []).append(join.other)
            neighbours.setdefault(join.other, []).append(join.one)
        seen, ahead = {ref}, [ref]
        while ahead:
            for other in neighbours.get(ahead.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    ahead.append(other)
        return frozenset(seen)

    def person(self, ref: Ref) -> Ref:
        """The reference that stands for the person now: the oldest of its records'."""
        return min(self.records(ref), key=lambda each: (self.since[each], each))

    def aliases(self, ref: Ref) -> frozenset[Ref]:
        """Other references under which the person may have been known."""
        return self.records(ref) - {self.person(ref)}

    def persons(self) -> Iterator[tuple[Ref, frozenset[Ref]]]:
        """Every person: the reference, and the records."""
        left = set(self.since)
        while left:
            found = self.records(next(iter(left)))
            left -= found
            yield self.person(next(iter(found))), found

    def _known(self, ref: Ref) -> None:
        if ref not in self.since:
            raise Refused(f"Nobody is known as {ref}.", next_step=did_you_mean(ref, self.since))
