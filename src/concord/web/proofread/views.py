from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from concord.kernel.errors import ConcordError
from concord.strategy import proofread as room
from concord.strategy.proofread.document import Line
from concord.strategy.proofread.remark import Remark
from concord.web.referrals import limits
from concord.web.shared import once
from concord.web.shared.forms import Form, long_text
from concord.web.shared.middleware import Request

LARGEST = 10 * 1024 * 1024
KINDS = (".txt", ".md", ".docx", ".pdf")
AN_HOUR = 30
"""Drafts that one connection without an account may have read in an hour: a long one takes a while to read."""


class DraftForm(Form):
    reads_again = False
    file = forms.FileField(
        label="Upload a draft",
        required=False,
        help_text="A .txt, .md, .docx or .pdf file of up to 10 MB",
        error_messages={"empty": "The file is empty. Choose another"},
    )
    words = long_text("Or paste its text", required=False, rows=12, max_length=400_000)

    def clean_file(self) -> UploadedFile[Any] | None:
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        if file is not None and Path(file.name or "").suffix.lower() not in KINDS:
            raise forms.ValidationError("The file must be a .txt, .md, .docx or .pdf")
        if file is not None and (file.size or 0) > LARGEST:
            raise forms.ValidationError("The file must be smaller than 10 MB")
        return file

    def clean(self) -> dict[str, object]:
        found = super().clean() or {}
        if not self.errors and not found.get("file") and not found.get("words"):
            self.add_error("file", "Upload a draft, or paste its text")
        return found


@dataclass(frozen=True, slots=True)
class Margin:
    """A line of the draft and the note beside it, if there is one."""

    number: int
    text: str
    note: Remark | None
    label: str = ""


@once.open_to_anyone
@require_http_methods(["GET", "POST"])
def draft(request: Request) -> HttpResponse:
    """The form, and after posting the draft with its notes. Nothing is stored, logged or sent anywhere."""
    form = DraftForm(request.POST or None, request.FILES or None) if request.method == "POST" else DraftForm()
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and request.viewer is None and limits.too_many(request, "proofread", AN_HOUR):
        form.add_error(None, "Too many drafts came from your connection within an hour. Wait a while, or sign in.")
        return render(request, "proofread/draft.html", context, status=429)
    if request.method == "POST" and form.is_valid():
        try:
            lines, remarks = _notes(form.cleaned_data["file"], form.cleaned_data["words"])
        except ConcordError as problem:
            form.add_error("file", " ".join(part for part in (problem.what, problem.why, problem.next_step) if part))
        else:
            context |= {
                "margin": margin(lines, remarks),
                "kinds": by_kind(remarks),
                "notes": len(remarks),
                "read": True,
                "name": form.cleaned_data["file"].name if form.cleaned_data["file"] else "your text",
            }
    return render(request, "proofread/draft.html", context)


def _notes(file: UploadedFile[Any] | None, words: str) -> tuple[Sequence[Line], Sequence[Remark]]:
    # The readers want a file; this one lives in memory-backed or private temporary space for a moment.
    with TemporaryDirectory(prefix="concord-proofread-") as folder:
        path = Path(folder) / f"draft{Path(file.name or '').suffix.lower() if file else '.txt'}"
        path.write_bytes(file.read() if file else words.encode())
        document = room.read(path)
        return document.lines, room.examine(document)


def margin(lines: Sequence[Line], remarks: Sequence[Remark]) -> list[Margin]:
    """The draft's lines that have words, each with its note. A remark on a line left out keeps its place."""
    notes = {remark.line: remark for remark in remarks}
    return [
        Margin(line.number, line.text, note, _label(note) if note else "")
        for line in lines
        if line.text.strip() or line.number in notes
        for note in [notes.get(line.number)]
    ]


def by_kind(remarks: Sequence[Remark]) -> list[tuple[str, list[int]]]:
    """Lines by kind of note, the most serious kind first."""
    lines: dict[str, list[int]] = {}
    for remark in remarks:
        lines.setdefault(remark.kind, []).append(remark.line)
    order = [kind.value for kind in room.KINDS]
    return [(_words(kind), lines[kind]) for kind in sorted(lines, key=order.index)]


def _words(kind: str) -> str:
    words = room.title(kind)
    return words[:1].upper() + words[1:]


def _label(note: Remark) -> str:
    return _words(note.kind)
