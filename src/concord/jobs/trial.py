"""A partnership's folder made ready to be tried: with invented people and invented agreements, and marked synthetic.

Nobody can try a folder in which no agreement is signed, and no real one may be tried with invented people in it. So the
trial is a folder of its own that extends the partnership's: its forums, pathways, boards and registers
are the partnership's own files, untouched. Harbourside lends its cast; each person takes the seat and the agency here
that is nearest to the one they have there.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from concord.evidence.extracts.files import make_folder, write_bytes

if TYPE_CHECKING:
    from concord.strategy import Partnership
    from concord.strategy.shapes.demo import DemoPerson

MARK = "Invented for Concord"
UNSIGNED = "Invented for the trial of this folder. No agency has signed it."


@dataclass(frozen=True, slots=True)
class Seat:
    forum: str
    part: str
    seat: str | None


def prepare(real: Path, out: Path, lender: Path, today: date) -> Path:
    """Write the trial of the folder `real` under `out` and return it; a synthetic partnership is its own trial.

    `lender` is the folder whose demonstration people are lent. What was written before is replaced, so that a folder
    that changed is tried as it is now. Raises BrokenFolder for a folder that cannot be read, Environment where the disk
    refuses.
    """
    from concord.strategy import load

    home = load(real)
    if home.synthetic and home.demo_people is not None:
        return real
    lent = load(lender)
    folder = make_folder(out / f"{home.key}_trial")
    beside = out / real.name
    beside.unlink(missing_ok=True)
    # `extends` looks beside the folder: the partnership's own stands there under its own name.
    beside.symlink_to(real.resolve(), target_is_directory=True)
    _write(folder / "partnership.toml", _partnership(real, home))
    for key, pattern in home.agreements.items():
        if not pattern.in_force(today):
            _write(make_folder(folder / "sharing") / f"{key}.toml", _agreement(home, key, today))
    people = list(_people(home, lent))
    _write(folder / "demo_people.toml", _cast(people, _nobodys(home, people)))
    return folder


def _partnership(real: Path, home: Partnership) -> str:
    """The partnership's own file, extending it, marked."""
    lines = (real / "partnership.toml").read_text(encoding="utf-8").splitlines()
    top = next((number for number, line in enumerate(lines) if line.startswith("[")), len(lines))
    kept = [line for line in lines[:top] if not line.startswith(("extends =", "synthetic =", "name ="))]
    marked = [f"name = {_text(f'{home.name} (trial)')}", f"extends = {_text(real.name)}", "synthetic = true"]
    at = next(number for number, line in enumerate(kept) if line.startswith("key ="))
    return "\n".join([*kept[: at + 1], *marked, *kept[at + 1 :], *lines[top:]]) + "\n"


def _agreement(home: Partnership, key: str, today: date) -> str:
    held = home.agreements[key]
    said: dict[str, Any] = {
        "key": key,
        "name": f"{held.name.partition(':')[0]} (trial, invented)",
        "parties": sorted(home.agencies),
        "purposes": list(held.purposes),
        "gateways": list(held.gateways),
        "information": list(held.information),
        "starts_on": today - timedelta(days=730),
        "expires_on": today + timedelta(days=730),
        "lawful_basis": held.lawful_basis,
        "retention": held.retention,
        "signed_by": ["SYN Chief Executive"],
        "feeds": list(held.feeds),
        "forums": list(held.forums),
        "pathways": list(held.pathways),
        "assumed": ["parties", "starts_on", "expires_on", "retention", "lawful_basis"],
    }
    body = "".join(f"{name} = {_value(value)}\n" for name, value in said.items() if value != [])
    return f"{body}\n[source]\ntitle = {_text(MARK)}\nnote = {_text(UNSIGNED)}\n"


