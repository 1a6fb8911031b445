"""The cases a definition gives of itself: evaluated, not trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from concord.definition.events import Event, Party
from concord.definition.rules import Definition, Verdict, evaluate
from concord.strategy.shapes.definition import DefinitionFile, Example


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """A case, what the file says of it, and what the rule says."""

    example: Example
    verdict: Verdict

    @property
    def agrees(self) -> bool:
        return self.example.verdict == self.verdict.verdict


def _parties(ages: tuple[int, ...], relationship: str | None = None) -> tuple[Party, ...]:
    return tuple(Party(age=None if age < 0 else age, relationship=relationship) for age in ages)


def event_of(example: Example, on: date) -> Event:
    """The case as a recorded crime of that day."""
    linked = None
    if example.linked_offence:
        linked = Event(
            offence_code=example.linked_offence, happened_on=on, domestic_abuse=False, crime_ref="linked",
            victims=_parties(example.linked_victims), suspects=_parties(example.linked_suspects),
        )  # fmt: skip
    return Event(
        offence_code=example.offence,
        offence_sub_code=example.sub_code,
        happened_on=on,
        victims=_parties(example.victims),
        suspects=_parties(example.suspects, example.relationship),
        domestic_abuse={"yes": True, "no": False, "not recorded": None}[example.domestic_abuse],
        hate_strand=example.hate_strand,
        linked_ref="linked" if linked else None,
        linked=(linked,) if linked else (),
    )


def results(definition: Definition | DefinitionFile) -> tuple[ExampleResult, ...]:
    """Every case with the rule's verdict, on the day the edition was adopted."""
    rule = Definition.of(definition)
    return tuple(
        ExampleResult(each, evaluate(rule, event_of(each, rule.file.adopted_on))) for each in rule.file.example
    )


def disagreements(definition: Definition | DefinitionFile) -> tuple[str, ...]:
    """A sentence for each case in which the file says one thing and the rule another; empty where they agree."""
    return tuple(
        f"The case “{each.example.text}” is said to be {each.example.verdict}, but the rule says "
        f"{each.verdict.verdict}: {' '.join(each.verdict.reasons)}"
        for each in results(definition)
        if not each.agrees
    )
