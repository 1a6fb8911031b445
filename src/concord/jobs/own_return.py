"""The system's own return: how the partnership kept its clocks, written like any agency's and loaded under a contract.

Counts alone: feeds that were due and came on time, files given with their legal basis on record, and raw files that
stayed past their agreement. Nothing here reads a
row of anybody's data; receipts and contracts say it all.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from concord.evidence.extracts.calendar import DUE, RECEIVED, period_of, standing
from concord.evidence.extracts.files import Clock, make_folder, moment, write_bytes
from concord.evidence.extracts.receipts import LOADED, receipts
from concord.evidence.extracts.retention import expired
from concord.kernel.working_time import LONDON
from concord.strategy import Partnership
from concord.strategy.shapes.feed import Feed

FEED = "system_returns"
COLUMNS = ("measure", "from_day", "to_day", "breakdown", "category", "numerator", "denominator")
QUARTERS = 8
"""How many quarters back lines are written."""
Line = tuple[str, date, date, str, str, int, int | str]
"""Measure, first and last day, breakdown, category, numerator, denominator (blank for a plain count)."""


def write(home: Path, partnership: Partnership, clock: Clock | datetime) -> list[Path]:
    """Write `outbox/system_returns_YYYY-Qn.csv`, a file for each quarter with lines; returns them, oldest first.

    Running it again on the same day writes the same bytes. Raises Environment where the disk refuses.
    """
    today = moment(clock).astimezone(LONDON).date()
    lines = [
        *feeds_on_time(home, partnership, today),
        *with_basis(home, partnership.feeds, today),
        *past_retention(home, partnership.feeds, today),
    ]
    return write_quarters(home, FEED, lines)


def write_quarters(home: Path, feed: str, lines: Iterable[Line]) -> list[Path]:
    """One file of a return for each quarter in which a line ends, oldest first; the same lines give the same bytes."""
    quarters: dict[str, list[Line]] = {}
    for line in lines:
        end = line[2]
        quarters.setdefault(f"{end.year}-Q{(end.month + 2) // 3}", []).append(line)
    outbox = make_folder(home / "outbox")
    made = []
    for quarter, held in sorted(quarters.items()):
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(sorted(held))
        path = outbox / f"{feed}_{quarter}.csv"
        write_bytes(path, buffer.getvalue().encode())
        made.append(path)
    return made


def feeds_on_time(home: Path, partnership: Partnership, today: date) -> list[Line]:
    """For each quarter that is over: deliveries that fell due in it, and those that came by their day.

    A feed is due where its agreement was in force on the day, or where something of it ever came. What the system
    writes itself is left out.
    """
    due: Counter[date] = Counter()
    came: Counter[date] = Counter()
    for key, feed in partnership.feeds.items():
        if key == FEED:
            continue
        held = standing(feed, receipts(home, key), today, last=4 * QUARTERS)
        for each in held.periods:
            if each.state == DUE or not (_in_force(partnership, feed, each.due_on) or not held.never_received):
                continue
            quarter = period_of("quarter", each.due_on)
            if quarter.end < today:
                due[quarter.start] += 1
                came[quarter.start] += each.state == RECEIVED
    return [
        ("feeds_on_time", start, period_of("quarter", start).end, "all", "", came[start], due[start])
        for start in sorted(due)[-QUARTERS:]
    ]


def with_basis(home: Path, feeds: Mapping[str, Feed], today: date) -> list[Line]:
    """For each quarter that is over: files that agencies gave the partnership in it, and those whose receipt names the
    legal gateway and the agreement they came under. Open data is nobody's disclosure and is left out."""
    given: Counter[date] = Counter()
    named: Counter[date] = Counter()
    for each in receipts(home):
        feed = feeds.get(each.feed)
        if each.status != LOADED or feed is None or feed.data_class == "open":
            continue
        quarter = period_of("quarter", each.when.astimezone(LONDON).date())
        if quarter.end < today:
            given[quarter.start] += 1
            named[quarter.start] += bool(each.gateway and each.agreement)
    return [
        ("files_with_lawful_basis", start, period_of("quarter", start).end, "all", "", named[start], given[start])
        for start in sorted(given)[-QUARTERS:]
    ]


def past_retention(home: Path, feeds: Mapping[str, Feed], today: date) -> list[Line]:
    """As at the end of the last month: files as they came whose time was up and that nobody held back, of all held."""
    day = today.replace(day=1) - timedelta(days=1)
    over = sum(each.held is None for each in expired(home, feeds, day))
    landed = {each.landing for each in receipts(home) if each.status == LOADED and each.landing}
    there = sum((home / name).exists() for name in landed)
    return [("raw_files_past_retention", day, day, "all", "", min(over, there), there)] if there else []


def _in_force(partnership: Partnership, feed: Feed, day: date) -> bool:
    agreement = partnership.agreements.get(feed.agreement or "")
    return agreement is not None and agreement.starts_on <= day <= agreement.expires_on
