"""`concord publish`: the steps of the screens by one command, in the names of two accounts."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import editions_support as support
import pytest
import time_machine
from click.testing import CliRunner, Result
from editions_home import SHORT
from editions_support import later

from concord.cli.commands import publish
from concord.desk.audit import queries as audit
from concord.desk.editions import operations, queries
from concord.desk.editions.rules import Cited, NotReady
from concord.evidence.disclosure import queue
from concord.kernel.errors import Refused, Usage

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(short_borough, settings, tmp_path, monkeypatch) -> Iterator[Path]:
    home, folder = short_borough
    here = tmp_path / "home"
    shutil.copytree(home, here)
    settings.CONCORD_HOME, settings.CONCORD_PARTNERSHIP = here, folder
    # The test's own database stands in for the one the command would open.
    monkeypatch.setattr(publish, "_database", lambda home, partnership: nullcontext())
    with time_machine.travel(later(30), tick=False):
        yield here


@pytest.fixture
def people(place):
    return support.cast()


def run(place: Path, settings, *arguments: str) -> Result:
    given = ["--home", str(place), "--partnership", str(settings.CONCORD_PARTNERSHIP), *arguments]
    return CliRunner().invoke(publish.command, [SHORT, *given], standalone_mode=False)


WHO = ("--requested-by", "analyst", "--approved-by", "Carol Bexley SYN")


def test_what_is_missing_is_listed_and_nothing_is_settled(people, place, settings):
    found = run(place, settings, "--edition", "2026", "--check", "--requested-by", "analyst")
    assert found.exception is None and found.return_value == 1
    assert "Short assessment, 2026: being written." in found.output
    assert found.output.count("Nobody has gone through") == 2
    with pytest.raises(NotReady):
        raise run(place, settings, "--edition", "2026", *WHO).exception
    (edition,) = queries.editions(people["analyst"], at=later(31))
    assert edition.state == "drafting"


def test_two_people_and_one_command(people, place, settings):
    found = run(place, settings, "--edition", "2026", "--nothing-to-keep-back", "--json", *WHO)
    assert found.exception is None, found.exception
    told = json.loads(found.output)
    assert (told["state"], told["asked_by"], told["approved_by"]) == (
        "published", "Yusuf Lindqvist SYN", "Carol Bexley SYN",
    )  # fmt: skip
    assert (place / "site" / SHORT / "index.html").is_file()
    actions = [each.action for each in audit.who_looked(people["dpo"], "edition", told["edition"], at=later(31))]
    steps = ("begin", "figures", "screen", "review", "ask", "approve", "publish")
    assert {f"edition.{step}" for step in steps} <= set(actions)
    again = run(place, settings, "--edition", "2026", "--again", "--requested-by", "analyst")
    assert again.return_value == 0 and "files alike to the byte" in again.output
    once_more = run(place, settings, "--edition", "2026", *WHO)
    assert once_more.return_value == 0 and "2026: published." in once_more.output


def test_submitted_by_one_and_approved_by_another(people, place, settings):
    found = run(place, settings, "--edition", "2026", "--nothing-to-keep-back", "--submit", "--requested-by", "both")
    assert "waiting for approval" in found.output
    identity = re.search(r"--approve ([0-9a-f-]{36})", found.output)
    assert identity and not (place / "site").exists()
    own = run(place, settings, "--approve", identity[1], "--approved-by", "both")
    assert isinstance(own.exception, Refused) and "You asked for this" in own.exception.what
    assert {each.state for each in queue.requests(place)} == {"pending"}
    done = run(place, settings, "--approve", identity[1], "--approved-by", "approver")
    assert done.return_value == 0 and "2026: published." in done.output


def test_a_changed_figure_is_named_until_somebody_says_they_have_read_it(people, place, settings):
    run(place, settings, "--edition", "2026", "--check", "--requested-by", "analyst")
    (edition,) = queries.editions(people["analyst"], at=later(31))
    block = queries.edition(people["analyst"], edition.edition_id, at=later(31)).blocks["how_much"]
    before = Cited(block.cited[0].citation, block.cited[0].code, "9,999")
    operations.write(
        viewer=people["analyst"], edition_id=edition.edition_id, section="how_much", text=f"{block.text}\n",
        base=block.number, cited=[before], at=later(31),
    )  # fmt: skip
    found = run(place, settings, "--edition", "2026", "--nothing-to-keep-back", *WHO)
    assert f"how_much: {before.citation} printed “9,999”, now “{block.cited[0].words}”" in found.output
    assert isinstance(found.exception, NotReady)
    done = run(place, settings, "--edition", "2026", "--nothing-to-keep-back", "--seen", *WHO)
    assert done.return_value == 0, done.exception


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "An edition has a name."),
        (("--edition", "2026", "--submit", "--again"), "Only one of --submit, --approve, --check and --again"),
        (("--approve", "7"), "“7” is no identifier of an edition."),
        (("--edition", "2026", "--requested-by", "anlyst"), "“anlyst” is not somebody who asks for an edition."),
        (("--edition", "2026", "--requested-by", "approver"), "“approver” is not somebody who asks for an edition."),
        (("--edition", "2026", "--place", "Bargate"), "takes no --place"),
        (("--edition", "2025", "--again"), "There is no edition “2025” of “short_assessment”."),
    ],
)
def test_what_cannot_be_meant_is_said(people, place, settings, arguments, says):
    found = run(place, settings, *arguments)
    assert isinstance(found.exception, Usage), found.exception
    assert says in found.exception.what
    assert not queue.requests(place)
