"""The desk's shape: what import-linter cannot see. Foreign keys, what one room takes from another, four files each."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps

SRC = Path(__file__).resolve().parents[2] / "src"
DESK = SRC / "concord" / "desk"
ROOMS = (
    "accounts", "audit", "sharing", "editions", "people", "referrals", "instruments", "registers", "panels", "records",
)  # fmt: skip
"""Low to high."""
OFFERED = {"queries", "operations", "rules"}
# Small doors that a room opens on purpose, beside its three.
DOORS = {"accounts": {"session", "grants", "guarding", "joining", "keeping"}, "sharing": {"session", "walls"}}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def modules():
    return [path for path in DESK.rglob("*.py") if path.parent.name != "desk"]


def door(room: str, name: str) -> list[Path]:
    """The files behind one door of a room: one file, or a package whose `__init__` only gathers its modules."""
    one, package = DESK / room / f"{name}.py", DESK / room / name
    return [one] if one.is_file() else sorted(package.glob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(DESK).parts[0]


def desk_imports(path: Path):
    """(line, room, module) for everything this file takes from a room of the desk."""
    for node in ast.walk(tree(path)):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names] + [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[:2] == ["concord", "desk"] and len(parts) > 3:
                yield node.lineno, parts[2], parts[3]


def test_the_rooms_are_the_ones_we_know():
    assert {path.name for path in DESK.iterdir() if path.is_dir() and path.name != "__pycache__"} == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_its_four_files(room):
    for name in ("models.py", "README.md", "apps.py"):
        assert (DESK / room / name).is_file(), f"{room} has no {name}"
    for name in ("rules", "queries", "operations"):
        found = (DESK / room / f"{name}.py").is_file(), (DESK / room / name / "__init__.py").is_file()
        assert sorted(found) == [False, True], f"{room} has no {name}, or has it twice"


PACKAGES = sorted(path for room in ROOMS for name in sorted(OFFERED) for path in (DESK / room).glob(name))


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_door_of_several_files_only_gathers_them_and_is_the_one_way_in(package):
    inside = f"concord.desk.{package.parent.name}.{package.name}"
    docstring, *body = tree(package / "__init__.py").body
    assert isinstance(docstring, ast.Expr)
    offered = ast.literal_eval(body.pop().value)
    assert all(isinstance(node, ast.ImportFrom) and node.module.startswith(inside) for node in body)
    assert sorted(alias.name for node in body for alias in node.names) == sorted(offered)
    topics = {path.stem for path in package.glob("*.py")} - {"__init__"}
    assert not topics & set(offered), "a module would hide behind the function of its name"
    for path in SRC.rglob("*.py"):
        if path.parent == package:
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(inside):
                assert node.module == inside and not topics & {each.name for each in node.names}, path
            if isinstance(node, ast.Import):
                assert not any(each.name.startswith(f"{inside}.") for each in node.names), path


def test_foreign_keys_point_down():
    for model in apps.get_models():
        room = model._meta.app_label
        if room not in ROOMS:
            continue
        for field in model._meta.get_fields():
            if field.is_relation and field.concrete and field.related_model is not None:
                other = field.related_model._meta.app_label
                assert other in ROOMS, f"{model.__name__}.{field.name} leaves the desk, to {other}"
                assert ROOMS.index(other) <= ROOMS.index(room), f"{model.__name__}.{field.name} points up, to {other}"


def test_the_trail_and_the_shares_have_no_foreign_keys():
    for label in ("audit", "sharing"):
        for model in apps.get_app_config(label).get_models():
            assert not [field.name for field in model._meta.get_fields() if field.is_relation], model.__name__


def test_across_rooms_only_what_is_offered_is_taken():
    wrong = []
    for path in modules():
        for line, room, module in desk_imports(path):
            allowed = OFFERED | DOORS.get(room, set())
            if room != room_of(path) and module not in allowed and door(room, module):
                wrong.append(f"{path.relative_to(DESK)}:{line} takes {room}.{module}")
    assert wrong == []


def test_no_room_listens_to_signals():
    """A signal is a call nobody can read at the place that makes it."""
    for path in modules():
        text = path.read_text(encoding="utf-8")
        assert "django.dispatch" not in text and "signals" not in text, path


def test_rules_do_not_know_django_nor_the_clock():
    for room in ROOMS:
        for node in (each for path in door(room, "rules") for each in ast.walk(tree(path))):
            if isinstance(node, ast.ImportFrom) and node.module:
                assert not node.module.startswith("django"), f"{room}: {node.module}"
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("now", "today", "utcnow"), f"{room}:{node.lineno} reads the clock"


def public_functions(room: str, name: str):
    """The functions a door offers: those its package gathers, or every one without an underscore."""
    files = door(room, name)
    gathered = {
        alias.name
        for path in files
        if path.name == "__init__.py"
        for node in tree(path).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for path in files:
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef) and (
                node.name in gathered if gathered else not node.name.startswith("_")
            ):
                yield node


@pytest.mark.parametrize(
    "room", ["accounts", "sharing", "editions", "people", "referrals", "instruments", "registers", "panels", "records"]
)
def test_every_operation_is_keyword_only_and_starts_from_a_viewer_and_a_time(room):
    for node in public_functions(room, "operations"):
        names = [argument.arg for argument in node.args.kwonlyargs]
        assert not node.args.args, f"{room}.{node.name} takes positional arguments"
        assert names[0] == "viewer" and "at" in names, f"{room}.{node.name}"
        assert ast.get_docstring(node), f"{room}.{node.name} says nothing"


def test_operations_of_casework_are_atomic_and_record():
    """Sharing's own are called inside another room's transaction; accounts' are recorded by the database."""
    for room in ("editions", "people", "referrals", "instruments", "registers", "panels", "records"):
        for node in public_functions(room, "operations"):
            decorators = [ast.unparse(each) for each in node.decorator_list]
            assert any(each.startswith("operation(") for each in decorators), f"{room}.{node.name}"
            calls = {ast.unparse(each.func) for each in ast.walk(node) if isinstance(each, ast.Call)}
            assert calls & {
                "record",
                "record_under",
                "record_on",
                "_record",
                "_step",
                "_list",
                "put_on",
                "log",
                "_decide",
                "_certify",
            }, f"{room}.{node.name} is not recorded"
    for node in public_functions("accounts", "operations"):
        assert "transaction.atomic" in [ast.unparse(each) for each in node.decorator_list], node.name


