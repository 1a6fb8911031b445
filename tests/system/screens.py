"""Every screen as everybody meets it: the addresses found by following links, shared by the sweep and the pictures."""

from __future__ import annotations

import html
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from playwright.sync_api import BrowserContext, sync_playwright

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from system.browser import ARGUMENTS, DESK, PHONE

IDENTIFIER = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|/[0-9a-f]{8,}/|(?<=/figures/)[^/]+|(?<=/papers/).+|(?<=/published/).+"
)
NOT_SCREENS = ("/published/", "/papers/", "/sign-out/", "/signed-out/", "/stay/", "/static/", "/sessions/worker.js")
PAIRED = (
    *("/feeds/", "/agreements/", "/forums/", "/instruments/", "/strategy/", "/retention/"),
    *("/sections/", "/parts/", "/answers/", "/new/", "/step/"),
)
"""After these a name stands that is one of many alike."""
ENOUGH = 4
"""After so many people a kind of screen is not opened again to see where it leads."""
ENTRANCES = ("/today/", "/help-now/", "/help-now/?lang=bn", "/rights/", "/strategy/", "/published/", "/proofread/")


@dataclass(frozen=True)
class Screen:
    username: str
    address: str
    kind: str


def kind_of(address: str) -> str:
    """What an address has in common with those like it."""
    parts = urlsplit(address)
    path = IDENTIFIER.sub("/*/", parts.path).replace("//", "/")
    for each in PAIRED:
        path = re.sub(rf"{each}[\w.-]+/", f"{each}*/", path)
    asked = "&".join(sorted(one.partition("=")[0] for one in parts.query.split("&") if one))
    return f"{path}?{asked}" if asked else path


def people(context: BrowserContext, address: str) -> list[str]:
    page = context.request.get(f"{address}/sign-in/").text()
    return re.findall(r'name="person" value="([^"]+)"', page)


def sign_in(context: BrowserContext, address: str, username: str) -> None:
    page = context.request.get(f"{address}/sign-in/").text()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None, "this is not a demonstration"
    form: dict[str, Any] = {"csrfmiddlewaretoken": token[1], "person": username, "next": ""}
    answer = context.request.post(f"{address}/sign-in/", form=form, headers={"Referer": f"{address}/sign-in/"})
    assert answer.ok, f"{username} cannot sign in: {answer.status}"


def screens(context: BrowserContext, address: str, username: str, met: Counter[str], each: int = 1) -> Iterator[Screen]:
    """Every kind of screen that the person reaches and that was not met `each` times already, by anybody. Read without
    a browser: only the links matter here."""
    waiting, seen = list(ENTRANCES), set(ENTRANCES)
    own: Counter[str] = Counter()
    while waiting:
        path = waiting.pop(0)
        kind = kind_of(path)
        if own[kind] >= each or (path != "/today/" and met[f"opened {kind}"] >= ENOUGH):
            continue
        met[f"opened {kind}"] += 1
        answer = context.request.get(f"{address}{path}")
        if answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
            continue
        own[kind] += 1
        # Everybody's own day is a screen of its own; others are alike for all who may open them.
        if path == "/today/" or met[kind] < each:
            met[kind] += 1
            yield Screen(username, path, kind)
        for link in re.findall(r'<a[^>]+href="([^"#]+)', answer.text()):
            found = urlsplit(urljoin(f"{address}{path}", html.unescape(link)))
            to = found.path + (f"?{found.query}" if found.query else "")
            ours = f"{found.scheme}://{found.netloc}" == address and not to.startswith(NOT_SCREENS)
            if ours and to not in seen:
                seen.add(to)
                waiting.append(to)


def main(out: Path, address: str, chosen: list[str]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    met: Counter[str] = Counter()
    lines = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        asked = browser.new_context()
        for username in chosen or people(asked, address):
            context = browser.new_context(base_url=address)
            sign_in(context, address, username)
            page = context.new_page()
            for screen in screens(context, address, username, met):
                page.goto(screen.address)
                name = re.sub(r"\W+", "-", unquote(f"{username} {screen.kind}")).strip("-")[:90]
                for size, width in ((DESK, "desk"), (PHONE, "phone")):
                    page.set_viewport_size(size)  # type: ignore[arg-type]
                    page.screenshot(path=str(out / f"{name}-{width}.png"), full_page=True)
                lines.append((screen, page.title(), name))
            context.close()
            print(f"{username}: {sum(each.username == username for each, _, _ in lines)} screens", flush=True)
        browser.close()
    rows = "".join(
        f"<section><h2>{html.escape(title)}</h2><p>{html.escape(screen.username)}: {html.escape(screen.address)}</p>"
        f'<img loading="lazy" width="640" src="{name}-desk.png" alt="at a desk"> '
        f'<img loading="lazy" width="260" src="{name}-phone.png" alt="on a phone"></section>'
        for screen, title, name in lines
    )
    (out / "index.html").write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Screens</title><h1>{len(lines)} screens</h1>'
        f"<style>body{{font-family:sans-serif}}img{{vertical-align:top;border:1px solid #bbb}}</style>{rows}</html>"
    )
    print(f"{len(lines)} screens, {2 * len(lines)} pictures: {out / 'index.html'}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("scripts/screens OUT [ADDRESS] [PERSON…]")
    main(Path(sys.argv[1]), (sys.argv[2] if len(sys.argv) > 2 else "http://127.0.0.1:8000").rstrip("/"), sys.argv[3:])
