"""Entries of registers about somebody who asks: given or withheld one by one, put right, their use restricted."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import desk_story as story
import pytest
import time_machine
from desk_story import NOW
from django.test import Client

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import ChangedMeanwhile, NotAllowed, NotHere
from concord.desk.audit import queries as audit
from concord.desk.people import queries as people
from concord.desk.people.rules import Details
from concord.desk.records import operations, queries
from concord.desk.records.models import UseRestriction
from concord.desk.records.rules import NotRestricted
from concord.desk.registers import operations as registers
from concord.desk.registers import queries as register_queries
from concord.desk.registers.rules import NotEntered
from concord.desk.sharing.session import as_viewer

pytestmark = pytest.mark.django_db
BOUND = Details("Karl", "Bindman SYN", date(1991, 7, 3))
ACCUSED = Details(story.ACCUSED.given_name, story.ACCUSED.family_name, story.ACCUSED.born_on)
ORDER = {
    "kind": "cbo", "applied_by": "harbourside_police", "breaches": "2",
    "conditions": "Not to enter the market. Ring 07700 900123.",
}  # fmt: skip
FLAG = {"category": "2", "level": "2", "lead": "probation", "ring": "Duty officer"}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def entered(world, who=BOUND, register="civil_orders", given=ORDER, title="SYN-771"):
    return registers.add_entry(
        viewer=world.cast["orders"], register=register, title=title, dated_on=NOW.date(), given=given, who=who, at=NOW
    )


def asked(world, kind="access", details=BOUND):
    return operations.enter_request(
        viewer=world.cast["dpo"], kind=kind, details=details, identity="Passport.", received_on=NOW.date(), at=NOW
    )


def entry_of(world, request, source="registers_entry"):
    return [each for each in queries.passages(world.cast["dpo"], request, at=NOW) if each.source == source]


def decide(world, request, passage, **how):
    operations.decide_passage(viewer=world.cast["dpo"], request_id=request, passage=passage.key, at=NOW, **how)


# --- access --------------------------------------------------------------------------------------------------


def test_an_entry_is_read_whole_in_words_and_given_with_who_received_it(world):
    order_id = entered(world)
    request = asked(world)
    (found,) = entry_of(world, request)
    assert found.row == order_id and found.said.splitlines()[:2] == ["Civil orders", "The court’s reference: SYN-771"]
    assert "Kind of order: Criminal Behaviour Order" in found.said and "Breaches so far: 2" in found.said
    assert "07700" in found.said and "07700" not in found.proposed
    with pytest.raises(NotHere):
        queries.subject_pack(world.cast["dpo"], request, at=NOW)
    decide(world, request, found, text=found.proposed)
    pack = queries.subject_pack(world.cast["dpo"], request, at=NOW)
    (given,) = pack["registers"]
    assert given["register"] == "Civil orders" and "Not to enter the market" in given["text"]
    assert "07700" not in str(pack) and pack["written_about_you"] == []
    assert {"to": "team:orders", "gateway": "cda_s115", "agreement": "crime_and_disorder"} in pack["recipients"]
    line = next(
        each
        for each in audit.recent(world.cast["dpo"], at=NOW)
        if each.detail.get("fields") and each.action == "rights.pack"
    )
    assert "registers_entry" in line.detail["fields"]
    operations.answer_request(viewer=world.cast["dpo"], request_id=request, note="Sent.", at=NOW)


def test_each_entry_has_its_own_ground_and_one_withheld_leaves_the_other(world):
    entered(world)
    known = next(each for each in people.candidates(world.cast["orders"], BOUND, at=NOW))
    entered(world, known.person_id, "mappa_flags", FLAG, "SYN-M1")
    request = asked(world)
    order, flag = sorted(entry_of(world, request), key=lambda each: each.said)
    assert flag.said.startswith("MAPPA flags") and "Lead agency: " in flag.said
    decide(world, request, order, text=order.proposed)
    decide(world, request, flag, exemption="law_enforcement", why="An inquiry runs.")
    pack = queries.subject_pack(world.cast["dpo"], request, at=NOW)
    assert [each["register"] for each in pack["registers"]] == ["Civil orders"]
    assert "MAPPA" not in str(pack) and "team:public_protection" not in str(pack["recipients"]).replace(
        str([each for each in pack["recipients"] if each["agreement"] == "crime_and_disorder"]), ""
    )
    assert [each["passages"] for each in pack["withheld"]] == [1]


def test_somebody_known_by_what_is_withheld_alone_is_answered_like_a_stranger(world):
    """A flag nobody may be told of: neither its ground nor that something is kept leaves."""
    flagged = Details("Vic", "Flagged SYN", date(1980, 2, 2))
    entered(world, flagged, "mappa_flags", FLAG, "SYN-M1")
    request, stranger = asked(world, details=flagged), asked(world, details=Details("No", "One SYN", date(1980, 2, 2)))
    (found,) = entry_of(world, request)
    decide(world, request, found, exemption="law_enforcement", why="An inquiry runs.")
    said = []
    for each in (request, stranger):
        with pytest.raises(NotHere) as refused:
            queries.subject_pack(world.cast["dpo"], each, at=NOW)
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_an_alleged_perpetrator_is_given_their_order_and_nothing_of_the_case(world):
    entered(world, ACCUSED)
    request = asked(world, details=ACCUSED)
    found = queries.passages(world.cast["dpo"], request, at=NOW)
    assert [each.source for each in found] == ["registers_entry"]
    decide(world, request, found[0], text=found[0].proposed)
    pack = queries.subject_pack(world.cast["dpo"], request, at=NOW)
    assert pack["registers"] and not any(pack["contacts"].values()) and not any(pack["panels"].values())


def test_nobody_but_the_officer_and_nothing_without_a_request(world):
    entered(world)
    for name in ("orders", "admin", "mash-manager"):
        with pytest.raises(NotAllowed):
            queries.entries_about(world.cast[name], asked(world, "rectification"), at=NOW)
    assert queries.entries_about(world.cast["dpo"], asked(world, "erasure"), at=NOW) == ()
    assert queries.entries_about(world.cast["dpo"], uuid4(), at=NOW) == ()


# --- rectification -------------------------------------------------------------------------------------------


def put_right(world, request, entry, by="dpo", **changes):
    said = {
        "title": entry.title,
        "dated_on": entry.dated_on,
        "due_on": entry.due_on,
        "given": {**ORDER, "breaches": "0"},
        "reason": "Court record seen.",
        "version": entry.version,
        **changes,
    }
    return operations.put_entry_right(
        viewer=world.cast[by], request_id=request, entry_id=entry.entry_id, at=NOW, **said
    )


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
def test_an_entry_is_put_right_open_or_closed_with_its_history_and_its_teams_are_told(world, closed):
    order_id, orders = entered(world), world.cast["orders"]
    if closed:
        registers.close_entry(
            viewer=orders, register="civil_orders", entry_id=order_id, outcome="expired", note="n", version=1, at=NOW
        )
    request = asked(world, "rectification")
    (entry,) = queries.entries_about(world.cast["dpo"], request, at=NOW)
    assert ("Breaches so far", "2") in entry.lines
    assert set(put_right(world, request, entry)) == {"team:orders", "team:public_protection"} & set(
        queries.holders("civil_orders")
    ) | {"team:orders"}
    after = register_queries.entry(orders, "civil_orders", order_id, at=NOW)
    assert after.history[-1].verb == "put_right" and after.history[-1].reason == "Court record seen."
    assert after.history[-1].changes == (("Breaches so far", "2", "0"),)
    assert after.line.state == ("closed" if closed else "open") and after.version == entry.version + 1
    (notice,) = (each for each in queries.put_right(orders, at=NOW) if each.holder == "team:orders")
    assert notice.field == "entry:civil_orders"
    told = next(each for each in audit.disclosures(world.cast["dpo"], at=NOW) if each.action == "rights.told")
    assert told.detail["fields"] == ["entry:civil_orders"] and "team:orders" in told.recipients
    assert queries.request(world.cast["dpo"], request, at=NOW).state == "put_right"


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"given": ORDER}, NotEntered, "Nothing differs"),
        ({"given": {**ORDER, "breaches": "many"}}, NotEntered, "is a whole number"),
        ({"reason": " "}, NotEntered, "what shows it"),
        ({"version": 9}, ChangedMeanwhile, "changed while you had it open"),
        ({"by": "orders"}, NotAllowed, "rights.answer"),
        ({"kind": "access"}, NotHere, "There is no request here"),
        ({"of": "somebody else"}, NotHere, "There is no entry here"),
    ],
)
def test_an_entry_is_not_put_right_in_a_way_that_makes_no_sense(world, change, error, words):
    entered(world)
    request = asked(world, "rectification")
    (entry,) = queries.entries_about(world.cast["dpo"], request, at=NOW)
    if change.pop("of", ""):
        request = asked(world, "rectification", Details("Rafi", "Testwell SYN", story.CHILD.born_on))
    if "kind" in change:
        request = asked(world, change.pop("kind"))
    with pytest.raises(error, match=words):
        put_right(world, request, entry, **change)


# --- restriction ---------------------------------------------------------------------------------------------


def stands(viewer, person_id, *, at, entry_id=None):
    found = queries.standing(viewer, [person_id], at=at)
    return next((each for each in found if each.entry_id in (None, entry_id)), None)


def restrict(world, request, entry_id=None, by="dpo", ground="accuracy", reason="They say it is another Carl."):
    return operations.restrict_use(
        viewer=world.cast[by], request_id=request, entry_id=entry_id, ground=ground, reason=reason, at=NOW
    )


def test_a_restricted_entry_says_so_where_it_is_opened_is_not_counted_and_comes_back(world):
    order_id, orders, dpo = entered(world), world.cast["orders"], world.cast["dpo"]
    person = register_queries.entry(orders, "civil_orders", order_id, at=NOW).person_id
    service = accounts.service("desk_extract")
    counted = {each["entry_ref"] for each in register_queries.extract_entries(service, at=NOW)}
    request = asked(world, "restriction")
    assert "team:orders" in restrict(world, request, order_id)
    standing = stands(orders, person, entry_id=order_id, at=NOW)
    assert standing and (standing.ground, standing.reason) == ("", ""), "who asked and why is the officer's"
    assert stands(orders, person, at=NOW) is None, "the person's other records are not restricted"
    assert stands(world.cast["mash"], person, entry_id=order_id, at=NOW) is None
    assert counted - {each["entry_ref"] for each in register_queries.extract_entries(service, at=NOW)} == {
        str(order_id)
    }
    with pytest.raises(NotRestricted, match="restricted already"):
        restrict(world, request, order_id)
    operations.answer_request(viewer=dpo, request_id=request, note="Restricted.", at=NOW)
    # As long as it stands the request stays, however old it is.
    far = NOW + timedelta(days=3000)
    assert request not in {each.id for each in queries.due(dpo, at=far)}
    (mine,) = queries.restrictions(dpo, request, at=NOW)
    assert mine in queries.restrictions(dpo, at=NOW)
    assert mine.ground.startswith("They say it is not accurate (UK GDPR Article 18(1)(a))")
    with pytest.raises(NotRestricted, match="when the person was told"):
        operations.lift_restriction(viewer=dpo, restriction_id=mine.restriction_id, why=" ", at=NOW)
    operations.lift_restriction(viewer=dpo, restriction_id=mine.restriction_id, why="Found accurate; told.", at=NOW)
    assert stands(orders, person, entry_id=order_id, at=NOW) is None
    assert mine.restriction_id not in {each.restriction_id for each in queries.restrictions(dpo, at=NOW)}
    assert {each.field for each in queries.put_right(orders, at=NOW)} == {"restricted", "lifted"}
    assert request in {each.id for each in queries.due(dpo, at=far)}
    assert counted == {each["entry_ref"] for each in register_queries.extract_entries(service, at=NOW)}


def test_a_whole_record_is_restricted_with_every_entry_and_whoever_received_it_is_told(world):
    child = Details("Rafi", "Testwell SYN", story.CHILD.born_on)
    request = asked(world, "restriction", child)
    told = restrict(world, request)
    assert {"team:mash", "forum:mace"} <= set(told) and not any(each.startswith("user:") for each in told)
    assert stands(world.cast["mash"], world.heard.person_id, at=NOW)
    assert stands(world.cast["marac-coordinator"], world.heard.person_id, at=NOW) is None


def test_the_wall_keeps_restrictions_to_the_officer_and_to_whoever_may_open_the_person(world):
    restrict(world, asked(world, "restriction", Details("Rafi", "Testwell SYN", story.CHILD.born_on)))
    seen = {}
    for name in ("dpo", "mash", "marac-coordinator", "school", "analyst", "admin"):
        with as_viewer(world.cast[name], at=NOW):
            seen[name] = UseRestriction.objects.count()
            if name == "mash":
                assert UseRestriction.objects.update(lifted_why="x", lifted_by="me", lifted_at=NOW) == 0
    assert seen == {"dpo": 1, "mash": 1, "marac-coordinator": 0, "school": 0, "analyst": 0, "admin": 0}


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"ground": "acuracy"}, NotRestricted, "Did you mean “accuracy”?"),
        ({"reason": ""}, NotRestricted, "why the ground applies"),
        ({"by": "orders"}, NotAllowed, "rights.answer"),
        ({"entry_id": uuid4()}, NotHere, "There is no entry here"),
        ({"kind": "access"}, NotHere, "There is no request here"),
        ({"details": Details("No", "One SYN", date(1980, 2, 2))}, NotHere, "There is no record here"),
    ],
)
def test_a_restriction_that_makes_no_sense_is_refused(world, change, error, words):
    entered(world)
    request = asked(world, change.pop("kind", "restriction"), change.pop("details", BOUND))
    with pytest.raises(error, match=words.replace("?", r"\?")):
        restrict(world, request, **change)


# --- the screens ---------------------------------------------------------------------------------------------


def test_whoever_meets_somebody_whose_record_is_restricted_reads_it_where_they_work(world):
    from django.contrib.auth import get_user_model

    heard, pages = world.heard, {}
    request = asked(world, "restriction", Details("Rafi", "Testwell SYN", story.CHILD.born_on))
    for when in ("before", "after"):
        for name, address in (("mash", f"/contacts/{heard.contact_id}/"), ("police", f"/cases/{heard.item_id}/")):
            client = Client(headers={"host": "localhost"})
            client.force_login(get_user_model().objects.get(id=world.cast[name].user_id))
            with time_machine.travel(NOW, tick=False):
                pages[name, when] = client.get(address).content.decode()
        if when == "before":
            restrict(world, request)
    marked = {seen for seen, page in pages.items() if "Use restricted" in page}
    assert marked == {("mash", "after"), ("police", "after")}
    assert not any("another Carl" in page for page in pages.values())


def test_the_officer_reads_puts_right_and_restricts_on_screen(world):
    from django.contrib.auth import get_user_model

    order_id, clients = entered(world), {}
    for name in ("dpo", "orders", "mash-manager"):
        clients[name] = Client(headers={"host": "localhost"})
        clients[name].force_login(get_user_model().objects.get(id=world.cast[name].user_id))
    client = clients["dpo"]
    with time_machine.travel(NOW, tick=False):
        right, narrow = asked(world, "rectification"), asked(world, "restriction")
        page = client.get(f"/requests/{right}/correct/").content.decode()
        assert "Entries of registers about them" in page and "Criminal Behaviour Order" in page
        address = f"/requests/{right}/entries/{order_id}/"
        form = client.get(address).context["form"]
        sent = {"title": "SYN-771", "dated_on_0": "1", "version": "1", "reason": "Court record seen."}
        refused = client.post(address, sent)
        assert refused.status_code == 200 and "There is a problem" in refused.content.decode()
        day = NOW.date()
        sent |= {"dated_on_0": day.day, "dated_on_1": day.month, "dated_on_2": day.year, "due_on_0": "", "due_on_1": "",
                 "due_on_2": "", **{f"f_{key}": value for key, value in ORDER.items()}, "f_breaches": "1",
                 "f_support": ""}  # fmt: skip
        assert set(form.fields) >= {"f_breaches", "reason"} and "agency" not in form.fields
        done = client.post(address, sent, follow=True).content.decode()
        assert "It is put right." in done and "entry in “Civil orders”" in done
        address = f"/requests/{narrow}/restrict/"
        assert "Civil orders: SYN-771" in client.get(address).content.decode()
        said = {"what": str(order_id), "ground": "accuracy", "reason": "They say it is another Carl."}
        assert "Use restricted" in client.post(address, said, follow=True).content.decode()
        entry = clients["orders"].get(f"/registers/civil_orders/{order_id}/").content.decode()
        assert "Use restricted" in entry and "another Carl" not in entry
        listed = clients["orders"].get("/registers/civil_orders/").content.decode()
        assert listed.count("Use restricted") == 1 and "another Carl" not in listed
        assert "Put right, as the person it is about asked" in entry
        assert "is restricted," in clients["orders"].get("/put-right/").content.decode()
        for each in (address, f"/requests/{right}/entries/{order_id}/", f"/requests/{narrow}/entries/{order_id}/"):
            assert clients["mash-manager"].get(each).status_code == 404
        assert client.get(f"/requests/{narrow}/entries/{order_id}/").status_code == 404
        assert client.get(f"/requests/{right}/entries/{uuid4()}/").status_code == 404
