"""Findings on people in need, against what the generator put into Harbourside, and through disclosure control."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest
from people_support import PEOPLE, PERIOD, Borough, cells

from concord.evidence.disclosure import Ledger
from concord.evidence.findings import find
from concord.evidence.findings.model import TOTAL
from concord.evidence.findings.monthly import DATED
from concord.kernel.errors import Usage
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Borough]:
    yield Borough(tmp_path_factory.mktemp("people"))


def holds(estimate: Estimate | None, truth: float) -> bool:
    return (
        estimate is not None
        and estimate.interval is not None
        and estimate.interval.low <= truth <= estimate.interval.high
    )


@pytest.mark.parametrize("name", PEOPLE)
def test_each_says_what_it_rests_on_and_comes_out_again(borough: Borough, name: str) -> None:
    found = borough.found(name)
    assert found.name == name == found.lineage.finding
    assert found.question.endswith("?")
    assert found.cannot_say and found.base and found.source and found.method and found.synthetic
    assert all(table.universe for table in found.tables)
    again = find(name, borough.store.at(found.lineage.datasets), borough.partnership, found.period,
                 **found.lineage.parameters)  # fmt: skip
    assert again == found, "it does not come out the same from its own lineage"


@pytest.mark.parametrize("name", PEOPLE)
def test_each_is_released_without_a_small_number(borough: Borough, name: str) -> None:
    finding = borough.found(name)
    made = borough.released(finding)
    limit = 7 if finding.source_class == "health" else 4
    assert made.audit.exposed == ()
    for table, before in zip(made.tables, finding.tables, strict=True):
        for cell, was in zip(table.cells, before.cells, strict=True):
            assert cell.count is None or cell.count == 0 or cell.count > limit
            if 1 <= was.count <= limit:
                assert cell.hidden == "confidential"
    largest = max(cell.count for table in finding.tables for cell in table.cells)
    assert largest <= 3 * limit or any(cell.count is not None for table in made.tables for cell in table.cells)


@pytest.mark.parametrize("of", DATED)
def test_each_kind_of_event_can_be_counted_by_month(borough: Borough, of: str) -> None:
    found = borough.found("monthly", of=of)
    months = cells(found, "months")
    assert len(months) == 25
    assert months[TOTAL,].count == sum(cell.count for key, cell in months.items() if key != (TOTAL,)) > 0
    assert borough.released(found).audit.exposed == ()


def test_what_cannot_be_counted_by_month_names_the_nearest(borough: Borough) -> None:
    with pytest.raises(Usage, match="nothing called “mising”") as caught:
        borough.found("monthly", of="mising")
    assert caught.value.next_step == "Did you mean “missing”?"


def test_the_ledger_is_whole_at_the_end(borough: Borough) -> None:
    assert Ledger(borough.home).verify() >= len(PEOPLE)


@pytest.mark.parametrize(
    ("name", "table", "key", "truth"),
    [
        ("exploitation_profile", "needs", ("Any of these",), 75),
        ("exploitation_profile", "categories", ("Online",), 34),
        ("youth_justice", "completed", ("Outcome 22", "Completed"), 82),
        ("marac", "repeats", ("Repeat within twelve months",), 33),
        ("reoffending", "ages", (TOTAL, "Offended again"), 31),
        ("reporting_gap", "known", ("Police records",), 52),
        ("third_party_reports", "police", ("Told the police too",), 40),
        ("school_absence", "severe", (TOTAL, "Severely absent"), 2.6),
    ],
)
def test_the_share_is_what_was_put_in_within_its_interval(
    borough: Borough, name: str, table: str, key: tuple[str, ...], truth: float
) -> None:
    cell = cells(borough.found(name), table)[key]
    assert holds(cell.estimate, truth), (cell, truth)


def test_hospital_and_ambulance_calls_that_have_nothing_in_common_give_no_estimate(borough: Borough) -> None:
    """The generator's ambulance calls are of events of their own."""
    estimates = cells(borough.found("reporting_gap"), "estimate")
    for pair, cell in estimates.items():
        assert (cell.estimate is None) == ("ambulance" in pair[0])
        assert ("cannot be estimated" in cell.label) == (cell.estimate is None)


def test_interviews_within_72_hours_are_counted_from_the_minute_the_child_was_found(borough: Borough) -> None:
    """By hand from the suppliers' own files, with no SQL of ours."""
    folder = borough.extracts
    timely, ended = duckdb.sql(
        f"""SELECT count(*) FILTER (i.result = 'held' AND i.held_at <= e.found_at + INTERVAL 72 HOUR), count(*)
        FROM read_csv('{folder}/police/missing_episodes_*.csv') e
        LEFT JOIN read_csv('{folder}/council/return_home_interviews_*.csv') i USING (episode_ref)
        WHERE e.missing_from >= DATE '2025-10-01' AND e.found_at >= e.missing_from
            AND e.found_at < DATE '2026-10-01'"""
    ).fetchall()[0]
    cell = cells(borough.found("return_home_interviews"), "interviews")[TOTAL, "Within 72 hours"]
    assert (cell.count, cell.base) == (timely, ended)


def test_a_shorter_period_counts_fewer_and_an_earlier_year_stands_beside_it(borough: Borough) -> None:
    year, quarter = borough.found("nrm"), borough.found("nrm", Period(date(2026, 7, 1), date(2026, 9, 30)))
    whole, part = (cells(found, "routes")[TOTAL, TOTAL].count for found in (year, quarter))
    assert 0 < part < whole
    assert cells(year, "before")[TOTAL,].count > 0
    assert PERIOD.start < year.period.start
