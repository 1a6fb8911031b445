"""Beside the meetings: reminders, the forum's lists, packs, residents' questions for whoever has to read them."""

from __future__ import annotations

from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from concord.desk.accounts import queries as accounts
from concord.desk.panels import operations, queries
from concord.desk.panels.rules import DECLINED, Named
from concord.desk.sharing.session import as_viewer
from concord.web.panels import forms
from concord.web.shared import partnership, words
from concord.web.shared.acts import attempt
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of


@require_POST
@may("item.list")
def remind(request: Request, meeting_id: UUID) -> HttpResponse:
    """Agencies that owe research find the reminder on their day."""
    viewer, now = viewer_of(request), timezone.now()
    key = queries.meeting(viewer, meeting_id, at=now).forum
    told = operations.remind(viewer=viewer, meeting_id=meeting_id, at=now)
    said = f"{words.counted(told, 'agency', 'agencies')} reminded." if told else "All were reminded today already."
    messages.success(request, said)
    return redirect("forum", key)


@require_GET
@may("meeting.read")
def cohort(request: Request, key: str) -> HttpResponse:
    """Who is on the forum's lists: who is to be looked at first on top. There is nothing to take away from here."""
    viewer, now = viewer_of(request), timezone.now()
    if not viewer.parts_in(key) or queries.forum(key).cohort is None:
        raise Http404
    of = queries.forum(key)
    kinds = [(each.key, each.name) for each in of.item if of.cohort and each.key in of.cohort.kinds]
    wanted = request.GET.get("list", "")
    kind = wanted if wanted in dict(kinds) else ""
    with as_viewer(viewer, at=now):
        context = {
            "forum": of,
            "kinds": kinds,
            "kind": kind,
            "entries": queries.cohort(viewer, key, at=now, kind=kind),
            "notices": queries.notices(viewer, at=now, forum_key=key),
            "may_remove": accounts.may(viewer, "item.list", key),
        }
    return render(request, "panels/cohort.html", context)


