"""The demonstration's pathways: one or two cases on each, at different steps, so that every tray has work in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from concord.jobs.seed_desk import Hands
from concord.jobs.seed_stories import CONCERNS, SENT
from concord.kernel.working_time import LONDON

if TYPE_CHECKING:
    from concord.desk.referrals.rules import PartyDetails

Steps = tuple[tuple[str, dict[str, Any], dict[str, Any]], ...]


class Pathways(Hands):
    """What waits in the trays of the youth worker, youth justice, hate and housing, transitions, support."""

    def _pathways(self) -> None:
        at = self._in_hours(self.now - timedelta(days=8), 11)
        day = at.date()
        child = self._somebody("child", (13, 16))
        therapy = self._route("therapeutic_support", "emotional_wellbeing")
        self._walk("school", "youth-worker", "harm_place", self._thing("place", "Ferry Street bus stop"), at,
                   {"often": "weekly", "part_of_day": "after_school", "children": "several"},
                   (("start", {"reason": "Three reports."}, {}),))  # fmt: skip
        self._walk("school", "youth-worker", "harm_group", self._thing("group", "The lunch-break group"), at,
                   {"often": "daily", "part_of_day": "school_hours", "children": "several"})  # fmt: skip
        self._walk("school", "youth-worker", "harm_online", self._thing("online", "A group chat for year 9"), at,
                   {"often": "daily", "part_of_day": "night", "children": "many"})  # fmt: skip
        back = self.now - timedelta(hours=34)
        self._walk("police", "youth-worker", "missing_return", child, self.now - timedelta(hours=30),
                   {"returned_on": back.astimezone(LONDON).date(), "returned_at": f"{back.astimezone(LONDON):%H:%M}",
                    "grade": "medium", "from_where": "home", "school_hours": "yes"},
                   (("offer", {}, {"independent": "SYN Youth Charity"}),))  # fmt: skip
        self._walk("yjs", "yjs", "outcome_22", self._somebody("child", (13, 16)), at, {},
                   (("agree", {"rationale": "First time, sorry, and supported at home."},
                     {"activity": "Six sessions with a mentor", "ends_on": day + timedelta(days=60)}),
                    ("start", {}, {})))  # fmt: skip
        self._walk("school", "yjs", "turnaround", self._somebody("child", (12, 16)), at,
                   {"met_on": day - timedelta(days=20)}, ground="community_resolution")  # fmt: skip
        self._walk("police", "yjs", "youth_triage", self._somebody("child", (12, 16)), at, {})
        self._walk("school", "mash", "nrm", self._somebody("potential_victim", (14, 17)), at, {},
                   (("submit", {"rationale": "Found far from home with others' money."},
                     {"consent": "yes", "reference": "SYN-4071"}),), ground="criminal_exploitation")  # fmt: skip
        self._walk("school", "support", "therapeutic_support", self._somebody("victim", (13, 20)), at, {},
                   (("offer", {}, {"need": "Somebody to talk to who is not at school."}),
                    ("consent", {}, {"consented": "yes"}), ("send", {"route": therapy}, {})),
                   ground="victim_under_25")  # fmt: skip
        self._walk("transitions", "transitions", "transitions", self._somebody("young_person", (17, 17.9)), at, {})
        self._reports(at)
        self._sessions(at)
        self._notified(at)

    def _route(self, pathway: str, wanted: str) -> str:
        """That route, or the first one that this partnership's pathway has."""
        routes = [each.key for each in self.partnership.pathways[pathway].route]
        return wanted if wanted in routes else routes[0]

    def _thing(self, role: str, name: str) -> PartyDetails:
        from concord.desk.referrals.rules import PartyDetails

        return PartyDetails(role, "", f"{name} SYN")

    def _walk(
        self,
        by: str,
        to: str,
        pathway: str,
        party: PartyDetails,
        at: datetime,
        answers: dict[str, Any],
        steps: Steps = (),
        ground: str = "",
    ) -> UUID:
        from concord.desk.referrals import operations, queries

        receipt = operations.submit(
            viewer=self.who[by], pathway=pathway, parties=[party], ground=ground, answers=answers, at=at,
            concern=SENT.get(pathway, CONCERNS[0]),
        )  # fmt: skip
        self.made["contacts"] += 1
        contact_id = queries.contact_of(self.who[to], receipt.referral_id, at=at)
        for number, (verb, given, said) in enumerate(steps, start=1):
            when = at + timedelta(minutes=30 * number)
            operations.advance(
                viewer=self.who[to],
                contact_id=contact_id,
                verb=verb,
                given=given,
                answers=said,
                version=number,
                at=when,
            )
        self.version[contact_id] = 1 + len(steps)
        return contact_id

    def _notified(self, at: datetime) -> None:
        """Two children the police came across: one MASH decided, one that came this afternoon."""
        known = {"by": "police", "to": "mash", "pathway": "police_child_notification", "answers": {}}
        before = self._walk(party=self._somebody("child", (10, 16)), at=at, ground="arrest", **known)
        self._triage(before, "green", at + timedelta(minutes=20))
        why = "A first arrest, for a bicycle; both parents were there, and school keeps an eye on it."
        self._decide("mash", before, "early_help", 2, at + timedelta(hours=2), why)
        self._walk(party=self._somebody("child", (8, 14)), at=self.now - timedelta(hours=2), ground="concern", **known)

    def _reports(self, at: datetime) -> None:
        """Two reports from people without an account."""
        from concord.desk.accounts import queries as accounts
        from concord.desk.referrals import operations

        for pathway, concern, answers in (
            ("hate_report", "Shouted at on the way home, for the third time.",
             {"motive": ["race", "religion"], "where": "SYN Harbour Road", "police": "no"}),
            ("housing_concern", "Young men come and go at all hours; my neighbour no longer opens the door.",
             {"what": "takeover", "where": "SYN Anchor House", "danger": "unsure"}),
        ):  # fmt: skip
            if pathway not in self.partnership.pathways:
                continue
            operations.submit_open(
                viewer=accounts.service("public_form"), pathway=pathway, parties=[], concern=concern, answers=answers,
                submission=uuid4(), at=at,
            )  # fmt: skip
            self.made["contacts"] += 1

    def _sessions(self, at: datetime) -> None:
        from concord.desk.referrals import operations
        from concord.desk.referrals.rules import SessionEntry

        for who, kind, place in (
            ("patrol", "patrol", "SYN Ferry Street"),
            ("youth-worker", "outreach", "SYN Quay Park"),
        ):
            entry = SessionEntry(uuid4(), kind, place, at - timedelta(hours=2), at - timedelta(hours=1), 6, "Quiet.")
            operations.deliver_session(viewer=self.who[who], entry=entry, at=at)