# Reads about the partnership itself, sign-in, and helpers other rooms call with a row already opened.
WITHOUT_VIEWER = {
    "people": {"older", "older_days", "latest", "moment_of"},
    "accounts": {
        "partnership",
        "roles",
        "viewer_for",
        "viewer_named",
        "service",
        "demo_people",
        "user_named",
        "holding",
        "keepers_of",
        "invited",
        "sign_in",
        "every_part",
    },
    "audit": {"verify", "verify_newest", "hash_at", "head"},
    "sharing": {"gateways", "oversight", "agreement_lines"},
    "referrals": {"pathway", "working", "opaque", "receiving_forum", "milestones", "next_due", "repeat_rule"},
    "instruments": {
        "instrument",
        "wording_of",
        "words",
        "due_day",
        "months_of",
        "subject_of",
        "advised_route",
        "last_change",
        "receiver",
    },
    "panels": {"forum", "carry_hidden", "present_seats"},
    "registers": {"register", "options"},
    "records": {
        "schedule",
        "calendar",
        "exemptions",
        "read_passages",
        "read_entries",
        "entry_of",
        "holders",
        "recipients",
        "restriction_grounds",
        "in_words",
        "as_text",
    },
}


@pytest.mark.parametrize("room", ROOMS)
def test_every_read_starts_from_a_viewer(room):
    for node in public_functions(room, "queries"):
        if node.name in WITHOUT_VIEWER.get(room, set()):
            continue
        assert node.args.args and node.args.args[0].arg == "viewer", f"{room}.{node.name} starts from no viewer"
        assert ast.get_docstring(node), f"{room}.{node.name} says nothing"
