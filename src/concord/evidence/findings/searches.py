"""Tables of what befalls groups of people at the hands of an authority: how often for each resident, and what comes of
it. Whoever counts searches, strip searches or force makes the same tables with the same care for what is not stated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from concord.evidence.findings.build import Key, Where, added_up, additive, with_total
from concord.evidence.findings.disproportionality import bounds, relative_rate, relative_share
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Table
from concord.evidence.findings.statistics import rate, share
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period

REFERENCE, UNSTATED = "White", "Not stated"
FOUND, NOTHING = "Found what was looked for", "Something else, or nothing"
PER = 1_000.0
FEW_UNSTATED = 10


@dataclass(frozen=True, slots=True)
class Words:
    """How one kind of event is spoken of. `noun` begins a title (Searches), `unit` stands in a sentence (searches)."""

    noun: str
    unit: str
    group: str
    came: str
    found: str = FOUND
    nothing: str = NOTHING
    rate_of: str = "find rate"
    per: float = PER
    outcome: str = ""
    """The title of what came of it, where not “What searches found”."""
    by: str = "ethnic group"
    """How the group is told, in titles: where one finding makes the tables twice, the two differ here."""


def tables(
    counts: Mapping[Key, int],
    names: tuple[str, ...],
    bases: Mapping[str, tuple[str, Mapping[str, int]]],
    now: Period,
    words: Words,
    *,
    universe: str,
    where: Where = (),
    suffix: str = "",
) -> tuple[Table, ...]:
    """`counts` by (group, found or nothing), for the groups `names` and those not stated.

    `bases`: for each suffix of a table's name, words for a base and its people by group; the first carries the rates.
    Tables: searched, relative_rate with each base, found, relative_finds. `suffix` ends each name, where one finding
    makes them twice.
    """
    given = with_total(f"ethnicity{suffix}", words.group, (*names, UNSTATED))
    what = with_total("found", words.came, (words.found, words.nothing))
    by_both = added_up(counts, (given, what))
    events = {name: by_both[name, TOTAL] for name in given.categories}
    hits = {name: by_both[name, words.found] for name in given.categories}
    residents = next(iter(bases.values()))[1]
    searched, found = f"searched{suffix}", f"found{suffix}"

    def per_resident(key: Key, n: int) -> Cell:
        people = residents.get(key[0])
        if not people:
            return Cell(key, n)
        return Cell(key, n, population=float(people), estimate=rate(n, people, per=words.per))

    def finds(key: Key, n: int) -> Cell:
        base = events[key[0]]
        if key[1] != words.found or not base:
            return Cell(key, n)
        return Cell(key, n, base=base, estimate=share(n, base), rests_on=((searched, (key[0],)),))

    others = tuple(name for name in names if name != REFERENCE)
    groups = replace(given, categories=others)
    compared = tuple(
        _relative(f"relative_rate{name}{suffix}", of, base, events, groups, searched, now, words, universe, where)
        for name, (of, base) in bases.items()
    )
    return (
        additive(
            searched,
            f"{words.noun} by {words.by}, {now.label}",
            words.unit,
            (given,),
            {(name,): events[name] for name in (*names, UNSTATED)},
            dress=per_resident,
            per=words.per,
            universe=universe,
            where=where,
            period=now,
        ),
        *compared,
        additive(
            found,
            f"{words.outcome or f'What {words.unit} found'}, by {words.by}, {now.label}",
            words.unit,
            (given, what),
            counts,
            dress=finds,
            universe=universe,
            where=where,
            period=now,
        ),
        _relative_finds(f"relative_finds{suffix}", events, hits, groups, searched, found, now, words, universe, where),
    )


def _relative(
    name: str,
    of: str,
    base: Mapping[str, int],
    events: Mapping[str, int],
    groups: Dimension,
    searched: str,
    now: Period,
    words: Words,
    universe: str,
    where: Where,
) -> Table:
    """Each group's rate on one base over that of the reference group, with what the unstated could make of it.

    Where hardly anybody's group is unstated they could make nothing of it, and bounds would only tell how few they are.
    """
    told = (UNSTATED,) if events[UNSTATED] >= FEW_UNSTATED else ()
    cells = tuple(
        Cell(
            (group,),
            events[group],
            estimate=_named(
                relative_rate(events[group], base[group], events[REFERENCE], base[REFERENCE]),
                f"times the rate of {REFERENCE} residents{of}",
            ),
            rests_on=tuple((searched, (who,)) for who in (group, REFERENCE, *told)),
            label=_reach(group, events, base) if told else "",
        )
        for group in groups.categories
        if base.get(group)
    )
    return Table(
        name,
        f"{words.noun} for each resident{of}, by {words.by}, beside {REFERENCE} residents, {now.label}",
        words.unit,
        (replace(groups, categories=tuple(cell.key[0] for cell in cells)),),
        cells,
        additive=False,
        universe=universe,
        where=where,
        period=now,
    )


def _relative_finds(
    name: str,
    events: Mapping[str, int],
    hits: Mapping[str, int],
    groups: Dimension,
    searched: str,
    found: str,
    now: Period,
    words: Words,
    universe: str,
    where: Where,
) -> Table:
    cells = tuple(
        Cell(
            (group,),
            hits[group],
            estimate=_named(
                relative_share(hits[group], events[group], hits[REFERENCE], events[REFERENCE]),
                f"times the {words.rate_of} of {REFERENCE} people",
            ),
            rests_on=tuple(
                cell for who in (group, REFERENCE) for cell in ((found, (who, words.found)), (searched, (who,)))
            ),
        )
        for group in groups.categories
        if events[group] and events[REFERENCE]
    )
    return Table(
        name,
        f"{words.noun}: {words.rate_of} by {words.by}, beside {REFERENCE} people, {now.label}",
        words.unit,
        (replace(groups, categories=tuple(cell.key[0] for cell in cells)),),
        cells,
        additive=False,
        universe=universe,
        where=(*where, ("found", (words.found,))),
        period=now,
    )


def _named(estimate: Estimate | None, unit: str) -> Estimate | None:
    return None if estimate is None else replace(estimate, unit=unit)


def _reach(name: str, events: Mapping[str, int], residents: Mapping[str, int]) -> str:
    """How far the unstated could move a ratio, in words."""
    reach = bounds(
        events[name], residents[name], events[REFERENCE], residents[REFERENCE], events[UNSTATED], events[TOTAL]
    )
    return "" if reach is None else f"{reach.low:.1f} to {reach.high:.1f} whoever the not stated were"
