"""Every pathway of both folders, walked through the real operations to each of its ends; what the referrer reads on the
way is what the file says. An agreement that was not signed lets nothing through."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import desk_story as story
import pytest
from desk_story import NOW
from django.db import transaction

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, NotHere, Viewer
from concord.desk.referrals import operations, queries, rules
from concord.desk.referrals.rules import NotThatWay, PartyDetails
from concord.desk.sharing.operations import NotCovered
from concord.desk.sharing.session import _agreements_of
from concord.strategy import Partnership, load
from concord.strategy.shapes.pathway import Pathway, Transition

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2] / "partnerships"
FOLDERS = {name: load(ROOT / name) for name in ("harbourside", "tower_hamlets")}
BORN = {"child": date(2011, 3, 14), "young person": date(2009, 1, 2), "adult": date(1990, 7, 2)}
SECTORS = ("police", "local_authority", "youth_justice")
ENDS = [
    (folder, key, state.key)
    for folder, home in FOLDERS.items()
    for key, on in sorted(home.pathways.items())
    for state in on.state
    if state.final
]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


@pytest.fixture
def signed(monkeypatch) -> Iterator[dict[str, Partnership]]:
    """Both folders with every agreement in force and everybody of the cast a party to it: what signing would do."""
    everybody = tuple(accounts.partnership().agencies)
    made = {}
    for name, home in FOLDERS.items():
        agreements = {
            key: replace(each, starts_on=date(2020, 1, 1), expires_on=date(2035, 1, 1), parties=everybody)
            for key, each in home.agreements.items()
        }
        agencies = {**accounts.partnership().agencies, **home.agencies}
        kept = {"key": accounts.partnership().key, "agreements": agreements, "agencies": agencies}
        settings_yes = {
            key: replace(on, setting=tuple(replace(one, value=_open(on, one.key)) for one in on.setting))
            for key, on in home.pathways.items()
        }
        made[name] = replace(home, **kept, pathways=settings_yes)
    yield made
    _agreements_of.cache_clear()


def _open(on: Pathway, key: str) -> str:
    """The value of a setting under which its steps can be taken."""
    for rule in on.rule:
        if rule.setting == key and rule.one_of:
            return rule.one_of[0]
    return next(each.value for each in on.setting if each.key == key)


def under(monkeypatch, home: Partnership) -> None:
    _agreements_of.cache_clear()
    monkeypatch.setattr(accounts, "partnership", lambda: home)


def way(on: Pathway, end: str) -> list[Transition]:
    """The shortest way of the table to a state."""
    found: deque[tuple[str, list[Transition]]] = deque([(on.initial, [])])
    seen = {on.initial}
    while found:
        state, taken = found.popleft()
        if state == end:
            return taken
        for each in on.transition:
            if state in each.sources and each.target not in seen:
                seen.add(each.target)
                found.append((each.target, [*taken, each]))
    raise AssertionError(f"nothing leads to “{end}”")


def answers(on: Pathway, verb: str) -> dict[str, object]:
    """An answer to each question under which the rules of the step hold."""
    given: dict[str, object] = {}
    for each in rules.questions_of(on, verb):
        wanted = next((rule.one_of[0] for rule in on.rule if rule.question == each.key and verb in rule.on
                       and rule.one_of), None)  # fmt: skip
        if wanted is not None:
            given[each.key] = wanted
        elif each.kind in ("choice", "several"):
            given[each.key] = each.choice[0].key
        elif each.kind == "day":
            given[each.key] = (NOW - timedelta(days=5)).date()
        else:
            given[each.key] = {"yes_no": "yes", "count": "1", "time": "22:30"}.get(each.kind, "Said.")
    return given


def adult_only(on: Pathway, taken: list[Transition]) -> bool:
    """Whether a rule of the way asks for an adult."""
    verbs = {each.verb for each in taken}
    return any(rule.test == "age" and rule.from_age >= 18 and verbs & set(rule.on) for rule in on.rule)


def handler(cast: dict[str, Viewer], on: Pathway) -> Viewer:
    """Somebody of the team that receives, for every purpose the pathway may have."""
    kind, _, rest = on.received_by.partition(":")
    if kind == "forum":
        seat = f"{rest.partition(':')[0]}:coordinator"
        return next(each for each in cast.values() if seat in each.forums)
    return next(each for name, each in cast.items() if on.received_by in each.holders and not name.startswith("as-"))


def submitted(cast: dict[str, Viewer], on: Pathway, adult: bool) -> tuple[Viewer, UUID]:
    by = cast["police"] if on.from_sectors else cast["school"]
    purposes = frozenset({*by.purposes, on.purpose})
    by = replace(by, purposes=purposes)
    born_on = BORN["adult"] if adult or on.subject == "adult" else BORN.get(on.subject, BORN["child"])
    people = [
        PartyDetails(each.role, "", "Quay Steps") if each.kind != "person" else
        PartyDetails(each.role, "Rafi", f"Walker {each.role}", born_on)
        for each in on.party if each.required
    ]  # fmt: skip
    receipt = operations.submit(
        viewer=by, pathway=on.key, parties=people, concern="Seen twice.", ground=on.ground[0].key if on.ground else "",
        answers=answers(on, ""), at=NOW,
    )  # fmt: skip
    return by, receipt.referral_id


@pytest.mark.parametrize(("folder", "key", "end"), ENDS, ids=["-".join(each) for each in ENDS])
def test_a_pathway_is_walked_to_each_of_its_ends(world, signed, monkeypatch, folder, key, end):
    home = signed[folder]
    on = home.pathways[key]
    under(monkeypatch, home)
    taken = way(on, end)
    with transaction.atomic():
        by, referral_id = submitted(world.cast, on, adult_only(on, taken))
        who = handler(world.cast, on)
        who = replace(who, purposes=frozenset({*who.purposes, on.purpose}))
        contact_id = queries.contact_of(who, referral_id, at=NOW)
        if accounts.may(who, "person.match") and any(each.kind == "person" and each.required for each in on.party):
            story.identify_all(who, contact_id, NOW)
        at = NOW
        for step in taken:
            at += timedelta(minutes=10)
            _take(who, on, contact_id, step, at)
            told = queries.referral_status(by, referral_id, at=at)
            assert told.told == next(state.told for state in on.state if state.key == step.target)
        assert queries.referral_status(by, referral_id, at=at).decided
        page = queries.contact(who, contact_id, at=at)
        assert page.decided and page.state == end and page.decided_by == who.display_name
        with pytest.raises(NotThatWay):
            _take(who, on, contact_id, taken[-1], at)
        with pytest.raises((NotHere, NotAllowed)):
            queries.contact(replace(world.cast["patrol"], roles=who.roles), contact_id, at=at)
        transaction.set_rollback(True)


def _take(who: Viewer, on: Pathway, contact_id: UUID, step: Transition, at) -> None:
    version = queries.contact(who, contact_id, at=at).version
    level = on.level[0].level if on.level else None
    route = next((each.key for each in on.route if not each.forum and (not each.levels or level in each.levels)),
                 on.route[0].key)  # fmt: skip
    common = {"viewer": who, "contact_id": contact_id, "version": version, "at": at}
    if step.verb == "triage":
        operations.triage(rag=on.rag[0], reason="Seen.", **common)
    elif step.verb == "decide":
        operations.decide(level=level, route=route, rationale="Weighed.", feedback="Thank you.", **common)
    else:
        given = {"reason": "Seen.", "rationale": "Weighed.", "feedback": "Thank you.", "route": route}
        needed = {name: given[name] for name in step.needs}
        operations.advance(verb=step.verb, given=needed, answers=answers(on, step.verb), **common)


@pytest.mark.parametrize("key", sorted(FOLDERS["tower_hamlets"].pathways))
def test_until_tower_hamlets_signs_nothing_goes_through(world, monkeypatch, key):
    """Its agreements are patterns to fill in: out of force, so that nothing is shared and nothing is stored."""
    home = FOLDERS["tower_hamlets"]
    under(monkeypatch, replace(home, key=accounts.partnership().key))
    with pytest.raises(NotCovered), transaction.atomic():
        submitted(world.cast, home.pathways[key], adult=False)
    _agreements_of.cache_clear()
