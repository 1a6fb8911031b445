"""The shipped folders: what they must hold, counted and cross-checked against the strategy and its inventory."""

from __future__ import annotations

import csv
import datetime as dt
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from concord.strategy import Partnership, check_folder, load
from concord.strategy.key_paths import find, walk

ROOT = Path(__file__).resolve().parents[2]
PARTNERSHIPS = ROOT / "partnerships"
SHARED = ROOT.parent / "shared"
STRATEGY = SHARED / "strategy" / "serious-violence-and-exploitation-strategy.txt"
INVENTORY = SHARED / "reference" / "inventory.csv"
BOROUGHS = ["harbourside", "tower_hamlets"]


@pytest.fixture(scope="module")
def tower_hamlets() -> Partnership:
    return load(PARTNERSHIPS / "tower_hamlets")


def themes(partnership: Partnership) -> list:  # type: ignore[type-arg]
    found = [plan for plan in partnership.themes.values() if plan.kind == "theme"]
    return sorted(found, key=lambda plan: plan.number or 0)


@pytest.mark.parametrize("name", ["national", *BOROUGHS])
def test_a_shipped_folder_is_sound(name: str) -> None:
    assert "\n".join(map(str, check_folder(PARTNERSHIPS / name, today=dt.date(2026, 1, 1)))) == ""


@pytest.mark.parametrize("name", BOROUGHS)
def test_six_themes_twenty_five_intentions_twenty_eight_outcomes(name: str) -> None:
    found = themes(load(PARTNERSHIPS / name))
    assert [theme.number for theme in found] == [1, 2, 3, 4, 5, 6]
    assert [len(theme.intentions) for theme in found] == [4, 4, 4, 3, 5, 5]
    assert [len(theme.outcomes) for theme in found] == [7, 5, 3, 4, 5, 4]
    for theme in found:
        assert [each.code for each in theme.intentions] == [
            f"I{theme.number}.{n + 1}" for n in range(len(theme.intentions))
        ]
        assert [each.code for each in theme.outcomes] == [
            f"T{theme.number}.{n + 1}" for n in range(len(theme.outcomes))
        ]


@pytest.mark.parametrize("name", BOROUGHS)
def test_every_outcome_has_an_owner_and_every_action_serves_one(name: str) -> None:
    for theme in themes(load(PARTNERSHIPS / name)):
        assert all(outcome.owner for outcome in theme.outcomes)
        assert all(action.outcomes for action in theme.actions)
        assert all(code.startswith(f"T{theme.number}.") for action in theme.actions for code in action.outcomes)


def test_owners_the_strategy_does_not_name_are_marked_assumed(tower_hamlets: Partnership) -> None:
    for key, theme in tower_hamlets.themes.items():
        if theme.actions:
            assert "actions.*.owner" in tower_hamlets.assumed[f"plan/{key}.toml"]


def test_the_drug_strategy_is_three_priorities_and_six_outcomes(tower_hamlets: Partnership) -> None:
    tree = tower_hamlets.themes["from_harm_to_hope"]
    assert (len(tree.intentions), len(tree.outcomes)) == (3, 6)


def test_what_is_announced_and_not_given_is_awaited(tower_hamlets: Partnership) -> None:
    women = tower_hamlets.themes["womens_safety"].parts
    assert [part.awaited for part in women] == [False] * 4 + [True] * 3
    race = tower_hamlets.themes["race_action_plan"].parts
    assert [part.awaited for part in race] == [True] * 4


def test_eight_subgroups_are_announced_seven_listed_and_the_board_is_asked(tower_hamlets: Partnership) -> None:
    board = tower_hamlets.boards["community_safety_partnership"]
    assert len(board.subgroups) == 7
    assert [(count.of, count.says) for count in board.stated_count] == [("subgroups", 8)]
    assert "subgroups" in {question.about for question in board.open_question}
    assert all(tower_hamlets.boards[key].reports_to == "community_safety_partnership" for key in board.subgroups)


