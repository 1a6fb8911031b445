"""The definition decided for up to 30 million recorded crimes: DuckDB, beside plain pandas and Spark, in one run.

    .venv/bin/python bench/definition.py [--millions 1 3 10 30] [--work FOLDER] [--spark 3] [--pandas 1]

Crimes and their people are invented, set-based, in the shape of Harbourside's feeds, and stored as Concord stores them.
Every measurement is a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

PARTNERSHIP = Path(__file__).resolve().parents[1] / "partnerships" / "tower_hamlets"
MONTHS = 60
MEMORY = "6GB"
SHARES = (
    ("8N", 26), ("105A", 18), ("58C", 9), ("58A", 5), ("49", 10), ("45", 9), ("34B", 5), ("8L", 6), ("5D", 1),
    ("8P", 1), ("20A", 1), ("19C", 1), ("3B", 2), ("34A", 1), ("10D", 2), ("8Q", 1), ("92A", 1), ("56B", 1),
)  # fmt: skip
CODES = [code for code, share in SHARES for _ in range(share)]

CRIMES = """
SELECT 'HB' || lpad(i::VARCHAR, 9, '0') AS crime_ref,
    list_extract({codes}, 1 + (hash(i, 1) % {n_codes})::INT) AS offence_code,
    CASE WHEN offence_code = '8N' AND hash(i, 2) % 10 < 6
         THEN CASE WHEN hash(i, 3) % 10 < 9 THEN '8/6' ELSE '8/1' END END AS offence_sub_code,
    DATE '2021-11-01' + to_months(({month})::INT) + to_days((hash(i, 4) % 28)::INT) AS recorded_on,
    recorded_on::TIMESTAMP - to_hours((hash(i, 5) % 2000)::INT) AS committed_from,
    CASE WHEN hash(i, 6) % 100 < 3 THEN NULL WHEN hash(i, 6) % 100 < 18 THEN 'Y' ELSE 'N' END AS domestic_abuse,
    CASE WHEN hash(i, 7) % 100 < 4 THEN list_extract(['race', 'religion', 'disability'], 1 + (hash(i, 8) % 3)::INT) END
        AS hate_strand,
    CASE WHEN hash(i, 9) % 100 < 8 THEN 'Y' WHEN hash(i, 9) % 100 < 90 THEN 'N' END AS knife,
    CASE WHEN knife = 'Y' THEN 'knife' WHEN hash(i, 10) % 100 < 20 THEN 'blunt'
         WHEN hash(i, 10) % 100 < 70 THEN 'none' END AS weapon,
    CASE WHEN hash(i, 11) % 100 < 2 AND i > 0 THEN 'HB' || lpad((i - 1)::VARCHAR, 9, '0') END AS linked_crime_ref
FROM range({first}, {last}) t(i)
"""
PERSONS = """
SELECT 'HB' || lpad(i::VARCHAR, 9, '0') AS crime_ref, role,
    CASE WHEN hash(i, role, k, 1) % 100 < 92 THEN (8 + hash(i, role, k, 2) % 60)::BIGINT END AS age,
    CASE WHEN hash(i, role, k, 1) % 100 < 94 THEN (1950 + hash(i, role, k, 3) % 65)::BIGINT END AS birth_year,
    CASE WHEN role = 'suspect' AND hash(i, k, 4) % 100 < 35
         THEN list_extract(['partner', 'ex_partner', 'sibling', 'stranger', 'friend'], 1 + (hash(i, k, 5) % 5)::INT) END
        AS relationship
