"""A contract as SQL: what each column becomes, and the checks every row must pass.

Each check is an expression that is never NULL. The same expressions decide which rows enter the dataset and which are
explained to the supplier, so that a row cannot be both or neither.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from concord.evidence.extracts.arrivals import BLANKS
from concord.evidence.extracts.headings import Layout
from concord.evidence.extracts.sealing import pseudonym_sql
from concord.strategy.shapes.feed import Feed, FieldContract, Rule, Wide

EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2100, 12, 31)
"""Dates outside are taken for slips of the keyboard, whatever the contract says."""

_LONG_LIST = 20
"""From how many values on looking one up is faster than comparing."""

_TYPES = {
    "integer": ("a whole number", "Write digits only, such as 12."),
    "decimal": ("a number", "Write a number with a point, such as 51.5."),
    "date": ("a date", "Write dates as YYYY-MM-DD."),
    "month": ("a month", "Write months as YYYY-MM."),
    "timestamp": ("a date and time", "Write times as YYYY-MM-DD HH:MM."),
    "flag": ("Y or N", "Write Y, N, or leave it blank where it is not known."),
    "code": ("one code without blanks inside", "Write the code alone."),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that may be wrong with a row: `fails` is SQL that is true where it is."""

    field: str
    rule: str
    fails: str
    problem: str
    fix: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with the rows of one layout.

    `raw` and `typed` are (name, SQL) of the intermediate columns, `columns` of the dataset's own, `identifiers` of
    those that go to the encrypted file. `checks` are per row, `unique` over the file.

    Trimming every value costs more than reading the file. So values are first taken as they stand (`as_sent`);
    a value with blanks around it then fails its type, its list or its pattern, or is caught by `padded`, and
    the file is read again with `raw`, which trims.
    """

    raw: tuple[tuple[str, str], ...]
    as_sent: tuple[tuple[str, str], ...]
    padded: tuple[str, ...]
    typed: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]
    identifiers: tuple[tuple[str, str], ...]
    checks: tuple[Check, ...]
    unique: tuple[Check, ...]
    unique_keys: tuple[tuple[str, ...], ...]
    """What may not repeat among the rows of the dataset, for each unique rule."""
    cells: int
    """How many dataset rows each received row becomes: 1, or the number of month columns of a wide file."""
    unnest: str | None
    """For a wide file, the SQL list its rows unfold to."""


def quoted(text: object) -> str:
    """A value as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def named(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _raw(field: str) -> str:
    return named(f"r_{field}")


def _typed(field: str) -> str:
    return named(f"v_{field}")


def padded(column: str, blanks: str = BLANKS) -> str:
    """SQL for whether a text begins or ends with a blank, a tab or a no-break space, or holds nothing else.

    `blanks` are those of the three that may occur at all; each that cannot is one comparison a value less.
    """
    ends = [f"ends_with({column}, {quoted(letter)})" for letter in blanks]
    if "\u00a0" in blanks:
        ends.insert(0, f"starts_with({column}, '\u00a0')")
    return " OR ".join([f"{column} < '!'", *ends])


def trimmed(column: str) -> str:
    """SQL for a text without the blanks around it, NULL where nothing is left."""
    return f"nullif(CASE WHEN {padded(column)} THEN trim({column}, {quoted(BLANKS)}) ELSE {column} END, '')"


def conversion(contract: FieldContract, value: str) -> str:
    """SQL that turns trimmed text `value` into the field's type, NULL where it is not of that type."""
    if contract.case != "as sent":
        value = f"{contract.case}({value})"
    if contract.recode:
        cases = " ".join(f"WHEN {quoted(old)} THEN {quoted(new)}" for old, new in contract.recode.items())
        value = f"CASE {value} {cases} ELSE {value} END"
    match contract.type:
        case "integer":
            return f"CASE WHEN regexp_full_match({value}, '[+-]?[0-9]{{1,18}}') THEN TRY_CAST({value} AS BIGINT) END"
        case "decimal":
            number = f"TRY_CAST({value} AS DOUBLE)"
            return f"CASE WHEN isfinite({number}) THEN {number} END"
        case "date":
            return f"CASE WHEN length({value}) = 10 THEN TRY_CAST({value} AS DATE) END"
        case "month":
            return (
                f"CASE length({value}) WHEN 7 THEN TRY_CAST({value} || '-01' AS DATE) "
                f"WHEN 6 THEN TRY_CAST(left({value}, 4) || '-' || right({value}, 2) || '-01' AS DATE) END"
            )
        case "timestamp" if contract.zone == "UTC":
            return f"timezone('Europe/London', TRY_CAST({value} AS TIMESTAMPTZ))"
        case "timestamp":
            return f"CASE WHEN length({value}) IN (16, 19) THEN TRY_CAST({value} AS TIMESTAMP) END"
        case "flag":
            return (
                f"CASE lower({value}) WHEN 'y' THEN 'Y' WHEN 'yes' THEN 'Y' WHEN 'true' THEN 'Y' "
                f"WHEN 'n' THEN 'N' WHEN 'no' THEN 'N' WHEN 'false' THEN 'N' END"
            )
        case "code":
            return f"CASE WHEN NOT contains({value}, ' ') THEN {value} END"
        case "text":
            return value


def _not_one_of(value: str, contract: FieldContract) -> str:
    """SQL for whether a value is outside the field's list. A list is searched from its start for every row, an
    enumeration looked up, so long lists of words are tried as one."""
    listed = ", ".join(quoted(v) for v in dict.fromkeys(contract.values))
    if contract.type in ("text", "code") and len(contract.values) >= _LONG_LIST:
        return f"{value} IS NOT NULL AND TRY_CAST({value} AS ENUM({listed})) IS NULL"
    return f"{value} NOT IN ({listed})"


def _bound(contract: FieldContract, bound: float | dt.date) -> str:
    if contract.type in ("date", "month"):
        return f"DATE {quoted(bound)}"
    return f"TIMESTAMP {quoted(bound)}" if contract.type == "timestamp" else repr(bound)


def _written(bound: float | dt.date) -> str:
    return str(bound) if isinstance(bound, dt.date) else f"{bound:g}"


def _field_checks(field: str, contract: FieldContract) -> list[Check]:
    raw, typed, secret = _raw(field), _typed(field), contract.identifies is not None
    title = contract.header or field
    found: list[Check] = []

    def add(rule: str, fails: str, problem: str, fix: str) -> None:
        found.append(Check(field, rule, f"coalesce({fails}, false)", problem, contract.fix or fix, secret))

    if contract.required:
        add("required", f"{raw} IS NULL", f"“{title}” is blank and must not be.", "Fill it in at the source.")
    if contract.type != "text":
        kind, fix = _TYPES[contract.type]
        add(f"type: {contract.type}", f"{raw} IS NOT NULL AND {typed} IS NULL", f"“{title}” is not {kind}.", fix)
    if contract.values:
        short = ", ".join(contract.values[:12]) + (" and others" if len(contract.values) > 12 else "")
        add(
            "value",
            _not_one_of(typed, contract),
            f"“{title}” is not one of the values agreed.",
            f"Use one of: {short}.",
        )
    if contract.pattern:
        add(
            "pattern",
            f"NOT regexp_full_match({raw}, {quoted(contract.pattern)})",
            f"“{title}” does not have the form agreed.",
            f"It must look like {contract.pattern}.",
        )
    low, high = contract.minimum, contract.maximum
    if contract.type in ("date", "month", "timestamp"):
        low = EARLIEST if low is None else low
        high = LATEST if high is None else high
    if low is not None:
        says = _written(low)
        add("minimum", f"{typed} < {_bound(contract, low)}", f"“{title}” is below {says}.", f"It is {says} or more.")
    if high is not None:
        says = _written(high)
        add("maximum", f"{typed} > {_bound(contract, high)}", f"“{title}” is above {says}.", f"It is {says} or less.")
    return found


def _rule_check(rule: Rule, layout: Layout, day: dt.date) -> Check | None:
    """A row rule as a check; None where the layout lacks a column it speaks of, or the file name states no month."""
    fields = list(rule.fields)
    if any(f not in layout.positions for f in fields) or (rule.when and rule.when not in layout.positions):
        return None
    month = layout.stated.get("month")
    match rule.kind:
        case "together":
            blanks = " + ".join(f"({_raw(f)} IS NULL)::INT" for f in fields)
            fails = f"({blanks}) NOT IN (0, {len(fields)})"
        case "order":
            fails = f"{_typed(fields[0])} > {_typed(fields[1])}"
        case "required_when" | "blank_when":
            listed = ", ".join(quoted(v) for v in rule.equals)
            blank = " OR ".join(
                f"{_raw(f)} IS {'NULL' if rule.kind == 'required_when' else 'NOT NULL'}" for f in fields
            )
            fails = f"{_typed(rule.when or '')} IN ({listed}) AND ({blank})"
        case "not_future":
            fails = " OR ".join(f"{_typed(f)}::DATE > DATE {quoted(day)}" for f in fields)
        case "file_month" if month:
            fails = " OR ".join(
                f"date_trunc('month', {_typed(f)})::DATE <> DATE {quoted(month + '-01')}" for f in fields
            )
        case _:
            return None
    secret = any(layout.table.fields[f].identifies for f in fields)
    return Check(fields[0], rule.kind, f"coalesce({fails}, false)", rule.says, rule.fix, secret)


def _wide_cells(layout: Layout, wide: Wide) -> tuple[Check, str]:
    """The check of the cells of a wide row, and the list the row unfolds to."""
    cell, heading = layout.table.fields[wide.value], layout.table.fields[wide.into]
    text = "nullif(trim(x), '')"
    bad = f"{text} IS NOT NULL AND {conversion(cell, text)} IS NULL"
    if cell.minimum is not None:
        bad = f"({bad}) OR coalesce({conversion(cell, text)} < {cell.minimum!r}, false)"
    cells = ", ".join(f"c{i}" for i in layout.wide)
    check = Check(
        wide.value,
        f"type: {cell.type}",
        f"len(list_filter([{cells}], lambda x: {bad})) > 0",
        f"A cell of this row is not {_TYPES[cell.type][0]}"
        + (f" of {_written(cell.minimum)} or more." if cell.minimum is not None else "."),
        cell.fix or _TYPES[cell.type][1],
    )
    unknown = " OR ".join(
        f"{_typed(n.field)} IN ({', '.join(quoted(v) for v in n.values)})" for n in layout.table.not_published
    )
    items = []
    for index in layout.wide:
        count = conversion(cell, f"nullif(trim(c{index}), '')")
        if unknown:
            count = f"CASE WHEN {unknown} THEN NULL ELSE {count} END"
        month = conversion(heading, quoted(layout.columns[index].strip()))
        items.append(f"{{'i': {month}, 'v': {count}}}")
    return check, f"[{', '.join(items)}]"


def slug_sql(value: str, recode: dict[str, str]) -> str:
    """SQL for a name fit for a partition: small letters, digits and hyphens."""
    plain = f"trim(regexp_replace(lower(replace({value}, '&', 'and')), '[^a-z0-9]+', '-', 'g'), '-')"
    if not recode:
        return plain
    cases = " ".join(f"WHEN {quoted(old)} THEN {quoted(new)}" for old, new in recode.items())
    return f"CASE {value} {cases} ELSE {plain} END"


def _stated_columns(layout: Layout) -> list[tuple[str, str]]:
    """Parts of the partition that are no field of the file: from its name, else from its rows."""
    table, made = layout.table, []
    for part in table.partition:
        if part in table.fields:
            continue
        stated, source = layout.stated.get(part), table.partition_from.get(part)
        if stated is not None:
            made.append((part, f"DATE {quoted(stated + '-01')}" if part == "month" else quoted(stated)))
        elif source in layout.positions:
            typed = _typed(source)
            if part == "month":
                made.append((part, f"date_trunc('month', {typed})::DATE"))
            else:
                made.append((part, slug_sql(typed, table.partition_recode)))
    return made


def plan(feed: Feed, layout: Layout, day: dt.date, *, blanks: str = BLANKS) -> Plan:
    """Everything the engine needs for files of this layout received on `day`.

    `blanks` are the letters of `BLANKS` that occur in the file, where someone has looked.
    """
    table = layout.table
    raw = [(f"r_{f}", trimmed(f"c{i}")) for f, i in layout.positions.items()]
    as_sent = [(f"r_{f}", f"c{i}") for f, i in layout.positions.items()]
    loose = [f for f in layout.positions if table.fields[f].type in ("text", "code") and not table.fields[f].values]
    ends = [padded(_raw(f), blanks) for f in loose if not table.fields[f].pattern]
    typed = [(f"v_{f}", conversion(table.fields[f], _raw(f))) for f in layout.positions]
    checks = [check for f in layout.positions for check in _field_checks(f, table.fields[f])]
    checks += [check for rule in table.rules if (check := _rule_check(rule, layout, day)) is not None]
    columns: list[tuple[str, str]] = []
    identifiers: list[tuple[str, str]] = []
    kept_beside = [f for f in ("sex",) if f in layout.positions]
    for field, contract in table.fields.items():
        if table.wide and field in (table.wide.into, table.wide.value):
            columns.append((field, "u.i" if field == table.wide.into else "u.v"))
            continue
        value = _typed(field) if field in layout.positions else f"NULL::{_sql_type(contract)}"
        match contract.identifies:
            case None:
                columns.append((field, value))
            case "person_id":
                pseudonym = pseudonym_sql(_raw(field), feed.owner or feed.key)
                columns.append(("person_ref", pseudonym))
                identifiers.append(("person_ref", pseudonym))
            case "born_on":
                columns.append(("birth_year", f"year({value})"))
                identifiers.append((field, value))
            case _:
                identifiers.append((field, value))
    columns += _stated_columns(layout)
    if identifiers:
        identifiers += [(f, _typed(f)) for f in kept_beside if table.fields[f].identifies is None]
    unique, keys = [], []
    for rule in table.rules:
        if rule.kind == "unique" and all(f in layout.positions for f in rule.fields):
            unique.append(Check(rule.fields[0], "unique", "", rule.says, rule.fix))
            keys.append((*rule.fields, table.wide.into) if table.wide else rule.fields)
    unnest = None
    if table.wide:
        cell_check, unnest = _wide_cells(layout, table.wide)
        checks.append(cell_check)
    return Plan(
        raw=tuple(raw),
        as_sent=tuple(as_sent),
        padded=tuple(f"coalesce({end}, false)" for end in ends),
        typed=tuple(typed),
        columns=tuple(columns),
        identifiers=tuple(identifiers),
        checks=tuple(checks),
        unique=tuple(unique),
        unique_keys=tuple(keys),
        cells=len(layout.wide) if table.wide else 1,
        unnest=unnest,
    )


def _sql_type(contract: FieldContract) -> str:
    return {"integer": "BIGINT", "decimal": "DOUBLE", "date": "DATE", "month": "DATE", "timestamp": "TIMESTAMP"}.get(
        contract.type, "VARCHAR"
    )
