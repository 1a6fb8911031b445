"""Writes Harbourside's partner extracts, with the truth beside them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from concord.kernel.errors import BadInput, Usage, Where
from concord.synthetic import borough, calendar, cast, children, crimes, faults, health, tables, truth, writing
from concord.synthetic.population import people as residents

Progress = Callable[[str, float], None]
FOLDERS = {
    "recorded_crime": "police", "crime_persons": "police", "child_notifications": "police",
    "suspensions": "education", "ed_assaults": "health", "population": "council", "areas": "council",
}  # fmt: skip
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

    report("records", 0.45)
    clean = frozenset(person for draft in drafts for person in draft.people.values())
    crime = tables.recorded_crime(random(6), happened, bounds)
    persons = tables.crime_persons(random(7), people, happened, bounds, clean)
    notices = tables.child_notifications(random(8), people, notified, bounds, clean)
    schools = tables.suspensions(random(9), people, suspended, bounds, clean)
    hospital = tables.ed_assaults(random(10), attended, bounds)
    told = truth.stories(drafts, people, crime, persons, notices, schools)
    storied = frozenset(ref for story in told.values() for ref in story.crime_refs)

    report("faults", 0.6)
    good_refs = crime.table["crime_ref"].copy()
    written_faults = faults.spoil_crimes(random(11), crime.table, str(firsts[-1]), protected=storied)
    written_faults += faults.spoil_persons(random(12), persons.table, storied)
    crime.table["_month"] = crime.month
    crime.table, doubled = faults.repeat_rows(random(13), crime.table, "crime_ref", "recorded_crime")
    crime.month = crime.table.pop("_month")
    written_faults += doubled

    report("files", 0.7)
    files: dict[str, list[Path]] = {}
    for feed, each in (
        ("recorded_crime", crime), ("crime_persons", persons), ("child_notifications", notices),
        ("suspensions", schools), ("ed_assaults", hospital),
    ):  # fmt: skip
        files[feed] = writing.write_months(each.table, each.month, firsts, out / FOLDERS[feed], feed)
    population = borough.population_rows(size, str(start.year))
    by_column = {name: np.array([row[name] for row in population], dtype=object) for name in population[0]}
    files["population"] = [writing.write_csv(by_column, out / "council" / "population.csv")]
    areas = out / "council" / "areas.geojson"
    areas.write_text(borough.areas_geojson(), encoding="utf-8")
    files["areas"] = [areas]
    _refused(out / "refused", hospital, firsts[-1])
    report("truth", 0.9)
    truth.write(
        out / "truth", people=people, crimes=happened, refs=good_refs, written={"crime_persons": persons,
        "child_notifications": notices, "suspensions": schools}, notified=notified, attended=attended,
        told=told, faults=written_faults, start=first, end=end,
    )  # fmt: skip
    manifest: dict[str, object] = {
        "synthetic": True, "notice": NOTICE, "borough": "Harbourside", "seed": seed, "size": size, "months": months,
        "start": str(start), "end": str(calendar.day_of(end - 1)),
        "files": {feed: [str(path.relative_to(out)) for path in paths] for feed, paths in files.items()},
    }  # fmt: skip
    (out / "SYNTHETIC.txt").write_text(NOTICE + "\n", encoding="utf-8")
    writing.write_json(manifest, out / "manifest.json")
    report("done", 1.0)
    return Generated(out, {feed: tuple(paths) for feed, paths in files.items()}, manifest)


def _refused(folder: Path, hospital: tables.Written, month: date) -> None:
    """A health file with a name column: the agreement says no, so the whole file must be refused."""
    table = {name: column[-40:] for name, column in hospital.table.items()}
    table["patient_name"] = np.array([f"Patient {n}-SYN" for n in range(len(table["site_code"]))], dtype=object)
    writing.write_csv(table, folder / f"ed_assaults_with_names_{month:%Y-%m}.csv")
