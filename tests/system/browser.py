"""Somebody at a screen: what they do and what they see, and the checks that hold on every page they meet."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import ConsoleMessage, Error, Locator, Page, expect

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
# WCAG 2.2 AA and below; `best-practice` is left to judgement.
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PATIENCE = 30_000
"""Milliseconds that a page may take: two browsers and two sites share what may be a small machine, and no story is
about speed."""
expect.set_options(timeout=PATIENCE)
LEAVING = """if (window.navigation) navigation.addEventListener("navigate", (event) => {
  if (!event.hashChange && event.downloadRequest === null) window.concordLeaving = true;
});"""
"""A page that has begun to go says so: a click comes back before the next page is there."""
PHONE, DESK = {"width": 390, "height": 800}, {"width": 1280, "height": 900}


class Someone:
    def __init__(self, page: Page, *, script: bool = True) -> None:
        self.page = page
        self.script = script
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.add_init_script(LEAVING)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        # A page that is not there is reported by the browser as a failed load; the stories ask for some on purpose.
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")

    # --- what they do

    def sign_in(self, username: str) -> None:
        self.go("/sign-in/")
        self.page.locator(f"form:has(input[value='{username}']) button").click()
        self.sees("Signed in as")

    def go(self, address: str) -> int:
        answer = self.page.goto(address)
        assert answer is not None
        return answer.status

    def clicks(self, words: str) -> None:
        """A link or a button, by the words on it."""
        target = self.page.get_by_role("link", name=words).or_(self.page.get_by_role("button", name=words))
        target.first.click()
        self.arrives()

    def arrives(self) -> None:
        """Waits for the next page where this one is on its way out; what is read at once is read of all of it."""
        if self.script:
            with suppress(Error):  # A file came in place of a page, and this one stays.
                self.page.wait_for_function("!window.concordLeaving", timeout=PATIENCE / 6)
        self.page.wait_for_load_state("domcontentloaded")

    def every(self, role: Literal["group", "checkbox"]) -> list[Locator]:
        """Each element of a page, once there are any: `all` alone reads a page that is still on its way as empty."""
        self.arrives()
        found = self.page.get_by_role(role)
        found.first.wait_for()
        return found.all()

    def writes(self, label: str, words: str) -> None:
        self.page.get_by_label(label, exact=False).first.fill(words)

    def chooses(self, words: str, *, among: str | None = None) -> None:
        place = self.page.get_by_role("group", name=among) if among else self.page
        place.get_by_label(words, exact=False).first.check()

    def picks(self, label: str, words: str) -> None:
        self.page.get_by_label(label).select_option(label=words)

    def dates(self, legend: str, day: int, month: int, year: int) -> None:
        group = self.page.get_by_role("group", name=legend)
        for label, value in (("Day", day), ("Month", month), ("Year", year)):
            group.get_by_label(label).fill(str(value))

    # --- what they see

    def sees(self, *words: str) -> None:
        for each in words:
            expect(self.page.locator("body")).to_contain_text(each)

    def does_not_see(self, *words: str) -> None:
        for each in words:
            expect(self.page.locator("body")).not_to_contain_text(each)

    @property
    def heading(self) -> str:
        self.arrives()
        return re.sub(r"\s+", " ", self.page.locator("h1").inner_text()).strip()

    def shows(self) -> str:
        """The words on the screen as it stands, for whoever reads why a story failed."""
        try:
            return str(self.page.locator("body").inner_text(timeout=2_000))
        except Error as problem:
            return f"The page could not be read: {problem}"

    # --- what must hold on every page

    def looks(self) -> None:
        """The page meets the standard, at a desk and on a phone, and has one heading and a title of its own."""
        if not self.script:
            return
        self.arrives()
        for size in (DESK, PHONE):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            problems = self._axe()
            assert problems == [], f"{self.page.url} at {size['width']} px: {problems}"
            wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{self.page.url} is {wide} px too wide at {size['width']} px"
        self.page.set_viewport_size(DESK)  # type: ignore[arg-type]
        assert self.page.locator("h1").count() == 1, f"{self.page.url} needs one main heading"
        page, _, site = self.page.title().partition(" – ")
        assert page and site, f"{self.page.url} has no title of its own: {self.page.title()!r}"

    def _axe(self) -> list[str]:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        found: dict[str, Any] = self.page.evaluate(
            "standard => axe.run(document, {runOnly: {type: 'tag', values: standard}, resultTypes: ['violations']})",
            STANDARD,
        )
        return [
            f"{each['id']}: {each['help']} ({'; '.join(node['html'][:120] for node in each['nodes'][:3])})"
            for each in found["violations"]
        ]
