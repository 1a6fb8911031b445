"""The desk is a partner too: its depersonalised extract, written like any supplier's and loaded under a contract.

Rows come from the desk's own queries, which read only dates, clocks, routes and statuses. Evidence never reads a table
of casework. References are replaced by an HMAC-SHA-256 (RFC 2104) under a key of the purpose "desk_extract", which
stays in this home, so that nothing that leaves can be joined with anything made for another purpose.
"""

from __future__ import annotations

import csv
import hmac
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path

from concord.evidence.extracts.files import make_folder, write_bytes
from concord.evidence.extracts.sealing import key
from concord.jobs import desk_returns
from concord.kernel.working_time import LONDON

PURPOSE = "desk_extract"
CONTACTS = ("contact_ref", "received_at", "decided_at", "due_at", "rag", "route", "referrer_kind", "age_band")
ENTRIES = ("entry_ref", "register", "agency", "dated_on", "due_on", "closed_on", "outcome", "facets")
ACTIONS = ("action_ref", "forum", "agency", "raised_on", "due_on", "completed_on", "status")

Row = Mapping[str, object]


def write(home: Path, clock: Callable[[], datetime]) -> list[Path]:
    """Write `outbox/desk_contacts_YYYY-MM.csv` and `desk_actions_YYYY-MM.csv`, a file for each month with rows,
    `desk_entries_YYYY-MM.csv` (counted registers, by an entry's own day) and `desk_returns_YYYY-Qn.csv` (see
    `desk_returns`).

    Months go by receipt and by the day an action was raised. Running it again writes the same bytes for the same
    casework. Raises NotAllowed where the extract's service may not read, Environment where the disk refuses.
    """
    from concord.desk.accounts import queries as accounts
    from concord.desk.instruments import queries as instruments
    from concord.desk.panels import queries as panels
    from concord.desk.referrals import queries as referrals
    from concord.desk.registers import queries as registers

    at = clock()
    service = accounts.service("desk_extract")
    today = at.astimezone(LONDON).date()
    counted = [
        *desk_returns.of_assessments(instruments.extract_assessments(service, at=at), today),
        *desk_returns.of_pathways(referrals.extract_measures(service, at=at)),
        *desk_returns.of_sittings(panels.extract_sittings(service, at=at)),
        *desk_returns.of_hearings(panels.extract_hearings(service, at=at)),
    ]
    return [
        *write_months(home, "desk_contacts", CONTACTS, "received_at", referrals.extract_contacts(service, at=at)),
        *write_months(home, "desk_actions", ACTIONS, "raised_on", panels.extract_actions(service, at=at)),
        *write_months(home, "desk_entries", ENTRIES, "dated_on", registers.extract_entries(service, at=at)),
        *desk_returns.write(home, counted, today),
    ]


def write_months(home: Path, feed: str, columns: tuple[str, ...], by: str, rows: Iterable[Row]) -> list[Path]:
    """One file a month, rows in order of their new reference, so that the order tells nothing.

    Raises ValueError where a row holds a column that the contract does not name: nothing extra may slip out.
    """
    secret = key(home, PURPOSE)
    reference = columns[0]
    months: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        surplus = sorted(set(row) - set(columns))
        if surplus:
            raise ValueError(f"{feed} may not carry {', '.join(surplus)}")
        written = {name: _text(row.get(name)) for name in columns}
        written[reference] = opaque(secret, feed, str(row[reference]))
        months[written[by][:7]].append(written)
    outbox = make_folder(home / "outbox")
    paths = []
    for month, found in sorted(months.items()):
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(found, key=lambda one: one[reference]))
        path = outbox / f"{feed}_{month}.csv"
        write_bytes(path, buffer.getvalue().encode())
        paths.append(path)
    return paths


def opaque(secret: bytes, feed: str, reference: str) -> str:
    """A reference that means nothing outside this purpose: 16 hexadecimal digits."""
    return hmac.new(secret, f"{feed}\x1f{reference}".encode(), "sha256").hexdigest()[:16]


def _text(value: object) -> str:
    """Local times and dates as the contract wants them; blank for what is not there yet."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        local = value.astimezone(LONDON) if value.tzinfo else value
        return f"{local:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
