"""The feeds' pages and the door for files, over a real database and real loads: who may, what is said, what is kept."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import desk_story as story
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from concord.desk.accounts import queries as accounts
from concord.desk.audit import queries as audit
from concord.evidence import extracts
from concord.evidence.datasets.store import Store
from concord.evidence.extracts import uploads
from concord.evidence.extracts.files import one_at_a_time
from concord.jobs import uploads as job
from concord.web.feeds import arriving, sending
from concord.web.shared import partnership

pytestmark = pytest.mark.django_db

NOW = story.NOW
HEADER = "site_code,arrived_at,assault_at,method,location_type,ward_code,age_band,sex"
FEED, PEOPLE = "ed_assaults", "crime_persons"
BRACKETS = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")


def assaults(*changes: str, rows: int = 30, month: str = "2026-04") -> bytes:
    """A file of the hospital: `changes` are rows put in place of the first ones."""
    plain = [f"SYN-ED-1,{month}-{n % 27 + 1:02d} 02:18,,body_part,street,SYN19,25-39,F" for n in range(rows)]
    return "\n".join([HEADER, *changes, *plain[len(changes) :]]).encode() + b"\n"


BAD_WARD = "SYN-ED-1,2026-04-02 02:18,,body_part,street,ZZ99,25-39,F"
BAD_METHOD = "SYN-ED-1,2026-04-02 02:18,,fist,street,SYN19,25-39,F"


@pytest.fixture
def home(tmp_path: Path, settings) -> Path:  # type: ignore[no-untyped-def]
    settings.CONCORD_HOME = tmp_path
    return tmp_path


@pytest.fixture
def cast(home: Path, monkeypatch) -> Iterator[dict[str, object]]:  # type: ignore[no-untyped-def]
    """Everybody, on a fixed day; an upload's work is done at once, in this process."""
    made = story.people()

    def start(upload: uploads.Upload) -> None:
        job.run(home, partnership.current(), upload.id, timezone.now)

    monkeypatch.setattr(sending, "start", start)
    with time_machine.travel(NOW, tick=False):
        yield made


def signed_in(username: str, **options: object) -> Client:
    client = Client(headers={"host": "localhost"}, **options)  # type: ignore[arg-type]
    assert client.post("/sign-in/", {"person": username}).status_code == 302
    return client


def send(client: Client, *files: tuple[str, bytes], feed: str = FEED):  # type: ignore[no-untyped-def]
    return client.post(
        f"/feeds/{feed}/send/", {"files": [SimpleUploadedFile(name, content) for name, content in files]}
    )


def result(client: Client, *files: tuple[str, bytes], feed: str = FEED) -> str:
    """What the sender reads once the files were received."""
    answer = send(client, *files, feed=feed)
    assert answer.status_code == 302, answer.content.decode()
    return plain(client.get(answer.headers["location"]).content.decode())


