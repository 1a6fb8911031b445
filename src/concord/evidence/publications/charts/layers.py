"""What charts are built of: marks over rows of data, named rows, lines of reference, words at the ends of bars.

Every chart is drawn at two widths: `WIDTH` for a desk or paper and `NARROW` for a phone, where names stand above what
they name instead of beside it, so that letters keep their size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from concord.evidence.publications.drawing import INK, MUTED, PALE, Row, Spec, config, values

WIDTH, NARROW = 640, 350
LETTER = 7.0
"""Width of an average letter at 13 points."""


def layer(rows: Sequence[Row], kind: str, encoding: Spec, **mark: object) -> Spec:
    """One mark for each row of data."""
    return {"data": values(rows), "mark": {"type": kind, **mark}, "encoding": encoding}


def field(name: str, of: Spec | None = None, kind: str = "quantitative") -> Spec:
    """An encoding of one field, with what `of` says of its scale and axis."""
    return {"field": name, "type": kind, **(of or {})}


def room_for(texts: Iterable[str]) -> int:
    """Points that the longest of some texts needs, with air."""
    return round(max((len(text) for text in texts), default=0) * LETTER) + 14


@dataclass(frozen=True, slots=True)
class Rows:
    """Named rows down a chart. `plot` is the width left for the scale; `shift` what marks are moved down by."""

    plot: int
    step: int
    y: Spec
    shift: int
    names: tuple[str, ...]
    narrow: bool

    def titles(self) -> list[Spec]:
        """The names, where they stand above their rows."""
        if not self.narrow:
            return []
        rows = [{"name": name} for name in self.names]
        encoding = {"y": self.y, "x": {"value": 0}, "text": {"field": "name"}}
        return worded(rows, encoding, align="left", yOffset=-11, limit=self.plot)

    def chart(self, layers: Sequence[Spec]) -> Spec:
        return {
            "width": self.plot,
            "height": {"step": self.step},
            "layer": [*self.titles(), *layers],
            "config": config(),
        }


def rows(names: Sequence[str], width: int, *, step: int = 27, beside: int = 0) -> Rows:
    """Rows in the order of `names`; `beside` points are kept free to the right of the plot."""
    narrow = width < WIDTH
    label = max(60, min(300, room_for(names)))
    axis: Spec | None = {"title": None, "ticks": False, "domain": False, "labelLimit": label, "labelPadding": 8}
    if narrow:
        axis = None
    return Rows(
        plot=width - 20 - beside - (0 if narrow else label + 20),
        step=42 if narrow else step,
        y={"field": "name", "type": "nominal", "sort": list(names), "axis": axis, "scale": {"paddingInner": 0.3}},
        shift=8 if narrow else 0,
        names=tuple(names),
        narrow=narrow,
    )


def reach(ends: Sequence[float], texts: Sequence[str], plot: int) -> float:
    """The end of an axis from nought on which each text fits to the right of its own end."""
    need = [end * plot / max(40.0, plot - room_for([text])) for end, text in zip(ends, texts, strict=True)]
    return max([*need, 1e-9])


def nice_ticks(top: float, most: int = 5) -> list[float]:
    """Round steps from nought to `top` at most: 1, 2, 2.5 or 5 times a power of ten."""
    if top <= 0:
        return [0.0]
    scale = 10 ** math.floor(math.log10(top / most))
    step = next(scale * k for k in (1, 2, 2.5, 5, 10, 20) if top / (scale * k) <= most)
    return [round(step * i, 10) for i in range(math.floor(top / step + 1e-9) + 1)]


def worded(rows_of: Sequence[Row], encoding: Spec, **mark: object) -> list[Spec]:
    """Words with a white edge behind them, so that no line runs through a letter."""
    edge = {"stroke": PALE, "strokeWidth": 4, "strokeJoin": "round"}
    return [layer(rows_of, "text", encoding, **{**mark, **more}) for more in (edge, {})]


def reference(value: float, text: str, x: Spec) -> list[Spec]:
    """A dashed line across all rows, named above the plot."""
    return [
        layer([{"v": value}], "rule", {"x": field("v", x)}, color=MUTED, strokeDash=[5, 4]),
        layer(
            [{"v": value, "t": text}],
            "text",
            {"x": field("v", x), "y": {"value": 0}, "text": {"field": "t"}},
            color=MUTED,
            dy=-8,
            baseline="bottom",
        ),
    ]


def absent(rows_of: Sequence[Row], x: Spec, y: Spec, at: float, shift: int = 0) -> Spec:
    """The marks (`[c]`) that stand where rows show nothing."""
    return layer(
        [{**row, "v": at} for row in rows_of],
        "text",
        {"x": field("v", x), "y": y, "text": {"field": "t"}},
        align="left",
        dx=4,
        color=MUTED,
        yOffset=shift,
    )


def point(fill: str, stroke: str, shape: str = "circle", size: int = 110, shift: int = 0) -> Spec:
    """A point's look: hollow where `fill` is the page's white."""
    return {
        "filled": True,
        "fill": fill,
        "stroke": stroke,
        "strokeWidth": 2,
        "shape": shape,
        "size": size,
        "opacity": 1,
        "yOffset": shift,
    }


def key(entries: Sequence[Row], width: int, title: str = "") -> Spec:
    """A key: swatches (`fill`) with their words (`label`), as many to a line as fit, beneath a title."""
    placed: list[Row] = []
    x, line = 0.0, 0
    for entry in entries:
        need = room_for([str(entry["label"])]) + 28
        if x and x + need > width:
            x, line = 0.0, line + 1
        placed.append({**entry, "c": x, "r": line})
        x += need
    height = 23 * (line + 1)
    at = {
        "x": {**field("c"), "axis": None, "scale": {"domain": [-9, width - 9], "nice": False}},
        "y": {**field("r"), "axis": None, "scale": {"domain": [line + 0.5, -0.5], "nice": False}},
    }
    swatch = {**at, "fill": {"field": "fill", "type": "nominal", "scale": None}}
    shape: Spec = {
        "width": width,
        "height": height,
        "layer": [
            layer(placed, "square", swatch, size=200, opacity=1, stroke=INK, strokeWidth=0.75),
            layer(placed, "text", {**at, "text": {"field": "label"}}, align="left", dx=14),
        ],
    }
    return {**shape, **({"title": heading(title)} if title else {})}


def heading(text: str) -> Spec:
    """What the vertical axis or the key counts, above it in muted words."""
    return {"text": text, "anchor": "start", "fontSize": 13, "color": MUTED, "fontWeight": "normal"}
