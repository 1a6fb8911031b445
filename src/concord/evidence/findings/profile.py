"""One problem, one place or one group of people: what recorded crime says of it, counted as everywhere else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import Where
from concord.evidence.findings.model import Dimension, Finding, Table
from concord.evidence.findings.most_serious_evening import BANDS
from concord.evidence.findings.residents import Residents, residents
from concord.evidence.findings.robbery import PLACE, TIMED
from concord.evidence.findings.sexual_offences import SEX, VICTIM
from concord.evidence.findings.slices import (
    MARKS,
    METHOD,
    NO_MARKS,
    OFFENCE,
    By,
    Part,
    Slice,
)
from concord.evidence.geography import Geography
from concord.kernel.errors import Usage
from concord.kernel.names import did_you_mean
from concord.kernel.periods import Period

NAME = "profile"
HOMES = ("sexual_violence", "domestic_abuse")
"""Limbs that a ward could tie to a home: told by neighbourhood only."""
BY_QUARTER = By(
    "day_quarter",
    "Quarter of the day",
    "CASE " + " ".join(f"WHEN hour(happened_at) // 6 = {n} THEN '{band}'" for n, band in enumerate(BANDS)) + " END",
    BANDS,
)
_VICTIM = "crime_ref IN (SELECT crime_ref FROM crime_persons WHERE role = 'victim' AND {})"


@dataclass(frozen=True, slots=True)
class Group:
    """People by what the records say of victims: words, the SQL on offences, the same as a table says it."""

    words: str
    sql: str
    where: Where


GROUPS = {
    "children": Group(
        "against children",
        _VICTIM.format("age < 18"),
        (("youngest_victim", ("Under 18",)),),
    ),
    "young_adults": Group(
        "whose youngest victim is aged 18 to 24",
        f"{_VICTIM.format('age BETWEEN 18 AND 24')} AND NOT {_VICTIM.format('age < 18')}",
        (("youngest_victim", ("18 to 24",)),),
    ),
    "women_and_girls": Group(
        "against women and girls alone",
        f"""{_VICTIM.format("sex = 'F'")} AND NOT {_VICTIM.format("sex <> 'F'")}""",
        (("victim_sex", ("Female",)),),
    ),
}


def find(
    store: Store,
    partnership: Any,
    period: Period,
    *,
    place: str | None = None,
    limb: str | None = None,
    group: str | None = None,
) -> Finding:
    """Serious violence in one ward, under one limb of the definition or against one group, or any of these together.

    Raises Usage with the nearest name for a ward, limb or group that there is not.
    """
    with violence.ask(store, "population", "crime_persons") as question:
        violence.name_offences(question)
        people = residents(question, Geography.of(partnership))
        part = _part(partnership, people, place, limb, group)
        base = replace(people, by_ward={place: people.by_ward[place]}) if place else people
        part_of = Slice(question, part, period, base)
        kinds = part_of.rates(OFFENCE)
        months, facts = part_of.months()
        tables: list[Table] = [kinds, months, *part_of.change(kinds, OFFENCE)]
        if place is None:
            homes = limb in HOMES or group == "women_and_girls"
            tables.append(replace(part_of.areas("neighbourhood" if homes else "ward"), name="areas"))
        else:
            tables.append(_beside_the_borough(part_of, people, place))
        tables += [
            part_of.shares(
                "times", "by quarter of the day", BY_QUARTER, where=(("time_known", ("within a day",)),), also=TIMED
            ),
            part_of.shares("kinds_of_place", "by kind of place", PLACE),
        ]
        ages = part_of.shares("victims", "by age of the youngest victim", VICTIM)
        sexes = part_of.shares("sexes", "by sex of victims", SEX)
        who = ages if group == "women_and_girls" else sexes  # what the group does not fix already
        tables += [ages, sexes] if group is None else [replace(who, name="who")]
        chosen = {name: value for name, value in (("place", place), ("limb", limb), ("group", group)) if value}
        method = METHOD + (NO_MARKS if part.context else MARKS)
        return Finding(
            name=NAME,
            question=f"What do police records say of {part.words[:1].lower()}{part.words[1:]}?",
            tables=tuple(tables),
            base=f"{part.words} recorded in the period, one for each crime reference",
            period=period,
            source=f"{violence.SOURCE}; population estimates, vintage {people.vintage}",
            method=method,
            lineage=question.lineage(NAME, method, chosen, violence.version(question)),
            cannot_say=(
                *violence.CANNOT_SAY,
                "A profile counts what was recorded of a place or a group; it says nothing of any one person in it.",
                "An offence with several victims is counted once, by its youngest victim.",
            ),
            facts=facts,
            synthetic=question.synthetic,
        )


def _part(partnership: Any, people: Residents, place: str | None, limb: str | None, group: str | None) -> Part:
    words, where, conditions = "Serious violence", violence.IN, ["verdict = 'in'"]
    if limb is not None:
        _, _, named = violence.chosen_limb(partnership, limb)
        where = named
        title = violence.limb_titles(partnership)[limb]
        words += f" that is in the definition for: {title[:1].lower()}{title[1:]}"
        conditions.append(f"list_contains(limbs, '{limb}')")
    if group is not None:
        if group not in GROUPS:
            raise Usage(f"There is no group “{group}” to profile", next_step=did_you_mean(group, GROUPS))
        words += f" {GROUPS[group].words}"
        where = (*where, *GROUPS[group].where)
        conditions.append(f"({GROUPS[group].sql})")
    if place is not None:
        if place not in people.by_ward:
            raise Usage(f"There is no ward “{place}” with residents", next_step=did_you_mean(place, people.by_ward))
        code = next(code for code, name in people.names.items() if name == place)
        words += f" in {place}"
        where = (*where, ("ward", (place,)), ("ward_known", ("yes",)))
        conditions.append(f"ward_code = '{code}'")
    return Part(words, " AND ".join(conditions), where, context=limb in HOMES)


def _beside_the_borough(part_of: Slice, people: Residents, place: str) -> Table:
    """The ward's rate beside all wards': what a reader asks first."""
    inner = tuple(each for each in part_of.part.where if each[0] not in ("ward", "ward_known"))
    condition = part_of.part.condition.rpartition(" AND ward_code")[0]
    words = part_of.part.words.removesuffix(f" in {place}")
    every = Slice(part_of.question, Part(words, condition, inner), part_of.period, people, "everywhere")
    table = every.areas("ward")
    kept = tuple(cell for cell in table.cells if cell.key[0] in (place, "Total"))
    names = Dimension("ward", "Ward", (place, "Total"))
    return replace(table, dimensions=(names,), cells=kept, additive=False, name="beside")
