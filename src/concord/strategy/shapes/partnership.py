"""`partnership.toml`: who the partnership is, what it extends, and which agencies belong to it."""

from __future__ import annotations

import datetime as dt

from pydantic import Field
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Lines, Text
from concord.strategy.shapes.duty import Body


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Agency:
    """An organisation, or a unit of one whose legal gateways differ from its parent's.

    `sector` is a duty-holder kind of `duty.toml` (`police`, `local_authority`, `health`, ...).
    """

    name: Text
    sector: Key
    part_of: Key | None = None
    aliases: tuple[Text, ...] = ()
    role: Text | None = None
    lines: Lines | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Strategy:
    """The document the folder puts into data."""

    title: Text
    starts: dt.date
    ends: dt.date
    published: dt.date | None = None
    priorities_reviewed_every_months: int | None = None
    aliases: tuple[Text, ...] = ()


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Areas:
    """The areas of the partnership: what they nest in, and where their boundaries come from."""

    code: Text
    level: Key
    within: tuple[Text, ...] = ()
    neighbourhoods: tuple[Text, ...] = ()
    named_sets: dict[str, tuple[Text, ...]] = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Alias:
    """One thing the source calls by several names."""

    name: Text
    also: tuple[Text, ...]
    lines: Lines | None = None
    note: Text | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Principle:
    """Something every theme works by."""

    name: Text
    summary: Text
    lines: Lines | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Position:
    """A reading of the law that the partnership has taken, on advice, in a named person's name.

    It lifts one exclusion: under `gateway`, personal information from the kind of body `body` is no longer refused.
    Without one, the careful reading of the national list holds.
    """

    gateway: Key
    body: Body
    advice: Text
    decided_by: Text
    decided_on: dt.date


@dataclass(frozen=True, kw_only=True, config=FORBID)
class PartnershipFile(Common):
    """The file that makes a folder a partnership.

    A `base` folder is extended and never run: what its files refer to may live in the folders that extend it.
    `feed_owners` says which agency sends the feeds of inherited templates: by sector, or by feed where one differs.
    """

    key: Key
    name: Text
    synthetic: bool = False
    base: bool = False
    extends: Key | None = None
    lead_body: Key | None = None
    strategy: Strategy | None = None
    areas: Areas | None = None
    agencies: dict[str, Agency] = Field(default_factory=dict)
    feed_owners: dict[Key, Key] = Field(default_factory=dict)
    aliases: tuple[Alias, ...] = ()
    principles: dict[str, Principle] = Field(default_factory=dict)
    positions: dict[Key, Position] = Field(default_factory=dict)
    languages: tuple[Key, ...] = ()
    """Languages of the public summary beside English: names of files in `phrases/`."""

    def sends(self, feed: str, sector: str) -> str | None:
        """The agency that sends `feed`, a template for `sector`; None where the partnership must still say."""
        named = self.feed_owners.get(feed) or self.feed_owners.get(sector)
        whole = [key for key, each in self.agencies.items() if each.sector == sector and each.part_of is None]
        return named or (whole[0] if len(whole) == 1 else None)


SHAPE = PartnershipFile
