"""How each row of tests/spec/access_matrix.csv is tried on the real desk. Who gets through is in the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sized
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import access_rights
import desk_story as story
from desk_story import NOW, World

from concord.desk.accounts import operations as accounts_operations
from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit import queries as audit
from concord.desk.instruments import operations as instruments
from concord.desk.instruments import queries as instrument_queries
from concord.desk.instruments.rules import NotAnswered, NotUsable
from concord.desk.panels import operations as panels
from concord.desk.panels import queries as panel_queries
from concord.desk.panels.rules import Named, NotNow
from concord.desk.people import operations as people_operations
from concord.desk.people import queries as people
from concord.desk.people.rules import Details, NotMerged
from concord.desk.records import operations as records_operations
from concord.desk.records import queries as records
from concord.desk.records.rules import NotDecidable
from concord.desk.referrals import operations as referrals
from concord.desk.referrals import queries as referral_queries
from concord.desk.referrals.rules import NotThatWay, PartyDetails, SessionEntry
from concord.desk.registers import operations as register_operations
from concord.desk.registers import queries as registers
from concord.desk.sharing import operations as sharing_operations
from concord.desk.sharing import queries as sharing

LATER = NOW + timedelta(days=9)
"""After the cut-off of every meeting, before anybody's time with a case is over."""
CHILD = Details(story.CHILD.given_name, story.CHILD.family_name, story.CHILD.born_on)
BOUND = Details("Bound", "Probe SYN", NOW.date().replace(year=1990))

AGENCIES = {
    "support_provider": "domestic_abuse_service",
    "exploitation_worker": "exploitation_team",
    "transitions_worker": "transitions",
    "youth_justice_officer": "youth_justice",
    "police_decision_maker": "harbourside_police",
    "offender_manager": "probation",
    "harm_tool_user": "harbourside_police",
    "tasking_lead": "safer_neighbourhoods",
    "patrol_officer": "enforcement_officers",
    "cctv_operator": "cctv",
    "linkage_reviewer": "community_safety",
    "councillor": "harbourside_council",
    "scrutiny_member": "harbourside_council",
    "training_officer": "community_safety",
    "commissioner": "office_for_policing",
}
"""Roles that nobody of the demonstration holds, each in an agency where somebody would."""


@dataclass(frozen=True)
class Tried(World):
    """The world with somebody in every role, an emergency opening to review, and intelligence given to MARAC."""

    entry: UUID
    assessment: UUID
    support: UUID
    """A referral for therapeutic support that nobody has offered anything yet."""
    place: UUID
    """A place that the exploitation team looks into."""
    tension: UUID
    order: UUID
    asked: Mapping[str, UUID]
    """Two entries of registers, the order about somebody; and requests of people about their own records."""


def tried(world: World) -> Tried:
    """Adds what the table needs to a world that was just made."""
    admin = accounts.service("installation")
    cast = dict(world.cast)
    for role, agency in AGENCIES.items():
        accounts_operations.add_user(
            viewer=admin, username=f"as-{role}", display_name=f"{role} SYN", agency=agency, roles=[role], at=NOW
        )
        cast[f"as-{role}"] = accounts.viewer_named(f"as-{role}")
    panels.add_research(
        viewer=cast["police"], item_id=world.marac.item_id, text="Two calls.", intelligence="May hold a blade.", at=NOW
    )
    opened = people_operations.open_in_emergency(
        viewer=cast["mash-manager"], details=CHILD, purpose="child_safeguarding", reason="seen on a roof", at=NOW
    )
    kept = {name: getattr(world, name) for name in ("heard", "coming", "marac", "undecided", "action_id")}
    assessment = begin(cast["school"], "exploitation_screening")
    support = referrals.submit(
        viewer=cast["school"],
        pathway="therapeutic_support",
        parties=[PartyDetails("victim", "Rafi", "Testwell SYN", story.CHILD.born_on)],
        concern="Hurt in a robbery and not sleeping.",
        ground="victim_under_25",
        at=NOW,
    )
    harmed = referrals.submit(
        viewer=cast["school"],
        pathway="harm_place",
        parties=[PartyDetails("place", "", "Harbour Park")],
        concern="Younger pupils are robbed there after school.",
        answers={"often": "weekly", "children": "several"},
        at=NOW,
    )
    worker = cast["youth-worker"]
    about = referral_queries.contact_of(worker, harmed.referral_id, at=NOW)
    party = referral_queries.contact(worker, about, at=NOW).parties[0].party_id
    place = referrals.name_subject(viewer=worker, contact_id=about, party_id=party, subject_id=None, version=1, at=NOW)
    order = note_order(cast["orders"])
    return Tried(
        cast=cast,
        **kept,
        entry=opened.entry,
        assessment=assessment,
        support=referral_queries.contact_of(cast["support"], support.referral_id, at=NOW),
        place=place,
        tension=note_tension(cast["manager"]),
        order=order,
        asked=access_rights.asked(cast["dpo"], CHILD, BOUND, order),
    )


