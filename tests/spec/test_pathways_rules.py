"""Each pathway's own rules, read from its file, on the days around their edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from concord.desk.referrals.rules import (
    Case,
    Entered,
    Flow,
    NotThatWay,
    began,
    checked,
    chosen,
    clocks_of,
    holds,
    milestones_of,
    move,
    next_due,
    require,
    rules_of,
    shown,
    tally,
    working_time,
)
from concord.strategy import load
from concord.strategy.shapes.pathway import Rule

ROOT = Path(__file__).resolve().parents[2] / "partnerships"
PATHWAYS = load(ROOT / "harbourside").pathways
LONDON_BOROUGH = load(ROOT / "tower_hamlets").pathways
TODAY = date(2026, 6, 15)
RECEIVED = datetime(2026, 6, 12, 20, 0, tzinfo=UTC)
"""A Friday evening."""


def born(years: int, days: int = 0) -> date:
    """Somebody who turned `years` `days` before today."""
    return date(TODAY.year - years, TODAY.month, TODAY.day) - timedelta(days=days)


def outcome(key: str, verb: str, case: Case, pathways=PATHWAYS) -> dict[str, str]:
    return {rule.key: rule.met for rule in rules_of(pathways[key], verb, case, TODAY)}


OFF = {"met_on": "2026-03-15", "local_exclusion": "none"}
TURNAROUND = [
    ("ten today", Case(born(10), "schools", OFF), "age", "met"),
    ("ten tomorrow", Case(born(10, -1), "schools", OFF), "age", "not_met"),
    ("seventeen until tomorrow", Case(born(18, -1), "schools", OFF), "age", "met"),
    ("eighteen today", Case(born(18), "schools", OFF), "age", "not_met"),
    ("age unknown", Case(None, "schools", OFF), "age", "not_known"),
    ("three months to the day", Case(born(14), "schools", OFF), "three_months", "met"),
    ("a day more", Case(born(14), "schools", {**OFF, "met_on": "2026-03-14"}), "three_months", "not_met"),
    ("in the future", Case(born(14), "schools", {**OFF, "met_on": "2026-06-16"}), "three_months", "not_met"),
    ("not said when", Case(born(14), "schools", {}), "three_months", "not_known"),
    ("never before", Case(born(14), "schools", OFF), "once", "met"),
    ("offered before, never started", Case(born(14), "schools", OFF, frozenset({"declined"})), "once", "met"),
    ("started before", Case(born(14), "schools", OFF, frozenset({"started"})), "once", "not_met"),
    ("nobody knows who it is", Case(born(14), "schools", OFF, identified=False), "once", "not_known"),
    ("on a child protection plan", Case(born(14), "s", {**OFF, "local_exclusion": "looked_after"}), "exclusion",
     "not_met"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "case", "key", "met"), TURNAROUND, ids=[row[0] for row in TURNAROUND])
@pytest.mark.parametrize("pathways", [PATHWAYS, LONDON_BOROUGH], ids=["harbourside", "tower_hamlets"])
def test_turnaround(pathways, words, case, key, met):
    assert outcome("turnaround", "accept", case, pathways)[key] == met


def test_a_local_exclusion_is_advice_and_stops_nothing():
    require(PATHWAYS["turnaround"], "accept", Case(born(14), "s", {**OFF, "local_exclusion": "order"}), TODAY)


def test_what_forbids_a_step_says_the_rule_and_its_basis():
    with pytest.raises(NotThatWay) as refused:
        require(PATHWAYS["turnaround"], "accept", Case(born(18), "s", OFF), TODAY)
    assert "aged 10 to 17" in str(refused.value) and "guidance" in refused.value.why


YES, NO = {"consent": "yes"}, {"consent": "no"}
NRM = [
    ("a child without consent", "submit", Case(born(15), "police", NO), True),
    ("an adult with consent", "submit", Case(born(30), "police", YES), True),
    ("an adult without", "submit", Case(born(30), "police", NO), False),
    ("a school is no first responder", "submit", Case(born(15), "education", YES), False),
    ("nor is the health service", "notify", Case(born(30), "health", NO), False),
    ("nor housing", "submit", Case(born(15), "housing", YES), False),
    ("nor probation", "submit", Case(born(15), "probation", YES), False),
    ("nor a voluntary organisation here", "submit", Case(born(15), "voluntary", YES), False),
    ("an adult who does not consent", "notify", Case(born(18), "local_authority", NO), True),
    ("an adult who consents is referred", "notify", Case(born(18), "local_authority", YES), False),
    ("a child is never only notified", "notify", Case(born(17), "local_authority", NO), False),
    ("a whole panel decides", "panel_decision", Case(born(12), "police", {"panel": "whole"}), True),
    ("one of the three missing", "panel_decision", Case(born(12), "police", {"panel": "incomplete"}), False),
    ("the child's own worker chaired", "panel_final", Case(born(12), "police", {"panel": "chaired_by_worker"}), False),
    ("nobody said who decided", "panel_final", Case(born(12), "police", {}), False),
]  # fmt: skip


@pytest.mark.parametrize(("words", "verb", "case", "through"), NRM, ids=[row[0] for row in NRM])
def test_national_referral_mechanism(words, verb, case, through):
    for pathways in (PATHWAYS, LONDON_BOROUGH):
        try:
            require(pathways["nrm"], verb, case, TODAY)
            got = True
        except NotThatWay:
            got = False
        assert got is through


def test_the_local_panel_waits_for_the_partnership_to_say_whether_there_is_one():
    assert outcome("nrm", "submit_local", Case(born(12), "police", YES))["pilot_site"] == "not_known"


@pytest.mark.parametrize(("days", "met"), [(101, "met"), (100, "not_met"), (99, "not_met"), (0, "not_met")])
def test_the_local_panel_needs_more_than_100_days_before_18(days, met):
    rule = next(each for each in PATHWAYS["nrm"].rule if each.key == "panel_time")
    turns_18 = TODAY + timedelta(days=days)
    case = Case(turns_18.replace(year=turns_18.year - 18), "police", {})
    assert holds(rule, PATHWAYS["nrm"], case, TODAY) == met


MILESTONES = [
    ("not yet seventeen", born(17, -1), {"identified"}, ["coming", "coming", "coming"]),
    ("seventeen today", born(17), {"identified"}, ["coming", "coming", "coming"]),
    ("seventeen and a day", born(17, 1), {"identified"}, ["missed", "coming", "coming"]),
    ("assessed", born(17, 1), {"identified", "assessed"}, ["done", "coming", "coming"]),
    ("seventeen and a half, no plan", born(17, 190), {"assessed"}, ["done", "missed", "coming"]),
    ("eighteen, below the threshold and supported", born(18, 1), {"below_threshold"}, ["done", "done", "done"]),
    ("eighteen, nothing done", born(18, 1), {"identified"}, ["missed", "missed", "missed"]),
    ("no date of birth", None, {"identified"}, ["not_known", "not_known", "not_known"]),
]  # fmt: skip


@pytest.mark.parametrize(("words", "born_on", "reached", "states"), MILESTONES, ids=[row[0] for row in MILESTONES])
def test_transitions_say_which_step_was_missed(words, born_on, reached, states):
    for pathways in (PATHWAYS, LONDON_BOROUGH):
        trail = [Entered(each, RECEIVED) for each in sorted(reached)]
        assert [each.state for each in milestones_of(pathways["transitions"], born_on, trail, TODAY)] == states


def walked(*steps: tuple[str, int, str]) -> list[Entered]:
    """States entered so many days before today, each by a step."""
    noon = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
    return [Entered(state, noon - timedelta(days=days), verb) for state, days, verb in steps]


NOON = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)


def went(pathway: str, received: float, **reached: float) -> Flow:
    """A case that came in so many days ago and first reached its states so many days ago."""
    ago = {state: NOON - timedelta(days=days) for state, days in reached.items()}
    return Flow(pathway, "", NOON - timedelta(days=received), ago)


TALLIES = [
    ("interviewed on the last minute", went("missing_return", 9, interviewed=6), [("2026-06-09", True)]),
    ("a minute late", went("missing_return", 9, interviewed=6 - 1 / 1440), [("2026-06-09", False)]),
    ("never", went("missing_return", 9), [("2026-06-09", False)]),
    ("not over yet", went("missing_return", 2, interviewed=1), []),
    ("42 days to the day", went("therapeutic_support", 50, started=8), [("2026-06-07", True)]),
    ("a day more", went("therapeutic_support", 50, started=7), [("2026-06-07", False)]),
    ("42 days not over", went("therapeutic_support", 41), []),
    ("never started", went("turnaround", 300), []),
    ("completed in four months", went("turnaround", 200, started=140, completed=20), [("2026-05-28", True)]),
    ("completed later", went("turnaround", 200, started=140, completed=10), [("2026-05-28", False)]),
    ("a plan completed", went("outcome_22", 90, agreed=80, completed=5), [("2026-06-10", True)]),
    ("a plan that went back", went("outcome_22", 90, agreed=80, not_completed=5), [("2026-06-10", False)]),
    ("a plan under way", went("outcome_22", 90, agreed=80), []),
]


@pytest.mark.parametrize(("words", "flow", "expected"), TALLIES, ids=[row[0] for row in TALLIES])
@pytest.mark.parametrize("pathways", [PATHWAYS, LONDON_BOROUGH], ids=["harbourside", "tower_hamlets"])
def test_a_case_falls_in_a_measure_once_its_time_is_over(pathways, words, flow, expected):
    found = tally([flow], pathways, lambda on: working_time(on.hours, frozenset()), now=NOON)
    assert [(each.day.isoformat(), each.counts) for each in found] == expected


def test_the_national_referral_mechanism_is_counted_by_route_and_without_a_denominator():
    flow = went("nrm", 30, submitted=28, reasonable_grounds=20)
    found = tally([flow], PATHWAYS, lambda on: working_time(on.hours, frozenset()), now=NOON)
    plain = [each for each in found if not each.whole]
    assert [(each.measure, each.groups) for each in plain] == [("nrm_referrals", (("route", "submitted"),))]
    assert {each.measure: each.counts for each in found if each.whole} == {
        "nrm_submitted_in_time": True,
        "nrm_first_decisions_in_time": False,
    }


OFFERS = [("accepted", True), ("declined", True), ("not_safe", False), ("not_reached", False)]


@pytest.mark.parametrize(("pathway", "over"), [("outcome_22", "completed"), ("youth_triage", "decided")])
@pytest.mark.parametrize(("said", "offered"), [*OFFERS, ("no_victim", None), (None, None)])
def test_an_offer_to_a_victim_counts_where_there_is_one(pathway, over, said, offered):
    for picked, on in (({} if said is None else {"restorative": said}, {over: 3}), ({"restorative": "accepted"}, {})):
        flow = replace(went(pathway, 30, **on), chosen=picked)
        found = tally([flow], PATHWAYS, lambda on: working_time(on.hours, frozenset()), now=NOON)
        counted = [each.counts for each in found if each.measure == "restorative_offered"]
        assert counted == ([offered] if on and offered is not None else [])


def test_only_what_was_picked_from_a_list_is_kept_to_be_counted():
    said = {"score": "3", "yjs_view": "accepted", "decided_by": "smith"}
    kept = checked(PATHWAYS["youth_triage"], "consider", said)
    assert chosen(PATHWAYS["youth_triage"], "consider", kept) == {"score": "3"}


@pytest.mark.parametrize("folder", ["harbourside", "tower_hamlets"])
def test_every_measure_of_a_pathway_is_one_the_return_may_carry(folder):
    home = load(ROOT / folder)
    allowed = set(home.feeds["desk_returns"].tables["desk_returns"].fields["measure"].values)
    wanted = {each.key for on in home.pathways.values() for each in on.measure}
    read = {each.parameters.get("measure") for each in home.indicators.values() if "desk_returns" in each.feeds}
    assert wanted <= allowed and wanted - read == {"custody_contacts_taken_up"}


AWAITED = [
    ("not begun", "turnaround", walked(("received", 90, "")), {}, {}),
    ("six weeks to the day", "turnaround", walked(("started", 42, "start")), {}, {"review": "coming"}),
    ("a day more", "turnaround", walked(("started", 43, "start")), {}, {"review": "missed"}),
    ("reviewed since", "turnaround", walked(("started", 80, "start"), ("started", 40, "review")), {},
     {"review": "coming"}),
    ("reviewed, and due again", "turnaround", walked(("started", 90, "start"), ("started", 43, "review")), {},
     {"review": "missed"}),
    ("completed", "turnaround", walked(("started", 90, "start"), ("completed", 1, "complete")), {},
     {"review": "done"}),
    ("agreed a fortnight ago", "outcome_22", walked(("agreed", 14, "agree")), {}, {"begun": "coming"}),
    ("agreed and not begun", "outcome_22", walked(("agreed", 15, "agree")), {"ends_on": "2026-06-15"},
     {"begun": "missed", "finished": "coming"}),
    ("past its day", "outcome_22", walked(("agreed", 40, "agree"), ("in_progress", 30, "start")),
     {"ends_on": "2026-06-14"}, {"begun": "done", "finished": "missed"}),
    ("asked about lately", "nrm", walked(("submitted", 20, "submit"), ("submitted", 2, "chase")), {},
     {"first_decision": "coming"}),
    ("nobody asked", "nrm", walked(("submitted", 8, "submit")), {}, {"first_decision": "missed"}),
    ("the wait for the final decision", "nrm",
     walked(("submitted", 50, "submit"), ("reasonable_grounds", 31, "first_decision")), {},
     {"first_decision": "done", "final_decision": "missed"}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "key", "trail", "said", "states"), AWAITED, ids=[row[0] for row in AWAITED])
@pytest.mark.parametrize("pathways", [PATHWAYS, LONDON_BOROUGH], ids=["harbourside", "tower_hamlets"])
def test_a_step_is_missed_from_the_day_after(pathways, words, key, trail, said, states):
    found = milestones_of(pathways[key], born(14), trail, TODAY, said)
    assert {each.key: each.state for each in found} == states


def test_what_somebody_else_answers_is_said_in_the_same_words_whatever_the_reason():
    """Started before, and closed to new referrals: a screen cannot tell the one from the other."""
    open_, case = PATHWAYS["turnaround"], Case(born(14), "schools", OFF)
    shut = replace(open_, setting=tuple(replace(each, value="closed") for each in open_.setting))
    before = replace(case, reached=frozenset({"started"}))
    reasons = [(open_, before), (shut, case), (shut, before)]
    seen = {shown(on, rules_of(on, "accept", one, TODAY)) for on, one in reasons}
    assert len(seen) == 1 and {each.key: each.met for each in seen.pop()}["asked"] == "not_met"
    refusals = set()
    for on, one in reasons:
        with pytest.raises(NotThatWay) as refused:
            require(on, "accept", one, TODAY)
        refusals.add((str(refused.value), refused.value.why, refused.value.next_step))
    assert len(refusals) == 1


def test_a_return_home_interview_is_due_72_hours_later_weekend_or_not():
    on = PATHWAYS["missing_return"]
    hours = working_time(on.hours, frozenset())
    assert next_due(on, "", RECEIVED, [Entered("returned", RECEIVED)], hours) == RECEIVED + timedelta(hours=72)
    done = [Entered("returned", RECEIVED), Entered("interviewed", RECEIVED + timedelta(hours=71))]
    assert next_due(on, "", RECEIVED, done, hours) is None
    (clock,) = clocks_of(on, "", RECEIVED, done, hours, now=RECEIVED + timedelta(days=9), decided_at=None)
    assert clock.met is True


BACK = [
    ({"returned_on": "2026-06-11", "returned_at": "22:30"}, datetime(2026, 6, 14, 21, 30, tzinfo=UTC)),
    ({"returned_on": "2026-06-11"}, datetime(2026, 6, 13, 23, 0, tzinfo=UTC)),
    ({"returned_on": "2026-06-12", "returned_at": "21:00"}, RECEIVED + timedelta(hours=72)),
    ({}, RECEIVED + timedelta(hours=72)),
]


@pytest.mark.parametrize(("said", "due_at"), BACK)
def test_the_72_hours_run_from_the_childs_return_and_not_from_the_form(said, due_at):
    on, trail = PATHWAYS["missing_return"], [Entered("returned", RECEIVED)]
    began_at = began(on, said, RECEIVED)
    assert next_due(on, "", RECEIVED, trail, working_time(on.hours, frozenset()), began_at) == due_at
    (clock,) = clocks_of(
        on, "", RECEIVED, trail, working_time(on.hours, frozenset()), now=RECEIVED, decided_at=None, began_at=began_at
    )
    assert clock.why.startswith(f"72 hours from {'the child’s return' if said else 'receipt'}, day and night")
    flow = Flow("missing_return", "", RECEIVED, {"interviewed": due_at + timedelta(minutes=1)}, began_at)
    (one,) = tally([flow], PATHWAYS, lambda of: working_time(of.hours, frozenset()), now=due_at + timedelta(days=1))
    assert one.counts is False


def test_a_return_that_is_still_to_come_is_refused_and_a_time_is_read_as_people_write_it():
    on = PATHWAYS["missing_return"]
    with pytest.raises(NotThatWay, match="still to come"):
        began(on, {"returned_on": "2026-06-12", "returned_at": "21:01"}, RECEIVED)
    given = {"returned_on": date(2026, 6, 11), "grade": "low", "from_where": "home", "school_hours": "no"}
    assert checked(on, "", {**given, "returned_at": "7.05"})["returned_at"] == "07:05"
    with pytest.raises(NotThatWay, match="no time of day"):
        checked(on, "", {**given, "returned_at": "late"})


def test_a_wait_starts_when_the_referral_is_sent_and_stops_when_support_starts():
    on = PATHWAYS["therapeutic_support"]
    hours = working_time(on.hours, frozenset())
    monday = datetime(2026, 6, 15, 10, 0, tzinfo=UTC)
    trail = [Entered("needs_assessed", monday), Entered("offered", monday), Entered("sent", monday)]
    asked = {"now": monday + timedelta(days=50), "decided_at": None}
    wait = next(each for each in clocks_of(on, "", monday, trail, hours, **asked) if each.key == "wait")
    assert wait.overdue and wait.due_at.date() == date(2026, 7, 27), "thirty working days"
    trail.append(Entered("started", monday + timedelta(days=20)))
    wait = next(each for each in clocks_of(on, "", monday, trail, hours, **asked) if each.key == "wait")
    assert not wait.overdue and wait.met


def test_the_five_days_of_a_reasonable_grounds_decision_do_not_run_before_it_is_submitted():
    on = PATHWAYS["nrm"]
    hours = working_time(on.hours, frozenset())
    clocks = clocks_of(on, "", RECEIVED, [Entered("prompted", RECEIVED)], hours, now=RECEIVED, decided_at=None)
    assert "reasonable_grounds" not in {each.key for each in clocks}


def test_outcome_22_asks_for_no_admission_and_may_be_agreed_without_the_childs_words():
    on = PATHWAYS["outcome_22"]
    assert checked(on, "agree", {"activity": "Six sessions", "ends_on": date(2026, 9, 1)}) == {
        "activity": "Six sessions",
        "ends_on": "2026-09-01",
    }
    assert not any("admi" in each.key for each in on.question)


def test_an_answer_that_is_none_of_the_choices_is_refused_by_name():
    with pytest.raises(NotThatWay, match="“maybe” is not an answer to “Does the person consent"):
        checked(PATHWAYS["nrm"], "submit", {"consent": "maybe", "reference": "x"})
    with pytest.raises(NotThatWay, match="Answer “Reference number given”"):
        checked(PATHWAYS["nrm"], "submit", {"consent": "yes"})


SEVERAL = [
    ("two, kept in the file's order", ["religion", "race"], ["race", "religion"]),
    ("twice the same", ["race", "race"], ["race"]),
    ("one, said alone", "disability", ["disability"]),
]


@pytest.mark.parametrize(("said", "kept"), [row[1:] for row in SEVERAL], ids=[row[0] for row in SEVERAL])
def test_of_several_answers_each_that_fits_is_kept(said, kept):
    rest = {"where": "SYN Route 9", "police": "no"}
    assert checked(PATHWAYS["hate_report"], "", {**rest, "motive": said})["motive"] == kept


def test_of_several_answers_none_may_be_unknown_and_one_must_be_there():
    rest = {"where": "SYN Route 9", "police": "no"}
    with pytest.raises(NotThatWay, match="“envy” is not an answer to “What do you think it was about"):
        checked(PATHWAYS["hate_report"], "", {**rest, "motive": ["race", "envy"]})
    with pytest.raises(NotThatWay, match="Answer “What do you think it was about"):
        checked(PATHWAYS["hate_report"], "", {**rest, "motive": []})


@pytest.mark.parametrize(
    ("said", "met"), [(["race", "age"], "met"), (["age"], "not_met"), ([], "not_known"), ("race", "met")]
)
def test_a_rule_on_several_answers_holds_if_one_of_them_fits(said, met):
    on = PATHWAYS["hate_report"]
    rule = Rule(key="x", on=("settle",), test="answer", said="", question="motive", one_of=("race", "religion"))
    assert holds(rule, on, Case(None, "", {"motive": said}), TODAY) == met


@pytest.mark.parametrize("pathways", [PATHWAYS, LONDON_BOROUGH], ids=["harbourside", "tower_hamlets"])
def test_every_pathway_can_be_walked_to_an_end(pathways):
    """From the first state every other can be reached, and from each some final one."""
    for on in pathways.values():
        edges = {state.key: {m.target for m in on.transition if state.key in m.sources} for state in on.state}
        reached = grow({on.initial}, edges)
        assert reached == set(edges), (on.key, set(edges) - reached)
        final = {state.key for state in on.state if state.final}
        assert all(grow({state}, edges) & final for state in edges), on.key
        assert not any(edges[state] for state in final), f"{on.key}: something leaves an end"


def grow(states: set[str], edges: dict[str, set[str]]) -> set[str]:
    more = set(states)
    while new := {target for state in more for target in edges[state]} - more:
        more |= new
    return more


@pytest.mark.parametrize("pathways", [PATHWAYS, LONDON_BOROUGH], ids=["harbourside", "tower_hamlets"])
def test_every_step_refuses_what_its_table_does_not_have(pathways):
    for on in pathways.values():
        for state in on.state:
            for verb in {each.verb for each in on.transition}:
                there = any(state.key in each.sources for each in on.transition if each.verb == verb)
                given = dict.fromkeys(("rag", "reason", "level", "route", "rationale", "feedback"), "x")
                if there:
                    assert move(on, state.key, verb, given)
                else:
                    with pytest.raises(NotThatWay):
                        move(on, state.key, verb, given)


HEARS = [
    ("domestic_abuse_marac", "list_at_marac", born(16), True),
    ("domestic_abuse_marac", "list_at_marac", born(16, -1), False),
    ("domestic_abuse_marac", "list_at_marac", None, True),
    ("domestic_abuse_marac", "specialist_support", born(15), True),
    ("domestic_abuse_marac", "not_accepted", born(15), True),
    ("high_risk_referral", "list_at_high_risk_panel", born(18), True),
    ("high_risk_referral", "list_at_high_risk_panel", born(18, -1), False),
    ("high_risk_referral", "list_at_high_risk_panel", None, False),
    ("high_risk_referral", "not_accepted", born(17), True),
    ("community_marac_referral", "list_at_community_marac", born(18), True),
    ("community_marac_referral", "list_at_community_marac", born(17), False),
    ("community_marac_referral", "list_at_community_marac", None, True),
    ("community_marac_referral", "not_accepted", born(17), True),
]


@pytest.mark.parametrize(("key", "route", "born_on", "through"), HEARS)
@pytest.mark.parametrize("pathways", [PATHWAYS, LONDON_BOROUGH], ids=["harbourside", "tower_hamlets"])
def test_a_panel_hears_its_own_ages_and_whoever_is_too_young_can_still_be_turned_away(
    pathways, key, route, born_on, through
):
    case = Case(born_on, "health", {})
    if through:
        require(pathways[key], "decide", case, TODAY, route)
    else:
        with pytest.raises(NotThatWay):
            require(pathways[key], "decide", case, TODAY, route)


@pytest.mark.parametrize(("key", "verb"), [("outcome_22", "complete"), ("youth_triage", "settle")])
@pytest.mark.parametrize("pathways", [PATHWAYS, LONDON_BOROUGH], ids=["harbourside", "tower_hamlets"])
def test_whether_the_victim_was_offered_a_restorative_process_is_always_said(pathways, key, verb):
    with pytest.raises(NotThatWay, match="restorative process"):
        checked(pathways[key], verb, {})
    assert checked(pathways[key], verb, {"restorative": "not_safe"}) == {"restorative": "not_safe"}
