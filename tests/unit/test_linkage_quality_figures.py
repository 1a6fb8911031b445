"""How linkage quality is counted: against values worked out by hand, and against another way of counting."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linkage_support import good_links

from concord.evidence.datasets.store import Store
from concord.evidence.linkage import labels
from concord.evidence.linkage.quality import OVERALL, Line, Quality, Share, judge, store_quality
from concord.evidence.linkage.uses import NotGoodEnough, require_quality
from concord.kernel.errors import BadInput, Usage
from concord.strategy import load
from concord.strategy.shapes.linkage import Linkage

FOLDER = Path(__file__).resolve().parents[2] / "partnerships" / "harbourside"
USE = "victim_offender_overlap"


def clock() -> datetime:
    return datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def linkage() -> Linkage:
    made = load(FOLDER).linkage
    assert made is not None
    return made


def judged(rows: list[tuple[str, str]], groups: dict[str, str] | None = None, groups_from: int = 1) -> dict[str, Line]:
    """Lines for records given as (true person, linked person); `groups` gives each true person's."""
    with duckdb.connect() as connection:
        connection.register(
            "given",
            pa.table(
                {
                    "feed": ["f"] * len(rows),
                    "person_ref": [f"r{n}" for n in range(len(rows))],
                    "true_person": pa.array([true for true, _ in rows], pa.string()),
                    "linked_ref": pa.array([linked for _, linked in rows], pa.string()),
                }
            ),
        )
        connection.execute("CREATE TABLE judged AS SELECT * FROM given")
        if groups:
            connection.execute("CREATE TABLE people (true_person VARCHAR, sex VARCHAR)")
            connection.executemany("INSERT INTO people VALUES (?, ?)", list(groups.items()))
        lines = judge(connection, {"sex": "sex"} if groups else {}, groups_from)
    return {line.group: line for line in lines}


def test_a_worked_example() -> None:
    """Two people of three and two records: one record of the first was taken for the second's.

    True pairs 3 + 1; made 1 + 3; right 1 + 1. B-cubed precision: 2 records at 1, three at 2/3, 2/3, 1/3.
    """
    line = judged([("A", "x"), ("A", "x"), ("A", "y"), ("B", "y"), ("B", "y")])[OVERALL]
    assert (line.right, line.wrong, line.missed) == (2, 2, 2)
    assert line.precision is not None and line.precision.value == 0.5
    assert line.f1 == 0.5
    assert line.bcubed_precision is not None
    assert line.bcubed_precision.value == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5)
    assert line.bcubed_recall is not None
    assert line.bcubed_recall.value == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)
    assert line.whole is not None and line.whole.value == 0.0


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ABCDE"), st.sampled_from("vwxyz")), min_size=1, max_size=12))
def test_counting_by_sizes_is_counting_pairs_and_records(rows: list[tuple[str, str]]) -> None:
    line = judged(rows)[OVERALL]
    pairs = list(itertools.combinations(rows, 2))
    assert line.right == sum(a == b for a, b in pairs)
    assert line.wrong == sum(a[1] == b[1] and a[0] != b[0] for a, b in pairs)
    assert line.missed == sum(a[0] == b[0] and a[1] != b[1] for a, b in pairs)
    assert line.bcubed_precision is not None and line.bcubed_recall is not None and line.whole is not None
    mine = [sum(a == b for b in rows) for a in rows]
    clusters = [sum(a[1] == b[1] for b in rows) for a in rows]
    persons = [sum(a[0] == b[0] for b in rows) for a in rows]
    assert line.bcubed_precision.value == pytest.approx(
        sum(m / c for m, c in zip(mine, clusters, strict=True)) / len(rows)
    )
    assert line.bcubed_recall.value == pytest.approx(sum(m / p for m, p in zip(mine, persons, strict=True)) / len(rows))
    whole = {true for (true, _), m, c, p in zip(rows, mine, clusters, persons, strict=True) if m == c == p}
    assert line.whole.value == pytest.approx(len(whole) / len({true for true, _ in rows}))
    for share in (line.bcubed_precision, line.bcubed_recall, line.whole):
        assert 0 <= share.low <= share.value <= share.high <= 1


