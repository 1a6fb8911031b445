"""Compute a published figure again from the very versions of the data it came from, and compare every cell."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.disclosure import figure, release_id
from concord.evidence.disclosure.derived import shown_cell
from concord.evidence.disclosure.model import Release, ReleasedCell, ReleasedTable
from concord.evidence.findings import find
from concord.evidence.findings.model import Table
from concord.jobs.ahead import confined
from concord.kernel.errors import BadInput, Where
from concord.kernel.lineage import DESK
from concord.kernel.measures import Estimate
from concord.strategy import Partnership


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell that came out otherwise: `was` as published, `now` as recomputed, in words."""

    cell: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Recomputation:
    """How a figure came out the second time.

    `compared` counts the cells that show something; `hidden` those that show nothing, which are not printed again
    either. `same_finding` says whether everything, hidden cells included, came out the same.
    """

    code: str
    release: Release
    table: ReleasedTable
    compared: int
    hidden: int
    differences: tuple[Difference, ...]
    same_finding: bool

    @property
    def matches(self) -> bool:
        return not self.differences

    def as_dict(self) -> dict[str, Any]:
        lineage = self.release.lineage
        return {
            "code": self.code,
            "title": self.table.title,
            "matches": self.matches,
            "compared": self.compared,
            "hidden": self.hidden,
            "same_finding": self.same_finding,
            "differences": [asdict(difference) for difference in self.differences],
            "question": self.release.question,
            "finding": lineage.finding,
            "parameters": lineage.parameters,
            "period": self.release.period.label,
            "base": self.release.base,
            "source": self.release.source,
            "method": self.release.method,
            "definition_version": lineage.definition_version,
            "datasets": [asdict(ref) for ref in lineage.datasets],
            "rule": self.release.rule,
            "audience": self.release.audience,
            "requested_by": self.release.requested_by,
            "approved_by": self.release.approved_by,
            "released_at": self.release.released_at.isoformat(),
            "release": self.release.id,
            "synthetic": self.release.synthetic,
        }

    def story(self) -> str:
        """The whole of it for a terminal, the verdict first."""
        release, lineage = self.release, self.release.lineage
        lines = [f"Figure {self.code}: {self.table.title}", ""]
        if self.matches:
            lines.append(f"It computes to the same values: {self.compared:,} cells compared, none different.")
        else:
            lines.append(
                f"It does NOT compute to the same values: {len(self.differences):,} of {self.compared:,} differ."
            )
            lines += [f"  {d.cell}: published {d.was}, now {d.now}" for d in self.differences[:10]]
            if len(self.differences) > 10:
                lines.append(f"  and {len(self.differences) - 10:,} more")
        if self.hidden:
            also = "they came out the same too" if self.same_finding else "they are not compared"
            lines.append(f"{self.hidden:,} cells are not shown to this audience; {also}.")
        facts = [
            ("Question", release.question),
            ("Period", release.period.label),
            ("Base", release.base),
            ("Source", release.source),
            ("Method", release.method),
            ("Definition", f"version {lineage.definition_version}" if lineage.definition_version else "not used"),
            ("Rule", f"{release.rule}, for {release.audience}"),
            ("Asked by", release.requested_by),
            ("Approved by", f"{release.approved_by}, {release.released_at:%d %B %Y %H:%M}"),
            ("Release", release.id),
        ]
        lines += ["", *(f"{name + ':':13}{text}" for name, text in facts), "Data:"]
        lines += [
            f"  {ref.dataset} version {ref.version}, {ref.rows:,} rows, {ref.sha256[:16]}…" for ref in lineage.datasets
        ]
        if release.synthetic:
            lines += ["", "Synthetic data: everything here is invented."]
        return "\n".join(lines)


def recompute(home: Path, code: str, partnership: Partnership) -> Recomputation:
    """Run the finding behind `code` again and compare it with what was published.

    Raises BadInput for a code nobody published (with the nearest), and where a version of the data is gone or changed.
    """
    release, table = figure(home, code)
    lineage = release.lineage
    if lineage.method == DESK:
        raise BadInput(
            f"Figure {table.code} was counted at the desk, not from a dataset",
            where=Where(key=table.code),
            why="The cases behind it are open to the coordinator of the forum alone.",
            next_step="On the coordinator's page of the return it stands beside the cases there are now.",
        )
    store = Store(home).at(lineage.datasets)
    for ref in lineage.datasets:
        store.latest(ref.dataset).verify()
    again = find(lineage.finding, store, partnership, release.period, **lineage.parameters)
    found = next((one for one in again.tables if one.name == table.name), None)
    if found is None:
        raise BadInput(
            f"The finding “{lineage.finding}” no longer makes a table “{table.name}”",
            where=Where(key=table.code),
            why="The program has changed since the figure was published.",
            next_step=f"Recompute it with Concord {lineage.code_version or 'of that day'}.",
        )
    if partnership.disclosure is None:
        raise BadInput(
            f"{partnership.name} has no disclosure rules", where=Where(partnership.folder / "disclosure.toml")
        )
    rule = partnership.disclosure.rule(release.rule.partition("/")[0])
    differences, compared, hidden = _compare(table, found, rule.of(*again.source_classes))
    same = (
        release_id(
            confined(again, {one.name for one in release.tables}),
            rule.of(*again.source_classes),
            release.audience,
            home,
        )
        == release.id
    )
    return Recomputation(table.code, release, table, compared, hidden, differences, same)


def _compare(released: ReleasedTable, again: Table, rule: Any) -> tuple[tuple[Difference, ...], int, int]:
    cells = {cell.key: cell for cell in again.cells}
    differences, compared, hidden = [], 0, 0
    for cell in released.cells:
        if cell.hidden is not None:
            hidden += 1
            continue
        compared += 1
        name = ", ".join(cell.key)
        fresh = cells.get(cell.key)
        if fresh is None:
            differences.append(Difference(name, _words(cell), "no such cell"))
            continue
        shown = shown_cell(fresh, again, rule)
        if not _same(cell, shown):
            differences.append(Difference(name, _words(cell), _words(shown)))
    differences += [
        Difference(", ".join(key), "no such cell", "a cell")
        for key in cells
        if key not in {cell.key for cell in released.cells}
    ]
    return tuple(differences), compared, hidden


def _same(was: ReleasedCell, now: ReleasedCell) -> bool:
    """Everything that was shown is shown with the same value. What was left out for safety is not asked for again."""
    for before, after in ((was.count, now.count), (was.base, now.base), (was.population, now.population)):
        if before is not None and before != after:
            return False
    return was.estimate is None or _close(was.estimate, now.estimate)


def _close(was: Estimate, now: Estimate | None) -> bool:
    """Equal to the last digits that a sum of floats may differ in."""
    if now is None or was.unit != now.unit or (was.interval is None) != (now.interval is None):
        return False
    pairs = [(was.value, now.value)]
    if was.interval is not None and now.interval is not None:
        pairs += [(was.interval.low, now.interval.low), (was.interval.high, now.interval.high)]
    return all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) for a, b in pairs)


def _words(cell: ReleasedCell) -> str:
    if cell.estimate is not None:
        return f"{cell.count} ({cell.estimate.value:.6g} {cell.estimate.unit})"
    return str(cell.count)
