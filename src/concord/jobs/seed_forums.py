"""The demonstration's other forums: a meeting each, few items, done by the demo people through the real operations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from concord.jobs.seed_stories import SENT

if TYPE_CHECKING:
    from datetime import datetime

    from concord.desk.people.rules import Details
    from concord.jobs.seed_desk import Hands


@dataclass(frozen=True)
class Told:
    """One item of a story. `ends` is the outcome of one that was decided in a past meeting."""

    forum: str
    kind: str
    about: str
    reason: str
    ends: str = ""
    whereabouts: str = ""
    facets: tuple[tuple[str, tuple[str, ...]], ...] = ()
    matrix: tuple[str, ...] = ()
    """Answers to the Community MARAC matrix, in its order: the case rests on the assessment made of them."""
    person: bool = False
    level: str = ""


MET = (
    Told("community_marac", "address", "Flat on Marsh Rise SYN", "Strangers come and go; the tenant is not seen.",
         "cuckooing_confirmed", "SYN 4 Marsh Rise",
         (("ground", ("score",)),), matrix=("high", "high", "high", "high", "medium", "high", "none", "low")),
    Told("hate_incident_panel", "place", "Stairwell, Quay House SYN", "Slurs sprayed three times in a month.",
         "tenancy_action", "SYN Quay House", (("strand", ("race", "immigration")), ("reported", ("yes",)))),
    Told("iom", "flex", "", "Robbery twice in a year; released last month.", "select",
         facets=(("rag", ("amber",)), ("need", ("accommodation", "substances"))), person=True),
    Told("tasking_coordination", "bid", "Patrol at the Quay interchange SYN", "Robberies after school, Tuesdays.",
         "approve", facets=(("resource", ("patrol", "camera")),)),
    Told("pacesetters", "theme", "Robbery on the 15 route SYN", "Three since Monday.", "task_72h",
         facets=(("risk", ("high",)),)),
    Told("executive", "theme", "How the duty is funded next year SYN", "The grant ends in March.", "agreed"),
    Told("safer_neighbourhood_board", "question", "Why was the camera on Quay Street moved?",
         "Asked from the floor in the spring.", "answered"),
)  # fmt: skip
COMING = (
    Told("community_marac", "address", "Flat on Marsh Rise SYN", "The four-week visit found the visitors back.",
         whereabouts="SYN 4 Marsh Rise", facets=(("ground", ("judgement",)), ("factor", ("cuckooing",)))),
    Told("community_marac", "vulnerable_person", "", "Lives alone; neighbours use the flat.",
         facets=(("ground", ("several_agencies",)), ("factor", ("exploitation",))), person=True,
         matrix=("medium", "high", "high", "medium", "high", "none", "high", "none")),
    Told("high_risk_panel", "adult", "", "Refuses help; fire risk and self-neglect.", person=True),
    Told("hate_incident_panel", "case", "", "Threatened outside the home for a third time.",
         facets=(("strand", ("religion",)), ("reported", ("no",))), person=True),
    Told("weekly_violence_assessment", "place", "Quay interchange SYN", "Two stabbings in seven days.",
         facets=(("risk", ("high",)),), whereabouts="SYN Quay Street"),
    Told("daily_risk_meeting", "incident_place", "Lock steps SYN", "A fight between two groups last night.",
         facets=(("risk", ("medium",)),), whereabouts="SYN Lock Lane"),
    Told("stop_search_scrutiny", "sample", "Twelve searches of September SYN", "Drawn at random, without identities."),
    Told("pacesetters", "theme", "Knives found near the lunch-break route SYN", "Two since Monday, both in a planter.",
         facets=(("risk", ("medium",)),)),
    Told("tasking_coordination", "bid", "Youth outreach at Lock steps SYN", "Two fights in a week, both after school.",
         facets=(("resource", ("outreach",)),)),
    Told("iom", "free", "", "Named by housing: threats to neighbours, out of prison since the summer.",
         facets=(("rag", ("red",)), ("need", ("accommodation", "attitudes"))), person=True),
    Told("exploitation_missing_group", "theme", "Who goes missing again SYN", "The quarter's figures, and the pack."),
    Told("violence_exploitation_group", "theme", "Which priority slipped this quarter SYN",
         "The action plan's late actions, before the yearly review."),
    Told("executive", "theme", "Progress against the strategy SYN", "Half-year review."),
    Told("safer_neighbourhood_board", "question", "When will the lights on Lock Lane be mended?",
         "Asked by a resident at the surgery."),
)  # fmt: skip


SITS = {
    "daily_risk_meeting": (1, 8, "Video call"),
    "pacesetters": (1, 9, "SYN Harbour Police Station"),
    "weekly_violence_assessment": (4, 10, "Video call"),
    "hate_incident_panel": (5, 10, "SYN Town Hall, room 2"),
    "community_marac": (6, 14, "SYN Town Hall, room 2"),
    "high_risk_panel": (7, 10, "SYN Town Hall, room 3"),
    "tasking_coordination": (8, 9, "SYN Harbour Police Station"),
    "exploitation_missing_group": (8, 14, "SYN Town Hall, room 2"),
    "violence_exploitation_group": (9, 10, "SYN Town Hall, room 3"),
    "iom": (11, 14, "SYN Probation Office"),
    "stop_search_scrutiny": (12, 18, "SYN Library, hall"),
    "safer_neighbourhood_board": (13, 18, "SYN Library, hall"),
    "executive": (14, 10, "SYN Town Hall, council chamber"),
}
"""Days from now to the next meeting, the hour, and where: nobody who runs several sits in two rooms at once."""
OTHERWISE = (6, 14, "SYN Town Hall, room 2")

VOLT = (
    ("location", "Arcade, Harbour Row SYN", "SYN 12 Harbour Row"),
    ("peer_group", "The Lock Lane group SYN", ""),
)


def sit(hands: Hands) -> None:
    """Past meetings with their decisions, then meetings to come; only forums that this partnership has."""
    for forum in dict.fromkeys(each.forum for each in MET):
        _met(hands, forum, [each for each in MET if each.forum == forum])
    for forum in dict.fromkeys(each.forum for each in COMING):
        _coming(hands, forum, [each for each in COMING if each.forum == forum])
    _volt(hands)
    _spoken_with(hands)
    _asked(hands)
    _referred(hands)


def _spoken_with(hands: Hands) -> None:
    """The IDVA reached one of the people on the next MARAC, and not yet the other."""
    from concord.desk.panels import operations, queries

    idva = hands.who.get("idva")
    to_come = queries.meetings(idva, at=hands.now, forum_key="marac") if idva else ()
    if idva is None or not to_come:
        return
    at = hands.now - timedelta(minutes=15)
    for line in queries.meeting(idva, to_come[0].meeting_id, at=at).items[:1]:
        operations.record_prior_contact(
            viewer=idva,
            item_id=line.item_id,
            outcome="reached",
            text="Wants the locks changed before the release. Does not want the employer told.",
            at=at,
        )


BOARD = "safer_neighbourhood_board"
ASKED = (
    ("Will the knife arch come back to the market this winter?", "published"),
    ("How many patrols were there on Lock Lane in the summer?", "answered"),
    ("Can the youth club on the quay open on Sundays?", "waiting"),
)


def _asked(hands: Hands) -> None:
    """What residents asked the board that sits in public."""
    from concord.desk.accounts import queries as accounts
    from concord.desk.panels import operations, queries

    coordinator = hands.who.get(_who(hands, BOARD, "coordinator"))
    if coordinator is None or BOARD not in hands.partnership.forums:
        return
    form, at = accounts.service("public_form"), hands._in_hours(hands.now - timedelta(days=9), 12)
    for text, state in ASKED:
        operations.ask_question(viewer=form, board=BOARD, text=text, at=at)
        found = next(each for each in queries.questions(coordinator, BOARD, at=at) if each.text == text)
        given = {"viewer": coordinator, "question_id": found.question_id, "at": at + timedelta(hours=2)}
        if state != "waiting":
            operations.publish_question(text=text, version=1, **given)
        if state == "answered":
            said = "One on most evenings from June to August. The plan for patrols says where and why."
            operations.answer_question(answer=said, version=2, **given)


def _referred(hands: Hands) -> None:
    """A referral that waits at the Community MARAC, and one at the High Risk Panel."""
    from concord.desk.referrals import operations

    at = hands._in_hours(hands.now - timedelta(days=2), 10)
    for pathway, ground, answers in (
        ("community_marac_referral", "several_agencies", {}),
        ("high_risk_referral", "routes_tried", {"tried": "Two enquiries and a fire visit; the door stays shut."}),
    ):
        if pathway not in hands.partnership.pathways:
            continue
        hands.made["contacts"] += 1
        operations.submit(
            viewer=hands.who["housing"],
            pathway=pathway,
            parties=[hands._somebody("subject", (30, 75))],
            ground=ground,
            answers=answers,
            concern=SENT[pathway],
            at=at,
        )


def _who(hands: Hands, forum: str, part: str) -> str:
    people = hands.partnership.demo_people.person if hands.partnership.demo_people else ()
    return next(
        (each.username for each in people if any(seat.forum == forum and seat.part == part for seat in each.sits)), ""
    )


def _met(hands: Hands, forum: str, told: list[Told]) -> None:
    from concord.desk.panels import operations

    chair, coordinator = _who(hands, forum, "chair"), _who(hands, forum, "coordinator")
    if not (chair and coordinator and forum in hands.partnership.forums):
        return
    met_at = hands._in_hours(hands.now - timedelta(days=30), SITS.get(forum, OTHERWISE)[1])
    meeting_id = _planned(hands, forum, coordinator, met_at, met_at - timedelta(days=8))
    items = [(_listed(hands, coordinator, meeting_id, each, met_at - timedelta(days=7)), each) for each in told]
    operations.everybody_here(viewer=hands.who[coordinator], meeting_id=meeting_id, at=met_at)
    operations.open_meeting(viewer=hands.who[coordinator], meeting_id=meeting_id, at=met_at)
    for item_id, each in items:
        operations.decide(
            viewer=hands.who[chair],
            item_id=item_id,
            outcome=each.ends,
            reason="What was heard, and who can do something about it.",
            version=1,
            level=each.level,
            at=met_at + timedelta(minutes=20),
        )
    end = met_at + timedelta(hours=1)
    operations.close_meeting(viewer=hands.who[coordinator], meeting_id=meeting_id, at=end)
    operations.sign_minutes(viewer=hands.who[chair], meeting_id=meeting_id, at=end + timedelta(hours=20))


def _coming(hands: Hands, forum: str, told: list[Told]) -> None:
    coordinator = _who(hands, forum, "coordinator")
    if not (coordinator and forum in hands.partnership.forums):
        return
    days, hour, _ = SITS.get(forum, OTHERWISE)
    starts_at = hands._in_hours(hands.now + timedelta(days=days), hour, future=True)
    at = hands._in_hours(hands.now - timedelta(days=1), 11)
    meeting_id = _planned(hands, forum, coordinator, starts_at, at)
    for each in told:
        _listed(hands, coordinator, meeting_id, each, at + timedelta(minutes=5))


def _volt(hands: Hands) -> None:
    """A place and a peer group on the next MACE, beside its children."""
    from concord.desk.panels import operations, queries

    coordinator = hands.who.get("mace-coordinator")
    to_come = queries.meetings(coordinator, at=hands.now, forum_key="mace") if coordinator else ()
    planned = [each for each in to_come if each.state == "planned"]
    if not planned or coordinator is None:
        return
    for kind, about, where in VOLT:
        hands.made["cases"] += 1
        operations.list_topic(
            viewer=coordinator,
            meeting_id=planned[-1].meeting_id,
            kind=kind,
            about=about,
            whereabouts=where,
            reason="Named in two of this month's cases.",
            facets={"exploitation": ["criminal"]},
            at=hands.now - timedelta(minutes=20),
        )


def _planned(hands: Hands, forum: str, coordinator: str, starts_at: datetime, at: datetime) -> UUID:
    from concord.desk.panels import operations

    hands.made["meetings"] += 1
    return operations.plan_meeting(
        viewer=hands.who[coordinator], forum=forum, starts_at=starts_at, place=SITS.get(forum, OTHERWISE)[2], at=at
    )


def _listed(hands: Hands, coordinator: str, meeting_id: UUID, told: Told, at: datetime) -> UUID:
    from concord.desk.panels import operations
    from concord.desk.panels.rules import Named
    from concord.desk.people.rules import Details

    hands.made["cases"] += 1
    viewer, facets = hands.who[coordinator], {key: list(values) for key, values in told.facets}
    if not told.person:
        return operations.list_topic(
            viewer=viewer,
            meeting_id=meeting_id,
            kind=told.kind,
            about=told.about,
            whereabouts=told.whereabouts,
            reason=told.reason,
            facets=facets,
            result_id=_matrix(hands, told, None, at) if told.matrix else None,
            at=at,
        )
    kinds = {each.key: each for each in hands.partnership.forums[told.forum].item}
    role = (kinds[told.kind].roles or ("subject",))[0]
    somebody = hands._somebody(role, (24, 70))
    details = Details(somebody.given_name, somebody.family_name, somebody.born_on, somebody.sex)
    return operations.list_people(
        viewer=viewer,
        meeting_id=meeting_id,
        kind=told.kind,
        named=[Named(role, details)],
        reason=told.reason,
        facets=facets,
        result_id=_matrix(hands, told, details, at) if told.matrix else None,
        at=at,
    )


def _matrix(hands: Hands, told: Told, details: Details | None, at: datetime) -> UUID:
    """The matrix, filled in by a housing officer about the person or the tenant and told to the panel's coordinator."""
    from concord.desk.instruments import operations, queries

    viewer, earlier = hands.who["housing"], at - timedelta(minutes=90)
    somebody = details or hands._somebody("subject", (30, 70))
    one = operations.begin(
        viewer=viewer,
        instrument="community_marac_matrix",
        given_name=somebody.given_name,
        family_name=somebody.family_name,
        born_on=somebody.born_on,
        at=earlier,
    )
    factors = [
        question.key
        for section in hands.partnership.instruments["community_marac_matrix"].section
        if section.key in ("harm", "vulnerability")
        for question in section.question
    ]
    answers = dict(zip(factors, told.matrix, strict=True)) | {"role": "harmed", "worse": "yes"}
    operations.save(viewer=viewer, assessment_id=one, answers=answers, revision=1, at=earlier)
    operations.decide(
        viewer=viewer,
        assessment_id=one,
        level="panel",
        reason="No single agency can keep them safe.",
        override="They do not dare to say it themselves.",
        revision=2,
        at=earlier,
    )
    advised = queries.assessment(viewer, one, at=earlier).outcome.routes[0]
    operations.tell_panel(viewer=viewer, assessment_id=one, route=advised, reason=told.reason, at=earlier)
    reference = queries.assessment(viewer, one, at=earlier).reference
    held = queries.results_told(hands.who["safety-coordinator"], "community_marac_matrix", at=at)
    return next(each.result_id for each in held if each.reference == reference)
