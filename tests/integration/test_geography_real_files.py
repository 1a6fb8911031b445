"""Boundaries, lookups and points as published: read straight from their files, and checked against each other."""

from __future__ import annotations

import csv
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import duckdb
import numpy as np
import pyarrow as pa
import pytest
import shapely

from concord.evidence.datasets.store import DatasetVersion, Store
from concord.evidence.geography import BoundarySet, Geography, Lookup, carry_forward, geopackage, to_grid, vintage_of
from concord.evidence.geography.lookups import roll_up
from concord.kernel.errors import BadInput, Refused
from concord.strategy import load
from concord.synthetic import borough

ROOT = Path(__file__).resolve().parents[2]
EXACT_FIT = "LSOA_(2011)_to_LSOA_(2021)_to_Local_Authority_District_(2022)_Exact_Fit_Lookup_for_EW_(V3).csv"
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
OLD_WARDS = {"kind": "ward", "vintage": "2014", "code_field": "GSS_CODE"}
OLD_BOROUGHS = {"kind": "borough", "vintage": "2014", "code_field": "gss_code"}
BEST_FIT = "LSOA_(2021)_to_Electoral_Ward_(2024)_to_LAD_(2024)_Best_Fit_Lookup_in_EW.csv"


@pytest.fixture(scope="module")
def data(shared: Path) -> Path:
    return shared / "data"


@pytest.fixture(scope="module")
def lsoas(data: Path) -> BoundarySet:
    return BoundarySet.from_file(data / "boundaries" / "london_lsoa.gpkg", extent="generalised to about 200 m")


@pytest.fixture(scope="module")
def forward(data: Path) -> Lookup:
    return Lookup.from_file(data / "lookups" / EXACT_FIT, "LSOA11CD", "LSOA21CD", fit="exact", change="CHGIND")


@pytest.fixture(scope="module")
def tower_hamlets() -> Geography:
    return Geography.of(load(ROOT / "partnerships" / "tower_hamlets"))


# ------------------------------------------------------------------------------------------------------- boundaries


@pytest.mark.parametrize(
    ("file", "given", "kind", "vintage", "areas", "km2"),
    [
        ("london_lsoa.gpkg", {}, "lsoa", "2021", 4994, 1574.6),
        ("london_ward.gpkg", {}, "ward", "2024", 684, 1572.1),
        ("london_borough.gpkg", {}, "borough", "2024", 33, 1583.5),
        ("london-2011-lsoa-gen20.shp", {}, "lsoa", "2011", 4835, 1573.5),
        ("london-2021-lad22-gen20.shp", {}, "borough", "2022", 33, 1573.3),
        ("london-2021-msoa-gen20.shp", {}, "msoa", "2021", 1002, 1573.3),
        ("london_wards_2014.zip", OLD_WARDS, "ward", "2014", 654, 1594.7),
        ("gla_london_boroughs.gpkg", OLD_BOROUGHS, "borough", "2014", 33, 1594.7),
    ],
)  # fmt: skip
def test_every_published_boundary_file_is_read_and_says_what_it_is(
    data: Path, file: str, given: dict[str, str], kind: str, vintage: str, areas: int, km2: float
) -> None:
    """London is 1,572 to 1,595 square kilometres, by where the outlines run: a density has to say which."""
    found = BoundarySet.from_file(data / "boundaries" / file, extent="as received", **given)
    assert (found.kind, found.vintage, len(found)) == (kind, vintage, areas)
    assert found.square_kilometres.sum() == pytest.approx(km2, abs=0.1)
    assert found.names[0] != found.codes[0]
    assert len(found.repaired) == (2 if file == "london_wards_2014.zip" else 0)
    _, words = found.density({found.codes[0]: 10})
    assert words == f"Per square kilometre of {kind} {vintage}, outlines as received ({file})."


def test_degrees_and_metres_are_the_same_boundaries(data: Path) -> None:
    """The borough as GeoJSON in degrees lies where its wards in metres lie."""
    folder = data / "tower_hamlets_extracts"
    degrees = BoundarySet.from_file(folder / "ward24_TH.geojson")
    metres = BoundarySet.from_file(data / "boundaries" / "london_ward.gpkg")
    where = [metres.codes.index(code) for code in degrees.codes]
    assert len(where) == 20
    assert degrees.square_kilometres == pytest.approx(metres.square_kilometres[where], rel=1e-4)


