"""A running demonstration and a real browser, for every story."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from system.browser import ARGUMENTS, Someone
from system.demo_server import Demo, running_demo

EVERYONE = pytest.StashKey[list[Someone]]()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`concord demo` in a home of its own, or the one that CONCORD_TEST_ADDRESS names (its folder:
    CONCORD_TEST_HOME)."""
    address = os.environ.get("CONCORD_TEST_ADDRESS")
    if address:
        yield Demo(address.rstrip("/"), Path(os.environ.get("CONCORD_TEST_HOME") or os.environ.get("CONCORD_HOME", "")))
        return
    with running_demo(tmp_path_factory.mktemp("demo")) as found:
        yield found


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where each browser stood when a story failed: a screen tells more than a locator that found nothing."""
    report = yield
    if report.when == "call" and report.failed:
        for someone in item.stash.get(EVERYONE, []):
            report.sections.append((f"browser at {someone.page.url}", someone.shows()))
    return report


@pytest.fixture
def sign_in(demo: Demo, chromium, request: pytest.FixtureRequest) -> Iterator[Callable[..., Someone]]:  # type: ignore[no-untyped-def]
    """`sign_in("mash")` is a browser of their own, signed in. Nobody's browser may have complained at the end."""
    everyone: list[Someone] = request.node.stash.setdefault(EVERYONE, [])

    def make(username: str | None = None, *, script: bool = True, width: int = 1280, address: str = "") -> Someone:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script, base_url=address or demo.address
        )
        someone = Someone(context.new_page(), script=script)
        everyone.append(someone)
        if username:
            someone.sign_in(username)
        return someone

    yield make
    complaints = [line for someone in everyone for line in someone.complaints]
    for someone in everyone:
        someone.page.context.close()
    assert complaints == [], "the browser complained"
