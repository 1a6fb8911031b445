"""The work of each role, asked of the rooms that hold it. A section is None where the role has no such work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.urls import reverse

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.editions import queries as editions
from concord.desk.instruments import queries as instruments
from concord.desk.panels import queries as panels
from concord.desk.panels.rules import MeetingLine
from concord.desk.people import queries as people
from concord.desk.records import queries as records
from concord.desk.referrals import queries as referrals
from concord.desk.referrals.rules import ContactLine, MissedLine
from concord.desk.sharing import queries as sharing
from concord.evidence.disclosure import queue
from concord.web.editions import work
from concord.web.emergency import presenters as emergency
from concord.web.referrals import drafts
from concord.web.referrals import presenters as contacts
from concord.web.shared import partnership, words
from concord.web.shared.middleware import Request
from concord.web.shared.navigation import tray_of, trays_of
from concord.web.today.lines import SHOWN, Line, Section, section

KINDS = {
    "access": "Wants to see their data",
    "rectification": "Wants their data put right",
    "erasure": "Wants their data erased",
}


def work_of(request: Request, viewer: Viewer, now: datetime) -> Iterator[Section]:
    """Every section that is this viewer's, in the order of a working day."""
    for make in (_contacts, _missed, _approvals, _reviews, _requests, _meetings, _to_list, _actions, _pairs):
        found = make(viewer, now)
        if found is not None:
            yield found
    if accounts.may(viewer, "assessment.write"):
        yield from _assessments(viewer, now)
    if accounts.may(viewer, "referral.submit"):
        yield _referrals(request, viewer, now)


def _contacts(viewer: Viewer, now: datetime) -> Section | None:
    if not accounts.may(viewer, "contact.list") or tray_of(viewer) is None:
        return None
    lines = [_contact(each) for each in referrals.open_lines(viewer, [each.key for each in trays_of(viewer)], at=now)]
    decide = accounts.may(viewer, "contact.decide")
    return section(
        "contacts",
        "To decide" if decide else "Open referrals",
        lines,
        now,
        empty="Nothing waits: every referral that came to you is decided. New ones appear here as they come in.",
        all=reverse("contacts"),
    )


def _contact(found: ContactLine) -> Line:
    age = f", aged {found.age}" if found.age is not None else ""
    word = (found.rag.capitalize(), found.rag) if found.rag else (found.state_name, "grey")
    what = "" if found.about == found.pathway_name else f"{found.pathway_name}. "
    remains = contacts.left(found.left, found.runs_on, found.day) if found.left is not None else ""
    holds = "You have it in hand." if found.held_by_me else f"{found.held_by} has it." if found.held_by else ""
    return Line(
        f"{found.about}{age}",
        reverse("contact", args=[found.contact_id]),
        f"{'' if found.has_clock else 'No time limit runs. '}{what}From {contacts.sender(found)}. {holds}".strip(),
        (word,) if found.rag or not found.rated else (("Not rated", "grey"),),
        found.next_due_at if found.has_clock else None,
        remains,
    )


def _missed(viewer: Viewer, now: datetime) -> Section | None:
    """Steps of a case's plan that were not taken by their day, or are awaited soon."""
    if not accounts.may(viewer, "contact.list") or tray_of(viewer) is None:
        return None
    lines = [
        Line(
            f"{each.about}: {each.step}",
            reverse("contact", args=[each.contact_id]),
            f"{each.pathway_name}. {_last_step(each)}",
            () if each.missed else (("Soon", "amber"),),
            each.due_on,
        )
        for each in referrals.missed_steps(viewer, at=now, most=2 * SHOWN)
    ]
    return section("missed", "Steps awaited", lines, now, empty="") if lines else None


def _last_step(found: MissedLine) -> str:
    if found.mine:
        return "You took the last step"
    return f"Last step: {found.worker}" if found.worker else "Nobody has taken a step"


