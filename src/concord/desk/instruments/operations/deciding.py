"""The decision with its reason, what is put right afterwards, and passing an assessment on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, Viewer
from concord.desk.audit.queries import changed_meanwhile
from concord.desk.instruments import queries, rules
from concord.desk.instruments.models import Assessment, Judgement
from concord.desk.instruments.operations.locked import count, locked, record_on, write
from concord.desk.instruments.rules import NotAnswered, NotUsable, Said
from concord.desk.sharing import operations as sharing
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.instrument import Instrument


@operation("assessment.decide", "assessment")
def decide(
    *,
    viewer: Viewer,
    assessment_id: UUID,
    level: str,
    reason: str,
    override: str = "",
    answers: Mapping[str, object] | None = None,
    revision: int,
    at: datetime,
) -> None:
    """The judgement of a named professional, with the reason. Where the score points elsewhere, `override` says why.

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
    said = _decision_answers(viewer, of, answers or {}, at)
    row.revision, row.changed_at = row.revision + 1, at
    row.save()
    Judgement.objects.create(
        assessment=row,
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
    detail: dict[str, object] = {"level": level, "departs": departs, "suggested": list(found.suggested)}
    record_on(viewer, "alteration", "assessment.decide", row, at, reason=reason.strip(), detail=detail)


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
    holder = _colleague(viewer, of, to) if to is not None else _receiver(of, row, route)
    sharing.share(
        viewer=viewer,
        subjects=[("assessment", row.id)],
        holders={holder: None},
        purpose=row.purpose,
        gateway=row.gateway,
        agreement=row.agreement,
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


def _receiver(of: Instrument, row: Assessment, key: str) -> str:
    """Who receives on an advised route: the pathway's team, or the forum's coordinator."""
    home = accounts.partnership()
    route = next((each for each in of.route if each.key == key and key in row.kept.get("routes", ())), None)
    if route is None or row.state != "decided":
        raise NotUsable(
            "There is no such way on from here.",
            why="Only what was decided, and where the answers point, is passed on.",
            next_step="Decide first, or choose one of the routes advised.",
        )
    if route.pathway in home.pathways:
        return home.pathways[route.pathway].received_by
    if route.forum in home.forums:
        return f"forum:{route.forum}:coordinator"
    raise NotUsable(f"“{route.name}” is not run here.", next_step="Ring the team instead.")
