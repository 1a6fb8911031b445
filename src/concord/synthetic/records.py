"""What an agency wrote down about a person: one identity record for each nominal, errors included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concord.synthetic import borough, names, writing
from concord.synthetic.population import FEMALE, Population

MISSPELT, SWAPPED, DEFAULT_DAY, NO_POSTCODE, MOVED = 0.06, 0.015, 0.01, 0.09, 0.18
MARRIED, ALIAS, NO_BIRTH, NEW_NOMINAL = 0.01, 0.02, 0.03, 0.17
NO_DATE = np.iinfo(np.int64).min
"""The integer that numpy reads as "not a time"."""

Table = dict[str, np.ndarray]


@dataclass
class Records:
    """Identity records of one agency. `person` points at the truth; `birth` is days since 1970 or `NO_DATE`."""

    ids: np.ndarray
    person: np.ndarray
    given: np.ndarray
    family: np.ndarray
    birth: np.ndarray
    sex: np.ndarray
    postcode: np.ndarray


def split_nominals(
    rng: np.random.Generator, person: np.ndarray, share: float = NEW_NOMINAL, *, at_most: int
) -> np.ndarray:
    """A record number for each appearance: usually the person's own, sometimes a new nominal made by mistake.

    Returns numbers from 0; appearances of one person share a number unless a duplicate was made, and no person
    has more than `at_most` numbers.
    """
    order = np.argsort(person, kind="stable")
    sorted_person = person[order]
    own = np.ones(len(person), dtype=bool)
    own[1:] = sorted_person[1:] != sorted_person[:-1]
    again = ~own & (rng.random(len(person)) < share)
    before = np.cumsum(again)
    first = np.maximum.accumulate(np.where(own, np.arange(len(person)), 0))
    fresh = own | (again & (before - before[first] < at_most)) if len(person) else own
    numbers = np.empty(len(person), dtype=np.int64)
    numbers[order] = np.cumsum(fresh) - 1
    return numbers


def write_down(
    rng: np.random.Generator, people: Population, person: np.ndarray, *, prefix: str, clean: frozenset[int]
) -> Records:
    """An identity record for each entry of `person`, with errors at the rates above.

    `clean` people (the told stories) are written down as they are.
    """
    total = len(person)
    spotless = np.isin(person, sorted(clean))

    def chance(share: float) -> np.ndarray:
        return (rng.random(total) < share) & ~spotless

    given, family = people.given_names[people.given[person]], people.family_names[people.family[person]]
    given, family = given.copy(), family.copy()
    married = chance(MARRIED) & (people.sex[person] == FEMALE)
    family[married] = people.family_names[people.family[rng.integers(0, len(people), int(married.sum()))]]
    alias = chance(ALIAS)
    given[alias] = people.given_names[people.given[_same_sex(rng, people, person[alias])]]
    for column in (given, family):
        for i in np.flatnonzero(chance(MISSPELT)):
            column[i] = names.misspell(column[i], rng)
    marked = np.array([names.mark(name) for name in family], dtype=object)

    birth = people.birth[person].copy()
    swapped = np.flatnonzero(chance(SWAPPED))
    when = birth[swapped].astype("datetime64[D]")
    month = when.astype("datetime64[M]").astype(int) % 12 + 1
    of_month = (when - when.astype("datetime64[M]")).astype(int) + 1
    year = when.astype("datetime64[Y]")
    possible = of_month <= 12
    mirrored = (year.astype("datetime64[M]") + (of_month - 1)).astype("datetime64[D]") + (month - 1)
    birth[swapped[possible]] = mirrored[possible].astype("datetime64[D]").astype(np.int64)
    january = chance(DEFAULT_DAY)
    birth[january] = (
        birth[january].astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    )
    birth[chance(NO_BIRTH)] = NO_DATE

    home = people.postcode[person].copy()
    moved = chance(MOVED)
    home[moved] = rng.integers(0, len(borough.places().postcodes), int(moved.sum()))
    postcode = np.array(borough.places().postcodes, dtype=object)[home]
    postcode[chance(NO_POSTCODE)] = None
    sex = np.array(["F", "M"], dtype=object)[people.sex[person]]
    sex[chance(0.004)] = "U"
    ids = np.array([f"{prefix}{number:07d}" for number in rng.permutation(total * 3)[:total] + 1_000_000], dtype=object)
    return Records(ids=ids, person=person, given=given, family=marked, birth=birth, sex=sex, postcode=postcode)


def identities(records: Records, number: np.ndarray, *, called: str = "person_id", home: bool = True) -> Table:
    """The columns that say who a row is about. `number` is the record of each row."""
    table: Table = {
        called: records.ids[number], "given_name": records.given[number], "family_name": records.family[number],
        "born_on": writing.days(records.birth[number]), "sex": records.sex[number],
    }  # fmt: skip
    if home:
        table["postcode"] = records.postcode[number]
    return table


def _same_sex(rng: np.random.Generator, people: Population, who: np.ndarray) -> np.ndarray:
    males = int(np.searchsorted(people.sex, 1))
    low = np.where(people.sex[who] == 1, males, 0)
    high = np.where(people.sex[who] == 1, len(people), males)
    return low + (rng.random(len(who)) * (high - low)).astype(np.int64)
