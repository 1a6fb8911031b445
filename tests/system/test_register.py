"""People, places and groups at a screen: found while typing, kept right, joined and taken apart; links judged by two,
and by a third where they differ; a place with its plan."""

from __future__ import annotations

import re
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect
from system.browser import PHONE, Someone
from system.demo_server import Demo

SignIn = Callable[..., Someone]


def types(someone: Someone, given: str, family: str) -> None:
    """As somebody does: letter by letter, so that the page may ask."""
    for label, words in (("First name", given), ("Last name", family)):
        field = someone.page.get_by_label(label).first
        field.fill("")
        field.press_sequentially(words, delay=15)


def opens(someone: Someone, reason: str = "Preparing for the home visit.") -> str:
    """From the question why to the record; returns its address."""
    someone.writes("Why do you need to open this record?", reason)
    someone.clicks("Continue")
    someone.sees("Why you can see this", reason)
    return someone.page.url


def refused(someone: Someone, *words: str) -> None:
    """An error takes the focus, and says what to do."""
    someone.sees("There is a problem", *words)
    assert "govuk-error-summary" in (someone.page.evaluate("document.activeElement.className") or "")
    assert someone.page.title().startswith("Error: ")


def test_a_duty_worker_finds_a_child_while_typing_and_keeps_the_record_right(sign_in: SignIn) -> None:
    mash = sign_in("mash")
    mash.go("/people/find/")
    options = mash.page.get_by_role("option")
    types(mash, "Rafee", "Vanc")
    expect(options.first).to_be_visible()
    mash.looks()
    field = mash.page.get_by_label("Last name").first
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(mash.page.get_by_role("status").filter(has_text="possible match")).to_be_visible()
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    assert "thnicity" not in mash.page.content()
    types(mash, "Rafee", "Vance")
    expect(options.first).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    expect(mash.page.get_by_label("Why do you need to open this record?")).to_be_visible()
    opens(mash)
    # How to reach them comes first, before anything else that is said of them.
    text = mash.page.locator("main").inner_text()
    assert text.index("Never ring the home number") < text.index("Date of birth")
    mash.sees("Tiny", "Sylheti", "Dyslexic", "SYN-CUST-20417", "Ethnicity, as they say", "Ethnicity, as seen", "parent")
    mash.looks()
    name = mash.heading

    mash.clicks("Record a relationship")
    types(mash, "Karl", "Ostrow")
    expect(options.first).to_be_visible()
    mash.looks()
    options.first.click()
    mash.sees("What are they to each other?", "Never ring the home number")
    mash.clicks("Save the relationship")
    refused(mash, "Choose what they are to each other", "Say who says so")
    mash.looks()
    mash.chooses("They are associates")
    source = f"SYN warden {secrets.token_hex(2)}"
    mash.writes("Who says so?", source)
    mash.clicks("Save the relationship")
    mash.sees("On record, and shown on Karl Ostrow-SYN’s record too.", source)

    mash.clicks("Change how to reach them, and needs")
    mash.sees("Never ring the home number")
    mash.writes("What do they need to take part?", f"Meet outdoors. {secrets.token_hex(2)}")
    mash.looks()
    # A colleague has the same page open and saves second.
    other = sign_in("mash-manager")
    other.go(mash.page.url)
    other.writes("Language of an interpreter", "French")
    mash.clicks("Save")
    mash.sees("Saved. Everybody who opens the record sees it first.", "Meet outdoors.")
    other.clicks("Save")
    refused(other, "changed while you had it open")
    assert other.page.get_by_label("Language of an interpreter").input_value() == "French"

    mash.clicks("Record ethnicity, as an officer saw")
    mash.clicks("Save")
    mash.sees(name)
    mash.clicks("Put details right")
    mash.writes("Why, and how do you know?", "")
    mash.clicks("Save the correction")
    refused(mash, "Say why, and how you know")
    mash.writes("First name", f"Name{secrets.token_hex(2)}")
    mash.writes("Why, and how do you know?", "SYN birth certificate.")
    mash.looks()
    mash.clicks("Save the correction")
    mash.sees("Put right.")
    mash.page.get_by_text("What was put right").click()
    mash.sees("SYN birth certificate.")
    mash.page.get_by_label("Show").select_option(label="Changes to the record")
    mash.clicks("Filter")
    mash.sees("Relationship recorded", "put right")
    mash.page.set_viewport_size(PHONE)
    mash.looks()


