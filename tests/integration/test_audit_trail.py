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
from concord.strategy.shapes.oversight import Pattern

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
    # Collected by MASH; disclosed to the coordinator, then to the forum, and MASH told so: to whom, on what ground.
    assert [event.operation for event in looked].count("collection") == 1
    disclosures = [event for event in looked if event.operation == "disclosure"]
    told = [event.detail["holders"] for event in reversed(disclosures)]
    assert told[:2] == [["team:mash"], ["forum:mace:coordinator"]]
    assert sorted(told[2:]) == [["forum:mace", "forum:mace:coordinator"], ["team:mash"]]
    assert {event.gateway for event in disclosures} == {"children_act_2004_s11"}
    kinds = {event.operation for event in lines(world)}
    assert kinds >= {"collection", "alteration", "consultation", "disclosure", "combination"}


def test_asking_who_looked_is_itself_recorded(world):
    before = len(lines(world, action="audit.read"))
    audit.who_looked(world.cast["dpo"], "person", world.heard.person_id, at=NOW)
    assert len(lines(world, action="audit.read")) == before + 1


def test_searches_are_kept_under_seal_and_opened_by_a_logged_act(world):
    people.candidates(world.cast["mash"], Details("Rafi", "Testwell"), at=NOW)
    newest = lines(world, action="person.match")[0]
    assert newest.searched and newest.detail["shown"] == 1
    assert "Testwell" not in str(newest.detail) and "Rafi" not in str(newest.detail)
    asked = audit.open_search(world.cast["dpo"], newest.id, reason="complaint 12", at=NOW)
    assert asked == {"given name": "Rafi", "family name": "Testwell"}
    opened = lines(world, action="audit.open_search")[0]
    assert (opened.username, opened.reason, opened.outcome) == ("dpo", "complaint 12", "done")
    with pytest.raises(NotAllowed):
        audit.open_search(world.cast["mash"], newest.id, reason="curious", at=NOW)


def test_a_search_sealed_with_another_key_stays_shut(world, settings):
    people.candidates(world.cast["mash"], Details("Rafi", "Testwell"), at=NOW)
    newest = lines(world, action="person.match")[0]
    settings.SECRET_KEY = "another installation's key"
    assert audit.open_search(world.cast["dpo"], newest.id, reason="r", at=NOW) is None


def test_who_looked_at_a_person_counts_lists_cases_and_searches_too(world):
    """Not only the page of the person: also the case they are in, and the search that showed them."""
    cast, person = world.cast, world.coming.person_id
    panel_queries.item(cast["police"], world.coming.item_id, at=NOW)
    people.candidates(cast["mash"], Details("Nell", "Secondary"), at=NOW)
    seen = {event.action for event in audit.who_looked(cast["dpo"], "person", person, at=NOW)}
    assert {"item.read", "person.match", "share"} <= seen
    referral_queries.queue(cast["mash"], at=NOW)
    seen = {event.action for event in audit.who_looked(cast["dpo"], "contact", world.undecided, at=NOW)}
    assert "contact.list" in seen
    assert audit.who_looked(cast["dpo"], "person", uuid.uuid4(), at=NOW) == ()


def test_a_disclosure_says_to_whom(world):
    shared = next(event for event in lines(world, operation="disclosure") if event.action == "share")
    assert shared.recipients and all(each.partition(":")[0] in ("team", "forum", "user") for each in shared.recipients)
    known = audit.disclosures(world.cast["dpo"], at=NOW, agreement="marac")
    assert known and {event.agreement for event in known} == {"marac"}


def odd(world, sign, **changes):
    rule = {"key": sign, "name": sign, "sign": sign, "at_least": 1, "why": "w", **changes}
    found = audit.odd(world.cast["dpo"], [Pattern(**rule)], since=NOW - timedelta(days=1), day=(7, 21), at=NOW)
    return {(each.username, each.count) for each in found}


def test_odd_patterns_are_counted(world):
    cast, night = world.cast, NOW.replace(hour=2)
    assert odd(world, "not_found", at_least=3) == set()
    for _ in range(3):
        with pytest.raises(NotHere):
            people.person(cast["mash"], uuid.uuid4(), at=NOW)
    assert odd(world, "not_found", at_least=3) == {("mash", 3)}
    for person in (world.heard.person_id, world.coming.person_id):
        people.person(cast["police"], person, at=NOW, reason="wondering")
    assert ("police", 2) in odd(world, "many_people", at_least=2)
    assert ("police", 2) in odd(world, "typed_reason", at_least=2)
    people.person(cast["police"], world.heard.person_id, at=NOW, reason="opened from case AB23CDE")
    assert ("police", 2) in odd(world, "typed_reason") and ("police", 2) in odd(world, "same_person", at_least=2)
    assert odd(world, "out_of_hours") == set()
    people.person(cast["health"], world.heard.person_id, at=night)
    assert odd(world, "out_of_hours") == {("health", 1)}
    with pytest.raises(NotAllowed):
        people.candidates(cast["gp"], Details("Rafi", "Testwell"), at=NOW)
    assert ("gp", 1) in odd(world, "refused")
    with pytest.raises(NotAllowed):
        audit.odd(cast["mash"], [], since=NOW, day=(7, 21), at=NOW)


def test_somebody_who_opens_their_own_name_shows(world):
    pattern = Pattern(key="same", name="n", sign="same_name", at_least=1, why="w")
    since, dpo = NOW - timedelta(days=1), world.cast["dpo"]
    people.person(world.cast["police"], world.heard.person_id, at=NOW)
    assert people.same_names(dpo, pattern, since=since, at=NOW) == ()
    own = story.PartyDetails("child", "Bo", "Calloway SYN", story.CHILD.born_on)
    contact = story.mash_to_mace_tray(world.cast, NOW, own)[1]
    page = referral_queries.contact(world.cast["mash"], contact, at=NOW)
    meeting = world.coming.meeting_id
    panels.list_contact(
        viewer=world.cast["mace-coordinator"], meeting_id=meeting, contact_id=contact, reason="r",
        at=NOW + timedelta(hours=3),
    )  # fmt: skip
    later = NOW + timedelta(hours=4)
    people.person(world.cast["police"], page.parties[0].person_id, at=later)
    (found,) = people.same_names(dpo, pattern, since=since, at=later)
    assert (found.username, found.object_id) == ("police", str(page.parties[0].person_id))


def test_the_newest_links_are_checked_by_themselves(world):
    assert audit.verify_newest(5) is None
    position, newest = audit.head()
    assert audit.hash_at(position) == newest and audit.hash_at(position + 1) == ""


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
    accounts_operations.set_roles(viewer=admin, user_id=police.user_id, roles=["support_provider"], at=NOW)
    accounts_operations.leave_forum(viewer=admin, user_id=police.user_id, forum="mace", at=NOW)
    changed, left = (
        next(event for event in lines(world, object_id=str(police.user_id)) if event.action == action)
        for action in ("accounts_user.update", "accounts_membership.delete")
    )
    assert changed.username == "admin" and changed.at == NOW
    assert sorted(changed.detail["before"]["roles"]) == ["police_decision_maker", "referrer"]
    assert changed.detail["now"]["roles"] == ["support_provider"]
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
