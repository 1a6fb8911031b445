"""Findings made and released once each, however many figures and indicators show them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from concord.evidence.datasets.store import MADE_BY, Store
from concord.evidence.disclosure.model import Release
from concord.evidence.extracts.calendar import months_of
from concord.evidence.findings import dated_by
from concord.evidence.findings.model import Finding
from concord.jobs.ahead import Ahead, Wanted, confined
from concord.kernel.errors import BadInput, ConcordError, Refused
from concord.kernel.periods import Period
from concord.strategy import Partnership
from concord.strategy.shapes.disclosure import Rule


def people(partnership: Partnership, requested_by: str | None, approved_by: str | None) -> tuple[str, str]:
    """Who asks and who approves. Raises Refused where either is missing and nobody may stand in."""
    asker = requested_by or _stand_in(partnership, "release.request")
    approver = approved_by or _stand_in(partnership, "release.approve")
    if not asker or not approver:
        raise Refused(
            "Nothing is published without a named requester and a named approver",
            why="Only a synthetic partnership's demo people may stand in for them.",
            next_step="Say who: --requested-by NAME --approved-by NAME, two different people.",
        )
    return asker, approver


def _stand_in(partnership: Partnership, verb: str) -> str | None:
    if not partnership.synthetic or partnership.demo_people is None or partnership.roles is None:
        return None
    may = {role.key for role in partnership.roles.role if verb in role.may}
    return next((p.name for p in partnership.demo_people.person if may.intersection(p.roles)), None)


def whole_months(store: Store, dataset: str, count: int, today: date) -> Period:
    """At most the last `count` whole months that `dataset` has: none before its first, none still running on `today`.

    Whole months only: figures that moved every day would give away what happened on each. A dataset whose parts speak
    of no months (a census, an index) is asked over the months before today; its finding says what it is about.
    Raises BadInput where there is none yet.
    """
    spoken = months_of(part.partition for part in store.latest(dataset).manifest.parts)
    found = sorted({f"{month:%Y-%m}" for month in spoken})
    if not found:
        last = today.replace(day=1) - timedelta(days=1)
        back = last.year * 12 + last.month - count
        return Period(date(back // 12, back % 12 + 1, 1), last)
    whole = [month for month in found if date.fromisoformat(f"{month}-01") < today.replace(day=1)]
    if not whole:
        raise BadInput(
            f"Dataset “{dataset}” holds no whole month yet",
            next_step=f"Load more: concord load {dataset} FILE...",
        )
    year, month = (int(step) for step in whole[-1].split("-"))
    back = year * 12 + month - count
    start = max(date(back // 12, back % 12 + 1, 1), date.fromisoformat(f"{whole[0]}-01"))
    return Period(start, Period.month(year, month).end)


def _earlier(day: date, months: int) -> date:
    """The first of the month so many months before the one of `day`."""
    back = day.year * 12 + day.month - 1 - months
    return date(back // 12, back % 12 + 1, 1)


def dating(store: Store, finding: str, first: Iterable[str] = ()) -> str:
    """The dataset whose months a figure is about: the first that is loaded of `first` and of the finding's own.

    Where none is loaded, the one to ask for.
    """
    wanted = [*first, *dated_by(finding)]
    return next((name for name in wanted if store.has(name)), wanted[0])


def not_received(partnership: Partnership, dataset: str) -> bool:
    """Whether no feed of this partnership brings `dataset`: then a figure on it is left out, and nobody is at fault."""
    return dataset not in MADE_BY and not any(dataset in feed.datasets for feed in partnership.feeds.values())


@dataclass(frozen=True, slots=True)
class Ask:
    """One table of one finding over the last `months` whole months of `dataset`; the first table where empty.

    `back` looks back from so many months before the last.
    """

    finding: str
    parameters: Mapping[str, Any]
    table: str
    dataset: str
    months: int
    back: int = 0


@dataclass
class Releasing:
    """Makes and releases findings for one audience under one rule, and remembers them while it lives.

    What leaves is what is shown: of each finding, only the tables that somebody asked for, and those that they rest on.
    A breakdown nobody reads would cost suppression in the ones that are read.
    """

    home: Path
    store: Store
    partnership: Partnership
    rule: Rule
    audience: str
    requested_by: str
    approved_by: str
    clock: Callable[[], datetime]
    say: Callable[[str], None]
    today: date | None = None
    """The day as of which it looks back, where it is not that of the clock."""
    _tables: dict[str, set[str]] = field(default_factory=dict)
    _asked: dict[str, Ask] = field(default_factory=dict)
    _ahead: Ahead | None = None
    _made: dict[str, Release | ConcordError] = field(default_factory=dict)

    def expect(self, asks: Iterable[Ask]) -> None:
        """Say beforehand what will be asked for, so that each finding is released once with all of it."""
        for ask in asks:
            try:
                identity = self._identity(ask)
            except BadInput:
                continue  # its data is not there: said when it is asked for
            self._tables.setdefault(identity, set()).add(ask.table)
            self._asked.setdefault(identity, ask)

    def release(self, ask: Ask) -> Release:
        """The release that holds the table asked for.

        Raises BadInput or Usage for what is not there, Refused where it may not leave.
        """
        identity = self._identity(ask)
        if identity not in self._made:
            self._tables.setdefault(identity, set()).add(ask.table)
            self.say(ask.finding.replace("_", " "))
            try:
                self._made[identity] = self._release(ask, self._tables[identity])
            except ConcordError as error:
                self._made[identity] = error
        made = self._made[identity]
        if isinstance(made, ConcordError):
            raise made
        return made

    def _identity(self, ask: Ask) -> str:
        return json.dumps([ask.finding, dict(ask.parameters), self.period(ask).label], sort_keys=True, default=str)

    def period(self, ask: Ask) -> Period:
        """The months that the ask is about. Raises BadInput where its dataset has none."""
        today = self.today or self.clock().date()
        if not ask.back:
            return whole_months(self.store, ask.dataset, ask.months, today)
        newest = whole_months(self.store, ask.dataset, 1, today)
        return whole_months(self.store, ask.dataset, ask.months, _earlier(newest.start, ask.back - 1))

    def reaches(self, ask: Ask) -> bool:
        """Whether the dataset holds a whole year before the end of what is asked."""
        newest = whole_months(self.store, ask.dataset, 1, self.today or self.clock().date())
        ends = _earlier(newest.start, ask.back - 1)
        try:
            found = whole_months(self.store, ask.dataset, 12, ends)
        except BadInput:
            return False
        return found.end < ends and len(list(found.months())) == 12 and (ends - found.end).days < 2

    def look_ahead(self) -> None:
        """Begin to work out what is expected, in a second process, while this one releases. For a command alone."""
        wanted = {}
        for identity, ask in self._asked.items():
            period = self.period(ask)
            wanted[identity] = Wanted(ask.finding, period, dict(ask.parameters), frozenset(self._tables[identity]))
        self._ahead = Ahead(self.home, self.partnership, wanted)

    def close(self) -> None:
        """Let go of what was worked out ahead and not asked for."""
        if self._ahead is not None:
            self._ahead.close()

    def _found(self, ask: Ask, tables: set[str]) -> Finding:
        """The finding with `tables` and what they rest on. Raises what kept it from being made."""
        from concord.evidence.findings import find

        made = self._ahead.take(self._identity(ask)) if self._ahead is not None else None
        if isinstance(made, ConcordError):
            raise made
        found = made or find(ask.finding, self.store, self.partnership, self.period(ask), **ask.parameters)
        return confined(found, tables)

    def _release(self, ask: Ask, tables: set[str]) -> Release:
        from concord.evidence.disclosure import release

        return release(
            self._found(ask, tables),
            rule=self.rule,
            audience=self.audience,
            home=self.home,
            requested_by=self.requested_by,
            approved_by=self.approved_by,
            clock=self.clock,
        )
