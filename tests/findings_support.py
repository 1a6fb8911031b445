"""What tests of findings share: crimes and people as the conformed datasets hold them, and how cells are read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from concord.evidence.datasets.classify import classify
from concord.evidence.datasets.store import Store
from concord.evidence.findings.model import Cell, Finding
from concord.kernel.periods import Period

PARTNERSHIPS = Path(__file__).resolve().parents[1] / "partnerships"
YEAR = Period.financial_year(2024)
NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


class Rows:
    """Crimes and people as the conformed datasets hold them."""

    def __init__(self) -> None:
        self.crimes: list[dict[str, object]] = []
        self.people: list[dict[str, object]] = []

    def crime(
        self,
        day: date,
        *,
        victims: tuple[int | None, ...] = (),
        suspects: tuple[int | None, ...] = (),
        who: tuple[str, ...] = (),
        at: str = "18:30",
        **more: object,
    ) -> str:
        ref = f"C{len(self.crimes):04d}"
        start = datetime.fromisoformat(f"{day.isoformat()} {at}")
        self.crimes.append(
            {
                "crime_ref": ref,
                "offence_code": "8N",
                "offence_sub_code": "8/6",
                "offence": "ABH",
                "recorded_on": day,
                "committed_from": start,
                "committed_to": None,
                "ward_code": "SYN01",
                "lsoa_code": "SYN010001",
                "location_type": "street",
                "domestic_abuse": "N",
                "hate_strand": None,
                "knife": "N",
                "weapon": "none",
                "linked_crime_ref": None,
                "outcome_code": None,
                "outcome_on": None,
                **more,
            }
        )
        ages = [*(("victim", age) for age in victims), *(("suspect", age) for age in suspects)]
        for place, (role, age) in enumerate(ages):
            self.people.append(
                {
                    "crime_ref": ref,
                    "role": role,
                    "age": age,
                    "birth_year": None,
                    "sex": "F",
                    "ethnicity_self": None,
                    "ethnicity_observed": None,
                    "relationship": None,
                    "person_ref": who[place] if place < len(who) else f"{ref}-{place}",
                }
            )
        return ref

    def store(self, home: Path, partnership: Any) -> Store:
        store = Store(home)
        people = pa.Table.from_pylist(
            self.people,
            schema=pa.schema(
                [
                    ("crime_ref", pa.string()),
                    ("role", pa.string()),
                    ("age", pa.int32()),
                    ("birth_year", pa.int32()),
                    ("sex", pa.string()),
                    ("ethnicity_self", pa.string()),
                    ("ethnicity_observed", pa.string()),
                    ("relationship", pa.string()),
                    ("person_ref", pa.string()),
                ]
            ),
        )
        crimes = pa.Table.from_pylist(
            self.crimes,
            schema=pa.schema(
                [
                    (
                        name,
                        pa.date32()
                        if name in ("recorded_on", "outcome_on")
                        else pa.timestamp("us")
                        if name.startswith("committed")
                        else pa.string(),
                    )
                    for name in self.crimes[0]
                ]
            ),
        )
        put(store, "recorded_crime", crimes)
        put(store, "crime_persons", people)
        put(
            store,
            "population",
            pa.table(
                {
                    "ward_code": ["SYN01", "SYN02"],
                    "ward_name": ["Anchor Quay", "Bargate"],
                    "neighbourhood": ["West", "East"],
                    "age_band": ["18-24", "18-24"],
                    "sex": ["F", "F"],
                    "persons": [2000, 8000],
                    "vintage": ["2023", "2023"],
                }
            ),
        )
        classify(store, partnership.definition, lambda: NOON)
        if partnership.youth_violence is not None:
            classify(store, partnership.youth_violence, lambda: NOON, name="serious_youth_violence")
        return store


def put(store: Store, name: str, table: pa.Table) -> None:
    store.write(name, {"all": table}, source="invented", synthetic=True, clock=lambda: NOON)


def cells(found: Finding, table: str) -> dict[tuple[str, ...], Cell]:
    return {cell.key: cell for each in found.tables if each.name == table for cell in each.cells}


def spread(rows: Rows, count: int, first: date, **more: Any) -> None:
    for number in range(count):
        rows.crime(first + timedelta(days=number % 28), **more)


def put_tasking(store: Store, started: date, codes: str) -> None:
    """One tasking of Anchor Quay, compared with Bargate."""
    wards = {"treated": "SYN01", "comparison": "SYN02"}
    put(
        store,
        "taskings",
        pa.table(
            {
                "tasking_ref": ["T1"] * 2,
                "tactic": ["patrol"] * 2,
                "started_on": [started] * 2,
                "ended_on": pa.array([None] * 2, pa.date32()),
                "place_role": list(wards),
                "ward_code": list(wards.values()),
                "offence_codes": [codes] * 2,
            }
        ),
    )


def put_weights(store: Store, weights: dict[str, float], scale: str = "invented") -> None:
    same = {"unit": "points", "title": "Invented scale", "edition": "2", "licence": "none", "source": "invented"}
    columns = {name: [value] * len(weights) for name, value in same.items()}
    put(
        store,
        "harm_weights",
        pa.table(
            {
                "scale": [scale] * len(weights),
                "offence_code": list(weights),
                "offence_sub_code": pa.array([None] * len(weights), pa.string()),
                "weight": list(weights.values()),
                **columns,
            }
        ),
    )
