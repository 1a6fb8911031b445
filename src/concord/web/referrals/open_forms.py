"""Reports from people without an account: written, kept under a code, sent. Nothing is read back but by that code.

No page here needs a script, and no cookie but the one that keeps a form from being sent by another site.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.accounts import queries as accounts
from concord.desk.referrals import operations, queries, rules
from concord.desk.referrals.rules import PartyDetails
from concord.strategy.shapes.pathway import OpenForm, Pathway
from concord.strategy.shapes.phrases import Phrases
from concord.web.referrals import languages, limits, steps
from concord.web.shared import once, partnership
from concord.web.shared.acts import attempt
from concord.web.shared.forms import Form, day, long_text, text
from concord.web.templatetags.concord import said

SERVICE = limits.SERVICE
RESUMES_AN_HOUR = 10
TRAP, LEAVE_EMPTY = "website", "Leave this field empty"
NO_FORM = (
    "No form opens with that code. Check each letter. A form is erased once it is sent, and when its days are over."
)


@once.open_to_anyone
@never_cache
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, pathway: str) -> HttpResponse:
    on, opened = _open(pathway)
    tongue = languages.chosen(request)
    form = languages.put(_form(on, request.POST if request.method == "POST" else None), tongue)
    if request.method == "POST":
        if limits.too_many(request, f"report-{pathway}", opened.per_hour):
            return _later(request, on, opened)
        if request.POST.get("later"):
            return _keep(request, on, opened)
        if form.is_valid():
            sent_, reference = attempt(form, lambda: _send(on, form.cleaned_data))
            if sent_:
                if code := rules.plain(request.POST.get("code", "")):
                    operations.discard_form(viewer=accounts.service(SERVICE), code=code, at=timezone.now())
                token = signing.dumps(reference, salt="open form receipt")
                return redirect(f"{reverse('report-sent', args=[pathway])}?{_query(tongue, receipt=token)}")
    return _page(request, on, opened, form)


@once.open_to_anyone
@never_cache
@require_http_methods(["GET", "POST"])
def resume(request: HttpRequest, pathway: str) -> HttpResponse:
    on, opened = _open(pathway)
    tongue = languages.chosen(request)
    code_field = text(
        "Your code",
        width="20",
        max_length=40,
        missing="Enter your code",
        hint="12 letters and digits",
    )
    form: Form = type("CodeForm", (Form,), {"code": code_field})(request.POST if request.method == "POST" else None)
    languages.put(form, tongue)
    if request.method == "POST" and form.is_valid():
        if limits.too_many(request, "resume", RESUMES_AN_HOUR):
            return _later(request, on, opened)
        code = form.cleaned_data["code"]
        found = queries.kept_form(accounts.service(SERVICE), code, at=timezone.now())
        if found is not None and found.get("pathway") == pathway:
            initial = steps.initial(found["answers"]) | {"code": rules.plain(code)}
            return _page(request, on, opened, languages.put(_form(on, None, initial), tongue))
        form.add_error("code", said(NO_FORM, tongue))
    return _render(request, "referrals/report_resume.html", on, opened, form=form)


@never_cache
@require_GET
def sent(request: HttpRequest, pathway: str) -> HttpResponse:
    on, opened = _open(pathway)
    try:
        reference = signing.loads(request.GET.get("receipt", ""), salt="open form receipt", max_age=3600)
    except signing.BadSignature:
        return redirect("report", pathway)
    words = said("Your reference is", languages.chosen(request))
    panel = format_html('{}<br><strong class="concord-code">{}</strong>', words, reference)
    told = next(each.told for each in on.state if each.key == on.initial)
    return _render(request, "referrals/report_sent.html", on, opened, panel_html=panel, told=told)


class Trapped(Form):
    """Has a field that nobody sees. A machine that fills in everything fills it in, and sends nothing; somebody whose
    browser did so is told, and sees it then."""

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        if self.cleaned_data.get(TRAP):
            self.add_error(TRAP, LEAVE_EMPTY)
        return given


def _query(tongue: Phrases | None, **more: str) -> str:
    return urlencode(more | ({"lang": tongue.language} if tongue else {}))


def _render(
    request: HttpRequest, template: str, on: Pathway, opened: OpenForm, status: int = 200, **more: Any
) -> HttpResponse:
    """One page of a form, in the language of its address; `suffix` keeps that language in the page's own links."""
    tongue = languages.chosen(request)
    context = {
        "open": opened,
        "pathway": on,
        "tongue": tongue,
        "suffix": f"?{_query(tongue)}" if tongue else "",
        "languages": languages.offered(),
        "trap": TRAP,
    }
    return render(request, template, context | more, status=status)


