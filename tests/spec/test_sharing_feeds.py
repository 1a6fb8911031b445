"""Every feed of Harbourside moves under a gateway that the law's own table allows, and under no other."""

from __future__ import annotations

import csv
import re
import tomllib
from pathlib import Path

import pytest

from concord.strategy import Partnership, load
from concord.strategy.law import body_kind, gateway_allows, gateway_from_row
from concord.strategy.shapes.feed import Feed

PARTNERSHIPS = Path(__file__).resolve().parents[2] / "partnerships"
HARBOURSIDE = load(PARTNERSHIPS / "harbourside")
GATEWAYS = {
    row["key"]: gateway_from_row(row)
    for row in csv.DictReader(
        (PARTNERSHIPS / "national" / "codelists" / "legal_gateways.csv").read_text("utf-8").splitlines()
    )
}
SHARED = {key: feed for key, feed in HARBOURSIDE.feeds.items() if feed.data_class != "open"}
CARRIES = {"record_level": "personal", "anonymised": "depersonalised", "aggregate": "aggregate"}
EXCHANGE = sorted(key for key in HARBOURSIDE.feeds if key.startswith("section_17a_"))


def kind(feed: Feed) -> str:
    """What the law takes the sender for: councils, police, fire, probation and youth justice are specified."""
    return body_kind(HARBOURSIDE, str(feed.owner))


@pytest.mark.parametrize("key", sorted(SHARED))
def test_the_law_lets_the_sender_send_it_for_a_purpose_of_the_agreement(key: str) -> None:
    feed = SHARED[key]
    agreement = HARBOURSIDE.agreements[str(feed.agreement)]
    said = [
        gateway_allows(
            GATEWAYS[str(feed.gateway)], source_kind=kind(feed), recipient_kind="specified_authority",
            information=CARRIES[feed.data_class], purpose=purpose,
        )
        for purpose in agreement.purposes
    ]  # fmt: skip
    assert any(each.allow for each in said), [each.reason for each in said]
    assert feed.gateway in agreement.gateways
    assert key in agreement.feeds
    assert feed.owner in agreement.parties
    assert feed.retention_months


@pytest.mark.parametrize("key", sorted(SHARED))
def test_nothing_personal_from_health_or_social_care_moves_under_section_16(key: str) -> None:
    feed = SHARED[key]
    if kind(feed) in ("health", "social_care", "childrens_services"):
        assert feed.gateway != "pcsc_s16"
    if kind(feed) == "health":
        assert feed.data_class != "record_level"


def test_the_exchange_has_twelve_items_each_with_its_template_and_its_sender() -> None:
    assert HARBOURSIDE.duty
    items = HARBOURSIDE.duty.exchange_items
    assert sorted(str(item.feed) for item in items.values()) == EXCHANGE
    assert len(EXCHANGE) == 12
    paragraphs = [int(item.law.rsplit(" ", 1)[1]) for item in items.values()]
    assert paragraphs == list(range(1, 13))
    for item in items.values():
        feed = HARBOURSIDE.feeds[str(item.feed)]
        assert feed.owner_kind == item.holder
        assert HARBOURSIDE.agencies[str(feed.owner)].sector == item.holder
        assert (feed.due.every, feed.due.by, feed.gateway) == ("quarter", "end of next period", "cda_s17a")
        assert feed.synthetic, "what Harbourside receives under a national template is invented too"
        assert not feed.holds_identifiers
        assert all(table.forbidden for table in feed.tables.values())


@pytest.mark.parametrize(
    "heading",
    ["Name", "patient_name", "Surname", "NHS number", "nhs_no", "Date of birth", "DOB", "born_on", "Postcode",
     "home_postcode", "full postcode", "Address", "E-mail", "phone", "person_id", "victim_ref", "Registration"],
)  # fmt: skip
@pytest.mark.parametrize("key", EXCHANGE)
def test_a_heading_that_could_find_a_person_is_forbidden_in_every_item(key: str, heading: str) -> None:
    for table in HARBOURSIDE.feeds[key].tables.values():
        assert any(re.search(each.columns, heading) for each in table.forbidden)


@pytest.mark.parametrize("key", sorted(SHARED))
def test_a_contract_never_forbids_its_own_headings(key: str) -> None:
    for table in SHARED[key].tables.values():
        for name, field in table.fields.items():
            for heading in (*field.headers(name), name.replace("_", " ")):
                assert not any(re.search(each.columns, heading) for each in table.forbidden), heading


def test_a_borough_without_an_agency_to_send_an_item_inherits_it_unowned(tmp_path: Path) -> None:
    """The template's owner is filled by sector where one agency has it, and left open where nobody says."""
    folder = tmp_path / "mine"
    folder.mkdir()
    text = 'key = "mine"\nname = "Mine"\nextends = "national"\n[agencies.met]\nname = "Police"\nsector = "police"\n'
    (folder / "partnership.toml").write_text(text)
    mine: Partnership = load(folder)
    assert mine.feeds["section_17a_police_crime"].owner == "met"
    assert mine.feeds["section_17a_fire_incidents"].owner is None
    (folder / "partnership.toml").write_text(
        text + '[agencies.bcu]\nname = "BCU"\nsector = "police"\n[feed_owners]\npolice = "met"\n'
        'section_17a_police_crime = "bcu"\n'
    )
    mine = load(folder)
    assert mine.feeds["section_17a_police_incidents"].owner == "met"
    assert mine.feeds["section_17a_police_crime"].owner == "bcu"
    assert not mine.feeds["section_17a_police_crime"].synthetic


def test_templates_are_marked_where_they_are_from_memory() -> None:
    for key in EXCHANGE:
        raw = tomllib.loads((PARTNERSHIPS / "national" / "feeds" / f"{key}.toml").read_text("utf-8"))
        assert "legislation.gov.uk/uksi/2007/1831" in raw["source"]["url"]
        assert "retention_months" in raw["assumed"]
