"""One indicator's reading, as a tile of the strategy page shows it: read as published, and worked out anew.

Worked out anew means from the datasets, with suppression and the attack on what may leave. It releases, so it works on
a copy of the home. The process has begun and its partnership is read, as in the serving process. Aim: 300 ms each.
usage: tile.py HOME [PARTNERSHIP] [--rounds N]
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from concord.evidence.datasets.store import Store
from concord.jobs import assessment, choosing, indicators
from concord.jobs.releasing import Releasing
from concord.kernel.errors import ConcordError
from concord.kernel.working_time import LONDON
from concord.strategy import Partnership, load
from concord.web.strategy.measures import Measures

AIM = 0.3
FOLDERS = Path(__file__).resolve().parent.parent / "partnerships"
LEFT_OUT = ("pg", "landing", "quarantine", "site", "synthetic", "work")
"""What a reading never looks at."""


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def told(name: str, spent: list[tuple[float, float]]) -> None:
    walls, processors = (sorted(each) for each in zip(*spent, strict=True))
    within = sum(wall <= AIM for wall in walls)
    print(
        f"  {name:34} median {1000 * statistics.median(walls):4.0f} ms wall, "
        f"{1000 * statistics.median(processors):4.0f} ms processor; longest {1000 * walls[-1]:5.0f} ms wall, "
        f"{1000 * processors[-1]:5.0f} ms processor; {within} of {len(walls)} within {1000 * AIM:.0f} ms"
    )


def releasing(home: Path, partnership: Partnership, now: datetime) -> Releasing:
    """As an assessment releases, with nothing remembered from before."""
    chosen = choosing.choose(
        partnership, choosing.publication(partnership, assessment.ASSESSMENT, {}), {}, now.date()
    ).publication
    rule, _ = assessment.rules_of(partnership, chosen)
    return Releasing(
        home, Store(home), partnership, rule, chosen.audience, "A. Benchmark", "B. Benchmark", lambda: now,
        lambda _said: None,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("partnership", nargs="?", default="harbourside")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    partnership = load(FOLDERS / asked.partnership)
    now = datetime.now(LONDON)
    if (asked.home / "site" / "indicators.json").is_file():
        published = [timed(lambda: Measures(partnership, asked.home).read()) for _ in range(20)]
        told("as published, every tile of the page", published)
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        shutil.copytree(asked.home, home, ignore=shutil.ignore_patterns(*LEFT_OUT))
        found: dict[str, list[tuple[float, float]]] = {}
        for _ in range(asked.rounds + 1):  # the first turn imports what findings need, and is not counted
            for key, indicator in sorted(partnership.indicators.items()):
                if indicator.finding:
                    one = {key: indicator}
                    with_none_made = releasing(home, partnership, now)
                    try:
                        spent = timed(lambda one=one, asking=with_none_made: indicators.readings(one, asking))
                    except ConcordError as error:
                        print(f"  {indicator.code}: {error.what}")
                        continue
                    found.setdefault(indicator.code, []).append(spent)
        least = {code: min(spent[1:]) for code, spent in found.items() if spent[1:]}
        told("worked out anew, each indicator", list(least.values()))
        slowest = sorted(least.items(), key=lambda item: -item[1][0])[:5]
        for code, (wall, processor) in slowest:
            print(f"      {code:8} {1000 * wall:5.0f} ms wall, {1000 * processor:5.0f} ms processor")


if __name__ == "__main__":
    main()
