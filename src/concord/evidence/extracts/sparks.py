"""One Spark in this process, for what outgrows one machine's DuckDB: local, quiet, and closed to the network.

Spark is an optional part (`concord[spark]`) and needs a Java. Everything here is imported only when it is asked for.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from concord.evidence.extracts.files import make_folder
from concord.kernel.errors import Environment

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LEAST_JAVA = 17
"""Spark 4 runs on Java 17 and later (its own release notes)."""

_QUIET = """status = error
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = spark: %p %c{1}: %m%n
"""


@dataclass(slots=True)
class _Held:
    """The session of this process and how many `with` blocks stand in it."""

    session: SparkSession | None = None
    users: int = 0


_held = _Held()
_lock = RLock()


@contextmanager
def spark_session(
    work: Path, *, cores: int = 2, memory: str = "4g", jars: Sequence[Path] = ()
) -> Iterator[SparkSession]:
    """A Spark on this machine with `cores` threads and a heap of `memory`, which spills only under `work`.

    It listens on the loopback address alone, has no web page, keeps time in UTC, and reads and writes times without a
    zone as DuckDB does. There is one in a process: a block inside another gets the same session, whatever it asks for,
    and the outermost block stops it. `jars` are put on its class path.
    Raises Environment, saying what to install, where PySpark or a Java of 17 or later is missing.
    """
    with _lock:
        if _held.session is None:
            _held.session = _start(Path(work), cores, memory, jars)
        _held.users += 1
        session = _held.session
    try:
        yield session
    finally:
        with _lock:
            _held.users -= 1
            if not _held.users:
                _held.session = None
                session.stop()


def java_home() -> Path | None:
    """The folder of a Java that Spark can run on: `JAVA_HOME`, else the one on the path; None where there is none."""
    named = os.environ.get("JAVA_HOME")
    on_path = shutil.which("java")
    candidates = [Path(named) / "bin" / "java"] if named else []
    candidates += [Path(on_path).resolve()] if on_path else []
    return next((java.parent.parent for java in candidates if java.is_file() and _version(java) >= LEAST_JAVA), None)


def _version(java: Path) -> int:
    """The main version of a Java; 0 where it does not run. (`1.8.0` is version 8.)"""
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=True).stderr
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', told)
    return int(found[1]) if found else 0


def check_spark() -> Path:
    """The Java home to use. Raises Environment where PySpark or Java is missing, and says what to install."""
    if find_spec("pyspark") is None:
        raise Environment(
            "Spark was asked for, and PySpark is not installed.",
            why="It is an optional part of Concord: one machine's DuckDB serves a borough and a region.",
            next_step="Install it with: pip install 'concord[spark]' — or leave out --engine spark.",
        )
    home = java_home()
    if home is None:
        raise Environment(
            f"Spark was asked for, and there is no Java {LEAST_JAVA} or later on this machine.",
            why="Neither JAVA_HOME nor the path leads to one.",
            next_step="Install one (Debian, Ubuntu: apt-get install openjdk-17-jre-headless; macOS: brew install "
            "openjdk@17), or point JAVA_HOME at it — or leave out --engine spark.",
        )
    return home


def _start(work: Path, cores: int, memory: str, jars: Sequence[Path]) -> SparkSession:
    home = check_spark()
    folder = make_folder(work / "spark", private=True).resolve()
    quiet = folder / "log4j2.properties"
    quiet.write_text(_QUIET)
    # Read when the Java machine starts; without the address it listens on the first network card it finds.
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["JAVA_HOME"] = str(home)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": memory,
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={quiet.as_uri()} -Djava.io.tmpdir={folder}",
        "spark.jars": ",".join(str(jar) for jar in jars),
        "spark.local.dir": str(folder),
        "spark.sql.adaptive.coalescePartitions.enabled": "true",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.parquet.compression.codec": "zstd",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(2 * cores),
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    building = SparkSession.builder.master(f"local[{cores}]").appName("concord")
    for name, value in settings.items():
        if value:
            building = building.config(name, value)
    session = building.getOrCreate()
    session.sparkContext.setCheckpointDir(str(folder / "checkpoints"))
    return session
