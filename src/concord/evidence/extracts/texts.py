"""Which text a file is: its encoding, its heading line, and whether DuckDB may read it as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import duckdb

from concord.evidence.extracts.arrivals import Arrival
from concord.evidence.extracts.engine import Text
from concord.evidence.extracts.files import explaining_disk
from concord.evidence.extracts.formats import utf_16
from concord.evidence.extracts.frames import Row
from concord.evidence.extracts.headings import Layout, split_line
from concord.evidence.extracts.staging import Profile, stage
from concord.kernel.errors import BadInput, Where

UNICODE = "utf-8-sig"
"""UTF-8, with or without the mark some office software puts first."""


LONGEST_HEADING = 1 << 18
"""Letters in a heading row; a file with a longer first line has no lines at all."""


TOP = 40
"""Lines at the top of a file in which the headings are looked for."""

_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


@dataclass
class TextFrame:
    """A CSV file as a frame: its lines, and how they may be split."""

    arrival: Arrival
    text: Text
    name: str | None = None
    hidden: bool = False
    made: bool = False

    @cached_property
    def _lines(self) -> list[tuple[int, str]]:
        """The first lines that are not blank, with their numbers. Raises BadInput for a first line without end."""
        found: list[tuple[int, str]] = []
        with self.text.path.open(encoding=UNICODE, errors="replace", newline=None) as stream:
            for number in range(1, 5 * TOP):
                line = stream.readline(LONGEST_HEADING)
                if not line or len(found) == TOP:
                    break
                if not found and len(line) >= LONGEST_HEADING - 1:
                    raise BadInput(
                        f"The first line of {self.arrival.file_name} is longer than any heading row.",
                        where=Where(file=self.arrival.name, row=1),
                        next_step="Export the data as CSV, one row a line.",
                    )
                if line.strip():
                    found.append((number, line.rstrip("\n")))
        return found

    @property
    def separators(self) -> tuple[str, ...]:
        first = self._lines[0][1] if self._lines else ""
        return (",", *(separator for separator in _OTHER_SEPARATORS if separator in first))

    def top(self, separator: str) -> Iterator[Row]:
        for number, line in self._lines:
            yield number, tuple(split_line(line, separator))

    def content(self, con: duckdb.DuckDBPyConnection, layout: Layout, work: Path) -> tuple[Text, list[str]]:
        notes = []
        if layout.separator != ",":
            called = _OTHER_SEPARATORS[layout.separator]
            notes.append(f"The file separates its fields by {called}, not commas; it was read as such.")
        text = replace(self.text, heading_lines=layout.heading_row, separator=layout.separator)
        if layout.table.ends_at:
            text, ended = self._without_footnotes(text, layout, work)
            notes += ended
        return text, notes

    def _without_footnotes(self, text: Text, layout: Layout, work: Path) -> tuple[Text, list[str]]:
        """The lines before the first that the contract calls a footnote."""
        ends, target, whole = re.compile(layout.table.ends_at or ""), work / "cut.csv", True
        with (
            text.path.open(encoding=UNICODE, errors="surrogateescape", newline="") as source,
            explaining_disk(work),
            target.open("w", encoding="utf-8", errors="surrogateescape", newline="") as out,
        ):
            for number, line in enumerate(source, start=1):
                first = next((c for c in split_line(line.strip(), layout.separator) if c), "")
                if number > layout.heading_row and ends.search(first):
                    whole = False
                    break
                out.write(line)
        if whole:
            return text, []
        profile = stage(replace(self.arrival, open=lambda: target.open("rb"), size=0, outer=None), work / "cut2.csv")
        (work / "cut2.csv").unlink()
        note = f"Row {number:,} (“{first[:40]}”) and what follows it are footnotes by the contract."
        return replace(text, path=target, profile=replace(profile, sha256=text.profile.sha256)), [note]


def as_text(arrival: Arrival, profile: Profile, staged: Path, work: Path) -> tuple[TextFrame, list[str]]:
    """The file as text DuckDB or the record splitter can read, and notes on what had to be done.

    Raises BadInput where it is in no encoding Concord can tell.
    """
    notes: list[str] = []
    encoding, path = utf_16(profile.head) or UNICODE, staged
    if encoding == UNICODE and not profile.utf8 and not _mostly_utf8(staged):
        encoding = _guess(arrival, staged)
    if encoding != UNICODE:
        path = work / "utf8.csv"
        try:
            with staged.open(encoding=encoding, newline="") as source, explaining_disk(work), path.open("wb") as out:
                while chunk := source.read(1 << 20):
                    out.write(chunk.encode())
        except UnicodeError as error:
            raise _no_encoding(arrival) from error
        renewed = stage(replace(arrival, open=lambda: path.open("rb"), size=0, outer=None), work / "staged2.csv")
        (work / "staged2.csv").unlink()
        profile = replace(renewed, sha256=profile.sha256)
        called = "Windows-1252" if encoding == "cp1252" else "UTF-16"
        notes.append(f"The file is in {called}, not UTF-8; it was read as such.")
    direct = profile.utf8 and not profile.nulls and not profile.bare_returns
    return TextFrame(arrival, Text(path, profile, UNICODE, 0, direct)), notes


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
