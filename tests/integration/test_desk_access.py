"""Default deny in detail: the same words for what is hidden and what is missing, agreements, purposes, accounts. Who
gets through to what, account by account, is tests/integration/test_access_matrix.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import desk_story as story
import pytest
from desk_story import NOW

from concord.desk.accounts import operations as accounts_operations
from concord.desk.accounts import queries as accounts
from concord.desk.accounts.operations import OwnAccount
from concord.desk.accounts.rules import NotAllowed, NotHere, Viewer
from concord.desk.audit import queries as audit
from concord.desk.panels import operations as panels
from concord.desk.panels import queries as panel_queries
from concord.desk.people import queries as people
from concord.desk.people.rules import Details
from concord.desk.referrals import queries as referral_queries
from concord.desk.sharing import operations as sharing_operations
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.operations import NotCovered
from concord.desk.sharing.session import as_viewer
from concord.strategy.law import party_to

pytestmark = pytest.mark.django_db
NAMES = [person.username for person in accounts.partnership().demo_people.person]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


HIDDEN = {
    "referral": (lambda v, i: referral_queries.referral_status(v, i, at=NOW), "school", lambda w: w.marac.referral_id),
    "contact": (lambda v, i: referral_queries.contact(v, i, at=NOW), "mash", lambda w: w.marac.contact_id),
    "person": (lambda v, i: people.person(v, i, at=NOW), "mash", lambda w: w.marac.person_id),
    "meeting": (lambda v, i: panel_queries.meeting(v, i, at=NOW), "education", lambda w: w.marac.meeting_id),
    "case": (lambda v, i: panel_queries.item(v, i, at=NOW), "education", lambda w: w.marac.item_id),
    "action": (lambda v, i: panel_queries.action(v, i, at=NOW), "housing", lambda w: w.action_id),
}


@pytest.mark.parametrize("kind", HIDDEN)
def test_hidden_and_missing_are_the_same(kind, world, django_assert_num_queries):
    """Words, number of statements and what the trail keeps: nothing tells the two apart."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ask, name, which = HIDDEN[kind]
    viewer, said, counts = world.cast[name], [], []
    for key in (which(world), uuid4()):
        with (
            CaptureQueriesContext(
                connection,
            ) as captured,
            pytest.raises(NotHere) as refused,
        ):
            ask(viewer, key)
        said.append(str(refused.value).replace(str(key), "?"))
        counts.append([query["sql"].split("WHERE")[0].replace(str(key), "?")[:60] for query in captured])
    assert said[0] == said[1]
    assert f"There is no {kind} here under that reference." in said[0]
    assert [len(each) for each in counts] == [len(counts[0])] * 2
    looked = [e for e in audit.recent(world.cast["dpo"], at=NOW) if e.username == name and e.outcome == "not_found"]
    assert len(looked) == 2


def test_a_referrer_who_searches_learns_nothing(world):
    for details in (Details("Rafi", "Testwell SYN"), Details("Nobody", "Atall SYN")):
        with pytest.raises(NotAllowed, match=r"does not allow “person[.]match”"):
            people.candidates(world.cast["school"], details, at=NOW)


def test_sending_a_referral_about_somebody_known_answers_as_for_a_stranger(world):
    known = story.refer_child(world.cast, by="gp", at=NOW)
    stranger = replace(story.CHILD, given_name="Zed", family_name="Unheard SYN")
    unknown = story.refer_child(world.cast, by="gp", at=NOW, child=stranger)
    assert replace(known, referral_id=None, reference="") == replace(unknown, referral_id=None, reference="")


def test_lists_and_counts_leave_out_what_is_hidden(world):
    analyst, police, education = (world.cast[name] for name in ("analyst", "police", "education"))
    assert panel_queries.meetings(analyst, at=NOW) == ()
    assert panel_queries.my_actions(analyst, at=NOW) == ()
    assert referral_queries.queue_size(police, at=NOW) == 0
    assert {line.forum for line in panel_queries.meetings(police, at=NOW)} == {"mace", "marac"}
    assert {line.forum for line in panel_queries.meetings(education, at=NOW)} == {"mace"}
    # MASH learns that a panel hears the child and whom to ring, and opens no case.
    (pointer,) = panel_queries.for_person(world.cast["mash"], world.heard.person_id, at=NOW)
    assert (pointer.abbreviation, pointer.item_id, pointer.contact) == ("MACE", None, "Idris Penhale SYN")
    assert pointer.state_name == "" and pointer.starts_at is None


def test_mash_finds_its_own_people_and_never_those_of_marac(world):
    mash = world.cast["mash"]
    found = people.candidates(mash, Details("Rafi", "Testwel", story.CHILD.born_on), at=NOW)
    assert [(each.name, [reason.said for reason in each.reasons][:3]) for each in found] == [
        (
            "Rafi Testwell SYN",
            ["family name spelled nearly the same (Testwell SYN)", "same given name", "same date of birth"],
        )
    ]
    victim = story.VICTIM
    assert people.candidates(mash, Details(victim.given_name, victim.family_name, victim.born_on), at=NOW) == ()
    ours = people.candidates(
        world.cast["marac-coordinator"], Details(victim.given_name, victim.family_name, victim.born_on), at=NOW
    )
    assert [each.name for each in ours] == ["Dana Testwell SYN"]


