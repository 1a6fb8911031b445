"""Places, groups of peers and online spaces: plans with steps and a result, concerns linked without showing them to
anybody, a map, and when it is said to happen."""

from __future__ import annotations

import json
import math
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import desk_story as story
import pytest
import shapely
import time_machine
from desk_story import NOW
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from concord.desk.accounts.rules import ChangedMeanwhile, NotAllowed, NotHere
from concord.desk.referrals import operations, queries
from concord.desk.referrals.rules import NotThatWay, PartyDetails, SubjectLine, pattern
from concord.web.people import maps

pytestmark = pytest.mark.django_db
SOON = NOW.date() + timedelta(days=14)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def contact(world, pathway, role, name, **answers):
    receipt = operations.submit(
        viewer=world.cast["school"], pathway=pathway, parties=[PartyDetails(role, "", name)], concern="Seen twice.",
        answers=answers, at=NOW,
    )  # fmt: skip
    return queries.contact_of(world.cast["youth-worker"], receipt.referral_id, at=NOW)


def thing(world, role="place", name="Ferry Steps SYN", subject_id=None, **answers):
    """A contact about a place, a group or an online space, and the subject it was put on record as."""
    worker = world.cast["youth-worker"]
    contact_id = contact(world, f"harm_{role}", role, name, often="weekly", children="few", **answers)
    page = queries.contact(worker, contact_id, at=NOW)
    made = operations.name_subject(
        viewer=worker, contact_id=contact_id, party_id=page.parties[0].party_id, subject_id=subject_id,
        version=page.version, at=NOW,
    )  # fmt: skip
    return contact_id, made


def shown(viewer, subject_id, at=NOW):
    return queries.subject(viewer, subject_id, at=at)


def test_a_plan_has_steps_with_an_owner_a_day_and_an_end(world):
    worker = world.cast["youth-worker"]
    _, place = thing(world)
    plan = operations.plan_for(
        viewer=worker, subject_id=place, aim="Adults there at three", agency="schools", review_on=SOON, at=NOW
    )
    given = {
        "viewer": worker,
        "plan_id": plan,
        "text": "Mend the light",
        "agency": "schools",
        "due_on": SOON,
        "at": NOW,
    }
    step = operations.add_step(**given)
    assert operations.add_step(**given) == step
    for wrong, words in (
        ({"agency": "skools"}, "Did you mean"),
        ({"text": " "}, "Say what is to be done"),
        ({"due_on": NOW.date() - timedelta(days=1)}, "lies in the past"),
    ):
        with pytest.raises(NotThatWay) as refused:
            operations.add_step(**(given | wrong))
        assert words in str(refused.value)
    late = NOW + timedelta(days=20)
    assert shown(worker, place, late).plans[0].steps[0].overdue
    end = {"viewer": worker, "step_id": step, "status": "done", "note": "New lamp.", "at": late}
    operations.close_step(**end)
    operations.close_step(**end)
    with pytest.raises(ChangedMeanwhile):
        operations.close_step(**(end | {"status": "not_done"}))
    (seen,) = shown(worker, place, late).plans[0].steps
    assert (seen.status, seen.note, seen.overdue) == ("done", "New lamp.", False)
    operations.record_result(viewer=worker, plan_id=plan, result="better", note="None since.", at=late)
    with pytest.raises(NotThatWay, match="has its result already"):
        operations.add_step(**(given | {"text": "More", "due_on": late.date()}))


def test_a_concern_is_linked_for_those_who_may_open_it_and_for_nobody_else(world):
    """A member of a group is a contact about a child: the group's page shows it to whoever may open that contact."""
    worker = world.cast["youth-worker"]
    about, group = thing(world, "group", "The lunch group SYN")
    child = contact(world, "harm_outside_home", "child", "Membername SYN")
    given = {
        "viewer": worker, "contact_id": child, "subject_id": group, "role": "member", "source": "youth workers",
        "version": 1, "at": NOW,
    }  # fmt: skip
    for wrong, words in (({"role": "about"}, "is not a link"), ({"source": ""}, "Say who says so")):
        with pytest.raises(NotThatWay, match=words):
            operations.link_concern(**(given | wrong))
    operations.link_concern(**given)
    operations.link_concern(**given)  # Sent twice.
    with pytest.raises(ChangedMeanwhile):
        operations.link_concern(**(given | {"role": "harmed"}))
    (seen,) = shown(worker, group).concerns
    assert (seen.contact_id, seen.role, seen.about) == (child, "member", "Membername SYN")
    # It is not what the child's contact is about: no panel takes the child for a group.
    assert [each.contact_id for each in shown(worker, group).contacts] == [about]
    for outsider in ("mash", "marac-coordinator", "hate-worker", "yjs", "school"):
        with pytest.raises((NotHere, NotAllowed)):
            shown(world.cast[outsider], group)
        with pytest.raises((NotHere, NotAllowed)):
            operations.link_concern(**(given | {"viewer": world.cast[outsider], "role": "seen"}))
    # Nor can a link be made to a contact the worker does not see.
    with pytest.raises(NotHere):
        operations.link_concern(**(given | {"contact_id": world.undecided}))
    operations.end_link(viewer=worker, contact_id=child, subject_id=group, reason="moved school", at=NOW)
    assert shown(worker, group).concerns[0].ended_why == "moved school"


