"""Fetching from data.police.uk's API: politely, again where it fails, and never twice what is already here.

Protocol: https://data.police.uk/docs/ (street-level crimes and outcomes, stop and searches by area, crimes and stops
without a location, neighbourhood boundaries, availability, last updated, call limits), read on 26 November 2026. An
area that holds more than 10,000 rows answers 503; it is cut in two and each half asked for, as often as it takes.

Every answer is kept as it came, beside a note of its address, time and digest; a run that was stopped goes on from
them. They are kept by the publisher's release, because a release may change every month before it.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import shapely
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from concord.evidence.extracts.files import Clock, make_folder, moment, to_json, write_bytes
from concord.kernel.errors import BadInput, Environment, Where

PER_SECOND, BURST = 15, 30
"""The publisher's call limit: a leaky bucket (https://data.police.uk/docs/api-call-limits/)."""
LONGEST_GET = 4000
"""Letters of an address; the publisher refuses 4,094 and more, and takes the same request by POST."""
TRIES, TRIES_WHEN_FULL = 6, 2
"""Attempts at a request that fails, and at one that answers 503, which mostly means that the area holds too much."""
SLOWEST = 60.0
"""Longest wait between attempts, in seconds, whatever the service asks for."""
TIMEOUT = httpx.Timeout(60.0, connect=20.0)
SMALLEST = 2e-5
"""Degrees: an area narrower than this (about two metres) is one map point and cannot be cut."""
MARGIN = 2e-6
"""Degrees (about 20 centimetres) that are asked for around an area."""
_AGAIN = frozenset({429, 500, 502, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and where it is kept. `rows` is None where the area held too much and was cut."""

    rows: list[dict[str, Any]] | dict[str, Any] | None
    file: Path
    again: bool
    """Whether it had been fetched by an earlier run."""


@dataclass(slots=True)
class Bucket:
    """The publisher's leaky bucket, kept on this side: `wait` returns when the next call may be made."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    rate: float = PER_SECOND * 0.9
    burst: int = BURST - 5
    level: float = 0.0
    at: float | None = None

    def wait(self) -> None:
        now = self.clock()
        self.level = max(0.0, self.level - (now - (self.at if self.at is not None else now)) * self.rate)
        if self.level + 1 > self.burst:
            pause = (self.level + 1 - self.burst) / self.rate
            self.sleep(pause)
            self.level -= pause * self.rate
            now += pause
        self.level, self.at = self.level + 1, now


@dataclass(slots=True)
class PoliceApi:
    """The service at `address`, its answers kept in `folder`."""

    address: str
    folder: Path
    clock: Clock
    bucket: Bucket = field(default_factory=Bucket)
    say: Callable[[str], None] = lambda _message: None
    calls: int = 0
    _client: httpx.Client | None = None

    def __enter__(self) -> PoliceApi:
        make_folder(self.folder)
        self._client = httpx.Client(
            timeout=TIMEOUT,
            headers={"Accept": "application/json", "User-Agent": "concord (serious violence partnership)"},
            follow_redirects=False,
        )
        return self

    def __exit__(self, *_error: object) -> None:
        if self._client is not None:
            self._client.close()

    def open_release(self) -> str:
        """Asks which release the service holds, and goes on in the folder of its answers."""
        release = str(self._ask("crime-last-updated", {})[0].json()["date"])
        self.folder = make_folder(self.folder / re.sub(r"[^0-9-]", "", release))
        return release

    def get(self, method: str, parameters: Mapping[str, str] | None = None) -> Answer:
        """One answer, from the folder or from the service.

        Raises BadInput where the service refuses the request, and Environment where it cannot be reached.
        """
        asked = dict(sorted((parameters or {}).items()))
        name = hashlib.sha256(to_json([method, asked])).hexdigest()[:24]
        note, body = self.folder / f"{name}.note.json", self.folder / f"{name}.json"
        if note.is_file():
            told = json.loads(note.read_bytes())
            if told["status"] == 503:
                return Answer(None, note, again=True)
            if body.is_file() and hashlib.sha256(body.read_bytes()).hexdigest() == told["sha256"]:
                return Answer(json.loads(body.read_bytes()), body, again=True)
        response, how = self._ask(method, asked)
        rows = None if response.status_code == 503 else response.json()
        if rows is not None:
            write_bytes(body, response.content)
        # The note is written last: without it an answer does not count as fetched.
        told = {
            "address": f"{self.address}/{method}",
            "parameters": asked,
            "how": how,
            "status": response.status_code,
            "fetched_at": moment(self.clock).isoformat(),
            "sha256": hashlib.sha256(response.content).hexdigest(),
            "bytes": len(response.content),
            "rows": len(rows) if rows is not None else 0,
            "last_modified": response.headers.get("last-modified"),
        }
        write_bytes(note, to_json(told))
        return Answer(rows, body, again=False)

    def _ask(self, method: str, asked: dict[str, str]) -> tuple[httpx.Response, str]:
        assert self._client is not None, "use it in a `with` block"  # noqa: S101
        address = f"{self.address}/{method}"
        request = self._client.build_request("GET", address, params=asked)
        if len(str(request.url)) > LONGEST_GET:
            request = self._client.build_request("POST", address, data=asked)
        tries, full, last = 0, 0, ""
        while tries < TRIES:
            tries += 1
            self.bucket.wait()
            self.calls += 1
            try:
                response = self._client.send(request)
                if response.status_code == 200:
                    response.json()  # an answer cut short is no answer
            except (httpx.TransportError, httpx.DecodingError, ValueError) as error:
                last = f"{type(error).__name__}: {error}"
                self._pause(tries, None)
                continue
            if response.status_code == 200:
                return response, request.method
            last = f"it answered {response.status_code}"
            if response.status_code == 503:
                full += 1
                if full >= TRIES_WHEN_FULL and "poly" in asked:
                    return response, request.method
            elif response.status_code not in _AGAIN:
                raise self._refused(response, method, asked)
            self._pause(tries, response.headers.get("retry-after"))
        raise Environment(
            f"{self.address} could not be reached after {TRIES} attempts.",
            where=Where(file=f"{self.address}/{method}"),
            why=f"The last time, {last}.",
            next_step="Run the same command again later: what was fetched is kept, and it goes on from there.",
        )

    def _pause(self, tries: int, asked_for: str | None) -> None:
        seconds = _retry_after(asked_for, moment(self.clock))
        if seconds is None:
            seconds = 0.5 * 2 ** (tries - 1)
        self.bucket.sleep(min(SLOWEST, max(0.0, seconds)))

    def _refused(self, response: httpx.Response, method: str, asked: dict[str, str]) -> BadInput:
        month = asked.get("date")
        return BadInput(
            f"data.police.uk does not answer “{method}”" + (f" for {month}." if month else "."),
            where=Where(file=f"{self.address}/{method}"),
            why=f"It says {response.status_code} {response.reason_phrase}. {response.text[:200].strip()}".strip(),
            next_step="Check the month, the force's short name and the area's outline.",
        )

    def within(self, method: str, area: BaseGeometry, month: str) -> Iterator[dict[str, Any]]:
        """Every row of `method` whose map point lies in `area` or on its edge, in `month`, each once.

        `area` is in WGS84 degrees, longitude first. The service is asked for a little more than the area, and what lies
        outside is left out here: so it does not matter what the service does with a point on an edge, that it knows no
        holes, or that a cut across a slanted edge is rounded.
        """
        earlier: list[BaseGeometry] = []
        for polygon in _polygons(area):
            outline = shapely.Polygon(polygon.exterior).buffer(MARGIN, join_style="mitre")
            shapely.prepare(polygon)
            for rows in self._pieces(method, outline, month):
                points = [point_of(row) for row in rows]
                kept = shapely.intersects(polygon, points)
                for before in earlier:
                    kept &= ~shapely.intersects(before, points)
                yield from (row for row, keep in zip(rows, kept, strict=True) if keep)
            earlier.append(polygon)

    def _pieces(self, method: str, outline: BaseGeometry, month: str) -> Iterator[list[dict[str, Any]]]:
        """The rows within an outline, piece by piece. A map point has six decimals, and cuts run between two of them,
        so that none lies on a cut and each is in exactly one piece."""
        answer = self.get(method, {"date": month, "poly": poly(outline)})
        if answer.rows is None:
            for part in cut(outline):
                yield from self._pieces(method, part, month)
            return
        west, south, east, north = outline.bounds
        self.say(f"{month} {method}: {len(answer.rows):,} rows in {west:.3f},{south:.3f} to {east:.3f},{north:.3f}")
        if answer.rows:
            yield list(answer.rows)  # type: ignore[arg-type]

    def months(self) -> dict[str, tuple[str, ...]]:
        """The months published, and the forces whose stops and searches each has."""
        answer = self.get("crimes-street-dates")
        return {row["date"]: tuple(row.get("stop-and-search") or ()) for row in answer.rows or ()}  # type: ignore[union-attr]

    def force_area(self, force: str) -> BaseGeometry:
        """The ground a force polices: its neighbourhoods together. (The service has no outline of a force.)"""
        outlines = []
        for neighbourhood in self.get(f"{force}/neighbourhoods").rows or ():
            ring = self.get(f"{force}/{neighbourhood['id']}/boundary").rows or ()  # type: ignore[index]
            points = [(float(p["longitude"]), float(p["latitude"])) for p in ring]  # type: ignore[index]
            if len(points) > 2:
                outlines.append(shapely.make_valid(shapely.Polygon(points)))
        if not outlines:
            raise BadInput(
                f"data.police.uk publishes no neighbourhoods for “{force}”.",
                where=Where(file=f"{self.address}/{force}/neighbourhoods"),
                next_step="Give the area's outline with --poly.",
            )
        return shapely.unary_union(outlines)

    def provenance(self) -> list[dict[str, Any]]:
        """The note of every answer kept, in the order fetched."""
        notes = [json.loads(file.read_bytes()) for file in self.folder.glob("*.note.json")]
        return sorted(notes, key=lambda note: (note["fetched_at"], note["address"], note["sha256"]))


def _retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, a number or a date; None where it asks for nothing readable."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return (parsedate_to_datetime(value) - now.astimezone(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None


def point_of(row: Mapping[str, Any]) -> shapely.Point:
    """The map point of a crime, an outcome or a stop; an empty point where it has none."""
    place = (row.get("crime") or row).get("location")
    return shapely.Point(float(place["longitude"]), float(place["latitude"])) if place else shapely.Point()


def poly(polygon: BaseGeometry) -> str:
    """The outline as the service reads it: latitude,longitude:latitude,longitude…"""
    return ":".join(f"{y:.9g},{x:.9g}" for x, y in polygon.exterior.coords[:-1])


def cut(polygon: BaseGeometry) -> list[BaseGeometry]:
    """The two halves of an area, cut across its longer side, between two of the service's points.

    Raises BadInput where it is too small to cut.
    """
    west, south, east, north = polygon.bounds
    if max(east - west, north - south) < SMALLEST:
        raise BadInput(
            f"One map point, {south:.6f},{west:.6f}, holds more rows than data.police.uk hands out.",
            why="It answers 503 for more than 10,000 rows, and also when it is out of order.",
            next_step="Try again later; if it stays so, use the monthly archive: https://data.police.uk/data/",
        )
    if east - west >= north - south:
        middle = round((west + east) / 2, 6) + 5e-7
        halves = box(west, south, middle, north), box(middle, south, east, north)
    else:
        middle = round((south + north) / 2, 6) + 5e-7
        halves = box(west, south, east, middle), box(west, middle, east, north)
    parts = [part for half in halves for part in _polygons(polygon.intersection(half))]
    return [part for part in parts if part.area > 0]


def _polygons(shape: BaseGeometry) -> list[BaseGeometry]:
    return [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]
