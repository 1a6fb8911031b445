"""Rights requests: entered, more time taken, read passage by passage, put right and told of, answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.people.rules import Details, NotCorrected, corrected, spellings
from concord.desk.records import queries, rules
from concord.desk.records.models import Notice, Passage, RightsRequest
from concord.desk.records.rules import NotDecidable, NotReady
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean


@operation("rights.answer", "request")
def enter_request(
    *, viewer: Viewer, kind: str, details: Details, identity: str, received_on: date, at: datetime
) -> UUID:
    """Enter a rights request of somebody whose identity was checked (`identity` says how). Found or not, it is entered
    and answered alike. Returns the request. Raises NotAllowed, NotDecidable for a field that is missing.
    """
    accounts.require(viewer, "rights.answer")
    whole = details.given_name.strip() and details.family_name.strip() and details.born_on
    if kind not in rules.REQUESTS or not whole or not identity.strip():
        raise NotDecidable(
            "Give the kind of request, the full name, the date of birth and how identity was checked.",
            why="A pack that reached the wrong person would be a breach.",
            next_step="Fill in all of it and send it again.",
        )
    row = RightsRequest.objects.create(
        id=uuid4(),
        partnership=viewer.partnership,
        kind=kind,
        state=rules.REQUEST.initial,
        identity=identity.strip(),
        received_on=received_on,
        due_on=rules.months_after(received_on, queries.schedule().answer_months),
        entered_by=viewer.username,
        entered_at=at,
    )
    families = spellings(details.family_name, synthetic=accounts.partnership().synthetic)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT records_find(%s, %s, %s, %s)",
            [row.id, details.given_name.strip().upper(), families, details.born_on],
        )
    record(
        viewer=viewer,
        operation="collection",
        action="rights.enter",
        object_type="request",
        object_id=row.id,
        reason=rules.REQUESTS[kind],
        at=at,
    )
    return row.id


@operation("rights.answer", "request")
def extend_request(*, viewer: Viewer, request_id: UUID, why: str, at: datetime) -> date:
    """Take more time for a complex request, once, saying why (UK GDPR Article 12(3)). Returns the new day it is due.

    Raises NotAllowed, NotHere, NotNow, NotDecidable without a reason.
    """
    accounts.require(viewer, "rights.answer")
    row = waiting(request_id)
    state = rules.REQUEST.after(row.state, "extend")
    if not why.strip():
        raise NotDecidable(
            "Say why more time is needed.",
            why="The person is told within the first month, with the reason.",
            next_step="Write a sentence and send it again.",
        )
    schedule = queries.schedule()
    row.state, row.extended_why = state, why.strip()
    row.due_on = rules.months_after(row.received_on, schedule.answer_months + schedule.extend_months)
    row.save(update_fields=["state", "extended_why", "due_on"])
    record_on(viewer, row, "alteration", "rights.extend", why.strip(), at, detail={"due_on": row.due_on.isoformat()})
    return row.due_on


@operation("rights.answer", "request")
def decide_passage(
    *, viewer: Viewer, request_id: UUID, passage: str, text: str = "", exemption: str = "", why: str = "", at: datetime
) -> None:
    """Give a passage, in these words, or withhold it on a ground with the reason; again until the answer.

    `passage` is its key. Raises NotAllowed, NotHere, NotReady for a choice that is none.
    """
    accounts.require(viewer, "rights.answer")
    row = waiting(request_id)
    found = {each.key: each for each in queries.read_passages(request_id)} if row.kind == "access" else {}
    if passage not in found:
        raise NotHere("passage")
    known = queries.exemptions()
    if exemption and exemption not in known:
        raise NotReady(f"There is no ground “{exemption}”.", next_step=did_you_mean(exemption, known))
    if exemption and not why.strip():
        raise NotReady(
            "Say why this is withheld.",
            why="The person may complain to the Information Commissioner, who asks for the reason.",
            next_step="Write a sentence and send it again.",
        )
    if not exemption and not text.strip():
        raise NotReady(
            "There is nothing to give.",
            why="A passage is given in some words, or withheld on a ground.",
            next_step="Write what is given, or choose a ground.",
        )
    each = found[passage]
    Passage.objects.update_or_create(
        request_id=row.id,
        source=each.source,
        row=each.row,
        field=each.field,
        defaults={
            "text": "" if exemption else text.strip(),
            "exemption": exemption,
            "why": why.strip(),
            "by": viewer.username,
            "at": at,
        },
    )
    record_on(
        viewer, row, "alteration", "rights.passage", why.strip(), at,
        detail={"source": each.source, "field": each.field, "exemption": exemption},
    )  # fmt: skip


@operation("rights.answer", "request")
def put_right(
    *, viewer: Viewer, request_id: UUID, field: str, after: str, reason: str, at: datetime
) -> tuple[str, ...]:
    """Put a field of the person's entry right, as they asked and evidence shows; what it said before stays in the
    history. Whoever received what was wrong is told (UK GDPR Article 19), and the trail has it as a disclosure.

    Returns the holders told. Raises NotAllowed, NotHere where nobody was found, NotNow, NotCorrected.
    """
    accounts.require(viewer, "rights.answer")
    row = waiting(request_id)
    if row.kind != "rectification":
        raise NotHere("request")
    state = rules.REQUEST.after(row.state, "correct")
    if field not in rules.CORRECTED:
        raise NotCorrected(f"“{field}” cannot be put right here.", next_step=did_you_mean(field, rules.CORRECTED))
    if not reason.strip() or not (after.strip() or field == "postcode"):
        raise NotCorrected(
            "Say what it should be and what shows it.",
            why="A correction changes something, and its reason is part of the record.",
            next_step="Fill in both and send it again.",
        )
    value = corrected(field, after.strip(), synthetic=accounts.partnership().synthetic)
    with connection.cursor() as cursor:
        cursor.execute("SELECT records_put_right(%s, %s, %s, %s)", [row.id, field, str(value), reason.strip()])
        (holders,) = cursor.fetchone()
    if holders is None:
        raise NotHere("record")
    row.state = state
    row.save(update_fields=["state"])
    record_on(viewer, row, "alteration", "rights.put_right", reason.strip(), at, detail={"field": field})
    return tell(viewer, row, field, (each for each in holders if not each.startswith("user:")), at)


@operation("person.read", "notice")
def read_notice(*, viewer: Viewer, notice_id: UUID, at: datetime) -> None:
    """Mark as read that something was put right, for the team or forum that received it. Raises NotHere."""
    row = (
        Notice.objects.select_for_update().filter(id=notice_id, read_at__isnull=True, holder__in=viewer.holders).first()
    )
    if row is None:
        raise NotHere("notice")
    row.read_at, row.read_by = at, viewer.user_id
    row.save(update_fields=["read_at", "read_by"])
    record(
        viewer=viewer,
        operation="consultation",
        action="rights.notice_read",
        object_type="person",
        object_id=row.person_id,
        subjects=[row.person_id],
        reason="what was put right",
        detail={"field": row.field, "holder": row.holder},
        at=at,
    )


@operation("rights.answer", "request")
def answer_request(*, viewer: Viewer, request_id: UUID, note: str, refused: bool = False, at: datetime) -> None:
    """Enter how a request was answered, or why it was refused. Raises NotAllowed, NotHere, NotNow, NotDecidable without
    a note, NotReady for an access request of which passages are still unread.
    """
    accounts.require(viewer, "rights.answer")
    if not note.strip():
        raise NotDecidable("Say how it was answered.", next_step="Write a sentence and send it again.")
    row = waiting(request_id)
    state = rules.REQUEST.after(row.state, "refuse" if refused else "answer")
    unread = sum(not each.decided for each in queries.read_passages(request_id)) if row.kind == "access" else 0
    if unread and not refused:
        raise NotReady(
            f"{unread} passages about the person have not been read.",
            why="Each is given, or withheld on a ground that is recorded.",
            next_step="Read them, then answer.",
        )
    row.state, row.answered_at, row.note = state, at, note.strip()
    row.save(update_fields=["state", "answered_at", "note"])
    record_on(viewer, row, "alteration", "rights.refused" if refused else "rights.answered", note.strip(), at)


def waiting(request_id: UUID) -> RightsRequest:
    """The request, locked, while it is not answered. Raises NotHere."""
    row = RightsRequest.objects.select_for_update().filter(id=request_id, answered_at__isnull=True).first()
    if row is None:
        raise NotHere("request")
    return row


def record_on(
    viewer: Viewer,
    row: RightsRequest,
    kind: str,
    action: str,
    reason: str,
    at: datetime,
    *,
    detail: dict[str, object] | None = None,
    gateway: str = "",
) -> None:
    """One line of the trail about a request."""
    record(
        viewer=viewer,
        operation=kind,  # type: ignore[arg-type]  # one of the trail's own words, written above
        action=action,
        object_type="request",
        object_id=row.id,
        reason=reason,
        gateway=gateway,
        detail=detail,
        at=at,
    )


def tell(viewer: Viewer, row: RightsRequest, field: str, holders: Iterable[str], at: datetime) -> tuple[str, ...]:
    """Each holder that received something is told what became of it, on record. Returns whom, sorted."""
    told = tuple(sorted(set(holders)))
    Notice.objects.bulk_create(
        Notice(
            partnership=viewer.partnership,
            request_id=row.id,
            holder=holder,
            person_id=row.person_id,
            field=field,
            told_at=at,
        )
        for holder in told
    )
    if told:
        what = {"restricted": "its use is restricted", "lifted": "its use is restricted no longer"}
        record_on(
            viewer, row, "disclosure", "rights.told", what.get(field, "what they received was put right"), at,
            detail={"holders": list(told), "fields": [field]}, gateway="uk_gdpr_19",
        )  # fmt: skip
    return told
