"""Writes at the front door: submit, identify, rate, ask, answer, decide; and whom a contact is kept from.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.referrals.operations.awaiting import note_missed
from concord.desk.referrals.operations.front_door import answer, ask, decide, identify, submit, triage
from concord.desk.referrals.operations.holding import hold
from concord.desk.referrals.operations.keeping import declare_connection, restrict_contact
from concord.desk.referrals.operations.open_forms import discard_form, keep_form, one_try_more, submit_open
from concord.desk.referrals.operations.sessions import deliver_session
from concord.desk.referrals.operations.steps import advance
from concord.desk.referrals.operations.subjects import (
    add_step,
    close_step,
    end_link,
    link_concern,
    locate,
    name_subject,
    plan_for,
    record_result,
)

__all__ = [
    "add_step",
    "advance",
    "answer",
    "ask",
    "close_step",
    "decide",
    "declare_connection",
    "deliver_session",
    "discard_form",
    "end_link",
    "hold",
    "identify",
    "keep_form",
    "link_concern",
    "locate",
    "name_subject",
    "note_missed",
    "one_try_more",
    "plan_for",
    "record_result",
    "restrict_contact",
    "submit",
    "submit_open",
    "triage",
]
