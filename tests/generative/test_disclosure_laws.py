"""Laws of disclosure control over random tables, judged by an attacker written here, by counting."""

from __future__ import annotations

import dataclasses
import itertools
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from concord.evidence.disclosure import Release, ReleasedTable, release
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.kernel.errors import Refused
from concord.kernel.lineage import Lineage
from concord.kernel.periods import Period
from concord.strategy.shapes.disclosure import Disclosure, Rule

YEAR = Period(date(2024, 4, 1), date(2025, 3, 31))
POLICY = TypeAdapter(Disclosure).validate_python(
    {
        "audiences": {"public": {"label": "Anyone"}},
        "rules": {"public": {"title": "1 to 4 hidden", "audiences": ["public"], "hide_to": 4, "zeros": "show"}},
    }
)
RULE: Rule = POLICY.rule("public")
SLOW = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])


def sum_within(counts: dict[tuple[str, ...], int], key: tuple[str, ...]) -> int:
    return sum(n for inner, n in counts.items() if all(a in (TOTAL, b) for a, b in zip(key, inner, strict=True)))


def table(
    counts: dict[tuple[str, ...], int],
    names: tuple[str, ...],
    *,
    called: str = "table",
    universe: str = "offences",
    where: tuple[tuple[str, tuple[str, ...]], ...] = (),
) -> Table:
    """A complete additive table with every margin, from the counts of its inner cells."""
    categories = [(*dict.fromkeys(key[i] for key in counts), TOTAL) for i in range(len(names))]
    cells = [Cell(key, sum_within(counts, key)) for key in itertools.product(*categories)]
    dimensions = tuple(Dimension(name, name, cats) for name, cats in zip(names, categories, strict=True))
    return Table(called, called, "offences", dimensions, tuple(cells), universe=universe, where=where)


def finding(*tables: Table, name: str = "a_finding", period: Period = YEAR) -> Finding:
    return Finding(name, "How many?", tables, "all", period, "invented", "counted", Lineage(name, "counted", ()))


def released(found: Finding, home: Path) -> Release:
    return release(
        found,
        rule=RULE,
        audience="public",
        home=home,
        requested_by="Ann",
        approved_by="Bo",
        clock=lambda: datetime(2025, 6, 1, tzinfo=UTC),
    )


@pytest.fixture(scope="module")
def homes() -> Iterator[Iterator[Path]]:
    with tempfile.TemporaryDirectory() as folder:
        yield (Path(folder) / str(number) for number in itertools.count())


@st.composite
def two_way(draw: st.DrawFn) -> dict[tuple[str, ...], int]:
    rows, columns = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    count = st.one_of(st.integers(0, 12), st.integers(0, 60))
    return {(f"r{i}", f"c{j}"): draw(count) for i in range(rows) for j in range(columns)}


@st.composite
def three_way(draw: st.DrawFn) -> dict[tuple[str, ...], int]:
    shape = [draw(st.integers(2, 3)), draw(st.integers(2, 3)), 2]
    count = st.one_of(st.integers(0, 9), st.integers(0, 40))
    return {
        (f"r{i}", f"c{j}", f"t{k}"): draw(count)
        for i in range(shape[0])
        for j in range(shape[1])
        for k in range(shape[2])
    }


def second_world(truth: dict[tuple[str, ...], int], shown: ReleasedTable, small: tuple[str, ...]) -> bool:
    """Whether some other whole, non-negative inner counts give every shown number, and another value of `small`.

    Works on inner cells only, by its own integer programme over the shown margins, so it shares nothing with the
    code under test but the solver.
    """
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    inner = list(truth)
    row = {cell.key: np.array([float(sum_within({key: 1}, cell.key)) for key in inner]) for cell in shown.cells}
    known = [(row[c.key], float(c.count)) for c in shown.cells if c.count is not None]
    # A nought is always shown, so whatever is hidden is at least one.
    least = [(row[c.key], 1.0) for c in shown.cells if c.count is None]
    target = row[small]
    now = float(target @ np.array([truth[key] for key in inner]))
    for low, high in ((-np.inf, now - 1), (now + 1, np.inf)):
        constraints = [LinearConstraint(v, n, n) for v, n in known]
        constraints += [LinearConstraint(v, n, np.inf) for v, n in least]
        constraints += [LinearConstraint(target, low, high)]
        size = len(inner)
        found = milp(np.zeros(size), constraints=constraints, bounds=Bounds(0, 1e5), integrality=np.ones(size))
        if found.x is not None:
            return True
    return False


def assert_safe(truth: dict[tuple[str, ...], int], before: Table, after: ReleasedTable) -> None:
    for was, now in zip(before.cells, after.cells, strict=True):
        if 1 <= was.count <= 4:
            assert now.count is None, f"{was.key} is small and shown"
            assert second_world(truth, after, was.key), f"{was.key} is determined"


def assert_adds_up(after: ReleasedTable) -> None:
    cells = {cell.key: cell for cell in after.cells}
    for position, dimension in enumerate(after.dimensions):
        for key, cell in cells.items():
            if key[position] == TOTAL:
                parts = [cells[(*key[:position], name, *key[position + 1 :])] for name in dimension.categories[:-1]]
                if cell.count is not None and all(part.count is not None for part in parts):
                    assert cell.count == sum(part.count for part in parts if part.count is not None)


