"""What a forum must not give away, and what stands beside a case: hand-offs, hidden cases, signed minutes, transfers,
contact before the meeting, reminders, managed lists, questions from the public, packs, populations."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256

import desk_story as story
import pytest
from desk_story import NOW, World
from django.db import IntegrityError, connection, transaction

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import ChangedMeanwhile, NotAllowed, NotHere
from concord.desk.audit import queries as audit
from concord.desk.panels import operations as panels
from concord.desk.panels import queries
from concord.desk.panels.models import Decision, Item, Minutes
from concord.desk.panels.rules import Named, NotNow
from concord.desk.panels.standing import CohortEntry, Pack, Question
from concord.desk.people.rules import Details
from concord.desk.sharing.session import as_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def planned(world: World, forum: str, by: str, days: int = 3):
    return panels.plan_meeting(
        viewer=world.cast[by], forum=forum, starts_at=NOW + timedelta(days=days), place="Room", at=NOW
    )


def opened(world: World, meeting_id, by: str, at=NOW) -> None:
    panels.everybody_here(viewer=world.cast[by], meeting_id=meeting_id, at=at)
    panels.open_meeting(viewer=world.cast[by], meeting_id=meeting_id, at=at)


# --- a hand-off gives nothing away ----------------------------------------------------------------------------------


@pytest.fixture
def two_panels(monkeypatch):
    """A second panel of MACE's purpose that hands over by the same rule."""
    from dataclasses import replace

    from concord.desk.panels.operations import after

    rule = queries.forum("mace").hand_off

    def with_rule(of):
        return (
            replace(of, hand_off=replace(rule, seat="children_social_care")) if of.key == "daily_risk_meeting" else of
        )

    original = after.hand_off
    monkeypatch.setattr(
        "concord.desk.panels.operations.cases.hand_off",
        lambda viewer, of, row, at: original(viewer, with_rule(of), row, at),
    )
    return rule


def heard(world: World, forum: str, coordinator: str, chair: str, outcome: str, named: Named, at):
    meeting_id = panels.plan_meeting(
        viewer=world.cast[coordinator], forum=forum, starts_at=at + timedelta(hours=2), place="Room", at=at
    )
    kind = queries.forum(forum).item[0].key
    item_id = panels.list_people(
        viewer=world.cast[coordinator], meeting_id=meeting_id, kind=kind, named=[named], reason="r", at=at
    )
    opened(world, meeting_id, coordinator, at)
    panels.decide(viewer=world.cast[chair], item_id=item_id, outcome=outcome, reason="r", version=1, at=at)
    return item_id


@pytest.mark.parametrize("heard_elsewhere", [True, False])
def test_a_second_panel_cannot_tell_that_another_raised_the_hand_off(world, two_panels, heard_elsewhere):
    """What the daily meeting sees of a child of seventeen is the same whether MACE heard the child or not."""
    contact = story.refer_child(
        world.cast, at=NOW, child=story.PartyDetails("child", "Old", "Enough SYN", date(2009, 1, 1), "F")
    )
    from concord.desk.referrals import queries as referrals

    mash = world.cast["mash"]
    contact_id = referrals.contact_of(mash, contact.referral_id, at=NOW)
    person = story.identify_all(mash, contact_id, NOW)["child"]
    from concord.desk.sharing import operations as sharing

    with as_viewer(mash, at=NOW):
        sharing.share(
            viewer=mash, subjects=[("person", person)], purpose="child_safeguarding",
            holders={"forum:mace:coordinator": None, "forum:daily_risk_meeting:coordinator": None},
            gateway="children_act_2004_s11", agreement="child_safeguarding", at=NOW,
        )  # fmt: skip
    known = Named("child", person_id=person)
    if heard_elsewhere:
        heard(world, "mace", "mace-coordinator", "mace-chair", "plan_agreed", known, NOW)
    item_id = heard(world, "daily_risk_meeting", "daily-lead", "daily-lead", "note", known, NOW + timedelta(days=1))
    lead, later = world.cast["daily-lead"], NOW + timedelta(days=1)
    assert [each.text for each in queries.item(lead, item_id, at=later).actions] == [two_panels.text]
    police = queries.my_actions(world.cast["safety-police"], at=later)
    assert not [each for each in police if each.also]


