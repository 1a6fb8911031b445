"""Dates, spans and counts in the words of screens. Pure: the present instant is an argument."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from concord.kernel.working_time import LONDON


def day(value: date, today: date) -> str:
    """“today”, “tomorrow”, “yesterday”, or the date as it is said; the year only where it is another one."""
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get((value - today).days)
    if near:
        return near
    said = f"{value:%A} {value.day} {value:%B}" if abs((value - today).days) < 7 else f"{value.day} {value:%B}"
    return said if value.year == today.year else f"{value.day} {value:%B} {value.year}"


def moment(value: datetime, now: datetime) -> str:
    """“today 16:00”, “Thursday 26 November 10:30”, in London time."""
    local, here = value.astimezone(LONDON), now.astimezone(LONDON)
    return f"{day(local.date(), here.date())} {local:%H:%M}"


def span(amount: timedelta) -> str:
    """A length of time in its two largest units: “2 hours 5 minutes”, “3 days”, “less than a minute”."""
    minutes = int(abs(amount).total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    while parts and not parts[0][0]:
        parts.pop(0)
    return " ".join(counted(count, unit) for count, unit in parts[:2] if count)


def away(value: datetime, now: datetime) -> str:
    """“in 2 hours” or “2 hours ago”."""
    return f"in {span(value - now)}" if value >= now else f"{span(now - value)} ago"


def due(value: datetime, now: datetime) -> str:
    """A deadline and how far away it is: “today 16:00, in 2 hours”; once passed, “2 hours overdue”."""
    distance = f"in {span(value - now)}" if value >= now else f"{span(now - value)} overdue"
    return f"{moment(value, now)}, {distance}"


def working_time(left: timedelta, day: timedelta | None = None) -> str:
    """Working time left, in hours and minutes: working days differ in length, so days would mislead. Where the team's
    own `day` is known, and there are more than a few, they are counted in those."""
    if day and left >= 3 * day:
        return counted(int(left / day), "working day")
    minutes = int(abs(left).total_seconds() // 60)
    if minutes < 1:
        return "no working time"
    hours, minutes = divmod(minutes, 60)
    parts = [counted(hours, "working hour") if hours else "", counted(minutes, "minute") if minutes else ""]
    if not hours:
        parts = [counted(minutes, "working minute")]
    return " ".join(part for part in parts if part)


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """“1 day”, “3 days”, “2 agencies”."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def listed(items: list[str]) -> str:
    """“a, b and c”."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""
