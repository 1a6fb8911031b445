"""Who leads, who sits, who was consulted; and each agency with its duty, its agreements and whom to ring there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from concord.strategy.law import party_to
from concord.strategy.loader import Partnership

DUTIES = {
    "specified": "Must collaborate on the strategy",
    "relevant": "Must be consulted, and take part when asked",
    "local_policing_body": "May be involved, and pays for part of the work",
    "co_operating": "Works with the partnership",
    "voluntary": "Voluntary and community organisations",
    "other": "Others",
}
KINDS = {
    "executive": "Executive",
    "lead": "Leads the duty",
    "subgroup": "Subgroup",
    "linked": "Linked board",
    "community": "Community board",
}


@dataclass(frozen=True, slots=True)
class BoardLine:
    name: str
    kind: str
    purpose: str
    chair: str
    members: tuple[str, ...]
    cadence: str
    reports_to: str
    leads: bool


@dataclass(frozen=True, slots=True)
class Consultation:
    """An authority that had to be consulted: asked, replied, what changed for it."""

    authority: str
    asked: date
    replied: date | None
    changed: str


@dataclass(frozen=True, slots=True)
class Obligation:
    """What the law asks, with what was recorded as done for it and who closes what is known to be missing."""

    name: str
    law: str
    done: tuple[tuple[str, date, str], ...]
    gaps: tuple[tuple[str, date, str], ...]


@dataclass(frozen=True, slots=True)
class AgencyLine:
    key: str
    name: str
    unit_of: str
    sector: str
    agreements: tuple[tuple[str, bool], ...]
    """Agreements it is a party to, itself or through the body it is a unit of, and whether each is in force."""
    contacts: tuple[tuple[str, str, str], ...]
    """Post, what for, and the shared address."""


def boards(home: Partnership) -> list[BoardLine]:
    """The body that leads first, then by kind and name."""

    def agency(key: str | None) -> str:
        return home.agencies[key].name if key and key in home.agencies else ""

    lines = [
        BoardLine(
            each.name,
            KINDS[each.kind],
            each.purpose,
            agency(each.chair),
            tuple(agency(key) for key in each.members),
            each.cadence or "",
            home.boards[each.reports_to].name if each.reports_to in home.boards else "",
            key == home.partnership.lead_body,
        )
        for key, each in home.boards.items()
    ]
    order = list(KINDS.values())
    return sorted(lines, key=lambda line: (not line.leads, order.index(line.kind), line.name))


def consultations(home: Partnership) -> list[Consultation]:
    """Every authority that was consulted, whoever has not replied first."""
    held = home.duty_evidence.consulted if home.duty_evidence else ()
    lines = [
        Consultation(home.agencies[each.authority].name, each.asked, each.replied, each.changed or "") for each in held
    ]
    return sorted(lines, key=lambda line: (line.replied is not None, line.asked))


def not_consulted(home: Partnership) -> list[str]:
    """Relevant authorities of the partnership of whom no consultation is recorded."""
    sectors = home.duty.sectors if home.duty else {}
    asked = {each.authority for each in home.duty_evidence.consulted} if home.duty_evidence else set()
    return sorted(
        each.name
        for key, each in home.agencies.items()
        if each.sector in sectors and sectors[each.sector].duty == "relevant" and key not in asked
    )


def obligations(home: Partnership) -> list[Obligation]:
    """What the law obliges the partnership to, in the order of the national file."""
    if home.duty is None:
        return []
    evidence = home.duty_evidence
    return [
        Obligation(
            need.name,
            need.law,
            tuple((e.what, e.on, e.record) for e in (evidence.entry if evidence else ()) if e.requirement == key),
            tuple(
                (g.why, g.by, home.agencies[g.owner].name)
                for g in (evidence.gap if evidence else ())
                if g.requirement == key
            ),
        )
        for key, need in home.duty.requirements.items()
        if need.kind == "obligation"
    ]


def agencies(
    home: Partnership, contacts: Mapping[str, Iterable[tuple[str, str, str]]], today: date
) -> list[tuple[str, list[AgencyLine]]]:
    """(what the duty asks of them, those agencies), in the order of the law; by name, units after their body."""
    sectors = home.duty.sectors if home.duty else {}
    groups: dict[str, list[AgencyLine]] = {key: [] for key in DUTIES}
    for key, each in home.agencies.items():
        sector = sectors.get(each.sector)
        party = [
            (agreement.name, agreement.in_force(today))
            for agreement in home.agreements.values()
            if party_to(home, agreement, key)
        ]
        line = AgencyLine(
            key,
            each.name,
            home.agencies[each.part_of].name if each.part_of else "",
            sector.name if sector else each.sector,
            tuple(sorted(party)),
            tuple(contacts.get(key, ())),
        )
        groups[sector.duty if sector and sector.duty in groups else "other"].append(line)
    return [
        (DUTIES[duty], sorted(lines, key=lambda line: (line.unit_of or line.name, bool(line.unit_of), line.name)))
        for duty, lines in groups.items()
        if lines
    ]
