"""A form sent twice, and one that could not be sent: done once, lost never, read by nobody else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import desk_story as story
import psycopg
import pytest
import screens_crawl as screens
import time_machine
from django.db import connection
from django.test import Client

from concord.desk.accounts import keeping
from concord.desk.accounts.models import KeptForm, User
from concord.desk.referrals import queries as referrals

pytestmark = pytest.mark.django_db
LATE = timedelta(minutes=31)
REASON = "Words that nobody else would write about a lilac bicycle."


@pytest.fixture
def world() -> Iterator[story.World]:
    made = story.world()
    with time_machine.travel(story.NOW, tick=False):
        yield made


def rating(world: story.World, client: Client, username: str = "mash") -> tuple[str, dict[str, str]]:
    """The form that rates the contact nobody has decided, filled in."""
    form = screens.forms(screens.opened(client, username, f"/contacts/{world.undecided}/rate/"))[0]
    return form.action, {**form.filled("x"), "rag": "amber", "reason": REASON}


def person(name: str, client: Client | None = None) -> Client:
    client = client or Client(headers={"host": "localhost"})
    assert client.post("/sign-in/", {"person": name}).status_code == 302
    return client


def rated(world: story.World) -> str:
    return referrals.contact(world.cast["mash"], world.undecided, at=story.NOW).rag


def test_a_second_press_is_shown_what_became_of_the_first(world: story.World) -> None:
    client = person("mash")
    action, given = rating(world, client)
    first = client.post(action, given)
    told = client.get(first.headers["location"]).content.decode()
    assert "Rated amber" in told and "sent more than once" not in told
    second = client.post(action, given)
    told = client.get(second.headers["location"]).content.decode()
    assert second.headers["location"] == first.headers["location"]
    assert "Rated amber" in told and "This was sent more than once. It was done once, today 10:00." in told


def test_the_receipt_is_sealed_and_belongs_to_one_form_of_one_person(world: story.World) -> None:
    client = person("mash")
    action, given = rating(world, client)
    client.post(action, given)
    kept = KeptForm.objects.get()
    assert str(world.undecided) not in kept.sealed and "amber" not in kept.sealed
    # A colleague who got hold of the token is not led anywhere by it: their own send is judged on its own.
    other = person("mash-manager").post(action, given)
    assert other.status_code == 200 and "changed while you had it open" in other.content.decode()


def test_going_back_and_sending_other_words_asks_first(world: story.World) -> None:
    client = person("mash")
    action, given = rating(world, client)
    client.post(action, given)
    again = client.post(action, {**given, "rag": "red", "reason": f"{REASON} More."})
    assert again.status_code == 302 and again.headers["location"] == action
    assert rated(world) == "amber"
    page = screens.opened(client, "mash", action)
    assert "You sent this form already, today 10:00, and it was done." in page.text
    assert page.tree.xpath("string(//main//textarea)").strip() == f"{REASON} More."
    assert page.tree.xpath("//input[@name='rag' and @value='red']/@checked")
    # Once shown it is gone from the server, and a send of the new page is a send of its own.
    assert "lilac" not in client.get(action).content.decode()
    new = {**screens.forms(page)[0].hidden, "rag": "red", "reason": f"{REASON} More.", "version": "2"}
    assert client.post(action, new).status_code == 302
    assert rated(world) == "red"


def test_what_was_written_when_the_session_ended_waits_for_the_same_person(world: story.World) -> None:
    client = person("mash")
    action, given = rating(world, client)
    with time_machine.travel(story.NOW + LATE, tick=False):
        ended = client.post(action, given)
        assert ended.status_code == 302 and ended.headers["location"] == f"/sign-in/?next={action}"
        assert "Sign in again and it is as you left it" in client.get("/sign-in/").content.decode()
        assert rated(world) != "amber"
        assert "lilac" not in "".join(each.sealed for each in KeptForm.objects.all())
        assert "lilac" not in str(dict(client.session.items()))
        # Somebody else at the same computer, on the same page: nothing of it.
        assert "lilac" not in person("mash-manager", client).get(action).content.decode()
        client.post("/sign-out/")
        # The same person, from another computer.
        elsewhere = person("mash")
        page = screens.opened(elsewhere, "mash", action)
        assert "You were signed out before this was sent." in page.text
        assert page.tree.xpath("string(//main//textarea)").strip() == REASON
        sent = {**screens.forms(page)[0].hidden, "rag": "amber", "reason": REASON}
        assert elsewhere.post(action, sent).status_code == 302
        assert rated(world) == "amber"


def test_what_changed_while_signed_out_is_still_noticed(world: story.World) -> None:
    client = person("mash")
    action, given = rating(world, client)
    with time_machine.travel(story.NOW + LATE, tick=False):
        client.post(action, given)
        action_2, theirs = rating(world, person("mash-manager"), "mash-manager")
        person("mash-manager").post(action_2, {**theirs, "rag": "green"})
        person("mash", client)
        page = screens.opened(client, "mash", action)
        # The version they had read comes back with their words.
        assert screens.forms(page)[0].hidden["version"] == given["version"]
        answer = client.post(action, {**screens.forms(page)[0].hidden, "rag": "amber", "reason": REASON})
        assert "Grace Holloway SYN saved something first at 10:31 on 13 June" in answer.content.decode()
        assert rated(world) == "green"


def test_a_kept_form_is_gone_after_a_day(world: story.World) -> None:
    client = person("mash")
    action, given = rating(world, client)
    with time_machine.travel(story.NOW + LATE, tick=False):
        client.post(action, given)
    with time_machine.travel(story.NOW + timedelta(days=1, hours=1), tick=False):
        assert "lilac" not in person("mash").get(action).content.decode()
        assert not KeptForm.objects.exists()


def test_a_send_that_meets_its_twin_at_work_is_told_to_wait(world: story.World, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    client = person("mash")
    action, given = rating(world, client)
    monkeypatch.setattr(keeping, "PATIENCE", 0.2)
    locks: list[int] = []
    ask = keeping._ask
    monkeypatch.setattr(keeping, "_ask", lambda sql, number: locks.append(number) or ask(sql, number))
    assert client.post(action, {**given, "rag": "none of these"}).status_code == 200
    with psycopg.connect(**_same_server(), autocommit=True) as twin:
        twin.execute("SELECT pg_advisory_lock(%s)", [locks[0]])
        answer = client.post(action, given)
        assert answer.status_code == 409 and "nothing will be done twice" in answer.content.decode()
        assert rated(world) != "amber"
    assert client.post(action, given).status_code == 302


def test_a_report_kept_twice_has_one_code(world: story.World) -> None:
    visitor = Client(headers={"host": "localhost"})
    form = screens.forms(screens.opened(visitor, "", "/report/hate_report/"))[0]
    given = {**form.filled("x"), "later": "1"}
    pages = [visitor.post(form.action, given).content.decode() for _ in range(2)]
    codes = [
        screens.html.document_fromstring(each).xpath("string(//*[contains(@class, 'concord-code')])") for each in pages
    ]
    assert codes[0] and codes[0] == codes[1]
    assert not visitor.cookies.get("sessionid")


def test_a_token_of_ours_cannot_be_made_up(world: story.World) -> None:
    client = person("mash")
    action, given = rating(world, client)
    user = User.objects.get(username="mash")
    made_up = {**given, "once": f"{user.id.hex}:abc:{hashlib.sha256(b'x').hexdigest()}"}
    assert client.post(action, made_up).status_code == 302
    assert not KeptForm.objects.exists()


def _same_server() -> dict[str, str]:
    told = connection.get_connection_params()
    return {key: told[key] for key in ("host", "port", "dbname", "user", "password") if told.get(key)}
