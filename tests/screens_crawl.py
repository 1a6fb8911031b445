"""Every screen as somebody who follows the links they are given: the pages of each person, and the forms on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve
from lxml import html

NOT_PAGES = {"published-file", "paper", "session-worker", "feed-report", "stay", "session-ended", "edition-preview"}
DATES = {"0": "14", "1": "6", "2": "2026"}
"""What is typed into the three boxes of a date: two days after the story's now."""
BORN = "2009"
"""A year of birth: at sixteen somebody may be heard by panels for children and by those for adults at risk."""


@dataclass
class Page:
    username: str
    address: str
    name: str
    status: int
    text: str
    tree: Any


@dataclass
class SentForm:
    """A form of a page as a browser would send it."""

    page: Page
    action: str
    name: str
    hidden: dict[str, str]
    button: dict[str, str]
    inputs: list[Any] = field(repr=False, default_factory=list)
    multipart: bool = False

    @property
    def kind(self) -> tuple[str, str, tuple[str, ...]]:
        """Forms of one kind need to be tried once: the page, where it is sent, what it asks."""
        acts = self.hidden.get("act", "")
        return self.page.name, f"{self.name}{acts}", tuple(sorted({each.get("name") for each in self.inputs} - {None}))

    def empty(self) -> dict[str, Any]:
        """As it is sent by somebody who pressed the button at once, having taken out what stood there."""
        return {**self.hidden, **self.button}

    def filled(self, mark: str) -> dict[str, Any]:
        """Every question answered somehow, in words that carry `mark`."""
        given: dict[str, Any] = {**self.hidden, **self.button}
        for element in self.inputs:
            name, kind = element.get("name"), element.get("type", "text")
            if element.tag == "select":
                # The last: the first is often “not this one”, and colleagues come before oneself.
                values = [each.get("value") for each in element.iter("option") if each.get("value")]
                given.setdefault(name, values[-1] if values else "")
            elif element.tag == "textarea":
                given[name] = f"Because of what was seen, {mark}."
            elif kind in ("radio", "checkbox"):
                given.setdefault(name, element.get("value", "on"))
            elif kind == "file":
                continue
            elif name[-2:] in ("_0", "_1", "_2") and name[-1] in DATES:
                given[name] = BORN if name.endswith("born_on_2") else DATES[name[-1]]
            elif name in ("time", "started", "ended"):
                given[name] = "09:30"
            elif "username" in name:
                given[name] = f"somebody-{mark.lower()}"
            else:
                given[name] = element.get("value") or (
                    "2" if element.get("inputmode") == "numeric" else f"Words {mark}"
                )
        return given


def signed_in(user: Any) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def pages(
    client: Client,
    username: str,
    *,
    start: str = "/today/",
    each: int = 2,
    most: int = 60,
    met_by_all: Counter[str] | None = None,
    enough: int = 5,
) -> Iterator[Page]:
    """Pages reached from `start` by links, at most `each` of one kind and `most` altogether. With `met_by_all`, counted
    over several people, a kind that was met `enough` times is not opened again."""
    everybody = met_by_all if met_by_all is not None else Counter[str]()
    waiting, met, kinds = [start], {start}, Counter[str]()
    while waiting and sum(kinds.values()) < most:
        address = waiting.pop(0)
        name = name_of(address)
        if not name or name in NOT_PAGES or kinds[name] >= each:
            continue
        if met_by_all is not None and everybody[name] >= enough and address != start:
            continue
        kinds[name] += 1
        everybody[name] += 1
        page = opened(client, username, address)
        yield page
        if page.tree is None:
            continue
        for link in page.tree.iter("a"):
            found = urlsplit(urljoin(address, link.get("href") or ""))
            to = found.path + (f"?{found.query}" if found.query else "")
            if not found.netloc and found.path and to not in met:
                met.add(to)
                waiting.append(to)


def opened(client: Client, username: str, address: str) -> Page:
    answer = client.get(address)
    return page_of(username, address, answer)


def page_of(username: str, address: str, answer: Any) -> Page:
    is_page = answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming
    text = answer.content.decode() if is_page else ""
    tree = html.document_fromstring(text) if text else None
    return Page(username, address, name_of(address), answer.status_code, text, tree)


def forms(page: Page) -> list[SentForm]:
    """The forms in the main part of a page that change something."""
    main = page.tree.get_element_by_id("main-content", None) if page.tree is not None else None
    found = []
    for form in main.iter("form") if main is not None else ():
        if (form.get("method") or "get").lower() != "post":
            continue
        action = urljoin(page.address, form.get("action") or page.address)
        hidden, inputs, button = {}, [], {}
        for element in form.iter("input", "textarea", "select", "button"):
            name = element.get("name")
            if element.tag == "button":
                # The first button is what the Enter key presses.
                if name and not button and not found_first(form, element):
                    button = {name: element.get("value", "")}
            elif element.get("type") == "hidden":
                hidden[name] = element.get("value", "")
            elif name:
                inputs.append(element)
        multipart = form.get("enctype", "").startswith("multipart")
        found.append(SentForm(page, action, name_of(action), hidden, button, inputs, multipart))
    return found


def found_first(form: Any, button: Any) -> bool:
    """Whether another button comes before this one."""
    return next(form.iter("button")) is not button


def name_of(address: str) -> str:
    try:
        return resolve(urlsplit(address).path).url_name or ""
    except Resolver404:
        return ""
