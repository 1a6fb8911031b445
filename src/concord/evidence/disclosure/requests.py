"""What a request to release holds, and how it stands: its file as it was made, its state as the ledger has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from concord.evidence.disclosure import files
from concord.evidence.disclosure.ledger import Entry, Ledger
from concord.evidence.disclosure.model import Cost, Release
from concord.kernel.errors import BadInput, Refused, Where
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.disclosure import Rule

State = Literal["pending", "approved", "refused", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Touch:
    """An earlier release that counts the same things for the same readers.

    `apart`: its numbers contradict these (the source was revised), so it was attacked by itself.
    """

    release: str
    finding: str
    period: str
    audience: str
    released_at: datetime
    apart: bool


@dataclass(frozen=True, slots=True)
class Request:
    """One release asked for. `release` is what would leave; its `audit` is what the attacker found.

    `line` is the ledger's length when it was prepared; `already`: the same release is out, so nothing new would leave.
    Requests of one publication share `bundle`. `decided_by`, `decided_at` and `decision` (the reason) are empty while
    the request is pending.
    """

    id: str
    bundle: str
    reason: str
    requested_by: str
    requested_at: datetime
    release: Release
    rule: Rule
    cost: Cost
    touches: tuple[Touch, ...]
    line: int
    already: bool = False
    state: State = "pending"
    decided_by: str = ""
    decided_at: datetime | None = None
    decision: str = ""


@cache
def request_shape() -> TypeAdapter[Request]:
    return TypeAdapter(Request)


def touches_of(out: Iterable[Release], apart: tuple[str, ...], identifier: str) -> tuple[Touch, ...]:
    return tuple(
        Touch(
            release=one.id,
            finding=one.finding,
            period=one.period.label,
            audience=one.audience,
            released_at=one.released_at,
            apart=one.id in apart,
        )
        for one in out
        if one.id != identifier
    )


def pending(home: Path) -> tuple[Request, ...]:
    """Requests that wait for a decision, oldest first."""
    return tuple(one for one in requests(home) if one.state == "pending")


def requests(home: Path) -> tuple[Request, ...]:
    """Every request ever made with how it stands, oldest first."""
    return tuple(every_request(Ledger(home), home))


def in_bundle(home: Path, start: str) -> tuple[Request, ...]:
    """The requests whose bundle's name begins so, oldest first: without opening any other."""
    entries = Ledger(home).entries()
    last = {entry.request: entry for entry in entries if entry.request}
    return tuple(
        _as_it_stands(home, entry, last[entry.request])
        for entry in entries
        if entry.event == "requested" and entry.bundle.startswith(start)
    )


def get(home: Path, identifier: str) -> Request:
    """The request of that name as it stands. Raises BadInput with the nearest name, Refused where it was changed."""
    return find_request(Ledger(home), home, identifier)


def request_path(home: Path, identifier: str) -> Path:
    return home / "releases" / "requests" / f"{identifier}.json"


@lru_cache(maxsize=512)
def _read(content: bytes) -> Request:
    return request_shape().validate_json(content)


def every_request(ledger: Ledger, home: Path) -> list[Request]:
    entries = ledger.entries()
    last = {entry.request: entry for entry in entries if entry.request}
    return [_as_it_stands(home, entry, last[entry.request]) for entry in entries if entry.event == "requested"]


def find_request(ledger: Ledger, home: Path, identifier: str) -> Request:
    entries = [entry for entry in ledger.entries() if entry.request]
    mine = [entry for entry in entries if entry.request == identifier]
    if not mine:
        raise BadInput(
            f"There is no request “{identifier}”",
            where=Where(file=home / "releases" / "requests"),
            next_step=did_you_mean(identifier, {entry.request for entry in entries}),
        )
    return _as_it_stands(home, mine[0], mine[-1])


def _as_it_stands(home: Path, asked: Entry, last: Entry) -> Request:
    path = request_path(home, asked.request)
    content = path.read_bytes() if path.exists() else b""
    if files.sha256(content) != asked.digest:
        raise Refused(
            f"Request “{asked.request}” is not as it was made",
            where=Where(file=path),
            why="its file is gone or does not match the ledger",
            next_step="restore releases/ from a backup; requests are never edited",
        )
    request = _read(content)
    if last.event == "requested":
        return request
    state: State = last.event  # type: ignore[assignment]
    return replace(
        request,
        state=state,
        decided_by=last.approved_by,
        decided_at=datetime.fromisoformat(last.at),
        decision=last.detail,
    )
