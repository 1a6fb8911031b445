"""Each finding on a handful of invented rows whose answer is plain to see."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from findings_support import PARTNERSHIPS, YEAR, Rows, cells, put, put_tasking, put_weights, spread
from linkage_support import good_links
from pydantic import TypeAdapter

from concord.evidence.datasets.store import Store
from concord.evidence.disclosure import release
from concord.evidence.findings import find
from concord.evidence.findings.model import TOTAL
from concord.kernel.errors import BadInput, Refused, Usage
from concord.kernel.periods import Period
from concord.strategy import load
from concord.strategy.shapes.definition import SHAPE


@pytest.fixture(scope="module")
def partnership() -> Any:
    with (PARTNERSHIPS / "harbourside" / "definition.toml").open("rb") as handle:
        definition = TypeAdapter(SHAPE).validate_python(tomllib.load(handle))
    holidays = ({"date": "2024-12-25", "name": "Christmas Day"}, {"date": "2024-12-26", "name": "Boxing Day"})
    terms = ({"year": "2024/25", "term": "Summer", "first": "2024-04-15", "last": "2024-05-24"},)
    whole = load(PARTNERSHIPS / "harbourside")
    return SimpleNamespace(
        key="harbourside",
        definition=definition,
        measurement=whole.measurement,
        linkage=whole.linkage,
        youth_violence=None,
        codelists={"bank_holidays": holidays, "school_terms": terms},
    )


def test_the_rate_counts_what_is_in_and_bounds_what_is_open(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    spread(rows, 30, date(2024, 5, 1), victims=(17,), suspects=(40,))  # in: a young victim
    spread(rows, 10, date(2024, 6, 1), victims=(40,), suspects=(50,))  # out
    spread(rows, 6, date(2024, 7, 1), victims=(40,), suspects=(None,))  # nobody knows the suspect's age
    spread(rows, 8, date(2024, 8, 1), victims=(15,), offence_code="34B", offence_sub_code=None)
    spread(rows, 20, date(2023, 5, 1), victims=(17,))
    rows.crime(date(2023, 4, 1), victims=(50,), suspects=(50,))
    found = find("serious_violence_rate", rows.store(tmp_path, partnership), partnership, YEAR)
    assert found.synthetic
    rate = cells(found, "rate")
    assert rate[TOTAL,].count == 38
    assert rate["Robbery of personal property",].count == 8
    assert rate[TOTAL,].estimate is not None
    assert rate[TOTAL,].estimate.value == pytest.approx(3.8)
    bounds = cells(found, "bounds")
    assert (bounds["in",].count, bounds["undetermined",].count, bounds[TOTAL,].count) == (38, 6, 44)
    assert cells(found, "limb")["Young person",].count == 38
    assert cells(found, "limb")["Domestic abuse",].count == 0
    change = cells(found, "change")[TOTAL,]
    assert change.estimate is not None
    assert change.estimate.value == pytest.approx(90)
    assert change.base == 20
    assert found.period == YEAR
    assert found.lineage.definition_version
    assert {ref.dataset for ref in found.lineage.datasets} == {"recorded_crime", "definition_results", "population"}
    assert "definition_results" in found.lineage.query


def test_without_the_year_before_there_is_no_change(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    spread(rows, 5, date(2024, 5, 1), victims=(17,))
    found = find("serious_violence_rate", rows.store(tmp_path, partnership), partnership, YEAR)
    assert [table.name for table in found.tables] == ["rate", "limb", "bounds"]


def test_a_crime_recorded_twice_counts_once(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    rows.crime(date(2024, 5, 1), victims=(17,))
    rows.crimes.append({**rows.crimes[0], "recorded_on": date(2024, 5, 9)})
    found = find("serious_violence_trend", rows.store(tmp_path, partnership), partnership, YEAR)
    assert cells(found, "months")[TOTAL,].count == 1


def test_the_trend_marks_a_month_outside_ordinary_variation(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    for month in range(4, 13):
        spread(rows, (8, 13, 10)[month % 3], date(2024, month, 1), victims=(17,))
    for month in (1, 2, 3):
        spread(rows, 40 if month == 2 else 10, date(2025, month, 1), victims=(17,))
    found = find("serious_violence_trend", rows.store(tmp_path, partnership), partnership, YEAR)
    months = cells(found, "months")
    assert months["2025-02",].label == "above the usual range"
    assert months["2024-04",].label == ""
    assert found.facts["lower_limit"] < found.facts["mean"] < found.facts["upper_limit"] < 40
    change = cells(found, "change")[TOTAL,]
    assert change.estimate is not None
    assert len(change.rests_on) == 12


def test_two_months_carry_no_limits(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    spread(rows, 4, date(2024, 4, 1), victims=(17,))
    period = Period(date(2024, 4, 1), date(2024, 5, 31))
    found = find("serious_violence_trend", rows.store(tmp_path, partnership), partnership, period)
    assert found.facts == {"points": 2.0, "points_needed": 3.0}
    assert {cell.label for cell in found.tables[0].cells} == {""}


def test_places_have_rates_on_their_own_residents_and_a_mark_beyond_chance(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    spread(rows, 40, date(2024, 5, 1), victims=(17,))
    spread(rows, 10, date(2024, 5, 1), victims=(17,), ward_code="SYN02")
    spread(rows, 5, date(2024, 5, 1), victims=(17,), ward_code=None)
    found = find("places", rows.store(tmp_path, partnership), partnership, YEAR)
    wards = cells(found, "wards")
    assert wards["Anchor Quay",].estimate is not None
    assert wards["Anchor Quay",].estimate.value == pytest.approx(20)
    assert wards["Anchor Quay",].label == "far above the borough"
    assert wards["Bargate",].label == "far below the borough"
    assert wards[TOTAL,].count == 50
    assert cells(found, "neighbourhoods")["West",].count == 40


def test_one_limb_can_be_asked_for_and_an_unknown_one_names_the_nearest(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    spread(rows, 9, date(2024, 5, 1), victims=(17,))
    rows.crime(date(2024, 5, 2), victims=(40,), suspects=(50,), domestic_abuse="Y")
    store = rows.store(tmp_path, partnership)
    assert cells(find("places", store, partnership, YEAR, limb="domestic_abuse"), "wards")[TOTAL,].count == 1
    with pytest.raises(Usage, match="reports no limb “domestic_abus”") as caught:
        find("places", store, partnership, YEAR, limb="domestic_abus")
    assert caught.value.next_step == "Did you mean “domestic_abuse”?"


def test_times_are_local_hours_and_exact_hours_are_counted_beside(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    monday = date(2024, 5, 6)
    for _ in range(6):
        rows.crime(monday, victims=(15,), at="09:00")
    rows.crime(monday, victims=(15,), at="15:20")
    rows.crime(monday, victims=(24,), at="23:59")
    rows.crime(monday, victims=(15,), at="10:10", committed_to=datetime(2024, 5, 9, 10, 10))
    found = find("times", rows.store(tmp_path, partnership), partnership, YEAR)
    hours = cells(found, "hours")
    assert hours["09:00", "Monday"].count == 6
    assert hours["23:00", TOTAL].count == 1
    assert hours[TOTAL, TOTAL].count == 8, "an offence within three days has no hour"
    assert len(hours) == 25 * 8
    defaults = cells(found, "default_times")["On the exact hour",]
    assert (defaults.count, defaults.base) == (6, 8)
    assert cells(found, "school_day")["School day 09:00 to 14:59",].count == 6
    assert cells(found, "school_day")[TOTAL,].count == 7, "the victim of 24 is no child"
    assert "no terms are listed" in " ".join(found.cannot_say), "the year has more days than the terms"


def test_a_time_that_forms_fill_in_is_marked_and_nothing_is_dropped(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    for n in range(240):
        rows.crime(date(2024, 5, 1 + n % 28), victims=(15,), at=f"{n % 24:02d}:{7 * n % 60:02d}")
    for n in range(40):
        rows.crime(date(2024, 5, 1 + n % 28), victims=(15,), at="09:00")
    marks = cells(find("times", rows.store(tmp_path, partnership), partnership, YEAR), "default_marks")
    assert (marks["09:00",].label, marks["12:00",].label) == ("more than people round", "")
    assert marks["09:00",].count >= 40
    assert marks[TOTAL,].count == 280 == sum(cell.count for key, cell in marks.items() if key != (TOTAL,))


def test_a_holiday_is_no_school_day_and_a_day_outside_the_terms_counts_as_one(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    for day in (date(2024, 5, 13), date(2024, 5, 13), date(2024, 5, 18), date(2024, 6, 3)):
        rows.crime(day, victims=(15,), at="15:20")
    holiday = {**partnership.codelists, "school_closures": ({"date": "2024-05-14"},)}
    rows.crime(date(2024, 5, 14), victims=(15,), at="15:20")
    terms = SimpleNamespace(**{**vars(partnership), "codelists": holiday})
    store, term = rows.store(tmp_path, partnership), Period(date(2024, 4, 15), date(2024, 5, 24))
    found = cells(find("times", store, terms, Period(term.start, date(2024, 6, 30))), "school_day")
    assert {key[0]: cell.count for key, cell in found.items() if cell.count} == {
        "School day 15:00 to 17:59": 3,
        "Weekday without school": 1,
        "Weekend": 1,
        TOTAL: 5,
    }
    assert "no terms are listed" not in " ".join(find("times", store, terms, term).cannot_say)


def test_offences_in_wards_of_another_vintage_are_refused_not_lost(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    spread(rows, 9, date(2024, 5, 1), victims=(17,))
    rows.crime(date(2024, 5, 2), victims=(17,), ward_code="SYN99")
    with pytest.raises(Refused) as refused:
        find("places", rows.store(tmp_path, partnership), partnership, YEAR)
    assert refused.value.what == (
        "Offences lie in 1 wards that the population estimate does not have, the first SYN99."
    )


def test_the_overlap_joins_records_that_linkage_joins(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    rows.crime(date(2024, 5, 1), victims=(17,), suspects=(18,), who=("a", "b"))
    rows.crime(date(2024, 6, 1), victims=(18,), suspects=(17,), who=("b2", "c"))
    rows.crime(date(2024, 7, 1), victims=(20,), suspects=(40,), who=("d", "old"))
    rows.crime(date(2022, 1, 1), victims=(18,), suspects=(17,), who=("c", "a"))  # before the 24 months
    store = rows.store(tmp_path, partnership)
    put(
        store,
        "person_links",
        pa.table(
            {
                "feed": ["crime_persons"] * 3,
                "person_ref": ["b", "b2", "d"],
                "linked_ref": ["B", "B", "A"],
                "match_probability": [0.99, 0.97, 0.60],
            }
        ),
    )
    good_links(store)
    found = find("victim_offender_overlap", store, partnership, YEAR)
    roles = cells(found, "roles")
    assert {key[0]: cell.count for key, cell in roles.items()} == {
        "Victim only": 2,
        "Suspect only": 1,
        "Both victim and suspect": 1,
        TOTAL: 4,
    }
    assert roles["Both victim and suspect",].estimate is not None
    assert roles["Both victim and suspect",].estimate.interval is not None
    loose = find("victim_offender_overlap", store, partnership, YEAR, match_at_least=0.999)
    assert cells(loose, "roles")["Both victim and suspect",].count == 0


def test_coverage_says_whose_age_is_known(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    spread(rows, 3, date(2024, 5, 1), victims=(17,), suspects=(30,))
    spread(rows, 2, date(2024, 5, 1), victims=(40,), suspects=(None,))
    spread(rows, 1, date(2024, 5, 1))
    spread(rows, 7, date(2024, 5, 1), victims=(40,), suspects=(41,))
    ages = cells(find("definition_coverage", rows.store(tmp_path, partnership), partnership, YEAR), "ages")
    assert ages["Victim and suspect", TOTAL].count == 3
    assert ages["Victim only", "undetermined"].count == 2
    assert ages["Neither", "undetermined"].count == 1
    assert ages[TOTAL, TOTAL].count == 6


def test_hospitals_beside_the_police_under_the_hospital_s_rule(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    spread(rows, 20, date(2024, 5, 1), victims=(60,), suspects=(60,))
    spread(rows, 5, date(2024, 5, 1), victims=(60,), location_type="dwelling")
    spread(rows, 5, date(2024, 5, 1), victims=(60,), offence_code="34B", offence_sub_code=None)
    store = rows.store(tmp_path, partnership)
    arrivals = [datetime(2024, 5, 1, 2) + timedelta(days=number) for number in range(30)]
    put(store, "ed_assaults", pa.table({"site_code": ["S"] * 30, "arrived_at": arrivals}))
    found = find("ed_assaults_against_police", store, partnership, YEAR)
    assert found.source_class == "health"
    may = cells(found, "ratio")["2024-05",]
    assert (may.count, may.base) == (30, 20)
    assert may.estimate is not None
    assert may.estimate.value == pytest.approx(1.5)
    assert cells(found, "recorded")[TOTAL,].count == 20


def put_searches(store: Store, searches: dict[tuple[str | None, str | None], int]) -> None:
    """Searches by (ethnicity given, whether what was looked for was found), and 1,000 residents of each group, of whom
    White residents have no child under ten and Black residents 500."""
    rows = [pair for pair, count in searches.items() for _ in range(count)]
    put(
        store,
        "stop_search",
        pa.table(
            {
                "searched_at": [datetime(2024, 9, 1, 12)] * len(rows),
                "ethnicity_self": [given for given, _ in rows],
                "outcome_linked": pa.array([found for _, found in rows], pa.string()),
            }
        ),
    )
    lives = [("10-17", "W1", 400), ("25-39", "W2", 600), ("0-9", "B1", 500), ("18-24", "B2", 500)]
    columns = {n: [row[k] for row in lives] for k, n in enumerate(("age_band", "ethnicity", "residents"))}
    put(store, "population_ethnicity", pa.table({**columns, "year": ["2024-25"] * len(lives)}))


def test_searches_by_residents_and_by_those_of_ten_and_over(tmp_path: Path, partnership: Any) -> None:
    store = Store(tmp_path)
    put_searches(
        store, {("W1", "Y"): 10, ("W2", None): 30, ("B1", "Y"): 20, ("B2", "N"): 60, (None, None): 15, ("NS", "Y"): 5}
    )
    found = find("stop_search", store, partnership, YEAR)
    searched = cells(found, "searched")
    assert {key[0]: cell.count for key, cell in searched.items()} == {
        "White": 40, "Black": 80, "Not stated": 20, TOTAL: 140,
    }  # fmt: skip
    assert searched["Black",].estimate is not None
    assert searched["Black",].estimate.value == pytest.approx(80)
    by_residents, from_ten = cells(found, "relative_rate")["Black",], cells(found, "relative_rate_from_10")["Black",]
    assert by_residents.estimate is not None
    assert from_ten.estimate is not None
    assert by_residents.estimate.value == pytest.approx(2)  # 80 and 40 among as many residents
    assert from_ten.estimate.value == pytest.approx(4)  # half of the Black residents are children under ten
    # All twenty unstated White: 80 to 60; all of them Black: 100 to 40.
    assert by_residents.label == "1.3 to 2.5 whoever the not stated were"
    hits = cells(found, "relative_finds")["Black",]
    assert hits.estimate is not None
    assert hits.estimate.value == pytest.approx(1)  # 20 of 80 and 10 of 40
    assert {"White", "Not stated"}.isdisjoint(key[0] for key in cells(found, "relative_rate"))


@pytest.mark.parametrize("unstated", [1, 2, 3, 4])
def test_the_bounds_of_a_ratio_do_not_give_back_how_few_stated_no_group(
    tmp_path: Path, partnership: Any, unstated: int
) -> None:
    """The words “1.2 to 1.3 whoever the not stated were” are made from a count that may be too small to show."""
    store = Store(tmp_path)
    put_searches(store, {("W1", "Y"): 40, ("W2", None): 60, ("B1", "Y"): 50, ("B2", "N"): 70, ("NS", "Y"): unstated})
    made = release(
        find("stop_search", store, partnership, YEAR),
        rule=load(PARTNERSHIPS / "harbourside").disclosure.rule("public"),
        audience="public",
        home=tmp_path / "released",
        requested_by="Ann",
        approved_by="Bo",
        clock=lambda: datetime(2026, 11, 2, tzinfo=UTC),
    )
    shown = {(t.name, c.key): c for t in made.tables for c in t.cells}
    assert shown["searched", ("Not stated",)].count is None
    assert shown["searched", ("White",)].count is None, "or the total gives it back"
    for table in ("relative_rate", "relative_rate_from_10", "relative_finds"):
        cell = shown[table, ("Black",)]
        assert (cell.count, cell.estimate, cell.label) == (None, None, "")


def test_searches_without_residents_are_not_compared(tmp_path: Path, partnership: Any) -> None:
    store = Store(tmp_path)
    put_searches(store, {("W1", "Y"): 10})
    nobody = pa.table({"age_band": ["0-9"], "ethnicity": ["B1"], "residents": [10], "year": ["2024-25"]})
    put(store, "population_ethnicity", nobody)
    with pytest.raises(BadInput, match="no residents by ethnic group"):
        find("stop_search", store, partnership, YEAR)


def test_actions_done_by_their_date(tmp_path: Path, partnership: Any) -> None:
    store = Store(tmp_path)
    due = date(2024, 9, 10)
    put(
        store,
        "desk_actions",
        pa.table(
            {
                "action_ref": list("abcdef"),
                "forum": ["mace"] * 5 + ["marac"],
                "agency": ["police"] * 6,
                "raised_on": [date(2024, 9, 1)] * 6,
                "due_on": [due, due, due, due, date(2025, 4, 1), due],
                "completed_on": [due, due + timedelta(days=1), None, due, due, due - timedelta(days=2)],
                "status": ["done", "done", "open", "circumstances_changed", "done", "done"],
            }
        ),
    )
    found = find("actions_on_time", store, partnership, YEAR)
    assert found.source_class == "desk"
    forums = cells(found, "forums")
    assert {key[1]: forums[key].count for key in forums if key[0] == "mace"} == {
        "By the due date": 1,
        "Late": 1,
        "Not done": 1,
        TOTAL: 3,
    }
    share = forums[TOTAL, "By the due date"]
    assert (share.count, share.base) == (2, 4)


@pytest.mark.parametrize(
    ("received", "decided", "outcome"),
    [
        ("2024-09-10 10:00", "2024-09-11 16:59", "Within one working day"),
        ("2024-09-10 10:00", "2024-09-11 17:01", "Later"),
        ("2024-09-13 18:00", "2024-09-17 16:00", "Within one working day"),  # Friday evening counts as Monday
        ("2024-12-24 16:00", "2024-12-27 12:00", "Within one working day"),  # two bank holidays between
        ("2024-12-24 16:00", "2024-12-30 12:00", "Later"),
        ("2024-09-10 10:00", None, "Not decided"),
    ],
)
def test_contacts_decided_within_a_working_day(
    tmp_path: Path, partnership: Any, received: str, decided: str | None, outcome: str
) -> None:
    store = Store(tmp_path)
    put(
        store,
        "desk_contacts",
        pa.table(
            {
                "contact_ref": ["x"],
                "received_at": [datetime.fromisoformat(received)],
                "decided_at": pa.array([datetime.fromisoformat(decided) if decided else None], pa.timestamp("us")),
                "rag": ["amber"],
            }
        ),
    )
    ratings = cells(find("mash_within_one_working_day", store, partnership, YEAR), "ratings")
    assert ratings["amber", outcome].count == 1
    assert ratings[TOTAL, TOTAL].count == 1


RECORDED = (
    "serious_violence_rate", "serious_violence_trend", "places", "times", "victim_offender_overlap",
    "definition_coverage", "ed_assaults_against_police", "stop_search", "actions_on_time",
    "mash_within_one_working_day", "knife_crime", "homicide", "robbery", "sexual_offences", "domestic_abuse",
    "hate_crime", "drug_trafficking", "weapons", "outcomes", "most_serious_evening", "serious_youth_violence",
    "victims", "suspects", "repeat_victimisation", "repeat_suspects", "standardised_rate", "hotspots", "near_repeat",
    "alerts", "seasonal_pattern", "harm", "effect",
)  # fmt: skip
"""What these rows can answer. Findings on other feeds and on open data are held to the same where those are loaded."""


def test_every_finding_says_what_it_cannot_say(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    for n in range(60):  # robberies at places of their own, so that their points are taken for places
        where = {"easting": f"{500_000 + 16 * n}", "northing": f"{200_000 + 7 * n % 900}"}
        rows.crime(date(2024, 5, 1 + n % 28), victims=(17,), offence_code="34B", offence_sub_code=None, **where)
    second = load(PARTNERSHIPS / "harbourside").definitions["serious_youth_violence"]
    store = rows.store(tmp_path, SimpleNamespace(**{**vars(partnership), "youth_violence": second}))
    put(
        store,
        "person_links",
        pa.table({"feed": ["crime_persons"], "person_ref": ["b"], "linked_ref": ["B"], "match_probability": [0.99]}),
    )
    good_links(store)
    put(store, "ed_assaults", pa.table({"arrived_at": [datetime(2024, 5, 1)]}))
    put_searches(store, {("W1", "Y"): 1})
    put_tasking(store, date(2024, 5, 29), "34B")
    put_weights(store, {"34B": 350.0})
    put(
        store,
        "desk_actions",
        pa.table(
            {
                "forum": ["mace"],
                "agency": ["police"],
                "due_on": [date(2024, 5, 1)],
                "completed_on": pa.array([None], pa.date32()),
                "status": ["open"],
            }
        ),
    )
    put(
        store,
        "desk_contacts",
        pa.table(
            {
                "received_at": [datetime(2024, 5, 1, 10)],
                "decided_at": pa.array([None], pa.timestamp("us")),
                "rag": ["red"],
            }
        ),
    )
    for name in RECORDED:
        found = find(name, store, partnership, YEAR)
        assert found.name == name == found.lineage.finding
        assert found.cannot_say
        assert found.base
        assert found.source
        assert found.method
        assert found.lineage.datasets
        assert found.question.endswith("?")
        again = find(name, store.at(found.lineage.datasets), partnership, found.period, **found.lineage.parameters)
        assert again == found, f"{name} does not come out the same from its own lineage"


def test_an_unknown_finding_or_parameter_names_the_nearest(tmp_path: Path, partnership: Any) -> None:
    with pytest.raises(Usage, match="There is no finding “placs”") as caught:
        find("placs", Store(tmp_path), partnership, YEAR)
    assert caught.value.next_step == "Did you mean “places”?"
    with pytest.raises(Usage, match="takes no parameter “lim”"):
        find("places", Store(tmp_path), partnership, YEAR, lim="x")
    with pytest.raises(BadInput, match="“recorded_crime” has not been loaded"):
        find("places", Store(tmp_path), partnership, YEAR)
