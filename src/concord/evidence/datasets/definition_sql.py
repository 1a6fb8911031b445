"""The definition asked of every recorded crime at once, in SQL that DuckDB and Spark both run.

The engine answers the leaves of the rule for each crime and packs them into the answer word of
`concord.definition.Definition.word`. There are few different words, which is what makes the rest cheap: each is read
once, by the same tree that `evaluate` walks, and its verdict, limbs and measures are joined back. So the rule has one
reading, and only its conditions have a twin here; a generative test holds the three engines equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from concord.definition.predicates import Values, aggravated_codes, clause_weapons, strand_codes
from concord.definition.rules import EPOCH_BITS, Condition, Definition, Leaf, Linked, OffenceIn, in_list, truth_of
from concord.evidence.datasets import definition_words as words
from concord.evidence.datasets.definition_words import PersonWords, fact, listed, numbered, text
from concord.kernel.errors import BadInput


class Engine(Protocol):
    """What runs the SQL (written for DuckDB; an engine with another dialect translates it)."""

    def table(self, name: str, columns: Mapping[str, str], rows: Iterable[tuple[object, ...]]) -> None:
        """Makes a small table. `columns` are names with SQL types (BIGINT, VARCHAR, BOOLEAN, VARCHAR[])."""

    def view(self, name: str, sql: str) -> None:
        """Names a query."""

    def keep(self, name: str, sql: str) -> None:
        """Runs a query and keeps its rows under a name until the end."""

    def drop(self, name: str) -> None:
        """Lets go of what was kept."""

    def rows(self, sql: str) -> Sequence[tuple[object, ...]]:
        """A small result."""


def _any(person: PersonWords, role: str, yes: str, maybe: str) -> str:
    """Whether any party of a role is. Nobody recorded means that nobody knows."""
    unknown = f"{person.has(maybe)} OR NOT {person.has(role)}"
    return f"CASE WHEN {person.has(yes)} THEN 1 WHEN {unknown} THEN 2 ELSE 0 END"


def _under(role: str) -> Callable[[Values, PersonWords], str]:
    def sql(values: Values, person: PersonWords) -> str:
        age = values["young_person_under"]
        return _any(person, role, f"{role}_under_{age}", f"{role}_maybe_under_{age}")

    return sql


def _between_ages(values: Values, person: PersonWords) -> str:
    ages = f"{values['victim_from_age']}_to_{values['victim_to_age']}"
    return _any(person, "victim", f"victim_{ages}", f"victim_maybe_{ages}")


def _old_enough(values: Values, person: PersonWords) -> str:
    age = values["domestic_abuse_from_age"]
    all_children = " OR ".join(
        f"({person.has(role)} AND NOT {person.has(f'{role}_not_under_{age}')})" for role in ("victim", "suspect")
    )
    return f"CASE WHEN {all_children} THEN 0 ELSE 1 END"


def _connected(values: Values, person: PersonWords) -> str:
    age = values["domestic_abuse_from_age"]
    suspect, victim = person.has(f"connected_from_{age}"), person.has(f"victim_from_{age}")
    suspect_may = f"({suspect} OR {person.has(f'connected_maybe_from_{age}')})"
    victim_may = f"({victim} OR {person.has(f'victim_maybe_from_{age}')} OR NOT {person.has('victim')})"
    return (
        f"CASE WHEN NOT {person.has('connected')} THEN 0 WHEN {suspect} AND {victim} THEN 1 "
        f"WHEN {suspect_may} AND {victim_may} THEN 2 ELSE 0 END"
    )


def _hate(values: Values, _person: PersonWords) -> str:
    places = {numbered("hate_strands")[code] for code in strand_codes(str(values["hate_strand_scheme"]))}
    return f"CASE WHEN {listed('hate', places)} THEN 1 ELSE 0 END"


def _weapon(_values: Values, _person: PersonWords) -> str:
    place = numbered("weapons")
    clause = listed("weapon", {place[code] for code in clause_weapons()})
    return f"CASE WHEN knife = 1 THEN 1 WHEN weapon IN (0, {place['not_known']}) THEN 2 WHEN {clause} THEN 1 ELSE 0 END"


CONDITIONS: dict[str, Callable[[Values, PersonWords], str] | None] = {
    "victim_under_age": _under("victim"),
    "suspect_under_age": _under("suspect"),
    "victim_between_ages": _between_ages,
    "flagged_domestic_abuse": lambda _values, _person: "domestic",
    "parties_may_be_old_enough": _old_enough,
    "personally_connected": _connected,
    "flagged_hate": _hate,
    "aggravated_offence": None,
    "weapon_in_clause": _weapon,
    "knife_used": lambda _v, _p: f"CASE WHEN weapon = {numbered('weapons')['knife']} THEN 1 ELSE knife END",
}
"""The twin of each condition: 0 no, 1 yes, 2 not known, over the facts of a crime. None is answered by the offence."""


def _digit(rule: Definition, leaf: Leaf) -> int:
    return EPOCH_BITS + 2 * rule.leaves.index(leaf)


def _offence_table(rule: Definition) -> list[tuple[object, ...]]:
    """(id, what the offence alone answers, the group beside the total) for each offence number."""
    rows: list[tuple[object, ...]] = []
    for number, (code, groups) in words.offence_groups_of().items():
        part = 0
        for leaf in rule.leaves:
            if isinstance(leaf, OffenceIn):
                truth = in_list(groups, leaf.groups)
            elif leaf == Condition("aggravated_offence"):
                truth = None if code is None else code in aggravated_codes()
            else:
                continue
            part |= (2 if truth is None else int(truth)) << _digit(rule, leaf)
        rows.append((number, part, rule.beside(groups)))
    return rows


def _answers(rule: Definition, person: PersonWords) -> str:
    """The answer word of a crime without what is asked of linked crimes."""
    terms = ["epoch", "o.part"]
    for leaf in rule.leaves:
        if not isinstance(leaf, Condition) or (condition := CONDITIONS[leaf.name]) is None:
            continue
        by_epoch = [condition(values, person) for values in rule.values_by_epoch]
        if len(set(by_epoch)) == 1:
            said = by_epoch[0]
        else:
            said = f"CASE epoch {' '.join(f'WHEN {k} THEN {sql}' for k, sql in enumerate(by_epoch))} END"
        terms.append(f"CAST({said} AS BIGINT) * {1 << _digit(rule, leaf)}")
    return " + ".join(terms)


def decide(engine: Engine, rule: Definition, crimes: str, persons: str) -> dict[int, int]:
    """Leaves in the engine a view `decided`: one row for each crime, and how many crimes have each answer word.

    `crimes` and `persons` are what stands after FROM. Columns of the view: crime_ref, verdict, limbs, answers,
    definition_version, beside, one for each measure, and w (`definition_words`), by which a month can be picked.
    """
    person = PersonWords.of(rule)
    engine.table(
        "definition_offences",
        {"code": "VARCHAR", "sub": "VARCHAR", "id": "BIGINT"},
        [(code, sub, number) for (code, sub), number in words.offence_keys().items()],
    )
    engine.table("definition_parts", {"id": "BIGINT", "part": "BIGINT", "beside": "VARCHAR"}, _offence_table(rule))
    engine.view("crime_rows", words.crime_rows(rule, crimes))
    _ask(engine, rule, person, persons)
    linked = [leaf for leaf in rule.leaves if isinstance(leaf, Linked)]
    if linked:
        _follow_links(engine, rule, linked)
    engine.view(
        "answered",
        "SELECT a.crime_ref, a.w, a.answers + coalesce(l.part, 0) AS answers FROM asked a "
        "LEFT JOIN link_parts l ON l.one = a.crime_ref"
        if linked
        else "SELECT crime_ref, w, answers FROM asked",
    )
    counted = {
        int(str(word)): int(str(n)) for word, n in engine.rows("SELECT answers, count(*) FROM answered GROUP BY 1")
    }
    _mean(engine, rule, counted)
    measures = "".join(f', m."{name}"' for name in rule.measures)
    engine.view(
        "decided",
        f"SELECT a.crime_ref, m.verdict, m.limbs, a.answers, {text(rule.version)} AS definition_version, "
        f"CASE WHEN m.verdict = 'out' THEN o.beside END AS beside{measures}, a.w "
        f"FROM answered a JOIN meanings m ON m.answers = a.answers "
        f"JOIN definition_parts o ON o.id = {fact('offence', 'a.w')}",
    )
    return counted


def _ask(engine: Engine, rule: Definition, person: PersonWords, persons: str) -> None:
    """Keeps `asked`: (crime_ref, w, answers), one row for each reference, as last recorded."""
    nothing = ", ".join(f"CAST(NULL AS BIGINT) AS {column}" for column in person.columns)
    either = ", ".join(f"bit_or({column}) AS {column}" for column in person.columns)
    grouped = f"""
