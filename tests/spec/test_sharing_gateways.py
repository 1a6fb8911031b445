"""Which body may tell which body what, for which purpose: the law's own exclusions as a table.

Police, Crime, Sentencing and Courts Act 2022 s16: no patient information (s10(10): nor anything derived from it), no
personal information from a health or social care authority, and voluntary bodies are not listed persons.
s17: only to the local policing body. Crime and Disorder Act 1998 s115, s17A (depersonalised only).
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from concord.desk.sharing.rules import gateway_allows, gateway_from_row

LISTS = Path(__file__).resolve().parents[2] / "partnerships" / "national" / "codelists"
GATEWAYS = {
    row["key"]: gateway_from_row(row)
    for row in csv.DictReader((LISTS / "legal_gateways.csv").read_text(encoding="utf-8").splitlines())
}
CLASSES = {row["key"] for row in csv.DictReader((LISTS / "information_classes.csv").read_text("utf-8").splitlines())}

SV, CD, SVM = "serious_violence", "crime_and_disorder", "serious_violence_monitoring"
# gateway, from, to, information, purpose, allowed, words the reason must hold
TABLE = [
    ("pcsc_s16", "specified_authority", "specified_authority", "personal", SV, True, "Serious violence"),
    ("pcsc_s16", "specified_authority", "educational", "criminal_offence", SV, True, "Serious violence"),
    ("pcsc_s16", "educational", "specified_authority", "personal", SV, True, "Serious violence"),
    ("pcsc_s16", "prison", "specified_authority", "personal", SV, True, "Serious violence"),
    ("pcsc_s16", "health", "specified_authority", "patient", SV, False, "does not authorise patient information"),
    ("pcsc_s16", "specified_authority", "health", "patient", SV, False, "does not authorise patient information"),
    ("pcsc_s16", "health", "specified_authority", "personal", SV, False, "personal information from a health"),
    ("pcsc_s16", "social_care", "specified_authority", "personal", SV, False, "from a social care authority"),
    ("pcsc_s16", "social_care", "educational", "special_category", SV, False, "from a social care authority"),
    ("pcsc_s16", "health", "specified_authority", "aggregate", SV, True, "Serious violence"),
    ("pcsc_s16", "health", "specified_authority", "depersonalised", SV, True, "Serious violence"),
    ("pcsc_s16", "social_care", "specified_authority", "depersonalised", SV, True, "Serious violence"),
    ("pcsc_s16", "specified_authority", "voluntary", "personal", SV, False, "disclosure to a voluntary body"),
    ("pcsc_s16", "voluntary", "specified_authority", "personal", SV, False, "disclosure by a voluntary body"),
    ("pcsc_s16", "specified_authority", "specified_authority", "personal", "debt", False, "not for the purpose “debt”"),
    ("pcsc_s17", "specified_authority", "local_policing_body", "aggregate", SVM, True, "to the"),
    ("pcsc_s17", "specified_authority", "specified_authority", "aggregate", SVM, False, "to a"),
    ("pcsc_s17", "specified_authority", "local_policing_body", "aggregate", SV, False, "not for the purpose"),
    ("pcsc_s17", "health", "local_policing_body", "patient", SVM, False, "patient"),
    ("cda_s115", "voluntary", "specified_authority", "personal", CD, True, "Crime and disorder"),
    ("cda_s115", "specified_authority", "voluntary", "personal", CD, False, "to a voluntary body"),
    ("cda_s115", "health", "specified_authority", "patient", CD, False, "patient"),
    ("cda_s17a", "health", "specified_authority", "depersonalised", CD, True, "quarterly"),
    ("cda_s17a", "health", "specified_authority", "personal", CD, False, "does not cover personal information"),
    ("children_act_2004_s11", "educational", "social_care", "personal", "child_safeguarding", True, "Safeguarding"),
    ("children_act_2004_s11", "health", "social_care", "patient", "child_safeguarding", True, "Safeguarding"),
    ("children_act_2004_s11", "educational", "social_care", "personal", SV, False, "not for the purpose"),
    ("public_interest_safeguarding", "health", "voluntary", "patient", "domestic_abuse_safeguarding", True, "serious"),
    ("vital_interests", "voluntary", "health", "patient", "anything", True, "Vital interests"),
]  # fmt: skip


@pytest.mark.parametrize(("gateway", "source", "to", "information", "purpose", "allowed", "words"), TABLE)
def test_the_law_says(gateway, source, to, information, purpose, allowed, words):
    said = gateway_allows(
        GATEWAYS[gateway], source_kind=source, recipient_kind=to, information=information, purpose=purpose
    )
    assert said.allow is allowed, said.reason
    assert words in said.reason
    if allowed:
        assert said.gateway == GATEWAYS[gateway].section
    else:
        assert GATEWAYS[gateway].section in said.reason and said.gateway == ""


KINDS = (
    "specified_authority", "health", "social_care", "local_policing_body", "educational", "prison", "youth_custody",
    "voluntary",
)  # fmt: skip


@pytest.mark.parametrize("source", KINDS)
@pytest.mark.parametrize("to", KINDS)
def test_patient_information_never_passes_under_the_serious_violence_sections(source, to):
    for gateway in ("pcsc_s16", "pcsc_s17"):
        for purpose in GATEWAYS[gateway].purposes | {"child_safeguarding", "anything"}:
            said = gateway_allows(
                GATEWAYS[gateway], source_kind=source, recipient_kind=to, information="patient", purpose=purpose
            )
            assert not said.allow


@pytest.mark.parametrize("information", sorted(CLASSES - {"depersonalised", "aggregate"}))
@pytest.mark.parametrize("source", ["health", "social_care"])
def test_nothing_personal_leaves_health_or_social_care_under_section_16(source, information):
    for to in KINDS:
        assert not gateway_allows(
            GATEWAYS["pcsc_s16"], source_kind=source, recipient_kind=to, information=information, purpose=SV
        ).allow


def test_every_gateway_names_its_section_and_its_source():
    rows = list(csv.DictReader((LISTS / "legal_gateways.csv").read_text(encoding="utf-8").splitlines()))
    for row in rows:
        assert row["section"] and row["source"], row["key"]
        assert set(row["information"].split(";")) <= CLASSES, row["key"]
        assert set(filter(None, row["never_information"].split(";"))) <= CLASSES, row["key"]
