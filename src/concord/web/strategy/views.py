from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from concord.desk.accounts import queries as accounts
from concord.desk.registers import queries as registers
from concord.kernel.working_time import LONDON
from concord.web.shared import partnership
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of
from concord.web.strategy import definition as plain
from concord.web.strategy import governance as governing
from concord.web.strategy import presenters, unknowns
from concord.web.strategy.measures import Measures


@require_GET
def strategy(request: Request) -> HttpResponse:
    home = partnership.current()
    lines = presenters.themes(home)
    stated = home.partnership.strategy
    context = {
        "strategy_title": stated.title if stated else "The strategy",
        "period": f"{stated.starts.year} to {stated.ends.year}" if stated else home.name,
        "themes": lines,
        "beside": [line for line in lines if line.number is None],
        "headlines": Measures(home, settings.CONCORD_HOME).read(),
    }
    return render(request, "strategy/index.html", context)


@require_GET
def theme(request: Request, key: str) -> HttpResponse:
    home = partnership.current()
    found = presenters.theme(home, key, Measures(home, settings.CONCORD_HOME))
    if found is None:
        raise Http404
    return render(request, "strategy/theme.html", {"theme": found})


@require_GET
def definition(request: Request) -> HttpResponse:
    found = plain.words(partnership.current())
    if found is None:
        raise Http404
    return render(request, "strategy/definition.html", {"definition": found})


@require_GET
def governance(request: Request) -> HttpResponse:
    """The arrangement under the duty: who leads, who sits, what was decided, who was consulted, what was done."""
    home = partnership.current()
    decided: tuple[tuple[str, tuple[registers.Shown, ...]], ...] = ()
    if "governance_decisions" in home.kept_registers:
        service = accounts.service("public_register")
        decided = registers.public_entries(service, "governance_decisions", at=timezone.now())
    context = {
        "boards": governing.boards(home),
        "decided": decided,
        "consulted": governing.consultations(home),
        "not_consulted": governing.not_consulted(home),
        "obligations": governing.obligations(home),
    }
    return render(request, "strategy/governance.html", context)


@require_GET
@may("register.read")
def agencies(request: Request) -> HttpResponse:
    """The agency directory: each with its duty, the agreements it is a party to, and whom to ring."""
    now = timezone.now()
    contacts: dict[str, list[tuple[str, str, str]]] = {}
    if "agency_contacts" in accounts.registers(viewer_of(request)):
        for line, said in registers.open_fields(viewer_of(request), "agency_contacts", at=now):
            contacts.setdefault(line.agency, []).append((line.title, said.get("for_what", ""), said.get("mailbox", "")))
    groups = governing.agencies(partnership.current(), contacts, now.astimezone(LONDON).date())
    return render(request, "strategy/agencies.html", {"groups": groups})


@require_GET
def open_questions(request: Request) -> HttpResponse:
    home = partnership.current()
    questions = unknowns.groups(home, home.open_questions)
    assumed = [unknowns.Group(each.name, unknowns.readable(each.items)) for each in unknowns.groups(home, home.assumed)]
    expected = [
        unknowns.Group(each.name, unknowns.readable(each.items)) for each in unknowns.groups(home, home.expected)
    ]
    context = {
        "questions": questions,
        "assumed": assumed,
        "expected": expected,
        "total_open": sum(len(group.items) for group in questions),
        "total_assumed": sum(len(group.items) for group in assumed),
        "total_expected": sum(len(group.items) for group in expected),
    }
    return render(request, "strategy/open_questions.html", context)
