"""Expressions of instruments: parsed, never run; total; honest about what is missing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.strategy.expressions import FUNCTIONS, Scope, evaluate, names, parse

NOTHING = Scope({}, lambda *_: None)


def said(text, zero=False, **values):
    return evaluate(parse(text), Scope(values, lambda *_: None), zero=zero)


@pytest.mark.parametrize(
    ("text", "values", "strict", "zero"),
    [
        ("a == 'yes'", {"a": "yes"}, True, True),
        ("a == 'yes'", {}, None, False),
        ("a != 'yes'", {}, None, False),
        ("not (a == 'yes')", {}, None, True),
        ("a == 'yes' or b == 'yes'", {"b": "yes"}, True, True),
        ("a == 'yes' or b == 'yes'", {"b": "no"}, None, False),
        ("a == 'yes' and b == 'yes'", {"b": "no"}, False, False),
        ("a == 'yes' and b == 'yes'", {"b": "yes"}, None, False),
        ("a + 2", {"a": 3}, 5, 5),
        ("a + 2", {}, None, 2),
        ("-a", {"a": 3}, -3, -3),
        ("clamp(a, 1, 5)", {"a": 9}, 5, 5),
        ("clamp(a, 1, 5)", {}, None, 1),
        ("1 if a > 2 else 0", {"a": 3}, 1, 1),
        ("1 if a > 2 else 0", {}, None, 0),
        ("a < 'x'", {"a": 3}, None, None),
        ("a + 1", {"a": "x"}, None, None),
        ("max(a, b)", {"a": 1, "b": 4}, 4, 4),
    ],
)
def test_what_is_missing(text, values, strict, zero):
    assert said(text, **values) == strict
    assert said(text, zero=True, **values) == zero


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("__import__('os').system('x')", "not something an expression can say"),
        ("open('x')", "there is no function “open”"),
        ("[x for x in y]", "not something an expression can say"),
        ("a.b", "not something an expression can say"),
        ("a / b", "not something an expression can say"),
        ("a ** 9", "not something an expression can say"),
        ("1 < a < 3", "not something an expression can say"),
        ("lambda: 1", "not something an expression can say"),
        ("a ==", "cannot be read"),
        ("count(part)", "was given 1"),
        ("count('part', 'x')", "a name first"),
        ("a == " + "1" * 700, "longer than"),
    ],
)
def test_what_an_expression_cannot_say(text, words):
    with pytest.raises(ValueError, match=words):
        parse(text)


def test_names_are_found_in_functions_too():
    assert names(parse("count(signs, 'present') + a if band(total) == 'high' else b")) == {"signs", "a", "total", "b"}


ATOMS = st.sampled_from(["a", "b", "1", "'x'", "age", "rows(part)", "chosen(a, 'x')", "-2.5"])
TREES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(
            lambda x, op, y: f"({x} {op} {y})", inner, st.sampled_from(["==", "<", ">=", "+", "*", "and", "or"]), inner
        ),
        st.builds(lambda x: f"(not {x})", inner),
        st.builds(lambda x, y, z: f"({x} if {y} else {z})", inner, inner, inner),
        st.builds(lambda x, y: f"min({x}, {y})", inner, inner),
    ),
    max_leaves=12,
)
VALUES = st.dictionaries(
    st.sampled_from(["a", "b", "age"]),
    st.one_of(st.none(), st.integers(-9, 9), st.sampled_from(["x", "yes"]), st.booleans()),
)


@given(text=TREES, values=VALUES, zero=st.booleans())
def test_every_expression_ends_and_none_fails(text, values, zero):
    try:
        tree = parse(text)
    except ValueError:
        return
    found = evaluate(tree, Scope(values, lambda *_: None), zero=zero)
    assert found is None or isinstance(found, str | int | float | bool)
    assert found == evaluate(tree, Scope(values, lambda *_: None), zero=zero)


def test_the_functions_are_all_described():
    assert all(name in text for name, text in FUNCTIONS.items())
