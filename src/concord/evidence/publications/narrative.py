"""One source, two editions: what everybody reads, and what those may read whom section 8(8) does not keep it from.

A narrative's restricted passages stand in fences (`concord.strategy.passages`), restricted figures are named. The
public edition is composed from what is left when both are taken out before anything is read: nothing of them reaches
the room that lays out pages. The restricted edition shows both, marked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from concord.evidence.disclosure.model import Release
from concord.evidence.publications import prose
from concord.evidence.publications.document import Place
from concord.kernel.errors import BadInput, Where
from concord.strategy import passages
from concord.strategy.passages import Passage
from concord.strategy.shapes.publication import FigureSpec, Publication, Section


@dataclass(frozen=True, slots=True)
class Told:
    """A partnership with the narrative of one edition in the place of its files' prose."""

    key: str
    name: str
    synthetic: bool
    prose: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """What both editions are made from.

    `texts` is Markdown by section key. `grounds` are the words of each ground for keeping something back, by key;
    `kept_back` the ground of each figure kept back, by the name it is cited as.
    """

    publication: Publication
    texts: Mapping[str, str]
    grounds: Mapping[str, str]
    kept_back: Mapping[str, str]

    def text(self, section: Section) -> str:
        return self.texts.get(section.key, "")

    def public(self, place: Place) -> tuple[Publication, Told]:
        """The public edition. Raises BadInput where a fence cannot be read."""
        texts = {
            section.key: passages.for_public(self.text(section), self.grounds, file=_file(section))
            for section in self.publication.sections
        }
        sections = tuple(self._left(section, texts[section.key]) for section in self.publication.sections)
        return replace(self.publication, sections=sections), _told(place, texts)

    def restricted(self, place: Place) -> tuple[Publication, Told]:
        """The restricted edition, what is kept back marked with its ground. Raises as `public`."""
        texts = {
            section.key: passages.for_restricted(self.text(section), self.grounds, file=_file(section))
            for section in self.publication.sections
        }
        sections = tuple(
            replace(
                section,
                prose=section.key if texts[section.key].strip() else "",
                figures=tuple(self._marked(spec) for spec in section.figures),
            )
            for section in self.publication.sections
        )
        whole = replace(self.publication, sections=sections, title=f"{self.publication.title} (restricted edition)")
        return whole, _told(place, texts)

    @property
    def keeps_anything_back(self) -> bool:
        """Whether the two editions differ."""
        return bool(self.kept_back) or any(
            passage.ground
            for section in self.publication.sections
            for passage in passages.passages(self.text(section), self.grounds, file=_file(section))
        )

    def _left(self, section: Section, text: str) -> Section:
        figures = tuple(spec for spec in section.figures if spec.cited_as not in self.kept_back)
        return replace(section, figures=figures, prose=section.key if text.strip() else "")

    def _marked(self, spec: FigureSpec) -> FigureSpec:
        ground = self.kept_back.get(spec.cited_as)
        if ground is None:
            return spec
        told = f"The figure on {spec.subject} ({spec.cited_as}) is not in the public edition. {self.grounds[ground]}."
        return replace(spec, cannot_say=(*spec.cannot_say, told))


def _told(place: Place, texts: Mapping[str, str]) -> Told:
    return Told(place.key, place.name, place.synthetic, MappingProxyType(dict(texts)))


def _file(section: Section) -> str:
    return f"the text of “{section.heading}”"


@dataclass(frozen=True, slots=True)
class SectionState:
    """One section against its figures: what it cites and how that prints, its passages, a digest of all that a person
    going through it has to look at, and what does not hold together."""

    cited: tuple[prose.Cited, ...]
    passages: tuple[Passage, ...]
    digest: str
    faults: tuple[BadInput, ...]


def state(
    source: Source,
    section: Section,
    releases: Mapping[str, Release],
    *,
    withheld: Collection[str] = (),
    text: str | None = None,
) -> SectionState:
    """How a section's narrative (`text`, or the source's) stands against `releases`, keyed as figures are cited."""
    written, file = source.text(section) if text is None else text, _file(section)
    try:
        found = passages.passages(written, source.grounds, file=file)
        public = passages.for_public(written, source.grounds, file=file)
    except BadInput as fault:
        return SectionState((), (), "", (fault,))
    wrong = list(prose.faults(written, releases, file=file, withheld=withheld))
    open_to_all = {name: release for name, release in releases.items() if name not in source.kept_back}
    seen = {str(each) for each in wrong}
    for each in prose.faults(public, open_to_all, file=file, withheld=withheld):
        if str(each) not in seen:
            wrong.append(_cites_what_is_kept_back(each))
    cited = prose.citations(written, releases, file=file, withheld=withheld)
    looked_at = [*(passage.text for passage in found), *(f"figure:{spec.cited_as}" for spec in section.figures)]
    return SectionState(cited, found, passages.digest(looked_at), tuple(wrong))


def _cites_what_is_kept_back(fault: BadInput) -> BadInput:
    where = fault.where or Where()
    return BadInput(
        f"{where.key or 'A citation'} stands where everybody reads it, and its figure is kept back",
        where=where,
        next_step="Keep the passage back as well, or take the citation out of it.",
    )
