"""Sections in files of their own, what law obliges, and the chain from finding to measure: broken links are told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from concord.strategy import check_folder, load

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("national", "harbourside"):
        shutil.copytree(ROOT / "partnerships" / name, tmp_path / name)
    return tmp_path / "harbourside"


def said(folder: Path) -> list[str]:
    return [problem.what for problem in check_folder(folder) if "agreement" not in problem.file]


def write(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def keys(folder: Path, publication: str = "strategic_needs_assessment") -> list[str]:
    return [section.key for section in load(folder).publications[publication].sections]


def test_a_new_section_is_one_file_and_stands_where_its_number_says(folder: Path) -> None:
    write(folder, "publications/strategic_needs_assessment/55-nightlife.toml", 'heading = "Nightlife"\n')
    assert said(folder) == []
    found = keys(folder)
    assert found.index("suspects") < found.index("nightlife") < found.index("school")


def test_a_section_of_the_same_file_name_takes_the_place_of_the_inherited_one(folder: Path) -> None:
    write(folder, "publications/strategic_needs_assessment/32-robbery.toml", 'heading = "Robbery, our way"\n')
    sections = load(folder).publications["strategic_needs_assessment"].sections
    assert [each.heading for each in sections if each.key == "robbery"] == ["Robbery, our way"]


def test_an_inherited_section_may_be_left_out_with_a_reason(folder: Path) -> None:
    write(
        folder,
        "publications/strategic_needs_assessment/32-robbery.toml",
        'heading = "Robbery"\nomit = "The board asked for it elsewhere"\n',
    )
    assert "robbery" not in keys(folder)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("publications/no_such/10-a.toml", 'heading = "A"\n', "There is no publication “no_such”"),
        (
            "publications/strategic_needs_assessment/99-where.toml",
            'heading = "Where again"\n',
            "“where” is already a section",
        ),
        (
            "publications/strategic_needs_assessment/85-recommendations.toml",
            'heading = "Recommendations"\n',
            "No section answers SI 2007/1830 reg 7(d).",
        ),
        (
            "publications/weekly_violence/30-more.toml",
            'heading = "More"\n[[figures]]\nfinding = "places"\nname = "wards"\nchart = "rates"\nsubject = "x"\n',
            "Two figures of this publication are called “wards”.",
        ),
        (
            "publications/weekly_violence/30-more.toml",
            'key = "less"\nheading = "More"\n',
            "The file calls itself “less”, and other files know it by its name, “more”.",
        ),
        (
            "publications/weekly_violence/deeper/1.toml",
            'heading = "A"\n',
            "No file is read from a folder this deep.",
        ),
        (
            "publications/weekly_violence.toml",
            'title = "W"\nsummary = "S"\naudience = "restricted"\nrule = "restricted"\ncadence = "weekly"\n'
            '[parameters.place]\ntype = "area"\nsays = "where"\n',
            "a parameter of type area says of which level",
        ),
    ],
)
def test_what_does_not_fit_is_told(folder: Path, name: str, text: str, says: str) -> None:
    write(folder, name, text)
    assert any(says in what for what in said(folder)), said(folder)


def changed(before: str, after: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert before in text
        return text.replace(before, after, 1)

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (changed('because = ["wards", "hours"]', 'because = ["wards", "ours"]'), "has no figure “ours”"),
        (changed('because = ["wards", "hours"]', "because = []"), "What is written here is a list."),
        (changed('actions = ["A2.1"]', 'actions = ["A9.9"]'), "There is no action called “A9.9”."),
        (changed('actions = ["A2.1"]', 'actions = ["A1.1"]'), "Action A1.1 works towards T1.3, not T2.4."),
        (changed('outcomes = ["T2.4"]', 'outcomes = ["T9.9"]'), "There is no outcome called “T9.9”."),
        (
            changed('["t2_4_serious_violence_in_priority_hotspots"]', '["t1_4_persistent_absence"]'),
            "Indicator “t1_4_persistent_absence” measures T1.4, not T2.4.",
        ),
        (changed('board = "violence_exploitation_group"', 'board = "nobody"'), "There is no board called “nobody”."),
    ],
)  # fmt: skip
def test_a_broken_link_of_a_recommendation_fails_the_check(
    folder: Path, change: Callable[[str], str], says: str
) -> None:
    file = folder / "recommendations.toml"
    file.write_text(change(file.read_text("utf-8")), "utf-8")
    assert any(says in what for what in said(folder)), said(folder)


def test_a_figure_that_goes_breaks_the_recommendation_that_rests_on_it(folder: Path) -> None:
    write(
        folder,
        "publications/strategic_needs_assessment/45-when.toml",
        'heading = "When"\nomit = "Another paper says it"\n',
    )
    assert any("“strategic_needs_assessment” has no figure “hours”." in what for what in said(folder))


def test_a_cause_that_nothing_measures_says_why(folder: Path) -> None:
    write(
        folder,
        "causes.toml",
        '[factors.luck]\nname = "Luck"\nkind = "risk"\nlevel = "society"\nevidence = "None."\n',
    )
    assert any("nothing measures this factor here: say why in not_possible" in what for what in said(folder))


def test_every_shipped_publication_has_its_equality_note() -> None:
    for name in ("harbourside", "tower_hamlets"):
        for publication in load(ROOT / "partnerships" / name).publications.values():
            assert publication.equality, publication.key
