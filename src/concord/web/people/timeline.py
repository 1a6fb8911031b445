"""What happened to somebody, from every room that the viewer may read: filtered, and a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from concord.desk.accounts.rules import Viewer
from concord.desk.instruments import queries as instruments
from concord.desk.panels import queries as panels
from concord.desk.people import queries
from concord.desk.people.rules import Happened, HistoryKind, Place, newest, place
from concord.desk.referrals import queries as referrals
from concord.kernel.working_time import LONDON
from concord.web.shared import partnership

MOST = 20
KINDS: dict[str, str] = {
    "contact": "Referrals and decisions",
    "panel": "Cases at panels",
    "action": "Actions",
    "research": "What agencies brought",
    "assessment": "Assessments",
    "record": "Changes to the record",
}
ADDRESS = {"contact": "contact", "panel": "item", "action": "item", "research": "item", "assessment": "assessment"}
OPEN = {"contact": "Open the contact", "assessment": "Open the assessment"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for. A kind or an agency that is none asks for everything."""

    kind: str = ""
    agency: str = ""
    before: Place | None = None

    @property
    def kinds(self) -> frozenset[HistoryKind]:
        return frozenset(each for each in get_args(HistoryKind) if self.kind in ("", each))


def wanted(request: HttpRequest) -> Wanted:
    kind, agency = request.GET.get("kind", ""), request.GET.get("agency", "")
    return Wanted(
        kind if kind in KINDS else "",
        agency if agency in partnership.current().agencies else "",
        place(request.GET.get("before", "")),
    )


def read(viewer: Viewer, records: frozenset[UUID], asked: Wanted, *, at: datetime) -> tuple[list[Any], Place | None]:
    """A page of the history, newest first, and where the next begins."""
    kinds, more = asked.kinds, {"most": MOST, "before": asked.before, "at": at}
    sources: list[list[Happened]] = []
    if "contact" in kinds:
        sources.append(referrals.contact_history(viewer, records, agency=asked.agency, **more))
    if kinds & {"panel", "action", "research"}:
        sources.append(panels.panel_history(viewer, records, kinds, agency=asked.agency, **more))
    if "assessment" in kinds:
        sources.append(instruments.assessment_history(viewer, records, agency=asked.agency, **more))
    if "record" in kinds and not asked.agency:
        sources.append(queries.record_history(viewer, records, **more))
    found, following = newest(sources, MOST, asked.before)
    return [_line(each) for each in found], following


def context(
    viewer: Viewer, person_id: UUID, records: frozenset[UUID], asked: Wanted, *, at: datetime
) -> dict[str, Any]:
    lines, following = read(viewer, records, asked, at=at)
    keep = {name: value for name, value in (("kind", asked.kind), ("agency", asked.agency)) if value}
    address = reverse("person-timeline", args=[person_id])
    agencies = sorted(
        ((key, each.name) for key, each in partnership.current().agencies.items()), key=lambda one: one[1]
    )
    return {
        "timeline": lines,
        "timeline_address": address,
        "asked": asked,
        "kinds": KINDS.items(),
        "agencies": agencies,
        "older": f"{address}?{urlencode({**keep, 'before': str(following)})}" if following else "",
    }


def _line(each: Happened) -> dict[str, Any]:
    link = reverse(ADDRESS[each.kind], args=[each.opens]) if each.opens else ""
    return {
        "on": each.at.astimezone(LONDON),
        "words": each.words,
        "marking": each.marking,
        "agency": partnership.agency(each.agency) if each.agency else "",
        "link": link,
        "link_words": OPEN.get(each.kind, "Open the case"),
    }
