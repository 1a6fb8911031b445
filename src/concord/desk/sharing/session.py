"""One transaction in one viewer's name: the only way to reach a person's record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, NotHere, Viewer
from concord.desk.accounts.session import forget, tell_database
from concord.desk.audit.operations import record
from concord.desk.sharing import rules
from concord.kernel.errors import Environment
from concord.strategy import law
from concord.strategy.shapes.agreement import Agreement

OWN_EXTRACT = "desk_contacts"
"""The feed of the desk's own extract: the agreement that names it is the ground of every part of the extract."""

P = ParamSpec("P")
T = TypeVar("T")

_current: ContextVar[tuple[Viewer, datetime] | None] = ContextVar("concord_viewer", default=None)
_wall: list[bool] = []


@contextmanager
def as_viewer(viewer: Viewer, *, at: datetime | None = None) -> Iterator[None]:
    """A transaction in which the database knows who is asking, for what, and when.

    `at` is the clock of shares and agreements (default: now). Blocks may nest; the outer viewer returns when the
    inner block ends. Raises Environment where row-level security does not bind the role we signed in as.
    """
    outer = _current.get()
    inside = connection.in_atomic_block
    now = at or (outer[1] if outer is not None and outer[0] == viewer else timezone.now())
    if inside and outer == (viewer, now):
        # Already this viewer's own transaction: whoever opened it undoes it.
        yield
        return
    with transaction.atomic():
        _bind(viewer, now)
        token = _current.set((viewer, now))
        try:
            yield
        finally:
            _current.reset(token)
            # A transaction that ends here takes its settings with it, and so does a failed one.
            if inside and not connection.needs_rollback:
                if outer is None:
                    forget()
                else:
                    _bind(*outer)


def _bind(viewer: Viewer, at: datetime) -> None:
    _require_wall()
    stands = rules.in_force(agreements_of_agency(viewer.agency).values(), at)
    tell_database(viewer, at=at, agreements=stands, verbs=accounts.verbs(viewer) - _ended(stands))


def _ended(stands: frozenset[str]) -> set[str]:
    """The verbs of registers about people whose agreement is not among these: the day it ends, its entries stop."""
    held = accounts.partnership().kept_registers.items()
    over = {key for key, each in held if each.about is not None and each.about.agreement not in stands}
    return {f"{verb}/{key}" for verb in ("read", "keep") for key in over}


def agreements_of_agency(agency: str) -> dict[str, Agreement]:
    """The agreements an agency is a party to, by key. Read here, so that the filter and the wall use the same ones."""
    return _agreements_of(accounts.partnership().folder, agency)


@lru_cache(maxsize=512)
def _agreements_of(_folder: Path, agency: str) -> dict[str, Agreement]:
    home = accounts.partnership()
    return {key: each for key, each in home.agreements.items() if law.party_to(home, each, agency)}


def _require_wall() -> None:
    if _wall:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_security_active('sharing_grant')")
        (active,) = cursor.fetchone()
    if not active:
        raise Environment(
            "Row-level security does not bind the database role that Concord signed in as.",
            why="It owns the tables, is a superuser, or has BYPASSRLS.",
            next_step="Set DATABASE_URL to the application's role (concord_app), not to the owner's.",
        )
    _wall.append(True)


def operation(action: str, object_type: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Makes a function with keyword arguments `viewer` and `at` one atomic act in the viewer's name.

    A refusal undoes what was begun and is itself recorded: as `refused` where a role is missing, as `not_found`
    alike for what is missing and what is hidden.
    """

    def wrap(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def inner(*args: P.args, **kwargs: P.kwargs) -> T:
            viewer, at = kwargs["viewer"], kwargs["at"]
            if not isinstance(viewer, Viewer) or not isinstance(at, datetime):
                raise TypeError("an operation takes viewer=Viewer and at=datetime")
            try:
                with as_viewer(viewer, at=at):
                    return function(*args, **kwargs)
            except (NotAllowed, NotHere) as refusal:
                tried = next((value for value in kwargs.values() if isinstance(value, UUID)), "")
                record_refusal(viewer, action, object_type, tried, refusal, at=at)
                raise

        return inner

    return wrap


def reading(action: str, object_type: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Marks a read, `read(viewer, ..., *, at)`, whose refusal by role is recorded. What is missing or hidden is
    recorded by the read itself, in the same way for both."""

    def wrap(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def inner(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return function(*args, **kwargs)
            except NotAllowed as refusal:
                viewer, at = args[0], kwargs["at"]
                if isinstance(viewer, Viewer) and isinstance(at, datetime):
                    tried = next((value for value in args[1:] if isinstance(value, UUID)), "")
                    record_refusal(viewer, action, object_type, tried, refusal, at=at)
                raise

        return inner

    return wrap


def record_refusal(
    viewer: Viewer, action: str, object_type: str, object_id: object, refusal: Exception, *, at: datetime
) -> None:
    """A line in the trail for something that was not allowed, in a transaction of its own."""
    with as_viewer(viewer, at=at):
        record(
            viewer=viewer,
            operation="refusal",
            action=action,
            object_type=object_type,
            object_id=object_id,
            reason=getattr(refusal, "what", str(refusal)),
            outcome="not_found" if isinstance(refusal, NotHere) else "refused",
            at=at,
        )


def rows_of_extract(
    viewer: Viewer, *, verb: str, object_type: str, sql: str, until: object, more: Sequence[object] = (), at: datetime
) -> list[tuple[Any, ...]]:
    """Rows of a depersonalised view, read by the extract's service and entered in the trail as one disclosure.

    `sql` takes `until`, the last moment or day that it may tell of, as its first parameter, then `more`. Raises
    NotAllowed unless the viewer has `verb`.
    """
    accounts.require(viewer, verb)
    own = next((each for each in accounts.partnership().agreements.values() if OWN_EXTRACT in each.feeds), None)
    with as_viewer(viewer, at=at):
        with connection.cursor() as cursor:
            cursor.execute(sql, [until, *more])
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        record(
            viewer=viewer,
            operation="disclosure",
            action=verb,
            object_type=object_type,
            reason="the desk's depersonalised extract",
            gateway=own.gateways[0] if own else "",
            agreement=own.key if own else "",
            detail={"rows": len(rows)},
            at=at,
        )
    return rows
