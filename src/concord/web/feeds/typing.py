"""A few counts typed into a form made from the feed's contract: they become a file, received like any other."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from datetime import date
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from concord.desk.accounts.rules import NotHere
from concord.desk.sharing import operations
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.rules import FeedAccess
from concord.evidence.extracts import uploads
from concord.evidence.extracts.calendar import period_of, preceding
from concord.evidence.extracts.files import explaining_disk
from concord.evidence.extracts.uploads import Sent
from concord.kernel.periods import Period
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.feed import Feed, FieldContract, Table
from concord.strategy.shapes.feed_rows import Typed
from concord.web.feeds import contract, presenters, sending
from concord.web.feeds.views import frame, of_feed
from concord.web.shared import partnership
from concord.web.shared.forms import Form, day, radios, select, text
from concord.web.shared.middleware import Request, viewer_of

PERIODS = 5
"""How many periods back may be chosen, the newest that is over first."""
FEW = 6


@require_http_methods(["GET", "POST"])
@of_feed
def typed(request: Request, found: Feed, access: FeedAccess) -> HttpResponse:
    """The form, and what will happen to what is typed; then a file in the place of one that was chosen."""
    if not access.send or found.typed is None:
        raise NotHere("feed")
    home, viewer, now = Path(settings.CONCORD_HOME), viewer_of(request), timezone.now()
    refusal, (table,) = sending.agreement_refuses(found), found.tables.values()
    periods = {name(found, each): each for each in over(found, now.astimezone(LONDON).date())}
    form = form_of(found.typed, table, periods, request.POST if request.method == "POST" else None)
    if request.method == "POST" and refusal is not None:
        operations.not_sent(viewer=viewer, feed=found.key, reason=refusal.what, at=now)
    elif request.method == "POST" and form.is_valid():
        lines = lines_of(found.typed, table, periods[form.cleaned_data["period"]], form.cleaned_data)
        problem = sending.too_much(home, viewer) if lines else "Fill in at least one line"
        if problem:
            form.add_error(None, problem)
        else:
            called = found.typed.file.replace("{period}", form.cleaned_data["period"])
            folder = uploads.arriving(home)
            upload = sending.begin(home, folder, [write(folder, called, lines)], found.key, [found.key], viewer)
            sending.start(upload)
            return HttpResponseRedirect(reverse("feed-sent", args=[upload.id]))
    context = frame(found, access, "send") | {
        "form": form,
        "refusal": refusal,
        "typed": found.typed,
        "lines": [[form[f"{n}-{key}"] for key in found.typed.asks] for n in range(found.typed.lines)],
        "covers": contract.covers(found),
        "contract": contract.words(found, partnership.current(), {k: g.section for k, g in sharing.gateways().items()}),
        "rests_on": presenters.rests_on(found, partnership.current(), now),
    }
    return render(request, "feeds/typed.html", context, status=403 if refusal and request.method == "POST" else 200)


def over(found: Feed, today: date) -> list[Period]:
    """The periods that are over, the newest first."""
    period = preceding(found.due.every, period_of(found.due.every, today))
    every = [period]
    while len(every) < PERIODS:
        every.append(preceding(found.due.every, every[-1]))
    return every


def name(found: Feed, period: Period) -> str:
    """A period as a file's name has it: 2026-09, 2026-Q3, 2025-26."""
    if found.due.every == "month":
        return f"{period.start:%Y-%m}"
    if found.due.every == "quarter":
        return f"{period.start.year}-Q{(period.start.month + 2) // 3}"
    return f"{period.start.year}-{period.end.year % 100:02}"


def form_of(typed: Typed, table: Table, periods: dict[str, Period], data: Any) -> Form:
    """One field of the page for each that is asked, as often as lines may be typed."""
    choices = [(key, f"{each.start:%-d %B %Y} to {each.end:%-d %B %Y}") for key, each in periods.items()]
    fields: dict[str, Any] = {"period": radios("Which period do you count?", choices, missing="Choose the period")}
    for number in range(typed.lines):
        for key, label in typed.asks.items():
            fields[f"{number}-{key}"] = _field(label, table.fields[key], first=number == 0)
    built: Form = type("TypedForm", (Form,), fields)(data)
    return built


def _field(label: str, of: FieldContract, *, first: bool) -> forms.Field:
    required = of.required and first
    if of.values:
        few = len(of.values) <= FEW and required
        made = radios if few else select
        words = [(each, each.replace("_", " ").capitalize()) for each in of.values]
        return made(label, words, missing=f"Choose “{label}”" if required else "", required=required)
    if of.type == "date":
        return day(label, required=required, missing=f"Enter “{label}”")
    width = "10" if of.type in ("integer", "decimal") else ""
    return text(label, required=required, missing=f"Enter “{label}”", width=width, hint=_bounds(of))


def _bounds(of: FieldContract) -> str:
    if of.type not in ("integer", "decimal"):
        return ""
    return "A whole number" if of.type == "integer" else "A number"


def lines_of(typed: Typed, table: Table, period: Period, said: dict[str, Any]) -> list[dict[str, str]]:
    """What was typed as lines of the file, by heading; a line of which nothing was typed is none."""
    starts = period.start
    if typed.months is not None:
        index = period.end.year * 12 + period.end.month - typed.months
        starts = date(index // 12, index % 12 + 1, 1)
    days = {typed.starts: starts.isoformat(), typed.ends: period.end.isoformat()}
    frame = typed.fixed | {key: value for key, value in days.items() if key}
    lines = []
    for number in range(typed.lines):
        asked = {key: _written(said.get(f"{number}-{key}")) for key in typed.asks}
        if any(asked.values()):
            line = frame | asked
            lines.append({table.fields[key].headers(key)[0]: line.get(key, "") for key in table.fields})
    return lines


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "").strip()


def write(folder: Path, called: str, lines: list[dict[str, str]]) -> Sent:
    """The lines as a file of the upload, where a file that was chosen would stand."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(lines[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    content = buffer.getvalue().encode()
    place = folder / "files" / "0"
    path = place / uploads.safe_name(called)
    with explaining_disk(folder):
        place.mkdir(parents=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(content)
    return Sent(path.name, len(content), hashlib.sha256(content).hexdigest())
