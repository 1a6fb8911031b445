"""What crosses from the evidence side to the forums: a pack's figures and a population, each with its code."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import desk_story as story
import pytest
from desk_story import NOW

from concord.desk.panels import operations as panels
from concord.desk.panels import queries
from concord.evidence import disclosure
from concord.evidence.findings.question import Question
from concord.jobs import forum_work, packs
from concord.jobs.figures import recompute
from concord.kernel.working_time import LONDON

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(harbourside_loaded, tmp_path: Path) -> Path:
    """A copy of the loaded borough, so that what is released here stays here."""
    shutil.copytree(harbourside_loaded.home, tmp_path / "home", symlinks=True)
    return tmp_path / "home"


def test_the_population_of_a_rate_is_a_released_figure_that_recomputes(home, harbourside_loaded):
    partnership, now = harbourside_loaded.partnership, harbourside_loaded.clock()
    done = forum_work.nightly(home, partnership, now)
    assert (done.removed, done.brought, done.missing) == (0, ("adult_women",), ())
    cast = story.people()
    held = queries.population(cast["marac-coordinator"], "adult_women", at=now)
    with Question(harbourside_loaded.store, "population") as question:
        bands = dict(
            question.rows(
                "SELECT age_band, sum(persons) FROM population WHERE sex = 'F'"
                " AND vintage = (SELECT max(vintage) FROM population) GROUP BY 1"
            )
        )
    women = sum(bands[band] for band in ("18-24", "25-39", "40-64", "65+")) + bands["10-17"] / 4
    assert held.persons == round(women)
    assert recompute(home, held.code, partnership).matches
    release, _ = disclosure.figure(home, held.code)
    assert (release.audience, release.rule.partition("/")[0]) == ("public", "public")
    assert release.requested_by != release.approved_by


def test_a_pack_is_made_of_released_figures_for_its_meeting_alone(home, harbourside_loaded):
    partnership, now = harbourside_loaded.partnership, harbourside_loaded.clock()
    world = story.world()
    coordinator, approver = world.cast["mace-coordinator"], world.cast["approver"]
    meeting_id = panels.plan_meeting(
        viewer=coordinator,
        forum="exploitation_missing_group",
        starts_at=now + timedelta(days=3),
        place="Room",
        at=now,
    )
    pack_id = panels.ask_pack(viewer=coordinator, meeting_id=meeting_id, at=now)
    packs.make(home, partnership, pack_id, "approver", now)
    found = queries.pack(world.cast["youth-justice"], meeting_id, at=now)
    assert (found.state, found.trouble, found.approved_by) == ("made", "", approver.display_name)
    codes = [table["code"] for section in found.content["sections"] for table in section["figures"]]
    assert len(codes) > 8 and len(set(codes)) == len(codes)
    for code in codes:
        release, table = disclosure.figure(home, code)
        assert release.audience == "restricted" and release.notice, "small numbers say whom they are for"
        assert (release.requested_by, release.approved_by) == (coordinator.display_name, approver.display_name)
        shown = next(each for s in found.content["sections"] for each in s["figures"] if each["code"] == code)
        assert len(shown["rows"]) == len(table.cells)
    own = dict(map(tuple, found.content["own"]))
    # The world's MACE sat in June 2026; the pack of late November counts the quarter before it.
    assert now.astimezone(LONDON).date().year == NOW.year and own["MACE: items decided"] == 0


def test_what_cannot_be_made_says_why_and_the_pack_is_asked_for_again(tmp_path, harbourside_loaded):
    partnership, now = harbourside_loaded.partnership, harbourside_loaded.clock()
    cast = story.people()
    coordinator = cast["mace-coordinator"]
    meeting_id = panels.plan_meeting(
        viewer=coordinator,
        forum="exploitation_missing_group",
        starts_at=now + timedelta(days=3),
        place="Room",
        at=now,
    )
    pack_id = panels.ask_pack(viewer=coordinator, meeting_id=meeting_id, at=now)
    packs.make(tmp_path, partnership, pack_id, "approver", now)
    found = queries.pack(coordinator, meeting_id, at=now)
    assert found.state == "failed" and "has been loaded" in found.trouble
    assert panels.ask_pack(viewer=coordinator, meeting_id=meeting_id, at=now) != pack_id
