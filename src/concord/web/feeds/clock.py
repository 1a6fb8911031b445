"""How feeds kept their clock: a strip of periods for one feed, and the quarterly exchange item by item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from concord.evidence.extracts import Receipt, calendar
from concord.evidence.extracts.calendar import Expected, Standing
from concord.kernel.periods import Period
from concord.strategy.loader import Partnership
from concord.strategy.shapes.feed import Feed
from concord.web.feeds import contract
from concord.web.shared.words import counted

STATES = {
    "received": ("On time", "done"),
    "received late": ("Came late", "amber"),
    "due": ("Due", "grey"),
    "overdue": ("Overdue", "red"),
}
SHOWN = {"month": 12, "quarter": 8, "year": 4}
"""How many periods back a strip goes."""
QUARTERS = 8


@dataclass(frozen=True, slots=True)
class Square:
    """One period of a strip: a short name, a word with its shape, and the whole in words."""

    name: str
    long_name: str
    word: str
    shape: str
    due_on: date
    received_on: date | None
    late: str
    says: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the exchange, with its supplier and its quarters."""

    item: str
    law: str
    feed: str
    title: str
    supplier: str
    squares: tuple[Square, ...]
    """Newest first."""
    overdue: int
    never: bool
    message: str


def strip(feed: Feed, receipts: Iterable[Receipt], today: date) -> tuple[Square, ...]:
    """The last periods of a feed, oldest first; nothing for a feed without a clock."""
    found = calendar.standing(feed, receipts, today, last=SHOWN.get(feed.due.every, 0))
    return tuple(_square(each) for each in found.periods)


def exchange(home: Partnership, receipts: Mapping[str, list[Receipt]], keys: Iterable[str], today: date) -> list[Item]:
    """The items the law has exchanged every quarter that are there for this reader (`keys`), in the law's own order."""
    there, found = set(keys), []
    for item in home.duty.exchange_items.values() if home.duty else ():
        feed = home.feeds.get(item.feed or "")
        if feed is None or feed.key not in there:
            continue
        kept = calendar.standing(feed, receipts.get(feed.key, []), today, last=QUARTERS)
        found.append(
            Item(
                item=item.item,
                law=item.law,
                feed=feed.key,
                title=feed.title,
                supplier=contract.owner(feed, home),
                squares=tuple(_square(each) for each in reversed(kept.periods)),
                overdue=len(kept.overdue),
                never=kept.never_received,
                message=_message(home, feed, item.law, kept) if kept.overdue else "",
            )
        )
    return found


def others(home: Partnership, receipts: Mapping[str, list[Receipt]], keys: Iterable[str], today: date) -> list[Item]:
    """Every other feed with a quarterly clock."""
    of_law = {item.feed for item in home.duty.exchange_items.values()} if home.duty else set()
    found = []
    for key in keys:
        feed = home.feeds[key]
        if feed.due.every == "quarter" and key not in of_law:
            kept = calendar.standing(feed, receipts.get(key, []), today, last=QUARTERS)
            # Nothing says that what never came, and has no first period, has begun at all.
            begun = not kept.never_received or feed.due.first is not None
            periods = reversed(kept.periods) if begun else ()
            found.append(
                Item(
                    item=feed.title,
                    law="",
                    feed=key,
                    title=feed.title,
                    supplier=contract.owner(feed, home),
                    squares=tuple(_square(each) for each in periods),
                    overdue=len(kept.overdue) if begun else 0,
                    never=kept.never_received,
                    message="",
                )
            )
    return found


def quarters(items: Iterable[Item]) -> list[str]:
    """The names of the quarters that any of the items shows, newest first."""
    longest: tuple[Square, ...] = max((item.squares for item in items), key=len, default=())
    return [square.name for square in longest]


def _square(each: Expected) -> Square:
    word, shape = STATES[each.state]
    late = f"{counted(each.days_late, 'day')} late" if each.days_late else ""
    came = f"came {_day(each.received_on)}" if each.received_on else "not received"
    return Square(
        name=short(each.period),
        long_name=each.period.label,
        word=word,
        shape=shape,
        due_on=each.due_on,
        received_on=each.received_on,
        late=late,
        says=f"{each.period.label}: {word.lower()}; due {_day(each.due_on)}, {came}{f', {late}' if late else ''}.",
    )


def short(period: Period) -> str:
    """“Oct 26”, “Q3 2026”, “2025/26”."""
    if period.start.month == period.end.month:
        return f"{period.start:%b %y}"
    if period.days < 100:
        return f"Q{(period.start.month + 2) // 3} {period.start.year}"
    return period.label.split(" ")[0]


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _message(home: Partnership, feed: Feed, law: str, kept: Standing) -> str:
    """A plain message to the supplier, naming what is owed and the law that asks for it."""
    owed = "\n".join(f"- {each.period.label}, due {_day(each.due_on)}" for each in kept.overdue)
    return (
        f"Dear colleague,\n\nUnder section 17A of the Crime and Disorder Act 1998 ({law}) your organisation shares "
        f"depersonalised information on “{feed.title.lower()}” with {home.name} every quarter, by the end of the "
        f"quarter that follows.\n\nWe have not received:\n{owed}\n\n"
        "Please send it, with nothing in it that identifies a person. If there was nothing to report, send the file "
        "with its headings and no rows.\n\nThank you."
    )
