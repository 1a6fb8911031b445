"""Returns in which agencies send what they counted themselves, a survey of residents, and postcode districts.

Every share is a promise: over all quarters of a run the numerators are that share of the denominators, to the nearest
whole number. All of it is invented; none of the shares is anybody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from concord.synthetic import borough
from concord.synthetic.population import Population
from concord.synthetic.records import Table
from concord.synthetic.sampling import apportion, objects
from concord.synthetic.span import Span
from concord.synthetic.tables import Written

Groups = tuple[tuple[str, float, float], ...]
"""Category, its part of the denominator, and how many times the share of the others its own is."""
ETHNICITY: Groups = (("white", 0.40, 1.0), ("mixed", 0.06, 1.5), ("asian", 0.38, 0.9), ("black", 0.10, 2.0),
                     ("other", 0.03, 1.0), ("not_stated", 0.03, 1.2))  # fmt: skip
ALIKE: Groups = tuple((name, part, 1.0) for name, part, _ in ETHNICITY)
SEX: Groups = (("girls", 0.49, 0.8), ("boys", 0.51, 1.2))
AGES: Groups = (("under_25", 0.32, 1.4), ("25_and_over", 0.68, 0.8))
NEEDS: Groups = (("none", 0.82, 1.0), ("support", 0.13, 2.6), ("plan", 0.05, 3.0))


@dataclass(frozen=True)
class Measure:
    """A measure of a return: `whole` of the denominator a year at size 1.0 (None: a plain count) and the share of it.

    `cadence` says what a line covers: its quarter, the year or the three years to its end. `fixed` wholes do not grow
    with the borough (meetings, schools). `share` is per denominator; above one where each has several.
    """

    name: str
    whole: float | None
    share: float
    cadence: str = "quarter"
    groups: Mapping[str, Groups] = field(default_factory=dict)
    fixed: bool = False


RETURNS: dict[str, tuple[Measure, ...]] = {
    "health_returns": (
        Measure("drug_related_deaths", 930_900, 0.00005, "three_years"),
        Measure("drug_related_admissions_under_25", 98_000, 0.0012, "year"),
        Measure("sharp_object_admissions", 310_300, 0.00018, "year", {"age": AGES}),
        Measure("treatment_progress", 1900, 0.47, "year"),
        Measure("prison_to_treatment_within_3_weeks", 160, 0.44),
    ),
    "iris_returns": (Measure("iris_referrals", 22, 4.5, "year", fixed=True),),
    "education_returns": (
        Measure("good_level_of_development", 3900, 0.72, "year", {"sex": SEX}),
        Measure("schools_trained_in_exploitation", 98, 0.61, "year", fixed=True),
        Measure("suspensions", 42_000, 0.047, "year", {"ethnicity": ETHNICITY, "special_needs": NEEDS}),
        Measure("permanent_exclusions", 42_000, 0.0009, "year", {"ethnicity": ETHNICITY, "special_needs": NEEDS}),
        Measure("persistent_absence", 42_000, 0.21, "year", {"ethnicity": ETHNICITY, "special_needs": NEEDS}),
    ),
    "justice_returns": (
        Measure("child_arrest_notifications", 620, 0.93, groups={"ethnicity": ALIKE}),
        Measure("children_in_custody_offered_support", 620, 0.58, groups={"sex": SEX}),
        Measure("section_60_reviewed", 14, 0.79, fixed=True),
        Measure("iom_reoffending", 110, 0.41, "year"),
        Measure("iom_needs_with_plan", 420, 0.68),
        Measure("harm_list_removed_within_1_day", 64, 0.95),
        Measure("harm_list", 2600, 0.037, "year", {"ethnicity": ETHNICITY}),
        Measure("harm_list_offered_support", 96, 0.62, "year"),
        Measure("civil_order_breaches", 150, 0.19, "year"),
        Measure("gravity_decisions_with_rationale", 250, 0.88),
        Measure("turnaround_completed", 84, 0.66),
        Measure("youth_reoffending", 300, 0.34, "year", {"ethnicity": ETHNICITY}),
        Measure("drug_lines", None, 22, "year", fixed=True),
    ),
    "support_returns": (
        Measure("early_help_started_within_30_days", 900, 0.71),
        Measure("children_referred_again_within_12_months", 2900, 0.19),
        Measure("referrals_from_the_voluntary_sector", 1200, 0.16),
        Measure("needs_assessed_within_20_working_days", 640, 0.57),
        Measure("therapy_started_within_6_weeks", 410, 0.52),
        Measure("support_completed_as_planned", 520, 0.64),
        Measure("advocate_contact_within_48_hours", 480, 0.81),
    ),
    "council_returns": (
        Measure("knife_test_purchases_failed", 72, 0.17, fixed=True),
        Measure("camera_moves_reviewed", 30, 0.83, fixed=True),
        Measure("patrol_minutes_in_hotspot_hours", 180_000, 0.74, fixed=True),
        Measure("tasking_results_within_14_days", 88, 0.69, fixed=True),
        Measure("transition_plans_by_17_and_a_half", 130, 0.63),
        Measure("practitioners_trained_in_screening", 2100, 0.46, "year", fixed=True),
        Measure("exploitation_screenings", None, 540),
        Measure("core_agencies_at_panels", 620, 0.82, fixed=True),
        Measure("profiles_refreshed_on_time", 24, 0.75, fixed=True),
        Measure("womens_safety_actions_on_track", 21, 0.62, "year", fixed=True),
        Measure("strategy_actions_on_time", 120, 0.7, fixed=True),
        Measure("training_places_attended", 1400, 0.77, fixed=True),
        Measure("hate_incident_panel_outcomes", 140, 0.72),
        Measure("days_from_referral_to_panel", 480, 16.0),
    ),
}  # fmt: skip
QUESTIONS = (
    ("knows_how_to_get_help", 0.58, "resident_survey"),
    ("women_feel_safe_after_dark", 0.46, "resident_survey"),
    ("police_do_a_good_job_locally", 0.51, "resident_survey"),
    ("agencies_deal_with_hate", 0.44, "resident_survey"),
)
ASKED, DESIGN_EFFECT = 1100, 1.35
SURVEY_GROUPS = {
    "age": (("16-24", 0.17), ("25-39", 0.44), ("40-64", 0.30), ("65+", 0.09)),
    "ethnicity": (("white", 0.41), ("asian", 0.42), ("black", 0.08), ("other_or_mixed", 0.09)),
}


def returns(rng: np.random.Generator, *, span: Span, size: float) -> dict[str, Written]:
    """Each return's lines, by the quarter in which what they count ended."""
    made: dict[str, Written] = {}
    ends = [_end(each) for each in span.quarters]
    for returned, measures in RETURNS.items():
        lines: list[tuple[object, ...]] = []
        at: list[int] = []
        for measure in measures:
            for place, line in _lines(rng, measure, ends, size):
                lines.append(line)
                at.append(place)
        made[returned] = Written(_table(lines), np.array(at, dtype=np.int64))
    return made


