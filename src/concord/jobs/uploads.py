"""The work of one upload, in a process of its own: `python -m concord.jobs.uploads HOME PARTNERSHIP UPLOAD`.

A process and not a thread: a restart of the site does not stop it, it cannot slow the pages it was sent from, and
memory it needs goes back when it ends. The load inside takes the home's lock, so that two people may send at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from concord.evidence import extracts
from concord.evidence.datasets import quality
from concord.evidence.datasets.store import Store
from concord.evidence.extracts import FilesRefused, uploads
from concord.evidence.extracts.uploads import Became, Say, Upload
from concord.jobs.pipeline import Clock
from concord.kernel.errors import BadInput, ConcordError, Refused
from concord.kernel.working_time import LONDON
from concord.strategy import Partnership, load


def run(home: Path, partnership: Partnership, identity: str, clock: Clock) -> Upload | None:
    """Receive what was sent. None where another worker has it, or it is done."""

    def receive(upload: Upload, paths: Sequence[Path], say: Say) -> Sequence[Became]:
        found = _receive(home, partnership, upload, paths, clock, say)
        for feed in sorted({each.feed for each in found if each.status == "loaded"}):
            say("Measuring how well each field is filled in.")
            measure(home, partnership, feed)
        return found

    return uploads.work(home, identity, receive)


def measure(home: Path, partnership: Partnership, feed: str) -> None:
    """Count the quality of a feed's fields now, so that its page need not."""
    store = Store(home)
    for dataset, table in partnership.feeds[feed].datasets.items():
        if store.has(dataset):
            quality.measure(store.latest(dataset), table)


def _receive(
    home: Path, partnership: Partnership, upload: Upload, paths: Sequence[Path], clock: Clock, say: Say
) -> Sequence[Became]:
    """One feed's files under its contract; where none is named, each file under the contract that describes it, of
    those the sender may send."""
    agreements = partnership.agreements
    try:
        if upload.feed:
            feed = partnership.feeds[upload.feed]
            results = extracts.load(home, feed, paths, agreements=agreements, clock=clock, progress=say)
        else:
            feeds = {key: partnership.feeds[key] for key in upload.feeds if key in partnership.feeds}
            results = extracts.load_any(home, feeds, paths, agreements=agreements, clock=clock, progress=say)
    except FilesRefused as refused:
        results = list(refused.results)
    except (BadInput, Refused) as refusal:
        return [_refused(home, upload, path, refusal) for path in paths]
    return [uploads.became(result) for result in results]


def _refused(home: Path, upload: Upload, path: Path, refusal: ConcordError) -> Became:
    """The only file was refused: its receipt, where it got as far as one, is the newest of that name."""
    told = uploads.told(refusal)
    for receipt in extracts.receipts(home, upload.feed or None):
        if receipt.file == path.name and receipt.status == "refused" and receipt.feed in upload.feeds:
            if receipt.refused.get("what") != told["what"]:
                break
            rows, accepted, aside = receipt.rows, receipt.accepted, receipt.quarantined
            return Became(path.name, receipt.feed, "refused", rows, accepted, aside, receipt.id, refused=told)
    return Became(path.name, upload.feed, "refused", refused=told)


def main(arguments: Sequence[str]) -> int:
    home, folder, identity = arguments
    run(Path(home), load(Path(folder)), identity, lambda: datetime.now(LONDON))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
