"""Every role x object x verb x surface, from one table run against the real desk: tests/spec/access_matrix.csv.

A row names what is tried, on what object, by which verb, on which surface, and the accounts that alone get through.
There is an account for every role somebody can hold and every seat of the demonstration; everybody else is refused, in
the same words as for what does not exist.
"""

from __future__ import annotations

import csv
from copy import deepcopy
from pathlib import Path

import access_page
import access_tries
import desk_story as story
import pytest
import time_machine
from access_tries import TRIES, Tried
from desk_story import NOW
from django.db import transaction
from django.test import Client

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, NotHere, givable
from concord.desk.sharing.operations import NotCovered

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).resolve().parents[1] / "spec" / "access_matrix.csv"
ROWS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
SCREENS = [row for row in ROWS if row["surface"] == "screen"]
DONE = [row for row in ROWS if row["surface"] != "screen"]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield access_tries.tried(made)


def through(what: str, world: Tried) -> set[str]:
    """The accounts that get through one thing that is tried. Each attempt is undone."""
    found = set()
    for name, viewer in world.cast.items():
        with transaction.atomic():
            try:
                TRIES[what](viewer, world)
                found.add(name)
            except (NotAllowed, NotHere, NotCovered):
                pass
            transaction.set_rollback(True)
    return found


@pytest.fixture(scope="module")
def clients(world, django_db_blocker) -> dict[str, Client]:
    """Everybody's browser, signed in once."""
    from django.contrib.auth import get_user_model

    found = {}
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False):
        for name, viewer in world.cast.items():
            found[name] = Client(headers={"host": "localhost"})
            found[name].force_login(get_user_model().objects.get(id=viewer.user_id))
    return found


def answered(address: str, world: Tried, clients: dict[str, Client]) -> dict[str, int]:
    """The status each account gets for one address. Whatever a page keeps is undone, its session too."""
    found = {}
    with time_machine.travel(NOW, tick=False):
        for name, client in clients.items():
            cookies = deepcopy(client.cookies)
            with transaction.atomic():
                found[name] = client.get(address.format_map(vars(world))).status_code
                transaction.set_rollback(True)
            client.cookies = cookies
    return found


@pytest.mark.parametrize("row", DONE, ids=lambda row: row["what"])
def test_who_gets_through(row, world):
    assert sorted(through(row["what"], world)) == allowed(row)


@pytest.mark.parametrize("row", SCREENS, ids=lambda row: row["what"])
def test_who_sees_the_screen(row, world, clients):
    """Whoever may not is told that there is no such page: never 403, which would say that there is one."""
    found = answered(row["what"], world, clients)
    opened = sorted(name for name, status in found.items() if status in (200, 302))
    assert opened == allowed(row)
    assert {status for name, status in found.items() if name not in opened} <= {404}


def allowed(row: dict[str, str]) -> list[str]:
    return sorted(filter(None, row["allowed"].split(";")))


def test_the_table_is_whole(world):
    """Every verb a role lists is tried, by every role that can be held; no row and no recipe is left over."""
    assert {row["what"] for row in DONE} == set(TRIES)
    assert {key for key, role in accounts.roles().items() if givable(role)} == {
        role for viewer in world.cast.values() for role in viewer.roles
    }
    listed = {verb for role in accounts.roles().values() for verb in role.may}
    elsewhere = {
        verb
        for verb in listed
        if verb.split(".")[0] in ("edition", "release", "figure", "strategy", "publication", "paper")
    }
    assert listed - elsewhere - {"audit.verify"} <= {row["verb"] for row in ROWS}
    names = set(world.cast)
    assert all(set(allowed(row)) <= names for row in ROWS)


def test_the_page_of_the_table_is_current(world):
    kept = (TABLE.parents[2] / "docs" / "reference" / "access-matrix.md").read_text(encoding="utf-8")
    assert kept == access_page.page(ROWS), "run: python tests/access_page.py > docs/reference/access-matrix.md"
    assert access_page.accounts() == len(world.cast)


def test_what_a_role_must_never_see_it_never_gets(world):
    """`never` of each role, on every row of its verbs: nobody who holds only that role gets through."""
    roles, tried = accounts.roles(), 0
    for row in ROWS:
        for name, viewer in world.cast.items():
            if viewer.forums or len(viewer.roles) != 1:
                continue
            (key,) = viewer.roles
            if roles[key].forbids(row["verb"]):
                tried += 1
                assert name not in allowed(row), (name, row["what"])
    assert tried > 500
