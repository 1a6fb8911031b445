"""Reads of the front door. Each starts from a viewer, uses the one policy filter, and is recorded."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Prefetch, QuerySet

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.people import queries as people
from concord.desk.people.rules import Candidate, Details, age_on, full_name
from concord.desk.referrals import rules
from concord.desk.referrals.models import Check, Contact, Identified, Party, Referral
from concord.desk.referrals.rules import (
    Accepted,
    CheckView,
    ClockView,
    ContactLine,
    ContactPage,
    Earlier,
    PartyDetails,
    PartyView,
    Past,
    ReferralStatus,
    RepeatFinding,
    SharingNotice,
)
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.names import did_you_mean
from concord.kernel.working_time import LONDON, WorkingTime
from concord.strategy.shapes.pathway import Pathway

PAGE = 50


# --- the pathways themselves -------------------------------------------------------------------------------------


def pathway(key: str) -> Pathway:
    """One pathway of the partnership. Raises NotThatWay naming the nearest where there is none of that key."""
    found = accounts.partnership().pathways
    if key not in found:
        raise rules.NotThatWay(f"There is no pathway “{key}”.", next_step=did_you_mean(key, found))
    return found[key]


def pathways(viewer: Viewer) -> tuple[Pathway, ...]:
    """Pathways on which this viewer may refer."""
    if not accounts.may(viewer, "referral.submit"):
        return ()
    return tuple(each for each in accounts.partnership().pathways.values() if each.purpose in viewer.purposes)


def working(of: Pathway) -> WorkingTime:
    """The working hours of the team that receives on this pathway, bank holidays included."""
    return rules.working_time(of.hours, _closed(Path(settings.CONCORD_PARTNERSHIP), of.hours.holidays))


@lru_cache(maxsize=8)
def _closed(folder: Path, codelist: str | None) -> frozenset[date]:
    if codelist is None:
        return frozenset()
    return frozenset(date.fromisoformat(str(row["date"])) for row in accounts.partnership().codelists[codelist])


def sharing_notice(viewer: Viewer, pathway_key: str, *, at: datetime) -> SharingNotice:
    """What will be shared with whom and on what basis, to read before sending. Raises NotAllowed, NotThatWay."""
    accounts.require(viewer, "referral.submit")
    on = pathway(pathway_key)
    agreement = accounts.partnership().agreements[on.agreement]
    gateway = sharing.gateways()[on.gateway]
    statutory = rules.clock_named(on, None)
    return SharingNotice(
        pathway=on.name,
        receiver=on.receiver_name,
        shared_with=on.shared_with,
        purpose=on.purpose,
        gateway=gateway.name,
        section=gateway.section,
        agreement=agreement.name,
        agreement_ends=agreement.expires_on,
        decision_due=rules.due(statutory, at, working(on)) if statutory else at,
    )


# --- the referrer ------------------------------------------------------------------------------------------------


@reading("referral.read", "referral")
def my_referrals(viewer: Viewer, *, at: datetime) -> tuple[ReferralStatus, ...]:
    """What this viewer sent, newest first. Raises NotAllowed for roles that do not refer."""
    accounts.require(viewer, "referral.read")
    with as_viewer(viewer, at=at):
        rows = _referrals(viewer, at).filter(referrer_id=viewer.user_id).order_by("-submitted_at")[:PAGE]
        return tuple(_status(row) for row in rows)


@reading("referral.read", "referral")
def referral_status(viewer: Viewer, referral_id: UUID, *, at: datetime) -> ReferralStatus:
    """One referral as its referrer may know it. Raises NotHere for anybody else's, missing or not."""
    accounts.require(viewer, "referral.read")
    with as_viewer(viewer, at=at):
        row = _referrals(viewer, at).filter(id=referral_id, referrer_id=viewer.user_id).first()
        _opened(viewer, "referral.read", "referral", referral_id, row is not None, at)
        status = _status(row) if row is not None else None
    if status is None:
        raise NotHere("referral")
    return status


def _referrals(viewer: Viewer, at: datetime) -> QuerySet[Referral]:
    return sharing.visible(viewer, Referral.objects.prefetch_related("parties"), "referral", at=at)


