"""The definition compiled to DuckDB, and the dataset of its verdicts.

One SELECT is built from the same tree that `concord.definition.evaluate` walks. SQL's AND, OR and NOT are the
three-valued tables that the rule uses, so "not known" needs no special case. A generative test holds both equal.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

import duckdb

from concord import codelists
from concord.codelists.offences import sub_codes
from concord.definition.predicates import PREDICATES, aggravated_codes, clause_weapons, connected_codes, strand_codes
from concord.definition.rules import Condition, Definition, Join, Linked, Node, OffenceIn, worded
from concord.strategy.shapes.definition import PARAMETERS, DefinitionFile

if TYPE_CHECKING:
    from datetime import datetime

    from concord.evidence.datasets.store import DatasetVersion, Store
    from concord.evidence.extracts.files import Clock

DATASET = "definition_results"
CRIME_COLUMNS = (
    "crime_ref", "offence_code", "offence_sub_code", "committed_from", "recorded_on", "domestic_abuse",
    "hate_strand", "knife", "weapon", "linked_crime_ref",
)  # fmt: skip
PERSON_COLUMNS = ("crime_ref", "role", "age", "birth_year", "relationship")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _listed(column: str, values: Iterable[str]) -> str:
    codes = sorted(values)
    return f"{column} IN ({', '.join(map(_text, codes))})" if codes else "FALSE"


def _literal(value: int | str) -> str:
    return _text(value) if isinstance(value, str) else str(value)


def _parameter(rule: Definition, name: str) -> str:
    """The value of a parameter on the day of the offence: the newest if no day is known, the first for older days."""
    dated = sorted(rule.file.parameters[name].values.items()) if name in rule.file.parameters else []
    if not dated:
        return f"NULL::{'VARCHAR' if str in PARAMETERS[name] else 'INTEGER'}"

    def after(day: date, value: int | str) -> str:
        return f"WHEN happened_on >= DATE '{day.isoformat()}' THEN {_literal(value)}"

    newest, first = dated[-1][1], dated[0][1]
    steps = " ".join(after(day, value) for day, value in reversed(dated))
    return f"CASE WHEN happened_on IS NULL THEN {_literal(newest)} {steps} ELSE {_literal(first)} END"


# The twin of each predicate, over one row for each crime: `v_` columns sum up its victims, `s_` its suspects.
CONDITIONS: dict[str, str] = {
    "victim_under_age": "CASE WHEN v_young THEN TRUE WHEN v_young_unknown THEN NULL ELSE FALSE END",
    "suspect_under_age": "CASE WHEN s_young THEN TRUE WHEN s_young_unknown THEN NULL ELSE FALSE END",
    "flagged_domestic_abuse": "CASE domestic_abuse WHEN 'Y' THEN TRUE WHEN 'N' THEN FALSE END",
    "parties_may_be_old_enough": "NOT (v_all_children OR s_all_children)",
    "personally_connected": (
        "CASE WHEN NOT s_connected THEN FALSE "
        "ELSE (CASE WHEN s_connected_old THEN TRUE WHEN s_connected_unknown THEN NULL ELSE FALSE END) "
        "AND (CASE WHEN v_old THEN TRUE WHEN v_old_unknown THEN NULL ELSE FALSE END) END"
    ),
    "flagged_hate": (
        "CASE WHEN hate_strand IS NULL THEN FALSE WHEN hate_strand_scheme = 'local' "
        f"THEN {_listed('hate_strand', strand_codes('local'))} "
        f"ELSE {_listed('hate_strand', strand_codes('national'))} END"
    ),
    "aggravated_offence": (
        f"CASE WHEN offence_groups IS NULL THEN NULL ELSE {_listed('offence_code', aggravated_codes())} END"
    ),
    "weapon_in_clause": (
        "CASE WHEN knife = 'Y' THEN TRUE WHEN weapon IS NULL OR weapon = 'not_known' THEN NULL "
        f"ELSE {_listed('weapon', clause_weapons())} END"
    ),
    "knife_used": "CASE WHEN weapon = 'knife' THEN TRUE WHEN knife = 'Y' THEN TRUE WHEN knife = 'N' THEN FALSE END",
}


def _offence_map() -> str:
    """Rows of (offence_code, sub_code, groups): the groups a code may belong to; sub_code '' stands for any other."""
    rows = []
    for each in codelists.get("offences"):
        for sub in ("", *sub_codes(each.code)):
            groups = sorted(codelists.possible_groups(each.code, sub or "any other") or ())
            every = sorted(codelists.possible_groups(each.code, None) or ())
            for key, found in ((sub or "*", groups), *((("", every),) if not sub else ())):
                rows.append(f"({_text(each.code)}, {_text(key)}, [{', '.join(map(_text, found))}]::VARCHAR[])")
    return "(VALUES " + ", ".join(rows) + ") AS offence_map(code, sub_code, groups)"


def _truth(node: Node) -> str:
    """The SQL truth of a node, over the columns of one crime."""
    match node:
        case Condition(name):
            return f"c_{name}"
        case OffenceIn(groups):
            listed = "[" + ", ".join(map(_text, sorted(groups))) + "]"
            return (
                f"(CASE WHEN offence_groups IS NULL THEN NULL "
                f"WHEN NOT list_has_any(offence_groups, {listed}) THEN FALSE "
                f"WHEN list_has_all({listed}, offence_groups) THEN TRUE END)"
            )
        case Join(how, parts):
            joined = f" {'AND' if how == 'all_of' else 'OR'} ".join(_truth(part) for part in parts)
            return f"(NOT ({joined}))" if how == "none_of" else f"({joined})"
        case Linked(_, name):
            return f"link_{name}"


def _links(node: Node) -> dict[str, Node]:
    match node:
        case Linked(part, name):
            return {name: part}
        case Join(_, parts):
            return {name: part for each in parts for name, part in _links(each).items()}
        case _:
            return {}


def _formatted(sentence: str) -> str:
    """A sentence with parameters in braces, as an SQL expression."""
    pieces = []
    for k, piece in enumerate(sentence.replace("}", "{").split("{")):
        if piece:
            pieces.append(f"p_{piece}::VARCHAR" if k % 2 else _text(piece))
    return " || ".join(pieces) if pieces else "NULL"


def _case(holds: str, truth: str, yes: str, no: str, unknown: str) -> str:
    said = f"CASE {truth} WHEN TRUE THEN {yes} WHEN FALSE THEN {no} ELSE {unknown} END"
    return f"CASE WHEN {holds} THEN {said} END"


def _sentences(node: Node, holds: str) -> list[str]:
    """SQL for each sentence, NULL where its part did not decide. `holds` is true where all parts above decided."""
    truth = _truth(node)
    match node:
        case Condition(name):
            said = PREDICATES[name]
            yes, no, unknown = (_formatted(text) for text in (said.yes, said.no, said.unknown))
            return [_case(holds, truth, yes, no, unknown)]
        case OffenceIn(_, title) | Linked(_, _, title):
            yes, no, unknown = (_text(worded(node, value, title)) for value in (True, False, None))
            return [_case(holds, truth, yes, no, unknown)]
        case Join(how, parts):
            wanted = f"(NOT {truth})" if how == "none_of" else truth
            found, earlier = [], ""
            for part in parts:
                decided = f"({holds} AND {_truth(part)} IS NOT DISTINCT FROM {wanted}{earlier})"
                found += _sentences(part, decided)
                if how == "all_of":  # the first part that does not hold is reason enough
                    earlier += f" AND ({truth} IS DISTINCT FROM FALSE OR {_truth(part)} IS DISTINCT FROM FALSE)"
            return found


def _any(condition: str, role: str) -> str:
    return f"coalesce(bool_or({condition}) FILTER (WHERE role = '{role}'), FALSE)"


def _all(condition: str, role: str) -> str:
    """Every party of a role is known to meet the condition, and there is one."""
    return f"coalesce(bool_and(coalesce({condition}, FALSE)) FILTER (WHERE role = '{role}'), FALSE)"


def query(definition: Definition | DefinitionFile, crimes: str, persons: str) -> str:
    """A SELECT of (crime_ref, verdict, limbs, reasons, definition_version, one column for each measure).

    `crimes` and `persons` are what stands after FROM for `recorded_crime` and `crime_persons`. The same crime twice
    is read once, as last recorded. Rows are in order of their references.
    """
    rule = Definition.of(definition)
    nodes = [rule.root, *rule.reported.values(), *rule.measures.values()]
    links = {name: part for node in nodes for name, part in _links(node).items()}
    parameters = ", ".join(f"{_parameter(rule, name)} AS {name}" for name in PARAMETERS)
    young, old = "young_person_under", "domestic_abuse_from_age"
    connected = _listed("relationship", connected_codes())
    aggregates = ", ".join(
        (
            f"{_any(f'oldest < {young}', 'victim')} AS v_young",
            f"{_any(f'oldest IS NULL OR (youngest < {young} AND oldest >= {young})', 'victim')} AS v_young_some",
            f"{_any(f'oldest < {young}', 'suspect')} AS s_young",
            f"{_any(f'oldest IS NULL OR (youngest < {young} AND oldest >= {young})', 'suspect')} AS s_young_some",
            "count(*) FILTER (WHERE role = 'victim') AS victims",
            "count(*) FILTER (WHERE role = 'suspect') AS suspects",
            f"{_all(f'oldest < {old}', 'victim')} AS v_all_children",
            f"{_all(f'oldest < {old}', 'suspect')} AS s_all_children",
            f"{_any(f'youngest >= {old}', 'victim')} AS v_old",
            f"{_any(f'oldest IS NULL OR (youngest < {old} AND oldest >= {old})', 'victim')} AS v_old_some",
            f"{_any(connected, 'suspect')} AS s_connected",
            f"{_any(f'{connected} AND youngest >= {old}', 'suspect')} AS s_connected_old",
            f"{_any(f'{connected} AND (oldest IS NULL OR (youngest < {old} AND oldest >= {old}))', 'suspect')}"
            " AS s_connected_unknown",
        )
    )
    conditions = ", ".join(f"{sql} AS c_{name}" for name, sql in CONDITIONS.items())
    asked = "".join(f", {_truth(part)} AS asked_{name}" for name, part in links.items())
    linked = "".join(
        f", CASE WHEN t.linked_crime_ref IS NULL THEN FALSE WHEN m.crime_ref IS NULL THEN NULL "
        f"ELSE m.asked_{name} END AS link_{name}"
        for name in links
    )
    limbs = ", ".join(f"CASE WHEN {_truth(node)} THEN {_text(name)} END" for name, node in rule.reported.items())
    reasons = ", ".join(_sentences(rule.root, "TRUE"))
    measures = "".join(f', {_truth(node)} AS "{name}"' for name, node in rule.measures.items())
    shown = ", ".join(f"{name} AS p_{name}" for name in PARAMETERS)
    return f"""
