"""Which table of a feed a file is, told by its headings, and what is wrong where it is none of them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from concord.kernel.errors import BadInput, Refused, Where
from concord.kernel.names import nearest
from concord.strategy.shapes.feed import Feed, Table

if TYPE_CHECKING:
    from concord.evidence.extracts.frames import Frame


@dataclass(frozen=True, slots=True)
class Layout:
    """How one file's columns serve a table's fields. `columns` are all headings as they stand in the file.

    `positions` maps a field to the index of its column; a field whose optional column is absent is not in it.
    `others` are further columns that may hold the value of a field with several headings.
    `wide` are the indexes of columns that are really rows. `stated` is what the file name says (month, force).
    `heading_row` is the last row of the headings; `sheet` the sheet they stand in; `separator` what parts the cells.
    `unnamed` are the indexes of columns without a heading.
    """

    key: str
    table: Table
    columns: tuple[str, ...]
    positions: dict[str, int]
    wide: tuple[int, ...]
    stated: dict[str, str]
    heading_row: int = 1
    sheet: str | None = None
    separator: str = ","
    unnamed: tuple[int, ...] = ()
    others: dict[str, tuple[int, ...]] = field(default_factory=dict)


def _plain(heading: str) -> str:
    return re.sub(r"[\s_]+", " ", heading.strip().strip("\ufeff")).casefold()


def split_line(line: str, separator: str = ",") -> list[str]:
    """The fields of a heading row."""
    return next(csv.reader([line], delimiter=separator), [])


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a row of headings fits a table: exactly, where nothing is missing and nothing unknown."""

    layout: Layout
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    named: bool
    """Whether the contract named the file or the sheet, rather than only describing its headings."""

    @property
    def exact(self) -> bool:
        return not self.missing and not self.unknown

    @property
    def share(self) -> float:
        found = len(self.layout.positions)
        return found / max(1, found + len(self.missing) + len(self.unknown))

    @property
    def rank(self) -> tuple[bool, float, int, bool]:
        return self.exact, self.share, len(self.layout.positions), self.named


def _stated(table: Table, file_name: str, sheet: str | None) -> dict[str, str]:
    """What the names of file and sheet say. A contract names files as CSV; other formats differ in their end alone."""
    stem = file_name.rsplit(".", 1)[0]
    found: dict[str, str] = {}
    for pattern, names in ((table.file_name, (file_name, f"{stem}.csv")), (table.sheet, (sheet or "",))):
        match = next((m for name in names if pattern and (m := re.fullmatch(pattern, name))), None)
        if match:
            found |= {k: v for k, v in match.groupdict().items() if v}
    return found


def _named(table: Table, file_name: str, sheet: str | None) -> bool:
    names = (file_name, f"{file_name.rsplit('.', 1)[0]}.csv")
    return bool(
        (table.file_name and any(re.fullmatch(table.file_name, name) for name in names))
        or (table.sheet and sheet and re.fullmatch(table.sheet, sheet))
    )


def fit(key: str, table: Table, row: int, columns: tuple[str, ...], place: Place, separator: str = ",") -> Fit:
    """How `columns`, found in `row`, serve one table."""
    wanted = {_plain(h): field for field, contract in table.fields.items() for h in contract.headers(field)}
    ignored = {_plain(heading) for heading in table.ignore} | (_MADE_BY_READING - set(wanted) if place.made else set())
    wide_column = re.compile(table.wide.columns) if table.wide else None
    made = {*table.wide.made, table.wide.value} if table.wide else set()
    positions: dict[str, int] = {}
    others: dict[str, tuple[int, ...]] = {}
    wide: list[int] = []
    unknown: list[str] = []
    unnamed: list[int] = []
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
        elif not _plain(heading) and (table.unnamed_columns == "ignored" or place.sheet is not None):
            unnamed.append(index)
        else:
            unknown.append(heading)
    for label_of, label in table.blocks.items():
        positions[label_of], columns = len(columns), (*columns, label)
    missing = [
        contract.header or field
        for field, contract in table.fields.items()
        if field not in positions and field not in made and contract.column == "required"
    ]
    if table.wide and not wide:
        missing.append(f"columns like {table.wide.columns}")
    layout = Layout(
        key, table, columns, positions, tuple(wide), _stated(table, place.file_name, place.sheet),
        row, place.sheet, separator, tuple(unnamed), others,
    )  # fmt: skip
    return Fit(layout, tuple(missing), tuple(unknown), _named(table, place.file_name, place.sheet))


_MADE_BY_READING = {"geometry", "crs"}
"""Columns that reading a map file makes; a contract that does not name them does not want them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row of headings stands. `name` is the whole name of the file; `made` says that reading made columns."""

    name: str
    file_name: str
    sheet: str | None = None
    made: bool = False

    @property
    def shown(self) -> str:
        return f"{self.name}, sheet “{self.sheet}”" if self.sheet else self.name