def _open(key: str) -> tuple[Pathway, OpenForm]:
    on = partnership.current().pathways.get(key)
    if on is None or on.open_form is None:
        raise Http404
    return on, on.open_form


def _form(on: Pathway, data: Any, initial: dict[str, Any] | None = None) -> Form:
    fields: dict[str, Any] = {
        "concern": long_text(
            "What happened?",
            rows=8,
            missing="Say what happened",
            hint="As much or as little as you like",
        ),
        "incident_on": day("When?", required=False, hint="Leave empty if you are not sure. For example, 27 3 2026"),
    }
    fields |= {f"{steps.OWN}{each.key}": steps.question_field(each) for each in rules.questions_of(on)}
    fields |= {
        "who": text("Your name", required=False, max_length=100, hint="Leave empty if you would rather not say"),
        "safe_contact": long_text(
            "If we may get in touch: how, and when is it safe?",
            rows=3,
            required=False,
            max_length=500,
            hint="Leave empty and nobody will contact you",
        ),
        TRAP: text(LEAVE_EMPTY, required=False, max_length=100),
        "submission": forms.CharField(widget=forms.HiddenInput, required=False),
        "code": forms.CharField(widget=forms.HiddenInput, required=False),
    }
    start = {"submission": str(uuid4()), **(initial or {})}
    built: Form = type("ReportForm", (Trapped,), fields)(data, initial=start)
    return built


def _send(on: Pathway, given: dict[str, Any]) -> str:
    try:
        submission = UUID(given.get("submission") or "")
    except ValueError:
        submission = uuid4()
    reporter = next((each.role for each in on.party if each.role == "reporter"), "")
    named = [PartyDetails(reporter, "", given["who"])] if reporter and given.get("who") else []
    return operations.submit_open(
        viewer=accounts.service(SERVICE),
        pathway=on.key,
        parties=named,
        concern=given["concern"],
        incident_on=given.get("incident_on"),
        safe_contact=given.get("safe_contact") or "",
        answers={each.key: given.get(f"{steps.OWN}{each.key}") for each in rules.questions_of(on)},
        submission=submission,
        at=timezone.now(),
    )


def _keep(request: HttpRequest, on: Pathway, opened: OpenForm) -> HttpResponse:
    """What was written so far, right or wrong, kept under a code that is shown once."""
    form = _form(on, request.POST)
    form.is_valid()
    answers: dict[str, Any] = {
        name: request.POST.getlist(name) if isinstance(field, forms.MultipleChoiceField) else request.POST.get(name, "")
        for name, field in form.fields.items()
        if name not in ("incident_on", "code", TRAP)
    }
    if form.cleaned_data.get("incident_on"):
        answers["incident_on"] = form.cleaned_data["incident_on"].isoformat()
    code = operations.keep_form(
        viewer=accounts.service(SERVICE),
        content={"pathway": on.key, "answers": answers},
        days=opened.keep_days,
        code=request.POST.get("code", ""),
        at=timezone.now(),
    )
    shown = " ".join(code[at : at + 4] for at in range(0, len(code), 4))
    # A second send is shown the same code: it kept the same form.
    return once.is_receipt(_render(request, "referrals/report_kept.html", on, opened, code=shown))


def _page(request: HttpRequest, on: Pathway, opened: OpenForm, form: Form) -> HttpResponse:
    return _render(request, "referrals/report.html", on, opened, form=form)


def _later(request: HttpRequest, on: Pathway, opened: OpenForm) -> HttpResponse:
    """Too many from one connection. What was written is on the page, so that it can be copied: it is kept nowhere."""
    written = [request.POST[name] for name in ("concern", "safe_contact") if request.POST.get(name)]
    return _render(request, "referrals/report_later.html", on, opened, status=429, written="\n\n".join(written))
