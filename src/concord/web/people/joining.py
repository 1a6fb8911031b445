"""Looking for somebody, and two records beside each other: merged, and taken apart again."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from concord.desk.accounts import queries as accounts
from concord.desk.people import operations, queries
from concord.desk.people.rules import Details
from concord.web.people import forms, presenters, reasons
from concord.web.shared import once, pace
from concord.web.shared.acts import attempt
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of


@once.may_repeat
@require_http_methods(["GET", "POST"])
@may("person.match")
def find(request: Request) -> HttpResponse:
    """Who on record it may be. What is typed never stands in an address. With `only=list` the answer is the list
    alone, for the pages that ask while somebody types."""
    form, found = searched(request)
    if request.POST.get("only") == "list":
        return render(request, "people/options.html", {"found": found, "form": form})
    context = {"form": form, "found": found, "can_merge": accounts.may(viewer_of(request), "person.merge")}
    return render(request, "people/find.html", context)


def searched(request: Request, initial: dict[str, Any] | None = None) -> tuple[forms.FindForm, list[Any] | None]:
    """The form as it was sent, and whom it found (None where nothing was asked). It answers in even time, so that a
    clock tells nobody whether somebody hidden from them matched."""
    began = time.monotonic()
    form = forms.FindForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method != "POST":
        return form, None
    found = None
    if form.is_valid():
        given = form.cleaned_data
        asked = Details(
            given_name=given["given_name"],
            family_name=given["family_name"],
            born_on=given["born_on"],
            postcode=given["postcode"],
        )
        done, matched = attempt(form, lambda: queries.candidates(viewer_of(request), asked, at=timezone.now()))
        found = [presenters.candidate(each) for each in matched or ()] if done else None
    pace.evenly(began)
    return form, found


@require_http_methods(["POST"])
@may("person.merge")
def compare(request: Request) -> HttpResponse:
    """From two ticked records to the page where they stand beside each other."""
    ticked = request.POST.getlist("person")
    if len(set(ticked)) != 2:
        messages.info(request, "Tick exactly two records to compare them.")
        return redirect("person-find")
    one, other = (_uuid(each) for each in ticked)
    return redirect("person-merge", one, other)


@require_http_methods(["GET", "POST"])
@may("person.merge")
def merge(request: Request, kept: UUID, other: UUID) -> HttpResponse:
    """Two records, field by field. The first is the one they are kept under."""
    viewer, now = viewer_of(request), timezone.now()
    if kept == other:
        raise Http404
    left, right = queries.pair(viewer, kept, other, at=now)
    reasons.note(request, kept, other)
    form = forms.MergeForm(
        request.POST if request.method == "POST" else None,
        initial={"kept_version": left.version, "other_version": right.version},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.merge(
                viewer=viewer,
                kept=kept,
                other=other,
                versions=(given["kept_version"], given["other_version"]),
                reason=given["reason"],
                at=now,
            ),
        )
        if done:
            messages.success(request, "Kept as one person. Both records stay, and can be taken apart again.")
            return redirect(f"{reverse('person', args=[kept])}?from=merge-DONE")
    context = {
        "left": left,
        "right": right,
        "rows": presenters.side_by_side(left, right),
        "form": form,
        "safe": presenters.safe_contacts(left),
        "swap": reverse("person-merge", args=[other, kept]),
    }
    return render(request, "people/merge.html", context)


@require_http_methods(["GET", "POST"])
@may("person.merge")
def unmerge(request: Request, person_id: UUID, merge_id: UUID) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    found = queries.person(viewer, person_id, at=now, reason="to take a merge apart")
    reasons.note(request, person_id)
    same = next((each for each in found.same if each.merge_id == merge_id), None)
    if same is None:
        raise Http404
    form = forms.UnmergeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done, _ = attempt(
            form,
            lambda: operations.unmerge(viewer=viewer, merge_id=merge_id, reason=form.cleaned_data["reason"], at=now),
        )
        if done:
            messages.success(request, "They are two people again. Each record is as it was, with what was added to it.")
            return redirect(f"{reverse('person', args=[person_id])}?from=merge-DONE")
    context = {
        "form": form,
        "safe": presenters.safe_contacts(found),
        "heading": "Take these records apart",
        "back": f"{reverse('person', args=[person_id])}?from=merge-DONE",
        "back_words": "Back to the person",
        "caption": found.name,
        "lede": f"{found.name} and {same.name} were joined on {same.at:%-d %B %Y}: {same.reason}",
        "button": "Take apart",
        "after": "Each record keeps its own history, and what was added since stays where it was added.",
    }
    return render(request, "people/form.html", context)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
