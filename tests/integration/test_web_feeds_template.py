"""The reference page is current, and every template that suppliers get is a file the feed takes."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from load_support import REPOSITORY

from concord.cli.commands.feeds import command
from concord.evidence.extracts import load
from concord.kernel.errors import BadInput, ConcordError, Usage
from concord.strategy import load as load_partnership
from concord.web.feeds import reference, template

HARBOURSIDE = load_partnership(REPOSITORY / "partnerships" / "harbourside")
FEEDS = HARBOURSIDE.feeds
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def test_the_reference_page_is_current() -> None:
    kept = (REPOSITORY / "docs" / "reference" / "feeds.md").read_text(encoding="utf-8")
    assert kept == reference.page([HARBOURSIDE]), "run: concord feeds --page > docs/reference/feeds.md"


def test_the_page_has_every_feed_with_its_fields_and_terms() -> None:
    page = reference.page([HARBOURSIDE])
    for key, feed in FEEDS.items():
        assert page.count(f'<a id="{key}"></a>') == 1
        for table in feed.tables.values():
            assert all(f"`{field}`" in page for field in table.fields)
    assert "Several tables stand in one file" in page
    assert "“-” is missing: suppressed or not published" in page


@pytest.mark.parametrize("key", sorted(k for k, f in FEEDS.items() if f.data_class != "open"))
def test_a_partner_s_template_is_a_file_of_its_feed(tmp_path: Path, key: str) -> None:
    feed = FEEDS[key]
    (file,) = template.write(feed, tmp_path / f"{key}.xlsx")
    book = openpyxl.load_workbook(file)
    assert len(book.sheetnames) == 3 * len(feed.tables)
    first = next(iter(feed.tables.values()))
    assert [cell.value for cell in book.worksheets[0][1]] == list(template.headings(first))
    # Empty, it is refused for having no rows: not for its headings, its codes, or any words about them.
    with pytest.raises(ConcordError) as caught:
        load(tmp_path / "home", feed, [file], agreements=HARBOURSIDE.agreements, clock=NOW)
    assert isinstance(caught.value, BadInput), caught.value
    assert "has headings but no rows" in str(caught.value)


def test_a_filled_template_is_accepted(tmp_path: Path) -> None:
    feed = FEEDS["housing_concerns"]
    (file,) = template.write(feed, tmp_path / "housing.xlsx")
    book = openpyxl.load_workbook(file)
    sheet, table = book.worksheets[0], next(iter(feed.tables.values()))
    examples = {
        "integer": 1,
        "decimal": 1.5,
        "date": "2026-10-05",
        "month": "2026-10",
        "flag": "Y",
        "code": "SYN1",
        "text": "SYN",
    }
    row = []
    for field in table.fields.values():
        row.append(field.values[0] if field.values else examples.get(field.type) if field.required else None)
    sheet.append(row)
    book.save(file)
    results = load(tmp_path / "home", feed, [file], agreements=HARBOURSIDE.agreements, clock=NOW)
    assert [(r.rows, r.accepted) for r in results] == [(1, 1)], [
        r.error_report and r.error_report.read_text() for r in results
    ]


def test_a_csv_template_has_its_codes_beside_it(tmp_path: Path) -> None:
    feed = FEEDS["ed_assaults"]
    file, codes = template.write(feed, tmp_path / "ed.csv")
    (table,) = feed.tables.values()
    assert list(csv.reader(file.open(encoding="utf-8-sig"))) == [list(template.headings(table))]
    listed = list(csv.reader(codes.open(encoding="utf-8-sig")))
    assert codes.name == "ed.codes.csv"
    assert listed[0] == ["Heading", "Code", "Stands for"]
    coded = {row[1] for row in listed[1:]}
    assert {value for field in table.fields.values() for value in field.values} <= coded


@pytest.mark.parametrize(
    ("feed", "path", "table", "words"),
    [
        ("ed_assaults", "a.docx", None, "written as .xlsx or .csv, not as “.docx”"),
        ("police_uk", "a.csv", None, "and a CSV file holds one"),
        ("police_uk", "a.csv", "streets", "has no table “streets”"),
    ],
)
def test_a_template_that_cannot_be_is_refused(
    tmp_path: Path, feed: str, path: str, table: str | None, words: str
) -> None:
    with pytest.raises(Usage, match=words):
        template.write(FEEDS[feed], tmp_path / path, table)
    assert list(tmp_path.iterdir()) == []


def test_the_command_lists_says_and_writes(tmp_path: Path) -> None:
    run = CliRunner()
    listed = run.invoke(command, ["--partnership", "harbourside"])
    assert "ed_assaults: " in listed.output and "mps_vawg: " in listed.output
    told = run.invoke(command, ["--partnership", "harbourside", "mps_vawg"])
    assert "### MPS violence against women and girls" in told.output
    made = run.invoke(
        command,
        ["--partnership", "harbourside", "police_uk", "--table", "street", "--template", str(tmp_path / "s.csv")],
    )
    assert made.exit_code == 0 and (tmp_path / "s.csv").is_file() and (tmp_path / "s.codes.csv").is_file()
    wrong = run.invoke(command, ["--partnership", "harbourside", "mps_vaw"])
    assert isinstance(wrong.exception, Usage) and "Did you mean “mps_vawg”?" in str(wrong.exception)
