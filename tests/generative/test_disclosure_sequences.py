"""Releases one after another, each a different cut of the same events, against a reader who keeps them all."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scipy.optimize import Bounds, LinearConstraint, milp

from concord.evidence.disclosure import Release, release
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.kernel.errors import Refused
from concord.kernel.lineage import Lineage
from concord.kernel.periods import Period
from concord.strategy.shapes.disclosure import Disclosure

MONTHS = ("2024-04", "2024-05", "2024-06")
AREAS = ("a", "b", "c")
KINDS = ("x", "y")
CATEGORIES = {"month": MONTHS, "area": AREAS, "kind": KINDS}
INNER = tuple(itertools.product(MONTHS, AREAS, KINDS))
RULE = (
    TypeAdapter(Disclosure)
    .validate_python(
        {
            "audiences": {"public": {"label": "Anyone"}},
            "rules": {"public": {"title": "1 to 4 hidden", "audiences": ["public"], "hide_to": 4, "seconds": 1.0}},
        }
    )
    .rule("public")
)

Selection = tuple[frozenset[str], frozenset[str], frozenset[str]]


@pytest.fixture(scope="module")
def homes() -> Iterator[Iterator[Path]]:
    with tempfile.TemporaryDirectory() as folder:
        yield (Path(folder) / str(number) for number in itertools.count())


@st.composite
def cut(draw: st.DrawFn) -> tuple[tuple[str, ...], int, int, frozenset[str]]:
    """Dimensions shown, first and last month, and the areas that the table is confined to."""
    shown = tuple(sorted(draw(st.sets(st.sampled_from(("month", "area", "kind")), min_size=1, max_size=2))))
    first = draw(st.integers(0, 2))
    last = draw(st.integers(first, 2))
    areas = draw(st.sampled_from([frozenset(AREAS), frozenset(AREAS), frozenset("ab"), frozenset("c")]))
    return shown, first, last, areas


def selected(key: tuple[str, ...], names: tuple[str, ...], months: tuple[str, ...], areas: frozenset[str]) -> Selection:
    held = {"month": frozenset(months), "area": areas, "kind": frozenset(KINDS)}
    for name, category in zip(names, key, strict=True):
        if category != TOTAL:
            held[name] = frozenset({category})
    return held["month"], held["area"], held["kind"]


def total(counts: dict[tuple[str, ...], int], where: Selection) -> int:
    return sum(n for (m, a, k), n in counts.items() if m in where[0] and a in where[1] and k in where[2])


def finding(counts: dict[tuple[str, ...], int], made: tuple[tuple[str, ...], int, int, frozenset[str]]) -> Finding:
    names, first, last, areas = made
    months = MONTHS[first : last + 1]
    period = Period(Period.month(2024, 4 + first).start, Period.month(2024, 4 + last).end)
    choices = {"month": months, "area": tuple(sorted(areas)), "kind": KINDS}
    dimensions = tuple(Dimension(name, name, (*choices[name], TOTAL)) for name in names)
    cells = tuple(
        Cell(key, total(counts, selected(key, names, months, areas)))
        for key in itertools.product(*(d.categories for d in dimensions))
    )
    where = () if areas == frozenset(AREAS) else (("area", tuple(sorted(areas))),)
    table = Table("t", "t", "events", dimensions, cells, universe="events", where=where)
    lineage = Lineage("cut", "counted", (), parameters={"cut": repr((names, first, last, sorted(areas)))})
    return Finding("cut", "How many?", (table,), "all", period, "invented", "counted", lineage)


def determined(
    counts: dict[tuple[str, ...], int], known: list[tuple[Selection, int]], hidden: set[Selection], target: Selection
) -> bool:
    """Whether every assignment of whole numbers that gives the known totals gives `target` the same."""

    def row(where: Selection) -> np.ndarray:
        return np.array([float(m in where[0] and a in where[1] and k in where[2]) for m, a, k in INNER])

    base = [LinearConstraint(row(where), n, n) for where, n in known]
    base += [LinearConstraint(row(where), 1, np.inf) for where in hidden]  # noughts are shown
    now = total(counts, target)
    for low, high in ((-np.inf, now - 1), (now + 1, np.inf)):
        found = milp(
            np.zeros(len(INNER)),
            constraints=[*base, LinearConstraint(row(target), low, high)],
            bounds=Bounds(0, 1e4),
            integrality=np.ones(len(INNER)),
        )
        if found.x is not None:
            return False
    return True


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(
    values=st.lists(st.one_of(st.integers(0, 6), st.integers(0, 40)), min_size=len(INNER), max_size=len(INNER)),
    cuts=st.lists(cut(), min_size=2, max_size=4, unique_by=str),
)
def test_whoever_keeps_every_release_learns_no_small_number(values, cuts, homes) -> None:
    home = next(homes)
    counts = dict(zip(INNER, values, strict=True))
    known: list[tuple[Selection, int]] = []
    hidden: set[Selection] = set()
    refused = 0
    # The first table shows which areas there are; without it, nobody could say that two of them leave one.
    whole = (("area",), 0, 2, frozenset(AREAS))
    for made in (whole, *(each for each in cuts if each != whole)):
        try:
            out: Release = release(
                finding(counts, made),
                rule=RULE,
                audience="public",
                home=home,
                requested_by="Ann",
                approved_by="Bo",
                clock=lambda: datetime(2025, 1, 1, tzinfo=UTC),
            )
        except Refused:
            refused += 1
            continue
        assert out.audit.exposed == ()
        names, first, last, areas = made
        for cell in out.tables[0].cells:
            where = selected(cell.key, names, MONTHS[first : last + 1], areas)
            if cell.count is None:
                hidden.add(where)
            else:
                assert cell.count == total(counts, where)
                assert not 1 <= cell.count <= 4
                known.append((where, cell.count))
    event(f"{refused} of {len(cuts)} refused")
    for where in hidden:
        if 1 <= total(counts, where) <= 4:
            note(f"{where} of {counts}")
            assert not determined(counts, known, hidden, where)
