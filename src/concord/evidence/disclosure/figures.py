"""From the code beside a figure to the release it came from."""

from __future__ import annotations

import json
from pathlib import Path

from concord.evidence.disclosure.codes import read_code
from concord.evidence.disclosure.files import write_whole
from concord.evidence.disclosure.model import Release, ReleasedTable
from concord.kernel.errors import BadInput, Where
from concord.kernel.names import nearest


def index_figure(home: Path, release: Release, table: ReleasedTable) -> None:
    """Write `figures/<code>.json`; a code that releases share (the same content) lists them all, oldest first."""
    path = home / "figures" / f"{table.code}.json"
    entry = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"releases": []}
    releases = [name for name in entry["releases"] if name != release.id]
    entry = {
        "code": table.code,
        "finding": release.finding,
        "table": table.name,
        "title": table.title,
        "period": release.period.label,
        "audience": release.audience,
        "synthetic": release.synthetic,
        "releases": [*releases, release.id],
    }
    write_whole(path, json.dumps(entry, indent=2, ensure_ascii=False).encode())


def find_figure(home: Path, code: str) -> tuple[str, str]:
    """The newest release that shows the figure `code`, and the table's name.

    Raises BadInput where the code has a slip, or no figure bears it.
    """
    exact = read_code(code)
    path = home / "figures" / f"{exact}.json"
    if not path.exists():
        known = sorted(p.stem for p in (home / "figures").glob("*.json"))
        near = nearest(exact, known)
        raise BadInput(
            f"No figure has the code {exact}",
            where=Where(file=home / "figures"),
            next_step=f"did you mean {near}?" if near else "check that --home is the installation that published it",
        )
    entry = json.loads(path.read_text(encoding="utf-8"))
    return entry["releases"][-1], entry["table"]


def forget_figures(home: Path, release: Release) -> None:
    """Take a release that never came out off its figures; a figure that no other release shows goes with it."""
    for table in release.tables:
        path = home / "figures" / f"{table.code}.json"
        if path.exists():
            entry = json.loads(path.read_text(encoding="utf-8"))
            entry["releases"] = [name for name in entry["releases"] if name != release.id]
            if entry["releases"]:
                write_whole(path, json.dumps(entry, indent=2, ensure_ascii=False).encode())
            else:
                path.unlink()
