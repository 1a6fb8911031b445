"""Registers and their entries, for one viewer: what their roles keep or read, of people those whom they may open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.people import queries as people
from concord.desk.registers import rules
from concord.desk.registers.models import Entry as Row
from concord.desk.registers.rules import Entry, Line, Moment, Shown
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.session import as_viewer, reading, rows_of_extract
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.kept import Field

if TYPE_CHECKING:
    from concord.strategy.shapes.kept import KeptRegister

PAGE = rules.PAGE
CHANGES = ("correct", "put_right")
MOST = 5000
"""Rows of a file."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A register in a list of them: what is open, and what of it is overdue."""

    key: str
    of: KeptRegister
    keeps: bool
    open: int
    overdue: int


def register(key: str) -> KeptRegister:
    """The register called `key`. Raises NotHere where the partnership has none."""
    found = accounts.partnership().kept_registers.get(key)
    if found is None:
        raise NotHere("register")
    return found


def options(of: KeptRegister) -> dict[str, Mapping[str, str]]:
    """What may be chosen in each field, as keys and names: the file's own choices, or what the folder lists."""
    home = accounts.partnership()

    def listed(what: str) -> dict[str, str]:
        if what == "area":
            return {row["code"]: row["name"] for row in home.codelists.get("areas", ()) if row.get("level") == "ward"}
        if what == "service":
            return {key: one.name for held in home.services.values() for key, one in held.services.items()}
        if what == "outcome":
            return {one.code: f"{one.code} {one.name}" for plan in home.themes.values() for one in plan.outcomes}
        if what == "action":
            return {one.code: f"{one.code} {one.name}" for plan in home.themes.values() for one in plan.actions}
        if what == "stream":
            return {key: one.name for key, one in home.funding.streams.items()} if home.funding else {}
        return {key: one.name for key, one in (home.boards if what == "board" else home.agencies).items()}

    def coded(name: str) -> dict[str, str]:
        # A power that is open in some areas only says so where it is chosen.
        return {
            row["key"]: row["name"] + (f" (only in {row['areas']})" if row.get("areas") else "")
            for row in home.codelists.get(name, ())
        }

    found: dict[str, Mapping[str, str]] = {}
    for each in of.field:
        if each.choices:
            found[each.key] = each.choices
        elif each.of:
            found[each.key] = listed(each.of)
        elif each.of_list:
            found[each.key] = coded(each.of_list)
    return found


def agencies(viewer: Viewer) -> dict[str, str]:
    """Who may own an entry: the partnership's agencies and their teams, by name."""
    return dict(sorted(((k, a.name) for k, a in accounts.partnership().agencies.items()), key=lambda one: one[1]))


@reading("register.read", "register")
def registers(viewer: Viewer, *, at: datetime) -> tuple[Summary, ...]:
    """Every register the viewer's roles read or keep, by name, with what is open and overdue. Raises NotAllowed."""
    accounts.require(viewer, "register.read")
    today = at.astimezone(LONDON).date()
    readable = accounts.registers(viewer)
    with as_viewer(viewer, at=at):
        counts = {
            row["register"]: (row["open"], row["late"])
            for row in _rows(viewer, at)
            .filter(state="open", register__in=readable)
            .values("register")
            .annotate(open=Count("id"), late=Count("id", filter=Q(due_on__lt=today)))
        }
    held, kept = accounts.partnership().kept_registers, accounts.registers(viewer, keeps=True)
    found = [Summary(key, held[key], key in kept, *counts.get(key, (0, 0))) for key in readable]
    return tuple(sorted(found, key=lambda each: each.of.name))


@reading("register.read", "register")
def entries(
    viewer: Viewer, key: str, *, at: datetime, state: str = "open", board: str = "", page: int = 1
) -> tuple[Line, ...]:
    """A page of fifty: open ones by what is due first, closed ones newest first; of those a board follows, where one is
    named. Raises NotAllowed, NotHere.

    A list that names people is entered in the trail with who was on it.
    """
    of = _readable(viewer, key)
    today = at.astimezone(LONDON).date()
    with as_viewer(viewer, at=at):
        found = _rows(viewer, at).filter(register=key, state=state)
        if board:
            found = found.filter(values__board=board)
        order = ("due_on", "-dated_on", "id") if state == "open" else ("-closed_at", "id")
        rows = list(found.order_by(*order)[(page - 1) * PAGE : page * PAGE])
        names = _names(viewer, rows, at)
        if of.about is not None and rows:
            record(
                viewer=viewer,
                operation="consultation",
                action="register.read",
                object_type="register",
                object_id=key,
                subjects=[row.person_id for row in rows if row.person_id],
                reason=of.name,
                at=at,
            )
    return tuple(_line(row, names, today) for row in rows)


