"""The partnership's linkage file as splink's settings. The only module that knows splink's own words."""

from __future__ import annotations

from typing import Any

from concord.strategy.shapes.linkage import NOT_KNOWN, Comparison, Level, Linkage

_CONDITIONS = {
    "same": "{c}_l = {c}_r",
    "similar": "jaro_winkler_similarity({c}_l, {c}_r) >= {at_least}",
    "sounds_alike": "sound_of_{c}_l = sound_of_{c}_r",
    "few_edits": "damerau_levenshtein({c}_l{cast}, {c}_r{cast}) <= {at_most}",
    "names_exchanged": "given_name_l = family_name_r AND family_name_l = given_name_r",
    "day_and_month_swapped": "born_on_l = born_swapped_r",
    "first_of_january": "birth_year_l = birth_year_r AND (month(born_on_l) = 1 AND day(born_on_l) = 1"
    " OR month(born_on_r) = 1 AND day(born_on_r) = 1)",
    "two_parts_same": "birth_year_l = birth_year_r AND (month(born_on_l) = month(born_on_r)"
    " OR day(born_on_l) = day(born_on_r))"
    " OR month(born_on_l) = month(born_on_r) AND day(born_on_l) = day(born_on_r)",
    "within_days": "abs(born_on_l - born_on_r) <= {at_most}",
    "same_district": "district_l = district_r",
    "same_area": "regexp_extract({c}_l, '^[A-Z]+') = regexp_extract({c}_r, '^[A-Z]+')",
    "other": "ELSE",
}
_ON_SPARK = {"within_days": "abs(datediff(born_on_l, born_on_r)) <= {at_most}"}
"""The conditions that Spark writes otherwise; `jaro_winkler_similarity` and the rest splink translates or registers."""


def settings(linkage: Linkage, records: int, dialect: str = "duckdb") -> dict[str, Any]:
    """Splink settings for deduplicating one table of so many records, from several feeds."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record",
        "probability_two_random_records_match": prior(linkage, records),
        "comparisons": [_comparison(each, dialect) for each in linkage.comparison],
        "blocking_rules_to_generate_predictions": [blocking(rule) for rule in linkage.candidates],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
    }


def prior(linkage: Linkage, records: int) -> float:
    """The chance that two records taken at random are of one person."""
    return min(linkage.matches_per_record / max(records - 1, 1), 0.5)


def blocking(keys: tuple[str, ...]) -> str:
    """The join condition under which two records are candidates: they share every one of `keys`."""
    return " AND ".join(f"l.{one} = r.{other}" for name in keys for one, other in sides(name))


def sides(key: str) -> tuple[tuple[str, str], ...]:
    """The columns of the one and the other record that a key compares."""
    if key == "born_swapped":
        return (("born_on", "born_swapped"),)
    if key == "names_exchanged":
        return (("given_name", "family_name"), ("family_name", "given_name"))
    return ((key, key),)


def level_sql(comparison: Comparison) -> str:
    """SQL for the number of a comparison's level, counted down to 0 for the last; -1 where either is not known.

    It reads columns `<name>_l` and `<name>_r`.
    """
    column = comparison.compare
    last = len(comparison.level) - 1
    cases = [
        f"WHEN {_condition(level, column, 'duckdb')} THEN {last - place}"
        for place, level in enumerate(comparison.level)
        if level.agreement != "other"
    ]
    return f"CASE WHEN {_missing(column)} THEN -1 {' '.join(cases)} ELSE 0 END"


def level_words(comparison: Comparison) -> dict[int, str]:
    """What each level number of `level_sql` means, in words."""
    last = len(comparison.level) - 1
    return {-1: NOT_KNOWN} | {last - place: _words(level) for place, level in enumerate(comparison.level)}


def columns_read(comparison: Comparison) -> set[str]:
    """The columns of `records` that a comparison's conditions read."""
    found = {comparison.compare}
    for level in comparison.level:
        match level.agreement:
            case "sounds_alike":
                found.add(f"sound_of_{comparison.compare}")
            case "names_exchanged":
                found |= {"given_name", "family_name"}
            case "day_and_month_swapped":
                found.add("born_swapped")
            case "first_of_january" | "two_parts_same":
                found.add("birth_year")
            case "same_district":
                found.add("district")
    return found


def _words(level: Level) -> str:
    return {"few_edits": f"{level.at_most} edits or fewer", "within_days": f"within {level.at_most} days"}.get(
        level.agreement, level.agreement.replace("_", " ")
    )


def _missing(column: str) -> str:
    return f"{column}_l IS NULL OR {column}_r IS NULL"


def _comparison(comparison: Comparison, dialect: str) -> dict[str, Any]:
    column = comparison.compare
    missing = {"sql_condition": _missing(column), "label_for_charts": NOT_KNOWN, "is_null_level": True}
    return {
        "output_column_name": column,
        "comparison_levels": [missing, *(_level(level, column, dialect) for level in comparison.level)],
    }


def _condition(level: Level, column: str, dialect: str) -> str:
    written = (_ON_SPARK if dialect == "spark" else {}).get(level.agreement) or _CONDITIONS[level.agreement]
    cast = "::VARCHAR" if column == "born_on" else ""
    return written.format(c=column, cast=cast, at_least=level.at_least, at_most=level.at_most)


def _level(level: Level, column: str, dialect: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "sql_condition": _condition(level, column, dialect),
        "label_for_charts": _words(level),
        "m_probability": level.m,
        "u_probability": level.u,
    }
    if level.rarity:
        made |= {"tf_adjustment_column": column, "tf_adjustment_weight": 1.0}
    return made
