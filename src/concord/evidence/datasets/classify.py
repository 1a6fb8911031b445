"""The datasets of the definition's verdicts: which crimes have to be decided again, and what is written of each.

A version says in its receipts what it was decided from. While the rule is the same, only crimes that a changed file
speaks of, and crimes linked to those, are decided again; the other rows of a month are kept as they are.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from concord.definition.rules import Definition
from concord.evidence.datasets import definition_engines as engines
from concord.evidence.datasets import definition_words as words
from concord.evidence.datasets.definition_sql import decide, source
from concord.evidence.datasets.store import DatasetVersion, Store
from concord.evidence.extracts.files import Clock, explaining_disk, make_folder, temporary
from concord.evidence.extracts.versions import folder_of, read_manifest, version_file
from concord.strategy.shapes.definition import DefinitionFile

DATASET = "definition_results"
REASONS = "definition_reasons"
CRIMES, PERSONS = "recorded_crime", "crime_persons"
READING = 2
"""Raised when the engines come to read the same rule differently: everything is then decided again."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What verdicts are decided from."""

    rule: Definition
    crimes: DatasetVersion
    persons: DatasetVersion

    @property
    def receipts(self) -> tuple[str, ...]:
        return (
            f"reading {READING}",
            f"definition {self.rule.version}",
            *(f"{each.dataset} {each.version} {each.ref.sha256}" for each in (self.crimes, self.persons)),
        )

    @property
    def source(self) -> str:
        rests_on = " and ".join(
            f"{each.dataset} version {each.version} ({each.ref.sha256[:12]})" for each in (self.crimes, self.persons)
        )
        return f"definition {self.rule.version} over {rests_on}"

    @property
    def synthetic(self) -> bool:
        return self.crimes.synthetic or self.persons.synthetic


def classify(
    store: Store,
    definition: Definition | DefinitionFile,
    clock: Clock | datetime,
    *,
    engine: str = "duckdb",
    name: str | None = None,
    memory: str | None = None,
) -> DatasetVersion:
    """Applies the definition to every recorded crime and writes dataset `definition_results`, in a part for each month
    of recording, in order of the references; both engines write the same bytes.

    Columns: crime_ref, verdict (in, out, undetermined), limbs (list of text), answers (what the rule's questions were
    answered, in one number), definition_version, beside (an offence group counted beside the total), and a nullable
    boolean for each measure. Dataset `definition_reasons` says what each `answers` means, in sentences. `name` is of a
    further definition, whose datasets carry it (`definition_results_<name>`). `memory` bounds DuckDB (`6GB`).

    Raises BadInput where `recorded_crime` or `crime_persons` has not been loaded, Usage for an engine that is not one.
    """
    inputs = Inputs(Definition.of(definition), store.latest(CRIMES), store.latest(PERSONS))
    results, reasons = (dataset if name is None else f"{dataset}_{name}" for dataset in (DATASET, REASONS))
    before = store.latest(results) if store.has(results) and store.has(reasons) else None
    if before is not None and before.manifest.receipts == inputs.receipts:
        return before
    how: dict[str, Any] = {
        "source": inputs.source, "synthetic": inputs.synthetic, "clock": clock, "receipts": inputs.receipts,
    }  # fmt: skip
    work = make_folder(store.home / "work" / results)
    try:
        with engines.engine(engine, work, memory=memory) as running:
            written = _again(store, running, inputs, before, results) if before is not None else None
            if written is None or any(not rows for _, rows in written.values()):
                before, written = None, _all(store, running, inputs, results)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    made = {partition: file for partition, (file, _) in written.items()}
    if before is not None and not made:
        return before
    kept = [] if before is None else _files(before, without=made)
    seen = {word for file in (*made.values(), *kept) for word in _answers_in(file)}
    store.write(reasons, {"all": _meanings(inputs.rule, seen)}, **how)
    return store.write(results, made or {"all": _schema(inputs.rule).empty_table()}, whole=before is None, **how)


Written = dict[str, tuple[Path, int]]
"""Partition to its unfinished file and how many rows that has."""


