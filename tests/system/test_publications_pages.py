"""Anyone reads the published assessment, follows a figure to where it came from, and finds it in the strategy."""

from __future__ import annotations

from collections.abc import Callable

from system.browser import Someone

ASSESSMENT = "/published/strategic_needs_assessment/index.html"


def test_the_assessment_reads_well_and_every_figure_leads_somewhere(sign_in: Callable[..., Someone]) -> None:
    reader = sign_in()
    assert reader.go(ASSESSMENT) == 200
    reader.sees("Strategic needs assessment", "Synthetic data.", "Contents and main messages")
    reader.looks()
    reader.page.locator("figcaption a.code").first.click()
    reader.sees("Where it came from", "Data it rests on", "Compute it again", "concord figure ")
    reader.looks()


def test_the_charts_are_drawn_and_described(sign_in: Callable[..., Someone]) -> None:
    reader = sign_in(width=390)
    reader.go(ASSESSMENT)
    charts = reader.page.get_by_role("img")
    assert charts.count() >= 10
    assert all(box["width"] > 200 for i in range(charts.count()) if (box := charts.nth(i).bounding_box()))
    assert reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_pdf_is_served_as_it_was_made(sign_in: Callable[..., Someone]) -> None:
    reader = sign_in()
    reader.go(ASSESSMENT)
    link = reader.page.get_by_role("link", name="PDF, ").get_attribute("href")
    answer = reader.page.request.get(f"/published/strategic_needs_assessment/{link}")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-1.7")
