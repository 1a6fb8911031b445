"""A forum at work: quorum, conflict, decision, carry-over, actions, minutes. Each refusal by its words."""

from __future__ import annotations

from datetime import date, timedelta

import desk_story as story
import pytest
from desk_story import NOW, World
from django.db import IntegrityError, transaction

from concord.desk.accounts.rules import ChangedMeanwhile, NotAllowed, NotHere
from concord.desk.audit import queries as audit
from concord.desk.panels import operations as panels
from concord.desk.panels import queries
from concord.desk.panels.models import Action, Decision
from concord.desk.panels.rules import NoQuorum, NotNow
from concord.desk.people import queries as people
from concord.desk.referrals import queries as referrals
from concord.desk.sharing.session import as_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def sit(world: World, absent: tuple[str, ...] = (), at=NOW) -> None:
    coordinator = world.cast["mace-coordinator"]
    away = [world.cast[name].user_id for name in absent]
    panels.everybody_here(viewer=coordinator, meeting_id=world.coming.meeting_id, absent=away, at=at)
    panels.open_meeting(viewer=coordinator, meeting_id=world.coming.meeting_id, at=at)


def decide(
    world: World, *, by: str = "mace-chair", version: int = 1, outcome: str = "plan_agreed", reason: str = "Why."
):
    panels.decide(
        viewer=world.cast[by], item_id=world.coming.item_id, outcome=outcome, reason=reason, version=version, at=NOW
    )


# --- quorum and decision -----------------------------------------------------------------------------------------


def test_without_quorum_nothing_is_decided_and_the_refusal_names_who_is_missing(world):
    sit(world, absent=("police",))
    with pytest.raises(NoQuorum) as refused:
        decide(world)
    assert "MACE has no quorum, so nothing can be decided." in str(refused.value)
    assert "Missing: Police." in str(refused.value)
    assert not queries.item(world.cast["mace-chair"], world.coming.item_id, at=NOW).may_decide


def test_being_here_without_signing_the_statement_does_not_count(world):
    sit(world)
    panels.record_attendance(
        viewer=world.cast["mace-coordinator"],
        meeting_id=world.coming.meeting_id,
        user_id=world.cast["police"].user_id,
        present=True,
        signed=False,
        at=NOW,
    )
    with pytest.raises(NoQuorum, match="no quorum"):
        decide(world)


def test_a_meeting_that_does_not_sit_decides_nothing(world):
    with pytest.raises(NotNow) as refused:
        decide(world)
    assert "MACE is not sitting" in str(refused.value) and "Open the meeting first" in str(refused.value)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"reason": "  "}, NotNow, "Give the reason for the decision"),
        ({"outcome": "plan_agred"}, NotNow, "Did you mean “plan_agreed”?"),
        ({"version": 7}, ChangedMeanwhile, "changed while you had it open"),
        ({"by": "mace-coordinator"}, NotAllowed, "does not allow “decision.record” in MACE"),
        ({"by": "police"}, NotAllowed, "does not allow “decision.record” in MACE"),
        ({"by": "marac-chair"}, NotHere, "There is no case here"),
    ],
)
def test_a_decision_that_cannot_stand_is_refused(world, given, error, words):
    sit(world)
    with pytest.raises(error) as refused:
        decide(world, **given)
    assert words in str(refused.value)
    assert queries.item(world.cast["police"], world.coming.item_id, at=NOW).decision is None


def test_a_case_is_decided_once(world):
    sit(world)
    decide(world)
    with pytest.raises(ChangedMeanwhile):
        decide(world)
    with pytest.raises(NotNow, match="You cannot decide a case that is “Decided”"):
        decide(world, version=2)
    seen = queries.item(world.cast["health"], world.coming.item_id, at=NOW).decision
    assert (seen.outcome_name, seen.reason, seen.by) == ("Plan agreed", "Why.", "Helen Marwood SYN")


def test_the_database_itself_refuses_a_second_decision(world):
    sit(world)
    decide(world)
    chair = world.cast["mace-chair"]
    with as_viewer(chair, at=NOW), pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(
            item_id=world.coming.item_id, outcome="escalate", reason="r", decided_by_id=chair.user_id, decided_at=NOW
        )


def test_an_error_in_the_middle_of_a_decision_leaves_nothing(world, monkeypatch):
    sit(world)
    before = len(audit.recent(world.cast["dpo"], at=NOW))

    def fails(*_args, **_kwargs):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("concord.desk.panels.operations.cases.record_under", fails)
    with pytest.raises(RuntimeError):
        decide(world)
    monkeypatch.undo()
    page = queries.item(world.cast["mace-chair"], world.coming.item_id, at=NOW)
    assert (page.decision, page.state, page.version) == (None, "listed", 1)
    # Only the two reads of this test came to the trail.
    assert len(audit.recent(world.cast["dpo"], at=NOW)) <= before + 2


