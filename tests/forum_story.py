"""A forum of any partnership from its file alone: people on its seats, an item of each kind, a sitting to its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle
from uuid import UUID

from concord.desk.accounts import operations as accounts_operations
from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.panels import operations as panels
from concord.desk.panels import queries
from concord.desk.panels.rules import Named
from concord.desk.people.rules import Details
from concord.strategy import law
from concord.strategy.shapes.forum import Forum, ItemKind, Outcome


@dataclass(frozen=True)
class Seated:
    """A coordinator, a chair and somebody on every core seat."""

    of: Forum
    coordinator: Viewer
    chair: Viewer
    members: tuple[Viewer, ...]
    stranger: Viewer


def seat(key: str, at: datetime, *, any_agency: bool = False) -> Seated:
    """People on the seats of a forum, from agencies that are parties to its agreement."""
    home, admin = accounts.partnership(), accounts.service("installation")
    of = home.forums[key]
    agencies = sorted(home.agencies)
    if of.agreement and not any_agency:
        held = home.agreements[of.agreement]
        agencies = [each for each in agencies if law.party_to(home, held, each)]
    turn = cycle(agencies)

    def somebody(part: str, place: str | None) -> Viewer:
        name = f"{key}-{part}-{place or ''}"[:60]
        user_id = accounts_operations.add_user(
            viewer=admin, username=name, display_name=f"{name} SYN", agency=next(turn), at=at
        )
        if part != "stranger":
            accounts_operations.join_forum(viewer=admin, user_id=user_id, forum=key, part=part, seat=place, at=at)
        return accounts.viewer_named(name)

    seats = [each.key for each in of.seat]
    first = of.quorum.must_have[0] if of.quorum.must_have else seats[0]
    return Seated(
        of=of,
        coordinator=somebody("coordinator", None),
        chair=somebody("chair", first),
        members=tuple(somebody("member", each) for each in seats if each != first),
        stranger=somebody("stranger", None),
    )


def endings(of: Forum) -> Iterator[tuple[ItemKind, Outcome]]:
    """Every kind and every way an item may end here, in as few items as will do."""
    used: set[str] = set()
    for number, outcome in enumerate(of.outcome):
        may = [kind for kind in of.item if not outcome.kinds or kind.key in outcome.kinds]
        fresh = [kind for kind in may if kind.key not in used]
        kind = fresh[0] if fresh else may[number % len(may)]
        used.add(kind.key)
        yield kind, outcome
    for kind in of.item:
        if kind.key not in used:
            yield kind, next(each for each in of.outcome if not each.kinds or kind.key in each.kinds)


def planned(seated: Seated, starts_at: datetime, at: datetime) -> UUID:
    return panels.plan_meeting(
        viewer=seated.coordinator, forum=seated.of.key, starts_at=starts_at, place="SYN Room", at=at
    )


def listed(seated: Seated, meeting_id: UUID, kind: ItemKind, number: int, at: datetime, ground: str = "") -> UUID:
    """An item of a kind, with the first answer of each facet that must be answered and the last of each that may be."""
    # A score is read from an assessment: its ground has a test of its own.
    scored = {seated.of.threshold.ground} if seated.of.threshold else set()
    choices = {each.key: [one for one in each.choices if one not in scored] for each in seated.of.facet}
    facets = {
        each.key: [choices[each.key][number % len(choices[each.key])]]
        for each in seated.of.facet
        if (not each.kinds or kind.key in each.kinds) and (each.required or number % 2)
    }
    if ground:
        facets["ground"] = [ground]
    given = {
        "viewer": seated.coordinator,
        "meeting_id": meeting_id,
        "kind": kind.key,
        "reason": f"Why number {number}.",
        "facets": facets,
        "at": at,
    }
    if kind.subject != "person":
        address = "/published/sna/index.html" if kind.subject == "paper" else ""
        return panels.list_topic(**given, about=f"Thing {number} SYN", whereabouts=address)
    years = max(kind.from_age or 15, 15) + 1
    born = date(at.year - years, 1, 1)
    named = [
        Named(role, Details(f"Given{number}", f"{role.capitalize()}{number} SYN", born, "F"))
        for role in (kind.roles or ("subject",))
    ]
    return panels.list_people(**given, named=named)


def opened(seated: Seated, meeting_id: UUID, at: datetime) -> None:
    panels.everybody_here(viewer=seated.coordinator, meeting_id=meeting_id, at=at)
    panels.open_meeting(viewer=seated.coordinator, meeting_id=meeting_id, at=at)


def decided(seated: Seated, item_id: UUID, outcome: Outcome, at: datetime) -> None:
    page = queries.item(seated.chair, item_id, at=at)
    panels.settle(
        viewer=seated.chair,
        item_id=item_id,
        outcome=outcome.key,
        reason=f"Because of {page.reference}.",
        version=page.version,
        minute=f"Said about {page.reference}.",
        task="Ring back.",
        owner=seated.members[0].user_id if seated.members else seated.chair.user_id,
        due_on=at.date() + timedelta(days=7),
        at=at,
    )
