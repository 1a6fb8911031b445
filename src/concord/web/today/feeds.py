"""Feeds that need somebody, for those who load or supply them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from types import SimpleNamespace

from django.conf import settings

from concord.desk.accounts.rules import Viewer
from concord.desk.sharing import queries as sharing
from concord.evidence import extracts
from concord.kernel.working_time import LONDON
from concord.web.feeds import presenters
from concord.web.shared import partnership


def needing(viewer: Viewer, since: datetime, now: datetime) -> list[SimpleNamespace]:
    """Refused, late and due feeds that the viewer may send, with what is new since they were last here on top."""
    home = partnership.current()
    there = [home.feeds[key] for key, access in sharing.feeds(viewer).items() if access.send]
    statuses = extracts.feed_status(settings.CONCORD_HOME, there, now)
    found = [presenters.status(each, home.feeds[each.feed], home) for each in statuses]
    lines = [each for each in found if each.needs]
    for each in lines:
        each.new = _since(each, now) > since
    return sorted(lines, key=lambda each: (not each.new, each.order, -each.days_late, each.title.casefold()))


def _since(line: SimpleNamespace, now: datetime) -> datetime:
    """When the feed came to need somebody: the refusal, or the day after it was due."""
    if line.refusal:
        return line.refusal.at
    if line.days_late and line.next_due:
        return datetime.combine(line.next_due + timedelta(days=1), time(), tzinfo=LONDON)
    return datetime.min.replace(tzinfo=now.tzinfo)
