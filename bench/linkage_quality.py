"""How well records are linked: on published labelled records, and on the invented borough, error by error.

For each published set the weights are estimated from its own records without its labels (expectation-maximisation),
and then measured against the labels. The borough is linked by the weights that are shipped. Prints Markdown tables.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
from pydantic import TypeAdapter

from concord.evidence.extracts.sealing import Pads
from concord.evidence.linkage.linking import find
from concord.evidence.linkage.quality import Quality, judge
from concord.evidence.linkage.records import prepare
from concord.evidence.linkage.training import estimate
from concord.strategy.shapes.linkage import Linkage

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[1] / "shared" / "data" / "linkage"
PADS = Pads.of(bytes(32))

SETS = {
    "fake_1000": f"""SELECT unique_id AS person_ref, cluster AS true_person, first_name AS given_name,
        surname AS family_name, try_cast(dob AS DATE) AS born_on, city AS town, email
        FROM read_csv('{SHARED}/fake_1000.csv', all_varchar = true)""",
    # DuckDB takes the blank before each heading off; its postcodes have lost or kept a leading nought.
    "febrl3": f"""SELECT trim(rec_id) AS person_ref, regexp_extract(rec_id, 'rec-([0-9]+)', 1) AS true_person,
        nullif(trim(given_name), '') AS given_name, nullif(trim(surname), '') AS family_name,
        try_strptime(trim(date_of_birth), '%Y%m%d')::DATE AS born_on,
        nullif(trim(street_number), '') AS street_number, nullif(trim(address_1), '') AS address,
        nullif(trim(suburb), '') AS town, lpad(nullif(trim(postcode), ''), 4, '0') AS postcode
        FROM read_csv('{SHARED}/dataset3.csv', all_varchar = true)""",
    "historical": f"""SELECT unique_id AS person_ref, cluster AS true_person, first_name AS given_name,
        surname AS family_name, try_cast(dob AS DATE) AS born_on, birth_place AS town, postcode_fake AS postcode,
        occupation, CASE gender WHEN 'male' THEN 'M' WHEN 'female' THEN 'F' END AS sex
        FROM '{SHARED}/historical_figures_with_errors_50k.parquet'""",
}


def model(name: str) -> Linkage:
    with (HERE / "linkage_models" / f"{name}.toml").open("rb") as handle:
        return TypeAdapter(Linkage).validate_python(tomllib.load(handle))


def open_set(connection: duckdb.DuckDBPyConnection, name: str) -> pa.Table:
    """The identifiers of a published set, its truth kept aside in `labelled`."""
    connection.execute(
        "CREATE TABLE before (feed VARCHAR, person_ref VARCHAR, own_ref VARCHAR, since INT, linked_ref VARCHAR)"
    )
    connection.execute("CREATE TABLE aliases_before (alias VARCHAR, linked_ref VARCHAR)")
    connection.execute(f"CREATE TABLE given AS {SETS[name]}")
    connection.execute("CREATE TABLE labelled AS SELECT person_ref, true_person FROM given")
    return connection.sql("SELECT * EXCLUDE (true_person) FROM given").to_arrow_table()


def measured(connection: duckdb.DuckDBPyConnection) -> Quality:
    connection.execute(
        """CREATE OR REPLACE TABLE judged AS
        SELECT feed, person_ref, true_person, linked_ref FROM links JOIN labelled USING (person_ref)"""
    )
    return Quality(judge(connection, {}, 50))


HEADINGS = (
    "records",
    "linked at",
    "precision",
    "recall",
    "F1",
    "B-cubed P",
    "B-cubed R",
    "people whole",
    "if reviewed",
)


def row(name: str, link_at: object, quality: Quality) -> None:
    line = quality.overall
    reviewed = (line.right + line.waiting) / (line.right + line.missed)
    print(
        f"| {name} | {link_at} | {line.precision} | {line.recall} | {line.f1:.4f} | {line.bcubed_precision.value:.4f} "
        f"| {line.bcubed_recall.value:.4f} | {line.whole.value:.1%} | {reviewed:.1%} |"
    )


def header(*names: str) -> None:
    print(f"| {' | '.join(names)} |\n|{'---|' * len(names)}")


def published() -> None:
    """Weights estimated from the records alone, links measured by the labels."""
    header(*HEADINGS)
    for name in SETS:
        with duckdb.connect() as connection:
            shape = model(name)
            prepare(connection, {"published": open_set(connection, name)}, shape)
            trained = estimate(connection, shape)
            for link_at in (0.5, 0.95, 0.99):
                find(connection, replace(trained, link_at=link_at, review_from=min(0.2, link_at)), PADS)
                row(name, link_at, measured(connection))
    tutorial()


def tutorial() -> None:
    """The 50,000 people of history by the model of splink's own tutorial for them, trained and clustered as it does."""
    import logging

    import splink.comparison_library as cl
    from splink import Linker, block_on
    from splink.backends.duckdb import DuckDBAPI
    from splink.clustering import cluster_pairwise_predictions_at_threshold

    with duckdb.connect() as connection:
        connection.execute(
            f"""CREATE TABLE people AS SELECT *, first_name || ' ' || surname AS both_names
            FROM '{SHARED}/historical_figures_with_errors_50k.parquet'"""
        )
        connection.execute(
            "CREATE TABLE labelled AS SELECT unique_id AS person_ref, cluster AS true_person FROM people"
        )
        settings = {
            "link_type": "dedupe_only",
            "comparisons": [
                cl.ForenameSurnameComparison("first_name", "surname", forename_surname_concat_col_name="both_names"),
                cl.DateOfBirthComparison("dob", input_is_string=True),
                cl.PostcodeComparison("postcode_fake"),
                cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
                cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
            ],
            "blocking_rules_to_generate_predictions": [
                block_on("substr(first_name, 1, 3)", "substr(surname, 1, 4)"),
                block_on("surname", "dob"),
                block_on("first_name", "dob"),
                block_on("postcode_fake", "first_name"),
                block_on("postcode_fake", "surname"),
                block_on("dob", "birth_place"),
                block_on("substr(postcode_fake, 1, 3)", "dob"),
                block_on("substr(postcode_fake, 1, 3)", "first_name"),
                block_on("substr(postcode_fake, 1, 3)", "surname"),
                block_on("substr(first_name, 1, 2)", "substr(surname, 1, 2)", "substr(dob, 1, 4)"),
            ],
        }
        api = DuckDBAPI(connection)
        people = api.register("people")
        linker = Linker(people, settings)
        logging.getLogger("splink").setLevel(logging.ERROR)
        linker.training.estimate_probability_two_random_records_match(
            [
                "l.first_name = r.first_name and l.surname = r.surname and l.dob = r.dob",
                "substr(l.first_name, 1, 2) = substr(r.first_name, 1, 2) and l.surname = r.surname "
                "and substr(l.postcode_fake, 1, 2) = substr(r.postcode_fake, 1, 2)",
                "l.dob = r.dob and l.postcode_fake = r.postcode_fake",
            ],
            recall=0.6,
        )
        linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
        for rule in (block_on("first_name", "surname"), block_on("dob")):
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        scored = linker.inference.predict(threshold_match_probability=0.2, warning_mode="never")
        for link_at in (0.5, 0.95, 0.99):
            found = cluster_pairwise_predictions_at_threshold(
                people, scored, api, node_id_column_name="unique_id", edge_id_column_name_left="unique_id_l",
                edge_id_column_name_right="unique_id_r", threshold_match_probability=link_at,
            )  # fmt: skip
            connection.execute(
                f"""CREATE OR REPLACE TABLE links AS SELECT 'published' AS feed, unique_id AS person_ref,
                cluster_id AS linked_ref FROM {found.physical_name}"""
            )
            row("historical, splink's tutorial model", link_at, measured(connection))


