"""What the calendar did, and who keeps their access this quarter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.records import operations, queries, rules
from concord.desk.records.rules import AccessLine, RunLine
from concord.web.records import forms
from concord.web.shared import partnership, words
from concord.web.shared.acts import attempt
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of

SHAPES = {"running": "amber", "done": "done", "failed": "red", "broken_off": "red"}


@require_GET
@may("calendar.read")
def scheduled(request: Request) -> HttpResponse:
    """Each piece of work with how it last went; then every run, the newest first."""
    viewer, now = viewer_of(request), timezone.now()
    jobs = queries.jobs(viewer, at=now)
    names = {each.key: each.name for each in jobs}
    context = {
        "jobs": [{"line": each, "last": _run(each.last, names) if each.last else None} for each in jobs],
        "late": [each.name for each in jobs if each.late],
        "runs": [_run(each, names) for each in queries.runs(viewer, at=now)],
    }
    return render(request, "records/scheduled.html", context)


@require_GET
@may("access.review")
def access(request: Request) -> HttpResponse:
    """Everybody whose access this viewer answers for, those that wait first."""
    quarter, lines = queries.access(viewer_of(request), at=timezone.now())
    shown = [_access(each) for each in lines]
    context = {
        "quarter": quarter.replace("-", " "),
        "waiting": [each for each in shown if not each["verdict"]],
        "done": [each for each in shown if each["verdict"]],
    }
    return render(request, "records/access.html", context)


@require_http_methods(["GET", "POST"])
@may("access.review")
def access_one(request: Request, user_id: UUID, part: str) -> HttpResponse:
    viewer = viewer_of(request)
    _, lines = queries.access(viewer, at=timezone.now())
    line = next((each for each in lines if each.user_id == user_id and each.part == part), None)
    if line is None or line.verdict or line.mine:
        raise Http404
    form = forms.AccessForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done, _ = attempt(
            form,
            lambda: operations.review_access(
                viewer=viewer, user_id=user_id, part=part, at=timezone.now(), **form.cleaned_data
            ),
        )
        if done:
            messages.success(request, f"Signed for {line.name}.")
            return redirect("access-review")
    return render(request, "records/access_one.html", {"form": form, "line": _access(line)})


def _access(line: AccessLine) -> dict[str, Any]:
    return {
        "user_id": line.user_id,
        "name": line.name,
        "agency": partnership.agency(line.agency),
        "part": line.part,
        "what": part_in_words(line.part),
        "verdict": rules.VERDICTS.get(line.verdict, ""),
        "shape": "red" if line.verdict == "end" else "done",
        "why": line.why,
        "by": line.by,
        "at": line.at,
        "mine": line.mine,
    }


def part_in_words(part: str) -> str:
    """A role by its name, a seat as “MACE member”."""
    forum, _, seat = part.partition(":")
    found = partnership.current().forums.get(forum)
    return f"{found.abbreviation if found else forum} {seat}" if seat else partnership.role(part)


def _run(run: RunLine, names: dict[str, str]) -> dict[str, Any]:
    did = [f"{what}: {_value(value)}" for what, value in run.did.items() if value not in (0, [])]
    return {
        "name": names.get(run.job, run.job),
        "due_at": run.due_at,
        "began_at": run.began_at,
        "seconds": (run.ended_at - run.began_at).total_seconds() if run.ended_at else None,
        "state": rules.RUNS[run.state],
        "shape": SHAPES[run.state],
        "did": did,
        "said": run.said,
    }


def _value(value: Any) -> str:
    return words.listed([str(each) for each in value]) if isinstance(value, list) else f"{value}"
