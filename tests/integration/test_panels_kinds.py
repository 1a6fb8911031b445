"""Forums of every kind, by the rules in their files: topics, papers, ages, facets, follow-ups, risk, pulls."""

from __future__ import annotations

from datetime import date, timedelta

import desk_story as story
import pytest
from desk_story import NOW, World
from django.db import IntegrityError, connection, transaction
from instruments_support import matrix_told

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, NotHere
from concord.desk.panels import operations as panels
from concord.desk.panels import queries
from concord.desk.panels.models import HandOff, Involvement, Item
from concord.desk.panels.rules import Named, NotNow, kind_named
from concord.desk.people.rules import Details
from concord.desk.sharing.session import as_viewer

pytestmark = pytest.mark.django_db
CUCKOOED = {"ground": ["judgement"], "factor": ["cuckooing"]}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def planned(world: World, forum: str, by: str = "safety-coordinator", days: int = 3):
    return panels.plan_meeting(
        viewer=world.cast[by], forum=forum, starts_at=NOW + timedelta(days=days), place="Room", at=NOW
    )


def topic(world: World, meeting_id, by: str = "safety-coordinator", **given):
    told = {"kind": "address", "about": "Flat 4 SYN", "reason": "Strangers come and go.", "facets": CUCKOOED} | given
    return panels.list_topic(viewer=world.cast[by], meeting_id=meeting_id, at=NOW, **told)


def opened(world: World, meeting_id, by: str = "safety-coordinator") -> None:
    panels.everybody_here(viewer=world.cast[by], meeting_id=meeting_id, at=NOW)
    panels.open_meeting(viewer=world.cast[by], meeting_id=meeting_id, at=NOW)


# --- a place -----------------------------------------------------------------------------------------------------


def test_a_cuckooed_address_is_decided_with_its_re_visits(world):
    meeting_id = planned(world, "community_marac")
    _, told = matrix_told(world.cast, NOW)
    item_id = topic(world, meeting_id, whereabouts="4 Marsh Rise SYN", result_id=told.result_id)
    opened(world, meeting_id)
    panels.decide(
        viewer=world.cast["safety-chair"],
        item_id=item_id,
        outcome="cuckooing_confirmed",
        reason="Two agencies saw it.",
        version=1,
        at=NOW,
    )
    page = queries.item(world.cast["safety-housing"], item_id, at=NOW)
    assert (page.subject, page.whereabouts, page.score) == ("place", "4 Marsh Rise SYN", "Matrix score 32: high risk")
    told_factors = "Anti-social behaviour, Cuckooing, Drug misuse, Mental ill health"
    assert ("Risk and vulnerability factors", told_factors) in page.facets
    day = NOW.date()
    assert [(each.agency, (each.due_on - day).days) for each in sorted(page.actions, key=lambda one: one.due_on)] == [
        ("SYN Harbourside Police", 2),
        (accounts.partnership().agencies["housing_providers"].name, 7),
        (accounts.partnership().agencies["housing_providers"].name, 28),
        (accounts.partnership().agencies["housing_providers"].name, 91),
    ]
    again = topic(world, planned(world, "community_marac", days=9), about="flat 4  syn")
    before = queries.item(world.cast["safety-coordinator"], again, at=NOW)
    assert [each.outcome_name for each in before.heard_before] == ["Cuckooing confirmed: plan and re-visits"]
    assert len(before.earlier_actions) == 4


