"""`registers/<group>.toml`: dated records and reference material the partnership keeps, each with an owner."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Lines, Text


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Entry:
    """A register, instrument, cohort, product or reference: what it keeps, and what it never may.

    `available_from` and `available_in` hold back a power that is not open everywhere (a pilot, say).
    """

    name: Text
    kind: Literal[
        "register",
        "operation",
        "order",
        "event",
        "asset",
        "instrument",
        "cohort",
        "product",
        "tasking",
        "survey",
        "consultation",
        "dataset",
        "reference",
        "factor",
        "scrutiny",
    ]
    purpose: Text
    owner: Key | None = None
    aliases: tuple[Text, ...] = ()
    keeps: tuple[Text, ...] = ()
    never: tuple[Text, ...] = ()
    cadence: Text | None = None
    available_from: dt.date | None = None
    available_to: dt.date | None = None
    available_in: tuple[Text, ...] = ()
    url: Text | None = None
    lines: Lines | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Registers(Common):
    """Registers that belong together."""

    entries: dict[Key, Entry]


SHAPE = Registers
