"""What the findings on open, aggregated data share: the partnership's place, kinds of crime, residents, and breaks.

Open counts come by area and month, never by person: no age, no relationship, no flag. So the local definition cannot
be decided on them. They count the kinds of crime that it may hold, all ages, and say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from concord.evidence.findings.build import Where, additive, month_keys, with_total
from concord.evidence.findings.comparison import funnel_label
from concord.evidence.findings.model import TOTAL, Cell, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.shares import shared_out
from concord.evidence.findings.spc import SHOWN_FROM, signals, xmr
from concord.evidence.findings.statistics import rate
from concord.evidence.geography import Geography
from concord.evidence.geography.areas import Area
from concord.kernel.errors import BadInput, Usage
from concord.kernel.names import did_you_mean
from concord.kernel.periods import Period

UNIT = "offences"
UNDETERMINED = (
    "Open counts have no ages, no relationships and no flags, so the local definition of serious violence cannot be "
    "decided on them: kinds that it may hold are counted whole, for people of every age."
)
REPORTED = "Recorded crime is what was reported to the police and recorded: it is not all that happened."
VISITORS = "Rates are on residents, while many victims and suspects live elsewhere: a rate is not a resident's risk."
_BOROUGH = "regexp_replace(lsoa_name, ' [0-9]{3}[A-Z]$', '')"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of crime that open counts tell apart: one or more of the police's minor categories.

    `proxy`: the local definition may hold some of it. Homicides are so few that they stand with violence with injury.
    """

    key: str
    label: str
    minor: tuple[str, ...]
    proxy: bool
    below_borough: bool


def borough(partnership: Any) -> Area:
    """The borough that the partnership's own wards lie in. Raises BadInput where its list of areas has none."""
    geography = Geography.of(partnership)
    own = next(
        (area for area in geography.at("borough") if geography.within(area.code, "ward")),
        next(iter(geography.at("borough")), None),
    )
    if own is None:
        raise BadInput(
            "The partnership's list of areas names no borough.",
            next_step="Add it to codelists/areas.csv, with the wards that lie in it.",
        )
    return own


def kinds(partnership: Any) -> tuple[Kind, ...]:
    """The kinds that the folder lists, in its order."""
    rows = partnership.codelists.get("open_crime_kinds", ())
    if not rows:
        raise BadInput(
            "The partnership folder lists no kinds of crime for open counts.",
            next_step="Extend `national`, whose codelists/open_crime_kinds.csv has them.",
        )
    return tuple(
        Kind(
            row["key"],
            row["label"],
            tuple(each.strip() for each in row["minor"].split(";")),
            row["definition"] == "Y",
            row["below_borough"] == "Y",
        )
        for row in rows
    )


def chosen(partnership: Any, kind: str | None, *, below_borough: bool = False) -> tuple[tuple[Kind, ...], str]:
    """The kinds asked for, and words for them: one by its key, or all that the definition may hold.

    Raises Usage with the nearest name for a kind that is not listed, or not published below the borough.
    """
    listed = {each.key: each for each in kinds(partnership) if each.below_borough or not below_borough}
    if kind is not None and kind not in listed:
        where = " below the borough" if below_borough else ""
        raise Usage(f"No open count{where} is called “{kind}”", next_step=did_you_mean(kind, listed))
    if kind is not None:
        return (listed[kind],), listed[kind].label
    return tuple(each for each in listed.values() if each.proxy), "Kinds of serious violence"


def kind_table(question: Question, some: Iterable[Kind]) -> None:
    """A small table `kinds` (minor, label, key) to join counts with."""
    question.table("kinds", ("minor", "label", "key"), [(m, k.label, k.key) for k in some for m in k.minor])


def comparators(partnership: Any, name: str = "statistical_neighbours") -> tuple[str, ...]:
    """Names of the authorities of one set that the folder lists; empty where it lists none."""
    return tuple(row["name"] for row in partnership.codelists.get("comparators", ()) if row["set"] == name)


