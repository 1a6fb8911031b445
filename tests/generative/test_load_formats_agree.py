"""A law: whatever cells a table holds, CSV, a workbook and Parquet of them are accepted and set aside alike."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from load_support import WARDS, incidents, receive, rows_of
from workbook_support import HEADINGS, parquet, xlsx

from concord.evidence.datasets.store import Store
from concord.kernel.errors import BadInput

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="#="), max_size=12)
ROWS = st.lists(
    st.tuples(
        st.one_of(st.from_regex(r"[A-C][0-9]", fullmatch=True), st.none()),
        st.one_of(st.dates(dt.date(1905, 1, 1), dt.date(2030, 1, 1)), st.none()),
        st.one_of(st.sampled_from([*WARDS, "SYN99", " SYN01 "]), st.none()),
        st.one_of(st.booleans(), st.none()),
        st.one_of(st.integers(-2, 60), st.floats(0, 9, allow_nan=False, width=16), st.none()),
        st.one_of(WORDS, st.none()),
    ).filter(lambda row: any(isinstance(v, (str, dt.date, bool)) and str(v).strip() for v in row[:4])),
    min_size=1,
    max_size=8,
)
TYPES = [pa.string(), pa.date32(), pa.string(), pa.bool_(), pa.float64(), pa.string()]


def as_csv(path: Path, rows: list[tuple[Any, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADINGS)
        for row in rows:
            writer.writerow(["" if v is None else int(v) if isinstance(v, float) and v == int(v) else v for v in row])
    return path


def outcome(home: Path, file: Path) -> tuple[object, ...]:
    """What a reader, and the supplier, see of a file."""
    try:
        (result,) = receive(home, incidents(), file)
    except BadInput as refused:
        return (refused.what.replace(file.name, "FILE"),)
    faults: list[tuple[str, ...]] = []
    if result.error_report is not None:
        with result.error_report.with_suffix(".csv").open(encoding="utf-8", newline="") as stream:
            faults = [(f["row"], f["field"], f["rule"]) for f in csv.DictReader(stream)]
    rows = rows_of(home, "incidents") if Store(home).has("incidents") else []
    return result.rows, result.accepted, result.quarantined, faults, rows


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(ROWS)
def test_every_format_tells_the_same_story(rows: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sent = Path(folder)
        told = [
            outcome(sent / "a", as_csv(sent / "x.csv", rows)),
            outcome(sent / "b", xlsx(sent / "x.xlsx", {"Data": [HEADINGS, *rows]})),
            outcome(
                sent / "c",
                parquet(
                    sent / "x.parquet",
                    [(*r[:4], None if r[4] is None else float(r[4]), r[5]) for r in rows],
                    types=TYPES,
                ),
            ),
        ]
        assert told[0] == told[1] == told[2]
        if len(told[0]) == 5:
            assert told[0][0] == told[0][1] + told[0][2] == len(rows)
