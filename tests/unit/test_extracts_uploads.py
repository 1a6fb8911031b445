"""An upload on its way: one worker, an end in every case, and nothing of what was sent left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import timedelta
from pathlib import Path

import pytest
from load_support import NOW

from concord.evidence.extracts import uploads
from concord.evidence.extracts.uploads import Became, Sent, Upload
from concord.kernel.errors import Refused


def sent(home: Path, *contents: bytes) -> Upload:
    folder = uploads.arriving(home)
    files = []
    for number, content in enumerate(contents):
        place = folder / "files" / str(number)
        place.mkdir(parents=True)
        (place / "same.csv").write_bytes(content)
        files.append(Sent("same.csv", len(content), "0" * 64))
    return uploads.begin(
        home, folder, files, feed="f", feeds=("f",), sender="ann", sender_name="Ann SYN", agency="a", at=NOW
    )


def everything(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_the_worker_is_given_every_file_in_the_order_sent_and_they_are_gone_afterwards(tmp_path: Path) -> None:
    upload = sent(tmp_path, *[f"Zebedee {n}".encode() for n in range(11)])
    assert uploads.find(tmp_path, upload.id, now=NOW) == upload and upload.state == "waiting"
    said = []

    def receive(_upload, paths, say):  # type: ignore[no-untyped-def]
        say("halfway")
        said.append(uploads.find(tmp_path, upload.id, now=NOW + timedelta(days=1)).said)
        assert [path.read_text() for path in paths] == [f"Zebedee {n}" for n in range(11)]
        return [Became("same.csv", "f", "loaded", 1, 1)]

    done = uploads.work(tmp_path, upload.id, receive)
    assert said == ["halfway"] and done is not None and done.state == "done"
    assert uploads.find(tmp_path, upload.id, now=NOW) == done and done.became[0].accepted == 1
    assert b"Zebedee" not in everything(tmp_path)
    assert uploads.work(tmp_path, upload.id, receive) is None, "the work is done once"
    assert [each.id for each in uploads.uploads(tmp_path, now=NOW)] == [upload.id]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (Refused("The agreement ended.", why="On 1 May.", next_step="Renew it."), "The agreement ended."),
        (RuntimeError("a bug"), "Something went wrong in Concord, not in your files."),
    ],
)
def test_trouble_ends_the_work_in_words_and_leaves_no_file(tmp_path: Path, error: Exception, says: str) -> None:
    upload = sent(tmp_path, b"Zebedee")

    def receive(*_arguments):  # type: ignore[no-untyped-def]
        raise error

    if isinstance(error, Refused):
        uploads.work(tmp_path, upload.id, receive)
    else:
        with pytest.raises(RuntimeError):
            uploads.work(tmp_path, upload.id, receive)
    found = uploads.find(tmp_path, upload.id, now=NOW)
    assert found is not None and found.state == "stopped" and found.trouble["what"] == says
    assert found.trouble["next"] and b"Zebedee" not in everything(tmp_path)


WORKER = """
    import sys, time
    from pathlib import Path
    from concord.evidence.extracts import uploads

    def receive(upload, paths, say):
        say("begun")
        print("begun", flush=True)
        time.sleep(60)

    uploads.work(Path(sys.argv[1]), sys.argv[2], receive)
"""


def test_a_worker_that_is_killed_leaves_an_upload_that_says_so(tmp_path: Path) -> None:
    upload = sent(tmp_path, b"Zebedee")
    worker = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WORKER), str(tmp_path), upload.id], stdout=subprocess.PIPE
    )
    assert worker.stdout is not None and worker.stdout.readline() == b"begun\n"
    later = NOW + timedelta(hours=1)
    found = uploads.find(tmp_path, upload.id, now=later)
    assert found is not None and found.state == "working", "as long as the worker lives, it is working"
    assert uploads.work(tmp_path, upload.id, lambda *_: []) is None, "and nobody else is"
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    found = uploads.find(tmp_path, upload.id, now=later)
    assert found is not None and found.state == "stopped"
    assert "Nothing is half loaded" in found.trouble["why"] and b"Zebedee" not in everything(tmp_path)


def test_an_upload_that_nobody_begins_is_stopped_after_a_while_and_not_before(tmp_path: Path) -> None:
    upload = sent(tmp_path, b"Zebedee")
    soon, late = NOW + uploads.GRACE / 2, NOW + uploads.GRACE * 2
    assert uploads.find(tmp_path, upload.id, now=soon).state == "waiting"  # type: ignore[union-attr]
    assert uploads.find(tmp_path, upload.id, now=late).state == "stopped"  # type: ignore[union-attr]


def test_files_that_never_finished_arriving_are_swept_by_the_next(tmp_path: Path) -> None:
    left = uploads.arriving(tmp_path)
    (left / "half").write_text("Zebedee")
    uploads.arriving(tmp_path)
    assert left.is_dir(), "it may still be arriving"
    long_ago = time.time() - uploads.ABANDONED - 1
    os.utime(left, (long_ago, long_ago))
    uploads.arriving(tmp_path)
    assert not left.exists()


def test_what_is_long_past_is_removed(tmp_path: Path) -> None:
    old, new = sent(tmp_path, b"x"), sent(tmp_path, b"y")
    long_ago = time.time() - uploads.KEPT - 1
    os.utime(tmp_path / "uploads" / old.id, (long_ago, long_ago))
    uploads.arriving(tmp_path)
    assert [each.id for each in uploads.uploads(tmp_path, now=NOW)] == [new.id]


def test_the_end_is_told_once(tmp_path: Path) -> None:
    upload = sent(tmp_path, b"x")
    assert [uploads.told_once(tmp_path, upload.id) for _ in range(3)] == [True, False, False]


def test_only_the_owner_of_the_home_may_look(tmp_path: Path) -> None:
    upload = sent(tmp_path, b"x")
    assert (tmp_path / "uploads").stat().st_mode & 0o077 == 0
    assert (tmp_path / "uploads" / upload.id).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("identity", ["", "..", "../receipts", "20261122T093000-zz", "x" * 200, ".arriving-00"])
def test_an_address_reaches_nothing_but_an_upload(tmp_path: Path, identity: str) -> None:
    sent(tmp_path, b"x")
    assert uploads.find(tmp_path, identity, now=NOW) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("crime_2026-10.csv", "crime_2026-10.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Ann\\May.csv", "May.csv"),
        (".hidden.csv", "hidden.csv"),
        ("a\nb\0c.csv", "a_b_c.csv"),
        ("", "unnamed"),
        ("x" * 300 + ".xlsx", "x" * 108 + ".xlsx"),
        ("/", "unnamed"),
    ],
)
def test_a_name_is_made_fit_for_a_disk(given: str, kept: str) -> None:
    assert uploads.safe_name(given) == kept
