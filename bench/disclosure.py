"""How long protecting and attacking takes, and what it hides beside GaussSuppression's published patterns.

.venv/bin/python bench/disclosure.py            # the tables: size, months, an assessment, beside GaussSuppression

Seconds are of processor time, so that a busy machine does not change them. The patterns of GaussSuppression 1.2.3
(Statistics Norway) on its own example tables are read from `../shared/oracles/suppression`, where that is there.
"""

from __future__ import annotations

import csv
import itertools
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from concord.evidence.disclosure import Release, release
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.kernel.errors import Refused
from concord.kernel.lineage import Lineage
from concord.kernel.periods import Period
from concord.strategy.shapes.disclosure import Disclosure, Rule

ORACLE = Path(__file__).resolve().parents[2] / "shared" / "oracles" / "suppression"
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


def release_of(tables: Table | tuple[Table, ...], period: Period, home: Path, name: str, rule: Rule = RULE) -> Release:
    """The release of a finding that is these tables."""
    tables = tables if isinstance(tables, tuple) else (tables,)
    found = Finding(f"f{name}", "?", tables, "all", period, "invented", "counted", Lineage(f"f{name}", "counted", ()))
    return release(
        found, rule=rule, audience="public", home=home, requested_by="Ann", approved_by="Bo",
        clock=lambda: datetime(2026, 6, 1, tzinfo=UTC),
    )  # fmt: skip


def released(counts: np.ndarray, period: Period, home: Path, names: tuple[str, ...]) -> tuple[float, int, int]:
    """Seconds, hidden cells and exposed cells of one release."""
    whole = table(counts, names)
    started = time.process_time()
    made = release_of(whole, period, home, "")
    return time.process_time() - started, made.audit.hidden_cells, len(made.audit.exposed)


def sizes(rng: np.random.Generator) -> None:
    year = Period.financial_year(2024)
    print(f"{'table':>16} {'cells':>7} {'hidden':>7} {'exposed':>8} {'seconds':>8}")
    for shape in ((8, 4), (20, 12), (6, 5, 4), (10, 8, 6), (20, 10, 8)):
        counts = rng.negative_binomial(1.2, 0.06, shape)
        with tempfile.TemporaryDirectory() as home:
            seconds, hidden, exposed = released(counts, year, Path(home), ("ward", "kind", "age")[: len(shape)])
        cells = int(np.prod([n + 1 for n in shape]))
        print(f"{'x'.join(map(str, shape)):>16} {cells:>7,} {hidden:>7,} {exposed:>8} {seconds:>8.2f}", flush=True)


def months(rng: np.random.Generator) -> None:
    with tempfile.TemporaryDirectory() as home:
        total = 0.0
        for month in range(1, 13):
            counts = rng.negative_binomial(1.2, 0.15, (20, 6))
            period = Period.month(2025, month)
            seconds, _, exposed = released(counts, period, Path(home), ("ward", "kind"))
            total += seconds
        print(f"a year of months of 20 x 6: {total:.2f} s in all, the last {seconds:.2f} s, {exposed} exposed")


