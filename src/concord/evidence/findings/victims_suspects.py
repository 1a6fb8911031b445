"""Who is harmed and who is suspected: different people by age and sex, and month by month."""

from __future__ import annotations

from typing import Any

from concord import codelists
from concord.evidence.datasets.store import Store
from concord.evidence.findings import linked_people as people
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import (
    Key,
    Where,
    added_up,
    additive,
    last_months,
    month_keys,
    of_whole,
    with_total,
)
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.spc import SHOWN_FROM, signals, xmr
from concord.evidence.findings.statistics import rate
from concord.evidence.linkage.uses import require_quality
from concord.kernel.errors import Usage
from concord.kernel.names import did_you_mean
from concord.kernel.periods import Period

VICTIMS, SUSPECTS = "victims", "suspects"
PER = 1_000.0
OF: dict[str, tuple[str, str, Where]] = {
    "serious_violence": ("serious violence", "verdict = 'in'", violence.IN),
    "domestic_abuse": (
        "offences flagged as domestic abuse",
        "domestic_abuse = 'Y'",
        (("domestic_flag", ("Domestic abuse",)),),
    ),
}
"""What may be asked about."""
CONTEXT = ("domestic_abuse",)
"""More who come to be known may be more who trust: their months carry no limits and no mark."""
CHILD, ADULT = "Under 18", "18 and over"
TIMES = ("Once", "Twice", "Three times", "Four times or more")
METHOD = (
    "Different people named as {role} of {what}, recorded in the last twelve months of the period. "
    "Records are one person where record linkage joins them at the match probability given or above. Each person has "
    "the age of the first of those offences. Rates per 1,000 residents of the age and sex; exact Poisson limits under "
    "ten people, Byar's approximation at ten or more; shares with Wilson intervals. People in each month with XmR "
    "limits: no limits and no mark on fewer than three months."
)
QUESTIONS = {VICTIMS: "harmed by", SUSPECTS: "suspected of"}
CANNOT = {
    VICTIMS: ("People who did not report, and victims nobody recorded, are not counted.",),
    SUSPECTS: (
        "A suspect is not someone who was found to have done it.",
        "Suspects nobody could name are not counted: the named are not like the rest.",
    ),
}


def find_victims(
    store: Store,
    partnership: Any,
    period: Period,
    *,
    of: str = "serious_violence",
    match_at_least: float = 0.95,
) -> Finding:
    """Victims of one of `OF`. Raises Usage for another, NotGoodEnough (a refusal) where links are not good enough."""
    return _find(store, partnership, period, VICTIMS, of, match_at_least)


def find_suspects(
    store: Store,
    partnership: Any,
    period: Period,
    *,
    of: str = "serious_violence",
    match_at_least: float = 0.95,
) -> Finding:
    """Suspects of one of `OF`. Raises Usage for another, NotGoodEnough (a refusal) where links are not good enough."""
    return _find(store, partnership, period, SUSPECTS, of, match_at_least)


def _find(store: Store, partnership: Any, period: Period, name: str, of: str, match_at_least: float) -> Finding:
    if of not in OF:
        raise Usage(f"{name.capitalize()} are not asked of “{of}”", next_step=did_you_mean(of, OF))
    what, condition, narrowed = OF[of]
    now = last_months(period, 12)
    quality = require_quality(store, partnership.linkage, "unique_people")
    role, words = name[:-1], f"{name.capitalize()} of {what}"
    with violence.ask(store, "population", *people.DATASETS) as question:
        people.name_people(question, match_at_least)
        question.keep("chosen", f"SELECT * FROM named WHERE role = '{role}' AND {condition}")
        question.define(
            "persons",
            "SELECT person, min(age) AS age, mode(sex) FILTER (sex IN ('F', 'M')) AS sex, "
            "max(ethnicity_self) FILTER (ethnicity_self <> 'NS') AS ethnicity, count(DISTINCT crime_ref) AS offences "
            f"FROM chosen WHERE recorded_on BETWEEN DATE '{now.start}' AND DATE '{now.end}' GROUP BY 1",
        )
        where: Where = (("named_as", (role,)), *narrowed)
        months, facts = _months(question, period, words, where, context=of in CONTEXT)
        tables = (
            _by_age_and_sex(question, words, now, where),
            _children(question, words, now, where),
            _times(question, words, now, where),
            _groups(question, words, now, where),
            months,
        )
        method = METHOD.format(role=name, what=what) + people.how_good(quality)
        return Finding(
            name=name,
            question=f"How many different people are {QUESTIONS[name]} {what}, of which age and sex?",
            tables=tables,
            base=f"People named as {name} of {what}, joined across records",
            period=period,
            source=f"{people.SOURCE}; population estimates",
            method=method,
            lineage=question.lineage(
                name, method, {"of": of, "match_at_least": match_at_least}, violence.version(question)
            ),
            cannot_say=(
                *CANNOT[name],
                "Not all of them live here: rates on residents are no one's risk.",
                *people.CAUTIONS,
                "Ethnic groups are shown as context, as people stated them; who did not say is missing, not a group.",
            ),
            facts=facts,
            synthetic=question.synthetic,
        )


