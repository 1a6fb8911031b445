"""The referrer's pages. The receiving team's are in `tray`."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.accounts import queries as accounts
from concord.desk.instruments import operations as instruments
from concord.desk.referrals import operations, queries
from concord.desk.referrals.rules import Receipt
from concord.strategy.shapes.forum import Forum
from concord.strategy.shapes.pathway import Pathway
from concord.web.instruments import enclosing
from concord.web.referrals import drafts, steps
from concord.web.shared import once, partnership
from concord.web.shared.acts import attempt
from concord.web.shared.forms import Form, radios
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of
from concord.web.shared.pages import after, following

OTHER = "other"
ASKED = {"child": 0, "adult": 1, "place": 2, "group": 3, "online": 4}
"""The order of the first question; what is not here comes after."""


@require_GET
@may("referral.submit")
def mine(request: Request) -> HttpResponse:
    start = after(request)
    referrals = queries.my_referrals(viewer_of(request), at=timezone.now(), after=start)
    full = len(referrals) == queries.PAGE
    older = following(referrals[-1].submitted_at, referrals[-1].referral_id) if full else ""
    begun = [{"key": key, "name": _pathway(request, key).name} for key in drafts.begun(request)]
    return render(
        request,
        "referrals/list.html",
        {"referrals": referrals, "drafts": [] if start else begun, "older": older, "later": start is not None},
    )


@once.may_repeat
@require_http_methods(["GET", "POST"])
@may("referral.submit")
def new(request: Request) -> HttpResponse:
    """Who, or what, first. It settles which pathway, and so what is asked."""
    open_to_me = queries.pathways(viewer_of(request))
    asked = sorted((each for each in open_to_me if each.asked), key=lambda each: ASKED.get(each.subject, len(ASKED)))
    choices = [(each.key, each.asked) for each in asked]
    if len(asked) < len(open_to_me):
        choices.append((OTHER, "Something else: support, a programme, a notification"))
    subject = radios(
        "Who or what are you worried about?",
        choices,
        hints={each.key: each.asked_hint for each in asked if each.asked_hint},
        missing="Choose who or what you are worried about",
    )
    kind: type[Form] = type("WhoForm", (Form,), {"subject": subject})
    form = kind(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["subject"]
        if chosen == OTHER:
            others = sorted((each for each in open_to_me if not each.asked), key=lambda each: each.name)
            return render(request, "referrals/others.html", {"pathways": others})
        return redirect("referral-resume", chosen)
    return render(request, "referrals/who.html", {"form": form})


@require_GET
@may("referral.submit")
def resume(request: Request, pathway: str) -> HttpResponse:
    """On to the first page that was not answered."""
    found = _pathway(request, pathway)
    return HttpResponseRedirect(_next(found, drafts.load(request, pathway)))


@once.may_repeat
@require_http_methods(["GET", "POST"])
@may("referral.submit")
def step(request: Request, pathway: str, key: str) -> HttpResponse:
    found = _pathway(request, pathway)
    pages = steps.of(found)
    place = next((index for index, each in enumerate(pages) if each.key == key), None)
    if place is None:
        raise Http404
    page, draft = pages[place], drafts.load(request, pathway)
    if request.method == "POST":
        form = steps.form(page, found, _forum(found), data=request.POST)
        if form.is_valid():
            drafts.keep(request, pathway, key, steps.answers(form))
            if request.POST.get("later"):
                return _later(request)
            was_complete = steps.first_missing(found, draft) is None
            after = pages[place + 1].key if place + 1 < len(pages) and not was_complete else None
            return HttpResponseRedirect(_address(pathway, after))
    else:
        known = draft.get(key) or draft.get(drafts.SUGGESTED, {})
        form = steps.form(page, found, _forum(found), initial=steps.initial(known))
    back = _address(pathway, pages[place - 1].key) if place else reverse("referral-new")
    context = {"form": form, "step": page, "pathway": found, "number": place + 1, "total": len(pages) + 1, "back": back}
    # Whoever only refers is never told who is known: for them nothing is looked up.
    person = page.role is not None and page.role.kind == "person"
    context["matches"] = person and accounts.may(viewer_of(request), "person.match")
    return render(request, "referrals/step.html", context)


@require_http_methods(["GET", "POST"])
@may("referral.submit")
def check(request: Request, pathway: str) -> HttpResponse:
    """Everything once more, who will see it and why they may, then send."""
    found, draft = _pathway(request, pathway), drafts.load(request, pathway)
    if steps.first_missing(found, draft) is not None:
        return redirect("referral-resume", pathway)
    form = Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and request.POST.get("later"):
        return _later(request)
    if request.method == "POST":
        # Chosen before sending: a second press of the button sends nothing twice.
        submission = draft.get("submission", {}).get("id") or str(uuid4())
        drafts.keep(request, pathway, "submission", {"id": submission})
        sent = _referral(request, found, draft, submission)
        done, receipt = attempt(form, lambda: _send(sent, draft.get(drafts.ENCLOSED)))
        if done and receipt is not None:
            drafts.discard(request, pathway)
            request.session["sent"] = str(receipt.referral_id)
            return redirect("referral", receipt.referral_id)
    notice = queries.sharing_notice(viewer_of(request), pathway, at=timezone.now())
    context = {
        "form": form,
        "pathway": found,
        "sections": _sections(found, draft),
        "enclosed": enclosing.named(viewer_of(request), draft.get(drafts.ENCLOSED)),
        "notice": notice,
        "purpose": notice.purpose.replace("_", " ").capitalize(),
        "back": _address(pathway, steps.of(found)[-1].key),
    }
    return render(request, "referrals/check.html", context)


@require_GET
@may("referral.read")
def status(request: Request, referral_id: UUID) -> HttpResponse:
    """What the referrer may know, and no more. Straight after sending it is the receipt."""
    found = queries.referral_status(viewer_of(request), referral_id, at=timezone.now())
    just_sent = request.session.pop("sent", None) == str(referral_id)
    panel = format_html('Your reference is<br><strong class="concord-code">{}</strong>', found.reference)
    overdue = found.due_at is not None and found.due_at < timezone.now()
    context = {"referral": found, "just_sent": just_sent, "panel_html": panel, "overdue": overdue}
    return render(request, "referrals/status.html", context)


def _pathway(request: Request, key: str) -> Pathway:
    found = next((each for each in queries.pathways(viewer_of(request)) if each.key == key), None)
    if found is None:
        raise Http404
    return found


def _forum(pathway: Pathway) -> Forum | None:
    """The forum whose repeat rule decides what the form must ask."""
    forums = partnership.current().forums
    led_to = [forums[each.forum] for each in pathway.route if each.forum is not None and each.forum in forums]
    return next((forum for forum in led_to if forum.repeat), None)


def _address(pathway: str, key: str | None) -> str:
    return reverse("referral-step", args=[pathway, key]) if key else reverse("referral-check", args=[pathway])


def _next(pathway: Pathway, draft: drafts.Draft) -> str:
    missing = steps.first_missing(pathway, draft)
    return _address(pathway.key, missing.key if missing else None)


def _later(request: Request) -> HttpResponse:
    messages.success(request, "Saved. Nobody else can see it. Go on with it from this page.")
    return redirect("referrals")


def _referral(request: Request, pathway: Pathway, draft: drafts.Draft, submission: str) -> dict[str, Any]:
    concern, contact = draft["concern"], draft["contact"]
    kind = concern.get("incident_kind") or ""
    return {
        "viewer": viewer_of(request),
        "pathway": pathway.key,
        "parties": steps.parties(pathway, draft),
        "concern": concern["concern"],
        "ground": concern.get("ground") or "",
        "incident_on": steps.as_day(concern.get("incident_on")),
        "incident_kind": "" if kind == "other" else kind,
        "consent": contact.get("consent") or "",
        "safe_contact": contact.get("safe_contact") or "",
        "answers": steps.own_answers(pathway, concern),
        "submission": UUID(submission),
        "at": timezone.now(),
    }


def _send(sent: dict[str, Any], enclosed: dict[str, str] | None) -> Receipt:
    """The referral, with the assessment it follows from where there is one."""
    if not enclosed:
        return operations.submit(**sent)
    del sent["pathway"]
    return instruments.refer(**sent, assessment_id=UUID(enclosed["assessment"]), route=enclosed["route"])


def _sections(pathway: Pathway, draft: drafts.Draft) -> list[dict[str, Any]]:
    """The answers as the pages asked for them, without those left empty."""
    sections = []
    for page in steps.of(pathway):
        form = steps.form(page, pathway, _forum(pathway), initial=steps.initial(draft[page.key]))
        rows = []
        for bound in form:
            value = draft[page.key].get(bound.name)
            if page.role is not None and bound.name == "sex" and value in ("", "U"):
                continue
            if value:
                rows.append(
                    {
                        "label": bound.label,
                        "value": _shown(bound, value),
                        "long": len(str(value)) > 60 or "\n" in str(value),
                    }
                )
        sections.append({"title": page.title, "rows": rows, "change": _address(pathway.key, page.key)})
    return sections


def _shown(bound: Any, value: Any) -> str:
    choices = dict(getattr(bound.field, "choices", ()))
    if bound.name.endswith("_on"):
        when = steps.as_day(value)
        return f"{when.day} {when:%B %Y}" if when else ""
    if isinstance(value, list):
        return ", ".join(str(choices.get(each, each)) for each in value)
    return str(choices.get(value, value))
