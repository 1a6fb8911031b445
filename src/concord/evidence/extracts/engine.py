"""One staged file to Parquet, set-based: the sound rows to the dataset, every other row to the quarantine with reasons.

Three ways, the cheapest that is exact. (1) DuckDB reads the file and writes what passes every check; if it wrote as
many rows as the file has lines below its headings, nothing is wrong and we are done. (2) If DuckDB can split every
line, it reads again with row numbers and explains each row that failed. (3) If the file itself is damaged, it is
split record by record first (`records.py`), and the sound records are read as in (2).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from concord.evidence.extracts.checks import Plan, named, quoted
from concord.evidence.extracts.files import scanned
from concord.evidence.extracts.headings import Layout
from concord.evidence.extracts.records import resplit
from concord.evidence.extracts.sealing import hmac_pads
from concord.evidence.extracts.staging import Profile

MEMORY_LIMIT = "3GB"
PARQUET = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1"
"""How parts are written: the first level is a tenth faster to load than the usual third, and 2% larger."""
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
    separator: str = ","

    @property
    def lines_below(self) -> int:
        return self.profile.lines - self.heading_lines


@dataclass(frozen=True, slots=True)
class Scan:
    """Columns of text that come from no text file: queries for DuckDB, so that a large file streams.

    `source` gives columns c0, c1 and so on, `numbered` the same after `row_no`; `rows` are in them. `broken` more rows
    were set aside before: they are described in broken.csv of the work folder, as `records.py` describes them.
    """

    source: str
    numbered: str
    rows: int
    broken: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file's rows; `rows == accepted + quarantined` always."""

    rows: int
    accepted: int
    quarantined: int


Converter = Callable[[duckdb.DuckDBPyConnection, Text | Scan, Layout, Plan, Path, Path, Path], Outcome]
"""What `convert` is, here or elsewhere: a staged file to Parquet and reasons, the connection left as `convert` does."""


