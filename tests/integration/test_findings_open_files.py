"""Open findings on the real files, beside counts made from the same files by hand: no library of ours in between."""

from __future__ import annotations

import csv
import math
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from load_support import FEEDS, SHARED, receive

from concord.evidence.datasets.store import Store
from concord.evidence.disclosure import release
from concord.evidence.extracts.contracts import read_feed
from concord.evidence.findings import find
from concord.evidence.findings.model import Cell, Finding
from concord.kernel.errors import BadInput
from concord.kernel.periods import Period
from concord.strategy import load

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the shared open data are not on this machine")
SEARCHES = SHARED / "tower_hamlets_extracts" / "met_stop_and_search_TH_to_2023-12.csv"
CENSUS = SHARED / "population" / "Census_2021_ethnicity_UTLA.csv"
COUNTS = SHARED / "mps_london_datastore" / "recorded-crime-borough.parquet"
LOOKUP = "LSOA_(2021)_to_Electoral_Ward_(2024)_to_LAD_(2024)_Best_Fit_Lookup_in_EW.csv"
ASKED = Period(date(2024, 11, 1), date(2026, 10, 31))


@pytest.fixture(scope="module")
def partnership() -> Any:
    return load(Path(__file__).resolve().parents[2] / "partnerships" / "tower_hamlets")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    home = tmp_path_factory.mktemp("real")
    for feed, file in (
        ("police_uk", SEARCHES),
        ("census_2021_ethnicity", CENSUS),
        ("boundaries", SHARED / "boundaries" / "london_borough.gpkg"),
        ("mps_borough_counts", COUNTS),
        ("census_2021_population", SHARED / "population" / "census21_pop.rda"),
        ("area_lookups", SHARED / "lookups" / LOOKUP),
        ("mps_knife_crime", SHARED / "mps_london_datastore" / "monthly-crime-dashboard.parquet"),
        ("mps_thorough_searches", SHARED / "mps_london_datastore" / "thorough-searches.parquet"),
        ("mps_custody", SHARED / "mps_london_datastore" / "custody.parquet"),
        ("mopac_public_attitudes", SHARED / "mopac_pas" / "PAS_Dashboard_Borough.csv"),
    ):
        receive(home, read_feed(FEEDS / "national" / "feeds" / f"{feed}.toml"), file)
    return Store(home)


def cells(found: Finding, table: str) -> dict[tuple[str, ...], Cell]:
    return {cell.key: cell for each in found.tables if each.name == table for cell in each.cells}


