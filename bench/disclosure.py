"""How long protecting and attacking takes: three-way tables of growing size, and a year of monthly releases.

.venv/bin/python bench/disclosure.py            # the table of seconds
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from concord.evidence.disclosure import release
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.kernel.lineage import Lineage
from concord.kernel.periods import Period
from concord.strategy.shapes.disclosure import Disclosure

RULE = (
    TypeAdapter(Disclosure)
    .validate_python(
        {
            "audiences": {"public": {"label": "Anyone"}},
            "rules": {"public": {"title": "1 to 4 hidden", "audiences": ["public"], "hide_to": 4, "zeros": "show"}},
        }
    )
    .rule("public")
)


def table(counts: np.ndarray, names: tuple[str, ...]) -> Table:
    """Every inner cell of an array of counts, with every margin."""
    categories = [(*(f"{name}{i:02d}" for i in range(n)), TOTAL) for name, n in zip(names, counts.shape, strict=True)]
    cells = []
    for places in itertools.product(*(range(n + 1) for n in counts.shape)):
        at = tuple(slice(None) if p == n else p for p, n in zip(places, counts.shape, strict=True))
        key = tuple(category[p] for category, p in zip(categories, places, strict=True))
        cells.append(Cell(key, int(counts[at].sum())))
    dimensions = tuple(Dimension(n, n, c) for n, c in zip(names, categories, strict=True))
    return Table("t", "t", "offences", dimensions, tuple(cells), universe="offences")


def released(counts: np.ndarray, period: Period, home: Path, names: tuple[str, ...]) -> tuple[float, int, int]:
    """Seconds, hidden cells and exposed cells of one release."""
    found = Finding(
        "f", "?", (table(counts, names),), "all", period, "invented", "counted", Lineage("f", "counted", ())
    )
    started = time.perf_counter()
    made = release(
        found, rule=RULE, audience="public", home=home, requested_by="Ann", approved_by="Bo",
        clock=lambda: datetime(2026, 6, 1, tzinfo=UTC),
    )  # fmt: skip
    return time.perf_counter() - started, made.audit.hidden_cells, len(made.audit.exposed)


def main() -> None:
    rng = np.random.default_rng(7)
    year = Period.financial_year(2024)
    print(f"{'table':>16} {'cells':>7} {'hidden':>7} {'exposed':>8} {'seconds':>8}")
    for shape in ((8, 4), (20, 12), (6, 5, 4), (10, 8, 6), (20, 10, 8)):
        counts = rng.negative_binomial(1.2, 0.06, shape)
        with tempfile.TemporaryDirectory() as home:
            seconds, hidden, exposed = released(counts, year, Path(home), ("ward", "kind", "age")[: len(shape)])
        cells = int(np.prod([n + 1 for n in shape]))
        print(f"{'x'.join(map(str, shape)):>16} {cells:>7,} {hidden:>7,} {exposed:>8} {seconds:>8.2f}", flush=True)
    with tempfile.TemporaryDirectory() as home:
        total = 0.0
        for month in range(1, 13):
            counts = rng.negative_binomial(1.2, 0.15, (20, 6))
            first = date(2025, month, 1)
            last = date(2025 + month // 12, month % 12 + 1, 1)
            period = Period(first, date.fromordinal(last.toordinal() - 1))
            seconds, hidden, exposed = released(counts, period, Path(home), ("ward", "kind"))
            total += seconds
        print(f"a year of months of 20 x 6: {total:.2f} s in all, the last {seconds:.2f} s, {exposed} exposed")


if __name__ == "__main__":
    sys.exit(main())
