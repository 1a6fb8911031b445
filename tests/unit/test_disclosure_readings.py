"""Indicators say a number only where a release holds it, and otherwise why they say none."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from pydantic import TypeAdapter, ValidationError

from concord.evidence.disclosure import Audit, Release, ReleasedCell, ReleasedTable, questions, readings
from concord.evidence.findings.model import Dimension
from concord.evidence.findings.statistics import share
from concord.kernel.lineage import Lineage
from concord.kernel.periods import Period
from concord.strategy.shapes.indicator import Indicator

YEAR = Period.financial_year(2024)
FACTS = {
    "code": "T4.4c",
    "title": "Actions on time",
    "outcome": "T4.4",
    "numerator": "on time",
    "denominator": "due",
    "unit": "%",
    "direction": "up",
    "cadence": "monthly",
    "data": "the desk",
    "feeds": ["desk_actions"],
    "finding": "actions_on_time",
    "table": "forums",
    "cell": ["marac", "By the due date"],
}


def indicator(**changes: object) -> Indicator:
    facts = {key: value for key, value in {**FACTS, **changes}.items() if value is not None}
    return TypeAdapter(Indicator).validate_python(facts)


def release(cell: ReleasedCell | None, **changes: object) -> Release:
    dimensions = (Dimension("forum", "Forum", ("marac",)), Dimension("outcome", "Outcome", ("By the due date",)))
    table = ReleasedTable("forums", "Forums", "actions", dimensions, (cell,) if cell else (), "AT-2222-22")
    made = Release(
        id="R-1",
        finding="actions_on_time",
        question="?",
        tables=(table,),
        base="Actions due",
        period=YEAR,
        source="desk",
        method="counted",
        cannot_say=(),
        audience="public",
        rule="public",
        audit=Audit(0, (), None, ""),
        lineage=Lineage("actions_on_time", "counted", ()),
        requested_by="a",
        approved_by="b",
        released_at=datetime(2025, 5, 1, tzinfo=UTC),
        synthetic=True,
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


KEY = ("marac", "By the due date")


def read(shown: ReleasedCell | None, **changes: object):
    found = readings(SimpleNamespace(indicators={"a": indicator(**changes)}), [release(shown)])
    assert len(found) == 1
    return found[0]


def test_a_shown_cell_is_read_with_its_base_interval_code_and_mark_of_synthetic_data() -> None:
    found = read(ReleasedCell(KEY, 30, base=40, estimate=share(30, 40)))
    assert (found.state, found.count, found.base, found.code, found.synthetic) == ("shown", 30, 40, "AT-2222-22", True)
    assert found.estimate is not None
    assert found.estimate.interval is not None
    assert found.says == "Actions due, 2024/25 (April to March)."


@pytest.mark.parametrize(
    ("cell", "state", "says"),
    [
        (ReleasedCell(KEY, hidden="confidential"), "hidden", "the count is small, or would give a small count away"),
        (ReleasedCell(KEY, hidden="low_base"), "hidden", "the number that it is a share of is too small"),
        (ReleasedCell(KEY, 9, base=15), "hidden", "the number that it is a share of is too small"),
        (None, "not counted", "Nothing of the kind in 2024/25"),
    ],
)
def test_what_is_not_shown_says_why_and_holds_no_number(cell: ReleasedCell | None, state: str, says: str) -> None:
    found = read(cell)
    assert found.state == state
    assert says in found.says
    assert (found.count, found.base, found.estimate) == (None, None, None)


def test_without_a_release_the_feed_is_named() -> None:
    found = readings(SimpleNamespace(indicators={"a": indicator()}), [])[0]
    assert (found.state, found.says) == ("not loaded", "Nothing released yet: feed not loaded (desk_actions).")


def test_an_indicator_that_no_finding_answers_says_so() -> None:
    found = read(None, finding=None, table=None, cell=None, expected=["finding"])
    assert (found.state, found.says) == ("expected", "Not measured yet. It needs: the desk.")


def test_the_newest_release_is_read() -> None:
    old = release(ReleasedCell(KEY, 10, base=40, estimate=share(10, 40)), period=Period.financial_year(2023))
    new = release(ReleasedCell(KEY, 30, base=40, estimate=share(30, 40)))
    for order in ([old, new], [new, old]):
        assert readings(SimpleNamespace(indicators={"a": indicator()}), order)[0].count == 30


def test_a_release_for_one_limb_does_not_answer_for_all() -> None:
    confined = release(
        ReleasedCell(KEY, 5, base=40, estimate=share(5, 40)),
        lineage=Lineage("actions_on_time", "counted", (), parameters={"limb": "hate_crime"}),
    )
    asked = SimpleNamespace(indicators={"a": indicator()})
    assert readings(asked, [confined])[0].state == "not loaded"
    asked = SimpleNamespace(indicators={"a": indicator(parameters={"limb": "hate_crime"})})
    assert readings(asked, [confined])[0].state == "shown"


def test_the_findings_that_indicators_need_are_listed_once() -> None:
    partnership = SimpleNamespace(
        indicators={
            "a": indicator(),
            "b": indicator(code="T4.4d", cell=["mace", "Late"]),
            "c": indicator(code="T1.1", finding=None, table=None, cell=None, expected=["finding"]),
        }
    )
    assert questions(partnership) == [("actions_on_time", {}, 24)]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"finding": None}, 'say so with expected = \\["finding"\\]'),
        ({"table": None}, "named without the table and cell to read"),
        ({"direction": "sideways"}, "'up', 'down', 'toward_1' or 'context'"),
        ({"target": 5}, "target"),
    ],
)
def test_a_wrong_indicator_is_refused(changes: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        indicator(**changes)