def plain(page: str) -> str:
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def everything(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


# --- who may


OPEN = ("analyst", "dpo", "supplier")
SENDERS = ("analyst", "supplier")
PAGES = ("", "contract/", "quality/", "versions/")


def test_each_role_finds_the_pages_it_may_and_no_others(cast: dict[str, object]) -> None:
    send(signed_in("analyst"), ("ed_assaults_2026-04.csv", assaults(BAD_WARD)))
    (receipt,) = extracts.receipts(Path(partnership_home()), FEED)
    answers: dict[str, set[str]] = {}
    for person in accounts.partnership().demo_people.person:  # type: ignore[union-attr]
        client = signed_in(person.username)
        tried = {
            "list": client.get("/feeds/"),
            "exchange": client.get("/feeds/exchange/"),
            "feed": client.get(f"/feeds/{FEED}/"),
            "people": client.get(f"/feeds/{PEOPLE}/"),
            "send": client.get(f"/feeds/{FEED}/send/"),
            "send people": client.get(f"/feeds/{PEOPLE}/send/"),
            "report": client.get(f"/feeds/{FEED}/reports/{receipt.id}.csv"),
            "post": send(client, ("ed_assaults_2026-04.csv", assaults())),
        }
        answers[person.username] = {name for name, answer in tried.items() if answer.status_code in (200, 302)}
        assert {answer.status_code for answer in tried.values()} <= {200, 302, 404}
    everybody = {name: found for name, found in answers.items() if found}
    assert everybody == {
        "analyst": {"list", "exchange", "feed", "people", "send", "send people", "report", "post"},
        "dpo": {"list", "exchange", "feed", "people"},
        "supplier": {"list", "exchange", "feed", "send", "report", "post"},
    }


def partnership_home() -> str:
    from django.conf import settings

    return str(settings.CONCORD_HOME)


@pytest.mark.parametrize("page", [*PAGES, "send/"])
def test_another_agencys_feed_and_no_feed_are_one_page(cast: dict[str, object], page: str) -> None:
    client = signed_in("supplier")
    answers = [client.get(f"/feeds/{key}/{page}") for key in (PEOPLE, "no_such_feed")]
    assert [answer.status_code for answer in answers] == [404, 404]
    bare = [re.sub(r'(csrfmiddlewaretoken|once)" value="[^"]+"', "", answer.content.decode()) for answer in answers]
    assert bare[0].replace(PEOPLE, "") == bare[1].replace("no_such_feed", "")


def test_a_supplier_sees_nothing_of_other_suppliers(cast: dict[str, object]) -> None:
    analyst = signed_in("analyst")
    send(analyst, ("suspensions_2026-04.csv", b"nothing that fits\n"), feed="suspensions")
    send(analyst, ("ed_assaults_2026-04.csv", assaults()))
    said = plain(signed_in("supplier").get("/feeds/").content.decode())
    assert "Assaults seen in the emergency department" in said and "ed_assaults_2026-04.csv" in said
    for other in ("Recorded crime", "Suspensions", "suspensions_2026-04.csv", "Police"):
        assert other not in said
    exchanged = plain(signed_in("supplier").get("/feeds/exchange/").content.decode())
    assert "Hospital admissions for assault" in exchanged and "Racial incidents" not in exchanged


def test_an_upload_is_followed_by_its_sender_the_analyst_and_nobody_else(cast: dict[str, object]) -> None:
    where = send(signed_in("supplier"), ("ed_assaults_2026-04.csv", assaults())).headers["location"]
    for username, status in (("supplier", 200), ("analyst", 200), ("dpo", 404), ("police", 404)):
        assert signed_in(username).get(where).status_code == status
    analysts = send(signed_in("analyst"), ("crime.csv", b"x\n"), feed="recorded_crime").headers["location"]
    assert signed_in("supplier").get(analysts).status_code == 404


def test_no_page_asks_the_database_too_much_nor_takes_long(cast: dict[str, object], home: Path) -> None:
    analyst = signed_in("analyst")
    for month in ("2026-02", "2026-03", "2026-04"):
        send(analyst, (f"ed_assaults_{month}.csv", assaults(rows=200, month=month)))
    for username in OPEN:
        client = signed_in(username)
        for page in ("/feeds/", "/feeds/exchange/", *(f"/feeds/{FEED}/{each}" for each in PAGES), "/today/"):
            client.get(page)
            started = time.perf_counter()
            with CaptureQueriesContext(connection) as asked:
                assert client.get(page).status_code == 200, (username, page)
            assert sum(not each["sql"].startswith(BRACKETS) for each in asked.captured_queries) <= 30
            assert time.perf_counter() - started < 1.5, page


# --- what is said


def test_a_file_is_received_explained_and_its_report_downloaded(cast: dict[str, object], home: Path) -> None:
    client = signed_in("supplier")
    said = result(client, ("ed_assaults_2026-04.csv", assaults(BAD_WARD, BAD_METHOD)))
    assert "30 rows received: 28 rows taken , 2 rows set aside" in said
    assert "“ward_code” does not have the form agreed." in said and "For example: ZZ99" in said
    assert "Use one of: body_part" in said and "send the whole file again" in said
    (receipt,) = extracts.receipts(home, FEED)
    table = client.get(f"/feeds/{FEED}/reports/{receipt.id}.csv")
    assert b"".join(table).decode().splitlines()[0] == "row,field,rule,value,problem,fix"  # type: ignore[arg-type]
    text = client.get(f"/feeds/{FEED}/reports/{receipt.id}.txt")
    assert text.headers["content-disposition"].startswith("attachment")
    assert b"Error report for the supplier" in b"".join(text)  # type: ignore[arg-type]
    assert Store(home).latest(FEED).rows == 28
    assert client.get(f"/feeds/{FEED}/reports/..%2fsecrets.csv").status_code == 404
    assert client.get(f"/feeds/{FEED}/reports/{'0' * 20}.csv").status_code == 404


def test_a_value_that_begins_like_a_formula_is_a_word_in_the_report(cast: dict[str, object], home: Path) -> None:
    """Whoever opens the report of another's file computes nothing that the other wrote."""
    client = signed_in("analyst")
    bad = BAD_WARD.replace("ZZ99", '"=HYPERLINK(""https://x.example"")"')
    result(client, ("ed_assaults_2026-04.csv", assaults(bad)))
    (receipt,) = extracts.receipts(home, FEED)
    table = b"".join(client.get(f"/feeds/{FEED}/reports/{receipt.id}.csv")).decode()  # type: ignore[arg-type]
    assert "'=HYPERLINK(" in table and ",=HYPERLINK(" not in table and ',"=HYPERLINK(' not in table


def test_the_trail_says_who_sent_what_and_who_took_a_report(cast: dict[str, object], home: Path) -> None:
    client = signed_in("supplier")
    result(client, ("Ann Surname 2026-04.csv", assaults(BAD_WARD)))
    (receipt,) = extracts.receipts(home, FEED)
    client.get(f"/feeds/{FEED}/reports/{receipt.id}.csv")
    client.get("/feeds/upload/")
    lines = [e for e in audit.recent(cast["dpo"], at=NOW) if e.object_type == "feed"]  # type: ignore[arg-type]
    assert sorted((e.action, e.operation, e.username) for e in lines) == [
        ("feed.received", "collection", "supplier"),
        ("feed.report", "disclosure", "supplier"),
        ("feed.send", "collection", "supplier"),
    ]
    sent = next(e for e in lines if e.action == "feed.send")
    assert sent.gateway == "cda_s17a" and sent.detail["sha256"] == [receipt.sha256]
    assert "Surname" not in str([e.detail for e in lines]), "a file's name may hold somebody's"


def test_the_same_file_again_changes_nothing_and_says_so(cast: dict[str, object], home: Path) -> None:
    client = signed_in("supplier")
    result(client, ("ed_assaults_2026-04.csv", assaults()))
    before = Store(home).latest(FEED).version
    assert "received before. Nothing was changed" in result(client, ("ed_assaults_2026-04.csv", assaults()))
    assert Store(home).latest(FEED).version == before


def test_a_restated_month_says_what_it_took_the_place_of(cast: dict[str, object], home: Path) -> None:
    client = signed_in("supplier")
    result(client, ("ed_assaults_2026-04.csv", assaults()))
    said = result(client, ("ed_assaults_2026-04.csv", assaults(rows=12)))
    assert "April 2026: 12 rows took the place of 30 (18 rows fewer)" in said
    versions = plain(client.get(f"/feeds/{FEED}/versions/").content.decode())
    assert "12 rows took the place of 30" in versions and "New: April 2026" in versions


def test_a_name_in_a_health_file_has_it_refused_whole_and_gone(cast: dict[str, object], home: Path) -> None:
    named = assaults().replace(HEADER.encode(), HEADER.encode() + b",patient_name").replace(b"\n", b",Zebedee Unique\n")
    said = result(signed_in("supplier"), ("ed_assaults_2026-04.csv", named))
    assert "was refused whole: it has the column “patient_name”" in said and "Nothing of the file was kept" in said
    assert b"Zebedee" not in everything(home)
    assert not Store(home).has(FEED)
    page = plain(signed_in("analyst").get("/feeds/").content.decode())
    assert "Last file refused" in page
    assert "Last file refused" in plain(signed_in("analyst").get("/today/").content.decode())
    lines = audit.recent(cast["dpo"], at=NOW)  # type: ignore[arg-type]
    refusal = next(e for e in lines if e.action == "feed.received")
    assert refusal.operation == "refusal" and "refused whole" in refusal.reason and refusal.outcome == "refused"


def test_a_refusal_stands_until_a_good_file_comes(cast: dict[str, object]) -> None:
    client = signed_in("supplier")
    with time_machine.travel(NOW - timedelta(minutes=10), tick=False):
        send(client, ("x.csv", b"other,headings\n1,2\n"))
    assert "Last file refused" in plain(client.get("/feeds/").content.decode())
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        send(client, ("ed_assaults_2026-04.csv", assaults()))
    page = plain(client.get("/feeds/").content.decode())
    assert "Last file refused" not in page.partition("Files, newest first")[0]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("notes.csv", b"%PDF-1.7 whatever", "is a PDF document"),
        ("photo.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "is a picture"),
        ("page.csv", b"<html><body>Sign in</body></html>", "a web page or XML"),
    ],
)
def test_what_a_file_is_decides_and_not_its_name(cast: dict[str, object], name: str, content: bytes, says: str) -> None:
    assert says in result(signed_in("supplier"), (name, content))


