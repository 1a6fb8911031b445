"""The desk's own extract: what it may carry, and that its references lead nowhere."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from concord.jobs import desk_extract
from concord.jobs.desk_extract import ACTIONS, CONTACTS, write_months


def contact(reference: str, received: datetime, **changes: object) -> dict[str, object]:
    row: dict[str, object] = {
        "contact_ref": reference,
        "received_at": received,
        "decided_at": None,
        "due_at": received,
        "rag": "amber",
        "route": "mash_contact",
        "referrer_kind": "school",
        "age_band": "10-17",
    }
    return {**row, **changes}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


JULY = datetime(2026, 7, 1, 8, 30, tzinfo=UTC)


def test_a_file_for_each_month_by_local_time(tmp_path: Path) -> None:
    rows = [
        contact("a", JULY),
        contact("b", datetime(2026, 6, 30, 23, 30, tzinfo=UTC)),  # 00:30 on 1 July in London
        contact("c", datetime(2026, 6, 12, 9, 0, tzinfo=UTC), decided_at=datetime(2026, 6, 12, 15, 5, tzinfo=UTC)),
    ]
    paths = write_months(tmp_path, "desk_contacts", CONTACTS, "received_at", rows)
    assert [path.name for path in paths] == ["desk_contacts_2026-06.csv", "desk_contacts_2026-07.csv"]
    assert paths[0].parent == tmp_path / "outbox"
    (june,) = read(paths[0])
    assert tuple(june) == CONTACTS
    assert june["received_at"] == "2026-06-12 10:00"
    assert june["decided_at"] == "2026-06-12 16:05"
    assert {row["received_at"] for row in read(paths[1])} == {"2026-07-01 09:30", "2026-07-01 00:30"}
    assert all(row["decided_at"] == "" for row in read(paths[1]))


def test_actions_carry_days_only(tmp_path: Path) -> None:
    row = {
        "action_ref": "x", "forum": "mace", "agency": "mash", "raised_on": date(2026, 7, 3), "due_on": date(2026, 7, 9),
        "completed_on": None, "status": "open",
    }  # fmt: skip
    (path,) = write_months(tmp_path, "desk_actions", ACTIONS, "raised_on", [row])
    (written,) = read(path)
    assert written["raised_on"] == "2026-07-03"
    assert written["completed_on"] == ""


def test_a_column_that_the_contract_does_not_name_stops_everything(tmp_path: Path) -> None:
    rows = [contact("a", JULY), contact("b", JULY, family_name="Reid SYN")]
    with pytest.raises(ValueError, match="desk_contacts may not carry family_name"):
        write_months(tmp_path, "desk_contacts", CONTACTS, "received_at", rows)
    assert not (tmp_path / "outbox").exists()


def test_references_are_opaque_stable_here_and_different_elsewhere(tmp_path: Path) -> None:
    rows = [contact(name, JULY) for name in ("first", "second", "third")]
    here = write_months(tmp_path / "one", "desk_contacts", CONTACTS, "received_at", rows)[0]
    content = here.read_bytes()
    references = [row["contact_ref"] for row in read(here)]
    assert references == sorted(references)
    assert not any(name.encode() in content for name in ("first", "second", "third"))
    again = write_months(tmp_path / "one", "desk_contacts", CONTACTS, "received_at", rows[::-1])[0]
    assert again.read_bytes() == content
    elsewhere = write_months(tmp_path / "two", "desk_contacts", CONTACTS, "received_at", rows)[0]
    assert not set(references) & {row["contact_ref"] for row in read(elsewhere)}


def test_the_key_belongs_to_this_purpose_and_is_private(tmp_path: Path) -> None:
    write_months(tmp_path, "desk_contacts", CONTACTS, "received_at", [contact("a", JULY)])
    key = tmp_path / "secrets" / f"{desk_extract.PURPOSE}.key"
    assert key.stat().st_mode & 0o077 == 0
    assert desk_extract.opaque(key.read_bytes(), "desk_actions", "a") != desk_extract.opaque(
        key.read_bytes(), "desk_contacts", "a"
    )