def test_research_of_others_is_hidden_until_the_cut_off(world):
    education, item_id = world.cast["education"], world.coming.item_id
    (police,) = (r for r in panel_queries.item(education, item_id, at=NOW).research if r.given)
    assert (police.agency, police.hidden, police.text) == ("SYN Harbourside Police", True, "")
    for name in ("police", "mace-coordinator", "mace-chair"):
        (seen,) = (r for r in panel_queries.item(world.cast[name], item_id, at=NOW).research if r.given)
        assert seen.text == "Two stops." and not seen.hidden
    after = panel_queries.item(education, item_id, at=NOW).cut_off_at
    (later,) = (r for r in panel_queries.item(education, item_id, at=after).research if r.given)
    assert later.text == "Two stops."


def test_an_expired_agreement_stops_everything_that_rests_on_it(world):
    end = accounts.partnership().agreements["child_safeguarding"].expires_on
    last, after = (NOW.replace(year=end.year, month=end.month, day=end.day) + timedelta(days=n) for n in (0, 1))
    assert referral_queries.contact(world.cast["mash"], world.undecided, at=last).reference
    with pytest.raises(NotHere):
        referral_queries.contact(world.cast["mash"], world.undecided, at=after)
    assert referral_queries.queue(world.cast["mash"], at=after) == ()
    with pytest.raises(Exception, match="Nothing can be shared under the agreement") as refused:
        story.refer_child(world.cast, at=after)
    assert "It ended on 2030-03-31" in str(refused.value)


def test_what_rests_on_an_agreement_is_there_for_its_parties_alone(world):
    """Somebody of an agency that did not sign sees nothing, whatever seat they were given, and can share nothing."""
    stranger: Viewer = replace(world.cast["police"], agency="fire_brigade")
    with pytest.raises(NotHere):
        panel_queries.item(stranger, world.coming.item_id, at=NOW)
    assert sharing.agreements_in_force(stranger, NOW) == {
        "serious_violence_duty", "section_17a_exchange", "adult_safeguarding", "crime_and_disorder",
    }  # fmt: skip
    with pytest.raises(NotCovered, match="Your agency is not a party to") as refused:
        story.refer_child({"me": stranger}, by="me", at=NOW)
    assert "call 999" in str(refused.value)


def test_a_unit_of_a_party_is_one_where_the_law_takes_it_for_the_same_kind_of_body(world):
    home = accounts.partnership()
    duty = home.agreements["serious_violence_duty"]
    assert party_to(home, duty, "police_custody") and party_to(home, duty, "harbourside_police")
    assert party_to(home, duty, "housing_options"), "a council's signature covers its housing service"
    assert not party_to(home, duty, "mash"), "and not its children's services"


def test_a_share_for_what_its_agreement_does_not_name_is_refused_in_words(world):
    given = {"subjects": [("person", world.heard.person_id)], "holders": {"team:mash": None}, "at": NOW}
    for ground, words in (
        ({"purpose": "debt", "gateway": "children_act_2004_s11"}, "It does not name the purpose “debt”."),
        ({"purpose": "child_safeguarding", "gateway": "cda_s115"}, "It does not name the gateway “cda_s115”."),
    ):
        with pytest.raises(NotCovered) as refused:
            sharing_operations.share(viewer=world.cast["mash"], agreement="child_safeguarding", **given, **ground)
        assert words in str(refused.value)


def test_members_lose_a_case_some_time_after_the_meeting_and_the_coordinator_keeps_it(world):
    later = NOW + timedelta(days=100)
    with pytest.raises(NotHere):
        panel_queries.item(world.cast["police"], world.heard.item_id, at=later)
    with pytest.raises(NotHere):
        panel_queries.item(world.cast["mace-chair"], world.heard.item_id, at=later)
    assert panel_queries.item(world.cast["mace-coordinator"], world.heard.item_id, at=later).decision
    # What the agency still owes stays in its tray, without the case.
    (owed,) = panel_queries.my_actions(world.cast["education"], at=later)
    assert (owed.about, owed.overdue) == ("", True)
    panels.close_action(viewer=world.cast["education"], action_id=owed.action_id, status="done", version=1, at=later)
    assert panel_queries.my_actions(world.cast["education"], at=later) == ()


def test_a_purpose_stated_narrows_what_is_there(world):
    police = world.cast["police"]
    as_marac = police.acts_for("domestic_abuse_safeguarding")
    assert panel_queries.item(as_marac, world.marac.item_id, at=NOW).about == "Dana Testwell SYN"
    with pytest.raises(NotHere):
        panel_queries.item(as_marac, world.coming.item_id, at=NOW)
    with pytest.raises(NotAllowed, match="You cannot act for the purpose “curiosity”"):
        police.acts_for("curiosity")


