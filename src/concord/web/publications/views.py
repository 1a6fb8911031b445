from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.editions import operations
from concord.kernel.errors import ConcordError
from concord.kernel.lineage import DESK
from concord.web.publications import pictures, presenters, site
from concord.web.shared import once, partnership
from concord.web.shared.middleware import Request


@require_GET
def published(request: Request) -> HttpResponse:
    home = settings.CONCORD_HOME
    papers = [
        (audience, label, site.documents(home / "papers" / audience))
        for audience, label in _papers_of(request.viewer)
        if (home / "papers" / audience).is_dir()
    ]
    context = {"documents": site.documents(home / "site"), "papers": papers}
    return render(request, "publications/published.html", context)


STYLES = (".css", ".woff2", ".svg", ".ttf")
"""What a page brings with it: no paper of its own."""


@require_GET
def paper(request: Request, audience: str, address: str) -> FileResponse:
    """A paper of one audience, for those whom it is for. For others it is not there."""
    if audience not in dict(_papers_of(request.viewer)):
        raise Http404
    path = site.find(settings.CONCORD_HOME / "papers" / audience, address)
    if path is None or request.viewer is None:
        raise Http404
    if path.suffix not in STYLES:
        operations.open_paper(viewer=request.viewer, audience=audience, paper=address, at=timezone.now())
    return FileResponse(path.open("rb"), content_type=site.content_type(path))


def _papers_of(viewer: Viewer | None) -> list[tuple[str, str]]:
    """Audiences whose papers somebody may read, with their names: a board member the board's; what is for a named,
    restricted meeting only those who make and approve it."""
    disclosure = partnership.current().disclosure
    if viewer is None or disclosure is None:
        return []
    return [
        (key, audience.label)
        for key, audience in disclosure.audiences.items()
        if key != "public"
        and (accounts.may(viewer, "edition.read") or (accounts.may(viewer, "paper.read") and not audience.restricted))
    ]


@require_GET
def published_file(request: Request, address: str) -> FileResponse:
    """A file of the published site, byte for byte as it was approved."""
    path = site.find(settings.CONCORD_HOME / "site", address)
    if path is None:
        raise Http404
    return FileResponse(path.open("rb"), content_type=site.content_type(path))


@require_GET
def figure_search(request: Request) -> HttpResponse:
    code = "".join(request.GET.get("code", "").split()).upper()
    return HttpResponseRedirect(reverse("figure", args=[code]) if code else reverse("published"))


@once.may_repeat
@require_http_methods(["GET", "POST"])
def figure(request: Request, code: str) -> HttpResponse:
    """The story of one figure; posting recomputes it from the same versions of the same data."""
    from concord.evidence import disclosure

    try:
        release, table = disclosure.figure(settings.CONCORD_HOME, code)
    except ConcordError:
        return render(request, "publications/no_figure.html", {"code": code[:40]}, status=404)
    if not _may_see(request.viewer, release.audience):
        return render(request, "publications/no_figure.html", {"code": code[:40]}, status=404)
    may_recompute = request.viewer is not None and accounts.may(request.viewer, "figure.read")
    at_desk = release.lineage.method == DESK
    context = {
        "figure": presenters.figure(release, table),
        "picture": pictures.picture(release, table, partnership.current(), settings.CONCORD_HOME),
        "may_recompute": may_recompute and not at_desk,
        "at_desk": at_desk,
    }
    if request.method == "POST":
        if not may_recompute or at_desk:
            raise Http404
        # Screens and jobs do not know each other: settings name the job that makes a figure again.
        recompute = import_string(settings.CONCORD_RECOMPUTE)
        context["result"] = recompute(settings.CONCORD_HOME, code, partnership.current())
    return render(request, "publications/figure.html", context)


def _may_see(viewer: Viewer | None, audience: str) -> bool:
    """A figure is for its audience: for others its code leads to the same page as a code that does not exist."""
    if audience == "public":
        return True
    if viewer is None:
        return False
    verbs = ("figure.read",) if audience == "board" else ("release.request", "release.approve")
    return any(accounts.may(viewer, verb) for verb in verbs)
