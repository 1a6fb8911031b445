"""Files that somebody sent through a screen, on their way to being received.

An upload is a private folder in the home: what was sent, `upload.json` that says how far it is, and a lock that its
one worker holds. The system drops the lock when the worker dies, so that an upload nobody works on any more is seen
as such and its files are removed. What was sent is removed in every case once it was received or refused: what may be
kept is by then where `load` keeps it.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from concord.evidence.extracts.batch import LoadResult
from concord.evidence.extracts.files import explaining_disk, make_folder, to_json, write_bytes
from concord.kernel.errors import ConcordError

WAITING, WORKING, DONE, STOPPED = "waiting", "working", "done", "stopped"
GRACE = timedelta(seconds=60)
"""How long a worker may take to begin before an upload counts as stopped."""
ABANDONED = 3600
"""Seconds after which files that never finished arriving are removed."""
KEPT = 90 * 24 * 3600
"""Seconds for which an upload that has ended is told of; its receipts stay."""
LONGEST_NAME = 120

_ARRIVING = ".arriving-"
_REFUSED = re.compile(r"^refused-(.+)-[0-9T]+$")
"""How a refusal's receipt is named after its id."""
_ID = re.compile(r"^[0-9]{8}T[0-9]{6}-[0-9a-f]{16}$")


@dataclass(frozen=True, slots=True)
class Sent:
    """One file as it was sent. `name` is what the sender called it, made fit for a disk."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Became:
    """What became of one file. `receipt` is its receipt's id; `refused` holds what, why and next."""

    file: str
    feed: str
    status: str
    rows: int = 0
    accepted: int = 0
    quarantined: int = 0
    receipt: str = ""
    notes: tuple[str, ...] = ()
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Upload:
    """Files on their way. `feed` is empty where the files are to say which feed they are, among `feeds`.

    `said` is the last thing the worker said it was doing; `trouble` what, why and next where the work failed.
    `sent_at` is ISO 8601 with its offset.
    """

    id: str
    feed: str
    feeds: tuple[str, ...]
    sender: str
    sender_name: str
    agency: str
    sent_at: str
    files: tuple[Sent, ...]
    state: str = WAITING
    said: str = ""
    became: tuple[Became, ...] = ()
    trouble: dict[str, str] = field(default_factory=dict)

    @property
    def when(self) -> datetime:
        return datetime.fromisoformat(self.sent_at)

    @property
    def ended(self) -> bool:
        return self.state in (DONE, STOPPED)


