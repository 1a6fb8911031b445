"""Beginning an assessment and answering it, page by page, on one day or several."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID, uuid4

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import ChangedMeanwhile, NotHere, Viewer
from concord.desk.instruments import queries, rules
from concord.desk.instruments.models import Assessment, Change, Version
from concord.desk.instruments.operations.locked import count, locked, record_on, write
from concord.desk.instruments.rules import ASSESSMENT, NotAnswered, NotUsable, Said
from concord.desk.people import queries as people
from concord.desk.people.rules import marked
from concord.desk.referrals import queries as referrals
from concord.desk.referrals.rules import NamedParty
from concord.desk.sharing import operations as sharing
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.instrument import Ground, Instrument

# Without 0, 1, I, L, O: a reference is read aloud.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
REMEMBERED = 40
"""How many saved pages an assessment remembers, to know a second press of the button."""


@operation("assessment.begin", "assessment")
def begin(
    *,
    viewer: Viewer,
    instrument: str,
    given_name: str = "",
    family_name: str = "",
    born_on: date | None = None,
    person_id: UUID | None = None,
    party_id: UUID | None = None,
    ground: str = "",
    submission: UUID | None = None,
    at: datetime,
) -> UUID:
    """Begin an assessment of somebody on record (`person_id`), of somebody a referral names (`party_id`), or of
    somebody named here. Returns its identifier.

    Nothing is looked up about a name. What the referral makes certain (the day the partnership first knew, and what its
    trigger says) is filled in with its source. The same `submission` twice begins one. The instrument is kept with it
    as it stands now. Raises NotAllowed, NotUsable also for an age it is not for, NotHere for a person or a referral not
    shared with the viewer, AgreementEnded.
    """
    accounts.require(viewer, "assessment.write")
    of, grounds = queries.usable_one(viewer, instrument)
    if submission is not None:
        again = queries.visible_assessments(viewer, at=at).filter(id=submission, author_id=viewer.user_id).first()
        if again is not None:
            return again.id
    chosen = _ground(grounds, ground)
    party = referrals.party_named(viewer, party_id, at=at) if party_id is not None else None
    if party is None and party_id is not None:
        raise NotHere("referral")
    if party is not None:
        given_name, family_name, born_on = party.given_name, party.family_name, party.born_on
        if person_id is None and party.person_id is not None and people.may_use(viewer, party.person_id, at=at):
            person_id = party.person_id
    if person_id is not None:
        known = people.names(viewer, [person_id], at=at).get(person_id)
        if known is None:
            raise NotHere("person")
        given_name, family_name, born_on = known.given_name, known.family_name, known.born_on
    if not family_name.strip():
        raise NotUsable("Give the person's name.", next_step="At least a family name. Write “Unknown” if need be.")
    rules.require_age(of, born_on, at.astimezone(LONDON).date())
    assessment_id = submission or uuid4()
    sharing.share(
        viewer=viewer,
        subjects=[("assessment", assessment_id)],
        holders={f"user:{viewer.user_id}": None},
        purpose=chosen.purpose,
        gateway=chosen.gateway,
        agreement=chosen.agreement,
        at=at,
    )
    row = Assessment(
        id=assessment_id,
        partnership=viewer.partnership,
        reference="".join(secrets.choice(LETTERS) for _ in range(8)),
        version=_version(viewer, of, at),
        instrument=of.key,
        state=ASSESSMENT.initial,
        given_name=given_name.strip(),
        family_name=marked(family_name.strip(), synthetic=accounts.partnership().synthetic),
        born_on=born_on,
        person_id=person_id,
        referral_id=party.referral_id if party is not None else None,
        purpose=chosen.purpose,
        gateway=chosen.gateway,
        agreement=chosen.agreement,
        author_id=viewer.user_id,
        agency=viewer.agency,
        begun_at=at,
        changed_at=at,
    )
    row.previous = queries.previous_of(viewer, row, at=at)
    count(of, row, "")
    row.save(force_insert=True)
    known = _known_from(of, party, viewer) if party is not None else {}
    if known:
        write(viewer, of, row, known, "", "", at)
        row.save()
    if person_id is not None:
        sharing.repeat_exclusions(viewer=viewer, persons=[person_id], kind="assessment", object_id=row.id, at=at)
    record_on(viewer, "collection", "assessment.begin", row, at, detail={"instrument": of.key, "version": of.version})
    return row.id


@operation("assessment.save", "assessment")
def save(
    *,
    viewer: Viewer,
    assessment_id: UUID,
    answers: Mapping[str, object],
    withheld: Collection[str] = (),
    revision: int,
    save_id: UUID | None = None,
    at: datetime,
) -> int:
    """Keep the answers of a page, by address; a blank takes an answer back. Returns the revision they have now.

    `withheld` are questions whose answer the person did not want written: nothing is kept of it. An answer taken over
    from an earlier assessment keeps the day and place it was first given. The same `save_id` twice changes nothing.
    Raises NotAllowed, NotHere, NotNow, NotAnswered, and ChangedMeanwhile where a colleague changed one of the same
    questions after `revision`; changes of other pages stand beside each other.
    """
    of, row = locked(viewer, assessment_id, "assessment.write", "answer", at)
    if save_id is not None and save_id in row.saves:
        return row.revision
    _nobody_else_changed(row, {*answers, *withheld}, revision)
    offered = queries.earlier_answers(viewer, assessment_id, at=at)
    given = {}
    for address in {*answers, *withheld}:
        _, question, _ = rules.placed(of, address)
        if address in withheld and not question.declinable:
            raise NotAnswered(f"“{question.text}” is always written.", next_step="Answer it, or stop the assessment.")
        value = None if address in withheld else rules.checked(question, answers[address])
        said = Said(value, at, viewer.display_name, withheld=address in withheld)
        earlier = offered.get(address)
        if earlier is not None and value is not None and earlier.said.value == value:
            said = Said(value, earlier.said.at, earlier.said.by, source=earlier.source)
        given[address] = said
    changed = write(viewer, of, row, given, "", "", at)
    if save_id is not None:
        row.saves = [*row.saves, save_id][-REMEMBERED:]
    row.save()
    if changed:
        record_on(
            viewer, "collection", "assessment.save", row, at, detail={"answers": changed, "revision": row.revision}
        )
    else:
        record_on(viewer, "consultation", "assessment.save", row, at, detail={"answers": 0})
    return row.revision


@operation("assessment.pause", "assessment")
def pause(*, viewer: Viewer, assessment_id: UUID, reason: str = "", at: datetime) -> None:
    """Stop for today: everything is kept, and the deadline runs on. Raises NotAllowed, NotHere, NotNow."""
    _, row = locked(viewer, assessment_id, "assessment.write", "pause", at)
    row.changed_at = at
    row.save()
    record_on(viewer, "alteration", "assessment.pause", row, at, reason=reason.strip())


@operation("assessment.resume", "assessment")
def resume(*, viewer: Viewer, assessment_id: UUID, at: datetime) -> None:
    """Go on with a paused assessment. Raises NotAllowed, NotHere, NotNow."""
    _, row = locked(viewer, assessment_id, "assessment.write", "resume", at)
    row.changed_at = at
    row.save()
    record_on(viewer, "alteration", "assessment.resume", row, at)


@operation("assessment.stop", "assessment")
def stop(*, viewer: Viewer, assessment_id: UUID, reason: str, at: datetime) -> None:
    """End it without a decision: the person does not want to go on, or it was begun by mistake.

    Raises NotAllowed, NotHere, NotNow, NotAnswered for a blank reason.
    """
    _, row = locked(viewer, assessment_id, "assessment.write", "stop", at)
    if not reason.strip():
        raise NotAnswered("Say why it stops here.", next_step="A few words are enough.")
    row.stopped_because, row.changed_at = reason.strip(), at
    row.save()
    record_on(viewer, "alteration", "assessment.stop", row, at, reason=reason.strip())


# --- shared by the functions above -------------------------------------------------------------------------------


def _ground(grounds: tuple[Ground, ...], key: str) -> Ground:
    known = {each.key: each for each in grounds}
    if key and key not in known:
        raise NotUsable(f"“{key}” is not a ground you may act on here.", next_step=did_you_mean(key, known))
    return known[key] if key else grounds[0]


def _known_from(of: Instrument, party: NamedParty, viewer: Viewer) -> dict[str, Said]:
    """What the referral itself makes certain, by question, with where it stands."""
    trigger = rules.triggered(of, party.pathway, party.role, party.ground)
    if trigger is None:
        return {}
    day = party.submitted_at.astimezone(LONDON).date()
    known: dict[str, object] = dict(trigger.answers)
    if of.deadline is not None and of.deadline.starts:
        known[of.deadline.starts] = day
    source = f"{party.pathway_name} {party.reference}, {day.day} {day:%B %Y}"
    return {
        key: Said(
            rules.checked(rules.placed(of, key)[1], value), party.submitted_at, viewer.display_name, source=source
        )
        for key, value in known.items()
    }


def _version(viewer: Viewer, of: Instrument, at: datetime) -> Version:
    """The instrument as it stands, kept once. Raises NotUsable where it changed and its version did not."""
    definition = queries.AS_KEPT.dump_python(of, mode="json")
    loaded = queries.wording_of(of.key)
    wording = loaded.digest if loaded is not None else ""
    digest = sha256(queries.AS_KEPT.dump_json(of)).hexdigest()
    found, _ = Version.objects.get_or_create(
        partnership=viewer.partnership,
        key=of.key,
        number=of.version,
        wording=wording,
        defaults={"digest": digest, "definition": definition, "kept_at": at},
    )
    # Compared as they are read now: a field that a later Concord knows and neither file gives is no change.
    if found.digest != digest and queries.AS_KEPT.validate_python(found.definition) != of:
        raise NotUsable(
            f"“{of.name}” was changed and is still version {of.version}.",
            why="Answers are kept with the questions they were given to: another text needs another version.",
            next_step=f"Raise version in instruments/{of.key}.toml, or put the file back as it was.",
        )
    return found


def _nobody_else_changed(row: Assessment, addresses: Collection[str], revision: int) -> None:
    if revision == row.revision:
        return
    newer = Change.objects.filter(assessment=row, revision__gt=revision, address__in=addresses)
    first = newer.select_related("by").order_by("-revision").first()
    if first is not None:
        raise ChangedMeanwhile("page", first.by.display_name, at=first.at)
