"""The pages of an assessment, from beginning to result, as a browser without a script sends them."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import desk_story as story
import pytest
import time_machine
from desk_story import MONDAY
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from instruments_support import GRAVITY, SCREENED, SIGNS, decided, filled, matrix_told

from concord.desk.instruments import queries
from concord.desk.panels import operations as panels

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
    for said in ("Transparency record, version 2", "How to challenge it", "Example offences", "The police decide"):
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


def judged(cast, level="significant"):
    one = filled(cast["school"], "exploitation_screening", SCREENED, MONDAY)
    decided(cast["school"], one, level, MONDAY)
    return one


def test_an_advised_referral_is_filled_in_and_carries_the_assessment(cast, now):
    one, school = judged(cast), client(cast["school"])
    way = f"/assessments/{one}/routes/front_door/"
    page = words(school.get(way))
    assert "reads the whole assessment, under “Harbourside safeguarding children agreement”" in page
    assert "Choose what you do" in words(school.post(way, {}))
    assert "Say why" in words(school.post(way, {"way": "not_taken"}))
    answer = school.post(way, {"way": "here"})
    assert answer.status_code == 302 and answer["Location"] == "/referrals/new/mash_contact/"
    concern = school.get(answer["Location"])["Location"]
    page = words(school.get(concern))
    assert "Two phones." in page and "judged significant" in page
    answer = school.post(concern, {"concern": "Two phones, and a car at lunch."})
    page = words(school.get("/referrals/new/mash_contact/person-child/"))
    assert 'value="Rafi"' in page and 'value="2011"' in page
    said = {
        "given_name": "Rafi",
        "family_name": "Testwell SYN",
        "born_on_0": "14",
        "born_on_1": "3",
        "born_on_2": "2011",
    }
    school.post("/referrals/new/mash_contact/person-child/", said)
    school.post("/referrals/new/mash_contact/person-parent/", {})
    school.post("/referrals/new/mash_contact/contact/", {"consent": "yes"})
    check = words(school.get("/referrals/new/mash_contact/check/"))
    assert "Exploitation screening" in check and "goes with it" in check
    assert school.post("/referrals/new/mash_contact/check/", {}).status_code == 302
    result = words(school.get(f"/assessments/{one}/result/"))
    assert "Referred here, with this assessment" in result and "the whole assessment went" in result
    mash = client(cast["mash"])
    contact_id = story.newest(cast["mash"], "mash_contact", now)
    with CaptureQueriesContext(connection) as asked:
        page = words(mash.get(f"/contacts/{contact_id}/"))
    assert "Exploitation screening: Significant" in page and "Open the answers" in page
    assert "Begin an assessment:" in page and "Transitions assessment" not in page, "a child of 15"
    assert len(asked) <= 30


def test_a_route_not_taken_is_kept_with_its_reason(cast, now):
    one, school = judged(cast), client(cast["school"])
    school.post(f"/assessments/{one}/routes/panel/", {"way": "not_taken", "reason": "The front door will ask for it."})
    result = words(school.get(f"/assessments/{one}/result/"))
    assert "Not taken" in result and "The front door will ask for it." in result
    assert school.get(f"/assessments/{one}/routes/nowhere/").status_code == 404
    for name in ("gp", "mash"):
        assert client(cast[name]).get(f"/assessments/{one}/routes/front_door/").status_code == 404


def test_youth_justice_gives_its_view_and_the_police_answer_it(cast, now):
    one = filled(cast["police"], "child_gravity", GRAVITY, now)
    police, yjs = client(cast["police"]), client(cast["yjs"])
    assert "Youth Justice Service has not given its view" in words(police.get(f"/assessments/{one}/decide/"))
    assert police.get(f"/assessments/{one}/advise/").status_code == 404
    over = words(police.get(f"/assessments/{one}/hand-over/"))
    assert "Asha Quill SYN" in over
    police.post(f"/assessments/{one}/hand-over/", {"to": str(cast["yjs"].user_id), "reason": "Borderline."})
    assert "Give your view" in words(yjs.get(f"/assessments/{one}/"))
    page = words(yjs.get(f"/assessments/{one}/advise/"))
    assert "What Youth Justice Service advises about Rafi Testwell SYN" in page
    given = {"revision": re.search(r'name="revision" value="(\d+)"', page)[1]}
    assert "Choose what you advise" in words(yjs.post(f"/assessments/{one}/advise/", given))
    yjs.post(f"/assessments/{one}/advise/", {**given, "level": "diversion", "reason": "A mentor is ready."})
    page = words(police.get(f"/assessments/{one}/decide/"))
    assert "Youth Justice Service advises: Community resolution or other diversion" in page
    given = {
        "revision": re.search(r'name="revision" value="(\d+)"', page)[1],
        "level": "outcome_22",
        "reason": "A plan.",
    }
    assert "advised another level" in words(police.post(f"/assessments/{one}/decide/", given))
    police.post(f"/assessments/{one}/decide/", {**given, "differs_because": "A plan can be checked."})
    result = words(yjs.get(f"/assessments/{one}/result/"))
    for said in ("Decided otherwise", "A mentor is ready.", "A plan can be checked.", "DS Ray Calloway SYN"):
        assert said in result, said


def test_an_answer_is_kept_when_its_field_is_left(cast, now):
    school = client(cast["school"])
    where = begin(school)
    part, kept = f"{where}parts/why/", f"{where}parts/why/keep/"
    page = hidden(words(school.get(part)))
    first = school.post(kept, {**page, "field": "seen", "seen": "A second phone."})
    assert (first.status_code, first.json()) == (200, {"revision": 2})
    half = {**page, "revision": "2", "field": "first_noticed", "first_noticed_0": "31", "first_noticed_1": "2"}
    told = school.post(kept, half)
    assert (told.status_code, told.json()["says"]) == (422, "Enter a real date, for example 27 3 2011")
    # Somebody else, with the page as it was before: told, and nothing is overwritten.
    late = school.post(kept, {**page, "field": "seen", "seen": "Something else."})
    assert late.status_code == 409
    assert "meanwhile Mina Castellan SYN" in late.json()["says"] and "“A second phone.”" in late.json()["says"]
    assert "A second phone." in words(school.get(part))
    assert school.post(kept, {**page, "field": "nothing"}).status_code == 404
    assert client(cast["gp"]).post(kept, {**page, "field": "seen", "seen": "x"}).status_code == 404


def test_what_is_known_is_not_asked_again(cast, now):
    idva = client(cast["idva"])
    first = begin(idva, "needs_assessment", ground="domestic_abuse")
    page = hidden(words(idva.get(f"{first}parts/safety/")))
    idva.post(f"{first}parts/safety/", {**page, "safe_now": "yes", "safe_contact": "Ring the surgery."})
    second = begin(idva, "needs_assessment", ground="domestic_abuse")
    assert "1 answer known from before" in words(idva.get(second))
    page = words(idva.get(f"{second}parts/safety/"))
    assert "is known already" in page and "Ring the surgery." in page and "Ask it again" in page
    sent = {**hidden(page), "safe_now": "yes", "safe_contact__use": ["yes"]}
    assert idva.post(f"{second}parts/safety/", sent).status_code == 302
    check = words(idva.get(f"{second}check/"))
    assert "Ring the surgery." in check and "Said before: Trauma-informed needs assessment" in check


def test_who_is_due_is_on_the_list_and_on_my_day(cast, now):
    story.refer_adult(cast)
    gp = client(cast["gp"])
    with CaptureQueriesContext(connection) as asked:
        page = words(gp.get("/assessments/due/"))
    assert "Dana Testwell SYN" in page and "Victim of domestic abuse" in page and len(asked) <= 30
    with CaptureQueriesContext(connection) as asked:
        day = words(gp.get("/today/"))
    assert "Due an assessment" in day and "Dana Testwell SYN: Trauma-informed needs assessment" in day
    assert len(asked) <= 30
    start = re.search(r'href="(/assessments/new/needs_assessment/\?party=[^"]+)"', page)[1]
    page = words(gp.get(start))
    assert "Named in high-risk domestic abuse referral" in page and "Why you may ask this" in page
    assert "Common law" in page and 'name="family_name"' not in page
    party = start.rpartition("=")[2]
    begun = gp.post(
        "/assessments/new/needs_assessment/", {"party": party, "press": str(uuid4()), "ground": "domestic_abuse"}
    )
    assert "Domestic abuse" in words(gp.get(f"{begun['Location']}parts/start/"))
    assert client(cast["school"]).get(start).status_code == 404


def test_the_panel_reads_the_matrix_and_cannot_type_a_score(cast, now):
    one, told = matrix_told(cast, now)
    coordinator = client(cast["safety-coordinator"])
    meeting_id = panels.plan_meeting(
        viewer=cast["safety-coordinator"],
        forum="community_marac",
        starts_at=now + timedelta(days=8),
        place="Room",
        at=now,
    )
    page = words(coordinator.get(f"/meetings/{meeting_id}/topic/"))
    assert "Dana Testwell SYN: score 32" in page and 'name="score"' not in page
    sent = {"kind": "address", "about": "Flat 4 SYN", "reason": "Visitors at night.", "facet_ground": "score"}
    assert "none was chosen" in words(coordinator.post(f"/meetings/{meeting_id}/topic/", {**sent, "score": "99"}))
    assert (
        coordinator.post(f"/meetings/{meeting_id}/topic/", {**sent, "result": str(told.result_id)}).status_code == 302
    )
    agenda = coordinator.get(f"/meetings/{meeting_id}/")
    case = re.search(r"/cases/[0-9a-f-]+/", agenda.content.decode())[0]
    member = client(cast["safety-police"])
    with CaptureQueriesContext(connection) as asked:
        page = words(member.get(case))
    assert "Matrix score 32: high risk" in page and "The answers stay with those who assessed." in page
    assert str(one) not in page and len(asked) <= 30


def test_scores_are_counted_again_and_the_whole_is_printed(cast, now):
    one, _ = matrix_told(cast, now)
    housing = client(cast["housing"])
    page = words(housing.get(f"/assessments/{one}/recount/"))
    assert page.count("The same</") + page.count("The same ") >= 2 and "32" in page and "version 2" in page
    paper = words(housing.get(f"/assessments/{one}/print/"))
    assert "Official: personal information" in paper and "Somebody taking over" not in paper
    assert "Daily, or severe" in paper and '<form method="post" novalidate' not in paper
    for page in ("recount/", "print/"):
        assert client(cast["gp"]).get(f"/assessments/{one}/{page}").status_code == 404


def test_what_is_assumed_is_shown_to_the_partnership_and_not_to_the_public(cast, now):
    address = "/instruments/child_gravity/"
    signed_in, public = (
        words(client(cast["yjs"]).get(address)),
        words(Client(headers={"host": "localhost"}).get(address)),
    )
    for said in ("What is assumed, for the partnership to settle", "When two agencies decide together", "borderline"):
        assert said in signed_in
    assert "What is assumed" not in public.partition("<main")[2].partition("</main")[0]
    assert "Children Act 2004 ss10 and 11" in public