VERBS = {"contact": "contact.read", "person": "person.read", "item": "item.read", "referral": "referral.read"}


def test_the_filter_and_the_decision_are_one_rule(world):
    """Every viewer, every record, at five moments and each purpose: what a list holds is what a page would open."""
    from concord.desk.panels.models import Item
    from concord.desk.people.models import Person
    from concord.desk.referrals.models import Contact, Referral
    from concord.desk.sharing.rules import Resource

    models = {"contact": Contact, "person": Person, "item": Item, "referral": Referral}
    records = {
        "contact": [world.heard.contact_id, world.coming.contact_id, world.marac.contact_id, world.undecided],
        "person": [world.heard.person_id, world.coming.person_id, world.marac.person_id],
        "item": [world.heard.item_id, world.coming.item_id, world.marac.item_id],
        "referral": [world.heard.referral_id, world.coming.referral_id, world.marac.referral_id],
    }
    panels.declare_conflict(viewer=world.cast["health"], item_id=world.coming.item_id, why="aunt", at=NOW)
    compared = 0
    for viewer in world.cast.values():
        for at in (NOW - timedelta(days=20), NOW, NOW + timedelta(days=100), NOW.replace(year=2031)):
            for purpose in ["", *sorted(viewer.purposes)]:
                asking = viewer.acts_for(purpose) if purpose else viewer
                for kind, ids in records.items():
                    if not accounts.may(viewer, VERBS[kind]):
                        continue
                    with as_viewer(asking, at=at):
                        listed = set(
                            sharing.visible(asking, models[kind].objects.all(), kind, at=at).values_list(
                                "pk", flat=True
                            )
                        )
                    for each in ids:
                        said = sharing.decide(asking, VERBS[kind], Resource(kind, each), at=at)
                        assert said.allow is (each in listed), (viewer.username, kind, at, purpose, said.reason)
                        assert not said.allow or said.section, "an answer of yes cites the law"
                        compared += 1
    assert compared > 500


def test_why_am_i_seeing_this(world):
    why = sharing.why_visible(world.cast["police"], "item", world.marac.item_id, at=NOW)
    assert "MARAC" in why.reason and why.agreement == "marac"
    assert not sharing.why_visible(world.cast["education"], "item", world.marac.item_id, at=NOW).allow


def test_nobody_changes_their_own_access(world):
    admin = world.cast["admin"]
    for attempt in (
        lambda: accounts_operations.set_roles(viewer=admin, user_id=admin.user_id, roles=["duty_mash_worker"], at=NOW),
        lambda: accounts_operations.join_forum(
            viewer=admin, user_id=admin.user_id, forum="marac", part="chair", at=NOW
        ),
    ):
        with pytest.raises(OwnAccount, match="You cannot change your own roles or forums") as refused:
            attempt()
        assert "Ask another administrator" in str(refused.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"roles": ["duty_mash_wroker"]}, "Did you mean “duty_mash_worker”?"),
        ({"roles": ["panel_chair"]}, "It comes with sitting as chair of a forum"),
        ({"agency": "polise"}, "There is no agency “polise”"),
        ({"username": "school"}, "The username “school” is in use"),
    ],
)
def test_an_account_that_makes_no_sense_is_refused_in_words(world, change, words):
    given = {"username": "n", "display_name": "N SYN", "agency": "schools", "roles": [], **change}
    with pytest.raises(NotAllowed) as refused:
        accounts_operations.add_user(viewer=world.cast["admin"], at=NOW, **given)
    assert words in str(refused.value)


def test_leaving_a_forum_ends_access_at_once(world):
    admin, police = world.cast["admin"], world.cast["police"]
    accounts_operations.leave_forum(viewer=admin, user_id=police.user_id, forum="marac", at=NOW)
    now = accounts.viewer_named("police")
    with pytest.raises(NotHere):
        panel_queries.item(now, world.marac.item_id, at=NOW)
    assert panel_queries.item(now, world.coming.item_id, at=NOW)


def test_an_account_switched_off_is_nobody(world):
    accounts_operations.switch_off(viewer=world.cast["admin"], user_id=world.cast["gp"].user_id, at=NOW)
    assert accounts.user_named("gp") is None
    with pytest.raises(NotAllowed, match="switched off"):
        accounts.viewer_named("gp")


def test_another_partnership_sees_nothing(world):
    stranger: Viewer = replace(world.cast["mash-manager"], partnership="elsewhere")
    assert referral_queries.queue(stranger, at=NOW) == ()
    assert panel_queries.meetings(stranger, at=NOW) == ()
    with pytest.raises(NotHere):
        people.person(stranger, world.heard.person_id, at=NOW)
