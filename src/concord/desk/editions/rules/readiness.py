"""What an edition still needs before it may be settled. Pure: what the figures say now is an argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from concord.desk.editions.rules.views import Block, Cited, Comment, EditionPage, Screened, Seen
from concord.kernel.errors import Refused

SECTION = "section"
"""The subject of a decision that nothing more in a section has to be kept back."""


class NotReady(Refused):
    """Something is missing before the edition may be settled."""


class OwnRequest(Refused):
    """Nobody approves what they themselves asked for."""

    def __init__(self) -> None:
        super().__init__(
            "You asked for this, so you cannot approve it.",
            why="What leaves the partnership is looked at by two people.",
            next_step="Ask another approver.",
        )


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of a narrative as it stands: its digest, and the ground on which it is kept back, if any."""

    digest: str
    ground: str


@dataclass(frozen=True, slots=True)
class SectionNow:
    """What one section holds now, by what evidence says: which figures its narrative cites and how they print, its
    passages, and the digest of all that a person going through it has to look at."""

    key: str
    heading: str
    cited: tuple[Cited, ...] = ()
    passages: tuple[Passage, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an edition stands against its figures. `faults` are sentences about what does not hold together: a number
    typed by hand, a figure that is not there, a headline measure left out."""

    sections: tuple[SectionNow, ...]
    faults: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    screened: bool = True
    """Whether section 8(8) has to be gone through: for whatever goes to the public."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A cited figure that prints otherwise than when its block was written."""

    section: str
    citation: str
    was: str
    becomes: str
    code: str


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing, and what to do about it. `section` is blank where it is about the whole."""

    what: str
    next_step: str
    section: str = ""


@dataclass(frozen=True, slots=True)
class Readiness:
    changed: tuple[Changed, ...] = ()
    lacks: tuple[Lack, ...] = field(default=())

    @property
    def ready(self) -> bool:
        return not self.lacks


def changed_figures(
    blocks: Mapping[str, Block], seen: Iterable[Seen], sections: Iterable[SectionNow]
) -> tuple[Changed, ...]:
    """Cited figures whose words are not those of the day their block was written, and that nobody has looked at."""
    looked_at = {(each.section, each.citation, each.words) for each in seen}
    found = []
    for section in sections:
        block = blocks.get(section.key)
        if block is None:
            continue
        before = {each.citation: each.words for each in block.cited}
        for cited in section.cited:
            was = before.get(cited.citation)
            if was is None or was == cited.words or (section.key, cited.citation, cited.words) in looked_at:
                continue
            found.append(Changed(section.key, cited.citation, was, cited.words, cited.code))
    return tuple(dict.fromkeys(found))


def what_is_missing(page: EditionPage, standing: Standing) -> Readiness:
    """Everything that has to be done before this edition may be settled, in the order of the document."""
    names = {each.key: each.heading for each in standing.sections}
    lacks = [
        Lack(fault, "Put it right in the section's text, or in the publication's file.") for fault in standing.faults
    ]
    found = changed_figures(page.blocks, page.seen, standing.sections)
    lacks += [
        Lack(
            f"In “{names[each.section]}” {each.citation} printed “{each.was}” and now prints “{each.becomes}”.",
            "Read the sentence around it again and say that you have.",
            each.section,
        )
        for each in found
    ]
    lacks += [_open(each, names) for each in page.comments if each.state == "open"]
    if standing.screened:
        lacks += _unscreened(standing.sections, page.screened)
    return Readiness(found, tuple(lacks))


def _open(comment: Comment, names: Mapping[str, str]) -> Lack:
    place = names.get(comment.section, comment.section) or "the whole edition"
    return Lack(
        f"{comment.by}’s comment on “{place}” is open.",
        "Answer it, and mark it resolved.",
        comment.section,
    )


def _unscreened(sections: Iterable[SectionNow], decisions: Iterable[Screened]) -> list[Lack]:
    """Sections nobody went through as they stand, and passages kept back without a reason on record."""
    newest = {(each.section, each.subject): each for each in decisions}
    lacks = []
    for section in sections:
        for passage in section.passages:
            kept = newest.get((section.key, f"passage:{passage.digest}"))
            if passage.ground and (kept is None or not kept.withheld or kept.ground != passage.ground):
                lacks.append(
                    Lack(
                        f"A passage of “{section.heading}” is kept back and nobody has said why.",
                        "Go through the section and give the ground and the reason.",
                        section.key,
                    )
                )
        whole = newest.get((section.key, SECTION))
        if whole is None or whole.digest != section.digest:
            lacks.append(
                Lack(
                    f"Nobody has gone through “{section.heading}” for what must not be published"
                    + (" since it changed." if whole is not None else "."),
                    "Go through it under section 8(8): is there anything in it that must be kept back?",
                    section.key,
                )
            )
    return lacks


def require_ready(found: Readiness) -> None:
    """Raises NotReady with everything that is missing."""
    if found.ready:
        return
    first, rest = found.lacks[0], len(found.lacks) - 1
    raise NotReady(
        "This edition is not ready to be settled: "
        + " ".join(each.what for each in found.lacks[:5])
        + (f" And {rest - 4} more." if rest > 4 else ""),
        next_step=first.next_step,
    )


def require_other_person(asked_by: object, viewer: object) -> None:
    """Raises OwnRequest where asking and approving would be one person's."""
    if asked_by == viewer:
        raise OwnRequest


def require_reason(reason: str, what: str) -> str:
    """The reason without its margins. Raises NotReady where it is blank."""
    said = reason.strip()
    if not said:
        raise NotReady(f"Say why: {what}.", next_step="Give the reason and send it again.")
    return said
