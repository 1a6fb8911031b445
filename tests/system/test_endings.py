"""What ends, at a screen: an agreement on its last day, a record past its time; and what was disclosed, found again."""

from __future__ import annotations

import re
import secrets
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from system.browser import Someone
from system.demo_server import Demo, folder_with, served_again

SignIn = Callable[..., Someone]
CHILDREN, HOSPITAL = "child_safeguarding", "emergency_department_assaults"


def test_an_agreement_ends_what_rests_on_it_stops_and_comes_back_when_it_is_renewed(
    sign_in: SignIn, demo: Demo, tmp_path: Path
) -> None:
    today = date.today()
    soon, past, renewed = today + timedelta(days=12), today - timedelta(days=1), today + timedelta(days=900)
    # Beforehand: the officer is told, and so is whoever sends under it.
    with served_again(demo, folder_with(tmp_path / "soon", dict.fromkeys((CHILDREN, HOSPITAL), soon))) as address:
        officer = sign_in("dpo", address=address)
        officer.sees("The agreement “Harbourside safeguarding children agreement” ends")
        officer.looks()
        officer.go("/agreements/")
        officer.sees(
            "Ends soon", "12 days left", "With it stop", "MACE cases", "the pathway “Child safeguarding referral”"
        )
        officer.looks()
        coordinator = sign_in("mace-coordinator", address=address)
        coordinator.go("/forums/mace/")
        coordinator.does_not_see("Stopped")
        case = a_case(coordinator)
        assert coordinator.go(case) == 200
    # The day after its last: the feed is refused, the panel's and the team's cases are gone, and each page says why.
    with served_again(demo, folder_with(tmp_path / "past", dict.fromkeys((CHILDREN, HOSPITAL), past))) as address:
        supplier = sign_in("supplier", address=address)
        supplier.go("/feeds/ed_assaults/send/")
        ended = f"{past.day} {past:%B %Y}"
        supplier.sees("was refused", f"expired on {ended}", "Renew the agreement and record its new dates")
        supplier.looks()
        coordinator = sign_in("mace-coordinator", address=address)
        coordinator.sees("Stopped", "“Harbourside safeguarding children agreement” ended on", "MACE")
        coordinator.looks()
        assert coordinator.go(case) == 404 and coordinator.heading == "Page not found"
        coordinator.go("/forums/mace/")
        coordinator.sees(f"ended on {ended}", "Nothing is lost", "ask the data protection officer")
        coordinator.looks()
        worker = sign_in("mash", address=address, width=390)
        worker.go("/contacts/?show=decided")
        worker.sees("Stopped", f"ended on {ended}", "Child safeguarding referral")
        assert not links(worker, r"/contacts/[0-9a-f-]{36}/$")
        worker.looks()
        officer = sign_in("dpo", address=address)
        officer.go(f"/agreements/{CHILDREN}/")
        officer.sees("Ended", "ended 1 day ago", "nothing of it is lost", f"sharing/{CHILDREN}.toml")
        officer.looks()
        officer.go(f"/who-looked/agreement/{CHILDREN}/")
        officer.sees("agreement: ended")
        officer.looks()
    # Renewed: its new dates are in the folder, and everything is where it was.
    with served_again(demo, folder_with(tmp_path / "new", dict.fromkeys((CHILDREN, HOSPITAL), renewed))) as address:
        coordinator = sign_in("mace-coordinator", address=address)
        coordinator.does_not_see("Stopped")
        assert coordinator.go(case) == 200
        supplier = sign_in("supplier", address=address)
        supplier.go("/feeds/ed_assaults/send/")
        supplier.sees("in force until")
        worker = sign_in("mash", address=address)
        worker.go("/contacts/?show=decided")
        assert links(worker, r"/contacts/[0-9a-f-]{36}/$")


