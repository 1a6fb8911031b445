"""What indicators read, whatever their direction, and how each outcome stands: rated only where the points allow it."""

from __future__ import annotations

from collections import Counter

from concord.evidence.publications import words
from concord.evidence.publications.listings import Listing
from concord.jobs.indicators import Point, points, reach
from concord.jobs.listings import About
from concord.strategy.shapes.indicator import Indicator

WANTED = {
    "up": "Higher is better",
    "down": "Lower is better",
    "toward_1": "Nearer to 1 is better",
    "context": "Context",
}
BETTER, WORSE, SAME, NONE = "▲ Better", "▼ Worse", "● No clear change", "○ Not rated"
"""A word and a shape each, so that nothing depends on colour."""
RULE = (
    "An indicator is called better or worse only where there are enough yearly points and the range of the newest lies "
    "wholly beyond that of the first. Fewer points, or a measure of context, get no rating."
)


def headlines(about: About, *, points_needed: int = 3, years: int = 3) -> Listing:
    """Every headline indicator, whatever its direction and whether or not it could be read."""
    found = {key: each for key, each in about.partnership.indicators.items() if each.code.startswith("H")}
    return _rated(about, found, points_needed, years)


def measures(about: About, *, answered_only: bool = False) -> Listing:
    """Every indicator by code, with its reading, or why there is none."""
    rows = []
    for key, each in sorted(about.partnership.indicators.items(), key=lambda item: _order(item[1].code)):
        reading = about.readings.get(key, {})
        if answered_only and not reading.get("value"):
            continue
        rows.append((f"{each.code} {each.title}", WANTED[each.direction], *_read(each, reading)))
    return Listing("", ("Measure", "Wanted", "Newest", "Range", "Figure"), tuple(rows))


def _read(indicator: Indicator, reading: dict[str, str]) -> tuple[str, str, str]:
    if reading.get("value"):
        return reading["value"], reading.get("interval") or "No range", reading.get("code", "")
    why = reading.get("why_not") or f"Nothing counts it yet. It needs: {indicator.data}"
    return "Not read", "No range", why.rstrip(".")


def outcomes(about: About, *, points_needed: int = 3, years: int = 3, only: str = "") -> Listing:
    """Each outcome of the plan: how many of its indicators are better, worse, unchanged or cannot be rated."""
    rows = []
    for plan in sorted(about.partnership.themes.values(), key=lambda plan: (plan.number or 99, plan.name)):
        if plan.kind != "theme":
            continue
        for outcome in plan.outcomes:
            if only and not outcome.code.startswith(only):
                continue
            spoken = {k: each for k, each in about.partnership.indicators.items() if each.outcome == outcome.code}
            rated = {key: _rating(each, about, years, points_needed) for key, each in spoken.items()}
            counts = Counter(word for word, _ in rated.values())
            standing = "; ".join(
                f"{word}: {words.few(counts[word])}" for word in (BETTER, WORSE, SAME, NONE) if counts[word]
            )
            reasons = [f"{each.title}: {rated[k][1]}" for k, each in spoken.items() if rated[k][0] != NONE]
            rows.append(
                (
                    f"{outcome.code} {outcome.name}",
                    about.board(outcome.owner or plan.board),
                    standing or "No indicator",
                    "; ".join(reasons) or "Nothing can be rated yet",
                )
            )
    return Listing("", ("Outcome", "Owner", "Its indicators", "What changed"), tuple(rows))


def _rated(about: About, chosen: dict[str, Indicator], points_needed: int, years: int) -> Listing:
    rows = []
    for key, each in sorted(chosen.items(), key=lambda item: _order(item[1].code)):
        reading = about.readings.get(key, {})
        found = points(each, about.releasing, years) if reading.get("value") else []
        word, why = rating(each, found, points_needed)
        before = next((point.words for point in found[-2:-1]), "No earlier year")
        value, interval, code = _read(each, reading)
        rows.append(
            (
                f"{each.code} {each.title}",
                WANTED[each.direction],
                value,
                interval,
                before,
                f"{word}: {why}",
                code,
            )
        )
    return Listing(
        "", ("Headline", "Wanted", "Newest", "Range", "A year before", "Standing", "Figure"), tuple(rows), intro=RULE
    )


def _rating(indicator: Indicator, about: About, years: int, points_needed: int) -> tuple[str, str]:
    """The rating over the years that the data reach back to; nothing is released for one that cannot be given."""
    reached = reach(indicator, about.releasing, years)
    if indicator.direction == "context" or reached >= points_needed:
        context = indicator.direction == "context"
        return rating(indicator, [] if context else points(indicator, about.releasing, years), points_needed)
    return _too_few(reached, points_needed)


def _too_few(found: int, needed: int) -> tuple[str, str]:
    counted = "point" if found == 1 else "points"
    return NONE, f"{words.few(found)} yearly {counted}, {words.few(needed)} are needed"


def rating(indicator: Indicator, found: list[Point], points_needed: int) -> tuple[str, str]:
    """A word with its shape, and the reason in words. Pure: `found` are yearly points, oldest first."""
    if indicator.direction == "context":
        return NONE, "neither direction is better by itself"
    if len(found) < points_needed:
        return _too_few(len(found), points_needed)
    first, last = found[0], found[-1]
    if first.low is None or first.high is None or last.low is None or last.high is None:
        return NONE, "its points have no range"
    if indicator.direction == "toward_1":
        closer = _beyond(abs(last.value - 1), abs(first.value - 1), last, first)
        return (BETTER if closer < 0 else WORSE if closer > 0 else SAME), _told(first, last)
    moved = 1 if last.low > first.high else -1 if last.high < first.low else 0
    wanted = 1 if indicator.direction == "up" else -1
    return (SAME if not moved else BETTER if moved == wanted else WORSE), _told(first, last)


def _beyond(now: float, then: float, last: Point, first: Point) -> int:
    """Whether a ratio is farther from 1 (positive) or nearer (negative) than it was, where the ranges are apart."""
    if None in (last.low, last.high, first.low, first.high) or not (
        (last.low or 0) > (first.high or 0) or (first.low or 0) > (last.high or 0)
    ):
        return 0
    return 1 if now > then else -1


def _told(first: Point, last: Point) -> str:
    return f"from {first.words} to {last.words}"


def _order(code: str) -> tuple[int, str]:
    """Headlines first, then by theme, then what crosses themes."""
    return (0 if code.startswith("H") else 2 if code.startswith("X") else 1, code)
