"""A partnership folder as frozen values, or a refusal that lists every mistake in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from concord.strategy.check import Known, problems_of
from concord.strategy.problems import BrokenFolder
from concord.strategy.publishing import whole
from concord.strategy.reading import Folder, read_file, read_folder
from concord.strategy.registry import KINDS, kind
from concord.strategy.sitting import with_boards

if TYPE_CHECKING:
    from concord.strategy.shapes.agreement import Agreement
    from concord.strategy.shapes.board import Board
    from concord.strategy.shapes.calendar import Calendar
    from concord.strategy.shapes.causes import Causes
    from concord.strategy.shapes.columns import ColumnsFile
    from concord.strategy.shapes.common import OpenQuestion
    from concord.strategy.shapes.definition import DefinitionFile
    from concord.strategy.shapes.demo import DemoPeople
    from concord.strategy.shapes.disclosure import Disclosure
    from concord.strategy.shapes.duty import DutyFile
    from concord.strategy.shapes.duty_evidence import DutyEvidence
    from concord.strategy.shapes.feed import Feed
    from concord.strategy.shapes.forum import Forum
    from concord.strategy.shapes.funding import Funding
    from concord.strategy.shapes.help import Help
    from concord.strategy.shapes.instrument import Instrument
    from concord.strategy.shapes.kept import KeptRegister
    from concord.strategy.shapes.linkage import Linkage
    from concord.strategy.shapes.measurement import Measurement
    from concord.strategy.shapes.oversight import Oversight
    from concord.strategy.shapes.partnership import Agency, PartnershipFile
    from concord.strategy.shapes.pathway import Pathway
    from concord.strategy.shapes.phrases import Phrases
    from concord.strategy.shapes.plan import Plan
    from concord.strategy.shapes.publication import Publication
    from concord.strategy.shapes.recommendations import Recommendations
    from concord.strategy.shapes.register import Registers
    from concord.strategy.shapes.retention import Retention
    from concord.strategy.shapes.role import Roles
    from concord.strategy.shapes.service import Services
    from concord.strategy.shapes.signin import SignIn
    from concord.strategy.shapes.sitting import Sittings
    from concord.strategy.shapes.statement import Statements


@dataclass(frozen=True, kw_only=True)
class Partnership:
    """One partnership as its folder describes it, after inheritance. Nothing here can be changed.

    Kinds with one file each (`boards`, `forums`, ...) are keyed by file stem. Kinds with a single file are that
    file's value, or None where no folder of the chain has it. `files` says which file each value came from.
    """

    key: str
    name: str
    synthetic: bool
    folder: Path
    chain: tuple[Path, ...]
    partnership: PartnershipFile
    agencies: Mapping[str, Agency]
    duty: DutyFile | None = None
    definition: DefinitionFile | None = None
    disclosure: Disclosure | None = None
    linkage: Linkage | None = None
    measurement: Measurement | None = None
    roles: Roles | None = None
    oversight: Oversight | None = None
    retention: Retention | None = None
    sign_in: SignIn | None = None
    calendar: Calendar | None = None
    sittings: Sittings | None = None
    help: Help | None = None
    demo_people: DemoPeople | None = None
    funding: Funding | None = None
    causes: Causes | None = None
    recommendations: Recommendations | None = None
    duty_evidence: DutyEvidence | None = None
    columns: ColumnsFile | None = None
    definitions: Mapping[str, DefinitionFile]
    boards: Mapping[str, Board]
    themes: Mapping[str, Plan]
    forums: Mapping[str, Forum]
    """With the boards, each as the forum it is when it sits (`sittings.toml`)."""
    pathways: Mapping[str, Pathway]
    instruments: Mapping[str, Instrument]
    agreements: Mapping[str, Agreement]
    feeds: Mapping[str, Feed]
    indicators: Mapping[str, Any]
    publications: Mapping[str, Publication]
    phrases: Mapping[str, Phrases]
    languages: tuple[str, ...]
    """Languages of the public summary beside English, by the names of their files in `phrases/`."""
    services: Mapping[str, Services]
    registers: Mapping[str, Registers]
    kept_registers: Mapping[str, KeptRegister]
    statements: Mapping[str, Statements]
    codelists: Mapping[str, tuple[Mapping[str, str], ...]]
    prose: Mapping[str, str]
    open_questions: Mapping[str, tuple[OpenQuestion, ...]]
    assumed: Mapping[str, tuple[str, ...]]
    expected: Mapping[str, tuple[str, ...]]
    files: Mapping[str, Path]


def load(folder: Path, *, known: Known | None = None) -> Partnership:
    """The partnership in `folder`.

    Raises BrokenFolder (a BadInput) with every mistake found. An agreement that has expired does not stop the
    folder from loading: whatever rests on it is denied when it is asked for, and `concord check` reports it.
    """
    read = read_folder(Path(folder))
    problems = problems_of(read, known=known or {}, today=None)
    if problems:
        raise BrokenFolder(Path(folder), problems)
    return _partnership(Path(folder), read)


def _ours(feed: Feed, own: PartnershipFile) -> Feed:
    """A national template as this partnership holds it: sent by its own agency, marked synthetic where all here is."""
    if feed.owner is not None or feed.owner_kind is None:
        return feed
    return replace(feed, owner=own.sends(feed.key, feed.owner_kind), synthetic=feed.synthetic or own.synthetic)


def load_file(file: Path, kind_name: str) -> Any:
    """One file of a partnership folder by itself, in the shape of its kind; names it gives are not looked up.

    Raises BrokenFolder with every mistake found.
    """
    value, problems = read_file(Path(file), kind(kind_name))
    if problems:
        raise BrokenFolder(Path(file), problems)
    return value


def _partnership(folder: Path, read: Folder) -> Partnership:
    values: dict[str, Any] = {}
    for each_kind in (each for each in KINDS if not each.nested):
        found = {each.key: each.value for each in read.of_kind(each_kind.name) if each.value is not None}
        one = each_kind.single
        values[each_kind.attribute] = next(iter(found.values()), None) if one else MappingProxyType(found)
    sections = {each.key: each.value for each in read.of_kind("section") if each.value is not None}
    values["publications"] = whole(values["publications"], sections)
    own: PartnershipFile = values["partnership"]
    values["feeds"] = MappingProxyType({key: _ours(feed, own) for key, feed in values["feeds"].items()})
    names = {key: each.name for key, each in own.agencies.items()}
    values["forums"] = MappingProxyType(with_boards(values["forums"], values["boards"], values["sittings"], names))
    carried = {
        field: MappingProxyType(
            {
                str(relative): held
                for relative, each in read.documents.items()
                if (held := getattr(each.value, field, ()))
            }
        )
        for field in ("open_question", "assumed", "expected")
    }
    return Partnership(
        key=own.key,
        name=own.name,
        synthetic=own.synthetic,
        folder=folder,
        chain=read.chain,
        agencies=MappingProxyType(own.agencies),
        languages=own.languages,
        codelists=MappingProxyType({name: each.rows for name, each in read.codelists.items()}),
        prose=MappingProxyType({name: each.text for name, each in read.prose.items()}),
        open_questions=carried["open_question"],
        assumed=carried["assumed"],
        expected=carried["expected"],
        files=MappingProxyType({str(relative): each.file for relative, each in read.documents.items()}),
        **values,
    )
