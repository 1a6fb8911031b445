from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.utils import timezone

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.instruments import queries as instruments
from concord.desk.instruments.rules import ResultLine
from concord.desk.panels import queries, rules
from concord.desk.panels.rules import ItemLine, ItemPage, Readiness, ReturnLine, masked, stands_for
from concord.strategy.shapes.forum import Forum
from concord.web.actions import presenters as actions
from concord.web.panels import forms
from concord.web.shared import partnership, words
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


def item_line(found: ItemLine, viewer: Viewer, may_research: bool, first: UUID | None = None) -> SimpleNamespace:
    missing = [partnership.agency(key) for key in found.research_missing]
    owes = may_research and found.state == "listed" and viewer.agency in found.research_missing
    shape = STATES.get(found.state, "grey")
    return extended(found, missing=missing, owes=owes, shape=shape, is_first=found.item_id == first)


def return_line(found: ReturnLine, references: dict[UUID, str]) -> SimpleNamespace:
    """A figure of a return as it is read, with its cases to open."""
    said = "" if found.share is None else f"{found.share:.0%}"
    rate = "" if found.rate is None else f"{found.rate:.1f}"
    return extended(found, percent=said, per=rate, cases=[(each, references[each]) for each in found.items])


def owners(viewer: Viewer, page: ItemPage, now: datetime) -> list[tuple[str, str]]:
    """Who can take an action on in this meeting: people in the room first."""
    here = queries.present(viewer, page.meeting_id, at=now)
    return forms.owners(accounts.members(viewer, page.forum), here, page.kept_out)


def wall(found: ItemPage) -> dict[str, Any]:
    """A case as it is thrown on the wall: nobody's name but that of the person it is about, no way to reach anybody,
    no intelligence, nothing of any other case."""
    main = next((each for each in found.persons if each.name == found.about), None)
    others = [(each.name, each.role) for each in found.persons if main is None or each.person_id != main.person_id]
    called = stands_for(others)

    def safe(text: str) -> str:
        return masked(text, called, found.about)

    return {
        "item": found,
        "about": safe(found.about),
        "age": main.age if main else None,
        "others": list(called.values()),
        "reason": safe(found.reason),
        "minute": safe(found.minute),
        "research": [
            (each.agency, "Nothing held" if each.nothing_held else safe(each.text))
            for each in found.research
            if each.given and not each.hidden
        ],
        "actions": [extended(each, text=safe(each.text)) for each in found.actions],
        "decided": found.decision.outcome_name if found.decision else "",
        "decided_why": safe(found.decision.reason) if found.decision else "",
    }


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
        "assessable": [
            (each, usable)
            for each in found.persons
            if (usable := instruments.usable_about(viewer, each.age, each.role))
        ],
        "may_run": accounts.may(viewer, "meeting.run", found.forum),
        "may_transfer": bool(found.transfer_way) and accounts.may(viewer, "item.list", found.forum),
        "may_take_off": found.state == "listed"
        and found.meeting_state in ("planned", "open")
        and accounts.may(viewer, "item.list", found.forum),
        "may_record": found.meeting_state != "signed"
        and found.state != "withdrawn"
        and bool(rules.facets_of(queries.forum(found.forum), found.kind))
        and accounts.may(viewer, "item.list", found.forum),
        "persons": [extended(each, role_name=role_name(found.forum, each.role)) for each in found.persons],
    }


def closes(of: Forum) -> str:
    """“Research closes 24 hours before it starts.”"""
    what = "Papers close" if of.hears == "papers" else "Research closes"
    hours = of.research.cut_off_hours
    before = words.counted(int(hours // 24), "day") if hours >= 48 and not hours % 24 else f"{hours:g} hours"
    return f"{what} {before} before it starts."


def role_name(forum: str, role: str) -> str:
    """What a part in a case is called, as the referral that brings such cases calls it: “Alleged perpetrator”."""
    known = partnership.current()
    on = known.pathways.get(known.forums[forum].pathway or "")
    named = {each.role: each.name for each in on.party} if on else {}
    return named.get(role, role.replace("_", " ").capitalize())


def told(viewer: Viewer, of: Forum) -> tuple[ResultLine, ...]:
    """The decided assessments that a forum's coordinator may read its score from."""
    if of.threshold is None:
        return ()
    return instruments.results_told(viewer, of.threshold.instrument, at=timezone.now())
