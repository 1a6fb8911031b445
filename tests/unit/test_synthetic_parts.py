"""The generator's own tools: shares dealt out, spans cut into quarters, workbooks that others can open."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import odfdo
import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from concord.cli.commands.synth import command
from concord.synthetic import sampling, workbooks
from concord.synthetic.calendar import epoch
from concord.synthetic.children import missing_overlaps_school
from concord.synthetic.exchange import sending
from concord.synthetic.records import split_nominals
from concord.synthetic.span import Span, quarter_name

SHARES = st.lists(st.floats(0.001, 1), min_size=1, max_size=12)


@given(SHARES, st.integers(0, 5000))
def test_shares_are_dealt_out_whole_and_never_off_by_one_or_more(shares: list[float], total: int) -> None:
    counts = sampling.apportion(shares, total)
    exact = np.array(shares) / sum(shares) * total
    assert counts.sum() == total
    assert (abs(counts - exact) < 1 + 1e-6).all()


@given(st.floats(0, 1), st.integers(0, 500), st.integers(0, 2**32))
def test_a_mask_has_exactly_its_share(share: float, total: int, seed: int) -> None:
    mask = sampling.exactly(np.random.default_rng(seed), share, total)
    assert (len(mask), mask.sum()) == (total, round(share * total))


@given(st.lists(st.integers(0, 8), max_size=80), st.integers(1, 4), st.floats(0, 1), st.integers(0, 2**32))
def test_nobody_gets_more_records_than_allowed_and_no_record_two_people(
    who: list[int], at_most: int, share: float, seed: int
) -> None:
    person = np.array(who, dtype=np.int64)
    numbers = split_nominals(np.random.default_rng(seed), person, share, at_most=at_most)
    held = {(int(p), int(n)) for p, n in zip(person, numbers, strict=True)}
    assert len({n for _, n in held}) == len(held), "a number belongs to one person"
    assert all(sum(p == each for p, _ in held) <= at_most for each in set(who))
    assert sorted({n for _, n in held}) == list(range(len(held)))


def span(first: dt.date, after: dt.date) -> Span:
    return Span(epoch(first), epoch(after))


@pytest.mark.parametrize(
    ("first", "after", "quarters", "until"),
    [
        # a quarter is sent when it is over; the first may be cut
        (dt.date(2024, 11, 1), dt.date(2026, 11, 1), 8, dt.date(2026, 10, 1)),
        (dt.date(2025, 1, 1), dt.date(2025, 7, 1), 2, dt.date(2025, 7, 1)),
        (dt.date(2025, 3, 1), dt.date(2025, 4, 1), 1, dt.date(2025, 4, 1)),
        (dt.date(2025, 1, 1), dt.date(2025, 3, 1), 0, dt.date(2025, 1, 1)),
        (dt.date(2025, 12, 1), dt.date(2026, 1, 1), 1, dt.date(2026, 1, 1)),
    ],
)
def test_quarters_of_a_span(first: dt.date, after: dt.date, quarters: int, until: dt.date) -> None:
    made = span(first, after)
    assert len(made.quarters) == quarters
    assert made.until == epoch(until)
    assert len(made.months) == (after.year - first.year) * 12 + after.month - first.month
    for day in (made.start, made.until - 1):
        if quarters:
            assert quarter_name(made.quarters[int(made.quarter_of(np.array([day]))[0])])


def test_what_is_sent_late_is_late_and_what_never_comes_is_none() -> None:
    feeds = [f"section_17a_{item}" for item in ("fire_incidents", "council_asb", "treatment", "hospital_admissions")]
    sent = sending(feeds, span(dt.date(2024, 11, 1), dt.date(2026, 11, 1)))
    fire, council, treatment, hospital = (sent[feed] for feed in feeds)
    assert [quarter for quarter, day in fire.items() if day is None] == ["2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3"]
    assert fire["2026-Q2"] == "2026-07-20"
    assert council["2025-Q4"] == "2026-04-12"  # due on 31 March
    assert council["2026-Q2"] == "2026-10-12"  # due on 30 September
    assert [quarter for quarter, day in treatment.items() if day is None][4:] == ["2026-Q1", "2026-Q3"]
    assert hospital["2026-Q1"] == "2026-04-29"
    assert hospital["2026-Q2"] == "2026-11-09"


@pytest.mark.parametrize(
    ("left", "found", "overlaps"),
    [
        ("2025-03-03T10:00", "2025-03-03T11:00", True),  # a Monday in term
        ("2025-03-03T15:30", "2025-03-04T09:00", False),  # out after school, back as it begins
        ("2025-03-03T15:29", "2025-03-03T16:00", True),
        ("2025-03-03T17:00", "2025-03-04T09:01", True),
        ("2025-02-28T18:00", "2025-03-03T08:00", False),  # a weekend
        ("2025-02-28T18:00", "2025-03-03T12:00", True),
        ("2025-08-05T10:00", "2025-08-20T10:00", False),  # summer
        ("2025-07-20T10:00", "2025-09-04T10:00", True),  # across it
    ],
)
def test_whether_an_absence_overlaps_school(left: str, found: str, overlaps: bool) -> None:
    minutes = [np.array([np.datetime64(each, "m")]).astype(np.int64) for each in (left, found)]
    assert missing_overlaps_school(*minutes).tolist() == [overlaps]


TABLE = {
    "concern_ref": np.array(["HC-1-SYN", "HC-2-SYN"], dtype=object),
    "raised_on": np.array(["2026-02-28", "1899-12-31"], dtype=object),
    "given_name": np.array(["Zoë <&>", None], dtype=object),
    "count": np.array([3, 4], dtype=object),
}


def test_excel_opens_what_is_written_and_dates_are_dates(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(workbooks.write_xlsx(TABLE, tmp_path / "a.xlsx", "concerns & more")).active
    assert sheet is not None
    assert sheet.title == "concerns & more"
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("concern_ref", "raised_on", "given_name", "count")
    assert rows[1] == ("HC-1-SYN", dt.datetime(2026, 2, 28), "Zoë <&>", 3)
    assert rows[2] == ("HC-2-SYN", "1899-12-31", None, 4)


def test_libreoffice_opens_what_is_written_and_dates_are_dates(tmp_path: Path) -> None:
    (table,) = odfdo.Document(workbooks.write_ods(TABLE, tmp_path / "a.ods", "reports")).body.tables
    assert table.name == "reports"
    assert table.get_values() == [
        ["concern_ref", "raised_on", "given_name", "count"],
        ["HC-1-SYN", dt.date(2026, 2, 28), "Zoë <&>", 3],
        ["HC-2-SYN", dt.date(1899, 12, 31), None, 4],
    ]


@pytest.mark.parametrize("write", [workbooks.write_xlsx, workbooks.write_ods])
def test_the_same_table_is_the_same_bytes(tmp_path: Path, write) -> None:  # type: ignore[no-untyped-def]
    assert write(TABLE, tmp_path / "a", "s").read_bytes() == write(TABLE, tmp_path / "b", "s").read_bytes()


def test_the_command_writes_a_borough(tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = CliRunner().invoke(command, [str(out), "--months", "3", "--size", "0.02", "--start", "2025-01-01"])
    assert ran.exit_code == 0, ran.output
    assert "Every person in them is invented." in ran.output
    assert json.loads((out / "manifest.json").read_text())["months"] == 3
