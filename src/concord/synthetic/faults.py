"""Rows that a contract must refuse, put among the good ones in a known share, and told in the truth folder."""

from __future__ import annotations

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


def repeat_rows(rng: np.random.Generator, table: Table, key: str, feed: str) -> tuple[Table, list[Fault]]:
    """Some rows sent twice: the same reference, straight after the first."""
    total = len(table[key])
    again = np.sort(rng.permutation(total)[: max(1, int(total * FAULT_SHARE))])
    order = np.sort(np.concatenate([np.arange(total), again]), kind="stable")
    return (
        {name: column[order] for name, column in table.items()},
        [Fault(feed, str(table[key][row]), "reference sent twice") for row in again],
    )
