"""Begin an edition, take its figures, write its narrative, look at a figure that changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import ChangedMeanwhile, Viewer
from concord.desk.editions.models import Block, Edition, Seen
from concord.desk.editions.operations.locked import add_block, locked, log, save
from concord.desk.editions.rules import DISCUSSED_IN, WRITTEN_IN, Cited, NotReady
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.publication import Publication


@operation("edition.begin", "edition")
def begin(
    *, viewer: Viewer, publication: str, name: str, parameters: Mapping[str, str] | None = None, at: datetime
) -> UUID:
    """Begin an edition of a publication. Each section's narrative starts from the last edition's, else from the
    partnership's file, else empty. Returns the edition.

    Raises NotAllowed, NotReady for a publication that is not there, a blank name, or one that is in use.
    """
    accounts.require(viewer, "edition.start")
    home = accounts.partnership()
    if publication not in home.publications:
        raise NotReady(
            f"There is no publication “{publication}”.", next_step=did_you_mean(publication, home.publications)
        )
    called = " ".join(name.split())
    if not called:
        raise NotReady("An edition has a name.", next_step="Give it one, for example the year that it is about.")
    if Edition.objects.filter(partnership=viewer.partnership, publication=publication, name=called).exists():
        raise NotReady(
            f"There is already an edition “{called}” of this publication.", next_step="Open it, or choose another name."
        )
    of: Publication = home.publications[publication]
    row = Edition.objects.create(
        partnership=viewer.partnership,
        publication=publication,
        name=called,
        title=of.title,
        audience=of.audience,
        parameters=dict(parameters or {}),
        started_by_id=viewer.user_id,
        started_at=at,
    )
    last = _last_texts(viewer, row)
    for section, prose in of.narratives.items():
        text = last.get(section, home.prose.get(prose, "") if prose else "")
        if text.strip():
            add_block(viewer, row, section, text, (), at)
    log(viewer, row, "edition.begin", "Began the edition", at, kind="collection")
    return row.id


def _last_texts(viewer: Viewer, row: Edition) -> dict[str, str]:
    """The narrative of the newest edition that its readers had, by section."""
    last = (
        Edition.objects.filter(
            partnership=viewer.partnership, publication=row.publication, state__in=("published", "superseded")
        )
        .order_by("-published_at")
        .first()
    )
    if last is None:
        return {}
    newest = Block.objects.filter(edition=last).order_by("section", "-number").distinct("section")
    return {each.section: each.text for each in newest}


@operation("edition.figures", "edition")
def figures_made(
    *, viewer: Viewer, edition_id: UUID, digest: str, cited: Mapping[str, Iterable[Cited]], at: datetime
) -> None:
    """Note that the edition's figures were made, `digest` naming them. `cited` has what each section's narrative
    cites now: kept beside blocks that were written before there were any figures.

    Raises NotHere, NotAllowed, NotNow once the edition is settled.
    """
    row = locked(viewer, edition_id, "edition.write", states=DISCUSSED_IN)
    if row.figures == digest:
        return
    newest = Block.objects.filter(edition=row).order_by("section", "-number").distinct("section")
    for block in list(newest):
        now = list(cited.get(block.section, ()))
        if now and not block.cited:
            add_block(viewer, row, block.section, block.text, now, at)
    again = bool(row.figures)
    row.figures = digest
    save(row)
    log(viewer, row, "edition.figures", "Made the figures again" if again else "Made the figures", at)


@operation("edition.write", "edition")
def write(
    *, viewer: Viewer, edition_id: UUID, section: str, text: str, base: int, cited: Iterable[Cited], at: datetime
) -> int:
    """Save a section's narrative as its next version, `base` being the version it was written from (0 for none) and
    `cited` the figures in it as they print now. Returns the new version's number.

    Raises NotHere, NotAllowed, NotNow outside drafting, NotReady for a section that is not there, ChangedMeanwhile
    where somebody saved first: theirs stays, this is not saved, and the message says who.
    """
    row = locked(viewer, edition_id, "edition.write", states=WRITTEN_IN)
    _known(row, section)
    newest = Block.objects.filter(edition=row, section=section).select_related("by").order_by("-number").first()
    if base != (newest.number if newest else 0):
        raise ChangedMeanwhile("text", newest.by.display_name if newest else "", at=newest.at if newest else None)
    if newest is not None and newest.text == text:
        return newest.number
    block = add_block(viewer, row, section, text, cited, at)
    log(viewer, row, "edition.write", "Wrote", at, section=section, detail={"version": block.number})
    return block.number


@operation("edition.look", "edition")
def look(*, viewer: Viewer, edition_id: UUID, section: str, citation: str, words: str, at: datetime) -> None:
    """Say that the sentence around a cited figure was read again, now that it prints `words`.

    Raises NotHere, NotAllowed, NotNow once the edition is settled.
    """
    row = locked(viewer, edition_id, "edition.write", states=DISCUSSED_IN)
    _known(row, section)
    Seen.objects.create(edition=row, section=section, citation=citation, words=words, by_id=viewer.user_id, at=at)
    log(viewer, row, "edition.look", f"Looked at {citation} again", at, section=section, detail={"words": words})


def _known(row: Edition, section: str) -> None:
    of: Publication | None = accounts.partnership().publications.get(row.publication)
    keys = list(of.narratives) if of else []
    if section not in keys:
        raise NotReady(f"There is no section “{section}” in this publication.", next_step=did_you_mean(section, keys))
