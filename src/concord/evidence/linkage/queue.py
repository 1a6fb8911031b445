"""What a reviewer is shown: pairs that wait, with each field's agreement and weight, and no name.

A reviewer sees neither the other's opinion nor that there is one, so that two opinions are two. Names are opened one
pair at a time by `concord.evidence.datasets.identifiers.opened`, which the caller audits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from concord.evidence.datasets.store import Store
from concord.evidence.linkage.decisions import reviews
from concord.evidence.linkage.linking import CANDIDATES, LINKS
from concord.evidence.linkage.review import SETTLED, Pair, Record, Review, pair
from concord.kernel.errors import BadInput

REOPENED = "Someone asked for this pair to be looked at again."


@dataclass(frozen=True, slots=True)
class Reason:
    """How two records compare in one field. `weight` is log2 of the odds it adds: below 0 it speaks against."""

    field: str
    agreement: str
    weight: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pair to look at. `probability` is the model's; None where the pair was reopened and is no candidate now."""

    pair: Pair
    probability: float | None
    why: str
    reasons: tuple[Reason, ...]


def waiting(
    store: Store, home: Path, reviewer: str, *, limit: int = 50, feeds: Iterable[str] | None = None
) -> list[Waiting]:
    """The pairs this reviewer may decide, those nearest to certain first; at most `limit`.

    `feeds` narrows to pairs with both records in feeds that the reviewer may see. Raises BadInput before the first
    linking.
    """
    version = store.latest(CANDIDATES)
    standing = reviews(home)
    hidden = {p for p, review in standing.items() if not _may_look(review, reviewer)}
    allowed = None if feeds is None else set(feeds)
    with duckdb.connect() as connection:
        rows: list[dict[str, Any]] = (
            connection.sql(
                f"""SELECT * FROM {version.scan}
                ORDER BY match_probability DESC, feed_l, person_ref_l, feed_r, person_ref_r"""
            )
            .to_arrow_table()
            .to_pylist()
        )
    found, seen = [], set()
    for row in rows:
        each = pair((row["feed_l"], row["person_ref_l"]), (row["feed_r"], row["person_ref_r"]))
        seen.add(each)
        if each not in hidden and _inside(each, allowed):
            found.append(Waiting(each, row["match_probability"], row["why"], _reasons(row)))
    again = [p for p, review in standing.items() if review.holds and review.state not in SETTLED]
    found += [
        Waiting(each, None, REOPENED, ())
        for each in sorted(again)
        if each not in seen and each not in hidden and _inside(each, allowed)
    ]
    return found[:limit]


def known(store: Store) -> frozenset[Record]:
    """The records that the last linking held: what a decision may be about."""
    with duckdb.connect() as connection:
        return frozenset(connection.sql(f"SELECT feed, person_ref FROM {store.latest(LINKS).scan}").fetchall())


def progress(store: Store, home: Path) -> dict[str, int]:
    """Pairs that wait, have one opinion, are disputed, or were settled as same, different or apart."""
    counts = dict.fromkeys(("waiting", "one_opinion", "disputed", "same", "different", "apart"), 0)
    standing = reviews(home)
    for review in standing.values():
        counts[review.state] += 1
    with duckdb.connect() as connection:
        rows = connection.sql(
            f"SELECT feed_l, person_ref_l, feed_r, person_ref_r FROM {store.latest(CANDIDATES).scan}"
        ).fetchall()
    counts["waiting"] += sum(pair((a, b), (c, d)) not in standing for a, b, c, d in rows)
    return counts


def explain(store: Store, one: Record, other: Record) -> Waiting:
    """Why the last linking let one pair wait. Raises BadInput where it is not among those that do."""
    wanted = pair(one, other)
    with duckdb.connect() as connection:
        rows: list[dict[str, Any]] = (
            connection.sql(
                f"""SELECT * FROM {store.latest(CANDIDATES).scan}
                WHERE person_ref_l IN ($1, $2) AND person_ref_r IN ($1, $2)""",
                params=[wanted[0][1], wanted[1][1]],
            )
            .to_arrow_table()
            .to_pylist()
        )
    for row in rows:
        if pair((row["feed_l"], row["person_ref_l"]), (row["feed_r"], row["person_ref_r"])) == wanted:
            return Waiting(wanted, row["match_probability"], row["why"], _reasons(row))
    raise BadInput("This pair does not wait for review.", next_step="Take a pair from the queue.")


def _may_look(review: Review, reviewer: str) -> bool:
    return review.state not in SETTLED and reviewer not in review.reviewers


def _inside(each: Pair, feeds: set[str] | None) -> bool:
    return feeds is None or all(feed in feeds for feed, _ in each)


def _reasons(row: dict[str, Any]) -> tuple[Reason, ...]:
    fields = [name.removeprefix("agreement_") for name in row if name.startswith("agreement_")]
    return tuple(Reason(f, row[f"agreement_{f}"], round(float(row[f"weight_{f}"] or 0), 2)) for f in fields)
