"""Screens of the forums' other kinds: few queries, nothing typed lost, boards public-safe, the return's links open."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import desk_story as story
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from concord.desk.accounts import queries as accounts
from concord.desk.panels import operations as panels
from concord.desk.panels import queries
from concord.desk.sharing.session import as_viewer

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


def sits(world) -> None:
    coordinator = world.cast["mace-coordinator"]
    panels.everybody_here(viewer=coordinator, meeting_id=world.coming.meeting_id, at=story.NOW)
    panels.open_meeting(viewer=coordinator, meeting_id=world.coming.meeting_id, at=story.NOW)


def test_the_newest_screens_ask_little(world):
    sits(world)
    form, coordinator = accounts.service("public_form"), world.cast["safety-coordinator"]
    board = panels.plan_meeting(
        viewer=coordinator, forum="safer_neighbourhood_board", starts_at=story.NOW + timedelta(days=3), place="p",
        at=story.NOW,
    )  # fmt: skip
    for number in range(4):
        panels.ask_question(viewer=form, board="safer_neighbourhood_board", text=f"Why {number}?", at=story.NOW)
    planned = panels.plan_meeting(
        viewer=coordinator, forum="iom", starts_at=story.NOW + timedelta(days=3), place="p", at=story.NOW
    )
    mace, safety, anybody = (
        signed_in("mace-coordinator"),
        signed_in("safety-coordinator"),
        Client(headers={"host": "localhost"}),
    )
    panels.plan_meeting(
        viewer=world.cast["marac-coordinator"], forum="marac", starts_at=story.NOW + timedelta(days=30), place="p",
        at=story.NOW,
    )  # fmt: skip
    counted = {
        "sit": asked(mace, f"/cases/{world.coming.item_id}/sit/"),
        "wall": asked(mace, f"/cases/{world.coming.item_id}/wall/"),
        "marac": asked(signed_in("marac-coordinator"), "/forums/marac/"),
        "iom": asked(safety, "/forums/iom/"),
        "list": asked(safety, "/forums/iom/list/"),
        "board": asked(safety, "/forums/safer_neighbourhood_board/"),
        "questions": asked(safety, "/forums/safer_neighbourhood_board/questions/"),
        "public": asked(anybody, "/boards/safer_neighbourhood_board/"),
        "mine": asked(signed_in("police"), "/actions/?whose=mine"),
        "today": asked(safety, "/today/"),
    }
    assert {where: count for where, count in counted.items() if count > MOST_QUERIES} == {} and board and planned


def test_two_who_write_at_once_are_told_and_lose_nothing(world):
    sits(world)
    address = f"/cases/{world.coming.item_id}/sit/"
    coordinator, chair = signed_in("mace-coordinator"), signed_in("mace-chair")
    assert coordinator.post(address, {"stay": "1", "minute": "Theirs: two stops.", "version": "1"}).status_code == 302
    typed = {"outcome": "plan_agreed", "reason": "It holds.", "level": "moderate", "minute": "Mine.", "version": "1"}
    page = chair.post(address, typed).content.decode()
    name = world.cast["mace-coordinator"].display_name
    assert f"What {name} saved while you wrote" in page and "Theirs: two stops." in page
    assert "Mine." in page and "It holds." in page and 'name="version" value="2"' in page
    assert queries.item(world.cast["mace-chair"], world.coming.item_id, at=story.NOW).decision is None
    assert chair.post(address, typed | {"version": "2", "minute": "Both."}).status_code == 302
    assert queries.item(world.cast["mace-chair"], world.coming.item_id, at=story.NOW).minute == "Both."
    late = coordinator.post(address, {"stay": "1", "minute": "Too late.", "version": "2"}).content.decode()
    assert "The case is decided, so yours cannot be saved" in late and "Too late." in late


def test_the_wall_shows_one_case_and_nobody_else_s_name(world):
    coordinator = world.cast["marac-coordinator"]
    panels.add_research(
        viewer=world.cast["police"], item_id=world.marac.item_id, text="Carl Probe was seen at her door.",
        intelligence="May hold a blade.", at=story.NOW,
    )  # fmt: skip
    panels.everybody_here(viewer=coordinator, meeting_id=world.marac.meeting_id, at=story.NOW)
    panels.open_meeting(viewer=coordinator, meeting_id=world.marac.meeting_id, at=story.NOW)
    page = signed_in("marac-coordinator").get(f"/cases/{world.marac.item_id}/wall/").content.decode()
    assert "Dana Testwell SYN" in page and "the perpetrator was seen at her door" in page
    for hidden in ("Probe", "Carl", "blade", "Ring the surgery", "Signed in as"):
        assert hidden not in page, hidden


def test_an_action_that_is_not_theirs_is_not_ended_by_one_tap(world):
    for who, status in (("police", 404), ("school", 404), ("education", 302)):
        answer = signed_in(who).post(f"/actions/{world.action_id}/done/", {"version": "1"})
        assert answer.status_code == status, who
    again = signed_in("education").post(f"/actions/{world.action_id}/done/", {"version": "1"})
    assert again.status_code == 403 and "changed while you had it open" in again.content.decode()


def test_questions_are_few_an_hour_and_leave_no_trace_of_who(world):
    anybody, address = Client(headers={"host": "localhost"}), "/boards/safer_neighbourhood_board/ask/"
    answers = [anybody.post(address, {"text": f"Why is lamp {n} dark?"}) for n in "abcdef"]
    assert [each.status_code for each in answers] == [302] * 5 + [429]
    assert "Nothing was sent" in answers[-1].content.decode()
    assert "Your reference is" in anybody.get(answers[0]["Location"]).content.decode()
    assert anybody.get("/boards/safer_neighbourhood_board/asked/?receipt=forged").status_code == 302
    for board in ("executive", "mace", "none"):
        assert {anybody.get(f"/boards/{board}/{step}").status_code for step in ("", "ask/", "asked/")} == {404}
    assert "lamp" not in anybody.get("/boards/safer_neighbourhood_board/").content.decode()
    with as_viewer(world.cast["safety-coordinator"], at=story.NOW), connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(q)::text FROM panels_question q")
        kept = " ".join(row for (row,) in cursor.fetchall())
    assert "lamp" in kept and "127.0.0.1" not in kept


def test_an_old_paper_says_how_old_it_is(world, settings, tmp_path):
    settings.CONCORD_HOME = tmp_path
    panels.plan_meeting(
        viewer=world.cast["safety-coordinator"], forum="weekly_violence_assessment",
        starts_at=story.NOW + timedelta(days=3), place="p", at=story.NOW,
    )  # fmt: skip
    client = signed_in("safety-coordinator")
    page = client.get("/forums/weekly_violence_assessment/").content.decode()
    assert "“Weekly violence pack” was never published" in page
    made = tmp_path / "site" / "weekly_violence"
    made.mkdir(parents=True)
    (made / "index.html").write_text("<title>Weekly violence pack</title>", "utf-8")
    for days, said in ((7, False), (9, True)):
        day = (story.NOW - timedelta(days=days)).date().isoformat()
        entry = {"title": "Weekly violence pack", "made_on": day, "of": "weekly_violence"}
        (tmp_path / "site" / "site.json").write_text(json.dumps({"publications": {"weekly_violence": entry}}), "utf-8")
        page = client.get("/forums/weekly_violence_assessment/").content.decode()
        assert ("is 9 days old</" in page or "is 9 days old:" in page) == said
