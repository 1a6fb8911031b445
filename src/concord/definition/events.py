"""A recorded crime as the definition looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Party:
    """A victim or a suspect. `age` is in completed years at the offence; where it is not recorded, the year of
    birth narrows it to two values. `relationship` is a suspect's, to the victim (list `relationships`)."""

    age: int | None = None
    birth_year: int | None = None
    relationship: str | None = None

    def ages(self, happened_on: date | None) -> tuple[int, int] | None:
        """The youngest and oldest the person can have been; None where nothing is known."""
        if self.age is not None:
            return self.age, self.age
        if self.birth_year is None or happened_on is None:
            return None
        return happened_on.year - self.birth_year - 1, happened_on.year - self.birth_year


@dataclass(frozen=True, slots=True)
class Event:
    """One recorded crime. None is "not recorded" throughout.

    `offence_code` is the Home Office class (8N), `offence_sub_code` the sub-class (8/6). `linked_ref` names another
    crime of the same incident and `linked` is that crime, None where it is not among the data.
    """

    offence_code: str | None
    offence_sub_code: str | None = None
    happened_on: date | None = None
    victims: tuple[Party, ...] = ()
    suspects: tuple[Party, ...] = ()
    domestic_abuse: bool | None = None
    hate_strand: str | None = None
    knife: bool | None = None
    weapon: str | None = None
    crime_ref: str | None = None
    linked_ref: str | None = None
    linked: Event | None = None