def test_who_takes_it_over_sees_one_task_and_ends_it_once(world, two_panels):
    seen = {}
    for forum, coordinator, chair, outcome in (
        ("mace", "mace-coordinator", "mace-chair", "plan_agreed"),
        ("daily_risk_meeting", "daily-lead", "daily-lead", "note"),
    ):
        named = Named("child", Details("Twice", "Heard SYN", date(2009, 1, 1)))
        if seen:
            with as_viewer(world.cast["mace-coordinator"], at=NOW):
                from concord.desk.sharing import operations as sharing

                sharing.share(
                    viewer=world.cast["mace-coordinator"], subjects=[("person", seen["person"])],
                    holders={"forum:daily_risk_meeting:coordinator": None}, purpose="child_safeguarding",
                    gateway="children_act_2004_s11", agreement="child_safeguarding", at=NOW,
                )  # fmt: skip
            named = Named("child", person_id=seen["person"])
        item_id = heard(world, forum, coordinator, chair, outcome, named, NOW)
        seen[forum] = item_id
        seen["person"] = queries.item(world.cast[coordinator], item_id, at=NOW).persons[0].person_id
    from concord.desk.accounts import operations as accounts_operations

    agencies = {
        queries.item(world.cast[who], seen[forum], at=NOW).actions[0].agency
        for forum, who in (("mace", "mace-coordinator"), ("daily_risk_meeting", "daily-lead"))
    }
    both = next(each for each in world.cast.values() if each.agency == "mash" and each.username == "mash-manager")
    accounts_operations.join_forum(
        viewer=accounts.service("installation"), user_id=both.user_id, forum="daily_risk_meeting", part="member",
        seat="children_social_care", at=NOW,
    )  # fmt: skip
    viewer = accounts.viewer_named("mash-manager")
    mine = [each for each in queries.my_actions(viewer, at=NOW) if each.text == two_panels.text]
    if len(agencies) == 1:
        (line,) = mine
        assert line.also and {line.abbreviation, *line.also} == {"MACE", "DRM"}
        panels.close_action(viewer=viewer, action_id=line.action_id, status="done", version=line.version, at=NOW)
        assert not [each for each in queries.my_actions(viewer, at=NOW) if each.text == two_panels.text]
        for forum, who in (("mace", "mace-coordinator"), ("daily_risk_meeting", "daily-lead")):
            assert queries.item(world.cast[who], seen[forum], at=NOW).actions[0].status == "done"
    else:
        assert len(mine) == 1 and not mine[0].also


# --- nothing is learned from numbers --------------------------------------------------------------------------------


def test_a_hidden_case_leaves_no_gap_in_the_numbers_nor_stops_the_meeting(world):
    coordinator, chair = world.cast["safety-coordinator"], world.cast["safety-chair"]
    meeting_id = planned(world, "community_marac", "safety-coordinator")
    facets = {"ground": ["judgement"]}
    ids = [
        panels.list_topic(viewer=coordinator, meeting_id=meeting_id, kind="address", about=f"{name} SYN", reason="r",
                          facets=facets, at=NOW)
        for name in ("One", "Two", "Three")
    ]  # fmt: skip
    panels.declare_conflict(viewer=chair, item_id=ids[1], why="cousin", at=NOW)
    assert [line.position for line in queries.meeting(chair, meeting_id, at=NOW).items] == [1, 2]
    assert [line.position for line in queries.meeting(coordinator, meeting_id, at=NOW).items] == [1, 2, 3]
    opened(world, meeting_id, "safety-coordinator")
    page = queries.item(chair, ids[0], at=NOW)
    assert page.next_id == ids[2] and page.kept_out == ()
    assert queries.item(coordinator, ids[1], at=NOW).kept_out == (chair.display_name,)
    assert queries.item(world.cast["safety-police"], ids[1], at=NOW).kept_out == (), "only who runs the meeting"
    for each in (ids[0], ids[2]):
        panels.decide(viewer=chair, item_id=each, outcome="plan_agreed", reason="r", version=1, at=NOW)
    panels.close_meeting(viewer=chair, meeting_id=meeting_id, at=NOW)
    assert [line.item_id for line in queries.carried_over(coordinator, "community_marac", at=NOW)] == [ids[1]]
    text = panels.sign_minutes(viewer=chair, meeting_id=meeting_id, at=NOW)
    assert "Two SYN" not in text
    whole = queries.minutes(coordinator, meeting_id, at=NOW)
    assert whole.startswith(text) and "Heard without the chair who signed" in whole and "Two SYN" in whole
    assert queries.minutes(chair, meeting_id, at=NOW).count("SYN (") == text.count("SYN (")