def _lines(
    rng: np.random.Generator, measure: Measure, ends: list[date], size: float
) -> list[tuple[int, tuple[object, ...]]]:
    """Lines of one measure over all quarters, with the place of the quarter."""
    scale = 1.0 if measure.fixed else size
    part_of_year = 0.25 if measure.cadence == "quarter" else 1.0
    uneven = rng.uniform(0.9, 1.1, len(ends))
    if measure.whole is None:
        parts = apportion(uneven, round(measure.share * scale * part_of_year * len(ends)))
        wholes = np.zeros(len(ends), dtype=np.int64)
    else:
        wholes = np.maximum(apportion(uneven, round(measure.whole * scale * part_of_year * len(ends))), 1)
        parts = apportion(wholes * rng.uniform(0.97, 1.03, len(ends)), round(measure.share * int(wholes.sum())))
        parts = np.minimum(parts, wholes) if measure.share <= 1 else parts
    made: list[tuple[int, tuple[object, ...]]] = []
    for place, end in enumerate(ends):
        first = _first(end, measure.cadence)
        part, whole = int(parts[place]), None if measure.whole is None else int(wholes[place])
        made.append((place, (measure.name, first, end, "all", None, part, whole)))
        for breakdown, groups in measure.groups.items():
            for category, of, n in _dealt(groups, whole or 0, part):
                made.append((place, (measure.name, first, end, breakdown, category, n, of)))
    return made


