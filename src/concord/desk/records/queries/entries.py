"""Entries of registers about the person of a request, in words; and whose use is restricted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import opened
from concord.desk.records.models import UseRestriction
from concord.desk.records.rules import EntryAbout, Restriction
from concord.desk.registers import queries as registers
from concord.desk.registers.rules import Shown, account
from concord.desk.sharing.session import as_viewer, reading


def in_words(said: Mapping[str, Any]) -> tuple[str, tuple[Shown, ...]]:
    """The register's name, and an entry of it line by line. Of a register that the folder has since dropped, what was
    kept, by its keys."""
    key = str(said["register"])
    of = accounts.partnership().kept_registers.get(key)
    if of is not None:
        return of.name, account(of, said, registers.options(of))
    kept = {name: value for name, value in said.items() if name not in ("register", "values", "outcome")}
    kept |= said["values"]
    return _plain(key), tuple(Shown(name, _plain(name), str(value)) for name, value in kept.items() if value)


def as_text(said: Mapping[str, Any]) -> str:
    """The same as one text, the register in its first line."""
    name, lines = in_words(said)
    return "\n".join((name, *(f"{each.name}: {each.value}" for each in lines)))


def holders(register: str) -> tuple[str, ...]:
    """The teams that receive the entries of a register about people: its holder, and those of the roles that keep and
    read it. Empty for a register that names nobody, or that there is not."""
    of = accounts.partnership().kept_registers.get(register)
    if of is None or of.about is None:
        return ()
    roles = accounts.roles()
    teams = {f"team:{team}" for role in (*of.kept_by, *of.read_by) if role in roles for team in roles[role].teams}
    return tuple(sorted({of.about.holder, *teams}))


def recipients(given: Iterable[str]) -> list[dict[str, str]]:
    """Who received entries of these registers, and on what ground, for the person."""
    kept = accounts.partnership().kept_registers
    return [
        {"to": to, "gateway": about.gateway, "agreement": about.agreement}
        for key in sorted(set(given))
        if key in kept and (about := kept[key].about) is not None
        for to in holders(key)
    ]


@reading("rights.answer", "request")
def entries_about(viewer: Viewer, request_id: UUID, *, at: datetime) -> tuple[EntryAbout, ...]:
    """Every entry of a register about the person of a rectification or restriction request, the oldest first. Looking
    is entered in the trail. Raises NotAllowed."""
    accounts.require(viewer, "rights.answer")
    with as_viewer(viewer, at=at):
        found = read_entries(request_id)
        opened(
            viewer=viewer,
            action="rights.entry",
            object_type="request",
            object_id=request_id,
            found=bool(found),
            reason="entries of registers about the person of a request",
            at=at,
        )
    return found


def read_entries(request_id: UUID) -> tuple[EntryAbout, ...]:
    """The same inside a transaction that is already the officer's, for an operation."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM records_entries(%s)", [request_id])
        rows = [json.loads(said) if isinstance(said, str) else said for (said,) in cursor.fetchall()]
    return tuple(_entry(row) for row in rows)


def restriction_grounds() -> dict[str, str]:
    """Grounds for restricting use, by key, as the law names them."""
    rows = accounts.partnership().codelists.get("restriction_grounds", ())
    return {row["key"]: f"{row['name']} ({row['law']})" for row in rows}


def restrictions(viewer: Viewer, request_id: UUID | None = None, *, at: datetime) -> tuple[Restriction, ...]:
    """What was restricted under a request, or all that is restricted now, the newest first, with ground and reason.
    Raises NotAllowed."""
    accounts.require(viewer, "rights.answer")
    wanted = Q(request_id=request_id) if request_id else Q(lifted_at__isnull=True)
    with as_viewer(viewer, at=at):
        found = UseRestriction.objects.filter(wanted).order_by("-set_at", "id")
        rows = {(row.request_id, row.entry_id, row.set_at): row for row in found}.values()
    return tuple(
        Restriction(
            row.id, row.person_id, row.entry_id, restriction_grounds().get(row.ground, row.ground), row.reason,
            row.set_at, row.lifted_at, row.lifted_why,
        )
        for row in rows
    )  # fmt: skip


def standing(viewer: Viewer, persons: Iterable[UUID], *, at: datetime) -> tuple[Restriction, ...]:
    """What stands on the use of these people's records, and of single entries about them, the oldest first, for whoever
    may open them: others have none. Who asked and why is the officer's."""
    wanted = set(persons)
    if not wanted:
        return ()
    with as_viewer(viewer, at=at):
        found = UseRestriction.objects.filter(person_id__in=wanted, lifted_at__isnull=True)
        rows = list(found.order_by("set_at", "id"))
    return tuple(Restriction(row.id, row.person_id, row.entry_id, "", "", row.set_at) for row in rows)


def entry_of(found: Iterable[EntryAbout], entry_id: UUID) -> EntryAbout:
    """The one entry of these. Raises NotHere."""
    one = next((each for each in found if each.entry_id == entry_id), None)
    if one is None:
        raise NotHere("entry")
    return one


def _entry(row: Mapping[str, Any]) -> EntryAbout:
    name, lines = in_words(row)
    return EntryAbout(
        entry_id=UUID(row["id"]),
        person_id=UUID(row["person_id"]),
        register=row["register"],
        name=name,
        lines=tuple((each.name, each.value) for each in lines),
        title=row["title"],
        agency=row["agency"],
        dated_on=date.fromisoformat(row["dated_on"]),
        due_on=date.fromisoformat(row["due_on"]) if row["due_on"] else None,
        values=row["values"],
        version=row["version"],
    )


def _plain(key: str) -> str:
    return key.replace("_", " ").capitalize()


__all__ = [
    "as_text",
    "entries_about",
    "entry_of",
    "holders",
    "in_words",
    "read_entries",
    "recipients",
    "restriction_grounds",
    "restrictions",
    "standing",
]
