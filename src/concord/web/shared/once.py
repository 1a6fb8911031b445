"""A form is done once, however often it is sent; and what could not be sent is put back where it was written.

Every form carries a token (`{% csrf_token %}` writes it beside Django's own). The answer to the first send is kept
under the token for a day, sealed by it: a second send of the same (a double click, a retry after a lost connection)
is led to where the first one was, and nothing is done again. A second send of something else is put back into the form
with a word of warning. What arrives after a session has ended waits, sealed, until the same person signs in again.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone

from concord.desk.accounts import keeping
from concord.web.shared import words
from concord.web.shared.errors import still_working
from concord.web.shared.filling import filled
from concord.web.shared.guards import to_sign_in
from concord.web.shared.middleware import Request, refusal
from concord.web.shared.sealing import opened, seal

FIELD = "once"
HELD = "held_form"
"""The session's note that a form waits, and on which page."""
_NOT_CONTENT = (FIELD, "csrfmiddlewaretoken")
_SALT = "one send of one form"
_OURS = ("/account/", "/sign-in/", "/sign-out/")
"""Coming and going have their own rules, and their answers carry a session."""

V = TypeVar("V", bound=Callable[..., HttpResponse])


def may_repeat(view: V) -> V:
    """For a view that only looks something up, or saves a draft over itself: sending it again is no second act."""
    view.may_repeat = True  # type: ignore[attr-defined]
    return view


def open_to_anyone(view: V) -> V:
    """For a form that needs no account: a session that ended meanwhile does not matter to it."""
    view.open_to_anyone = True  # type: ignore[attr-defined]
    return view


def is_receipt(response: HttpResponse) -> HttpResponse:
    """Marks a page, shown in answer to a form, as what a second send must be shown as well."""
    response.is_receipt = True  # type: ignore[attr-defined]
    return response


def token(request: HttpRequest) -> str:
    """A new token for a form of this page, and whose page it is."""
    return signing.Signer(salt=_SALT).sign(f"{_who(request)}:{secrets.token_urlsafe(12)}")


class OnceMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: Request, view: Callable[..., HttpResponse], given: tuple[Any, ...], named: dict[str, Any]
    ) -> HttpResponse | None:
        if request.method == "GET":
            return self._put_back(request, view, given, named) if _waits_here(request) else None
        if request.method != "POST" or request.path.startswith(_OURS) or getattr(view, "csrf_exempt", False):
            # A view that reads its own body takes files, which are told apart by what is in them.
            return None
        written_by = _written_by(request)
        if written_by is None:
            return None
        if written_by and not _who(request) and not getattr(view, "open_to_anyone", False):
            return _hold(request, written_by)
        if getattr(view, "may_repeat", False):
            return None
        return _once(request, view, given, named)

    def _put_back(self, request: Request, view: Any, given: tuple[Any, ...], named: dict[str, Any]) -> HttpResponse:
        """The page as it is now, with what was written back in its form."""
        slot = _slot(_who(request))
        kept = keeping.find(slot, at=timezone.now())
        request.session.pop(HELD)
        answer: HttpResponse = view(request, *given, **named)
        said = opened(kept.sealed, use=HELD, for_whom=_who(request)) if kept is not None else None
        if said is None or answer.status_code != 200:
            return answer
        keeping.drop(slot)
        return filled(answer, QueryDict(said["posted"]), said["why"])


def _once(request: Request, view: Any, given: tuple[Any, ...], named: dict[str, Any]) -> HttpResponse:
    key = _digest("sent", request.POST[FIELD], _who(request), request.path)
    content, now = _content(request), timezone.now()
    with keeping.taking_turns(key) as my_turn:
        if not my_turn:
            return still_working(request)
        before = keeping.find(key, at=now)
        if before is not None:
            if before.content == content or not _who(request):
                return _again(request, before)
            return _something_else(request, before)
        try:
            answer: HttpResponse = view(request, *given, **named)
        except Exception as problem:
            # Turned into its page here: the lock covers the whole act, and nothing was done.
            return _refusal(request, problem)
        if answer.status_code in (302, 303) or getattr(answer, "is_receipt", False):
            kept = seal(_receipt(request, answer), use="receipt", for_whom=request.POST[FIELD])
            keeping.keep(key, content=content, sealed=kept, at=now)
    return answer


