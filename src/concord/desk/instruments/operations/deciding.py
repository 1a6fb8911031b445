"""The decision with its reason, what is put right afterwards, and passing an assessment on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from concord.desk.accounts.rules import ChangedMeanwhile, NotAllowed, Viewer
from concord.desk.audit.queries import changed_meanwhile
from concord.desk.instruments import queries, rules
from concord.desk.instruments.models import Assessment, Judgement, Opinion, Result
from concord.desk.instruments.operations.locked import count, locked, record_on, write
from concord.desk.instruments.rules import NotAnswered, NotUsable, Said
from concord.desk.sharing import operations as sharing
from concord.desk.sharing.session import operation
from concord.kernel.lifecycles import NotNow
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.instrument import Ground, Instrument


@operation("assessment.decide", "assessment")
def decide(
    *,
    viewer: Viewer,
    assessment_id: UUID,
    level: str,
    reason: str,
    override: str = "",
    differs_because: str = "",
    answers: Mapping[str, object] | None = None,
    revision: int,
    at: datetime,
) -> None:
    """The judgement of a named professional, with the reason. Where the score points elsewhere, `override` says why;
    where the second agency advised another level, `differs_because` does. Where the instrument asks for that agency's
    view, nothing is decided before somebody else has given it on the answers as they are.

    The decision is kept beside what the answers came to; an earlier one stays. Raises NotAllowed (also for an agency
    that does not decide on this instrument), NotHere, NotNow, NotAnswered, ChangedMeanwhile.
    """
    of, row = locked(viewer, assessment_id, "assessment.decide", "decide", at)
    allowed, why = queries.may_decide(viewer, of)
    if not allowed:
        raise NotAllowed(
            "You do not decide on this assessment.", why=why, next_step="Hand it over to somebody who does."
        )
    if revision != row.revision:
        raise changed_meanwhile(viewer, "assessment", "assessment", row.id, version=row.revision)
    levels = {each.key: each for each in of.judgement.level}
    if level not in levels:
        raise NotAnswered(f"“{level}” is not a level of this instrument.", next_step=did_you_mean(level, levels))
    found = count(of, row, level)
    if found.unanswered:
        first = rules.placed(of, found.unanswered[0])[1]
        raise NotAnswered(
            f"{len(found.unanswered)} questions that must be answered are not, first “{first.text}”.",
            next_step="Answer them, if only with “not known”.",
        )
    if not reason.strip():
        raise NotAnswered("Say why you judge so.", next_step="The reason is part of the decision.")
    departs = bool(found.suggested) and level not in found.suggested
    if departs and not override.strip():
        raise NotAnswered(
            "Your judgement differs from what the score points to: say what the score does not see.",
            next_step="Both are kept side by side. Fill in the reason and decide again.",
        )
    opinion = _opinion(viewer, of, row, level, at)
    differs = opinion is not None and opinion.level != level
    if differs and not differs_because.strip():
        raise NotAnswered(
            f"{_joint_name(of)} advised another level: say why you decide otherwise.",
            next_step="Both are kept side by side, each with its reason. Fill it in and decide again.",
        )
    said = _decision_answers(viewer, of, answers or {}, at)
    row.revision, row.changed_at = row.revision + 1, at
    row.save()
    made = Judgement.objects.create(
        assessment=row,
        opinion_id=opinion.id if opinion is not None else None,
        differs=differs,
        differs_because=differs_because.strip() if differs else "",
        level=level,
        reason=reason.strip(),
        override=override.strip() if departs else "",
        departs=departs,
        answers={key: each.kept() for key, each in said.items()},
        kept=row.kept,
        revision=row.revision,
        by_id=viewer.user_id,
        agency=viewer.agency,
        at=at,
    )
    Result.objects.create(
        partnership=row.partnership,
        assessment=row,
        judgement=made,
        version_id=row.version_id,
        instrument=row.instrument,
        reference=row.reference,
        about=f"{row.given_name} {row.family_name}".strip(),
        level=level,
        kept={"scores": dict(found.scores), "bands": dict(found.bands), "factors": list(found.factors or ())},
        decided_by=viewer.display_name,
        agency=viewer.agency,
        at=at,
    )
    detail: dict[str, object] = {"level": level, "departs": departs, "suggested": list(found.suggested)}
    if of.judgement.joint is not None:
        detail["joint"] = "alone" if opinion is None else "differed" if differs else "agreed"
    record_on(viewer, "alteration", "assessment.decide", row, at, reason=reason.strip(), detail=detail)


@operation("assessment.decide", "assessment")
def advise(*, viewer: Viewer, assessment_id: UUID, level: str, reason: str, revision: int, at: datetime) -> None:
    """The second agency's view, before the decision: the level it advises, and why. An earlier one stays.

    Raises NotAllowed for anybody who does not speak for that agency, NotHere, NotNow, NotAnswered, ChangedMeanwhile.
    """
    of, row = locked(viewer, assessment_id, "assessment.decide", "", at)
    if not queries.may_advise(viewer, of):
        raise NotAllowed(
            "You do not give a view on this assessment.",
            why=f"{_joint_name(of)} does." if of.judgement.joint else "It is decided by one agency.",
            next_step="Hand it over to somebody who does.",
        )
    if row.state not in ("open", "paused"):
        raise NotNow("This was decided already.", next_step="Ask whoever decided to decide again, with your view.")
    if revision != row.revision:
        raise ChangedMeanwhile("assessment")
    levels = {each.key: each for each in of.judgement.level}
    if level not in levels:
        raise NotAnswered(f"“{level}” is not a level of this instrument.", next_step=did_you_mean(level, levels))
    if not reason.strip():
        raise NotAnswered("Say why you advise so.", next_step="The reason stays beside the decision.")
    Opinion.objects.create(
        assessment=row,
        level=level,
        reason=reason.strip(),
        revision=row.revision,
        by_id=viewer.user_id,
        agency=viewer.agency,
        at=at,
    )
    row.changed_at = at
    row.save()
    record_on(viewer, "alteration", "assessment.advise", row, at, reason=reason.strip(), detail={"level": level})


@operation("assessment.amend", "assessment")
def amend(
    *, viewer: Viewer, assessment_id: UUID, address: str, value: object, reason: str, revision: int, at: datetime
) -> None:
    """Put one answer right after the decision. What stood there is kept, everything is counted again, and the decision
    stays as it was, marked as made on earlier answers until somebody decides again.

    Raises NotAllowed, NotHere, NotNow, NotAnswered, ChangedMeanwhile.
    """
    of, row = locked(viewer, assessment_id, "assessment.write", "amend", at)
    if revision != row.revision:
        raise changed_meanwhile(viewer, "assessment", "assessment", row.id, version=row.revision)
    if not reason.strip():
        raise NotAnswered("Say why it is put right.", next_step="A few words are enough.")
    _, question, _ = rules.placed(of, address)
    said = Said(rules.checked(question, value), at, viewer.display_name)
    if not write(viewer, of, row, {address: said}, _level(row), reason.strip(), at):
        raise NotAnswered("That is what it says already.", next_step="Change the answer, or go back.")
    row.save()
    record_on(viewer, "alteration", "assessment.amend", row, at, reason=reason.strip(), detail={"address": address})


@operation("assessment.hand_over", "assessment")
def hand_over(
    *, viewer: Viewer, assessment_id: UUID, to: UUID | None = None, route: str = "", reason: str, at: datetime
) -> None:
    """Share the whole assessment with one colleague (`to`), or, once decided, with the team that an advised `route`
    leads to. Raises NotAllowed, NotHere, NotUsable for anybody else, NotAnswered for a blank reason, AgreementEnded.
    """
    of, row = locked(viewer, assessment_id, "assessment.write", "", at)
    if not reason.strip():
        raise NotAnswered("Say why they need it.", next_step="It is kept with your name.")
    own = Ground(key="own", name=of.name, purpose=row.purpose, gateway=row.gateway, agreement=row.agreement)
    holder, ground = (_colleague(viewer, of, to), own) if to is not None else queries.receiver(of, row, route)
    if to is None and queries.part_for(viewer, of, ground.agreement) != "whole":
        raise NotUsable(
            "The answers may not go there.",
            why="The agreement there does not cover what they hold.",
            next_step="Take the route from the result: the result goes, without the answers.",
        )
    sharing.share(
        viewer=viewer,
        subjects=[("assessment", row.id)],
        holders={holder: None},
        purpose=ground.purpose,
        gateway=ground.gateway,
        agreement=ground.agreement,
        at=at,
    )
    record_on(
        viewer, "disclosure", "assessment.hand_over", row, at, reason=reason.strip(), detail={"holders": [holder]}
    )


# --- shared by the functions above -------------------------------------------------------------------------------


def _decision_answers(viewer: Viewer, of: Instrument, answers: Mapping[str, object], at: datetime) -> dict[str, Said]:
    """The answers of the decision page that were asked; the others are dropped. Raises NotAnswered."""
    known = {each.key: each for each in of.judgement.asks}
    for key in answers:
        if key not in known:
            raise NotAnswered(f"“{key}” is not asked with the decision.", next_step=did_you_mean(key, known))
    values = {key: rules.checked(known[key], value) for key, value in answers.items()}
    said = {}
    for question in rules.asked_on_decision(of, values):
        value = values.get(question.key)
        if question.required and value is None:
            raise NotAnswered(f"Answer “{question.text}”.", next_step="It is part of the decision.")
        if value is not None:
            said[question.key] = Said(value, at, viewer.display_name)
    return said


def _level(row: Assessment) -> str:
    return row.judgements.order_by("-revision").values_list("level", flat=True).first() or ""


def _colleague(viewer: Viewer, of: Instrument, to: UUID) -> str:
    if to not in {each.user_id for each in queries.colleagues(viewer, of)}:
        raise NotUsable("They cannot take this assessment on.", next_step="Choose somebody from the list.")
    return f"user:{to}"


def _joint_name(of: Instrument) -> str:
    return of.judgement.joint.name if of.judgement.joint is not None else "Nobody"


def _opinion(viewer: Viewer, of: Instrument, row: Assessment, level: str, at: datetime) -> Opinion | None:
    """The view the decision is made with; None where none was given and none is needed. Raises NotAnswered."""
    joint = of.judgement.joint
    if joint is None:
        return None
    given = row.opinions.order_by("-at").first()
    current = given is not None and given.revision >= queries.last_change(row)
    if given is not None and current and given.by_id != viewer.user_id:
        return given
    values, months = rules.values(row.answers), queries.months_of(row)
    if not rules.joint_needed(of, values, age_months=months, level=level):
        return None
    missing = f"{joint.name} has not given its view" + (" on the answers as they are now." if given else ".")
    if given is not None and current:
        missing = "You gave the view yourself: two people decide together."
    raise NotAnswered(
        missing, why=f"{joint.basis}.", next_step=f"Hand it over to {joint.name}, and decide when it has answered."
    )
