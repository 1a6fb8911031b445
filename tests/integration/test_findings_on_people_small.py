"""Findings on people in need on a handful of invented rows whose answer is plain to see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from people_support import cells

from concord.evidence.datasets.store import Store
from concord.evidence.disclosure import release
from concord.evidence.findings import find
from concord.evidence.findings.build import with_total
from concord.evidence.findings.model import FROM_ROUNDED, TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.shares import BEYOND, UNSTATED, beside
from concord.kernel.lineage import Lineage
from concord.kernel.measures import Estimate, Interval
from concord.kernel.periods import Period
from concord.strategy import Partnership, load

YEAR = Period.financial_year(2025)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def partnership() -> Partnership:
    return load(Path(__file__).resolve().parents[2] / "partnerships" / "harbourside")


def put(home: Path, tables: Mapping[str, list[dict[str, Any]]]) -> Store:
    store = Store(home)
    for name, rows in tables.items():
        columns = {key: [row.get(key) for row in rows] for key in rows[0]}
        table = pa.table({key: _typed(values) for key, values in columns.items()})
        store.write(name, {"all": table}, source="invented", synthetic=True, clock=lambda: NOON)
    return store


def _typed(values: list[Any]) -> pa.Array:
    if any(isinstance(value, datetime) for value in values):
        return pa.array(values, pa.timestamp("us"))
    return pa.array(values, pa.string()) if all(value is None for value in values) else pa.array(values)


def episode(ref: str, left: str, found: str | None, **more: Any) -> dict[str, Any]:
    return {
        "episode_ref": ref, "person_ref": ref, "birth_year": 2011, "sex": "F",
        "missing_from": datetime.fromisoformat(left), "found_at": found and datetime.fromisoformat(found),
        "risk": "medium", "missing_from_place": "home", **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("left", "found", "where"),
    [
        ("2025-09-10 15:59", "2025-09-10 21:00", "In school hours for some of it"),  # a Wednesday in term
        ("2025-09-10 16:00", "2025-09-11 07:59", "Outside school hours"),
        ("2025-09-10 16:00", "2025-09-11 08:01", "In school hours for some of it"),
        ("2025-09-12 16:00", "2025-09-15 07:30", "Outside school hours"),  # a weekend
        ("2025-12-26 09:00", "2025-12-26 15:00", "Outside school hours"),  # Boxing Day
        ("2026-03-31 23:00", None, "Outside school hours"),  # still missing at the end of the period
    ],
)
def test_an_episode_touches_school_hours_by_the_minute(
    tmp_path: Path, partnership: Partnership, left: str, found: str | None, where: str
) -> None:
    rows = [episode("a", left, found), episode("z", "2025-08-08 22:00", "2025-08-08 23:00")]
    hours = cells(find("missing", put(tmp_path, {"missing_episodes": rows}), partnership, YEAR), "school_hours")
    expected = {"In school hours for some of it": 0, "Outside school hours": 1, "Not known": 0, TOTAL: 2}
    expected[where] += 1
    assert {key[0]: cell.count for key, cell in hours.items()} == expected


def test_children_count_once_however_often_they_go(tmp_path: Path, partnership: Partnership) -> None:
    rows = [episode(f"e{n}", f"2025-06-{n + 1:02d} 20:00", f"2025-06-{n + 1:02d} 22:00", person_ref="often")
            for n in range(4)]  # fmt: skip
    rows += [episode("once", "2025-06-01 20:00", "2025-06-02 01:00"), episode("old", "2025-03-31 20:00", None)]
    found = find("missing", put(tmp_path, {"missing_episodes": rows}), partnership, YEAR)
    children = cells(found, "children")
    assert {key[0]: cell.count for key, cell in children.items()} == {
        "Once": 1, "Twice": 0, "Three times or more": 1, TOTAL: 2,
    }  # fmt: skip
    assert cells(found, "who")["Female", "13 to 15"].count == 2, "they turn 14 in 2025"


@pytest.mark.parametrize(
    ("held", "result", "told"),
    [
        ("2025-06-05 08:00", "held", "Within 72 hours"),
        ("2025-06-05 08:01", "held", "Later"),
        (None, "declined", "Not held"),
        (None, None, "Not held"),
    ],
)
def test_an_interview_has_72_hours_from_the_return(
    tmp_path: Path, partnership: Partnership, held: str | None, result: str | None, told: str
) -> None:
    interviews = [{"episode_ref": "a" if result else "other", "offered_on": date(2025, 6, 2),
                   "held_at": held and datetime.fromisoformat(held), "result": result or "held",
                   "concern": "home"}]  # fmt: skip
    store = put(tmp_path, {
        "missing_episodes": [episode("a", "2025-06-01 20:00", "2025-06-02 08:00")],
        "return_home_interviews": interviews,
    })  # fmt: skip
    found = cells(find("return_home_interviews", store, partnership, YEAR), "interviews")
    assert {key[1] for key, cell in found.items() if key[0] == TOTAL and cell.count} == {told, TOTAL}


@pytest.mark.parametrize(
    ("seen", "sent", "when"),
    [
        (date(2025, 9, 1), date(2025, 9, 8), "Within 5 working days"),  # Monday to Monday
        (date(2025, 9, 1), date(2025, 9, 9), "Later"),
        (date(2025, 12, 22), date(2025, 12, 31), "Within 5 working days"),  # two bank holidays between
        (date(2025, 12, 22), date(2026, 1, 2), "Later"),
    ],
)
def test_a_referral_has_five_working_days(
    tmp_path: Path, partnership: Partnership, seen: date, sent: date, when: str
) -> None:
    row = {"referral_ref": "n", "person_ref": "p", "age_group": "child", "identified_on": seen, "referred_on": sent,
           "route": "referral", "exploitation": "criminal", "first_responder": "police",
           "reasonable_grounds": None}  # fmt: skip
    found = cells(find("nrm", put(tmp_path, {"nrm_referrals": [row]}), partnership, YEAR), "submitted")
    assert found["Children", when].count == 1


def decision(ref: str, on: date, disposal: str, **more: Any) -> dict[str, Any]:
    return {
        "outcome_ref": ref, "person_ref": ref, "birth_year": 2010, "sex": "M", "ethnicity_self": "W1",
        "offence_on": on - timedelta(days=10), "decided_on": on, "disposal": disposal, "first_time_entrant": "N",
        "gravity": 2, "ends_on": None, "completed": None, **more,
    }  # fmt: skip


def test_another_decision_counts_within_a_year_of_the_end_of_outcome_22(
    tmp_path: Path, partnership: Partnership
) -> None:
    ended = date(2024, 9, 30)
    rows = [decision(who, date(2024, 6, 1), "outcome_22", person_ref=who, ends_on=ended, completed="Y")
            for who in ("same day", "within", "a year on", "after", "never")]  # fmt: skip
    for who, offence in (("same day", ended), ("within", date(2024, 10, 1)), ("a year on", date(2025, 9, 30)),
                         ("after", date(2025, 10, 1))):  # fmt: skip
        rows.append(decision(f"again {who}", date(2025, 11, 1), "youth_caution", person_ref=who, offence_on=offence))
    store = put(tmp_path, {"youth_justice_outcomes": rows})
    again = cells(find("reoffending_after_outcome_22", store, partnership, YEAR), "again")
    assert (again["Another decision",].count, again[TOTAL,].count) == (2, 5)


def test_stages_are_over_the_stage_before_and_the_unstated_are_no_group(
    tmp_path: Path, partnership: Partnership
) -> None:
    rows = [decision(f"w{n}", date(2025, 6, 1), "youth_caution" if n < 20 else "outcome_22") for n in range(80)]
    rows += [decision(f"b{n}", date(2025, 6, 1), "youth_caution" if n < 20 else "outcome_22", ethnicity_self="B1")
             for n in range(40)]  # fmt: skip
    rows += [decision(f"n{n}", date(2025, 6, 1), "outcome_22", ethnicity_self="NS") for n in range(10)]
    people = [{"age_band": "10-17", "ethnicity": code, "residents": n, "year": "2025-26"}
              for code, n in (("W1", 8000), ("B1", 2000))]  # fmt: skip
    store = put(tmp_path, {"youth_justice_outcomes": rows, "population_ethnicity": people})
    found = find("youth_justice_stages", store, partnership, YEAR)
    per_resident, formal = cells(found, "decisions_rate")["Black",], cells(found, "formal_rate")["Black",]
    assert per_resident.estimate is not None and per_resident.estimate.value == pytest.approx(2)  # 40/2,000, 80/8,000
    assert per_resident.label == f"{BEYOND}; 1.8 to 2.5 whoever the not stated were"
    assert formal.estimate is not None and formal.estimate.value == pytest.approx(2)  # 20 of 40, 20 of 80
    assert {key[0] for key in cells(found, "decisions_rate")} == {"Black"}
    assert cells(found, "decisions")["Not stated",].count == 10


def test_of_many_groups_chance_alone_marks_hardly_any() -> None:
    """Forty groups with the same rate as the reference, drawn as they may fall: no mark; one with thrice it: a mark."""
    names = tuple(f"group {n:02d}" for n in range(40))
    events = {name: 90 + 5 * (n % 5) for n, name in enumerate(names)} | {"White": 1000, "other": 300, UNSTATED: 0}
    bases = dict.fromkeys(names, 1000.0) | {"White": 10_000.0, "other": 1000.0}
    dimension = with_total("group", "Group", ("White", *names, "other"))
    table = beside("r", "R", "n", dimension, events, bases, "White", "times", counted_in="c", universe="u")
    assert [cell.key[0] for cell in table.cells if BEYOND in cell.label] == ["other"]


def test_a_landlord_is_told_in_ten_working_days(tmp_path: Path, partnership: Partnership) -> None:
    raised = date(2025, 12, 15)  # a Monday; Christmas, Boxing Day and New Year's Day are no working days
    rows = [{"concern_ref": str(n), "provider": "RP", "kind": "cuckooing", "raised_on": raised, "told_on": told}
            for n, told in enumerate((date(2025, 12, 31), date(2026, 1, 2), None))]  # fmt: skip
    people = [{"ward_code": "W", "sex": "F", "age_band": "18-24", "persons": 1000, "vintage": "2025"}]
    store = put(tmp_path, {"housing_concerns": rows, "population": people})
    told = cells(find("housing_concerns", store, partnership, YEAR), "told")
    assert [told["RP", name].count for name in ("Within 10 working days", "Later", "Not told")] == [1, 1, 1]


def released(finding: Finding, home: Path, partnership: Partnership) -> Any:
    assert partnership.disclosure is not None
    return release(finding, rule=partnership.disclosure.rule("public"), audience="public", home=home,
                   requested_by="Ann", approved_by="Bo", clock=lambda: NOON)  # fmt: skip


@pytest.mark.parametrize(
    ("method", "shown"),
    [(f"{FROM_ROUNDED} 5: Chapman", True), (f"{FROM_ROUNDED} 2: Chapman", False), ("Chapman", False)],
)
def test_only_an_estimate_of_counts_rounded_as_the_rule_rounds_passes_it(
    tmp_path: Path, partnership: Partnership, method: str, shown: bool
) -> None:
    """From exact counts, 4,108 events would tell 1,043 from 1,042."""
    estimate = Estimate(4108.3, "events", Interval(3900, 4300), method)
    table = Table("t", "Attacks", "events", (Dimension("pair", "Sources", ("both",)),),
                  (Cell(("both",), 1043, estimate=estimate),), additive=False, universe="events")  # fmt: skip
    finding = Finding("t", "How many?", (table,), "events", YEAR, "hospitals", "m",
                      Lineage("t", "m", (), "SELECT 1"), ("much",), "health")  # fmt: skip
    (cell,) = released(finding, tmp_path, partnership).tables[0].cells
    assert cell.count == 1045
    assert (cell.estimate == estimate) is shown
