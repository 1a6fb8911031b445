"""The referrer: what they sent, and what they are told of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import opened
from concord.desk.referrals import rules
from concord.desk.referrals.models import Referral
from concord.desk.referrals.queries.reach import PAGE, about
from concord.desk.referrals.queries.ways import pathway, working
from concord.desk.referrals.rules import ReferralStatus
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.pathway import Pathway


@reading("referral.read", "referral")
def my_referrals(
    viewer: Viewer, *, at: datetime, after: tuple[datetime, UUID] | None = None
) -> tuple[ReferralStatus, ...]:
    """What this viewer sent, newest first, `PAGE` at a time: those `after` the one sent then under that identifier.

    Raises NotAllowed for roles that do not refer.
    """
    accounts.require(viewer, "referral.read")
    with as_viewer(viewer, at=at):
        found = _referrals(viewer, at).filter(referrer_id=viewer.user_id)
        if after is not None:
            sent, last = after
            found = found.filter(Q(submitted_at__lt=sent) | Q(submitted_at=sent, id__lt=last))
        return tuple(_status(row) for row in found.order_by("-submitted_at", "-id")[:PAGE])


@reading("referral.read", "referral")
def referral_status(viewer: Viewer, referral_id: UUID, *, at: datetime) -> ReferralStatus:
    """One referral as its referrer may know it. Raises NotHere for anybody else's, missing or not."""
    accounts.require(viewer, "referral.read")
    with as_viewer(viewer, at=at):
        row = _referrals(viewer, at).filter(id=referral_id, referrer_id=viewer.user_id).first()
        opened(
            viewer=viewer,
            action="referral.read",
            object_type="referral",
            object_id=referral_id,
            found=row is not None,
            at=at,
        )
        status = _status(row) if row is not None else None
    if status is None:
        raise NotHere("referral")
    return status


def _referrals(viewer: Viewer, at: datetime) -> QuerySet[Referral]:
    return sharing.visible(viewer, Referral.objects.prefetch_related("parties"), "referral", at=at)


def _status(row: Referral) -> ReferralStatus:
    on = pathway(row.pathway)
    state = next(each for each in on.state if each.key == row.told_state)
    route = next((each for each in on.route if each.key == row.told_route), None)
    return ReferralStatus(
        referral_id=row.id,
        reference=row.reference,
        pathway=row.pathway,
        pathway_name=on.name,
        receiver=on.receiver_name,
        submitted_at=row.submitted_at,
        about=about(on, list(row.parties.all())),
        concern=row.concern,
        told=state.told,
        decided=state.final,
        route_told=route.told if route else "",
        feedback=row.feedback,
        due_at=None if state.final else _decision_due(on, row.submitted_at),
    )


def _decision_due(on: Pathway, submitted_at: datetime) -> datetime | None:
    """The time limit that anybody can work out from when it was sent: that of the decision, and no other."""
    clock = rules.clock_named(on, None)
    if clock is None or clock.starts or clock.stops or not any(each.verb == "decide" for each in on.transition):
        return None
    return rules.due(clock, submitted_at, working(on)).astimezone(LONDON)
