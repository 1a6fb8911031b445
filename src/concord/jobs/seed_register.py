"""The demonstration's register: names, needs and relatives of a child, records joined or not yet, and a place, a group
and an online space with their plans. Everything is invented."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from concord.jobs.seed_pathways import Pathways

if TYPE_CHECKING:
    from concord.desk.accounts.rules import Viewer

DANGEROUS = "Never ring the home number: the mother’s former partner answers it. Text the school’s safeguarding lead."


class Register(Pathways):
    """What MASH and the youth worker put on record in the last days."""

    def _register(self) -> None:
        at = self._in_hours(self.now - timedelta(days=4), 11)
        child = self._known_child()
        mother = self._add("Noor", "Vance-SYN", date(1986, 5, 17), at, "ZZ3 4AB")
        brother = self._add("Idris", "Vance-SYN", date(2013, 9, 2), at, "ZZ3 4AB")
        gone = self._add("Karl", "Ostrow-SYN", date(1983, 1, 30), at, "ZZ8 1TT")
        if child is not None:
            self._about(child, mother, brother, gone, at)
        self._two_records(at)
        self._subjects(at)

    def _known_child(self) -> UUID | None:
        """The story's child where there is one, else the first whom MASH came to know."""
        by_mash = {details: person for (by, details), person in self.known.items() if by == "mash"}
        if "child_at_risk" in self.cast:
            told = self._child("child_at_risk")
            key = f"{told.given_name}|{told.family_name}|{told.born_on}"
            return by_mash.get(key) or next(iter(by_mash.values()), None)
        return next(iter(by_mash.values()), None)

    def _add(self, given: str, family: str, born: date, at: datetime, postcode: str = "") -> UUID:
        from concord.desk.people import operations
        from concord.desk.people.rules import Details

        return operations.add_person(
            viewer=self.who["mash"],
            details=Details(given, family, born, "U", postcode),
            holders=["team:mash"],
            purpose="child_safeguarding",
            gateway="children_act_2004_s11",
            agreement="child_safeguarding",
            at=at,
        )

    def _about(self, child: UUID, mother: UUID, brother: UUID, gone: UUID, at: datetime) -> None:
        from concord.desk.people import operations, queries

        mash: Viewer = self.who["mash"]
        one = {"viewer": mash, "person_id": child, "at": at}
        said = "SYN Harbour Academy, safeguarding lead"
        operations.add_alias(kind="street_name", given_name="Tiny", family_name="", source="youth workers", **one)
        operations.add_alias(
            kind="spelling", given_name="Rafee", family_name="Vance-SYN", source="SYN police custody record", **one
        )
        operations.add_identifier(scheme="harbourside_police", value="SYN-CUST-20417", **one)
        operations.add_identifier(scheme="schools", value="SYN-UPN-X4402", **one)
        operations.set_ethnicity(basis="self_defined", code="A3", source="the child, at the home visit", **one)
        operations.set_ethnicity(basis="observed", code="IC4", source="SYN officer, stop record", **one)
        operations.set_needs(
            safe_contact=DANGEROUS,
            interpreter="Sylheti, for the mother",
            access_needs="Dyslexic: read letters aloud, and meet in the morning.",
            version=queries.person(mash, child, at=at, reason="to record how to reach them").version,
            **one,
        )
        for person, kind, more in (
            (mother, "parent_of", {}),
            (gone, "carer_of", {"since": date(2021, 4, 1), "until": date(2025, 8, 31)}),
        ):
            operations.relate(
                viewer=mash,
                person_id=person,
                other_id=child,
                kind=kind,
                source=said,
                at=at,
                **more,  # type: ignore[arg-type]
            )
        operations.relate(viewer=mash, person_id=child, other_id=brother, kind="sibling_of", source=said, at=at)
        operations.relate(
            viewer=mash, person_id=gone, other_id=mother, kind="former_partner_of", source="the mother", at=at
        )

    def _two_records(self, at: datetime) -> None:
        """One pair that was found to be one person, and one pair that nobody has compared yet."""
        from concord.desk.people import operations

        kept = self._add("Lena", "Garrow-SYN", date(2011, 6, 8), at, "ZZ4 2BD")
        other = self._add("Lenna", "Garrow-SYN", date(2011, 8, 6), at, "ZZ4 2BD")
        operations.set_safe_contact(
            viewer=self.who["mash"], person_id=other, safe_contact="Only through her aunt, after school.", at=at
        )
        operations.merge(
            viewer=self.who["mash-manager"],
            kept=kept,
            other=other,
            versions=(1, 1),
            reason="Same school and address; day and month of birth were exchanged.",
            at=at + timedelta(hours=1),
        )
        self._add("Kofi", "Mirza-SYN", date(2010, 3, 9), at, "ZZ5 3DE")
        self._add("Cofi", "Mirzah-SYN", date(2010, 9, 3), at, "ZZ5 3DE")

    def _subjects(self, at: datetime) -> None:
        """The place, the group and the online space that were referred: on record, with plans, a concern linked."""
        from concord.desk.referrals import operations

        worker, day = self.who["youth-worker"], at.date()
        place = self._on_record("harm_place", at)
        group = self._on_record("harm_group", at)
        online = self._on_record("harm_online", at)
        operations.locate(
            viewer=worker, subject_id=place, where="SYN Ferry Street, by the pier", latitude=55.0492, longitude=2.0627,
            at=at,
        )  # fmt: skip
        for subject, aim, agency, steps in (
            (place, "Adults whom young people know are there from three to four.", "safer_neighbourhoods",
             (("Two wardens at the stop on school days", "safer_neighbourhoods", 3),
              ("Mend the light over the shelter", "housing_providers", -1))),
            (group, "Each young person in the group has one adult outside it.", "exploitation_team",
             (("Meet at the youth club on Thursdays", "exploitation_team", 7),)),
            (online, "The chat has no adults in it, and the school knows who may report.", "schools",
             (("A lesson for year 9 on what a stranger asks first", "schools", 10),)),
        ):  # fmt: skip
            plan = operations.plan_for(
                viewer=worker, subject_id=subject, aim=aim, agency=agency, review_on=day + timedelta(days=30), at=at
            )
            for text, by, days in steps:
                due = max(self.now.date() + timedelta(days=days), day)
                operations.add_step(viewer=worker, plan_id=plan, text=text, agency=by, due_on=due, at=at)
        if self.partnership.pathways["harm_outside_home"].received_by not in worker.holders:
            return  # Where another team hears of the child first, nobody has linked them to the group yet.
        child = self._walk("school", "youth-worker", "harm_outside_home", self._somebody("child", (13, 16)), at, {})
        operations.link_concern(
            viewer=worker, contact_id=child, subject_id=group, role="member", source="SYN youth workers, Quay Park",
            version=1, at=at + timedelta(minutes=40),
        )  # fmt: skip

    def _on_record(self, pathway: str, at: datetime) -> UUID:
        from concord.desk.referrals import operations, queries

        worker = self.who["youth-worker"]
        (line,) = queries.queue(worker, pathway, at=at)
        page = queries.contact(worker, line.contact_id, at=at)
        return operations.name_subject(
            viewer=worker,
            contact_id=line.contact_id,
            party_id=page.parties[0].party_id,
            subject_id=None,
            version=page.version,
            at=at,
        )
