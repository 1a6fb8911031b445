"""Fetching from data.police.uk, against a server on this machine that speaks its protocol and misbehaves on request."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest
import shapely
from click.testing import CliRunner
from load_support import FEEDS, SHARED, rows_of
from police_server import EAST, NORTH, SOUTH, WEST, Service, serving

from concord.cli.commands.fetch import command
from concord.evidence.extracts import load
from concord.evidence.extracts.contracts import read_feed
from concord.evidence.extracts.police_api import Bucket, cut
from concord.evidence.extracts.police_fetch import Fetched, Wanted, fetch, months_between, outline
from concord.kernel.errors import BadInput, ConcordError, Environment, Usage

NOW = dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC)
FEED = read_feed(FEEDS / "national" / "feeds" / "police_uk_api.toml")
BOROUGH = shapely.box(WEST, SOUTH, EAST, NORTH)
SLANTED = shapely.Polygon([(-0.08, 51.48), (0.02, 51.49), (0.0, 51.55), (-0.0633333, 51.53)])
HOLED = shapely.Polygon(BOROUGH.exterior.coords, [shapely.box(-0.055, 51.5005, -0.0205, 51.5205).exterior.coords])


class Slept(list[float]):
    """Keeps how long it was asked to sleep, and does not."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def fetched(
    service: Service, to: Path, area: shapely.Geometry | None = BOROUGH, *, kinds: tuple[str, ...] = ("crimes",),
    months: str = "2023-01", slept: Slept | None = None, force: str | None = None,
) -> list[Fetched]:  # fmt: skip
    service.per_second = service.burst = 1e9
    with serving(service) as address:
        return fetch(
            address,
            Wanted("tower-hamlets", area, force),
            months_between(months),
            to,
            clock=lambda: NOW,
            kinds=kinds,
            bucket=Bucket(rate=1e9, burst=10**9, sleep=slept if slept is not None else Slept()),
        )


