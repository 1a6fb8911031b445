"""Reads a partnership folder and those it extends, file by file, and collects what is wrong on the way."""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from concord.kernel.names import did_you_mean
from concord.strategy import codelist_files, key_paths, shape_errors
from concord.strategy.problems import Problem
from concord.strategy.registry import CODELISTS, IGNORED, KINDS, PROSE, Kind, kind_of, places
from concord.strategy.toml_lines import Path as KeyPath
from concord.strategy.toml_lines import line_index, nearest_line

SHIPPED = Path(__file__).parents[3] / "partnerships"
"""Where the folders that come with the project live, for a partnership kept elsewhere that extends one of them."""

_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)")


@dataclass(frozen=True)
class Document:
    """One TOML file: its text, its data as written, and its value in the shape of its kind (None if refused)."""

    kind: Kind
    key: str
    file: Path
    text: str
    data: Mapping[str, Any]
    value: Any = None

    def line(self, path: KeyPath) -> int | None:
        return nearest_line(_lines(self.text), path)

    def problem(self, path: KeyPath, what: str, expected: str, hint: str | None = None) -> Problem:
        return Problem(str(self.file), what, expected, self.line(path), key_paths.written(path) or None, hint)


@dataclass(frozen=True)
class CodeList:
    """One CSV file: its columns and its rows."""

    file: Path
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Prose:
    """One Markdown file."""

    file: Path
    text: str


@dataclass
class Folder:
    """Everything in a folder after inheritance; nearest file wins. `chain` starts with the folder itself.

    `unread` are the files whose text could not be taken in, by kind: what they would have named is unknown, so
    nothing that refers to it is a mistake. `whole` is False where a folder of the chain is missing. `bases` are the
    folders of the chain that are extended and never run.
    """

    chain: tuple[Path, ...] = ()
    documents: dict[PurePosixPath, Document] = field(default_factory=dict)
    codelists: dict[str, CodeList] = field(default_factory=dict)
    prose: dict[str, Prose] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unread: dict[str, set[str]] = field(default_factory=dict)
    whole: bool = True
    bases: tuple[Path, ...] = ()

    def of_kind(self, name: str) -> list[Document]:
        return [document for document in self.documents.values() if document.kind.name == name]


def read_folder(folder: Path) -> Folder:
    """Reads `folder` and what it extends. Mistakes are collected in `problems`, never raised."""
    read = Folder()
    read.chain = _chain(folder, read.problems)
    read.whole = not read.problems
    for each in reversed(read.chain):
        for file in sorted(path for path in each.rglob("*") if not path.is_dir()):
            relative = PurePosixPath(file.relative_to(each).as_posix())
            if not any(part.startswith((".", "__")) for part in relative.parts) and str(relative) not in IGNORED:
                _read_file(file, relative, read)
    return read


def read_file(file: Path, kind: Kind) -> tuple[Any, list[Problem]]:
    """One TOML file read as a file of `kind`, wherever it stands: its value (None if refused) and its mistakes."""
    problems: list[Problem] = []
    text = _text(file, problems)
    document = None if text is None else _document(file, kind, text, None, problems)
    return (document.value if document else None), problems


def _chain(folder: Path, problems: list[Problem]) -> tuple[Path, ...]:
    chain: list[Path] = []
    here = folder
    while True:
        file = here / "partnership.toml"
        if not here.is_dir():
            what = "There is no such folder." if not here.exists() else "This is a file, not a folder."
            problems.append(Problem(str(here), what, "a partnership folder, with a partnership.toml in it"))
            return tuple(chain)
        if not file.exists():
            empty = not any(here.iterdir())
            what = (
                "The folder is empty." if empty else "The folder has no partnership.toml, so it is not a partnership."
            )
            problems.append(Problem(str(here), what, "a partnership.toml with at least: key, name"))
            return tuple(chain)
        chain.append(here)
        parent = _extends(file)
        if parent is None:
            return tuple(chain)
        found = _parent_folder(here, parent)
        if found is None:
            valid = sorted(
                {each.parent.name for root in (here.parent, SHIPPED) for each in root.glob("*/partnership.toml")}
            )
            problems.append(
                Problem(
                    str(file),
                    f"It extends “{parent}”, and there is no such partnership folder.",
                    f"the name of a folder beside this one ({here.parent}) or one that Concord ships",
                    nearest_line(_lines(file.read_text(encoding="utf-8")), ("extends",)),
                    "extends",
                    did_you_mean(parent, [name for name in valid if name != here.resolve().name]),
                )
            )
            return tuple(chain)
        if found.resolve() in [each.resolve() for each in chain]:
            circle = " extends ".join([*(each.name for each in chain), found.name])
            problems.append(
                Problem(
                    str(file),
                    f"The folders extend one another in a circle: {circle}.",
                    "a chain that ends in a folder without “extends”",
                    nearest_line(_lines(file.read_text(encoding="utf-8")), ("extends",)),
                    "extends",
                )
            )
            return tuple(chain)
        here = found


def _extends(file: Path) -> str | None:
    """What the file says it extends. A file that cannot be read is reported when its turn comes."""
    try:
        value = _parsed(file.read_text(encoding="utf-8-sig")).get("extends")
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, str) else None


def _parent_folder(folder: Path, name: str) -> Path | None:
    # beside the folder as the reader wrote it, so that messages show paths they know
    beside = folder.parent if folder.name not in ("", "..") else folder.resolve().parent
    for root in (beside, SHIPPED):
        if (root / name / "partnership.toml").is_file():
            return root / name
    return None


