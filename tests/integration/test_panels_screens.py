"""Screens of the forums' other kinds: few queries, nothing typed lost, boards public-safe, the return's links open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import desk_story as story
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from concord.desk.panels import operations as panels
from concord.desk.panels import queries

pytestmark = pytest.mark.django_db
MOST_QUERIES = 30
BRACKETS = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")
"""They bracket a transaction and ask nothing."""


def signed_in(username: str) -> Client:
    client = Client(headers={"host": "localhost"})
    assert client.post("/sign-in/", {"person": username}).status_code == 302
    return client


@pytest.fixture
def world() -> Iterator[story.World]:
    made = story.world()
    with time_machine.travel(story.NOW, tick=False):
        yield made


def asked(client: Client, path: str) -> int:
    client.get("/today/")
    with CaptureQueriesContext(connection) as found:
        assert client.get(path).status_code == 200, path
    return sum(not each["sql"].startswith(BRACKETS) for each in found.captured_queries)


def test_the_new_screens_ask_little(world):
    coordinator, chair = world.cast["mace-coordinator"], signed_in("mace-chair")
    panels.everybody_here(viewer=coordinator, meeting_id=world.coming.meeting_id, at=story.NOW)
    panels.open_meeting(viewer=coordinator, meeting_id=world.coming.meeting_id, at=story.NOW)
    panels.plan_meeting(
        viewer=coordinator, forum="mace", starts_at=story.NOW + timedelta(days=20), place="p", at=story.NOW
    )
    counted = {
        "sit": asked(chair, f"/cases/{world.coming.item_id}/sit/"),
        "readiness": asked(signed_in("mace-coordinator"), "/forums/mace/"),
        "chair's": asked(chair, "/forums/mace/"),
        "topic": asked(signed_in("mace-coordinator"), f"/meetings/{world.coming.meeting_id}/topic/"),
        "return": asked(signed_in("marac-coordinator"), "/forums/marac/return/"),
        "board": asked(signed_in("safety-coordinator"), "/forums/executive/"),
    }
    assert {where: count for where, count in counted.items() if count > MOST_QUERIES} == {}


def test_the_chair_settles_a_case_and_its_action_on_one_screen(world):
    coordinator, chair = world.cast["mace-coordinator"], signed_in("mace-chair")
    panels.everybody_here(viewer=coordinator, meeting_id=world.coming.meeting_id, at=story.NOW)
    panels.open_meeting(viewer=coordinator, meeting_id=world.coming.meeting_id, at=story.NOW)
    address = f"/cases/{world.coming.item_id}/sit/"
    typed = {"outcome": "plan_agreed", "reason": "It holds.", "level": "moderate", "version": "1", "task": "See her."}
    page = chair.post(address, typed).content.decode()
    assert "Choose the agency that does it, and enter the day it is due" in page and "See her." in page
    due = story.NOW.date() + timedelta(days=7)
    when = {"due_on_0": due.day, "due_on_1": due.month, "due_on_2": due.year, "agency": "harbourside_police"}
    answer = chair.post(address, typed | when)
    assert answer.status_code == 302, re.findall(r"error-message[^<]*<[^<]*", answer.content.decode())
    found = queries.item(coordinator, world.coming.item_id, at=story.NOW)
    assert (found.decision.outcome, [each.text for each in found.actions]) == ("plan_agreed", ["See her."])
    assert [each.level_name for each in found.ratings] == ["Moderate"]


def test_a_board_s_agenda_offers_no_person_and_takes_what_is_published(world):
    coordinator = world.cast["safety-coordinator"]
    meeting_id = panels.plan_meeting(
        viewer=coordinator, forum="executive", starts_at=story.NOW + timedelta(days=3), place="p", at=story.NOW
    )
    client = signed_in("safety-coordinator")
    page = client.get(f"/meetings/{meeting_id}/").content.decode()
    assert "List a person without a referral" not in page and "Put a paper or a question on" in page
    assert client.get(f"/meetings/{meeting_id}/person/").status_code == 404
    typed = {"kind": "theme", "about": "Budget SYN", "reason": "The grant ends.", "whereabouts": ""}
    assert client.post(f"/meetings/{meeting_id}/topic/", typed).status_code == 302
    assert "Budget SYN" in client.get(f"/meetings/{meeting_id}/").content.decode()


def test_a_return_that_is_not_theirs_is_not_there(world):
    for who in ("mace-coordinator", "marac-chair", "school", "analyst"):
        assert signed_in(who).get("/forums/marac/return/").status_code == 404, who
