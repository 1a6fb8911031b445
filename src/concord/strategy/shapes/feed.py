"""`feeds/<feed>.toml`: the contract under which a partner's file is received.

One contract may cover several tables (data.police.uk sends street crime, outcomes and stop and search together). A
table is recognised by its header, never by trust in a file name. Everything a supplier can get wrong is a key here,
so the contract is also the supplier's specification and the data dictionary of the dataset.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text
from concord.strategy.shapes.feed_rows import (
    AreaVintage,
    Forbidden,
    NotPublished,
    Pattern,
    Rule,
    Stacked,
    Typed,
    Wide,
    with_likeness,
)

FieldType = Literal["text", "code", "integer", "decimal", "date", "month", "timestamp", "flag", "geometry"]
"""`code` is text that never holds a blank inside; `month` is the first day of a month; `flag` is Y, N or blank;
`timestamp` is local time in Europe/London unless the field says `zone = "UTC"`, and is stored as local time;
`geometry` is a shape as well-known binary, in the coordinate system that the column `crs` names."""

DateFormat = Literal[
    "yyyy-mm-dd",
    "yyyy-mm-dd 00:00:00",
    "yyyymmdd",
    "yyyymm",
    "yyyy",
    "d/m/yyyy",
    "d-m-yyyy",
    "mon-yy",
    "financial year",
]
"""How a publisher writes days and months. `mon-yy` is of this century (`Jan-03`); `financial year` is its first day,
1 April (`2015/16`, `fy21-22`); `yyyy-mm-dd 00:00:00` is a day that a program typed as a time, and must be midnight."""

Identifying = Literal["person_id", "given_name", "family_name", "born_on", "postcode", "address"]
"""Why a field leaves the dataset: `person_id` becomes a pseudonym, the others go to the encrypted identifiers."""


_NUMBERS = ("integer", "decimal")

EXTRACT = "_extract"
"""What the name of a dataset made of parts ends in."""


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

    How the value is written, where it is not written plainly: `decimal = "comma"` reads `0,56`; `"zero"` reads a whole
    number written `4.0`. `thousands = "comma"` reads `1,234`; `percent` allows a percent sign and leaves it off.
    `date_format` names every way the days of this column are written.
    `missing` maps a mark that stands for no value (`"-"`; `""` is a blank) to the reason: the value is then NULL, never
    nought, and a column `<field>_missing` beside it holds the reason.
    `part` keeps of each value only what the pattern's group matches (the force in the name of a file).
    `coalesce`: several of the headings may stand in one file; the value is the one that is not blank, and a row in
    which two of them differ is set aside.
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
    decimal: Literal["point", "comma", "zero"] = "point"
    thousands: Literal["none", "comma"] = "none"
    percent: bool = False
    date_format: tuple[DateFormat, ...] = ()
    missing: dict[str, Text] = Field(default_factory=dict)
    part: Pattern | None = None
    coalesce: bool = False
    identifies: Identifying | None = None
    quality: FieldQuality = FieldQuality()
    fix: Text | None = None

    @model_validator(mode="after")
    def _written_ways_fit_the_type(self) -> FieldContract:
        if (self.decimal != "point" or self.thousands != "none" or self.percent) and self.type not in _NUMBERS:
            raise ValueError(f"`decimal`, `thousands` and `percent` are for numbers, not for type `{self.type}`")
        if self.decimal == "comma" and self.thousands == "comma":
            raise ValueError("a comma cannot part both decimals and thousands")
        if self.decimal == "zero" and self.type != "integer":
            raise ValueError('`decimal = "zero"` is for whole numbers written as 4.0')
        if self.date_format and self.type not in ("date", "month"):
            raise ValueError(f"`date_format` is for dates and months, not for type `{self.type}`")
        if self.missing and (self.identifies or self.type == "flag"):
            raise ValueError("`missing` is for values that stay in the dataset, and not for flags")
        if self.part and (re.compile(self.part).groups != 1 or self.type not in ("code", "integer")):
            raise ValueError("`part` needs exactly one group, and a field that is a code or a whole number")
        if self.required and "" in self.missing:
            raise ValueError("a `required` field may not be blank, so a blank cannot stand for a missing value")
        if self.coalesce and not self.aliases:
            raise ValueError("`coalesce` needs `aliases`: the other headings that may stand beside it")
        return self

    def headers(self, key: str) -> tuple[str, ...]:
        """Every heading this field answers to, the preferred one first."""
        return (self.header or key, *self.aliases)


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Table:
    """One kind of file within a feed, and the dataset it becomes.

    `file_name` is a pattern whose named groups give parts of the partition (`month`, `quarter`, `force`). A file of
    another name is taken by what its rows say, where they can. `partition` names fields or groups: a file replaces
    exactly the partitions it holds. `release_from` names the month field whose latest value dates the file, for
    sources that send the whole series again: an older release never replaces a newer one.
    `ignore` lists headings that are known and deliberately not kept; `unnamed_columns = "ignored"` says the same of
    columns that have no heading.

    Where the table stands in a file of several: `sheet` says in which sheets of a workbook, data frames of an R
    workspace or layers of a map file it may (any, unless given); its named groups give parts of the partition as those
    of `file_name` do. The headings are the first row that fits, or row `headings_row` as a spreadsheet counts;
    `headings_lines` rows are joined from the top down, a merged cell heading every column under it. `ends_at` is what
    the first filled cell of a footnote looks like: it and what follows it are no rows of the table. Fields in
    `fill_down` are written once for several rows of a sheet, and blank below.
    `headings` are the columns, in order, of a file that has no heading row; `file_name` must then tell the file.
    `blocks`: the table stands several times in a sheet, one below the other, each with its headings again and, above
    them, lines that say what it is of: a field is mapped to the label that begins such a line, and the cell after the
    label is its value in every row of the block.
    `constant` are columns whose one value the contract knows and the file does not state (an edition, a kind).
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
    unnamed_columns: Literal["refused", "ignored"] = "refused"
    sheet: Pattern | None = None
    headings_row: Annotated[int, Field(ge=1)] | None = None
    headings_lines: Annotated[int, Field(ge=1, le=5)] = 1
    ends_at: Pattern | None = None
    fill_down: tuple[Key, ...] = ()
    headings: tuple[Text, ...] = ()
    blocks: dict[Key, Text] = Field(default_factory=dict)
    constant: dict[Key, str | int] = Field(default_factory=dict)
    stacked: Stacked | None = None
    vintage: AreaVintage | None = None
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
        if self.wide:
            named += [("wide", f) for f in (*self.wide.made, self.wide.value)]
        if self.stacked:
            named += [("stacked", self.stacked.field)]
            named += [("stacked: only", f) for fields in self.stacked.only.values() for f in fields]
            if set(self.stacked.only) - set(self.stacked.into.values()):
                raise ValueError("`stacked: only` names a dataset that `into` does not")
        if self.vintage:
            named.append(("vintage", self.vintage.field))
        if self.release_from:
            named.append(("release_from", self.release_from))
        named += [("partition_from", f) for f in self.partition_from.values()]
        named += [("blocks", f) for f in self.blocks]
        named += [("fill_down", f) for f in self.fill_down]
        for place, name in named:
            if name not in known:
                raise ValueError(f"`{place}` names field `{name}`, which this table does not have")
        groups = {group for p in (self.file_name, self.sheet) if p for group in re.compile(p).groupindex}
        for unknown in self.not_published:
            if unknown.field not in known | groups:
                raise ValueError(f"`not_published` names `{unknown.field}`: neither a field nor a group of `file_name`")
        for part in self.partition:
            if part not in known | groups | set(self.partition_from) | set(self.constant) | {"extract"}:
                raise ValueError(f"`partition` names `{part}`: neither a field nor a group of `file_name` or `sheet`")
        if self.headings and not self.file_name:
            raise ValueError("`headings` stand for those a file lacks, so only `file_name` can tell the file")
        if self.not_published and not self.wide:
            raise ValueError("`not_published` is about the counts of a table with `wide` columns")
        if self.stacked and self.dataset not in self.stacked.into.values():
            raise ValueError("`dataset` is one of those that `stacked: into` names: the first")
        if clash := set(self.constant) & (known | groups):
            raise ValueError(f"`constant` names `{sorted(clash)[0]}`, which the file states itself")
        return self

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets its rows become: one, unless it is stacked."""
        return tuple(dict.fromkeys(self.stacked.into.values())) if self.stacked else (self.dataset,)

    def as_extract(self) -> Table:
        """The table for files that hold a part cut from the whole: datasets of their own, kept apart by `extract`."""
        stacked = self.stacked and replace(
            self.stacked,
            into={value: dataset + EXTRACT for value, dataset in self.stacked.into.items()},
            only={dataset + EXTRACT: fields for dataset, fields in self.stacked.only.items()},
        )
        note = "A part that somebody cut from the publisher's whole: use it only where the whole is not at hand."
        return replace(
            self,
            dataset=self.dataset + EXTRACT,
            stacked=stacked,
            partition=("extract", *self.partition),
            notes=(*self.notes, note),
        )

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
    `extracts` is the pattern of the names of files that hold only a part somebody cut from the whole, with the named
    group `extract`: they become datasets of their own (`<dataset>_extract`), so that a part never replaces the whole
    and is never added to it.
    `typed` lets counts be typed into a form.
    A table with `like` takes over what another table of the feed says and states only what differs.
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
    extracts: Pattern | None = None
    typed: Typed | None = None
    version: int = 1

    @model_validator(mode="after")
    def _extract_group(self) -> Feed:
        if self.extracts and "extract" not in re.compile(self.extracts).groupindex:
            raise ValueError("`extracts` needs the named group `extract`: what the part is of")
        return self

    @property
    def datasets(self) -> dict[str, Table]:
        """Every dataset the feed may fill, with the table it comes from."""
        tables = list(self.tables.values())
        tables += [table.as_extract() for table in tables] if self.extracts else []
        return {dataset: table for table in tables for dataset in table.datasets}

    @property
    def holds_identifiers(self) -> bool:
        """Whether any of its tables names or could find a person; then files are kept encrypted."""
        return any(table.holds_identifiers for table in self.tables.values())

    @model_validator(mode="after")
    def _lawful(self) -> Feed:
        if self.key == "any":
            raise ValueError("`any` stands for every feed, so no feed may have it as its key")
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

    @model_validator(mode="after")
    def _can_be_typed(self) -> Feed:
        if self.typed is None:
            return self
        if self.data_class != "aggregate" or len(self.tables) != 1 or self.due.every == "once":
            raise ValueError("only counts of one table that comes every month, quarter or year are `typed`")
        (table,) = self.tables.values()
        if unknown := sorted(self.typed.fields() - set(table.fields)):
            raise ValueError(f"`typed` names field `{unknown[0]}`, which the table does not have")
        if missing := sorted(
            key for key, each in table.fields.items() if each.required and key not in self.typed.fields()
        ):
            raise ValueError(f"`typed` neither asks for `{missing[0]}` nor says what it is, and it may not be blank")
        return self


SHAPE = Feed
PREPARE = with_likeness
