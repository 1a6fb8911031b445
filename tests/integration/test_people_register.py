"""The person register: candidates by sound, names and needs, records joined and parted, nothing shown by it."""

from __future__ import annotations

from datetime import date, timedelta

import desk_story as story
import duckdb
import pytest
import time_machine
from desk_story import NOW
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import ChangedMeanwhile, NotHere
from concord.desk.audit import queries as audit
from concord.desk.panels import queries as panels
from concord.desk.people import operations, queries
from concord.desk.people.rules import Details, NotCorrected, NotMerged, sound, tidy
from concord.desk.sharing.session import as_viewer

pytestmark = pytest.mark.django_db
TABLES = ("people_person", "people_alias", "people_personidentifier", "people_relationship", "people_ethnicity")


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with story.kept_world(django_db_blocker) as made:
        yield made


def add(viewer, given, family, born=None, postcode="", **more):
    return operations.add_person(
        viewer=viewer,
        details=Details(given, family, born, "U", postcode),
        holders=["team:mash"],
        purpose="child_safeguarding",
        gateway="children_act_2004_s11",
        agreement="child_safeguarding",
        at=NOW,
        **more,
    )


def found(viewer, *asked):
    return [each.person_id for each in queries.candidates(viewer, Details(*asked), at=NOW)]


NAMES = (
    "Mohammed",
    "Muhamad",
    "Yusuf SYN",
    "Jusuf",
    "Żofia",
    "O’Brien-SYN",
    "Łukasz",
    "Şahin",
    "de Souza",
    "Aaliyah",
    "",
)


def test_the_key_of_a_sound_is_one_wherever_it_is_made():
    """Python, PostgreSQL and the linkage model's own SQL agree, name by name."""
    from concord.evidence.linkage import records

    with connection.cursor() as cursor, duckdb.connect() as other:
        for name in NAMES:
            cursor.execute("SELECT people_plain(%s), people_sound(%s)", [name, name])
            assert cursor.fetchone() == (tidy(name), sound(name)), name
            plain = records._NAME.format("$1")
            linked = other.execute(f"SELECT {records._sound(plain)}", [name.replace(" SYN", "-SYN")]).fetchone()[0]
            assert (linked or "") == sound(name), name


CASES = [
    (("Muhamad", "Husain"), "another spelling from another alphabet"),
    (("Moh", "Huss"), "still being typed"),
    (("Mohammed", "Wrong", date(2010, 4, 9)), "first name and birthday"),
    (("Mohammed", "", date(2010, 9, 4)), "day and month exchanged"),
    (("Nobody", "Hussein", date(2010, 4, 9)), "last name and birthday"),
    (("Mo", "Streetname"), "an alias"),
]


@pytest.mark.parametrize(("asked", "why"), CASES, ids=[why for _, why in CASES])
def test_who_is_found_and_by_what(asked, why, world):
    mash = world.cast["mash"]
    person_id = add(mash, "Mohammed", "Hussein", date(2010, 4, 9), "ZZ1 9XX")
    operations.add_alias(
        viewer=mash, person_id=person_id, kind="street_name", given_name="Mo", family_name="Streetname",
        source="police", at=NOW,
    )  # fmt: skip
    assert person_id in found(mash, *asked)
    # MARAC's coordinator matches people too, and was not given this one.
    assert found(world.cast["marac-coordinator"], *asked) == []


