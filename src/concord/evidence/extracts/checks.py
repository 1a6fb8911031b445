"""A contract as SQL: what each column becomes, and the checks every row must pass.

Each check is an expression that is never NULL. The same expressions decide which rows enter the dataset and which are
explained to the supplier, so that a row cannot be both or neither.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

from concord.evidence.extracts.arrivals import BLANKS
from concord.evidence.extracts.headings import Layout
from concord.evidence.extracts.sealing import pseudonym_sql
from concord.evidence.extracts.values import (
    conversion,
    in_words,
    listed,
    marks,
    named,
    padded,
    quoted,
    reason,
    trimmed,
)
from concord.strategy.shapes.feed import Feed, FieldContract, Table
from concord.strategy.shapes.feed_rows import Rule, Wide

EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2100, 12, 31)
"""Dates outside are taken for slips of the keyboard, whatever the contract says."""

_LONG_LIST = 20
"""From how many values on looking one up is faster than comparing."""


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
    """For a wide file, the two columns its rows unfold to: `cell` and `cell_no`."""


def _raw(field: str) -> str:
    return named(f"r_{field}")


def _typed(field: str) -> str:
    return named(f"v_{field}")


def _not_one_of(value: str, contract: FieldContract) -> str:
    """SQL for whether a value is outside the field's list. A list is searched from its start for every row, an
    enumeration looked up, so long lists of words are tried as one."""
    if contract.type in ("text", "code") and len(contract.values) >= _LONG_LIST:
        return f"{value} IS NOT NULL AND TRY_CAST({value} AS ENUM({listed(dict.fromkeys(contract.values))})) IS NULL"
    return f"{value} NOT IN ({listed(contract.values)})"


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
    mark = f" AND {raw} NOT IN ({listed(marks(contract))})" if marks(contract) else ""
    if contract.type != "text":
        kind, fix = in_words(contract)
        fails = f"{raw} IS NOT NULL AND {typed} IS NULL{mark}"
        add(f"type: {contract.type}", fails, f"“{title}” is not {kind}.", fix)
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
            f"NOT regexp_full_match({raw}, {quoted(contract.pattern)}){mark}",
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
    month, quarter = layout.stated.get("month"), layout.stated.get("quarter")
    match rule.kind:
        case "together":
            blanks = " + ".join(f"({_raw(f)} IS NULL)::INT" for f in fields)
            fails = f"({blanks}) NOT IN (0, {len(fields)})"
        case "order":
            fails = f"{_typed(fields[0])} > {_typed(fields[1])}"
        case "required_when" | "blank_when":
            blank = " OR ".join(
                f"{_raw(f)} IS {'NULL' if rule.kind == 'required_when' else 'NOT NULL'}" for f in fields
            )
            fails = f"{_typed(rule.when or '')} IN ({listed(rule.equals)}) AND ({blank})"
        case "not_future":
            fails = " OR ".join(f"{_typed(f)}::DATE > DATE {quoted(day)}" for f in fields)
        case "file_month" if month:
            fails = " OR ".join(
                f"date_trunc('month', {_typed(f)})::DATE <> DATE {quoted(month + '-01')}" for f in fields
            )
        case "file_quarter" if quarter:
            first = dt.date(int(quarter[:4]), 3 * int(quarter[-1]) - 2, 1)
            fails = " OR ".join(f"date_trunc('quarter', {_typed(f)})::DATE <> DATE {quoted(first)}" for f in fields)
        case _:
            return None
    secret = any(layout.table.fields[f].identifies for f in fields)
    return Check(fields[0], rule.kind, f"coalesce({fails}, false)", rule.says, rule.fix, secret)


def _several_headings(field: str, layout: Layout) -> list[Check]:
    """The check of a field whose value may stand under several headings; nothing for other fields."""
    if field not in layout.others:
        return []
    headings = [layout.columns[i].strip() for i in (layout.positions[field], *layout.others[field])]
    says = f"{' and '.join(f'“{h}”' for h in headings)} say different things."
    return [Check(field, "coalesce", named(f"x_{field}"), says, "Give the value once, under one heading.")]


def _one_of_several(layout: Layout, field: str, value: Callable[[str], str]) -> list[tuple[str, str]]:
    """A field's text; where several columns may hold it, the first that does and whether two of them differ."""
    columns = [value(f"c{i}") for i in (layout.positions[field], *layout.others.get(field, ()))]
    if len(columns) == 1:
        return [(f"r_{field}", columns[0])]
    differ = " OR ".join(f"{a} <> {b}" for a, b in combinations(columns, 2))
    return [(f"r_{field}", f"coalesce({', '.join(columns)})"), (f"x_{field}", f"coalesce({differ}, false)")]


