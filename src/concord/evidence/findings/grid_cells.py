"""A square grid over the places where crime was recorded, and what a reader calls one of its cells."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from concord.evidence.findings.question import Question
from concord.evidence.findings.residents import Residents

CELL = 250
"""Metres. Small enough for a patrol, large enough that most cells hold several premises."""
_WINDS = ("east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east")


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells in which any crime was recorded: `codes` (text), and their middles in grid metres.

    Cells where nothing was ever recorded (water, railways) are no places that anyone could choose.
    """

    metres: int
    codes: tuple[str, ...]
    x: NDArray[np.float64]
    y: NDArray[np.float64]

    @classmethod
    def of(cls, question: Question, metres: int = CELL) -> Grid:
        """From the view `events`."""
        sql = _cell(metres)
        rows = question.rows(
            f"SELECT {sql} AS cell, any_value(floor(easting / {metres})), any_value(floor(northing / {metres})) "
            "FROM events WHERE easting IS NOT NULL AND northing IS NOT NULL GROUP BY 1 ORDER BY 1"
        )
        x, y = (np.array([(row[k] + 0.5) * metres for row in rows], dtype=float) for k in (1, 2))
        return cls(metres, tuple(row[0] for row in rows), x, y)

    @property
    def sql(self) -> str:
        """SQL for the code of the cell that a point lies in."""
        return _cell(self.metres)


def _cell(metres: int) -> str:
    return f"floor(easting / {metres})::BIGINT || ':' || floor(northing / {metres})::BIGINT"


def name_in_words(question: Question, grid: Grid, people: Residents) -> list[str]:
    """For each cell, the ward that most of its crime is in, and where in it: never a coordinate.

    Cells of a ward that lie the same way from its middle are numbered, so that no two have one name.
    """
    rows = question.rows(
        f"SELECT {grid.sql}, mode(ward_code) FROM events WHERE easting IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    ward = dict(rows)
    middle = {
        code: (x, y)
        for code, x, y in question.rows(
            "SELECT ward_code, avg(easting), avg(northing) FROM events "
            "WHERE easting IS NOT NULL AND ward_code IS NOT NULL GROUP BY 1 ORDER BY 1"
        )
    }
    words = []
    for code, x, y in zip(grid.codes, grid.x, grid.y, strict=True):
        held = ward.get(code)
        if held not in people.names:
            words.append("Outside every ward")
            continue
        east, north = x - middle[held][0], y - middle[held][1]
        if max(abs(east), abs(north)) <= grid.metres:
            words.append(f"{people.names[held]}, centre")
        else:
            wind = _WINDS[round(float(np.degrees(np.arctan2(north, east))) / 45) % 8]
            words.append(f"{people.names[held]}, {wind}")
    times, seen = Counter(words), Counter[str]()
    named = []
    for each in words:
        seen[each] += 1
        named.append(f"{each} {seen[each]}" if times[each] > 1 else each)
    return named
