"""Findings on people in need, against what the generator put into Harbourside, and through disclosure control."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace

import duckdb
import pytest
from people_support import PEOPLE, PERIOD, Borough, cells, noon

from concord.evidence.disclosure import Ledger
from concord.evidence.findings import find
from concord.evidence.findings.model import TOTAL
from concord.evidence.findings.monthly import DATED
from concord.jobs.indicators import asks, readings
from concord.jobs.releasing import Releasing
from concord.kernel.errors import Usage
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period
from concord.synthetic.agency_returns import RETURNS

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


def test_exploited_children_who_go_missing_are_those_of_the_truth_that_links_reach(borough: Borough) -> None:
    """Ninety days either way of the opening, where the police's reports reach that far: the truth knows who is who."""
    folder = borough.extracts
    near, asked = duckdb.sql(
        f"""WITH cases AS (
            SELECT e.true_person, min(x.opened_on) AS opened_on FROM read_csv('{folder}/truth/exploitation_truth.csv') e
            JOIN read_csv('{folder}/council/exploitation_cases_*.csv') x USING (case_ref)
            WHERE x.kind <> 'sexual' AND x.opened_on BETWEEN '2025-10-01' AND '2026-07-02' GROUP BY 1
        ), gone AS (
            SELECT t.true_person, p.missing_from::DATE AS day FROM read_csv('{folder}/truth/missing_truth.csv') t
            JOIN read_csv('{folder}/police/missing_episodes_*.csv', all_varchar = true) p USING (episode_ref)
        )
        SELECT count(*) FILTER (EXISTS (SELECT 1 FROM gone
            WHERE gone.true_person = cases.true_person AND abs(gone.day - cases.opened_on) <= 90)), count(*)
        FROM cases"""
    ).fetchall()[0]
    cell = cells(borough.found("exploitation_and_missing"), "children")["With a missing episode",]
    assert cell.base == pytest.approx(asked, abs=1)
    assert near - 2 <= cell.count <= near


def test_a_survey_that_anybody_may_answer_has_no_margin_of_error(borough: Borough) -> None:
    found = borough.found("survey")
    gangs = cells(found, "answers")["Worried about gangs",]
    assert (gangs.count, gangs.base) == (250, 1000)
    assert gangs.estimate is not None and gangs.estimate.interval is None
    assert "chose to answer" in found.method
    few = cells(found, "answers_sex")["Worried about gangs", "Not known"]
    assert few.base == 20 and few.estimate is None, "under thirty"


def test_a_survey_drawn_by_chance_has_one_and_its_design_effect(borough: Borough) -> None:
    drawn = SimpleNamespace(
        feeds=borough.partnership.feeds,
        codelists={"surveys": ({"key": "young_people_survey", "name": "Survey", "sampled": "Y"},)},
    )
    found = find("survey", borough.store, drawn, PERIOD)
    family = cells(found, "answers")["Would tell family first",]
    assert holds(family.estimate, 60.3)
    assert 0.9 < found.facts["would_tell_family_design_effect"] < 1.2


def test_groups_stand_beside_the_reference_as_they_were_put_in(borough: Borough) -> None:
    beside = cells(borough.found("reported_measure"), "beside_ethnicity")
    assert holds(beside["Black",].estimate, 2.0)
    assert holds(beside["Asian",].estimate, 0.9)
    assert {"White", "Not stated"}.isdisjoint(key[0] for key in beside)
    assert "whoever the not stated were" in beside["Black",].label


@pytest.mark.parametrize("returned", RETURNS)
def test_every_measure_of_every_return_is_the_share_that_was_put_in(borough: Borough, returned: str) -> None:
    for each in RETURNS[returned]:
        if each.whole is None or each.share > 1 or "minutes" in each.name:
            continue
        kind = "rate" if each.share < 0.01 else "share"
        found = borough.found("reported_measure", returned=returned, measure=each.name, kind=kind, of="things", per=1.0,
                              over="year" if each.cadence == "quarter" else "latest")  # fmt: skip
        estimate = cells(found, "value")[TOTAL,].estimate
        assert holds(estimate, each.share * (1 if kind == "rate" else 100)), (each.name, estimate)


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"returned": "education_returns", "measure": "suspension"}, "Did you mean “suspensions”"),
        ({"returned": "education_returns", "measure": "suspensions", "kind": "shares"}, "Did you mean “share”"),
        ({"returned": "education_returns", "measure": "suspensions", "kind": "rate", "reference": "whte"}, "“White”"),
        ({"measure": "suspensions"}, "the name of its dataset"),
    ],
)
def test_what_was_not_returned_names_the_nearest(borough: Borough, parameters: dict[str, object], says: str) -> None:
    with pytest.raises(Usage) as caught:
        borough.found("reported_measure", **parameters)
    assert says in str(caught.value.next_step)


DESK = {"T1.7e", "T4.3a", "T5.1b", "T4.4c", "T4.4d", "T5.3h", "X9", "X5", "X6", "X7"} | {
    f"X{number}" for number in range(10, 23)
}
"""Answered from what the desk and the system write themselves, which is not loaded here."""


def test_every_indicator_names_a_finding_and_harbourside_reads_a_value(borough: Borough) -> None:
    indicators = borough.partnership.indicators
    assert {each.code for each in indicators.values() if not each.finding} == set(), "no finding answers these"
    asked = dict(indicators)
    rule = borough.partnership.disclosure.rule("public")
    releasing = Releasing(
        borough.home, borough.store, borough.partnership, rule, "public", "Ann", "Bo", noon, lambda _said: None
    )
    releasing.expect(asks(asked, releasing.store, borough.partnership))
    found = readings(asked, releasing)
    silent = {indicators[key].code: reading["why_not"] for key, reading in found.items() if "why_not" in reading}
    assert set(silent) == DESK, silent
    assert all("has not been loaded" in why for why in silent.values())
    hidden = [indicators[key].code for key, reading in found.items() if reading.get("value", "").startswith("[")]
    assert len(found) == len(indicators) >= 99
    # A seventh of a borough has small numbers; the whole of it hides a handful.
    assert len(found) - len(silent) - len(hidden) >= 60, hidden
    assert all(reading["period"] and reading["code"] for key, reading in found.items() if "why_not" not in reading)