# --- the room -------------------------------------------------------------------------------------------------------


def test_what_is_said_becomes_the_record_and_two_at_once_are_told(world):
    opened(world, world.coming.meeting_id, "mace-coordinator")
    coordinator, chair, item_id = world.cast["mace-coordinator"], world.cast["mace-chair"], world.coming.item_id
    given = {"item_id": item_id, "at": NOW}
    panels.record_so_far(
        viewer=coordinator, version=1, minute="Police: two stops.", task="Visit her.",
        owner=world.cast["police"].user_id, due_on=NOW.date() + timedelta(days=3), **given,
    )  # fmt: skip
    with pytest.raises(ChangedMeanwhile, match="changed while") as told:
        panels.record_so_far(viewer=chair, version=1, minute="Mine.", **given)
    assert coordinator.display_name in str(told.value.why)
    with pytest.raises(ChangedMeanwhile):
        panels.settle(viewer=chair, version=1, outcome="plan_agreed", reason="r", minute="Mine.", **given)
    page = queries.item(chair, item_id, at=NOW)
    assert (page.minute, page.minuted_by) == ("Police: two stops.", coordinator.display_name)
    (action,) = page.actions
    assert (action.owner, action.agency) == (world.cast["police"].display_name, "SYN Harbourside Police")
    assert [each.text for each in queries.my_actions(world.cast["police"], own=True, at=NOW)] == ["Visit her."]
    assert not queries.my_actions(world.cast["safety-police"], own=True, at=NOW)
    panels.settle(viewer=chair, version=2, outcome="plan_agreed", reason="It holds.", minute="Both.", **given)
    panels.close_meeting(viewer=coordinator, meeting_id=world.coming.meeting_id, at=NOW)
    assert "Said: Both." in panels.sign_minutes(viewer=chair, meeting_id=world.coming.meeting_id, at=NOW)


def test_somebody_kept_out_of_a_case_takes_no_action_in_it(world):
    opened(world, world.coming.meeting_id, "mace-coordinator")
    police = world.cast["police"]
    panels.declare_conflict(viewer=police, item_id=world.coming.item_id, why="nephew", at=NOW)
    with pytest.raises(NotNow, match="does not sit on MACE for this case"):
        panels.add_action(
            viewer=world.cast["mace-chair"], item_id=world.coming.item_id, owner=police.user_id, text="Visit.",
            due_on=NOW.date(), at=NOW,
        )  # fmt: skip


def test_signed_minutes_and_what_they_rest_on_cannot_be_changed(world):
    viewer = world.cast["mace-coordinator"]
    with as_viewer(viewer, at=NOW):
        signed = Minutes.objects.get(meeting_id=world.heard.meeting_id)
        assert len(signed.digest) == 64 and signed.covers == [str(world.heard.item_id)]
        # Not even reached: the wall gives nobody a row of a decision or of signed minutes to change.
        assert Decision.objects.filter(item_id=world.heard.item_id).update(reason="x") == 0
        assert Minutes.objects.filter(meeting_id=world.heard.meeting_id).update(text="x") == 0
        for changed in ({"minute": "x"}, {"reason": "x"}, {"state": "listed"}):
            with pytest.raises(IntegrityError, match="minutes of this meeting are signed"), transaction.atomic():
                Item.objects.filter(id=world.heard.item_id).update(**changed)
    with pytest.raises(NotNow):
        panels.add_research(viewer=world.cast["police"], item_id=world.heard.item_id, text="Late.", at=NOW)


def test_the_trail_keeps_the_digest_of_what_was_signed(world):
    with as_viewer(world.cast["mace-coordinator"], at=NOW):
        row = Minutes.objects.get(meeting_id=world.heard.meeting_id)
    assert row.digest == sha256(row.text.encode()).hexdigest()
    with as_viewer(world.cast["dpo"], at=NOW):
        found = audit.who_looked(world.cast["dpo"], "meeting", world.heard.meeting_id, at=NOW)
    assert [each for each in found if each.action == "meeting.sign"]


# --- beside a case --------------------------------------------------------------------------------------------------


