"""Indicators with what has been released about them. A number is shown only if a release holds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from concord.strategy.loader import Partnership


@dataclass(frozen=True, slots=True)
class Reading:
    value: str
    interval: str
    sentence: str
    period: str
    code: str


@dataclass(frozen=True, slots=True)
class Measure:
    name: str
    wanted: str
    owner: str
    cadence: str
    reading: Reading | None
    why_not: str


class Measures:
    """The partnership's indicators, and the newest release of each under `home`."""

    def __init__(self, partnership: Partnership, home: Path) -> None:
        self._partnership = partnership
        self._home = home

    def of_outcome(self, code: str) -> Iterator[Measure]:
        return iter(())

    def read(self) -> list[Measure]:
        """Indicators that have a reading, for the top of the strategy."""
        return []
