"""Who is harmed and who is suspected: different people by age and sex, and month by month."""

from __future__ import annotations

from typing import Any

from concord import codelists
from concord.evidence.datasets.store import Store
from concord.evidence.findings import linked_people as people
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import Key, Where, added_up, additive, last_months, month_keys, with_total
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.spc import SHOWN_FROM, signals, xmr
from concord.evidence.findings.statistics import rate, share
from concord.evidence.linkage.uses import require_quality
from concord.kernel.periods import Period

VICTIMS, SUSPECTS = "victims", "suspects"
PER = 1_000.0
TIMES = ("Once", "Twice", "Three times", "Four times or more")
METHOD = (
    "Different people named as {role} of offences in the definition, recorded in the last twelve months of the period. "
    "Records are one person where record linkage joins them at the match probability given or above. Each person has "
    "the age of the first of those offences. Rates per 1,000 residents of the age and sex; exact Poisson limits under "
    "ten people, Byar's approximation at ten or more; shares with Wilson intervals. People in each month with XmR "
    "limits: no limits and no mark on fewer than three months."
)
QUESTIONS = {
    VICTIMS: "How many different people are harmed by serious violence, of which age and sex?",
    SUSPECTS: "How many different people are suspected of serious violence, of which age and sex?",
}
CANNOT = {
    VICTIMS: ("People who did not report, and victims nobody recorded, are not counted.",),
    SUSPECTS: (
        "A suspect is not someone who was found to have done it.",
        "Suspects nobody could name are not counted: the named are not like the rest.",
    ),
}


def find_victims(store: Store, partnership: Any, period: Period, *, match_at_least: float = 0.95) -> Finding:
    """Victims. Raises NotGoodEnough (a refusal) where links are not known to be good enough for this."""
    return _find(store, partnership, period, VICTIMS, match_at_least)


def find_suspects(store: Store, partnership: Any, period: Period, *, match_at_least: float = 0.95) -> Finding:
    """Suspects. Raises NotGoodEnough (a refusal) where links are not known to be good enough for this."""
    return _find(store, partnership, period, SUSPECTS, match_at_least)


def _find(store: Store, partnership: Any, period: Period, name: str, match_at_least: float) -> Finding:
    now = last_months(period, 12)
    quality = require_quality(store, partnership.linkage, "unique_people")
    role, words = name[:-1], name.capitalize()
    with violence.ask(store, "population", *people.DATASETS) as question:
        people.name_people(question, match_at_least)
        question.keep("chosen", f"SELECT * FROM named WHERE role = '{role}' AND verdict = 'in'")
        question.define(
            "persons",
            "SELECT person, min(age) AS age, mode(sex) FILTER (sex IN ('F', 'M')) AS sex, "
            "max(ethnicity_self) FILTER (ethnicity_self <> 'NS') AS ethnicity, count(DISTINCT crime_ref) AS offences "
            f"FROM chosen WHERE recorded_on BETWEEN DATE '{now.start}' AND DATE '{now.end}' GROUP BY 1",
        )
        where = (("named_as", (role,)), *violence.IN)
        months, facts = _months(question, period, words, where)
        tables = (
            _by_age_and_sex(question, words, now, where),
            _times(question, words, now, where),
            _groups(question, words, now, where),
            months,
        )
        method = METHOD.format(role=name)
        return Finding(
            name=name,
            question=QUESTIONS[name],
            tables=tables,
            base=f"People named as {name} of offences in the definition, joined across records",
            period=period,
            source=f"{people.SOURCE}; population estimates",
            method=method,
            lineage=question.lineage(name, method, {"match_at_least": match_at_least}, violence.version(question)),
            cannot_say=(
                *CANNOT[name],
                "Not all of them live here: rates on residents are no one's risk.",
                *people.cautions(quality.recall, quality.precision),
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
        "people", f"{words} of serious violence by age and sex, {now.label}", "people", (ages, sexes), counts,
        dress=dress, per=PER, universe=people.UNIVERSE, where=where, period=now,
    )  # fmt: skip


def _times(question: Question, words: str, now: Period, where: Where) -> Table:
    rows = question.rows("SELECT least(offences, 4), count(*) FROM persons GROUP BY 1 ORDER BY 1")
    return _shared(
        "times_named", f"{words} of serious violence by how often they were named, {now.label}",
        with_total("times_named", "Named in the period", TIMES), {(TIMES[int(k) - 1],): n for k, n in rows}, now, where,
    )  # fmt: skip


def _groups(question: Question, words: str, now: Period, where: Where) -> Table:
    broad = {entry.code: entry.label for entry in codelists.get("ethnicity_5")}
    walk = {e.code: broad[e.extra["code_5"]] for e in codelists.get("ethnicity_18") if e.extra["code_5"] in broad}
    names = (*dict.fromkeys(walk.values()), "Not stated")
    counts: dict[Key, int] = {}
    for code, n in question.rows("SELECT ethnicity, count(*) FROM persons GROUP BY 1 ORDER BY 1"):
        key = (walk.get(code, "Not stated"),)
        counts[key] = counts.get(key, 0) + n
    return _shared(
        "ethnic_groups", f"{words} of serious violence by ethnic group they stated, {now.label}",
        with_total("person_ethnicity", "Ethnic group, as the person gave it", names), counts, now, where,
    )  # fmt: skip


def _shared(name: str, title: str, over: Dimension, counts: dict[Key, int], now: Period, where: Where) -> Table:
    whole = sum(counts.values())

    def dress(key: Key, n: int) -> Cell:
        if key == (TOTAL,) or not whole:
            return Cell(key, n)
        return Cell(key, n, base=whole, estimate=share(n, whole), rests_on=((name, (TOTAL,)),))

    return additive(
        name, title, "people", (over,), counts, dress=dress, universe=people.UNIVERSE, where=where, period=now
    )


def _months(question: Question, period: Period, words: str, where: Where) -> tuple[Table, dict[str, float]]:
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
    limits = xmr(counts)
    marks = signals(counts, limits) if limits else [""] * len(names)
    facts: dict[str, float] = {"points": float(len(names)), "points_needed": float(SHOWN_FROM)}
    if limits:
        facts |= {"mean": limits.mean, "lower_limit": limits.low, "upper_limit": limits.high}
    cells = tuple(Cell((name,), n, label=mark) for name, n, mark in zip(names, counts, marks, strict=True))
    table = Table(
        "months", f"{words} of serious violence in each month, {period.label}", "people",
        (Dimension("month", "Month", names),), cells, additive=False,
        universe=people.UNIVERSE, where=where, period=period,
    )  # fmt: skip
    return table, facts
