"""How one value of a supplier's text becomes a typed value, as SQL; and how to say what it should have been."""

from __future__ import annotations

from collections.abc import Iterable

from concord.evidence.extracts.arrivals import BLANKS
from concord.strategy.shapes.feed import DateFormat, FieldContract

_TYPES = {
    "integer": ("a whole number", "Write digits only, such as 12."),
    "decimal": ("a number", "Write a number with a point, such as 51.5."),
    "date": ("a date", "Write dates as YYYY-MM-DD."),
    "month": ("a month", "Write months as YYYY-MM."),
    "timestamp": ("a date and time", "Write times as YYYY-MM-DD HH:MM."),
    "flag": ("Y or N", "Write Y, N, or leave it blank where it is not known."),
    "code": ("one code without blanks inside", "Write the code alone."),
    "geometry": ("a shape", "Write it as well-known binary, in hexadecimal."),
}

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def quoted(text: object) -> str:
    """A value as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def named(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def listed(values: Iterable[object]) -> str:
    """Values as SQL literals with commas between."""
    return ", ".join(quoted(value) for value in values)


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


def in_words(contract: FieldContract) -> tuple[str, str]:
    """What a value of the field is ("a date"), and how to write one."""
    kind, fix = _TYPES[contract.type]
    if contract.date_format:
        fix = f"Write it as {' or '.join(contract.date_format)}."
    elif contract.decimal == "comma":
        fix = "Write a number with a comma before its decimals, such as 51,5."
    elif contract.thousands == "comma":
        fix = "Write digits, with or without commas between the thousands, such as 1,234."
    return kind, fix


def marks(contract: FieldContract) -> tuple[str, ...]:
    """The texts that stand for no value. A blank is one already."""
    return tuple(mark for mark in contract.missing if mark)


def reason(contract: FieldContract, value: str) -> str:
    """SQL for why trimmed text `value` is no value, NULL where it is one or nobody says why."""
    cases = "".join(f"WHEN {value} = {quoted(m)} THEN {quoted(why)} " for m, why in contract.missing.items() if m)
    blank = contract.missing.get("")
    cases += f"WHEN {value} IS NULL THEN {quoted(blank)} " if blank else ""
    return f"CASE {cases}END"


def conversion(contract: FieldContract, value: str) -> str:
    """SQL that turns trimmed text `value` into the field's type, NULL where it is not of that type or is missing."""
    if marks(contract):
        value = f"CASE WHEN {value} NOT IN ({listed(marks(contract))}) THEN {value} END"
    if contract.part:
        value = f"nullif(regexp_extract({value}, {quoted(f'^(?:{contract.part})$')}, 1), '')"
    if contract.case != "as sent":
        value = f"{contract.case}({value})"
    if contract.recode:
        cases = " ".join(f"WHEN {quoted(old)} THEN {quoted(new)}" for old, new in contract.recode.items())
        value = f"CASE {value} {cases} ELSE {value} END"
    if contract.date_format:
        # A day that was typed as one, in a workbook or a Parquet file, arrives as an ISO date.
        return _dated(("yyyy-mm-dd", *contract.date_format), value, month=contract.type == "month")
    match contract.type:
        case "integer":
            whole = "[+-]?[0-9]{1,18}" + ("([.]0+)?" if contract.decimal == "zero" else "")
            digits = f"split_part({value}, '.', 1)" if contract.decimal == "zero" else _plain_number(contract, value)
            given = value if contract.decimal == "zero" else digits
            return f"CASE WHEN regexp_full_match({given}, '{whole}') THEN TRY_CAST({digits} AS BIGINT) END"
        case "decimal":
            number = f"TRY_CAST({_plain_number(contract, value)} AS DOUBLE)"
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
        case "geometry":
            return f"CASE WHEN regexp_full_match({value}, '0[01]([0-9A-Fa-f]{{2}})+') THEN unhex({value}) END"
        case "text":
            return value


def _plain_number(contract: FieldContract, value: str) -> str:
    """SQL for a number's text with its percent sign off and its commas read as the contract says."""
    if contract.percent:
        value = f"CASE WHEN ends_with({value}, '%') THEN rtrim(left({value}, length({value}) - 1)) ELSE {value} END"
    if contract.decimal == "comma":
        return f"CASE WHEN NOT contains({value}, '.') THEN replace({value}, ',', '.') END"
    if contract.thousands == "comma":
        parted = "[+-]?[0-9]{1,3}(,[0-9]{3})+([.][0-9]*)?"
        return f"CASE WHEN regexp_full_match({value}, '{parted}') THEN replace({value}, ',', '') ELSE {value} END"
    return value


def _dated(formats: tuple[DateFormat, ...], value: str, *, month: bool) -> str:
    """SQL for a day written in one of `formats`; the first of its month for a month."""
    cases = "".join(
        f"WHEN regexp_full_match({value}, '{form}') THEN TRY_CAST({text} AS DATE) "
        for form, text in (_FORMATS[name] for name in formats)
    ).replace("{v}", value)
    day = f"CASE {cases}END"
    return f"date_trunc('month', {day})::DATE" if month else day


def _parts(separator: str) -> str:
    year, month, day = (f"split_part({{v}}, '{separator}', {n})" for n in (3, 2, 1))
    return f"({year} || '-' || lpad({month}, 2, '0') || '-' || lpad({day}, 2, '0'))"


_BY_NAME = " ".join(f"WHEN '{name}' THEN '{number:02}'" for number, name in enumerate(_MONTHS, start=1))
_STARTS = "split_part(replace(replace({v}, 'fy', ''), '/', '-'), '-', 1)"
"""SQL for the first year of a financial year; the second must be the next one, so that 2014-16 is none."""
_MIDNIGHT = "[ T]00:00(:00([.]0+)?)?"

_FORMATS: dict[DateFormat, tuple[str, str]] = {
    "yyyy-mm-dd": ("[0-9]{4}-[0-9]{2}-[0-9]{2}", "{v}"),
    "yyyy-mm-dd 00:00:00": (f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_MIDNIGHT}", "left({v}, 10)"),
    "yyyymmdd": ("[0-9]{8}", "(left({v}, 4) || '-' || substr({v}, 5, 2) || '-' || right({v}, 2))"),
    "yyyymm": ("[0-9]{6}", "(left({v}, 4) || '-' || right({v}, 2) || '-01')"),
    "yyyy": ("[0-9]{4}", "({v} || '-01-01')"),
    "d/m/yyyy": ("[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", _parts("/")),
    "d-m-yyyy": ("[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}", _parts("-")),
    "mon-yy": (
        "[A-Za-z]{3}-[0-9]{2}",
        f"('20' || right({{v}}, 2) || '-' || CASE lower(left({{v}}, 3)) {_BY_NAME} END || '-01')",
    ),
    "financial year": (
        "(fy)?([0-9]{2})?[0-9]{2}[-/]([0-9]{2})?[0-9]{2}",
        f"CASE WHEN (right({_STARTS}, 2)::INT + 1) % 100 = right({{v}}, 2)::INT "
        f"THEN CASE length({_STARTS}) WHEN 4 THEN {_STARTS} ELSE '20' || {_STARTS} END || '-04-01' END",
    ),
}
"""Each way of writing a day: the pattern of it, and SQL that makes an ISO date of the text `{v}`."""
