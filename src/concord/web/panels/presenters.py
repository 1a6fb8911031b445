from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.panels.rules import ItemLine, ItemPage, Readiness
from concord.web.actions import presenters as actions
from concord.web.shared import partnership
from concord.web.shared.present import extended

STATES = {"listed": "amber", "decided": "done", "carried_over": "grey", "withdrawn": "grey"}


def readiness(found: Readiness, now: datetime) -> SimpleNamespace:
    missing = [extended(each, agency_name=each.agency) for each in found.research_missing]
    return extended(found, research_missing=missing, closed=found.meeting.cut_off_at <= now)


def item_line(found: ItemLine, viewer: Viewer, may_research: bool) -> SimpleNamespace:
    missing = [partnership.agency(key) for key in found.research_missing]
    owes = may_research and found.state == "listed" and viewer.agency in found.research_missing
    return extended(found, missing=missing, owes=owes, shape=STATES.get(found.state, "grey"))


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
        "may_run": accounts.may(viewer, "meeting.run", found.forum),
    }
