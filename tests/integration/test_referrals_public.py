"""Forms that need no account, and the prompt to read again: what is kept, what is told, and what is not."""

from __future__ import annotations

import html
import importlib
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import desk_story as story
import pytest
import time_machine
from desk_story import NOW
from django.contrib.auth import get_user_model
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed
from concord.desk.referrals import operations, queries
from concord.desk.referrals.models import Kept, Referral, Try
from concord.desk.sharing.session import as_viewer
from concord.strategy import load
from concord.web.referrals import limits, open_forms

pytestmark = pytest.mark.django_db
PARTNERSHIPS = Path(__file__).resolve().parents[2] / "partnerships"


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def client(viewer) -> Client:
    made = Client(headers={"host": "localhost"})
    made.force_login(get_user_model().objects.get(id=viewer.user_id))
    return made


# --- without an account --------------------------------------------------------------------------------------------

SAID = {
    "concern": "Shouted at on the bus.",
    "own_motive": ["religion", "race"],
    "own_where": "SYN Route 9",
    "own_police": "no",
}


def test_a_report_reaches_its_team_and_nothing_can_be_read_back(world):
    anyone, key = Client(headers={"host": "localhost"}), str(uuid4())
    with time_machine.travel(NOW, tick=True):
        first = anyone.post("/report/hate_report/", {**SAID, "submission": key, "who": "Ada"}, REMOTE_ADDR="192.0.2.7")
        again = anyone.post("/report/hate_report/", {**SAID, "submission": key, "who": "Ada"})
        assert first.status_code == again.status_code == 302
        receipts = [anyone.get(each["Location"]).content.decode() for each in (first, again)]
    reference = receipts[0].split('concord-code">')[1].split("<")[0]
    assert reference in receipts[1] and "Shouted" not in receipts[0] and "Ada" not in receipts[0]
    later = NOW + timedelta(minutes=5)
    lines = queries.queue(world.cast["hate-worker"], "hate_report", at=later)
    assert [each.reference for each in lines] == [reference]
    page = queries.contact(world.cast["hate-worker"], lines[0].contact_id, at=later)
    assert page.referrer == "Somebody without an account" and page.concern == "Shouted at on the bus."
    assert dict(page.answers)["What do you think it was about?"] == "Race or ethnicity, Religion or belief"
    service = replace(accounts.service("public_form"), agency="vawg_hate_team")
    with as_viewer(service, at=later):
        assert not Referral.objects.exists(), "the form cannot read what it wrote"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_auditevent WHERE audit_auditevent::text LIKE '%%192.0.2.7%%'")
        assert cursor.fetchone() == (0,), "no address is kept"


def test_a_form_kept_opens_by_its_code_alone_and_is_erased_when_sent(world):
    anyone = Client(headers={"host": "localhost"})
    kept = anyone.post(
        "/report/hate_report/", {"concern": "Half a sen", "own_motive": ["race", "age"], "later": "1"}
    ).content.decode()
    code = kept.split('concord-code">')[1].split("<")[0]
    with as_viewer(accounts.service("public_form"), at=NOW):
        row = Kept.objects.get()
    assert code.replace(" ", "") not in row.sealed + row.mark and "Half" not in row.sealed
    words = {}
    for tried in ("AAAA BBBB CCCC", code[:-1] + ("2" if code[-1] != "2" else "3")):
        words[tried] = (
            anyone.post("/report/hate_report/resume/", {"code": tried}).content.decode().count("No form opens")
        )
    assert set(words.values()) == {words["AAAA BBBB CCCC"]} and words["AAAA BBBB CCCC"] >= 1
    opened = anyone.post("/report/hate_report/resume/", {"code": code.lower()}).content.decode()
    assert "Half a sen" in opened
    assert re.findall(r'value="(\w+)"[^>]*\schecked', opened) == ["race", "age"]
    anyone.post("/report/hate_report/", {**SAID, "code": code, "submission": str(uuid4())})
    with as_viewer(accounts.service("public_form"), at=NOW):
        assert not Kept.objects.exists()