def _dealt(groups: Groups, whole: int, part: int) -> list[tuple[str, int, int]]:
    """Denominator and numerator of each category: they add up to the whole and its part."""
    of = apportion([weight for _, weight, _ in groups], whole)
    counts = apportion([n * times + 1e-9 for n, (_, _, times) in zip(of.tolist(), groups, strict=True)], part)
    counts = np.minimum(counts, of)
    short = part - int(counts.sum())
    for place in np.argsort(-(of - counts), kind="stable"):
        more = min(short, int(of[place] - counts[place]))
        counts[place] += more
        short -= more
    return [(name, int(of[k]), int(counts[k])) for k, (name, _, _) in enumerate(groups)]


def survey_results(rng: np.random.Generator, *, span: Span) -> Written:
    """Waves of a survey of residents in the first quarter of each year, as its organisation counted them."""
    lines: list[tuple[object, ...]] = []
    at: list[int] = []
    for place, first in enumerate(span.quarters):
        if first.month != 1:
            continue
        wave = (date(first.year, 1, 15), date(first.year, 3, 14))
        for question, share, survey in QUESTIONS:
            asked = ASKED // 2 if question.startswith("women") else ASKED
            groups = {"all": ((None, 1.0),), **SURVEY_GROUPS}
            for breakdown, categories in groups.items():
                for category, weight in categories:
                    n = round(asked * weight)
                    agreed = round(n * min(0.95, share + (0.0 if breakdown == "all" else float(rng.normal(0, 0.03)))))
                    percent = round(100 * agreed / n + (0.4 if breakdown == "all" else 0.0), 1)
                    lines.append((survey, question, *wave, breakdown, category, n, agreed, percent, DESIGN_EFFECT, "Y"))
                    at.append(place)
    names = ("survey", "question", "wave_from", "wave_to", "breakdown", "category", "respondents", "agreed",
             "weighted_percent", "design_effect", "sampled")  # fmt: skip
    return Written(_columns(names, lines), np.array(at, dtype=np.int64))


def postcode_districts(people: Population, on: int) -> Table:
    """Outward postcodes with their residents on a day, and those in the most deprived two fifths of small areas."""
    here = borough.places()
    deprived = here.deprivation[here.lsoa_ward] >= np.quantile(here.deprivation, 0.6)
    outward = objects([code.split(" ")[0] for code in here.postcodes])
    alive = people.postcode[people.birth <= on]
    counts = np.bincount(alive, minlength=len(outward))
    poor = counts * deprived[here.postcode_lsoa]
    names = sorted(set(outward.tolist()), key=lambda name: (len(name), name))
    return {
        "outward_postcode": objects(names),
        "residents": objects([max(1, int(counts[outward == name].sum())) for name in names]),
        "residents_most_deprived": objects([int(poor[outward == name].sum()) for name in names]),
    }


def _table(lines: list[tuple[object, ...]]) -> Table:
    names = ("measure", "from_day", "to_day", "breakdown", "category", "numerator", "denominator")
    return _columns(names, lines)


def _columns(names: tuple[str, ...], lines: list[tuple[object, ...]]) -> Table:
    columns = list(zip(*lines, strict=True)) or [()] * len(names)
    return {
        name: objects([str(value) if isinstance(value, date) else value for value in column])
        for name, column in zip(names, columns, strict=True)
    }


def _end(first: date) -> date:
    month = first.month + 3
    return date(first.year + (month > 12), (month - 1) % 12 + 1, 1) - timedelta(days=1)


def _first(end: date, cadence: str) -> date:
    after = end + timedelta(days=1)
    if cadence == "quarter":
        month = after.month - 3
        return date(after.year - (month < 1), (month - 1) % 12 + 1, 1)
    return after.replace(year=after.year - (3 if cadence == "three_years" else 1))
