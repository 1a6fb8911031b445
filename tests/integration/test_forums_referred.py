"""From a referral to the agenda: Community MARAC, High Risk Panel and Hate Incident Panel of Harbourside."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import desk_story as story
import pytest
from desk_story import NOW
from instruments_support import matrix_told

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, NotHere
from concord.desk.panels import operations as panels
from concord.desk.panels import queries
from concord.desk.panels.rules import NotNow
from concord.desk.referrals import operations as referrals
from concord.desk.referrals import queries as referral_queries
from concord.desk.referrals.rules import NotThatWay, PartyDetails

pytestmark = pytest.mark.django_db
ADULT = PartyDetails("subject", "Una", "Testwell SYN", date(1970, 1, 1), "F")
ADDRESS = PartyDetails("address", "", "4 Marsh Rise SYN")


@pytest.fixture
def cast():
    return story.people()


def referred(cast, pathway: str, parties, route: str, **more):
    """Sent by housing, known and decided by the panels' coordinator. Returns the contact."""
    coordinator = cast["safety-coordinator"]
    receipt = referrals.submit(
        viewer=cast["housing"], pathway=pathway, parties=parties, concern="Strangers come and go.", at=NOW, **more
    )
    contact_id = referral_queries.contact_of(coordinator, receipt.referral_id, at=NOW)
    for party in referral_queries.contact(coordinator, contact_id, at=NOW).parties:
        version = referral_queries.contact(coordinator, contact_id, at=NOW).version
        given = {"viewer": coordinator, "contact_id": contact_id, "party_id": party.party_id, "version": version}
        if party.role == "address":
            referrals.name_subject(**given, subject_id=None, at=NOW)
        else:
            referrals.identify(**given, person_id=None, at=NOW)
    referrals.decide(
        viewer=coordinator,
        contact_id=contact_id,
        route=route,
        rationale="Several agencies.",
        feedback="Come to the meeting.",
        version=referral_queries.contact(coordinator, contact_id, at=NOW).version,
        at=NOW,
    )
    return receipt, contact_id


def listed(cast, forum: str, contact_id, **given):
    coordinator = cast["safety-coordinator"]
    assert [each.contact_id for each in queries.waiting(coordinator, forum, at=NOW)] == [contact_id]
    meeting_id = panels.plan_meeting(
        viewer=coordinator, forum=forum, starts_at=NOW + timedelta(days=5), place="Room", at=NOW
    )
    item_id = panels.list_contact(
        viewer=coordinator, meeting_id=meeting_id, contact_id=contact_id, reason="Several agencies.", at=NOW, **given
    )
    assert queries.waiting(coordinator, forum, at=NOW) == ()
    return meeting_id, item_id


def test_an_adult_comes_to_the_community_marac_on_the_ground_that_the_referrer_gave(cast):
    receipt, contact_id = referred(
        cast, "community_marac_referral", [ADULT], "list_at_community_marac", ground="several_agencies"
    )
    _, result = matrix_told(cast, NOW)
    _, item_id = listed(cast, "community_marac", contact_id, kind="vulnerable_person", result_id=result.result_id)
    page = queries.item(cast["adult-care"], item_id, at=NOW)
    assert ("Why it comes here", "No single agency can resolve it") in page.facets
    assert page.score == "Matrix score 32: high risk" and page.about == "Una Testwell SYN"
    told = referral_queries.referral_status(cast["housing"], receipt.referral_id, at=NOW)
    assert "accepted" in told.route_told
    for who in ("mace-coordinator", "school", "daily-lead"):
        with pytest.raises((NotHere, NotAllowed)):
            queries.item(cast[who], item_id, at=NOW)


def test_an_address_that_was_referred_is_heard_as_that_address(cast):
    _, contact_id = referred(cast, "community_marac_referral", [ADDRESS], "list_at_community_marac", ground="judgement")
    _, item_id = listed(cast, "community_marac", contact_id, kind="address")
    page = queries.item(cast["safety-housing"], item_id, at=NOW)
    assert (page.subject, page.about, page.persons) == ("place", "4 Marsh Rise SYN", ())


def test_a_referral_that_names_no_place_is_not_heard_as_one(cast):
    _, contact_id = referred(cast, "community_marac_referral", [ADULT], "list_at_community_marac", ground="judgement")
    with pytest.raises(NotNow, match="names no place"):
        listed(cast, "community_marac", contact_id, kind="address")


def test_the_high_risk_panel_takes_adults_and_advises(cast):
    given = {"ground": "routes_tried", "answers": {"tried": "Two enquiries."}}
    with pytest.raises(NotThatWay, match="hears adults"):
        referred(
            cast, "high_risk_referral", [PartyDetails("subject", "Kit", "Young SYN", date(2012, 1, 1))],
            "list_at_high_risk_panel", **given,
        )  # fmt: skip
    _, contact_id = referred(cast, "high_risk_referral", [ADULT], "list_at_high_risk_panel", **given)
    _, item_id = listed(cast, "high_risk_panel", contact_id, kind="adult")
    assert queries.item(cast["adult-care"], item_id, at=NOW).advisory


def test_a_report_without_an_account_comes_to_the_hate_incident_panel_and_its_monthly_return(cast):
    worker, coordinator = cast["hate-worker"], cast["safety-coordinator"]
    referrals.submit_open(
        viewer=accounts.service("public_form"), pathway="hate_report", parties=[], concern="Spat at, again.",
        answers={"motive": "race", "where": "SYN Street", "police": "no"}, submission=uuid4(), at=NOW,
    )  # fmt: skip
    (line,) = referral_queries.queue(worker, "hate_report", at=NOW)
    referrals.advance(
        viewer=worker, contact_id=line.contact_id, verb="settle", version=1, at=NOW, answers={},
        given={"route": "hate_incident_panel", "rationale": "A third report.", "feedback": "Several agencies look."},
    )  # fmt: skip
    meeting_id, item_id = listed(
        cast, "hate_incident_panel", line.contact_id, kind="case",
        facets={"strand": ["race", "immigration"], "reported": ["no"]},
    )  # fmt: skip
    panels.everybody_here(viewer=coordinator, meeting_id=meeting_id, at=NOW)
    panels.open_meeting(viewer=coordinator, meeting_id=meeting_id, at=NOW)
    panels.decide(viewer=cast["safety-chair"], item_id=item_id, outcome="victim_support", reason="r", version=1, at=NOW)
    month = NOW.date().replace(day=1)
    lines, _ = queries.forum_return(coordinator, "hate_incident_panel", month, month + timedelta(days=29), at=NOW)
    counted = {each.key: each.count for each in lines}
    assert queries.forum("hate_incident_panel").returns.every == "month"
    assert (counted["cases"], counted["strand_race"], counted["strand_immigration"], counted["strand_age"]) == (
        1,
        1,
        1,
        0,
    )
    assert (counted["not_reported"], counted["outcome_victim_support"], counted["outcome_tenancy_action"]) == (1, 1, 0)
