"""Pseudonyms are HMACs of one purpose; sealed files open whole, unchanged and with their own key, or not at all."""

from __future__ import annotations

import hashlib
import hmac
import io
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.evidence.extracts import sealing
from concord.evidence.extracts.engine import connection
from concord.kernel.errors import BadInput, Environment

KEY = bytes(range(32))


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1, max_size=80))
def test_duckdb_computes_the_same_pseudonym_as_the_standard_library(identifier: str) -> None:
    with duckdb.connect() as con:
        inner, outer = sealing.hmac_pads(KEY)
        con.execute("SET VARIABLE pseudonym_inner = $1", [inner])
        con.execute("SET VARIABLE pseudonym_outer = $1", [outer])
        con.execute("CREATE TABLE t AS SELECT $1::VARCHAR AS raw", [identifier])
        ((found,),) = con.execute(f"SELECT {sealing.pseudonym_sql('raw', 'police')} FROM t").fetchall()
    expected = hmac.new(KEY, f"police\x1f{identifier}".encode(), hashlib.sha256).hexdigest()[:32]
    assert found == expected


def test_no_identifier_has_no_pseudonym(tmp_path: Path) -> None:
    with connection(tmp_path, KEY) as con:
        assert con.execute(f"SELECT {sealing.pseudonym_sql('NULL::VARCHAR', 'police')}").fetchall() == [(None,)]


def test_two_suppliers_who_number_alike_do_not_share_a_pseudonym(tmp_path: Path) -> None:
    with connection(tmp_path, KEY) as con:
        police = con.execute(f"SELECT {sealing.pseudonym_sql(chr(39) + '17' + chr(39), 'police')}").fetchall()
        schools = con.execute(f"SELECT {sealing.pseudonym_sql(chr(39) + '17' + chr(39), 'schools')}").fetchall()
    assert police != schools


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_what_was_sealed_opens_again(size: int) -> None:
    content = bytes(i % 251 for i in range(min(size, 4096))) * (size // 4096 + 1)
    sealed = sealing.sealed_bytes(content[:size], KEY)
    assert b"".join(sealing.unseal(io.BytesIO(sealed), KEY, "x")) == content[:size]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sealed: sealed[:-1],
        lambda sealed: sealed[: (1 << 20) + 16 + 23],  # exactly the first frame: a clean cut
        lambda sealed: sealed + b"x",
        lambda sealed: sealed[:60] + bytes([sealed[60] ^ 1]) + sealed[61:],
        lambda sealed: sealed[:20] + bytes([sealed[20] ^ 1]) + sealed[21:],
    ],
    ids=["cut by a byte", "cut between frames", "lengthened", "content changed", "prefix changed"],
)
def test_a_changed_or_shortened_file_does_not_open(spoil: object) -> None:
    sealed = sealing.sealed_bytes(b"a" * (2 << 20), KEY)
    with pytest.raises(BadInput, match="cannot be opened: it was changed, cut short, or sealed with another key"):
        b"".join(sealing.unseal(io.BytesIO(spoil(sealed)), KEY, "x"))  # type: ignore[operator]


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(BadInput, match="another key"):
        b"".join(sealing.unseal(io.BytesIO(sealing.sealed_bytes(b"secret", KEY)), bytes(32), "x"))


def test_a_key_is_made_once_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    first = sealing.key(tmp_path, "identifiers")
    assert len(first) == 32
    assert sealing.key(tmp_path, "identifiers") == first
    assert sealing.key(tmp_path, "landing") != first
    assert (tmp_path / "secrets" / "identifiers.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    sealing.key(tmp_path, "identifiers")
    (tmp_path / "secrets" / "identifiers.key").chmod(0o644)
    with pytest.raises(Environment, match="can be read by others") as caught:
        sealing.key(tmp_path, "identifiers")
    assert "chmod 600" in str(caught.value)
