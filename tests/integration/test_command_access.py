"""The commands of accounts, audit, retention and scheduled work as people run them: real processes on a database of
their own, with their words and exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]


class Installation:
    """A home folder and a database of its own, and the command run on them."""

    def __init__(self, server, name: str, home: Path) -> None:
        self.owner, self.home = server.owner_url.replace("/concord?", f"/{name}?"), home
        self.environment = {
            **os.environ,
            "DATABASE_URL": server.app_url.replace("/concord?", f"/{name}?"),
            "DATABASE_OWNER_URL": self.owner,
            "CONCORD_HOME": str(home),
            "CONCORD_PARTNERSHIP": str(ROOT / "partnerships" / "harbourside"),
            "CONCORD_DEMO": "0",
        }
        for key in ("DJANGO_SETTINGS_MODULE",):
            self.environment.pop(key, None)

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "concord.cli", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )


@pytest.fixture(scope="module")
def concord(django_db_setup, postgres_server, tmp_path_factory):
    name = "concord_commands"
    with psycopg.connect(postgres_server.owner_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        made = Installation(postgres_server, name, tmp_path_factory.mktemp("home"))
        assert (done := made("migrate")).returncode == 0, done.stderr
        yield made
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_accounts_audit_retention_and_worker_in_the_order_of_a_new_installation(concord, tmp_path):
    """One story, because each command stands on what the one before left."""
    first = concord("accounts", "first", "--username", "ann", "--name", "Ann Oakes SYN", "--agency", "community_safety")
    assert first.returncode == 0 and "within 3 days to set the password: /account/join/" in first.stdout, first.stderr
    twice = concord("accounts", "first", "--username", "ann", "--name", "Ann", "--agency", "community_safety")
    assert twice.returncode == 4 and "The username “ann” is in use." in twice.stderr
    nowhere = concord("accounts", "first", "--username", "bo", "--name", "Bo", "--agency", "comunity_safety")
    assert nowhere.returncode == 4 and "Did you mean “community_safety”?" in nowhere.stderr
    assert "Traceback" not in twice.stderr + nowhere.stderr
    assert "/account/join/" in concord("accounts", "invite", "ann").stdout
    nobody = concord("accounts", "invite", "nobody")
    assert nobody.returncode == 4 and "There is no account here under that reference." in nobody.stderr

    # The trail is whole; the witness is begun, and knows it the next time.
    witness = tmp_path / "witness.jsonl"
    whole = concord("audit", "verify", "--witness", str(witness))
    assert whole.returncode == 0 and "links recompute" in whole.stdout, whole.stderr
    assert len(witness.read_text().splitlines()) == 1
    assert json.loads(concord("audit", "verify", "--json").stdout)["whole"] is True
    spoiled = tmp_path / "notes.txt"
    spoiled.write_text("not a witness\n")
    refused = concord("audit", "verify", "--witness", str(spoiled))
    assert refused.returncode == 3 and "This file is not a witness of the trail." in refused.stderr
    assert f"{spoiled}" in refused.stderr and spoiled.read_text() == "not a witness\n"

    # Retention looks before anything goes.
    dry = concord("retention", "--desk", "--dry-run")
    assert dry.returncode == 0 and dry.stdout.startswith("No record of the desk is past its time."), dry.stderr
    both = concord("retention", "--desk", "--dry-run", "--erase")
    assert both.returncode == 2 and "either looks or erases" in both.stderr
    held = concord("retention", "--desk", "--hold", "crime")
    assert held.returncode == 2 and "held and released on screen" in held.stderr

    # What is due is done once; what nobody knows is named with the nearest.
    worked = concord("worker", "--once")
    assert worked.returncode == 0 and "The audit trail: links:" in worked.stdout, worked.stderr
    assert concord("worker", "--once").stdout == "Nothing is due.\n"
    wrong = concord("worker", "--job", "audits")
    assert wrong.returncode == 2 and "Did you mean “audit”?" in wrong.stderr
    said = [json.loads(line) for line in concord("worker", "--job", "clear", "--json").stdout.splitlines()]
    assert [each["job"] for each in said] == ["clear"] and said[0]["failed"] == ""

    # Somebody alters a line behind the application: the command names the link, and the worker fails on it.
    with psycopg.connect(concord.owner, autocommit=True) as connection:
        connection.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER USER")
        connection.execute(
            "UPDATE audit_auditevent SET username = 'somebody' WHERE id ="
            " (SELECT event_id FROM audit_auditlink WHERE position = 2)"
        )
        connection.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER USER")
    broken = concord("audit", "verify", "--witness", str(witness))
    assert broken.returncode == 1 and "The audit trail is broken: link 2 (event " in broken.stderr
    assert "its event was altered" in broken.stderr and len(witness.read_text().splitlines()) == 1
    failed = concord("worker", "--job", "audit")
    assert failed.returncode == 1 and "The audit trail: FAILED. The audit trail is broken: link 2" in failed.stdout
