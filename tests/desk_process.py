"""One act on a desk of its own, as a separate process: `python desk_process.py ACT [ARGUMENT...]`. Prints JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "concord.config.settings")

import django

django.setup()

import access_tries  # noqa: E402
import desk_story as story  # noqa: E402
import records_support  # noqa: E402
from desk_story import NOW  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import Model, QuerySet  # noqa: E402

from concord.desk.accounts import queries as accounts  # noqa: E402
from concord.desk.accounts.rules import ChangedMeanwhile, Viewer  # noqa: E402
from concord.desk.instruments import operations as instruments  # noqa: E402
from concord.desk.instruments.models import Assessment, Change  # noqa: E402
from concord.desk.panels import operations as panels  # noqa: E402
from concord.desk.panels import queries as panel_queries  # noqa: E402
from concord.desk.panels.models import (  # noqa: E402
    Action,
    Decision,
    Intelligence,
    Item,
    Minutes,
    PriorContact,
    Rating,
    Research,
)
from concord.desk.panels.rules import Tampered  # noqa: E402
from concord.desk.people import operations as people  # noqa: E402
from concord.desk.people.models import Alias, Ethnicity, Person, Relationship  # noqa: E402
from concord.desk.people.rules import Details  # noqa: E402
from concord.desk.records import operations as records  # noqa: E402
from concord.desk.records.models import ErasureCertificate, Run  # noqa: E402
from concord.desk.referrals.models import About, Check, Contact, Identified, Party, Referral, Step  # noqa: E402
from concord.desk.referrals.rules import PartyDetails  # noqa: E402
from concord.desk.sharing import queries as sharing  # noqa: E402
from concord.desk.sharing import session  # noqa: E402
from concord.desk.sharing.models import Emergency, Pointer, Restriction  # noqa: E402

ROOTS = {"referral": Referral, "contact": Contact, "person": Person, "item": Item, "assessment": Assessment}
BRANCHES = {
    "step": (Step, "contact_id", "contact"),
    "about": (About, "contact_id", "contact"),
    "alias": (Alias, "person_id", "person"),
    "ethnicity": (Ethnicity, "person_id", "person"),
    "change": (Change, "assessment_id", "assessment"),
    "rating": (Rating, "item_id", "item"),
    "party": (Party, "referral_id", "referral"),
    "check": (Check, "contact_id", "contact"),
    "identified": (Identified, "contact_id", "contact"),
    "decision": (Decision, "item_id", "item"),
    "prior_contact": (PriorContact, "item_id", "item"),
}


def make() -> object:
    with transaction.atomic():
        world = story.world()
        meeting = world.marac.meeting_id
        coordinator = world.cast["marac-coordinator"]
        panels.everybody_here(viewer=coordinator, meeting_id=meeting, at=NOW)
        panels.open_meeting(viewer=coordinator, meeting_id=meeting, at=NOW)
        panels.declare_conflict(viewer=world.cast["health"], item_id=world.coming.item_id, why="aunt", at=NOW)
        panels.add_research(
            viewer=world.cast["police"], item_id=world.marac.item_id, text="Two calls.", intelligence="A blade.", at=NOW
        )
        panels.record_prior_contact(
            viewer=world.cast["idva"], item_id=world.marac.item_id, outcome="reached", text="New locks.", at=NOW
        )
        # A case kept to its coordinator, its chair and the police.
        third = story.listed_at_mace(
            world.cast, NOW - timedelta(days=1), PartyDetails("child", "Kin", "Staffson SYN", date(2012, 2, 2))
        )
        named = [world.cast[name].user_id for name in ("mace-coordinator", "mace-chair", "police")]
        panels.restrict_case(
            viewer=world.cast["mace-coordinator"], item_id=third.item_id, level="restricted", named=named,
            reason="staff", at=NOW,
        )  # fmt: skip
        people.open_in_emergency(
            viewer=world.cast["mash"],
            details=Details(story.VICTIM.given_name, story.VICTIM.family_name, story.VICTIM.born_on),
            purpose="child_safeguarding",
            reason="on a roof",
            at=NOW,
        )
        known = {"viewer": world.cast["mash"], "person_id": world.heard.person_id, "source": "school", "at": NOW}
        people.add_alias(kind="also_known_as", given_name="Raf", family_name="", **known)
        people.set_ethnicity(basis="self_defined", code="A1", **known)
        begun = access_tries.begin(world.cast["school"], "exploitation_screening")
        instruments.save(viewer=world.cast["school"], assessment_id=begun, answers={"seen": "t"}, revision=1, at=NOW)
    return {
        "item": str(world.marac.item_id),
        "contact": str(world.undecided),
        "signed": str(world.heard.meeting_id),
    }


LATE = NOW + timedelta(days=500)
TIMES = {
    "now": NOW,
    "after the cut-off": NOW + timedelta(days=9),
    "after members lost the cases": NOW + timedelta(days=150),
    "after the agreements ended": NOW.replace(year=2031),
}


def seen(with_filter: bool) -> object:
    """Every viewer's rows: through the application's filter alone, or through the database's wall alone."""
    found: dict[str, object] = {}
    for time_name, at in TIMES.items():
        found[time_name] = {
            person.username: rows_of(accounts.viewer_named(person.username), at, with_filter)
            for person in accounts.partnership().demo_people.person
        }
    police = accounts.viewer_named("police")
    found["one purpose stated"] = {"police": rows_of(police.acts_for("child_safeguarding"), NOW, with_filter)}
    return found


