"""What pydantic found, said in the words of the person who wrote the file."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic_core import ErrorDetails

from concord.kernel.names import nearest
from concord.strategy.key_paths import find, written
from concord.strategy.toml_lines import Path

EXPECTED = {
    "string_type": "text in quotation marks",
    "int_type": "a whole number, without quotation marks",
    "int_from_float": "a whole number",
    "float_type": "a number, without quotation marks",
    "bool_type": "true or false, without quotation marks",
    "tuple_type": "a list in square brackets",
    "list_type": "a list in square brackets",
    "frozen_set_type": "a list in square brackets",
    "dict_type": "a table of keys",
    "dataclass_type": "a table of keys",
    "dataclass_exact_type": "a table of keys",
    "date_type": "a date, written 2024-08-01",
    "date_parsing": "a date that exists, written 2024-08-01",
    "date_from_datetime_parsing": "a date that exists, written 2024-08-01",
    "date_from_datetime_inexact": "a date without a time, written 2024-08-01",
    "time_type": "a time of day, written 09:00:00",
    "time_parsing": "a time of day, written 09:00:00",
    "datetime_type": "a date and time, written 2024-08-01 09:00:00",
    "datetime_parsing": "a date and time, written 2024-08-01 09:00:00",
    "string_too_short": "words; it may not be blank",
    "too_short": "at least one item",
    "greater_than": "a number greater than {gt}",
    "greater_than_equal": "a number not below {ge}",
    "less_than": "a number less than {lt}",
    "less_than_equal": "a number not above {le}",
}
BAD_DATES = {"date_parsing", "date_from_datetime_parsing", "time_parsing", "datetime_parsing"}
MISSING = {"missing", "missing_argument", "missing_keyword_only_argument"}
UNKNOWN = {"unexpected_keyword_argument", "extra_forbidden", "unexpected_positional_argument"}


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """A mistake at `path` of a file, still without its line."""

    path: Path
    what: str
    expected: str
    hint: str | None = None


def findings(errors: list[ErrorDetails], shape: type, data: Mapping[str, Any]) -> list[Finding]:
    """One finding for each place the data do not fit the shape."""
    found: dict[Path, Finding] = {}
    for error in errors:
        finding = _finding(error, shape, data)
        earlier = found.get(finding.path)
        if earlier is None:
            found[finding.path] = finding
        elif earlier.expected != finding.expected:
            # a value that may be one of several types fails once for each
            found[finding.path] = dataclasses.replace(earlier, expected=f"{earlier.expected}, or {finding.expected}")
    return list(found.values())


def _finding(error: ErrorDetails, shape: type, data: Mapping[str, Any]) -> Finding:
    kind, context = error["type"], error.get("ctx", {})
    path = _in_data(error["loc"], data, missing=kind in MISSING)
    name = written(path[-1:]) if path else ""
    if kind in UNKNOWN:
        valid = keys_at(shape, path[:-1])
        return Finding(path, f"The key “{name}” is not known here.", f"one of {_list(valid)}", _near(name, valid))
    if kind in MISSING:
        return Finding(path, f"The key “{name}” is missing.", f"{name} = {_describe(shape, path)}")
    if kind == "literal_error":
        valid = tuple(re.findall(r"'([^']*)'", str(context.get("expected", ""))))
        hint = _near(error["input"], valid) if isinstance(error["input"], str) else None
        return Finding(
            path, f"{_quote(error['input'])} is not a value this key can have.", f"one of {_list(valid)}", hint
        )
    if kind == "string_pattern_mismatch":
        expected = f"text of the form {context.get('pattern')}"
        return Finding(path, f"{_quote(error['input'])} is not written as this key needs.", expected)
    if kind in ("value_error", "assertion_error"):
        said = str(context.get("error", error["msg"]))
        what = said if said.endswith((".", "?")) else f"{said}."
        return Finding(_named_by(said, path, data), what, "parts of the file that agree with each other")
    expected = EXPECTED.get(kind, error["msg"]).format(
        **{k: v for k, v in context.items() if isinstance(v, int | float)}
    )
    if kind in BAD_DATES:
        return Finding(path, f"{_quote(error['input'])} is not a date or time that exists.", expected)
    return Finding(path, f"{_quote(error['input'])} is {_type(error['input'])}.", expected)


def _named_by(said: str, path: Path, data: Mapping[str, Any]) -> Path:
    """The key path that a shape's own message opens with, if the file has it: nearer than the table it checks."""
    opening = said.split(maxsplit=1)[0].strip("`“”:") if said else ""
    table: Any = data
    for part in path:
        table = table[part]
    found = next(find(table, opening), None) if opening else None
    return (*path, *found[0]) if found else path


def _in_data(location: tuple[str | int, ...], data: Any, *, missing: bool) -> Path:
    """The location without the steps that pydantic adds for its own branches (unions, `[key]`)."""
    path: Path = ()
    for position, part in enumerate(location):
        if isinstance(data, Mapping) and part in data:
            data = data[str(part)]
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        elif not (missing and position == len(location) - 1):
            continue
        path = (*path, part)
    return path


def keys_at(shape: Any, path: Path) -> tuple[str, ...]:
    """The keys that the shape allows in the table at `path`."""
    return tuple(field.name for table in _shapes_at(shape, path) for field in dataclasses.fields(table))


def _shapes_at(shape: Any, path: Path) -> Iterator[Any]:
    for each in _alternatives(shape):
        if not path:
            if dataclasses.is_dataclass(each):
                yield each
        elif dataclasses.is_dataclass(each):
            hints = get_type_hints(each)
            if path[0] in hints:
                yield from _shapes_at(hints[str(path[0])], path[1:])
        elif get_args(each):
            inner = get_args(each)[1] if get_origin(each) is dict else get_args(each)[0]
            yield from _shapes_at(inner, path[1:])


def _alternatives(shape: Any) -> Iterator[Any]:
    if get_origin(shape) is Annotated:
        yield from _alternatives(get_args(shape)[0])
    elif get_origin(shape) in (Union, UnionType):
        for each in get_args(shape):
            yield from _alternatives(each)
    else:
        yield shape


def _describe(shape: type, path: Path) -> str:
    for table in _shapes_at(shape, path[:-1]):
        hint = next(_alternatives(get_type_hints(table).get(str(path[-1]), str)), str)
        origin = get_origin(hint) or hint
        if dataclasses.is_dataclass(hint) or origin is dict:
            return f"a table, [{written(path)}]"
        named = {str: "“text”", int: "a whole number", float: "a number", bool: "true or false", tuple: "[a list]"}
        return named.get(origin, getattr(origin, "__name__", "a value"))
    return "a value"


def _near(name: str, valid: tuple[str, ...]) -> str | None:
    """The nearest name only: what was expected already lists them all."""
    match = nearest(name, valid)
    return f"Did you mean “{match}”?" if match else None


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(sorted(set(names)))


def _quote(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        text = str(value)
        return f"“{text if len(text) <= 60 else text[:57] + '…'}”"
    return "What is written here"


def _type(value: Any) -> str:
    for kind, words in ((bool, "a yes or no"), (str, "text"), (int, "a number"), (float, "a number"), (list, "a list")):
        if isinstance(value, kind):
            return words
    return "a table of keys"
