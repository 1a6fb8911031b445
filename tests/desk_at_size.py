"""A desk of its own with thousands of cases: every page of every role, how much it asks and how it is read.

Run as a process by `tests/integration/test_desk_size.py`: `python desk_at_size.py SUPERUSER_URL CASES`. Prints JSON.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bench"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "concord.config.settings")

import django  # noqa: E402

django.setup()

import desk_data  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import Resolver404, resolve  # noqa: E402

from concord.desk.accounts import queries as accounts  # noqa: E402
from concord.desk.sharing.session import as_viewer  # noqa: E402

BRACKETS = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")
OTHER_FLOORS = ("strategy", "published", "figures", "papers", "feeds", "editions", "releases", "proofread", "account/")
"""What begins the address of a screen that reads the evidence's side, or is another package's."""
BIG = {
    "people_person",
    "referrals_referral",
    "referrals_contact",
    "referrals_party",
    "referrals_step",
    "referrals_identified",
    "panels_item",
    "panels_involvement",
    "panels_research",
    "panels_researchgiven",
    "panels_decision",
    "panels_action",
    "panels_attendance",
    "sharing_grant",
    "audit_auditevent",
}
"""Tables that grow with every case. A forum's meetings do not: a few dozen a year."""
OFTEN = 3
"""How many statements of one shape are planned: for different people the planner may choose differently."""
LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+\b")
_shapes: Counter[str] = Counter()


def main(url: str, cases: int) -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    from concord.jobs import seed
    from concord.strategy import load

    folder = Path(os.environ["CONCORD_PARTNERSHIP"])
    seed.seed(Path("unused"), load(folder), {}, lambda: datetime.now(UTC))
    size = desk_data.Size(persons=cases, events=cases * 2, cases=cases)
    with desk_data.quiet():
        template = desk_data.persons_and_trail(url, size)
        desk_data.cases(url, template, size, 1, cases)
    pages: dict[str, dict[str, Any]] = {}
    for user in get_user_model().objects.filter(partnership="harbourside").order_by("username"):
        for path, found in sweep(user, cases):
            pages[f"{user.username} {path}"] = found
    # A search is a post: the page that asks while somebody types.
    client = signed_in(get_user_model().objects.get(username="mash"))
    given = {"given_name": "Mario", "family_name": "Harington", "only": "list"}
    pages["mash search"] = asked(client, "mash", "/people/find/", given)
    print(json.dumps(pages))


def sweep(user: Any, cases: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every screen of the desk that this person reaches by links from their day, one of each kind."""
    client, seen = signed_in(user), set[str]()
    big = [f"/cases/{desk_data.identifier('item', cases - 30)}/"] if user.username.startswith("mace-") else []
    big += [f"/contacts/{desk_data.identifier('contact', cases - 30)}/"] if user.username == "mash" else []
    waiting = ["/today/", *big]
    while waiting:
        path = waiting.pop(0)
        kind = screen(path)
        if not kind or kind in seen:
            continue
        seen.add(kind)
        found = asked(client, user.username, path)
        if found["status"] == 200:
            waiting += links(found.pop("text"))
            yield path, found


def screen(path: str) -> str:
    """Which screen an address is, with what it lists; "" for what is none of the desk's."""
    if path.lstrip("/").startswith(OTHER_FLOORS):
        return ""
    address, _, asked_for = path.partition("?")
    try:
        name = resolve(address).url_name or ""
    except Resolver404:
        return ""
    if name in ("sign-out", "sign-in", "session-worker", "request-pack"):
        return ""
    shown = re.findall(r"(?:show|operation|status)=\w+", asked_for)
    return f"{name} {' '.join(shown)}"


def links(text: str) -> list[str]:
    return [each.replace("&amp;", "&") for each in re.findall(r'href="(/[^"#]*)"', text)]


def signed_in(user: Any) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def asked(client: Client, username: str, path: str, given: dict[str, str] | None = None) -> dict[str, Any]:
    """One page: its status, how many questions it asks of the database, and the big tables it reads from end to end."""
    client.get("/help-now/")
    with CaptureQueriesContext(connection) as captured:
        began = time.process_time()
        answer = client.post(path, given) if given else client.get(path)
        spent = time.process_time() - began
    statements = [each["sql"] for each in captured if not each["sql"].startswith(BRACKETS)]
    text = "" if answer.streaming else answer.content.decode(errors="replace")
    return {
        "status": answer.status_code,
        "queries": len(statements),
        "seconds": round(spent, 3),
        "read_whole": whole(username, statements),
        "text": text,
    }


def whole(username: str, statements: list[str]) -> list[str]:
    """Each statement, with the big table that the plan under the viewer's walls reads from end to end."""
    found = []
    with as_viewer(accounts.viewer_named(username)), connection.cursor() as cursor:
        for each in statements:
            shape = LITERAL.sub("?", each)
            _shapes[shape] += 1
            if not each.startswith("SELECT") or "set_config" in each or _shapes[shape] > OFTEN:
                continue
            cursor.execute("EXPLAIN (FORMAT JSON) " + each.replace("%", "%%"))
            (plan,) = cursor.fetchone()
            tables = {node["Relation Name"] for node in nodes(plan[0]["Plan"]) if node["Node Type"] == "Seq Scan"}
            found += [f"{table}: {each[:400]}" for table in sorted(tables & BIG)]
    return found


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from nodes(each)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
