"""Public pages for somebody in a hurry or in fear: fast, quiet, in their language, and no trace of who they are."""

from __future__ import annotations

import pytest
import screens_crawl as screens
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from concord.strategy.shapes.help import SHAPE, Translation
from concord.web.shared import partnership

PAGES = ("/help-now/", "/help-now/?lang=bn", "/rights/", "/rights/?lang=bn", "/help-now/?lang=xx")


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_a_public_page_is_quiet(address: str) -> None:
    """No cookie, nothing asked of the database, nothing of another site but the way out."""
    visitor = Client(headers={"host": "localhost"})
    with CaptureQueriesContext(connection) as asked:
        page = screens.opened(visitor, "", address)
    assert page.status == 200 and len(asked) == 0
    assert not visitor.cookies
    loaded = [each.get("src") or each.get("href") for each in page.tree.iter("script", "img", "iframe", "link")]
    assert all(each.startswith("/static/") for each in loaded)
    assert len(page.text.encode()) < 20_000


@pytest.mark.django_db
def test_help_now_says_whom_to_ring_in_both_languages_and_leaves_at_once() -> None:
    visitor = Client(headers={"host": "localhost"})
    for lang, words in (("en", "If somebody is in danger, call 999."), ("bn", "কেউ বিপদে থাকলে")):
        page = screens.opened(visitor, "", f"/help-now/?lang={lang}")
        main = page.tree.get_element_by_id("main-content")
        assert words in page.text
        assert main.xpath(f".//div[@lang='{lang}']")
        numbers = {each.get("href") for each in main.iter("a") if each.get("href", "").startswith("tel:")}
        assert {"tel:101", "tel:08001111", "tel:08082000247"} <= numbers
        leave = page.tree.xpath("//a[contains(@class, 'govuk-exit-this-page__button')]")
        assert leave and leave[0].get("href") == partnership.current().help.leave.to


@pytest.mark.django_db
def test_rights_say_how_to_ask_and_what_cannot_be_told() -> None:
    page = screens.opened(Client(headers={"host": "localhost"}), "", "/rights/")
    assert "An answer comes within one month" in page.text
    assert "The answer then looks the same whether there is one or not." in page.text
    assert "Child contact with no further action" in page.text


def test_a_line_not_said_in_a_language_is_refused_by_name() -> None:
    english = dict.fromkeys(set(Translation.__dataclass_fields__) - {"rights", "kept"}, "x")
    words = {**english, "rights": ["x"], "kept": ["a", "b"]}
    line = {"number": "101", "kind": "report", "name": {"en": "Police"}, "who": {"en": "Anyone"}}
    SHAPE(leave={"to": "https://example.org"}, line=[line], translation={"en": words})
    with pytest.raises(ValueError, match="101 is not said in “bn”"):
        SHAPE(leave={"to": "https://example.org"}, line=[line], translation={"en": words, "bn": words})
    with pytest.raises(ValueError, match="words in English"):
        SHAPE(leave={"to": "https://example.org"}, line=[], translation={"bn": words})


@pytest.mark.django_db
def test_one_connection_has_only_so_many_drafts_read_in_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a long draft takes a while, and anybody may ask for it."""
    monkeypatch.setattr("concord.web.proofread.views.AN_HOUR", 2)
    visitor = Client(headers={"host": "localhost"})
    answers = [visitor.post("/proofread/", {"words": "We will reduce violence."}).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    other = visitor.post("/proofread/", {"words": "We will reduce violence."}, REMOTE_ADDR="192.0.2.9")
    assert other.status_code == 200
