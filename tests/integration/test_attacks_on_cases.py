"""Somebody with a real account who must not know: what they try on a case that is kept from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import desk_story as story
import pytest
import time_machine
from desk_story import NOW
from django.test import Client

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere
from concord.desk.audit import operations as audit_operations
from concord.desk.audit import queries as audit
from concord.desk.instruments import operations as instruments
from concord.desk.instruments import queries as instrument_queries
from concord.desk.panels import operations as panels
from concord.desk.panels import queries as panel_queries
from concord.desk.people import operations as people_operations
from concord.desk.people import queries as people
from concord.desk.people.rules import Details, Join, group, root
from concord.desk.records import queries as records
from concord.desk.referrals import operations as referrals
from concord.desk.referrals import queries as referral_queries
from concord.desk.referrals.rules import PartyDetails
from concord.desk.registers import operations as registers
from concord.desk.registers import queries as register_queries
from concord.desk.registers.models import Entry
from concord.desk.sharing import operations as sharing
from concord.desk.sharing import queries as sharing_queries
from concord.desk.sharing import session
from concord.desk.sharing.models import Grant
from concord.desk.sharing.operations.shares import NotCovered
from concord.desk.sharing.session import as_viewer

pytestmark = pytest.mark.django_db
NELL = PartyDetails("child", "Nell", "Secondary SYN", date(2010, 5, 5), "F", "ZZ9 9ZZ")


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def both(world):
    """The MACE coordinator who coordinates MARAC too, and so sees people of both."""
    one = world.cast["mace-coordinator"]
    return replace(
        one, forums=one.forums | {"marac:coordinator"}, purposes=one.purposes | {"domestic_abuse_safeguarding"}
    )


def another_contact(world, person_id, known=True):
    """A second MASH contact about a child on record."""
    cast = world.cast
    receipt = story.refer_child(cast, at=NOW, child=NELL)
    contact_id = story.newest(cast["mash-manager"], "mash_contact", NOW)
    if known:
        story.identify_all(cast["mash-manager"], contact_id, NOW, {"child": person_id})
    return receipt.referral_id, contact_id


def seal(world, level="sealed", item=None, by=None, names=("mace-coordinator", "mace-chair")):
    panels.restrict_case(
        viewer=by or world.cast["mace-coordinator"],
        item_id=item or world.coming.item_id,
        level=level,
        named=[world.cast[name].user_id for name in names],
        reason="A colleague’s child.",
        at=NOW,
    )


def gone(read):
    with pytest.raises(NotHere):
        read()


def named(viewer):
    """Whom the referrals shared with a viewer name: what lists of who is due something are made of."""
    asked = [("mash_contact", "child", "")]
    return {line.name for line in referral_queries.parties_named(viewer, asked, since=story.MONDAY, at=NOW)}


# --- what was there before ------------------------------------------------------------------------------------


def test_a_sealed_child_is_in_no_contact_that_came_before(world):
    mash, manager = world.cast["mash"], world.cast["mash-manager"]
    _, contact_id = another_contact(world, world.coming.person_id)
    assert referral_queries.contact(mash, contact_id, at=NOW).parties
    seal(world)
    gone(lambda: referral_queries.contact(mash, contact_id, at=NOW))
    assert contact_id not in {line.contact_id for line in referral_queries.queue(mash, at=NOW)}
    # Whoever answers for MASH’s own record keeps it; lifted, it is there again for all.
    assert referral_queries.contact(manager, contact_id, at=NOW).parties
    seal(world, "ordinary")
    assert referral_queries.contact(mash, contact_id, at=NOW).parties


def test_a_sealed_child_is_on_no_list_of_whom_referrals_name(world):
    mash = world.cast["mash"]
    assert "Nell Secondary SYN" in named(mash)
    seal(world)
    assert "Nell Secondary SYN" not in named(mash)


def test_a_worker_who_knows_the_family_is_told_of_no_later_referral_by_a_list(world):
    mash, manager = world.cast["mash"], world.cast["mash-manager"]
    referrals.declare_connection(viewer=mash, contact_id=world.coming.contact_id, why="niece", at=NOW)
    assert "Nell Secondary SYN" not in named(mash)
    referral_id, _ = another_contact(world, world.coming.person_id)
    assert "Nell Secondary SYN" not in named(mash)
    assert "Nell Secondary SYN" in named(manager)
    # The school that sent it reads on.
    assert referral_queries.referral_status(world.cast["school"], referral_id, at=NOW).reference


@pytest.mark.parametrize("how", ["kept out", "sealed"])
def test_an_assessment_begun_before_anybody_said_who_it_is_about_follows_too(world, how):
    mash, manager = world.cast["mash"], world.cast["mash-manager"]
    _, contact_id = another_contact(world, world.coming.person_id, known=False)
    (party,) = referral_queries.contact(mash, contact_id, at=NOW).parties
    begun = instruments.begin(viewer=mash, instrument="exploitation_screening", party_id=party.party_id, at=NOW)
    instruments.hand_over(viewer=mash, assessment_id=begun, to=manager.user_id, reason="Away.", at=NOW)
    assert instrument_queries.assessment(manager, begun, at=NOW)
    if how == "kept out":
        referrals.declare_connection(viewer=manager, contact_id=world.coming.contact_id, why="niece", at=NOW)
    story.identify_all(mash, contact_id, NOW, {"child": world.coming.person_id})
    if how == "sealed":
        seal(world, names=("mace-coordinator",))
        assert instrument_queries.assessment(mash, begun, at=NOW), "whoever wrote it keeps their own"
        # The manager answers for MASH’s own record of the child, and keeps what hangs on it.
        assert instrument_queries.assessment(manager, begun, at=NOW)
        return
    gone(lambda: instrument_queries.assessment(manager, begun, at=NOW))


# --- one person, two records ------------------------------------------------------------------------------------


def merged(world, kept, other, by=None):
    viewer = by or both(world)
    left, right = people.pair(viewer, kept, other, at=NOW)
    return people_operations.merge(
        viewer=viewer, kept=kept, other=other, versions=(left.version, right.version), reason="Same.", at=NOW
    )


@pytest.mark.parametrize("first", ["kept out", "merged"])
def test_whoever_knows_somebody_meets_none_of_their_records(world, first):
    """The child at MACE and the adult at MARAC are one person, before or after a member said they know them."""
    idva = world.cast["idva"]
    assert panel_queries.item(idva, world.marac.item_id, at=NOW)

    def keep_out():
        panels.declare_conflict(
            viewer=both(world),
            item_id=world.coming.item_id,
            why="her niece",
            user_id=world.cast["police"].user_id,
            at=NOW,
        )

    if first == "kept out":
        keep_out()
    merged(world, world.coming.person_id, world.marac.person_id)
    if first == "merged":
        keep_out()
    police = replace(
        world.cast["police"],
        forums=frozenset({"mace:member", "marac:member"}),
        purposes=world.cast["police"].purposes | {"domestic_abuse_safeguarding"},
    )
    gone(lambda: panel_queries.item(police, world.marac.item_id, at=NOW))
    gone(lambda: people.person(police, world.marac.person_id, at=NOW))
    assert panel_queries.item(idva, world.marac.item_id, at=NOW), "nobody else lost anything"


@pytest.mark.parametrize("first", ["sealed", "merged"])
def test_a_sealed_person_is_sealed_in_every_record(world, first):
    idva = world.cast["idva"]
    if first == "sealed":
        seal(world)
    merged(world, world.coming.person_id, world.marac.person_id)
    if first == "merged":
        seal(world, by=both(world))
    gone(lambda: panel_queries.item(idva, world.marac.item_id, at=NOW))
    gone(lambda: people.person(idva, world.marac.person_id, at=NOW))
    # Who answers for MARAC’s own case keeps it.
    assert panel_queries.item(world.cast["marac-coordinator"], world.marac.item_id, at=NOW)
    seal(world, "ordinary", by=both(world))
    assert panel_queries.item(idva, world.marac.item_id, at=NOW)


def test_joining_tells_nothing_of_a_joining_that_is_hidden(world):
    """Another forum joined the record to one of its own: joining it again is done, as if that were not so."""
    mace = world.cast["mace-coordinator"]
    a, b = world.coming.person_id, world.heard.person_id
    merged(world, world.marac.person_id, a)
    assert people.joins(mace, [a], at=NOW) == []
    merged(world, b, a, by=mace)
    assert {frozenset((each.kept, each.other)) for each in people.joins(mace, [a], at=NOW)} == {frozenset((a, b))}
    # Whoever sees all of it reads one person, whichever record they open.
    every = people.records_of(both(world), [a], at=NOW)
    assert every == people.records_of(both(world), [b], at=NOW) == {a, b, world.marac.person_id}


def test_records_joined_in_a_circle_are_one_person_and_no_endless_way_up():
    one, two, three = uuid4(), uuid4(), uuid4()
    circle = [Join(one, two), Join(two, three), Join(three, one)]
    assert {root(circle, each) for each in (one, two, three)} == {min(one, two, three)}
    assert group(circle, two) == {one, two, three}


# --- what others are told ---------------------------------------------------------------------------------------


def told_of_minutes(viewer):
    return {each.object_id for each in panel_queries.news(viewer, since=story.MONDAY, at=NOW) if each.kind == "minutes"}


def test_whoever_is_kept_out_is_told_of_signed_minutes_like_everybody(world):
    """Were they alone not told, they would know that a case was kept from them."""
    education = world.cast["education"]
    assert world.heard.meeting_id in told_of_minutes(education)
    seal(world, item=world.heard.item_id)
    assert world.heard.meeting_id in told_of_minutes(education)
    page = panel_queries.meeting(education, world.heard.meeting_id, at=NOW)
    assert page.signed_by and not page.items
    assert "Rafi" not in panel_queries.minutes(education, world.heard.meeting_id, at=NOW)


# --- a reason that is none --------------------------------------------------------------------------------------


def reason_for(world, person_id, address, posted=None):
    """What the trail says of why the MASH worker opens somebody."""

    def said():
        lines = audit.who_looked(world.cast["dpo"], "person", person_id, at=NOW)
        return {line.id: line.reason for line in lines if line.action == "person.read"}

    before = said()
    with time_machine.travel(NOW, tick=False):
        client = Client(headers={"host": "localhost"})
        client.post("/sign-in/", {"person": "mash"})
        answer = client.post(address, posted) if posted else client.get(address)
        assert answer.status_code == 200
    (reason,) = (reason for key, reason in said().items() if key not in before)
    return reason


def test_an_address_that_names_a_case_is_no_reason_unless_it_is_so(world):
    person, contact = world.coming.person_id, world.coming.contact_id
    said = reason_for(world, person, f"/people/{person}/?from=case-ABCDEFG")
    assert said == "no such way here: the address said case ABCDEFG"
    reference = referral_queries.contact(world.cast["mash"], contact, at=NOW).reference
    address = f"/people/{{}}/?from=contact-{reference}"
    assert reason_for(world, person, address.format(person)) == f"opened from contact {reference}"
    # Of somebody else the same contact is no reason; and nobody comes back from a form they never had open.
    other = world.heard.person_id
    assert reason_for(world, other, address.format(other)).startswith("no such way here")
    assert reason_for(world, other, f"/people/{other}/?from=record-SAVED").startswith("no such way here")
    typed = {"reason": "Opened from contact ABCDEFG"}
    assert reason_for(world, other, f"/people/{other}/", typed) == "typed: Opened from contact ABCDEFG"


# --- the law's own limits ---------------------------------------------------------------------------------------


def under_the_duty(monkeypatch, agency):
    """An agreement badly drawn: it lets an agency share people under section 16 of the 2022 Act."""
    home = accounts.partnership()
    drawn = replace(home.agreements["serious_violence_duty"], parties=(agency, "harbourside_police"))
    monkeypatch.setattr(sharing_queries, "agreements_with", lambda viewer: {drawn.key: drawn})
    return {"purpose": "serious_violence", "gateway": "pcsc_s16", "agreement": drawn.key}


@pytest.mark.parametrize(("name", "barred"), [("mash", True), ("health", True), ("police", False)])
def test_no_agreement_lets_a_health_or_care_authority_share_somebody_under_the_duty(world, monkeypatch, name, barred):
    viewer = world.cast[name]
    grounds = under_the_duty(monkeypatch, viewer.agency)

    def share():
        with as_viewer(viewer, at=NOW):
            sharing.share(
                viewer=viewer, subjects=[("person", uuid4())], holders={"forum:mace": None}, **grounds, at=NOW
            )

    if not barred:
        share()
        return
    with pytest.raises(NotCovered, match="The law does not let this agency"):
        share()


def test_what_health_knows_is_no_research_for_a_forum_under_the_duty(world, monkeypatch):
    health, item = world.cast["health"], world.coming.item_id
    mace = accounts.partnership().forums["mace"]
    monkeypatch.setattr(panel_queries, "forum", lambda key: replace(mace, gateway="pcsc_s16"))
    with pytest.raises(NotCovered, match="does not authorise personal information from a health authority"):
        panels.add_research(viewer=health, item_id=item, text="Seen in A&E.", at=NOW)
    # That nothing is held tells of nobody, and police may.
    panels.add_research(viewer=health, item_id=item, nothing_held=True, at=NOW)
    panels.add_research(viewer=world.cast["police"], item_id=item, text="Two stops.", at=NOW)


# --- the day an agreement ends ----------------------------------------------------------------------------------


def test_the_day_its_agreement_ends_a_register_about_people_is_empty(world, monkeypatch):
    me, at = world.cast["orders"], NOW
    given = {
        "kind": "cbo",
        "applied_by": "harbourside_police",
        "conditions": "Not to enter the market.",
        "breaches": "0",
    }
    entry_id = registers.add_entry(
        viewer=me, register="civil_orders", title="SYN-9", dated_on=at.date(), given=given,
        who=Details("Carl", "Probe SYN", date(1988, 1, 9)), at=at,
    )  # fmt: skip
    found, about = (
        register_queries.entry(me, "civil_orders", entry_id, at=at),
        register_queries.register("civil_orders").about,
    )
    held = session.agreements_of_agency(me.agency)
    ended = replace(held[about.agreement], expires_on=at.date() - timedelta(days=1))
    left = {**held, about.agreement: ended, "another": replace(held[about.agreement], key="another")}
    for module in (session, sharing_queries):
        monkeypatch.setattr(module, "agreements_of_agency", lambda agency: left)
    home = accounts.partnership()
    monkeypatch.setattr(
        accounts, "partnership", lambda: replace(home, agreements={**home.agreements, ended.key: ended})
    )
    with as_viewer(me, at=at):
        Grant.objects.create(
            partnership=me.partnership, subject_kind="person", subject_id=found.person_id, holder="team:orders",
            level="full", purpose=about.purpose, gateway=about.gateway, agreement="another", starts_at=at,
        )  # fmt: skip
    later = at + timedelta(minutes=1)
    assert people.may_use(me, found.person_id, at=later)
    gone(lambda: register_queries.entry(me, "civil_orders", entry_id, at=later))
    assert register_queries.entries(me, "civil_orders", at=later) == ()
    with as_viewer(me, at=later):
        assert not Entry.objects.filter(id=entry_id).exists(), "the wall asks the same"
    with pytest.raises(sharing.AgreementEnded):
        registers.add_entry(
            viewer=me,
            register="civil_orders",
            title="SYN-10",
            dated_on=at.date(),
            given=given,
            who=found.person_id,
            at=later,
        )


# --- who looked -------------------------------------------------------------------------------------------------


def test_who_looked_tells_a_team_of_no_case_elsewhere_by_somebody_who_sits_in_both(world):
    """A member of MACE and of MARAC reads a case about the child at MARAC. MASH’s manager is told of what they did at
    their own contact, and of nothing else: MARAC points to nobody."""
    manager, member, child = world.cast["mash-manager"], both(world), world.coming.person_id
    for kind, action, key in (
        ("item", "item.read", world.marac.item_id),
        ("contact", "contact.read", world.coming.contact_id),
    ):
        with as_viewer(member, at=NOW):
            audit_operations.opened(
                viewer=member, action=action, object_type=kind, object_id=key, subjects=[child], found=True, at=NOW
            )
    people.person(member, child, at=NOW, reason="opened from case ZZZZZZZZ")
    lines, _ = records.looked(manager, child, at=NOW)
    theirs = {(line.object_type, line.object_id) for line in lines if line.username == member.username}
    assert ("contact", str(world.coming.contact_id)) in theirs
    assert ("item", str(world.marac.item_id)) not in theirs
    assert "opened from case ZZZZZZZZ" not in {line.reason for line in lines}
    assert len(audit.who_looked(world.cast["dpo"], "person", child, at=NOW)) > len(lines)


# --- one part here, another there -------------------------------------------------------------------------------


def test_what_somebody_may_do_at_one_forum_they_do_not_do_to_the_people_of_another(world):
    """MASH’s manager and MACE’s coordinator search and change people; as members of MARAC they read its adults."""
    adult, details = world.marac.person_id, Details("Dana", "Testwell SYN", date(1990, 7, 2))
    for name in ("mash-manager", "mace-coordinator"):
        base = world.cast[name]
        viewer = replace(
            base, forums=base.forums | {"marac:member"}, purposes=base.purposes | {"domestic_abuse_safeguarding"}
        )
        page = people.person(viewer, adult, at=NOW)
        assert page.safe_contact, name
        assert people.candidates(viewer, details, at=NOW) == ()
        gone(lambda v=viewer: people_operations.add_alias(
            viewer=v, person_id=adult, kind="spelling", given_name="Dina", family_name="T", source="s", at=NOW
        ))  # fmt: skip
        gone(lambda v=viewer, version=page.version: people_operations.put_right(
            viewer=v, person_id=adult, fields={"family_name": "Other"}, reason="r", version=version, at=NOW
        ))  # fmt: skip
        gone(lambda v=viewer: people.pair(v, adult, world.coming.person_id, at=NOW))
        assert people.candidates(viewer, Details("Nell", "Secondary SYN", date(2010, 5, 5)), at=NOW)
    # Whoever coordinates both does both.
    assert people.candidates(both(world), details, at=NOW)
