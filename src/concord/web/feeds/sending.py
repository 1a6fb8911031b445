from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from django import forms
from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.sharing import operations
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.rules import FeedAccess
from concord.evidence.datasets import history
from concord.evidence.extracts import Receipt, uploads
from concord.evidence.extracts.contracts import check_agreement
from concord.evidence.extracts.faults import faults
from concord.evidence.extracts.receipts import receipt_named
from concord.evidence.extracts.uploads import Sent, Upload
from concord.kernel.errors import ConcordError, Refused
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.feed import Feed
from concord.web.feeds import contract, presenters
from concord.web.feeds.arriving import LARGEST, MOST_FILES, ToPrivateFolder
from concord.web.feeds.views import frame, of_feed
from concord.web.shared import partnership
from concord.web.shared.forms import Form, SeveralFiles, radios, select
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of

SEND = ("dataset.load", "feed.supply")
ANY = "any"
FEW = 8
"""As many choices as radio buttons carry; more become a list to choose from."""
LATELY = 10
LIMITS = {"most_files": MOST_FILES, "largest": LARGEST >> 20}
AT_ONCE = 3
"""How many uploads of one person may be under way."""


class FilesForm(Form):
    files = forms.FileField(
        label="Files to send", required=False, widget=SeveralFiles(), help_text="Choose files, or drop them on the box"
    )


@require_GET
@may(*SEND)
def choose(request: Request) -> HttpResponse:
    """Which feed? Asked only of those who may send more than one."""
    viewer, home = viewer_of(request), partnership.current()
    sendable = [home.feeds[key] for key, access in sharing.feeds(viewer).items() if access.send]
    if not sendable:
        raise NotHere("feed")
    named = {feed.key: f"{feed.title} – {contract.owner(feed, home)}" for feed in sendable}
    choices = [(ANY, "Tell from the files"), *sorted(named.items(), key=lambda one: one[1].casefold())]
    chosen, asked = request.GET.get("feed", ""), "asked" in request.GET
    if chosen == ANY:
        return redirect("feed-send-any")
    if chosen in named:
        return redirect("feed-send", key=chosen)
    if len(sendable) == 1 and not asked:
        return redirect("feed-send", key=sendable[0].key)
    question = (radios if len(choices) <= FEW else select)("Which feed do you send?", choices, missing="Choose a feed")
    form = type("FeedForm", (Form,), {"feed": question})({"feed": chosen} if asked else None)
    now = timezone.now()
    lately = [
        presenters.upload(each, home)
        for each in uploads.uploads(Path(settings.CONCORD_HOME), now=now)
        if _may_follow(viewer, each)
    ]
    return render(request, "feeds/choose.html", {"form": form, "lately": lately[:LATELY]})


# The guard and the agreement are asked before a byte of the body is read; the token is checked with it (`_receive`).
@csrf_exempt
@require_http_methods(["GET", "POST"])
@of_feed
def send(request: Request, found: Feed, access: FeedAccess) -> HttpResponse:
    """What will be checked and under which agreement; then the files."""
    if not access.send:
        raise NotHere("feed")
    home, refusal = partnership.current(), agreement_refuses(found)

    def page(form: FilesForm, status: int = 200) -> HttpResponse:
        context = frame(found, access, "send") | {
            "form": form,
            "refusal": refusal,
            "contract": contract.words(found, home, {key: one.section for key, one in sharing.gateways().items()}),
            "rests_on": presenters.rests_on(found, home, timezone.now()),
            **LIMITS,
        }
        return render(request, "feeds/send.html", context, status=status)

    return _receive(request, page, found.key, [found.key], refusal) if request.method == "POST" else page(FilesForm())


@csrf_exempt
@require_http_methods(["GET", "POST"])
@may(*SEND)
def send_any(request: Request) -> HttpResponse:
    """Files that say themselves which feed they are, among those the viewer may send."""
    viewer, home = viewer_of(request), partnership.current()
    keys = [key for key, access in sharing.feeds(viewer).items() if access.send]
    if not keys:
        raise NotHere("feed")
    titles = sorted(home.feeds[key].title for key in keys)

    def page(form: FilesForm, status: int = 200) -> HttpResponse:
        return render(request, "feeds/send_any.html", {"form": form, "titles": titles, **LIMITS}, status=status)

    return _receive(request, page, "", keys, None) if request.method == "POST" else page(FilesForm())


class Page(Protocol):
    """The page with the form, once more."""

    def __call__(self, form: FilesForm, status: int = 200) -> HttpResponse: ...


def _receive(request: Request, page: Page, feed: str, feeds: Sequence[str], refusal: Refused | None) -> HttpResponse:
    """Takes the files to a private folder and starts the work; or says on the page why not, with nothing kept."""
    home, viewer = Path(settings.CONCORD_HOME), viewer_of(request)
    # A handler is taken only before the body is read, and the check of the token may read it.
    folder = uploads.arriving(home) if refusal is None else None
    handler = ToPrivateFolder(folder)
    handlers: list[FileUploadHandler] = [handler]
    request.upload_handlers = handlers  # type: ignore[assignment]
    kept = False

    @csrf_protect
    def _sent(_request: HttpRequest) -> HttpResponse:
        nonlocal kept
        # The check of the token reads the body only where no header carries one.
        len(request.FILES)
        if refusal is not None:
            operations.not_sent(viewer=viewer, feed=feed, reason=refusal.what, at=timezone.now())
            return page(FilesForm(), status=403)
        problem = _problem(handler) or too_much(home, viewer)
        if problem or folder is None:
            form = FilesForm({})
            form.add_error("files", problem)
            return page(form)
        upload = begin(home, folder, handler.sent, feed, feeds, viewer)
        kept = True
        start(upload)
        return HttpResponseRedirect(reverse("feed-sent", args=[upload.id]))

    try:
        return _sent(request)
    finally:
        if folder is not None and not kept:
            uploads.discard(folder)


