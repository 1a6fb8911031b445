"""The one door out of evidence: from a finding to a `Release` for one audience under one rule, or to nothing.

`release` does it at once, where two people are at hand; `queue.py` lets the second come later. Both write in the same
order, so that a machine that stops in between leaves nothing released by half.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from concord.evidence.disclosure import files
from concord.evidence.disclosure.codes import digest_signs
from concord.evidence.disclosure.figures import index_figure
from concord.evidence.disclosure.history import universes
from concord.evidence.disclosure.ledger import Ledger
from concord.evidence.disclosure.model import Release
from concord.evidence.disclosure.preparing import prepare
from concord.evidence.disclosure.primary import check
from concord.evidence.disclosure.reopening import load_release
from concord.evidence.extracts.sealing import key
from concord.evidence.findings.model import Finding
from concord.kernel.errors import Refused
from concord.strategy.shapes.disclosure import Rule


def release(
    finding: Finding,
    *,
    rule: Rule,
    audience: str,
    home: Path,
    requested_by: str,
    approved_by: str,
    clock: Callable[[], datetime],
) -> Release:
    """Release `finding` to `audience` under `rule` (or what the rule demands of the finding's source class).

    The same finding under the same rule is the same release: it is returned as it was first approved.
    Everything that any reader of it can read as well is part of what the attacker is given.

    Raises Refused where requester and approver are one, the rule is not for the audience, the finding's words hold a
    hidden number, or the attacker's audit exposes a cell; BadInput where a table is not what it says.
    """
    rule = rule.of(*finding.source_classes)
    two_people(requested_by, approved_by)
    for_audience(rule, audience)
    check(finding)
    ledger = Ledger(home)
    identifier = release_id(finding, rule, audience, home)
    named = universes(finding.name, finding.tables)
    with ledger.locked():
        if ledger.released(identifier) is not None:
            return load_release(home, identifier)
        at = clock()
        line = {
            "release": identifier,
            "finding": finding.name,
            "audience": audience,
            "rule": rule.key,
            "requested_by": requested_by,
            "approved_by": approved_by,
            "universes": named,
        }
        try:
            prepared = prepare(
                finding,
                rule=rule,
                audience=audience,
                identifier=identifier,
                requested_by=requested_by,
                earlier=readable(ledger, home, named, rule, audience),
                at=at,
            )
        except Refused as refusal:
            ledger.append_all([{**line, "event": "refused", "detail": f"{refusal.what}: {refusal.why}"}], at=at)
            raise
        made = replace(prepared.release, approved_by=approved_by)
        # The line last: until the ledger has it, nothing is released, and doing it again completes it.
        ledger.append_all([{**line, "event": "released", "digest": write(home, made)}], at=at)
    return made


def write(home: Path, made: Release) -> str:
    """Put a release and its figure codes in their places. Returns the digest that its ledger line must hold."""
    content = files.release_bytes(made)
    files.write_whole(home / "releases" / f"{made.id}.json", content)
    for table in made.tables:
        index_figure(home, made, table)
    return files.sha256(content)


def release_id(finding: Finding, rule: Rule, audience: str, home: Path) -> str:
    """The same in one home for the same finding, rule and audience; different when anything in them differs.

    Keyed: a plain digest of a finding would let a reader try values for the hidden counts until the name fits.
    """
    return keyed("R", [finding, rule, audience], home, 12)


def keyed(letter: str, content: Any, home: Path, signs: int) -> str:
    """A name that only this home could have made of `content`."""
    found = hmac.new(key(home, "disclosure"), files.canonical(content).encode(), "sha256").hexdigest()
    return f"{letter}-{digest_signs(found, signs)}"


def two_people(requested_by: str, approved_by: str) -> None:
    """Raises Refused unless both are named and they are not the same person."""
    if not requested_by.strip() or not approved_by.strip():
        raise Refused(
            "A release needs a named requester and a named approver", next_step="say who asks and who approves"
        )
    if same_person(requested_by, approved_by):
        raise Refused(
            f"{requested_by} cannot approve their own release",
            why="requester and approver must be different people",
            next_step="ask another person with the approver role",
        )


def same_person(one: str, other: str) -> bool:
    """Whether two names are one, however they are spaced and capitalised."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def for_audience(rule: Rule, audience: str) -> None:
    """Raises Refused unless `rule` serves `audience`."""
    if audience not in rule.audiences:
        raise Refused(
            f"Rule “{rule.key}” is not for the audience “{audience}”",
            why=f"it serves: {', '.join(rule.audiences)}",
            next_step="choose the rule of that audience in disclosure.toml",
        )


def readable(
    ledger: Ledger, home: Path, named: Iterable[str], rule: Rule, audience: str, *, after: int = 0
) -> list[Release]:
    """Releases that count any of the same things and that a reader of this one can read, newest first.

    What goes to the public goes to board members too, who hold board papers as well. Papers made under a looser rule
    than this one are left out for readers who are not their audience: they tell nobody who did not know. Whoever may
    see small numbers has nothing kept from them, so there is nothing to hold theirs against. `after` keeps only those
    that lines after that number let out.
    """
    if rule.shows_small_numbers:
        return []
    own = {audience, *rule.reads.get(audience, ())}
    wider = {name for name, reads in rule.reads.items() if audience in reads}
    wanted = set(named)
    found: dict[str, Release] = {}
    for entry in reversed(ledger.entries()[after:]):
        if entry.releases and entry.audience in own | wider and wanted.intersection(entry.universes):
            earlier = found.get(entry.release) or load_release(home, entry.release)
            if entry.audience in own or earlier.hides_up_to >= max(rule.hide_to, 1):
                found[entry.release] = earlier
    return list(found.values())
