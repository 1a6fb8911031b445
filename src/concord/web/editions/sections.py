"""One section: its text with a check, what may be cited, comments, a changed figure looked at, its versions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.editions import operations, queries
from concord.desk.editions.rules import Cited
from concord.evidence.publications import narrative
from concord.evidence.publications.narrative import SectionState
from concord.strategy.shapes.publication import Section
from concord.web.editions import forms, presenters, work
from concord.web.editions.work import Opened
from concord.web.shared import once, partnership
from concord.web.shared.acts import attempt
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of


@once.may_repeat
@require_http_methods(["GET", "POST"])
@may("edition.read")
def section(request: Request, edition_id: UUID, key: str) -> HttpResponse:
    """Read and write. “Check it” looks for typed numbers and broken citations and saves nothing."""
    found, wanted = _opened(request, edition_id, key)
    block = found.page.blocks.get(key)
    kept = {"text": block.text if block else "", "base": block.number if block else 0}
    posted = request.method == "POST"
    if posted and "edition.write" not in found.page.may:
        raise Http404
    form = forms.TextForm(request.POST if posted else None, initial=kept)
    text = request.POST.get("text", "") if posted else kept["text"]
    state = _state(found, wanted, str(text).replace("\r\n", "\n"))
    checked = posted and "check" in request.POST
    if posted and form.is_valid() and not checked:
        for fault in state.faults:
            form.add_error("text", work.jobs().in_one_line(fault))
        if not state.faults:
            done, number = attempt(form, lambda: _save(request, edition_id, key, form, state))
            if done:
                messages.success(request, f"Saved as version {number}.")
                return redirect("edition-section", edition_id=edition_id, key=key)
    releases, withheld = _figures(found)
    context = {
        "edition": presenters.line(found.page.line),
        "section": wanted,
        "form": form if "edition.write" in found.page.may else None,
        "saved_by_another": posted and block is not None and str(block.number) != request.POST.get("base"),
        "written": block,
        "faults": [work.jobs().in_one_line(each) for each in state.faults],
        "checked": checked,
        "prints": [(each.citation, each.text, each.code) for each in state.cited],
        "citable": presenters.citable(wanted, releases, withheld),
        "changed": [each for each in found.readiness.changed if each.section == key],
        "comments": found.page.comments_on(key),
        "may": {verb.partition(".")[2]: True for verb in found.page.may},
        "gone_through": presenters.gone_through(found, key),
        "screened": found.standing.screened,
        "next": _beside(found, key),
    }
    return render(request, "editions/section.html", context)


def _save(request: Request, edition_id: UUID, key: str, form: Any, state: SectionState) -> int:
    return operations.write(
        viewer=viewer_of(request),
        edition_id=edition_id,
        section=key,
        text=form.cleaned_data["text"].replace("\r\n", "\n").strip() + "\n",
        base=form.cleaned_data["base"],
        cited=[Cited(each.citation, each.code, each.text) for each in state.cited],
        at=timezone.now(),
    )


def _opened(request: Request, edition_id: UUID, key: str) -> tuple[Opened, Section]:
    found = work.opened(viewer_of(request), edition_id)
    wanted = found.section(key)
    if wanted is None:
        raise Http404
    return found, wanted


def _figures(found: Opened) -> tuple[dict[str, Any], dict[str, str]]:
    made = work.jobs().figures_of(work.home(), found.page.line.edition_id, found.page.line.figures)
    return (work.jobs().prepared(work.home(), made), dict(made.withheld)) if made else ({}, {})


def _state(found: Opened, wanted: Section, text: str) -> SectionState:
    """How a text would stand against the edition's figures."""
    releases, withheld = _figures(found)
    kept_back = {name: each.ground for name, each in found.page.withheld().items()}
    grounds = work.jobs().grounds_of(partnership.current())
    source = narrative.Source(found.publication, {}, grounds, kept_back)
    state = narrative.state(source, wanted, releases, withheld=withheld, text=text)
    if found.page.line.figures:
        return state
    # Before there are figures nothing can be found: only what needs none is checked.
    typed = tuple(each for each in state.faults if "typed by hand" in each.what or "fence" in each.what)
    return SectionState(state.cited, state.passages, state.digest, typed)


