"""Requests to release, waiting for the second person: what is asked, what the attacker found, what it cost.

A request holds the release as it would leave, suppressed and attacked; the finding's own numbers are never kept. Every
step is a line of the release ledger, and the line is what makes it so: a machine that stops before it has changed
nothing, and doing the step again completes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from concord.evidence.disclosure import files
from concord.evidence.disclosure.figures import forget_figures
from concord.evidence.disclosure.history import universes
from concord.evidence.disclosure.ledger import Ledger
from concord.evidence.disclosure.model import Release
from concord.evidence.disclosure.preparing import prepare
from concord.evidence.disclosure.primary import check
from concord.evidence.disclosure.recheck import exposed_since
from concord.evidence.disclosure.releasing import (
    for_audience,
    keyed,
    readable,
    release_id,
    same_person,
    two_people,
    write,
)
from concord.evidence.disclosure.reopening import load_release
from concord.evidence.disclosure.requests import (
    Request,
    State,
    every_request,
    find_request,
    get,
    in_bundle,
    pending,
    request_path,
    request_shape,
    requests,
    touches_of,
)
from concord.evidence.findings.model import Finding
from concord.kernel.errors import BadInput, Refused, Where
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.disclosure import Rule

__all__ = [
    "STEPS",
    "Request",
    "approve",
    "approve_bundle",
    "get",
    "in_bundle",
    "pending",
    "refuse",
    "requests",
    "submit",
    "submit_all",
    "withdraw",
]
Clock = Callable[[], datetime]

STEPS: dict[str, tuple[State, State]] = {
    "approve": ("pending", "approved"),
    "refuse": ("pending", "refused"),
    "withdraw": ("pending", "withdrawn"),
}
"""The lifecycle of a request: from which state each step leads to which. There is no other step."""


def submit(
    finding: Finding,
    *,
    rule: Rule,
    audience: str,
    home: Path,
    requested_by: str,
    reason: str,
    clock: Clock,
    bundle: str = "",
) -> Request:
    """Ask for `finding` to be released to `audience` under `rule`, and say why.

    It is suppressed and attacked now, together with all that its readers hold and with what waits in the same bundle.
    Raises Refused where nobody is named, no reason is given, or nothing safe can be released; BadInput where a table is
    not what it says.
    """
    (made,) = submit_all(
        [finding],
        rule=rule,
        audience=audience,
        home=home,
        requested_by=requested_by,
        reason=reason,
        clock=clock,
        bundle=bundle,
    )
    if isinstance(made, Refused):
        raise made
    return made


def submit_all(
    findings: Sequence[Finding],
    *,
    rule: Rule,
    audience: str,
    home: Path,
    requested_by: str,
    reason: str,
    clock: Clock,
    bundle: str = "",
) -> tuple[Request | Refused, ...]:
    """Ask for several findings at once: a request for each in the order given, or the refusal in its place.

    All of them come into the queue together. Raises as `submit` does for what is wrong with the asking itself.
    """
    if not requested_by.strip():
        raise Refused("A request needs a named requester", next_step="say who asks")
    _reason(reason, "asks for")
    ledger = Ledger(home)
    for finding in findings:
        for_audience(rule.of(*finding.source_classes), audience)
        check(finding)
    with ledger.locked():
        at = clock()
        waiting = [
            one for one in every_request(ledger, home) if one.state == "pending" and bundle and one.bundle == bundle
        ]
        made: list[Request | Refused] = []
        lines: list[dict[str, Any]] = []
        for finding in findings:
            own = rule.of(*finding.source_classes)
            identifier = release_id(finding, own, audience, home)
            same = next((one for one in waiting if one.release.id == identifier), None)
            if same is not None:
                made.append(same)
                continue
            named = universes(finding.name, finding.tables)
            line = {
                "release": identifier,
                "finding": finding.name,
                "audience": audience,
                "rule": own.key,
                "requested_by": requested_by,
                "approved_by": "",
                "universes": named,
                "bundle": bundle,
            }
            out = readable(ledger, home, named, own, audience)
            beside = [] if own.shows_small_numbers else _beside(waiting, own, audience, named)
            try:
                prepared = prepare(
                    finding,
                    rule=own,
                    audience=audience,
                    identifier=identifier,
                    requested_by=requested_by,
                    earlier=[*beside, *out],
                    at=at,
                )
            except Refused as refusal:
                made.append(refusal)
                lines.append({**line, "event": "refused", "detail": f"{refusal.what}: {refusal.why}"})
                continue
            already = ledger.released(identifier) is not None
            length = len(ledger.entries())
            request = Request(
                id=keyed("Q", [identifier, bundle, requested_by, at, length], home, 10),
                bundle=bundle,
                reason=reason.strip(),
                requested_by=requested_by,
                requested_at=at,
                release=load_release(home, identifier) if already else prepared.release,
                rule=own,
                cost=prepared.cost,
                touches=touches_of(out, prepared.apart, identifier),
                line=length,
                already=already,
            )
            content = request_shape().dump_json(request, indent=2)
            files.write_whole(request_path(home, request.id), content)
            lines.append(
                {
                    **line,
                    "event": "requested",
                    "digest": files.sha256(content),
                    "detail": request.reason,
                    "request": request.id,
                }
            )
            made.append(request)
            waiting.append(request)
        if lines:
            ledger.append_all(lines, at=at)
    return tuple(made)


def _beside(waiting: Iterable[Request], rule: Rule, audience: str, named: Iterable[str]) -> list[Release]:
    """What waits in the same bundle for readers of this one, newest first: approved, it would be in their hands."""
    own = {audience, *rule.reads.get(audience, ())}
    wider = {name for name, reads in rule.reads.items() if audience in reads}
    wanted = set(named)
    return [
        one.release
        for one in reversed(list(waiting))
        if one.release.audience in own | wider
        and wanted.intersection(universes(one.release.finding, one.release.tables))
    ]


def approve(home: Path, identifier: str, *, by: str, reason: str, clock: Clock) -> Release:
    """Let the release of a request out.

    It is attacked again with whatever came out since it was prepared. Raises Refused where `by` asked for it, no reason
    is given, it is no longer pending, or it is no longer safe: it must then be asked for again.
    """
    ledger = Ledger(home)
    with ledger.locked():
        return _approve(ledger, home, [find_request(ledger, home, identifier)], by=by, reason=reason, clock=clock)[0]


def approve_bundle(home: Path, bundle: str, *, by: str, reason: str, clock: Clock) -> tuple[Release, ...]:
    """Let every pending request of a bundle out together, or none of them. Raises as `approve` does."""
    ledger = Ledger(home)
    with ledger.locked():
        chosen = [one for one in every_request(ledger, home) if one.bundle == bundle and one.state == "pending"]
        if not bundle or not chosen:
            raise BadInput(
                f"Nothing waits for approval in “{bundle}”",
                where=Where(file=home / "releases" / "requests"),
                next_step=did_you_mean(
                    bundle, {one.bundle for one in every_request(ledger, home) if one.state == "pending"}
                ),
            )
        return tuple(_approve(ledger, home, chosen, by=by, reason=reason, clock=clock))


def _approve(
    ledger: Ledger, home: Path, chosen: Sequence[Request], *, by: str, reason: str, clock: Clock
) -> list[Release]:
    for request in chosen:
        _step(request, "approve")
        two_people(request.requested_by, by)
    why = _reason(reason, "approves")
    at = clock()
    together = {request.release.id: request.release for request in chosen}
    made, lines = [], []
    for request in chosen:
        out = ledger.released(request.release.id)
        if out is not None:
            release, digest = load_release(home, out.release), out.digest
        else:
            _still_safe(ledger, home, request, together)
            release = replace(request.release, approved_by=by, released_at=at)
            digest = write(home, release)
        made.append(release)
        lines.append({**_line(request, by), "event": "approved", "digest": digest, "detail": why})
    ledger.append_all(lines, at=at)
    return made


def _still_safe(ledger: Ledger, home: Path, request: Request, together: dict[str, Release]) -> None:
    made = request.release
    known = set(made.audit.against)
    named = universes(made.finding, made.tables)
    since = [
        one
        for one in readable(ledger, home, named, request.rule, made.audience, after=request.line)
        if one.id not in known and made.id not in one.audit.against
    ]
    if not since:
        return
    before = [
        together[name] if name in together else load_release(home, name)
        for name in made.audit.against
        if name in together or ledger.released(name) is not None
    ]
    exposed = exposed_since(made, request.rule, before, since)
    if exposed:
        raise Refused(
            f"“{made.finding}” is no longer safe to release to {made.audience}",
            where=Where(key=request.id),
            why="something came out since it was asked for, and together they give away "
            + f"{'; '.join(exposed[:5])} (see {', '.join(one.id for one in since[:5])})",
            next_step="refuse or withdraw it and ask again: it will be suppressed with what is out now",
        )


def refuse(home: Path, identifier: str, *, by: str, reason: str, clock: Clock) -> Request:
    """Say no, and why. Raises Refused where `by` asked for it (they withdraw it), or it is no longer pending."""
    ledger = Ledger(home)
    with ledger.locked():
        request = find_request(ledger, home, identifier)
        if not by.strip():
            raise Refused("A decision needs a named person", where=Where(key=identifier), next_step="say who decides")
        if same_person(request.requested_by, by):
            raise Refused(
                f"{by} cannot decide on their own request",
                where=Where(key=identifier),
                next_step="withdraw it, or ask another person with the approver role",
            )
        return _close(ledger, home, request, "refuse", by, _reason(reason, "refuses"), clock())


def withdraw(home: Path, identifier: str, *, by: str, reason: str, clock: Clock) -> Request:
    """Take one's own request back, and say why. Raises Refused for another's, or where it is no longer pending."""
    ledger = Ledger(home)
    with ledger.locked():
        request = find_request(ledger, home, identifier)
        if not same_person(request.requested_by, by):
            raise Refused(
                f"Only {request.requested_by} can withdraw request {identifier}",
                where=Where(key=identifier),
                why="a request is withdrawn by whoever made it",
                next_step="an approver can refuse it",
            )
        return _close(ledger, home, request, "withdraw", by, _reason(reason, "withdraws"), clock())


def _close(ledger: Ledger, home: Path, request: Request, step: str, by: str, why: str, at: datetime) -> Request:
    _step(request, step)
    state = STEPS[step][1]
    # An approval that was cut short may have left the release's file, which no line accounts for.
    if ledger.released(request.release.id) is None:
        forget_figures(home, request.release)
        (home / "releases" / f"{request.release.id}.json").unlink(missing_ok=True)
    ledger.append_all([{**_line(request, by), "event": state, "detail": why}], at=at)
    return replace(request, state=state, decided_by=by, decided_at=at, decision=why)


def _step(request: Request, step: str) -> None:
    if request.state != STEPS[step][0]:
        when = f" on {request.decided_at:%d %B %Y at %H:%M}" if request.decided_at else ""
        raise Refused(
            f"Request {request.id} was {request.state} by {request.decided_by}{when}",
            where=Where(key=request.id),
            why=f"only a pending request can be {STEPS[step][1]}",
            next_step="nothing is left to do, or ask again with a new request",
        )


def _line(request: Request, by: str) -> dict[str, Any]:
    made = request.release
    return {
        "release": made.id,
        "finding": made.finding,
        "audience": made.audience,
        "rule": made.rule,
        "requested_by": request.requested_by,
        "approved_by": by,
        "universes": universes(made.finding, made.tables),
        "request": request.id,
        "bundle": request.bundle,
    }


def _reason(reason: str, who: str) -> str:
    if not reason.strip():
        raise Refused(f"Whoever {who} a release says why", next_step="give a reason; it is kept in the release ledger")
    return reason.strip()
