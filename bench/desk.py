"""The desk at size: open a case, list, search, with eight people at once, at few and at many cases.

    python bench/desk.py                                    1 million persons, 5 million lines of trail, 250,000 cases
    python bench/desk.py --persons 100000 --events 500000 --cases 25000
    python bench/desk.py --home /somewhere                  keep the data there, and use it the next time

Makes a home of its own with the real embedded PostgreSQL, seeds the demonstration's people and half a year of their
work through the real operations, and multiplies what they made (`desk_data.py`). Eight people then sign in to the real
server, started as `concord serve` starts it, and ask in turn (`desk_load.py`, a process of its own): once with a second
to think between two pages, as people work, once with none. Beside each page: the server's own time of it, the questions
it asks of the database, and the same rows by bare SQL (`desk_floor.py`). The home is deleted at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "partnerships" / "harbourside"
USERS = 8
LIMITS = {"open": 0.120, "list": 0.180, "search": 0.200, "trail": 2.000}
"""Seconds that 95 of 100 answers must keep to."""
MOST_QUERIES = 30
LOGGED = re.compile(r"^(\d+) (\S+)$")


@dataclass(slots=True)
class Table:
    """What was measured at one number of cases: seconds by page."""

    thinking: dict[str, list[float]] = field(default_factory=dict)
    in_server: dict[str, list[float]] = field(default_factory=dict)
    at_once: dict[str, list[float]] = field(default_factory=dict)
    alone: dict[str, list[float]] = field(default_factory=dict)
    spent: dict[str, list[float]] = field(default_factory=dict)
    """Of a processor, by the server and the database together, for somebody alone."""
    floor: dict[str, list[float]] = field(default_factory=dict)
    asked: float = 0.0
    """Pages a second with no time to think."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--cases", type=int, default=250_000)
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=6, help="how often each person asks for each page")
    parser.add_argument("--home", type=Path, help="keep the data here; used again if it is whole")
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="concord-bench-desk-"))
    try:
        run(home, options)
    finally:
        if options.home is None:
            shutil.rmtree(home, ignore_errors=True)


def run(home: Path, options: argparse.Namespace) -> None:
    import desk_data

    from concord.config import postgres, server

    with postgres.running(home) as database:
        environment = server.django_environment(home, FOLDER, database.environment(), demo=True)
        os.environ.update(environment)
        server.migrate(environment)
        url = database.superuser_url.replace("/postgres?", "/concord?")
        size = desk_data.Size(options.persons, options.events, options.cases)
        whole, tables = home / "bench.json", {}
        began = time.perf_counter()
        if whole.exists():
            print(f"the data of {home} as it stands: {whole.read_text()}")
        else:
            seed(home)
            template = desk_data.persons_and_trail(url, size)
            happened = desk_data.cases(url, template, size, 1, options.few)
            tables[options.few] = measure(environment, url, options.few, options)
            happened += desk_data.cases(url, template, size, options.few + 1, options.cases)
            print(f"  with the cases came {happened:,} steps, research, decisions, actions and attendances")
            whole.write_text(json.dumps({"persons": options.persons, "events": options.events, "cases": options.cases}))
        tables[options.cases] = measure(environment, url, options.cases, options)
        report(tables, queries(options.cases, searches(url)))
        print(f"all of it: {time.perf_counter() - began:.0f} s", flush=True)


def seed(home: Path) -> None:
    import django

    django.setup()
    from concord.jobs import seed as seeding
    from concord.strategy import load

    began = time.perf_counter()
    made = seeding.seed(home, load(FOLDER), {}, lambda: datetime.now(UTC))
    print(f"seeded in {time.perf_counter() - began:.0f} s: {json.dumps(made)}", flush=True)


