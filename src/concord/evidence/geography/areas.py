"""The partnership's own areas: what lies in what, what each is called, and whose figure may stand for whom.

Areas are rows of `codelists/areas.csv`, each within another of a higher level; other names that files give them are
rows of `area_aliases.csv`. A figure of a larger area is never given as a smaller one's: a police command covers two
boroughs, and its drug lines are not one borough's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from concord import codelists
from concord.evidence.geography.lookups import Lookup
from concord.kernel.errors import BadInput, Refused, Where
from concord.kernel.names import did_you_mean

_DROPPED = re.compile(r"[.'’‘`]")


@dataclass(frozen=True, slots=True)
class Area:
    """One area of the partnership. `within` is the code of the area that holds it, empty at the top."""

    code: str
    name: str
    level: str
    within: str
    vintage: str


@dataclass(frozen=True, slots=True)
class Alias:
    """A name a file gives an area. `question` is what has to be asked before it is taken for granted; mostly empty."""

    name: str
    level: str
    code: str
    question: str = ""


@dataclass(frozen=True)
class Geography:
    """The areas by code, and other names for them. Made by `Geography.of(partnership)`."""

    areas: Mapping[str, Area]
    aliases: tuple[Alias, ...] = ()

    @classmethod
    def of(cls, partnership: Any) -> Geography:
        """The areas that a partnership folder lists. Raises BadInput where they do not hang together."""
        rows = partnership.codelists.get("areas", ())
        areas = {
            row["code"]: Area(row["code"], row["name"], row["level"], row["within"], row["vintage"]) for row in rows
        }
        aliases = tuple(
            Alias(row["alias"], row["level"], row["code"], row["question"])
            for row in partnership.codelists.get("area_aliases", ())
        )
        made = cls(areas, aliases)
        made._hang_together()
        if not getattr(partnership, "synthetic", False):  # an invented borough has invented codes
            made._codes_are_the_office_s()
        return made

    def _hang_together(self) -> None:
        file = "codelists/areas.csv"
        for area in self.areas.values():
            above = self.areas.get(area.within)
            if area.within and above is None:
                raise BadInput(
                    f"{area.name} lies within “{area.within}”, which is no area here.",
                    where=Where(file=file, key=area.code),
                    why=did_you_mean(area.within, self.areas),
                )
            if above is not None and rank(above.level) <= rank(area.level):
                raise BadInput(
                    f"{area.name} ({area.level}) cannot lie within {above.name} ({above.level}).",
                    where=Where(file=file, key=area.code),
                    why="An area lies within one of a higher level.",
                )
        for alias in self.aliases:
            if alias.code not in self.areas:
                raise BadInput(
                    f"The name “{alias.name}” is given to “{alias.code}”, which is no area here.",
                    where=Where(file="codelists/area_aliases.csv", key=alias.name),
                    why=did_you_mean(alias.code, self.areas),
                )
        for level in {area.level for area in self.areas.values()}:
            years = {area.vintage for area in self.areas.values() if area.level == level}
            if len(years) > 1:
                raise BadInput(
                    f"Areas of level “{level}” are of several vintages: {', '.join(sorted(years))}.",
                    where=Where(file=file, field="vintage"),
                    next_step="List the areas of one vintage; counts of another are carried over to it.",
                )

    def _codes_are_the_office_s(self) -> None:
        levels = codelists.get("area_levels")
        for area in self.areas.values():
            pattern = levels.entry(area.level).extra["pattern"]
            if pattern and not re.fullmatch(pattern, area.code):
                raise BadInput(
                    f"“{area.code}” ({area.name}) is not the code of a {area.level}.",
                    where=Where(file="codelists/areas.csv", key=area.code),
                    why=f"Codes of this level look like {pattern}.",
                    next_step="Use the Office for National Statistics' code, or the level it belongs to.",
                )

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels in use here, lowest first."""
        return tuple(sorted({area.level for area in self.areas.values()}, key=rank))

    def at(self, level: str) -> tuple[Area, ...]:
        """The areas of a level, in the list's order."""
        return tuple(area for area in self.areas.values() if area.level == level)

    def area(self, code: str) -> Area:
        """The area with this code (blanks round it do not matter). Raises BadInput naming the nearest."""
        found = self.areas.get(code.strip())
        if found is None:
            raise BadInput(f"“{code}” is the code of no area here.", why=did_you_mean(code.strip(), self.areas))
        return found

    def above(self, code: str) -> tuple[Area, ...]:
        """Every area that holds this one, smallest first."""
        found, here = [], self.area(code)
        while here.within:
            here = self.areas[here.within]
            found.append(here)
        return tuple(found)

    def within(self, code: str, level: str) -> tuple[Area, ...]:
        """The areas of `level` that lie in this one, itself where it is of that level."""
        return tuple(
            area
            for area in self.at(level)
            if area.code == code or any(above.code == code for above in self.above(area.code))
        )

    def lookup(self, lower: str, upper: str) -> Lookup:
        """Areas of one level with the area of a higher one that holds each: exact, because areas are whole."""
        pairs = [
            (area.code, above.code)
            for area in self.at(lower)
            for above in self.above(area.code)
            if above.level == upper
        ]
        if not pairs:
            raise BadInput(
                f"No {lower} lies within a {upper} here.",
                where=Where(file="codelists/areas.csv"),
                why=f"The levels listed are {', '.join(self.levels) or 'none'}.",
            )
        table = pa.table(
            {
                "lower": pa.array([low for low, _ in pairs], pa.string()),
                "upper": pa.array([high for _, high in pairs], pa.string()),
                "change": pa.nulls(len(pairs), pa.string()),
            }
        )
        return Lookup(
            lower,
            self.at(lower)[0].vintage,
            upper,
            self.at(upper)[0].vintage,
            "exact",
            table,
            "the partnership's list of areas",
        )

    # ------------------------------------------------------------------------------------------------------ names

    @cached_property
    def _named(self) -> dict[tuple[str, str], tuple[str, str]]:
        """(level, name as it is compared) to (code, question)."""
        known = {(alias.level, plain(alias.name)): (alias.code, alias.question) for alias in self.aliases}
        for area in self.areas.values():
            known[area.level, plain(area.name)] = (area.code, "")
        return known

    def named(self, name: str, level: str) -> Area:
        """The area a file means by `name`: spelling of saints and ampersands aside, or as an alias says.

        Raises BadInput naming the nearest. `questions` lists what an alias leaves to be asked.
        """
        found = self._named.get((level, plain(name)))
        if found is None:
            names = [area.name for area in self.at(level)]
            raise BadInput(
                f"“{name}” is the name of no {level} here.",
                why=did_you_mean(name, names),
                next_step="Add the name to codelists/area_aliases.csv if it is another name for one of them.",
            )
        return self.areas[found[0]]

    def codes_of(self, names: pa.ChunkedArray | pa.Array, level: str) -> tuple[pa.Array, dict[str, int], list[str]]:
        """Codes for a column of names, with null for those not known: how often each stands there, and questions."""
        column = names.combine_chunks() if isinstance(names, pa.ChunkedArray) else names
        encoded = column.cast(pa.string()).dictionary_encode()
        found = [self._named.get((level, plain(name))) for name in encoded.dictionary.to_pylist()]
        codes = pa.array([each[0] if each else None for each in found], pa.string()).take(encoded.indices)
        counts = {row["values"]: row["counts"] for row in column.value_counts().to_pylist() if row["values"]}
        unknown = {
            name: counts[name]
            for name, each in zip(encoded.dictionary.to_pylist(), found, strict=True)
            if each is None and name
        }
        return codes, unknown, sorted({each[1] for each in found if each and each[1]})

    # ------------------------------------------------------------------------------------------- whose figure it is

    def must_be_of(self, figure: str, reported_as: str) -> None:
        """Raises Refused where a figure of area `figure` would stand as that of `reported_as` (codes).

        It may stand for itself. Parts may be added up to a whole (`roll_up`); a whole says nothing of its parts.
        """
        given, wanted = self.area(figure), self.area(reported_as)
        if given.code == wanted.code:
            return
        if given in self.above(wanted.code):
            held = [area.name for area in self.within(given.code, wanted.level)]
            raise Refused(
                f"A figure of {given.name} cannot stand for {wanted.name}.",
                why=f"It also counts {_listed([name for name in held if name != wanted.name])}."
                if len(held) > 1
                else f"{given.name} is larger than {wanted.name}.",
                next_step=f"Name it as {given.name}'s, or ask for the figure of {wanted.name} alone.",
            )
        if wanted in self.above(given.code):
            raise Refused(
                f"A figure of {given.name} cannot stand for {wanted.name}.",
                why=f"It is one part of {wanted.name}.",
                next_step=f"Add up every {given.level} of {wanted.name}.",
            )
        raise Refused(f"A figure of {given.name} cannot stand for {wanted.name}.", why="They are different places.")


def rank(level: str) -> int:
    """How high a level stands: 1 is the smallest areas. Raises BadInput where there is no such level."""
    return int(codelists.get("area_levels").entry(level).extra["rank"])


def plain(name: str) -> str:
    """A name as names are compared: no case, no full stops or apostrophes, "and" for "&", single spaces."""
    return " ".join(_DROPPED.sub("", (name or "").casefold().replace("&", " and ")).split())


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
