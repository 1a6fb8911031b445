"""Tables that most findings on people are made of: shares of a whole, rates of residents, one group beside another."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from concord.evidence.findings.build import Key, Where, added_up, additive, month_keys, with_total
from concord.evidence.findings.disproportionality import bounds, relative_rate, relative_share
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.quantiles import normal, normal_tail
from concord.evidence.findings.question import Question
from concord.evidence.findings.statistics import percent_change, rate, share
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period

NOT_KNOWN = "Not known"
UNSTATED = "Not stated"
BEYOND = "more than chance explains"


def in_words(code: object) -> str:
    """A code as readers read it: `not_possible` is “Not possible”; what is blank is not known."""
    text = "" if code is None else str(code).replace("_", " ").strip()
    return text[:1].upper() + text[1:] if text else NOT_KNOWN


def list_names(partnership: Any, name: str) -> dict[str, str]:
    """What a partnership's list of codes calls each key; empty where it has no such list."""
    rows = getattr(partnership, "codelists", {}).get(name, ())
    return {row["key"]: row["name"] for row in rows if "key" in row}


def named(codes: Iterable[object], names: Mapping[str, str] | None = None) -> dict[object, str]:
    """Words for each code, from a list of names where it has one."""
    return {code: (names or {}).get(str(code)) or in_words(code) for code in codes}


def counted(rows: Iterable[Sequence[Any]]) -> Counter[Key]:
    """Rows of categories with their count last, as counts by key; blanks are not known."""
    found: Counter[Key] = Counter()
    for *key, n in rows:
        found[tuple(NOT_KNOWN if part is None else str(part) for part in key)] += int(n)
    return found


def categories(counts: Iterable[Key], place: int = 0, first: Sequence[str] = ()) -> tuple[str, ...]:
    """Those of `first` in their order, then others met at a place of the keys; last what is not known, if met."""
    met = {key[place] for key in counts}
    others = sorted(met - set(first) - {NOT_KNOWN})
    known = [*(each for each in first if each != NOT_KNOWN), *others]
    return (*known, *((NOT_KNOWN,) if NOT_KNOWN in met else ()))


def whole(
    name: str, title: str, unit: str, n: int, *, universe: str, where: Where = (), period: Period | None = None
) -> Table:
    """One count alone: what other tables are shares of."""
    only = Dimension("all", "All", (TOTAL,))
    return Table(name, title, unit, (only,), (Cell((TOTAL,), n),), True, universe=universe, where=where, period=period)


def shared_out(
    name: str,
    title: str,
    unit: str,
    dimensions: tuple[Dimension, ...],
    counts: Mapping[Key, int],
    *,
    universe: str,
    where: Where = (),
    period: Period | None = None,
) -> Table:
    """Counts by category, each a share of all the categories of the last dimension, with Wilson's interval."""
    summed = added_up(counts, dimensions)

    def dress(key: Key, n: int) -> Cell:
        whole = (*key[:-1], TOTAL)
        base = summed[whole]
        if key[-1] == TOTAL or not base:
            return Cell(key, n)
        return Cell(key, n, base=base, estimate=share(n, base), rests_on=((name, whole),))

    return additive(
        name, title, unit, dimensions, counts, dress=dress, universe=universe, where=where, period=period
    )  # fmt: skip


def overlapping(
    name: str,
    title: str,
    unit: str,
    dimension: Dimension,
    counts: Mapping[str, int],
    within: int,
    rests_on: tuple[tuple[str, Key], ...],
    *,
    universe: str,
    where: Where = (),
) -> Table:
    """Categories of which one thing may have several, each a share of the `within` things. They do not add up.

    Nought where the whole is not known: the counts then have no share.
    """
    cells = tuple(
        Cell(
            (each,),
            counts.get(each, 0),
            base=within or None,
            estimate=share(counts.get(each, 0), within) if within else None,
            rests_on=rests_on,
        )
        for each in dimension.categories
    )
    return Table(name, title, unit, (dimension,), cells, additive=False, universe=universe, where=where)


def rates(
    name: str,
    title: str,
    unit: str,
    dimension: Dimension,
    counts: Mapping[Key, int],
    people: Mapping[str, float],
    *,
    per: float,
    of: str,
    universe: str,
    where: Where = (),
    period: Period | None = None,
) -> Table:
    """Counts by category, each over the people of that category; a category without people has no rate."""

    def dress(key: Key, n: int) -> Cell:
        population = people.get(key[0])
        if not population:
            return Cell(key, n)
        return Cell(key, n, population=float(population), estimate=rate(n, population, per=per, of=of))

    return additive(
        name, title, unit, (dimension,), counts, dress=dress, per=per, universe=universe, where=where, period=period
    )


def by_quarter(
    name: str, title: str, unit: str, days: Mapping[Key, int], period: Period, *, universe: str, where: Where = ()
) -> Table:
    """Counts of months (`YYYY-MM`) added up to the whole quarters within `period`; other months are left out."""
    months = set(month_keys(period))
    met: dict[str, list[str]] = {}
    for month in sorted(months):
        met.setdefault(f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}", []).append(month)
    quarters = {quarter: found for quarter, found in met.items() if len(found) == 3}
    counts = {(quarter,): sum(days.get((month,), 0) for month in found) for quarter, found in quarters.items()}
    dimension = with_total("quarter", "Quarter", tuple(quarters))
    return additive(name, title, unit, (dimension,), counts, universe=universe, where=where, period=period)


