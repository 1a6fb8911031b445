"""Reads of the front door. Each starts from a viewer, uses the one policy filter, and is recorded.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.referrals.queries.contacts import contact, possible_matches
from concord.desk.referrals.queries.extract import extract_contacts, opaque
from concord.desk.referrals.queries.lately import recent
from concord.desk.referrals.queries.reach import PAGE
from concord.desk.referrals.queries.repeats import repeat, repeat_of
from concord.desk.referrals.queries.sent import my_referrals, referral_status
from concord.desk.referrals.queries.tray import accepted, contact_of, queue, queue_size
from concord.desk.referrals.queries.ways import pathway, pathways, receiving_forum, sharing_notice, working

__all__ = [
    "PAGE",
    "accepted",
    "contact",
    "contact_of",
    "extract_contacts",
    "my_referrals",
    "opaque",
    "pathway",
    "pathways",
    "possible_matches",
    "queue",
    "queue_size",
    "receiving_forum",
    "recent",
    "referral_status",
    "repeat",
    "repeat_of",
    "sharing_notice",
    "working",
]
