"""`statements/<group>.toml`: figures the source states, as it states them, and whether they hold.

A stated figure is a claim by its author. It is never a measurement of ours: those come from releases.
"""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Lines, Text

Verdict = Literal[
    "holds",
    "inconsistent",
    "contradicted",
    "ambiguous",
    "disclosive",
    "no_base",
    "no_period",
    "wrong_area",
    "stale",
    "unverifiable",
    "placeholder",
    "partial",
]


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Statement:
    """A stated figure or claim, in our words. `values` are the numbers it gives, by name; `why` backs the verdict."""

    says: Text
    verdict: Verdict
    why: Text
    values: dict[Key, int | float] | None = None
    unit: Text | None = None
    period: Text | None = None
    area: Text | None = None
    lines: Lines | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Statements(Common):
    """Statements that belong together."""

    statements: dict[Key, Statement]


SHAPE = Statements
