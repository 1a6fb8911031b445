"""Every address of the site, as somebody who works there: it opens, it meets the standard, the keyboard reaches it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from system import screens as crawl
from system.browser import Someone
from system.demo_server import Demo

SignIn = Callable[..., Someone]

PUBLIC = (
    "/sign-in/",
    "/help-now/",
    "/governance/",
    "/directory/services_directory/",
    "/rights/",
    "/rights/?lang=bn",
    "/strategy/",
    "/strategy/open-questions/",
    "/strategy/definition/",
    "/strategy/from_harm_to_hope/",
    "/published/",
    "/proofread/",
    "/instruments/child_gravity/",
    "/figures/NOSUCHCODE/",
    "/signed-out/",
    "/boards/safer_neighbourhood_board/",
    "/boards/safer_neighbourhood_board/ask/",
    "/nothing-here/",
)
STAFF = {
    "admin": ("/today/", "/accounts/", "/accounts/new/"),
    "board": ("/today/", "/published/", "/agencies/", "/registers/"),
    "manager": ("/today/", "/registers/action_register/", "/registers/section_60/?show=closed"),
    "analyst": (
        "/today/",
        "/feeds/",
        "/feeds/exchange/",
        "/feeds/upload/",
        "/feeds/upload/any/",
        "/editions/",
        "/editions/new/",
        "/editions/new/?publication=strategic_needs_assessment",
        "/releases/",
    ),
    "approver": ("/today/", "/editions/", "/releases/", "/packs/"),
    "safety-coordinator": ("/forums/iom/list/", "/forums/safer_neighbourhood_board/questions/"),
    "editor": ("/today/", "/editions/"),
    "supplier": ("/today/", "/feeds/", "/feeds/exchange/", "/feeds/upload/", "/feeds/iris_returns/type/"),
    "dpo": (
        "/today/",
        "/feeds/",
        "/who-looked/",
        "/agreements/",
        "/agreements/child_safeguarding/",
        "/agreements/disclosures/",
        "/emergency/reviews/",
        "/retention/",
        "/retention/hold/",
        "/retention/contact_no_further_action/",
        "/requests/",
        "/requests/new/",
        "/access-review/",
        "/scheduled/",
    ),
    "marac-chair": ("/today/", "/forums/marac/", "/forums/marac/past/", "/actions/", "/actions/?show=closed"),
    "mash-manager": (
        "/assessments/",
        "/assessments/?show=closed",
        "/emergency/",
        "/today/",
        "/contacts/",
        "/contacts/?show=decided",
        "/forums/mace/",
    ),
    "marac-coordinator": ("/today/", "/contacts/", "/forums/marac/", "/forums/marac/plan/", "/forums/marac/cases/"),
}


def test_public_pages_open_without_signing_in(sign_in: SignIn) -> None:
    visitor = sign_in()
    for address in PUBLIC:
        visitor.go(address)
        visitor.sees("Synthetic data.", "It is not a GOV.UK service.", "Concord")
        visitor.looks()


@pytest.mark.parametrize("username", STAFF)
def test_pages_of_each_role_meet_the_standard(sign_in: SignIn, username: str) -> None:
    someone = sign_in(username)
    for address in STAFF[username]:
        assert someone.go(address) == 200, address
        someone.looks()


CLOSED = (
    "/today/",
    "/contacts/",
    "/forums/mace/",
    "/who-looked/",
    "/feeds/",
    "/referrals/new/",
    "/editions/",
    "/releases/",
)


def test_nobody_comes_in_without_signing_in(sign_in: SignIn) -> None:
    visitor = sign_in()
    for address in CLOSED:
        visitor.go(address)
        assert visitor.heading == "Choose who to be", address
        assert f"next={address}" in visitor.page.url


NOT_THEIRS = {
    "school": ("/contacts/", "/forums/mace/", "/who-looked/"),
    "gp": ("/actions/", "/feeds/", "/feeds/upload/"),
    "supplier": ("/feeds/recorded_crime/", "/feeds/recorded_crime/send/", "/contacts/", "/who-looked/"),
    "board": ("/contacts/", "/who-looked/", "/editions/", "/releases/"),
    "editor": ("/editions/new/", "/releases/", "/feeds/"),
    "analyst": ("/forums/marac/",),
    "idva": ("/forums/mace/", "/contacts/", "/editions/"),
    "mace-coordinator": ("/forums/marac/plan/", "/forums/marac/cases/", "/contacts/"),
    "dpo": ("/referrals/new/", "/feeds/upload/"),
}


@pytest.mark.parametrize("username", NOT_THEIRS)
def test_a_page_that_is_not_for_a_role_is_not_there(sign_in: SignIn, username: str) -> None:
    someone = sign_in(username)
    for address in NOT_THEIRS[username]:
        assert someone.go(address) == 404, address
        assert someone.heading == "Page not found"


def test_the_keyboard_alone_signs_in_and_refers(sign_in: SignIn) -> None:
    someone = sign_in()
    someone.go("/sign-in/")
    keyboard = someone.page.keyboard
    keyboard.press("Tab")
    focused = someone.page.locator(":focus")
    assert focused.inner_text() == "Skip to main content"
    keyboard.press("Enter")
    assert someone.page.evaluate("document.activeElement.id") == "main-content"
    keyboard.press("Tab")
    assert "Sign in as Mina Castellan SYN" in re.sub(r"\s+", " ", focused.inner_text())
    assert someone.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    keyboard.press("Enter")
    someone.sees("My day")
    someone.go("/referrals/new/")
    _tab_to(someone, "input[type=radio]")
    keyboard.press("Space")
    _tab_to(someone, "main button")
    keyboard.press("Enter")
    someone.sees("What are you worried about?")
    _tab_to(someone, "main button")
    keyboard.press("Enter")
    someone.sees("There is a problem")
    # The summary takes the focus, so that what is wrong is the first thing read out.
    assert "govuk-error-summary" in (someone.page.evaluate("document.activeElement.className") or "")
    assert someone.page.title().startswith("Error: ")
    keyboard.press("Tab")
    keyboard.press("Enter")
    assert someone.page.evaluate("document.activeElement.tagName") == "TEXTAREA"


def _tab_to(someone: Someone, selector: str) -> None:
    for _ in range(60):
        if someone.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        someone.page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {selector} on {someone.page.url}")


def test_the_policy_of_every_page_forbids_what_is_not_ours(sign_in: SignIn) -> None:
    someone = sign_in("board")
    answer = someone.page.goto("/today/")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "http" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-frame-options"] == "DENY"


def test_what_is_typed_in_a_search_never_becomes_markup(sign_in: SignIn) -> None:
    someone = sign_in()
    someone.go("/figures/%3Cimg%20src=x%20onerror=alert(1)%3E/")
    assert someone.page.locator("main img").count() == 0
    someone.sees("<img src=x onerror=alert(1)>")


def test_a_draft_is_proofread_and_forgotten(sign_in: SignIn) -> None:
    author = sign_in()
    author.go("/proofread/")
    author.clicks("Proofread it")
    author.sees("There is a problem", "Upload a draft, or paste its text")
    author.looks()
    author.writes(
        "Or paste its text",
        "Knife offences rose from 100 to 150, an increase of 25% in the year to March 2024.\n\nXXX to be confirmed.\n",
    )
    author.clicks("Proofread it")
    author.sees("notes on your text", "line 1", "50%", "already forgotten")
    author.looks()


def test_a_board_member_reads_from_theme_to_figure_and_recomputes_it(sign_in: SignIn) -> None:
    board = sign_in("board")
    board.clicks("Strategy")
    board.sees("How it is going", "MASH decisions within one working day", "Lower is better.")
    board.looks()
    board.page.locator("a[href^='/figures/']").first.click()
    board.sees("Where it came from", "Asked for by", "approved by", "Made from")
    board.looks()
    board.clicks("Recompute it now")
    board.sees("Recomputed to the same value")
    board.looks()


def test_the_published_assessment_opens_under_the_same_policy(sign_in: SignIn) -> None:
    visitor = sign_in()
    visitor.go("/published/")
    visitor.page.locator("main h2 a").first.click()
    visitor.sees("Synthetic data", "Contents and main messages")
    wide = visitor.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    # Styles arrive: an unstyled page would have the browser's own serif letters.
    assert "serif" not in visitor.page.evaluate("getComputedStyle(document.body).fontFamily").split(",")[0]


def test_a_session_warns_before_it_ends(sign_in: SignIn) -> None:
    someone = sign_in("mash")
    someone.page.clock.install()
    someone.go("/today/")
    dialog = someone.page.get_by_role("dialog")
    someone.page.clock.fast_forward("24:00")
    assert not dialog.is_visible()
    someone.page.clock.fast_forward("02:00")
    dialog.wait_for()
    assert "4 minutes" in dialog.inner_text()
    someone.looks()
    someone.clicks("Stay signed in")
    dialog.wait_for(state="hidden")
    someone.page.clock.fast_forward("31:00")
    someone.sees("You were signed out")


# --- every screen of everybody -----------------------------------------------------------------------------------

MEASURED = """() => {
  const shown = (one) => one.getClientRects().length > 0 && getComputedStyle(one).visibility !== "hidden";
  const said = (one) => one.outerHTML.slice(0, 80);
  const pressed = (one) => (["radio", "checkbox"].includes(one.type) && one.labels?.[0]) || one;
  const fields = "main button, main input:not([type=hidden]), main select, main textarea";
  const small = [...document.querySelectorAll(fields)].filter(shown).filter((one) => {
    const box = pressed(one).getBoundingClientRect();
    return box.height < 24 || box.width < 24;
  });
  const jumps = [...document.querySelectorAll("[tabindex]")].filter((one) => one.tabIndex > 0);
  const skip = document.querySelector(".govuk-skip-link, .skip");
  return {
    small: small.map(said),
    jumps: jumps.map(said),
    headings: document.querySelectorAll("h1").length,
    skips: skip !== null && document.querySelector(skip.getAttribute("href")) !== null,
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  };
}"""
FOCUS = """() => {
  const one = document.activeElement, how = getComputedStyle(one);
  const shows = how.outlineStyle !== "none" || how.boxShadow !== "none" || how.backgroundColor === "rgb(255, 221, 0)";
  return one === document.body || shows ? "" : one.outerHTML.slice(0, 120);
}"""
TYPED = "Object.keys(sessionStorage).filter((key) => key.startsWith('concord-typed')).length"
WIDTHS = {"at a desk": 1280, "at twice the size": 640, "on a phone": 390}
"""A window of 1280 px at 200 % is laid out as one of 640."""


def test_every_screen_of_everybody_meets_the_standard(demo: Demo, chromium: Any) -> None:
    """Each kind of screen once, with the first person who comes to it; everybody's own day each."""
    met: Counter[str] = Counter()
    wrong: list[str] = []
    for username in crawl.people(chromium.new_context(), demo.address):
        context = chromium.new_context(base_url=demo.address, viewport={"width": 1280, "height": 900})
        crawl.sign_in(context, demo.address, username)
        page = context.new_page()
        for screen in crawl.screens(context, demo.address, username, met):
            page.goto(screen.address)
            someone = Someone(page)
            for size, width in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": 900})
                seen = page.evaluate(MEASURED)
                where = f"{username} {screen.address} {size}"
                if seen["wide"] > 0:
                    wrong.append(f"{where}: {seen['wide']} px too wide")
                if seen["headings"] != 1 or not seen["skips"] or seen["jumps"]:
                    wrong.append(
                        f"{where}: {seen['headings']} main headings, skip link {seen['skips']}, {seen['jumps']}"
                    )
                if seen["small"]:
                    wrong.append(f"{where}: too small to press: {seen['small'][:3]}")
                # What is read out is the same at every width: the phone's own is read on everybody's day.
                if width == 1280 or (width == 390 and screen.address == "/today/"):
                    wrong += [f"{where}: {each}" for each in someone._axe()]
        context.close()
    kinds = [kind for kind in met if not kind.startswith("opened ")]
    assert len(kinds) >= 60, sorted(kinds)
    assert not wrong, "\n".join(wrong)