def lines(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def expected(service: Service, area: shapely.Geometry, month: str = "2023-01") -> list[int]:
    points = {
        c["id"]: shapely.Point(float(c["location"]["longitude"]), float(c["location"]["latitude"]))
        for c in service.held[month]
    }
    return sorted(i for i, point in points.items() if area.intersects(point))


def asked_for_rows(service: Service) -> int:
    return sum(1 for _, path, _ in service.asked if "street" in path and "dates" not in path)


# ------------------------------------------------------------------ exact rows


@pytest.mark.parametrize("inclusive", [True, False], ids=["edges belong", "edges do not"])
@pytest.mark.parametrize("most", [10_000, 120, 40], ids=["one piece", "a few pieces", "many pieces"])
@pytest.mark.parametrize("area", [BOROUGH.buffer(1e-4), SLANTED], ids=["square", "slanted"])
def test_an_area_cut_in_pieces_has_the_rows_of_the_whole(
    tmp_path: Path, area: shapely.Geometry, most: int, inclusive: bool
) -> None:
    service = Service(most=most, inclusive=inclusive)
    fetched(service, tmp_path, area, kinds=("crimes", "outcomes", "stops"))
    whole = Service(inclusive=inclusive)
    fetched(whole, tmp_path / "whole", area, kinds=("crimes", "outcomes", "stops"))
    for kind in ("crimes", "outcomes", "stops"):
        name = f"2023-01-tower-hamlets-api-{kind}.csv"
        assert (tmp_path / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), kind
    assert (asked_for_rows(service) > asked_for_rows(whole)) is (most < 10_000)
    found = sorted(int(line["API ID"]) for line in lines(tmp_path / "2023-01-tower-hamlets-api-crimes.csv"))
    assert found == expected(service, area)
    assert len(found) > 150


def test_a_hole_in_the_area_is_left_out(tmp_path: Path) -> None:
    service = Service(most=40)
    fetched(service, tmp_path, HOLED)
    found = sorted(int(line["API ID"]) for line in lines(tmp_path / "2023-01-tower-hamlets-api-crimes.csv"))
    assert found == expected(service, HOLED)
    assert len(found) < len(expected(service, BOROUGH))


def test_pieces_of_an_area_that_touch_count_nothing_twice(tmp_path: Path) -> None:
    two = shapely.MultiPolygon([shapely.box(WEST, SOUTH, -0.03, NORTH), shapely.box(-0.03, SOUTH, EAST, NORTH)])
    service = Service()
    fetched(service, tmp_path, two, kinds=("crimes", "stops"))
    found = Counter(line["API ID"] for line in lines(tmp_path / "2023-01-tower-hamlets-api-crimes.csv"))
    assert set(found.values()) == {1}
    assert len(found) == 400
    assert len(lines(tmp_path / "2023-01-tower-hamlets-api-stops.csv")) == 200


def test_no_point_of_the_service_lies_on_a_cut() -> None:
    for part in cut(BOROUGH):
        for x, y in part.exterior.coords:
            inner = [v for v, edges in ((x, (WEST, EAST)), (y, (SOUTH, NORTH))) if v not in edges]
            assert all(round(v, 6) != v for v in inner)


def test_equal_outcomes_are_separate_outcomes(tmp_path: Path) -> None:
    service = Service(most=60)
    (done,) = fetched(service, tmp_path, kinds=("outcomes",))
    assert done.rows == len(service.outcomes("2023-01"))
    assert max(Counter(json.dumps(line) for line in lines(done.file)).values()) == 2


# ------------------------------------------------------------------ a force


def test_a_force_is_its_neighbourhoods_and_its_rows_without_a_place(tmp_path: Path) -> None:
    service = Service()
    crimes, stops = fetched(service, tmp_path, None, force="metropolitan", kinds=("crimes", "stops"))
    assert (crimes.rows, stops.rows) == (401, 201)
    (nowhere,) = [line for line in lines(crimes.file) if not line["Longitude"]]
    assert nowhere["API ID"] == "900000"
    assert nowhere["Location"] == ""


def test_a_force_without_neighbourhoods_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no neighbourhoods for “elsewhere”"):
        fetched(Service(), tmp_path, None, force="elsewhere")


# ------------------------------------------------------------------ bad manners


@pytest.mark.parametrize("fault", ["break", "cut", "500", "429", "429 dated", "hang up"])
def test_what_fails_is_asked_again_and_nothing_is_lost(tmp_path: Path, fault: str) -> None:
    service, slept = Service(faults=[fault, "", fault]), Slept()
    (done,) = fetched(service, tmp_path, slept=slept)
    assert done.rows == 400
    assert service.faults == []
    waits = {"429": 0.0, "429 dated": 7.0}
    assert slept == [waits.get(fault, 0.5)] * 2


def test_attempts_end_in_words_and_what_was_fetched_stays(tmp_path: Path) -> None:
    service, slept = Service(faults=["", "", *["500"] * 6]), Slept()
    with pytest.raises(Environment) as gone:
        fetched(service, tmp_path, slept=slept, months="2023-01..2023-02")
    assert "after 6 attempts" in gone.value.what
    assert gone.value.why == "The last time, it answered 500."
    assert "goes on from there" in (gone.value.next_step or "")
    assert slept == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0]
    assert len(lines(tmp_path / "2023-01-tower-hamlets-api-crimes.csv")) == 400


def test_the_limit_of_calls_is_kept_so_that_none_is_refused(tmp_path: Path) -> None:
    service = Service(most=12, crimes=150, per_second=60, burst=12)
    with serving(service) as address:
        fetch(address, Wanted("x", BOROUGH), ["2023-01"], tmp_path, clock=lambda: NOW, kinds=("crimes",),
              bucket=Bucket(rate=54, burst=8))  # fmt: skip
    assert len(service.asked) > 24, "too few calls to prove anything"
    assert service.refused_for_speed == 0


