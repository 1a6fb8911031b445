"""A lifecycle as one transition table, and the one refusal of what is not in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from concord.kernel.errors import Refused


class NotNow(Refused):
    """The lifecycle has no such step from here."""


@dataclass(frozen=True, slots=True)
class Step:
    verb: str
    sources: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """One transition table. The diagram in docs/reference/lifecycles.md is drawn from it."""

    name: str
    initial: str
    states: Mapping[str, str]
    steps: tuple[Step, ...]

    def after(self, state: str, verb: str) -> str:
        """The state that `verb` leads to. Raises NotNow."""
        for step in self.steps:
            if step.verb == verb and state in step.sources:
                return step.target
        raise NotNow(
            f"You cannot {verb.replace('_', ' ')} a {self.name.lower()} that is “{self.states.get(state, state)}”.",
            why="Its lifecycle has no such step from there.",
            next_step="Open it again: a colleague may have moved it on.",
        )

    def can(self, state: str, verb: str) -> bool:
        return any(step.verb == verb and state in step.sources for step in self.steps)
