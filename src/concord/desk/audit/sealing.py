"""What somebody searched for names people: it is kept, sealed, and opened by a logged act alone.

The key comes from the installation's own secret. Whoever has the database without it reads no search.
"""

from __future__ import annotations

import base64
import json

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def sealed(asked: dict[str, str]) -> str:
    """What was asked, as text for the trail that says nothing without the installation's key."""
    return _box().encrypt(json.dumps(asked, sort_keys=True).encode()).decode()


def unsealed(text: str) -> dict[str, str] | None:
    """What was asked; None where it was sealed with another key, or is no sealed text at all."""
    try:
        opened: dict[str, str] = json.loads(_box().decrypt(text.encode()))
    except (InvalidToken, ValueError):
        return None
    return opened


def _box() -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"concord audit searches")
    return Fernet(base64.urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))
