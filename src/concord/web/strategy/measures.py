"""Indicators with what has been released about them. A number is shown only if a release holds it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from concord.strategy.loader import Partnership
from concord.strategy.shapes.indicator import Indicator

WANTED = {
    "up": "Higher is better.",
    "down": "Lower is better.",
    "toward_1": "Nearer to 1 is better.",
    "context": "Neither higher nor lower is better by itself.",
}
CADENCE = {
    "weekly": "weekly",
    "monthly": "monthly",
    "termly": "every term",
    "quarterly": "quarterly",
    "annual": "yearly",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """As it was released: words, never numbers to compute with. `sentence` holds value and interval too."""

    value: str
    interval: str
    sentence: str
    period: str
    code: str

    @property
    def withheld(self) -> bool:
        """A mark stands where the value would be."""
        return self.value.startswith("[")


@dataclass(frozen=True, slots=True)
class Measure:
    """One indicator. Where `reading` is None, `why_not` says why."""

    code: str
    name: str
    counted: str
    wanted: str
    owner: str
    cadence: str
    reading: Reading | None
    why_not: str


class Measures:
    """The partnership's indicators, and what the newest publication under `home` read for each."""

    def __init__(self, partnership: Partnership, home: Path) -> None:
        self._partnership = partnership
        self._readings = _published(home / "site" / "indicators.json")

    def of_outcome(self, code: str) -> Iterator[Measure]:
        """Those that speak to an outcome, known ones first."""
        found = [self._measure(key, each) for key, each in self._partnership.indicators.items() if each.outcome == code]
        return iter(sorted(found, key=lambda measure: (measure.reading is None, measure.code)))

    def read(self) -> list[Measure]:
        """Indicators that have a reading, for the top of the strategy."""
        every = (self._measure(key, each) for key, each in sorted(self._partnership.indicators.items()))
        return [measure for measure in every if measure.reading is not None]

    def _measure(self, key: str, indicator: Indicator) -> Measure:
        said = self._readings.get(key, {})
        reading = None
        if said.get("code"):
            reading = Reading(**{each.name: str(said.get(each.name, "")) for each in fields(Reading)})
        wanted = WANTED[indicator.direction] + (f" Aim: {indicator.aim}." if indicator.aim else "")
        return Measure(
            code=indicator.code,
            name=indicator.title,
            counted=_counted(indicator),
            wanted=wanted,
            owner=self._owner(indicator),
            cadence=CADENCE.get(indicator.cadence, indicator.cadence),
            reading=reading,
            why_not="" if reading else _why_not(indicator, said),
        )

    def _owner(self, indicator: Indicator) -> str:
        key = indicator.owner
        if key is None:
            outcomes = (each for plan in self._partnership.themes.values() for each in plan.outcomes)
            key = next((each.owner for each in outcomes if each.code == indicator.outcome), None)
        board = self._partnership.boards.get(key) if key else None
        return board.name if board else ""


def _counted(indicator: Indicator) -> str:
    """What is counted out of what; only the first where there is no second."""
    whole = indicator.denominator
    if whole.lower().startswith("none"):
        return indicator.numerator
    return f"{indicator.numerator}, out of {whole[0].lower() + whole[1:] if whole[1:2].islower() else whole}"


def _why_not(indicator: Indicator, said: dict[str, Any]) -> str:
    if said.get("why_not"):
        return f"{str(said['why_not']).rstrip('.')}."
    if not indicator.finding:
        return f"Nothing counts it yet. It needs: {indicator.data}."
    return "No publication has read it yet."


def _published(file: Path) -> dict[str, dict[str, Any]]:
    try:
        readings: dict[str, dict[str, Any]] = json.loads(file.read_text("utf-8"))["readings"]
    except FileNotFoundError:
        return {}
    return readings
