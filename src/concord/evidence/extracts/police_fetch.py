"""An area's months from data.police.uk as CSV files of the feed `police_uk_api`, one for each month and kind.

The service says neither which force recorded a crime nor in which LSOA it lies, so its rows are datasets of their own:
a borough's month from here must not take the place of a force's month from the archive.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from concord.evidence.extracts.files import Clock, make_folder, to_json, write_bytes
from concord.evidence.extracts.police_api import Bucket, PoliceApi
from concord.kernel.errors import BadInput, Usage, Where
from concord.kernel.names import did_you_mean

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to fetch: the ground, what to call it in file names, and the force whose rows without a place come too."""

    name: str
    area: BaseGeometry | None
    force: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """One file written. `calls` were made for it; `again` answers were there from an earlier run."""

    file: Path
    rows: int
    calls: int


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of row: how it is asked for, and the columns it becomes (headings, and the value of each)."""

    name: str
    within: str
    columns: dict[str, Callable[[Row, dict[str, str]], object]]
    without_place: str | None = None


def _at(*keys: str) -> Callable[[Row, dict[str, str]], object]:
    """The value at a path of a row; None where any step of it is null or missing."""

    def value(row: Row, _names: dict[str, str]) -> object:
        found: Any = row
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    return value


def _category(*keys: str) -> Callable[[Row, dict[str, str]], object]:
    """The publisher's name of a category that the row gives by its short form."""
    short = _at(*keys)
    return lambda row, names: names.get(str(short(row, names)), short(row, names))


def _place(*before: str) -> dict[str, Callable[[Row, dict[str, str]], object]]:
    return {
        "Longitude": _at(*before, "location", "longitude"),
        "Latitude": _at(*before, "location", "latitude"),
        "Location ID": _at(*before, "location", "street", "id"),
        "Location": _at(*before, "location", "street", "name"),
    }


KINDS = (
    Kind(
        "crimes",
        "crimes-street/all-crime",
        {
            "Crime ID": _at("persistent_id"),
            "API ID": _at("id"),
            "Month": _at("month"),
            "Crime type": _category("category"),
            "Location type": _at("location_type"),
            "Location subtype": _at("location_subtype"),
            **_place(),
            "Context": _at("context"),
            "Last outcome category": _at("outcome_status", "category"),
            "Outcome month": _at("outcome_status", "date"),
        },
        "crimes-no-location",
    ),
    Kind(
        "outcomes",
        "outcomes-at-location",
        {
            "Crime ID": _at("crime", "persistent_id"),
            "API ID": _at("crime", "id"),
            "Month": _at("date"),
            "Outcome type": _at("category", "name"),
            "Crime type": _category("crime", "category"),
            "Crime month": _at("crime", "month"),
            **_place("crime"),
        },
    ),
    Kind(
        "stops",
        "stops-street",
        {
            "Type": _at("type"),
            "Date": _at("datetime"),
            "Part of a policing operation": _at("operation"),
            "Policing operation": _at("operation_name"),
            **_place(),
            "Gender": _at("gender"),
            "Age range": _at("age_range"),
            "Self-defined ethnicity": _at("self_defined_ethnicity"),
            "Officer-defined ethnicity": _at("officer_defined_ethnicity"),
            "Legislation": _at("legislation"),
            "Object of search": _at("object_of_search"),
            "Outcome": _at("outcome_object", "name"),
            "Outcome linked to object of search": _at("outcome_linked_to_object_of_search"),
            "Removal of more than just outer clothing": _at("removal_of_more_than_outer_clothing"),
        },
        "stops-no-location",
    ),
)


def months_between(text: str) -> list[str]:
    """The months that `2023-01..2023-03` or `2023-01` names. Raises Usage."""
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])(?:\.\.(\d{4})-(0[1-9]|1[0-2]))?", text.strip())
    if found is None:
        raise Usage(f"“{text}” names no months.", next_step="Write 2023-01, or 2023-01..2023-03.")
    first = int(found[1]) * 12 + int(found[2]) - 1
    last = int(found[3]) * 12 + int(found[4]) - 1 if found[3] else first
    if last < first:
        raise Usage(f"“{text}” ends before it begins.", next_step="Write the earlier month first.")
    return [f"{month // 12}-{month % 12 + 1:02d}" for month in range(first, last + 1)]


