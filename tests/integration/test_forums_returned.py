"""What of a forum's return may leave: through disclosure control, by two people, never the coordinator's own table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import desk_story as story
import pytest
import time_machine
from desk_story import NOW
from django.test import Client

from concord.desk.accounts import queries as accounts
from concord.desk.panels.rules import CaseFacts, counted
from concord.evidence.disclosure import queue, release
from concord.evidence.findings.model import TOTAL
from concord.jobs.figures import recompute
from concord.kernel.errors import BadInput
from concord.kernel.periods import Period
from concord.web.editions import work
from concord.web.panels import returning
from concord.web.shared import partnership

pytestmark = pytest.mark.django_db
QUARTER = Period(date(2026, 1, 1), date(2026, 3, 31))


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def cases(police: int, housing: int, unknown: int = 0, male: int = 0) -> list[CaseFacts]:
    made = []
    for number, referrer in enumerate(["police"] * police + ["housing"] * housing + ["self"] * unknown):
        facts = {"referrer": frozenset({referrer}), "victim_sex": frozenset({"M" if number < male else "F"})}
        made.append(CaseFacts(uuid4(), facts | {"repeat": frozenset({"no"})}, {"victim": 1}))
    return made


def found(tmp_path, held):
    of = partnership.current().forums["marac"]
    lines = counted(of.returns, held)
    made = returning.finding(of, of.returns, lines, QUARTER)
    out = release(
        made, rule=partnership.current().disclosure.rules["public"], audience="public", home=tmp_path,
        requested_by="Ann", approved_by="Bo", clock=lambda: NOW,
    )  # fmt: skip
    return {table.name: {cell.key[0]: cell for cell in table.cells} for table in out.tables}


def test_what_gives_a_small_count_away_is_hidden_with_it(tmp_path):
    """Three cases from the housing provider: those from the police would give them back, with the total."""
    tables = found(tmp_path, cases(police=31, housing=3, male=12))
    (referred,) = (each for each in tables.values() if "Referred by the police" in each)
    assert referred["Referred by partners"].hidden is not None and referred["Referred by partners"].count is None
    shown = {name for name, cell in referred.items() if cell.hidden is None}
    assert not {"Referred by the police", TOTAL} <= shown
    (male,) = (each for each in tables.values() if "Male" in each)
    assert male["Male"].count == 12, "a count that is large enough leaves"


def test_large_counts_leave_and_noughts_are_said(tmp_path):
    tables = found(tmp_path, cases(police=20, housing=14, unknown=9, male=11))
    (referred,) = (each for each in tables.values() if "Referred by the police" in each)
    assert {name: cell.count for name, cell in referred.items()} == {
        "Referred by the police": 20, "Referred by partners": 14, returning.REST: 9, TOTAL: 43,
    }  # fmt: skip
    (again,) = (each for each in tables.values() if "Repeat cases" in each)
    assert again["Repeat cases"].count == 0


def test_measures_that_one_case_can_have_two_of_stand_apart():
    of = partnership.current().forums["marac"]
    one = CaseFacts(UUID(int=1), {"characteristic": frozenset({"lgbt", "disability"})}, {})
    two = CaseFacts(UUID(int=2), {"characteristic": frozenset({"lgbt"})}, {})
    made = returning.finding(of, of.returns, counted(of.returns, [one, two]), QUARTER)
    for table in made.tables:
        names = {cell.key[0] for cell in table.cells}
        assert not {"Disabled", "Lesbian, gay, bisexual or transgender"} <= names
        if TOTAL in names:
            assert sum(cell.count for cell in table.cells if cell.key != (TOTAL,)) == 2


def test_every_return_of_both_partnerships_can_be_put_before_disclosure_control():
    from concord.strategy import load

    for folder in ("harbourside", "tower_hamlets"):
        home = load(partnership.current().folder.parent / folder)
        for of in home.forums.values():
            if of.returns is not None:
                assert returning.finding(of, of.returns, counted(of.returns, []), QUARTER).tables, of.key
                assert of.returns.rule in home.disclosure.rules and of.returns.audience in home.disclosure.audiences


def test_figures_say_when_the_cases_behind_them_changed(world, tmp_path, settings):
    """One case put right after they were asked for, with the same counts: another case stands behind them."""
    settings.CONCORD_HOME = tmp_path
    of, held = partnership.current().forums["marac"], cases(police=20, housing=14)
    dates, today = (QUARTER.start, QUARTER.end), NOW.date()
    lines = counted(of.returns, held)
    (traced,) = returning.finding(of, of.returns, lines, QUARTER).lineage.datasets
    assert traced.rows == 0, "34 cases are told by the tables, under their rule, and by nothing beside them"
    returning.ask(world.cast["marac-coordinator"], of, lines, *dates, NOW)
    assert not returning.standing(of, lines, *dates, today).changed
    assert not returning.standing(of, counted(of.returns, held[::-1]), *dates, today).changed, "in whatever order"
    other = counted(of.returns, [replace(held[0], item_id=uuid4()), *held[1:]])
    assert [each.count for each in other] == [each.count for each in lines]
    assert returning.standing(of, other, *dates, today).changed
    (asked,) = queue.pending(tmp_path)
    queue.refuse(tmp_path, asked.id, by="Carol Bexley SYN", reason="A case was put right.", clock=work.clock)
    again = returning.standing(of, other, *dates, today)
    assert again.may_ask and not again.changed
    returning.ask(world.cast["marac-coordinator"], of, other, *dates, NOW)
    assert not returning.standing(of, other, *dates, today).changed


def test_the_coordinator_asks_and_somebody_else_lets_it_out(world, tmp_path, settings):
    settings.CONCORD_HOME = tmp_path
    clients = {}
    for name in ("marac-coordinator", "marac-chair", "approver"):
        clients[name] = Client(headers={"host": "localhost"})
        with time_machine.travel(NOW, tick=False):
            clients[name].post("/sign-in/", {"person": name})
    client = clients["marac-coordinator"]
    with time_machine.travel(NOW, tick=False):
        first = client.get("/forums/marac/return/")
        assert "never sent" in first.content.decode() and "the period is not over" in first.content.decode()
        quarter, *_ = next(each for each in first.context["quarters"] if each[2] < NOW.date())
        address = f"/forums/marac/return/?quarter={quarter}"
        assert "Ask for the figures that may be sent" in client.get(address).content.decode()
        early = client.post("/forums/marac/return/ask/", {"quarter": first.context["quarters"][0][0]}, follow=True)
        assert "cannot be asked for now" in early.content.decode()
        done = client.post("/forums/marac/return/ask/", {"quarter": quarter}, follow=True).content.decode()
        assert "Asked for." in done and "Waits for a release approver" in done and "Ask for the figures" not in done
        (asked,) = queue.pending(tmp_path)
        assert asked.requested_by == accounts.viewer_named("marac-coordinator").display_name
        assert "What does MARAC return" in clients["approver"].get("/releases/").content.decode()
        queue.approve(tmp_path, asked.id, by="Carol Bexley SYN", reason="Read.", clock=work.clock)
        page = client.get(address).content.decode()
        assert "May be sent" in page and "Repeat cases" in page.split("What may be sent")[1]
        assert "Changed since" not in page
        code = page.split("/figures/")[1].split("/")[0].split('"')[0]
        traced = clients["approver"].get(f"/figures/{code}/").content.decode()
        assert "MARAC, the desk&#x27;s record" in traced and "Recompute it now" not in traced
        assert clients["approver"].post(f"/figures/{code}/").status_code == 404
        with pytest.raises(BadInput, match="counted at the desk, not from a dataset"):
            recompute(tmp_path, code, partnership.current())
        for name in ("marac-chair", "approver"):
            assert clients[name].get(address).status_code == 404
            assert clients[name].post("/forums/marac/return/ask/", {"quarter": quarter}).status_code == 404


def test_a_forum_without_a_rule_lets_nothing_out(world, settings, tmp_path, monkeypatch):
    settings.CONCORD_HOME = tmp_path
    of = partnership.current().forums["marac"]
    without = replace(of, returns=replace(of.returns, rule="nobodys"))
    with time_machine.travel(NOW, tick=False), pytest.raises(Exception, match="cannot be let out"):
        returning.ask(world.cast["marac-coordinator"], without, (), QUARTER.start, QUARTER.end, NOW)
    assert queue.requests(tmp_path) == ()
