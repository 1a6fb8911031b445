"""Draws docs/reference/access-matrix.md from the table that the tests run: `python tests/access_page.py > PAGE`."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path

TABLE = Path(__file__).parent / "spec" / "access_matrix.csv"
HEAD = """# Who gets through to what

Drawn from `tests/spec/access_matrix.csv` by `python tests/access_page.py`; do not edit. Each row is tried on the real
desk by {accounts} accounts, one for every role that somebody can hold and every seat of the demonstration: {tries:,}
attempts. Whoever is not named is refused, in the words used for what does not exist; a screen answers 404. Names
beginning with “as-” hold that role alone. The test fails where anybody else gets through, or somebody named does not.

| Surface | Rows |
| --- | --- |
"""
SURFACES = {
    "page": "Page of one record",
    "list": "List",
    "search": "Search",
    "count": "Count",
    "pointer": "Pointer",
    "export": "Export",
    "job": "Job",
    "write": "Write",
    "screen": "Screen, by its address",
}


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))


def accounts() -> int:
    """How many accounts try: the demonstration's people, and one for each role that none of them holds."""
    import tomllib

    root = TABLE.parents[2]
    cast = tomllib.loads((root / "partnerships/harbourside/demo_people.toml").read_text(encoding="utf-8"))["person"]
    tries = (TABLE.parents[1] / "access_tries.py").read_text(encoding="utf-8")
    more = re.search(r"^AGENCIES = \{(.*?)^\}", tries, re.MULTILINE | re.DOTALL)
    return len(cast) + len(re.findall(r'^    "\w+": "\w+",$', more[1] if more else "", re.MULTILINE))


def page(every: Iterable[Mapping[str, str]]) -> str:
    """The whole page, in Markdown."""
    every = list(every)
    made = [HEAD.format(accounts=accounts(), tries=accounts() * len(every)).rstrip()]
    for key in sorted({row["surface"] for row in every}, key=list(SURFACES).index):
        made.append(f"| {SURFACES[key]} | {sum(row['surface'] == key for row in every)} |")
    by_object = sorted(every, key=lambda row: (row["object"], row["verb"]))
    for name, held in groupby(by_object, key=lambda row: row["object"]):
        made += [
            "",
            f"## {name.replace('_', ' ').capitalize()}",
            "",
            "| What is tried | Verb | Surface | Who gets through |",
        ]
        made.append("| --- | --- | --- | --- |")
        for row in held:
            through = ", ".join(sorted(filter(None, row["allowed"].split(";")))) or "nobody who signs in"
            what = f"`{row['what']}`" if row["surface"] == "screen" else row["what"]
            made.append(f"| {what} | `{row['verb']}` | {row['surface']} | {through} |")
    return "\n".join(made) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page(rows()))