def pages() -> list[dict[str, Any]]:
    """Every page that is asked for: its name, kind, who opens it, its address (of the n-th case where it has one)."""

    def page(name: str, kind: str, who: str, path: str, of: str = "") -> dict[str, Any]:
        return {"name": name, "kind": kind, "who": who, "path": path, "of": of}

    return [
        page("open a case", "open", "mace-coordinator", "/cases/{}/", "item"),
        page("open a contact", "open", "mash", "/contacts/{}/", "contact"),
        page("open a person", "open", "mash", "/people/{}/?from=case-BENCH", "person"),
        page("my day, coordinator", "list", "mace-coordinator", "/today/"),
        page("my day, MASH", "list", "mash", "/today/"),
        page("the queue", "list", "mash", "/contacts/"),
        page("what was decided", "list", "mash", "/contacts/?show=decided"),
        page("the forum", "list", "mace-coordinator", "/forums/mace/"),
        page("an agenda", "list", "mace-coordinator", "/meetings/{}/", "meeting"),
        page("its past meetings", "list", "mace-coordinator", "/forums/mace/past/"),
        page("cases to list", "list", "mace-coordinator", "/forums/mace/cases/"),
        page("actions", "list", "mace-coordinator", "/actions/"),
        page("actions closed", "list", "mace-coordinator", "/actions/?show=closed"),
        page("search", "search", "mash", "/people/find/"),
        page("who looked", "trail", "dpo", "/who-looked/person/{}/", "person"),
    ]


def searches(url: str) -> list[dict[str, str]]:
    """What people type: of persons on record, a name in full, its beginning, a slip in it, with a day of birth or a
    postcode or without."""
    import psycopg

    with psycopg.connect(url) as database:
        rows = database.execute(
            "SELECT given_name, replace(family_name, '-SYN', ''), born_on, postcode FROM people_person"
            " WHERE id = ANY (SELECT md5('person' || n)::uuid FROM generate_series(1, 997, 21) n)"
        ).fetchall()
    found = []
    for number, (given, family, born, postcode) in enumerate(rows):
        day = {"born_on_0": str(born.day), "born_on_1": str(born.month), "born_on_2": str(born.year)}
        slip = family[:2] + family[3:]
        found.append(
            [
                {"given_name": given, "family_name": family},
                {"given_name": given[:3], "family_name": family[:4]},
                {"given_name": given, "family_name": slip, **day},
                {"family_name": family, **day},
                {"given_name": given, "family_name": family, "postcode": postcode},
            ][number % 5]
        )
    return found


def planned(cases: int, numbers: list[int]) -> list[dict[str, Any]]:
    from desk_data import dozen, identifier

    found = []
    for each in pages():
        of = each.pop("of")
        if of:
            template = each.pop("path")
            each["paths"] = {
                str(n): template.format(identifier(of, dozen(n) if of == "meeting" else n)) for n in numbers
            }
        found.append(each)
    return found


def measure(environment: dict[str, str], url: str, cases: int, options: argparse.Namespace) -> Table:
    """Seconds of each page at this number of cases: people who think, people who do not, one alone, and bare SQL."""
    import desk_floor

    pick, table = random.Random(cases), Table()  # noqa: S311
    numbers = [pick.randint(1, cases) for _ in range(400)]
    typed = searches(url)
    with serving(environment) as (address, log, watched):
        ask(address, cases, numbers, typed, users=2, rounds=1, think=0.0)
        log.write_text("")
        table.thinking = ask(address, cases, numbers, typed, users=USERS, rounds=options.rounds, think=1.0)["pages"]
        table.in_server = server_times(log)
        hurried = ask(address, cases, numbers, typed, users=USERS, rounds=options.rounds, think=0.0)
        table.at_once = hurried["pages"]
        table.asked = sum(map(len, table.at_once.values())) / hurried["seconds"]
        quiet = ask(address, cases, numbers, typed, users=1, rounds=options.rounds * 2, think=0.0, watch=watched)
        table.alone, table.spent = quiet["pages"], quiet["spent"]
    table.floor = desk_floor.floor(url, cases, options.rounds * 2)
    return table


def ask(
    address: str,
    cases: int,
    numbers: list[int],
    typed: list[dict[str, str]],
    *,
    users: int,
    rounds: int,
    think: float,
    watch: Sequence[int] = (),
) -> dict[str, Any]:
    plan = {
        "watch": list(watch),
        "searches": typed,
        "address": address,
        "users": users,
        "rounds": rounds,
        "think": think,
        "numbers": numbers,
        "pages": planned(cases, numbers),
        "seed": users * 1000 + rounds,
    }
    done = subprocess.run(
        [sys.executable, str(ROOT / "bench" / "desk_load.py")],
        input=json.dumps(plan),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"the people could not work: {done.stderr[-2000:]}")
    answered: dict[str, Any] = json.loads(done.stdout)
    return answered


