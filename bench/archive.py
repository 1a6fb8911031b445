"""A police.uk-shaped archive of England and Wales, invented: 43 forces, 36 months, about 18 million rows, 4 GB of CSV.

The layout, headings, wordings and gaps are the publisher's (partnerships/national/feeds/police_uk.toml); the values are
drawn at random from a seed. Shares of crime types and of blanks follow Bedfordshire's published files of 2022-23.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[1]
CONTRACT = ROOT / "partnerships" / "national" / "feeds" / "police_uk.toml"
MONTHS = [f"{2021 + m // 12}-{m % 12 + 1:02d}" for m in range(36)]
ROWS = 18_000_000
ELSEWHERE = ("btp", "northern-ireland")
"""Publishers in the contract that are no territorial force of England and Wales."""
LARGE = {
    "metropolitan": 8.0,
    "greater-manchester": 3.0,
    "west-midlands": 2.6,
    "west-yorkshire": 2.4,
    "city-of-london": 0.1,
}
"""How many times an average force's rows a force has, roughly; every other force has 0.6 to 1.4 times."""

TYPES = (
    ("Violence and sexual offences", 32.0), ("Anti-social behaviour", 17.5), ("Vehicle crime", 8.5),
    ("Public order", 8.3), ("Other theft", 8.0), ("Criminal damage and arson", 7.1), ("Shoplifting", 6.1),
    ("Burglary", 4.0), ("Drugs", 2.9), ("Other crime", 1.8), ("Bicycle theft", 1.2), ("Possession of weapons", 1.0),
    ("Robbery", 0.9), ("Theft from the person", 0.7),
)  # fmt: skip
OUTCOMES = (
    ("Unable to prosecute suspect", 43.4), ("Investigation complete; no suspect identified", 41.5),
    ("Court result unavailable", 5.7), ("Local resolution", 2.6),
    ("Action to be taken by another organisation", 2.2), ("Status update unavailable", 1.7),
    ("Formal action is not in the public interest", 1.1), ("Offender given a caution", 0.7),
    ("Awaiting court outcome", 0.6), ("Under investigation", 0.5),
)  # fmt: skip
STREETS = ("High Street", "Station Road", "Church Lane", "Mill Road", "Park Avenue", "Queensway", "Supermarket",
           "Parking Area", "Nightclub", "Bishop'S Close", "St John'S Road", "The Drove")  # fmt: skip


def files(fraction: float = 1.0) -> Iterator[tuple[str, str, str, int]]:
    """Each file's path in the archive, its force's name, its month and its rows: month by month, so that a fraction
    of the archive is the months of its beginning."""
    recode: dict[str, str] = tomllib.loads(CONTRACT.read_text())["tables"]["street"]["partition_recode"]
    forces = [(short, name) for name, short in sorted(recode.items(), key=lambda p: p[1]) if short not in ELSEWHERE]
    weights = [LARGE.get(short, 0.6 + 0.8 * (i * 0.618 % 1)) for i, (short, _) in enumerate(forces)]
    wanted, total = round(ROWS * fraction), 0
    for month in MONTHS:
        for (short, name), weight in zip(forces, weights, strict=True):
            rows = round(ROWS / len(MONTHS) * weight / sum(weights))
            if total + rows > wanted:
                rows = wanted - total
            if rows <= 0:
                return
            total += rows
            yield f"{month}/{month}-{short}-street.csv", name, month, rows


def _pick(choices: tuple[tuple[str, float], ...], draw: str) -> str:
    """SQL that turns a uniform draw into one of weighted choices."""
    total, reached, cases = sum(w for _, w in choices), 0.0, []
    for name, weight in choices[:-1]:
        reached += weight / total
        cases.append(f"WHEN {draw} < {reached:.6f} THEN '{name}'")
    return f"CASE {' '.join(cases)} ELSE '{choices[-1][0]}' END"


def write(folder: Path, fraction: float = 1.0) -> tuple[int, int]:
    """Writes the archive's CSV files under `folder`; returns rows and bytes."""
    con = duckdb.connect()
    con.execute("SET threads = 2")
    streets = ", ".join("'" + s.replace("'", "''") + "'" for s in STREETS)
    rows = size = 0
    for number, (path, force, month, count) in enumerate(files(fraction)):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        # LSOA codes of 2011 until the publisher's switch, of 2021 after it, as in the files seen.
        base = 1_000_000 if month < "2023-04" else 33_000_000
        query = f"""
            WITH drawn AS (
                SELECT i, hash({number}, i, 1) AS h, (hash({number}, i, 2) % 1000000) / 1e6 AS kind,
                       (hash({number}, i, 3) % 1000000) / 1e6 AS came, (hash({number}, i, 4) % 1000) AS lost,
                       (hash({number}, i, 5) % 900) AS area FROM range({count}) AS t(i)),
            typed AS (SELECT *, {_pick(TYPES, "kind")} AS type, lost < 30 AS nowhere FROM drawn)
            SELECT CASE WHEN type <> 'Anti-social behaviour' THEN sha256({number}::VARCHAR || '-' || i) END
                   AS "Crime ID",
                   '{month}' AS "Month", '{force}' AS "Reported by", '{force}' AS "Falls within",
                   CASE WHEN NOT nowhere THEN round(-2.5 + area / 300 + (h % 10000) / 1e5, 6) END AS "Longitude",
                   CASE WHEN NOT nowhere THEN round(51 + area / 250 + (h % 7919) / 1e5, 6) END AS "Latitude",
                   CASE WHEN nowhere THEN 'No Location'
                        ELSE 'On or near ' || [{streets}][(h % {len(STREETS)} + 1)::INT] END AS "Location",
                   CASE WHEN NOT nowhere THEN 'E' || lpad(({base} + area * 37)::VARCHAR, 8, '0') END
                   AS "LSOA code",
                   CASE WHEN nowhere THEN NULL
                        WHEN area % 97 = 0
                        THEN 'Bournemouth, Christchurch and Poole ' || lpad(area::VARCHAR, 3, '0') || 'C'
                        ELSE 'Harbourside ' || lpad((area // 5)::VARCHAR, 3, '0') || chr(65 + (area % 5)::INT)
                   END AS "LSOA name",
                   type AS "Crime type",
                   CASE WHEN type <> 'Anti-social behaviour' THEN {_pick(OUTCOMES, "came")} END
                   AS "Last outcome category",
                   NULL AS "Context"
            FROM typed"""
        con.execute(f"COPY ({query}) TO '{target}' (FORMAT csv, HEADER)").fetchall()
        rows, size = rows + count, size + target.stat().st_size
    return rows, size