def test_an_outcome_for_addresses_does_not_end_a_person_s_case(world):
    meeting_id = planned(world, "community_marac")
    item_id = panels.list_people(
        viewer=world.cast["safety-coordinator"],
        meeting_id=meeting_id,
        kind="vulnerable_person",
        named=[Named("subject", Details("Una", "Testwell SYN", date(1970, 1, 1)))],
        reason="Lives alone.",
        facets=CUCKOOED,
        at=NOW,
    )
    opened(world, meeting_id)
    with pytest.raises(NotNow, match="no outcome “cuckooing_confirmed”"):
        panels.decide(
            viewer=world.cast["safety-chair"],
            item_id=item_id,
            outcome="cuckooing_confirmed",
            reason="r",
            version=1,
            at=NOW,
        )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "vulnerable_person"}, "does not hear “vulnerable_person”"),
        ({"kind": "adress"}, "Did you mean “address”?"),
        ({"about": "  "}, "Say what it is about."),
        ({"reason": " "}, "Say why the case is heard."),
        ({"facets": {"factor": ["cuckooing"]}}, "Say which: “Why it comes here”."),
        ({"facets": {"ground": ["scor"]}}, "Did you mean “score”?"),
        ({"facets": {"ground": ["score", "judgement"]}}, "“Why it comes here” has one answer."),
        ({"facets": {**CUCKOOED, "strand": ["race"]}}, "does not record “strand” of this"),
    ],
)
def test_what_the_forum_s_file_does_not_allow_is_refused_in_words(world, given, words):
    with pytest.raises(NotNow) as refused:
        topic(world, planned(world, "community_marac"), **given)
    assert words in str(refused.value)


def test_a_place_is_listed_once_a_meeting(world):
    meeting_id = planned(world, "community_marac")
    topic(world, meeting_id)
    with pytest.raises(NotNow, match="on this agenda already"):
        topic(world, meeting_id, about="FLAT 4 SYN")


def test_a_place_is_there_for_its_forum_alone(world):
    item_id = topic(world, planned(world, "community_marac"))
    for who in ("mace-coordinator", "marac-chair", "school", "analyst", "dpo", "daily-lead", "probation"):
        with pytest.raises((NotHere, NotAllowed)):
            queries.item(world.cast[who], item_id, at=NOW)
        with as_viewer(world.cast[who], at=NOW):
            assert not Item.objects.filter(id=item_id).exists(), f"{who} reaches it past the application"


# --- a person ----------------------------------------------------------------------------------------------------


def test_the_high_risk_panel_hears_adults_and_says_that_it_advises(world):
    meeting_id = planned(world, "high_risk_panel")
    given = {
        "viewer": world.cast["safety-coordinator"],
        "meeting_id": meeting_id,
        "kind": "adult",
        "reason": "Refuses help.",
        "at": NOW,
    }
    with pytest.raises(NotNow, match="aged from 18"):
        panels.list_people(**given, named=[Named("subject", Details("Kit", "Testwell SYN", date(2012, 1, 1)))])
    item_id = panels.list_people(**given, named=[Named("subject", Details("Kit", "Testwell SYN", date(1980, 1, 1)))])
    assert queries.item(world.cast["adult-care"], item_id, at=NOW).advisory


def test_a_refused_listing_leaves_nobody_on_record(world):
    meeting_id = planned(world, "high_risk_panel")
    with pytest.raises(NotNow):
        panels.list_people(
            viewer=world.cast["safety-coordinator"],
            meeting_id=meeting_id,
            kind="adult",
            named=[Named("subject", Details("Gone", "Testwell SYN", date(1980, 1, 1)))],
            reason=" ",
            at=NOW,
        )
    with as_viewer(world.cast["safety-coordinator"], at=NOW), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_person WHERE given_name = 'Gone'")
        assert cursor.fetchone() == (0,)


def test_somebody_not_shared_with_the_coordinator_cannot_be_listed(world):
    with pytest.raises(NotHere):
        panels.list_people(
            viewer=world.cast["safety-coordinator"],
            meeting_id=planned(world, "high_risk_panel"),
            kind="adult",
            named=[Named("subject", person_id=world.marac.person_id)],
            reason="r",
            at=NOW,
        )


# --- boards ------------------------------------------------------------------------------------------------------


def test_a_board_sits_decides_and_acts_without_any_agreement(world):
    meeting_id = planned(world, "executive")
    item_id = topic(world, meeting_id, kind="theme", about="The budget SYN", facets={})
    opened(world, meeting_id)
    panels.settle(
        viewer=world.cast["safety-chair"],
        item_id=item_id,
        outcome="agreed",
        reason="It fits the plan.",
        version=1,
        task="Publish it.",
        agency="probation",
        due_on=NOW.date() + timedelta(days=7),
        at=NOW,
    )
    page = queries.item(world.cast["youth-justice"], item_id, at=NOW + timedelta(days=400))
    assert page.decision.outcome_name == "Agreed" and [each.text for each in page.actions] == ["Publish it."]
    assert [each.text for each in queries.my_actions(world.cast["probation"], at=NOW)] == ["Publish it."]
    with pytest.raises(NotHere):
        queries.item(world.cast["safety-housing"], item_id, at=NOW)


