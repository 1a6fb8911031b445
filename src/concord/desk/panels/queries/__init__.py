"""Reads of the forums: meetings, cases, actions. Each starts from a viewer and uses the one policy filter.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.panels.queries.across import clashes, escalated, reviews_due
from concord.desk.panels.queries.actions import action, actions_about, forum_actions, my_actions
from concord.desk.panels.queries.agenda import carried_over, listed_already, waiting, waiting_count
from concord.desk.panels.queries.cases import draft_minutes, for_person, item, minutes
from concord.desk.panels.queries.extract import extract_actions, extract_attendance, extract_hearings
from concord.desk.panels.queries.flags import flags_ending
from concord.desk.panels.queries.forums import forum, my_forums, present_seats
from concord.desk.panels.queries.reach import (
    COUNTED,
    PAGE,
    open_to,
    readable_intelligence,
    readable_research,
    sees_whole,
    undecided,
    visible_items,
)
from concord.desk.panels.queries.returns import forum_return
from concord.desk.panels.queries.sittings import meeting, meetings, readiness

__all__ = [
    "COUNTED",
    "PAGE",
    "action",
    "actions_about",
    "carried_over",
    "clashes",
    "draft_minutes",
    "escalated",
    "extract_actions",
    "extract_attendance",
    "extract_hearings",
    "flags_ending",
    "for_person",
    "forum",
    "forum_actions",
    "forum_return",
    "item",
    "listed_already",
    "meeting",
    "meetings",
    "minutes",
    "my_actions",
    "my_forums",
    "open_to",
    "present_seats",
    "readable_intelligence",
    "readable_research",
    "readiness",
    "reviews_due",
    "sees_whole",
    "undecided",
    "visible_items",
    "waiting",
    "waiting_count",
]
