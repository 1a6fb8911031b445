"""Every pathway worked through by those whose work it is; who can open a referral begins and ends with its state."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import desk_story as story
import pytest
import time_machine
from desk_story import NOW
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import ChangedMeanwhile, NotAllowed, NotHere
from concord.desk.panels import operations as panels
from concord.desk.panels import queries as panel_queries
from concord.desk.referrals import operations as referrals
from concord.desk.referrals import queries
from concord.desk.referrals.rules import NotThatWay, PartyDetails, SessionEntry
from concord.desk.sharing import operations as sharing
from concord.desk.sharing.session import as_viewer

pytestmark = pytest.mark.django_db
BORN = date(2011, 3, 14)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def sent(world, pathway, role, *, by="school", ground="", answers=None, born_on=BORN, at=NOW):
    party = PartyDetails(role, "Rafi", "Testwell", born_on)
    return referrals.submit(
        viewer=world.cast[by], pathway=pathway, parties=[party], concern="c", ground=ground, answers=answers, at=at
    )


def step(viewer, contact_id, verb, at=NOW, answers=None, **given):
    version = queries.contact(viewer, contact_id, at=at).version
    return referrals.advance(
        viewer=viewer, contact_id=contact_id, verb=verb, given=given, answers=answers or {}, version=version, at=at
    )


def client(viewer) -> Client:
    made = Client(headers={"host": "localhost"})
    made.force_login(get_user_model().objects.get(id=viewer.user_id))
    return made


# --- access begins and ends with the state -----------------------------------------------------------------------


def sees(viewer, contact_id, at) -> dict[str, bool]:
    """Whether somebody meets a contact, on every way to it."""
    try:
        queries.contact(viewer, contact_id, at=at)
        page = True
    except NotHere:
        page = False
    with time_machine.travel(at, tick=False):
        screen = client(viewer).get(f"/contacts/{contact_id}/").status_code == 200
    return {
        "page": page,
        "screen": screen,
        "list": contact_id in {each.contact_id for each in queries.queue(viewer, "therapeutic_support", at=at)},
        "count": queries.queue_size(viewer, "therapeutic_support", at=at) > 0,
        "day": contact_id in {each.contact_id for each in queries.open_lines(viewer, ["therapeutic_support"], at=at)},
    }


def test_a_provider_meets_a_referral_while_it_is_with_them_and_never_before_or_after(world):
    support, provider = world.cast["support"], world.cast["provider"]
    receipt = sent(world, "therapeutic_support", "victim", ground="victim_under_25")
    contact_id = queries.contact_of(support, receipt.referral_id, at=NOW)
    seen, at = [], NOW
    for verb, answers, given in (
        ("", {}, {}),
        ("offer", {"need": "sleep"}, {}),
        ("consent", {"consented": "yes"}, {}),
        ("send", {}, {"route": "specialist"}),
        ("accept", {}, {}),
        ("start", {"first_session": date(2026, 7, 1)}, {}),
        ("complete", {}, {"reason": "Ten sessions held."}),
    ):
        at += timedelta(minutes=1)
        if verb:
            step(support, contact_id, verb, at, answers, **given)
        seen.append(sees(provider, contact_id, at + timedelta(seconds=1)))
    ways = {"page", "screen", "list", "count", "day"}
    assert [set(filter(each.get, each)) for each in seen] == [set(), set(), set(), ways, ways, ways, set()]
    page = queries.contact(support, contact_id, at=at)
    assert page.decided and page.route == "specialist"
    assert [each.name for each in page.steps][-1] == "Support has ended"


def test_nothing_is_sent_without_agreement(world):
    support = world.cast["support"]
    receipt = sent(world, "therapeutic_support", "victim", ground="domestic_abuse")
    contact_id = queries.contact_of(support, receipt.referral_id, at=NOW)
    step(support, contact_id, "offer", answers={"need": "n"})
    with pytest.raises(NotThatWay, match="Nothing is sent without the person’s agreement"):
        step(support, contact_id, "consent", answers={"consented": "no"})


def test_a_provider_cannot_end_what_the_receiving_team_was_given(world):
    """The function that ends shares does nothing for somebody who cannot open the contact."""
    receipt = sent(world, "therapeutic_support", "victim", ground="domestic_abuse")
    contact_id = queries.contact_of(world.cast["support"], receipt.referral_id, at=NOW)
    with as_viewer(world.cast["provider"], at=NOW), connection.cursor() as cursor:
        cursor.execute("SELECT referrals_end_shares(%s, %s, %s)", [contact_id, ["team:victim_support"], NOW])
    later = NOW + timedelta(seconds=1)
    assert queries.contact(world.cast["support"], contact_id, at=later)


# --- pathways by their own rules -----------------------------------------------------------------------------------


def test_turnaround_is_once_only(world):
    yjs, known = world.cast["yjs"], None
    answers = {"met_on": (NOW - timedelta(days=20)).date()}
    for turn in (1, 2):
        at = NOW + timedelta(days=turn)
        receipt = sent(world, "turnaround", "child", ground="community_resolution", answers=answers, at=at)
        contact_id = queries.contact_of(yjs, receipt.referral_id, at=at)
        given = {"answers": {"local_exclusion": "none"}, "reason": "Meets the criteria."}
        if turn == 1:
            with pytest.raises(NotThatWay, match="It is not known yet whether this can be offered"):
                step(yjs, contact_id, "accept", at, **given)
            known = story.identify_all(yjs, contact_id, at)["child"]
            step(yjs, contact_id, "accept", at, **given)
            step(yjs, contact_id, "start", at + timedelta(minutes=1))
        else:
            story.identify_all(yjs, contact_id, at, {"child": known})
            with pytest.raises(NotThatWay, match="Ask the Youth Justice Service manager"):
                step(yjs, contact_id, "accept", at, **given)
            rules = queries.rules_before(yjs, contact_id, at=at)["accept"]
            assert {each.key: each.met for each in rules}["asked"] == "not_met"


def out_of_sight(viewer, contact_id, holder, at):
    """Nobody of the team can open the case any more."""
    with as_viewer(viewer, at=at), connection.cursor() as cursor:
        cursor.execute("SELECT referrals_end_shares(%s, %s, %s)", [contact_id, [holder], at])
    with pytest.raises(NotHere):
        queries.contact(viewer, contact_id, at=at + timedelta(seconds=1))


def test_once_only_holds_across_the_partnership_and_no_screen_tells_why(world):
    """A case that nobody here may see stops a second one: in the words, and by the queries, of a full programme."""
    yjs, given, later = world.cast["yjs"], {"local_exclusion": "none"}, NOW + timedelta(days=2)

    def referred(at, known=None):
        answers = {"met_on": (NOW - timedelta(days=20)).date()}
        receipt = sent(world, "turnaround", "child", ground="community_resolution", answers=answers, at=at)
        contact_id = queries.contact_of(yjs, receipt.referral_id, at=at)
        return contact_id, story.identify_all(yjs, contact_id, at, {"child": known} if known else None)["child"]

    def tried(contact_id) -> tuple[str, int, str]:
        browser = client(yjs)
        browser.get("/today/")
        with time_machine.travel(later, tick=False), CaptureQueriesContext(connection) as asked:
            screen = browser.get(f"/contacts/{contact_id}/").content.decode()
        with pytest.raises(NotThatWay) as refused:
            step(yjs, contact_id, "accept", later, given, reason="r")
        after = screen.split('<h2 class="govuk-heading-m">Next</h2>')[1].split("concord-grid")[0]
        return str(refused.value), len(asked), re.sub(r"[0-9a-f-]{36}|csrf\S+ \S+ \S+", "", after)

    first, child = referred(NOW)
    step(yjs, first, "accept", NOW, given, reason="r")
    step(yjs, first, "start", NOW + timedelta(minutes=1))
    second, _ = referred(NOW + timedelta(days=1), child)
    out_of_sight(yjs, first, "team:youth_justice", NOW + timedelta(days=1, minutes=1))
    assert queries.contact(yjs, second, at=later).earlier == ()
    hidden = tried(second)
    on = queries.pathway("turnaround")
    shut = replace(on, setting=tuple(replace(each, value="closed") for each in on.setting))
    third, _ = referred(NOW + timedelta(days=1))
    with pytest.MonkeyPatch.context() as patch:
        home = accounts.partnership()
        changed = replace(home, pathways={**home.pathways, "turnaround": shut})
        patch.setattr(accounts, "partnership", lambda: changed)
        full = tried(third)
    assert hidden == full and "Ask the Youth Justice Service manager" in hidden[0]


def test_a_repeat_is_found_across_the_partnership_in_the_same_words(world):
    coordinator, at = world.cast["marac-coordinator"], NOW + timedelta(days=5)
    known = {each.role: each.person_id for each in queries.contact(coordinator, world.marac.contact_id, at=NOW).parties}
    receipt = story.refer_adult(world.cast, at=at)
    contact_id = queries.contact_of(coordinator, receipt.referral_id, at=at)
    story.identify_all(coordinator, contact_id, at, known)
    seen = queries.repeat(coordinator, contact_id, at=at)
    out_of_sight(coordinator, world.marac.contact_id, "forum:marac:coordinator", at - timedelta(minutes=1))
    hidden = queries.repeat(coordinator, contact_id, at=at)
    assert seen == hidden and hidden.is_repeat and hidden.last_referred_on is None
    assert queries.contact(coordinator, contact_id, at=at).earlier == ()


def again(world, at):
    """The adult of MARAC once more, with the same alleged perpetrator."""
    coordinator = world.cast["marac-coordinator"]
    known = {each.role: each.person_id for each in queries.contact(coordinator, world.marac.contact_id, at=NOW).parties}
    contact_id = queries.contact_of(coordinator, story.refer_adult(world.cast, at=at).referral_id, at=at)
    story.identify_all(coordinator, contact_id, at, known)
    return contact_id


def heard(world, contact_id, at):
    """Decided and put on a new agenda of MARAC."""
    coordinator = world.cast["marac-coordinator"]
    version = queries.contact(coordinator, contact_id, at=at).version
    referrals.decide(
        viewer=coordinator, contact_id=contact_id, route="list_at_marac", rationale="r", feedback="f", version=version,
        at=at,
    )  # fmt: skip
    meeting = panels.plan_meeting(
        viewer=coordinator, forum="marac", starts_at=at + timedelta(days=7), place="p", at=at
    )  # fmt: skip
    return meeting, panels.list_contact(
        viewer=coordinator, meeting_id=meeting, contact_id=contact_id, reason="Heard again.", at=at
    )


def test_a_member_of_the_meeting_sees_that_it_is_a_repeat_and_one_kept_out_of_the_first_sees_no_case(world):
    at, housing = NOW + timedelta(days=5), world.cast["housing"]
    panels.declare_conflict(viewer=housing, item_id=world.marac.item_id, why="neighbour", at=NOW)
    meeting, item = heard(world, again(world, at), at)
    assert panel_queries.item(world.cast["idva"], item, at=at).repeat, "what the meeting needs"
    with pytest.raises(NotHere):
        panel_queries.item(housing, item, at=at)
    page = panel_queries.meeting(housing, meeting, at=at)
    assert page.items == () and "repeat=True" not in str(page)


def test_whoever_is_kept_out_of_the_earlier_referral_is_told_of_no_repeat(world):
    at, coordinator = NOW + timedelta(days=5), world.cast["marac-coordinator"]
    contact_id = again(world, at)
    assert queries.repeat(coordinator, contact_id, at=at).is_repeat
    with as_viewer(coordinator, at=at):
        sharing.keep_out(
            viewer=coordinator, subjects=[("contact", world.marac.contact_id)], user_id=coordinator.user_id, at=at
        )
    finding = queries.repeat(coordinator, contact_id, at=at)
    assert not finding.is_repeat
    assert finding.why == "No earlier referral of this person with the same alleged perpetrator."


def test_the_mark_stays_with_the_forum_whose_rule_makes_it(world, monkeypatch):
    at, home = NOW + timedelta(days=5), accounts.partnership()
    contact_id = again(world, at)
    other = replace(home.forums["marac"], repeat=None)
    version = queries.contact(world.cast["marac-coordinator"], contact_id, at=at).version
    referrals.decide(
        viewer=world.cast["marac-coordinator"], contact_id=contact_id, route="list_at_marac", rationale="r",
        feedback="f", version=version, at=at,
    )  # fmt: skip
    changed = replace(home, forums={**home.forums, "marac": other})
    monkeypatch.setattr(accounts, "partnership", lambda: changed)
    meeting = panels.plan_meeting(
        viewer=world.cast["marac-coordinator"], forum="marac", starts_at=at + timedelta(days=7), place="p", at=at
    )
    item = panels.list_contact(
        viewer=world.cast["marac-coordinator"], meeting_id=meeting, contact_id=contact_id, reason="r", at=at
    )
    assert not panel_queries.item(world.cast["idva"], item, at=at).repeat


def test_nobody_asks_the_rule_about_a_case_they_cannot_open(world):
    with as_viewer(world.cast["school"], at=NOW), connection.cursor() as cursor:
        cursor.execute("SELECT referrals_reached_before(%s, %s, %s)", [world.heard.contact_id, ["child"], NOW])
        assert cursor.fetchone()[0] in (None, [])
        cursor.execute(
            "SELECT count(*) FROM referrals_accepted_before(%s, %s, %s)", [world.marac.contact_id, ["x"], NOW]
        )
        assert cursor.fetchone() == (0,)


def test_a_missed_step_is_on_the_day_of_the_team_and_entered_once(world):
    yjs, at = world.cast["yjs"], NOW
    receipt = sent(world, "outcome_22", "child", by="yjs")
    contact_id = queries.contact_of(yjs, receipt.referral_id, at=at)
    ends = NOW.date() + timedelta(days=60)
    step(yjs, contact_id, "agree", at, {"activity": "Mentor", "ends_on": ends}, rationale="r")
    keeper = accounts.service("records_keeper")

    def lines(day):
        return [
            (each.step, each.missed, each.mine, each.raised_at is not None)
            for each in queries.missed_steps(yjs, at=NOW + timedelta(days=day))
            if each.contact_id == contact_id
        ]

    assert lines(0) == [("The plan has started", False, True, False)]
    assert referrals.note_missed(viewer=keeper, at=NOW + timedelta(days=14)) == 0
    assert lines(15) == [("The plan has started", True, True, False)]
    late = [referrals.note_missed(viewer=keeper, at=NOW + timedelta(days=day)) for day in (15, 15, 16)]
    assert late == [1, 0, 0] and lines(16) == [("The plan has started", True, True, True)]
    with time_machine.travel(NOW + timedelta(days=16), tick=False):
        day = client(yjs).get("/today/").content.decode()
    assert "The plan has started" in day and "Overdue" in day
    for other in ("mash", "hate-worker", "support"):
        assert all(each.contact_id != contact_id for each in queries.missed_steps(world.cast[other], at=NOW))
    step(yjs, contact_id, "start", NOW + timedelta(days=17))
    assert lines(17) == [], "what is done is no longer awaited"
    assert [each[0] for each in lines(50)] == ["The plan is finished, or has gone back"]


def test_young_people_below_the_threshold_are_a_list_of_their_own(world):
    worker = world.cast["transitions"]
    receipt = sent(world, "transitions", "young_person", by="transitions", born_on=date(2009, 1, 2))
    contact_id = queries.contact_of(worker, receipt.referral_id, at=NOW)
    browser = client(worker)

    def listed() -> bool:
        with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
            page = browser.get("/contacts/?pathway=transitions&show=below_threshold").content.decode()
        assert "Below the threshold, supported" in page
        return str(contact_id) in page

    assert not listed()
    step(worker, contact_id, "assess", answers={"adult_need": "no", "wishes": "A job"}, reason="r")
    step(worker, contact_id, "support_below", answers={"wishes": "A job", "adviser": "SYN"}, rationale="r")
    assert listed()


def test_the_referral_mechanism_keeps_a_number_and_decisions(world):
    mash = world.cast["mash"]
    receipt = sent(world, "nrm", "potential_victim", ground="criminal_exploitation")
    contact_id = queries.contact_of(mash, receipt.referral_id, at=NOW)
    step(mash, contact_id, "submit", rationale="Signs.", answers={"consent": "not_possible", "reference": "NRM-1"})
    assert queries.contact(mash, contact_id, at=NOW).state_name == "Submitted"
    step(mash, contact_id, "first_decision", reason="Letter.", answers={"decision": "positive"})
    step(mash, contact_id, "final_decision", reason="Letter.", answers={"decision": "positive"})
    told = queries.referral_status(world.cast["school"], receipt.referral_id, at=NOW)
    assert told.told == "The final decision was made." and told.decided


def test_two_workers_taking_a_step_at_once_are_told(world):
    mash = world.cast["mash"]
    receipt = sent(world, "nrm", "potential_victim", ground="criminal_exploitation")
    contact_id = queries.contact_of(mash, receipt.referral_id, at=NOW)
    given = {"contact_id": contact_id, "verb": "decline", "given": {"rationale": "r", "feedback": "f"}, "answers": {}}
    referrals.advance(viewer=mash, version=1, at=NOW, **given)
    with pytest.raises(ChangedMeanwhile):
        referrals.advance(viewer=world.cast["mash-manager"], version=1, at=NOW, **given)


def test_a_place_has_its_own_plan_and_result_and_goes_to_the_panel_as_a_place(world):
    worker, at = world.cast["youth-worker"], NOW
    receipt = referrals.submit(
        viewer=world.cast["school"],
        pathway="harm_place",
        parties=[PartyDetails("place", "", "Harbour Park", postcode="zz1 1aa", note="By the bandstand")],
        concern="Robbed after school.",
        answers={"often": "weekly", "children": "several"},
        at=at,
    )
    contact_id = queries.contact_of(worker, receipt.referral_id, at=at)
    page = queries.contact(worker, contact_id, at=at)
    assert ("How often does it happen?", "Every week") in page.answers
    step(worker, contact_id, "start", reason="Two reports in a week.")
    with pytest.raises(NotThatWay, match="Say which place, group or online space"):
        step(worker, contact_id, "close", route="mace", rationale="r", feedback="f")
    subject_id = referrals.name_subject(
        viewer=worker, contact_id=contact_id, party_id=page.parties[0].party_id, subject_id=None, version=2, at=at
    )
    plan = referrals.plan_for(
        viewer=worker,
        subject_id=subject_id,
        aim="Adults there at 3pm",
        agency="safer_neighbourhoods",
        review_on=at.date() + timedelta(days=28),
        at=at,
    )
    result = {"viewer": worker, "plan_id": plan, "result": "better", "note": "None in four weeks."}
    referrals.record_result(**result, at=at + timedelta(days=28))
    with pytest.raises(ChangedMeanwhile):
        referrals.record_result(**result, at=at + timedelta(days=28))
    step(worker, contact_id, "close", route="mace", rationale="r", feedback="f")
    shown = queries.subject(worker, subject_id, at=at + timedelta(days=28))
    assert shown.plans[0].result == "better" and len(shown.contacts) == 1
    for outsider in ("mash", "hate-worker", "school", "patrol"):
        with pytest.raises(Exception, match=r"There is no subject here|role does not"):
            queries.subject(world.cast[outsider], subject_id, at=at)
    listed = queries.accepted(world.cast["mace-coordinator"], "mace", at=at)
    assert [each.name for one in listed for each in one.subjects] == ["Harbour Park-SYN"]


def test_the_extract_counts_and_names_nobody(world):
    support = world.cast["support"]
    for days in (30, 31, 43):
        receipt = sent(world, "therapeutic_support", "victim", ground="domestic_abuse")
        contact_id = queries.contact_of(support, receipt.referral_id, at=NOW)
        step(support, contact_id, "offer", answers={"need": "n"})
        step(support, contact_id, "consent", answers={"consented": "yes"})
        step(support, contact_id, "send", route="specialist")
        start = NOW + timedelta(days=days)
        step(support, contact_id, "start", start, answers={"first_session": start.date()})
    step(support, contact_id, "complete", start, reason="Done.")
    counts = queries.extract_flows(accounts.service("desk_extract"), at=start)
    (one,) = [each for each in counts if each.pathway == "therapeutic_support"]
    assert (one.service, one.month) == ("specialist", "2026-06")
    assert (one.received, one.started, one.started_30, one.started_42, one.completed) == (3, 3, 1, 2, 1)
    for viewer in ("support", "mash", "analyst"):
        with pytest.raises(NotAllowed):
            queries.extract_flows(world.cast[viewer], at=start)


# --- sessions ------------------------------------------------------------------------------------------------------


def entry(**changes) -> SessionEntry:
    given = {
        "session_id": uuid4(),
        "kind": "patrol",
        "place": "SYN Park",
        "started_at": NOW - timedelta(hours=26),
        "ended_at": NOW - timedelta(hours=25),
        "contacts": 4,
        "note": "Quiet.",
    }
    return SessionEntry(**{**given, **changes})


def test_a_session_delivered_twice_is_stored_once_and_another_version_overwrites_nothing(world):
    patrol, one = world.cast["patrol"], entry()
    results = [
        referrals.deliver_session(viewer=patrol, entry=each, at=NOW) for each in (one, one, replace(one, contacts=9))
    ]
    assert results == ["stored", "again", "conflict"]
    assert [each.contacts for each in queries.my_sessions(patrol, at=NOW)] == [4]
    taken = referrals.deliver_session(viewer=world.cast["youth-worker"], entry=one, at=NOW)
    assert taken == "conflict", "somebody else's identifier tells nothing and changes nothing"
    assert queries.my_sessions(world.cast["youth-worker"], at=NOW) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"place": " "}, "Say where you were"),
        ({"ended_at": NOW - timedelta(hours=27)}, "ends after it starts"),
        ({"ended_at": NOW + timedelta(hours=1)}, "not in the future"),
        ({"started_at": NOW - timedelta(hours=40)}, "longer than 14 hours"),
        ({"contacts": -1}, "Count the people you met"),
    ],
)
def test_a_wrong_session_says_what_to_put_right(world, changes, words):
    with pytest.raises(NotThatWay, match=words):
        referrals.deliver_session(viewer=world.cast["patrol"], entry=entry(**changes), at=NOW)


# --- screens -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["youth-worker", "yjs", "hate-worker", "support", "mash", "provider", "transitions"])
def test_the_screens_of_a_pathway_worker_open_within_their_queries(world, name):
    receipt = sent(world, "nrm", "potential_victim", ground="criminal_exploitation")
    contact_id = queries.contact_of(world.cast["mash"], receipt.referral_id, at=NOW)
    addresses = ["/today/", "/contacts/"]
    if name == "mash":
        addresses += [f"/contacts/{contact_id}/", f"/contacts/{contact_id}/step/submit/", "/contacts/?pathway=nrm"]
    if name == "youth-worker":
        addresses += ["/subjects/", "/sessions/"]
    browser = client(world.cast[name])
    with time_machine.travel(NOW + timedelta(seconds=1), tick=False):
        for address in addresses:
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert browser.get(address).status_code == 200, address
            assert len(asked) <= 30, (address, len(asked))
