"""Governance and the agency directory: who leads, who was consulted, whose duty and which agreements."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import desk_story as story
import pytest
import time_machine
from desk_story import NOW
from django.test import Client

from concord.desk.registers import operations
from concord.strategy import load
from concord.web.strategy import governance

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2] / "partnerships"
FOLDERS = {name: load(ROOT / name) for name in ("harbourside", "tower_hamlets")}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def page(address, viewer=None):
    from django.contrib.auth import get_user_model

    client = Client(headers={"host": "localhost"})
    if viewer is not None:
        client.force_login(get_user_model().objects.get(id=viewer.user_id))
    with time_machine.travel(NOW, tick=False):
        return client.get(address)


def test_governance_says_who_leads_on_what_terms_and_who_was_consulted(world):
    operations.add_entry(
        viewer=world.cast["manager"], register="governance_decisions", title="Terms of reference agreed",
        dated_on=NOW.date(), given={"kind": "terms", "board": "executive", "minute": "Item 9"}, at=NOW,
    )  # fmt: skip
    text = page("/governance/").content.decode()
    assert "Leads the duty here" in text and "Terms of reference agreed" in text and "Item 9" in text
    assert "The action on schools with high suspensions was added" in text
    assert "The public meeting was held in the town hall" in text
    # What the register keeps to itself (why it was decided) is not on a public page.
    assert "Why" not in text


@pytest.mark.parametrize("name", FOLDERS)
def test_the_lead_body_comes_first_and_nobody_is_lost(name):
    home = FOLDERS[name]
    lines = governance.boards(home)
    assert lines[0].leads and len(lines) == len(home.boards)
    grouped = [line.key for _, lines in governance.agencies(home, {}, NOW.date()) for line in lines]
    assert sorted(grouped) == sorted(home.agencies)


def test_a_relevant_authority_that_nobody_consulted_is_named():
    missing = governance.not_consulted(FOLDERS["tower_hamlets"])
    assert [name.split()[0] for name in missing] == ["Prisons", "Schools", "Youth"]
    assert governance.not_consulted(FOLDERS["harbourside"]) == []


def test_the_directory_names_each_agency_its_duty_contact_and_agreements(world):
    operations.add_entry(
        viewer=world.cast["manager"], register="agency_contacts", title="Head of partnerships", dated_on=NOW.date(),
        agency="fire_brigade", given={"for_what": "duty", "mailbox": "duty@fire.example"}, at=NOW,
    )  # fmt: skip
    text = page("/agencies/", world.cast["board"]).content.decode()
    assert "duty@fire.example" in text and "Must collaborate on the strategy" in text and "In force" in text
    # A role that reads no contacts still sees the duty and the agreements.
    assert "duty@fire.example" not in page("/agencies/", world.cast["orders"]).content.decode()
    assert page("/agencies/", world.cast["admin"]).status_code == 404
    assert page("/agencies/").status_code == 302


def test_a_unit_that_stands_under_other_law_is_no_party_through_its_council():
    home = FOLDERS["harbourside"]
    held = {line.key: line for _, lines in governance.agencies(home, {}, date(2026, 6, 1)) for line in lines}
    name = home.agreements["serious_violence_duty"].name
    parties = {key for key, line in held.items() if name in dict(line.agreements)}
    assert "community_safety" in parties and "childrens_social_care" not in parties
