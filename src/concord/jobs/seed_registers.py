"""What stands in a demonstration's registers, entered by the demo people whose roles keep them. All of it is invented.

What a partnership's folder names is used as it stands: its actions, boards, services and funding streams, so that the
same seeding serves any folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concord.desk.accounts.rules import Viewer
    from concord.strategy import Partnership
    from concord.strategy.shapes.kept import KeptRegister

RAG = ("green", "green", "amber", "red", "green")
PROGRESS = {
    "green": "On course: the first half is done.",
    "amber": "A month late; the lead has a way back and says when.",
    "red": "Nobody has been found to do it. The board is asked what to drop.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """An entry `began` days ago that falls due `due` days from now (below nought: overdue; None: no such day)."""

    register: str
    title: str
    began: int
    due: int | None
    given: Mapping[str, Any]
    agency: str = ""
    person: tuple[str, str, date] | None = None
    ended: tuple[str, str] | None = None
    corrected: Mapping[str, Any] = field(default_factory=dict)


def fill(who: Mapping[str, Viewer], partnership: Partnership, now: datetime) -> int:
    """Enter, correct and close through the real operations. Returns how many entries were made; none in a register
    whose keepers nobody of the demonstration is."""
    from concord.desk.people.rules import Details
    from concord.desk.registers import operations, queries

    made, known = 0, {}
    for line in lines(partnership, now.date()):
        of = partnership.kept_registers.get(line.register)
        keeper = next((each for each in who.values() if of is not None and each.roles & set(of.kept_by)), None)
        if of is None or keeper is None:
            continue
        at = now - timedelta(days=line.began, minutes=5)
        frame: dict[str, Any] = {
            "viewer": keeper,
            "register": line.register,
            "title": line.title,
            "dated_on": at.date(),
            "due_on": now.date() + timedelta(days=line.due) if line.due is not None else None,
            "agency": line.agency if line.agency in partnership.agencies else "",
        }
        given = _asked(of, line.given)
        about = known.get(line.person) or (Details(*line.person) if line.person else None)
        entry_id = operations.add_entry(**frame, given=given, who=about, at=at)
        if line.person and line.person not in known:
            known[line.person] = queries.entry(keeper, line.register, entry_id, at=at).person_id
        version = 1
        if line.corrected:
            later = at + timedelta(days=line.began / 2)
            operations.correct_entry(
                **frame, entry_id=entry_id, given=given | dict(line.corrected), version=version,
                reason="Heard since then.", at=later,
            )  # fmt: skip
            version += 1
        if line.ended:
            outcome, note = line.ended
            operations.close_entry(
                viewer=keeper, register=line.register, entry_id=entry_id, outcome=outcome, note=note, version=version,
                at=now - timedelta(minutes=2),
            )  # fmt: skip
        made += 1
    return made


def _asked(of: KeptRegister, given: Mapping[str, Any]) -> dict[str, Any]:
    return {each.key: given[each.key] for each in of.field if each.key in given}


def lines(partnership: Partnership, today: date) -> Iterator[Line]:
    """Every entry, in the order they are made."""
    yield from _plan(partnership)
    yield from _places()
    yield from _people()
    yield from _work(partnership)
    yield from _governance(partnership, today)


def _plan(home: Partnership) -> Iterator[Line]:
    """A step for the first two actions of each theme that ties them to an outcome."""
    number = 0
    for plan in home.themes.values():
        board = plan.board or home.partnership.lead_body
        for action in [each for each in plan.actions if each.outcomes][:2]:
            rag = RAG[number % len(RAG)]
            outcome = next(one for each in home.themes.values() for one in each.outcomes if one.code in action.outcomes)
            yield Line(
                "action_register",
                f"Next step of {action.code}: {action.name[:1].lower()}{action.name[1:]}"[:200],
                120 - number,
                (-12, 30, 9, -40, 75)[number % 5],
                {
                    "action": action.code, "outcome": outcome.code, "board": outcome.owner or board,
                    "lead": "Head of service",
                    "rag": rag, "progress": PROGRESS[rag],
                },
                agency=action.owner,
            )  # fmt: skip
            number += 1


def _places() -> Iterator[Line]:
    yield Line(
        "tension_log", "Groups gathering after a fight abroad was in the news", 9, -1,
        {"kind": "international", "level": "low", "response": "Faith leaders rung."},
        corrected={"level": "moderate"},
    )  # fmt: skip
    yield Line(
        "tension_log", "Stickers against migrants along the high street", 20, 3,
        {"kind": "race", "level": "low", "response": "Removed the same day."},
        ended=("eased", "None seen since they were removed."),
    )  # fmt: skip
    yield Line(
        "section_60", "SYN-60-014", 24, 10,
        {"area": "The market and the streets beside it", "hours": 15, "rank": "inspector", "ground": "aftermath",
         "rationale": "A stabbing two hours before; the knife was not found.", "told": "yes", "extended": "no"},
    )  # fmt: skip
    yield Line(
        "section_60", "SYN-60-013", 70, 5,
        {"area": "The station", "hours": 9, "rank": "superintendent", "ground": "anticipated",
         "rationale": "Two groups had agreed to meet.", "told": "no", "extended": "no",
         "panel": "Members asked why nobody was told beforehand."},
        ended=("reviewed_concern", "To be told beforehand from now on; the police agreed."),
    )  # fmt: skip
    yield Line(
        "operations", "Operation Lantern SYN", 60, 14,
        {"aim": "drugs_supply", "partners": "Police, enforcement officers, housing", "powers": "Warrants",
         "warrants": 6, "arrests": 5, "charged": 3, "safeguarded": 4},
    )  # fmt: skip
    yield Line(
        "test_purchases", "A shop on the high street SYN", 15, -2,
        {"product": "knife", "age": 15, "sold": "yes", "asked_age": "no"},
    )  # fmt: skip
    yield Line(
        "test_purchases", "A supermarket SYN", 15, 20,
        {"product": "knife", "age": 15, "sold": "no", "asked_age": "yes"},
        ended=("passed", "Asked for proof of age and refused."),
    )  # fmt: skip
    yield Line(
        "cctv_redeployments", "Camera 41 SYN", 40, -3,
        {"where": "The steps to the quay", "problem": "robbery", "impact": "yes",
         "approved": "Head of community safety",
         "necessity": "Eleven robberies in a month after dark; lighting was mended and patrols doubled first."},
    )  # fmt: skip


def _people() -> Iterator[Line]:
    yield Line(
        "civil_orders", "SYN-CBO-7", 200, 160,
        {"kind": "cbo", "applied_by": "community_safety", "conditions": "Not to enter two named streets after 18:00.",
         "support": "A place with the drug treatment service", "breaches": 1},
        person=("Marlon", "Redfern-SYN", date(1994, 5, 17)),
    )  # fmt: skip
    yield Line(
        "civil_orders", "SYN-CL-3", 30, 60,
        {"kind": "closure_order", "applied_by": "community_safety", "conditions": "Only the tenant and carers enter.",
         "support": "A floating support worker", "breaches": 0},
        person=("Edith", "Brackley-SYN", date(1957, 11, 2)),
    )  # fmt: skip
    yield Line(
        "mappa_flags", "SYN-M-11", 90, 20,
        {"category": "2", "level": "2", "lead": "probation", "ring": "Duty officer, on the probation office’s number"},
        person=("Conrad", "Veale-SYN", date(1985, 8, 9)),
    )  # fmt: skip
    yield Line(
        "cuckooed_addresses", "Flat 4, SYN Anchor House", 29, -1,
        {"signs": ["visitors", "no_keys", "drugs"], "vulnerability": ["age", "isolation"], "county_lines": "yes",
         "closure": "partial", "closure_reference": "SYN-CL-3", "visits": 3},
        person=("Edith", "Brackley-SYN", date(1957, 11, 2)),
    )  # fmt: skip


def _work(home: Partnership) -> Iterator[Line]:
    kinds = {"drug": "drug_treatment", "emotional": "therapeutic", "therap": "therapeutic", "mental": "mental_health",
             "domestic": "advocacy", "advoca": "advocacy", "youth": "mentoring", "exploit": "mentoring",
             "parent": "parenting", "online": "online_harm"}  # fmt: skip
    number = 0
    for held in home.services.values():
        for key, each in held.services.items():
            if not each.takes_referrals or number >= 12:
                continue
            said = f"{key} {each.name} {each.purpose}".lower()
            given = {
                "kind": next((kind for word, kind in kinds.items() if word in said), "other"),
                "for_whom": each.for_whom or "Residents", "how": "Through the referral form",
                "open": ("yes", "waiting_list", "yes", "full")[number % 4], "listed": key,
            }  # fmt: skip
            if given["open"] == "waiting_list":
                given["wait_weeks"] = 6
            given |= {"from_age": each.from_age} if each.from_age is not None else {}
            given |= {"to_age": each.to_age} if each.to_age is not None else {}
            yield Line("services_directory", each.name, 200, (90, 40, -15, 70)[number % 4], given, agency=each.provider)
            number += 1
    yield Line(
        "services_directory", "Programme for people who use abuse SYN", 120, 45,
        {"kind": "perpetrator_programme", "for_whom": "Adults who want to stop using abuse at home", "from_age": 18,
         "how": "By any professional or oneself; the partner is supported apart", "open": "waiting_list",
         "wait_weeks": 9},
    )  # fmt: skip
    outcome = next((one.code for plan in home.themes.values() for one in plan.outcomes), "")
    streams = list(home.funding.streams.items()) if home.funding else []
    for index, (key, stream) in enumerate(streams[:3]):
        yield Line(
            "funding_returns", f"{stream.name}: second quarter", 80, (-4, 25, 60)[index],
            {"stream": key, "allocated": 40_000 + 15_000 * index, "spent": 18_500 + 9_000 * index},
        )  # fmt: skip
        if outcome and stream.funder in home.agencies:
            yield Line(
                "programmes", f"Programme paid from {stream.name[:1].lower()}{stream.name[1:]} SYN", 150, 30 + index,
                {"provider": stream.funder if index else next(iter(home.agencies)), "stream": key,
                 "for_whom": "Young people from 11 to 18", "outcome": outcome, "promised": 120, "delivered": 64},
            )  # fmt: skip
    yield Line(
        "events", "Hate Crime Awareness Week: open evening SYN", 40, -5,
        {"theme": "hate", "where": "The town hall", "for_whom": "Everybody", "reach": 64},
    )  # fmt: skip
    yield Line(
        "events", "White ribbon walk SYN", 30, 12,
        {"theme": "vawg", "where": "From the station to the park", "for_whom": "Men and boys", "reach": 110},
        ended=("held", "A hundred and ten people walked."),
    )  # fmt: skip


def _governance(home: Partnership, today: date) -> Iterator[Line]:
    board = home.partnership.lead_body
    if board:
        name = home.boards[board].name
        yield Line(
            "governance_decisions", f"{name} leads the serious violence duty", 900, 120,
            {"kind": "lead_body", "board": board, "minute": "SYN minutes, item 4"},
        )  # fmt: skip
        yield Line(
            "governance_decisions", "Terms of reference of the partnership", 900, -20,
            {"kind": "terms", "board": board, "minute": "SYN minutes, item 5"},
        )  # fmt: skip
        yield Line(
            "governance_decisions", f"Priorities for {today.year}", 150, 215,
            {"kind": "priorities", "board": board, "minute": "SYN minutes, item 7"},
        )  # fmt: skip
    yield Line(
        "equality_assessments", "Evening patrols in the places of highest harm", 100, 260,
        {"groups": ["race", "age", "sex"], "effect": "mitigated", "figures": "",
         "steps": "Stops are counted by ethnicity every month and shown to the scrutiny panel."},
    )  # fmt: skip
    for number, key in enumerate(each for each, agency in home.agencies.items() if agency.part_of is None):
        yield Line(
            "agency_contacts", "Head of partnerships", 160, (-6 if number == 3 else 20 + number),
            {"for_what": "duty", "mailbox": f"{key.replace('_', '.')}@concord.example"}, agency=key,
        )  # fmt: skip
