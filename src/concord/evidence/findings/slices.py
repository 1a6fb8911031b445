"""What the findings on one part of recorded crime share: its kinds, months, wards and change, counted alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import (
    Key,
    Where,
    additive,
    last_months,
    month_keys,
    of_whole,
    with_total,
    year_before,
)
from concord.evidence.findings.comparison import funnel_label
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.residents import Residents, one_vintage, residents
from concord.evidence.findings.spc import SHOWN_FROM, signals, xmr
from concord.evidence.findings.statistics import percent_change, rate
from concord.evidence.geography import Geography
from concord.kernel.periods import Period

PER = 1_000.0
METHOD = (
    "Offences recorded in the last twelve months of the period, per 1,000 residents; exact Poisson limits under ten "
    "events, Byar's approximation at ten or more. Shares with Wilson intervals. Change against the same months a year "
    "before with a log-Wald interval of the ratio."
)
MARKS = (
    " Months with XmR limits (NHS Making Data Count): no limits and no mark on fewer than three months. Areas are "
    "marked where exact 95% (or 99.8%: “far”) limits leave out the number expected at the borough's rate."
)
NO_MARKS = " More of it may be more that is reported or looked for: neither months nor areas are marked."
UNDER_25 = "CASE WHEN crime_ref IN (SELECT crime_ref FROM crime_persons WHERE role = 'victim' AND age < 25) "
VICTIM_AGES = ("A victim under 25", "A victim of 25 or over", "Age of no victim known")
VICTIM_AGE = f"""{UNDER_25} THEN '{VICTIM_AGES[0]}'
    WHEN crime_ref IN (SELECT crime_ref FROM crime_persons WHERE role = 'victim' AND age >= 25) THEN '{VICTIM_AGES[1]}'
    ELSE '{VICTIM_AGES[2]}' END"""
"""A victim under 25 first: an offence with victims on both sides is counted once, as harm to the young."""
VERDICTS = ("in", "undetermined", "out")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of recorded crime. `condition` is SQL on the view `offences`; `where` the same in words, for tables.

    `words` begin the titles of its tables. `context`: neither more nor less of it is better, so nothing is marked.
    """

    words: str
    condition: str
    where: Where
    context: bool = False


@dataclass(frozen=True, slots=True)
class By:
    """A dimension and the SQL on `part` that says in which of `categories` an offence falls; never null."""

    name: str
    label: str
    sql: str
    categories: tuple[str, ...] = ()

    def over(self, found: set[str]) -> Dimension:
        """The categories in their order, or those found in the alphabet's; then the total."""
        return with_total(self.name, self.label, self.categories or tuple(sorted(found)))


OFFENCE = By("offence_group", "Offence group", f"coalesce(offence_group, '{violence.NO_NAME}')")
SUBGROUP = By("offence_subgroup", "Kind of offence", f"coalesce(subgroup, '{violence.NO_NAME}')")
VERDICT = By("verdict", "Verdict of the definition", "verdict", VERDICTS)
AGE_OF_VICTIM = By("victim_age_25", "Age of victims", VICTIM_AGE, VICTIM_AGES)


