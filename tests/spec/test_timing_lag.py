"""How late things are recorded, and which months are not all in yet."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from concord.evidence.timing.lag import arrival, reporting_lag
from concord.strategy import load

ROOT = Path(__file__).resolve().parents[2]
RULE = load(ROOT / "partnerships" / "tower_hamlets").measurement.arrival


@pytest.fixture
def vawg(shared: Path):
    file = shared / "data" / "tower_hamlets_extracts" / "mps_vawg_offences_TH.csv"
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE vawg AS SELECT recorded_date_months::DATE AS recorded, date_committed_from_date_months::DATE "
            f"AS happened, count FROM read_csv('{file}', header = true)"
        )
        yield connection


def test_violence_against_women_is_recorded_late_and_some_of_it_a_lifetime_late(vawg) -> None:
    """The lag of the file's rows, as others took it, and of its offences: rows are counts, and late ones are small."""
    rows = reporting_lag(vawg, "vawg", "happened", "recorded")
    assert (rows.median, round(rows.mean or 0), rows.longest) == (2, 21, 1466)
    assert (rows.events, rows.undated, rows.reversed) == (10_577, 17, 0)
    offences = reporting_lag(vawg, "vawg", "happened", "recorded", "count")
    assert (offences.events, offences.median, offences.longest) == (61_855, 0, 1466)
    assert offences.mean == pytest.approx(4.238, abs=0.001)


def test_the_longest_lag_is_a_year_that_was_filled_in(vawg) -> None:
    years = load(ROOT / "partnerships" / "tower_hamlets").measurement.default_times.years
    found = reporting_lag(vawg, "vawg", "happened", "recorded", "count", default_years=years)
    assert (found.suspect, found.events) == (3, 61_855), "marked, and kept"
    vawg.execute("CREATE VIEW dated AS SELECT * FROM vawg WHERE year(happened) NOT IN (1900)")
    assert (reporting_lag(vawg, "dated", "happened", "recorded").longest or 0) < 1300


def test_the_newest_months_are_provisional_and_say_how_much_is_in(vawg) -> None:
    months = arrival(vawg, "vawg", "happened", "recorded", date(2026, 2, 28), RULE, count="count")
    assert (months[0].month, months[-1].month, len(months)) == (date(2014, 1, 1), date(2026, 2, 1), 146)
    assert [month.month for month in months if month.provisional] == [
        date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1),
    ]  # fmt: skip
    assert months[-1].words == (
        "February 2026 is provisional: about 84% of its events are likely to have been recorded so far."
    )
    assert months[0].words == ""
    assert months[-1].expected == pytest.approx(400, abs=1)


def test_what_was_held_back_is_foretold() -> None:
    """Cut a known history off: the shares foretold are those that the part cut off then shows."""
    rng = np.random.default_rng(2)
    happened = np.sort(rng.integers(0, 60, 60_000))
    lag = rng.geometric(0.45, 60_000) - 1
    recorded = happened + lag

    def day(months: np.ndarray) -> pa.Array:
        return pa.array([date(2020 + int(m) // 12, int(m) % 12 + 1, 1) for m in months], pa.date32())

    with duckdb.connect() as connection:
        connection.register("events", pa.table({"h": day(happened), "r": day(recorded)}))
        known = arrival(connection, "events", "h", "r", date(2024, 12, 31), RULE)
    for age, month in enumerate(reversed(known[-6:])):
        number = 59 - age
        true = (lag[happened == number] <= age).mean()
        assert month.events == int((lag[happened == number] <= age).sum())
        assert month.share == pytest.approx(1 - 0.55 ** (age + 1), abs=0.02)
        assert month.share == pytest.approx(true, abs=0.05)
        assert month.provisional == (month.share < 0.95)


def test_nothing_dated_has_no_lag_and_no_months() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE e (h DATE, r DATE)")
        connection.execute("INSERT INTO e VALUES (NULL, '2024-01-01'), ('2024-02-01', '2024-01-01')")
        found = reporting_lag(connection, "e", "h", "r")
        assert (found.events, found.median, found.mean, found.longest) == (0, None, None, None)
        assert (found.undated, found.reversed) == (1, 1)
        assert arrival(connection, "e", "h", "r", date(2024, 3, 1), RULE) == ()


def test_what_is_recorded_after_the_last_whole_month_waits() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE e (h DATE, r DATE)")
        connection.execute("INSERT INTO e VALUES ('2024-01-01', '2024-01-09'), ('2024-01-01', '2024-03-01')")
        assert [m.events for m in arrival(connection, "e", "h", "r", date(2024, 2, 29), RULE)] == [1, 0]