def slug(name: str) -> str:
    """A name as file names and partitions hold it: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def outline(file: Path, name: str | None = None) -> BaseGeometry:
    """The area in a GeoJSON file: of the feature called `name`, or of all. WGS84 degrees. Raises BadInput."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        features = content["features"] if content["type"] == "FeatureCollection" else [content]
        shapes = [(f.get("properties") or {}, shapely.from_geojson(json.dumps(f.get("geometry", f)))) for f in features]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError) as error:
        raise BadInput(
            f"{file.name} cannot be read as GeoJSON.", where=Where(file=file), why=str(error).splitlines()[0]
        ) from error
    if name is not None:
        known = {slug(str(value)) for properties, _ in shapes for value in properties.values()}
        shapes = [(p, shape) for p, shape in shapes if slug(name) in {slug(str(value)) for value in p.values()}]
        if not shapes:
            raise BadInput(
                f"{file.name} has no area called “{name}”.",
                where=Where(file=file),
                next_step=did_you_mean(slug(name), sorted(known)),
            )
    area = shapely.unary_union([shapely.make_valid(shape) for _, shape in shapes])
    if area.is_empty or area.area == 0:
        raise BadInput(f"{file.name} holds no area.", where=Where(file=file), next_step="Give a polygon.")
    west, south, east, north = area.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise BadInput(
            f"{file.name} is not in degrees of longitude and latitude.",
            where=Where(file=file),
            why=f"Its first corner is {west:,.0f}, {south:,.0f}: metres of the British grid, perhaps.",
            next_step="Save it as GeoJSON in WGS84 (EPSG:4326).",
        )
    return area


def fetch(
    address: str,
    wanted: Wanted,
    months: Sequence[str],
    to: Path,
    *,
    clock: Clock,
    kinds: Sequence[str] = ("crimes", "outcomes", "stops"),
    bucket: Bucket | None = None,
    say: Callable[[str], None] = lambda _message: None,
) -> list[Fetched]:
    """Fetches `months` of `wanted` into `to`: a CSV file for each month and kind, and the answers it was made from.

    What an earlier run fetched is not asked for again. Raises BadInput for a month that is not published.
    """
    make_folder(to)
    done: list[Fetched] = []
    with PoliceApi(address, to / "answers", clock, bucket or Bucket(), say) as api:
        release = api.open_release()
        say(f"The service's release of {release}")
        published = api.months()
        missing = [month for month in months if month not in published]
        if missing:
            raise BadInput(
                f"data.police.uk does not publish {', '.join(missing[:6])}.",
                why=f"It has {min(published)} to {max(published)}." if published else "It publishes no month at all.",
                next_step="Name months within these.",
            )
        area = api.force_area(wanted.force) if wanted.area is None and wanted.force else wanted.area
        for month in months:
            categories = api.get("crime-categories", {"date": month}).rows or ()
            names = {str(row["url"]): str(row["name"]) for row in categories}  # type: ignore[index]
            for kind in (k for k in KINDS if k.name in kinds):
                before = api.calls
                rows = list(api.within(kind.within, area, month)) if area is not None else []
                if kind.without_place and wanted.force:
                    about = {"date": month, "force": wanted.force}
                    if kind.name == "crimes":
                        about["category"] = "all-crime"
                    rows += api.get(kind.without_place, about).rows or ()  # type: ignore[arg-type]
                if kind.name == "crimes":
                    rows = _each_once(rows)
                file = to / f"{month}-{wanted.name}-api-{kind.name}.csv"
                write_bytes(file, _csv(kind, rows, wanted.name, names))
                done.append(Fetched(file, len(rows), api.calls - before))
        write_bytes(to / "provenance.json", to_json(api.provenance()))
    return done


def _each_once(rows: Iterable[Row]) -> list[Row]:
    """Crimes by their identifier in the service: parts of an area that touch may both be answered with one."""
    return list({row["id"]: row for row in rows}.values())


def _csv(kind: Kind, rows: Iterable[Row], area: str, names: dict[str, str]) -> bytes:
    """A file of the feed, its rows in one settled order: the same answers always give the same bytes."""
    lines = [["" if (v := value(row, names)) is None else str(v) for value in kind.columns.values()] for row in rows]
    sheet = io.StringIO(newline="")
    write = csv.writer(sheet, lineterminator="\n").writerow
    write(["Area", *kind.columns])
    for line in sorted(lines):
        write([area, *line])
    return sheet.getvalue().encode()
