"""Oversight: emergency access and who reviews it, and what in the audit trail is worth a second look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Emergency:
    """Opening a person's record that was not shared, because somebody may come to harm.

    It lasts `minutes`, rests on `agreement` and `gateway`, and is reviewed by a second person within
    `review_working_days`. Somebody with `most_unreviewed` openings that wait for review cannot open another.
    """

    minutes: int = Field(gt=0, le=24 * 60)
    agreement: Key
    gateway: Key
    most_unreviewed: int = Field(gt=0)
    review_working_days: int = Field(gt=0)


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Pattern:
    """Something in the trail to look at first. `sign` is one the audit room knows how to count.

    `at_least` that many within `hours` of one another by one person make it show.
    """

    key: Key
    name: Text
    sign: Literal[
        "many_people",
        "not_found",
        "refused",
        "out_of_hours",
        "same_person",
        "same_name",
        "typed_reason",
        "emergency",
        "reset",
    ]
    at_least: int = Field(gt=0)
    hours: int = Field(default=24, gt=0)
    why: Text


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Searching:
    """How many searches for a person one account may make in an hour; `roles` gives some roles another number.

    A list that is renewed while somebody types counts each time.
    """

    per_hour: int = Field(default=300, gt=0)
    roles: dict[Key, int] = field(default_factory=dict)

    def most(self, roles: Iterable[str]) -> int:
        """For somebody who holds these roles: the highest of theirs."""
        return max([self.roles[each] for each in roles if each in self.roles], default=self.per_hour)


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Oversight(Common):
    """The file `oversight.toml`. `day_starts` and `day_ends` are London hours outside which a look is out of hours."""

    emergency: Emergency
    day_starts: int = Field(ge=0, le=23)
    day_ends: int = Field(ge=1, le=24)
    look_back_days: int = Field(gt=0)
    pattern: tuple[Pattern, ...]
    searching: Searching = field(default_factory=Searching)


SHAPE = Oversight
