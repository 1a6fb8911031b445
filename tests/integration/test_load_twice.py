"""The same again changes nothing; a correction takes the place of what it corrects, and both can be read as of then."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from load_support import FEEDS, NOW, a_file, every_file, incidents, receive, rows_of
from workbook_support import HEADINGS, ods, parquet, xlsx

from concord.evidence.datasets.store import Store
from concord.evidence.extracts import feed_status, receipts
from concord.evidence.extracts.contracts import read_feed
from concord.kernel.errors import BadInput

OCTOBER = "incidents_2026-10.csv"


def state(home: Path) -> dict[str, bytes]:
    return {str(f.relative_to(home)): f.read_bytes() for f in every_file(home)}


def test_the_same_bytes_again_change_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    file = a_file(tmp_path, OCTOBER, "A1,2026-10-05,SYN01,Y,2,x", "A2,never,SYN01,Y,2,x")
    (first,) = receive(home, incidents(), file)
    before = state(home)
    (second,) = receive(home, incidents(), file, now=NOW + dt.timedelta(days=3))
    assert second.status == "already received"
    assert (second.rows, second.accepted, second.quarantined) == (2, 1, 1) == (first.rows, first.accepted, 1)
    assert second.receipt == first.receipt
    assert state(home) == before


def test_the_same_bytes_under_another_name_are_the_same_file(tmp_path: Path) -> None:
    home = tmp_path / "home"
    receive(home, incidents(), a_file(tmp_path, OCTOBER, "A1,2026-10-05,SYN01,Y,2,x"))
    (again,) = receive(home, incidents(), a_file(tmp_path, "copy of october.csv", "A1,2026-10-05,SYN01,Y,2,x"))
    assert again.status == "already received"


def test_a_restated_month_replaces_the_old_which_can_still_be_read(tmp_path: Path) -> None:
    home = tmp_path / "home"
    receive(
        home,
        incidents(),
        a_file(tmp_path, OCTOBER, "A1,2026-10-05,SYN01,Y,2,x"),
        a_file(tmp_path, "incidents_2026-09.csv", "S1,2026-09-05,SYN01,Y,2,x"),
    )
    old = Store(home).latest("incidents").ref
    receive(home, incidents(), a_file(tmp_path, OCTOBER, "A1,2026-10-05,SYN02,Y,2,x", "A2,2026-10-06,SYN02,Y,2,x"))
    assert rows_of(home, "incidents", "ref, ward") == [("A1", "SYN02"), ("A2", "SYN02"), ("S1", "SYN01")]
    version = Store(home).at([old]).latest("incidents")
    import duckdb

    assert duckdb.sql(f"SELECT ref, ward FROM {version.scan} ORDER BY ref").fetchall() == [
        ("A1", "SYN01"),
        ("S1", "SYN01"),
    ]


def test_what_was_pinned_reads_the_same_bytes_after_restatements_in_every_format(tmp_path: Path) -> None:
    """Last year's report, run again as of last year: three corrections and a change of format later."""
    import duckdb

    def query(store: Store) -> bytes:
        version = store.latest("incidents")
        rows = duckdb.sql(f"SELECT * FROM {version.scan} ORDER BY ALL").fetchall()
        return repr((version.ref, [f.read_bytes() for f in version.files], rows)).encode()

    home, day = tmp_path / "home", dt.date(2026, 10, 5)
    receive(home, incidents(), a_file(tmp_path, OCTOBER, "A1,2026-10-05,SYN01,Y,2,x"))
    receive(home, incidents(), a_file(tmp_path, "incidents_2026-09.csv", "S1,2026-09-05,SYN01,Y,2,x"))
    pinned = [Store(home).latest("incidents").ref]
    report = query(Store(home).at(pinned))
    restated = [
        xlsx(tmp_path / "incidents_2026-10.xlsx", {"Data": [HEADINGS, ("A1", day, "SYN02", "Y", 2, "x")]}),
        parquet(tmp_path / "incidents_2026-10.parquet", [("A1", day, "SYN03", "Y", 3, "x")]),
        ods(tmp_path / "incidents_2026-10.ods", {"Data": [HEADINGS, ("A1", day, "SYN03", "N", 4, "x")]}),
        xlsx(tmp_path / "again.xlsx", {"Data": [HEADINGS, ("A1", day, "SYN01", "Y", 2, "x")]}),
    ]
    for number, file in enumerate(restated, start=3):
        receive(home, incidents(), file, now=NOW + dt.timedelta(days=number))
        assert Store(home).latest("incidents").version == number
        assert query(Store(home).at(pinned)) == report
        assert query(Store(home)) != report
        Store(home).at(pinned).latest("incidents").verify()
    assert rows_of(home, "incidents", "ref, ward, victims") == [("A1", "SYN01", 2), ("S1", "SYN01", 2)]


