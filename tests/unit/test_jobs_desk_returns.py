"""The desk's return of assessments: what falls in which quarter, what counts, and that nothing else is in it."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from concord.jobs import desk_returns

TODAY = date(2026, 10, 5)


def row(instrument: str, decided: date | None = None, **more: object) -> dict[str, object]:
    made = {
        "instrument": instrument, "agency": "schools", "begun_on": date(2026, 7, 1), "decided_on": decided,
        "due_on": None, "level": "", "eligible": None, "rationale": None,
    }  # fmt: skip
    return {**made, **more}


def counted(*rows: dict[str, object]) -> dict[tuple[str, str, str], tuple[object, object]]:
    return {
        (m, b, c): (n, of)
        for m, _, _, b, c, n, of in desk_returns.lines(desk_returns.of_assessments(rows, TODAY), TODAY)
    }


def test_screenings_are_counted_by_agency_and_level() -> None:
    found = counted(
        row("exploitation_screening", date(2026, 7, 1), level="moderate"),
        row("exploitation_screening", date(2026, 9, 30), level="significant", agency="mash"),
        row("exploitation_screening", None, level=""),
        row("exploitation_screening", date(2026, 10, 1), level="moderate"),  # the quarter is not over
    )
    name = "exploitation_screenings"
    assert found == {
        (name, "all", ""): (2, ""),
        (name, "agency", "schools"): (1, ""),
        (name, "agency", "mash"): (1, ""),
        (name, "level", "moderate"): (1, ""),
        (name, "level", "significant"): (1, ""),
    }


@pytest.mark.parametrize(
    ("decided", "due", "eligible", "expected"),
    [
        (date(2026, 7, 28), date(2026, 7, 28), True, (1, 1)),
        (date(2026, 7, 29), date(2026, 7, 28), True, (0, 1)),
        (None, date(2026, 7, 28), True, (0, 1)),
        (date(2026, 7, 1), date(2026, 7, 28), False, None),
        (None, date(2026, 7, 28), None, None),
        (None, date(2026, 10, 6), True, None),
    ],
)
def test_an_assessment_is_in_time_or_late_by_the_day_it_was_due(decided, due, eligible, expected) -> None:  # type: ignore[no-untyped-def]
    found = counted(row("needs_assessment", decided, due_on=due, eligible=eligible))
    assert found.get(("needs_assessed_within_20_working_days", "all", "")) == expected


def test_a_decision_without_score_or_reason_is_in_the_base_only() -> None:
    found = counted(
        row("child_gravity", date(2026, 8, 3), rationale=True), row("child_gravity", date(2026, 8, 4), rationale=False)
    )
    assert found[("gravity_decisions_with_rationale", "all", "")] == (1, 2)


def test_the_file_has_the_columns_of_every_return(tmp_path: Path) -> None:
    (path,) = desk_returns.write(
        tmp_path, desk_returns.of_assessments([row("child_gravity", date(2026, 8, 3), rationale=True)], TODAY), TODAY
    )
    assert path.name == "desk_returns_2026-Q3.csv"
    read = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    assert read[0] == {
        "measure": "gravity_decisions_with_rationale", "from_day": "2026-07-01", "to_day": "2026-09-30",
        "breakdown": "agency", "category": "schools", "numerator": "1", "denominator": "1",
    }  # fmt: skip
