"""One case in the meeting: what each agency knows, what was agreed before, the decision, new actions."""

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
from concord.desk.accounts.rules import Viewer
from concord.desk.panels import operations, queries
from concord.desk.panels.rules import ItemPage
from concord.web.panels import forms, presenters
from concord.web.shared import partnership, restricted
from concord.web.shared.acts import attempt, posted
from concord.web.shared.guards import may
from concord.web.shared.keeping import restriction
from concord.web.shared.middleware import Request, viewer_of


@require_GET
@may("item.read")
def item(request: Request, item_id: UUID) -> HttpResponse:
    viewer, page = _open(request, item_id)
    named = {each.person_id: each.name for each in page.persons}
    context = presenters.item(page, viewer) | restricted.notice(viewer, named, at=timezone.now())
    return render(request, "panels/item.html", context)


@require_http_methods(["GET", "POST"])
@may("research.write")
def research(request: Request, item_id: UUID) -> HttpResponse:
    viewer, page = _open(request, item_id)
    if not page.may_research:
        raise Http404
    mine = next((each for each in page.research if each.mine and each.given), None)
    initial = {"holds": "nothing" if mine.nothing_held else "text", "text": mine.text} if mine else {}
    initial["intelligence"] = next((each.intelligence for each in page.research if each.mine), "")
    kind = forms.IntelligenceForm if "intelligence" in viewer.fields else forms.ResearchForm
    by, said_at = (mine.by, mine.at) if mine else ("", None)
    form = kind(posted(request), initial=initial, by=by, at=said_at)
    if request.method == "POST" and form.is_valid():
        nothing = form.cleaned_data["holds"] == "nothing"
        said = "" if nothing else form.cleaned_data["text"]
        done, _ = attempt(
            form,
            lambda: operations.add_research(
                viewer=viewer,
                item_id=item_id,
                text=said,
                nothing_held=nothing,
                intelligence=form.cleaned_data.get("intelligence", ""),
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "Saved. Other agencies read it from the cut-off on.")
            return redirect("item", item_id)
    return _form_page(
        request,
        page,
        form,
        heading=f"What {partnership.agency(viewer.agency)} knows",
        button="Save the research",
        after="Only your agency and the coordinator can read it before the cut-off.",
    )


@require_http_methods(["GET", "POST"])
@may("conflict.declare")
def conflict(request: Request, item_id: UUID) -> HttpResponse:
    """After this the case is not there for the one who declared."""
    viewer, page = _open(request, item_id)
    others = ()
    if accounts.may(viewer, "item.list", page.forum):
        seats = {each.user_id: each for each in accounts.members(viewer, page.forum) if each.user_id != viewer.user_id}
        others = tuple(each for each in seats.values() if each.display_name not in page.kept_out)
    form = forms.conflict(others, posted(request))
    if request.method == "POST" and form.is_valid():
        who = form.cleaned_data.get("who", "me")
        done, _ = attempt(
            form,
            lambda: operations.declare_conflict(
                viewer=viewer,
                item_id=item_id,
                why=form.cleaned_data["why"],
                user_id=None if who == "me" else UUID(who),
                at=timezone.now(),
            ),
        )
        if done and who != "me":
            messages.success(request, "Declared. They no longer see that case, nor the people in it.")
            return redirect("item", item_id)
        if done:
            messages.success(
                request, "Declared. You no longer see that case. If it was a mistake, tell the coordinator."
            )
            return redirect("meeting", page.meeting_id)
    return _form_page(
        request,
        page,
        form,
        heading="Declare a conflict of interest",
        button="Declare it",
        lede="Declare it if you know somebody in this case outside your work: family, a neighbour, "
        "somebody you work with." + (" You can also declare what a member told you." if others else ""),
        after="From then on this case, and the people in it, will not be there for whoever has the conflict: not in "
        "lists, not in search, not in the minutes.",
    )


@require_http_methods(["GET", "POST"])
@may("item.restrict")
def restrict(request: Request, item_id: UUID) -> HttpResponse:
    """Keep the case and its people to the members named."""
    viewer, page = _open(request, item_id)
    if not accounts.may(viewer, "item.restrict", page.forum):
        raise Http404
    others = [each for each in accounts.members(viewer, page.forum) if each.user_id != viewer.user_id]
    form = restriction(others, posted(request), page.restriction)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.restrict_case(
                viewer=viewer,
                item_id=item_id,
                level=given["level"],
                named=[viewer.user_id, *map(UUID, given["named"])],
                reason=given["reason"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "Saved. It holds from now on, in lists, search and minutes too.")
            return redirect("item", item_id)
    return _form_page(
        request,
        page,
        form,
        heading="Who may open this case",
        button="Save",
        lede="Now: restricted to the people named." if page.restriction else "Now: everybody it was shared with.",
        after="For everybody else on the forum the case and its people will not be there. A meeting needs a chair who "
        "may open it, to decide.",
    )


@require_http_methods(["GET", "POST"])
@may("decision.record")
def decide(request: Request, item_id: UUID) -> HttpResponse:
    viewer, page = _open(request, item_id)
    if not accounts.may(viewer, "decision.record", page.forum):
        raise Http404
    form = forms.decision(queries.forum(page.forum), page.kind, posted(request), page.version)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.decide(
                viewer=viewer,
                item_id=item_id,
                outcome=given["outcome"],
                reason=given["reason"],
                version=given["version"],
                level=given.get("level", ""),
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "The decision is recorded. Add the actions that follow from it.")
            return redirect("item", item_id)
    return _form_page(
        request,
        page,
        form,
        heading="Record the decision",
        button="Record the decision",
        lede=page.quorum.said,
        after="Your name and the time go with it. It becomes part of the minutes.",
    )


@require_http_methods(["GET", "POST"])
@may("action.add")
def add_action(request: Request, item_id: UUID) -> HttpResponse:
    viewer, page = _open(request, item_id)
    if not page.may_add_action:
        raise Http404
    form = forms.action(presenters.owners(viewer, page, timezone.now()), posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        agency, owner = forms.taken_on(given["agency"])
        done, _ = attempt(
            form,
            lambda: operations.add_action(
                viewer=viewer,
                item_id=item_id,
                agency=agency,
                owner=owner,
                text=given["text"],
                due_on=given["due_on"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "It is in their list now.")
            return redirect("item", item_id)
    return _form_page(request, page, form, heading="Add an action", button="Add the action")


@require_http_methods(["GET", "POST"])
@may("research.write")
def prior_contact(request: Request, item_id: UUID) -> HttpResponse:
    """Contact with the person at risk before the meeting, by the one seat that makes it."""
    viewer, page = _open(request, item_id)
    if not page.speaks_first or not page.may_research:
        raise Http404
    said = page.prior_contact
    form = forms.prior_contact(posted(request), {"outcome": said.outcome, "text": said.text} if said else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.record_prior_contact(
                viewer=viewer, item_id=item_id, outcome=given["outcome"], text=given["text"], at=timezone.now()
            ),
        )
        if done:
            messages.success(request, "Saved. The meeting reads it with the case.")
            return redirect("item", item_id)
    lede = "By the safe means only. Nobody else contacts the person about the meeting."
    return _form_page(request, page, form, heading=page.asks_prior, button="Save", lede=lede)


@require_http_methods(["GET", "POST"])
@may("item.list")
def transfer(request: Request, item_id: UUID) -> HttpResponse:
    """Which area a case comes from or goes to, and whether its arrival was confirmed."""
    viewer, page = _open(request, item_id)
    if not page.transfer_way or not accounts.may(viewer, "item.list", page.forum):
        raise Http404
    held = page.transfer
    initial = {"area": held.area, "sent_on": held.sent_on, "confirmed_on": held.confirmed_on} if held else None
    form = forms.transfer(page.transfer_way, posted(request), initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.record_transfer(
                viewer=viewer, item_id=item_id, direction=page.transfer_way, at=timezone.now(), **given
            ),
        )
        if done:
            messages.success(request, "Saved.")
            return redirect("item", item_id)
    lede = "The case itself goes by the secure route between coordinators. Concord sends nothing."
    return _form_page(request, page, form, heading="Transfer between areas", button="Save", lede=lede)


@require_http_methods(["GET", "POST"])
@may("risk.review")
def review(request: Request, item_id: UUID) -> HttpResponse:
    """How the risk stands some months after the decision."""
    viewer, page = _open(request, item_id)
    if not page.reviews_due or not accounts.may(viewer, "risk.review", page.forum):
        raise Http404
    form = forms.review(queries.forum(page.forum), page.reviews_due, posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.review_risk(
                viewer=viewer,
                item_id=item_id,
                month=int(given["month"]),
                level=given["level"],
                reason=given["reason"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "Saved. The case shows how the risk moved.")
            return redirect("item", item_id)
    return _form_page(request, page, form, heading="Judge the risk again", button="Save the judgement")


@require_POST
@may("item.list")
def carry(request: Request, item_id: UUID, meeting_id: UUID) -> HttpResponse:
    """A case carried over goes on the agenda of a later meeting."""
    operations.carry_over(viewer=viewer_of(request), item_id=item_id, meeting_id=meeting_id, at=timezone.now())
    messages.success(request, "The case is on the agenda again.")
    return redirect("meeting", meeting_id)


def _open(request: Request, item_id: UUID) -> tuple[Viewer, ItemPage]:
    return viewer_of(request), queries.item(viewer_of(request), item_id, at=timezone.now())


def _form_page(request: Request, page: ItemPage, form: Any, *, heading: str, button: str, **more: Any) -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "button": button,
        "caption": f"{page.about}, {page.reference}",
        "back": reverse("item", args=[page.item_id]),
        "back_words": "Back to the case",
    } | more
    return render(request, "panels/form.html", context)
