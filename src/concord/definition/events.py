"""A recorded crime as the definition looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

OLDEST_PLAUSIBLE = 120
"""An age below 0 or above this is a slip or a stand-in (a birth on 1 January 1900), and says nothing."""


@dataclass(frozen=True, slots=True)
class Party:
    """A victim or a suspect. `age` is in completed years at the offence; where it is not recorded, the year of birth,
    and its month (1 to 12) if known, narrow it. `relationship` is a suspect's, to the victim (list `relationships`)."""

    age: int | None = None
    birth_year: int | None = None
    relationship: str | None = None
    birth_month: int | None = None

    def ages(self, happened_on: date | None) -> tuple[int, int] | None:
        """The youngest and oldest the person can have been; None where nothing is known."""
        if self.age is not None:
            return (self.age, self.age) if 0 <= self.age <= OLDEST_PLAUSIBLE else None
        if self.birth_year is None or happened_on is None:
            return None
        month = self.birth_month if self.birth_month in range(1, 13) else None
        earliest, latest = (1, 12) if month is None else (month, month)
        # In the month of birth itself the birthday may lie before or after the day of the offence.
        lived = happened_on.year * 12 + happened_on.month
        oldest = (lived - self.birth_year * 12 - earliest) // 12
        youngest = (lived - self.birth_year * 12 - latest - 1) // 12
        if oldest < 0 or youngest > OLDEST_PLAUSIBLE:
            return None
        return max(youngest, 0), oldest


@dataclass(frozen=True, slots=True)
class Event:
    """One recorded crime. None is "not recorded" throughout.

    `offence_code` is the Home Office class (8N), `offence_sub_code` the sub-class (8/6). `linked_ref` names another
    crime of the same incident. `linked` are the crimes one link away, whichever of the two the link is recorded on;
    a crime that `linked_ref` names and that is not among them was not sent.
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
    linked: tuple[Event, ...] = ()

    @property
    def link_unread(self) -> bool:
        """Whether a link is recorded to a crime that is not among the data."""
        if self.linked_ref is None or self.linked_ref == self.crime_ref:
            return False
        return all(each.crime_ref != self.linked_ref for each in self.linked)
