"""Charts compiled without a browser: Vega-Lite to SVG and to PNG, here or by several processes at once.

This file is also a program of its own that needs nothing of Concord: a second process starts it, so that both cores
draw and neither waits for the rest of the house to be imported.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

FONTS = Path(__file__).resolve().parent / "fonts"
HATCH = "#fdfcfb"
PATTERNS = ("#12436e", "#2073bd", "#6bacf6", "#b3cff8", "#f4f7fb")
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_MARKS = {
    HATCH: ("hatch", "#ffffff", '<path d="M0 6L6 0M-1 1L1 -1M5 7L7 5" stroke="#b1b4b6" stroke-width="1"/>'),
    PATTERNS[0]: ("solid", "#12436d", ""),
    PATTERNS[1]: ("stripe", "#2073bc", '<path d="M3 0V6" stroke="#ffffff" stroke-width="1.6"/>'),
    PATTERNS[2]: ("dot", "#8fc1ec", '<circle cx="3" cy="3" r="1.3" fill="#12436d"/>'),
    PATTERNS[3]: ("bar", "#d3e4f3", '<path d="M0 3H6" stroke="#505a5f" stroke-width="1"/>'),
    PATTERNS[4]: ("plain", "#f4f7fb", ""),
}
FEW = 10
"""Up to so many drawings are made here: starting another process would take longer."""
SCALE = 1.6
"""Dots of a PNG for each point of the drawing: 160 to the inch across a page."""

Job = tuple[Mapping[str, Any], str, bool]
"""A declaration, the prefix of its names, and whether a PNG is wanted beside the SVG."""


@cache
def _ready() -> bool:
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))
    return True


def svg(spec: Mapping[str, Any], prefix: str) -> str:
    """The chart as one SVG element. What Vega adds for screen readers mark by mark is taken away: the page gives the
    chart one description and a table."""
    import vl_convert

    _ready()
    full = {"$schema": _SCHEMA, "padding": 4, **spec}
    drawn: str = vl_convert.vegalite_to_svg(full, vl_version="6.4", allowed_base_urls=[])
    drawn = re.sub(r'\s(?:aria-[a-z]+|role)="[^"]*"', "", drawn)
    return _patterned(_renamed(drawn, prefix), prefix)


def png(drawn: str) -> bytes:
    """An SVG made here as a PNG on white, for formats that take no SVG."""
    import vl_convert

    _ready()
    made: bytes = vl_convert.svg_to_png(drawn.replace("<svg ", '<svg style="background:#ffffff" ', 1), scale=SCALE)
    return made


def _renamed(drawn: str, prefix: str) -> str:
    for position, name in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', drawn))):
        new = f"{prefix}-{position}"
        drawn = drawn.replace(f'id="{name}"', f'id="{new}"').replace(f"url(#{name})", f"url(#{new})")
        drawn = drawn.replace(f'href="#{name}"', f'href="#{new}"')
    return drawn


def _patterned(drawn: str, prefix: str) -> str:
    """Placeholder fills as shades and patterns, named by `prefix`."""
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


def compiled(jobs: Sequence[Job]) -> list[tuple[str, bytes]]:
    """Every drawing as (SVG, PNG or nothing), in the order given; shared among processes where there are many."""
    helpers = min(max(1, (os.cpu_count() or 1)), 4) - 1 if len(jobs) > FEW else 0
    if not helpers:
        return [_one(job) for job in jobs]
    # Those that want a PNG too take half as long again, so they are dealt out first.
    dealt = sorted(range(len(jobs)), key=lambda i: not jobs[i][2])
    shares = [dealt[n :: helpers + 1] for n in range(helpers + 1)]
    running = [_start([jobs[i] for i in share]) for share in shares[1:]]
    found: dict[int, tuple[str, bytes]] = {}
    try:
        found.update((i, _one(jobs[i])) for i in shares[0])
    finally:
        answers = [process.communicate()[0] for process in running]
    for share, process, answer in zip(shares[1:], running, answers, strict=True):
        if process.returncode:  # a helper that could not start: what it should have drawn is drawn here
            found.update((i, _one(jobs[i])) for i in share)
            continue
        drawn = json.loads(answer)
        found.update((i, (one["svg"], base64.b64decode(one["png"]))) for i, one in zip(share, drawn, strict=True))
    return [found[i] for i in range(len(jobs))]


def _one(job: Job) -> tuple[str, bytes]:
    spec, prefix, wants_png = job
    drawn = svg(spec, prefix)
    return drawn, png(drawn) if wants_png else b""


def _start(jobs: Sequence[Job]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-I", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    if process.stdin is not None:
        try:
            process.stdin.write(json.dumps(jobs).encode())
            process.stdin.close()
        except BrokenPipeError:
            pass  # said by its return code
        process.stdin = None
    return process


def _main() -> None:
    jobs: list[Job] = json.loads(sys.stdin.buffer.read())
    made = [{"svg": drawn, "png": base64.b64encode(dots).decode()} for drawn, dots in map(_one, jobs)]
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    _main()
