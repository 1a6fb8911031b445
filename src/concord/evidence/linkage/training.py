"""Weights estimated from the records themselves, for a person to look at before anything is linked by them.

Method: the prior from pairs that surely agree; u, how often two people agree by chance, from random pairs; m, how
often records of one person agree, by expectation-maximisation over blocks of likely pairs (Fellegi and Sunter 1969;
Winkler 1988), all by splink with a fixed seed. The result is a `linkage.toml` whose review is left open: the strategy
folder refuses it until someone has written their name there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from concord.evidence.datasets.identifiers import identifiers
from concord.evidence.datasets.store import Store
from concord.evidence.extracts.files import make_folder, write_bytes
from concord.evidence.linkage import candidates, model, scoring
from concord.evidence.linkage.records import prepare
from concord.kernel.errors import BadInput, Where
from concord.strategy.shapes.linkage import Comparison, Level, Linkage, Training

SEED = 20260
METHOD = "Expectation-maximisation (splink); u from random pairs; prior from pairs that surely agree"
_FLOOR = 1e-7
"""No level is impossible: an estimate of 0 would forbid what merely was not seen."""


def train(store: Store, home: Path, linkage: Linkage, clock: datetime) -> Path:
    """Estimate weights from every loaded feed that holds identifiers; returns the file written in `home/linkage`.

    Raises BadInput where the partnership's file does not say how to train, or nothing is loaded.
    """
    versions = {
        n: store.latest(n) for n in store.datasets() if any(p.identifiers for p in store.latest(n).manifest.parts)
    }
    if not versions:
        raise BadInput(
            "Nothing is loaded that weights could be estimated from.",
            next_step="Load a feed that names people, for example: concord load crime_persons FILE...",
        )
    with duckdb.connect() as connection:
        prepare(connection, {name: identifiers(home, version) for name, version in versions.items()}, linkage)
        trained = estimate(connection, linkage)
        ((records,),) = connection.sql("SELECT count(*) FROM records").fetchall()
    file = make_folder(home / "linkage", private=True) / f"trained-{clock.date().isoformat()}.toml"
    write_bytes(file, written(trained, clock, records).encode())
    return file


def estimate(connection: duckdb.DuckDBPyConnection, linkage: Linkage) -> Linkage:
    """`linkage` with prior, m and u estimated from table `records`. Levels and thresholds stay as they are."""
    if linkage.training is None:
        raise BadInput(
            "The linkage file does not say how weights are estimated.",
            where=Where(file="linkage.toml", key="training"),
            next_step="Add [training] with sure, sure_recall and passes; national/linkage.toml has one.",
        )
    how = linkage.training
    candidates.guard(connection, replace(linkage, candidates=(*how.sure, *how.passes)))
    with scoring.quietly():
        ((records,),) = connection.sql("SELECT count(*) FROM records").fetchall()
        settings = model.settings(linkage, records)
        for comparison in settings["comparisons"]:
            for level in comparison["comparison_levels"]:
                level.pop("m_probability", None)
                level.pop("u_probability", None)
        linker = scoring.linker(connection, settings)
        linker.training.estimate_probability_two_random_records_match(
            [model.blocking(rule) for rule in how.sure], recall=how.sure_recall
        )
        linker.training.estimate_u_using_random_sampling(
            max_pairs=how.random_pairs, seed=SEED, min_count_per_level=None, num_chunks=1
        )
        for rule in how.passes:
            linker.training.estimate_parameters_using_expectation_maximisation(
                model.blocking(rule), estimate_without_term_frequencies=True
            )
        found = linker.misc.save_model_to_json()
    matches = float(found["probability_two_random_records_match"]) * (records - 1)
    compared = tuple(
        replace(each, level=tuple(_levels(each, made["comparison_levels"][1:])))
        for each, made in zip(linkage.comparison, found["comparisons"], strict=True)
    )
    return replace(linkage, matches_per_record=float(f"{matches:.3g}"), comparison=compared, trained=None)


def _levels(comparison: Comparison, made: Iterable[Mapping[str, Any]]) -> Iterable[Level]:
    """The levels with what was estimated; where nothing was, what the file said stays."""
    for level, estimated in zip(comparison.level, made, strict=True):
        m, u = estimated.get("m_probability"), estimated.get("u_probability")
        yield replace(
            level,
            m=_between(float(m)) if isinstance(m, int | float) else level.m,
            u=_between(float(u)) if isinstance(u, int | float) else level.u,
        )


def _between(value: float) -> float:
    """Rounded to four figures, and never quite 0 or 1."""
    kept = min(max(value, _FLOOR), 1 - _FLOOR)
    return round(kept, 3 - math.floor(math.log10(kept))) if kept < 0.999 else round(kept, 7)


def written(linkage: Linkage, clock: datetime, records: int) -> str:
    """The model as a `linkage.toml`, unreviewed."""
    lines = [
        "# Weights estimated from the records loaded on the day below. Nothing is linked by them until a person has",
        "# looked at them, measured them against labelled pairs, put their name to them here, and moved this file into",
        "# the partnership folder as linkage.toml.",
        f"matches_per_record = {linkage.matches_per_record!r}",
        f"link_at = {linkage.link_at}",
        f"review_from = {linkage.review_from}",
        f"most_pairs_per_record = {linkage.most_pairs_per_record}",
        f"groups_from = {linkage.groups_from}",
        "candidates = [",
        *(f"    {_list(rule)}," for rule in linkage.candidates),
        "]",
        "",
        "[trained]",
        f"on = {clock.date().isoformat()}",
        f"records = {records}",
        f'method = "{METHOD}"',
        'reviewed_by = ""',
        f"reviewed_on = {clock.date().isoformat()}",
    ]
    if linkage.training is not None:
        lines += ["", "[training]", *_training(linkage.training)]
    for table in ("reviewing", "purposes", "uses"):
        for key, value in getattr(linkage, table).items():
            if isinstance(value, str):
                lines += [f"[{table}]"] if f"[{table}]" not in lines else []
                lines.append(f"{key} = {_quoted(value)}")
            else:
                lines += ["", f"[{table}.{key}]", *_plain(value)]
    for rule in linkage.contradiction:
        when = ", ".join(f"{field} = {_list(levels)}" for field, levels in rule.when.items())
        lines += ["", "[[contradiction]]", f"why = {_quoted(rule.why)}", f"when = {{ {when} }}"]
    for comparison in linkage.comparison:
        lines += ["", "[[comparison]]", f'compare = "{comparison.compare}"', "level = ["]
        lines += [f"    {{ {', '.join(_plain(level))} }}," for level in comparison.level]
        lines.append("]")
    return "\n".join(lines) + "\n"


def _training(training: Training) -> Iterable[str]:
    yield f"sure = [{', '.join(_list(rule) for rule in training.sure)}]"
    yield f"sure_recall = {training.sure_recall}"
    yield f"passes = [{', '.join(_list(rule) for rule in training.passes)}]"
    yield f"random_pairs = {training.random_pairs}"


def _plain(value: Any) -> list[str]:
    """The keys of a small dataclass that say something, as TOML."""
    made = []
    for field in fields(value):
        said = getattr(value, field.name)
        if said is None or said is False:
            continue
        made.append(
            f"{field.name} = {'true' if said is True else _quoted(said) if isinstance(said, str) else repr(said)}"
        )
    return made


def _list(words: Iterable[str]) -> str:
    return f"[{', '.join(_quoted(word) for word in words)}]"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
