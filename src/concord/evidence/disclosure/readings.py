"""Indicators as they may be read: from releases alone, and never a number where there is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from concord.evidence.disclosure.model import Release, ReleasedCell, ReleasedTable
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period
from concord.strategy.shapes.indicator import Indicator

State = Literal["shown", "hidden", "not counted", "not loaded", "expected"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What an indicator says now, or why it says nothing.

    `state`: `shown`; `hidden` by disclosure control; `not counted` where nothing of the kind fell in the period;
    `not loaded` where no release answers it; `expected` where no finding does yet. `says` is that in a sentence.
    `code` is the figure code; `count`, `base` and `estimate` are filled in only where `state` is `shown`.
    """

    key: str
    indicator: Indicator
    state: State
    says: str
    count: int | None = None
    base: int | None = None
    estimate: Estimate | None = None
    period: Period | None = None
    release: str = ""
    code: str = ""
    label: str = ""
    synthetic: bool = False


def readings(partnership: Any, releases: Iterable[Release]) -> list[Reading]:
    """One reading for each indicator of `partnership`, in the order of their codes, from the newest release of each."""
    newest = sorted(releases, key=lambda release: (release.period.end, release.released_at), reverse=True)
    found = [reading(key, indicator, newest) for key, indicator in partnership.indicators.items()]
    return sorted(found, key=lambda each: (each.indicator.code, each.key))


def reading(key: str, indicator: Indicator, newest: Iterable[Release]) -> Reading:
    """The reading of one indicator; `newest` holds releases, newest first."""
    if not indicator.finding:
        return Reading(key, indicator, "expected", f"Not measured yet. It needs: {indicator.data}.")
    release = next((r for r in newest if r.finding == indicator.finding and _answers(r, indicator)), None)
    if release is None:
        feeds = ", ".join(indicator.feeds) or indicator.data
        return Reading(key, indicator, "not loaded", f"Nothing released yet: feed not loaded ({feeds}).")
    table = next((each for each in release.tables if each.name == indicator.table), None)
    cell = _cell(table, indicator.cell)
    period = (table.period if table else None) or release.period
    found = Reading(
        key,
        indicator,
        "not counted",
        f"Nothing of the kind in {period.label}.",
        period=period,
        release=release.id,
        code=table.code if table else "",
        synthetic=release.synthetic,
    )
    if cell is None:
        return found
    if cell.hidden is not None or (indicator.measure == "estimate" and cell.estimate is None):
        low = cell.hidden == "low_base" or (cell.hidden is None and cell.base is not None)
        why = (
            "the number that it is a share of is too small"
            if low
            else "the count is small, or would give a small count away"
        )
        return replace(found, state="hidden", says=f"Not shown: {why}.")
    return replace(
        found,
        state="shown",
        says=f"{release.base}, {period.label}.",
        count=cell.count,
        base=cell.base,
        estimate=cell.estimate,
        label=cell.label,
    )


def questions(partnership: Any) -> list[tuple[str, dict[str, object], int]]:
    """The findings that the indicators need: (name, parameters, months back), each once, in order of their codes."""
    wanted: list[tuple[str, dict[str, object], int]] = []
    for indicator in sorted(partnership.indicators.values(), key=lambda each: each.code):
        question = (indicator.finding, dict(indicator.parameters), indicator.months)
        if indicator.finding and question not in wanted:
            wanted.append(question)
    return wanted


def _answers(release: Release, indicator: Indicator) -> bool:
    """Whether the release was made with the parameters that the indicator asks for (others may stand at defaults)."""
    given = release.lineage.parameters
    if any(given.get(name) != value for name, value in indicator.parameters.items()):
        return False
    # A release confined to one limb answers only an indicator that asks for that limb.
    return "limb" in indicator.parameters or "limb" not in given


def _cell(table: ReleasedTable | None, key: tuple[str, ...]) -> ReleasedCell | None:
    return next((cell for cell in table.cells if cell.key == key), None) if table else None
