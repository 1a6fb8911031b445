"""Names come in, pseudonyms stay: nothing on the disk says who anyone is unless it is sealed."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest
from load_support import a_file, every_file, incidents, people, receive, rows_of

from concord.evidence.datasets.identifiers import identifiers
from concord.evidence.datasets.store import Store
from concord.evidence.extracts import receipts
from concord.evidence.extracts.sealing import key, read_sealed
from concord.kernel.errors import BadInput

HEADER = "ref,person_id,given_name,family_name,born_on,age,sex,postcode"
ADA = "A1,NOM0000017,Adaline,Zephyrine,1990-04-03,36,F,HB1 1AA"
BEA = "A2,NOM0000018,Beatrix,Quillfeather,2008-01-31,,F,HB12 2QZ"
SECRETS = (b"Adaline", b"Zephyrine", b"Beatrix", b"Quillfeather", b"1990-04-03", b"HB12 2QZ", b"NOM0000017")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    receive(tmp_path / "home", people(), a_file(tmp_path, "people_2026-10.csv", ADA, BEA, header=HEADER))
    return tmp_path / "home"


def test_the_dataset_holds_pseudonyms_years_and_ages(home: Path) -> None:
    version = Store(home).latest("people")
    assert list(version.columns) == ["ref", "person_ref", "birth_year", "age", "sex", "month"]
    found = rows_of(home, "people", "ref, birth_year, age, sex")
    assert found == [("A1", 1990, 36, "F"), ("A2", 2008, None, "F")]


def test_the_pseudonym_is_a_keyed_hash_of_the_suppliers_number(home: Path) -> None:
    secret = key(home, "pseudonym-evidence")
    expected = hmac.new(secret, b"harbourside_police\x1fNOM0000017", hashlib.sha256).hexdigest()[:32]
    assert dict(rows_of(home, "people", "ref, person_ref"))["A1"] == expected  # type: ignore[call-overload]


def test_no_file_in_the_home_says_who_anyone_is(home: Path) -> None:
    for file in every_file(home):
        content = file.read_bytes()
        for secret in SECRETS:
            assert secret not in content, file


def test_the_raw_file_is_kept_sealed(home: Path, tmp_path: Path) -> None:
    (receipt,) = receipts(home)
    assert receipt.landing is not None
    landed = home / receipt.landing
    assert landed.suffix == ".sealed"
    assert landed.stat().st_mode & 0o077 == 0
    assert read_sealed(landed, key(home, "landing")) == (tmp_path / "people_2026-10.csv").read_bytes()


def test_linkage_can_open_the_identifiers(home: Path) -> None:
    table = identifiers(home, Store(home).latest("people"))
    assert table.column_names == ["person_ref", "given_name", "family_name", "born_on", "postcode", "sex"]
    assert sorted(table.column("family_name").to_pylist()) == ["Quillfeather", "Zephyrine"]
    refs = {ref for (ref,) in rows_of(home, "people", "person_ref")}
    assert set(table.column("person_ref").to_pylist()) == refs


def test_a_restated_month_brings_its_own_identifiers_and_the_old_version_keeps_its(home: Path, tmp_path: Path) -> None:
    old = Store(home).latest("people")
    corrected = ADA.replace("Zephyrine", "Zephyr")
    receive(home, people(), a_file(tmp_path, "people_2026-10.csv", corrected, header=HEADER))
    new = identifiers(home, Store(home).latest("people"))
    assert new.column("family_name").to_pylist() == ["Zephyr"]
    before = identifiers(home, Store(home).at([old.ref]).latest("people"))
    assert sorted(before.column("family_name").to_pylist()) == ["Quillfeather", "Zephyrine"]


def test_the_same_person_has_one_pseudonym_in_every_file_of_a_supplier(home: Path, tmp_path: Path) -> None:
    row = ADA.replace("A1", "B7")
    receive(home, people(), a_file(tmp_path, "people_2026-09.csv", row, header=HEADER))
    found = dict(rows_of(home, "people", "ref, person_ref"))  # type: ignore[call-overload]
    assert found["A1"] == found["B7"] != found["A2"]


def test_another_home_has_other_pseudonyms(home: Path, tmp_path: Path) -> None:
    receive(tmp_path / "other", people(), tmp_path / "people_2026-10.csv")
    assert rows_of(home, "people", "person_ref") != rows_of(tmp_path / "other", "people", "person_ref")


def test_identifiers_that_were_touched_do_not_open(home: Path) -> None:
    (sealed,) = (home / "identifiers" / "people").glob("*.sealed")
    content = bytearray(sealed.read_bytes())
    content[-1] ^= 1
    sealed.write_bytes(content)
    with pytest.raises(BadInput, match="cannot be opened"):
        identifiers(home, Store(home).latest("people"))


def test_a_dataset_without_identifiers_says_so(tmp_path: Path) -> None:
    receive(tmp_path / "home", incidents(), a_file(tmp_path, "incidents_2026-10.csv", "A1,2026-10-05,SYN01,Y,2,x"))
    with pytest.raises(BadInput, match="has no identifiers to link by"):
        identifiers(tmp_path / "home", Store(tmp_path / "home").latest("incidents"))
