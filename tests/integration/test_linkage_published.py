"""Weights estimated from published records alone, and measured by their labels: nothing here is of our own making."""

from __future__ import annotations

import csv
import importlib.util
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import duckdb
import pytest
from pydantic import TypeAdapter, ValidationError

from concord.evidence.linkage import training
from concord.evidence.linkage.linking import find
from concord.evidence.linkage.quality import Quality
from concord.evidence.linkage.records import prepare
from concord.kernel.errors import BadInput
from concord.strategy.shapes.linkage import Linkage

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bench(shared: Path) -> ModuleType:
    """The benchmark's own reading of the published files, so that both read them alike."""
    spec = importlib.util.spec_from_file_location("linkage_quality", ROOT / "bench" / "linkage_quality.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def linked(
    bench: ModuleType, connection: duckdb.DuckDBPyConnection, name: str, random_pairs: int
) -> tuple[Linkage, Quality]:
    shape: Linkage = bench.model(name)
    assert shape.training is not None
    shape = replace(shape, training=replace(shape.training, random_pairs=random_pairs))
    prepare(connection, {"published": bench.open_set(connection, name)}, shape)
    trained = training.estimate(connection, shape)
    find(connection, trained, bench.PADS)
    return trained, bench.measured(connection)


def test_fake_1000(bench: ModuleType, shared: Path) -> None:
    """By the weights of a borough, 30% of these pairs were found; by their own, over 80%, and hardly any wrongly."""
    with duckdb.connect() as connection:
        trained, quality = linked(bench, connection, "fake_1000", 100_000)
        refs = dict(connection.sql("SELECT person_ref, linked_ref FROM links").fetchall())
    overall = quality.overall
    assert overall.precision is not None and overall.precision.value >= 0.99
    assert overall.recall is not None and overall.recall.value >= 0.80
    # The labelled pairs that come with the data say the same, counted pair by pair.
    with (shared / "data" / "linkage" / "fake_1000_labels.csv").open(newline="") as file:
        rows = [
            (r["unique_id_l"], r["unique_id_r"], float(r["clerical_match_score"]) > 0.5) for r in csv.DictReader(file)
        ]
    found = [same for one, other, same in rows if refs[one] == refs[other]]
    assert sum(found) / len(found) >= 0.99
    assert sum(found) / sum(same for *_, same in rows) == pytest.approx(overall.recall.value, abs=0.001)
    for comparison in trained.comparison:
        for side in ("m", "u"):
            assert sum(getattr(level, side) for level in comparison.level) == pytest.approx(1, abs=0.02)
    # What was estimated is a file that nobody may use before somebody looked at it.
    written = training.written(trained, datetime(2026, 11, 22, tzinfo=UTC), 1000)
    with pytest.raises(ValidationError, match="reviewed_by"):
        TypeAdapter(Linkage).validate_python(tomllib.loads(written))
    reviewed = TypeAdapter(Linkage).validate_python(
        tomllib.loads(written.replace('reviewed_by = ""', 'reviewed_by = "A. Analyst"'))
    )
    assert replace(reviewed, trained=None) == trained, "and then it says exactly what was estimated"


def test_febrl3(bench: ModuleType) -> None:
    """Names, address and date of birth with up to five typing errors; the social security number is left unused."""
    with duckdb.connect() as connection:
        _, quality = linked(bench, connection, "febrl3", 100_000)
    assert quality.overall.records == 5000
    assert quality.overall.f1 is not None and quality.overall.f1 >= 0.98


def test_training_without_instructions_says_what_is_missing(bench: ModuleType) -> None:
    with (
        duckdb.connect() as connection,
        pytest.raises(BadInput, match="does not say how weights are estimated") as wrong,
    ):
        training.estimate(connection, replace(bench.model("febrl3"), training=None))
    assert "[training]" in str(wrong.value)