@require_http_methods(["GET", "POST"])
@may("item.list")
def for_review(request: Request, key: str, entry_id: UUID) -> HttpResponse:
    """Somebody on a list goes on the next agenda, to be looked at again."""
    viewer, now = viewer_of(request), timezone.now()
    found = next((each for each in queries.cohort(viewer, key, at=now) if each.entry_id == entry_id), None)
    if found is None or not accounts.may(viewer, "item.list", key):
        raise Http404
    of = queries.forum(key)
    to_come = queries.meetings(viewer, at=now, forum_key=key)
    following = next((each for each in to_come if each.state == "planned"), None)
    if following is None:
        messages.info(request, "Plan a meeting first: somebody is looked at again there.")
        return redirect("meeting-plan", key)
    months = of.cohort.review_months if of.cohort else 0
    every = "month" if months == 1 else f"{months} months"
    initial = {"kind": found.kind, "reason": f"Looked at again, as every {every}."}
    form = forms.listing(of, request.POST if request.method == "POST" else None, initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        kind = next(each for each in of.item if each.key == given["kind"])
        named = Named((kind.roles or ("subject",))[0], person_id=found.person_id)
        done, _ = attempt(
            form,
            lambda: operations.list_people(
                viewer=viewer,
                meeting_id=following.meeting_id,
                kind=given["kind"],
                named=[named],
                reason=given["reason"],
                facets=forms.facets_given(of, given),
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, f"{found.name} is on the agenda.")
            return redirect("meeting", following.meeting_id)
    context = {
        "form": form,
        "heading": f"Look at {found.name} again",
        "caption": f"{of.abbreviation}, {words.moment(following.starts_at, now)}",
        "button": "Put on the agenda",
        "back": reverse("cohort", args=[key]),
        "back_words": "The list",
    }
    return render(request, "panels/form.html", context)


@require_http_methods(["GET", "POST"])
@may("item.list")
def take_off(request: Request, key: str, entry_id: UUID) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    found = next((each for each in queries.cohort(viewer, key, at=now) if each.entry_id == entry_id), None)
    if found is None or not accounts.may(viewer, "item.list", key):
        raise Http404
    form = forms.reason("Why are they taken off?", request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done, _ = attempt(
            form,
            lambda: operations.take_off(viewer=viewer, entry_id=entry_id, reason=form.cleaned_data["reason"], at=now),
        )
        if done:
            messages.success(request, "Taken off. Every agency that sits here is told to take the mark off its files.")
            return redirect("cohort", key)
    context = {
        "form": form,
        "heading": f"Take {found.name} off the list",
        "caption": found.kind_name,
        "button": "Take off the list",
        "back": reverse("cohort", args=[key]),
        "back_words": "The list",
    }
    return render(request, "panels/form.html", context)


@require_POST
@may("research.write")
def marked(request: Request, notice_id: UUID) -> HttpResponse:
    """An agency's own word that its files say the same as the list."""
    viewer, now = viewer_of(request), timezone.now()
    key = next((each.forum for each in queries.notices(viewer, at=now) if each.notice_id == notice_id), None)
    operations.files_marked(viewer=viewer, notice_id=notice_id, at=now)
    messages.success(request, "Noted.")
    return redirect("cohort", key) if key else redirect("today")


@require_http_methods(["GET", "POST"])
@may("meeting.read")
def pack(request: Request, meeting_id: UUID) -> HttpResponse:
    """The figures of a meeting, as they were made for it. Posting asks for them."""
    viewer, now = viewer_of(request), timezone.now()
    meeting = queries.meeting(viewer, meeting_id, at=now)
    of = queries.forum(meeting.forum)
    if of.pack is None:
        raise Http404
    may_ask = accounts.may(viewer, "pack.ask", of.key) and meeting.state == "planned"
    if request.method == "POST":
        if not may_ask:
            raise Http404
        pack_id = operations.ask_pack(viewer=viewer, meeting_id=meeting_id, at=now)
        stand_in = _job().stand_in()
        if stand_in:
            _job().start(settings.CONCORD_HOME, settings.CONCORD_PARTNERSHIP, pack_id, stand_in)
        messages.success(request, "Asked for. It appears here once it is approved and made.")
        return redirect("meeting-pack", meeting_id)
    found = queries.pack(viewer, meeting_id, at=now)
    publication = partnership.current().publications.get(of.pack.publication)
    context = {
        "meeting": meeting,
        "pack": found,
        "publication": publication,
        "may_ask": may_ask and (found is None or found.state != "asked"),
        "waits": found is not None and found.state == "asked",
        "held": meeting.state != "planned",
    }
    return render(request, "panels/pack.html", context)


@require_http_methods(["GET", "POST"])
@may("release.approve")
def packs(request: Request) -> HttpResponse:
    """Packs that wait for an approver. Approving one makes it."""
    viewer, now = viewer_of(request), timezone.now()
    waiting = queries.packs_waiting(viewer, at=now)
    if request.method == "POST":
        chosen = next((each for each in waiting if str(each.pack_id) == request.POST.get("pack")), None)
        if chosen is None:
            raise Http404
        if "refuse" in request.POST:
            operations.fail_pack(viewer=viewer, pack_id=chosen.pack_id, trouble="The approver refused it.", at=now)
            messages.success(request, "Refused. Whoever asked reads it on the meeting's page.")
        else:
            _job().start(settings.CONCORD_HOME, settings.CONCORD_PARTNERSHIP, chosen.pack_id, viewer.username)
            messages.success(request, "Approved. It is being made.")
        return redirect("packs")
    home = partnership.current()
    lines = [
        (each, home.forums[each.forum].name, home.publications[each.publication])
        for each in waiting
        if each.forum in home.forums and each.publication in home.publications
    ]
    return render(request, "panels/packs.html", {"lines": lines, "viewer_id": viewer.user_id})


def _job() -> Any:
    """Screens and jobs do not know each other: settings name the job."""
    return import_module(settings.CONCORD_PACKS)


@require_GET
@may("question.moderate")
def questions(request: Request, key: str) -> HttpResponse:
    """What residents asked: to read first, then to answer."""
    viewer, now = viewer_of(request), timezone.now()
    if not accounts.may(viewer, "question.moderate", key):
        raise Http404
    found = queries.questions(viewer, key, at=now)
    planned = [each for each in queries.meetings(viewer, at=now, forum_key=key) if each.state == "planned"]
    context = {
        "forum": queries.forum(key),
        "waiting": [each for each in found if each.state == "waiting"],
        "published": [each for each in found if each.state == "published"],
        "next_meeting": planned[0] if planned else None,
    }
    return render(request, "panels/questions.html", context)


@require_http_methods(["GET", "POST"])
@may("question.moderate")
def question(request: Request, question_id: UUID) -> HttpResponse:
    """Read one question: publish it in public words, keep it off, or answer it."""
    viewer, now = viewer_of(request), timezone.now()
    key, found = queries.question(viewer, question_id, at=now)
    if found.state not in ("waiting", "published"):
        raise Http404
    asked = found.state == "waiting"
    posted = request.POST if request.method == "POST" else None
    form = forms.moderation(found.text, posted) if asked else forms.answer(found.drafted, posted)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        act = {"viewer": viewer, "question_id": question_id, "version": found.version, "at": now}
        if not asked:
            done, _ = attempt(form, lambda: operations.answer_question(answer=given["answer"], **act))
            said = "Answered. Everybody can read it now."
        elif given["what"] == "publish":
            done, _ = attempt(form, lambda: operations.publish_question(text=given["text"], **act))
            said = "Published. Put it on an agenda, or answer it."
        else:
            done, _ = attempt(form, lambda: operations.decline_question(why=given["what"], **act))
            said = f"Not published: {DECLINED.get(given['what'], '')}. Its words are erased."
        if done:
            messages.success(request, said)
            return redirect("board-moderate", key)
    context = {
        "form": form,
        "heading": "Read a question" if asked else "Answer in public",
        "caption": f"{queries.forum(key).name}, asked on {found.asked_on:%d %B %Y}",
        "lede": "" if asked else found.text,
        "button": "Save" if asked else "Publish the answer",
        "back": reverse("board-moderate", args=[key]),
        "back_words": "Questions",
        "after": "Published words are read by everybody. Take out whatever tells who or where somebody is."
        if asked
        else "Everybody reads the answer, with no name beside it.",
    }
    return render(request, "panels/form.html", context)


@require_POST
@may("item.list")
def put_question(request: Request, meeting_id: UUID, question_id: UUID) -> HttpResponse:
    """A published question on the agenda of the board's next meeting."""
    operations.list_question(
        viewer=viewer_of(request), meeting_id=meeting_id, question_id=question_id, at=timezone.now()
    )
    messages.success(request, "The question is on the agenda.")
    return redirect("meeting", meeting_id)
