"""Every table of the desk has its retention rule and its part in an access request; nothing personal is left behind."""

from __future__ import annotations

from datetime import timedelta

import desk_story as story
import pytest
from access_tries import begin
from desk_story import NOW
from django.db import connection
from records_support import due, keeper, nothing_came_of_it

from concord.desk.accounts import queries as accounts
from concord.desk.people import operations as people
from concord.desk.people import queries as people_queries
from concord.desk.records import operations, rules
from concord.desk.sharing.session import as_viewer

pytestmark = pytest.mark.django_db
TABLES = {row["table"]: row for row in accounts.partnership().codelists["record_tables"]}
CLASSES = accounts.partnership().codelists["field_classes"]
ROOTS = {
    "contact": "referrals_contact",
    "referral": "referrals_referral",
    "subject": "referrals_subject",
    "case": "panels_item",
    "meeting": "panels_meeting",
    "person": "people_person",
    "assessment": "instruments_assessment",
    "pair": "people_linkagepair",
    "request": "records_rightsrequest",
    "session": "referrals_session",
    "emergency": "sharing_emergency",
    "entry": "registers_entry",
}
WITHOUT_TIME = {"stays", "share", "form"}
"""Kept for good, with its record, or until its own date."""


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def test_every_table_behind_a_wall_says_what_it_is_kept_with():
    classed = {row["table"] for row in CLASSES}
    missing, gone = classed - set(TABLES), set(TABLES) - classed
    assert not missing, f"add a line to codelists/record_tables.csv: what is it kept with? {sorted(missing)}"
    assert not gone, f"record_tables.csv names tables that field_classes.csv does not: {sorted(gone)}"
    assert {row["kept_with"] for row in TABLES.values()} <= set(ROOTS) | WITHOUT_TIME
    assert {row["access"] for row in TABLES.values()} <= {"given", "read", "none"}


@pytest.mark.parametrize("root", ROOTS)
def test_what_is_kept_with_a_record_is_what_erasing_it_reaches(root, world):
    """The list that people read against the foreign keys that the database follows: a table that neither reaches is
    left behind, and a table that another root reaches would go too early."""
    with as_viewer(world.cast["dpo"], at=NOW), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT child FROM records_below(%s)", [ROOTS[root]])
        reached = {name for (name,) in cursor.fetchall()}
    said = {name for name, row in TABLES.items() if row["kept_with"] == root} - {ROOTS[root]}
    # A table that ties two records goes with whichever goes first; it is listed once.
    assert said <= reached, f"erasing a {root} would leave {sorted(said - reached)} behind"
    ties = {"referrals_about", "referrals_identified"}
    assert reached - said <= ties, f"record_tables.csv does not say that {sorted(reached - said)} go with a {root}"


def test_every_category_of_the_schedule_is_of_something_that_can_be_erased():
    schedule = accounts.partnership().retention
    kinds = {"case": "item"}
    assert {kinds.get(each.of, each.of) for each in schedule.category} == set(rules.KINDS)
    # Each kind has a category that fits whatever the others do not.
    for of in {each.of for each in schedule.category}:
        assert any(
            each.of == of and not each.routes and not each.forum and not each.pathway for each in schedule.category
        ), of


def test_what_a_person_is_given_and_what_is_read_first_is_what_the_list_says(world):
    assert {name for name, row in TABLES.items() if row["access"] != "none"} == set(rules.TABLES)
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'records_texts'")
        (source,) = cursor.fetchone()
    for row in CLASSES:
        if row["class"] in ("narrative", "intelligence") and TABLES[row["table"]]["access"] == "read":
            part = source.partition(f"SELECT '{row['table']}'")[2].partition("UNION ALL")[0]
            assert f"'{row['column']}'" in part, f"{row['table']}.{row['column']} is never read for an access request"


def test_nothing_of_a_person_nobody_else_knows_is_left_anywhere(world):
    """Everything the register can hold about a child, then the last record about them goes."""
    cast, mash, at = world.cast, world.cast["mash"], NOW + timedelta(hours=1)
    contact_id, person_id = nothing_came_of_it(world)
    _, other_id = nothing_came_of_it(world, NOW + timedelta(minutes=1))
    people.add_alias(
        viewer=mash,
        person_id=person_id,
        kind="also_known_as",
        given_name="Unie",
        family_name="",
        source="school",
        at=at,
    )
    people.set_ethnicity(viewer=mash, person_id=person_id, basis="self_defined", code="A1", source="school", at=at)
    people.correct(viewer=mash, person_id=person_id, field="sex", after="X", reason="as they say", at=at)
    versions = tuple(people_queries.person(mash, each, at=at).version for each in (person_id, other_id))
    people.merge(
        viewer=cast["mash-manager"], kept=person_id, other=other_id, versions=versions, reason="one child", at=at
    )
    later = NOW + timedelta(days=400)
    operations.approve_erasure(viewer=cast["dpo"], category="contact_no_further_action", at=later)
    (made,) = operations.erase_approved(viewer=keeper(), at=later)
    assert made.rows["people_person"] == 2 and made.rows["people_merge"] == 1
    assert made.rows["people_alias"] == made.rows["people_ethnicity"] == made.rows["people_correction"] == 1
    assert person_id != other_id and contact_id not in due(world, later)


def test_an_assessment_is_past_its_time_a_year_after_it_was_left(world):
    assessment = begin(world.cast["school"], "exploitation_screening")
    assert assessment not in due(world, NOW + timedelta(days=364))
    late = NOW.replace(year=NOW.year + 1)
    assert due(world, late)[assessment].category == "assessment_not_finished"
    operations.approve_erasure(viewer=world.cast["dpo"], category="assessment_not_finished", at=late)
    (made,) = operations.erase_approved(viewer=keeper(), at=late)
    assert made.rows["instruments_assessment"] == 1


def test_sessions_requests_and_openings_have_their_time(world):
    from concord.desk.people.rules import Details
    from concord.desk.sharing import operations as sharing

    dpo, child = world.cast["dpo"], story.CHILD
    entry = people.open_in_emergency(
        viewer=world.cast["mash-manager"],
        details=Details(child.given_name, child.family_name, child.born_on),
        purpose="child_safeguarding",
        reason="on a roof",
        at=NOW,
    ).entry
    request = operations.enter_request(
        viewer=dpo, kind="objection", details=Details(child.given_name, child.family_name, child.born_on),
        identity="Passport.", received_on=NOW.date(), at=NOW,
    )  # fmt: skip
    far = NOW.replace(year=NOW.year + 6)
    assert entry not in due(world, far) and request not in due(world, far), "neither is finished"
    sharing.review_emergency(viewer=dpo, entry=entry, justified=True, note="Asked.", at=NOW)
    operations.answer_request(viewer=dpo, request_id=request, note="Kept: legal duty.", at=NOW)
    found = due(world, far)
    assert (found[entry].kind, found[request].kind) == ("emergency", "request")
    assert request not in due(world, NOW.replace(year=NOW.year + 3) - timedelta(days=1))
