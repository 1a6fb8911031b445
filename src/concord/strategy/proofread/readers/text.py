"""Plain text and Markdown, in whatever encoding the author's machine saved it."""

from __future__ import annotations

import re
from pathlib import Path

from charset_normalizer import from_bytes

from concord.kernel.errors import BadInput, Where
from concord.strategy.proofread.document import Document, Line, build
from concord.strategy.proofread.language import plain

# What Windows-1252 adds to ASCII that English drafts use; text of these alone is taken for it.
_WESTERN = set("‘’“”–—…•£€§©®°½¼¾·´éèêëàâáäçñöôóüúíïÉ\u00a0†‡™²³×÷¬")


def decode(data: bytes, path: Path) -> str:
    """The text of `data`. Raises BadInput when it is not text in any encoding that can be told."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                raise _not_text(path, f"It says it is {encoding.upper()} and then breaks off.") from None
    if b"\x00" not in data:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
        try:
            western = data.decode("cp1252")
            if all(ord(c) < 128 or c in _WESTERN for c in western):
                return western
        except UnicodeDecodeError:
            pass
    best = from_bytes(data).best()
    text = str(best) if best is not None else ""
    controls = sum(c < " " and c not in "\t\r\n\x0b\x0c" for c in text)
    if best is None or controls > max(2, len(text) // 500):
        raise _not_text(path, "It holds bytes that are no text in any encoding.")
    return text


def _not_text(path: Path, why: str) -> BadInput:
    return BadInput(
        f"{path.name} is not text.",
        where=Where(file=path),
        why=why,
        next_step="Open the draft in the program that made it and save it as .docx, or as text in UTF-8.",
    )


def split_lines(text: str) -> list[str]:
    """Lines as editors count them: only line ends divide, never form feeds or other separators."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if lines and lines[-1] == "" else lines


def slugs(headings: list[str]) -> set[str]:
    """The anchors a Markdown page gives its headings."""
    return {re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", plain(h).lower()).strip()) for h in headings}


def read(path: Path, data: bytes) -> Document:
    lines = split_lines(decode(data, path))
    if not any(line.strip() for line in lines):
        raise BadInput(
            f"{path.name} is empty.", where=Where(file=path), next_step="Save the draft again, and check that it opens."
        )
    anchors = slugs([line.lstrip("# ") for line in lines if re.match(r"#{1,6}\s", line)])
    anchors.update(m for line in lines for m in re.findall(r"<a\s+(?:id|name)=[\"']([^\"']+)", line))
    numbered = [Line(number, text) for number, text in enumerate(_without_code(lines), start=1)]
    return build(numbered, wrapped=True, anchors=anchors)


def _without_code(lines: list[str]) -> list[str]:
    """Lines with fenced code and rules blanked: they are not the draft's words."""
    kept, fenced = [], False
    for line in lines:
        fence = line.lstrip().startswith("```")
        fenced = fenced != fence
        kept.append("" if fenced or fence or re.fullmatch(r"\s*\|?[\s|:=_*-]{3,}\|?\s*", line) else line)
    return kept