ERRORS = {
    "nothing wrong": "g AND f AND b AND p",
    "given name in another spelling": "NOT g AND (gs OR ge)",
    "family name in another spelling": "NOT f AND (fs OR fe)",
    "another given name (alias)": "NOT g AND NOT (gs OR ge)",
    "another family name (marriage)": "NOT f AND NOT (fs OR fe)",
    "day and month swapped": "NOT b AND sw",
    "born on 1 January by default": "NOT b AND NOT coalesce(sw, false) AND jan",
    "date of birth not known": "b IS NULL",
    "moved": "NOT p",
    "postcode not known": "p IS NULL",
    "a twin, or one like it": "twin",
}


def borough(seed: int = 3) -> None:
    """Harbourside by the shipped weights, which were estimated on another seed: recall by what is wrong in a record."""
    from concord.evidence.datasets.identifiers import identifiers
    from concord.evidence.datasets.store import Store
    from concord.evidence.extracts import load as receive
    from concord.evidence.extracts.sealing import purpose_key
    from concord.evidence.linkage.quality import measure
    from concord.strategy import load
    from concord.synthetic import generate

    def now() -> datetime:
        return datetime(2026, 11, 22, 12, tzinfo=UTC)

    harbourside = load(HERE.parent / "partnerships" / "harbourside")
    model = harbourside.linkage
    assert model is not None
    with tempfile.TemporaryDirectory() as work, duckdb.connect() as connection:
        home = Path(work)
        made = generate(home / "synthetic", size=1.0, months=24, seed=seed)
        feeds = ("crime_persons", "child_notifications", "suspensions")
        for name in feeds:
            receive(home, harbourside.feeds[name], made.files[name], agreements=harbourside.agreements, clock=now)
        truth = home / "synthetic" / "truth" / "person_records.csv"
        owners = {name: harbourside.feeds[name].owner for name in feeds}
        store = Store(home)
        for table in (
            "before (feed VARCHAR, person_ref VARCHAR, own_ref VARCHAR, since INT, linked_ref VARCHAR)",
            "aliases_before (alias VARCHAR, linked_ref VARCHAR)",
        ):
            connection.execute(f"CREATE TABLE {table}")
        prepare(connection, {name: identifiers(home, store.latest(name)) for name in feeds}, model)
        find(connection, model, Pads.of(purpose_key(home, "evidence")))
        quality = measure(connection, home, truth, owners, model, as_of=now().date())
        header(*HEADINGS)
        row(f"Harbourside, seed {seed}", model.link_at, quality)
        print()
        header("group", "true pairs", "precision", "recall", "behind the best found", "people whole")
        for line in quality.lines[1:]:
            print(
                f"| {line.dimension}: {line.group} | {line.right + line.missed:,.0f} | {line.precision} "
                f"| {line.recall} | {line.gap} | {line.whole} |"
            )
        print()
        by_error(connection, model)