@contextmanager
def serving(environment: dict[str, str]):  # type: ignore[no-untyped-def]
    """The server as `concord serve` runs it, with its own time of each answer in a log."""
    import psutil

    from concord.config import server

    log = Path(environment["CONCORD_HOME"]) / "times.log"
    said = f"--access-logfile {log} --access-logformat '%(D)s %(U)s'"
    with server.serving({**environment, "GUNICORN_CMD_ARGS": said}, server.choose_port(0)) as address:
        home = Path(environment["CONCORD_HOME"])
        postmaster = int((home / "pg" / "postmaster.pid").read_text().split()[0])
        servers = [each.pid for each in psutil.Process().children() if "gunicorn" in " ".join(each.cmdline())]
        yield address, log, [postmaster, *servers]


def server_times(log: Path) -> dict[str, list[float]]:
    """The server's own seconds by page, from its log."""
    patterns = []
    for each in pages():
        path, _, asked = each["path"].partition("?")
        if asked and not each["of"]:
            continue  # the log has no query: its time is with that of the page without one
        patterns.append((each["name"], re.compile(re.escape(path).replace(r"\{\}", "[0-9a-f-]{36}") + "$")))
    found: dict[str, list[float]] = {}
    for line in log.read_text().splitlines():
        parts = LOGGED.match(line)
        for name, pattern in patterns if parts else ():
            if pattern.match(parts[2]):  # type: ignore[index]
                found.setdefault(name, []).append(int(parts[1]) / 1e6)  # type: ignore[index]
                break
    return found


def queries(cases: int, typed: list[dict[str, str]]) -> dict[str, int]:
    """How many questions to the database each page asks, the frame's included."""
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client as InProcess
    from django.test.utils import CaptureQueriesContext

    found = {}
    brackets = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")
    for each in planned(cases, [cases // 2]):
        client = InProcess(headers={"host": "localhost"})
        client.force_login(get_user_model().objects.get(username=each["who"]))
        path = each["paths"][str(cases // 2)] if "paths" in each else each["path"]
        with CaptureQueriesContext(connection) as captured:
            answer = client.post(path, typed[2]) if each["kind"] == "search" else client.get(path)
        assert answer.status_code == 200, path
        found[each["name"]] = sum(not one["sql"].startswith(brackets) for one in captured)
    return found


def report(tables: dict[int, Table], counts: dict[str, int]) -> None:
    """The table. Limits hold for the most cases and people who think; the rest says why."""
    few, many = tables.get(min(tables)), tables[max(tables)]
    print(f"\n8 people, milliseconds; {', '.join(f'{size:,}' for size in tables)} cases")
    head = (
        "page",
        "limit",
        "p95 few",
        "p95 many",
        "many/few",
        "in server",
        "no think",
        "processor",
        "alone",
        "bare SQL",
        "/bare",
        "queries",
    )
    print(f"{head[0]:<22}" + "".join(f"{each:>10}" for each in head[1:]))
    wrong = 0
    for each in pages():
        name, limit = each["name"], LIMITS[each["kind"]]
        large, small = p95(many.thinking[name]), p95(few.thinking[name])
        middle = [statistics.median(table.thinking[name]) for table in (many, few)]
        alone = statistics.median(many.alone[name])
        bare = statistics.median(many.floor[name]) if name in many.floor else None
        over = large > limit or counts[name] > MOST_QUERIES
        wrong += over
        cells = [
            ms(limit),
            ms(small),
            ms(large),
            f"{middle[0] / middle[1]:.2f}",
            ms(p95(many.in_server.get(name))),
            ms(p95(many.at_once[name])),
            ms(statistics.median(many.spent[name])),
            ms(alone),
            f"{bare * 1000:.1f}" if bare else "",
            f"{alone / bare:.0f}" if bare else "",
            str(counts[name]),
        ]
        print(f"{name:<22}" + "".join(f"{cell:>10}" for cell in cells) + ("  over" if over else ""))
    print(f"{wrong} over their limit; without time to think {many.asked:.1f} pages a second")
    print(
        "many/few compares the medians. At the most cases: in server and no think are p95; processor (of server and"
        "\ndatabase together, for somebody alone), alone and bare SQL are medians."
    )


def p95(seconds: list[float] | None) -> float | None:
    return sorted(seconds)[int(len(seconds) * 0.95)] if seconds else None


def ms(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1000:.0f}"


if __name__ == "__main__":
    main()