@reading("register.read", "entry")
def entry(viewer: Viewer, key: str, entry_id: UUID, *, at: datetime) -> Entry:
    """One entry with its history, opened and recorded. Raises NotAllowed, NotHere."""
    of = _readable(viewer, key)
    with as_viewer(viewer, at=at):
        row = _rows(viewer, at).filter(register=key, id=entry_id).select_related("follows").first()
        record(
            viewer=viewer,
            operation="consultation",
            action="register.read",
            object_type="entry",
            object_id=entry_id,
            subjects=[row.person_id] if row is not None and row.person_id else [],
            reason=of.name,
            outcome="done" if row is not None else "not_found",
            at=at,
        )
        if row is None:
            raise NotHere("entry")
        changes = list(row.changes.order_by("version"))
        later = list(row.followed_by.order_by("dated_on", "id")[:20])
        names = _names(viewer, [row], at)
        who = accounts.names(viewer, {each.by_id for each in changes})
    chosen = options(of)
    return Entry(
        line=_line(row, names, at.astimezone(LONDON).date()),
        fields=tuple(
            Shown(each.key, each.name, rules.in_words(each, row.values.get(each.key), chosen.get(each.key, {})))
            for each in of.field
            if each.key in row.values
        ),
        raw=row.values,
        person_id=row.person_id,
        follows=(row.follows.id, row.follows.title) if row.follows else None,
        followed_by=tuple((each.id, each.title) for each in later),
        closing_note=row.closing_note,
        history=tuple(
            Moment(
                each.verb, who.get(each.by_id, ""), each.at, each.reason,
                rules.differences(of, each.before, each.after, chosen) if each.verb in CHANGES else (),
            )
            for each in changes
        ),
        version=row.version,
    )  # fmt: skip


@reading("register.read", "register")
def open_fields(viewer: Viewer, key: str, *, at: datetime) -> tuple[tuple[Line, dict[str, str]], ...]:
    """The open entries of a register that names nobody, each with its fields in words, for a page that puts them beside
    something else. Raises NotAllowed, NotHere."""
    of = _readable(viewer, key)
    if of.about is not None:
        raise NotHere("register")
    chosen, today = options(of), at.astimezone(LONDON).date()
    with as_viewer(viewer, at=at):
        rows = list(_rows(viewer, at).filter(register=key, state="open").order_by("title", "id")[:MOST])
    return tuple(
        (
            _line(row, {}, today),
            {
                each.key: rules.in_words(each, row.values[each.key], chosen.get(each.key, {}))
                for each in of.field
                if each.key in row.values
            },
        )
        for row in rows
    )