def joined(rows: Sequence[tuple[int, tuple[str, ...]]]) -> tuple[str, ...]:
    """Headings of several rows, from the top down; a merged cell heads every column under it."""
    width = max(len(cells) for _, cells in rows)
    full = [list(cells) + [""] * (width - len(cells)) for _, cells in rows]
    for cells in full[:-1]:
        above = ""
        for index, cell in enumerate(cells):
            above = cell.strip() or above
            cells[index] = above
    columns = []
    for parts in zip(*full, strict=True):
        kept = [part.strip() for part in parts if part.strip()]
        columns.append(" ".join(kept))
    return tuple(columns)


def fits_of(feed: Feed, frame: Frame, place: Place) -> Iterator[Fit]:
    """How every row at the top of a frame serves every table of the feed that may stand in it, row by row."""
    tables = [
        (key, table)
        for key, table in feed.tables.items()
        if (place.sheet is None and not table.blocks)
        or (place.sheet is not None and (table.sheet is None or re.fullmatch(table.sheet, place.sheet)))
    ]
    for separator in frame.separators:
        above: list[tuple[int, tuple[str, ...]]] = []
        for row, cells in frame.top(separator):
            above.append((row, cells))
            for key, table in tables:
                if table.headings:
                    if len(above) == 1 and len(cells) == len(table.headings) and _named(table, place.file_name, None):
                        yield fit(key, table, 0, table.headings, place, separator)
                    continue
                if table.headings_row is not None and table.headings_row != row:
                    continue
                lines = table.headings_lines
                if lines > 1 and len(above) < lines:
                    continue
                columns = cells if lines == 1 else joined(above[-lines:])
                yield fit(key, table, row, columns, place, separator)


def best_fit(feed: Feed, frame: Frame, place: Place) -> Fit | None:
    """The first row that fits a table of the feed exactly, else the nearest; None for a frame no table may stand in."""
    found: Fit | None = None
    at: tuple[str, int] | None = None
    for one in fits_of(feed, frame, place):
        here = (one.layout.separator, one.layout.heading_row)
        if found is not None and found.exact and here != at:
            break
        if found is None or one.rank > found.rank:
            found, at = one, here
    return found


def forbidden(feed: Feed, frame: Frame, place: Place, upto: int | None) -> Refused | None:
    """Why a frame makes the whole file inadmissible, or None. Looks at its headings, found in row `upto`, and at what
    stands above them; where no headings were found, at every row that could be some."""
    rules = [rule for table in feed.tables.values() for rule in table.forbidden]
    if not rules:
        return None
    for separator in frame.separators:
        for row, cells in frame.top(separator):
            filled = [cell.strip() for cell in cells if cell.strip()]
            if upto is not None and row > upto:
                break
            if len(filled) < min(2, len(cells)):
                continue
            for rule in rules:
                caught = [cell for cell in filled if re.search(rule.columns, cell)]
                if caught:
                    plural = "s" if len(caught) > 1 else ""
                    hidden = "hidden " if frame.hidden else ""
                    sheet = f" in its {hidden}sheet “{place.sheet}”" if place.sheet else ""
                    return Refused(
                        f"{place.file_name} was refused whole: it has the column{plural} {shown(caught)}{sheet}.",
                        where=Where(file=place.name, row=row),
                        why=f"{rule.why} Nothing of the file was kept.",
                        next_step="Ask the supplier to remove the column at its source, delete your copy, and record "
                        "the incident with your data protection officer.",
                    )
    return None


def recognise(
    feed: Feed, frames: Sequence[Frame], *, name: str, file_name: str
) -> tuple[list[tuple[Frame, Layout]], list[str]]:
    """Which frames of a file are tables of the feed, and notes on those that are not read.

    Raises Refused where a heading is forbidden (a name in a health extract, say) in any frame, and BadInput where no
    table fits: a drifted heading is named with the nearest one known, and a file of another kind is said to be one.
    """
    fits: list[tuple[Frame, Place, Fit | None]] = []
    for frame in frames:
        place = Place(name, file_name, frame.name, frame.made)
        best = best_fit(feed, frame, place)
        exact = best is not None and best.exact
        problem = forbidden(feed, frame, place, best.layout.heading_row if best is not None and exact else None)
        if problem is not None:
            raise problem
        fits.append((frame, place, best))
    taken: list[tuple[Frame, Layout]] = []
    unread: list[str] = []
    for frame, place, best in fits:
        wanted = best is not None and place.sheet is not None and sheet_is_named(feed, place.sheet)
        if best is not None and best.exact and (not frame.hidden or wanted):
            _no_heading_twice(best, place)
            taken.append((frame, _checked(_as_extract(feed, best.layout, file_name), name, file_name)))
        elif best is not None and wanted:
            raise _misfit(feed, best, place)
        elif frame.name is not None:
            unread.append(f"“{frame.name}”" + (" (hidden)" if frame.hidden else ""))
    if not taken:
        nearest_fit = max((f for f in fits if f[2] is not None), key=lambda f: f[2].rank if f[2] else (), default=None)
        if nearest_fit is None or nearest_fit[2] is None:
            raise BadInput(
                f"{file_name} is no file of the feed “{feed.key}”.",
                where=Where(file=name),
                why=f"No sheet of it is one that the contract names; it has {', '.join(unread) or 'none'}.",
                next_step="Name the feed it belongs to, or ask the supplier for the right file.",
            )
        raise _misfit(feed, nearest_fit[2], nearest_fit[1])
    notes = [f"Not read, because the contract does not name them: the sheets {', '.join(unread)}."] if unread else []
    notes += [f"The sheet “{frame.name}” is hidden; it was read." for frame, _ in taken if frame.hidden]
    return taken, notes


