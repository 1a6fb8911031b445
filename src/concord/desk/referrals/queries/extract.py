"""The desk's own extract of contacts: dates, clocks and routes, nothing else."""

from __future__ import annotations

import hmac
import json
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.audit.operations import record
from concord.desk.people.rules import age_on
from concord.desk.referrals import rules
from concord.desk.referrals.queries.ways import working
from concord.desk.referrals.rules import Flow, FlowCount
from concord.desk.sharing.session import as_viewer, reading, rows_of_extract
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
    accounts.require(viewer, "extract.contacts")
    with as_viewer(viewer, at=at):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pathway, coalesce(nullif(route, ''), sent_to, ''), received_at, reached"
                " FROM referrals_extract_steps WHERE received_at <= %s",
                [at],
            )
            rows = cursor.fetchall()
        flows = [Flow(pathway, service, received, _reached(found)) for pathway, service, received, found in rows]
        counts = rules.count_flows(flows, accounts.partnership().pathways, working)
        record(
            viewer=viewer,
            operation="disclosure",
            action="extract.flows",
            object_type="contact",
            reason="the desk's own counts of pathways",
            detail={"rows": len(counts)},
            at=at,
        )
    return counts


def _reached(found: object) -> dict[str, datetime]:
    given = json.loads(found) if isinstance(found, str) else found
    return {state: datetime.fromisoformat(when) for state, when in (given or {}).items()}  # type: ignore[attr-defined]


def opaque(kind: str, key: UUID) -> str:
    """A reference that means nothing outside: keyed, so that it cannot be worked back to the desk's own."""
    secret = settings.SECRET_KEY.encode()
    return hmac.new(secret, f"desk-extract:{kind}:{key}".encode(), "sha256").hexdigest()[:16]
