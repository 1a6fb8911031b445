"""A definition as a tree of conditions, and the verdict it gives on a crime."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Literal

from concord import codelists
from concord.definition import kleene
from concord.definition.events import Event
from concord.definition.kleene import Truth
from concord.definition.predicates import PREDICATES, Values
from concord.strategy.shapes.definition import DefinitionFile

VerdictName = Literal["in", "out", "undetermined"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the vocabulary."""

    name: str


@dataclass(frozen=True, slots=True)
class OffenceIn:
    """Whether the recorded offence belongs to one of the groups."""

    groups: frozenset[str]
    title: str


@dataclass(frozen=True, slots=True)
class Join:
    """Parts joined by `how`."""

    how: Literal["any_of", "all_of", "none_of"]
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Linked:
    """Whether `part` holds of the crime that this one is linked to. `name` and `title` are of the limb asked about."""

    part: Node
    name: str
    title: str


Leaf = Condition | OffenceIn | Linked
Node = Leaf | Join

EPOCH_BITS = 6
"""How many binary digits of an answer word tell which values of the parameters were in force."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """In, out, or undetermined where what is recorded does not decide.

    `limbs` are the reported limbs that hold, whatever the verdict; `reasons` plain sentences, in the order of the
    definition; `measures` what is counted beside the verdict and never decides it. `beside` is the offence group that
    a crime which is out is counted under beside the total. `answers` is the whole of it in one number: see
    `Definition.word`.
    """

    verdict: VerdictName
    limbs: tuple[str, ...]
    reasons: tuple[str, ...]
    version: str
    measures: Mapping[str, Truth]
    answers: int = 0
    beside: str | None = None


@dataclass(frozen=True)
class Definition:
    """A partnership's definition, ready to be asked. Build it with `Definition.of`."""

    file: DefinitionFile

    @classmethod
    def of(cls, definition: DefinitionFile | Definition) -> Definition:
        return definition if isinstance(definition, Definition) else cls(definition)

    @cached_property
    def root(self) -> Node:
        return self.node(self.file.serious_violence)

    @cached_property
    def reported(self) -> dict[str, Node]:
        """Reported limbs in the order of the file."""
        return {name: self.node(name) for name, limb in self.file.limbs.items() if limb.reported}

    @cached_property
    def measures(self) -> dict[str, Node]:
        return {name: self.node(part) for name, part in self.file.measures.items()}

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every question that the rule asks of a crime, each once, in the order in which it stands in the rule.

        What is asked of a linked crime is asked of every crime, so that one answer word serves both.
        """
        found: dict[Leaf, None] = {}

        def walk(node: Node) -> None:
            match node:
                case Join(_, parts):
                    for part in parts:
                        walk(part)
                case Linked(part):
                    walk(part)
                    found.setdefault(node)
                case _:
                    found.setdefault(node)

        for node in (self.root, *self.reported.values(), *self.measures.values()):
            walk(node)
        return tuple(found)

    @cached_property
    def beside_groups(self) -> tuple[str, ...]:
        """Offence groups counted beside the total."""
        return tuple(dict.fromkeys(group for each in self.file.beside for group in each.groups))

    def beside(self, groups: frozenset[str] | None) -> str | None:
        """The one group beside the total that a crime of these possible groups belongs to; None where none or open."""
        found = next(iter(groups)) if groups is not None and len(groups) == 1 else None
        return found if found in self.beside_groups else None

    @cached_property
    def version(self) -> str:
        """The edition and a digest of the rule with the code lists it rests on: it changes when any verdict could."""
        lists = {
            name: [[e.code, *sorted(e.extra.items())] for e in codelists.get(name)]
            for name in ("offence_groups", "offences", "relationships", "hate_strands", "weapons")
        }
        rule = {
            "root": _plain(self.root),
            "reported": {name: _plain(node) for name, node in self.reported.items()},
            "measures": {name: _plain(node) for name, node in self.measures.items()},
            "beside": list(self.beside_groups),
            "parameters": {
                k: sorted((str(d), v) for d, v in p.values.items()) for k, p in self.file.parameters.items()
            },
            "lists": lists,
        }
        canonical = json.dumps(rule, sort_keys=True)
        return f"{self.file.version}+{hashlib.sha256(canonical.encode()).hexdigest()[:8]}"

    def node(self, name: str) -> Node:
        """The tree of a limb or condition."""
        limb = self.file.limbs.get(name)
        if limb is None:
            return Condition(name)
        if limb.offence_in:
            return OffenceIn(frozenset(limb.offence_in), limb.title)
        if limb.linked:
            return Linked(self.node(limb.linked), limb.linked, self.file.limbs[limb.linked].title)
        for how in ("any_of", "all_of", "none_of"):
            if parts := getattr(limb, how):
                return Join(how, tuple(self.node(part) for part in parts))
        raise AssertionError(f"limb {name} composes nothing")  # the shape refuses such a limb

    @cached_property
    def boundaries(self) -> tuple[date, ...]:
        """The days on which a parameter takes a new value, oldest first. Between two of them all values hold."""
        days = (sorted(parameter.values)[1:] for parameter in self.file.parameters.values())
        return tuple(sorted({day for later in days for day in later}))

    def epoch(self, on: date | None) -> int:
        """How many boundaries an offence of that day lies behind; all of them where the day is not known."""
        return len(self.boundaries) if on is None else bisect_right(self.boundaries, on)

    @cached_property
    def values_by_epoch(self) -> tuple[Values, ...]:
        """The value of each parameter in each epoch. The first value also reads older offences."""

        def held(dated: Mapping[date, int | str], epoch: int) -> int | str:
            days = sorted(dated)
            past = [day for day in days[1:] if day <= self.boundaries[epoch - 1]] if epoch else []
            return dated[past[-1] if past else days[0]]

        return tuple(
            {name: held(parameter.values, epoch) for name, parameter in self.file.parameters.items()}
            for epoch in range(len(self.boundaries) + 1)
        )

    def values(self, on: date | None) -> Values:
        """The value of each parameter for an offence on a day; the newest where the day is not known."""
        return self.values_by_epoch[self.epoch(on)]

    def word(self, truths: Mapping[Leaf, Truth], epoch: int) -> int:
        """Every answer in one number below 2 to the 62nd: the epoch, then two digits a leaf (0 no, 1 yes, 2 not known).

        Verdict, limbs, reasons and measures are a function of this word: an engine that answers the leaves needs no
        second reading of the rule.
        """
        answers = epoch
        for place, leaf in enumerate(self.leaves):
            truth = truths[leaf]
            answers |= (2 if truth is None else int(truth)) << (EPOCH_BITS + 2 * place)
        return answers

    def truths(self, answers: int) -> dict[Leaf, Truth]:
        """The answers that `word` wrote down."""
        digits = {0: False, 1: True, 2: None}
        return {leaf: digits[answers >> (EPOCH_BITS + 2 * k) & 3] for k, leaf in enumerate(self.leaves)}

    def said(self, answers: int) -> Verdict:
        """The verdict on a crime that was answered so, without what is counted beside it."""
        known = self._read.get(answers)
        if known is None:
            known = self._read[answers] = self._reading(answers)
        return known

    @cached_property
    def _read(self) -> dict[int, Verdict]:
        """Words that have been read: there are few, and each is asked for again and again."""
        return {}

    def _reading(self, answers: int) -> Verdict:
        truths = self.truths(answers)
        values = self.values_by_epoch[answers & (1 << EPOCH_BITS) - 1]
        truth = truth_of(self.root, truths)
        reasons = dict.fromkeys(text for text in sentences(self.root, truths, values) if text)
        return Verdict(
            verdict="undetermined" if truth is None else "in" if truth else "out",
            limbs=tuple(name for name, node in self.reported.items() if truth_of(node, truths) is True),
            reasons=tuple(reasons),
            version=self.version,
            measures={name: truth_of(node, truths) for name, node in self.measures.items()},
            answers=answers,
        )


def _plain(node: Node) -> list[object]:
    """The tree as lists, the same in every process."""
    match node:
        case Condition(name):
            return [name]
        case OffenceIn(groups, title):
            return ["offence_in", title, *sorted(groups)]
        case Linked(part, _, title):
            return ["linked", title, _plain(part)]
        case Join(how, parts):
            return [how, *(_plain(part) for part in parts)]


def truth_of(node: Node, truths: Mapping[Leaf, Truth]) -> Truth:
    """Whether a node of the tree holds, given the answers to its leaves."""
    if not isinstance(node, Join):
        return truths[node]
    parts = (truth_of(part, truths) for part in node.parts)
    if node.how == "all_of":
        return kleene.all_of(parts)
    found = kleene.any_of(parts)
    return found if node.how == "any_of" else kleene.negation(found)


def in_list(possible: frozenset[str] | None, groups: frozenset[str]) -> Truth:
    """Whether an offence that may be of these groups is in a list. A class that holds several offences decides where
    all of them, or none, are in the list."""
    if possible is None:
        return None
    return False if not possible & groups else True if possible <= groups else None


def _answered(rule: Definition, event: Event) -> dict[Leaf, Truth]:
    """The answer to every leaf, those about a linked crime left out."""
    values = rule.values(event.happened_on)
    possible = codelists.possible_groups(event.offence_code, event.offence_sub_code)
    return {
        leaf: PREDICATES[leaf.name].ask(event, values)
        if isinstance(leaf, Condition)
        else in_list(possible, leaf.groups)
        for leaf in rule.leaves
        if not isinstance(leaf, Linked)
    }


def _link_holds(rule: Definition, leaf: Linked, event: Event) -> Truth:
    """Whether a crime one link away is what is asked. A chain of links is not followed, and a crime is no other than
    itself."""
    others = [each for each in event.linked if each.crime_ref is None or each.crime_ref != event.crime_ref]
    truths: list[Truth] = [truth_of(leaf.part, _answered(rule, each)) for each in others]
    return kleene.any_of([*truths, None] if event.link_unread else truths)


def sentences(node: Node, truths: Mapping[Leaf, Truth], values: Values) -> list[str]:
    """Why a node came out as it did: the parts that decided, in the order of the definition.

    A part decided when its own truth is the whole's (for `none_of`, the opposite). Where all parts have to hold, the
    first that does not is reason enough.
    """
    truth = truth_of(node, truths)
    match node:
        case Condition(name):
            return [PREDICATES[name].sentence(truth).format(**values)]
        case OffenceIn(_, title) | Linked(_, _, title):
            return [worded(node, truth, title)]
        case Join(how, parts):
            wanted = kleene.negation(truth) if how == "none_of" else truth
            found: list[str] = []
            for part in parts:
                if truth_of(part, truths) is wanted:
                    found += sentences(part, truths, values)
                    if how == "all_of" and truth is False:
                        break
            return found


def worded(node: OffenceIn | Linked, truth: Truth, title: str) -> str:
    """The sentence for an offence list or a link."""
    if isinstance(node, OffenceIn):
        if truth is None:
            return f"The offence code leaves open whether it is among: {title}."
        return f"The offence is {'' if truth else 'not '}among: {title}."
    if truth is None:
        return f"It is linked to a crime of which it is not known whether it is: {title}."
    return f"It is {'' if truth else 'not '}linked to a crime that is: {title}."


def evaluate(definition: Definition | DefinitionFile, event: Event) -> Verdict:
    """What the definition says of a crime, and why. Never decides anything about a person."""
    rule = Definition.of(definition)
    truths = _answered(rule, event)
    truths |= {leaf: _link_holds(rule, leaf, event) for leaf in rule.leaves if isinstance(leaf, Linked)}
    said = rule.said(rule.word(truths, rule.epoch(event.happened_on)))
    possible = codelists.possible_groups(event.offence_code, event.offence_sub_code)
    return replace(said, beside=rule.beside(possible)) if said.verdict == "out" else said
