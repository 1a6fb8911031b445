"""The hands of the demonstration: each thing a demo person does at the desk, done through the real operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from concord.jobs.seed_stories import (
    ENDINGS,
    FAMILY,
    FEEDBACK,
    GIVEN,
    RECORDED,
    RESEARCH,
    RESEARCH_BY,
    TASKS,
    WHY_HEARD,
    WHY_NOT,
    WHY_RATED,
)
from concord.kernel.working_time import LONDON

if TYPE_CHECKING:
    from concord.desk.accounts.rules import Viewer
    from concord.desk.referrals.rules import PartyDetails
    from concord.strategy import Partnership
    from concord.synthetic import Member, Story

DAYS_BACK = 190
STANDS_FOR = {
    "harbourside_police": "police",
    "education_inclusion": "education",
    "community_health": "health",
    "domestic_abuse_service": "idva",
    "housing_providers": "housing",
}
"""Agencies of the stories, and who of the cast works there."""


@dataclass
class Case:
    """A contact on its way to a panel."""

    contact_id: UUID
    decided_at: datetime


class Hands:
    """The demo people at work: who they are, and each step they take. `seed` says which steps, when."""

    # --- people ---------------------------------------------------------------------------------------------------

    def __init__(self, partnership: Partnership, cast: Mapping[str, Story], now: datetime) -> None:
        self.partnership, self.cast, self.now = partnership, cast, now
        self.random = Random(20240801)  # noqa: S311 - the same demonstration every time
        self.made = {"people": 0, "contacts": 0, "meetings": 0, "cases": 0, "actions": 0}
        self.known: dict[tuple[str, str], UUID] = {}
        self.version: dict[UUID, int] = {}
        self.who: dict[str, Viewer] = {}

    def _people(self) -> None:
        from concord.desk.accounts import operations
        from concord.desk.accounts import queries as accounts

        first, admin = self.now - timedelta(days=DAYS_BACK + 30), accounts.service("installation")
        for person in self.partnership.demo_people.person:
            user_id = operations.add_user(
                viewer=admin,
                username=person.username,
                display_name=person.name,
                agency=person.agency,
                roles=person.roles,
                referrer_kind=person.referrer_kind or "",
                at=first,
            )
            for seat in person.sits:
                operations.join_forum(
                    viewer=admin, user_id=user_id, forum=seat.forum, part=seat.part, seat=seat.seat, at=first
                )
            self.who[person.username] = accounts.viewer_named(person.username)
            self.made["people"] += 1

    def _somebody(self, role: str, ages: tuple[float, float]) -> PartyDetails:
        from concord.desk.referrals.rules import PartyDetails

        age, pick = self.random.uniform(*ages), self.random
        return PartyDetails(
            role=role,
            given_name=pick.choice(GIVEN),
            family_name=f"{pick.choice(FAMILY)}-SYN",
            born_on=(self.now - timedelta(days=365.25 * age)).date(),
            sex=pick.choice("FM"),
            postcode=f"ZZ{pick.randint(1, 9)} {pick.randint(1, 9)}{pick.choice('ABDEFGHJ')}{pick.choice('LNPQRSTU')}",
        )

    @staticmethod
    def _member(role: str, member: Member) -> PartyDetails:
        from concord.desk.referrals.rules import PartyDetails

        return PartyDetails(
            role=role,
            given_name=member.given_name,
            family_name=member.family_name,
            born_on=date.fromisoformat(member.born_on) if member.born_on else None,
            sex=member.sex,
            postcode=member.postcode,
        )

    # --- time -----------------------------------------------------------------------------------------------------

    def _in_hours(self, at: datetime, hour: int = 10, *, future: bool = False) -> datetime:
        """That day, or the nearest working day before it (after it in the `future`), at `hour`; never after now
        unless in the `future`."""
        working, day = self._working(), at.date()
        while not working.is_working_day(day):
            day += timedelta(days=1 if future else -1)
        found = datetime.combine(day, time(hour), LONDON)
        # What follows within the half hour must not lie in the future.
        return found if future else min(found, self.now - timedelta(minutes=30))

    def _working(self):  # type: ignore[no-untyped-def]
        from concord.desk.referrals import queries

        return queries.working(queries.pathway("mash_contact"))

    # --- the front door -------------------------------------------------------------------------------------------

    def _submit(
        self, by: str, pathway: str, parties: list[PartyDetails], concern: str, at: datetime, **more: object
    ) -> UUID:
        """Submit, and return the contact that the receiving team finds in its tray."""
        from concord.desk.referrals import operations, queries

        receipt = operations.submit(
            viewer=self.who[by],
            pathway=pathway,
            parties=parties,
            concern=concern,
            at=at,
            **more,  # type: ignore[arg-type]
        )
        receiver = self.who["mash" if pathway == "mash_contact" else "marac-coordinator"]
        self.made["contacts"] += 1
        contact_id = queries.contact_of(receiver, receipt.referral_id, at=at)
        self.version[contact_id] = 1
        return contact_id

    def _identify(self, by: str, contact_id: UUID, at: datetime) -> None:
        """Everyone named, as the same person whenever they come again."""
        from concord.desk.referrals import operations, queries

        viewer = self.who[by]
        page = queries.contact(viewer, contact_id, at=at)
        for party in page.parties:
            details = party.details
            key = (by, f"{details.given_name}|{details.family_name}|{details.born_on}")
            self.known[key] = operations.identify(
                viewer=viewer,
                contact_id=contact_id,
                party_id=party.party_id,
                person_id=self.known.get(key),
                version=self.version[contact_id],
                at=at,
            )
            self.version[contact_id] += 1

    def _triage(self, contact_id: UUID, rag: str, at: datetime, by: str = "mash") -> None:
        from concord.desk.referrals import operations

        version = self.version[contact_id]
        operations.triage(
            viewer=self.who[by], contact_id=contact_id, rag=rag, reason=WHY_RATED[rag], version=version, at=at
        )
        self.version[contact_id] += 1

    def _decide(self, by: str, contact_id: UUID, route: str, level: int | None, at: datetime, why: str) -> None:
        from concord.desk.referrals import operations

        operations.decide(
            viewer=self.who[by],
            contact_id=contact_id,
            level=level,
            route=route,
            rationale=why,
            feedback=FEEDBACK,
            version=self.version[contact_id],
            at=at,
        )
        self.version[contact_id] += 1

    def _refer_adult(self, by: str, parties: list[PartyDetails], at: datetime, *, decide: bool = True) -> Case:
        contact_id = self._submit(
            by,
            "domestic_abuse_marac",
            parties,
            "Assaulted at home and afraid of what comes next.",
            at,
            ground="professional_judgement",
            incident_on=(at - timedelta(days=2)).date(),
            incident_kind="violence",
            safe_contact="Through the practice nurse only. Do not ring, write or text.",
        )
        decided = at + timedelta(hours=3)
        if decide:
            self._identify("marac-coordinator", contact_id, at + timedelta(minutes=20))
            self._decide(
                "marac-coordinator",
                contact_id,
                "list_at_marac",
                None,
                decided,
                "High risk in the referrer's judgement.",
            )
        return Case(contact_id, decided)

    def _take(self, contact_id: UUID, at: datetime) -> None:
        """The duty worker has it in hand."""
        from concord.desk.referrals import operations, queries

        mash = self.who["mash"]
        version = queries.contact(mash, contact_id, at=at).version
        operations.hold(viewer=mash, contact_id=contact_id, user_id=mash.user_id, version=version, at=at)

    def _ask(self, contact_id: UUID, at: datetime, *, answered: bool) -> None:
        from concord.desk.referrals import operations, queries

        basis = queries.pathway("mash_contact").check_basis[0]
        check_id = operations.ask(
            viewer=self.who["mash"],
            contact_id=contact_id,
            agency="police",
            basis=basis,
            question="Missing episodes and associates in the last six months?",
            at=at,
        )
        if answered:
            operations.answer(
                viewer=self.who["mash"],
                contact_id=contact_id,
                check_id=check_id,
                outcome="information",
                answer="Two missing episodes, found with people above eighteen.",
                at=at + timedelta(hours=2),
            )

    # --- the forums -----------------------------------------------------------------------------------------------

    def _plan(self, forum: str, starts_at: datetime, at: datetime) -> UUID:
        from concord.desk.panels import operations

        self.made["meetings"] += 1
        place = "SYN Town Hall, room 4" if forum == "mace" else "SYN Harbour Police Station"
        return operations.plan_meeting(
            viewer=self.who[f"{forum}-coordinator"], forum=forum, starts_at=starts_at, place=place, at=at
        )

    def _put(self, forum: str, meeting_id: UUID, case: Case, at: datetime, reason: str = "") -> UUID:
        from concord.desk.panels import operations

        self.made["cases"] += 1
        return operations.list_contact(
            viewer=self.who[f"{forum}-coordinator"],
            meeting_id=meeting_id,
            contact_id=case.contact_id,
            facets=RECORDED[forum][self.made["cases"] % len(RECORDED[forum])],
            reason=reason or WHY_HEARD[forum][self.made["cases"] % len(WHY_HEARD[forum])],
            at=at,
        )

    def _researchers(self, forum: str) -> list[str]:
        return [
            person.username
            for person in self.partnership.demo_people.person
            if any(seat.forum == forum and seat.part == "member" for seat in person.sits)
        ]

    def _research(self, item_id: UUID, by: list[str], at: datetime) -> None:
        from concord.desk.panels import operations

        for username in by:
            text = self.random.choice(RESEARCH_BY.get(username, RESEARCH))
            operations.add_research(viewer=self.who[username], item_id=item_id, text=text, nothing_held=not text, at=at)

    def _open(self, forum: str, meeting_id: UUID, at: datetime, absent: str = "") -> None:
        from concord.desk.accounts import queries as accounts
        from concord.desk.panels import operations

        coordinator = self.who[f"{forum}-coordinator"]
        away = [each.user_id for each in accounts.members(coordinator, forum) if each.username == absent]
        operations.everybody_here(viewer=coordinator, meeting_id=meeting_id, absent=away, at=at)
        operations.open_meeting(viewer=coordinator, meeting_id=meeting_id, at=at)

    def _here(self, agency: str) -> str:
        """The agency in whose place somebody of the cast works, where this partnership has no agency of that name."""
        if agency in self.partnership.agencies or agency not in STANDS_FOR:
            return agency
        return self.who[STANDS_FOR[agency]].agency if STANDS_FOR[agency] in self.who else agency

    def _act(self, forum: str, item_id: UUID, at: datetime, *, count: int = 3, left: tuple[str, ...] = ()) -> None:
        """Actions for `count` agencies, closed by them since, except by the agencies in `left`."""
        from concord.desk.panels import operations

        # Members alone carry out actions.
        agencies = {
            person.agency: person.username
            for person in self.partnership.demo_people.person
            if any(seat.forum == forum and seat.part == "member" for seat in person.sits)
        }
        if "mash" in self.partnership.agencies and forum == "mace":
            agencies["mash"] = "mash-manager"
        here = [(self._here(agency), text, agency in left) for agency, text in TASKS[forum]]
        sits = [each for each in here if each[0] in agencies]
        tasks = [(agency, text) for agency, text, open_ in sits if open_]
        others = [(agency, text) for agency, text, open_ in sits if not open_]
        left = tuple(agency for agency, _ in tasks)
        for agency, text in tasks + self.random.sample(others, min(len(others), max(0, count - len(tasks)))):
            due = at.date() + timedelta(days=self.random.choice((7, 14, 21)))
            action_id = operations.add_action(
                viewer=self.who[f"{forum}-chair"], item_id=item_id, agency=agency, text=text, due_on=due, at=at
            )
            self.made["actions"] += 1
            ending = ENDINGS[self.made["actions"] % len(ENDINGS)]
            done_on = due + timedelta(
                days=self.random.randint(3, 9) if ending == "late" else -self.random.randint(0, 4)
            )
            done = self._in_hours(datetime.combine(max(done_on, at.date() + timedelta(days=1)), time(15), LONDON), 15)
            if agency in left or done >= self.now or done <= at:
                continue
            status = "done" if ending == "late" else ending
            operations.close_action(
                viewer=self.who[agencies[agency]],
                action_id=action_id,
                status=status,
                reason=WHY_NOT.get(status, ""),
                version=1,
                at=done,
            )

    def _settle(self, forum: str, item_id: UUID, at: datetime) -> None:
        from concord.desk.panels import operations

        operations.decide(
            viewer=self.who[f"{forum}-chair"],
            item_id=item_id,
            outcome="plan_agreed",
            reason="Each agency knows its part and who speaks to the family.",
            version=1,
            at=at,
        )
