"""The desk's own extract of contacts: dates, clocks and routes, nothing else."""

from __future__ import annotations

import hmac
import json
from datetime import datetime
from uuid import UUID

from django.conf import settings

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.people.rules import age_on
from concord.desk.referrals import rules
from concord.desk.referrals.queries.ways import working
from concord.desk.referrals.rules import Flow, FlowCount, Tally
from concord.desk.sharing.session import reading, rows_of_extract
from concord.kernel.working_time import LONDON


@reading("extract.contacts", "contact")
def extract_contacts(viewer: Viewer, *, at: datetime) -> list[dict[str, object]]:
    """Rows of the desk's depersonalised extract: dates, clocks and routes of MASH contacts, nothing else.

    Columns: contact_ref (opaque, not the desk's own key), received_at, decided_at (None while open), due_at, rag,
    route, referrer_kind, age_band. Read through a database view that holds no other column.
    Raises NotAllowed unless the viewer is the extract's service.
    """
    rows = rows_of_extract(
        viewer,
        verb="extract.contacts",
        object_type="contact",
        sql="SELECT id, received_at, decided_at, due_at, rag, route, referrer_kind, born_on"
        " FROM referrals_extract_contacts WHERE received_at <= %s ORDER BY received_at, id",
        until=at,
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


@reading("extract.contacts", "contact")
def extract_flows(viewer: Viewer, *, at: datetime) -> tuple[FlowCount, ...]:
    """Counts of every pathway by service and month of receipt: started within 30 and 42 days, completed, declined,
    decided within the pathway's own clock. Read through a database view of dates and codes.

    Raises NotAllowed unless the viewer is the extract's service.
    """
    return rules.count_flows(_flows(viewer, at), accounts.partnership().pathways, working)


@reading("extract.contacts", "contact")
def extract_measures(viewer: Viewer, *, at: datetime) -> tuple[Tally, ...]:
    """Every case in every measure of its pathway's file: the day it falls on, whether it counts, its groups. No
    reference, nothing about anybody. Raises NotAllowed unless the viewer is the extract's service.
    """
    return rules.tally(_flows(viewer, at), accounts.partnership().pathways, working, now=at)


def _flows(viewer: Viewer, at: datetime) -> list[Flow]:
    """When each case came in and first reached each state. Steps after `at` have not happened yet."""
    rows = rows_of_extract(
        viewer,
        verb="extract.contacts",
        object_type="contact",
        sql="SELECT pathway, coalesce(nullif(route, ''), sent_to, ''), received_at, reached, began_at, chosen"
        " FROM referrals_extract_steps WHERE received_at <= %s",
        until=at,
        at=at,
    )
    return [
        Flow(pathway, service, received, _reached(found, at), began, _read(picked))
        for pathway, service, received, found, began, picked in rows
    ]


def _reached(found: object, until: datetime) -> dict[str, datetime]:
    times = {state: datetime.fromisoformat(when) for state, when in _read(found).items()}
    return {state: when for state, when in times.items() if when <= until}


def _read(found: object) -> dict[str, str]:
    """A JSON object of texts as the driver gives it; none is an empty one."""
    given: dict[str, str] | None = json.loads(found) if isinstance(found, str) else found  # type: ignore[assignment]
    return given or {}


def opaque(kind: str, key: UUID) -> str:
    """A reference that means nothing outside: keyed, so that it cannot be worked back to the desk's own."""
    secret = settings.SECRET_KEY.encode()
    return hmac.new(secret, f"desk-extract:{kind}:{key}".encode(), "sha256").hexdigest()[:16]
