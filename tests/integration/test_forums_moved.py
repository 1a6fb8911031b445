"""Before a meeting: it moves and takes its cut-off along, its cases change places, one waits or is taken off."""

from __future__ import annotations

import re
from datetime import timedelta

import desk_story as story
import pytest
import time_machine
from desk_story import NOW
from django.test import Client

from concord.desk.accounts.rules import ChangedMeanwhile
from concord.desk.panels import operations as panels
from concord.desk.panels import queries
from concord.desk.panels.rules import NotNow

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def police_at_health(world, at):
    """What health reads of the police's research on the coming case."""
    found = queries.item(world.cast["health"], world.coming.item_id, at=at)
    return next(each for each in found.research if "Police" in each.agency)


def place(world, about: str):
    return panels.list_topic(
        viewer=world.cast["mace-coordinator"],
        meeting_id=world.coming.meeting_id,
        kind="location",
        about=about,
        reason="r",
        at=NOW,
    )


def order(world, viewer="mace-coordinator"):
    return [line.about for line in queries.meeting(world.cast[viewer], world.coming.meeting_id, at=NOW).items]


def move(world, case, starts_at):
    panels.move_meeting(
        viewer=world.cast["mace-coordinator"],
        meeting_id=case.meeting_id,
        starts_at=starts_at,
        place="p",
        version=1,
        at=NOW,
    )


def test_a_meeting_that_moves_takes_the_cut_off_with_it(world):
    coordinator, sooner = world.cast["mace-coordinator"], NOW + timedelta(days=2, hours=1)
    before = queries.meeting(coordinator, world.coming.meeting_id, at=NOW)
    after_new_cut_off = sooner - timedelta(hours=47)
    assert after_new_cut_off < before.cut_off_at and police_at_health(world, after_new_cut_off).hidden
    panels.move_meeting(
        viewer=coordinator,
        meeting_id=world.coming.meeting_id,
        starts_at=sooner,
        place="Video call",
        version=before.version,
        at=NOW,
    )
    # A colleague who opened the form before it moved is told, and moves nothing.
    with pytest.raises(ChangedMeanwhile):
        panels.move_meeting(
            viewer=coordinator,
            meeting_id=world.coming.meeting_id,
            starts_at=before.starts_at,
            place="Town Hall",
            version=before.version,
            at=NOW,
        )
    found = queries.meeting(world.cast["health"], world.coming.meeting_id, at=NOW)
    assert (found.starts_at, found.place, found.cut_off_at) == (sooner, "Video call", sooner - timedelta(hours=48))
    assert police_at_health(world, NOW).hidden
    read = police_at_health(world, after_new_cut_off)
    assert (read.hidden, read.text) == (False, "Two stops.")


def test_members_see_a_case_until_the_forums_time_after_the_new_day(world):
    health = world.cast["health"]
    later = NOW + timedelta(days=40)
    move(world, world.coming, later)
    assert queries.item(health, world.coming.item_id, at=later + timedelta(days=89)).item_id == world.coming.item_id


def test_no_meeting_is_planned_or_moved_into_the_past_or_after_it_sat(world):
    coordinator, over = world.cast["mace-coordinator"], NOW - timedelta(days=1)
    with pytest.raises(NotNow, match="is over"):
        panels.plan_meeting(viewer=coordinator, forum="mace", starts_at=over, place="p", at=NOW)
    with pytest.raises(NotNow, match="is over"):
        panels.move_meeting(
            viewer=coordinator, meeting_id=world.coming.meeting_id, starts_at=over, place="p", version=1, at=NOW
        )
    # An emergency meeting in an hour, and one that began this morning, can be entered.
    panels.plan_meeting(viewer=coordinator, forum="mace", starts_at=NOW - timedelta(minutes=5), place="p", at=NOW)
    with pytest.raises(NotNow, match="can be moved"):
        panels.move_meeting(
            viewer=coordinator,
            meeting_id=world.heard.meeting_id,
            starts_at=NOW + timedelta(5),
            place="p",
            version=1,
            at=NOW,
        )


def test_the_chair_orders_the_cases_and_one_that_is_kept_from_her_stays_where_it_is(world):
    chair = world.cast["mace-chair"]
    place(world, "Arcade"), place(world, "Bridge")
    bridge = next(
        line.item_id for line in queries.meeting(chair, world.coming.meeting_id, at=NOW).items if line.about == "Bridge"
    )
    arcade = queries.meeting(chair, world.coming.meeting_id, at=NOW).items[1].item_id
    panels.declare_conflict(viewer=chair, item_id=arcade, why="cousin", at=NOW)
    assert order(world, "mace-chair") == ["Nell Secondary SYN", "Bridge"]
    panels.hear_earlier(viewer=chair, item_id=bridge, at=NOW)
    assert order(world, "mace-chair") == ["Bridge", "Nell Secondary SYN"]
    assert order(world) == ["Bridge", "Arcade", "Nell Secondary SYN"]
    panels.hear_earlier(viewer=chair, item_id=bridge, at=NOW)
    assert order(world)[0] == "Bridge", "the first stays the first"


