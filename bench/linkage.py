"""`concord link` beside bare splink with the same model, over the same invented records, in one run.

Ours is the whole command after loading: start, open the sealed identifiers, prepare, count candidates, predict,
cluster, keep references, write four datasets. Two peers, each a process of its own: splink given records prepared
before, and splink that prepares them with the same SQL as any user would have to. Prints seconds, ratios, peak memory,
and how well the known persons were found.

    python bench/linkage.py [RECORDS ...]       (100,000 and 1,000,000 where none is given)
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from concord.evidence.extracts.files import make_folder
from concord.evidence.extracts.sealing import key, sealed_bytes
from concord.evidence.extracts.versions import Piece, write_version

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 2
FEEDS = ("police", "schools", "housing")
PEER = """
import sys, duckdb, pyarrow.parquet as pq
from pathlib import Path
from splink import Linker
from splink.backends.duckdb import DuckDBAPI
from splink.clustering import cluster_pairwise_predictions_at_threshold
from concord.evidence.linkage import model
from concord.evidence.linkage.records import prepare
from concord.strategy import load
folder, how = Path(sys.argv[1]), sys.argv[2]
linkage = load(Path(sys.argv[3])).linkage
con = duckdb.connect()
if how == "prepared":
    con.execute(f"CREATE TABLE records AS SELECT * FROM '{folder}/prepared.parquet'").fetchall()
else:
    prepare(con, {f.stem: pq.ParquetFile(f).read() for f in sorted(folder.glob("raw/*.parquet"))}, linkage)
((count,),) = con.sql("SELECT count(*) FROM records").fetchall()
api = DuckDBAPI(con)
people = api.register("records")
linker = Linker(people, model.settings(linkage, count))
scored = linker.inference.predict(threshold_match_probability=linkage.review_from, warning_mode="never")
found = cluster_pairwise_predictions_at_threshold(people, scored, api, node_id_column_name="record",
    edge_id_column_name_left="record_l", edge_id_column_name_right="record_r",
    threshold_match_probability=linkage.link_at)
