"""My day, for everybody: it opens, asks little, leads only to what opens, and forgets nothing that changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import access_tries
import desk_story as story
import pytest
import screens_crawl as screens
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.models import User
from concord.desk.panels import operations as panels
from concord.desk.referrals import operations as referrals
from concord.web.shared import partnership
from concord.web.today import views

MOST_QUERIES = 30
BRACKETS = ("SAVEPOINT", "RELEASE SAVEPOINT")
PEOPLE = [person.username for person in accounts.partnership().demo_people.person]
ROLES = [f"as-{role}" for role in access_tries.AGENCIES]


@pytest.fixture(scope="module")
def tried(django_db_setup, django_db_blocker) -> Iterator[access_tries.Tried]:  # type: ignore[no-untyped-def]
    with story.kept_world(django_db_blocker) as world, time_machine.travel(story.NOW, tick=False):
        yield access_tries.tried(world)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(story.NOW, tick=False):
        yield


@pytest.mark.django_db
@pytest.mark.parametrize("username", [*PEOPLE, *ROLES])
def test_a_day_opens_and_every_link_on_it_does(tried: access_tries.Tried, username: str) -> None:
    client = screens.signed_in(User.objects.get(username=username))
    client.get("/today/")
    with CaptureQueriesContext(connection) as asked:
        page = screens.opened(client, username, "/today/")
    assert page.status == 200
    count = sum(not each["sql"].startswith(BRACKETS) for each in asked.captured_queries)
    assert count <= MOST_QUERIES, f"{count} statements"
    main = page.tree.get_element_by_id("main-content")
    links = {each.get("href") for each in main.iter("a")}
    assert links, "a day without a way to anything"
    shut = {link: status for link in links if (status := _status(client, link)) != 200}
    assert shut == {}
    assert 1 <= len(main.xpath(".//h2[text()='Go straight to']/following-sibling::ul/li")) <= 3
    # A day with nothing on it says why, or where the work is.
    assert (
        main.xpath(".//section[starts-with(@aria-labelledby, 'h-')][.//li or .//p]")
        or "Where your work is" in page.text
    )


def _status(client: screens.Client, link: str) -> int:
    answer = client.get(link)
    # One feed is sent from its own page: an agency with one feed is led straight to it.
    return client.get(answer.headers["location"]).status_code if answer.status_code == 302 else answer.status_code


def changes(username: str, start: str = "/today/") -> str:
    client = screens.signed_in(User.objects.get(username=username))
    page = screens.opened(client, username, start)
    return re.sub(r"\s+", " ", page.tree.get_element_by_id("h-changes").getparent().text_content())


@pytest.mark.django_db
def test_what_changed_is_what_each_may_know(tried: access_tries.Tried) -> None:
    assert "What you are told of your referral about Nell Secondary SYN" in changes("school")
    assert "Nell Secondary SYN is listed at MACE" in changes("mace-chair")
    assert "Harbourside Police gave research on Nell Secondary SYN" in changes("mace-chair")
    # Before the cut-off one agency does not learn what another gave, nor that it did.
    assert "gave research" not in changes("health")
    assert "The minutes of MACE are signed" in changes("mace-coordinator")
    assert "The minutes of MACE are signed" not in changes("mace-chair"), "nobody is told of what they did"
    for outsider in ("gp", "board", "analyst", "admin", "marac-chair", "patrol"):
        assert "Nell" not in changes(outsider) and "MACE" not in changes(outsider)


@pytest.mark.django_db
def test_a_check_that_came_back_is_said_to_who_asked(tried: access_tries.Tried) -> None:
    given = {"viewer": tried.cast["mash"], "contact_id": tried.undecided, "at": story.NOW}
    check = referrals.ask(agency="police", basis="s47", question="Anything?", **given)
    check_id = check if check is not None else _only_check(tried)
    referrals.answer(
        **{**given, "viewer": tried.cast["mash-manager"]}, check_id=check_id, outcome="nothing_held", answer=""
    )
    assert "answered your check about Ivo Third SYN" in changes("mash")
    assert "answered your check" not in changes("mash-manager")


def _only_check(tried: access_tries.Tried) -> object:
    from concord.desk.referrals import queries

    return queries.contact(tried.cast["mash"], tried.undecided, at=story.NOW).checks[0].check_id


@pytest.mark.django_db
def test_the_mark_moves_to_what_was_shown_and_never_back(tried: access_tries.Tried) -> None:
    desk, phone = (screens.signed_in(User.objects.get(username="mace-chair")) for _ in range(2))
    seen = screens.forms(screens.opened(desk, "mace-chair", "/today/"))[0]
    # Opening it elsewhere, or signing in again, takes nothing away.
    assert "Nell Secondary SYN is listed" in changes("mace-chair")
    later = story.NOW + timedelta(minutes=5)
    with time_machine.travel(later, tick=False):
        # Something comes while the first page still stands open.
        panels.add_research(viewer=tried.cast["health"], item_id=tried.coming.item_id, text="Seen in clinic.", at=later)
        assert desk.post(seen.action, seen.hidden).status_code == 302
        said = changes("mace-chair")
        assert "Nell Secondary SYN is listed" not in said, "seen on the desk is seen on the phone"
        assert "Health gave research on Nell" in said, "what came after the page was made is still new"
        # An older page pressed late does not bring back what was seen; one from the future is not believed.
        old = {**seen.hidden, "until": (story.NOW - timedelta(days=3)).isoformat()}
        del old["once"]
        phone.post(seen.action, old)
        phone.post(seen.action, {**old, "until": (later + timedelta(days=3)).isoformat()})
        phone.post(seen.action, {**old, "until": "yesterday"})
        said = changes("mace-chair")
        assert "Nell Secondary SYN is listed" not in said and "Health gave research on Nell" in said


def test_every_role_that_signs_in_has_shortcuts_and_a_place_for_its_work() -> None:
    for role in accounts.roles().values():
        if role.account and not role.service:
            assert 2 <= len(role.shortcut) <= 3, role.key
            for each in role.shortcut:
                assert each.to == "forum" or screens.name_of(views.reverse(each.to)) == each.to, (role.key, each.to)
            works_here = {"referral.submit", "contact.list", "action.read", "audit.read", "pair.judge", "feed.supply",
                          "dataset.load", "edition.approve"}  # fmt: skip
            assert works_here & set(role.may) or role.work, f"{role.key} is not told where its work is"


def test_shortcuts_of_several_roles_take_turns() -> None:
    viewer = SimpleNamespace(forums=frozenset({"mace:chair", "marac:member"}))
    held = [accounts.roles()["panel_chair"], accounts.roles()["agency_representative"]]
    said = [words for words, _ in views._shortcuts(viewer, held)]  # type: ignore[arg-type]
    assert said == [
        f"{partnership.current().forums['mace'].abbreviation}: the next meeting",
        "MARAC: the next meeting",
        "Your agency’s actions",
    ]
