"""A supplier sends, reads what was set aside and puts it right; the analyst sees it, and what the law has owed."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from system.browser import Someone

SignIn = Callable[..., Someone]

HEADER = "site_code,arrived_at,assault_at,method,location_type,ward_code,age_band,sex"
FEED = "/feeds/ed_assaults/"
WARD = f"ZZ{secrets.randbelow(90) + 10}"


def month(folder: Path, *changes: str, header: str = HEADER) -> Path:
    """A file of a month long past, so that what the demonstration says of its last year stays as it was."""
    rows = [
        f"SYN-ED-1,2021-03-{n + 1:02d} 02:{secrets.randbelow(60):02d},,body_part,street,SYN19,25-39,F"
        for n in range(25)
    ]
    file = folder / "ed_assaults_2021-03.csv"
    file.write_text("\n".join([header, *changes, *rows[len(changes) :]]) + "\n")
    return file


def chooses_file(someone: Someone, *files: Path) -> None:
    someone.page.locator("input[type=file]").set_input_files([str(file) for file in files])


def waits_for_the_end(someone: Someone) -> None:
    someone.page.get_by_role("heading", name="What became of your files").wait_for(timeout=60_000)


def test_a_supplier_sends_a_month_and_puts_it_right(sign_in: SignIn, tmp_path: Path) -> None:
    supplier = sign_in("supplier")
    supplier.sees("Feeds that need somebody", "Nia Tremayne SYN")
    supplier.looks()
    supplier.clicks("Send files")
    supplier.sees("Which feed do you send?")
    supplier.does_not_see("Recorded crime")
    supplier.looks()
    supplier.clicks("Continue")
    supplier.sees("There is a problem", "Choose a feed")
    supplier.chooses("Assaults seen in the emergency department")
    supplier.clicks("Continue")
    supplier.sees(
        "What happens to it", "data agreement”, in force until", "Headings:", "refused, and nothing of it kept"
    )
    supplier.looks()
    supplier.clicks("Send and check")
    supplier.sees("There is a problem", "Choose at least one file")
    supplier.looks()
    wrong = f"SYN-ED-1,2021-03-02 02:18,,body_part,street,{WARD},25-39,F"
    chooses_file(supplier, month(tmp_path, wrong))
    supplier.clicks("Send and check")
    waits_for_the_end(supplier)
    supplier.sees("24 rows taken", "1 row set aside", "“ward_code” does not have the form agreed.", WARD)
    supplier.sees("SYN01 to SYN20", "send the whole file again")
    supplier.looks()
    with supplier.page.expect_download() as download:
        supplier.page.get_by_role("link", name="every row (CSV)").first.click()
    assert WARD in Path(download.value.path()).read_text()
    assert download.value.suggested_filename.startswith("ed_assaults-error-report-")
    supplier.clicks("Send it again")
    chooses_file(supplier, month(tmp_path))
    supplier.clicks("Send and check")
    waits_for_the_end(supplier)
    supplier.sees("25 rows taken", "none set aside", "25 rows took the place of 24 (1 row more)")
    supplier.clicks("See how the feed stands now")
    supplier.sees("How it kept its clock", "Files received")
    supplier.looks()


def test_a_few_counts_are_typed_and_received_like_a_file(sign_in: SignIn) -> None:
    supplier = sign_in("supplier", width=390)
    supplier.go("/feeds/iris_returns/send/")
    supplier.clicks("Type the counts instead")
    supplier.looks()
    supplier.clicks("Send and check")
    supplier.sees("There is a problem", "Choose the period", "Enter “Referrals from trained practices”")
    supplier.looks()
    supplier.page.get_by_role("radio").last.check()
    supplier.writes("Referrals from trained practices", str(40 + secrets.randbelow(40)))
    supplier.writes("Practices trained by then", "-2")
    supplier.clicks("Send and check")
    waits_for_the_end(supplier)
    supplier.sees("Why rows were set aside", "“denominator” is below 0")
    supplier.go("/feeds/iris_returns/type/")
    supplier.page.get_by_role("radio").last.check()
    supplier.writes("Referrals from trained practices", str(40 + secrets.randbelow(40)))
    supplier.writes("Practices trained by then", "19")
    supplier.clicks("Send and check")
    waits_for_the_end(supplier)
    supplier.sees("1 row taken", "iris_returns_", "none set aside")
    supplier.looks()


def test_a_file_with_a_name_is_refused_whole_on_a_phone(sign_in: SignIn, tmp_path: Path) -> None:
    supplier = sign_in("supplier", width=390)
    supplier.go(f"{FEED}send/")
    chooses_file(supplier, month(tmp_path, header=f"{HEADER},surname"))
    supplier.clicks("Send and check")
    waits_for_the_end(supplier)
    supplier.sees("was refused whole: it has the column “surname”", "Nothing of the file was kept", "What you can do")
    supplier.looks()
    analyst = sign_in("analyst")
    analyst.go("/feeds/")
    analyst.sees("What needs somebody", "Last file refused", "refused whole")
    analyst.go(FEED)
    analyst.sees("The last file was refused", "What was received before stays in use")
    analyst.looks()


def test_without_script_the_page_of_an_upload_finds_its_end(sign_in: SignIn, tmp_path: Path) -> None:
    analyst = sign_in("analyst", script=False)
    analyst.go(f"{FEED}send/")
    chooses_file(analyst, month(tmp_path))
    analyst.clicks("Send and check")
    # The browser asks again by itself: nothing here presses anything.
    waits_for_the_end(analyst)
    analyst.sees("25 rows taken")


ANALYST = ("", "contract/", "quality/", "versions/", "send/")


@pytest.mark.parametrize("feed", ["crime_persons", "recorded_crime"])
def test_the_pages_of_a_feed_meet_the_standard(sign_in: SignIn, feed: str) -> None:
    analyst = sign_in("analyst")
    for page in ANALYST:
        assert analyst.go(f"/feeds/{feed}/{page}") == 200
        analyst.looks()
    analyst.go(f"/feeds/{feed}/quality/")
    drawing = analyst.page.locator("svg.concord-spark").first
    assert " in " in (drawing.get_attribute("aria-label") or "")
    figures = analyst.page.get_by_text("Figures", exact=False).first
    figures.click()
    analyst.sees("Period", "Share")


def test_the_quarterly_exchange_says_who_owes_what(sign_in: SignIn) -> None:
    analyst = sign_in("analyst")
    analyst.clicks("Feeds")
    analyst.looks()
    analyst.clicks("The quarterly exchange")
    analyst.sees("Section 17A of the Crime and Disorder Act 1998", "SI 2007/1831 Schedule paragraph 9")
    analyst.looks()
    # A wide table scrolls by the keyboard alone.
    region = analyst.page.get_by_role("region", name="Items of", exact=False).first
    region.focus()
    assert analyst.page.evaluate("document.activeElement.getAttribute('role')") == "region"


def test_the_keyboard_alone_filters_by_supplier_and_opens_a_feed(sign_in: SignIn) -> None:
    analyst = sign_in("analyst")
    analyst.go("/feeds/")
    analyst.page.locator("#from").focus()
    analyst.page.locator("#from").select_option("acute_trust")
    analyst.page.keyboard.press("Tab")
    analyst.page.keyboard.press("Enter")
    analyst.page.wait_for_url("**/feeds/?from=acute_trust")
    analyst.does_not_see("Suspensions from school")
    link = analyst.page.get_by_role("link", name="Assaults seen in the emergency department").first
    link.focus()
    analyst.page.keyboard.press("Enter")
    analyst.page.wait_for_url("**/feeds/ed_assaults/")


def test_the_officer_sees_how_feeds_stand_and_no_rows(sign_in: SignIn) -> None:
    dpo = sign_in("dpo")
    dpo.go(FEED)
    dpo.sees("Agreement", "In force")
    dpo.does_not_see("Send files", "Error report")
    dpo.looks()
    dpo.go(f"{FEED}quality/")
    dpo.looks()
    assert dpo.go(f"{FEED}send/") == 404
