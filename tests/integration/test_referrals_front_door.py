"""The front door by its words: what is refused and why, what the referrer is told, what two people at once meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import desk_story as story
import pytest
from desk_story import CHILD, NOW
from django.db import IntegrityError, transaction

from concord.desk.accounts.rules import ChangedMeanwhile, NotHere
from concord.desk.people import queries as people
from concord.desk.referrals import operations as referrals
from concord.desk.referrals import queries
from concord.desk.referrals.models import Contact
from concord.desk.referrals.rules import NotThatWay, PartyDetails
from concord.desk.sharing.session import as_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


SENDING = [
    ({"parties": []}, "Name the child or young person"),
    ({"parties": [replace(CHILD, family_name=" ")]}, "Give at least a family name"),
    ({"parties": [CHILD, replace(CHILD, role="chld")]}, "Did you mean “child”?"),
    ({"concern": "  "}, "Say what you are worried about"),
    ({"pathway": "mash_contct"}, "Did you mean “mash_contact”?"),
    ({"pathway": "domestic_abuse_marac", "ground": "x"}, "Name the person at risk"),
    ({"pathway": "domestic_abuse_marac", "parties": [story.VICTIM, story.ACCUSED], "ground": "visible_high_rsk"},
     "Did you mean “visible_high_risk”?"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "words"), SENDING)
def test_a_referral_that_lacks_something_is_refused_with_the_next_step(world, given, words):
    given = {"pathway": "mash_contact", "parties": [CHILD], "concern": "c", **given}
    with pytest.raises(NotThatWay) as refused:
        referrals.submit(viewer=world.cast["school"], at=NOW, **given)
    assert words in str(refused.value)


def test_sending_the_same_form_twice_gives_the_first_receipt(world):
    key, school = uuid4(), world.cast["school"]
    first, second = (
        referrals.submit(
            viewer=school,
            pathway="mash_contact",
            parties=[CHILD],
            concern="c",
            submission=key,
            at=NOW + timedelta(minutes=minutes),
        )
        for minutes in (0, 5)
    )
    assert first == second
    assert [each.reference for each in queries.my_referrals(school, at=NOW)].count(first.reference) == 1


def test_the_receipt_says_who_has_it_and_by_when(world):
    receipt = story.refer_child(world.cast, at=NOW)
    assert receipt.receiver == "Multi-Agency Safeguarding Hub (MASH)"
    assert f"{receipt.decision_due:%Y-%m-%d %H:%M}" == "2026-06-16 17:00", "sent on a Saturday"
    assert len(receipt.reference) == 7 and not set(receipt.reference) & set("01ILO")


def test_the_notice_before_sending_names_receiver_ground_and_end(world):
    notice = queries.sharing_notice(world.cast["gp"], "domestic_abuse_marac", at=NOW)
    assert "Never the alleged perpetrator" in notice.shared_with
    assert notice.agreement == "Harbourside Domestic Abuse MARAC agreement"
    assert "DPA 2018 Sch 1 para 18" in notice.section and notice.agreement_ends.year == 2030


def test_the_status_says_no_more_while_the_case_moves_than_before(world):
    school, mash = world.cast["school"], world.cast["mash"]
    receipt = story.refer_child(world.cast, at=NOW)
    contact_id = queries.contact_of(mash, receipt.referral_id, at=NOW)
    told = [queries.referral_status(school, receipt.referral_id, at=NOW)]
    referrals.triage(viewer=mash, contact_id=contact_id, rag="red", reason="r", version=1, at=NOW)
    referrals.ask(viewer=mash, contact_id=contact_id, agency="police", basis="b", question="q", at=NOW)
    story.identify_all(mash, contact_id, NOW)
    told.append(queries.referral_status(school, receipt.referral_id, at=NOW))
    assert told[0] == told[1]


def test_the_clock_of_a_rating_counts_from_receipt(world):
    mash = world.cast["mash"]
    late = NOW + timedelta(hours=3)
    referrals.triage(viewer=mash, contact_id=world.undecided, rag="red", reason="r", version=1, at=late)
    page = queries.contact(mash, world.undecided, at=late)
    red = next(clock for clock in page.clocks if clock.key == "red")
    assert red.due_at == page.received_at + timedelta(hours=4)
    line = next(line for line in queries.queue(mash, at=late) if line.contact_id == world.undecided)
    assert line.next_due_at == red.due_at and line.overdue


def test_two_workers_at_once_are_told_and_nothing_is_overwritten(world):
    mash, manager = world.cast["mash"], world.cast["mash-manager"]
    referrals.triage(viewer=mash, contact_id=world.undecided, rag="red", reason="first", version=1, at=NOW)
    with pytest.raises(ChangedMeanwhile, match="This contact changed while you had it open"):
        referrals.triage(viewer=manager, contact_id=world.undecided, rag="green", reason="second", version=1, at=NOW)
    assert queries.contact(manager, world.undecided, at=NOW).rag_reason == "first"


def test_a_case_goes_to_a_panel_only_with_its_people_identified(world):
    mash = world.cast["mash"]
    referrals.triage(viewer=mash, contact_id=world.undecided, rag="amber", reason="r", version=1, at=NOW)
    with pytest.raises(NotThatWay, match="Say who the child or young person is before you list this case"):
        referrals.decide(
            viewer=mash,
            contact_id=world.undecided,
            level=3,
            route="mace",
            rationale="r",
            feedback="f",
            version=2,
            at=NOW,
        )


def test_a_worker_links_only_to_somebody_they_may_see(world):
    mash = world.cast["mash"]
    party = queries.contact(mash, world.undecided, at=NOW).parties[0]
    for person_id in (world.marac.person_id, uuid4()):
        with pytest.raises(NotHere, match="There is no person here"):
            referrals.identify(
                viewer=mash,
                contact_id=world.undecided,
                party_id=party.party_id,
                person_id=person_id,
                version=1,
                at=NOW,
            )


def test_a_returning_child_shows_what_came_before(world):
    mash = world.cast["mash"]
    receipt = story.refer_child(world.cast, by="gp", at=NOW)
    contact_id = queries.contact_of(mash, receipt.referral_id, at=NOW)
    party = queries.contact(mash, contact_id, at=NOW).parties[0]
    (match,) = queries.possible_matches(mash, contact_id, party.party_id, at=NOW)
    assert [reason.said for reason in match.reasons] == [
        "same family name",
        "same given name",
        "same date of birth",
        "same postcode",
    ]
    referrals.identify(
        viewer=mash, contact_id=contact_id, party_id=party.party_id, person_id=match.person_id, version=1, at=NOW
    )
    page = queries.contact(mash, contact_id, at=NOW)
    assert [each.route_name for each in page.earlier] == ["List at the child exploitation panel (MACE)"]


ASKING = [
    ({"agency": "polise"}, "Did you mean “police”?"),
    ({"basis": " "}, "Say what you ask and on what basis"),
    ({"question": ""}, "Each question to an agency must be proportionate"),
]


@pytest.mark.parametrize(("given", "words"), ASKING)
def test_an_agency_is_asked_something_on_a_basis(world, given, words):
    given = {"agency": "police", "basis": "b", "question": "q", **given}
    with pytest.raises(NotThatWay) as refused:
        referrals.ask(viewer=world.cast["mash"], contact_id=world.undecided, at=NOW, **given)
    assert words in str(refused.value)


def test_an_answer_is_kept_once(world):
    mash = world.cast["mash"]
    check = referrals.ask(viewer=mash, contact_id=world.undecided, agency="health", basis="b", question="q", at=NOW)
    give = {"viewer": mash, "contact_id": world.undecided, "check_id": check, "at": NOW}
    with pytest.raises(NotThatWay, match="Write down what came back"):
        referrals.answer(**give, outcome="information", answer="")
    referrals.answer(**give, outcome="nothing_held", answer="")
    with pytest.raises(ChangedMeanwhile):
        referrals.answer(**give, outcome="information", answer="x")


def test_a_coordinator_who_was_handed_a_childs_contact_cannot_decide_it(world):
    """The part in MACE brings “contact.decide” for MACE's own pathway, not for the one that MASH receives."""
    coordinator = world.cast["mace-coordinator"]
    page = queries.contact(coordinator, world.heard.contact_id, at=NOW)
    assert page.allowed == ()
    with pytest.raises(Exception, match=r"does not allow “contact[.]decide”"):
        referrals.decide(
            viewer=coordinator,
            contact_id=world.heard.contact_id,
            level=1,
            route="no_further_action",
            rationale="r",
            feedback="f",
            version=page.version,
            at=NOW,
        )


