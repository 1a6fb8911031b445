"""What every file of a partnership folder may carry: where it came from, and how sure we are of it.

A strategy leaves things unsaid. A file says so in data: `assumed` names the keys whose value the source does not
state, `expected` names what the source announces but does not give, `open_question` asks the board and says how the
text is read until it answers, and `stated_count` keeps a number the source gives for a list beside the list itself.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import ConfigDict, StringConstraints
from pydantic.dataclasses import dataclass

FORBID = ConfigDict(extra="forbid")
"""The settings of every shape: a key nobody declared is a mistake, not a comment."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Words that are really there: never blank."""

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=60)]
"""A name other files refer to: small letters, digits, `_`, `-` and `.`."""

Lines = Annotated[str, StringConstraints(pattern=r"^\d+(-\d+)?(, ?\d+(-\d+)?)*$")]
"""Line numbers of the source text, such as `166-174` or `258, 452-469`."""


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Source:
    """Where a fact is written down."""

    title: Text | None = None
    heading: Text | None = None
    lines: Lines | None = None
    section: Text | None = None
    url: Text | None = None
    date: dt.date | None = None
    note: Text | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class OpenQuestion:
    """Something the board has to settle, and how it is read until then.

    `about` is the key path in the same file that the question concerns.
    """

    text: Text
    read_as: Text
    about: Text | None = None
    lines: Lines | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class StatedCount:
    """A number the source gives for the list at key path `of`; a difference must be an open question."""

    of: Text
    says: int
    lines: Lines | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Common:
    """The fields every kind of file inherits."""

    assumed: tuple[Text, ...] = ()
    expected: tuple[Text, ...] = ()
    source: Source | None = None
    open_question: tuple[OpenQuestion, ...] = ()
    stated_count: tuple[StatedCount, ...] = ()
