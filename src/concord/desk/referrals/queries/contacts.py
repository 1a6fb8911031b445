"""One contact as the receiving team reads it, and who on record it may be about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db.models import Prefetch

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import opened
from concord.desk.people import queries as people
from concord.desk.people.rules import Candidate, Details, age_on
from concord.desk.referrals import rules
from concord.desk.referrals.models import About, Check, Contact, Identified, Party, Step
from concord.desk.referrals.queries.reach import visible_contacts
from concord.desk.referrals.queries.steps import entered, main_born_on, milestones
from concord.desk.referrals.queries.things import subject_line
from concord.desk.referrals.queries.ways import pathway, receiving_forum, working
from concord.desk.referrals.rules import CheckView, ClockView, ContactPage, Earlier, PartyDetails, PartyView, StepView
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.pathway import Pathway, Question

OWN = ("triage", "decide")
"""Steps with an operation and a form of their own."""


@reading("contact.read", "contact")
def contact(viewer: Viewer, contact_id: UUID, *, at: datetime, reason: str = "") -> ContactPage:
    """One contact, opened and recorded. Raises NotAllowed, NotHere."""
    accounts.require(viewer, "contact.read")
    page: ContactPage | None = None
    with as_viewer(viewer, at=at):
        row = (
            visible_contacts(viewer, at)
            .prefetch_related(
                Prefetch("referral__parties", queryset=Party.objects.order_by("position")),
                Prefetch("identified", queryset=Identified.objects.order_by("at")),
                Prefetch("steps", queryset=Step.objects.select_related("by").order_by("at", "id")),
                Prefetch("about", queryset=About.objects.select_related("subject")),
                Prefetch("checks", queryset=Check.objects.select_related("asked_by").order_by("asked_at")),
            )
            .filter(id=contact_id)
            .first()
        )
        subjects = [each.person_id for each in row.identified.all()] if row else []
        opened(
            viewer=viewer,
            action="contact.read",
            object_type="contact",
            object_id=contact_id,
            subjects=subjects,
            reason=reason,
            found=row is not None,
            at=at,
        )
        if row is not None:
            page = _page(viewer, row, at)
    if page is None:
        raise NotHere("contact")
    return page


@reading("person.match", "person")
def possible_matches(viewer: Viewer, contact_id: UUID, party_id: UUID, *, at: datetime) -> tuple[Candidate, ...]:
    """People on record who may be somebody this contact names. Raises NotAllowed, NotHere."""
    accounts.require(viewer, "person.match")
    with as_viewer(viewer, at=at):
        row = visible_contacts(viewer, at).filter(id=contact_id).first()
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


def _clocks(on: Pathway, row: Contact, at: datetime) -> tuple[ClockView, ...]:
    return rules.clocks_of(
        on,
        row.rag,
        row.received_at,
        entered(on, row),
        working(on),
        now=at,
        decided_at=row.decided_at,
        began_at=row.began_at,
    )


def _answers(questions: Iterable[Question], said: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Question and answer in words, in the order of the pathway's file."""
    found = []
    for each in questions:
        if each.key in said:
            answer = said[each.key]
            values = [str(one) for one in (answer if isinstance(answer, list) else [answer])]
            words = {"yes": "Yes", "no": "No"} | {choice.key: choice.name for choice in each.choice}
            told = [_day(value) if each.kind == "day" else words.get(value, value) for value in values]
            found.append((each.name, ", ".join(told)))
    return tuple(found)


def _day(value: str) -> str:
    """“6 August 2026”, as it was answered in full."""
    try:
        on = date.fromisoformat(value)
    except ValueError:
        return value
    return f"{on.day} {on:%B %Y}"


def _steps(on: Pathway, row: Contact) -> tuple[StepView, ...]:
    names = {each.verb: each.name or each.verb.replace("_", " ").capitalize() for each in on.transition}
    return tuple(
        StepView(
            name=names.get(each.verb, each.verb),
            target=each.target,
            state_name=rules.state_named(on, each.target),
            by=each.by.display_name,
            at=each.at.astimezone(LONDON),
            note=each.note,
            answers=_answers(rules.questions_of(on, each.verb), each.answers),
        )
        for each in row.steps.all()
    )


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
            warnings=persons[found[party.id]].warnings if found.get(party.id) in persons else (),
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
        referrer=sent.referrer.display_name if sent.referrer else "Somebody without an account",
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
            if accounts.may(viewer, f"contact.{verb if verb in OWN else 'move'}", receiving_forum(on) or "")
        ),
        milestones=milestones(on, row, at),
        moves=tuple(verb for verb in rules.allowed(on, row.state) if verb not in OWN),
        answers=_answers(rules.questions_of(on), sent.answers),
        steps=_steps(on, row),
        subjects=tuple(subject_line(each.subject) for each in row.about.all()),
        main_born_on=main_born_on(on, list(sent.parties.all())),
        held_by=row.held_by.display_name if row.held_by else "",
        held_by_id=row.held_by_id,
        open_form=sent.referrer_id is None,
    )


def _earlier(viewer: Viewer, row: Contact, persons: set[UUID], at: datetime) -> tuple[Earlier, ...]:
    if not persons:
        return ()
    on = pathway(row.pathway)
    main = {role.role for role in on.party if role.required}
    found = visible_contacts(viewer, at).filter(
        pathway=row.pathway,
        received_at__lt=row.received_at,
        identified__person_id__in=people.records_of(viewer, persons, at=at),
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
