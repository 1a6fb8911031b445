"""Screens over a real database: bounded queries, nothing hidden shows, refusals in words, drafts sealed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import desk_story as story
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from concord.desk.audit import queries as audit
from concord.desk.referrals import queries as referral_queries

pytestmark = pytest.mark.django_db

MOST_QUERIES = 30
"""What one request may ask of the database."""
BRACKETS = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")
"""They bracket a transaction and ask nothing."""


@pytest.fixture
def world() -> Iterator[story.World]:
    made = story.world()
    with time_machine.travel(story.NOW, tick=False):
        yield made


def signed_in(username: str | None) -> Client:
    client = Client(headers={"host": "localhost"})
    if username:
        assert client.post("/sign-in/", {"person": username}).status_code == 302
    return client


PAGES = {
    "school": ("/today/", "/referrals/", "/referrals/new/"),
    "mash": (
        "/today/",
        "/contacts/",
        "/contacts/?show=decided",
        "contact:undecided",
        "decide:undecided",
        "person:heard",
    ),
    "mace-coordinator": (
        "/today/",
        "/forums/mace/",
        "/forums/mace/cases/",
        "meeting:coming",
        "item:coming",
        "/actions/",
    ),
    "mace-chair": (
        "/today/",
        "/forums/mace/",
        "/forums/mace/past/",
        "meeting:coming",
        "meeting:heard",
        "minutes:heard",
        "item:coming",
        "item:heard",
    ),
    "police": ("/today/", "item:coming", "person:coming", "/actions/"),
    "education": ("/today/", "/actions/", "action"),
    "marac-coordinator": ("/today/", "/contacts/", "/forums/marac/", "item:marac"),
    "dpo": ("/today/", "/who-looked/", "/feeds/"),
    "board": ("/today/", "/strategy/", "/published/"),
}


def address(world: story.World, page: str) -> str:
    if page.startswith("/"):
        return page
    kind, _, which = page.partition(":")
    if kind == "action":
        return f"/actions/{world.action_id}/"
    if which == "undecided":
        return f"/contacts/{world.undecided}/" + ("decide/" if kind == "decide" else "")
    listed: story.Listed = getattr(world, which)
    return {
        "contact": f"/contacts/{listed.contact_id}/",
        "meeting": f"/meetings/{listed.meeting_id}/",
        "minutes": f"/meetings/{listed.meeting_id}/minutes/",
        "item": f"/cases/{listed.item_id}/",
        "person": f"/people/{listed.person_id}/?from=case-ABCDEFG",
    }[kind]


def test_no_page_asks_the_database_too_much(world: story.World) -> None:
    counted = {}
    for username, pages in PAGES.items():
        client = signed_in(username)
        client.get("/today/")
        for page in pages:
            with CaptureQueriesContext(connection) as asked:
                answer = client.get(address(world, page))
            assert answer.status_code == 200, (username, page, answer.status_code)
            counted[username, page] = sum(not each["sql"].startswith(BRACKETS) for each in asked.captured_queries)
    worst = {where: count for where, count in counted.items() if count > MOST_QUERIES}
    assert worst == {}


def test_a_longer_queue_asks_no_more(world: story.World) -> None:
    client = signed_in("mash")
    client.get("/contacts/")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/contacts/").status_code == 200
        counts.append(len(asked))
        for _ in range(12):
            story.refer_child(world.cast, at=story.NOW)
    assert counts[0] == counts[1]


def test_what_somebody_sent_goes_on_past_the_first_page(world: story.World) -> None:
    """Also where many were sent in the same moment, and where more come in between."""
    for _ in range(referral_queries.PAGE + 5):
        story.refer_child(world.cast, by="gp", at=story.NOW)
    client, page, met = signed_in("gp"), "/referrals/", []
    while page:
        text = client.get(page).content.decode()
        met += re.findall(r'href="/referrals/([0-9a-f-]{36})/"', text)
        story.refer_child(world.cast, by="gp", at=story.NOW + timedelta(minutes=1))
        older = re.search(r'href="(\?after=[^"]+)" rel="next"', text)
        page = f"/referrals/{older[1]}" if older else ""
    assert len(met) == len(set(met)) == referral_queries.PAGE + 6
    assert client.get("/referrals/?after=nonsense").status_code == 200


HIDDEN = (
    ("school", "contact:coming"),
    ("school", "item:coming"),
    ("school", "person:coming"),
    ("mash", "item:heard"),
    ("mash", "meeting:heard"),
    ("gp", "contact:heard"),
    ("marac-chair", "item:coming"),
    ("marac-coordinator", "person:coming"),
    ("idva", "meeting:coming"),
    ("analyst", "person:heard"),
    ("dpo", "item:heard"),
    ("board", "person:marac"),
    ("mace-chair", "item:marac"),
    ("housing", "item:heard"),
)


@pytest.mark.parametrize(("username", "page"), HIDDEN)
def test_hidden_and_missing_are_one_page(world: story.World, username: str, page: str) -> None:
    client, hidden = signed_in(username), address(world, page)
    key = re.findall(r"[0-9a-f-]{36}", hidden)[0]
    nothing = str(uuid4())
    answers = [client.get(hidden), client.get(hidden.replace(key, nothing))]
    assert [answer.status_code for answer in answers] == [404, 404]
    first, second = (
        _plain(answer.content.decode(), each) for answer, each in zip(answers, (key, nothing), strict=True)
    )
    assert first == second
    assert answers[0].headers.keys() == answers[1].headers.keys()


@pytest.mark.parametrize("asked", ("/people/?name=Aylesby%00", "/contacts/?show=%00", "/published/%00"))
def test_a_character_no_text_holds_leads_nowhere(world: story.World, asked: str) -> None:
    assert signed_in("mash").get(asked).status_code == 404


def _plain(page: str, key: str) -> str:
    return re.sub(r'(csrfmiddlewaretoken|once)" value="[^"]+"', "", page).replace(key, "")


def test_the_status_page_tells_the_referrer_nothing_of_the_panel(world: story.World) -> None:
    page = signed_in("school").get(f"/referrals/{world.heard.referral_id}/").content.decode()
    assert "Thank you. A worker will ring the school." in page
    for word in ("MACE", "Pattern of gifts", "Network known", "amber", "Level 3", "police"):
        assert word not in page


def test_somebody_elses_referral_is_not_there(world: story.World) -> None:
    assert signed_in("gp").get(f"/referrals/{world.heard.referral_id}/").status_code == 404


def test_a_persons_record_asks_why_before_it_looks_for_anybody(world: story.World) -> None:
    client = signed_in("police")
    asked = [client.get(f"/people/{person}/") for person in (world.coming.person_id, uuid4())]
    assert [answer.status_code for answer in asked] == [200, 200]
    assert _plain(asked[0].content.decode(), "") == _plain(asked[1].content.decode(), "")
    assert "Why do you need to open this record?" in asked[0].content.decode()
    answer = client.post(f"/people/{world.coming.person_id}/", {"reason": "preparing for Thursday"})
    assert "Nell Secondary SYN" in answer.content.decode()
    seen = audit.who_looked(world.cast["dpo"], "person", world.coming.person_id, at=story.NOW)
    assert "preparing for Thursday" in [event.reason for event in seen]


def test_two_workers_cannot_overwrite_each_other(world: story.World) -> None:
    client = signed_in("mash")
    rate = f"/contacts/{world.undecided}/rate/"
    version = re.search(r'name="version" value="(\d+)"', client.get(rate).content.decode())
    assert version is not None
    given = {"rag": "green", "reason": "A worry to settle.", "version": version[1]}
    assert client.post(rate, given).status_code == 302
    second = signed_in("mash-manager").post(rate, {**given, "rag": "red", "reason": "I read it otherwise."})
    said = second.content.decode()
    assert second.status_code == 200 and "There is a problem" in said
    assert "changed while you had it open" in said and "I read it otherwise." in said
    now = referral_queries.contact(world.cast["mash"], world.undecided, at=story.NOW)
    assert now.rag == "green"


def test_a_draft_lies_sealed_and_belongs_to_one_person(world: story.World) -> None:
    client = signed_in("school")
    step = "/referrals/new/mash_contact/concern/"
    assert client.post(step, {"concern": "Zanzibar words nobody else writes", "later": "1"}).status_code == 302
    assert "Begun and not sent" in client.get("/referrals/").content.decode()
    stored = str(dict(client.session.items()))
    assert "Zanzibar" not in stored and "drafts" in stored
    client.post("/sign-out/")
    client.post("/sign-in/", {"person": "gp"})
    assert "Begun and not sent" not in client.get("/referrals/").content.decode()
    client.post("/sign-out/")
    client.post("/sign-in/", {"person": "school"})
    assert "Zanzibar words" in client.get(step).content.decode()


def test_a_session_that_nobody_uses_ends_and_keeps_the_draft(world: story.World) -> None:
    client = signed_in("school")
    client.post("/referrals/new/mash_contact/concern/", {"concern": "Half a thought", "later": "1"})
    with time_machine.travel(story.NOW + timedelta(minutes=31), tick=False):
        ended = client.get("/today/")
        assert ended.status_code == 302 and ended.headers["location"] == "/signed-out/"
        assert client.get("/stay/").status_code == 401
        client.post("/sign-in/", {"person": "school"})
        assert "Half a thought" in client.get("/referrals/new/mash_contact/concern/").content.decode()


def test_choosing_who_to_be_exists_only_in_a_demonstration(world: story.World, settings) -> None:  # type: ignore[no-untyped-def]
    """Elsewhere the same page asks for a password, and a name that is sent along chooses nobody."""
    client = signed_in(None)
    for address in ("/account/login/", "/account/2fa/", "/account/join/x/"):
        assert client.get(address).status_code == 404, address
    settings.CONCORD_DEMO = False
    page = client.get("/sign-in/").content.decode()
    assert "Password" in page and "Mina Castellan" not in page
    client.post("/sign-in/", {"person": "mash"})
    assert client.get("/contacts/").status_code == 302


def test_only_the_people_of_the_demonstration_can_be_chosen(world: story.World) -> None:
    client = signed_in(None)
    assert client.post("/sign-in/", {"person": "installation"}).status_code == 404
    assert client.post("/sign-in/", {"person": ""}).status_code == 404


def test_signing_in_leads_back_but_never_away(world: story.World) -> None:
    client = signed_in(None)
    assert client.post("/sign-in/", {"person": "mash", "next": "/contacts/"}).headers["location"] == "/contacts/"
    away = client.post("/sign-in/", {"person": "mash", "next": "https://example.org/"})
    assert away.headers["location"] == "/today/"


@pytest.mark.parametrize("path", ["../secrets/django.key", "..%2fsecrets%2fdjango.key", "/etc/passwd", ".hidden", ""])
def test_the_published_folder_ends_at_its_edge(world: story.World, settings, path: str) -> None:  # type: ignore[no-untyped-def]
    site = settings.CONCORD_HOME / "site"
    site.mkdir(exist_ok=True)
    (site / ".hidden").write_text("no")
    (settings.CONCORD_HOME / "secrets").mkdir(exist_ok=True)
    answer = signed_in(None).get(f"/published/{path}")
    assert answer.status_code in (200, 404)
    assert "DOCTYPE" in answer.content.decode().upper()
    assert answer.status_code == 404 or path == ""


def test_a_form_without_its_token_is_refused(world: story.World) -> None:
    client = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    assert client.post("/sign-in/", {"person": "mash"}).status_code == 403


def test_reading_and_refusing_leave_a_line_and_the_chain_holds(world: story.World) -> None:
    signed_in("police").get(f"/cases/{world.coming.item_id}/")
    signed_in("marac-chair").get(f"/cases/{world.coming.item_id}/")
    seen = audit.who_looked(world.cast["dpo"], "item", world.coming.item_id, at=story.NOW)
    assert {("police", "done"), ("marac-chair", "not_found")} <= {(event.username, event.outcome) for event in seen}
    assert audit.verify() is None
    page = signed_in("dpo").get("/who-looked/").content.decode()
    assert "Chain verified" in page
