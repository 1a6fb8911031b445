"""A few counts typed into a form made from the contract: a file like any other, with its checks and its receipt."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import desk_story as story
import duckdb
import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pydantic import TypeAdapter, ValidationError

from concord.desk.audit import queries as audit
from concord.desk.sharing import queries as sharing
from concord.evidence import extracts
from concord.evidence.datasets.store import Store
from concord.jobs import uploads as job
from concord.kernel.periods import Period
from concord.strategy.shapes.feed import SHAPE
from concord.web.feeds import sending, typing
from concord.web.shared import partnership

pytestmark = pytest.mark.django_db
FEED, PAGE = "iris_returns", "/feeds/iris_returns/type/"
COUNTS = {"period": "2026-Q1", "0-numerator": "41", "0-denominator": "19"}


@pytest.fixture
def home(tmp_path, settings):
    settings.CONCORD_HOME = tmp_path
    return tmp_path


@pytest.fixture
def cast(home, monkeypatch):
    """Everybody, on a fixed day; an upload's work is done at once, in this process."""
    made = story.people()
    monkeypatch.setattr(sending, "start", lambda upload: job.run(home, partnership.current(), upload.id, timezone.now))
    with time_machine.travel(story.NOW, tick=False):
        yield made


def signed_in(username):
    client = Client(headers={"host": "localhost"})
    assert client.post("/sign-in/", {"person": username}).status_code == 302
    return client


def plain(page):
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def sent(client, **said):
    answer = client.post(PAGE, COUNTS | {key.replace("of_", "0-"): value for key, value in said.items()})
    return plain(client.get(answer.headers["location"]).content.decode()) if answer.status_code == 302 else answer


def rows(folder: Path) -> list[tuple[object, ...]]:
    columns = "measure, from_day, to_day, breakdown, category, numerator, denominator"
    return duckdb.sql(f"SELECT {columns} FROM {Store(folder).latest(FEED).scan}").fetchall()


def test_what_is_typed_is_received_like_a_file_with_its_receipt_and_its_line_in_the_trail(cast, home):
    client = signed_in("supplier")
    page = plain(client.get(PAGE).content.decode())
    for words in (
        "Referrals from trained practices",
        "1 January 2026 to 31 March 2026",
        "Count the 12 months to the end",
    ):
        assert words in page
    assert "1 April 2026" not in page, "a period that is not over is not counted"
    told = sent(client)
    assert "1 row taken" in told and "iris_returns_2026-Q1.csv" in told
    line = ("iris_referrals", date(2025, 4, 1), date(2026, 3, 31), "all", None, 41, 19.0)
    assert rows(home) == [line]
    (receipt,) = extracts.receipts(home, FEED)
    assert receipt.status == "loaded" and receipt.file == "iris_returns_2026-Q1.csv"
    trail = [each.action for each in audit.recent(cast["dpo"], at=typing.timezone.now()) if each.object_id == FEED]
    assert {"feed.send", "feed.received"} & set(trail) and "feed.send" in trail
    # Typed again it takes the place of what was typed before; another quarter stands beside it.
    assert "took the place of 1" in sent(client, of_numerator="43")
    sent(client, period="2025-Q4", of_numerator="40")
    assert sorted(row[5] for row in rows(home)) == [40, 43]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"period": ""}, "Choose the period"),
        ({"period": "2026-Q2"}, "Choose one of the answers on this page"),
        ({"of_numerator": ""}, "Enter “Referrals from trained practices”"),
    ],
)
def test_a_form_that_says_too_little_keeps_what_was_typed(cast, home, said, words):
    answer = sent(signed_in("supplier"), **{"of_denominator": "27", **said})
    page = answer.content.decode()
    assert answer.status_code == 200 and words in page and 'value="27"' in page
    assert not extracts.receipts(home)


@pytest.mark.parametrize(("typed", "says"), [("-3", "numerator"), ("about 40", "numerator"), ("4.5", "numerator")])
def test_what_breaks_the_contract_is_set_aside_in_the_words_of_a_file(cast, home, typed, says):
    told = sent(signed_in("supplier"), of_numerator=typed)
    assert "set aside" in told and says in told and typed in told
    assert not Store(home).has("iris_returns") or rows(home) == []


def test_only_who_sends_the_feed_finds_the_form_and_only_where_the_contract_says_so(cast, home):
    for username in ("school", "mash", "dpo", "gp"):
        assert signed_in(username).get(PAGE).status_code == 404, username
    client = signed_in("supplier")
    assert client.get("/feeds/ed_assaults/type/").status_code == 404
    assert "Type the counts instead" in client.get("/feeds/iris_returns/send/").content.decode()
    assert "Type the counts instead" not in client.get("/feeds/ed_assaults/send/").content.decode()
    assert sharing.feeds(cast["supplier"])[FEED].send


def test_an_agreement_that_has_ended_refuses_what_is_typed(cast, home, monkeypatch):
    whole = partnership.current()
    ended = replace(whole.agreements["agency_returns"], expires_on=date(2026, 6, 1))
    changed = replace(whole, agreements={**whole.agreements, ended.key: ended})
    monkeypatch.setattr(partnership, "current", lambda: changed)
    client = signed_in("supplier")
    assert "Nothing can be sent now" in plain(client.get(PAGE).content.decode())
    answer = client.post(PAGE, COUNTS)
    assert answer.status_code == 403 and "expired on 1 June 2026" in answer.content.decode()
    assert not extracts.receipts(home) and not (home / "uploads").exists()


def test_several_lines_may_be_typed_and_one_that_is_left_empty_is_none():
    found = partnership.current().feeds[FEED]
    (table,) = found.tables.values()
    assert found.typed is not None
    asks = {"breakdown": "Group of", "category": "Group", **found.typed.asks}
    several = replace(found.typed, lines=3, asks=asks, fixed={"measure": "iris_referrals"}, months=None)
    said = {"0-numerator": "4", "0-breakdown": "all", "2-numerator": "1", "2-breakdown": "sex", "2-category": "women"}
    lines = typing.lines_of(several, table, Period.quarter(2026, 1), said)
    assert [(each["from_day"], each["breakdown"], each["category"], each["numerator"]) for each in lines] == [
        ("2026-01-01", "all", "", "4"),
        ("2026-01-01", "sex", "women", "1"),
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"data_class": "anonymised"}, "only counts of one table"),
        ({"typed": {"file": "x.csv", "asks": {"numerator": "n"}}}, "holds `{period}`"),
        ({"typed": {"file": "x_{period}.csv", "asks": {"numerater": "n"}}}, "names field `numerater`"),
        ({"typed": {"file": "x_{period}.csv", "asks": {"numerator": "n"}}}, "neither asks for `breakdown`"),
    ],
)
def test_a_contract_that_cannot_be_typed_is_refused_in_words(change, words):
    file = Path(__file__).resolve().parents[2] / "partnerships" / "national" / "feeds" / "iris_returns.toml"
    with pytest.raises(ValidationError, match=words.replace("{", r"\{")):
        TypeAdapter(SHAPE).validate_python(tomllib.loads(file.read_text(encoding="utf-8")) | change)
