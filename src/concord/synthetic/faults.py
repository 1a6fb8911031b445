"""Rows that a contract must refuse, put among the good ones in a known share, and told in the truth folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

FAULT_SHARE = 0.0006
"""Of the rows of a feed, for each kind of fault."""


@dataclass(frozen=True)
class Fault:
    """One bad row: the feed, the reference in it and what is wrong."""

    feed: str
    ref: str
    fault: str


Table = dict[str, np.ndarray]


def spoil_crimes(rng: np.random.Generator, table: Table, last_month: str, *, protected: frozenset[str]) -> list[Fault]:
    """Future dates, ends before starts and unknown offence codes, in place; returns what was done."""
    made: list[Fault] = []
    free = np.flatnonzero(~np.isin(table["crime_ref"], sorted(protected)))
    count = max(1, int(len(free) * FAULT_SHARE))
    rows = rng.permutation(free)[: 3 * count].reshape(3, count) if len(free) >= 3 * count else np.zeros((3, 0), int)
    for row in rows[0]:
        table["committed_from"][row] = f"{int(last_month[:4]) + 10}{last_month[4:]} 12:00"
        table["committed_to"][row] = None
        made.append(Fault("recorded_crime", table["crime_ref"][row], "committed in the future"))
    for row in rows[1]:
        start = table["committed_from"][row]
        table["committed_to"][row] = f"{int(start[:4]) - 1}{start[4:10].replace('-02-29', '-02-28')} {start[11:]}"
        made.append(Fault("recorded_crime", table["crime_ref"][row], "ends before it starts"))
    for row in rows[2]:
        table["offence_code"][row] = rng.choice(["999Z", "8ZZ", "XX"])
        made.append(Fault("recorded_crime", table["crime_ref"][row], "unknown offence code"))
    return made


def spoil_persons(rng: np.random.Generator, table: Table, protected: frozenset[str]) -> list[Fault]:
    """Ages above 110, ethnicity codes of another scheme, postcodes of no place here, in place."""
    made: list[Fault] = []
    free = np.flatnonzero(~np.isin(table["crime_ref"], sorted(protected)))
    count = max(1, int(len(free) * FAULT_SHARE))
    rows = rng.permutation(free)[: 3 * count].reshape(3, count) if len(free) >= 3 * count else np.zeros((3, 0), int)
    for row in rows[0]:
        table["age"][row] = int(rng.integers(111, 190))
        made.append(Fault("crime_persons", table["crime_ref"][row], "age above 110"))
    for row in rows[1]:
        table["ethnicity_self"][row] = rng.choice(["Asian", "White", "Mixed"])  # a 5+1 heading where a code belongs
        made.append(Fault("crime_persons", table["crime_ref"][row], "ethnicity of another scheme"))
    for row in rows[2]:
        table["postcode"][row] = "ZZ99 9ZZ"
        made.append(Fault("crime_persons", table["crime_ref"][row], "postcode outside the area"))
    return made


def _year_earlier(column: str) -> Callable[[Table, int], str]:
    """What another column says, a year earlier."""

    def value(table: Table, row: int) -> str:
        text = str(table[column][row])
        return f"{int(text[:4]) - 1}{text[4:].replace('-02-29', '-02-28')}"

    return value


def _always(value: object) -> Callable[[Table, int], object]:
    return lambda _table, _row: value


OTHERS: dict[str, tuple[str, tuple[tuple[str, str, Callable[[Table, int], object]], ...]]] = {
    "missing_episodes": ("episode_ref", (("found before missing", "found_at", _year_earlier("missing_from")),)),
    "youth_justice_outcomes": ("outcome_ref", (
        ("offence in the future", "offence_on", _always("2099-01-01")),
        ("ethnicity of another scheme", "ethnicity_self", _always("Black")),
    )),
    "childrens_social_care": ("episode_ref", (("ends before it starts", "ended_on", _year_earlier("started_on")),)),
    "adult_safeguarding_concerns": ("concern_ref", (("age above 110", "age", _always(230)),)),
    "housing_concerns": ("concern_ref", (
        ("missing agreement", "agreement_id", _always(None)),
        ("postcode outside the area", "postcode", _always("ZZ99 9ZZ")),
    )),
    "hate_reports": ("report_ref", (("unknown strand", "strand", _always("alien")),)),
    "stop_search": ("searched_at", (
        ("unknown power", "power", _always("pace_s99")),
        ("ethnicity of another scheme", "ethnicity_self", _always("White")),
    )),
    "ambulance_calls": ("month", (("a count of none", "calls", _always(0)),)),
    "section_17a_police_crime": ("happened_at", (("unknown offence code", "offence_code", _always("8ZZ")),)),
    "section_17a_hospital_admissions": ("admitted_on", (("a code of another chapter", "icd10", _always("S71.1")),)),
}  # fmt: skip
"""Of the other feeds: the column that names a row, and what is done to which column of some."""


def spoil_others(rng: np.random.Generator, feed: str, table: Table, protected: np.ndarray) -> list[Fault]:
    """The faults of `OTHERS`, in place, each on rows of its own; `protected` rows (a mask) are let be."""
    if feed not in OTHERS:
        return []
    names, kinds = OTHERS[feed]
    free = rng.permutation(np.flatnonzero(~protected))
    count = max(1, int(len(free) * FAULT_SHARE))
    made: list[Fault] = []
    for k, (fault, column, value) in enumerate(kinds):
        for row in free[k * count : (k + 1) * count]:
            table[column][row] = value(table, int(row))
            made.append(Fault(feed, str(table[names][row]), fault))
    return made


def repeat_rows(rng: np.random.Generator, table: Table, key: str, feed: str) -> tuple[Table, list[Fault]]:
    """Some rows sent twice: the same reference, straight after the first."""
    total = len(table[key])
    again = np.sort(rng.permutation(total)[: max(1, int(total * FAULT_SHARE))])
    order = np.sort(np.concatenate([np.arange(total), again]), kind="stable")
    return (
        {name: column[order] for name, column in table.items()},
        [Fault(feed, str(table[key][row]), "reference sent twice") for row in again],
    )
