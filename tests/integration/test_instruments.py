"""The instruments room on the real desk: versions, answers, decisions, colleagues, walls."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import desk_story as story
import pytest
from desk_story import MONDAY
from django.db import connection, transaction
from instruments_support import MATRIX, SCREENED, filled

from concord.desk.accounts import operations as accounts_operations
from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import ChangedMeanwhile, NotAllowed, NotHere
from concord.desk.audit import queries as audit
from concord.desk.instruments import operations, queries
from concord.desk.instruments.rules import NotAnswered, NotUsable
from concord.desk.sharing.session import as_viewer
from concord.kernel.lifecycles import NotNow
from concord.strategy import load

pytestmark = pytest.mark.django_db
BORN = date(2011, 3, 14)


@pytest.fixture
def cast(db):
    made = story.people()
    admin = accounts.service("installation")
    for name, agency, roles in (
        ("yjs-2", "youth_justice", ["youth_justice_officer"]),
        ("school-2", "schools", ["referrer"]),
    ):
        accounts_operations.add_user(
            viewer=admin, username=name, display_name=f"{name} SYN", agency=agency, roles=roles, at=MONDAY
        )
        made[name] = accounts.viewer_named(name)
    return made


def begun(viewer, instrument="exploitation_screening", at=MONDAY, **more):
    who = {"given_name": "Rafi", "family_name": "Testwell SYN", "born_on": BORN}
    return operations.begin(viewer=viewer, instrument=instrument, at=at, **{**who, **more})


def saved(viewer, assessment_id, answers, at=MONDAY, **more):
    page = queries.assessment(viewer, assessment_id, at=at)
    given = {"revision": page.revision, **more}
    return operations.save(viewer=viewer, assessment_id=assessment_id, answers=answers, at=at, **given)


def decided(viewer, assessment_id, level="moderate", at=MONDAY, **more):
    page = queries.assessment(viewer, assessment_id, at=at)
    given = {"reason": "Several signs.", "revision": page.revision, **more}
    operations.decide(viewer=viewer, assessment_id=assessment_id, level=level, at=at, **given)


def test_a_screening_from_beginning_to_decision(cast):
    school = cast["school"]
    one = begun(school)
    saved(school, one, {"seen": "Two phones.", "gifts": "present"})
    page = queries.assessment(school, one, at=MONDAY)
    assert page.outcome.scores == {"present": 1, "suspected": 0}
    with pytest.raises(NotAnswered, match="14 questions that must be answered are not, first “Missing”"):
        decided(school, one)
    saved(school, one, SCREENED)
    decided(school, one, at=MONDAY + timedelta(hours=1))
    page = queries.assessment(school, one, at=MONDAY + timedelta(hours=2))
    assert (page.state, page.decision.level, page.outcome.routes) == ("decided", "moderate", ("front_door",))
    assert page.decision.by == "Mina Castellan SYN" and page.decision.reason == "Several signs."
    assert page.answers["gifts"].by == "Mina Castellan SYN" and page.answers["gifts"].at == MONDAY
    assert queries.miscounted(school, at=MONDAY + timedelta(hours=2)) == ()


def test_pausing_keeps_everything_and_the_deadline_runs_on(cast):
    idva = cast["idva"]
    one = begun(idva, "needs_assessment", ground="domestic_abuse")
    saved(idva, one, {"reason": "domestic_abuse", "known_on": "2026-06-01", "safe_now": "yes"})
    operations.pause(viewer=idva, assessment_id=one, at=MONDAY)
    later = MONDAY + timedelta(days=40)
    page = queries.assessment(idva, one, at=later)
    # 20 working days from Monday 1 June: Monday 29 June.
    assert (page.state, page.due_on, page.overdue) == ("paused", date(2026, 6, 29), True)
    operations.resume(viewer=idva, assessment_id=one, at=later)
    assert queries.assessment(idva, one, at=later).answers["safe_now"].value == "yes"
    assert [line.overdue for line in queries.mine(idva, at=later)] == [True]
    with pytest.raises(NotNow):
        operations.resume(viewer=idva, assessment_id=one, at=later)


def test_a_second_press_changes_nothing(cast):
    school, press, page = cast["school"], uuid4(), uuid4()
    one = begun(school, submission=press)
    assert begun(school, submission=press) == one
    first = operations.save(
        viewer=school, assessment_id=one, answers={"seen": "A"}, revision=1, save_id=page, at=MONDAY
    )
    again = operations.save(
        viewer=school, assessment_id=one, answers={"seen": "A"}, revision=1, save_id=page, at=MONDAY
    )
    assert first == again == 2
    assert len(queries.history(school, one, at=MONDAY)) == 1


def test_two_people_are_told_and_nothing_is_overwritten(cast):
    school, other = cast["school"], cast["school-2"]
    one = begun(school)
    with pytest.raises(NotHere):
        queries.assessment(other, one, at=MONDAY)
    operations.hand_over(viewer=school, assessment_id=one, to=other.user_id, reason="on leave", at=MONDAY)
    operations.save(viewer=other, assessment_id=one, answers={"gifts": "present"}, revision=1, at=MONDAY)
    # Another page at the same time: both stand.
    operations.save(viewer=school, assessment_id=one, answers={"seen": "Two phones."}, revision=1, at=MONDAY)
    with pytest.raises(ChangedMeanwhile) as told:
        operations.save(viewer=school, assessment_id=one, answers={"gifts": "not_known"}, revision=1, at=MONDAY)
    assert "school-2 SYN saved something first" in told.value.why
    answers = queries.assessment(school, one, at=MONDAY).answers
    assert (answers["gifts"].value, answers["seen"].value) == ("present", "Two phones.")


def test_what_was_said_is_not_asked_again_and_keeps_its_day(cast):
    idva = cast["idva"]
    first = begun(idva, "domestic_abuse_checklist", given_name="Dana", born_on=date(1990, 7, 2))
    saved(idva, first, {"safe_contact": "Ring the surgery.", "fear": "Going home."})
    later = MONDAY + timedelta(days=9)
    second = begun(
        idva, "needs_assessment", ground="domestic_abuse", given_name="Dana", born_on=date(1990, 7, 2), at=later
    )
    offered = queries.earlier_answers(idva, second, at=later)
    assert offered["safe_contact"].said.value == "Ring the surgery."
    assert offered["safe_contact"].source.endswith("1 June 2026")
    assert "Domestic abuse risk checklist" in offered["safe_contact"].source
    looked = audit.who_looked(cast["dpo"], "assessment", second, at=later)
    assert "assessment.reuse" in {each.action for each in looked}
    saved(idva, second, {"safe_contact": "Ring the surgery."}, at=later)
    kept = queries.assessment(idva, second, at=later).answers["safe_contact"]
    assert kept.at == MONDAY and kept.source
    # Somebody of the same name and another birthday is somebody else.
    third = begun(
        idva, "needs_assessment", ground="domestic_abuse", given_name="Dana", born_on=date(1991, 7, 2), at=later
    )
    assert queries.earlier_answers(idva, third, at=later) == {}
    # Nor does anybody else learn of it.
    other = begun(cast["gp"], "needs_assessment", ground="domestic_abuse", given_name="Dana", born_on=date(1990, 7, 2))
    assert queries.earlier_answers(cast["gp"], other, at=later) == {}


def test_what_the_person_does_not_want_written_is_not_written(cast):
    school = cast["school"]
    one = begun(school)
    saved(school, one, {"child_view": "I was scared."})
    saved(school, one, {}, withheld=["child_view"])
    kept = queries.assessment(school, one, at=MONDAY).answers["child_view"]
    assert (kept.value, kept.withheld) == (None, True)
    with pytest.raises(NotAnswered, match="is always written"):
        saved(school, one, {}, withheld=["seen"])


def test_a_judgement_against_the_score_needs_its_own_reason_and_both_are_kept(cast):
    idva = cast["idva"]
    one = begun(idva, "domestic_abuse_checklist", born_on=date(1990, 7, 2))
    answers = {f"q{number:02}": "yes" if number <= 5 else "no" for number in range(1, 25)}
    saved(
        idva,
        one,
        {**answers, "alone": "yes", "safe_contact": "x", "earlier_marac": "no", "worse": "no", "children": "no"},
    )
    with pytest.raises(NotAnswered, match="differs from what the score points to"):
        decided(idva, one, "high")
    decided(idva, one, "high", override="He has a key and a weapon.")
    page = queries.assessment(idva, one, at=MONDAY)
    assert page.decision.departs and page.decision.suggested == ("standard",)
    assert page.decision.override == "He has a key and a weapon."
    assert page.outcome.routes == ("professional_judgement",)


def test_an_amendment_keeps_what_stood_there_and_marks_the_decision(cast):
    school = cast["school"]
    one = begun(school)
    saved(school, one, SCREENED)
    decided(school, one)
    with pytest.raises(NotNow):
        saved(school, one, {"gifts": "suspected"})
    page = queries.assessment(school, one, at=MONDAY)
    later = MONDAY + timedelta(days=1)
    with pytest.raises(NotAnswered, match="Say why"):
        operations.amend(
            viewer=school,
            assessment_id=one,
            address="gifts",
            value="suspected",
            reason=" ",
            revision=page.revision,
            at=later,
        )
    operations.amend(
        viewer=school, assessment_id=one, address="gifts", value="suspected", reason="It was a loan.",
        revision=page.revision, at=later,
    )  # fmt: skip
    after = queries.assessment(school, one, at=later)
    assert after.on_earlier_answers and after.outcome.scores == {"present": 0, "suspected": 1}
    assert after.decision.kept["scores"] == {"present": 1, "suspected": 0}
    newest = queries.history(school, one, at=later)[0]
    assert (newest.before.value, newest.after.value, newest.reason) == ("present", "suspected", "It was a loan.")
    assert queries.miscounted(school, at=later) == ()
    decided(school, one, "emerging", at=later)
    again = queries.assessment(school, one, at=later)
    assert [each.level for each in again.decisions] == ["moderate", "emerging"] and not again.on_earlier_answers


def test_answers_keep_their_version_and_a_silent_change_is_refused(cast, monkeypatch):
    school = cast["school"]
    one = begun(school)
    home = accounts.partnership()
    old = home.instruments["exploitation_screening"]
    section = replace(old.section[0], title="Another title")
    changed = replace(old, section=(section, *old.section[1:]))

    def with_instrument(new):
        monkeypatch.setattr(
            accounts, "partnership", lambda: replace(home, instruments={**home.instruments, new.key: new})
        )

    with_instrument(changed)
    with pytest.raises(NotUsable, match="was changed and is still version 2"):
        begun(school)
    with_instrument(replace(changed, version=3))
    two = begun(school)
    assert queries.assessment(school, one, at=MONDAY).instrument.section[0].title == "Why you are worried"
    page = queries.assessment(school, two, at=MONDAY)
    assert (page.instrument.version, page.instrument.section[0].title) == (3, "Another title")


def test_two_versions_in_the_folder_each_count_their_own_answers(cast, monkeypatch, tmp_path):
    """A borough's own matrix, changed after it was answered: points, bands and questions of the first stay with it."""
    folder = tmp_path / "harbourside"
    source = Path(__file__).resolve().parents[2] / "partnerships"
    shutil.copytree(source / "harbourside", folder)
    shutil.copytree(source / "national", tmp_path / "national")
    (folder / "instruments").mkdir(exist_ok=True)
    file = folder / "instruments" / "community_marac_matrix.toml"
    text = (source / "national" / "instruments" / "community_marac_matrix.toml").read_text("utf-8")

    def written(changed):
        file.write_text(changed, encoding="utf-8")
        loaded = load(folder)
        monkeypatch.setattr(accounts, "partnership", lambda: loaded)

    housing = cast["housing"]
    about = {"given_name": "Dana", "born_on": date(1990, 7, 2)}
    written(text.replace("version = 2\n", "version = 7\n"))
    first = filled(housing, "community_marac_matrix", MATRIX, MONDAY, **about)
    decided(housing, first, "panel")
    # Daily or severe weighs 9 from now on, and the threshold is 60.
    later = text.replace("version = 2\n", "version = 8\n").replace("points = 6\n", "points = 9\n")
    written(later.replace("at_least = 31.5", "at_least = 60"))
    second = filled(housing, "community_marac_matrix", MATRIX, MONDAY, **about)
    pages = [queries.assessment(housing, each, at=MONDAY) for each in (first, second)]
    assert [page.instrument.version for page in pages] == [7, 8]
    assert [page.outcome.scores["matrix"] for page in pages] == [32, 47]
    assert [page.outcome.bands["matrix"] for page in pages] == ["high", "not_high"]
    assert [line.holds for line in queries.recount(housing, first, at=MONDAY)] == [True, True]
    # Put right by the old file's points, although the folder has the new one.
    revision = pages[0].revision
    operations.amend(
        viewer=housing, assessment_id=first, address="drugs", value="high", reason="Seen since.", revision=revision,
        at=MONDAY,
    )  # fmt: skip
    assert queries.assessment(housing, first, at=MONDAY).outcome.scores["matrix"] == 36
    assert queries.miscounted(housing, at=MONDAY) == ()
    # Changed once more under the same number: refused, with the file named.
    written(later.replace("points = 9\n", "points = 8\n"))
    with pytest.raises(NotUsable, match="was changed and is still version 8") as told:
        filled(housing, "community_marac_matrix", MATRIX, MONDAY, **about)
    assert "instruments/community_marac_matrix.toml" in told.value.next_step


