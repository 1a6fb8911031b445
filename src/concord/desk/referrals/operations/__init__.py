"""Writes at the front door: submit, identify, rate, ask, answer, decide; and whom a contact is kept from.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.referrals.operations.front_door import answer, ask, decide, identify, submit, triage
from concord.desk.referrals.operations.keeping import declare_connection, restrict_contact

__all__ = [
    "answer",
    "ask",
    "decide",
    "declare_connection",
    "identify",
    "restrict_contact",
    "submit",
    "triage",
]
