"""A child's case decided by two agencies, a screening that becomes a referral, a needs assessment on a phone, a matrix
that a panel hears."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from playwright.sync_api import expect
from system.browser import Someone

SignIn = Callable[..., Someone]


def surname() -> str:
    return f"Story{secrets.token_hex(3)}"


def begins(who: Someone, instrument: str, name: str, year: int) -> None:
    who.go("/assessments/")
    who.clicks(instrument)
    who.writes("First name", "Robin")
    who.writes("Last name", name)
    who.dates("Date of birth", 3, 4, year)
    who.clicks("Begin")


def test_police_and_youth_justice_decide_together_and_differ(sign_in: SignIn) -> None:
    name = surname()
    police = sign_in("police")
    begins(police, "Child gravity decision", name, 2012)
    police.sees("Why you may ask this")
    police.looks()
    police.clicks("Go to the first part")
    police.chooses("Example offence B")
    police.chooses("Yes")
    police.clicks("Save and continue")
    police.chooses("None of these", among="What makes it more serious?")
    police.chooses("None of these", among="What makes it less serious?")
    police.writes("Say why these weigh", "Alone, and sorry.")
    police.clicks("Save and continue")
    police.chooses("No comment")
    police.chooses("Nothing: a first entry")
    police.clicks("Save and continue")
    police.clicks("Continue to the decision")
    police.sees("Youth Justice Service has not given its view")
    police.looks()
    police.clicks("Hand it over for their view")
    police.chooses("Asha Quill SYN")
    police.writes("Why do they need it?", "It is borderline.")
    police.clicks("Share it")
    address = police.page.url

    yjs = sign_in("yjs")
    yjs.go("/assessments/")
    yjs.sees(name)
    yjs.go(address)
    yjs.clicks("Give your view")
    yjs.looks()
    yjs.clicks("Give this view")
    # The summary of what is wrong takes the focus, so that a keyboard lands on it.
    expect(yjs.page.locator(".govuk-error-summary")).to_be_focused()
    yjs.chooses("Community resolution or other diversion")
    yjs.writes("Why?", "A mentor is ready to begin.")
    yjs.clicks("Give this view")
    yjs.sees("Youth Justice Service advises: Community resolution or other diversion")

    police.go(f"{address}decide/")
    police.chooses("Outcome 22")
    police.writes("Why do you judge so?", "A plan that can be checked.")
    police.writes("what does the score not see?", "That he came by himself.")
    police.clicks("Decide")
    police.sees("advised another level: say why you decide otherwise")
    police.writes("If you decide otherwise than Youth Justice Service", "The victim asked for conditions.")
    police.page.get_by_role("button", name="Decide").click()
    police.sees("Decided otherwise", "A mentor is ready to begin.", "The victim asked for conditions.")
    police.looks()


def test_a_screening_is_kept_as_it_is_typed_and_becomes_a_referral(sign_in: SignIn) -> None:
    name = surname()
    school = sign_in("school")
    begins(school, "Exploitation screening", name, 2012)
    where = school.page.url
    school.clicks("Go to the first part")
    # Nobody types before the page is whole; a machine does, and nothing listens yet.
    school.page.wait_for_load_state("load")
    school.writes("What have you seen", "A second phone, and lifts after school.")
    school.page.keyboard.press("Tab")
    expect(school.page.locator("[data-question=seen] [data-kept]")).to_have_text("Kept")
    # Nothing hangs on the button: the page is left, and the answer is there.
    school.go(f"{where}parts/why/")
    expect(school.page.get_by_label("What have you seen")).to_have_value("A second phone, and lifts after school.")
    school.looks()
    school.clicks("Save and continue")
    for group in school.every("group"):
        group.get_by_label("Not known").check()
    school.chooses("Present", among="Money, gifts and phones")
    school.clicks("Save and continue")
    school.chooses("No", among="Is somebody making")
    school.clicks("Save and continue")
    school.chooses("An adult they trust")
    school.clicks("Save and continue")
    school.chooses("Yes, and they agree")
    school.clicks("Save and continue")
    school.clicks("Continue to the decision")
    school.chooses("Significant")
    school.writes("Why do you judge so?", "Driven away twice this week.")
    school.clicks("Decide")
    school.looks()
    school.clicks("Begin: Child safeguarding referral")
    school.sees("reads the whole assessment")
    school.looks()
    school.chooses("Refer now")
    school.clicks("Continue")
    expect(school.page.get_by_label("What have you seen or heard")).to_have_value(
        "A second phone, and lifts after school.\n\nExploitation screening, judged significant: "
        "Driven away twice this week."
    )
    school.clicks("Continue")
    expect(school.page.get_by_label("Last name").first).to_have_value(f"{name}-SYN")
    school.clicks("Continue")
    school.clicks("Continue")
    school.chooses("Yes, they know and agree")
    school.clicks("Continue")
    school.sees("goes with it")
    school.looks()
    school.clicks("Send the referral")
    school.sees("Your reference is")

    mash = sign_in("mash")
    mash.go("/contacts/")
    mash.clicks(name)
    mash.sees("Exploitation screening: Significant", "Begin an assessment")
    mash.looks()
    mash.clicks("Open the answers")
    mash.sees("A second phone, and lifts after school.")


def test_a_needs_assessment_is_paused_and_gone_on_with_on_a_phone(sign_in: SignIn) -> None:
    gp = sign_in("gp", width=390)
    gp.go("/assessments/due/")
    gp.sees("Who is due an assessment", "Victim of domestic abuse")
    gp.looks()
    gp.page.set_viewport_size({"width": 390, "height": 800})
    gp.page.locator("tbody a", has_text="Begin").first.click()
    gp.chooses("Protecting somebody from domestic abuse")
    gp.clicks("Begin")
    gp.sees("due")
    where = gp.page.url
    gp.clicks("Go to the first part")
    expect(gp.page.get_by_label("Domestic abuse")).to_be_checked()
    gp.chooses("Yes", among="Does the person agree")
    gp.clicks("Save and pause")
    gp.sees("Saved and paused")

    again = sign_in("gp", width=390)
    again.go(where)
    again.clicks("Go on with it")
    again.clicks("Go to the first part")
    expect(again.page.get_by_role("group", name="Does the person agree").get_by_label("Yes")).to_be_checked()
    again.clicks("Save and continue")
    again.chooses("No", among="Does the person feel safe today?")
    again.clicks("Save and continue")
    again.sees("Body and mind")
    again.go(f"{where}print/")
    again.sees("Official: personal information")
    again.looks()


def test_a_matrix_is_told_to_the_panel_and_heard_without_its_answers(sign_in: SignIn) -> None:
    name = surname()
    housing = sign_in("housing", script=False)
    begins(housing, "Community MARAC risk matrix", name, 1970)
    housing.clicks("Go to the first part")
    for _ in range(2):
        for group in housing.every("group"):
            group.get_by_label("Daily, or severe").check()
        housing.clicks("Save and continue")
    housing.chooses("Harmed")
    housing.chooses("Yes", among="Is it getting worse?")
    housing.clicks("Save and continue")
    housing.clicks("Continue to the decision")
    housing.chooses("Several agencies are needed")
    housing.writes("Why do you judge so?", "Nobody can do this alone.")
    housing.clicks("Decide")
    housing.clicks("Begin: Community MARAC: high risk")
    housing.sees("reads the result, not the answers")
    housing.chooses("Tell the coordinator now")
    housing.writes("Why?", "The visitors sleep there now.")
    housing.clicks("Continue")
    housing.sees("Told to the panel", "the result went, not the answers")
    housing.clicks("Count the scores again")
    housing.sees("48", "The same")

    coordinator = sign_in("safety-coordinator")
    coordinator.go("/forums/community_marac/")
    coordinator.page.get_by_role("link", name="C-MARAC").or_(
        coordinator.page.locator("a[href^='/meetings/']")
    ).last.click()
    coordinator.go(f"{coordinator.page.url}person/")
    coordinator.chooses("Vulnerable person")
    coordinator.writes("First name", "Robin")
    coordinator.writes("Last name", name)
    coordinator.writes("Why is it heard?", "Above the threshold.")
    coordinator.chooses("The matrix score is above the threshold")
    option = coordinator.page.locator("option", has_text=f"{name}-SYN: score 48").first
    coordinator.page.get_by_label("Which assessment does it rest on?").select_option(option.get_attribute("value"))
    coordinator.looks()
    coordinator.clicks("Put on the agenda")
    coordinator.clicks(f"{name}")
    coordinator.sees("Matrix score 48: high risk", "Cuckooing", "The answers stay with those who assessed.")
    coordinator.looks()
