"""Tables of words that a publication may hold, by name: one function each, over what the folder and the home say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from concord.evidence.disclosure.model import Release
from concord.evidence.extracts import Receipt, receipts
from concord.evidence.publications.listings import Listing
from concord.jobs.releasing import Releasing
from concord.kernel.errors import BadInput, Where
from concord.kernel.names import did_you_mean
from concord.strategy import Partnership
from concord.strategy.shapes.publication import ListingSpec, Publication

_WHERE = {
    "duty": ("duty", "obligations"),
    "exchange": ("duty", "exchange"),
    "consulted": ("duty", "consulted"),
    "agreements": ("duty", "agreements"),
    "holders": ("duty", "holders"),
    "seriousness": ("duty", "seriousness"),
    "themes": ("plan", "themes"),
    "outcomes": ("plan", "outcomes"),
    "actions": ("plan", "actions"),
    "money": ("plan", "money"),
    "boards": ("plan", "boards"),
    "recommendations": ("plan", "recommendations"),
    "causes": ("knowledge", "causes"),
    "gaps": ("knowledge", "gaps"),
    "questions": ("knowledge", "questions"),
    "services": ("knowledge", "services"),
    "measures": ("review", "measures"),
    "review": ("review", "outcomes"),
    "headlines": ("review", "headlines"),
    "tasking": ("tasking", "places"),
}


@dataclass
class About:
    """What listings are made from. `day` is the day as of which they speak, `readings` what indicators read."""

    home: Path
    partnership: Partnership
    publication: Publication
    releasing: Releasing
    day: date
    releases: Mapping[str, Release]
    withheld: Mapping[str, str]
    dropped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Headings of sections that were left out, and the datasets they wait for."""

    @cached_property
    def readings(self) -> dict[str, dict[str, str]]:
        from concord.jobs.indicators import readings

        return readings(self.partnership.indicators, self.releasing)

    @cached_property
    def receipts(self) -> dict[str, list[Receipt]]:
        """Every receipt up to the day, by feed."""
        made: dict[str, list[Receipt]] = {}
        for receipt in receipts(self.home):
            if receipt.when.date() <= self.day:
                made.setdefault(receipt.feed, []).append(receipt)
        return made

    def agency(self, key: str | None) -> str:
        """The name of an agency, or of the board that leads where none is named."""
        if key and key in self.partnership.agencies:
            return self.partnership.agencies[key].name
        return self.board(self.partnership.partnership.lead_body)

    def board(self, key: str | None) -> str:
        found = self.partnership.boards.get(key or "")
        return found.name if found else "No board named"


NEEDS_READINGS = frozenset({"outcomes", "measures", "review", "headlines", "causes", "gaps", "recommendations"})
"""Listings that print what indicators read: a publication without one does not measure them."""


def make(spec: ListingSpec, about: About) -> Listing:
    """The listing that `spec` asks for. Raises BadInput for one there is not, or a parameter it does not take."""
    if spec.made_of not in _WHERE:
        raise BadInput(
            f"There is no listing “{spec.made_of}”",
            where=Where(f"publications/{about.publication.key}.toml", key=spec.title),
            next_step=did_you_mean(spec.made_of, _WHERE),
        )
    module, function = _WHERE[spec.made_of]
    made: Listing = _called(getattr(import_module(f"{__name__}.{module}"), function), spec, about)
    return replace(made, title=spec.title, intro=spec.intro or made.intro)


def _called(function: Any, spec: ListingSpec, about: About) -> Listing:
    import inspect

    takes = list(inspect.signature(function).parameters)[1:]
    for name in spec.parameters:
        if name not in takes:
            raise BadInput(
                f"Listing “{spec.made_of}” takes no parameter “{name}”",
                where=Where(f"publications/{about.publication.key}.toml", key=spec.title),
                next_step=did_you_mean(name, takes) if takes else "It takes none.",
            )
    made: Listing = function(about, **spec.parameters)
    return made


def day_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
