"""Which body may tell which body what, for which purpose: the law's own exclusions as a table.

Police, Crime, Sentencing and Courts Act 2022 s16: no patient information (s10(10): nor anything derived from it), no
personal information from a health or social care authority, and voluntary bodies are not listed persons.
s17: only to the local policing body. Crime and Disorder Act 1998 s115, s17A (depersonalised only).
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from concord.strategy import load
from concord.strategy.law import (
    BODIES,
    CONDITIONS,
    PERSONAL,
    body_kind,
    gateway_allows,
    gateway_from_row,
    gateways_from_rows,
    may_disclose,
    onward,
)
from concord.strategy.law_page import page
from concord.strategy.shapes.partnership import Position

ROOT = Path(__file__).resolve().parents[2]
LISTS = ROOT / "partnerships" / "national" / "codelists"
HARBOURSIDE = load(ROOT / "partnerships" / "harbourside")
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
    ("pcsc_s16", "childrens_services", "specified_authority", "personal", SV, False, "a council’s children’s services"),
    ("pcsc_s16", "childrens_services", "specified_authority", "depersonalised", SV, True, "Serious violence"),
    ("pcsc_s16", "specified_authority", "childrens_services", "personal", SV, True, "Serious violence"),
    ("pcsc_s16", "specified_authority", "government", "personal", SV, False, "to a government body"),
    ("pcsc_s16", "housing", "specified_authority", "personal", SV, False, "by a housing body"),
    ("mappa_s325", "specified_authority", "prison", "criminal_offence", "public_protection", True, "managing risk"),
    ("mappa_s325", "specified_authority", "voluntary", "personal", "public_protection", False, "to a voluntary body"),
    ("mappa_s325", "specified_authority", "prison", "personal", SV, False, "not for the purpose"),
    ("msa_s52", "specified_authority", "government", "depersonalised", "modern_slavery", True, "Duty to notify"),
    ("msa_s52", "specified_authority", "government", "personal", "modern_slavery", False, "does not cover personal"),
    ("msa_s52", "voluntary", "government", "depersonalised", "modern_slavery", False, "by a voluntary body"),
    ("msa_s52", "health", "government", "depersonalised", "modern_slavery", False, "by a health authority"),
    ("nrm_referral", "specified_authority", "government", "personal", "modern_slavery", True, "National Referral"),
    ("nrm_referral", "educational", "government", "personal", "modern_slavery", False, "by an educational body"),
    ("children_act_1989_s17", "educational", "childrens_services", "personal", "child_safeguarding", True, "in need"),
    ("consent", "voluntary", "voluntary", "special_category", "support", True, "Consent"),
    ("consent", "voluntary", "voluntary", "criminal_offence", "support", False, "criminal_offence"),
    ("care_act_s45", "housing", "social_care", "personal", "adult_safeguarding", True, "safeguarding adults"),
    ("care_act_s45", "housing", "specified_authority", "personal", "adult_safeguarding", False, "to a specified"),
]  # fmt: skip


@pytest.mark.parametrize(("gateway", "source", "to", "information", "purpose", "allowed", "words"), TABLE)
def test_the_law_says(gateway, source, to, information, purpose, allowed, words):
    asked = {"source_kind": source, "recipient_kind": to, "information": information, "purpose": purpose}
    said = gateway_allows(GATEWAYS[gateway], **asked, conditions=CONDITIONS)
    assert said.allow is allowed, said.reason
    assert words in said.reason
    if allowed:
        assert (said.gateway, said.section) == (gateway, GATEWAYS[gateway].section)
        assert gateway_allows(GATEWAYS[gateway], **asked).allow is not bool(GATEWAYS[gateway].needs)
    else:
        assert GATEWAYS[gateway].section in said.reason and said.gateway == ""


KINDS = tuple(BODIES)


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
@pytest.mark.parametrize("source", ["health", "social_care", "childrens_services"])
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


# What each section says, written down a second time by hand, so that a slip in the list or in the engine shows.
LISTED = {
    "specified_authority", "health", "social_care", "childrens_services", "local_policing_body", "educational",
    "prison", "youth_custody",
}  # fmt: skip
PUBLIC = {"specified_authority", "health", "social_care", "childrens_services"}
IMPERSONAL = {"depersonalised", "aggregate"}
CARE = {"health", "social_care", "childrens_services"}
SAFEGUARDING = {"domestic_abuse_safeguarding", "child_safeguarding", "adult_safeguarding"}
PURPOSES = (SV, CD, SVM, "strategic_analysis", "public_protection", "modern_slavery", "support", *sorted(SAFEGUARDING))
NATIONAL = {
    "pcsc_s16": lambda f, t, i, p: f in LISTED and t in LISTED and p == SV and i != "patient"
    and (i in IMPERSONAL or f not in CARE),
    "pcsc_s17": lambda f, t, i, p: f in LISTED - {"local_policing_body"} and t == "local_policing_body" and p == SVM
    and i in IMPERSONAL,
    "cda_s115": lambda f, t, i, p: t in PUBLIC | {"local_policing_body"} and p in {CD, SV} and i != "patient",
    "cda_s17a": lambda f, t, i, p: f in PUBLIC and t in PUBLIC and p in {CD, SV, "strategic_analysis"}
    and i in IMPERSONAL,
    "children_act_2004_s11": lambda f, t, i, p: t in LISTED - {"local_policing_body"} | {"voluntary"}
    and p == "child_safeguarding" and i in PERSONAL,
    "children_act_1989_s47": lambda f, t, i, p: t in {"social_care", "childrens_services", "specified_authority"}
    and p == "child_safeguarding" and i in PERSONAL,
    "children_act_1989_s17": lambda f, t, i, p: t in PUBLIC | {"educational", "voluntary"}
    and p == "child_safeguarding" and i in PERSONAL - {"criminal_offence"},
    "care_act_s45": lambda f, t, i, p: t in {"social_care", "childrens_services"} and p == "adult_safeguarding"
    and i in PERSONAL,
    "mappa_s325": lambda f, t, i, p: t in PUBLIC | {"prison"} and p == "public_protection" and i in PERSONAL,
    "public_interest_safeguarding": lambda f, t, i, p: p in SAFEGUARDING and i in PERSONAL,
    "vital_interests": lambda f, t, i, p: i in PERSONAL,
    "msa_s52": lambda f, t, i, p: f in PUBLIC - {"health"} and t == "government" and p == "modern_slavery"
    and i == "depersonalised",
    "nrm_referral": lambda f, t, i, p: f in PUBLIC - {"health"}
    and t in {"government", "specified_authority", "childrens_services"} and p == "modern_slavery"
    and i in PERSONAL - {"patient"},
    "consent": lambda f, t, i, p: p == "support" and i in PERSONAL - {"criminal_offence"},
}  # fmt: skip


def test_every_gateway_is_written_down_here():
    assert set(NATIONAL) == set(GATEWAYS)


@pytest.mark.parametrize("key", NATIONAL)
def test_every_kind_of_body_class_of_information_and_purpose(key):
    wrong, tried = [], 0
    for source in KINDS:
        for to in KINDS:
            for information in sorted(CLASSES):
                for purpose in PURPOSES:
                    said = gateway_allows(
                        GATEWAYS[key], source_kind=source, recipient_kind=to, information=information,
                        purpose=purpose, conditions=CONDITIONS,
                    )  # fmt: skip
                    tried += 1
                    if said.allow is not bool(NATIONAL[key](source, to, information, purpose)):
                        wrong.append((source, to, information, purpose, said.reason))
    assert wrong == []
    assert tried == len(KINDS) ** 2 * 6 * 10


@pytest.mark.parametrize("information", sorted(CLASSES))
@pytest.mark.parametrize("source", KINDS)
def test_nothing_derived_from_patient_information_passes_under_section_16(source, information):
    for to in KINDS:
        said = gateway_allows(
            GATEWAYS["pcsc_s16"], source_kind=source, recipient_kind=to, information=information, purpose=SV,
            derived_from=["personal", "patient"],
        )  # fmt: skip
        assert not said.allow and "patient information" in said.reason
    police = {"source_kind": "specified_authority", "recipient_kind": "specified_authority", "purpose": SV}
    assert gateway_allows(GATEWAYS["pcsc_s16"], **police, information="personal", derived_from=["personal"]).allow


@pytest.mark.parametrize(
    ("gateway", "condition", "words"),
    [
        ("vital_interests", "life_at_risk", "needs a record that a life is at risk"),
        ("consent", "consent", "needs the recorded consent of the person"),
        ("nrm_referral", "consent", "needs the recorded consent"),
        ("children_act_1989_s17", "family_agreement", "needs the recorded agreement of the family"),
    ],
)
def test_a_condition_that_nobody_recorded_is_a_refusal_that_names_it(gateway, condition, words):
    of = GATEWAYS[gateway]
    asked = {
        "source_kind": "childrens_services",
        "recipient_kind": "specified_authority",
        "information": "personal",
        "purpose": min(of.purposes - {"*"}, default="anything"),
    }
    assert words in gateway_allows(of, **asked).reason
    others = set(CONDITIONS) - {condition}
    assert not gateway_allows(of, **asked, conditions=others).allow
    assert gateway_allows(of, **asked, conditions=[condition]).allow


def test_only_section_17_locks_what_came_through_it_to_its_purpose():
    for key, gateway in GATEWAYS.items():
        said = onward(gateway, GATEWAYS["cda_s115"], CD)
        assert said.allow is (key != "pcsc_s17"), key
    assert onward(GATEWAYS["pcsc_s17"], GATEWAYS["pcsc_s17"], SVM).allow
    assert "may not be used for “crime_and_disorder”" in onward(GATEWAYS["pcsc_s17"], GATEWAYS["cda_s115"], CD).reason


def test_childrens_services_stay_excluded_until_the_partnership_records_its_reading():
    rows = list(csv.DictReader((LISTS / "legal_gateways.csv").read_text(encoding="utf-8").splitlines()))
    said = Position(
        gateway="pcsc_s16", body="childrens_services", advice="Advice of the monitoring officer.",
        decided_by="SYN Monitoring Officer", decided_on=date(2026, 1, 5),
    )  # fmt: skip
    asked = {"recipient_kind": "specified_authority", "information": "personal", "purpose": SV}
    for positions, allowed in (({}, False), ({"childrens_services": said}, True)):
        held = gateways_from_rows(rows, positions)
        assert gateway_allows(held["pcsc_s16"], source_kind="childrens_services", **asked).allow is allowed
        # The reading lifts that one exclusion and nothing else.
        assert not gateway_allows(held["pcsc_s16"], source_kind="social_care", **asked).allow
        assert not gateway_allows(held["pcsc_s16"], source_kind="health", **asked).allow
        patient = {**asked, "information": "patient"}
        assert not gateway_allows(held["pcsc_s16"], source_kind="childrens_services", **patient).allow


def test_the_page_is_current():
    kept = (ROOT / "docs" / "reference" / "legal-gateways.md").read_text(encoding="utf-8")
    assert kept == page(HARBOURSIDE), (
        "run: python -m concord.strategy.law_page partnerships/harbourside > docs/reference/legal-gateways.md"
    )


def test_every_agency_is_some_kind_of_body_and_an_unknown_one_is_none():
    assert {body_kind(HARBOURSIDE, each) for each in HARBOURSIDE.agencies} <= set(BODIES)
    assert body_kind(HARBOURSIDE, "mash") == body_kind(HARBOURSIDE, "childrens_social_care") == "childrens_services"
    assert body_kind(HARBOURSIDE, "nobody") == ""


# agreement, from, to, information, purpose, allowed, words
DISCLOSURES = [
    ("serious_violence_duty", "harbourside_police", "probation", "criminal_offence", SV, True, "Serious violence"),
    ("serious_violence_duty", "harbourside_police", "acute_trust", "personal", SV, False, "is not a party to"),
    ("serious_violence_duty", "harbourside_police", "probation", "patient", SV, False, "does not cover patient"),
    ("serious_violence_duty", "harbourside_police", "probation", "personal", CD, False, "not for the purpose"),
    ("child_safeguarding", "schools", "mash", "personal", "child_safeguarding", True, "welfare of children"),
    ("child_safeguarding", "general_practice", "mash", "patient", "child_safeguarding", True, "welfare of children"),
    ("marac", "general_practice", "domestic_abuse_service", "patient", "domestic_abuse_safeguarding", True, "harm"),
    ("emergency_department_assaults", "acute_trust", "harbourside_police", "depersonalised", SV, True, "exchange"),
    ("emergency_department_assaults", "acute_trust", "harbourside_police", "personal", SV, False, "does not cover"),
]


@pytest.mark.parametrize(("agreement", "sender", "to", "information", "purpose", "allowed", "words"), DISCLOSURES)
def test_an_agency_tells_another_by_agreement_and_law(agreement, sender, to, information, purpose, allowed, words):
    of = HARBOURSIDE.agreements[agreement]
    asked = {"sender": sender, "recipient": to, "information": information, "purpose": purpose}
    said = may_disclose(HARBOURSIDE, of, **asked, day=date(2026, 6, 1))
    assert said.allow is allowed and words in said.reason, said.reason
    if allowed:
        assert said.agreement == agreement and said.section == GATEWAYS[said.gateway].section
        assert may_disclose(HARBOURSIDE, of, **asked, day=of.expires_on).allow
        after = may_disclose(HARBOURSIDE, of, **asked, day=of.expires_on + timedelta(days=1))
        assert not after.allow and "not in force" in after.reason
    assert "No agreement" in may_disclose(HARBOURSIDE, None, **asked, day=date(2026, 6, 1)).reason
