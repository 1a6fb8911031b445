"""Licensed wording: loaded with its source and licence or not at all, and never mixed with the examples."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import sha256
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


# Four words in a row of the licensed checklist, as digests: enough to know its text if it were here, too little to
# read it from.
LICENSED = {
    "035dc8b9c9343b0a",
    "04321d8cc089b81d",
    "04dc0e98372f31b5",
    "05c2bc523211dea1",
    "0664977656b62600",
    "073d6b01424ccbf8",
    "0ce9094ceedb7e51",
    "0eafcfac43a85e57",
    "101fa0a7ca540ae7",
    "11c99a166f7a6060",
    "18005df3130bfa70",
    "1abea2c2156c1900",
    "26595090655b8be1",
    "274ee2d944ee3c31",
    "288ee8ffee2210ee",
    "2b0d3d595aae5623",
    "3116d166d222c6a8",
    "3143bf1624b85deb",
    "373e340406e71e7b",
    "37bfd3f71f69b613",
    "382e6f9cfc50a99f",
    "39a0708935cf0ded",
    "3d8cb75e22847809",
    "41e343da984904de",
    "43d6c4b7f20bce3b",
    "44c03adb1b43d8bf",
    "48af3db116b25cb3",
    "4b3cc7f90fca0190",
    "4dcf4434bc8cbe04",
    "51c33b38e526049a",
    "540b534291a84fb2",
    "5575a6573563393a",
    "560879af839d755c",
    "566ddb7038833711",
    "58ddf47a7255ed1d",
    "5cf452a42aec6664",
    "6005a08d18a51c2c",
    "60dffebb67511d6f",
    "62c91408df1b8191",
    "65219d6574fe3946",
    "6642618e4005d7d1",
    "6bbd1e05f27a0cb9",
    "70ecfa96d4546172",
    "735e909a7548ec81",
    "7641a398f2396477",
    "764d9b58d2b8f74f",
    "79c2438a18e8a172",
    "7a3c17b37a946cf4",
    "7c2815e7736e53ba",
    "7cdcaeda355159f3",
    "7e33a83bd9086321",
    "7e5638b5a2f76d79",
    "7fae54c2572ea2eb",
    "858da3492397f770",
    "862c701ebf77f8c9",
    "872105471943d7be",
    "8b644cb96c119822",
    "8c614a7a2037c1b1",
    "8c9bee5bc9490654",
    "8cb701b102d7b087",
    "8eb6984c603c997b",
    "9191382207b5e3e9",
    "92db34aeae893146",
    "93298dbf969ca02a",
    "96adf4ecd02b7747",
    "9887b0dade18bbac",
    "9959ed0037883e15",
    "99ad7dbbd3f9a278",
    "9f13d8619c2ca2dd",
    "9fc43794193d01fb",
    "a1533f234dbf030c",
    "a303393502276387",
    "a3d12ccd2cae6ed9",
    "a6657353d1cfc702",
    "abe6ddee6ba09d76",
    "ac950f21c7739928",
    "ad4f14ff39fafea3",
    "b1cc39f57f4db7f6",
    "b3b8a4faf6f91609",
    "b6e11cf885c99c16",
    "b7326472a3c95456",
    "b73c5895ac9d0e4b",
    "b7bdd510c1ba566d",
    "b7c97f2a30be4638",
    "b907521444c1d4df",
    "b9c55d7ce06d4733",
    "bca882a43c9254b4",
    "bcdbd36e4ffb4b66",
    "bf9bb414ee1b2805",
    "c0e8f9f50d1bbbbb",
    "c405dc3ecf7ff832",
    "c6394e551e237220",
    "c728541f1209fe2e",
    "c97218881c089780",
    "c9e40848372ea073",
    "caa09a7e4b039c88",
    "cb9b3618e98764bd",
    "ce3790a8a492b204",
    "cf1cadbe4674f9d3",
    "d0baa660e1353050",
    "d12531082ba80867",
    "d441a98a2a08cca7",
    "d6e0a8b50d71bd78",
    "d86ce22e4bcc94ef",
    "d8ff6db79266af9b",
    "d97631b61fbccad2",
    "dc848a9c4dd2d6ff",
    "dccad593d1c3eac7",
    "de26a69ac29d9c4d",
    "de36f81b0e93b0a6",
    "e20b2bd99b8e2ea1",
    "e3ec8bbba8412ef2",
    "ea0aa40beffc14b8",
    "ea70b008e91d8793",
    "f269b877cf0069ee",
    "f3bc969a05367fc0",
    "f838dea562069588",
    "fb1186329a03fede",
    "fc28f8c7c1d35764",
    "fc9fcfa136e110d9",
    "fd5146a76ca05700",
}
SHIPPED = ("partnerships", "src", "docs")
WORDS_IN_A_ROW = 4


def runs(text: str) -> set[str]:
    """The digest of every four words in a row."""
    words = re.findall(r"[a-z]+", text.lower())
    rows = (words[at : at + WORDS_IN_A_ROW] for at in range(len(words) - WORDS_IN_A_ROW + 1))
    return {sha256(" ".join(row).encode()).hexdigest()[:16] for row in rows}


def test_no_licensed_text_ships() -> None:
    found = []
    for folder in SHIPPED:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".toml", ".csv", ".md", ".py", ".html", ".json") and path.is_file():
                known = runs(path.read_text(encoding="utf-8", errors="replace")) & LICENSED
                # One run may be chance; the checklist would be many.
                if len(known) > 1:
                    found.append(str(path))
    assert found == []


def test_the_search_for_licensed_text_can_find_something() -> None:
    said = "Anybody may write these seven words down"
    assert len(runs(said)) == 4 and runs(f"x {said.upper()}, and more") >= runs(said)
    assert "not the DASH checklist" in CHECKLIST.example