def test_harbourside_is_marked_synthetic_and_shares_no_agency_name_with_the_real_borough() -> None:
    invented, real = load(PARTNERSHIPS / "harbourside"), load(PARTNERSHIPS / "tower_hamlets")
    assert invented.synthetic and not real.synthetic
    organisations = {agency.name for agency in invented.agencies.values() if agency.part_of is None}
    national = {"Home Office"}
    generic = {
        "General practices (IRIS)",
        "Registered providers of social housing",
        "Schools of Harbourside",
    }
    assert all("SYN" in name for name in organisations - national - generic)


def test_no_health_or_social_care_sector_may_use_section_16_for_personal_data(tower_hamlets: Partnership) -> None:
    assert tower_hamlets.duty is not None
    sectors = tower_hamlets.duty.sectors
    assert not sectors["health"].section_16_personal and not sectors["social_care"].section_16_personal
    assert not sectors["voluntary"].section_16_personal and not sectors["childrens_services"].section_16_personal
    assert {key for key, sector in sectors.items() if sector.duty == "specified"} == {
        "police", "fire", "probation", "youth_justice", "local_authority", "social_care",
        "childrens_services", "health",
    }  # fmt: skip
    assert {key for key, sector in sectors.items() if sector.duty == "relevant"} == {
        "education",
        "prison",
        "youth_custody",
    }


def test_powers_not_open_here_are_held_back(tower_hamlets: Partnership) -> None:
    order = tower_hamlets.registers["enforcement"].entries["svro"]
    assert order.available_in and "London" not in order.available_in


def test_cameras_keep_no_footage_or_biometrics(tower_hamlets: Partnership) -> None:
    assert {"footage", "biometric data"} <= set(tower_hamlets.registers["enforcement"].entries["cctv_network"].never)


def source_lines() -> list[str]:
    if not STRATEGY.exists():
        pytest.skip("the strategy's text is not on this machine")
    return STRATEGY.read_text(encoding="utf-8").splitlines()


def texts() -> Iterator[tuple[Path, tuple[str | int, ...], str]]:
    """Every text of every file of the folder that puts the strategy into data."""
    for file in sorted((PARTNERSHIPS / "tower_hamlets").rglob("*.toml")):
        data = tomllib.loads(file.read_text())
        for path, value in walk(data):
            if isinstance(value, str):
                yield file, path, value


def test_every_line_cited_exists_and_says_something() -> None:
    source = source_lines()
    cited = 0
    for file, path, text in texts():
        if path[-1] == "lines":
            for span in re.findall(r"\d+(?:-\d+)?", text):
                first, _, last = span.partition("-")
                written = source[int(first) - 1 : int(last or first)]
                assert any(line.strip() for line in written), f"{file.name}: line {span} of the strategy is blank"
                cited += 1
    assert cited > 300


def test_an_outcome_and_an_intention_cite_the_bullet_they_came_from(tower_hamlets: Partnership) -> None:
    source = source_lines()
    for theme in themes(tower_hamlets):
        for each in (*theme.intentions, *theme.outcomes):
            assert source[int(each.lines) - 1].lstrip().startswith("- "), f"{each.code} cites line {each.lines}"


LISTS_OF_TERMS = {("definition.toml", "listed_offence"), ("training.toml", "vawg_courses")}
"""Lists of offences and of course titles, which have no other words."""


def test_no_sentence_of_the_strategy_is_copied() -> None:
    """Eight words in a row are a copy; names of things are shorter."""
    words = re.findall(r"[a-z0-9’']+", " ".join(source_lines()).lower())
    runs = {" ".join(words[at : at + 8]) for at in range(len(words) - 7)}
    copied = []
    for file, path, text in texts():
        said = re.findall(r"[a-z0-9’']+", text.lower())
        a_name = (
            path[0] == "source"
            or path == ("name",)
            or "aliases" in path
            or (file.name, str(path[-2:-1] and path[-2])) in LISTS_OF_TERMS
        )
        for at in range(0 if a_name else len(said) - 7):
            if (run := " ".join(said[at : at + 8])) in runs:
                copied.append(f"{file.name} {path}: {run}")
    assert copied == []


def inventory() -> list[dict[str, str]]:
    if not INVENTORY.exists():
        pytest.skip("the inventory of the strategy is not on this machine")
    return list(csv.DictReader(INVENTORY.open(encoding="utf-8")))


