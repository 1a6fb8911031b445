"""Uncertain links before their reviewers: one pair at a time, two who agree, a third where they do not; and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import desk_story as story
import pytest
import time_machine
from desk_story import NOW
from django.test import Client
from load_support import a_file, receive
from load_support import people as people_feed

from concord.desk.accounts import operations as accounts_operations
from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, NotHere
from concord.desk.audit import queries as audit
from concord.desk.people import operations, queries
from concord.desk.people.models import LinkageOpinion, LinkagePair
from concord.desk.people.rules import NotJudged, shown_fields
from concord.desk.sharing.session import as_viewer
from concord.evidence import linkage
from concord.evidence.datasets.store import Store
from concord.evidence.linkage import decisions
from concord.jobs import reviewing

pytestmark = pytest.mark.django_db
HEADER = "ref,person_id,given_name,family_name,born_on,age,sex,postcode"
TWINS = (
    "A1,NOM0000017,Adaline,Zephyrine,1990-04-03,36,F,HB1 1AA",
    "A2,NOM0000018,Wilhelmina,Zephyrine,1990-04-03,36,F,HB1 1AA",
)
CROWD = tuple(
    f"B{n},NOM{n:07d},Name{n},Family{n},{date(1940, 1, 1) + timedelta(days=37 * n)},50,F,HB{n % 90 + 10} 1AA"
    for n in range(100, 350)
)


def clock() -> datetime:
    return datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose linking left one pair in doubt."""
    receive(tmp_path / "home", people_feed(), a_file(tmp_path, "people_2026-10.csv", *TWINS, *CROWD, header=HEADER))
    linkage.link(Store(tmp_path / "home"), tmp_path / "home", accounts.partnership().linkage, clock)
    return tmp_path / "home"


@pytest.fixture
def cast(db):
    made = story.people()
    for name in ("ada", "ben", "cy"):
        accounts_operations.add_user(
            viewer=accounts.service("installation"),
            username=name,
            display_name=f"{name} SYN",
            agency="community_safety",
            roles=["linkage_reviewer"],
            at=NOW,
        )
        made[name] = accounts.viewer_named(name)
    return made


def exchange(home: Path) -> reviewing.Exchanged:
    return reviewing.exchange(home, accounts.partnership().linkage, clock)


def judge(viewer, pair_id, verdict, reason="twins"):
    operations.judge(viewer=viewer, pair_id=pair_id, verdict=verdict, reason=reason, at=clock())


def test_two_who_differ_and_a_third_who_settles_it(home, cast):
    ada, ben, cy = cast["ada"], cast["ben"], cast["cy"]
    assert exchange(home).handed == 1
    assert exchange(home).handed == 0, "what is before its reviewers is not handed over again"
    waiting, pair_id = queries.pairs_waiting(ada, at=clock())
    assert waiting == 1
    seen = queries.pair_to_judge(ada, pair_id, at=clock())
    assert [(each.field, each.left, each.right) for each in seen.fields][1:] == [
        ("family_name", "Zephyrine", "Zephyrine"),
        ("born_on", "1990-04-03", "1990-04-03"),
        ("sex", "F", "F"),
        ("postcode", "HB1 1AA", "HB1 1AA"),
    ]
    assert {seen.fields[0].left, seen.fields[0].right} == {"Adaline", "Wilhelmina"}
    judge(ada, pair_id, "same")
    assert queries.pairs_waiting(ada, at=clock()) == (0, None)
    for again in (lambda: judge(ada, pair_id, "same"), lambda: queries.pair_to_judge(ada, pair_id, at=clock())):
        with pytest.raises(NotHere):
            again()
    # The second sees what the first saw, and not that there is a first: neither on the page nor past it.
    assert queries.pair_to_judge(ben, pair_id, at=clock()) == seen
    with as_viewer(ben, at=clock()):
        assert LinkageOpinion.objects.count() == 0
    judge(ben, pair_id, "different")
    assert queries.pairs_waiting(cy, at=clock()) == (0, None), "two opinions are on their way to the ledger"
    found = exchange(home)
    assert (found.taken, found.settled, found.refused) == (2, 0, ())
    assert queries.pairs_waiting(cy, at=clock()) == (1, pair_id)
    assert queries.pairs_waiting(ben, at=clock()) == (0, None)
    judge(cy, pair_id, "different")
    assert (exchange(home).settled, queries.pairs_waiting(cy, at=clock())) == (1, (0, None))
    (review,) = decisions.reviews(home).values()
    assert (review.holds, sorted(review.reviewers)) == ("different", ["ada", "ben", "cy"])
    with as_viewer(accounts.service("linkage_exchange"), at=clock()):
        (row,) = LinkagePair.objects.all()
        assert (row.state, row.shown, row.why) == ("settled", [], ""), "a settled pair names nobody"


