"""The closed vocabulary: each condition a definition may name, what it asks, and how its answer is worded.

Every condition answers yes, no or not known. Wording may use the value of a parameter in braces. The SQL twin of each
stands in `concord.evidence.datasets.definition_sql`, which DuckDB and Spark both run; a generative test holds the
three equal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from concord import codelists
from concord.definition.events import Event, Party
from concord.definition.kleene import Truth, any_of

Values = Mapping[str, int | str]
"""The value of each parameter on the day of the offence."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition: its question, and the sentence for each answer ("" where an answer is not worth a sentence)."""

    ask: Callable[[Event, Values], Truth]
    question: str
    yes: str
    no: str
    unknown: str = ""

    def sentence(self, truth: Truth) -> str:
        return self.unknown if truth is None else self.yes if truth else self.no


@cache
def connected_codes() -> frozenset[str]:
    """Relationships that make two people personally connected (Domestic Abuse Act 2021 s2)."""
    return frozenset(e.code for e in codelists.get("relationships") if e.extra["personally_connected"] == "yes")


@cache
def strand_codes(scheme: str) -> frozenset[str]:
    """Hate strands of a scheme: the national five, or those and the local ones."""
    return frozenset(e.code for e in codelists.get("hate_strands") if scheme == "local" or e.extra["scheme"] == scheme)


@cache
def clause_weapons() -> frozenset[str]:
    """Weapons that the strategy's weapon clause names: knife, section 1 firearm, corrosive substance."""
    return frozenset(e.code for e in codelists.get("weapons") if e.extra["definition_clause"] == "yes")


@cache
def aggravated_codes() -> frozenset[str]:
    """Offences that are racially or religiously aggravated by their own wording."""
    return frozenset(e.code for e in codelists.get("offences") if e.extra["aggravated"] == "yes")


def under(party: Party, event: Event, age: int) -> Truth:
    """Whether a person was younger than `age`."""
    ages = party.ages(event.happened_on)
    if ages is None:
        return None
    youngest, oldest = ages
    return True if oldest < age else False if youngest >= age else None


def _any_under(parties: tuple[Party, ...], event: Event, age: int) -> Truth:
    """Nobody recorded means that nobody knows: a suspect not found may have been of any age."""
    return any_of(under(party, event, age) for party in parties) if parties else None


def _victim_under_age(event: Event, values: Values) -> Truth:
    return _any_under(event.victims, event, int(values["young_person_under"]))


def _suspect_under_age(event: Event, values: Values) -> Truth:
    return _any_under(event.suspects, event, int(values["young_person_under"]))


def _victim_between_ages(event: Event, values: Values) -> Truth:
    return any_of(_between(v, event, values) for v in event.victims) if event.victims else None


def _between(party: Party, event: Event, values: Values) -> Truth:
    ages = party.ages(event.happened_on)
    if ages is None:
        return None
    youngest, oldest = ages
    first, last = int(values["victim_from_age"]), int(values["victim_to_age"])
    return True if youngest >= first and oldest <= last else False if oldest < first or youngest > last else None


def _flagged_domestic_abuse(event: Event, _values: Values) -> Truth:
    return event.domestic_abuse


def _parties_may_be_old_enough(event: Event, values: Values) -> Truth:
    age = int(values["domestic_abuse_from_age"])
    return not any(
        parties and all(under(party, event, age) is True for party in parties)
        for parties in (event.victims, event.suspects)
    )


def _personally_connected(event: Event, values: Values) -> Truth:
    """A blank relationship is "none recorded": whether abuse was overlooked is what the flag is asked about."""
    age = int(values["domestic_abuse_from_age"])
    connected = [s for s in event.suspects if s.relationship in connected_codes()]
    if not connected:
        return False
    suspect = any_of(_negated(under(s, event, age)) for s in connected)
    victim = any_of(_negated(under(v, event, age)) for v in event.victims) if event.victims else None
    if suspect is False or victim is False:
        return False
    return None if suspect is None or victim is None else True


def _negated(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _flagged_hate(event: Event, values: Values) -> Truth:
    return event.hate_strand is not None and event.hate_strand in strand_codes(str(values["hate_strand_scheme"]))


def _aggravated_offence(event: Event, _values: Values) -> Truth:
    if not event.offence_code or event.offence_code not in codelists.get("offences"):
        return None
    return event.offence_code in aggravated_codes()


def _weapon_in_clause(event: Event, _values: Values) -> Truth:
    if event.knife:
        return True
    if event.weapon is None or event.weapon == "not_known":
        return None
    return event.weapon in clause_weapons()


def _knife_used(event: Event, _values: Values) -> Truth:
    if event.weapon == "knife":
        return True
    return event.knife


PREDICATES: dict[str, Predicate] = {
    "victim_under_age": Predicate(
        _victim_under_age,
        "a victim was under {young_person_under}",
        "A victim was under {young_person_under}.",
        "No victim was under {young_person_under}.",
        "Whether a victim was under {young_person_under} is not known.",
    ),
    "suspect_under_age": Predicate(
        _suspect_under_age,
        "a suspect was under {young_person_under}",
        "A suspect was under {young_person_under}.",
        "No suspect was under {young_person_under}.",
        "Whether a suspect was under {young_person_under} is not known.",
    ),
    "victim_between_ages": Predicate(
        _victim_between_ages,
        "a victim was aged {victim_from_age} to {victim_to_age}",
        "A victim was aged {victim_from_age} to {victim_to_age}.",
        "No victim was aged {victim_from_age} to {victim_to_age}.",
        "Whether a victim was aged {victim_from_age} to {victim_to_age} is not known.",
    ),
    "flagged_domestic_abuse": Predicate(
        _flagged_domestic_abuse,
        "the police recorded it as domestic abuse",
        "It was recorded as domestic abuse.",
        "It was not recorded as domestic abuse.",
        "Whether it was domestic abuse was not recorded.",
    ),
    "parties_may_be_old_enough": Predicate(
        _parties_may_be_old_enough,
        "a victim and a suspect may both have been {domestic_abuse_from_age} or over",
        "",
        "Every victim, or every suspect, was under {domestic_abuse_from_age}, so it is not domestic abuse in law.",
    ),
    "personally_connected": Predicate(
        _personally_connected,
        "a suspect and a victim, both {domestic_abuse_from_age} or over, are personally connected",
        "A suspect and a victim, both {domestic_abuse_from_age} or over, are personally connected.",
        "No personal connection between people of {domestic_abuse_from_age} or over is recorded.",
        "A suspect is personally connected to the victim, but an age is not known.",
    ),
    "flagged_hate": Predicate(
        _flagged_hate,
        "it is flagged as a hate crime under the {hate_strand_scheme} strands",
        "It is flagged as a hate crime.",
        "It is not flagged as a hate crime.",
    ),
    "aggravated_offence": Predicate(
        _aggravated_offence,
        "the offence is itself racially or religiously aggravated",
        "The offence is racially or religiously aggravated.",
        "The offence is not racially or religiously aggravated.",
        "The offence code does not say whether it is racially or religiously aggravated.",
    ),
    "weapon_in_clause": Predicate(
        _weapon_in_clause,
        "a knife, section 1 firearm or corrosive substance was used, threatened or intimated",
        "A knife, section 1 firearm or corrosive substance was involved.",
        "No knife, section 1 firearm or corrosive substance was involved.",
        "Whether a weapon was involved is not known.",
    ),
    "knife_used": Predicate(
        _knife_used,
        "a knife was used or threatened",
        "A knife was involved.",
        "No knife was involved.",
        "Whether a knife was involved was not recorded.",
    ),
}
