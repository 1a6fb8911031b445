"""Which line of a TOML file each key path stands on.

The standard library's parser gives values without positions, and a message without a line sends a reader searching.
This walks text that `tomllib` has already accepted, so it needs to know where values end, not whether they are valid.
A path is a tuple of keys and list positions, as in `("actions", 3, "owner")`.
"""

from __future__ import annotations

import re
import tomllib

Path = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SCALAR = re.compile(r"[^\s,\]}#]+(?: [0-9][^\s,\]}#]*)?")


def line_index(text: str) -> dict[Path, int]:
    """Every key path of a valid TOML document with the line, counted from 1, where it is first written."""
    return _Walk(text).document()


def nearest_line(index: dict[Path, int], path: Path) -> int | None:
    """The line of `path`, or of the closest table above it; None where nothing above it is written."""
    for length in range(len(path), 0, -1):
        if path[:length] in index:
            return index[path[:length]]
    return None


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.lists: dict[Path, int] = {}
        self._counted_to = 0
        self._line = 1

    def document(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip(_BLANK) < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self.lines

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
        return self.at

    def _note(self, path: Path) -> None:
        self._line += self.text.count("\n", self._counted_to, self.at)
        self._counted_to = self.at
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], self._line)

    def _resolve(self, path: Path) -> Path:
        """Through an array of tables a key means the array's last table."""
        resolved: Path = ()
        for part in path:
            resolved = (*resolved, part)
            if resolved in self.lists:
                resolved = (*resolved, self.lists[resolved])
        return resolved

    def _header(self) -> Path:
        start, double = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if double else 1
        keys = self._keys()
        self._skip(_SPACE)
        end = self.at + (2 if double else 1)
        self.at = start
        if double:
            place = (*self._resolve(keys[:-1]), keys[-1])
            self.lists[place] = self.lists.get(place, -1) + 1
            path: Path = (*place, self.lists[place])
        else:
            path = self._resolve(keys)
        self._note(path)
        self.at = end
        return path

    def _keys(self) -> tuple[str, ...]:
        keys = []
        while True:
            self._skip(_SPACE)
            if self.text[self.at] in "\"'":
                start = self.at
                self._string()
                keys.append(str(tomllib.loads(f"v = {self.text[start : self.at]}")["v"]))
            else:
                start = self.at
                self._skip(_BARE)
                keys.append(self.text[start : self.at])
            self._skip(_SPACE)
            if self.text[self.at] != ".":
                return tuple(keys)
            self.at += 1

    def _pair(self, table: Path) -> None:
        start = self.at
        keys = self._keys()
        after, self.at = self.at, start
        path = (*table, *keys)
        self._note(path)
        self.at = after + 1
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: Path) -> None:
        opening = self.text[self.at]
        if opening in "\"'":
            self._string()
        elif opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            self._skip(_SCALAR)

    def _array(self, path: Path) -> None:
        self.at += 1
        position = 0
        while self.text[self._skip(_BLANK)] != "]":
            if self.text[self.at] == ",":
                self.at += 1
                continue
            self._note((*path, position))
            self._value((*path, position))
            position += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while self.text[self._skip(_BLANK)] != "}":
            if self.text[self.at] == ",":
                self.at += 1
            else:
                self._pair(path)
        self.at += 1

    def _string(self) -> None:
        quote = self.text[self.at]
        triple = quote * 3
        if self.text.startswith(triple, self.at):
            self._string_to(triple, escapes=quote == '"', start=3)
            # up to two more quotation marks may belong to the string itself
            while self.text.startswith(quote, self.at):
                self.at += 1
        else:
            self._string_to(quote, escapes=quote == '"', start=1)

    def _string_to(self, closing: str, *, escapes: bool, start: int) -> None:
        self.at += start
        while not self.text.startswith(closing, self.at):
            self.at += 2 if escapes and self.text[self.at] == "\\" else 1
        self.at += len(closing)
