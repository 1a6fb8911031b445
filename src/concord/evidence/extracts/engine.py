"""One staged file to Parquet, set-based: the sound rows to the dataset, every other row to the quarantine with reasons.

Three ways, the cheapest that is exact. (1) DuckDB reads the file and writes what passes every check; if it wrote as
many rows as the file has lines below its headings, nothing is wrong and we are done. (2) If DuckDB can split every
line, it reads again with row numbers and explains each row that failed. (3) If the file itself is damaged, it is
split record by record first (`records.py`), and the sound records are read as in (2).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from concord.evidence.extracts.arrivals import Profile
from concord.evidence.extracts.checks import Plan, named, quoted
from concord.evidence.extracts.headings import Layout
from concord.evidence.extracts.records import resplit
from concord.evidence.extracts.sealing import hmac_pads

MEMORY_LIMIT = "3GB"
_SHOWN = 200
"""Longest value repeated in an error report."""


@dataclass(frozen=True, slots=True)
class Text:
    """A staged file as text. `heading_lines` are the headings and anything above them; `direct` says whether DuckDB
    may read it as it is."""

    path: Path
    profile: Profile
    encoding: str
    heading_lines: int
    direct: bool

    @property
    def lines_below(self) -> int:
        return self.profile.lines - self.heading_lines


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file's rows; `rows == accepted + quarantined` always."""

    rows: int
    accepted: int
    quarantined: int


