"""The ledger of clerical review: every opinion about a pair of records, in order, never changed.

`linkage/decisions.jsonl` in a home holds one line for each act, and each line the digest of the line before it, so
that a changed, removed or reordered line is found. It names reviewers and pseudonyms and no one else: a reason is one
of the partnership's list, because free words could hold a name.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from concord.evidence.extracts.files import Clock, explaining_disk, make_folder, moment, one_at_a_time
from concord.evidence.linkage.joining import contradictions
from concord.evidence.linkage.review import Entry, Pair, Record, Review, Verdict, after, held, pair, standing
from concord.kernel.errors import BadInput, Refused, Where
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.linkage import Linkage

_FIRST = "0" * 64


def ledger_file(home: Path) -> Path:
    return home / "linkage" / "decisions.jsonl"


def entries(home: Path) -> tuple[Entry, ...]:
    """Every act, oldest first. Raises BadInput where a line was changed, removed or moved."""
    return tuple(entry for entry, _ in _read(ledger_file(home)))


def reviews(home: Path) -> Mapping[Pair, Review]:
    """Where every pair stands that anyone has looked at."""
    return standing(entries(home))


def decide(
    home: Path,
    linkage: Linkage,
    one: Record,
    other: Record,
    *,
    verdict: Verdict,
    reviewer: str,
    reason: str,
    clock: Clock | datetime,
    known: Callable[[Record], bool] | None = None,
) -> Review:
    """Keep one reviewer's opinion about a pair of records; returns where the pair stands then.

    `reason` is a key of `reviewing` in the partnership's linkage file. `known` tells whether a record is loaded.
    Raises Refused where the rules of review or an earlier decision forbid it, BadInput for a record nobody holds.
    """
    pairs = pair(one, other)
    for record in pairs:
        if known is not None and not known(record):
            raise BadInput(
                f"No record of feed “{record[0]}” has the pseudonym {record[1]}.",
                next_step="Take the pair from the queue; run concord link if feeds were loaded again since.",
            )
    return _add(home, linkage, Entry("opinion", pairs, reviewer, reason, moment(clock), verdict))


def reopen(
    home: Path, linkage: Linkage, one: Record, other: Record, *, reviewer: str, reason: str, clock: Clock | datetime
) -> Review:
    """Ask for a settled pair to be looked at again. What was decided stands until the new round is settled."""
    return _add(home, linkage, Entry("reopened", pair(one, other), reviewer, reason, moment(clock)))


def _add(home: Path, linkage: Linkage, entry: Entry) -> Review:
    if entry.reason not in linkage.reviewing:
        raise Refused(
            f"“{entry.reason}” is not one of the partnership's reasons.",
            where=Where(file="linkage.toml", key="reviewing"),
            why="Free words could hold a name, and this ledger holds none.",
            next_step=did_you_mean(entry.reason, linkage.reviewing),
        )
    file = ledger_file(home)
    make_folder(file.parent, private=True)
    with one_at_a_time(file.with_suffix(".lock")), explaining_disk(file):
        _drop_torn_line(file)
        lines = _read(file)
        before = standing(entry for entry, _ in lines)
        now = after(before.get(entry.pair, Review()), entry)
        _refuse_circles({**before, entry.pair: now})
        fields = _to_json(entry, len(lines) + 1, lines[-1][1] if lines else _FIRST)
        fields["hash"] = _digest(fields)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "ab") as stream:
            stream.write((json.dumps(fields, sort_keys=True, ensure_ascii=False) + "\n").encode())
            stream.flush()
            os.fsync(stream.fileno())
    return now


def _refuse_circles(after_it: Mapping[Pair, Review]) -> None:
    """Raises Refused where decisions that stand would join a pair that another decision keeps apart."""

    def named(pairs: tuple[Pair, ...]) -> list[tuple[str, str]]:
        return [(":".join(a), ":".join(b)) for a, b in pairs]

    circle = contradictions(named(held(after_it, "same")), named(held(after_it, "different")))
    if circle:
        one, other = circle[0]
        raise Refused(
            "This decision cannot stand beside earlier ones.",
            why=f"{one} and {other} were decided to be two people, and decisions of “same” would join them.",
            next_step="Reopen the decision that is wrong, and come back to this pair when it is settled.",
        )


def _to_json(entry: Entry, number: int, previous: str) -> dict[str, Any]:
    return {
        "number": number,
        "act": entry.act,
        "pair": [list(record) for record in entry.pair],
        "verdict": entry.verdict,
        "reviewer": entry.reviewer,
        "reason": entry.reason,
        "at": entry.at.isoformat(),
        "previous": previous,
    }


def _digest(fields: Mapping[str, Any]) -> str:
    plain = {name: value for name, value in fields.items() if name != "hash"}
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _drop_torn_line(file: Path) -> None:
    """A last line without its end was being written when the machine stopped; nobody was told that it was kept."""
    content = file.read_bytes() if file.exists() else b""
    if content and not content.endswith(b"\n"):
        os.truncate(file, content.rfind(b"\n") + 1)


def _read(file: Path) -> list[tuple[Entry, str]]:
    found: list[tuple[Entry, str]] = []
    previous = _FIRST
    lines = file.read_text(encoding="utf-8").split("\n")[:-1] if file.exists() else []
    for number, line in enumerate(lines, start=1):
        try:
            fields = json.loads(line)
            one, other = (tuple(record) for record in fields["pair"])
            at = datetime.fromisoformat(fields["at"])
            entry = Entry(fields["act"], (one, other), fields["reviewer"], fields["reason"], at, fields["verdict"])
            follows = fields["number"] == number and fields["previous"] == previous
            whole = _digest(fields) == fields["hash"]
            previous = fields["hash"]
        except (ValueError, TypeError, KeyError) as problem:
            raise _broken(file, number, "The line cannot be read.") from problem
        if not follows:
            raise _broken(file, number, "It does not follow the line before it.")
        if not whole:
            raise _broken(file, number, "Its content is not what was written.")
        found.append((entry, previous))
    return found


def _broken(file: Path, line: int, why: str) -> BadInput:
    return BadInput(
        "The ledger of clerical review has been changed.",
        where=Where(file=file, line=line),
        why=why,
        next_step="Restore linkage/decisions.jsonl from a backup; nothing is linked until it is whole.",
    )
