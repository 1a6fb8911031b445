"""Numbers as a British reader expects them, and intervals in plain words."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from datetime import date

from concord.kernel.measures import Estimate

NOT_SHOWN = "[c]"
"""Confidential, in the Analysis Function's shorthand: screen readers miss symbols, not letters in brackets."""

MARKS = {
    "[c]": "confidential: showing it could say something about a person",
    "[u]": "too few to be reliable as a share or rate",
    "[x]": "not published",
    "[z]": "not applicable",
}


NOT_APPLICABLE = "[z]"


def mark(hidden: str | None) -> str:
    """What stands where a value does not, by the reason that the release gives (none: a value that was left out)."""
    return {"low_base": "[u]", None: "[u]", "not_published": "[x]"}.get(hidden, NOT_SHOWN)


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number(value: float) -> str:
    """`1234` as “1,234”; whole numbers only where the value is whole."""
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.{_places(value)}f}"


def few(count: int) -> str:
    """Counts of things in a sentence: words to ten, digits beyond."""
    return _SMALL[count] if 0 <= count < len(_SMALL) else number(count)


def _places(value: float) -> int:
    size = abs(value)
    return 0 if size >= 100 else 1 if size >= 1 else 2


def is_share(estimate: Estimate) -> bool:
    return estimate.unit.strip() in {"%", "percent", "per cent"}


def is_change(estimate: Estimate) -> bool:
    """Whether the estimate is a change in per cent, where the sign is what matters."""
    return estimate.unit.strip() in {"% change", "percent change"}


def is_ratio(estimate: Estimate) -> bool:
    """Whether the estimate says how many times as much: “ratio”, “times the rate of White residents”."""
    unit = estimate.unit.strip()
    return unit == "ratio" or unit.startswith("times ")


def _scaled(value: float, estimate: Estimate, places: int) -> str:
    if math.isinf(value):
        return "no limit"
    if is_change(estimate):
        sign = "+" if round(value, places) > 0 else "−" if round(value, places) < 0 else ""
        return f"{sign}{abs(value):,.{places}f}%"
    return f"{value:,.{places}f}{'%' if is_share(estimate) else ''}"


def _estimate_places(estimate: Estimate) -> int:
    if is_change(estimate):
        return 0
    if is_share(estimate):
        return 0 if 10 <= abs(estimate.value) <= 90 else 1
    return _places(estimate.value)


def _direction(value: float) -> str:
    return f"{abs(value):,.0f}% {'higher' if value > 0 else 'lower'}" if round(value) else "no different"


def value(estimate: Estimate) -> str:
    """The value alone: “14.2”, “27%”, or “+8%” for a change."""
    return _scaled(estimate.value, estimate, _estimate_places(estimate))


def rounded(estimate: Estimate) -> float:
    """The value as it is shown, so that a shade and the number printed on it agree."""
    return round(estimate.value, _estimate_places(estimate))


def places(estimate: Estimate) -> int:
    """How many decimals its value and limits are shown with."""
    return _estimate_places(estimate)


def limits(estimate: Estimate) -> tuple[float | None, float | None]:
    """Its interval's ends as they are shown; None for an end that has no limit or where there is no interval."""
    if estimate.interval is None:
        return None, None
    decimals = _estimate_places(estimate)
    low, high = (
        None if math.isinf(end) else round(end, decimals) for end in (estimate.interval.low, estimate.interval.high)
    )
    return low, high


def as_shown(value: float) -> float:
    """A plain number rounded as `number` writes it."""
    return float(int(value)) if float(value).is_integer() else round(value, _places(value))


def interval(estimate: Estimate) -> str:
    """“between 12.0 and 16.7”, or nothing where there is no interval."""
    if estimate.interval is None:
        return ""
    if is_change(estimate):
        return f"between {_direction(estimate.interval.low)} and {_direction(estimate.interval.high)}"
    places = _estimate_places(estimate)
    low, high = (_scaled(limit, estimate, places) for limit in (estimate.interval.low, estimate.interval.high))
    return f"between {low} and {high}"