def safe_name(name: str) -> str:
    """A sender's file name without folders, control signs or a leading dot."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c if c.isprintable() else "_" for c in last).strip().lstrip(".") or "unnamed"
    stem, dot, suffix = plain.rpartition(".")
    return plain if len(plain) <= LONGEST_NAME else f"{(stem or suffix)[: LONGEST_NAME - 12]}{dot}{suffix[:10]}"


def arriving(home: Path) -> Path:
    """A fresh private folder for files that are being sent. Removes what was never finished, and what is long past."""
    root = make_folder(home / "uploads", private=True)
    for left in root.iterdir():
        limit = ABANDONED if left.name.startswith(_ARRIVING) else KEPT
        if time.time() - left.stat().st_mtime > limit:
            shutil.rmtree(left, ignore_errors=True)
    return make_folder(root / f"{_ARRIVING}{secrets.token_hex(8)}", private=True)


def begin(
    home: Path,
    folder: Path,
    files: Sequence[Sent],
    *,
    feed: str,
    feeds: Sequence[str],
    sender: str,
    sender_name: str,
    agency: str,
    at: datetime,
) -> Upload:
    """Makes an upload of a folder that `arriving` gave and that now holds the files, each in a folder named by its
    position. Nothing works on it until `work` is called."""
    identity = f"{at:%Y%m%dT%H%M%S}-{secrets.token_hex(8)}"
    upload = Upload(identity, feed, tuple(feeds), sender, sender_name, agency, at.isoformat(), tuple(files))
    _write(folder, upload)
    with explaining_disk(folder):
        folder.rename(home / "uploads" / identity)
    return upload


def discard(folder: Path) -> None:
    """Removes files that are not to be received."""
    shutil.rmtree(folder, ignore_errors=True)


def find(home: Path, identity: str, *, now: datetime) -> Upload | None:
    """One upload as it stands, or None. An upload whose worker died is marked as stopped and its files removed."""
    folder = home / "uploads" / identity
    if not _ID.match(identity) or not folder.is_dir():
        return None
    upload = _read(folder)
    if upload.ended or (upload.state == WAITING and now - upload.when < GRACE):
        return upload
    with _held(folder) as ours:
        if not ours:
            return upload
        upload = _read(folder)
        if not upload.ended:
            upload = replace(upload, state=STOPPED, trouble=_INTERRUPTED)
            _write(folder, upload)
            shutil.rmtree(folder / "files", ignore_errors=True)
    return upload


def told_once(home: Path, identity: str) -> bool:
    """True for the first who asks after an upload has ended, whichever process they ask from."""
    try:
        os.close(os.open(home / "uploads" / identity / "told", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return False
    return True


def uploads(home: Path, *, now: datetime, last: int = 50) -> list[Upload]:
    """The newest uploads, newest first."""
    root = home / "uploads"
    names = sorted((f.name for f in root.iterdir() if _ID.match(f.name)), reverse=True) if root.is_dir() else []
    found = (find(home, name, now=now) for name in names[:last])
    return [upload for upload in found if upload is not None]


Say = Callable[[str], None]
Receive = Callable[[Upload, Sequence[Path], Say], Sequence[Became]]
"""Receives the files of an upload; told how to say what it is doing. Returns what became of each."""


def work(home: Path, identity: str, receive: Receive) -> Upload | None:
    """Does the work of one upload, once: None where it was done before or another worker is at it.

    A refusal is an outcome. Trouble that stops the whole work (ConcordError: a disk, an agreement) is written down in
    its own words; anything else is written down as a fault of ours, and raised.
    """
    folder = home / "uploads" / identity
    with _held(folder) as ours:
        upload = _read(folder)
        if not ours or upload.ended:
            return None
        paths = sorted((folder / "files").glob("*/*"), key=lambda path: int(path.parent.name))

        def say(said: str) -> None:
            nonlocal upload
            upload = replace(upload, state=WORKING, said=said)
            _write(folder, upload)

        try:
            say("Reading what was sent.")
            upload = replace(upload, became=tuple(receive(upload, paths, say)), state=DONE, said="")
        except ConcordError as error:
            upload = replace(upload, state=STOPPED, trouble=told(error), said="")
        except BaseException:
            upload = replace(upload, state=STOPPED, trouble=_OUR_FAULT, said="")
            raise
        finally:
            # The files go first: whoever reads that the work has ended may rely on it.
            shutil.rmtree(folder / "files", ignore_errors=True)
            _write(folder, upload)
    return upload


def told(error: ConcordError) -> dict[str, str]:
    """What, why and next of an error, as receipts keep them."""
    return {"what": error.what, "why": error.why or "", "next": error.next_step or "", "kind": type(error).__name__}


def became(result: LoadResult) -> Became:
    """What `load` says of one file, as an upload keeps it."""
    receipt = _REFUSED.sub(r"\1", result.receipt.stem) if result.receipt else ""
    return Became(
        file=result.file,
        feed=result.feed,
        status=result.status,
        rows=result.rows,
        accepted=result.accepted,
        quarantined=result.quarantined,
        receipt=receipt,
        notes=result.notes,
        refused=told(result.error) if result.error else {},
    )


_INTERRUPTED = {
    "what": "The work stopped before it was finished.",
    "why": "The program that did it was ended, perhaps because the server was restarted. "
    "Nothing is half loaded, and what was sent has been removed.",
    "next": "Send the files again. What had been received before is recognised and changes nothing.",
    "kind": "Environment",
}
_OUR_FAULT = {
    "what": "Something went wrong in Concord, not in your files.",
    "why": "The fault was written to the server's log. Nothing is half loaded, and what was sent has been removed.",
    "next": "Send the files again. If it happens again, tell your administrator the time.",
    "kind": "Environment",
}


@contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Whether this process now holds the upload; it is let go at the end, and by the system if the process dies."""
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def _write(folder: Path, upload: Upload) -> None:
    write_bytes(folder / "upload.json", to_json(asdict(upload)), private=True)


def _read(folder: Path) -> Upload:
    raw: dict[str, Any] = json.loads((folder / "upload.json").read_text(encoding="utf-8"))
    raw["feeds"] = tuple(raw["feeds"])
    raw["files"] = tuple(Sent(**each) for each in raw["files"])
    raw["became"] = tuple(Became(**{**each, "notes": tuple(each["notes"])}) for each in raw["became"])
    return Upload(**raw)
