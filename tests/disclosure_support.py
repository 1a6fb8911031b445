"""Tables, findings and rules invented for tests of disclosure control."""

from __future__ import annotations

import contextlib
import itertools
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pikepdf
from pydantic import TypeAdapter

from concord.evidence.disclosure import Release, ReleasedCell, release
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


def hidden_numbers(found: Finding, made: Release) -> set[str]:
    """Every number of `found` that `made` does not show, as it might be printed: for searching what was rendered.

    Left out are numbers that some shown cell holds too, and those of fewer than four digits, which any page has.
    """

    def printed(value: float | None) -> set[str]:
        if value is None:
            return set()
        forms = {f"{value:,.{places}f}" for places in (0, 1, 2, 3)} if value % 1 else {f"{value:,.0f}"}
        return {
            form
            for form in forms | {form.replace(",", "") for form in forms}
            if len(form.lstrip("-0.").replace(".", "").replace(",", "")) > 3
        }

    def numbers(cell: Cell | ReleasedCell) -> set[str]:
        found = printed(cell.count) | printed(cell.base) | printed(cell.population)
        if cell.estimate is not None:
            found |= printed(cell.estimate.value)
            if cell.estimate.interval is not None:
                found |= printed(cell.estimate.interval.low) | printed(cell.estimate.interval.high)
        return found

    shown = set[str]().union(*(numbers(cell) for table in made.tables for cell in table.cells))
    all_ = set[str]().union(*(numbers(cell) for table in found.tables for cell in table.cells))
    return all_ - shown


def rendered_text(folder: Path) -> str:
    """Everything a reader, or a program, could read in the files of `folder`: archives and documents opened."""
    words = []
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".pdf":
            with pikepdf.open(path) as pdf:
                words.append(str(pdf.docinfo))
                for item in pdf.objects:
                    if isinstance(item, pikepdf.Stream):
                        with contextlib.suppress(pikepdf.PdfError):
                            words.append(item.read_bytes().decode("latin-1"))
                    elif isinstance(item, pikepdf.Dictionary):
                        words += [str(item[key]) for key in ("/Alt", "/ActualText", "/E", "/T") if key in item]
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                words += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
        elif path.is_file():
            words.append(path.read_bytes().decode("utf-8", "replace"))
    return "\n".join(words)
