"""Any size, length and seed gives a borough that hangs together."""

from __future__ import annotations

import csv
import tempfile
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from concord.synthetic import generate


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    months=st.integers(1, 14),
    size=st.sampled_from((0.04, 0.05, 0.08)),
    seed=st.integers(0, 2**31),
    start=st.dates(date(2018, 1, 1), date(2027, 12, 1)).map(lambda day: day.replace(day=1)),
)
def test_references_meet_and_nobody_hurts_themselves(months: int, size: float, seed: int, start: date) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = generate(Path(folder), months=months, size=size, seed=seed, start=start)

        def rows(feed: str) -> list[dict[str, str]]:
            found = []
            for path in made.files[feed]:
                with path.open(encoding="utf-8", newline="") as handle:
                    found += list(csv.DictReader(handle))
            return found

        def truth(name: str) -> list[dict[str, str]]:
            with (made.truth / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
                return list(csv.DictReader(handle))

        crimes, persons = rows("recorded_crime"), rows("crime_persons")
        refs = {row["crime_ref"] for row in crimes}
        assert {row["crime_ref"] for row in persons} <= refs
        assert {row["linked_crime_ref"] for row in crimes if row["linked_crime_ref"]} <= refs
        with (made.truth / "crime_truth.csv").open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                people = [row[c] for c in ("victim", "second_victim", "suspect_1", "suspect_2", "suspect_3") if row[c]]
                assert len(people) == len(set(people)), row
        assert len(made.cast()) == 5
        for feed in ("recorded_crime", "crime_persons", "child_notifications", "missing_episodes", "suspensions"):
            assert len(made.files[feed]) == months
        ends = [(start.month + k - 1) % 12 + 1 for k in range(months)]
        whole = sum(month % 3 == 0 for month in ends)
        assert len(made.files.get("section_17a_police_crime", ())) == whole
        for ref, feed in (("episode_ref", "return_home_interviews"), ("notification_ref", "missing_truth")):
            held = {row[ref] for row in rows("missing_episodes" if ref == "episode_ref" else "child_notifications")}
            there = rows(feed) if feed in made.files else truth(feed) if feed.endswith("_truth") else []
            assert {row[ref] for row in there} <= held
