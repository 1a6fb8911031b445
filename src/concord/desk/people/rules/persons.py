"""Persons as one viewer may see them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from concord.kernel.errors import Refused

Agreement = Literal["same", "near", "differs", "unknown"]

RELATIONSHIPS = (
    "parent_of",
    "carer_of",
    "sibling_of",
    "partner_of",
    "former_partner_of",
    "alleged_perpetrator_against",
    "associate_of",
)
MUTUAL = ("sibling_of", "partner_of", "former_partner_of", "associate_of")
"""Kinds that say the same whichever of the two is named first."""

CORRECTABLE = ("given_name", "family_name", "born_on", "sex", "postcode", "address_area")
"""Fields that can be put right. How somebody may safely be reached has an operation of its own."""


class NotCorrected(Refused):
    """A correction that changes nothing, or says not why."""


class TooManySearches(Refused):
    """More searches within an hour than the viewer's role may make. Nothing was looked up."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"You searched {most} times within an hour.",
            why="The number is limited so that nobody can try out names.",
            next_step="Wait a few minutes and go on. Whoever leads your team can ask for a higher limit.",
        )


class NotThatPerson(Refused):
    """Somebody is opened in an emergency by all that names them, or not at all."""


@dataclass(frozen=True, slots=True)
class Details:
    """What is known of somebody. Ethnicity is not here, and never helps to match."""

    given_name: str
    family_name: str
    born_on: date | None = None
    sex: str = "U"
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class FieldReason:
    """How one field of two records compares, in words."""

    field: str
    agreement: Agreement
    said: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody on record who may be the person asked about. A person decides, never this list."""

    person_id: UUID
    name: str
    born_on: date | None
    postcode: str
    reasons: tuple[FieldReason, ...]
    given_name: str = ""
    family_name: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """What an emergency opening gave: whom, if anybody, and until when."""

    entry: UUID
    person_id: UUID | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Related:
    """What somebody is to this person, who says so, and over which time."""

    person_id: UUID
    name: str
    kind: str
    source: str = ""
    since: date | None = None
    until: date | None = None
    relationship_id: UUID | None = None
    outward: bool = True
    """Whether it was recorded as what the person of the page is to this one, rather than the other way about."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """A field that was put right: what it said before, what it says since, and why."""

    field: str
    before: str
    after: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OtherName:
    name: str
    kind: str
    source: str


@dataclass(frozen=True, slots=True)
class SameRecord:
    """Another record of the same person, joined to this one by a decision that can be taken back."""

    merge_id: UUID
    person_id: UUID
    name: str
    born_on: date | None
    postcode: str
    safe_contact: str
    kept: bool
    """Whether that record is the one the two are kept under."""
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One person as one viewer may see them."""

    person_id: UUID
    name: str
    given_name: str
    family_name: str
    born_on: date | None
    age: int | None
    sex: str
    postcode: str
    address_area: str
    safe_contact: str
    synthetic: bool
    related: tuple[Related, ...]
    version: int = 1
    interpreter: str = ""
    access_needs: str = ""
    ethnicity: tuple[tuple[str, str, str], ...] = ()
    """Basis (self-defined, observed), code and source. Never compared, never searched."""
    aliases: tuple[OtherName, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    same: tuple[SameRecord, ...] = ()
    corrections: tuple[Corrected, ...] = ()
    warnings: tuple[str, ...] = ()
    """How the person may safely be reached: on this record first, then on any other record of the same person."""
    withheld: tuple[str, ...] = ()
    """Classes of field that the viewer's roles do not see. Those fields are empty."""


FIELDS = {
    "identifier": ("name", "given_name", "family_name", "born_on", "age", "aliases", "identifiers"),
    "contact": ("safe_contact", "interpreter", "warnings"),
    "precise_location": ("postcode", "address_area"),
    "special_category": ("access_needs", "ethnicity"),
}
"""The fields of a person's page by class. Sex and the synthetic mark are shown with any page."""

EMPTY = {
    "born_on": None, "age": None, "name": "Name withheld", "aliases": (), "identifiers": (), "ethnicity": (),
    "warnings": (),
}  # fmt: skip


def shown(page: PersonPage, seen: frozenset[str]) -> PersonPage:
    """The page with only the classes of field in `seen`; what is empty anyway is not called withheld."""
    hidden = {kind: names for kind, names in FIELDS.items() if kind not in seen}
    blank = {name: EMPTY.get(name, "") for names in hidden.values() for name in names}
    held = tuple(kind for kind, names in hidden.items() if any(getattr(page, name) for name in names))
    same = tuple(_same_shown(each, seen) for each in page.same)
    covered = {name for names in hidden.values() for name in names}
    corrections = tuple(each for each in page.corrections if each.field not in covered)
    return replace(page, **blank, same=same, corrections=corrections, withheld=held)


def _same_shown(record: SameRecord, seen: frozenset[str]) -> SameRecord:
    named, reached, placed = (kind in seen for kind in ("identifier", "contact", "precise_location"))
    return replace(
        record,
        name=record.name if named else EMPTY["name"],
        born_on=record.born_on if named else None,
        safe_contact=record.safe_contact if reached else "",
        postcode=record.postcode if placed else "",
    )


def searchable(asked: Details, seen: frozenset[str]) -> Details:
    """What a viewer may search by: nothing they may not see, or a search would tell them."""
    return asked if "precise_location" in seen else replace(asked, postcode="")


def asked_words(asked: Details) -> dict[str, str]:
    """What was searched for, as the trail keeps it under seal. Empty fields are left out."""
    said = {
        "given name": asked.given_name,
        "family name": asked.family_name,
        "date of birth": asked.born_on.isoformat() if asked.born_on else "",
        "postcode": asked.postcode,
    }
    return {name: value for name, value in said.items() if value}


def age_on(born_on: date | None, day: date) -> int | None:
    """Full years on `day`; None where the date of birth is not known. A 29 February birthday falls on 1 March."""
    if born_on is None:
        return None
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def full_name(given: str, family: str) -> str:
    return f"{given} {family}".strip()


MARKER = "SYN"


def marked(family_name: str, *, synthetic: bool) -> str:
    """The family name as an invented borough keeps it: always with the marker, so that nobody takes it for real."""
    if not synthetic or not family_name or MARKER in family_name:
        return family_name
    return f"{family_name}-{MARKER}"


def spellings(family_name: str, *, synthetic: bool) -> list[str]:
    """How a family name may stand on record, in capitals: an invented borough adds its marker."""
    plain = family_name.strip().upper()
    return [plain, f"{plain} {MARKER}", f"{plain}-{MARKER}"] if synthetic else [plain]


def corrected(field: str, text: str, *, synthetic: bool) -> str | date:
    """A corrected field's value. Raises NotCorrected for a date that is none, a name or a sex that cannot be."""
    if field == "born_on":
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise NotCorrected(f"“{text}” is not a date.", next_step="Write it as 2011-03-27.") from None
    if field == "family_name":
        if not text:
            raise NotCorrected("A last name cannot be empty.", next_step="Write “Unknown” where it is not known.")
        return marked(text, synthetic=synthetic)
    if field == "sex" and text not in ("F", "M", "X", "U"):
        raise NotCorrected(f"“{text}” is not one of F, M, X and U.", next_step="Use U where it is not known.")
    return text