def _approvals(viewer: Viewer, now: datetime) -> Section | None:
    """Editions and releases that wait for this approver, the oldest first."""
    if not accounts.may(viewer, "edition.approve", None):
        return None
    lines = [
        Line(
            f"{each.title}, {each.name}",
            reverse("edition-decide", args=[each.edition_id]),
            f"Asked for by {each.asked_by}, {words.moment(each.asked_at, now) if each.asked_at else ''}",
        )
        for each in editions.waiting(viewer, at=now)
    ]
    if accounts.may(viewer, "release.approve"):
        waiting = [each for each in queue.requests(work.home()) if each.state == "pending"]
        if waiting:
            asked = words.counted(len(waiting), "figure waits", "figures wait")
            lines.append(Line(f"{asked} in the release queue", reverse("releases"), "Read what the attack found first"))
        packs = panels.packs_waiting(viewer, at=now)
        if packs:
            asked = words.counted(len(packs), "pack waits", "packs wait")
            lines.append(Line(f"{asked} for a meeting", reverse("packs"), "The figures its members read"))
    empty = "Nothing waits for your approval. You are asked when somebody settles an edition or asks for a release."
    return section("waiting", "Waiting for your approval", lines, now, empty=empty, all=reverse("releases"))


def _reviews(viewer: Viewer, now: datetime) -> Section | None:
    if not accounts.may(viewer, "glass.review"):
        return None
    waiting = [emergency.line(each) for each in sharing.emergencies(viewer, at=now) if each.reviewed_at is None]
    lines = [
        Line(
            f"{each.who}, {each.agency}",
            reverse("emergency-review", args=[each.entry]),
            f"Opened one person {words.moment(each.opened_at, now)}: {each.reason}",
            due=each.due,
        )
        for each in sorted(waiting, key=lambda one: one.due)
    ]
    empty = "Nobody opened a record in an emergency that is not reviewed yet."
    return section("reviews", "Emergency access to review", lines, now, empty=empty, all=reverse("emergency-reviews"))


def _requests(viewer: Viewer, now: datetime) -> Section | None:
    if not accounts.may(viewer, "rights.answer"):
        return None
    lines = [
        Line(
            KINDS.get(each.kind, each.kind.replace("_", " ").capitalize()),
            reverse("request-answer", args=[each.request_id]),
            f"Received {words.day(each.received_on, now.date())}",
            due=each.due_on,
        )
        for each in records.requests(viewer, at=now)
        if each.state == "waits"
    ]
    ending = [each for each in sharing.agreements(viewer, at=now) if each.state == "ends soon"]
    lines += [
        Line(
            f"The agreement “{each.name}” ends",
            reverse("agreement", args=[each.key]),
            "On that day its feeds, panels and views stop",
            due=date.fromisoformat(each.expires_on),
        )
        for each in ending
    ]
    empty = "No request waits, and no agreement ends soon."
    return section("requests", "Requests and agreements", lines, now, empty=empty, all=reverse("requests"))


def _meetings(viewer: Viewer, now: datetime) -> Section | None:
    if not viewer.forums:
        return None
    lines = [_meeting(each, now) for each in panels.meetings(viewer, at=now)]
    empty = "No meeting is planned. Its coordinator plans the next one; you are told here when it is."
    return section("meetings", "Your meetings", lines, now, empty=empty, all=reverse("forums"))


def _meeting(found: MeetingLine, now: datetime) -> Line:
    statuses = [("Sitting now", "green")] if found.state == "open" else []
    note = f"{found.listed} listed, {found.place}"
    if found.research_missing:
        late = found.reminded or found.cut_off_at <= now
        statuses.append(("Reminded" if found.reminded else "Research due", "red" if late else "amber"))
        owed = words.counted(found.research_missing, "case")
        note = f"Your agency owes research on {owed} by {words.due(found.cut_off_at, now)}. {note}"
    elif found.items and found.cut_off_at <= now:
        statuses.append(("Papers ready", "done"))
    address = reverse("meeting", args=[found.meeting_id])
    return Line(f"{found.abbreviation}, {words.moment(found.starts_at, now)}", address, note, tuple(statuses))


