"""What reviewers decided is honoured by the linking, references stay, and a person carries no role and no name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linkage_support import Person, found, people, persons
from load_support import a_file, every_file, receive
from load_support import people as people_feed

from concord.evidence import linkage
from concord.evidence.datasets.identifiers import Opening, opened
from concord.evidence.datasets.store import Store
from concord.evidence.linkage import decisions, queue
from concord.evidence.linkage.review import Pair, Review, pair
from concord.kernel.errors import BadInput, Refused
from concord.strategy import load
from concord.strategy.shapes.linkage import Linkage

FOLDER = Path(__file__).resolve().parents[2] / "partnerships" / "harbourside"
BORN = date(1990, 4, 3)
CROWD: tuple[Person, ...] = tuple(
    (f"c{n}", f"Name{n}", f"Family{n}", date(1940, 1, 1) + timedelta(days=37 * n), "F", f"HB{n % 90 + 10} 1AA")
    for n in range(300)
)
"""Other people, so that no name is common and no birthday shared."""


@pytest.fixture(scope="module")
def model() -> Linkage:
    made = load(FOLDER).linkage
    assert made is not None
    return made


def same(ref: str, *, given: str = "Adaline", family: str = "Zephyrine", postcode: str | None = "HB1 1AA") -> Person:
    return (ref, given, family, BORN, "F", postcode)


def decided(decision: str, *pairs: tuple[str, str]) -> dict[Pair, Review]:
    return {
        pair(("f", a), ("f", b)): Review(state=decision, holds=decision)  # type: ignore[arg-type]
        for a, b in pairs
    }


def test_a_pair_decided_different_is_not_joined_even_through_others(model: Linkage) -> None:
    """a, b and c agree in everything: two reviewers say that a and c are two people, and so they are."""
    table = people(same("a"), same("b"), same("c"), *CROWD)
    with found({"f": table}, model) as connection:
        assert len({persons(connection)[ref] for ref in "abc"}) == 1
    with found({"f": table}, model, reviews=decided("different", ("a", "c"))) as connection:
        refs = persons(connection)
        assert refs["a"] != refs["c"]
        assert refs["b"] in (refs["a"], refs["c"]), "no more is cut than must be"
        whys = connection.sql("SELECT person_ref_l, person_ref_r, why FROM waiting WHERE feed_l = 'f'").fetchall()
    assert [why for a, b, why in whys if {a, b} <= set("abc")] == [linkage.linking.CUT]


def test_a_pair_decided_same_is_joined_however_little_agrees(model: Linkage) -> None:
    table = people(same("a"), ("z", "Mary", "Smith", date(1950, 1, 2), "F", None), *CROWD)
    with found({"f": table}, model) as connection:
        assert persons(connection)["a"] != persons(connection)["z"]
    with found({"f": table}, model, reviews=decided("same", ("a", "z"))) as connection:
        assert persons(connection)["a"] == persons(connection)["z"]


def test_what_reviewers_leave_apart_no_longer_waits(model: Linkage) -> None:
    twins = people(same("a"), same("b", given="Wilhelmina"), *CROWD)
    with found({"f": twins}, model) as connection:
        assert connection.sql("SELECT count(*) FROM waiting").fetchall() == [(1,)]
    for decision in ("apart", "different"):
        with found({"f": twins}, model, reviews=decided(decision, ("a", "b"))) as connection:
            assert connection.sql("SELECT count(*) FROM waiting").fetchall() == [(0,)]
            assert persons(connection)["a"] != persons(connection)["b"]


def test_a_record_without_a_birthday_does_not_hold_mother_and_daughter_together(model: Linkage) -> None:
    """Same name and address: each could be the record that gives no date of birth, so one of the two goes."""
    table = people(
        same("mother"), ("daughter", "Adaline", "Zephyrine", date(2015, 9, 8), "F", "HB1 1AA"),
        ("unknown", "Adaline", "Zephyrine", None, "F", "HB1 1AA"), *CROWD,
    )  # fmt: skip
    with found({"f": table}, model) as connection:
        refs = persons(connection)
    assert refs["mother"] != refs["daughter"]


# -- references -----------------------------------------------------------------------------------------------------


def _again(connection: duckdb.DuckDBPyConnection) -> tuple[pa.Table, pa.Table]:
    return (
        connection.sql("SELECT * EXCLUDE (node) FROM register").to_arrow_table(),
        connection.sql("SELECT * FROM aliases").to_arrow_table(),
    )


def test_a_reference_survives_arrivals_merges_and_the_loss_of_its_oldest_record(model: Linkage) -> None:
    first = people(same("a"), *CROWD)
    with found({"f": first}, model) as connection:
        one, (before, aliases) = persons(connection)["a"], _again(connection)
    # An unrelated record, and one of another agency that is another person so far.
    second = people(same("a"), ("n", "Norbert", "Quill", date(1971, 2, 3), "M", None),
                    ("z", "Mary", "Smith", date(1950, 1, 2), "F", None), *CROWD)  # fmt: skip
    with found({"f": second}, model, before=before, aliases=aliases) as connection:
        refs = persons(connection)
        assert refs["a"] == one, "an unrelated record changes nobody's reference"
        newer, (before, aliases) = refs["z"], _again(connection)
    # Reviewers find that z is a: the older reference survives, the newer leads to it.
    joined = decided("same", ("a", "z"))
    with found({"f": second}, model, before=before, aliases=aliases, reviews=joined) as connection:
        assert persons(connection)["z"] == one
        assert connection.sql("SELECT * FROM aliases").fetchall() == [(newer, one)]
        merged = _again(connection)
    # They change their minds: both references are back.
    with found({"f": second}, model, before=merged[0], aliases=merged[1]) as connection:
        refs = persons(connection)
        assert (refs["a"], refs["z"]) == (one, newer)
        assert connection.sql("SELECT count(*) FROM aliases").fetchall() == [(0,)]
    # The oldest record is withdrawn: the record left of that person inherits its reference.
    third = second.slice(1)
    with found({"f": third}, model, before=merged[0], aliases=merged[1], reviews=joined) as connection:
        assert persons(connection)["z"] == one
        assert connection.sql("SELECT * FROM aliases").fetchall() == [(newer, one)]


@settings(max_examples=5, deadline=None)
@given(shuffle=st.randoms(use_true_random=False))
def test_ethnicity_changes_no_link(shuffle: Random) -> None:
    """Whatever ethnicity an extract says, in whatever order: the links are the same to the last bit."""
    model = load(FOLDER).linkage
    assert model is not None
    rows = people(same("a"), same("b", given="Adeline"), same("c", postcode=None), *CROWD[:60])
    codes = ["A1", "A2", "B1", "M3", "W1", "W9", None]
    made = []
    for shuffled in (False, True):
        values = [codes[n % len(codes)] for n in range(rows.num_rows)]
        if shuffled:
            shuffle.shuffle(values)
        with found({"f": rows.append_column("ethnicity_self", pa.array(values, pa.string()))}, model) as connection:
            made.append(connection.sql("SELECT * FROM links ORDER BY ALL").fetchall())
    assert made[0] == made[1]


# -- what is stored, and who may look ---------------------------------------------------------------------------------

HEADER = "ref,person_id,given_name,family_name,born_on,age,sex,postcode"
ROWS = (
    "A1,NOM0000017,Adaline,Zephyrine,1990-04-03,36,F,HB1 1AA",
    "A2,NOM0000018,Wilhelmina,Zephyrine,1990-04-03,36,F,HB1 1AA",
    *(
        f"B{n},NOM{n:07d},Name{n},Family{n},{date(1940, 1, 1) + timedelta(days=37 * n)},50,F,HB{n % 90 + 10} 1AA"
        for n in range(100, 350)
    ),
)
SECRETS = (b"Adaline", b"Zephyrine", b"Wilhelmina", b"adaline", b"zephyrine", b"1990-04-03", b"NOM0000017")


def clock() -> datetime:
    return datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, model: Linkage) -> Path:
    folder = tmp_path_factory.mktemp("linked")
    receive(folder / "home", people_feed(), a_file(folder, "people_2026-10.csv", *ROWS, header=HEADER))
    linkage.link(Store(folder / "home"), folder / "home", model, clock)
    return folder / "home"


def test_no_dataset_of_persons_holds_a_role_or_a_name(home: Path) -> None:
    store = Store(home)
    made = ("person_links", "person_link_candidates", "person_register", "person_aliases")
    assert set(made) <= set(store.datasets())
    words = {word for name in made for column in store.latest(name).columns for word in column.split("_")}
    assert not words & {"role", "victim", "suspect", "offender", "ethnicity"}
    assert not {column for name in made for column in store.latest(name).columns} & {"given_name", "family_name"}


def test_datasets_alone_name_nobody(home: Path) -> None:
    """Whoever holds `datasets/` and the ledger, without `secrets/`, finds no name and no key to one."""
    keys = [file.read_bytes() for file in (home / "secrets").iterdir()]
    assert len(keys) >= 3
    for file in every_file(home):
        if "secrets" not in file.parts:
            content = file.read_bytes()
            assert not [secret for secret in SECRETS if secret in content], file
            assert not [key for key in keys if key in content or key.hex().encode() in content], file
    frames = [
        duckdb.sql(f"SELECT * FROM {Store(home).latest(name).scan}").fetchall() for name in Store(home).datasets()
    ]
    said = repr(frames).lower()
    assert not [secret for secret in SECRETS if secret.decode().lower() in said]
    for sealed in (home / "identifiers").rglob("*.sealed"):
        assert sealed.read_bytes().startswith(b"CONCORD-SEALED")


def test_a_person_s_reference_is_no_plain_digest_of_its_records(home: Path) -> None:
    import hashlib

    rows = duckdb.sql(f"SELECT feed, person_ref, linked_ref FROM {Store(home).latest('person_links').scan}").fetchall()
    for feed, ref, linked in rows[:50]:
        plain = {f"{a}{b}{c}" for a in ("person:", "person\x1f", "") for b in (f"{feed}:", "") for c in (ref,)}
        digests = {
            hashlib.new(how, text.encode()).hexdigest()[:32] for how in ("sha256", "md5", "sha1") for text in plain
        }
        assert linked not in digests
        assert linked != ref


def test_the_queue_gives_reasons_without_names_and_hides_the_other_opinion(home: Path, model: Linkage) -> None:
    store = Store(home)
    (each,) = queue.waiting(store, home, "ada")
    agreement = {reason.field: reason.agreement for reason in each.reasons}
    assert agreement == {
        "given_name": "other", "family_name": "same", "born_on": "same", "sex": "same", "postcode": "same",
    }  # fmt: skip
    weights = {reason.field: reason.weight for reason in each.reasons}
    assert weights["given_name"] < 0 < weights["family_name"] < weights["born_on"]
    assert "twins" in each.why
    assert not [secret for secret in SECRETS if secret.decode() in repr(each)]
    one, other = each.pair
    assert queue.explain(store, other, one) == each
    known = queue.known(store)
    decisions.decide(
        home,
        model,
        one,
        other,
        verdict="different",
        reviewer="ada",
        reason="twins",
        clock=clock,
        known=known.__contains__,
    )
    assert queue.waiting(store, home, "ada") == [], "she has given hers"
    assert queue.waiting(store, home, "ben") == [each], "he sees what she saw, and not that she looked"
    assert queue.waiting(store, home, "ben", feeds=["another"]) == []
    assert queue.progress(store, home)["one_opinion"] == 1
    decisions.decide(home, model, one, other, verdict="different", reviewer="ben", reason="twins", clock=clock)
    assert queue.waiting(store, home, "cy") == []
    decisions.reopen(home, model, one, other, reviewer="cy", reason="new_information", clock=clock)
    linkage.link(store, home, model, clock)
    (again,) = queue.waiting(store, home, "ben")
    assert again.pair == each.pair
    assert queue.progress(store, home)["waiting"] == 1


def test_names_are_opened_for_a_named_person_and_only_once_it_is_on_record(home: Path) -> None:
    version = Store(home).latest("people")
    refs = {ref for (ref,) in duckdb.sql(f"SELECT person_ref FROM {version.scan}").fetchall()}
    ref = sorted(refs)[0]
    kept: list[Opening] = []

    def ask(**changes: object) -> dict[tuple[str, str], list[dict[str, object]]]:
        given: dict[str, object] = {
            "reviewer": "ada",
            "purpose": "linkage_review",
            "reason": "pair 1",
            "audit": kept.append,
        }
        return opened(home, {"people": version}, [("people", ref)], **(given | changes))  # type: ignore[arg-type]

    (row,) = ask()["people", ref]
    assert set(row) == {"given_name", "family_name", "born_on", "postcode", "sex"}
    assert kept == [Opening("ada", "linkage_review", "pair 1", (("people", ref),))]
    for missing in ("reviewer", "purpose", "reason"):
        with pytest.raises(Refused, match=f"only with a {missing}"):
            ask(**{missing: " "})

    def broken(_opening: Opening) -> None:
        raise Refused("The trail cannot be written.")

    with pytest.raises(Refused, match="cannot be written"):
        ask(audit=broken)
    assert len(kept) == 1
    with pytest.raises(Refused, match="cannot be opened at once"):
        opened(
            home,
            {"people": version},
            [("people", r) for r in refs],
            reviewer="a",
            purpose="b",
            reason="c",
            audit=kept.append,
        )
    with pytest.raises(BadInput, match="has the pseudonym nobody"):
        opened(
            home, {"people": version}, [("people", "nobody")], reviewer="a", purpose="b", reason="c", audit=kept.append
        )


def test_a_rule_that_makes_too_many_pairs_is_refused_before_it_runs(model: Linkage) -> None:
    crowd = people(*((f"p{n}", f"Name{n}", "Smith", date(1990, 1, 1), "M", "HB1 1AA") for n in range(400)))
    greedy = replace(model, candidates=(("postcode",), *model.candidates), most_pairs_per_record=50)
    with (
        pytest.raises(Refused, match="Candidates by postcode would be 79,800 pairs of 400 records") as refused,
        found({"f": crowd}, greedy),
    ):
        pass
    words = str(refused.value)
    assert "candidates[0]" in words
    assert "one group alone has 400 records" in words
    assert "Smith" not in words and "HB1" not in words


# -- roles live on events ------------------------------------------------------------------------------------------


def test_victim_and_suspect_are_one_person_and_their_roles_stay_with_the_events(model: Linkage) -> None:
    """One man under two of the police's numbers: hurt in one event, suspected in another."""
    with found({"crime_persons": people(same("n1"), same("n2"), *CROWD)}, model) as connection:
        connection.execute(
            """CREATE TABLE crime_persons AS SELECT * FROM (VALUES ('C1', 'victim', 'n1'), ('C2', 'suspect', 'n2'),
            ('C2', 'victim', 'c1')) v(crime_ref, role, person_ref)"""
        )
        asked = "SELECT linked_ref, crime_ref, role FROM crime_persons JOIN links USING (person_ref)"
        roles = connection.sql(
            f"SELECT list_sort(list(DISTINCT role)) FROM ({asked}) GROUP BY linked_ref ORDER BY 1"
        ).fetchall()
        assert roles == [(["suspect", "victim"],), (["victim"],)]
        assert "role" not in connection.sql("SELECT * FROM links").columns  # nor in any dataset: see above
        (one,) = {ref for ref, crime, role in connection.sql(asked).fetchall() if (crime, role) == ("C1", "victim")}
        events = connection.sql(f"SELECT crime_ref, role FROM ({asked}) WHERE linked_ref = '{one}'").fetchall()
        assert sorted(events) == [("C1", "victim"), ("C2", "suspect")], "he is no suspect of the event he was hurt in"


@pytest.mark.parametrize(
    "table",
    [
        people(same("only")),
        people(("a", None, None, None, None, None), ("b", None, None, None, None, None)),
        people(same("a"), same("b")).select(["person_ref", "given_name", "family_name"]),
    ],
    ids=["one record", "records that hold nothing", "a feed without birthdays"],
)
def test_little_to_go_by_links_nobody_and_breaks_nothing(model: Linkage, table: pa.Table) -> None:
    with found({"f": table}, model) as connection:
        refs = persons(connection)
    assert len(set(refs.values())) == len(refs) == table.num_rows
