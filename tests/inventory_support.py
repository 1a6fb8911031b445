"""Each screen that tests/spec/inventory.csv names, opened by somebody whose work it is."""

from __future__ import annotations

from datetime import datetime

import time_machine
from django.test import Client

from concord.jobs import systems
from concord.strategy import Partnership

WHO = {
    "registers": ("manager", "orders", "hate-worker"),
    "agencies": ("board",),
    "agreements": ("dpo",),
    "contacts": ("mash", "yjs", "transitions", "support"),
    "referrals": ("school",),
    "sessions": ("patrol",),
    "subjects": ("youth-worker",),
    "feeds": ("analyst", "dpo"),
    "editions": ("analyst",),
    "assessments": ("school", "yjs"),
}
"""Who opens an address, by how it begins. A forum is opened by whoever coordinates it; the rest by anybody."""
KEYED = {"forums": "forums", "registers": "kept_registers", "directory": "kept_registers", "report": "pathways",
         "instruments": "instruments", "strategy": "themes", "feeds": "feeds"}  # fmt: skip
FIXED = {"strategy": {"definition", "open-questions"}, "feeds": {"exchange", "upload"}}


def screens(home: Partnership) -> list[str]:
    """Every screen of the table that this partnership has: those about a file it lacks are left out."""
    found = []
    for screen in dict.fromkeys(each for row in systems.rows() for each in row["screens"].split()):
        kind, key = [*screen.partition("?")[0].split("/"), ""][1:3]
        kept = getattr(home, KEYED[kind]) if kind in KEYED else {}
        if kind not in KEYED or not key or key in kept or key in FIXED.get(kind, ()):
            found.append(screen)
    return found


def unopened(home: Partnership, at: datetime, *, seated: bool = False) -> dict[str, list[int]]:
    """The screens that nobody whose work it is can open, with the statuses that they got. `seated` leaves out forums
    that nobody of the demonstration coordinates: a trial of the folder seats everybody."""
    from django.contrib.auth import get_user_model

    coordinates = {
        seat.forum: person.username
        for person in (home.demo_people.person if home.demo_people else ())
        for seat in person.sits
        if seat.part == "coordinator"
    }
    clients: dict[str, Client] = {}

    def client(name: str) -> Client:
        if name not in clients:
            clients[name] = Client(headers={"host": "localhost"})
            if name:
                clients[name].force_login(get_user_model().objects.get(username=name))
        return clients[name]

    wrong: dict[str, list[int]] = {}
    with time_machine.travel(at, tick=False):
        for screen in screens(home):
            kind, key = [*screen.split("/"), ""][1:3]
            if seated and kind == "forums" and key and key not in coordinates:
                continue
            people = (coordinates.get(key, "board"),) if kind == "forums" else WHO.get(kind, ("",))
            statuses: list[int] = []
            for name in people:
                statuses.append(client(name).get(screen).status_code)
                if statuses[-1] == 200:
                    break
            else:
                wrong[screen] = statuses
    return wrong
