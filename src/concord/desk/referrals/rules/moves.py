"""The pathway's transition table: what leads where from a state, and the refusal of what does not."""

from __future__ import annotations

from collections.abc import Mapping

from concord.kernel.errors import Refused
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.pathway import Pathway, Route


class NotThatWay(Refused):
    """The pathway's table has no such move from here, or something it needs was not given."""


def move(pathway: Pathway, state: str, verb: str, given: Mapping[str, object]) -> str:
    """The state that `verb` leads to from `state`.

    Raises NotThatWay where the pathway's table has no such move, or where something it needs is missing or blank.
    """
    for transition in pathway.transition:
        if transition.verb == verb and state in transition.sources:
            missing = [name for name in transition.needs if given.get(name) in (None, "", ())]
            if missing:
                raise NotThatWay(
                    f"To {verb} this contact, give: {', '.join(missing)}.",
                    why=f"“{pathway.name}” asks for it, so that the decision can be understood later.",
                    next_step="Fill in what is missing and send it again. Nothing you wrote is lost.",
                )
            return transition.target
    name = next((each.name for each in pathway.state if each.key == state), state)
    raise NotThatWay(
        f"You cannot {verb} a contact that is “{name}”.",
        why=f"The pathway “{pathway.name}” has no such step from there.",
        next_step="Open the contact again: a colleague may have moved it on.",
    )


def allowed(pathway: Pathway, state: str) -> tuple[str, ...]:
    """Verbs that lead somewhere from `state`, in the table's order."""
    return tuple(dict.fromkeys(each.verb for each in pathway.transition if state in each.sources))


def route_for(pathway: Pathway, key: str, level: int | None) -> Route:
    """The route called `key`. Raises NotThatWay for one that does not exist or does not fit the threshold level."""
    routes = {route.key: route for route in pathway.route}
    if key not in routes:
        raise NotThatWay(f"“{pathway.name}” has no route “{key}”.", next_step=did_you_mean(key, routes))
    route = routes[key]
    if route.levels and level not in route.levels:
        fits = " or ".join(str(each) for each in route.levels)
        raise NotThatWay(
            f"“{route.name}” does not go with threshold level {level}.",
            why=f"It fits level {fits}.",
            next_step="Change the level or the route.",
        )
    return route


def state_named(pathway: Pathway, key: str) -> str:
    return next((state.name for state in pathway.state if state.key == key), key)