def test_no_search_reads_ethnicity(world):
    mash = world.cast["mash"]
    person_id = add(mash, "Ada", "Ethnos", date(2011, 1, 1))
    before = found(mash, "Ada", "Ethnos")
    operations.set_ethnicity(
        viewer=mash, person_id=person_id, basis="self_defined", code="B1", source="herself", at=NOW
    )
    operations.set_ethnicity(viewer=mash, person_id=person_id, basis="observed", code="IC1", source="police", at=NOW)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert found(mash, "Ada", "Ethnos") == before == [person_id]
    assert not [each["sql"] for each in captured if "ethnicit" in each["sql"].lower()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname LIKE 'people_%'")
        looks = [source for (source,) in cursor.fetchall() if "DELETE" not in source]
    assert len(looks) >= 5 and not [source for source in looks if "ethnic" in source.lower()]
    page = queries.person(mash, person_id, at=NOW)
    assert page.ethnicity == (("self_defined", "B1", "herself"), ("observed", "IC1", "police"))
    # A role that does not see special categories sees neither, and is told that something is withheld.
    from dataclasses import replace

    narrow = replace(mash, fields=mash.fields - {"special_category"})
    assert queries.person(narrow, person_id, at=NOW).ethnicity == ()
    with pytest.raises(NotCorrected):
        operations.set_ethnicity(viewer=narrow, person_id=person_id, basis="observed", code="IC2", source="x", at=NOW)


def everything(viewer):
    """Every row of the register as the database holds it, but for the number that says how often it changed."""
    rows = {}
    with as_viewer(viewer, at=NOW), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT to_jsonb(t) - 'version' FROM {table} t ORDER BY id")
            rows[table] = [row[0] for row in cursor.fetchall()]
    return rows


steps = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_merging_and_taking_apart_restores_every_history(steps, world):
    """Whatever is merged and taken apart, in whatever order: at the end every row is what it was, and what was
    written in between stays where it was written."""
    from django.db import transaction

    manager = world.cast["mash-manager"]
    with transaction.atomic():
        people = [add(world.cast["mash"], f"Law{each}", "Restored", date(2012, 1, 1)) for each in range(4)]
        before, alone = everything(manager), {each: queries.person(manager, each, at=NOW) for each in people}
        standing = []
        for one, other, part in steps:
            if part and standing:
                operations.unmerge(viewer=manager, merge_id=standing.pop(0), reason="two", at=NOW)
                continue
            versions = tuple(queries.person(manager, people[each], at=NOW).version for each in (one, other))
            try:
                with transaction.atomic():
                    standing.append(operations.merge(
                        viewer=manager, kept=people[one], other=people[other], versions=versions, reason="one", at=NOW
                    ))  # fmt: skip
            except NotMerged:
                continue
            assert queries.records_of(manager, [people[one]], at=NOW) >= {people[one], people[other]}
            assert everything(manager) == before
        for each in reversed(standing):
            operations.unmerge(viewer=manager, merge_id=each, reason="two", at=NOW)
        assert everything(manager) == before
        from dataclasses import replace

        for each in people:
            assert replace(queries.person(manager, each, at=NOW), version=1) == alone[each]
            assert queries.records_of(manager, [each], at=NOW) == {each}
        transaction.set_rollback(True)


def merged(world, **more):
    kept, other = (add(world.cast["mash"], "Twin", name, date(2012, 5, 5), **more) for name in ("Alpha", "Omega"))
    made = operations.merge(
        viewer=world.cast["mash-manager"], kept=kept, other=other, versions=(1, 1), reason="same birth record", at=NOW
    )
    return kept, other, made


def test_a_merge_shows_nobody_anything_they_did_not_see(world):
    manager, coordinator = world.cast["mash-manager"], world.cast["mace-coordinator"]
    seen, unseen = world.heard.person_id, add(world.cast["mash"], "Rafi", "Secretname", date(2011, 3, 14))
    before = queries.person(coordinator, seen, at=NOW)
    operations.merge(viewer=manager, kept=seen, other=unseen, versions=(before.version, 1), reason="one", at=NOW)
    from dataclasses import replace

    assert replace(queries.person(coordinator, seen, at=NOW), version=before.version) == before
    with pytest.raises(NotHere):
        queries.person(coordinator, unseen, at=NOW)
    assert [each.person_id for each in queries.person(manager, seen, at=NOW).same] == [unseen]
    # Cases of either record are those of the person, for whoever may open them.
    assert panels.for_person(manager, unseen, at=NOW) == panels.for_person(manager, seen, at=NOW) != ()


def test_two_people_at_once_are_told(world):
    kept, other = (add(world.cast["mash"], "Two", name) for name in ("Atonce", "Together"))
    operations.set_needs(
        viewer=world.cast["mash"], person_id=other, safe_contact="Never by post", interpreter="", access_needs="",
        version=1, at=NOW,
    )  # fmt: skip
    with pytest.raises(ChangedMeanwhile):
        operations.merge(
            viewer=world.cast["mash-manager"], kept=kept, other=other, versions=(1, 1), reason="one", at=NOW
        )


def test_what_cannot_be_joined_is_refused_in_words(world):
    kept, other, made = merged(world)
    manager = world.cast["mash-manager"]
    third = add(world.cast["mash"], "Third", "Beta")
    for pair, words in (
        ((kept, kept), "itself"),
        ((other, kept), "already kept as one person"),
        ((third, other), "already kept under another"),
    ):
        with pytest.raises(NotMerged, match=words):
            operations.merge(viewer=manager, kept=pair[0], other=pair[1], versions=(2, 2), reason="r", at=NOW)
    operations.unmerge(viewer=manager, merge_id=made, reason="two children", at=NOW)
    with pytest.raises(NotMerged, match="already taken back"):
        operations.unmerge(viewer=manager, merge_id=made, reason="again", at=NOW)
    told = [e.action for e in audit.who_looked(world.cast["dpo"], "person", other, at=NOW)]
    assert {"person.merge", "person.unmerge"} <= set(told)


def test_a_candidate_kept_under_another_record_comes_once_under_that_one(world):
    kept, _, _ = merged(world)
    assert found(world.cast["mash-manager"], "Twin", "Omega", date(2012, 5, 5)) == [kept]


def test_a_child_who_comes_of_age_keeps_the_whole_record(world):
    mash = world.cast["mash"]
    birthday = NOW + timedelta(days=30)
    person_id = add(mash, "Nearly", "Adult", date(birthday.year - 18, birthday.month, birthday.day))
    operations.add_identifier(viewer=mash, person_id=person_id, scheme="schools", value="U1", at=NOW)
    child = queries.person(mash, person_id, at=NOW)
    adult = queries.person(mash, person_id, at=NOW + timedelta(days=60))
    assert (child.age, adult.age) == (17, 18)
    assert (adult.identifiers, adult.person_id) == ((("schools", "U1"),), child.person_id)


def signed_in(username):
    client = Client(headers={"host": "localhost"})
    assert client.post("/sign-in/", {"person": username}).status_code == 302
    return client


def test_find_merge_and_take_apart_on_screen(world):
    mash = world.cast["mash"]
    one, two = (add(mash, "Screen", "Seen", date(2013, 2, 3), safe_contact=f"Ring {n}") for n in ("home", "school"))
    with time_machine.travel(NOW, tick=False):
        manager = signed_in("mash-manager")
        answer = manager.post("/people/find/", {"given_name": "Screen", "family_name": "Seen"})
        text = answer.content.decode()
        assert str(one) in text and str(two) in text and "Compare two records" in text
        assert "Enter a name and one thing more" in manager.post("/people/find/", {"given_name": "S"}).content.decode()
        assert manager.post("/people/compare/", {"person": [str(one), str(two)]}).url == f"/people/{one}/merge/{two}/"
        page = manager.get(f"/people/{one}/merge/{two}/").content.decode()
        assert "Ring home" in page and "Ring school" in page and "Differs" in page
        filled = {"kept_version": 1, "other_version": 1, "reason": ""}
        refused = manager.post(f"/people/{one}/merge/{two}/", filled).content.decode()
        assert "Say why they are one person" in refused
        assert manager.post(f"/people/{one}/merge/{two}/", filled | {"reason": "one"}).status_code == 302
        with CaptureQueriesContext(connection) as captured:
            page = manager.get(f"/people/{one}/?from=case-ABCD").content.decode()
        asked = [q for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT"))]
        assert len(asked) <= 30
        assert page.index("Ring home") < page.index("Ring school") < page.index("Date of birth")
        (same,) = queries.person(world.cast["mash-manager"], one, at=NOW).same
        address = f"/people/{one}/merges/{same.merge_id}/"
        assert address in page
        # The duty worker sees that they are one and cannot part them.
        duty = signed_in("mash")
        assert address not in duty.get(f"/people/{one}/?from=case-ABCD").content.decode()
        assert duty.get(address).status_code == 404
        assert manager.post(address, {"reason": "two"}).status_code == 302
        assert queries.person(world.cast["mash-manager"], one, at=NOW).same == ()
        saved = manager.post(
            f"/people/{one}/needs/", {"version": 3, "safe_contact": "Only by text", "interpreter": "Polish"}
        )
        assert saved.status_code == 302
        late = manager.post(f"/people/{one}/needs/", {"version": 3, "safe_contact": "x"}).content.decode()
        assert "changed while you had it open" in late and ">x<" in late
    assert queries.person(mash, one, at=NOW).interpreter == "Polish"
    assert accounts.viewer_named("mash").username == "mash"
