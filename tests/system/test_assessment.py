"""A housing officer screens a child on a phone: page by page, with a prompt about words, to a judged level."""

from __future__ import annotations

from collections.abc import Callable

from system.browser import Someone

SignIn = Callable[..., Someone]
SIGNS = (
    "Missing", "Peers and associates", "Substances", "Money, gifts and phones", "Education", "Online",
    "Family and home", "Health and injury", "Sexual health", "Mobility and travel", "Offending", "Victimisation",
)  # fmt: skip


def test_a_screening_from_the_list_to_the_result(sign_in: SignIn) -> None:
    housing = sign_in("housing")
    housing.page.set_viewport_size({"width": 390, "height": 844})
    housing.go("/assessments/")
    housing.looks()
    housing.clicks("Exploitation screening")
    assert housing.heading == "Who is it about?"
    housing.clicks("Begin")
    housing.sees("There is a problem", "Enter a last name")
    housing.looks()
    housing.writes("First name", "Wren")
    housing.writes("Last name", "Story SYN")
    housing.dates("Date of birth", 3, 5, 2011)
    housing.clicks("Begin")
    housing.sees("Not started", "Parts")
    housing.looks()
    housing.clicks("Go to the first part")
    housing.writes("What have you seen or been told?", "He makes poor choices about friends.")
    housing.looks()
    housing.clicks("Save and continue")
    housing.sees("Saved. Would you look at some words again?", "Say what limits the choices they have")
    housing.looks()
    housing.clicks("go on as it is")
    assert housing.heading == "Signs"
    for sign in SIGNS:
        group = housing.page.get_by_role("group", name=sign, exact=True)
        group.get_by_label("Present" if sign == "Online" else "Not known", exact=True).check()
    housing.looks()
    housing.clicks("Save and continue")
    housing.page.get_by_role("group", name="Is somebody making the child").get_by_label("No", exact=True).check()
    housing.clicks("Save and continue")
    housing.page.get_by_label("Attends and is settled in education").check()
    housing.clicks("Save and continue")
    housing.chooses("Yes, and they agree")
    housing.clicks("Save and continue")
    housing.page.get_by_role("heading", name="Check the answers", level=1).wait_for()
    housing.sees("Groups of signs present", "It does not set the level.")
    housing.looks()
    housing.clicks("Continue to the decision")
    housing.sees("No score points to a level here. You judge it.")
    housing.looks()
    housing.clicks("Decide")
    housing.sees("There is a problem", "Choose a level")
    housing.page.get_by_label("Moderate", exact=True).check()
    housing.writes("Why do you judge so?", "Contacts online whom nobody knows, and new secrecy.")
    housing.clicks("Decide")
    housing.sees("Moderate", "Bela Norridge SYN", "Child safeguarding referral", "nothing has been sent to anybody")
    housing.looks()


def test_offline_keeps_the_page_and_sends_it_when_the_line_is_back(sign_in: SignIn) -> None:
    school = sign_in("school")
    school.go("/assessments/new/exploitation_screening/")
    school.writes("Last name", "Offline SYN")
    school.clicks("Begin")
    school.clicks("Go to the first part")
    school.writes("What have you seen or been told?", "No signal on the estate.")
    school.page.context.set_offline(True)
    school.page.get_by_role("button", name="Save and continue").click()
    school.sees("You are offline. Keep this page open")
    assert school.page.get_by_label("What have you seen or been told?").input_value() == "No signal on the estate."
    school.page.context.set_offline(False)
    school.page.wait_for_url("**/parts/signs/")
    school.page.go_back()
    assert school.page.get_by_label("What have you seen or been told?").input_value() == "No signal on the estate."


def test_without_a_script_a_page_is_saved_and_paused(sign_in: SignIn) -> None:
    idva = sign_in("idva", script=False)
    idva.go("/assessments/new/needs_assessment/")
    idva.writes("Last name", "Paper SYN")
    idva.chooses("Protecting somebody from domestic abuse")
    idva.clicks("Begin")
    idva.clicks("Go to the first part")
    idva.sees("They can stop at any page and go on another day; nothing is lost.")
    idva.chooses("Domestic abuse")
    idva.dates("When did the partnership first know?", 2, 11, 2026)
    idva.clicks("Save and pause")
    idva.sees("Saved and paused", "Paper SYN", "Paused")
