"""What was hidden is in no byte of any format: text, metadata, drawings, members of archives, streams of PDFs."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pikepdf
from publication_support import AT, PLACE

from concord.evidence.disclosure import release
from concord.evidence.findings.build import additive
from concord.evidence.findings.model import TOTAL, Dimension, Finding
from concord.evidence.publications import render
from concord.kernel.lineage import Lineage
from concord.kernel.periods import Period
from concord.strategy import load
from concord.strategy.shapes.publication import FigureSpec, Publication, Section

PARTNERSHIP = load(Path(__file__).resolve().parents[2] / "partnerships" / "harbourside")
COUNTS = {
    ("Anchor Quay", "Knife"): 3, ("Anchor Quay", "None"): 79_193, ("Bargate", "Knife"): 63_537,
    ("Bargate", "None"): 48_271,
}  # fmt: skip
"""One small count. To protect it the other three have to be hidden too, and their numbers are like no others here."""


def _finding() -> Finding:
    wards = Dimension("ward", "Ward", ("Anchor Quay", "Bargate", TOTAL))
    weapons = Dimension("weapon", "Weapon", ("Knife", "None", TOTAL))
    table = additive("both", "Offences by ward and weapon", "offences", (wards, weapons), COUNTS)
    return Finding(
        "weapons", "Where are knives used?", (table,), "Offences", Period(date(2024, 1, 1), date(2024, 12, 31)),
        "Police", "Counts", Lineage("weapons", "Counts", ()), synthetic=True,
    )  # fmt: skip


def _readable(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """A file and everything inside it, unpacked."""
    yield name, content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from _readable(f"{name}/{member}", archive.read(member))
    if content.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(content)) as pdf:
            for number, thing in enumerate(pdf.objects):
                if isinstance(thing, pikepdf.Stream):
                    yield f"{name}/{number}", thing.read_bytes()
                else:
                    yield f"{name}/{number}", repr(thing).encode()


def test_no_format_holds_a_hidden_count_or_what_it_was_hidden_with(tmp_path: Path) -> None:
    assert PARTNERSHIP.disclosure is not None
    made = release(
        _finding(), rule=PARTNERSHIP.disclosure.rule("public"), audience="public", home=tmp_path / "home",
        requested_by="Asha SYN", approved_by="Tom SYN", clock=lambda: AT,
    )  # fmt: skip
    hidden = {cell.key for cell in made.tables[0].cells if cell.hidden}
    assert set(COUNTS) <= hidden
    kinds = ("bars", "shares", "table")
    figures = tuple(
        FigureSpec(finding="weapons", chart=kind, subject="offences", name=kind, by="ward") for kind in kinds
    )
    publication = Publication(
        key="short", title="Short", summary="Weapons.", audience="public", rule="public", cadence="annual",
        sections=(Section(key="all", heading="All", figures=figures),),
    )  # fmt: skip
    phrases = [PARTNERSHIP.phrases[name] for name in ("en", "bn")]
    published = render(
        publication, dict.fromkeys(kinds, made), partnership=PLACE, out=tmp_path / "site", clock=lambda: AT,
        phrases=phrases,
    )  # fmt: skip
    secret = [n for key, n in COUNTS.items() if key != ("Anchor Quay", "Knife")]
    signs = [re.compile(rf"(?<!\d){n // 1000},?{n % 1000:03d}(?!\d)".encode()) for n in secret]
    shown = re.compile(rf"(?<!\d){sum(COUNTS.values()):,}(?!\d)".encode())
    searched, seen = 0, 0
    for path in sorted(published.folder.rglob("*")):
        if not path.is_file() or path.suffix in {".woff2"}:
            continue
        for name, content in _readable(path.name, path.read_bytes()):
            searched += 1
            seen += bool(shown.search(content))
            for sign in signs:
                assert not sign.search(content), name
    assert searched > 60
    assert seen >= 4  # the search does find a number that is there: on the pages, in Word, in the spreadsheet
