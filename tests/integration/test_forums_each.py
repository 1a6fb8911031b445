"""Every forum and board of both partnerships, from its file: planned, listed, researched, decided every way it can be,
closed, signed, counted, carried over."""

from __future__ import annotations

import json
import re
import shutil
from datetime import timedelta
from pathlib import Path

import forum_story as forums
import pytest
from desk_story import MONDAY
from django.db import connection

from concord.desk.accounts.rules import NotAllowed, NotHere
from concord.desk.panels import operations as panels
from concord.desk.panels import queries
from concord.desk.sharing.session import as_viewer
from concord.kernel.errors import Refused
from concord.strategy import load

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2] / "partnerships"
PLACES = {name: load(ROOT / name) for name in ("harbourside", "tower_hamlets")}
CASES = [pytest.param(place, key, id=f"{place}-{key}") for place, home in PLACES.items() for key in sorted(home.forums)]
NAMED = {
    "mace", "marac", "community_marac", "high_risk_panel", "hate_incident_panel", "daily_risk_meeting", "pacesetters",
    "weekly_violence_assessment", "iom", "tasking_coordination", "stop_search_scrutiny", "executive",
    "exploitation_missing_group", "safer_neighbourhood_board", "community_safety_partnership",
}  # fmt: skip


CASES = [
    pytest.param(place, key, id=f"{place}-{key}")
    for place, home in PLACES.items()
    for key in sorted(home.forums)
    # Boards of one kind share their pattern: beside those that are named, one of each kind sits here.
    if key in NAMED or home.forums[key].hears == "cases" or (home.boards[key].kind == "subgroup" and "vawg" in key)
]


@pytest.mark.parametrize("place", PLACES)
def test_every_forum_that_the_strategy_names_is_there(place):
    assert set(PLACES[place].forums) >= NAMED


