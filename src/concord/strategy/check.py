"""Everything wrong with a partnership folder, found in one pass: shapes, references, dates, counts, lists, prose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from concord import codelists
from concord.kernel.names import did_you_mean
from concord.kernel.working_time import LONDON
from concord.strategy import codelist_files, instruments, key_paths, prose, publishing
from concord.strategy.problems import Problem
from concord.strategy.reading import CodeList, Document, Folder, read_folder
from concord.strategy.references import CITED, EXPIRES, ORDERED, REFERENCES, TARGETS, UNIQUE
from concord.strategy.registry import CODELISTS, PROSE, kind
from concord.strategy.shapes.columns import Columns

Known = Mapping[str, Collection[str]]


def check_folder(folder: Path, *, known: Known | None = None, today: dt.date | None = None) -> list[Problem]:
    """Every mistake in `folder` and the folders it extends, in reading order; an empty list if it can be used.

    `known` gives the names that only higher rooms know: `{"finding": ..., "predicate": ...}`; what it does not
    give is not checked. `today` is the day on which an agreement counts as expired, and defaults to the day of
    the call.
    """
    return problems_of(read_folder(folder), known=known or {}, today=today or dt.datetime.now(LONDON).date())


def problems_of(read: Folder, *, known: Known, today: dt.date | None) -> list[Problem]:
    """The mistakes of a folder already read. Without `today`, nothing counts as expired."""
    names = _names(read, known)
    base = bool(read.chain) and read.chain[0] in read.bases
    found = list(read.problems)
    for document in read.documents.values():
        pattern = any(document.file.is_relative_to(folder) for folder in read.bases)
        found += _references(document, names, inherited=pattern) if read.whole and not base else []
        found += _assumed(document)
        found += _stated_counts(document)
        # an agreement in a base folder is a pattern nobody has signed: out of force on purpose
        found += _dates(document, None if pattern else today)
    found += _duplicates(read)
    found += publishing.problems(read)
    found += instruments.problems(read)
    found += _codelists(read)
    found += _prose(read, names if read.whole else dict.fromkeys(names))
    return sorted(dict.fromkeys(found), key=lambda problem: _reading_order(problem, read.chain))


def _reading_order(problem: Problem, chain: tuple[Path, ...]) -> tuple[int, str, int, str]:
    """The folder's own files first, then those it extends; file by file, line by line."""
    depth = next((at for at, folder in enumerate(chain) if Path(problem.file).is_relative_to(folder)), 0)
    return depth, problem.file, problem.line or 0, problem.key or ""


def _names(read: Folder, known: Known) -> dict[str, set[str] | None]:
    """The valid names of every target; None where they cannot be known here."""
    names: dict[str, set[str] | None] = {}
    for target in TARGETS:
        unread = read.unread.get(PROSE if target.codelist == PROSE else target.kind or CODELISTS, set())
        if target.codelist == PROSE:
            names[target.name] = set(read.prose) | unread
        elif target.codelist:
            held = None if unread else read.codelists.get(target.codelist)
            names[target.name] = {row.get("key", row.get("code", "")) for row in held.rows} if held else None
        elif not target.kind:
            names[target.name] = set(known[target.name]) if target.name in known else None
        elif not kind(target.kind).landed or (target.path and unread):
            names[target.name] = None
        elif target.path:
            files = read.of_kind(target.kind)
            names[target.name] = {name for each in files for name in _named_at(each.data, target.path)}
        else:
            names[target.name] = {each.key for each in read.of_kind(target.kind)} | unread
    if names["forum"] is not None:
        # A board sits as a forum of the same name.
        names["forum"] |= names["board"] or set()
    return names


def _named_at(data: Mapping[str, Any], path: str) -> Iterator[str]:
    for _, value in key_paths.find(data, path):
        if isinstance(value, Mapping):
            yield from value
        elif isinstance(value, list):
            yield from (str(item.get("key", item.get("code"))) for item in value if isinstance(item, Mapping))


