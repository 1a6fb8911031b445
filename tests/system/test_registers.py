"""Registers in a browser: the plan's action from overdue to done, an authorisation the board reads, a note by phone."""

from __future__ import annotations

import re
from collections.abc import Callable

from system.browser import Someone

SignIn = Callable[..., Someone]


def identity(someone: Someone) -> str:
    found = re.search(r"/registers/\w+/([0-9a-f-]{36})/", someone.page.url)
    assert found, someone.page.url
    return found.group(1)


def test_an_action_of_the_plan_is_added_put_right_closed_and_stands_in_the_trail(sign_in: SignIn) -> None:
    manager = sign_in("manager")
    manager.clicks("Registers")
    manager.sees("Action register", "Overdue", "You keep it.")
    manager.looks()
    manager.go("/registers/action_register/")
    manager.looks()
    manager.clicks("Add to it")
    manager.sees("Never write here: anybody who is helped, harmed or suspected.")
    manager.clicks("Add it")
    manager.sees("There is a problem", "Fill in “What is to be done”")
    assert manager.page.evaluate("document.activeElement.classList.contains('govuk-error-summary')")
    manager.looks()
    manager.writes("What is to be done", "Agree who opens the youth centre on Sundays SYN")
    manager.dates("Agreed on", 2, 11, 2026)
    manager.dates("Due on", 30, 11, 2027)
    manager.page.get_by_label("Owner").select_option(index=3)
    for label in ("Action of the plan", "Outcome it serves", "Board or subgroup that follows it"):
        manager.page.get_by_label(label).select_option(index=1)
    manager.writes("Lead", "Head of youth services")
    manager.chooses("Green: on course")
    manager.writes("Progress", "Two providers asked.")
    manager.clicks("Add it")
    manager.sees("Added to Action register.", "Agree who opens the youth centre on Sundays SYN", "Added by")
    manager.looks()
    entry = identity(manager)
    manager.clicks("Put it right")
    manager.chooses("Amber: at risk, with a way back")
    manager.writes("Why is it changed?", "One provider withdrew.")
    manager.clicks("Save")
    manager.sees("One provider withdrew.", "“Green: on course” became “Amber: at risk, with a way back”")
    manager.clicks("Close it")
    manager.chooses("Done")
    manager.writes("What came of it?", "Open on Sundays from December.")
    manager.clicks("Close it")
    manager.sees("Closed. It stands under “Closed”.")
    manager.go("/registers/action_register/?show=closed")
    manager.sees("Agree who opens the youth centre on Sundays SYN")
    officer = sign_in("dpo")
    officer.go(f"/who-looked/entry/{entry}/")
    officer.sees("Saskia Wren SYN" if "Saskia" in officer.page.content() else "manager")
    officer.looks()


def test_an_authorisation_is_read_by_the_board_and_by_nobody_who_does_not_read_it(sign_in: SignIn) -> None:
    member = sign_in("board")
    member.go("/registers/section_60/")
    member.sees("SYN-60-014")
    member.does_not_see("Add to it")
    member.clicks("SYN-60-014")
    member.sees("Rank of the officer who authorised it", "Inspector", "After serious violence, to find the weapon")
    member.does_not_see("Put it right")
    member.looks()
    assert member.go("/registers/civil_orders/") == 404
    member.go("/agencies/")
    member.sees("Must collaborate on the strategy")
    member.looks()
    visitor = sign_in()
    visitor.go("/governance/")
    visitor.sees("Leads the duty here", "Who was consulted on the strategy")
    visitor.looks()
    visitor.go("/directory/services_directory/")
    visitor.sees("Takes referrals today?")
    visitor.looks()


def test_a_home_that_was_taken_over_is_found_again_by_who_keeps_it_and_names_nobody_to_others(sign_in: SignIn) -> None:
    officer = sign_in("orders", width=390)
    officer.go("/registers/cuckooed_addresses/")
    officer.sees("Flat 4, SYN Anchor House", "Overdue", "Brackley-SYN")
    officer.looks()
    officer.clicks("Flat 4, SYN Anchor House")
    officer.sees("Partial closure: occupant stays", "SYN-CL-3")
    officer.looks()
    address = officer.page.url
    other = sign_in("manager")
    assert other.go(address) == 404


def test_without_a_script_a_report_of_tension_is_entered(sign_in: SignIn) -> None:
    worker = sign_in("hate-worker", script=False)
    worker.go("/registers/tension_log/new/")
    worker.writes("What was heard, in a few words", "Shop window broken SYN")
    worker.dates("Seen or heard on", 20, 11, 2026)
    worker.page.get_by_label("Owner").select_option(index=2)
    worker.page.get_by_label("What it is about").select_option(label="Faith")
    worker.chooses("Moderate: incidents")
    worker.clicks("Add it")
    worker.sees("Added to Community tension log.", "Shop window broken SYN")
