from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from concord.desk.panels.rules import ActionLine, PanelPointer
from concord.desk.people.rules import PersonPage
from concord.web.referrals.steps import SEXES

KINDS = {
    "parent_of": "parent",
    "carer_of": "carer",
    "sibling_of": "sibling",
    "partner_of": "partner",
    "former_partner_of": "former partner",
    "alleged_perpetrator_against": "alleged perpetrator, or the person they are alleged to have harmed",
    "associate_of": "associate",
}


WITHHELD = {
    "identifier": "names and date of birth",
    "contact": "how to reach them",
    "precise_location": "where they live",
}
"""What a class of field is called where it is not shown."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline. `marking` says whose record it is."""

    on: date
    words: str
    marking: str
    item_id: UUID | None


def summary(found: PersonPage) -> list[tuple[str, str]]:
    born = f"{found.born_on.day} {found.born_on:%B %Y}" if found.born_on else "Not known"
    rows = [
        ("Date of birth", f"{born}, aged {found.age}" if found.age is not None else born),
        ("Sex", dict(SEXES).get(found.sex, "Not known")),
        ("Postcode", found.postcode or ("Not shown" if "precise_location" in found.withheld else "Not known")),
    ]
    return [*rows, ("Area", found.address_area)] if found.address_area else rows


def timeline(pointers: Sequence[PanelPointer], actions: Sequence[ActionLine]) -> list[Event]:
    """Newest first."""
    heard = [
        Event(each.starts_at.date(), f"{each.state_name} at {each.abbreviation}", each.abbreviation, each.item_id)
        for each in pointers
        if each.starts_at is not None
    ]
    agreed = [
        Event(
            each.raised_on,
            f"Action for {each.agency}: {each.text}",
            each.abbreviation,
            each.item_id if each.about else None,
        )
        for each in actions
    ]
    return sorted([*heard, *agreed], key=lambda event: event.on, reverse=True)


def related(found: PersonPage) -> list[tuple[UUID, str, str]]:
    return [(each.person_id, each.name, KINDS.get(each.kind, each.kind.replace("_", " "))) for each in found.related]
