"""Anything that sits: lifecycles, quorum, readiness, minutes. Pure: the clock and the forum are arguments.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.panels.rules.drafting import Heard, minutes, next_steps
from concord.desk.panels.rules.lifecycles import (
    ACTION,
    ITEM,
    LIFECYCLES,
    MEETING,
    NEEDS_REASON,
    Lifecycle,
    NotNow,
    Step,
)
from concord.desk.panels.rules.sitting import NoQuorum, Quorum, cut_off, outcome_named, quorum, require_quorum
from concord.desk.panels.rules.views import (
    ActionLine,
    AgencyResearch,
    AttendanceLine,
    DecisionView,
    ItemLine,
    ItemPage,
    MeetingLine,
    MeetingPage,
    Missing,
    OfMeeting,
    PanelPointer,
    PersonInItem,
    Readiness,
    WaitingLine,
)

__all__ = [
    "ACTION",
    "ITEM",
    "LIFECYCLES",
    "MEETING",
    "NEEDS_REASON",
    "ActionLine",
    "AgencyResearch",
    "AttendanceLine",
    "DecisionView",
    "Heard",
    "ItemLine",
    "ItemPage",
    "Lifecycle",
    "MeetingLine",
    "MeetingPage",
    "Missing",
    "NoQuorum",
    "NotNow",
    "OfMeeting",
    "PanelPointer",
    "PersonInItem",
    "Quorum",
    "Readiness",
    "Step",
    "WaitingLine",
    "cut_off",
    "minutes",
    "next_steps",
    "outcome_named",
    "quorum",
    "require_quorum",
]
