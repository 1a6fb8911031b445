"""An agreement in the words of the person who keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from concord.desk.sharing.rules import AgreementLine
from concord.web.shared import partnership, words

SHAPES = {"in force": "done", "ends soon": "amber", "ended": "red", "not begun": "grey"}


@dataclass(frozen=True, slots=True)
class Line:
    key: str
    name: str
    parties: str
    purposes: str
    sections: tuple[str, ...]
    starts_on: date
    expires_on: date
    left: str
    state: str
    shape: str
    stops: tuple[str, ...]
    signed: bool
    """False for a pattern of the national folder that nobody has signed."""


def line(found: AgreementLine) -> Line:
    left = words.counted(abs(found.days_left), "day")
    names = [partnership.agency(each) for each in found.parties]
    return Line(
        key=found.key,
        name=found.name,
        parties=words.listed(names),
        purposes=words.listed([each.replace("_", " ") for each in found.purposes]),
        sections=found.sections,
        starts_on=date.fromisoformat(found.starts_on),
        expires_on=date.fromisoformat(found.expires_on),
        left=f"ended {left} ago" if found.days_left < 0 else f"{left} left",
        state=found.state.capitalize(),
        shape=SHAPES[found.state],
        stops=tuple(_said(each) for each in found.stops),
        signed=bool(found.parties),
    )


def _said(stop: str) -> str:
    kind, _, key = stop.partition(" ")
    home = partnership.current()
    if kind == "feed" and key in home.feeds:
        return f"the feed “{home.feeds[key].title}”"
    if kind == "pathway" and key in home.pathways:
        return f"the pathway “{home.pathways[key].name}”"
    return stop
