"""Half a year of assessments for the demonstration, filled in and decided by the demo people as anybody would.

Everything is invented. Some are under way, one is paused and late, one departs from its score.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from concord.jobs.seed_stories import FAMILY, GIVEN
from concord.kernel.working_time import LONDON

if TYPE_CHECKING:
    from concord.desk.accounts.rules import Viewer
    from concord.desk.referrals.rules import PartyDetails

SCREENINGS, NEEDS, GRAVITY = 16, 4, 6
DAYS_BACK = 180
SIGNS = (
    "missing", "associates", "substances", "gifts", "education", "online", "home", "health", "sexual_health", "travel",
    "offending", "victimisation",
)  # fmt: skip
NEEDED = ("yes", "no", "yes", "yes")
CHECKLIST = tuple(f"q{number:02}" for number in range(1, 25))


class Assessors:
    """The demo people who assess. `made` is how many were filled in."""

    def __init__(self, who: Mapping[str, Viewer], now: datetime) -> None:
        self.who, self.now, self.made = who, now, 0
        self.random = Random(20250902)  # noqa: S311 - the same demonstration every time

    def fill(self) -> int:
        """Past ones first, then what waits today. Returns how many were begun."""
        for number in range(SCREENINGS):
            self._screening(number, self._back(DAYS_BACK - number * (DAYS_BACK - 4) / SCREENINGS))
        for number in range(NEEDS):
            self._needs(number, self._back(DAYS_BACK - 10 - number * 20))
        for number in range(GRAVITY):
            self._gravity(number, self._back(DAYS_BACK - 20 - number * 25))
        for by in ("school", "gp", "idva"):
            self._referred_before(by)
        self._today()
        return self.made

    # --- each kind ------------------------------------------------------------------------------------------------

    def _screening(self, number: int, at: datetime) -> None:
        by = ("school", "school", "housing", "mash", "police", "idva", "gp")[number % 7]
        one = self._begin(by, "exploitation_screening", (11, 17.5), at)
        signs = {sign: self.random.choices(("present", "suspected", "not_known"), (2, 2, 8))[0] for sign in SIGNS}
        more = {"others": "no", "protective": ["school"], "child_knows": "knows"}
        self._save(by, one, {"seen": "New things, new people, and less time at school.", **signs, **more}, at)
        level = ("emerging", "moderate", "moderate", "significant")[number % 4]
        self._decide(by, one, level, "What was seen, weighed with the child’s own words.", at + timedelta(hours=1))

    def _needs(self, number: int, at: datetime) -> None:
        one = self._begin("idva", "needs_assessment", (18, 45), at, ground="domestic_abuse")
        known = (at - timedelta(days=number % 3)).date().isoformat()
        answers = {
            "reason": "domestic_abuse", "known_on": known, "agreed": "yes", "safe_now": NEEDED[number % 4],
            "access": ["same_worker"], "safe_contact": "Ring the surgery, mornings only.", "mind": "some",
        }  # fmt: skip
        self._save("idva", one, answers, at)
        if number % 4 != 3:
            later = at + timedelta(days=9 if number % 4 else 24)
            if later < self.now:
                told = {"plan": "Counselling, and a lead worker who keeps it together."}
                self._decide("idva", one, "support", "She asked for one person to speak to.", later, told)

    def _gravity(self, number: int, at: datetime) -> None:
        """Borderline ones with youth justice's view, one of them differing; one the police decide alone."""
        from concord.desk.instruments import operations

        one = self._begin("police", "child_gravity", (12, 17.5), at)
        alone = number % 6 == 5
        answers = {
            "offence": ("example_a", "example_b")[number % 2], "tests_met": "no" if alone else "yes",
            "aggravating": ["none"], "mitigating": ["none"] if number % 2 else ["minor"],
            "factors_why": "Weighed with youth justice.", "admits": "yes" if number % 2 else "no", "history": "first",
        }  # fmt: skip
        self._save("police", one, answers, at)
        if alone:
            self._decide("police", one, "no_further_action", "The evidence does not reach the test.", at)
            return
        police, yjs = self.who["police"], self.who["yjs"]
        operations.hand_over(viewer=police, assessment_id=one, to=yjs.user_id, reason="For your view.", at=at)
        view = "diversion" if number == 2 else "outcome_22"
        operations.advise(
            viewer=yjs, assessment_id=one, level=view, reason="Diversion first: a mentor is ready.", revision=2, at=at
        )
        departs = "A plan reaches more than a caution, and more than nothing."
        differs = "The victim needs to see a plan with conditions." if number == 2 else ""
        self._decide("police", one, "outcome_22", "A plan with a mentor was agreed.", at, {}, departs, differs)

    def _referred_before(self, by: str) -> None:
        """Whom this account referred as harmed was assessed within the 20 working days, but for those of late and the
        last of all: some of them are late."""
        from concord.desk.instruments import operations, queries

        viewer = self.who[by]
        for line in sorted(queries.due(viewer, at=self.now), key=lambda each: each.known_on)[:-1]:
            if line.assessment_id is not None or (self.now.date() - line.known_on).days < 45:
                continue
            at = datetime.combine(line.known_on, time(15), LONDON) + timedelta(days=9)
            one = operations.begin(viewer=viewer, instrument=line.instrument, party_id=line.party_id, at=at)
            self.made += 1
            revision = self._save(by, one, {"agreed": "yes", "safe_now": "yes", "access": ["nothing"]}, at)
            told = {"plan": "A worker of their own choosing, and somebody to ring."}
            why = "They asked for one person to speak to."
            self._decide(by, one, "support", why, at + timedelta(hours=2), told, revision=revision)

    def _today(self) -> None:
        """What is under way: a screening begun, a needs assessment paused past its day, a checklist, a transition."""
        begun = self._begin("school", "exploitation_screening", (13, 16), self._back(0.1))
        self._save("school", begun, {"seen": "A second phone.", "gifts": "present"}, self._back(0.1))
        paused = self._begin("idva", "needs_assessment", (19, 30), self._back(41), ground="domestic_abuse")
        known = self._back(41).date().isoformat()
        started = {"reason": "domestic_abuse", "known_on": known, "agreed": "part", "safe_now": "yes"}
        self._save("idva", paused, started, self._back(41))
        self._pause("idva", paused, self._back(41))
        self._checklist(self._back(2))
        self._waiting_for_a_view(self._back(1))
        self._referred(self._back(0.2))
        young = self._begin("mash-manager", "transitions_assessment", (17.55, 17.7), self._back(1))
        steps = dict.fromkeys(("pathway_plan", "adviser", "care_act", "health", "housing", "plan"), "planned")
        self._save("mash-manager", young, {"status": ["below"], **steps, "needs": ["home", "work"]}, self._back(1))

    def _waiting_for_a_view(self, at: datetime) -> None:
        """A gravity decision that youth justice is asked about today."""
        from concord.desk.instruments import operations

        one = self._begin("police", "child_gravity", (13, 16), at)
        answers = {
            "offence": "example_b", "tests_met": "yes", "aggravating": ["group"], "mitigating": ["exploited"],
            "factors_why": "With older boys, who kept what was taken.", "admits": "no_comment", "history": "first",
        }  # fmt: skip
        self._save("police", one, answers, at)
        yjs = self.who["yjs"].user_id
        operations.hand_over(viewer=self.who["police"], assessment_id=one, to=yjs, reason="Borderline.", at=at)

    def _referred(self, at: datetime) -> None:
        """A screening judged significant, sent to the front door with the referral."""
        from concord.desk.instruments import operations
        from concord.desk.referrals.rules import PartyDetails

        born = (at - timedelta(days=5300)).date()
        child = PartyDetails("child", "Remi", "Lockhart-SYN", born, "M")
        one = self._begin("school", "exploitation_screening", (14, 15), at, named=child)
        signs = {**dict.fromkeys(SIGNS, "not_known"), "missing": "present", "gifts": "present", "travel": "suspected"}
        more = {"others": "yes", "moved": "yes", "protective": ["adult"], "child_knows": "agrees"}
        self._save("school", one, {"seen": "Picked up by a car at lunch, twice this week.", **signs, **more}, at)
        self._decide("school", one, "significant", "Missing, moved, and given things by adults.", at)
        operations.refer(
            viewer=self.who["school"],
            assessment_id=one,
            route="front_door",
            parties=[child],
            concern="Picked up by a car at lunch, twice this week; back with new things.",
            consent="yes",
            at=at,
        )

    def _checklist(self, at: datetime) -> None:
        one = self._begin("gp", "domestic_abuse_checklist", (20, 50), at)
        asked = {place: "yes" if number < 9 else "no" for number, place in enumerate(CHECKLIST)}
        more = {"alone": "yes", "safe_contact": "At the surgery only.", "earlier_marac": "no", "calls": 1}
        self._save("gp", one, {**asked, **more, "worse": "yes", "children": "no"}, at)
        self._decide(
            "gp", one, "high", "Threats are new and specific.", at, {}, "The example wording does not ask about access."
        )

    # --- hands ----------------------------------------------------------------------------------------------------

    def _back(self, days: float) -> datetime:
        return self.now - timedelta(days=days)

    def _begin(
        self, by: str, key: str, ages: tuple[float, float], at: datetime, ground: str = "",
        named: PartyDetails | None = None,
    ) -> UUID:  # fmt: skip
        from concord.desk.instruments import operations

        age, pick = self.random.uniform(*ages), self.random
        self.made += 1
        if named is not None:
            return operations.begin(
                viewer=self.who[by],
                instrument=key,
                given_name=named.given_name,
                family_name=named.family_name,
                born_on=named.born_on,
                at=at,
            )
        return operations.begin(
            viewer=self.who[by],
            instrument=key,
            given_name=pick.choice(GIVEN),
            family_name=f"{pick.choice(FAMILY)}-SYN",
            born_on=(at - timedelta(days=365.25 * age)).date(),
            ground=ground,
            at=at,
        )

    def _save(self, by: str, one: UUID, answers: Mapping[str, object], at: datetime) -> int:
        from concord.desk.instruments import operations

        return operations.save(viewer=self.who[by], assessment_id=one, answers=answers, revision=1, at=at)

    def _pause(self, by: str, one: UUID, at: datetime) -> None:
        from concord.desk.instruments import operations

        operations.pause(viewer=self.who[by], assessment_id=one, at=at)

    def _decide(
        self, by: str, one: UUID, level: str, reason: str, at: datetime,
        answers: Mapping[str, object] | None = None, override: str = "", differs: str = "", revision: int = 2,
    ) -> None:  # fmt: skip
        from concord.desk.instruments import operations

        operations.decide(
            viewer=self.who[by],
            assessment_id=one,
            level=level,
            reason=reason,
            override=override,
            differs_because=differs,
            answers=answers or {},
            revision=revision,
            at=at,
        )