def test_only_the_idva_says_whether_the_person_was_spoken_with_and_the_meeting_waits_for_it(world):
    coordinator, idva, item_id = world.cast["marac-coordinator"], world.cast["idva"], world.marac.item_id
    assert queries.readiness(coordinator, world.marac.meeting_id, at=NOW).prior_missing == 1
    for who in ("police", "housing", "marac-coordinator"):
        with pytest.raises(NotAllowed, match="Nobody else makes contact"):
            panels.record_prior_contact(viewer=world.cast[who], item_id=item_id, outcome="not_reached", at=NOW)
    with pytest.raises(NotNow, match="Say what they want"):
        panels.record_prior_contact(viewer=idva, item_id=item_id, outcome="reached", at=NOW)
    with pytest.raises(NotNow, match="Did you mean “reached”"):
        panels.record_prior_contact(viewer=idva, item_id=item_id, outcome="reachd", text="t", at=NOW)
    panels.record_prior_contact(viewer=idva, item_id=item_id, outcome="reached", text="New locks.", at=NOW)
    assert queries.readiness(coordinator, world.marac.meeting_id, at=NOW).prior_missing == 0
    page = queries.item(world.cast["health"], item_id, at=NOW)
    assert (page.prior_contact.words, page.prior_contact.text) == ("Spoken with", "New locks.")
    opened(world, world.marac.meeting_id, "marac-coordinator")
    panels.decide(
        viewer=world.cast["marac-chair"], item_id=item_id, outcome="plan_agreed", reason="r", version=1, at=NOW
    )
    panels.close_meeting(viewer=coordinator, meeting_id=world.marac.meeting_id, at=NOW)
    text = panels.sign_minutes(viewer=world.cast["marac-chair"], meeting_id=world.marac.meeting_id, at=NOW)
    assert "IDVA contact before the meeting: Spoken with" in text and "New locks" not in text


def test_a_case_passed_to_another_area_is_chased_until_its_arrival_is_confirmed(world):
    coordinator, item_id = world.cast["marac-coordinator"], world.marac.item_id
    day = NOW.date()
    sent = {"viewer": coordinator, "item_id": item_id, "direction": "out", "area": "SYN Upriver", "at": NOW}
    with pytest.raises(NotNow, match="not decided to go"):
        panels.record_transfer(**sent, sent_on=day)
    opened(world, world.marac.meeting_id, "marac-coordinator")
    panels.decide(
        viewer=world.cast["marac-chair"], item_id=item_id, outcome="transfer", reason="She moved.", version=1, at=NOW
    )
    later = planned(world, "marac", "marac-coordinator", days=20)

    def waiting() -> int:
        return queries.readiness(coordinator, later, at=NOW).transfers_waiting

    assert waiting() == 1
    for wrong in ({"area": " "}, {"sent_on": day + timedelta(days=1)}, {"confirmed_on": day - timedelta(days=1)}):
        with pytest.raises(NotNow, match="Say which area"):
            panels.record_transfer(**{**sent, "sent_on": day, **wrong})
    panels.record_transfer(**sent, sent_on=day)
    assert waiting() == 1
    panels.record_transfer(**sent, sent_on=day, confirmed_on=day)
    assert waiting() == 0
    page = queries.item(coordinator, item_id, at=NOW)
    assert (page.transfer_way, page.transfer.area, page.transfer.confirmed_on) == ("out", "SYN Upriver", day)
    with pytest.raises(NotNow, match="passes no case"):
        panels.record_transfer(
            viewer=world.cast["mace-coordinator"], item_id=world.coming.item_id, direction="in", area="x",
            sent_on=day, at=NOW,
        )  # fmt: skip


def test_a_case_from_another_area_says_where_it_came_from(world):
    coordinator = world.cast["marac-coordinator"]
    meeting_id = planned(world, "marac", "marac-coordinator", days=20)
    item_id = panels.list_people(
        viewer=coordinator, meeting_id=meeting_id, kind="person_at_risk", reason="Moved here.", at=NOW,
        named=[Named("victim", Details("Newly", "Come SYN", date(1990, 1, 1), "F"))],
        facets={"ground": ["marac_transfer"]},
    )  # fmt: skip
    assert queries.readiness(coordinator, meeting_id, at=NOW).transfers_waiting == 1
    panels.record_transfer(
        viewer=coordinator, item_id=item_id, direction="in", area="SYN Downriver", sent_on=NOW.date(),
        confirmed_on=NOW.date(), at=NOW,
    )  # fmt: skip
    assert queries.readiness(coordinator, meeting_id, at=NOW).transfers_waiting == 0


