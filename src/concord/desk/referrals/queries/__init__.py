"""Reads of the front door. Each starts from a viewer, uses the one policy filter, and is recorded.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.referrals.queries.contacts import contact, possible_matches
from concord.desk.referrals.queries.extract import extract_contacts, extract_flows, opaque
from concord.desk.referrals.queries.history import contact_history
from concord.desk.referrals.queries.kept import kept_form
from concord.desk.referrals.queries.lately import recent
from concord.desk.referrals.queries.reach import PAGE
from concord.desk.referrals.queries.repeats import repeat, repeat_of
from concord.desk.referrals.queries.sent import my_referrals, referral_status
from concord.desk.referrals.queries.sessions import my_sessions
from concord.desk.referrals.queries.steps import case_of, rules_before
from concord.desk.referrals.queries.things import contacts_about, subject, subjects
from concord.desk.referrals.queries.tray import accepted, contact_of, open_lines, queue, queue_size
from concord.desk.referrals.queries.ways import pathway, pathways, receiving_forum, sharing_notice, working

__all__ = [
    "PAGE",
    "accepted",
    "case_of",
    "contact",
    "contact_history",
    "contact_of",
    "contacts_about",
    "extract_contacts",
    "extract_flows",
    "kept_form",
    "my_referrals",
    "my_sessions",
    "opaque",
    "open_lines",
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
    "rules_before",
    "sharing_notice",
    "subject",
    "subjects",
    "working",
]
