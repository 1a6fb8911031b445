"""Sharing a record, keeping somebody out of it, opening one in an emergency, and the trail of what partners send.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.sharing.operations.agreements import note_agreements
from concord.desk.sharing.operations.emergency import begin_emergency, review_emergency
from concord.desk.sharing.operations.feeds import files_received, not_sent, open_report, send_files
from concord.desk.sharing.operations.shares import (
    AgreementEnded,
    NotCovered,
    keep_out,
    lift_restriction,
    point_to,
    repeat_exclusions,
    require_covered,
    restrict,
    share,
)

__all__ = [
    "AgreementEnded",
    "NotCovered",
    "begin_emergency",
    "files_received",
    "keep_out",
    "lift_restriction",
    "not_sent",
    "note_agreements",
    "open_report",
    "point_to",
    "repeat_exclusions",
    "require_covered",
    "restrict",
    "review_emergency",
    "send_files",
    "share",
]
