"""The code of a form begun without an account: what is stored tells neither the code nor what was written."""

from __future__ import annotations

import base64
import hmac
import json
import re
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 12
"""31 letters to the twelfth: about 59 bits, and attempts are limited besides."""


def plain(code: str) -> str:
    """A code as it was given out, however it was typed: spaces, hyphens and case do not matter."""
    return re.sub(r"[^0-9A-Z]", "", code.upper())


def mark_of(code: str, secret: str) -> str:
    """What a kept form is found by."""
    return hmac.new(secret.encode(), b"kept form:" + plain(code).encode(), "sha256").hexdigest()


def seal(content: dict[str, Any], code: str, secret: str) -> str:
    return _fernet(code, secret).encrypt(json.dumps(content).encode()).decode()


def unseal(sealed: str, code: str, secret: str) -> dict[str, Any] | None:
    """What was kept, or None where this code does not open it."""
    try:
        found: dict[str, Any] = json.loads(_fernet(code, secret).decrypt(sealed.encode()))
    except InvalidToken:
        return None
    return found


def reference_of(submission: bytes, secret: str) -> str:
    """The reference on a receipt. The same submission gets the same one, so a double click makes no second report."""
    number = int.from_bytes(hmac.new(secret.encode(), b"receipt:" + submission, "sha256").digest()[:8], "big")
    letters = ""
    for _ in range(8):
        number, rest = divmod(number, len(CODE_LETTERS))
        letters += CODE_LETTERS[rest]
    return letters


def _fernet(code: str, secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"concord kept form")
    return Fernet(base64.urlsafe_b64encode(derived.derive(f"{plain(code)}:{secret}".encode())))
