"""What a file of an instrument may not say, each mistake with its key path and its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from concord.strategy.check import check_folder

ROOT = Path(__file__).resolve().parents[2]


def said(tmp_path: Path, name: str, old: str, new: str) -> str:
    """The problems of the national folder with one text of one instrument changed."""
    folder = tmp_path / "national"
    shutil.copytree(ROOT / "partnerships" / "national", folder)
    file = folder / "instruments" / f"{name}.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    return "\n".join(str(each) for each in check_folder(folder))


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("child_gravity", 'owner = "Youth justice management board"', 'owner = ""', "an active instrument needs owner"),
        ("child_gravity", "review_on = 2027-09-30\n", "", "an active instrument needs review_on"),
        ("needs_assessment", "equality = ", 'source_equality = "" #', "source_equality"),
        ("exploitation_screening", "others == 'yes'", "other == 'yes'", "“other” is not known here"),
        ("exploitation_screening", "others == 'yes'", "others == 'maybe'", "“maybe” is no answer to “others”"),
        ("exploitation_screening", "others == 'yes'", "others = 'yes'", "is not an expression: it cannot be read"),
        ("exploitation_screening", "others == 'yes'", "child_wants == 'x'", "“child_wants” is not known here"),
        (
            "exploitation_screening",
            "level == 'significant'\"",
            "level == 'severe'\"",
            "“severe” is no answer to “level”",
        ),
        ("child_gravity", "points(offence)", "points(offense)", "“offense” is not known here"),
        ("child_gravity", 'bands = ["nfa"]', 'bands = ["nfq"]', "There is no band “nfq”"),
        ("child_gravity", "at_least = 3", "at_least = 1", "does not begin above the one before it"),
        ("needs_assessment", 'starts = "known_on"', 'starts = "reason"', "“reason” is no date of this instrument"),
        ("child_gravity", 'key = "tests_met"', 'key = "offence"', "“offence” is"),
        ("child_gravity", 'sectors_why = "', 'bands_why = "', "bands_why"),
        ("child_gravity", 'example = "', 'sample = "', "sample"),
    ],
)
def test_a_mistake_is_named_where_it_stands(tmp_path: Path, name: str, old: str, new: str, words: str) -> None:
    problems = said(tmp_path, name, old, new)
    assert words in problems, problems
    assert f"{name}.toml" in problems


def test_a_draft_may_still_lack_its_owner_and_nobody_can_begin_it(tmp_path: Path) -> None:
    folder = tmp_path / "national"
    shutil.copytree(ROOT / "partnerships" / "national", folder)
    file = folder / "instruments" / "child_gravity.toml"
    text = file.read_text("utf-8").replace('status = "active"', 'status = "draft"')
    file.write_text(text.replace('owner = "Youth justice management board"', 'owner = ""'), "utf-8")
    assert not [each for each in check_folder(folder) if "instruments/" in str(each)]


def test_what_a_shipped_instrument_assumes_is_said_in_words():
    from concord.strategy import load
    from concord.web.instruments.presenters import assumed

    for one in load(ROOT / "partnerships" / "harbourside").instruments.values():
        assert not [words for words in assumed(one) if words in one.assumed], one.key
