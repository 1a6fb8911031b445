from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from concord.web.shared import partnership
from concord.web.shared.middleware import Request
from concord.web.strategy import definition as plain
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
