"""Pairs of agencies' records that reviewers look at: one pair at a time, the fewest fields. Pure.

How opinions become a decision is the ledger's rule (`concord.evidence.linkage.review`), not repeated here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from concord.kernel.errors import Refused

VERDICTS = ("same", "different", "cannot_tell")
SHOWN = ("given_name", "family_name", "born_on", "sex", "postcode")
"""The fields a reviewer sees, whatever else an agency sent. Ethnicity is not among them."""


class NotJudged(Refused):
    """An opinion that cannot be kept as given."""


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field of both records. `agreement` and `weight` are the model's; empty where it did not compare them."""

    field: str
    left: str
    right: str
    agreement: str
    weight: float


@dataclass(frozen=True, slots=True)
class ToJudge:
    pair_id: UUID
    feeds: tuple[str, str]
    why: str
    fields: tuple[ShownField, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """An opinion on its way to the ledger. A record is (feed, pseudonym)."""

    opinion_id: UUID
    pair_id: UUID
    records: tuple[tuple[str, str], tuple[str, str]]
    reviewer: str
    verdict: str
    reason: str
    at: datetime


def shown_fields(
    left: Sequence[Mapping[str, Any]],
    right: Sequence[Mapping[str, Any]],
    reasons: Iterable[tuple[str, str, float]],
) -> list[dict[str, object]]:
    """The fields of both records side by side, each way they were written; reasons are (field, agreement, weight)."""
    compared = {field: (agreement, weight) for field, agreement, weight in reasons}
    found = []
    for field in SHOWN:
        agreement, weight = compared.get(field, ("", 0.0))
        one, other = _written(left, field), _written(right, field)
        if one or other:
            found.append(
                {"field": field, "left": one, "right": other, "agreement": agreement, "weight": round(weight, 2)}
            )
    return found


def _written(rows: Sequence[Mapping[str, Any]], field: str) -> str:
    return " / ".join(sorted({str(row[field]) for row in rows if row.get(field) is not None}))
