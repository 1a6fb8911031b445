"""An edition taken from what is loaded to its readers by one command: the same steps that the screens take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.editions import operations, queries
from concord.desk.editions.rules import Changed, EditionLine, Lack, NotReady, Readiness, Standing, what_is_missing
from concord.jobs import editions
from concord.jobs.drafting import Clock, Say
from concord.kernel.errors import Usage
from concord.kernel.names import did_you_mean
from concord.strategy import Partnership

ENDED = ("published", "superseded", "withdrawn")


@dataclass(frozen=True, slots=True)
class Stand:
    """How an edition stands after the command: its line, what is missing, and where its readers find it."""

    line: EditionLine
    missing: tuple[Lack, ...]
    changed: tuple[Changed, ...]
    folder: Path | None = None

    def as_dict(self) -> dict[str, Any]:
        """For a machine."""
        return {
            "edition": str(self.line.edition_id),
            "publication": self.line.publication,
            "name": self.line.name,
            "state": self.line.state,
            "asked_by": self.line.asked_by,
            "approved_by": self.line.approved_by,
            "missing": [each.what for each in self.missing],
            "changed": [{"figure": e.citation, "was": e.was, "now": e.becomes} for e in self.changed],
            "folder": str(self.folder) if self.folder else None,
        }


def somebody(name: str | None, verb: str, duty: str) -> Viewer:
    """The account of that username or name; where none is given, a synthetic partnership's demo person who holds the
    verb. Raises Usage with the accounts that could be meant, NotHere where there are none."""
    known = accounts.holding(verb)
    if name is None:
        found = known[0] if known and accounts.partnership().synthetic else None
        if found is None:
            raise Usage(
                f"Nobody {duty}.", next_step="Say who: their username, or their name as it is on their account."
            )
        return accounts.viewer_named(found[0])
    wanted = " ".join(name.split()).casefold()
    for username, shown in known:
        if wanted in (username.casefold(), shown.casefold()):
            return accounts.viewer_named(username)
    if not known:
        raise NotHere("account whose role allows this")
    raise Usage(
        f"“{name}” is not somebody who {duty}.",
        why="No account of that name has a role that allows it.",
        next_step=did_you_mean(name, [*(username for username, _ in known), *(shown for _, shown in known)]),
    )


def drafted(
    home: Path,
    partnership: Partnership,
    *,
    viewer: Viewer,
    publication: str,
    name: str,
    parameters: Mapping[str, str],
    clock: Clock,
    say: Say,
) -> EditionLine:
    """The edition of that name, begun where it is not, with figures made from what is loaded now.

    One that is settled already is left as it is. Raises as `operations.begin` and `make_figures`.
    """
    line = queries.named(viewer, publication, name, at=clock())
    if line is None:
        edition_id = operations.begin(
            viewer=viewer, publication=publication, name=name, parameters=parameters, at=clock()
        )
    elif line.state in ("drafting", "in_review"):
        edition_id = line.edition_id
    else:
        return line
    editions.make_figures(home, partnership, viewer=viewer, edition_id=edition_id, clock=clock, say=say)
    return queries.edition(viewer, edition_id, at=clock()).line


def stand(home: Path, partnership: Partnership, viewer: Viewer, edition_id: UUID, clock: Clock) -> Stand:
    """How an edition stands. What is missing is said of drafts only."""
    page = queries.edition(viewer, edition_id, at=clock())
    if page.line.state not in ("drafting", "in_review"):
        return Stand(page.line, (), ())
    found = what_is_missing(page, editions.standing(home, partnership, page))
    return Stand(page.line, found.lacks, found.changed)


def settle(
    home: Path,
    partnership: Partnership,
    *,
    viewer: Viewer,
    edition_id: UUID,
    reason: str,
    seen: bool,
    nothing_to_keep_back: bool,
    clock: Clock,
) -> None:
    """Settle a draft and ask for its approval. `seen`: the person has read again what stands around every figure that
    changed; `nothing_to_keep_back`: they have gone through every section under section 8(8). Both are recorded in
    their name. Raises NotReady with what is missing without them."""
    page = queries.edition(viewer, edition_id, at=clock())
    standing: Standing = editions.standing(home, partnership, page)
    found: Readiness = what_is_missing(page, standing)
    if seen:
        for each in found.changed:
            operations.look(
                viewer=viewer,
                edition_id=edition_id,
                section=each.section,
                citation=each.citation,
                words=each.becomes,
                at=clock(),
            )
    if nothing_to_keep_back:
        for section in standing.sections:
            if any(lack.section == section.key and "gone through" in lack.what for lack in found.lacks):
                operations.nothing_more(
                    viewer=viewer, edition_id=edition_id, section=section.key, digest=section.digest, at=clock()
                )
    line = queries.edition(viewer, edition_id, at=clock()).line
    if line.state == "drafting":
        left = what_is_missing(queries.edition(viewer, edition_id, at=clock()), standing)
        if not left.ready:
            raise NotReady(
                "This edition is not ready to be settled: " + " ".join(each.what for each in left.lacks),
                next_step=left.lacks[0].next_step,
            )
        operations.send_for_review(viewer=viewer, edition_id=edition_id, version=line.version, at=clock())
        line = queries.edition(viewer, edition_id, at=clock()).line
    editions.freeze(
        home, partnership, viewer=viewer, edition_id=edition_id, reason=reason, version=line.version, clock=clock
    )


def approve_and_give_out(
    home: Path, partnership: Partnership, *, viewer: Viewer, edition_id: UUID, reason: str, clock: Clock, say: Say
) -> Path:
    """Approve a settled edition, or go on with an approved one, and put it where its readers look."""
    line = queries.edition(viewer, edition_id, at=clock()).line
    if line.state == "frozen":
        say("attacking every figure again with what came out since")
        editions.approve(home, viewer=viewer, edition_id=edition_id, reason=reason, version=line.version, clock=clock)
        line = queries.edition(viewer, edition_id, at=clock()).line
    found: Path = editions.give_out(
        home, partnership, viewer=viewer, edition_id=edition_id, version=line.version, clock=clock, say=say
    )
    return found
