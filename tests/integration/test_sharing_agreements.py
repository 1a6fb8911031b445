"""The day an agreement ends: what rests on it stops by the London calendar, and the trail says so, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import desk_story as story
import pytest
import time_machine
from desk_story import NOW
from django.test import Client

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, NotHere
from concord.desk.audit import queries as audit
from concord.desk.panels import queries as panel_queries
from concord.desk.referrals import queries as referral_queries
from concord.desk.sharing import operations, queries
from concord.strategy.law import BODIES

pytestmark = pytest.mark.django_db
LAST = accounts.partnership().agreements["child_safeguarding"].expires_on


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def at(day, hour, minute=0):
    """An instant in UTC on a day of the end of March, when London is an hour ahead."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def ended(world, when):
    return [
        e for e in audit.recent(world.cast["dpo"], at=when, operation="alteration") if e.action == "agreement.ended"
    ]


def test_it_is_entered_once_on_the_day_after_by_the_london_calendar(world):
    keeper = accounts.service("records_keeper")
    assert operations.note_agreements(viewer=keeper, at=at(LAST, 22, 59)) == ()
    # 23:30 in UTC is half past midnight in London: the day after.
    after = at(LAST, 23, 30)
    noted = operations.note_agreements(viewer=keeper, at=after)
    assert "child_safeguarding" in noted and "marac" in noted
    assert operations.note_agreements(viewer=keeper, at=after + timedelta(days=30)) == ()
    lines = {line.object_id: line for line in ended(world, after)}
    assert set(lines) == set(noted)
    said = lines["child_safeguarding"].reason
    assert f"Ended on {LAST}." in said and "MACE cases" in said and "pathway mash_contact" in said
    assert "emergency access" in lines["emergency_access"].reason


def test_a_pattern_that_nobody_signed_is_no_agreement_that_ended(world):
    keeper = accounts.service("records_keeper")
    assert "offender_management" not in operations.note_agreements(viewer=keeper, at=NOW)


def test_panels_trays_and_pointers_stop_to_the_minute(world):
    last, after = at(LAST, 22, 59), at(LAST, 23, 0)
    mash, police = world.cast["mash"], world.cast["mace-coordinator"]
    assert referral_queries.queue(mash, at=last) and not referral_queries.queue(mash, at=after)
    assert panel_queries.item(police, world.coming.item_id, at=last)
    with pytest.raises(NotHere):
        panel_queries.item(police, world.coming.item_id, at=after)
    assert panel_queries.forum_actions(police, "mace", at=last) and not panel_queries.forum_actions(
        police, "mace", at=after
    )
    soon = NOW + timedelta(days=3)
    assert queries.pointers(mash, world.coming.person_id, at=soon) == ("mace",)
    assert queries.pointers(mash, world.coming.person_id, at=after) == ()


def test_the_first_to_sign_in_after_it_ended_enters_it(world):
    with time_machine.travel(at(LAST, 23, 30), tick=False):
        for username in ("school", "gp"):
            client = Client(headers={"host": "localhost"})
            assert client.post("/sign-in/", {"person": username}).status_code == 302
        keys = [line.object_id for line in ended(world, at(LAST, 23, 40))]
    assert len(keys) == len(set(keys)) and "child_safeguarding" in keys


def test_the_register_shows_what_each_party_may_give(world):
    page = queries.agreement(world.cast["dpo"], "serious_violence_duty", at=NOW)
    police = next(each for each in page.parties if each.agency == "harbourside_police")
    assert police.body == BODIES["specified_authority"]
    assert dict(police.gives)["personal"]
    schools = queries.agreement(world.cast["dpo"], "emergency_department_assaults", at=NOW)
    trust = next(each for each in schools.parties if each.agency == "acute_trust")
    assert [kind for kind, sections in trust.gives if sections] == ["depersonalised"]
    with pytest.raises(NotHere):
        queries.agreement(world.cast["dpo"], "no_such_agreement", at=NOW)
    with pytest.raises(NotAllowed):
        queries.agreement(world.cast["mash"], "marac", at=NOW)


def test_whoever_worked_under_it_is_told_why_nothing_is_there_and_nobody_else(world):
    after = at(LAST, 23, 30)
    mine = {"forums": ["mace", "marac"], "pathways": ["mash_contact"]}
    told = {
        name: {each.key for each in queries.stopped(world.cast[name], at=after, **mine)}
        for name in ("mace-coordinator", "marac-coordinator", "mash")
    }
    assert told["mace-coordinator"] == {"child_safeguarding"}
    assert told["marac-coordinator"] >= {"marac"} and told["mash"] == {"child_safeguarding"}
    assert queries.stopped(world.cast["marac-coordinator"], at=after, forums=["mace"]) == ()
    assert queries.stopped(world.cast["mace-coordinator"], at=at(LAST, 22, 59), **mine) == ()
    with time_machine.travel(after, tick=False):
        for username, address, words in (
            ("mace-coordinator", "/forums/mace/", "ask the data protection officer"),
            ("mash", "/contacts/", "no case that rests on it can be opened"),
            ("mash", "/today/", "Stopped"),
        ):
            client = Client(headers={"host": "localhost"})
            client.post("/sign-in/", {"person": username})
            assert words in client.get(address).content.decode(), address
