"""Random definitions and random crimes, and what every engine is held to on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from concord.definition import Definition, Event, Party, evaluate
from concord.evidence.datasets.definition_sql import decide, source
from concord.evidence.datasets.definition_words import CRIME_COLUMNS, PERSON_COLUMNS
from concord.strategy.shapes.definition import PREDICATES, Beside, DefinitionFile, Limb, Parameter

CODES = ("1", "5D", "8N", "8P", "20A", "17B", "34B", "3B", "58J", "56A", "105A", "10D", "28E", "999Z", None)
SUB_CODES = (None, "8/6", "8/1", "20/3", "20/5", "17/14", "x")
GROUPS = ("homicide", "grievous_bodily_harm", "actual_bodily_harm", "sexual_assault", "assault_by_penetration", "arson")
BESIDE = ("weapon_possession", "rape", "personal_robbery", "arson")
DAYS = (None, date(2019, 5, 1), date(2024, 7, 31), date(2024, 8, 1), date(2025, 12, 31), date(2026, 10, 31))

parties = st.builds(
    Party,
    age=st.one_of(st.none(), st.sampled_from((-1, 0, 1, 15, 16, 17, 19, 20, 21, 24, 25, 26, 70, 125))),
    birth_year=st.one_of(st.none(), st.integers(1994, 2012), st.sampled_from((1900, 2030))),
    birth_month=st.one_of(st.none(), st.integers(1, 12), st.just(13)),
    relationship=st.sampled_from((None, "partner", "ex_partner", "stranger", "not_known", "nonsense")),
)
events = st.builds(
    Event,
    offence_code=st.sampled_from(CODES),
    offence_sub_code=st.sampled_from(SUB_CODES),
    happened_on=st.sampled_from(DAYS),
    victims=st.lists(parties, max_size=3).map(tuple),
    suspects=st.lists(parties, max_size=3).map(tuple),
    domestic_abuse=st.sampled_from((True, False, None)),
    hate_strand=st.sampled_from((None, "race", "age", "gender", "nonsense")),
    knife=st.sampled_from((True, False, None)),
    weapon=st.sampled_from((None, "knife", "blunt", "corrosive", "none", "not_known", "spoon")),
)


@st.composite
def linked_events(draw: st.DrawFn) -> list[Event]:
    """Crimes with references, some of them linked: to each other, to themselves, to nothing that was sent.

    A link joins the two crimes whichever of them it is recorded on.
    """
    made = draw(st.lists(events, min_size=1, max_size=25))
    links = draw(st.lists(st.sampled_from((None, -1, *range(len(made)))), min_size=len(made), max_size=len(made)))
    plain = [replace(event, crime_ref=f"C{i:03d}") for i, event in enumerate(made)]
    refs = [None if link is None else "NOT-SENT" if link < 0 else plain[link].crime_ref for link in links]

    def near(i: int) -> tuple[Event, ...]:
        joined = {j for j in range(len(made)) if links[j] == i} | ({links[i]} if links[i] is not None else set())
        return tuple(plain[j] for j in sorted(joined - {i, -1}))

    return [replace(event, linked_ref=refs[i], linked=near(i)) for i, event in enumerate(plain)]


@st.composite
def definitions(draw: st.DrawFn) -> DefinitionFile:
    """A definition of random shape: offence lists, conditions, joins of earlier limbs, and a link."""
    limbs: dict[str, Limb] = {}
    for k in range(draw(st.integers(1, 2))):
        groups = draw(st.lists(st.sampled_from(GROUPS), min_size=1, max_size=4, unique=True))
        limbs[f"offence_{k}"] = Limb(title=f"list {k}", offence_in=tuple(groups), reported=True)
    unlinked = list(limbs)
    for k in range(draw(st.integers(1, 4))):
        parts = draw(st.lists(st.sampled_from((*unlinked, *PREDICATES)), min_size=1, max_size=4, unique=True))
        how = draw(st.sampled_from(("any_of", "all_of", "none_of")))
        limbs[f"join_{k}"] = Limb(title=f"it's join {k}", reported=draw(st.booleans()), **{how: tuple(parts)})
        unlinked.append(f"join_{k}")
    limbs["link"] = Limb(title="the link", linked=draw(st.sampled_from(unlinked)), reported=True)
    parts = draw(st.lists(st.sampled_from(("link", *unlinked)), min_size=1, max_size=4, unique=True))
    limbs["root"] = Limb(title="root", **{draw(st.sampled_from(("any_of", "all_of", "none_of"))): tuple(parts)})
    under = st.dictionaries(st.sampled_from([d for d in DAYS if d]), st.sampled_from((18, 21, 25)), min_size=1)
    scheme = draw(st.sampled_from(("national", "local")))
    return DefinitionFile(
        title="drawn",
        version="1",
        adopted_on=date(2024, 8, 1),
        serious_violence="root",
        limbs=limbs,
        parameters={
            "young_person_under": Parameter(says="x", values=draw(under)),
            "domestic_abuse_from_age": Parameter(says="x", values={date(2021, 10, 1): 16, date(2026, 1, 1): 18}),
            "hate_strand_scheme": Parameter(says="x", values={date(2024, 8, 1): scheme}),
            "victim_from_age": Parameter(says="x", values={date(2024, 8, 1): 1}),
            "victim_to_age": Parameter(says="x", values={date(2024, 8, 1): 19, date(2025, 1, 1): 20}),
        },
        beside=(Beside(name="x", says="x", groups=BESIDE),),
        measures={"linked_too": "link", **{f"m_{name}": name for name in PREDICATES}},  # every condition is compared
    )


def tables(crimes: list[Event]) -> tuple[pa.Table, pa.Table]:
    """The crimes as the datasets hold them."""
    flag = {True: "Y", False: "N", None: None}
    rows = [
        {
            "crime_ref": e.crime_ref,
            "offence_code": e.offence_code,
            "offence_sub_code": e.offence_sub_code,
            "committed_from": None if e.happened_on is None else datetime.combine(e.happened_on, time(12)),
            "recorded_on": None,
            "domestic_abuse": flag[e.domestic_abuse],
            "hate_strand": e.hate_strand,
            "knife": flag[e.knife],
            "weapon": e.weapon,
            "linked_crime_ref": e.linked_ref,
        }
        for e in crimes
    ]
    text = [(name, pa.string()) for name in rows[0] if name not in ("committed_from", "recorded_on")]
    schema = pa.schema([*text, ("committed_from", pa.timestamp("us")), ("recorded_on", pa.date32())])
    people = [
        {
            "crime_ref": e.crime_ref,
            "role": role,
            "age": p.age,
            "birth_year": p.birth_year,
            "birth_month": p.birth_month,
            "relationship": p.relationship,
        }
        for e in crimes
        for role, parties in (("victim", e.victims), ("suspect", e.suspects))
        for p in parties
    ]
    person_schema = pa.schema(
        [("crime_ref", pa.string()), ("role", pa.string()), ("age", pa.int64()), ("birth_year", pa.int64()),
         ("birth_month", pa.int64()), ("relationship", pa.string())]
    )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema), pa.Table.from_pylist(people, schema=person_schema)


def compare(engine: Any, definition: DefinitionFile, crimes: list[Event]) -> None:
    """Decides the crimes on an engine and holds every row to what the rule says of the crime alone."""
    rule = Definition.of(definition)
    recorded, persons = tables(crimes)
    sent = engine.arrow("crimes_sent", recorded), engine.arrow("persons_sent", persons)
    read = (
        source(name, table.column_names, wanted, name)
        for name, table, wanted in zip(sent, (recorded, persons), (CRIME_COLUMNS, PERSON_COLUMNS), strict=True)
    )
    counted = decide(engine, rule, *read)
    rows = engine.fetch("SELECT * FROM decided ORDER BY crime_ref").to_pylist()
    assert sum(counted.values()) == len(rows)
    assert [row["crime_ref"] for row in rows] == [e.crime_ref for e in crimes]
    for event, row in zip(crimes, rows, strict=True):
        said = evaluate(rule, event)
        assert (row["verdict"], tuple(row["limbs"]), row["beside"]) == (said.verdict, said.limbs, said.beside)
        assert row["answers"] == said.answers
        assert {name: row[name] for name in said.measures} == dict(said.measures)
        assert row["definition_version"] == said.version
        assert rule.said(row["answers"]) == replace(said, beside=None), "the number tells verdict, reasons and all"
        assert said.reasons or said.verdict != "undetermined", "an undetermined crime always says what is not known"


def apart(crimes: list[Event], mark: str) -> list[Event]:
    """The same crimes under references of their own, so that many sets can be decided in one run."""

    def renamed(ref: str | None) -> str | None:
        return None if ref is None else f"{mark}-{ref}"

    def other(event: Event) -> Event:
        return replace(event, crime_ref=renamed(event.crime_ref), linked_ref=renamed(event.linked_ref))

    return [replace(other(event), linked=tuple(other(each) for each in event.linked)) for event in crimes]


def for_little_data(session: Any) -> None:
    """Spark compiles each query to Java, which pays for millions of rows and costs seconds for a few hundred."""
    for name, value in (
        ("spark.sql.codegen.wholeStage", "false"),
        ("spark.sql.codegen.factoryMode", "NO_CODEGEN"),
        ("spark.sql.shuffle.partitions", "1"),
    ):
        session.conf.set(name, value)
