"""Files of any feed in one command: each finds its own contract, or is refused by name with the nearest."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from load_support import (
    AGREEMENTS,
    FEEDS,
    NOW,
    REPOSITORY,
    SHARED,
    Paper,
    a_file,
    every_file,
    incidents,
    people,
    rows_of,
)
from workbook_support import DAY, HEADINGS, ROW, parquet, xlsx

from concord.evidence.datasets.store import Store
from concord.evidence.extracts import FilesRefused, LoadResult, load, load_any
from concord.evidence.extracts.contracts import read_feed
from concord.kernel.errors import BadInput, Refused
from concord.strategy.shapes.feed import Feed

PEOPLE = "ref,person_id,given_name,family_name,born_on,age,sex,postcode"
ADA = "A1,N1,Ada,Zephyrine,1990-04-03,36,F,HB1 1AA"
GOOD = "A1,2026-10-05,SYN01,Y,2,x"


def several() -> dict[str, Feed]:
    population = read_feed(FEEDS / "harbourside" / "feeds" / "population.toml")
    return {"incidents": incidents(), "people": people(), "population": population}


def receive_any(
    home: Path,
    *paths: Path,
    feeds: Mapping[str, Feed] | None = None,
    agreements: Mapping[str, Paper] = AGREEMENTS,
) -> list[LoadResult]:
    return load_any(home, feeds or several(), list(paths), agreements=agreements, clock=NOW)


def told(results: list[LoadResult]) -> list[tuple[str, str, str]]:
    return [(r.file, r.feed, r.status) for r in results]


def test_each_file_finds_its_feed_by_its_headings_whatever_its_name_and_format(tmp_path: Path) -> None:
    folder, home = tmp_path / "sent", tmp_path / "home"
    folder.mkdir()
    a_file(folder, "a.csv", GOOD)
    xlsx(
        folder / "b.xlsx", {"About": [["Hello"]], "Data": [HEADINGS, ("B1", dt.date(2026, 9, 1), "SYN01", "Y", 1, "")]}
    )
    parquet(folder / "c.parquet", [("C1", dt.date(2026, 8, 1), "SYN01", "Y", 1, "x")])
    a_file(folder, "people_2026-10.csv", ADA, header=PEOPLE)
    (folder / "readme.txt").write_text("hello")
    (folder / "LICENSE").write_text("hello")
    results = receive_any(home, folder)
    assert told(results) == [
        ("LICENSE", "", "skipped"),
        ("a.csv", "incidents", "loaded"),
        ("b.xlsx", "incidents", "loaded"),
        ("c.parquet", "incidents", "loaded"),
        ("people_2026-10.csv", "people", "loaded"),
        ("readme.txt", "", "skipped"),
    ]
    assert [ref for (ref,) in rows_of(home, "incidents", "ref")] == ["A1", "B1", "C1"]
    assert all(b"Zephyrine" not in f.read_bytes() for f in every_file(home)), "files of people are sealed all the same"
    assert {r.status for r in receive_any(home, folder)} == {"already received", "skipped"}


def test_the_same_content_twice_in_one_run_is_received_once(tmp_path: Path) -> None:
    home, one, two = tmp_path / "home", tmp_path / "one", tmp_path / "two"
    one.mkdir(), two.mkdir()
    first, second = a_file(one, "october.csv", GOOD, "bad"), a_file(two, "copy.csv", GOOD, "bad")
    results = receive_any(home, first, second)
    assert sorted(r.status for r in results) == ["already received", "loaded"]
    assert [(r.rows, r.accepted, r.quarantined) for r in results] == [(2, 1, 1), (2, 1, 1)]
    again = next(r for r in results if r.status != "loaded")
    assert "which came in the same run" in again.notes[-1]
    assert len(rows_of(home, "incidents")) == 1
    results = load(tmp_path / "h2", incidents(), [first, second], agreements=AGREEMENTS, clock=NOW)
    assert sorted(r.status for r in results) == ["already received", "loaded"]


def test_two_feeds_that_describe_the_same_headings_are_not_guessed_between(tmp_path: Path) -> None:
    from dataclasses import replace

    twin = replace(incidents(), key="twin")
    with pytest.raises(BadInput, match=r"a\.csv could belong to “incidents” or “twin”") as caught:
        receive_any(tmp_path / "home", a_file(tmp_path, "a.csv", GOOD), feeds={"incidents": incidents(), "twin": twin})
    assert "concord load incidents a.csv" in str(caught.value)
    named = incidents(file_name=r"ours_(?P<month>\d{4}-\d{2})\.csv")
    feeds = {"incidents": named, "twin": replace(incidents(), key="twin")}
    (result,) = receive_any(tmp_path / "home", a_file(tmp_path, "ours_2026-10.csv", GOOD), feeds=feeds)
    assert result.feed == "incidents", "the contract that names the file has it"


def test_the_contract_that_keeps_more_of_the_columns_has_the_file(tmp_path: Path) -> None:
    from dataclasses import replace

    loose = incidents(
        fields={
            "ref": {"description": "Reference", "type": "code"},
            "happened_on": {"description": "Day", "type": "date"},
        },
        ignore=["ward", "knife", "victims", "note"],
        rules=[],
    )
    feeds = {"loose": replace(loose, key="loose"), "incidents": incidents()}
    (result,) = receive_any(tmp_path / "home", a_file(tmp_path, "a.csv", GOOD), feeds=feeds)
    assert result.feed == "incidents"


def test_a_file_of_no_feed_is_refused_by_name_and_the_others_are_received(tmp_path: Path) -> None:
    home = tmp_path / "home"
    stolen = a_file(tmp_path, "stolen.csv", "cat,1", header="Animal,How many")
    with pytest.raises(FilesRefused, match=r"1 of 2 files were refused\. 1 were received") as caught:
        receive_any(home, stolen, a_file(tmp_path, "a.csv", GOOD))
    assert "stolen.csv is no file of any feed of this partnership" in str(caught.value)
    assert "“Animal”, “How many”. The nearest feed, “" in str(caught.value)
    assert told(list(caught.value.results)) == [("stolen.csv", "", "refused"), ("a.csv", "incidents", "loaded")]
    assert not [f for f in every_file(home) if b"How many" in f.read_bytes()]


def test_a_file_that_has_drifted_is_refused_by_the_feed_it_was_meant_for(tmp_path: Path) -> None:
    drifted = a_file(tmp_path, "a.csv", GOOD, header=",".join(HEADINGS).replace("ward", "wards"))
    with pytest.raises(BadInput, match="have changed: it is almost the table “incidents”"):
        receive_any(tmp_path / "home", drifted)


def test_an_expired_agreement_refuses_its_own_feed_only(tmp_path: Path) -> None:
    from dataclasses import replace

    home = tmp_path / "home"
    feeds = {**several(), "people": replace(people(), agreement="old")}
    agreements = {**AGREEMENTS, "old": Paper(name="Old paper", expires_on=dt.date(2026, 1, 1))}
    persons = a_file(tmp_path, "people_2026-10.csv", ADA, header=PEOPLE)
    with pytest.raises(FilesRefused, match="“Old paper” expired on 1 January 2026") as caught:
        receive_any(home, persons, a_file(tmp_path, "a.csv", GOOD), feeds=feeds, agreements=agreements)
    assert caught.value.exit_code == Refused.exit_code
    assert Store(home).datasets() == ["incidents"]
    assert not (home / "landing" / "people").exists()


def test_a_health_file_with_a_name_is_refused_whole_whoever_tells_it_apart(tmp_path: Path) -> None:
    feed = read_feed(FEEDS / "harbourside" / "feeds" / "ed_assaults.toml")
    header = "site_code,arrived_at,assault_at,method,location_type,ward_code,age_band,sex,Surname"
    file = a_file(tmp_path, "x.csv", "S,2026-10-05 23:10,,body_part,street,SYN01,18-24,M,Zaphod", header=header)
    agreements = {**AGREEMENTS, "emergency_department_assaults": Paper(feeds=("ed_assaults",))}
    with pytest.raises(Refused, match="was refused whole: it has the column “Surname”"):
        receive_any(tmp_path / "h", file, feeds={**several(), "ed_assaults": feed}, agreements=agreements)
    assert all(b"Zaphod" not in f.read_bytes() for f in every_file(tmp_path / "h"))


def concord(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "concord.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=REPOSITORY)


def test_the_command_prints_an_object_a_file_and_a_table_by_feed(tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    sent.mkdir()
    header = "ward_code,ward_name,neighbourhood,age_band,sex,persons,vintage"
    a_file(
        sent,
        "p.csv",
        "SYN01,Anchor Quay,West,18-24,F,100,2024",
        "SYN01,Anchor Quay,West,18-24,F,few,2024",
        header=header,
    )
    a_file(sent, "z.csv", "1,2", header="a,b")
    done = concord("load", "any", sent, "--home", tmp_path / "home", "--json")
    assert done.returncode == 3, done.stderr
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(o["feed"], o["file"], o["rows"], o["accepted"], o["quarantined"]) for o in objects] == [
        ("population", "p.csv", 2, 1, 1),
        (None, "z.csv", 0, 0, 0),
    ]
    assert all(o["seconds"] >= 0 for o in objects)
    assert objects[1]["why"] == "z.csv is no file of any feed of this partnership."
    done = concord("load", "any", sent, "--home", tmp_path / "home")
    table = done.stdout.split("\n\n")[-1].splitlines()
    assert table[0].split() == ["feed", "files", "rows", "accepted", "quarantined", "why"]
    assert table[1].split()[:5] == ["population", "1", "2", "1", "1"]
    assert table[1].endswith("1 already received")
    assert table[2].startswith("(no feed)") and "no file of any feed" in table[2]
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared open data are not on this machine")
def test_real_files_find_their_feeds_and_benchmarks_are_said_to_be_none(tmp_path: Path) -> None:
    from concord.strategy import load as load_partnership

    partnership = load_partnership(FEEDS / "tower_hamlets")
    extracts, data = SHARED / "tower_hamlets_extracts", SHARED
    files = [
        extracts / "mps_recorded_crime_ward_TH_202402_202602.csv",
        extracts / "mps_recorded_crime_lsoa_TH_202402_202602.csv",
        extracts / "city_of_london_police_rows_in_TH.csv",
        data / "linkage" / "fake_1000.csv",
        data / "linkage" / "dataset3.csv",
    ]
    with pytest.raises(FilesRefused) as caught:
        load_any(tmp_path, partnership.feeds, files, agreements={}, clock=NOW)
    assert told(list(caught.value.results)) == [
        ("mps_recorded_crime_ward_TH_202402_202602.csv", "mps_ward_counts", "loaded"),
        ("mps_recorded_crime_lsoa_TH_202402_202602.csv", "mps_lsoa_counts", "loaded"),
        ("city_of_london_police_rows_in_TH.csv", "police_uk", "loaded"),
        ("fake_1000.csv", "", "refused"),
        ("dataset3.csv", "", "refused"),
    ]
    assert DAY and ROW