def _all(store: Store, running: engines.Running, inputs: Inputs, results: str) -> Written:
    """Decides every crime."""
    rule = inputs.rule
    crimes, persons = (running.read(each.dataset, each) for each in (inputs.crimes, inputs.persons))
    decide(running, rule, *sources(inputs, crimes, persons))
    months = [int(str(m)) for (m,) in running.rows(f"SELECT DISTINCT CAST(floor({words.MONTH}) AS BIGINT) FROM asked")]
    return {
        f"month={words.month_name(month)}": _put(store, inputs.rule, results, table)
        for month, table in running.by_month("decided", _listed(rule), _bounded(months))
    }


def _again(
    store: Store, running: engines.Running, inputs: Inputs, before: DatasetVersion, results: str
) -> Written | None:
    """Decides again what a changed file speaks of, and what is linked to that. None where all has to be decided."""
    changed = _changed_files(store, inputs, before)
    if changed is None:
        return None
    crime_files, person_files = changed
    if not crime_files and not person_files:
        return {}
    crimes, persons = (running.read(each.dataset, each) for each in (inputs.crimes, inputs.persons))
    named = [running.read_files(f"changed_{k}", files) for k, files in enumerate(changed) if files]
    linked = [f"(SELECT * FROM {crimes})"] + ([f"(SELECT * FROM {named[0]})"] if crime_files else [])
    has_links = "linked_crime_ref" in inputs.crimes.columns
    running.keep(
        "touched", " UNION ".join(f"SELECT crime_ref FROM {each} WHERE crime_ref IS NOT NULL" for each in named)
    )
    edges = " UNION ".join(
        f"SELECT {one} AS one, {other} AS other FROM {each} WHERE linked_crime_ref IS NOT NULL"
        for each in linked
        for one, other in (("crime_ref", "linked_crime_ref"), ("linked_crime_ref", "crime_ref"))
    )
    nothing = "SELECT CAST(NULL AS VARCHAR) AS one, CAST(NULL AS VARCHAR) AS other WHERE FALSE"
    running.keep("edges", edges if has_links else nothing)
    further = (
        "SELECT crime_ref FROM {0} UNION SELECT e.other AS crime_ref FROM edges e JOIN {0} t ON t.crime_ref = e.one"
    )
    running.keep("wanted", further.format("touched"))
    running.keep("context", further.format("wanted"))
    near = "(SELECT * FROM {0} WHERE crime_ref IN (SELECT crime_ref FROM context))"
    decide(running, inputs.rule, *sources(inputs, near.format(crimes), near.format(persons)))
    running.view("redecided", "SELECT d.* FROM decided d JOIN wanted t ON t.crime_ref = d.crime_ref")
    found = f"SELECT DISTINCT CAST(floor({words.MONTH}) AS BIGINT) FROM redecided"
    months = [int(str(month)) for (month,) in running.rows(found)]
    fresh = {
        f"month={words.month_name(month)}": table
        for month, table in running.by_month("redecided", _listed(inputs.rule), _bounded(months))
    }
    return _replaced(store, inputs, before, fresh, running.fetch("SELECT crime_ref FROM wanted")["crime_ref"], results)


def _replaced(
    store: Store,
    inputs: Inputs,
    before: DatasetVersion,
    fresh: Mapping[str, pa.Table],
    wanted: pa.ChunkedArray,
    results: str,
) -> Written:
    """The months that hold or held a wanted crime, with its new row instead of its old one."""
    held = {part.partition: file for part, file in zip(before.manifest.parts, before.files, strict=True)}
    wanted = wanted.combine_chunks()
    written: Written = {}
    for partition in sorted({*held, *fresh}):
        tables = [fresh[partition]] if partition in fresh else []
        if partition in held:
            refs = pq.read_table(held[partition], columns=["crime_ref"])["crime_ref"]
            old = pc.is_in(refs, value_set=wanted)
            if not tables and not pc.any(old).as_py():
                continue
            tables.append(pq.read_table(held[partition]).filter(pc.invert(old)))
        table = pa.concat_tables(tables).sort_by("crime_ref") if len(tables) > 1 else tables[0]
        written[partition] = _put(store, inputs.rule, results, table)
    return written


