"""What other services write: searches, hate reports, housing concerns, counts of calls, panels and reoffending."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from concord.synthetic import borough, calendar, writing
from concord.synthetic.calendar import epoch
from concord.synthetic.population import Population
from concord.synthetic.records import NO_DATE, Table, identities, write_down
from concord.synthetic.sampling import apportion, count, dealt, exactly, flags, objects, references, residents
from concord.synthetic.span import Span
from concord.synthetic.tables import Written

SEARCHES_A_YEAR, UNKNOWN_ETHNICITY, FOUND = 6000, 0.12, 0.24
RELATIVE_RATE = {"W": 1.0, "A": 1.1, "B": 2.4, "M": 1.5, "O": 1.1}
"""Searches for each resident, White being 1, by the first letter of the code (Chinese, O1, are counted as Asian)."""
POWERS = (("mda_s23", 0.60), ("pace_s1", 0.34), ("s60", 0.05), ("firearms_s47", 0.01))
OBJECTS = {
    "mda_s23": (("drugs", 1.0),),
    "pace_s1": (("weapons", 0.45), ("stolen_goods", 0.35), ("equipment", 0.17), ("criminal_damage", 0.03)),
    "s60": (("weapons", 1.0),),
    "firearms_s47": (("firearms", 1.0),),
}
HATE_A_YEAR, CONCERNS_A_YEAR = 260, 320
STRANDS = (("race", 0.46), ("religion", 0.2), ("sexual_orientation", 0.11), ("disability", 0.08),
           ("transgender", 0.04), ("gender", 0.05), ("immigration_status", 0.04), ("age", 0.01),
           ("other_difference", 0.01))  # fmt: skip
MARAC_A_YEAR, MARAC_REPEAT = 490, 0.33
FACTORS = (("mental_ill_health", 0.62), ("cuckooing", 0.44), ("drug_misuse", 0.37), ("alcohol_misuse", 0.26),
           ("isolation", 0.2), ("hoarding", 0.13), ("learning_disability", 0.1))  # fmt: skip
COMMUNITY_MARAC_A_YEAR = 110
COHORT_A_YEAR, REOFFENDED = 1900, 0.31
REOFFENDED_BY_AGE = {"10-17": 0.34, "18-24": 0.33, "25+": 0.3026}
BANDS = ("00-05", "06-11", "12-17", "18-23")
CALLS_TO_VIOLENCE = ("assault", "stabbing", "shooting", "sexual_assault", "domestic_abuse")


def _shared(pairs: Sequence[tuple[str, float]], rng: np.random.Generator, total: int) -> np.ndarray:
    return dealt(rng, [name for name, _ in pairs], [share for _, share in pairs], total)


def rate_group(code: str) -> str:
    """The group of `RELATIVE_RATE` that an 18+1 code belongs to."""
    return "A" if code == "O1" else code[0]


def stop_search(rng: np.random.Generator, people: Population, *, span: Span, size: float) -> Written:
    """Searches with a known relative rate for each ethnic group, and a share whose ethnicity is not known."""
    total = max(1, count(SEARCHES_A_YEAR, size, span.quarterly_years))
    unknown = round(UNKNOWN_ETHNICITY * total)
    held = np.bincount(people.ethnicity, minlength=len(people.ethnicity_codes))
    rates = np.array([RELATIVE_RATE[rate_group(code)] for code in people.ethnicity_codes])
    who = np.repeat(np.arange(len(held)), apportion(held * rates, total - unknown))
    drawn = calendar.draw(rng, held * rates, unknown)
    group = np.concatenate([who, drawn])
    told = objects(people.ethnicity_codes)[group]
    told[total - unknown :] = np.where(rng.random(unknown) < 0.6, "NS", None)
    order = rng.permutation(total)
    group, told = group[order], told[order]
    seen = objects(people.observed_codes)[group]
    seen[rng.random(total) < 0.04] = "IC9"
    days = span.days()
    day = np.sort(days[calendar.draw(rng, calendar.day_weights(days, "serious"), total)])
    minute = calendar.draw(rng, calendar.SERIOUS, total) * 60 + rng.integers(0, 60, total)
    here = borough.places()
    power = _shared(POWERS, rng, total)
    looked = np.empty(total, dtype=object)
    for name, choices in OBJECTS.items():
        where = power == name
        looked[where] = _shared(choices, rng, int(where.sum()))
    found = exactly(rng, FOUND, total)
    outcome = np.full(total, "no_further_action", dtype=object)
    outcome[found] = _shared(
        (("arrest", 0.44), ("community_resolution", 0.26), ("penalty_notice", 0.08), ("caution", 0.05),
         ("khat_or_cannabis_warning", 0.09), ("charge_or_summons", 0.08)), rng, int(found.sum()),
    )  # fmt: skip
    linked = np.full(total, None, dtype=object)
    linked[found] = flags(rng.random(int(found.sum())) < 0.74)
    stamp = calendar.without_clock_change(day * 1440 + minute).astype(np.int64)
    table: Table = {
        "searched_at": writing.instants(stamp),
        "ward_code": objects(here.ward_codes)[calendar.draw(rng, here.ward_share * (0.5 + here.deprivation), total)],
        "power": power, "object": looked, "outcome": outcome, "outcome_linked": linked, "found": flags(found),
        "ethnicity_self": told, "ethnicity_observed": seen,
        "age_band": dealt(rng, ("10-17", "18-24", "25-34", "over 34"), (0.2, 0.39, 0.24, 0.17), total),
        "sex": dealt(rng, ("M", "F", "U"), (0.91, 0.085, 0.005), total),
        "clothing_removed": flags(rng.random(total) < 0.02), "body_worn_video": flags(rng.random(total) < 0.96),
    }  # fmt: skip
    return Written(table, span.quarter_of(day))


def population_ethnicity(people: Population, on: int) -> Table:
    """Residents by age band and ethnic group on a day, rounded to five: the denominators of those rates."""
    band = np.searchsorted(borough.BAND_FROM * 365.2425, on - people.birth, side="right") - 1
    counts = np.zeros((len(borough.AGE_BANDS), len(people.ethnicity_codes)), dtype=np.int64)
    np.add.at(counts, (band.clip(0), people.ethnicity), 1)
    bands, codes = (axis.ravel() for axis in np.indices(counts.shape))
    return {
        "age_band": objects(borough.AGE_BANDS)[bands], "ethnicity": objects(people.ethnicity_codes)[codes],
        "residents": (5 * np.round(counts.ravel() / 5).astype(np.int64)).astype(object),
    }  # fmt: skip


def hate_reports(rng: np.random.Generator, *, span: Span, size: float) -> Written:
    total = count(HATE_A_YEAR, size, span.quarterly_years)
    day = np.sort(rng.integers(span.start, span.until, total))
    happened = np.maximum(day - np.floor(rng.exponential(9, total)).astype(np.int64), span.start)
    here = borough.places()
    ward = objects(here.ward_codes)[calendar.draw(rng, here.ward_share, total)]
    ward[rng.random(total) < 0.1] = None
    kinds = (("verbal", 0.46), ("online", 0.13), ("threat", 0.16), ("damage", 0.09), ("assault", 0.12), ("other", 0.04))
    kind = _shared(kinds, rng, total)
    place = _shared((("street", 0.38), ("dwelling", 0.2), ("transport", 0.12), ("shop", 0.1), ("school", 0.07),
                     ("workplace", 0.06), ("park", 0.04), ("not_known", 0.03)), rng, total)  # fmt: skip
    place[kind == "online"] = "online"
    centres = (("community_hub", 0.3), ("online_form", 0.28), ("faith_centre", 0.14), ("housing_office", 0.12),
               ("charity", 0.11), ("school", 0.05))  # fmt: skip
    table: Table = {
        "report_ref": references("HR", total), "reported_on": writing.days(day), "happened_on": writing.days(happened),
        "strand": _shared(STRANDS, rng, total), "kind": kind, "location_type": place, "ward_code": ward,
        "centre": _shared(centres, rng, total), "told_police": flags(exactly(rng, 0.4, total)),
    }  # fmt: skip
    return Written(table, span.quarter_of(day))


def housing_concerns(
    rng: np.random.Generator, people: Population, *, span: Span, size: float, clean: frozenset[int]
) -> Written:
    total = count(CONCERNS_A_YEAR, size, span.quarterly_years)
    day = np.sort(rng.integers(span.start, span.until, total))
    who = residents(rng, people, day, 16, 75, 0.52)
    known, number = np.unique(who, return_inverse=True)
    records = write_down(rng, people, known, prefix="RP", clean=clean)
    kinds = (("serious_asb", 0.27), ("domestic_abuse", 0.24), ("cuckooing", 0.19), ("group_violence", 0.09),
             ("child_exploitation", 0.08), ("hate", 0.07), ("weapons", 0.06))  # fmt: skip
    told = day + rng.integers(1, 25, total)
    heard = (rng.random(total) < 0.72) & (told < span.until)
    home = borough.places()
    ward = objects(home.ward_codes)[home.lsoa_ward[home.postcode_lsoa[people.postcode[who]]]]
    table: Table = {
        "concern_ref": references("HC", total), "agreement_id": np.full(total, "housing_concerns", dtype=object),
        **identities(records, number), "raised_on": writing.days(day),
        "provider": objects([f"RP-{n:02d}" for n in range(1, 9)])[rng.integers(0, 8, total)],
        "kind": _shared(kinds, rng, total), "ward_code": ward,
        "told_on": writing.days(np.where(heard, told, NO_DATE)),
    }  # fmt: skip
    return Written(table, span.quarter_of(day), records, number)


def ambulance_counts(stamp: np.ndarray, ward: np.ndarray, category: np.ndarray, span: Span) -> Written:
    """Calls to violence counted by month, ward, six hours of the day and kind."""
    kinds = {name: k for k, name in enumerate(CALLS_TO_VIOLENCE)}
    where = np.flatnonzero(np.isin(category.astype(str), CALLS_TO_VIOLENCE))
    kind = np.array([kinds[name] for name in category[where]], dtype=np.int64)
    quarter = span.quarter_of(np.array([epoch(each) for each in span.months]))
    keys = np.stack([span.month_of(stamp[where] // 1440), ward[where], stamp[where] % 1440 // 360, kind], axis=1)
    found, calls = np.unique(keys, axis=0, return_counts=True)
    table: Table = {
        "month": objects([f"{span.months[m]:%Y-%m}" for m in found[:, 0].tolist()]),
        "ward_code": objects(borough.places().ward_codes)[found[:, 1]], "time_band": objects(BANDS)[found[:, 2]],
        "category": objects(CALLS_TO_VIOLENCE)[found[:, 3]], "calls": calls.astype(object),
    }  # fmt: skip
    return Written(table, quarter.clip(0)[found[:, 0]])


def panel_returns(rng: np.random.Generator, *, span: Span, size: float) -> tuple[Written, Written]:
    """Cases of the MARAC and of the Community MARAC, counted by month."""
    months = [each for each in span.months if epoch(each) < span.until]
    at = span.quarter_of(np.array([epoch(each) for each in months], dtype=np.int64))
    name = objects([f"{each:%Y-%m}" for each in months])
    share = np.full(len(months), 1.0)
    total = count(MARAC_A_YEAR, size, span.quarterly_years)
    cases = apportion(share * rng.uniform(0.8, 1.2, len(months)), total)
    repeat = np.minimum(apportion(cases + 1e-9, round(MARAC_REPEAT * total)), cases)
    marac: Table = {
        "month": name, "cases": cases.astype(object), "repeat_cases": repeat.astype(object),
        "children": np.round(cases * rng.uniform(1.0, 1.5, len(months))).astype(np.int64).astype(object),
        "police_referred": np.round(cases * rng.uniform(0.5, 0.66, len(months))).astype(np.int64).astype(object),
    }  # fmt: skip
    heard = apportion(share, max(1, count(COMMUNITY_MARAC_A_YEAR, size, span.quarterly_years)))
    rows = [(m, k) for m in range(len(months)) for k in range(len(FACTORS))]
    counted = rng.binomial([heard[m] for m, _ in rows], [FACTORS[k][1] for _, k in rows])
    factors: Table = {
        "month": objects([name[m] for m, _ in rows]), "factor": objects([FACTORS[k][0] for _, k in rows]),
        "cases": counted.astype(object),
    }  # fmt: skip
    return Written(marac, at), Written(factors, at[[m for m, _ in rows]])


def reoffending(rng: np.random.Generator, *, span: Span, size: float) -> Written:
    """The cohort of a year before each quarter sent; over all of them the known share offended again."""
    ages = list(REOFFENDED_BY_AGE)
    shares = np.tile((0.08, 0.25, 0.67), len(span.quarters))
    people = apportion(shares, max(3, round(COHORT_A_YEAR * size * len(span.quarters) / 4)))
    again = apportion(people * np.tile(list(REOFFENDED_BY_AGE.values()), len(span.quarters)),
                      round(REOFFENDED * int(people.sum())))  # fmt: skip
    again = np.minimum(again, people)
    at = np.repeat(np.arange(len(span.quarters)), len(ages))
    table: Table = {
        "cohort_from": objects([f"{q.year - 1}-{q.month:02d}-01" for q in span.quarters for _ in ages]),
        "age_group": objects(ages * len(span.quarters)), "people": people.astype(object),
        "reoffenders": again.astype(object),
        "reoffences": (again + np.floor(again * rng.uniform(1.4, 2.6, len(again))).astype(np.int64)).astype(object),
    }  # fmt: skip
    return Written(table, at)
