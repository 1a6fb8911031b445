"""The menu: only what this viewer can act on, in the order of a working day."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from concord.desk.accounts import queries
from concord.desk.accounts.rules import Viewer
from concord.strategy.shapes.pathway import Pathway
from concord.web.shared import partnership

FEW_FORUMS = 3
"""Whoever sits on more has one entry for all of them."""
PUBLIC = (("Strategy", "strategy"), ("Published", "published"), ("Proofread", "proofread"))


def items(viewer: Viewer | None) -> list[tuple[str, str]]:
    """Words and address of each entry."""
    if viewer is None:
        boards = [each for each in partnership.current().forums.values() if each.public]
        return [
            *((words, reverse(name)) for words, name in PUBLIC),
            *((each.abbreviation, reverse("board", args=[each.key])) for each in boards),
        ]

    def may(*verbs: str) -> bool:
        return any(queries.may(viewer, verb) for verb in verbs)

    entries = [("My day", reverse("today"))]
    if may("referral.submit"):
        entries.append(("Referrals", reverse("referrals")))
    if may("assessment.read"):
        entries.append(("Assessments", reverse("assessments")))
    if may("contact.list") and tray_of(viewer) is not None:
        entries.append(("MASH queue" if "mash" in viewer.teams else "Open referrals", reverse("contacts")))
    if may("person.match"):
        entries.append(("Find a person", reverse("person-find")))
    if may("subject.read"):
        entries.append(("Places and groups", reverse("subjects")))
    if may("session.write"):
        entries.append(("Sessions", reverse("sessions")))
    sits = [each for key, each in sorted(partnership.current().forums.items()) if viewer.parts_in(key)]
    if len(sits) > FEW_FORUMS:
        entries.append(("Forums", reverse("forums")))
    else:
        entries += [(each.abbreviation, reverse("forum", args=[each.key])) for each in sits]
    if may("action.read"):
        entries.append(("Actions", reverse("actions")))
    if may("register.read") and queries.registers(viewer):
        entries.append(("Registers", reverse("registers")))
    if may("glass.break"):
        entries.append(("Emergency access", reverse("emergency")))
    if may("glass.review"):
        entries.append(("Emergency access", reverse("emergency-reviews")))
    if may("account.read"):
        entries.append(("Accounts", reverse("accounts")))
    if may("agreement.read"):
        entries.append(("Agreements", reverse("agreements")))
    if may("audit.read"):
        entries.append(("Who looked", reverse("who-looked")))
    if may("rights.answer"):
        entries.append(("Requests", reverse("requests")))
    if may("retention.decide"):
        entries.append(("Retention", reverse("retention")))
    if may("access.review"):
        entries.append(("Who keeps access", reverse("access-review")))
    if may("calendar.read"):
        entries.append(("Scheduled work", reverse("scheduled")))
    if may("pair.judge"):
        entries.append(("Links to review", reverse("links")))
    if may("dataset.read", "dataset.load", "feed.supply", "agreement.read"):
        entries.append(("Feeds", reverse("feeds")))
    entries.append(("Strategy", reverse("strategy")))
    if may("edition.read"):
        entries.append(("Editions", reverse("editions")))
    if may("release.request", "release.approve"):
        entries.append(("Releases", reverse("releases")))
    if may("release.approve"):
        entries.append(("Packs", reverse("packs")))
    if may("figure.read"):
        entries.append(("Published", reverse("published")))
    if may("strategy.read", "release.request"):
        entries.append(("Proofread", reverse("proofread")))
    return entries


def tray_of(viewer: Viewer) -> Pathway | None:
    """The pathway whose referrals reach this viewer's team or forum."""
    return next(iter(trays_of(viewer)), None)


def trays_of(viewer: Viewer) -> list[Pathway]:
    """Every pathway whose referrals reach this viewer, the one whose front question leads to it first."""
    every = partnership.current().pathways.values()
    mine = [each for each in every if reaches(viewer, each)]
    return sorted(mine, key=lambda each: (not each.asked, each.name))


def reaches(viewer: Viewer, on: Pathway) -> bool:
    holders = {on.received_by, *(holder for state in on.state for holder in state.open_to)}
    return bool(holders & viewer.holders)


def service_navigation(viewer: Viewer | None, path: str) -> dict[str, Any]:
    """Parameters of GOV.UK's service navigation; the entry whose address begins the path is the current one."""
    entries = items(viewer)
    here = max((href for _, href in entries if path.startswith(href)), key=len, default="")
    return {
        "navigation": [
            {"text": words, "href": href, "active": href == here, "current": path == href} for words, href in entries
        ],
        "ariaLabel": "Menu",
    }
