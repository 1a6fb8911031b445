"""Findings on open, aggregated data: each on a few invented rows whose answer is plain to see."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import shapely

from concord.evidence.datasets.store import Store
from concord.evidence.disclosure import release
from concord.evidence.findings import dated_by, find
from concord.evidence.findings.model import TOTAL, Cell, Finding
from concord.evidence.findings.statistics import rate_ratio
from concord.jobs.outlines import of_loaded
from concord.kernel.errors import BadInput, Usage
from concord.kernel.periods import Period
from concord.strategy import load

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
ASKED = Period(date(2024, 11, 1), date(2026, 10, 31))
MONTHS = [date(year, month, 1) for year in range(2019, 2026) for month in range(1, 13)]
LATEST = MONTHS[-24:]
HERE, OTHER, FAR = "Tower Hamlets", "Hackney", "Bromley"
VIOLENCE = "Violence with injury or homicide"


@pytest.fixture(scope="module")
def partnership() -> Any:
    return load(Path(__file__).resolve().parents[2] / "partnerships" / "tower_hamlets")


def put(store: Store, name: str, rows: list[dict[str, object]], parts: dict[str, pa.DataType] | None = None) -> None:
    fields = {k: pa.array([row[k] for row in rows], (parts or {}).get(k)) for k in rows[0]}
    store.write(name, {"all": pa.table(fields)}, source="invented", synthetic=True, clock=lambda: NOON)


def block(column: int, row: int) -> bytes:
    made: bytes = shapely.to_wkb(shapely.box(530_000 + 500 * column, 180_000 + 500 * row, 530_500 + 500 * column,
                                             180_500 + 500 * row))  # fmt: skip
    return made


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Three boroughs of 1,000 residents each; Tower Hamlets has ten times ten small areas, busy in one corner."""
    made = Store(tmp_path_factory.mktemp("open"))
    monthly = {
        (HERE, "VIOLENCE WITH INJURY"): 20,
        (OTHER, "VIOLENCE WITH INJURY"): 10,
        (FAR, "VIOLENCE WITH INJURY"): 5,
    }
    monthly |= {(place, kind): 6 for place in (HERE, OTHER, FAR) for kind in ("ROBBERY OF PERSONAL PROPERTY", "RAPE")}
    counts = [
        {"borough": place, "minor_category": kind, "major_category": "ANY", "month": month,
         "count": n * (1 if kind != "RAPE" or place != HERE else 1 + (month.year - 2019)) + month.month % 2}
        for (place, kind), n in monthly.items()
        for month in MONTHS
    ]  # fmt: skip
    counts += [{"borough": HERE, "minor_category": "HOMICIDE", "major_category": "ANY", "month": month,
                "count": int(month.month == 6)} for month in MONTHS]  # fmt: skip
    counts.append({**counts[0], "borough": "Unknown", "count": 99_999})
    put(made, "mps_borough_counts", counts)
    people = [
        {"lsoa_code": f"E0100{i:04d}", "lsoa_name": f"{place} 00{i % 9}A", "age_band": "Aged 15 years and under",
         "residents": 1_000}
        for i, place in enumerate((OTHER, FAR))
    ]  # fmt: skip
    corner = {(x, y) for x, y in itertools.product(range(10), range(10)) if x < 3 and y < 3}
    squares = [(x, y, f"E01{x:02d}{y:02d}000", f"{HERE} {x:02d}{y}A") for x in range(10) for y in range(10)]
    people += [{"lsoa_code": code, "lsoa_name": name, "age_band": "Aged 15 years and under", "residents": 10}
               for _, _, code, name in squares]  # fmt: skip
    put(made, "census_2021_population", people)
    put(made, "boundary_lsoa_2021", [
        {"code": code, "name": name, "geometry": block(x, y), "crs": "EPSG:27700", "kind": "lsoa", "vintage": 2021}
        for x, y, code, name in squares
    ])  # fmt: skip
    put(made, "lookup_lsoa_2021_to_ward_2024", [
        {"lsoa21_code": code, "ward24_code": "E05009317" if x < 5 else "E05009318"} for x, _, code, _ in squares
    ])  # fmt: skip
    put(made, "mps_lsoa_counts", [
        {"area_code": code, "minor_category": "VIOLENCE WITH INJURY", "month": month,
         "count": (6 if (x, y) in corner else 1) + (x + y + month.month) % 2}
        for x, y, code, _ in squares for month in LATEST
    ])  # fmt: skip
    return made


