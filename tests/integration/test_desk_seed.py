"""The demonstration's desk: people, half a year of work, and something fresh in every tray. Seeded once, quickly."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import inventory_support
import pytest
from django.db import transaction

from concord.desk.accounts import queries as accounts
from concord.desk.audit import queries as audit
from concord.desk.panels import queries as panels
from concord.desk.referrals import queries as referrals
from concord.desk.registers import queries as registers
from concord.jobs import seed
from concord.kernel.working_time import LONDON
from concord.synthetic import Member, Story

pytestmark = pytest.mark.django_db
NOWS = [datetime(2026, 11, 22, 22, 0, tzinfo=LONDON), datetime(2026, 6, 1, 0, 8, tzinfo=LONDON)]
"""A Sunday night, and the first minutes of a Monday."""


def member(key: str, given: str, family: str, born: str, sex: str) -> Member:
    return Member(key, given, f"{family}-SYN", born, sex, "", "ZZ1 1AA", "SYN01")


CAST = {
    "child_at_risk": Story(
        "child_at_risk",
        "",
        {
            "child": member("child", "Boy", "Stone", "2012-02-01", "M"),
            "sister": member("sister", "Sis", "Stone", "2014-02-01", "F"),
        },
    ),
    "child_victim": Story("child_victim", "", {"child": member("child", "Girl", "Reed", "2011-02-01", "F")}),
    "repeat_domestic_abuse": Story(
        "repeat_domestic_abuse",
        "",
        {
            "victim": member("victim", "Ana", "Wells", "1993-02-01", "F"),
            "perpetrator": member("perpetrator", "Max", "Wells", "1990-02-01", "M"),
        },
    ),
}


@pytest.fixture(scope="module", params=NOWS, ids=["Sunday night", "Monday, eight past midnight"])
def now(request, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        undo = transaction.atomic()
        undo.__enter__()
        started = time.process_time()
        made = seed.seed(Path("unused"), accounts.partnership(), CAST, lambda: request.param)
        spent = time.process_time() - started
        try:
            # Our own share of the work; the machine may be busy with other things.
            assert spent < 20, f"seeding took {spent:.1f} s of processor time"
            assert made["people"] == 40 and 40 <= made["contacts"] <= 140
            yield request.param
        finally:
            transaction.set_rollback(True)
            undo.__exit__(None, None, None)


def test_a_second_run_does_nothing(now):
    assert seed.seed(Path("unused"), accounts.partnership(), CAST, lambda: now) == {}


def test_nothing_happened_in_the_future(now):
    officer = accounts.viewer_named("dpo")
    assert audit.recent(officer, at=now)[0].at <= now


def test_mash_has_new_red_and_amber_work_before_it(now):
    lines = referrals.queue(accounts.viewer_named("mash"), at=now)
    assert lines[0].rag == "red" and {line.rag for line in lines} == {"", "red", "amber"}
    assert any(line.about == "Sis Stone-SYN" for line in lines)
    assert not any(line.overdue for line in lines if line.rag != "red")


def test_the_marac_coordinator_finds_a_repeat(now):
    coordinator = accounts.viewer_named("marac-coordinator")
    (waiting,) = referrals.queue(coordinator, "domestic_abuse_marac", at=now)
    assert waiting.about == "Ana Wells-SYN"
    parties = referrals.contact(coordinator, waiting.contact_id, at=now).parties
    first = referrals.possible_matches(coordinator, waiting.contact_id, parties[0].party_id, at=now)[0]
    assert first.name == "Ana Wells-SYN" and {reason.agreement for reason in first.reasons} == {"same"}


def test_the_mace_chair_has_a_case_to_decide_at_a_meeting_that_sits(now):
    chair = accounts.viewer_named("mace-chair")
    sits = next(line for line in panels.meetings(chair, at=now) if line.state == "open")
    undecided = [line for line in panels.meeting(chair, sits.meeting_id, at=now).items if line.state == "listed"]
    assert [panels.item(chair, line.item_id, at=now).may_decide for line in undecided] == [True]
    assert undecided[0].about == "Boy Stone-SYN"


@pytest.mark.parametrize("forum", ["mace", "marac"])
def test_coordinators_have_a_meeting_to_prepare_with_research_missing(now, forum):
    coordinator = accounts.viewer_named(f"{forum}-coordinator")
    coming = next(line for line in panels.meetings(coordinator, at=now, forum_key=forum) if line.state == "planned")
    assert coming.starts_at > now
    ready = panels.readiness(coordinator, coming.meeting_id, at=now)
    listed = {"mace": 4, "marac": 2}[forum]  # at MACE a place and a group beside two children
    assert not ready.ready and ready.listed == listed and ready.research_missing
    expected = ("still owes research", "in your tray", "is not recorded for")
    assert all(any(words in step.words for words in expected) for step in ready.next_steps)


@pytest.mark.parametrize("name", ["police", "education", "health", "mash-manager"])
def test_agencies_have_open_actions(now, name):
    assert panels.my_actions(accounts.viewer_named(name), at=now)


def test_the_indicators_have_something_to_say(now):
    service = accounts.service("desk_extract")
    contacts = [row for row in referrals.extract_contacts(service, at=now) if row["decided_at"]]
    actions = panels.extract_actions(service, at=now)
    on_time = sum(row["decided_at"] <= row["due_at"] for row in contacts) / len(contacts)
    assert len(contacts) >= 40 and 0.75 < on_time < 0.97
    closed = [row for row in actions if row["completed_on"]]
    assert len(closed) >= 15 and 0.6 < sum(row["completed_on"] <= row["due_on"] for row in closed) / len(closed) <= 1
    assert {row["forum"] for row in actions} >= {"mace", "marac"}
    assert len({row["received_at"].strftime("%Y-%m") for row in contacts}) >= 5


def test_everybody_is_marked_synthetic_and_the_trail_holds(now):
    for person in accounts.partnership().demo_people.person:
        assert "SYN" in person.name
    assert audit.verify() is None


def test_the_registers_have_open_late_and_closed_entries_and_a_home_that_was_taken_over(now):
    manager, orders = accounts.viewer_named("manager"), accounts.viewer_named("orders")
    summary = {each.key: each for each in registers.registers(manager, at=now)}
    assert summary["action_register"].open >= 8 and summary["action_register"].overdue
    assert registers.entries(manager, "section_60", at=now, state="closed")
    order = {each.who for each in registers.entries(orders, "civil_orders", at=now)}
    (home,) = registers.entries(orders, "cuckooed_addresses", at=now)
    assert home.overdue and home.who in order, "the occupant's closure order stands under the same person"


def test_every_screen_of_a_named_system_opens_for_somebody_whose_work_it_is(now):
    home = accounts.partnership()
    assert len(inventory_support.screens(home)) > 70
    assert inventory_support.unopened(home, now, seated=True) == {}