def _references(document: Document, names: Mapping[str, set[str] | None], *, inherited: bool) -> Iterator[Problem]:
    for reference in REFERENCES:
        valid = names[reference.target]
        if reference.kind != document.kind.name or valid is None or (reference.loose_in_base and inherited):
            continue
        for path, value in key_paths.find(document.data, reference.key):
            values = enumerate(value) if isinstance(value, list) else [(None, value)]
            for position, name in values:
                if not isinstance(name, str) or name == "" or name in valid:
                    continue
                place = path if position is None else (*path, position)
                yield document.problem(
                    place,
                    f"There is no {reference.target} called “{name}”.",
                    f"the name of {_a(reference.target)} that this partnership has",
                    did_you_mean(name, valid),
                )


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _assumed(document: Document) -> Iterator[Problem]:
    assumed = document.data.get("assumed", [])
    for position, path in enumerate(assumed if isinstance(assumed, list) else []):
        if isinstance(path, str) and next(key_paths.find(document.data, path), None) is None:
            valid = {".".join(str(part) for part in each) for each, _ in key_paths.walk(document.data)}
            yield document.problem(
                ("assumed", position),
                f"“{path}” is marked as assumed, and this file has no such key.",
                "a key path of this file, such as cadence or actions.*.owner",
                did_you_mean(path, {each for each in valid if not each.startswith(("assumed", "source"))}),
            )


def _stated_counts(document: Document) -> Iterator[Problem]:
    counts, questions = document.data.get("stated_count", []), document.data.get("open_question", [])
    asked = {question.get("about") for question in questions if isinstance(question, Mapping)}
    for position, count in enumerate(counts if isinstance(counts, list) else []):
        if not isinstance(count, Mapping) or not isinstance(count.get("of"), str):
            continue
        path, says = count["of"], count.get("says")
        listed = next((value for _, value in key_paths.find(document.data, path)), None)
        place = ("stated_count", position)
        if not isinstance(listed, list | Mapping):
            expected = "the key path of a list or a table in this file"
            yield document.problem((*place, "of"), f"“{path}” is not a list in this file.", expected)
        elif len(listed) != says and path not in asked:
            yield document.problem(
                (*place, "says"),
                f"The source says {says}, and “{path}” lists {len(listed)}.",
                f'the same number, or an [[open_question]] with about = "{path}" that asks the board which is right',
            )


def _dates(document: Document, today: dt.date | None) -> Iterator[Problem]:
    for path, table in [((), document.data), *key_paths.walk(document.data)]:
        if not isinstance(table, Mapping):
            continue
        for first, second in ORDERED:
            earlier, later = table.get(first), table.get(second)
            if type(earlier) is type(later) and isinstance(earlier, dt.date | int) and earlier > later:  # type: ignore[operator]
                yield document.problem(
                    (*path, second),
                    f"{second} ({later}) comes before {first} ({earlier}).",
                    f"{second} on or after {first}",
                )
    for name, key in EXPIRES:
        ends = document.data.get(key)
        if name == document.kind.name and today is not None and isinstance(ends, dt.date) and ends < today:
            yield document.problem(
                (key,),
                f"It expired on {ends}, and today is {today}: nothing that rests on it may run.",
                "a renewed agreement with a later date",
            )


def _duplicates(read: Folder) -> Iterator[Problem]:
    for document in read.documents.values():
        yield from _twice_in_a_list(document)
    for name, path in UNIQUE:
        seen: dict[Any, Document] = {}
        for document in read.of_kind(name):
            for place, value in key_paths.find(document.data, path):
                said = place[-1] if path.endswith("*") else value
                if not isinstance(said, str | int):
                    continue
                first = seen.setdefault(said, document)
                if first is not document:
                    yield document.problem(
                        place,
                        f"“{said}” is already used in {first.file}.",
                        f"a {path.replace('.*', '').split('.')[-1]} that no other file of this kind uses",
                    )


