"""What enters and what leaves when one definition takes the place of another, on the crimes that are loaded.

Unsafe by nature: two totals that differ by few crimes tell about those few. It is for an analyst's eyes; nothing here
is a `Release`.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from concord import codelists
from concord.definition.rules import Definition
from concord.evidence.datasets import definition_engines as engines
from concord.evidence.datasets import definition_words as words
from concord.evidence.datasets.classify import CRIMES, PERSONS, Inputs, sources
from concord.evidence.datasets.definition_sql import decide
from concord.evidence.datasets.store import Store
from concord.evidence.extracts.files import make_folder

VERDICTS = ("in", "undetermined", "out")


@dataclass(frozen=True, slots=True)
class Moved:
    """Crimes whose verdict changes in one way. Each of `groups`, `limbs`, `years` and `reasons` adds up to `count`
    (a crime with several limbs is counted under each)."""

    before: str
    after: str
    count: int
    groups: Mapping[str, int]
    limbs: Mapping[str, int]
    years: Mapping[str, int]
    reasons: Mapping[tuple[tuple[str, ...], tuple[str, ...]], int]


@dataclass(frozen=True, slots=True)
class Diff:
    """Totals of both definitions by verdict, and every way in which verdicts change, the largest first."""

    before: Mapping[str, int]
    after: Mapping[str, int]
    moved: tuple[Moved, ...]
    synthetic: bool

    @property
    def decided(self) -> int:
        """Crimes that were undetermined and no longer are."""
        return sum(each.count for each in self.moved if each.before == "undetermined")


def diff(store: Store, before: Definition, after: Definition, *, engine: str = "duckdb") -> Diff:
    """Decides every loaded crime by both definitions. Raises BadInput where crimes or persons are not loaded."""
    old, new = (Inputs(rule, store.latest(CRIMES), store.latest(PERSONS)) for rule in (before, after))
    work = make_folder(store.home / "work" / "definition_diff")
    try:
        with engines.engine(engine, work) as running:
            crimes, persons = (running.read(each.dataset, each) for each in (old.crimes, old.persons))
            decide(running, before, *sources(old, crimes, persons))
            running.keep("decided_before", "SELECT crime_ref, verdict, answers FROM decided")
            running.rows("SELECT count(*) FROM decided_before")  # an engine may run a query only when it is asked
            decide(running, after, *sources(new, crimes, persons))
            rows = running.rows(
                f"SELECT b.verdict, a.verdict, b.answers, a.answers, {words.fact('offence', 'a.w')}, "
                f"CAST(floor(({words.fact('recorded', 'a.w')} + 371) / 372.0) AS BIGINT), count(*) "
                "FROM decided a JOIN decided_before b ON b.crime_ref = a.crime_ref GROUP BY 1, 2, 3, 4, 5, 6"
            )
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return _counted(rows, before, after, synthetic=old.synthetic)


def _counted(rows: object, before: Definition, after: Definition, *, synthetic: bool) -> Diff:
    totals: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    ways: dict[tuple[str, str], list[tuple[int, int, int, int, int]]] = {}
    for was, now, answered, answers, offence, year, count in rows:  # type: ignore[attr-defined]
        totals[0][was] += count
        totals[1][now] += count
        if was != now:
            ways.setdefault((was, now), []).append((answered, answers, offence, year, count))
    moved = [_moved(way, found, before, after) for way, found in ways.items()]
    moved.sort(key=lambda each: (-each.count, each.before, each.after))
    was_all, now_all = ({verdict: total[verdict] for verdict in VERDICTS} for total in totals)
    return Diff(was_all, now_all, tuple(moved), synthetic)


def _moved(
    way: tuple[str, str], rows: list[tuple[int, int, int, int, int]], before: Definition, after: Definition
) -> Moved:
    groups: Counter[str] = Counter()
    limbs: Counter[str] = Counter()
    years: Counter[str] = Counter()
    reasons: Counter[tuple[tuple[str, ...], tuple[str, ...]]] = Counter()
    named = words.offence_groups_of()
    for answered, answers, offence, year, count in rows:
        was, now = before.said(answered), after.said(answers)
        groups[group_label(named[offence][1])] += count
        years[str(words.FIRST_YEAR + year - 1) if year else "not recorded"] += count
        reasons[was.reasons, now.reasons] += count
        rule, said = (after, now) if way[1] != "out" else (before, was)
        for limb in said.limbs or ("",):
            limbs[rule.file.limbs[limb].title if limb else "no limb that is certain"] += count
    by_reason = dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0])))
    return Moved(
        before=way[0],
        after=way[1],
        count=sum(row[-1] for row in rows),
        groups=_largest_first(groups),
        limbs=_largest_first(limbs),
        years=dict(sorted(years.items())),
        reasons=by_reason,
    )


def _largest_first(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def group_label(groups: frozenset[str] | None) -> str:
    """An offence group, or several where a class leaves them open, in words."""
    if groups is None:
        return "Offence code not known"
    names = codelists.get("offence_group_names")
    return " or ".join(names.label(code) for code in names.codes if code in groups) or "Other offences"