@contextmanager
def connection(work: Path, pseudonym_key: bytes | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory that spills only into the private work folder, and knows the pseudonym pads if given."""
    con = duckdb.connect(":memory:")
    try:
        con.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        con.execute(f"SET temp_directory = {quoted(work / 'spill')}")
        con.execute("SET enable_progress_bar = false")
        prepare(con, pseudonym_key)
        yield con
    finally:
        # A run that was stopped may have a cursor at work for a moment yet. The database is in memory and goes with it,
        # and to complain of that would hide why the run was stopped.
        with suppress(duckdb.ResourceInUseException):
            con.close()


def prepare(con: duckdb.DuckDBPyConnection, pseudonym_key: bytes | None) -> None:
    """What each connection, and each cursor of one, has to be told itself: the zone and the pseudonym pads."""
    con.execute("SET TimeZone = 'UTC'")
    if pseudonym_key is not None:
        inner, outer = hmac_pads(pseudonym_key)
        con.execute("SET VARIABLE pseudonym_inner = $1", [inner])
        con.execute("SET VARIABLE pseudonym_outer = $1", [outer])


def _csv(path: Path, names: list[str], skip: int, separator: str = ",") -> str:
    columns = ", ".join(f"{quoted(name)}: {quoted('BIGINT' if name == 'row_no' else 'VARCHAR')}" for name in names)
    return (
        f"read_csv({scanned(path)}, auto_detect=false, header=false, skip={skip}, columns={{{columns}}}, "
        f"delim={quoted(separator)}, quote='\"', escape='\"', strict_mode=true, null_padding=false)"
    )


def _listed(pairs: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{sql} AS {named(name)}" for name, sql in pairs)


def _typed(plan: Plan, source: str, *, as_sent: bool = False, numbered: bool = False) -> str:
    """A query with the raw and typed columns of every row of `source`, and `row_no` where numbered."""
    row_no = "row_no, " if numbered else ""
    wide = ", COLUMNS('^c[0-9]+$')" if plan.unnest else ""
    inner = f"SELECT {row_no}{_listed(plan.as_sent if as_sent else plan.raw)}{wide} FROM {source}"
    return f"SELECT *, {_listed(plan.typed)} FROM ({inner})"


def _failing(plan: Plan) -> str:
    return " OR ".join(f"({check.fails})" for check in plan.checks) or "false"


def _sound_as_sent(plan: Plan, source: str) -> str:
    """The rows that are right without any trimming: nearly always, all of them."""
    doubtful = " OR ".join([_failing(plan), *plan.padded])
    return f"SELECT * FROM ({_typed(plan, source, as_sent=True)}) WHERE NOT ({doubtful})"


def _write(con: duckdb.DuckDBPyConnection, plan: Plan, rows: str, target: Path) -> int:
    """Writes the dataset's columns of `rows` as Parquet and returns how many of the received rows that was.

    What identifies persons is kept in the temporary table `identified`, in memory, and never written with them.
    """
    unfolded = f"SELECT COLUMNS('^[rvx]_'), {plan.unnest} FROM ({rows})" if plan.unnest else rows
    query = f"SELECT {_listed(plan.columns)} FROM ({unfolded})"
    if plan.identifiers:
        both = plan.columns + tuple((f"i_{name}", sql) for name, sql in plan.identifiers)
        con.execute(f"CREATE OR REPLACE TEMP TABLE identified AS SELECT {_listed(both)} FROM ({rows})").fetchall()
        query = f"SELECT {', '.join(named(name) for name, _ in plan.columns)} FROM identified"
    return _number(con, f"COPY ({query}) TO {quoted(target)} ({PARQUET})") // plan.cells


def _judged(plan: Plan, numbered: str, *, everything: bool) -> str:
    """Rows with `faults`, the list of the checks they fail: every row, or only those that fail one.

    A row that repeats the unique key of an earlier sound row fails that rule, which needs every row to see.
    """
    found = ", ".join(f"CASE WHEN {check.fails} THEN {k} END" for k, check in enumerate(plan.checks))
    faults = f"list_filter([{found}]::INT[], lambda k: k IS NOT NULL)"
    query = f"SELECT *, {faults} AS faults FROM ({_typed(plan, numbered, numbered=True)})"
    if not everything:
        return f"{query} WHERE {_failing(plan)}"
    received = {name for name, _ in plan.typed}
    for index, columns in enumerate(plan.unique_keys):
        keys = [named(f"v_{column}") for column in columns if f"v_{column}" in received]
        present = " AND ".join(f"{key} IS NOT NULL" for key in keys)
        earlier = f"row_number() OVER (PARTITION BY len(faults) = 0, {', '.join(keys)} ORDER BY row_no) > 1"
        repeats = f"len(faults) = 0 AND {present} AND {earlier}"
        position = len(plan.checks) + index
        query = f"SELECT * REPLACE (CASE WHEN {repeats} THEN [{position}] ELSE faults END AS faults) FROM ({query})"
    return query


def _has_repeats(con: duckdb.DuckDBPyConnection, plan: Plan, target: Path) -> bool:
    """Whether a written file breaks a unique rule; reading back the few key columns is cheaper than a window."""
    for keys in plan.unique_keys:
        listed = ", ".join(named(key) for key in keys)
        present = " AND ".join(f"{named(k)} IS NOT NULL" for k in keys)
        repeated = (
            f"SELECT {listed} FROM read_parquet({scanned(target)}) WHERE {present} "
            f"GROUP BY {listed} HAVING count(*) > 1"
        )
        if _number(con, f"SELECT count(*) FROM ({repeated})"):
            return True
    return False


def convert(
    con: duckdb.DuckDBPyConnection,
    text: Text | Scan,
    layout: Layout,
    plan: Plan,
    target: Path,
    faults: Path,
    work: Path,
) -> Outcome:
    """Writes the sound rows to `target` (Parquet) and the reasons for every other row to `faults` (CSV, made only
    where there are any). Raises duckdb.IOException on a full disk."""
    if isinstance(text, Scan):
        return _convert_scan(con, text, plan, target, faults, work)
    names = [f"c{i}" for i in range(len(layout.columns))]
    rows, accepted, broken = text.lines_below, 0, 0
    splittable, repeats = text.direct, False
    if splittable:
        source = _csv(text.path, names, text.heading_lines, text.separator)
        try:
            accepted = _write(con, plan, _sound_as_sent(plan, source), target)
            repeats = _has_repeats(con, plan, target)
            if accepted == rows and not repeats:
                return Outcome(rows, rows, 0)
            splittable = _number(con, f"SELECT count(*) FROM {source}") == rows
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            splittable = False
    if splittable:
        numbered = f"(SELECT row_number() OVER () + {text.heading_lines} AS row_no, * FROM {source})"
    else:
        split = resplit(
            text.path,
            text.encoding,
            len(names),
            skip=text.heading_lines,
            complete=text.profile.ends_cleanly,
            separator=text.separator,
            sound_to=work / "sound.csv",
            broken_to=work / "broken.csv",
        )
        broken, rows = split.broken, split.sound + split.broken
        numbered = _csv(work / "sound.csv", ["row_no", *names], 0) if split.sound else _nothing(names)
    again = repeats or not splittable
    return _explained(con, plan, numbered, target, faults, work, rows, accepted, broken, again=again)


def _convert_scan(
    con: duckdb.DuckDBPyConnection, scan: Scan, plan: Plan, target: Path, faults: Path, work: Path
) -> Outcome:
    """The same for columns of text that are sound by construction."""
    accepted = _write(con, plan, _sound_as_sent(plan, scan.source), target)
    repeats = _has_repeats(con, plan, target)
    if accepted == scan.rows and not repeats and not scan.broken:
        return Outcome(scan.rows, scan.rows, 0)
    rows = scan.rows + scan.broken
    return _explained(con, plan, scan.numbered, target, faults, work, rows, accepted, scan.broken, again=repeats)


def _explained(
    con: duckdb.DuckDBPyConnection,
    plan: Plan,
    numbered: str,
    target: Path,
    faults: Path,
    work: Path,
    rows: int,
    accepted: int,
    broken: int,
    *,
    again: bool,
) -> Outcome:
    """Says of each row that was not written why, and writes the sound rows `again` where that may have changed."""
    if not again:
        _judge(con, _judged(plan, numbered, everything=False))
        # A row that is neither written nor at fault had blanks around a value: all are read again, trimmed.
        again = accepted + _number(con, "SELECT count(*) FROM judged") != rows - broken
    if again:
        _judge(con, _judged(plan, numbered, everything=True))
        sound = "SELECT * FROM judged WHERE len(faults) = 0 ORDER BY row_no"
        accepted = _write(con, plan, sound, target)
    quarantined = broken + _number(con, "SELECT count(*) FROM judged WHERE len(faults) > 0")
    if quarantined:
        _explain(con, plan, work / "broken.csv" if broken else None, faults)
    con.execute("DROP TABLE judged").fetchall()
    if rows != accepted + quarantined:
        raise AssertionError(f"{rows} rows came, {accepted} were accepted and {quarantined} quarantined")
    return Outcome(rows, accepted, quarantined)


def _judge(con: duckdb.DuckDBPyConnection, query: str) -> None:
    con.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {query}").fetchall()


def _number(con: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(con.execute(query).fetchall()[0][0])


def _nothing(names: list[str]) -> str:
    return "(SELECT 0::BIGINT AS row_no, " + ", ".join(f"''::VARCHAR AS {n}" for n in names) + " WHERE false)"


def _explain(con: duckdb.DuckDBPyConnection, plan: Plan, broken: Path | None, faults: Path) -> None:
    """One line for each thing wrong: row, field, rule, value, problem, fix. Identifying values are withheld."""
    checks = [*plan.checks, *plan.unique]
    values = ", ".join(
        f"({k}, {quoted(c.field)}, {quoted(c.rule)}, {quoted(c.problem)}, {quoted(c.fix)})"
        for k, c in enumerate(checks)
    )
    raw_names = {name for name, _ in plan.raw}
    shown = []
    for check in checks:
        raw = named(f"r_{check.field}")
        if f"r_{check.field}" not in raw_names:
            shown.append("'(in one of its cells)'")
        elif check.secret:
            shown.append(f"'(withheld: ' || length({raw}) || ' characters)'")
        else:
            shown.append(f"left({raw}, {_SHOWN})")
    query = (
        f"SELECT m.row_no, r.field, r.rule, coalesce(m.shown[m.k + 1], '') AS value, r.problem, r.fix "
        f"FROM (SELECT row_no, unnest(faults) AS k, [{', '.join(shown)}] AS shown FROM judged WHERE len(faults) > 0) m "
        f"JOIN (VALUES {values}) AS r(k, field, rule, problem, fix) USING (k)"
    )
    if broken is not None:
        value = "'(withheld: ' || length(value) || ' characters)'" if plan.identifiers else "value"
        query += (
            f" UNION ALL SELECT row_no, '' AS field, rule, {value} AS value, problem, fix "
            f"FROM read_csv({scanned(broken)}, auto_detect=false, header=false, delim=',', quote='\"', escape='\"', "
            "columns={'row_no': 'BIGINT', 'rule': 'VARCHAR', 'value': 'VARCHAR', 'problem': 'VARCHAR', "
            "'fix': 'VARCHAR'})"
        )
    # A spreadsheet runs a cell that starts like a formula, so such text is defused; numbers are not.
    formula = r"regexp_matches(value, '^[=+@\t\r-]') AND TRY_CAST(value AS DOUBLE) IS NULL"
    con.execute(
        f'COPY (SELECT row_no AS "row", field, rule, '
        f"CASE WHEN {formula} THEN '''' || value ELSE value END AS value, problem, fix "
        f"FROM ({query}) ORDER BY row_no, field, rule) TO {quoted(faults)} (FORMAT csv, HEADER)"
    ).fetchall()


def identifying_parquet(con: duckdb.DuckDBPyConnection, plan: Plan) -> bytes:
    """What identifies the persons of the rows just written, each combination once, as Parquet in memory."""
    listed = ", ".join(f"{named('i_' + name)} AS {named(name)}" for name, _ in plan.identifiers)
    table = con.sql(
        f"SELECT DISTINCT {listed} FROM identified WHERE i_person_ref IS NOT NULL ORDER BY ALL"
    ).to_arrow_table()
    con.execute("DROP TABLE identified").fetchall()
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()