def test_several_files_are_each_told_of(cast: dict[str, object], home: Path) -> None:
    said = result(
        signed_in("supplier"),
        ("ed_assaults_2026-03.csv", assaults(month="2026-03")),
        ("ed_assaults_2026-04.csv", assaults(BAD_WARD)),
        ("wrong.csv", b"a,b\n1,2\n"),
    )
    assert said.count("Loaded") == 2 and "wrong.csv is no file of the feed" in said
    assert Store(home).latest(FEED).rows == 59


def test_files_are_told_by_what_they_are_among_those_one_may_send(cast: dict[str, object], home: Path) -> None:
    contacts = b"contact_ref,received_at,decided_at,due_at,rag,route,referrer_kind,age_band\n"
    contacts += b"C1,2026-04-02 10:00,,2026-04-03 10:00,red,assessment,school,10-17\n"
    files = [
        ("ed_assaults_2026-04.csv", assaults()),
        ("desk_contacts_2026-04.csv", contacts),
        ("odd.csv", b"a,b\n1,2\n"),
    ]

    def told(username: str) -> str:
        client = signed_in(username)
        given = {"files": [SimpleUploadedFile(*each) for each in files]}
        where = client.post("/feeds/upload/any/", given).headers["location"]
        return plain(client.get(where).content.decode())

    theirs = told("supplier")
    assert theirs.count("Loaded") == 1 and theirs.count("Refused") == 2
    assert not Store(home).has("desk_contacts"), "another agency's file is no file of theirs"
    every = told("analyst")
    assert "Contacts decided at the desk" in every and "Received before" in every
    assert "odd.csv is no file of any feed of this partnership" in every
    assert Store(home).latest("desk_contacts").rows == 1
    lines = [e for e in audit.recent(cast["dpo"], at=NOW) if e.action == "feed.send"]  # type: ignore[arg-type]
    assert {e.object_id for e in lines} == {"any"}


