"""People whom referrals name, one line each, as whoever sent the referral or received it may read them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from concord.desk.accounts.rules import Viewer
from concord.desk.people.rules import full_name
from concord.desk.referrals.models import Contact, Identified, Party, Referral
from concord.desk.referrals.queries.reach import PAGE, visible_contacts
from concord.desk.referrals.queries.ways import pathway
from concord.desk.referrals.rules import NamedParty
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.session import as_viewer


def parties_named(
    viewer: Viewer, wanted: Iterable[tuple[str, str, str]], *, since: datetime, at: datetime, skip: int = 0
) -> tuple[NamedParty, ...]:
    """Who stands in a referral shared with the viewer in one of the roles `wanted`, each (pathway, role, ground; blank:
    any ground), sent after `since`: the longest waiting first, at most `PAGE` after the first `skip`.

    For a list that its caller records.
    """
    asked = Q()
    for pathway_key, role, ground in wanted:
        more = {"referral__ground": ground} if ground else {}
        asked |= Q(role=role, referral__pathway=pathway_key, **more)
    if not asked:
        return ()
    with as_viewer(viewer, at=at):
        rows = _visible(viewer, at).filter(asked, referral__submitted_at__gte=since)
        page = list(rows.order_by("referral__submitted_at", "id")[skip : skip + PAGE])
        return _lines(page)


def party_named(viewer: Viewer, party_id: UUID, *, at: datetime) -> NamedParty | None:
    """One of them, whatever the role; None where the referral is not shared with the viewer. The caller records it."""
    with as_viewer(viewer, at=at):
        found = _lines(list(_visible(viewer, at).filter(id=party_id)))
    return found[0] if found else None


def may_open(viewer: Viewer, contact_id: UUID, *, at: datetime) -> bool:
    """Whether this viewer may open this contact. Not recorded: the caller records what it reads."""
    with as_viewer(viewer, at=at):
        return visible_contacts(viewer, at).filter(id=contact_id).exists()


def names_under(viewer: Viewer, person_id: UUID, reference: str, *, at: datetime) -> bool:
    """Whether a contact the viewer may open has this reference and is about this person. Not recorded: the caller opens
    the person."""
    with as_viewer(viewer, at=at):
        found = visible_contacts(viewer, at).filter(referral__reference=reference, identified__person_id=person_id)
        return found.exists()


def _visible(viewer: Viewer, at: datetime) -> QuerySet[Party]:
    return sharing.visible(viewer, Party.objects.select_related("referral"), "referral", at=at, key="referral_id")


def _lines(rows: Collection[Party]) -> tuple[NamedParty, ...]:
    persons = dict(Identified.objects.filter(party__in=rows).values_list("party_id", "person_id"))
    contacts = dict(
        Contact.objects.filter(referral__in=[row.referral_id for row in rows]).values_list("referral_id", "id")
    )
    return tuple(_line(row, row.referral, persons.get(row.id), contacts.get(row.referral_id)) for row in rows)


def _line(row: Party, sent: Referral, person_id: UUID | None, contact_id: UUID | None) -> NamedParty:
    return NamedParty(
        party_id=row.id,
        role=row.role,
        name=full_name(row.given_name, row.family_name),
        given_name=row.given_name,
        family_name=row.family_name,
        born_on=row.born_on,
        person_id=person_id,
        referral_id=sent.id,
        contact_id=contact_id,
        reference=sent.reference,
        pathway=sent.pathway,
        pathway_name=pathway(sent.pathway).name,
        ground=sent.ground,
        safe_contact=sent.safe_contact if row.position == 0 else "",
        submitted_at=sent.submitted_at,
    )
