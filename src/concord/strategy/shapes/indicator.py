"""`indicators/<key>.toml`: what the partnership measures, how it is counted, and which way it should go.

An indicator names a finding and the cell of one of its tables; it never holds a number. Where no finding answers it
yet, the file says so with `expected = ["finding"]`, and the page says so too.
"""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9.]*$", max_length=12)]
Direction = Literal["up", "down", "toward_1", "context"]
"""Which way is better; `context` where neither is, so that no colour is ever put on it."""


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Indicator(Common):
    """One indicator.

    `outcome` is the outcome of the plan that it speaks to, `owner` a board (the outcome's where blank). `cell` picks
    one category for each dimension of `table` in `finding`; `measure` says whether its count or its estimate is read.
    `aim` is a target or range in words. `data` says where it comes from, `feeds` which feeds have to be loaded.
    """

    code: Code
    title: Text
    outcome: str | None = None
    owner: Key | None = None
    numerator: Text
    denominator: Text
    unit: Text
    direction: Direction
    aim: Text | None = None
    cadence: Literal["weekly", "monthly", "termly", "quarterly", "annual"]
    data: Text
    feeds: tuple[Key, ...] = ()
    breakdowns: tuple[Text, ...] = ()
    finding: str = ""
    table: str = ""
    cell: tuple[Text, ...] = ()
    measure: Literal["count", "estimate"] = "estimate"
    parameters: dict[str, object] = field(default_factory=dict)
    months: Annotated[int, Field(ge=1)] = 24
    headline: bool = False
    """Whether every publication that shows headline measures must show this one, whichever way it went."""

    @model_validator(mode="after")
    def _answered_or_expected(self) -> Indicator:
        if self.finding and not (self.table and self.cell):
            raise ValueError(f"finding “{self.finding}” is named without the table and cell to read")
        if not self.finding and "finding" not in self.expected:
            raise ValueError('no finding answers this yet: say so with expected = ["finding"]')
        return self


SHAPE = Indicator
