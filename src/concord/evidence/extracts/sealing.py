"""Keys, pseudonyms and encryption at rest.

A pseudonym is HMAC-SHA-256 (RFC 2104) of the supplier's identifier under a key that belongs to one purpose, so that
pseudonyms made for two purposes cannot be joined. Files are sealed with AES-256-GCM in numbered frames (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizár 2015), so that a changed, reordered or shortened file is refused.
Keys live in `secrets/`, readable by their owner alone.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import duckdb
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from concord.evidence.extracts.files import make_folder, write_bytes
from concord.kernel.errors import BadInput, Environment, Refused, Where

PURPOSE = "evidence"
PSEUDONYM_BYTES = 16
"""Length of a pseudonym: 128 bits, so that two people share one by chance less than once in 10^19."""
_MAGIC = b"CONCORD-SEALED-1"
_FRAME = 1 << 20
_TAG = 16


def key(home: Path, name: str) -> bytes:
    """The 32-byte key of that name, made on first use. Raises Environment where others could read it."""
    folder = make_folder(home / "secrets", private=True)
    file = folder / f"{name}.key"
    if not file.exists():
        with suppress(FileExistsError):  # another process may make it first
            write_bytes(file, os.urandom(32), only_new=True, private=True)
    if file.stat().st_mode & 0o077:
        raise Environment(
            "A key file can be read by others on this machine.",
            where=Where(file=file),
            next_step=f"Run: chmod 600 {file} — and consider whether the key must be replaced.",
        )
    return file.read_bytes()


def purpose_key(home: Path, purpose: str) -> bytes:
    """The key by which pseudonyms of a purpose are made now: the newest of its editions, made on first use."""
    return key(home, _edition(purpose, max(editions(home, purpose), default=1)))


def editions(home: Path, purpose: str) -> tuple[int, ...]:
    """The editions of a purpose's key that this home holds, oldest first."""
    first = (home / "secrets" / f"{_edition(purpose, 1)}.key").is_file()
    later = [
        int(file.stem.rpartition("@")[2])
        for file in (home / "secrets").glob(f"{_edition(purpose, 1)}@*.key")
        if file.stem.rpartition("@")[2].isdigit()
    ]
    return tuple(sorted([*([1] if first else []), *later]))


def rotate(home: Path, purpose: str) -> int:
    """Begin a new edition of a purpose's key; returns its number. What was made before cannot be joined to what is
    made from now on. The old key stays, for whoever must still read the old, until its file is destroyed.

    Raises Refused for the purpose of evidence: its pseudonyms are made as files are received, so datasets, links and
    decisions hang together by them.
    """
    if purpose == PURPOSE:
        raise Refused(
            "The key of the evidence is not changed in place.",
            why="Datasets, links and reviewers' decisions are joined by its pseudonyms.",
            next_step="Start a new home, and load the landed files there: it makes a key of its own.",
        )
    purpose_key(home, purpose)
    number = max(editions(home, purpose)) + 1
    key(home, _edition(purpose, number))
    return number


def _edition(purpose: str, number: int) -> str:
    return f"pseudonym-{purpose}" if number == 1 else f"pseudonym-{purpose}@{number}"


def hmac_pads(secret: bytes) -> tuple[bytes, bytes]:
    """Inner and outer pads of HMAC-SHA-256, so that DuckDB computes the whole column itself."""
    block = secret.ljust(64, b"\0")
    return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)


@dataclass(frozen=True, slots=True)
class Pads:
    """A purpose's key, ready for DuckDB: `pseudonym_sql` computes whole columns with it."""

    inner: bytes
    outer: bytes

    @classmethod
    def of(cls, secret: bytes) -> Pads:
        return cls(*hmac_pads(secret))

    def tell(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make `pseudonym_sql` on this connection mean this key, until another is told."""
        connection.execute("SET VARIABLE pseudonym_inner = $1", [self.inner]).fetchall()
        connection.execute("SET VARIABLE pseudonym_outer = $1", [self.outer]).fetchall()


def pseudonym_sql(raw: str, scheme: str) -> str:
    """SQL for the pseudonym of expression `raw`; NULL stays NULL. `scheme` keeps suppliers' numbers apart.

    The connection must hold the pads as variables `pseudonym_inner` and `pseudonym_outer`.
    """
    message = f"encode('{scheme}' || chr(31) || {raw})"
    inner = f"unhex(sha256(getvariable('pseudonym_inner') || {message}))"
    return f"left(sha256(getvariable('pseudonym_outer') || {inner}), {2 * PSEUDONYM_BYTES})"


def seal(source: BinaryIO, target: BinaryIO, secret: bytes) -> None:
    """Encrypts everything left in `source` into `target`."""
    prefix = os.urandom(7)
    target.write(_MAGIC + prefix)
    cipher = AESGCM(secret)
    frame, number = source.read(_FRAME), 0
    while True:
        following = source.read(_FRAME)
        last = not following
        target.write(cipher.encrypt(_nonce(prefix, number, last), frame, _MAGIC))
        if last:
            return
        frame, number = following, number + 1


def unseal(source: BinaryIO, secret: bytes, where: Path | str) -> Iterator[bytes]:
    """The plain content, frame by frame. Raises BadInput where it was changed, cut short or sealed otherwise."""
    if source.read(len(_MAGIC)) != _MAGIC:
        raise BadInput("This is not a file that Concord sealed.", where=Where(file=where))
    prefix, cipher = source.read(7), AESGCM(secret)
    frame, number = source.read(_FRAME + _TAG), 0
    while True:
        following = source.read(_FRAME + _TAG)
        try:
            yield cipher.decrypt(_nonce(prefix, number, not following), frame, _MAGIC)
        except InvalidTag:
            raise BadInput(
                "A sealed file cannot be opened: it was changed, cut short, or sealed with another key.",
                where=Where(file=where),
                next_step="Restore the file and its key from the same backup.",
            ) from None
        if not following:
            return
        frame, number = following, number + 1


def read_sealed(file: Path, secret: bytes) -> bytes:
    """The whole plain content of a sealed file, in memory. Raises BadInput."""
    with file.open("rb") as stream:
        return b"".join(unseal(stream, secret, file))


def sealed_bytes(content: bytes, secret: bytes) -> bytes:
    target = io.BytesIO()
    seal(io.BytesIO(content), target, secret)
    return target.getvalue()


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + (b"\1" if last else b"\0")