con.execute(f"COPY {found.physical_name} TO '{folder}/peer.parquet' (COMPRESSION zstd)").fetchall()
con.execute(f"COPY {scored.physical_name} TO '{folder}/peer_pairs.parquet' (COMPRESSION zstd)").fetchall()
"""


def records(count: int, seed: int = 1) -> dict[str, pa.Table]:
    """Invented records of known persons, about 1.3 to a person, with slips, moves, swapped dates and gaps."""
    rng = np.random.default_rng(seed)
    persons = int(count / 1.3)
    who = np.concatenate([np.arange(persons), rng.integers(0, persons, count - persons)])
    syllables = np.array(
        [a + b for a in "bdfghjklmnprstvwz" for b in ("a", "e", "i", "o", "u", "an", "er", "il", "on")]
    )

    def pool(size: int, parts: int) -> np.ndarray:
        made = syllables[rng.integers(0, len(syllables), (size, parts))]
        names = made[:, 0]
        for part in range(1, parts):
            names = np.char.add(names, made[:, part])
        return np.char.capitalize(names)

    def ranked(choices: int, size: int) -> np.ndarray:
        weights = 1.0 / np.arange(1, choices + 1) ** 0.8
        return np.searchsorted(np.cumsum(weights / weights.sum()), rng.random(size)).clip(0, choices - 1)

    given, family = pool(3000, 2), pool(20_000, 3)
    person = {
        "given": ranked(len(given), persons),
        "family": ranked(len(family), persons),
        "born": rng.integers(-15_000, 18_000, persons),
        "sex": rng.integers(0, 2, persons),
        "home": rng.integers(0, max(persons // 20, 1), persons),
    }
    of = {name: values[who] for name, values in person.items()}
    moved = rng.random(count) < 0.15
    of["home"] = np.where(moved, rng.integers(0, max(persons // 20, 1), count), of["home"])
    table = pa.table(
        {
            "number": np.arange(count), "who": who,
            "given_name": given[of["given"]], "family_name": family[of["family"]],
            "born_on": pa.array(of["born"].astype("datetime64[D]")), "sex": np.array(["F", "M"])[of["sex"]],
            "home": of["home"], "slip": rng.random(count), "place": rng.integers(1, 4, count),
            "feed": rng.integers(0, len(FEEDS), count), "gap": rng.random(count),
        }
    )  # fmt: skip
    with duckdb.connect() as connection:
        connection.register("made", table)
        connection.execute(
            """CREATE TABLE people AS SELECT md5('r' || number) AS person_ref, who, feed, sex,
            CASE WHEN slip < 0.04 THEN left(given_name, place) || substr(given_name, place + 2) ELSE given_name END
                AS given_name,
            CASE WHEN slip BETWEEN 0.04 AND 0.09 THEN left(family_name, place) || substr(family_name, place)
                ELSE family_name END || '-SYN' AS family_name,
            CASE WHEN gap < 0.03 THEN NULL WHEN gap < 0.04 THEN make_date(year(born_on), 1, 1)
                WHEN gap < 0.055 AND day(born_on) <= 12 THEN make_date(year(born_on), day(born_on), month(born_on))
                ELSE born_on END AS born_on,
            CASE WHEN gap > 0.91 THEN NULL ELSE
                chr(65 + (home // 200000)::INT % 26) || chr(65 + (home // 8000)::INT % 26) || (home // 200 % 40 + 1)
                || ' ' || (home // 20 % 10) || chr(65 + (home % 20)::INT) || 'A' END AS postcode FROM made"""
        )
        connection.execute("CREATE TABLE truth AS SELECT person_ref, who FROM people")
        made = {
            feed: connection.sql(f"SELECT * EXCLUDE (feed, who) FROM people WHERE feed = {n}").to_arrow_table()
            for n, feed in enumerate(FEEDS)
        }
        made["truth"] = connection.sql("SELECT * FROM truth").to_arrow_table()
    return made


def write(home: Path, folder: Path, made: dict[str, pa.Table]) -> None:
    """A home as loading leaves it (datasets of pseudonyms, sealed identifiers), and plain files for the peers."""
    make_folder(folder / "raw")
    for feed in FEEDS:
        table = made[feed]
        sink = io.BytesIO()
        pq.write_table(table, sink, compression="zstd")
        (make_folder(home / "identifiers" / feed, private=True) / "one.sealed").write_bytes(
            sealed_bytes(sink.getvalue(), key(home, "identifiers"))
        )
        piece = Piece(table.select(["person_ref"]), identifiers="one.sealed")
        clock = datetime(2026, 11, 22, 12, tzinfo=UTC)
        write_version(home, feed, {"all": piece}, source="bench", synthetic=True, clock=clock, whole=True)
        pq.write_table(table, folder / "raw" / f"{feed}.parquet", compression="zstd")


def prepared(folder: Path) -> None:
    from concord.evidence.linkage.records import prepare
    from concord.strategy import load

    linkage = load(ROOT / "partnerships" / "harbourside").linkage
    assert linkage is not None
    with duckdb.connect() as connection:
        prepare(connection, {f.stem: pq.ParquetFile(f).read() for f in sorted(folder.glob("raw/*.parquet"))}, linkage)
        connection.execute(f"COPY records TO '{folder}/prepared.parquet' (COMPRESSION zstd)").fetchall()


def spent(command: list[str]) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak memory (MB) of a process."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if status:
        sys.exit(said.decode()[-2000:])
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def found(home: Path, folder: Path) -> str:
    """Precision and recall of pairs against the known persons."""
    from concord.evidence.datasets.store import Store
    from concord.evidence.linkage.quality import judge

    with duckdb.connect() as connection:
        connection.execute(
            f"""CREATE TABLE judged AS SELECT feed, person_ref, who AS true_person, linked_ref
            FROM {Store(home).latest("person_links").scan} JOIN '{folder}/truth.parquet' USING (person_ref)"""
        )
        line = judge(connection, {}, 50)[0]
    return f"precision {line.precision}, recall {line.recall}"


def main(counts: list[int]) -> None:
    harbourside = str(ROOT / "partnerships" / "harbourside")
    for count in counts:
        with tempfile.TemporaryDirectory() as work:
            home, folder = Path(work) / "home", Path(work) / "peer"
            made = records(count)
            write(home, folder, made)
            pq.write_table(made["truth"], folder / "truth.parquet")
            del made
            prepared(folder)
            runs: dict[str, list[tuple[float, float, float]]] = {"concord": [], "raw": [], "prepared": []}
            for _ in range(ROUNDS if count <= 200_000 else 1):
                for name, so_far in runs.items():
                    ours = [
                        sys.executable,
                        "-m",
                        "concord.cli",
                        "link",
                        "--home",
                        str(home),
                        "--partnership",
                        harbourside,
                    ]
                    theirs = [sys.executable, "-c", PEER, str(folder), name, harbourside]
                    so_far.append(spent(ours if name == "concord" else theirs))
            print(f"{count:,} records; best of {len(runs['concord'])}; {found(home, folder)}")
            best = {name: tuple(min(run[n] for run in each) for n in range(3)) for name, each in runs.items()}
            words = {"concord": "concord link", "raw": "splink, preparing", "prepared": "splink, prepared"}
            for name, (wall, processor, memory) in best.items():
                ours_wall, ours_processor, _ = best["concord"]
                ratio = f"ours to it {ours_wall / wall:.2f} (processor {ours_processor / processor:.2f})"
                print(
                    f"  {words[name]:20} {wall:7.1f} s  processor {processor:7.1f} s  peak {memory:7,.0f} MB  {ratio}"
                )


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or [100_000, 1_000_000])
