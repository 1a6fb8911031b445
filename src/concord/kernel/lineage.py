"""Where a figure came from: enough to recompute it to the same value."""

from __future__ import annotations

from dataclasses import dataclass, field

DESK = "desk"
"""The method of a figure counted from the desk's own cases, which only whoever may open them can count again."""


@dataclass(frozen=True, slots=True)
class DatasetRef:
    """One immutable version of a dataset. `sha256` is the digest of its manifest."""

    dataset: str
    version: int
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Lineage:
    """Definition version, query, datasets and parameters behind a figure.

    `finding` is the name under which it is registered; `parameters` are JSON-able.
    """

    finding: str
    method: str
    datasets: tuple[DatasetRef, ...]
    query: str = ""
    definition_version: str | None = None
    parameters: dict[str, object] = field(default_factory=dict)
    code_version: str = ""