def test_an_old_file_sent_again_does_not_undo_the_correction(tmp_path: Path) -> None:
    home = tmp_path / "home"
    old = a_file(tmp_path, OCTOBER, "A1,2026-10-05,SYN01,Y,2,x").read_bytes()
    receive(home, incidents(), tmp_path / OCTOBER)
    receive(home, incidents(), a_file(tmp_path, OCTOBER, "A1,2026-10-05,SYN02,Y,2,x"))
    (tmp_path / OCTOBER).write_bytes(old)
    (result,) = receive(home, incidents(), tmp_path / OCTOBER)
    assert result.status == "already received"
    assert "A later file has since replaced month=2026-10" in result.notes[-1]
    assert rows_of(home, "incidents", "ward") == [("SYN02",)]


def test_a_changed_contract_receives_the_file_anew(tmp_path: Path) -> None:
    home = tmp_path / "home"
    file = a_file(tmp_path, OCTOBER, "A1,2026-10-05,SYN01,Y,2,x")
    receive(home, incidents(), file)
    (again,) = receive(home, incidents(rules=[]), file)
    assert again.status == "loaded"


def test_a_file_whose_dataset_was_lost_is_received_anew(tmp_path: Path) -> None:
    import shutil

    home = tmp_path / "home"
    file = a_file(tmp_path, OCTOBER, "A1,2026-10-05,SYN01,Y,2,x")
    receive(home, incidents(), file)
    shutil.rmtree(home / "datasets")
    (again,) = receive(home, incidents(), file)
    assert again.status == "loaded"
    assert rows_of(home, "incidents", "ref") == [("A1",)]


def test_the_same_file_always_makes_the_same_part(tmp_path: Path) -> None:
    rows = [f"A{i},2026-10-{i % 28 + 1:02d},SYN0{i % 3 + 1},Y,{i % 50},note {i}" for i in range(5000)]
    file = a_file(tmp_path, OCTOBER, *rows)
    for home in (tmp_path / "one", tmp_path / "two"):
        receive(home, incidents(), file)
    assert Store(tmp_path / "one").latest("incidents").ref == Store(tmp_path / "two").latest("incidents").ref


def test_rows_keep_the_order_of_the_file(tmp_path: Path) -> None:
    import duckdb

    rows = [f"A{i},2026-10-01,SYN01,Y,1," for i in range(3000)]
    receive(tmp_path / "home", incidents(), a_file(tmp_path, OCTOBER, *rows))
    found = duckdb.sql(f"SELECT ref FROM {Store(tmp_path / 'home').latest('incidents').scan}").fetchall()
    assert [r for (r,) in found] == [f"A{i}" for i in range(3000)]


def test_a_home_of_an_awkward_name_works_like_any_other(tmp_path: Path) -> None:
    home = tmp_path / "it's [a] *home*?"
    receive(home, incidents(), a_file(tmp_path, OCTOBER, "A1,2026-10-05,SYN01,Y,2,x", "A2,never,SYN01,Y,2,x"))
    rows = ["A3,2026-09-05,SYN01,Y,2,x", "A4,2026-08-05,,,,", "short"]
    receive(home, incidents(), a_file(tmp_path, "autumn.csv", *rows))
    assert [ref for (ref,) in rows_of(home, "incidents", "ref")] == ["A1", "A3", "A4"]


