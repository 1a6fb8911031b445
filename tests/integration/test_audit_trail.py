"""What comes to the trail: every read and write, refusals although undone, accounts by the database."""

from __future__ import annotations

import uuid
from datetime import timedelta

import desk_story as story
import pytest
from desk_story import MONDAY, NOW

from concord.desk.accounts import operations as accounts_operations
from concord.desk.accounts.rules import NotAllowed, NotHere
from concord.desk.audit import queries as audit
from concord.desk.panels import operations as panels
from concord.desk.panels import queries as panel_queries
from concord.desk.people import queries as people
from concord.desk.people.rules import Details
from concord.desk.referrals import operations as referrals
from concord.desk.referrals import queries as referral_queries

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def lines(world, **wanted):
    found = [event for page in range(1, 8) for event in audit.recent(world.cast["dpo"], at=NOW, page=page)]
    return [event for event in found if all(getattr(event, name) == value for name, value in wanted.items())]


def test_the_story_leaves_all_that_section_62_asks_for(world):
    person = world.heard.person_id
    people.person(world.cast["mash"], person, at=NOW, reason="ringing the school")
    looked = audit.who_looked(world.cast["dpo"], "person", person, at=NOW)
    consulted = looked[0]
    assert (consulted.username, consulted.actor_agency, consulted.operation) == ("mash", "mash", "consultation")
    assert (
        consulted.at == NOW and consulted.reason == "ringing the school" and consulted.purpose == "child_safeguarding"
    )
    # Collected by MASH; disclosed to the coordinator, then to the forum: to whom, on what ground.
    assert [event.operation for event in looked].count("collection") == 1
    disclosures = [event for event in looked if event.operation == "disclosure"]
    assert [event.detail["holders"] for event in reversed(disclosures)] == [
        ["team:mash"],
        ["forum:mace:coordinator"],
        ["forum:mace", "forum:mace:coordinator"],
    ]
    assert {event.gateway for event in disclosures} == {"children_act_2004_s11"}
    kinds = {event.operation for event in lines(world)}
    assert kinds >= {"collection", "alteration", "consultation", "disclosure", "combination"}


def test_asking_who_looked_is_itself_recorded(world):
    before = len(lines(world, action="audit.read"))
    audit.who_looked(world.cast["dpo"], "person", world.heard.person_id, at=NOW)
    assert len(lines(world, action="audit.read")) == before + 1


def test_searches_are_kept_with_what_was_asked_and_how_much_was_shown(world):
    people.candidates(world.cast["mash"], Details("Rafi", "Testwell"), at=NOW)
    newest = lines(world, action="person.match")[0]
    assert newest.detail == {"asked": {"family_name": "Testwell", "given_name": "Rafi"}, "shown": 1}


REFUSALS = {
    "no such verb for the role": (
        lambda w: referrals.triage(
            viewer=w.cast["school"], contact_id=w.undecided, rag="red", reason="r", version=1, at=NOW
        ),
        NotAllowed,
        ("contact.triage", "school", "refused"),
    ),
    "hidden": (
        lambda w: referrals.triage(
            viewer=w.cast["mash"], contact_id=w.marac.contact_id, rag="red", reason="r", version=1, at=NOW
        ),
        NotHere,
        ("contact.triage", "mash", "not_found"),
    ),
    "missing": (
        lambda w: referrals.triage(
            viewer=w.cast["mash"], contact_id=uuid.uuid4(), rag="red", reason="r", version=1, at=NOW
        ),
        NotHere,
        ("contact.triage", "mash", "not_found"),
    ),
    "a page not for this role": (
        lambda w: referral_queries.contact(w.cast["analyst"], w.undecided, at=NOW),
        NotAllowed,
        ("contact.read", "analyst", "refused"),
    ),
    "a search not for this role": (
        lambda w: people.candidates(w.cast["gp"], Details("Rafi", "Testwell"), at=NOW),
        NotAllowed,
        ("person.match", "gp", "refused"),
    ),
    "the trail itself": (
        lambda w: audit.recent(w.cast["mash"], at=NOW),
        NotAllowed,
        ("audit.read", "mash", "refused"),
    ),
    "not the chair": (
        lambda w: panels.decide(
            viewer=w.cast["police"], item_id=w.coming.item_id, outcome="x", reason="r", version=1, at=NOW
        ),
        NotAllowed,
        ("decision.record", "police", "refused"),
    ),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_a_refusal_is_recorded_although_what_was_begun_is_undone(world, what):
    attempt, error, (action, username, outcome) = REFUSALS[what]
    with pytest.raises(error):
        attempt(world)
    newest = lines(world, operation="refusal")[0]
    assert (newest.action, newest.username, newest.outcome) == (action, username, outcome)
    assert newest.reason


READS = {
    "contact": (lambda w: referral_queries.contact(w.cast["mash"], w.undecided, at=NOW), "contact.read"),
    "tray": (lambda w: referral_queries.queue(w.cast["mash"], at=NOW), "contact.list"),
    "status": (
        lambda w: referral_queries.referral_status(w.cast["school"], w.heard.referral_id, at=NOW),
        "referral.read",
    ),
    "meeting": (lambda w: panel_queries.meeting(w.cast["police"], w.coming.meeting_id, at=NOW), "meeting.read"),
    "case": (lambda w: panel_queries.item(w.cast["police"], w.coming.item_id, at=NOW), "item.read"),
    "actions": (lambda w: panel_queries.my_actions(w.cast["education"], at=NOW), "action.list"),
    "action": (lambda w: panel_queries.action(w.cast["education"], w.action_id, at=NOW), "action.read"),
}


@pytest.mark.parametrize("what", READS)
def test_every_read_of_a_person_leaves_one_line(world, what):
    read, action = READS[what]
    before = len(lines(world, action=action))
    read(world)
    assert len(lines(world, action=action)) == before + 1


def test_accounts_are_recorded_by_the_database(world):
    admin, police = world.cast["admin"], world.cast["police"]
    accounts_operations.set_roles(viewer=admin, user_id=police.user_id, roles=["analyst"], at=NOW)
    accounts_operations.leave_forum(viewer=admin, user_id=police.user_id, forum="mace", at=NOW)
    changed, left = (
        next(event for event in lines(world, object_id=str(police.user_id)) if event.action == action)
        for action in ("accounts_user.update", "accounts_membership.delete")
    )
    assert changed.username == "admin" and changed.at == NOW
    assert changed.detail["before"]["roles"] == ["referrer"] and changed.detail["now"]["roles"] == ["analyst"]
    assert "password" not in changed.detail["now"]
    assert left.operation == "erasure" and left.detail["now"]["forum"] == "mace"


def test_a_reader_of_the_trail_sees_no_other_partnerships_lines(world):
    from dataclasses import replace

    stranger = replace(world.cast["dpo"], partnership="elsewhere")
    assert audit.recent(stranger, at=NOW) == ()


def test_the_chain_holds_and_its_head_moves_on(world):
    assert audit.verify() is None
    position, newest = audit.head()
    story.refer_child(world.cast, at=MONDAY + timedelta(days=12))
    assert audit.verify() is None
    assert audit.head()[0] > position and audit.head()[1] != newest
