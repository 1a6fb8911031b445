"""Writes of an assessment: begin, answer, pause, go on, decide, put right, stop, hand over.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.instruments.operations.answering import begin, pause, resume, save, stop
from concord.desk.instruments.operations.deciding import amend, decide, hand_over

__all__ = ["amend", "begin", "decide", "hand_over", "pause", "resume", "save", "stop"]
