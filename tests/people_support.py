"""Harbourside loaded whole, for findings on people in need: one home for a test module."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from linkage_support import good_links

from concord import synthetic
from concord.evidence.datasets.classify import classify
from concord.evidence.datasets.store import Store
from concord.evidence.disclosure import Release, release
from concord.evidence.extracts import load as receive
from concord.evidence.findings import find
from concord.evidence.findings.model import Cell, Finding
from concord.evidence.linkage.linking import link
from concord.kernel.periods import Period
from concord.strategy import load

PERIOD = Period(date(2024, 10, 1), date(2026, 9, 30))
PEOPLE = (
    "missing",
    "return_home_interviews",
    "exploitation_profile",
    "exploitation_and_missing",
    "nrm",
    "modern_slavery_concerns",
    "drug_markets",
    "youth_justice",
    "youth_justice_stages",
    "reoffending_after_outcome_22",
    "reoffending",
    "school_suspensions",
    "school_exclusions",
    "school_absence",
    "third_party_reports",
    "housing_concerns",
    "child_notifications",
    "children_domestic_abuse",
    "marac",
    "community_marac",
    "ethnicity_completeness",
    "monthly",
    "hospital_assaults",
    "ambulance_violence",
    "assault_admissions",
    "reporting_gap",
    "search_outcomes",
    "domestic_abuse_expected",
    "survey",
    "survey_results",
    "reported_measure",
)
"""The findings on people in need, health, education, exploitation, youth justice, surveys and services."""


ASKED: dict[str, dict[str, object]] = {
    "survey_results": {"question": "knows_how_to_get_help"},
    "reported_measure": {"returned": "education_returns", "measure": "suspensions", "kind": "rate", "per": 100.0,
                         "counted": "suspensions", "of": "pupils", "over": "latest", "reference": "white"},
}  # fmt: skip
"""What has to be asked of those that answer nothing by themselves."""


def noon() -> datetime:
    return datetime(2026, 11, 2, 12, tzinfo=UTC)


class Borough:
    """Every feed of Harbourside at a seventh of its size, loaded, classified and linked."""

    def __init__(self, folder: Path, size: float = 0.15) -> None:
        self.partnership: Any = load(Path(__file__).resolve().parents[1] / "partnerships" / "harbourside")
        self.home = folder / "home"
        self.extracts = folder / "extracts"
        made = synthetic.generate(self.extracts, months=24, size=size, seed=7, start=date(2024, 10, 1))
        for feed, files in made.files.items():
            receive(
                self.home, self.partnership.feeds[feed], list(files), agreements=self.partnership.agreements, clock=noon
            )
        self.store = Store(self.home)
        classify(self.store, self.partnership.definition, noon)
        link(self.store, self.home, self.partnership.linkage, noon)
        good_links(self.store)

    def found(self, name: str, period: Period = PERIOD, **parameters: object) -> Finding:
        """The finding; what it has to be asked is put in where nothing else is given."""
        return find(name, self.store, self.partnership, period, **(parameters or ASKED.get(name, {})))

    def released(self, finding: Finding, audience: str = "public") -> Release:
        return release(
            finding,
            rule=self.partnership.disclosure.rule(audience),
            audience=audience,
            home=self.home,
            requested_by="Ann",
            approved_by="Bo",
            clock=noon,
        )


def cells(found: Finding, table: str) -> dict[tuple[str, ...], Cell]:
    """The cells of one table by key. Raises KeyError where the finding has no such table."""
    named = {each.name: each for each in found.tables}
    return {cell.key: cell for cell in named[table].cells}
