"""A publication written to disk: accessible pages, PDF/UA, the same bytes twice, nothing that was hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pikepdf
import pytest

from concord.evidence.disclosure.model import Audit, Release, ReleasedCell, ReleasedTable
from concord.evidence.findings.model import Dimension
from concord.evidence.publications import Published, render
from concord.kernel.errors import BadInput
from concord.kernel.lineage import DatasetRef, Lineage
from concord.kernel.measures import Estimate, Interval
from concord.kernel.periods import Period
from concord.strategy.shapes.publication import FigureSpec, Publication, Section

WARDS = ("Anchor Quay", "Bargate", "Candlewick Reach")
AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def _release(name: str, table: ReleasedTable, **changes: Any) -> Release:
    given: dict[str, Any] = {
        "id": f"R-{name}", "finding": name, "question": "Where is it?", "tables": (table,),
        "base": "Recorded offences in the local definition", "period": Period(date(2024, 1, 1), date(2024, 12, 31)),
        "source": "Harbourside police", "method": "Counts with Byar's limits", "cannot_say": ("What nobody reported.",),
        "audience": "public", "rule": "public", "audit": Audit(1, (), 6.0, "attacker's linear programme"),
        "lineage": Lineage(name, "count", (DatasetRef("recorded_crime", 3, "ab" * 32, 12345),), "SELECT 1 < 2", "v1",
                           {"age": "under-25"}, "0.1.0"),
        "requested_by": "Asha SYN", "approved_by": "Tom SYN", "released_at": AT, "synthetic": True,
    }  # fmt: skip
    return Release(**{**given, **changes})


def _wards() -> ReleasedTable:
    def rate(v: float) -> Estimate:
        return Estimate(v, "per 1,000 residents", Interval(v - 1, v + 1))

    cells = (
        ReleasedCell(("Anchor Quay",), 140, None, 10_000, rate(14.0)),
        ReleasedCell(("Bargate",), hidden="confidential"),
        ReleasedCell(("Candlewick Reach",), 60, None, 10_000, rate(6.0)),
        ReleasedCell(("Total",), 290, None, 30_000, rate(9.7)),
    )
    return ReleasedTable("by_ward", "Offences by ward", "offences",
                         (Dimension("ward", "Ward", (*WARDS, "Total")),), cells, "HB-WARD-1", 1000)  # fmt: skip


def _months() -> ReleasedTable:
    names = tuple(f"2024-{m:02d}" for m in range(1, 13))
    cells = tuple(ReleasedCell((m,), 100 + i) for i, m in enumerate(names))
    dimension = Dimension("month", "Month", names)
    return ReleasedTable("by_month", "Offences by month", "offences", (dimension,), cells, "HB-MNTH-2")


PUBLICATION = Publication(
    key="assessment",
    title="Needs assessment",
    summary="How much, where.",
    audience="public",
    rule="public",
    cadence="annual",
    sections=(
        Section(
            key="trend",
            heading="How much",
            prose="trend",
            figures=(FigureSpec(finding="trend", chart="trend", subject="offences"),),
        ),
        Section(
            key="where",
            heading="Where",
            figures=(
                FigureSpec(finding="where", chart="map", subject="offences", name="map"),
                FigureSpec(finding="where", chart="rates", subject="offences"),
            ),
            cannot_say=("Where people had been before.",),
        ),
    ),
)
RELEASES = {
    "trend": _release("trend", _months(), facts={"mean": 105.0, "lower_limit": 90.0, "upper_limit": 120.0}),
    "where": _release("where", _wards()),
    "map": _release("where", _wards()),
}
PLACE = SimpleNamespace(
    key="harbourside",
    name="Harbourside",
    synthetic=True,
    prose={
        "trend": "# More\n\nSince 1 April 2024, {{figure:where/by_ward/Anchor_Quay}} and **no** more.\n\n- a\n- b\n"
    },
)


def _areas() -> dict[str, Any]:
    features = [
        {
            "type": "Feature",
            "properties": {"ward_code": f"SYN{i}", "ward_name": ward},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[i, 50], [i + 1, 50], [i + 1, 51], [i, 51], [i, 50]]],
            },
        }
        for i, ward in enumerate(WARDS)
    ]
    return {"type": "FeatureCollection", "features": features}


def _publish(out: Path, publication: Publication = PUBLICATION, place: Any = PLACE) -> Published:
    return render(publication, RELEASES, partnership=place, out=out, clock=lambda: AT, areas=_areas())


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return _publish(tmp_path_factory.mktemp("site"))


@dataclass
class Page(HTMLParser):
    """What a checker needs of a page."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    table_heads: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.tags if name == tag)


def _page(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text("utf-8"))
    return page


def _pages(published: Published) -> list[Path]:
    return [published.html, published.index, *published.figures.values()]


def test_every_page_stands_alone_and_reads_in_order(published: Published) -> None:
    for path in _pages(published):
        page = _page(path)
        assert next(page.all("html")) == {"lang": "en-GB"}
        assert page.headings.count(1) == 1
        assert page.headings[0] == 1
        assert all(b - a <= 1 for a, b in pairwise(page.headings)), path
        names = [a["id"] for _, a in page.tags if a.get("id")]
        assert len(names) == len(set(names)), path
        assert not list(page.all("script"))
        assert not [a for _, a in page.tags if "style" in a or any(k.startswith("on") for k in a)], path
        first_link = next(page.all("a"))
        assert first_link == {"class": "skip", "href": "#main"}
        assert "main" in names
        assert any("Synthetic data." in text for text in page.text)


