"""Merging and unmerging persons: whatever was done, undoing it in any order gives back exactly what was."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from linkage_support import PADS

from concord.evidence.linkage import references
from concord.evidence.linkage.joining import Link, join
from concord.evidence.linkage.persons import Join, Register
from concord.kernel.errors import BadInput, Refused


class Histories(RuleBasedStateMachine):
    """Records arrive, persons are merged, kept apart and unmerged; `done` is what stands, in the order it was done."""

    acts: Bundle = Bundle("acts")

    @initialize()
    def begin(self) -> None:
        self.register = Register()
        self.done: dict[int, tuple[str, tuple[str, ...]]] = {}
        self.before: dict[int, tuple[set[int], Register]] = {}
        self.number = 0

    def _do(self, register: Register, kind: str, what: tuple[str, ...]) -> int:
        self.number += 1
        self.before[self.number] = (set(self.done), self.register)
        self.done[self.number] = (kind, what)
        self.register = register
        return self.number

    @rule(target=acts, run=st.integers(1, 3))
    def arrive(self, run: int) -> int:
        ref = f"r{self.number:03d}"
        return self._do(self.register.arrive(ref, run), "arrive", (ref, str(run)))

    @rule(target=acts, data=st.data())
    def merge(self, data: st.DataObject) -> int:
        if len(self.register.since) < 2:
            return 0
        one, other = (data.draw(st.sampled_from(sorted(self.register.since))) for _ in range(2))
        before = self.register
        try:
            register, made = before.merge(one, other)
        except Refused:
            kept = {(j.one, j.other) for j in before.apart}
            ours, theirs = before.records(one), before.records(other)
            crossing = any((a in ours and b in theirs) or (a in theirs and b in ours) for a, b in kept)
            assert ours == theirs or crossing, "a merge is refused only for these reasons"
            return 0
        older = min(before.person(one), before.person(other), key=lambda r: (before.since[r], r))
        newer = ({before.person(one), before.person(other)} - {older}).pop()
        assert register.person(one) == register.person(other) == older, "the older reference survives"
        assert newer in register.aliases(older), "and the newer is an alias"
        for ref in before.since:
            if ref not in before.records(one) | before.records(other):
                assert register.person(ref) == before.person(ref), "nobody else's reference changes"
        return self._do(register, "merge", (made.one, made.other))

    @rule(target=acts, data=st.data())
    def keep_apart(self, data: st.DataObject) -> int:
        if len(self.register.since) < 2:
            return 0
        one, other = (data.draw(st.sampled_from(sorted(self.register.since))) for _ in range(2))
        try:
            register, made = self.register.keep_apart(one, other)
        except Refused:
            return 0
        return self._do(register, "apart", (made.one, made.other))

    @rule(act=consumes(acts))
    def undo(self, act: int) -> None:
        if act not in self.done:
            return
        kind, what = self.done[act]
        try:
            if kind == "arrive":
                register = self.register.depart(what[0])
            elif kind == "merge":
                register = self.register.unmerge(Join.of(*what))
            else:
                register = self.register.allow(Join.of(*what))
        except Refused:
            assert kind == "arrive", "merges and decisions can be undone in any order"
            assert any(what[0] in other for k, other in self.done.values() if k != "arrive")
            return
        del self.done[act]
        stood, was = self.before[act]
        if stood == set(self.done):
            assert register == was, "undoing it gives back exactly what was"
        self.register = register

    @invariant()
    def it_is_what_stands_and_nothing_else(self) -> None:
        """Whatever was undone, and when, is as if it had never been."""
        if not hasattr(self, "done"):
            return
        fresh = Register()
        for kind, what in self.done.values():
            if kind == "arrive":
                fresh = fresh.arrive(what[0], int(what[1]))
            elif kind == "merge":
                fresh, _ = fresh.merge(*what)
            else:
                fresh, _ = fresh.keep_apart(*what)
        assert fresh == self.register

    @invariant()
    def no_reference_is_lost(self) -> None:
        if not hasattr(self, "register"):
            return
        persons = list(self.register.persons())
        assert sorted(ref for _, records in persons for ref in records) == sorted(self.register.since)
        assert all(ref in records for ref, records in persons)
        for join_ in self.register.apart:
            assert self.register.person(join_.one) != self.register.person(join_.other)


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)

NODES = [f"n{n}" for n in range(8)]
PAIRS = st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)).filter(lambda p: p[0] < p[1])


@settings(max_examples=150, deadline=None)
@given(
    weights=st.dictionaries(PAIRS, st.integers(1, 20), max_size=16),
    same=st.sets(PAIRS, max_size=2),
    different=st.sets(PAIRS, max_size=3),
    contradicting=st.sets(PAIRS, max_size=3),
)
def test_joining_keeps_apart_what_must_be_and_cuts_no_more_than_it_must(
    weights: dict[tuple[str, str], int],
    same: set[tuple[str, str]],
    different: set[tuple[str, str]],
    contradicting: set[tuple[str, str]],
) -> None:
    links = [Link(a, b, w / 20) for (a, b), w in weights.items()] + [Link(a, b, 1.0, decided=True) for a, b in same]
    together = join([Link(a, b, 1.0, decided=True) for a, b in same]).person
    clash = any(together.get(a, a) == together.get(b, b) for a, b in different)
    if clash:
        with pytest.raises(BadInput, match="contradict each other"):
            join(links, different=different, contradicting=contradicting)
        return
    made = join(links, different=different, contradicting=contradicting)
    person = {node: made.person.get(node, node) for node in NODES}
    assert all(person[a] != person[b] for a, b in different)
    assert all(person[a] == person[b] for a, b in same)
    overruled = {p for p in contradicting if together.get(p[0], p[0]) == together.get(p[1], p[1])}
    assert all(person[a] != person[b] for a, b in contradicting - overruled)
    for link in made.cut:
        assert not link.decided
        members = {n for n in NODES if person[n] in (person[link.one], person[link.other])}
        apart = {p for p in different | (contradicting - overruled) if set(p) <= members}
        assert apart, "a link is cut only where putting it back would join a pair that must stay apart"
        # Everything that holds the two sides together is at least as strong: it was the weakest that went.
        held = [k for k in links if person[k.one] == person[k.other] and person[k.one] in
                (person[link.one], person[link.other])]  # fmt: skip
        strongest = join(held).person
        assert strongest.get(link.one, link.one) != strongest.get(link.other, link.other)


def test_it_is_the_weakest_link_of_the_way_that_is_cut() -> None:
    """a-b-c-d, where a and d are two people: b-c is the weakest, so ab and cd are the two persons."""
    links = [Link("a", "b", 0.99), Link("b", "c", 0.95), Link("c", "d", 0.97)]
    made = join(links, different=[("a", "d")])
    assert made.person == {"a": "a", "b": "a", "c": "c", "d": "c"}
    assert [(k.one, k.other) for k in made.cut] == [("b", "c")]


RUNS = st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=6), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None)
@given(RUNS, st.lists(st.integers(1, 10), min_size=4, max_size=4))
def test_references_from_run_to_run_are_those_of_the_register(
    runs: list[list[tuple[int, int]]], sizes: list[int]
) -> None:
    """Each run has more records and joins of its own choosing; SQL names every person as the pure register does."""
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE before (feed VARCHAR, person_ref VARCHAR, own_ref VARCHAR, since INT, linked_ref VARCHAR)"
        )
        connection.execute("CREATE TABLE aliases_before (alias VARCHAR, linked_ref VARCHAR)")
        since: dict[str, int] = {}
        own: dict[str, str] = {}
        ever: set[str] = set()
        count = 0
        for joins, size in zip(runs, sizes, strict=False):
            count, number = max(count, size), max(since.values(), default=0) + 1
            nodes = [f"f:{n}" for n in range(count)]
            made = join([Link(f"f:{a}", f"f:{b}", 1.0) for a, b in joins if a != b and max(a, b) < count])
            rows = [(node, "f", node[2:], made.person.get(node, node)) for node in nodes]
            connection.execute(
                "CREATE OR REPLACE TABLE clusters (node VARCHAR, feed VARCHAR, person_ref VARCHAR, cluster VARCHAR)"
            )
            connection.executemany("INSERT INTO clusters VALUES (?, ?, ?, ?)", rows)
            connection.execute("CREATE OR REPLACE TABLE several AS SELECT DISTINCT cluster FROM clusters")
            references.refer(connection, PADS)
            references.aliases(connection)
            found = connection.sql("SELECT node, own_ref, since, linked_ref FROM register").fetchall()
            for node, ref, first, _ in found:
                assert own.setdefault(node, ref) == ref, "a record's own reference never changes"
                assert since.setdefault(node, number) == first
            register = Register()
            for node in nodes:
                register = register.arrive(own[node], since[node])
            for a, b in joins:
                if a != b and max(a, b) < count and register.person(own[f"f:{a}"]) != register.person(own[f"f:{b}"]):
                    register, _ = register.merge(own[f"f:{a}"], own[f"f:{b}"])
            assert {ref: linked for _, ref, _, linked in found} == {own[n]: register.person(own[n]) for n in nodes}
            now = {linked for *_, linked in found}
            aliases = dict(connection.sql("SELECT * FROM aliases").fetchall())
            assert set(aliases) == ever - now, "every reference that ever named a person still leads to one"
            assert all(aliases[alias] == register.person(alias) for alias in aliases)
            ever |= now
            connection.execute("CREATE OR REPLACE TABLE before AS SELECT * EXCLUDE (node) FROM register")
            connection.execute("CREATE OR REPLACE TABLE aliases_before AS SELECT * FROM aliases")
