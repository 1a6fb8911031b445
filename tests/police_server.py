"""A server that speaks data.police.uk's protocol on this machine, with invented rows and, where asked, bad manners."""

from __future__ import annotations

import gzip
import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import shapely

CATEGORIES = {
    "all-crime": "All crime",
    "anti-social-behaviour": "Anti-social behaviour",
    "violent-crime": "Violence and sexual offences",
    "burglary": "Burglary",
}
WEST, SOUTH, EAST, NORTH = -0.08, 51.48, 0.02, 51.55


def _crime(number: int, draw: random.Random, month: str) -> dict[str, Any]:
    """A crime as the service writes one. Its points lie on a coarse grid, so that many share a point and an edge."""
    kind = draw.choice(list(CATEGORIES)[1:])
    silent = kind == "anti-social-behaviour"
    place = {
        "latitude": f"{SOUTH + draw.randrange(71) / 1000:.6f}",
        "longitude": f"{WEST + draw.randrange(101) / 1000:.6f}",
        "street": {"id": draw.randrange(900_000, 900_400), "name": draw.choice(["On or near High Street", 'A "Q", B'])},
    }
    return {
        "category": kind,
        "location_type": draw.choice(["Force", "BTP"]),
        "location": place,
        "context": "",
        "outcome_status": None if silent else {"category": "Under investigation", "date": month},
        "persistent_id": "" if silent else f"{number:064x}",
        "id": number,
        "location_subtype": "",
        "month": month,
    }


def _stop(draw: random.Random, month: str) -> dict[str, Any]:
    place = _crime(1, draw, month)["location"]
    return {
        "type": "Person search",
        "involved_person": True,
        "datetime": f"{month}-{draw.randrange(1, 28):02d}T{draw.randrange(24):02d}:00:00+00:00",
        "operation": draw.choice([False, None]),
        "operation_name": None,
        "location": place,
        "gender": draw.choice(["Male", None]),
        "age_range": draw.choice(["18-24", None]),
        "self_defined_ethnicity": None,
        "officer_defined_ethnicity": "White",
        "legislation": None,
        "object_of_search": "Controlled drugs",
        "outcome": "Arrest",
        "outcome_object": {"id": "bu-arrest", "name": "Arrest"},
        "outcome_linked_to_object_of_search": None,
        "removal_of_more_than_outer_clothing": False,
    }