def test_a_file_that_does_not_say_its_vintage_is_refused_with_words(data: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        BoundarySet.from_file(data / "boundaries" / "gla_london_boroughs.gpkg", code_field="gss_code")
    assert "do not say which vintage" in refused.value.what
    assert "names no kind of area and no year, as WD24CD does" in (refused.value.why or "")
    (tmp_path / "x.geojson").write_text("{}")
    with pytest.raises(BadInput, match="cannot be read"):
        BoundarySet.from_file(tmp_path / "x.geojson")
    with pytest.raises(BadInput, match="No column holds codes"):
        BoundarySet.from_file(data / "boundaries" / "london_wards_2014.zip")


def loaded(home: Path, dataset: str, /, **columns: list[object]) -> DatasetVersion:
    """A dataset as its feed's contract conforms it."""
    return Store(home).write(dataset, {"all": pa.table(columns)}, source="test", synthetic=False, clock=NOW)


def test_boundaries_and_lookups_come_from_loaded_datasets_as_from_the_files(data: Path, tmp_path: Path) -> None:
    file = data / "boundaries" / "london_borough.gpkg"
    read = BoundarySet.from_file(file)
    shapes = list(shapely.to_wkb(read.shapes))
    columns = {"code": list(read.codes), "name": list(read.names), "geometry": shapes, "kind": ["lad"] * 33}
    said = {"vintage": ["2024"] * 33, "crs": ["EPSG:27700"] * 33}
    found = BoundarySet.from_dataset(loaded(tmp_path, "boundary_lad_2024", **columns, **said))
    assert (found.digest, found.codes, found.names) == (read.digest, read.codes, read.names)
    assert (found.kind, found.vintage, found.source) == ("borough", "2024", "boundary_lad_2024, version 1")
    mixed = {**said, "vintage": ["2022", *["2024"] * 32]}
    with pytest.raises(BadInput, match="mixes boundaries: its vintage is"):
        BoundarySet.from_dataset(loaded(tmp_path, "boundary_mixed", **columns, **mixed))
    with pytest.raises(BadInput) as refused:
        BoundarySet.from_dataset(loaded(tmp_path, "boundary_none", code=["E09000030"], name=["Tower Hamlets"]))
    assert refused.value.why == "It has no column kind, vintage, geometry, crs."
    pairs = {"lsoa11_code": ["E01004314", "E01004318"], "lsoa21_code": ["E01035664"] * 2, "change": ["M", "M"]}
    version = loaded(tmp_path, "lookup_lsoa_2011_to_2021", **pairs)
    lookup = Lookup.from_dataset(version, "lsoa11_code", "lsoa21_code", fit="exact", change="change")
    assert (lookup.lower, lookup.lower_vintage, lookup.upper_vintage) == ("lsoa", "2011", "2021")
    assert lookup.vintage_of(["E01004314"]) == "2011"


# ---------------------------------------------------------------------------------------------------- point in area


def test_postcodes_lie_in_the_ward_that_the_survey_gives_them(data: Path) -> None:
    """Code-Point Open carries metres and the ward of each postcode: wards of 2014, as the full outlines are."""
    wards = BoundarySet.from_file(data / "boundaries" / "london_wards_2014.zip", **OLD_WARDS)
    rows = []
    for name in ("codepoint_e.csv", "codepoint_ec.csv"):
        with (data / "postcodes" / name).open(encoding="utf-8") as handle:
            rows += [row for row in csv.reader(handle) if int(row[1]) <= 20 and row[9] in wards.codes]
    x, y = (np.array([float(row[n]) for row in rows]) for n in (2, 3))
    found = wards.codes_of(x, y).to_pylist()
    same = sum(code == row[9] for code, row in zip(found, rows, strict=True))
    assert len(rows) > 15_000
    assert same / len(rows) > 0.995


def test_every_lsoa_holds_its_own_population_centre(data: Path, lsoas: BoundarySet) -> None:
    """Where the outlines are rough, a few centres fall next door: the share is what the roughness costs."""
    with (data / "boundaries" / "LLSOA_Dec_2021_PWC_for_England_and_Wales_2022.csv").open(encoding="utf-8-sig") as file:
        centres = {row["LSOA21CD"]: (float(row["x"]), float(row["y"])) for row in csv.DictReader(file)}
    points = np.array([centres[code] for code in lsoas.codes])
    found = lsoas.find(points[:, 0], points[:, 1])
    assert (found == np.arange(len(lsoas))).mean() > 0.98
    outside = np.array([xy for code, xy in centres.items() if code.startswith("W")])
    assert (lsoas.find(outside[:, 0], outside[:, 1]) == -1).all(), "Wales is not in London"


def test_how_rough_the_outlines_are_decides_how_often_a_point_falls_next_door(data: Path, lsoas: BoundarySet) -> None:
    """Published map points stand on streets, and streets are what LSOAs are bounded by."""
    fine = BoundarySet.from_file(data / "boundaries" / "london-2011-lsoa-gen20.shp", extent="generalised to 20 m")
    with zipfile.ZipFile(data / "police_uk" / "metropolitan-burglary-2023.zip") as opened:
        rows = list(csv.DictReader(opened.read("2023-02-metropolitan-street.csv").decode().splitlines()))
    same = {}
    for areas in (fine, lsoas):
        known = [row for row in rows if row["LSOA code"] in areas.codes]
        points = to_grid([float(r["Longitude"]) for r in known], [float(r["Latitude"]) for r in known])
        found = areas.codes_of(points.easting, points.northing).to_pylist()
        assert len(known) > 4000
        same[areas.label] = np.mean([code == row["LSOA code"] for code, row in zip(found, known, strict=True)])
    assert same["lsoa 2011"] > 0.92
    assert 0.78 < same["lsoa 2021"] < 0.86


# --------------------------------------------------------------------------------------------- vintages and nesting


def test_the_exact_fit_lookup_tells_the_vintages_apart(forward: Lookup) -> None:
    marks = forward.pairs["change"].value_counts().to_pylist()
    assert {m["values"]: m["counts"] for m in marks} == {"U": 33647, "S": 1900, "M": 239, "X": 10}
    assert forward.vintage_of(["E01004208"]) is None, "unchanged: of both"
    assert forward.vintage_of(["E01004208", "E01004314", None]) == "2011", "merged away"
    assert forward.vintage_of(["E01035664"]) == "2021"
    with pytest.raises(Refused) as refused:
        forward.vintage_of(["E01004314", "E01035664", "E01004208"])
    assert str(refused.value) == (
        "The table mixes lsoa areas of 2011 and of 2021.\n"
        "  Why:   Of its 3 codes 1 are only of 2011 (such as E01004314) and 1 are only of 2021 (such as E01035664): "
        "parts of the map would be counted twice or not at all.\n"
        "  Next:  Carry the rows of the older over to the newer first, or load every period from one download."
    )
    with pytest.raises(Refused, match="1 codes are of no lsoa of 2011 or 2021, the first E01999999"):
        forward.vintage_of(["E01999999"])


def test_the_borough_s_burglaries_change_vintage_within_months(data: Path, forward: Lookup) -> None:
    """Published as LSOAs of 2011 to February 2022 and of 2021 from June 2023; the months between hold both."""
    file = data / "tower_hamlets_extracts" / "met_burglary_street_TH_to_2023-12.csv"
    counts = duckdb.sql(
        'SELECT "Month" AS month, "LSOA code" AS code, count(*) AS count '
        f"FROM read_csv('{file}', header = true, all_varchar = true) WHERE \"Month\" >= '2021-01' GROUP BY ALL"
    ).to_arrow_table()
    by_month: dict[str, set[str]] = {}
    for month, code in zip(counts["month"].to_pylist(), counts["code"].to_pylist(), strict=True):
        by_month.setdefault(month, set()).add(code)
    assert {forward.vintage_of(codes) for month, codes in by_month.items() if month <= "2022-02"} == {"2011"}
    assert {forward.vintage_of(codes) for month, codes in by_month.items() if month >= "2023-06"} == {"2021"}
    with pytest.raises(Refused, match="mixes lsoa areas of 2011 and of 2021"):
        forward.vintage_of(by_month["2023-03"])
    older, newer = forward.separated(counts)
    whole = sum(counts["count"].to_pylist())
    assert forward.vintage_of(older["code"].to_pylist()) == "2011"
    assert forward.vintage_of(newer["code"].to_pylist()) == "2021"
    carried = carry_forward(older, forward, residents=dict.fromkeys(forward.upper_codes, 1.0))
    assert carried.total + sum(newer["count"].to_pylist()) == pytest.approx(whole)
    assert 0 < carried.estimated <= carried.total


def test_merged_areas_add_up_and_split_ones_wait_for_residents(forward: Lookup) -> None:
    def counts(**by_code: int) -> pa.Table:
        return pa.table({"code": list(by_code), "count": list(by_code.values())})

    merged = carry_forward(counts(E01004314=7, E01004318=5, E01004208=2), forward)
    assert merged.exact
    assert {row["code"]: row["count"] for row in merged.table.to_pylist()} == {"E01035664": 12, "E01004208": 2}
    split = next(
        low for low, m in zip(forward.pairs["lower"].to_pylist(), forward.pairs["change"].to_pylist(), strict=True)
        if m == "S"
    )  # fmt: skip
    pieces = [
        h for low, h in zip(*(forward.pairs[c].to_pylist() for c in ("lower", "upper")), strict=True) if low == split
    ]
    with pytest.raises(Refused) as refused:
        carry_forward(counts(**{split: 10}), forward)
    assert refused.value.what == "10 counts lie in 1 lsoa areas of 2011 that have no single successor in 2021."
    assert f"1 were split (S), such as {split}" in (refused.value.why or "")
    residents = {code: 100.0 * (n + 1) for n, code in enumerate(pieces)}
    shared_out = carry_forward(counts(**{split: 10, "E01004208": 30}), forward, residents=residents)
    assert (shared_out.total, shared_out.estimated) == (40.0, 10.0)
    assert "Shared out by residents, and so estimated: 10 of 40 (25.0%)." in shared_out.note
    got = {row["code"]: row for row in shared_out.table.to_pylist()}
    assert got[pieces[1]]["count"] == pytest.approx(10 * 200 / sum(residents.values()))
    assert got[pieces[1]]["estimated_share"] == 1.0
    assert got["E01004208"]["estimated"] == 0.0
    with pytest.raises(Refused, match="have no residents to share their counts by"):
        carry_forward(counts(**{split: 10}), forward, residents={pieces[0]: 5.0})
    with pytest.raises(Refused, match="are already by lsoa areas of 2021"):
        carry_forward(counts(E01035664=3), forward)


def test_lsoas_add_up_to_wards_and_wards_to_the_command(data: Path, tower_hamlets: Geography) -> None:
    """The LSOA file's own total, by ward and borough: 2,709 offences in March 2024 (PROVENANCE.md, oddity 11)."""
    file = data / "tower_hamlets_extracts" / "mps_recorded_crime_lsoa_TH_202402_202602.csv"
    counts = duckdb.sql(
        'SELECT lsoa_code AS code, sum("202403"::INT)::BIGINT AS count '
        f"FROM read_csv('{file}', header = true, all_varchar = true) GROUP BY 1"
    ).to_arrow_table()
    best = Lookup.from_file(data / "lookups" / BEST_FIT, "LSOA21CD", "WD24CD", fit="best")
    wards = roll_up(counts, best)
    assert (wards.num_rows, sum(wards["count"].to_pylist())) == (20, 2709)
    boroughs = roll_up(wards, tower_hamlets.lookup("ward", "borough"))
    assert boroughs.to_pylist() == [{"code": "E09000030", "count": 2709}]
    assert best.note.startswith("lsoa 2021 to ward 2024 by best fit: each put where most of its residents live")
    with pytest.raises(Refused) as refused:
        roll_up(pa.table({"code": ["E01004314"], "count": [1]}), best)
    assert refused.value.what == "1 codes are not lsoa areas of 2021, the first E01004314."


def test_the_force_has_redrawn_its_ward_history_to_the_wards_of_today(data: Path) -> None:
    """Counts since 2010 stand on wards of 2022 and after: only the boundaries of 2024 have all of their codes."""
    boundaries = data / "boundaries"
    old = BoundarySet.from_file(boundaries / "london_wards_2014.zip", **OLD_WARDS)
    new = BoundarySet.from_file(boundaries / "london_ward.gpkg")
    editions = {each.vintage: each.codes for each in (old, new)}
    for file in ("recorded-crime-ward-historical.parquet", "recorded-crime-ward.parquet"):
        counts = data / "mps_london_datastore" / file
        codes = [row[0] for row in duckdb.execute(f"SELECT DISTINCT trim(wardcode) FROM '{counts}'").fetchall()]
        assert vintage_of(codes, editions, kind="ward") == "2024"
        gone = next(code for code in old.codes if code not in new.codes)
        with pytest.raises(Refused, match="The table mixes ward areas of 2014 and of 2024"):
            vintage_of([*codes, gone], editions, kind="ward")
    assert vintage_of(["E05009317", "E05009331"], editions, kind="ward") is None, "Tower Hamlets changed only names"


# ------------------------------------------------------------------------------------------------------------- names


def test_ward_names_of_every_file_come_to_the_same_twenty_codes(data: Path, tower_hamlets: Geography) -> None:
    folder = data / "tower_hamlets_extracts"
    for file, name, code in (
        ("mps_recorded_crime_ward_TH_201004_202402.csv", "wardname", "wardcode"),
        ("mps_recorded_crime_ward_TH_202402_202602.csv", "wardname", "wardcode"),
        ("mps_knife_crime_TH.csv", "area_name", "area_code"),
        ("mps_vawg_offences_TH.csv", "ward_name_clean_2", None),
    ):
        where = "WHERE area_type <> 'Borough'" if file == "mps_knife_crime_TH.csv" else ""
        table = duckdb.sql(
            f"SELECT {name} AS name{f', {code} AS code' if code else ''} "
            f"FROM read_csv('{folder / file}', header = true, all_varchar = true) {where}"
        ).to_arrow_table()
        codes, unknown, questions = tower_hamlets.codes_of(table["name"], "ward")
        assert (unknown, questions) == ({}, []), file
        assert len(set(codes.to_pylist()) - {None}) == 20, file
        if code:
            own = [tower_hamlets.area(each).code for each in table["code"].to_pylist()]
            assert own == codes.to_pylist(), f"{file}: trailing blanks aside, the name and the code agree"


def test_names_that_leave_a_question_say_it(tower_hamlets: Geography) -> None:
    codes, unknown, questions = tower_hamlets.codes_of(
        pa.array(["Hackney Whitechapel", "ST. KATHARINES AND  WAPPING", "Whitechaple", None, "Whitechaple"]), "ward"
    )
    assert codes.to_pylist() == ["E05009336", "E05009330", None, None, None]
    assert unknown == {"Whitechaple": 2}
    assert len(questions) == 1 and "is it Tower Hamlets' team?" in questions[0]
    with pytest.raises(BadInput, match="Whitechaple") as refused:
        tower_hamlets.named("Whitechaple", "ward")
    assert "Whitechapel" in (refused.value.why or "")


def test_a_command_s_figure_is_never_a_borough_s(tower_hamlets: Geography) -> None:
    tower_hamlets.must_be_of("E09000030", "E09000030")
    with pytest.raises(Refused) as refused:
        tower_hamlets.must_be_of("MPS-CE", "E09000030")
    assert str(refused.value) == (
        "A figure of Central East Basic Command Unit cannot stand for Tower Hamlets.\n"
        "  Why:   It also counts Hackney.\n"
        "  Next:  Name it as Central East Basic Command Unit's, or ask for the figure of Tower Hamlets alone."
    )
    with pytest.raises(Refused, match="They are different places"):
        tower_hamlets.must_be_of("E09000012", "E09000030")
    with pytest.raises(Refused, match="one part of Tower Hamlets"):
        tower_hamlets.must_be_of("E05009317", "E09000030")


def test_the_invented_borough_nests_from_lsoa_to_command_as_its_generator_does() -> None:
    here, places = Geography.of(load(ROOT / "partnerships" / "harbourside")), borough.places()
    assert here.levels == ("lsoa", "ward", "neighbourhood", "borough", "bcu")
    assert [area.code for area in here.at("ward")] == list(places.ward_codes)
    hoods = {ward.code: here.areas[ward.within].name for ward in here.at("ward")}
    assert hoods == dict(zip(places.ward_codes, places.neighbourhoods, strict=True))
    within = dict(zip(*here.lookup("lsoa", "ward").pairs.select(["lower", "upper"]).to_pydict().values(), strict=True))
    assert within == {
        code: places.ward_codes[ward] for code, ward in zip(places.lsoa_codes, places.lsoa_ward, strict=True)
    }
    counts = pa.table({"code": list(places.lsoa_codes), "count": [1] * len(places.lsoa_codes)})
    assert roll_up(counts, here.lookup("lsoa", "neighbourhood"))["count"].to_pylist() == [32] * 5
    with pytest.raises(Refused) as refused:
        here.must_be_of("SYN-BCU", "SYN")
    assert refused.value.why == "It also counts SYN Marshside."


def test_what_does_not_hang_together_is_refused_by_name() -> None:
    rows = [
        {"code": "A", "name": "Anchor", "level": "ward", "within": "B", "vintage": "2024"},
        {"code": "B", "name": "Basin", "level": "borough", "within": "", "vintage": "2024"},
    ]

    def of(areas: list[dict[str, str]], aliases: tuple[dict[str, str], ...] = ()) -> Geography:
        lists = {"areas": areas, "area_aliases": aliases}
        return Geography.of(SimpleNamespace(codelists=lists, synthetic=True))

    assert of(rows).within("B", "ward")[0].name == "Anchor"
    with pytest.raises(BadInput, match="Anchor lies within “C”, which is no area here"):
        of([{**rows[0], "within": "C"}, rows[1]])
    with pytest.raises(BadInput, match=r"Basin \(borough\) cannot lie within Anchor \(ward\)"):
        of([{**rows[0], "within": ""}, {**rows[1], "within": "A"}])
    with pytest.raises(BadInput, match="of several vintages: 2022, 2024"):
        of([*rows, {**rows[0], "code": "D", "vintage": "2022"}])
    with pytest.raises(BadInput, match="The name “Old Anchor” is given to “Z”"):
        of(rows, ({"level": "ward", "alias": "Old Anchor", "code": "Z", "question": ""},))
    with pytest.raises(BadInput, match="No ward lies within a bcu here"):
        of(rows).lookup("ward", "bcu")


def test_real_areas_have_the_office_s_codes() -> None:
    row = {"code": "E09000030", "name": "Tower Hamlets", "level": "ward", "within": "", "vintage": "2024"}
    with pytest.raises(BadInput) as refused:
        Geography.of(SimpleNamespace(codelists={"areas": [row]}))
    assert refused.value.what == "“E09000030” (Tower Hamlets) is not the code of a ward."
    assert refused.value.why == "Codes of this level look like [EW]05[0-9]{6}."


# ------------------------------------------------------------------------------------------------------- geopackages


@pytest.mark.parametrize("name", ["london_lsoa", "london_ward", "london_borough"])
def test_a_geopackage_is_read_as_the_general_library_reads_it(data: Path, name: str) -> None:
    import pyogrio

    file = data / "boundaries" / f"{name}.gpkg"
    found = geopackage.read(file)
    assert found is not None
    columns, outlines, crs = found
    meta, _, shapes, values = pyogrio.raw.read(file)
    assert (list(columns), crs) == (list(meta["fields"]), meta["crs"])
    assert shapely.equals_exact(shapely.from_wkb(outlines), shapely.from_wkb(shapes)).all()
    texts = [n for n, field in enumerate(meta["fields"]) if field.endswith(("CD", "NM"))]
    assert texts
    for n in texts:
        assert columns[meta["fields"][n]].tolist() == values[n].tolist()


def test_what_is_no_plain_geopackage_is_left_to_the_library(tmp_path: Path, data: Path) -> None:
    text = tmp_path / "areas.gpkg"
    text.write_text("these are no boundaries")
    assert geopackage.read(text) is None
    assert geopackage.read(tmp_path / "missing.gpkg") is None
    with pytest.raises(BadInput) as caught:
        BoundarySet.from_file(text)
    assert caught.value.what == "The boundaries cannot be read."
    assert text.read_text() == "these are no boundaries"


def test_every_event_lies_where_testing_the_areas_says(lsoas: BoundarySet) -> None:
    rng = np.random.default_rng(11)
    west, south, east, north = shapely.total_bounds(lsoas.shapes)
    spread = rng.uniform([west, south], [east, north], (20_000, 2))
    corners = shapely.get_coordinates(lsoas.shapes)
    near = corners[rng.choice(len(corners), 20_000)] + rng.normal(0, 2.0, (20_000, 2))
    x, y = np.concatenate([spread, near, corners[:500]]).T
    point, area = shapely.STRtree(lsoas.shapes).query(shapely.points(x, y), predicate="intersects")
    first = np.full(len(x), len(lsoas))
    np.minimum.at(first, point, area)
    assert lsoas.find(x, y).tolist() == np.where(first == len(lsoas), -1, first).tolist()
