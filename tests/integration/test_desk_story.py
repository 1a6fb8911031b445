"""The two paths of the desk, from the referral to the completed action, as the people in them live it."""

from __future__ import annotations

from datetime import date, timedelta

import desk_story as story
import pytest
from desk_story import MONDAY

from concord.desk.accounts import queries as accounts
from concord.desk.audit import queries as audit
from concord.desk.panels import operations as panels
from concord.desk.panels import queries as panel_queries
from concord.desk.referrals import operations as referrals
from concord.desk.referrals import queries as referral_queries
from concord.desk.referrals.rules import NotThatWay, RepeatMustBeHeard

pytestmark = pytest.mark.django_db


def test_a_school_refers_a_child_and_an_agency_completes_an_action():
    cast = story.people()
    notice = referral_queries.sharing_notice(cast["school"], "mash_contact", at=MONDAY)
    assert "Children Act 2004" in notice.section and "MASH" in notice.receiver

    listed = story.listed_at_mace(cast)
    status = referral_queries.referral_status(cast["school"], listed.referral_id, at=MONDAY + timedelta(hours=4))
    assert status.decided and status.feedback == "Thank you. A worker will ring the school."
    assert "MACE" not in status.route_told and "exploitation" not in status.route_told.lower()

    police = cast["police"]
    (upcoming,) = panel_queries.meetings(police, at=MONDAY + timedelta(days=2), forum_key="mace")
    assert (upcoming.items, upcoming.research_missing) == (1, 1)
    panels.add_research(
        viewer=police, item_id=listed.item_id, text="Stopped twice near the station.", at=MONDAY + timedelta(days=3)
    )
    ready = panel_queries.readiness(cast["mace-coordinator"], listed.meeting_id, at=MONDAY + timedelta(days=3))
    assert not ready.ready and [each.seats for each in ready.research_missing] == [
        "community_health",
        "education_inclusion",
        "mash",
    ]

    now = story.sitting(cast, listed)
    chair = cast["mace-chair"]
    page = panel_queries.item(chair, listed.item_id, at=now)
    assert page.may_decide and [r.text for r in page.research if r.given] == ["Stopped twice near the station."]
    panels.add_action(
        viewer=chair,
        item_id=listed.item_id,
        agency="education_inclusion",
        text="Meet the school about lunch-time supervision.",
        due_on=now.date() + timedelta(days=7),
        at=now,
    )
    panels.decide(
        viewer=chair,
        item_id=listed.item_id,
        outcome="plan_agreed",
        reason="Network around the child is known.",
        version=page.version,
        at=now,
    )
    panels.close_meeting(viewer=cast["mace-coordinator"], meeting_id=listed.meeting_id, at=now)
    text = panels.sign_minutes(viewer=chair, meeting_id=listed.meeting_id, at=now)
    assert "Decision: Plan agreed. Network around the child is known." in text
    assert "Action, Education and Inclusion, by 18 June 2026" in text
    assert panel_queries.minutes(police, listed.meeting_id, at=now) == text

    (action,) = panel_queries.my_actions(cast["education"], at=now + timedelta(days=1))
    assert action.about == "Rafi Testwell SYN" and not action.overdue
    panels.close_action(
        viewer=cast["education"],
        action_id=action.action_id,
        status="done",
        version=action.version,
        at=now + timedelta(days=2),
    )
    assert panel_queries.my_actions(cast["education"], at=now + timedelta(days=3)) == ()

    service = accounts.service("desk_extract")
    (contact,) = referral_queries.extract_contacts(service, at=now + timedelta(days=3))
    assert contact["route"] == "mace" and contact["age_band"] == "10-17" and contact["referrer_kind"] == "school"
    assert set(contact) == {
        "contact_ref", "received_at", "decided_at", "due_at", "rag", "route", "referrer_kind", "age_band",
    }  # fmt: skip
    (row,) = panel_queries.extract_actions(service, at=now + timedelta(days=3))
    assert (row["agency"], row["status"], row["completed_on"]) == ("education_inclusion", "done", date(2026, 6, 13))
    assert audit.verify() is None


def test_a_domestic_abuse_referral_is_heard_and_its_repeat_must_be():
    cast = story.people()
    coordinator = cast["marac-coordinator"]
    story.refer_adult(cast)
    first = story.newest(coordinator, "domestic_abuse_marac", MONDAY)
    known = story.identify_all(coordinator, first, MONDAY)
    assert not referral_queries.repeat(coordinator, first, at=MONDAY).is_repeat
    page = referral_queries.contact(coordinator, first, at=MONDAY)
    assert "Mondays only" in page.safe_contact and page.allowed == ("decide",)
    decision = {"rationale": "High risk in our judgement.", "feedback": "Accepted."}
    referrals.decide(
        viewer=coordinator, contact_id=first, route="list_at_marac", version=page.version, at=MONDAY, **decision
    )
    assert [line.contact_id for line in panel_queries.waiting(coordinator, "marac", at=MONDAY)] == [first]

    later = MONDAY + timedelta(days=200)
    story.refer_adult(cast, by="idva", at=later)
    second = story.newest(coordinator, "domestic_abuse_marac", later)
    story.identify_all(coordinator, second, later, known)
    finding = referral_queries.repeat(coordinator, second, at=later)
    assert finding.is_repeat and finding.last_referred_on is None and "within 12 months" in finding.why
    page = referral_queries.contact(coordinator, second, at=later)
    assert [earlier.contact_id for earlier in page.earlier] == [first]
    with pytest.raises(RepeatMustBeHeard, match="must be heard") as refused:
        referrals.decide(
            viewer=coordinator, contact_id=second, route="not_accepted", version=page.version, at=later, **decision
        )
    assert "within 12 months" in str(refused.value)
    referrals.decide(
        viewer=coordinator, contact_id=second, route="list_at_marac", version=page.version, at=later, **decision
    )
    meeting_id = panels.plan_meeting(
        viewer=coordinator, forum="marac", starts_at=later + timedelta(days=7), place="SYN Police Station", at=later
    )
    item_id = panels.list_contact(
        viewer=coordinator, meeting_id=meeting_id, contact_id=second, reason="Repeat.", at=later
    )
    seen = panel_queries.item(cast["idva"], item_id, at=later)
    assert seen.repeat and {each.role for each in seen.persons} == {"victim", "perpetrator"}


def test_nobody_is_turned_away_from_marac_before_it_is_known_whether_this_is_a_repeat():
    cast = story.people()
    coordinator = cast["marac-coordinator"]
    story.refer_adult(cast)
    contact = story.newest(coordinator, "domestic_abuse_marac", MONDAY)
    decision = {"contact_id": contact, "route": "not_accepted", "rationale": "r", "feedback": "f", "at": MONDAY}
    with pytest.raises(NotThatWay, match="who the person at risk is") as refused:
        referrals.decide(viewer=coordinator, version=1, **decision)
    assert "repeat is heard whatever its threshold" in str(refused.value)
    story.identify_all(coordinator, contact, MONDAY)
    page = referral_queries.contact(coordinator, contact, at=MONDAY)
    referrals.decide(viewer=coordinator, version=page.version, **decision)
