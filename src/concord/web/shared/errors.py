"""Pages for what went wrong. A hidden record and a missing one are answered with the very same page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404 for what is missing and for what this viewer may not know of: same words, same status, same size."""
    return render(request, "shared/not_found.html", status=404)


def still_working(request: HttpRequest) -> HttpResponse:
    """The first send of a form has not ended: whether it was done is not known yet."""
    return render(request, "shared/still_working.html", status=409)


def server_error(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_STANDALONE, status=500)


# Plain and without the page frame: whatever broke may break the frame too.
_STANDALONE = """<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><title>Sorry, something went wrong – Concord</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/static/concord/vendor/concord.css"></head>
<body class="govuk-template__body"><main class="govuk-width-container govuk-main-wrapper">
<h1 class="govuk-heading-l">Sorry, something went wrong</h1>
<p class="govuk-body">What you entered in the last step was not saved. Go back and try again.</p>
<p class="govuk-body">If a child or an adult is in danger now, do not wait for this service: call 999.</p>
<p class="govuk-body"><a class="govuk-link" href="/">Start again</a></p>
</main></body></html>"""