@dataclass
class Service:
    """What the server holds and how it behaves. `asked` lists every request that reached it."""

    months: tuple[str, ...] = ("2023-01", "2023-02")
    crimes: int = 400
    most: int = 10_000
    inclusive: bool = True
    per_second: float = 15.0
    burst: float = 30.0
    release: str = "2023-03-05"
    faults: list[str] = field(default_factory=list)
    """What the next requests for rows meet, one each: break, cut, 500, 429, 429 dated, hang up."""
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    refused_for_speed: int = 0
    level: float = 0.0
    at: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        draw = random.Random(20230305)
        self.held = {m: [_crime(i * 1000 + n, draw, m) for n in range(self.crimes)] for i, m in enumerate(self.months)}
        self.stops = {m: [_stop(draw, m) for _ in range(self.crimes // 2)] for m in self.months}
        self.nowhere = {m: [{**_crime(900_000 + i, draw, m), "location": None, "location_type": None}]
                        for i, m in enumerate(self.months)}  # fmt: skip

    def outcomes(self, month: str) -> list[dict[str, Any]]:
        solved = [c for c in self.held[month] if c["persistent_id"]]
        # Two rows alike are two outcomes: nothing may take them for one.
        return [{"category": {"code": "local-resolution", "name": "Local resolution"}, "date": month, "person_id": None,
                 "crime": crime} for crime in [*solved, *solved[:20]]]  # fmt: skip

    def inside(self, rows: list[dict[str, Any]], outline: str) -> list[dict[str, Any]]:
        ring = [tuple(map(float, pair.split(",")))[::-1] for pair in outline.split(":")]
        area = shapely.Polygon(ring)
        places = [(row.get("crime") or row)["location"] for row in rows]
        points = shapely.points([[float(p["longitude"]), float(p["latitude"])] for p in places])
        found = shapely.intersects(area, points) if self.inclusive else shapely.contains(area, points)
        return [row for row, yes in zip(rows, found, strict=True) if yes]

    def too_fast(self) -> bool:
        with self.lock:
            now = time.monotonic()
            self.level = max(0.0, self.level - (now - self.at) * self.per_second)
            self.at = now
            if self.level + 1 > self.burst:
                self.refused_for_speed += 1
                return True
            self.level += 1
            return False

    def answer(self, path: str, asked: dict[str, str]) -> tuple[int, Any]:
        month = asked.get("date", self.months[-1])
        fixed: dict[str, Any] = {
            "crime-last-updated": {"date": self.release},
            "crimes-street-dates": [{"date": m, "stop-and-search": ["metropolitan"]} for m in reversed(self.months)],
            "crime-categories": [{"url": url, "name": name} for url, name in CATEGORIES.items()],
            "metropolitan/neighbourhoods": [{"id": "E1", "name": "West half"}, {"id": "E2", "name": "East half"}],
            "metropolitan/E1/boundary": _ring(WEST, SOUTH, -0.03, NORTH),
            "metropolitan/E2/boundary": _ring(-0.03, SOUTH, EAST, NORTH),
            "elsewhere/neighbourhoods": [],
        }
        if path in fixed:
            return 200, fixed[path]
        if month not in self.months:
            return 404, None
        if path == "crimes-no-location":
            return 200, self.nowhere[month]
        if path == "stops-no-location":
            return 200, [{**self.stops[month][0], "location": None}]
        held = {"crimes-street/all-crime": self.held, "stops-street": self.stops}
        rows = self.outcomes(month) if path == "outcomes-at-location" else held.get(path, {}).get(month)
        if rows is None:
            return 404, None
        found = self.inside(rows, asked["poly"])
        return (503, None) if len(found) > self.most else (200, found)


def _ring(west: float, south: float, east: float, north: float) -> list[dict[str, str]]:
    corners = ((west, south), (east, south), (east, north), (west, north))
    return [{"longitude": str(x), "latitude": str(y)} for x, y in corners]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_anything: object) -> None:
        pass

    def do_GET(self) -> None:
        self.respond("GET", urlsplit(self.path).query)

    def do_POST(self) -> None:
        self.respond("POST", self.rfile.read(int(self.headers["Content-Length"])).decode())

    def respond(self, how: str, query: str) -> None:
        service: Service = self.server.service  # type: ignore[attr-defined]
        path = urlsplit(self.path).path.removeprefix("/api/")
        asked = {key: values[0] for key, values in parse_qs(query).items()}
        service.asked.append((how, path, asked))
        if len(self.path) > 4094:
            self.send(400, b"")
            return
        if service.too_fast():
            self.send(429, b"", {"Retry-After": "1"})
            return
        fault = service.faults.pop(0) if service.faults and "date" in asked else ""
        if fault in ("500", "429"):
            self.send(int(fault), b"", {"Retry-After": "0"} if fault == "429" else {})
            return
        if fault == "429 dated":
            self.send(429, b"", {"Retry-After": "Wed, 22 Nov 2026 09:30:07 GMT"})
            return
        if fault == "hang up":
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, content = service.answer(path, asked)
        body = json.dumps(content).encode() if status == 200 else b""
        if fault == "cut":  # whole to HTTP, half an answer to JSON
            self.send(200, body[: len(body) // 2])
            return
        headers = {"Content-Type": "application/json"}
        if body and "gzip" in self.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        self.send(status, body, headers, broken=fault == "break")

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None, *, broken: bool = False) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if broken else body)
        if broken:
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """The address of a server of `service` on the loopback address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.service = service  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
