"""Narrative blocks: Markdown a person wrote, whose every figure is cited from a release.

`{{figure:NAME/TABLE/CELL}}` prints the cell (its estimate with interval, or its count); `CELL` is the category, with
`_` for a space and `;` between dimensions, and may end in `#count`, `#base`, `#value`, `#interval` or `#rate`.
`TABLE/CELL` may be left out: the first table, its total. A figure's code may stand for NAME/TABLE, as `CODE/CELL`;
a code is the same only for the same content, so a name lasts longer.

A number typed by hand stops the build, and the message says which citation would print it, where there is one.
Allowed through is what `ALLOWED` names, and counts of things from one to ten in words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from concord.evidence.disclosure.model import Release, ReleasedCell, ReleasedTable
from concord.evidence.publications import tables, words
from concord.kernel.errors import BadInput, Where
from concord.kernel.names import did_you_mean
from concord.strategy.prose import CITATION

_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
ALLOWED = {
    "what stands in backticks": re.compile(r"`[^`]*`"),
    "an address": re.compile(r"\]\([^)]*\)|<[^>]*>|https?://\S+"),
    "a statutory instrument": re.compile(r"\bSI (?:19|20)\d\d/\d{1,4}\b"),
    "a date": re.compile(rf"\b\d{{1,2}} {_MONTH}(?: (?:19|20)\d\d)?\b"),
    "a year or a financial year": re.compile(r"\b(?:19|20)\d\d(?:[/–-](?:\d\d){1,2})?\b"),
    "a numbered part of the law or of a document": re.compile(
        r"(?i)\b(?:sections?|ss?\.|parts?|chapters?|schedules?|articles?|regulations?|paragraphs?)\s?\d+[A-Za-z]*(?:\(\w+\))*"
        r"(?:(?:,| and| to|–) ?\d+[A-Za-z]*(?:\(\w+\))*)*"
    ),
    "an age": re.compile(r"(?i)\baged \d{1,3}(?:(?:–| to | and )\d{1,3})?\b|\b(?:under|over)-\d{1,2}s?\b"),
}
"""What may be written out although it holds a numeral, by what it is."""
_TYPED = re.compile(
    r"[£$€]?\d[\d,.]*%?"
    r"|(?i:\b(?:eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty"
    r"|ninety|hundreds?|thousands?|millions?)\b)"
    r"|(?i:\b(?:half|halved|doubled|trebled|tripled|thirds?|two-thirds|quarters?|three-quarters) (?:of|the|since|in)\b)"
    r"|(?i:\bper ?cent\b)|(?i:\bone in (?:two|three|four|five|six|seven|eight|nine|ten)\b)"
)
_LIST_MARK = re.compile(r"^\s{0,3}\d{1,2}[.)]\s")


@dataclass(frozen=True, slots=True)
class Cited:
    """A figure in running text: its words, the code it leads to, and how it was written."""

    text: str
    code: str
    citation: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Block:
    """Parsed prose. `tokens` is markdown-it's stream; `cited[n]` stands where the text has placeholder n."""

    tokens: tuple[Any, ...]
    cited: tuple[Cited, ...]


def _mark(index: int) -> str:
    return f"\ue000{index}\ue001"


MARK = re.compile("\ue000(\\d+)\ue001")


def typed_numbers(text: str) -> list[tuple[int, str]]:
    """Numbers typed by hand, each with its line."""
    found = []
    fenced = False
    for line_number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
            continue
        if fenced:
            continue
        rest = _LIST_MARK.sub("", line)
        rest = CITATION.sub(" ", rest)
        for allowed in ALLOWED.values():
            rest = allowed.sub(" ", rest)
        found += [(line_number, match.group().strip()) for match in _TYPED.finditer(rest)]
    return found


def faults(
    text: str, releases: Mapping[str, Release], *, file: str, withheld: Collection[str] = ()
) -> tuple[BadInput, ...]:
    """Everything that would stop the build, in the order of the text: each with its line and what to do instead."""
    return tuple(_resolved(text, releases, file, withheld, every=True)[0])


def citations(
    text: str, releases: Mapping[str, Release], *, file: str, withheld: Collection[str] = ()
) -> tuple[Cited, ...]:
    """The figures that a block cites, as they print now. Those that cannot be found are left out."""
    return tuple(_resolved(text, releases, file, withheld)[1])