WITH crimes AS (
    SELECT {", ".join(CRIME_COLUMNS)}, coalesce(committed_from::DATE, recorded_on::DATE) AS happened_on
    FROM {crimes} WHERE crime_ref IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY crime_ref ORDER BY recorded_on DESC NULLS LAST, offence_code) = 1
), dated AS (
    SELECT *, {parameters} FROM crimes
), parties AS (
    SELECT p.crime_ref, p.role, p.relationship, {young}, {old},
        CASE WHEN p.age IS NOT NULL THEN p.age ELSE year(happened_on) - p.birth_year - 1 END AS youngest,
        CASE WHEN p.age IS NOT NULL THEN p.age ELSE year(happened_on) - p.birth_year END AS oldest
    FROM (SELECT {", ".join(PERSON_COLUMNS)} FROM {persons}) p JOIN dated USING (crime_ref)
), summed AS (
    SELECT crime_ref, {aggregates} FROM parties GROUP BY crime_ref
), offence_map AS (
    SELECT * FROM {_offence_map()}
), facts AS (
    SELECT d.*,
        coalesce(exact.groups, other.groups) AS offence_groups,
        coalesce(v_young, FALSE) AS v_young, coalesce(victims, 0) = 0 OR v_young_some AS v_young_unknown,
        coalesce(s_young, FALSE) AS s_young, coalesce(suspects, 0) = 0 OR s_young_some AS s_young_unknown,
        coalesce(v_all_children, FALSE) AS v_all_children, coalesce(s_all_children, FALSE) AS s_all_children,
        coalesce(v_old, FALSE) AS v_old, coalesce(victims, 0) = 0 OR v_old_some AS v_old_unknown,
        coalesce(s_connected, FALSE) AS s_connected, coalesce(s_connected_old, FALSE) AS s_connected_old,
        coalesce(s_connected_unknown, FALSE) AS s_connected_unknown
    FROM dated d
    LEFT JOIN summed USING (crime_ref)
    LEFT JOIN offence_map exact ON exact.code = d.offence_code AND exact.sub_code = coalesce(d.offence_sub_code, '')
    LEFT JOIN offence_map other ON other.code = d.offence_code AND other.sub_code = '*'
), asked AS (
    SELECT *, {conditions} FROM facts
), truths AS (
    SELECT *{asked} FROM asked
), linked AS (
    SELECT t.*{linked} FROM truths t LEFT JOIN truths m ON m.crime_ref = t.linked_crime_ref
), named AS (
    SELECT *, {shown} FROM linked
)
SELECT crime_ref,
    CASE {_truth(rule.root)} WHEN TRUE THEN 'in' WHEN FALSE THEN 'out' ELSE 'undetermined' END AS verdict,
    list_filter([{limbs}]::VARCHAR[], lambda x: x IS NOT NULL) AS limbs,
    [{reasons}]::VARCHAR[] AS all_reasons,
    {_text(rule.version)} AS definition_version{measures}
