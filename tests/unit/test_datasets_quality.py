"""How well each field is filled in: counted once for each part, and as a plain count would have it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from load_support import NOW, a_file, incidents, people, receive

from concord.evidence.datasets import history, quality
from concord.evidence.datasets.quality import Counts
from concord.evidence.datasets.store import Store
from concord.evidence.extracts import receipts
from concord.evidence.extracts.faults import faults
from concord.strategy.shapes.feed import FieldContract, FieldQuality, Table

TABLE = Table(
    dataset="visits",
    title="Visits",
    partition=("month",),
    partition_from={"month": "came_at"},
    fields={
        "came_at": FieldContract(description="When", type="timestamp"),
        "how": FieldContract(description="How", type="code", quality=FieldQuality(unknown=("nk", "NS"))),
        "age": FieldContract(description="Age", type="integer", quality=FieldQuality(unknown=("999",))),
    },
)


def visits(*rows: tuple[dt.datetime | None, str | None, int | None]) -> pa.Table:
    schema = pa.schema([("came_at", pa.timestamp("us")), ("how", pa.string()), ("age", pa.int64())])
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)


def write(home: Path, **months: pa.Table) -> None:
    partitions = {f"month={name[1:5]}-{name[5:]}": table for name, table in months.items()}
    Store(home).write("visits", partitions, source="test", synthetic=True, clock=NOW, whole=False)


def at(hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 5, 3, hour, minute)


def test_each_field_is_counted_as_filled_blank_or_not_known(tmp_path: Path) -> None:
    write(tmp_path, m202605=visits((at(9), "foot", 30), (at(9, 7), "nk", 999), (None, None, None), (at(0), "NS", 4)))
    (part,) = quality.measure(Store(tmp_path).latest("visits"), TABLE)
    assert part.fields == {
        "came_at": Counts(4, 1, 0, 2),
        "how": Counts(4, 1, 2, 0),
        "age": Counts(4, 1, 1, 0),
    }
    assert part.fields["how"].filled == 1


ROWS = st.lists(
    st.tuples(
        st.none() | st.datetimes(dt.datetime(2026, 5, 1), dt.datetime(2026, 5, 31)).map(lambda t: t.replace(second=0)),
        st.sampled_from([None, "nk", "NS", "foot", "bus"]),
        st.sampled_from([None, 999, 0, 17]),
    ),
    max_size=30,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=ROWS, second=ROWS)
def test_the_counts_are_those_of_a_plain_count(tmp_path_factory: pytest.TempPathFactory, first, second) -> None:  # type: ignore[no-untyped-def]
    home = tmp_path_factory.mktemp("home")
    write(home, m202604=visits(*first), m202605=visits(*second))
    found = quality.measure(Store(home).latest("visits"), TABLE)
    for part, rows in zip(found, (first, second), strict=True):
        assert part.rows == len(rows)
        for index, (field, unknown) in enumerate((("came_at", ()), ("how", ("nk", "NS")), ("age", (999,)))):
            values = [row[index] for row in rows]
            on_hour = sum(1 for value in values if isinstance(value, dt.datetime) and value.minute == 0)
            assert part.fields[field] == Counts(
                len(rows), values.count(None), sum(value in unknown for value in values), on_hour
            )
            counts = part.fields[field]
            assert counts.filled + counts.blank + counts.unknown == counts.rows
    whole = quality.together("all", found)
    assert whole.rows == len(first) + len(second)


def test_a_part_is_counted_once_and_a_restated_month_alone_again(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    write(tmp_path, m202604=visits((at(9), "foot", 1)), m202605=visits((at(9), None, 1)))
    counted: list[list[str]] = []
    real = quality._count

    def count(home, dataset, parts, fields):  # type: ignore[no-untyped-def]
        counted.append([part.partition for part in parts])
        return real(home, dataset, parts, fields)

    monkeypatch.setattr(quality, "_count", count)
    before = quality.measure(Store(tmp_path).latest("visits"), TABLE)
    assert quality.measure(Store(tmp_path).latest("visits"), TABLE) == before
    write(tmp_path, m202605=visits((at(9), "bus", 1), (at(9), None, 1)))
    now = quality.measure(Store(tmp_path).latest("visits"), TABLE)
    assert counted == [["month=2026-04", "month=2026-05"], ["month=2026-05"]]
    assert now[0] == before[0] and now[1].fields["how"] == Counts(2, 1, 0, 0)
    # The version before is still read as it was, from what was kept.
    assert quality.measure(Store(tmp_path).versions("visits")[0], TABLE) == before
    assert len(counted) == 2


def test_damaged_counts_are_counted_again(tmp_path: Path) -> None:
    write(tmp_path, m202605=visits((at(9), "foot", 1)))
    found = quality.measure(Store(tmp_path).latest("visits"), TABLE)
    (kept,) = (tmp_path / "datasets" / "visits" / "quality").glob("*.json")
    kept.write_text("{half")
    assert quality.measure(Store(tmp_path).latest("visits"), TABLE) == found


def test_what_identifies_is_measured_by_what_stays_of_it(tmp_path: Path) -> None:
    header = "ref,person_id,given_name,family_name,born_on,age,sex,postcode"
    rows = ["1,P1,Ann,Test SYN,1990-01-02,36,F,HB1 1AA", "2,P2,Bo,Test SYN,,,U,"]
    receive(tmp_path, people(), a_file(tmp_path, "people_2026-10.csv", *rows, header=header))
    table = people().tables["people"]
    (part,) = quality.measure(Store(tmp_path).latest("people"), table)
    assert set(part.fields) == {"ref", "person_id", "born_on", "age", "sex"}
    assert part.fields["born_on"].filled == 1 and part.fields["person_id"].filled == 2


def test_periods_are_told_from_partitions_and_joined(tmp_path: Path) -> None:
    tables = {
        "month=2026-05/force=a": visits((at(9), "foot", 1)),
        "month=2026-05/force=b": visits((at(9), None, 1)),
        "month=2026-04/force=a": visits((at(9), "bus", 1)),
    }
    Store(tmp_path).write("visits", tables, source="test", synthetic=True, clock=NOW)
    found = quality.by_period(quality.measure(Store(tmp_path).latest("visits"), TABLE))
    assert [(part.partition, part.rows, part.fields["how"].blank) for part in found] == [
        ("2026-04", 1, 0),
        ("2026-05", 2, 1),
    ]
    Store(tmp_path).write("whole", {"all": visits((at(9), "bus", 1))}, source="t", synthetic=True, clock=NOW)
    assert quality.by_period(quality.measure(Store(tmp_path).latest("whole"), TABLE)) == ()


@pytest.mark.parametrize(
    ("partition", "period"),
    [
        ("month=2026-10", "2026-10"),
        ("recorded_crime/month=2026-10/force=city", "2026-10"),
        ("quarter=2026-Q3", "2026-Q3"),
        ("force=city/year=2025", "2025"),
        ("all", None),
        ("lastmonth=2026-10", None),
    ],
)
def test_a_partition_names_its_period(partition: str, period: str | None) -> None:
    assert quality.period_of(partition) == period


# --- what a version changed, and what was set aside


def test_the_history_says_what_came_and_what_was_replaced(tmp_path: Path) -> None:
    write(tmp_path, m202604=visits((at(9), "foot", 1)))
    write(tmp_path, m202605=visits((at(9), "foot", 1)))
    write(tmp_path, m202604=visits((at(9), "foot", 1), (at(8), "bus", 2), (at(7), "bus", 2)))
    newest, middle, first = history.history(tmp_path, "visits")
    assert [(c.partition, c.before, c.now, c.difference) for c in newest.replaced] == [("month=2026-04", 1, 3, 2)]
    assert not newest.brought and [c.partition for c in middle.brought] == ["month=2026-05"]
    assert [c.partition for c in first.brought] == ["month=2026-04"] and first.version == 1
    assert [each.version for each in history.history(tmp_path, "visits", last=2)] == [3, 2]
    assert history.of_version(tmp_path, "visits", 3) == newest
    assert history.history(tmp_path, "never") == []


def test_what_was_set_aside_is_counted_over_files(tmp_path: Path) -> None:
    receive(
        tmp_path, incidents(), a_file(tmp_path, "incidents_2026-09.csv", "A1,2026-09-02,SYN01,Y,1,", "A2,x,SYN09,Y,1,")
    )
    receive(
        tmp_path,
        incidents(),
        a_file(tmp_path, "incidents_2026-10.csv", "B1,2026-10-02,SYN77,Y,1,", "B2,2026-10-03,SYN01,N,0,"),
    )
    found = faults(tmp_path, receipts(tmp_path, "incidents"))
    assert sorted((each.field, each.rule, each.rows, each.first, each.examples) for each in found) == [
        ("happened_on", "type: date", 1, (3,), ("x",)),
        ("ward", "value", 1, (2,), ("SYN77",)),
        ("ward", "value", 1, (3,), ("SYN09",)),
    ]
