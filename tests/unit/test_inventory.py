"""tests/spec/inventory.csv against what is there: files, tests, screens, and every system the strategy names."""

from __future__ import annotations

import ast
import csv
from functools import cache
from pathlib import Path

import pytest
from django.http import Http404
from django.urls import resolve

from concord.jobs import systems
from concord.strategy import load

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT.parent / "shared" / "reference" / "inventory.csv"
ROWS = systems.rows()
IDS = [row["key"] for row in ROWS]
FOLDERS = {name: load(ROOT / "partnerships" / name) for name in ("harbourside", "tower_hamlets")}
ROOMS = {
    path.name for side in ("desk", "evidence") for path in (ROOT / "src/concord" / side).iterdir() if path.is_dir()
}
LATER = {"engagement", "delivery", "tasking", "cohorts", "training", "scrutiny"}
"""Rooms that are planned and not built: nothing that lives in one can stand as working."""


@cache
def collected(file: str) -> set[str]:
    """The tests that pytest collects from a file: functions whose names begin with test, in the module or a class."""
    path = ROOT / file
    if not path.is_file():
        return set()
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_keys_and_rows_are_whole():
    assert len(set(IDS)) == len(IDS)
    assert [int(row["row"]) for row in ROWS] == list(range(1, len(ROWS) + 1))
    assert {row["state"] for row in ROWS} <= set(systems.STATES)


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_what_a_row_names_is_there(row):
    for column in ("harbourside", "tower_hamlets"):
        for file in row[column].split():
            assert (ROOT / "partnerships" / file).is_file(), file
    for node in row["tests"].split():
        file, _, name = node.partition("::")
        assert name in collected(file), node
    for screen in row["screens"].split():
        try:
            resolve(screen.partition("?")[0])
        except Http404:
            pytest.fail(f"no page answers {screen}")


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_row_says_what_it_claims(row):
    """What works names its tests and lacks nothing; what does not says what is missing."""
    assert bool(row["missing"]) == (row["state"] != "works")
    assert row["state"] == "not yet" or row["tests"]
    assert row["room"] in ROOMS | LATER | {"strategy", "definition", "codelists", "jobs"}
    if row["room"] in LATER:
        assert row["state"] != "works", "a room that is not built cannot work"
    if row["priority"] == "core" and row["state"] == "works":
        assert row["screens"] and (row["harbourside"] or row["tower_hamlets"])


@pytest.mark.parametrize("row", [row for row in ROWS if row["screens"]], ids=lambda row: row["key"])
def test_a_screen_is_about_something_a_folder_has(row):
    """An address with a key of a forum, register, instrument or open form names one that is in both folders' chain."""
    home = FOLDERS["harbourside"]
    held = {
        "forums": home.forums, "registers": home.kept_registers, "directory": home.kept_registers,
        "instruments": home.instruments, "report": home.pathways,
    }  # fmt: skip
    for screen in row["screens"].split():
        kind, key = [*screen.split("/"), ""][1:3]
        if kind in held and key:
            assert key in held[kind], screen


def test_every_register_and_forum_of_a_folder_is_some_system():
    """Nothing is built that no row names."""
    named = {
        Path(file).stem for row in ROWS for column in ("harbourside", "tower_hamlets") for file in row[column].split()
    }
    for home in FOLDERS.values():
        assert not set(home.kept_registers) - named
        assert not {key for key in home.forums if key not in home.boards} - named


def test_every_system_the_strategy_names_has_its_row():
    if not REFERENCE.is_file():
        pytest.skip("the reference inventory is not beside this checkout")
    with REFERENCE.open(encoding="utf-8", newline="") as file:
        wanted = [(" ".join(row["Name as written"].split()), row["Priority"]) for row in csv.DictReader(file)]
    assert [(row["name"], row["priority"]) for row in ROWS] == wanted


def test_no_core_system_is_left_out():
    core = [row for row in ROWS if row["priority"] == "core"]
    assert len(core) >= 60 and not [row["key"] for row in core if row["state"] == "not yet"]


def test_the_page_is_current():
    kept = (ROOT / "docs" / "reference" / "systems.md").read_text(encoding="utf-8")
    assert kept == systems.page(ROWS), "run: python -m concord.jobs.systems > docs/reference/systems.md"
