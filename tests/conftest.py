"""What every test may lean on: a real PostgreSQL, tables made by their owner, tests run as the application's role."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("concord", deadline=None)
settings.load_profile("concord")
# A law is about what comes out; a busy machine takes longer.

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


SLOWEST = (
    *("test_every_screen", "test_jobs_assessment_loop", "test_desk_size", "test_access_matrix", "test_demo_lifecycle"),
    *("test_desk_committed", "test_disclosure_harbourside", "test_desk_seed", "test_web_screens", "test_editions_loop"),
    *("test_every_form", "test_command_link", "test_load_crash", "test_command_access", "test_trial_folder"),
    *("test_findings_open_files", "test_editions_room", "test_load_formats_agree", "test_definition_spark"),
    *("test_linkage_published", "test_forums_work", "test_load_engines_agree", "test_command_publish"),
)
"""Modules that take the longest, begun first: at the end two processes share what is short and stop together."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {name: place for place, name in enumerate(SLOWEST)}
    items.sort(key=lambda each: rank.get(each.path.stem, len(rank)))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[object]:
    """The embedded server, started once for the session and stopped at its end."""
    from django.conf import settings

    from concord.config import postgres

    with postgres.running(settings.CONCORD_HOME) as server:
        yield server


@pytest.fixture(scope="session")
def django_db_setup(postgres_server, django_db_blocker) -> Iterator[None]:  # type: ignore[no-untyped-def]
    """Migrate as the owner, then hand the connection to the role that row-level security binds."""
    from django.core.management import call_command
    from django.db import connection, connections

    from concord.config.database import django_database

    def sign_in(url: str) -> None:
        connection.close()
        # The base settings dict is kept: Django holds references to it.
        connection.settings_dict.update({k: v for k, v in django_database(url).items() if k != "ENGINE"})
        connections["default"].ensure_connection()

    with django_db_blocker.unblock():
        sign_in(postgres_server.owner_url)
        call_command("migrate", verbosity=0)
        sign_in(postgres_server.app_url)
        yield
        connection.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data beside the project; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the shared reference data is not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def java() -> None:
    """Without a Java, tests of Spark are skipped with a word, unless that is forbidden."""
    from concord.evidence.extracts.sparks import check_spark
    from concord.kernel.errors import Environment

    try:
        check_spark()
    except Environment as missing:
        if os.environ.get("CONCORD_REQUIRE_JAVA"):
            raise
        pytest.skip(missing.what)


@pytest.fixture(scope="session")
def spark(java: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """One Spark for the session."""
    from concord.evidence.extracts.sparks import spark_session

    with spark_session(tmp_path_factory.mktemp("spark"), memory="2g") as session:
        yield session


@pytest.fixture(scope="session")
def short_borough(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A loaded home with one short publication, and its partnership's folder, made once; tests work on copies."""
    import editions_home

    from concord.strategy import load

    folder = editions_home.folder(tmp_path_factory.mktemp("partnerships"))
    home = tmp_path_factory.mktemp("short-home")
    editions_home.home(home, load(folder))
    return home, folder