def test_a_name_in_a_health_file_is_refused_whole_whoever_names_the_feed(cast: dict[str, object], home: Path) -> None:
    named = (
        assaults().replace(HEADER.encode(), HEADER.encode() + b",surname").replace(b"25-39,F\n", b"25-39,F,Zebedee\n")
    )
    client = signed_in("analyst")
    file = SimpleUploadedFile("ed_assaults_2026-04.csv", named)
    where = client.post("/feeds/upload/any/", {"files": [file]}).headers["location"]
    assert "was refused whole: it has the column “surname”" in plain(client.get(where).content.decode())
    assert b"Zebedee" not in everything(home)


def test_a_damaged_dataset_hides_neither_the_feed_nor_what_to_do(cast: dict[str, object], home: Path) -> None:
    client = signed_in("analyst")
    result(client, ("ed_assaults_2026-04.csv", assaults()))
    (part,) = (home / "datasets" / FEED / "parts").glob("*.parquet")
    part.unlink()
    assert client.get(f"/feeds/{FEED}/").status_code == 200
    answer = client.get(f"/feeds/{FEED}/quality/")
    assert answer.status_code == 400 and "Restore it from a backup" in plain(answer.content.decode())


# --- what is refused before it is read


def test_an_agreement_that_has_ended_refuses_before_the_file_is_read(
    cast: dict[str, object], home: Path, monkeypatch
) -> None:  # type: ignore[no-untyped-def]
    whole = partnership.current()
    ended = replace(whole.agreements["emergency_department_assaults"], expires_on=date(2026, 6, 1))
    without = replace(whole, agreements={**whole.agreements, ended.key: ended})
    monkeypatch.setattr(partnership, "current", lambda: without)
    client = signed_in("supplier")
    page = plain(client.get(f"/feeds/{FEED}/send/").content.decode())
    assert "Nothing can be sent now" in page and "expired on 1 June 2026" in page
    answer = send(client, ("ed_assaults_2026-04.csv", assaults(BAD_WARD)))
    assert answer.status_code == 403 and "Renew the agreement" in answer.content.decode()
    assert b"ZZ99" not in everything(home) and not (home / "uploads").exists()
    lines = audit.recent(cast["dpo"], at=NOW)  # type: ignore[arg-type]
    assert [(e.action, e.outcome) for e in lines if e.object_type == "feed"] == [("feed.send", "refused")]


