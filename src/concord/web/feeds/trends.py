"""Field quality as a reader sees it: a share, its trend over the periods as a small drawing with a table behind, and
whether it has worsened beyond its usual variation.

Shares of few rows are rounded or withheld for readers who may not see rows, by the partnership's own disclosure rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from concord.evidence.datasets.quality import BY_CHANCE, Counts, Measured, PartQuality
from concord.evidence.findings import spc
from concord.strategy.shapes.disclosure import Rule
from concord.strategy.shapes.feed import FieldContract, Table
from concord.web.shared.words import counted

LEAST_POINTS = 8
"""Fewer periods than this say too little of what is usual."""
LEAST_CHANGE = 0.01
"""A share that moved by less than a percentage point from its mean is not flagged, however steady it was before."""

WIDTH, HEIGHT, PAD = 168, 40, 4


@dataclass(frozen=True, slots=True)
class Point:
    """One period: its name, the share (None: no rows, or withheld) and how the share is said."""

    label: str
    share: float | None
    says: str
    rows: str


@dataclass(frozen=True, slots=True)
class Trend:
    """One measure of one field. `worse` says how it worsened, empty where it did not."""

    field: str
    title: str
    description: str
    measure: str
    latest: str
    detail: str
    points: tuple[Point, ...]
    drawing: SafeString
    worse: str
    steady: bool
    answers: bool
    """Whether a blank is an answer, so that no share is good or bad."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How exactly a reader sees a share: none of a base under `none_below`, whole numbers under `whole_below`."""

    none_below: int
    whole_below: int
    counts: bool

    def share(self, part: int, base: int) -> float | None:
        return part / base if base and base >= self.none_below else None

    def says(self, part: int, base: int) -> str:
        if not base:
            return "no rows"
        if base < self.none_below:
            return "withheld: few rows"
        digits = 0 if base < self.whole_below else 1
        return percent(part / base, digits)


EXACT = Shown(1, 0, counts=True)


def shown(rule: Rule | None, *, rows: bool) -> Shown:
    """What a reader sees. Whoever may see rows sees exact shares; without a rule, others see no share at all."""
    if rows:
        return EXACT
    if rule is None:
        return Shown(1 << 62, 1 << 62, counts=False)
    return Shown(rule.no_percentage_below, rule.whole_percentage_below, counts=False)


def percent(share: float, digits: int = 1) -> str:
    """A share as a percentage that never says 100% of what is not all, nor 0% of what is something."""
    if share in (0.0, 1.0):
        return f"{share:.0%}"
    least = 10.0**-digits
    value = 100 * share
    if value > 100 - least / 2:
        return f"over {100 - least:.{digits}f}%"
    if value < least / 2:
        return f"under {least:.{digits}f}%"
    return f"{value:.{digits}f}%"


def period(name: str) -> str:
    """“2026-10” as “October 2026”; anything else as it is."""
    try:
        return f"{date.fromisoformat(f'{name}-01'):%B %Y}"
    except ValueError:
        return name.replace("-", " ").replace("Q", "quarter ") if name else "all"


def trends(table: Table, fields: Sequence[Measured], parts: Sequence[PartQuality], how: Shown) -> list[Trend]:
    """The measures of every field, those that worsened first, then the least complete; `parts` oldest first."""
    found = []
    for each in fields:
        counts = [(part.partition, part.fields[each.field]) for part in parts if each.field in part.fields]
        if not counts:
            continue
        contract = table.fields[each.field]
        title = _title(each, contract.header or each.field)
        found.append(_filled(each, title, contract, counts, how))
        if each.timed and any(c.rows - c.blank for _, c in counts):
            found.append(_on_the_hour(each, title, contract.description, counts, how))
    return sorted(found, key=lambda t: (not t.worse, t.steady, t.answers, t.points[-1].share or 0.0))


def _title(each: Measured, header: str) -> str:
    if each.column == "birth_year" and each.field != each.column:
        return f"{header} (year of birth kept)"
    if each.column == "person_ref" and each.field != each.column:
        return f"{header} (pseudonym kept)"
    return header


def _filled(
    each: Measured, title: str, contract: FieldContract, counts: Sequence[tuple[str, Counts]], how: Shown
) -> Trend:
    asked, latest, detail = contract.quality, counts[-1][1], ""
    if each.unknown and latest.rows >= how.none_below:
        detail = (
            f"{how.says(latest.unknown, latest.rows)} say “not known”, {how.says(latest.blank, latest.rows)} blank."
        )
    if asked.blank_means:
        detail = f"Blank means {asked.blank_means}."
    if asked.settles_months:
        detail = f"Values come in for {counted(asked.settles_months, 'month')}: those newer are not judged."
    name = "Known" if each.unknown else "Given" if asked.blank_means else "Filled in"
    series = [(p, c.filled, c.rows) for p, c in counts]
    better = None if asked.blank_means else True
    return _trend(each, title, contract.description, name, series, how, better, detail, asked.settles_months)