def test_tables_have_captions_and_scopes_and_drawings_have_words(published: Published) -> None:
    for path in _pages(published):
        page = _page(path)
        assert len(list(page.all("table"))) == len(list(page.all("caption")))
        assert all(a.get("scope") in {"row", "col"} for a in page.all("th"))
        drawings = [a for tag, a in page.tags if a.get("role") == "img"]
        assert 2 * len(drawings) == len(list(page.all("svg")))  # for a desk and for a phone
        assert all(len(a.get("aria-label") or "") > 40 for a in drawings)


def test_links_lead_somewhere_inside_the_site(published: Published) -> None:
    for path in _pages(published):
        page = _page(path)
        targets = [a.get("href") for a in (*page.all("a"), *page.all("link"))]
        for target in filter(None, targets):
            file, _, anchor = target.partition("#")
            if target.startswith("data:"):
                continue
            there = (path.parent / file).resolve() if file else path
            assert there.is_file(), (path, target)
            if anchor:
                assert any(a.get("id") == anchor for _, a in _page(there).tags), (path, target)


def test_the_figure_page_tells_the_whole_story(published: Published) -> None:
    text = published.figures["HB-WARD-1"].read_text("utf-8")
    for told in (
        "version v1", "ab" * 32, "SELECT 1 &lt; 2", "Asha SYN", "Tom SYN", "concord figure HB-WARD-1",
        "attacker&#39;s linear programme", "Counts with Byar&#39;s limits", "under-25", "R-where", "0.1.0",
    ):  # fmt: skip
        assert told in text, told


def test_one_table_drawn_twice_is_printed_once(published: Published) -> None:
    text = published.html.read_text("utf-8")
    assert text.count("<caption>Offences by ward</caption>") == 1
    assert 'href="#figure-HB-WARD-1">shown above' in text
    assert list(published.figures) == ["HB-MNTH-2", "HB-WARD-1"]


def test_the_same_inputs_and_clock_give_the_same_bytes(published: Published, tmp_path: Path) -> None:
    again = _publish(tmp_path)
    first = {p.relative_to(published.folder): p.read_bytes() for p in published.folder.rglob("*") if p.is_file()}
    second = {p.relative_to(again.folder): p.read_bytes() for p in again.folder.rglob("*") if p.is_file()}
    assert first == second


def _structure(node: Any, depth: int = 0) -> Iterator[Any]:
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from _structure(child, depth)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node and depth < 200:
            yield from _structure(node.K, depth + 1)


def test_the_pdf_is_tagged_named_and_described(published: Published) -> None:
    with pikepdf.open(published.pdf) as pdf:
        assert str(pdf.Root.Lang) == "en-GB"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as meta:
            assert meta["dc:title"] == "Needs assessment"
            assert meta["pdfuaid:part"] == "1"
        nodes = list(_structure(pdf.Root.StructTreeRoot.K))
        kinds = [str(node.S) for node in nodes]
        figures = [node for node in nodes if str(node.S) == "/Figure" and "/Alt" in node]
        assert len(figures) == 3
        assert any(str(f.Alt).startswith("Map. Rates of offences by ward") for f in figures)
        assert kinds.count("/Table") == 3
        assert kinds.count("/TH") >= 2 + 5 + 3
        assert "/Caption" in kinds
        levels = [int(k[2]) for k in kinds if re.fullmatch("/H[1-6]", k)]
        assert all(b - a <= 1 for a, b in pairwise(levels))
        fonts = {
            str(font.BaseFont).split("+")[-1].strip("/").split("-")[0]
            for page in pdf.pages
            for font in page.resources.get("/Font", {}).values()
        }
        assert fonts == {"Inter"}


def test_a_document_for_people_is_not_marked_synthetic_when_it_is_not(tmp_path: Path) -> None:
    real = {key: replace(release, synthetic=False) for key, release in RELEASES.items()}
    place = SimpleNamespace(**{**vars(PLACE), "synthetic": False})
    made = render(PUBLICATION, real, partnership=place, out=tmp_path, clock=lambda: AT, areas=_areas())
    assert "Synthetic" not in made.html.read_text("utf-8")
    assert made.synthetic is False


def test_one_synthetic_release_marks_the_whole_document(tmp_path: Path) -> None:
    place = SimpleNamespace(**{**vars(PLACE), "synthetic": False})
    mixed = {**RELEASES, "trend": replace(RELEASES["trend"], synthetic=False)}
    made = render(PUBLICATION, mixed, partnership=place, out=tmp_path, clock=lambda: AT, areas=_areas())
    assert "Synthetic data." in made.html.read_text("utf-8")


def test_nothing_is_written_where_prose_has_a_typed_number(tmp_path: Path) -> None:
    place = SimpleNamespace(**{**vars(PLACE), "prose": {"trend": "There were\n\n1,234 offences."}})
    with pytest.raises(BadInput) as caught:
        _publish(tmp_path, place=place)
    assert str(caught.value.where) == "prose/trend.md, line 3"
    assert list(tmp_path.iterdir()) == []


def test_missing_prose_and_missing_table_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        _publish(tmp_path, place=SimpleNamespace(**{**vars(PLACE), "prose": {"trends": "x"}}))
    assert caught.value.what == "Section “trend” wants prose “trend”, which is not in the folder"
    assert caught.value.next_step == "Write prose/trend.md. Did you mean “trends”?"
    figure = FigureSpec(finding="where", chart="rates", subject="offences", table="by_wards")
    broken = replace(PUBLICATION, sections=(Section(key="w", heading="W", figures=(figure,)),))
    with pytest.raises(BadInput) as caught:
        _publish(tmp_path, broken)
    assert str(caught.value.where) == "publications/assessment.toml, key “where”"
    assert caught.value.next_step == "Did you mean “by_ward”?"