def test_every_row_of_the_inventory_lives_in_some_file(tower_hamlets: Partnership) -> None:
    rows = inventory()
    mapped = {int(row["row"]) for row in tower_hamlets.codelists["inventory"]}
    assert mapped == set(range(1, len(rows) + 1))


def test_every_place_the_inventory_list_names_is_there(tower_hamlets: Partnership) -> None:
    missing = []
    for row in tower_hamlets.codelists["inventory"]:
        file = tower_hamlets.files.get(row["file"])
        data = tomllib.loads(file.read_text()) if file else {}
        if file is None or (row["key"] and next(find(data, row["key"]), None) is None):
            missing.append(row)
    assert missing == []


def names_in(path: Path) -> set[str]:
    data = tomllib.loads(path.read_text())
    found = set()
    for _, value in walk(data):
        if isinstance(value, str):
            found.add(re.sub(r"[^a-z0-9]+", " ", value.lower()))
    return found


def test_the_inventorys_own_words_are_findable_where_the_list_points(tower_hamlets: Partnership) -> None:
    """Most names of the inventory stand, whole or by their main words, in the file the list points to."""
    common = {
        "the",
        "and",
        "of",
        "for",
        "in",
        "to",
        "a",
        "tower",
        "hamlets",
        "programme",
        "project",
        "service",
        "team",
        "data",
    }
    rows = inventory()
    lost = []
    for number, row in enumerate(rows, start=1):
        wanted = set(re.findall(r"[a-z0-9]{3,}", row["Name as written"].lower())) - common
        text = ""
        for place in tower_hamlets.codelists["inventory"]:
            if int(place["row"]) == number:
                text += " " + " ".join(names_in(tower_hamlets.files[place["file"]])) + " " + place["name"].lower()
        if wanted and not wanted & set(re.findall(r"[a-z0-9]{3,}", text)):
            lost.append((number, row["Name as written"]))
    assert lost == []


def test_national_lists_name_their_source_and_confess_what_is_from_memory() -> None:
    national = load(PARTNERSHIPS / "national")
    declared = national.columns.lists
    assert set(declared) >= {
        "mappa_categories",
        "iom_cohorts",
        "nrm_first_responders",
        "order_types",
        "turnaround_criteria",
    }
    for name in declared:
        for row in national.codelists.get(name, ()):  # lists of areas and terms are each borough's own
            if "source" not in declared[name].columns:  # what our own tables are made of has no source but us
                assert name in {"field_classes", "record_tables"}, name
                continue
            assert row["source"], f"{name}: {row['key']} has no source"
            for column in row["assumed"].split():
                assert column in declared[name].columns, f"{name}: {row['key']} assumes “{column}”, which is no column"


@pytest.mark.parametrize("borough", ["tower_hamlets", "harbourside"])
@pytest.mark.parametrize("name", ["areas", "area_aliases", "school_terms", "school_closures"])
def test_a_borough_s_own_lists_name_their_source_and_confess_what_is_from_memory(borough: str, name: str) -> None:
    partnership = load(PARTNERSHIPS / borough)
    for row in partnership.codelists.get(name, ()):
        assert row["source"], f"{name}: {row} has no source"
        assert set(row["assumed"].split()) <= set(row), f"{name}: {row} assumes what is no column"


def test_only_first_responders_can_refer_to_the_mechanism_and_health_is_none(tower_hamlets: Partnership) -> None:
    named = {row["key"] for row in tower_hamlets.codelists["nrm_first_responders"]}
    assert {"police", "local_authority"} <= named
    assert not {"nhs", "schools", "housing", "probation"} & named


def test_a_violence_reduction_order_was_open_in_four_areas_and_not_in_london(tower_hamlets: Partnership) -> None:
    order = next(row for row in tower_hamlets.codelists["order_types"] if row["key"] == "svro")
    assert order["valid_from"] == "2023-04-19"
    assert order["areas"].split("; ") == tower_hamlets_areas(tower_hamlets)


def tower_hamlets_areas(partnership: Partnership) -> list[str]:
    return list(partnership.registers["enforcement"].entries["svro"].available_in)
