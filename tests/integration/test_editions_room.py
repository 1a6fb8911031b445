"""The room of editions over a real database: two people, two writers, nothing settled too early or seen too far."""

from __future__ import annotations

from uuid import uuid4

import editions_support as support
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models import ProtectedError
from editions_support import MONDAY, SNA, later

from concord.desk.accounts.rules import ChangedMeanwhile, NotAllowed, NotHere
from concord.desk.audit import queries as audit
from concord.desk.editions import operations, queries
from concord.desk.editions.models import Block, Change, Edition
from concord.desk.editions.rules import EDITION, SECTION, Cited, NotReady, OwnRequest, what_is_missing
from concord.desk.sharing.session import as_viewer
from concord.kernel.errors import Refused
from concord.kernel.lifecycles import NotNow

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return support.cast()


@pytest.fixture
def draft(people):
    return operations.begin(viewer=people["analyst"], publication=SNA, name="2026", at=MONDAY)


def page(people, edition_id, at=MONDAY):
    return queries.edition(people["analyst"], edition_id, at=at)


def test_an_edition_begins_with_what_the_partnership_wrote(people, draft):
    found = page(people, draft)
    assert found.line.state_name == "Being written"
    assert "{{figure:bounds/bounds/in#count}}" in found.blocks["how_much"].text
    assert found.blocks["how_much"].number == 1
    assert [each.what for each in found.changes] == ["Began the edition"]


def test_the_next_edition_begins_with_what_its_readers_had(people):
    first = support.settled(people, name="2025")
    version = page(people, first).line.version
    operations.approve(viewer=people["approver"], edition_id=first, reason="Read.", version=version, at=later(1))
    operations.give_out(viewer=people["approver"], edition_id=first, version=version + 1, at=later(2))
    second = operations.begin(viewer=people["analyst"], publication=SNA, name="2026", at=later(3))
    was, now = page(people, first), page(people, second)
    assert {key: each.text for key, each in now.blocks.items()} == {key: e.text for key, e in was.blocks.items()}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"publication": "strategic_need_assessment"}, "There is no publication “strategic_need_assessment”."),
        ({"name": "  "}, "An edition has a name."),
        ({"name": " 2026 "}, "There is already an edition “2026” of this publication."),
    ],
)
def test_an_edition_that_cannot_begin_is_refused_in_words(people, draft, given, said):
    with pytest.raises(NotReady) as refused:
        operations.begin(viewer=people["analyst"], at=MONDAY, **{"publication": SNA, "name": "2027", **given})
    assert refused.value.what == said
    assert refused.value.next_step


def test_two_writers_are_told_and_neither_is_overwritten(people, draft):
    first, second = people["analyst"], people["editor"]
    base = page(people, draft).blocks["where"].number
    operations.write(viewer=first, edition_id=draft, section="where", text="Mine.", base=base, cited=(), at=later(1))
    with pytest.raises(ChangedMeanwhile) as told:
        operations.write(
            viewer=second, edition_id=draft, section="where", text="Theirs.", base=base, cited=(), at=later(2)
        )
    assert "Yusuf Lindqvist SYN saved something first" in told.value.why
    assert page(people, draft).blocks["where"].text == "Mine."
    # Another section is another matter.
    operations.write(viewer=second, edition_id=draft, section="when", text="Theirs.", base=1, cited=(), at=later(3))
    found = queries.versions(first, draft, "where", at=later(4))
    assert [each.number for each in found] == [2, 1]


def test_saving_the_same_words_again_makes_no_version(people, draft):
    given = {"viewer": people["analyst"], "edition_id": draft, "section": "where", "cited": ()}
    assert operations.write(**given, text="One.", base=1, at=later(1)) == 2
    assert operations.write(**given, text="One.", base=2, at=later(2)) == 2


def test_a_version_is_never_altered_nor_removed(people, draft):
    with as_viewer(people["analyst"], at=MONDAY):
        for attempt in (
            lambda: Block.objects.filter(edition_id=draft).update(text="x"),
            lambda: Block.objects.filter(edition_id=draft).delete(),
            lambda: Change.objects.filter(edition_id=draft).delete(),
            lambda: Edition.objects.filter(id=draft).delete(),
        ):
            with pytest.raises((ProgrammingError, ProtectedError)), transaction.atomic():
                attempt()


