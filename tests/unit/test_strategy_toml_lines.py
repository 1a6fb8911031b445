"""The line index agrees with the standard parser on what keys there are, and with the text on where they are."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.strategy.toml_lines import Path, line_index, nearest_line

EVERYTHING = '''\
# a comment with [brackets] and = signs
title = "One # not a comment"
"quoted key" = 1
site."a.b".c = true

long = """
[not.a.table]
key = "not a key"
""" # after
quotes = """ends with two quotes"""""
raw = \'\'\'
[[nor.this]]
\\\'\'\'
escaped = "a \\" b ] }"
when = 1979-05-27 07:32:00
numbers = [
    1, # one
    [2, 3],
    "]",
    { deep = "x", list = ["y"] },
]
inline = { a.b = 1, c = { d = [1, 2] } }

[table . "with space"]
x = 1

[[items]]
name = "first"
  [items.inner]
  y = 2
  [[items.parts]]
  z = 3
  [[items.parts]]
  z = 4
[[items]]
name = "second"
[items.inner]
y = 5
'''


def paths_of(value: Any, path: Path = ()) -> set[Path]:
    found = {path} if path else set()
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found |= paths_of(inner, (*path, key))
    return found


def test_it_finds_every_path_the_parser_finds_and_no_other() -> None:
    assert set(line_index(EVERYTHING)) == paths_of(tomllib.loads(EVERYTHING))


@pytest.mark.parametrize(
    ("path", "starts"),
    [
        (("title",), 'title = "One'),
        (("quoted key",), '"quoted key"'),
        (("site", "a.b", "c"), 'site."a.b".c'),
        (("long",), 'long = """'),
        (("quotes",), "quotes ="),
        (("raw",), "raw = "),
        (("when",), "when ="),
        (("numbers", 1, 1), "[2, 3]"),
        (("numbers", 3, "list", 0), "{ deep"),
        (("inline", "c", "d", 1), "inline ="),
        (("table", "with space", "x"), "x = 1"),
        (("items", 0, "inner", "y"), "y = 2"),
        (("items", 0, "parts", 1, "z"), "z = 4"),
        (("items", 1), "[[items]]"),
        (("items", 1, "name"), 'name = "second"'),
        (("items", 1, "inner", "y"), "y = 5"),
    ],
)
def test_it_gives_the_line_a_reader_would_point_at(path: Path, starts: str) -> None:
    line = EVERYTHING.splitlines()[line_index(EVERYTHING)[path] - 1]
    assert line.strip().startswith(starts)


def test_the_second_table_of_an_array_is_on_its_own_line() -> None:
    index = line_index("a = 1\n[[t]]\nx = 1\n\n[[t]]\nx = 2\n")
    assert (index["t", 0], index["t", 1], index["t", 1, "x"]) == (2, 5, 6)


def test_windows_line_ends_count_once() -> None:
    assert line_index("a = 1\r\n\r\nb = 2\r\n")["b",] == 3


def test_a_missing_key_is_placed_at_the_table_it_is_missing_from() -> None:
    index = line_index("[forum]\nname = 'x'\n[forum.clock]\nhours = 4\n")
    assert nearest_line(index, ("forum", "clock", "days")) == 3
    assert nearest_line(index, ("nowhere",)) is None


TRICKY = "ab1 \"\\'#[]{},=.é"
KEYS = st.text(TRICKY, min_size=1, max_size=6)
SCALARS = st.one_of(st.integers(-9, 9), st.booleans(), st.text(TRICKY, max_size=8))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)


def quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def inline(value: Any, comma: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, list):
        return "[" + comma.join(inline(each, comma) for each in value) + "]"
    return "{" + ", ".join(f"{quote(key)} = {inline(each, ', ')}" for key, each in value.items()) + "}"


@given(
    st.dictionaries(KEYS, VALUES, max_size=4),
    st.dictionaries(KEYS, st.lists(st.dictionaries(KEYS, VALUES, max_size=3), min_size=1, max_size=3), max_size=2),
    st.sampled_from([", ", ",\n  ", " , # why, not ]\n"]),
)
def test_law_any_document_has_exactly_the_parsers_paths_in_reading_order(
    pairs: dict[str, Any], arrays: dict[str, list[dict[str, Any]]], comma: str
) -> None:
    lines = [f"{quote(key)} = {inline(value, comma)}" for key, value in pairs.items() if key not in arrays]
    for name, tables in arrays.items():
        for table in tables:
            lines.append(f"[[{quote(name)}]]")
            lines += [f"{quote(key)} = {inline(value, comma)}" for key, value in table.items()]
    text = "\n".join(lines) + "\n"
    index = line_index(text)
    assert set(index) == paths_of(tomllib.loads(text))
    written = text.split("\n")
    for path, line in index.items():
        if len(path) == 1 and path[0] not in arrays:
            assert written[line - 1].startswith(quote(str(path[0])))
