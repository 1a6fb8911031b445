"""A sheet in which one table stands several times, each time under lines that say what it is of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from concord.evidence.extracts.headings import Layout


def block_rows(cells: Sequence[list[Any]], layout: Layout) -> Iterator[tuple[int, list[Any]]]:
    """The rows of every block with their numbers, what the block is of put behind each row's own cells.

    A block begins with the headings and ends at a blank row; what stands between blocks is no row of the table. A label
    holds until it is said again, and is blank where a block never says it.
    """
    labels = list(layout.table.blocks.values())
    headings = [heading.strip() for heading in layout.columns[: len(layout.columns) - len(labels)]]
    said: dict[str, Any] = {}
    inside = False
    for number, row in enumerate(cells, start=1):
        texts = [str(cell).strip() for cell in row]
        if texts[: len(headings)] == headings:
            inside = True
        elif not any(texts):
            inside, said = False, said if not inside else {}
        elif inside:
            own = row + [""] * (len(headings) - len(row))
            yield number, [*own, *(said.get(label, "") for label in labels)]
        elif texts[0] in labels:
            said[texts[0]] = row[1] if len(row) > 1 else ""
