"""Which fields of a contract say when, and how well a loaded feed's times are known."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from concord.evidence.datasets.store import Store
from concord.evidence.timing.precision import Precision
from concord.evidence.timing.quality import feed_time_quality, time_fields
from concord.strategy import load

PARTNERSHIPS = Path(__file__).resolve().parents[2] / "partnerships"
HARBOURSIDE = load(PARTNERSHIPS / "harbourside")


@pytest.mark.parametrize(
    ("feed", "table", "fields"),
    [
        ("recorded_crime", "recorded_crime", ("committed_from", "committed_to")),
        ("police_uk", "stop_and_search", ("searched_at", None)),
        ("police_uk", "street", None),
        ("population", "population", None),
    ],
)
def test_a_contract_says_which_fields_are_when(feed: str, table: str, fields: object) -> None:
    assert time_fields(HARBOURSIDE.feeds[feed].tables[table]) == fields


def test_the_quality_of_a_feed_s_times_month_by_month(tmp_path: Path) -> None:
    store = Store(tmp_path)
    clock = datetime(2026, 11, 22, tzinfo=UTC)
    starts = ["2026-03-01 09:00", "2026-03-02 10:17", "2026-03-03 10:00", "2026-03-04 10:00", "2026-10-25 01:30"]
    ends = [None, None, "2026-03-03 10:30", "2026-03-09 10:00", None]

    def times(texts: list[str | None]) -> pa.Array:
        return pa.array([datetime.fromisoformat(t) if t else None for t in texts], pa.timestamp("us"))

    table = pa.table({"committed_from": times([*starts, None]), "committed_to": times([*ends, None])})
    feed = HARBOURSIDE.feeds["recorded_crime"]
    assert feed_time_quality(store, feed) == {}, "nothing is loaded yet"
    store.write("recorded_crime", {"all": table}, source="test", synthetic=True, clock=clock)
    march, october, unknown = feed_time_quality(store, feed)["recorded_crime"]
    assert (march.month, march.events, march.on_the_hour, march.twice) == ("2026-03", 4, 1, 0)
    assert march.by_precision[Precision.EXACT] == 2
    assert march.share(Precision.HOUR) == march.share(Precision.RANGE) == 0.25
    assert (october.month, october.twice) == ("2026-10", 1)
    assert (unknown.month, unknown.share(Precision.UNKNOWN)) == ("", 1.0)


def test_a_feed_of_dates_has_days(tmp_path: Path) -> None:
    store = Store(tmp_path)
    table = pa.table({"started_on": pa.array([date(2026, 3, 1), date(2026, 3, 2)], pa.date32())})
    store.write("suspensions", {"all": table}, source="test", synthetic=True, clock=datetime(2026, 11, 22, tzinfo=UTC))
    (march,) = feed_time_quality(store, HARBOURSIDE.feeds["suspensions"])["suspensions"]
    assert march.share(Precision.DAY) == 1.0
