"""What a contract may say of whole rows: rules, columns that are rows, tables stacked in one, editions of areas."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Key, Text


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Typed:
    """The feed may be typed into a form by a sender who has a few counts and no spreadsheet; what is typed becomes a
    file, received like any other.

    `asks` are the fields that are typed, with their labels; `fixed` the values of the others. `starts` and `ends` are
    the fields that hold the days covered: the period that the sender chooses, or the `months` to its end. `file` is the
    name of the file, with `{period}` for the period as the contract's `file_name` has it (2026-Q3).
    `lines` is how many lines may be typed at once: more than one where something that is asked tells them apart.
    """

    file: Text
    asks: dict[Key, Text]
    fixed: dict[Key, str] = Field(default_factory=dict)
    starts: Key | None = None
    ends: Key | None = None
    months: Annotated[int, Field(ge=1, le=36)] | None = None
    lines: Annotated[int, Field(ge=1, le=20)] = 1

    @model_validator(mode="after")
    def _names_its_period(self) -> Typed:
        if "{period}" not in self.file:
            raise ValueError("`file` holds `{period}`, so that the file says what it is of")
        if not self.asks:
            raise ValueError("`asks` names at least one field")
        return self

    def fields(self) -> set[str]:
        return {*self.asks, *self.fixed, *filter(None, (self.starts, self.ends))}


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Rule:
    """A rule over one row, or over the file, from a closed vocabulary.

    `unique`: no two rows share `fields`; the first stands. `together`: all of `fields` or none.
    `order`: the first of `fields` is not later than the second. `required_when`: `fields` may not be blank where
    field `when` is one of `equals`. `blank_when`: `fields` must be blank there.
    `not_future`: no `fields` value lies after the day the file was received.
    `file_month`: `fields` lie in the month that the file name states (not checked where the name states none);
    `file_quarter`: in the quarter that it states, as 2026-Q3.
    """

    kind: Literal[
        "unique", "together", "order", "required_when", "blank_when", "not_future", "file_month", "file_quarter"
    ]  # fmt: skip
    fields: tuple[Key, ...]
    says: Text
    fix: Text
    when: Key | None = None
    equals: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Rule:
        if self.kind in ("required_when", "blank_when") and (self.when is None or not self.equals):
            raise ValueError(f"rule `{self.kind}` needs `when` and `equals`")
        if self.kind == "order" and len(self.fields) != 2:
            raise ValueError("rule `order` needs exactly two `fields`: the earlier, then the later")
        if not self.fields:
            raise ValueError(f"rule `{self.kind}` needs `fields`")
        return self


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Wide:
    """Columns that are really rows: headings that match `columns` become field `into`, their cells field `value`.

    Where one heading says several things, `columns` has named groups and `into` lists them: `Males_0-15` is read by
    `(?P<sex>[A-Za-z]+)_(?P<age_band>.+)` into the fields `sex` and `age_band`.
    A column whose total is below `least_share` of the median column's is an edge of the publisher's window, not a
    whole month, and is left out with a note.
    """

    columns: Pattern
    into: Key | tuple[Key, ...]
    value: Key
    least_share: float = 0.0

    @property
    def made(self) -> tuple[str, ...]:
        """The fields that the heading fills."""
        return (self.into,) if isinstance(self.into, str) else self.into

    def read(self, heading: str) -> dict[str, str]:
        """What a heading says, by field. Empty where it is no heading of this kind."""
        match = re.fullmatch(self.columns, heading)
        if match is None:
            return {}
        return {self.into: heading} if isinstance(self.into, str) else {f: match[f] or "" for f in self.into}

    @model_validator(mode="after")
    def _groups(self) -> Wide:
        if not isinstance(self.into, str) and set(self.into) != set(re.compile(self.columns).groupindex):
            raise ValueError("`into` lists the named groups of `columns`")
        if self.least_share and len(self.made) > 1:
            raise ValueError("`least_share` needs columns that are months and nothing else")
        return self


@dataclass(frozen=True, kw_only=True, config=FORBID)
class NotPublished:
    """A category this source does not publish: where it appears as 0 the count is unknown, not nought."""

    field: Key
    values: tuple[Text, ...]
    why: Text


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Forbidden:
    """Headings that make the whole file inadmissible, and the law or agreement that says so."""

    columns: Pattern
    why: Text


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Stacked:
    """Several tables in one, told apart by a column: every row goes to exactly one dataset, none is counted twice.

    `into` maps each value of `field` to a dataset; a row with another value is set aside. `only` says which fields
    just one of the datasets has: elsewhere they must be blank and are left out.
    """

    field: Key
    into: dict[str, Key]
    only: dict[Key, tuple[Key, ...]] = Field(default_factory=dict)

    def without(self, dataset: str) -> set[str]:
        """The fields this dataset leaves out: those that belong to another alone."""
        owned = set(self.only.get(dataset, ()))
        return {f for other, fields in self.only.items() if other != dataset for f in fields} - owned


@dataclass(frozen=True, kw_only=True, config=FORBID)
class AreaVintage:
    """Which edition of the small areas a partition's codes are of, where the file does not say.

    `marks` maps an edition to the pattern of the codes that exist in it alone: one such code in `field` decides for the
    whole partition, which comes from one file. Without any, every code is one of `otherwise`.
    Codes of two editions in one partition are refused.
    """

    of: Text
    field: Key
    marks: dict[str, Pattern]
    otherwise: Text


def with_likeness(data: dict[str, Any]) -> dict[str, Any]:
    """A contract as written, with every table that is `like` another filled with what it takes over.

    Raises ValueError where a table is like one that is not there, or like itself.
    """
    tables = data.get("tables")
    if not isinstance(tables, dict):
        return data
    return {**data, "tables": {key: _filled(key, tables, ()) for key in tables}}


def _filled(key: str, tables: dict[str, Any], chain: tuple[str, ...]) -> Any:
    own = tables[key]
    if not isinstance(own, dict) or "like" not in own:
        return own
    model = own["like"]
    if model not in tables or model in (*chain, key):
        raise ValueError(f"Table “{key}” is like “{model}”, which is no other table of this feed.")
    rest = {name: value for name, value in own.items() if name != "like"}
    return _over(_filled(model, tables, (*chain, key)), rest)


def _over(below: Any, above: Any) -> Any:
    """Two tables in one: where both say something, what stands above holds; lists are replaced whole."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return below | {name: _over(below[name], value) if name in below else value for name, value in above.items()}
