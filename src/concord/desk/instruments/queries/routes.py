"""Where an advised route leads: who receives, on which ground, and how much of the assessment may go there."""

from __future__ import annotations

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.instruments.models import Assessment
from concord.desk.instruments.rules import NotUsable, Part, goes
from concord.strategy import law
from concord.strategy.shapes.instrument import Ground, Instrument, Route


def advised_route(of: Instrument, row: Assessment, key: str) -> Route:
    """The route, where the row is decided and its answers point there. Raises NotUsable."""
    route = next((each for each in of.route if each.key == key and key in row.kept.get("routes", ())), None)
    if route is None or row.state != "decided":
        raise NotUsable(
            "There is no such way on from here.",
            why="Only what was decided, and where the answers point, is passed on.",
            next_step="Decide first, or choose one of the routes advised.",
        )
    return route


def receiver(of: Instrument, row: Assessment, key: str) -> tuple[str, Ground]:
    """Who receives on an advised route (the pathway's team, or the forum's coordinator) and the ground it is shared on:
    theirs, because they read it for their purpose. Raises NotUsable."""
    home, route = accounts.partnership(), advised_route(of, row, key)
    to = home.pathways.get(route.pathway) or home.forums.get(route.forum)
    if to is None or not to.gateway:
        raise NotUsable(f"“{route.name}” is not run here.", next_step="Ring the team instead.")
    holder = home.pathways[route.pathway].received_by if route.pathway else f"forum:{route.forum}:coordinator"
    ground = Ground(key=key, name=to.name, purpose=to.purpose, gateway=to.gateway, agreement=to.agreement)
    return holder, ground


def part_for(viewer: Viewer, of: Instrument, agreement: str) -> Part:
    """How much of an assessment this viewer's agency made may go under an agreement."""
    home = accounts.partnership()
    held = home.agreements.get(agreement)
    covered = held.information if held is not None else ()
    return goes(of.information, by_health=law.body_kind(home, viewer.agency) == "health", covered=covered)
