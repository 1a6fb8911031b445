"""Tables of words beside the figures: what was agreed, received, done or is missing. They hold no count of people.

A cell may name a figure of the same document, `{{figure:NAME}}`: the figure's title and code stand there, so that a
recommendation shows what it rests on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from concord.strategy.prose import CITATION


class Titled(Protocol):
    """What a listing needs of a figure."""

    @property
    def code(self) -> str: ...
    @property
    def title(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Listing:
    """A title, a sentence before the table, and the table. The first column heads its row.

    `empty` stands in place of a table without rows.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    intro: str = ""
    empty: str = "Nothing is recorded here yet."


def resolved(listing: Listing, figures: Mapping[str, Titled], withheld: Mapping[str, str]) -> Listing:
    """The listing with every figure that it names in words. `figures` and `withheld` are keyed as figures are cited."""

    def words(match: re.Match[str]) -> str:
        name = match[2]
        if name in figures:
            return f"{figures[name].title} ({figures[name].code})"
        return f"not shown: {withheld[name]}" if name in withheld else "no such figure in this edition"

    rows = tuple(tuple(CITATION.sub(words, cell) for cell in row) for row in listing.rows)
    return replace(listing, rows=rows)


def named_in(listings: Sequence[Listing]) -> set[str]:
    """The figures that the cells of `listings` name."""
    return {m[2] for listing in listings for row in listing.rows for cell in row for m in CITATION.finditer(cell)}
