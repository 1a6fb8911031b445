"""Errors a person is meant to read: what happened, where, why, and what to do next.

Anything raised as a `ConcordError` is anticipated: the command prints it without a traceback and
leaves with its `exit_code`. Anything else is a bug and keeps its traceback.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Where:
    """A place a person can go and look at. Rows and lines count from 1, the header being row 1."""

    file: Path | str | None = None
    line: int | None = None
    row: int | None = None
    field: str | None = None
    key: str | None = None

    def __str__(self) -> str:
        parts = [str(self.file)] if self.file is not None else []
        for label, value in (("line", self.line), ("row", self.row)):
            if value is not None:
                parts.append(f"{label} {value}")
        if self.field is not None:
            parts.append(f"field “{self.field}”")
        if self.key is not None:
            parts.append(f"key “{self.key}”")
        return ", ".join(parts)


class ConcordError(Exception):
    """Something went wrong that a person can put right.

    `what` is one sentence, `why` the reason in plain words, `next_step` what to do now.
    """

    exit_code = 1

    def __init__(
        self,
        what: str,
        *,
        where: Where | None = None,
        why: str | None = None,
        next_step: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.next_step = next_step

    def __str__(self) -> str:
        lines = [self.what]
        if self.where is not None and str(self.where):
            lines.append(f"  Where: {self.where}")
        if self.why:
            lines.append(f"  Why:   {self.why}")
        if self.next_step:
            lines.append(f"  Next:  {self.next_step}")
        return "\n".join(lines)


class Usage(ConcordError):
    """The command was asked for something it cannot mean."""

    exit_code = 2


class BadInput(ConcordError):
    """A file is not what it should be."""

    exit_code = 3


class Refused(ConcordError):
    """A rule, an agreement or the law says no. The message names which."""

    exit_code = 4


class Environment(ConcordError):
    """The machine is in the way: disk, port, server, permission."""

    exit_code = 5