def test_a_stop_between_the_ledger_and_the_desk_counts_nothing_twice(home, cast, monkeypatch):
    exchange(home)
    _, pair_id = queries.pairs_waiting(cast["ada"], at=clock())
    judge(cast["ada"], pair_id, "different")
    judge(cast["ben"], pair_id, "different")
    with monkeypatch.context() as stopped:
        stopped.setattr(operations, "take_back", lambda **_: (_ for _ in ()).throw(OSError("the power went")))
        with pytest.raises(OSError, match="the power went"):
            exchange(home)
    assert len(decisions.entries(home)) == 1
    found = exchange(home)
    assert (found.taken, found.settled, found.refused) == (2, 1, ())
    assert sorted(each.reviewer for each in decisions.entries(home)) == ["ada", "ben"]


def test_nobody_else_sees_a_pair(home, cast):
    exchange(home)
    for name in ("analyst", "mash", "dpo", "admin"):
        with pytest.raises(NotAllowed):
            queries.pairs_waiting(cast[name], at=clock())
        with as_viewer(cast[name], at=clock()):
            assert LinkagePair.objects.count() == 0, "past the application there is nothing either"
    names = [e for e in audit.recent(cast["dpo"], at=clock()) if e.action == "pair.open_names"]
    assert len(names) == 1 and names[0].username == "linkage_exchange"


def test_ethnicity_is_never_put_before_a_reviewer():
    sent = [{"given_name": "A", "ethnicity": "B1", "ethnicity_observed": "IC3", "offence": "x"}]
    assert [each["field"] for each in shown_fields(sent, sent, [("ethnicity", "same", 3.0)])] == ["given_name"]


def test_the_screen_and_its_words(home, cast):
    exchange(home)
    _, pair_id = queries.pairs_waiting(cast["ada"], at=clock())
    with pytest.raises(NotJudged, match="Choose what you think"):
        judge(cast["ada"], pair_id, "same", "no such reason")
    with time_machine.travel(clock(), tick=False):
        client = Client(headers={"host": "localhost"})
        from django.contrib.auth import get_user_model

        client.force_login(get_user_model().objects.get(username="ada"))
        assert "1 pair waits" in client.get("/links/").content.decode()
        page = client.get(f"/links/{pair_id}/").content.decode()
        assert "Adaline" in page and "Wilhelmina" in page and "twins" in page
        empty = client.post(f"/links/{pair_id}/", {}).content.decode()
        assert "Choose what you think" in empty and "Choose the reason that fits best" in empty
        done = client.post(f"/links/{pair_id}/", {"verdict": "different", "reason": "twins"}, follow=True)
        assert "Nothing waits for you" in done.content.decode()
        assert client.get(f"/links/{pair_id}/").status_code == 404


def test_a_pair_says_from_which_agency_s_file_each_record_comes(cast):
    """By the titles of the partnership's own feeds."""
    pair_id = operations.hand_over(
        viewer=accounts.service("linkage_exchange"),
        records=[("crime_persons", "p1"), ("missing_episodes", "p2")],
        shown=shown_fields([{"family_name": "Vale SYN"}], [{"family_name": "Vail SYN"}], []),
        why="near",
        probability=0.5,
        at=NOW,
    )
    with time_machine.travel(NOW, tick=False):
        client = Client(headers={"host": "localhost"})
        assert client.post("/sign-in/", {"person": "reviewer"}).status_code == 302
        page = client.get(f"/links/{pair_id}/").content.decode()
    for key in ("crime_persons", "missing_episodes"):
        assert accounts.partnership().feeds[key].title in page
