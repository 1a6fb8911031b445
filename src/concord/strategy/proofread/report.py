"""Remarks for a person to read, and for a machine."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill

from concord.strategy.proofread.remark import KINDS, Remark

TITLES = {
    "change_does_not_compute": "change does not compute",
    "percent_or_points": "per cent or percentage points",
    "no_base_or_period": "no base or period",
}
_WIDTH = 96


def title(kind: str) -> str:
    """A kind's name in words."""
    return TITLES.get(kind, kind.replace("_", " "))


def render_text(remarks: Sequence[Remark], path: Path) -> str:
    """The remarks in order of line, each with its reason and what to write instead, then a count of each kind."""
    if not remarks:
        return f"{path.name}: nothing to put right was found. A person should still read it."
    parts = []
    for remark in remarks:
        others = f" (see also {_lines(remark.lines)})" if remark.lines else ""
        parts.append(f"{path.name}:{remark.line}  {title(remark.kind)}{others}")
        parts.append(
            fill(remark.message, _WIDTH, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)
        )
        parts.append(
            fill(
                f"Write: {remark.suggestion}" if remark.suggestion[:1].islower() else remark.suggestion,
                _WIDTH,
                initial_indent="    → ",
                subsequent_indent="      ",
                break_on_hyphens=False,
            )
        )
        parts.append("")
    counts = Counter(remark.kind for remark in remarks)
    parts.append(
        f"{len(remarks)} line{'s' if len(remarks) > 1 else ''} to look at: "
        + ", ".join(f"{counts[kind]} {title(kind)}" for kind in KINDS if counts[kind])
        + "."
    )
    return "\n".join(parts)


def _lines(lines: Sequence[int]) -> str:
    """“lines 3, 5 and 7 to 9”."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    said = [str(a) if a == b else f"{a} to {b}" for a, b in runs]
    shown = said if len(said) <= 8 else [*said[:7], f"{len(said) - 7} more"]
    return ("line " if len(lines) == 1 else "lines ") + (
        shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " and " + shown[-1]
    )


def as_json(remarks: Sequence[Remark]) -> str:
    """A JSON array of objects with `line`, `lines`, `kind`, `message` and `suggestion`."""
    found = [
        {"line": r.line, "lines": list(r.lines), "kind": str(r.kind), "message": r.message, "suggestion": r.suggestion}
        for r in remarks
    ]
    return json.dumps(found, ensure_ascii=False, indent=2)