def sheet_is_named(feed: Feed, sheet: str) -> bool:
    return any(table.sheet and re.fullmatch(table.sheet, sheet) for table in feed.tables.values())


def _no_heading_twice(closest: Fit, place: Place) -> None:
    """Raises BadInput where two columns answer to one heading."""
    columns = closest.layout.columns
    alike = Counter(_plain(column) for column in columns)
    unread = {"", *(_plain(heading) for heading in closest.layout.table.ignore)}
    twice = sorted({c.strip() for c in columns if alike[_plain(c)] > 1 and _plain(c) not in unread})
    if twice and closest.share >= 0.5:
        raise BadInput(
            f"{place.file_name} has the heading {shown(twice)} more than once.",
            where=Where(file=place.shown, row=closest.layout.heading_row),
            next_step="Keep one column of that name and load the file again.",
        )


def _misfit(feed: Feed, closest: Fit, place: Place) -> BadInput:
    """What is wrong with a frame whose headings fit no table."""
    layout, file_name = closest.layout, place.file_name
    where = Where(file=place.shown, row=layout.heading_row)
    if closest.exact:
        return BadInput(
            f"The only sheet of {file_name} that fits the feed “{feed.key}” is hidden: “{place.sheet}”.",
            where=Where(file=place.name),
            why="A hidden sheet may be an old copy that nobody looks at.",
            next_step="Ask the supplier to show the sheet, or name it in the contract (`sheet`).",
        )
    try:
        _no_heading_twice(closest, place)
    except BadInput as twice:
        return twice
    if closest.share < 0.5:
        return BadInput(
            f"{file_name} is no file of the feed “{feed.key}”.",
            where=where,
            why=f"Its headings are {shown(layout.columns)}; "
            f"the nearest table, “{layout.key}”, has {shown(headings_of(layout.table))}.",
            next_step="Name the feed it belongs to, or ask the supplier for the right file. "
            "A file without a heading row needs one.",
        )
    return BadInput(
        f"The headings of {file_name} have changed: it is almost the table “{layout.key}”, but not quite.",
        where=where,
        why=" ".join(_drift(closest)),
        next_step=f"Ask the supplier to restore the headings, or add the new ones to feeds/{feed.key}.toml as an "
        "alias or a field.",
    )


def _drift(fit: Fit) -> list[str]:
    sentences = []
    known = headings_of(fit.layout.table)
    for heading in fit.unknown[:_LISTED]:
        free = [k for k in known if k in fit.missing] or known
        match = nearest(_plain(heading), [_plain(k) for k in free])
        named = next((k for k in free if _plain(k) == match), None)
        sentences.append(f"Unknown: {shown([heading])}" + (f" (was it “{named}”?)." if named else "."))
    if len(fit.unknown) > _LISTED:
        sentences.append(f"And {len(fit.unknown) - _LISTED:,} more that are unknown.")
    if fit.missing:
        sentences.append(f"Missing: {shown(fit.missing)}.")
    return sentences


def headings_of(table: Table) -> list[str]:
    return [contract.header or field for field, contract in table.fields.items()]


_LISTED, _LENGTH = 8, 40
"""How many headings a message names, and how much of each."""


def shown(names: Sequence[str]) -> str:
    """Headings for a message: few, short, and without anything that would upset a terminal."""
    words = ["".join(c if c.isprintable() else "?" for c in name[:_LENGTH]) for name in names[:_LISTED]]
    more = len(names) - len(words)
    return ", ".join(f"“{name}”" for name in words) + (f" and {more:,} more" if more > 0 else "")


def _as_extract(feed: Feed, layout: Layout, file_name: str) -> Layout:
    """The layout as it is, or for a file that by its name is a part cut from the whole."""
    names = (file_name, f"{file_name.rsplit('.', 1)[0]}.csv")
    match = next((m for name in names if feed.extracts and (m := re.fullmatch(feed.extracts, name))), None)
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
