"""Writes of an assessment: begin, answer, pause, go on, advise, decide, put right, stop, hand over, and the routes.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.instruments.operations.answering import begin, pause, resume, save, stop
from concord.desk.instruments.operations.deciding import advise, amend, decide, hand_over
from concord.desk.instruments.operations.onward import leave_route, refer, tell_panel

__all__ = [
    "advise",
    "amend",
    "begin",
    "decide",
    "hand_over",
    "leave_route",
    "pause",
    "refer",
    "resume",
    "save",
    "stop",
    "tell_panel",
]
