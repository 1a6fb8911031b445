"""What became of a file, what is on its way, and where it is worked on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from concord.evidence.extracts.engine import prepare
from concord.evidence.extracts.landing import Inside
from concord.evidence.extracts.opening import Opened
from concord.evidence.extracts.receipts import Receipt
from concord.evidence.extracts.staging import Profile
from concord.evidence.extracts.versions import Piece
from concord.kernel.errors import ConcordError


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What became of one file. `rows == accepted + quarantined`; `seconds` is the time this file took.

    `status` is `loaded`, `already received`, `refused` or `skipped`; `error` says why it was refused.
    """

    feed: str
    file: str
    rows: int
    accepted: int
    quarantined: int
    seconds: float
    receipt: Path | None
    error_report: Path | None
    status: str
    dataset: str | None = None
    version: int | None = None
    notes: tuple[str, ...] = ()
    error: ConcordError | None = None


@dataclass(slots=True)
class Received:
    """A file on its way: what its receipt will say, and the parts that wait to become visible."""

    receipt: Receipt
    pieces: dict[tuple[str, str], Piece] = field(default_factory=dict)
    error: ConcordError | None = None
    existing: Path | None = None
    twin: str | None = None
    """The name of a file of this run that has the same content, and speaks for this one."""
    inside: Inside | None = None
    """Where it came in an archive, which is kept when all of it has been looked at."""


@dataclass(slots=True)
class Desk:
    """Where one file at a time is worked on: a connection and a folder of its own."""

    con: duckdb.DuckDBPyConnection
    work: Path
    pseudonyms: bytes | None

    def __post_init__(self) -> None:
        prepare(self.con, self.pseudonyms)

    def tidy(self) -> None:
        for left in self.work.iterdir():
            left.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Ready:
    """A file that has been staged and opened already, in how many seconds; `barred` is why its feed may not come."""

    profile: Profile
    opened: Opened
    seconds: float
    barred: ConcordError | None = None