def test_agencies_that_owe_research_are_reminded_once_a_day(world):
    coordinator, meeting_id = world.cast["mace-coordinator"], world.coming.meeting_id
    owing = queries.readiness(coordinator, meeting_id, at=NOW).research_missing
    assert panels.remind(viewer=coordinator, meeting_id=meeting_id, at=NOW) == len(owing) > 0
    assert panels.remind(viewer=coordinator, meeting_id=meeting_id, at=NOW) == 0
    assert set(queries.readiness(coordinator, meeting_id, at=NOW).reminded) == {each.agency for each in owing}
    assert "SYN Harbourside Police" not in queries.readiness(coordinator, meeting_id, at=NOW).reminded, "theirs is in"
    assert panels.remind(viewer=coordinator, meeting_id=meeting_id, at=NOW + timedelta(days=1)) == len(owing)


# --- managed lists --------------------------------------------------------------------------------------------------


def selected(world: World, at=NOW, outcome: str = "select", person_id=None):
    coordinator, chair = world.cast["safety-coordinator"], world.cast["probation"]
    meeting_id = panels.plan_meeting(
        viewer=coordinator, forum="iom", starts_at=at + timedelta(hours=1), place="Room", at=at
    )
    details = Details("Ned", "Managed SYN", date(1995, 1, 1), "M")
    named = Named("subject", details) if person_id is None else Named("subject", person_id=person_id)
    item_id = panels.list_people(
        viewer=coordinator, meeting_id=meeting_id, kind="flex", named=[named], reason="Robbery twice.",
        facets={"rag": ["amber"]}, at=at,
    )  # fmt: skip
    opened(world, meeting_id, "safety-coordinator", at)
    panels.decide(viewer=chair, item_id=item_id, outcome=outcome, reason="Likely to do it again.", version=1, at=at)
    return queries.item(coordinator, item_id, at=at).persons[0].person_id


def test_somebody_comes_onto_the_list_by_decision_and_every_agency_marks_its_files(world):
    person = selected(world)
    coordinator, police = world.cast["safety-coordinator"], world.cast["safety-police"]
    (entry,) = queries.cohort(coordinator, "iom", at=NOW)
    assert (entry.name, entry.kind_name, entry.due) == ("Ned Managed SYN", "Flex cohort", False)
    assert (entry.review_on, entry.leaves_on) == (date(2026, 7, 13), date(2026, 9, 13))
    (notice,) = queries.notices(police, at=NOW)
    assert (notice.says, notice.name) == ("mark", "Ned Managed SYN")
    panels.files_marked(viewer=police, notice_id=notice.notice_id, at=NOW)
    assert queries.notices(police, at=NOW) == ()
    (entry,) = queries.cohort(coordinator, "iom", at=NOW)
    assert "SYN Harbourside Police" not in entry.holders_waiting and entry.holders_waiting
    later = NOW + timedelta(days=32)
    assert queries.cohort(coordinator, "iom", at=later)[0].due
    selected(world, later, "red", person)
    (entry,) = queries.cohort(coordinator, "iom", at=later)
    assert (entry.rating_name, entry.due) == ("Rate red", False)
    selected(world, later + timedelta(hours=3), "deselect", person)
    assert queries.cohort(coordinator, "iom", at=later + timedelta(hours=3)) == ()
    (told,) = queries.notices(police, at=later + timedelta(hours=3))
    assert (told.says, told.why) == ("unmark", "Likely to do it again.")


