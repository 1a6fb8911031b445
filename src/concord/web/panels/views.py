"""The forum's home, its agenda, and the steps of a meeting. One case is in `items`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from concord.desk.accounts import queries as accounts
from concord.desk.panels import operations, queries
from concord.desk.panels.rules import MeetingLine
from concord.desk.sharing.session import as_viewer
from concord.kernel.working_time import LONDON
from concord.web.actions import presenters as actions
from concord.web.panels import forms, papers, presenters
from concord.web.shared import stopped
from concord.web.shared.acts import attempt
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of

MOST_MEETINGS = 100
"""Meetings to come that are looked through for the next one of each forum."""
STEPS = {
    "open": (operations.open_meeting, "The meeting is open. Decisions can be recorded."),
    "close": (operations.close_meeting, "The meeting is closed. Read the minutes, then sign them."),
    "sign": (operations.sign_minutes, "The minutes are signed."),
}


@require_GET
@may("meeting.read")
def forums(request: Request) -> HttpResponse:
    """Where the viewer sits, each with its next meeting."""
    viewer, now = viewer_of(request), timezone.now()
    if not viewer.forums:
        raise Http404
    coming: dict[str, MeetingLine] = {}
    for each in queries.meetings(viewer, at=now, limit=MOST_MEETINGS):
        coming.setdefault(each.forum, each)
    sits = [(of, parts, coming.get(of.key)) for of, parts in queries.my_forums(viewer)]
    return render(request, "panels/forums.html", {"sits": sits})


@require_GET
@may("meeting.read")
def forum(request: Request, key: str) -> HttpResponse:
    """The next meeting and what it still needs."""
    viewer, now = viewer_of(request), timezone.now()
    if not viewer.parts_in(key):
        raise Http404
    # One transaction in the viewer's name for all of the page, instead of one a question.
    with as_viewer(viewer, at=now):
        to_come = queries.meetings(viewer, at=now, forum_key=key)
        planned = [each for each in to_come if each.state == "planned"]
        may_plan = accounts.may(viewer, "meeting.plan", key)
        readiness = queries.readiness(viewer, planned[0].meeting_id, at=now) if may_plan and planned else None
        waiting = queries.waiting_count(viewer, key, at=now) if may_plan and not planned else 0
        flags = queries.flags_ending(viewer, key, at=now) if may_plan else ()
        reviews = queries.reviews_due(viewer, key, at=now) if accounts.may(viewer, "risk.review", key) else ()
        late = queries.escalated(viewer, key, at=now) if accounts.may(viewer, "meeting.run", key) else ()
        clashes = queries.clashes_at(viewer, planned[0].meeting_id, at=now) if may_plan and planned else ()
        of = queries.forum(key)
        notices = queries.notices(viewer, at=now, forum_key=key) if of.cohort else ()
        asked = (
            queries.questions(viewer, key, at=now)
            if of.public and accounts.may(viewer, "question.moderate", key)
            else ()
        )
    context: dict[str, Any] = {
        "forum": of,
        "stopped": stopped.notices(viewer, now, forums=[key]),
        "may_plan": may_plan,
        "may_run": accounts.may(viewer, "meeting.run", key),
        "clashes": clashes,
        "notices": notices,
        "asked": asked,
        "old_papers": papers.old(of, now) if of.pull else (),
        "sitting": [each for each in to_come if each.state == "open"],
        "next_meeting": planned[0] if planned else None,
        "later": planned[1:],
        "readiness": presenters.readiness(readiness, now) if readiness else None,
        "returns": of.returns if may_plan else None,
        "flags": flags,
        "reviews": reviews,
        "escalated": [actions.line(each) for each in late],
        "to_list": readiness.waiting + readiness.carried_over if readiness else waiting,
    }
    return render(request, "panels/forum.html", context)


@require_GET
@may("item.list")
def to_list(request: Request, key: str) -> HttpResponse:
    """Cases that wait to be listed: accepted ones, and those carried over."""
    viewer, now = viewer_of(request), timezone.now()
    if not accounts.may(viewer, "item.list", key):
        raise Http404
    with as_viewer(viewer, at=now):
        to_come = queries.meetings(viewer, at=now, forum_key=key)
        context = {
            "forum": queries.forum(key),
            "next_meeting": next((each for each in to_come if each.state == "planned"), None),
            "waiting": queries.waiting(viewer, key, at=now),
            "carried": queries.carried_over(viewer, key, at=now),
        }
    return render(request, "panels/to_list.html", context)


@require_GET
@may("meeting.read")
def past(request: Request, key: str) -> HttpResponse:
    viewer = viewer_of(request)
    if not viewer.parts_in(key):
        raise Http404
    meetings = queries.meetings(viewer, at=timezone.now(), forum_key=key, past=True, limit=50)
    return render(request, "panels/past.html", {"forum": queries.forum(key), "past": meetings})


@require_GET
@may("meeting.read")
def minutes(request: Request, meeting_id: UUID) -> HttpResponse:
    """The minutes as this viewer may read them; the chair signs them here."""
    viewer, now = viewer_of(request), timezone.now()
    with as_viewer(viewer, at=now):
        held = next(iter(queries.meetings(viewer, at=now, past=True, only=meeting_id)), None)
        if held is None:
            raise Http404
        text = queries.minutes(viewer, meeting_id, at=now)
    may_sign = held.state == "closed" and accounts.may(viewer, "meeting.sign", held.forum)
    return render(request, "panels/minutes.html", {"meeting": held, "minutes": text, "may_sign": may_sign})


@require_http_methods(["GET", "POST"])
@may("meeting.plan")
def plan(request: Request, key: str) -> HttpResponse:
    viewer = viewer_of(request)
    if not accounts.may(viewer, "meeting.plan", key):
        raise Http404
    form = forms.PlanForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done, meeting_id = attempt(
            form,
            lambda: operations.plan_meeting(
                viewer=viewer,
                forum=key,
                starts_at=form.starts_at(),
                place=form.cleaned_data["place"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "Planned. Its members see it from now on.")
            return redirect("meeting", meeting_id)
    of = queries.forum(key)
    context = {
        "form": form,
        "heading": "Plan a meeting",
        "caption": of.name,
        "button": "Plan the meeting",
        "back": reverse("forum", args=[key]),
        "back_words": of.abbreviation,
        "after": presenters.closes(of),
    }
    return render(request, "panels/form.html", context)


@require_GET
@may("meeting.read")
def meeting(request: Request, meeting_id: UUID) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    page = queries.meeting(viewer, meeting_id, at=now)
    may_research = accounts.may(viewer, "research.write", page.forum) and "member" in viewer.parts_in(page.forum)
    can = set(page.allowed)
    if accounts.may(viewer, "meeting.run", page.forum) and page.state in ("planned", "open"):
        can.add("attendance")
    if accounts.may(viewer, "item.list", page.forum):
        can.add("list")
    if accounts.may(viewer, "meeting.plan", page.forum) and page.state == "planned":
        can.add("change")
    days = (page.starts_at.astimezone(LONDON).date() - now.astimezone(LONDON).date()).days
    first = next((each.item_id for each in page.items if each.state == "listed"), None)
    context = {
        "meeting": page,
        "stopped": stopped.notices(viewer, now, forums=[page.forum]),
        "research_closed": page.cut_off_at <= now,
        "too_early": page.state == "planned" and days > 0,
        "nobody_yet": page.state == "planned" and all(line.present is None for line in page.attendance),
        "may_order": "attendance" in can,
        "items": [presenters.item_line(line, viewer, may_research, first) for line in page.items],
        "first_item": page.items[0].item_id if page.items else None,
        "can": can,
        "has_minutes": page.state in ("closed", "signed"),
        "subjects": {each.subject for each in queries.forum(page.forum).item},
        "person_only": {"person"},
        "pack": queries.forum(page.forum).pack,
        "asks_prior": asked.name if (asked := queries.forum(page.forum).prior_contact) else "",
        "may_sit": page.state == "open" and accounts.may(viewer, "meeting.run", page.forum),
        "first_listed": first,
        "pulls": bool(queries.forum(page.forum).pull) and page.state in ("planned", "open"),
    }
    return render(request, "panels/meeting.html", context)


@require_http_methods(["GET", "POST"])
@may("item.list")
def list_case(request: Request, meeting_id: UUID, contact_id: UUID) -> HttpResponse:
    """Put a waiting contact on the agenda."""
    viewer, now = viewer_of(request), timezone.now()
    page = queries.meeting(viewer, meeting_id, at=now)
    if not accounts.may(viewer, "item.list", page.forum):
        raise Http404
    contact = next(
        (each for each in queries.waiting(viewer, page.forum, at=now) if each.contact_id == contact_id), None
    )
    if contact is None:
        raise Http404
    of = queries.forum(page.forum)
    initial = {
        "kind": next((each.key for each in of.item if each.subject == "person"), ""),
        "reason": contact.rationale,
    }
    form = forms.listing(of, request.POST if request.method == "POST" else None, initial, presenters.told(viewer, of))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.list_contact(
                viewer=viewer,
                meeting_id=meeting_id,
                contact_id=contact_id,
                kind=given["kind"],
                reason=given["reason"],
                facets=forms.facets_given(of, given),
                result_id=forms.result_given(given),
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, f"{contact.about} is on the agenda. Members can add their research now.")
            return redirect("meeting", meeting_id)
    context = {
        "form": form,
        "heading": f"List {contact.about}",
        "button": "Put on the agenda",
        "caption": f"{of.abbreviation}, {page.starts_at:%d %B %Y}",
        "back": reverse("to-list", args=[of.key]),
        "back_words": "Cases to list",
        "after": f"From then on, everybody who sits on {of.abbreviation} can see this case and the people in it, "
        f"until {of.access_days_after} days after the meeting.",
    }
    return render(request, "panels/form.html", context)


@require_http_methods(["GET", "POST"])
@may("meeting.run")
def attendance(request: Request, meeting_id: UUID) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    page = queries.meeting(viewer, meeting_id, at=now)
    if not accounts.may(viewer, "meeting.run", page.forum):
        raise Http404
    members = {each.user_id: each for each in accounts.members(viewer, page.forum)}
    recorded = {line.user_id: bool(line.present and line.signed_at) for line in page.attendance}
    known = {line.user_id: line.present for line in page.attendance}
    initial = {"here": [str(user) for user, here in recorded.items() if here]}
    form = forms.attendance(tuple(members.values()), request.POST if request.method == "POST" else None, initial)
    if request.method == "POST" and form.is_valid():
        here = {str(user) for user in members} if "all" in request.POST else set(form.cleaned_data["here"])

        def save() -> None:
            for user_id in members:
                present = str(user_id) in here
                if known.get(user_id) is None or recorded.get(user_id) != present:
                    operations.record_attendance(
                        viewer=viewer, meeting_id=meeting_id, user_id=user_id, present=present, signed=present, at=now
                    )

        done, _ = attempt(form, save)
        if done:
            messages.success(request, "Saved who is here.")
            return redirect("meeting", meeting_id)
    context = {
        "form": form,
        "heading": "Who is here",
        "button": "Save",
        "second_button": ("all", "Everybody is here and has signed"),
        "caption": page.forum_name,
        "lede": page.confidentiality,
        "back": reverse("meeting", args=[meeting_id]),
        "back_words": "Agenda",
    }
    return render(request, "panels/form.html", context)


@require_POST
@may("meeting.run", "meeting.sign")
def move(request: Request, meeting_id: UUID, step: str) -> HttpResponse:
    """Open, close, sign. Each is one button on the agenda."""
    if step not in STEPS:
        raise Http404
    act, said = STEPS[step]
    act(viewer=viewer_of(request), meeting_id=meeting_id, at=timezone.now())
    messages.success(request, said)
    return redirect("meeting" if step == "open" else "meeting-minutes", meeting_id)