def test_a_file_of_several_months_fills_each(tmp_path: Path) -> None:
    home = tmp_path / "home"
    rows = ["A1,2026-08-05,SYN01,Y,2,x", "A2,2026-09-05,SYN01,Y,2,x", "A3,2026-08-06,SYN01,Y,2,x"]
    receive(home, incidents(), a_file(tmp_path, "autumn.csv", *rows))
    version = Store(home).latest("incidents")
    assert [(p.partition, p.rows) for p in version.manifest.parts] == [("month=2026-08", 2), ("month=2026-09", 1)]


def test_the_landed_file_is_the_file_that_came(tmp_path: Path) -> None:
    home = tmp_path / "home"
    feed = read_feed(FEEDS / "harbourside" / "feeds" / "population.toml")
    file = a_file(
        tmp_path,
        "population.csv",
        "SYN01,Anchor Quay,West,18-24,F,100,2024",
        header="ward_code,ward_name,neighbourhood,age_band,sex,persons,vintage",
    )
    (result,) = receive(home, feed, file)
    (receipt,) = receipts(home)
    assert receipt.landing is not None
    assert (home / receipt.landing).read_bytes() == file.read_bytes()
    assert Store(home).latest("population").synthetic
    assert result.rows == 1


@pytest.mark.parametrize(
    ("today", "state_", "late"),
    [
        (dt.date(2026, 10, 31), "received", 0),
        (dt.date(2026, 11, 1), "received", 0),
        (dt.date(2026, 12, 1), "due", 0),
        (dt.date(2026, 12, 30), "due", 0),
        (dt.date(2026, 12, 31), "late", 1),
        (dt.date(2027, 1, 9), "late", 10),
    ],
)
def test_a_feed_is_due_when_its_month_is_over_and_late_after_its_day(
    tmp_path: Path, today: dt.date, state_: str, late: int
) -> None:
    home = tmp_path / "home"
    receive(home, incidents(), a_file(tmp_path, OCTOBER, "A1,2026-10-05,SYN01,Y,2,x"))
    (status,) = feed_status(home, [incidents()], dt.datetime.combine(today, dt.time(9), dt.UTC))
    assert (status.state, status.days_late) == (state_, late)
    assert status.last_period == "October 2026"
    assert status.next_due == dt.date(2026, 12, 30)


def test_a_gap_between_months_is_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    receive(home, incidents(), a_file(tmp_path, OCTOBER, "A1,2026-10-05,SYN01,Y,2,x"))
    receive(home, incidents(), a_file(tmp_path, "incidents_2026-07.csv", "A1,2026-07-05,SYN01,Y,2,x"))
    (status,) = feed_status(home, [incidents()], NOW)
    assert status.missing == ("August 2026", "September 2026")
    assert status.rows == 2


def test_a_feed_that_never_came_says_so(tmp_path: Path) -> None:
    (status,) = feed_status(tmp_path, [incidents()], NOW)
    assert (status.state, status.last_period, status.rows) == ("never received", None, 0)


# ------------------------------------------------------------------ a series that is sent again whole


def mps(tmp_path: Path, name: str, months: list[str], rows: list[str]) -> Path:
    return a_file(
        tmp_path, name, *rows, header=",".join(["WardName,WardCode,MajorText,MinorText,BoroughName", *months])
    )


def test_the_newest_release_of_a_month_stands_whatever_the_order(tmp_path: Path) -> None:
    feed = read_feed(FEEDS / "national" / "feeds" / "mps_ward_counts.toml")
    older = mps(tmp_path, "a.csv", ["202401", "202402"], ["Weavers,E05009336,Theft,Shoplifting,Tower Hamlets,10,11"])
    newer = mps(tmp_path, "b.csv", ["202402", "202403"], ["Weavers,E05009336,THEFT,SHOPLIFTING,Tower Hamlets,12,13"])
    for home, order in ((tmp_path / "one", [older, newer]), (tmp_path / "two", [newer, older])):
        for file in order:
            receive(home, feed, file)
        assert [c for (_, c) in rows_of(home, "mps_ward_counts", "month, count")] == [10, 12, 13]
    receive(tmp_path / "three", feed, older, newer)
    assert [c for (_, c) in rows_of(tmp_path / "three", "mps_ward_counts", "month, count")] == [10, 12, 13]