def test_somebody_on_a_list_goes_on_the_next_agenda_once_and_is_looked_at_again(world):
    import time_machine
    from django.contrib.auth import get_user_model
    from django.test import Client

    person = selected(world)
    coordinator, later = world.cast["safety-coordinator"], NOW + timedelta(days=32)
    (entry,) = queries.cohort(coordinator, "iom", at=later)
    panels.plan_meeting(viewer=coordinator, forum="iom", starts_at=later + timedelta(days=2), place="Room", at=later)
    with time_machine.travel(later, tick=False):
        client = Client(headers={"host": "localhost"})
        client.force_login(get_user_model().objects.get(id=coordinator.user_id))
        assert "Put on the next agenda" in client.get("/forums/iom/list/").content.decode()
        address = f"/forums/iom/list/{entry.entry_id}/review/"
        page = client.get(address).content.decode()
        assert "Looked at again, as every month." in page
        sent = {"kind": "flex", "reason": "Month two.", "facet_rag": "green"}
        answer = client.post(address, sent)
        assert answer.status_code == 302
        assert "They are on this agenda already" in client.post(address, {**sent, "reason": "Again."}).content.decode()
        agenda = client.get(answer["Location"]).content.decode()
    assert agenda.count("Ned Managed SYN</a>") == 1
    assert person == entry.person_id


def test_the_rule_takes_off_whoever_is_not_reviewed_and_tells_the_holders(world):
    selected(world)
    keeper, police = accounts.service("forum_keeper"), world.cast["safety-police"]
    last = NOW.replace(month=9, day=12)
    assert panels.sweep(viewer=keeper, at=last) == 0
    assert panels.sweep(viewer=keeper, at=last + timedelta(days=1)) == 1
    assert panels.sweep(viewer=keeper, at=last + timedelta(days=1)) == 0, "once is enough"
    assert queries.cohort(world.cast["safety-coordinator"], "iom", at=last + timedelta(days=1)) == ()
    told = {each.says: each.why for each in queries.notices(police, at=last + timedelta(days=1))}
    assert told["unmark"] == "By rule: not reviewed for 3 months."
    with pytest.raises(NotAllowed):
        panels.sweep(viewer=world.cast["safety-coordinator"], at=NOW)


def test_a_list_is_there_for_its_forum_alone(world):
    selected(world)
    for who in ("mace-coordinator", "youth-justice", "analyst", "dpo", "admin"):
        with pytest.raises(NotAllowed):
            queries.cohort(world.cast[who], "iom", at=NOW)
        with as_viewer(world.cast[who], at=NOW):
            assert not CohortEntry.objects.exists(), f"{who} reaches it past the application"
    chair = world.cast["probation"]
    (entry,) = queries.cohort(chair, "iom", at=NOW)
    panels.declare_conflict(viewer=chair, item_id=entry.item_id, why="brother", at=NOW)
    assert queries.cohort(chair, "iom", at=NOW) == ()
    with as_viewer(chair, at=NOW):
        assert not CohortEntry.objects.exists()


def test_the_coordinator_takes_somebody_off_with_a_reason(world):
    selected(world)
    coordinator = world.cast["safety-coordinator"]
    (entry,) = queries.cohort(coordinator, "iom", at=NOW)
    with pytest.raises(NotNow, match="Say why"):
        panels.take_off(viewer=coordinator, entry_id=entry.entry_id, reason=" ", at=NOW)
    with pytest.raises(NotAllowed):
        panels.take_off(viewer=world.cast["safety-police"], entry_id=entry.entry_id, reason="r", at=NOW)
    panels.take_off(viewer=coordinator, entry_id=entry.entry_id, reason="Moved away.", at=NOW)
    assert queries.cohort(coordinator, "iom", at=NOW) == ()


# --- questions from the public --------------------------------------------------------------------------------------

BOARD = "safer_neighbourhood_board"


def asked(text: str = "When are the lights mended?") -> str:
    return panels.ask_question(viewer=accounts.service("public_form"), board=BOARD, text=text, at=NOW)


