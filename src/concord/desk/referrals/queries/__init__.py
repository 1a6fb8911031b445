"""Reads of the front door. Each starts from a viewer, uses the one policy filter, and is recorded.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.referrals.queries.contacts import contact, possible_matches
from concord.desk.referrals.queries.extract import extract_contacts, extract_flows, extract_measures, opaque
from concord.desk.referrals.queries.fresh import news
from concord.desk.referrals.queries.history import contact_history
from concord.desk.referrals.queries.holding import balance, can_hold
from concord.desk.referrals.queries.kept import kept_form
from concord.desk.referrals.queries.lately import recent
from concord.desk.referrals.queries.missed import missed_steps
from concord.desk.referrals.queries.named import may_open, names_under, parties_named, party_named
from concord.desk.referrals.queries.reach import PAGE
from concord.desk.referrals.queries.repeats import repeat, repeat_of, repeat_rule
from concord.desk.referrals.queries.sent import my_referrals, referral_status
from concord.desk.referrals.queries.sessions import my_sessions
from concord.desk.referrals.queries.steps import case_of, milestones, next_due, rules_before
from concord.desk.referrals.queries.things import contacts_about, may_use_subject, subject, subjects
from concord.desk.referrals.queries.tray import accepted, contact_of, open_lines, queue, queue_size, waiting_count
from concord.desk.referrals.queries.ways import pathway, pathways, receiving_forum, sharing_notice, working

__all__ = [
    "PAGE",
    "accepted",
    "balance",
    "can_hold",
    "case_of",
    "contact",
    "contact_history",
    "contact_of",
    "contacts_about",
    "extract_contacts",
    "extract_flows",
    "extract_measures",
    "kept_form",
    "may_open",
    "may_use_subject",
    "milestones",
    "missed_steps",
    "my_referrals",
    "my_sessions",
    "names_under",
    "news",
    "next_due",
    "opaque",
    "open_lines",
    "parties_named",
    "party_named",
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
    "repeat_rule",
    "rules_before",
    "sharing_notice",
    "subject",
    "subjects",
    "waiting_count",
    "working",
]