_PAIRS = """SELECT l.true_person = r.true_person AS same, l.linked_ref = r.linked_ref AS linked, l.has AS has_l,
    r.has AS has_r, l.feed AS feed_l, l.person_ref AS person_ref_l, r.feed AS feed_r, r.person_ref AS person_ref_r
    FROM flagged l JOIN flagged r ON l.feed || l.person_ref < r.feed || r.person_ref"""


def by_error(connection: duckdb.DuckDBPyConnection, model: Linkage) -> None:
    """Recall of the pairs of which a record has an error, found by comparing records with the true person."""
    true = connection.sql(
        """SELECT true_person AS person_ref, given_name, family_name, born_on::DATE AS born_on, sex, postcode
        FROM people"""
    ).to_arrow_table()
    prepare(connection, {"truth": true}, model, "true_records")
    connection.execute(
        """CREATE TABLE seen AS
        WITH alike AS (SELECT family_name, born_on, postcode FROM true_records GROUP BY ALL HAVING count(*) > 1)
        SELECT j.true_person, j.linked_ref, r.feed, r.person_ref, r.given_name = t.given_name AS g,
            r.family_name = t.family_name AS f, r.born_on = t.born_on AS b, r.postcode = t.postcode AS p,
            r.sound_of_given_name = t.sound_of_given_name AS gs,
            damerau_levenshtein(r.given_name, t.given_name) <= 1 AS ge,
            r.sound_of_family_name = t.sound_of_family_name AS fs,
            damerau_levenshtein(r.family_name, t.family_name) <= 1 AS fe,
            r.born_on = t.born_swapped AS sw, month(r.born_on) = 1 AND day(r.born_on) = 1 AS jan,
            a.born_on IS NOT NULL AS twin
        FROM judged j JOIN records r USING (feed, person_ref) JOIN true_records t ON t.person_ref = j.true_person
        LEFT JOIN alike a ON (a.family_name, a.born_on, a.postcode) = (t.family_name, t.born_on, t.postcode)
        QUALIFY row_number() OVER (PARTITION BY r.feed, r.person_ref ORDER BY r.record) = 1"""
    )
    header(
        "what a record of the pair has", "true pairs", "found", "waiting for reviewers", "wrong links of such records"
    )
    for words, sql in ERRORS.items():
        connection.execute(f"CREATE OR REPLACE TABLE flagged AS SELECT *, coalesce(({sql}), false) AS has FROM seen")
        has = "has_l AND has_r" if words == "nothing wrong" else "has_l OR has_r"
        ((pairs, found, waits, wrong),) = connection.sql(
            f"""WITH together AS (
                {_PAIRS} AND l.true_person = r.true_person UNION {_PAIRS} AND l.linked_ref = r.linked_ref),
            both_ AS (SELECT * FROM together l WHERE {has})
            SELECT count(*) FILTER (same), count(*) FILTER (same AND linked),
                count(*) FILTER (same AND w.why IS NOT NULL), count(*) FILTER (NOT same AND linked)
            FROM both_ LEFT JOIN waiting w USING (feed_l, person_ref_l, feed_r, person_ref_r)"""
        ).fetchall()
        print(f"| {words} | {pairs:,} | {found / max(pairs, 1):.1%} | {waits / max(pairs, 1):.1%} | {wrong} |")


if __name__ == "__main__":
    if "borough" not in sys.argv[1:]:
        published()
        print()
    if "published" not in sys.argv[1:]:
        borough()