def cells(found: Finding, table: str) -> dict[tuple[str, ...], Cell]:
    return {cell.key: cell for each in found.tables if each.name == table for cell in each.cells}


def released(store: Store, found: Finding, partnership: Any) -> Any:
    return release(
        found,
        rule=partnership.disclosure.rule("public"),
        audience="public",
        home=store.home,
        requested_by="Ann",
        approved_by="Bo",
        clock=lambda: NOON,
    )


# --- boroughs side by side ------------------------------------------------------------------------------------------


def test_a_borough_is_set_beside_london_without_itself(store: Store, partnership: Any) -> None:
    found = find("borough_comparison", store, partnership, ASKED)
    assert (found.period.start, found.period.end) == (date(2025, 1, 1), date(2025, 12, 31))
    here = cells(found, "kinds")[VIOLENCE,]
    assert here.count == 12 * 20 + 6 + 1, "six odd months have one more; a homicide in June stands with them"
    ratio = cells(found, "against_london")[VIOLENCE,]
    expected = rate_ratio(247, 1_000, 12 * 15 + 12, 2_000)
    assert ratio.estimate is not None and expected is not None
    assert (ratio.estimate.value, ratio.estimate.interval) == (expected.value, expected.interval)
    assert ratio.label == "higher"
    near = cells(found, "against_neighbours")[VIOLENCE,]
    assert near.estimate is not None
    assert near.estimate.value == pytest.approx(247 / 126), "Hackney is the only neighbour with counts"
    assert any("Hackney" in said for said in found.cannot_say)


def test_counts_of_nowhere_are_no_borough(store: Store, partnership: Any) -> None:
    boroughs = cells(find("borough_comparison", store, partnership, ASKED), "boroughs")
    assert {key[0] for key in boroughs} == {HERE, OTHER, FAR, TOTAL}
    assert boroughs[HERE,].label == "far above London"
    assert boroughs[FAR,].label == "far below London"


def test_a_trend_is_called_on_five_years_and_on_no_fewer(store: Store, partnership: Any) -> None:
    found = find("borough_comparison", store, partnership, ASKED)
    years = [key[1] for key in cells(found, "years") if key[0] == "Rape"]
    assert years == ["2020/21", "2021/22", "2022/23", "2023/24", "2024/25"]
    trend = cells(found, "trend")
    assert (trend["Rape",].label, trend["Robbery of personal property",].label) == ("rising", "no clear trend")
    early = find("borough_comparison", store, partnership, Period(date(2021, 1, 1), date(2023, 4, 30)))
    assert {cell.label for cell in cells(early, "trend").values()} == {""}, "three or four years are called nothing"


def test_a_break_in_the_series_is_told_with_its_month(store: Store, partnership: Any) -> None:
    said = " ".join(find("borough_comparison", store, partnership, ASKED).cannot_say)
    assert "A break in March 2024: counts come from another release" in said
    assert "cannot be decided" in said, "open counts have no ages"


def test_one_kind_can_be_asked_for_and_an_unknown_one_names_the_nearest(store: Store, partnership: Any) -> None:
    found = find("borough_comparison", store, partnership, ASKED, kind="rape")
    assert [cell.key for cell in found.tables[0].cells] == [("Rape",)]
    with pytest.raises(Usage, match="No open count is called “rap”"):
        find("borough_comparison", store, partnership, ASKED, kind="rap")


def test_the_same_finding_comes_out_of_its_own_period(store: Store, partnership: Any) -> None:
    for name in ("borough_comparison", "area_hotspots", "homicide_open"):
        found = find(name, store, partnership, ASKED)
        assert find(name, store, partnership, found.period, **found.lineage.parameters).tables == found.tables


# --- small areas ------------------------------------------------------------------------------------------------------


def test_the_busy_corner_is_a_lasting_hot_spot_and_the_rest_is_not(store: Store, partnership: Any) -> None:
    found = find("area_hotspots", store, partnership, ASKED)
    areas = cells(found, "areas")
    marked = {key[0] for key, cell in areas.items() if cell.label.startswith("persistent hot spot")}
    corner = {f"{HERE} {x:02d}{y}A" for x in range(3) for y in range(3)}
    beside = {f"{HERE} {x:02d}{y}A" for x in range(4) for y in range(4)}
    assert corner <= marked <= beside, "an area that touches the corner is drawn in, none further off"
    assert areas[f"{HERE} 011A",].label == "persistent hot spot, among high neighbours"
    assert areas[f"{HERE} 099A",].label == ""
    assert areas[f"{HERE} 000A",].population == 10
    half = cells(found, "concentration")["25% of offences",]
    assert (half.count, half.base) == (8, 100)


