"""A line of My day, whichever room it comes from: what, how it stands, when it is due, and one link to the work."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from concord.kernel.working_time import LONDON

SHOWN = 5
"""Lines of a section; the rest is one link away."""


@dataclass(frozen=True, slots=True)
class Line:
    words: str
    href: str
    note: str = ""
    statuses: tuple[tuple[str, str], ...] = ()
    """Each a word and a shape."""
    due: datetime | date | None = None
    left: str = ""
    """What is left until then in the words of its clock: working time, where the clock counts that."""
    press: str = ""
    """What the link does, where that is not opening it: “Say what became of it”."""

    def overdue(self, now: datetime) -> bool:
        if isinstance(self.due, datetime):
            return self.due < now
        return self.due is not None and self.due < now.astimezone(LONDON).date()

    def due_today(self, now: datetime) -> bool:
        today = now.astimezone(LONDON).date()
        day = self.due.astimezone(LONDON).date() if isinstance(self.due, datetime) else self.due
        return day == today and not self.overdue(now)


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of work. `empty` says why there is nothing and what to do then."""

    key: str
    heading: str
    lines: tuple[Line, ...]
    empty: str
    all: str = ""
    """Where the whole list is."""
    more: int = 0
    badges: tuple[tuple[str, str], ...] = field(default=())


def section(key: str, heading: str, lines: list[Line], now: datetime, *, empty: str, all: str = "") -> Section:
    """The first few, with what is overdue and due today counted over all of them."""
    overdue, today = sum(each.overdue(now) for each in lines), sum(each.due_today(now) for each in lines)
    badges = ((f"{overdue} overdue", "red"),) * bool(overdue) + ((f"{today} due today", "amber"),) * bool(today)
    shown = [
        replace(each, statuses=((("Overdue", "red"),) if each.overdue(now) else ()) + each.statuses)
        for each in lines[:SHOWN]
    ]
    return Section(key, heading, tuple(shown), empty, all, max(0, len(lines) - SHOWN), badges)
