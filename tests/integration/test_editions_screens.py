"""The screens of editions and of the release queue, over a real database and a small borough's real figures."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import editions_support as support
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from editions_home import SHORT
from editions_support import later

from concord.desk.accounts import queries as accounts
from concord.desk.audit import queries as audit
from concord.desk.editions import queries
from concord.evidence.disclosure import queue
from concord.jobs import editions as work

pytestmark = pytest.mark.django_db

MOST_QUERIES = 30
BRACKETS = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")
NOW = later(120)
CITES = "There were {{figure:bounds/bounds/in#count}}."


@pytest.fixture
def place(short_borough, settings, tmp_path) -> Iterator[Path]:
    home, folder = short_borough
    here = tmp_path / "home"
    shutil.copytree(home, here)
    settings.CONCORD_HOME, settings.CONCORD_PARTNERSHIP = here, folder
    with time_machine.travel(NOW, tick=False):
        yield here


@pytest.fixture
def people(place):
    return support.cast()


def signed_in(username: str) -> Client:
    client = Client(headers={"host": "localhost"})
    assert client.post("/sign-in/", {"person": username}).status_code == 302
    return client


def text(answer) -> str:
    """What a reader sees, without markup."""
    page = re.sub(r"(?s)<(script|style|svg).*?</\1>", " ", answer.content.decode())
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def hidden(answer, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', answer.content.decode())
    assert found, name
    return html.unescape(found[1])


def begin(client: Client) -> UUID:
    answer = client.post(f"/editions/new/?publication={SHORT}", {"name": "2026"})
    assert answer.status_code == 302, text(answer)
    return UUID(answer.headers["Location"].rstrip("/").rpartition("/")[2])


def make(people, place, edition_id, at=NOW) -> None:
    work.make_figures(
        place, accounts.partnership(), viewer=people["analyst"], edition_id=edition_id, clock=lambda: at,
        say=support.quiet,
    )  # fmt: skip


def test_the_whole_way_by_the_screens(people, place, monkeypatch):
    started = []
    monkeypatch.setattr(work, "start", lambda home, folder, edition, username: started.append((edition, username)))
    analyst, approver = signed_in("analyst"), signed_in("approver")
    edition_id = begin(analyst)
    home = f"/editions/{edition_id}/"
    assert "Make the figures: each is worked out" in text(analyst.get(home))
    assert analyst.post(f"{home}figures/").status_code == 302
    assert started == [(edition_id, "analyst")]
    make(people, place, edition_id)

    # A number typed by hand is refused, in words, with what to cite; what was typed stays.
    section = f"{home}sections/how_much/"
    page = analyst.get(section)
    words = re.search(r"bounds/bounds/in#count\s+([\d,]+)", text(page))
    assert words, text(page)
    base = hidden(page, "base")
    refused = analyst.post(section, {"text": f"There were {words[1]} of them.", "base": base})
    assert refused.status_code == 200
    assert f"“{words[1]}” is typed by hand" in text(refused) and "Cite it as {{figure:" in text(refused)
    assert f"There were {words[1]} of them." in refused.content.decode()
    checked = analyst.post(section, {"text": CITES, "base": base, "check": "1"})
    assert "Nothing to put right" in text(checked) and "It is not saved yet." in text(checked)
    saved = analyst.post(section, {"text": CITES, "base": base})
    assert saved.status_code == 302
    stale = analyst.post(section, {"text": "Mine.", "base": base})
    assert stale.status_code == 200 and "saved something first" in text(stale)
    assert CITES in text(stale) and "Mine." in text(stale)

    # A passage is kept back, with a ground and a reason; one decision a page.
    where = f"{home}sections/where/"
    page = analyst.get(where)
    secret = "The refuge on Quay Street opens its side door at dusk."
    analyst.post(where, {"text": f"Rates are per resident.\n\n{secret}\n", "base": hidden(page, "base")})
    going = analyst.get(f"{where}screen/")
    (one,) = re.findall(r'href="([^"]+passage:[^"]+)"[^>]*>Keep it back<[^>]*>: passage 2', going.content.decode())
    missing = analyst.post(one, {"decision": "safety", "reason": ""})
    assert "Give a reason" in text(missing)
    assert analyst.post(one, {"decision": "safety", "reason": "Somebody could be found."}).status_code == 302
    for key in ("how_much", "where"):
        screen = f"{home}sections/{key}/screen/"
        assert analyst.post(screen, {"digest": hidden(analyst.get(screen), "digest")}).status_code == 302

    # A comment holds it up until it is answered.
    assert signed_in("editor").post(f"{where}comment/", {"text": "Name the ward."}).status_code == 302
    assert analyst.post(f"{home}move/review/", {"version": hidden(analyst.get(home), "version")}).status_code == 302
    ask = analyst.get(f"{home}ask/")
    assert "Orla Whitcombe SYN’s comment on “Where it happens” is open." in text(ask)
    held = analyst.post(f"{home}ask/", {"reason": "Annual.", "version": hidden(ask, "version")})
    assert "is not ready to be settled" in text(held) and "Annual." in held.content.decode()
    (answer,) = set(re.findall(rf"{home}comments/[0-9a-f-]+/", analyst.get(where).content.decode()))
    assert (
        analyst.post(answer, {"answer": "Named.", "version": hidden(analyst.get(answer), "version")}).status_code == 302
    )
    asked = analyst.post(f"{home}ask/", {"reason": "Annual.", "version": hidden(analyst.get(f"{home}ask/"), "version")})
    assert asked.status_code == 302, text(asked)

    # The analyst cannot decide; the approver can, and sees what it cost and what the attacker found.
    assert analyst.get(f"{home}decide/").status_code == 404
    assert "so somebody else approves it" in text(analyst.get(home))
    decide = approver.get(f"{home}decide/")
    assert "No hidden cell can be worked out." in text(decide) or "There was nothing to find." in text(decide)
    assert "Somebody could be found." in text(decide)
    given = {"decision": "approve", "reason": "Read both.", "version": hidden(decide, "version")}
    assert approver.post(f"{home}decide/", given).status_code == 302
    publish = approver.get(f"{home}publish/")
    assert "Its readers: Anyone." in text(publish)
    assert approver.post(f"{home}publish/", {"version": hidden(publish, "version")}).status_code == 302

    # Everybody reads it, without the passage; the board reads the restricted edition, others find nothing there.
    visitor, board = Client(headers={"host": "localhost"}), signed_in("board")
    public = b"".join(visitor.get(f"/published/{SHORT}/").streaming_content).decode()
    assert words[1] in public and "Quay Street" not in public
    paper = f"/papers/board/{SHORT}/index.html"
    assert "Quay Street" in b"".join(board.get(paper).streaming_content).decode()
    assert text(visitor.get("/published/")).count("Short assessment, 2026") == 1
    (read,) = audit.who_looked(people["dpo"], "paper", f"board/{SHORT}/index.html", at=NOW)
    assert (read.username, read.action) == ("board", "paper.read")
    assert "Members of the partnership" in text(board.get("/published/"))
    for other in (visitor, signed_in("mash"), signed_in("dpo")):
        assert other.get(paper).status_code == 404
        assert "Members of the partnership" not in text(other.get("/published/"))
    same = approver.post(f"{home}again/")
    assert "It comes out the same" in text(same)
    actions = [each.action for each in audit.who_looked(people["dpo"], "edition", edition_id, at=NOW)]
    assert {"edition.publish", "edition.approve", "edition.ask", "edition.keep_back", "edition.write"} <= set(actions)


def test_one_release_by_itself_is_decided_by_the_other_person(people, place):
    edition_id = begin(signed_in("analyst"))
    make(people, place, edition_id)
    first, second = queue.pending(place)[:2]
    analyst, approver = signed_in("analyst"), signed_in("approver")
    listed = text(analyst.get("/releases/"))
    assert "Short assessment, 2026" in listed and "asked for by Yusuf Lindqvist SYN" in listed
    own = analyst.get(f"/releases/{first.id}/")
    assert "Withdraw it" in text(own) and "Approve it" not in text(own)
    assert analyst.post(f"/releases/{first.id}/", {"decision": "approve", "reason": "Mine."}).status_code == 200
    assert queue.get(place, first.id).state == "pending"
    page = approver.get(f"/releases/{first.id}/")
    for words in ("What the attacker found", "Suppressed, and what it cost", "Past releases it touches"):
        assert words in text(page)
    empty = approver.post(f"/releases/{first.id}/", {"decision": "change", "reason": " "})
    assert "Give a reason" in text(empty)
    given = {"decision": "change", "reason": "By ward, not by neighbourhood."}
    assert approver.post(f"/releases/{first.id}/", given).status_code == 302
    decided = queue.get(place, first.id)
    assert (decided.state, decided.decision) == ("refused", "To be changed: By ward, not by neighbourhood.")
    assert approver.post(f"/releases/{second.id}/", {"decision": "approve", "reason": "Fine."}).status_code == 302
    assert queue.get(place, second.id).state == "approved"
    again = approver.post(f"/releases/{second.id}/", {"decision": "refuse", "reason": "No."})
    assert again.status_code == 404
    seen = audit.who_looked(people["dpo"], "release", second.id, at=NOW)
    assert [each.action for each in seen] == ["release.approve"]
    code = decided.release.tables[0].code
    assert approver.get(f"/figures/{code}/").status_code == 404, "what was refused has no page"
    shown = approver.get(f"/figures/{queue.get(place, second.id).release.tables[0].code}/")
    assert shown.status_code == 200 and 'role="img"' in shown.content.decode()


def test_a_changed_figure_is_looked_at_on_its_own_page(people, place):
    analyst = signed_in("analyst")
    edition_id = begin(analyst)
    make(people, place, edition_id)
    page = queries.edition(people["analyst"], edition_id, at=NOW)
    block = page.blocks["how_much"]
    from concord.desk.editions import operations
    from concord.desk.editions.rules import Cited

    was = Cited(block.cited[0].citation, block.cited[0].code, "9,999")
    operations.write(
        viewer=people["analyst"], edition_id=edition_id, section="how_much", text=block.text + "\n", base=block.number,
        cited=[was], at=NOW,
    )  # fmt: skip
    home = f"/editions/{edition_id}/"
    assert "A figure changed" in text(analyst.get(home))
    look = f"{home}sections/how_much/look/?figure={was.citation.replace('#', '%23')}"
    page = analyst.get(look)
    assert "When it was written 9,999" in text(page) and "I have read it again and it holds" in text(page)
    assert analyst.post(look, {"words": "another"}).status_code == 200
    assert analyst.post(look, {"words": hidden(page, "words")}).status_code == 302
    assert "A figure changed" not in text(analyst.get(home))


def test_no_page_asks_the_database_too_much(people, place):
    analyst = signed_in("analyst")
    edition_id = begin(analyst)
    make(people, place, edition_id)
    home = f"/editions/{edition_id}/"
    counted = {}
    pages = (
        "/editions/", "/editions/new/", home, f"{home}sections/how_much/", f"{home}sections/how_much/versions/",
        f"{home}sections/where/screen/", f"{home}ask/", "/releases/", f"/releases/{queue.pending(place)[0].id}/",
        "/published/", "/today/",
    )  # fmt: skip
    for page in pages:
        with CaptureQueriesContext(connection) as asked:
            answer = analyst.get(page)
        assert answer.status_code == 200, page
        counted[page] = sum(not each["sql"].startswith(BRACKETS) for each in asked.captured_queries)
    assert {page: count for page, count in counted.items() if count > MOST_QUERIES} == {}


NOT_THEIRS = {
    "board": ("/editions/", "/editions/new/", "home", "section", "/releases/", "preview"),
    "mash": ("/editions/", "home", "preview", "/releases/"),
    "dpo": ("/editions/", "home", "/releases/"),
    "editor": ("/editions/new/", "/releases/", "decide"),
    "approver": ("/editions/new/", "ask"),
    "analyst": ("decide",),
}


def test_a_page_that_is_not_for_a_role_is_not_there(people, place):
    edition_id = begin(signed_in("analyst"))
    home = f"/editions/{edition_id}/"
    named = {
        "home": home,
        "section": f"{home}sections/where/",
        "preview": f"{home}preview/public/",
        "decide": f"{home}decide/",
        "ask": f"{home}ask/",
    }
    for username, pages in NOT_THEIRS.items():
        client = signed_in(username)
        for page in pages:
            assert client.get(named.get(page, page)).status_code == 404, (username, page)


def test_a_preview_serves_nothing_but_its_own_files(people, place):
    analyst = signed_in("analyst")
    edition_id = begin(analyst)
    home = f"/editions/{edition_id}/preview/"
    assert analyst.get(f"{home}public/").status_code == 404, "there are no figures yet"
    make(people, place, edition_id)
    first = analyst.get(f"{home}public/", follow=True)
    assert first.status_code == 200 and b"<h1>Short assessment" in b"".join(first.streaming_content)
    for address in ("../../../releases/ledger.jsonl", "%2e%2e/%2e%2e/draft", "index.html/../../x", "nothing.html"):
        assert analyst.get(f"{home}public/{address}").status_code == 404, address
    assert analyst.get(f"{home}secret/index.html").status_code == 404


def test_what_is_typed_never_becomes_markup(people, place):
    analyst = signed_in("analyst")
    edition_id = begin(analyst)
    make(people, place, edition_id)
    section = f"/editions/{edition_id}/sections/where/"
    page = analyst.get(section)
    bad = "<script>alert()</script> [x](javascript:alert())"
    assert analyst.post(section, {"text": bad, "base": hidden(page, "base")}).status_code == 302
    assert analyst.post(f"{section}comment/", {"text": bad}).status_code == 302
    shown = analyst.get(section).content.decode()
    assert "<script>alert" not in shown
    out = work.preview(
        place, accounts.partnership(), queries.edition(people["analyst"], edition_id, at=NOW), "public", lambda: NOW
    )
    made = (out / SHORT / "index.html").read_text("utf-8")
    assert "<script" not in made and 'href="javascript' not in made