@pytest.mark.parametrize("pathway", ["hate_report", "housing_concern"])
@pytest.mark.parametrize("folder", ["harbourside", "tower_hamlets"])
def test_every_word_of_a_form_stands_in_bengali_too(folder, pathway):
    """Of the form as the folder has it: what is asked, offered and said when it was sent."""
    home = load(PARTNERSHIPS / folder)
    on, tongue = home.pathways[pathway], home.phrases["bn"]
    assert on.open_form is not None and home.languages == ("bn",)
    asked = [words for each in on.question for words in (each.name, each.hint, *(one.name for one in each.choice))]
    told = next(each.told for each in on.state if each.key == on.initial)
    opened = (on.open_form.title, on.open_form.intro, on.open_form.receipt, on.receiver_name, told)
    form = open_forms._form(on, None)
    written = [str(words) for each in form.fields.values() for words in (each.label, each.help_text) if words]
    assert [each for each in (*asked, *opened, *written) if each and each not in tongue.forms] == []


def test_a_form_is_read_in_bengali_without_a_cookie_more(world):
    anyone = Client(headers={"host": "localhost"})
    page = anyone.get("/report/hate_report/?lang=bn")
    body = page.content.decode()
    assert 'lang="bn"' in body and "বিদ্বেষমূলক ঘটনা জানান" in body and "কোনো অনুবাদক যাচাই করেননি" in body
    assert set(anyone.cookies) == {"csrftoken"}, "needed to keep the form safe, and no other"
    assert "<script" not in body.split("<main")[1], "no script is needed"
    assert re.findall(r'(?:src|href)="(https?://[^"]+)"', body) == ["https://www.bbc.co.uk/weather"]
    wrong = anyone.post("/report/hate_report/?lang=bn", {"concern": ""}).content.decode()
    assert "একটি সমস্যা আছে" in wrong and "এই প্রশ্নের উত্তর দিন" in wrong
    sent_ = anyone.post("/report/hate_report/?lang=bn", {**SAID, "submission": str(uuid4())}, follow=True)
    assert "আপনার রেফারেন্স নম্বর" in sent_.content.decode()
    assert '<div lang="bn"' not in anyone.get("/report/hate_report/?lang=fr").content.decode()


def test_a_machine_that_fills_in_everything_sends_nothing_and_a_person_loses_nothing(world):
    anyone = Client(headers={"host": "localhost"})
    given = {**SAID, "submission": str(uuid4()), "website": "http://spam.invalid"}
    with time_machine.travel(NOW, tick=True):
        page = anyone.post("/report/hate_report/", given)
        body = page.content.decode()
        assert page.status_code == 200 and "Leave this field empty" in body and SAID["concern"] in body
        assert not queries.queue(world.cast["hate-worker"], "hate_report", at=NOW + timedelta(minutes=1))
        assert anyone.post("/report/hate_report/", given | {"website": ""}).status_code == 302


def test_the_limit_holds_whichever_process_answers_and_shows_what_was_written(world):
    """The count is in the database; nothing that could be the connection's address is."""
    anyone, address = Client(headers={"host": "localhost"}), {"REMOTE_ADDR": "198.51.100.23"}
    answers = []
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(21):
            limits_of_another_process()
            answers.append(anyone.post("/report/hate_report/", {"concern": "Spat at"}, **address))
        assert [each.status_code for each in answers] == [200] * 20 + [429]
        assert "Spat at" in answers[-1].content.decode()
        clock.shift(timedelta(hours=1, seconds=1))
        assert anyone.post("/report/hate_report/", {"concern": "Spat at"}, **address).status_code == 200
    # Nobody reads a try but through the function, and nobody but the form's service runs that.
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Try.objects.exists()
    with pytest.raises(NotAllowed):
        operations.one_try_more(viewer=world.cast["mash"], what="w", connection_from="c", most=1, at=NOW)


def limits_of_another_process() -> None:
    """Everything a process remembers of tries is forgotten: it remembers none."""
    importlib.reload(limits)


