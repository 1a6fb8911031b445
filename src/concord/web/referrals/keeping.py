"""Whom a contact is kept from: the worker who knows the family, or everybody but the colleagues named."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from concord.desk.accounts import queries as accounts
from concord.desk.referrals import operations
from concord.desk.sharing import queries as sharing
from concord.web.referrals.tray import form_page, opened
from concord.web.shared.acts import attempt, posted
from concord.web.shared.guards import may
from concord.web.shared.keeping import ConnectionForm, restriction
from concord.web.shared.middleware import Request, viewer_of


@require_http_methods(["GET", "POST"])
@may("connection.declare")
def connection(request: Request, contact_id: UUID) -> HttpResponse:
    """After this the contact is not there for the one who declared."""
    found, form = opened(request, contact_id), ConnectionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        done, _ = attempt(
            form,
            lambda: operations.declare_connection(
                viewer=viewer_of(request), contact_id=contact_id, why=form.cleaned_data["why"], at=timezone.now()
            ),
        )
        if done:
            messages.success(request, "Declared. You no longer see that contact. A colleague takes it on.")
            return redirect("contacts")
    return form_page(
        request,
        found,
        form,
        heading="I know somebody in this contact",
        button="Declare it",
        lede="Declare it if you know them outside your work: family, a friend, a neighbour, a colleague, yourself.",
        after="From then on this contact and the people in it will not be there for you: not in lists, not in search.",
    )


@require_http_methods(["GET", "POST"])
@may("contact.restrict")
def restrict(request: Request, contact_id: UUID) -> HttpResponse:
    viewer, found = viewer_of(request), opened(request, contact_id)
    others = [each for each in accounts.colleagues(viewer) if each.user_id != viewer.user_id]
    stands = sharing.restriction(viewer, "contact", contact_id, at=timezone.now())
    form = restriction(others, posted(request), repr(stands))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.restrict_contact(
                viewer=viewer,
                contact_id=contact_id,
                level=given["level"],
                named=[viewer.user_id, *map(UUID, given["named"])],
                reason=given["reason"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "Saved. It holds from now on, in lists and search too.")
            return redirect("contact", contact_id)
    return form_page(
        request,
        found,
        form,
        heading="Who may open this contact",
        button="Save",
        after="For the rest of the team the contact and its people will not be there. The referrer still reads what "
        "became of their referral.",
    )
