"""What leaves: a `Release`, made only by `concord.evidence.disclosure`, for one audience under one rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from concord.evidence.findings.model import Dimension
from concord.kernel.lineage import Lineage
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period

Hidden = Literal["small", "complementary", "low_base", "not_published"]


@dataclass(frozen=True, slots=True)
class ReleasedCell:
    """Either a count with what may be derived from it, or `hidden` with the kind of reason. Never both."""

    key: tuple[str, ...]
    count: int | None = None
    base: int | None = None
    population: float | None = None
    estimate: Estimate | None = None
    hidden: Hidden | None = None


@dataclass(frozen=True, slots=True)
class ReleasedTable:
    name: str
    title: str
    unit: str
    dimensions: tuple[Dimension, ...]
    cells: tuple[ReleasedCell, ...]
    code: str
    """The figure code of this table: short, unambiguous when read aloud, stable for the same content."""
    per: float | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """What an attacker with everything ever released could work out. `exposed` must be empty to publish."""

    hidden_cells: int
    exposed: tuple[str, ...]
    narrowest_interval: float | None
    method: str


@dataclass(frozen=True, slots=True)
class Release:
    id: str
    finding: str
    question: str
    tables: tuple[ReleasedTable, ...]
    base: str
    period: Period
    source: str
    method: str
    cannot_say: tuple[str, ...]
    audience: str
    rule: str
    audit: Audit
    lineage: Lineage
    requested_by: str
    approved_by: str
    released_at: datetime
    synthetic: bool = False
    facts: dict[str, float] = field(default_factory=dict)
