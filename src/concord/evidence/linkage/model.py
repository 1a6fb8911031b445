"""The partnership's linkage file as splink's settings. The only module that knows splink's own words."""

from __future__ import annotations

from typing import Any

from concord.strategy.shapes.linkage import Comparison, Level, Linkage

_SAME = "{c}_l = {c}_r"
_CONDITIONS = {
    "same": _SAME,
    "similar": "jaro_winkler_similarity({c}_l, {c}_r) >= {at_least}",
    "sounds_alike": "sound_of_{c}_l = sound_of_{c}_r",
    "day_and_month_swapped": "born_on_l = born_swapped_r",
    "two_parts_same": "(year(born_on_l) = year(born_on_r))::INT + (month(born_on_l) = month(born_on_r))::INT"
    " + (day(born_on_l) = day(born_on_r))::INT = 2",
    "same_district": "left({c}_l, length({c}_l) - 3) = left({c}_r, length({c}_r) - 3)",
    "other": "ELSE",
}


def settings(linkage: Linkage) -> dict[str, Any]:
    """Splink settings for deduplicating one table of records from several feeds."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record",
        "probability_two_random_records_match": linkage.prior,
        "comparisons": [_comparison(each) for each in linkage.comparison],
        "blocking_rules_to_generate_predictions": [
            " AND ".join(_blocked(name) for name in rule) for rule in linkage.candidates
        ],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
    }


def _blocked(name: str) -> str:
    return "l.born_on = r.born_swapped" if name == "born_swapped" else f"l.{name} = r.{name}"


def _comparison(comparison: Comparison) -> dict[str, Any]:
    column = comparison.compare
    missing = {
        "sql_condition": f"{column}_l IS NULL OR {column}_r IS NULL",
        "label_for_charts": "not known",
        "is_null_level": True,
    }
    return {
        "output_column_name": column,
        "comparison_levels": [missing, *(_level(level, column) for level in comparison.level)],
    }


def _level(level: Level, column: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "sql_condition": _CONDITIONS[level.agreement].format(c=column, at_least=level.at_least),
        "label_for_charts": level.agreement.replace("_", " "),
        "m_probability": level.m,
        "u_probability": level.u,
    }
    if level.rarity:
        made |= {"tf_adjustment_column": column, "tf_adjustment_weight": 1.0}
    return made