def test_no_person_can_be_put_before_a_board_not_even_past_the_program(world):
    coordinator, meeting_id = world.cast["safety-coordinator"], planned(world, "executive")
    named = [Named("subject", Details("A", "Testwell SYN", date(1980, 1, 1)))]
    with pytest.raises(NotNow, match="does not hear"):
        panels.list_people(viewer=coordinator, meeting_id=meeting_id, kind="adult", named=named, reason="r", at=NOW)
    item_id = topic(world, meeting_id, kind="theme", about="Budget SYN", facets={})
    with as_viewer(coordinator, at=NOW):
        for broken in ({"subject": "person"}, {"hears": "cases"}, {"contact_id": world.heard.contact_id}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Item.objects.filter(id=item_id).update(**broken)
        with pytest.raises(IntegrityError, match="a board hears nobody"), transaction.atomic():
            Involvement.objects.create(item_id=item_id, person_id=world.heard.person_id, role="child")


def test_a_public_meeting_takes_published_papers_only(world):
    meeting_id = planned(world, "safer_neighbourhood_board")
    with pytest.raises(NotNow, match="published papers only"):
        topic(world, meeting_id, kind="paper", about="Draft", whereabouts="/papers/board/draft.html", facets={})
    assert topic(world, meeting_id, kind="paper", about="SNA", whereabouts="/published/sna/index.html", facets={})


def test_every_board_of_both_partnerships_sits(world):
    for key, board in accounts.partnership().boards.items():
        of = queries.forum(key)
        assert of.hears == "papers" and of.quorum.minimum <= len(of.seat)
        assert {each.key for each in of.seat} >= set(board.members)
        assert not [each for each in of.item if each.subject in ("person", "place", "group", "online")]
        with pytest.raises(NotNow):
            kind_named(of, "person_at_risk")


# --- MACE: how the risk moves, and the seventeenth birthday ------------------------------------------------------


def at_mace(world: World, level: str = "significant", at=NOW) -> None:
    panels.everybody_here(viewer=world.cast["mace-coordinator"], meeting_id=world.coming.meeting_id, at=at)
    panels.open_meeting(viewer=world.cast["mace-coordinator"], meeting_id=world.coming.meeting_id, at=at)
    panels.decide(
        viewer=world.cast["mace-chair"],
        item_id=world.coming.item_id,
        outcome="plan_agreed",
        reason="New phones.",
        version=1,
        level=level,
        at=at,
    )


def test_risk_is_judged_again_after_three_and_six_months(world):
    at_mace(world)
    coordinator, item_id = world.cast["mace-coordinator"], world.coming.item_id
    early, later = NOW + timedelta(days=60), NOW + timedelta(days=95)
    given = {"viewer": coordinator, "item_id": item_id, "level": "moderate", "reason": "No new phones."}
    with pytest.raises(NotNow, match="No review is due at 3 months"):
        panels.review_risk(**given, month=3, at=early)
    assert queries.reviews_due(coordinator, "mace", at=early) == ()
    assert [months for _, months in queries.reviews_due(coordinator, "mace", at=later)] == [(3,)]
    panels.review_risk(**given, month=3, at=later)
    with pytest.raises(NotNow, match="No review is due at 3 months"):
        panels.review_risk(**given, month=3, at=later)
    page = queries.item(coordinator, item_id, at=later)
    assert [(each.month, each.level_name, each.moved) for each in page.ratings] == [
        (0, "Significant", ""),
        (3, "Moderate", "lower"),
    ]


def test_a_hand_off_is_raised_once_and_not_for_younger_children(world):
    at_mace(world)
    with as_viewer(world.cast["mace-coordinator"], at=NOW):
        assert HandOff.objects.count() == 0, "the child is fifteen"


def heard_at_mace(world: World, at, named: Named):
    coordinator = world.cast["mace-coordinator"]
    meeting_id = panels.plan_meeting(
        viewer=coordinator, forum="mace", starts_at=at + timedelta(hours=1), place="Room", at=at
    )
    item_id = panels.list_people(
        viewer=coordinator, meeting_id=meeting_id, kind="person_at_risk", named=[named], reason="r", at=at
    )
    panels.everybody_here(viewer=coordinator, meeting_id=meeting_id, at=at)
    panels.open_meeting(viewer=coordinator, meeting_id=meeting_id, at=at)
    panels.decide(viewer=world.cast["mace-chair"], item_id=item_id, outcome="plan_agreed", reason="r", version=1, at=at)
    return queries.item(coordinator, item_id, at=at)


def test_a_seventeen_year_old_is_handed_on_once(world):
    old = Named("child", Details("Old", "Testwell SYN", date(2009, 1, 1)))
    first = heard_at_mace(world, NOW + timedelta(days=20), old)
    again = Named("child", person_id=first.persons[0].person_id)
    second = heard_at_mace(world, NOW + timedelta(days=48), again)
    assert [each.text for each in first.actions] == [queries.forum("mace").hand_off.text] and not second.actions


# --- what comes by itself ----------------------------------------------------------------------------------------


def test_the_daily_meeting_pulls_last_night_s_red_contacts_and_what_was_carried_over_once(world):
    lead = world.cast["daily-lead"]
    story.refer_child(world.cast, at=NOW - timedelta(hours=3))
    contact_id = story.newest(world.cast["mash"], "mash_contact", NOW)
    from concord.desk.referrals import operations as referrals

    referrals.triage(viewer=world.cast["mash"], contact_id=contact_id, rag="red", reason="Injury.", version=1, at=NOW)
    meeting_id = planned(world, "daily_risk_meeting", by="daily-lead", days=1)
    assert panels.pull_in(viewer=lead, meeting_id=meeting_id, headlines={}, at=NOW) == 1
    assert panels.pull_in(viewer=lead, meeting_id=meeting_id, headlines={}, at=NOW) == 0
    (line,) = queries.meeting(lead, meeting_id, at=NOW).items
    assert line.reason == "Comes in with new phones and is driven away at lunch."
    opened(world, meeting_id, by="daily-lead")
    panels.decide(viewer=lead, item_id=line.item_id, outcome="carry_over", reason="Wait.", version=1, at=NOW)
    panels.close_meeting(viewer=lead, meeting_id=meeting_id, at=NOW)
    tomorrow = planned(world, "daily_risk_meeting", by="daily-lead", days=2)
    assert panels.pull_in(viewer=lead, meeting_id=tomorrow, headlines={}, at=NOW) == 1
    (again,) = queries.meeting(lead, tomorrow, at=NOW).items
    opened(world, tomorrow, by="daily-lead")
    panels.decide(viewer=lead, item_id=again.item_id, outcome="task_now", reason="Go.", version=1, at=NOW)
    (task,) = queries.item(lead, again.item_id, at=NOW).actions
    assert (task.due_on, task.agency) == (NOW.date(), "SYN Harbourside Police")


def test_the_weekly_meeting_takes_a_published_headline_and_nothing_that_is_not(world):
    coordinator, meeting_id = world.cast["safety-coordinator"], planned(world, "weekly_violence_assessment")
    assert panels.pull_in(viewer=coordinator, meeting_id=meeting_id, headlines={}, at=NOW) == 0
    found = {"weekly_violence": ("Robbery fell this week", "/published/weekly/index.html"), "other": ("No", "")}
    assert panels.pull_in(viewer=coordinator, meeting_id=meeting_id, headlines=found, at=NOW) == 1
    assert panels.pull_in(viewer=coordinator, meeting_id=meeting_id, headlines=found, at=NOW) == 0
    (line,) = queries.meeting(coordinator, meeting_id, at=NOW).items
    assert (line.about, line.whereabouts) == ("Robbery fell this week", "/published/weekly/index.html")


# --- the return, the late and the extract ------------------------------------------------------------------------


def test_the_marac_return_reconciles_to_its_cases(world):
    coordinator = world.cast["marac-coordinator"]
    panels.everybody_here(viewer=coordinator, meeting_id=world.marac.meeting_id, at=NOW)
    panels.open_meeting(viewer=coordinator, meeting_id=world.marac.meeting_id, at=NOW)
    panels.decide(
        viewer=world.cast["marac-chair"],
        item_id=world.marac.item_id,
        outcome="plan_agreed",
        reason="r",
        version=1,
        at=NOW,
    )
    starts, ends = NOW.date() - timedelta(days=40), NOW.date() + timedelta(days=40)
    lines, references = queries.forum_return(coordinator, "marac", starts, ends, at=NOW)
    found = {each.key: each for each in lines}
    assert (found["cases"].count, found["cases"].items) == (1, (world.marac.item_id,))
    assert set(references) == {world.marac.item_id}
    assert (found["partners"].count, found["partners"].share) == (1, 1.0) and found["police"].count == 0
    assert found["male"].count == 0 and found["rate"].rate is None
    page = queries.item(coordinator, world.marac.item_id, at=NOW)
    assert ("Route to the list", "Professional judgement") in page.facets
    for who in ("marac-chair", "police", "mace-coordinator", "analyst"):
        with pytest.raises(NotAllowed):
            queries.forum_return(world.cast[who], "marac", starts, ends, at=NOW)
    with pytest.raises(NotNow, match="makes no return"):
        queries.forum_return(world.cast["safety-coordinator"], "executive", starts, ends, at=NOW)


def test_a_marac_flag_ends_twelve_months_after_the_last_hearing(world):
    coordinator = world.cast["marac-coordinator"]
    panels.everybody_here(viewer=coordinator, meeting_id=world.marac.meeting_id, at=NOW)
    panels.open_meeting(viewer=coordinator, meeting_id=world.marac.meeting_id, at=NOW)
    panels.decide(
        viewer=world.cast["marac-chair"], item_id=world.marac.item_id, outcome="transfer", reason="r", version=1, at=NOW
    )
    heard = queries.item(coordinator, world.marac.item_id, at=NOW).starts_at
    ends = heard.replace(year=heard.year + 1)
    assert queries.flags_ending(coordinator, "marac", at=ends - timedelta(days=40)) == ()
    (line,) = queries.flags_ending(coordinator, "marac", at=ends - timedelta(days=20))
    assert (line.person_id, line.ends_on) == (world.marac.person_id, ends.date())
    assert queries.flags_ending(coordinator, "marac", at=ends + timedelta(days=1)) == ()
    (passed,) = queries.item(coordinator, world.marac.item_id, at=NOW).actions
    assert "confirm that it arrived" in passed.text


def test_a_late_action_goes_back_to_the_chair(world):
    chair = world.cast["mace-chair"]
    due = next(each for each in queries.forum_actions(chair, "mace", at=NOW) if each.status == "open").due_on
    in_time = NOW + timedelta(days=(due - NOW.date()).days + 14)
    assert not queries.escalated(world.cast["mace-coordinator"], "mace", at=in_time)
    assert queries.escalated(world.cast["mace-coordinator"], "mace", at=in_time + timedelta(days=1))


def test_the_extract_counts_hearings_and_attendance_without_anybody(world):
    service = accounts.service("desk_extract")
    hearings = queries.extract_hearings(service, at=NOW + timedelta(days=30))
    assert {each["forum"] for each in hearings} >= {"mace", "marac"}
    assert {frozenset(each) for each in hearings} == {
        frozenset(("hearing_ref", "forum", "kind", "met_on", "first_hearing", "repeat", "days_to", "outcome"))
    }
    assert all(each["days_to"] is not None and each["days_to"] >= 0 for each in hearings)
    attendance = queries.extract_attendance(service, at=NOW + timedelta(days=30))
    assert attendance and {each["present"] for each in attendance} <= {"yes", "no"}
    with pytest.raises(NotAllowed):
        queries.extract_hearings(world.cast["mace-coordinator"], at=NOW)
