"""Who may know what, at a screen: an emergency and its review, a record kept to a few, who looked, what a person asks,
what is past its time, who keeps their access."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

from system.browser import Someone

SignIn = Callable[..., Someone]


def a_known_child(manager: Someone) -> tuple[str, str, date, str, str]:
    """A child of the demonstration that MASH knows: given and family name, birthday, address of record and contact."""
    manager.go("/contacts/?show=decided")
    contacts = hrefs(manager, r"/contacts/[0-9a-f-]{36}/$")
    for contact in contacts[:8]:
        manager.go(contact)
        people = hrefs(manager, r"/people/[0-9a-f-]{36}/")
        if people:
            manager.go(people[0])
            given, family = manager.heading.split(" ", 1)
            born = re.search(r"Date of birth\s+(\d+ \w+ \d{4})", manager.page.locator("main").inner_text())
            assert born is not None
            return given, family, datetime.strptime(born[1], "%d %B %Y").date(), people[0], contact
    raise AssertionError("the demonstration has no identified child among its decided contacts")


def hrefs(someone: Someone, shape: str) -> list[str]:
    found = [link.get_attribute("href") or "" for link in someone.page.locator("a[href]").all()]
    return [each for each in found if re.match(shape, each)]


def test_an_emergency_answers_alike_for_known_and_unknown_and_a_second_person_reviews_it(sign_in: SignIn) -> None:
    worker, officer = sign_in("mash"), sign_in("dpo")
    worker.go("/emergency/")
    worker.looks()
    worker.clicks("Open")
    worker.sees("There is a problem", "Enter the first name in full")
    worker.writes("First name", "Nobody")
    worker.writes("Last name", "Atall-SYN")
    worker.dates("Date of birth", 1, 2, 2012)
    worker.chooses("Child safeguarding")
    worker.writes("What may happen", "Seen on a roof, story of access")
    worker.page.locator("main form button").last.click()
    worker.looks()
    worker.does_not_see("There is a problem")
    # Nobody reviews their own, and the officer has it on top.
    assert worker.go("/emergency/reviews/") == 404
    officer.go("/emergency/reviews/")
    officer.sees("Seen on a roof, story of access")
    officer.page.locator("a[href*='/emergency/reviews/']").filter(has_text=re.compile("Review")).first.click()
    officer.looks()
    officer.chooses("Yes, it was justified")
    officer.writes("What did you find?", "Rang the worker; the police were called.")
    officer.page.locator("main form button").last.click()
    officer.sees("Your review is recorded.")


def test_whoever_answers_for_a_record_reads_who_looked_and_nobody_else(sign_in: SignIn) -> None:
    manager, worker = sign_in("mash-manager"), sign_in("mash")
    *_, record, _ = a_known_child(manager)
    person = re.match(r"/people/[0-9a-f-]{36}/", record)[0]  # type: ignore[index]
    manager.clicks("who looked at this person")
    assert manager.heading == "Who looked at this person"
    manager.sees("Chain verified", "mash-manager", "opened from contact")
    manager.looks()
    worker.go(record)
    worker.does_not_see("who looked at this person")
    for address in (f"{person}looked/", "/people/00000000-0000-4000-8000-000000000000/looked/"):
        assert worker.go(address) == 404 and worker.heading == "Page not found"


def test_a_person_reads_what_is_theirs_and_has_it_put_right_and_whoever_received_it_is_told(sign_in: SignIn) -> None:
    manager, officer = sign_in("mash-manager"), sign_in("dpo")
    given, family, born, *_ = a_known_child(manager)
    enter(officer, "Access to their data", given, family, born)
    officer.clicks("Read the passages")
    officer.looks()
    officer.page.locator("a", has_text="Read and decide").first.click()
    officer.looks()
    officer.clicks("Decide, and read the next")
    officer.sees("Choose whether they get it")
    officer.chooses("No, it is withheld")
    officer.clicks("Decide, and read the next")
    officer.sees("Choose the ground on which it is withheld")
    officer.picks("On what ground is it withheld?", "Preventing or detecting crime (DPA 2018 Schedule 2 paragraph 2)")
    officer.writes("Why does the ground apply?", "An inquiry runs.")
    officer.clicks("Decide, and read the next")
    officer.go("/requests/")
    officer.page.locator("a", has_text="Access to their data").first.click()
    officer.chooses("Answered")
    officer.writes("How was it answered?", "Sent.")
    officer.clicks("Enter the answer")
    officer.sees("passages about the person have not been read")

    enter(officer, "Putting it right", given, family, born)
    officer.clicks("See the entry and put it right")
    officer.looks()
    officer.chooses("Postcode")
    officer.writes("What should it be?", "ZZ9 9AB")
    officer.writes("What shows it?", "Tenancy agreement seen.")
    officer.clicks("Put it right and tell them")
    officer.sees("It is put right.", "the MASH team", "Not read yet")
    officer.looks()
    manager.go("/put-right/")
    manager.sees("postcode", "the MASH team")
    manager.looks()
    manager.page.get_by_role("button", name="Mark as read").first.click()
    manager.sees("Marked as read.")
    officer.go("/agreements/disclosures/")
    officer.sees("rights: told", "postcode")


def enter(officer: Someone, what: str, given: str, family: str, born: date) -> None:
    today = date.today()
    officer.go("/requests/new/")
    officer.chooses(what)
    officer.writes("First name", given)
    officer.writes("Last name", family)
    officer.dates("Date of birth", born.day, born.month, born.year)
    officer.writes("How was their identity checked?", "Passport seen at the counter")
    officer.dates("When did the request come?", today.day, today.month, today.year)
    officer.clicks("Enter it")
    officer.page.locator("a", has_text=what).first.click()
    officer.looks()


def test_a_quarter_is_signed_and_what_ends_reaches_the_administrator(sign_in: SignIn) -> None:
    officer, admin = sign_in("dpo"), sign_in("admin")
    officer.go("/access-review/")
    officer.sees("Waiting for your word", "Your own: a second person signs")
    officer.looks()
    officer.page.locator("a", has_text="Say whether they keep it").first.click()
    whose = officer.heading.partition(":")[0]
    officer.chooses("Ends")
    officer.clicks("Enter it")
    officer.sees("and if not, why")
    officer.writes("Why does it end?", "Went to another council.")
    officer.clicks("Enter it")
    officer.sees(f"Signed for {whose}.")
    admin.go("/accounts/")
    admin.sees("To take away", whose, "Went to another council.")
    admin.looks()


def test_the_retention_page_looks_before_anything_goes_and_the_calendar_says_what_it_did(sign_in: SignIn) -> None:
    officer, admin = sign_in("dpo"), sign_in("admin")
    officer.go("/retention/")
    officer.sees(
        "Nothing goes until you decide it", "Assessment that was begun and left", "Pair of records under review"
    )
    officer.looks()
    assert admin.go("/retention/") == 404
    admin.go("/scheduled/")
    admin.sees("Scheduled work", "The audit trail", "What ran")
    admin.looks()
    assert sign_in("mash").go("/scheduled/") == 404


def test_a_contact_kept_to_one_person_is_there_for_nobody_else_until_it_is_ordinary_again(sign_in: SignIn) -> None:
    manager, worker = sign_in("mash-manager"), sign_in("mash")
    manager.go("/contacts/?show=decided")
    contact = hrefs(manager, r"/contacts/[0-9a-f-]{36}/$")[-1]
    assert worker.go(contact) == 200
    keep(manager, contact, "Restricted", "A colleague's nephew.")
    manager.sees("It holds from now on")
    assert worker.go(contact) == 404 and worker.heading == "Page not found"
    worker.go("/contacts/?show=decided")
    assert contact not in hrefs(worker, r"/contacts/[0-9a-f-]{36}/$")
    keep(manager, contact, "Ordinary", "It was another family.")
    assert worker.go(contact) == 200


def keep(manager: Someone, contact: str, level: str, why: str) -> None:
    manager.go(f"{contact}restrict/")
    manager.looks()
    manager.chooses(level)
    manager.writes("Why", why)
    manager.clicks("Save")
