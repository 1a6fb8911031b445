"""Names that vary for one thing: bodies, plans, tools and places called two ways in one draft."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from concord.strategy.proofread.document import Block, Document, Role
from concord.strategy.proofread.language import quote, stem, word_list
from concord.strategy.proofread.remark import Kind, Remark

_CAPITAL = r"\b[A-Z][A-Za-z]*(?:[’'-][A-Za-z]+)*[’']?"
CHAIN = re.compile(rf"{_CAPITAL}(?:\s+(?:(?:and|of|the|for|on|in|against|to|&)\s+){{0,2}}{_CAPITAL})+")
SMALL = frozenset(["and", "of", "the", "for", "on", "in", "against", "to", "&"])


@dataclass(frozen=True, slots=True)
class Name:
    """A name as written and where; `key` is its tokens in one form, small words left out."""

    words: str
    key: tuple[str, ...]
    line: int
    block: Block


def check(document: Document) -> Iterator[Remark]:
    names = list(_names(document))
    together = _listed_together(document, names)
    yield from _spellings(names)
    yield from _heads(names, together)
    yield from _modifiers(names, together)
    yield from _joined_differently(document)
    yield from _expansions(document)
    yield from _title(document)


def _key(words: list[str]) -> tuple[str, ...]:
    return tuple(stem(w.lower().replace("’", "'").rstrip("'")) for w in words if w.lower() not in SMALL)


def _names(document: Document) -> Iterator[Name]:
    """Capitalised names that end in a word for a body or a document."""
    heads = word_list("bodies") | word_list("named_things")
    own = set((document.area or "").split())
    own |= {f"{word}{mark}" for word in own for mark in ("'", "’", "'s", "’s")}
    for block in document.blocks:
        if block.role in (Role.CONTENTS, Role.STATUTE):
            continue
        for match in CHAIN.finditer(block.text):
            for words, offset in _parts(match.group(), match.start()):
                while words and (
                    words[0].lower() in word_list("before_names") or words[0] in own or words[0].lower() in SMALL
                ):
                    offset += len(words[0]) + 1
                    words = words[1:]
                while len(words) > 2 and stem(words[-1].lower().rstrip("'’")) not in heads:
                    words = words[:-1]
                if len(words) >= 2 and stem(words[-1].lower().rstrip("'’")) in heads and len(_key(words)) >= 2:
                    yield Name(" ".join(words).rstrip("'’"), _key(words), block.line_at(offset), block)


def _parts(chain: str, offset: int) -> Iterator[tuple[list[str], int]]:
    """One chain of capitals may hold several names: split at “and” after a body, and after an owning body."""
    words = chain.split()
    start = 0
    for i, word in enumerate(words):
        ends = stem(word.lower()) in word_list("bodies") and i > start
        if ends and i + 1 < len(words):
            here = offset + len(" ".join(words[:start])) + (1 if start else 0)
            yield words[start : i + 1], here
            start = i + 2 if words[i + 1].lower() in SMALL else i + 1
    here = offset + len(" ".join(words[:start])) + (1 if start else 0)
    yield words[start:], here


def _listed_together(document: Document, names: list[Name]) -> set[frozenset[tuple[str, ...]]]:
    """Pairs of names that one list gives side by side, so that they are different things."""
    pairs: set[frozenset[tuple[str, ...]]] = set()
    by_block: dict[int, list[tuple[str, ...]]] = defaultdict(list)
    for name in names:
        by_block[id(name.block)].append(name.key)
    for listing in document.listings:
        keys = {key for item in listing.items for key in by_block.get(id(item), ()) if len(item.text.split()) <= 10}
        pairs.update(frozenset((a, b)) for a in keys for b in keys if a != b)
    return pairs


def _lines(names: list[Name], key: tuple[str, ...]) -> list[int]:
    return sorted({n.line for n in names if n.key == key})


def _grouped(names: list[Name]) -> dict[tuple[str, ...], list[Name]]:
    groups: dict[tuple[str, ...], list[Name]] = defaultdict(list)
    for name in names:
        groups[name.key].append(name)
    return groups


def _remarks(few: list[Name], many: list[Name], message: str, suggestion: str) -> Iterator[Remark]:
    lines = tuple(sorted({n.line for n in many}))
    for name in {n.line: n for n in few}.values():
        yield Remark(
            name.line,
            Kind.NAME,
            message.replace("{line}", str(lines[0]))
            .replace("{this}", quote(name.words))
            .replace("{that}", quote(many[0].words)),
            suggestion,
            lines,
        )


def _ordered(one: list[Name], two: list[Name]) -> tuple[list[Name], list[Name]]:
    """The rarer spelling first; where both are as common, the later one."""
    if len(one) != len(two):
        return (one, two) if len(one) < len(two) else (two, one)
    return (two, one) if one[0].line <= two[0].line else (one, two)


def _spellings(names: list[Name]) -> Iterator[Remark]:
    groups = _grouped(names)
    keys = sorted(groups)
    index: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for key in keys:
        for word in key:
            index[word].append(key)
    for a in keys:
        for b in sorted({key for word in a for key in index[word]}):
            if a >= b:
                continue
            short = min(len(a), len(b))
            x, y = a[-short:], b[-short:]
            differ = [(p, q) for p, q in zip(x, y, strict=True) if p != q]
            if short < 3 and len(a) != len(b):
                continue
            if len(differ) == 1 and _alike(*differ[0]):
                few, many = _ordered(groups[a], groups[b])
                yield from _remarks(
                    few,
                    many,
                    "{this} is spelt {that} elsewhere (first on line {line}).",
                    "Use one spelling throughout: the body's own.",
                )


def _alike(a: str, b: str) -> bool:
    return min(len(a), len(b)) >= 5 and a[:3] == b[:3] and SequenceMatcher(None, a, b).ratio() >= 0.8


def _heads(names: list[Name], together: set[frozenset[tuple[str, ...]]]) -> Iterator[Remark]:
    groups = _grouped(names)
    by_stem: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    for key in groups:
        if len(key) >= 3 and key[-1] in word_list("bodies"):
            by_stem[key[:-1]].append(key)
    for keys in by_stem.values():
        keys.sort(key=lambda key: (-len(groups[key]), groups[key][0].line))
        for other in keys[1:]:
            if frozenset((keys[0], other)) in together:
                continue
            yield from _remarks(
                groups[other],
                groups[keys[0]],
                "{this} here, {that} elsewhere (first on line {line}): one body with two names, or two bodies?",
                "Use one name, the current one; if they are two bodies, say what each does.",
            )


def _modifiers(names: list[Name], together: set[frozenset[tuple[str, ...]]]) -> Iterator[Remark]:
    groups = _grouped(names)
    by_head: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    for key in groups:
        if len(key) >= 3 and key[-1] in word_list("named_things"):
            by_head[key[-2:]].append(key)
    for keys in by_head.values():
        for group in _clusters(keys):
            main = max(
                group, key=lambda key: (len({n.line for n in groups[key]}), _kin(key, group), -groups[key][0].line)
            )
            for other in group:
                if other == main or not set(main[:-2]) & set(other[:-2]) or frozenset((main, other)) in together:
                    continue
                if (
                    len(main) == len(other)
                    and sum(_alike(p, q) for p, q in zip(main, other, strict=True) if p != q) == 1
                ):
                    continue
                yield from _remarks(
                    groups[other],
                    groups[main],
                    "{this} here, {that} elsewhere (first on line {line}): is it the same thing?",
                    "If it is, use one name throughout; if not, say how they differ where each first appears.",
                )


def _kin(key: tuple[str, ...], group: list[tuple[str, ...]]) -> int:
    return sum(bool(set(key[:-2]) & set(other[:-2])) for other in group)


def _clusters(keys: list[tuple[str, ...]]) -> list[list[tuple[str, ...]]]:
    """Names with one head, put together while they share a word before it."""
    clusters: list[list[tuple[str, ...]]] = []
    for key in keys:
        joined = [c for c in clusters if any(set(key[:-2]) & set(other[:-2]) for other in c)]
        clusters = [c for c in clusters if c not in joined] + [[key, *(other for c in joined for other in c)]]
    return clusters


def _joined_differently(document: Document) -> Iterator[Remark]:
    """North East, North-East and Northeast."""
    pattern = re.compile(
        r"\b(?:[Nn]orth|[Ss]outh)[ -]?(?:[Ee]ast|[Ww]est)(?:ern)?\s[A-Z][a-z]+|"
        r"\b[A-Z][a-z]+-[A-Z][a-z]+(?:\s[A-Z][a-z]+)+"
    )
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    text_of = [(b, b.text) for b in document.blocks if b.role not in (Role.CONTENTS, Role.STATUTE)]
    keys: set[str] = set()
    for _, text in text_of:
        keys.update(re.sub(r"[ -]", "", m.group()).lower() for m in pattern.finditer(text))
    if not keys:
        return
    loose = re.compile(r"\b[A-Z][a-z]+(?:[ -]?[A-Za-z][a-z]+){1,4}")
    for block, text in text_of:
        for match in (*pattern.finditer(text), *loose.finditer(text)):
            words = re.split(r"(?<=[a-z])(?=[ -])", match.group())
            for size in range(2, len(words) + 1):
                said = "".join(words[:size])
                key = re.sub(r"[ -]", "", said).lower()
                line = block.line_at(match.start())
                if key in keys and line not in found[key][said]:
                    found[key][said].append(line)
    for spellings in found.values():
        if len(spellings) < 2:
            continue
        main = max(spellings, key=lambda said: (len(spellings[said]), -spellings[said][0]))
        for said, lines in spellings.items():
            if said != main and said.lower() != main.lower():
                for line in lines:
                    yield Remark(
                        line,
                        Kind.NAME,
                        f"{quote(said)} here, {quote(main)} elsewhere (first on line {spellings[main][0]}).",
                        "Join the words one way throughout.",
                        tuple(spellings[main]),
                    )


def _expansions(document: Document) -> Iterator[Remark]:
    """One acronym spelt out two ways."""
    spelt: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for block in document.blocks:
        if block.role is Role.CONTENTS:
            continue
        for match in re.finditer(r"\((?P<a>[A-Z][A-Za-z&]{1,7}?)s?\)", block.text):
            letters = [c.lower() for c in match.group("a") if c.isupper()]
            said = _spelt(block.text[: match.start()], letters)
            if said and len(letters) >= 2:
                spelt[match.group("a")].append((said, block.line_at(match.start())))
    for acronym, ways in spelt.items():
        first, line = ways[0]
        for other, at in ways[1:]:
            if at != line and SequenceMatcher(None, _loose(first), _loose(other)).ratio() < 0.9:
                yield Remark(
                    at,
                    Kind.NAME,
                    f"{acronym} is spelt out as {quote(other)} here and as {quote(first)} on line {line}.",
                    "Use each set of letters for one thing only.",
                    (line,),
                )


def _loose(text: str) -> str:
    return " ".join(stem(w) for w in re.findall(r"[a-z]+", text.lower()) if w not in SMALL)


def _spelt(before: str, letters: list[str]) -> str | None:
    """The words just before “(ABC)” whose initials are its letters, small words between them allowed."""
    words = re.findall(r"[\w’']+", before)[-2 * len(letters) - 2 :]
    place = len(words) - 1
    for letter in reversed(letters):
        while (
            place >= 0
            and words[place][0].lower() != letter
            and words[place].lower() in SMALL | {"a", "an", "with", "by"}
        ):
            place -= 1
        if place < 0 or words[place][0].lower() != letter:
            return None
        place -= 1
    return " ".join(words[place + 1 :])


def _title(document: Document) -> Iterator[Remark]:
    """The document called by another title than its own."""
    first = next((b for b in document.blocks if b.text), None)
    opening = [
        b for b in document.blocks[:6] if b.role is not Role.CONTENTS and re.search(r"\b(?:Strategy|Plan)\b", b.text)
    ]
    title = opening[0] if opening and len(opening[0].text.split()) <= 14 else None
    if first is None or title is None:
        return
    pattern = re.compile(
        r"\b(?:introduce|introducing|present|presenting|welcome to|launch|publish)\s+(?:you to\s+)?(?:the|our|"
        r"this)\s+(?P<n>[A-Z][^.,;:]*?\b(?:Strategy|Plan))\b"
    )
    own = set(_key((document.area or "").split()))
    for block in document.prose:
        match = pattern.search(block.text)
        if match is None:
            continue
        said = set(_key(re.findall(r"[A-Za-z’'-]+", re.sub(r"\([^)]*\)", "", match.group("n"))))) - own
        titled = set(_key(re.findall(r"[A-Za-z’'-]+", title.text))) - own
        if said and titled and said != titled and not said <= titled:
            kinds = {
                w
                for w in ("strategy", "plan")
                if re.search(rf"\bthis {w}\b", " ".join(b.text for b in document.prose), re.I)
            }
            also = " The text also says both “this strategy” and “this plan”." if len(kinds) == 2 else ""
            message = (
                f"This document is called {quote(title.text, 80)} on line {title.line} and "
                f"{quote(match.group('n'), 80)} "
                f"on line {block.line_at(match.start())}.{also}"
            )
            suggestion = "Give the document one title and use it, with “this strategy” for short."
            yield Remark(block.line_at(match.start()), Kind.NAME, message, suggestion, (title.line,))
            yield Remark(title.line, Kind.NAME, message, suggestion, (block.line_at(match.start()),))
            return
