"""`causes.toml`: what makes violence likelier or less likely, how well that is known, and what is measured here.

Section 8(3)(b) of the Police, Crime, Sentencing and Courts Act 2022 asks for causes so far as it is possible to
identify them: a factor that nothing measures here says why not.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Factor:
    """One factor. `level` is where it acts (the ecological model), `evidence` what research says of it and where.

    `measured_by` are indicators that show how common it is here; none of them shows that it causes anything here.
    """

    name: Text
    kind: Literal["risk", "protective"]
    level: Literal["person", "family", "friends", "school", "place", "society"]
    evidence: Text
    measured_by: tuple[Key, ...] = ()
    not_possible: Text | None = None

    @model_validator(mode="after")
    def _measured_or_why_not(self) -> Factor:
        if not self.measured_by and not self.not_possible:
            raise ValueError("nothing measures this factor here: say why in not_possible, or name measured_by")
        return self


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Causes(Common):
    """Every factor, in the order in which it is read."""

    factors: dict[Key, Factor]


SHAPE = Causes
