"""Half a year on the demonstration's pathways: cases that began, waited and ended, so that there is a count of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from concord.jobs.seed_pathways import Pathways
from concord.kernel.working_time import LONDON

Taken = tuple[tuple[float, str, dict[str, Any], dict[str, Any]], ...]
"""Steps: days after receipt, verb, what the table needs, answers."""
TOLD = {"rationale": "Invented for the demonstration.", "feedback": "Thank you. The work is done."}
# Days from receipt to the first session, and until it ended (0: it goes on). Most within six weeks, some not.
THERAPY = (
    (170, 20, 90),
    (160, 30, 80),
    (150, 38, 0),
    (140, 44, 70),
    (120, 25, 60),
    (110, 41, 0),
    (95, 55, 0),
    (80, 28, 0),
)
INTERVIEWS = ((150, 1.2), (135, 2.0), (120, 2.9), (100, 3.5), (85, 1.8), (60, 2.2), (40, 4.0), (25, 1.1))
PLANS = ((160, "complete"), (150, "complete"), (130, "stop"), (110, "complete"), (100, "complete"))
STARTS = ((188, 60), (186, 90), (40, 0))


class Flows(Pathways):
    """Cases of months ago, each through the steps of its pathway's file."""

    def _flows(self) -> None:
        for back, start, end in THERAPY:
            self._therapy(self._in_hours(self.now - timedelta(days=back)), start, end)
        for back, days in INTERVIEWS:
            at = self._in_hours(self.now - timedelta(days=back))
            home = (at - timedelta(hours=3)).astimezone(LONDON)
            self._through("police", "youth-worker", "missing_return", "child", (12, 17), at, {
                "returned_on": home.date(), "returned_at": f"{home:%H:%M}", "grade": "medium", "from_where": "home",
                "school_hours": "no"},
                ((0.1, "offer", {}, {"independent": "SYN Youth Charity"}),
                 (days, "interview", {**TOLD, "route": "no_concern"}, {"exploitation": "no"})))  # fmt: skip
        for number, (back, verb) in enumerate(PLANS):
            at = self._in_hours(self.now - timedelta(days=back))
            over = {"complete": {**TOLD, "route": "diversion"}, "stop": {"reason": "Moved away."}}[verb]
            asked = {"restorative": ("accepted", "declined")[number % 2]} if verb == "complete" else {}
            self._through("yjs", "yjs", "outcome_22", "child", (12, 17), at, {}, (
                (2, "agree", {"rationale": "First time."},
                 {"activity": "Mentoring", "ends_on": (at + timedelta(days=60)).date()}),
                (6, "start", {}, {}), (58, verb, over, asked)))  # fmt: skip
        for back, end in STARTS:
            self._programme(self._in_hours(self.now - timedelta(days=back)), end)
        for back, wait, consent in ((140, 4, "yes"), (120, 6, "not_possible"), (75, 3, "yes"), (45, 9, "yes")):
            self._through("police", "mash", "nrm", "potential_victim", (14, 17), self._in_hours(
                self.now - timedelta(days=back)), {}, (
                (1, "submit", {"rationale": "Signs of criminal exploitation."},
                 {"consent": consent, "reference": f"SYN-{4000 + back}"}),
                (1 + wait, "first_decision", {"reason": "Letter."}, {"decision": "positive"})),
                ground="criminal_exploitation")  # fmt: skip

    def _therapy(self, at: datetime, start: int, end: int) -> None:
        begun = (at + timedelta(days=start)).date()
        route = self._route("therapeutic_support", "specialist")
        steps: Taken = (
            (1, "offer", {}, {"need": "Somebody to talk to."}), (2, "consent", {}, {"consented": "yes"}),
            (3, "send", {"route": route}, {}), (start, "start", {}, {"first_session": begun}),
        )  # fmt: skip
        if end:
            steps = (*steps, (end, "complete", {"reason": "Ten sessions held."}, {}))
        self._through("school", "support", "therapeutic_support", "victim", (12, 20), at, {}, steps,
                      ground="victim_under_25")  # fmt: skip

    def _programme(self, at: datetime, end: int) -> None:
        from concord.desk.referrals import operations, queries

        met = (at - timedelta(days=20)).date()
        contact_id = self._through("school", "yjs", "turnaround", "child", (12, 16), at, {"met_on": met}, (),
                                   ground="community_resolution")  # fmt: skip
        page = queries.contact(self.who["yjs"], contact_id, at=at)
        operations.identify(viewer=self.who["yjs"], contact_id=contact_id, party_id=page.parties[0].party_id,
                            person_id=None, version=1, at=at)  # fmt: skip
        steps: Taken = (
            (1, "accept", {"reason": "Meets the criteria."}, {"local_exclusion": "none"}),
            (2, "start", {}, {}),
        )
        if end:
            steps = (*steps, (end, "complete", {"reason": "Went to every session."}, {}))
        self._steps("yjs", contact_id, at, steps, version=2)

    def _through(
        self, by: str, to: str, pathway: str, role: str, ages: tuple[float, float], at: datetime,
        answers: dict[str, Any], steps: Taken, ground: str = "",
    ) -> UUID:  # fmt: skip
        contact_id = self._walk(by, to, pathway, self._somebody(role, ages), at, answers, (), ground)
        self._steps(to, contact_id, at, steps)
        return contact_id

    def _steps(self, to: str, contact_id: UUID, at: datetime, steps: Taken, version: int = 1) -> None:
        from concord.desk.referrals import operations

        for number, (days, verb, given, said) in enumerate(steps, start=version):
            when = at + timedelta(days=days)
            if when > self.now:
                return
            operations.advance(viewer=self.who[to], contact_id=contact_id, verb=verb, given=given, answers=said,
                               version=number, at=when)  # fmt: skip