def measured(estimate: Estimate, counted: str = "") -> str:
    """“14.2 per 1,000 residents (between 12.0 and 16.7)”, with what is `counted` before “per” where it is given."""
    spread = interval(estimate)
    if is_change(estimate):
        return _direction(estimate.value) + (f" ({spread})" if spread else "")
    unit = "" if is_share(estimate) or estimate.unit in {"", "ratio", "count"} else f" {estimate.unit}"
    unit = unit.replace(" %", "%", 1) if unit.startswith(" %") else unit
    if counted and unit.startswith(" per "):
        unit = f" {counted}{unit}"
    return f"{value(estimate)}{unit}" + (f" ({spread})" if spread else "")


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def listed(items: Iterable[str], *, at_most: int | None = None) -> str:
    """“A, B and C”; beyond `at_most`, “A, B and 4 others”."""
    every = list(items)
    if at_most is not None and len(every) > at_most:
        every = [*every[:at_most], f"{few(len(every) - at_most)} others" if len(every) - at_most > 1 else every[-1]]
    if len(every) < 2:
        return "".join(every)
    return f"{', '.join(every[:-1])} and {every[-1]}"


def plural(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def month_of(category: str) -> date | None:
    """The first day of a category that names a month (`2024-04`, `2024-04-01` or “April 2024”), else None."""
    if found := re.fullmatch(r"(\d{4})-(\d{2})(?:-\d{2})?", category):
        return date(int(found[1]), int(found[2]), 1)
    if (found := re.fullmatch(r"([A-Z][a-z]+) (\d{4})", category)) and found[1] in _MONTHS:
        return date(int(found[2]), _MONTHS.index(found[1]) + 1, 1)
    return None


def month(day: date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.year}"


def day(value: date) -> str:
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def category(name: str) -> str:
    """A category as a reader should see it: months spelt out, everything else as it is."""
    first = month_of(name)
    return month(first) if first else name[:1].upper() + name[1:]


def hour_span(first: int, last: int) -> str:
    """“18:00 to midnight” for hours 18 to 23."""
    ends = "midnight" if last == 23 else f"{last + 1:02d}:00"
    starts = "midnight" if first == 0 else f"{first:02d}:00"
    return f"{starts} to {ends}"


def shares(parts: Sequence[float], whole: float) -> list[float]:
    """Percentages of `whole`; nothing where the whole is nothing."""
    return [100 * part / whole for part in parts] if whole else [0.0 for _ in parts]


def month_short(category: str) -> str:
    """“Apr 24” on an axis; a category that is no month as it is."""
    first = month_of(category)
    if first:
        return f"{_MONTHS[first.month - 1][:3]} {first.year % 100:02d}"
    quarter = re.fullmatch(r"\d\d(\d\d)[- ]?(Q[1-4])", category)
    return f"{quarter[2]} {quarter[1]}" if quarter else category


def measured_plainly(estimate: Estimate) -> str:
    """“14.2 per 1,000 residents”, without its interval."""
    return measured(Estimate(estimate.value, estimate.unit))


def quoted(names: Sequence[str]) -> str:
    """A list of words as a Vega expression."""
    return json.dumps(list(names), ensure_ascii=False)


def span(estimate: Estimate) -> str:
    """“12.0 to 16.7” for a table or the end of a row, or nothing where there is no interval."""
    if estimate.interval is None:
        return ""
    decimals = _estimate_places(estimate)
    low, high = (_scaled(limit, estimate, decimals) for limit in (estimate.interval.low, estimate.interval.high))
    return f"{low} to {high}"


def measured_briefly(estimate: Estimate) -> str:
    """“2.8 (2.6 to 3.1)”: the value and its interval, for lists and the ends of rows."""
    spread = span(estimate)
    return f"{value(estimate)} ({spread})" if spread else value(estimate)