def _to_list(viewer: Viewer, now: datetime) -> Section | None:
    """How many cases a coordinator's forums accepted and nobody has listed: a number, so that nobody's case is read."""
    keys = sorted(
        each.partition(":")[0] for each in viewer.forums if accounts.may(viewer, "item.list", each.partition(":")[0])
    )
    lines = []
    for key in [each for each in dict.fromkeys(keys) if _hears_contacts(each)]:
        count = panels.waiting_count(viewer, key, at=now)
        if count:
            waiting = words.counted(count, "case waits", "cases wait")
            abbreviation = partnership.current().forums[key].abbreviation
            lines.append(Line(f"{waiting} to be listed at {abbreviation}", reverse("to-list", args=[key])))
    return section("listing", "To list", lines, now, empty="") if lines else None


def _hears_contacts(forum: str) -> bool:
    """Whether a pathway leads to this forum."""
    return any(route.forum == forum for each in partnership.current().pathways.values() for route in each.route)


def _actions(viewer: Viewer, now: datetime) -> Section | None:
    if not accounts.may(viewer, "action.read"):
        return None
    lines = [
        Line(
            each.text,
            reverse("action" if each.mine else "item", args=[each.action_id if each.mine else each.item_id]),
            f"{each.abbreviation}{f': {each.about}' if each.about else ''}",
            due=each.due_on,
            press="Say what became of it" if each.mine and accounts.may(viewer, "action.update") else "",
        )
        for each in panels.my_actions(viewer, at=now)
    ]
    empty = "Nothing to do: your agency has no open action from a forum."
    return section("actions", "Actions for your agency", lines, now, empty=empty, all=reverse("actions"))


def _assessments(viewer: Viewer, now: datetime) -> Iterator[Section]:
    """Those under way, and those whom a referral makes due for one that nobody has begun."""
    under_way, due = instruments.work(viewer, at=now)
    if under_way:
        lines = [
            Line(
                f"{each.about}: {each.name}",
                reverse("assessment", args=[each.assessment_id]),
                f"Last saved {words.moment(each.changed_at, now)}",
                due=each.due_on,
            )
            for each in under_way
        ]
        yield section("assessments", "Assessments under way", lines, now, empty="", all=reverse("assessments"))
    if due:
        lines = [
            Line(
                f"{each.about}: {each.name}",
                f"{reverse('assessment-begin', args=[each.instrument])}?party={each.party_id}",
                each.says,
                due=each.due_on,
            )
            for each in due
        ]
        yield section("due", "Due an assessment", lines, now, empty="", all=reverse("assessments-due"))


def _pairs(viewer: Viewer, now: datetime) -> Section | None:
    if not accounts.may(viewer, "pair.judge"):
        return None
    count, following = people.pairs_waiting(viewer, at=now)
    lines = []
    if following is not None:
        waiting = words.counted(count, "pair of records waits", "pairs of records wait")
        lines.append(Line(f"{waiting} for you", reverse("link-pair", args=[following]), "One at a time, a minute each"))
    empty = "No pair of records waits for you. New ones come when the linkage is run."
    return section("pairs", "Are they one person?", lines, now, empty=empty)


def _referrals(request: Request, viewer: Viewer, now: datetime) -> Section:
    begun = [
        Line(
            f"{referrals.pathway(key).name}: begun and not sent",
            reverse("referral-resume", args=[key]),
            "Go on with it",
            (("Not sent", "amber"),),
        )
        for key in drafts.begun(request)
    ]
    sent = [
        Line(
            each.about,
            reverse("referral", args=[each.referral_id]),
            f"Sent {words.moment(each.submitted_at, now)}, {each.reference}",
            (("Decided", "done"),) if each.decided else (("With the team", "grey"),),
        )
        for each in referrals.my_referrals(viewer, at=now)
    ]
    empty = "You have not sent a referral yet. “Make a referral” asks first who or what you are worried about."
    return section("referrals", "Your referrals", [*begun, *sent], now, empty=empty, all=reverse("referrals"))
