"""What is past its time and held, rights requests, who looked, what the calendar did, who keeps their access.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.records.queries.entries import (
    entries_about,
    entry_of,
    holders,
    read_entries,
    restriction_grounds,
    restrictions,
    standing,
)
from concord.desk.records.queries.retention import certificates, due, holds, schedule, summary
from concord.desk.records.queries.rights import (
    PAGE,
    entry_to_put_right,
    exemptions,
    leads,
    looked,
    passages,
    put_right,
    read_passages,
    request,
    requests,
    subject_pack,
    told,
)
from concord.desk.records.queries.scheduled import (
    access,
    access_waits,
    calendar,
    done_until,
    failed_since,
    jobs,
    overdue,
    runs,
    to_end,
)

__all__ = [
    "PAGE",
    "access",
    "access_waits",
    "calendar",
    "certificates",
    "done_until",
    "due",
    "entries_about",
    "entry_of",
    "entry_to_put_right",
    "exemptions",
    "failed_since",
    "holders",
    "holds",
    "jobs",
    "leads",
    "looked",
    "overdue",
    "passages",
    "put_right",
    "read_entries",
    "read_passages",
    "request",
    "requests",
    "restriction_grounds",
    "restrictions",
    "runs",
    "schedule",
    "standing",
    "subject_pack",
    "summary",
    "to_end",
    "told",
]
