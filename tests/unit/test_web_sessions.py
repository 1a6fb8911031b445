"""Times of a patrol typed without their day, around midnight and where clocks change."""

from __future__ import annotations

from datetime import datetime

import pytest

from concord.kernel.working_time import LONDON
from concord.web.referrals.sessions import _typed

TYPED = [
    # typed at            started  ended    began               ended
    ("2026-06-15 19:30", "18:30", "19:15", "2026-06-15 18:30", "2026-06-15 19:15"),
    ("2026-06-15 00:10", "22:00", "23:00", "2026-06-14 22:00", "2026-06-14 23:00"),  # written up after midnight
    ("2026-06-15 00:10", "23:30", "00:05", "2026-06-14 23:30", "2026-06-15 00:05"),  # over midnight
    ("2026-06-15 00:10", "23:30", "00:30", "2026-06-14 23:30", "2026-06-15 00:30"),  # still to come: refused in words
    ("2026-06-15 12:00", "22:00", "23:00", "2026-06-15 22:00", "2026-06-15 23:00"),  # a slip, by day: refused in words
    ("2026-10-25 00:30", "22:00", "23:30", "2026-10-24 22:00", "2026-10-24 23:30"),  # the night the clocks go back
]


@pytest.mark.parametrize(("at", "started", "ended", "began", "over"), TYPED)
def test_a_time_without_its_day_is_the_last_one_it_can_be(
    at: str, started: str, ended: str, began: str, over: str
) -> None:
    given = {"kind": "patrol", "place": "SYN Park", "started": started, "ended": ended, "contacts": "3", "session": ""}
    entry = _typed(given, datetime.fromisoformat(at).replace(tzinfo=LONDON))
    assert (f"{entry.started_at:%F %H:%M}", f"{entry.ended_at:%F %H:%M}") == (began, over)