def _read_file(file: Path, relative: PurePosixPath, read: Folder) -> None:
    kind = kind_of(relative)
    is_list = str(relative.parent) == CODELISTS and relative.suffix == ".csv"
    is_prose = str(relative.parent) == PROSE and relative.suffix == ".md"
    if kind is None and not is_list and not is_prose:
        read.problems.append(_unknown(file, relative))
        return
    name = PROSE if is_prose else CODELISTS if kind is None else kind.name
    text = _text(file, read.problems)
    if text is None:
        read.unread.setdefault(name, set()).add(relative.stem)
        return
    if is_prose:
        read.prose[relative.stem] = Prose(file, text)
    elif is_list:
        columns, rows, problems = codelist_files.parse(file, text)
        replaced = read.codelists.get(relative.stem)
        if replaced is not None and columns:
            problems += codelist_files.against(file, columns, replaced.columns, f"as in {replaced.file}")
        read.problems += problems
        read.codelists[relative.stem] = CodeList(file, columns, rows)
    elif kind is not None:
        document = _document(file, kind, text, read.documents.get(relative), read.problems, kind.key_of(relative))
        if document is None:
            read.unread.setdefault(name, set()).add(kind.key_of(relative))
        else:
            read.documents[relative] = document
            if kind.name == "partnership" and document.data.get("base") is True:
                read.bases = (*read.bases, file.parent)


def _unknown(file: Path, relative: PurePosixPath) -> Problem:
    top = relative.parts[0]
    folders = [each.path for each in KINDS if not each.single] + [CODELISTS, PROSE]
    if top in folders and len(relative.parts) == 2:
        wanted = {CODELISTS: ".csv", PROSE: ".md"}.get(top, ".toml")
        return Problem(
            str(file),
            f"A {relative.suffix or 'nameless'} file does not belong in {top}/.",
            f"files that end in {wanted}",
        )
    if top in folders:
        return Problem(str(file), "No file is read from a folder this deep.", f"the file directly in {top}/")
    what = f"Nothing in a partnership folder is called “{top}”."
    return Problem(str(file), what, f"one of {', '.join(places())}", hint=did_you_mean(top, places()))


def _text(file: Path, problems: list[Problem]) -> str | None:
    try:
        raw = file.read_bytes()
    except OSError as error:
        what = f"The file cannot be read: {error.strerror or error}."
        problems.append(Problem(str(file), what, "a file that this account may read"))
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = f"The file is not UTF-8 text: byte 0x{raw[error.start]:02x} cannot be read."
        problems.append(Problem(str(file), what, "text saved with the encoding UTF-8", line))
        return None


def _document(
    file: Path, kind: Kind, text: str, inherited: Document | None, problems: list[Problem], key: str = ""
) -> Document | None:
    try:
        data = dict(_parsed(text))
    except RecursionError:
        problems.append(Problem(str(file), "Its lists or tables are nested too deeply to read.", "a flatter file"))
        return None
    except ValueError as error:  # a number of thousands of digits is not a TOMLDecodeError
        problems.append(_not_toml(file, text, str(error)))
        return None
    key, own_name = key or file.stem, kind.own_name(file.stem)
    document = Document(kind, key, file, text, data)
    if kind.merges and inherited is not None and isinstance(data.get(kind.merges), dict):
        data[kind.merges] = {**inherited.data.get(kind.merges, {}), **data[kind.merges]}
    if not kind.landed:
        return document
    shape = kind.shape()
    try:
        data = kind.prepared(data)
    except ValueError as error:
        problems.append(document.problem(("tables",), str(error), "the name of another table of this file"))
        return document
    named = not kind.single and "key" in shape_errors.keys_at(shape, ())
    if named and data.setdefault("key", own_name) != own_name:
        what = f"The file calls itself “{data['key']}”, and other files know it by its name, “{own_name}”."
        problems.append(document.problem(("key",), what, f'key = "{own_name}", or no key at all'))
    try:
        value = _adapter(kind).validate_json(json.dumps(data, default=_plain), strict=True)
    except ValidationError as error:
        for found in shape_errors.findings(error.errors(include_url=False), shape, data):
            problems.append(document.problem(found.path, found.what, found.expected, found.hint))
        return document
    return Document(kind, key, file, text, data, value)


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Mapping[str, Any]:
    """Parsing is most of the time a folder takes, and partnerships share the folders they extend."""
    return tomllib.loads(text)


def _not_toml(file: Path, text: str, said: str) -> Problem:
    at = _AT_LINE.search(said)
    lines = text.count("\n") + 1
    line = int(at.group(1)) if at else lines
    words = _AT_LINE.sub("", said).replace(" (at end of document)", " at the end of the file")
    if "overwrite" in words or "twice" in words or "Duplicate" in words:
        written = text.splitlines()[min(line, lines) - 1].strip()
        key = re.split(r"\s*=", written)[0].strip("[] ")
        return Problem(str(file), f"“{key}” is written twice in this file.", "every key and table once", line, key)
    expected = "a date that exists, written 2024-08-01" if "date" in words else "key = value lines and [tables]"
    return Problem(str(file), f"The file is not TOML: {words}.", expected, line)


def _plain(value: Any) -> str:
    if isinstance(value, dt.date | dt.time):  # a datetime is a date
        return value.isoformat()
    raise TypeError(f"TOML has no value of type {type(value).__name__}")


@cache
def _adapter(kind: Kind) -> TypeAdapter[Any]:
    return TypeAdapter(kind.shape())


@cache
def _lines(text: str) -> dict[KeyPath, int]:
    try:
        return line_index(text)
    except IndexError:
        # only reached for text that is not TOML, whose own message already gives the line
        return {}
