"""The queue of requests to release: two people, reasons, one decision each, and nothing half done."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from disclosure_support import NOON, cube, finding, nine_months, policy, send
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from concord.evidence.disclosure import Ledger, files, load_release, queue
from concord.evidence.disclosure.queue import STEPS, Request
from concord.evidence.findings.model import TOTAL, Finding
from concord.kernel.errors import BadInput, ConcordError, Refused
from concord.kernel.periods import Period

AREAS = {("a",): 3, ("b",): 20, ("c",): 40}


def ask(found: Finding, home: Path, *, by: str = "Ann", reason: str = "for the board", bundle: str = "") -> Request:
    return queue.submit(
        found,
        rule=policy().rule("public"),
        audience="public",
        home=home,
        requested_by=by,
        reason=reason,
        clock=lambda: NOON,
        bundle=bundle,
    )


def later() -> datetime:
    return NOON + timedelta(hours=2)


def numbers(content: Any) -> Iterator[float]:
    """Every number anywhere in JSON."""
    if isinstance(content, dict | list):
        for part in content.values() if isinstance(content, dict) else content:
            yield from numbers(part)
    elif isinstance(content, int | float) and not isinstance(content, bool):
        yield content


def test_a_request_shows_what_is_asked_what_the_attack_found_and_what_it_cost(tmp_path: Path) -> None:
    old = send(nine_months(100), tmp_path)
    made = ask(finding(cube(AREAS, "area", universe="offences")), tmp_path)
    assert queue.pending(tmp_path) == (made,)
    assert (made.requested_by, made.reason, made.state) == ("Ann", "for the board", "pending")
    assert {cell.key: cell.count for cell in made.release.tables[0].cells} == {
        ("a",): None,
        ("b",): None,
        ("c",): 40,
        (TOTAL,): 63,
    }
    assert made.release.audit.exposed == ()
    assert made.release.audit.narrowest_interval == 21.0
    assert (made.cost.cells, made.cost.small, made.cost.others, made.cost.low_base) == (4, 1, 1, 0)
    assert (made.cost.counts, made.cost.share) == (30, 37), "23 of 63 events, the number itself in tens"
    assert [touch.release for touch in made.touches] == [old.id]
    assert made.release.approved_by == ""


def test_the_request_file_holds_no_small_number_and_nothing_is_out_before_approval(tmp_path: Path) -> None:
    made = ask(finding(cube(AREAS, "area"), facts={"mean": 21.0}), tmp_path)
    stored = json.loads((tmp_path / "releases" / "requests" / f"{made.id}.json").read_text())
    assert not {3, 20, 23} & set(numbers([stored["release"]["tables"], stored["cost"], stored["touches"]]))
    assert stored["release"]["facts"] == {}
    assert Ledger(tmp_path).released(made.release.id) is None
    assert not list((tmp_path / "releases").glob("R-*.json"))
    with pytest.raises(ConcordError):
        load_release(tmp_path, made.release.id)


def test_another_person_approves_and_the_release_is_the_one_asked_for(tmp_path: Path) -> None:
    found = finding(cube(AREAS, "area"))
    made = ask(found, tmp_path)
    out = queue.approve(tmp_path, made.id, by="Bo", reason="checked against last year", clock=later)
    assert load_release(tmp_path, out.id) == out
    assert (out.requested_by, out.approved_by, out.released_at) == ("Ann", "Bo", later())
    assert out.tables == made.release.tables
    assert queue.pending(tmp_path) == ()
    decided = queue.get(tmp_path, made.id)
    assert (decided.state, decided.decided_by, decided.decision) == ("approved", "Bo", "checked against last year")
    assert [(e.event, e.requested_by, e.approved_by, e.detail) for e in Ledger(tmp_path).entries()] == [
        ("requested", "Ann", "", "for the board"),
        ("approved", "Ann", "Bo", "checked against last year"),
    ]
    assert Ledger(tmp_path).verify() == 2
    assert send(found, tmp_path) == out, "releasing it directly gives the approved one"


@pytest.mark.parametrize(
    ("step", "by", "reason", "says"),
    [
        (queue.approve, " ann ", "fine", "Ann cannot approve their own release"),
        (queue.approve, "", "fine", "needs a named requester and a named approver"),
        (queue.approve, "Bo", " ", "Whoever approves a release says why"),
        (queue.refuse, "ANN", "no", "ANN cannot decide on their own request"),
        (queue.refuse, "Bo", "", "Whoever refuses a release says why"),
        (queue.refuse, " ", "no", "A decision needs a named person"),
        (queue.withdraw, "Bo", "mistake", "Only Ann can withdraw request"),
        (queue.withdraw, "Ann", "", "Whoever withdraws a release says why"),
    ],
)
def test_who_may_decide_and_why(tmp_path: Path, step: Callable[..., object], by: str, reason: str, says: str) -> None:
    made = ask(finding(cube(AREAS, "area")), tmp_path)
    with pytest.raises(Refused) as caught:
        step(tmp_path, made.id, by=by, reason=reason, clock=later)
    assert says in caught.value.what
    assert queue.get(tmp_path, made.id).state == "pending"


@pytest.mark.parametrize("first", STEPS)
@pytest.mark.parametrize("second", STEPS)
def test_a_request_is_decided_once(tmp_path: Path, first: str, second: str) -> None:
    steps = {"approve": queue.approve, "refuse": queue.refuse, "withdraw": queue.withdraw}
    who = {"approve": "Bo", "refuse": "Cy", "withdraw": "Ann"}
    made = ask(finding(cube(AREAS, "area")), tmp_path)
    steps[first](tmp_path, made.id, by=who[first], reason="first", clock=later)
    before = Ledger(tmp_path).path.read_bytes()
    with pytest.raises(Refused, match=f"was {STEPS[first][1]} by {who[first]} on 01 June 2025 at 14:00"):
        steps[second](tmp_path, made.id, by=who[second], reason="second", clock=later)
    assert Ledger(tmp_path).path.read_bytes() == before
    assert queue.get(tmp_path, made.id).state == STEPS[first][1]


def test_who_asks_says_why_and_a_refused_request_may_be_asked_again(tmp_path: Path) -> None:
    found = finding(cube(AREAS, "area"))
    with pytest.raises(Refused, match="Whoever asks for a release says why"):
        ask(found, tmp_path, reason=" ")
    with pytest.raises(Refused, match="needs a named requester"):
        ask(found, tmp_path, by=" ")
    made = ask(found, tmp_path)
    refused = queue.refuse(tmp_path, made.id, by="Bo", reason="the base is wrong", clock=later)
    assert (refused.state, refused.decision) == ("refused", "the base is wrong")
    assert queue.get(tmp_path, made.id) == refused
    again = ask(found, tmp_path, reason="the base is right: see the manual")
    assert again.id != made.id
    assert queue.approve(tmp_path, again.id, by="Bo", reason="so it is", clock=later).id == made.release.id
    slip = "Y" if made.id.endswith("X") else "X"
    with pytest.raises(BadInput) as caught:
        queue.get(tmp_path, made.id[:-1] + slip)
    assert made.id in str(caught.value) or again.id in str(caught.value), "the nearest is named"


def test_what_cannot_be_made_safe_is_refused_at_once_and_kept(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="state a number that is hidden"):
        ask(finding(cube(AREAS, "area"), base="all 3 in a"), tmp_path)
    assert queue.requests(tmp_path) == ()
    (line,) = Ledger(tmp_path).entries()
    assert (line.event, line.approved_by, line.request) == ("refused", "", "")


# --- what came out in between ----------------------------------------------------------------------------------------


def test_approval_attacks_again_with_what_came_out_since(tmp_path: Path) -> None:
    made = ask(nine_months(100), tmp_path)
    longer = finding(nine_months(102).tables[0], name="longer", period=Period(date(2024, 4, 1), date(2025, 1, 31)))
    other = send(longer, tmp_path)
    with pytest.raises(Refused, match="is no longer safe to release to public") as caught:
        queue.approve(tmp_path, made.id, by="Bo", reason="fine", clock=later)
    assert "January 2025" in str(caught.value)
    assert other.id in str(caught.value)
    assert Ledger(tmp_path).released(made.release.id) is None
    queue.withdraw(tmp_path, made.id, by="Ann", reason="something came out", clock=later)
    again = ask(nine_months(100), tmp_path)
    assert [cell.count for cell in again.release.tables[0].cells] == [None], "102 − 100 would be January's 2"
    assert queue.approve(tmp_path, again.id, by="Bo", reason="fine", clock=later).audit.exposed == ()


def test_approval_is_not_held_up_by_what_gives_nothing_away(tmp_path: Path) -> None:
    made = ask(finding(cube(AREAS, "area")), tmp_path)
    send(finding(cube({("2024-05",): 30, ("2024-04",): 33}, "month", called="m"), name="months"), tmp_path)
    send(finding(cube({("x",): 9, ("y",): 9}, "kind", universe="elsewhere"), name="elsewhere"), tmp_path)
    assert queue.approve(tmp_path, made.id, by="Bo", reason="fine", clock=later).id == made.release.id


def test_a_source_revised_in_between_has_to_be_asked_for_again(tmp_path: Path) -> None:
    made = ask(finding(cube({("a",): 30, ("b",): 20}, "area")), tmp_path)
    send(finding(cube({("a",): 40, ("b",): 20}, "area"), name="revised"), tmp_path)
    with pytest.raises(Refused, match="no longer safe") as caught:
        queue.approve(tmp_path, made.id, by="Bo", reason="fine", clock=later)
    assert "counts the same things otherwise" in str(caught.value)


def test_what_is_already_out_is_said_and_approved_without_a_second_release(tmp_path: Path) -> None:
    found = finding(cube(AREAS, "area"))
    out = send(found, tmp_path)
    made = ask(found, tmp_path, by="Cy")
    assert made.already
    assert queue.approve(tmp_path, made.id, by="Bo", reason="same as before", clock=later) == out
    assert Ledger(tmp_path).verify() == 3


# --- bundles ---------------------------------------------------------------------------------------------------------


def publication() -> list[Finding]:
    kinds = {("a", "x"): 3, ("b", "x"): 9, ("c", "x"): 15, ("a", "y"): 0, ("b", "y"): 11, ("c", "y"): 25}
    return [
        finding(cube(AREAS, "area"), name="areas"),
        finding(cube(kinds, "area", "kind", called="kinds"), name="kinds"),
        finding(cube({("h1",): 1, ("h2",): 62}, "hour", called="hours"), name="hours"),
    ]


def ask_all(home: Path, bundle: str = "needs-2025") -> tuple[Request | Refused, ...]:
    return queue.submit_all(
        publication(),
        rule=policy().rule("public"),
        audience="public",
        home=home,
        requested_by="Ann",
        reason="the needs assessment",
        clock=lambda: NOON,
        bundle=bundle,
    )


def test_a_bundle_is_suppressed_as_one_and_approved_whole(tmp_path: Path) -> None:
    made = ask_all(tmp_path)
    assert all(isinstance(one, Request) for one in made)
    first, second = (one.release for one in made[:2] if isinstance(one, Request))
    assert second.audit.against == (first.id,), "the second is attacked as if the first were out"
    hidden = {cell.key for cell in first.tables[0].cells if cell.count is None}
    assert {cell.key[0] for cell in second.tables[0].cells if cell.count is None and cell.key[1] == TOTAL} == {
        key[0] for key in hidden
    }
    out = queue.approve_bundle(tmp_path, "needs-2025", by="Bo", reason="read whole", clock=later)
    assert [one.finding for one in out] == ["areas", "kinds", "hours"]
    assert queue.pending(tmp_path) == ()
    assert {entry.bundle for entry in Ledger(tmp_path).entries()} == {"needs-2025"}
    assert Ledger(tmp_path).verify() == 6
    with pytest.raises(BadInput, match="Nothing waits for approval in “needs-2025”"):
        queue.approve_bundle(tmp_path, "needs-2025", by="Bo", reason="again", clock=later)


def test_one_of_a_bundle_may_be_refused_and_the_rest_approved_in_any_order(tmp_path: Path) -> None:
    first, second, third = (one for one in ask_all(tmp_path) if isinstance(one, Request))
    queue.refuse(tmp_path, first.id, by="Bo", reason="not this year", clock=later)
    queue.approve(tmp_path, third.id, by="Bo", reason="fine", clock=later)
    queue.approve(tmp_path, second.id, by="Bo", reason="fine", clock=later)
    assert [one.state for one in queue.requests(tmp_path)] == ["refused", "approved", "approved"]


def test_a_bundle_with_one_that_is_no_longer_safe_stays_whole_in_the_queue(tmp_path: Path) -> None:
    ask_all(tmp_path)
    send(finding(cube({("a",): 30, ("b",): 20, ("c",): 40}, "area"), name="revised"), tmp_path)
    with pytest.raises(Refused, match="no longer safe"):
        queue.approve_bundle(tmp_path, "needs-2025", by="Bo", reason="fine", clock=later)
    assert len(queue.pending(tmp_path)) == 3
    assert [entry.event for entry in Ledger(tmp_path).entries() if entry.releases] == ["released"]


def test_asking_for_the_same_bundle_twice_asks_once(tmp_path: Path) -> None:
    assert ask_all(tmp_path) == ask_all(tmp_path)
    assert len(queue.requests(tmp_path)) == 3
    assert len(ask_all(tmp_path, bundle="other")) == 3
    assert len(queue.pending(tmp_path)) == 6


def test_an_unsafe_finding_in_a_bundle_does_not_keep_the_others_out(tmp_path: Path) -> None:
    findings = publication()
    findings[1] = finding(findings[1].tables[0], name="kinds", base="all 3 in a")
    made = queue.submit_all(
        findings,
        rule=policy().rule("public"),
        audience="public",
        home=tmp_path,
        requested_by="Ann",
        reason="the needs assessment",
        clock=lambda: NOON,
        bundle="b",
    )
    assert [type(one) for one in made] == [Request, Refused, Request]
    assert [entry.event for entry in Ledger(tmp_path).entries()] == ["requested", "refused", "requested"]


# --- two at once, and a machine that stops ---------------------------------------------------------------------------


def test_of_two_approvers_at_once_one_wins_and_the_other_is_told(tmp_path: Path) -> None:
    made = ask(finding(cube(AREAS, "area")), tmp_path)
    gate = threading.Barrier(2)
    outcomes: list[object] = []

    def decide(who: str) -> None:
        gate.wait()
        try:
            outcomes.append(queue.approve(tmp_path, made.id, by=who, reason="fine", clock=later).approved_by)
        except Refused as refusal:
            outcomes.append(refusal.what)

    threads = [threading.Thread(target=decide, args=(who,)) for who in ("Bo", "Cy")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [one for one in outcomes if one in ("Bo", "Cy")]
    (told,) = [one for one in outcomes if one != winner]
    assert f"was approved by {winner}" in str(told)
    assert Ledger(tmp_path).verify() == 2


class Killed(BaseException):
    """The machine stops: nothing catches this."""


def killing(monkeypatch: pytest.MonkeyPatch, at: int) -> Callable[[], int]:
    """From now on the `at`th flush of a file to disk is the last thing that the process does."""
    flushes = itertools.count(1)
    seen = [0]
    flush = files.os.fsync

    def last(handle: int) -> None:
        seen[0] = next(flushes)
        if seen[0] == at:
            raise Killed
        flush(handle)

    monkeypatch.setattr("os.fsync", last)
    return lambda: seen[0]


@pytest.mark.parametrize("what", ["submit", "approve", "refuse"])
def test_a_kill_between_any_two_writes_leaves_all_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    for at in itertools.count(1):
        home = tmp_path / f"{at}"
        if what != "submit":
            ask_all(home)
            waiting = queue.pending(home)
        with monkeypatch.context() as patch:
            writes = killing(patch, at)
            try:
                if what == "submit":
                    ask_all(home)
                elif what == "approve":
                    queue.approve_bundle(home, "needs-2025", by="Bo", reason="fine", clock=later)
                else:
                    queue.refuse(home, waiting[0].id, by="Bo", reason="no", clock=later)
                assert writes() < at
                finished = True
            except Killed:
                finished = False
        states = [one.state for one in queue.requests(home)]
        out = [entry for entry in Ledger(home).entries() if entry.event == "approved"]
        assert len(states) in (0, 3)
        assert len(out) in (0, 3)
        if what == "approve" and not finished:  # one tries again, or another says no
            if at % 2:
                queue.approve_bundle(home, "needs-2025", by="Cy", reason="fine", clock=later) if not out else None
            else:
                for one in queue.pending(home):
                    queue.refuse(home, one.id, by="Cy", reason="no", clock=later)
        if what == "submit":
            assert len(ask_all(home)) == 3
            assert len(queue.pending(home)) == 3
        Ledger(home).verify()
        if finished:
            break
    assert at > {"submit": 4, "approve": 6, "refuse": 1}[what], "the writes were not counted"


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_ledger_cut_at_any_byte_of_a_bundle_has_none_of_it(tmp_path_factory, data: st.DataObject) -> None:  # type: ignore[no-untyped-def]
    home = tmp_path_factory.mktemp("cut")
    ask_all(home)
    asked = Ledger(home).path.read_bytes()
    queue.approve_bundle(home, "needs-2025", by="Bo", reason="fine", clock=later)
    whole = Ledger(home).path.read_bytes()
    cut = data.draw(st.integers(len(asked), len(whole) - 1))
    Ledger(home).path.write_bytes(whole[:cut])
    assert [one.state for one in queue.requests(home)] == ["pending"] * 3
    out = queue.approve_bundle(home, "needs-2025", by="Bo", reason="fine", clock=later)
    assert len(out) == 3
    assert Ledger(home).path.read_bytes() == whole
    assert Ledger(home).verify() == 6


def test_a_changed_request_is_not_approved(tmp_path: Path) -> None:
    made = ask(finding(cube(AREAS, "area")), tmp_path)
    path = tmp_path / "releases" / "requests" / f"{made.id}.json"
    path.write_text(path.read_text().replace('"count": 40', '"count": 41'))
    for look in (
        lambda: queue.approve(tmp_path, made.id, by="Bo", reason="fine", clock=later),
        lambda: queue.pending(tmp_path),
        lambda: Ledger(tmp_path).verify(),
    ):
        with pytest.raises(Refused, match="is not as it was made"):
            look()
