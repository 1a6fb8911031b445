"""Whatever a supplier sends instead of the file: a clear message with a next step, and nothing changed."""

from __future__ import annotations

import datetime as dt
import io
import json
import random
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from load_support import AGREEMENTS, FEEDS, HEADER, NOW, Paper, a_file, every_file, incidents, people, receive, rows_of

from concord.evidence.extracts import FilesRefused, receipts
from concord.evidence.extracts.arrivals import Limits
from concord.evidence.extracts.loading import load
from concord.kernel.errors import BadInput, ConcordError, Refused
from concord.strategy.shapes.feed import Feed

GOOD = "A1,2026-10-05,SYN01,Y,2,hello"
NAME = "incidents_2026-10.csv"


def zipped(path: Path, members: dict[str, bytes], **options: object) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return path


def csv_bytes(*rows: str, header: str = HEADER) -> bytes:
    return ("\n".join([header, *rows]) + "\n").encode()


def written(content: bytes, name: str = NAME) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


def locked(folder: Path) -> Path:
    path = zipped(folder / "a.zip", {NAME: csv_bytes(GOOD)})
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    path.write_bytes(content)
    return path


def cut(folder: Path) -> Path:
    path = zipped(folder / "a.zip", {NAME: csv_bytes(*[GOOD.replace("A1", f"A{i}") for i in range(500)])})
    path.write_bytes(path.read_bytes()[:-200])
    return path


def spoilt_inside(folder: Path) -> Path:
    noise = random.Random(7).randbytes(4000).hex()
    path = zipped(folder / "a.zip", {NAME: csv_bytes(GOOD + noise)})
    content = bytearray(path.read_bytes())
    content[200] ^= 0xFF
    path.write_bytes(content)
    return path


def linked(folder: Path) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo(NAME)
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return path


def bomb(folder: Path) -> Path:
    return zipped(folder / "a.zip", {NAME: HEADER.encode() + b"\n" + b"0" * (65 << 20)})


def inner_zip() -> bytes:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(NAME, csv_bytes(GOOD))
    return inner.getvalue()


