"""Tower Hamlets' own folder, tried: every forum, pathway and register works for invented people, marked as such."""

from __future__ import annotations

import time
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import inventory_support
import pytest
import time_machine
from django.db import transaction
from django.test import Client

from concord.desk.accounts import queries as accounts
from concord.desk.panels import queries as panels
from concord.desk.registers import queries as registers
from concord.jobs import seed, trial
from concord.strategy import load
from concord.strategy.check import check_folder

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2] / "partnerships"
NOW = datetime(2026, 6, 15, 10, 30, tzinfo=ZoneInfo("Europe/London"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("trials")
    return trial.prepare(ROOT / "tower_hamlets", out, ROOT / "harbourside", NOW.date())


@pytest.fixture(scope="module")
def home(folder, django_db_setup, django_db_blocker):
    """The trial at its desk: half a year of work, made once."""
    from django.conf import settings

    before = settings.CONCORD_PARTNERSHIP
    settings.CONCORD_PARTNERSHIP = str(folder)
    with django_db_blocker.unblock():
        undo = transaction.atomic()
        undo.__enter__()
        try:
            started = time.process_time()
            made = seed.seed(Path("unused"), accounts.partnership(), {}, lambda: NOW)
            assert time.process_time() - started < 20
            yield accounts.partnership(), made
        finally:
            transaction.set_rollback(True)
            undo.__exit__(None, None, None)
            settings.CONCORD_PARTNERSHIP = before


@pytest.fixture(autouse=True)
def here(folder, settings):
    settings.CONCORD_PARTNERSHIP = str(folder)


def test_the_trial_is_the_folder_itself_marked_with_nothing_wrong(folder):
    real, tried = load(ROOT / "tower_hamlets"), load(folder)
    assert check_folder(folder, today=NOW.date()) == []
    assert tried.synthetic and not real.synthetic and "trial" in tried.name
    for kind in ("forums", "pathways", "boards", "themes", "kept_registers", "services", "instruments"):
        assert dict(getattr(tried, kind)) == dict(getattr(real, kind)), kind
    assert all(each.in_force(NOW.date()) for each in tried.agreements.values())
    assert not any(each.in_force(NOW.date()) for each in real.agreements.values())
    assert all(person.name.endswith("SYN") for person in tried.demo_people.person)


def test_a_synthetic_partnership_is_its_own_trial(tmp_path):
    assert (
        trial.prepare(ROOT / "harbourside", tmp_path, ROOT / "harbourside", date(2026, 6, 15)) == ROOT / "harbourside"
    )
    assert not list(tmp_path.iterdir())


def test_a_folder_kept_elsewhere_is_tried_too(tmp_path):
    import shutil

    mine = tmp_path / "own" / "tower_hamlets"
    shutil.copytree(ROOT / "tower_hamlets", mine)
    text = (mine / "partnership.toml").read_text(encoding="utf-8")
    (mine / "partnership.toml").write_text(text.replace('name = "Tower Hamlets"', 'name = "Mine"', 1), encoding="utf-8")
    made = trial.prepare(mine, tmp_path / "trials", ROOT / "harbourside", NOW.date())
    assert load(made).name == "Mine (trial)"


def test_every_forum_has_who_it_needs_to_decide(folder):
    tried = load(folder)
    for key, forum in tried.forums.items():
        seats = {seat.seat for p in tried.demo_people.person for seat in p.sits if seat.forum == key} - {None}
        parts = {seat.part for p in tried.demo_people.person for seat in p.sits if seat.forum == key}
        assert {"coordinator", "chair"} <= parts, key
        assert len(seats) >= forum.quorum.minimum and set(forum.quorum.must_have) <= seats, key


def test_the_desk_is_at_work(home):
    partnership, made = home
    assert made["people"] == len(partnership.demo_people.person)
    assert made["contacts"] > 40 and made["meetings"] > 10 and made["actions"] > 10 and made["entries"] > 30
    manager = accounts.viewer_named("manager")
    assert {each.key for each in registers.registers(manager, at=NOW) if each.open} >= {"action_register", "section_60"}
    chair = accounts.viewer_named("safety-chair")
    sat = {line.forum for line in panels.meetings(chair, at=NOW)}
    assert sat


def test_every_person_of_the_cast_can_work_there(home):
    from django.contrib.auth import get_user_model

    partnership, _ = home
    with time_machine.travel(NOW, tick=False):
        for person in partnership.demo_people.person:
            client = Client(headers={"host": "localhost"})
            client.force_login(get_user_model().objects.get(username=person.username))
            page = client.get("/today/")
            assert page.status_code == 200, person.username
            assert "Synthetic data." in page.content.decode()
            for seat in person.sits:
                assert client.get(f"/forums/{seat.forum}/").status_code == 200, (person.username, seat.forum)


def test_every_screen_of_a_named_system_opens_for_somebody_whose_work_it_is(home):
    """Each screen of tests/spec/inventory.csv that this folder has the file of, most of them by far."""
    partnership, _ = home
    found = inventory_support.screens(partnership)
    assert len(found) > 60 and {f"/forums/{key}/" for key in ("mace", "marac", "iom", "pacesetters")} <= set(found)
    assert inventory_support.unopened(partnership, NOW) == {}


def test_every_pathway_can_be_begun_by_somebody_of_the_cast(home):
    """The first page of each pathway's referral, or its open form, for the first person whose pathway it is."""
    from django.contrib.auth import get_user_model

    partnership, _ = home
    with time_machine.travel(NOW, tick=False):
        clients = []
        for person in partnership.demo_people.person:
            client = Client(headers={"host": "localhost"})
            client.force_login(get_user_model().objects.get(username=person.username))
            clients.append(client)
        nobody = [
            key
            for key, pathway in partnership.pathways.items()
            if Client(headers={"host": "localhost"}).get(f"/report/{key}/").status_code != 200
            and not any(client.get(f"/referrals/new/{key}/").status_code in (200, 302) for client in clients)
        ]
    assert nobody == []
