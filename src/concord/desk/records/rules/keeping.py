"""What is past its time, who has decided it, and the certificates of what was erased. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from concord.kernel.errors import Refused

HOLDABLE = ("person", "contact", "item", "assessment")
KINDS = {
    "contact": "referrals_contact",
    "item": "panels_item",
    "assessment": "instruments_assessment",
    "session": "referrals_session",
    "pair": "people_linkagepair",
    "request": "records_rightsrequest",
    "emergency": "sharing_emergency",
    "entry": "registers_entry",
}
"""What has a time of its own, and the table it stands in. What hangs on it by foreign keys goes with it."""


class NotDecidable(Refused):
    """A decision about records that says nothing, or about nothing."""


@dataclass(frozen=True, slots=True)
class Due:
    """One record past its time. `held`: it stays all the same, for a reason somebody entered."""

    category: str
    kind: str
    id: UUID
    ends_on: date
    held: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """A category of the schedule and what of it is past its time today."""

    key: str
    name: str
    basis: str
    due: int
    held: int
    oldest: date | None
    approved: int
    """Of those due, how many somebody has already decided to erase."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was erased: how many rows of which table, on whose decision. Names nobody; `digests` are of identifiers."""

    number: int
    category: str
    decided_by: str
    carried_out_at: datetime
    rows: Mapping[str, int]
    digests: tuple[str, ...]
    previous: str
    sha256: str


@dataclass(frozen=True, slots=True)
class HoldLine:
    hold_id: UUID
    kind: str
    subject_id: UUID
    reason: str
    by: str
    at: datetime


def digest_of(record_id: UUID) -> str:
    """The digest by which a certificate names a record that is gone: it proves an identifier, and gives none."""
    return hashlib.sha256(str(record_id).encode()).hexdigest()


def instant(at: datetime) -> str:
    """An instant as a certificate says it, whatever time zone it is read in."""
    return at.astimezone(UTC).isoformat()


def seal(body: Mapping[str, Any], previous: str) -> str:
    """The hash of a certificate: of the one before and of every field, so that none can be altered or left out."""
    return hashlib.sha256((previous + json.dumps(body, sort_keys=True, default=str)).encode()).hexdigest()


def broken(certificates: Iterable[Certificate]) -> int | None:
    """The number of the first certificate that does not recompute or does not follow; None where all hold."""
    previous = ""
    for number, each in enumerate(certificates, start=1):
        body = {key: value for key, value in asdict(each).items() if key not in ("previous", "sha256")}
        body["rows"], body["digests"] = dict(each.rows), list(each.digests)
        body["carried_out_at"] = instant(each.carried_out_at)
        if each.number != number or each.previous != previous or seal(body, previous) != each.sha256:
            return number
        previous = each.sha256
    return None


def months_after(day: date, months: int) -> date:
    """The same day so many calendar months on, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("unreachable: every month has 28 days")