def test_a_question_is_read_first_answered_in_public_and_tells_nobody_who(world):
    form, coordinator = accounts.service("public_form"), world.cast["safety-coordinator"]
    reference = asked()
    assert queries.public_questions(form, BOARD, at=NOW) == ()
    with as_viewer(form, at=NOW):
        assert not Question.objects.exists(), "the form's own service cannot read back what waits"
    with as_viewer(world.cast["mace-coordinator"], at=NOW):
        assert not Question.objects.exists()
    (waiting,) = queries.questions(coordinator, BOARD, at=NOW)
    given = {"viewer": coordinator, "question_id": waiting.question_id, "at": NOW}
    with pytest.raises(NotNow):
        panels.answer_question(answer="Soon.", version=1, **given)
    panels.publish_question(text="When will the lights on Lock Lane be mended?", version=1, **given)
    with pytest.raises(ChangedMeanwhile):
        panels.publish_question(text="x", version=1, **given)
    meeting_id = planned(world, BOARD, "safety-coordinator")
    item_id = panels.list_question(viewer=coordinator, meeting_id=meeting_id, question_id=waiting.question_id, at=NOW)
    with pytest.raises(NotNow, match="cannot be put on"):
        panels.list_question(viewer=coordinator, meeting_id=meeting_id, question_id=waiting.question_id, at=NOW)
    opened(world, meeting_id, "safety-coordinator")
    panels.decide(
        viewer=world.cast["safety-chair"], item_id=item_id, outcome="answered", reason="By March.", version=1, at=NOW
    )
    assert queries.questions(coordinator, BOARD, at=NOW)[0].drafted == "By March."
    panels.answer_question(answer="By the end of March.", version=3, **given)
    (line,) = queries.public_questions(form, BOARD, at=NOW)
    assert (line.reference, line.text, line.answer, line.drafted) == (
        reference, "When will the lights on Lock Lane be mended?", "By the end of March.", "",
    )  # fmt: skip
    columns = {each.name for each in Question._meta.get_fields()}
    assert not columns & {"name", "email", "address", "asked_by", "phone", "session"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Why did you let Mr Barker off?", "somebody called by name"),
        ("Ring me on 020 7946 0018 about it", "a telephone number"),
        ("Write to a.b@example.org", "an e-mail address"),
        ("They deal at flat 12 Quay House", "the door of a home"),
        ("What about E1 4NS?", "a full postcode"),
        (" ", "Write your question"),
        ("x" * 501, "longer than 500"),
    ],
)
def test_a_question_that_tells_who_or_where_somebody_is_is_not_taken(world, text, words):
    with pytest.raises(NotNow, match=words):
        asked(text)
    with as_viewer(world.cast["safety-coordinator"], at=NOW):
        assert not Question.objects.exists()


def test_of_a_declined_question_no_word_is_left(world):
    asked("Is the man at the corner shop dangerous?")
    coordinator = world.cast["safety-coordinator"]
    (line,) = queries.questions(coordinator, BOARD, at=NOW)
    panels.decline_question(viewer=coordinator, question_id=line.question_id, why="personal", version=1, at=NOW)
    with as_viewer(coordinator, at=NOW):
        row = Question.objects.get()
        assert (row.text, row.answer, row.state) == ("", "", "declined")
        with pytest.raises(IntegrityError), transaction.atomic():
            Question.objects.update(text="back")
    assert queries.public_questions(accounts.service("public_form"), BOARD, at=NOW) == ()


def test_what_the_public_sees_of_a_board_holds_no_case_and_no_closed_board(world):
    form = accounts.service("public_form")
    for board in ("executive", "mace", "nowhere"):
        with pytest.raises(NotHere):
            queries.public_board(form, board, at=NOW)
        with pytest.raises(NotHere):
            panels.ask_question(viewer=form, board=board, text="Why?", at=NOW)
    meeting_id = planned(world, BOARD, "safety-coordinator")
    panels.list_topic(
        viewer=world.cast["safety-coordinator"], meeting_id=meeting_id, kind="paper", about="The assessment",
        whereabouts="/published/sna/index.html", reason="r", at=NOW,
    )  # fmt: skip
    planned(world, "executive", "safety-coordinator")
    (meeting,) = queries.public_board(form, BOARD, at=NOW)
    assert [(each.about, each.outcome) for each in meeting.items] == [("The assessment", "")]
    with as_viewer(form, at=NOW), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM panels_public_agenda WHERE forum <> %s", [BOARD])
        assert cursor.fetchone() == (0,)
    with as_viewer(world.cast["school"], at=NOW), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM panels_public_agenda")
        assert cursor.fetchone() == (0,), "only the form's service reads through it"


# --- actions across panels ------------------------------------------------------------------------------------------


