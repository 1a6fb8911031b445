"""Suppression beside Statistics Norway's GaussSuppression on its own example tables (z1, z2)."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from concord.evidence.disclosure import Release, release
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.kernel.lineage import Lineage
from concord.kernel.periods import Period
from concord.strategy.shapes.disclosure import Disclosure

ORACLE = Path(__file__).resolve().parents[2].parent / "shared" / "oracles" / "suppression"
pytestmark = pytest.mark.skipif(not ORACLE.exists(), reason="the suppression oracle is not on this machine")


def rule(hide_to: int) -> Disclosure:
    return TypeAdapter(Disclosure).validate_python(
        {
            "audiences": {"public": {"label": "Anyone"}},
            "rules": {"public": {"title": "small", "audiences": ["public"], "hide_to": hide_to}},
        }
    )


def rows(name: str) -> list[dict[str, str]]:
    with (ORACLE / name).open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def table(name: str, data: list[dict[str, str]], column: str) -> Table:
    """Counts by `column` (a group of regions, or the region itself) and reason, with margins."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for row in data:
        for area in (row[column], TOTAL):
            for reason in (row["hovedint"], TOTAL):
                counts[area, reason] += int(row["ant"])
    areas = (*sorted({row[column] for row in data}), TOTAL)
    reasons = (*sorted({row["hovedint"] for row in data}), TOTAL)
    groups = tuple((area, tuple(sorted({r["region"] for r in data if r[column] == area}))) for area in areas[:-1])
    dimension = (
        Dimension("region", "Region", areas)
        if column == "region"
        else Dimension(column, column, areas, of="region", groups=groups)
    )
    cells = tuple(Cell((area, reason), counts[area, reason]) for area in areas for reason in reasons)
    return Table(name, name, "people", (dimension, Dimension("reason", "Reason", reasons)), cells, universe="people")


def released(tables: tuple[Table, ...], hide_to: int, home: Path) -> Release:
    period = Period(date(2024, 1, 1), date(2024, 12, 31))
    found = Finding("z", "How many?", tables, "all", period, "SSBtools", "counted", Lineage("z", "counted", ()))
    return release(
        found,
        rule=rule(hide_to).rule("public"),
        audience="public",
        home=home,
        requested_by="Ann",
        approved_by="Bo",
        clock=lambda: datetime(2025, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("hide_to", [4, 5])
def test_a_two_way_table_loses_no_more_than_gauss_suppression_hides(hide_to: int, tmp_path: Path) -> None:
    made = released((table("z1", rows("z1.csv"), "region"),), hide_to, tmp_path)
    theirs = [row for row in rows(f"z1_gauss_maxN{hide_to}.csv") if row["suppressed"] == "TRUE"]
    hidden = [cell.key for cell in made.tables[0].cells if cell.hidden]
    truth = {cell.key: cell.count for cell in table("z1", rows("z1.csv"), "region").cells}
    assert made.audit.exposed == ()
    assert len(hidden) <= len(theirs)
    assert sum(truth[key] for key in hidden) <= sum(int(row["ant"]) for row in theirs)


def test_a_table_under_two_hierarchies_is_safe_and_comparable(tmp_path: Path) -> None:
    """Regions, counties and a second grouping of the same regions: one linked system of three tables."""
    data = rows("z2.csv")
    columns = ("region", "fylke", "kostragr")
    made = released(tuple(table(column, data, column) for column in columns), 4, tmp_path)
    assert made.audit.exposed == ()
    assert made.audit.narrowest_interval is not None
    assert made.audit.narrowest_interval >= 1
    theirs = {(row["region"], row["hovedint"]) for row in rows("z2_gauss_maxN4.csv") if row["suppressed"] == "TRUE"}
    ours = {cell.key for shown in made.tables for cell in shown.cells if cell.hidden}
    small = {cell.key for column in columns for cell in table(column, data, column).cells if 1 <= cell.count <= 4}
    assert small <= ours
    assert len(ours) <= len(theirs) + 4
