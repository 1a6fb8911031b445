"""Quality where no truth is known: a sample of pairs that people label, weighed back to all pairs.

Pairs are drawn at random within strata of the model's probability, few from each, so that the rare and doubtful ones
are seen. Each labelled pair stands for the pairs of its stratum that were not drawn (Horvitz and Thompson 1952). Shares
are ratios of such totals with linearised variances; their intervals are Wilson's at the sample size that would give
that variance. Only candidates are sampled: a pair that shares no key was never compared, so recall is among candidates.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from concord.evidence.datasets.identifiers import identifiers
from concord.evidence.datasets.store import Store
from concord.evidence.extracts.files import Clock
from concord.evidence.extracts.versions import digest
from concord.evidence.linkage import candidates, scoring
from concord.evidence.linkage.quality import OVERALL, Line, Quality, Share, store_quality
from concord.evidence.linkage.records import prepare
from concord.evidence.linkage.uses import LINKS
from concord.kernel.errors import BadInput, Where
from concord.kernel.intervals import wilson
from concord.strategy.shapes.linkage import Linkage

FLOOR = 0.0001
"""Pairs below this probability are not sampled: there are very many, and hardly any is one person."""
COLUMNS = ("feed_l", "person_ref_l", "feed_r", "person_ref_r", "stratum", "pairs_in_stratum", "same")
GROUPS = {"sex": "sex", "age": "age", "ethnic_group": "ethnic group"}
"""Optional columns of labels: groups of the pair's first record, by which the quality is broken down."""


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled pair: its stratum, what the linking did with it, what people say, and its groups."""

    stratum: str
    linked: bool
    same: bool
    groups: Mapping[str, str]


def draw(store: Store, home: Path, linkage: Linkage, to: Path, *, each: int = 60, seed: int = 1) -> int:
    """Write a CSV of pairs to label, at most `each` of every stratum; returns how many. `same` is left empty.

    It holds pseudonyms only. Raises BadInput where nothing is loaded that could be linked.
    """
    versions = {n: store.latest(n) for n in store.datasets()}
    feeds = {n: identifiers(home, v) for n, v in versions.items() if any(p.identifiers for p in v.manifest.parts)}
    if not feeds:
        raise BadInput("Nothing is loaded that people could be linked by.", next_step="Load a feed that names people.")
    with duckdb.connect() as connection:
        prepare(connection, feeds, linkage)
        candidates.guard(connection, linkage)
        scoring.score(connection, linkage, from_probability=FLOOR)
        edges = sorted({FLOOR, 0.05, linkage.review_from, linkage.link_at, 0.999})
        stratum = " ".join(
            f"WHEN match_probability >= {edge} THEN '{chr(ord('a') + n)}'"
            for n, edge in reversed(list(enumerate(edges)))
        )
        rows = connection.execute(
            f"""WITH placed AS (SELECT *, CASE {stratum} END AS stratum FROM pairs),
            drawn AS (
                SELECT *, count(*) OVER (PARTITION BY stratum) AS pairs_in_stratum,
                    row_number() OVER (PARTITION BY stratum ORDER BY md5($seed || node_l || node_r)) AS place
                FROM placed
            )
            SELECT l.feed, l.person_ref, r.feed, r.person_ref, stratum, pairs_in_stratum, '' FROM drawn
            JOIN (SELECT DISTINCT node, feed, person_ref FROM records) l ON l.node = node_l
            JOIN (SELECT DISTINCT node, feed, person_ref FROM records) r ON r.node = node_r
            WHERE place <= $each ORDER BY md5($seed || node_r || node_l)""",
            {"seed": str(seed), "each": each},
        ).fetchall()
    with to.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return len(rows)


def measure(connection: duckdb.DuckDBPyConnection, file: Path, links: str, groups_from: int) -> Quality:
    """Quality from a labelled CSV of `draw`, against `links` (what to write after FROM: feed, person_ref, linked_ref).

    `same` is y or n; a row left empty is not counted. Raises BadInput naming file, row and field where it cannot be
    read, or where a labelled record is not among the links.
    """
    labels, sizes = _read(connection, file, links)
    lines = [_line(OVERALL, OVERALL, labels, sizes)]
    for dimension in dict.fromkeys(name for label in labels for name in label.groups):
        found = [
            _line(dimension, group, labels, sizes, group=group)
            for group in sorted({label.groups[dimension] for label in labels if label.groups.get(dimension)})
        ]
        lines += _gaps(found, groups_from)
    return Quality(tuple(lines), f"{len(labels):,} labelled pairs, weighed to {sum(sizes.values()):,} candidates")


def measure_and_store(store: Store, file: Path, linkage: Linkage, clock: Clock) -> Quality:
    """`measure` against the latest links, written to `linkage_quality`."""
    links = store.latest(LINKS)
    with duckdb.connect() as connection:
        quality = measure(connection, file, links.scan, linkage.groups_from)
    source = f"{links.dataset} version {links.version}; labelled pairs {digest(file)[:12]}"
    store_quality(store, quality, links, source=source, synthetic=links.synthetic, clock=clock)
    return quality


def _read(connection: duckdb.DuckDBPyConnection, file: Path, links: str) -> tuple[list[Label], dict[str, int]]:
    rows = _rows(file)
    columns = ("feed_l", "person_ref_l", "feed_r", "person_ref_r")
    table = {name: pa.array([row[name] or "" for row in rows], pa.string()) for name in columns}
    connection.register("given_labels", pa.table({**table, "place": pa.array(range(len(rows)), pa.int64())}))
    together = connection.sql(
        f"""SELECT l.linked_ref, r.linked_ref FROM given_labels s
        LEFT JOIN {links} l ON l.feed = s.feed_l AND l.person_ref = s.person_ref_l
        LEFT JOIN {links} r ON r.feed = s.feed_r AND r.person_ref = s.person_ref_r ORDER BY place"""
    ).fetchall()
    connection.unregister("given_labels")
    labels: list[Label] = []
    sizes: dict[str, int] = {}
    for number, (row, (one, other)) in enumerate(zip(rows, together, strict=True), start=2):
        said = (row["same"] or "").strip().lower()
        if not said:
            continue
        if said not in ("y", "n", "yes", "no"):
            raise BadInput(
                f"“{said}” is not a label.",
                where=Where(file=file, row=number, field="same"),
                next_step="Write y, n, or nothing.",
            )
        if one is None or other is None:
            raise BadInput(
                "A labelled record is not among those that were linked.",
                where=Where(file=file, row=number, field="person_ref_l" if one is None else "person_ref_r"),
                why="Feeds were loaded again, or the labels belong to another home.",
                next_step="Draw a new sample: concord link --sample FILE",
            )
        try:
            sizes[row["stratum"]] = int(row["pairs_in_stratum"])
        except (TypeError, ValueError):
            raise BadInput(
                "The size of a stratum is not a whole number.",
                where=Where(file=file, row=number, field="pairs_in_stratum"),
                next_step="Leave the columns that concord link --sample wrote as they are.",
            ) from None
        groups = {words: row[name] for name, words in GROUPS.items() if row.get(name)}
        labels.append(Label(row["stratum"], one == other, said[0] == "y", groups))
    if not labels:
        raise BadInput(
            "No pair is labelled.",
            where=Where(file=file, field="same"),
            next_step="Write y or n in the column “same”.",
        )
    return labels, sizes


def _rows(file: Path) -> list[dict[str, Any]]:
    """The rows of a labels file, which people have edited in a spreadsheet. Raises BadInput where it is damaged."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            rows = list(reader)
            held = reader.fieldnames or []
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise BadInput(
            "The labelled pairs cannot be read.",
            where=Where(file=file),
            why=str(problem),
            next_step="Give the CSV that concord link --sample wrote, saved as CSV in UTF-8.",
        ) from problem
    missing = [name for name in COLUMNS if name not in held]
    if missing:
        raise BadInput(
            f"The labelled pairs have no column “{missing[0]}”.",
            where=Where(file=file, row=1, field=missing[0]),
            next_step="Leave the columns that concord link --sample wrote as they are.",
        )
    return rows