def _stacked_checks(layout: Layout) -> list[Check]:
    """That each row belongs to exactly one of the tables stacked in a file."""
    stacked = layout.table.stacked
    if stacked is None or stacked.field not in layout.positions:
        return []
    kind, title = _typed(stacked.field), layout.table.fields[stacked.field].header or stacked.field
    found = [
        Check(
            stacked.field,
            "stacked",
            f"coalesce({kind} NOT IN ({listed(stacked.into)}), true)",
            f"“{title}” does not say which of the file's tables the row belongs to.",
            f"Use one of: {', '.join(stacked.into)}.",
        )
    ]
    for dataset, fields in stacked.only.items():
        own = listed(value for value, into in stacked.into.items() if into == dataset)
        for field in (f for f in fields if f in layout.positions):
            fails = f"coalesce({_raw(field)} IS NOT NULL AND {kind} NOT IN ({own}), false)"
            heading = layout.table.fields[field].header or field
            problem = f"“{heading}” is filled in a row of a table that does not have it."
            found.append(Check(field, "stacked", fails, problem, f"Leave it blank, or correct “{title}”."))
    return found


def _cell_check(layout: Layout, wide: Wide) -> Check:
    """The check of the cells of a wide row, all at once."""
    cell = layout.table.fields[wide.value]
    text = "nullif(trim(x), '')"
    bad = f"{text} IS NOT NULL AND {conversion(cell, text)} IS NULL"
    if marks(cell):
        bad += f" AND {text} NOT IN ({listed(marks(cell))})"
    if cell.minimum is not None:
        bad = f"({bad}) OR coalesce({conversion(cell, text)} < {cell.minimum!r}, false)"
    cells = ", ".join(f"c{i}" for i in layout.wide)
    kind, fix = in_words(cell)
    return Check(
        wide.value,
        f"type: {cell.type}",
        f"len(list_filter([{cells}], lambda x: {bad})) > 0",
        f"A cell of this row is not {kind}"
        + (f" of {_written(cell.minimum)} or more." if cell.minimum is not None else "."),
        cell.fix or fix,
    )


def _cell_columns(layout: Layout, wide: Wide) -> dict[str, str]:
    """What a wide row's cells become, over `cell` (the text of one) and `cell_no` (which of them it is, from 1).

    The cells are unfolded as text and typed afterwards: an expression for each of hundreds of columns takes ten times
    as long as one for them all.
    """
    table, contract, text = layout.table, layout.table.fields[wide.value], "nullif(trim(cell), '')"
    said = [wide.read(layout.columns[index].strip()) for index in layout.wide]
    made = {
        f: f"([{', '.join(conversion(table.fields[f], quoted(one[f])) for one in said)}])[cell_no]" for f in wide.made
    }
    count, why = conversion(contract, text), reason(contract, text) if contract.missing else "NULL::VARCHAR"
    unknown = " ".join(
        f"WHEN {_known(layout, n.field)} IN ({listed(n.values)}) THEN {quoted(n.why)}" for n in table.not_published
    )
    if unknown:
        why = f"CASE {unknown} ELSE {why} END"
        count = f"CASE WHEN {why} IS NULL THEN {count} END"
    return {**made, wide.value: count, f"{wide.value}_missing": why}


def _known(layout: Layout, name: str) -> str:
    """SQL for a field of the file, or for what its name states."""
    return _typed(name) if name in layout.positions else quoted(layout.stated.get(name, ""))


def _tells_missing(table: Table, field: str) -> bool:
    """Whether a column beside this field says why a value is missing."""
    counted = table.wide is not None and field == table.wide.value
    return bool(table.fields[field].missing) or (counted and bool(table.not_published))


def slug_sql(value: str, recode: dict[str, str]) -> str:
    """SQL for a name fit for a partition: small letters, digits and hyphens."""
    plain = f"trim(regexp_replace(lower(replace({value}, '&', 'and')), '[^a-z0-9]+', '-', 'g'), '-')"
    if not recode:
        return plain
    cases = " ".join(f"WHEN {quoted(old)} THEN {quoted(new)}" for old, new in recode.items())
    return f"CASE {value} {cases} ELSE {plain} END"


