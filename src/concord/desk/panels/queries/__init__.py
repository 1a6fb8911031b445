"""Reads of the forums: meetings, cases, actions. Each starts from a viewer and uses the one policy filter.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.panels.queries.actions import action, actions_about, forum_actions, my_actions
from concord.desk.panels.queries.agenda import carried_over, waiting
from concord.desk.panels.queries.cases import draft_minutes, for_person, item, minutes
from concord.desk.panels.queries.extract import extract_actions
from concord.desk.panels.queries.forums import forum, my_forums, present_seats
from concord.desk.panels.queries.reach import (
    PAGE,
    open_to,
    readable_intelligence,
    readable_research,
    sees_whole,
    undecided,
)
from concord.desk.panels.queries.sittings import meeting, meetings, readiness

__all__ = [
    "PAGE",
    "action",
    "actions_about",
    "carried_over",
    "draft_minutes",
    "extract_actions",
    "for_person",
    "forum",
    "forum_actions",
    "item",
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
    "sees_whole",
    "undecided",
    "waiting",
]