def _line(
    dimension: str, name: str, labels: Sequence[Label], sizes: Mapping[str, int], *, group: str | None = None
) -> Line:
    chosen = [group is None or label.groups.get(dimension) == group for label in labels]
    right = [float(c and label.linked and label.same) for c, label in zip(chosen, labels, strict=True)]
    linked = [float(c and label.linked) for c, label in zip(chosen, labels, strict=True)]
    same = [float(c and label.same) for c, label in zip(chosen, labels, strict=True)]
    strata = [label.stratum for label in labels]
    totals = {key: _total(values, strata, sizes) for key, values in (("r", right), ("l", linked), ("s", same))}
    return Line(
        dimension, name, totals["r"], totals["l"] - totals["r"], totals["s"] - totals["r"], records=sum(chosen),
        precision=ratio(right, linked, strata, sizes), recall=ratio(right, same, strata, sizes),
    )  # fmt: skip


def _total(values: Sequence[float], strata: Sequence[str], sizes: Mapping[str, int]) -> float:
    counts = {stratum: strata.count(stratum) for stratum in sizes}
    return sum(value * sizes[stratum] / counts[stratum] for value, stratum in zip(values, strata, strict=True))


def ratio(
    part: Sequence[float], whole: Sequence[float], strata: Sequence[str], sizes: Mapping[str, int]
) -> Share | None:
    """A ratio of two totals estimated from a stratified sample, with its interval; None where the whole is nought.

    `part` and `whole` are 0 or 1 for each sampled pair. Variance by linearisation, with the finite population's
    correction (Cochran 1977, 6.13); the interval is Wilson's at the effective sample size, which is Kish's where the
    sample shows no variance at all.
    """
    below = _total(whole, strata, sizes)
    if below <= 0:
        return None
    value = min(max(_total(part, strata, sizes) / below, 0.0), 1.0)
    variance = 0.0
    for stratum, size in sizes.items():
        residuals = [p - value * w for p, w, s in zip(part, whole, strata, strict=True) if s == stratum]
        n = len(residuals)
        if n > 1:
            mean = sum(residuals) / n
            spread = sum((each - mean) ** 2 for each in residuals) / (n - 1)
            variance += size * size * (1 - n / size) * spread / n
    variance /= below * below
    weights = [sizes[s] / strata.count(s) for w, s in zip(whole, strata, strict=True) if w]
    effective = sum(weights) ** 2 / sum(w * w for w in weights)
    if variance > 0 and 0 < value < 1:
        effective = value * (1 - value) / variance
    return Share(value, *wilson(value * effective, effective))


def _gaps(found: Iterable[Line], groups_from: int) -> list[Line]:
    """Each large enough group's distance from the best-found one; intervals as of independent estimates."""
    lines = list(found)
    large = [line for line in lines if line.recall and line.right + line.missed >= groups_from]
    if len(large) < 2:
        return lines
    best = max(large, key=lambda line: line.recall.value if line.recall else 0).recall
    made = []
    for line in lines:
        if line in large and line.recall and best:
            gap = best.value - line.recall.value
            low = gap - ((best.value - best.low) ** 2 + (line.recall.high - line.recall.value) ** 2) ** 0.5
            high = gap + ((best.high - best.value) ** 2 + (line.recall.value - line.recall.low) ** 2) ** 0.5
            line = replace(line, gap=Share(gap, low, high) if gap else Share(0.0, 0.0, 0.0))
        made.append(line)
    return made