def test_a_client_that_is_too_fast_waits_as_it_is_told(tmp_path: Path) -> None:
    service = Service(most=150, per_second=1000, burst=2)
    slept = Slept()
    with serving(service) as address:
        (done,) = fetch(address, Wanted("x", BOROUGH), ["2023-01"], tmp_path, clock=lambda: NOW, kinds=("crimes",),
                        bucket=Bucket(rate=1e9, burst=10**9, sleep=slept))  # fmt: skip
    assert done.rows == 400
    assert slept.count(1.0) == service.refused_for_speed


def test_a_long_outline_goes_by_post(tmp_path: Path) -> None:
    service = Service()
    round_area = shapely.Point(-0.03, 51.515).buffer(0.03, quad_segs=120)
    (done,) = fetched(service, tmp_path, round_area)
    assert done.rows == len(expected(service, round_area))
    assert {how for how, path, _ in service.asked if path.startswith("crimes-street/")} == {"POST"}


# ------------------------------------------------------------------ going on


def test_an_interrupted_run_goes_on_from_what_is_there(tmp_path: Path) -> None:
    interrupted = Service(most=60, faults=[""] * 9 + ["500"] * 6)
    with pytest.raises(Environment):
        fetched(interrupted, tmp_path)
    assert not (tmp_path / "2023-01-tower-hamlets-api-crimes.csv").exists()
    second = Service(most=60)
    (done,) = fetched(second, tmp_path)
    assert done.rows == 400
    whole = Service(most=60)
    (again,) = fetched(whole, tmp_path / "whole")
    assert done.file.read_bytes() == again.file.read_bytes()
    assert 0 < len(second.asked) < len(whole.asked) - 5
    third = Service(most=60)
    fetched(third, tmp_path)
    assert [path for _, path, _ in third.asked] == ["crime-last-updated"], "it asked again for what it had"


def test_a_damaged_answer_is_fetched_again(tmp_path: Path) -> None:
    fetched(Service(), tmp_path)
    for file in (tmp_path / "answers").rglob("*.json"):
        if "note" not in file.name and b"persistent_id" in file.read_bytes():
            file.write_bytes(file.read_bytes()[:-40])
    service = Service()
    (done,) = fetched(service, tmp_path)
    assert done.rows == 400
    assert asked_for_rows(service) == 1


def test_a_new_release_is_fetched_anew(tmp_path: Path) -> None:
    fetched(Service(), tmp_path)
    newer = Service(release="2023-04-05", crimes=410)
    (done,) = fetched(newer, tmp_path)
    assert done.rows == 410
    assert sorted(f.name for f in (tmp_path / "answers").iterdir()) == ["2023-03-05", "2023-04-05"]


def test_every_answer_has_its_address_time_and_digest(tmp_path: Path) -> None:
    service = Service(most=150)
    fetched(service, tmp_path)
    told = json.loads((tmp_path / "provenance.json").read_bytes())
    rows = [note for note in told if note["status"] == 200 and "crimes-street/" in note["address"]]
    assert sum(note["rows"] for note in rows) == 400
    digests = {hashlib.sha256(f.read_bytes()).hexdigest() for f in (tmp_path / "answers").rglob("*.json")}
    for note in rows:
        assert note["fetched_at"] == NOW.isoformat()
        assert note["sha256"] in digests
        assert note["parameters"]["date"] == "2023-01"


# ------------------------------------------------------------------ words


def test_a_month_that_is_not_published_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        fetched(Service(), tmp_path, months="2023-02..2023-04")
    assert refused.value.what == "data.police.uk does not publish 2023-03, 2023-04."
    assert refused.value.why == "It has 2023-01 to 2023-02."


def test_a_point_that_holds_too_much_ends_in_words(tmp_path: Path) -> None:
    service = Service(most=0, crimes=1)
    with pytest.raises(BadInput) as refused:
        fetched(service, tmp_path)
    assert "One map point" in refused.value.what
    assert "archive" in (refused.value.next_step or "")
    assert len(service.asked) < 120