def test_without_its_token_a_form_sends_nothing(cast: dict[str, object], home: Path) -> None:
    client = signed_in("supplier", enforce_csrf_checks=False)
    client.handler.enforce_csrf_checks = True
    answer = send(client, ("ed_assaults_2026-04.csv", assaults(BAD_WARD)))
    assert answer.status_code == 403
    assert b"ZZ99" not in everything(home) and not extracts.receipts(home)


@pytest.mark.parametrize(
    ("limit", "value", "files", "says"),
    [
        ("LARGEST", 500, [("a.csv", assaults())], "larger than"),
        ("MOST_FILES", 1, [("a.csv", assaults()), ("b.csv", assaults())], "at most 1 file"),
        ("MOST_FILES", 20, [], "Choose at least one file"),
        ("MOST_FILES", 20, [("a.csv", b"")], "The file is empty"),
    ],
)
def test_a_form_that_cannot_be_taken_says_why_and_keeps_nothing(  # type: ignore[no-untyped-def]
    cast, home: Path, monkeypatch, limit: str, value: int, files: list[tuple[str, bytes]], says: str
) -> None:
    monkeypatch.setattr(arriving, limit, value)
    monkeypatch.setattr(sending, limit, value)
    page = send(signed_in("supplier"), *files).content.decode()
    assert says in plain(page) and "There is a problem" in page and "<title>Error: " in page
    assert not list((home / "uploads").glob("*"))


def test_a_full_disk_is_said_and_leaves_nothing(cast: dict[str, object], home: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    real = os.fdopen

    class Full:
        def __init__(self, handle: int) -> None:
            self.stream = real(handle, "wb")

        def write(self, _content: bytes) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self) -> None:
            self.stream.close()

    monkeypatch.setattr(arriving.os, "fdopen", lambda handle, _mode: Full(handle))
    client = signed_in("supplier")
    answer = send(client, ("ed_assaults_2026-04.csv", assaults()))
    assert answer.status_code == 400 and "The disk is full" in plain(answer.content.decode())
    assert not list((home / "uploads").glob("*"))


