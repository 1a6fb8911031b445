"""Narrative blocks: every figure cited, none typed; what is allowed through, and the words of each refusal."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from concord.evidence.disclosure.model import Audit, Release, ReleasedCell, ReleasedTable
from concord.evidence.findings.model import Dimension
from concord.evidence.publications import prose
from concord.kernel.errors import BadInput
from concord.kernel.lineage import Lineage
from concord.kernel.measures import Estimate, Interval
from concord.kernel.periods import Period

WARDS = ("Anchor Quay", "Bargate", "Total")


def _release() -> Release:
    cells = (
        ReleasedCell(("Anchor Quay",), 124, None, 15506, Estimate(8.0, "per 1,000 residents", Interval(6.7, 9.5))),
        ReleasedCell(("Bargate",), hidden="confidential"),
        ReleasedCell(("Total",), 2447),
    )
    table = ReleasedTable(
        "by_ward", "Offences by ward", "offences", (Dimension("ward", "Ward", WARDS),), cells, "CODE-1"
    )
    return Release(
        "R-1", "where", "Where?", (table,), "offences", Period(date(2024, 4, 1), date(2025, 3, 31)), "police", "counts",
        (), "public", "public", Audit(1, (), 5.0, "attacker"), Lineage("where", "count", ()), "A", "B",
        datetime(2026, 1, 5, tzinfo=UTC),
    )  # fmt: skip


RELEASES = {"where": _release()}


@pytest.mark.parametrize(
    "text",
    [
        "Since 1 April 2024 and in 2023/24, 2021–22 or May 2023.",
        "Under section 8(8) of the Police, Crime, Sentencing and Courts Act 2022, Part 2 Chapter 1.",
        "Sections 6, 7 and 17A(2); Schedule 1; Article 10.",
        "Children aged 10 to 17, and under-25s.",
        "Two wards and three schools, one of them new.",
        "Written as `8N` or `42`.",
        "See [the page](https://example.org/2024/05/10).",
        "1. First\n2. Second",
        "```\n42\n```",
        "A quarter-master and a half-open door.",
    ],
)
def test_allowed_through(text: str) -> None:
    assert prose.typed_numbers(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("There were 412 offences.", "412"),
        ("A rise of 12%.", "12%"),
        ("It costs £3.5m.", "£3.5"),
        ("Seven years, 20 wards.", "20"),
        ("Some twenty wards.", "twenty"),
        ("About half of them.", "half of"),
        ("Roughly one in four.", "one in four"),
        ("Up by ten per cent.", "per cent"),
        ("Over 300 children", "300"),
        ("Two thousand people.", "thousand"),
    ],
)
def test_typed_by_hand(text: str, found: str) -> None:
    assert [number for _, number in prose.typed_numbers(text)] == [found]


def test_a_typed_number_stops_the_build_with_file_and_line() -> None:
    with pytest.raises(BadInput) as caught:
        prose.parse("First line.\n\nThen 412 offences and 9 more.", RELEASES, file="prose/where.md")
    assert str(caught.value) == (
        "“412” is typed by hand (and 1 more in this file)\n"
        "  Where: prose/where.md, line 3\n"
        "  Why:   A figure in a publication must come from a release, so that it can be traced and recomputed.\n"
        "  Next:  Cite it as {{figure:NAME/TABLE/CELL}}, or put it in backticks if it is not a figure."
    )


@pytest.mark.parametrize(
    ("citation", "text"),
    [
        ("where", "2,447"),
        ("where/by_ward/Total", "2,447"),
        ("where/by_ward/Anchor_Quay", "8.0 per 1,000 residents (between 6.7 and 9.5)"),
        ("where/by_ward/anchor_quay#count", "124"),
        ("where/by_ward/Anchor_Quay#value", "8.0"),
        ("where/by_ward/Anchor_Quay#interval", "between 6.7 and 9.5"),
        ("where/by_ward/Anchor_Quay#rate", "8.0 per 1,000 residents"),
        ("where/by_ward/Bargate", "a number that is not shown [c]"),
        ("where/by_ward/Bargate#count", "a number that is not shown [c]"),
    ],
)
def test_citations_resolve_from_the_release(citation: str, text: str) -> None:
    block = prose.parse(f"There were {{{{figure:{citation}}}}} here.", RELEASES, file="prose/where.md")
    assert block.cited == (prose.Cited(text, "CODE-1"),)
    assert f'<a class="cited" href="../figures/CODE-1.html">{text}</a>' in prose.html(block, "../figures/{code}.html")


@pytest.mark.parametrize(
    ("text", "what", "next_step"),
    [
        ("{{figure:were}}", "This publication has no figure “were”", "Did you mean “where”?"),
        ("{{figure:where/by_wards/Total}}", "“where” has no table “by_wards”", "Did you mean “by_ward”?"),
        ("{{figure:where/by_ward/Bargat}}", "Table “by_ward” has no cell “Bargat”", "Did you mean “Bargate”?"),
        ("{{figure:where#counts}}", "A figure has no part “counts”", "Did you mean “count”?"),
        ("{{figure:where#interval}}", "That figure has no interval", "It has: #count"),
        ("{{statement:x}}", "“statement” cannot be cited in a publication", "Cite a figure"),
        ("{{figure where}}", "Braces that are not a citation", "Write {{figure:NAME/TABLE/CELL}}"),
    ],
)
def test_a_broken_citation_names_the_step_that_failed(text: str, what: str, next_step: str) -> None:
    with pytest.raises(BadInput) as caught:
        prose.parse(f"One.\nThen {text}.", RELEASES, file="prose/where.md")
    assert caught.value.what == what
    assert str(caught.value.where).startswith("prose/where.md, line 2")
    assert (caught.value.next_step or "").startswith(next_step)


def test_what_a_writer_types_cannot_become_markup() -> None:
    block = prose.parse("<script>alert()</script> [x](javascript:alert)\n\n# Head", RELEASES, file="p.md")
    made = prose.html(block, "{code}")
    assert "<script" not in made
    assert "javascript:" not in made.replace("(javascript:alert)", "")
    assert "<h3>Head</h3>" in made


def test_the_tree_for_the_pdf_says_the_same() -> None:
    block = prose.parse("So **{{figure:where}}** it is.\n\n- one\n- `two`", RELEASES, file="p.md")
    first, second = prose.tree(block)
    assert first["kind"] == "paragraph"
    strong = next(node for node in first["children"][0]["children"] if node["kind"] == "strong")
    assert strong["children"][0]["children"] == [{"kind": "cited", "text": "2,447", "code": "CODE-1"}]
    assert second["kind"] == "bullet_list"