def test_a_blank_cell_is_missing_and_not_nought(tmp_path: Path) -> None:
    feed = read_feed(FEEDS / "national" / "feeds" / "mps_ward_counts.toml")
    file = mps(tmp_path, "a.csv", ["202401", "202402"], ["Weavers,E05009336,Theft,Shoplifting,Tower Hamlets,,0"])
    receive(tmp_path / "home", feed, file)
    assert rows_of(tmp_path / "home", "mps_ward_counts", "month, count") == [
        (dt.date(2024, 1, 1), None),
        (dt.date(2024, 2, 1), 0),
    ]


def test_what_is_not_published_by_lsoa_is_missing_where_it_appears_as_nought(tmp_path: Path) -> None:
    feed = read_feed(FEEDS / "national" / "feeds" / "mps_lsoa_counts.toml")
    header = "lsoa_code,lsoa_name,borough,major_category,minor_category,202401"
    rows = ["E01004198,X,E09000030,Sexual Offences,Rape,0", "E01004198,X,E09000030,Theft,Shoplifting,0"]
    receive(tmp_path / "home", feed, a_file(tmp_path, "a.csv", *rows, header=header))
    assert rows_of(tmp_path / "home", "mps_lsoa_counts", "minor_category, count") == [
        ("RAPE", None),
        ("SHOPLIFTING", 0),
    ]
    caveats = Store(tmp_path / "home").latest("mps_lsoa_counts").manifest.caveats
    assert any("not published by LSOA" in c for c in caveats)


def test_a_bad_cell_sets_the_whole_wide_row_aside(tmp_path: Path) -> None:
    feed = read_feed(FEEDS / "national" / "feeds" / "mps_ward_counts.toml")
    rows = ["W,E05009336,Theft,A,Tower Hamlets,1,2", "W,E05009336,Theft,B,Tower Hamlets,1,-2", "W,E05,Theft,C,TH,1,2"]
    (result,) = receive(tmp_path / "home", feed, mps(tmp_path, "a.csv", ["202401", "202402"], rows))
    assert (result.rows, result.accepted, result.quarantined) == (3, 1, 2)
    assert len(rows_of(tmp_path / "home", "mps_ward_counts")) == 2


def test_a_month_that_stands_twice_is_refused(tmp_path: Path) -> None:
    feed = read_feed(FEEDS / "national" / "feeds" / "mps_ward_counts.toml")
    file = mps(tmp_path, "a.csv", ["202401", "202401"], ["Weavers,E05009336,Theft,Shoplifting,Tower Hamlets,1,2"])
    with pytest.raises(BadInput, match="has the heading “202401” more than once"):
        receive(tmp_path / "home", feed, file)


def test_progress_is_told(tmp_path: Path) -> None:
    said: list[str] = []
    receive(tmp_path / "home", incidents(), a_file(tmp_path, OCTOBER, "A1,2026-10-05,SYN01,Y,2,x"), said=said)
    assert said == [f"1 of 1: {OCTOBER} (1 rows)"]


def test_two_months_without_anything_to_report_are_two_nil_returns(tmp_path: Path) -> None:
    """Their bytes are alike: what they say stands in their names."""
    files = [a_file(tmp_path, f"incidents_2026-{month}.csv") for month in ("08", "09", "10")]
    results = receive(tmp_path / "home", incidents(), *files)
    assert [r.status for r in results] == ["loaded"] * 3
    held = {part.partition for part in Store(tmp_path / "home").latest("incidents").manifest.parts}
    assert held == {"month=2026-08", "month=2026-09", "month=2026-10"}
    again = receive(tmp_path / "home", incidents(), *files)
    assert [r.status for r in again] == ["already received"] * 3
