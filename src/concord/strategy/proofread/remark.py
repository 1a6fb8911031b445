"""What proofreading hands back: one remark per line of text, from a closed list of kinds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a remark is about, most serious first: where two fall on one line, the first here leads."""

    CHANGE = "change_does_not_compute"
    SMALL_COUNT = "small_count_disclosed"
    CONTRADICTION = "contradiction"
    POINTS = "percent_or_points"
    COUNT = "count_mismatch"
    PLACEHOLDER = "placeholder"
    DEAD_LINK = "dead_link"
    TRUNCATED = "truncated"
    AREA = "area_unclear"
    BASE = "no_base_or_period"
    UNQUANTIFIED = "unquantified"
    MISSING_WORD = "missing_word"
    NAME = "name_varies"
    REPEATED = "repeated_word"
    ACRONYM = "acronym_unexplained"


KINDS = tuple(Kind)


@dataclass(frozen=True, slots=True)
class Remark:
    """One margin note. `line` and `lines` count from 1; `lines` are the other lines it concerns."""

    line: int
    kind: str
    message: str
    suggestion: str
    lines: tuple[int, ...] = ()
    minor: bool = False
    """A minor remark never leads where a line has another."""


def one_per_line(remarks: list[Remark]) -> list[Remark]:
    """Fold the remarks on one line into one: the most serious leads, the others are named in its message."""
    by_line: dict[int, list[Remark]] = {}
    for remark in dict.fromkeys(remarks):
        by_line.setdefault(remark.line, []).append(remark)
    return [_fold(by_line[line]) for line in sorted(by_line)]


def _fold(remarks: list[Remark]) -> Remark:
    order = {kind.value: place for place, kind in enumerate(KINDS)}
    first, *rest = sorted(remarks, key=lambda remark: (remark.minor, order[remark.kind]))
    others = sorted({line for remark in remarks for line in remark.lines} - {first.line})
    message, suggestion = first.message, first.suggestion
    for remark in rest:
        label = "Also" if remark.kind == first.kind else f"Also ({remark.kind.replace('_', ' ')})"
        message += f" {label}: {remark.message}"
        if remark.suggestion not in suggestion:
            suggestion += f" {remark.suggestion}"
    return Remark(first.line, first.kind, message, suggestion, tuple(others))