def _changed_files(store: Store, inputs: Inputs, before: DatasetVersion) -> tuple[list[Path], list[Path]] | None:
    """Files of crimes and of persons that one of the two, what was decided from and what is loaded now, lacks.

    None where the rule is another, the version before is not here, or more than half of the rows have changed.
    """
    receipts = before.manifest.receipts
    if receipts[:2] != inputs.receipts[:2]:
        return None
    changed: list[list[Path]] = []
    for now, receipt in zip((inputs.crimes, inputs.persons), receipts[2:], strict=True):
        _, number, sha = receipt.split()
        if not version_file(store.home, now.dataset, int(number)).is_file():
            return None
        then = DatasetVersion(store.home, read_manifest(store.home, now.dataset, int(number)))
        if then.manifest.sha256 != sha or then.columns.keys() != now.columns.keys():
            return None
        rows = {
            file: part.rows for each in (then, now) for file, part in zip(each.files, each.manifest.parts, strict=True)
        }
        differ = set(then.files) ^ set(now.files)
        if sum(rows[file] for file in differ) * 2 > max(now.rows, 1) or not all(file.is_file() for file in differ):
            return None
        changed.append(sorted(differ))
    return changed[0], changed[1]


def sources(inputs: Inputs, crimes: str, persons: str) -> tuple[str, str]:
    """What stands after FROM for crimes and persons, with the columns that the definition reads."""
    return (
        source(crimes, inputs.crimes.columns, words.CRIME_COLUMNS, CRIMES),
        source(persons, inputs.persons.columns, words.PERSON_COLUMNS, PERSONS),
    )


def _bounded(months: Sequence[int]) -> list[tuple[int, int, int]]:
    return [(month, *words.month_bounds(month)) for month in sorted(months)]


def _put(store: Store, rule: Definition, results: str, table: pa.Table) -> tuple[Path, int]:
    """Writes rows in one settled form, so that the same rows are the same bytes, whoever computed them."""
    parts = make_folder(folder_of(store.home, results) / "parts")
    unfinished = temporary(parts, ".parquet")
    with explaining_disk(parts):
        pq.write_table(table.cast(_schema(rule)).combine_chunks(), unfinished, compression="zstd")
    return unfinished, table.num_rows


def _files(version: DatasetVersion, *, without: Mapping[str, object]) -> list[Path]:
    parts = zip(version.manifest.parts, version.files, strict=True)
    return [file for part, file in parts if part.partition not in without]


def _answers_in(file: Path) -> list[int]:
    return list(pc.unique(pq.read_table(file, columns=["answers"])["answers"]).to_pylist())


def explain(store: Store, crime_ref: str, *, name: str | None = None) -> dict[str, Any] | None:
    """One crime's row of the results with the reasons in sentences; None where it has not been decided.

    Raises BadInput where nothing has been decided yet.
    """
    results, reasons = (dataset if name is None else f"{dataset}_{name}" for dataset in (DATASET, REASONS))
    with duckdb.connect() as connection:
        found = (
            connection.sql(
                f"SELECT r.*, m.reasons FROM {store.latest(results).scan} r "
                f"JOIN {store.latest(reasons).scan} m USING (answers) WHERE r.crime_ref = $1",
                params=[crime_ref],
            )
            .to_arrow_table()
            .to_pylist()
        )
    return found[0] if found else None


def columns(rule: Definition) -> tuple[str, ...]:
    """The columns of the dataset, in their order."""
    return ("crime_ref", "verdict", "limbs", "answers", "definition_version", "beside", *rule.measures)


def _schema(rule: Definition) -> pa.Schema:
    kinds = {"answers": pa.int64(), "limbs": pa.list_(pa.string()), **dict.fromkeys(rule.measures, pa.bool_())}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in columns(rule)])


def _listed(rule: Definition) -> str:
    return ", ".join(f'"{name}"' for name in columns(rule))


def _meanings(rule: Definition, answers: set[int]) -> pa.Table:
    said = [rule.said(word) for word in sorted(answers)]
    text, texts = pa.string(), pa.list_(pa.string())
    return pa.table(
        {
            "answers": pa.array(sorted(answers), pa.int64()),
            "verdict": pa.array([each.verdict for each in said], text),
            "limbs": pa.array([list(each.limbs) for each in said], texts),
            "reasons": pa.array([list(each.reasons) for each in said], texts),
            "definition_version": pa.array([rule.version] * len(said), text),
        }
    )