def _resolved(
    text: str, releases: Mapping[str, Release], file: str, withheld: Collection[str], *, every: bool = False
) -> tuple[list[BadInput], list[Cited], list[str]]:
    """What is wrong, what is cited, and the lines with a mark in the place of every citation."""
    typed = typed_numbers(text)
    wrong: list[BadInput] = []
    for line_number, number in typed if every else typed[:1]:
        others = f" (and {len(typed) - 1} more in this file)" if len(typed) > 1 and not every else ""
        wrong.append(_typed(number, others, Where(file, line=line_number), releases))
    cited: list[Cited] = []
    lines = []
    place = partial(_placed, releases=releases, withheld=withheld, cited=cited, file=file, wrong=wrong)
    for line_number, line in enumerate(text.splitlines(), start=1):
        line = CITATION.sub(partial(place, line=line_number), line)
        if "{{" in line or "}}" in line:
            wrong.append(
                BadInput(
                    "Braces that are not a citation",
                    where=Where(file, line=line_number),
                    next_step="Write {{figure:NAME/TABLE/CELL}}, with _ for a space inside a name.",
                )
            )
        lines.append(line)
    if every:
        wrong.sort(key=lambda fault: (fault.where.line or 0) if fault.where else 0)
    return wrong, cited, lines


def _typed(number: str, others: str, where: Where, releases: Mapping[str, Release]) -> BadInput:
    """The refusal of a typed number, with the citations that would print it."""
    found = prints(number, releases)
    instead = " or ".join(f"{{{{figure:{path}}}}}" for path in found[:2]) or "{{figure:NAME/TABLE/CELL}}"
    return BadInput(
        f"“{number}” is typed by hand{others}",
        where=where,
        why="A figure in a publication must come from a release, so that it can be traced and recomputed.",
        next_step=f"Cite it as {instead}, or put it in backticks if it is not a figure.",
    )


def prints(number: str, releases: Mapping[str, Release]) -> tuple[str, ...]:
    """Citations that print exactly `number`, totals first: what somebody who typed it may have meant."""
    wanted = number.strip(" .,")
    found: list[tuple[bool, str]] = []
    for name, release in releases.items():
        for table in release.tables:
            for cell in table.cells:
                part = _part_that_prints(cell, wanted)
                if part is not None:
                    key = ";".join(step.replace(" ", "_") for step in cell.key)
                    whole = all(step == tables.TOTAL for step in cell.key)
                    found.append((not whole, f"{name}/{table.name}/{key}{part}"))
    return tuple(path for _, path in sorted(dict.fromkeys(found)))


def _part_that_prints(cell: ReleasedCell, wanted: str) -> str | None:
    if cell.hidden:
        return None
    if cell.count is not None and words.number(cell.count) in (wanted, f"{wanted[:-3]},{wanted[-3:]}"):
        return "#count" if cell.estimate is not None else ""
    if cell.base is not None and words.number(cell.base) == wanted:
        return "#base"
    if cell.estimate is not None and words.value(cell.estimate) == wanted:
        return "#value"
    return None


def parse(text: str, releases: Mapping[str, Release], *, file: str, withheld: Collection[str] = ()) -> Block:
    """Check and resolve one block.

    Raises BadInput with file and line for a number typed by hand or a figure that is not there.
    """
    from markdown_it import MarkdownIt

    wrong, cited, lines = _resolved(text, releases, file, withheld)
    if wrong:
        raise wrong[0]
    parser = MarkdownIt("commonmark", {"html": False, "typographer": False})
    tokens = parser.parse("\n".join(lines))
    for token in tokens:
        if token.type.startswith("heading_"):
            token.tag = "h3"  # whatever a writer chose: under the section's own heading nothing may be skipped
    return Block(tuple(tokens), tuple(cited))


def _placed(
    match: re.Match[str],
    *,
    releases: Mapping[str, Release],
    withheld: Collection[str],
    cited: list[Cited],
    file: str,
    line: int,
    wrong: list[BadInput],
) -> str:
    where = Where(file, line=line, key=match.group())
    if match.group(1) != "figure":
        wrong.append(
            BadInput(
                f"“{match.group(1)}” cannot be cited in a publication",
                where=where,
                next_step="Cite a figure: {{figure:NAME/TABLE/CELL}}.",
            )
        )
        return ""
    if match.group(2).partition("#")[0].partition("/")[0] in withheld:
        return "a number that could not be published"
    try:
        cited.append(cite(match.group(2), releases, where))
    except BadInput as fault:
        wrong.append(fault)
        return ""
    return _mark(len(cited) - 1)


