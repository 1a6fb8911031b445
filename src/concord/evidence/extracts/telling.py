"""Which feed a file belongs to, told by its headings, its sheets and its name among all feeds of a partnership."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from concord.evidence.extracts.arrivals import Arrival
from concord.evidence.extracts.frames import Frame
from concord.evidence.extracts.headings import Fit, Place, best_fit, fit, headings_of, sheet_is_named, shown
from concord.kernel.errors import BadInput, Where
from concord.strategy.shapes.feed import Feed

NEAR = 0.5
"""A file that shares at least this part of its headings with a table is meant for it, and has drifted."""


@dataclass(slots=True)
class Teller:
    """The feeds of a partnership. Headings that only one feed has are remembered: a supplier's files are alike."""

    feeds: Mapping[str, Feed]
    known: dict[tuple[str, ...], str] = field(default_factory=dict)

    def feed_of(self, arrival: Arrival, frames: Sequence[Frame]) -> Feed:
        """The feed whose contract describes this file, or the one it has drifted from.

        Where two describe it, the one that names its file or sheet has it, else the one that keeps more of its columns.
        Raises BadInput where that leaves two, and where no feed is near.
        """
        first = self._first_row(frames)
        if first is not None and first in self.known:
            return self.feeds[self.known[first]]
        fits = self._quick(arrival, frames) or self._thorough(arrival, frames)
        exact = {key: one for key, one in fits.items() if one.exact}
        if exact:
            key = self._chosen(arrival, exact)
            if first is not None and len(exact) == 1:
                self.known[first] = key
            return self.feeds[key]
        nearest = max(fits, key=lambda key: fits[key].share, default=None)
        if nearest is not None and fits[nearest].share >= NEAR:
            return self.feeds[nearest]
        raise self._unknown(arrival, frames, nearest)

    @staticmethod
    def _first_row(frames: Sequence[Frame]) -> tuple[str, ...] | None:
        """The headings of a file that holds one thing; a workbook is looked at whole every time."""
        if len(frames) != 1 or frames[0].name is not None:
            return None
        return next((cells for _, cells in frames[0].top(",")), None)

    def _quick(self, arrival: Arrival, frames: Sequence[Frame]) -> dict[str, Fit]:
        """The exact fits of the first row of a file that holds one thing: nearly every file has its headings there."""
        if len(frames) != 1 or frames[0].name is not None:
            return {}
        (frame,) = frames
        place = Place(arrival.name, arrival.file_name, None, frame.made)
        found: dict[str, Fit] = {}
        for row, cells in frame.top(","):
            for key, feed in self.feeds.items():
                for name, table in feed.tables.items():
                    plain = table.headings_lines == 1 and not table.headings and not table.blocks
                    if plain and table.headings_row in (None, row):
                        one = fit(name, table, row, cells, place)
                        if one.exact and (key not in found or one.rank > found[key].rank):
                            found[key] = one
            break
        return found

    def _thorough(self, arrival: Arrival, frames: Sequence[Frame]) -> dict[str, Fit]:
        """The best fit of each feed over every sheet and every row that may be headings."""
        found: dict[str, Fit] = {}
        for frame in frames:
            place = Place(arrival.name, arrival.file_name, frame.name, frame.made)
            for key, feed in self.feeds.items():
                if frame.hidden and not sheet_is_named(feed, frame.name or ""):
                    continue
                one = best_fit(feed, frame, place)
                if one is not None and (key not in found or one.rank > found[key].rank):
                    found[key] = one
        return found

    def _chosen(self, arrival: Arrival, exact: Mapping[str, Fit]) -> str:
        best = max((one.named, len(one.layout.positions) + len(one.layout.wide)) for one in exact.values())
        keys = [k for k, one in exact.items() if (one.named, len(one.layout.positions) + len(one.layout.wide)) == best]
        if len(keys) == 1:
            return keys[0]
        raise BadInput(
            f"{arrival.file_name} could belong to {' or '.join(f'“{key}”' for key in sorted(keys))}.",
            where=Where(file=arrival.name),
            why="Each of these feeds describes a file with exactly these headings, and its name does not decide.",
            next_step=f"Say which: concord load {sorted(keys)[0]} {arrival.file_name}",
        )

    def _unknown(self, arrival: Arrival, frames: Sequence[Frame], nearest: str | None) -> BadInput:
        headings = next((cells for frame in frames for _, cells in frame.top(frame.separators[0])), ())
        near = ""
        if nearest is not None:
            tables = self.feeds[nearest].tables.values()
            near = f" The nearest feed, “{nearest}”, has {shown(headings_of(next(iter(tables))))}."
        return BadInput(
            f"{arrival.file_name} is no file of any feed of this partnership.",
            where=Where(file=arrival.name),
            why=f"Its headings are {shown(headings)}.{near}",
            next_step="Leave it out, or agree a feed for it: docs/how-to/load.md says how.",
        )
