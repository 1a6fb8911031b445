"""A file copied into the private work folder, each of its bytes looked at once."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import zipfile
import zlib
from dataclasses import dataclass, replace
from io import RawIOBase
from pathlib import Path

from concord.evidence.extracts.arrivals import BLANKS, Arrival
from concord.evidence.extracts.files import explaining_disk
from concord.kernel.errors import BadInput, Where

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Profile:
    """What one pass over the bytes shows. `lines` counts a last line without its line end too.

    `blanks` are the letters that could stand unseen around a value: the blank itself, and a tab and a no-break space
    where the file holds one.
    """

    size: int
    sha256: str
    lines: int
    bare_returns: bool
    nulls: bool
    utf8: bool
    ends_cleanly: bool
    head: bytes
    blanks: str = BLANKS


def stage(arrival: Arrival, target: Path) -> Profile:
    """Copies the file to `target`, looking at every byte once. Raises BadInput for a damaged archive member."""
    hasher, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    size = newlines = returns = pairs = 0
    nulls, utf8, carried, tail, head = False, True, b"", b"", b""
    tabs = narrow = False
    buffer = bytearray(_CHUNK)  # used again, rather than fetched from the system and given back for each read
    try:
        with arrival.open() as source, explaining_disk(target), target.open("wb", buffering=0) as sink:
            while count := source.readinto(buffer):
                chunk = buffer if count == _CHUNK else buffer[:count]
                size += len(chunk)
                if size > arrival.size and arrival.outer:
                    if arrival.outer.suffix == ".gz":
                        raise _too_long(arrival)
                    raise zipfile.BadZipFile("longer than the archive says")
                hasher.update(chunk)
                _write_whole(sink, chunk)
                head = head or bytes(chunk[:4096])
                newlines += chunk.count(b"\n")
                found = chunk.count(b"\r")
                if found:
                    returns += found
                    pairs += chunk.count(b"\r\n")
                if tail == b"\r" and chunk[:1] == b"\n":
                    pairs += 1
                tail = bytes(chunk[-1:])
                nulls = nulls or b"\0" in chunk
                tabs = tabs or b"\t" in chunk
                ascii_only = chunk.isascii()
                narrow = narrow or (not ascii_only and b"\xa0" in chunk)
                if utf8 and (carried or not ascii_only):
                    try:
                        decoder.decode(chunk)
                        carried = decoder.getstate()[0]
                    except UnicodeDecodeError:
                        utf8 = False
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise BadInput(
            f"{arrival.file_name} is damaged inside its archive.",
            where=Where(file=arrival.name),
            why=f"The archive's own check failed ({error}).",
            next_step="Fetch or export the archive again.",
        ) from error
    return Profile(
        size=size,
        sha256=hasher.hexdigest(),
        lines=newlines + (1 if size and tail != b"\n" else 0),
        bare_returns=returns != pairs,
        nulls=nulls,
        utf8=utf8 and not carried,
        ends_cleanly=tail == b"\n",
        head=head,
        blanks=" " + "\t" * tabs + "\u00a0" * narrow,
    )


def _write_whole(sink: RawIOBase, chunk: bytes | bytearray) -> None:
    """Writes all of it: a disk that is filling up takes a part without complaint, and fails at the next write."""
    rest = memoryview(chunk)
    while rest:
        rest = rest[sink.write(rest) :]


def _too_long(arrival: Arrival) -> BadInput:
    return BadInput(
        f"{arrival.file_name} unfolds to more than {arrival.size / 1e6:,.0f} MB.",
        where=Where(file=arrival.name),
        why="That is how an archive made to fill a disk looks.",
        next_step="If it is genuine, unpack it and load the file itself.",
    )


def stage_beside(arrival: Arrival, staged: Path, profile: Profile) -> Profile:
    """Copies the other files of a shapefile beside its .shp; the digest then covers them all."""
    if not arrival.beside:
        return profile
    whole, size = hashlib.sha256(profile.sha256.encode()), profile.size
    for end, opened in sorted(arrival.beside, key=lambda part: part[0]):
        part = stage(replace(arrival, open=opened, outer=None), staged.with_name(staged.stem + end))
        whole.update(f"{end}:{part.sha256}\n".encode())
        size += part.size
    return replace(profile, sha256=whole.hexdigest(), size=size)