# --- conflict ----------------------------------------------------------------------------------------------------


def test_a_conflict_makes_the_case_vanish_for_that_member_alone(world):
    health, coordinator = world.cast["health"], world.cast["mace-coordinator"]
    before = {line.meeting_id: line.items for line in queries.meetings(health, at=NOW, forum_key="mace")}
    panels.declare_conflict(viewer=health, item_id=world.coming.item_id, why="My nephew's friend.", at=NOW)
    after = {line.meeting_id: line.items for line in queries.meetings(health, at=NOW, forum_key="mace")}
    assert before[world.coming.meeting_id] == 1 and after[world.coming.meeting_id] == 0
    for attempt in (
        lambda: queries.item(health, world.coming.item_id, at=NOW),
        lambda: people.person(health, world.coming.person_id, at=NOW),
        lambda: panels.add_research(viewer=health, item_id=world.coming.item_id, text="t", at=NOW),
        lambda: panels.declare_conflict(viewer=health, item_id=world.coming.item_id, why="again", at=NOW),
    ):
        with pytest.raises(NotHere, match="There is no"):
            attempt()
    assert queries.meeting(health, world.coming.meeting_id, at=NOW).items == ()
    assert queries.item(world.cast["police"], world.coming.item_id, at=NOW)
    ready = queries.readiness(coordinator, world.coming.meeting_id, at=NOW)
    assert ready.conflicts == 1


def test_a_chair_with_a_conflict_decides_nothing(world):
    panels.declare_conflict(viewer=world.cast["mace-chair"], item_id=world.coming.item_id, why="Neighbour.", at=NOW)
    sit(world)
    with pytest.raises(NotHere):
        decide(world)
    # Were the meeting not to close, they would learn that a case is kept from them: it waits for the next one instead.
    panels.close_meeting(viewer=world.cast["mace-chair"], meeting_id=world.coming.meeting_id, at=NOW)
    waiting = queries.carried_over(world.cast["mace-coordinator"], "mace", at=NOW)
    assert [line.item_id for line in waiting] == [world.coming.item_id]


def test_the_coordinator_may_declare_for_a_member_and_a_member_only_for_themselves(world):
    police, education = world.cast["police"], world.cast["education"]
    with pytest.raises(NotAllowed, match=r"does not allow “item[.]list”"):
        panels.declare_conflict(viewer=police, item_id=world.coming.item_id, why="x", user_id=education.user_id, at=NOW)
    panels.declare_conflict(
        viewer=world.cast["mace-coordinator"],
        item_id=world.coming.item_id,
        why="Staff family.",
        user_id=education.user_id,
        at=NOW,
    )
    with pytest.raises(NotHere):
        queries.item(education, world.coming.item_id, at=NOW)
    with pytest.raises(NotAllowed, match="does not sit on this forum"):
        panels.declare_conflict(
            viewer=world.cast["mace-coordinator"],
            item_id=world.coming.item_id,
            why="x",
            user_id=world.cast["idva"].user_id,
            at=NOW,
        )


def test_a_conflict_follows_the_person_to_the_next_time_they_are_listed(world):
    health, coordinator = world.cast["health"], world.cast["mace-coordinator"]
    panels.declare_conflict(viewer=health, item_id=world.heard.item_id, why="Cousin.", at=NOW)
    again = panels.list_contact(
        viewer=coordinator,
        meeting_id=world.coming.meeting_id,
        contact_id=world.heard.contact_id,
        reason="Review after three months.",
        at=NOW,
    )
    with pytest.raises(NotHere):
        queries.item(health, again, at=NOW)
    assert queries.item(world.cast["police"], again, at=NOW).earlier_actions[0].text == "Meet the school."


def test_minutes_leave_out_the_case_of_a_conflicted_member(world):
    health, police = world.cast["health"], world.cast["police"]
    signed = queries.minutes(police, world.heard.meeting_id, at=NOW)
    assert "Rafi Testwell SYN" in signed
    panels.declare_conflict(viewer=health, item_id=world.heard.item_id, why="Cousin.", at=NOW)
    theirs = queries.minutes(health, world.heard.meeting_id, at=NOW)
    assert "Rafi" not in theirs and "Multi-Agency Child Exploitation panel" in theirs
    assert queries.minutes(police, world.heard.meeting_id, at=NOW) == signed


# --- agenda ------------------------------------------------------------------------------------------------------


