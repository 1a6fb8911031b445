"""Writes of the forums: plan, list, research, attend, declare, decide, act, sign.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.panels.operations.actions import add_action, close_action, record_so_far, settle
from concord.desk.panels.operations.after import review_risk
from concord.desk.panels.operations.beside import bring_population, record_prior_contact, record_transfer, remind
from concord.desk.panels.operations.cases import add_research, decide, declare_conflict, restrict_case
from concord.desk.panels.operations.cohort import files_marked, sweep, take_off
from concord.desk.panels.operations.listing import list_people, list_topic
from concord.desk.panels.operations.moving import hear_at, hear_earlier, move_meeting, record_facets
from concord.desk.panels.operations.packs import ask_pack, fail_pack, keep_pack
from concord.desk.panels.operations.planning import carry_over, list_contact, plan_meeting, withdraw
from concord.desk.panels.operations.public import (
    answer_question,
    ask_question,
    decline_question,
    list_question,
    publish_question,
)
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
    "answer_question",
    "ask_pack",
    "ask_question",
    "bring_population",
    "carry_over",
    "close_action",
    "close_meeting",
    "decide",
    "declare_conflict",
    "decline_question",
    "everybody_here",
    "fail_pack",
    "files_marked",
    "hear_at",
    "hear_earlier",
    "keep_pack",
    "list_contact",
    "list_people",
    "list_question",
    "list_topic",
    "move_meeting",
    "open_meeting",
    "plan_meeting",
    "publish_question",
    "pull_in",
    "record_attendance",
    "record_facets",
    "record_prior_contact",
    "record_so_far",
    "record_transfer",
    "remind",
    "restrict_case",
    "review_risk",
    "settle",
    "sign_minutes",
    "sweep",
    "take_off",
    "withdraw",
]