def _twice_in_a_list(document: Document) -> Iterator[Problem]:
    for path, items in key_paths.walk(document.data):
        if not isinstance(items, list):
            continue
        for name in ("key", "code"):
            seen: set[str] = set()
            for position, item in enumerate(items):
                said = item.get(name) if isinstance(item, Mapping) else None
                if isinstance(said, str) and said in seen:
                    expected = f"every {name} of this list once"
                    yield document.problem((*path, position, name), f"“{said}” is in this list twice.", expected)
                elif isinstance(said, str):
                    seen.add(said)


def _codelists(read: Folder) -> Iterator[Problem]:
    declared: dict[str, Mapping[str, Any]] = {}
    shaped: dict[str, Columns] = {}
    for document in read.of_kind("columns"):
        declared |= document.data.get("lists", {})
        shaped |= document.value.lists if document.value is not None else {}
        for name, each in shaped.items():
            for column, national in each.coded.items():
                if national not in codelists.names():
                    path = ("lists", name, "coded", column)
                    what = f"There is no national code list called “{national}”."
                    hint = did_you_mean(national, codelists.names())
                    yield document.problem(path, what, "the name of a list in concord.codelists", hint)
    for name, codelist in read.codelists.items():
        wanted = declared.get(name)
        if isinstance(wanted, Mapping) and isinstance(wanted.get("columns"), list) and codelist.columns:
            yield from codelist_files.against(
                codelist.file, codelist.columns, wanted["columns"], "codelists/columns.toml"
            )
            unique = [column for column in wanted.get("unique", []) if column in codelist.columns]
            if unique:
                yield from codelist_files.repeated(codelist.file, codelist.rows, unique)
        if name in shaped:
            yield from _values(codelist, shaped, shaped[name], read)


def _values(codelist: CodeList, shaped: Mapping[str, Columns], wanted: Columns, read: Folder) -> Iterator[Problem]:
    """What the columns of a list must hold: names of another list's rows, national codes, dates."""
    held = set(codelist.columns)
    for column in held.intersection(wanted.dates):
        yield from codelist_files.no_dates(codelist.file, codelist.rows, column)
    for column, national in wanted.coded.items():
        if column in held and national in codelists.names():
            codes = codelists.get(national).codes
            yield from codelist_files.not_among(codelist.file, codelist.rows, column, codes, f"code of {national}")
    for column, other in wanted.names.items():
        if column in held and other not in read.unread.get(CODELISTS, set()):
            key = (shaped[other].unique or ("code",))[0] if other in shaped else "code"
            rows = read.codelists[other].rows if other in read.codelists else ()
            valid = {row[key] for row in rows if row.get(key)}
            called = f"{key} of the list {other}"
            yield from codelist_files.not_among(codelist.file, codelist.rows, column, valid, called)


def _prose(read: Folder, names: Mapping[str, set[str] | None]) -> Iterator[Problem]:
    for block in read.prose.values():
        file = str(block.file)
        for line, figure in prose.figures(block.text):
            yield Problem(
                file,
                f"The figure “{figure}” is typed by hand.",
                "a citation that brings the figure with its source, such as {{indicator:T1.7}} or {{statement:key}}",
                line,
            )
        for line, text in prose.broken_citations(block.text):
            yield Problem(file, f"“{text}” is not a citation.", "{{kind:name}}", line)
        for line, cited, name in prose.citations(block.text):
            if cited == "figure":
                continue  # a figure is known by the publication that prints the block
            if cited not in CITED:
                yield Problem(
                    file, f"Prose cannot cite a “{cited}”.", f"one of {', '.join(sorted([*CITED, 'figure']))}", line,
                    hint=did_you_mean(cited, [*CITED, "figure"]),
                )  # fmt: skip
                continue
            valid = names[CITED[cited]]
            if valid is not None and name not in valid:
                what = f"There is no {CITED[cited]} called “{name}”."
                yield Problem(
                    file,
                    what,
                    f"the name of {_a(CITED[cited])} that this partnership has",
                    line,
                    hint=did_you_mean(name, valid),
                )