def test_a_case_carried_over_waits_for_the_next_agenda_and_is_listed_once(world):
    coordinator = world.cast["mace-coordinator"]
    sit(world)
    decide(world, outcome="carry_over", reason="School not here.")
    assert [line.reference for line in queries.carried_over(coordinator, "mace", at=NOW)]
    panels.close_meeting(viewer=coordinator, meeting_id=world.coming.meeting_id, at=NOW)
    following = panels.plan_meeting(
        viewer=coordinator, forum="mace", starts_at=NOW + timedelta(days=40), place="SYN Hall", at=NOW
    )
    again = panels.carry_over(viewer=coordinator, item_id=world.coming.item_id, meeting_id=following, at=NOW)
    assert queries.carried_over(coordinator, "mace", at=NOW) == ()
    assert queries.item(world.cast["police"], again, at=NOW).about == "Nell Secondary SYN"
    with pytest.raises(NotNow, match="not waiting to be heard again"):
        panels.carry_over(viewer=coordinator, item_id=world.coming.item_id, meeting_id=following, at=NOW)


LISTING = [
    ({"kind": "person_at_rsk"}, NotNow, "Did you mean “person_at_risk”?"),
    ({"reason": " "}, NotNow, "Say why the case is heard"),
    ({"contact": "coming"}, NotNow, "on this agenda already"),
    ({"contact": "undecided"}, NotHere, "There is no contact here"),
    ({"contact": "marac"}, NotHere, "There is no contact here"),
    ({"meeting": "marac"}, NotHere, "There is no meeting here"),
    ({"meeting": "heard"}, NotNow, "What was decided there stays as it was"),
]


@pytest.mark.parametrize(("given", "error", "words"), LISTING)
def test_a_listing_that_makes_no_sense_is_refused(world, given, error, words):
    contacts = {
        "heard": world.heard.contact_id,
        "coming": world.coming.contact_id,
        "marac": world.marac.contact_id,
        "undecided": world.undecided,
    }
    with pytest.raises(error) as refused:
        panels.list_contact(
            viewer=world.cast["mace-coordinator"],
            meeting_id=getattr(world, given.get("meeting", "coming")).meeting_id,
            contact_id=contacts[given.get("contact", "heard")],
            kind=given.get("kind", "person_at_risk"),
            reason=given.get("reason", "r"),
            at=NOW,
        )
    assert words in str(refused.value)


def test_two_meetings_of_a_forum_cannot_start_together(world):
    starts = queries.meeting(world.cast["police"], world.coming.meeting_id, at=NOW).starts_at
    with pytest.raises(NotNow, match="MACE already meets then"):
        panels.plan_meeting(viewer=world.cast["mace-coordinator"], forum="mace", starts_at=starts, place="p", at=NOW)


def test_research_says_something_or_that_there_is_nothing(world):
    health = world.cast["health"]
    for text, nothing in (("", False), ("x", True)):
        with pytest.raises(NotNow, match="or say that it holds nothing"):
            panels.add_research(viewer=health, item_id=world.coming.item_id, text=text, nothing_held=nothing, at=NOW)
    panels.add_research(viewer=health, item_id=world.coming.item_id, nothing_held=True, at=NOW)
    panels.add_research(viewer=health, item_id=world.coming.item_id, text="One visit.", at=NOW)
    page = queries.item(world.cast["mace-chair"], world.coming.item_id, at=NOW)
    (mine,) = (each for each in page.research if "Community Health" in each.agency)
    assert (mine.text, mine.nothing_held, mine.late) == ("One visit.", False, False)
    late = page.cut_off_at + timedelta(minutes=1)
    panels.add_research(viewer=world.cast["education"], item_id=world.coming.item_id, text="Late.", at=late)
    page = queries.item(world.cast["mace-chair"], world.coming.item_id, at=late)
    assert [each.text for each in page.research if each.late] == ["Late."]


# --- actions -----------------------------------------------------------------------------------------------------

CLOSING = [
    ({"status": "not_undertaken"}, NotNow, "Say why: “Not undertaken” needs a reason"),
    ({"status": "circumstances_changed", "reason": " "}, NotNow, "“Circumstances changed” needs a reason"),
    ({"status": "don"}, NotNow, "Did you mean “done”?"),
    ({"status": "open"}, NotNow, "not a way to end an action"),
    ({"status": "done", "version": 4}, ChangedMeanwhile, "This action changed"),
    ({"status": "done", "by": "police"}, NotHere, "There is no action here"),
    ({"status": "done", "by": "mace-chair"}, NotHere, "There is no action here"),
]


@pytest.mark.parametrize(("given", "error", "words"), CLOSING)
def test_an_action_ends_only_by_its_own_agency_and_says_why(world, given, error, words):
    given = {"version": 1, "by": "education", **given}
    viewer = world.cast[given.pop("by")]
    with pytest.raises(error) as refused:
        panels.close_action(viewer=viewer, action_id=world.action_id, at=NOW, **given)
    assert words in str(refused.value)
    assert queries.action(world.cast["education"], world.action_id, at=NOW).status == "open"


