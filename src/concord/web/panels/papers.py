"""Published papers that a forum reads, and those that are older than their cadence says."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from concord.desk.panels.rules import too_old
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.forum import Forum
from concord.web.publications import site
from concord.web.shared import partnership


@dataclass(frozen=True, slots=True)
class OldPaper:
    """`days` old, or never published where that is None."""

    title: str
    cadence: str
    days: int | None


def newest(of: Forum) -> dict[str, site.Document]:
    """The newest published paper of each publication that the forum's file pulls in, by its key."""
    wanted = [each.publication for each in of.pull if each.publication]
    found: dict[str, site.Document] = {}
    for document in reversed(site.documents(settings.CONCORD_HOME / "site")):
        for key in wanted:
            if document.address.replace("-", "_").startswith(key):
                found[key] = document
    return found


def old(of: Forum, now: dt.datetime) -> tuple[OldPaper, ...]:
    """Papers whose newest edition is older than their cadence, or that were never published."""
    known, there = partnership.current().publications, newest(of)
    today, lines = now.astimezone(LONDON).date(), []
    for key in dict.fromkeys(each.publication for each in of.pull if each.publication):
        publication = known.get(key)
        if publication is None:
            continue
        made = there[key].made_on if key in there else None
        days = too_old(publication.cadence, made, today) if made else None
        if made is None or days is not None:
            lines.append(OldPaper(publication.title, publication.cadence, days))
    return tuple(lines)
