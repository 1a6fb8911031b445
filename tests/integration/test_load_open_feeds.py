"""Every open feed's own files under its contract: all rows accounted for, and totals counted independently."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from load_support import FEEDS, SHARED, a_file, receive, rows_of
from open_data import EXTRACTS, FILES, MPS, OpenData

from concord.evidence.datasets.store import Store
from concord.evidence.extracts.contracts import read_feed
from concord.kernel.errors import BadInput

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared open data are not on this machine")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenData]:
    yield OpenData(tmp_path_factory.mktemp("open"))


@pytest.mark.parametrize("feed", FILES)
def test_every_row_of_every_file_is_accepted_and_counted(data: OpenData, feed: str) -> None:
    received: dict[str, int] = {}
    for result in data.results(feed):
        assert result.error is None, str(result.error)
        assert (result.rows, result.quarantined) == (result.accepted, 0), (result.file, result.error_report)
        name = next(n for n in FILES[feed] if result.file.split("/")[0] == Path(n).name)
        received[name] = received.get(name, 0) + result.rows
    assert received == FILES[feed]


def one(rows: list[tuple[object, ...]]) -> object:
    ((value,),) = rows
    return value


def test_the_newest_release_of_a_month_stands_and_the_older_ones_are_kept(tmp_path: Path) -> None:
    feed = read_feed(FEEDS / "national" / "feeds" / "mps_borough_counts.toml")
    older = SHARED / "mps_recorded_crime_vintages" / "lisds_borough_21_23.csv"
    newer = SHARED / MPS / "recorded-crime-borough-historical.parquet"
    month = "sum(count)::INT FROM {} WHERE borough = 'Tower Hamlets' AND month = DATE '2023-01-01'"

    def total(scan: str) -> object:
        return one(duckdb.sql("SELECT " + month.format(scan)).fetchall())

    receive(tmp_path, feed, older)
    before = Store(tmp_path).latest("mps_borough_counts")
    assert total(before.scan) == 3_009  # as PROVENANCE.md states
    receive(tmp_path, feed, newer)
    assert total(Store(tmp_path).latest("mps_borough_counts").scan) == 2_849
    (again,) = receive(tmp_path, feed, older)
    assert again.status == "already received"
    (oldest,) = receive(tmp_path, feed, SHARED / "mps_recorded_crime_vintages" / "lisds_borough_10_21.csv")
    assert any("140 months are held from a newer release" in note for note in oldest.notes)
    assert total(Store(tmp_path).latest("mps_borough_counts").scan) == 2_849
    assert total(Store(tmp_path).at([before.ref]).latest("mps_borough_counts").scan) == 3_009


def test_counts_by_lsoa_ward_and_borough_do_not_nest(data: OpenData) -> None:
    where = "WHERE month = DATE '2024-03-01'"
    totals = [
        one(data.ask(f"mps_{level}_counts", f"mps_{level}_counts_extract", "sum(count)::INT", where))
        for level in ("lsoa", "ward", "borough")
    ]
    assert totals == [2_709, 2_773, 2_930]  # as PROVENANCE.md states
    whole = one(
        data.ask(
            "mps_borough_counts", "mps_borough_counts", "sum(count)::INT", where + " AND borough = 'Tower Hamlets'"
        )
    )
    assert whole == 2_930


def test_nothing_that_is_not_published_by_lsoa_is_nought(data: OpenData) -> None:
    rows = data.ask(
        "mps_lsoa_annual", "mps_lsoa_annual",
        "category, count(*), count(count), count(count_missing)",
        "WHERE category IN ('sexual', 'robbery') GROUP BY 1 ORDER BY 1",
    )  # fmt: skip
    assert rows == [("robbery", 4_829 * 11, 4_829 * 11, 0), ("sexual", 4_829 * 11, 0, 4_829 * 11)]
    assert data.ask("mps_lsoa_annual", "mps_lsoa_annual", "DISTINCT lsoa_vintage") == [(2011,)]


def test_knife_crime_is_never_added_over_boroughs_and_teams(data: OpenData) -> None:
    rows = data.ask("mps_knife_crime", "mps_knife_crime_borough", "count(*)")
    rows += data.ask("mps_knife_crime", "mps_knife_crime_neighbourhood", "count(*)")
    assert rows == [(9_788,), (49_643,)]
    held = data.ask("mps_knife_crime", "mps_knife_crime_neighbourhood", "count(*)", "WHERE ends_with(area_code, ' ')")
    assert held == [(0,)]
    missing = data.ask(
        "mps_knife_crime", "mps_knife_crime_neighbourhood", "area_code_missing, count(*)",
        "WHERE area_code IS NULL GROUP BY 1 ORDER BY 1",
    )  # fmt: skip
    assert dict(missing)["recorded by another force"] == 57
    assert (
        sum(count for _, count in missing) == 132 + 57 + 159 + dict(missing)["place not known or outside the boroughs"]
    )


def test_each_sheet_of_a_stacked_file_is_a_dataset_of_its_own(data: OpenData) -> None:
    for dataset in ("mps_vawg_offences_place", "mps_vawg_offences_kind"):
        assert one(data.ask("mps_vawg", dataset, "sum(count)::INT")) == 1_612_003  # as PROVENANCE.md states
    place = data.version("mps_vawg", "mps_vawg_offences_place").columns
    kind = data.version("mps_vawg", "mps_vawg_offences_kind").columns
    assert "borough" in place and "offence" not in place
    assert "offence" in kind and "borough" not in kind
    rows = data.ask("mps_vawg", "mps_vawg_offences_place", "count(*)")
    rows += data.ask("mps_vawg", "mps_vawg_offences_kind", "count(*)")
    assert rows == [(314_161,), (97_180,)]


def test_a_row_of_no_sheet_is_set_aside(tmp_path: Path) -> None:
    feed = read_feed(FEEDS / "national" / "feeds" / "mps_vawg.toml")
    header = (
        "bcu_location,borough_name,ward_name_clean_2,recorded_date_months,date_committed_from_date_months,count,sheet,"
        "crimsec_group,crimseccodeexpansion,crimsec_offences,vawg_offence"
    )
    good = "Central East,Tower Hamlets,Weavers,2014-01-01,2013-12-01,7,Offence count location,,,,"
    kind = ",,,2014-01-01,,2,Offence count classification,Rape,x,y,z"
    both = "Central East,Tower Hamlets,Weavers,2014-01-01,2013-12-01,7,Offence count location,Rape,,,"
    none = "Central East,Tower Hamlets,Weavers,2014-01-01,2013-12-01,7,Sheet3,,,,"
    (result,) = receive(tmp_path, feed, a_file(tmp_path, "vawg.csv", good, kind, both, none, header=header))
    assert (result.rows, result.accepted, result.quarantined) == (4, 2, 2)
    words = Path(result.error_report or "").read_text(encoding="utf-8")
    assert "“sheet” does not say which of the file's tables the row belongs to." in words
    assert "“crimsec_group” is filled in a row of a table that does not have it." in words
    assert rows_of(tmp_path, "mps_vawg_offences_kind", "committed_month, committed_month_missing") == [
        (None, "not stated")
    ]


def test_the_reporting_lag_keeps_both_months(data: OpenData) -> None:
    lag = "date_diff('month', committed_month, month)"
    select = f"median({lag}), round(avg({lag})), max({lag})"
    rows = data.ask("mps_vawg", "mps_vawg_offences_place_extract", select, "WHERE committed_month IS NOT NULL")
    assert rows == [(2, 21, 1_466)]  # as PROVENANCE.md states
    untold = data.ask(
        "mps_vawg", "mps_vawg_offences_place", "DISTINCT committed_month_missing", "WHERE committed_month IS NULL"
    )
    assert untold == [("not stated",)]


def test_one_field_under_three_spellings_is_one_field(data: OpenData) -> None:
    rows = data.ask(
        "mps_thorough_searches", "mps_thorough_searches", "positive_outcome, count(*)", "GROUP BY 1 ORDER BY 1"
    )
    assert rows == [("N", 7_397 + 8_005 + 7_201), ("Y", 7_778 + 7_348 + 6_381)]
    assert data.ask("mps_thorough_searches", "mps_thorough_searches", "count(ethnic_appearance)") == [
        (44_110 - 491 - 15 - 3,)
    ]
    adults = data.ask(
        "mps_thorough_searches", "mps_thorough_searches", "appropriate_adult_present, count(*)", "GROUP BY 1 ORDER BY 1"
    )
    assert adults[:2] == [("N", 9_514), ("Y", 707 + 1_576)]


def test_two_spellings_that_disagree_are_set_aside(tmp_path: Path) -> None:
    feed = read_feed(FEEDS / "national" / "feeds" / "mps_thorough_searches.toml")
    header = (
        "stop_date,area,borough,age_group,sex,ethnic_appearance,stop_reason,positive_outcome_of_stop,"
        "positve_outcome,outcome_reason"
    )
    row = "2021-08-14,North East,Newham,Under 18,M,Other,All Other Searches,{},{},Drugs"
    rows = [row.format("Yes", ""), row.format("", "No"), row.format("No", "No"), row.format("Yes", "No")]
    (result,) = receive(tmp_path, feed, a_file(tmp_path, "mtips.csv", *rows, header=header))
    assert (result.accepted, result.quarantined) == (3, 1)
    assert (
        "“positive_outcome_of_stop” and “positve_outcome” say different things."
        in Path(result.error_report or "").read_text()
    )
    assert rows_of(tmp_path, "mps_thorough_searches", "positive_outcome") == [("N",), ("N",), ("Y",)]


def test_a_dash_is_unknown_with_its_reason_and_never_nought(data: OpenData) -> None:
    rows = data.ask(
        "dfe_local_authority_tool",
        "dfe_indicators",
        "value_missing, count(*), count(value)",
        "GROUP BY 1 ORDER BY 1 NULLS LAST",
    )
    assert rows == [("suppressed or not published", 93_883, 0), (None, 641_070 - 93_883, 641_070 - 93_883)]
    entrants = data.ask(
        "dfe_local_authority_tool", "dfe_indicators", "year_label, value",
        "WHERE area_name = 'Tower Hamlets' AND indicator = 'FirstYJS' ORDER BY year_label",
    )  # fmt: skip
    assert (entrants[0], entrants[-1]) == (("2016", 666.0), ("2024", 96.0))  # as PROVENANCE.md states


def test_decimal_commas_and_days_first(data: OpenData) -> None:
    rows = data.ask(
        "mopac_public_attitudes",
        "mopac_public_attitudes",
        "min(quarter_ends)::VARCHAR, max(quarter_ends)::VARCHAR, min(proportion), max(proportion)",
    )
    assert rows == [("2014-12-31", "2023-12-31", 0.04, 0.94)]
    first = data.ask(
        "mopac_public_attitudes",
        "mopac_public_attitudes",
        "proportion, london",
        "WHERE borough = 'Barnet' AND quarter_ends = DATE '2014-12-31' AND measure = '\"Good Job\" local'",
    )
    assert first == [(0.67, 0.67)]
    assert data.ask(
        "mopac_public_attitudes", "mopac_public_attitudes", "count(*)", "WHERE borough = 'Tower Hamlets'"
    ) == [(291,)]


def test_a_sheet_with_one_table_twelve_times_becomes_one_table(data: OpenData) -> None:
    rows = data.ask(
        "mid_year_population_borough",
        "mid_year_population_borough",
        "count(*), count(DISTINCT borough), count(DISTINCT (sex, age_band)), min(year), max(year)",
    )
    assert rows == [(408 * 33, 33, 12, 1991, 2024)]
    first = data.ask(
        "mid_year_population_borough",
        "mid_year_population_borough",
        "residents",
        "WHERE borough = 'Barking and Dagenham' AND sex = 'Total' AND age_band = 'Aged 0-4' "
        "AND year IN (1991, 2024) ORDER BY year",
    )
    assert first == [(11_953,), (18_053,)]
    sexes = data.ask(
        "mid_year_population_borough",
        "mid_year_population_borough",
        "sum(residents) FILTER (sex = 'Total') - sum(residents) FILTER (sex <> 'Total')",
    )
    assert sexes == [(0,)]


def test_headings_that_say_two_things_become_two_fields(data: OpenData) -> None:
    rows = data.ask(
        "mid_year_population_lsoa",
        "mid_year_population_lsoa",
        "sex, age_band, residents",
        "WHERE lsoa_code = 'E01000001' AND year = 2019 AND age_band IN ('0-15', '65+') ORDER BY ALL",
    )
    assert rows == [
        ("Females", "0-15", 119),
        ("Females", "65+", 233),
        ("Males", "0-15", 139),
        ("Males", "65+", 218),
        ("Persons", "0-15", 258),
        ("Persons", "65+", 451),
    ]


def test_deprivation_is_one_long_table_over_its_sheets(data: OpenData) -> None:
    rows = data.ask(
        "imd_2019",
        "imd_2019_london_extract",
        "measure, value",
        "WHERE lsoa_code = 'E01000001' AND domain = 'imd' ORDER BY 1",
    )
    assert rows == [("decile", 9.0), ("rank", 29_199.0), ("score", 6.208)]
    assert data.ask("iod_2025", "iod_2025", "value", "WHERE lsoa_code = 'E01000001' AND measure = 'decile'") == [(8.0,)]
    assert data.ask("iod_2025", "iod_2025", "count(DISTINCT lsoa_code)", "WHERE lad_name = 'Tower Hamlets'") == [(169,)]


DEPRIVATION = (
    "lsoa11_code,lsoa11_name,lad19_code,lad19_name,index_of_multiple_deprivation_imd_rank,crime_decile",
    "E01000001,City of London 001A,E09000001,City of London,29199.0,3.0",
)
CENSUS = (
    "lsoa21_code,lsoa21_name,age_group,usual_residents",
    "E01000001,City of London 001A,Aged 15 years and under,125.0",
)


@pytest.mark.parametrize(
    ("feed", "dataset", "lines", "expected"),
    [
        ("imd_2019", "imd_2019_england", DEPRIVATION, [("crime", "decile", 3.0), ("imd", "rank", 29_199.0)]),
        ("census_2021_population", "census_2021_population", CENSUS, [("Aged 15 years and under", 125, 2021)]),
    ],
)
def test_the_layouts_of_the_r_workspaces(
    tmp_path: Path, feed: str, dataset: str, lines: tuple[str, str], expected: list[object]
) -> None:
    receive(
        tmp_path,
        read_feed(FEEDS / "national" / "feeds" / f"{feed}.toml"),
        a_file(tmp_path, "r.csv", lines[1], header=lines[0]),
    )
    columns = "domain, measure, value" if feed == "imd_2019" else "age_band, residents, lsoa_vintage"
    assert rows_of(tmp_path, dataset, columns) == expected


def test_use_of_force_by_ethnicity_keeps_not_available_apart(data: OpenData) -> None:
    rows = data.ask(
        "home_office_use_of_force",
        "home_office_use_of_force",
        '"group", count',
        "WHERE characteristic = 'ethnicity' AND police_force = 'Total England and Wales' AND tactic = '*Total Tactics' "
        "ORDER BY count DESC",
    )
    assert rows[:2] == [("White", 508_663), ("Black (or Black British)", 111_252)]
    missing = data.ask(
        "home_office_use_of_force",
        "home_office_use_of_force",
        "count_missing, count(*) > 0",
        "WHERE count IS NULL GROUP BY 1",
    )
    assert missing == [("not available", True)]


def test_a_part_cut_from_the_whole_never_replaces_it(tmp_path: Path) -> None:
    feed = read_feed(FEEDS / "national" / "feeds" / "mps_homicide.toml")
    receive(tmp_path, feed, SHARED / MPS / "homicide.parquet", SHARED / EXTRACTS / "mps_homicide_proceedings_TH.csv")
    store = Store(tmp_path)
    assert store.latest("mps_homicide_proceedings").rows == 4_512
    part = store.latest("mps_homicide_proceedings_extract")
    assert (part.rows, [p.partition for p in part.manifest.parts]) == (161, ["extract=TH"])
    assert any("A part that somebody cut" in caveat for caveat in part.manifest.caveats)


def test_a_code_of_the_other_edition_is_set_aside_where_the_edition_is_fixed(tmp_path: Path) -> None:
    feed = read_feed(FEEDS / "national" / "feeds" / "mps_lsoa_annual.toml")
    header = "LSOA11CD,LSOA11NM,MSOA11CD,MSOA11NM,LAD11CD,LAD11NM,2011"
    row = "{},X 001A,E02000017,X 001,E09000002,Barking and Dagenham,4.0"
    path = a_file(
        tmp_path, "london-2011-2021-major-arson.csv", row.format("E01000006"), row.format("E01035000"), header=header
    )
    (result,) = receive(tmp_path, feed, path)
    assert (result.accepted, result.quarantined) == (1, 1)
    assert "codes that 2021 brought cannot be in this series" in Path(result.error_report or "").read_text(
        encoding="utf-8"
    )


def test_files_of_no_open_feed_are_refused_by_each(tmp_path: Path) -> None:
    unwanted = [SHARED / "linkage" / "fake_1000.csv", SHARED / "linkage" / "dataset3.csv"]
    for contract in sorted((FEEDS / "national" / "feeds").glob("*.toml")):
        feed = read_feed(contract)
        if feed.data_class != "open":
            continue
        for file in unwanted:
            with pytest.raises(BadInput, match="is no file of the feed"):
                receive(tmp_path, feed, file)
