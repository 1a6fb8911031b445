"""The pages of an assessment, from beginning to result, as a browser without a script sends them."""

from __future__ import annotations

import re
from uuid import uuid4

import desk_story as story
import pytest
import time_machine
from desk_story import MONDAY
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from instruments_support import SCREENED, SIGNS

from concord.desk.instruments import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return story.people()


def client(viewer):
    made = Client(headers={"host": "localhost"})
    made.force_login(get_user_model().objects.get(id=viewer.user_id))
    return made


@pytest.fixture
def now():
    with time_machine.travel(MONDAY, tick=False):
        yield MONDAY


def begin(browser, key="exploitation_screening", **more):
    who = {
        "given_name": "Rafi",
        "family_name": "Testwell SYN",
        "born_on_0": "14",
        "born_on_1": "3",
        "born_on_2": "2011",
    }
    answer = browser.post(f"/assessments/new/{key}/", {**who, "press": str(uuid4()), **more})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def words(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def hidden(page):
    return {
        "revision": re.search(r'name="revision" value="(\d+)"', page)[1],
        "press": re.search(r'name="press" value="([^"]+)"', page)[1],
    }


def test_the_whole_way(cast, now):
    school = client(cast["school"])
    assert "Exploitation screening" in words(school.get("/assessments/"))
    where = begin(school)
    assert "Not started" in words(school.get(where))
    part = f"{where}parts/why/"
    page = words(school.get(part))
    assert "page 1 of 7" in page and "What have you seen or been told?" in page
    answer = school.post(part, {**hidden(page), "seen": "Two phones. She is streetwise."})
    assert answer["Location"] == f"{part}?words=1"
    prompted = words(school.get(answer["Location"]))
    assert "“streetwise”: Say what the child knows or does." in prompted and "go on as it is" in prompted
    assert "Two phones. She is streetwise." in prompted, "it was saved all the same"
    answer = school.post(f"{where}parts/signs/", {**hidden(prompted), **{sign: SCREENED[sign] for sign in SIGNS}})
    assert answer["Location"] == f"{where}parts/controlled/"
    page = words(school.get(answer["Location"]))
    assert "What is known about them?" not in page
    answer = school.post(f"{where}parts/controlled/", {**hidden(page), "others": "yes"})
    assert answer["Location"].endswith("controlled/?more=1")
    page = words(school.get(answer["Location"]))
    assert "Your answer brings up another question" in page and "What is known about them?" in page
    answer = school.post(f"{where}parts/controlled/", {**hidden(page), "others": "yes", "others_what": "A car."})
    assert answer["Location"] == f"{where}parts/strengths/"
    page = words(school.get(answer["Location"]))
    school.post(f"{where}parts/strengths/", {**hidden(page), "protective": ["school", "help"]})
    check = words(school.get(f"{where}check/"))
    assert "1 question must still be answered" in check and "To answer" in check
    page = words(school.get(f"{where}parts/voice/"))
    voice = {**hidden(page), "child_view": "x", "child_view__withheld": ["yes"], "child_knows": "agrees"}
    assert school.post(f"{where}parts/voice/", voice)["Location"] == f"{where}check/"
    check = words(school.get(f"{where}check/"))
    assert "Not written: the person’s wish" in check and "Continue to the decision" in check
    assert "Attends and is settled in education, Asks for help, or takes it" in check
    page = words(school.get(f"{where}decide/"))
    assert "No score points to a level here. You judge it." in page and "National Referral Mechanism" in page
    revision = {"revision": re.search(r'name="revision" value="(\d+)"', page)[1]}
    refused = words(school.post(f"{where}decide/", revision))
    assert "Choose a level" in refused and "Say why you judge so" in refused
    answer = school.post(f"{where}decide/", {**revision, "level": "significant", "reason": "Driven to other towns."})
    result = words(school.get(answer["Location"]))
    for said in (
        "Significant", "Driven to other towns.", "Mina Castellan SYN", "Child exploitation panel (MACE)", "Present",
        "Begin: Child safeguarding referral", "Decided. What the answers advise is below; nothing has been sent",
    ):  # fmt: skip
        assert said in result, said
    assert "Nothing" in words(school.get(f"{where}history/")) and "no earlier decided" in words(
        school.get(f"{where}compare/")
    )
    amended = school.post(f"{where}answers/gifts/", {"value": "suspected", "reason": "It was lent."})
    assert amended.status_code == 302
    result = words(school.get(f"{where}result/"))
    assert "Answers were put right after the decision" in result
    assert "It was lent." in words(school.get(f"{where}history/"))
    assert queries.miscounted(cast["school"], at=now) == ()


def test_a_colleague_s_answer_is_shown_and_not_overwritten(cast, now):
    school = client(cast["school"])
    where = begin(school)
    part = f"{where}parts/why/"
    page = hidden(words(school.get(part)))
    school.post(part, {**page, "press": str(uuid4()), "seen": "First."})
    told = words(school.post(part, {**page, "press": str(uuid4()), "seen": "Second."}))
    assert "changed while you had it open" in told and "Saved meanwhile: “First.”" in told and "Second." in told
    again = hidden(told)
    assert school.post(part, {**again, "seen": "Second."}).status_code == 302


def test_a_page_sent_twice_is_saved_once(cast, now):
    school = client(cast["school"])
    where = begin(school)
    part = f"{where}parts/why/"
    page = {**hidden(words(school.get(part))), "seen": "Once."}
    first, second = school.post(part, page), school.post(part, page)
    assert first["Location"] == second["Location"]
    assert words(school.get(f"{where}history/")).count("Once.") == 1


def test_repeated_parts_grow_and_pausing_keeps_the_page(cast, now):
    idva = client(cast["idva"])
    where = begin(idva, "needs_assessment", ground="domestic_abuse")
    part = f"{where}parts/people/"
    page = words(idva.get(part))
    assert "Person 1" in page and "Person 2" not in page
    answer = idva.post(part, {**hidden(page), "people.1.who": "My aunt", "another": "1"})
    page = words(idva.get(answer["Location"]))
    assert "Person 2" in page and "May we speak to them?" in page
    answer = idva.post(part, {**hidden(page), "people.1.who": "My aunt", "people.1.helps": "Listens", "later": "1"})
    listed = words(idva.get(answer["Location"]))
    assert "Saved and paused" in listed and "Paused" in listed
    overview = words(idva.get(where))
    assert "Go on with it" in overview
    assert idva.post(f"{where}resume/").status_code == 302
    assert "Listens" in words(idva.get(part))


def test_the_public_reads_how_an_instrument_works(db):
    anybody = Client(headers={"host": "localhost"})
    page = words(anybody.get("/instruments/child_gravity/"))
    for said in ("Transparency record, version 1", "How to challenge it", "Example offences", "The police decide"):
        assert said in page
    assert anybody.get("/instruments/nothing/").status_code == 404


def test_from_a_person_s_page_only_for_those_it_is_shared_with(cast, now):
    listed = story.listed_at_mace(cast)
    mash, school = client(cast["mash"]), client(cast["school"])
    start = f"/assessments/new/exploitation_screening/?person={listed.person_id}"
    page = words(mash.get(start))
    assert "Rafi Testwell SYN" in page and 'name="family_name"' not in page
    assert school.get(start).status_code == 404
    answer = mash.post(
        "/assessments/new/exploitation_screening/", {"person": str(listed.person_id), "press": str(uuid4())}
    )
    assert answer.status_code == 302


@pytest.mark.parametrize("page", ["", "parts/signs/", "check/", "decide/", "history/", "compare/", "hand-over/"])
def test_every_page_asks_the_database_thirty_times_at_most(cast, now, page):
    school = client(cast["school"])
    for _ in range(3):
        where = begin(school)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert school.get(f"{where}{page}").status_code == 200
    assert len(asked) <= 30, len(asked)


def test_the_list_asks_the_same_however_long_it_is(cast, now):
    school = client(cast["school"])
    begin(school)
    with CaptureQueriesContext(connection) as one:
        school.get("/assessments/")
    for _ in range(6):
        begin(school)
    with CaptureQueriesContext(connection) as seven:
        school.get("/assessments/")
    assert len(seven) == len(one) <= 30


def test_nobody_else_is_told_that_it_exists(cast, now):
    where = begin(client(cast["school"]))
    missing = f"/assessments/{uuid4()}/"
    for name in ("gp", "mash", "police", "analyst", "dpo"):
        other = client(cast[name])
        for page in ("", "result/", "history/", "compare/", "check/", "decide/", "parts/why/", "answers/seen/"):
            there, not_there = other.get(f"{where}{page}"), other.get(f"{missing}{page}")
            assert there.status_code == not_there.status_code == 404, (name, page)


def test_my_day_shows_what_is_under_way(cast, now):
    idva = client(cast["idva"])
    begin(idva, "needs_assessment", ground="domestic_abuse")
    with CaptureQueriesContext(connection) as asked:
        page = words(idva.get("/today/"))
    assert "Assessments under way" in page and "Rafi Testwell SYN: Trauma-informed needs assessment" in page
    assert len(asked) <= 30
