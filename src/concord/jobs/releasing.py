"""Findings made and released once each, however many figures and indicators show them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.disclosure.model import Release
from concord.kernel.errors import BadInput, Refused
from concord.kernel.periods import Period
from concord.strategy import Partnership
from concord.strategy.shapes.disclosure import Rule

MAIN_DATASET = "recorded_crime"
"""What decides which months an assessment is about."""


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
    """The last `count` whole months up to the latest that `dataset` has; none that is still running on `today`.

    Whole months only: figures that moved every day would give away what happened on each.
    Raises BadInput where there is none yet.
    """
    named = (re.search(r"\b(\d{4}-\d{2})\b", part.partition) for part in store.latest(dataset).manifest.parts)
    found = sorted({match[1] for match in named if match})
    whole = [month for month in found if date.fromisoformat(f"{month}-01") < today.replace(day=1)]
    if not whole:
        raise BadInput(
            f"Dataset “{dataset}” holds no whole month yet",
            next_step=f"Load more: concord load {dataset} FILE...",
        )
    year, month = (int(step) for step in whole[-1].split("-"))
    last = Period.month(year, month)
    start = year * 12 + month - count
    return Period(date(start // 12, start % 12 + 1, 1), last.end)


@dataclass
class Releasing:
    """Makes and releases findings for one audience under one rule, and remembers them while it lives."""

    home: Path
    store: Store
    partnership: Partnership
    rule: Rule
    audience: str
    requested_by: str
    approved_by: str
    clock: Callable[[], datetime]
    say: Callable[[str], None]
    _made: dict[str, Release] = field(default_factory=dict)

    def release(self, finding: str, parameters: Mapping[str, Any], dataset: str, months: int) -> Release:
        """The release of `finding` over the last `months` whole months of `dataset`.

        Raises BadInput or Usage for what is not there, Refused where it may not leave.
        """
        from concord.evidence.disclosure import release
        from concord.evidence.findings import find

        period = whole_months(self.store, dataset, months, self.clock().date())
        identity = json.dumps([finding, dict(parameters), period.label], sort_keys=True, default=str)
        if identity not in self._made:
            self.say(finding.replace("_", " "))
            self._made[identity] = release(
                find(finding, self.store, self.partnership, period, **parameters),
                rule=self.rule,
                audience=self.audience,
                home=self.home,
                requested_by=self.requested_by,
                approved_by=self.approved_by,
                clock=self.clock,
            )
        return self._made[identity]
