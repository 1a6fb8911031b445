from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.editions import queries as editions
from concord.desk.instruments import queries as instruments
from concord.desk.panels import queries as panels
from concord.desk.referrals import queries as referrals
from concord.desk.referrals.rules import ContactLine
from concord.desk.registers import queries as registers
from concord.kernel.working_time import LONDON
from concord.web.actions import presenters as actions
from concord.web.referrals import drafts
from concord.web.referrals import presenters as contacts
from concord.web.shared.guards import signed_in
from concord.web.shared.middleware import LAST_HERE, Request, viewer_of
from concord.web.shared.navigation import tray_of, trays_of
from concord.web.today import feeds

SHOWN = 5


@require_GET
@signed_in
def today(request: Request) -> HttpResponse:
    """One screen, at most five lines of each kind: what is due first."""
    viewer, now = viewer_of(request), timezone.now()

    def may(verb: str) -> bool:
        return accounts.may(viewer, verb)

    # None means "not this role's"; an empty list means "nothing to do", and says so.
    context: dict[str, Any] = dict.fromkeys(
        ("contacts", "actions", "meetings", "referrals", "feeds", "waiting", "assessments")
    )
    context |= {"shortcuts": _shortcuts(viewer)}
    if may("contact.list") and tray_of(viewer) is not None:
        lines = referrals.open_lines(viewer, [each.key for each in trays_of(viewer)], at=now)
        since = request.session.get(LAST_HERE, "")
        context["contacts_changed"] = sum(_changed(each, since) for each in lines)
        context["contacts"] = [contacts.line(each) for each in lines[:SHOWN]]
        context["contacts_more"] = max(0, len(lines) - SHOWN)
        context["contacts_overdue"] = sum(each.overdue for each in lines)
    if may("action.read"):
        mine = panels.my_actions(viewer, at=now)
        context["actions"] = [actions.line(each) for each in mine[:SHOWN]]
        context["actions_more"] = max(0, len(mine) - SHOWN)
        context["actions_overdue"] = sum(each.overdue for each in mine)
    if viewer.forums:
        context["meetings"] = panels.meetings(viewer, at=now, limit=SHOWN)
    if may("referral.submit"):
        sent = referrals.my_referrals(viewer, at=now)
        context["referrals"] = sent[:SHOWN]
        context["drafts"] = [referrals.pathway(key).name for key in drafts.begun(request)]
    if may("assessment.write"):
        under_way = instruments.mine(viewer, at=now)
        context["assessments"], context["assessments_more"] = under_way[:SHOWN], max(0, len(under_way) - SHOWN)
        context["assessments_overdue"] = sum(each.overdue for each in under_way)
    if may("dataset.load") or may("feed.supply"):
        needing = feeds.needing(viewer, request.session.get(LAST_HERE, ""), now)
        context["feeds"], context["feeds_more"] = needing[:SHOWN], max(0, len(needing) - SHOWN)
        context["feeds_new"] = sum(each.new for each in needing)
    if may("register.read"):
        context["entries"] = registers.overdue_of(viewer, at=now)
    if may("edition.approve"):
        context["waiting"] = editions.waiting(viewer, at=now)[:SHOWN]
    context["greeting"] = _greeting(now)
    return render(request, "today/today.html", context)


def _changed(line: ContactLine, since: str) -> bool:
    """Whether a contact moved after this person was last here."""
    return bool(since) and line.changed_at is not None and line.changed_at > datetime.fromisoformat(since)


def _greeting(now: datetime) -> str:
    local = now.astimezone(LONDON)
    return f"{local:%A} {local.day} {local:%B}"


def _shortcuts(viewer: Viewer) -> list[tuple[str, str]]:
    """Three at most, for what this role does most."""
    found = [
        (words, reverse(name))
        for verb, words, name in (
            ("referral.submit", "Make a referral", "referral-new"),
            ("session.write", "Start a session", "sessions"),
            ("contact.triage", "Open the MASH queue", "contacts"),
            ("audit.read", "Who looked", "who-looked"),
            ("edition.approve", "What waits for approval", "editions"),
            ("edition.write", "Editions under way", "editions"),
            ("dataset.load", "Send files", "feed-choose"),
            ("feed.supply", "Send files", "feed-choose"),
            ("dataset.read", "Feeds", "feeds"),
            ("feed.supply", "Your agency’s feeds", "feeds"),
            ("figure.read", "Published reports", "published"),
            ("release.request", "Proofread a draft", "proofread"),
            ("strategy.read", "The strategy", "strategy"),
            ("action.read", "Your agency’s actions", "actions"),
        )
        if accounts.may(viewer, verb)
    ]
    return found[:3] or [("The strategy", reverse("strategy")), ("Published reports", reverse("published"))]
