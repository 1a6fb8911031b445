"""Laws of what is kept back: the public text holds nothing of it, whatever stands around it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.evidence.publications import leaks
from concord.kernel.errors import BadInput, Refused
from concord.strategy import passages

GROUNDS = {"safety": "Safety (a)", "crime": "Crime (b)", "institution": "Prisons (c)"}
WORD = st.text(st.sampled_from("abcdefghij"), min_size=2, max_size=7)
SENTENCE = st.lists(WORD, min_size=9, max_size=14).map(lambda words: " ".join(words) + ".")
PIECE = st.tuples(SENTENCE, st.sampled_from(["", *GROUNDS]))


def written(pieces: list[tuple[str, str]]) -> str:
    return "\n\n".join(f"::: restricted {ground}\n{text}\n:::" if ground else text for text, ground in pieces) + "\n"


@given(st.lists(PIECE, min_size=1, max_size=6))
def test_the_public_text_holds_no_kept_back_passage_and_every_other_one(pieces: list[tuple[str, str]]) -> None:
    text = written(pieces)
    public = passages.for_public(text, GROUNDS, file="t")
    open_to_all = {sentence for sentence, ground in pieces if not ground}
    for sentence, _ in pieces:
        assert (sentence in public.splitlines()) is (sentence in open_to_all)
    assert ":::" not in public
    # Line for line: a message about the public text points into the source.
    source = text.splitlines()
    for number, line in enumerate(public.splitlines()):
        assert line in ("", source[number])


@given(st.lists(PIECE, min_size=1, max_size=6))
def test_the_restricted_text_holds_everything_and_names_every_ground(pieces: list[tuple[str, str]]) -> None:
    shown = passages.for_restricted(written(pieces), GROUNDS, file="t")
    assert all(sentence in shown for sentence, _ in pieces)
    for ground in {ground for _, ground in pieces if ground}:
        assert f"Restricted: {GROUNDS[ground]}." in shown


@given(st.lists(PIECE, min_size=1, max_size=5, unique_by=lambda piece: piece[0]), st.data())
def test_keeping_back_and_leaving_in_undo_each_other(pieces: list[tuple[str, str]], data: st.DataObject) -> None:
    text = written(pieces)
    found = passages.passages(text, GROUNDS, file="t")
    one = data.draw(st.sampled_from(found))
    kept = passages.keep_back(text, one.digest, "safety", GROUNDS, file="t")
    assert one.text not in passages.for_public(kept, GROUNDS, file="t")
    left = passages.keep_back(kept, one.digest, "", GROUNDS, file="t")
    after = passages.passages(left, GROUNDS, file="t")
    assert [each.text for each in after] == [each.text for each in found]
    assert {each.ground for each in after if each.digest == one.digest} == {""}
    # Whoever decided about a passage decided about its words, not about where its lines break.
    assert [each.digest for each in after] == [each.digest for each in found]


@given(SENTENCE, SENTENCE, st.integers(0, 4))
def test_a_leak_is_found_wherever_it_is_wrapped(secret: str, other: str, wrapped: int) -> None:
    kept = passages.passages(f"::: restricted safety\n{secret}\n:::", GROUNDS, file="t")
    wanted = leaks.signs(kept, [other])
    if not wanted:  # the two sentences are one
        return
    half = len(secret) // 2
    content = f"<p>{secret[:half]}<b>{secret[half:]}</b></p>".encode()
    name = "page.html"
    for depth in range(wrapped):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        content, name = packed.getvalue(), f"level{depth}.zip"
    with TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(content)
        assert leaks.search(Path(folder), wanted)
        (Path(folder) / name).write_bytes(f"<p>{other}</p>".encode())
        assert not leaks.search(Path(folder), wanted)


@pytest.mark.parametrize(
    "hide",
    [
        lambda text: text.upper().encode(),
        lambda text: text.replace(" ", "\n  ").encode(),
        lambda text: text.replace(" ", "&#32;").encode(),
        lambda text: text.replace("e", "&#101;").encode(),
        lambda text: text.encode("utf-16-be"),
        lambda text: f'<img alt="{text}">'.encode(),
        lambda text: f"<!-- {text} -->".encode(),
        lambda text: f'{{"description": "{text}"}}'.encode(),
        lambda text: text.replace(" ", ", ").encode(),
    ],
)
def test_a_leak_is_found_however_it_is_written(tmp_path: Path, hide) -> None:
    secret = "the safe house is on the corner behind the green gate"
    wanted = leaks.signs(passages.passages(f"::: restricted safety\n{secret}\n:::", GROUNDS, file="t"), [])
    (tmp_path / "file.bin").write_bytes(hide(secret))
    with pytest.raises(Refused, match="holds something that is kept back"):
        leaks.require_none(tmp_path, wanted)


@pytest.mark.parametrize("place", ["title", "text", "alt", "keywords"])
def test_a_leak_is_found_in_a_pdf(tmp_path: Path, place: str) -> None:
    import typst

    secret = "the safe house is on the corner behind the green gate"
    given = {name: secret if name == place else "nothing to see" for name in ("title", "text", "alt", "keywords")}
    source = f"""
#set document(title: "{given["title"]}", keywords: ("{given["keywords"]}",))
#set text(lang: "en")
= Heading
{given["text"]}
#figure(alt: "{given["alt"]}", rect(width: 1cm, height: 1cm), caption: [A box])
"""
    (tmp_path / "made.typ").write_text(source)
    paper = typst.compile(str(tmp_path / "made.typ"), pdf_standards=["ua-1"])
    (tmp_path / "made.typ").unlink()
    (tmp_path / "paper.pdf").write_bytes(paper)
    wanted = leaks.signs(passages.passages(f"::: restricted safety\n{secret}\n:::", GROUNDS, file="t"), [])
    assert leaks.search(tmp_path, wanted), place


def test_words_that_everybody_reads_anyway_are_no_leak() -> None:
    same = "Police and council staff walk the high street together every Friday evening in summer."
    kept = passages.passages(f"::: restricted crime\n{same}\n:::", GROUNDS, file="t")
    assert leaks.signs(kept, [same]) == ()


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("One.\n\n::: restricted safety\nTwo.", "A restricted passage is opened and never closed", 3),
        ("::: restricted safty\nTwo.\n:::", "“safty” is no ground for keeping a passage back", 1),
        ("One.\n:::\n", "This closes a restricted passage, and none is open", 2),
        ("::: note\nTwo.\n:::", "“::: note” does not open anything that is known", 1),
        ("::: restricted safety\n::: restricted crime\nTwo.\n:::", "A fence stands inside a restricted passage", 2),
        ("::: restricted\nTwo.\n:::", "“::: restricted” does not open anything that is known", 1),
    ],
)
def test_a_fence_that_could_be_misread_is_refused_with_its_line(text: str, what: str, line: int) -> None:
    for reading in (passages.passages, passages.for_public, passages.for_restricted):
        with pytest.raises(BadInput) as refused:
            reading(text, GROUNDS, file="prose/where.md")
        assert refused.value.what == what
        assert refused.value.where is not None and refused.value.where.line == line
        assert refused.value.next_step


def test_a_fence_in_a_block_of_code_is_code() -> None:
    text = "```\n::: restricted safety\n```\n\nAfter."
    assert passages.for_public(text, GROUNDS, file="t") == text
    assert [each.ground for each in passages.passages(text, GROUNDS, file="t")] == ["", ""]