def _status(row: Referral) -> ReferralStatus:
    on = pathway(row.pathway)
    state = next(each for each in on.state if each.key == row.told_state)
    route = next((each for each in on.route if each.key == row.told_route), None)
    return ReferralStatus(
        referral_id=row.id,
        reference=row.reference,
        pathway=row.pathway,
        pathway_name=on.name,
        receiver=on.receiver_name,
        submitted_at=row.submitted_at,
        about=_about(on, list(row.parties.all())),
        concern=row.concern,
        told=state.told,
        decided=state.final,
        route_told=route.told if route else "",
        feedback=row.feedback,
    )


# --- the receiving team ------------------------------------------------------------------------------------------


def _contacts(viewer: Viewer, at: datetime) -> QuerySet[Contact]:
    rows = Contact.objects.select_related("referral__referrer", "rag_by", "decided_by")
    return sharing.visible(viewer, rows, "contact", at=at)


@reading("contact.list", "contact")
def queue(
    viewer: Viewer,
    pathway_key: str = "mash_contact",
    *,
    at: datetime,
    decided: bool = False,
    rag: str = "",
    page: int = 1,
) -> tuple[ContactLine, ...]:
    """The tray: open contacts with what is due first on top, or decided ones newest first. `PAGE` at a time.

    Raises NotAllowed for roles without a tray. Recorded as one consultation.
    """
    accounts.require(viewer, "contact.list")
    on = pathway(pathway_key)
    with as_viewer(viewer, at=at):
        found = _contacts(viewer, at).filter(pathway=pathway_key, decided_at__isnull=not decided)
        if rag:
            found = found.filter(rag=rag)
        found = found.order_by("-decided_at", "id") if decided else found.order_by("due_at", "id")
        rows = list(found.prefetch_related("referral__parties")[(page - 1) * PAGE : page * PAGE])
        record(
            viewer=viewer,
            operation="consultation",
            action="contact.list",
            object_type="contact",
            detail={"pathway": pathway_key, "decided": decided, "shown": [str(row.id) for row in rows]},
            at=at,
        )
    lines = [_line(on, row, at) for row in rows]
    return tuple(lines if decided else sorted(lines, key=lambda line: (line.next_due_at, line.reference)))


def queue_size(viewer: Viewer, pathway_key: str = "mash_contact", *, at: datetime) -> int:
    """How many open contacts this viewer can see. Zero for roles without a tray."""
    if not accounts.may(viewer, "contact.list"):
        return 0
    with as_viewer(viewer, at=at):
        return _contacts(viewer, at).filter(pathway=pathway_key, decided_at__isnull=True).count()


@reading("contact.read", "contact")
def contact(viewer: Viewer, contact_id: UUID, *, at: datetime, reason: str = "") -> ContactPage:
    """One contact, opened and recorded. Raises NotAllowed, NotHere."""
    accounts.require(viewer, "contact.read")
    page: ContactPage | None = None
    with as_viewer(viewer, at=at):
        row = (
            _contacts(viewer, at)
            .prefetch_related(
                Prefetch("referral__parties", queryset=Party.objects.order_by("position")),
                Prefetch("identified", queryset=Identified.objects.order_by("at")),
                Prefetch("checks", queryset=Check.objects.select_related("asked_by").order_by("asked_at")),
            )
            .filter(id=contact_id)
            .first()
        )
        subjects = [each.person_id for each in row.identified.all()] if row else []
        _opened(viewer, "contact.read", "contact", contact_id, row is not None, at, reason, subjects)
        if row is not None:
            page = _page(viewer, row, at)
    if page is None:
        raise NotHere("contact")
    return page


def contact_of(viewer: Viewer, referral_id: UUID, *, at: datetime) -> UUID:
    """The contact that a referral became, for the team that received it. Raises NotHere for anybody else."""
    with as_viewer(viewer, at=at):
        found = _contacts(viewer, at).filter(referral_id=referral_id).values_list("id", flat=True).first()
    if found is None:
        raise NotHere("contact")
    return found