def test_a_case_waits_for_another_meeting_with_what_was_given_on_it(world):
    coordinator, later = world.cast["mace-coordinator"], NOW + timedelta(days=30)
    to = panels.plan_meeting(viewer=coordinator, forum="mace", starts_at=later, place="p", at=NOW)
    case = queries.item(coordinator, world.coming.item_id, at=NOW)
    panels.hear_at(
        viewer=coordinator, item_id=case.item_id, meeting_id=to, reason="Too soon.", version=case.version, at=NOW
    )
    assert order(world) == []
    assert [line.item_id for line in queries.meeting(coordinator, to, at=NOW).items] == [case.item_id]
    assert police_at_health(world, later).text == "Two stops."
    with pytest.raises(NotNow, match="another meeting"):
        panels.hear_at(
            viewer=coordinator, item_id=case.item_id, meeting_id=to, reason="r", version=case.version + 1, at=NOW
        )


def test_on_screen_a_case_is_taken_off_and_a_meeting_moved(world):
    from django.contrib.auth import get_user_model

    with time_machine.travel(NOW, tick=False):
        client = Client(headers={"host": "localhost"})
        client.force_login(get_user_model().objects.get(id=world.cast["mace-coordinator"].user_id))
        agenda = f"/meetings/{world.coming.meeting_id}/"
        page = client.get(agenda).content.decode()
        assert "Who sits here" in page and "Change the time or place" in page and "Open it then" in page
        for form in (f"{agenda}change/", f"/cases/{world.coming.item_id}/off/"):
            assert re.search(r'name="version"[^>]* value="1"', client.get(form).content.decode()), form
        sent = {"place": "Room 9", "time": "11:00", "day_0": "1", "day_1": "7", "day_2": "2026", "version": "1"}
        assert client.post(f"{agenda}change/", sent).status_code == 302
        assert "while you" in client.post(f"{agenda}change/", sent | {"place": "Room 1"}).content.decode()
        assert "Room 9" in client.get(agenda).content.decode()
        off = f"/cases/{world.coming.item_id}/off/"
        assert "Choose what becomes of it" in client.post(off, {}).content.decode()
        told = {"where": "off", "reason": "Listed by mistake.", "version": "1"}
        assert client.post(off, told).status_code == 302
        assert "Nell Secondary SYN" not in client.get(agenda).content.decode().partition("<table")[2]
        assert client.get(off).status_code == 404, "it is no longer listed"


def test_what_the_return_counts_is_completed_until_the_minutes_are_signed(world):
    from django.contrib.auth import get_user_model

    coordinator = world.cast["mace-coordinator"]
    with time_machine.travel(NOW, tick=False):
        client = Client(headers={"host": "localhost"})
        client.force_login(get_user_model().objects.get(id=coordinator.user_id))
        address = f"/cases/{world.coming.item_id}/facets/"
        version = queries.item(coordinator, world.coming.item_id, at=NOW).version
        assert client.get(address).status_code == 200
        sent = {"version": version, "facet_missing": "missing_linked", "facet_exploitation": ["criminal", "online"]}
        assert client.post(address, sent).status_code == 302
        page = client.get(f"/cases/{world.coming.item_id}/").content.decode()
        assert "Missing, linked to exploitation" in page and "Change what is recorded of it" in page
        assert "while you wrote" not in page
        again = client.post(address, sent).content.decode()
        assert "changed" in again.lower(), "a version that is behind is told"
        assert client.get(f"/cases/{world.heard.item_id}/facets/").status_code == 404, "its minutes are signed"
    with pytest.raises(NotNow, match="no answer to"):
        panels.record_facets(
            viewer=coordinator, item_id=world.coming.item_id, facets={"missing": ["x"]}, version=version + 1, at=NOW
        )


def test_the_coordinator_declares_a_conflict_that_a_member_told_of(world):
    from django.contrib.auth import get_user_model

    coordinator, health = world.cast["mace-coordinator"], world.cast["health"]
    with time_machine.travel(NOW, tick=False):
        client = Client(headers={"host": "localhost"})
        client.force_login(get_user_model().objects.get(id=coordinator.user_id))
        address = f"/cases/{world.coming.item_id}/conflict/"
        assert health.display_name in client.get(address).content.decode()
        assert client.post(address, {"who": str(health.user_id), "why": "aunt"}).status_code == 302
        member = Client(headers={"host": "localhost"})
        member.force_login(get_user_model().objects.get(id=health.user_id))
        assert member.get(f"/cases/{world.coming.item_id}/").status_code == 404
        assert client.get(address).content.decode().count(f"{health.display_name},") == 0, "once is enough"
        other = Client(headers={"host": "localhost"})
        other.force_login(get_user_model().objects.get(id=world.cast["police"].user_id))
        assert "Who has it?" not in other.get(address).content.decode()


def test_whoever_runs_a_forum_sees_what_every_agency_owes_it(world):
    from django.contrib.auth import get_user_model

    with time_machine.travel(NOW, tick=False):
        client = Client(headers={"host": "localhost"})
        client.force_login(get_user_model().objects.get(id=world.cast["mace-coordinator"].user_id))
        assert "/forums/mace/actions/" in client.get("/forums/mace/").content.decode()
        page = client.get("/forums/mace/actions/").content.decode()
        assert "Meet the school." in page and "Education and Inclusion" in page
        education = world.cast["education"]
        panels.close_action(viewer=education, action_id=world.action_id, status="done", version=1, at=NOW)
        assert "No agency owes anything." in client.get("/forums/mace/actions/").content.decode()
        assert "Meet the school." in client.get("/forums/mace/actions/?show=closed").content.decode()
