"""A store of a few crimes over three months, and what new deliveries may change in it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from concord.evidence.datasets.store import Store


def small(home: Path, crimes: dict[str, list[tuple[Any, ...]]], people: dict[str, list[tuple[Any, ...]]]) -> Store:
    """A store of a few crimes (ref, code, recorded, linked) and people (ref, role, age) by month."""
    store = Store(home)
    for dataset, months, schema in (
        ("recorded_crime", crimes, CRIME_SCHEMA),
        ("crime_persons", people, PERSON_SCHEMA),
    ):
        tables = {
            f"month={month}": pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)
            for month, rows in months.items()
        }
        store.write(dataset, tables, source="a test", synthetic=True, clock=datetime(2026, 11, 22, 12, tzinfo=UTC))
    return store


CRIME_SCHEMA = pa.schema(
    [("crime_ref", pa.string()), ("offence_code", pa.string()), ("recorded_on", pa.date32()),
     ("domestic_abuse", pa.string()), ("linked_crime_ref", pa.string())]
)  # fmt: skip
PERSON_SCHEMA = pa.schema([("crime_ref", pa.string()), ("role", pa.string()), ("age", pa.int64())])
JUNE, JULY, AUGUST = date(2026, 6, 3), date(2026, 7, 4), date(2026, 8, 5)
DAMAGE = ("D1", "58A", JULY, "N", "R1")
CRIME_MONTHS: dict[str, list[tuple[Any, ...]]] = {
    "2026-06": [("R1", "34B", JUNE, "N", None), ("X1", "8N", JUNE, "N", None), ("X2", "8N", JUNE, "N", None)],
    "2026-07": [
        ("D1", "58A", JULY, "N", "R1"),
        ("D2", "58A", JULY, "N", "X2"),
        ("X3", "8N", JULY, "N", None),
        ("X4", "8N", JULY, "N", None),
    ],
    "2026-08": [("A1", "8N", AUGUST, "N", None), ("X5", "105A", AUGUST, "N", None), ("X6", "8N", AUGUST, "N", None)],
}
PEOPLE_MONTHS = {
    "2026-06": [("R1", "victim", 40), ("R1", "suspect", 40), ("X1", "victim", 40), ("X2", "victim", 14)],
    "2026-07": [("X3", "victim", 40), ("X3", "suspect", 40), ("X4", "victim", 14), ("X4", "suspect", 40)],
    "2026-08": [("A1", "victim", 50), ("A1", "suspect", 50), ("X5", "victim", 9), ("X6", "victim", 30)],
}

CHANGES: dict[str, tuple[dict[str, list[tuple[Any, ...]]], dict[str, list[tuple[Any, ...]]], set[str]]] = {
    # what a new delivery changes; crimes; people; months that may not be written again
    "an age is corrected, and a damage of another month hangs on it": (
        {}, {"2026-06": [("R1", "victim", 15), ("R1", "suspect", 40), ("X1", "victim", 40), ("X2", "victim", 14)]},
        {"2026-08"},
    ),
    "a new month comes, with a late suspect of an older crime": (
        {"2026-09": [("N1", "5D", date(2026, 9, 1), "N", None)]},
        {"2026-09": [("N1", "victim", 20), ("X1", "suspect", 17)]},
        {"2026-07", "2026-08"},
    ),
    "a crime is sent again, recorded in a later month": (
        {"2026-09": [("X3", "5D", date(2026, 9, 2), "N", None)]}, {"2026-09": [("X3", "suspect", 12)]},
        {"2026-06", "2026-08"},
    ),
    "a link is taken away": (
        {"2026-07": [DAMAGE, ("D2", "58A", JULY, "N", None), *CRIME_MONTHS["2026-07"][2:]]}, {}, {"2026-08"},
    ),
    "a link is added on the other crime": (
        {"2026-08": [("A1", "8N", AUGUST, "N", "D1"), *CRIME_MONTHS["2026-08"][1:]]},
        {"2026-08": [("A1", "victim", 15), *PEOPLE_MONTHS["2026-08"][1:]]}, set(),
    ),
    "a whole month is taken back": ({"2026-08": []}, {"2026-08": []}, set()),
}  # fmt: skip