@reading("person.match", "person")
def possible_matches(viewer: Viewer, contact_id: UUID, party_id: UUID, *, at: datetime) -> tuple[Candidate, ...]:
    """People on record who may be somebody this contact names. Raises NotAllowed, NotHere."""
    accounts.require(viewer, "person.match")
    with as_viewer(viewer, at=at):
        row = _contacts(viewer, at).filter(id=contact_id).first()
        party = Party.objects.filter(id=party_id, referral_id=row.referral_id).first() if row else None
        if party is None:
            raise NotHere("contact")
        asked = Details(
            given_name=party.given_name,
            family_name=party.family_name,
            born_on=party.born_on,
            sex=party.sex,
            postcode=party.postcode,
        )
        return people.candidates(viewer, asked, at=at)


@reading("contact.read", "contact")
def repeat(viewer: Viewer, contact_id: UUID, *, at: datetime) -> RepeatFinding:
    """Whether this referral is a repeat under its forum's rule. Raises NotAllowed, NotHere."""
    accounts.require(viewer, "contact.read")
    with as_viewer(viewer, at=at):
        row = _contacts(viewer, at).filter(id=contact_id).first()
        if row is None:
            raise NotHere("contact")
        return repeat_of(viewer, row, at)


def repeat_of(viewer: Viewer, row: Contact, at: datetime) -> RepeatFinding:
    """The repeat rule on one contact already opened in this transaction."""
    forums = accounts.partnership().forums
    on = pathway(row.pathway)
    rule = next(
        (forums[each.forum].repeat for each in on.route if each.forum in forums and forums[each.forum].repeat), None
    )
    if rule is None:
        return RepeatFinding(False, None, "This pathway has no repeat rule.")
    now = _roles_of(Identified.objects.filter(contact=row))
    victims, perpetrators = now.get("victim", set()), now.get("perpetrator", set())
    if not victims or not perpetrators:
        return RepeatFinding(
            False, None, "Not known yet: identify the person at risk and the alleged perpetrator first."
        )
    victim = next(iter(victims))
    earlier = (
        _contacts(viewer, at)
        .filter(pathway=row.pathway, decided_at__isnull=False, identified__person_id=victim)
        .filter(route__in=[each.key for each in on.route if each.forum], received_at__lt=row.received_at)
        .exclude(id=row.id)
        .distinct()
        .prefetch_related("identified")
    )
    past = []
    for each in earlier:
        named = _roles_of(each.identified.all())
        past += [
            Past(one, frozenset(named.get("perpetrator", ())), each.received_at.astimezone(LONDON).date())
            for one in named.get("victim", ())
        ]
    return rules.is_repeat(
        rule,
        victim=victim,
        perpetrators=perpetrators,
        incident_on=row.referral.incident_on,
        incident_kind=row.referral.incident_kind,
        referred_on=row.received_at.astimezone(LONDON).date(),
        past=past,
    )


@reading("contact.read", "contact")
def accepted(viewer: Viewer, forum: str, *, at: datetime, ids: Iterable[UUID] | None = None) -> tuple[Accepted, ...]:
    """Contacts whose decision routed them to `forum`, oldest decision first, or those of `ids`.

    Only for a viewer with whom they are shared: the forum's coordinator. Raises NotAllowed for other roles.
    """
    accounts.require(viewer, "contact.read", forum)
    routes = [
        (each.key, route.key)
        for each in accounts.partnership().pathways.values()
        for route in each.route
        if route.forum == forum
    ]
    with as_viewer(viewer, at=at):
        found = _contacts(viewer, at).filter(
            pathway__in={key for key, _ in routes}, route__in={route for _, route in routes}, decided_at__isnull=False
        )
        if ids is not None:
            found = found.filter(id__in=list(ids))
        rows = list(found.prefetch_related("referral__parties", "identified").order_by("decided_at", "id"))
        return tuple(
            Accepted(
                contact_id=row.id,
                referral_id=row.referral_id,
                reference=row.referral.reference,
                pathway=row.pathway,
                about=_about(pathway(row.pathway), list(row.referral.parties.all())),
                decided_at=row.decided_at,
                rationale=row.rationale,
                concern=row.referral.concern,
                ground=row.referral.ground,
                repeat=row.repeat,
                persons=tuple((each.person_id, each.role) for each in row.identified.all()),
            )
            for row in rows
            if row.decided_at is not None
        )


