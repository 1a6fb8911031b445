"""How well records were linked, against labelled records: pairs, persons, over all and for each group.

A link that is missed more often for one community than for another is a disparity of its own. Groups are labels of
the truth; the model sees none of them.

Pairs: precision, recall and F1 with Wilson's intervals. Persons: B-cubed precision and recall (Bagga and Baldwin
1998), the mean over records of how much of its person is right and how much of it was found, and the share of people
found whole. Whatever depends on persons has a percentile interval from 1,000 resamplings of people, with a fixed seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from concord.evidence.datasets.store import DatasetVersion, Store
from concord.evidence.extracts.files import scanned
from concord.evidence.extracts.sealing import PURPOSE, Pads, pseudonym_sql, purpose_key
from concord.kernel.errors import BadInput, Where
from concord.kernel.intervals import wilson
from concord.strategy.shapes.linkage import Linkage

if TYPE_CHECKING:
    import numpy as np

DATASET = "linkage_quality"
OVERALL = "everyone"
RESAMPLED, SEED = 1000, 20260
_SHARES = ("precision", "recall", "bcubed_precision", "bcubed_recall", "whole", "gap")


@dataclass(frozen=True, slots=True)
class Share:
    """A share between 0 and 1 with its 95% interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.1%} ({self.low:.1%} to {self.high:.1%})"


@dataclass(frozen=True, slots=True)
class Line:
    """One group's quality: pairs rightly linked, wrongly linked and missed, and of the missed, those that wait.

    A wrong pair between two groups counts half to each. Shares are None where there is nothing to take a share of.
    `gap` is the recall of the best-found group of the dimension less this one's.
    """

    dimension: str
    group: str
    right: float
    wrong: float
    missed: float
    waiting: float = 0
    people: int = 0
    records: int = 0
    precision: Share | None = None
    recall: Share | None = None
    bcubed_precision: Share | None = None
    bcubed_recall: Share | None = None
    whole: Share | None = None
    gap: Share | None = None

    @property
    def f1(self) -> float | None:
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if self.right else None


def pair_line(dimension: str, group: str, right: float, wrong: float, missed: float, *, waiting: float = 0) -> Line:
    """A line with the shares that pairs alone give."""
    return Line(
        dimension, group, right, wrong, missed, waiting=waiting,
        precision=_wilson(right, right + wrong), recall=_wilson(right, right + missed),
    )  # fmt: skip


def _wilson(part: float, whole: float) -> Share | None:
    return Share(part / whole, *wilson(part, whole)) if whole > 0 else None


@dataclass(frozen=True, slots=True)
class Quality:
    """`method` says against which labels."""

    lines: tuple[Line, ...]
    method: str = "labelled records"

    @property
    def overall(self) -> Line:
        return next(line for line in self.lines if line.group == OVERALL)

    def __str__(self) -> str:
        line = self.overall
        if line.precision is None or line.recall is None:
            return "No labelled pair was found."
        said = [f"Against {self.method}: precision {line.precision}, recall {line.recall}, F1 {line.f1:.3f}."]
        if line.whole is not None:
            said.append(f"People found whole: {line.whole}. B-cubed {line.bcubed_precision}, {line.bcubed_recall}.")
        gaps = [each for each in self.lines if each.gap is not None and each.gap.value > 0]
        if gaps:
            worst = max(gaps, key=lambda each: each.gap.value if each.gap else 0)
            said.append(f"Least found by {worst.dimension}: {worst.group}, {worst.gap} behind the best found.")
        return "\n".join(said)


def measure(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    truth: Path,
    owners: Mapping[str, str],
    settings: Linkage,
    *,
    as_of: date,
) -> Quality:
    """Pairs of records of one true person against pairs with one `linked_ref`, counted without listing pairs.

    `owners` names each feed's supplier, whose numbers its pseudonyms are made from. `truth` has feed, record_id and
    true_person; beside it, `people.csv` may give sex, ethnicity and born_on of each true person to break the quality
    down by, ages as of `as_of`. Raises BadInput where `truth` is not there.
    """
    if not truth.is_file():
        raise BadInput("There are no labelled records there.", where=Where(file=truth))
    Pads.of(purpose_key(home, PURPOSE)).tell(connection)
    connection.execute(
        f"CREATE OR REPLACE TABLE labelled AS SELECT * FROM read_csv({scanned(truth)}, all_varchar = true)"
    )
    pseudonyms = " UNION ALL ".join(
        f"SELECT feed, {pseudonym_sql('record_id', owner)} AS person_ref, true_person "
        f"FROM labelled WHERE feed = '{feed}'"
        for feed, owner in owners.items()
    )
    connection.execute(
        f"""CREATE OR REPLACE TABLE judged AS
        SELECT DISTINCT feed, person_ref, true_person, linked_ref
        FROM ({pseudonyms}) JOIN links USING (feed, person_ref)"""
    )
    people = truth.with_name("people.csv")
    groups = {}
    if people.is_file():
        connection.execute(
            f"CREATE OR REPLACE TABLE people AS SELECT * FROM read_csv({scanned(people)}, all_varchar = true)"
        )
        groups = {name: sql.format(as_of=as_of.isoformat()) for name, sql in _GROUPS.items()}
    return Quality(judge(connection, groups, settings.groups_from))