def test_a_gap_between_groups_has_an_interval_and_is_the_same_again() -> None:
    dice = random.Random(5)
    rows, groups = [], {}
    for n in range(400):
        group = "F" if n % 2 else "M"
        groups[f"p{n}"] = group
        missed = dice.random() < (0.4 if group == "F" else 0.1)
        rows += [(f"p{n}", f"x{n}"), (f"p{n}", f"y{n}" if missed else f"x{n}")]
    found = judged(rows, groups)
    gap = found["F"].gap
    assert gap is not None and found["M"].gap == Share(0.0, 0.0, 0.0)
    recall = {g: found[g].right / 200 for g in "FM"}
    assert gap.value == pytest.approx(recall["M"] - recall["F"])
    assert 0 < gap.low < 0.3 < gap.high < 0.5
    # Two independent shares: the interval is about 1.96 standard errors either way.
    error = sum(recall[g] * (1 - recall[g]) / 200 for g in "FM") ** 0.5
    assert gap.high - gap.low == pytest.approx(2 * 1.96 * error, rel=0.15)
    assert judged(rows, groups) == found
    assert judged(rows, groups, groups_from=201)["F"].gap is None, "a small group's recall is not compared"


# -- what links may be used for ---------------------------------------------------------------------------------------


def put_links(store: Store, ref: str = "x") -> None:
    table = pa.table({"feed": ["f"], "person_ref": ["p"], "linked_ref": [ref], "match_probability": [1.0]})
    store.write("person_links", {"all": table}, source="test", synthetic=True, clock=clock)


# right, wrong, missed -> whether the overlap may be counted, and the words that say why not
BARS = [
    ((10_000, 10, 500), None),
    ((10_000, 150, 500), None),
    ((10_000, 400, 500), "precision is 96.2%"),
    ((10_000, 10, 3_000), "recall is 76.9%"),
    ((10_000, 400, 3_000), "precision is 96.2%"),
    ((95, 0, 5), "precision is 100.0% and may be as low as 96.1%"),
    ((0, 0, 0), "No labelled pair was found"),
]


@pytest.mark.parametrize(("pairs", "words"), BARS)
def test_a_use_is_blocked_below_its_bar(
    tmp_path: Path, linkage: Linkage, pairs: tuple[float, float, float], words: str | None
) -> None:
    store = Store(tmp_path)
    put_links(store)
    right, wrong, missed = pairs
    good_links(store, right=right, wrong=wrong, missed=missed)
    if words is None:
        assert require_quality(store, linkage, USE).precision == right / (right + wrong)
        return
    with pytest.raises(NotGoodEnough) as blocked:
        require_quality(store, linkage, USE)
    assert words in str(blocked.value)


def test_a_gap_that_is_shown_blocks_a_use_and_one_that_may_be_chance_does_not(tmp_path: Path, linkage: Linkage) -> None:
    for number, (low, allowed) in enumerate([(0.02, True), (0.12, False)]):
        store = Store(tmp_path / str(number))
        put_links(store)
        good = Share(0.99, 0.985, 0.995)
        whole = Line(OVERALL, OVERALL, 9900, 100, 100, precision=good, recall=good)
        group = Line("sex", "F", 100, 0, 20, precision=good, recall=Share(0.8, 0.7, 0.9), gap=Share(0.19, low, 0.3))
        store_quality(
            store, Quality((whole, group)), store.latest("person_links"), source="t", synthetic=True, clock=clock
        )
        if allowed:
            assert require_quality(store, linkage, USE).gap_of == "sex F"
        else:
            with pytest.raises(NotGoodEnough, match="not good enough for") as blocked:
                require_quality(store, linkage, USE)
            assert "sex “F” are found less often by 19.0% (at least 12.0%); 10.0% is allowed" in str(blocked.value)


def test_not_measured_and_measured_before_the_last_linking_are_not_good_enough(
    tmp_path: Path, linkage: Linkage
) -> None:
    store = Store(tmp_path)
    with pytest.raises(NotGoodEnough, match="It is not known"):
        require_quality(store, linkage, USE)
    put_links(store)
    good_links(store)
    assert require_quality(store, linkage, USE).recall > 0.9
    put_links(store, "another")
    with pytest.raises(NotGoodEnough) as blocked:
        require_quality(store, linkage, USE)
    assert "linked again since" in str(blocked.value)


def test_a_use_nobody_named_is_not_allowed_by_silence(tmp_path: Path, linkage: Linkage) -> None:
    with pytest.raises(Usage, match="names no use “victim_overlap”") as wrong:
        require_quality(Store(tmp_path), linkage, "victim_overlap")
    assert USE in str(wrong.value)


# -- labelled samples -------------------------------------------------------------------------------------------------


def test_a_census_gives_back_the_shares_themselves() -> None:
    """Every pair labelled: the estimate is the count and nothing is left to chance but the score interval."""
    part, whole = [1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 0.0]
    share = labels.ratio(part, whole, ["a"] * 4, {"a": 4})
    assert share is not None
    assert share.value == pytest.approx(2 / 3)