# --- the desk's own extract --------------------------------------------------------------------------------------


@reading("extract.contacts", "contact")
def extract_contacts(viewer: Viewer, *, at: datetime) -> list[dict[str, object]]:
    """Rows of the desk's depersonalised extract: dates, clocks and routes of MASH contacts, nothing else.

    Columns: contact_ref (opaque, not the desk's own key), received_at, decided_at (None while open), due_at, rag,
    route, referrer_kind, age_band. Read through a database view that holds no other column.
    Raises NotAllowed unless the viewer is the extract's service.
    """
    accounts.require(viewer, "extract.contacts")
    with as_viewer(viewer, at=at):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, received_at, decided_at, due_at, rag, route, referrer_kind, born_on"
                " FROM referrals_extract_contacts WHERE received_at <= %s ORDER BY received_at, id",
                [at],
            )
            rows = cursor.fetchall()
        record(
            viewer=viewer,
            operation="disclosure",
            action="extract.contacts",
            object_type="contact",
            reason="the desk's depersonalised extract",
            detail={"rows": len(rows)},
            at=at,
        )
    return [
        {
            "contact_ref": opaque("contact", row[0]),
            "received_at": row[1].astimezone(LONDON),
            "decided_at": row[2].astimezone(LONDON) if row[2] else None,
            "due_at": row[3].astimezone(LONDON),
            "rag": row[4],
            "route": row[5],
            "referrer_kind": row[6],
            "age_band": rules.age_band(age_on(row[7], row[1].astimezone(LONDON).date())),
        }
        for row in rows
    ]


def opaque(kind: str, key: UUID) -> str:
    """A reference that means nothing outside: keyed, so that it cannot be worked back to the desk's own."""
    secret = settings.SECRET_KEY.encode()
    return hmac.new(secret, f"desk-extract:{kind}:{key}".encode(), "sha256").hexdigest()[:16]


# --- shared by the functions above -------------------------------------------------------------------------------


def _opened(
    viewer: Viewer,
    action: str,
    kind: str,
    object_id: UUID,
    found: bool,
    at: datetime,
    reason: str = "",
    subjects: Iterable[UUID] = (),
) -> None:
    record(
        viewer=viewer,
        operation="consultation",
        action=action,
        object_type=kind,
        object_id=object_id,
        subjects=subjects,
        reason=reason,
        outcome="done" if found else "not_found",
        at=at,
    )


def _roles_of(rows: Iterable[Identified]) -> dict[str, set[UUID]]:
    found: dict[str, set[UUID]] = {}
    for row in rows:
        found.setdefault(row.role, set()).add(row.person_id)
    return found


def _main(on: Pathway, parties: list[Party]) -> Party | None:
    required = [role.role for role in on.party if role.required]
    ordered = sorted(parties, key=lambda party: party.position)
    return next((party for role in required for party in ordered if party.role == role), None)


def _about(on: Pathway, parties: list[Party]) -> str:
    party = _main(on, parties)
    return full_name(party.given_name, party.family_name) if party else ""


def _line(on: Pathway, row: Contact, at: datetime) -> ContactLine:
    parties = list(row.referral.parties.all())
    main = _main(on, parties)
    # The clock that runs out first is the one to work to: a red one runs on through the night.
    next_due = min(filter(None, (row.due_at, row.rag_due_at)))
    return ContactLine(
        contact_id=row.id,
        reference=row.referral.reference,
        pathway=row.pathway,
        about=_about(on, parties),
        age=age_on(main.born_on, at.astimezone(LONDON).date()) if main else None,
        agency=row.referral.agency,
        referrer_kind=row.referral.referrer_kind,
        state=row.state,
        state_name=rules.state_named(on, row.state),
        rag=row.rag,
        due_at=row.due_at.astimezone(LONDON),
        next_due_at=next_due.astimezone(LONDON),
        overdue=row.decided_at is None and at > next_due,
        worker=row.rag_by.display_name if row.rag_by else "",
        route=next((each.name for each in on.route if each.key == row.route), ""),
    )


