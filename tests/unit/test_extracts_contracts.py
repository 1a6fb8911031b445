"""No file is received but under a contract that can be read and an agreement in force."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from load_support import FEEDS, NOW, REPOSITORY, Paper, incidents
from pydantic import ValidationError

from concord.evidence.extracts.contracts import check_agreement, contract_ref, edition, read_feed
from concord.kernel.errors import BadInput, Refused

TODAY = NOW.date()


@pytest.mark.parametrize("file", sorted(FEEDS.glob("*/feeds/*.toml")), ids=lambda f: f"{f.parts[-3]}-{f.stem}")
def test_every_contract_that_ships_can_be_read_and_is_named_as_its_file(file: Path) -> None:
    feed = read_feed(file)
    assert feed.key == file.stem
    assert feed.synthetic == ("harbourside" in file.parts)
    for table in feed.tables.values():
        for field in table.fields.values():
            assert field.description.endswith("."), "descriptions are sentences: they are the supplier's specification"


@pytest.mark.parametrize(
    ("paper", "words"),
    [
        (Paper(expires_on=dt.date(2026, 11, 21)), "“Harbourside test agreement” expired on 21 November 2026"),
        (Paper(starts_on=dt.date(2026, 11, 23)), "“Harbourside test agreement” starts on 23 November 2026"),
        (Paper(feeds=("people",)), "“Harbourside test agreement” does not cover it"),
    ],
)
def test_an_agreement_that_does_not_allow_it_refuses(paper: Paper, words: str) -> None:
    with pytest.raises(Refused, match=words) as caught:
        check_agreement(incidents(), {"paper": paper}, TODAY)
    assert caught.value.exit_code == 4
    assert caught.value.next_step


def test_the_first_and_the_last_day_are_days_in_force() -> None:
    paper = Paper(starts_on=TODAY, expires_on=TODAY)
    check_agreement(incidents(), {"paper": paper}, TODAY)


def test_a_missing_agreement_refuses_and_names_the_nearest() -> None:
    with pytest.raises(Refused, match="has no sharing agreement “paper”") as caught:
        check_agreement(incidents(), {"papers": Paper()}, TODAY)
    assert "Did you mean “papers”?" in str(caught.value)


def test_open_data_needs_no_agreement() -> None:
    check_agreement(read_feed(FEEDS / "national" / "feeds" / "police_uk.toml"), {}, TODAY)


def test_a_contract_that_demands_something_else_is_another_edition() -> None:
    feed = incidents()
    assert edition(feed) == edition(incidents())
    assert edition(feed) != edition(incidents(ignore=["extra"]))
    assert edition(feed) == edition(replace(feed, title="Another title"))
    assert contract_ref(feed).startswith("incidents@1:")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rules": [{"kind": "unique", "fields": ["reff"], "says": "x", "fix": "x"}]}, "names field `reff`"),
        ({"rules": [{"kind": "order", "fields": ["ref"], "says": "x", "fix": "x"}]}, "needs exactly two `fields`"),
        (
            {"rules": [{"kind": "required_when", "fields": ["ref"], "says": "x", "fix": "x"}]},
            "needs `when` and `equals`",
        ),
        ({"partition": ["year"]}, "neither a field nor a group of `file_name`"),
        ({"file_name": "(unclosed"}, "is not a regular expression"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_contract_with_a_slip_is_refused_with_the_key(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        incidents(**change)


def test_a_contract_that_cannot_be_read_says_where(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text("key = ")
    with pytest.raises(BadInput, match="contract cannot be read") as caught:
        read_feed(file)
    assert "broken.toml" in str(caught.value)


def test_class_without_persons_may_not_hold_identifiers(tmp_path: Path) -> None:
    file = tmp_path / "ed.toml"
    text = (FEEDS / "harbourside" / "feeds" / "crime_persons.toml").read_text()
    file.write_text(text.replace('data_class = "record_level"', 'data_class = "anonymised"'))
    with pytest.raises(BadInput) as caught:
        read_feed(file)
    assert "may not hold identifiers" in str(caught.value)


def test_the_contract_in_the_manual_is_a_contract(tmp_path: Path) -> None:
    manual = (REPOSITORY / "docs" / "how-to" / "load.md").read_text(encoding="utf-8")
    file = tmp_path / "hate_reports.toml"
    file.write_text(manual.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    feed = read_feed(file)
    assert feed.key == "hate_reports"
    assert feed.tables["hate_reports"].fields["strand"].recode == {"faith": "religion"}
