"""One mistake in a partnership folder, and the refusal that lists them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from concord.kernel.errors import BadInput, Where


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake a person can put right: what it is, where, what was expected, and the nearest valid name.

    `file` is as the reader would type it; `key` is the path of keys within it; lines count from 1.
    """

    file: str
    what: str
    expected: str
    line: int | None = None
    key: str | None = None
    hint: str | None = None

    @property
    def where(self) -> Where:
        return Where(file=self.file, line=self.line, key=self.key)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}\n  Expected: {self.expected}"
        return f"{text}\n  {self.hint}" if self.hint else text


class BrokenFolder(BadInput):
    """A partnership folder that cannot be used. `problems` holds every mistake found, in reading order."""

    def __init__(self, folder: Path, problems: Sequence[Problem]) -> None:
        count = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
        super().__init__(
            f"The partnership folder {folder} has {count}.",
            where=problems[0].where if len(problems) == 1 else Where(file=folder),
            why="\n\n".join(str(problem) for problem in problems),
            next_step=f"Put right what is listed, then run: concord check {folder}",
        )
        self.folder = folder
        self.problems = tuple(problems)