def test_a_stratified_ratio_by_hand() -> None:
    """100 pairs of which 4 were drawn, 10 of which 2 were: each stands for 25 and for 5.

    Linked: 3 of the first, 1 of the second; right: 3 and 0. So 75 of 80.
    """
    strata = ["a"] * 4 + ["b"] * 2
    linked, right = [1.0, 1.0, 1.0, 0.0, 1.0, 0.0], [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    share = labels.ratio(right, linked, strata, {"a": 100, "b": 10})
    assert share is not None
    assert share.value == pytest.approx(75 / 80)
    r = 75 / 80
    first = [1 - r, 1 - r, 1 - r, 0.0]
    second = [-r, 0.0]

    def spread(values: list[float]) -> float:
        mean = sum(values) / len(values)
        return sum((v - mean) ** 2 for v in values) / (len(values) - 1)

    variance = (100**2 * (1 - 4 / 100) * spread(first) / 4 + 10**2 * (1 - 2 / 10) * spread(second) / 2) / 80**2
    from concord.kernel.intervals import wilson

    size = r * (1 - r) / variance
    assert (share.low, share.high) == pytest.approx(wilson(r * size, size))


def test_the_estimate_is_right_on_average_and_its_interval_holds() -> None:
    """Drawn again and again from a known population: unbiased, and the 95% interval holds near 95 times of 100."""
    dice = random.Random(11)
    population = [("a", dice.random() < 0.98) for _ in range(800)] + [("b", dice.random() < 0.6) for _ in range(200)]
    truth = sum(same for _, same in population) / len(population)
    found, holds = [], 0
    for _ in range(300):
        drawn = [p for s in "ab" for p in dice.sample([q for q in population if q[0] == s], 50)]
        share = labels.ratio(
            [float(same) for _, same in drawn], [1.0] * len(drawn), [s for s, _ in drawn], {"a": 800, "b": 200}
        )
        assert share is not None
        found.append(share.value)
        holds += share.low <= truth <= share.high
    assert sum(found) / len(found) == pytest.approx(truth, abs=0.004)
    assert holds / 300 >= 0.9


HEADER = "feed_l,person_ref_l,feed_r,person_ref_r,stratum,pairs_in_stratum,same"
LINKS = "(SELECT * FROM (VALUES ('f', 'a', 'X'), ('f', 'b', 'X'), ('f', 'c', 'Y')) v(feed, person_ref, linked_ref))"


def measured(tmp_path: Path, *rows: str, header: str = HEADER) -> Quality:
    file = tmp_path / "labels.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8-sig")
    with duckdb.connect() as connection:
        return labels.measure(connection, file, LINKS, 1)


def test_labels_are_weighed_back(tmp_path: Path) -> None:
    line = measured(tmp_path, "f,a,f,b,d,90,y", "f,a,f,c,b,10,Yes", "f,b,f,c,b,10,", "f,c,f,b,c,5,n").overall
    assert (line.right, line.wrong, line.missed) == (90, 0, 10)
    assert line.recall is not None and line.recall.value == pytest.approx(0.9)


def test_labels_with_groups_give_gaps(tmp_path: Path) -> None:
    quality = measured(tmp_path, "f,a,f,b,d,90,y,F", "f,a,f,c,b,10,y,M", "f,a,f,b,d,90,y,M", header=f"{HEADER},sex")
    found = {line.group: line for line in quality.lines}
    assert found["F"].recall is not None and found["F"].recall.value == 1.0
    assert found["M"].gap is not None and found["M"].gap.value > 0


@pytest.mark.parametrize(
    ("row", "words", "where"),
    [
        ("f,a,f,b,d,90,maybe", "“maybe” is not a label", "row 2, field “same”"),
        ("f,a,f,z,d,90,y", "not among those that were linked", "row 2, field “person_ref_r”"),
        ("f,a,f,b,d,many,y", "not a whole number", "row 2, field “pairs_in_stratum”"),
        ("f,a,f,b,d,90,", "No pair is labelled", "field “same”"),
    ],
)
def test_what_is_wrong_with_labels_is_said_with_its_place(tmp_path: Path, row: str, words: str, where: str) -> None:
    with pytest.raises(BadInput, match=words) as wrong:
        measured(tmp_path, row)
    assert where in str(wrong.value)


def test_labels_without_a_column_say_which(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no column “stratum”"):
        measured(tmp_path, "f,a,f,b,90,y", header=HEADER.replace("stratum,pairs", "pairs"))


def test_lines_with_nothing_in_them_say_so() -> None:
    assert str(Quality((Line(OVERALL, OVERALL, 0, 0, 0),))) == "No labelled pair was found."
    line = replace(judged([("A", "x"), ("A", "x")])[OVERALL], gap=None)
    assert "precision 100.0%" in str(Quality((line,)))
