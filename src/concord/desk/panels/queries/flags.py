"""Flag and tag: whose files the members mark, and whose mark ends soon. For the coordinator's monthly list."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db.models import Max

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.panels import rules
from concord.desk.panels.queries.forums import forum
from concord.desk.panels.queries.reach import consulted, visible_items
from concord.desk.panels.rules import FlagLine
from concord.desk.people import queries as people
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON

SOON = timedelta(days=31)


@reading("item.list", "person")
def flags_ending(viewer: Viewer, forum_key: str, *, at: datetime) -> tuple[FlagLine, ...]:
    """People whose flag ends within a month, soonest first: the forum's months after they were last heard here.

    Empty for a forum without flags. Recorded as one consultation. Raises NotAllowed for anybody but the coordinator.
    """
    accounts.require(viewer, "item.list", forum_key)
    of, today = forum(forum_key), at.astimezone(LONDON).date()
    if not of.flag_months:
        return ()
    roles = {each.roles[0] for each in of.item if each.roles}
    # A flag that ends soon began in one month so long ago: only who was heard then is looked at, and when last.
    since = datetime.combine(rules.months_on(today, -of.flag_months), time.min, LONDON) - timedelta(days=4)
    with as_viewer(viewer, at=at):
        then = visible_items(viewer, at).filter(
            meeting__forum=forum_key,
            state__in=["decided", "carried_over"],
            meeting__starts_at__gte=since,
            meeting__starts_at__lt=since + SOON + timedelta(days=14),
            involved__role__in=roles,
        )
        heard = (
            visible_items(viewer, at)
            .filter(
                meeting__forum=forum_key,
                state__in=["decided", "carried_over"],
                involved__role__in=roles,
                involved__person_id__in=set(then.values_list("involved__person_id", flat=True)),
            )
            .values("involved__person_id")
            .annotate(last=Max("meeting__starts_at"))
        )
        ends = {
            row["involved__person_id"]: rules.months_on(row["last"].astimezone(LONDON).date(), of.flag_months)
            for row in heard
        }
        soon = {person: day for person, day in ends.items() if today <= day <= today + SOON}
        if not soon:
            return ()
        named = people.names(viewer, soon, at=at)
        consulted(viewer, "item.list", "person", sorted(named), at)
    lines = [FlagLine(person, named[person].name, day) for person, day in soon.items() if person in named]
    return tuple(sorted(lines, key=lambda each: (each.ends_on, each.name)))