def rows_of(viewer: Viewer, at: datetime, with_filter: bool) -> dict[str, list[str]]:
    rows = {}
    with session.as_viewer(viewer, at=at):
        for kind, model in ROOTS.items():
            query = model.objects.all()
            if with_filter:
                query = sharing.visible(viewer, query, kind, at=at)
            rows[kind] = keys(query)
        for kind, (model, key, parent) in BRANCHES.items():
            query = model.objects.all()
            if with_filter:
                query = sharing.visible(viewer, query, parent, at=at, key=key)
            rows[kind] = keys(query)
        rows["action"] = keys(panel_queries.open_to(viewer, at) if with_filter else Action.objects.all())
        research, minutes = Research.objects.all(), Minutes.objects.all()
        if with_filter:
            research = sharing.visible(viewer, research, "item", at=at, key="item_id")
            research = panel_queries.readable_research(viewer, research, at)
            sits = [each.meeting_id for each in panel_queries.meetings(viewer, at=at, past=True)]
            minutes = minutes.filter(
                meeting_id__in=[each for each in sits if panel_queries.sees_whole(viewer, each, at)]
            )
        rows["research"], rows["minutes"] = keys(research), keys(minutes)
        rows |= kept_rows(viewer, at, with_filter)
    return rows


def kept_rows(viewer: Viewer, at: datetime, with_filter: bool) -> dict[str, list[str]]:
    """What only some may know of: intelligence, pointers, emergency openings. Through the filter, as screens ask."""
    intelligence = Intelligence.objects.all()
    if not with_filter:
        pointers = sorted({str(key) for key in Pointer.objects.values_list("person_id", flat=True)})
        return {"intelligence": keys(intelligence), "pointer": pointers, "emergency": keys(Emergency.objects.all())}
    intelligence = sharing.visible(viewer, intelligence, "item", at=at, key="item_id")
    every = sorted(set(Pointer.objects.values_list("person_id", flat=True)))
    return {
        "intelligence": keys(panel_queries.readable_intelligence(viewer, intelligence, at)),
        "pointer": [str(each) for each in every if sharing.pointers(viewer, each, at=at)],
        "emergency": sorted(str(each.entry) for each in sharing.emergencies(viewer, at=at)),
    }


def keys(query: QuerySet[Model]) -> list[str]:
    return sorted(str(each) for each in query.values_list("pk", flat=True))


