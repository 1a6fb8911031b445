"""The work of peers/assessment_pandas.py through Concord's own rooms: geography, findings, charts.

Raw files are read by DuckDB; areas, rates, hot spots, seasons, ratios and drawings are the functions that the findings
and publications use. bench/assessment.py runs it as a process of its own. usage: ours_assessment.py DATA OUT [EVENTS]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import numpy as np

from concord.evidence.disclosure.model import ReleasedCell
from concord.evidence.findings import hotspots, seasonal, spc
from concord.evidence.findings.disproportionality import relative_rate
from concord.evidence.findings.hotspots import Neighbours
from concord.evidence.findings.statistics import rate, rate_ratio, share
from concord.evidence.geography import BoundarySet, to_degrees
from concord.evidence.publications import compiling, readings
from concord.evidence.publications.charts import beside, lines, maps, months, rows
from concord.evidence.publications.drawing import Spec
from concord.evidence.publications.tables import Point
from concord.kernel.measures import Estimate

BOROUGH, VIOLENCE = "Tower Hamlets", "VIOLENCE AGAINST THE PERSON"
TYPES = (
    "ARSON AND CRIMINAL DAMAGE", "BURGLARY", "DRUG OFFENCES", "POSSESSION OF WEAPONS", "PUBLIC ORDER OFFENCES",
    "ROBBERY", "SEXUAL OFFENCES", "THEFT", "VEHICLE OFFENCES", "VIOLENCE AGAINST THE PERSON",
)  # fmt: skip
MAPPED = ("BURGLARY", "POSSESSION OF WEAPONS", "ROBBERY", "VIOLENCE AGAINST THE PERSON")
NOWHERE = ("Unknown", "London Heathrow and London City Airports")
EPOCH, MOST_MONTHS = "DATE '2000-01-01'", 480
"""Months are numbered from here; a file may hold forty years of them."""
Array = np.ndarray


def open_counts(ask: duckdb.DuckDBPyConnection, data: Path, areas: BoundarySet) -> tuple[list[str], Array, Array]:
    """Boroughs; counts by borough, type and month; counts by small area and mapped type over twelve months."""
    folder = data / "mps_london_datastore"
    parts = " UNION ALL ".join(
        f"(UNPIVOT (SELECT * FROM '{folder / name}') ON COLUMNS('[0-9]{{6}}') INTO NAME month VALUE n)"
        for name in ("recorded-crime-borough-historical.parquet", "recorded-crime-borough.parquet")
    )
    found = ask.execute(
        f"SELECT boroughname AS place, majortext AS kind, month, sum(n)::BIGINT AS n FROM ({parts}) "
        f"WHERE majortext IN {TYPES} AND boroughname NOT IN {NOWHERE} GROUP BY ALL"
    ).fetchnumpy()
    small = folder / "recorded-crime-lsoa.parquet"
    columns = sorted(row[0] for row in ask.execute(f"DESCRIBE SELECT * FROM '{small}'").fetchall() if row[0].isdigit())
    total = " + ".join(f'sum("{column}")' for column in columns[-12:])
    by_area = ask.execute(
        f"SELECT lsoa_code AS place, major_category AS kind, ({total})::BIGINT AS n FROM '{small}' "
        f"WHERE major_category IN {MAPPED} GROUP BY ALL"
    ).fetchnumpy()
    boroughs, cube = _cube(found)
    return boroughs, cube, _on_areas(by_area, areas)


def event_counts(ask: duckdb.DuckDBPyConnection, file: Path, areas: BoundarySet) -> tuple[list[str], Array, Array]:
    """The same from single events, each put into the area that it lies in; a part of the file at a time."""
    names = sorted({name.rsplit(" ", 1)[0] for name in areas.names} - {"City of London"})
    of = {name: place for place, name in enumerate(names)}
    borough = np.array([of.get(name.rsplit(" ", 1)[0], -1) for name in areas.names])
    cube = np.zeros(len(names) * len(TYPES) * MOST_MONTHS, dtype=np.int64)
    drawn: list[Array] = []
    mapped = np.array([MAPPED.index(name) if name in MAPPED else -1 for name in TYPES])
    ask.execute(f"CREATE TYPE kind AS ENUM {TYPES}")
    reader = ask.sql(
        f"SELECT date_diff('month', {EPOCH}, recorded_on)::USMALLINT, enum_code(type), easting, northing "
        f"FROM read_csv('{file}', header = true, columns = {{'event_id': 'VARCHAR', 'recorded_on': 'DATE', "
        "'type': 'kind', 'easting': 'DOUBLE', 'northing': 'DOUBLE'}, auto_detect = false, delim = ',', quote = '\"')"
    ).to_arrow_reader(200_000)
    areas.find([0.0], [0.0])  # builds the index, before two threads look places up in it
    with ThreadPoolExecutor(2) as pool:
        for batch in reader:
            month, kind, x, y = (batch.column(i).to_numpy(zero_copy_only=False) for i in range(4))
            half = len(x) // 2
            area = np.concatenate(list(pool.map(areas.find, (x[:half], x[half:]), (y[:half], y[half:]))))
            inside = area >= 0
            month, kind, area = month[inside].astype(np.intp), kind[inside].astype(np.intp), area[inside]
            of_area = borough[area]
            policed = of_area >= 0
            place = (of_area[policed] * len(TYPES) + kind[policed]) * MOST_MONTHS + month[policed]
            cube += np.bincount(place, minlength=len(cube))
            wanted = mapped[kind] >= 0
            code = (month[wanted] * len(MAPPED) + mapped[kind[wanted]]) * len(areas) + area[wanted]
            drawn.append(code.astype(np.int32))
    by_month = cube.reshape(len(names), len(TYPES), MOST_MONTHS)
    held = np.flatnonzero(by_month.any(axis=(0, 1)))
    first, last = held[0], held[-1] + 1
    codes = np.concatenate(drawn) - (last - 12) * len(MAPPED) * len(areas)
    small = np.bincount(codes[codes >= 0], minlength=12 * len(MAPPED) * len(areas))
    of_year = small.reshape(12, len(MAPPED), len(areas)).sum(axis=0)
    return names, by_month[:, :, first:last], of_year.astype(float)


def _cube(found: dict[str, Array]) -> tuple[list[str], Array]:
    places, place = np.unique(np.asarray(found["place"], dtype=str), return_inverse=True)
    kinds, kind = np.unique(np.asarray(found["kind"], dtype=str), return_inverse=True)
    spans, month = np.unique(np.asarray(found["month"], dtype=str), return_inverse=True)
    made = np.zeros((len(places), len(kinds), len(spans)), dtype=np.int64)
    np.add.at(made, (place, kind, month), np.asarray(found["n"]))
    return [str(name) for name in places], made


def _on_areas(found: dict[str, Array], areas: BoundarySet) -> Array:
    codes = np.asarray(areas.codes, dtype=str)
    at = np.searchsorted(codes, np.asarray(found["place"], dtype=str))
    made = np.zeros((len(MAPPED), len(codes)))
    kind = np.searchsorted(np.array(MAPPED), np.asarray(found["kind"], dtype=str))
    np.add.at(made, (kind, at), np.asarray(found["n"], dtype=float))
    return made


def main(data: Path, out: Path, events: Path | None) -> None:
    out.mkdir(parents=True, exist_ok=True)
    ask = duckdb.connect(config={"memory_limit": "256MB", "threads": 2, "preserve_insertion_order": False})
    areas = BoundarySet.from_file(data / "boundaries" / "london_lsoa.gpkg")
    boroughs, cube, small = event_counts(ask, events, areas) if events else open_counts(ask, data, areas)
    census = ask.execute(
        # The file says “W&sworth”: every “and” in its names was turned into “&”.
        "SELECT replace(replace(\"Upper tier local authorities\", '&', 'and'), ' Upon ', ' upon '), "
        '"Ethnic group", Observation '
        f"FROM read_csv('{data / 'population' / 'Census_2021_ethnicity_UTLA.csv'}') "
        "WHERE starts_with(\"Upper tier local authorities Code\", 'E09')"
    ).fetchall()
    people = {name: sum(n for place, _, n in census if place == name) for name in boroughs}
    residents = np.array([people[name] for name in boroughs])
    year = cube[:, :, -12:].sum(axis=2)
    rates = [[rate(int(n), int(residents[b])) for n in row] for b, row in enumerate(year)]
    here = boroughs.index(BOROUGH)
    ratios = [
        rate_ratio(
            int(year[here, k]),
            int(residents[here]),
            int(year[:, k].sum() - year[here, k]),
            int(residents.sum() - residents[here]),
        )
        for k in range(len(TYPES))
    ]  # fmt: skip

    neighbours = Neighbours.of_areas(list(areas.shapes))
    gi = [hotspots.gi_star(values, neighbours) for values in small]
    gi_p = [hotspots.permuted(values, neighbours, statistic="gi_star") for values in small]
    moran = [hotspots.local_moran(values, neighbours) for values in small]
    moran_p = [hotspots.permuted(values, neighbours, statistic="local_moran") for values in small]
    hot = [int((hotspots.false_discovery(p) < 0.05).sum()) for _, p in gi]

    parts = seasonal.taken_apart(cube.reshape(-1, cube.shape[2]).astype(float))

    file = data / "tower_hamlets_extracts" / "met_stop_and_search_TH_to_2023-12.csv"
    found = ask.execute(
        "SELECT split_part(split_part(\"Self-defined ethnicity\", ' - ', 1), '/', 1), "
        "count(*), count(*) FILTER (Outcome <> 'A no further action disposal') "
        f"FROM read_csv('{file}') WHERE year(\"Date\") = 2023 GROUP BY 1"
    ).fetchall()
    searched = {group: (n, hits) for group, n, hits in found}
    lives: dict[str, int] = {}
    for place, group, n in census:
        if place == BOROUGH:
            broad = group.split(" ")[0].rstrip(":,")
            lives[broad] = lives.get(broad, 0) + n
    disproportion = {
        g: relative_rate(searched[g][0], lives[g], searched["White"][0], lives["White"]) for g in ("Asian", "Black")
    }
    finds = {g: share(searched[g][1], searched[g][0]) for g in ("Asian", "Black", "White")}
    knives = _series(ask, f"SELECT month_year, sum(count) FROM '{data}/mps_london_datastore/monthly-crime-dashboard"
                          f".parquet' WHERE borough_snt = '{BOROUGH}' AND crime_subtype = 'Knife Crime' "
                          "AND measure = 'Offences' GROUP BY 1 ORDER BY 1")  # fmt: skip
    women = _series(ask, f"SELECT recorded_date_months, sum(count) FROM '{data}/mps_london_datastore/vawg-offences"
                         f".parquet' WHERE borough_name = '{BOROUGH}' GROUP BY 1 ORDER BY 1")  # fmt: skip

    specs = charts(boroughs, year, residents, rates, ratios, here, cube, areas, small, parts, searched, lives,
                   disproportion, knives, women)  # fmt: skip
    for place, (svg, _) in enumerate(compiling.compiled([(spec, f"c{n}", False) for n, spec in enumerate(specs)])):
        (out / f"{place:02d}.svg").write_text(svg)
    np.savez(
        out / "numbers.npz",
        rates=np.array([[[e.value, e.interval.low, e.interval.high] for e in row] for row in rates]).transpose(2, 0, 1),
        ratios=np.array([[r.value, r.interval.low, r.interval.high] for r in ratios]),
        gi=np.array([z for z, _ in gi]),
        gi_p=np.array(gi_p),
        moran=np.array(moran) * (len(areas) - 1) / len(areas),  # esda divides the variance by n - 1
        moran_p=np.array(moran_p),
        hot=np.array(hot),
        trend=parts.trend,
        season=parts.season,
        searches=np.array([[r.value, r.interval.low, r.interval.high] for r in disproportion.values()]),
        found=np.array([each.value / 100 for each in finds.values()]),
        knives=np.array([n for _, n in knives]),
        women=np.array([n for _, n in women]),
    )
    (out / "done.json").write_text(json.dumps({"series": len(parts.trend), "areas": len(areas)}))


def _series(ask: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[str, int]]:
    return [(f"{month:%Y-%m}", int(n)) for month, n in ask.execute(sql).fetchall()]


def _points(names: Sequence[str], counts: Sequence[float], estimates: Sequence[Estimate | None]) -> list[Point]:
    return [
        Point(name, ReleasedCell((name,), count=int(n), population=None, estimate=estimate))
        for name, n, estimate in zip(names, counts, estimates, strict=True)
    ]


def _monthly(line: Sequence[tuple[str, int]]) -> Spec:
    points = _points([name for name, _ in line], [n for _, n in line], [None] * len(line))
    limits = spc.xmr([float(n) for _, n in line])
    facts = {"mean": limits.mean, "lower_limit": limits.low, "upper_limit": limits.high} if limits else {}
    return months.trend(points, readings.limits(points, facts))


def charts(boroughs, year, residents, rates, ratios, here, cube, areas, small, parts, searched, lives, disproportion,
           knives, women) -> list[Spec]:  # fmt: skip
    """Thirteen charts."""
    kind = TYPES.index(VIOLENCE)
    stretch = _month_names(cube.shape[2])
    series = [(name, int(n)) for name, n in zip(stretch, cube[here, kind], strict=True)]
    of_violence = [
        Point(name, ReleasedCell((name,), count=int(n), population=float(p), estimate=rates[b][kind]))
        for b, (name, n, p) in enumerate(zip(boroughs, year[:, kind], residents, strict=True))
    ]
    whole = float(1_000 * year[:, kind].sum() / residents.sum())
    groups = ("Asian", "Black", "White")
    made = [
        _monthly(series[-36:]),
        rows.rates(of_violence, whole, "London", "per 1,000 residents"),
        beside.funnel(of_violence, readings.Centre(whole, 1_000.0), "per 1,000 residents", "Residents", "London"),
        beside.ratios(_points(TYPES, year[here], ratios), "times the rate of the rest of London"),
    ]
    mine = np.flatnonzero([name.startswith(f"{BOROUGH} ") for name in areas.names])
    shapes = _outlines(areas, mine)
    for values in small:
        estimates = [Estimate(float(values[place]), "offences", None, "count") for place in mine]
        points = _points([areas.names[place] for place in mine], values[mine].tolist(), estimates)
        made.append(maps.areas(points, shapes, "offences"))
    row = here * len(TYPES) + kind
    both = (("Trend", parts.trend[row]), ("Offences", cube[here, kind].astype(float)))
    made.append(lines.series([readings.Line(name, _steps(stretch, line)) for name, line in both], "offences"))
    made.append(
        rows.rates(
            _points(groups, [searched[g][0] for g in groups], [rate(searched[g][0], lives[g]) for g in groups]),
            None, "", "per 1,000 residents",
        )
    )  # fmt: skip
    made.append(beside.ratios(_points(("Asian", "Black"), [searched[g][0] for g in ("Asian", "Black")],
                                      list(disproportion.values())), "times the rate of White residents"))  # fmt: skip
    return [*made, _monthly(knives[-36:]), _monthly(women[-36:])]


def _steps(names: Sequence[str], line: Array) -> tuple[readings.Step, ...]:
    return tuple(readings.Step(m, float(v), None, None, "", "") for m, v in zip(names, line, strict=True))


def _month_names(count: int) -> list[str]:
    last = 2026 * 12 + 1
    return [f"{m // 12}-{m % 12 + 1:02d}" for m in range(last - count + 1, last + 1)]


def _outlines(areas: BoundarySet, mine: Array) -> Spec:
    import shapely

    def degrees(points: Array) -> Array:
        return np.column_stack(to_degrees(points[:, 0], points[:, 1]))

    moved = shapely.transform(areas.shapes[mine], degrees)
    features = [
        {
            "type": "Feature",
            "properties": {"name": areas.names[i]},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for i, shape in zip(mine, moved, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
