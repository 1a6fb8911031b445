"""Onto the agenda without a referral, and through it: topics, people, what comes by itself, the return."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.panels import operations, queries
from concord.desk.panels.rules import MeetingPage, Named
from concord.desk.people.rules import Details
from concord.desk.sharing.session import as_viewer
from concord.kernel.errors import ConcordError
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.forum import Forum
from concord.web.panels import forms, papers, presenters, returning
from concord.web.publications import site
from concord.web.shared.acts import attempt
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of


@require_http_methods(["GET", "POST"])
@may("item.list")
def list_topic(request: Request, meeting_id: UUID) -> HttpResponse:
    """A place, a group, a theme, an online space, a paper or a question."""
    viewer, page, of = _open(request, meeting_id)
    known = [(f"/published/{each.address}", each.title) for each in site.documents(settings.CONCORD_HOME / "site")]
    form = forms.topic(of, request.POST if request.method == "POST" else None, known, presenters.told(viewer, of))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.list_topic(
                viewer=viewer,
                meeting_id=meeting_id,
                kind=given["kind"],
                about=given["about"],
                whereabouts=given.get("whereabouts") or "",
                reason=given["reason"],
                facets=forms.facets_given(of, given),
                result_id=forms.result_given(given),
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, f"{given['about']} is on the agenda.")
            return redirect("meeting", meeting_id)
    heading = "Put a paper or a question on the agenda" if of.hears == "papers" else "List a place, group or theme"
    lede = "Write nothing about a person who could be recognised." if of.public else ""
    return _page(request, page, form, heading, lede)


@require_http_methods(["GET", "POST"])
@may("item.list")
def list_person(request: Request, meeting_id: UUID) -> HttpResponse:
    """Somebody whom no referral brought."""
    viewer, page, of = _open(request, meeting_id)
    if of.hears == "papers":
        raise Http404
    form = forms.person(of, request.POST if request.method == "POST" else None, presenters.told(viewer, of))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        kind = next((each for each in of.item if each.key == given["kind"]), None)
        role = kind.roles[0] if kind and kind.roles else "subject"
        details = Details(given["given_name"], given["family_name"], given["born_on"])
        done, _ = attempt(
            form,
            lambda: operations.list_people(
                viewer=viewer,
                meeting_id=meeting_id,
                kind=given["kind"],
                named=[Named(role, details, safe_contact=given["safe_contact"])],
                reason=given["reason"],
                facets=forms.facets_given(of, given),
                result_id=forms.result_given(given),
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "The case is on the agenda. Members can add their research now.")
            return redirect("meeting", meeting_id)
    return _page(request, page, form, "List a person", "")


@require_POST
@may("item.list")
def pull(request: Request, meeting_id: UUID) -> HttpResponse:
    """What the forum's file brings by itself: carried over, accepted, of the last hours, published."""
    viewer, _, of = _open(request, meeting_id)
    found = {key: (each.title[:200], f"/published/{each.address}") for key, each in papers.newest(of).items()}
    came = operations.pull_in(viewer=viewer, meeting_id=meeting_id, headlines=found, at=timezone.now())
    words = f"{came} item{'s' if came != 1 else ''} came onto the agenda." if came else "Nothing new to bring in."
    for each in papers.old(of, timezone.now()):
        age = f"is {each.days} days old" if each.days is not None else "was never published"
        words += f" The newest “{each.title}” {age}; it should come {each.cadence}."
    messages.success(request, words)
    return redirect("meeting", meeting_id)


@require_GET
@may("item.list")
def figures(request: Request, key: str) -> HttpResponse:
    """The forum's return for a quarter, each figure with its cases. For the coordinator alone."""
    viewer, now = viewer_of(request), timezone.now()
    if not accounts.may(viewer, "item.list", key) or queries.forum(key).returns is None:
        raise Http404
    of, today = queries.forum(key), now.astimezone(LONDON).date()
    chosen, starts, ends = _span(of, today, request.GET.get("quarter", ""))
    with as_viewer(viewer, at=now):
        lines, references = queries.forum_return(viewer, key, starts, ends, at=now)
        wanted = of.returns.population_from
        brought = queries.population(viewer, wanted, at=now) if wanted else None
    context = {
        "forum": of,
        "returns": of.returns,
        "starts": starts,
        "ends": ends,
        "lines": [presenters.return_line(each, references) for each in lines],
        "quarters": _spans(of, today),
        "population": brought,
        "standing": returning.standing(of, lines, starts, ends, today),
        "quarter": chosen,
    }
    return render(request, "panels/return.html", context)


@require_POST
@may("item.list")
def let_out(request: Request, key: str) -> HttpResponse:
    """Ask for what of a return may leave. Somebody else decides."""
    viewer, now = viewer_of(request), timezone.now()
    if not accounts.may(viewer, "item.list", key) or queries.forum(key).returns is None:
        raise Http404
    of, today = queries.forum(key), now.astimezone(LONDON).date()
    chosen, starts, ends = _span(of, today, request.POST.get("quarter", ""))
    lines, _ = queries.forum_return(viewer, key, starts, ends, at=now)
    try:
        returning.ask(viewer, of, lines, starts, ends, now.astimezone(LONDON))
    except ConcordError as problem:
        messages.warning(request, " ".join(part for part in (problem.what, problem.why, problem.next_step) if part))
    else:
        messages.success(request, "Asked for. A release approver decides; then the figures stand on this page.")
    return redirect(f"{reverse('forum-return', args=[key])}?quarter={chosen}")


def _span(of: Forum, today: dt.date, asked: str) -> tuple[str, dt.date, dt.date]:
    """The period of a return that is asked for, else the newest."""
    spans = _spans(of, today)
    return next((each for each in spans if each[0] == asked), spans[0])


def _spans(of: Forum, today: dt.date) -> list[tuple[str, dt.date, dt.date]]:
    return _months(today) if of.returns is not None and of.returns.every == "month" else _quarters(today)


def _quarters(today: dt.date) -> list[tuple[str, dt.date, dt.date]]:
    """This quarter and the four before it, as “2026-4” with its first and last day."""
    year, quarter, found = today.year, (today.month - 1) // 3, []
    for _ in range(5):
        starts = dt.date(year, quarter * 3 + 1, 1)
        ends = dt.date(year + (quarter == 3), (quarter * 3 + 3) % 12 + 1, 1) - dt.timedelta(days=1)
        found.append((f"{year}-{quarter + 1}", starts, ends))
        year, quarter = (year, quarter - 1) if quarter else (year - 1, 3)
    return found


def _months(today: dt.date) -> list[tuple[str, dt.date, dt.date]]:
    """This month and the eleven before it."""
    found, first = [], today.replace(day=1)
    for _ in range(12):
        ends = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
        found.append((f"{first:%Y-%m}", first, ends))
        first = (first - dt.timedelta(days=1)).replace(day=1)
    return found


def _open(request: Request, meeting_id: UUID) -> tuple[Viewer, MeetingPage, Forum]:
    viewer = viewer_of(request)
    page = queries.meeting(viewer, meeting_id, at=timezone.now())
    if not accounts.may(viewer, "item.list", page.forum):
        raise Http404
    return viewer, page, queries.forum(page.forum)


def _page(request: Request, page: MeetingPage, form: object, heading: str, lede: str) -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "lede": lede,
        "button": "Put on the agenda",
        "caption": f"{page.abbreviation}, {page.starts_at:%d %B %Y}",
        "back": reverse("meeting", args=[page.meeting_id]),
        "back_words": "Agenda",
    }
    return render(request, "panels/form.html", context)
