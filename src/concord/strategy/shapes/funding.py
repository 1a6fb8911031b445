"""`funding.toml`: the money, stream by stream: who gives it, through which fund, for when and for what."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import PositiveInt
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Lines, Text


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Stream:
    """A funding stream. `amount` is in whole pounds for the whole of `starts` to `ends`; None where not stated."""

    name: Text
    funder: Key
    purpose: Text
    status: Literal["awarded", "bid", "core"]
    fund: Text | None = None
    amount: PositiveInt | None = None
    starts: dt.date | None = None
    ends: dt.date | None = None
    pays_for: tuple[Key, ...] = ()
    aliases: tuple[Text, ...] = ()
    lines: Lines | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Funding(Common):
    """Every stream the partnership names. `pays_for` points at services."""

    streams: dict[Key, Stream]


SHAPE = Funding
