from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate

from django.conf import settings
from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere
from concord.desk.sharing import operations
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.rules import FeedAccess
from concord.evidence import extracts
from concord.evidence.datasets import history, quality
from concord.evidence.datasets.store import Store
from concord.evidence.extracts.faults import faults
from concord.evidence.extracts.receipts import receipt_named
from concord.evidence.extracts.versions import latest_manifest
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.feed import Feed, Table
from concord.web.feeds import clock, contract, presenters, trends
from concord.web.shared import partnership, sheets
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of
from concord.web.shared.pages import number

PAGE = 25
PERIODS = 24
"""How many periods a trend goes back."""
FILES = 20
SEE = ("dataset.read", "dataset.load", "feed.supply", "agreement.read")

FeedView = Callable[Concatenate[Request, Feed, FeedAccess, ...], HttpResponse]


def of_feed(view: FeedView) -> Callable[..., HttpResponse]:
    """A page about one feed: hidden from this viewer and missing are one page."""

    @wraps(view)
    @may(*SEE)
    def guarded(request: Request, key: str, **keywords: Any) -> HttpResponse:
        access = sharing.feeds(viewer_of(request)).get(key)
        if access is None:
            raise NotHere("feed")
        return view(request, partnership.current().feeds[key], access, **keywords)

    return guarded


@require_GET
@may(*SEE)
def feeds(request: Request) -> HttpResponse:
    """What needs somebody, what came, by supplier; for the data protection officer the agreements as well."""
    viewer, home, now = viewer_of(request), partnership.current(), timezone.now()
    there = sharing.feeds(viewer)
    found = extracts.feed_status(settings.CONCORD_HOME, [home.feeds[key] for key in there], now)
    statuses = [presenters.status(each, home.feeds[each.feed], home) for each in found]
    suppliers = sorted({(each.owner_key, each.owner_name) for each in statuses}, key=lambda one: one[1].casefold())
    chosen = request.GET.get("from", "")
    if chosen not in dict(suppliers):
        chosen = ""
    statuses = [each for each in statuses if not chosen or each.owner_key == chosen]
    statuses.sort(key=lambda each: (each.order, -each.days_late, each.title.casefold()))
    page, shown = number(request), {each.key for each in statuses}
    every = [r for r in extracts.receipts(settings.CONCORD_HOME) if r.feed in shown]
    agreements = sharing.agreements(viewer, at=now) if accounts.may(viewer, "agreement.read") else ()
    context = {
        "needing": [each for each in statuses if each.needs],
        "others": [each for each in statuses if not each.needs and each.last_received_at],
        "never": [each for each in statuses if not each.needs and not each.last_received_at],
        "suppliers": suppliers if len(suppliers) > 1 else [],
        "chosen": chosen,
        "receipts": [
            presenters.receipt(each, there[each.feed], home.feeds[each.feed].title)
            for each in every[(page - 1) * PAGE : page * PAGE]
        ],
        "agreements": [presenters.agreement(each, home) for each in agreements],
        "exchange": any(home.feeds[key].due.every == "quarter" for key in there),
        "may_send": any(access.send for access in there.values()),
        "page_filter": f"&from={chosen}" if chosen else "",
        "previous_page": page - 1,
        "next_page": page + 1 if len(every) > page * PAGE else 0,
    }
    return render(request, "feeds/feeds.html", context)


@require_GET
@may(*SEE)
def exchange(request: Request) -> HttpResponse:
    """What the law has exchanged every quarter, and every other quarterly feed: due on, received, days late."""
    viewer, home, folder = viewer_of(request), partnership.current(), Path(settings.CONCORD_HOME)
    there, today = sharing.feeds(viewer), timezone.now().astimezone(LONDON).date()
    quarterly = [key for key in there if home.feeds[key].due.every == "quarter"]
    receipts = {key: extracts.receipts(folder, key) for key in quarterly}
    items = clock.exchange(home, receipts, quarterly, today)
    rest = clock.others(home, receipts, quarterly, today)
    names = clock.quarters([*items, *rest])
    overdue = sum(1 for item in items if item.overdue)
    context = {
        "items": items,
        "groups": presenters.by_supplier(items, len(names)),
        "others": presenters.group("", rest, len(names)),
        "quarters": names,
        "overdue": overdue,
        "overdue_says": f"{overdue} overdue",
        "today": today,
        "reminds": accounts.may(viewer, "dataset.read"),
        "law_note": home.duty.source.note if items and home.duty and home.duty.source else "",
    }
    return render(request, "feeds/exchange.html", context)


@require_GET
@of_feed
def feed(request: Request, found: Feed, access: FeedAccess) -> HttpResponse:
    """How it stands, the version in use, and what became of every file."""
    home, now, folder = partnership.current(), timezone.now(), Path(settings.CONCORD_HOME)
    (standing,) = extracts.feed_status(folder, [found], now)
    status = presenters.status(standing, found, home)
    page, every = number(request), extracts.receipts(folder, found.key)
    context = frame(found, access, "standing") | {
        "status": status,
        "calendar": clock.strip(found, every, now.astimezone(LONDON).date()),
        "reminder": presenters.reminder(status, found, home) if status.needs and access.rows else "",
        "in_use": _in_use(folder, found),
        "receipts": [presenters.receipt(each, access) for each in every[(page - 1) * FILES : page * FILES]],
        "rests_on": presenters.rests_on(found, home, timezone.now()),
        "cadence": contract.cadence(found.due),
        "previous_page": page - 1,
        "next_page": page + 1 if len(every) > page * FILES else 0,
    }
    return render(request, "feeds/feed.html", context)