def residents_by_borough(question: Question) -> dict[str, int]:
    """Usual residents at Census 2021; `census_2021_population` must be in use."""
    rows = question.rows(f"SELECT {_BOROUGH}, sum(residents)::BIGINT FROM census_2021_population GROUP BY 1 ORDER BY 1")
    return {str(name): int(n) for name, n in rows}


def residents_by_lsoa(question: Question, name: str | None = None) -> dict[str, int]:
    """Usual residents at Census 2021 by LSOA code, of one borough where `name` says so."""
    where = f"WHERE {_BOROUGH} = $borough" if name else ""
    rows = question.rows(
        f"SELECT lsoa_code, sum(residents)::BIGINT FROM census_2021_population {where} GROUP BY 1 ORDER BY 1",
        {"borough": name},
    )
    return {str(code): int(n) for code, n in rows}


def residents_by_ward(question: Question, geography: Geography, own: Area) -> dict[str, int]:
    """Usual residents at Census 2021 by ward name, LSOAs put into wards by the office's best fit.

    `census_2021_population` and `lookup_lsoa_2021_to_ward_2024` must be in use.
    """
    rows = question.rows(
        "SELECT ward24_code, sum(residents)::BIGINT FROM census_2021_population p "
        "JOIN lookup_lsoa_2021_to_ward_2024 l ON l.lsoa21_code = p.lsoa_code GROUP BY 1 ORDER BY 1"
    )
    found = {str(code): int(n) for code, n in rows}
    return {ward.name: found[ward.code] for ward in geography.within(own.code, "ward") if ward.code in found}


def breaks(partnership: Any, period: Period, *datasets: str) -> tuple[str, ...]:
    """What changed in the series of these datasets within `period`, as sentences, oldest first."""
    first, last = f"{period.start:%Y-%m}", f"{period.end:%Y-%m}"
    rows = [row for row in partnership.codelists.get("series_breaks", ()) if row["dataset"] in datasets]
    rows = sorted((row for row in rows if first <= row["month"] <= last), key=lambda row: row["month"])
    months = ((date.fromisoformat(f"{row['month']}-01"), row["what"]) for row in rows)
    return tuple(dict.fromkeys(f"A break in {month:%B %Y}: {what[:1].lower()}{what[1:]}." for month, what in months))


def within(own: Area, some: Iterable[Kind] = ()) -> Where:
    """What confines a table to one borough, and to some kinds where not to all."""
    where: list[tuple[str, tuple[str, ...]]] = [("borough", (own.name,))]
    labels = tuple(each.label for each in some)
    return (*where, ("kind", labels)) if labels else tuple(where)


def held(question: Question, dataset: str, period: Period, months: int = 12, column: str = "month") -> Period:
    """The last `months` months up to the end of `period` that the dataset holds without a gap.

    Only the end of `period` matters, so that the same finding comes out when it is asked for its own period.
    Raises BadInput where the dataset holds nothing by then.
    """
    rows = question.rows(
        f'SELECT DISTINCT date_trunc(\'month\', "{column}")::DATE FROM "{dataset}" WHERE "{column}" <= $end '
        "ORDER BY 1 DESC",
        {"end": period.end},
    )
    if not rows:
        raise BadInput(
            f"Dataset “{dataset}” holds nothing up to {period.end:%B %Y}.",
            next_step=f"Load what came before: concord load {dataset} FILE",
        )
    first = last = rows[0][0]
    for (month,) in rows[1:months]:
        if Period.month(month.year, month.month).end + timedelta(days=1) != first:
            break  # a month that nobody sent is not a month in which nothing happened
        first = month
    return Period(first, min(period.end, Period.month(last.year, last.month).end))


def financial_years(period: Period, first: date, years: int = 5) -> tuple[Period, ...]:
    """The last whole financial years that end within `period` and do not start before `first`, oldest first."""
    latest = period.end.year - (1 if period.end >= date(period.end.year, 3, 31) else 2)
    found = [Period.financial_year(latest - back) for back in range(years)]
    return tuple(reversed([year for year in found if year.start >= first]))


