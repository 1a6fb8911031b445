"""What the same person said before, and what changed since: nothing is asked twice that is still known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import opened, record
from concord.desk.instruments import rules
from concord.desk.instruments.models import Assessment, Judgement
from concord.desk.instruments.queries.assessments import AS_KEPT, PAGE, visible_assessments
from concord.desk.instruments.rules import Compared, Earlier, Said
from concord.desk.people import queries as people
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.instrument import Question

INTERPRETER = "interpreter"


def earlier_answers(viewer: Viewer, row_id: UUID, *, at: datetime) -> dict[str, Earlier]:
    """What the person already said, for questions of this assessment that have no answer yet, by address.

    From assessments shared with this viewer about the same person, or the same name and date of birth: the newest
    answer on each topic, with its date and where it was given, and whether it is still fresh. Where none was given,
    from the person's record as this viewer's role sees it. What was read for it is recorded.
    """
    with as_viewer(viewer, at=at):
        row = visible_assessments(viewer, at=at).filter(id=row_id).first()
        if row is None:
            raise NotHere("assessment")
        of = AS_KEPT.validate_python(row.version.definition)
        wanted = {
            each.topic: (rules.address(section, each), each)
            for section in of.section
            if section.repeats is None
            for each in section.question
            if each.topic and each.key not in row.answers
        }
        if not wanted:
            return {}
        others = list(_about_the_same(viewer, row, at).order_by("-changed_at")[:PAGE])
    found: dict[str, Earlier] = {}
    read: set[UUID] = set()
    for other in others:
        its = AS_KEPT.validate_python(other.version.definition)
        for question in its.questions():
            here = wanted.get(question.topic)
            kept = other.answers.get(question.key)
            if here is None or here[0] in found or kept is None or kept["withheld"]:
                continue
            if question.kind != here[1].kind or question.answers != here[1].answers or kept["value"] in (None, "", []):
                continue
            said = Said.read(kept)
            day = said.at.astimezone(LONDON)
            source = said.source or f"{its.name} {other.reference}, {day.day} {day:%B %Y}"
            fresh = (at.astimezone(LONDON).date() - day.date()).days <= of.fresh_days
            found[here[0]] = Earlier(question.topic, said, source, fresh)
            read.add(other.id)
    found |= {key: each for key, each in _on_record(viewer, row, wanted, at).items() if key not in found}
    if found:
        with as_viewer(viewer, at=at):
            record(
                viewer=viewer,
                operation="consultation",
                action="assessment.reuse",
                object_type="assessment",
                object_id=row_id,
                subjects=[row.person_id] if row.person_id else [],
                detail={"read": sorted(map(str, read))},
                at=at,
            )
    return found


def _on_record(
    viewer: Viewer, row: Assessment, wanted: Mapping[str, tuple[str, Question]], at: datetime
) -> dict[str, Earlier]:
    """What the person's record says on these topics: how to reach them safely, and that they need an interpreter."""
    if row.person_id is None or not {"safe_contact", "access"} & set(wanted):
        return {}
    known = people.names(viewer, [row.person_id], at=at).get(row.person_id)
    if known is None:
        return {}
    found: dict[str, Earlier] = {}
    where = wanted.get("safe_contact")
    if where is not None and known.safe_contact and where[1].kind == "text":
        said = Said(known.safe_contact[: rules.SHORT], row.begun_at, "the person’s record")
        found[where[0]] = Earlier("safe_contact", said, "The person’s record")
    where = wanted.get("access")
    if where is not None and known.interpreter and INTERPRETER in where[1].answers:
        said = Said([INTERPRETER], row.begun_at, "the person’s record")
        found[where[0]] = Earlier("access", said, f"The person’s record: {known.interpreter}")
    return found


def _about_the_same(viewer: Viewer, row: Assessment, at: datetime) -> QuerySet[Assessment]:
    same = Q(family_name__iexact=row.family_name, given_name__iexact=row.given_name, born_on=row.born_on)
    same = same & Q(born_on__isnull=False)
    if row.person_id:
        same |= Q(person_id=row.person_id)
    return visible_assessments(viewer, at=at).filter(same, begun_at__lte=row.begun_at).exclude(id=row.id)


def previous_of(viewer: Viewer, row: Assessment, *, at: datetime) -> Assessment | None:
    """The decided assessment on the same instrument before this one, about the same person."""
    return (
        _about_the_same(viewer, row, at)
        .filter(instrument=row.instrument, state="decided")
        .order_by("-begun_at")
        .first()
    )


@reading("assessment.read", "assessment")
def comparison(viewer: Viewer, assessment_id: UUID, *, at: datetime) -> tuple[str, tuple[Compared, ...]]:
    """The assessment before this one (its reference and day, in words) and every question of both, then and now.

    An empty pair where there is none before it. Raises NotAllowed, NotHere.
    """
    accounts.require(viewer, "assessment.read")
    with as_viewer(viewer, at=at):
        row = visible_assessments(viewer, at=at).filter(id=assessment_id).first()
        before = previous_of(viewer, row, at=at) if row is not None else None
        for each, tried in ((row, assessment_id), (before, before.id if before else None)):
            if tried is not None:
                opened(
                    viewer=viewer, action="assessment.compare", object_type="assessment", object_id=tried,
                    found=each is not None, at=at,
                )  # fmt: skip
        levels = _levels([row, before])
    if row is None:
        raise NotHere("assessment")
    if before is None:
        return "", ()
    now, then = (AS_KEPT.validate_python(each.version.definition) for each in (row, before))
    lines = [
        Compared(
            question.text,
            rules.in_words(question, _value(before, question.key)),
            rules.in_words(question, _value(row, question.key)),
        )
        for section in now.section
        if section.repeats is None
        for question in section.question
    ]
    known = {each.key: each.name for each in (*then.judgement.level, *now.judgement.level)}
    judged = [known.get(levels.get(each.id, ""), "Not decided") for each in (before, row)]
    day = before.begun_at.astimezone(LONDON)
    return (
        f"{before.reference}, begun {day.day} {day:%B %Y}",
        (Compared(now.judgement.question, judged[0], judged[1]), *lines),
    )


def _levels(rows: Iterable[Assessment | None]) -> dict[UUID, str]:
    ids = [row.id for row in rows if row is not None]
    found = Judgement.objects.filter(assessment_id__in=ids).order_by("revision").values_list("assessment_id", "level")
    return dict(found)


def _value(row: Assessment, key: str) -> rules.Given:
    kept: Mapping[str, Any] = row.answers.get(key) or {}
    return kept.get("value")