def _problem(handler: ToPrivateFolder) -> str:
    if handler.too_large:
        return (
            f"The files are larger than {LARGEST >> 20} MB together. Send fewer at once, "
            "or ask whoever runs the server to load them with “concord load”"
        )
    if handler.too_many:
        return f"Send at most {MOST_FILES} files at once"
    if not handler.sent:
        return "Choose at least one file"
    if all(each.bytes == 0 for each in handler.sent):
        return "The file is empty. Export it again and choose it"
    return ""


def too_much(home: Path, viewer: Viewer) -> str:
    """Each upload is a process that waits its turn: nobody may fill the server with them."""
    mine = [each for each in uploads.uploads(home, now=timezone.now()) if each.sender == viewer.username]
    if sum(not each.ended for each in mine) < AT_ONCE:
        return ""
    return f"{AT_ONCE} of your uploads are still being checked. Wait for one to end, then send these"


def begin(home: Path, folder: Path, sent: list[Sent], feed: str, feeds: Sequence[str], viewer: Viewer) -> Upload:
    """The line of the trail first: nothing is received that nobody answers for."""
    now = timezone.now()
    upload = uploads.begin(
        home,
        folder,
        sent,
        feed=feed,
        feeds=feeds,
        sender=viewer.username,
        sender_name=viewer.display_name,
        agency=viewer.agency,
        at=now.astimezone(LONDON),
    )
    try:
        operations.send_files(viewer=viewer, feed=feed, upload=upload.id, sha256=[each.sha256 for each in sent], at=now)
    except ConcordError:
        uploads.discard(home / "uploads" / upload.id)
        raise
    return upload


def start(upload: Upload) -> None:
    """Starts the work in a process of its own, which outlives a restart of the site."""
    home = Path(settings.CONCORD_HOME)
    arguments = [str(home), str(settings.CONCORD_PARTNERSHIP), upload.id]
    with (home / "uploads.log").open("ab") as log:
        subprocess.Popen(
            [sys.executable, "-m", settings.CONCORD_RECEIVE, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


@require_GET
@may(*SEND, "dataset.read")
def sent(request: Request, identity: str) -> HttpResponse:
    """How far an upload is; once it has ended, what became of each file and what to do next."""
    viewer, home, folder = viewer_of(request), partnership.current(), Path(settings.CONCORD_HOME)
    upload = uploads.find(folder, identity, now=timezone.now())
    if upload is None or not _may_follow(viewer, upload):
        raise NotHere("upload")
    if upload.ended and uploads.told_once(folder, identity):
        _note(viewer, upload)
    there = sharing.feeds(viewer)
    results = []
    for each in upload.became:
        fresh = each.receipt and each.status != "already received"
        kept = receipt_named(folder, each.feed, each.receipt) if fresh else None
        lines = presenters.faults(faults(folder, [kept]), examples=True) if kept else []
        title = home.feeds[each.feed].title if each.feed in home.feeds else each.feed
        result = presenters.result(each, there.get(each.feed), lines, title)
        result.replaced = _replaced(folder, kept) if kept and each.status == "loaded" else []
        results.append(result)
    context = {
        "upload": presenters.upload(upload, home),
        "feed": home.feeds.get(upload.feed),
        "results": results,
        "again": any(each.status == "refused" or each.quarantined for each in upload.became),
    }
    return render(request, "feeds/sent.html", context)


def _replaced(folder: Path, kept: Receipt) -> list[str]:
    """What a file took the place of: a month that shrank is better seen now than in the next assessment."""
    if kept.dataset is None or kept.version is None:
        return []
    found = history.of_version(folder, kept.dataset, kept.version)
    mine = {name.removeprefix(f"{kept.dataset}/") for name in kept.partitions}
    return [presenters.replaced(change) for change in found.replaced if change.partition in mine]


def _note(viewer: Viewer, upload: Upload) -> None:
    """What became of an upload, in the trail; once, by whoever sees its end first."""
    for feed in sorted({each.feed for each in upload.became} | ({upload.feed} if upload.trouble else set())):
        if feed not in sharing.feeds(viewer):
            continue
        mine = [each for each in upload.became if each.feed == feed]
        operations.files_received(
            viewer=viewer,
            feed=feed,
            upload=upload.id,
            by=upload.sender,
            loaded=sum(each.status == "loaded" for each in mine),
            refused=[each.refused.get("what", "") for each in mine if each.refused]
            + ([upload.trouble["what"]] if upload.trouble else []),
            at=timezone.now(),
        )


def _may_follow(viewer: Viewer, upload: Upload) -> bool:
    """The sender, whoever reads the datasets, and suppliers of the same agency."""
    if upload.sender == viewer.username or accounts.may(viewer, "dataset.read"):
        return True
    return upload.agency == viewer.agency and accounts.may(viewer, "feed.supply")


def agreement_refuses(found: Feed) -> Refused | None:
    """Why nothing is received of this feed today; None where its agreement is in force."""
    try:
        check_agreement(found, partnership.current().agreements, timezone.now().astimezone(LONDON).date())
    except Refused as refusal:
        return refusal
    return None
