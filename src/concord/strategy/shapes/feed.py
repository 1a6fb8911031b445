"""`feeds/<feed>.toml`: the contract under which a partner's file is received.

One contract may cover several tables (data.police.uk sends street crime, outcomes and stop and search together). A
table is recognised by its header, never by trust in a file name. Everything a supplier can get wrong is a key here,
so the contract is also the supplier's specification and the data dictionary of the dataset.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text

FieldType = Literal["text", "code", "integer", "decimal", "date", "month", "timestamp", "flag"]
"""`code` is text that never holds a blank inside; `month` is the first day of a month; `flag` is Y, N or blank;
`timestamp` is local time in Europe/London unless the field says `zone = "UTC"`, and is stored as local time."""

Identifying = Literal["person_id", "given_name", "family_name", "born_on", "postcode", "address"]
"""Why a field leaves the dataset: `person_id` becomes a pseudonym, the others go to the encrypted identifiers."""


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]


@dataclass(frozen=True, kw_only=True, config=FORBID)
class FieldQuality:
    """What makes a field well filled in, where "not blank" does not say it.

    `unknown` lists the values that say that nothing is known ("NS", not stated): they are counted apart from blanks,
    and neither as known. `blank_means` is what a blank says where it is an answer ("no strand"): then it is no fault.
    `settles_months` is how long values may yet come in (an outcome): newer months are shown and not judged.
    """

    unknown: tuple[str, ...] = ()
    blank_means: Text | None = None
    settles_months: Annotated[int, Field(ge=0)] = 0


@dataclass(frozen=True, kw_only=True, config=FORBID)
class FieldContract:
    """One column of a supplier's file, and what its value may be.

    `header` is the name at the head of the column (the field's own key unless given) and `aliases` the names it has
    had elsewhere. `column = "optional"` is a column some layouts lack; `required` means the value may not be blank.
    `values` is a closed list, `recode` turns an older wording into one of them and `case` settles the
    letters first. `minimum` and `maximum` are numbers,
    or ISO dates for dates. `identifies` sends the value out of the dataset. `fix` tells the supplier what to do.
    `quality` says how to read how well the field is filled in.
    """

    description: Text
    type: FieldType = "text"
    header: Text | None = None
    aliases: tuple[Text, ...] = ()
    column: Literal["required", "optional"] = "required"
    required: bool = False
    values: tuple[str, ...] = ()
    recode: dict[str, str] = Field(default_factory=dict)
    case: Literal["as sent", "upper", "lower"] = "as sent"
    pattern: Pattern | None = None
    minimum: float | dt.date | None = None
    maximum: float | dt.date | None = None
    zone: Literal["Europe/London", "UTC"] = "Europe/London"
    identifies: Identifying | None = None
    quality: FieldQuality = FieldQuality()
    fix: Text | None = None

    def headers(self, key: str) -> tuple[str, ...]:
        """Every heading this field answers to, the preferred one first."""
        return (self.header or key, *self.aliases)


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

    A column whose total is below `least_share` of the median column's is an edge of the publisher's window, not a
    whole month, and is left out with a note.
    """

    columns: Pattern
    into: Key
    value: Key
    least_share: float = 0.0


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
class Table:
    """One kind of file within a feed, and the dataset it becomes.

    `file_name` is a pattern whose named groups give parts of the partition (`month`, `quarter`, `force`). A
    file of another name is taken by what its rows say, where they can. `partition` names fields or groups: a file
    replaces exactly the partitions it holds. `release_from` names the month field whose latest value dates the file,
    for sources that send the whole series again: an older release never replaces a newer one.
    `ignore` lists headings that are known and deliberately not kept.
    """

    dataset: Key
    title: Text
    fields: dict[Key, FieldContract]
    file_name: Pattern | None = None
    partition: tuple[Key, ...] = ()
    partition_from: dict[Key, Key] = Field(default_factory=dict)
    partition_recode: dict[str, str] = Field(default_factory=dict)
    release_from: Key | None = None
    ignore: tuple[Text, ...] = ()
    rules: tuple[Rule, ...] = ()
    wide: Wide | None = None
    not_published: tuple[NotPublished, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    notes: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _names_exist(self) -> Table:
        known = set(self.fields)
        named: list[tuple[str, str]] = [(f"rules: {r.kind}", f) for r in self.rules for f in r.fields]
        named += [(f"rules: {r.kind}", r.when) for r in self.rules if r.when]
        named += [("not_published", n.field) for n in self.not_published]
        if self.wide:
            named += [("wide", self.wide.into), ("wide", self.wide.value)]
        if self.release_from:
            named.append(("release_from", self.release_from))
        named += [("partition_from", f) for f in self.partition_from.values()]
        for place, name in named:
            if name not in known:
                raise ValueError(f"`{place}` names field `{name}`, which this table does not have")
        groups = set(re.compile(self.file_name).groupindex) if self.file_name else set()
        for part in self.partition:
            if part not in known | groups | set(self.partition_from):
                raise ValueError(f"`partition` names `{part}`: neither a field nor a group of `file_name`")
        return self

    @property
    def holds_identifiers(self) -> bool:
        """Whether any column names or could find a person."""
        return any(f.identifies for f in self.fields.values())


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Due:
    """When a file is expected: `days` after the end of the period it covers, every month, quarter or year.

    `by = "end of next period"` is the last day of the period that follows instead, as section 17A of the Crime and
    Disorder Act 1998 has it: quarters differ in length, so no number of days says it. `first` is a day of the first
    period that is owed. `once` is a feed with no clock: reference data replaced when a new edition appears.
    """

    every: Literal["month", "quarter", "year", "once"]
    days: int = 0
    by: Literal["days", "end of next period"] = "days"
    first: dt.date | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Feed(Common):
    """What one partner sends: the terms on which it is received, and the tables in it.

    `data_class`: `open` (published under a licence), `record_level` (a row is a person or an event of a person),
    `anonymised` (rows about no identifiable person), `aggregate` (counts). Only open data needs no agreement.
    `owner` is the agency that sends it; open data has a `publisher` instead, who need not be a partner. A national
    template does not know the agencies: it gives the sector as `owner_kind`, and the partnership that inherits it
    fills the owner (`feed_owners` of partnership.toml, else its only agency of that sector).
    `gateway` is the statutory power that lets it move. `retention_months` is how long raw files stay.
    """

    key: Key
    title: Text
    data_class: Literal["open", "record_level", "anonymised", "aggregate"]
    purpose: Text
    due: Due
    tables: dict[Key, Table]
    owner: Key | None = None
    owner_kind: Key | None = None
    publisher: Text | None = None
    gateway: Key | None = None
    agreement: Key | None = None
    licence: Text | None = None
    attribution: Text | None = None
    vintage: Text | None = None
    retention_months: int | None = None
    synthetic: bool = False
    version: int = 1

    @property
    def holds_identifiers(self) -> bool:
        """Whether any of its tables names or could find a person; then files are kept encrypted."""
        return any(table.holds_identifiers for table in self.tables.values())

    @model_validator(mode="after")
    def _lawful(self) -> Feed:
        if self.data_class == "open" and not (self.licence and self.publisher):
            raise ValueError("an open feed names its `publisher` and its `licence`")
        if self.data_class != "open" and not (self.agreement and (self.owner or self.owner_kind) and self.gateway):
            raise ValueError(
                f"a feed of class `{self.data_class}` names its `owner` (a template: its `owner_kind`), "
                "and the `agreement` and legal `gateway` that allow it"
            )
        if self.data_class in ("anonymised", "aggregate", "open"):
            for key, table in self.tables.items():
                if table.holds_identifiers:
                    raise ValueError(f"class `{self.data_class}` may not hold identifiers, but table `{key}` does")
        if not self.tables:
            raise ValueError("a feed has at least one table")
        return self


SHAPE = Feed
