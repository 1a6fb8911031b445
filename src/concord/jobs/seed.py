"""Half a year of the desk's work for the demonstration, done by the demo people through the real operations.

Everything is invented. One transaction: a kill leaves nothing, and a second run finds the first and does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from concord.kernel.working_time import LONDON

if TYPE_CHECKING:
    from concord.desk.accounts.rules import Viewer
    from concord.desk.referrals.rules import PartyDetails
    from concord.strategy import Partnership
    from concord.synthetic import Member, Story

DAYS_BACK = 190
CONTACTS = 44
ON_TIME = 0.88
"""Share of decisions within their clock: invented, so that the indicator has a shape."""

GIVEN = (
    "Ayo", "Bilal", "Chloe", "Dara", "Eshan", "Femi", "Gita", "Halim", "Ines", "Jude", "Kofi", "Lena", "Mika",
    "Nadia", "Oscar", "Priya", "Remi", "Sana", "Tariq", "Una",
)  # fmt: skip
FAMILY = (
    "Abara", "Bexwell", "Coker", "Dunmore", "Eaves", "Farooq", "Garrow", "Hallam", "Imani", "Jessop", "Kerrin",
    "Lowe", "Mirza", "Norland", "Okafor",
)  # fmt: skip
CONCERNS = (
    "Came to school hungry and would not say who collects them.",
    "Two new phones in a week and messages late at night.",
    "Missing overnight at the weekend; says they stayed with older friends.",
    "A parent shouted and pushed them at the gate.",
    "Younger sibling says there was fighting at home again.",
    "Seen with a group of adults near the estate stairwell.",
    "Attendance has fallen since half term and mood has changed.",
)
FEEDBACK = "Thank you for telling us. What we decided is above; please ring if anything changes."
ROUTES = (
    ("no_further_action", 1, 0.34),
    ("early_help", 2, 0.30),
    ("social_work_assessment", 3, 0.20),
    ("strategy_discussion", 4, 0.06),
)
TASKS = {
    "mace": (
        ("harbourside_police", "Visit the addresses named and report back."),
        ("education_inclusion", "Agree a safe way in and out of school."),
        ("community_health", "Offer a health assessment at a place the child chooses."),
        ("mash", "See the family together with the school."),
    ),
    "marac": (
        ("harbourside_police", "Put a marker on the address and brief response teams."),
        ("housing_providers", "Fit the sanctuary measures; consider a managed move."),
        ("domestic_abuse_service", "Renew the safety plan by the safe means given."),
        ("community_health", "Ask the practice to flag the record."),
    ),
}
ENDINGS = (
    "done", "done", "late", "done", "not_undertaken", "done", "late", "done", "done", "not_undertaken",
    "circumstances_changed", "done",
)  # fmt: skip
"""How actions end, in turn. Enough end badly that what is published of them is not a small number."""
WHY_NOT = {
    "circumstances_changed": "The family moved before the visit.",
    "not_undertaken": "Nobody was free in time; raised with the manager.",
}
RESEARCH = ("Known since the spring; two relevant entries.", "One contact last month, no further detail.", "")


def seed(
    home: Path, partnership: Partnership, cast: Mapping[str, Story], clock: Callable[[], datetime]
) -> dict[str, int]:
    """Give the demonstration its people, its past and today's work. Returns how many of each were made.

    `cast` is the told stories of the synthetic borough by key. Idempotent; `home` is not written to.
    """
    from django.db import transaction

    from concord.desk.accounts import queries as accounts

    if partnership.demo_people is None or accounts.user_named(partnership.demo_people.person[0].username) is not None:
        return {}
    with transaction.atomic():
        return _Desk(partnership, cast, clock().astimezone(LONDON)).fill()


@dataclass
class _Case:
    """A contact on its way to a panel."""

    contact_id: UUID
    decided_at: datetime


class _Desk:
    def __init__(self, partnership: Partnership, cast: Mapping[str, Story], now: datetime) -> None:
        self.partnership, self.cast, self.now = partnership, cast, now
        self.random = Random(20240801)  # noqa: S311 - the same demonstration every time
        self.made = {"people": 0, "contacts": 0, "meetings": 0, "cases": 0, "actions": 0}
        self.known: dict[tuple[str, str], UUID] = {}
        self.version: dict[UUID, int] = {}
        self.who: dict[str, Viewer] = {}

    # --- people ---------------------------------------------------------------------------------------------------

    def fill(self) -> dict[str, int]:
        self._people()
        for_mace = self._past_contacts()
        for_marac = self._past_referrals()
        self._past_meetings("mace", for_mace, every=timedelta(days=28))
        self._past_meetings("marac", for_marac, every=timedelta(days=14))
        self._today()
        return self.made

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

    def _somebody(self, role: str, ages: tuple[int, int]) -> PartyDetails:
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
        return found if future else min(found, self.now)

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

        reasons = {
            "red": "Immediate risk of harm described.",
            "amber": "Several signs together; needs a look today.",
            "green": "A worry, with family and school working together.",
        }
        version = self.version[contact_id]
        operations.triage(
            viewer=self.who[by], contact_id=contact_id, rag=rag, reason=reasons[rag], version=version, at=at
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

    def _past_contacts(self) -> list[_Case]:
        """Contacts over half a year, decided, most of them in time; those for MACE are returned."""
        pick, working, cases = self.random, self._working(), []
        for number in range(CONTACTS):
            back = DAYS_BACK - number * (DAYS_BACK - 4) / CONTACTS
            at = self.now.replace(minute=0, second=0, microsecond=0) - timedelta(days=back, hours=pick.randint(0, 9))
            by = pick.choices(("school", "housing", "police", "gp", "idva"), (45, 15, 25, 10, 5))[0]
            contact_id = self._submit(
                by, "mash_contact", [self._somebody("child", (4, 17.5))], pick.choice(CONCERNS), at
            )
            rag = pick.choices(("red", "amber", "green"), (12, 43, 45))[0]
            started = working.add(at, timedelta(minutes=pick.randint(10, 80)))
            self._triage(contact_id, rag, started)
            late = number % round(1 / (1 - ON_TIME)) == 3
            hours = pick.uniform(18, 30) if late else pick.uniform(1, 6)
            decided = min(working.add(started, timedelta(hours=hours)), self.now - timedelta(hours=1))
            route, level, _ = pick.choices(ROUTES, [share for *_, share in ROUTES])[0]
            if number % 6 == 1:
                route, level = "mace", 3
            if route == "mace":
                self._identify("mash", contact_id, started)
                cases.append(_Case(contact_id, decided))
            self._decide(
                "mash", contact_id, route, level, decided, "What was seen, what we hold and the family's own help."
            )
        return cases

    def _past_referrals(self) -> list[_Case]:
        """Domestic abuse referrals over the same time, with the first of the story that comes back."""
        cases = []
        for number in range(9):
            at = self._in_hours(self.now - timedelta(days=DAYS_BACK - 8 - number * 18), 11)
            parties = [self._somebody("victim", (19, 60)), self._somebody("perpetrator", (20, 60))]
            cases.append(self._refer_adult("gp" if number % 2 else "idva", parties, at))
        for key, back in (("repeat_domestic_abuse", 150),):
            if key in self.cast:
                cases.append(
                    self._refer_adult("gp", self._couple(key), self._in_hours(self.now - timedelta(days=back), 14))
                )
        return sorted(cases, key=lambda case: case.decided_at)

    def _couple(self, key: str) -> list[PartyDetails]:
        people = self.cast[key].people
        return [self._member("victim", people["victim"]), self._member("perpetrator", people["perpetrator"])]

    def _refer_adult(self, by: str, parties: list[PartyDetails], at: datetime, *, decide: bool = True) -> _Case:
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
        return _Case(contact_id, decided)

    # --- the forums -----------------------------------------------------------------------------------------------

    def _past_meetings(self, forum: str, cases: list[_Case], every: timedelta) -> None:
        """Each case heard at the first meeting a week after its decision; meetings without a case are left out."""
        start = self.now - timedelta(days=DAYS_BACK - 30)
        dates = []
        while start < self.now - timedelta(days=10):
            dates.append(self._in_hours(start, 10))
            start += every
        for index, sits_at in enumerate(dates):
            since = dates[index - 1] if index else datetime.min.replace(tzinfo=LONDON)
            heard = [c for c in cases if since <= c.decided_at + timedelta(days=4) < sits_at]
            if heard:
                # The newest meeting leaves two agencies with something still to do.
                owed = ("harbourside_police", TASKS[forum][1][0]) if sits_at == dates[-1] else ()
                self._hold(forum, sits_at, heard, owed)

    def _plan(self, forum: str, starts_at: datetime, at: datetime) -> UUID:
        from concord.desk.panels import operations

        self.made["meetings"] += 1
        place = "SYN Town Hall, room 4" if forum == "mace" else "SYN Harbour Police Station"
        return operations.plan_meeting(
            viewer=self.who[f"{forum}-coordinator"], forum=forum, starts_at=starts_at, place=place, at=at
        )

    def _put(
        self, forum: str, meeting_id: UUID, case: _Case, at: datetime, reason: str = "Meets the forum's criteria."
    ) -> UUID:
        from concord.desk.panels import operations

        self.made["cases"] += 1
        return operations.list_contact(
            viewer=self.who[f"{forum}-coordinator"],
            meeting_id=meeting_id,
            contact_id=case.contact_id,
            reason=reason,
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
            text = self.random.choice(RESEARCH)
            operations.add_research(viewer=self.who[username], item_id=item_id, text=text, nothing_held=not text, at=at)

    def _open(self, forum: str, meeting_id: UUID, at: datetime, absent: str = "") -> None:
        from concord.desk.accounts import queries as accounts
        from concord.desk.panels import operations

        coordinator = self.who[f"{forum}-coordinator"]
        away = [each.user_id for each in accounts.members(coordinator, forum) if each.username == absent]
        operations.everybody_here(viewer=coordinator, meeting_id=meeting_id, absent=away, at=at)
        operations.open_meeting(viewer=coordinator, meeting_id=meeting_id, at=at)

    def _act(self, forum: str, item_id: UUID, at: datetime, *, count: int = 3, left: tuple[str, ...] = ()) -> None:
        """Actions for `count` agencies, closed by them since, except by the agencies in `left`."""
        from concord.desk.panels import operations

        agencies = {person.agency: person.username for person in self.partnership.demo_people.person}
        agencies["mash"] = "mash-manager"
        tasks = [task for task in TASKS[forum] if task[0] in left]
        others = [task for task in TASKS[forum] if task[0] not in left]
        for agency, text in tasks + self.random.sample(others, max(0, count - len(tasks))):
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

    def _hold(self, forum: str, sits_at: datetime, cases: list[_Case], owed: tuple[str, ...] = ()) -> None:
        """A meeting from plan to signed minutes."""
        from concord.desk.panels import operations

        planned = sits_at - timedelta(days=12)
        meeting_id = self._plan(forum, sits_at, planned)
        items = []
        for case in cases:
            listed_at = max(case.decided_at + timedelta(hours=2), planned + timedelta(hours=1))
            items.append(self._put(forum, meeting_id, case, listed_at))
        researchers = self._researchers(forum)
        for item_id in items:
            given = self.random.sample(researchers, 3)
            self._research(item_id, given, sits_at - timedelta(days=2, hours=3))
        absent = self.random.choice(("", "", "health"))
        self._open(forum, meeting_id, sits_at, absent)
        for minutes, item_id in enumerate(items, start=1):
            at = sits_at + timedelta(minutes=15 * minutes)
            self._act(forum, item_id, at, left=owed if item_id == items[0] else ())
            self._settle(forum, item_id, at)
        end = sits_at + timedelta(hours=2)
        operations.close_meeting(viewer=self.who[f"{forum}-coordinator"], meeting_id=meeting_id, at=end)
        operations.sign_minutes(viewer=self.who[f"{forum}-chair"], meeting_id=meeting_id, at=end + timedelta(days=1))

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

    # --- what waits today -----------------------------------------------------------------------------------------

    def _today(self) -> None:
        """Fresh work in every tray: undecided contacts, a sitting meeting, meetings to prepare, a repeat."""
        recent = self._in_hours(self.now - timedelta(days=1), 9)
        sitting = self._in_hours(self.now, 9)
        mace = [self._story_child("child_victim", 16), self._story_child("child_at_risk", 14)]
        coming = [self._fresh_mace_case(9), self._fresh_mace_case(8)]
        self._fresh_mace_case(3)  # stays in the coordinator's tray
        self._sitting_mace(sitting, [case for case in mace if case is not None])
        self._coming("mace", self._in_hours(self.now + timedelta(days=12), 10, future=True), coming, ["police"])
        adults = [
            self._refer_adult(
                "idva", self._parties("family_violence"), self._in_hours(self.now - timedelta(days=6), 12)
            )
        ]
        adults.append(
            self._refer_adult(
                "housing",
                [self._somebody("victim", (20, 50)), self._somebody("perpetrator", (20, 50))],
                self._in_hours(self.now - timedelta(days=5), 12),
            )
        )
        self._coming("marac", self._in_hours(self.now + timedelta(days=4), 10, future=True), adults, ["police", "idva"])
        self._refer_adult("gp", self._parties("repeat_domestic_abuse"), recent, decide=False)
        self._fresh_contacts()

    def _parties(self, key: str) -> list[PartyDetails]:
        if key in self.cast:
            return self._couple(key)
        return [self._somebody("victim", (20, 60)), self._somebody("perpetrator", (20, 60))]

    def _child(self, key: str, member: str = "child") -> PartyDetails:
        if key in self.cast:
            return self._member("child", self.cast[key].people[member])
        return self._somebody("child", (12, 17))

    def _story_child(self, key: str, back: int) -> _Case:
        return self._for_mace(self._child(key), "Older people collect them; missing twice this term.", back)

    def _fresh_mace_case(self, back: int) -> _Case:
        return self._for_mace(self._somebody("child", (13, 17)), self.random.choice(CONCERNS), back)

    def _for_mace(self, child: PartyDetails, concern: str, back: int) -> _Case:
        at = self._in_hours(self.now - timedelta(days=back), 10)
        contact_id = self._submit("school", "mash_contact", [child], concern, at)
        self._triage(contact_id, "amber", at + timedelta(minutes=40))
        self._identify("mash", contact_id, at + timedelta(minutes=50))
        self._ask(contact_id, at + timedelta(hours=1), answered=True)
        self._decide(
            "mash", contact_id, "mace", 3, at + timedelta(hours=4), "Signs of exploitation across school and street."
        )
        return _Case(contact_id, at + timedelta(hours=4))

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

    def _sitting_mace(self, at: datetime, cases: list[_Case]) -> None:
        """A MACE that sits now: one case decided with open actions, one that waits for the chair."""
        meeting_id = self._plan("mace", at, at - timedelta(days=11))
        items = [self._put("mace", meeting_id, case, case.decided_at + timedelta(hours=20)) for case in cases]
        for item_id in items:
            self._research(item_id, self._researchers("mace"), at - timedelta(days=3))
        self._open("mace", meeting_id, at)
        if items:
            everyone = tuple(agency for agency, _ in TASKS["mace"])
            self._act("mace", items[0], at + timedelta(minutes=5), left=everyone)
            self._settle("mace", items[0], at + timedelta(minutes=10))

    def _coming(self, forum: str, starts_at: datetime, cases: list[_Case], gave: list[str]) -> None:
        """A meeting to prepare: cases listed, most agencies still silent, one case left in the tray."""
        listed_at = self._in_hours(self.now - timedelta(days=1), 11)
        meeting_id = self._plan(forum, starts_at, listed_at)
        for case in cases:
            item_id = self._put(forum, meeting_id, case, max(listed_at, case.decided_at) + timedelta(minutes=30))
            self._research(item_id, gave[:1] if case is cases[-1] else gave, self.now - timedelta(minutes=30))

    def _fresh_contacts(self) -> None:
        """Undecided: one new and unrated, one red from the police, one amber with an answer outstanding."""
        last = self._in_hours(self.now, 9)
        if last > self.now - timedelta(minutes=30):
            last = self.now - timedelta(minutes=30)
        self._submit("school", "mash_contact", [self._somebody("child", (11, 16))], CONCERNS[1], last)
        red = self._submit(
            "police",
            "mash_contact",
            [self._child("child_at_risk", "sister")],
            "Found at an address during a warrant; brother known to us.",
            self.now - timedelta(hours=2),
        )
        self._triage(red, "red", self.now - timedelta(hours=1, minutes=40))
        amber = self._submit("gp", "mash_contact", [self._somebody("child", (6, 12))], CONCERNS[4], last)
        self._triage(amber, "amber", last + timedelta(minutes=10))
        self._ask(amber, last + timedelta(minutes=20), answered=False)
