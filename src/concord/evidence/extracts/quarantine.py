"""What the supplier is told: every row set aside, the rule it broke, its value, and what to do about it.

Rows are numbered as a spreadsheet numbers them. Identifying values are withheld: the supplier has the row.
"""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from concord.evidence.extracts.engine import Outcome
from concord.evidence.extracts.files import make_folder, publish, temporary, write_bytes
from concord.strategy.shapes.feed import Feed

_FIRST, _EXAMPLES = 10, 3
"""How many row numbers and how many values the summary shows for each thing wrong."""


@dataclass(slots=True)
class _Found:
    """One kind of thing wrong: how often, in which rows first, with which values."""

    count: int = 0
    first: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)


def keep(home: Path, feed: Feed, identity: str, name: str, outcome: Outcome, faults: Path) -> tuple[Path, Path]:
    """Puts the quarantined rows (CSV) and the report (text) in place; returns both paths."""
    folder = make_folder(home / "quarantine" / feed.key, private=True)
    rows, report = folder / f"{identity}.csv", folder / f"{identity}.txt"
    unfinished = temporary(folder, ".csv")
    shutil.copyfile(faults, unfinished)
    publish(unfinished, rows)
    write_bytes(report, _report(feed, name, outcome, rows).encode())
    return rows, report


def _report(feed: Feed, name: str, outcome: Outcome, rows: Path) -> str:
    found: dict[tuple[str, str, str, str], _Found] = {}
    with rows.open(encoding="utf-8", newline="") as stream:
        for line in csv.DictReader(stream):
            one = found.setdefault((line["field"], line["rule"], line["problem"], line["fix"]), _Found())
            one.count += 1
            if len(one.first) < _FIRST:
                one.first.append(line["row"])
            if len(one.examples) < _EXAMPLES and line["value"] and line["value"] not in one.examples:
                one.examples.append(line["value"])
    grouped = sorted(found.items(), key=lambda item: (-item[1].count, item[0]))
    lines = [
        "Error report for the supplier",
        "=============================",
        f"Feed:     {feed.title} ({feed.key}, contract version {feed.version})",
        f"File:     {name}",
        f"Received: {outcome.rows:,} rows. Accepted: {outcome.accepted:,}. Set aside: {outcome.quarantined:,}.",
        f"All rows: {rows.name} (row, field, rule, value, problem, fix)",
        "",
        "Rows are numbered as in a spreadsheet: the headings are row 1.",
        "",
    ]
    for number, ((column, rule, problem, fix), one) in enumerate(grouped, start=1):
        shown = ", ".join(one.first) + (" and more" if one.count > len(one.first) else "")
        lines.append(f"{number}. {problem} ({rule}{f', field {column}' if column else ''})")
        lines.append(f"   {one.count:,} row{'s' if one.count != 1 else ''}: {shown}")
        if one.examples:
            lines.append(f"   For example: {'; '.join(one.examples)}")
        lines.append(f"   To put right: {fix}")
        lines.append("")
    lines.append("Correct the rows at their source and send the whole file again: it replaces this one.")
    return "\n".join(lines) + "\n"
