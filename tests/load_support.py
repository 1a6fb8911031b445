"""What the tests of loading share: a small feed of each class, files for it, and one way to call `load`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
from pydantic import TypeAdapter

from concord.evidence.datasets.store import Store
from concord.evidence.extracts import LoadResult, load
from concord.strategy.shapes.feed import Feed

REPOSITORY = Path(__file__).resolve().parents[1]
TESTS_FOLDER = REPOSITORY / "tests"
SHARED = REPOSITORY.parent / "shared" / "data"
FEEDS = REPOSITORY / "partnerships"
NOW = dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC)
HEADER = "ref,happened_on,ward,knife,victims,note"
WARDS = ("SYN01", "SYN02", "SYN03")


@dataclass(frozen=True)
class Paper:
    """A sharing agreement with nothing in it but what receiving looks at."""

    name: str = "Harbourside test agreement"
    starts_on: dt.date = dt.date(2020, 4, 1)
    expires_on: dt.date = dt.date(2030, 3, 31)
    feeds: tuple[str, ...] = ("incidents", "people")


AGREEMENTS = {"paper": Paper()}

_TERMS = {
    "title": "Incidents SYN",
    "owner": "harbourside_police",
    "data_class": "record_level",
    "gateway": "pcsc_s16",
    "agreement": "paper",
    "purpose": "Tests",
    "synthetic": True,
    "due": {"every": "month", "days": 30},
}


def incidents(**changes: object) -> Feed:
    """A feed with one field of each kind and one rule of each common kind."""
    table: dict[str, object] = {
        "dataset": "incidents",
        "title": "Incidents",
        "file_name": r"incidents_(?P<month>\d{4}-\d{2})\.csv",
        "partition": ["month"],
        "partition_from": {"month": "happened_on"},
        "fields": {
            "ref": {"description": "Reference", "type": "code", "required": True},
            "happened_on": {"description": "Day", "type": "date", "required": True},
            "ward": {"description": "Ward", "type": "code", "values": list(WARDS)},
            "knife": {"description": "Knife flag", "type": "flag"},
            "victims": {"description": "Victims", "type": "integer", "minimum": 0, "maximum": 50},
            "note": {"description": "Anything else", "aliases": ["remark"], "column": "optional"},
        },
        "rules": [
            {"kind": "unique", "fields": ["ref"], "says": "The reference is there twice.", "fix": "Send it once."},
            {"kind": "not_future", "fields": ["happened_on"], "says": "It lies in the future.", "fix": "Correct it."},
        ],
    }
    table.update(changes)
    return TypeAdapter(Feed).validate_python({**_TERMS, "key": "incidents", "tables": {"incidents": table}})


def people() -> Feed:
    """A feed that names persons."""
    text = {"description": "Text"}
    fields = {
        "ref": {**text, "type": "code", "required": True},
        "person_id": {**text, "type": "code", "required": True, "identifies": "person_id"},
        "given_name": {**text, "identifies": "given_name"},
        "family_name": {**text, "identifies": "family_name"},
        "born_on": {**text, "type": "date", "identifies": "born_on"},
        "age": {**text, "type": "integer", "minimum": 0, "maximum": 110},
        "sex": {**text, "type": "code", "values": ["F", "M", "X", "U"]},
        "postcode": {**text, "pattern": "HB[0-9]{1,2} [0-9][A-Z]{2}", "identifies": "postcode"},
    }
    table = {
        "dataset": "people",
        "title": "People",
        "file_name": r"people_(?P<month>\d{4}-\d{2})\.csv",
        "partition": ["month"],
        "fields": fields,
    }
    return TypeAdapter(Feed).validate_python({**_TERMS, "key": "people", "tables": {"people": table}})


def a_file(folder: Path, name: str, *rows: str, header: str = HEADER, end: str = "\n") -> Path:
    """A CSV file of these rows."""
    path = folder / name
    path.write_text("\n".join([header, *rows]) + end, encoding="utf-8")
    return path


def receive(
    home: Path,
    feed: Feed,
    *paths: Path,
    agreements: Mapping[str, Paper] = AGREEMENTS,
    now: dt.datetime = NOW,
    said: list[str] | None = None,
    engine: Literal["duckdb", "spark"] = "duckdb",
) -> list[LoadResult]:
    return load(
        home,
        feed,
        list(paths),
        agreements=agreements,
        clock=lambda: now,
        progress=said.append if said is not None else None,
        engine=engine,
    )


def rows_of(home: Path, dataset: str, columns: str = "*") -> list[tuple[object, ...]]:
    """What a reader of the latest version sees."""
    scan = Store(home).latest(dataset).scan
    return duckdb.sql(f"SELECT {columns} FROM {scan} ORDER BY ALL").fetchall()


def every_file(home: Path) -> Sequence[Path]:
    return sorted(path for path in home.rglob("*") if path.is_file())