@pytest.mark.parametrize("text", ["2023", "2023-13", "2023-1", "2023-01..", "2023-02..2023-01", "january"])
def test_months_that_are_none_are_a_mistake_of_use(text: str) -> None:
    with pytest.raises(Usage):
        months_between(text)


def test_months_run_over_the_year() -> None:
    assert months_between("2022-11..2023-02") == ["2022-11", "2022-12", "2023-01", "2023-02"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("nonsense", "cannot be read as GeoJSON"),
        ('{"type": "FeatureCollection"}', "cannot be read as GeoJSON"),
        ('{"type": "Point", "coordinates": [0, 51]}', "holds no area"),
        (json.dumps(shapely.geometry.mapping(shapely.box(530000, 180000, 531000, 181000))), "not in degrees"),
    ],
)
def test_an_outline_that_is_none_is_refused_in_words(tmp_path: Path, content: str, says: str) -> None:
    file = tmp_path / "area.geojson"
    file.write_text(content)
    with pytest.raises(BadInput, match=says):
        outline(file)


def test_an_area_is_found_by_name_among_several(tmp_path: Path) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": shapely.geometry.mapping(shapely.box(x, 51, x + 1, 52)),
        }
        for x, name in ((0, "Tower Hamlets"), (2, "Hackney"))
    ]
    file = tmp_path / "areas.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert outline(file, "tower_hamlets").bounds == (0, 51, 1, 52)
    assert outline(file).bounds == (0, 51, 3, 52)
    with pytest.raises(BadInput, match="no area called “Tower Hamlet”") as refused:
        outline(file, "Tower Hamlet")
    assert "tower-hamlets" in (refused.value.next_step or "")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of real data is not here")
def test_the_real_borough_is_read() -> None:
    real = outline(SHARED / "tower_hamlets_extracts" / "lad24_TH.geojson", "tower_hamlets")
    west, south, east, north = real.bounds
    assert -0.09 < west < east < 0.02
    assert 51.48 < south < north < 51.55
    metres = real.area * 111_195**2 * 0.6223  # a degree of longitude is shorter by the cosine of 51.5 degrees
    assert 19e6 < metres < 23e6


# ------------------------------------------------------------------ the whole way


def test_the_command_fetches_what_load_takes(tmp_path: Path) -> None:
    service = Service(most=150)
    file = tmp_path / "tower.geojson"
    file.write_text(json.dumps(shapely.geometry.mapping(BOROUGH)))
    to = tmp_path / "fetched"
    arguments = ["police_uk", "--months", "2023-01..2023-02", "--poly", str(file), "--area", "tower_hamlets"]
    file.write_text(json.dumps({"type": "Feature", "properties": {"n": "Tower Hamlets"},
                                "geometry": shapely.geometry.mapping(BOROUGH)}))  # fmt: skip
    with serving(service) as address:
        ran = CliRunner().invoke(command, [*arguments, "--to", str(to), "--address", address], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    assert "2023-01-tower-hamlets-api-crimes.csv: 400 rows" in ran.output
    results = load(tmp_path / "home", FEED, sorted(to.glob("*.csv")), agreements={}, clock=NOW)
    assert [(r.status, r.quarantined) for r in results] == [("loaded", 0)] * 6
    crimes = rows_of(tmp_path / "home", "police_uk_api_crimes", "crime_type, count(*) OVER (PARTITION BY crime_type)")
    assert len(crimes) == 800
    assert {kind for kind, _ in crimes} == {"Anti-social behaviour", "Violence and sexual offences", "Burglary"}
    assert len(rows_of(tmp_path / "home", "police_uk_api_stops")) == 400
    assert len(rows_of(tmp_path / "home", "police_uk_api_outcomes")) == len(service.outcomes("2023-01")) + len(
        service.outcomes("2023-02")
    )


def test_the_command_without_an_area_says_how(tmp_path: Path) -> None:
    ran = CliRunner().invoke(command, ["police_uk", "--months", "2023-01", "--to", str(tmp_path / "x")])
    assert isinstance(ran.exception, ConcordError)
    assert "--poly" in (ran.exception.next_step or "")