def begin(viewer: Viewer, key: str) -> UUID:
    """An assessment begun; an instrument that is not for the viewer's role is not there for them."""
    try:
        return instruments.begin(viewer=viewer, instrument=key, family_name="Testwell SYN", at=NOW)
    except NotUsable as refused:
        raise NotHere("instrument") from refused


def note_tension(viewer: Viewer) -> UUID:
    return register_operations.add_entry(
        viewer=viewer, register="tension_log", title="Shouting SYN", dated_on=NOW.date(),
        given={"kind": "race", "level": "low"}, at=NOW,
    )  # fmt: skip


def note_order(viewer: Viewer) -> UUID:
    given = {"kind": "cbo", "applied_by": "harbourside_police", "conditions": "c", "breaches": 0}
    return register_operations.add_entry(
        viewer=viewer, register="civil_orders", title="SYN-1", dated_on=NOW.date(), given=given,
        who=BOUND, at=NOW,
    )  # fmt: skip


def close_register_entry(viewer: Viewer, register: str, entry_id: UUID, outcome: str) -> None:
    register_operations.close_entry(
        viewer=viewer, register=register, entry_id=entry_id, outcome=outcome, note="n", version=1, at=NOW
    )


def begin_about(viewer: Viewer, key: str, world: Tried) -> UUID:
    """The same, about the victim in the referral for support."""
    named = referral_queries.contact(world.cast["support"], world.support, at=NOW).parties[0].party_id
    try:
        return instruments.begin(viewer=viewer, instrument=key, party_id=named, at=NOW)
    except NotUsable as refused:
        raise NotHere("instrument") from refused


def _party(world: World) -> UUID:
    return referral_queries.contact(world.cast["mash"], world.undecided, at=NOW).parties[0].party_id


def _some(found: Sized | int) -> None:
    """Nothing to see counts as not getting through."""
    if not (found if isinstance(found, int) else len(found)):
        raise NotHere("row")


def _past(attempt: Callable[[], object], state: type[Exception]) -> None:
    """Whoever is told that the record is not in the state for it has got past the question of who may."""
    with suppress(state):
        attempt()


