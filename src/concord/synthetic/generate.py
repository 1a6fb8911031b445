"""Writes Harbourside's partner extracts, with the truth beside them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from concord.kernel.errors import BadInput, Usage, Where
from concord.synthetic import (
    agency_returns,
    borough,
    calendar,
    cast,
    children,
    crimes,
    exchange,
    faults,
    health,
    notes,
    safeguarding,
    services,
    tables,
    tasking,
    truth,
    writing,
    youth,
)  # fmt: skip
from concord.synthetic.population import people as residents
from concord.synthetic.span import Span, quarter_name

Progress = Callable[[str, float], None]
FOLDERS = {
    "police": ("recorded_crime", "crime_persons", "child_notifications", "missing_episodes", "stop_search",
               "section_17a_police_incidents", "section_17a_police_crime", "justice_returns"),
    "education": ("suspensions", "permanent_exclusions", "absence", "absence_totals", "section_17a_exclusions",
                  "education_returns"),
    "health": ("ed_assaults", "ambulance_calls", "section_17a_hospital_admissions",
               "section_17a_domestic_abuse_admissions", "section_17a_treatment", "section_17a_ambulance_calls",
               "health_returns", "iris_returns"),
    "fire": ("section_17a_fire_incidents", "section_17a_fire_malicious_calls"),
    "social_care": ("childrens_social_care", "adult_safeguarding_concerns"),
    "youth_justice": ("youth_justice_outcomes",), "probation": ("reoffending",), "housing": ("housing_concerns",),
    "council": ("exploitation_cases", "return_home_interviews", "nrm_referrals", "hate_reports", "marac_returns",
                "community_marac_factors", "young_people_survey", "population", "population_ethnicity", "areas",
                "taskings", "harm_weights",
                "section_17a_road_collisions", "section_17a_racial_incidents", "section_17a_council_asb",
                "support_returns", "council_returns", "survey_results", "postcode_districts"),
}  # fmt: skip
"""The agencies' folders, and the tables each sends."""
MONTHLY = ("recorded_crime", "crime_persons", "child_notifications", "missing_episodes", "suspensions", "ed_assaults")
KINDS = {"housing_concerns": "xlsx", "hate_reports": "ods", "ambulance_calls": "parquet"}
"""Senders who do not keep their data as CSV."""
FEW = 5
FEED_OF = {"absence_totals": "absence", "marac_returns": "panel_returns", "community_marac_factors": "panel_returns"}
"""The feed a table belongs to, where it is not called so."""
NOTICE = "Synthetic data. Harbourside does not exist; no record is of a real person, place or event."


@dataclass(frozen=True)
class Generated:
    """Where the extracts are. `files` holds the paths of each feed, oldest first."""

    folder: Path
    files: dict[str, tuple[Path, ...]]
    manifest: dict[str, object]

    @property
    def truth(self) -> Path:
        return self.folder / "truth"

    def cast(self) -> dict[str, cast.Story]:
        """The told stories by key, with the references under which they stand in the extracts."""
        told = json.loads((self.truth / "cast.json").read_text(encoding="utf-8"))
        return {key: _story(story) for key, story in told["stories"].items()}

    def deliveries(self, feed: str, today: date) -> list[tuple[date, tuple[Path, ...]]]:
        """The files of a feed by the day they were sent, up to today; all today where the manifest states no days.

        The quarterly exchange has stated days, some late and some quarters not sent, so that its clock has
        something to tell.
        """
        days: dict[str, str | None] | None = self.manifest["sent"].get(feed)  # type: ignore[attr-defined]
        if days is None:
            return [(today, self.files[feed])]
        sent: dict[date, list[Path]] = {}
        for path in self.files[feed]:
            day = days[path.stem.rsplit("_", 1)[1]]
            if day is not None and date.fromisoformat(day) <= today:
                sent.setdefault(date.fromisoformat(day), []).append(path)
        return [(day, tuple(sent[day])) for day in sorted(sent)]

    @classmethod
    def read(cls, folder: Path) -> Generated:
        """What an earlier run wrote. Raises BadInput where the folder holds no complete run."""
        try:
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BadInput(
                "There are no complete synthetic extracts here.",
                where=Where(file=folder),
                why=f"The manifest could not be read ({error.__class__.__name__}).",
                next_step="Write them with: concord synth OUT",
            ) from error
        files = {feed: tuple(folder / name for name in names) for feed, names in manifest["files"].items()}
        return cls(folder, files, manifest)


def _story(told: dict[str, object]) -> cast.Story:
    members = {
        key: cast.Member(**{**value, "record_ids": {f: tuple(i) for f, i in value["record_ids"].items()}})
        for key, value in told["people"].items()  # type: ignore[attr-defined]
    }
    lists = {k: tuple(told[k]) for k in ("crime_refs", "notification_refs", "suspended_on")}  # type: ignore[call-overload]
    return cast.Story(key=str(told["key"]), summary=str(told["summary"]), people=members, **lists)


