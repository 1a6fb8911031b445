"""Several people at once at the desk's real server: signs in, asks pages in turn, prints seconds by page as JSON.

A process of its own, so that the clock that measures shares nothing with what is measured but the machine. Run by
`desk.py`; the plan (address, users, rounds, think, pages) comes as JSON on standard input.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import sys
import threading
import time
import urllib.parse
from pathlib import Path
from typing import Any


class Client:
    """One signed-in account: a connection kept open as a browser keeps it, and its cookies."""

    def __init__(self, address: str, username: str) -> None:
        self.host = urllib.parse.urlsplit(address).netloc
        self.cookies: dict[str, str] = {}
        self.connection = http.client.HTTPConnection(self.host, timeout=120)
        status, _ = self.post("/sign-in/", {"person": username})
        assert status in (302, 303), f"{username} could not sign in: {status}"
        self.token = ""

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Referer": f"http://{self.host}{path}",
            }
        for again in (True, False):
            try:
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                text = answer.read().decode()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # The server closes a connection that idles; a browser opens another.
                self.connection.close()
                if not again:
                    raise
        for each in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = each.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, text

    def post(self, path: str, given: dict[str, str]) -> tuple[int, str]:
        token = getattr(self, "token", "")
        if not token:
            _, page = self.ask("GET", path)
            found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
            token = self.token = found[1] if found else ""
        return self.ask("POST", path, urllib.parse.urlencode({"csrfmiddlewaretoken": token, **given}))


def on_processor(roots: list[int]) -> float:
    """Seconds that these processes and all below them have had of a processor, to the nanosecond; what ended counts no
    more. 0 where the system does not say."""
    total = 0
    for root in roots:
        for process in (root, *below(root)):
            try:
                tasks = [each / "schedstat" for each in Path(f"/proc/{process}/task").iterdir()]
                total += sum(int(each.read_text().split()[0]) for each in tasks)
            except OSError:
                continue
    return total / 1e9


def below(process: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{process}/task").iterdir():
        children = [int(each) for each in (task / "children").read_text().split()]
        found += [deeper for each in children for deeper in (each, *below(each))]
    return found


def user(
    seed: int,
    plan: dict[str, Any],
    found: dict[str, list[float]],
    spent: dict[str, list[float]],
    lock: threading.Lock,
) -> None:
    """One person: every page once a round in an order of their own, with time to think before each."""
    pick = random.Random(plan["seed"] + seed)  # noqa: S311
    pages = plan["pages"]
    clients = {who: Client(plan["address"], who) for who in {each["who"] for each in pages}}
    time.sleep(pick.random() * plan["think"])
    for turn in range(plan["rounds"] + 1):
        for each in pick.sample(pages, len(pages)):
            if plan["think"] and turn:
                time.sleep(pick.uniform(0.5, 1.5) * plan["think"])
            number = pick.choice(plan["numbers"])
            path = each["paths"][str(number)] if "paths" in each else each["path"]
            client = clients[each["who"]]
            before = on_processor(plan["watch"]) if plan["watch"] else 0.0
            began = time.perf_counter()
            if each["kind"] == "search":
                status, text = client.post(path, {"only": "list", **pick.choice(plan["searches"])})
            else:
                status, text = client.ask("GET", path)
            took = time.perf_counter() - began
            assert status == 200, f"{each['name']} {path}: {status} {text[:300]}"
            if turn:  # the first round warms the workers
                with lock:
                    found.setdefault(each["name"], []).append(took)
                    if plan["watch"]:
                        spent.setdefault(each["name"], []).append(on_processor(plan["watch"]) - before)


def main() -> None:
    plan = json.load(sys.stdin)
    found: dict[str, list[float]] = {}
    spent: dict[str, list[float]] = {}
    wrong: list[str] = []
    lock = threading.Lock()

    def work(seed: int) -> None:
        try:
            user(seed, plan, found, spent, lock)
        except Exception as problem:
            wrong.append(repr(problem))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(plan["users"])]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        sys.exit(wrong[0])
    json.dump({"seconds": time.perf_counter() - began, "pages": found, "spent": spent}, sys.stdout)


if __name__ == "__main__":
    main()
