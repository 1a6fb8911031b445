"""Letters the reader is never told the meaning of, or only after they were first used."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from concord.strategy.proofread.document import Block, Document, Role
from concord.strategy.proofread.language import series, word_list
from concord.strategy.proofread.remark import Kind, Remark

ACRONYM = re.compile(r"(?<![\w’'/@.-])(?P<a>[A-Z][A-Za-z]?[A-Z][A-Za-z]{0,4})\b(?!['’]?[a-z])")
# Letters a member of the public reads as words; not what a partnership should have to spell out.
ROMAN = re.compile(r"^[IVXLC]+$")
SMALL = frozenset(["and", "of", "the", "for", "on", "in", "to", "&", "a", "an"])


def check(document: Document) -> Iterator[Remark]:
    prose = [b for b in document.blocks if b.role in (Role.PARAGRAPH, Role.ITEM)]
    used: dict[str, tuple[Block, int]] = {}
    words = {w.lower() for b in document.blocks for w in re.findall(r"\b(?:[A-Z]?[a-z]+)\b", b.text)}
    for block in prose:
        if block.text.isupper():
            continue
        for match in ACRONYM.finditer(block.text):
            letters = re.sub(r"s$", "", match.group("a"))
            if not _counts_as_acronym(letters, words) or _part_of_a_name(block.text, match):
                continue
            used.setdefault(letters, (block, match.start()))
    explained = _explained(document)
    never: dict[int, list[str]] = defaultdict(list)
    late: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for letters, (block, offset) in used.items():
        line = block.line_at(offset)
        at = explained.get(letters.lower())
        if at is None:
            never[line].append(letters)
        elif at > line:
            late[line].append((letters, at))
    for line in sorted(never.keys() | late.keys()):
        yield _remark(line, never.get(line, []), late.get(line, []))


def _counts_as_acronym(letters: str, words: set[str]) -> bool:
    capitals = sum(c.isupper() for c in letters)
    return (
        2 <= len(letters) <= 6
        and capitals >= 2
        and capitals * 2 >= len(letters)
        and letters not in word_list("everyday_acronyms")
        and not ROMAN.match(letters)
        and letters.lower() not in words
        and letters not in ("INSERT", "TBC", "TBA", "TBD")
        and not re.fullmatch(r"X+", letters)
    )


def _part_of_a_name(text: str, match: re.Match[str]) -> bool:
    """“the ABC programme”, “called ABC”, “Poplar ABC”: the letters are somebody's name, not shorthand."""
    before, after = text[: match.start()], text[match.end() :]
    if re.search(
        r"\b(?:called|named|known as|organisations? like|such as|like|through|the)\s+(?:the\s+)?$", before
    ) and re.match(r"\s+(?:to\b|program|project|initiative)", after):
        return True
    return re.search(r"\b(?:called|named)\s+(?:the\s+)?$", before) is not None or (
        re.search(r"(?:^|[.!?]\s)[A-Z][a-z]+\s$", before) is not None
        and re.match(r"\s*\((?:registered|a |an |the )", after) is not None
    )


def _explained(document: Document) -> dict[str, int]:
    """Where each acronym is first spelt out: in brackets beside it, or by a capitalised name with its initials."""
    found: dict[str, int] = {}

    def note(letters: str, line: int) -> None:
        key = re.sub(r"s$", "", letters).lower()
        found[key] = min(line, found.get(key, line))

    for block in document.blocks:
        if block.role is Role.CONTENTS:
            continue
        for match in re.finditer(r"[A-Za-z’']\s*\(\s*[‘“'\"]?(?P<a>[A-Za-z&]{2,8})[’”'\"]?\s*\)", block.text):
            if sum(c.isupper() for c in match.group("a")) >= 2:
                note(match.group("a"), block.line_at(match.start()))
        for match in re.finditer(
            r"\b(?P<a>[A-Z][A-Za-z]?[A-Z][A-Za-z]{0,4})\s+\((?P<w>[A-Za-z][^)]{6,80})\)", block.text
        ):
            initials = "".join(
                w[0].lower() for w in re.findall(r"[A-Za-z]+", match.group("w")) if w.lower() not in SMALL
            )
            if initials.startswith(match.group("a")[:2].lower()):
                note(match.group("a"), block.line_at(match.start()))
        tokens = [(m.group(), m.start()) for m in re.finditer(r"[A-Za-z][\w’']*", block.text)]
        for i, (word, start) in enumerate(tokens):
            if not word[0].isupper():
                continue
            initials = ""
            for later, _ in tokens[i : i + 9]:
                if later[0].isupper():
                    initials += later[0].lower()
                    if len(initials) >= 2 and block.role is not Role.STATUTE:
                        note(initials, block.line_at(start))
                elif later not in SMALL:
                    break
    return found


def _remark(line: int, never: list[str], late: list[tuple[str, int]]) -> Remark:
    said = []
    if never:
        said.append(f"{series(never)} {'is' if len(never) == 1 else 'are'} never spelt out.")
    if late:
        told = series([f"{letters} (line {at})" for letters, at in late])
        said.append(f"{told} {'is' if len(late) == 1 else 'are'} spelt out only later.")
    return Remark(
        line,
        Kind.ACRONYM,
        " ".join(said),
        "Spell it out where it is first used, with the letters in brackets; a public reader will not know it.",
        tuple(sorted({at for _, at in late})),
    )
