"""An edition on its way, by people at their screens: written, refused a typed number, gone through, approved, read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from system.browser import Someone
from system.demo_server import Demo

PUBLICATION = "public_strategy"
SignIn = Callable[..., Someone]
SECRET = "The side door of the refuge on Quay Street opens at dusk for whoever rings twice."
PATIENCE = 240_000
"""Milliseconds for every figure of an assessment on a busy machine."""


@pytest.fixture(scope="module")
def under_way() -> dict[str, str]:
    """What one story leaves for the next: the edition's address."""
    return {}


def test_an_analyst_drafts_is_refused_a_typed_number_and_settles(
    sign_in: SignIn, demo: Demo, under_way: dict[str, str]
) -> None:
    analyst = sign_in("analyst")
    analyst.clicks("Editions")
    analyst.looks()
    analyst.clicks("Begin an edition")
    analyst.looks()
    analyst.page.locator("select").select_option(value=PUBLICATION)
    analyst.clicks("Continue")
    analyst.sees("What is this edition called?")
    analyst.looks()
    analyst.clicks("Begin it")
    analyst.sees("There is a problem", "Give the edition a name")
    analyst.writes("What is this edition called?", "Story")
    analyst.clicks("Begin it")
    analyst.sees("The edition is begun", "Make the figures")
    under_way["address"] = analyst.page.url.removeprefix(demo.address)
    analyst.looks()
    analyst.clicks("Make the figures")
    expect(analyst.page.locator("body")).to_contain_text("Make the figures again", timeout=PATIENCE)
    analyst.looks()

    # A number typed by hand is refused with what to cite; nothing typed is lost; then it is cited.
    analyst.clicks("Where we are")
    analyst.looks()
    field = analyst.page.get_by_label("Narrative")
    written = field.input_value()
    field.fill(f"{written}\nOne ward had 987,654 of them.\n")
    analyst.clicks("Save")
    analyst.sees("There is a problem", "“987,654” is typed by hand", "Cite it as")
    assert "987,654" in field.input_value()
    analyst.looks()
    citation = analyst.page.locator(".concord-details-small code").first.text_content() or ""
    field.fill(f"{written}\nThe first of them is {citation}.\n")
    analyst.clicks("Check it")
    assert citation.startswith("{{figure:")
    analyst.sees("Nothing to put right", "It is not saved yet.", "What it cites")
    analyst.clicks("Save")
    analyst.sees("Saved as version")

    # One passage is kept back, on its own page, with a ground and a reason.
    field.fill(f"{field.input_value()}\n\n{SECRET}\n")
    analyst.clicks("Save")
    analyst.sees("Saved as version")
    analyst.clicks("Go through this section")
    analyst.sees("section 8(8)".capitalize(), SECRET)
    analyst.looks()
    analyst.page.locator(".concord-card", has_text=SECRET).get_by_role("link").click()
    analyst.chooses("Keep it back. It might put somebody")
    analyst.writes("Why?", "Somebody in danger could be found there.")
    analyst.looks()
    analyst.clicks("Record the decision")
    analyst.sees("It stays out of the public edition.", "Kept back")
    for _ in range(60):
        analyst.clicks("Nothing more has to be kept back")
        analyst.sees("You have gone through")
        if "Go through “" not in analyst.heading:
            break
    analyst.sees("Nothing is missing")
    analyst.clicks("Send it for review")
    analyst.sees("In review")
    analyst.looks()
    analyst.clicks("Settle it and ask for approval")
    analyst.writes("What is this edition for?", "What everybody may read of the strategy.")
    analyst.looks()
    analyst.clicks("Settle it")
    expect(analyst.page.locator("body")).to_contain_text("It is settled.", timeout=PATIENCE)
    analyst.sees("You asked for it, so somebody else approves it.")
    analyst.does_not_see("Look at it and decide")
    assert analyst.go(f"{under_way['address']}decide/") == 404


def test_an_approver_decides_by_keyboard_and_publishes(sign_in: SignIn, under_way: dict[str, str]) -> None:
    approver = sign_in("approver")
    approver.sees("Waiting for your approval", "Story")
    approver.looks()
    approver.clicks("Releases")
    approver.sees("Release queue", "They are decided together with their edition")
    approver.looks()
    approver.page.locator("table a").first.click()
    approver.sees("What the attacker found", "Suppressed, and what it cost", "Past releases it touches")
    approver.looks()
    approver.go(f"{under_way['address']}decide/")
    approver.sees("What would be let out", "Somebody in danger could be found there.")
    approver.looks()
    keyboard = approver.page.keyboard
    for selector in ("input[value=approve]", "textarea", "main form button"):
        for _ in range(400):
            if approver.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                break
            keyboard.press("Tab")
        if selector == "textarea":
            keyboard.type("Read both editions from end to end.")
        else:
            keyboard.press("Space" if selector.startswith("input") else "Enter")
    expect(approver.page.locator("body")).to_contain_text("Approved. Publish it next.", timeout=PATIENCE)
    approver.clicks("Publish it")
    approver.looks()
    approver.clicks("Publish it now")
    expect(approver.page.locator("body")).to_contain_text("Its readers have it from now on.", timeout=PATIENCE)
    approver.looks()


def test_everybody_reads_it_without_what_is_kept_back(sign_in: SignIn) -> None:
    visitor = sign_in(width=390)
    visitor.go(f"/published/{PUBLICATION}/")
    visitor.sees("Where we are")
    visitor.does_not_see("Quay Street", "rings twice")
    assert "rings twice" not in visitor.page.content()
    wide = visitor.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    assert visitor.go(f"/papers/board/{PUBLICATION}/index.html") == 404
    board = sign_in("board")
    board.go("/published/")
    board.sees("For Members of the partnership")
    board.looks()
    board.go(f"/papers/board/{PUBLICATION}/index.html")
    board.sees("Restricted: It might put somebody", SECRET)


def test_without_a_script_every_step_is_there(sign_in: SignIn, under_way: dict[str, str]) -> None:
    editor = sign_in("editor", script=False)
    assert editor.go(under_way["address"]) == 200
    editor.sees("Published", "Sections")
    editor.page.locator(".govuk-task-list a").first.click()
    editor.sees("Earlier versions")
