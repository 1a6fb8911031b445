"""Pages, lists, search, notices and what the database itself would show: one set of records for each viewer.

One table (`SURFACES`): for each kind of record how it is opened, where it is listed, and its rows. Every account there
is asks for every record there is. What a list, a search or My day shows, its page opens; what no page opens, nothing
shows; and row-level security, asked without the application's filter, has no more than the pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import access_tries
import desk_story as story
import pytest
import time_machine
from access_tries import Tried
from desk_story import NOW
from django.test import Client

from concord.desk.accounts.rules import NotAllowed, NotHere, Viewer
from concord.desk.instruments import queries as instruments
from concord.desk.instruments.models import Assessment
from concord.desk.panels import queries as panels
from concord.desk.panels.models import Action, Item, Meeting
from concord.desk.people import queries as people
from concord.desk.people.models import Person
from concord.desk.people.rules import Details
from concord.desk.referrals import queries as referrals
from concord.desk.referrals.models import Contact, Referral, Subject
from concord.desk.sharing.session import as_viewer

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Surface:
    """How one kind of record is met. `lists` gives identifiers; `all_listed`: whoever has the list finds there whatever
    opens (a list of what is open, or mine, shows less by what it is)."""

    opens: Callable[[Viewer, UUID], object]
    lists: Callable[[Viewer], Iterable[UUID]]
    model: type[Any]
    all_listed: bool = False


def tray(viewer: Viewer) -> list[UUID]:
    return [
        line.contact_id
        for pathway in referrals.pathways(viewer) or ()
        for decided in (False, True)
        for line in referrals.queue(viewer, pathway.key, at=NOW, decided=decided)
    ]


def agenda(viewer: Viewer) -> list[UUID]:
    found = [each.meeting_id for past in (False, True) for each in panels.meetings(viewer, at=NOW, past=past)]
    return [line.item_id for each in found for line in panels.meeting(viewer, each, at=NOW).items if line.item_id]


def search(viewer: Viewer) -> list[UUID]:
    """Everybody the world knows, looked for by all that names them: search and autocomplete ask the same."""
    every = (story.CHILD, story.VICTIM, story.ACCUSED)
    asked = [Details(each.given_name, each.family_name, each.born_on) for each in every]
    return [found.person_id for each in asked for found in people.candidates(viewer, each, at=NOW)]


SURFACES = {
    "contact": Surface(lambda v, i: referrals.contact(v, i, at=NOW), tray, Contact),
    "referral": Surface(
        lambda v, i: referrals.referral_status(v, i, at=NOW),
        lambda v: [each.referral_id for each in referrals.my_referrals(v, at=NOW)],
        Referral,
        all_listed=True,
    ),
    "person": Surface(lambda v, i: people.person(v, i, at=NOW), search, Person),
    "case": Surface(lambda v, i: panels.item(v, i, at=NOW), agenda, Item, all_listed=True),
    "meeting": Surface(
        lambda v, i: panels.meeting(v, i, at=NOW),
        lambda v: [each.meeting_id for past in (False, True) for each in panels.meetings(v, at=NOW, past=past)],
        Meeting,
        all_listed=True,
    ),
    "action": Surface(
        lambda v, i: panels.action(v, i, at=NOW), lambda v: [e.action_id for e in panels.my_actions(v, at=NOW)], Action
    ),
    "assessment": Surface(
        lambda v, i: instruments.assessment(v, i, at=NOW),
        lambda v: [e.assessment_id for e in instruments.mine(v, at=NOW)],
        Assessment,
    ),
    "subject": Surface(
        lambda v, i: referrals.subject(v, i, at=NOW),
        lambda v: [e.subject_id for e in referrals.subjects(v, at=NOW)],
        Subject,
        all_listed=True,
    ),
}


MENUS = (
    "mash", "mash-manager", "mace-coordinator", "education", "police", "school", "idva", "admin", "board", "housing",
)  # fmt: skip


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield access_tries.tried(made)


@pytest.fixture(scope="module")
def walls(world: Tried):
    """What the database shows each viewer, without any filter of the application: identifiers by kind and account."""
    found: dict[str, dict[str, set[UUID]]] = {kind: {} for kind in SURFACES}
    for name, viewer in world.cast.items():
        with as_viewer(viewer, at=NOW):
            for kind, surface in SURFACES.items():
                found[kind][name] = set(surface.model.objects.values_list("id", flat=True))
    return found


def opened(surface: Surface, viewer: Viewer, every: Iterable[UUID]) -> set[UUID]:
    found = set()
    for each in every:
        try:
            surface.opens(viewer, each)
            found.add(each)
        except (NotHere, NotAllowed):
            pass
    return found


def listed(surface: Surface, viewer: Viewer) -> set[UUID] | None:
    """What the list shows; None where the role has no such list."""
    try:
        return set(surface.lists(viewer))
    except NotAllowed:
        return None


@pytest.mark.parametrize("kind", SURFACES)
def test_every_account_meets_the_same_records_on_every_surface(kind, world, walls):
    surface, every = SURFACES[kind], set().union(*walls[kind].values())
    assert len(every) >= 1, "there is nothing to hide"
    seen: set[frozenset[UUID]] = set()
    for name, viewer in world.cast.items():
        page, shown, wall = opened(surface, viewer, every), listed(surface, viewer), walls[kind][name]
        seen.add(frozenset(page))
        assert page <= wall, f"{name} opens a {kind} that the database would not show"
        assert (shown or set()) <= page, f"{name} is shown a {kind} that does not open"
        if surface.all_listed and shown is not None:
            assert shown == page, f"{name} opens a {kind} that the list leaves out"
    assert len(seen) > 1, "everybody sees the same: the comparison means nothing"


def test_my_day_and_every_page_of_the_menu_name_no_record_that_does_not_open(world, walls):
    """The notices and counts of My day, and every page the menu leads to, followed as links are."""
    from django.contrib.auth import get_user_model

    names = {"contacts": "contact", "cases": "case", "actions": "action", "meetings": "meeting", "subjects": "subject"}
    names |= {"referrals": "referral", "assessments": "assessment", "people": "person"}
    followed = 0
    # The data protection officer reads identifiers in the trail, which is their work, and is left out here.
    for name in MENUS:
        viewer = world.cast[name]
        with time_machine.travel(NOW, tick=False):
            client = Client(headers={"host": "localhost"})
            client.force_login(get_user_model().objects.get(id=viewer.user_id))
            first = client.get("/today/").content.decode()
            menu = {each for each in re.findall(r'href="(/[a-z-]+/(?:[a-z_]+/)?)"', first) if "account" not in each}
            pages = [first, *(client.get(each).content.decode() for each in sorted(menu))]
        for what, key in re.findall(r'href="/([a-z]+)/([0-9a-f-]{36})/', " ".join(pages)):
            if what in names:
                followed += 1
                kind = names[what]
                assert UUID(key) in opened(SURFACES[kind], viewer, [UUID(key)]), (
                    f"{name}: a link to a {kind} not theirs"
                )
        secrets = {
            str(each)
            for kind in walls
            for each in set().union(*walls[kind].values()) - walls[kind][name]
            if kind in names.values()
        }
        assert not [each for each in secrets if each in " ".join(pages)], f"{name} is told of a record that is hidden"
    assert followed > 20
