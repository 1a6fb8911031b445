"""Forums of every kind in a browser: a place and a group at MACE, a cuckooed address, a board, a phone at eight."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from system.browser import Someone

SignIn = Callable[..., Someone]


def agenda(someone: Someone, forum: str) -> None:
    someone.go(f"/forums/{forum}/")
    someone.clicks("Open the agenda")


def test_mace_hears_a_place_and_a_peer_group(sign_in: SignIn) -> None:
    coordinator = sign_in("mace-coordinator")
    agenda(coordinator, "mace")
    coordinator.sees("Arcade, Harbour Row SYN", "SYN 12 Harbour Row", "The Lock Lane group SYN")
    coordinator.looks()
    coordinator.clicks("List a place, group or theme")
    coordinator.clicks("Put on the agenda")
    coordinator.sees("There is a problem", "Choose what kind of item it is", "Say what it is called")
    coordinator.looks()
    coordinator.page.get_by_role("radio", name="Location").check()
    coordinator.writes("What is it called?", "Skate park SYN")
    coordinator.writes("Why is it heard?", "Named by two children.")
    coordinator.clicks("Put on the agenda")
    coordinator.sees("Skate park SYN is on the agenda.")
    coordinator.clicks("Arcade, Harbour Row SYN")
    coordinator.sees("Kind of exploitation", "Criminal, county lines among it")
    coordinator.looks()


def test_a_cuckooed_address_keeps_its_history(sign_in: SignIn) -> None:
    coordinator = sign_in("safety-coordinator")
    agenda(coordinator, "community_marac")
    coordinator.clicks("Flat on Marsh Rise SYN")
    coordinator.sees("Heard here before", "Cuckooing confirmed: plan and re-visits", "Visit again at four weeks.")
    coordinator.looks()


def test_a_board_reads_papers_that_are_safe_to_publish(sign_in: SignIn) -> None:
    secretary = sign_in("safety-coordinator")
    agenda(secretary, "safer_neighbourhood_board")
    secretary.sees("This meeting is held in public", "When will the lights on Lock Lane be mended?")
    secretary.does_not_see("List a person without a referral")
    secretary.looks()
    secretary.clicks("Put a paper or a question on")
    secretary.sees("Write nothing about a person who could be recognised.")
    secretary.page.get_by_role("radio", name="Question from a resident").check()
    secretary.writes("What is it called?", "Are there more patrols in winter?")
    secretary.writes("Why is it heard?", "Asked from the floor.")
    secretary.clicks("Put on the agenda")
    secretary.sees("Are there more patrols in winter?")


def test_the_daily_meeting_is_run_from_a_phone(sign_in: SignIn) -> None:
    lead = sign_in("daily-lead", width=390)
    agenda(lead, "daily_risk_meeting")
    lead.sees("Lock steps SYN")
    lead.clicks("Bring in what is new")
    lead.sees("Lock steps SYN")
    lead.looks()
    lead.clicks("Open the meeting")
    lead.clicks("Record who is here")
    for box in lead.every("checkbox"):
        box.check()
    lead.clicks("Save")
    lead.clicks("Lock steps SYN")
    lead.clicks("Decide and go on, on one screen")
    lead.looks()
    lead.page.get_by_role("radio", name="Task today").check()
    lead.writes("Why?", "Before school ends.")
    lead.page.get_by_role("button", name="Record it").click()
    lead.sees("Recorded for Lock steps SYN.")


def test_the_marac_return_opens_its_cases(sign_in: SignIn) -> None:
    coordinator = sign_in("marac-coordinator")
    coordinator.go("/forums/marac/")
    coordinator.clicks("MARAC return")
    coordinator.sees("Cases discussed", "Repeat cases", "The first table holds small numbers")
    coordinator.looks()


def keys(someone: Someone, *pressed: str) -> None:
    for key in pressed:
        someone.page.keyboard.press(key)


def test_a_meeting_is_run_to_its_signed_minutes_by_keyboard_alone(sign_in: SignIn) -> None:
    """No pointer: single letters outside fields, Tab and Space inside, Control and Enter to send."""
    coordinator, chair = sign_in("safety-coordinator"), sign_in("safety-police")
    coordinator.go("/forums/pacesetters/plan/")
    tomorrow = dt.datetime.now() + dt.timedelta(days=1)
    coordinator.page.locator("#id_day_0").focus()
    for part in (tomorrow.day, tomorrow.month, tomorrow.year):
        coordinator.page.keyboard.type(str(part))
        keys(coordinator, "Tab")
    coordinator.page.keyboard.type(f"{tomorrow:%H:%M}")
    keys(coordinator, "Tab")
    coordinator.page.keyboard.type("SYN Room")
    keys(coordinator, "Control+Enter")
    coordinator.sees("Planned. Its members see it from now on.")
    meeting = coordinator.page.url
    coordinator.go(meeting + "topic/")
    coordinator.page.locator("input[name=kind]").first.focus()
    keys(coordinator, "Space", "Tab")
    coordinator.page.locator("#id_about").focus()
    coordinator.page.keyboard.type("Moped thefts SYN")
    coordinator.page.locator("#id_reason").focus()
    coordinator.page.keyboard.type("Four since Friday.")
    keys(coordinator, "Control+Enter")
    coordinator.sees("Moped thefts SYN is on the agenda.")
    chair.go("/forums/pacesetters/")
    keys(chair, "?")
    chair.sees("Open the agenda", "In a field no letter is a shortcut.")
    chair.looks()
    keys(chair, "Escape")
    chair.go(meeting)
    keys(chair, "w")
    chair.sees("Who is here")
    chair.page.get_by_role("button", name="Everybody is here and has signed").focus()
    keys(chair, "Enter")
    chair.sees("Saved who is here.")
    keys(chair, "o")
    chair.sees("The meeting is open.")
    keys(chair, "g")
    chair.sees("What is said")
    chair.looks()
    keys(chair, "m")
    chair.page.keyboard.type("noted: all at the station")  # n, o, t, e, d are letters here, not shortcuts
    keys(chair, "Escape", "d", "ArrowDown", "ArrowDown", "Escape", "w")
    chair.page.keyboard.type("Nothing to task.")
    keys(chair, "Control+Enter")
    chair.sees("Recorded for Moped thefts SYN.")
    keys(chair, "c")
    chair.sees("Draft", "Said: noted: all at the station")
    keys(chair, "s")
    chair.sees("Signed")


def test_single_letters_can_be_turned_off(sign_in: SignIn) -> None:
    chair = sign_in("safety-chair")
    chair.go("/forums/executive/")
    keys(chair, "?")
    chair.page.get_by_label("Turn single letters off on this device").check()
    keys(chair, "Escape", "o")
    assert chair.page.url.endswith("/forums/executive/")
    chair.page.get_by_role("button", name="Keyboard shortcuts").click()
    chair.page.get_by_label("Turn single letters off on this device").uncheck()
    chair.page.get_by_role("button", name="Close", exact=True).click()
    keys(chair, "o")
    chair.sees("Progress against the strategy SYN")


def test_an_action_is_done_with_one_tap_on_a_phone(sign_in: SignIn) -> None:
    police = sign_in("police", width=390)
    police.go("/actions/")
    first = police.page.locator(".concord-list-plain > li").first
    words = first.locator("p").first.inner_text()
    police.looks()
    police.page.set_viewport_size({"width": 390, "height": 800})
    box = first.get_by_role("button", name="Done").bounding_box()
    assert box is not None and box["height"] >= 24 and box["width"] >= 24, "big enough for a thumb (WCAG 2.5.8)"
    first.get_by_role("button", name="Done").click()
    police.sees("Done. The panel sees it at its next meeting.")
    police.go("/actions/?show=closed")
    police.sees(words)


def test_a_resident_asks_the_board_and_reads_the_answer(sign_in: SignIn) -> None:
    resident, coordinator = sign_in(), sign_in("safety-coordinator")
    question = f"Will there be more bins on the quay by {dt.datetime.now():%H:%M:%S}?"
    resident.go("/boards/safer_neighbourhood_board/")
    resident.sees("How many patrols were there on Lock Lane in the summer?", "Answered")
    resident.does_not_see("Can the youth club on the quay open on Sundays?")
    resident.looks()
    resident.clicks("Ask a question")
    resident.writes("What do you want to ask?", "Ring me on 07700 900123 about number 12")
    resident.clicks("Send the question")
    resident.sees("There is a problem", "a telephone number and the door of a home")
    resident.looks()
    resident.writes("What do you want to ask?", question)
    resident.clicks("Send the question")
    resident.sees("Question sent", "Your reference is")
    resident.looks()
    resident.go("/boards/safer_neighbourhood_board/")
    resident.does_not_see(question)
    coordinator.go("/forums/safer_neighbourhood_board/questions/")
    coordinator.looks()
    coordinator.clicks(question)
    coordinator.chooses("Publish it in these words")
    coordinator.looks()
    coordinator.clicks("Save")
    coordinator.sees("Published.")
    asked = coordinator.page.locator(".concord-list-plain > li").filter(has_text=question)
    asked.get_by_role("link", name="Answer it").click()
    coordinator.writes("Answer", "Yes: six by April.")
    coordinator.clicks("Publish the answer")
    resident.go("/boards/safer_neighbourhood_board/")
    resident.sees(question, "Yes: six by April.")
