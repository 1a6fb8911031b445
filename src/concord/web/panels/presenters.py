from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.panels import queries
from concord.desk.panels.rules import ItemLine, ItemPage, Readiness, ReturnLine
from concord.web.actions import presenters as actions
from concord.web.shared import partnership
from concord.web.shared.present import extended

STATES = {"listed": "amber", "decided": "done", "carried_over": "grey", "withdrawn": "grey"}


def readiness(found: Readiness, now: datetime) -> SimpleNamespace:
    missing = [extended(each, agency_name=each.agency) for each in found.research_missing]
    return extended(
        found,
        research_missing=missing,
        closed=found.meeting.cut_off_at <= now,
        open_actions=_counted(found.open_actions),
        overdue_actions=_counted(found.overdue_actions) if found.overdue_actions else "",
    )


def _counted(number: int) -> str:
    return f"{number} or more" if number >= queries.COUNTED else str(number)


def item_line(found: ItemLine, viewer: Viewer, may_research: bool) -> SimpleNamespace:
    missing = [partnership.agency(key) for key in found.research_missing]
    owes = may_research and found.state == "listed" and viewer.agency in found.research_missing
    return extended(found, missing=missing, owes=owes, shape=STATES.get(found.state, "grey"))


def return_line(found: ReturnLine, references: dict[UUID, str]) -> SimpleNamespace:
    """A figure of a return as it is read, with its cases to open."""
    said = "" if found.share is None else f"{found.share:.0%}"
    rate = "" if found.rate is None else f"{found.rate:.1f}"
    return extended(found, percent=said, per=rate, cases=[(each, references[each]) for each in found.items])


def item(found: ItemPage, viewer: Viewer) -> dict[str, Any]:
    chairs = accounts.may(viewer, "decision.record", found.forum)
    undecided = found.meeting_state == "open" and found.state == "listed"
    return {
        "item": found,
        "shape": STATES.get(found.state, "grey"),
        "research": found.research,
        "actions": [actions.line(each) for each in found.actions],
        "earlier": [actions.line(each) for each in found.earlier_actions],
        "may_declare": accounts.may(viewer, "conflict.declare", found.forum),
        "may_restrict": accounts.may(viewer, "item.restrict", found.forum),
        "waits_for_quorum": chairs and undecided and not found.quorum.met,
        "may_review": bool(found.reviews_due) and accounts.may(viewer, "risk.review", found.forum),
        "may_run": accounts.may(viewer, "meeting.run", found.forum),
    }
