"""One act of one form: tried, and where a rule says no, told on the form with nothing typed lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.forms import Form

from concord.desk.accounts.rules import NotAllowed, NotHere
from concord.kernel.errors import ConcordError

T = TypeVar("T")


def attempt(form: Form, act: Callable[[], T]) -> tuple[bool, T | None]:
    """(True, what `act` returned), or (False, None) with the refusal's words on the form.

    NotAllowed and NotHere pass through: they become pages of their own.
    """
    try:
        return True, act()
    except (NotAllowed, NotHere):
        raise
    except ConcordError as problem:
        form.add_error(None, " ".join(part for part in (problem.what, problem.why, problem.next_step) if part))
        return False, None
