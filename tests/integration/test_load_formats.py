"""Every format becomes the same rows, the same faults and the same receipts as CSV of that content would."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from load_support import AGREEMENTS, FEEDS, SHARED, Paper, a_file, every_file, incidents, people, receive, rows_of
from workbook_support import DAY, HEADINGS, ROW, ods, parquet, xls, xlsb, xlsx

from concord.evidence.datasets.store import Store
from concord.evidence.extracts import FilesRefused, receipts, retention
from concord.evidence.extracts.contracts import read_feed
from concord.kernel.errors import BadInput, Refused

STEM = "incidents_2026-10"
BAD = ("A2", "never", "SYN01", "Y", 2, "x")
SECOND = ("A3", dt.date(2026, 10, 7), "SYN02", None, None, "words")


def as_xlsx(folder: Path, *rows: tuple[Any, ...]) -> Path:
    return xlsx(folder / f"{STEM}.xlsx", {"Data": [HEADINGS, *rows]})


def as_ods(folder: Path, *rows: tuple[Any, ...]) -> Path:
    return ods(folder / f"{STEM}.ods", {"Data": [HEADINGS, *rows]})


def as_xls(folder: Path, *rows: tuple[Any, ...]) -> Path:
    return xls(folder / f"{STEM}.xls", [HEADINGS, *rows])


def as_xlsb(folder: Path, *rows: tuple[Any, ...]) -> Path:
    return xlsb(folder / f"{STEM}.xlsb", [HEADINGS, *rows])


def as_parquet(folder: Path, *rows: tuple[Any, ...]) -> Path:
    """Parquet holds one type in a column, so a date beside a word is text there."""
    mixed = any(isinstance(row[1], str) for row in rows)
    written = [(*row[:1], str(row[1]) if mixed else row[1], *row[2:4], row[4], *row[5:]) for row in rows]
    types = [pa.string(), pa.string() if mixed else pa.date32(), pa.string(), pa.string(), pa.float64(), pa.string()]
    return parquet(folder / f"{STEM}.parquet", written, types=types)


def as_gzip(folder: Path, *rows: tuple[Any, ...]) -> Path:
    lines = [",".join("" if value is None else str(value) for value in row) for row in (HEADINGS, *rows)]
    path = folder / f"{STEM}.csv.gz"
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode()))
    return path


def as_zip(folder: Path, *rows: tuple[Any, ...]) -> Path:
    path = folder / "sent.zip"
    inner = as_xlsx(folder, *rows)
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(inner, f"october/{inner.name}")
    inner.unlink()
    return path


Make = Callable[..., Path]
FORMATS: list[tuple[Make, str]] = [
    (as_xlsx, ".xlsx"),
    (as_ods, ".ods"),
    (as_xls, ".xls"),
    (as_xlsb, ".xlsb"),
    (as_parquet, ".parquet"),
    (as_gzip, ".gz"),
    (as_zip, ".zip"),
]
each_format = pytest.mark.parametrize(("make", "end"), FORMATS, ids=[end for _, end in FORMATS])


def faults(result: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(result.error_report.with_suffix(".csv").open(encoding="utf-8", newline="")))


@each_format
def test_every_format_gives_the_rows_that_csv_gives(tmp_path: Path, make: Make, end: str) -> None:
    (result,) = receive(tmp_path / "home", incidents(), make(tmp_path, ROW, SECOND))
    assert (result.rows, result.accepted, result.quarantined) == (2, 2, 0)
    receive(
        tmp_path / "csv",
        incidents(),
        a_file(tmp_path, f"{STEM}.csv", "A1,2026-10-05,SYN01,Y,2,hello", "A3,2026-10-07,SYN02,,,words"),
    )
    assert rows_of(tmp_path / "home", "incidents") == rows_of(tmp_path / "csv", "incidents")


@each_format
def test_a_bad_row_is_set_aside_with_its_number_in_the_sheet(tmp_path: Path, make: Make, end: str) -> None:
    (result,) = receive(tmp_path / "home", incidents(), make(tmp_path, ROW, BAD, SECOND))
    assert (result.rows, result.accepted, result.quarantined) == (3, 2, 1)
    (fault,) = faults(result)
    assert (fault["row"], fault["field"], fault["rule"], fault["value"]) == ("3", "happened_on", "type: date", "never")


@each_format
def test_the_bytes_land_as_they_came_and_the_same_again_changes_nothing(tmp_path: Path, make: Make, end: str) -> None:
    home, file = tmp_path / "home", make(tmp_path, ROW)
    receive(home, incidents(), file)
    (receipt,) = receipts(home)
    assert receipt.landing is not None and receipt.landing.endswith(end)
    assert (home / receipt.landing).read_bytes() == file.read_bytes()
    before = {f: f.read_bytes() for f in every_file(home)}
    (again,) = receive(home, incidents(), file)
    assert again.status == "already received"
    assert {f: f.read_bytes() for f in every_file(home)} == before


PEOPLE = ("ref", "person_id", "given_name", "family_name", "born_on", "age", "sex", "postcode")
ZEPHYRINE = ("A1", "P1", "Ada", "Zephyrine", dt.date(1990, 4, 3), 36, "F", "HB1 1AA")


def test_files_that_identify_people_are_sealed_in_every_format(tmp_path: Path) -> None:
    home = tmp_path / "home"
    receive(home, people(), xlsx(tmp_path / "people_2026-10.xlsx", {"S": [PEOPLE, ZEPHYRINE]}))
    receive(home, people(), parquet(tmp_path / "people_2026-09.parquet", [ZEPHYRINE], PEOPLE))
    assert rows_of(home, "people", "birth_year, age")[0] == (1990, 36)
    landed = [f.name for f in every_file(home / "landing") if f.is_file()]
    assert sorted(name.split(".", 1)[1] for name in landed if "." in name[1:]) == ["parquet.sealed", "xlsx.sealed"]
    for file in every_file(home):
        assert b"Zephyrine" not in file.read_bytes(), file


# ------------------------------------------------------------------ what people do to workbooks


def test_titles_above_blank_rows_between_and_columns_beside(tmp_path: Path) -> None:
    rows = [
        ["Incidents in Harbourside (SYN)"],
        [],
        [None, None, *HEADINGS],
        [None, None, *ROW],
        [],
        [None, None, *BAD],
        [None, None, *SECOND],
    ]
    (result,) = receive(tmp_path / "home", incidents(), xlsx(tmp_path / f"{STEM}.xlsx", {"Data": rows}))
    assert (result.rows, result.accepted, result.quarantined) == (3, 2, 1)
    assert faults(result)[0]["row"] == "6"


def test_footnotes_are_left_out_where_the_contract_knows_them(tmp_path: Path) -> None:
    rows = [HEADINGS, ROW, ["Source: Harbourside Police (SYN)"], ["Revised in November"]]
    file = xlsx(tmp_path / f"{STEM}.xlsx", {"Data": rows})
    (result,) = receive(tmp_path / "a", incidents(), file)
    assert (result.rows, result.quarantined) == (3, 2), "without a word in the contract they are faulty rows"
    (result,) = receive(tmp_path / "b", incidents(ends_at="^Source:"), file)
    assert (result.rows, result.quarantined) == (1, 0)
    assert any("Row 3 (“Source: Harbourside Police (SYN)”) and what follows" in note for note in result.notes)
    text = a_file(tmp_path, f"{STEM}.csv", "A1,2026-10-05,SYN01,Y,2,x", "Source: Police,,,,,", "and, more")
    (result,) = receive(tmp_path / "c", incidents(ends_at="^Source:"), text)
    assert (result.rows, result.accepted) == (1, 1)


def test_titles_above_the_headings_of_a_csv_file(tmp_path: Path) -> None:
    file = tmp_path / f"{STEM}.csv"
    file.write_text("Incidents in Harbourside\n\nref,happened_on,ward,knife,victims,note\nA1,2026-10-05,SYN01,Y,2,x\n"
                    "A2,never,SYN01,Y,2,x\n")  # fmt: skip
    (result,) = receive(tmp_path / "home", incidents(), file)
    assert (result.rows, result.accepted) == (2, 1)
    assert faults(result)[0]["row"] == "5"


def test_headings_over_two_rows_are_joined_where_the_contract_says_so(tmp_path: Path) -> None:
    table = {
        "dataset": "force",
        "title": "Use of force",
        "headings_lines": 2,
        "partition": [],
        "partition_from": {},
        "file_name": None,
        "rules": [],
        "fill_down": ["region"],
        "fields": {
            "region": {"description": "Region", "header": "Region"},
            "force": {"description": "Force", "header": "Force", "required": True},
            "young": {"description": "Under 18", "header": "Perceived age Under 18", "type": "integer"},
            "older": {"description": "18 and over", "header": "Perceived age 18 and over", "type": "integer"},
        },
    }
    rows = [
        ["Table 2 (SYN)"],
        [None, None, "Perceived age", None],
        ["Region", "Force", "Under 18", "18 and\nover"],
        ["North", "A", 1, 20],
        [None, "B", 2, 30],
        ["South", "C", 3, 40],
    ]
    receive(tmp_path / "home", incidents(**table), xlsx(tmp_path / "t.xlsx", {"Table_2": rows}))
    assert rows_of(tmp_path / "home", "force", "region, force, young, older") == [
        ("North", "A", 1, 20),
        ("North", "B", 2, 30),
        ("South", "C", 3, 40),
    ]


def test_headings_in_a_row_that_the_contract_names(tmp_path: Path) -> None:
    rows = [HEADINGS, ["A9", DAY, "SYN01", "Y", 2, "old"], HEADINGS, ROW]
    (result,) = receive(tmp_path / "home", incidents(headings_row=3), xlsx(tmp_path / f"{STEM}.xlsx", {"Data": rows}))
    assert result.rows == 1
    assert rows_of(tmp_path / "home", "incidents", "ref") == [("A1",)]


def test_a_column_with_values_and_no_heading_is_not_guessed_at(tmp_path: Path) -> None:
    file = xlsx(tmp_path / f"{STEM}.xlsx", {"Data": [HEADINGS, [*ROW, None, "who?"]]})
    with pytest.raises(BadInput, match=r"Column H of incidents_2026-10\.xlsx holds values but has no heading"):
        receive(tmp_path / "home", incidents(), file)
    (result,) = receive(tmp_path / "home", incidents(unnamed_columns="ignored"), file)
    assert result.accepted == 1


def test_every_sheet_that_fits_is_received_and_the_others_are_listed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    november = ("B1", dt.date(2026, 11, 2), "SYN01", "N", 1, "x")
    december = ("C1", "never", "SYN01", "N", 1, "x")
    file = xlsx(
        tmp_path / "autumn.xlsx",
        {"Cover": [["About"]], "Oct": [HEADINGS, ROW], "Nov": [HEADINGS, november, december], "Notes": [["n"], ["m"]]},
    )
    results = receive(home, incidents(), file)
    assert [(r.file, r.rows, r.accepted, r.quarantined) for r in results] == [
        ("autumn.xlsx/Oct", 1, 1, 0),
        ("autumn.xlsx/Nov", 2, 1, 1),
    ]
    assert "Not read, because the contract does not name them: the sheets “Cover”, “Notes”." in results[0].notes
    assert [r.status for r in receive(home, incidents(), file)] == ["already received", "already received"]
    assert [r.file for r in receive(home, incidents(), file)] == ["autumn.xlsx/Oct", "autumn.xlsx/Nov"]
    assert [ref for (ref,) in rows_of(home, "incidents", "ref")] == ["A1", "B1"]
    assert {r.sheet for r in receipts(home)} == {"Oct", "Nov"}


def test_sheets_that_hold_the_same_month_are_not_guessed_between(tmp_path: Path) -> None:
    file = xlsx(tmp_path / "x.xlsx", {"One": [HEADINGS, ROW], "Two": [HEADINGS, ROW]})
    with pytest.raises(BadInput, match=r"x\.xlsx/One both hold month=2026-10 of incidents"):
        receive(tmp_path / "home", incidents(), file)
    assert not Store(tmp_path / "home").has("incidents")


def test_the_sheet_names_the_month_where_the_contract_says_so(tmp_path: Path) -> None:
    feed = incidents(sheet=r"(?P<month>\d{4}-\d{2})", partition_from={})
    file = xlsx(tmp_path / "x.xlsx", {"2026-10": [HEADINGS, ROW], "All": [HEADINGS, ROW]})
    (result,) = receive(tmp_path / "home", feed, file)
    assert any("“All”" in note for note in result.notes)
    (part,) = Store(tmp_path / "home").latest("incidents").manifest.parts
    assert part.partition == "month=2026-10"


def test_a_named_sheet_whose_headings_drifted_refuses_the_file(tmp_path: Path) -> None:
    drifted = [h.replace("ward", "wards") for h in HEADINGS]
    file = xlsx(tmp_path / "x.xlsx", {"Oct": [HEADINGS, ROW], "Data": [drifted, ROW]})
    with pytest.raises(BadInput, match="have changed") as caught:
        receive(tmp_path / "home", incidents(sheet="Oct|Data"), file)
    assert "sheet “Data”" in str(caught.value)
    assert "Unknown: “wards” (was it “ward”?)." in str(caught.value)
    assert not Store(tmp_path / "home").has("incidents")


def test_a_hidden_sheet_is_read_only_where_the_contract_names_it(tmp_path: Path) -> None:
    old = [HEADINGS, ("OLD", dt.date(2026, 9, 1), "SYN01", "Y", 2, "old")]
    file = xlsx(tmp_path / "x.xlsx", {"Data": [HEADINGS, ROW], "Old": old}, hidden=["Old"])
    (result,) = receive(tmp_path / "a", incidents(), file)
    assert any("“Old” (hidden)" in note for note in result.notes)
    results = receive(tmp_path / "b", incidents(sheet="Data|Old"), file)
    assert [r.rows for r in results] == [1, 1]
    assert "The sheet “Old” is hidden; it was read." in results[1].notes
    alone = xlsx(tmp_path / "y.xlsx", {"Data": [HEADINGS, ROW], "Cover": [["Hello"]]}, hidden=["Data"])
    with pytest.raises(BadInput, match=r"The only sheet of y\.xlsx that fits the feed “incidents” is hidden: “Data”"):
        receive(tmp_path / "c", incidents(), alone)


@pytest.mark.parametrize("make", [as_xlsx, as_xls, as_xlsb, as_ods], ids=["xlsx", "xls", "xlsb", "ods"])
def test_a_formula_that_gives_an_error_costs_its_row(tmp_path: Path, make: Make) -> None:
    rows = [ROW, ("A2", DAY, "SYN01", "Y", 2, "#N/A"), ("A3", DAY, "SYN01", "Y", 2, "x")]
    (result,) = receive(tmp_path / "home", incidents(), make(tmp_path, *rows))
    assert (result.rows, result.accepted, result.quarantined) == (3, 2, 1)
    (fault,) = faults(result)
    assert (fault["row"], fault["rule"], fault["value"]) == ("3", "formula", "“note”: #N/A")
    assert "gives an error, or has never been calculated" in fault["problem"]


def test_a_formula_that_was_never_calculated_is_not_a_blank(tmp_path: Path) -> None:
    rows = [ROW, ("A2", DAY, "SYN01", "Y", "=1+1", "x")]
    (result,) = receive(tmp_path / "home", incidents(), as_xlsx(tmp_path, *rows))
    (fault,) = faults(result)
    assert (fault["row"], fault["value"]) == ("3", "“victims”: (a formula without a result)")


def test_an_error_in_a_column_that_is_not_kept_costs_nothing(tmp_path: Path) -> None:
    rows = [[*HEADINGS, "colour"], [*ROW, "#REF!"]]
    file = xlsx(tmp_path / f"{STEM}.xlsx", {"Data": rows})
    (result,) = receive(tmp_path / "home", incidents(ignore=["colour"]), file)
    assert result.accepted == 1


@pytest.mark.parametrize("from_1904", [False, True], ids=["1900", "1904"])
def test_dates_of_both_systems_and_bare_day_numbers(tmp_path: Path, from_1904: bool) -> None:
    first = dt.date(1904, 1, 1) if from_1904 else dt.date(1899, 12, 30)
    rows = [HEADINGS, ROW, ("A2", (DAY - first).days, "SYN01", "Y", 2, "x"), ("A3", 2026, "SYN01", "Y", 2, "a year")]
    file = xlsx(tmp_path / f"{STEM}.xlsx", {"Data": rows}, from_1904=from_1904)
    (result,) = receive(tmp_path / "home", incidents(), file)
    assert rows_of(tmp_path / "home", "incidents", "ref, happened_on") == [("A1", DAY), ("A2", DAY)]
    assert any("1 cells held the number of a day" in note for note in result.notes)
    assert any("from 1904" in note for note in result.notes) == from_1904
    (fault,) = faults(result)
    assert (fault["row"], fault["value"]) == ("4", "2026")


@pytest.mark.parametrize("text", ["05/10/2026", "5 October 2026"])
def test_a_day_typed_as_text_is_set_aside_not_guessed(tmp_path: Path, text: str) -> None:
    (result,) = receive(tmp_path / "home", incidents(), as_xlsx(tmp_path, ROW, ("A2", text, "SYN01", "Y", 2, "x")))
    (fault,) = faults(result)
    assert (fault["value"], fault["fix"]) == (text, "Write dates as YYYY-MM-DD.")
    (result,) = receive(tmp_path / "b", incidents(), as_xlsx(tmp_path, ("A2", "2026-10-05", "SYN01", "Y", 2, "x")))
    assert result.accepted == 1


def test_times_months_numbers_and_truths_become_the_text_of_their_field(tmp_path: Path) -> None:
    fields = {
        "at": {"description": "Time", "type": "timestamp"},
        "month": {"description": "Month", "type": "month"},
        "share": {"description": "Share", "type": "decimal"},
        "count": {"description": "Count", "type": "integer"},
        "code": {"description": "Code", "type": "code"},
        "yes": {"description": "Yes", "type": "flag"},
        "day": {"description": "Day as text"},
    }
    table = {
        "fields": fields,
        "dataset": "mixed",
        "partition": [],
        "partition_from": {},
        "file_name": None,
        "rules": [],
    }
    at, month = dt.datetime(2026, 10, 5, 23, 10, 7), dt.datetime(2026, 10, 1)
    row = (at, month, 0.1, 3.0, 302.0, True, dt.datetime(2026, 10, 5))
    expected = [(at, dt.date(2026, 10, 1), 0.1, 3, "302", "Y", "2026-10-05")]
    listed = ", ".join(f'"{name}"' for name in fields)
    receive(tmp_path / "a", incidents(**table), xlsx(tmp_path / "x.xlsx", {"S": [list(fields), row]}))
    assert rows_of(tmp_path / "a", "mixed", listed) == expected
    receive(tmp_path / "b", incidents(**table), parquet(tmp_path / "x.parquet", [row], list(fields)))
    assert rows_of(tmp_path / "b", "mixed", listed) == expected
    midnight = (dt.datetime(2026, 10, 5), *row[1:])
    receive(tmp_path / "c", incidents(**table), xlsx(tmp_path / "y.xlsx", {"S": [list(fields), midnight]}))
    assert rows_of(tmp_path / "c", "mixed", '"at"') == [(dt.datetime(2026, 10, 5),)]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_is_accepted_with_a_note(tmp_path: Path, separator: str) -> None:
    rows = ["A1,2026-10-05,SYN01,Y,2,x", 'A2,2026-10-05,SYN01,Y,2,"one, two"', "A3,never,SYN01,Y,2,x", "A4,short"]
    text = "\n".join([",".join(HEADINGS), *rows]).replace(",", separator).replace(f"one{separator} two", "one, two")
    (tmp_path / f"{STEM}.csv").write_text(text + "\n")
    (result,) = receive(tmp_path / "home", incidents(), tmp_path / f"{STEM}.csv")
    assert (result.rows, result.accepted, result.quarantined) == (4, 2, 2)
    assert rows_of(tmp_path / "home", "incidents", "ref, note") == [("A1", "x"), ("A2", "one, two")]
    assert [fault["row"] for fault in faults(result)] == ["4", "5"]
    assert "not commas; it was read as such" in result.notes[0]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
def test_utf_16_with_and_without_its_mark(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / f"{STEM}.csv"
    file.write_bytes((",".join(HEADINGS) + "\nA1,2026-10-05,SYN01,Y,2,café\n").encode(encoding))
    receive(tmp_path / "home", incidents(), file)
    assert rows_of(tmp_path / "home", "incidents", "note") == [("café",)]


# ------------------------------------------------------------------ refused, in plain words


def encrypted_ods(folder: Path) -> Path:
    path = ods(folder / "x.ods", {"S": [HEADINGS, ROW]})
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    parts["META-INF/manifest.xml"] = parts["META-INF/manifest.xml"].replace(
        b"</manifest:manifest>", b"<manifest:encryption-data/></manifest:manifest>"
    )
    with zipfile.ZipFile(path, "w") as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return path


def encrypted_xlsx(folder: Path) -> Path:
    """What Office makes of a workbook with a password: a compound file with an encrypted package in it."""
    from workbook_support import _compound

    path = folder / "x.xlsx"
    path.write_bytes(_compound("EncryptedPackage", b"\0" * 5000))
    return path


def written(name: str, content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


def cut(make: Make) -> Callable[[Path], Path]:
    def shorter(folder: Path) -> Path:
        path = make(folder, *[ROW] * 50)
        path.write_bytes(path.read_bytes()[:-300])
        return path

    return shorter


def bomb(folder: Path) -> Path:
    path = xlsx(folder / "x.xlsx", {"S": [HEADINGS, ROW]})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(70 << 20))
    return path


REFUSED: list[tuple[str, Callable[[Path], Path], str]] = [
    ("a locked ods", encrypted_ods, "x.ods is locked with a password"),
    ("a locked xlsx", encrypted_xlsx, "x.xlsx is locked with a password"),
    ("a locked xls", lambda f: xls(f / "x.xls", [HEADINGS, ROW], locked=True), r"x\.xls is locked with a password"),
    ("html as xls", written("x.xls", b"<html><table><tr><td>1"), "a web page or XML under the name of a workbook"),
    (
        "xml of 2003",
        written("x.xls", b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>'),
        "a workbook in the XML form of Excel 2003",
    ),
    ("a cut xlsx", cut(as_xlsx), "damaged or was cut short"),
    ("a cut xls", cut(as_xls), "cannot be opened as a workbook|is no file of the feed"),
    ("a cut parquet", cut(as_parquet), "cannot be read as Parquet: it is damaged or was cut short"),
    ("a cut gzip", lambda f: written("x.csv.gz", gzip.compress(b"a,b\n" * 999)[:-9])(f), "damaged inside its archive"),
    ("a gzip bomb", written("x.csv.gz", gzip.compress(b"0" * (70 << 20))), "unfolds to more than 67 MB"),
    ("a workbook bomb", bomb, "unfolds to 73 MB"),
    ("a tar", written("x.tgz", gzip.compress(b"x" * 600)), "is a tar archive"),
    ("an empty workbook", lambda f: xlsx(f / "x.xlsx", {"S": []}), "holds no sheet with anything in it"),
    ("an empty R workspace", written("x.rda", gzip.compress(b"RDX3\nX\n")), "cannot be read as an R workspace"),
    ("a broken map", written("x.geojson", b'{"type": "FeatureCollection", "features": [{'), "cannot be read as a map"),
    ("another workbook", lambda f: xlsx(f / "x.xlsx", {"S": [["a", "b"], [1, 2]]}), "is no file of the feed"),
    ("lists in cells", lambda f: parquet(f / "x.parquet", [(*ROW[:5], ["a"])]), "holds lists or structures"),
    ("a database", written("x.db", b"SQLite format 3\0" + bytes(200)), "is an SQLite database"),
]


@pytest.mark.parametrize(("make", "words"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED])
def test_what_cannot_be_read_is_refused_in_plain_words(
    tmp_path: Path, make: Callable[[Path], Path], words: str
) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        receive(tmp_path / "home", incidents(), make(tmp_path))
    assert caught.value.next_step
    assert [f for f in every_file(tmp_path / "home") if ".tmp-" in str(f) or ".work-" in str(f)] == []
    assert [f for f in every_file(tmp_path / "home" / "landing") if f.is_file()] == []


HEALTH = ("site_code", "arrived_at", "assault_at", "method", "location_type", "ward_code", "age_band", "sex")
PATIENT = ("SYN-ED-1", dt.datetime(2026, 10, 5, 23, 10), None, "body_part", "street", "SYN01", "18-24", "M")


@pytest.mark.parametrize(
    "make",
    [
        lambda f: xlsx(f / "ed_assaults_2026-10.xlsx", {"D": [[*HEALTH, "Surname"], [*PATIENT, "Zaphod"]]}),
        lambda f: xlsx(
            f / "ed_assaults_2026-10.xlsx", {"D": [HEALTH, PATIENT], "L": [["no", "Surname"], [1, "Zaphod"]]}
        ),
        lambda f: xlsx(
            f / "ed_assaults_2026-10.xlsx",
            {"D": [HEALTH, PATIENT], "L": [["Lookup"], [], ["no", "Patient name"], [1, "Zaphod"]]},
            hidden=["L"],
        ),
        lambda f: ods(f / "ed_assaults_2026-10.ods", {"D": [[*HEALTH, "DOB"], [*PATIENT, "Zaphod"]]}),
        lambda f: parquet(f / "ed_assaults_2026-10.parquet", [(*PATIENT, "Zaphod")], [*HEALTH, "nhs_number"]),
        lambda f: written(
            "ed_assaults_2026-10.csv",
            (
                ";".join([*HEALTH, "Surname"]) + "\nSYN-ED-1;2026-10-05 23:10;;body_part;street;SYN01;18-24;M;Zaphod\n"
            ).encode(),
        )(f),
    ],
    ids=["xlsx", "another sheet", "a hidden sheet under a title", "ods", "parquet", "semicolons"],
)
def test_a_health_file_that_could_name_a_patient_is_refused_whole_in_every_format(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    feed = read_feed(FEEDS / "harbourside" / "feeds" / "ed_assaults.toml")
    home = tmp_path / "home"
    agreements = {"emergency_department_assaults": Paper(feeds=("ed_assaults",))}
    with pytest.raises(Refused, match="was refused whole: it has the column"):
        receive(home, feed, make(tmp_path), agreements=agreements)
    assert not Store(home).has("ed_assaults")
    kept = b"".join(f.read_bytes() for f in every_file(home))
    assert b"Zaphod" not in kept and b"PK\x03\x04" not in kept and b"PAR1" not in kept
    assert AGREEMENTS


@pytest.mark.parametrize("refused", ["names", "another"])
def test_an_archive_is_not_kept_whole_where_something_in_it_was_refused(tmp_path: Path, refused: str) -> None:
    """What may be held is received and kept by itself; what may not is nowhere, not even inside the archive."""
    home, path = tmp_path / "home", tmp_path / "sent.zip"
    forbids = [{"columns": "(?i)surname", "why": "No names."}]
    bad = {"names": [[*HEADINGS, "Surname"], [*ROW, "Zaphod"]], "another": [["a", "b"], ["Zaphod", 1]]}[refused]
    good = a_file(tmp_path, f"{STEM}.csv", "A1,2026-10-05,SYN01,Y,2,x")
    lines = "\n".join(",".join(str(v) for v in row) for row in bad) + "\n"
    with zipfile.ZipFile(path, "w") as archive:  # stored, so that the words could be found in it
        archive.write(good, good.name)
        archive.writestr("z.csv", lines)
    with pytest.raises(FilesRefused, match="1 of 2 files were refused") as caught:
        receive(home, incidents(forbidden=forbids), path)
    assert caught.value.exit_code == (Refused if refused == "names" else BadInput).exit_code
    assert rows_of(home, "incidents", "ref") == [("A1",)]
    kept = next(r for r in receipts(home) if r.status == "loaded")
    assert kept.landing is not None and kept.landing.endswith(".csv")
    assert (home / kept.landing).read_bytes() == good.read_bytes()
    assert all(b"Zaphod" not in f.read_bytes() for f in every_file(home))


# ------------------------------------------------------------------ the real files


PLACES: dict[str, object] = {
    "dataset": "places",
    "partition": [],
    "partition_from": {},
    "file_name": None,
    "rules": [],
    "fields": {
        "code": {"description": "Code", "header": "LAD22CD", "aliases": ["LAD24CD", "GSS_CODE", "LSOA21CD"]},
        "name": {"description": "Name", "header": "LAD22NM", "aliases": ["LAD24NM", "NAME", "LSOA21NM"]},
        "geometry": {"description": "Shape", "type": "geometry", "required": True},
        "crs": {"description": "Coordinate system"},
    },
    "ignore": [
        "LAD24NMW", "LSOA21NMW", "BNG_E", "BNG_N", "LONG", "LAT", "GlobalID",
        "HECTARES", "NONLD_AREA", "LB_GSS_CD", "BOROUGH", "POLY_ID",
    ],
}  # fmt: skip


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared open data are not on this machine")
@pytest.mark.parametrize(
    ("file", "rows", "crs"),
    [
        ("boundaries/london_borough.gpkg", 33, "EPSG:27700"),
        ("boundaries/london-2021-lad22-gen20.shp", 33, "EPSG:27700"),
        ("boundaries/london_wards_2014.zip", 654, "EPSG:27700"),
        ("tower_hamlets_extracts/lsoa21_TH.geojson", 169, "EPSG:4326"),
    ],
)
def test_maps_keep_their_shapes_and_say_their_system(tmp_path: Path, file: str, rows: int, crs: str) -> None:
    import pyogrio
    import shapely

    home = tmp_path / "home"
    (result,) = receive(home, incidents(**PLACES), SHARED / file)
    assert (result.rows, result.accepted) == (rows, rows)
    found = rows_of(home, "places", "code, geometry, crs")
    assert {c for _, _, c in found} == {crs}
    shapes = shapely.from_wkb([shape for _, shape, _ in found])
    path = f"/vsizip/{SHARED / file}" if file.endswith(".zip") else SHARED / file
    _, _, bare, _ = pyogrio.raw.read(path)
    assert sum(s.area for s in shapes) == pytest.approx(sum(s.area for s in shapely.from_wkb(bare)))
    assert Store(home).latest("places").columns["geometry"] == "binary"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared open data are not on this machine")
def test_a_shapefile_is_one_file_and_all_of_it_is_kept(tmp_path: Path) -> None:
    import shutil

    folder, home = tmp_path / "sent", tmp_path / "home"
    folder.mkdir()
    for part in (SHARED / "boundaries").glob("london-2021-lad22-gen20.*"):
        shutil.copy(part, folder)
    (result,) = receive(home, incidents(**PLACES), folder)
    assert result.rows == 33
    landed = sorted(f.suffix for f in every_file(home / "landing") if f.is_file() and f.suffix)
    assert landed == [".cpg", ".dbf", ".prj", ".shp", ".shx"]
    assert receive(home, incidents(**PLACES), folder)[0].status == "already received"
    feed = dataclasses.replace(incidents(**PLACES), retention_months=1)
    (past,) = retention.expired(home, {"incidents": feed}, dt.date(2027, 6, 1))
    assert sorted(f.rsplit(".", 1)[1] for f in past.files) == ["cpg", "dbf", "prj", "shp", "shx"]
    (folder / "london-2021-lad22-gen20.dbf").unlink()
    with pytest.raises(BadInput, match=r"is a shapefile without its \.dbf"):
        receive(home, incidents(**PLACES), folder / "london-2021-lad22-gen20.shp")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared open data are not on this machine")
def test_an_r_workspace_is_read_by_its_data_frames(tmp_path: Path) -> None:
    table: dict[str, object] = {
        "dataset": "imd",
        "partition": [],
        "partition_from": {},
        "file_name": None,
        "rules": [],
        "fields": {
            "code": {"description": "LSOA", "header": "lsoa11_code", "type": "code", "required": True},
            "rank": {"description": "Rank", "header": "income_rank", "type": "integer", "minimum": 1},
        },
    }
    import warnings

    import rdata

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = rdata.read_rda(SHARED / "imd" / "iod2019_eng.rda")["iod2019_eng"].columns
    table["ignore"] = [str(n) for n in names if n not in ("lsoa11_code", "income_rank")]
    (result,) = receive(tmp_path / "home", incidents(**table), SHARED / "imd" / "iod2019_eng.rda")
    assert (result.rows, result.accepted) == (32_844, 32_844)
    assert rows_of(tmp_path / "home", "imd", "count(DISTINCT code), min(rank), max(rank)") == [(32_844, 1, 32_844)]


def test_a_zip_of_several_formats(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    october, november = io.BytesIO(), as_parquet(tmp_path, ("N1", dt.date(2026, 11, 1), "SYN01", "Y", 1, "x"))
    october.write(as_xlsx(tmp_path, ROW).read_bytes())
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("october.xlsx", october.getvalue())
        archive.write(november, "november.parquet")
        archive.writestr("readme.docx", b"PK not really")
    results = receive(tmp_path / "home", incidents(), path)
    assert [(r.file, r.status) for r in results] == [
        ("all.zip/november.parquet", "loaded"),
        ("all.zip/october.xlsx", "loaded"),
        ("all.zip/readme.docx", "skipped"),
    ]
