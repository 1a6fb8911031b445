"""A patient is in danger at home: referred by a browser with no script, heard, and heard again as a repeat."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import datetime

import pytest
from system.browser import Someone

from concord.kernel.working_time import LONDON

MARK = secrets.token_hex(2)
VICTIM, ACCUSED = f"Orla Fennimore{MARK} SYN", f"Kit Harkaway{MARK} SYN"
SAFE = "Ring the surgery on Mondays. Never the home, never a text."

SignIn = Callable[..., Someone]


@pytest.fixture(scope="module")
def told() -> dict[str, str]:
    return {}


def refer(gp: Someone, concern: str) -> None:
    gp.clicks("Make a referral")
    gp.chooses("Somebody aged 16 or over")
    gp.clicks("Continue")
    gp.writes("What have you seen or heard", concern)
    now = datetime.now(LONDON)
    gp.dates("When did it happen?", now.day, now.month, now.year)
    gp.chooses("Professional judgement")
    gp.chooses("Threats")
    gp.clicks("Continue")
    given, _, family = VICTIM.partition(" ")
    gp.writes("First name", given)
    gp.writes("Last name", family)
    gp.dates("Date of birth", 2, 7, 1990)
    gp.chooses("Female")
    gp.clicks("Continue")
    gp.sees("They will never be told of this referral.")
    given, _, family = ACCUSED.partition(" ")
    gp.writes("First name", given)
    gp.writes("Last name", family)
    gp.clicks("Continue")
    gp.clicks("Continue")
    gp.chooses("Yes, they know and agree")
    gp.writes("How can they be reached safely?", SAFE)
    gp.clicks("Continue")
    gp.sees("Never the alleged perpetrator", SAFE, ACCUSED.split()[0], "Professional judgement")
    gp.clicks("Send the referral")
    gp.sees("Referral sent", "The MARAC coordinator has your referral.")


def open_newest(coordinator: Someone) -> None:
    coordinator.go("/contacts/")
    coordinator.page.get_by_role("link", name=VICTIM).first.click()


def test_1_a_referral_needs_no_script(sign_in: SignIn) -> None:
    refer(sign_in("gp", script=False), "Threatened with a knife last night; afraid to go home.")


def test_2_the_coordinator_lists_it(sign_in: SignIn) -> None:
    coordinator = sign_in("marac-coordinator")
    coordinator.clicks("Open referrals")
    open_newest(coordinator)
    coordinator.sees(f"Safe contact: {SAFE}", "Alleged perpetrator", ACCUSED, "Triage against the criteria")
    coordinator.looks()
    for _ in range(2):
        coordinator.page.get_by_role("link", name="See possible matches").first.click()
        coordinator.chooses("Somebody new")
        coordinator.clicks("Save who it is")
    coordinator.clicks("Decide")
    coordinator.sees("Not a repeat", "No earlier referral")
    coordinator.looks()
    coordinator.chooses("List at MARAC")
    coordinator.writes("Why? This is the record", "Threat with a weapon, and escalation.")
    coordinator.writes("What will the referrer be told?", "Heard at the next meeting. Please do not discuss it.")
    coordinator.page.get_by_role("button", name="Decide").click()
    coordinator.sees("Decided: List at MARAC")
    coordinator.go("/forums/marac/cases/")
    coordinator.page.get_by_role("link", name=re.compile(f"List it.*{VICTIM}")).click()
    coordinator.clicks("Put on the agenda")
    coordinator.sees(VICTIM)


def test_3_it_happens_again_and_must_be_heard(sign_in: SignIn, told: dict[str, str]) -> None:
    refer(sign_in("gp"), "Threatened again outside the school gate.")
    coordinator = sign_in("marac-coordinator")
    open_newest(coordinator)
    for name, role in ((VICTIM, "Same"), (ACCUSED, "Same")):
        coordinator.page.get_by_role("link", name="See possible matches").first.click()
        coordinator.sees(role, "family name")
        coordinator.looks()
        coordinator.page.get_by_role("radio", name=re.compile(name)).check()
        coordinator.clicks("Save who it is")
        coordinator.sees("Saved who the")
    coordinator.sees("Earlier contacts about the same person")
    coordinator.clicks("Decide")
    coordinator.sees("Repeat: a further incident within 12 months", "It is heard whatever the threshold.")
    coordinator.looks()
    coordinator.chooses("Not accepted: criteria not met")
    coordinator.writes("Why? This is the record", "Below the score on the checklist.")
    coordinator.writes("What will the referrer be told?", "Not accepted.")
    coordinator.page.get_by_role("button", name="Decide").click()
    coordinator.sees("There is a problem", "This is a repeat, so it must be heard.", "Choose the route that lists it.")
    coordinator.looks()
    coordinator.chooses("List at MARAC")
    coordinator.writes("What will the referrer be told?", "It is heard again.")
    coordinator.page.get_by_role("button", name="Decide").click()
    coordinator.sees("Decided: List at MARAC")
    coordinator.go("/forums/marac/cases/")
    coordinator.sees("Repeat", VICTIM)
    coordinator.page.get_by_role("link", name=re.compile(f"List it.*{VICTIM}")).click()
    coordinator.clicks("Put on the agenda")
    told["meeting"] = coordinator.page.url
    coordinator.page.get_by_role("link", name=VICTIM).last.click()
    coordinator.sees("Repeat", f"Safe contact, {VICTIM}: {SAFE}", "Why it is heard")
    told["case"] = coordinator.page.url
    coordinator.looks()


def test_4_a_member_who_knows_her_no_longer_meets_the_case(sign_in: SignIn, told: dict[str, str]) -> None:
    housing = sign_in("housing")
    housing.go(told["case"])
    housing.sees(VICTIM)
    housing.clicks("I have a conflict of interest")
    housing.clicks("Declare it")
    housing.sees("Say what the conflict is")
    housing.looks()
    housing.writes("What is the conflict?", "Neighbour")
    housing.clicks("Declare it")
    housing.sees("Declared. You no longer see that case.")
    assert housing.page.url == told["meeting"]
    housing.does_not_see(VICTIM, ACCUSED)
    assert housing.go(told["case"]) == 404
    housing.sees("Page not found")
    police = sign_in("police")
    police.go(told["meeting"])
    police.sees(VICTIM)


def test_5_research_stays_closed_until_the_cut_off(sign_in: SignIn, told: dict[str, str]) -> None:
    idva = sign_in("idva")
    idva.go(told["case"])
    idva.clicks("Add your agency’s research")
    idva.chooses("Something that matters to this case")
    idva.writes("What you know", f"She is staying with her sister ({MARK}).")
    idva.clicks("Save the research")
    idva.sees("She is staying with her sister")
    police = sign_in("police")
    police.go(told["case"])
    police.sees("Given", "You can read it from")
    police.does_not_see("She is staying with her sister")
