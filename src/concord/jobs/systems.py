"""Draws the page of named systems: `python -m concord.jobs.systems > docs/reference/systems.md`.

The table is `tests/spec/inventory.csv`: what each named system is here, what exercises it, how it stands.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TABLE = ROOT / "tests" / "spec" / "inventory.csv"
STATES = {"works": "works", "partly": "in part", "not yet": "not yet"}
KINDS = (
    ("core", "Core", "What the strategy cannot do without."),
    ("supporting", "Supporting", "What the core leans on."),
    ("record-only", "Named in passing", "Kept as an entry, so that the name is found."),
)
HEAD = """# The named systems

Every system that the strategy names, where it lives in a partnership's folder, how to reach it, and how it stands.
Drawn from `tests/spec/inventory.csv` by `python -m concord.jobs.systems`; do not edit. A test checks that each file,
screen and test named there exists.

A system is a file: to change how one works, change that file. *Works* means that the tests named in the table exercise
it; *in part*, that something it should do is missing, and what.
"""

Row = Mapping[str, str]


def rows() -> list[dict[str, str]]:
    """The table, in its own order."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def page(table: Iterable[Row]) -> str:
    """The page in Markdown: how many stand how, then each system by how much hangs on it."""
    table = list(table)
    counts = Counter((row["priority"], row["state"]) for row in table)
    lines = [HEAD, "| | " + " | ".join(STATES.values()) + " |", "| --- |" + " --- |" * len(STATES)]
    lines += [
        f"| {title} | " + " | ".join(str(counts[kind, state]) for state in STATES) + " |" for kind, title, _ in KINDS
    ]
    for kind, title, words in KINDS:
        lines += ["", f"## {title}", "", words, "", "| System | Room | Files | Screens | Stands |"]
        lines.append("| --- | --- | --- | --- | --- |")
        lines += [_line(row) for row in table if row["priority"] == kind]
    return "\n".join([*lines, ""])


def _line(row: Row) -> str:
    files = _few([_short(each) for each in [*row["harbourside"].split(), *row["tower_hamlets"].split()]])
    screens = _few([f"`{each}`" for each in row["screens"].split()])
    stands = STATES[row["state"]] + (f": {row['missing']}" if row["missing"] else "")
    name = row["name"].replace("|", "/")
    return f"| {name} | {row['room']} | {files} | {screens} | {stands} |"


def _short(file: str) -> str:
    """A link to the file, by its place in the folder."""
    folder, _, rest = file.partition("/")
    mark = {"national": "", "harbourside": " (H)", "tower_hamlets": " (T)"}[folder]
    return f"[{rest.removesuffix('.toml')}{mark}](../../partnerships/{file})"


def _few(items: list[str]) -> str:
    return "<br>".join(dict.fromkeys(items)) or "–"


if __name__ == "__main__":
    sys.stdout.write(page(rows()))
