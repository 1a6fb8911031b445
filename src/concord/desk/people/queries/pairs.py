"""Pairs of records that wait for review: how many for me, the next one, what goes to the ledger."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import opened
from concord.desk.people.models import LinkageOpinion, LinkagePair
from concord.desk.people.rules import Given, ShownField, ToJudge
from concord.desk.sharing.session import as_viewer, reading


@reading("pair.judge", "linkage_pair")
def pairs_waiting(viewer: Viewer, *, at: datetime) -> tuple[int, UUID | None]:
    """How many pairs wait for this reviewer, and the next. No name: a pair is opened one at a time.

    The wall leaves out what they have judged, what is settled, and what has opinions enough.
    """
    accounts.require(viewer, "pair.judge")
    with as_viewer(viewer, at=at):
        rows = LinkagePair.objects.exclude(state="settled").order_by("state", "-probability", "handed_at", "id")
        ids = list(rows.values_list("id", flat=True)[:500])
    return len(ids), ids[0] if ids else None


@reading("pair.judge", "linkage_pair")
def pair_to_judge(viewer: Viewer, pair_id: UUID, *, at: datetime) -> ToJudge:
    """One pair side by side, opened and recorded. Raises NotAllowed; NotHere alike for what is settled, already judged
    by the viewer, or unknown."""
    accounts.require(viewer, "pair.judge")
    with as_viewer(viewer, at=at):
        row = LinkagePair.objects.filter(id=pair_id).exclude(state="settled").first()
        opened(
            viewer=viewer,
            action="pair.read",
            object_type="linkage_pair",
            object_id=pair_id,
            reason="to judge whether two records are one person",
            found=row is not None,
            at=at,
        )
    if row is None:
        raise NotHere("pair")
    return ToJudge(
        pair_id=row.id,
        feeds=(row.records[0][0], row.records[1][0]),
        why=row.why,
        fields=tuple(ShownField(**each) for each in row.shown),
    )


@reading("pair.exchange", "linkage_pair")
def opinions_to_take(viewer: Viewer, *, at: datetime) -> tuple[Given, ...]:
    """Opinions that are not in the ledger yet, oldest first, for the service that takes them there."""
    accounts.require(viewer, "pair.exchange")
    with as_viewer(viewer, at=at):
        rows = list(LinkageOpinion.objects.filter(taken_at=None).select_related("pair").order_by("at", "id"))
    return tuple(
        Given(
            opinion_id=row.id,
            pair_id=row.pair_id,
            records=(tuple(row.pair.records[0]), tuple(row.pair.records[1])),
            reviewer=row.username,
            verdict=row.verdict,
            reason=row.reason,
            at=row.at,
        )
        for row in rows
    )


@reading("pair.exchange", "linkage_pair")
def pairs_out(viewer: Viewer, *, at: datetime) -> frozenset[tuple[tuple[str, str], ...]]:
    """The pairs that are in front of reviewers now, for the service that hands them over."""
    accounts.require(viewer, "pair.exchange")
    with as_viewer(viewer, at=at):
        rows = LinkagePair.objects.exclude(state="settled").values_list("records", flat=True)
        return frozenset(tuple((feed, ref) for feed, ref in records) for records in rows)