def test_a_place_has_a_point_or_none(world):
    worker = world.cast["youth-worker"]
    _, place = thing(world, name="Point Steps SYN")
    given = {"viewer": worker, "subject_id": place, "where": "By the lift", "at": NOW}
    for point, words in (((51.5, None), "both numbers or none"), ((-0.03, 51.5), "not in this country")):
        with pytest.raises(NotThatWay, match=words):
            operations.locate(latitude=point[0], longitude=point[1], **given)
    operations.locate(latitude=51.5, longitude=-0.03, **given)
    assert place in {each.subject_id for each in queries.subjects(worker, at=NOW, mapped=True)}
    assert [each.name for each in queries.subjects(worker, at=NOW, like="the lift")] == ["Point Steps SYN"]
    assert queries.subjects(worker, at=NOW, like="the lift", kind="group") == ()
    operations.locate(latitude=None, longitude=None, **given)
    assert place not in {each.subject_id for each in queries.subjects(worker, at=NOW, mapped=True)}


def test_when_it_happens_is_counted_over_the_contacts_about_it(world):
    _, place = thing(world, name="Clock Steps SYN", part_of_day="after_school")
    for part in ("after_school", "evening", None):
        thing(world, subject_id=place, **({"part_of_day": part} if part else {}))
    page = shown(world.cast["youth-worker"], place)
    assert [(each.name.partition(",")[0], each.count) for each in page.bands] == [
        ("Before school", 0), ("School hours", 0), ("After school", 2), ("Evening", 1), ("Night", 0),
    ]  # fmt: skip
    assert page.not_said == 1 and len(page.contacts) == 4


answers = st.dictionaries(st.sampled_from(["a", "b", "c", "", "x"]), st.integers(0, 50))


@given(answers)
def test_a_pattern_loses_no_concern(said):
    bands, not_said = pattern([("a", "A"), ("b", "B"), ("c", "C")], said)
    assert sum(each.count for each in bands) + not_said == sum(said.values())
    assert math.isclose(sum(each.share for each in bands), 1.0) or all(each.share == 0 for each in bands)


points = st.tuples(st.floats(50, 60), st.floats(-8, 1.9))


@given(st.lists(points, min_size=1, max_size=12))
def test_every_point_is_drawn_inside_the_map_and_north_is_up(places):
    lines = [SubjectLine(UUID(int=n), "place", str(n), "", lat, lon) for n, (lat, lon) in enumerate(places)]
    drawing = maps.drawn([SubjectLine(UUID(int=99), "group", "no point", ""), *lines])
    assert [mark.number for mark in drawing.marks] == list(range(1, len(places) + 1))
    for mark in drawing.marks:
        assert maps.MARGIN - 1 <= mark.x <= maps.WIDTH - maps.MARGIN + 1
        assert maps.MARGIN - 1 <= mark.y <= maps.HEIGHT - maps.MARGIN + 1
    highest = max(range(len(places)), key=lambda n: places[n][0])
    assert drawing.marks[highest].y == min(mark.y for mark in drawing.marks)
    assert 0 < drawing.bar <= 120.1


def test_the_bar_of_the_map_is_true():
    """Two points a tenth of a degree of latitude apart are 11.1 km apart (WGS 84: 11.13 km at 52° north)."""
    two = [SubjectLine(UUID(int=n), "place", str(n), "", 52 + n / 10, 0.0) for n in (0, 1)]
    drawing = maps.drawn(two)
    apart = abs(drawing.marks[0].y - drawing.marks[1].y)
    metres = float(drawing.bar_words.split()[0]) * (1000 if "km" in drawing.bar_words else 1)
    assert math.isclose(apart / drawing.bar * metres, 11_130, rel_tol=0.01)
    assert maps.drawn([]) is None


