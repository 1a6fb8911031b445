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


def test_a_day_without_a_signal_loses_nothing_and_leaves_nothing_behind(sign_in: SignIn) -> None:
    """Three sessions, the page opened again and again; then a signal, an ended session, a double delivery."""
    patrol = sign_in("patrol", width=390)
    page, offline = patrol.page, patrol.page.context.set_offline
    page.clock.install()
    patrol.go("/sessions/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.reload()
    patrol.looks()
    page.set_viewport_size({"width": 390, "height": 800})
    offline(True)
    name = f"Quay Stairs {secrets.token_hex(2)}"
    for number in range(1, 4):
        page.reload()
        page.locator("#live-place").fill(f"{name} {number}")
        patrol.page.get_by_role("button", name="Start", exact=True).click()
        patrol.sees("Running since")
        for _ in range(number):
            patrol.clicks("One more")
        expect(page.locator(f"[data-kept='{number}']")).to_have_count(1)
        page.clock.fast_forward("40:00")
        page.reload()
        expect(page.locator("#live-contacts")).to_have_value(str(number))
        patrol.clicks("Stop")
        patrol.sees(f"No signal: {number} on this phone", "Waits for a signal")
        page.clock.fast_forward("08:00:00")
    page.reload()
    expect(page.locator("[data-count]")).to_have_text("3")
    assert page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)") == "{}{}"
    kept = sorted(page.evaluate(READ), key=lambda each: each["place"])
    assert len(kept) == 3 and "SYN" not in str(kept), "nobody's name, not even the worker's"

    # The session on the server has ended meanwhile: what waits stays, until they have signed in again.
    cookies = page.context.cookies()
    page.context.clear_cookies()
    offline(False)
    patrol.clicks("Deliver now")
    patrol.sees("Sign in again to deliver what waits. Nothing is lost.")
    page.context.add_cookies(cookies)
    # The clock of the phone ran ahead of the server's: it is refused in words, and stays.
    patrol.clicks("Deliver now")
    expect(page.locator("main li", has_text="not in the future")).to_have_count(3, timeout=20_000)
    expect(page.locator("[data-count]")).to_have_text("3")
    # One is put right where it stands, the way its words ask for; the others by a clock that was right all along.
    first = page.locator("main li", has_text=f"{name} 1,")
    started, ended = (first.get_by_label(words, exact=True) for words in ("Started", "Ended"))
    patrol.looks()
    page.set_viewport_size({"width": 390, "height": 800})
    met = first.get_by_label("People spoken with")
    for field in (started, ended):
        field.fill(page.evaluate(EARLIER_TYPED, field.input_value()))
    met.fill("one")
    first.get_by_role("button", name="Send it again").click()
    patrol.sees("Enter how many people you spoke with, 0 if nobody.")
    expect(met).to_be_focused()
    # A signal that comes back takes away nothing half typed.
    page.evaluate("window.dispatchEvent(new Event('online'))")
    patrol.clicks("Deliver now")
    expect(met).to_have_value("one")
    met.fill("1")
    first.get_by_role("button", name="Send it again").click()
    expect(page.locator("[data-count]")).to_have_text("2", timeout=20_000)
    expect(page.get_by_role("button", name="Deliver now")).to_be_focused()
    page.evaluate(BACK_A_DAY)
    page.reload()
    expect(page.locator("[data-count]")).to_have_text("0", timeout=20_000)
    page.evaluate(AGAIN, kept[1:])
    page.reload()
    expect(page.locator("[data-count]")).to_have_text("0", timeout=20_000)
    page.reload()
    patrol.sees(*(f"{name} {number}" for number in (1, 2, 3)))
    assert page.locator("main li", has_text=f"{name} 2:").count() == 1, "delivered twice, there once"
    # Another version of one that was delivered: it is told, and nothing is overwritten.
    page.evaluate(CHANGED, kept)
    page.reload()
    patrol.sees("Another version of this session was delivered before", "Take it off this phone")
    expect(page.get_by_role("button", name="Send it again")).to_have_count(0)
    patrol.looks()
    patrol.clicks("Sign out")
    expect(page).to_have_url(re.compile("sign-in"))
    assert page.evaluate("indexedDB.databases().then(found => found.length)") == 0
    assert page.evaluate("caches.keys().then(found => found.length)") == 0
    # A page opened without a signal is no fault of ours.
    patrol.complaints[:] = [line for line in patrol.complaints if "ERR_INTERNET_DISCONNECTED" not in line]


STORE = """
const asked = indexedDB.open("concord-sessions");
const database = await new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
const store = database.transaction("waiting", "readwrite").objectStore("waiting");
const done = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
"""
READ = "async () => {" + STORE + "const found = await done(store.getAll()); database.close(); return found; }"
# What was kept, as if the phone's clock had been right all along: a day and an hour earlier.
EARLIER = """
const earlier = (when) => new Date(new Date(when).getTime() - 26 * 3600 * 1000).toISOString();
const put = (each, more) => done(store.put({ ...each, started: earlier(each.started), ended: earlier(each.ended),
  final: false, said: "", ...more }));
"""
EARLIER_TYPED = """typed => {
  const at = new Date(new Date(typed).getTime() - 26 * 3600 * 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}"""
BACK_A_DAY = (
    "async () => {" + STORE + EARLIER + "for (const each of await done(store.getAll())) await put(each); "
    "database.close(); }"
)
AGAIN = "async (kept) => {" + STORE + EARLIER + "for (const each of kept) await put(each); database.close(); }"
CHANGED = "async (kept) => {" + STORE + EARLIER + "await put(kept[0], { contacts: 99 }); database.close(); }"


def test_signing_out_asks_before_it_erases_what_was_not_delivered(sign_in: SignIn) -> None:
    patrol = sign_in("patrol", width=390)
    patrol.go("/sessions/")
    patrol.page.locator("#live-place").fill("Quay Stairs")
    patrol.page.get_by_role("button", name="Start", exact=True).click()
    patrol.sees("Running since")
    patrol.go("/today/")
    patrol.clicks("Sign out")
    patrol.sees("1 not delivered on this phone", "Press Sign out again to erase it")
    patrol.clicks("Sign out")
    expect(patrol.page).to_have_url(re.compile("sign-in"))
    assert patrol.page.evaluate("indexedDB.databases().then(found => found.length)") == 0