FROM named ORDER BY crime_ref"""


def select(definition: Definition | DefinitionFile, crimes: str, persons: str) -> str:
    """`query` with the reasons that are blank or said before taken out, in the order of the definition."""
    return f"""
SELECT crime_ref, verdict, limbs,
    list_filter(all_reasons, lambda x, i: x IS NOT NULL AND NOT list_contains(all_reasons[1:i - 1], x)) AS reasons,
    * EXCLUDE (crime_ref, verdict, limbs, all_reasons)
FROM ({query(definition, crimes, persons)})"""


def classify(store: Store, definition: Definition | DefinitionFile, clock: Clock | datetime) -> DatasetVersion:
    """Applies the definition to every recorded crime and writes dataset `definition_results`.

    Columns: crime_ref, verdict (in, out, undetermined), limbs and reasons (lists of text), definition_version and
    one nullable boolean for each measure. The manifest names the versions of the datasets it was made from. Raises
    BadInput where `recorded_crime` or `crime_persons` has not been loaded.
    """
    crimes, persons = store.latest("recorded_crime"), store.latest("crime_persons")
    rule = Definition.of(definition)
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {max(1, os.cpu_count() or 1)}")
        table = connection.sql(select(rule, crimes.scan, persons.scan)).to_arrow_table()
    source = (
        f"definition {rule.version} over recorded_crime version {crimes.version} ({crimes.ref.sha256[:12]}) "
        f"and crime_persons version {persons.version} ({persons.ref.sha256[:12]})"
    )
    return store.write(
        DATASET, {"all": table}, source=source, synthetic=crimes.synthetic or persons.synthetic, clock=clock
    )
