"""The open files of the shared folder by feed, loaded once for whoever asks, when first needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
from load_support import FEEDS, SHARED, receive

from concord.evidence.datasets.store import DatasetVersion, Store
from concord.evidence.extracts import FilesRefused, LoadResult
from concord.evidence.extracts.contracts import read_feed

EXTRACTS = "tower_hamlets_extracts/"
EXACT_FIT = "lookups/LSOA_(2011)_to_LSOA_(2021)_to_Local_Authority_District_(2022)_Exact_Fit_Lookup_for_EW_(V3).csv"
MPS = "mps_london_datastore/"

FILES: dict[str, dict[str, int]] = {
    "mps_borough_counts": {
        MPS + "recorded-crime-borough.parquet": 1_032,
        MPS + "recorded-crime-borough-historical.parquet": 1_085,
        "mps_recorded_crime_vintages/MPS_Borough_Level_Crime_201807_202006.csv": 1_569,
        "mps_recorded_crime_vintages/lisds_borough_10_21.csv": 1_728,
        "mps_recorded_crime_vintages/lisds_borough_21_23.csv": 1_581,
        EXTRACTS + "mps_recorded_crime_borough_TH_201004_202402.csv": 32,
        EXTRACTS + "mps_recorded_crime_borough_TH_202403_202602.csv": 32,
    },
    "mps_ward_counts": {
        EXTRACTS + "mps_recorded_crime_ward_TH_201004_202402.csv": 629,
        EXTRACTS + "mps_recorded_crime_ward_TH_202402_202602.csv": 570,
        "mps_recorded_crime_vintages/lisds_ward_21_23.csv": 23_438,
    },
    "mps_lsoa_counts": {EXTRACTS + "mps_recorded_crime_lsoa_TH_202402_202602.csv": 3_812},
    "mps_lsoa_annual": {"mps_lsoa_annual_2011_2021.zip": 62_777},
    "mps_knife_crime": {MPS + "monthly-crime-dashboard.parquet": 59_431, EXTRACTS + "mps_knife_crime_TH.csv": 2_301},
    "mps_vawg": {
        MPS + "vawg-offences.parquet": 411_341,
        EXTRACTS + "mps_vawg_offences_TH.csv": 10_594,
        EXTRACTS + "mps_vawg_victims_TH.csv": 10_565,
    },
    "mps_homicide": {MPS + "homicide.parquet": 4_512, EXTRACTS + "mps_homicide_proceedings_TH.csv": 161},
    "mps_custody": {MPS + "custody.parquet": 32_870},
    "mps_thorough_searches": {MPS + "thorough-searches.parquet": 44_110, EXTRACTS + "mps_mtips_TH.csv": 2_266},
    "police_uk": {
        EXTRACTS + "city_of_london_police_rows_in_TH.csv": 447,
        EXTRACTS + "met_burglary_outcomes_TH_to_2023-12.csv": 7_329,
        EXTRACTS + "met_burglary_street_TH_to_2023-12.csv": 34_571,
        EXTRACTS + "met_stop_and_search_TH_to_2023-12.csv": 36_380,
        EXTRACTS + "street_points_TH_2018-02_2020-01.csv": 48_975,
    },
    "home_office_recorded_crime": {"home_office/rec-crime-pfa.csv": 46_469},
    "home_office_use_of_force": {"home_office/police-use-of-force-apr2019-mar2020-hosb3720-tables.ods": 6_904},
    "mopac_public_attitudes": {"mopac_pas/PAS_Dashboard_Borough.csv": 9_312},
    "imd_2019": {"imd/london_lsoa_deprivation_imd2019.xlsx": 9_670},
    "iod_2025": {"imd/File_1_IoD2025_Index_of_Multiple_Deprivation.xlsx": 33_755},
    "census_2021_ethnicity": {"population/Census_2021_ethnicity_UTLA.csv": 1_392},
    "census_2011_ethnicity": {"population/la-ethnic-groups_census2011.csv": 348},
    "mid_year_population_borough": {"population/MYEs_LA_1991_2024_gender.xlsx": 408},
    "mid_year_population_lsoa": {
        "population/london-mid2019-pop.csv": 4_835,
        "population/london-mid2020-pop.csv": 4_835,
    },
    "ward_population": {"population/london_ward_pop.csv.gz": 24_960},
    "dfe_local_authority_tool": {
        "dfe_lait/bds_long_0.parquet": 641_070,
        "dfe_lait/lait_data_dictionary.csv": 448,
        "dfe_lait/la_code_list.xlsx": 171,
        # PROVENANCE.md counts lines; six records of this file run over two.
        EXTRACTS + "dfe_lait_TH_and_comparators.csv": 22_626,
    },
    "area_lookups": {
        EXACT_FIT: 35_796,
        "lookups/LSOA_(2021)_to_Electoral_Ward_(2024)_to_LAD_(2024)_Best_Fit_Lookup_in_EW.csv": 35_672,
        "lookups/LAD_to_CSP_to_PFA_December_2016_EW.csv": 348,
        "lookups/london_areas_lookup.parquet": 26_559,
        EXTRACTS + "oa_lsoa_msoa_ward_lookup_TH.csv": 931,
        EXTRACTS + "postcode_oa_lsoa_msoa_lad_TH_may2022.csv": 10_394,
    },
    "boundaries": {
        "boundaries/london_lsoa.gpkg": 4_994,
        "boundaries/london_ward.gpkg": 684,
        "boundaries/london_borough.gpkg": 33,
        "boundaries/gla_london_boroughs.gpkg": 33,
        "boundaries/london-2021-lad22-gen20.shp": 33,
        "boundaries/london_wards_2014.zip": 654,
        "boundaries/LLSOA_Dec_2021_PWC_for_England_and_Wales_2022.csv": 35_672,
        "boundaries/police-stations.csv": 21,
        EXTRACTS + "lsoa21_TH.geojson": 169,
        EXTRACTS + "ward24_TH.geojson": 20,
        EXTRACTS + "lad24_TH.geojson": 1,
    },
    "codepoint_open": {"postcodes/codepoint_e.csv": 15_938, "postcodes/codepoint_ec.csv": 4_240},
}
"""Every feed's files with the rows that PROVENANCE.md states, or that the publisher's own file holds. The largest files
of a kind whose layout another file already shows are left to the command that loads everything."""


class OpenData:
    """A home into which feeds are loaded when somebody first asks for one."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._results: dict[str, list[LoadResult]] = {}

    def results(self, feed: str) -> Sequence[LoadResult]:
        if feed not in self._results:
            files = [SHARED / name for name in FILES[feed]]
            try:
                self._results[feed] = receive(
                    self.home, read_feed(FEEDS / "national" / "feeds" / f"{feed}.toml"), *files
                )
            except FilesRefused as refused:
                self._results[feed] = list(refused.results)
        return self._results[feed]

    def version(self, feed: str, dataset: str) -> DatasetVersion:
        self.results(feed)
        return Store(self.home).latest(dataset)

    def ask(self, feed: str, dataset: str, select: str, rest: str = "") -> list[tuple[object, ...]]:
        """`SELECT select FROM dataset rest`, the feed loaded first."""
        scan = self.version(feed, dataset).scan
        return duckdb.sql(f"SELECT {select} FROM {scan} {rest}").fetchall()
