"""Adding to a register, putting an entry right, closing it and opening it again. Each is one line in the trail."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import ChangedMeanwhile, NotAllowed, NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.people import operations as people_operations
from concord.desk.people import queries as people
from concord.desk.people.rules import Details
from concord.desk.registers import queries, rules
from concord.desk.registers.models import Change, Entry
from concord.desk.registers.rules import Given, NotClosed, NotEntered
from concord.desk.sharing import operations as sharing
from concord.desk.sharing.session import operation
from concord.kernel.working_time import LONDON

if TYPE_CHECKING:
    from concord.strategy.shapes.kept import KeptRegister


@operation("register.write", "register")
def add_entry(
    *,
    viewer: Viewer,
    register: str,
    title: str,
    dated_on: date | None,
    due_on: date | None = None,
    agency: str = "",
    given: Given,
    who: Details | UUID | None = None,
    follows: UUID | None = None,
    entry_id: UUID | None = None,
    at: datetime,
) -> UUID:
    """Add an entry. `agency` owns it (the viewer's own where none is named); `who` is the person it is about, in a
    register about people: somebody on record, or the details by which they are put on record now. The form chooses
    `entry_id`, so that a second send of the same form adds nothing.

    Returns the entry. Raises NotAllowed, NotHere, NotEntered with a message a field, and what `sharing.share` raises
    where the register's agreement is not in force.
    """
    of = _kept(viewer, register, at)
    new = entry_id or uuid4()
    if Entry.objects.filter(id=new, register=register, entered_by_id=viewer.user_id).exists():
        return new
    rules.check_frame(of, title, dated_on, due_on, at.astimezone(LONDON).date())
    owner = _owner(viewer, agency)
    values = rules.checked(of, given, queries.options(of))
    before = None
    if follows is not None:
        before = Entry.objects.filter(id=follows, register=register).first()
        if before is None or of.follows is None:
            raise NotHere("entry")
    person_id = _person(viewer, of, who, at)
    row = Entry.objects.create(
        id=new,
        partnership=viewer.partnership,
        register=register,
        title=rules.tidy(title),
        agency=owner,
        dated_on=dated_on,
        due_on=due_on,
        person_id=person_id,
        follows=before,
        values=values,
        entered_by_id=viewer.user_id,
        entered_at=at,
    )
    _log(viewer, of, row, "add", at, after=_said(row))
    record(
        viewer=viewer,
        operation="collection",
        action="register.add",
        object_type="entry",
        object_id=row.id,
        subjects=[person_id] if person_id else [],
        reason=of.name,
        gateway=of.about.gateway if of.about else "",
        agreement=of.about.agreement if of.about else "",
        detail={"register": register},
        at=at,
    )
    return row.id


@operation("register.write", "entry")
def correct_entry(
    *,
    viewer: Viewer,
    register: str,
    entry_id: UUID,
    title: str,
    dated_on: date | None,
    due_on: date | None = None,
    agency: str = "",
    given: Given,
    reason: str,
    version: int,
    at: datetime,
) -> None:
    """Put an open entry right; what it said before stays in its history.

    Raises NotAllowed, NotHere, ChangedMeanwhile, NotNow for a closed one, NotEntered where a field is wrong, nothing
    differs or no reason is given.
    """
    of = _kept(viewer, register, at)
    row = _locked(register, entry_id, version)
    rules.ENTRY.after(row.state, "correct")
    rules.check_frame(of, title, dated_on, due_on, at.astimezone(LONDON).date())
    values = rules.checked(of, given, queries.options(of))
    before = _said(row)
    row.title, row.values, row.agency = rules.tidy(title), values, _owner(viewer, agency or row.agency)
    row.dated_on, row.due_on = dated_on or row.dated_on, due_on
    if _said(row) == before:
        raise NotEntered({"title": "Nothing differs from what it says already"})
    if not rules.tidy(reason):
        raise NotEntered({"reason": "Say why it is changed"})
    row.version += 1
    row.save()
    _log(viewer, of, row, "correct", at, reason=reason, before=before, after=_said(row))
    _record(viewer, of, row, "register.correct", reason, at)


@operation("register.write", "entry")
def close_entry(
    *, viewer: Viewer, register: str, entry_id: UUID, outcome: str, note: str, version: int, at: datetime
) -> None:
    """Close an entry in one of the ways its register has. Raises NotAllowed, NotHere, ChangedMeanwhile, NotNow,
    NotClosed."""
    of = _kept(viewer, register, at)
    row = _locked(register, entry_id, version)
    row.state = rules.ENTRY.after(row.state, "close")
    rules.check_closing(of, outcome, note)
    row.outcome, row.closing_note, row.closed_at = outcome, note.strip(), at
    row.version += 1
    row.save()
    _log(viewer, of, row, "close", at, reason=note, after={"outcome": outcome})
    _record(viewer, of, row, "register.close", of.closing[outcome], at)


@operation("register.write", "entry")
def open_again(*, viewer: Viewer, register: str, entry_id: UUID, reason: str, version: int, at: datetime) -> None:
    """Open a closed entry again, with the reason. Raises NotAllowed, NotHere, ChangedMeanwhile, NotNow, NotClosed."""
    of = _kept(viewer, register, at)
    row = _locked(register, entry_id, version)
    row.state = rules.ENTRY.after(row.state, "open_again")
    if not rules.tidy(reason):
        raise NotClosed("Say why it is opened again.", next_step="Give the reason and send it again.")
    before = {"outcome": row.outcome, "closing_note": row.closing_note}
    row.outcome, row.closing_note, row.closed_at = "", "", None
    row.version += 1
    row.save()
    _log(viewer, of, row, "open_again", at, reason=reason, before=before)
    _record(viewer, of, row, "register.open_again", reason, at)


def _kept(viewer: Viewer, key: str, at: datetime) -> KeptRegister:
    """The register, if the viewer's roles keep it. One that they only read refuses in words; one that they do not even
    read is not there. Raises AgreementEnded for one about people whose agreement is not in force."""
    accounts.require(viewer, "register.write")
    of = queries.register(key)
    if key in accounts.registers(viewer, keeps=True):
        about = of.about
        if about is not None:
            sharing.require_covered(
                viewer=viewer, agency=viewer.agency, agreement=about.agreement, gateway=about.gateway, at=at
            )
        return of
    if key in accounts.registers(viewer):
        raise NotAllowed(
            f"You read “{of.name}” and do not keep it.",
            why=f"It is kept by: {', '.join(sorted(accounts.roles()[role].name for role in of.kept_by))}.",
            next_step="Ask one of them to enter it.",
        )
    raise NotHere("register")


def _owner(viewer: Viewer, agency: str) -> str:
    owner = agency or viewer.agency
    if owner not in accounts.partnership().agencies:
        raise NotEntered({"agency": "Choose who owns it"})
    return owner


def _person(viewer: Viewer, of: KeptRegister, who: Details | UUID | None, at: datetime) -> UUID | None:
    if of.about is None:
        if who is not None:
            raise NotEntered({"who": "This register names nobody"})
        return None
    if who is None:
        raise NotEntered({"who": f"Say who it is about: {of.about.role.lower()}"})
    if isinstance(who, UUID):
        if not people.may_use(viewer, who, at=at):
            raise NotHere("person")
        return who
    if not (rules.tidy(who.given_name) and rules.tidy(who.family_name) and who.born_on):
        raise NotEntered({"who": "Enter the first name, the last name and the date of birth"})
    about = of.about
    added: UUID = people_operations.add_person(
        viewer=viewer,
        details=who,
        holders=[about.holder],
        purpose=about.purpose,
        gateway=about.gateway,
        agreement=about.agreement,
        at=at,
    )
    return added


def _locked(register: str, entry_id: UUID, version: int) -> Entry:
    row = Entry.objects.select_for_update().filter(id=entry_id, register=register).first()
    if row is None:
        raise NotHere("entry")
    if row.version != version:
        raise ChangedMeanwhile("entry")
    return row


def _said(row: Entry) -> dict[str, object]:
    frame = {
        "title": row.title,
        "agency": row.agency,
        "dated_on": row.dated_on.isoformat(),
        "due_on": row.due_on.isoformat() if row.due_on else None,
    }
    return {**frame, **row.values}


def _log(
    viewer: Viewer,
    of: KeptRegister,
    row: Entry,
    verb: str,
    at: datetime,
    *,
    reason: str = "",
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    Change.objects.create(
        entry=row,
        version=row.version,
        verb=verb,
        reason=reason.strip(),
        before=before or {},
        after=after or {},
        by_id=viewer.user_id,
        at=at,
    )


def _record(viewer: Viewer, of: KeptRegister, row: Entry, action: str, reason: str, at: datetime) -> None:
    record(
        viewer=viewer,
        operation="alteration",
        action=action,
        object_type="entry",
        object_id=row.id,
        subjects=[row.person_id] if row.person_id else [],
        reason=reason.strip(),
        detail={"register": row.register},
        at=at,
    )