def _months(start: date, count: int) -> list[date]:
    first = start.year * 12 + start.month - 1
    return [date((first + k) // 12, (first + k) % 12 + 1, 1) for k in range(count)]


def generate(
    out: Path, *, months: int = 24, size: float = 1.0, seed: int = 1,
    start: date = date(2024, 11, 1), progress: Progress | None = None,
) -> Generated:  # fmt: skip
    """Write the extracts of `months` calendar months from `start` into `out`, the same bytes for the same arguments.

    `size` 1.0 is a borough of 310,300 residents and about 14,800 recorded crimes a year. Raises Usage where
    the arguments make no sense. The manifest is written last: a folder without one is an unfinished run.
    """
    if months < 1 or not 0.005 <= size <= 50 or size * months < 0.04 or start.day != 1:
        raise Usage(
            f"Extracts cannot be made for {months} months of size {size} from {start}.",
            why="There must be at least one month, a size from 0.005 to 50, size times months of at least 0.04, "
            "and a start on the first of a month.",
        )
    report = progress or (lambda _what, _share: None)
    out.mkdir(parents=True, exist_ok=True)
    (out / "manifest.json").unlink(missing_ok=True)
    firsts = _months(start, months + 1)
    bounds = [calendar.epoch(each) for each in firsts]
    firsts, first, end = firsts[:-1], bounds[0], bounds[-1]
    span = Span(first, end)

    def random(room: int) -> np.random.Generator:
        # Each room has its own stream: deepening one does not reshuffle the others.
        return np.random.default_rng([seed, room])

    report("people", 0.0)
    people = residents(seed, size=size, on=calendar.day_of((first + end) // 2)).copy()
    report("crimes", 0.2)
    happened = crimes.happen(random(1), people, start=first, month_starts=bounds, size=size)
    suspended = children.suspend(random(2), people, happened, start=first, end=end, size=size)
    notified = children.notify(random(3), people, happened, start=first, end=end, size=size)
    drafts = cast.tell(random(4), people, happened, notified, suspended, end=end)
    code = np.array([row["code"] for row in borough.rows("offence_mix")], dtype=object)[happened.offence]
    attended = health.attend(random(5), people, happened, code, start=first, end=end, size=size)
    excluded = youth.exclude(random(20), people, suspended.pupil, span=span, size=size)
    away = youth.absent(random(21), people, span=span)

    report("records", 0.4)
    clean = frozenset(person for draft in drafts for person in draft.people.values())
    written: dict[str, tables.Written] = {}
    written["recorded_crime"] = crime = tables.recorded_crime(random(6), happened, bounds)
    written["crime_persons"] = persons = tables.crime_persons(random(7), people, happened, bounds, clean)
    written["child_notifications"] = notices = tables.child_notifications(random(8), people, notified, bounds, clean)
    known = np.unique(np.concatenate([suspended.pupil, excluded.pupil, away.pupil]))
    pupils = tables.pupils(random(9), people, known, clean)
    written["suspensions"] = tables.suspensions(pupils, suspended, bounds)
    written["ed_assaults"] = hospital = tables.ed_assaults(random(10), attended, bounds)
    cared = safeguarding.safeguard(
        random(23), people, happened, notified, notices, drafts, span=span, size=size, clean=clean
    )
    exchanged = exchange.exchange(random(24), people, happened, code, suspended, excluded, span=span, size=size)
    written |= cared.written | exchanged.written
    more_truth = cared.truth | exchanged.truth
    if span.quarters:
        written["permanent_exclusions"] = youth.permanent_exclusions(random(25), pupils, excluded, span)
        written["absence"], written["absence_totals"] = youth.absence(people, pupils, away, span)
        written["youth_justice_outcomes"], more_truth["youth_justice_truth"] = youth.youth_justice(
            random(26), people, happened, code, span=span, size=size, clean=clean
        )
        written["stop_search"] = services.stop_search(random(22), people, span=span, size=size)
        written["hate_reports"] = services.hate_reports(random(27), span=span, size=size)
        written["housing_concerns"] = services.housing_concerns(random(28), people, span=span, size=size, clean=clean)
        returns = services.panel_returns(random(29), span=span, size=size)
        written["marac_returns"], written["community_marac_factors"] = returns
        written["reoffending"] = services.reoffending(random(30), span=span, size=size)
        written |= agency_returns.returns(random(34), span=span, size=size)
        written["survey_results"] = agency_returns.survey_results(random(35), span=span)
    told = truth.stories(drafts, people, written)
    storied = frozenset(ref for story in told.values() for ref in story.crime_refs)

    report("faults", 0.6)
    good_refs = crime.table["crime_ref"].copy()
    written_faults = faults.spoil_crimes(random(11), crime.table, str(firsts[-1]), protected=storied)
    written_faults += faults.spoil_persons(random(12), persons.table, storied)
    spoiling = random(31)
    for feed, each in written.items():
        # a file whose every row is wrong is refused whole, which is another story: few rows are let be
        protected = np.bincount(each.month, minlength=1)[each.month] < FEW
        if each.records is not None and each.record is not None:
            protected |= np.isin(each.records.person[each.record], sorted(clean))
        written_faults += faults.spoil_others(spoiling, feed, each.table, protected)
    crime.table["_month"] = crime.month
    crime.table, doubled = faults.repeat_rows(random(13), crime.table, "crime_ref", "recorded_crime")
    crime.month = crime.table.pop("_month")
    written_faults += doubled

    report("files", 0.7)
    files: dict[str, list[Path]] = {}
    folder_of = {table: out / folder for folder, held in FOLDERS.items() for table in held}
    names = [f"{each:%Y-%m}" for each in span.months], [quarter_name(each) for each in span.quarters]
    for table, each in written.items():
        periods = names[0] if table in MONTHLY else names[1]
        kind = KINDS.get(table, "csv")
        paths = writing.write_periods(each.table, each.month, periods, folder_of[table], table, kind=kind)
        files.setdefault(FEED_OF.get(table, table), []).extend(paths)
    for wave, answers in youth.survey(random(32), people, span=span).items():
        path = folder_of["young_people_survey"] / f"young_people_survey_{wave}.csv"
        files.setdefault("young_people_survey", []).append(writing.write_csv(answers, path))
    population = borough.population_rows(size, str(start.year))
    by_column = {name: np.array([row[name] for row in population], dtype=object) for name in population[0]}
    files["population"] = [writing.write_csv(by_column, out / "council" / "population.csv")]
    year = firsts[-1].year - (firsts[-1].month < 4)
    path = out / "council" / f"population_ethnicity_{year}-{(year + 1) % 100:02d}.csv"
    files["population_ethnicity"] = [writing.write_csv(services.population_ethnicity(people, (first + end) // 2), path)]
    path = out / "council" / "harm_weights_invented.csv"
    files["harm_weights"] = [writing.write_csv(tasking.harm_weights(), path)]
    tasked = tasking.taskings(first, end)
    if len(tasked["tasking_ref"]):
        path = out / "council" / f"taskings_{year}-{(year + 1) % 100:02d}.csv"
        files["taskings"] = [writing.write_csv(tasked, path)]
    districts = agency_returns.postcode_districts(people, (first + end) // 2)
    files["postcode_districts"] = [writing.write_csv(districts, out / "council" / "postcode_districts.csv")]
    areas = out / "council" / "areas.geojson"
    areas.write_text(borough.areas_geojson(), encoding="utf-8")
    files["areas"] = [areas]
    _refused(out / "refused", hospital, exchanged, firsts[-1])
    report("truth", 0.9)
    truth.write(
        out / "truth", people=people, crimes=happened, refs=good_refs, written=written, notified=notified,
        attended=attended, told=told, faults=written_faults, start=first, end=end,
    )  # fmt: skip
    more_truth["notes"] = notes.notes(random(33), notices.table["notification_ref"])
    for name, table_of in more_truth.items():
        writing.write_csv(table_of, out / "truth" / f"{name}.csv")
    exchange_feeds = [feed for feed in files if feed.startswith("section_17a_")]
    manifest: dict[str, object] = {
        "synthetic": True, "notice": NOTICE, "borough": "Harbourside", "seed": seed, "size": size, "months": months,
        "start": str(start), "end": str(calendar.day_of(end - 1)),
        "files": {feed: [str(path.relative_to(out)) for path in paths] for feed, paths in files.items()},
        "sent": exchange.sending(exchange_feeds, span),
    }  # fmt: skip
    (out / "SYNTHETIC.txt").write_text(NOTICE + "\n", encoding="utf-8")
    writing.write_json(manifest, out / "manifest.json")
    report("done", 1.0)
    return Generated(out, {feed: tuple(paths) for feed, paths in files.items()}, manifest)


def _refused(folder: Path, hospital: tables.Written, exchanged: exchange.Exchanged, month: date) -> None:
    """Files with what may not be there: the agreement, or the law, says no, and the whole file must be refused."""

    def with_column(table: dict[str, np.ndarray], column: str, value: str, path: Path) -> None:
        few = {name: values[-40:] for name, values in table.items()}
        total = len(next(iter(few.values())))
        few[column] = np.array([value.format(n) for n in range(total)], dtype=object)
        writing.write_csv(few, path)

    with_column(hospital.table, "patient_name", "Patient {}-SYN", folder / f"ed_assaults_with_names_{month:%Y-%m}.csv")
    for feed, column, value in (
        ("ambulance_calls", "nhs_number", "SYN{:07d}"),
        ("section_17a_hospital_admissions", "date_of_birth", "1900-01-01"),
    ):
        if feed in exchanged.written:
            with_column(exchanged.written[feed].table, column, value, folder / f"{feed}_with_{column}.csv")
