"""`concord link --engine spark` finds the persons that DuckDB finds."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from load_support import a_file, people, receive

from concord.evidence import linkage
from concord.evidence.datasets.store import Store
from concord.strategy import load

ROOT = Path(__file__).resolve().parents[2]
pytest.importorskip("pyspark")
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("java")]

HEADER = "ref,person_id,given_name,family_name,born_on,age,sex,postcode"
SLIPS = (
    ("Adaline", "Zephyrine", "1990-04-03"),
    ("Adeline", "Zephyrine", "1990-04-03"),
    ("Adaline", "Zephyrin", "1990-03-04"),
    ("Zephyrine", "Adaline", "1990-04-03"),
    ("Adaline", "Zephyrine", "1990-01-01"),
    ("Wilhelmina", "Zephyrine", "1990-04-03"),
    ("Adaline", "Zephyrine", "1990-04-13"),
    ("Adaline", "Zephyrine", ""),
)


def test_both_engines_find_the_same_persons(tmp_path: Path) -> None:
    rows = [f"A{n},NOM{n},{given},{family},{born},36,F,HB1 1AA" for n, (given, family, born) in enumerate(SLIPS)]
    rows += [
        f"B{n},OTH{n},Name{n},Family{n // 2},{date(1940, 1, 1) + timedelta(days=37 * n)},50,M,HB{n % 90 + 10} 1AA"
        for n in range(300)
    ]
    home = tmp_path / "home"
    receive(home, people(), a_file(tmp_path, "people_2026-10.csv", *rows, header=HEADER))
    store, model = Store(home), load(ROOT / "partnerships" / "harbourside").linkage
    assert model is not None
    linkage.link(store, home, model, lambda: datetime(2026, 11, 22, 12, tzinfo=UTC))
    asked = "SELECT feed, person_ref, linked_ref, round(match_probability, 9) FROM {} ORDER BY ALL"
    on_duckdb = duckdb.sql(asked.format(store.latest("person_links").scan)).fetchall()
    assert len({linked for _, _, linked, _ in on_duckdb}) < len(on_duckdb), "there must be something to find"
    first = store.latest("person_links").version
    command = [sys.executable, "-m", "concord.cli", "link", "--engine", "spark", "--home", str(home)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    on_spark = duckdb.sql(asked.format(store.latest("person_links").scan)).fetchall()
    assert on_spark == on_duckdb
    assert store.latest("person_links").version in (first, first + 1)