def test_actions_that_do_not_fit_reach_only_the_coordinator_who_may_see_both(world):
    coordinator, chair = world.cast["safety-coordinator"], world.cast["safety-chair"]
    first = planned(world, "community_marac", "safety-coordinator", days=1)
    person = Named("subject", Details("Una", "Torn SYN", date(1970, 1, 1)))
    given = {"viewer": coordinator, "reason": "r", "at": NOW}
    one = panels.list_people(
        meeting_id=first, kind="vulnerable_person", named=[person], facets={"ground": ["judgement"]}, **given
    )
    person_id = queries.item(coordinator, one, at=NOW).persons[0].person_id
    second = planned(world, "iom", "safety-coordinator", days=2)
    two = panels.list_people(
        meeting_id=second, kind="flex", named=[Named("subject", person_id=person_id)], facets={"rag": ["red"]}, **given
    )
    opened(world, first, "safety-coordinator")
    opened(world, second, "safety-coordinator")
    row = accounts.partnership().codelists["action_oppositions"][0]
    asks, forbids = row["asks"].split(";")[0], row["forbids"].split(";")[0]
    day = NOW.date() + timedelta(days=3)
    panels.add_action(viewer=chair, item_id=one, agency="harbourside_police", text=asks, due_on=day, at=NOW)
    panels.add_action(
        viewer=world.cast["probation"], item_id=two, agency="harbourside_police", text=forbids, due_on=day, at=NOW
    )
    (clash,) = queries.clashes_at(coordinator, first, at=NOW)
    assert (clash.kind, clash.why) == ("contradiction", row["why"])
    for who in ("safety-chair", "adult-care", "mace-coordinator"):
        assert queries.clashes_at(world.cast[who], first, at=NOW) == (), who


# --- packs and populations ------------------------------------------------------------------------------------------


def pack_meeting(world: World):
    return planned(world, "exploitation_missing_group", "mace-coordinator")


def test_a_pack_is_asked_for_approved_by_another_and_stays_as_it_was(world):
    coordinator, approver, meeting_id = world.cast["mace-coordinator"], world.cast["approver"], pack_meeting(world)
    pack_id = panels.ask_pack(viewer=coordinator, meeting_id=meeting_id, at=NOW)
    with pytest.raises(NotNow, match="waits for approval already"):
        panels.ask_pack(viewer=coordinator, meeting_id=meeting_id, at=NOW)
    (line,) = queries.packs_waiting(approver, at=NOW)
    assert line.pack_id == pack_id and not line.content
    content = {"sections": [{"heading": "H", "figures": []}], "own": [["Cases", 3]], "missing": []}
    with pytest.raises(NotAllowed):
        panels.keep_pack(viewer=coordinator, pack_id=pack_id, content=content, at=NOW)
    panels.keep_pack(viewer=approver, pack_id=pack_id, content=content, at=NOW)
    page = queries.pack(world.cast["youth-justice"], meeting_id, at=NOW)
    assert (page.state, page.approved_by, page.content) == ("made", approver.display_name, content)
    for who in ("police", "analyst", "approver", "school"):
        assert queries.pack(world.cast[who], meeting_id, at=NOW) is None, who
    with as_viewer(coordinator, at=NOW), pytest.raises(IntegrityError, match="not altered"), transaction.atomic():
        Pack.objects.filter(id=pack_id).update(content={})
    opened(world, meeting_id, "mace-coordinator")
    with pytest.raises(NotNow, match="stays as it was"):
        panels.ask_pack(viewer=coordinator, meeting_id=meeting_id, at=NOW)


def test_a_rate_is_per_the_population_that_was_brought_with_its_code(world):
    coordinator, keeper = world.cast["marac-coordinator"], accounts.service("forum_keeper")
    opened(world, world.marac.meeting_id, "marac-coordinator")
    panels.decide(
        viewer=world.cast["marac-chair"], item_id=world.marac.item_id, outcome="plan_agreed", reason="r", version=1,
        at=NOW,
    )  # fmt: skip
    starts, ends = NOW.date() - timedelta(days=40), NOW.date() + timedelta(days=40)

    def rate():
        lines, _ = queries.forum_return(coordinator, "marac", starts, ends, at=NOW)
        return next(each.rate for each in lines if each.key == "rate")

    assert rate() is None
    with pytest.raises(NotNow, match="return asks for"):
        panels.bring_population(viewer=keeper, key="adult_men", persons=5, source="s", code="C", at=NOW)
    panels.bring_population(viewer=keeper, key="adult_women", persons=125_000, source="Mid-2024", code="W-1", at=NOW)
    assert rate() == pytest.approx(10_000 / 125_000)
    assert queries.population(coordinator, "adult_women", at=NOW).code == "W-1"
    with pytest.raises(NotAllowed):
        panels.bring_population(viewer=coordinator, key="adult_women", persons=1, source="s", code="X", at=NOW)