def cite(path: str, releases: Mapping[str, Release], where: Where) -> Cited:
    """The words of `NAME/TABLE/CELL#PART`. Raises BadInput naming the nearest name at the step that fails."""
    whole = path
    path, _, part = path.partition("#")
    steps = path.split("/", 2)
    release = releases.get(steps[0])
    if release is None:
        coded = _of_code(steps[0], releases)
        if coded is None:
            raise BadInput(
                f"This publication has no figure “{steps[0]}”", where=where, next_step=did_you_mean(steps[0], releases)
            )
        cell = _cell(coded, path.partition("/")[2], where)
        return Cited(_words(cell, part, where), coded.code, whole)
    table = release.tables[0]
    if len(steps) > 1:
        named = {table.name: table for table in release.tables}
        if steps[1] not in named:
            raise BadInput(
                f"“{steps[0]}” has no table “{steps[1]}”", where=where, next_step=did_you_mean(steps[1], named)
            )
        table = named[steps[1]]
    cell = _cell(table, steps[2] if len(steps) > 2 else "", where)
    return Cited(_words(cell, part, where), table.code, whole)


def _of_code(code: str, releases: Mapping[str, Release]) -> ReleasedTable | None:
    """The table that a figure's code stands for, however the code was typed."""
    wanted = code.upper().replace("-", "")
    for release in releases.values():
        for table in release.tables:
            if table.code.replace("-", "") == wanted:
                return table
    return None


def _plain(text: str) -> str:
    return text.replace("_", " ").strip().casefold()


def _cell(table: ReleasedTable, path: str, where: Where) -> ReleasedCell:
    wanted = [_plain(step) for step in path.split(";")] if path else [tables.TOTAL.casefold()] * len(table.dimensions)
    for cell in table.cells:
        if [_plain(step) for step in cell.key] == wanted:
            return cell
    known = [";".join(step.replace(" ", "_") for step in cell.key) for cell in table.cells]
    raise BadInput(
        f"Table “{table.name}” has no cell “{path or tables.TOTAL}”",
        where=where,
        next_step=did_you_mean(path or tables.TOTAL, known),
    )


def _words(cell: ReleasedCell, part: str, where: Where) -> str:
    if cell.hidden:
        return f"a number that is not shown {words.mark(cell.hidden)}"
    estimate = cell.estimate
    values = {
        "": words.measured(estimate)
        if estimate is not None
        else None
        if cell.count is None
        else words.number(cell.count),
        "count": None if cell.count is None else words.number(cell.count),
        "base": None if cell.base is None else words.number(cell.base),
        "value": None if estimate is None else words.value(estimate),
        "interval": None if estimate is None or estimate.interval is None else words.interval(estimate),
        "rate": None if estimate is None else words.measured_plainly(estimate),
    }
    if part not in values:
        raise BadInput(
            f"A figure has no part “{part}”", where=where, next_step=did_you_mean(part, [v for v in values if v])
        )
    text = values[part]
    if text is None:
        raise BadInput(
            f"That figure has no {part or 'value'}",
            where=where,
            next_step="It has: " + words.listed([f"#{name}" for name, value in values.items() if value and name]),
        )
    return text


def html(block: Block, link: str) -> str:
    """Sanitised HTML; a cited figure links to `link` with its code in place of `{code}`."""
    from html import escape

    import nh3
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False})
    raw = parser.renderer.render(list(block.tokens), parser.options, {})
    clean = nh3.clean(
        raw,
        tags={"p", "ul", "ol", "li", "em", "strong", "a", "code", "blockquote", "h3", "br"},
        attributes={"a": {"href"}},
        url_schemes={"https", "http", "mailto"},
        link_rel="noopener",
    )

    def anchor(match: re.Match[str]) -> str:
        cited = block.cited[int(match[1])]
        return f'<a class="cited" href="{escape(link.format(code=cited.code))}">{escape(cited.text)}</a>'

    return MARK.sub(anchor, clean)


def tree(block: Block) -> list[dict[str, Any]]:
    """The same block as nested plain data (`kind`, `text`, `children`, `href`, `code`) for the page compositor."""
    from markdown_it.tree import SyntaxTreeNode

    return [_node(child, block) for child in SyntaxTreeNode(list(block.tokens)).children]


def _node(node: Any, block: Block) -> dict[str, Any]:
    if node.type in {"text", "code_inline", "fence", "code_block"}:
        if node.type == "text":
            return {"kind": "inline", "children": _cited_parts(node.content, block)}
        return {"kind": "code", "text": node.content}
    made: dict[str, Any] = {"kind": node.type, "children": [_node(child, block) for child in node.children]}
    if node.type == "link":
        made["href"] = str(node.attrs.get("href", ""))
    return made


def _cited_parts(text: str, block: Block) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    end = 0
    for match in MARK.finditer(text):
        parts.append({"kind": "text", "text": text[end : match.start()]})
        cited = block.cited[int(match[1])]
        parts.append({"kind": "cited", "text": cited.text, "code": cited.code})
        end = match.end()
    parts.append({"kind": "text", "text": text[end:]})
    return [part for part in parts if part["text"]]
