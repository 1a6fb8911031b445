"""What is hidden is in no byte of any rendered file: pages, tables, chart drawings, descriptions, metadata."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from disclosure_support import YEAR, cube, finding, hidden_numbers, policy, rendered_text, send

from concord.evidence.disclosure import Release
from concord.evidence.findings.model import TOTAL, Finding, Table
from concord.evidence.findings.statistics import rate
from concord.evidence.publications import render
from concord.strategy.shapes.publication import FigureSpec, Publication, Section

WARDS = {("Anchor Quay",): 3, ("Bargate",): 7919, ("Candlewick Reach",): 9241, ("Dock",): 8377}
PEOPLE = {"Anchor Quay": 64151.0, "Bargate": 51817.0, "Candlewick Reach": 73939.0, "Dock": 60101.0, TOTAL: 250008.0}


def rated() -> Finding:
    table = cube(WARDS, "ward", called="wards")
    cells = tuple(
        dataclasses.replace(
            cell, population=PEOPLE[cell.key[0]], estimate=rate(cell.count, PEOPLE[cell.key[0]], per=1000)
        )
        for cell in table.cells
    )
    return finding(dataclasses.replace(table, cells=cells, per=1000.0, title="Offences by ward"), synthetic=True)


def monthly() -> Finding:
    counts = {(f"2024-{month:02d}",): 1000 + 137 * month for month in range(4, 13)} | {("2025-01",): 2}
    table: Table = dataclasses.replace(cube(counts, "month", called="months"), title="Offences by month")
    return finding(table, name="trend", period=YEAR, synthetic=True)


@pytest.mark.parametrize("chart", ["rates", "map", "bars", "table"])
def test_no_file_of_a_publication_holds_a_hidden_number(tmp_path: Path, chart: str) -> None:
    found = rated()
    publish_and_search(found, send(found, tmp_path / "home"), chart, tmp_path / "site")


def test_no_file_of_a_trend_holds_a_hidden_month(tmp_path: Path) -> None:
    found = monthly()
    publish_and_search(found, send(found, tmp_path / "home"), "trend", tmp_path / "site")


def publish_and_search(found: Finding, made: Release, chart: str, folder: Path) -> None:
    secret = hidden_numbers(found, made)
    assert len(secret) >= 2, "the test needs something to look for"
    spec = FigureSpec(finding=found.name, chart=chart, subject="offences")  # type: ignore[arg-type]
    publication = Publication(
        key="assessment",
        title="Needs assessment",
        summary="How much, where.",
        audience="public",
        rule="public",
        cadence="annual",
        sections=(Section(key="where", heading="Where", figures=(spec,)),),
    )
    folder.mkdir()
    render(
        publication,
        {spec.cited_as: made},
        partnership=SimpleNamespace(name="Harbourside", folder=folder, synthetic=True, prose={}, chain=()),  # type: ignore[arg-type]
        out=folder,
        clock=lambda: datetime(2026, 1, 5, 9, tzinfo=UTC),
        audience="Anyone",
    )
    text = rendered_text(folder)
    shown = [f"{c.count:,}" for c in made.tables[0].cells if c.count]
    assert any(number in text for number in shown), "what is shown can be found by this search"
    leaks = {number for number in secret if re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d])", text)}
    assert not leaks


def test_the_search_finds_a_number_that_is_put_there(tmp_path: Path) -> None:
    found = rated()
    made = send(found, tmp_path)
    assert "7,919" in hidden_numbers(found, made) or "8,377" in hidden_numbers(found, made)
    (tmp_path / "leak.svg").write_text("<svg><title>8377 or 7919</title></svg>")
    assert hidden_numbers(found, made) & set(re.findall(r"\d+", rendered_text(tmp_path)))


def test_policy_of_the_tests_is_the_partnerships_in_what_it_hides() -> None:
    assert policy().rule("public").hide_to == 4