@SLOW
@given(counts=two_way())
def test_no_small_number_of_a_two_way_table_can_be_worked_out(counts, homes) -> None:
    before = table(counts, ("area", "kind"))
    after = released(finding(before), next(homes)).tables[0]
    note(str({c.key: c.count for c in after.cells}))
    assert_safe(counts, before, after)
    assert_adds_up(after)


@settings(SLOW, max_examples=15)
@given(counts=three_way())
def test_no_small_number_of_a_three_way_table_can_be_worked_out(counts, homes) -> None:
    before = table(counts, ("area", "kind", "time"))
    after = released(finding(before), next(homes)).tables[0]
    note(str({c.key: c.count for c in after.cells}))
    assert_safe(counts, before, after)
    assert_adds_up(after)


@SLOW
@given(counts=two_way())
def test_what_is_shown_is_the_truth_and_what_is_hidden_holds_nothing(counts, homes) -> None:
    before = table(counts, ("area", "kind"))
    after = released(finding(before), next(homes)).tables[0]
    for was, now in zip(before.cells, after.cells, strict=True):
        assert was.key == now.key
        if now.hidden:
            assert (now.count, now.base, now.population, now.estimate) == (None, None, None, None)
        else:
            assert now.count == was.count


@settings(SLOW, max_examples=12)
@given(counts=two_way())
def test_releasing_twice_is_releasing_once(counts, homes) -> None:
    home = next(homes)
    found = finding(table(counts, ("area", "kind")))
    first = released(found, home)
    ledger = (home / "releases" / "ledger.jsonl").read_bytes()
    assert released(found, home) == first
    assert (home / "releases" / "ledger.jsonl").read_bytes() == ledger
    elsewhere = released(found, next(homes))
    assert elsewhere.id != first.id, "a name that anyone can compute lets them try values for hidden counts"
    assert [t.code for t in elsewhere.tables] == [t.code for t in first.tables]


@settings(SLOW, max_examples=20)
@given(counts=two_way(), left_out=st.integers(0, 3))
def test_a_later_release_for_fewer_areas_never_gives_back_what_was_hidden(counts, left_out, homes) -> None:
    home = next(homes)
    rows = sorted({key[0] for key in counts})
    gone = rows[left_out % len(rows)]
    kept = {key: n for key, n in counts.items() if key[0] != gone}
    whole = table(counts, ("area", "kind"))
    first = released(finding(whole), home).tables[0]
    # Only the totals of the remaining areas: with the first release, the difference is the area that was left out.
    rest = {(kind,): sum(n for (_, k), n in kept.items() if k == kind) for _, kind in kept}
    later = table(rest, ("kind",), called="rest", where=(("area", tuple(r for r in rows if r != gone)),))
    try:
        second = released(finding(later), home).tables[0]
    except Refused:
        return
    # Both together, as one table: the rest's totals are one more row of known numbers.
    joined = _with_rest(counts, first, second, gone)
    for was in whole.cells:
        if 1 <= was.count <= 4:
            assert second_world(counts, joined, was.key), f"{was.key} is determined by both releases"


def _with_rest(counts, first: ReleasedTable, second: ReleasedTable, gone: str) -> ReleasedTable:
    """`first` with every number that the difference to `second` gives for the area left out."""
    cells = {cell.key: cell for cell in first.cells}
    for cell in second.cells:
        whole = cells[TOTAL, cell.key[0]]
        here = (gone, cell.key[0])
        if cell.count is not None and whole.count is not None and cells[here].count is None:
            cells[here] = dataclasses.replace(cells[here], count=whole.count - cell.count, hidden=None)
    return dataclasses.replace(first, cells=tuple(cells.values()))


@settings(SLOW, max_examples=20)
@given(months=st.lists(st.integers(0, 15), min_size=3, max_size=7), areas=st.integers(2, 3), data=st.data())
def test_an_extra_month_never_gives_back_what_was_hidden(months, areas, data, homes) -> None:
    home = next(homes)
    names = [f"2024-{4 + i:02d}" for i in range(len(months))]
    counts = {(month, f"a{i}"): data.draw(st.integers(0, 15)) for month in names for i in range(areas)}
    before = {key: n for key, n in counts.items() if key[0] != names[-1]}
    early = Period(date(2024, 4, 1), Period.month(2024, 4 + len(months) - 2).end)
    late = Period(date(2024, 4, 1), Period.month(2024, 4 + len(months) - 1).end)
    first = released(finding(table(before, ("month", "area")), period=early), home).tables[0]
    try:
        second = released(finding(table(counts, ("month", "area")), period=late), home).tables[0]
    except Refused:
        return
    shown = {cell.key: cell for cell in second.cells}
    for cell in first.cells:
        inner = cell.key[0] != TOTAL
        if inner and cell.count is not None:
            shown[cell.key] = cell  # what was shown once is known for good
    known = dataclasses.replace(second, cells=tuple(shown.values()))
    for key, cell in shown.items():
        truth = sum_within(counts, key)
        if 1 <= truth <= 4:
            assert cell.count is None
            assert second_world(counts, known, key), f"{key} is determined"
