"""A draft as proofreading sees it: lines, blocks of lines that read as one, and sentences.

Readers make `Line`s; `build` groups them. Every position in a block's text leads back to the line of
the file it came from, so that a remark names a line a person can go to.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from concord.strategy.proofread import language

LONGEST_BLOCK, LONGEST_SENTENCE = 20_000, 3_000  # beyond these it is no paragraph or sentence: read it in pieces
NARROWEST, WIDEST = 40, 220  # how long lines are that someone, or a program, broke by hand


class Role(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    CONTENTS = "contents"
    STATUTE = "statute"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the draft as extracted, links written `[text](target)`. Empty text is a break between blocks."""

    number: int
    text: str
    role: Role | None = None
    level: int = 0
    place: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that read as one. `starts` pairs an offset in `text` with the line that begins there."""

    role: Role
    text: str
    starts: tuple[tuple[int, int], ...]
    level: int = 0

    @property
    def line(self) -> int:
        return self.starts[0][1]

    @property
    def last_line(self) -> int:
        return self.starts[-1][1]

    def line_at(self, offset: int) -> int:
        place = bisect_right(self.starts, offset, key=lambda start: start[0]) - 1
        return self.starts[max(place, 0)][1]


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    block: Block
    offset: int

    def line_at(self, offset: int = 0) -> int:
        return self.block.line_at(self.offset + offset)

    @property
    def line(self) -> int:
        return self.line_at(0)


@dataclass(frozen=True, slots=True)
class Listing:
    """Items that stand together, and the block that leads into them (None where a list has no lead-in)."""

    lead_in: Block | None
    items: tuple[Block, ...]
    heading: Block | None


@dataclass(frozen=True)
class Document:
    lines: tuple[Line, ...]
    blocks: tuple[Block, ...]
    anchors: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def prose(self) -> tuple[Block, ...]:
        """What is said in the draft's own words: no contents, no heading, no quoted statute."""
        return tuple(b for b in self.blocks if b.role in (Role.PARAGRAPH, Role.ITEM, Role.TABLE))

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(s for block in self.prose for s in sentences_of(block))

    @cached_property
    def listings(self) -> tuple[Listing, ...]:
        return tuple(_listings(self.blocks))

    @cached_property
    def sections(self) -> tuple[tuple[Block | None, tuple[Block, ...]], ...]:
        """Each heading with the blocks beneath it, up to the next heading."""
        found: list[tuple[Block | None, list[Block]]] = [(None, [])]
        for block in self.blocks:
            if block.role is Role.HEADING:
                found.append((block, []))
            elif block.role is not Role.CONTENTS:
                found[-1][1].append(block)
        return tuple((heading, tuple(body)) for heading, body in found)

    @cached_property
    def area(self) -> str | None:
        """The place the draft is about, as its own words have it; None where it does not say."""
        text = "\n".join(block.text for block in self.blocks)
        counts: dict[str, int] = {}
        for match in language.OWN_AREA.finditer(text):
            name = re.sub(r"^(?:The|Our|In|Royal)\s", "", match.group("a") or match.group("b") or "")
            if name and name not in language.NOT_AN_AREA:
                counts[name] = counts.get(name, 0) + 1
        if not counts:
            return None
        return max(counts, key=lambda name: (counts[name] + text.count(name), len(name)))


def build(lines: Iterable[Line], *, wrapped: bool, anchors: Iterable[str] = ()) -> Document:
    """Group lines into blocks. `wrapped` says that a paragraph may run over several lines of the file."""
    kept = tuple(lines)
    blocks: list[Block] = []
    in_contents = False
    widths = _widths(kept)
    previous: Line | None = None
    for line in kept:
        text = language.plain(line.text)
        if not text:
            previous = None
            continue
        role, text, level = _role(line, text)
        if not text:
            previous = None
            continue
        if line.role is None and re.fullmatch(r"(?:table of )?contents\s*:?", text, re.I):
            in_contents, role = True, Role.HEADING
        elif line.role is None and in_contents:
            in_contents = bool(language.CONTENTS_LINE.search(line.text[-80:]))
        if line.role is None and language.CONTENTS_LINE.search(line.text[-80:]):
            role = Role.CONTENTS
        if previous is not None and wrapped and _continues(blocks[-1], previous, line, role, widths[line.number]):
            blocks[-1] = _joined(blocks[-1], text, line.number)
        else:
            blocks.append(Block(role, text, ((0, line.number),), level))
        previous = line
    return Document(kept, tuple(_settle(block) for block in blocks), frozenset(anchors))


