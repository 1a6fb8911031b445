"""Records as the model compares them: one row for each way a person was written, tidied, never guessed."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from concord.evidence.linkage.model import columns_read, sides
from concord.strategy.shapes.linkage import Linkage

# Spellings of one sound that transliteration into English scatters: vowels, h, y/i, w/v, q/c/k, z/j, and letters
# written twice. It brings candidates together; it never decides.
_CONSONANTS = "regexp_replace(translate({0}, 'yvwqckzjx', 'ivvkkkjjk'), '(^.)|[aeiouh]|(.)', '\\1\\2', 'g')"
_LEFT = "bdfgjklmnprstv"
"""The letters that may still stand twice in a row once vowels are gone and letters of one sound are one."""


def _sound(column: str) -> str:
    made = _CONSONANTS.format(column)
    for letter in _LEFT:
        # Twice, because a letter written three or four times is halved by each.
        made = f"replace(replace({made}, '{letter * 2}', '{letter}'), '{letter * 2}', '{letter}')"
    return made


# Letters that strip_accents leaves, because no accent stands on them.
_LETTERS = "translate(replace(replace({0}, 'ß', 'ss'), 'æ', 'ae'), 'łøđðþı', 'loddti')"
_NAME = (
    "nullif(regexp_replace("
    + _LETTERS.format("strip_accents(lower(regexp_replace({0}, '-?SYN$', '')))")
    + ", '[^a-z]', '', 'g'), '')"
)
"""Lower case without accents, spaces, hyphens, apostrophes or the mark of synthetic names."""
_PLAIN = "nullif(regexp_replace(" + _LETTERS.format("strip_accents(lower({0}))") + ", '[^a-z0-9]', '', 'g'), '')"
_TIDIED = {
    "given_name": _NAME,
    "family_name": _NAME,
    "born_on": "{0}::DATE",
    "sex": "CASE WHEN {0} IN ('F', 'M') THEN {0} END",
    "postcode": "nullif(upper(replace({0}, ' ', '')), '')",
    "street_number": _PLAIN,
    "address": _PLAIN,
    "town": _PLAIN,
    "email": "nullif(lower(trim({0})), '')",
    "phone": "nullif(regexp_replace({0}, '[^0-9]', '', 'g'), '')",
    "occupation": _PLAIN,
}
"""What may identify a person, and how it is tidied."""
_MADE = {
    "full_name": "given_name || ' ' || family_name",
    "born_swapped": "CASE WHEN day(born_on) <= 12 AND day(born_on) <> month(born_on) "
    "THEN make_date(year(born_on), day(born_on), month(born_on)) END",
    "birth_year": "year(born_on)",
    "first_letter": "left(given_name, 1)",
    "start_of_given_name": "left(given_name, 3)",
    "start_of_family_name": "left(family_name, 4)",
    "start_of_full_name": "left(given_name, 3) || left(family_name, 3)",
    "district": "left(postcode, length(postcode) - 3)",
}
"""What is worked out from it, where the model asks."""


def needed(linkage: Linkage) -> set[str]:
    """The columns that a model's comparisons, keys and training read."""
    rules = list(linkage.candidates)
    if linkage.training is not None:
        rules += [*linkage.training.sure, *linkage.training.passes]
    keys = {column for rule in rules for key in rule for pair in sides(key) for column in pair}
    return keys.union(*(columns_read(each) for each in linkage.comparison))


def prepare(
    connection: duckdb.DuckDBPyConnection, feeds: Mapping[str, pa.Table], linkage: Linkage, name: str = "records"
) -> str:
    """Make a table from each feed's identifiers; returns its name.

    Columns: record (feed, pseudonym and a number where one person was written in several ways), feed, person_ref,
    node (feed and pseudonym), and what `linkage` compares or finds candidates by: names tidied, `born_swapped` (day
    and month exchanged, where that is a date), keys. Values that are not known are NULL, and 1 January is kept as it
    is: a model may have a level for it.
    """
    wanted = needed(linkage)
    sources = _sources(wanted)
    selects = []
    for feed, table in feeds.items():
        connection.register(f"given_{feed}", table)
        held = set(table.schema.names)
        columns = [column if column in held else f"NULL AS {column}" for column in sources]
        selects.append(f"SELECT '{feed}' AS feed, person_ref, {', '.join(columns)} FROM given_{feed}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE written AS {' UNION ALL '.join(selects)}").fetchall()
    for feed in feeds:
        connection.unregister(f"given_{feed}")
    names = [column for column in ("given_name", "family_name") if column in sources]
    for column in names:
        _spelt(connection, column)
    tidied = ", ".join(
        f"{column}_spelt.tidy AS {column}"
        if column in names
        else f"{_TIDIED[column].format('w.' + column)} AS {column}"
        for column in sources
    )
    sounds = "".join(
        f", {column}_spelt.sound AS sound_of_{column}" for column in names if f"sound_of_{column}" in wanted
    )
    joins = " ".join(f"LEFT JOIN {column}_spelt ON {column}_spelt.raw = w.{column}" for column in names)
    made = "".join(f", {sql} AS {column}" for column, sql in _MADE.items() if column in wanted)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE tidied AS SELECT DISTINCT feed, person_ref,
            feed || ':' || person_ref AS node, {tidied}{sounds}
        FROM written w {joins} WHERE person_ref IS NOT NULL"""
    ).fetchall()
    # Numbering is a sort; only the few who were written in several ways need one.
    connection.execute(
        f"""CREATE TABLE {name} AS
        WITH several AS (SELECT node FROM tidied GROUP BY node HAVING count(*) > 1)
        SELECT node || ':1' AS record, *{made} FROM tidied ANTI JOIN several USING (node)
        UNION ALL
        SELECT node || ':' || row_number() OVER (PARTITION BY node ORDER BY {", ".join(sources)}) AS record, *{made}
        FROM tidied SEMI JOIN several USING (node)"""
    ).fetchall()
    for table in ("written", "tidied", *(f"{column}_spelt" for column in names)):
        connection.execute(f"DROP TABLE {table}").fetchall()
    return name


def _spelt(connection: duckdb.DuckDBPyConnection, column: str) -> None:
    """How each different name is tidied and sounds: there are far fewer names than records."""
    tidy = _NAME.format("raw")
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {column}_spelt AS
        SELECT raw, tidy, {_sound("tidy")} AS sound FROM (
            SELECT raw, {tidy} AS tidy FROM (SELECT DISTINCT {column}::VARCHAR AS raw FROM written))
        WHERE tidy IS NOT NULL"""
    ).fetchall()


def _sources(wanted: set[str]) -> list[str]:
    """The columns to tidy: those compared, and those that others are made from."""
    found = {column for column in _TIDIED if column in wanted}
    found |= {column for column in _TIDIED for made in wanted if column in _MADE.get(made, made)}
    return sorted(found)
