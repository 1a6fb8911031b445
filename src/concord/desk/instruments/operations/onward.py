"""What becomes of the routes a decided assessment points to: a person takes one or not, and either is kept with why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from concord.desk.accounts.rules import Viewer
from concord.desk.instruments import queries
from concord.desk.instruments.models import Assessment, Onward
from concord.desk.instruments.operations.locked import locked, record_on
from concord.desk.instruments.rules import WAYS, NotAnswered, NotUsable
from concord.desk.referrals import operations as referrals
from concord.desk.referrals.rules import PartyDetails, Receipt
from concord.desk.sharing import operations as sharing
from concord.desk.sharing.rules import Level
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.instrument import Ground, Instrument, Route


@operation("assessment.refer", "assessment")
def refer(
    *,
    viewer: Viewer,
    assessment_id: UUID,
    route: str,
    parties: Sequence[PartyDetails],
    concern: str,
    ground: str = "",
    incident_on: date | None = None,
    incident_kind: str = "",
    consent: str = "",
    safe_contact: str = "",
    answers: Mapping[str, object] | None = None,
    submission: UUID | None = None,
    at: datetime,
) -> Receipt:
    """Send the referral of an advised route with the assessment enclosed, both or neither. Returns the receipt.

    The receiving team reads the whole assessment where its agreement covers what the answers hold, else the result
    alone; where not even that may go, the referral goes without it and the record says so. The same `submission` twice
    sends one. Raises NotAllowed, NotHere, NotUsable for a route the answers do not point to, and what
    `referrals.submit` raises.
    """
    of, row, taken = _advised(viewer, assessment_id, route, at)
    if not taken.pathway:
        raise NotUsable(f"“{taken.name}” is no referral.", next_step="Tell the panel from the result.")
    receipt = referrals.submit(
        viewer=viewer,
        pathway=taken.pathway,
        parties=parties,
        concern=concern,
        ground=ground,
        incident_on=incident_on,
        incident_kind=incident_kind,
        consent=consent,
        safe_contact=safe_contact,
        answers=answers,
        submission=submission,
        at=at,
    )
    if Onward.objects.filter(assessment=row, referral_id=receipt.referral_id).exists():
        return receipt
    holder, to = queries.receiver(of, row, route)
    part = queries.part_for(viewer, of, to.agreement)
    if part == "nothing":
        why = "Referred without the assessment: the agreement there does not cover what a health body wrote."
        _record(viewer, row, route, "otherwise", why, at)
        return receipt
    if part == "whole":
        _share(viewer, row, holder, to, "full", at)
    why = row.judgements.order_by("-revision").values_list("reason", flat=True).first() or concern
    _record(viewer, row, route, "referred", why, at, referral_id=receipt.referral_id, whole=part == "whole")
    return receipt


@operation("assessment.refer", "assessment")
def tell_panel(*, viewer: Viewer, assessment_id: UUID, route: str, reason: str, at: datetime) -> None:
    """Tell a panel's coordinator on an advised route that leads to it: the whole assessment where the panel's agreement
    covers the answers, else the result alone.

    Raises NotAllowed, NotHere, NotUsable for another route and where not even the result may go, NotAnswered for a
    blank reason, AgreementEnded, NotCovered.
    """
    of, row, taken = _advised(viewer, assessment_id, route, at)
    if not taken.forum:
        raise NotUsable(f"“{taken.name}” is no panel.", next_step="Send the referral instead.")
    if not reason.strip():
        raise NotAnswered("Say why the panel must hear it.", next_step="The coordinator reads this first.")
    holder, to = queries.receiver(of, row, route)
    part = queries.part_for(viewer, of, to.agreement)
    if part == "nothing":
        raise NotUsable(
            "Nothing of this assessment may go to the panel.",
            why="Its agreement does not cover what a health body wrote about a patient, nor what is derived from it.",
            next_step="Ring the coordinator, or record that you did it another way.",
        )
    _share(viewer, row, holder, to, "full" if part == "whole" else "status", at)
    _record(viewer, row, route, "shown", reason, at, forum=taken.forum, whole=part == "whole")


@operation("assessment.refer", "assessment")
def leave_route(*, viewer: Viewer, assessment_id: UUID, route: str, way: str, reason: str, at: datetime) -> None:
    """Record that an advised route was done another way ("otherwise") or was "not_taken", and why. A later word on the
    same route stands beside it. Raises NotAllowed, NotHere, NotUsable, NotAnswered for a blank reason."""
    _, row, _ = _advised(viewer, assessment_id, route, at)
    if way not in ("otherwise", "not_taken"):
        raise NotAnswered(f"“{way}” is not what can be recorded here.", next_step=did_you_mean(way, WAYS))
    if not reason.strip():
        raise NotAnswered("Say why.", next_step="It stays beside the advice.")
    _record(viewer, row, route, way, reason, at)


# --- shared by the functions above -------------------------------------------------------------------------------


def _advised(viewer: Viewer, assessment_id: UUID, route: str, at: datetime) -> tuple[Instrument, Assessment, Route]:
    of, row = locked(viewer, assessment_id, "assessment.write", "", at)
    return of, row, queries.advised_route(of, row, route)


def _share(viewer: Viewer, row: Assessment, holder: str, to: Ground, level: Level, at: datetime) -> None:
    sharing.share(
        viewer=viewer,
        subjects=[("assessment", row.id)],
        holders={holder: None},
        level=level,
        purpose=to.purpose,
        gateway=to.gateway,
        agreement=to.agreement,
        at=at,
    )


def _record(
    viewer: Viewer, row: Assessment, route: str, way: str, reason: str, at: datetime,
    *, referral_id: UUID | None = None, forum: str = "", whole: bool = False,
) -> None:  # fmt: skip
    Onward.objects.create(
        assessment=row,
        route=route,
        way=way,
        reason=reason.strip(),
        referral_id=referral_id,
        forum=forum,
        whole=whole,
        by_id=viewer.user_id,
        agency=viewer.agency,
        at=at,
    )
    kind = "disclosure" if way in ("referred", "shown") else "alteration"
    detail: dict[str, object] = {"route": route, "way": way, "whole": whole}
    record_on(viewer, kind, "assessment.refer", row, at, reason=reason.strip(), detail=detail)
