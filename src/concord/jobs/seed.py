"""Half a year of the desk's work for the demonstration, done by the demo people through the real operations.

Everything is invented. One transaction: a kill leaves nothing, and a second run finds the first and does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from concord.jobs import seed_forums, seed_registers
from concord.jobs.seed_access import oversee
from concord.jobs.seed_assessments import Assessors
from concord.jobs.seed_desk import DAYS_BACK, Case
from concord.jobs.seed_flows import Flows
from concord.jobs.seed_register import Register
from concord.jobs.seed_stories import CONCERNS, ROUTES, TASKS
from concord.kernel.working_time import LONDON

if TYPE_CHECKING:
    from concord.desk.referrals.rules import PartyDetails
    from concord.strategy import Partnership
    from concord.synthetic import Story

CONTACTS = 44
ON_TIME = 0.88
"""Share of decisions within their clock: invented, so that the indicator has a shape."""


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
        return _HalfYear(partnership, cast, clock().astimezone(LONDON)).fill()


class _HalfYear(Flows, Register):
    """The plot: what happened over half a year, and what waits today."""

    def fill(self) -> dict[str, int]:
        self._people()
        for_mace = self._past_contacts()
        for_marac = self._past_referrals()
        self._past_meetings("mace", for_mace, every=timedelta(days=28))
        self._past_meetings("marac", for_marac, every=timedelta(days=14))
        self._today()
        seed_forums.sit(self)
        self._pathways()
        self._flows()
        self._register()
        self._edition()
        self.made["assessments"] = Assessors(self.who, self.now).fill()
        self.made["entries"] = seed_registers.fill(self.who, self.partnership, self.now)
        self._past_their_time()
        if "child_victim" in self.cast:
            oversee(self.who, self._child("child_victim"), self.now, self._in_hours)
        return self.made

    def _past_their_time(self) -> None:
        """Two children of whom nothing came, longer ago than such a contact is kept: what retention begins with."""
        from concord.desk.referrals.rules import PartyDetails

        for days, given, family in ((404, "Rowan", "Lapsley-SYN"), (399, "Tamsin", "Oakhurst-SYN")):
            at = self._in_hours(self.now - timedelta(days=days), 11)
            born = (at - timedelta(days=365.25 * 13.4)).date()
            child = PartyDetails("child", given, family, born, "F", "ZZ4 4AB")
            contact_id = self._submit("school", "mash_contact", [child], "Late three mornings in a week.", at)
            self._triage(contact_id, "green", at + timedelta(hours=1))
            self._identify("mash", contact_id, at + timedelta(hours=1))
            self._decide(
                "mash-manager", contact_id, "no_further_action", 1, at + timedelta(hours=4),
                "A new bus route, settled with the family the same day.",
            )  # fmt: skip

    def _edition(self) -> None:
        """This year's needs assessment, begun two days ago, with a remark that waits for an answer."""
        from concord.desk.editions import operations

        at = self._in_hours(self.now - timedelta(days=2), 15)
        edition_id = operations.begin(
            viewer=self.who["analyst"], publication="strategic_needs_assessment", name=f"{self.now.year}", at=at
        )
        operations.add_comment(
            viewer=self.who["editor"],
            edition_id=edition_id,
            section="where",
            text="Say what a resident should do with this map before it comes.",
            at=at + timedelta(minutes=20),
        )

    # --- the past ------------------------------------------------------------------------------------------------

    def _past_contacts(self) -> list[Case]:
        """Contacts over half a year, decided, most of them in time; those for MACE are returned."""
        pick, working, cases = self.random, self._working(), []
        for number in range(CONTACTS):
            back = DAYS_BACK - number * (DAYS_BACK - 4) / CONTACTS
            at = self.now.replace(minute=0, second=0, microsecond=0) - timedelta(days=back, hours=pick.randint(0, 9))
            by = pick.choices(("school", "housing", "police", "gp", "idva"), (45, 15, 25, 10, 5))[0]
            for_mace = number % 6 == 1
            child = self._somebody("child", (11 if for_mace else 4, 17.5))
            contact_id = self._submit(by, "mash_contact", [child], pick.choice(CONCERNS), at)
            rag = pick.choices(("red", "amber", "green"), (12, 43, 45))[0]
            started = working.add(at, timedelta(minutes=pick.randint(10, 80)))
            self._triage(contact_id, rag, started)
            late = number % round(1 / (1 - ON_TIME)) == 3
            hours = pick.uniform(18, 30) if late else pick.uniform(1, 6)
            decided = min(working.add(started, timedelta(hours=hours)), self.now - timedelta(hours=1))
            route, level, _ = pick.choices(ROUTES, [share for *_, share in ROUTES])[0]
            if for_mace:
                route, level = "mace", 3
            if route == "mace":
                self._identify("mash", contact_id, started)
                cases.append(Case(contact_id, decided))
            self._decide(
                "mash", contact_id, route, level, decided, "What was seen, what we hold and the family's own help."
            )
        return cases

    def _past_referrals(self) -> list[Case]:
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

    def _past_meetings(self, forum: str, cases: list[Case], every: timedelta) -> None:
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

    def _hold(self, forum: str, sits_at: datetime, cases: list[Case], owed: tuple[str, ...] = ()) -> None:
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

    def _story_child(self, key: str, back: int) -> Case:
        return self._for_mace(self._child(key), "Older people collect them; missing twice this term.", back)

    def _fresh_mace_case(self, back: int) -> Case:
        return self._for_mace(self._somebody("child", (13, 17)), self.random.choice(CONCERNS), back)

    def _for_mace(self, child: PartyDetails, concern: str, back: int) -> Case:
        at = self._in_hours(self.now - timedelta(days=back), 10)
        contact_id = self._submit("school", "mash_contact", [child], concern, at)
        self._triage(contact_id, "amber", at + timedelta(minutes=40))
        self._identify("mash", contact_id, at + timedelta(minutes=50))
        self._ask(contact_id, at + timedelta(hours=1), answered=True)
        self._decide(
            "mash", contact_id, "mace", 3, at + timedelta(hours=4), "Signs of exploitation across school and street."
        )
        return Case(contact_id, at + timedelta(hours=4))

    def _sitting_mace(self, at: datetime, cases: list[Case]) -> None:
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

    def _coming(self, forum: str, starts_at: datetime, cases: list[Case], gave: list[str]) -> None:
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
        self._take(red, self.now - timedelta(hours=1, minutes=35))
        amber = self._submit("gp", "mash_contact", [self._somebody("child", (6, 12))], CONCERNS[4], last)
        self._triage(amber, "amber", last + timedelta(minutes=10))
        self._ask(amber, last + timedelta(minutes=20), answered=False)
