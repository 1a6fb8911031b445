"""Writes at the front door: submit, identify, rate, ask, answer, decide."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, NotHere, Viewer
from concord.desk.audit.queries import changed_meanwhile
from concord.desk.people import operations as people
from concord.desk.people import queries as people_queries
from concord.desk.people.rules import Details, marked
from concord.desk.referrals import queries, rules
from concord.desk.referrals.models import Check, Contact, Identified, Party, Referral, Step
from concord.desk.referrals.operations.awaiting import await_first, await_next
from concord.desk.referrals.operations.handing import hand_over, require_identified
from concord.desk.referrals.operations.locked import opened_contact, record_on, save
from concord.desk.referrals.rules import NotThatWay, PartyDetails, Receipt, RepeatMustBeHeard
from concord.desk.sharing import operations as sharing
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.pathway import Pathway

# Without 0, 1, I, L, O: a reference is read aloud.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@operation("referral.submit", "referral")
def submit(
    *,
    viewer: Viewer,
    pathway: str,
    parties: Sequence[PartyDetails],
    concern: str,
    ground: str = "",
    incident_on: date | None = None,
    incident_kind: str = "",
    consent: str = "",
    safe_contact: str = "",
    answers: Mapping[str, object] | None = None,
    submission: UUID | None = None,
    at: datetime,
) -> Receipt:
    """Send a referral. Returns a receipt; the referrer keeps reading what became of it, and nothing else.

    `submission` is an identifier the form chose: sending the same one twice gives the first receipt again.
    Nothing is looked up about anybody named, so that sending tells nothing. Raises NotAllowed for roles that do
    not refer, NotThatWay for a missing party, an unknown ground, a blank concern or a question left open,
    AgreementEnded. `answers` are those to the pathway's own questions, by key.
    """
    on = queries.pathway(pathway)
    accounts.require(viewer, "referral.submit")
    if on.purpose not in viewer.purposes:
        raise NotAllowed(f"You cannot refer to {on.receiver_name}.")
    check(on, parties, concern, ground)
    said = rules.checked(on, "", answers or {})
    if submission is not None:
        again = Referral.objects.filter(id=submission, referrer_id=viewer.user_id).first()
        if again is not None:
            return _receipt(on, again)
    referral = Referral(
        id=submission or uuid4(),
        partnership=viewer.partnership,
        reference="".join(secrets.choice(LETTERS) for _ in range(7)),
        pathway=pathway,
        referrer_id=viewer.user_id,
        referrer_kind=accounts.referrer_kind(viewer),
        agency=viewer.agency,
        ground=ground,
        concern=concern.strip(),
        incident_on=incident_on,
        incident_kind=incident_kind,
        consent=consent,
        safe_contact=safe_contact,
        answers=said,
        submitted_at=at,
        told_state=on.initial,
    )
    receive(viewer, on, referral, parties, None, at)
    record_on(viewer, "collection", "referral.submit", "referral", referral.id, on, at)
    return _receipt(on, referral)


def receive(
    viewer: Viewer,
    on: Pathway,
    referral: Referral,
    parties: Sequence[PartyDetails],
    until: timedelta | None,
    at: datetime,
) -> None:
    """Store what was sent and put it in the receiving team's tray. Whoever sent it can read it for `until` (None:
    always)."""
    contact_id = uuid4()
    grounds = {"purpose": on.purpose, "gateway": on.gateway, "agreement": on.agreement}
    mine = {f"user:{viewer.user_id}": at + until if until else None, on.received_by: None}
    sharing.share(viewer=viewer, subjects=[("referral", referral.id)], holders=mine, **grounds, at=at)
    team = {on.received_by: None, **dict.fromkeys(_open_at_first(on))}
    sharing.share(viewer=viewer, subjects=[("contact", contact_id)], holders=team, **grounds, at=at)
    referral.save(force_insert=True)
    Party.objects.bulk_create(
        Party(
            referral=referral,
            position=position,
            role=party.role,
            given_name=party.given_name.strip(),
            family_name=marked(party.family_name.strip(), synthetic=accounts.partnership().synthetic),
            born_on=party.born_on,
            sex=party.sex,
            postcode=party.postcode.strip().upper(),
            note=party.note,
        )
        for position, party in enumerate(parties)
    )
    began = rules.began(on, referral.answers, at)
    first = rules.next_due(on, "", at, [rules.Entered(on.initial, at)], queries.working(on), began)
    row = Contact.objects.create(
        id=contact_id,
        partnership=viewer.partnership,
        referral=referral,
        pathway=on.key,
        state=on.initial,
        received_at=at,
        began_at=began,
        due_at=first or at,
        next_due_at=first,
    )
    main = [role.role for role in on.party if role.required]
    await_first(on, row, next((each.born_on for role in main for each in parties if each.role == role), None), at)


@operation("contact.identify", "contact")
def identify(
    *, viewer: Viewer, contact_id: UUID, party_id: UUID, person_id: UUID | None, version: int, at: datetime
) -> UUID:
    """Say who somebody the referral names is: a person on record, or (`person_id` None) somebody new.

    Returns the person. Raises NotAllowed, NotHere (also for a person not shared with the viewer), ChangedMeanwhile.
    """
    on, row = opened_contact(viewer, contact_id, "contact.identify", version, at)
    party = Party.objects.filter(id=party_id, referral_id=row.referral_id).first()
    if party is None:
        raise NotHere("contact")
    if person_id is None:
        details = Details(
            given_name=party.given_name,
            family_name=party.family_name or "Unknown",
            born_on=party.born_on,
            sex=party.sex,
            postcode=party.postcode,
        )
        person_id = people.add_person(
            viewer=viewer,
            details=details,
            safe_contact=row.referral.safe_contact if party.position == 0 else "",
            holders=[on.received_by],
            purpose=on.purpose,
            gateway=on.gateway,
            agreement=on.agreement,
            at=at,
        )
    elif not people_queries.may_use(viewer, person_id, at=at):
        raise NotHere("person")
    Identified.objects.update_or_create(
        party=party,
        defaults={"contact": row, "person_id": person_id, "role": party.role, "by_id": viewer.user_id, "at": at},
    )
    _relate(viewer, row, at)
    save(row)
    # Whoever is kept out of the person is kept out of the contact about them, from now on.
    sharing.repeat_exclusions(viewer=viewer, persons=[person_id], kind="contact", object_id=row.id, at=at)
    record_on(viewer, "combination", "contact.identify", "contact", row.id, on, at, subjects=[person_id])
    return person_id


@operation("contact.triage", "contact")
def triage(*, viewer: Viewer, contact_id: UUID, rag: str, reason: str, version: int, at: datetime) -> None:
    """Rate a contact, by name and with a reason. The rating's clock counts from receipt, not from now.

    Raises NotAllowed, NotHere, NotThatWay, ChangedMeanwhile.
    """
    on, row = opened_contact(viewer, contact_id, "contact.triage", version, at)
    state = rules.move(on, row.state, "triage", {"rag": rag, "reason": reason.strip()})
    if rag not in on.rag:
        raise NotThatWay(f"“{rag}” is not a rating of this pathway.", next_step=did_you_mean(rag, on.rag))
    clock = rules.clock_named(on, rag)
    before, source = row.rag, row.state
    row.state, row.rag, row.rag_reason, row.rag_by_id, row.rag_at = state, rag, reason.strip(), viewer.user_id, at
    row.rag_due_at = rules.due(clock, row.received_at, queries.working(on)) if clock else None
    row.next_due_at = queries.next_due(on, row)
    save(row)
    _took(viewer, row, "triage", source, reason, at)
    Referral.objects.filter(id=row.referral_id).update(told_state=state, told_at=at)
    detail: dict[str, object] = {"rag": rag, "before": before}
    record_on(viewer, "alteration", "contact.triage", "contact", row.id, on, at, reason=reason, detail=detail)


@operation("contact.check", "contact")
def ask(*, viewer: Viewer, contact_id: UUID, agency: str, basis: str, question: str, at: datetime) -> UUID:
    """Record that an agency was asked, what, and on what basis. Returns the check.

    Raises NotAllowed, NotHere, NotThatWay for an agency this pathway does not ask or a blank basis or question.
    """
    on, row = opened_contact(viewer, contact_id, "contact.check", None, at)
    if agency not in on.check_agencies:
        raise NotThatWay(f"“{on.name}” does not ask “{agency}”.", next_step=did_you_mean(agency, on.check_agencies))
    if not basis.strip() or not question.strip():
        raise NotThatWay(
            "Say what you ask and on what basis.",
            why="Each question to an agency must be proportionate, and shown to be.",
            next_step="Fill in both and send it again.",
        )
    check = Check.objects.create(
        contact=row,
        agency=agency,
        basis=basis.strip(),
        question=question.strip(),
        asked_by_id=viewer.user_id,
        asked_at=at,
    )
    record_on(viewer, "disclosure", "contact.check", "contact", row.id, on, at, reason=basis, detail={"agency": agency})
    return check.id


@operation("contact.check", "contact")
def answer(*, viewer: Viewer, contact_id: UUID, check_id: UUID, outcome: str, answer: str, at: datetime) -> None:
    """Record what came back: "information", "nothing_held" or "declined". Raises NotAllowed, NotHere, NotThatWay."""
    on, row = opened_contact(viewer, contact_id, "contact.check", None, at)
    outcomes = ("information", "nothing_held", "declined")
    if outcome not in outcomes:
        raise NotThatWay(f"“{outcome}” is not an answer.", next_step=did_you_mean(outcome, outcomes))
    if outcome == "information" and not answer.strip():
        raise NotThatWay("Write down what came back.", next_step="Fill in the answer and send it again.")
    asked = Check.objects.filter(id=check_id, contact=row, answered_at__isnull=True)
    for agency in asked.values_list("agency", flat=True) if outcome == "information" else ():
        sharing.require_covered(viewer=viewer, agency=agency, agreement=on.agreement, gateway=on.gateway, at=at)
    changed = asked.update(outcome=outcome, answer=answer.strip(), answered_at=at)
    if not changed:
        raise changed_meanwhile(viewer, "check", "contact", row.id)
    record_on(viewer, "collection", "contact.answer", "contact", row.id, on, at, detail={"outcome": outcome})


@operation("contact.decide", "contact")
def decide(
    *,
    viewer: Viewer,
    contact_id: UUID,
    level: int | None = None,
    route: str,
    rationale: str,
    feedback: str,
    version: int,
    at: datetime,
) -> None:
    """The decision, by a named person: threshold level (where the pathway has levels), route, rationale, and what
    the referrer will be told. A route to a forum puts it in its coordinator's tray.

    Raises NotAllowed, NotHere, NotThatWay, ChangedMeanwhile, RepeatMustBeHeard.
    """
    on, row = opened_contact(viewer, contact_id, "contact.decide", version, at)
    given = {"level": level, "route": route, "rationale": rationale.strip(), "feedback": feedback.strip()}
    state = rules.move(on, row.state, "decide", given)
    levels = [each.level for each in on.level]
    if level is not None and level not in levels:
        raise NotThatWay(f"There is no threshold level {level}.", next_step=f"Levels: {', '.join(map(str, levels))}.")
    chosen = rules.route_for(on, route, level)
    rules.require(on, "decide", queries.case_of(viewer, on, row, {}, at), at.astimezone(LONDON).date(), route)
    finding = queries.repeat_of(viewer, row, at)
    if chosen.forum is None and queries.repeat_rule(on) is not None:
        why = "A repeat is heard whatever its threshold, and nobody can tell yet whether this is one."
        require_identified(on, row, "you turn this away", why)
    if finding.is_repeat and chosen.forum is None:
        raise RepeatMustBeHeard(
            "This is a repeat, so it must be heard.", why=finding.why, next_step="Choose the route that lists it."
        )
    if chosen.forum is not None:
        require_identified(on, row)
        hand_over(viewer, on, row, chosen.forum, at)
    _took(viewer, row, "decide", row.state, rationale, at, target=state)
    row.state, row.level, row.route, row.rationale = state, level, route, rationale.strip()
    row.repeat, row.decided_by_id, row.decided_at = finding.is_repeat, viewer.user_id, at
    row.waits_for = chosen.forum or ""
    save(row)
    Referral.objects.filter(id=row.referral_id).update(
        told_state=state, told_route=route, feedback=feedback.strip(), told_at=at
    )
    detail: dict[str, object] = {"route": route, "level": level, "repeat": finding.is_repeat}
    record_on(viewer, "alteration", "contact.decide", "contact", row.id, on, at, reason=rationale, detail=detail)


# --- shared by the functions above -------------------------------------------------------------------------------


def _took(viewer: Viewer, row: Contact, verb: str, source: str, note: str, at: datetime, *, target: str = "") -> None:
    Step.objects.create(
        contact=row,
        verb=verb,
        source=source,
        target=target or row.state,
        by_id=viewer.user_id,
        at=at,
        note=note.strip(),
    )
    await_next(queries.pathway(row.pathway), row, at)


def _open_at_first(on: Pathway) -> tuple[str, ...]:
    return next(each.open_to for each in on.state if each.key == on.initial)


def check(on: Pathway, parties: Sequence[PartyDetails], concern: str, ground: str) -> None:
    known = {role.role: role for role in on.party}
    for party in parties:
        if party.role not in known:
            raise NotThatWay(f"“{party.role}” has no part here.", next_step=did_you_mean(party.role, known))
    for role in on.party:
        if role.required and not any(party.role == role.role and party.family_name.strip() for party in parties):
            raise NotThatWay(
                f"Name the {role.name.lower()}.",
                why=f"{on.receiver_name} cannot act without it.",
                next_step="Give at least a family name. Write “Unknown” if you do not know it.",
            )
    if not concern.strip():
        raise NotThatWay("Say what you are worried about.", next_step="A few plain sentences are enough.")
    grounds = {each.key for each in on.ground}
    if grounds and ground not in grounds:
        raise NotThatWay(f"“{ground}” is not a ground for this referral.", next_step=did_you_mean(ground, grounds))


def _receipt(on: Pathway, referral: Referral) -> Receipt:
    statutory = rules.clock_named(on, None)
    told = next(state.told for state in on.state if state.key == on.initial)
    return Receipt(
        referral_id=referral.id,
        reference=referral.reference,
        receiver=on.receiver_name,
        submitted_at=referral.submitted_at,
        decision_due=rules.due(statutory, referral.submitted_at, queries.working(on))
        if statutory
        else referral.submitted_at,
        told=told,
    )


def _relate(viewer: Viewer, row: Contact, at: datetime) -> None:
    """Perpetrator and victim of one referral are related by it: the repeat rule and the person's page read this."""
    known = {each.role: each.person_id for each in Identified.objects.filter(contact=row)}
    if "victim" in known and "perpetrator" in known and known["victim"] != known["perpetrator"]:
        people.relate(
            viewer=viewer,
            person_id=known["perpetrator"],
            other_id=known["victim"],
            kind="alleged_perpetrator_against",
            source=f"referral {row.referral.reference}",
            at=at,
        )
