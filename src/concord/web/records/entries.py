"""Entries of registers about somebody who asks: put right; and the use of their record restricted, until lifted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from concord.desk.accounts.rules import NotAllowed, NotHere
from concord.desk.records import operations, queries
from concord.desk.records.rules import EntryAbout, RequestLine
from concord.desk.registers import queries as registers
from concord.desk.registers.rules import NotEntered
from concord.kernel.errors import ConcordError
from concord.web.records import forms
from concord.web.registers import forms as register_forms
from concord.web.shared.acts import attempt
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of

WHOLE = "whole"


@require_http_methods(["GET", "POST"])
@may("rights.answer")
def correct(request: Request, request_id: UUID, entry_id: UUID) -> HttpResponse:
    """One entry as it stands, in the form of its register, to be put right."""
    viewer, now = viewer_of(request), timezone.now()
    line = _waiting(request, request_id, "rectification")
    held = queries.entry_of(queries.entries_about(viewer, request_id, at=now), entry_id)
    of = registers.register(held.register)
    data: Any = request.POST if request.method == "POST" else None
    form = register_forms.putting_right(of, registers.options(of), held, data)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            told = operations.put_entry_right(
                viewer=viewer,
                request_id=request_id,
                entry_id=entry_id,
                title=said["title"],
                dated_on=said["dated_on"],
                due_on=said.get("due_on"),
                given=register_forms.given(of, form),
                reason=said["reason"],
                version=said["version"],
                at=now,
            )
        except (NotAllowed, NotHere):
            raise
        except NotEntered as refusal:
            register_forms.put(form, refusal, of)
        except ConcordError as problem:
            form.add_error(None, " ".join(part for part in (problem.what, problem.why, problem.next_step) if part))
        else:
            messages.success(request, f"It is put right. {_whom(len(told))}")
            return redirect("request-answer", request_id)
    return render(request, "records/entry.html", {"form": form, "line": line, "of": of, "entry": held})


@require_http_methods(["GET", "POST"])
@may("rights.answer")
def restrict(request: Request, request_id: UUID) -> HttpResponse:
    """Restrict the whole record, or one entry of a register."""
    viewer, now = viewer_of(request), timezone.now()
    line = _waiting(request, request_id, "restriction")
    entries = queries.entries_about(viewer, request_id, at=now) if line.found else ()
    form = forms.restriction(entries, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, told = attempt(
            form,
            lambda: operations.restrict_use(
                viewer=viewer,
                request_id=request_id,
                entry_id=None if given["what"] == WHOLE else UUID(given["what"]),
                ground=given["ground"],
                reason=given["reason"],
                at=now,
            ),
        )
        if done and told is not None:
            messages.success(request, f"Its use is restricted. {_whom(len(told))}")
            return redirect("request-answer", request_id)
    return render(request, "records/restrict.html", {"form": form, "line": line, "entries": entries})


@require_http_methods(["GET", "POST"])
@may("rights.answer")
def lift(request: Request, restriction_id: UUID) -> HttpResponse:
    form = forms.LiftUseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done, _ = attempt(
            form,
            lambda: operations.lift_restriction(
                viewer=viewer_of(request),
                restriction_id=restriction_id,
                why=form.cleaned_data["why"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "The restriction is lifted, and whoever was told of it is told.")
            return redirect("requests")
    context = {"form": form, "heading": "Lift the restriction", "button": "Lift it", "back_to_requests": True}
    return render(request, "records/form.html", context)


def about(found: tuple[EntryAbout, ...]) -> list[tuple[EntryAbout, str]]:
    """Each entry with what it says in one line: its register, its reference and its day."""
    return [(each, f"{each.name}: {each.title}, {each.dated_on:%-d %B %Y}") for each in found]


def _waiting(request: Request, request_id: UUID, kind: str) -> RequestLine:
    line = queries.request(viewer_of(request), request_id, at=timezone.now())
    if not line.waits or line.kind != kind:
        raise Http404
    return line


def _whom(told: int) -> str:
    if not told:
        return "Nobody else received it."
    return "One team or forum that received it is told." if told == 1 else f"{told} teams and forums are told."
