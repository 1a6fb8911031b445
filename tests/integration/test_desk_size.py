"""Every screen of the desk, as everybody who reaches it, over thousands of cases: few questions, none read from end to
end. The times are `bench/desk.py`'s to print."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
NAME, CASES = "concord_size", 12_000
MOST_QUERIES = 30
"""What one request may ask of the database."""


@pytest.fixture(scope="module")
def pages(django_db_setup, postgres_server):
    with psycopg.connect(postgres_server.owner_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {NAME}")
    owner, app, superuser = (
        url.replace("/concord?", f"/{NAME}?").replace("/postgres?", f"/{NAME}?")
        for url in (postgres_server.owner_url, postgres_server.app_url, postgres_server.superuser_url)
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "concord.config.settings",
        "CONCORD_DEMO": "1",
        "CONCORD_PARTNERSHIP": str(ROOT / "partnerships" / "harbourside"),
        "DATABASE_URL": app,
        "DATABASE_OWNER_URL": owner,
    }
    for command in (["-m", "django", "migrate", "--verbosity", "0"], [str(ROOT / "tests" / "desk_at_size.py")]):
        role = {"CONCORD_DATABASE_ROLE": "owner"} if "migrate" in command else {}
        given = [] if role else [superuser, str(CASES)]
        done = subprocess.run(
            [sys.executable, *command, *given], env={**environment, **role}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
    yield json.loads(done.stdout.splitlines()[-1])
    with psycopg.connect(postgres_server.owner_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def test_the_sweep_reaches_the_desk(pages):
    reached = {(each.split()[0], each.split()[1].split("/")[1]) for each in pages if "/" in each}
    assert len(pages) > 150
    assert {
        ("mash", "contacts"),
        ("mace-coordinator", "cases"),
        ("school", "referrals"),
        ("dpo", "who-looked"),
    } <= reached


def test_no_screen_asks_more_than_thirty_questions(pages):
    many = {name: page["queries"] for name, page in pages.items() if page["queries"] > MOST_QUERIES}
    assert not many


def test_no_screen_reads_a_table_that_grows_from_end_to_end(pages):
    read = {name: page["read_whole"] for name, page in pages.items() if page["read_whole"]}
    assert not read, json.dumps(read, indent=1)[:4000]