FROM range({first}, {last}) t(i), (VALUES ('victim', 0), ('victim', 1), ('suspect', 0), ('suspect', 1)) r(role, k)
WHERE hash(i, role, k, 6) % 100 < CASE WHEN k = 0 AND role = 'victim' THEN 88 WHEN k = 0 THEN 55 ELSE 12 END
"""


def generate(home: Path, rows: int) -> None:
    """Writes `recorded_crime` and `crime_persons` of `rows` crimes over 60 months."""
    import duckdb

    from concord.evidence.datasets.store import Store
    from concord.evidence.extracts.files import make_folder, temporary

    per = math.ceil(rows / MONTHS)
    for dataset, sql in (("recorded_crime", CRIMES), ("crime_persons", PERSONS)):
        parts, made = make_folder(home / "datasets" / dataset / "parts"), {}
        with duckdb.connect() as con:
            for month in range(MONTHS):
                first, last = month * per, min((month + 1) * per, rows)
                filled = sql.format(codes=CODES, n_codes=len(CODES), month=month, first=first, last=last)
                file = temporary(parts, ".parquet")
                con.execute(f"COPY ({filled}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)")
                made[f"month={2021 + (10 + month) // 12}-{(10 + month) % 12 + 1:02d}"] = file
        Store(home).write(dataset, made, source="invented for a benchmark", synthetic=True, clock=datetime.now(UTC))


def decide(home: Path, engine: str) -> dict[str, object]:
    from concord.evidence.datasets.classify import classify
    from concord.evidence.datasets.store import Store
    from concord.strategy import load

    definition = load(PARTNERSHIP).definition
    began = time.perf_counter()
    made = classify(Store(home), definition, datetime.now(UTC), engine=engine, memory=MEMORY)
    return {"seconds": time.perf_counter() - began, "rows": made.rows, "digest": made.ref.sha256[:8]}


def with_pandas(home: Path) -> dict[str, object]:
    """The verdict alone, as an analyst would write it for one borough: no reasons, limbs, links, months of birth."""
    import pandas as pd

    from concord.evidence.datasets.store import Store

    began = time.perf_counter()
    store = Store(home)
    crimes = pd.concat([pd.read_parquet(file) for file in store.latest("recorded_crime").files])
    people = pd.concat([pd.read_parquet(file) for file in store.latest("crime_persons").files])
    crimes = crimes.sort_values("recorded_on").drop_duplicates("crime_ref", keep="last")
    people = people.merge(crimes[["crime_ref", "committed_from"]], on="crime_ref")
    year = people["committed_from"].dt.year
    people["oldest"] = people["age"].fillna(year - people["birth_year"])
    people["youngest"] = people["age"].fillna(year - people["birth_year"] - 1)
    people["young"] = people["oldest"] < 25
    people["maybe"] = people["oldest"].isna() | ((people["youngest"] < 25) & (people["oldest"] >= 25))
    people["adult"] = ~(people["oldest"] < 16)
    connected = people["relationship"].isin(["partner", "ex_partner", "sibling", "spouse", "ex_spouse", "parent"])
    people["tied"] = connected & (people["youngest"] >= 16)
    flags = people.groupby(["crime_ref", "role"])[["young", "maybe", "adult", "tied"]].any().unstack(fill_value=False)
    flags.columns = [f"{role}_{name}" for name, role in flags.columns]
    known = people.groupby(["crime_ref", "role"]).size().unstack(fill_value=0).gt(0).add_suffix("_known")
    whole = crimes.set_index("crime_ref").join(flags).join(known)
    yes = {name: whole[name].eq(True) for name in [*flags.columns, *known.columns]}
    young = yes["victim_young"] | yes["suspect_young"]
    unsure = yes["victim_maybe"] | yes["suspect_maybe"] | ~yes["victim_known"] | ~yes["suspect_known"]
    children = (yes["victim_known"] & ~yes["victim_adult"]) | (yes["suspect_known"] & ~yes["suspect_adult"])
    domestic = ((whole["domestic_abuse"] == "Y") & ~children) | (yes["suspect_tied"] & yes["victim_adult"])
    sexual = whole["offence_code"].isin(["19C", "20A"])
    hate = whole["hate_strand"].notna() | whole["offence_code"].isin(["8P"])
    listed = whole["offence_code"].isin(["1", "5D", "8N", "8P", "19C", "20A", "34B", "3B"])
    verdict = pd.Series("out", index=whole.index)
    verdict[listed & (unsure | whole["domestic_abuse"].isna())] = "undetermined"
    verdict[listed & (young | domestic | sexual | hate)] = "in"
    main = verdict.reindex(whole["linked_crime_ref"]).to_numpy() == "in"
    damage = whole["offence_code"].str.startswith(("56", "58"))
    verdict[damage & main] = "in"
    verdict.rename("verdict").reset_index().to_parquet(home / "pandas.parquet")
    return {"seconds": time.perf_counter() - began, "rows": len(verdict)}


def same_verdicts(home: Path) -> float:
    """The share of crimes on which the analyst's script and the definition agree."""
    import duckdb

    from concord.evidence.datasets.store import Store

    results = Store(home).latest("definition_results").scan
    with duckdb.connect() as con:
        ((share,),) = con.execute(
            f"SELECT avg((p.verdict = r.verdict)::INT) FROM {results} r "
            f"JOIN '{home}/pandas.parquet' p USING (crime_ref)"
        ).fetchall()
    return float(share)


