from __future__ import annotations

from datetime import datetime
from itertools import chain

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_POST

from concord.desk.accounts import keeping
from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.panels import queries as panels
from concord.desk.registers import queries as registers
from concord.desk.sharing.session import as_viewer
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.role import Role
from concord.web.shared import once, partnership, stopped
from concord.web.shared.guards import signed_in
from concord.web.shared.middleware import Request, viewer_of
from concord.web.shared.navigation import trays_of
from concord.web.today import feeds, news, sections

MOST_SHORTCUTS = 3


@require_GET
@signed_in
def today(request: Request) -> HttpResponse:
    """What is due, what changed, the meetings, three shortcuts: one screen, and one link to each piece of work."""
    viewer, now = viewer_of(request), timezone.now()
    start = news.since(viewer, now)
    # One transaction in the viewer's name for the whole page, instead of one for each room that is asked.
    with as_viewer(viewer, at=now):
        changes = news.changed(viewer, start, now)
        work = list(sections.work_of(request, viewer, now))
        notices = panels.notices(viewer, at=now)[:5] if any(of.cohort for of, _ in panels.my_forums(viewer)) else ()
        entries = registers.overdue_of(viewer, at=now) if accounts.may(viewer, "register.read") else ()
    held = [role for role in _roles(viewer) if role is not None]
    context = {
        "sections": work,
        "stopped": stopped.notices(
            viewer,
            now,
            forums=[of.key for of, _ in panels.my_forums(viewer)],
            pathways=[of.key for of in trays_of(viewer)],
        ),
        "since": start,
        "changes": changes[: news.SHOWN],
        "changes_more": max(0, len(changes) - news.SHOWN),
        # Up to here they will have seen it: what comes while they read is new the next time.
        "seen_until": now.isoformat(),
        "shortcuts": _shortcuts(viewer, held),
        "work": [role.work for role in held if role.work],
        "waits": request.session.get(once.HELD, ""),
        "greeting": _greeting(now),
        "notices": notices,
        "entries": [(key, partnership.current().kept_registers[key].name, each) for key, each in entries],
    }
    if accounts.may(viewer, "dataset.load") or accounts.may(viewer, "feed.supply"):
        needing = feeds.needing(viewer, start, now)
        context |= {"feeds": needing[:5], "feeds_more": max(0, len(needing) - 5)}
        context["feeds_new"] = sum(each.new for each in needing)
    return render(request, "today/today.html", context)


@require_POST
@signed_in
def seen(request: Request) -> HttpResponse:
    """They have seen what the page showed them; the mark goes with the person, not with the device."""
    until = parse_datetime(request.POST.get("until", ""))
    now = timezone.now()
    if until is not None and until.tzinfo is not None and until <= now:
        keeping.saw(viewer_of(request), until=until)
        messages.success(request, "Marked as seen, on every device. What changes from now on appears here.")
    return redirect("today")


def _greeting(now: datetime) -> str:
    local = now.astimezone(LONDON)
    return f"{local:%A} {local.day} {local:%B}"


def _roles(viewer: Viewer) -> list[Role]:
    """The viewer's own roles first, then those that come with their parts in forums."""
    defined = accounts.roles()
    parts = {each.partition(":")[2] for each in viewer.forums}
    return [
        *(defined[key] for key in sorted(viewer.roles)),
        *(role for role in defined.values() if role.from_part in parts),
    ]


def _shortcuts(viewer: Viewer, held: list[Role]) -> list[tuple[str, str]]:
    """Those that the roles name, in turn: the first of each, then the second of each."""
    forums = sorted({each.partition(":")[0] for each in viewer.forums})
    most = max((len(role.shortcut) for role in held), default=0)
    turns = chain.from_iterable([role.shortcut[turn : turn + 1] for role in held] for turn in range(most))
    found: dict[str, str] = {}
    for each in chain.from_iterable(turns):
        if each.to == "forum":
            for key in forums:
                found.setdefault(reverse("forum", args=[key]), each.words.format(forum=_abbreviation(key)))
        else:
            found.setdefault(reverse(each.to), each.words)
    return [(words, address) for address, words in list(found.items())[:MOST_SHORTCUTS]]


def _abbreviation(forum: str) -> str:
    known = partnership.current().forums.get(forum)
    return known.abbreviation if known else forum