def _clocks(on: Pathway, row: Contact, at: datetime) -> tuple[ClockView, ...]:
    hours = working(on)
    clocks = [clock for clock in on.clock if clock.rag is None or clock.rag == row.rag]
    return tuple(rules.look_at(each, row.received_at, hours, now=at, stopped_at=row.decided_at) for each in clocks)


def _page(viewer: Viewer, row: Contact, at: datetime) -> ContactPage:
    on, sent, day = pathway(row.pathway), row.referral, at.astimezone(LONDON).date()
    found = {each.party_id: each.person_id for each in row.identified.all()}
    persons = people.names(viewer, found.values(), at=at) if found else {}
    role_names = {role.role: role.name for role in on.party}
    parties = tuple(
        PartyView(
            party_id=party.id,
            role=party.role,
            role_name=role_names.get(party.role, party.role),
            details=PartyDetails(
                role=party.role,
                given_name=party.given_name,
                family_name=party.family_name,
                born_on=party.born_on,
                sex=party.sex,
                postcode=party.postcode,
                note=party.note,
            ),
            age=age_on(party.born_on, day),
            person_id=found.get(party.id),
            person_name=persons[found[party.id]].name if found.get(party.id) in persons else "",
        )
        for party in sent.parties.all()
    )
    return ContactPage(
        contact_id=row.id,
        version=row.version,
        reference=sent.reference,
        pathway=row.pathway,
        pathway_name=on.name,
        state=row.state,
        state_name=rules.state_named(on, row.state),
        decided=row.decided_at is not None,
        received_at=row.received_at.astimezone(LONDON),
        referrer=sent.referrer.display_name,
        agency=sent.agency,
        referrer_kind=sent.referrer_kind,
        ground=sent.ground,
        ground_name=next((each.name for each in on.ground if each.key == sent.ground), ""),
        concern=sent.concern,
        incident_on=sent.incident_on,
        incident_kind=sent.incident_kind,
        safe_contact=sent.safe_contact,
        consent=sent.consent,
        parties=parties,
        rag=row.rag,
        rag_reason=row.rag_reason,
        rag_by=row.rag_by.display_name if row.rag_by else "",
        clocks=_clocks(on, row, at),
        checks=tuple(
            CheckView(
                check_id=each.id,
                agency=each.agency,
                basis=each.basis,
                question=each.question,
                asked_by=each.asked_by.display_name,
                asked_at=each.asked_at.astimezone(LONDON),
                answer=each.answer,
                outcome=each.outcome,
                answered_at=each.answered_at,
            )
            for each in row.checks.all()
        ),
        earlier=_earlier(viewer, row, set(found.values()), at),
        level=row.level,
        route=row.route,
        route_name=next((each.name for each in on.route if each.key == row.route), ""),
        rationale=row.rationale,
        decided_by=row.decided_by.display_name if row.decided_by else "",
        decided_at=row.decided_at.astimezone(LONDON) if row.decided_at else None,
        feedback=sent.feedback,
        allowed=tuple(
            verb
            for verb in rules.allowed(on, row.state)
            if accounts.may(viewer, f"contact.{verb}", receiving_forum(on) or "")
        ),
    )


def receiving_forum(on: Pathway) -> str | None:
    """The forum whose coordinator receives on this pathway, if a forum does."""
    kind, _, rest = on.received_by.partition(":")
    return rest.partition(":")[0] if kind == "forum" else None


def _earlier(viewer: Viewer, row: Contact, persons: set[UUID], at: datetime) -> tuple[Earlier, ...]:
    if not persons:
        return ()
    on = pathway(row.pathway)
    main = {role.role for role in on.party if role.required}
    found = _contacts(viewer, at).filter(
        pathway=row.pathway,
        received_at__lt=row.received_at,
        identified__person_id__in=persons,
        identified__role__in=main,
    )
    return tuple(
        Earlier(
            contact_id=each.id,
            reference=each.referral.reference,
            received_at=each.received_at.astimezone(LONDON),
            route_name=next((route.name for route in on.route if route.key == each.route), "open"),
        )
        for each in found.exclude(id=row.id).distinct().order_by("-received_at")[:10]
    )
