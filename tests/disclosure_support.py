"""Tables, findings and rules invented for tests of disclosure control."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import TypeAdapter

from concord.evidence.disclosure import Release, release
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.kernel.lineage import Lineage
from concord.kernel.periods import Period
from concord.strategy.shapes.disclosure import Disclosure

YEAR = Period.financial_year(2024)
NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
AUDIENCES = {
    "public": {"label": "Anyone"},
    "board": {"label": "Board", "sees": ["public"]},
    "tactical": {"label": "Tasking", "sees": ["board"], "restricted": True, "agreement": "tasking"},
}
PLAIN = {"title": "1 to 4 hidden", "audiences": ["public"], "hide_to": 4}


def policy(**changes: object) -> Disclosure:
    rules = {
        "public": {
            **PLAIN,
            "no_percentage_below": 20,
            "whole_percentage_below": 100,
            "safe_facts": ["p_value"],
            "by_source": {"health": {"hide_to": 7, "round_to": 5}},
            **changes,
        },
        "board": {**PLAIN, "audiences": ["board"]},
        "tactical": {
            "title": "Small numbers for the meeting",
            "audiences": ["tactical"],
            "hide_from": 0,
            "hide_to": 0,
            "complementary": False,
            "remainder": False,
        },
    }
    return TypeAdapter(Disclosure).validate_python({"audiences": AUDIENCES, "rules": rules})


def cube(
    counts: dict[tuple[str, ...], int],
    *names: str,
    called: str = "table",
    universe: str = "offences",
    where: tuple[tuple[str, tuple[str, ...]], ...] = (),
) -> Table:
    categories = [(*dict.fromkeys(key[i] for key in counts), TOTAL) for i in range(len(names))]
    cells = tuple(
        Cell(key, sum(n for k, n in counts.items() if all(a in (TOTAL, b) for a, b in zip(key, k, strict=True))))
        for key in itertools.product(*categories)
    )
    dimensions = tuple(Dimension(n, n.title(), c) for n, c in zip(names, categories, strict=True))
    return Table(called, called, "offences", dimensions, cells, universe=universe, where=where)


def finding(*tables: Table, name: str = "a_finding", period: Period = YEAR, **more: object) -> Finding:
    words: dict[str, object] = {
        "base": "offences recorded in the period",
        "source": "invented",
        "method": "counted",
        **more,
    }
    return Finding(name, "How many?", tables, period=period, lineage=Lineage(name, "counted", ()), **words)  # type: ignore[arg-type]


def send(
    found: Finding, home: Path, *, to: str = "public", rules: Disclosure | None = None, by: str = "Ann", ok: str = "Bo"
) -> Release:
    return release(
        found,
        rule=(rules or policy()).rule(to),
        audience=to,
        home=home,
        requested_by=by,
        approved_by=ok,
        clock=lambda: NOON,
    )


def counts(made: Release, table: int = 0) -> dict[tuple[str, ...], int | None]:
    return {cell.key: cell.count for cell in made.tables[table].cells}


def nine_months(total: int) -> Finding:
    cells = (Cell((TOTAL,), total),)
    table = Table("all", "all", "offences", (Dimension("limb", "Limb", (TOTAL,)),), cells, universe="offences")
    return finding(table, period=Period(date(2024, 4, 1), date(2024, 12, 31)))
