"""The house style of charts, and their compilation to SVG without a browser.

Shape or words carry every meaning that colour carries; labels stand beside what they name; axes of counts and rates
start at nought; a hidden cell is hatched or says `[c]`. Colours are the Analysis Function's accessible palette
(analysisfunction.civilservice.gov.uk, "Data visualisation: colours in charts").
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parent / "fonts"
FONT = "Inter"

INK, MUTED, RULE, BAND = "#0b0c0c", "#505a5f", "#b1b4b6", "#e8ecef"
BLUE, PINK, PALE = "#12436d", "#801650", "#ffffff"
RAMP = ("#e3edf6", "#b3cfe8", "#6bace6", "#2073bc", "#12436d")
HATCH = "#fdfcfb"  # never drawn as it is: replaced by a hatching after compilation
PATTERNS = ("#12436e", "#2073bd", "#6bacf6", "#b3cff8", "#f4f7fb")
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


@cache
def _fonts_registered() -> bool:
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))
    return True


def svg(spec: Mapping[str, Any], prefix: str) -> str:
    """The chart as one SVG element, the same bytes for the same specification.

    Names inside are made unique by `prefix`, so that several charts can stand on one page. What Vega adds for
    screen readers mark by mark is taken away: the page gives the chart one description and a table.
    """
    import vl_convert

    _fonts_registered()
    full = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "padding": 4, **spec}
    drawn: str = vl_convert.vegalite_to_svg(full, vl_version="6.4", allowed_base_urls=[])
    drawn = re.sub(r'\s(?:aria-[a-z]+|role)="[^"]*"', "", drawn)
    drawn = _renamed(drawn, prefix)
    return _hatched(drawn, prefix)


def _renamed(drawn: str, prefix: str) -> str:
    for position, name in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', drawn))):
        new = f"{prefix}-{position}"
        drawn = drawn.replace(f'id="{name}"', f'id="{new}"').replace(f"url(#{name})", f"url(#{new})")
        drawn = drawn.replace(f'href="#{name}"', f'href="#{new}"')
    return drawn


_LINES = "M0 6L6 0M-1 1L1 -1M5 7L7 5"
_MARKS = {
    HATCH: ("hatch", PALE, f'<path d="{_LINES}" stroke="{RULE}" stroke-width="1"/>'),
    PATTERNS[0]: ("solid", "#12436d", ""),
    PATTERNS[1]: ("stripe", "#2073bc", '<path d="M3 0V6" stroke="#ffffff" stroke-width="1.6"/>'),
    PATTERNS[2]: ("dot", "#8fc1ec", '<circle cx="3" cy="3" r="1.3" fill="#12436d"/>'),
    PATTERNS[3]: ("bar", "#d3e4f3", '<path d="M0 3H6" stroke="#505a5f" stroke-width="1"/>'),
    PATTERNS[4]: ("plain", "#f4f7fb", ""),
}


def _hatched(drawn: str, prefix: str) -> str:
    """Placeholder fills as patterns. A pattern is named by `prefix`, so that several charts can share a page."""
    made = []
    for fill, (name, ground, marks) in _MARKS.items():
        if fill not in drawn:
            continue
        if not marks:
            drawn = drawn.replace(fill, ground)
            continue
        made.append(
            f'<pattern id="{prefix}-{name}" width="6" height="6" patternUnits="userSpaceOnUse">'
            f'<rect width="6" height="6" fill="{ground}"/>{marks}</pattern>'
        )
        drawn = drawn.replace(fill, f"url(#{prefix}-{name})")
    if not made:
        return drawn
    return re.sub(r"(<svg[^>]*>)", lambda m: f"{m[1]}<defs>{''.join(made)}</defs>", drawn, count=1)


def width(drawn: str) -> float:
    """The natural width of an SVG made here; 0 for none."""
    found = re.search(r'<svg[^>]*\swidth="([\d.]+)"', drawn)
    return float(found[1]) if found else 0.0