@dataclass
class Slice:
    """Tables of one part over the last twelve months of `period`, from one pass over recorded crime."""

    question: Question
    part: Part
    period: Period
    people: Residents
    relation: str = "part"
    now: Period = field(init=False)

    def __post_init__(self) -> None:
        self.now = last_months(self.period, 12)
        self.question.keep(self.relation, f"SELECT * FROM offences WHERE {self.part.condition}")

    def beside(self, part: Part) -> Slice:
        """The same of another part, for what has to be compared with this one."""
        return Slice(self.question, part, self.period, self.people, f"{self.relation}_beside")

    def counts(self, sql: Sequence[str], period: Period | None = None, also: str = "TRUE") -> dict[Key, int]:
        """Offences of the part by what each of `sql` says of them."""
        when = period or self.now
        rows = self.question.rows(
            f"SELECT {', '.join(sql)}, count(*) FROM {self.relation} WHERE ({also}) "
            "AND recorded_on BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL",
            {"start": when.start, "end": when.end},
        )
        return {tuple(row[:-1]): row[-1] for row in rows}

    def rates(self, by: By = OFFENCE, *, name: str = "rate", period: Period | None = None) -> Table:
        """Offences by `by` with rates on residents."""
        when = period or self.now
        counts = self.counts([by.sql], when)
        names = {key[0] for key in counts}
        if by is OFFENCE:
            by = replace(by, categories=violence.in_order(names))
        return additive(
            name,
            f"{self.part.words} by {by.label.lower()}, {when.label}",
            violence.UNIT,
            (by.over(names),),
            counts,
            dress=lambda key, n: Cell(key, n, population=self.people.all, estimate=rate(n, self.people.all, per=PER)),
            per=PER,
            universe=violence.UNIVERSE,
            where=self.part.where,
            period=when,
        )

    def shares(self, name: str, words: str, *bys: By, where: Where = (), also: str = "TRUE") -> Table:
        """Offences by one dimension or two, each as a share of all of them. `where` and `also` narrow the part."""
        counts = self.counts([by.sql for by in bys], also=also)
        dimensions = tuple(by.over({key[place] for key in counts}) for place, by in enumerate(bys))
        return additive(
            name,
            f"{self.part.words} {words}, {self.now.label}",
            violence.UNIT,
            dimensions,
            counts,
            dress=of_whole(name, sum(counts.values())),
            universe=violence.UNIVERSE,
            where=(*self.part.where, *where),
            period=self.now,
        )

    def months(self) -> tuple[Table, dict[str, float]]:
        """Every month of the whole period, marked where it is no ordinary variation; and the limits, as facts."""
        found = self.counts(["strftime(recorded_on, '%Y-%m')"], self.period)
        names = month_keys(self.period)
        counts = [found.get((name,), 0) for name in names]
        facts: dict[str, float] = {"points": float(len(names)), "points_needed": float(SHOWN_FROM)}
        limits = None if self.part.context else xmr(counts)
        marks = dict(zip(names, signals(counts, limits), strict=True)) if limits else {}
        if limits:
            facts |= {"mean": limits.mean, "lower_limit": limits.low, "upper_limit": limits.high}
        table = additive(
            "months",
            f"{self.part.words} by month, {self.period.label}",
            violence.UNIT,
            (with_total("month", "Month", names),),
            {(name,): n for name, n in zip(names, counts, strict=True)},
            dress=lambda key, n: Cell(key, n, label=marks.get(key[0], "")),
            universe=violence.UNIVERSE,
            where=self.part.where,
            period=self.period,
        )
        return table, facts

    def areas(self, level: str = "ward") -> Table:
        """Wards (or neighbourhoods) with rates on their residents, marked where chance does not explain them.

        Raises Refused where offences lie in wards that the population estimate does not have.
        """
        found = {key[0]: n for key, n in self.counts(["ward_code"]).items() if key[0]}
        one_vintage({code: n for code, n in found.items() if code not in self.people.names}, self.people)
        by_ward = {self.people.names[code]: n for code, n in found.items()}
        whole = sum(by_ward.values()) / self.people.all
        persons: dict[str, int] = dict(self.people.by_ward)
        dimension = with_total("ward", "Ward", tuple(self.people.by_ward))
        counts: dict[Key, int] = {(name,): n for name, n in by_ward.items()}
        if level == "neighbourhood":
            hoods = self.people.neighbourhoods
            persons = {name: sum(self.people.by_ward[w] for w in wards) for name, wards in hoods.items()}
            counts = {(name,): sum(by_ward.get(w, 0) for w in wards) for name, wards in hoods.items()}
            dimension = Dimension(
                "neighbourhood", "Neighbourhood", (*hoods, TOTAL), of="ward", groups=tuple(hoods.items())
            )

        def dress(key: Key, n: int) -> Cell:
            people = self.people.all if key == (TOTAL,) else persons[key[0]]
            marked = key != (TOTAL,) and whole > 0 and not self.part.context
            label = funnel_label(n, whole * people) if marked else ""
            return Cell(key, n, population=people, estimate=rate(n, people, per=PER), label=label)

        return additive(
            f"{level}s",
            f"{self.part.words} by {level}, {self.now.label}",
            violence.UNIT,
            (dimension,),
            counts,
            dress=dress,
            per=PER,
            universe=violence.UNIVERSE,
            where=(*self.part.where, ("ward_known", ("yes",))),
            period=self.now,
        )

    def change(self, now: Table, by: By) -> list[Table]:
        """The year before beside `now` (the table of `rates(by)`), and the change; nothing where not recorded."""
        before = year_before(self.now)
        if not violence.holds(self.question, before):
            return []
        (dimension,) = now.dimensions
        counted = self.counts([by.sql], before)
        more = sorted(key[0] for key in counted if key[0] not in dimension.categories)
        then = replace(by, categories=(*dimension.categories[:-1], *more))
        earlier = self.rates(then, name="before", period=before)
        these, those = ({cell.key: cell.count for cell in table.cells} for table in (now, earlier))
        cells = tuple(
            Cell(key, n, base=those[key], estimate=percent_change(n, those[key]), rests_on=(("before", key),))
            for key, n in these.items()
        )
        title = f"{self.part.words}: change from {before.label} to {self.now.label}"
        changed = Table(
            "change", title, violence.UNIT, (dimension,), cells, additive=False,
            universe=violence.UNIVERSE, where=self.part.where, period=self.now,
        )  # fmt: skip
        return [earlier, changed]


def answer(
    store: Store,
    partnership: Any,
    period: Period,
    part: Part,
    *,
    name: str,
    asks: str,
    cannot_say: tuple[str, ...],
    base: str,
    kinds: By = OFFENCE,
    level: str = "ward",
    also: Callable[[Slice], Sequence[Table]] = lambda _slice: (),
    method: str = METHOD,
    source: str = violence.SOURCE,
    use: Sequence[str] = (),
    parameters: Mapping[str, object] | None = None,
) -> Finding:
    """The finding on one part of recorded crime: rate by kind, verdict, months, areas, change, and what `also` adds."""
    with violence.ask(store, "population", *dict.fromkeys(("crime_persons", *use))) as question:
        violence.name_offences(question)
        people = residents(question, Geography.of(partnership))
        part_of = Slice(question, part, period, people)
        kinds_now = part_of.rates(kinds)
        months, facts = part_of.months()
        tables = (
            kinds_now,
            *(() if part.where == violence.IN else (part_of.shares("definition", "by verdict", VERDICT),)),
            months,
            part_of.areas(level),
            *part_of.change(kinds_now, kinds),
            *also(part_of),
        )
        how = method + (NO_MARKS if part.context else MARKS)
        return Finding(
            name=name,
            question=asks,
            tables=tables,
            base=base,
            period=period,
            source=f"{source}; population estimates, vintage {people.vintage}",
            method=how,
            lineage=question.lineage(name, how, parameters or {}, violence.version(question)),
            cannot_say=(*violence.CANNOT_SAY, *cannot_say),
            facts=facts,
            synthetic=question.synthetic,
        )