def test_nobody_approves_what_they_asked_for(people):
    edition_id = support.settled({**people, "analyst": people["both"]})
    version = page(people, edition_id).line.version
    with pytest.raises(OwnRequest) as refused:
        operations.approve(viewer=people["both"], edition_id=edition_id, reason="Fine.", version=version, at=later(1))
    assert refused.value.exit_code == 4
    assert "edition.approve" not in queries.edition(people["both"], edition_id, at=later(1)).may
    assert edition_id not in [each.edition_id for each in queries.waiting(people["both"], at=later(1))]
    assert edition_id in [each.edition_id for each in queries.waiting(people["approver"], at=later(1))]
    # The database says so by itself.
    with as_viewer(people["both"], at=later(1)), pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.filter(id=edition_id).update(approved_by=people["both"].user_id)


STEPS = {
    "send_for_review": lambda v, e, n: operations.send_for_review(viewer=v, edition_id=e, version=n, at=later(9)),
    "write_again": lambda v, e, n: operations.write_again(viewer=v, edition_id=e, version=n, at=later(9)),
    "approve": lambda v, e, n: operations.approve(viewer=v, edition_id=e, reason="r", version=n, at=later(9)),
    "publish": lambda v, e, n: operations.give_out(viewer=v, edition_id=e, version=n, at=later(9)),
    "send_back": lambda v, e, n: operations.send_back(viewer=v, edition_id=e, reason="r", version=n, at=later(9)),
    "withdraw": lambda v, e, n: operations.withdraw(viewer=v, edition_id=e, reason="r", version=n, at=later(9)),
}
ACTS = {"send_for_review": "analyst", "write_again": "analyst"}


@pytest.mark.parametrize("verb", STEPS)
def test_every_step_is_the_tables_and_no_other(people, verb):
    """From every state: what the table lists happens, what it does not is refused and nothing moves."""
    edition_id = support.settled(people)
    viewer = people[ACTS.get(verb, "approver")]
    for state in EDITION.states:
        with transaction.atomic():
            _put(people, edition_id, state)
            version = page(people, edition_id, later(5)).line.version
            if EDITION.can(state, verb):
                STEPS[verb](viewer, edition_id, version)
                assert page(people, edition_id, later(9)).line.state == EDITION.after(state, verb)
            else:
                with pytest.raises(NotNow), transaction.atomic():
                    STEPS[verb](viewer, edition_id, version)
                assert page(people, edition_id, later(9)).line.state == state
            transaction.set_rollback(True)


def _put(people, edition_id, state):
    """The row as if it had come to `state` by its steps."""
    with as_viewer(people["approver"], at=later(4)):
        Edition.objects.filter(id=edition_id).update(
            state=state,
            approved_by=people["approver"].user_id,
            approved_at=later(3),
            approved_reason="Read.",
            published_by=people["approver"].user_id,
            published_at=later(3),
            ended_reason="x" if state == "withdrawn" else "",
        )


def test_a_newer_edition_supersedes_the_one_before(people):
    first = support.settled(people, name="2025")
    version = page(people, first).line.version
    operations.approve(viewer=people["approver"], edition_id=first, reason="Read.", version=version, at=later(1))
    assert operations.give_out(viewer=people["analyst"], edition_id=first, version=version + 1, at=later(2)) is None
    second = support.settled(people, name="2026", at=later(3))
    version = page(people, second).line.version
    operations.approve(viewer=people["approver"], edition_id=second, reason="Read.", version=version, at=later(4))
    assert operations.give_out(viewer=people["analyst"], edition_id=second, version=version + 1, at=later(5)) == first
    assert page(people, first).line.state == "superseded"
    assert [each.name for each in queries.given_out(people["board"], at=later(6))] == ["2026", "2025"]