def test_the_safe_way_to_reach_somebody_stands_first_on_their_page(world):
    for name in ("marac-coordinator", "idva"):
        page = people.person(world.cast[name], world.marac.person_id, at=NOW)
        assert page.safe_contact == "Ring the surgery, never the home. Mondays only."
    perpetrator = next(each for each in people.person(world.cast["idva"], world.marac.person_id, at=NOW).related)
    assert (perpetrator.name, perpetrator.kind) == ("Carl Probe SYN", "alleged_perpetrator_against")


def test_names_in_an_invented_borough_are_marked_whatever_is_typed(world):
    receipt = story.refer_child(world.cast, at=NOW, child=PartyDetails("child", "Ann", "Plain"))
    mash = world.cast["mash"]
    contact_id = queries.contact_of(mash, receipt.referral_id, at=NOW)
    person_id = story.identify_all(mash, contact_id, NOW)["child"]
    assert queries.contact(mash, contact_id, at=NOW).parties[0].details.family_name == "Plain-SYN"
    assert people.person(mash, person_id, at=NOW).name == "Ann Plain-SYN"


BROKEN = [
    {"decided_at": NOW},
    {"route": "early_help"},
    {"rag": "red"},
    {"level": 5},
]


@pytest.mark.parametrize("change", BROKEN, ids=lambda change: next(iter(change)))
def test_the_database_keeps_a_decision_whole(world, change):
    with as_viewer(world.cast["mash"], at=NOW), pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.filter(id=world.undecided).update(**change)
