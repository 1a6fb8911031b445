"""Publications made whole from their files, and what must hold between them and the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from concord.kernel.names import did_you_mean
from concord.strategy.problems import Problem
from concord.strategy.reading import Document, Folder


def whole(publications: Mapping[str, Any], files: Mapping[str, Any]) -> Mapping[str, Any]:
    """Each publication with the sections that stand in files of their own, in the order of the files' names.

    `files` is keyed by publication and stem (`tactical_assessment/20-where`). A section that is omitted goes.
    """
    made = {}
    for key, publication in publications.items():
        own = [section for name, section in sorted(files.items()) if name.partition("/")[0] == key]
        sections = (section for section in (*publication.sections, *own) if section.omit is None)
        made[key] = replace(publication, sections=tuple(sections))
    return MappingProxyType(made)


def problems(read: Folder) -> Iterator[Problem]:
    """Sections without a publication, names used twice, provisions nobody answers, broken chains of recommendations."""
    publications = {document.key: document for document in read.of_kind("publication")}
    files: dict[str, list[Document]] = {}
    for document in read.of_kind("section"):
        files.setdefault(document.key.partition("/")[0], []).append(document)
    for name, documents in files.items():
        if name not in publications and name not in read.unread.get("publication", ()):
            for document in documents:
                yield document.problem(
                    (), f"There is no publication “{name}” that this could be a section of.",
                    f"a file publications/{name}.toml", did_you_mean(name, publications),
                )  # fmt: skip
    for key, document in publications.items():
        if document.value is not None and key not in read.unread.get("section", ()):
            yield from _publication(document, files.get(key, []))
    yield from _recommendations(read, publications, files)


def _publication(document: Document, files: list[Document]) -> Iterator[Problem]:
    placed: list[tuple[Document, tuple[str | int, ...], Any]] = [
        (document, ("sections", position), section) for position, section in enumerate(document.value.sections)
    ]
    placed += [(file, (), file.value) for file in sorted(files, key=lambda each: each.key) if file.value is not None]
    placed = [each for each in placed if each[2].omit is None]
    seen: dict[str, Document] = {}
    cited: set[str] = set()
    for file, path, section in placed:
        if seen.setdefault(section.key, file) is not file:
            yield file.problem(
                (*path, "key"), f"“{section.key}” is already a section, in {seen[section.key].file}.",
                "another key, or the same file name to replace that section",
            )  # fmt: skip
        for position, figure in enumerate(section.figures):
            name = figure.cited_as
            if name in cited:
                yield file.problem(
                    (*path, "figures", position, "name"), f"Two figures of this publication are called “{name}”.",
                    "a name for each figure, by which prose can cite it",
                )  # fmt: skip
            cited.add(name)
    answered = {provision for _, _, section in placed for provision in section.answers}
    for position, provision in enumerate(document.value.obliged):
        if provision not in answered:
            yield document.problem(
                ("obliged", position), f"No section answers {provision}.",
                f'a section with answers = ["{provision}"]', None,
            )  # fmt: skip


def figure_names(document: Document | None, files: list[Document]) -> set[str]:
    """The names by which the figures of a publication are cited."""
    sections = list(document.value.sections) if document is not None and document.value is not None else []
    sections += [file.value for file in files if file.value is not None]
    return {figure.cited_as for section in sections for figure in section.figures}


def _recommendations(
    read: Folder, publications: Mapping[str, Document], files: Mapping[str, list[Document]]
) -> Iterator[Problem]:
    actions = {a.code: a for each in read.of_kind("plan") if each.value is not None for a in each.value.actions}
    indicators = {each.key: each.value for each in read.of_kind("indicator") if each.value is not None}
    for document in read.of_kind("recommendations"):
        if document.value is None:
            continue
        for position, item in enumerate(document.value.recommendation):
            place = ("recommendation", position)
            valid = figure_names(publications.get(item.publication), files.get(item.publication, []))
            for at, name in enumerate(item.because):
                if item.publication in publications and name not in valid:
                    yield document.problem(
                        (*place, "because", at), f"“{item.publication}” has no figure “{name}”.",
                        "the name of a figure, as prose cites it", did_you_mean(name, valid),
                    )  # fmt: skip
            outcomes = set(item.outcomes)
            for at, code in enumerate(item.actions):
                if code in actions and not outcomes.intersection(actions[code].outcomes):
                    yield document.problem(
                        (*place, "actions", at),
                        f"Action {code} works towards {_listed(actions[code].outcomes)}, not {_listed(item.outcomes)}.",
                        "an action of the plan that works towards the outcome",
                    )  # fmt: skip
            for at, key in enumerate(item.indicators):
                towards = indicators[key].outcome if key in indicators else None
                if towards is not None and towards not in outcomes:
                    yield document.problem(
                        (*place, "indicators", at),
                        f"Indicator “{key}” measures {towards}, not {_listed(item.outcomes)}.",
                        "an indicator of the outcome, or a headline",
                    )  # fmt: skip


def _listed(names: Any) -> str:
    return " and ".join(names) if names else "no outcome"
