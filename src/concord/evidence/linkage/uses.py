"""Whether links are good enough for a use. What a use needs is data in the partnership's `linkage.toml`.

Not knowing is not good enough: where nothing was measured, or where links changed since, every use is blocked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from concord.evidence.datasets.store import Store
from concord.evidence.linkage.quality import DATASET, OVERALL
from concord.kernel.errors import Refused, Usage, Where
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.linkage import Linkage

LINKS = "person_links"


class NotGoodEnough(Refused):
    """Links are not known to be good enough for what is asked of them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What links reach, beside what a use needs. `gap` is the largest that is shown between groups, if measured."""

    use: str
    precision: float
    recall: float
    gap: float
    gap_of: str


def require_quality(store: Store, linkage: Linkage | None, use: str) -> Standing:
    """The quality that `use` rests on, where it is good enough.

    The lower ends of the intervals of precision and recall must reach the use's bar, and no gap in recall between
    groups may be shown to be above its `group_gap`. Raises NotGoodEnough in words where they do not or where it is not
    known, Usage for a use the partnership does not name.
    """
    if linkage is None or use not in linkage.uses:
        raise Usage(
            f"linkage.toml names no use “{use}”.",
            where=Where(file="linkage.toml", key="uses"),
            next_step=did_you_mean(use, linkage.uses) if linkage else "Write linkage.toml, or extend `national`.",
        )
    wanted = linkage.uses[use]
    rows = _rows(store, use)
    whole = next((row for row in rows if row["group"] == OVERALL), None)
    if whole is None or whole["precision_low"] is None or whole["recall_low"] is None:
        raise _not_known(use, "No labelled pair was found among the records.")
    gaps = [row for row in rows if row["gap_low"] is not None]
    worst = max(gaps, key=lambda row: row["gap_low"], default=None)
    short = []
    for name in ("precision", "recall"):
        bar, low = getattr(wanted, name), whole[f"{name}_low"]
        if low < bar:
            short.append(f"{name} is {whole[name]:.1%} and may be as low as {low:.1%}; {bar:.1%} is needed")
    if worst is not None and worst["gap_low"] > wanted.group_gap:
        short.append(
            f"links of {worst['dimension']} “{worst['group']}” are found less often by {worst['gap']:.1%} "
            f"(at least {worst['gap_low']:.1%}); {wanted.group_gap:.1%} is allowed"
        )
    if short:
        raise NotGoodEnough(
            f"Links between records are not good enough for: {wanted.title}.",
            where=Where(file="linkage.toml", key=f"uses.{use}"),
            why=f"{'; '.join(short)}.",
            next_step="Review waiting pairs, improve the weights (concord link --train), and link again.",
        )
    return Standing(
        use, whole["precision"], whole["recall"],
        worst["gap"] if worst else 0.0, f"{worst['dimension']} {worst['group']}" if worst else "",
    )  # fmt: skip


def _rows(store: Store, use: str) -> list[dict[str, Any]]:
    if not store.has(LINKS) or not store.has(DATASET):
        raise _not_known(use, "How well records are linked was never measured here.")
    version = store.latest(DATASET)
    with duckdb.connect() as connection:
        rows: list[dict[str, Any]] = connection.sql(f"SELECT * FROM {version.scan}").to_arrow_table().to_pylist()
    if any(row["links_sha256"] != store.latest(LINKS).ref.sha256 for row in rows):
        raise _not_known(use, "Records were linked again since the quality of links was measured.")
    return rows


def _not_known(use: str, why: str) -> NotGoodEnough:
    return NotGoodEnough(
        f"It is not known whether links are good enough for {use.replace('_', ' ')}.",
        why=why,
        next_step="Label a sample of pairs (concord link --sample FILE) and measure (concord link --labels FILE).",
    )
