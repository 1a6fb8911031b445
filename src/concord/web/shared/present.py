"""A room's frozen value with what its screen adds."""

from __future__ import annotations

from dataclasses import fields
from types import SimpleNamespace
from typing import Any


def extended(value: Any, **more: Any) -> SimpleNamespace:
    """Every field of a dataclass value, and `more`."""
    return SimpleNamespace(**{each.name: getattr(value, each.name) for each in fields(value)} | more)
