"""The eighteen oddities of the open data (PROVENANCE.md, section 5), each as a small file and what becomes of it.

The files are made up in the publishers' layouts; `tests/integration/test_load_open_feeds.py` counts the real ones.
Where an oddity is of another room, what the feeds can do about it is held here and the room is named.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from load_support import FEEDS, a_file, receive, rows_of

from concord.evidence.datasets.store import Store
from concord.evidence.extracts import LoadResult
from concord.evidence.extracts.contracts import read_feed
from concord.kernel.errors import BadInput
from concord.strategy.shapes.feed import Feed

STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)
OLD_STREET = STREET.removeprefix("Crime ID,")
OUTCOMES = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Outcome type"
STOPS = (
    "Type,Date,Part of a policing operation,Policing operation,Latitude,Longitude,Gender,Age range,"
    "Self-defined ethnicity,Officer-defined ethnicity,Legislation,Object of search,Outcome,"
    "Outcome linked to object of search,Removal of more than just outer clothing"
)
A, B = "a" * 64, "b" * 64
MET = "Metropolitan Police Service"
PLACE = "-0.05,51.5,On or near Roman Road"
ASB = f",2023-01,{MET},{MET},{PLACE},E01004222,Tower Hamlets 001A,Anti-social behaviour,,"


def crime(
    identity: str, month: str = "2023-01", *, place: str = PLACE, area: str = "E01004222,Tower Hamlets 001A"
) -> str:
    return f"{identity},{month},{MET},{MET},{place},{area},Burglary,Under investigation,"


def stop(when: str, *, ethnicity: str, outcome: str, place: str = "51.5,-0.05", age: str = "18-24") -> str:
    return f"Person search,{when},False,,{place},Male,{age},{ethnicity},White,Police act,Controlled drugs,{outcome},,"


def feed(key: str) -> Feed:
    return read_feed(FEEDS / "national" / "feeds" / f"{key}.toml")


def load(tmp: Path, key: str, name: str, header: str, *rows: str) -> LoadResult:
    (result,) = receive(tmp / "home", feed(key), a_file(tmp, name, *rows, header=header))
    return result


def blank_crime_id(tmp: Path) -> None:
    old = OLD_STREET, f"2010-12,{MET},{MET},{PLACE},E01004222,Tower Hamlets 001A,Burglary,,"
    assert load(tmp, "police_uk", "2010-12-metropolitan-street.csv", *old).accepted == 1
    assert load(tmp, "police_uk", "2023-01-metropolitan-street.csv", STREET, ASB, crime(A)).accepted == 2
    assert rows_of(tmp / "home", "police_uk_street", "count(*), count(crime_id)") == [(3, 1)]


def repeated_crimes(tmp: Path) -> None:
    result = load(tmp, "police_uk", "2023-01-metropolitan-street.csv", STREET, ASB, ASB, crime(A), crime(A))
    assert (result.rows, result.accepted) == (4, 4)


def several_outcomes(tmp: Path) -> None:
    rows = [
        f"{A},2023-01,{MET},{MET},{PLACE},E01004222,Tower Hamlets 001A,{outcome}"
        for outcome in ("Suspect charged", "Awaiting court outcome", "Court result unavailable")
    ]
    assert load(tmp, "police_uk", "2023-01-metropolitan-outcomes.csv", OUTCOMES, *rows).accepted == 3


def no_place(tmp: Path) -> None:
    row = crime(A, place=",,No location", area=",")
    assert load(tmp, "police_uk", "2023-01-metropolitan-street.csv", STREET, row).accepted == 1
    assert rows_of(tmp / "home", "police_uk_street", "longitude, lsoa_code, location") == [(None, None, "No location")]


def lsoa_editions(tmp: Path) -> None:
    new = "E01035650,Tower Hamlets 002F"
    load(tmp, "police_uk", "2023-03-metropolitan-street.csv", STREET, crime(A, "2023-03"))
    load(
        tmp, "police_uk", "2023-04-metropolitan-street.csv", STREET, crime(A, "2023-04"), crime(B, "2023-04", area=new)
    )
    assert Store(tmp / "home").latest("police_uk_street").vintages == {
        "force=metropolitan/month=2023-03": "LSOA 2011",
        "force=metropolitan/month=2023-04": "LSOA 2021",
    }


def quoted_commas(tmp: Path) -> None:
    area = 'E01015353,"Bournemouth, Christchurch and Poole 022C"'
    load(tmp, "police_uk", "2023-01-bedfordshire-street.csv", STREET, crime(A, area=area))
    assert rows_of(tmp / "home", "police_uk_street", "lsoa_name") == [("Bournemouth, Christchurch and Poole 022C",)]


def blank_outcome(tmp: Path) -> None:
    load(tmp, "police_uk", "2023-01-metropolitan-street.csv", STREET, ASB)
    assert rows_of(tmp / "home", "police_uk_street", "last_outcome_category, context") == [(None, None)]


def stops_of_two_codings(tmp: Path) -> None:
    old = stop(
        "2016-05-31T23:30:00+00:00", ethnicity="Asian or Asian British - Bangladeshi (A3)",
        outcome="Nothing found - no further action", place=",", age="under 10",
    )  # fmt: skip
    new = stop(
        "2016-06-02T10:00:00+00:00", ethnicity="Asian/Asian British - Bangladeshi",
        outcome="A no further action disposal",
    )  # fmt: skip
    result = load(tmp, "police_uk", "2016-06-metropolitan-stop-and-search.csv", STOPS, old, new, new)
    assert result.accepted == 3
    columns = "self_defined_ethnicity, outcome, strftime(searched_at, '%Y-%m'), count(*)"
    scan = Store(tmp / "home").latest("police_uk_stop_and_search").scan
    assert duckdb.sql(f"SELECT {columns} FROM {scan} GROUP BY ALL").fetchall() == [
        ("Asian/Asian British - Bangladeshi", "A no further action disposal", "2016-06", 3)
    ]


def not_stated(tmp: Path) -> None:
    rows = [
        stop("2023-01-02T10:00:00+00:00", ethnicity=said, outcome="Arrest")
        for said in (
            "Other ethnic group - Not stated",
            "Not Stated (NS)",
            "Other ethnic group - Any other ethnic group",
        )
    ]
    load(tmp, "police_uk", "2023-01-metropolitan-stop-and-search.csv", STOPS, *rows)
    columns = "self_defined_ethnicity, self_defined_ethnicity_missing"
    assert rows_of(tmp / "home", "police_uk_stop_and_search", columns) == [
        ("Other ethnic group - Any other ethnic group", None),
        (None, "not stated"),
        (None, "not stated"),
    ]


def rate_ratio(tmp: Path) -> None:
    """The ratio is of the findings. What it needs of the feeds is a base that leaves nobody out and nobody twice."""
    from concord.evidence.findings.statistics import rate_ratio as ratio

    header = (
        "Upper tier local authorities Code,Upper tier local authorities,Ethnic group (8 categories) Code,Ethnic group,"
        "Observation"
    )
    groups = [(2, "Black", 22_693), (4, "White British", 71_000), (5, "White Other", 40_000), (6, "White Other", 8_931)]
    rows = [f"E09000030,Tower Hamlets,{code},{name},{residents}" for code, name, residents in groups]
    load(tmp, "census_2021_ethnicity", "ethnicity.csv", header, *rows)
    held = rows_of(tmp / "home", "census_2021_ethnicity", "ethnic_group, residents")
    white = sum(int(str(n)) for group, n in held if str(group).startswith("White"))
    found = ratio(754, 22_693, 1_425, white)
    assert white == 119_931
    assert found is not None and round(found.value, 3) == 2.796


def counts_that_do_not_nest(tmp: Path) -> None:
    for level in ("lsoa", "ward", "borough"):
        notes = " ".join(feed(f"mps_{level}_counts").tables["counts"].notes)
        assert "Counts by LSOA, ward and borough do not nest" in notes
    header = "lsoa_code,lsoa_name,borough,major_category,minor_category,202403"
    load(
        tmp, "mps_lsoa_counts", "lsoa.csv", header,
        "E01004222,Tower Hamlets 001A,E09000030,SEXUAL OFFENCES,RAPE,0",
        "E01004222,Tower Hamlets 001A,E09000030,ROBBERY,ROBBERY OF PERSONAL PROPERTY,0",
    )  # fmt: skip
    assert rows_of(tmp / "home", "mps_lsoa_counts", "major_category, count, left(count_missing, 15)") == [
        ("ROBBERY", 0, None),
        ("SEXUAL OFFENCES", None, "Sexual offences"),
    ]


def changing_categories(tmp: Path) -> None:
    old = "MajorText,MinorText,LookUp_BoroughName,202301,202302"
    new = "majortext,minortext,boroughname,202301,202302,202303"
    load(tmp, "mps_borough_counts", "old.csv", old, "Robbery,Robbery of Personal Property,Tower Hamlets,9,9")
    load(
        tmp, "mps_borough_counts", "new.csv", new,
        "ROBBERY,ROBBERY OF PERSONAL PROPERTY,Tower Hamlets,8,8,7",
        "ROBBERY,ROBBERY OF PERSONAL PROPERTY,Unknown,1,0,0",
        "ROBBERY,ROBBERY OF PERSONAL PROPERTY,Aviation Security (SO18),0,0,0",
    )  # fmt: skip
    one_month = "MajorText,MinorText,LookUp_BoroughName,202301"
    late = load(
        tmp, "mps_borough_counts", "older.csv", one_month, "Robbery,Robbery of Personal Property,Tower Hamlets,12"
    )  # fmt: skip
    assert "1 months are held from a newer release, which stands." in late.notes
    columns = "borough, minor_category, month::VARCHAR, count"
    assert rows_of(tmp / "home", "mps_borough_counts", columns)[3:6] == [
        ("Tower Hamlets", "ROBBERY OF PERSONAL PROPERTY", "2023-01-01", 8),
        ("Tower Hamlets", "ROBBERY OF PERSONAL PROPERTY", "2023-02-01", 8),
        ("Tower Hamlets", "ROBBERY OF PERSONAL PROPERTY", "2023-03-01", 7),
    ]


def ward_names_and_codes(tmp: Path) -> None:
    header = (
        "month_year,area_type,borough_snt,area_name,area_code,crime_type,crime_subtype,measure,financial_year,"
        "fy_fyindex,count,refresh_date,sheet"
    )
    row = (
        "2022-03-01,Safer Neighbourhood Teams,{},Whitechapel,{},Knife Crime,Knife Crime,Offences,fy21-22,21-22_12,4,"
        "2026-03-18,x"
    )
    load(
        tmp, "mps_knife_crime", "knife.csv", header,
        row.format("Hackney Whitechapel", "E05009336 "), row.format("Tower Hamlets Whitechapel", "E05009336"),
    )  # fmt: skip
    assert rows_of(tmp / "home", "mps_knife_crime_neighbourhood", "area_label, area_code") == [
        ("Hackney Whitechapel", "E05009336"),
        ("Tower Hamlets Whitechapel", "E05009336"),
    ]
    assert "Join by code." in " ".join(feed("mps_ward_counts").tables["counts"].notes)


def stacked_sheets(tmp: Path) -> None:
    header = (
        "bcu_location,borough_name,ward_name_clean_2,recorded_date_months,date_committed_from_date_months,count,sheet,"
        "age_group,ethnic_appearance_group_group"
    )
    load(
        tmp, "mps_vawg", "victims.csv", header,
        "Central East,Tower Hamlets,Weavers,2024-01-01,2021-11-01,3,Victim count by location,,",
        ",,,2024-01-01,2021-11-01,3,Victim count by age group,Aged 20 to 29 years,",
        ",,,2024-01-01,2021-11-01,3,Victim count by ethnic group,,Asian",
    )  # fmt: skip
    for dataset in ("place", "age", "ethnicity"):
        columns = "count, month::VARCHAR, committed_month::VARCHAR"
        assert rows_of(tmp / "home", f"mps_vawg_victims_{dataset}", columns) == [(3, "2024-01-01", "2021-11-01")]


def three_spellings(tmp: Path) -> None:
    header = (
        "col_0,stop_date,area,borough,age_group,appropriate_adult_present,sex,ethnic_appearance,stop_reason,"
        "positive_outcome_of_stop,outcome_reason,sheet,approporiate_adult_present_if_required?,postive_outcome_of_stop,"
        "positve_outcome"
    )
    row = "1,2021-08-14 00:00:00.000000,North,Enfield,18 or over,{},M,White,All Other Searches,{},Drugs,Sheet1,{},{},{}"
    rows = [row.format("Y", "Yes", "", "", ""), row.format(" ", "", "Y", "No", ""), row.format("", "", "", "", "Yes")]
    load(tmp, "mps_thorough_searches", "mtips.csv", header, *rows)
    assert rows_of(tmp / "home", "mps_thorough_searches", "positive_outcome, appropriate_adult_present") == [
        ("N", "Y"),
        ("Y", "Y"),
        ("Y", None),
    ]


def dashes(tmp: Path) -> None:
    header = "Short Desc,Data item,Years,LA and Regions,Values,LA Number,Region"
    rows = [
        "FirstYJS,First time entrants,2016,Tower Hamlets,666,211,Inner London",
        "FirstYJS,,2020,Tower Hamlets,-,211.0,Inner London",
    ]
    load(tmp, "dfe_local_authority_tool", "lait.csv", header, *rows)
    assert rows_of(tmp / "home", "dfe_indicators", "year_label, value, value_missing, la_number") == [
        ("2016", 666.0, None, 211),
        ("2020", None, "suppressed or not published", 211),
    ]


def areas_of_polygons(tmp: Path) -> None:
    tables = feed("boundaries").tables
    told = {key for key, table in tables.items() if "1,573, 1,583 or 1,595" in " ".join(table.notes)}
    assert {"lad_2024", "lad_2022", "borough_gla"} <= told
    assert all("geometry" not in t.fields or {"kind", "vintage"} <= set(t.constant) for t in tables.values())


def headings_with_blanks(tmp: Path) -> None:
    """Records with known truth are of linkage, which reads them itself. No feed takes them, by their headings."""
    header = (
        "rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state, date_of_birth, "
        "soc_sec_id"
    )
    file = a_file(tmp, "dataset3.csv", "rec-1-org, a, b, 7, x, y, z, 0800, sa, 19560409, 1804974", header=header)
    for contract in sorted((FEEDS / "national" / "feeds").glob("*.toml")):
        if read_feed(contract).data_class == "open":
            with pytest.raises(BadInput, match=r"dataset3\.csv is no file of the feed"):
                receive(tmp / "home", read_feed(contract), file)


ODDITIES: list[tuple[int, str, Callable[[Path], None]]] = [
    (1, "no Crime ID before September 2011 and on anti-social behaviour", blank_crime_id),
    (2, "identical rows are separate incidents, and one crime may have several rows", repeated_crimes),
    (3, "several outcomes for one crime, in several wordings", several_outcomes),
    (4, "no location and no LSOA", no_place),
    (5, "the edition of LSOA codes follows the download, not the month", lsoa_editions),
    (6, "commas inside quoted names, and places outside the force", quoted_commas),
    (7, "last outcome and context blank", blank_outcome),
    (8, "stop and search in two codings, UTC times, without coordinates, with identical rows", stops_of_two_codings),
    (9, "ethnicity not stated is missing, not Other", not_stated),
    (10, "the oracle rate ratio", rate_ratio),
    (11, "counts by LSOA, ward and borough do not nest", counts_that_do_not_nest),
    (12, "headings and categories drift, releases revise", changing_categories),
    (13, "ward names differ, ward codes with a blank behind", ward_names_and_codes),
    (14, "stacked sheets and the reporting lag", stacked_sheets),
    (15, "one field spelt three ways", three_spellings),
    (16, "a dash for suppressed or missing", dashes),
    (17, "areas of polygons differ by how they are cut", areas_of_polygons),
    (18, "headings that begin with a blank", headings_with_blanks),
]


@pytest.mark.parametrize(("number", "oddity", "holds"), ODDITIES, ids=[f"{n}: {words}" for n, words, _ in ODDITIES])
def test_the_oddity_is_handled(tmp_path: Path, number: int, oddity: str, holds: Callable[[Path], None]) -> None:
    holds(tmp_path)


def test_all_eighteen_are_here() -> None:
    assert [number for number, _, _ in ODDITIES] == list(range(1, 19))
