"""The whole evidence side on Harbourside: generated, loaded, found, released, and then attacked and recomputed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from linkage_support import good_links

from concord import synthetic
from concord.evidence.datasets.classify import classify
from concord.evidence.datasets.store import Store
from concord.evidence.disclosure import Ledger, Release, release
from concord.evidence.extracts import load as receive
from concord.evidence.findings import find
from concord.evidence.findings.model import TOTAL, Finding
from concord.evidence.linkage.linking import link
from concord.kernel.periods import Period
from concord.strategy import load

PERIOD = Period(date(2024, 10, 1), date(2026, 9, 30))
NAMES = (
    "serious_violence_rate",
    "serious_violence_trend",
    "places",
    "times",
    "victim_offender_overlap",
    "definition_coverage",
    "ed_assaults_against_police",
    "stop_search",
    "knife_crime",
    "homicide",
    "robbery",
    "sexual_offences",
    "domestic_abuse",
    "hate_crime",
    "drug_trafficking",
    "weapons",
    "outcomes",
    "most_serious_evening",
    "serious_youth_violence",
    "victims",
    "suspects",
    "repeat_victimisation",
    "repeat_suspects",
    "standardised_rate",
    "hotspots",
    "near_repeat",
    "alerts",
    "seasonal_pattern",
    "harm",
    "effect",
)
FEEDS = (
    "recorded_crime",
    "crime_persons",
    "population",
    "ed_assaults",
    "stop_search",
    "population_ethnicity",
    "areas",
    "taskings",
    "harm_weights",
)
pytestmark = pytest.mark.slow


def noon() -> datetime:
    return datetime(2026, 11, 2, 12, tzinfo=UTC)


class Borough:
    def __init__(self, folder: Path) -> None:
        self.partnership: Any = load(Path(__file__).resolve().parents[2] / "partnerships" / "harbourside")
        self.home = folder / "home"
        made = synthetic.generate(folder / "extracts", months=24, size=0.1, seed=7, start=date(2024, 10, 1))
        for feed in FEEDS:
            receive(
                self.home,
                self.partnership.feeds[feed],
                list(made.files[feed]),
                agreements=self.partnership.agreements,
                clock=noon,
            )
        self.store = Store(self.home)
        classify(self.store, self.partnership.definition, noon)
        youth = self.partnership.definitions["serious_youth_violence"]
        classify(self.store, youth, noon, name="serious_youth_violence")
        link(self.store, self.home, self.partnership.linkage, noon)
        good_links(self.store)
        self.extracts = folder / "extracts"

    def found(self, name: str, period: Period = PERIOD, **parameters: object) -> Finding:
        return find(name, self.store, self.partnership, period, **parameters)

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


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Borough]:
    yield Borough(tmp_path_factory.mktemp("harbourside"))


@pytest.mark.parametrize("name", NAMES)
def test_each_finding_is_released_without_a_small_number(borough: Borough, name: str) -> None:
    finding = borough.found(name)
    made = borough.released(finding)
    limit = 7 if finding.source_class == "health" else 4
    assert made.audit.exposed == ()
    assert made.synthetic
    for table, before in zip(made.tables, finding.tables, strict=True):
        for cell, was in zip(table.cells, before.cells, strict=True):
            assert cell.count is None or cell.count == 0 or cell.count > limit
            if 1 <= was.count <= limit:
                assert cell.hidden == "confidential"
    assert sum(cell.count is not None for table in made.tables for cell in table.cells) > 0


def test_hidden_counts_are_nowhere_in_the_release_file(borough: Borough) -> None:
    finding = borough.found("places", limb="hate_crime")
    made = borough.released(finding)
    small = [cell for table in finding.tables for cell in table.cells if 1 <= cell.count <= 4]
    assert small, "the test needs a table with small counts"
    content = json.loads((borough.home / "releases" / f"{made.id}.json").read_text())
    for table in content["tables"]:
        for cell in table["cells"]:
            if cell["hidden"]:
                assert {k: v for k, v in cell.items() if k not in ("key", "hidden") and v} == {}


def test_wards_of_a_limb_and_its_months_together_give_nothing_back(borough: Borough) -> None:
    """Months, wards and limbs of hate crime, released one after another, are audited as one system."""
    first = borough.released(borough.found("places", limb="hate_crime"))
    second = borough.released(borough.found("serious_violence_trend", limb="hate_crime"))
    assert first.audit.exposed == second.audit.exposed == ()
    assert first.id in second.audit.against


def test_an_extra_month_of_data_does_not_give_a_month_back(borough: Borough) -> None:
    shorter = Period(PERIOD.start, date(2026, 8, 31))
    early = borough.released(borough.found("serious_violence_trend", shorter, limb="hate_crime"))
    late = borough.released(borough.found("serious_violence_trend", PERIOD, limb="hate_crime"))
    for month in ("2026-08", "2026-09"):
        cells = [{cell.key[0]: cell.count for cell in made.tables[0].cells} for made in (early, late)]
        assert cells[0].get(month) == cells[1].get(month) or month == "2026-09"
    totals = [counts[TOTAL] for counts in cells]
    months = borough.found("serious_violence_trend", limb="hate_crime").tables[0]
    truth = {cell.key[0]: cell.count for cell in months.cells}
    assert None in totals or not 1 <= totals[1] - totals[0] <= 4
    assert any(1 <= count <= 4 for month, count in truth.items() if month != TOTAL), "the test needs small months"


def test_two_weeks_more_do_not_give_a_week_back(borough: Borough) -> None:
    """A weekly series is released again with every week that passes: what was hidden stays hidden."""
    ends = (date(2026, 8, 30), date(2026, 9, 13))
    early, late = (borough.released(borough.found("alerts", Period(date(2026, 4, 1), end))) for end in ends)
    assert late.audit.exposed == ()
    assert early.id in late.audit.against
    weeks = [{c.key[0]: c.count for t in made.tables if t.name == "weeks" for c in t.cells} for made in (early, late)]
    hidden = {week for week, count in weeks[0].items() if count is None and week != TOTAL}
    assert hidden, "the test needs a small week"
    assert all(weeks[1][week] is None for week in hidden & set(weeks[1]))


def test_the_same_figure_comes_out_of_its_own_lineage(borough: Borough) -> None:
    made = borough.released(borough.found("places"))
    lineage = made.lineage
    then = borough.store.at(lineage.datasets)
    again = find(lineage.finding, then, borough.partnership, made.period, **lineage.parameters)
    assert borough.released(again).id == made.id


def test_the_board_gets_the_same_under_its_own_rule(borough: Borough) -> None:
    finding = borough.found("places", limb="hate_crime")
    public, board = (borough.released(finding, audience) for audience in ("public", "board"))
    assert board.id != public.id
    assert public.id in board.audit.against


def test_a_restricted_meeting_sees_them_all(borough: Borough) -> None:
    finding = borough.found("places", limb="hate_crime")
    made = borough.released(finding, "restricted")
    assert [cell.count for cell in made.tables[0].cells] == [cell.count for cell in finding.tables[0].cells]
    assert "serious_violence_duty" in made.notice


def test_the_overlap_is_the_true_one_within_its_interval(borough: Borough) -> None:
    """The generator keeps who was who; the finding has only what linkage made of the agencies' records."""
    results = borough.store.latest("definition_results").scan
    extracts = borough.extracts
    people, both = duckdb.sql(
        f"""WITH named AS (
            SELECT coalesce(t.true_person, c.person_id) AS person, c.role
            FROM read_csv('{extracts}/police/crime_persons_*.csv', all_varchar = true) c
            JOIN {results} d USING (crime_ref)
            LEFT JOIN (SELECT DISTINCT record_id, true_person FROM read_csv('{extracts}/truth/person_records.csv')) t
                ON t.record_id = c.person_id
            WHERE d.verdict = 'in' AND try_cast(c.age AS INTEGER) < 25
        ), roles AS (
            SELECT bool_or(role = 'victim') AND bool_or(role = 'suspect') AS overlap FROM named GROUP BY person
        )
        SELECT count(*), count(*) FILTER (overlap) FROM roles"""
    ).fetchall()[0]
    cell = next(c for c in borough.found("victim_offender_overlap").tables[0].cells if c.key[0].startswith("Both"))
    assert cell.estimate is not None
    assert cell.estimate.interval is not None
    assert cell.base == pytest.approx(people, rel=0.03)
    assert cell.estimate.interval.low <= 100 * both / people <= cell.estimate.interval.high


def test_the_ledger_is_whole_at_the_end(borough: Borough) -> None:
    assert Ledger(borough.home).verify() >= len(NAMES)


def test_searches_of_each_group_are_as_many_times_white_residents_as_was_put_in(borough: Borough) -> None:
    """The generator searches Black residents 2.4 and Asian residents 1.1 times as often; nobody stated for 12%."""
    found = borough.found("stop_search")
    ratios = {cell.key[0]: cell for table in found.tables if table.name == "relative_rate" for cell in table.cells}
    for group, truth in (("Black", 2.4), ("Asian", 1.1)):
        estimate = ratios[group].estimate
        assert estimate is not None
        assert estimate.interval is not None
        assert estimate.interval.low <= truth <= estimate.interval.high
        low, high = (float(word) for word in ratios[group].label.split(" whoever")[0].split(" to "))
        assert low < estimate.value < high
    assert "White" not in ratios
    assert "Not stated" not in ratios
    searched = next(table for table in found.tables if table.name == "searched")
    unstated = next(cell for cell in searched.cells if cell.key == ("Not stated",))
    assert (unstated.estimate, unstated.population) == (None, None), "what is not stated is no group"
