"""Sharing a record, keeping somebody out of it, and the trail of what partners send.

Shares are called by other rooms' operations, inside their transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, NotHere, Viewer
from concord.desk.audit.operations import record, record_many
from concord.desk.sharing import queries, rules
from concord.desk.sharing.models import Exclusion, Grant
from concord.desk.sharing.rules import Level
from concord.desk.sharing.session import operation
from concord.kernel.errors import Refused
from concord.strategy.shapes.agreement import Agreement


class AgreementEnded(Refused):
    """Nothing is shared on an agreement that is not in force."""


class NotCovered(Refused):
    """The agreement is for other purposes, or rests on other law."""


def share(
    *,
    viewer: Viewer,
    subjects: Iterable[tuple[str, UUID]],
    holders: Mapping[str, datetime | None],
    level: Level = "full",
    purpose: str,
    gateway: str,
    agreement: str,
    at: datetime,
) -> None:
    """Share records, each a (kind, identifier), with every holder until the time given for it (None: no end).

    Recorded as one disclosure a record. Raises AgreementEnded where the agreement is unknown or not in force at `at`,
    NotCovered where the viewer's agency is no party to it, or it names neither this purpose nor this gateway.
    """
    known = accounts.partnership().agreements
    _covered(viewer, known.get(agreement), purpose, gateway)
    if agreement not in known or agreement not in rules.in_force([known[agreement]], at):
        name = known[agreement].name if agreement in known else agreement
        raise AgreementEnded(
            f"Nothing can be shared under the agreement “{name}”.",
            why=f"It ended on {known[agreement].expires_on} or has not begun."
            if agreement in known
            else "It is unknown.",
            next_step="Ask the data protection officer to renew it.",
        )
    subjects = list(subjects)
    Grant.objects.bulk_create(
        Grant(
            partnership=viewer.partnership,
            subject_kind=kind,
            subject_id=each,
            holder=holder,
            level=level,
            purpose=purpose,
            gateway=gateway,
            agreement=agreement,
            starts_at=at,
            ends_at=until,
        )
        for kind, each in subjects
        for holder, until in sorted(holders.items())
    )
    record_many(
        viewer=viewer,
        objects=[(kind, each, [each] if kind == "person" else []) for kind, each in subjects],
        operation="disclosure",
        action="share",
        gateway=gateway,
        agreement=agreement,
        detail={"holders": sorted(holders), "level": level, "purpose": purpose},
        at=at,
    )


def _covered(viewer: Viewer, agreement: Agreement | None, purpose: str, gateway: str) -> None:
    """A share is made by a party, for a purpose and under a gateway that its agreement names. Raises NotCovered."""
    if agreement is None:
        return
    if agreement.key not in queries.agreements_with(viewer):
        raise NotCovered(
            f"Your agency is not a party to “{agreement.name}”.",
            why="What is shared here rests on it.",
            next_step="If somebody is in danger call 999. Otherwise ring the team, and ask the data protection officer "
            "to make your agency a party.",
        )
    lacking = [
        f"{what} “{value}”"
        for what, value, names in (("purpose", purpose, agreement.purposes), ("gateway", gateway, agreement.gateways))
        if value not in names
    ]
    if lacking:
        raise NotCovered(
            f"“{agreement.name}” does not cover this.",
            why=f"It does not name the {' nor the '.join(lacking)}.",
            next_step="Ask the data protection officer which agreement does.",
        )


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


def keep_out(*, viewer: Viewer, subjects: Iterable[tuple[str, UUID]], user_id: UUID, at: datetime) -> None:
    """From now on the records are not there for this person: lists, search, counts and pages alike."""
    subjects = list(subjects)
    Exclusion.objects.bulk_create(
        [
            Exclusion(
                partnership=viewer.partnership,
                subject_kind=kind,
                subject_id=each,
                user_id=user_id,
                declared_by=viewer.user_id,
                declared_at=at,
            )
            for kind, each in subjects
        ],
        ignore_conflicts=True,
    )
    record_many(
        viewer=viewer,
        objects=[(kind, each, [each] if kind == "person" else []) for kind, each in subjects],
        operation="alteration",
        action="keep_out",
        detail={"user": str(user_id)},
        at=at,
    )


def repeat_exclusions(*, viewer: Viewer, persons: Iterable[UUID], kind: str, object_id: UUID, at: datetime) -> None:
    """Whoever is kept out of one of these persons is kept out of the new record about them too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sharing_copy_exclusions(%s, %s, %s::uuid[], %s)", [kind, object_id, list(persons), at])