def test_not_undertaken_and_circumstances_changed_are_kept_apart(world):
    education = world.cast["education"]
    panels.close_action(
        viewer=education,
        action_id=world.action_id,
        status="circumstances_changed",
        reason="Moved school.",
        version=1,
        at=NOW,
    )
    seen = queries.action(world.cast["mace-chair"], world.action_id, at=NOW)
    assert (seen.status, seen.status_name, seen.reason) == (
        "circumstances_changed",
        "Circumstances changed",
        "Moved school.",
    )
    with pytest.raises((NotNow, NotHere)):
        panels.close_action(viewer=education, action_id=world.action_id, status="done", version=2, at=NOW)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"agency": "fire_brigade"}, "“fire_brigade” does not sit on MACE"),
        ({"text": " "}, "An action says what is to be done"),
        ({"due_on": date(2026, 6, 12)}, "by a day that is still to come"),
    ],
)
def test_an_action_names_an_agency_at_the_table_and_a_day_to_come(world, given, words):
    given = {"agency": "education_inclusion", "text": "t", "due_on": NOW.date(), **given}
    with pytest.raises(NotNow) as refused:
        panels.add_action(viewer=world.cast["mace-chair"], item_id=world.heard.item_id, at=NOW, **given)
    assert words in str(refused.value)


def test_an_action_is_overdue_the_day_after_its_day(world):
    education = world.cast["education"]
    due = queries.action(education, world.action_id, at=NOW).due_on
    late = {
        days: queries.my_actions(education, at=NOW + (due - NOW.date()) + timedelta(days=days))[0].overdue
        for days in (0, 1)
    }
    assert late == {0: False, 1: True}


def test_the_database_keeps_an_action_whole(world):
    with as_viewer(world.cast["education"], at=NOW):
        for broken in ({"status": "done"}, {"status": "lost"}, {"due_on": date(2020, 1, 1)}, {"text": ""}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Action.objects.filter(id=world.action_id).update(**broken)


# --- the size of it ----------------------------------------------------------------------------------------------


def test_lists_and_pages_ask_the_same_number_of_questions_whatever_they_hold(world):
    """At most 30 statements a call, and no more for more rows."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    cast, coordinator = world.cast, world.cast["mace-coordinator"]
    reads = {
        "queue": lambda: referrals.queue(cast["mash"], at=NOW),
        "contact": lambda: referrals.contact(cast["mash"], world.coming.contact_id, at=NOW),
        "my referrals": lambda: referrals.my_referrals(cast["school"], at=NOW),
        "meetings": lambda: queries.meetings(cast["police"], at=NOW),
        "meeting": lambda: queries.meeting(cast["police"], world.coming.meeting_id, at=NOW),
        "readiness": lambda: queries.readiness(coordinator, world.coming.meeting_id, at=NOW),
        "case": lambda: queries.item(cast["mace-chair"], world.coming.item_id, at=NOW),
        "my actions": lambda: queries.my_actions(cast["education"], at=NOW),
        "waiting": lambda: queries.waiting(coordinator, "mace", at=NOW),
    }

    def count():
        counted = {}
        for name, read in reads.items():
            with CaptureQueriesContext(connection) as captured:
                read()
            counted[name] = len(captured)
        return counted

    sit(world)
    # One that waits to be listed: an empty list asks less, because there is nothing to fill in.
    first = story.PartyDetails("child", "N9", "Waits SYN", date(2012, 2, 1))
    story.mash_to_mace_tray(cast, NOW - timedelta(days=1), first)
    few = count()
    for number in range(6):
        child = story.PartyDetails("child", f"N{number}", f"More{number} SYN", date(2012, 1, 1 + number))
        _, contact_id, _ = story.mash_to_mace_tray(cast, NOW - timedelta(days=1), child)
        if number < 4:
            item_id = panels.list_contact(
                viewer=coordinator, meeting_id=world.coming.meeting_id, contact_id=contact_id, reason="r", at=NOW
            )
            panels.add_research(viewer=cast["police"], item_id=item_id, text="t", at=NOW)
            panels.declare_conflict(
                viewer=coordinator, item_id=item_id, why="x", user_id=cast["health"].user_id, at=NOW
            )
        panels.add_action(
            viewer=cast["mace-chair"],
            item_id=world.coming.item_id,
            agency="education_inclusion",
            text=f"Task {number}",
            due_on=NOW.date(),
            at=NOW,
        )
    many = count()
    assert many == few
    assert max(many.values()) <= 30, many