def test_a_record_past_its_time_is_looked_at_held_or_erased_by_two_and_gone_from_search(
    sign_in: SignIn, demo: Demo
) -> None:
    officer, mash = sign_in("dpo"), sign_in("mash")
    officer.go("/retention/")
    officer.sees("Child contact with no further action", "Nothing goes until you decide it")
    officer.page.locator("a[href='/retention/contact_no_further_action/']").click()
    officer.sees("2 records, by reference alone")
    officer.looks()
    first, second = (each.rsplit("/", 2)[1] for each in links(officer, r"/who-looked/contact/"))
    names = {}
    for each in (first, second):
        mash.go(f"/contacts/{each}/")
        names[each] = "Rowan Lapsley" if "Rowan" in mash.page.locator("main").inner_text() else "Tamsin Oakhurst"
    assert set(names.values()) == {"Rowan Lapsley", "Tamsin Oakhurst"}
    assert found(mash, names[first]) and found(mash, names[second])
    # One is needed for a claim: it stays whatever the schedule says.
    officer.page.locator(f"a[href*='reference={second}']").click()
    assert officer.page.get_by_label("Its reference").input_value() == second
    officer.looks()
    officer.clicks("Hold it")
    officer.sees("There is a problem", "Say why")
    officer.writes("Why?", "A claim is made, 3 March")
    officer.clicks("Hold it")
    officer.sees("Held. It stays whatever the schedule says", "Contact", "A claim is made, 3 March")
    officer.page.locator("form[action*='/contact_no_further_action/'] button").click()
    officer.sees("Decided: 1 to erase", "waits to be carried out")
    assert found(mash, names[first]), "nothing goes by one person's word"
    # The second hand is the records keeper's service: the officer cannot do it, and it does nothing undecided.
    concord = str(Path(sys.executable).with_name("concord"))
    done = subprocess.run(
        [concord, "retention", "--desk", "--erase", "--home", str(demo.home)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "contact_no_further_action: 1 records" in done.stdout and "decided by dpo" in done.stdout
    officer.go("/retention/")
    number = re.search(r"certificate (\d+), (\w{12})", done.stdout)
    assert number is not None
    officer.sees(f"Certificate {number[1]}", "1 record of “Child contact with no further action”", "decided by dpo")
    officer.sees("Verified", "Each certificate follows from the one before it", number[2])
    officer.looks()
    assert mash.go(f"/contacts/{first}/") == 404 and mash.heading == "Page not found"
    assert not found(mash, names[first]) and found(mash, names[second])
    verified = subprocess.run([concord, "audit", "verify", "--home", str(demo.home)], capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    officer.page.locator("a[href*='/retention/holds/']").first.click()
    officer.writes("Why does the hold end?", "The claim is settled.")
    officer.clicks("Lift it")
    officer.sees("The hold is lifted.", "Nothing is held.")


def test_what_an_agency_was_asked_stands_in_the_disclosure_log_with_its_ground(sign_in: SignIn) -> None:
    mash, officer = sign_in("mash"), sign_in("dpo")
    question = f"Is {secrets.token_hex(3)} known to you?"
    mash.go("/contacts/?pathway=mash_contact")
    contact = links(mash, r"/contacts/[0-9a-f-]{36}/$")[0]
    mash.go(f"{contact}ask/")
    mash.chooses("Police", among="Which agency?")
    mash.chooses("Children Act 2004 s11")
    mash.writes("What do you ask them?", question)
    mash.clicks("Record that you asked")
    mash.sees("Waiting", question)
    officer.go("/agreements/")
    officer.clicks("What was disclosed, to whom")
    officer.page.get_by_label("Under").select_option(label="Harbourside safeguarding children agreement")
    officer.clicks("Apply")
    line = officer.page.locator("tbody tr", has=officer.page.locator(f"a[href*='{contact.split('/')[2]}']")).first
    said = line.inner_text()
    for words in ("Police", "safeguarding children agreement", "Children Act 2004 ss10 and 11", "mash"):
        assert words in said, said
    assert question not in officer.page.content(), "the log says that it was asked, never what"
    officer.looks()
    line.locator("a").first.click()
    officer.sees("Who looked")
    officer.looks()
    assert mash.go("/agreements/disclosures/") == 404


def test_what_a_forum_returns_is_let_out_by_a_second_person_and_its_own_table_is_never_sent(sign_in: SignIn) -> None:
    coordinator, approver = sign_in("marac-coordinator"), sign_in("approver")
    coordinator.go("/forums/marac/return/")
    coordinator.sees("is never sent", "Nothing yet: the period is not over.")
    # A server that ran this story before has some of them already.
    for period in links(coordinator, r"\?quarter="):
        coordinator.go(f"/forums/marac/return/{period}")
        if "Ask for the figures that may be sent" in coordinator.page.content():
            break
    coordinator.looks()
    coordinator.clicks("Ask for the figures that may be sent")
    coordinator.sees("Asked for.", "Waits for a release approver")
    approver.go("/releases/")
    approver.page.get_by_role("link", name=re.compile("What does MARAC return")).first.click()
    approver.sees("What the attacker found", "As it would leave")
    approver.looks()
    approver.chooses("Approve")
    approver.page.locator("main form textarea, main form input[type=text]").last.fill("Read whole.")
    approver.clicks("Record the decision")
    coordinator.page.reload()
    coordinator.sees("May be sent", "Read whole.", "Repeat cases")
    coordinator.looks()


def a_case(someone: Someone) -> str:
    """The address of a case of the next meeting."""
    someone.go(links(someone, r"/meetings/[0-9a-f-]{36}/$")[0])
    return links(someone, r"/cases/[0-9a-f-]{36}/$")[0]


def links(someone: Someone, shape: str) -> list[str]:
    every = [each.get_attribute("href") or "" for each in someone.page.locator("a[href]").all()]
    return [each for each in every if re.match(shape, each)]


def found(someone: Someone, name: str) -> bool:
    """Whether a search for the whole name finds somebody."""
    given, family = name.split()
    someone.go("/people/find/")
    someone.page.get_by_label("First name").first.fill(given)
    someone.page.get_by_label("Last name").first.fill(family)
    someone.page.get_by_role("button", name="Find", exact=True).click()
    someone.page.wait_for_load_state()
    return f"{given} {family}" in someone.page.locator("main").inner_text()
