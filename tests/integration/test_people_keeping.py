"""Keeping a record right: relationships with an end, fields put right, warnings that reach everybody who opens one of
a person's records, and searches that tell nothing of the hidden."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import desk_story as story
import pytest
import time_machine
from desk_story import NOW
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from concord.desk.accounts.rules import ChangedMeanwhile, NotHere
from concord.desk.audit import queries as audit
from concord.desk.people import operations, queries
from concord.desk.people.rules import Details, NotCorrected, TooManySearches
from concord.desk.sharing import operations as sharing
from concord.desk.sharing import queries as sharing_queries
from concord.desk.sharing.session import as_viewer
from concord.strategy.shapes.oversight import Searching
from concord.web.shared import pace

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def add(viewer, given, family, born=None, holders=("team:mash",), **more):
    return operations.add_person(
        viewer=viewer,
        details=Details(given, family, born, "U", more.pop("postcode", "")),
        holders=holders,
        purpose="child_safeguarding",
        gateway="children_act_2004_s11",
        agreement="child_safeguarding",
        at=NOW,
        **more,
    )


def page(viewer, person_id):
    return queries.person(viewer, person_id, at=NOW)


def relate(viewer, one, other, kind="parent_of", **more):
    operations.relate(viewer=viewer, person_id=one, other_id=other, kind=kind, at=NOW, **{"source": "mother", **more})


def sealed(viewer, person_id):
    """Kept to the viewer alone, so that its very existence does not show."""
    with as_viewer(viewer, at=NOW):
        sharing.restrict(
            viewer=viewer,
            subjects=[("person", person_id)],
            level="sealed",
            named=[viewer.user_id],
            reason="staff",
            at=NOW,
        )


# --- relationships -------------------------------------------------------------------------------------------------


def test_a_relationship_reads_both_ways_ends_and_may_begin_again(world):
    mash = world.cast["mash"]
    parent, child = add(mash, "Amal", "Bothways"), add(mash, "Bea", "Bothways")
    relate(mash, parent, child, since=date(2015, 1, 2))
    relate(mash, parent, child)
    (one,), (other,) = page(mash, parent).related, page(mash, child).related
    assert (one.name, one.outward, other.name, other.outward) == ("Bea Bothways-SYN", True, "Amal Bothways-SYN", False)
    assert (one.since, one.source, one.until) == (date(2015, 1, 2), "mother", None)
    end = {
        "viewer": mash,
        "person_id": child,
        "relationship_id": other.relationship_id,
        "reason": "court order",
        "at": NOW,
    }
    operations.end_relationship(until=date(2026, 5, 1), **end)
    operations.end_relationship(until=date(2026, 5, 1), **end)
    with pytest.raises(ChangedMeanwhile, match="This relationship changed while you had it open"):
        operations.end_relationship(until=date(2026, 5, 2), **end)
    relate(mash, parent, child, since=date(2026, 6, 1))
    assert [each.until for each in page(mash, child).related] == [None, date(2026, 5, 1)]


@pytest.mark.parametrize("kind", ["sibling_of", "partner_of", "former_partner_of", "associate_of"])
def test_what_is_mutual_is_recorded_once_whoever_is_named_first(kind, world):
    mash = world.cast["mash"]
    one, other = add(mash, "Mutual", f"A{kind}"), add(mash, "Mutual", f"B{kind}")
    relate(mash, one, other, kind)
    relate(mash, other, one, kind)
    assert len(page(mash, one).related) == len(page(mash, other).related) == 1


WRONG = [
    ({"kind": "aunt_of"}, "“aunt_of” is no relationship"),
    ({"source": " "}, "Say who says so"),
    ({"since": NOW.date() + timedelta(days=1)}, "still to come"),
    ({"since": date(2020, 2, 1), "until": date(2020, 1, 1)}, "It cannot end before it began"),
]


@pytest.mark.parametrize(("given", "words"), WRONG, ids=[words for _, words in WRONG])
def test_a_relationship_that_cannot_be_is_refused_in_words(given, words, world):
    mash = world.cast["mash"]
    one, other = add(mash, "Wrong", "One"), add(mash, "Wrong", "Two")
    with pytest.raises(NotCorrected, match=words):
        relate(mash, one, other, **given)
    with pytest.raises(NotCorrected, match="Nobody is related to themselves"):
        relate(mash, one, one)
    assert page(mash, one).related == ()


def test_no_relationship_to_somebody_the_viewer_does_not_see(world):
    """Nor can one be ended: the row is there only for those who see both."""
    mash, marac = world.cast["mash"], world.cast["marac-coordinator"]
    with pytest.raises(NotHere):
        relate(mash, world.heard.person_id, world.marac.person_id)
    (theirs,) = page(marac, world.marac.person_id).related
    with pytest.raises(NotHere):
        operations.end_relationship(
            viewer=mash, person_id=world.marac.person_id, relationship_id=theirs.relationship_id,
            until=NOW.date(), reason="guess", at=NOW,
        )  # fmt: skip


# --- fields put right ----------------------------------------------------------------------------------------------


def test_what_is_put_right_keeps_what_it_said_and_two_editors_are_told(world):
    mash, manager = world.cast["mash"], world.cast["mash-manager"]
    person_id = add(mash, "Jon", "Smyth", date(2010, 1, 2), postcode="ZZ1 1ZZ")
    given = {
        "given_name": "John",
        "family_name": "Smyth SYN",
        "born_on": "2010-02-01",
        "sex": "U",
        "postcode": "ZZ1 1ZZ",
    }
    right = {"person_id": person_id, "reason": "Birth certificate.", "version": 1, "at": NOW}
    operations.put_right(viewer=mash, fields=given, **right)
    operations.put_right(viewer=mash, fields=given, **right)  # Sent twice.
    with pytest.raises(ChangedMeanwhile):
        operations.put_right(viewer=manager, fields={**given, "given_name": "Jonathan"}, **right)
    shown = page(manager, person_id)
    assert (shown.given_name, shown.born_on, shown.version) == ("John", date(2010, 2, 1), 2)
    said = {each.field: (each.before, each.after, each.reason) for each in shown.corrections}
    assert said == {
        "given_name": ("Jon", "John", "Birth certificate."),
        "family_name": ("Smyth-SYN", "Smyth SYN", "Birth certificate."),
        "born_on": ("2010-01-02", "2010-02-01", "Birth certificate."),
    }
    with pytest.raises(NotCorrected, match="Say what it should be and why"):
        operations.put_right(viewer=mash, fields=given, **(right | {"version": 2}))
    with pytest.raises(NotCorrected, match="is not a date"):
        operations.put_right(viewer=mash, fields={"born_on": ""}, **(right | {"version": 2}))
    # A role that does not see where somebody lives neither changes it nor reads what it was.
    narrow = replace(mash, fields=mash.fields - {"precise_location"})
    operations.put_right(viewer=mash, fields={"postcode": "ZZ2 2ZZ"}, **(right | {"version": 2}))
    assert "postcode" not in {each.field for each in page(narrow, person_id).corrections}
    with pytest.raises(NotCorrected):
        operations.put_right(viewer=narrow, fields={"postcode": "ZZ3 3ZZ"}, **(right | {"version": 3}))


def test_ethnicity_is_told_to_two_editors_and_twice_is_once(world):
    mash = world.cast["mash"]
    person_id = add(mash, "Ethel", "Twice")
    given = {"viewer": mash, "person_id": person_id, "basis": "self_defined", "source": "herself", "at": NOW}
    operations.set_ethnicity(code="B1", version=1, **given)
    operations.set_ethnicity(code="B1", version=1, **given)
    with pytest.raises(ChangedMeanwhile):
        operations.set_ethnicity(code="A1", version=1, **given)
    assert page(mash, person_id).version == 2


# --- safe contact --------------------------------------------------------------------------------------------------


def test_a_warning_reaches_whoever_may_open_only_one_of_two_records(world):
    """It may save a life. What it stands on is not said, and a sealed record gives nothing away."""
    coordinator, manager = world.cast["mace-coordinator"], world.cast["mash-manager"]
    seen = world.heard.person_id
    unseen = add(
        world.cast["mash"], "Rafi", "Elsewhere", date(2011, 3, 14), safe_contact="Never ring: he answers her phone."
    )
    before = page(coordinator, seen).warnings
    version = page(manager, seen).version
    made = operations.merge(viewer=manager, kept=seen, other=unseen, versions=(version, 1), reason="one", at=NOW)
    assert page(coordinator, seen).warnings == (*before, "Never ring: he answers her phone.")
    assert queries.names(coordinator, [seen], at=NOW)[seen].warnings == page(coordinator, seen).warnings
    assert page(coordinator, seen).same == ()
    # Not for a role that does not see how people are reached.
    assert page(replace(coordinator, fields=coordinator.fields - {"contact"}), seen).warnings == ()
    with time_machine.travel(NOW, tick=False):
        case = signed_in("mace-coordinator").get(f"/cases/{world.heard.item_id}/").content.decode()
        contact = signed_in("mash").get(f"/contacts/{world.heard.contact_id}/").content.decode()
    assert "he answers her phone" in case and "he answers her phone" in contact
    seal = {"subjects": [("person", unseen)], "at": NOW}
    sealed(manager, unseen)
    assert page(coordinator, seen).warnings == before
    with as_viewer(manager, at=NOW):
        sharing.lift_restriction(viewer=manager, reason="no longer", **seal)
    operations.unmerge(viewer=manager, merge_id=made, reason="two", at=NOW)
    assert page(coordinator, seen).warnings == before


# --- searches ------------------------------------------------------------------------------------------------------


def signed_in(username):
    client = Client(headers={"host": "localhost"})
    assert client.post("/sign-in/", {"person": username}).status_code == 302
    return client


def listed(client, given, family):
    with CaptureQueriesContext(connection) as captured:
        answer = client.post("/people/find/", {"given_name": given, "family_name": family, "only": "list"})
    return answer, len(captured)


def test_the_list_while_typing_tells_nothing_of_the_sealed(world):
    """The same answer, in the same number of queries, leaving at the same beat, and a line in the trail for each."""
    mash, manager = world.cast["mash"], world.cast["mash-manager"]
    hidden = add(mash, "Sigrid", "Sealedname", date(2012, 2, 2))
    known = add(mash, "Oskar", "Openname", date(2012, 2, 3))
    operations.set_ethnicity(viewer=mash, person_id=known, basis="observed", code="IC3", source="police", at=NOW)
    sealed(manager, hidden)
    with time_machine.travel(NOW, tick=False):
        client = signed_in("mash")
        client.get("/people/find/")
        (hit, asked), (nobody, base) = listed(client, "Sigrid", "Sealedname"), listed(client, "Sigrun", "Absentname")
        assert hit.content == nobody.content and asked == base <= 30
        assert "Nobody your team works with looks like this person." in nobody.content.decode()
        shown = listed(client, "Osk", "Openn")[0].content.decode()
    assert len(re.findall(r'role="option"', shown)) == 1 and f'data-person="{known}"' in shown
    assert "1 possible match. Press the down arrow to choose." in shown
    assert "IC3" not in shown and "thnicity" not in shown and "Black" not in shown
    trail = audit.who_looked(world.cast["dpo"], "person", known, at=NOW)
    assert "person.match" in {each.action for each in trail}


def test_an_answer_leaves_at_a_whole_beat():
    for taken in (0.0, 0.001, 0.0999, 0.1, 0.35, 1.234):
        wait = pace.left(taken)
        assert 0 <= wait <= pace.STEP
        assert round((taken + wait) / pace.STEP, 6) == round(round((taken + wait) / pace.STEP), 6)


def test_searches_are_limited_by_role_and_the_refusal_says_what_to_do(world, monkeypatch):
    mash = world.cast["mash"]
    add(mash, "Lim", "Ited", date(2013, 3, 3))
    rule = replace(sharing_queries.oversight(), searching=Searching(per_hour=2, roles={"mash_manager": 4}))
    monkeypatch.setattr(sharing_queries, "oversight", lambda: rule)
    late = NOW + timedelta(hours=3)
    asked = Details("Lim", "Ited")
    for minute in range(2):
        assert queries.candidates(mash, asked, at=late + timedelta(minutes=minute))
    with pytest.raises(TooManySearches, match="You searched 2 times within an hour"):
        queries.candidates(mash, asked, at=late + timedelta(minutes=3))
    assert queries.candidates(mash, asked, at=late + timedelta(minutes=61))
    for minute in range(4):
        queries.candidates(world.cast["mash-manager"], asked, at=late + timedelta(minutes=minute))
    with time_machine.travel(late + timedelta(minutes=62), tick=False):
        client = signed_in("mash")
        client.post("/people/find/", {"given_name": "Lim", "family_name": "Ited"})
        refused = client.post("/people/find/", {"given_name": "Lim", "family_name": "Ited"}).content.decode()
        assert "There is a problem" in refused and "Wait a few minutes" in refused and 'value="Ited"' in refused
        contact = story.referral_queries.contact(mash, world.undecided, at=late)
        address = f"/contacts/{world.undecided}/people/{contact.parties[0].party_id}/"
        # Somebody new can still be put on record.
        assert "Somebody new" in client.get(address).content.decode()


def test_only_those_who_match_persons_are_offered_anybody_while_they_refer(world):
    with time_machine.travel(NOW, tick=False):
        school = signed_in("school").get("/referrals/new/mash_contact/person-child/").content.decode()
        yjs = signed_in("yjs").get("/referrals/new/mash_contact/person-child/").content.decode()
    assert "data-concord-find" not in school and "candidates.js" not in school
    assert 'data-concord-find="fill"' in yjs


# --- screens -------------------------------------------------------------------------------------------------------


def test_every_form_about_somebody_warns_first_refuses_in_words_and_saves(world):
    mash = world.cast["mash"]
    person_id = add(mash, "Form", "Filled", date(2012, 4, 4), safe_contact="Text only, after four.")
    other = add(mash, "Other", "Filled", date(1985, 4, 4))
    forms = {
        "needs": ({"version": "", "safe_contact": "x"}, "needs/",
                  {"version": 1, "safe_contact": "Text only, after four.", "interpreter": "Sylheti",
                   "access_needs": "Large print"}),
        "Enter the other name": ({"kind": "spelling", "source": "school"}, "names/",
                                 {"given_name": "Forme", "kind": "spelling", "source": "school"}),
        "Choose whose number it is": ({"value": "9"}, "numbers/", {"scheme": "harbourside_police", "value": "C-99"}),
        "Choose one of the list": ({"version": 2, "source": "them"}, "ethnicity/self_defined/",
                                   {"version": 2, "code": "A1", "source": "their mother"}),
        "Say why, and how you know": (
            {"version": 3, "family_name": "Filed SYN", "sex": "F"}, "correct/",
            {"version": 3, "given_name": "Form", "family_name": "Filed SYN", "born_on_0": 4, "born_on_1": 4,
             "born_on_2": 2012, "sex": "F", "postcode": "", "reason": "School record."}),
        "Say who says so": (
            {"kind": "parent_of:in"}, f"related/{other}/", {"kind": "parent_of:in", "source": "mother"}),
    }  # fmt: skip
    with time_machine.travel(NOW, tick=False):
        client = signed_in("mash")
        for words, (wrong, path, right) in forms.items():
            address = f"/people/{person_id}/{path}"
            with CaptureQueriesContext(connection) as captured:
                first = client.get(address).content.decode()
            assert len(captured) <= 30, (path, len(captured))
            assert first.index("Text only, after four.") < first.index('<form method="post" novalidate'), path
            refused = client.post(address, wrong).content.decode()
            assert "There is a problem" in refused and (words == "needs" or words in refused), path
            assert client.post(address, right).url == f"/people/{person_id}/?from=record-SAVED", path
            assert client.post(address, right).status_code == 302, f"{path} sent twice is harmless"
        with CaptureQueriesContext(connection) as captured:
            text = client.get(f"/people/{person_id}/?from=record-SAVED").content.decode()
        assert len(captured) <= 30
        for said in (
            "Sylheti",
            "Large print",
            "Forme",
            "C-99",
            "Number with",
            "Filled-SYN",
            "School record.",
            "parent",
        ):
            assert said in text, said
        assert "child" in client.get(f"/people/{other}/?from=record-SAVED").content.decode()
        found = client.post(f"/people/{person_id}/related/", {"given_name": "Other", "family_name": "Filled"})
        assert f"/people/{person_id}/related/{other}/" in found.content.decode()
        (tie,) = page(mash, person_id).related
        ended = f"/people/{person_id}/related/{tie.relationship_id}/end/"
        assert "Say how you know" in client.post(ended, {"until_0": 1, "until_1": 5, "until_2": 2026}).content.decode()
        given = {"until_0": 1, "until_1": 5, "until_2": 2026, "reason": "moved out"}
        assert client.post(ended, given).status_code == 302
        assert "until 1 May 2026" in client.get(f"/people/{person_id}/?from=record-SAVED").content.decode()
        # Nobody else: neither who may not keep records right, nor for somebody not shared.
        for username in ("police", "marac-coordinator", "school"):
            assert signed_in(username).get(f"/people/{person_id}/correct/").status_code == 404
    assert page(mash, person_id).ethnicity == (("self_defined", "A1", "their mother"),)
