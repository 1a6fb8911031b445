from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, NotHere
from concord.desk.people import queries as people
from concord.desk.people.rules import Candidate, Details
from concord.desk.registers import operations, queries
from concord.desk.registers.rules import NotEntered
from concord.kernel.errors import ConcordError
from concord.strategy.shapes.kept import KeptRegister
from concord.web.registers import forms
from concord.web.shared import partnership, restricted, sheets, words
from concord.web.shared.acts import attempt
from concord.web.shared.forms import Form
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of
from concord.web.shared.pages import number


@require_GET
@may("register.read")
def registers(request: Request) -> HttpResponse:
    """The registers of this viewer: what is late first."""
    found = queries.registers(viewer_of(request), at=timezone.now())
    lines = sorted(found, key=lambda each: (not each.overdue, not each.keeps, each.of.name))
    return render(request, "registers/index.html", {"registers": lines})


@require_GET
@may("register.read")
def register(request: Request, key: str) -> HttpResponse:
    viewer, page = viewer_of(request), number(request)
    of = queries.register(key)
    show = "closed" if request.GET.get("show") == "closed" else "open"
    board = request.GET.get("board", "")
    lines = queries.entries(viewer, key, at=timezone.now(), state=show, page=page, board=board)
    marked = restricted.entries_marked(viewer, ((each.entry_id, each.person_id) for each in lines), at=timezone.now())
    context = {
        "of": of,
        "key": key,
        "lines": [(each, partnership.agency(each.agency)) for each in lines],
        "marked": marked,
        "show": show,
        "board": board,
        "boards": _boards(of),
        "keeps": key in accounts.registers(viewer, keeps=True),
        "page_filter": f"&show={show}" + (f"&board={board}" if board else ""),
        "previous_page": page - 1,
        "next_page": page + 1 if len(lines) == queries.PAGE else 0,
    }
    return render(request, "registers/register.html", context)


@require_GET
@may("register.read")
def download(request: Request, key: str) -> HttpResponse:
    """The open entries as a file for a board's papers. A register about people is never a file."""
    board = request.GET.get("board", "")
    heads, rows = queries.as_table(viewer_of(request), key, at=timezone.now(), board=board)
    # With a mark at its start, or a spreadsheet reads the letters wrongly.
    answer = HttpResponse("\ufeff" + "".join(sheets.lines([heads, *rows])), content_type="text/csv; charset=utf-8")
    name = "-".join(part for part in (key, board) if part).replace("_", "-")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


@require_http_methods(["GET", "POST"])
@may("register.write")
def add(request: Request, key: str) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    of = _kept(request, key)
    follows = _follows(request, key, of)
    data: Any = request.POST if request.method == "POST" else None
    found = _candidates(request, of) if request.method == "POST" else ()
    options, owners = queries.options(of), queries.agencies(viewer)
    form = forms.adding(of, options, owners, viewer.agency, found, data)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        made = _entered(
            form,
            of,
            lambda: operations.add_entry(
                viewer=viewer,
                register=key,
                title=said["title"],
                dated_on=said["dated_on"],
                due_on=said.get("due_on"),
                agency=said["agency"],
                given=forms.given(of, form),
                who=forms.who(of, form),
                follows=follows[0] if follows else None,
                entry_id=said["entry_id"],
                at=now,
            ),
        )
        if made:
            messages.success(request, f"Added to {of.name}.")
            return redirect("register-entry", key, made)
    return _form(request, of, key, form, heading=f"Add {_a(of.one)}", button="Add it", follows=follows)


@require_GET
@may("register.read")
def entry(request: Request, key: str, entry_id: UUID) -> HttpResponse:
    viewer = viewer_of(request)
    found = queries.entry(viewer, key, entry_id, at=timezone.now())
    keeps = key in accounts.registers(viewer, keeps=True)
    about = found.person_id
    context = {
        "of": queries.register(key),
        "key": key,
        "entry": found,
        "owner": partnership.agency(found.line.agency),
        "keeps": keeps,
        "opens_person": found.person_id is not None and accounts.may(viewer, "person.read"),
    }
    if about is not None:
        context |= restricted.notice(viewer, {about: ""}, at=timezone.now(), entry_id=entry_id)
    return render(request, "registers/entry.html", context)


