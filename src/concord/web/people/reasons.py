"""Why somebody's record is opened, as far as the address says it: what it says is looked up before the trail has it.

An address is easily typed. One that names a case, a contact or an emergency by which this person was not come to is not
refused, for it tells nothing; but the trail then says so, and whoever reads the trail counts it among typed reasons.
"""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from django.utils.crypto import salted_hmac

from concord.desk.panels import queries as panels
from concord.desk.referrals import queries as referrals
from concord.desk.sharing import queries as sharing
from concord.web.shared.middleware import Request, viewer_of

FROM = re.compile(r"(case|contact|emergency|merge|record)-([A-Z0-9]{4,12})")
WORKED_ON, MOST = "worked_on", 20
"""The session's note of the last people whose page or form was open: coming back from one to the other is no typing.
It names nobody: a session row is not a casework table, and no policy guards it."""
OPENED = "opened from "
"""How a reason begins that was looked up. What somebody types never begins so."""


def given(request: Request, person_id: UUID, *, at: datetime) -> str:
    """The reason that the address gives; empty where it gives none and the page has to ask."""
    came = FROM.fullmatch(request.GET.get("from", ""))
    if came is None:
        return ""
    kind, code = came[1], came[2]
    holds = _holds(request, person_id, kind, code, at)
    return f"{OPENED}{kind} {code}" if holds else f"no such way here: the address said {kind} {code}"


def typed(reason: str) -> str:
    """A typed reason as the trail keeps it."""
    return f"typed: {reason}" if reason.lower().startswith(OPENED) else reason


def note(request: Request, *persons: UUID) -> None:
    """This person's page, or a form of it, was open in this session."""
    held = request.session.get(WORKED_ON, [])
    new = [mark for mark in map(_mark, persons) if mark not in held]
    if new:
        request.session[WORKED_ON] = [*held, *new][-MOST:]


def _mark(person_id: UUID) -> str:
    return salted_hmac(WORKED_ON, str(person_id)).hexdigest()[:16]


def _holds(request: Request, person_id: UUID, kind: str, code: str, at: datetime) -> bool:
    viewer = viewer_of(request)
    if kind == "case":
        return panels.hears_under(viewer, person_id, code, at=at)
    if kind == "contact":
        return referrals.names_under(viewer, person_id, code, at=at)
    if kind == "emergency":
        return sharing.opened_under(viewer, person_id, code, at=at)
    return _mark(person_id) in request.session.get(WORKED_ON, [])
