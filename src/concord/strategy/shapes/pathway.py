"""Pathways: referral to decision, with states, clocks and routes. One file each in `pathways/`."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from concord.kernel.names import did_you_mean
from concord.strategy.shapes.common import FORBID, Common

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Hours:
    """Working hours of the team that receives. `holidays` names a code list with a `date` column."""

    opens: time
    closes: time
    days: tuple[Day, ...]
    holidays: str | None = None


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Clock:
    """A time limit that starts on receipt. Exactly one of `working_days`, `working_hours`, `hours`.

    `hours` run on day and night; the other two stand still when the team is closed. `rag` limits the clock
    to contacts of that rating.
    """

    key: str
    name: str
    rag: str | None = None
    working_days: int | None = None
    working_hours: float | None = None
    hours: float | None = None
    basis: str = ""

    @model_validator(mode="after")
    def _one_length(self) -> Clock:
        if sum(value is not None for value in (self.working_days, self.working_hours, self.hours)) != 1:
            raise ValueError(f"clock “{self.key}” needs exactly one of working_days, working_hours, hours")
        return self

    @property
    def elapsed(self) -> timedelta | None:
        return None if self.hours is None else timedelta(hours=self.hours)


@dataclass(frozen=True, config=FORBID, kw_only=True)
class State:
    """`told` is all that the referrer reads while the case is in this state."""

    key: str
    name: str
    told: str
    final: bool = False


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Transition:
    """`verb` moves a case from any of `sources` to `target`; `needs` names what must be given with it."""

    verb: str
    sources: tuple[str, ...]
    target: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Route:
    """Where a decision sends the case: into the tray of `forum` if one is named. It fits the threshold `levels`."""

    key: str
    name: str
    told: str
    forum: str | None = None
    levels: tuple[int, ...] = ()


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Level:
    level: int
    name: str


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Ground:
    """A reason for which this pathway takes a referral."""

    key: str
    name: str


@dataclass(frozen=True, config=FORBID, kw_only=True)
class PartyRole:
    """Someone the referral names: for example the child, or the alleged perpetrator."""

    role: str
    name: str
    required: bool = False


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Pathway(Common):
    key: str
    name: str
    subject: str
    purpose: str
    gateway: str
    agreement: str
    received_by: str
    """A holder: "team:mash", or "forum:marac:coordinator"."""
    receiver_name: str
    shared_with: tuple[str, ...]
    hours: Hours
    initial: str
    state: tuple[State, ...]
    transition: tuple[Transition, ...]
    route: tuple[Route, ...]
    clock: tuple[Clock, ...] = ()
    level: tuple[Level, ...] = ()
    ground: tuple[Ground, ...] = ()
    party: tuple[PartyRole, ...] = ()
    rag: tuple[str, ...] = ()
    check_agencies: tuple[str, ...] = ()
    check_basis: tuple[str, ...] = Field(default=())

    @model_validator(mode="after")
    def _names_agree(self) -> Pathway:
        states = {state.key for state in self.state}
        for what, name in [("initial", self.initial)] + [
            (f"transition “{move.verb}”", name) for move in self.transition for name in (*move.sources, move.target)
        ]:
            if name not in states:
                raise ValueError(f"{what} names the state “{name}”, which is not defined. {did_you_mean(name, states)}")
        for clock in self.clock:
            if clock.rag is not None and clock.rag not in self.rag:
                raise ValueError(f"clock “{clock.key}” is for “{clock.rag}”. {did_you_mean(clock.rag, self.rag)}")
        return self


SHAPE = Pathway
