"""The lifecycles of a meeting, a case and an action: tables, and the one refusal of what is not in them."""

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


MEETING = Lifecycle(
    "Meeting",
    "planned",
    {"planned": "Planned", "open": "Sitting", "closed": "Closed", "signed": "Minutes signed"},
    (
        Step("open", ("planned",), "open"),
        Step("close", ("open",), "closed"),
        Step("sign", ("closed",), "signed"),
    ),
)


ITEM = Lifecycle(
    "Case",
    "listed",
    {"listed": "Listed", "decided": "Decided", "carried_over": "Carried over", "withdrawn": "Withdrawn"},
    (
        Step("decide", ("listed",), "decided"),
        Step("carry_over", ("listed",), "carried_over"),
        Step("withdraw", ("listed",), "withdrawn"),
    ),
)


ACTION = Lifecycle(
    "Action",
    "open",
    {
        "open": "Open",
        "done": "Done",
        "circumstances_changed": "Circumstances changed",
        "not_undertaken": "Not undertaken",
    },
    (
        Step("done", ("open",), "done"),
        Step("circumstances_changed", ("open",), "circumstances_changed"),
        Step("not_undertaken", ("open",), "not_undertaken"),
    ),
)


LIFECYCLES = (MEETING, ITEM, ACTION)


NEEDS_REASON = ("circumstances_changed", "not_undertaken")
"""Ways to end an action that say why: they mean different things in the return, so they are kept apart."""
