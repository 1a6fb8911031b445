"""Who has a contact in hand."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from concord.desk.accounts import queries as accounts
from concord.desk.referrals import operations, queries
from concord.web.referrals.forms import Versioned
from concord.web.referrals.tray import form_page, opened
from concord.web.shared.acts import attempt, posted
from concord.web.shared.forms import Form, radios
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of

NOBODY = "nobody"


@require_POST
@may("contact.take")
def take(request: Request, contact_id: UUID) -> HttpResponse:
    """One button: I take it, or I give it back to the team."""
    viewer, found = viewer_of(request), opened(request, contact_id)
    back = "back" in request.POST
    operations.hold(
        viewer=viewer,
        contact_id=contact_id,
        user_id=None if back else viewer.user_id,
        version=found.version,
        at=timezone.now(),
    )
    said = "It is with the team again." if back else "You have it in hand. Your colleagues see that."
    messages.success(request, said)
    return redirect("contact", contact_id)


@require_http_methods(["GET", "POST"])
@may("contact.allocate")
def allocate(request: Request, contact_id: UUID) -> HttpResponse:
    """To whom the manager gives it."""
    viewer, found = viewer_of(request), opened(request, contact_id)
    if found.decided:
        raise Http404
    counted = {each.name: each.count for each in queries.balance(viewer, [found.pathway], at=timezone.now()).held}
    colleagues = queries.can_hold(viewer, contact_id, at=timezone.now())
    if not accounts.may(viewer, "contact.allocate") or not colleagues:
        raise Http404
    choices = [
        (str(each.user_id), f"{each.display_name}, who has {counted.get(each.display_name, 0)} of these in hand")
        for each in colleagues
    ]
    which = radios("Who takes it?", [*choices, (NOBODY, "Nobody yet: it stays with the team")], missing="Choose who")
    kind: type[Form] = type("HoldForm", (Versioned,), {"who": which})
    form = kind(posted(request), initial={"who": str(found.held_by_id) if found.held_by_id else NOBODY})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.hold(
                viewer=viewer,
                contact_id=contact_id,
                user_id=None if given["who"] == NOBODY else UUID(given["who"]),
                version=given["version"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "Saved. It stands in their list under “Mine”.")
            return redirect("contact", contact_id)
    return form_page(request, found, form, heading="Give it to a colleague", button="Save")
