"""Restricted and sealed records, staff and family, pointers, emergency access, field classes, duties kept apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import desk_story as story
import pytest
from desk_story import NOW
from django.db import connection

from concord.desk.accounts import operations as accounts_operations
from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, NotHere, NotTogether
from concord.desk.audit import queries as audit
from concord.desk.panels import operations as panels
from concord.desk.panels import queries as panel_queries
from concord.desk.people import operations as people_operations
from concord.desk.people import queries as people
from concord.desk.people.rules import Details, NotThatPerson
from concord.desk.referrals import operations as referrals
from concord.desk.referrals import queries as referral_queries
from concord.desk.referrals.rules import PartyDetails
from concord.desk.sharing import operations as sharing_operations
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.rules import AwaitsReview, EmergencyClosed, NotNamed, NotReviewable

pytestmark = pytest.mark.django_db
ADULT = Details(story.VICTIM.given_name, story.VICTIM.family_name, story.VICTIM.born_on)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def ids(world, *names):
    return [world.cast[name].user_id for name in names]


def restrict(world, level="restricted", names=("mace-coordinator", "mace-chair", "police"), item=None):
    panels.restrict_case(
        viewer=world.cast["mace-coordinator"],
        item_id=item or world.coming.item_id,
        level=level,
        named=ids(world, *names),
        reason="staff",
        at=NOW,
    )


def open_adult(world, by="mash", details=ADULT, **changes):
    given = {"purpose": "child_safeguarding", "reason": "On a bridge, about to jump.", "at": NOW}
    return people_operations.open_in_emergency(viewer=world.cast[by], details=details, **{**given, **changes})


# --- restricted and sealed -----------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["restricted", "sealed"])
def test_a_case_kept_to_some_is_not_there_for_the_others(world, level):
    education, police = world.cast["education"], world.cast["police"]
    before = len(panel_queries.meeting(education, world.coming.meeting_id, at=NOW).items)
    restrict(world, level)
    page = panel_queries.item(police, world.coming.item_id, at=NOW)
    assert page.restriction == level
    for read in (
        lambda: panel_queries.item(education, world.coming.item_id, at=NOW),
        lambda: people.person(education, world.coming.person_id, at=NOW),
    ):
        with pytest.raises(NotHere):
            read()
    # Lists, counts and the minutes leave it out; nothing says that anything was left out.
    assert len(panel_queries.meeting(education, world.coming.meeting_id, at=NOW).items) == before - 1
    assert "Nell Secondary" not in panel_queries.minutes(education, world.coming.meeting_id, at=NOW)
    assert panel_queries.for_person(education, world.coming.person_id, at=NOW) == ()


def test_a_restricted_child_has_no_pointer_and_is_found_by_no_search(world):
    mash, child = world.cast["mash"], Details("Nell", "Secondary SYN", date(2010, 5, 5))
    assert panel_queries.for_person(mash, world.coming.person_id, at=NOW)[0].item_id is None
    assert [each.person_id for each in people.candidates(mash, child, at=NOW)] == [world.coming.person_id]
    restrict(world)
    assert people.candidates(mash, child, at=NOW) == ()
    assert panel_queries.for_person(mash, world.coming.person_id, at=NOW) == ()
    with pytest.raises(NotHere):
        people.person(mash, world.coming.person_id, at=NOW)
    # Who answers for MASH's own record keeps it, and is not shown to those named.
    assert people.person(world.cast["mash-manager"], world.coming.person_id, at=NOW).name == "Nell Secondary SYN"
    kept = sharing.restriction(world.cast["police"], "person", world.coming.person_id, at=NOW)
    assert set(kept.named) == set(ids(world, "mace-coordinator", "mace-chair", "police"))
    assert sharing.restriction(world.cast["education"], "person", world.coming.person_id, at=NOW) is None


def test_a_restriction_follows_the_person_to_what_comes_later_and_can_be_lifted(world):
    restrict(world)
    cast = world.cast
    referrals.submit(
        viewer=cast["school"],
        pathway="mash_contact",
        parties=[PartyDetails("child", "Nell", "Secondary SYN", date(2010, 5, 5), "F", "ZZ9 9ZZ")],
        concern="Again.",
        consent="informed",
        at=NOW,
    )
    contact_id = story.newest(cast["mash-manager"], "mash_contact", NOW)
    page = referral_queries.contact(cast["mash"], contact_id, at=NOW)
    assert page.parties, "until somebody says who it is about, it is anybody's contact"
    referrals.identify(
        viewer=cast["mash-manager"],
        contact_id=contact_id,
        party_id=page.parties[0].party_id,
        person_id=world.coming.person_id,
        version=page.version,
        at=NOW,
    )
    with pytest.raises(NotHere):
        referral_queries.contact(cast["mash"], contact_id, at=NOW)
    assert referral_queries.contact(cast["mash-manager"], contact_id, at=NOW).parties
    restrict(world, "ordinary", names=("mace-coordinator",))
    assert panel_queries.item(cast["education"], world.coming.item_id, at=NOW).restriction == ""


def test_only_somebody_named_restricts_and_only_who_may(world):
    with pytest.raises(NotNamed, match="You must be one of the people named"):
        restrict(world, names=("police",))
    with pytest.raises(NotAllowed, match="does not sit on this forum"):
        restrict(world, names=("mace-coordinator", "idva"))
    with pytest.raises(NotAllowed):
        panels.restrict_case(
            viewer=world.cast["police"],
            item_id=world.coming.item_id,
            level="sealed",
            named=ids(world, "police"),
            reason="r",
            at=NOW,
        )


def test_a_manager_seals_a_contact_and_its_referrer_reads_on(world):
    cast = world.cast
    referral_id = story.refer_child(cast, by="school", at=NOW).referral_id
    contact_id = story.newest(cast["mash"], "mash_contact", NOW)
    referrals.restrict_contact(
        viewer=cast["mash-manager"],
        contact_id=contact_id,
        level="sealed",
        named=ids(world, "mash-manager"),
        reason="A colleague's child.",
        at=NOW,
    )
    with pytest.raises(NotHere):
        referral_queries.contact(cast["mash"], contact_id, at=NOW)
    assert contact_id not in {line.contact_id for line in referral_queries.queue(cast["mash"], at=NOW)}
    assert referral_queries.referral_status(cast["school"], referral_id, at=NOW).reference


# --- staff and family ----------------------------------------------------------------------------------------


def test_a_worker_who_knows_the_family_loses_all_of_it_everywhere(world):
    """A conflict declared at MACE takes the contact away at MASH too, and the other way round."""
    manager = world.cast["mash-manager"]
    assert referral_queries.contact(manager, world.coming.contact_id, at=NOW)
    panels.declare_conflict(viewer=manager, item_id=world.coming.item_id, why="niece", at=NOW)
    for read in (
        lambda: panel_queries.item(manager, world.coming.item_id, at=NOW),
        lambda: referral_queries.contact(manager, world.coming.contact_id, at=NOW),
        lambda: people.person(manager, world.coming.person_id, at=NOW),
    ):
        with pytest.raises(NotHere):
            read()
    referrals.declare_connection(viewer=world.cast["mash"], contact_id=world.heard.contact_id, why="cousin", at=NOW)
    with pytest.raises(NotHere):
        people.person(world.cast["mash"], world.heard.person_id, at=NOW)
    # Nobody else lost anything.
    assert panel_queries.item(world.cast["police"], world.coming.item_id, at=NOW)


# --- emergency access ----------------------------------------------------------------------------------------


def test_an_emergency_opens_one_person_for_a_while_and_a_second_person_reviews_it(world):
    mash, dpo = world.cast["mash"], world.cast["dpo"]
    with pytest.raises(NotHere):
        people.person(mash, world.marac.person_id, at=NOW)
    opened = open_adult(world)
    assert (opened.person_id, opened.until) == (world.marac.person_id, NOW + timedelta(minutes=120))
    assert people.person(mash, opened.person_id, at=NOW + timedelta(minutes=119)).safe_contact
    with pytest.raises(NotHere):
        people.person(mash, opened.person_id, at=NOW + timedelta(minutes=120))
    # The person, not the case.
    with pytest.raises((NotHere, NotAllowed)):
        panel_queries.item(mash, world.marac.item_id, at=NOW)
    (waiting,) = sharing.emergencies(dpo, at=NOW)
    assert (waiting.by, waiting.reason, waiting.found) == ("Tomas Ellery SYN", "On a bridge, about to jump.", True)
    assert sharing.emergencies(dpo, at=NOW + timedelta(days=9))[0].overdue
    with pytest.raises(NotReviewable, match="Say what you found"):
        sharing_operations.review_emergency(viewer=dpo, entry=opened.entry, justified=True, note=" ", at=NOW)
    sharing_operations.review_emergency(viewer=dpo, entry=opened.entry, justified=False, note="No danger.", at=NOW)
    (done,) = sharing.emergencies(mash, at=NOW)
    assert (done.justified, done.note, done.mine) == (False, "No danger.", True)
    with pytest.raises(NotHere):
        sharing_operations.review_emergency(viewer=dpo, entry=opened.entry, justified=True, note="n", at=NOW)
    trail = audit.who_looked(dpo, "person", world.marac.person_id, at=NOW)
    assert any(event.action == "person.emergency" and event.operation == "disclosure" for event in trail)


def test_whoever_is_not_found_sealed_or_kept_out_gets_the_same_answer(world):
    stranger = open_adult(world, details=Details("Nobody", "Atall SYN", date(1990, 1, 1)))
    near = open_adult(world, by="mash-manager", details=replace(ADULT, born_on=date(1990, 7, 3)))
    panels.restrict_case(
        viewer=world.cast["marac-coordinator"],
        item_id=world.marac.item_id,
        level="sealed",
        named=ids(world, "marac-coordinator"),
        reason="protected witness",
        at=NOW,
    )
    hidden = open_adult(world)
    assert {each.person_id for each in (stranger, near, hidden)} == {None}
    trail = [e for e in audit.recent(world.cast["dpo"], at=NOW) if e.action == "person.emergency"]
    assert [(e.outcome, e.object_id) for e in trail] == [("not_found", "")] * 3


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"details": Details("Dana", "", None)}, NotThatPerson, "Give the first name"),
        ({"reason": " "}, NotThatPerson, "the reason"),
        ({"purpose": "domestic_abuse"}, EmergencyClosed, "does not name the purpose “domestic_abuse”"),
        ({"at": NOW.replace(year=2031)}, EmergencyClosed, "is not in force (it ends on 2030-03-31)"),
        ({"by": "school"}, NotAllowed, "does not allow “glass.break”"),
    ],
)
def test_an_emergency_that_cannot_be_is_refused_in_words(world, change, error, words):
    with pytest.raises(error) as refused:
        open_adult(world, **change)
    assert words in str(refused.value)


def test_too_many_that_wait_for_review_stop_the_next(world):
    for _ in range(2):
        open_adult(world)
    with pytest.raises(AwaitsReview, match="2 of your emergency openings wait for review") as refused:
        open_adult(world)
    assert "call 999" in str(refused.value)


def test_nobody_reviews_their_own_even_past_the_application(world):
    opened = open_adult(world)
    reviewer = replace(world.cast["mash"], roles=frozenset({"data_protection_officer"}))
    with pytest.raises(NotHere):
        sharing_operations.review_emergency(viewer=reviewer, entry=opened.entry, justified=True, note="n", at=NOW)


# --- fields --------------------------------------------------------------------------------------------------


def test_a_class_of_field_a_role_does_not_see_is_empty_and_cannot_be_searched_by(world):
    mash = world.cast["mash"]
    blind = replace(mash, fields=mash.fields - {"precise_location", "contact"})
    page = people.person(blind, world.heard.person_id, at=NOW)
    assert (page.postcode, page.safe_contact, page.withheld) == ("", "", ("precise_location",))
    assert people.person(mash, world.heard.person_id, at=NOW).postcode == story.CHILD.postcode
    by_postcode = Details("Rafi", "Otherwise", None, "U", story.CHILD.postcode)
    assert people.candidates(mash, by_postcode, at=NOW)
    assert people.candidates(blind, by_postcode, at=NOW) == ()


def test_intelligence_never_reaches_a_voluntary_organisation_or_a_landlord(world):
    later, item_id = NOW + timedelta(days=9), world.marac.item_id
    said = {"text": "Two calls.", "intelligence": "May hold a blade."}
    panels.add_research(viewer=world.cast["police"], item_id=item_id, at=NOW, **said)
    for name, reads in (("health", True), ("marac-chair", True), ("idva", False), ("housing", False)):
        page = panel_queries.item(world.cast[name], item_id, at=later)
        (police,) = (each for each in page.research if each.given)
        assert police.text == "Two calls." and bool(police.intelligence) is reads, name
        assert "blade" not in panel_queries.minutes(world.cast[name], world.marac.meeting_id, at=later)
    with pytest.raises(NotAllowed, match="does not give intelligence"):
        panels.add_research(viewer=world.cast["idva"], item_id=item_id, text="t", intelligence="i", at=NOW)


def test_every_column_about_a_person_has_its_class(world):
    """partnerships/national/codelists/field_classes.csv names every column of every table behind a wall."""
    classed = {(row["table"], row["column"]) for row in accounts.partnership().codelists["field_classes"]}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relrowsecurity AND a.attnum > 0 AND NOT a.attisdropped"
        )
        held = set(cursor.fetchall())
    assert held == classed


def test_every_table_of_the_desk_stands_behind_a_wall_or_holds_nobody(world):
    """A table that is added must have a policy, or be named here with its reason."""
    without = {
        "accounts_user": "staff accounts, read before anybody is known",
        "accounts_membership": "who sits where, read with the account",
        "accounts_invitation": "digests of one-time links, used before anybody is known",
        "accounts_signinguard": "digests of names tried at sign-in",
        "accounts_keptform": "found by a digest and sealed for one form or one person; kept a day",
        "accounts_visit": "up to when a colleague saw what changed: a moment, nothing else",
        "audit_auditlink": "hashes, closed to the application",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT relrowsecurity AND relname ~"
            " '^(accounts|audit|sharing|people|referrals|instruments|panels|records)_'"
        )
        assert {name for (name,) in cursor.fetchall()} == set(without)
        cursor.execute("SELECT tablename FROM pg_policies WHERE qual = 'true' OR with_check = 'true'")
        assert cursor.fetchall() == []


# --- duties apart --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        (["analyst", "release_approver"], "must never have “release.approve”"),
        (["system_administrator", "duty_mash_worker"], "A system administrator must never have “"),
        (["data_protection_officer", "mash_manager"], "must never have “"),
        (["board_member", "duty_mash_worker"], "cannot be held by one account"),
    ],
)
def test_duties_that_must_stay_apart_cannot_be_given_to_one_person(world, roles, words):
    admin = world.cast["admin"]
    with pytest.raises(NotTogether) as refused:
        accounts_operations.set_roles(viewer=admin, user_id=world.cast["gp"].user_id, roles=roles, at=NOW)
    assert words in str(refused.value) and "Give one of the two to somebody else" in str(refused.value)


def test_a_seat_is_not_given_to_somebody_who_must_see_no_case(world):
    admin = world.cast["admin"]
    for name in ("analyst", "dpo", "approver", "board"):
        with pytest.raises(NotTogether):
            accounts_operations.join_forum(
                viewer=admin, user_id=world.cast[name].user_id, forum="marac", part="member", at=NOW
            )


@pytest.mark.parametrize("role", ["desk_extract", "public", "data_subject", "records_keeper", "integration"])
def test_a_role_of_a_service_or_of_nobody_is_given_to_nobody(world, role):
    with pytest.raises(NotAllowed, match="is not given to a person"):
        accounts_operations.set_roles(
            viewer=world.cast["admin"], user_id=world.cast["gp"].user_id, roles=[role], at=NOW
        )


def test_an_entry_that_is_not_there_is_answered_like_one_that_is_anothers(world):
    opened = open_adult(world)
    said = set()
    for entry in (opened.entry, uuid4()):
        reviewer = replace(world.cast["dpo"], partnership="elsewhere")
        with pytest.raises(NotHere) as refused:
            sharing_operations.review_emergency(viewer=reviewer, entry=entry, justified=True, note="n", at=NOW)
        said.add(str(refused.value))
    assert len(said) == 1
