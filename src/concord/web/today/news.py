"""What changed since this person said that they had seen what changed, in words, with one link to each."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse

from concord.desk.accounts import keeping
from concord.desk.accounts.rules import News, Viewer
from concord.desk.editions import queries as editions
from concord.desk.panels import queries as panels
from concord.desk.referrals import queries as referrals
from concord.web.shared import partnership, words
from concord.web.today.lines import Line

AT_FIRST = timedelta(days=7)
"""How far back somebody looks who never said that they had seen anything."""
AT_MOST = timedelta(days=28)
SHOWN = 8


def since(viewer: Viewer, now: datetime) -> datetime:
    """From when on things are new to this person: their own mark, the same on every device, and never too far back."""
    mark = keeping.seen_until(viewer)
    return max(mark, now - AT_MOST) if mark is not None else now - AT_FIRST


def changed(viewer: Viewer, start: datetime, now: datetime) -> list[Line]:
    """Everything new that the viewer may know, the newest first."""
    every = [
        *referrals.news(viewer, since=start, at=now),
        *panels.news(viewer, since=start, at=now),
        *editions.news(viewer, since=start, at=now),
    ]
    newest = sorted(every, key=lambda one: one.at, reverse=True)
    # What several agencies gave on one case is one thing to read.
    together: dict[tuple[str, UUID], list[News]] = {}
    for each in newest:
        together.setdefault((each.kind, each.object_id), []).append(each)
    return [_line(group, now) for group in together.values()]


def _line(group: list[News], now: datetime) -> Line:
    found, when = group[0], words.moment(group[0].at, now)
    agency = words.listed([partnership.agency(key) for key in dict.fromkeys(each.by for each in group)])
    say, page = {
        "told": (f"What you are told of your referral about {found.about}: {found.by}", "referral"),
        "answered": (f"{agency} answered your check about {found.about}", "contact"),
        "listed": (f"{found.about} is listed at {found.by}", "item"),
        "paper": (f"New paper for {found.by}: {found.about}", "item"),
        "research": (f"{agency} gave research on {found.about}", "item"),
        "action": (f"New action for your agency: {found.about}", "action"),
        "ended": (f"{agency} ended its action: {found.about}", "item"),
        "minutes": (f"The minutes of {found.about} are signed", "meeting-minutes"),
        "edition": (f"{found.about}: {found.by}", "edition"),
    }[found.kind]
    return Line(say, reverse(page, args=[found.object_id]), when)
