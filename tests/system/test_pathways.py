"""A place referred on a phone, hate reported without an account, a referral to the NRM, a patrol without a signal."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from playwright.sync_api import expect
from system.browser import Someone

SignIn = Callable[..., Someone]
PLACE = f"Anchor Steps {secrets.token_hex(2)}"


def test_a_school_refers_a_place_on_a_phone_and_the_youth_worker_plans_for_it(sign_in: SignIn) -> None:
    school = sign_in("school", width=390)
    school.go("/referrals/new/")
    school.sees("A place", "A group", "Something online")
    school.chooses("A place")
    school.clicks("Continue")
    school.writes("What have you seen or heard", "Younger pupils are robbed there after school.")
    school.chooses("Every week")
    school.chooses("Four to ten")
    school.looks()
    school.clicks("Continue")
    school.writes("Where is it?", PLACE)
    school.looks()
    school.clicks("Continue")
    school.clicks("Continue")
    school.sees("Every week", PLACE)
    school.looks()
    school.clicks("Send")
    school.sees("Your reference is")

    worker = sign_in("youth-worker")
    worker.go("/contacts/?pathway=harm_place")
    worker.clicks(PLACE)
    worker.looks()
    worker.clicks("Look into it")
    worker.writes("Why?", "Three reports in a fortnight.")
    worker.clicks("Save")
    worker.sees("Being looked into")
    worker.clicks("Say which it is")
    worker.chooses("Not on record yet")
    worker.looks()
    worker.clicks("Save")
    assert worker.heading.startswith(PLACE)
    worker.writes("What is to change?", "Adults there from three to four")
    worker.picks("Who sees to it?", "Safer Neighbourhood Operations")
    worker.dates("When is it looked at again?", 1, 12, 2030)
    worker.looks()
    worker.clicks("Save the plan")
    worker.sees("The plan is saved.", "Record what came of it")


def test_somebody_reports_hate_without_an_account_and_goes_on_by_a_code(sign_in: SignIn) -> None:
    anyone = sign_in(None, script=False, width=390)
    anyone.go("/report/hate_report/")
    anyone.writes("What happened?", "Spat at on the bus")
    anyone.clicks("Save and go on later")
    anyone.sees("Your form is kept. It was not sent")
    code = anyone.page.locator(".concord-code").inner_text()
    assert len(re.sub(r"\s", "", code)) == 12

    later = sign_in(None)
    later.go("/report/hate_report/resume/")
    later.writes("Your code", "AAAA BBBB CCCC")
    later.clicks("Open it")
    later.sees("There is a problem", "No form opens with that code")
    later.looks()
    later.writes("Your code", code.lower())
    later.clicks("Open it")
    assert later.page.get_by_label("What happened?").input_value() == "Spat at on the bus"
    later.clicks("Send")
    later.sees("There is a problem")
    later.looks()
    later.chooses("Race or ethnicity")
    later.writes("Where did it happen?", "SYN Route 9")
    later.chooses("No")
    later.clicks("Send")
    later.sees("Your reference is", "It opens nothing on this site")
    later.does_not_see("Spat at")
    later.looks()
    reference = later.page.locator(".concord-code").inner_text()
    hate = sign_in("hate-worker")
    hate.go("/contacts/?pathway=hate_report")
    hate.sees(reference)


def test_a_first_responder_takes_a_child_to_the_national_referral_mechanism(sign_in: SignIn) -> None:
    family = f"Thorn{secrets.token_hex(2)}"
    school = sign_in("school")
    school.go("/referrals/new/nrm/concern/")
    school.writes("What have you seen or heard", "Found 90 miles away with somebody else's money.")
    school.chooses("Criminal exploitation")
    school.clicks("Continue")
    school.writes("Last name", f"{family} SYN")
    school.dates("Date of birth", 1, 2, 2012)
    school.clicks("Continue")
    school.chooses("Yes, they know and agree")
    school.clicks("Continue")
    school.clicks("Send")
    school.sees("Your reference is")
    mash = sign_in("mash")
    mash.go("/contacts/?pathway=nrm")
    mash.clicks(family)
    mash.sees("Only a first responder refers", "Refer to the Single Competent Authority")
    mash.looks()
    mash.clicks("Refer to the Single Competent Authority")
    mash.chooses("Could not be asked safely")
    mash.writes("Reference number given", "SYN-1")
    mash.writes("Why?", "Signs of criminal exploitation.")
    mash.looks()
    mash.clicks("Save")
    mash.sees("Submitted", "Reasonable grounds decision")


def test_a_patrol_without_a_signal_is_kept_and_delivered_once(sign_in: SignIn) -> None:
    patrol = sign_in("patrol", width=390)
    patrol.go("/sessions/")
    patrol.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    patrol.page.reload()
    patrol.page.wait_for_function("navigator.serviceWorker.controller !== null")
    patrol.page.reload()
    patrol.looks()
    patrol.page.context.set_offline(True)
    patrol.page.reload()
    place = f"Quay Stairs {secrets.token_hex(2)}"
    patrol.page.locator("#live-place").fill(place)
    patrol.clicks("Start")
    patrol.sees("Running since")
    for _ in range(3):
        patrol.clicks("One more")
    patrol.page.reload()
    expect(patrol.page.locator("#live-contacts")).to_have_value("3")
    patrol.clicks("Stop")
    patrol.sees("No signal: 1 on this phone", "Waits for a signal")
    patrol.page.context.set_offline(False)
    patrol.clicks("Deliver now")
    patrol.sees("Delivered.")
    expect(patrol.page.locator("[data-count]")).to_have_text("0")
    patrol.page.reload()
    patrol.sees(f"{place}: 3 people spoken with")
    patrol.looks()
    # A page opened without a signal is no fault of ours.
    patrol.complaints[:] = [line for line in patrol.complaints if "ERR_INTERNET_DISCONNECTED" not in line]
