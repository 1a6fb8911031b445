"""What was tasked in Harbourside, and the invented weights that its harm is tried with."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from concord.synthetic import borough, calendar
from concord.synthetic.crimes import CONTROL_WARD, HOTSPOT_WARD, SHIFT_WEEK
from concord.synthetic.records import Table

PUBLIC = "1 2 5D 34A 34B 10B 10C 10D"
"""Offence classes in public places: what the taskings were about."""
WEEKS = 12
HOTSPOT_TASKING = "TSK-004-SYN"
TASKINGS = (
    # reference, first week, tactic, treated, next to it, compared with, next to that
    ("TSK-001-SYN", 6, "youth_work", "SYN19", "SYN17", "SYN18", "SYN20"),
    ("TSK-002-SYN", 10, "environment", "SYN09", "SYN11", "SYN12", "SYN08"),
    ("TSK-003-SYN", 40, "camera", "SYN02", "SYN03", "SYN11", "SYN09"),
    (HOTSPOT_TASKING, SHIFT_WEEK, "patrol", HOTSPOT_WARD, "SYN16", CONTROL_WARD, "SYN10"),
    ("TSK-005-SYN", SHIFT_WEEK, "test_purchase", "SYN05", "SYN07", "SYN06", "SYN12"),
    ("TSK-006-SYN", 100, "patrol", "SYN15", "SYN17", "SYN13", "SYN10"),
)
"""The one of the hot spot moved events elsewhere (see `crimes`); the others changed nothing."""
ROLES = ("treated", "next_to_treated", "comparison", "next_to_comparison")
HARM = {
    "1": 5000, "2": 3000, "3B": 20, "5D": 1500, "5E": 400, "8N": 40, "8P": 45, "8S": 45, "8L": 12, "8Q": 30, "104": 6,
    "105A": 5, "105B": 8, "11A": 300, "13": 200, "36": 700, "106": 900, "19C": 2500, "19D": 2700, "19E": 3000,
    "19F": 2500, "19G": 2700, "19H": 3000, "20A": 350, "20B": 500, "17A": 350, "17B": 500, "22A": 600, "22B": 700,
    "71": 900, "88A": 250, "88E": 20, "34A": 400, "34B": 350, "56A": 900, "56B": 60, "58A": 3, "58B": 3, "58C": 2,
    "58D": 3, "58J": 6, "10B": 900, "10C": 60, "10D": 90, "92A": 300, "9A": 2, "9B": 4,
}  # fmt: skip
"""Invented weights: of the right order for a test, and nobody's scale."""


def taskings(start: int, end: int) -> Table:
    """One row for each ward of a tasking that had begun by `end` (days since 1970)."""
    first = calendar.day_of(start)
    rows = []
    for reference, week, tactic, *wards in TASKINGS:
        begun = first + timedelta(weeks=week)
        if calendar.epoch(begun) >= end:
            continue
        over = begun + timedelta(weeks=WEEKS) - timedelta(days=1)
        for role, ward in zip(ROLES, wards, strict=True):
            rows.append((reference, tactic, begun.isoformat(), over.isoformat(), role, ward, PUBLIC))
    names = ("tasking_ref", "tactic", "started_on", "ended_on", "place_role", "ward_code", "offence_codes")
    return {name: np.array([row[place] for row in rows], dtype=object) for place, name in enumerate(names)}


def harm_weights() -> Table:
    """The invented weights in the form in which a partnership loads those of a real scale."""
    codes = np.array(list(HARM), dtype=object)
    same = {
        "offence_sub_code": None,
        "unit": "invented harm points",
        "title": "Invented weights for tests (synthetic)",
        "edition": "1",
        "licence": "None needed: invented for Concord",
        "source": f"Invented for Concord, as {len(borough.places().ward_codes)} wards of nowhere are",
    }
    return {
        "offence_code": codes,
        "weight": np.array([str(weight) for weight in HARM.values()], dtype=object),
        **{name: np.full(len(codes), value, dtype=object) for name, value in same.items()},
    }
