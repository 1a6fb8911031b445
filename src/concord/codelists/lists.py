"""Packaged code lists, read once and checked when read."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from io import StringIO
from types import MappingProxyType

from concord.kernel.errors import BadInput, Usage, Where
from concord.kernel.names import did_you_mean

COLUMNS = ("code", "label", "valid_from", "valid_to", "source", "assumed")


@dataclass(frozen=True, slots=True)
class Entry:
    """One code. `valid_to` is the last day it held; None at either end means no limit is known.

    `assumed` marks a fact written from memory, to be confirmed against its source.
    """

    code: str
    label: str
    source: str
    valid_from: date | None = None
    valid_to: date | None = None
    assumed: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class CodeList:
    """The entries of one list, in its own order, keyed by code."""

    name: str
    entries: Mapping[str, Entry]

    def __contains__(self, code: object) -> bool:
        return code in self.entries

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self.entries)

    def entry(self, code: str) -> Entry:
        """The entry of a code. Raises BadInput naming the list and the nearest code."""
        try:
            return self.entries[code]
        except KeyError:
            raise BadInput(
                f"“{code}” is not a code of the list “{self.name}”.", why=did_you_mean(code, self.entries)
            ) from None

    def label(self, code: str) -> str:
        return self.entry(code).label


def _folder_names() -> tuple[str, ...]:
    folder = files("concord.codelists") / "lists"
    return tuple(sorted(each.name.removesuffix(".csv") for each in folder.iterdir() if each.name.endswith(".csv")))


def names() -> tuple[str, ...]:
    """The lists that exist."""
    return _folder_names()


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def _read(name: str) -> CodeList:
    if name not in names():
        raise Usage(f"There is no code list called “{name}”.", why=did_you_mean(name, names()))
    entries: dict[str, Entry] = {}
    resource = files("concord.codelists") / "lists" / f"{name}.csv"
    for line, row in enumerate(csv.DictReader(StringIO(resource.read_text(encoding="utf-8"), newline="")), start=2):
        code = row["code"]
        where = Where(file=f"{name}.csv", line=line, field="code")
        if not code or not row["label"] or not row["source"]:
            raise BadInput("A code needs a code, a label and a source.", where=where)
        if code in entries:
            raise BadInput(f"Code “{code}” stands twice in the list “{name}”.", where=where)
        entries[code] = Entry(
            code=code,
            label=row["label"],
            source=row["source"],
            valid_from=_day(row["valid_from"]),
            valid_to=_day(row["valid_to"]),
            assumed=row["assumed"] == "Y",
            extra=MappingProxyType({key: value for key, value in row.items() if key not in COLUMNS}),
        )
    return CodeList(name, MappingProxyType(entries))


def get(name: str, on: date | None = None) -> CodeList:
    """The list called `name`: the codes that held on a day, or every code where no day is given.

    Raises Usage naming the nearest list where there is none of that name.
    """
    whole = _read(name)
    if on is None:
        return whole
    return CodeList(name, MappingProxyType({e.code: e for e in whole if e.holds_on(on)}))


@cache
def crosswalk(source: str, target: str) -> Mapping[str, str]:
    """Codes of one ethnicity scheme as codes of a coarser one, for example 18 to 5 headings.

    `source` and `target` are list names (`ethnicity_18`, `ethnicity_16`, `ethnicity_5`, `ethnicity_observed`).
    Raises Usage where no such walk exists: a coarser code cannot be turned into a finer one.
    """
    column = f"code_{target.removeprefix('ethnicity_')}"
    entries = get(source)
    if target not in names() or any(column not in each.extra for each in entries):
        raise Usage(
            f"No crosswalk leads from “{source}” to “{target}”.",
            why="Ethnicity can be read in fewer groups than it was recorded in, never in more.",
        )
    return MappingProxyType({each.code: each.extra[column] for each in entries})
