"""Children at school and in youth justice: exclusions, absence, decisions, and what they answer in a survey."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concord.synthetic import borough, calendar, writing
from concord.synthetic.calendar import epoch
from concord.synthetic.children import SUSPENSION_REASONS, school_year
from concord.synthetic.crimes import Crimes
from concord.synthetic.population import Population
from concord.synthetic.records import NO_DATE, Records, Table, identities, write_down
from concord.synthetic.sampling import count, dealt, exactly, flags, objects, references, residents
from concord.synthetic.span import Span
from concord.synthetic.tables import Written

EXCLUDED_A_YEAR, EXCLUDED_BOYS = 34, 0.76
PERSISTENT_FROM, PERSISTENT_RISE = 0.212, 0.003
"""Share of pupils of years 7 to 11 who miss a tenth or more, in the first quarter, and what each later one adds."""
SEVERE = 0.026
DECISIONS_A_YEAR = 250
FIRST_TIME_ENTRANTS = (37, 20)
"""In the first year and in the second: a fall of 45.95%, the strategy's, can only be between such numbers."""
O22_COMPLETED = 0.82
DIVERTED = (("community_resolution", "8"), ("outcome_22", "22"), ("no_further_action", "21"))
DIVERTED_SHARES = (0.40, 0.40, 0.20)
FORMAL = (("youth_caution", "2"), ("youth_conditional_caution", "2"), ("referral_order", "1"),
          ("youth_rehabilitation_order", "1"), ("detention", "1"), ("discharge_or_fine", "1"))  # fmt: skip
FORMAL_SHARES = (0.22, 0.20, 0.34, 0.14, 0.04, 0.06)
SURVEY_BASE = 1000
SURVEY_ANSWERS = {
    "unsafe_without_youth_club": 183, "worried_gangs": 250, "worried_youth_violence": 230,
    "worried_county_lines": 130, "would_tell_family": 603, "would_tell_police": 40,
}  # fmt: skip


@dataclass
class Exclusions:
    """One entry for each permanent exclusion; `day` is days since 1970."""

    pupil: np.ndarray
    day: np.ndarray
    year_group: np.ndarray
    reason: np.ndarray


def exclude(
    rng: np.random.Generator, people: Population, suspended: np.ndarray, *, span: Span, size: float
) -> Exclusions:
    """Permanent exclusions, half of them of pupils who were suspended before."""
    school_days = span.days()[calendar.is_school_day(span.days())]
    total = count(EXCLUDED_A_YEAR, size, span.quarterly_years) if len(school_days) else 0
    day = np.sort(rng.choice(school_days, total)) if total else np.zeros(0, dtype=np.int64)
    pupil = residents(rng, people, day, 11.5, 16, EXCLUDED_BOYS)
    before = np.unique(suspended)
    again = np.flatnonzero(rng.random(total) < 0.5) if len(before) else np.zeros(0, dtype=np.int64)
    pupil[again] = rng.choice(before, len(again)) if len(again) else pupil[again]
    year = school_year(people, pupil, day)
    _, first = np.unique(pupil, return_index=True)  # nobody is excluded for good twice
    kept = np.sort(first[(year[first] >= 1) & (year[first] <= 13)])
    reason = calendar.draw(rng, np.array([3, 2, 1, 2, 0.3, 3, 1.5, 0.3, 0.3, 0.7, 4]), total)
    return Exclusions(pupil[kept], day[kept], year[kept], reason[kept])


def permanent_exclusions(rng: np.random.Generator, pupils: Records, made: Exclusions, span: Span) -> Written:
    number = np.searchsorted(pupils.person, made.pupil)
    need = objects(("none", "support", "plan"))[calendar.draw(rng, np.array([0.42, 0.41, 0.17]), len(made.pupil))]
    table: Table = {
        **identities(pupils, number, called="pupil_id", home=False), "year_group": made.year_group.astype(object),
        "excluded_on": writing.days(made.day), "reason": objects(SUSPENSION_REASONS)[made.reason],
        "special_needs": need,
    }  # fmt: skip
    return Written(table, span.quarter_of(made.day), pupils, number)


@dataclass
class Absences:
    """Pupils who missed half of a quarter's sessions or more, and every pupil counted by year and sex."""

    pupil: np.ndarray
    quarter: np.ndarray
    possible: np.ndarray
    missed: np.ndarray
    totals: list[tuple[int, int, int, int, int, int]]  # quarter, year group, sex, pupils, persistent, severe


