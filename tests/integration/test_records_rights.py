"""Rights of the people the records are about: read and redacted, put right and told of, answered in time; who looked,
for whoever answers for the record; and the review of who keeps their access."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import desk_story as story
import pytest
from desk_story import NOW
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from concord.desk.accounts import operations as accounts_operations
from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, NotHere, NotTogether
from concord.desk.audit import queries as audit
from concord.desk.panels import operations as panels
from concord.desk.people import queries as people
from concord.desk.people.rules import Details, NotCorrected
from concord.desk.records import operations, queries, rules
from concord.desk.records.rules import NotReady, NotReviewed
from concord.desk.referrals import operations as referrals
from concord.desk.referrals import queries as referral_queries
from concord.desk.referrals.rules import PartyDetails
from concord.kernel.lifecycles import NotNow

pytestmark = pytest.mark.django_db
CHILD = Details(story.CHILD.given_name, story.CHILD.family_name, story.CHILD.born_on)
ACCUSED = Details(story.ACCUSED.given_name, story.ACCUSED.family_name, story.ACCUSED.born_on)
MOTHER = PartyDetails("parent", "Sana", "Testwell-Khan SYN", date(1985, 5, 5), "F", "ZZ1 1AA")
SAID = "Sana Testwell-Khan rang from 07700 900123. Rafi is collected by his cousin; sana@example.org, ZZ1 1AA."


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def asked(world, details=CHILD, kind="access", **changes):
    given_ = {"identity": "Passport seen.", "received_on": NOW.date(), "at": NOW, **changes}
    return operations.enter_request(viewer=world.cast["dpo"], kind=kind, details=details, **given_)


# --- what is blacked out -------------------------------------------------------------------------------------


def test_other_people_and_ways_to_reach_anybody_are_blacked_out():
    redacted = rules.redact(SAID, [("Sana", "Testwell-Khan SYN")], [("Rafi", "Testwell SYN")])
    assert redacted == (
        "[another person] rang from [contact details]. Rafi is collected by his cousin; [contact details], "
        "[contact details]."
    )


@pytest.mark.parametrize(
    ("said", "others", "left"),
    [
        ("DANA hit him", [("Dana", "Prior")], "[another person] hit him"),
        ("Danae hit him", [("Dana", "Prior")], "Danae hit him"),
        ("Call +44 7700 900123 now", [], "Call [contact details] now"),
        ("seen 12 times in 2024", [], "seen 12 times in 2024"),
        ("Rafi's mother Prior", [("Jo", "Prior"), ("Rafi", "Prior")], "Rafi's mother [another person]"),
    ],
)
def test_what_is_left_reads_as_it_did(said, others, left):
    assert rules.redact(said, others, [("Rafi", "Testwell SYN")]) == left


NAMES = st.text(alphabet=st.characters(categories=["L"]), min_size=2, max_size=12)


@given(NAMES, st.text(max_size=60), st.text(max_size=60))
def test_no_whole_name_of_another_person_is_ever_left(name, before, after):
    redacted = rules.redact(f"{before} {name} {after}", [(name, "")], [])
    assert not re.search(
        rf"(?<!\w){re.escape(name)}(?!\w)", redacted.replace(rules.GONE, "").replace(rules.REACHED, "")
    )


# --- access --------------------------------------------------------------------------------------------------


def told_about_mother(world):
    """Rafi again, this time with his mother named."""
    referrals.submit(
        viewer=world.cast["school"], pathway="mash_contact", parties=[story.CHILD, MOTHER], concern=SAID,
        consent="informed", at=NOW,
    )  # fmt: skip
    mash = world.cast["mash"]
    contact = story.newest(mash, "mash_contact", NOW)
    story.identify_all(mash, contact, NOW, {"child": world.heard.person_id})
    return contact


def test_passages_are_read_one_by_one_and_what_is_withheld_keeps_its_ground(world):
    told_about_mother(world)
    dpo, request = world.cast["dpo"], asked(world)
    found = queries.passages(dpo, request, at=NOW)
    (concern,) = (each for each in found if each.said == SAID)
    assert concern.redacted and "Sana" not in concern.proposed and not concern.decided
    assert {"referrals_contact", "panels_item", "panels_decision", "panels_action"} <= {each.source for each in found}
    with pytest.raises(NotReady, match="passages about the person have not been read") as early:
        operations.answer_request(viewer=dpo, request_id=request, note="Sent.", at=NOW)
    assert "Read them, then answer." in str(early.value)
    for each in found:
        if each.source == "panels_decision":
            operations.decide_passage(
                viewer=dpo, request_id=request, passage=each.key, exemption="crime", why="An inquiry runs.", at=NOW
            )
        else:
            operations.decide_passage(viewer=dpo, request_id=request, passage=each.key, text=each.proposed, at=NOW)
    pack = queries.subject_pack(dpo, request, at=NOW)
    assert pack["withheld"] == [
        {"ground": "Preventing or detecting crime (DPA 2018 Schedule 2 paragraph 2)", "passages": 1}
    ]
    assert "Sana" not in str(pack) and "07700" not in str(pack) and "Network known" not in str(pack)
    assert any("is collected by his cousin" in each["text"] for each in pack["written_about_you"])
    assert {"team:mash", "forum:mace", "the person who sent it"} <= {each["to"] for each in pack["recipients"]}
    assert pack["read_by_hand"]["texts"] == 0
    operations.answer_request(viewer=dpo, request_id=request, note="Sent by post.", at=NOW)
    assert queries.request(dpo, request, at=NOW).state == "answered"
    given_out = next(e for e in audit.recent(dpo, at=NOW) if e.action == "rights.pack")
    assert given_out.detail["withheld"] == ["crime"] and "people_person" in given_out.detail["fields"]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"exemption": "crim", "why": "w"}, NotReady, "Did you mean “crime”?"),
        ({"exemption": "crime"}, NotReady, "Say why this is withheld."),
        ({"text": "  "}, NotReady, "There is nothing to give."),
        ({"passage": "people_person.x.y", "text": "t"}, NotHere, "There is no passage here"),
        ({"by": "mash-manager", "text": "t"}, NotAllowed, "rights.answer"),
    ],
)
def test_a_choice_that_is_none_is_refused_in_words(world, change, error, words):
    request = asked(world)
    first = queries.passages(world.cast["dpo"], request, at=NOW)[0]
    given_ = {"by": "dpo", "passage": first.key, **change}
    with pytest.raises(error) as refused:
        operations.decide_passage(viewer=world.cast[given_.pop("by")], request_id=request, at=NOW, **given_)
    assert words in str(refused.value)


def test_nothing_is_read_of_an_alleged_perpetrator_nor_without_a_request(world):
    dpo = world.cast["dpo"]
    assert queries.passages(dpo, asked(world, ACCUSED), at=NOW) == ()
    assert queries.passages(dpo, asked(world, kind="erasure"), at=NOW) == ()
    with pytest.raises(NotAllowed):
        queries.passages(world.cast["admin"], asked(world), at=NOW)


def test_more_time_is_taken_once_with_the_reason_and_counts_from_the_day_it_came(world):
    dpo = world.cast["dpo"]
    request = asked(world, received_on=date(2026, 1, 31))
    assert operations.extend_request(viewer=dpo, request_id=request, why="Four agencies hold it.", at=NOW) == date(
        2026, 4, 30
    )
    with pytest.raises(NotNow, match="You cannot extend a rights request that is “More time taken”"):
        operations.extend_request(viewer=dpo, request_id=request, why="Again.", at=NOW)
    operations.answer_request(viewer=dpo, request_id=request, note="Unfounded.", refused=True, at=NOW)
    assert queries.request(dpo, request, at=NOW).state == "refused"


# --- rectification -------------------------------------------------------------------------------------------


def test_what_is_put_right_is_told_to_whoever_received_it(world):
    cast, dpo = world.cast, world.cast["dpo"]
    request = asked(world, kind="rectification")
    assert queries.entry_to_put_right(dpo, request, at=NOW)["born_on"] == "2011-03-14"
    told = operations.put_right(
        viewer=dpo, request_id=request, field="born_on", after="2011-04-14", reason="Birth certificate seen.", at=NOW
    )
    assert "team:mash" in told and "forum:mace" in told and not any(each.startswith("user:") for each in told)
    assert people.person(cast["mash"], world.heard.person_id, at=NOW).born_on == date(2011, 4, 14)
    # Read by those who received it and may open the person still; nobody else has a notice.
    seen = {name for name, viewer in cast.items() if queries.put_right(viewer, at=NOW)}
    assert {"mash", "mash-manager", "mace-coordinator"} <= seen
    assert not seen & {"marac-coordinator", "school", "analyst", "admin", "dpo", "housing"}
    (notice,) = (each for each in queries.put_right(cast["mash"], at=NOW) if each.holder == "team:mash")
    operations.read_notice(viewer=cast["mash"], notice_id=notice.notice_id, at=NOW)
    assert notice.notice_id not in {each.notice_id for each in queries.put_right(cast["mash-manager"], at=NOW)}
    with pytest.raises(NotHere):
        operations.read_notice(viewer=cast["mash-manager"], notice_id=notice.notice_id, at=NOW)
    assert any(each.read_at for each in queries.told(dpo, request, at=NOW))
    disclosed = next(e for e in audit.disclosures(dpo, at=NOW) if e.action == "rights.told")
    assert set(disclosed.recipients) == set(told) and disclosed.detail["fields"] == ["born_on"]
    operations.answer_request(viewer=dpo, request_id=request, note="Put right.", at=NOW)
    with pytest.raises(NotHere):
        operations.put_right(viewer=dpo, request_id=request, field="sex", after="M", reason="r", at=NOW)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"field": "safe_contact"}, NotCorrected, "cannot be put right here"),
        ({"after": "14 April"}, NotCorrected, "is not a date"),
        ({"reason": " "}, NotCorrected, "Say what it should be and what shows it"),
        ({"by": "mash-manager"}, NotAllowed, "rights.answer"),
        ({"kind": "access"}, NotHere, "There is no request here"),
        ({"details": Details("Nobody", "Atall SYN", date(1990, 1, 1))}, NotHere, "There is no record here"),
    ],
)
def test_a_correction_through_a_request_that_makes_no_sense_is_refused(world, change, error, words):
    given_ = {"by": "dpo", "kind": "rectification", "details": CHILD, "field": "born_on", "after": "2011-04-14",
              "reason": "r", **change}  # fmt: skip
    request = asked(world, given_.pop("details"), given_.pop("kind"))
    with pytest.raises(error) as refused:
        operations.put_right(viewer=world.cast[given_.pop("by")], request_id=request, at=NOW, **given_)
    assert words in str(refused.value)


# --- who looked, for whoever leads ---------------------------------------------------------------------------


def test_whoever_answers_for_the_record_reads_who_looked_odd_patterns_first(world):
    cast, person = world.cast, world.heard.person_id
    night = NOW.replace(hour=3)
    for minute in range(12):
        people.person(cast["mash"], person, at=night + timedelta(minutes=minute), reason="curious")
    later = NOW + timedelta(hours=1)
    events, odd = queries.looked(cast["mash-manager"], person, at=later)
    assert {"mash"} <= {each.username for each in events} and events == tuple(
        sorted(events, key=lambda each: each.at, reverse=True)
    )
    signs = {(each.key, each.username) for each in odd}
    assert {("same_person", "mash"), ("out_of_hours", "mash"), ("typed_reason", "mash")} <= signs
    assert odd[0].key == next(each.key for each in accounts.partnership().oversight.pattern if each.key in dict(signs))
    # Asking is a line itself, and the coordinator of the panel asks the same.
    assert queries.looked(cast["mace-coordinator"], person, at=later)[0]
    asked_ = [e for e in audit.who_looked(cast["dpo"], "person", person, at=later) if e.action == "person.looked"]
    assert {e.username for e in asked_} == {"mash-manager", "mace-coordinator"}


def test_nobody_else_reads_who_looked_and_another_panel_stays_unknown(world):
    cast = world.cast
    for name in ("mash", "mace-chair", "police", "school", "admin", "dpo", "analyst"):
        with pytest.raises(NotAllowed):
            queries.looked(cast[name], world.heard.person_id, at=NOW)
    for name in ("mash-manager", "mace-coordinator"):
        said = []
        for key in (world.marac.person_id, uuid4()):
            with CaptureQueriesContext(connection) as asked_, pytest.raises(NotHere) as refused:
                queries.looked(cast[name], key, at=NOW)
            said.append(
                (
                    str(refused.value),
                    [re.sub(r"[0-9a-f-]{20,}|_x\d+|s\d{6,}", "?", each["sql"])[:60] for each in asked_],
                )
            )
        assert said[0] == said[1], "hidden and missing take the same words and the same statements"
    # The panel's members act for another purpose than MASH where they do: none of their lines is shown.
    mine = cast["mash-manager"].acting_for
    events, _ = queries.looked(cast["mash-manager"], world.heard.person_id, at=NOW)
    assert all(set(each.purpose.split(",")) & mine for each in events)


# --- who keeps their access ----------------------------------------------------------------------------------


def test_each_role_and_seat_has_one_reviewer_and_nobody_reviews_themselves(world):
    cast = world.cast
    _, team = queries.access(cast["mash-manager"], at=NOW)
    assert {line.part for line in team} == {"duty_mash_worker"}
    _, forum = queries.access(cast["mace-coordinator"], at=NOW)
    assert {line.part for line in forum} == {"mace:member", "exploitation_missing_group:member"}
    quarter, rest = queries.access(cast["dpo"], at=NOW)
    assert quarter == "2026-Q2"
    assert {"mash_manager", "data_protection_officer", "mace:coordinator", "mace:chair"} <= {line.part for line in rest}
    reviewers = [name for name, viewer in cast.items() if accounts.may(viewer, "access.review")]
    seen = [(line.user_id, line.part) for name in reviewers for line in queries.access(cast[name], at=NOW)[1]]
    assert set(seen) == set(accounts.every_part())
    own = next(line for line in rest if line.mine)
    with pytest.raises(NotReviewed, match="You cannot review your own access"):
        operations.review_access(viewer=cast["dpo"], user_id=own.user_id, part=own.part, verdict="keep", at=NOW)


def test_a_review_is_signed_once_and_what_ends_is_the_administrators_to_take_away(world):
    cast, keeper = world.cast, accounts.service("records_keeper")
    before = queries.access_waits(keeper, at=NOW)
    line = queries.access(cast["mash-manager"], at=NOW)[1][0]
    said = {"viewer": cast["mash-manager"], "user_id": line.user_id, "part": line.part, "at": NOW}
    with pytest.raises(NotReviewed, match="and if not, why"):
        operations.review_access(verdict="end", **said)
    operations.review_access(verdict="end", why="Went to housing.", **said)
    with pytest.raises(NotReviewed, match="was reviewed already"):
        operations.review_access(verdict="keep", **said)
    assert queries.access_waits(keeper, at=NOW) == before - 1
    (ends,) = queries.to_end(cast["admin"], at=NOW)
    assert (ends.user_id, ends.part, ends.why) == (line.user_id, "duty_mash_worker", "Went to housing.")
    accounts_operations.move(
        viewer=cast["admin"], user_id=line.user_id, agency="housing_options", roles=["referrer"], at=NOW
    )
    assert queries.to_end(cast["admin"], at=NOW) == ()
    with pytest.raises(NotHere):
        operations.review_access(**{**said, "part": "duty_mash_worker"}, verdict="keep")
    for name in ("admin", "mash", "police", "mace-chair"):
        with pytest.raises(NotAllowed):
            queries.access(cast[name], at=NOW)


def test_a_mover_loses_the_old_teams_records_at_once_and_a_leaver_their_sessions(world):
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    cast, admin = world.cast, world.cast["admin"]
    seated = cast["police"]
    stores = []
    for viewer in (cast["mash"], seated):
        store = SessionStore()
        store["_auth_user_id"] = str(viewer.user_id)
        store.save()
        stores.append(store.session_key)
    assert referral_queries.contact(cast["mash"], world.undecided, at=NOW)
    accounts_operations.move(
        viewer=admin, user_id=cast["mash"].user_id, agency="housing_options", roles=["referrer"], at=NOW
    )
    moved = accounts.viewer_named("mash")
    assert (moved.agency, moved.roles, moved.teams) == ("housing_options", {"referrer"}, frozenset())
    with pytest.raises((NotHere, NotAllowed)):
        referral_queries.contact(moved, world.undecided, at=NOW)
    accounts_operations.leave(viewer=admin, user_id=seated.user_id, at=NOW)
    assert not Session.objects.filter(session_key__in=stores).exists()
    with pytest.raises(NotAllowed, match="switched off"):
        accounts.viewer_named("police")
    with pytest.raises(NotTogether, match="cannot be held by one account"):
        accounts_operations.move(
            viewer=admin,
            user_id=cast["gp"].user_id,
            agency="housing_options",
            roles=["analyst", "duty_mash_worker"],
            at=NOW,
        )


# --- conflicts -----------------------------------------------------------------------------------------------


def test_a_declared_conflict_hides_the_case_from_that_member_on_every_surface(world):
    from concord.desk.panels import queries as panel_queries

    police, item = world.cast["police"], world.coming.item_id
    at = NOW + timedelta(days=1)
    assert panel_queries.item(police, item, at=NOW)
    panels.declare_conflict(viewer=police, item_id=item, why="nephew", at=NOW)
    for read in (
        lambda: panel_queries.item(police, item, at=at),
        lambda: people.person(police, world.coming.person_id, at=at),
        lambda: panels.add_research(viewer=police, item_id=item, text="t", at=at),
        lambda: panels.declare_conflict(viewer=police, item_id=item, why="again", at=at),
    ):
        with pytest.raises((NotHere, NotAllowed)):
            read()
    page = panel_queries.meeting(police, world.coming.meeting_id, at=at)
    assert str(item) not in str(page) and "Nell" not in str(page)
    assert str(item) not in str(panel_queries.my_actions(police, at=at))
    assert panel_queries.for_person(police, world.coming.person_id, at=at) == ()
    assert panel_queries.item(replace(police, user_id=world.cast["health"].user_id), item, at=at)
