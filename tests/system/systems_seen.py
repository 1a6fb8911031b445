"""A picture of each core system of tests/spec/inventory.csv in a running demonstration: its screens, and what stands
behind the files that make it: a forum with its meeting and a case, a pathway's tray with a contact, a publication."""

from __future__ import annotations

import csv
import html
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import Browser, sync_playwright

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from system import screens
from system.browser import ARGUMENTS, DESK, PHONE

INVENTORY = Path(__file__).resolve().parents[1] / "spec" / "inventory.csv"
MADE_OF = {
    "forums": ("/forums/{}/",),
    "boards": ("/forums/{}/",),
    "pathways": ("/contacts/?pathway={}&show=open", "/contacts/?pathway={}&show=decided"),
    "instruments": ("/instruments/{}/",),
    "kept": ("/registers/{}/",),
    "feeds": ("/feeds/{}/",),
}
"""The screens of a file, by the folder it lies in."""
LEADS = (
    r"/(?:meetings|contacts|cases|subjects|registers/\w+)/[0-9a-f-]{36}/(?:\?|$)"
    r"|/instruments/\w+/try/|/published/.+\.html"
)
"""From a system's screen to one of its own records, and from a meeting on to a case."""


class Opened:
    """The people of the demonstration, each signed in when first needed, and who opens what."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.names = screens.people(browser.new_context(), address)
        self.contexts: dict[str, Any] = {}

    def context(self, username: str) -> Any:
        if username not in self.contexts:
            self.contexts[username] = self.browser.new_context(base_url=self.address)
            screens.sign_in(self.contexts[username], self.address, username)
        return self.contexts[username]

    def by(self, path: str, first: str = "") -> tuple[str, str] | None:
        """Who opens the address and finds a record to go on to there, else whoever opens it; and what they read."""
        tray, opens = re.search(r"\?pathway=(\w+)", path), None
        for name in [first, *self.names] if first else self.names:
            answer = self.context(name).request.get(self.address + path)
            text = answer.text() if answer.status == 200 and "html" in answer.headers["content-type"] else ""
            # A tray that is not theirs shows their own instead.
            if not text or (tray and f"?pathway={tray[1]}&amp;show=" not in text):
                continue
            if first or onward(path, text):
                return name, text
            opens = opens or (name, text)
        return opens


def onward(path: str, text: str) -> str:
    """A record that the page leads to, or nothing."""
    links = [html.unescape(each) for each in re.findall(r'href="([^"#]+)', text) if re.match(LEADS, each)]
    return next((each for each in links if each.partition("?")[0] != path.partition("?")[0]), "")


def addresses(row: dict[str, str]) -> list[str]:
    found = [each for each in row["screens"].split() if "/download/" not in each]
    for file in f"{row['harbourside']} {row['tower_hamlets']}".split():
        folder, key = Path(file).parent.name, Path(file).stem
        if not file.startswith("tower_hamlets/"):
            found += [each.format(key) for each in MADE_OF.get(folder, ())]
    return list(dict.fromkeys(found))


def seen(opened: Opened, row: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Who opens what of one system: each of its screens, then one record and what that leads to."""
    for address in addresses(row):
        found, follow = opened.by(address), address
        for _ in range(3):
            if found is None:
                break
            username, text = found
            yield username, follow
            leads = "" if follow.startswith("/cases/") else onward(follow, text)
            if not leads:
                break
            follow = urljoin(follow, leads)
            found = opened.by(follow, username)


def main(out: Path, address: str, chosen: list[str]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    rows = [row for row in csv.DictReader(INVENTORY.open(encoding="utf-8")) if row["priority"] == "core"]
    pictures: dict[tuple[str, str], str] = {}
    parts = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        opened = Opened(browser, address)
        for row in (each for each in rows if not chosen or each["key"] in chosen):
            shown = []
            for username, path in seen(opened, row):
                if (username, path) not in pictures:
                    page = opened.context(username).new_page()
                    page.goto(path)
                    name = f"{len(pictures):03d}-{row['key']}"
                    for size, width in ((DESK, "desk"), (PHONE, "phone")):
                        page.set_viewport_size(size)
                        page.screenshot(path=str(out / f"{name}-{width}.png"), full_page=True)
                    page.close()
                    pictures[username, path] = name
                shown.append((username, path, pictures[username, path]))
            parts.append((row, shown))
            print(f"{row['key']}: {len(shown)} screens", flush=True)
        browser.close()
    body = "".join(
        f"<h2>{row['row']}. {html.escape(row['name'])}: {row['state']}</h2><p>{html.escape(row['tests'])}</p>"
        + "".join(
            f"<p>{html.escape(username)}: {html.escape(path)}</p>"
            f'<img loading="lazy" width="640" src="{name}-desk.png" alt="at a desk"> '
            f'<img loading="lazy" width="260" src="{name}-phone.png" alt="on a phone">'
            for username, path, name in shown
        )
        for row, shown in parts
    )
    (out / "index.html").write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Systems</title><h1>{len(parts)} systems</h1>'
        f"<style>body{{font-family:sans-serif}}img{{vertical-align:top;border:1px solid #bbb}}</style>{body}</html>"
    )
    unseen = [row["key"] for row, shown in parts if not shown]
    print(f"{len(parts)} systems, {2 * len(pictures)} pictures: {out / 'index.html'}; not seen: {unseen or 'none'}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("scripts/screens --systems OUT [ADDRESS] [KEY…]")
    main(Path(sys.argv[1]), (sys.argv[2] if len(sys.argv) > 2 else "http://127.0.0.1:8000").rstrip("/"), sys.argv[3:])