@require_GET
@of_feed
def what_to_send(request: Request, found: Feed, access: FeedAccess) -> HttpResponse:
    """The contract in plain words."""
    home = partnership.current()
    context = frame(found, access, "contract") | {
        "contract": contract.words(found, home, {key: one.section for key, one in sharing.gateways().items()}),
        "rests_on": presenters.rests_on(found, home, timezone.now()),
    }
    return render(request, "feeds/contract.html", context)


@require_GET
@of_feed
def field_quality(request: Request, found: Feed, access: FeedAccess) -> HttpResponse:
    """How well each field is filled in, with its trend; and what was set aside."""
    policy, folder = partnership.current().disclosure, Path(settings.CONCORD_HOME)
    how = trends.shown(policy.rules.get("public") if policy else None, rows=access.rows)
    store = Store(folder)
    tables = [
        {"title": title, "several": len(found.datasets) > 1, **_quality(store, dataset, table, how)}
        for dataset, table, title in _datasets(found)
        if store.has(dataset)
    ]
    loaded = [r for r in extracts.receipts(folder, found.key) if r.status == "loaded"]
    set_aside = _set_aside(loaded)
    context = frame(found, access, "quality") | {
        "tables": tables,
        "rejected": [trends.rejected("Rows set aside", set_aside, how)] if set_aside else [],
        "faults": presenters.faults(faults(folder, loaded[:PERIODS]), examples=False) if access.reports else [],
        "files": min(len(loaded), PERIODS),
        "none_below": 0 if access.rows else how.none_below,
    }
    return render(request, "feeds/quality.html", context)


@require_GET
@of_feed
def versions(request: Request, found: Feed, access: FeedAccess) -> HttpResponse:
    """What each version of the feed's datasets brought and replaced."""
    folder = Path(settings.CONCORD_HOME)
    context = frame(found, access, "versions") | {
        "datasets": [
            {
                "title": title,
                "versions": [presenters.version(each) for each in history.history(folder, dataset)],
            }
            for dataset, _, title in _datasets(found)
        ]
    }
    return render(request, "feeds/versions.html", context)


@require_GET
@of_feed
def report(request: Request, found: Feed, access: FeedAccess, receipt: str, form: str) -> HttpResponseBase:
    """The error report of one file, as text or as a table. Opening it is a line of the trail."""
    folder = Path(settings.CONCORD_HOME)
    kept = receipt_named(folder, found.key, receipt)
    named = {"csv": kept.quarantine, "txt": kept.error_report}.get(form) if kept else None
    if not access.reports or kept is None or named is None or not (folder / named).is_file():
        raise NotHere("error report")
    operations.open_report(viewer=viewer_of(request), feed=found.key, receipt=kept.id, at=timezone.now())
    name = f"{found.key}-error-report-{kept.id[:8]}.{form}"
    if form == "txt":
        return FileResponse(
            (folder / named).open("rb"), as_attachment=True, filename=name, content_type="text/plain; charset=utf-8"
        )
    answer = StreamingHttpResponse(_as_words(folder / named), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _as_words(path: Path) -> Iterator[str]:
    """The table as it is kept, but for what a spreadsheet would compute: a value is what somebody sent."""
    with path.open(encoding="utf-8", errors="replace", newline="") as stream:
        yield from sheets.lines(csv.reader(stream))


def frame(found: Feed, access: FeedAccess, here: str) -> dict[str, Any]:
    """What every page about one feed shows: its name, its supplier and the way to the others."""
    return {
        "feed": found,
        "owner_name": contract.owner(found, partnership.current()),
        "access": access,
        "here": here,
    }


def _in_use(folder: Path, found: Feed) -> list[dict[str, Any]]:
    """The newest version of each dataset of the feed, which every figure is made from."""
    manifests = [(title, latest_manifest(folder, dataset)) for dataset, _, title in _datasets(found)]
    return [{"title": title, "version": one.version, "rows": one.rows} for title, one in manifests if one is not None]


def _datasets(found: Feed) -> list[tuple[str, Table, str]]:
    """Every dataset the feed may fill, its table, and what to call it: the table's title, with the dataset's own name
    where a table fills several."""
    tables = [table.title for table in found.datasets.values()]
    return [
        (name, table, table.title if tables.count(table.title) == 1 else f"{table.title} ({name.replace('_', ' ')})")
        for name, table in found.datasets.items()
    ]


def _quality(store: Store, dataset: str, table: Table, how: trends.Shown) -> dict[str, Any]:
    version = store.latest(dataset)
    parts = quality.measure(version, table)
    periods = quality.by_period(parts)[-PERIODS:]
    series = periods or (quality.together(f"version {version.version}", parts),)
    found = trends.trends(table, quality.measured_fields(table), series, how)
    return {
        "worse": [each for each in found if each.worse],
        "moving": [each for each in found if not each.worse and not each.steady],
        "steady": [each for each in found if each.steady],
        "latest": trends.period(series[-1].partition) if periods else "the version in use",
        "periods": len(series),
    }


def _set_aside(loaded: list[extracts.Receipt]) -> list[tuple[str, int, int]]:
    """Rows set aside and received in each period, by the newest file of the period; oldest first."""
    periods: dict[str, tuple[int, int]] = {}
    for receipt in reversed(loaded):
        spoken = {quality.period_of(partition) for partition in receipt.partitions}
        if len(spoken) == 1 and (period := spoken.pop()) is not None:
            periods[period] = (receipt.quarantined, receipt.rows)
    return [(period, *periods[period]) for period in sorted(periods)][-PERIODS:]
