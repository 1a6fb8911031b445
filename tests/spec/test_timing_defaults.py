"""Default times: the known truth of the invented borough, hours in which people only round, and the words."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

import duckdb
import numpy as np
import pytest

from concord.evidence.timing import defaults
from concord.evidence.timing.school import days_table, school_calendar
from concord.kernel.periods import Period
from concord.strategy import load
from concord.synthetic import generate

ROOT = Path(__file__).resolve().parents[2]
HARBOURSIDE = load(ROOT / "partnerships" / "harbourside")
RULE = HARBOURSIDE.measurement.default_times
SEEDS = (1, 2, 5, 8)


@dataclasses.dataclass(frozen=True)
class Seen:
    """Under 18s on school days: minutes of the day as recorded, and how many of the hour from nine are defaults."""

    by_minute: list[int]
    artefacts: int
    at_nine: int
    marked: int


@pytest.fixture(scope="module")
def boroughs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Seen]]:
    seen = {}
    days = days_table(school_calendar(HARBOURSIDE), Period(date(2024, 11, 1), date(2026, 10, 31)))
    for seed in SEEDS:
        made = generate(tmp_path_factory.mktemp(f"seed{seed}"), months=24, size=1.0, seed=seed)

        def read(feed: str, made=made) -> str:
            return f"read_csv({[str(file) for file in made.files[feed]]}, header = true, all_varchar = true)"

        with duckdb.connect() as connection:
            connection.register("days", days)
            connection.execute(
                f"""CREATE TABLE events AS
                SELECT DISTINCT ON (crime_ref) crime_ref, default_time = 'Y' AS filled,
                    try_cast(committed_from AS TIMESTAMP) AS began
                FROM {read("recorded_crime")} c
                JOIN read_csv('{made.truth / "crime_truth.csv"}', header = true, all_varchar = true) USING (crime_ref)
                JOIN days ON day = try_cast(committed_from AS TIMESTAMP)::DATE
                WHERE "days".school_day AND offence_code NOT IN ('34A', '34B') AND crime_ref IN
                    (SELECT crime_ref FROM {read("crime_persons")} WHERE try_cast(age AS INTEGER) < 18)"""
            )
            by_minute = defaults.minute_counts(connection, "events", "began")
            found = defaults.artefacts(by_minute, RULE)
            marked = connection.execute(
                f"SELECT count(*) FILTER ({defaults.suspect_default_sql('began', found)}) FROM events"
            ).fetchall()[0][0]
            filled, nine = connection.execute(
                "SELECT count(*) FILTER (filled), count(*) FROM events WHERE hour(began) = 9"
            ).fetchall()[0]
        seen[seed] = Seen(by_minute, filled, nine, marked)
    yield seen


def at_nine(by_minute: list[int]) -> defaults.Artefact:
    return next(each for each in defaults.artefacts(by_minute, RULE) if each.mark == time(9))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_interval_covers_the_defaults_there_are_and_the_quarter_they_were_drawn_from(
    boroughs: dict[int, Seen], seed: int
) -> None:
    seen = boroughs[seed]
    found = at_nine(seen.by_minute)
    assert found.suspect and found.share is not None and found.share.interval is not None
    low, high = found.share.interval.low, found.share.interval.high
    assert low <= 100 * seen.artefacts / seen.at_nine <= high, "the truth of this borough"
    assert low <= 25 <= high, "the share the generator draws from"
    assert high - low < 25, "narrow enough to be of use"
    assert seen.marked >= seen.artefacts, "every default at nine is marked, and nothing is dropped"


def test_nothing_else_is_called_suspect(boroughs: dict[int, Seen]) -> None:
    for seen in boroughs.values():
        assert [each.mark for each in defaults.artefacts(seen.by_minute, RULE) if each.suspect] == [time(9)]


def test_the_profile_has_the_day_with_and_without(boroughs: dict[int, Seen]) -> None:
    seen = boroughs[1]
    found = defaults.artefacts(seen.by_minute, RULE)
    hours = defaults.hour_profile(seen.by_minute, found)
    assert sum(hour.events for hour in hours) == sum(seen.by_minute)
    nine = hours[9]
    assert nine.events == seen.at_nine
    assert nine.unmarked == nine.events - seen.by_minute[540]
    assert nine.unmarked < nine.less_defaults < nine.events, "some did happen at nine"
    assert all(hour.events == hour.unmarked == hour.less_defaults for hour in hours if hour.hour != 9)


def rounding(rng: np.random.Generator, events: int, habit: float) -> np.ndarray:
    """A day whose every hour has times rounded to five minutes by the same habit, and no default at all."""
    hour = rng.integers(0, 24, events)
    minute = np.where(rng.random(events) < habit, 5 * rng.integers(0, 12, events), rng.integers(0, 60, events))
    return np.bincount(hour * 60 + minute, minlength=1440)


def test_rounding_alone_is_seldom_taken_for_defaults() -> None:
    rng = np.random.default_rng(8)
    days = [rounding(rng, 3000, habit) for habit in (0.0, 0.4, 0.7, 0.95) for _ in range(50)]
    wrong = sum(any(each.suspect for each in defaults.artefacts(day.tolist(), RULE)) for day in days)
    assert wrong / len(days) <= 0.06


@pytest.mark.parametrize("mark", RULE.marks)
@pytest.mark.parametrize("injected", [40, 120])
def test_defaults_put_in_at_any_mark_are_found_and_the_interval_holds_them(mark: time, injected: int) -> None:
    covered = suspected = 0
    for seed in range(20):
        day = rounding(np.random.default_rng(seed), 4000, 0.6)
        day[mark.hour * 60 + mark.minute] += injected
        found = next(each for each in defaults.artefacts(day.tolist(), RULE) if each.mark == mark)
        assert found.share is not None and found.share.interval is not None
        suspected += found.suspect
        covered += found.share.interval.low <= 100 * injected / found.in_hour <= found.share.interval.high
    assert suspected == 20
    assert covered >= 19


def test_two_marks_in_one_hour_do_not_hide_each_other() -> None:
    day = rounding(np.random.default_rng(4), 4000, 0.6)
    day[0] += 200
    day[1] += 200
    suspects = {each.mark for each in defaults.artefacts(day.tolist(), RULE) if each.suspect}
    assert suspects == {time(0), time(0, 1)}


def test_the_words_and_the_few() -> None:
    day = [0] * 1440
    for minute in range(1440):
        day[minute] = 2
    day[540] = 60
    found = at_nine(day)
    assert found.words.startswith("60 of the hour's 178 events are timed 09:00 exactly; 2")
    assert found.words.endswith("of the hour are likely to be times that were filled in.")
    plain = next(each for each in defaults.artefacts(day, RULE) if each.mark == time(12))
    assert plain.words == "2 of the hour's 120 events are timed 12:00 exactly: no more than people round."
    few = [0] * 1440
    few[540] = 5
    assert at_nine(few).share is None
    assert at_nine(few).words == "5 events between 09:00 and 09:59 are too few to test 09:00."
    assert defaults.suspect_default_sql("began", ()) == "CASE WHEN began IS NULL THEN NULL ELSE false END"
    with pytest.raises(ValueError, match="a day has 1440 minutes, not 3"):
        defaults.artefacts([1, 2, 3], RULE)


def test_the_truth_says_a_quarter(tmp_path: Path) -> None:
    """What the interval is held against really is what the generator writes."""
    truth = generate(tmp_path, months=12, size=0.3, seed=9).truth / "crime_truth.csv"
    with truth.open(encoding="utf-8") as handle:
        filled = [row["happened_at"][11:16] for row in csv.DictReader(handle) if row["default_time"] == "Y"]
    assert filled and set(filled) == {"09:00"}
