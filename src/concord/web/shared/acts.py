"""One act of one form: tried, and where a rule says no, told on the form with nothing typed lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.forms import Form
from django.http import HttpRequest, QueryDict

from concord.desk.accounts.rules import ChangedMeanwhile, NotAllowed, NotHere
from concord.kernel.errors import ConcordError

T = TypeVar("T")


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent with the form; None where it is only looked at."""
    return request.POST if request.method == "POST" else None


def attempt(form: Form, act: Callable[[], T]) -> tuple[bool, T | None]:
    """(True, what `act` returned), or (False, None) with the refusal's words on the form.

    NotAllowed and NotHere pass through: they become pages of their own.
    """
    try:
        return True, act()
    except (NotAllowed, NotHere):
        raise
    except ChangedMeanwhile as problem:
        for name in ("version", "revision"):
            if problem.version is not None and name in form.data:
                # They are told: the next send is that of somebody who knows.
                form.data = form.data.copy()
                form.data[name] = str(problem.version)
        form.add_error(None, _words(problem))
        return False, None
    except ConcordError as problem:
        form.add_error(None, _words(problem))
        return False, None


def _words(problem: ConcordError) -> str:
    return " ".join(part for part in (problem.what, problem.why, problem.next_step) if part)
