"""Released tables of every shape that a chart can be drawn of, and a publication that shows each of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from concord.evidence.disclosure.model import Audit, Release, ReleasedCell, ReleasedTable
from concord.evidence.findings.model import Dimension
from concord.evidence.publications.sentences import About
from concord.kernel.lineage import DatasetRef, Lineage
from concord.kernel.measures import Estimate, Interval
from concord.kernel.periods import Period
from concord.strategy.shapes.publication import FigureSpec, Publication, Section

AT = datetime(2026, 1, 5, 9, 30, 10, tzinfo=UTC)
WARDS = ("Anchor Quay", "Bargate", "Candlewick Reach", "Dock North", "Ebb Lane", "Fairway")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HIDDEN = "confidential"


def release(table: ReleasedTable, **changes: Any) -> Release:
    given: dict[str, Any] = {
        "id": f"R-{table.code}", "finding": table.name, "question": f"What of {table.title.lower()}?",
        "tables": (table,), "base": "Offences recorded by the police",
        "period": Period(date(2024, 1, 1), date(2024, 12, 31)), "source": "Harbourside police", "method": "Counts",
        "cannot_say": ("What nobody reported.",), "audience": "public", "rule": "public",
        "audit": Audit(1, (), 6.0, "linear programme"),
        "lineage": Lineage(table.name, "count", (DatasetRef("recorded_crime", 3, "ab" * 32, 12345),), "SELECT 1", "v1",
                           {}, "0.1.0"),
        "requested_by": "Asha SYN", "approved_by": "Tom SYN", "released_at": AT, "synthetic": True,
    }  # fmt: skip
    return Release(**{**given, **changes})


def _dimension(name: str, label: str, *categories: str) -> Dimension:
    return Dimension(name, label, categories)


def _cell(key: str | tuple[str, ...], count: int | None, estimate: Estimate | None = None, **more: Any) -> ReleasedCell:
    keys = (key,) if isinstance(key, str) else key
    if count is None and estimate is None:
        return ReleasedCell(keys, hidden=HIDDEN)
    return ReleasedCell(keys, count, more.get("base"), more.get("population"), estimate, None, more.get("label", ""))


def months() -> ReleasedTable:
    names = tuple(f"2024-{m:02d}" for m in range(1, 13))
    counts = [1100, None, 1400, *[990 + i for i in range(9)]]
    cells = tuple(_cell(name, count) for name, count in zip(names, counts, strict=True))
    return ReleasedTable("months", "Offences by month", "offences", (_dimension("month", "Month", *names),), cells,
                         "HB-MNT-H2A")  # fmt: skip


def wards() -> ReleasedTable:
    counts = (1400, 700, 660, None, 520, 310)
    people = (10_000, 9_000, 11_000, 9_500, 10_500, 8_000)
    cells = []
    for name, count, lives in zip(WARDS, counts, people, strict=True):
        if count is None:
            cells.append(_cell(name, None))
            continue
        rate = 1000 * count / lives
        cells.append(_cell(name, count, Estimate(rate, "per 1,000 residents", Interval(rate * 0.94, rate * 1.06)),
                           population=lives))  # fmt: skip
    whole = Estimate(70.4, "per 1,000 residents", Interval(68.3, 72.5))
    cells.append(_cell("Total", 4083, whole, population=58_000))
    return ReleasedTable("wards", "Offences by ward", "offences", (_dimension("ward", "Ward", *WARDS, "Total"),),
                         tuple(cells), "HB-WRD-S3B", 1000.0)  # fmt: skip


def hours() -> ReleasedTable:
    count = {(f"{h:02d}", day): 20 if h >= 18 else 5 for h in range(24) for day in DAYS}
    cells = [_cell(key, None if key in {("03", "Monday"), ("04", "Monday")} else n) for key, n in count.items()]
    for h in range(24):
        cells.append(_cell((f"{h:02d}", "Total"), None if h in {3, 4} else 140 if h >= 18 else 35))
    cells += [_cell(("Total", day), 210) for day in DAYS]
    cells.append(_cell(("Total", "Total"), 1470))
    dimensions = (
        _dimension("hour", "Hour", *(f"{h:02d}" for h in range(24)), "Total"),
        _dimension("weekday", "Day", *DAYS, "Total"),
    )
    return ReleasedTable("hours", "Offences by hour and weekday", "offences", dimensions, tuple(cells), "HB-HRS-4C")


def roles() -> ReleasedTable:
    cells = (
        _cell("Both", 1270, Estimate(27.0, "%", Interval(24.6, 29.5)), base=4703),
        _cell("Victim only", None),
        _cell("Total", 4703),
    )
    names = ("Both", "Victim only", "Total")
    return ReleasedTable("roles", "Roles", "people", (_dimension("role", "Role", *names),), cells, "HB-RLS-5D")


def change() -> ReleasedTable:
    rows = (("Knife crime", 900, 800, 12.5, 2.2, 24.0), ("Robbery", 300, 340, -11.8, -24.0, 3.0))
    cells = [_cell(n, c, Estimate(v, "% change", Interval(lo, hi)), base=b) for n, c, b, v, lo, hi in rows]
    cells.append(_cell("Total", 1200, Estimate(5.3, "% change", Interval(-3.0, 14.2)), base=1140))
    names = ("Knife crime", "Robbery", "Total")
    return ReleasedTable("change", "Offences beside the year before", "offences",
                         (_dimension("kind", "Kind", *names),), tuple(cells), "HB-CHG-6E")  # fmt: skip


def ratios() -> ReleasedTable:
    unit = "times the rate of White residents"
    cells = (
        _cell("Asian", 1100, Estimate(1.52, unit, Interval(1.36, 1.7))),
        _cell("Black", 754, Estimate(2.796, unit, Interval(2.563, 3.051)), label="from 2.1, whoever the unstated were"),
        _cell("Mixed", 120, Estimate(1.1, unit, Interval(0.9, 1.35))),
        _cell("Other", 40, Estimate(0.62, unit, Interval(0.4, 0.95))),
        _cell("Unknown", None),
    )  # fmt: skip
    names = ("Asian", "Black", "Mixed", "Other", "Unknown")
    return ReleasedTable("ratios", "Searches for each resident", "searches",
                         (_dimension("ethnicity", "Ethnic group", *names),), cells, "HB-RTS-7F")  # fmt: skip


def outcomes() -> ReleasedTable:
    counts = {
        "Asian": (60, 40, 500, 600), "Black": (190, 80, 697, 967), "Mixed": (90, None, None, 895),
        "Total": (340, 180, 1942, 2462),
    }  # fmt: skip
    parts = ("Arrest", "Resolution", "Nothing found", "Total")
    cells = tuple(_cell((g, p), n) for g, row in counts.items() for p, n in zip(parts, row, strict=True))
    dimensions = (_dimension("ethnicity", "Ethnic group", *counts), _dimension("outcome", "Outcome", *parts))
    return ReleasedTable("outcomes", "What searches led to", "searches", dimensions, cells, "HB-OTC-8G")


def years(*, lines: int = 3) -> ReleasedTable:
    kinds = ("Knife crime", "Robbery", "Violence with injury")[:lines]
    names = tuple(f"{year}/{(year + 1) % 100:02d}" for year in range(2019, 2025))
    cells = []
    for j, kind in enumerate(kinds):
        for i, name in enumerate(names):
            value = 4 + 2 * j + 0.25 * i
            label = "break: new recording system" if name == "2023/24" else ""
            estimate = Estimate(value, "per 1,000 residents", Interval(value - 0.5, value + 0.5))
            hidden = i == 1 and j == 0
            cells.append(_cell((name, kind), None) if hidden else _cell((name, kind), 1000 + 10 * i + j, estimate,
                                                                        label=label))  # fmt: skip
    dimensions = (_dimension("year", "Year", *names), _dimension("kind", "Kind", *kinds))
    return ReleasedTable("years", "Rates by year", "offences", dimensions, tuple(cells), f"HB-YRS-9{lines}")


def held() -> ReleasedTable:
    shares = ((1, 11.0), (5, 33.0), (10, 49.0), (20, 67.0), (50, 92.0))
    cells = tuple(
        _cell(f"busiest {p}%", round(20 * s), Estimate(s, "%", Interval(s - 2, s + 2)), base=2000) for p, s in shares
    )
    names = tuple(f"busiest {p}%" for p, _ in shares)
    return ReleasedTable("held", "Share of offences in the busiest places", "offences",
                         (_dimension("places", "Places", *names),), cells, "HB-HLD-2H")  # fmt: skip


def single() -> ReleasedTable:
    estimate = Estimate(59.0, "%", Interval(57.8, 60.1))
    return ReleasedTable("gap", "Attendances that police know of", "attendances",
                         (_dimension("gap", "Known", "Not known to police"),),
                         (_cell("Not known to police", 5900, estimate, base=10_000),), "HB-GAP-3J")  # fmt: skip


def spots() -> ReleasedTable:
    labels = ("persistent hot spot", "emerging hot spot", "", None, "intermittent hot spot", "former hot spot")
    cells = tuple(
        _cell(w, None) if label is None else _cell(w, 40 + i, label=label)
        for i, (w, label) in enumerate(zip(WARDS, labels, strict=True))
    )
    return ReleasedTable("spots", "Hot spots", "offences", (_dimension("ward", "Ward", *WARDS),), cells, "HB-SPT-4K")


VIOLENCE = About("serious violence offences", "Harbourside")
SEARCHES = About("stop and searches", "Harbourside")
FACTS = {"mean": 1000.0, "lower_limit": 800.0, "upper_limit": 1200.0}
KINDS: dict[str, tuple[str, ReleasedTable, About]] = {
    "trend": ("trend", months(), VIOLENCE),
    "rates": ("rates", wards(), VIOLENCE),
    "map": ("map", wards(), VIOLENCE),
    "heat": ("heat", hours(), VIOLENCE),
    "bars": ("bars", roles(), VIOLENCE),
    "change": ("change", change(), VIOLENCE),
    "ratios": ("ratios", ratios(), SEARCHES),
    "funnel": ("funnel", wards(), VIOLENCE),
    "classes": ("classes", spots(), VIOLENCE),
    "shares": ("shares", outcomes(), replace(SEARCHES, by="ethnicity", focus="Nothing found", says="found nothing")),
    "concentration": ("concentration", held(), replace(VIOLENCE, says="street segments")),
    "series": ("series", years(), VIOLENCE),
    "series_one": ("series", years(lines=1), VIOLENCE),
    "interval": ("interval", single(), replace(VIOLENCE, says="are not known to police")),
    "table": ("table", roles(), VIOLENCE),
}
"""Every chart with a table it can be drawn of; each holds something hidden where its kind can."""


def facts_of(kind: str) -> dict[str, float]:
    return FACTS if kind == "trend" else {}


def areas(clockwise: bool = False) -> dict[str, Any]:
    features = []
    for i, ward in enumerate(WARDS):
        x, y = i % 3 * 0.01, 51.5 + i // 3 * 0.01
        ring = [[x, y], [x + 0.01, y], [x + 0.01, y + 0.01], [x, y + 0.01], [x, y]]
        features.append({
            "type": "Feature", "properties": {"ward_code": f"SYN{i:02d}", "ward_name": ward},
            "geometry": {"type": "Polygon", "coordinates": [ring[::-1] if clockwise else ring]},
        })  # fmt: skip
    return {"type": "FeatureCollection", "features": features}


PLACE = SimpleNamespace(
    key="harbourside",
    name="Harbourside",
    synthetic=True,
    prose={
        "opening": "## Why\n\nSince 1 April 2024 there were {{figure:rates/wards/Bargate#count}} and **no** "
        "[more](https://example.org/).\n\n- one\n- {{figure:rates/wards/Dock_North}}\n\n1. first\n\n> Said.\n"
    },
)


def publication(*, per_section: int = 4) -> tuple[Publication, dict[str, Release]]:
    """A publication of every chart, and the releases it cites."""
    figures, releases = [], {}
    for name, (kind, table, about) in KINDS.items():
        releases[name] = release(table, facts=facts_of(kind))
        figures.append(
            FigureSpec(
                finding=table.name, chart=kind, subject=about.subject, name=name, by=about.by, focus=about.focus,
                says=about.says,
            )
        )  # fmt: skip
    sections = tuple(
        Section(
            key=f"part_{n // per_section + 1}",
            heading=f"Part {n // per_section + 1}",
            figures=tuple(figures[n : n + per_section]),
            prose="opening" if n == 0 else "",
            cannot_say=("Where people had been before.",) if n == 0 else (),
        )
        for n in range(0, len(figures), per_section)
    )
    made = Publication(
        key="assessment",
        title="Needs assessment",
        summary="How much, where & <when>.",
        audience="public",
        rule="public",
        cadence="annual",
        sections=sections,
    )
    return made, releases