def beside(
    name: str,
    title: str,
    unit: str,
    dimension: Dimension,
    events: Mapping[str, int],
    bases: Mapping[str, float],
    reference: str,
    words: str,
    *,
    counted_in: str,
    within: str = "",
    universe: str,
    where: Where = (),
    period: Period | None = None,
    key_of: Mapping[str, Key] | None = None,
) -> Table:
    """Each category's rate over that of `reference`, with how far the unstated could move it.

    `within` names the table that the bases are cells of, where the base is the stage before and not residents: the
    ratio is then one of shares. `events` may count `UNSTATED`. Categories are never put in order of their ratios. Where
    several are compared, those beyond chance are marked at a false discovery rate of 5% over the table.
    """
    ratios = _ratios(dimension, events, bases, reference, shares=bool(within))
    beyond = _beyond_chance(ratios)
    cells = []
    key_of = key_of or {}
    unstated, everyone = events.get(UNSTATED, 0), sum(events.values())
    for each in dimension.categories:
        if each not in ratios:
            continue
        pair = (each, reference)
        rests = [(counted_in, key_of.get(who, (who,))) for who in (*pair, *((UNSTATED,) if unstated else ()))]
        if within:
            rests += [(within, (who,)) for who in pair]
        reach = bounds(
            events.get(each, 0), bases[each], events.get(reference, 0), bases[reference], unstated, everyone
        )  # fmt: skip
        labels = [BEYOND] if each in beyond else []
        if reach and unstated:
            labels.append(f"{reach.low:.1f} to {reach.high:.1f} whoever the not stated were")
        cells.append(
            Cell(
                (each,), events.get(each, 0), estimate=_called(ratios[each], words), rests_on=tuple(rests),
                label="; ".join(labels),
            )
        )  # fmt: skip
    shown = replace(dimension, categories=tuple(cell.key[0] for cell in cells))
    return Table(
        name, title, unit, (shown,), tuple(cells), additive=False, universe=universe, where=where, period=period
    )


def _ratios(
    dimension: Dimension, events: Mapping[str, int], bases: Mapping[str, float], reference: str, *, shares: bool
) -> dict[str, Estimate | None]:
    """The ratio of every category that can be compared: one with a base, and neither the reference nor unstated."""
    found: dict[str, Estimate | None] = {}
    of, over = events.get(reference, 0), bases.get(reference, 0.0)
    for each in dimension.categories:
        if each in (reference, UNSTATED, NOT_KNOWN, TOTAL) or not bases.get(each) or not over:
            continue
        here = events.get(each, 0), bases[each]
        found[each] = relative_share(here[0], int(here[1]), of, int(over)) if shares else relative_rate(*here, of, over)
    return found


def _beyond_chance(ratios: Mapping[str, Estimate | None]) -> frozenset[str]:
    """The categories whose ratio chance does not explain, 5% of which are expected to be false (Benjamini-Hochberg)."""
    p = {}
    for name, ratio in ratios.items():
        spread = ratio.interval if ratio else None
        if ratio and spread and ratio.value > 0 and 0 < spread.low < spread.high < math.inf:
            error = math.log(spread.high / spread.low) / (2 * normal((1 + spread.level) / 2))
            p[name] = 2 * normal_tail(abs(math.log(ratio.value)) / error)
    ranked = sorted(p, key=lambda name: p[name])
    passed = [place for place, name in enumerate(ranked, start=1) if p[name] <= 0.05 * place / len(ranked)]
    return frozenset(ranked[: max(passed, default=0)])


def _called(estimate: Estimate | None, unit: str) -> Estimate | None:
    return None if estimate is None else replace(estimate, unit=unit)


def against_before(
    name: str,
    title: str,
    unit: str,
    now: int,
    before: int,
    period: Period,
    earlier: Period,
    counted_in: str,
    *,
    universe: str,
    where: Where = (),
) -> tuple[Table, ...]:
    """The change on an earlier period of like length, and that period's count for it to rest on; none of no count."""
    if not before:
        return ()
    only = Dimension("all", "All", (TOTAL,))
    change = Cell(
        (TOTAL,),
        now,
        base=before,
        estimate=percent_change(now, before),  # the same months, so that a reader's own sum agrees
        rests_on=((counted_in, (TOTAL,)), ("before", (TOTAL,))),
    )
    return (
        Table("before", f"{title}, {earlier.label}", unit, (only,), (Cell((TOTAL,), before),), True, universe=universe,
              where=where, period=earlier),
        Table(name, f"{title}, {period.label} against {earlier.label}", unit, (only,), (change,), additive=False,
              universe=universe, where=where),
    )  # fmt: skip


def answer(
    question: Question,
    name: str,
    asked: str,
    tables: Sequence[Table],
    *,
    base: str,
    period: Period,
    source: str,
    method: str,
    cannot_say: tuple[str, ...],
    source_class: str,
    parameters: Mapping[str, object] | None = None,
    facts: Mapping[str, float] | None = None,
    definition_version: str | None = None,
) -> Finding:
    """The finding, with the lineage of all that `question` asked."""
    return Finding(
        name=name,
        question=asked,
        tables=tuple(tables),
        base=base,
        period=period,
        source=source,
        method=method,
        lineage=question.lineage(name, method, parameters or {}, definition_version),
        cannot_say=cannot_say,
        source_class=source_class,
        facts=dict(facts or {}),
        synthetic=question.synthetic,
    )
