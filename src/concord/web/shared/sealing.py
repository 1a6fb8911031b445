"""What is kept between two requests is sealed: neither the database nor a backup of it can be read for it."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def seal(value: Any, *, use: str, for_whom: str = "") -> str:
    """`value`, which JSON can hold, sealed for one use and, where named, for one person or one form alone."""
    return _box(use, for_whom).encrypt(json.dumps(value).encode()).decode()


def opened(sealed: str, *, use: str, for_whom: str = "") -> Any:
    """What was sealed; None where this key does not open it."""
    try:
        return json.loads(_box(use, for_whom).decrypt(sealed.encode()))
    except InvalidToken:
        return None


def _box(use: str, for_whom: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=for_whom.encode() or None, info=f"concord {use}".encode())
    return Fernet(base64.urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))