SELECT crime_ref, max(w) AS w, {either} FROM (
    SELECT crime_ref, w, {nothing} FROM crime_rows
    UNION ALL SELECT crime_ref, CAST(NULL AS BIGINT) AS w, {", ".join(person.columns)}
    FROM ({words.aged_rows(person, persons)}) AS people
) AS sent GROUP BY crime_ref HAVING max(w) IS NOT NULL"""
    ((born,),) = engine.rows(f"SELECT count(*) FROM {persons} WHERE age IS NULL AND birth_year IS NOT NULL")
    gathered, joined = "gathered", ""
    if born:
        gathered = "grouped"
        engine.keep("grouped", grouped)
        engine.keep("born", words.born_rows(person, persons))
        joined = "LEFT JOIN born b ON b.crime_ref = g.crime_ref"
    else:
        engine.view("gathered", grouped)
    people = ", ".join(
        f"coalesce(g.{column}, 0) | coalesce(b.{column}, 0) AS {column}"
        if born
        else f"coalesce(g.{column}, 0) AS {column}"
        for column in person.columns
    )
    facts = ", ".join(
        f"{fact(name, 'g.w')} AS {name}" for name in ("weapon", "hate", "knife", "domestic", "epoch", "offence")
    )
    engine.keep(
        "asked",
        f"SELECT f.crime_ref, f.w, {_answers(rule, person)} AS answers "
        f"FROM (SELECT g.crime_ref, g.w, {people}, {facts} FROM {gathered} g {joined}) f "
        f"JOIN definition_parts o ON o.id = f.offence",
    )
    if born:
        engine.drop("grouped")
        engine.drop("born")


def _follow_links(engine: Engine, rule: Definition, linked: Sequence[Linked]) -> None:
    """Keeps `link_parts`: (one, part), what the crimes one link away say, whichever of the two the link stands on."""
    engine.keep(
        "links",
        "SELECT DISTINCT r.crime_ref AS one, r.linked_crime_ref AS other FROM crime_rows r "
        "JOIN asked a ON a.crime_ref = r.crime_ref AND a.w = r.w "
        "WHERE r.linked_crime_ref IS NOT NULL AND r.linked_crime_ref <> r.crime_ref",
    )
    engine.keep(
        "meetings",
        "SELECT p.one, a.answers "
        "FROM (SELECT one, other FROM links UNION SELECT other AS one, one AS other FROM links) p "
        "LEFT JOIN asked a ON a.crime_ref = p.other",
    )
    seen = [
        int(str(word)) for (word,) in engine.rows("SELECT DISTINCT answers FROM meetings WHERE answers IS NOT NULL")
    ]
    # Ranked so that the greatest over all linked crimes is the answer: 2 one is, 1 not known of one, 0 none is.
    ranks = {True: 2, None: 1, False: 0}
    columns = {f"t{k}": "BIGINT" for k in range(len(linked))}
    engine.table(
        "link_truths",
        {"answers": "BIGINT", **columns},
        [(word, *(ranks[truth_of(leaf.part, rule.truths(word))] for leaf in linked)) for word in seen],
    )
    part = " + ".join(
        f"CAST(CASE max(CASE WHEN j.answers IS NULL THEN 1 ELSE t.t{k} END) "
        f"WHEN 2 THEN 1 WHEN 1 THEN 2 ELSE 0 END AS BIGINT) * {1 << _digit(rule, leaf)}"
        for k, leaf in enumerate(linked)
    )
    engine.keep(
        "link_parts",
        f"SELECT j.one, {part} AS part FROM meetings j LEFT JOIN link_truths t ON t.answers = j.answers GROUP BY j.one",
    )


def _mean(engine: Engine, rule: Definition, answers: Iterable[int]) -> None:
    """What each answer word means, read once by the rule itself."""
    rows: list[tuple[object, ...]] = []
    for word in sorted(answers):
        said = rule.said(word)
        rows.append((word, said.verdict, list(said.limbs), *(said.measures[name] for name in rule.measures)))
    columns = {"answers": "BIGINT", "verdict": "VARCHAR", "limbs": "VARCHAR[]"}
    engine.table("meanings", columns | dict.fromkeys(rule.measures, "BOOLEAN"), rows)


def source(relation: str, sent: Iterable[str], columns: Mapping[str, str], dataset: str) -> str:
    """A relation with exactly `columns`; one that was not sent reads as not recorded.

    Raises BadInput where even the crime's reference is missing.
    """
    held = set(sent)
    if "crime_ref" not in held:
        raise BadInput(
            f"Dataset “{dataset}” has no column crime_ref, so its rows belong to no crime.",
            next_step="Load it under a contract that has crime_ref.",
        )
    chosen = ", ".join(name if name in held else f"CAST(NULL AS {kind}) AS {name}" for name, kind in columns.items())
    return f"(SELECT {chosen} FROM {relation})"
