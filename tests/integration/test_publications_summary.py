"""The public summary in two languages: what is translated, what is not, and that both say the same numbers."""

from __future__ import annotations

import re
from pathlib import Path

import lxml.html
import pikepdf
import pytest
from publication_support import AT, PLACE, areas, publication

from concord.evidence.publications import Published, document, render, summary
from concord.strategy import load
from concord.strategy.shapes.phrases import Phrases

ROOT = Path(__file__).resolve().parents[2]
PUBLICATION, RELEASES = publication()
BENGALI = "০১২৩৪৫৬৭৮৯"


@pytest.fixture(scope="module")
def phrases() -> dict[str, Phrases]:
    return dict(load(ROOT / "partnerships" / "harbourside").phrases)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, phrases: dict[str, Phrases]) -> Published:
    out = tmp_path_factory.mktemp("site")
    return render(
        PUBLICATION, RELEASES, partnership=PLACE, out=out, clock=lambda: AT, areas=areas(),
        phrases=[phrases["en"], phrases["bn"]],
    )  # fmt: skip


def _page(published: Published, language: str) -> lxml.html.HtmlElement:
    path = published.folder / "assessment" / f"summary-{language}" / "index.html"
    return lxml.html.fromstring(path.read_text("utf-8"))


def _numbers(page: lxml.html.HtmlElement) -> list[str]:
    return [found.text_content() for found in page.xpath("//p[@class='big']/strong")]


def test_both_languages_say_the_same_numbers_in_their_own_digits(published: Published) -> None:
    english, bengali = (_numbers(_page(published, language)) for language in ("en", "bn"))
    assert english == ["70.4", "4,703", "59%"]
    assert bengali == ["৭০.৪", "৪,৭০৩", "৫৯%"]
    assert [text.translate(str.maketrans(BENGALI, "0123456789")) for text in bengali] == english


def test_words_without_a_translation_are_marked_as_english(published: Published) -> None:
    page = _page(published, "bn")
    assert page.get("lang") == "bn"
    english = [span.text for span in page.xpath("//*[@lang='en-GB']")]
    assert {"Part 1", "Not known to police", "Needs assessment"} <= set(english)
    loose = re.sub(r"\s+", " ", " ".join(page.xpath("//main//text()[not(ancestor::*[@lang='en-GB' or @lang='en'])]")))
    assert not re.search(r"[A-Za-z]{3,}", loose.replace("English", "").replace("KB", "")), loose


def test_a_translation_nobody_checked_says_so_until_somebody_has(phrases: dict[str, Phrases]) -> None:
    from dataclasses import replace

    whole = document.compose(PUBLICATION, RELEASES, partnership=PLACE, areas=areas(), clock=lambda: AT, withheld={})
    bengali = phrases["bn"]
    assert bengali.assumed
    unchecked = summary.summarise(whole, bengali)
    assert bengali.phrases["unchecked"] in unchecked.notices
    checked = summary.summarise(whole, replace(bengali, checked_by="A translator"))
    assert bengali.phrases["unchecked"] not in checked.notices
    assert len(checked.notices) == len(unchecked.notices) - 1
    assert summary.summarise(whole, phrases["en"]).notices == (phrases["en"].phrases["synthetic"],)


def test_thousands_are_parted_as_the_language_parts_them(phrases: dict[str, Phrases]) -> None:
    say = summary.Speaker(phrases["bn"])
    assert say.numerals("1,234,567 of 12.50") == "১২,৩৪,৫৬৭ of ১২.৫০"
    assert summary.Speaker(phrases["en"]).numerals("1,234,567") == "1,234,567"


def test_nothing_hidden_is_in_a_summary(published: Published) -> None:
    assert "Dock North" not in _page(published, "en").text_content()
    assert "[c]" not in _page(published, "bn").text_content()


def test_the_pages_lead_to_each_other_and_to_the_whole(published: Published) -> None:
    main = lxml.html.fromstring(published.html.read_text("utf-8"))
    links = main.xpath("//a[contains(@href, 'summary-')]")
    assert [link.get("href") for link in links] == ["summary-en/index.html", "summary-bn/index.html"]
    page = _page(published, "bn")
    for link in page.xpath("//a/@href | //link/@href"):
        if not link.startswith("#"):
            assert (published.folder / "assessment" / "summary-bn" / link).resolve().is_file(), link


@pytest.mark.parametrize("language", ["en", "bn"])
def test_the_summary_is_a_tagged_pdf_in_its_language(published: Published, language: str) -> None:
    path = published.folder / "assessment" / f"summary-{language}" / f"assessment-summary-{language}.pdf"
    with pikepdf.open(path) as pdf:
        assert str(pdf.Root.Lang).startswith(language)
        assert bool(pdf.Root.MarkInfo.Marked)
        fonts = {
            str(font.BaseFont).split("+")[-1].strip("/").split("-")[0]
            for page in pdf.pages
            for font in page.resources.get("/Font", {}).values()
        }
        assert fonts == ({"Inter", "NotoSansBengali"} if language == "bn" else {"Inter"})


def test_a_phrase_file_that_lacks_a_phrase_is_refused(phrases: dict[str, Phrases]) -> None:
    short = {name: text for name, text in phrases["en"].phrases.items() if name != "range"}
    with pytest.raises(ValueError, match="these phrases are missing: range"):
        Phrases(language="en-GB", name="English", months=phrases["en"].months, phrases=short)
    with pytest.raises(ValueError, match=r"the phrase range must hold \{low\} and \{high\}"):
        Phrases(language="en", name="E", months=phrases["en"].months, phrases={**phrases["en"].phrases, "range": "x"})
