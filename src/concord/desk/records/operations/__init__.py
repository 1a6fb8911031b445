"""Erasing by decision, rights requests, the calendar's runs, the review of access.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.records.operations.entries import lift_restriction, put_entry_right, restrict_use
from concord.desk.records.operations.retention import approve_erasure, erase_approved, hold, lift_hold
from concord.desk.records.operations.rights import (
    answer_request,
    decide_passage,
    enter_request,
    extend_request,
    put_right,
    read_notice,
)
from concord.desk.records.operations.scheduled import begin_run, clear_what_is_over, end_run, review_access

__all__ = [
    "answer_request",
    "approve_erasure",
    "begin_run",
    "clear_what_is_over",
    "decide_passage",
    "end_run",
    "enter_request",
    "erase_approved",
    "extend_request",
    "hold",
    "lift_hold",
    "lift_restriction",
    "put_entry_right",
    "put_right",
    "read_notice",
    "restrict_use",
    "review_access",
]