def absent(rng: np.random.Generator, people: Population, *, span: Span) -> Absences:
    """Absence of years 7 to 11, quarter by quarter; most of the severely absent stay so."""
    chosen, quarters, possible, missed = [], [], [], []
    totals: list[tuple[int, int, int, int, int, int]] = []
    prone = rng.random(len(people))  # how near each pupil is to staying away: much the same from quarter to quarter
    for at, first in enumerate(span.quarters):
        days = np.arange(max(epoch(first), span.start), _next_quarter(span, at))
        sessions = 2 * int(calendar.is_school_day(days).sum())
        if not sessions:
            continue
        middle = int(days[len(days) // 2])
        teenagers = np.flatnonzero((middle - people.birth > 10.5 * 365) & (middle - people.birth < 17.5 * 365))
        year = school_year(people, teenagers, np.full(len(teenagers), middle))
        here = teenagers[(year >= 7) & (year <= 11)]
        year = year[(year >= 7) & (year <= 11)]
        rank = np.argsort(np.argsort(0.8 * prone[here] + 0.2 * rng.random(len(here)), kind="stable"), kind="stable")
        persistent = rank < round((PERSISTENT_FROM + PERSISTENT_RISE * at) * len(here))
        severe = rank < round(SEVERE * len(here))
        for group in range(7, 12):
            for sex in (0, 1):
                mine = (year == group) & (people.sex[here] == sex)
                of = tuple(int((mine & each).sum()) for each in (np.ones(len(here), bool), persistent, severe))
                totals.append((at, group, sex, *of))
        who = here[severe]
        chosen.append(who)
        quarters.append(np.full(len(who), at))
        possible.append(np.full(len(who), sessions))
        missed.append(np.ceil(sessions * rng.uniform(0.5, 0.98, len(who))).astype(np.int64))
    if not chosen:
        nobody = np.zeros(0, dtype=np.int64)
        return Absences(nobody, nobody, nobody, nobody, totals)
    return Absences(*(np.concatenate(each) for each in (chosen, quarters, possible, missed)), totals)


def _next_quarter(span: Span, at: int) -> int:
    return epoch(span.quarters[at + 1]) if at + 1 < len(span.quarters) else span.until


def absence(people: Population, pupils: Records, made: Absences, span: Span) -> tuple[Written, Written]:
    """The named pupils, and everybody counted."""
    number = np.searchsorted(pupils.person, made.pupil)
    starts = np.array([max(epoch(each), span.start) for each in span.quarters])
    first = starts[made.quarter] if len(made.quarter) else made.quarter
    named: Table = {
        **identities(pupils, number, called="pupil_id", home=False),
        "year_group": school_year(people, made.pupil, first + 45).clip(7, 11).astype(object),
        "quarter_from": writing.days(first), "possible": made.possible.astype(object),
        "missed": made.missed.astype(object),
    }  # fmt: skip
    columns = list(zip(*made.totals, strict=True)) or [()] * 6
    at = np.array(columns[0], dtype=np.int64)
    counted: Table = {
        "quarter_from": writing.days(starts[at] if len(at) else at), "year_group": objects(columns[1]),
        "sex": objects(["FM"[each] for each in columns[2]]), "pupils": objects(columns[3]),
        "persistently_absent": objects(columns[4]), "severely_absent": objects(columns[5]),
    }  # fmt: skip
    return Written(named, made.quarter, pupils, number), Written(counted, at)


def youth_justice(
    rng: np.random.Generator, people: Population, crimes: Crimes, code: np.ndarray, *, span: Span, size: float,
    clean: frozenset[int],
) -> tuple[Written, Table]:  # fmt: skip
    """Decisions about children suspected of recorded crime; the wanted number enters the system each year."""
    who = crimes.suspects[:, 0]
    age = (crimes.day - people.birth[np.maximum(who, 0)]) / 365.2425
    decided = crimes.recorded + np.ceil(24 * np.exp(rng.normal(0, 0.6, len(crimes)))).astype(np.int64)
    free = np.flatnonzero((who >= 0) & (age >= 10) & (age < 17.9) & (decided < span.until))
    chosen = rng.permutation(free)[: count(DECISIONS_A_YEAR, size, span.quarterly_years)]
    chosen = chosen[np.argsort(decided[chosen], kind="stable")]
    child, day = who[chosen], decided[chosen]
    total = len(chosen)
    _, first = np.unique(child, return_index=True)
    formal, entrant = np.zeros(total, dtype=bool), np.zeros(total, dtype=bool)
    for year, since in enumerate(range(span.start, span.until, 365)):
        until = min(since + 365, span.until)
        wanted = count(FIRST_TIME_ENTRANTS[min(year, 1)], size, (until - since) / 365)
        mine = rng.permutation(first[(day[first] >= since) & (day[first] < until)])[:wanted]
        entrant[mine] = True
    formal |= entrant
    # the others who are dealt with formally have been before, in these months or earlier
    formal |= ~entrant & (rng.random(total) < 0.3)
    disposal, outcome = np.empty(total, dtype=object), np.empty(total, dtype=object)
    for where, choices, shares in ((formal, FORMAL, FORMAL_SHARES), (~formal, DIVERTED, DIVERTED_SHARES)):
        dealt_out = dealt(rng, range(len(choices)), shares, int(where.sum())).astype(np.int64)
        disposal[where] = objects([name for name, _ in choices])[dealt_out]
        outcome[where] = objects([number for _, number in choices])[dealt_out]
    ends = day + rng.integers(60, 190, total)
    over = (ends < span.until) & (disposal != "no_further_action") & (disposal != "discharge_or_fine")
    completed = np.full(total, None, dtype=object)
    diverted = over & (disposal == "outcome_22")
    completed[over] = flags(rng.random(int(over.sum())) < 0.78)
    completed[diverted] = flags(exactly(rng, O22_COMPLETED, int(diverted.sum())))
    lasting = (disposal != "no_further_action") & (disposal != "discharge_or_fine")
    known, number = np.unique(child, return_inverse=True)
    records = write_down(rng, people, known, prefix="YJS", clean=clean)
    ethnicity = objects(people.ethnicity_codes)[people.ethnicity[child]]
    ethnicity[rng.random(total) < 0.06] = "NS"
    refs = references("YJ", total)
    table: Table = {
        "outcome_ref": refs, **identities(records, number), "ethnicity_self": ethnicity,
        "offence_code": code[chosen], "offence_on": writing.days(crimes.day[chosen]),
        "decided_on": writing.days(day), "disposal": disposal, "outcome_code": outcome,
        "first_time_entrant": flags(entrant),
        "gravity": (1 + calendar.draw(rng, np.array([0.12, 0.3, 0.34, 0.2, 0.04]), total)).astype(object),
        "ends_on": writing.days(np.where(lasting, ends, NO_DATE)), "completed": completed,
    }  # fmt: skip
    truth: Table = {"outcome_ref": refs, "true_person": objects([f"T{n:07d}" for n in child.tolist()])}
    return Written(table, span.quarter_of(day), records, number), truth


def survey(rng: np.random.Generator, people: Population, *, span: Span) -> dict[str, Table]:
    """A wave in each February, by the financial year it falls in: 1,000 answers, and the known number to each."""
    waves: dict[str, Table] = {}
    for month in span.months:
        if month.month != 2:
            continue
        band = dealt(rng, ("11-13", "14-16", "17-19"), (0.36, 0.38, 0.26), SURVEY_BASE)
        sex = dealt(rng, ("F", "M", "U"), (0.515, 0.465, 0.02), SURVEY_BASE)
        areas = sorted(set(borough.places().neighbourhoods))
        # girls and younger pupils answer more readily than their share of residents: the weights put that right
        weight = np.where(sex == "F", 0.94, 1.07) * np.where(band == "17-19", 1.12, 0.96)
        answered = epoch(month) + rng.integers(0, 27, SURVEY_BASE)
        wave: Table = {
            "respondent": np.arange(1, SURVEY_BASE + 1).astype(object), "answered_on": writing.days(answered),
            "weight": np.round(weight / weight.mean(), 4).astype(object), "age_band": band, "sex": sex,
            "neighbourhood": objects(areas)[rng.integers(0, len(areas), SURVEY_BASE)],
        }  # fmt: skip
        for question, yes in SURVEY_ANSWERS.items():
            wave[question] = dealt(rng, ("Y", "N"), (yes, SURVEY_BASE - yes), SURVEY_BASE)
        waves[f"{month.year - 1}-{month.year % 100:02d}"] = wave
    return waves