def year_name(year: Period) -> str:
    """How a financial year is named as a category: 2024/25."""
    return f"{year.start.year}/{(year.start.year + 1) % 100:02d}"


def monthly(
    title: str, unit: str, period: Period, counts: Mapping[str, int], *, universe: str, where: Where = ()
) -> tuple[Table, dict[str, float]]:
    """The table `months` with XmR marks, and the limits as facts. Months without a row count nought."""
    names = month_keys(period)
    values = [counts.get(month, 0) for month in names]
    limits = xmr(values)
    marks = dict(zip(names, signals(values, limits), strict=True)) if limits else {}
    table = additive(
        "months",
        title,
        unit,
        (with_total("month", "Month", names),),
        {(month,): n for month, n in zip(names, values, strict=True)},
        dress=lambda key, n: Cell(key, n, label=marks.get(key[0], "")),
        universe=universe,
        where=where,
        period=period,
    )
    facts = {"points": float(len(names)), "points_needed": float(SHOWN_FROM)}
    if limits:
        facts |= {"mean": limits.mean, "lower_limit": limits.low, "upper_limit": limits.high}
    return table, facts


XMR = (
    "Months with XmR limits: mean ± 2.66 × mean moving range, moving ranges above 3.267 times the mean screened out "
    "first (NHS Making Data Count); no limits on fewer than three months."
)


def ward_names(geography: Geography, own: Area) -> dict[str, str]:
    """Names of the borough's wards by code."""
    return {ward.code: ward.name for ward in geography.within(own.code, "ward")}


def ward_table(
    title: str,
    unit: str,
    found: Mapping[str, int],
    people: Mapping[str, int],
    period: Period,
    *,
    universe: str,
    where: Where = (),
    per: float = 1_000.0,
) -> Table:
    """Wards by rate on residents, each marked where chance does not explain its distance from the borough's rate."""
    return _funnel("wards", "ward", "Ward", title, unit, found, people, "the borough", period, universe, where, per)


def borough_table(
    title: str,
    unit: str,
    found: Mapping[str, int],
    people: Mapping[str, int],
    period: Period,
    *,
    universe: str,
    where: Where = (),
    per: float = 1_000.0,
) -> Table:
    """Boroughs by rate on residents, marked against London's: those that `found` has and whose residents are known."""
    some = {name: n for name, n in found.items() if name in people}
    lives = {name: people[name] for name in sorted(some)}
    return _funnel("boroughs", "borough", "Borough", title, unit, some, lives, "London", period, universe, where, per)


def _funnel(
    name: str,
    dimension: str,
    label: str,
    title: str,
    unit: str,
    found: Mapping[str, int],
    people: Mapping[str, int],
    whole: str,
    period: Period,
    universe: str,
    where: Where,
    per: float,
) -> Table:
    everyone = sum(people.values())
    average = sum(found.get(place, 0) for place in people) / everyone

    def dress(key: tuple[str, ...], n: int) -> Cell:
        residents = everyone if key == (TOTAL,) else people[key[0]]
        mark = "" if key == (TOTAL,) or not average else funnel_label(n, average * residents, whole)
        return Cell(key, n, population=float(residents), estimate=rate(n, residents, per=per), label=mark)

    return additive(
        name,
        title,
        unit,
        (with_total(dimension, label, tuple(people)),),
        {(place,): found.get(place, 0) for place in people},
        dress=dress,
        per=per,
        universe=universe,
        where=where,
        period=period,
    )


def shares(
    name: str,
    title: str,
    unit: str,
    dimension: tuple[str, str],
    found: Mapping[str, int],
    *,
    universe: str,
    where: Where = (),
    period: Period | None = None,
) -> Table:
    """One dimension of categories with each one's share of all, Wilson limits."""
    return shared_out(
        name,
        title,
        unit,
        (with_total(*dimension, tuple(found)),),
        {(category,): n for category, n in found.items()},
        universe=universe,
        where=where,
        period=period,
    )