@require_http_methods(["GET", "POST"])
@may("register.write")
def correct(request: Request, key: str, entry_id: UUID) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    of = _kept(request, key)
    held = queries.entry(viewer, key, entry_id, at=now)
    data: Any = request.POST if request.method == "POST" else None
    form = forms.correcting(of, queries.options(of), queries.agencies(viewer), held, data)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        done = _entered(
            form,
            of,
            lambda: (
                operations.correct_entry(
                    viewer=viewer,
                    register=key,
                    entry_id=entry_id,
                    title=said["title"],
                    dated_on=said["dated_on"],
                    due_on=said.get("due_on"),
                    agency=said["agency"],
                    given=forms.given(of, form),
                    reason=said["reason"],
                    version=said["version"],
                    at=now,
                )
                or entry_id
            ),
        )
        if done:
            messages.success(request, "Saved. What it said before stands in its history.")
            return redirect("register-entry", key, entry_id)
    return _form(request, of, key, form, heading=of.step or "Put it right", button="Save", entry=held)


@require_http_methods(["GET", "POST"])
@may("register.write")
def close(request: Request, key: str, entry_id: UUID) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    of = _kept(request, key)
    held = queries.entry(viewer, key, entry_id, at=now)
    form = forms.closing(of, held.version, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.close_entry(
                viewer=viewer,
                register=key,
                entry_id=entry_id,
                outcome=said["outcome"],
                note=said["note"],
                version=said["version"],
                at=now,
            ),
        )
        if done:
            messages.success(request, "Closed. It stands under “Closed”.")
            return redirect("register", key)
    return _form(request, of, key, form, heading="Close it", button="Close it", entry=held)


@require_http_methods(["GET", "POST"])
@may("register.write")
def again(request: Request, key: str, entry_id: UUID) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    of = _kept(request, key)
    held = queries.entry(viewer, key, entry_id, at=now)
    form = forms.AgainForm(request.POST if request.method == "POST" else None, initial={"version": held.version})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.open_again(
                viewer=viewer, register=key, entry_id=entry_id, reason=said["reason"], version=said["version"], at=now
            ),
        )
        if done:
            messages.success(request, "It is open again.")
            return redirect("register-entry", key, entry_id)
    return _form(request, of, key, form, heading="Open it again", button="Open it again", entry=held)


@require_GET
def public(request: HttpRequest, key: str) -> HttpResponse:
    """A public register, for anybody: the fields that its file says are public."""
    found = queries.public_entries(accounts.service("public_register"), key, at=timezone.now())
    return render(request, "registers/public.html", {"of": queries.register(key), "entries": found})


def _kept(request: Request, key: str) -> KeptRegister:
    if key not in accounts.registers(viewer_of(request), keeps=True):
        raise NotHere("register")
    return queries.register(key)


def _boards(of: KeptRegister) -> dict[str, str]:
    """The boards a list can be narrowed to, where the register says which board follows an entry."""
    field = of.field_named("board")
    if field is None or field.of != "board":
        return {}
    return dict(sorted(queries.options(of)["board"].items(), key=lambda one: one[1]))


def _follows(request: Request, key: str, of: KeptRegister) -> tuple[UUID, str] | None:
    """The earlier entry that a new one continues, from the address."""
    asked = request.GET.get("follows", "")
    if not asked or of.follows is None:
        return None
    try:
        held = queries.entry(viewer_of(request), key, UUID(asked), at=timezone.now())
    except ValueError:
        raise Http404 from None
    return held.line.entry_id, held.line.title


def _candidates(request: Request, of: KeptRegister) -> tuple[Candidate, ...]:
    if of.about is None:
        return ()
    asked = forms.adding(of, {}, {}, "", (), request.POST)
    asked.is_valid()
    said = asked.cleaned_data
    if not all(said.get(name) for name in forms.WHO):
        return ()
    details = Details(said["given_name"], said["family_name"], said["born_on"])
    return people.candidates(viewer_of(request), details, at=timezone.now())


def _entered(form: Form, of: KeptRegister, act: Callable[[], UUID]) -> UUID | None:
    """What `act` made; None with its refusal on the form, each message by its field."""
    try:
        return act()
    except (NotAllowed, NotHere):
        raise
    except NotEntered as refusal:
        forms.put(form, refusal, of)
    except ConcordError as problem:
        form.add_error(None, " ".join(part for part in (problem.what, problem.why, problem.next_step) if part))
    return None


def _form(request: Request, of: KeptRegister, key: str, form: Form, **more: Any) -> HttpResponse:
    held = more.get("entry")
    back = reverse("register-entry", args=[key, held.line.entry_id]) if held else reverse("register", args=[key])
    context = {"of": of, "key": key, "form": form, "back": back, "never_words": _never(of), **more}
    return render(request, "registers/form.html", context)


def _never(of: KeptRegister) -> str:
    return f"Never write here: {words.listed(list(of.never))}." if of.never else ""


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