def _literal(value: str | int) -> str:
    """A constant: a number where it is written in digits."""
    return f"{int(value)}::BIGINT" if str(value).isdecimal() and len(str(value)) < 10 else quoted(value)


def _stated_columns(layout: Layout) -> list[tuple[str, str]]:
    """Parts of the partition that are no field of the file: from its name, else from its rows."""
    table, made = layout.table, []
    for part in table.partition:
        if part in table.fields:
            continue
        stated, source = layout.stated.get(part), table.partition_from.get(part)
        if part in table.constant:
            continue
        if stated is not None:
            made.append((part, f"DATE {quoted(stated + '-01')}" if part == "month" else _literal(stated)))
        elif source in layout.positions:
            typed = _typed(source)
            if part == "month":
                made.append((part, f"date_trunc('month', {typed})::DATE"))
            elif part == "quarter":
                made.append((part, f"year({typed}) || '-Q' || quarter({typed})"))
            else:
                made.append((part, slug_sql(typed, table.partition_recode)))
    return made


def plan(feed: Feed, layout: Layout, day: dt.date, *, blanks: str = BLANKS) -> Plan:
    """Everything the engine needs for files of this layout received on `day`.

    `blanks` are the letters of `BLANKS` that occur in the file, where someone has looked.
    """
    table = layout.table
    raw = [pair for f in layout.positions for pair in _one_of_several(layout, f, trimmed)]
    as_sent = [pair for f in layout.positions for pair in _one_of_several(layout, f, str)]
    loose = [f for f in layout.positions if table.fields[f].type in ("text", "code") and not table.fields[f].values]
    ends = [padded(_raw(f), blanks) for f in loose if not table.fields[f].pattern]
    typed = [(f"v_{f}", conversion(table.fields[f], _raw(f))) for f in layout.positions]
    checks = [check for f in layout.positions for check in _field_checks(f, table.fields[f])]
    checks += [check for f in layout.positions for check in _several_headings(f, layout)]
    checks += _stacked_checks(layout)
    checks += [check for rule in table.rules if (check := _rule_check(rule, layout, day)) is not None]
    cells = _cell_columns(layout, table.wide) if table.wide else {}
    columns: list[tuple[str, str]] = []
    identifiers: list[tuple[str, str]] = []
    kept_beside = [f for f in ("sex",) if f in layout.positions]
    for field, contract in table.fields.items():
        if table.wide and field in (*table.wide.made, table.wide.value):
            columns.append((field, cells[field]))
            if field == table.wide.value and _tells_missing(table, field):
                columns.append((f"{field}_missing", cells[f"{field}_missing"]))
            continue
        value = _typed(field) if field in layout.positions else f"NULL::{_sql_type(contract)}"
        match contract.identifies:
            case None:
                columns.append((field, value))
                if _tells_missing(table, field):
                    why = reason(contract, _raw(field)) if field in layout.positions else "NULL::VARCHAR"
                    columns.append((f"{field}_missing", why))
            case "person_id":
                pseudonym = pseudonym_sql(_raw(field), feed.owner or feed.key)
                columns.append(("person_ref", pseudonym))
                identifiers.append(("person_ref", pseudonym))
            case "born_on":
                columns.append(("birth_year", f"year({value})"))
                identifiers.append((field, value))
            case _:
                identifiers.append((field, value))
    columns += [(name, _literal(value)) for name, value in table.constant.items()]
    columns += _stated_columns(layout)
    if identifiers:
        identifiers += [(f, _typed(f)) for f in kept_beside if table.fields[f].identifies is None]
    unique, keys = [], []
    for rule in table.rules:
        if rule.kind == "unique" and all(f in layout.positions for f in rule.fields):
            unique.append(Check(rule.fields[0], "unique", "", rule.says, rule.fix))
            keys.append((*rule.fields, *table.wide.made) if table.wide else rule.fields)
    unnest = None
    if table.wide:
        checks.append(_cell_check(layout, table.wide))
        each = ", ".join(f"c{i}" for i in layout.wide)
        unnest = f"unnest([{each}]) AS cell, unnest(range(1, {len(layout.wide) + 1})) AS cell_no"
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
    types = {"integer": "BIGINT", "decimal": "DOUBLE", "date": "DATE", "month": "DATE", "timestamp": "TIMESTAMP"}
    return {**types, "geometry": "BLOB"}.get(contract.type, "VARCHAR")
