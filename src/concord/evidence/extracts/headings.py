"""Which table of a feed a file is, told by its headings, and what is wrong where it is none of them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from concord.kernel.errors import BadInput, Refused, Where
from concord.kernel.names import nearest
from concord.strategy.shapes.feed import Feed, Table


@dataclass(frozen=True, slots=True)
class Layout:
    """How one file's columns serve a table's fields. `columns` are all headings as they stand in the file.

    `positions` maps a field to the index of its column; a field whose optional column is absent is not in it.
    `others` are further columns that may hold the value of a field with several headings.
    `wide` are the indexes of columns that are really rows. `stated` is what the file name says (month, force).
    """

    key: str
    table: Table
    columns: tuple[str, ...]
    positions: dict[str, int]
    wide: tuple[int, ...]
    stated: dict[str, str]
    others: dict[str, tuple[int, ...]] = field(default_factory=dict)


def _plain(heading: str) -> str:
    return re.sub(r"[\s_]+", " ", heading.strip().strip("\ufeff")).casefold()


def split_line(line: str) -> list[str]:
    """The fields of a heading row."""
    return next(csv.reader([line]), [])


@dataclass(frozen=True, slots=True)
class _Fit:
    layout: Layout
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    named_so: bool

    @property
    def share(self) -> float:
        named = len(self.layout.positions)
        return named / max(1, named + len(self.missing) + len(self.unknown))


def _fit(key: str, table: Table, columns: tuple[str, ...], file_name: str) -> _Fit:
    wanted = {_plain(h): field for field, contract in table.fields.items() for h in contract.headers(field)}
    ignored = {_plain(heading) for heading in table.ignore}
    wide_column = re.compile(table.wide.columns) if table.wide else None
    made = {*table.wide.made, table.wide.value} if table.wide else set()
    positions: dict[str, int] = {}
    others: dict[str, tuple[int, ...]] = {}
    wide: list[int] = []
    unknown: list[str] = []
    for index, heading in enumerate(columns):
        known = wanted.get(_plain(heading))
        if known is not None and known not in positions and known not in made:
            positions[known] = index
        elif known is not None and known in positions and table.fields[known].coalesce:
            others[known] = (*others.get(known, ()), index)
        elif _plain(heading) in ignored:
            continue
        elif wide_column is not None and wide_column.fullmatch(heading.strip()):
            wide.append(index)
        else:
            unknown.append(heading)
    missing = [
        contract.header or field
        for field, contract in table.fields.items()
        if field not in positions and field not in made and contract.column == "required"
    ]
    if table.wide and not wide:
        missing.append(f"columns like {table.wide.columns}")
    match = re.fullmatch(table.file_name, file_name) if table.file_name else None
    stated = {k: v for k, v in match.groupdict().items() if v} if match else {}
    layout = Layout(key, table, columns, positions, tuple(wide), stated, others)
    return _Fit(layout, tuple(missing), tuple(unknown), named_so=match is not None)


def recognise(feed: Feed, header: str, *, name: str, file_name: str) -> Layout:
    """The table whose headings these are.

    Raises Refused where a heading is forbidden (a name in a health extract, say) and BadInput where no table fits:
    a drifted heading is named with the nearest one known, and a file of another kind is said to be one.
    """
    columns = tuple(split_line(header))
    where = Where(file=name, row=1)
    for table in feed.tables.values():
        for rule in table.forbidden:
            caught = [c for c in columns if re.search(rule.columns, c.strip())]
            if caught:
                plural = "s" if len(caught) > 1 else ""
                raise Refused(
                    f"{file_name} was refused whole: it has the column{plural} {_quoted(caught)}.",
                    where=where,
                    why=f"{rule.why} Nothing of the file was kept.",
                    next_step="Ask the supplier to remove the column at its source, delete your copy, and record the "
                    "incident with your data protection officer.",
                )
    fits = [_fit(key, table, columns, file_name) for key, table in feed.tables.items()]
    closest = max(
        fits,
        key=lambda fit: (not fit.missing and not fit.unknown, fit.share, len(fit.layout.positions), fit.named_so),
    )
    alike = Counter(_plain(column) for column in columns)
    twice = sorted({column.strip() for column in columns if alike[_plain(column)] > 1})
    if twice and closest.share >= 0.5:
        raise BadInput(
            f"{file_name} has the heading {_quoted(twice)} more than once.",
            where=where,
            next_step="Keep one column of that name and load the file again.",
        )
    if not closest.missing and not closest.unknown:
        return _checked(_as_extract(feed, closest.layout, file_name), name, file_name)
    if len(columns) == 1:
        for separator, called in ((";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")):
            if separator in header:
                raise BadInput(
                    f"{file_name} separates its fields by {called}, not commas.",
                    where=where,
                    next_step="Export it again as comma-separated values.",
                )
    if closest.share < 0.5:
        raise BadInput(
            f"{file_name} is no file of the feed “{feed.key}”.",
            where=where,
            why=f"Its headings are {_quoted(columns)}; "
            f"the nearest table, “{closest.layout.key}”, has {_quoted(_headings(closest.layout.table))}.",
            next_step="Name the feed it belongs to, or ask the supplier for the right file. "
            "A file without a heading row needs one.",
        )
    raise BadInput(
        f"The headings of {file_name} have changed: it is almost the table “{closest.layout.key}”, but not quite.",
        where=where,
        why=" ".join(_drift(closest)),
        next_step=f"Ask the supplier to restore the headings, or add the new ones to feeds/{feed.key}.toml as an "
        "alias or a field.",
    )


def _drift(fit: _Fit) -> list[str]:
    sentences = []
    known = _headings(fit.layout.table)
    for heading in fit.unknown[:_LISTED]:
        free = [k for k in known if k in fit.missing] or known
        match = nearest(_plain(heading), [_plain(k) for k in free])
        named = next((k for k in free if _plain(k) == match), None)
        sentences.append(f"Unknown: {_quoted([heading])}" + (f" (was it “{named}”?)." if named else "."))
    if len(fit.unknown) > _LISTED:
        sentences.append(f"And {len(fit.unknown) - _LISTED:,} more that are unknown.")
    if fit.missing:
        sentences.append(f"Missing: {_quoted(fit.missing)}.")
    return sentences


def _headings(table: Table) -> list[str]:
    return [contract.header or field for field, contract in table.fields.items()]


_LISTED, _LENGTH = 8, 40
"""How many headings a message names, and how much of each."""


def _quoted(names: Sequence[str]) -> str:
    """Headings for a message: few, short, and without anything that would upset a terminal."""
    shown = ["".join(c if c.isprintable() else "?" for c in name[:_LENGTH]) for name in names[:_LISTED]]
    more = len(names) - len(shown)
    return ", ".join(f"“{name}”" for name in shown) + (f" and {more:,} more" if more > 0 else "")


def _as_extract(feed: Feed, layout: Layout, file_name: str) -> Layout:
    """The layout as it is, or for a file that by its name is a part cut from the whole."""
    match = re.fullmatch(feed.extracts, file_name) if feed.extracts else None
    if match is None:
        return layout
    return replace(layout, table=layout.table.as_extract(), stated={**layout.stated, "extract": match["extract"]})


def _checked(layout: Layout, name: str, file_name: str) -> Layout:
    """Raises BadInput where the file name states a month that is none."""
    month = layout.stated.get("month")
    if month is not None:
        try:
            date.fromisoformat(f"{month}-01")
        except ValueError:
            raise BadInput(
                f"The name of {file_name} states “{month}”, which is not a month.", where=Where(file=name)
            ) from None
    return layout