def _refusal(request: Request, problem: Exception) -> HttpResponse:
    answer = refusal(request, problem)
    if answer is None:
        raise problem
    return answer


def _receipt(request: Request, answer: HttpResponse) -> dict[str, Any]:
    said = [[each.level_tag, str(each.message)] for each in getattr(request, "_messages", ())._queued_messages]
    if "Location" in answer.headers:
        return {"to": answer.headers["Location"], "said": said}
    return {"page": answer.content.decode(), "said": said}


def _again(request: Request, before: keeping.Kept) -> HttpResponse:
    """Where the first send was led, with what it was told."""
    receipt = opened(before.sealed, use="receipt", for_whom=request.POST[FIELD])
    if "page" in receipt:
        return HttpResponse(receipt["page"])
    for level, text in receipt["said"]:
        messages.add_message(request, messages.DEFAULT_LEVELS[level.upper()], text)
    if _who(request):
        messages.info(
            request, f"This was sent more than once. It was done once, {words.moment(before.at, timezone.now())}."
        )
    return HttpResponseRedirect(receipt["to"])


def _something_else(request: Request, before: keeping.Kept) -> HttpResponse:
    """The same page sent again with other words: perhaps a correction, perhaps another one. They decide."""
    _put_down(
        request,
        _who(request),
        f"You sent this form already, {words.moment(before.at, timezone.now())}, and it was done. What you wrote "
        "since is different and was not sent: it is back in the form. Send it only if you mean it as well.",
    )
    return HttpResponseRedirect(request.get_full_path())


def _hold(request: Request, written_by: str) -> HttpResponse:
    _put_down(
        request,
        written_by,
        "You were signed out before this was sent. What you wrote is back in the form. Read it over, then send it.",
    )
    messages.info(request, "You were signed out before your form was sent. Sign in again and it is as you left it.")
    return to_sign_in(request)


def _put_down(request: Request, person: str, why: str) -> None:
    posted = request.POST.copy()
    for name in _NOT_CONTENT:
        posted.pop(name, None)
    kept = {"page": request.get_full_path(), "posted": posted.urlencode(), "why": why}
    keeping.keep(_slot(person), content="", sealed=seal(kept, use=HELD, for_whom=person), at=timezone.now())
    if _who(request) == person:
        request.session[HELD] = request.path


def waiting_for(user_id: UUID) -> str:
    """The page of a form that this person could not send; empty where there is none. Asked when they sign in."""
    kept = keeping.find(_slot(user_id.hex), at=timezone.now())
    said = opened(kept.sealed, use=HELD, for_whom=user_id.hex) if kept is not None else None
    return said["page"] if said else ""


def _waits_here(request: Request) -> bool:
    return request.session.get(HELD) == request.path and bool(_who(request))


def _who(request: HttpRequest) -> str:
    viewer = getattr(request, "viewer", None)
    return viewer.user_id.hex if viewer is not None else ""


def _written_by(request: Request) -> str | None:
    """Whose page the form stood on, empty for nobody's; None without a token of ours."""
    try:
        return signing.Signer(salt=_SALT).unsign(request.POST.get(FIELD, "")).partition(":")[0]
    except signing.BadSignature:
        return None


def _slot(person: str) -> str:
    """One form waits for a person at most: the last."""
    return _digest(HELD, person)


def _content(request: Request) -> str:
    return _digest(*sorted(f"{name}={request.POST.getlist(name)}" for name in request.POST if name not in _NOT_CONTENT))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join((settings.SECRET_KEY, *parts)).encode()).hexdigest()
