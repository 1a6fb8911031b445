"""Scheduled work: due by London's clock, done once, failures entered and the rest done all the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import desk_story as story
import pytest
from desk_story import NOW
from django.contrib.sessions.models import Session
from hypothesis import given
from hypothesis import strategies as st

from concord.desk.accounts import guarding
from concord.desk.accounts import queries as accounts
from concord.desk.accounts.models import SignInGuard
from concord.desk.accounts.rules import NotAllowed
from concord.desk.audit import queries as audit
from concord.desk.records import operations, queries, rules
from concord.jobs import calendar
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.calendar import Job

pytestmark = pytest.mark.django_db
AT = NOW.replace(hour=7)
EVERY = ["clear", "agreements", "retention", "reviews", "access_review", "audit"]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def job(every="day", at="02:00"):
    return Job(key="k", name="n", does="clear", says="s", every=every, at=at)


# --- when it is due ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("every", "at", "now", "last"),
    [
        ("day", "02:00", datetime(2026, 6, 13, 1, 0, tzinfo=UTC), datetime(2026, 6, 13, 2, 0, tzinfo=LONDON)),
        ("day", "02:00", datetime(2026, 6, 13, 0, 59, tzinfo=UTC), datetime(2026, 6, 12, 2, 0, tzinfo=LONDON)),
        ("day", "02:00", datetime(2026, 1, 13, 2, 0, tzinfo=UTC), datetime(2026, 1, 13, 2, 0, tzinfo=LONDON)),
        ("week", "06:00", datetime(2026, 6, 14, 23, 0, tzinfo=UTC), datetime(2026, 6, 8, 6, 0, tzinfo=LONDON)),
        ("month", "06:00", datetime(2026, 6, 13, 12, 0, tzinfo=UTC), datetime(2026, 6, 1, 6, 0, tzinfo=LONDON)),
        ("quarter", "06:30", datetime(2026, 6, 13, 12, 0, tzinfo=UTC), datetime(2026, 4, 1, 6, 30, tzinfo=LONDON)),
        ("quarter", "06:30", datetime(2026, 4, 1, 5, 29, tzinfo=UTC), datetime(2026, 1, 1, 6, 30, tzinfo=LONDON)),
    ],
)
def test_it_was_last_due_by_londons_clock(every, at, now, last):
    assert rules.last_due(job(every, at), now) == last


@given(
    st.sampled_from(["day", "week", "month", "quarter"]),
    st.integers(0, 23),
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),
)
def test_the_next_time_comes_after_and_becomes_the_last(every, hour, now):
    each = job(every, f"{hour:02}:30")
    last, following = rules.last_due(each, now), rules.next_due(each, now)
    assert last <= now < following
    assert rules.last_due(each, following) == following
    assert rules.next_due(each, last) == following


def test_what_was_missed_for_weeks_is_done_once():
    every = [job()]
    done = {"k": datetime(2026, 5, 1, 2, 0, tzinfo=LONDON)}
    assert rules.waiting(every, done, AT) == ((every[0], datetime(2026, 6, 13, 2, 0, tzinfo=LONDON)),)
    assert rules.waiting(every, {"k": rules.last_due(every[0], AT)}, AT) == ()


# --- what it does --------------------------------------------------------------------------------------------


def run(tmp_path, at=AT, **more):
    return calendar.run_due(tmp_path, lambda: at, **more)


def test_everything_due_is_done_in_order_once_and_again_the_next_day(world, tmp_path):
    first = run(tmp_path)
    assert [each.job for each in first] == EVERY and not any(each.failed for each in first)
    assert run(tmp_path, AT + timedelta(minutes=1)) == (), "a second worker, or a second time: nothing is left to do"
    following = run(tmp_path, AT + timedelta(days=1))
    assert [each.job for each in following] == [each for each in EVERY if each != "access_review"]
    dpo = world.cast["dpo"]
    lines = queries.runs(dpo, at=AT + timedelta(days=1))
    assert len(lines) == 11 and {each.state for each in lines} == {"done"}
    assert not any(each.late for each in queries.jobs(dpo, at=AT + timedelta(days=1)))
    assert {e.key for e in queries.jobs(dpo, at=AT + timedelta(days=3)) if e.late} == set(EVERY) - {"access_review"}
    witnessed = [json.loads(line) for line in (tmp_path / calendar.WITNESS).read_text().splitlines()]
    assert [each["position"] for each in witnessed] == sorted({each["position"] for each in witnessed})


def test_what_is_over_by_its_own_date_goes_and_the_rest_stays(world, tmp_path):
    from django.contrib.sessions.backends.db import SessionStore

    store = SessionStore()
    store["_auth_user_id"] = "x"
    store.save()
    Session.objects.update(expire_date=AT - timedelta(seconds=1))
    for _ in range(5):
        guarding.failed("old-name", at=AT - timedelta(days=1))
    guarding.failed("new-name", at=AT - timedelta(minutes=1))
    (ran,) = run(tmp_path, only=["clear"])
    assert ran.did["sessions that ended"] == 1 and ran.did["counts of failed sign-in"] == 1
    assert list(SignInGuard.objects.values_list("digest", flat=True)) == [guarding.digest("new-name")]
    erased = next(e for e in audit.recent(world.cast["dpo"], at=AT) if e.action == "calendar.clear")
    assert erased.operation == "erasure" and erased.detail["rows"] == ran.did
    with pytest.raises(NotAllowed):
        operations.clear_what_is_over(viewer=world.cast["admin"], guards_before=AT, at=AT)


def test_the_day_an_agreement_ends_is_entered_by_the_night(world, tmp_path):
    end = accounts.partnership().agreements["child_safeguarding"].expires_on
    after = datetime(end.year, end.month, end.day, 12, tzinfo=LONDON) + timedelta(days=1)
    (ran,) = run(tmp_path, after, only=["agreements"])
    assert "child_safeguarding" in ran.did["which"]
    (again,) = run(tmp_path, after + timedelta(days=1), only=["agreements"])
    assert again.did == {"agreements that ended": 0}


def test_reviews_that_are_overdue_are_counted_and_nobody_is_named(world, tmp_path):
    from concord.desk.people import operations as people
    from concord.desk.people.rules import Details

    child = story.CHILD
    people.open_in_emergency(
        viewer=world.cast["mash-manager"],
        details=Details(child.given_name, child.family_name, child.born_on),
        purpose="child_safeguarding",
        reason="on a roof",
        at=NOW,
    )
    (soon,) = run(tmp_path, NOW + timedelta(hours=1), only=["reviews"])
    assert soon.did["emergency openings whose review is overdue"] == 0
    (late,) = run(tmp_path, NOW + timedelta(days=7), only=["reviews"])
    assert late.did["emergency openings whose review is overdue"] == 1
    said = str([each.did for each in queries.runs(world.cast["admin"], at=NOW)])
    assert "Rafi" not in said and "mash-manager" not in said


def test_a_trail_that_does_not_hold_fails_in_words_and_the_rest_is_done(world, tmp_path):
    (tmp_path / calendar.WITNESS).write_text(json.dumps({"position": 1, "hash": "00"}) + "\n")
    ran = {each.job: each for each in run(tmp_path)}
    assert ran["audit"].failed.startswith("The audit trail is broken: link 1: the witness saw it, and it is gone")
    assert "start your incident procedure" in ran["audit"].failed
    assert not any(each.failed for key, each in ran.items() if key != "audit")
    assert run(tmp_path, AT + timedelta(minutes=5)) == (), "it rests for a while"
    (again,) = run(tmp_path, AT + timedelta(hours=2))
    assert again.job == "audit" and again.failed
    line = next(each for each in queries.jobs(world.cast["admin"], at=AT) if each.key == "audit")
    assert line.last.state == "failed" and "link 1" in line.last.said


def test_what_nobody_foresaw_is_entered_without_its_details(world, tmp_path, monkeypatch):
    def breaks(work):
        raise RuntimeError("Rafi Testwell could not be read")

    monkeypatch.setitem(calendar.WORK, "reviews", breaks)
    ran = {each.job: each for each in run(tmp_path)}
    assert ran["reviews"].failed == "It stopped with RuntimeError. The worker's log says where."
    assert "Rafi" not in str(queries.runs(world.cast["admin"], at=AT)) and not ran["audit"].failed


def test_a_run_that_never_ended_is_entered_as_broken_off_and_done_again(world, tmp_path):
    keeper = accounts.service("records_keeper")
    operations.begin_run(viewer=keeper, job="clear", due_at=AT, at=AT - timedelta(hours=3))
    run(tmp_path)
    states = [each.state for each in queries.runs(world.cast["admin"], at=AT) if each.job == "clear"]
    assert states == ["done", "broken_off"]


def test_only_the_service_works_and_only_oversight_reads(world):
    for name, viewer in world.cast.items():
        with pytest.raises(NotAllowed):
            operations.begin_run(viewer=viewer, job="clear", due_at=AT, at=AT)
        if name not in ("admin", "dpo"):
            with pytest.raises(NotAllowed):
                queries.runs(viewer, at=AT)