TRIES: dict[str, Callable[[Viewer, Tried], object]] = {
    "read the child's referral as its referrer":
        lambda v, w: referral_queries.referral_status(v, w.heard.referral_id, at=NOW),
    "read the adult's referral as its referrer":
        lambda v, w: referral_queries.referral_status(v, w.marac.referral_id, at=NOW),
    "open the child's contact": lambda v, w: referral_queries.contact(v, w.heard.contact_id, at=NOW),
    "open an undecided contact": lambda v, w: referral_queries.contact(v, w.undecided, at=NOW),
    "open the adult's contact": lambda v, w: referral_queries.contact(v, w.marac.contact_id, at=NOW),
    "see possible matches": lambda v, w: referral_queries.possible_matches(v, w.undecided, _party(w), at=NOW),
    "search for people": lambda v, w: people.candidates(v, Details("Rafi", "Testwell"), at=NOW),
    "open the child": lambda v, w: people.person(v, w.heard.person_id, at=NOW),
    "open the adult": lambda v, w: people.person(v, w.marac.person_id, at=NOW),
    "rate a contact": lambda v, w: referrals.triage(
        viewer=v, contact_id=w.undecided, rag="green", reason="r", version=1, at=NOW),
    "ask an agency": lambda v, w: referrals.ask(
        viewer=v, contact_id=w.undecided, agency="police", basis="s47", question="q", at=NOW),
    "take a contact in hand": lambda v, w: referrals.hold(
        viewer=v, contact_id=w.undecided, user_id=v.user_id, version=1, at=NOW),
    "hand a contact to a colleague": lambda v, w: referrals.hold(
        viewer=v, contact_id=w.undecided, version=1, at=NOW,
        user_id=w.cast["mash-manager" if v.username == "mash" else "mash"].user_id),
    "see who has how many contacts in hand":
        lambda v, w: _some(referral_queries.balance(v, ["mash_contact"], at=NOW).held),
    "send a child referral": lambda v, w: story.refer_child({"me": v}, by="me", at=NOW),
    "send an adult referral": lambda v, w: story.refer_adult({"me": v}, by="me", at=NOW),
    "open the MACE meeting": lambda v, w: panel_queries.meeting(v, w.coming.meeting_id, at=NOW),
    "open the MARAC meeting": lambda v, w: panel_queries.meeting(v, w.marac.meeting_id, at=NOW),
    "open the MACE case": lambda v, w: panel_queries.item(v, w.coming.item_id, at=NOW),
    "open the MARAC case": lambda v, w: panel_queries.item(v, w.marac.item_id, at=NOW),
    "read the MACE minutes": lambda v, w: panel_queries.minutes(v, w.heard.meeting_id, at=NOW),
    "see MACE's readiness": lambda v, w: panel_queries.readiness(v, w.coming.meeting_id, at=NOW),
    "see MARAC's tray": lambda v, w: panel_queries.waiting(v, "marac", at=NOW),
    "plan a MACE": lambda v, w: panels.plan_meeting(
        viewer=v, forum="mace", starts_at=NOW + timedelta(50), place="p", at=NOW),
    "list a contact at MACE": lambda v, w: panels.list_contact(
        viewer=v, meeting_id=w.coming.meeting_id, contact_id=w.heard.contact_id, reason="r", at=NOW),
    "list a place at MACE": lambda v, w: panels.list_topic(
        viewer=v, meeting_id=w.coming.meeting_id, kind="location", about=f"Arcade {v.username}", reason="r", at=NOW),
    "list a person at MACE": lambda v, w: panels.list_people(
        viewer=v, meeting_id=w.coming.meeting_id, kind="person_at_risk", reason="r", at=NOW,
        named=[Named("child", Details("N", "Testwell SYN"))]),
    "bring in what is new at MACE": lambda v, w: panels.pull_in(
        viewer=v, meeting_id=w.coming.meeting_id, headlines={}, at=NOW),
    "judge the risk again at MACE": lambda v, w: _past(
        lambda: panels.review_risk(
            viewer=v, item_id=w.coming.item_id, month=3, level="moderate", reason="r", at=NOW), NotNow),
    "settle a MACE case on one screen": lambda v, w: _past(
        lambda: panels.settle(
            viewer=v, item_id=w.coming.item_id, outcome="plan_agreed", reason="r", version=1, at=NOW), NotNow),
    "count MARAC's return": lambda v, w: panel_queries.forum_return(v, "marac", NOW.date(), NOW.date(), at=NOW),
    "see whose MARAC flag ends": lambda v, w: panel_queries.flags_ending(v, "marac", at=NOW),
    "see MACE's reviews due": lambda v, w: panel_queries.reviews_due(v, "mace", at=NOW),
    "see what came back to MACE's chair": lambda v, w: panel_queries.escalated(v, "mace", at=NOW),
    "give research to MACE": lambda v, w: panels.add_research(viewer=v, item_id=w.coming.item_id, text="t", at=NOW),
    "give research to MARAC": lambda v, w: panels.add_research(viewer=v, item_id=w.marac.item_id, text="t", at=NOW),
    "declare a conflict at MACE":
        lambda v, w: panels.declare_conflict(viewer=v, item_id=w.coming.item_id, why="cousin", at=NOW),
    "run the MARAC": lambda v, w: panels.everybody_here(viewer=v, meeting_id=w.marac.meeting_id, at=NOW),
    "close education's action":
        lambda v, w: panels.close_action(viewer=v, action_id=w.action_id, status="done", version=1, at=NOW),
    "see MACE's actions": lambda v, w: panel_queries.forum_actions(v, "mace", at=NOW),
    "read the trail": lambda v, w: audit.who_looked(v, "person", w.heard.person_id, at=NOW),
    "read the agreements": lambda v, w: sharing.agreements(v, at=NOW),
    "send the hospital's files": lambda v, w: sharing_operations.send_files(
        viewer=v, feed="ed_assaults", upload="u", sha256=["0"], at=NOW),
    "send the police's files": lambda v, w: sharing_operations.send_files(
        viewer=v, feed="recorded_crime", upload="u", sha256=["0"], at=NOW),
    "record that the hospital's files were refused":
        lambda v, w: sharing_operations.not_sent(viewer=v, feed="ed_assaults", reason="r", at=NOW),
    "take the hospital's error report":
        lambda v, w: sharing_operations.open_report(viewer=v, feed="ed_assaults", receipt="r", at=NOW),
    "take the police's error report":
        lambda v, w: sharing_operations.open_report(viewer=v, feed="recorded_crime", receipt="r", at=NOW),
    "keep accounts": lambda v, w: accounts_operations.add_user(
        viewer=v, username="new", display_name="N SYN", agency="schools", at=NOW),
    "list accounts": lambda v, w: accounts.accounts(v),
    "take the contacts extract": lambda v, w: referral_queries.extract_contacts(v, at=NOW),
    "take the actions extract": lambda v, w: panel_queries.extract_actions(v, at=NOW),
    "identify somebody a contact names": lambda v, w: referrals.identify(
        viewer=v, contact_id=w.undecided, party_id=_party(w), person_id=None, version=1, at=NOW),
    "decide a contact": lambda v, w: _past(
        lambda: referrals.decide(
            viewer=v, contact_id=w.undecided, level=1, route="no_further_action", rationale="r", feedback="f",
            version=1, at=NOW), NotThatWay),
    "take a step of a support referral": lambda v, w: referrals.advance(
        viewer=v, contact_id=w.support, verb="offer", given={}, answers={"need": "sleep"}, version=1, at=NOW),
    "read what a contact is about, where it is a place": lambda v, w: referral_queries.subject(v, w.place, at=NOW),
    "plan for a place": lambda v, w: referrals.plan_for(
        viewer=v, subject_id=w.place, aim="a", agency="schools", review_on=NOW.date() + timedelta(days=9), at=NOW),
    "deliver a patrol": lambda v, w: referrals.deliver_session(
        viewer=v, entry=SessionEntry(uuid4(), "patrol", "SYN Park", NOW - timedelta(hours=1), NOW, 3, ""), at=NOW),
    "keep a form without an account": lambda v, w: referrals.keep_form(viewer=v, content={}, days=1, at=NOW),
    "open a form kept without an account": lambda v, w: referral_queries.kept_form(v, "CODE", at=NOW),
    "send a report without an account": lambda v, w: referrals.submit_open(
        viewer=v, pathway="hate_report", parties=[], concern="c",
        answers={"motive": "race", "where": "SYN Street", "police": "no"}, submission=uuid4(), at=NOW),
    "list MASH's contacts": lambda v, w: _some(referral_queries.queue(v, "mash_contact", at=NOW)),
    "list MARAC's referrals":
        lambda v, w: _some(referral_queries.queue(v, "domestic_abuse_marac", decided=True, at=NOW)),
    "count MASH's contacts": lambda v, w: _some(referral_queries.queue_size(v, at=NOW)),
    "read the police's research at MACE before the cut-off": lambda v, w: _some(
        [each for each in panel_queries.item(v, w.coming.item_id, at=NOW).research if each.text]),
    "read the police's research at MACE after the cut-off": lambda v, w: _some(
        [each for each in panel_queries.item(v, w.coming.item_id, at=LATER).research if each.text]),
    "read the police's intelligence at MARAC": lambda v, w: _some(
        [each for each in panel_queries.item(v, w.marac.item_id, at=LATER).research if each.intelligence]),
    "decide the MARAC case": lambda v, w: _past(
        lambda: panels.decide(
            viewer=v, item_id=w.marac.item_id, outcome="plan_agreed", reason="r", version=1, at=NOW), NotNow),
    "add an action at MARAC": lambda v, w: _past(
        lambda: panels.add_action(
            viewer=v, item_id=w.marac.item_id, agency="harbourside_police", text="t", due_on=NOW.date(), at=NOW),
        NotNow),
    "sign the MARAC minutes": lambda v, w: _past(
        lambda: panels.sign_minutes(viewer=v, meeting_id=w.marac.meeting_id, at=NOW), NotNow),
    "withdraw the MACE case":
        lambda v, w: panels.withdraw(viewer=v, item_id=w.coming.item_id, reason="r", version=1, at=NOW),
    "move the MACE meeting": lambda v, w: panels.move_meeting(
        viewer=v, meeting_id=w.coming.meeting_id, starts_at=NOW + timedelta(51), place="p",
        version=1, at=NOW),
    "hear the MACE case earlier": lambda v, w: panels.hear_earlier(viewer=v, item_id=w.coming.item_id, at=NOW),
    "hear the MACE case at another meeting": lambda v, w: _past(
        lambda: panels.hear_at(
            viewer=v, item_id=w.coming.item_id, meeting_id=w.coming.meeting_id, reason="r", version=1, at=NOW), NotNow),
    "put right what is recorded of the MACE case": lambda v, w: panels.record_facets(
        viewer=v, item_id=w.coming.item_id, facets={"missing": ["missing_linked"]}, version=1, at=NOW),
    "keep the MACE case to oneself": lambda v, w: panels.restrict_case(
        viewer=v, item_id=w.coming.item_id, level="restricted", named=[v.user_id], reason="r", at=NOW),
    "seal an undecided contact": lambda v, w: referrals.restrict_contact(
        viewer=v, contact_id=w.undecided, level="sealed", named=[v.user_id], reason="r", at=NOW),
    "say that one knows somebody in a contact":
        lambda v, w: referrals.declare_connection(viewer=v, contact_id=w.undecided, why="cousin", at=NOW),
    "learn that a panel hears the child": lambda v, w: _some(
        [each for each in panel_queries.for_person(v, w.heard.person_id, at=NOW) if each.item_id is None]),
    "learn that a panel hears the adult": lambda v, w: _some(
        [each for each in panel_queries.for_person(v, w.marac.person_id, at=NOW) if each.item_id is None]),
    "open the child in an emergency": lambda v, w: people_operations.open_in_emergency(
        viewer=v, details=CHILD, purpose="child_safeguarding", reason="r", at=NOW),
    "review an emergency opening": lambda v, w: sharing_operations.review_emergency(
        viewer=v, entry=w.entry, justified=True, note="n", at=NOW),
    "list emergency openings": lambda v, w: _some(sharing.emergencies(v, at=NOW)),
    "enter the steps that were missed": lambda v, w: referrals.note_missed(viewer=v, at=NOW),
    "enter the agreements that ended": lambda v, w: sharing_operations.note_agreements(viewer=v, at=NOW),
    "open what somebody searched for": lambda v, w: audit.open_search(v, w.entry, reason="r", at=NOW),
    "list what was disclosed": lambda v, w: _some(audit.disclosures(v, at=NOW)),
    "open one agreement": lambda v, w: sharing.agreement(v, "child_safeguarding", at=NOW),
    "see what is past its time": lambda v, w: records.due(v, at=NOW),
    "decide to erase": lambda v, w: _past(
        lambda: records_operations.approve_erasure(viewer=v, category="contact", at=NOW), NotDecidable),
    "hold a record": lambda v, w: records_operations.hold(
        viewer=v, kind="person", subject_id=w.heard.person_id, reason="r", at=NOW),
    "erase what was decided": lambda v, w: records_operations.erase_approved(viewer=v, at=NOW),
    "begin an exploitation screening": lambda v, w: begin(v, "exploitation_screening"),
    "begin a child gravity decision": lambda v, w: begin(v, "child_gravity"),
    "begin a domestic abuse checklist": lambda v, w: begin(v, "domestic_abuse_checklist"),
    "begin a transitions assessment": lambda v, w: begin(v, "transitions_assessment"),
    "open the school's screening": lambda v, w: instrument_queries.assessment(v, w.assessment, at=NOW),
    "list the school's screening": lambda v, w: _some(instrument_queries.mine(v, at=NOW)),
    "answer the school's screening": lambda v, w: instruments.save(
        viewer=v, assessment_id=w.assessment, answers={"seen": "t"}, revision=1, at=NOW),
    "decide the school's screening": lambda v, w: _past(
        lambda: instruments.decide(
            viewer=v, assessment_id=w.assessment, level="emerging", reason="r", revision=1, at=NOW), NotAnswered),
    "record a route of the school's screening": lambda v, w: _past(
        lambda: instruments.leave_route(
            viewer=v, assessment_id=w.assessment, route="panel", way="not_taken", reason="r", at=NOW), NotUsable),
    "advise on the school's screening": lambda v, w: instruments.advise(
        viewer=v, assessment_id=w.assessment, level="emerging", reason="r", revision=1, at=NOW),
    "count the school's screening again": lambda v, w: instrument_queries.recount(v, w.assessment, at=NOW),
    "list who is due a needs assessment": lambda v, w: _some(instrument_queries.due(v, at=NOW)),
    "begin a needs assessment of a victim referred": lambda v, w: begin_about(v, "needs_assessment", w),
    "take the assessments extract": lambda v, w: instrument_queries.extract_assessments(v, at=NOW),
    "add to the tension log": lambda v, w: note_tension(v),
    "read an entry of the tension log": lambda v, w: registers.entry(v, "tension_log", w.tension, at=NOW),
    "close an entry of the tension log": lambda v, w: close_register_entry(v, "tension_log", w.tension, "eased"),
    "add a civil order": lambda v, w: note_order(v),
    "read a civil order": lambda v, w: registers.entry(v, "civil_orders", w.order, at=NOW),
    "list civil orders": lambda v, w: registers.entries(v, "civil_orders", at=NOW),
    "close a civil order": lambda v, w: close_register_entry(v, "civil_orders", w.order, "expired"),
    "take the tension log as a file": lambda v, w: registers.as_table(v, "tension_log", at=NOW),
    "take the registers extract": lambda v, w: registers.extract_entries(v, at=NOW),
    "enter a rights request": lambda v, w: records_operations.enter_request(
        viewer=v, kind="access", details=CHILD, identity="i", received_on=NOW.date(), at=NOW),
    "read who looked at the child": lambda v, w: records.looked(v, w.heard.person_id, at=NOW),
    "read who looked at the adult": lambda v, w: records.looked(v, w.marac.person_id, at=NOW),
    "list whose access one reviews": lambda v, w: records.access(v, at=NOW),
    "say that the MASH worker keeps their role": lambda v, w: records_operations.review_access(
        viewer=v, user_id=w.cast["mash"].user_id, part="duty_mash_worker", verdict="keep", at=NOW),
    "say that a member keeps their seat at MACE": lambda v, w: records_operations.review_access(
        viewer=v, user_id=w.cast["education"].user_id, part="mace:member", verdict="keep", at=NOW),
    "see what the calendar did": lambda v, w: records.runs(v, at=NOW),
    "enter that scheduled work begins": lambda v, w: records_operations.begin_run(
        viewer=v, job="clear", due_at=NOW, at=NOW),
    "take away what is over": lambda v, w: records_operations.clear_what_is_over(viewer=v, guards_before=NOW, at=NOW),
    **access_rights.TRIES,
    "move somebody to other work": lambda v, w: accounts_operations.move(
        viewer=v, user_id=w.cast["gp"].user_id, agency="housing_options", roles=["referrer"], at=NOW),
    "say where a place is": lambda v, w: referrals.locate(
        viewer=v, subject_id=w.place, where="w", latitude=51.5, longitude=-0.02, at=NOW),
    "relate two children": lambda v, w: people_operations.relate(
        viewer=v, person_id=w.heard.person_id, other_id=w.coming.person_id, kind="associate_of", source="s", at=NOW),
    "put a child's date of birth right": lambda v, w: people_operations.correct(
        viewer=v, person_id=w.heard.person_id, field="born_on", after="2011-01-01", reason="r", at=NOW),
    "keep two records of a child as one": lambda v, w: _past(
        lambda: people_operations.merge(
            viewer=v, kept=w.heard.person_id, other=w.coming.person_id, versions=(1, 1), reason="", at=NOW), NotMerged),
    "keep an adult of MARAC and a child as one": lambda v, w: _past(
        lambda: people_operations.merge(
            viewer=v, kept=w.heard.person_id, other=w.marac.person_id, versions=(1, 1), reason="", at=NOW), NotMerged),
    "look at the lists of the managed cohort": lambda v, w: panel_queries.cohort(v, "iom", at=NOW),
    "take people off the lists by rule": lambda v, w: panels.sweep(viewer=v, at=NOW),
    "bring a population for the returns": lambda v, w: _past(
        lambda: panels.bring_population(viewer=v, key="none", persons=1, source="s", code="C", at=NOW), NotNow),
    "ask a board a question without an account": lambda v, w: panels.ask_question(
        viewer=v, board="safer_neighbourhood_board", text="When will the lights be mended?", at=NOW),
    "read what residents asked": lambda v, w: panel_queries.questions(v, "safer_neighbourhood_board", at=NOW),
    "ask for a pack of MACE": lambda v, w: _past(
        lambda: panels.ask_pack(viewer=v, meeting_id=w.coming.meeting_id, at=NOW), NotNow),
    "see which packs wait": lambda v, w: panel_queries.packs_waiting(v, at=NOW),
    "write down what is said at MACE": lambda v, w: _past(
        lambda: panels.record_so_far(
            viewer=v, item_id=w.coming.item_id, version=1, minute="m", at=NOW), NotNow),
    "say that the person was spoken with before MARAC": lambda v, w: panels.record_prior_contact(
        viewer=v, item_id=w.marac.item_id, outcome="not_reached", at=NOW),
    "say where a MARAC case came from": lambda v, w: _past(
        lambda: panels.record_transfer(
            viewer=v, item_id=w.marac.item_id, direction="in", area="SYN Elsewhere", sent_on=NOW.date(), at=NOW),
        NotNow),
    "remind agencies of MACE": lambda v, w: panels.remind(viewer=v, meeting_id=w.coming.meeting_id, at=NOW),
    "see how many pairs wait": lambda v, w: people.pairs_waiting(v, at=NOW),
    "hand a pair to its reviewers": lambda v, w: people_operations.hand_over(
        viewer=v, records=[("f", "a"), ("f", "b")], shown=[], why="", probability=0.6, at=NOW),
}  # fmt: skip
