"""Going through a section under section 8(8): everything in it, then one decision a page."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from concord.desk.editions import operations
from concord.web.editions import forms, presenters, work
from concord.web.editions.work import Opened
from concord.web.shared import partnership
from concord.web.shared.acts import attempt
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of


@require_http_methods(["GET", "POST"])
@may("edition.read")
def section(request: Request, edition_id: UUID, key: str) -> HttpResponse:
    """Every passage and figure of a section; posting says that nothing more has to be kept back."""
    found = work.opened(viewer_of(request), edition_id)
    wanted = found.section(key)
    if wanted is None or not found.standing.screened:
        raise Http404
    if request.method == "POST":
        if request.POST.get("digest") != found.now(key).digest:
            messages.info(request, "The section changed while you had it open. Go through it as it is now.")
        else:
            operations.nothing_more(
                viewer=viewer_of(request),
                edition_id=edition_id,
                section=key,
                digest=found.now(key).digest,
                at=timezone.now(),
            )
            messages.success(request, f"You have gone through “{wanted.heading}”.")
            after = _next(found, key)
            if after:
                return redirect("edition-screen", edition_id=edition_id, key=after)
            return redirect("edition", edition_id=edition_id)
    block = found.page.blocks.get(key)
    grounds = work.jobs().grounds_of(partnership.current())
    context = {
        "edition": presenters.line(found.page.line),
        "section": wanted,
        "subjects": presenters.subjects(found, wanted, grounds, block.text if block else ""),
        "grounds": list(grounds.values()),
        "digest": found.now(key).digest,
        "gone_through": presenters.gone_through(found, key),
        "may_screen": "edition.screen" in found.page.may,
    }
    return render(request, "editions/screen.html", context)


def _next(found: Opened, done: str) -> str:
    """The next section, other than the one just `done`, that nobody has gone through as it stands."""
    return next(
        (each.section for each in found.readiness.lacks if "gone through" in each.what and each.section != done), ""
    )


@require_http_methods(["GET", "POST"])
@may("edition.screen")
def subject(request: Request, edition_id: UUID, key: str, name: str) -> HttpResponse:
    """One passage or figure: may everybody read it, or is it kept back, on which ground, and why?"""
    found = work.opened(viewer_of(request), edition_id)
    wanted = found.section(key)
    if wanted is None or "edition.screen" not in found.page.may:
        raise Http404
    grounds = work.jobs().grounds_of(partnership.current())
    block = found.page.blocks.get(key)
    every = presenters.subjects(found, wanted, grounds, block.text if block else "")
    about = next((each for each in every if each.name == name), None)
    if about is None:
        messages.info(request, "That passage was rewritten or taken out. Go through the section as it is now.")
        return redirect("edition-screen", edition_id=edition_id, key=key)
    ground = next((each for each, said in grounds.items() if said == about.ground), "")
    initial = {"decision": ground or ("publish" if about.reason else ""), "reason": about.reason}
    form = forms.screening_form(grounds, request.POST if request.method == "POST" else None, initial)
    if request.method == "POST" and form.is_valid():
        given = {
            "viewer": viewer_of(request),
            "edition_id": edition_id,
            "section": key,
            "subject": name,
            "reason": form.cleaned_data["reason"],
            "at": timezone.now(),
        }
        decision = form.cleaned_data["decision"]
        done, _ = attempt(
            form,
            lambda: (
                operations.leave_in(**given)
                if decision == "publish"
                else operations.keep_back(**given, ground=decision)
            ),
        )
        if done:
            said = "Everybody may read it." if decision == "publish" else "It stays out of the public edition."
            if name.startswith("figure:"):
                said += " Make the figures again, so that they are asked for the right readers."
            messages.success(request, said)
            return redirect("edition-screen", edition_id=edition_id, key=key)
    context = {
        "edition": presenters.line(found.page.line),
        "section": wanted,
        "about": about,
        "form": form,
    }
    return render(request, "editions/subject.html", context)
