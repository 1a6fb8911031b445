from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from concord.desk.records import queries as records
from concord.strategy.shapes.retention import Category
from concord.web.shared import partnership, words
from concord.web.shared.middleware import Request


@require_GET
def help_now(request: Request) -> HttpResponse:
    """Whom to ring. For anyone, quickly, in the languages of the place, with a way to leave at once."""
    context = _said(request)
    lines = [
        {"number": each.number, "kind": each.kind, "name": each.name[context["lang"]], "who": each.who[context["lang"]]}
        for each in context["help"].line
    ]
    context |= {kind: [each for each in lines if each["kind"] == kind] for kind in ("talk", "report")}
    return render(request, "shared/help_now.html", context)


@require_GET
def rights(request: Request) -> HttpResponse:
    """What somebody may ask about what is kept of them, of whom, and how long records are kept."""
    home = partnership.current()
    board = home.boards.get(home.partnership.lead_body or "")
    asked = f"{board.name}, {home.name}" if board else home.name
    # What is kept of people comes first; most registers hold no name.
    categories = sorted(records.schedule().category, key=lambda one: one.of == "entry")
    schedule = [(each.name, _kept(each)) for each in categories]
    context = _said(request) | {"asked": asked, "schedule": schedule}
    return render(request, "shared/rights.html", context)


def _kept(each: Category) -> str:
    """How long a kind of record is kept. Of a register the file says why, and for how many months apart."""
    if each.of != "entry":
        return each.basis
    years, months = divmod(each.months, 12)
    lasts = words.counted(each.months, "month") if months else words.counted(years, "year")
    return f"{lasts} after it ended. {each.basis}"


def _said(request: HttpRequest) -> dict[str, Any]:
    """The words in the language that the address asks for, where the partnership speaks it; in English otherwise."""
    home = partnership.current()
    if home.help is None:
        raise Http404
    spoken = {key: each for key, each in home.help.translation.items() if key == "en" or key in home.languages}
    lang = request.GET.get("lang", "en")
    lang = lang if lang in spoken else "en"
    others = [(key, each.language) for key, each in spoken.items() if key != lang]
    return {"help": home.help, "lang": lang, "say": spoken[lang], "others": others}
