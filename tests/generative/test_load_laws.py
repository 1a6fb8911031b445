"""Whatever the file: every row received is accepted or set aside, never both, never neither, and never altered."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from load_support import HEADER, WARDS, incidents, receive, rows_of

from concord.evidence.datasets.store import Store
from concord.evidence.extracts import LoadResult
from concord.evidence.extracts.records import split_records
from concord.kernel.errors import BadInput

FEED = incidents()
DAMAGE = {
    "nothing": lambda row: row,
    "blank reference": lambda row: "," + row.split(",", 1)[1],
    "no such day": lambda row: row.replace("2026-10-", "2026-10-4"),
    "no such ward": lambda row: row.replace("SYN0", "SYN9"),
    "future": lambda row: row.replace("2026-10-", "2027-10-"),
    "a field more": lambda row: row + ",x",
    "a field less": lambda row: row.rsplit(",", 1)[0],
    "half a row": lambda row: row[: len(row) // 2].rsplit(",", 1)[0],
    "closed too soon": lambda row: row.rsplit(",", 1)[0] + ',"a" b',
    "a zero byte": lambda row: row + "\0",
    "a byte of no letter": lambda row: row + "\udcff",
    "text for a number": lambda row: row.replace(",Y,", ",Y,many"),
}
SETTINGS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def sent(content: bytes, home: Path, name: str = "incidents_2026-10.csv") -> LoadResult | None:
    """The result, or None where the file was refused whole."""
    file = home / name
    file.write_bytes(content)
    try:
        (result,) = receive(home / "home", FEED, file)
    except BadInput:
        return None
    return result


def row(number: int) -> str:
    return f"R{number},2026-10-{number % 28 + 1:02d},{WARDS[number % 3]},Y,{number % 50},note {number}"


@SETTINGS
@given(st.lists(st.sampled_from(sorted(DAMAGE)), min_size=1, max_size=40), st.sampled_from(["\n", "\r\n"]))
def test_exactly_the_damaged_rows_are_set_aside(damages: list[str], end: str) -> None:
    rows = [DAMAGE[damage](row(number)) for number, damage in enumerate(damages)]
    # A letter beyond ASCII makes the file unmistakably UTF-8, so that a stray byte is damage and not an encoding.
    rows += [f"S{number},2026-10-01,SYN01,N,1,sound" for number in range(5)]
    rows.append("LAST,2026-10-01,SYN01,N,1,café")
    content = (end.join([HEADER, *rows]) + end).encode("utf-8", "surrogateescape")
    good = {f"R{number}" for number, damage in enumerate(damages) if damage == "nothing"}
    good |= {"LAST", "S0", "S1", "S2", "S3", "S4"}
    with tempfile.TemporaryDirectory() as folder:
        result = sent(content, Path(folder))
        assert result is not None
        assert {ref for (ref,) in rows_of(Path(folder) / "home", "incidents", "ref")} == good
        assert (result.rows, result.accepted, result.quarantined) == (len(rows), len(good), len(rows) - len(good))
        if result.error_report is not None:
            listed = csv.DictReader(result.error_report.with_suffix(".csv").open(encoding="utf-8", newline=""))
            told = {int(line["row"]) for line in listed}
            assert told == {number + 2 for number, damage in enumerate(damages) if damage != "nothing"}


@SETTINGS
@given(st.data())
def test_random_damage_to_the_bytes_loses_no_row(data: st.DataObject) -> None:
    content = bytearray("\n".join([HEADER, *map(row, range(30)), ""]).encode())
    start = len(HEADER) + 1
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(start, len(content) - 1))
        change = data.draw(st.sampled_from(["flip", "cut", "insert", "end"]))
        if change == "flip":
            content[at] = data.draw(st.integers(0, 255))
        elif change == "cut":
            del content[at : at + data.draw(st.integers(1, 80))]
        elif change == "insert":
            content[at:at] = data.draw(st.sampled_from([b'"', b",", b"\n", b"\r", b"\xff", b'",', b'""', b"\0"]))
        elif at > start + 60:
            del content[at:]
        if len(content) <= start + 1:
            break
    with tempfile.TemporaryDirectory() as folder:
        result = sent(bytes(content), Path(folder))
        if result is None:
            return
        assert result.rows == result.accepted + result.quarantined
        found = rows_of(Path(folder) / "home", "incidents", "ref, happened_on, ward, knife, victims")
        assert len(found) == result.accepted
        assert len({ref for ref, *_ in found}) == len(found)
        for ref, day, ward, knife, victims in found:
            assert ref and isinstance(day, dt.date)
            assert day <= dt.date(2026, 11, 22)
            assert ward is None or ward in WARDS
            assert knife in ("Y", "N", None)
            assert victims is None or 0 <= victims <= 50  # type: ignore[operator]
        as_windows = any("Windows-1252" in note for note in result.notes)
        text = bytes(content).decode(*(("cp1252",) if as_windows else ("utf-8", "surrogateescape")))
        whole = io.StringIO(text, newline=None)
        whole.readline()
        counted = sum(1 for _ in split_records(whole, 6, first_row=2, complete=True))
        assert result.rows == counted


texts = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=30)
awkward = st.lists(
    st.one_of(
        texts, st.sampled_from(["a,b", 'say "so"', "two\nlines", "=1+1", '"', ",", "''", "é", "x\ty", '5" pipe'])
    ),
    min_size=1,
    max_size=12,
)


@SETTINGS
@given(awkward, st.booleans(), st.booleans())
def test_text_arrives_as_it_was_written_by_whichever_way_it_is_read(
    notes: list[str], broken: bool, padded: bool
) -> None:
    sheet = io.StringIO()
    write = csv.writer(sheet, lineterminator="\n").writerow
    sheet.write(HEADER + "\n")
    for number, note in enumerate(notes):
        write([f"R{number}", "2026-10-05 " if padded else "2026-10-05", "SYN01", "Y", number, note])
    if broken:
        sheet.write("R99,2026-10-05\n")
    with tempfile.TemporaryDirectory() as folder:
        result = sent(sheet.getvalue().encode(), Path(folder))
        assert result is not None
        assert (result.accepted, result.quarantined) == (len(notes), int(broken))
        found = dict(rows_of(Path(folder) / "home", "incidents", "ref, note"))  # type: ignore[call-overload]
    for number, note in enumerate(notes):
        expected = note.strip(" \t\u00a0") or None
        assert found[f"R{number}"] == expected, (note, broken, padded)


@settings(max_examples=10, deadline=None)
@given(st.permutations([7, 8, 9, 10]), st.lists(st.integers(7, 10), max_size=3))
def test_the_order_and_the_repeating_of_loads_do_not_matter(order: list[int], again: list[int]) -> None:
    def content(month: int) -> bytes:
        return f"{HEADER}\nM{month},2026-{month:02d}-05,SYN01,Y,1,x\n".encode()

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for month in [*order, *again]:
            sent(content(month), home, f"incidents_2026-{month:02d}.csv")
        found = [ref for (ref,) in rows_of(home / "home", "incidents", "ref")]
        assert found == ["M10", "M7", "M8", "M9"]
        assert [v.version for v in Store(home / "home").versions("incidents")] == [1, 2, 3, 4]