def nobody() -> object:
    models = [*ROOTS.values(), *(model for model, _, _ in BRANCHES.values()), Action, Research, Relationship]
    models += [Intelligence, Pointer, Emergency, Restriction]
    return {model.__name__: model.objects.count() for model in models}


def decide(item: str, outcome: str, wait: str) -> object:
    """Decide as the chair, saying so before the transaction ends, then waiting. `wait` is seconds."""
    chair = accounts.viewer_named("marac-chair")
    try:
        with transaction.atomic():
            panels.decide(
                viewer=chair, item_id=UUID(item), outcome=outcome, reason=f"Because {outcome}.", version=1, at=NOW
            )
            print(json.dumps({"state": "written, not committed"}), flush=True)
            time.sleep(float(wait))
    except ChangedMeanwhile as late:
        return {"state": "told", "words": str(late)}
    return {"state": "decided"}


def minutes(meeting: str) -> object:
    """The signed minutes as the coordinator reads them, or why they are not shown."""
    try:
        return panel_queries.minutes(accounts.viewer_named("mace-coordinator"), UUID(meeting), at=NOW)
    except Tampered as found:
        return found.what


def decision(item: str) -> object:
    chair = accounts.viewer_named("marac-chair")
    with session.as_viewer(chair, at=NOW):
        row = Item.objects.get(id=item)
        outcomes = list(Decision.objects.filter(item=row).values_list("outcome", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_first_broken()")
        broken = cursor.fetchone()[0]
    return {"state": row.state, "version": row.version, "outcomes": outcomes, "broken": broken}


def retire() -> object:
    """A child nobody else knows, whose contact is past its time and approved to go. Returns the identifiers."""
    world = SimpleNamespace(cast={p.username: accounts.viewer_named(p.username) for p in cast()})
    at = NOW + timedelta(hours=2)
    contact_id, person_id = records_support.nothing_came_of_it(world, at)
    people.add_alias(
        viewer=world.cast["mash"], person_id=person_id, kind="also_known_as", given_name="Unie", family_name="",
        source="school", at=at,
    )  # fmt: skip
    records.approve_erasure(viewer=world.cast["dpo"], category="contact_no_further_action", at=LATE)
    return {"contact": str(contact_id), "person": str(person_id)}


def work(where: str, wait: str) -> object:
    """The calendar's retention, `where` it is told to stop for `wait` seconds: inside the erasure or after it."""
    from concord.jobs import calendar

    erase = calendar.WORK["retention"]

    def slowly(given: calendar.Work) -> dict[str, object]:
        if where == "inside":
            with transaction.atomic():
                did = erase(given)
                pause(wait)
            return did
        did = erase(given)
        pause(wait)
        return did

    calendar.WORK["retention"] = slowly
    ran = calendar.run_due(Path("/nonexistent"), lambda: LATE, only=["retention"])
    keeper = accounts.service("records_keeper")
    with session.as_viewer(keeper, at=LATE):
        states = [row.state for row in Run.objects.order_by("began_at", "state")]
        made = ErasureCertificate.objects.count()
    return {"ran": [each.failed or dict(each.did) for each in ran], "states": sorted(states), "certificates": made}


def pause(wait: str) -> None:
    if float(wait):
        print(json.dumps({"state": "erased, not entered"}), flush=True)
        time.sleep(float(wait))


def cast() -> tuple[object, ...]:
    return accounts.partnership().demo_people.person


def main() -> None:
    act, *arguments = sys.argv[1:]
    if act == "filter":
        # Signed in as the tables' owner, whom row-level security does not bind: only the filter is left.
        session._wall.append(True)
    acts = {
        "make": make,
        "filter": lambda: seen(True),
        "wall": lambda: seen(False),
        "nobody": nobody,
        "decide": decide,
        "decision": decision,
        "retire": retire,
        "work": work,
        "minutes": minutes,
    }
    print(json.dumps(acts[act](*arguments)), flush=True)


if __name__ == "__main__":
    main()