@reading("register.read", "register")
def as_table(
    viewer: Viewer, key: str, *, at: datetime, board: str = ""
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The open entries as headings and rows of words, for a board's papers; entered in the trail as a disclosure.

    Raises NotAllowed, and NotHere for a register about people: no list of people is ever a file.
    """
    of = _readable(viewer, key)
    if of.about is not None:
        raise NotHere("register")
    chosen, home = options(of), accounts.partnership()
    with as_viewer(viewer, at=at):
        found = _rows(viewer, at).filter(register=key, state="open")
        if board:
            found = found.filter(values__board=board)
        rows = list(found.order_by("due_on", "-dated_on", "id")[:MOST])
        record(
            viewer=viewer,
            operation="disclosure",
            action="register.download",
            object_type="register",
            object_id=key,
            reason=of.name,
            detail={"rows": len(rows), "board": board},
            at=at,
        )
    heads = (of.title, "Owner", of.dated, *([of.due] if of.due else []), *(each.name for each in of.field))
    table = []
    for row in rows:
        owner = home.agencies[row.agency].name if row.agency in home.agencies else row.agency
        due = [row.due_on.isoformat() if row.due_on else ""] if of.due else []
        said = (rules.in_words(each, row.values.get(each.key), chosen.get(each.key, {})) for each in of.field)
        table.append((row.title, owner, row.dated_on.isoformat(), *due, *said))
    return heads, table


@reading("register.read", "register")
def public_entries(viewer: Viewer, key: str, *, at: datetime) -> tuple[tuple[str, tuple[Shown, ...]], ...]:
    """What a public register shows of its open entries: the first line and the public fields. Raises NotHere where
    there is no such register, or it is not public."""
    of = accounts.partnership().kept_registers.get(key)
    if of is None or not of.public:
        raise NotHere("register")
    chosen = options(of)
    with as_viewer(viewer, at=at):
        rows = list(_rows(viewer, at).filter(register=key, state="open").order_by("title")[:500])
    return tuple(
        (
            row.title,
            tuple(
                Shown(each.key, each.name, rules.in_words(each, row.values[each.key], chosen.get(each.key, {})))
                for each in of.field
                if each.public and each.key in row.values
            ),
        )
        for row in rows
    )


def overdue_of(viewer: Viewer, *, at: datetime, limit: int = 20) -> tuple[tuple[str, Line], ...]:
    """(register, entry) that the viewer's agency owns, or whose register they keep, and that are past their day; the
    longest first. For My day; empty for a viewer who reads no register. Nobody's name is in it; where an entry is about
    somebody, the trail has it."""
    readable = accounts.registers(viewer)
    if not readable or not accounts.may(viewer, "register.read"):
        return ()
    today = at.astimezone(LONDON).date()
    with as_viewer(viewer, at=at):
        rows = list(
            _rows(viewer, at)
            .filter(Q(agency=viewer.agency) | Q(register__in=accounts.registers(viewer, keeps=True)))
            .filter(register__in=readable, state="open", due_on__lt=today)
            .order_by("due_on", "id")[:limit]
        )
        about = [row.person_id for row in rows if row.person_id]
        if about:
            record(
                viewer=viewer,
                operation="consultation",
                action="register.read",
                object_type="register",
                subjects=about,
                reason="what is overdue",
                at=at,
            )
    return tuple((row.register, _line(row, {}, today)) for row in rows)


def extract_entries(viewer: Viewer, *, at: datetime) -> list[dict[str, object]]:
    """Entries of counted registers for the desk's own extract: dates, owner, outcome, and the counted fields as
    “key=value” joined by semicolons. No title, no text, nobody: the database gives nothing else. What
    is dated in the future waits for its day.

    Raises NotAllowed unless the extract's service asks.
    """
    counted = {
        key: [each.key for each in of.field if each.counted]
        for key, of in accounts.partnership().kept_registers.items()
        if of.counted
    }
    found = rows_of_extract(
        viewer,
        verb="extract.registers",
        object_type="registers_entry",
        sql="SELECT * FROM registers_extract(%s, %s::jsonb)",
        until=at,
        more=(json.dumps(counted),),
        at=at,
    )
    return [
        {
            "entry_ref": str(ref),
            "register": key,
            "agency": agency,
            "dated_on": dated_on,
            "due_on": due_on,
            "closed_on": closed_at.astimezone(LONDON).date() if closed_at else None,
            "outcome": outcome,
            "facets": ";".join(_facets(json.loads(values) if isinstance(values, str) else values)),
        }
        for ref, key, agency, dated_on, due_on, closed_at, outcome, values in found
        if dated_on <= at.astimezone(LONDON).date()
    ]


def _facets(values: Mapping[str, object]) -> list[str]:
    return [
        f"{key}={one}"
        for key, said in sorted(values.items())
        for one in (said if isinstance(said, list) else [said])
    ]  # fmt: skip


def _readable(viewer: Viewer, key: str) -> KeptRegister:
    accounts.require(viewer, "register.read")
    of = register(key)
    if key not in accounts.registers(viewer):
        raise NotHere("register")
    return of


def _stands(viewer: Viewer, of: KeptRegister, at: datetime) -> bool:
    """Whether a register about people rests on an agreement that is in force today and that the viewer's agency signed.
    One that names nobody rests on none."""
    return of.about is None or of.about.agreement in sharing.agreements_in_force(viewer, at)


def _rows(viewer: Viewer, at: datetime) -> QuerySet[Row]:
    """The application's own filter; the wall in the database asks the same of every row."""
    held = accounts.partnership().kept_registers
    keys = [key for key in accounts.registers(viewer) if _stands(viewer, held[key], at)]
    rows = Row.objects.filter(register__in=keys, partnership=viewer.partnership)
    if any(held[key].about is not None for key in keys):
        shared = sharing.shares_of(viewer, "person", at=at, key="person_id")
        rows = sharing.not_kept_out(viewer, rows.filter(Q(person_id=None) | Q(shared)), "person", key="person_id")
    return rows


def _names(viewer: Viewer, rows: list[Row], at: datetime) -> dict[UUID, str]:
    ids = [row.person_id for row in rows if row.person_id]
    return {key: page.name for key, page in people.names(viewer, ids, at=at).items()} if ids else {}


def _line(row: Row, names: Mapping[UUID, str], today: date) -> Line:
    of = accounts.partnership().kept_registers[row.register]
    marked = of.field_named(of.mark) if of.mark else None
    return Line(
        entry_id=row.id,
        title=row.title,
        agency=row.agency,
        dated_on=row.dated_on,
        due_on=row.due_on,
        state=row.state,
        outcome=of.closing.get(row.outcome, row.outcome),
        overdue=rules.overdue(row.due_on, row.state, today),
        who=names.get(row.person_id, "") if row.person_id else "",
        mark=_mark(marked, row.values.get(marked.key)) if marked else "",
        person_id=row.person_id,
    )


def _mark(field: Field, value: object) -> str:
    """What the mark says by itself: a bare “Yes” says nothing, so the question stands before it."""
    said = rules.in_words(field, value, field.choices or {})
    return f"{field.name}: {said.lower()}" if said in ("Yes", "No") else said
