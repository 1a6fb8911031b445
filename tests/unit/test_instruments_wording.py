"""Licensed wording: loaded with its source and licence or not at all, and never mixed with the examples."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from concord.desk.instruments.rules import Wording, blaming, outcome
from concord.kernel.errors import BadInput, Refused
from concord.strategy import load, wording

ROOT = Path(__file__).resolve().parents[2]
HARBOURSIDE = load(ROOT / "partnerships" / "harbourside")
CHECKLIST, GRAVITY = (HARBOURSIDE.instruments[key] for key in ("domestic_abuse_checklist", "child_gravity"))
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
HEAD = "question,option,text,points\n"
HELD = {"source": "SYN publisher, second edition", "licence": "SYN licence no. 1, from 2026"}
OFFENCES = HEAD + "offence,,What is the offence?,\noffence,x1,First,2\noffence,x2,Second,4\n"


def given(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "wording.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_checklist_takes_its_24_texts_and_loses_its_warning(tmp_path: Path) -> None:
    lines = "".join(f"q{number:02},,Licensed text {number},\n" for number in range(1, 25))
    wording.load(tmp_path, CHECKLIST, given(tmp_path, HEAD + lines), at=NOW, **HELD)
    held = wording.held(tmp_path, CHECKLIST.key)
    assert held is not None and held.source == HELD["source"] and held.licence == HELD["licence"]
    worded = wording.worded(CHECKLIST, held)
    texts = [each.text for each in worded.questions() if each.key.startswith("q")]
    assert texts == [f"Licensed text {number}" for number in range(1, 25)]
    assert not worded.example and CHECKLIST.example and not worded.takes_wording


def test_a_table_of_offences_brings_its_points(tmp_path: Path) -> None:
    wording.load(tmp_path, GRAVITY, given(tmp_path, OFFENCES), at=NOW, **HELD)
    worded = wording.worded(GRAVITY, wording.held(tmp_path, GRAVITY.key))
    answers = {"offence": "x2", "tests_met": "yes", "aggravating": ["none"], "mitigating": ["age"]}
    assert outcome(worded, answers, age_months=180).scores == {"base": 4, "final": 3}


@pytest.mark.parametrize("missing", ["source", "licence"])
def test_without_source_or_licence_nothing_is_loaded(tmp_path: Path, missing: str) -> None:
    with pytest.raises(Refused, match="not loaded without its source and its licence"):
        wording.load(tmp_path, GRAVITY, given(tmp_path, OFFENCES), at=NOW, **{**HELD, missing: " "})
    assert wording.held(tmp_path, GRAVITY.key) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "does not have the columns"),
        (HEAD + "offense,x,First,2\n", "“offense” is no question whose wording is loaded"),
        (HEAD + "history,x,First,2\n", "“history” is no question whose wording is loaded"),
        (HEAD + "offence,x,,2\n", "is blank"),
        (HEAD + "offence,x,First,two\n", "“two” is no number of points"),
        (HEAD + "offence,x,First,2\n", "fewer than two, or one stands twice"),
        (HEAD + "offence,x,First,2\noffence,x,Second,3\n", "fewer than two, or one stands twice"),
        (HEAD, "leaves 1 questions without wording: offence"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_changes_nothing(tmp_path: Path, text: str, words: str) -> None:
    wording.load(tmp_path, GRAVITY, given(tmp_path, OFFENCES), at=NOW, **HELD)
    before = wording.place(tmp_path, GRAVITY.key).read_bytes()
    with pytest.raises(BadInput, match=words):
        wording.load(tmp_path, GRAVITY, given(tmp_path, text), at=NOW, **HELD)
    assert wording.place(tmp_path, GRAVITY.key).read_bytes() == before


def test_an_instrument_with_its_own_wording_takes_none(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="takes no wording"):
        wording.load(tmp_path, HARBOURSIDE.instruments["needs_assessment"], given(tmp_path, OFFENCES), at=NOW, **HELD)


def test_damaged_wording_is_said_and_not_half_used(tmp_path: Path) -> None:
    wording.load(tmp_path, GRAVITY, given(tmp_path, OFFENCES), at=NOW, **HELD)
    wording.place(tmp_path, GRAVITY.key).write_text('{"texts": 3}')
    with pytest.raises(BadInput, match="cannot be read"):
        wording.held(tmp_path, GRAVITY.key)


def test_every_blaming_note_is_met_with_a_prompt_and_no_other() -> None:
    listed = [Wording(row["phrase"], row["instead"], row["why"]) for row in HARBOURSIDE.codelists["blaming_words"]]
    import numpy as np

    from concord.synthetic.notes import notes

    table = notes(np.random.default_rng(7), np.arange(2000))
    found = [bool(blaming(text, listed)) for text in table["note"]]
    said = [each in (True, "Y", "1", 1) for each in table["blaming"]]
    assert sum(said) == 60
    assert found == said


@pytest.mark.parametrize(
    ("text", "prompted"),
    [
        ("She is STREETWISE.", True),
        ("Poor\n choices", True),
        ("lifestyle choices", True),
        ("The streets are wise to avoid.", False),
        ("Choices were poor food or none.", False),
    ],
)
def test_phrases_are_whole_words_in_any_case(text: str, prompted: bool) -> None:
    listed = [Wording(each, "x", "y") for each in ("streetwise", "poor choices", "lifestyle choice*")]
    assert bool(blaming(text, listed)) is prompted
