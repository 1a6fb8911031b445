from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.accounts import operations, queries
from concord.desk.accounts.rules import Account, NotAllowed
from concord.desk.records import queries as records
from concord.kernel.errors import Refused
from concord.web.accounts import forms
from concord.web.records.calendar import part_in_words
from concord.web.shared import once, partnership
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of


@require_GET
@may("account.read")
def accounts(request: Request) -> HttpResponse:
    viewer = viewer_of(request)
    lines = [_line(each) for each in queries.accounts(viewer)]
    ends = [
        {"name": each.name, "what": part_in_words(each.part), "why": each.why, "by": each.by, "user_id": each.user_id}
        for each in records.to_end(viewer, at=timezone.now())
    ]
    return render(request, "accounts/accounts.html", {"lines": lines, "ends": ends})


@require_http_methods(["GET", "POST"])
@may("account.manage")
def join(request: Request) -> HttpResponse:
    """A joiner: the account, then the link by which they set their password."""
    viewer, now = viewer_of(request), timezone.now()
    form = forms.joiner(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            user_id = operations.add_user(viewer=viewer, at=now, **given)
        except Refused as told:
            form.add_error(None, " ".join(filter(None, (told.what, told.why, told.next_step))))
        else:
            messages.success(request, "The account is made. Give them their link next.")
            return redirect("account-one", user_id)
    return render(request, "accounts/join.html", {"form": form})


@require_http_methods(["GET", "POST"])
@may("account.manage")
def account(request: Request, user_id: UUID) -> HttpResponse:
    """One account: roles, seats, link, second factor, on or off."""
    viewer, now = viewer_of(request), timezone.now()
    found = next((each for each in queries.accounts(viewer) if each.user_id == user_id), None)
    if found is None:
        raise Http404
    act = request.POST.get("act", "") if request.method == "POST" else ""
    roles = forms.roles(request.POST if act == "roles" else None, found.roles)
    mover = forms.mover(request.POST if act == "move" else None, found.agency)
    seat = forms.seat(request.POST if act == "seat" else None)
    form = {"roles": roles, "seat": seat, "move": mover}.get(act)
    if act and (form is None or form.is_valid()):
        try:
            said = _act(act, request, viewer, user_id, form, now)
        except Refused as told:
            words = " ".join(filter(None, (told.what, told.why, told.next_step)))
            if form is None:
                messages.info(request, words)
            else:
                form.add_error(None, words)
        else:
            if act == "invite":
                link = request.build_absolute_uri(f"/account/join/{said}/")
                days = queries.sign_in().password.link_days
                context = {"line": _line(found), "link": link, "days": days}
                # A second send is shown the same link: another one would end the first.
                return once.is_receipt(render(request, "accounts/link.html", context))
            messages.success(request, said)
            return redirect("account-one", user_id)
    context = {"line": _line(found), "roles": roles, "seat": seat, "mover": mover, "form": form}
    return render(request, "accounts/account.html", context)


def _act(act: str, request: Request, viewer: Any, user_id: UUID, form: Any, now: Any) -> str:
    who = {"viewer": viewer, "user_id": user_id, "at": now}
    if act == "roles":
        operations.set_roles(roles=form.cleaned_data["roles"], **who)
        return "The roles are changed. They hold from the next page that is opened."
    if act == "seat":
        given = form.cleaned_data
        operations.join_forum(forum=given["forum"], part=given["part"], seat=given["seat"] or None, **who)
        return "They sit on the forum now."
    if act == "move":
        operations.move(agency=form.cleaned_data["agency"], roles=form.cleaned_data["roles"], **who)
        return "They moved. Their old roles, seats and open sessions ended just now."
    if act == "unseat":
        operations.leave_forum(forum=request.POST.get("forum", ""), **who)
        return "They no longer sit there. What was shared with the forum stopped reaching them."
    if act == "invite":
        return operations.invite(**who)
    simple = {
        "factor": (
            operations.forget_second_factor,
            "They are signed out, and set up a new second factor when they next sign in.",
        ),
        "off": (operations.switch_off, "Switched off. A session that is open ends with its next page."),
        "on": (operations.switch_on, "Switched on."),
        "leave": (operations.leave, "They left: no roles, no seats, no second factor, no password."),
    }
    if act not in simple:
        raise NotAllowed("There is no such step.", next_step="Go back and choose one of those on the page.")
    does, words = simple[act]
    does(**who)
    return words


def _line(found: Account) -> dict[str, Any]:
    return {
        "user_id": found.user_id,
        "username": found.username,
        "name": found.display_name,
        "agency": partnership.agency(found.agency),
        "roles": [partnership.role(each) for each in found.roles],
        "seats": [(each.partition(":")[0], _seat(each)) for each in found.forums],
        "active": found.active,
        "address": reverse("account-one", args=[found.user_id]),
    }


def _seat(key: str) -> str:
    """A seat in words: the forum as people call it, and the part."""
    forum, _, part = key.partition(":")
    return f"{partnership.forum(forum)}, {part.replace('_', ' ')}" if part else partnership.forum(forum)
