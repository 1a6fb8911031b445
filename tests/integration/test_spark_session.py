"""The one Spark of a process: what it is closed to, what it shares with DuckDB, and its words where there is none."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from concord.evidence.extracts import sparks
from concord.evidence.extracts.sparks import check_spark, java_home, spark_session
from concord.kernel.errors import Environment


def java_processes() -> list[psutil.Process]:
    return [child for child in psutil.Process().children(recursive=True) if "java" in child.name()]


def test_it_listens_on_the_loopback_address_alone_and_has_no_web_page(spark) -> None:  # type: ignore[no-untyped-def]
    (java,) = java_processes()
    listening = {c.laddr.ip for c in java.net_connections() if c.status == psutil.CONN_LISTEN}
    assert listening, "nothing to look at"
    assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}
    assert spark.sparkContext.uiWebUrl is None


def test_a_block_within_a_block_has_the_same_session(spark, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with spark_session(tmp_path, cores=1) as inner:
        assert inner is spark
    assert spark.range(3).count() == 3, "leaving the inner block stopped the outer one's session"


def test_times_without_a_zone_stay_as_they_are(spark) -> None:  # type: ignore[no-untyped-def]
    ((found,),) = spark.sql("SELECT TIMESTAMP '2026-06-01 00:30:00'").collect()
    assert found == dt.datetime(2026, 6, 1, 0, 30)


def no_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))


def test_without_java_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    no_java(monkeypatch, tmp_path)
    with pytest.raises(Environment) as refused:
        check_spark()
    assert "no Java 17 or later" in refused.value.what
    assert "openjdk-17-jre-headless" in (refused.value.next_step or "")


def test_without_pyspark_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparks, "find_spec", lambda _name: None)
    with pytest.raises(Environment) as refused:
        check_spark()
    assert "PySpark is not installed" in refused.value.what
    assert "concord[spark]" in (refused.value.next_step or "")


@pytest.mark.parametrize(
    ("says", "fit"),
    [
        ('openjdk version "1.8.0_402"', False),
        ('openjdk version "11.0.22" 2024-01-16', False),
        ('openjdk version "17.0.15" 2025-04-15', True),
        ('openjdk version "21" 2023-09-19', True),
        ("nonsense", False),
    ],
)
def test_only_a_java_that_spark_runs_on_will_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: str, fit: bool
) -> None:
    java = tmp_path / "jdk" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\nprintf '%s\\n' '{says}' >&2\n")
    java.chmod(0o755)
    no_java(monkeypatch, tmp_path)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    assert (java_home() is not None) is fit


def test_the_command_says_so_in_words_and_ends_with_the_code_of_the_machine(tmp_path: Path) -> None:
    file = tmp_path / "2023-01-metropolitan-street.csv"
    file.write_text("Crime ID\n")
    command = [sys.executable, "-m", "concord.cli", "load", "police_uk", str(file), "--engine", "spark"]
    nowhere = {"PATH": str(tmp_path), "CONCORD_HOME": str(tmp_path / "home")}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=nowhere)
    assert ended.returncode == Environment.exit_code, ended.stderr
    assert "no Java 17 or later" in ended.stderr
    assert "leave out --engine spark" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_script_finds_what_the_code_finds() -> None:
    if java_home() is None:
        pytest.skip("There is no Java here.")
    root = Path(__file__).resolve().parents[2]
    told = subprocess.run([root / "scripts" / "java"], capture_output=True, text=True, check=True, cwd=root)
    assert Path(told.stdout.strip()) == java_home()
