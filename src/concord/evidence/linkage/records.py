"""Records as the model compares them: one row for each way a person was written, tidied, never guessed."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

WANTED = ("given_name", "family_name", "born_on", "sex", "postcode")

# Spellings of one sound that transliteration into English scatters: vowels, h, y/i, w/v, q/c/k, z/j, and letters
# written twice. It brings candidates together; it never decides.
_CONSONANTS = "regexp_replace(translate({0}, 'yvwqckzjx', 'ivvkkkjjk'), '(^.)|[aeiouh]|(.)', '\\1\\2', 'g')"
_SOUND = (
    "array_to_string(list_filter(string_split({0}, ''), "
    "lambda letter, i: i = 1 OR letter <> string_split({0}, '')[i - 1]), '')"
)


def _sound(column: str) -> str:
    return _SOUND.format(_CONSONANTS.format(column))


def _tidy(column: str) -> str:
    """Lower case without accents, spaces, hyphens, apostrophes or the mark of synthetic names."""
    return (
        f"nullif(regexp_replace(lower(strip_accents(regexp_replace({column}, '-?SYN$', ''))), '[^a-z]', '', 'g'), '')"
    )


def prepare(connection: duckdb.DuckDBPyConnection, feeds: Mapping[str, pa.Table]) -> str:
    """Make table `records` from each feed's identifiers; returns its name.

    Columns: record (feed, pseudonym and a number where one person was written in several ways), feed, person_ref,
    given_name, family_name, born_on, born_swapped (day and month exchanged, where that is a date), birth_year, sex,
    postcode, and keys to find candidates by. Values that are not known are NULL, and 1 January is kept as it is: the
    model has a level for a date that agrees in two parts only.
    """
    selects = []
    for feed, table in feeds.items():
        connection.register(f"given_{feed}", table)
        columns = [name if name in table.schema.names else f"NULL AS {name}" for name in WANTED]
        selects.append(f"SELECT '{feed}' AS feed, person_ref, {', '.join(columns)} FROM given_{feed}")
    connection.execute(
        f"""CREATE TABLE records AS
        WITH everything AS ({" UNION ALL ".join(selects)}),
        tidied AS (
            SELECT DISTINCT feed, person_ref, {_tidy("given_name")} AS given_name,
                {_tidy("family_name")} AS family_name, born_on::DATE AS born_on,
                CASE WHEN sex IN ('F', 'M') THEN sex END AS sex,
                nullif(upper(replace(postcode, ' ', '')), '') AS postcode
            FROM everything WHERE person_ref IS NOT NULL
        )
        SELECT feed || ':' || person_ref || ':' || row_number() OVER (
                PARTITION BY feed, person_ref ORDER BY given_name, family_name, born_on, postcode, sex
            ) AS record, *,
            CASE WHEN day(born_on) <= 12 AND day(born_on) <> month(born_on)
                THEN make_date(year(born_on), day(born_on), month(born_on)) END AS born_swapped,
            year(born_on) AS birth_year,
            left(given_name, 1) AS first_letter,
            {_sound("given_name")} AS sound_of_given_name,
            {_sound("family_name")} AS sound_of_family_name
        FROM tidied ORDER BY record"""
    )
    return "records"
