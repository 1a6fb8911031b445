"""Proofreading a draft strategy: what does not add up, where, and what to write instead. Nothing leaves the machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from concord.strategy.proofread.checks import CHECKS
from concord.strategy.proofread.document import Document
from concord.strategy.proofread.readers import read
from concord.strategy.proofread.remark import KINDS, Kind, Remark, one_per_line
from concord.strategy.proofread.report import as_json, render_text, title

__all__ = ["KINDS", "Document", "Kind", "Remark", "as_json", "examine", "proofread", "read", "render_text", "title"]


def proofread(path: Path) -> list[Remark]:
    """Remarks on the draft in `path` (.txt, .md, .docx, .pdf), one per line of text, in order of line.

    For Word a line is a paragraph or a row of a table; for PDF a line of the text layer, numbered through the
    document. Raises BadInput for a file that cannot be read as a draft.
    """
    return examine(read(path))


def examine(document: Document) -> list[Remark]:
    """Every check's remarks on a document, folded to one per line, each saying its page or heading where it has one."""
    places = {line.number: line.place for line in document.lines if line.place}
    remarks = one_per_line([remark for check in CHECKS for remark in check(document)])
    return [
        replace(remark, message=f"{remark.message} ({places[remark.line]})") if remark.line in places else remark
        for remark in remarks
    ]
