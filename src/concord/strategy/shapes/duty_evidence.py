"""`duty_evidence.toml`: what shows that the duty was met where no file or dataset shows it by itself.

Meetings held, letters sent, authorities consulted. What the folder and the datasets show (definition, agreements,
feeds received, publications) is not repeated here: the evidence pack looks at it.
"""

from __future__ import annotations

import datetime as dt

from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Entry:
    """Something that was done for `requirement` (of `duty.toml`), on which day, and where the record of it is kept."""

    requirement: Key
    what: Text
    on: dt.date
    record: Text
    by: Key | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Consulted:
    """An authority that had to be consulted (s8(4)): when it was asked, when it replied, what changed for it."""

    authority: Key
    asked: dt.date
    replied: dt.date | None = None
    changed: Text | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Gap:
    """A gap that the partnership knows of: who closes it and by when."""

    requirement: Key
    owner: Key
    by: dt.date
    why: Text


@dataclass(frozen=True, kw_only=True, config=FORBID)
class DutyEvidence(Common):
    """What was done, who was consulted, and what is known to be missing."""

    entry: tuple[Entry, ...] = ()
    consulted: tuple[Consulted, ...] = ()
    gap: tuple[Gap, ...] = ()


SHAPE = DutyEvidence