def test_what_is_missing_is_said_and_nothing_is_settled(people, draft):
    analyst, editor = people["analyst"], people["editor"]
    comment = operations.add_comment(
        viewer=editor, edition_id=draft, section="where", text="Say which map.", at=later(1)
    )
    operations.write(
        viewer=analyst, edition_id=draft, section="where", text="So {{figure:wards}} it is.",
        base=1, cited=(Cited("wards", "PL-1", "412"),), at=later(2),
    )  # fmt: skip
    found = page(people, draft, later(3))
    standing = support.standing_of(found, {"where": (Cited("wards", "PL-2", "430"),)})
    lacks = what_is_missing(found, standing).lacks
    said = " ".join(each.what for each in lacks)
    assert "In “Where it happens” wards printed “412” and now prints “430”." in said
    assert "Orla Whitcombe SYN’s comment on “Where it happens” is open." in said
    assert said.count("Nobody has gone through") == len(support.sections())
    operations.send_for_review(viewer=analyst, edition_id=draft, version=found.line.version, at=later(3))
    asked = {"viewer": analyst, "edition_id": draft, "frozen": "a" * 64, "reason": "Annual.", "at": later(9)}
    with pytest.raises(NotReady) as refused:
        operations.freeze(**asked, standing=standing, version=found.line.version + 1)
    assert "is not ready to be settled" in refused.value.what
    assert page(people, draft, later(9)).line.state == "in_review"
    # Each in turn; then it is settled.
    operations.look(viewer=analyst, edition_id=draft, section="where", citation="wards", words="430", at=later(4))
    operations.answer_comment(
        viewer=analyst, edition_id=draft, comment_id=comment, answer="Said.", version=1, at=later(5)
    )
    support.go_through(editor, draft, standing, later(6))
    assert what_is_missing(page(people, draft, later(7)), standing).ready
    operations.freeze(**asked, standing=standing, version=found.line.version + 1)
    assert page(people, draft, later(9)).line.state_name == "Waiting for approval"


def test_a_value_that_moves_once_more_is_asked_about_once_more(people, draft):
    analyst = people["analyst"]
    operations.write(
        viewer=analyst, edition_id=draft, section="where", text="{{figure:wards}}", base=1,
        cited=(Cited("wards", "PL-1", "412"),), at=later(1),
    )  # fmt: skip
    operations.look(viewer=analyst, edition_id=draft, section="where", citation="wards", words="430", at=later(2))
    found = page(people, draft, later(3))
    for words, asks in (("412", False), ("430", False), ("431", True)):
        standing = support.standing_of(found, {"where": (Cited("wards", "PL-2", words),)})
        assert bool(what_is_missing(found, standing).changed) is asks, words


def test_a_passage_kept_back_is_fenced_in_the_one_source_with_ground_and_reason(people, draft):
    editor = people["editor"]
    text = "Everybody may read this.\n\nThe refuge on Quay Street is watched.\n"
    operations.write(viewer=editor, edition_id=draft, section="where", text=text, base=1, cited=(), at=later(1))
    digest = support.passages.digest(["The refuge on Quay Street is watched."])
    kept = {"viewer": editor, "edition_id": draft, "section": "where", "subject": f"passage:{digest}"}
    for given, said in (
        ({"ground": "safety", "reason": " "}, "Say why: what would happen if everybody could read this."),
        ({"ground": "embarrassment", "reason": "r"}, "“embarrassment” is no ground for keeping something back."),
        ({"ground": "safety", "reason": "r", "subject": "passage:0"}, "That passage is no longer in the text."),
        ({"ground": "safety", "reason": "r", "subject": "cell:1"}, "Only a passage or a figure is kept back."),
    ):
        with pytest.raises(Refused) as refused:
            operations.keep_back(**{**kept, **given}, at=later(2))
        assert refused.value.what == said
    operations.keep_back(**kept, ground="safety", reason="Somebody could be found there.", at=later(3))
    found = page(people, draft, later(4))
    assert "::: restricted safety\nThe refuge on Quay Street is watched.\n:::" in found.blocks["where"].text
    decided = next(each for each in found.screened if each.subject == f"passage:{digest}")
    assert (decided.withheld, decided.ground, decided.reason) == (True, "safety", "Somebody could be found there.")
    operations.leave_in(**kept, reason="It has moved.", at=later(5))
    assert ":::" not in page(people, draft, later(6)).blocks["where"].text


def test_a_fence_somebody_typed_needs_a_reason_too(people, draft):
    text = "::: restricted crime\nPlain-clothes officers go in on Fridays.\n:::\n"
    operations.write(
        viewer=people["editor"], edition_id=draft, section="where", text=text, base=1, cited=(), at=later(1)
    )
    found = page(people, draft, later(2))
    standing = support.standing_of(found)
    support.go_through(people["editor"], draft, standing, later(3))
    (lack,) = what_is_missing(page(people, draft, later(4)), standing).lacks
    assert lack.what == "A passage of “Where it happens” is kept back and nobody has said why."


