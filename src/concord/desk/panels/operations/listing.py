"""Onto an agenda without a referral: a person the coordinator names, a place, a group, a theme, a paper, a question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import choice
from types import MappingProxyType
from uuid import UUID, uuid4

from django.db.models import Max

from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.instruments import queries as instruments
from concord.desk.panels import queries, rules
from concord.desk.panels.models import Involvement, Item, Meeting
from concord.desk.panels.operations.locked import locked_meeting, record_under
from concord.desk.panels.rules import Facets, Named, NotNow
from concord.desk.people import operations as people_operations
from concord.desk.people import queries as people
from concord.desk.sharing import operations as sharing
from concord.desk.sharing.session import operation
from concord.strategy.shapes.forum import Forum

PUBLISHED = "/published/"
"""How the address of anything published begins."""

LETTERS = "BCDFGHJKLMNPQRSTVWXYZ23456789"
"""Of a reference: nothing that reads as a word or as another letter."""


@operation("item.list", "item")
def list_topic(
    *,
    viewer: Viewer,
    meeting_id: UUID,
    kind: str,
    about: str,
    reason: str,
    whereabouts: str = "",
    facets: Facets = MappingProxyType({}),
    result_id: UUID | None = None,
    at: datetime,
) -> UUID:
    """Put a place, a group, a theme, an online space, a paper or a question on an agenda. Returns the case.

    Raises NotAllowed, NotHere, NotNow for a kind the forum does not hear, for nothing said, or for one that is on
    this agenda already.
    """
    of, meeting = locked_meeting(viewer, meeting_id, "item.list")
    asked = rules.kind_named(of, kind, [each for each in rules.SUBJECTS if each != "person"])
    name = " ".join(about.split())
    if not name:
        raise NotNow("Say what it is about.", next_step="Give it the name people here know it by.")
    if of.public and asked.subject == "paper" and not whereabouts.startswith(PUBLISHED):
        raise NotNow(
            f"{of.abbreviation} reads published papers only.",
            why="It is held in public, so whatever is on its agenda is public too.",
            next_step="Choose a paper from what is published.",
        )
    if Item.objects.filter(meeting=meeting, kind=kind, about__iexact=name).exclude(state="withdrawn").exists():
        raise NotNow(f"“{name}” is on this agenda already.", next_step="Open it there.")
    item_id = put_on(
        viewer,
        of,
        meeting,
        at,
        kind=kind,
        reference=new_reference(),
        about=name,
        reason=reason,
        repeat=False,
        persons=(),
        whereabouts=whereabouts,
        facets=facets,
        result_id=result_id,
    )
    record_under(viewer, "collection", "item.list", "item", item_id, of, at, detail={"kind": kind})
    return item_id


@operation("item.list", "item")
def list_people(
    *,
    viewer: Viewer,
    meeting_id: UUID,
    kind: str,
    named: Sequence[Named],
    reason: str,
    facets: Facets = MappingProxyType({}),
    result_id: UUID | None = None,
    at: datetime,
) -> UUID:
    """Put people on an agenda whom no referral brought: each is somebody on record whom the coordinator may see, or
    is put on record now. Returns the case.

    Raises NotAllowed, NotHere for somebody not shared with the viewer, NotNow for nobody named, or an age or an answer
    that the forum's file does not allow.
    """
    of, meeting = locked_meeting(viewer, meeting_id, "item.list")
    asked = rules.kind_named(of, kind, ["person"])
    if not named:
        raise NotNow("Say who it is about.", next_step="Name at least one person.")
    persons = []
    for each in named:
        if each.person_id is not None:
            if not people.may_use(viewer, each.person_id, at=at):
                raise NotHere("person")
            if _heard(viewer, meeting, each, at):
                raise NotNow("They are on this agenda already.", next_step="Open the case there.")
            persons.append((each.person_id, each.role))
            continue
        added = people_operations.add_person(
            viewer=viewer,
            details=each.details,
            safe_contact=each.safe_contact,
            holders=[f"forum:{of.key}:coordinator"],
            purpose=of.purpose,
            gateway=of.gateway,
            agreement=of.agreement,
            at=at,
        )
        persons.append((added, each.role))
    first = next((person for person, role in persons if asked.roles and role == asked.roles[0]), persons[0][0])
    item_id = put_on(
        viewer,
        of,
        meeting,
        at,
        kind=kind,
        reference=new_reference(),
        about=people.names(viewer, [first], at=at)[first].name,
        reason=reason,
        repeat=False,
        persons=tuple(persons),
        facets=facets,
        result_id=result_id,
    )
    record_under(viewer, "collection", "item.list", "item", item_id, of, at, detail={"kind": kind})
    return item_id


def _heard(viewer: Viewer, meeting: Meeting, named: Named, at: datetime) -> bool:
    """Whether this agenda has a case, that the viewer sees, about somebody in that role."""
    on = queries.visible_items(viewer, at).filter(meeting=meeting).exclude(state="withdrawn")
    return on.filter(involved__person_id=named.person_id, involved__role=named.role).exists()


def by_threshold(viewer: Viewer, of: Forum, kind: str, facets: Facets, result_id: UUID | None, at: datetime) -> Facets:
    """The answers with the factors that the instrument tells. Raises NotNow where the ground is the score and no
    decided assessment is above the threshold, NotHere for a result the viewer does not hold."""
    if of.threshold is None:
        if result_id is not None:
            raise NotNow(f"{of.abbreviation} reads no score.", next_step="Leave the assessment out.")
        return facets
    found = instruments.told(viewer, result_id, of.threshold.instrument, at=at) if result_id is not None else None
    score = found.score(of.threshold.counts) if found is not None else None
    rules.require_threshold(of, facets, score)
    return rules.with_factors(of, kind, facets, [key for key, _ in found.factors] if found is not None else ())


def new_reference() -> str:
    return "".join(choice(LETTERS) for _ in range(8))


def put_on(
    viewer: Viewer,
    of: Forum,
    meeting: Meeting,
    at: datetime,
    *,
    kind: str,
    reference: str,
    about: str,
    reason: str,
    repeat: bool,
    persons: tuple[tuple[UUID, str], ...],
    contact_id: UUID | None = None,
    carried_from: Item | None = None,
    concern: str = "",
    whereabouts: str = "",
    facets: Facets = MappingProxyType({}),
    result_id: UUID | None = None,
    heard_on: bool = False,
) -> UUID:
    """The one way onto an agenda: checked against the forum's file, shared with its members, recorded.

    `result_id` is a decision on the forum's instrument that the viewer holds: score and factors are read from it. A
    case that is `heard_on` keeps the one it has.
    """
    asked = rules.kind_named(of, kind)
    if not reason.strip():
        raise NotNow("Say why the case is heard.", next_step="Give a reason and send it again.")
    ids = sorted({person for person, _ in persons})
    # Whoever had a birthday between two meetings is heard to the end.
    if asked.roles and not heard_on and (asked.from_age is not None or asked.to_age is not None):
        held = people.names(viewer, [person for person, role in persons if role == asked.roles[0]], at=at)
        rules.require_age(of, asked, [each.age for each in held.values()])
    kept = rules.checked_facets(of, kind, facets)
    if not heard_on:
        kept = rules.checked_facets(of, kind, by_threshold(viewer, of, kind, kept, result_id, at))
    item_id = uuid4()
    until = meeting.starts_at + timedelta(days=of.access_days_after)
    if of.hears == "cases":
        sharing.share(
            viewer=viewer,
            subjects=[("item", item_id), *(("person", each) for each in ids)],
            holders={f"forum:{of.key}:coordinator": None, f"forum:{of.key}": until},
            purpose=of.purpose,
            gateway=of.gateway,
            agreement=of.agreement,
            at=at,
        )
    row = Item.objects.create(
        id=item_id,
        partnership=viewer.partnership,
        meeting=meeting,
        contact_id=contact_id,
        carried_from=carried_from,
        kind=kind,
        hears=of.hears,
        subject=asked.subject,
        whereabouts=whereabouts.strip(),
        facets=kept,
        result_id=result_id,
        reference=reference,
        about=about,
        reason=reason.strip(),
        concern=concern,
        # The mark belongs to the forum whose rule makes it: elsewhere it would tell that another forum heard them.
        repeat=repeat and of.repeat is not None,
        position=(Item.objects.filter(meeting=meeting).aggregate(last=Max("position"))["last"] or 0) + 1,
        listed_by_id=viewer.user_id,
        listed_at=at,
    )
    Involvement.objects.bulk_create(Involvement(item=row, person_id=person, role=role) for person, role in persons)
    for rule in of.pointer:
        pointed = [person for person, role in persons if role in rule.roles]
        if pointed and until > at:
            sharing.point_to(
                viewer=viewer,
                persons=pointed,
                forum=of.key,
                holder=rule.holder,
                purpose=rule.purpose,
                gateway=of.gateway,
                agreement=of.agreement,
                until=until,
                at=at,
            )
    sharing.repeat_exclusions(viewer=viewer, persons=ids, kind="item", object_id=item_id, at=at)
    record(
        viewer=viewer,
        operation="combination",
        action="item.list",
        object_type="item",
        object_id=item_id,
        subjects=ids,
        reason=reason,
        gateway=of.gateway,
        agreement=of.agreement,
        at=at,
    )
    return item_id