def test_focus_is_seen_on_everything_the_keyboard_reaches(sign_in: SignIn) -> None:
    someone = sign_in("mash")
    for address in ("/today/", "/contacts/", "/people/find/", "/emergency/"):
        someone.go(address)
        for _ in range(25):
            someone.page.keyboard.press("Tab")
            seen = someone.page.evaluate(FOCUS)
            assert seen == "", f"{address}: nothing shows that this has the focus: {seen}"


@pytest.mark.parametrize("username", ["school", "mash", "mace-chair", "dpo", "patrol", "board"])
def test_a_day_is_whole_without_a_script(sign_in: SignIn, username: str) -> None:
    someone = sign_in(username, script=False)
    someone.go("/today/")
    someone.sees("My day", "Go straight to", "Changed since")
    hrefs = [each.get_attribute("href") for each in someone.page.locator("main a").all()]
    assert hrefs
    for href in hrefs[:4]:
        assert someone.go(str(href)) == 200, href


def test_what_is_typed_outlives_a_lost_connection_and_no_other_person_sees_it(sign_in: SignIn) -> None:
    someone = sign_in("mash")
    someone.go("/people/find/")
    assert someone.page.evaluate(TYPED) == 0
    someone.go("/emergency/")
    someone.page.locator("textarea, input[type=text]").last.fill("Seen at the quay, lilac coat")
    someone.page.reload()
    someone.sees("What you had typed here is back. It was not sent.")
    assert someone.page.locator("textarea, input[type=text]").last.input_value() == "Seen at the quay, lilac coat"
    someone.looks()
    someone.clicks("Take it out")
    assert someone.page.locator("textarea, input[type=text]").last.input_value() == ""
    someone.page.locator("textarea, input[type=text]").last.fill("Seen at the quay, lilac coat")
    someone.clicks("Sign out")
    assert someone.page.evaluate("JSON.stringify(sessionStorage)").find("lilac") == -1


def test_help_now_is_left_at_once_and_leaves_no_way_back(sign_in: SignIn) -> None:
    visitor = sign_in()
    elsewhere = {"body": "<title>Weather</title>", "content_type": "text/html"}
    visitor.page.context.route(re.compile("^https://"), lambda route: route.fulfill(**elsewhere))
    visitor.go("/help-now/?lang=bn")
    visitor.sees("এখনই সাহায্য")
    visitor.looks()
    for _ in range(3):
        visitor.page.keyboard.press("Shift")
    visitor.page.wait_for_url("https://www.bbc.co.uk/**")
