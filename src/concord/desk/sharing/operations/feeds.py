"""The trail of what partners send: files taken, files refused, error reports that left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.sharing import queries
from concord.desk.sharing.session import operation


@operation("feed.send", "feed")
def send_files(*, viewer: Viewer, feed: str, upload: str, sha256: Sequence[str], at: datetime) -> None:
    """Record that somebody sends files of a feed; `feed` is empty where the files are to say which it is.

    The trail keeps their digests and not their names, which may hold somebody's. Raises NotHere where the feed is
    not there for the viewer, NotAllowed where they may not send it.
    """
    known = accounts.partnership().feeds.get(feed)
    _may_send(viewer, feed)
    record(
        viewer=viewer,
        operation="collection",
        action="feed.send",
        object_type="feed",
        object_id=feed or "any",
        gateway=known.gateway or "" if known else "",
        agreement=known.agreement or "" if known else "",
        detail={"upload": upload, "files": len(sha256), "sha256": list(sha256)},
        at=at,
    )


@operation("feed.send", "feed")
def not_sent(*, viewer: Viewer, feed: str, reason: str, at: datetime) -> None:
    """Record that files were refused before they were read, and why. Raises as `send_files` does."""
    _may_send(viewer, feed)
    record(
        viewer=viewer,
        operation="refusal",
        action="feed.send",
        object_type="feed",
        object_id=feed,
        reason=reason,
        outcome="refused",
        at=at,
    )


@operation("feed.received", "feed")
def files_received(
    *, viewer: Viewer, feed: str, upload: str, by: str, loaded: int, refused: Sequence[str], at: datetime
) -> None:
    """Record what became of the files that `by` sent: how many were taken, and why others were refused."""
    if feed not in queries.feeds(viewer):
        raise NotHere("feed")
    record(
        viewer=viewer,
        operation="refusal" if refused else "collection",
        action="feed.received",
        object_type="feed",
        object_id=feed,
        reason=" ".join(refused)[:500],
        outcome="refused" if refused and not loaded else "done",
        detail={"upload": upload, "by": by, "loaded": loaded, "refused": len(refused)},
        at=at,
    )


@operation("feed.report", "feed")
def open_report(*, viewer: Viewer, feed: str, receipt: str, at: datetime) -> None:
    """Record that an error report leaves: to its supplier a disclosure, to an analyst a look.

    Raises NotHere where the feed's reports are not there for the viewer.
    """
    access = queries.feeds(viewer).get(feed)
    if access is None or not access.reports:
        raise NotHere("error report")
    record(
        viewer=viewer,
        operation="consultation" if access.rows else "disclosure",
        action="feed.report",
        object_type="feed",
        object_id=feed,
        detail={"receipt": receipt},
        at=at,
    )


def _may_send(viewer: Viewer, feed: str) -> None:
    there = queries.feeds(viewer)
    if feed and feed not in there:
        raise NotHere("feed")
    if not any(access.send for key, access in there.items() if not feed or key == feed):
        raise NotAllowed(
            "Your role does not let you send files.",
            why="Analysts send any feed, suppliers those of their own agency.",
            next_step="Give the files to the partnership's analyst.",
        )