def test_a_forecast_is_judged_on_months_it_was_not_made_from(store: Store, partnership: Any) -> None:
    found = cells(find("area_hotspots", store, partnership, ASKED), "forecast")
    before = found["The twelve months before",]
    assert before.estimate is not None
    assert before.estimate.value == pytest.approx(before.count / before.base / 0.05)  # type: ignore[operator]
    assert before.label.endswith("of the best possible")
    assert before.estimate.value > 3


def test_sexual_offences_are_not_asked_of_small_areas(store: Store, partnership: Any) -> None:
    with pytest.raises(Usage, match="No open count below the borough is called “rape”"):
        find("area_hotspots", store, partnership, ASKED, kind="rape")
    with pytest.raises(Usage, match="compared with no “paris”"):
        find("area_hotspots", store, partnership, ASKED, beside="paris")


def test_maps_are_drawn_from_the_boundaries_that_are_loaded(store: Store, partnership: Any) -> None:
    shapes = of_loaded(store, partnership)
    assert shapes is not None
    assert {feature["properties"]["level"] for feature in shapes["features"]} == {"lsoa"}
    assert len(shapes["features"]) == 100
    west, south = shapes["features"][0]["geometry"]["coordinates"][0][0]
    assert (-1 < west < 0.5, 51 < south < 52) == (True, True), "degrees, in London"
    assert of_loaded(Store(store.home / "nothing"), partnership) is None


# --- a few deaths -----------------------------------------------------------------------------------------------------


def test_homicides_are_told_three_years_at_a_time(store: Store, partnership: Any) -> None:
    found = cells(find("homicide_open", store, partnership, ASKED), "years")
    assert {key[0]: cell.count for key, cell in found.items()} == {"2019/20 to 2021/22": 3, "2022/23 to 2024/25": 3}
    cell = found["2022/23 to 2024/25",]
    assert cell.estimate is not None
    assert cell.estimate.value == pytest.approx(100_000 * 3 / 3_000)


def test_three_deaths_do_not_leave_the_evidence(store: Store, partnership: Any) -> None:
    made = released(store, find("homicide_open", store, partnership, ASKED), partnership)
    assert {cell.hidden for cell in made.tables[0].cells} == {"confidential"}


# --- searches ---------------------------------------------------------------------------------------------------------

GIVEN = {
    "White - English/Welsh/Scottish/Northern Irish/British": 40,
    "Black/African/Caribbean/Black British - African": 60,
    "Asian/Asian British - Chinese": 12,
    "Other ethnic group - Not stated": 15,
    None: 5,
}


def searches(store: Store, months: list[date]) -> None:
    rows = [
        {"month": month, "search_type": "Person search", "self_defined_ethnicity": group,
         "officer_defined_ethnicity": "Black" if group and group.startswith("Black") else "White",
         "outcome": "Arrest" if n % 4 == 0 else "A no further action disposal", "object_of_search": "Controlled drugs",
         "legislation": "Misuse of Drugs Act 1971 (section 23)", "age_range": "18-24"}
        for month in months for group, count in GIVEN.items() for n in range(count)
    ]  # fmt: skip
    rows += [{**row, "search_type": "Vehicle search"} for row in rows[:50]]
    put(store, "police_uk_stop_and_search_extract", rows)
    groups = [("Asian", 300), ("Black", 100), ("White British", 150), ("White Other", 50), ("Does not apply", 0)]
    put(store, "census_2021_ethnicity", [
        {"area_code": code, "area_name": code, "ethnic_group": group, "residents": n}
        for code in ("E09000030", "E09000012") for group, n in groups
    ])  # fmt: skip
    put(store, "boundary_lad_2024", [
        {"code": code, "name": code, "geometry": block(x, 0), "crs": "EPSG:27700", "kind": "lad", "vintage": 2024}
        for x, code in enumerate(("E09000030", "E09000012"))
    ])  # fmt: skip


