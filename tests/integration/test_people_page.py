"""One person on one page: what happened across agencies, a page at a time, for each viewer their own; the hand-off
once; a child who comes of age."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import desk_story as story
import pytest
import time_machine
from desk_story import NOW
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from concord.desk.panels import operations as panels
from concord.desk.panels import queries as panel_queries
from concord.desk.panels.rules import Named
from concord.desk.people import operations, queries
from concord.desk.people.rules import Details, Happened, newest, place

pytestmark = pytest.mark.django_db
KINDS = frozenset({"panel", "action", "research"})


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def signed_in(username):
    client = Client(headers={"host": "localhost"})
    assert client.post("/sign-in/", {"person": username}).status_code == 302
    return client


moments = st.integers(0, 5).map(lambda hours: datetime(2026, 1, 1, hours, tzinfo=UTC))


def asked(captured):
    """The questions a page puts to the database, without the marks of transactions."""
    marks = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")
    return [each["sql"] for each in captured if not each["sql"].startswith(marks)]


lines = st.builds(
    Happened, moments, st.integers(0, 40).map(lambda n: UUID(int=n)), st.just("record"), st.just("w"), st.just("m")
)


@given(st.lists(st.lists(lines, max_size=12, unique_by=lambda each: (each.at, each.id)), max_size=3), st.integers(1, 5))
def test_paging_gives_every_line_once_newest_first(sources, most):
    """Each source gives its newest `most` + 1 before the place, as the rooms do."""
    kept = {(each.at, each.id) for source in sources for each in source}
    sources = [
        [each for each in source if (each.at, each.id) in kept and not kept.discard((each.at, each.id))]
        for source in sources
    ]
    before, shown = None, []
    for _ in range(60):
        cut = [
            sorted(
                (e for e in source if before is None or (e.at, e.id) < (before.at, before.id)),
                key=lambda e: (e.at, e.id), reverse=True,
            )[: most + 1]
            for source in sources
        ]  # fmt: skip
        page, before = newest(cut, most, before)
        shown += page
        if before is None:
            break
        before = place(str(before))
    every = sorted((e for source in sources for e in source), key=lambda e: (e.at, e.id), reverse=True)
    assert shown == every


@pytest.mark.parametrize("text", ["", "x", "2026-01-01~x", f"2026-01-01T00:00:00~{UUID(int=7)}", "~"])
def test_a_place_that_is_none_is_the_newest_page(text):
    assert place(text) is None


def history(viewer, person_id, **more):
    return panel_queries.panel_history(viewer, {person_id}, KINDS, most=20, at=NOW, **more)


def test_each_viewer_reads_what_they_may_open_and_nothing_more(world):
    person = world.heard.person_id
    chair, mash, police = world.cast["mace-chair"], world.cast["mash"], world.cast["police"]
    assert {each.kind for each in history(chair, person)} == {"panel", "action"}
    assert history(mash, person) == [], "the duty worker opens no cases"
    assert history(world.cast["marac-coordinator"], person) == []
    only = history(chair, person, agency="education_inclusion")
    assert {each.agency for each in only} == {"education_inclusion"}
    # Research that is not readable yet does not show that it was given.
    assert "research" in {each.kind for each in history(police, world.coming.person_id)}
    assert "research" not in {each.kind for each in history(world.cast["health"], world.coming.person_id)}


def test_the_timeline_is_filtered_and_paged_and_every_link_opens(world):
    mash, person = world.cast["mash"], world.heard.person_id
    for number in range(25):
        operations.correct(
            viewer=mash, person_id=person, field="postcode", after=f"ZZ2 1A{chr(65 + number)}",
            reason=f"Moved {number}",
            at=NOW + timedelta(minutes=number),
        )  # fmt: skip
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        client = signed_in("mash")
        with CaptureQueriesContext(connection) as captured:
            first = client.get(f"/people/{person}/?from=case-ABCD").content.decode()
        assert len(asked(captured)) <= 30, len(asked(captured))
        assert "right: Moved 24<" in first and "right: Moved 0<" not in first
        (older,) = re.findall(r'href="([^"]+)" rel="next">Further back', first)
        with CaptureQueriesContext(connection) as captured:
            second = client.get(older.replace("&amp;", "&")).content.decode()
        assert len(asked(captured)) <= 30, asked(captured)
        assert (
            "right: Moved 4<" in second
            and "right: Moved 5<" not in second
            and "Decided:" in second
            and "Referred:" in second
        )
        contacts = client.get(f"/people/{person}/timeline/?kind=contact&agency=schools").content.decode()
        assert "Referred:" in contacts and "Moved" not in contacts
        none = client.get(f"/people/{person}/timeline/?kind=assessment&before=nonsense").content.decode()
        assert "Nothing that you can see of that kind" in none
        chair = signed_in("mace-chair")
        text = chair.get(f"/people/{person}/timeline/?kind=action").content.decode()
        assert "Action agreed: Meet the school." in text and "MACE record" in text
        for link in re.findall(r'moj-timeline__description"><a class="govuk-link" href="([^"]+)"', text):
            assert chair.get(link).status_code == 200, link
        assert chair.get(f"/people/{person}/?from=case-ABCD").status_code == 200
        assert signed_in("marac-coordinator").get(f"/people/{person}/timeline/").status_code == 404


def heard(world, at, named):
    coordinator = world.cast["mace-coordinator"]
    meeting = panels.plan_meeting(
        viewer=coordinator, forum="mace", starts_at=at + timedelta(hours=1), place="Room", at=at
    )
    item = panels.list_people(
        viewer=coordinator, meeting_id=meeting, kind="person_at_risk", named=[named], reason="r", at=at
    )
    panels.everybody_here(viewer=coordinator, meeting_id=meeting, at=at)
    panels.open_meeting(viewer=coordinator, meeting_id=meeting, at=at)
    for agency, text in (
        ("education_inclusion", "Ring the family every Monday about school."),
        ("education_inclusion", "Ring the family every Monday about the school."),
        ("harbourside_police", "Do not contact the family before the warrant."),
    ):
        panels.add_action(
            viewer=world.cast["mace-chair"], item_id=item, agency=agency, text=text,
            due_on=at.date() + timedelta(days=14), at=at,
        )  # fmt: skip
    panels.decide(viewer=world.cast["mace-chair"], item_id=item, outcome="plan_agreed", reason="r", version=1, at=at)
    return panel_queries.item(coordinator, item, at=at)


def test_actions_that_do_not_fit_are_flagged_and_the_hand_off_is_raised_once_for_two_records_of_one_child(world):
    coordinator, at = world.cast["mace-coordinator"], NOW + timedelta(days=20)
    first = heard(world, at, Named("child", Details("Seventeen", "Testwell SYN", date(2009, 2, 1))))
    one = first.persons[0].person_id
    second = heard(
        world, at + timedelta(days=1), Named("child", Details("Seventeen", "Tastwell SYN", date(2009, 1, 2)))
    )
    other = second.persons[0].person_id
    text = panel_queries.forum("mace").hand_off.text
    assert [each.text for each in second.actions].count(text) == 1, "two people so far as anybody knows"
    operations.merge(
        viewer=coordinator, kept=one, other=other, versions=(1, 1), reason="one", at=at + timedelta(days=2)
    )
    third = heard(world, at + timedelta(days=3), Named("child", Details("Seventeen", "Tostwell SYN", date(2009, 1, 2))))
    last = third.persons[0].person_id
    assert text in [each.text for each in third.actions]
    operations.merge(viewer=coordinator, kept=one, other=last, versions=(2, 1), reason="one", at=at + timedelta(days=4))
    # From here on every record is the person's, and none of them raises it again.
    for day, record in ((5, one), (6, other), (7, last)):
        again = heard(world, at + timedelta(days=day), Named("child", person_id=record))
        assert text not in [each.text for each in again.actions]
    with time_machine.travel(at + timedelta(days=8), tick=False):
        chair = signed_in("mace-chair")
        with CaptureQueriesContext(connection) as captured:
            page = chair.get(f"/people/{one}/?from=case-ABCD").content.decode()
        assert len(asked(captured)) <= 30, len(asked(captured))
    assert "Contradiction" in page and "Asked twice" in page and "Moving to adult services" in page
    # The duty worker sits at no panel: neither the actions nor that they clash.
    with time_machine.travel(at + timedelta(days=8), tick=False):
        duty = signed_in("mash").get(f"/people/{one}/?from=case-ABCD")
    assert duty.status_code == 404 or "Contradiction" not in duty.content.decode()


def test_a_child_who_comes_of_age_loses_nothing(world):
    """The day before and the day after: the same record, names, warnings, cases and actions. Only the age differs."""
    coordinator, at = world.cast["mace-coordinator"], NOW + timedelta(days=20)
    birthday = at.date() + timedelta(days=10)
    born = date(birthday.year - 18, birthday.month, birthday.day)
    case = heard(world, at, Named("child", Details("Nearly", "Grown SYN", born), safe_contact="Ring the aunt."))
    person = case.persons[0].person_id
    operations.add_alias(
        viewer=coordinator, person_id=person, kind="former_name", given_name="Near", family_name="", source="him", at=at
    )
    before, after = at + timedelta(days=9), at + timedelta(days=11)
    child, adult = (queries.person(coordinator, person, at=each) for each in (before, after))
    assert (child.age, adult.age) == (17, 18)
    assert replace(adult, age=17) == child and adult.warnings == ("Ring the aunt.",) and len(adult.aliases) == 1
    assert queries.candidates(coordinator, Details("Near", "Grown", born), at=after)[0].person_id == person

    def happened(when):
        return panel_queries.panel_history(coordinator, {person}, KINDS, most=20, at=when)

    assert happened(before) == happened(after) and len(happened(after)) == 5
    assert panel_queries.for_person(coordinator, person, at=before) == panel_queries.for_person(
        coordinator, person, at=after
    )