def _by_age_and_sex(question: Question, words: str, now: Period, where: Where) -> Table:
    rows = question.rows(
        f"SELECT {people.band_sql('age')}, {people.sex_sql('sex')}, count(*) FROM persons GROUP BY ALL ORDER BY ALL"
    )
    residents = {
        (band, people.SEXES.get(sex, people.NOT_KNOWN)): int(n)
        for band, sex, n in question.rows(
            "SELECT age_band, sex, sum(persons) FROM population "
            "WHERE vintage = (SELECT max(vintage) FROM population) GROUP BY ALL ORDER BY ALL"
        )
    }
    ages = with_total("person_age", "Age", (*people.AGE_BANDS, people.NOT_KNOWN))
    sexes = with_total("person_sex", "Sex", (*people.SEXES.values(), people.NOT_KNOWN))
    lives = added_up({key: n for key, n in residents.items() if key[0] in ages.categories}, (ages, sexes))

    def dress(key: Key, n: int) -> Cell:
        base = 0 if people.NOT_KNOWN in key else lives[key]
        if not base:
            return Cell(key, n)
        return Cell(key, n, population=float(base), estimate=rate(n, base, per=PER))

    counts: dict[Key, int] = {(band, sex): n for band, sex, n in rows}
    return additive(
        "people", f"{words} by age and sex, {now.label}", "people", (ages, sexes), counts,
        dress=dress, per=PER, universe=people.UNIVERSE, where=where, period=now,
    )  # fmt: skip


def _children(question: Question, words: str, now: Period, where: Where) -> Table:
    """Children and adults, on the residents of their ages: bands of the population that are children's alone."""
    rows = question.rows(
        f"SELECT CASE WHEN age < 18 THEN '{CHILD}' WHEN age >= 18 THEN '{ADULT}' ELSE '{people.NOT_KNOWN}' END, "
        "count(*) FROM persons GROUP BY 1 ORDER BY 1"
    )
    lives = dict(
        question.rows(
            f"SELECT CASE WHEN age_band IN ('0-9', '10-17') THEN '{CHILD}' ELSE '{ADULT}' END, sum(persons)::BIGINT "
            "FROM population WHERE vintage = (SELECT max(vintage) FROM population) GROUP BY 1 ORDER BY 1"
        )
    )
    bands = people.AGE_BANDS
    groups = ((CHILD, bands[:2]), (ADULT, bands[2:]), (people.NOT_KNOWN, (people.NOT_KNOWN,)))

    def dress(key: Key, n: int) -> Cell:
        base = lives.get(key[0])
        if not base:
            return Cell(key, n)
        return Cell(key, n, population=float(base), estimate=rate(n, base, per=PER))

    return additive(
        "children", f"{words}, children and adults, {now.label}", "people",
        (Dimension("age_group", "Age", (CHILD, ADULT, people.NOT_KNOWN, TOTAL), of="person_age", groups=groups),),
        {(name,): n for name, n in rows},
        dress=dress, per=PER, universe=people.UNIVERSE, where=where, period=now,
    )  # fmt: skip


def _times(question: Question, words: str, now: Period, where: Where) -> Table:
    rows = question.rows("SELECT least(offences, 4), count(*) FROM persons GROUP BY 1 ORDER BY 1")
    return _shared(
        "times_named", f"{words} by how often they were named, {now.label}",
        with_total("times_named", "Named in the period", TIMES), {(TIMES[int(k) - 1],): n for k, n in rows}, now, where,
    )  # fmt: skip


def _groups(question: Question, words: str, now: Period, where: Where) -> Table:
    broad = {entry.code: entry.label for entry in codelists.get("ethnicity_5")}
    walk = {e.code: broad[e.extra["code_5"]] for e in codelists.get("ethnicity_18") if e.extra["code_5"] in broad}
    names = tuple(dict.fromkeys((*walk.values(), "Not stated")))
    counts: dict[Key, int] = {}
    for code, n in question.rows("SELECT ethnicity, count(*) FROM persons GROUP BY 1 ORDER BY 1"):
        key = (walk.get(code, "Not stated"),)
        counts[key] = counts.get(key, 0) + n
    return _shared(
        "ethnic_groups", f"{words} by ethnic group they stated, {now.label}",
        with_total("person_ethnicity", "Ethnic group, as the person gave it", names), counts, now, where,
    )  # fmt: skip


def _shared(name: str, title: str, over: Dimension, counts: dict[Key, int], now: Period, where: Where) -> Table:
    return additive(
        name,
        title,
        "people",
        (over,),
        counts,
        dress=of_whole(name, sum(counts.values())),
        universe=people.UNIVERSE,
        where=where,
        period=now,
    )


def _months(
    question: Question, period: Period, words: str, where: Where, *, context: bool
) -> tuple[Table, dict[str, float]]:
    """Different people in each month. Nobody is counted twice in one; months do not add up to the people of a year."""
    found = dict(
        question.rows(
            "SELECT strftime(recorded_on, '%Y-%m'), count(DISTINCT person) FROM chosen "
            "WHERE recorded_on BETWEEN $start AND $end GROUP BY 1 ORDER BY 1",
            {"start": period.start, "end": period.end},
        )
    )
    names = month_keys(period)
    counts = [found.get(name, 0) for name in names]
    limits = None if context else xmr(counts)
    marks = signals(counts, limits) if limits else [""] * len(names)
    facts: dict[str, float] = {"points": float(len(names)), "points_needed": float(SHOWN_FROM)}
    if limits:
        facts |= {"mean": limits.mean, "lower_limit": limits.low, "upper_limit": limits.high}
    cells = tuple(Cell((name,), n, label=mark) for name, n, mark in zip(names, counts, marks, strict=True))
    table = Table(
        "months", f"{words} in each month, {period.label}", "people",
        (Dimension("month", "Month", names),), cells, additive=False,
        # Of another universe: who is met in two months is one of the year's people, so months do not add up to it.
        universe=f"{people.UNIVERSE}, each month anew", where=where, period=period,
    )  # fmt: skip
    return table, facts
