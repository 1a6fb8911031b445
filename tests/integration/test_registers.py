"""Registers on the real database: entered, corrected, closed; who reads which; people behind their own wall."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import desk_story as story
import pytest
import time_machine
from desk_story import NOW
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import ChangedMeanwhile, NotAllowed, NotHere
from concord.desk.audit import queries as audit
from concord.desk.people import queries as people
from concord.desk.people.rules import Details
from concord.desk.records import operations as records_operations
from concord.desk.records import queries as records
from concord.desk.registers import operations, queries
from concord.desk.registers.models import Entry
from concord.desk.registers.rules import NotClosed, NotEntered
from concord.desk.sharing import operations as sharing
from concord.desk.sharing.session import as_viewer
from concord.kernel.lifecycles import NotNow

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
TENSION = {"kind": "race", "level": "moderate"}
ORDER = {"kind": "cbo", "applied_by": "harbourside_police", "conditions": "Not to enter the market.", "breaches": "0"}
BOUND = Details("Carl", "Probe SYN", date(1988, 1, 9))


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def add(world, by="hate-worker", register="tension_log", title="Shouting outside the hall", given=TENSION, **more):
    return operations.add_entry(
        viewer=world.cast[by], register=register, title=title, dated_on=TODAY, given=given, at=NOW, **more
    )


def order(world, **more):
    return add(world, "orders", "civil_orders", "SYN-771", ORDER, **{"who": BOUND, **more})


def lines(world, by, register, at=NOW, **more):
    return queries.entries(world.cast[by], register, at=at, **more)


def change(world, entry_id, by="hate-worker", register="tension_log", version=1, reason="was wrong", **more):
    said = {"title": "Shouting outside the hall", "dated_on": TODAY, "given": TENSION, **more}
    operations.correct_entry(
        viewer=world.cast[by], register=register, entry_id=entry_id, reason=reason, version=version, at=NOW, **said
    )


def test_an_entry_is_added_put_right_closed_and_opened_again_and_nothing_is_forgotten(world):
    entry_id = add(world, due_on=TODAY + timedelta(days=7))
    change(world, entry_id, given={**TENSION, "level": "high"}, due_on=TODAY + timedelta(days=2))
    me = world.cast["hate-worker"]
    end = {"viewer": me, "register": "tension_log", "entry_id": entry_id, "at": NOW}
    operations.close_entry(outcome="eased", note="The elders met.", version=2, **end)
    with pytest.raises(NotNow, match="Closed"):
        change(world, entry_id, version=3, given={**TENSION, "level": "low"})
    operations.open_again(reason="Again last night.", version=3, **end)
    found = queries.entry(me, "tension_log", entry_id, at=NOW)
    assert [each.verb for each in found.history] == ["add", "correct", "close", "open_again"]
    assert found.history[1].changes == (
        ("Look again by", _words(7), _words(2)),
        ("Level", "Moderate: incidents", "High: violence happened or is likely"),
    )
    assert found.line.state == "open" and found.closing_note == "" and found.version == 4
    trail = [each.action for each in audit.who_looked(world.cast["dpo"], "entry", entry_id, at=NOW)]
    assert {"register.add", "register.correct", "register.close", "register.open_again", "register.read"} <= set(trail)


def test_two_people_editing_are_told_and_a_second_send_adds_nothing(world):
    chosen = uuid4()
    assert add(world, entry_id=chosen) == add(world, entry_id=chosen) == chosen
    assert len([each for each in lines(world, "hate-worker", "tension_log") if each.entry_id == chosen]) == 1
    change(world, chosen, given={**TENSION, "level": "low"})
    with pytest.raises(ChangedMeanwhile):
        change(world, chosen, given={**TENSION, "level": "high"})
    level = {
        each.key: each.value for each in queries.entry(world.cast["manager"], "tension_log", chosen, at=NOW).fields
    }
    assert level["level"].startswith("Low")


def test_what_a_correction_must_say(world):
    entry_id = add(world)
    with pytest.raises(NotEntered, match="Nothing differs"):
        change(world, entry_id)
    with pytest.raises(NotEntered, match="why"):
        change(world, entry_id, given={**TENSION, "level": "low"}, reason=" ")
    with pytest.raises(NotEntered, match="Choose who owns it"):
        change(world, entry_id, agency="nobody")
    with pytest.raises(NotClosed, match="how it ended"):
        operations.close_entry(
            viewer=world.cast["manager"], register="tension_log", entry_id=entry_id, outcome="won", note="n", version=1,
            at=NOW,
        )  # fmt: skip


def test_who_keeps_who_reads_and_who_does_not_know_of_a_register(world):
    add(world)
    with pytest.raises(NotAllowed, match="does not allow"):
        add(world, by="board")
    with pytest.raises(NotHere):
        add(world, by="orders")
    with pytest.raises(NotHere):
        lines(world, "orders", "tension_log")
    assert lines(world, "board", "tension_log")
    with pytest.raises(NotAllowed, match="You read “Section 60 authorisations”"):
        add(world, register="section_60", title="x", given={})
    for name in ("school", "analyst", "dpo"):
        assert "tension_log" not in {each.key for each in queries.registers(world.cast[name], at=NOW)}, name


def test_a_register_about_people_shows_an_entry_to_those_alone_who_may_open_the_person(world):
    entry_id = order(world)
    me, mash = world.cast["orders"], world.cast["mash"]
    found = queries.entry(me, "civil_orders", entry_id, at=NOW)
    assert found.line.who == "Carl Probe SYN"
    assert people.may_use(me, found.person_id, at=NOW) and not people.may_use(mash, found.person_id, at=NOW)
    looked = audit.who_looked(world.cast["dpo"], "person", found.person_id, at=NOW)
    assert any(each.action == "register.read" for each in looked)
    # Kept out of the person: the entry, its line and its count go too.
    before = {each.key: each.open for each in queries.registers(me, at=NOW)}["civil_orders"]
    with as_viewer(me, at=NOW):
        sharing.keep_out(viewer=me, subjects=[("person", found.person_id)], user_id=me.user_id, at=NOW)
    assert entry_id not in {each.entry_id for each in lines(world, "orders", "civil_orders")}
    assert {each.key: each.open for each in queries.registers(me, at=NOW)}["civil_orders"] == before - 1
    with pytest.raises(NotHere):
        queries.entry(me, "civil_orders", entry_id, at=NOW)


def test_the_wall_stands_without_the_applications_filter(world):
    entry_id, about = add(world), order(world)
    seen = {}
    for name in ("hate-worker", "board", "orders", "school", "dpo", "analyst"):
        with as_viewer(world.cast[name], at=NOW):
            seen[name] = set(Entry.objects.values_list("id", flat=True)) & {entry_id, about}
    assert seen == {
        "hate-worker": {entry_id}, "board": {entry_id}, "orders": {about}, "school": set(), "dpo": set(),
        "analyst": set(),
    }  # fmt: skip
    with as_viewer(world.cast["board"], at=NOW):
        assert Entry.objects.filter(id=entry_id).update(title="Taken over") == 0
    assert not Entry.objects.exists()


def test_nobody_is_named_where_the_register_names_nobody_nor_added_without_an_agreement(world):
    with pytest.raises(NotEntered, match="names nobody"):
        add(world, who=BOUND)
    with pytest.raises(NotEntered, match="who is bound by it"):
        add(world, "orders", "civil_orders", "SYN-1", ORDER)
    with pytest.raises(NotEntered, match="date of birth"):
        order(world, who=Details("Carl", "Probe SYN", None))
    expired = NOW.replace(year=2031)
    with pytest.raises(sharing.AgreementEnded):
        operations.add_entry(
            viewer=world.cast["orders"], register="civil_orders", title="SYN-2", dated_on=expired.date(), given=ORDER,
            who=BOUND, at=expired,
        )  # fmt: skip
    assert not [each for each in people.candidates(world.cast["orders"], BOUND, at=NOW) if each.name == "SYN-2"]


def test_the_mappa_flag_is_a_pointer(world):
    given = {"category": "2", "level": "2", "lead": "probation", "ring": "Duty officer, 020 0000 0000"}
    entry_id = add(world, "orders", "mappa_flags", "SYN-M1", given, who=Details("Vic", "Flagged SYN", date(1980, 2, 2)))
    held = accounts.partnership().kept_registers["mappa_flags"]
    assert {each.key for each in held.field} == {"category", "level", "lead", "ring"}
    manager = replace(world.cast["probation"], roles=frozenset({"offender_manager"}))
    assert accounts.registers(manager) >= {"mappa_flags"} and not accounts.registers(manager, keeps=True)
    found = queries.entry(world.cast["orders"], "mappa_flags", entry_id, at=NOW)
    assert {each.value for each in found.fields} >= {"Active multi-agency meetings"}


TAKEN = {
    "signs": ["visitors", "no_keys"], "vulnerability": ["age"], "county_lines": "yes", "closure": "none", "visits": 0,
}  # fmt: skip
OCCUPANT = Details("Edith", "Brackley SYN", date(1957, 11, 2))


def test_a_home_that_was_taken_over_is_visited_until_it_is_safe(world):
    """Visits are due, each is entered, the closure order stands beside it, and a second takeover continues it."""
    week = TODAY + timedelta(days=7)
    first = add(world, "orders", "cuckooed_addresses", "Flat 4 SYN", TAKEN, who=OCCUPANT, due_on=week)
    person = queries.entry(world.cast["orders"], "cuckooed_addresses", first, at=NOW).person_id
    closure = {**ORDER, "kind": "closure_order", "applied_by": "community_safety"}
    add(world, "orders", "civil_orders", "SYN-CL-9", closure, who=person, due_on=week)
    (line,) = (x for x in lines(world, "orders", "cuckooed_addresses", at=NOW + timedelta(8)) if x.entry_id == first)
    assert line.overdue, "a visit that nobody made is late"
    visited = {**TAKEN, "visits": 1, "closure": "partial", "closure_reference": "SYN-CL-9"}
    change(
        world, first, "orders", "cuckooed_addresses", title="Flat 4 SYN", given=visited, due_on=week + timedelta(days=7)
    )
    operations.close_entry(
        viewer=world.cast["orders"], register="cuckooed_addresses", entry_id=first, outcome="safe",
        note="Locks changed.", version=2, at=NOW,
    )  # fmt: skip
    again = add(world, "orders", "cuckooed_addresses", "Flat 4 SYN", TAKEN, who=person, follows=first)
    found = queries.entry(world.cast["orders"], "cuckooed_addresses", again, at=NOW)
    assert found.follows == (first, "Flat 4 SYN")
    later = queries.entry(world.cast["orders"], "cuckooed_addresses", first, at=NOW)
    assert later.followed_by == ((again, "Flat 4 SYN"),) and later.history[1].changes
    with pytest.raises(NotHere):
        add(world, follows=first)


def test_a_case_carries_county_lines_and_a_person_never_does(world):
    """A flag of the case: in the register's entry and in the panel's facets; no column of a person holds it."""
    home = accounts.partnership()
    assert home.kept_registers["cuckooed_addresses"].field_named("county_lines")
    assert {"vulnerability", "county_lines"} <= {each.key for each in home.forums["mace"].facet}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM information_schema.columns WHERE table_name LIKE 'people_%%'"
            " AND column_name ~ 'county|lines|gang|nominal'"
        )
        assert cursor.fetchone() == (0,)


def test_lists_put_what_is_due_first_and_count_what_is_late(world):
    late = add(world, due_on=TODAY, title="First")
    later = add(world, due_on=TODAY + timedelta(days=5), title="Second")
    after = NOW + timedelta(days=1)
    found = [each.entry_id for each in lines(world, "hate-worker", "tension_log", at=after)]
    assert found.index(late) < found.index(later)
    (line,) = (each for each in lines(world, "hate-worker", "tension_log", at=after) if each.entry_id == late)
    assert line.overdue
    assert (late, "tension_log") in {
        (each.entry_id, key) for key, each in queries.overdue_of(world.cast["hate-worker"], at=after)
    }
    assert queries.overdue_of(world.cast["school"], at=after) == ()


def test_the_action_register_goes_to_its_boards_and_leaves_as_a_file_but_no_list_of_people_does(world):
    given = {
        "action": "A2.1", "outcome": "T2.4", "board": "violence_exploitation_group", "lead": "=HYPERLINK(1)",
        "rag": "amber", "progress": "Late by a month.",
    }  # fmt: skip
    mine = add(world, "manager", "action_register", "Agree the winter patrols", given)
    add(world, "manager", "action_register", "Write to landlords", {**given, "board": "drugs_partnership"})
    found = lines(world, "board", "action_register", board="violence_exploitation_group")
    assert [each.entry_id for each in found] == [mine]
    heads, rows = queries.as_table(world.cast["board"], "action_register", at=NOW, board="violence_exploitation_group")
    assert len(rows) == 1 and dict(zip(heads, rows[0], strict=True))["How it stands"].startswith("Amber")
    client = signed_in(world, "board")
    with time_machine.travel(NOW, tick=False):
        answer = client.get("/registers/action_register/download/?board=violence_exploitation_group")
    (row,) = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert row["Lead"] == "'=HYPERLINK(1)" and "attachment" in answer["Content-Disposition"]
    with pytest.raises(NotHere):
        queries.as_table(world.cast["orders"], "civil_orders", at=NOW)


def test_the_extract_takes_counts_and_never_a_text_or_a_person(world):
    order(world)
    add(world, title="Told by Mr Smith")
    rows = queries.extract_entries(accounts.service("desk_extract"), at=NOW)
    assert {each["register"] for each in rows} >= {"civil_orders", "tension_log"}
    text = repr(rows)
    assert "Smith" not in text and "Probe" not in text and "SYN-771" not in text and "market" not in text
    (one,) = (each for each in rows if each["register"] == "civil_orders")
    assert one["facets"] == "applied_by=harbourside_police;breaches=0;kind=cbo"
    with pytest.raises(NotAllowed):
        queries.extract_entries(world.cast["manager"], at=NOW)
    with as_viewer(world.cast["manager"], at=NOW), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registers_extract(%s, '{\"tension_log\": []}')", [NOW])
        assert cursor.fetchone() == (0,)


def test_a_public_register_shows_its_public_fields_to_anybody_and_no_other_is_there(world):
    given = {"theme": "hate", "where": "Town hall", "for_whom": "Everybody", "reach": "40"}
    add(world, "manager", "events", "Open evening", given)
    client = Client(headers={"host": "localhost"})
    page = client.get("/directory/events/")
    text = page.content.decode()
    assert page.status_code == 200 and "Open evening" in text and "Town hall" in text and "How many came" not in text
    for key in ("tension_log", "civil_orders", "nothing"):
        assert client.get(f"/directory/{key}/").status_code == 404


def test_a_closed_entry_goes_when_its_registers_time_is_over_and_never_while_a_later_one_continues_it(world):
    """Tension log: 24 months after it ended, by the DPO's decision and the records keeper's hand; its history too."""
    entry_id = add(world)
    operations.close_entry(
        viewer=world.cast["manager"], register="tension_log", entry_id=entry_id, outcome="eased", note="n", version=1,
        at=NOW,
    )  # fmt: skip
    order_id = order(world)
    end = {"viewer": world.cast["orders"], "register": "civil_orders", "version": 1, "at": NOW}
    operations.close_entry(entry_id=order_id, outcome="expired", note="n", **end)
    order(world, follows=order_id)
    dpo, after = world.cast["dpo"], NOW.replace(year=NOW.year + 2)

    def due(at):
        return {each.id: each.category for each in records.due(dpo, at=at)}

    assert entry_id not in due(after - timedelta(days=1))
    assert due(after)[entry_id] == "register_tension_log"
    assert order_id not in due(NOW.replace(year=NOW.year + 40))
    records_operations.approve_erasure(viewer=dpo, category="register_tension_log", at=after)
    (certificate,) = records_operations.erase_approved(viewer=accounts.service("records_keeper"), at=after)
    assert certificate.rows["registers_entry"] >= 1 and certificate.rows["registers_change"] >= 2
    with pytest.raises(NotHere):
        queries.entry(world.cast["manager"], "tension_log", entry_id, at=after)


def signed_in(world, name):
    from django.contrib.auth import get_user_model

    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(id=world.cast[name].user_id))
    return client


def test_every_screen_of_a_register_opens_keeps_what_was_typed_and_stays_within_its_statements(world):
    entry_id, about = add(world), order(world)
    with time_machine.travel(NOW, tick=False):
        for name, address in (
            ("hate-worker", "/registers/"),
            ("hate-worker", "/registers/tension_log/"),
            ("hate-worker", "/registers/tension_log/?show=closed"),
            ("hate-worker", "/registers/tension_log/new/"),
            ("hate-worker", f"/registers/tension_log/{entry_id}/"),
            ("hate-worker", f"/registers/tension_log/{entry_id}/correct/"),
            ("hate-worker", f"/registers/tension_log/{entry_id}/close/"),
            ("orders", "/registers/civil_orders/"),
            ("orders", f"/registers/civil_orders/{about}/"),
            ("orders", f"/registers/civil_orders/new/?follows={about}"),
            ("manager", "/registers/action_register/?board=executive"),
        ):
            client = signed_in(world, name)
            with CaptureQueriesContext(connection, ) as asked:  # fmt: skip
                assert client.get(address).status_code == 200, address
            assert len(asked) <= 30, (address, len(asked))
        client = signed_in(world, "hate-worker")
        page = client.post("/registers/tension_log/new/", {"title": "Kept title", "f_kind": "race"})
        text = page.content.decode()
        assert "Kept title" in text and "Error:" in text and "Choose “Level”" in text
        assert client.get("/registers/civil_orders/").status_code == 404
        assert client.get(f"/registers/civil_orders/{about}/").status_code == 404
        assert client.get(f"/registers/civil_orders/{uuid4()}/").status_code == 404
        board = signed_in(world, "board")
        assert board.get("/registers/tension_log/new/").status_code == 404
        assert "Add to it" not in board.get("/registers/tension_log/").content.decode()


def test_naming_somebody_on_record_asks_whether_it_is_they(world):
    first = order(world)
    held = queries.entry(world.cast["orders"], "civil_orders", first, at=NOW)
    client = signed_in(world, "orders")
    said = {
        "entry_id": str(uuid4()), "given_name": "Carl", "family_name": "Probe", "born_on_0": "9", "born_on_1": "1",
        "born_on_2": "1988", "title": "SYN-900", "dated_on_0": "1", "dated_on_1": "6", "dated_on_2": "2026",
        "agency": "community_safety", **{f"f_{key}": value for key, value in ORDER.items()},
    }  # fmt: skip
    with time_machine.travel(NOW, tick=False):
        page = client.post("/registers/civil_orders/new/", said)
        assert page.status_code == 200 and "Is it one of these people on record?" in page.content.decode()
        done = client.post("/registers/civil_orders/new/", {**said, "person": str(held.person_id)})
        assert done.status_code == 302
    second = queries.entry(world.cast["orders"], "civil_orders", _uuid(done.url), at=NOW)
    assert second.person_id == held.person_id


def _words(days):
    found = TODAY + timedelta(days=days)
    return f"{found.day} {found:%B %Y}"


def _uuid(url):
    from uuid import UUID

    return UUID(url.rstrip("/").rsplit("/", 1)[1])