def test_searches_are_those_that_a_reader_counts_in_the_file(store: Store, partnership: Any) -> None:
    given: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    with SEARCHES.open(encoding="utf-8-sig", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["source_file"].startswith("2023-") and row["Type"] != "Vehicle search":
                given[row["Self-defined ethnicity"].split("/")[0].split(" - ")[0]] += 1
                seen[row["Officer-defined ethnicity"]] += 1
    found = find("stop_search_open", store, partnership, ASKED)
    searched = cells(found, "searched")
    assert found.period == Period(date(2023, 1, 1), date(2023, 12, 31))
    assert {group: searched[group,].count for group in ("Asian", "Black", "White")} == {
        group: given[group] for group in ("Asian", "Black", "White")
    }
    assert cells(found, "searched_officer")["Black",].count == seen["Black"]

    with CENSUS.open(encoding="utf-8-sig", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["Upper tier local authorities Code"] == "E09000030"]
    white = sum(int(row["Observation"]) for row in rows if row["Ethnic group"].startswith("White"))
    black = next(int(row["Observation"]) for row in rows if row["Ethnic group"] == "Black")
    assert black == 22_693
    value = (given["Black"] / black) / (given["White"] / white)
    step = math.exp(1.959963984540054 * math.sqrt(1 / given["Black"] + 1 / given["White"]))
    ratio = cells(found, "relative_rate")["Black",].estimate
    assert ratio is not None and ratio.interval is not None
    assert (ratio.value, ratio.interval.low, ratio.interval.high) == pytest.approx(
        (value, value / step, value * step), rel=1e-12
    )
    unstated = sum(n for group, n in given.items() if group not in {"Asian", "Black", "White", "Mixed"})
    assert searched["Not stated",].count + searched["Other",].count <= unstated


def test_the_borough_s_rate_is_over_the_rest_of_london_alone(store: Store, partnership: Any) -> None:
    found = find("borough_comparison", store, partnership, ASKED)
    wide = duckdb.sql(f"SELECT * FROM '{COUNTS}'").to_arrow_table().to_pylist()
    last = sorted(name for name in wide[0] if name.isdigit())[-12:]
    robbery = {row["boroughname"]: sum(row[month] for month in last) for row in wide
               if row["minortext"] == "ROBBERY OF PERSONAL PROPERTY" and row["boroughname"] != "Unknown"}  # fmt: skip
    assert cells(found, "kinds")["Robbery of personal property",].count == robbery["Tower Hamlets"]
    people = {key[0]: cell.population for key, cell in cells(found, "boroughs").items()}
    assert set(people) - {"Total"} == set(robbery)
    elsewhere = sum(n for place, n in robbery.items() if place != "Tower Hamlets")
    lives = sum(people[place] or 0 for place in robbery if place != "Tower Hamlets")
    ratio = cells(found, "against_london")["Robbery of personal property",].estimate
    assert ratio is not None
    assert ratio.value == pytest.approx(robbery["Tower Hamlets"] / (people["Tower Hamlets"] or 0) / (elsewhere / lives))


@pytest.mark.parametrize(
    "name",
    [
        "borough_comparison",
        "knife_crime_open",
        "stop_search_open",
        "thorough_searches",
        "custody_open",
        "attitudes_open",
    ],
)
def test_each_leaves_without_a_small_number_and_comes_out_the_same_again(
    store: Store, partnership: Any, name: str
) -> None:
    finding = find(name, store, partnership, ASKED)
    assert finding.source_class == "open"
    assert not finding.synthetic
    assert finding.base and finding.source and finding.method and finding.cannot_say
    made = release(
        finding,
        rule=partnership.disclosure.rule("public"),
        audience="public",
        home=store.home,
        requested_by="Ann",
        approved_by="Bo",
        clock=lambda: datetime(2026, 11, 2, 12, tzinfo=UTC),
    )
    assert made.audit.exposed == ()
    for table, before in zip(made.tables, finding.tables, strict=True):
        for cell, was in zip(table.cells, before.cells, strict=True):
            assert cell.count is None or cell.count == 0 or cell.count > 4
            assert table.published or cell.hidden or cell.count == was.count
    assert any(cell.hidden is None for table in made.tables for cell in table.cells)
    again = find(name, store.at(finding.lineage.datasets), partnership, finding.period, **finding.lineage.parameters)
    assert again.tables == finding.tables


def test_two_years_are_too_few_to_tell_homicides_of(store: Store, partnership: Any) -> None:
    with pytest.raises(BadInput, match=r"“mps_borough_counts”: 1\. Homicides are told of 3\.") as caught:
        find("homicide_open", store, partnership, ASKED)
    assert caught.value.next_step == "Load earlier years as well: concord load mps_borough_counts FILE..."


def test_the_worked_example_s_counts_give_its_ratio() -> None:
    """754 of 22,693 Black and 1,425 of 119,931 White residents, as published with the ratio. The searches are another
    year's and the White residents leave out Gypsy, Traveller and Roma people: neither count is in the files held."""
    black, white = 754 / 22_693, 1_425 / 119_931
    error = math.sqrt((1 - black) / 754 + (1 - white) / 1_425)
    low, high = (black / white * math.exp(sign * 1.959963984540054 * error) for sign in (-1, 1))
    assert (round(black / white, 3), round(low, 3), round(high, 3)) == (2.796, 2.563, 3.051)
    from concord.evidence.findings.disproportionality import relative_rate, relative_share

    share = relative_share(754, 22_693, 1_425, 119_931)
    rate = relative_rate(754, 22_693, 1_425, 119_931)
    assert share is not None and rate is not None and share.interval is not None and rate.interval is not None
    assert (share.value, share.interval.low, share.interval.high) == pytest.approx(
        (black / white, low, high), rel=1e-12
    )
    assert rate.value == pytest.approx(share.value), "searches are events, not people: only the interval differs"
    assert (round(rate.interval.low, 2), round(rate.interval.high, 2)) == (2.56, 3.05)
