"""How well each field of a dataset is filled in, part by part.

Three measures, which the contract decides: every field is filled in, blank, or says by one of its values for it
that nothing is known; a `timestamp` lies on the exact hour, or not. By chance one time in sixty lies on the hour;
more is a sign of times that were typed in by default.

A part of a dataset never changes, so it is counted once. The counts are kept beside the dataset.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from concord.evidence.datasets.store import DatasetVersion
from concord.evidence.extracts.checks import named, quoted
from concord.evidence.extracts.files import make_folder, scanned, to_json, write_bytes
from concord.evidence.extracts.versions import Part, folder_of
from concord.strategy.shapes.feed import Table

BY_CHANCE = 1 / 60
"""The share of times that lie on the exact hour where every minute is recorded."""

_KEPT_AS = {"person_id": "person_ref", "born_on": "birth_year"}
"""What stays in the dataset of a field that identifies; of the others, nothing does."""

_PERIOD = re.compile(r"(?:^|/)(?:month|quarter|year|period)=([^/]+)")


@dataclass(frozen=True, slots=True)
class Measured:
    """A field that is measured: its column, the values that mean "not known", and whether it tells a time."""

    field: str
    column: str
    unknown: tuple[str, ...]
    timed: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of one field: all, blank, saying that nothing is known, and (of a time) on the exact hour."""

    rows: int
    blank: int
    unknown: int
    on_the_hour: int

    @property
    def filled(self) -> int:
        return self.rows - self.blank - self.unknown

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.rows + other.rows,
            self.blank + other.blank,
            self.unknown + other.unknown,
            self.on_the_hour + other.on_the_hour,
        )


NOTHING = Counts(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class PartQuality:
    """The counts of each field in one part, or in all parts of one period (then `partition` is the period)."""

    partition: str
    rows: int
    fields: dict[str, Counts]


def measured_fields(table: Table) -> tuple[Measured, ...]:
    """The fields of a contract's table that leave a column in the dataset, and how each is measured."""
    found = []
    for field, contract in table.fields.items():
        column = field if contract.identifies is None else _KEPT_AS.get(contract.identifies)
        if column is not None:
            timed = contract.type == "timestamp" and contract.identifies is None
            found.append(Measured(field, column, contract.quality.unknown, timed))
    return tuple(found)


def measure(version: DatasetVersion, table: Table) -> tuple[PartQuality, ...]:
    """The quality of each part of a version, in the order of its manifest.

    Parts not counted before are counted now, all in one scan. Raises Environment where the counts cannot be kept.
    """
    held = version.columns
    fields = tuple(each for each in measured_fields(table) if each.column in held)
    file = _kept_in(version.home, version.dataset, fields)
    known = _read(file)
    missing = [part for part in version.manifest.parts if part.sha256 not in known]
    if missing:
        known |= _count(version.home, version.dataset, missing, fields)
        make_folder(file.parent)
        write_bytes(file, to_json(known))
    return tuple(_quality(part, fields, known[part.sha256]) for part in version.manifest.parts)


def period_of(partition: str) -> str | None:
    """The month, quarter or year that a partition names ("2026-10", "2026-Q3"), or None."""
    found = _PERIOD.search(partition)
    return found[1] if found else None


def by_period(parts: Iterable[PartQuality]) -> tuple[PartQuality, ...]:
    """Parts of one month, quarter or year together, oldest first. Empty where the partitions name no period."""
    found: dict[str, PartQuality] = {}
    for part in parts:
        period = period_of(part.partition)
        if period is None:
            return ()
        before = found.get(period)
        found[period] = PartQuality(period, part.rows, part.fields) if before is None else _both(period, before, part)
    return tuple(found[period] for period in sorted(found))


def together(name: str, parts: Sequence[PartQuality]) -> PartQuality:
    """All parts as one, called `name`."""
    whole = PartQuality(name, 0, {})
    for part in parts:
        whole = _both(name, whole, part)
    return whole


def _both(name: str, one: PartQuality, other: PartQuality) -> PartQuality:
    fields = {f: one.fields.get(f, NOTHING) + other.fields.get(f, NOTHING) for f in {**one.fields, **other.fields}}
    return PartQuality(name, one.rows + other.rows, fields)


def _quality(part: Part, fields: Sequence[Measured], counted: list[list[int]]) -> PartQuality:
    return PartQuality(
        part.partition,
        part.rows,
        {each.field: Counts(part.rows, *numbers) for each, numbers in zip(fields, counted, strict=True)},
    )


def _kept_in(home: Path, dataset: str, fields: Sequence[Measured]) -> Path:
    """Named after what is measured: a contract that measures otherwise is counted afresh."""
    asked = hashlib.sha256(to_json([asdict(each) for each in fields])).hexdigest()[:16]
    return folder_of(home, dataset) / "quality" / f"{asked}.json"


def _read(file: Path) -> dict[str, list[list[int]]]:
    try:
        found: dict[str, list[list[int]]] = json.loads(file.read_bytes())
    except (FileNotFoundError, ValueError):
        # Counts that cannot be read are counted again: they hold nothing of their own.
        return {}
    return found


def _count(home: Path, dataset: str, parts: Sequence[Part], fields: Sequence[Measured]) -> dict[str, Any]:
    folder = folder_of(home, dataset) / "parts"
    counted = []
    for each in fields:
        column = named(each.column)
        listed = ", ".join(quoted(value) for value in each.unknown)
        counted.append(f"count(*) FILTER ({column} IS NULL)")
        counted.append(f"count(*) FILTER ({column}::VARCHAR IN ({listed}))" if each.unknown else "0")
        on_hour = f"count(*) FILTER (minute({column}) = 0 AND second({column}) = 0)"
        counted.append(on_hour if each.timed else "0")
    files = ", ".join(scanned(folder / part.file) for part in parts)
    mixed = len({part.columns for part in parts}) > 1
    # A column that none of these parts has is blank in all of them.
    absent = {each.column for each in fields} - {name for part in parts for name, _ in part.columns}
    nulls = "".join(f", NULL::TIMESTAMP AS {named(column)}" for column in sorted(absent))
    source = f"SELECT *{nulls} FROM read_parquet([{files}], filename=true{', union_by_name=true' if mixed else ''})"
    query = f"SELECT parse_filename(filename) AS file, {', '.join(counted) or '0'} FROM ({source}) GROUP BY ALL"
    with duckdb.connect(":memory:") as con:
        con.execute("SET memory_limit = '1GB'")
        con.execute("SET enable_progress_bar = false")
        rows = {row[0]: list(row[1:]) for row in con.execute(query).fetchall()}
    empty = [0] * (3 * len(fields))
    return {
        part.sha256: [numbers[at : at + 3] for at in range(0, 3 * len(fields), 3)]
        for part in parts
        for numbers in [rows.get(part.file, empty)]
    }
