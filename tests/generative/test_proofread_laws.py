"""Laws of proofreading: consistent figures raise no alarm, inconsistent ones do, fractions are "
"those of brute force."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from concord.strategy.proofread import Kind, Remark, examine, read
from concord.strategy.proofread.checks import changes
from concord.strategy.proofread.checks.small_counts import fitting_fractions
from concord.strategy.proofread.document import Line, build
from concord.strategy.proofread.remark import one_per_line


def _remarks(text: str) -> list[Remark]:
    return list(changes.check(build([Line(1, text)], wrapped=False)))


def _rounded(value: Fraction, decimals: int) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _sentences(old: int, new: int, percent: Decimal) -> list[str]:
    """One fact in the ways that drafts state it."""
    down = new < old
    noun, verb = ("decrease", "fell") if down else ("increase", "rose")
    gap = abs(new - old)
    return [
        f"The force recorded {new} robbery offences for 2022-23; a {noun} of {percent}% ({gap} offences) on "
        f"the previous year.",
        f"There were {new:,} offences in 2023/24, {'an' if noun[0] == 'i' else 'a'} {noun} of {gap:,} "
        f"({percent}%) on 2022/23.",
        f"Robbery {verb} by {percent}% from {old:,} offences in 2022/23 to {new:,} offences in 2023/24.",
        f"Robbery offences {verb} from {old:,} to {new:,} ({percent}%).",
        f"Robbery {verb} {percent}% to {new:,} offences, compared with {old:,} offences in 2022/23.",
        f"{new:,} offences were recorded in 2023, {'down' if down else 'up'} {percent}% from {old:,} offences in 2022.",
    ]


COUNTS = st.integers(min_value=10, max_value=20_000)


@given(old=COUNTS, new=COUNTS, decimals=st.integers(0, 2), form=st.integers(0, 5))
@example(old=1150, new=1041, decimals=2, form=0)
@example(old=4390, new=4331, decimals=2, form=0)
@example(old=352, new=465, decimals=1, form=0)
@settings(max_examples=400)
def test_a_consistent_change_raises_no_alarm(old: int, new: int, decimals: int, form: int) -> None:
    assume(old != new)
    percent = _rounded(Fraction(100 * abs(new - old), old), decimals)
    assume(percent > 0)
    text = _sentences(old, new, percent)[form]
    assert _remarks(text) == [], text


@given(
    old=COUNTS,
    new=COUNTS,
    decimals=st.integers(0, 2),
    form=st.integers(0, 5),
    units=st.integers(2, 500),
    up=st.booleans(),
)
@example(old=1150, new=1041, decimals=2, form=0, units=16, up=False)
@settings(max_examples=400)
def test_a_change_off_by_more_than_rounding_raises_one(
    old: int, new: int, decimals: int, form: int, units: int, up: bool
) -> None:
    assume(old != new)
    true = _rounded(Fraction(100 * abs(new - old), old), decimals)
    percent = true + units * Decimal(1).scaleb(-decimals) * (1 if up else -1)
    assume(percent > 0)
    text = _sentences(old, new, percent)[form]
    remarks = _remarks(text)
    assert [r.kind for r in remarks] == [Kind.CHANGE], text
    assert f"not {percent}%" in remarks[0].message


@given(old=COUNTS, new=COUNTS, form=st.sampled_from([2, 3, 4]))
def test_words_that_point_the_other_way_raise_an_alarm(old: int, new: int, form: int) -> None:
    assume(old != new)
    percent = _rounded(Fraction(100 * abs(new - old), old), 1)
    assume(percent > 0)
    text = _sentences(old, new, percent)[form]
    swapped = text.replace("fell", "ROSE").replace("rose", "fell").replace("ROSE", "rose")
    remarks = _remarks(swapped)
    assert len(remarks) == 1, swapped
    assert "the words say the opposite" in remarks[0].message


@given(part=st.integers(1, 5000), rest=st.integers(1, 5000), decimals=st.integers(0, 2), off=st.integers(-40, 40))
def test_a_share_is_believed_exactly_when_it_computes(part: int, rest: int, decimals: int, off: int) -> None:
    whole = part + rest
    percent = _rounded(Fraction(100 * part, whole), decimals) + off * Decimal(1).scaleb(-decimals)
    assume(0 < percent <= 100 and abs(off) != 1)
    remarks = _remarks(f"Of the cases heard in 2023, {part:,} of {whole:,} ({percent}%) were repeat cases.")
    assert bool(remarks) == (off != 0)


@given(hundredths=st.integers(1, 10_000), decimals=st.integers(0, 2), largest=st.integers(1, 130))
@example(hundredths=4595, decimals=2, largest=120)
@settings(max_examples=150)
def test_fitting_fractions_are_those_of_brute_force(hundredths: int, decimals: int, largest: int) -> None:
    percent = _rounded(Fraction(hundredths, 100), decimals)
    half = Fraction(1, 2 * 10**decimals)
    brute = [
        (part, base)
        for base in range(1, largest + 1)
        for part in range(1, base + 1)
        if abs(Fraction(100 * part, base) - Fraction(percent)) <= half
    ]
    assert fitting_fractions(f"{percent}", largest) == brute


def test_the_fractions_of_two_known_percentages() -> None:
    assert fitting_fractions("45.95", 120) == [(17, 37), (34, 74), (51, 111)]
    assert fitting_fractions("16.90", 250) == [(12, 71), (24, 142), (36, 213)]


@given(
    st.lists(
        st.builds(
            Remark,
            line=st.integers(1, 6),
            kind=st.sampled_from(list(Kind)).map(str),
            message=st.text(min_size=1, max_size=20),
            suggestion=st.text(min_size=1, max_size=20),
            lines=st.lists(st.integers(1, 6), max_size=3).map(tuple),
            minor=st.booleans(),
        ),
        max_size=12,
    )
)
def test_folding_leaves_one_remark_a_line_and_loses_none(remarks: list[Remark]) -> None:
    folded = one_per_line(remarks)
    assert [r.line for r in folded] == sorted({r.line for r in remarks})
    assert one_per_line(folded) == folded
    for remark in remarks:
        kept = next(r for r in folded if r.line == remark.line)
        assert remark.message in kept.message
        assert remark.suggestion in kept.suggestion
        assert set(remark.lines) - {remark.line} <= set(kept.lines)
        assert kept.line not in kept.lines


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_no_text_makes_proofreading_fail(text: str) -> None:
    lines = [Line(number, piece) for number, piece in enumerate(text.split("\n"), start=1)]
    for remark in examine(build(lines, wrapped=True)):
        assert 1 <= remark.line <= len(lines)


_SCRAPS = """the rate of robbery fell rose by 12.5% 6% 1,041 109 (109 offences) from to than higher 31% INSERT
{line} {0} [here](#) per cent 2022-23 between August 2022-2023 in the East of the borough - : ; , .
“ ” ( ) Board Partnership Strategy Group Multi-Agency MASH (MASH) £1.3m roughly 1000 young people
surveyed # ## | and or five six aims: a, b and c first second third highest most 4th 0% 0 from 0 to
5"""
_WORDS = st.sampled_from(_SCRAPS.split())


@given(st.lists(st.one_of(_WORDS, st.just("\n"), st.just("\n- ")), max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_draft_like_text_makes_proofreading_fail(words: list[str]) -> None:
    lines = [Line(number, piece) for number, piece in enumerate(" ".join(words).split("\n"), start=1)]
    remarks = examine(build(lines, wrapped=True))
    assert len({r.line for r in remarks}) == len(remarks)
    assert all(r.message and r.suggestion and r.line not in r.lines for r in remarks)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@given(text=st.text(alphabet=st.sampled_from("abc XYZ 0123456789 £’“”–é%.,\n"), min_size=5, max_size=200))
@settings(max_examples=60)
def test_the_same_words_in_any_encoding_are_the_same_lines(
    tmp_path_factory: pytest.TempPathFactory, encoding: str, text: str
) -> None:
    assume(text.strip())
    folder: Path = tmp_path_factory.mktemp("draft")
    usual, other = folder / "usual.txt", folder / "other.txt"
    usual.write_bytes(text.encode())
    other.write_bytes(text.encode(encoding))
    assert read(other).lines == read(usual).lines
    assert len(read(usual).lines) == len(text.removesuffix("\n").split("\n"))
