"""Whatever happens to a byte of a real folder, the answer is a list of problems that say where, never a traceback."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.strategy import check_folder

ROOT = Path(__file__).resolve().parents[2]
TODAY = dt.date(2026, 1, 1)
PIECES = st.sampled_from(
    [
        b'"',
        b"'",
        b"=",
        b"[",
        b"]",
        b"{",
        b"}",
        b"\n",
        b"#",
        b",",
        b".",
        b"\\",
        b'"""',
        b"0",
        b"x",
        b"\xff",
        b"\x00",
        b"",
    ]
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("partnerships")
    for name in ("national", "harbourside"):
        shutil.copytree(ROOT / "partnerships" / name, folder / name)
    yield folder / "harbourside"


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_law_damage_is_answered_with_problems_that_have_a_file_and_a_line_within_it(
    copy: Path, data: st.DataObject
) -> None:
    files = sorted(file for file in copy.rglob("*") if file.suffix in (".toml", ".csv", ".md"))
    file = data.draw(st.sampled_from(files), label="file")
    before = file.read_bytes()
    at = data.draw(st.integers(0, len(before)), label="at")
    cut = data.draw(st.integers(0, 3), label="cut")
    file.write_bytes(before[:at] + data.draw(PIECES, label="piece") + before[at + cut :])
    try:
        for problem in check_folder(copy, today=TODAY):
            place = Path(problem.file)
            assert place.exists()
            assert problem.what and problem.expected
            if problem.line is not None and place.is_file():
                assert 1 <= problem.line <= place.read_bytes().count(b"\n") + 1
    finally:
        file.write_bytes(before)
    assert check_folder(copy, today=TODAY) == []
