"""A witness of the trail: what `concord audit verify --witness` keeps, and what it refuses to read."""

from __future__ import annotations

import json

import pytest

from concord.jobs import witness
from concord.kernel.errors import BadInput


def test_a_witness_that_does_not_exist_yet_has_seen_nothing(tmp_path):
    assert witness.read(tmp_path / "w.jsonl") == []


def test_what_it_saw_is_read_back(tmp_path):
    file = tmp_path / "w.jsonl"
    file.write_text(json.dumps({"position": 7, "hash": "ab", "at": "x"}) + "\n")
    assert witness.read(file) == [(7, "ab")]


@pytest.mark.parametrize("line", ["not json", '{"position": 1}', "[]", '{"position": "x", "hash": "a"}'])
def test_a_file_that_is_no_witness_is_refused_with_its_line(tmp_path, line):
    file = tmp_path / "w.jsonl"
    file.write_text('{"position": 1, "hash": "aa"}\n' + line + "\n")
    with pytest.raises(BadInput) as refused:
        witness.read(file)
    assert "w.jsonl" in str(refused.value) and "line 2" in str(refused.value)
    assert "This file is not a witness" in str(refused.value)
