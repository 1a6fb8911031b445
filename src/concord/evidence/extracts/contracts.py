"""A feed's contract: reading one from its file, naming its edition, and checking that we may receive under it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Protocol

from pydantic import TypeAdapter

from concord.evidence.extracts.files import to_json
from concord.kernel.errors import BadInput, Refused, Where
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.feed import Feed
from concord.strategy.shapes.feed_rows import with_likeness

_FEED = TypeAdapter(Feed)


class SharingAgreement(Protocol):
    """As much of a sharing agreement as receiving needs."""

    @property
    def name(self) -> str: ...
    @property
    def starts_on(self) -> date: ...
    @property
    def expires_on(self) -> date: ...
    @property
    def feeds(self) -> tuple[str, ...]: ...


def read_feed(file: Path) -> Feed:
    """One contract straight from its file, without the rest of a partnership. Raises BadInput."""
    try:
        return _FEED.validate_python(with_likeness(tomllib.loads(file.read_text(encoding="utf-8"))))
    except (OSError, ValueError) as error:  # neither TOML nor valid: both are kinds of ValueError
        raise BadInput("A feed's contract cannot be read.", where=Where(file=file), why=str(error)) from error


def edition(feed: Feed) -> str:
    """Digest of what the contract demands. A file is received again when this changes, and not otherwise: how well
    a field is filled in is read afterwards, and is no part of it."""
    demands = _FEED.dump_python(
        feed,
        mode="json",
        include={"tables", "extracts", "version"},
        exclude={"tables": {"__all__": {"fields": {"__all__": {"quality"}}}}},
    )
    return hashlib.sha256(to_json(demands)).hexdigest()


def contract_ref(feed: Feed) -> str:
    """How manifests and receipts name the contract: feed, version, edition."""
    return f"{feed.key}@{feed.version}:{edition(feed)[:12]}"


def check_agreement(feed: Feed, agreements: Mapping[str, SharingAgreement], day: date) -> None:
    """Raises Refused where the contract needs an agreement and none in force covers it on `day`."""
    if feed.agreement is None:
        return
    agreement = agreements.get(feed.agreement)
    if agreement is None:
        raise Refused(
            f"Feed “{feed.key}” was refused: the partnership has no sharing agreement “{feed.agreement}”.",
            where=Where(file=f"feeds/{feed.key}.toml", key="agreement"),
            why=f"Data of class {feed.data_class} moves only under a signed agreement. "
            + did_you_mean(feed.agreement, agreements),
            next_step=f"Add sharing/{feed.agreement}.toml, or correct the name.",
        )
    if day > agreement.expires_on:
        raise Refused(
            f"Feed “{feed.key}” was refused: “{agreement.name}” expired on {_written(agreement.expires_on)}.",
            where=Where(file=f"sharing/{feed.agreement}.toml", key="expires_on"),
            why="Nothing was received or kept. What was loaded while the agreement ran is unchanged.",
            next_step="Renew the agreement and record its new dates, then load the file again.",
        )
    if day < agreement.starts_on:
        raise Refused(
            f"Feed “{feed.key}” was refused: “{agreement.name}” starts on {_written(agreement.starts_on)}.",
            where=Where(file=f"sharing/{feed.agreement}.toml", key="starts_on"),
            why="Nothing was received or kept.",
            next_step="Load the file on or after that day.",
        )
    if agreement.feeds and feed.key not in agreement.feeds:
        raise Refused(
            f"Feed “{feed.key}” was refused: “{agreement.name}” does not cover it.",
            where=Where(file=f"sharing/{feed.agreement}.toml", key="feeds"),
            why=f"It covers: {', '.join(agreement.feeds)}.",
            next_step="Have the parties add the feed to the agreement, or name another agreement in the contract.",
        )


def _written(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
