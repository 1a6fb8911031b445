"""Writes of the forums: plan, list, research, attend, declare, decide, act, sign.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.panels.operations.actions import add_action, close_action, settle
from concord.desk.panels.operations.after import review_risk
from concord.desk.panels.operations.cases import add_research, decide, declare_conflict, restrict_case
from concord.desk.panels.operations.listing import list_people, list_topic
from concord.desk.panels.operations.planning import carry_over, list_contact, plan_meeting, withdraw
from concord.desk.panels.operations.pulling import pull_in
from concord.desk.panels.operations.sitting import (
    close_meeting,
    everybody_here,
    open_meeting,
    record_attendance,
    sign_minutes,
)

__all__ = [
    "add_action",
    "add_research",
    "carry_over",
    "close_action",
    "close_meeting",
    "decide",
    "declare_conflict",
    "everybody_here",
    "list_contact",
    "list_people",
    "list_topic",
    "open_meeting",
    "plan_meeting",
    "pull_in",
    "record_attendance",
    "restrict_case",
    "review_risk",
    "settle",
    "sign_minutes",
    "withdraw",
]