@pytest.fixture(scope="session")
def signed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each partnership's folder with every agreement in force. Tower Hamlets names none that is signed: in a copy of
    its folder all its agencies sign."""
    there = tmp_path_factory.mktemp("signed")
    for name in ("national", "tower_hamlets"):
        shutil.copytree(ROOT / name, there / name)
    home = PLACES["tower_hamlets"]
    (there / "tower_hamlets" / "sharing").mkdir(exist_ok=True)
    for held in {of.agreement for of in home.forums.values() if of.agreement}:
        text = (ROOT / "national" / "sharing" / f"{held}.toml").read_text("utf-8")
        text = re.sub(r"parties = \[.*?\]", f"parties = {json.dumps(sorted(home.agencies))}", text, flags=re.S)
        text = text.replace("starts_on = 2000-01-01", "starts_on = 2020-01-01")
        text = text.replace("expires_on = 2000-01-01", "expires_on = 2040-01-01")
        (there / "tower_hamlets" / "sharing" / f"{held}.toml").write_text(text, "utf-8")
    return {"harbourside": ROOT / "harbourside", "tower_hamlets": there / "tower_hamlets"}


@pytest.mark.parametrize("key", ["mace", "iom", "community_marac"])
def test_without_a_signed_agreement_no_case_is_shared(settings, key):
    """Tower Hamlets as its strategy leaves it: the forum can be planned, and nobody is told of a case."""
    settings.CONCORD_PARTNERSHIP = ROOT / "tower_hamlets"
    seated = forums.seat(key, MONDAY, any_agency=True)
    meeting_id = forums.planned(seated, MONDAY + timedelta(days=10), MONDAY)
    with pytest.raises(Refused, match="not a party to"):
        forums.listed(seated, meeting_id, seated.of.item[0], 1, MONDAY)
    assert queries.meeting(seated.coordinator, meeting_id, at=MONDAY).items == ()


@pytest.mark.parametrize(("place", "key"), CASES)
def test_a_forum_sits_from_its_file_to_its_signed_minutes(settings, signed, place, key):
    settings.CONCORD_PARTNERSHIP = signed[place]
    seated, at = forums.seat(key, MONDAY), MONDAY
    of, starts = seated.of, MONDAY + timedelta(days=10)
    meeting_id = forums.planned(seated, starts, at)
    pairs = list(forums.endings(of))
    items = [
        (forums.listed(seated, meeting_id, kind, number, at), kind, outcome)
        for number, (kind, outcome) in enumerate(pairs)
    ]
    if of.hears == "cases" and seated.members:
        panels.add_research(viewer=seated.members[0], item_id=items[0][0], text="Two visits.", at=at)
    forums.opened(seated, meeting_id, starts)
    for item_id, _, outcome in items:
        forums.decided(seated, item_id, outcome, starts)
    agencies = {each.agency for each in (seated.chair, seated.coordinator, *seated.members)}
    for item_id, kind, outcome in items:
        page = queries.item(seated.coordinator, item_id, at=starts)
        expected = 1 + (0 if outcome.carries_over else len(outcome.follow_up))
        handed = of.hand_off is not None and not outcome.carries_over and kind.subject == "person"
        assert len(page.actions) - expected in ((0, 1) if handed else (0,)), (kind.key, outcome.key)
        assert page.state == ("carried_over" if outcome.carries_over else "decided")
    assert {each.agency for each in _actions(seated, starts)} <= agencies
    panels.close_meeting(viewer=seated.coordinator, meeting_id=meeting_id, at=starts)
    text = panels.sign_minutes(viewer=seated.chair, meeting_id=meeting_id, at=starts)
    assert queries.minutes(seated.coordinator, meeting_id, at=starts) == text
    for item_id, _, _ in items:
        reference = queries.item(seated.coordinator, item_id, at=starts).reference
        assert f"Said: Said about {reference}." in text and f"Because of {reference}." in text
    again = forums.planned(seated, starts + timedelta(days=7), starts)
    carried = {line.item_id for line in queries.carried_over(seated.coordinator, key, at=starts)}
    assert carried == {item_id for item_id, _, outcome in items if outcome.carries_over}
    for item_id in carried:
        panels.carry_over(viewer=seated.coordinator, item_id=item_id, meeting_id=again, at=starts)
    assert len(queries.meeting(seated.coordinator, again, at=starts).items) == len(carried)
    for read in (lambda: queries.meeting(seated.stranger, meeting_id, at=starts),
                 lambda: queries.item(seated.stranger, items[0][0], at=starts)):  # fmt: skip
        with pytest.raises((NotHere, NotAllowed)):
            read()
    if of.returns is not None:
        _recounted(seated, starts, meeting_id)


def _actions(seated, at):
    with as_viewer(seated.coordinator, at=at):
        return list(queries.open_to(seated.coordinator, at).filter(forum=seated.of.key))


def _recounted(seated, starts, meeting_id) -> None:
    """Each figure of the return counted again from the tables, by other code."""
    day = starts.date()
    lines, references = queries.forum_return(
        seated.coordinator, seated.of.key, day - timedelta(days=20), day + timedelta(days=20), at=starts
    )
    with as_viewer(seated.coordinator, at=starts), connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.id, i.kind, i.facets, i.repeat, d.outcome FROM panels_item i"
            " JOIN panels_decision d ON d.item_id = i.id WHERE i.meeting_id = %s AND i.state = 'decided'",
            [meeting_id],
        )
        rows = [(key, kind, json.loads(facets) if isinstance(facets, str) else facets, repeat, outcome)
                for key, kind, facets, repeat, outcome in cursor.fetchall()]  # fmt: skip
        cursor.execute(
            "SELECT v.item_id, v.role, p.sex, p.born_on FROM panels_involvement v"
            " JOIN panels_item i ON i.id = v.item_id JOIN people_person p ON p.id = v.person_id"
            " WHERE i.meeting_id = %s",
            [meeting_id],
        )
        people = cursor.fetchall()
    assert len(rows) == len(references) > 0

    def holds(row, fact, values) -> bool:
        key, kind, facets, repeat, outcome = row
        mine = [each for each in people if each[0] == key]
        if fact == "kind":
            return kind in values
        if fact == "outcome":
            return outcome in values
        if fact == "repeat":
            return ("yes" if repeat else "no") in values
        if fact == "referrer":
            return False  # nobody was referred here
        role, _, what = fact.rpartition("_")
        ages = {(starts.date() - born).days // 365.25 for _, part, _, born in mine if part == role}
        if what == "sex":
            return any(sex in values for _, part, sex, _ in mine if part == role)
        if what == "age":
            return bool({str(int(age)) for age in ages} & set(values))
        if what == "child":
            return any(age < 18 for age in ages)
        return bool(set(facets.get(fact, [])) & set(values))

    found = {}
    for measure in seated.of.returns.measure:
        behind = [row for row in rows if all(holds(row, fact, values) for fact, values in measure.where.items())]
        ids = {row[0] for row in behind}
        found[measure.key] = (
            sum(part == measure.count and key in ids for key, part, _, _ in people) if measure.count else len(behind)
        )
    assert {line.key: line.count for line in lines} == found
    shares = {each.key: each.of for each in seated.of.returns.measure}
    for line in lines:
        if line.share is not None:
            assert line.share == pytest.approx(line.count / found[shares[line.key]])
