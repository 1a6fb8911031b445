"""Every publication of the folder, made from Harbourside by the one command, and whole."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from types import MappingProxyType

import pytest

from concord.jobs import assessment, choosing
from concord.jobs.assessment import Made
from concord.jobs.pipeline import Loop
from concord.kernel.errors import BadInput, Usage
from concord.strategy import Partnership

MADE = {
    "strategic": {},
    "tactical": {},
    "weekly": {},
    "quarterly": {},
    "scrutiny": {"seed": "the panel of November", "size": "12"},
    "annual-review": {},
    "duty-pack": {},
    "strategy": {},
    "problem_profile": {"problem": "domestic_abuse"},
    "place_profile": {"place": "Bargate"},
    "group_profile": {"group": "children"},
}
"""Each publication as it is called, with what it is told."""


@dataclass(frozen=True)
class Shelf:
    """The home, and what was made in it, by the word that it was asked for."""

    loop: Loop
    made: dict[str, Made]

    def page(self, name: str) -> str:
        return unescape(self.made[name].published.html.read_text("utf-8"))


def with_few_indicators(partnership: Partnership) -> Partnership:
    """Headlines and what is recommended: the rest is read in the same way, and each costs a release."""
    held = partnership.recommendations
    wanted = {key for item in (held.recommendation if held else ()) for key in item.indicators}
    kept = {key: each for key, each in partnership.indicators.items() if each.headline or key in wanted}
    return replace(partnership, indicators=MappingProxyType(kept))


@pytest.fixture(scope="module")
def shelf(harbourside_loaded: Loop, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    home = tmp_path_factory.mktemp("shelf") / "home"
    shutil.copytree(harbourside_loaded.home, home)
    loop = Loop(home, with_few_indicators(harbourside_loaded.partnership), harbourside_loaded.clock)
    made = {}
    for name, told in MADE.items():
        where = home if name in ("strategic", "annual-review", "duty-pack", "strategy") else home.with_name(name)
        if where != home:  # alone, so that no test waits for the attack on everything that the others gave out
            shutil.copytree(harbourside_loaded.home, where)
        made[name] = assessment.make(where, loop.partnership, clock=loop.clock, publication=name, parameters=told)
    return Shelf(loop, made)


def test_every_publication_of_the_folder_is_among_these(harbourside_loaded: Loop) -> None:
    partnership = harbourside_loaded.partnership
    meant = {choosing.publication(partnership, name, told).key for name, told in MADE.items()}
    assert meant == set(partnership.publications)


@pytest.mark.parametrize("name", MADE)
def test_each_is_whole(shelf: Shelf, name: str) -> None:
    made, page = shelf.made[name], shelf.page(name)
    published = made.published
    assert f"<title>{made.publication.title}" in page
    assert len(re.findall(r"<figure ", page)) == sum(
        spec.cited_as not in made.withheld for section in made.publication.sections for spec in section.figures
    )
    for section in made.publication.sections:
        assert f'id="{section.key}"' in page
        for listing in section.listings:
            assert listing.title in page
    assert published.pdf.read_bytes().startswith(b"%PDF-1.7")
    assert "Synthetic data" in page
    assert "section 149" in page.lower(), "each carries its equality note"
    for left in ("{place}", "{problem}", "{group}", "{{", ">nan<"):
        assert left not in page


@pytest.mark.parametrize("name", MADE)
def test_what_is_not_for_everyone_stays_off_the_site(shelf: Shelf, name: str) -> None:
    made = shelf.made[name]
    folder = "site" if made.publication.audience == "public" else f"papers/{made.publication.audience}"
    assert str(made.published.folder).endswith(f"/{folder}")


def test_publications_stand_beside_each_other(shelf: Shelf) -> None:
    site = shelf.loop.home / "site"
    held = json.loads((site / "site.json").read_text("utf-8"))["publications"]
    assert set(held) == {"strategic_needs_assessment", "annual_review", "public_strategy"}
    index = (site / "index.html").read_text("utf-8")
    for key, entry in held.items():
        assert f'href="{key}/index.html"' in index
        for code in entry["figures"]:
            assert (site / "figures" / f"{code}.html").is_file()
    assert json.loads((site / "indicators.json").read_text("utf-8"))["readings"]


def test_every_link_inside_the_site_leads_somewhere(shelf: Shelf) -> None:
    site = shelf.loop.home / "site"
    for page in site.rglob("*.html"):
        for address in re.findall(r'(?:href|src)="([^"#:]+)(?:#[^"]*)?"', page.read_text("utf-8")):
            assert (page.parent / address).exists(), f"{page.relative_to(site)} leads to {address}"


def test_regulation_7_is_answered_by_sections_that_are_there(shelf: Shelf) -> None:
    publication = shelf.made["strategic"].publication
    answered = {provision for section in publication.sections for provision in section.answers}
    assert {f"SI 2007/1830 reg 7({letter})" for letter in "abcdefg"} <= answered


def test_a_recommendation_shows_what_it_rests_on(shelf: Shelf) -> None:
    made, page = shelf.made["strategic"], shelf.page("strategic")
    held = shelf.loop.partnership.recommendations
    assert held is not None
    codes = {title: code for code, title in made.published.titles.items()}
    for item in held.recommendation:
        assert item.text in page
    assert any(f"{title} ({code})" in page for title, code in codes.items())
    assert "no such figure in this edition" not in page


def test_headlines_stand_in_the_review_whatever_their_direction(shelf: Shelf) -> None:
    page = shelf.page("annual-review")
    for indicator in shelf.loop.partnership.indicators.values():
        if indicator.code.startswith("H"):
            assert f"{indicator.code} {indicator.title}" in page
    assert "yearly points, three are needed" in page
    assert "▲ Better" not in page.replace("▲ Better:", ""), "two years of data rate nothing"


def test_the_duty_pack_has_every_requirement_with_evidence_or_a_dated_gap(shelf: Shelf) -> None:
    page, duty = shelf.page("duty-pack"), shelf.loop.partnership.duty
    assert duty is not None
    for requirement in duty.requirements.values():
        assert requirement.name in page
    gaps = re.findall(r"Gap: ([^<]+)", page)
    assert gaps
    for gap in gaps:
        assert re.search(r"by \d{1,2} [A-Z][a-z]+ 20\d\d", gap) or gap == "nothing has come", gap
    assert "Gap: Community Safety, by 18 December 2026" in page, "the gap that the partnership dated itself"
    assert "31 October 2026 (overdue)" in page


def test_the_same_seed_draws_the_same_and_another_does_not(shelf: Shelf, tmp_path: Path) -> None:
    def draw(seed: str, to: str) -> list[str]:
        made = assessment.make(
            shelf.loop.home, shelf.loop.partnership, clock=shelf.loop.clock, to=tmp_path / to,
            publication="scrutiny", parameters={"seed": seed, "size": "12"},
        )  # fmt: skip
        return drawn(made.published.html.read_text("utf-8"))

    def drawn(page: str) -> list[str]:
        return re.findall(r"drawn (?:once|\d+ times)|<th scope=\"row\">[^<]+</th>", page)

    first = drawn(shelf.made["scrutiny"].published.html.read_text("utf-8"))
    assert first == draw("the panel of November", "again")
    assert first != draw("another", "other")


def test_a_profile_is_known_by_what_it_is_told(shelf: Shelf) -> None:
    made = shelf.made["place_profile"]
    assert made.publication.key == "place_profile-bargate"
    assert made.publication.title == "Place profile: Bargate"
    assert made.as_dict()["folder"].endswith("papers/board")


def test_a_month_that_is_chosen_ends_the_period(shelf: Shelf, tmp_path: Path) -> None:
    made = assessment.make(
        shelf.loop.home, shelf.loop.partnership, clock=shelf.loop.clock, to=tmp_path / "june",
        publication="scrutiny", parameters={"month": "2026-06"},
    )  # fmt: skip
    page = made.published.html.read_text("utf-8")
    assert made.publication.key == "stop_search_scrutiny-june-2026"
    told = re.findall(r"Period: ([^<]+?)\. Source", page)
    assert told
    assert all(period.endswith("June 2026") for period in told), told


@pytest.mark.parametrize(
    ("name", "told", "says"),
    [
        ("profile", {"place": "Bargat"}, "--place: there is no ward “Bargat”"),
        ("profile", {"problem": "knives"}, "--problem: there is no problem “knives”"),
        ("profile", {"group": "gangs"}, "--group: there is no group “gangs”"),
        ("profile", {}, "“profile” could be any of 3 publications"),
        ("tactical", {"month": "Sept"}, "--month: “Sept” is not a month"),
        ("tactical", {"month": "2026-11"}, "--month: 30 November 2026 is not over yet"),
        ("scrutiny", {"size": "many"}, "--size: “many” is not a whole number"),
        ("strategic", {"as_at": "31 March"}, "--as-at: “31 March” is not a day"),
        ("weekly", {"place": "Bargate"}, "“weekly_violence” takes no --place"),
        ("place_profile", {}, "“place_profile” needs --place"),
    ],
)
def test_a_parameter_that_is_wrong_is_refused_before_anything_is_made(
    harbourside_loaded: Loop, name: str, told: dict[str, str], says: str
) -> None:
    loop = harbourside_loaded
    with pytest.raises(Usage) as caught:
        assessment.make(loop.home, loop.partnership, clock=loop.clock, publication=name, parameters=told)
    assert caught.value.what.startswith(says)
    assert caught.value.next_step


def test_another_audience_s_folder_is_not_filled(shelf: Shelf) -> None:
    with pytest.raises(BadInput) as caught:
        assessment.make(
            shelf.loop.home, shelf.loop.partnership, clock=shelf.loop.clock, publication="duty-pack",
            to=shelf.loop.home / "site",
        )  # fmt: skip
    assert caught.value.what == "That folder holds publications of another audience: “public”"
