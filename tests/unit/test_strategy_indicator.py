"""An indicator names a finding with the table and cell to read, or says that it waits for one."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from concord.strategy.shapes.indicator import Indicator

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
