"""Reads of the forums: meetings, cases, actions. Each starts from a viewer and uses the one policy filter.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.panels.queries.across import clashes, clashes_at, escalated, reviews_due
from concord.desk.panels.queries.actions import action, actions_about, actions_of_contacts, forum_actions, my_actions
from concord.desk.panels.queries.agenda import carried_over, listed_already, waiting, waiting_count
from concord.desk.panels.queries.cases import draft_minutes, for_person, item, minutes
from concord.desk.panels.queries.extract import extract_actions, extract_attendance, extract_hearings, extract_sittings
from concord.desk.panels.queries.flags import flags_ending
from concord.desk.panels.queries.forums import forum, my_forums, present_seats, public_forum, speaks_first
from concord.desk.panels.queries.fresh import news
from concord.desk.panels.queries.history import hand_offs, panel_history
from concord.desk.panels.queries.lists import cohort, notices
from concord.desk.panels.queries.packs import Brought, PackPage, pack, packs_waiting, population
from concord.desk.panels.queries.public import public_board, public_questions, question, questions
from concord.desk.panels.queries.reach import (
    COUNTED,
    PAGE,
    carry_hidden,
    hears_under,
    kept_out_of,
    open_to,
    readable_intelligence,
    readable_research,
    sees_whole,
    visible_items,
)
from concord.desk.panels.queries.returns import forum_return
from concord.desk.panels.queries.sittings import meeting, meetings, present, readiness

__all__ = [
    "COUNTED",
    "PAGE",
    "Brought",
    "PackPage",
    "action",
    "actions_about",
    "actions_of_contacts",
    "carried_over",
    "carry_hidden",
    "clashes",
    "clashes_at",
    "cohort",
    "draft_minutes",
    "escalated",
    "extract_actions",
    "extract_attendance",
    "extract_hearings",
    "extract_sittings",
    "flags_ending",
    "for_person",
    "forum",
    "forum_actions",
    "forum_return",
    "hand_offs",
    "hears_under",
    "item",
    "kept_out_of",
    "listed_already",
    "meeting",
    "meetings",
    "minutes",
    "my_actions",
    "my_forums",
    "news",
    "notices",
    "open_to",
    "pack",
    "packs_waiting",
    "panel_history",
    "population",
    "present",
    "present_seats",
    "public_board",
    "public_forum",
    "public_questions",
    "question",
    "questions",
    "readable_intelligence",
    "readable_research",
    "readiness",
    "reviews_due",
    "sees_whole",
    "speaks_first",
    "visible_items",
    "waiting",
    "waiting_count",
]
