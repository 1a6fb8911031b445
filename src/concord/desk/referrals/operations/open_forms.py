"""Reports from people without an account. The form writes; nothing can be read back through it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from concord.desk.accounts import guarding
from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.referrals import queries, rules
from concord.desk.referrals.models import Kept, Referral
from concord.desk.referrals.operations.front_door import check, receive
from concord.desk.referrals.operations.locked import record_on
from concord.desk.referrals.rules import PartyDetails
from concord.desk.sharing.session import as_viewer, operation


@operation("form.submit", "referral")
def submit_open(
    *,
    viewer: Viewer,
    pathway: str,
    parties: Sequence[PartyDetails],
    concern: str,
    incident_on: date | None = None,
    safe_contact: str = "",
    answers: Mapping[str, object],
    submission: UUID,
    at: datetime,
) -> str:
    """Send a report without an account. Returns the reference of its receipt, which opens nothing.

    Sending the same `submission` twice gives the same reference and no second report. `viewer` is the form's service.
    Raises NotAllowed, NotHere where the pathway has no open form, NotThatWay, AgreementEnded.
    """
    accounts.require(viewer, "form.submit")
    on = queries.pathway(pathway)
    if on.open_form is None:
        raise NotHere("form")
    check(on, parties, concern, "")
    said = rules.checked(on, "", answers)
    reference = rules.reference_of(submission.bytes, settings.SECRET_KEY)
    referral = Referral(
        id=submission,
        partnership=viewer.partnership,
        reference=reference,
        pathway=pathway,
        referrer_id=None,
        referrer_kind="public",
        agency=on.open_form.agency,
        concern=concern.strip(),
        incident_on=incident_on,
        safe_contact=safe_contact.strip(),
        answers=said,
        submitted_at=at,
        told_state=on.initial,
    )
    # The form acts for the agency that answers for it, and could read what it writes for as long as it writes.
    acting = replace(viewer, agency=on.open_form.agency)
    try:
        with transaction.atomic(), as_viewer(acting, at=at):
            receive(acting, on, referral, parties, timedelta(microseconds=1), at)
            record_on(acting, "collection", "form.submit", "referral", referral.id, on, at)
    except IntegrityError:
        return reference
    return reference


@operation("form.submit", "form")
def one_try_more(*, viewer: Viewer, what: str, connection_from: str, most: int, at: datetime) -> bool:
    """Count one try of a connection at `what`. Returns whether it had `most` within the hour already, which then is not
    counted, so that the hour ends. Kept for an hour under a keyed digest; the address itself is kept nowhere.

    Raises NotAllowed.
    """
    accounts.require(viewer, "form.submit")
    mark = guarding.digest(f"{what}\x1f{connection_from}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT referrals_one_try_more(%s, %s, %s)", [mark, most, at])
        (too_many,) = cursor.fetchone()
    if too_many:
        record(viewer=viewer, operation="refusal", action="form.submit", object_type="form", outcome="refused", at=at)
    return bool(too_many)


@operation("form.keep", "form")
def keep_form(*, viewer: Viewer, content: Mapping[str, Any], days: int, code: str = "", at: datetime) -> str:
    """Keep a form that was begun, for `days`, under `code` or a new one. Returns the code, which is stored nowhere.

    Forms past their time are erased on the way. Raises NotAllowed.
    """
    accounts.require(viewer, "form.keep")
    Kept.objects.filter(until__lte=at).delete()
    record(viewer=viewer, operation="collection", action="form.keep", object_type="form", at=at)
    code = rules.plain(code) or "".join(secrets.choice(rules.CODE_LETTERS) for _ in range(rules.CODE_LENGTH))
    Kept.objects.update_or_create(
        mark=rules.mark_of(code, settings.SECRET_KEY),
        defaults={
            "sealed": rules.seal(dict(content), code, settings.SECRET_KEY),
            "until": at + timedelta(days=days),
        },
    )
    return code


@operation("form.keep", "form")
def discard_form(*, viewer: Viewer, code: str, at: datetime) -> None:
    """Erase a kept form: it was sent, or its holder wants it gone. Raises NotAllowed."""
    accounts.require(viewer, "form.keep")
    record(viewer=viewer, operation="erasure", action="form.discard", object_type="form", at=at)
    Kept.objects.filter(mark=rules.mark_of(code, settings.SECRET_KEY)).delete()