_GROUPS = {
    "sex": "sex",
    "age": "CASE WHEN born_on::DATE > DATE '{as_of}' - INTERVAL 18 YEAR THEN 'under 18' "
    "WHEN born_on::DATE > DATE '{as_of}' - INTERVAL 25 YEAR THEN '18 to 24' ELSE '25 and over' END",
    "ethnic group": "CASE left(ethnicity, 1) WHEN 'A' THEN 'Asian' WHEN 'B' THEN 'Black' WHEN 'M' THEN 'Mixed' "
    "WHEN 'W' THEN 'White' ELSE 'Other or not stated' END",
}
_MEASURES = ("true_pairs", "right", "wrong", "bcubed_p", "bcubed_r", "records", "whole", "people", "waiting")


def judge(connection: duckdb.DuckDBPyConnection, groups: Mapping[str, str], groups_from: int) -> tuple[Line, ...]:
    """Lines from table `judged` (feed, person_ref, true_person, linked_ref) and, for `groups`, table `people`.

    `groups` gives each dimension an SQL expression over `people`. People who contribute alike are counted together,
    so that resampling costs the number of different contributions and not of people.
    """
    import numpy as np

    labels = "".join(f", {sql} AS g{n}" for n, sql in enumerate(groups.values()))
    joined = f"LEFT JOIN (SELECT true_person{labels} FROM people) USING (true_person)" if groups else ""
    named = [f"g{n}" for n in range(len(groups))]
    grouped = "".join(f", {name}" for name in named)
    held = {row[0] for row in connection.sql("SHOW TABLES").fetchall()}
    waits = (
        """SELECT l.true_person, count(*) AS waiting FROM waiting w
        JOIN judged l ON l.feed = w.feed_l AND l.person_ref = w.person_ref_l
        JOIN judged r ON r.feed = w.feed_r AND r.person_ref = w.person_ref_r AND r.true_person = l.true_person
        GROUP BY 1"""
        if "waiting" in held
        else "SELECT NULL AS true_person, 0 AS waiting WHERE false"
    )
    rows = connection.sql(
        f"""WITH sizes AS (SELECT linked_ref, count(*) AS size FROM judged GROUP BY 1),
        parts AS (SELECT true_person, linked_ref, count(*) AS m FROM judged GROUP BY ALL),
        totals AS (SELECT true_person, count(*) AS n FROM judged GROUP BY 1),
        waits AS ({waits}),
        each AS (
            SELECT true_person, any_value(n * (n - 1) / 2) AS true_pairs, sum(m * (m - 1) / 2) AS "right",
                sum(m * (size - m) / 2) AS wrong, sum(m * m / size) AS bcubed_p, sum(m * m / n) AS bcubed_r,
                any_value(n) AS records, (count(*) = 1 AND max(size) = any_value(n))::INT AS whole, 1 AS people,
                any_value(coalesce(waiting, 0)) AS waiting
            FROM parts JOIN sizes USING (linked_ref) JOIN totals USING (true_person)
            LEFT JOIN waits USING (true_person) GROUP BY true_person
        )
        SELECT {", ".join(f'"{m}"' for m in _MEASURES)}{grouped}, count(*) AS n FROM each {joined}
        GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    if not rows:
        return (Line(OVERALL, OVERALL, 0, 0, 0),)
    values = np.array([row[: len(_MEASURES)] for row in rows], dtype=float)
    counts = np.array([row[-1] for row in rows], dtype=float)
    draws = np.random.default_rng(SEED).multinomial(int(counts.sum()), counts / counts.sum(), RESAMPLED)
    lines = [_line(OVERALL, OVERALL, values, counts, draws)]
    for n, dimension in enumerate(groups):
        of = np.array([row[len(_MEASURES) + n] if row[len(_MEASURES) + n] is not None else "" for row in rows])
        found = {}
        for group in sorted({str(each) for each in of} - {""}):
            mask = of == group
            found[group] = (_line(dimension, group, values[mask], counts[mask], draws[:, mask]), mask)
        lines += _with_gaps(found, values, draws, groups_from)
    return tuple(lines)


def _line(dimension: str, group: str, values: np.ndarray, counts: np.ndarray, draws: np.ndarray) -> Line:
    total = dict(zip(_MEASURES, (counts @ values).tolist(), strict=True))
    sums = dict(zip(_MEASURES, (draws @ values).T, strict=True))

    def resampled(part: str, whole: str) -> Share | None:
        return _percentiles(total[part] / total[whole], sums[part], sums[whole]) if total[whole] else None

    return Line(
        dimension, group, total["right"], total["wrong"], total["true_pairs"] - total["right"],
        waiting=total["waiting"], people=int(total["people"]), records=int(total["records"]),
        precision=_wilson(total["right"], total["right"] + total["wrong"]),
        recall=_wilson(total["right"], total["true_pairs"]),
        bcubed_precision=resampled("bcubed_p", "records"), bcubed_recall=resampled("bcubed_r", "records"),
        whole=resampled("whole", "people"),
    )  # fmt: skip


def _percentiles(value: float, part: np.ndarray, whole: np.ndarray) -> Share:
    import numpy as np

    low, high = np.percentile(part[whole > 0] / whole[whole > 0], [2.5, 97.5])
    return Share(value, float(min(low, value)), float(max(high, value)))


def _with_gaps(
    found: Mapping[str, tuple[Line, np.ndarray]], values: np.ndarray, draws: np.ndarray, groups_from: int
) -> list[Line]:
    """The lines of a dimension, those of large enough groups with their distance from the best-found group."""
    from dataclasses import replace

    import numpy as np

    large = {g: (line, mask) for g, (line, mask) in found.items() if line.right + line.missed >= groups_from}
    if len(large) < 2:
        return [line for line, _ in found.values()]
    right, true = _MEASURES.index("right"), _MEASURES.index("true_pairs")

    def recalls(mask: np.ndarray) -> np.ndarray:
        sums = draws[:, mask] @ values[mask]
        return np.divide(sums[:, right], sums[:, true], out=np.zeros(len(sums)), where=sums[:, true] > 0)

    best = max(large, key=lambda group: large[group][0].recall.value if large[group][0].recall else 0)
    top = recalls(large[best][1])
    lines = []
    for group, (line, mask) in found.items():
        if group in large and line.recall and large[best][0].recall:
            gap = large[best][0].recall.value - line.recall.value
            low, high = np.percentile(top - recalls(mask), [2.5, 97.5])
            line = replace(line, gap=Share(gap, float(low), float(high)))
        lines.append(line)
    return lines


def stored(store: Store) -> Quality:
    """What `linkage_quality` holds, for a page to show. Raises BadInput where links were never measured."""
    version = store.latest(DATASET)
    with duckdb.connect() as connection:
        rows = connection.sql(f"SELECT * FROM {version.scan}").to_arrow_table().to_pylist()
    lines = []
    for row in rows:
        shares = {
            name: Share(row[name], row[f"{name}_low"], row[f"{name}_high"]) if row[name] is not None else None
            for name in _SHARES
        }
        counts = {name: row[name] for name in ("right", "wrong", "missed", "waiting", "people", "records")}
        lines.append(Line(row["dimension"], row["group"], **counts, **shares))
    return Quality(tuple(lines), rows[0]["method"])


def store_quality(
    store: Store,
    quality: Quality,
    links: DatasetVersion,
    *,
    source: str,
    synthetic: bool,
    clock: Callable[[], datetime],
) -> DatasetVersion:
    """Write `linkage_quality`: a row for each group, every share with `_low` and `_high`, and the links measured."""
    rows = []
    for line in quality.lines:
        row: dict[str, object] = {
            name: getattr(line, name)
            for name in ("dimension", "group", "people", "records", "right", "wrong", "missed", "waiting", "f1")
        }
        for name in _SHARES:
            share: Share | None = getattr(line, name)
            row |= {
                name: share.value if share else None,
                f"{name}_low": share.low if share else None,
                f"{name}_high": share.high if share else None,
            }
        rows.append(row | {"method": quality.method, "links_sha256": links.ref.sha256})
    numbers = [(name, pa.float64()) for share in _SHARES for name in (share, f"{share}_low", f"{share}_high")]
    schema = pa.schema(
        [
            ("dimension", pa.string()), ("group", pa.string()), ("people", pa.int64()), ("records", pa.int64()),
            *((name, pa.float64()) for name in ("right", "wrong", "missed", "waiting", "f1")), *numbers,
            ("method", pa.string()), ("links_sha256", pa.string()),
        ]
    )  # fmt: skip
    table = pa.Table.from_pylist(rows, schema=schema)
    return store.write(DATASET, {"all": table}, source=source, synthetic=synthetic, clock=clock)
