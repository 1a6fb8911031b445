"""Editions in the words of their screens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from concord.desk.editions.rules import SECTION, EditionLine, Lack
from concord.evidence.disclosure.model import Release
from concord.evidence.publications import words
from concord.strategy import passages
from concord.strategy.shapes.publication import Section
from concord.web.editions.work import Opened
from concord.web.shared.present import extended

SHAPES = {
    "drafting": "grey",
    "in_review": "amber",
    "frozen": "amber",
    "approved": "green",
    "published": "done",
    "superseded": "grey",
    "withdrawn": "red",
}
CITABLE = 60
"""So many citations of one section's figures stand beside its text; the others can be found on the preview."""


def line(each: EditionLine) -> object:
    chosen = ", ".join(value for value in each.parameters.values() if value)
    return extended(each, shape=SHAPES[each.state], chosen=chosen)


@dataclass(frozen=True, slots=True)
class SectionLine:
    """A section on the edition's page: what it still needs, the most pressing first."""

    key: str
    heading: str
    word: str
    shape: str
    detail: str
    figures: int
    comments: int
    by: str


def section_lines(found: Opened) -> list[SectionLine]:
    changed = {each.section for each in found.readiness.changed}
    lacking = {each.section for each in found.readiness.lacks}
    made = []
    for section in found.publication.sections:
        block = found.page.blocks.get(section.key)
        comments = [each for each in found.page.comments_on(section.key) if each.state == "open"]
        faulty = [each for each in found.standing.faults if f"“{section.heading}”" in each]
        if faulty:
            word, shape, detail = "Put right", "red", faulty[0]
        elif section.key in changed:
            word, shape, detail = "A figure changed", "amber", "Read the sentence around it again."
        elif comments:
            word, shape, detail = "Comment open", "amber", comments[0].text
        elif section.key in lacking:
            word, shape, detail = "To go through", "grey", "Is there anything that must not be published?"
        else:
            word, shape, detail = "Ready", "done", ""
        made.append(
            SectionLine(
                section.key,
                section.heading,
                word,
                shape,
                detail,
                len(section.figures),
                len(comments),
                block.by if block else "",
            )
        )
    return made


def whole_lacks(found: Opened) -> list[Lack]:
    """What is missing that belongs to no one section."""
    headings = [f"“{section.heading}”" for section in found.publication.sections]
    return [
        each
        for each in found.readiness.lacks
        if not each.section and not any(heading in each.what for heading in headings)
    ]


@dataclass(frozen=True, slots=True)
class Citable:
    """A figure of a section, and the citations that print its cells."""

    name: str
    title: str
    code: str
    why_not: str
    cells: tuple[tuple[str, str], ...]
    more: int


def citable(section: Section, releases: Mapping[str, Release], withheld: Mapping[str, str]) -> list[Citable]:
    made = []
    for spec in section.figures:
        name = spec.cited_as
        release = releases.get(name)
        if release is None:
            made.append(Citable(name, spec.subject, "", withheld.get(name, "its figures are not made yet"), (), 0))
            continue
        table = next((each for each in release.tables if each.name == spec.table), release.tables[0])
        cells = []
        for cell in table.cells:
            path = f"{name}/{table.name}/{';'.join(step.replace(' ', '_') for step in cell.key)}"
            if cell.hidden:
                said = f"not shown {words.mark(cell.hidden)}"
            elif cell.estimate is not None:
                said = words.measured(cell.estimate)
            else:
                said = words.number(cell.count or 0)
            cells.append((f"{{{{figure:{path}}}}}", said))
        made.append(Citable(name, table.title, table.code, "", tuple(cells[:CITABLE]), max(0, len(cells) - CITABLE)))
    return made


@dataclass(frozen=True, slots=True)
class Subject:
    """A passage or a figure to be gone through."""

    name: str
    kind: str
    text: str
    word: str
    shape: str
    ground: str
    reason: str
    by: str


def subjects(found: Opened, section: Section, grounds: Mapping[str, str], text: str) -> list[Subject]:
    """Everything in a section that a person going through it has to look at."""
    decided = {each.subject: each for each in found.page.screened if each.section == section.key}
    made = []
    kept = [
        (f"passage:{each.digest}", "Passage", each.text, each.ground)
        for each in passages.passages(text, grounds, file=section.heading)
    ]
    withheld = found.page.withheld()
    kept += [
        (
            f"figure:{spec.cited_as}",
            "Figure",
            f"{spec.subject[:1].upper()}{spec.subject[1:]} ({spec.cited_as})",
            withheld[spec.cited_as].ground if spec.cited_as in withheld else "",
        )
        for spec in section.figures
    ]
    for name, kind, said, ground in kept:
        decision = decided.get(name)
        stands = decision is not None and decision.withheld and decision.ground == ground
        word, shape = ("Kept back", "red") if ground else ("Everybody reads it", "grey")
        if ground and not stands:
            word, shape = "Kept back, nobody has said why", "amber"
        made.append(
            Subject(
                name,
                kind,
                said,
                word,
                shape,
                grounds.get(ground, ""),
                decision.reason if decision else "",
                decision.by if decision else "",
            )
        )
    return made


def gone_through(found: Opened, section: str) -> str:
    """Who last said that nothing more in a section has to be kept back, as it stands; blank where nobody did."""
    for each in found.page.screened:
        if each.section == section and each.subject == SECTION and each.digest == found.now(section).digest:
            return each.by
    return ""