def _on_the_hour(each: Measured, title: str, about: str, counts: Sequence[tuple[str, Counts]], how: Shown) -> Trend:
    series = [(p, c.on_the_hour, c.rows - c.blank) for p, c in counts]
    detail = f"By chance {percent(BY_CHANCE)} would be. More means times typed in by default."
    return _trend(each, title, about, "On the exact hour", series, how, False, detail)


def rejected(name: str, series: Sequence[tuple[str, int, int]], how: Shown) -> Trend:
    """The share of rows set aside, as (period, set aside, received), oldest first."""
    each = Measured("", "", (), False)
    return _trend(each, name, "", "Set aside", series, how, False, "")


def _trend(
    each: Measured,
    title: str,
    about: str,
    measure: str,
    series: Sequence[tuple[str, int, int]],
    how: Shown,
    more_is_better: bool | None,
    detail: str,
    unsettled: int = 0,
) -> Trend:
    """`more_is_better` is None where neither is; the newest `unsettled` points are shown and not judged."""
    points = tuple(
        Point(
            period(name),
            how.share(part, base),
            how.says(part, base),
            f"{part:,} of {base:,}" if how.counts else "",
        )
        for name, part, base in series
    )
    settled = points[: len(points) - unsettled]
    shares = [point.share for point in settled if point.share is not None]
    limits = spc.xmr(shares) if len(shares) >= LEAST_POINTS else None
    judged = more_is_better is not None and settled and settled[-1].share is not None
    worse = _worse(shares, limits, bool(more_is_better)) if judged else ""
    said = f"{title}, {measure.lower()}: {_reading(points)}{f' {worse}' if worse else ''}"
    return Trend(
        field=each.field,
        title=title,
        description=about,
        measure=measure,
        latest=points[-1].says,
        detail=detail,
        points=points,
        drawing=sparkline([point.share for point in points], limits, said, bad=bool(worse)),
        worse=worse,
        steady=more_is_better is not None and {p.share for p in points} - {None} == {float(more_is_better)},
        answers=more_is_better is None,
    )


def _worse(shares: Sequence[float], limits: spc.Limits | None, more_is_better: bool) -> str:
    if limits is None or abs(shares[-1] - limits.mean) < LEAST_CHANGE:
        return ""
    down = shares[-1] < limits.mean
    signal = spc.signals(shares, limits)[-1]
    if not signal or down is not more_is_better:
        return ""
    return f"{signal.capitalize()}: {percent(limits.mean)} on average, now {percent(shares[-1])}."


def _reading(points: Sequence[Point]) -> str:
    known = [point for point in points if point.share is not None]
    if not known:
        return "nothing can be shown."
    if len(known) == 1:
        return f"{known[0].says} in {known[0].label}."
    return f"from {known[0].says} in {known[0].label} to {known[-1].says} in {known[-1].label}."


def sparkline(shares: Sequence[float | None], limits: spc.Limits | None, says: str, *, bad: bool = False) -> SafeString:
    """A line of shares (0 to 1) with the usual range as a band and the newest value as a mark: a diamond where it is
    worse than usual, else a dot. `says` is what it shows, in words; the figures are in a table beside it."""
    known = [share for share in shares if share is not None]
    if len(known) < 2:
        return SafeString("")
    low, high = _range(known, limits)
    step = (WIDTH - 2 * PAD) / max(1, len(shares) - 1)

    def y(share: float) -> str:
        return f"{HEIGHT - PAD - (share - low) / (high - low) * (HEIGHT - 2 * PAD):.1f}"

    at = [(f"{PAD + i * step:.1f}", y(share)) for i, share in enumerate(shares) if share is not None]
    band = SafeString("")
    if limits is not None:
        top, bottom = y(min(high, limits.high)), y(max(low, limits.low))
        band = format_html(
            '<rect x="{}" y="{}" width="{}" height="{}" class="concord-spark__band"/>',
            PAD,
            top,
            WIDTH - 2 * PAD,
            f"{float(bottom) - float(top):.1f}",
        )
    x, last = at[-1]
    mark: Callable[..., SafeString] = format_html
    dot = mark('<circle cx="{}" cy="{}" r="3.5" class="concord-spark__mark"/>', x, last)
    diamond = mark(
        '<rect x="{}" y="{}" width="8" height="8" transform="rotate(45 {} {})" class="concord-spark__mark--bad"/>',
        f"{float(x) - 4:.1f}",
        f"{float(last) - 4:.1f}",
        x,
        last,
    )
    line = format_html_join(" ", "{},{}", at)
    return format_html(
        '<svg class="concord-spark" role="img" aria-label="{}" viewBox="0 0 {} {}" width="{}" height="{}">'
        '{}<polyline points="{}" class="concord-spark__line"/>{}</svg>',
        says,
        WIDTH,
        HEIGHT,
        WIDTH,
        HEIGHT,
        band,
        line,
        diamond if bad else dot,
    )


def _range(shares: Sequence[float], limits: spc.Limits | None) -> tuple[float, float]:
    """The axis: around the shares and their usual range, at least two points wide, never past nought or all."""
    low = min(*shares, limits.low if limits else 1.0)
    high = max(*shares, limits.high if limits else 0.0)
    room = max(0.0, 0.02 - (high - low)) / 2 + 0.002
    return max(-0.005, low - room), min(1.005, high + room)