def assessment(rng: np.random.Generator) -> None:
    """Eighty tables of one borough, as a needs assessment releases them: most with nothing small, some with much."""
    wards, kinds, ages, hours, times = 20, 8, 5, 24, 12
    mean = rng.gamma(2.0, 1.0, wards)[:, None, None] * rng.gamma(1.0, 1.0, kinds)[None, :, None]
    counts = rng.poisson(40.0 * mean * rng.gamma(4.0, 0.25, ages)[None, None, :])
    by_time = rng.multinomial(counts.sum(), rng.dirichlet(np.full(hours * times, 5.0))).reshape(hours, times)
    made: list[tuple[np.ndarray, tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]] = [
        (counts.sum(axis=(1, 2)), ("ward",), ()),
        (counts.sum(axis=(0, 2)), ("kind",), ()),
        (counts.sum(axis=(0, 1)), ("age",), ()),
        (counts.sum(axis=2), ("ward", "kind"), ()),
        (counts.sum(axis=0), ("kind", "age"), ()),
        (by_time, ("hour", "month of year"), ()),
    ]
    for kind in range(kinds):
        where = (("kind", (f"kind{kind:02d}",)),)
        made += [(counts[:, kind].sum(axis=1), ("ward",), where), (counts[:, kind].sum(axis=0), ("age",), where)]
    for ward in range(wards):
        where = (("ward", (f"ward{ward:02d}",)),)
        made += [(counts[ward].sum(axis=1), ("kind",), where), (counts[ward].sum(axis=0), ("age",), where)]
    for number in range(80 - len(made)):
        made.append((rng.poisson(30, (6, 3)), (f"group{number}", "outcome"), (("limb", (f"limb{number}",)),)))
    seconds, hidden, refused = 0.0, 0, 0
    with tempfile.TemporaryDirectory() as home:
        for number, (part, names, where) in enumerate(made):
            universe = f"other events {number}" if "limb" in dict(where) else "offences"
            whole = replace(table(part, names), where=where, universe=universe)
            started = time.process_time()
            try:
                hidden += release_of(whole, Period.financial_year(2024), Path(home), str(number)).audit.hidden_cells
            except Refused:
                refused += 1
            seconds += time.process_time() - started
    print(
        f"an assessment of {len(made)} tables: {seconds:.2f} s in all, {1000 * seconds / len(made):.0f} ms a table, "
        f"{hidden} cells hidden, {refused} refused"
    )


def beside_gauss() -> None:
    if not ORACLE.exists():
        print(f"{ORACLE} is not here: no comparison with GaussSuppression")
        return
    print(f"{'table':>22} {'small':>6} {'ours':>11} {'theirs':>11} {'exposed':>8}   (cells hidden / counts in them)")
    for name, limit, columns in (
        ("z1", 4, ("region",)),
        ("z1", 5, ("region",)),
        ("z2", 4, ("region", "fylke", "kostragr")),
    ):
        data = rows(f"{name}.csv")
        tables = tuple(by_reason(column, data) for column in columns)
        with tempfile.TemporaryDirectory() as home:
            rule = replace(RULE, hide_to=limit)
            made = release_of(tables, Period.financial_year(2024), Path(home), name, rule)
        truth = {cell.key: cell.count for one in tables for cell in one.cells}
        ours = {cell.key for one in made.tables for cell in one.cells if cell.hidden}
        theirs = [row for row in rows(f"{name}_gauss_maxN{limit}.csv") if row["suppressed"] == "TRUE"]
        small = sum(1 <= count <= limit for count in truth.values())
        mine = f"{len(ours)} / {sum(truth[key] for key in ours)}"
        others = f"{len(theirs)} / {sum(int(row['ant']) for row in theirs)}"
        print(f"{name + ', up to ' + str(limit):>22} {small:>6} {mine:>11} {others:>11} {len(made.audit.exposed):>8}")


def rows(name: str) -> list[dict[str, str]]:
    with (ORACLE / name).open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def by_reason(column: str, data: list[dict[str, str]]) -> Table:
    """Counts by a grouping of regions (or the region itself) and reason, with margins."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for row in data:
        for key in itertools.product((row[column], TOTAL), (row["hovedint"], TOTAL)):
            counts[key] += int(row["ant"])
    areas = (*sorted({row[column] for row in data}), TOTAL)
    reasons = (*sorted({row["hovedint"] for row in data}), TOTAL)
    groups = tuple((area, tuple(sorted({r["region"] for r in data if r[column] == area}))) for area in areas[:-1])
    own = column == "region"
    area = Dimension(column, column, areas, of="" if own else "region", groups=() if own else groups)
    cells = tuple(Cell(key, counts[key]) for key in itertools.product(areas, reasons))
    return Table(column, column, "people", (area, Dimension("reason", "Reason", reasons)), cells, universe="people")


def main() -> None:
    rng = np.random.default_rng(7)
    sizes(rng)
    months(rng)
    assessment(rng)
    beside_gauss()


if __name__ == "__main__":
    sys.exit(main())
