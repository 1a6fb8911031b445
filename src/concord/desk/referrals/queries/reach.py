"""What a viewer may see of the tray at all, and whom a referral is about."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from concord.desk.accounts.rules import Viewer
from concord.desk.people.rules import full_name
from concord.desk.referrals.models import Contact, Party
from concord.desk.sharing import queries as sharing
from concord.strategy.shapes.pathway import Pathway

PAGE = 50


def visible_contacts(viewer: Viewer, at: datetime) -> QuerySet[Contact]:
    rows = Contact.objects.select_related("referral__referrer", "rag_by", "held_by", "decided_by")
    return sharing.visible(viewer, rows, "contact", at=at)


def main_party(on: Pathway, parties: list[Party]) -> Party | None:
    """Who or what a case is about: a role that must be named; where none must, the first of the file, or a thing."""
    wanted = [role.role for role in on.party if role.required]
    wanted = wanted or [role.role for number, role in enumerate(on.party) if not number or role.kind != "person"]
    ordered = sorted(parties, key=lambda party: party.position)
    return next((party for role in wanted for party in ordered if party.role == role), None)


def about(on: Pathway, parties: list[Party]) -> str:
    party = main_party(on, parties)
    return full_name(party.given_name, party.family_name) if party else on.name