def test_not_stated_is_no_group_whatever_the_file_calls_it(tmp_path: Path, partnership: Any) -> None:
    made = Store(tmp_path)
    searches(made, [date(2023, 1, 1)])
    found = find("stop_search_open", made, partnership, ASKED)
    searched = cells(found, "searched")
    assert {key[0]: cell.count for key, cell in searched.items()} == {
        "Asian": 12, "Black": 60, "White": 40, "Not stated": 20, TOTAL: 132,
    }  # fmt: skip
    black = cells(found, "relative_rate")["Black",]
    assert black.estimate is not None
    assert black.estimate.value == pytest.approx((60 / 100) / (40 / 200))
    assert black.label == "2.0 to 4.0 whoever the not stated were"
    around = cells(found, "relative_rate_around")["Black",]
    assert around.estimate is not None
    assert around.estimate.value == black.estimate.value, "the neighbour has the same people"
    officer = cells(found, "searched_officer")
    assert (officer["White",].count, officer["Black",].count) == (72, 60), "vehicles without people are no searches"
    assert cells(found, "found")["Black", "Any outcome but no further action"].count == 15


def test_a_month_that_nobody_sent_is_not_a_month_without_searches(tmp_path: Path, partnership: Any) -> None:
    made = Store(tmp_path)
    searches(made, [date(2022, 11, 1), date(2023, 1, 1), date(2023, 2, 1)])
    months = cells(find("stop_search_open", made, partnership, ASKED), "months")
    assert [key[0] for key in months] == ["2023-01", "2023-02", TOTAL]


# --- what others publish ----------------------------------------------------------------------------------------------


def test_what_a_publisher_left_out_stays_out(tmp_path: Path, partnership: Any) -> None:
    made = Store(tmp_path)
    values = {("TotPerAbNew", HERE, "2024"): 17.98, ("TotPerAbNew", HERE, "2025"): 18.27,
              ("TotPerAbNew", "London", "2025"): 17.53, ("TotPerAbNew", HERE, "2020"): None,
              ("TotPerAbNew", HERE, "2021"): None, ("LAC_Convictions", HERE, "2025"): None,
              ("TotFixedEx", HERE, "2023/24"): 3.46}  # fmt: skip
    put(made, "dfe_indicators", [
        {"indicator": key, "area_name": place, "year_label": year, "value": value}
        for (key, place, year), value in values.items()
    ], {"value": pa.float64()})  # fmt: skip
    found = find("education_open", made, partnership, ASKED)
    latest = cells(found, "latest")
    assert latest["Persistent absence", HERE].estimate.value == 18.27  # type: ignore[union-attr]
    assert (latest["Suspensions", HERE].label, latest["Persistent absence", HERE].label) == ("2023/24", "2025")
    assert latest["Persistent absence", "England"].estimate is None
    made_public = released(made, found, partnership)
    shown = {cell.key: cell.hidden for table in made_public.tables for cell in table.cells}
    assert shown["Looked-after children convicted or cautioned", HERE] == "not_published"
    assert shown["Persistent absence", "2021"] == "not_published"
    assert ("Persistent absence", "2022") not in shown, "a year that the measure does not have is no gap of its own"
    with pytest.raises(Usage, match="No published measure is of “skool”"):
        find("education_open", made, partnership, ASKED, group="skool")


def test_a_survey_without_its_base_has_no_interval(tmp_path: Path, partnership: Any) -> None:
    made = Store(tmp_path)
    put(made, "mopac_public_attitudes", [
        {"quarter_ends": date(year, 12, 31), "borough": HERE, "measure": "Trust MPS",
         "proportion": 0.7 + year % 10 / 100, "london": 0.69}
        for year in range(2016, 2024)
    ])  # fmt: skip
    found = find("attitudes_open", made, partnership, ASKED)
    years = [cell for table in found.tables if table.name == "years" for cell in table.cells]
    assert [cell.key[1] for cell in years] == ["2019", "2020", "2021", "2022", "2023"]
    assert all(cell.estimate is not None and cell.estimate.interval is None for cell in years)
    with pytest.raises(BadInput, match="has nothing of Tower Hamlets"):
        find("attitudes_open", made, partnership, Period(date(2010, 1, 1), date(2010, 12, 31)))


def test_each_open_finding_says_whose_months_are_its_own() -> None:
    assert dated_by("borough_comparison") == ("mps_borough_counts",)
    assert dated_by("places") == ("recorded_crime",)
