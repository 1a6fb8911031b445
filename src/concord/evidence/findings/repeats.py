"""How many of those who were harmed, or suspected, are again within a year."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import linked_people as people
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import Where, additive, last_months, of_whole, with_total
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.near_repeat import repeats
from concord.evidence.findings.question import Question
from concord.evidence.findings.statistics import share
from concord.evidence.linkage.uses import require_quality
from concord.kernel.periods import Period

VICTIMS, SUSPECTS = "repeat_victimisation", "repeat_suspects"
ONCE, AGAIN = "Once", "Twice or more"
WINDOW = 365
GAPS = ((7, "Within a week"), (30, "Within a month"), (91, "Within three months"), (WINDOW, "Within a year"))
METHOD = (
    "Different people named as {role} of offences in the definition, recorded in the last twelve months of the period: "
    "those named in two or more, as a share of all of them. Offences of one day count as one. Because a window that "
    "moves counts late events as never repeated, it is asked again of people whose first offence of the period is "
    "followed by a whole year of records. Wilson intervals. Records are one person where record linkage joins them at "
    "the match probability given or above."
)


def find_victims(store: Store, partnership: Any, period: Period, *, match_at_least: float = 0.95) -> Finding:
    """Victims. Raises NotGoodEnough (a refusal) where links are not known to be good enough for this."""
    return _find(store, partnership, period, VICTIMS, "victim", match_at_least)


def find_suspects(store: Store, partnership: Any, period: Period, *, match_at_least: float = 0.95) -> Finding:
    """Suspects. Raises NotGoodEnough (a refusal) where links are not known to be good enough for this."""
    return _find(store, partnership, period, SUSPECTS, "suspect", match_at_least)


def _find(store: Store, partnership: Any, period: Period, name: str, role: str, match_at_least: float) -> Finding:
    now = last_months(period, 12)
    quality = require_quality(store, partnership.linkage, "repeat_victimisation")
    with violence.ask(store, *people.DATASETS) as question:
        people.name_people(question, match_at_least)
        # One row for each day that a person was named: several offences of one day are one occasion.
        question.keep(
            "occasions",
            "SELECT person, coalesce(happened_at::DATE, recorded_on) AS day, max(recorded_on) AS recorded_on, "
            "list_distinct(flatten(list(limbs))) AS limbs, min(age) AS age "
            f"FROM named WHERE role = '{role}' AND verdict = 'in' GROUP BY 1, 2",
        )
        where: Where = (("named_as", (role,)), *violence.IN)
        tables = [
            _again(question, role, now, where),
            _by_limb(question, partnership, role, now, where),
            _by_age(question, role, now, where),
            _share_of_offences(question, role, now, where),
        ]
        whole = _whole_window(question, role, period, where)
        tables += [whole] if whole else []
        tables.append(_soon(question, role, period, where))
        method = METHOD.format(role=f"{role}s") + people.how_good(quality)
        words = "harmed" if role == "victim" else "suspected"
        return Finding(
            name=name,
            question=f"How many of those {words} once in serious violence are {words} again within a year?",
            tables=tuple(tables),
            base=f"People named as {role}s of offences in the definition, joined across records",
            period=period,
            source=people.SOURCE,
            method=method,
            lineage=question.lineage(name, method, {"match_at_least": match_at_least}, violence.version(question)),
            cannot_say=(
                "Repeats that were not reported are not here; nor is what came before the records begin.",
                *(("A suspect is not someone who was found to have done it.",) if role == "suspect" else ()),
                *people.CAUTIONS,
            ),
            synthetic=question.synthetic,
        )


def _again(question: Question, role: str, now: Period, where: Where) -> Table:
    rows = question.rows(
        "SELECT n > 1, count(*) FROM (SELECT person, count(*) AS n FROM occasions "
        "WHERE recorded_on BETWEEN $start AND $end GROUP BY 1) GROUP BY 1 ORDER BY 1",
        {"start": now.start, "end": now.end},
    )
    whole = sum(n for _, n in rows)

    return additive(
        "people", f"{role.capitalize()}s of serious violence, once and again, {now.label}", "people",
        (with_total("named_again", "Named in twelve months", (ONCE, AGAIN)),),
        {(AGAIN if again else ONCE,): n for again, n in rows},
        dress=of_whole("people", whole), universe=people.UNIVERSE, where=where, period=now,
    )  # fmt: skip


def _two_way(
    question: Question, role: str, now: Period, where: Where, name: str, by: Dimension, rows: list[tuple[Any, ...]]
) -> Table:
    """People by a group and once or again; limbs overlap, so groups have no total."""
    counts = {(group, AGAIN if again else ONCE): n for group, again, n in rows}
    times = with_total("named_again", "Named in twelve months", (ONCE, AGAIN))
    cells = []
    for group in by.categories:
        once, again = counts.get((group, ONCE), 0), counts.get((group, AGAIN), 0)
        base = once + again
        for key, n in (((group, ONCE), once), ((group, AGAIN), again)):
            if base:
                rests = ((name, (group, TOTAL)),)
                cells.append(Cell(key, n, base=base, estimate=share(n, base), rests_on=rests))
            else:
                cells.append(Cell(key, n))
        cells.append(Cell((group, TOTAL), base))
    return Table(
        name, f"{role.capitalize()}s of serious violence, once and again, by {by.label.lower()}, {now.label}", "people",
        (by, times), tuple(cells), universe=people.UNIVERSE, where=where, period=now,
    )  # fmt: skip


def _by_limb(question: Question, partnership: Any, role: str, now: Period, where: Where) -> Table:
    titles = violence.limb_titles(partnership)
    rows = question.rows(
        "SELECT limb, n > 1, count(*) FROM (SELECT limb, person, count(*) AS n FROM "
        "(SELECT unnest(limbs) AS limb, person FROM occasions WHERE recorded_on BETWEEN $start AND $end) "
        "GROUP BY ALL) GROUP BY ALL ORDER BY ALL",
        {"start": now.start, "end": now.end},
    )
    named = [(titles[limb], again, n) for limb, again, n in rows if limb in titles]
    by = Dimension("limb", "Limb of the definition", tuple(titles.values()))
    return _two_way(question, role, now, where, "limb", by, named)


def _by_age(question: Question, role: str, now: Period, where: Where) -> Table:
    rows = question.rows(
        f"SELECT {people.band_sql('age')}, n > 1, count(*) FROM (SELECT person, min(age) AS age, count(*) AS n "
        "FROM occasions WHERE recorded_on BETWEEN $start AND $end GROUP BY 1) GROUP BY ALL ORDER BY ALL",
        {"start": now.start, "end": now.end},
    )
    by = Dimension("person_age", "Age", (*people.AGE_BANDS, people.NOT_KNOWN))
    return _two_way(question, role, now, where, "age", by, rows)


def _share_of_offences(question: Question, role: str, now: Period, where: Where) -> Table:
    """How much of all of it falls on those it happens to again."""
    rows = question.rows(
        "SELECT n > 1, sum(n)::BIGINT FROM (SELECT person, count(*) AS n FROM occasions "
        "WHERE recorded_on BETWEEN $start AND $end GROUP BY 1) GROUP BY 1 ORDER BY 1",
        {"start": now.start, "end": now.end},
    )
    whole = sum(n for _, n in rows)

    return additive(
        "occasions", f"Occasions by whether the {role} was named once or again, {now.label}", "occasions",
        (with_total("named_again", "The person was named", (ONCE, AGAIN)),),
        {(AGAIN if again else ONCE,): n for again, n in rows},
        dress=of_whole("occasions", whole), universe="occasions on which people were named in recorded offences",
        where=where, period=now,
    )  # fmt: skip


def _whole_window(question: Question, role: str, period: Period, where: Where) -> Table | None:
    rows = question.rows(
        "SELECT person, date_diff('day', $start, day) FROM occasions "
        "WHERE day BETWEEN $start AND $end AND recorded_on BETWEEN $start AND $end ORDER BY ALL",
        {"start": period.start, "end": period.end},
    )
    again, judged = repeats([who for who, _ in rows], [float(day) for _, day in rows], float(WINDOW))
    if not judged:
        return None
    cell = Cell((AGAIN,), again, base=judged, estimate=share(again, judged))
    return Table(
        "whole_year", f"{role.capitalize()}s named again within a whole year of records, {period.label}", "people",
        (Dimension("named_again", "Named within a year of the first time", (AGAIN,)),), (cell,), additive=False,
        universe=f"{people.UNIVERSE}, first times followed by a whole year", where=where, period=period,
    )  # fmt: skip


def _soon(question: Question, role: str, period: Period, where: Where) -> Table:
    """How soon the next time comes, among those that came within a year."""
    whens = " ".join(f"WHEN gap <= {days} THEN '{words}'" for days, words in GAPS)
    rows = question.rows(
        f"SELECT CASE {whens} END, count(*) FROM (SELECT date_diff('day', day, lead(day) OVER w) AS gap "
        "FROM occasions WHERE recorded_on BETWEEN $start AND $end WINDOW w AS (PARTITION BY person ORDER BY day)) "
        f"WHERE gap <= {WINDOW} GROUP BY 1 ORDER BY 1",
        {"start": period.start, "end": period.end},
    )
    whole = sum(n for _, n in rows)

    return additive(
        "soon", f"How soon a {role} was named again, {period.label}", "occasions",
        (with_total("until_next", "Until the next time", tuple(words for _, words in GAPS)),),
        {(words,): n for words, n in rows},
        dress=of_whole("soon", whole), universe=f"occasions on which a {role} was named again",
        where=where, period=period,
    )  # fmt: skip
