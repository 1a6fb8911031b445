"""From an assessment onwards: routes taken or not, what a panel reads, the joint decision, who is due one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import desk_story as story
import pytest
from desk_story import NOW
from django.db import IntegrityError, transaction
from instruments_support import GRAVITY, MATRIX, SCREENED, decided, filled, matrix_told

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, NotHere
from concord.desk.audit import queries as audit
from concord.desk.instruments import operations, queries
from concord.desk.instruments.models import Assessment, Onward, Result
from concord.desk.instruments.rules import NotAnswered, NotUsable
from concord.desk.panels import operations as panels
from concord.desk.panels import queries as panel_queries
from concord.desk.panels.rules import NotNow
from concord.desk.referrals import operations as referrals
from concord.desk.referrals import queries as referral_queries
from concord.desk.referrals.rules import PartyDetails
from concord.desk.sharing.session import as_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


@pytest.fixture
def cast(world):
    return world.cast


def screened(cast, level="significant", **more):
    one = filled(cast["school"], "exploitation_screening", SCREENED, NOW)
    decided(cast["school"], one, level, NOW, **more)
    return one


def referred(cast, one, *, by="school", route="front_door", at=NOW, parties=(story.CHILD,), **more):
    return operations.refer(
        viewer=cast[by], assessment_id=one, route=route, parties=parties, concern="Driven away at lunch.", at=at, **more
    )


# --- a referral with the assessment enclosed ------------------------------------------------------------------------


def test_a_screening_goes_with_the_referral_and_the_panel_reads_its_result_alone(cast):
    one = screened(cast)
    receipt = referred(cast, one)
    mash, coordinator, member = cast["mash"], cast["mace-coordinator"], cast["health"]
    contact_id = referral_queries.contact_of(mash, receipt.referral_id, at=NOW)
    (shown,) = queries.enclosed(mash, contact_id, at=NOW)
    assert (shown.level, shown.assessment_id) == ("Significant", one)
    assert queries.assessment(mash, one, at=NOW).answers["seen"].value == "Two phones."
    # The coordinator of the panel has nothing of it before the front door sends the case there.
    assert queries.enclosed(coordinator, contact_id, at=NOW) == ()
    referrals.triage(viewer=mash, contact_id=contact_id, rag="amber", reason="Signs.", version=1, at=NOW)
    story.identify_all(mash, contact_id, NOW)
    version = referral_queries.contact(mash, contact_id, at=NOW).version
    referrals.decide(
        viewer=mash, contact_id=contact_id, level=3, route="mace", rationale="Several agencies.", feedback="Thanks.",
        version=version, at=NOW,
    )  # fmt: skip
    meeting_id = panels.plan_meeting(
        viewer=coordinator, forum="mace", starts_at=NOW + timedelta(days=9), place="Room", at=NOW
    )
    item_id = panels.list_contact(
        viewer=coordinator, meeting_id=meeting_id, contact_id=contact_id, reason="Meets the criteria.", at=NOW
    )
    for viewer in (coordinator, member):
        (told,) = panel_queries.item(viewer, item_id, at=NOW).results
        assert (told.level, told.name, told.assessment_id) == ("Significant", "Exploitation screening", None)
        assert next((each.name, each.value) for each in told.scores) == ("Groups of signs present", 1)
        with pytest.raises((NotHere, NotAllowed)):
            queries.assessment(viewer, one, at=NOW)
        with as_viewer(viewer, at=NOW):
            assert Result.objects.filter(assessment_id=one).count() == 1
            assert not Assessment.objects.filter(id=one).exists() and not Onward.objects.exists()
    with as_viewer(cast["gp"], at=NOW):
        assert not Result.objects.exists() and not Onward.objects.exists()


def test_a_second_press_sends_one_referral_and_the_route_says_so(cast):
    one, press = screened(cast), uuid4()
    first, second = (referred(cast, one, submission=press) for _ in range(2))
    assert first == second
    (line,) = queries.assessment(cast["school"], one, at=NOW).onward
    assert (line.route, line.way, line.whole, line.reason) == (
        "front_door", "referred", True, "What was seen, weighed.",
    )  # fmt: skip
    looked = {each.action for each in audit.who_looked(cast["dpo"], "assessment", one, at=NOW)}
    assert {"assessment.refer", "share"} <= looked


def test_nothing_is_sent_where_the_enclosure_fails(cast):
    one = screened(cast)
    with pytest.raises(NotUsable, match="no such way on"):
        referred(cast, one, route="nrm")
    assert referral_queries.my_referrals(cast["school"], at=NOW)[0].concern != "Driven away at lunch."
    with pytest.raises(NotHere):
        referred(cast, one, by="gp")


def test_a_route_not_taken_says_why_and_a_later_word_counts(cast):
    one, school = screened(cast), cast["school"]

    def left(way, reason):
        operations.leave_route(
            viewer=school, assessment_id=one, route="front_door", way=way, reason=reason, at=NOW + timedelta(minutes=1)
        )

    with pytest.raises(NotAnswered, match="Say why"):
        left("not_taken", " ")
    with pytest.raises(NotAnswered, match="Did you mean “not_taken”"):
        left("not_takn", "x")
    operations.leave_route(
        viewer=school, assessment_id=one, route="front_door", way="not_taken", reason="MASH has it already.", at=NOW
    )
    left("otherwise", "Rang the duty worker.")
    (line,) = queries.assessment(school, one, at=NOW).onward
    assert (line.way, line.reason) == ("otherwise", "Rang the duty worker.")
    with as_viewer(school, at=NOW):
        assert Onward.objects.filter(assessment_id=one).count() == 2
        with pytest.raises(IntegrityError), transaction.atomic():
            Onward.objects.create(
                assessment_id=one, route="panel", way="not_taken", reason="", by_id=school.user_id, agency="s", at=NOW
            )


def test_what_a_health_body_wrote_does_not_go_where_patients_are_not_covered(cast):
    gp = cast["gp"]
    one = filled(gp, "community_marac_matrix", MATRIX, NOW, given_name="Dana", born_on=date(1990, 7, 2))
    decided(gp, one, "panel", NOW)
    with pytest.raises(NotUsable, match="Nothing of this assessment may go to the panel") as refused:
        operations.tell_panel(viewer=gp, assessment_id=one, route="high", reason="High.", at=NOW)
    assert "nor what is derived from it" in refused.value.why
    assert queries.results_told(cast["safety-coordinator"], "community_marac_matrix", at=NOW) == ()


# --- the Community MARAC reads its score ----------------------------------------------------------------------------


def listed(cast, result, *, ground="score", days=4):
    coordinator = cast["safety-coordinator"]
    meeting_id = panels.plan_meeting(
        viewer=coordinator, forum="community_marac", starts_at=NOW + timedelta(days=days), place="Room", at=NOW
    )
    return panels.list_topic(
        viewer=coordinator, meeting_id=meeting_id, kind="address", about="Flat 4 SYN", reason="Visitors at night.",
        facets={"ground": [ground]}, result_id=result.result_id if result else None, at=NOW,
    )  # fmt: skip


def test_the_panel_s_score_is_the_matrix_s_and_its_factors_come_with_it(cast):
    one, told = matrix_told(cast, NOW)
    assert told.score("matrix") == 32 and told.assessment_id is None
    assert next(name for _, name in told.factors) == "Somebody taking over the home"
    page = panel_queries.item(cast["safety-police"], listed(cast, told), at=NOW)
    assert page.score == "Matrix score 32: high risk"
    factors = dict(page.facets)["Risk and vulnerability factors"]
    assert factors == "Anti-social behaviour, Cuckooing, Drug misuse, Mental ill health"
    assert [each.level for each in page.results] == ["Several agencies are needed"]
    with pytest.raises((NotHere, NotAllowed)):
        queries.assessment(cast["safety-police"], one, at=NOW)


def test_a_score_that_nobody_can_count_again_is_no_ground(cast):
    with pytest.raises(NotNow, match="read from a decided assessment, and none was chosen"):
        listed(cast, None)
    _, low = matrix_told(cast, NOW, drugs="none")
    assert low.score("matrix") == 30
    with pytest.raises(NotNow, match="The matrix score is 30: not above 31"):
        listed(cast, low, days=5)
    page = panel_queries.item(cast["safety-coordinator"], listed(cast, low, ground="judgement", days=6), at=NOW)
    assert page.score == "Matrix score 30: not above 31"


def test_an_assessment_that_was_not_told_to_the_panel_is_not_there_for_it(cast):
    housing = cast["housing"]
    one = filled(housing, "community_marac_matrix", MATRIX, NOW, born_on=date(1990, 7, 2))
    decided(housing, one, "panel", NOW)
    with as_viewer(housing, at=NOW):
        hidden = Result.objects.get(assessment_id=one)
    assert queries.results_told(cast["safety-coordinator"], "community_marac_matrix", at=NOW) == ()
    with pytest.raises(NotHere):
        listed(cast, type("Told", (), {"result_id": hidden.id}))


def test_a_case_keeps_the_score_it_was_heard_on(cast):
    one, told = matrix_told(cast, NOW)
    item_id = listed(cast, told)
    housing = cast["housing"]
    revision = queries.assessment(housing, one, at=NOW).revision
    operations.amend(
        viewer=housing, assessment_id=one, address="drugs", value="none", reason="It was alcohol, once.",
        revision=revision, at=NOW,
    )  # fmt: skip
    assert panel_queries.item(cast["safety-coordinator"], item_id, at=NOW).score.startswith("Matrix score 32")
    (line,) = [each for each in queries.recount(housing, one, at=NOW) if each.name == "Matrix"]
    assert (line.decided, line.stored, line.again, line.holds) == (32, 30, 30, True)


# --- two agencies decide together -----------------------------------------------------------------------------------


def gravity(cast, **changes):
    one = filled(cast["police"], "child_gravity", GRAVITY | changes, NOW)
    operations.hand_over(viewer=cast["police"], assessment_id=one, to=cast["yjs"].user_id, reason="Borderline.", at=NOW)
    return one


def advised(cast, one, level="outcome_22", by="yjs", at=NOW):
    revision = queries.assessment(cast[by], one, at=at).revision
    operations.advise(
        viewer=cast[by], assessment_id=one, level=level, reason="A plan will reach him.", revision=revision, at=at
    )


def test_a_borderline_case_waits_for_youth_justice_and_both_people_are_recorded(cast):
    one, police = gravity(cast), cast["police"]
    with pytest.raises(NotAnswered, match="Youth Justice Service has not given its view") as told:
        decided(police, one, "diversion", NOW)
    assert "decided jointly" in told.value.why
    with pytest.raises(NotAllowed, match="You do not decide on this assessment"):
        decided(cast["yjs"], one, "diversion", NOW)
    with pytest.raises(NotAllowed, match="You do not give a view"):
        advised(cast, one, by="police")
    advised(cast, one)
    decided(police, one, "outcome_22", NOW)
    made = queries.assessment(police, one, at=NOW).decision
    assert (made.by, made.opinion.by, made.opinion.level) == ("DS Ray Calloway SYN", "Asha Quill SYN", "outcome_22")
    assert made.differs_because == ""


def test_disagreement_is_kept_on_both_sides(cast):
    one, police = gravity(cast), cast["police"]
    advised(cast, one, "diversion")
    with pytest.raises(NotAnswered, match="advised another level: say why you decide otherwise"):
        decided(police, one, "youth_caution", NOW, override="He was warned twice.")
    decided(police, one, "youth_caution", NOW, override="He was warned twice.", differs_because="The victim fears him.")
    made = queries.assessment(cast["yjs"], one, at=NOW).decision
    assert (made.level, made.opinion.level, made.differs_because) == (
        "youth_caution", "diversion", "The victim fears him.",
    )  # fmt: skip
    assert made.opinion.reason == "A plan will reach him."


def test_the_police_decide_alone_where_policy_says(cast):
    one = gravity(cast, tests_met="no")
    decided(cast["police"], one, "no_further_action", NOW)
    assert queries.assessment(cast["police"], one, at=NOW).decision.opinion is None
    # A caution is never theirs alone, whatever the score.
    two = gravity(cast, tests_met="no")
    with pytest.raises(NotAnswered, match="has not given its view"):
        decided(cast["police"], two, "youth_caution", NOW, override="x")


def test_a_view_on_answers_that_changed_since_does_not_count(cast):
    one, police = gravity(cast), cast["police"]
    advised(cast, one)
    revision = queries.assessment(police, one, at=NOW).revision
    operations.save(viewer=police, assessment_id=one, answers={"aggravating": ["weapon"]}, revision=revision, at=NOW)
    with pytest.raises(NotAnswered, match="has not given its view on the answers as they are now"):
        decided(police, one, "outcome_22", NOW, override="x")


# --- begun from where people stand ----------------------------------------------------------------------------------


def victim_referred(cast, *, born_on=date(2004, 5, 5), at=NOW, ground="victim_under_25", by="school", name="Sami"):
    receipt = referrals.submit(
        viewer=cast[by],
        pathway="therapeutic_support",
        parties=[PartyDetails("victim", name, "Testwell SYN", born_on)],
        concern="Hurt in a robbery and not sleeping.",
        ground=ground,
        at=at,
    )
    named = referral_queries.parties_named(cast["support"], [("therapeutic_support", "victim", "")], since=at, at=at)
    return next(each for each in named if each.referral_id == receipt.referral_id)


def test_who_is_due_is_listed_with_the_clock_and_leaves_when_it_is_done(cast):
    party = victim_referred(cast)
    support = cast["support"]
    (line,) = [each for each in queries.due(support, at=NOW) if each.party_id == party.party_id]
    # Known on Saturday 13 June 2026: 20 working days from the Monday.
    assert (line.says, line.known_on, line.due_on) == ("Victim of violence under 25", NOW.date(), date(2026, 7, 13))
    assert not line.overdue and line.assessment_id is None
    later = NOW + timedelta(days=40)
    assert [each.overdue for each in queries.due(support, at=later) if each.party_id == party.party_id] == [True]
    one = operations.begin(
        viewer=support, instrument="needs_assessment", party_id=party.party_id, ground="child", at=NOW
    )
    page = queries.assessment(support, one, at=NOW)
    assert (page.subject.name, page.due_on) == ("Sami Testwell SYN", date(2026, 7, 13))
    assert (page.answers["reason"].value, page.answers["known_on"].value) == ("violence", NOW.date().isoformat())
    assert page.answers["reason"].source.startswith("Therapeutic support after violence")
    (line,) = [each for each in queries.due(support, at=NOW) if each.party_id == party.party_id]
    assert line.assessment_id == one
    operations.stop(viewer=support, assessment_id=one, reason="They do not want one.", at=NOW)
    assert party.party_id not in {each.party_id for each in queries.due(support, at=NOW)}


def test_somebody_referred_twice_is_due_once_from_the_first_time(cast):
    first, again = victim_referred(cast), victim_referred(cast, at=NOW + timedelta(days=3))
    assert (first.name, first.born_on) == (again.name, again.born_on)
    mine = {first.party_id, again.party_id}
    found = [each for each in queries.due(cast["support"], at=NOW + timedelta(days=4)) if each.party_id in mine]
    assert [(each.party_id, each.known_on) for each in found] == [(first.party_id, NOW.date())]


@pytest.mark.parametrize(
    ("born_on", "ground", "listed_for"),
    [
        (date(2001, 6, 14), "victim_under_25", True),  # 24 on the day of the referral
        (date(2001, 6, 13), "victim_under_25", False),  # 25 that day
        (date(1950, 1, 1), "domestic_abuse", True),
        (None, "victim_under_25", True),
    ],
)
def test_the_age_at_which_it_is_due(cast, born_on, ground, listed_for):
    party = victim_referred(cast, born_on=born_on, ground=ground)
    assert (party.party_id in {each.party_id for each in queries.due(cast["support"], at=NOW)}) is listed_for


@pytest.mark.parametrize(("begins", "is_due"), [(NOW.date(), True), (NOW.date() + timedelta(days=1), False)])
def test_a_partnership_that_goes_live_is_not_late_for_whom_it_heard_of_before(cast, monkeypatch, begins, is_due):
    home, service = accounts.partnership(), accounts.service("desk_extract")
    of = replace(home.instruments["needs_assessment"], due_from=begins)
    changed = replace(home, instruments={**home.instruments, of.key: of})
    monkeypatch.setattr(accounts, "partnership", lambda: changed)
    unmet = len(queries.extract_assessments(service, at=NOW))
    party = victim_referred(cast)
    at = NOW + timedelta(hours=1)
    assert (party.party_id in {each.party_id for each in queries.due(cast["support"], at=at)}) is is_due
    assert len(queries.extract_assessments(service, at=at)) - unmet == int(is_due)


def test_nobody_learns_of_a_victim_by_the_list_whose_referral_is_not_shared(cast):
    party = victim_referred(cast)
    for name in ("gp", "idva", "mash", "housing"):
        assert party.party_id not in {each.party_id for each in queries.due(cast[name], at=NOW)}
        with pytest.raises((NotHere, NotUsable)):
            operations.begin(viewer=cast[name], instrument="needs_assessment", party_id=party.party_id, at=NOW)
    with pytest.raises(NotAllowed):
        queries.due(cast["analyst"], at=NOW)


def test_whoever_was_due_and_had_none_is_in_the_return(cast):
    service = accounts.service("desk_extract")

    def counted(at):
        rows = queries.extract_assessments(service, at=at)
        return [row for row in rows if row["instrument"] == "needs_assessment" and row["agency"] == "schools"]

    before = len(counted(NOW))
    party = victim_referred(cast)
    victim_referred(cast, name="Olga", born_on=date(1999, 1, 1))
    again = victim_referred(cast, at=NOW + timedelta(hours=1))
    assert again.party_id != party.party_id
    now = NOW + timedelta(hours=2)
    rows = counted(now)[before:]
    # Somebody older than 24 is not due, and somebody referred twice is one line.
    assert [(row["decided_on"], row["due_on"], row["eligible"]) for row in rows] == [(None, date(2026, 7, 13), True)]
    assert set(rows[0]) == {
        "instrument", "agency", "begun_on", "decided_on", "due_on", "level", "eligible", "rationale",
    }  # fmt: skip
    operations.begin(
        viewer=cast["support"], instrument="needs_assessment", party_id=party.party_id, ground="child", at=now
    )
    assert len(counted(now)) == before


def test_an_instrument_is_begun_for_the_ages_it_is_for(cast):
    with pytest.raises(NotUsable, match="is for people of 10 to 17") as told:
        filled(cast["police"], "child_gravity", {}, NOW, born_on=date(2000, 1, 1))
    assert "this person is 26" in told.value.why
    with pytest.raises(NotUsable, match="is for people of 18 or over"):
        filled(cast["housing"], "community_marac_matrix", {}, NOW)
    offered = {age: {each.key for each in queries.usable_about(cast["police"], age)} for age in (9, 17, 18, None)}
    harmed = {each.key for each in queries.usable_about(cast["police"], 30, "victim")}
    # A checklist for victims is not offered about whoever harmed them.
    assert harmed - {each.key for each in queries.usable_about(cast["police"], 30, "perpetrator")} >= {
        "domestic_abuse_checklist"
    }
    assert "child_gravity" not in offered[9] and "child_gravity" in offered[17] & offered[None]
    assert "child_gravity" not in offered[18]


def test_the_person_s_record_is_offered_and_what_is_stale_is_asked_again(cast):
    support = cast["support"]
    party = victim_referred(cast, ground="domestic_abuse")
    first = operations.begin(
        viewer=support, instrument="needs_assessment", party_id=party.party_id, ground="child", at=NOW
    )
    revision = queries.assessment(support, first, at=NOW).revision
    operations.save(
        viewer=support, assessment_id=first, answers={"safe_contact": "By text."}, revision=revision, at=NOW
    )
    for days, fresh in ((180, True), (181, False)):
        later = NOW + timedelta(days=days)
        again = operations.begin(
            viewer=support, instrument="needs_assessment", party_id=party.party_id, ground="child", at=later
        )
        offered = queries.earlier_answers(support, again, at=later)["safe_contact"]
        assert (offered.said.value, offered.fresh) == ("By text.", fresh)
