"""A document as static pages: no script, no request to anywhere else, readable on a phone, in print and aloud."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from concord.evidence.disclosure.model import Release
from concord.evidence.publications import prose, words
from concord.evidence.publications.document import Document, FigureBlock, about, methods
from concord.evidence.publications.summary import Summary

_HERE = Path(__file__).parent


@cache
def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _frame(
    *, title: str, description: str, partnership: str, synthetic: bool, made_on: str, root: str
) -> dict[str, Any]:
    return {
        "marks": words.MARKS,
        "title": title,
        "description": description,
        "partnership": partnership,
        "synthetic": synthetic,
        "made_on": made_on,
        "root": root,
    }


@dataclass(frozen=True, slots=True)
class Download:
    """Another format of the same document: what a reader calls it, its file beside the page, its bytes."""

    name: str
    file: str
    bytes: int

    @property
    def label(self) -> str:
        """“PDF, 84 KB”."""
        return f"{_CALLED.get(self.name, self.name)}, {size(self.bytes)}"


def downloads_in(folder: Path) -> list[Download]:
    """The other formats that stand beside a publication's page, in the order in which pages offer them."""
    found = [
        (name, next(iter(sorted(folder.glob(f"*{suffix}"))), None))
        for name, suffix in (("PDF", ".pdf"), ("Word", ".docx"), ("Spreadsheet", ".ods"), ("CSV", "-tables.zip"))
    ]
    return [Download(name, path.name, path.stat().st_size) for name, path in found if path is not None]


_CALLED = {"Word": "Word document", "Spreadsheet": "Spreadsheet (ODS)", "CSV": "All tables (CSV, zipped)"}


def publication_page(
    document: Document,
    *,
    audience: str,
    downloads: Iterable[Download],
    summaries: Iterable[Mapping[str, str]] = (),
) -> str:
    """The publication itself, to stand in `<key>/index.html`."""
    frame = _frame(
        title=document.publication.title,
        description=document.publication.summary,
        partnership=document.partnership,
        synthetic=document.synthetic,
        made_on=words.day(document.made_at.date()),
        root="../",
    )
    page: str = (
        _templates()
        .get_template("publication.html")
        .render(
            **frame,
            document=document,
            audience=audience,
            downloads=list(downloads),
            summaries=list(summaries),
            about=about(document.publication),
            methods=methods(document),
            prose=lambda block: prose.html(block, "../figures/{code}.html"),
        )
    )
    return page


def figure_page(document: Document, figure: FigureBlock) -> str:
    """The whole story of one figure, to stand in `figures/<code>.html`."""
    frame = _frame(
        title=f"Figure {figure.code}: {figure.reading.title}",
        description=figure.reading.title,
        partnership=document.partnership,
        synthetic=document.synthetic or figure.release.synthetic,
        made_on=words.day(document.made_at.date()),
        root="../",
    )
    page: str = (
        _templates()
        .get_template("figure.html")
        .render(
            **frame,
            figure=figure,
            lineage=lineage(figure.release),
            control=control(figure.release),
            shown_in=[{"key": document.publication.key, "title": document.publication.title}],
        )
    )
    return page


def summary_page(
    made: Summary, document: Document, *, languages: Iterable[Mapping[str, str]], pdf_file: str, pdf_bytes: int
) -> str:
    """The public summary in one language, to stand in `<key>/<its folder>/index.html`."""
    page: str = (
        _templates()
        .get_template("summary.html")
        .render(
            summary=made,
            partnership=document.partnership,
            languages=list(languages),
            pdf_file=pdf_file,
            pdf_size=size(pdf_bytes),
        )
    )
    return page


def site_page(
    *,
    partnership: str,
    synthetic: bool,
    made_on: str,
    publications: Iterable[Mapping[str, Any]],
    figures: Iterable[Mapping[str, str]],
) -> str:
    """The index of everything published.

    A publication has `key` (its folder), `title`, `summary`, `period` and `made_on`; it may have `downloads` and
    `earlier`, the editions before it as (folder, title, day).
    """
    frame = _frame(
        title="Publications",
        description=f"Publications of {partnership}",
        partnership=partnership,
        synthetic=synthetic,
        made_on=made_on,
        root="",
    )
    page: str = (
        _templates().get_template("site.html").render(**frame, publications=list(publications), figures=list(figures))
    )
    return page


def notice_page(*, title: str, partnership: str, synthetic: bool, made_on: str, sentences: Iterable[str]) -> str:
    """What stands in the place of a publication that was withdrawn."""
    frame = _frame(
        title=title, description=title, partnership=partnership, synthetic=synthetic, made_on=made_on, root="../"
    )
    page: str = _templates().get_template("notice.html").render(**frame, sentences=list(sentences))
    return page


def lineage(release: Release) -> list[tuple[str, str]]:
    """Where a release came from, as terms and texts in reading order."""
    facts = release.lineage
    told = [
        ("Question", release.question),
        ("Finding", facts.finding),
        ("Method", release.method),
        ("Base", release.base),
        ("Period", release.period.label),
        ("Source", release.source),
    ]
    if facts.parameters:
        told.append(
            ("Parameters", "; ".join(f"{k.replace('_', ' ')}: {v}" for k, v in sorted(facts.parameters.items())))
        )
    told.append(
        (
            "Definition",
            f"version {facts.definition_version}" if facts.definition_version else "not used by this finding",
        )
    )
    if facts.code_version:
        told.append(("Computed by", f"Concord {facts.code_version}"))
    if release.synthetic:
        told.append(("Data", "Synthetic: invented for demonstration and tests"))
    return told


def control(release: Release) -> list[tuple[str, str]]:
    """Who let it out, under which rule, and what the attacker's audit found."""
    audit = release.audit
    told = [
        ("Audience", release.audience),
        ("Rule", release.rule),
        ("Requested by", release.requested_by),
        ("Approved by", release.approved_by),
        ("Released", f"{words.day(release.released_at.date())}, {release.released_at:%H:%M}"),
        ("Release", release.id),
        ("Cells not shown", words.number(audit.hidden_cells)),
        ("Audit", audit.method),
        (
            "Audit found",
            "no hidden count that a reader could work out"
            if not audit.exposed
            else f"{len(audit.exposed)} exposed cells",
        ),
    ]
    if audit.against:
        told.append(
            ("Audited together with", f"{words.number(len(audit.against))} earlier releases that the same reader has")
        )
    if audit.flags:
        told.append(("To look at", "; ".join(audit.flags)))
    return told


def size(count: int) -> str:
    """A file's size as a reader knows it: “84 KB”, “1.2 MB”."""
    return f"{max(1, round(count / 1000)):,} KB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"
