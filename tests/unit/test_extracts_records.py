"""A damaged file costs the rows that are damaged, and no others."""

from __future__ import annotations

import pytest

from concord.evidence.extracts.records import Broken, split_records


def split(text: str, width: int = 3, *, complete: bool = True) -> list[str]:
    """Each record as its row and fields, or its row and the rule it broke."""
    found = []
    for record in split_records(text.splitlines(keepends=True), width, first_row=2, complete=complete):
        if isinstance(record, Broken):
            found.append(f"{record.row} {record.rule}")
        else:
            row, *fields = record.split(",") if isinstance(record, str) else record
            found.append(f"{row} {'|'.join(fields)}")
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b,c\nd,e,f\n", ["2 a|b|c", "3 d|e|f"]),
        ('a,"b, with comma",c\n', ["2 a|b, with comma|c"]),
        ('a,"b ""quoted""",c\n', ['2 a|b "quoted"|c']),
        ('a,"over\ntwo lines",c\nd,e,f\n', ["2 a|over\ntwo lines|c", "3 d|e|f"]),
        ('a,5" pipe,c\nd,e,f\n', ['2 a|5" pipe|c', "3 d|e|f"]),
        ('a,"never closed,c\nd,e,f\ng,h,i\n', ["2 quotation", "3 d|e|f", "4 g|h|i"]),
        ('a,"closed" too soon,c\nd,e,f\n', ["2 quotation", "3 d|e|f"]),
        ("a,b\nd,e,f\n", ["2 fields", "3 d|e|f"]),
        ("a,b,c,d\nd,e,f\n", ["2 fields", "3 d|e|f"]),
        ("a,b,c\n\nd,e,f\n", ["2 a|b|c", "4 d|e|f"]),
        ("a,b\0,c\nd,e,f\n", ["2 encoding", "3 d|e|f"]),
        ("a,b\udce9,c\nd,e,f\n", ["2 encoding", "3 d|e|f"]),
        ('a,"open\nd,\udce9"\nd,e,f\n', ["2 quotation", "3 encoding", "4 d|e|f"]),
        (",,\n", ["2 ||"]),
        ("", []),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, str) else "",
)
def test_each_record_is_sound_or_says_what_is_broken(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_a_short_last_row_of_an_unfinished_file_was_cut_off() -> None:
    assert split("a,b,c\nd,e", complete=False) == ["2 a|b|c", "3 cut_short"]


def test_a_short_last_row_of_a_finished_file_was_mistyped() -> None:
    assert split("a,b,c\nd,e\n", complete=True) == ["2 a|b|c", "3 fields"]


def test_a_short_row_before_the_last_was_not_cut_off() -> None:
    assert split("a,b\nd,e,f", complete=False) == ["2 fields", "3 d|e|f"]


def test_an_open_quotation_mark_does_not_swallow_the_rest_of_a_long_file() -> None:
    text = 'a,"open,c\n' + "d,e,f\n" * 1000
    found = split(text)
    assert found[0] == "2 quotation"
    assert len(found) == 1001
    assert {f.split(" ")[1] for f in found[1:]} == {"d|e|f"}


def test_a_broken_row_says_what_to_do() -> None:
    (broken,) = split_records(["a,b\n"], 3, first_row=2, complete=True)
    assert isinstance(broken, Broken)
    assert broken.problem == "The row has 2 fields where the headings have 3."
    assert "quotation marks" in broken.fix
