"""A rating needs points, ranges that are apart, and a direction; whatever else it says, it says why not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.jobs.indicators import Point
from concord.jobs.listings.review import BETTER, NONE, SAME, WORSE, rating


def point(value: float, low: float | None = None, high: float | None = None) -> Point:
    return Point("a year", value, low, high, f"{value:g}")


def indicator(direction: str) -> Any:
    return SimpleNamespace(direction=direction)


FALL = [point(10, 9, 11), point(8, 7, 9), point(5, 4, 6)]
RISE = FALL[::-1]
FLAT = [point(10, 9, 11), point(8, 7, 9), point(9, 8, 10)]
AWAY = [point(1.2, 1.1, 1.3), point(1.5, 1.4, 1.6), point(2.5, 2.2, 2.9)]


@pytest.mark.parametrize(
    ("direction", "found", "word", "why"),
    [
        ("down", FALL, BETTER, "from 10 to 5"),
        ("down", RISE, WORSE, "from 5 to 10"),
        ("up", FALL, WORSE, "from 10 to 5"),
        ("up", RISE, BETTER, "from 5 to 10"),
        ("down", FLAT, SAME, "from 10 to 9"),
        ("toward_1", AWAY, WORSE, "from 1.2 to 2.5"),
        ("toward_1", AWAY[::-1], BETTER, "from 2.5 to 1.2"),
        ("toward_1", [point(0.4, 0.3, 0.5), point(0.6, 0.5, 0.7), point(0.9, 0.8, 1.0)], BETTER, "from 0.4 to 0.9"),
        ("context", FALL, NONE, "neither direction is better by itself"),
        ("down", FALL[:2], NONE, "two yearly points, three are needed"),
        ("down", FALL[:1], NONE, "one yearly point, three are needed"),
        ("down", [], NONE, "no yearly points, three are needed"),
        ("down", [point(10), point(8), point(5)], NONE, "its points have no range"),
    ],
)
def test_a_rating(direction: str, found: list[Point], word: str, why: str) -> None:
    assert rating(indicator(direction), found, 3) == (word, why)


NUMBERS = st.floats(0, 1000)


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), max_size=2), st.sampled_from(["up", "down", "toward_1", "context"])
)
def test_law_fewer_than_three_points_are_never_rated(given_points: list[tuple[float, ...]], direction: str) -> None:
    found = [point(sorted(each)[1], min(each), max(each)) for each in given_points]
    assert rating(indicator(direction), found, 3)[0] == NONE


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=3, max_size=6))
def test_law_up_and_down_never_agree_that_it_is_better(given_points: list[tuple[float, ...]]) -> None:
    found = [point(sorted(each)[1], min(each), max(each)) for each in given_points]
    words = {rating(indicator("up"), found, 3)[0], rating(indicator("down"), found, 3)[0]}
    assert words in ({SAME}, {BETTER, WORSE})
