"""Any measure that an agency counted itself and sent as a return: its value, change, groups, and who stands where.

One finding for all of them, so that a new measure of that kind is one indicator file and no code. What a measure is
(a share, a rate, a count or a mean) the file says in its parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from concord.evidence.datasets.store import Store
from concord.evidence.findings.build import last_months, year_before
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.reoffending import difference
from concord.evidence.findings.shares import NOT_KNOWN, UNSTATED, answer, beside, in_words
from concord.evidence.findings.statistics import percent_change, rate, share
from concord.kernel.errors import BadInput, Usage
from concord.kernel.measures import Estimate
from concord.kernel.names import did_you_mean
from concord.kernel.periods import Period

NAME = "reported_measure"
Kind = Literal["share", "rate", "count", "mean", "amount"]
KINDS = ("share", "rate", "count", "mean", "amount")
"""An `amount` is a share of something that comes in no separate pieces (minutes): it has no interval."""
OVER = ("year", "latest")
ALL = "all"
METHOD = (
    "As the agency counted and returned it: numerator and denominator added up over the returns of the last twelve "
    "months "
    "of the period, or the latest return, as the measure is. Shares: Wilson intervals. Rates: Byar's, exact below ten. "
    "Groups beside a reference: ratio with a log-Wald interval, exact below ten; a false discovery rate of 5%. Change: "
    "in percentage points for shares (Newcombe), in per cent for the others (log-Wald)."
)


@dataclass(frozen=True, slots=True)
class Counted:
    """Numerator and denominator of one category; the denominator is None for a plain count."""

    part: int
    whole: float | None


def find(
    store: Store,
    partnership: Any,
    period: Period,
    *,
    returned: str = "",
    measure: str = "",
    kind: Kind = "share",
    counted: str = "cases",
    of: str = "",
    per: float = 1_000.0,
    over: str = "year",
    reference: str = "",
    source_class: str = "desk",
) -> Finding:
    """`measure` of the return `returned` (a dataset).

    `counted` is what the numerator counts, `of` what the denominator does; `per` scales a rate. `over` is `year` (all
    returns of the last twelve months) or `latest` (the newest return, for figures of a year or more). `reference` is
    the category that others of its breakdown are set beside. Raises Usage for a measure, kind or reference that is not
    there (with the nearest), BadInput where no return of it lies in `period`.
    """
    for name, given, known in (("kind", kind, KINDS), ("over", over, OVER)):
        if given not in known:
            raise Usage(f"A reported measure has no {name} “{given}”", next_step=did_you_mean(given, known))
    if not returned:
        raise Usage("Say which return the measure is in", next_step='Give returned = "…", the name of its dataset.')
    title = in_words(measure)
    with Question(store, returned) as question:
        held = [str(row[0]) for row in question.rows(f"SELECT DISTINCT measure FROM {returned} ORDER BY 1")]
        if measure not in held:
            raise Usage(f"The return “{returned}” holds no measure “{measure}”", next_step=did_you_mean(measure, held))
        asked = last_months(period, 12) if over == "year" else period
        now, rows = _read(question, returned, measure, asked, latest=over == "latest")
        if now is None:
            raise BadInput(
                f"No return of “{measure}” lies in {asked.label}", next_step=f"Load one: concord load {returned} FILE"
            )
        before = year_before(now)
        then, earlier = _read(question, returned, measure, before, latest=False)
        facts = _Facts(returned, title, kind, counted, of, per, now)
        tables = facts.tables(rows, reference)
        if then == before:
            tables += facts.change(rows[ALL][TOTAL], earlier[ALL][TOTAL], before)
        return answer(
            question,
            NAME,
            f"What was returned for “{title[:1].lower()}{title[1:]}”?",
            tables,
            base=f"{in_words(counted)}" + (f", of {of}" if of else "") + ", as the agency counted them",
            period=period,
            source=f"Returns of the agencies: {in_words(returned).lower()}",
            method=METHOD,
            cannot_say=(
                "How it was counted is the agency's: what is not in its records is not in the figure.",
                "Agencies that sent nothing are not in it.",
            ),
            source_class=source_class,
            parameters={
                "returned": returned, "measure": measure, "kind": kind, "counted": counted, "of": of, "per": per,
                "over": over, "reference": reference, "source_class": source_class,
            },
        )  # fmt: skip


def _read(
    question: Question, returned: str, measure: str, period: Period, *, latest: bool
) -> tuple[Period | None, dict[str, dict[str, Counted]]]:
    """Counts by breakdown and category of the returns that lie in `period` (of the newest alone), and their days.

    Raises BadInput where no line of a return is of everybody.
    """
    only = f" AND to_day = (SELECT max(to_day) FROM {returned} WHERE measure = $measure AND to_day <= $end)"
    rows = question.rows(
        f"SELECT breakdown, category, sum(numerator)::BIGINT, sum(denominator)::DOUBLE, min(from_day), max(to_day) "
        f"FROM {returned} WHERE measure = $measure AND to_day <= $end"
        + (only if latest else " AND from_day >= $start")
        + " GROUP BY 1, 2 ORDER BY 1, 2",
        {"measure": measure, "start": period.start, "end": period.end},
    )
    if not rows:
        return None, {}
    found: dict[str, dict[str, Counted]] = {}
    for breakdown, category, part, whole, *_ in rows:
        name = TOTAL if breakdown == ALL else NOT_KNOWN if category is None else in_words(category)
        found.setdefault(str(breakdown), {})[name] = Counted(int(part), whole)
    if ALL not in found:
        raise BadInput(
            f"The return of “{measure}” has groups and no line for everybody",
            next_step=f'Send a line whose breakdown is “{ALL}” beside them.',
        )  # fmt: skip
    return Period(min(row[4] for row in rows), max(row[5] for row in rows)), found


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a measure is, for its tables."""

    returned: str
    title: str
    kind: Kind
    counted: str
    of: str
    per: float
    now: Period

    @property
    def universe(self) -> str:
        return f"{self.returned}: {self.title}"

    def tables(self, rows: Mapping[str, Mapping[str, Counted]], reference: str) -> list[Table]:
        """The value, each breakdown, and groups beside the reference."""
        made: list[Table] = []
        for breakdown, counts in sorted(rows.items(), key=lambda each: (each[0] != ALL, each[0])):
            name = "value" if breakdown == ALL else f"by_{breakdown}"
            whole = rows[ALL][TOTAL]
            shown = dict(counts) if breakdown == ALL else {**counts, TOTAL: whole}
            label = "All" if breakdown == ALL else in_words(breakdown)
            dimension = Dimension(breakdown, label, tuple(shown))
            additive = sum(n.part for key, n in shown.items() if key != TOTAL) == whole.part or breakdown == ALL
            of = "" if breakdown == ALL else f" by {label.lower()}"
            if self.kind in ("share", "mean", "amount") and any(n.whole is not None for n in shown.values()):
                wholes = {(key,): int(n.whole or 0) for key, n in shown.items()}
                fits = breakdown == ALL or sum(n for key, n in wholes.items() if key != (TOTAL,)) == wholes[TOTAL,]
                made.append(
                    Table(f"{name}_of", f"{self.title}{of}: {self.of or 'of whom'}, {self.now.label}",
                          self.of or self.counted, (dimension,), tuple(Cell(key, n) for key, n in wholes.items()), fits,
                          universe=f"{self.universe}, of whom", period=self.now)
                )  # fmt: skip
            cells = tuple(self._cell(name, key, n) for key, n in shown.items())
            per = self.per if self.kind == "rate" else None
            made.append(
                Table(name, f"{self.title}{of}, {self.now.label}", self.counted, (dimension,), cells, additive, per,
                      self.universe, period=self.now)
            )  # fmt: skip
            if reference and in_words(reference) in shown and breakdown != ALL:
                made.append(self._beside(name, dimension, shown, in_words(reference), label))
        if reference and not any(in_words(reference) in counts for counts in rows.values()):
            known = sorted({each for key, counts in rows.items() if key != ALL for each in counts})
            raise Usage(f"No group of “{self.title}” is called “{reference}”", next_step=did_you_mean(reference, known))
        return made

    def _cell(self, table: str, key: str, n: Counted) -> Cell:
        if self.kind == "count" or not n.whole:
            return Cell((key,), n.part)
        if self.kind == "rate":
            made = rate(n.part, n.whole, per=self.per, of=self.of or "residents")
            if self.per == 1:  # one of what is counted over needs no number
                made = replace(made, unit=f"per {self.of}")
            return Cell((key,), n.part, population=n.whole, estimate=made)
        rests = ((f"{table}_of", (key,)),)
        if self.kind == "mean":
            return Cell((key,), n.part, estimate=Estimate(n.part / n.whole, self.counted, None, "mean"), rests_on=rests)
        if n.part > n.whole:
            raise BadInput(
                f"More {self.counted} than {self.of or 'in all'} were returned for “{self.title}”, {key}",
                why=f"{n.part:,} of {n.whole:,.0f} is no share.",
                next_step="Ask the agency to correct its return and load it again.",
            )
        part = share(n.part, n.whole)
        if self.kind == "amount":
            part = replace(part, interval=None, method="share of an amount")
        return Cell((key,), n.part, base=int(n.whole), estimate=part, rests_on=rests)

    def _beside(
        self, name: str, dimension: Dimension, shown: Mapping[str, Counted], reference: str, label: str
    ) -> Table:
        """Each group beside the reference; those whose group was not stated are missing, not a group."""
        events = {UNSTATED if key == NOT_KNOWN else key: n.part for key, n in shown.items() if key != TOTAL}
        bases = {key: float(n.whole) for key, n in shown.items() if n.whole and key not in (TOTAL, NOT_KNOWN, UNSTATED)}
        return beside(
            f"beside_{name.removeprefix('by_')}",
            f"{self.title} by {label.lower()}, beside {reference}, {self.now.label}",
            self.counted, dimension, events, bases, reference, f"times the rate of {reference}", counted_in=name,
            within=f"{name}_of" if self.kind == "share" else "", universe=self.universe, period=self.now,
            key_of={UNSTATED: (UNSTATED if UNSTATED in shown else NOT_KNOWN,)},
        )  # fmt: skip

    def change(self, here: Counted, then: Counted, before: Period) -> list[Table]:
        """The change on the same days of the year before, and what it rests on; none where there is none to give."""
        if self.kind == "share" and here.whole and then.whole:
            estimate = difference(here.part, int(here.whole), then.part, int(then.whole))
        elif self.kind == "count" or self.kind == "rate":
            people = {"days_now": here.whole, "days_before": then.whole} if here.whole and then.whole else {}
            moved = percent_change(here.part, then.part, **people)
            if moved is None:
                return []
            estimate = moved
        else:
            return []
        only = Dimension(ALL, "All", (TOTAL,))
        wholes = [] if self.kind != "share" else [
            Table("before_of", f"{self.title}: {self.of or 'of whom'}, {before.label}", self.of or self.counted,
                  (only,), (Cell((TOTAL,), int(then.whole or 0)),), True, universe=f"{self.universe}, of whom",
                  period=before),
        ]  # fmt: skip
        rests = tuple(
            (table, (TOTAL,))
            for table in ("value", "before", *(("value_of", "before_of") if self.kind == "share" else ()))
        )
        return [
            *wholes,
            Table("before", f"{self.title}, {before.label}", self.counted, (only,), (Cell((TOTAL,), then.part),), True,
                  universe=self.universe, period=before),
            Table("change", f"{self.title}, {self.now.label} against {before.label}", self.counted, (only,),
                  (Cell((TOTAL,), here.part, estimate=estimate, rests_on=rests),), additive=False,
                  universe=self.universe, period=self.now),
        ]  # fmt: skip
