"""The forums themselves: which there are, who sits on them, who owes research, who came."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Member, NotHere, Viewer, known_as
from concord.desk.panels import rules
from concord.desk.panels.models import Attendance, Meeting
from concord.desk.panels.rules import Quorum
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.forum import Forum


def forum(key: str) -> Forum:
    """One forum of the partnership. Raises NotNow naming the nearest where there is none of that key."""
    return known_as(key, "forum", accounts.partnership().forums, rules.NotNow)


def public_forum(viewer: Viewer, key: str) -> Forum:
    """A forum that sits in public. Raises NotHere for any other, whether there is one of that key or not."""
    found = accounts.partnership().forums.get(key)
    if found is None or not found.public:
        raise NotHere("board")
    return found


def speaks_first(viewer: Viewer, of: Forum) -> bool:
    """Whether the viewer fills the seat that alone speaks with the person at risk before the meeting."""
    rule = of.prior_contact
    if rule is None:
        return False
    return any(each.user_id == viewer.user_id and each.seat == rule.seat for each in accounts.members(viewer, of.key))


def my_forums(viewer: Viewer) -> tuple[tuple[Forum, tuple[str, ...]], ...]:
    """Forums where the viewer sits, with their parts there."""
    known = accounts.partnership().forums
    sits = sorted({each.partition(":")[0] for each in viewer.forums} & set(known))
    return tuple((known[key], tuple(sorted(viewer.parts_in(key)))) for key in sits)


def of_meeting(row: Meeting, of: Forum) -> dict[str, Any]:
    """The fields of `rules.OfMeeting`, with its times as London reads them."""
    return {
        "meeting_id": row.id,
        "forum": row.forum,
        "forum_name": of.name,
        "abbreviation": of.abbreviation,
        "starts_at": row.starts_at.astimezone(LONDON),
        "cut_off_at": row.cut_off_at.astimezone(LONDON),
    }


def agency_name(key: str) -> str:
    agency = accounts.partnership().agencies.get(key)
    return agency.name if agency is not None else key


def researchers(of: Forum, members: Iterable[Member]) -> list[str]:
    """Agencies that owe research: those with somebody on the forum who is not its coordinator. On papers none does."""
    if of.hears == "papers":
        return []
    return sorted({each.agency for each in members if each.part == "member"})


def expected_quorum(of: Forum, members: Iterable[Member]) -> Quorum:
    """The quorum if everybody who sits here came."""
    return rules.quorum(of, [each.seat for each in members if each.seat])


def present_seats(meeting_id: UUID) -> list[str]:
    """Core seats filled by those recorded as present who signed the confidentiality statement."""
    rows = Attendance.objects.filter(meeting_id=meeting_id, present=True, confidentiality_signed_at__isnull=False)
    return [seat for seat in rows.values_list("seat", flat=True) if seat]
