"""Work that is done by the calendar, whoever is at their desk. One file, `calendar.toml`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Job:
    """One piece of work. `does` is what the jobs floor knows how to do; it is due `every` day, week (on Monday), month
    or quarter (on the first), `at` a time of London's clock, and is late when it is not done `late_hours` later."""

    key: Key
    name: Text
    does: Literal["clear", "agreements", "retention", "reviews", "access_review", "audit"]
    says: Text
    every: Literal["day", "week", "month", "quarter"] = "day"
    at: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    late_hours: int = Field(default=12, gt=0)


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Calendar(Common):
    """The calendar, in the order in which work that waits is done."""

    job: tuple[Job, ...]


SHAPE = Calendar
