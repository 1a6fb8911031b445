"""The findings on recorded crime, each on a handful of invented rows whose answer is plain by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from findings_support import NOON, PARTNERSHIPS, YEAR, Rows, cells, put, put_tasking, put_weights, spread
from linkage_support import good_links

from concord.evidence.datasets.store import Store
from concord.evidence.extracts import load as receive
from concord.evidence.findings import find
from concord.evidence.findings.model import TOTAL
from concord.kernel.errors import BadInput, Refused, Usage
from concord.kernel.periods import Period
from concord.strategy import load


@pytest.fixture(scope="module")
def partnership() -> Any:
    whole = load(PARTNERSHIPS / "harbourside")
    return SimpleNamespace(
        key="harbourside",
        synthetic=True,
        definition=whole.definition,
        measurement=whole.measurement,
        linkage=whole.linkage,
        codelists={**whole.codelists, "areas": (), "area_aliases": ()},
        youth_violence=None,
    )


def linked(store: Store, *pairs: tuple[str, str]) -> None:
    """Say that records are of one person."""
    put(
        store,
        "person_links",
        pa.table(
            {
                "feed": ["crime_persons"] * len(pairs),
                "person_ref": [record for record, _ in pairs],
                "linked_ref": [person for _, person in pairs],
                "match_probability": [0.99] * len(pairs),
            }
        ),
    )
    good_links(store)


def value(found: Any, table: str, *key: str) -> float:
    estimate = cells(found, table)[key].estimate
    assert estimate is not None, (table, key)
    return float(estimate.value)


def test_knife_crime_is_the_flag_within_the_national_list(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    spread(rows, 6, date(2024, 5, 1), victims=(17,), knife="Y", knife_source="officer")  # hurt
    spread(rows, 3, date(2024, 6, 1), victims=(30,), knife="Y", knife_source="ndqis", offence_code="34B")
    spread(rows, 4, date(2024, 6, 1), knife="Y", knife_source=None, offence_code="10D")  # possession is not knife crime
    spread(rows, 5, date(2024, 6, 1), knife="N", knife_source=None)
    found = find("knife_crime", rows.store(tmp_path, partnership), partnership, YEAR)
    assert cells(found, "rate")[TOTAL,].count == 9
    assert value(found, "rate", TOTAL) == pytest.approx(0.9)
    assert {key[0]: cell.count for key, cell in cells(found, "injury").items()} == {
        "With injury": 6, "Without injury": 3, TOTAL: 9,
    }  # fmt: skip
    assert cells(found, "flagged_by")["National rules read in the text",].count == 3
    assert cells(found, "victims")["A victim under 25",].count == 6
    assert cells(found, "wards")["Anchor Quay",].count == 9


def test_homicides_are_counted_over_three_years_and_given_for_one(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    for year in (2022, 2023, 2024):
        rows.crime(date(year, 6, 1), victims=(40,), suspects=(40,), offence_code="1", offence_sub_code=None)
    rows.crime(date(2021, 6, 1), victims=(40,), offence_code="1", offence_sub_code=None)  # too long ago
    period = Period(date(2022, 4, 1), date(2025, 3, 31))
    found = find("homicide", rows.store(tmp_path, partnership), partnership, period)
    homicides = cells(found, "homicides")
    assert (homicides["in",].count, homicides[TOTAL,].count) == (3, 3)
    assert value(found, "homicides", TOTAL) == pytest.approx(10, rel=1e-3)  # one a year among ten thousand


def test_robbery_of_children_after_school_is_given_for_each_school_day(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    school, holiday = date(2026, 3, 10), date(2026, 8, 11)
    for day, at, age in (
        (school, "15:30", 14), (school, "17:59", 17), (school, "18:00", 14), (school, "15:30", 18),
        (holiday, "15:30", 14), (date(2026, 3, 14), "15:30", 14),
    ):  # fmt: skip
        rows.crime(day, victims=(age,), at=at, offence_code="34B", offence_sub_code=None)
    period = Period(date(2025, 10, 1), date(2026, 9, 30))
    found = find("robbery", rows.store(tmp_path, partnership), partnership, period)
    day = cells(found, "school_day")
    assert day["School day 15:00 to 17:59",].count == 2
    assert day["Weekday without school",].count == 1
    assert day["Weekend",].count == 1
    assert day[TOTAL,].count == 5, "a victim of 18 is no child"
    after = cells(found, "after_school")["School day 15:00 to 17:59",]
    assert after.population is not None
    assert 170 <= after.population <= 200, "days that schools are open in a year"
    assert value(found, "after_school", "School day 15:00 to 17:59") == pytest.approx(200 / after.population)


def test_what_only_context_can_be_is_never_marked(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    for month in range(4, 13):
        spread(rows, 2, date(2024, month, 1), offence_code="92A", offence_sub_code=None)
    spread(rows, 60, date(2025, 2, 1), offence_code="92A", offence_sub_code=None)
    found = find("drug_trafficking", rows.store(tmp_path, partnership), partnership, YEAR)
    assert {cell.label for table in found.tables for cell in table.cells} == {""}
    assert "upper_limit" not in found.facts
    spread(rows, 60, date(2025, 2, 1), victims=(17,), knife="Y")
    marked = find("knife_crime", rows.store(tmp_path / "b", partnership), partnership, YEAR)
    assert cells(marked, "months")["2025-02",].label == "above the usual range"


def test_domestic_abuse_by_flag_and_by_rule(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    spread(rows, 6, date(2024, 5, 1), victims=(30,), suspects=(32,), domestic_abuse="Y")
    spread(rows, 5, date(2024, 5, 1), victims=(12,), suspects=(13,), domestic_abuse="Y")  # too young for the rule
    spread(rows, 7, date(2024, 5, 1), victims=(30,), suspects=(32,))
    for person in rows.people[-14:]:
        person["relationship"] = "ex_partner" if person["role"] == "suspect" else None
    found = find("domestic_abuse", rows.store(tmp_path, partnership), partnership, YEAR)
    assert cells(found, "rate")[TOTAL,].count == 11
    assert {key[0]: cell.count for key, cell in cells(found, "flag_and_rule").items()} == {
        "Flagged, and domestic abuse by the rule": 6,
        "Flagged, not domestic abuse by the rule": 5,
        "Not flagged, domestic abuse by the rule": 7,
        TOTAL: 18,
    }


def test_sexual_offences_are_placed_by_neighbourhood_alone(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    spread(rows, 8, date(2024, 5, 1), victims=(17,), offence_code="19C", offence_sub_code=None)
    rows.crime(date(2024, 9, 1), victims=(30,), offence_code="20A", offence_sub_code="20/5",
               committed_from=datetime(2019, 3, 1, 12))  # fmt: skip
    found = find("sexual_offences", rows.store(tmp_path, partnership), partnership, YEAR)
    assert {dimension.name for table in found.tables for dimension in table.dimensions}.isdisjoint({"ward", "lsoa"})
    assert cells(found, "neighbourhoods")["West",].count == 9
    assert cells(found, "recorded_after")["Later",].count == 1
    assert cells(found, "victims")["Under 18",].count == 8


def test_hate_crime_by_strand_and_verdict(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    spread(rows, 6, date(2024, 5, 1), victims=(40,), suspects=(50,), hate_strand="race")
    spread(rows, 2, date(2024, 5, 1), victims=(40,), suspects=(50,), hate_strand="disability", offence_code="9A")
    found = find("hate_crime", rows.store(tmp_path, partnership), partnership, YEAR)
    both = cells(found, "strands_in_definition")
    assert both["Race", "in"].count == 6
    assert both["Disability", "out"].count == 2
    assert both[TOTAL, TOTAL].count == 8


def test_outcomes_are_judged_a_year_later_and_the_median_counts_those_still_waiting(
    tmp_path: Path, partnership: Any
) -> None:
    rows = Rows()
    first = date(2023, 5, 1)
    for n in range(40):
        outcome = ("1", "14", "16", "18")[n // 8] if n < 32 else None
        day = first + timedelta(days=n % 20)
        rows.crime(
            day, victims=(17,), outcome_code=outcome, outcome_on=day + timedelta(days=n + 1) if outcome else None
        )
    rows.crime(date(2024, 5, 1), victims=(17,), outcome_code="1", outcome_on=date(2024, 5, 2))  # no whole year yet
    rows.crime(date(2023, 3, 1), victims=(17,))
    store = rows.store(tmp_path, partnership)
    found = find("outcomes", store, partnership, Period(date(2023, 4, 1), date(2025, 3, 31)))
    settled = cells(found, "outcomes")
    assert {key[0]: cell.count for key, cell in settled.items() if cell.count} == {
        "Charge or summons": 8,
        "Victim does not support action": 16,
        "No suspect identified": 8,
        "No outcome yet": 8,
        TOTAL: 40,
    }
    assert value(found, "outcomes", "Charge or summons") == pytest.approx(20)
    assert value(found, "days", TOTAL) == 20, "the twentieth of forty, eight of them longer than any"
    assert cells(found, "given")["Charge or summons",].count == 1
    with pytest.raises(Usage, match="not asked of “rapes”") as caught:
        find("outcomes", store, partnership, YEAR, of="rapes")
    assert caught.value.next_step == "Did you mean “rape”?"


def test_people_are_counted_once_however_many_records_they_have(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    rows.crime(date(2024, 5, 1), victims=(17,), who=("a",))
    rows.crime(date(2024, 6, 1), victims=(18,), who=("a2",))  # the same person under another number
    rows.crime(date(2024, 6, 2), victims=(18,), who=("a2",))
    rows.crime(date(2024, 7, 1), victims=(22,), who=("b",))
    rows.crime(date(2024, 7, 1), victims=(40,), suspects=(20,), who=("c", "s"))
    rows.crime(date(2023, 7, 1), victims=(20,), who=("old",))
    store = rows.store(tmp_path, partnership)
    linked(store, ("a", "A"), ("a2", "A"))
    found = find("victims", store, partnership, YEAR)
    people = cells(found, "people")
    assert people[TOTAL, TOTAL].count == 3
    assert people["10-17", "Female"].count == 1, "the age of the first offence"
    assert people["18-24", "Female"].count == 1
    assert cells(found, "times_named")["Three times",].count == 1
    assert cells(found, "children")["Under 18",].count == 1
    months = cells(found, "months")
    assert (months["2024-06",].count, months["2024-07",].count) == (1, 2), "one person twice in June is one"
    assert cells(find("suspects", store, partnership, YEAR), "people")[TOTAL, TOTAL].count == 1
    apart = find("victims", store, partnership, YEAR, match_at_least=0.999)
    assert cells(apart, "people")[TOTAL, TOTAL].count == 4


def test_without_measured_links_people_are_not_counted(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    rows.crime(date(2024, 5, 1), victims=(17,), who=("a",))
    store = rows.store(tmp_path, partnership)
    for name in ("victims", "suspects", "repeat_victimisation", "repeat_suspects", "standardised_rate"):
        with pytest.raises(Refused, match="not known whether links are good enough"):
            find(name, store, partnership, YEAR)


def test_repeat_victims_within_twelve_months_and_over_a_whole_window(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    day = date(2023, 5, 1)
    for n in range(10):  # met in May 2023; four of them again in the year after, one of those twice on one day
        rows.crime(day, victims=(17,), who=(f"v{n}",))
    for n in range(4):
        rows.crime(day + timedelta(days=(5, 20, 80, 300)[n]), victims=(17,), who=(f"v{n}",))
    rows.crime(day + timedelta(days=5), victims=(17,), who=("v0",))
    rows.crime(date(2024, 5, 10), victims=(17,), who=("v9",))  # more than a year after
    rows.crime(date(2025, 3, 31), victims=(17,), who=("late",))
    store = rows.store(tmp_path, partnership)
    linked(store, ("x", "X"))
    period = Period(date(2023, 4, 1), date(2025, 3, 31))
    found = find("repeat_victimisation", store, partnership, period)
    whole = cells(found, "whole_year")["Twice or more",]
    assert (whole.count, whole.base) == (4, 10)
    assert {key[0]: cell.count for key, cell in cells(found, "soon").items()} == {
        "Within a week": 1, "Within a month": 1, "Within three months": 1, "Within a year": 1, TOTAL: 4,
    }  # fmt: skip
    last_year = cells(found, "people")
    assert (last_year["Once",].count, last_year["Twice or more",].count) == (2, 0)
    first_year = cells(find("repeat_victimisation", store, partnership, Period.financial_year(2023)), "people")
    assert (first_year["Once",].count, first_year["Twice or more",].count) == (6, 4)


def test_a_rate_is_less_certain_where_few_people_have_many_events(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    for n in range(40):
        rows.crime(date(2024, 5, 1) + timedelta(days=n), victims=(20,), who=(f"p{n % 4}",))
    store = rows.store(tmp_path, partnership)
    linked(store, ("x", "X"))
    found = cells(find("standardised_rate", store, partnership, YEAR), "victims")
    by_person, apart = (
        found[name,].estimate for name in ("Age-standardised", "Age-standardised, were every event another person's")
    )
    assert by_person is not None and by_person.interval is not None
    assert apart is not None and apart.interval is not None
    assert by_person.value == apart.value == pytest.approx(400)  # 40 of 10,000 residents, all of one band
    assert by_person.interval.high - 400 == pytest.approx((apart.interval.high - 400) * 10**0.5, rel=1e-6)


def test_harm_is_weighed_by_a_scale_that_was_loaded(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    spread(rows, 20, date(2024, 5, 1), victims=(17,))
    spread(rows, 10, date(2024, 5, 1), victims=(17,), offence_code="34B", offence_sub_code=None, ward_code="SYN02")
    rows.crime(date(2024, 5, 1), victims=(17,), offence_code="1", offence_sub_code=None)
    spread(rows, 5, date(2024, 5, 1), victims=(17,), offence_code="3B", offence_sub_code=None)
    store = rows.store(tmp_path, partnership)
    with pytest.raises(BadInput, match="No scale of harm is loaded") as caught:
        find("harm", store, partnership, YEAR)
    assert "source, edition and licence" in caught.value.next_step
    put_weights(store, {"8N": 10.0, "34B": 100.0, "1": 5000.0})
    found = find("harm", store, partnership, YEAR)
    # 20 x 10 + 10 x 100 + 5,000 = 6,200 among 10,000 residents; a standard error of sqrt(20*100 + 10*10,000 + 25e6)
    line = cells(found, "harm")["All offences",]
    assert line.estimate is not None and line.estimate.interval is not None
    assert line.estimate.value == 620
    assert line.estimate.interval.high == pytest.approx(620 + 196 * 5.0102, rel=5e-3)
    assert value(found, "harm", "All but homicide and attempts") == 120
    assert value(found, "harm_top", "All offences") == pytest.approx(80.6)
    weighed = cells(found, "harm_weighed")
    assert (weighed["With a weight",].count, weighed["Without one",].count) == (31, 5)
    assert "Invented scale, edition 2" in found.method
    assert value(found, "harm_neighbourhoods", "East") == 125  # 1,000 points among 8,000
    with pytest.raises(Usage, match="No scale “cchi” is loaded"):
        find("harm", store, partnership, YEAR, scale="cchi")


HEADINGS = "offence_code,weight,unit,title,edition,licence,source\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEADINGS.replace("licence,", "") + "8N,10,days,A scale,2026,the web\n", "Missing: “licence”"),
        (HEADINGS + "8N,10,days,A scale,2026,,the web\n", "Not one of the 1 rows"),
        (HEADINGS + "8N,10,days,A scale,,by leave,the web\n", "Not one of the 1 rows"),
        (HEADINGS + "8N,-10,days,A scale,2026,by leave,the web\n", "Not one of the 1 rows"),
    ],
)
def test_a_scale_without_licence_edition_or_weight_is_not_taken(tmp_path: Path, content: str, said: str) -> None:
    national = load(PARTNERSHIPS / "tower_hamlets")
    file = tmp_path / "harm_weights_some.csv"
    file.write_text(content)
    with pytest.raises(BadInput, match=said):
        receive(tmp_path / "home", national.feeds["harm_weights"], [file], agreements={}, clock=lambda: NOON)
    assert not Store(tmp_path / "home").has("harm_weights")


def test_a_scale_that_says_two_things_is_not_used(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    spread(rows, 5, date(2024, 5, 1), victims=(17,))
    store = rows.store(tmp_path, partnership)
    file = tmp_path / "harm_weights_some.csv"
    line = "8N,{},days,A scale,{},by leave,the web\n"
    contract = load(PARTNERSHIPS / "tower_hamlets").feeds["harm_weights"]
    for (one, edition), (two, other), said in (
        ((10, 2025), (12, 2025), "two weights for 8N"),
        ((10, 2025), (12, 2026), "two weights for 8N"),
    ):
        file.write_text(HEADINGS + line.format(one, edition) + line.format(two, other))
        receive(tmp_path, contract, [file], agreements={}, clock=lambda: NOON)
        with pytest.raises(BadInput, match=said) as caught:
            find("harm", store, partnership, YEAR)
        assert "concord load harm_weights harm_weights_some.csv" in caught.value.next_step
    file.write_text(HEADINGS + line.format(10, 2025) + line.format(12, 2026).replace("8N", "34B"))
    receive(tmp_path, contract, [file], agreements={}, clock=lambda: NOON)
    with pytest.raises(BadInput, match="several editions or units"):
        find("harm", store, partnership, YEAR)


def tasked(tmp_path: Path, partnership: Any, before: int, after: int, beside: tuple[int, int], day: date) -> Any:
    """Anchor Quay with so many offences in the twelve weeks before and after 1 August, and Bargate beside it."""
    rows = Rows()
    start = date(2024, 8, 1)
    rows.crime(date(2024, 4, 1), victims=(17,), ward_code="SYN09")
    for ward, counts in (("SYN01", (before, after)), ("SYN02", beside)):
        for sign, n in zip((-1, 1), counts, strict=True):
            for k in range(n):
                when = start + timedelta(days=(k % 80) if sign > 0 else -1 - (k % 80))
                rows.crime(when, victims=(17,), ward_code=ward)
    rows.crime(day, victims=(17,), ward_code="SYN09")
    store = rows.store(tmp_path, partnership)
    put_tasking(store, start, "8N")
    return find("effect", store, partnership, YEAR)


def test_a_tasking_is_read_beside_its_comparison(tmp_path: Path, partnership: Any) -> None:
    late = date(2025, 3, 1)
    fell = tasked(tmp_path / "a", partnership, 150, 60, (150, 150), late)
    effect = cells(fell, "effects")["T1",]
    assert effect.label == "fewer"
    assert value(fell, "effects", "T1") == -90
    assert cells(fell, "results")["fewer",].count == 1
    # The comparison fell as much: nothing is left of it.
    both = tasked(tmp_path / "b", partnership, 150, 60, (150, 60), late)
    assert cells(both, "effects")["T1",].label == "cannot tell"
    assert value(both, "effects", "T1") == 0
    few = tasked(tmp_path / "c", partnership, 6, 2, (6, 6), late)
    assert cells(few, "effects")["T1",].label == "cannot tell"
    assert cells(few, "detectable")["T1",].label == "too few to tell any fall"
    early = tasked(tmp_path / "d", partnership, 20, 0, (20, 0), date(2024, 8, 10))
    assert cells(early, "effects")["T1",].label == "too early"
    assert cells(early, "effects")["T1",].estimate is None


def test_a_tasking_needs_weeks_and_a_reference_that_is_there(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    spread(rows, 9, date(2024, 5, 1), victims=(17,))
    store = rows.store(tmp_path, partnership)
    put_tasking(store, date(2024, 8, 1), "8N")
    with pytest.raises(Usage, match="judged over 4 weeks or more"):
        find("effect", store, partnership, YEAR, weeks=3)
    with pytest.raises(Usage, match="No tasking “T2” started") as caught:
        find("effect", store, partnership, YEAR, reference="T2")
    assert caught.value.next_step == "Those that did: T1."
    with pytest.raises(BadInput, match="No tasking started in"):
        find("effect", store, partnership, Period(date(2024, 4, 1), date(2024, 7, 31)))


def placed(rows: Rows, day: date, east: int, north: int, **more: Any) -> None:
    rows.crime(day, victims=(17,), easting=f"{500_000 + east}", northing=f"{200_000 + north}", **more)


def scattered(rows: Rows, first: date, months: int, **more: Any) -> None:
    """One offence a month in each of a hundred cells, each at a place of its own; a dozen in one of them."""
    for month in range(months):
        start = first + timedelta(days=30 * month)
        for cell in range(100):
            east, north = divmod(cell, 10)
            placed(rows, start + timedelta(days=cell % 20), 250 * east + 10 + month, 250 * north + 20 + month, **more)
        for n in range(12):
            placed(rows, start + timedelta(days=n), 1300 + 10 * n, 1310 + 7 * month, **more)


def test_a_hot_spot_that_lasts_is_persistent_and_named_by_words(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    scattered(rows, date(2023, 4, 1), 24)
    period = Period(date(2023, 4, 1), date(2025, 3, 31))
    found = find("hotspots", rows.store(tmp_path, partnership), partnership, period)
    spots = cells(found, "hot_spots")
    first = next(iter(spots.values()))
    assert first.label == "persistent"
    assert first.count >= 12 * 12
    assert all(name.startswith("Anchor Quay, ") and not any(c.isdigit() for c in name[:-2]) for (name,) in spots)
    assert cells(found, "classes")["persistent",].count >= first.count
    assert value(found, "foresight", "The cells with most in the last twelve months", "PAI") > value(
        found, "foresight", "Cells drawn by lot", "PAI"
    )
    inside = cells(found, "in_hot_spots")["In a hot spot",]
    assert inside.count == sum(cells(found, "classes")[p,].count for p in ("persistent", "emerging", "intermittent"))


@pytest.mark.parametrize(
    ("why", "limb"),
    [("cell could be one home", "domestic_abuse"), ("no coordinates", None), ("map points", None)],
)
def test_points_that_are_no_places_or_could_be_homes_stay_off_the_grid(
    tmp_path: Path, partnership: Any, why: str, limb: str | None
) -> None:
    rows = Rows()
    for n in range(200):
        east, north = ("500000", "200000") if why == "map points" else (f"{500_000 + 16 * n}", "200000")
        point = {"easting": None, "northing": None} if why == "no coordinates" else {"easting": east, "northing": north}
        rows.crime(date(2024, 5, 1 + n % 28), victims=(30,), suspects=(30,), domestic_abuse="Y", **point)
    found = find("hotspots", rows.store(tmp_path, partnership), partnership, YEAR, **({"limb": limb} if limb else {}))
    assert {table.name for table in found.tables} <= {"wards", "small_areas"}
    assert why in " ".join(found.cannot_say)


def test_what_happens_at_home_is_on_no_grid(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    scattered(rows, date(2024, 4, 1), 3)
    count = len(rows.crimes)
    for n in range(50):
        placed(rows, date(2024, 5, 1), 3_000 + n, 3_000, location_type="dwelling")
        placed(rows, date(2024, 5, 1), 3_300 + n, 3_300, domestic_abuse="Y", suspects=(30,))
        placed(rows, date(2024, 5, 1), 3_600 + n, 3_600, offence_code="19C")
    found = find("hotspots", rows.store(tmp_path, partnership), partnership, YEAR)
    assert cells(found, "classes")[TOTAL,].count == count


def test_pairs_that_are_near_and_soon_stand_out_and_map_points_are_refused(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    robbed = {"offence_code": "34B", "offence_sub_code": None}
    for n in range(40):  # far from each other in place and time, each followed by one near and soon
        day = date(2024, 4, 2) + timedelta(days=9 * n % 330)
        placed(rows, day, 200 * (n % 8), 200 * (n // 8), **robbed)
        placed(rows, day + timedelta(days=3), 200 * (n % 8) + 41 + n, 200 * (n // 8) + 40, **robbed)
    found = find("near_repeat", rows.store(tmp_path / "a", partnership), partnership, YEAR)
    near = cells(found, "pairs")["Under 100 m", "Within a week"]
    assert near.count == 40
    assert near.label == "more than chance"
    assert value(found, "pairs", "Under 100 m", "Within a week") > 5
    snapped = Rows()
    for n in range(80):
        placed(snapped, date(2024, 5, 1 + n % 28), 0, 0, **robbed)
    with pytest.raises(Refused, match="Near repeat analysis is not done"):
        find("near_repeat", snapped.store(tmp_path / "b", partnership), partnership, YEAR)
    with pytest.raises(Usage, match="not asked of “robery”"):
        find("near_repeat", snapped.store(tmp_path / "c", partnership), partnership, YEAR, kind="robery")


def weekly(rows: Rows, first: date, counts: list[int]) -> None:
    for week, n in enumerate(counts):
        for k in range(n):
            rows.crime(first + timedelta(weeks=week, days=k % 7), victims=(17,))


def test_a_week_far_above_its_season_alarms_and_an_ordinary_one_does_not(tmp_path: Path, partnership: Any) -> None:
    first = date(2023, 4, 3)  # a Monday
    ordinary = [(4, 5, 6, 5, 4, 6, 5)[week % 7] for week in range(104)]
    for name, last, label in (("a", 5, ""), ("b", 25, "above the usual range")):
        rows = Rows()
        weekly(rows, first, [*ordinary[:-1], last])
        end = first + timedelta(weeks=104, days=-1)
        found = find("alerts", rows.store(tmp_path / name, partnership), partnership, Period(first, end))
        week = cells(found, "serious_violence")[TOTAL,]
        assert (week.count, week.label) == (last, label)
        assert found.period == Period(end - timedelta(days=6), end)
        tested = cells(found, "reliability")["Serious violence", "Same weeks of earlier years"]
        assert tested.count == 104 - 55 - 1, "a year and three weeks stand before the first week judged"
    rows = Rows()
    weekly(rows, first, [5] * 20)
    found = find("alerts", rows.store(tmp_path / "c", partnership), partnership, Period(first, date(2023, 8, 20)))
    assert cells(found, "serious_violence")[TOTAL,].label == "too little history to say"


def test_a_month_with_fewer_is_marked_and_one_year_has_no_season(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    for year in (2023, 2024):
        for month in range(1, 13):
            spread(rows, 12 if month == 8 else 60, date(year, month, 1), victims=(17,))
    store = rows.store(tmp_path, partnership)
    found = find("seasonal_pattern", store, partnership, Period(date(2023, 1, 1), date(2024, 12, 31)))
    profile = cells(found, "profile")
    assert profile["August",].label == "fewer than in other months"
    assert profile["March",].label == ""
    assert value(found, "profile", "August") == pytest.approx(24 / 62 * (669 / 1320), rel=1e-6)
    assert cells(found, "months")["2023-08",].count == 12
    young = find("seasonal_pattern", store, partnership, Period(date(2023, 1, 1), date(2024, 12, 31)), victims_under=18)
    assert cells(young, "months")[TOTAL,].count == cells(found, "months")[TOTAL,].count
    one = find("seasonal_pattern", store, partnership, Period(date(2024, 1, 1), date(2024, 12, 31)))
    assert all(cell.estimate is None for cell in cells(one, "months").values())
    with pytest.raises(BadInput, match="whole years"):
        find("seasonal_pattern", store, partnership, Period(date(2024, 1, 1), date(2024, 6, 30)))


def test_the_evening_and_the_neighbourhood_of_the_most_serious(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    grave = {"offence_code": "5D", "offence_sub_code": None}
    spread(rows, 6, date(2024, 5, 1), victims=(30,), at="18:00", **grave)
    spread(rows, 3, date(2024, 5, 1), victims=(30,), at="17:59", ward_code="SYN02", **grave)
    spread(rows, 9, date(2024, 5, 1), victims=(17,), at="20:00")  # not among the most serious
    found = find("most_serious_evening", rows.store(tmp_path, partnership), partnership, YEAR)
    evening = cells(found, "evening")
    assert evening["Evening, six to midnight", "West"].count == 6
    assert evening["Afternoon, noon to six", "East"].count == 3
    assert evening[TOTAL, TOTAL].count == 9


def test_spans_are_shared_out_over_the_hours_and_quarters_crossed_with_ages(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    monday = date(2024, 5, 6)
    for _ in range(10):
        rows.crime(monday, victims=(17,), at="20:00")
    for _ in range(4):  # somewhere from ten in the evening to two days later
        rows.crime(monday, victims=(30,), suspects=(20,), at="22:00", committed_to=datetime(2024, 5, 8, 22))
    found = find("times", rows.store(tmp_path, partnership), partnership, YEAR)
    assert cells(found, "hours")[TOTAL, TOTAL].count == 10
    hours = cells(found, "aoristic")
    assert value(found, "aoristic", "20:00") == pytest.approx(100 * (10 + 4 / 24) / 14, abs=0.05)
    assert value(found, "aoristic", "03:00") == pytest.approx(100 * (4 / 24) / 14, abs=0.05)
    assert hours["20:00",].rests_on == (("hours", ("20:00", TOTAL)),)
    assert cells(found, "precision")["Over a longer span",].count == 4
    assert cells(found, "ages")["Evening, six to midnight", "A victim under 25"].count == 10
    assert cells(found, "neighbourhoods")["Evening, six to midnight", "West"].count == 10


def test_the_second_rule_stands_beside_the_first(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    spread(rows, 6, date(2024, 5, 1), victims=(19,), weapon="knife")  # in both
    spread(rows, 5, date(2024, 5, 1), victims=(24,))  # young here, not there
    spread(rows, 2, date(2024, 5, 1), victims=(40,), suspects=(40,))  # in neither
    second = load(PARTNERSHIPS / "harbourside").definitions["serious_youth_violence"]
    with pytest.raises(BadInput, match="Nothing was decided yet") as caught:
        find("serious_youth_violence", rows.store(tmp_path / "a", partnership), partnership, YEAR)
    assert "--rule serious_youth_violence" in caught.value.next_step
    with_both = SimpleNamespace(**{**vars(partnership), "youth_violence": second})
    found = find("serious_youth_violence", rows.store(tmp_path / "b", with_both), partnership, YEAR)
    both = cells(found, "both_rules")
    assert (both["In", "In"].count, both["Out", "In"].count, both[TOTAL, TOTAL].count) == (6, 5, 11)
    assert cells(found, "months")["2024-05",].count == 6


def test_weapons_by_the_most_serious(tmp_path: Path, partnership: Any) -> None:
    rows = Rows()
    spread(rows, 6, date(2024, 5, 1), victims=(17,), weapon="knife")
    spread(rows, 7, date(2024, 5, 1), victims=(17,), weapon="none")
    spread(rows, 2, date(2024, 5, 1), victims=(17,), weapon=None)
    found = find("weapons", rows.store(tmp_path, partnership), partnership, YEAR)
    kinds = {key[0]: cell.count for key, cell in cells(found, "rate").items() if cell.count}
    assert kinds == {"Knife or sharp instrument": 6, "None": 7, "Not known": 2, TOTAL: 15}
    assert cells(found, "armed_victims")[TOTAL,].count == 6