CASES: list[tuple[str, Callable[[Path], Path], str]] = [
    ("nothing there", lambda f: f / "incidents_2026-11.csv", "There is no file incidents_2026-11.csv"),
    ("no bytes", written(b""), "is empty"),
    ("only line ends", written(b"\r\n\r\n"), "is empty"),
    ("headings only, no month", written(csv_bytes(), "x.csv"), "has headings but no rows"),
    ("a picture", written(b"\x89PNG\r\n\x1a\n" + bytes(200)), "is a picture, not a CSV file"),
    ("a PDF", written(b"%PDF-1.7 something"), "is a PDF document, not a CSV file"),
    (
        "an old workbook",
        written(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        "is damaged, or it is an old Word or PowerPoint file",
    ),
    ("a Parquet file", written(b"PAR1" + bytes(50)), "cannot be read as Parquet: it is damaged"),
    ("a gzip file", written(b"\x1f\x8b\x08" + bytes(50)), "is damaged inside its archive"),
    ("noise", written(random.Random(1).randbytes(5000)), "a binary file|not text in any encoding"),
    ("zeros", written(bytes(5000)), "is a binary file"),
    ("no encoding", written(csv_bytes(GOOD) + b"A2,2026-10-05,SYN01,Y,2,\x81\x8d\n"), "not text in any encoding"),
    ("JSON", written(b'{"incidents": []}'), "is JSON, not a CSV file"),
    ("a web page", written(b"\n<!doctype html><title>Sign in</title>"), "is a web page or XML, not a CSV file"),
    ("one endless line", written(b"a," * 200_000), "is longer than any heading row"),
    ("many headings twice", written(b",".join([b"x"] * 90) + b"\n"), "“x” and 82 more; the nearest table"),
    ("another feed", written(b"Crime ID,Month,Reported by\n1,2,3\n"), "is no file of the feed “incidents”"),
    ("no headings", written((GOOD + "\n").encode()), "is no file of the feed “incidents”"),
    ("a heading changed", written(csv_bytes(GOOD, header=HEADER.replace("ward", "wards"))), "have changed"),
    ("a heading twice", written(csv_bytes(GOOD + ",x", header=HEADER + ",Ward ")), "more than once"),
    ("a column too many", written(csv_bytes(GOOD + ",x", header=HEADER + ",colour")), "Unknown: “colour”"),
    ("every row wrong", written(csv_bytes("A1,yesterday,SYN01,Y,2,x")), "Not one of the 1 rows"),
    (
        "an impossible month",
        written(csv_bytes(GOOD), "incidents_2026-13.csv"),
        "states “2026-13”, which is not a month",
    ),
    ("an empty archive", lambda f: zipped(f / "a.zip", {}), "The archive a.zip is empty"),
    ("only folders", lambda f: zipped(f / "a.zip", {"2026-10/": b""}), "The archive a.zip is empty"),
    ("a cut archive", cut, "is damaged or was cut short"),
    ("an archive spoilt inside", spoilt_inside, "is damaged inside its archive"),
    ("a locked archive", locked, "locked with a password"),
    ("a link", linked, "is a link to another place"),
    ("a bomb", bomb, "unfolds to 68 MB from 0.1 MB"),
    ("an archive in an archive", lambda f: zipped(f / "a.zip", {"b.zip": inner_zip()}), "An archive lies inside"),
    ("a path upwards", lambda f: zipped(f / "a.zip", {"../" + NAME: csv_bytes(GOOD)}), "leads out of the archive"),
    ("an absolute path", lambda f: zipped(f / "a.zip", {"/" + NAME: csv_bytes(GOOD)}), "leads out of the archive"),
    ("a drive", lambda f: zipped(f / "a.zip", {"C:\\" + NAME: csv_bytes(GOOD)}), "leads out of the archive"),
    ("a workbook", lambda f: zipped(f / "a.xlsx", {"[Content_Types].xml": b"<x/>"}), "is an Office document"),
    (
        "only junk",
        lambda f: zipped(f / "a.zip", {"__MACOSX/._x.csv": b"x", "read.txt": b"x"}),
        "it holds no data files",
    ),
]


@pytest.mark.parametrize(("make", "words"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_bad_input_is_refused_with_words_and_changes_nothing(
    tmp_path: Path, make: Callable[[Path], Path], words: str
) -> None:
    home, sent = tmp_path / "home", tmp_path / "sent"
    sent.mkdir()
    receive(home, incidents(), a_file(sent, "incidents_2026-09.csv", "Z1,2026-09-05,SYN01,Y,2,earlier"))
    before = rows_of(home, "incidents")
    with pytest.raises(BadInput, match=words) as caught:
        receive(home, incidents(), make(sent))
    assert caught.value.exit_code == 3
    assert caught.value.where is not None
    assert rows_of(home, "incidents") == before
    left = [f.name for f in every_file(home) if ".tmp-" in str(f) or ".work-" in str(f)]
    assert left == []
    assert receive(home, incidents(), a_file(sent, "incidents_2026-08.csv", "Y1,2026-08-05,SYN01,Y,2,later"))


def test_a_refusal_is_remembered_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        receive(tmp_path / "home", incidents(), written(b"")(tmp_path))
    (receipt,) = receipts(tmp_path / "home")
    assert receipt.status == "refused"
    assert receipt.refused["what"] == "incidents_2026-10.csv is empty."
    assert receipt.landing is None


def test_a_refused_file_is_not_kept(tmp_path: Path) -> None:
    content = csv_bytes("A1,yesterday,SYN01,Y,2,unmistakable-words")
    with pytest.raises(BadInput):
        receive(tmp_path / "home", incidents(), written(content)(tmp_path))
    kept = [f for f in every_file(tmp_path / "home" / "landing") if f.is_file()]
    assert kept == []


def test_the_next_step_for_a_changed_heading_names_the_old_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        receive(tmp_path / "h", incidents(), written(csv_bytes(GOOD, header=HEADER.replace("ward", "wards")))(tmp_path))
    assert "Unknown: “wards” (was it “ward”?)." in str(caught.value)
    assert "Missing: “ward”." in str(caught.value)


def test_a_path_that_climbs_writes_nothing_outside(tmp_path: Path) -> None:
    home = tmp_path / "a" / "b" / "home"
    with pytest.raises(BadInput):
        receive(home, incidents(), zipped(tmp_path / "x.zip", {"../../../../evil.csv": csv_bytes(GOOD)}))
    assert not list(tmp_path.rglob("evil*"))


def test_good_files_beside_bad_ones_are_received(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {NAME: csv_bytes(GOOD), "incidents_2026-09.csv": b"", "notes.txt": b"hello"})
    with pytest.raises(FilesRefused, match=r"1 of 2 files were refused\. 1 were received and stay\.") as caught:
        receive(tmp_path / "home", incidents(), path)
    assert caught.value.exit_code == 3
    assert {r.file: r.status for r in caught.value.results} == {
        "a.zip/incidents_2026-09.csv": "refused",
        "a.zip/incidents_2026-10.csv": "loaded",
        "a.zip/notes.txt": "skipped",
    }
    assert len(rows_of(tmp_path / "home", "incidents")) == 1


def test_two_files_for_one_month_in_one_run_are_not_guessed_between(tmp_path: Path) -> None:
    first = a_file(tmp_path, NAME, GOOD)
    (tmp_path / "again").mkdir()
    second = a_file(tmp_path / "again", NAME, GOOD.replace("A1", "B1"))
    with pytest.raises(FilesRefused, match="both hold month=2026-10 of incidents"):
        receive(tmp_path / "home", incidents(), first, second)


def test_an_expired_agreement_refuses_before_anything_is_read(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with pytest.raises(Refused, match="expired on 1 January 2026"):
        receive(
            home, incidents(), a_file(tmp_path, NAME, GOOD), agreements={"paper": Paper(expires_on=dt.date(2026, 1, 1))}
        )
    assert not (home / "landing").exists()
    assert not (home / "datasets").exists()


@pytest.mark.parametrize(
    "heading",
    ["patient_name", "Surname", "forename", "NHS Number", "nhs_no", "DOB", "date_of_birth", "postcode", "Email"],
)
def test_a_health_file_that_could_name_a_patient_is_refused_whole(tmp_path: Path, heading: str) -> None:
    from concord.evidence.extracts.contracts import read_feed

    feed: Feed = read_feed(FEEDS / "harbourside" / "feeds" / "ed_assaults.toml")
    header = f"site_code,arrived_at,assault_at,method,location_type,ward_code,age_band,sex,{heading}"
    file = a_file(
        tmp_path,
        "ed_assaults_2026-10.csv",
        "SYN-ED-1,2026-10-05 23:10,,body_part,street,SYN01,18-24,M,Zaphod",
        header=header,
    )
    agreements = {"emergency_department_assaults": Paper(feeds=("ed_assaults",))}
    with pytest.raises(Refused, match="was refused whole: it has the column") as caught:
        receive(tmp_path / "home", feed, file, agreements=agreements)
    assert heading in str(caught.value)
    assert "section 16(4)" in str(caught.value)
    assert "data protection officer" in str(caught.value)
    assert all(b"Zaphod" not in f.read_bytes() for f in every_file(tmp_path / "home"))


def test_a_limit_on_what_an_archive_may_unfold_to(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {f"{i}.csv": csv_bytes(GOOD) for i in range(4)})
    with pytest.raises(BadInput, match="unfolds to 4 files"):
        load(tmp_path / "h", incidents(), [path], agreements=AGREEMENTS, clock=NOW, limits=Limits(members=3))


def test_a_member_longer_than_the_archive_says_is_stopped(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {NAME: csv_bytes(*[GOOD.replace("A1", f"A{i}") for i in range(2000)])})
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = (500).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(BadInput, match="is damaged inside its archive"):
        receive(tmp_path / "h", incidents(), path)


# ------------------------------------------------------------------ damaged, but worth reading


def test_a_file_cut_short_loses_its_last_row_and_says_so(tmp_path: Path) -> None:
    home = tmp_path / "home"
    file = a_file(tmp_path, NAME, GOOD, "A2,2026-10-06,SY", end="")
    (result,) = receive(home, incidents(), file)
    assert (result.rows, result.accepted, result.quarantined) == (2, 1, 1)
    assert any("may have been cut off" in note for note in result.notes)
    assert result.error_report is not None
    report = result.error_report.read_text()
    assert "The file ends in the middle of this row: it has 3 of 6 fields." in report
    assert "1 row: 3" in report


@pytest.mark.parametrize(
    ("row", "rule", "words", "value"),
    [
        (",2026-10-05,SYN01,Y,2,x", "required", "“ref” is blank and must not be.", ""),
        ("A2,05/10/2026,SYN01,Y,2,x", "type: date", "“happened_on” is not a date.", "05/10/2026"),
        ("A2,2026-02-30,SYN01,Y,2,x", "type: date", "“happened_on” is not a date.", "2026-02-30"),
        ("A2,1826-10-05,SYN01,Y,2,x", "minimum", "“happened_on” is below 1900-01-01.", "1826-10-05"),
        ("A2,2027-10-05,SYN01,Y,2,x", "not_future", "It lies in the future.", "2027-10-05"),
        ("A2,2026-10-05,SYN99,Y,2,x", "value", "“ward” is not one of the values agreed.", "SYN99"),
        ("A2,2026-10-05,SYN01,maybe,2,x", "type: flag", "“knife” is not Y or N.", "maybe"),
        ("A2,2026-10-05,SYN01,Y,2.5,x", "type: integer", "“victims” is not a whole number.", "2.5"),
        ("A2,2026-10-05,SYN01,Y,1e1,x", "type: integer", "“victims” is not a whole number.", "1e1"),
        ("A2,2026-10-05,SYN01,Y,-1,x", "minimum", "“victims” is below 0.", "-1"),
        ("A2,2026-10-05,SYN01,Y,51,x", "maximum", "“victims” is above 50.", "51"),
        ("A 2,2026-10-05,SYN01,Y,2,x", "type: code", "“ref” is not one code without blanks inside.", "A 2"),
        ("A1,2026-10-05,SYN01,Y,2,x", "unique", "The reference is there twice.", "A1"),
        ("A2,2026-10-05,SYN01,Y,2", "fields", "The row has 5 fields where the headings have 6.", ""),
        ('A2,2026-10-05,SYN01,Y,2,"x', "quotation", "A quotation mark in this row is never closed", ""),
        ("A2,=cmd|x,SYN01,Y,2,x", "type: date", "“happened_on” is not a date.", "'=cmd|x"),
    ],
)
def test_a_bad_row_is_set_aside_with_row_rule_value_and_fix(
    tmp_path: Path, row: str, rule: str, words: str, value: str
) -> None:
    import csv

    home = tmp_path / "home"
    (result,) = receive(home, incidents(), a_file(tmp_path, NAME, GOOD, row, "A9,2026-10-07,SYN02,,,"))
    assert (result.rows, result.accepted, result.quarantined) == (3, 2, 1)
    assert [r[0] for r in rows_of(home, "incidents", "ref")] == ["A1", "A9"]
    assert result.error_report is not None
    listed = list(csv.DictReader(result.error_report.with_suffix(".csv").open(encoding="utf-8", newline="")))
    assert [(line["row"], line["rule"]) for line in listed] == [("3", rule)]
    assert words in listed[0]["problem"]
    assert listed[0]["fix"]
    if value:
        assert listed[0]["value"] == value
    assert words in result.error_report.read_text()


def test_rows_are_numbered_as_a_spreadsheet_numbers_them(tmp_path: Path) -> None:
    rows = [GOOD, "", 'A2,2026-10-05,SYN01,Y,2,"over\ntwo lines"', "A3,never,SYN01,Y,2,x"]
    (result,) = receive(tmp_path / "home", incidents(), a_file(tmp_path, NAME, *rows))
    assert (result.rows, result.accepted) == (3, 2)
    assert result.error_report is not None
    assert "1 row: 5" in result.error_report.read_text()


def test_the_correction_of_a_bad_row_in_the_same_file_is_taken(tmp_path: Path) -> None:
    (result,) = receive(
        tmp_path / "home", incidents(), a_file(tmp_path, NAME, "A1,never,SYN01,Y,2,x", "A1,2026-10-05,SYN01,Y,2,x")
    )
    assert (result.accepted, result.quarantined) == (1, 1)


def test_a_correction_is_taken_even_where_another_row_is_there_twice(tmp_path: Path) -> None:
    home = tmp_path / "home"
    good = "A1,2026-10-05,SYN01,Y,2,x"
    rows = [good.replace("2026-10-05", "never"), good, good, good.replace("A1", "B1"), good.replace("A1", "B1")]
    (result,) = receive(home, incidents(), a_file(tmp_path, NAME, *rows))
    assert (result.accepted, result.quarantined) == (2, 3)
    assert [ref for (ref,) in rows_of(home, "incidents", "ref")] == ["A1", "B1"]


@pytest.mark.parametrize("note", ["  words", "words  ", "\twords", "words\u00a0", "   "])
def test_blanks_around_plain_text_alone_are_taken_off(tmp_path: Path, note: str) -> None:
    home = tmp_path / "home"
    (result,) = receive(home, incidents(), a_file(tmp_path, NAME, GOOD, f"A2,2026-10-05,SYN01,N,,{note}"))
    assert (result.accepted, result.quarantined) == (2, 0)
    assert rows_of(home, "incidents", "note")[-1 if note.strip() else 1] == (note.strip() or None,)


@pytest.mark.parametrize(
    ("encoding", "note"), [("cp1252", "Windows-1252"), ("utf-16", "UTF-16"), ("utf-8-sig", ""), ("utf-8", "")]
)
def test_text_of_other_encodings_is_read_and_noted(tmp_path: Path, encoding: str, note: str) -> None:
    file = tmp_path / NAME
    file.write_bytes(csv_bytes("A1,2026-10-05,SYN01,Y,2,café – £5").decode().encode(encoding))
    (result,) = receive(tmp_path / "home", incidents(), file)
    assert rows_of(tmp_path / "home", "incidents", "note") == [("café – £5",)]
    assert any(note in n for n in result.notes) if note else result.notes == ()


def test_one_bad_byte_in_a_utf8_file_costs_one_row(tmp_path: Path) -> None:
    file = tmp_path / NAME
    file.write_bytes(
        csv_bytes("A1,2026-10-05,SYN01,Y,2,café", "A2,2026-10-05,SYN01,Y,2,x") + b"A3,2026-10-05,SYN01,Y,2,\xe9\n"
    )
    (result,) = receive(tmp_path / "home", incidents(), file)
    assert (result.rows, result.accepted, result.quarantined) == (3, 2, 1)
    assert result.error_report is not None
    assert "bytes that are not text" in result.error_report.read_text()


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_line_ends_of_every_system(tmp_path: Path, end: str) -> None:
    file = tmp_path / NAME
    file.write_bytes(csv_bytes(GOOD, "A2,2026-10-05,SYN01,Y,2,x").decode().replace("\n", end).encode())
    (result,) = receive(tmp_path / "home", incidents(), file)
    assert (result.rows, result.accepted) == (2, 2)


def test_blanks_around_values_are_not_faults(tmp_path: Path) -> None:
    home = tmp_path / "home"
    rows = [" A1 , 2026-10-05,SYN01\t, y ,\u00a02 ,  words between  ", "A2,2026-10-05,SYN01,N,,   "]
    (result,) = receive(home, incidents(), a_file(tmp_path, NAME, *rows))
    assert (result.accepted, result.quarantined) == (2, 0)
    assert rows_of(home, "incidents", "ref, knife, victims, note") == [
        ("A1", "Y", 2, "words between"),
        ("A2", "N", None, None),
    ]


def test_a_drifted_heading_that_the_contract_knows_is_read(tmp_path: Path) -> None:
    header = "Happened On,REF,remark,knife,victims,ward"
    receive(tmp_path / "home", incidents(), a_file(tmp_path, NAME, "2026-10-05,A1,hi,,,SYN01", header=header))
    assert rows_of(tmp_path / "home", "incidents", "ref, note") == [("A1", "hi")]


def test_a_column_that_may_be_missing_is_blank(tmp_path: Path) -> None:
    file = a_file(tmp_path, NAME, "A1,2026-10-05,SYN01,Y,2", header="ref,happened_on,ward,knife,victims")
    receive(tmp_path / "home", incidents(), file)
    assert rows_of(tmp_path / "home", "incidents", "ref, note") == [("A1", None)]


def test_a_nil_return_is_a_return(tmp_path: Path) -> None:
    (result,) = receive(tmp_path / "home", incidents(), a_file(tmp_path, NAME))
    assert (result.status, result.rows) == ("loaded", 0)
    assert "taken as a nil return" in result.notes[0]


def test_values_that_identify_are_withheld_from_the_report(tmp_path: Path) -> None:
    header = "ref,person_id,given_name,family_name,born_on,age,sex,postcode"
    rows = [
        "A1,P1,Ada,Zephyrine,1990-01-01,36,F,HB1 1AA",
        "A2,P2,Bea,Zephyrine,1990-13-01,36,F,HB1 1AA",
        "A3,P3,Cleo,Zephyrine,1990-01-01,36,F,ZZ99 9ZZ",
        "A4,P4,Dee,Zephyrine",
    ]
    (result,) = receive(tmp_path / "home", people(), a_file(tmp_path, "people_2026-10.csv", *rows, header=header))
    assert result.quarantined == 3
    assert result.error_report is not None
    told = result.error_report.read_text() + result.error_report.with_suffix(".csv").read_text()
    for secret in ("Zephyrine", "1990-13-01", "ZZ99", "P2"):
        assert secret not in told
    assert "withheld: 10 characters" in told


def test_the_receipt_tells_the_whole_story(tmp_path: Path) -> None:
    (result,) = receive(tmp_path / "home", incidents(), a_file(tmp_path, NAME, GOOD, "A2,never,SYN01,Y,2,x"))
    assert result.receipt is not None
    raw = json.loads(result.receipt.read_text())
    assert raw["contract"].startswith("incidents@1:")
    assert (raw["agreement"], raw["gateway"]) == ("paper", "pcsc_s16")
    assert (raw["rows"], raw["accepted"], raw["quarantined"]) == (2, 1, 1)
    assert raw["received_at"] == "2026-11-22T09:30:00+00:00"
    assert (raw["dataset"], raw["version"]) == ("incidents", 1)
    assert list(raw["partitions"]) == ["month=2026-10"]
    assert isinstance(receipts(tmp_path / "home")[0], object)


def test_unexpected_errors_are_not_dressed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from concord.evidence.extracts import batch

    def broken(*_args: object, **_named: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(batch, "recognise", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        receive(tmp_path / "home", incidents(), a_file(tmp_path, NAME, GOOD))
    assert not isinstance(RuntimeError(), ConcordError)
    assert [f for f in every_file(tmp_path / "home") if "work-" in str(f)] == []