def _role(line: Line, text: str) -> tuple[Role, str, int]:
    marker = language.BULLET.match(line.text)
    if line.role in (Role.CONTENTS, Role.TABLE):
        return line.role, text, line.level
    if line.role is Role.HEADING:
        return line.role, text, line.level
    markdown = re.match(r"(#{1,6})\s+", line.text)
    if markdown:
        return Role.HEADING, text.lstrip("# ").strip(), len(markdown.group(1))
    if marker:
        return Role.ITEM, language.plain(line.text[marker.end() :]), len(marker.group("indent").expandtabs(4)) // 2
    if line.role is not None:
        return line.role, text, line.level
    if line.text.lstrip().startswith("|") and line.text.count("|") >= 2:
        return Role.TABLE, text.strip("| "), 0
    return Role.PARAGRAPH, text, 0


def _widths(lines: tuple[Line, ...]) -> dict[int, int]:
    """For each line, the length of the longest line in the unbroken run of lines that it stands in."""
    widths: dict[int, int] = {}
    run: list[Line] = []
    for line in (*lines, Line(0, "")):
        if line.text.strip():
            run.append(line)
            continue
        widest = max((len(each.text.rstrip()) for each in run), default=0)
        widths.update((each.number, widest) for each in run)
        run = []
    return widths


def _continues(block: Block, previous: Line, line: Line, role: Role, width: int) -> bool:
    """Whether a line goes on with the block above it: it starts small, or its first word had no room above."""
    if role is not Role.PARAGRAPH or block.role not in (Role.PARAGRAPH, Role.ITEM) or len(block.text) > LONGEST_BLOCK:
        return False
    text = language.plain(line.text)
    if text[:1].islower() and block.text[-1] not in ".?!:":
        return True
    if block.role is Role.ITEM and line.text[:2].isspace():
        return True
    if width < NARROWEST or len(previous.text) > WIDEST:
        return False
    return len(previous.text.rstrip()) + 1 + len(text.split()[0]) > 0.85 * width and block.text[-1] != ":"


def _joined(block: Block, text: str, number: int) -> Block:
    if re.search(r"[a-z]-$", block.text) and text[:1].islower():
        kept = block.text  # a word broken at the line's end keeps its hyphen: "multi-" + "agency"
    else:
        kept = block.text + " "
    return Block(block.role, kept + text, (*block.starts, (len(kept), number)), block.level)


def _settle(block: Block) -> Block:
    if block.role is Role.PARAGRAPH:
        if language.is_statute(block.text):
            return Block(Role.STATUTE, block.text, block.starts, block.level)
        if language.is_heading(block.text):
            return Block(Role.HEADING, block.text, block.starts, block.level)
    return block


def sentences_of(block: Block) -> Iterator[Sentence]:
    start = 0
    for match in language.SENTENCE_END.finditer(block.text):
        if language.ABBREVIATION.search(block.text[max(match.start() - 10, 0) : match.start() + 1]):
            continue
        yield from _pieces(block, start, match.end())
        start = match.end()
    yield from _pieces(block, start, len(block.text))


def _pieces(block: Block, start: int, end: int) -> Iterator[Sentence]:
    while start < end:
        stop = end
        if end - start > LONGEST_SENTENCE:
            stop = block.text.rfind(" ", start + 1, start + LONGEST_SENTENCE) + 1 or start + LONGEST_SENTENCE
        text = block.text[start:stop].rstrip()
        if text.strip():
            yield Sentence(text, block, start)
        start = stop


def _listings(blocks: tuple[Block, ...]) -> Iterator[Listing]:
    heading: Block | None = None
    lead_in: Block | None = None
    items: list[Block] = []
    for block in (*blocks, None):
        if block is not None and block.role is Role.ITEM:
            items.append(block)
            continue
        if items:
            level = min(item.level for item in items)
            yield Listing(lead_in, tuple(item for item in items if item.level == level), heading)
            items = []
        if block is None:
            return
        lead_in = None if block.role is Role.CONTENTS else block
        if block.role is Role.HEADING:
            heading = block
