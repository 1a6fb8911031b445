"""A definition as a tree of conditions, and the verdict it gives on a crime."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from concord import codelists
from concord.definition import kleene
from concord.definition.events import Event
from concord.definition.kleene import Truth
from concord.definition.predicates import PREDICATES
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


Node = Condition | OffenceIn | Join | Linked


@dataclass(frozen=True, slots=True)
class Verdict:
    """In, out, or undetermined where what is recorded does not decide.

    `limbs` are the reported limbs that hold, whatever the verdict; `reasons` plain sentences, in the order of the
    definition; `measures` what is counted beside the verdict and never decides it.
    """

    verdict: VerdictName
    limbs: tuple[str, ...]
    reasons: tuple[str, ...]
    version: str
    measures: Mapping[str, Truth]


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

    def values(self, on: date | None) -> dict[str, int | str]:
        """The value of each parameter for an offence on a day; the newest where the day is not known."""
        chosen: dict[str, int | str] = {}
        for name, parameter in self.file.parameters.items():
            dates = sorted(parameter.values)
            past = dates if on is None else [day for day in dates if day <= on] or dates[:1]
            chosen[name] = parameter.values[past[-1]]
        return chosen


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


def truth_of(node: Node, event: Event, values: Mapping[str, int | str], definition: Definition) -> Truth:
    """Whether a node of the tree holds of a crime."""
    match node:
        case Condition(name):
            return PREDICATES[name].ask(event, values)
        case OffenceIn(groups):
            possible = codelists.possible_groups(event.offence_code, event.offence_sub_code)
            if possible is None:
                return None
            # One class may hold several offences: it decides when all of them, or none, are in the list.
            return False if not possible & groups else True if possible <= groups else None
        case Join(how, parts):
            truths = (truth_of(part, event, values, definition) for part in parts)
            if how == "all_of":
                return kleene.all_of(truths)
            found = kleene.any_of(truths)
            return found if how == "any_of" else kleene.negation(found)
        case Linked(part):
            if event.linked_ref is None:
                return False
            if event.linked is None:
                return None
            return truth_of(part, event.linked, definition.values(event.linked.happened_on), definition)


def sentences(node: Node, event: Event, values: Mapping[str, int | str], definition: Definition) -> list[str]:
    """Why a node came out as it did: the parts that decided, in the order of the definition.

    A part decided when its own truth is the whole's (for `none_of`, the opposite). Where all parts have to hold, the
    first that does not is reason enough.
    """
    truth = truth_of(node, event, values, definition)
    match node:
        case Condition(name):
            return [PREDICATES[name].sentence(truth).format(**values)]
        case OffenceIn(_, title) | Linked(_, _, title):
            return [worded(node, truth, title)]
        case Join(how, parts):
            wanted = kleene.negation(truth) if how == "none_of" else truth
            found: list[str] = []
            for part in parts:
                if truth_of(part, event, values, definition) is wanted:
                    found += sentences(part, event, values, definition)
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
    values = rule.values(event.happened_on)
    truth = truth_of(rule.root, event, values, rule)
    reasons = dict.fromkeys(text for text in sentences(rule.root, event, values, rule) if text)
    return Verdict(
        verdict="undetermined" if truth is None else "in" if truth else "out",
        limbs=tuple(name for name, node in rule.reported.items() if truth_of(node, event, values, rule) is True),
        reasons=tuple(reasons),
        version=rule.version,
        measures={name: truth_of(node, event, values, rule) for name, node in rule.measures.items()},
    )
