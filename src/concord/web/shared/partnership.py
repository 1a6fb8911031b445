"""The partnership this installation serves, and the names its keys stand for."""

from __future__ import annotations

from concord.desk.accounts import queries
from concord.strategy import Partnership


def current() -> Partnership:
    """Read once per process. `concord serve` refuses to start on a broken folder before any page would."""
    return queries.partnership()


def agency(key: str) -> str:
    found = current().agencies.get(key)
    return found.name if found else key.replace("_", " ").capitalize()


def register(key: str) -> str:
    """The register's name."""
    known = current().kept_registers
    return known[key].name if key in known else key.replace("_", " ")


def forum(key: str) -> str:
    """A forum as it is spoken of, with its name in full: “MACE (Multi-Agency Child Exploitation panel)”."""
    found = current().forums.get(key)
    return f"{found.abbreviation} ({found.name})" if found else key.upper()


def role(key: str) -> str:
    found = queries.roles().get(key)
    return found.name if found else key.replace("_", " ").capitalize()
