from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from concord.web.shared.middleware import Request


@require_GET
def help_now(request: Request) -> HttpResponse:
    return render(request, "shared/help_now.html")