def _people(home: Partnership, lent: Partnership) -> Iterator[tuple[DemoPerson, str, list[Seat]]]:
    """(the person lent, their agency here, their seats here); those for whose agency there is no like are left out."""
    cast = lent.demo_people.person if lent.demo_people else ()
    for person in cast:
        agency = _agency(home, lent, person.agency)
        if agency is None:
            continue
        seats = []
        for each in person.sits:
            forum = home.forums.get(each.forum)
            if forum is None:
                continue
            core = {one.key for one in forum.seat}
            likely = (each.seat, agency, "chair" if each.part == "chair" else None)
            seat = next((one for one in likely if one in core), None)
            seats.append(Seat(each.forum, each.part, seat))
        yield person, agency, seats


def _agency(home: Partnership, lent: Partnership, key: str) -> str | None:
    """The same agency, else the whole body of its sector, else any of its sector."""
    if key in home.agencies:
        return key
    sector = lent.agencies[key].sector
    like = [name for name, each in home.agencies.items() if each.sector == sector]
    whole = [name for name in like if home.agencies[name].part_of is None]
    return next(iter(whole or like), None)


def _nobodys(home: Partnership, people: list[tuple[DemoPerson, str, list[Seat]]]) -> dict[str, list[Seat]]:
    """What is still needed for every forum to meet: a coordinator, a chair, and enough of its core seats filled.

    Whoever coordinates or chairs most does so here too; a free seat goes to somebody of that agency, else to anybody
    who does not sit there yet.
    """
    given: dict[str, list[Seat]] = {}
    busiest = {
        part: max(people, key=lambda one: sum(seat.part == part for seat in one[2]))[0].username
        for part in ("coordinator", "chair")
    }
    for key, forum in home.forums.items():
        here = [(person.username, seat) for person, _, seats in people for seat in seats if seat.forum == key]
        filled = {seat.seat for _, seat in here if seat.seat and seat.part != "coordinator"}
        free = [one.key for one in forum.seat if one.key not in filled]
        for part, username in busiest.items():
            if part not in {seat.part for _, seat in here}:
                seat = free.pop(0) if part == "chair" and free else None
                given.setdefault(username, []).append(Seat(key, part, seat))
                here.append((username, Seat(key, part, seat)))
                filled |= {seat} - {None}
        for seat in sorted(free, key=lambda one: one not in forum.quorum.must_have):
            if len(filled) >= forum.quorum.minimum and not set(forum.quorum.must_have) - filled:
                break
            sit = {username for username, _ in here}
            able = [(person, agency) for person, agency, _ in people if person.username not in sit and _sits(person)]
            if not able:
                break
            chosen = next((person for person, agency in able if agency == seat), able[0][0])
            given.setdefault(chosen.username, []).append(Seat(key, "member", seat))
            here.append((chosen.username, Seat(key, "member", seat)))
            filled.add(seat)
    return given


def _sits(person: DemoPerson) -> bool:
    """Whether somebody of the cast sits on forums at all: an analyst or an administrator never does."""
    return bool(person.sits) and any(seat.part == "member" for seat in person.sits)


def _cast(people: list[tuple[DemoPerson, str, list[Seat]]], more: Mapping[str, list[Seat]]) -> str:
    parts = [f"# Invented people, lent to try the folder. Written by Concord.\n\n[source]\ntitle = {_text(MARK)}\n"]
    for person, agency, seats in people:
        said: dict[str, Any] = {
            "username": person.username,
            "name": person.name,
            "title": person.title,
            "agency": agency,
            "roles": list(person.roles),
            "does": person.does,
        }
        if person.referrer_kind:
            said["referrer_kind"] = person.referrer_kind
        every = [*seats, *more.get(person.username, [])]
        sits = ", ".join(
            f"{{ forum = {_text(each.forum)}, part = {_text(each.part)}"
            + (f", seat = {_text(each.seat)}" if each.seat else "")
            + " }"
            for each in every
        )
        body = "".join(f"{name} = {_value(value)}\n" for name, value in said.items())
        parts.append(f"\n[[person]]\n{body}" + (f"sits = [{sits}]\n" if sits else ""))
    return "".join(parts)


def _value(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(_text(each) for each in value)}]"
    return _text(value)


def _text(value: object) -> str:
    return json.dumps(str(value), ensure_ascii=False)


def _write(file: Path, text: str) -> None:
    tomllib.loads(text)
    write_bytes(file, text.encode())
