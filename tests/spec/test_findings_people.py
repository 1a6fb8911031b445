"""What the findings on people in need compute, by hand and from published examples."""

from __future__ import annotations

import pytest

from concord.evidence.findings.domestic_abuse_expected import expected, share_of_expected, together
from concord.evidence.findings.reoffending import difference, percent_of
from concord.evidence.findings.surveys import counted_share
from concord.kernel.measures import Estimate


def test_domestic_abuse_expected_by_hand() -> None:
    """1,000 women at 7.3% ± 0.26 points are 73 victims; 50 recorded are 68.5% of them."""
    women = expected(1000, 7.3, 0.26)
    assert (women.victims, women.error) == (pytest.approx(73), pytest.approx(2.6))
    share = share_of_expected(50, women)
    assert share is not None and share.interval is not None
    assert share.value == pytest.approx(100 * 50 / 73)
    alone = share_of_expected(50, expected(1000, 7.3, 0.0))
    assert alone is not None and alone.interval is not None
    assert share.interval.low < alone.interval.low < share.value < alone.interval.high < share.interval.high
    twice = share_of_expected(50, women, 2.0)
    assert twice is not None and twice.value == pytest.approx(share.value / 2)
    assert share_of_expected(0, women) == Estimate(0.0, "% of expected", None, "recorded over expected")
    both = together(women, expected(1000, 3.6, 0.2))
    assert (both.victims, both.error) == (pytest.approx(109), pytest.approx((2.6**2 + 2.0**2) ** 0.5))


def test_points_and_per_cent_are_two_numbers() -> None:
    """Newcombe (1998): 56 of 70 less 48 of 80 is 20 points, 5.24 to 33.39 by method 10."""
    points = difference(56, 70, 48, 80)
    assert points.interval is not None
    assert points.value == pytest.approx(20)
    assert (points.interval.low, points.interval.high) == (
        pytest.approx(5.24, abs=0.01),
        pytest.approx(33.39, abs=0.01),
    )
    per_cent = percent_of(56, 70, 48, 80)
    assert per_cent is not None and per_cent.value == pytest.approx(100 / 3)
    assert percent_of(0, 70, 48, 80) is None


def test_a_share_that_others_weighted_is_as_wide_as_its_design_makes_it() -> None:
    plain, wide = counted_share(50, 400, 1.0, drawn=True), counted_share(50, 400, 2.0, drawn=True)
    assert plain is not None and plain.interval is not None and wide is not None and wide.interval is not None
    ratio = (wide.interval.high - wide.interval.low) / (plain.interval.high - plain.interval.low)
    assert ratio == pytest.approx(2**0.5, rel=0.02)
    assert counted_share(50, 29, 1.0, drawn=True) is None
    chosen = counted_share(50, 400, 1.0, drawn=False)
    assert chosen is not None and chosen.interval is None
