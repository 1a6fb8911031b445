"""`recommendations.toml`: what the partnership should do next, each held to the evidence, the plan and a measure.

The chain finding, priority, action, indicator is checked link by link (`concord.strategy.publishing`): a
recommendation that nothing was found for, that no outcome asks for, that nobody is to act on or that nothing would
show the effect of is a mistake in the folder.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text
from concord.strategy.shapes.plan import Code

Some = Field(min_length=1)


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Recommendation:
    """One recommendation. `because` names figures of `publication`, as they are cited there; `board` decides on it."""

    key: Key
    text: Text
    publication: Key
    because: Annotated[tuple[Key, ...], Some]
    outcomes: Annotated[tuple[Code, ...], Some]
    actions: Annotated[tuple[Code, ...], Some]
    indicators: Annotated[tuple[Key, ...], Some]
    board: Key


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Recommendations(Common):
    """Every recommendation, in the order in which the board should read them."""

    recommendation: tuple[Recommendation, ...]


SHAPE = Recommendations