@given(st.floats(0.1, 0.9), st.floats(0.1, 0.9))
def test_a_point_lies_in_the_outline_of_its_ward_and_far_wards_are_left_out(across, up):
    ward = ("Kelson Basin", [(2.0, 55.0), (2.02, 55.0), (2.02, 55.01), (2.0, 55.01), (2.0, 55.0)])
    far = ("Elsewhere", [(1.0, 54.0), (1.02, 54.0), (1.02, 54.01), (1.0, 54.0)])
    drawing = maps.drawn([SubjectLine(UUID(int=1), "place", "p", "", 55 + 0.01 * up, 2 + 0.02 * across)], (ward, far))
    (outline,) = drawing.outlines
    corners = [tuple(map(float, each.split())) for each in outline.path.strip("MZ ").split(" L")]
    assert shapely.Polygon(corners).contains(shapely.Point(drawing.marks[0].x, drawing.marks[0].y))
    assert outline.name in ("Kelson Basin", "") and 0 <= outline.x <= maps.WIDTH and 0 <= outline.y <= maps.HEIGHT


def test_the_wards_under_a_map_come_from_the_boundaries_that_are_there(tmp_path):
    from concord.jobs import outlines
    from concord.strategy import load

    home = load(Path(__file__).resolve().parents[2] / "partnerships" / "harbourside")
    assert outlines.wards(tmp_path, home) == ()
    corners = [[2.0, 55.0], [2.1, 55.0], [2.1, 55.1], [2.0, 55.0]]
    ward = {
        "type": "Feature",
        "properties": {"ward_name": "Bargate"},
        "geometry": {"type": "Polygon", "coordinates": [corners]},
    }
    (tmp_path / "synthetic" / "council").mkdir(parents=True)
    (tmp_path / "synthetic" / "council" / "areas.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [ward]})
    )
    assert outlines.wards(tmp_path, home) == (("Bargate", tuple(map(tuple, corners))),)
    # A file that is none keeps nobody from the places: their map does without wards.
    (tmp_path / "spoilt" / "synthetic" / "council").mkdir(parents=True)
    (tmp_path / "spoilt" / "synthetic" / "council" / "areas.geojson").write_text("{")
    assert outlines.wards(tmp_path / "spoilt", home) == ()


def signed_in(username):
    client = Client(headers={"host": "localhost"})
    assert client.post("/sign-in/", {"person": username}).status_code == 302
    return client


def test_the_screens_of_a_place_refuse_in_words_and_save(world):
    worker = world.cast["youth-worker"]
    _, place = thing(world, name="Screen Steps SYN", part_of_day="night")
    child = contact(world, "harm_outside_home", "child", "Screenchild SYN")
    plan = operations.plan_for(viewer=worker, subject_id=place, aim="Light", agency="schools", review_on=SOON, at=NOW)
    due = {"due_on_0": SOON.day, "due_on_1": SOON.month, "due_on_2": SOON.year}
    with time_machine.travel(NOW, tick=False):
        client = signed_in("youth-worker")
        steps = [
            (f"/subjects/{place}/where/", {"latitude": "x"}, "Enter a number",
             {"where": "By the pier", "latitude": "51.51", "longitude": "-0.02"}),
            (f"/subjects/{place}/plans/{plan}/steps/", {"text": "x"}, "Choose who does it",
             {"text": "Mend the light", "agency": "schools", **due}),
            (f"/contacts/{child}/link/", {"version": 1}, "Choose which it is",
             {"version": 1, "subject": str(place), "role": "seen", "source": "wardens"}),
            (f"/subjects/{place}/concerns/{child}/", {}, "Say why it holds no longer", {"reason": "mistaken"}),
        ]  # fmt: skip
        for address, wrong, words, right in steps:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200, address
            assert len(captured) <= 40, (address, len(captured))
            refused = client.post(address, wrong).content.decode()
            assert "There is a problem" in refused and words in refused, address
            assert client.post(address, right).url == f"/subjects/{place}/", address
        (step,) = shown(worker, place).plans[0].steps
        end = f"/subjects/{place}/steps/{step.step_id}/"
        assert "Choose whether it was done" in client.post(end, {}).content.decode()
        assert client.post(end, {"status": "done", "note": "Lamp is new."}).status_code == 302
        text = client.get(f"/subjects/{place}/").content.decode()
        for said in (
            "Synthetic data.",
            "Signed in as",
            "By the pier",
            "<svg",
            "Night, 22 to 6",
            "Lamp is new.",
            "Screenchild",
            "mistaken",
            "-0.02",
        ):
            assert said in text, said
        listed = client.get("/subjects/?kind=place&like=screen").content.decode()
        assert "Screen Steps SYN" in listed and "The numbers of the map" in listed
        assert "Nothing of that name or kind" in client.get("/subjects/?kind=online&like=zzz").content.decode()
        assert "Link to a place or a group" in client.get(f"/contacts/{child}/").content.decode()
        for username in ("mash", "school", "patrol"):
            assert signed_in(username).get(f"/subjects/{place}/").status_code == 404
