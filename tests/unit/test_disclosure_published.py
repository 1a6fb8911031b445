"""Values that an open publication prints are repeated as they stand; no count of our own slips past with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from concord.evidence.disclosure import Ledger, release
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.publications import document
from concord.evidence.publications.sentences.common import suppression
from concord.kernel.errors import BadInput
from concord.kernel.lineage import Lineage
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period
from concord.strategy import load

RULE: Any = load(Path(__file__).resolve().parents[2] / "partnerships" / "harbourside").disclosure.rule("public")
YEARS = Dimension("school_year", "School year", ("2022/23", "2023/24"))
ABSENCE = Table(
    "absence",
    "Persistent absence",
    "% of pupils",
    (YEARS,),
    (
        Cell(("2022/23",), 0, estimate=Estimate(21.88, "% of pupils", None, "as published")),
        Cell(("2023/24",), 0, label="left out by the publisher"),
    ),
    additive=False,
    published=True,
)
COUNTED = Table(
    "months",
    "Offences",
    "offences",
    (Dimension("month", "Month", ("2024-01", "2024-02", "2024-03", TOTAL)),),
    tuple(Cell((key,), n) for key, n in (("2024-01", 3), ("2024-02", 40), ("2024-03", 50), (TOTAL, 93))),
)


def finding(*tables: Table, **changes: Any) -> Finding:
    made = Finding(
        name="education_open",
        question="How many children miss school?",
        tables=tables,
        base="Pupils",
        period=Period(date(2024, 1, 1), date(2024, 3, 31)),
        source="Department for Education",
        method="As published.",
        lineage=Lineage("education_open", "As published.", (), "", None, {}, "0"),
        source_class="open",
    )
    return replace(made, **changes)


def released(home: Path, given: Finding) -> Any:
    return release(
        given,
        rule=RULE,
        audience="public",
        home=home,
        requested_by="Ann",
        approved_by="Bo",
        clock=lambda: datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_published_values_stand_as_they_are_and_gaps_stay_gaps(tmp_path: Path) -> None:
    made = released(tmp_path, finding(ABSENCE))
    one, other = made.tables[0].cells
    assert (one.count, one.estimate.value, one.hidden) == (None, 21.88, None)
    assert (other.count, other.estimate, other.hidden) == (None, None, "not_published")
    assert made.audit.hidden_cells == 0
    assert Ledger(tmp_path).verify() == 1


def test_beside_them_our_own_counts_are_protected_as_ever(tmp_path: Path) -> None:
    made = released(tmp_path, finding(ABSENCE, COUNTED))
    months = {cell.key[0]: cell for cell in made.tables[1].cells}
    assert months["2024-01"].count is None
    assert made.tables[0].cells[0].estimate is not None
    again = released(tmp_path, finding(ABSENCE, COUNTED, base="Pupils on roll"))
    assert made.id in again.audit.against, "the counts are audited together, the published values are no part of it"


def test_the_table_printed_has_no_column_of_counts(tmp_path: Path) -> None:
    made = released(tmp_path, finding(ABSENCE))
    printed = document.grid(made.tables[0])
    assert printed.columns[:2] == ("School year", "% of pupils")
    assert [row[1] for row in printed.rows] == ["21.9", "[x]"]


def test_a_gap_is_laid_to_its_publisher_and_not_to_a_small_count(tmp_path: Path) -> None:
    made = released(tmp_path, finding(ABSENCE))
    assert suppression(made, made.tables[0]) == (
        "One of 2 figures in this table is not shown (marked [x]) because the publisher left that out."
    )


@pytest.mark.parametrize(
    "given",
    [
        finding(ABSENCE, source_class="police"),
        finding(replace(ABSENCE, cells=(Cell(("2022/23",), 3), ABSENCE.cells[1]))),
        finding(replace(ABSENCE, cells=(replace(ABSENCE.cells[0], base=12), ABSENCE.cells[1]))),
        finding(replace(ABSENCE, cells=(replace(ABSENCE.cells[0], population=100.0), ABSENCE.cells[1]))),
        finding(replace(COUNTED, published=True)),
    ],
)
def test_a_count_of_our_own_cannot_be_passed_off_as_published(tmp_path: Path, given: Finding) -> None:
    with pytest.raises(BadInput, match="says that its values are published"):
        released(tmp_path, given)
