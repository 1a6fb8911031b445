"""Joiners, movers and leavers on screen, by an administrator who sees no case."""

from __future__ import annotations

import re
from datetime import timedelta

import desk_story as story
import pytest
import time_machine
from django.test import Client

from concord.desk.accounts import guarding, joining
from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, NotHere

pytestmark = pytest.mark.django_db
PASSWORD = "harbour lantern willow 42"


@pytest.fixture
def admin():
    story.people()
    with time_machine.travel(story.NOW, tick=False):
        client = Client(headers={"host": "localhost"})
        client.post("/sign-in/", {"person": "admin"})
        yield client


def act(admin, username, **given):
    user = accounts.user_named(username)
    return admin.post(f"/accounts/{user.id}/", given, follow=True).content.decode()


def test_somebody_joins_moves_and_leaves(admin):
    given = {"display_name": "New Hand SYN", "username": "new.hand", "agency": "mash", "roles": ["duty_mash_worker"]}
    page = admin.post("/accounts/new/", given, follow=True).content.decode()
    assert "The account is made" in page and "New Hand SYN" in page
    link = re.search(r"/account/join/([^/]+)/", act(admin, "new.hand", act="invite"))[1]
    assert joining.set_password(token=link, password=PASSWORD, at=story.NOW) == "new.hand"
    assert accounts.user_named("new.hand").check_password(PASSWORD)
    with pytest.raises(NotHere):
        joining.set_password(token=link, password="another one 4567", at=story.NOW)
    assert "The roles are changed" in act(admin, "new.hand", act="roles", roles=["mash_manager"])
    assert "They sit on the forum now" in act(
        admin, "new.hand", act="seat", forum="mace", part="member", seat="children_social_care"
    )
    assert accounts.viewer_named("new.hand").forums == {"mace:member"}
    assert "no longer sit there" in act(admin, "new.hand", act="unseat", forum="mace")
    assert "They left" in act(admin, "new.hand", act="leave")
    assert accounts.user_named("new.hand") is None
    with pytest.raises(NotAllowed, match="switched off"):
        accounts.viewer_named("new.hand")


def test_a_link_ends_and_a_newer_one_replaces_it(admin):
    first = re.search(r"/account/join/([^/]+)/", act(admin, "gp", act="invite"))[1]
    second = re.search(r"/account/join/([^/]+)/", act(admin, "gp", act="invite"))[1]
    assert accounts.invited(first, story.NOW) is None
    assert accounts.invited(second, story.NOW).username == "gp"
    late = story.NOW.replace(year=story.NOW.year + 1)
    assert accounts.invited(second, late) is None and accounts.invited("nonsense", story.NOW) is None


def test_what_cannot_be_is_told_on_the_form_and_nothing_typed_is_lost(admin):
    assert "You cannot change your own roles" in act(admin, "admin", act="roles", roles=["analyst"])
    told = act(admin, "gp", act="roles", roles=["analyst", "release_approver"])
    assert "cannot be held by one account" in told
    given = {"display_name": "Kept SYN", "username": "gp", "agency": "mash", "roles": []}
    page = admin.post("/accounts/new/", given).content.decode()
    assert "is in use" in page and "Kept SYN" in page
    page = admin.post("/accounts/new/", {**given, "username": "New.Hand"}).content.decode()
    assert "is no username" in page and "Kept SYN" in page
    seat = {"act": "seat", "forum": "mace", "part": "member", "seat": "education"}
    assert "They are member of MACE already" in act(admin, "education", **seat)


def test_five_failures_stop_a_name_for_a_while_also_one_nobody_has():
    for name in ("gp", "nobody-here"):
        assert [guarding.failed(name, at=story.NOW) for _ in range(5)] == [False] * 4 + [True]
        assert guarding.locked(name.upper(), at=story.NOW)
        assert not guarding.locked(name, at=story.NOW + timedelta(minutes=guarding.limits().locked_minutes))
    guarding.succeeded("gp")
    assert not guarding.locked("gp", at=story.NOW) and guarding.locked("nobody-here", at=story.NOW)
    later = story.NOW + timedelta(minutes=guarding.limits().within_minutes * 2)
    assert not guarding.failed("nobody-here", at=later), "failures long ago do not add up"
