"""Pairs handed over for review, opinions given and taken to the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.people.models import LinkageOpinion, LinkagePair
from concord.desk.people.rules import VERDICTS, NotJudged
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean


@operation("pair.judge", "linkage_pair")
def judge(*, viewer: Viewer, pair_id: UUID, verdict: str, reason: str, at: datetime) -> None:
    """Keep one reviewer's opinion of a pair. Once: a second is for somebody else.

    Raises NotAllowed, NotHere for a pair that is settled, unknown or already judged by the viewer, NotJudged.
    """
    accounts.require(viewer, "pair.judge")
    row = LinkagePair.objects.filter(id=pair_id).first()
    if row is None:
        raise NotHere("pair")
    linkage = accounts.partnership().linkage
    reasons = linkage.reviewing if linkage else {}
    if verdict not in VERDICTS or reason not in reasons:
        raise NotJudged(
            "Choose what you think, and the reason that fits best.", next_step=did_you_mean(reason, reasons)
        )
    LinkageOpinion.objects.create(
        pair=row, reviewer=viewer.user_id, username=viewer.username, verdict=verdict, reason=reason, at=at
    )
    # The trail says that somebody judged, and not what: the second opinion is to be their own.
    _record(viewer, "pair.judge", "combination", row.id, at)


@operation("pair.exchange", "linkage_pair")
def hand_over(
    *,
    viewer: Viewer,
    records: Sequence[tuple[str, str]],
    shown: list[dict[str, object]],
    why: str,
    probability: float | None,
    at: datetime,
) -> UUID:
    """Put a pair in front of the reviewers, once; one that was settled before comes back to be looked at again.

    Raises NotAllowed unless the viewer is the service that hands pairs over.
    """
    accounts.require(viewer, "pair.exchange")
    row, made = LinkagePair.objects.get_or_create(
        partnership=viewer.partnership,
        records=[list(each) for each in records],
        defaults={"shown": shown, "why": why, "probability": probability, "handed_at": at},
    )
    if not made and row.state == "settled":
        row.shown, row.why, row.probability, row.state, row.handed_at = shown, why, probability, "waiting", at
        row.save(update_fields=["shown", "why", "probability", "state", "handed_at"])
    _record(viewer, "pair.hand_over", "disclosure", row.id, at)
    return row.id


@operation("pair.exchange", "linkage_pair")
def take_back(*, viewer: Viewer, opinion_id: UUID, pair_id: UUID, state: str, at: datetime) -> None:
    """Note that an opinion is in the ledger, and where its pair stands then: waiting, disputed or settled.

    A settled pair keeps no name. Raises NotAllowed, NotHere.
    """
    accounts.require(viewer, "pair.exchange")
    row = LinkagePair.objects.select_for_update().filter(id=pair_id).first()
    if row is None or not LinkageOpinion.objects.filter(id=opinion_id, pair=row).update(taken_at=at):
        raise NotHere("pair")
    row.state = state
    if state == "settled":
        row.shown, row.why = [], ""
    row.save(update_fields=["state", "shown", "why"])
    _record(viewer, "pair.take_back", "alteration", row.id, at)


@operation("pair.exchange", "linkage_pair")
def note_opening(*, viewer: Viewer, records: Sequence[tuple[str, str]], reason: str, at: datetime) -> None:
    """Note in the trail, before it happens, that the names behind these pseudonyms are opened."""
    accounts.require(viewer, "pair.exchange")
    record(
        viewer=viewer,
        operation="consultation",
        action="pair.open_names",
        object_type="linkage_pair",
        reason=reason,
        detail={"records": [list(each) for each in records]},
        at=at,
    )


def _record(viewer: Viewer, action: str, kind: str, pair_id: UUID, at: datetime) -> None:
    record(
        viewer=viewer,
        operation=kind,  # type: ignore[arg-type]
        action=action,
        object_type="linkage_pair",
        object_id=pair_id,
        at=at,
    )
