"""What tests of retention and of rights begin with: a record that can go, the service that erases, what is due."""

from __future__ import annotations

from datetime import date

import desk_story as story
from desk_story import NOW

from concord.desk.accounts import queries as accounts
from concord.desk.records import queries
from concord.desk.referrals import operations as referrals
from concord.desk.referrals import queries as referral_queries
from concord.desk.referrals.rules import PartyDetails


def keeper():
    return accounts.service("records_keeper")


def nothing_came_of_it(world, at=NOW):
    """A contact decided with no further action, about a child nobody else knows."""
    cast, mash = world.cast, world.cast["mash"]
    child = PartyDetails("child", "Una", "Passing SYN", date(2012, 4, 4))
    story.refer_child(cast, by="gp", child=child, at=at)
    contact_id = story.newest(mash, "mash_contact", at)
    referrals.triage(viewer=mash, contact_id=contact_id, rag="green", reason="r", version=1, at=at)
    person_id = story.identify_all(mash, contact_id, at)["child"]
    page = referral_queries.contact(mash, contact_id, at=at)
    referrals.decide(
        viewer=mash, contact_id=contact_id, level=1, route="no_further_action", rationale="r", feedback="f",
        version=page.version, at=at,
    )  # fmt: skip
    return contact_id, person_id


def due(world, at, category=None):
    return {each.id: each for each in queries.due(world.cast["dpo"], at=at) if category in (None, each.category)}
