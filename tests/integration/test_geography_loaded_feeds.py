"""From real files under their contracts to counts on today's areas: boundaries, lookups, ten years of crime."""

from __future__ import annotations

import zipfile
from pathlib import Path

import duckdb
import pytest
from load_support import receive

from concord.evidence.datasets.store import Store
from concord.evidence.geography import BoundarySet, Geography, Lookup, carry_forward
from concord.evidence.geography.lookups import roll_up
from concord.kernel.errors import Refused
from concord.strategy import load

TOWER_HAMLETS = load(Path(__file__).resolve().parents[2] / "partnerships" / "tower_hamlets")


@pytest.fixture(scope="module")
def store(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    home, data = tmp_path_factory.mktemp("home"), shared / "data"
    with zipfile.ZipFile(data / "mps_lsoa_annual_2011_2021.zip") as archive:
        burglary = Path(archive.extract("london-2011-2021-major-burglary.csv", home))
    for feed, files in (
        ("boundaries", [data / "boundaries" / "london_ward.gpkg"]),
        ("area_lookups", sorted((data / "lookups").glob("LSOA*.csv"))),
        ("mps_lsoa_annual", [burglary]),
    ):
        receive(home, TOWER_HAMLETS.feeds[feed], *files)
    return Store(home)


def test_boundaries_loaded_under_their_contract_find_wards(store: Store) -> None:
    wards = BoundarySet.from_dataset(store.latest("boundary_ward_2024"))
    assert (wards.label, len(wards)) == ("ward 2024", 684)
    found = wards.codes_of([535_267.0, 0.0], [181_084.0, 0.0]).to_pylist()  # postcode E1 0AA, and the Atlantic
    assert Geography.of(TOWER_HAMLETS).area(found[0]).name == "Shadwell"
    assert found[1] is None


def test_ten_years_of_crime_are_carried_to_the_areas_of_the_census(store: Store) -> None:
    """LSOAs of 2011 to wards of today: nothing lost, and every number says how much of it is an estimate."""
    lookup = store.latest("lookup_lsoa_2011_to_2021")
    forward = Lookup.from_dataset(lookup, "lsoa11_code", "lsoa21_code", fit="exact", change="change")
    to_ward = Lookup.from_dataset(
        store.latest("lookup_lsoa_2021_to_ward_2024"), "lsoa21_code", "ward24_code", fit="best"
    )
    counts = duckdb.sql(
        f"SELECT lsoa_code AS code, year, sum(count)::BIGINT AS count FROM {store.latest('mps_lsoa_annual').scan} "
        "WHERE borough = 'Tower Hamlets' GROUP BY ALL"
    ).to_arrow_table()
    whole = sum(counts["count"].to_pylist())
    assert forward.vintage_of(counts["code"].to_pylist()) == "2011"
    with pytest.raises(Refused, match="that have no single successor in 2021"):
        carry_forward(counts, forward)
    with pytest.raises(Refused, match="are not lsoa areas of 2021"):
        roll_up(counts, to_ward)
    # LSOAs are drawn to hold about as many people each.
    people = dict.fromkeys(forward.upper_codes, 1700.0)
    carried = carry_forward(counts, forward, residents=people)
    assert carried.total == pytest.approx(whole)
    assert 0.1 < carried.estimated / whole < 0.5
    wards = roll_up(carried.table.select(["code", "year", "count"]), to_ward)
    assert sum(wards["count"].to_pylist()) == pytest.approx(whole)
    assert set(wards["code"].to_pylist()) == {area.code for area in Geography.of(TOWER_HAMLETS).at("ward")}
