"""One queue for a team that receives on several pathways: what is due first on top, who has it, what is left."""

from __future__ import annotations

from datetime import timedelta

import desk_story as story
import pytest
import time_machine
from desk_story import MONDAY, NOW
from django.test import Client

from concord.desk.accounts.rules import NotAllowed
from concord.desk.referrals import operations as referrals
from concord.desk.referrals import queries
from concord.desk.referrals.rules import NotThatWay, PartyDetails

pytestmark = pytest.mark.django_db
BOTH = ["mash_contact", "police_child_notification"]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def signed_in(world, name: str) -> Client:
    from django.contrib.auth import get_user_model

    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(id=world.cast[name].user_id))
    return client


def held(world) -> str:
    return queries.contact(world.cast["mash"], world.undecided, at=NOW).held_by


def test_a_red_contact_is_on_the_first_page_however_many_came_before_it(world):
    mash = world.cast["mash"]
    for _ in range(queries.PAGE):
        story.refer_child(world.cast, by="housing", at=NOW - timedelta(hours=18), child=story.CHILD)
    receipt = story.refer_child(world.cast, by="housing", at=NOW, child=PartyDetails("child", "Last", "In SYN"))
    contact = queries.contact_of(mash, receipt.referral_id, at=NOW)
    assert "Last In SYN" not in {line.about for line in queries.queue(mash, at=NOW)}
    referrals.triage(viewer=mash, contact_id=contact, rag="red", reason="r", version=1, at=NOW)
    overdue, first, *_ = queries.queue(mash, BOTH, at=NOW)
    assert overdue.overdue and (first.about, first.runs_on, first.left) == ("Last In SYN", True, timedelta(hours=4))
    assert queries.contact(mash, contact, at=NOW).clocks[0].due_at > first.next_due_at, "the decision is due later"


def test_what_has_no_time_limit_comes_after_what_has_one(world):
    cast = world.cast
    for number, born in enumerate((2010, 2011)):
        referrals.submit(
            viewer=cast["school"],
            pathway="therapeutic_support",
            parties=[PartyDetails("victim", "Wait", f"{number} SYN", story.CHILD.born_on.replace(year=born))],
            concern="c",
            ground="victim_under_25",
            at=MONDAY + timedelta(days=number),
        )
    first, second = queries.queue(cast["support"], "therapeutic_support", at=NOW)
    assert first.has_clock and second.has_clock and first.about == "Wait 0 SYN"
    steps = [("offer", {}, {"need": "n"}), ("consent", {}, {"consented": "yes"}), ("send", {"route": "specialist"}, {})]
    started = ("start", {}, {"first_session": NOW.date()})
    for version, (verb, given, said) in enumerate([*steps, started], start=1):
        referrals.advance(
            viewer=cast["support"],
            contact_id=first.contact_id,
            verb=verb,
            given=given,
            answers=said,
            version=version,
            at=NOW,
        )
    lines = queries.queue(cast["support"], "therapeutic_support", at=NOW)
    assert [(line.about, line.has_clock) for line in lines] == [("Wait 1 SYN", True), ("Wait 0 SYN", False)]
    assert lines[1].left is None


def test_a_worker_takes_a_contact_and_the_manager_gives_it_to_another(world):
    mash, manager = world.cast["mash"], world.cast["mash-manager"]
    referrals.hold(viewer=mash, contact_id=world.undecided, user_id=mash.user_id, version=1, at=NOW)
    assert held(world) == mash.display_name
    assert [line.about for line in queries.queue(mash, BOTH, at=NOW, mine=True)] == ["Ivo Third SYN"]
    with pytest.raises(NotAllowed, match="hand this contact"):
        referrals.hold(viewer=mash, contact_id=world.undecided, user_id=manager.user_id, version=2, at=NOW)
    lead = world.cast["daily-lead"]
    referrals.hold(viewer=manager, contact_id=world.undecided, user_id=lead.user_id, version=2, at=NOW)
    counted = {each.name: each.count for each in queries.balance(manager, BOTH, at=NOW).held}
    assert counted == {lead.display_name: 1}
    with pytest.raises(NotThatWay, match="cannot have this contact"):
        stranger = world.cast["police"].user_id
        referrals.hold(viewer=manager, contact_id=world.undecided, user_id=stranger, version=3, at=NOW)


def test_whoever_knows_the_family_has_it_in_hand_no_longer_and_is_not_given_it(world):
    mash, manager = world.cast["mash"], world.cast["mash-manager"]
    referrals.hold(viewer=mash, contact_id=world.undecided, user_id=mash.user_id, version=1, at=NOW)
    referrals.declare_connection(viewer=mash, contact_id=world.undecided, why="cousin", at=NOW)
    assert queries.contact(manager, world.undecided, at=NOW).held_by == ""
    assert mash.user_id not in {each.user_id for each in queries.can_hold(manager, world.undecided, at=NOW)}


def test_the_manager_sees_how_many_decisions_came_in_time(world):
    found = queries.balance(world.cast["mash-manager"], BOTH, at=NOW)
    assert (found.decided, found.in_time) == (2, 2)
    assert [(each.name, each.count) for each in found.held] == [("", 1)]


def test_the_queue_on_screen(world):
    with time_machine.travel(NOW, tick=False):
        manager, worker = signed_in(world, "mash-manager"), signed_in(world, "mash")
        page = manager.get("/contacts/").content.decode()
        assert "Everything" in page and "In nobody’s hands" in page and "1 overdue" in page
        assert "2 of 2" in page and "2 of 2" not in worker.get("/contacts/").content.decode()
        contact = f"/contacts/{world.undecided}/"
        assert "I take it" in worker.get(contact).content.decode()
        assert worker.post(f"{contact}take/").status_code == 302
        assert "Ivo Third SYN" in worker.get("/contacts/?show=mine").content.decode()
        assert worker.get(f"{contact}allocate/").status_code == 404
        form = manager.get(f"{contact}allocate/").content.decode()
        assert "who has 1 of these in hand" in form
        sent = {"who": "nobody", "version": "2"}
        assert manager.post(f"{contact}allocate/", sent).status_code == 302
        assert held(world) == ""
