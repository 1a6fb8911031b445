"""Findings: one question each, answered from the datasets with intervals and what it cannot say. Not for showing."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from concord.evidence.findings.model import Finding
from concord.kernel.errors import Usage
from concord.kernel.names import did_you_mean
from concord.kernel.periods import Period

if TYPE_CHECKING:
    from concord.evidence.datasets.store import Store

__all__ = ["FINDINGS", "MAIN_DATASET", "Finding", "FindingFunction", "dated_by", "find"]


class FindingFunction(Protocol):
    """Answers one question over a period. Keyword parameters differ by finding and are JSON-able."""

    def __call__(self, store: Store, partnership: Any, period: Period, **parameters: Any) -> Finding: ...


_WHERE = {
    "serious_violence_rate": ("serious_violence_rate", "find"),
    "serious_violence_trend": ("serious_violence_trend", "find"),
    "places": ("places", "find"),
    "times": ("times", "find"),
    "victim_offender_overlap": ("victim_offender_overlap", "find"),
    "knife_crime": ("knife_crime", "find"),
    "homicide": ("homicide", "find"),
    "robbery": ("robbery", "find"),
    "sexual_offences": ("sexual_offences", "find"),
    "domestic_abuse": ("domestic_abuse", "find"),
    "hate_crime": ("hate_crime", "find"),
    "drug_trafficking": ("drug_trafficking", "find"),
    "weapons": ("weapons", "find"),
    "outcomes": ("outcomes", "find"),
    "most_serious_evening": ("most_serious_evening", "find"),
    "serious_youth_violence": ("youth_violence", "find"),
    "victims": ("victims_suspects", "find_victims"),
    "suspects": ("victims_suspects", "find_suspects"),
    "repeat_victimisation": ("repeats", "find_victims"),
    "repeat_suspects": ("repeats", "find_suspects"),
    "standardised_rate": ("standardised_rate", "find"),
    "hotspots": ("hotspot_places", "find"),
    "near_repeat": ("near_repeats", "find"),
    "alerts": ("weekly_alerts", "find"),
    "seasonal_pattern": ("month_profile", "find"),
    "harm": ("crime_harm", "find"),
    "effect": ("tasking_effect", "find"),
    "definition_coverage": ("definition_coverage", "find"),
    "ed_assaults_against_police": ("ed_assaults_against_police", "find"),
    "stop_search": ("stop_search", "find"),
    "stop_search_draw": ("stop_search_draw", "find"),
    "profile": ("profile", "find"),
    "missing": ("missing", "find"),
    "return_home_interviews": ("missing", "find_interviews"),
    "exploitation_profile": ("exploitation", "find"),
    "exploitation_and_missing": ("exploitation", "find_missing"),
    "nrm": ("modern_slavery", "find"),
    "modern_slavery_concerns": ("modern_slavery", "find_concerns"),
    "drug_markets": ("drug_markets", "find"),
    "youth_justice": ("youth_justice", "find"),
    "youth_justice_stages": ("youth_justice", "find_stages"),
    "reoffending_after_outcome_22": ("youth_justice", "find_again"),
    "reoffending": ("reoffending", "find"),
    "school_suspensions": ("school", "find"),
    "school_exclusions": ("school", "find_permanent"),
    "school_absence": ("school", "find_absence"),
    "third_party_reports": ("services", "find_reports"),
    "housing_concerns": ("services", "find_housing"),
    "child_notifications": ("services", "find_notifications"),
    "children_domestic_abuse": ("services", "find_domestic_abuse"),
    "marac": ("marac", "find"),
    "community_marac": ("marac", "find_community"),
    "adult_women": ("marac", "find_women"),
    "ethnicity_completeness": ("ethnicity", "find"),
    "monthly": ("monthly", "find"),
    "hospital_assaults": ("hospital", "find"),
    "ambulance_violence": ("hospital", "find_calls"),
    "assault_admissions": ("hospital", "find_admissions"),
    "reporting_gap": ("reporting_gap", "find"),
    "search_outcomes": ("search_outcomes", "find"),
    "domestic_abuse_expected": ("domestic_abuse_expected", "find"),
    "survey": ("surveys", "find"),
    "survey_results": ("surveys", "find_returned"),
    "reported_measure": ("reported", "find"),
    "actions_on_time": ("desk_timeliness", "find_actions"),
    "mash_within_one_working_day": ("desk_timeliness", "find_contacts"),
    "borough_comparison": ("borough_comparison", "find"),
    "area_hotspots": ("area_hotspots", "find"),
    "police_uk_areas": ("police_uk_areas", "find"),
    "knife_crime_open": ("knife_crime_open", "find"),
    "vawg_open": ("vawg_open", "find"),
    "homicide_open": ("homicide_open", "find"),
    "attitudes_open": ("attitudes_open", "find"),
    "deprivation": ("deprivation", "find"),
    "area_profile": ("area_profile", "find"),
    "education_open": ("education_open", "find"),
    "outcomes_open": ("outcomes_open", "find"),
    "custody_open": ("custody_open", "find"),
    "use_of_force_open": ("use_of_force_open", "find"),
    "thorough_searches": ("thorough_searches", "find"),
    "stop_search_open": ("stop_search_open", "find"),
}


_DATED_BY: dict[str, tuple[str, ...]] = {
    "ed_assaults_against_police": ("recorded_crime",),
    "stop_search": ("stop_search",),
    "stop_search_draw": ("stop_search",),
    "missing": ("missing_episodes",),
    "return_home_interviews": ("return_home_interviews",),
    "exploitation_profile": ("exploitation_cases",),
    "exploitation_and_missing": ("exploitation_cases",),
    "nrm": ("nrm_referrals",),
    "modern_slavery_concerns": ("adult_safeguarding_concerns",),
    "drug_markets": ("housing_concerns", "exploitation_cases", "community_marac_factors"),
    "youth_justice": ("youth_justice_outcomes",),
    "youth_justice_stages": ("youth_justice_outcomes",),
    "reoffending_after_outcome_22": ("youth_justice_outcomes",),
    "reoffending": ("reoffending",),
    "school_suspensions": ("suspensions",),
    "school_exclusions": ("permanent_exclusions",),
    "school_absence": ("absence_totals",),
    "third_party_reports": ("hate_reports",),
    "housing_concerns": ("housing_concerns",),
    "child_notifications": ("child_notifications",),
    "children_domestic_abuse": ("childrens_social_care",),
    "marac": ("marac_returns",),
    "community_marac": ("community_marac_factors",),
    "adult_women": ("population",),
    "ethnicity_completeness": ("stop_search", "recorded_crime", "youth_justice_outcomes"),
    "hospital_assaults": ("ed_assaults",),
    "ambulance_violence": ("ambulance_calls",),
    "assault_admissions": ("section_17a_hospital_admissions",),
    "reporting_gap": ("ed_assaults",),
    "search_outcomes": ("stop_search",),
    "survey": ("young_people_survey",),
    "survey_results": ("survey_results",),
    "actions_on_time": ("desk_actions",),
    "mash_within_one_working_day": ("desk_contacts",),
    "borough_comparison": ("mps_borough_counts",),
    "area_hotspots": ("mps_lsoa_counts",),
    "police_uk_areas": ("police_uk_points_extract",),
    "knife_crime_open": ("mps_knife_crime_borough",),
    "vawg_open": ("mps_vawg_offences_place",),
    "homicide_open": ("mps_borough_counts",),
    "attitudes_open": ("mopac_public_attitudes",),
    "deprivation": ("iod_2025",),
    "area_profile": ("census_2021_population",),
    "education_open": ("dfe_indicators",),
    "outcomes_open": ("police_uk_street_extract",),
    "custody_open": ("mps_custody_disposals",),
    "use_of_force_open": ("home_office_use_of_force",),
    "thorough_searches": ("mps_thorough_searches",),
    "stop_search_open": ("police_uk_stop_and_search_extract",),
}
"""The datasets whose months a finding is about, where not those of recorded crime: the first that is loaded decides."""
MAIN_DATASET = "recorded_crime"


def dated_by(name: str) -> tuple[str, ...]:
    """The datasets that may decide which months the finding called `name` is about, the one it prefers first."""
    return _DATED_BY.get(name, (MAIN_DATASET,))


class _Findings(Mapping[str, FindingFunction]):
    """Every finding by name. Its module, with the statistics it needs, is imported when it is asked for."""

    def __getitem__(self, name: str) -> FindingFunction:
        module, function = _WHERE[name]
        found: FindingFunction = getattr(import_module(f"{__name__}.{module}"), function)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(_WHERE)

    def __len__(self) -> int:
        return len(_WHERE)


FINDINGS = _Findings()


def find(name: str, store: Store, partnership: Any, period: Period, **parameters: Any) -> Finding:
    """The finding called `name`.

    Raises Usage for a finding or parameter that does not exist (with the nearest name), BadInput where a dataset it
    needs was never loaded.
    """
    if name not in FINDINGS:
        raise Usage(f"There is no finding “{name}”", next_step=did_you_mean(name, FINDINGS))
    takes = list(inspect.signature(FINDINGS[name]).parameters)[3:]
    for given in parameters:
        if given not in takes:
            raise Usage(
                f"Finding “{name}” takes no parameter “{given}”",
                next_step=did_you_mean(given, takes) if takes else "It takes none.",
            )
    return FINDINGS[name](store, partnership, period, **parameters)
