"""Editions under way, a new one, and the home of one: what it still needs and the next step."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from concord.desk.accounts import queries as accounts
from concord.desk.editions import operations, queries
from concord.strategy.shapes.publication import Publication
from concord.web.editions import forms, presenters, work
from concord.web.shared import pages, partnership
from concord.web.shared.acts import attempt
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of
from concord.web.shared.present import extended

LATELY = 12
"""So many lines of the change log stand beside an edition."""
MOVES = {
    "review": (operations.send_for_review, "It is in review. The text stands still while colleagues read it."),
    "write": (operations.write_again, "It can be written again."),
}


@require_GET
@may("edition.read")
def editions(request: Request) -> HttpResponse:
    """What waits for this viewer first, then every edition, the newest first."""
    viewer, now, page = viewer_of(request), timezone.now(), pages.number(request)
    found = queries.editions(viewer, at=now, page=page)
    context = {
        "waiting": [presenters.line(each) for each in queries.waiting(viewer, at=now)],
        "editions": [presenters.line(each) for each in found],
        "may_begin": accounts.may(viewer, "edition.start"),
        "page_number": page,
        "more": len(found) == 50,
    }
    return render(request, "editions/editions.html", context)


@require_http_methods(["GET", "POST"])
@may("edition.start")
def begin(request: Request) -> HttpResponse:
    """Which publication; then its name and what it has to be told."""
    known = partnership.current().publications
    key = request.GET.get("publication", "")
    if key not in known:
        choices = [(name, _named(each)) for name, each in sorted(known.items(), key=lambda one: one[1].title)]
        form = forms.publication_form(choices, {"publication": key} if "publication" in request.GET else None)
        return render(request, "editions/choose.html", {"form": form})
    wanted: Publication = known[key]
    told = {name: (each, work.jobs().choices(partnership.current(), each)) for name, each in wanted.parameters.items()}
    form = forms.begin_form(told, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in told if form.cleaned_data[name]}

        def act() -> UUID:
            work.jobs().check_parameters(partnership.current(), wanted, given, work.clock().date())
            return operations.begin(
                viewer=viewer_of(request),
                publication=key,
                name=form.cleaned_data["name"],
                parameters=given,
                at=timezone.now(),
            )

        done, made = attempt(form, act)
        if done and made is not None:
            messages.success(request, "The edition is begun. Make its figures first: the text is checked against them.")
            return redirect("edition", edition_id=made)
    return render(request, "editions/begin.html", {"form": form, "publication": wanted})


def _named(publication: Publication) -> str:
    return f"{publication.title.replace('{', '').replace('}', '')}, {publication.cadence}"


@require_GET
@may("edition.read")
def edition(request: Request, edition_id: UUID) -> HttpResponse:
    viewer = viewer_of(request)
    found = work.opened(viewer, edition_id)
    making = work.jobs().making(work.home(), edition_id)
    context = {
        "edition": presenters.line(found.page.line),
        "sections": presenters.section_lines(found),
        "lacks": presenters.whole_lacks(found),
        "ready": found.readiness.ready,
        "missing": len(found.readiness.lacks),
        "changed": found.readiness.changed,
        "may": {verb.partition(".")[2]: True for verb in found.page.may},
        "making": making if making and not making.ended else None,
        "trouble": making.trouble if making and making.ended and making.trouble else "",
        "whole_comments": found.page.comments_on(""),
        "changes": [extended(each, place=_heading(found, each.section)) for each in found.page.changes[:LATELY]],
        "screened": found.standing.screened,
        "kept_back": sum(each.withheld for each in found.page.screened),
        "has_figures": bool(found.page.line.figures),
        "withheld": _withheld(found.page.line.edition_id, found.page.line.figures),
        "own": found.page.line.asked_by_me,
    }
    return render(request, "editions/edition.html", context)


def _heading(found: work.Opened, key: str) -> str:
    section = found.section(key)
    return section.heading if section else ""


def _withheld(edition_id: UUID, digest: str) -> list[tuple[str, str]]:
    made = work.jobs().figures_of(work.home(), edition_id, digest)
    return sorted(made.withheld.items()) if made else []


@require_POST
@may("edition.write")
def figures(request: Request, edition_id: UUID) -> HttpResponse:
    """Begin the making of an edition's figures. Somebody else's making under way is not begun again."""
    viewer = viewer_of(request)
    page = queries.edition(viewer, edition_id, at=timezone.now())
    if page.line.state not in ("drafting", "in_review"):
        raise Http404
    making = work.jobs().making(work.home(), edition_id)
    if making is None or making.ended:
        work.jobs().start(work.home(), settings.CONCORD_PARTNERSHIP, edition_id, viewer.username)
    return redirect("edition", edition_id=edition_id)


@require_POST
@may("edition.write")
def move(request: Request, edition_id: UUID, step: str) -> HttpResponse:
    if step not in MOVES:
        raise Http404
    act, said = MOVES[step]
    version = request.POST.get("version", "")
    if not version.isdecimal():
        raise Http404
    act(viewer=viewer_of(request), edition_id=edition_id, version=int(version), at=timezone.now())
    messages.success(request, said)
    return redirect("edition", edition_id=edition_id)