def test_nobody_fills_the_server_with_work(cast: dict[str, object], home: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(sending, "start", lambda _upload: None)
    client = signed_in("supplier")
    codes = [send(client, (f"{n}.csv", assaults())).status_code for n in range(4)]
    assert codes == [302, 302, 302, 200]
    assert "3 of your uploads are still being checked" in plain(send(client, ("5.csv", assaults())).content.decode())
    assert send(signed_in("analyst"), ("6.csv", assaults())).status_code == 302


# --- what only some may know


def test_shares_of_few_rows_are_for_those_who_see_rows(cast: dict[str, object]) -> None:
    rows = ["SYN-ED-1,2026-04-02 02:18,,not_known,street,,25-39,F"] * 3
    send(signed_in("analyst"), ("ed_assaults_2026-04.csv", assaults(*rows, rows=12)))
    analyst, dpo = (signed_in(name).get(f"/feeds/{FEED}/quality/").content.decode() for name in ("analyst", "dpo"))
    assert "75.0%" in plain(analyst) and "withheld" not in plain(analyst)
    chance = "By chance 1.7% would be."
    assert "withheld: few rows" in plain(dpo) and "%" not in plain(dpo).replace(chance, "")
    assert "Shares of fewer than 20 rows are withheld" in plain(dpo)


def test_the_data_protection_officer_sees_no_report(cast: dict[str, object], home: Path) -> None:
    send(signed_in("analyst"), ("ed_assaults_2026-04.csv", assaults(BAD_WARD)))
    (receipt,) = extracts.receipts(home, FEED)
    dpo = signed_in("dpo")
    for page in ("/feeds/", f"/feeds/{FEED}/", f"/feeds/{FEED}/quality/"):
        said = dpo.get(page).content.decode()
        assert "/reports/" not in said and "ZZ99" not in said
    assert dpo.get(f"/feeds/{FEED}/reports/{receipt.id}.csv").status_code == 404


def test_the_supplier_filter_is_kept_in_the_address(cast: dict[str, object]) -> None:
    client = signed_in("analyst")
    page = client.get("/feeds/?from=acute_trust").content.decode()
    assert 'value="acute_trust" selected' in page and "Assaults seen" in plain(page)
    assert "Suspensions from school" not in plain(page)
    assert "Suspensions from school" in plain(client.get("/feeds/?from=nobody").content.decode())


def test_a_supplier_of_several_feeds_is_asked_which(cast: dict[str, object]) -> None:
    client = signed_in("supplier")
    page = client.get("/feeds/upload/")
    assert "Which feed do you send?" in page.content.decode() and "Recorded crime" not in plain(page.content.decode())
    assert "Choose a feed" in client.get("/feeds/upload/?asked=1").content.decode()
    assert client.get(f"/feeds/upload/?feed={FEED}").headers["location"] == f"/feeds/{FEED}/send/"
    assert client.get(f"/feeds/upload/?feed={PEOPLE}").status_code == 200, "not theirs: asked again"


def test_my_day_marks_what_is_new_since_the_last_visit(cast: dict[str, object]) -> None:
    signed_in("analyst")
    later = NOW + timedelta(days=1)
    with time_machine.travel(later, tick=False):
        send(signed_in("supplier"), ("x.csv", b"other,headings\n1,2\n"))
    with time_machine.travel(later + timedelta(hours=1), tick=False):
        first = plain(signed_in("analyst").get("/today/").content.decode())
        assert "Feeds that need somebody 1 new" in first and "Last file refused New" in first
        signed_in("analyst").post("/today/seen/", {"until": (later + timedelta(minutes=50)).isoformat()})
    with time_machine.travel(later + timedelta(hours=2), tick=False):
        assert "1 new" not in plain(signed_in("analyst").get("/today/").content.decode())


# --- real processes


def test_two_people_at_once_and_a_worker_that_is_killed(cast: dict[str, object], home: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """The work is done by processes that take turns; one that is killed leaves all as it was, and says so."""
    started: list[uploads.Upload] = []
    monkeypatch.setattr(sending, "start", started.append)
    client = signed_in("supplier")
    for month in ("2026-02", "2026-03", "2026-04"):
        send(client, (f"ed_assaults_{month}.csv", assaults(month=month)))
    folder = str(partnership.current().folder)
    command = [sys.executable, "-m", "concord.jobs.uploads", str(home), folder]
    with one_at_a_time(home / "receipts" / ".lock"):
        workers = [subprocess.Popen([*command, each.id]) for each in started]
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = [uploads.find(home, each.id, now=NOW) for each in started]
            if all(each is not None and "Another load is under way" in each.said for each in found):
                break
            time.sleep(0.1)
        else:
            raise AssertionError(f"the workers did not come to wait their turn: {found}")
        page = client.get(f"/feeds/sent/{started[0].id}/").content.decode()
        assert "Another load is under way" in page and "data-poll" in page and 'http-equiv="refresh"' in page
        os.kill(workers[0].pid, signal.SIGKILL)
        workers[0].wait()
    assert [worker.wait(60) for worker in workers[1:]] == [0, 0]
    killed, *done = [uploads.find(home, each.id, now=NOW) for each in started]
    assert killed is not None and killed.state == "stopped"
    assert [each.state for each in done if each] == ["done", "done"]
    assert {part.partition for part in Store(home).latest(FEED).manifest.parts} == {"month=2026-03", "month=2026-04"}
    said = plain(client.get(f"/feeds/sent/{started[0].id}/").content.decode())
    assert "The work stopped before it was finished" in said and "Send the files again" in said
    assert not list((home / "uploads").glob("*/files"))