@contextmanager
def connection(work: Path, pseudonym_key: bytes | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory that spills only into the private work folder, and knows the pseudonym pads if given."""
    con = duckdb.connect(":memory:")
    try:
        con.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        con.execute(f"SET temp_directory = {quoted(work / 'spill')}")
        con.execute("SET TimeZone = 'UTC'")
        con.execute("SET enable_progress_bar = false")
        if pseudonym_key is not None:
            inner, outer = hmac_pads(pseudonym_key)
            con.execute("SET VARIABLE pseudonym_inner = $1", [inner])
            con.execute("SET VARIABLE pseudonym_outer = $1", [outer])
        yield con
    finally:
        con.close()


def _csv(path: Path, names: list[str], skip: int) -> str:
    columns = ", ".join(f"{quoted(name)}: {quoted('BIGINT' if name == 'row_no' else 'VARCHAR')}" for name in names)
    return (
        f"read_csv({quoted(path)}, auto_detect=false, header=false, skip={skip}, columns={{{columns}}}, "
        "delim=',', quote='\"', escape='\"', strict_mode=true, null_padding=false)"
    )


def _listed(pairs: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{sql} AS {named(name)}" for name, sql in pairs)


def _typed(plan: Plan, source: str, *, numbered: bool) -> str:
    """A query with the raw and typed columns of every row of `source`, and `row_no` where numbered."""
    row_no = "row_no, " if numbered else ""
    wide = ", COLUMNS('^c[0-9]+$')" if plan.unnest else ""
    inner = f"SELECT {row_no}{_listed(plan.raw)}{wide} FROM {source}"  # noqa: S608
    return f"SELECT *, {_listed(plan.typed)} FROM ({inner})"  # noqa: S608


def _failing(plan: Plan) -> str:
    return " OR ".join(f"({check.fails})" for check in plan.checks) or "false"


def _output(plan: Plan, rows: str) -> str:
    unfolded = f", unnest({plan.unnest}) AS s(u)" if plan.unnest else ""
    return f"SELECT {_listed(plan.columns)} FROM ({rows}) AS t{unfolded}"  # noqa: S608


def _copy(con: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    # The optimiser may not reorder rows: the same file must always give the same bytes.
    row = con.execute(f"COPY ({query}) TO {quoted(target)} (FORMAT parquet, COMPRESSION zstd)").fetchone()
    return int(row[0]) if row else 0


def _judged(plan: Plan, source: str) -> str:
    """All rows with `bad` (fails a row check) and `d0`, `d1`... (repeats the unique key of an earlier sound row)."""
    query = f"SELECT *, {_failing(plan)} AS bad FROM ({_typed(plan, source, numbered=True)})"  # noqa: S608
    repeats = []
    received = {name for name, _ in plan.typed}
    for index, columns in enumerate(plan.unique_keys):
        keys = [column for column in columns if f"v_{column}" in received]
        present = " AND ".join(f"{named('v_' + key)} IS NOT NULL" for key in keys)
        by = ", ".join(named("v_" + key) for key in keys)
        earlier = f"row_number() OVER (PARTITION BY bad, {by} ORDER BY row_no) > 1"
        repeats.append(f"(NOT bad AND {present} AND {earlier}) AS d{index}")
    return f"SELECT *, {', '.join(repeats)} FROM ({query})" if repeats else query  # noqa: S608


def _repeated(plan: Plan) -> str:
    return " OR ".join(f"d{index}" for index in range(len(plan.unique))) or "false"


def _has_repeats(con: duckdb.DuckDBPyConnection, plan: Plan, target: Path) -> bool:
    """Whether a written file breaks a unique rule; reading back the few key columns is cheaper than a window."""
    for keys in plan.unique_keys:
        listed = ", ".join(named(key) for key in keys)
        row = con.execute(
            f"SELECT count(*) FROM (SELECT {listed} FROM read_parquet({quoted(target)}) "  # noqa: S608
            f"WHERE {' AND '.join(f'{named(k)} IS NOT NULL' for k in keys)} GROUP BY {listed} HAVING count(*) > 1)"
        ).fetchone()
        if row and row[0]:
            return True
    return False


def convert(
    con: duckdb.DuckDBPyConnection, text: Text, layout: Layout, plan: Plan, target: Path, faults: Path, work: Path
) -> Outcome:
    """Writes the sound rows to `target` (Parquet) and the reasons for every other row to `faults` (CSV, made only
    where there are any). Raises duckdb.IOException on a full disk."""
    names = [f"c{i}" for i in range(len(layout.columns))]
    below = text.lines_below
    splittable = text.direct
    if splittable:
        source = _csv(text.path, names, text.heading_lines)
        try:
            good = f"SELECT * FROM ({_typed(plan, source, numbered=False)}) WHERE NOT ({_failing(plan)})"  # noqa: S608
            accepted = _copy(con, _output(plan, good), target) // plan.cells
            if accepted == below and not _has_repeats(con, plan, target):
                return Outcome(below, below, 0)
            counted = con.execute(f"SELECT count(*) FROM {source}").fetchone()  # noqa: S608
            splittable = counted is not None and counted[0] == below
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            splittable = False
    first = text.heading_lines + 1
    broken_file, broken, rows = work / "broken.csv", 0, below
    if splittable:
        numbered = f"(SELECT row_number() OVER () + {first - 1} AS row_no, * FROM {source})"  # noqa: S608
    else:
        sound_file = work / "sound.csv"
        split = resplit(
            text.path,
            text.encoding,
            len(names),
            skip=text.heading_lines,
            complete=text.profile.ends_cleanly,
            sound_to=sound_file,
            broken_to=broken_file,
        )
        broken, rows = split.broken, split.sound + split.broken
        numbered = _csv(sound_file, ["row_no", *names], 0) if split.sound else _nothing(names)
    good = f"SELECT * FROM ({_judged(plan, numbered)}) WHERE NOT bad AND NOT ({_repeated(plan)}) ORDER BY row_no"  # noqa: S608
    accepted = _copy(con, _output(plan, good), target) // plan.cells
    if accepted < rows:
        _explain(con, plan, numbered, broken_file if broken else None, faults)
        counted = con.execute(f"SELECT count(DISTINCT \"row\") FROM read_csv({quoted(faults)}, all_varchar=true)").fetchone()  # noqa: S608
        quarantined = int(counted[0]) if counted else 0
    else:
        quarantined = 0
    if rows != accepted + quarantined:
        raise AssertionError(f"{rows} rows came, {accepted} were accepted and {quarantined} quarantined")
    return Outcome(rows, accepted, quarantined)


def _nothing(names: list[str]) -> str:
    return "(SELECT 0::BIGINT AS row_no, " + ", ".join(f"''::VARCHAR AS {n}" for n in names) + " WHERE false)"  # noqa: S608


def _explain(con: duckdb.DuckDBPyConnection, plan: Plan, numbered: str, broken: Path | None, faults: Path) -> None:
    """One line for each thing wrong: row, field, rule, value, problem, fix. Identifying values are withheld."""
    checks = [*plan.checks, *plan.unique]
    con.execute("CREATE OR REPLACE TEMP TABLE reasons (k INT, field VARCHAR, rule VARCHAR, problem VARCHAR, fix VARCHAR)")
    con.executemany(
        "INSERT INTO reasons VALUES (?, ?, ?, ?, ?)",
        [[k, check.field, check.rule, check.problem, check.fix] for k, check in enumerate(checks)],
    )
    flags = [check.fails for check in plan.checks] + [f"d{i}" for i in range(len(plan.unique))]
    found = ", ".join(f"CASE WHEN {flag} THEN {k} END" for k, flag in enumerate(flags))
    raw_names = {name for name, _ in plan.raw}
    values = []
    for check in checks:
        raw = f"r_{check.field}"
        if raw not in raw_names:
            values.append("'(in one of its cells)'")
        elif check.secret:
            values.append(f"'(withheld: ' || length({named(raw)}) || ' characters)'")
        else:
            values.append(f"left({named(raw)}, {_SHOWN})")
    marked = (
        f"SELECT row_no, unnest(list_filter([{found}], lambda k: k IS NOT NULL)) AS k, [{', '.join(values)}] AS shown "  # noqa: S608
        f"FROM ({_judged(plan, numbered)}) WHERE bad OR {_repeated(plan)}"
    )
    # A spreadsheet runs a cell that starts like a formula, so such text is defused; numbers are not.
    shown = "coalesce(m.shown[m.k + 1], '')"
    query = (
        f'SELECT m.row_no AS "row", r.field, r.rule, {shown} AS value, r.problem, r.fix '  # noqa: S608
        f"FROM ({marked}) m JOIN reasons r USING (k)"
    )
    if broken is not None:
        secret = any(check.secret for check in plan.checks) or bool(plan.identifiers)
        value = "'(withheld: ' || length(value) || ' characters)'" if secret else "value"
        query += (
            f" UNION ALL SELECT \"row\", '' AS field, rule, {value} AS value, problem, fix "  # noqa: S608
            f"FROM read_csv({quoted(broken)}, auto_detect=false, header=false, delim=',', quote='\"', escape='\"', "
            "columns={'row': 'BIGINT', 'rule': 'VARCHAR', 'value': 'VARCHAR', 'problem': 'VARCHAR', 'fix': 'VARCHAR'})"
        )
    safe = "CASE WHEN regexp_matches(value, '^[=+@\\t\\r-]') AND TRY_CAST(value AS DOUBLE) IS NULL THEN '''' || value ELSE value END"
    con.execute(
        f'COPY (SELECT "row", field, rule, {safe} AS value, problem, fix FROM ({query}) ORDER BY "row", field, rule) '  # noqa: S608
        f"TO {quoted(faults)} (FORMAT csv, HEADER)"
    )


def identifying_parquet(con: duckdb.DuckDBPyConnection, text: Text, layout: Layout, plan: Plan, work: Path) -> bytes:
    """The identifying columns of the accepted rows, each combination once, as Parquet in memory: never on the disk."""
    names = [f"c{i}" for i in range(len(layout.columns))]
    sound = work / "sound.csv"
    source = _csv(sound, ["row_no", *names], 0) if sound.exists() else _csv(text.path, names, text.heading_lines)
    good = f"SELECT * FROM ({_typed(plan, source, numbered=False)}) WHERE NOT ({_failing(plan)})"  # noqa: S608
    table = con.execute(
        f"SELECT DISTINCT {_listed(plan.identifiers)} FROM ({good}) WHERE person_ref IS NOT NULL ORDER BY ALL"  # noqa: S608
    ).to_arrow_table()
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()
