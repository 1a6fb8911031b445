"""Proof that files hold nothing of what is kept back: every byte of them is searched, whatever it is wrapped in.

Looked into: text and its markup (alternative text and metadata among it), the members of zip containers (Word,
OpenDocument, folders of tables) down to the last one, and PDFs: the text of their pages, their document information,
every stream unpacked, in each of the ways a PDF writes letters. File names are searched too.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from concord.kernel.errors import Refused, Where
from concord.strategy.passages import Passage
from concord.strategy.prose import CITATION

RUN = 7
"""So many words in a row are taken to be the passage's own: shorter runs occur in any text."""
DEEPEST = 6
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.S)
_LETTERS = re.compile(r"[^0-9a-z\u0080-\U0010ffff]+")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Leak:
    """Something kept back that a file holds: the file, with the member inside it, and the words found there."""

    file: str
    words: str


def signs(passages: Iterable[Passage], public: Iterable[str]) -> tuple[str, ...]:
    """Runs of words by which kept-back passages are known, apart from those that everybody may read anyway."""
    known = plain(" ".join(public))
    found: dict[str, None] = {}
    for passage in passages:
        if not passage.ground:
            continue
        for piece in CITATION.split(passage.text)[::3]:
            said = plain(piece).split()
            runs = [said[at : at + RUN] for at in range(max(1, len(said) - RUN + 1))] if len(said) > 2 else []
            found.update(dict.fromkeys(run for each in runs if (run := " ".join(each)) not in known))
    return tuple(found)


def plain(text: str) -> str:
    """Words alone, in small letters: blind to markup, line breaks and punctuation."""
    return " ".join(_LETTERS.sub(" ", text.casefold()).split())


def search(folder: Path, wanted: Iterable[str], codes: Iterable[str] = ()) -> tuple[Leak, ...]:
    """Every place in the files of `folder` that holds one of `wanted` (from `signs`) or one of the figure `codes`."""
    runs = {plain(each).replace(" ", ""): each for each in (*wanted, *codes)}
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            for place, text in _texts(name, path.read_bytes(), 0):
                squeezed = plain(text).replace(" ", "")
                found += [Leak(place, words) for run, words in runs.items() if run and run in squeezed]
    return tuple(dict.fromkeys(found))


def require_none(folder: Path, wanted: Iterable[str], codes: Iterable[str] = ()) -> None:
    """Raises Refused, naming the files, where anything kept back would leave with them."""
    found = search(folder, wanted, codes)
    if found:
        raise Refused(
            "The public edition holds something that is kept back, so it was not published",
            where=Where(found[0].file),
            why=f"Found “{found[0].words}”" + (f" and {len(found) - 1} more." if len(found) > 1 else "."),
            next_step="Take it out of the public text, or keep that passage back as well.",
        )


def _texts(name: str, content: bytes, depth: int) -> Iterator[tuple[str, str]]:
    """Every text that can be read out of a file, with where it stands."""
    yield name, name
    if depth < DEEPEST and content[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        with zipfile.ZipFile(io.BytesIO(content)) as inside:
            yield name, inside.comment.decode("utf-8", "replace")
            for member in inside.infolist():
                yield from _texts(f"{name}/{member.filename}", inside.read(member), depth + 1)
        return
    if content[:5] == b"%PDF-":
        yield from _pdf(name, content)
        return
    if content[:2] == b"\x1f\x8b" and depth < DEEPEST:
        yield from _texts(f"{name}/unpacked", _inflated(content, 31), depth + 1)
        return
    for text in _readings(content):
        yield name, text
        # Markup may stand inside a sentence, and an entity for a letter.
        yield name, html.unescape(_TAG.sub(" ", text))
        yield name, html.unescape(_TAG.sub("", text))


def _readings(content: bytes) -> Iterator[str]:
    yield content.decode("utf-8", "replace")
    if b"\x00" in content:
        yield content.decode("utf-16-be", "replace")
        yield content[1:].decode("utf-16-be", "replace")


def _pdf(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        yield f"{name} (document information)", " ".join(document.get_metadata_dict().values())
        yield f"{name} (text)", " ".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()
    for piece in (content, *(_inflated(match[1], 15) for match in _STREAM.finditer(content))):
        for text in _readings(piece):
            yield f"{name} (bytes)", text
        # Alternative text and titles are written as literal or hexadecimal strings, in UTF-16 where letters need it.
        for written in re.findall(rb"<([0-9A-Fa-f\s]{8,})>", piece):
            digits = bytes(written).translate(None, b" \r\n\t")
            for text in _readings(bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())):
                yield f"{name} (strings)", text


def _inflated(content: bytes, window: int) -> bytes:
    try:
        return zlib.decompressobj(window).decompress(content)
    except zlib.error:
        return content