def test_a_section_that_changes_is_gone_through_again(people, draft):
    standing = support.standing_of(page(people, draft))
    support.go_through(people["approver"], draft, standing, later(1))
    operations.write(
        viewer=people["editor"], edition_id=draft, section="when", text="New.", base=1, cited=(), at=later(2)
    )
    found = page(people, draft, later(3))
    (lack,) = what_is_missing(found, support.standing_of(found)).lacks
    assert (lack.section, "since it changed" in lack.what) == ("when", True)
    assert {each.subject for each in found.screened} == {SECTION}


WRITES = {
    "begin": lambda v, e: operations.begin(viewer=v, publication=SNA, name="x", at=later(1)),
    "write": lambda v, e: operations.write(
        viewer=v, edition_id=e, section="where", text="x", base=1, cited=(), at=later(1)
    ),
    "comment": lambda v, e: operations.add_comment(viewer=v, edition_id=e, section="", text="x", at=later(1)),
    "screen": lambda v, e: operations.nothing_more(viewer=v, edition_id=e, section="where", digest="d", at=later(1)),
}
MAY = {
    "analyst": {"begin", "write", "comment", "screen"},
    "editor": {"write", "comment", "screen"},
    "approver": {"comment", "screen"},
    "board": set(),
    "dpo": set(),
    "mash": set(),
}


@pytest.mark.parametrize("username", MAY)
def test_each_role_does_its_own(people, draft, username):
    for name, act in WRITES.items():
        if name in MAY[username]:
            with transaction.atomic():
                act(people[username], draft)
                transaction.set_rollback(True)
        else:
            with pytest.raises((NotAllowed, NotHere)):
                act(people[username], draft)


def test_a_draft_is_not_there_for_others_even_past_the_application(people, draft):
    """Row-level security by itself: a board member, who reads papers, finds no draft; nobody else finds anything."""
    for username, seen in (("analyst", 1), ("editor", 1), ("approver", 1), ("board", 0), ("dpo", 0), ("mash", 0)):
        with as_viewer(people[username], at=MONDAY), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM editions_edition")
            assert cursor.fetchone() == (seen,), username
            cursor.execute("SELECT count(*) > 0 FROM editions_block")
            assert cursor.fetchone() == (bool(seen),), username
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM editions_edition")
        assert cursor.fetchone() == (0,)


def test_a_board_member_knows_of_what_was_given_out_and_of_no_text(people):
    edition_id = support.settled(people)
    version = page(people, edition_id).line.version
    assert queries.given_out(people["board"], at=later(1)) == ()
    operations.approve(viewer=people["approver"], edition_id=edition_id, reason="Read.", version=version, at=later(1))
    operations.give_out(viewer=people["approver"], edition_id=edition_id, version=version + 1, at=later(2))
    assert [each.name for each in queries.given_out(people["board"], at=later(3))] == ["2026"]
    with pytest.raises(NotAllowed):
        queries.edition(people["board"], edition_id, at=later(3))
    with as_viewer(people["board"], at=later(3)):
        assert Block.objects.count() == 0
    assert queries.given_out(people["mash"], at=later(3)) == ()


def test_every_step_is_in_the_trail_with_its_reason(people, draft):
    support_id = support.settled(people, name="2027")
    version = page(people, support_id).line.version
    operations.send_back(
        viewer=people["approver"], edition_id=support_id, reason="The map is last year’s.", version=version, at=later(1)
    )
    seen = audit.who_looked(people["dpo"], "edition", support_id, at=later(2))
    assert {"edition.begin", "edition.screen", "edition.review", "edition.ask"} < {each.action for each in seen}
    assert seen[0].action == "edition.send_back"
    assert seen[0].reason == "The map is last year’s."
    assert audit.verify() is None


def test_what_is_not_there_is_not_there(people, draft):
    for act in (
        lambda: queries.edition(people["analyst"], uuid4(), at=MONDAY),
        lambda: operations.send_for_review(viewer=people["analyst"], edition_id=uuid4(), version=1, at=MONDAY),
        lambda: queries.versions(people["analyst"], uuid4(), "where", at=MONDAY),
    ):
        with pytest.raises(NotHere):
            act()