def test_compared_with_the_last_one(cast):
    school = cast["school"]
    first = begun(school)
    saved(school, first, SCREENED)
    decided(school, first, "emerging")
    assert queries.comparison(school, first, at=MONDAY) == ("", ())
    later = MONDAY + timedelta(days=30)
    second = begun(school, at=later)
    saved(school, second, {**SCREENED, "online": "present"}, at=later)
    named, lines = queries.comparison(school, second, at=later)
    assert named.endswith("begun 1 June 2026")
    differing = {each.question: (each.before, each.after) for each in lines if not each.same}
    assert differing == {
        "What level of concern do you judge?": ("Emerging", "Not decided"),
        "Online": ("Not known", "Present"),
    }


def test_nobody_else_sees_it_and_the_wall_holds_without_the_filter(cast):
    school = cast["school"]
    one = begun(school)
    saved(school, one, SCREENED)
    from concord.desk.instruments.models import Assessment, Change

    for name in ("mash", "gp", "police", "mace-coordinator", "analyst", "dpo", "admin"):
        viewer = cast[name]
        with as_viewer(viewer, at=MONDAY):
            assert not Assessment.objects.filter(id=one).exists() and not Change.objects.exists(), name
        with pytest.raises((NotHere, NotAllowed)):
            queries.assessment(viewer, one, at=MONDAY)
    decided(school, one, "significant")
    operations.hand_over(viewer=school, assessment_id=one, route="front_door", reason="with the referral", at=MONDAY)
    assert queries.assessment(cast["mash"], one, at=MONDAY).decision.level == "significant"
    with pytest.raises(NotUsable, match="no such way on"):
        operations.hand_over(viewer=school, assessment_id=one, route="nowhere", reason="x", at=MONDAY)
    with as_viewer(school, at=MONDAY), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM instruments_extract_assessments")
        assert cursor.fetchone() == (0,)


