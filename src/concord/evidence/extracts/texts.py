"""Which text a file is: its encoding, its heading line, and whether DuckDB may read it as it stands."""

from __future__ import annotations

import codecs
from dataclasses import replace
from pathlib import Path

from concord.evidence.extracts.arrivals import Arrival, Profile, stage
from concord.evidence.extracts.engine import Text
from concord.kernel.errors import BadInput, Where

UNICODE = "utf-8-sig"
"""UTF-8, with or without the mark some office software puts first."""


LONGEST_HEADING = 1 << 18
"""Letters in a heading row; a file with a longer first line has no lines at all."""


def as_text(arrival: Arrival, profile: Profile, staged: Path, work: Path) -> tuple[Text, str, list[str]]:
    """The file as text DuckDB or the record splitter can read, its heading line, and notes on what had to be done.

    Raises BadInput where it is in no encoding Concord can tell.
    """
    notes: list[str] = []
    encoding, path = UNICODE, staged
    if profile.head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif not profile.utf8 and not _mostly_utf8(staged):
        encoding = _guess(arrival, staged)
    if encoding != UNICODE:
        path = work / "utf8.csv"
        try:
            with staged.open(encoding=encoding, newline="") as source, path.open("wb") as out:
                while chunk := source.read(1 << 20):
                    out.write(chunk.encode())
        except UnicodeError as error:
            raise _no_encoding(arrival) from error
        renewed = stage(Arrival(arrival.name, arrival.file_name, lambda: path.open("rb"), 0), work / "staged2.csv")
        (work / "staged2.csv").unlink()
        profile = replace(renewed, sha256=profile.sha256)
        called = {"utf-16": "UTF-16", "cp1252": "Windows-1252"}.get(encoding, encoding)
        notes.append(f"The file is in {called}, not UTF-8; it was read as such.")
    lines = 0
    header = ""
    with path.open(encoding=UNICODE, errors="replace", newline=None) as stream:
        while line := stream.readline(LONGEST_HEADING):
            lines += 1
            header = line.rstrip("\n")
            if header.strip() or lines > 20:
                break
    if len(header) >= LONGEST_HEADING - 1:
        raise BadInput(
            f"The first line of {arrival.file_name} is longer than any heading row.",
            where=Where(file=arrival.name, row=1),
            next_step="Export the data as CSV, one row a line.",
        )
    direct = profile.utf8 and not profile.nulls and not profile.bare_returns
    return Text(path, profile, UNICODE, lines, direct), header, notes


def _mostly_utf8(file: Path) -> bool:
    """Whether a file that is not UTF-8 throughout is UTF-8 with damage: it has sound letters beyond ASCII."""
    with file.open("rb") as stream:
        for line in stream:
            if not line.isascii():
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError:
                    continue
                return True
    return False


def _guess(arrival: Arrival, file: Path) -> str:
    """Windows-1252 is what British office software writes. Raises BadInput where the text cannot be that."""
    try:
        with file.open(encoding="cp1252", newline="") as stream:
            while chunk := stream.read(1 << 20):
                if any(ord(letter) < 32 and letter not in "\r\n\t" for letter in chunk):
                    raise _no_encoding(arrival)
    except UnicodeDecodeError as error:
        raise _no_encoding(arrival) from error
    return "cp1252"


def _no_encoding(arrival: Arrival) -> BadInput:
    return BadInput(
        f"{arrival.file_name} is not text in any encoding Concord can tell.",
        where=Where(file=arrival.name),
        next_step="Export it again as CSV in UTF-8.",
    )