def test_two_records_are_joined_and_taken_apart_and_both_are_as_they_were(sign_in: SignIn) -> None:
    manager = sign_in("mash-manager", script=False)
    manager.go("/people/find/")
    manager.writes("First name", "Kofi")
    manager.writes("Last name", "Mirza")
    manager.page.get_by_role("button", name="Find", exact=True).click()
    boxes = manager.page.get_by_role("checkbox")
    for number in (0, 1):
        boxes.nth(number).check()
    manager.clicks("Compare two records")
    assert manager.heading == "Are they one person?"
    manager.clicks("Keep as one person")
    manager.sees("There is a problem", "Say why they are one person")
    before = manager.page.locator("table").inner_text()
    manager.writes("Why are they one person?", "Same address; the name was heard two ways.")
    manager.clicks("Keep as one person")
    manager.sees("Other records of this person", "Mirzah-SYN")
    address = manager.page.url
    manager.clicks("Take apart")
    manager.writes("Why are they two people?", "Cousins of one household.")
    manager.clicks("Take apart")
    manager.sees("They are two people again.")
    manager.does_not_see("Other records of this person")
    # Beside each other once more, they say what they said.
    one = re.search(r"/people/([0-9a-f-]{36})/", address)
    manager.go("/people/find/")
    manager.writes("First name", "Kofi")
    manager.writes("Last name", "Mirza")
    manager.page.get_by_role("button", name="Find", exact=True).click()
    for number in (0, 1):
        manager.page.get_by_role("checkbox").nth(number).check()
    manager.clicks("Compare two records")
    assert manager.page.locator("table").inner_text() == before and one


def judges(sign_in: SignIn, username: str, verdicts: list[str]) -> list[str]:
    """One reviewer's opinions of the pairs that come to them, in turn; returns what the pairs looked like."""
    someone, seen = sign_in(username), []
    someone.go("/links/")
    if verdicts:
        someone.looks()
        someone.clicks("Open the next pair")
    for number, verdict in enumerate(verdicts):
        seen.append(someone.page.locator("table").inner_text())
        if number == 0:
            someone.clicks("Save and go on")
            refused(someone, "Choose what you think")
            someone.looks()
        someone.chooses(verdict)
        someone.chooses("Too little is known to tell")
        someone.clicks("Save and go on")
        someone.sees("Kept. A second reviewer looks on their own")
    return seen


def test_two_reviewers_agree_or_a_third_decides_and_none_sees_what_another_thinks(sign_in: SignIn, demo: Demo) -> None:
    first = judges(sign_in, "reviewer", ["Two people", "Two people"])
    second = judges(sign_in, "reviewer-two", ["Two people", "The same person"])
    assert first == second, "both see the same pairs, beside each other, and no opinion"
    assert "thnicity" not in "".join(first)
    command = [str(Path(sys.executable).with_name("concord")), "link", "--review", "--home", str(demo.home)]
    exchanged = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert "4 opinions taken, 1 pairs settled" in exchanged.stdout + exchanged.stderr, exchanged
    third = judges(sign_in, "reviewer-three", ["Two people"])
    assert third == [first[1]], "the pair on which they differ comes first"
    exchanged = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert "1 opinions taken, 1 pairs settled" in exchanged.stdout + exchanged.stderr, exchanged


def test_a_youth_worker_plans_for_a_place_and_links_a_child_to_a_group(sign_in: SignIn) -> None:
    worker = sign_in("youth-worker")
    worker.go("/subjects/?kind=place")
    worker.sees("Ferry Street bus stop", "The numbers of the map")
    worker.looks()
    worker.clicks("Ferry Street bus stop")
    worker.sees("Synthetic data.", "Signed in as", "Two wardens at the stop", "After school, 15 to 18", "55.0492")
    worker.looks()
    what = f"Leaflets at the chip shop {secrets.token_hex(2)}"
    worker.clicks("Add something to do")
    worker.clicks("Save")
    refused(worker, "Say what is to be done", "Choose who does it", "Enter by when")
    worker.writes("What is to be done?", what)
    worker.picks("Who does it?", "Safer Neighbourhood Operations")
    worker.dates("By when?", 1, 12, 2030)
    worker.looks()
    worker.clicks("Save")
    worker.sees("Added to the plan.", what)
    worker.page.get_by_role("link", name=re.compile(f"became of it.*{what}")).click()
    worker.chooses("Not done")
    worker.writes("What was done, or why not?", "The shop has closed.")
    worker.looks()
    worker.clicks("Save")
    worker.sees("The shop has closed.", "Not done")
    worker.go("/subjects/?kind=group")
    worker.clicks("The lunch-break group")
    worker.sees("Linked concerns", "belongs to it")
    worker.looks()
    worker.page.locator("main li a[href^='/contacts/']").first.click()
    worker.clicks("Link to a place or a group")
    worker.looks()
    worker.clicks("Save the link")
    refused(worker, "Choose which it is")
    worker.picks("Which is it?", "A group chat for year 9 SYN (online space)")
    worker.chooses("Was harmed there, or by it")
    worker.writes("Who says so?", "SYN school")
    worker.clicks("Save the link")
    worker.sees("Linked. Only those who may open this contact see the link.", "harmed there")
