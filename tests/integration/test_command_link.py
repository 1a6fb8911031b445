"""`concord link` as it is typed."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

from load_support import a_file, people, receive

ROOT = Path(__file__).resolve().parents[2]
HEADER = "ref,person_id,given_name,family_name,born_on,age,sex,postcode"


def concord_link(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "concord.cli", "link", "--home", str(home), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_link_label_and_measure(tmp_path: Path) -> None:
    """From loaded to measured: link, draw a sample, label it, and see what the links reach."""
    home = tmp_path / "home"
    born = [date(1940, 1, 1) + timedelta(days=37 * (n // 2)) for n in range(240)]
    rows = [f"A{n},NOM{n},Name{n // 2},Family{n // 2},{born[n]},50,F,HB{n // 2 % 90 + 10} 1AA" for n in range(240)]
    receive(home, people(), a_file(tmp_path, "people_2026-10.csv", *rows, header=HEADER))
    linked = concord_link(home, "--json")
    assert linked.returncode == 0, linked.stderr
    assert json.loads(linked.stdout) == {"records": 240, "people": 120, "waiting": 0, "quality": None}
    sample = tmp_path / "pairs.csv"
    drawn = concord_link(home, "--sample", str(sample), "--each", "20")
    assert drawn.returncode == 0, drawn.stderr
    header, *pairs = sample.read_text(encoding="utf-8").splitlines()
    assert f"{len(pairs)} pairs in {sample}" in drawn.stdout
    assert "Name" not in "".join(pairs), "a sample holds no names"
    sample.write_text("\n".join([header, *(f"{pair}y" for pair in pairs)]) + "\n", encoding="utf-8")
    measured = concord_link(home, "--labels", str(sample), "--json")
    assert measured.returncode == 0, measured.stderr
    (line,) = json.loads(measured.stdout)["quality"]
    # Every pair was called one person's, those that were left apart as well.
    assert line["precision"]["value"] == 1.0 > line["recall"]["value"] > 0


def test_two_things_at_once_and_nothing_loaded_are_refused_in_words(tmp_path: Path) -> None:
    both = concord_link(tmp_path, "--train", "--labels", str(tmp_path / "x.csv"))
    assert both.returncode == 2
    assert "different things to do" in both.stderr
    empty = concord_link(tmp_path, "--train")
    assert empty.returncode == 3
    assert "concord load crime_persons" in empty.stderr
    assert "Traceback" not in both.stderr + empty.stderr