def test_what_was_answered_cannot_be_altered_even_by_hand(cast):
    school = cast["school"]
    one = begun(school)
    saved(school, one, {"seen": "A"})
    from django.db.utils import ProgrammingError

    def by_hand(statement):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    with as_viewer(school, at=MONDAY):
        for statement in ("UPDATE instruments_change SET reason = 'x'", "DELETE FROM instruments_change"):
            with pytest.raises(ProgrammingError):
                by_hand(statement)


def test_stopping_says_why(cast):
    school = cast["school"]
    one = begun(school)
    with pytest.raises(NotAnswered, match="Say why it stops"):
        operations.stop(viewer=school, assessment_id=one, reason="", at=MONDAY)
    operations.stop(viewer=school, assessment_id=one, reason="The child does not want to go on.", at=MONDAY)
    with pytest.raises(NotNow, match="Stopped"):
        saved(school, one, {"seen": "B"})


def test_who_may_begin_what(cast):
    names = {name: {each.key for each in queries.usable(cast[name])} for name in ("school", "mash", "analyst", "yjs-2")}
    assert names["school"] == {
        "exploitation_screening", "needs_assessment", "domestic_abuse_checklist", "community_marac_matrix",
    }  # fmt: skip
    assert names["mash"] == {"exploitation_screening", "needs_assessment", "transitions_assessment"}
    assert names["analyst"] == set()
    assert names["yjs-2"] == {"exploitation_screening", "child_gravity"}
    with pytest.raises(NotUsable, match="not in use here, or it is not for your role"):
        begun(cast["school"], "child_gravity")
    with pytest.raises(NotAllowed):
        begun(cast["analyst"])


def test_the_extract_counts_and_names_nobody(cast):
    school = cast["school"]
    one = begun(school)
    saved(school, one, SCREENED)
    decided(school, one)
    rows = queries.extract_assessments(accounts.service("desk_extract"), at=MONDAY + timedelta(days=1))
    assert rows == [
        {
            "instrument": "exploitation_screening", "agency": "schools", "begun_on": MONDAY.date(),
            "decided_on": MONDAY.date(), "due_on": None, "level": "moderate", "eligible": None, "rationale": True,
        }
    ]  # fmt: skip
    with pytest.raises(NotAllowed):
        queries.extract_assessments(school, at=MONDAY)