def _beside(found: Opened, key: str) -> Section | None:
    keys = [each.key for each in found.publication.sections]
    after = keys.index(key) + 1
    return found.publication.sections[after] if after < len(keys) else None


@require_GET
@may("edition.read")
def versions(request: Request, edition_id: UUID, key: str) -> HttpResponse:
    found, wanted = _opened(request, edition_id, key)
    every = queries.versions(viewer_of(request), edition_id, key, at=timezone.now())
    context = {"edition": presenters.line(found.page.line), "section": wanted, "versions": every}
    return render(request, "editions/versions.html", context)


@require_http_methods(["GET", "POST"])
@may("edition.comment")
def comment(request: Request, edition_id: UUID, key: str = "") -> HttpResponse:
    """Comment on a section, or on the whole."""
    found = work.opened(viewer_of(request), edition_id)
    wanted = found.section(key) if key else None
    if (key and wanted is None) or "edition.comment" not in found.page.may:
        raise Http404
    form = forms.CommentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done, _ = attempt(
            form,
            lambda: operations.add_comment(
                viewer=viewer_of(request),
                edition_id=edition_id,
                section=key,
                text=form.cleaned_data["text"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "Your comment stands with the text until somebody answers it.")
            return _back(edition_id, key)
    context = {
        "edition": presenters.line(found.page.line),
        "section": wanted,
        "form": form,
        "heading": f"Comment on “{wanted.heading}”" if wanted else "Comment on the whole edition",
        "button": "Comment",
    }
    return render(request, "editions/form.html", context)


@require_http_methods(["GET", "POST"])
@may("edition.comment")
def answer(request: Request, edition_id: UUID, comment_id: UUID) -> HttpResponse:
    found = work.opened(viewer_of(request), edition_id)
    about = next((each for each in found.page.comments if each.comment_id == comment_id), None)
    if about is None or "edition.comment" not in found.page.may:
        raise Http404
    form = forms.AnswerForm(request.POST if request.method == "POST" else None, initial={"version": about.version})
    if request.method == "POST" and form.is_valid():
        done, _ = attempt(
            form,
            lambda: operations.answer_comment(
                viewer=viewer_of(request),
                edition_id=edition_id,
                comment_id=comment_id,
                answer=form.cleaned_data["answer"],
                version=form.cleaned_data["version"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "The comment is resolved.")
            return _back(edition_id, about.section)
    context = {
        "edition": presenters.line(found.page.line),
        "section": found.section(about.section) if about.section else None,
        "form": form,
        "heading": "Answer a comment",
        "quoted": about,
        "button": "Mark it resolved",
    }
    return render(request, "editions/form.html", context)


@require_http_methods(["GET", "POST"])
@may("edition.write")
def look(request: Request, edition_id: UUID, key: str) -> HttpResponse:
    """A cited figure that prints otherwise than when its sentence was written: the sentence, before and after."""
    found, wanted = _opened(request, edition_id, key)
    citation = request.GET.get("figure", "")
    changed = next((e for e in found.readiness.changed if (e.section, e.citation) == (key, citation)), None)
    if changed is None:
        messages.success(request, "Somebody has looked at that figure already.")
        return redirect("edition-section", edition_id=edition_id, key=key)
    if request.method == "POST":
        if request.POST.get("words") != changed.becomes:
            messages.info(request, "The figure changed once more while you had the page open. Read it again.")
        else:
            operations.look(
                viewer=viewer_of(request),
                edition_id=edition_id,
                section=key,
                citation=citation,
                words=changed.becomes,
                at=timezone.now(),
            )
            messages.success(request, "Noted: you have read the sentence again.")
            return redirect("edition-section", edition_id=edition_id, key=key)
    block = found.page.blocks[key]
    lines = [line for line in block.text.splitlines() if citation in line]
    context = {
        "edition": presenters.line(found.page.line),
        "section": wanted,
        "changed": changed,
        "sentences": lines,
    }
    return render(request, "editions/look.html", context)


def _back(edition_id: UUID, key: str) -> HttpResponse:
    if key:
        return redirect("edition-section", edition_id=edition_id, key=key)
    return redirect("edition", edition_id=edition_id)
