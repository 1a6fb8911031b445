"""Retention by schedule, holds, erasure with a certificate, rights requests, corrections with their history."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import desk_story as story
import pytest
from desk_story import NOW
from django.db import DatabaseError, connection, transaction
from records_support import due, keeper, nothing_came_of_it

from concord.desk.accounts.rules import NotAllowed, NotHere
from concord.desk.audit import queries as audit
from concord.desk.panels import queries as panel_queries
from concord.desk.people import operations as people_operations
from concord.desk.people import queries as people
from concord.desk.people.models import Correction
from concord.desk.people.rules import Details, NotCorrected
from concord.desk.records import operations, queries, rules
from concord.desk.records.rules import NotDecidable
from concord.desk.referrals import queries as referral_queries
from concord.desk.referrals.rules import PartyDetails
from concord.desk.sharing.session import as_viewer

pytestmark = pytest.mark.django_db
CHILD = Details(story.CHILD.given_name, story.CHILD.family_name, story.CHILD.born_on)
VICTIM = Details(story.VICTIM.given_name, story.VICTIM.family_name, story.VICTIM.born_on)
ACCUSED = Details(story.ACCUSED.given_name, story.ACCUSED.family_name, story.ACCUSED.born_on)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


# --- the schedule --------------------------------------------------------------------------------------------


def test_a_contact_with_no_further_action_is_past_its_time_twelve_months_later_to_the_day(world):
    contact_id, _ = nothing_came_of_it(world)
    anniversary = NOW.replace(year=NOW.year + 1)
    assert contact_id not in due(world, anniversary - timedelta(days=1))
    found = due(world, anniversary)[contact_id]
    assert (found.category, found.kind, found.ends_on) == ("contact_no_further_action", "contact", anniversary.date())


def test_a_childs_panel_case_stays_to_the_twenty_fifth_birthday_and_its_contact_as_long_as_the_case(world):
    birthday = date(story.CHILD.born_on.year + 25, story.CHILD.born_on.month, story.CHILD.born_on.day)
    on = NOW.replace(year=birthday.year, month=birthday.month, day=birthday.day)
    # Its action is still open, so it is not past its time whatever the date.
    assert world.heard.item_id not in due(world, on)
    from concord.desk.panels import operations as panels

    education = world.cast["education"]
    panels.close_action(viewer=education, action_id=world.action_id, status="done", version=1, at=NOW)
    assert world.heard.item_id not in due(world, on - timedelta(days=1))
    assert due(world, on)[world.heard.item_id].ends_on == birthday
    assert world.heard.contact_id not in due(world, on), "a case rests on it"


def test_undecided_contacts_and_listed_cases_are_never_past_their_time(world):
    far = NOW.replace(year=2120)
    found = due(world, far)
    assert world.undecided not in found and world.coming.item_id not in found and world.marac.item_id not in found


# --- deciding, holding, erasing ------------------------------------------------------------------------------


def test_what_was_approved_is_erased_whole_and_certified(world):
    contact_id, person_id = nothing_came_of_it(world)
    later, dpo, mash = NOW + timedelta(days=400), world.cast["dpo"], world.cast["mash"]
    assert operations.erase_approved(viewer=keeper(), at=later) == (), "nothing goes without a decision"
    assert operations.approve_erasure(viewer=dpo, category="contact_no_further_action", at=later) == 1
    (line,) = (each for each in queries.summary(dpo, at=later) if each.key == "contact_no_further_action")
    assert (line.due, line.approved, line.held) == (1, 1, 0)
    (made,) = operations.erase_approved(viewer=keeper(), at=later)
    assert made.rows["referrals_contact"] == made.rows["referrals_referral"] == made.rows["people_person"] == 1
    assert made.digests == (rules.digest_of(contact_id),) and made.decided_by == "dpo"
    for read in (
        lambda: referral_queries.contact(mash, contact_id, at=later),
        lambda: people.person(mash, person_id, at=later),
    ):
        with pytest.raises(NotHere):
            read()
    assert due(world, later, "contact_no_further_action") == {}
    # The trail stays, and says so.
    assert audit.who_looked(dpo, "contact", contact_id, at=later)
    erased = [event for event in audit.recent(dpo, at=later) if event.operation == "erasure"]
    assert erased[0].detail["certificate"] == made.sha256
    assert operations.erase_approved(viewer=keeper(), at=later) == ()
    # Nobody else lost anything.
    assert people.person(mash, world.heard.person_id, at=NOW)


def test_a_person_another_record_is_about_stays(world):
    contact_id, _ = nothing_came_of_it(world)
    mash, later = world.cast["mash"], NOW + timedelta(days=400)
    again = PartyDetails("child", "Una", "Passing SYN", date(2012, 4, 4))
    story.refer_child(world.cast, by="school", child=again, at=NOW + timedelta(days=390))
    newer = story.newest(mash, "mash_contact", NOW + timedelta(days=390))
    known = referral_queries.contact(mash, contact_id, at=NOW).parties[0].person_id
    story.identify_all(mash, newer, NOW + timedelta(days=390), {"child": known})
    operations.approve_erasure(viewer=world.cast["dpo"], category="contact_no_further_action", at=later)
    (made,) = operations.erase_approved(viewer=keeper(), at=later)
    assert "people_person" not in made.rows
    assert people.person(mash, known, at=later).name == "Una Passing SYN"


@pytest.mark.parametrize("on", ["contact", "person"])
def test_a_hold_keeps_it_also_after_the_decision(world, on):
    contact_id, person_id = nothing_came_of_it(world)
    later, dpo = NOW + timedelta(days=400), world.cast["dpo"]
    operations.approve_erasure(viewer=dpo, category="contact_no_further_action", at=later)
    subject = contact_id if on == "contact" else person_id
    hold_id = operations.hold(viewer=dpo, kind=on, subject_id=subject, reason="Inquest.", at=later)
    assert due(world, later)[contact_id].held
    assert operations.erase_approved(viewer=keeper(), at=later) == ()
    with pytest.raises(NotDecidable, match="Nothing in this category"):
        operations.approve_erasure(viewer=dpo, category="contact_no_further_action", at=later)
    operations.lift_hold(viewer=dpo, hold_id=hold_id, reason="Closed.", at=later)
    assert queries.holds(dpo, at=later) == ()
    assert operations.approve_erasure(viewer=dpo, category="contact_no_further_action", at=later) == 1
    assert len(operations.erase_approved(viewer=keeper(), at=later)) == 1


def test_nobody_both_decides_and_erases(world):
    with pytest.raises(NotAllowed):
        operations.erase_approved(viewer=world.cast["dpo"], at=NOW)
    with pytest.raises(NotAllowed):
        operations.approve_erasure(viewer=keeper(), category="contact", at=NOW)
    for name in ("mash-manager", "admin", "analyst"):
        with pytest.raises(NotAllowed):
            queries.due(world.cast[name], at=NOW)
    # The database says no as well, whatever the application thinks.
    with as_viewer(world.cast["dpo"], at=NOW), connection.cursor() as cursor:
        for statement in (
            "SELECT records_erase('contact', '{}')",
            "DELETE FROM people_person",
            "DELETE FROM records_erasurecertificate",
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(statement)


def test_certificates_are_a_chain_and_a_changed_one_shows(world):
    for year in (0, 1):
        nothing_came_of_it(world, NOW + timedelta(days=year * 500))
        later = NOW + timedelta(days=year * 500 + 400)
        operations.approve_erasure(viewer=world.cast["dpo"], category="contact_no_further_action", at=later)
        operations.erase_approved(viewer=keeper(), at=later)
    kept = queries.certificates(world.cast["dpo"], at=later)
    assert len(kept) == 2 and rules.broken(kept) is None
    assert rules.broken([replace(kept[0], decided_by="somebody"), kept[1]]) == 1
    assert rules.broken([kept[0], replace(kept[1], previous="")]) == 2
    assert rules.broken(kept[1:]) == 1


# --- rights --------------------------------------------------------------------------------------------------


def asked(world, details, kind="access", **changes):
    given = {"identity": "Passport seen.", "received_on": date(2026, 1, 31), "at": NOW}
    return operations.enter_request(viewer=world.cast["dpo"], kind=kind, details=details, **{**given, **changes})


def test_somebody_who_was_helped_is_given_their_own_record(world):
    request = asked(world, CHILD)
    pack = queries.subject_pack(world.cast["dpo"], request, at=NOW)
    (you,) = pack["you"]["people_person"]
    assert you["given_name"] == "Rafi" and you["born_on"] == "2011-03-14"
    assert [each["route"] for each in pack["contacts"]["referrals_contact"]] == ["mace"]
    assert [each["forum"] for each in pack["panels"]["panels_item"]] == ["mace"]
    # What others wrote, and who else is in it, is not in the pack until somebody has read it.
    assert "phones" not in str(pack) and "Two stops" not in str(pack) and pack["read_by_hand"]["texts"] > 5
    disclosed = [event for event in audit.recent(world.cast["dpo"], at=NOW) if event.action == "rights.pack"]
    assert disclosed[0].operation == "disclosure"
    victim = queries.subject_pack(world.cast["dpo"], asked(world, VICTIM), at=NOW)
    assert "Carl" not in str(victim) and "Probe" not in str(victim)


def test_the_alleged_perpetrator_learns_nothing_not_even_that_there_is_something(world):
    """Word for word what somebody nobody ever heard of is told."""
    said = set()
    for details in (ACCUSED, Details("Nobody", "Atall SYN", date(1990, 1, 1))):
        request = asked(world, details)
        with pytest.raises(NotHere) as refused:
            queries.subject_pack(world.cast["dpo"], request, at=NOW)
        said.add(str(refused.value))
    assert len(said) == 1
    waiting = [line for line in queries.requests(world.cast["dpo"], at=NOW) if line.waits]
    assert len(waiting) == 2


def test_a_request_is_due_a_calendar_month_on_and_answered_once(world):
    request = asked(world, CHILD, "erasure")
    (line,) = queries.requests(world.cast["dpo"], at=NOW)
    assert line.due_on == date(2026, 2, 28) and line.overdue
    with pytest.raises(NotHere):
        queries.subject_pack(world.cast["dpo"], request, at=NOW)
    operations.answer_request(viewer=world.cast["dpo"], request_id=request, note="Kept: legal duty.", at=NOW)
    with pytest.raises(NotHere):
        operations.answer_request(viewer=world.cast["dpo"], request_id=request, note="Again.", at=NOW)
    with pytest.raises(NotDecidable, match="how identity was checked"):
        asked(world, CHILD, identity=" ")
    with pytest.raises(NotAllowed):
        queries.requests(world.cast["mash"], at=NOW)


def test_a_pack_needs_a_request_that_was_entered(world):
    with pytest.raises(NotHere):
        queries.subject_pack(world.cast["dpo"], uuid4(), at=NOW)
    stranger = replace(world.cast["dpo"], partnership="elsewhere")
    with pytest.raises(NotHere):
        queries.subject_pack(stranger, asked(world, CHILD), at=NOW)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
    ],
)
def test_a_month_is_a_calendar_month(day, months, then):
    assert rules.months_after(day, months) == then


# --- putting right -------------------------------------------------------------------------------------------


def test_a_correction_keeps_what_it_said_before(world):
    mash, person_id = world.cast["mash"], world.heard.person_id
    given = {"viewer": mash, "person_id": person_id, "at": NOW}
    people_operations.correct(field="born_on", after="2011-03-15", reason="Birth certificate.", **given)
    people_operations.correct(field="family_name", after="Tastwell", reason="School record.", **given)
    page = people.person(mash, person_id, at=NOW)
    assert (page.born_on, page.family_name) == (date(2011, 3, 15), "Tastwell-SYN")
    with as_viewer(mash, at=NOW):
        kept = list(Correction.objects.order_by("field").values_list("field", "before", "after", "by"))
    assert kept == [
        ("born_on", "2011-03-14", "2011-03-15", mash.user_id),
        ("family_name", "Testwell SYN", "Tastwell-SYN", mash.user_id),
    ]
    with as_viewer(world.cast["idva"], at=NOW):
        assert not Correction.objects.exists()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"field": "born_on", "after": "15 March"}, NotCorrected, "is not a date"),
        ({"field": "borne_on"}, NotCorrected, "Did you mean “born_on”?"),
        ({"reason": " "}, NotCorrected, "Say what it should be and why"),
        ({"after": "F"}, NotCorrected, "Say what it should be"),
        ({"field": "family_name", "after": ""}, NotCorrected, "cannot be empty"),
        ({"by": "police"}, NotAllowed, "person.match"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused_in_words(world, change, error, words):
    given = {"by": "marac-coordinator", "field": "sex", "after": "X", "reason": "r", **change}
    with pytest.raises(error) as refused:
        people_operations.correct(viewer=world.cast[given.pop("by")], person_id=world.marac.person_id, at=NOW, **given)
    assert words in str(refused.value)


def test_minutes_go_with_the_last_case_of_their_meeting(world):
    from concord.desk.panels import operations as panels

    panels.close_action(viewer=world.cast["education"], action_id=world.action_id, status="done", version=1, at=NOW)
    late = NOW.replace(year=2037)
    operations.approve_erasure(viewer=world.cast["dpo"], category="child_panel_case", at=late)
    (made,) = operations.erase_approved(viewer=keeper(), at=late)
    assert made.rows["panels_minutes"] == 1 and made.rows["panels_action"] == 1
    assert "people_person" not in made.rows, "their contact still stands"
    with pytest.raises(NotHere):
        panel_queries.item(world.cast["mace-coordinator"], world.heard.item_id, at=NOW)
