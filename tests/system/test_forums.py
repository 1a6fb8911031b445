"""Forums of every kind in a browser: a place and a group at MACE, a cuckooed address, a board, a phone at eight."""

from __future__ import annotations

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
    for box in lead.page.get_by_role("checkbox").all():
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
    coordinator.sees("Cases discussed", "Repeat cases", "These figures hold small numbers.")
    coordinator.looks()
