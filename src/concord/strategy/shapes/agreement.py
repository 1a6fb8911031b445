"""Information-sharing agreements: who shares what with whom, for what purpose, through which gateway, until when."""

from __future__ import annotations

from datetime import date

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Agreement(Common):
    """One agreement, one file in `sharing/`.

    `starts_on` and `expires_on` are both included: on the day after `expires_on` every feed, forum and
    pathway that rests on the agreement stops. `information` lists classes of information (see
    `codelists/information_classes.csv`), `gateways` keys of `codelists/legal_gateways.csv`.
    """

    key: str
    name: str
    parties: tuple[str, ...]
    purposes: tuple[str, ...]
    gateways: tuple[str, ...]
    information: tuple[str, ...]
    starts_on: date
    expires_on: date
    review_on: date | None = None
    lawful_basis: str
    retention: str
    fields: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    forums: tuple[str, ...] = ()
    pathways: tuple[str, ...] = ()
    controller: str = ""
    signed_by: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Agreement:
        if self.expires_on < self.starts_on:
            raise ValueError(f"expires_on ({self.expires_on}) is before starts_on ({self.starts_on})")
        return self

    def in_force(self, day: date) -> bool:
        return self.starts_on <= day <= self.expires_on


SHAPE = Agreement
