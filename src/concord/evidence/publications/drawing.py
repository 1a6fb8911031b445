"""The house style of charts, and their compilation to SVG without a browser.

Shape or words carry every meaning that colour carries; labels stand beside what they name; axes of counts and rates
start at nought; a hidden cell is hatched or says `[c]`. Colours are the Analysis Function's accessible palette
(analysisfunction.civilservice.gov.uk, "Data visualisation: colours in charts").
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from concord.evidence.publications import compiling

FONTS = compiling.FONTS
FONT = "Inter"

INK, MUTED, RULE, BAND = "#0b0c0c", "#505a5f", "#b1b4b6", "#e8ecef"
BLUE, PINK, PALE = "#12436d", "#801650", "#ffffff"
RAMP = ("#e3edf6", "#b3cfe8", "#6bace6", "#2073bc", "#12436d")
DARK = RAMP[3:]
"""Shades on which letters are white."""
HATCH = compiling.HATCH
PATTERNS = compiling.PATTERNS
"""Fills of named classes, strongest first: each is replaced by a shade with a pattern, so that no class rests on colour
alone. Like `HATCH` they stand for no colour of their own."""

WIDTH = 640
Spec = dict[str, Any]
Row = dict[str, Any]


def config() -> Spec:
    axis = {
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": MUTED,
        "domainColor": RULE,
        "tickColor": RULE,
        "gridColor": "#eef0f1",
    }
    return {
        "font": FONT,
        "background": "transparent",
        "view": {"stroke": None},
        "axis": axis,
        "text": {"fontSize": 13, "color": INK},
        "legend": {"labelFontSize": 13, "titleFontSize": 13},
    }


def values(rows: Sequence[Mapping[str, Any]]) -> Spec:
    return {"values": [dict(row) for row in rows]}


def nice_top(value: float) -> float:
    """The end of an axis that holds `value` with room for its label."""
    if value <= 0:
        return 1
    step = 10.0 ** math.floor(math.log10(value))
    return next(step * k for k in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * k >= value)


def shades(count: int) -> list[str]:
    """`count` steps of the ramp from the lightest to the darkest."""
    return [RAMP[round(i * (len(RAMP) - 1) / max(1, count - 1))] for i in range(count)]


def svg(spec: Mapping[str, Any], prefix: str) -> str:
    """The chart as one SVG element, the same bytes for the same specification.

    Names inside are made unique by `prefix`, so that several charts can stand on one page.
    """
    return compiling.svg(spec, prefix)


def width(drawn: str) -> float:
    """The natural width of an SVG made here; 0 for none."""
    found = re.search(r'<svg[^>]*\swidth="([\d.]+)"', drawn)
    return float(found[1]) if found else 0.0
