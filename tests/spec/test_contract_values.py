"""Every way a contract lets a value be written, and what it becomes or why it is refused. The tables are the spec."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest
from load_support import incidents
from pydantic import TypeAdapter, ValidationError

from concord.evidence.extracts.values import conversion, reason
from concord.strategy.shapes.feed import Feed, FieldContract
from concord.strategy.shapes.feed_rows import with_likeness

FAULT = None
"""What a value that is not of the type becomes; a fault is set aside by the check of its type."""


def field(**keys: object) -> FieldContract:
    return TypeAdapter(FieldContract).validate_python({"description": "A field.", **keys})


def read(contract: FieldContract, text: str | None) -> object:
    literal = "NULL::VARCHAR" if text is None else f"$${text}$$"
    ((value,),) = duckdb.sql(f"SELECT {conversion(contract, 'v')} FROM (SELECT {literal} AS v)").fetchall()
    return value


@pytest.mark.parametrize(
    ("keys", "text", "value"),
    [
        ({"type": "decimal", "decimal": "comma"}, "0,56", 0.56),
        ({"type": "decimal", "decimal": "comma"}, "12", 12.0),
        ({"type": "decimal", "decimal": "comma"}, "-3,5", -3.5),
        ({"type": "decimal", "decimal": "comma"}, "0.56", FAULT),
        ({"type": "decimal", "decimal": "comma"}, "1,234,5", FAULT),
        ({"type": "decimal"}, "0,56", FAULT),
        ({"type": "integer", "decimal": "zero"}, "4.0", 4),
        ({"type": "integer", "decimal": "zero"}, "4", 4),
        ({"type": "integer", "decimal": "zero"}, "4.000", 4),
        ({"type": "integer", "decimal": "zero"}, "4.5", FAULT),
        ({"type": "integer", "decimal": "zero"}, "4.0.0", FAULT),
        ({"type": "integer"}, "4.0", FAULT),
        ({"type": "integer", "thousands": "comma"}, "1,234,567", 1_234_567),
        ({"type": "integer", "thousands": "comma"}, "1234567", 1_234_567),
        ({"type": "integer", "thousands": "comma"}, "12,34", FAULT),
        ({"type": "decimal", "thousands": "comma"}, "1,234.5", 1_234.5),
        ({"type": "decimal", "percent": True}, "12.5%", 12.5),
        ({"type": "decimal", "percent": True}, "12.5 %", 12.5),
        ({"type": "decimal", "percent": True}, "12.5", 12.5),
        ({"type": "decimal", "percent": True}, "%", FAULT),
        ({"type": "decimal"}, "12.5%", FAULT),
        ({"type": "decimal", "percent": True, "decimal": "comma"}, "12,5%", 12.5),
        ({"type": "date", "date_format": ["d/m/yyyy"]}, "1/2/2023", dt.date(2023, 2, 1)),
        ({"type": "date", "date_format": ["d/m/yyyy"]}, "31/12/2014", dt.date(2014, 12, 31)),
        ({"type": "date", "date_format": ["d/m/yyyy"]}, "12/31/2014", FAULT),
        ({"type": "date", "date_format": ["d/m/yyyy"]}, "2014-12-31", dt.date(2014, 12, 31)),
        ({"type": "date", "date_format": ["d-m-yyyy"]}, "31-03-2003", dt.date(2003, 3, 31)),
        ({"type": "date", "date_format": ["yyyymmdd"]}, "19560409", dt.date(1956, 4, 9)),
        ({"type": "date", "date_format": ["yyyy-mm-dd", "d/m/yyyy"]}, "2014-12-31", dt.date(2014, 12, 31)),
        ({"type": "date", "date_format": ["yyyy-mm-dd 00:00:00"]}, "2022-03-01 00:00:00", dt.date(2022, 3, 1)),
        ({"type": "date", "date_format": ["yyyy-mm-dd 00:00:00"]}, "2022-03-01T00:00:00.000000", dt.date(2022, 3, 1)),
        ({"type": "date", "date_format": ["yyyy-mm-dd 00:00:00"]}, "2022-03-01 10:30:00", FAULT),
        ({"type": "month", "date_format": ["mon-yy"]}, "Jan-03", dt.date(2003, 1, 1)),
        ({"type": "month", "date_format": ["mon-yy"]}, "sep-23", dt.date(2023, 9, 1)),
        ({"type": "month", "date_format": ["mon-yy"]}, "Foo-23", FAULT),
        ({"type": "month", "date_format": ["yyyymm"]}, "202313", FAULT),
        ({"type": "month", "date_format": ["yyyy-mm-dd 00:00:00"]}, "2022-03-15 00:00:00", dt.date(2022, 3, 1)),
        ({"type": "date", "date_format": ["financial year"]}, "fy21-22", dt.date(2021, 4, 1)),
        ({"type": "date", "date_format": ["financial year"]}, "2015/16", dt.date(2015, 4, 1)),
        ({"type": "date", "date_format": ["financial year"]}, "1999/2000", dt.date(1999, 4, 1)),
        ({"type": "date", "date_format": ["financial year"]}, "2014-16", FAULT),
        ({"type": "code", "part": "[0-9-]+-([a-z]+)-street[.]csv"}, "2023-01-bedfordshire-street.csv", "bedfordshire"),
        ({"type": "code", "part": "[0-9]{4}-[0-9]{2}-(.+)-street[.]csv"}, "street.csv", FAULT),
        ({"type": "integer", "part": "year ([0-9]{4})"}, "year 2023", 2023),
        ({"type": "decimal", "missing": {"-": "suppressed"}}, "-", None),
        ({"type": "decimal", "missing": {"-": "suppressed"}}, "-1", -1.0),
    ],
)  # fmt: skip
def test_a_value_becomes(keys: dict[str, object], text: str, value: object) -> None:
    assert read(field(**keys), text) == value


@pytest.mark.parametrize(
    ("missing", "text", "why"),
    [
        ({"-": "suppressed"}, "-", "suppressed"),
        ({"-": "suppressed"}, "12", None),
        ({"-": "suppressed"}, None, None),
        ({"-": "suppressed", "": "blank"}, None, "blank"),
        ({"x": "it's not known"}, "x", "it's not known"),
    ],
)
def test_a_missing_value_says_why(missing: dict[str, str], text: str | None, why: str | None) -> None:
    literal = "NULL::VARCHAR" if text is None else f"$${text}$$"
    contract = field(type="decimal", missing=missing)
    assert duckdb.sql(f"SELECT {reason(contract, 'v')} FROM (SELECT {literal} AS v)").fetchall() == [(why,)]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"decimal": "comma"}, "are for numbers, not for type `text`"),
        ({"type": "integer", "decimal": "comma", "thousands": "comma"}, "cannot part both"),
        ({"type": "decimal", "decimal": "zero"}, "whole numbers written as 4.0"),
        ({"type": "text", "date_format": ["yyyy"]}, "is for dates and months"),
        ({"type": "date", "date_format": ["%Y"]}, "date_format"),
        ({"type": "flag", "missing": {"-": "x"}}, "not for flags"),
        ({"identifies": "postcode", "missing": {"-": "x"}}, "stay in the dataset"),
        ({"required": True, "missing": {"": "x"}}, "a blank cannot stand for a missing value"),
        ({"coalesce": True}, "needs `aliases`"),
        ({"type": "text", "part": "(a)"}, "a code or a whole number"),
        ({"type": "code", "part": "(a)(b)"}, "exactly one group"),
    ],
)
def test_a_field_that_cannot_be_meant_is_refused(keys: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        field(**keys)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"wide": {"columns": "(?P<a>.)(?P<b>.)", "into": ["ref"], "value": "victims"}}, "lists the named groups"),
        ({"stacked": {"field": "ward", "into": {"SYN01": "other"}}}, "one of those that `stacked: into` names"),
        ({"stacked": {"field": "wrad", "into": {"SYN01": "incidents"}}}, "names field `wrad`"),
        ({"vintage": {"of": "LSOA", "field": "area", "marks": {}, "otherwise": "2011"}}, "names field `area`"),
        ({"constant": {"ward": "x"}}, "which the file states itself"),
        ({"not_published": [{"field": "ward", "values": ["SYN01"], "why": "x"}]}, "a table with `wide` columns"),
        ({"headings": ["a"], "file_name": None, "partition": []}, "only `file_name` can tell the file"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_meant_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        incidents(**change)


def test_a_table_like_another_says_only_what_differs() -> None:
    data = {"tables": {"a": {"title": "A", "fields": {"x": {"type": "code", "required": True}}}}}
    data["tables"]["b"] = {"like": "a", "title": "B", "fields": {"x": {"required": False}, "y": {}}}
    filled = with_likeness(data)["tables"]
    assert filled["b"] == {"title": "B", "fields": {"x": {"type": "code", "required": False}, "y": {}}}
    assert filled["a"] == data["tables"]["a"]


@pytest.mark.parametrize("like", ["nothing", "b"])
def test_a_table_like_none_or_like_itself_is_refused(like: str) -> None:
    with pytest.raises(ValueError, match=f"Table “b” is like “{like}”, which is no other table"):
        with_likeness({"tables": {"a": {}, "b": {"like": like}}})


def test_parts_cut_from_a_whole_need_to_say_of_what() -> None:
    feed = TypeAdapter(Feed).dump_python(incidents(), mode="json") | {"extracts": ".*_TH_.*"}
    with pytest.raises(ValidationError, match="needs the named group `extract`"):
        TypeAdapter(Feed).validate_python(feed)
