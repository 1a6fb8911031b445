"""A number with its uncertainty: the only kind that Concord publishes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """Lower and upper limit at a confidence level (0.95 unless said)."""

    low: float
    high: float
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value in `unit` (for example "per 1,000 residents", "%", "ratio") and its interval, if one exists."""

    value: float
    unit: str
    interval: Interval | None = None
    method: str = ""
