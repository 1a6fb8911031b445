"""How well records were linked, against labelled pairs: over all, and for each group.

A link that is missed more often for one community than for another is a disparity of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from concord.evidence.datasets.store import Store
from concord.evidence.extracts.sealing import PURPOSE, hmac_pads, key, pseudonym_sql
from concord.kernel.errors import BadInput, Where
from concord.kernel.intervals import wilson
from concord.strategy.shapes.linkage import Linkage

DATASET = "linkage_quality"
OVERALL = "everyone"


@dataclass(frozen=True, slots=True)
class Line:
    """One group's quality: pairs rightly linked, wrongly linked and missed."""

    dimension: str
    group: str
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float | None:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        return self.right / (self.right + self.missed) if self.right + self.missed else None


@dataclass(frozen=True, slots=True)
class Quality:
    lines: tuple[Line, ...]
    bar_precision: float
    bar_recall: float

    @property
    def overall(self) -> Line:
        return next(line for line in self.lines if line.group == OVERALL)

    @property
    def good_enough(self) -> bool:
        """Whether uses that rest on links may go on: the lower ends of both intervals reach the bar."""
        line = self.overall
        return (
            line.right > 0
            and wilson(line.right, line.right + line.wrong)[0] >= self.bar_precision
            and wilson(line.right, line.right + line.missed)[0] >= self.bar_recall
        )

    def __str__(self) -> str:
        line = self.overall
        if not line.right:
            return "No labelled pair was found."
        low_p, high_p = wilson(line.right, line.right + line.wrong)
        low_r, high_r = wilson(line.right, line.right + line.missed)
        words = "reaches" if self.good_enough else "does NOT reach"
        return (
            f"Against labelled pairs: precision {line.precision:.1%} ({low_p:.1%} to {high_p:.1%}), "
            f"recall {line.recall:.1%} ({low_r:.1%} to {high_r:.1%}); it {words} the partnership's bar."
        )


def measure(
    connection: duckdb.DuckDBPyConnection, home: Path, truth: Path, owners: Mapping[str, str], settings: Linkage
) -> Quality:
    """Pairs of records of one true person against pairs with one `linked_ref`, counted without listing pairs.

    `owners` names each feed's supplier, whose numbers its pseudonyms are made from. `truth` has feed, record_id and
    true_person; beside it, `people.csv` may give sex, ethnicity and born_on of each true person to break the quality
    down by. Both are labels: neither is seen by the model.
    """
    if not truth.is_file():
        raise BadInput("There are no labelled records there.", where=Where(file=truth))
    inner, outer = hmac_pads(key(home, f"pseudonym-{PURPOSE}"))
    connection.execute("SET VARIABLE pseudonym_inner = $pad", {"pad": inner})
    connection.execute("SET VARIABLE pseudonym_outer = $pad", {"pad": outer})
    connection.execute(f"CREATE TABLE labelled AS SELECT * FROM read_csv('{truth}', all_varchar = true)")
    pseudonyms = " UNION ALL ".join(
        f"SELECT feed, {pseudonym_sql('record_id', owner)} AS person_ref, true_person "
        f"FROM labelled WHERE feed = '{feed}'"
        for feed, owner in owners.items()
    )
    connection.execute(
        f"CREATE TABLE judged AS SELECT true_person, linked_ref FROM ({pseudonyms}) JOIN links USING (feed, person_ref)"
    )
    lines = [_count(connection, "everyone", OVERALL, "TRUE")]
    people = truth.with_name("people.csv")
    if people.is_file():
        connection.execute(f"CREATE TABLE people AS SELECT * FROM read_csv('{people}', all_varchar = true)")
        for dimension, group in _GROUPS.items():
            values = connection.sql(f"SELECT DISTINCT {group} FROM people WHERE {group} IS NOT NULL ORDER BY 1")
            for (value,) in values.fetchall():
                where = f"true_person IN (SELECT true_person FROM people WHERE {group} = '{value}')"
                lines.append(_count(connection, dimension, str(value), where))
    return Quality(tuple(lines), settings.bar_precision, settings.bar_recall)


_GROUPS = {
    "sex": "sex",
    "ethnic group": "CASE left(ethnicity, 1) WHEN 'A' THEN 'Asian' WHEN 'B' THEN 'Black' WHEN 'M' THEN 'Mixed' "
    "WHEN 'W' THEN 'White' ELSE 'Other or not stated' END",
    "age": "CASE WHEN born_on >= '2008-11-01' THEN 'under 18' ELSE '18 and over' END",
}


def _count(connection: duckdb.DuckDBPyConnection, dimension: str, group: str, where: str) -> Line:
    """Right, wrong and missed pairs with at least one record of the group, from the sizes of the groups of records."""
    mine = f"WITH mine AS (SELECT * FROM judged WHERE {where})"
    pairs = "sum(n * (n - 1) / 2)"
    right = _number(
        connection, f"{mine} SELECT {pairs} FROM (SELECT count(*) AS n FROM mine GROUP BY true_person, linked_ref)"
    )
    true = _number(connection, f"{mine} SELECT {pairs} FROM (SELECT count(*) AS n FROM mine GROUP BY true_person)")
    joined = _number(
        connection,
        f"""{mine}, sizes AS (
            SELECT count(*) AS n, count(*) FILTER (WHERE NOT ({where})) AS others
            FROM judged WHERE linked_ref IN (SELECT linked_ref FROM mine) GROUP BY linked_ref
        ) SELECT sum(n * (n - 1) / 2 - others * (others - 1) / 2) FROM sizes""",
    )
    return Line(dimension, group, right, joined - right, true - right)


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    ((value,),) = connection.sql(query).fetchall()
    return int(value or 0)


def store_quality(
    store: Store, quality: Quality, *, source: str, synthetic: bool, clock: Callable[[], datetime]
) -> None:
    """Write `linkage_quality`: for each group right, wrong, missed, precision, recall; for everyone, good enough."""
    rows = [
        {
            "dimension": line.dimension,
            "group": line.group,
            "right": line.right,
            "wrong": line.wrong,
            "missed": line.missed,
            "precision": line.precision,
            "recall": line.recall,
            "good_enough": quality.good_enough if line.group == OVERALL else None,
        }
        for line in quality.lines
    ]
    store.write(DATASET, {"all": pa.Table.from_pylist(rows)}, source=source, synthetic=synthetic, clock=clock)