def child(task: str, home: str, argument: str) -> None:
    """One measurement in a process of its own; prints JSON with its peak memory (Java's is another process)."""
    match task:
        case "generate":
            generate(Path(home), int(argument))
            found: dict[str, object] = {}
        case "pandas":
            found = with_pandas(Path(home))
        case _:
            found = decide(Path(home), argument)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    java = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime
    print(f"[{task} {argument}: {cpu:.1f} s of processor]", file=sys.stderr)
    print(json.dumps({**found, "peak": peak, "java": java, "cpu": cpu}))


def measure(task: str, home: Path, argument: object) -> dict[str, float]:
    command = [sys.executable, __file__, "--child", task, str(home), str(argument)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--millions", type=float, nargs="+", default=[1, 3, 10, 30])
    asked.add_argument("--spark", type=float, default=3)
    asked.add_argument("--pandas", type=float, default=1)
    asked.add_argument("--work", type=Path)
    given = asked.parse_args()
    points, pandas, spark = [], None, None
    print(f"{'crimes':>12}  {'engine':8} {'seconds':>8} {'cpu s':>8} {'GiB':>6} {'million/s':>9}", flush=True)

    def show(millions: float, name: str, found: dict[str, float], peak: float) -> None:
        rate = millions / found["seconds"]
        print(
            f"{millions * 1e6:12,.0f}  {name:8} {found['seconds']:8.1f} {found['cpu']:8.1f} {peak:6.2f} {rate:9.2f}",
            flush=True,
        )

    for millions in sorted({*given.millions, given.spark, given.pandas}):
        with tempfile.TemporaryDirectory(dir=given.work) as folder:
            home = Path(folder)
            measure("generate", home, round(millions * 1e6))
            if millions in given.millions:
                found = measure("decide", home, "duckdb")
                show(millions, "DuckDB", found, found["peak"])
                points.append((millions, found["seconds"], found["peak"]))
            if millions == given.pandas:
                pandas = measure("pandas", home, "")
                show(millions, "pandas", pandas, pandas["peak"])
                if millions in given.millions:
                    print(f"{'':12}  the two give {same_verdicts(home):.2%} of crimes the same verdict", flush=True)
            if millions == given.spark:
                for dataset in ("definition_results", "definition_reasons"):
                    shutil.rmtree(home / "datasets" / dataset, ignore_errors=True)
                spark = measure("decide", home, "spark")
                show(millions, "Spark", spark, spark["peak"] + spark["java"])
    if len(points) > 1:
        logs = [(math.log(m), math.log(s)) for m, s, _ in points]
        mean_m, mean_s = (sum(each[k] for each in logs) / len(logs) for k in (0, 1))
        slope = sum((m - mean_m) * (s - mean_s) for m, s in logs) / sum((m - mean_m) ** 2 for m, _ in logs)
        print(f"cost grows with size to the power {slope:.2f}")
    largest, seconds, peak = points[-1]
    if pandas is not None:
        scale = largest / given.pandas
        print(
            f"pandas would take {pandas['seconds'] * scale:.0f} s and {pandas['peak'] * scale:.0f} GiB for {largest:g} "
            f"million, if it grew in proportion: {pandas['seconds'] * scale / seconds:.1f} times the seconds, "
            f"{pandas['peak'] * scale / peak:.1f} times the memory, without reasons, limbs or measures"
        )
    same = next((s for m, s, _ in points if m == given.spark), None)
    if spark is not None and same is not None:
        print(
            f"Spark on one machine takes {spark['seconds'] / same:.1f} times DuckDB's seconds (start of Java counted)"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        os.environ.setdefault("TZ", "UTC")
        child(*sys.argv[2:5])
    else:
        main()
