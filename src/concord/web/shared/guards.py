"""Who may come to a page at all. What they see there is decided by the rooms they ask."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from concord.desk.accounts import queries
from concord.web.shared.errors import not_found
from concord.web.shared.middleware import Request

View = Callable[..., HttpResponse]


def to_sign_in(request: Request) -> HttpResponse:
    """And back to this page, with its filter, afterwards."""
    return HttpResponseRedirect(f"{reverse('sign-in')}?next={quote(request.get_full_path())}")


def signed_in(view: View) -> View:
    """Sends anyone else to sign in, and back here afterwards."""

    @wraps(view)
    def guarded(request: Request, *args: Any, **keywords: Any) -> HttpResponse:
        if request.viewer is None:
            return to_sign_in(request)
        return view(request, *args, **keywords)

    return guarded


def may(*verbs: str) -> Callable[[View], View]:
    """Only for roles that list one of the verbs; for others the page is not there."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: Request, *args: Any, **keywords: Any) -> HttpResponse:
            if request.viewer is None:
                return to_sign_in(request)
            if not any(queries.may(request.viewer, verb) for verb in verbs):
                return not_found(request)
            return view(request, *args, **keywords)

        return guarded

    return guard
