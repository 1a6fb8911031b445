"""Every form of every screen, found by following the links of everybody: sent empty, sent twice, sent too late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import access_tries
import desk_story as story
import pytest
import screens_crawl as screens
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from screens_crawl import SentForm

from concord.desk.accounts.models import User


@pytest.fixture(scope="module")
def found(django_db_setup, django_db_blocker) -> Iterator[list[SentForm]]:  # type: ignore[no-untyped-def]
    """One form of each kind, with the first person who met it. In a transaction undone at the end."""
    with story.kept_world(django_db_blocker) as world, time_machine.travel(story.NOW, tick=False):
        tried = access_tries.tried(world)
        kept: dict[object, SentForm] = {}
        met = Counter[str]()
        for username in tried.cast:
            client = screens.signed_in(User.objects.get(username=username))
            for page in screens.pages(client, username, met_by_all=met):
                for form in screens.forms(page):
                    kept.setdefault(form.kind, form)
        yield list(kept.values())


@pytest.fixture(autouse=True)
def _undone(django_db_blocker) -> Iterator[None]:  # type: ignore[no-untyped-def]
    """Each form is tried on the same world: what it did is undone."""
    with django_db_blocker.unblock(), time_machine.travel(story.NOW, tick=False):
        yield


def tried_in_turn(found: list[SentForm]) -> Iterator[tuple[SentForm, screens.Client]]:
    for form in found:
        if form.name == "sign-in" or form.multipart:
            continue
        with transaction.atomic():
            yield form, screens.signed_in(User.objects.get(username=form.page.username))
            transaction.set_rollback(True)


def written(asked: CaptureQueriesContext) -> list[str]:
    """What a request changed in the database, its own session left out."""
    return [
        each["sql"][:160]
        for each in asked.captured_queries
        if each["sql"].startswith(("INSERT", "UPDATE", "DELETE")) and "django_session" not in each["sql"]
    ]


def test_a_form_sent_empty_says_what_is_wrong_beside_each_field(found: list[SentForm]) -> None:
    wrong, asked = [], Counter[str]()
    for form, client in tried_in_turn(found):
        where = f"{form.page.username}: {form.page.name} -> {form.name}"
        answer = client.post(form.action, form.empty())
        page = screens.page_of(form.page.username, form.action, answer)
        if answer.status_code in (302, 303) or answer.headers.get("content-disposition", "").startswith("attachment"):
            continue
        if answer.status_code >= 500 or page.tree is None:
            wrong.append(f"{where} answers {answer.status_code}")
            continue
        summary = page.tree.find_class("govuk-error-summary")
        if not summary:
            if form.inputs:
                wrong.append(f"{where} answers {answer.status_code} without a summary of errors")
            continue
        asked[form.name] += 1
        title = page.tree.findtext("head/title") or ""
        if not title.strip().startswith("Error: "):
            wrong.append(f"{where}: the title is {title.strip()!r}")
        links = [each.get("href", "") for each in summary[0].iter("a")]
        dead = [each for each in links if page.tree.get_element_by_id(each.lstrip("#"), None) is None]
        if dead or not links:
            wrong.append(f"{where}: the summary leads nowhere: {dead or 'no link'}")
        if not page.tree.find_class("govuk-error-message") and form.name != "account-one":
            # Nobody changes their own account: a refusal of the whole, whatever was filled in.
            wrong.append(f"{where}: no message by a field")
    assert not wrong, "\n".join(wrong)
    assert len(asked) >= 22, asked


CREATE = {
    "account-one", "action", "contact-ask", "contact-connection", "contact-rate", "item-conflict", "item-research",
    "meeting-plan", "meeting-topic", "meeting-person", "person-alias", "person-needs", "request-new", "sessions",
    "subject",
}  # fmt: skip
"""Forms that must be among those tried, so that the sweep cannot pass by finding nothing."""


def test_a_form_sent_twice_is_done_once(found: list[SentForm]) -> None:
    wrong, done = [], Counter[str]()
    for form, client in tried_in_turn(found):
        where, given = f"{form.page.username}: {form.page.name} -> {form.name}", form.filled("Once")
        if "once" not in form.hidden:
            wrong.append(f"{where} carries no token")
            continue
        with CaptureQueriesContext(connection) as first:
            one = client.post(form.action, given)
        if one.status_code not in (302, 303) or not written(first):
            continue
        if getattr(resolve(urlsplit(form.action).path).func, "may_repeat", False):
            continue
        with CaptureQueriesContext(connection) as second:
            two = client.post(form.action, given)
        done[form.name] += 1
        if written(second):
            wrong.append(f"{where} writes again: {written(second)}")
        if two.status_code != 302 or two.headers["location"] != one.headers["location"]:
            wrong.append(f"{where} leads elsewhere: {two.status_code} {two.headers.get('location')}")
    assert not wrong, "\n".join(wrong)
    assert set(done) >= CREATE, CREATE - set(done)


VERSIONS = ("version", "revision", "was", "kept_version")
ADDS = {"contact-ask"}
"""Two questions to two agencies are two questions."""
SAME = {"person-correct"}
"""Both put the same fields right in the same way: the second knew what the first did."""
EDITS = {"action", "contact-rate", "contact-restrict", "item-research", "person-needs"}


def test_whoever_comes_second_is_told_and_overwrites_nothing(found: list[SentForm]) -> None:
    """The page was opened twice; the first send is done. The second is told who came first, and keeps every word."""
    wrong, told = [], Counter[str]()
    for form, client in tried_in_turn(found):
        if not set(VERSIONS) & set(form.hidden) or form.name in ADDS:
            continue
        where = f"{form.page.username}: {form.page.name} -> {form.name}"
        first, second = form.filled("First"), form.filled("Second")
        # Two windows, two presses: neither is the other's second send.
        for given in (first, second):
            del given["once"]
            given.pop("press", None)
        with CaptureQueriesContext(connection) as asked:
            if client.post(form.action, first).status_code != 302:
                continue
        if not [each for each in written(asked) if "audit_auditevent" not in each]:
            continue
        with CaptureQueriesContext(connection) as asked:
            answer = client.post(form.action, second)
        said = answer.content.decode()
        changed = [each for each in written(asked) if "audit_auditevent" not in each]
        if changed:
            wrong.append(f"{where} was overwritten: {changed}")
        elif answer.status_code == 200 and "changed while you had it open" in said:
            told[form.name] += 1
            if any(each.tag == "textarea" for each in form.inputs) and "Second." not in said:
                wrong.append(f"{where} lost what was typed")
            if "saved something first at 10:00 on 13 June" not in said and "A colleague" not in said:
                wrong.append(f"{where} does not say when")
        elif answer.status_code < 400 and any(each.tag == "textarea" for each in form.inputs):
            if form.name in SAME:
                continue
            # Without words of one's own the second said what the first had said.
            wrong.append(f"{where} says nothing of the change: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert set(told) >= EDITS, (told, EDITS - set(told))
