"""The one door out of evidence: from a finding to a `Release` for one audience under one rule, or to nothing."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from concord.evidence.disclosure import files
from concord.evidence.disclosure.codes import digest_signs, figure_code
from concord.evidence.disclosure.derived import leaking_words, safe_facts, shown_cell
from concord.evidence.disclosure.figures import index_figure
from concord.evidence.disclosure.history import Linked, counted, link, universes
from concord.evidence.disclosure.ledger import Ledger
from concord.evidence.disclosure.model import Release, ReleasedCell, ReleasedTable
from concord.evidence.disclosure.primary import Primary, check, primary
from concord.evidence.disclosure.reopening import load_release
from concord.evidence.disclosure.suppress import suppress
from concord.evidence.extracts.sealing import key
from concord.evidence.findings.model import Cell, Finding, Table
from concord.kernel.errors import Refused
from concord.kernel.lineage import Lineage
from concord.strategy.shapes.disclosure import Rule

Key = tuple[str, ...]


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
    rule = rule.of(finding.source_class)
    _two_people(requested_by, approved_by)
    _for_audience(rule, audience)
    check(finding)
    ledger = Ledger(home)
    identifier = release_id(finding, rule, audience, home)
    named = universes(finding.name, finding.tables)
    with ledger.locked():
        done = ledger.released(identifier)
        if done is not None:
            return load_release(home, identifier)
        at = clock()

        def refuse(what: str, why: str, next_step: str) -> Refused:
            ledger.append(
                "refused",
                at=at,
                release=identifier,
                finding=finding.name,
                audience=audience,
                rule=rule.key,
                requested_by=requested_by,
                approved_by=approved_by,
                universes=named,
                detail=f"{what}: {why}",
            )
            return Refused(what, why=why, next_step=next_step)

        # Whoever may see small numbers has nothing kept from them, so nothing that was kept from others is carried on.
        earlier = [] if rule.shows_small_numbers else _earlier(ledger, home, named, rule, audience)
        linked = link(finding, earlier)
        made = replace(
            _made(finding, rule, audience, linked, refuse, at),
            id=identifier,
            requested_by=requested_by,
            approved_by=approved_by,
        )
        content = files.release_bytes(made)
        files.write_whole(home / "releases" / f"{identifier}.json", content)
        for table in made.tables:
            index_figure(home, made, table)
        # Last: until the ledger has the line, nothing is released, and doing it again completes it.
        ledger.append(
            "released",
            at=at,
            release=identifier,
            finding=finding.name,
            audience=audience,
            rule=rule.key,
            requested_by=requested_by,
            approved_by=approved_by,
            universes=named,
            digest=files.sha256(content),
        )
    return made


def release_id(finding: Finding, rule: Rule, audience: str, home: Path) -> str:
    """The same in one home for the same finding, rule and audience; different when anything in them differs.

    Keyed: a plain digest of a finding would let a reader try values for the hidden counts until the name fits.
    """
    content = files.canonical([finding, rule, audience]).encode()
    return "R-" + digest_signs(hmac.new(key(home, "disclosure"), content, "sha256").hexdigest(), 12)


def _two_people(requested_by: str, approved_by: str) -> None:
    if not requested_by.strip() or not approved_by.strip():
        raise Refused(
            "A release needs a named requester and a named approver", next_step="say who asks and who approves"
        )
    if requested_by.strip().casefold() == approved_by.strip().casefold():
        raise Refused(
            f"{requested_by} cannot approve their own release",
            why="requester and approver must be different people",
            next_step="ask another person with the approver role",
        )


def _for_audience(rule: Rule, audience: str) -> None:
    if audience not in rule.audiences:
        raise Refused(
            f"Rule “{rule.key}” is not for the audience “{audience}”",
            why=f"it serves: {', '.join(rule.audiences)}",
            next_step="choose the rule of that audience in disclosure.toml",
        )


def _earlier(ledger: Ledger, home: Path, named: tuple[str, ...], rule: Rule, audience: str) -> list[Release]:
    """Releases that count any of the same things and that a reader of this one can read, newest first.

    What goes to the public goes to board members too, who hold board papers as well. Papers made under a looser rule
    than this one are left out for readers who are not their audience: they tell nobody who did not know.
    """
    own = {audience, *rule.reads.get(audience, ())}
    wider = {name for name, reads in rule.reads.items() if audience in reads}
    found = []
    for entry in reversed(ledger.entries()):
        if entry.event == "released" and entry.audience in own | wider and set(entry.universes) & set(named):
            earlier = load_release(home, entry.release)
            if entry.audience in own or earlier.hides_up_to >= max(rule.hide_to, 1):
                found.append(earlier)
    return found


def _made(
    finding: Finding,
    rule: Rule,
    audience: str,
    linked: Linked,
    refuse: Callable[[str, str, str], Refused],
    at: datetime,
) -> Release:
    ours = counted(finding)
    judged = {table.name: primary(table, rule) for table in ours.tables}
    small = frozenset(linked.numbers[name][key] for name, found in judged.items() for key in found.small)
    _not_yet_public(linked, small, refuse)
    pattern = suppress(linked, small, _unshown(ours, linked, judged), rule)
    audit = replace(pattern.audit, flags=tuple(flag for found in judged.values() for flag in found.flags))
    if audit.exposed:
        raise refuse(
            f"“{finding.name}” cannot be released to {audience}: a reader could work out what is hidden",
            "; ".join(audit.exposed[:5]) + (f"; and {len(audit.exposed) - 5} more" if len(audit.exposed) > 5 else ""),
            "ask for larger areas, longer periods or fewer breakdowns, and release that instead",
        )
    concealed = _concealed(ours, linked, pattern.hidden, judged)
    cells = {(table.name, cell.key): cell for table in ours.tables for cell in table.cells}
    secret = [cells[place] for place in concealed if judged[place[0]].low_base.isdisjoint({place[1]})]
    leaks = leaking_words(finding, secret)
    if leaks:
        raise refuse(
            f"The words of “{finding.name}” state a number that is hidden",
            f"found: {', '.join(leaks)}",
            "leave counts out of a finding's base, source and caveats; tables carry them",
        )
    tables = tuple(
        _table(finding, table, rule, audience, linked, pattern.hidden, concealed, judged.get(table.name, Primary()))
        for table in finding.tables
    )
    return Release(
        id="",
        finding=finding.name,
        question=finding.question,
        tables=tables,
        base=finding.base,
        period=finding.period,
        source=finding.source,
        method=finding.method,
        cannot_say=finding.cannot_say,
        audience=audience,
        rule=rule.key,
        audit=audit,
        lineage=_lineage(finding, bool(concealed)),
        requested_by="",
        approved_by="",
        released_at=at,
        synthetic=finding.synthetic,
        facts=safe_facts(finding, rule, bool(concealed)),
        notice=_notice(rule, audience),
        rounded_to=rule.round_to,
        hides_up_to=rule.hide_to,
    )


def _lineage(finding: Finding, anything_hidden: bool) -> Lineage:
    """The finding's lineage. The rows of a dataset may be a hidden total, so then they are given in round hundreds."""
    if not anything_hidden:
        return finding.lineage
    refs = tuple(replace(ref, rows=ref.rows // 100 * 100) for ref in finding.lineage.datasets)
    return replace(finding.lineage, datasets=refs)


def _notice(rule: Rule, audience: str) -> str:
    if rule.shows_small_numbers:
        under = f" under the agreement “{rule.under[audience]}”" if audience in rule.under else ""
        return f"Holds small numbers. For {audience} readers only{under}; do not copy, forward or quote."
    rounding = f" Other counts are rounded to the nearest {rule.round_to}." if rule.round_to else ""
    return f"{rule.title}.{rounding}" if rule.hide_to else ""


def _not_yet_public(linked: Linked, small: frozenset[int], refuse: Callable[[str, str, str], Refused]) -> None:
    out = [
        str(linked.system.cells[number])
        for number in sorted(small)
        if (span := linked.published.get(number)) is not None and span[0] == span[1]
    ]
    if out:
        raise refuse(
            "An earlier release already shows a number that this rule hides",
            "; ".join(out[:5]),
            "withdraw the earlier release, or release this one under the rule that it was made under",
        )


def _unshown(finding: Finding, linked: Linked, judged: dict[str, Primary]) -> frozenset[int]:
    """Cells left out for a low base in every table that holds them."""
    low = {linked.numbers[name][key] for name, found in judged.items() for key in found.low_base}
    shown = {
        linked.numbers[table.name][cell.key]
        for table in finding.tables
        for cell in table.cells
        if cell.key not in judged[table.name].low_base
    }
    return frozenset(low - shown)


def _concealed(
    finding: Finding, linked: Linked, hidden: frozenset[int], judged: dict[str, Primary]
) -> set[tuple[str, Key]]:
    """Places, as (table, key), that show no count: hidden cells wherever they stand, and low bases."""
    return {
        (table.name, cell.key)
        for table in finding.tables
        for cell in table.cells
        if linked.numbers[table.name][cell.key] in hidden or cell.key in judged[table.name].low_base
    }


def _table(
    finding: Finding,
    table: Table,
    rule: Rule,
    audience: str,
    linked: Linked,
    hidden: frozenset[int],
    concealed: set[tuple[str, Key]],
    judged: Primary,
) -> ReleasedTable:
    secret = {linked.counts[number] for number in hidden}
    # Bases add up as counts do: beside a hidden cell they stay only where they are cells themselves.
    bare = table.additive and any((table.name, cell.key) in concealed for cell in table.cells)
    cells = tuple(
        shown_cell(cell, table, rule)
        if table.published
        else _cell(cell, table, rule, linked.numbers[table.name][cell.key] in hidden, judged, concealed, secret, bare)
        for cell in table.cells
    )
    made = ReleasedTable(
        name=table.name,
        title=table.title,
        unit=table.unit,
        dimensions=table.dimensions,
        cells=cells,
        code="",
        per=table.per,
        additive=table.additive,
        universe=table.universe,
        where=table.where,
        period=table.period,
        published=table.published,
    )
    content = files.canonical([finding.name, finding.lineage.parameters, finding.period, audience, rule.key, made])
    return replace(made, code=figure_code(finding.name, content))


def _cell(
    cell: Cell,
    table: Table,
    rule: Rule,
    is_hidden: bool,
    judged: Primary,
    concealed: set[tuple[str, Key]],
    secret: set[int],
    bare: bool,
) -> ReleasedCell:
    if is_hidden:
        return ReleasedCell(cell.key, hidden="confidential")
    if cell.key in judged.low_base:
        return ReleasedCell(cell.key, hidden="low_base")
    shown = shown_cell(cell, table, rule)
    leans = cell.key in judged.small_base or any(place in concealed for place in cell.rests_on)
    # A base that happens to equal a hidden count may be that count: it goes, with the share made from it.
    betrays = cell.base is not None and rule.hide_to > 0 and (cell.base in secret or (bare and not cell.rests_on))
    if leans or betrays:
        if not table.additive and leans:
            return ReleasedCell(cell.key, hidden="confidential")
        shown = replace(shown, base=None, estimate=None)
    return shown
