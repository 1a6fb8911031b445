"""The MARAC repeat: same victim, same perpetrator, a further incident within 12 months of the last referral.

Source: SafeLives' definition, in partnerships/national/forums/marac.toml.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from concord.desk.referrals.rules import Past, add_months, is_repeat
from concord.strategy.shapes.forum import SHAPE, Forum, RepeatRule

FILE = Path(__file__).resolve().parents[2] / "partnerships" / "national" / "forums" / "marac.toml"
MARAC: Forum = TypeAdapter(SHAPE).validate_python(tomllib.loads(FILE.read_text("utf-8")))
ANY, ALL = MARAC.repeat, RepeatRule(months=12, perpetrators="all", incidents=MARAC.repeat.incidents)
V, W, P, Q = (UUID(int=number) for number in range(1, 5))
JUNE = date(2025, 6, 15)


def past(when: date = JUNE, victim: UUID = V, *perpetrators: UUID) -> Past:
    return Past(victim, frozenset(perpetrators or {P}), when)


# why, rule, perpetrators now, incident on, kind, referred on, earlier referrals, repeat?
TABLE = [
    ("nothing before", ANY, {P}, date(2026, 1, 5), "violence", date(2026, 1, 8), [], False),
    ("within 12 months", ANY, {P}, date(2026, 1, 5), "violence", date(2026, 1, 8), [past()], True),
    ("the anniversary counts", ANY, {P}, date(2026, 6, 15), "violence", date(2026, 6, 20), [past()], True),
    ("the day after does not", ANY, {P}, date(2026, 6, 16), "violence", date(2026, 6, 16), [past()], False),
    ("incident counts, not referral", ANY, {P}, date(2026, 6, 10), "threats", date(2026, 7, 30), [past()], True),
    ("incident before the referral", ANY, {P}, date(2025, 6, 14), "violence", date(2025, 9, 1), [past()], False),
    ("incident on the day of it", ANY, {P}, JUNE, "violence", date(2025, 9, 1), [past()], True),
    ("unknown day: as referred", ANY, {P}, None, "violence", date(2026, 6, 15), [past()], True),
    ("unknown day, too late", ANY, {P}, None, "violence", date(2026, 6, 16), [past()], False),
    ("other victim", ANY, {P}, date(2026, 1, 5), "violence", date(2026, 1, 8), [past(JUNE, W)], False),
    ("other perpetrator", ANY, {Q}, date(2026, 1, 5), "violence", date(2026, 1, 8), [past()], False),
    ("one of two is enough", ANY, {P, Q}, date(2026, 1, 5), "violence", date(2026, 1, 8), [past()], True),
    ("all must be the same", ALL, {P, Q}, date(2026, 1, 5), "violence", date(2026, 1, 8), [past()], False),
    ("all are the same", ALL, {P, Q}, date(2026, 1, 5), "violence", date(2026, 1, 8), [past(JUNE, V, P, Q)], True),
    ("last referral counts", ANY, {P}, date(2026, 6, 20), "violence", date(2026, 6, 21),
     [past(), past(date(2026, 2, 1))], True),
    ("no perpetrator named", ANY, set(), date(2026, 1, 5), "violence", date(2026, 1, 8), [past()], False),
    ("stalking counts", ANY, {P}, date(2026, 1, 5), "stalking_or_harassment", date(2026, 1, 8), [past()], True),
    ("sexual abuse counts", ANY, {P}, date(2026, 1, 5), "rape_or_sexual_abuse", date(2026, 1, 8), [past()], True),
    ("a worry does not", ANY, {P}, date(2026, 1, 5), "worry", date(2026, 1, 8), [past()], False),
    ("leap day", ANY, {P}, date(2025, 2, 28), "violence", date(2025, 3, 1), [past(date(2024, 2, 29))], True),
    ("leap, a day late", ANY, {P}, date(2025, 3, 1), "violence", date(2025, 3, 1), [past(date(2024, 2, 29))], False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "perpetrators", "incident_on", "kind", "referred_on", "earlier", "repeat"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_repeat(rule, perpetrators, incident_on, kind, referred_on, earlier, repeat):
    found = is_repeat(
        rule,
        victim=V,
        perpetrators=perpetrators,
        incident_on=incident_on,
        incident_kind=kind,
        referred_on=referred_on,
        past=earlier,
    )
    assert found.is_repeat is repeat, found.why
    assert ("whatever the threshold" in found.why) is repeat


def test_the_rule_is_twelve_months_and_its_guess_is_marked():
    assert MARAC.repeat.months == 12
    assert "repeat.perpetrators" in MARAC.assumed


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2025, 5, 31), 12, date(2026, 5, 31)),
        (date(2025, 3, 31), 18, date(2026, 9, 30)),
        (date(2025, 11, 30), 0, date(2025, 11, 30)),
    ],
)
def test_add_months(day, months, later):
    assert add_months(day, months) == later
