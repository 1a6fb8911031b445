"""`duty.toml`: what the law asks of a serious violence partnership, and of whom."""

from __future__ import annotations

from typing import Literal

from pydantic import PositiveInt
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text

Duty = Literal["specified", "relevant", "local_policing_body", "co_operating", "voluntary"]
"""What the Police, Crime, Sentencing and Courts Act 2022, Part 2 Chapter 1, makes of a kind of agency.

`specified` must collaborate and plan (s8), `relevant` must be consulted and may be asked to co-operate,
`local_policing_body` assists and monitors; the other two work with the partnership without a duty under that Act.
"""


Body = Literal[
    "specified_authority",
    "health",
    "social_care",
    "childrens_services",
    "local_policing_body",
    "educational",
    "prison",
    "youth_custody",
    "voluntary",
    "housing",
    "government",
]
"""What a legal gateway takes a kind of agency for (see `concord.strategy.law`)."""


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Sector:
    """A kind of agency.

    `section_16_personal` says whether section 16 of the Act can authorise personal information that this kind of
    agency discloses. It cannot for health and social care, whoever asks (s16(4)); such data need another gateway.
    """

    name: Text
    duty: Duty
    body: Body
    law: Text
    section_16_personal: bool
    note: Text | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Requirement:
    """One thing the duty requires, the section that requires it, and what shows that it was done.

    `proof` names what is looked at in the folder, the home and what was published (`concord.jobs.duty`); all of them
    must show it. A power that may be used and need not be says so in `kind`, and a rule that is kept by how the
    system works (`kept`) is not a task for anybody.
    """

    name: Text
    law: Text
    evidence: Text
    kind: Literal["obligation", "power", "kept"] = "obligation"
    proof: tuple[Key, ...] = ()


@dataclass(frozen=True, kw_only=True, config=FORBID)
class ExchangeItem:
    """An item of depersonalised information that a holder must exchange every quarter, and the feed that carries it."""

    holder: Key
    item: Text
    law: Text
    feed: Key | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class DutyFile(Common):
    """The duty holders and what they must do."""

    sectors: dict[Key, Sector]
    requirements: dict[Key, Requirement]
    exchange_items: dict[Key, ExchangeItem]
    exchange_due: Text
    close_gaps_within_days: PositiveInt = 90
    """By when a gap nobody has dated is to be closed, counted from the day of the pack."""
    seriousness_factors: tuple[Text, ...]


SHAPE = DutyFile