def test_codes_cannot_be_tried_out(world):
    anyone = Client(headers={"host": "localhost"})
    answers = [anyone.post("/report/hate_report/resume/", {"code": "AAAABBBBCCCC"}).status_code for _ in range(12)]
    assert answers == [200] * 10 + [429] * 2
    other = anyone.post("/report/hate_report/resume/", {"code": "AAAABBBBCCCC"}, REMOTE_ADDR="192.0.2.9")
    assert other.status_code == 200, "another connection is not held up"


def test_a_pathway_without_an_open_form_has_no_page(world):
    anyone = Client(headers={"host": "localhost"})
    assert {anyone.get(f"/report/{key}/").status_code for key in ("mash_contact", "nothing", "nrm")} == {404}
    assert anyone.get("/report/housing_concern/").status_code == 200


# --- please read again -----------------------------------------------------------------------------------------------

BLAMING = "He is streetwise and keeps going back."


def pressed(page: str, button: str) -> dict[str, str]:
    """What a browser without a script sends with a button of the card."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page, re.DOTALL)
    return {name: html.unescape(value) for name, value in found} | {button: "1"}


def test_a_referrer_is_asked_to_read_again_and_decides(world):
    browser, address = client(world.cast["school"]), "/referrals/new/mash_contact/concern/"
    card = browser.post(address, {"concern": BLAMING}).content.decode()
    assert "Please read again" in card and card.count("<h1") == 1
    for words in (
        "“streetwise”",
        "Say what the child knows or does",
        "“keeps going back”",
        "Send as it is",
        "Change it",
    ):
        assert words in card
    changed = browser.post(address, pressed(card, "change"))
    assert changed.status_code == 200 and BLAMING in changed.content.decode()
    assert "Please read again" not in changed.content.decode() and "There is a problem" not in changed.content.decode()
    sent_ = browser.post(address, pressed(card, "as_it_is"))
    assert sent_.status_code == 302
    assert BLAMING in browser.get(address).content.decode(), "kept as it was written"
    plain = browser.post(address, {"concern": "Driven away by a man of about 30."})
    assert plain.status_code == 302, "other words are asked nothing"
    later = browser.post(address, {"concern": BLAMING, "later": "1"})
    assert later.status_code == 302, "a draft is nobody's reading yet"


def test_nothing_of_the_prompt_is_kept(world):
    def lines() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM audit_auditevent WHERE audit_auditevent::text ILIKE '%%streetwise%%'")
            return cursor.fetchone()[0]

    mash, contact_id = world.cast["mash"], world.undecided
    browser = client(mash)
    with time_machine.travel(NOW, tick=False):
        version = queries.contact(mash, contact_id, at=NOW).version
        given = {"rag": "amber", "reason": BLAMING, "version": str(version)}
        card = browser.post(f"/contacts/{contact_id}/rate/", given).content.decode()
        assert "Please read again" in card and queries.contact(mash, contact_id, at=NOW).rag == ""
        assert lines() == 0
        given["reason"] = "Known to move about the borough at night."
        assert browser.post(f"/contacts/{contact_id}/rate/", given).status_code == 302
    page = queries.contact(mash, contact_id, at=NOW + timedelta(seconds=1))
    assert page.rag == "amber" and "streetwise" not in page.rag_reason and lines() == 0


ASKED = {"agency": "health", "basis": "Children Act 2004 s11: safeguarding and promoting welfare", "question": BLAMING}


@pytest.mark.parametrize(
    ("who", "address", "given"),
    [
        ("mash", "/contacts/{undecided}/ask/", ASKED),
        ("health", "/cases/{coming}/research/", {"holds": "text", "text": BLAMING}),
        (None, "/report/hate_report/", {**SAID, "concern": BLAMING}),
    ],
)
def test_every_room_that_writes_about_people_asks(world, who, address, given):
    browser = client(world.cast[who]) if who else Client(headers={"host": "localhost"})
    place = address.format(undecided=world.undecided, coming=world.coming.item_id)
    with time_machine.travel(NOW, tick=False):
        answer = browser.post(place, given).content.decode()
    assert "Please read again" in answer, re.findall(r"govuk-error-message[^<]*<[^<]*<[^<]*", answer)
