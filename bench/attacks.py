"""The attack suite: what an attacker who shares no code with us gets back from what we release.

.venv/bin/python bench/attacks.py [ATTEMPTS]     # the suite's table

Every attempt invents events, releases tables of them one after another, and then attacks with everything that was
shown: each small count that is hidden somewhere, each small difference between two nested selections that somebody
showed or hid, and in the revised family each difference between two editions. The attacker works on single events'
cells with a mixed-integer programme of its own: a number is recovered where no other whole numbers agree with all that
is known. The last column must be nought.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from scipy.optimize import Bounds, LinearConstraint, milp

from concord.evidence.disclosure import Release, release
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.statistics import percent_change, share
from concord.kernel.errors import Refused
from concord.kernel.lineage import Lineage
from concord.kernel.periods import Period
from concord.strategy.shapes.disclosure import Disclosure

Mask = NDArray[np.bool_]
SMALL = range(1, 5)
POLICY = TypeAdapter(Disclosure).validate_python(
    {
        "audiences": {"public": {"label": "Anyone"}, "board": {"label": "Board", "sees": ["public"]}},
        "rules": {
            name: {
                "title": "1 to 4 hidden",
                "audiences": [name],
                "hide_to": 4,
                "no_percentage_below": 20,
                "whole_percentage_below": 100,
                "seconds": 2.0,
                "by_source": {"health": {"hide_to": 7, "round_to": 5}},
            }
            for name in ("public", "board")
        },
    }
)
MONTHS = tuple(Period.month(2024 + (3 + m) // 12, (3 + m) % 12 + 1) for m in range(12))


@dataclass
class World:
    """Events by month, ward, kind, age and hour: `counts` has an axis for each of `labels`, months first."""

    labels: dict[str, tuple[str, ...]]
    counts: NDArray[np.int64]
    home: Path
    known: list[tuple[Mask, int, int, int]] = field(default_factory=list)
    """Selections somebody showed, with the lowest and highest count behind the figure, and the edition."""
    hidden: list[tuple[Mask, int]] = field(default_factory=list)
    tables: list[list[tuple[Mask, int]]] = field(default_factory=list)
    asked: int = 0
    refused: int = 0
    edition: int = 0
    truths: list[NDArray[np.int64]] = field(default_factory=list)
    least: int = 1

    def mask(self, chosen: dict[str, Sequence[str]]) -> Mask:
        found = np.ones(self.counts.shape, dtype=bool)
        for axis, (name, labels) in enumerate(self.labels.items()):
            if name in chosen:
                keep = np.isin(labels, list(chosen[name]))
                found &= keep.reshape([-1 if a == axis else 1 for a in range(found.ndim)])
        return found

    def count(self, mask: Mask) -> int:
        return int(self.counts[mask].sum())

    def send(
        self,
        *shown: str | tuple[str, str, dict[str, tuple[str, ...]]],
        months: tuple[int, int] = (0, 99),
        where: dict[str, tuple[str, ...]] | None = None,
        audience: str = "public",
        source_class: str = "police",
    ) -> Release | None:
        """Release one table of `shown` dimensions (a triple is a grouping: name, of which, groups); None if refused."""
        first, last = months[0], min(months[1], len(self.labels["month"]) - 1)
        held: dict[str, tuple[str, ...]] = {"month": self.labels["month"][first : last + 1], **(where or {})}
        dimensions, picks = [], []
        for one in shown:
            name, of, groups = one if isinstance(one, tuple) else (one, "", {})
            labels = tuple(groups) or held.get(name, self.labels[name])
            dimensions.append(Dimension(name, name, (*labels, TOTAL), of=of, groups=tuple(groups.items())))
            own = of or name
            whole = tuple(label for group in groups.values() for label in group) if groups else labels
            picks.append({**{label: {own: groups.get(label, (label,))} for label in labels}, TOTAL: {own: whole}})
        cells, masks = [], {}
        for key in itertools.product(*(d.categories for d in dimensions)):
            chosen = dict(held)
            for pick, label in zip(picks, key, strict=True):
                chosen.update(pick[label])
            masks[key] = self.mask(chosen)
            cells.append(Cell(key, self.count(masks[key])))
        period = Period(MONTHS[first].start, MONTHS[last].end)
        table = Table(
            "t", "t", "events", tuple(dimensions), tuple(cells), universe="events", where=tuple((where or {}).items())
        )
        made = self.release(table, period, audience, source_class, f"{shown}{months}{where}{audience}{self.edition}")
        if made is not None:
            self.tables.append([(mask, self.edition) for mask in masks.values()])
            for cell in made.tables[0].cells:
                if cell.count is None:
                    self.hidden.append((masks[cell.key], self.edition))
                else:
                    low, high = spread(cell.count, made.rounded_to, made.hides_up_to)
                    self.known.append((masks[cell.key], low, high, self.edition))
        return made

    def release(self, table: Table, period: Period, audience: str, source_class: str, mark: str) -> Release | None:
        self.asked += 1
        lineage = Lineage("attack", "counted", (), parameters={"cut": mark})
        found = Finding(
            "attack", "?", (table,), "all", period, "invented", "counted", lineage, source_class=source_class
        )
        try:
            return release(
                found,
                rule=POLICY.rule(audience),
                audience=audience,
                home=self.home,
                requested_by="Ann",
                approved_by="Bo",
                clock=lambda: datetime(2025, 6, 1, tzinfo=UTC),
            )
        except Refused:
            self.refused += 1
            return None

    def revise(self, random: np.random.Generator) -> None:
        """A new edition: a few counts go up or down by a few."""
        self.truths.append(self.counts.copy())
        change = random.integers(-4, 5, self.counts.shape) * (random.random(self.counts.shape) < 0.3)
        self.counts = np.maximum(self.counts + change, 0)
        self.edition += 1


def spread(shown: int, rounded_to: int, hides_up_to: int) -> tuple[int, int]:
    """The counts behind a figure to the nearest of `rounded_to`, halves up, those up to a limit being hidden."""
    if not rounded_to or not shown:
        return shown, shown
    behind = [n for n in range(shown + rounded_to) if (n + rounded_to // 2) // rounded_to * rounded_to == shown]
    behind = [n for n in behind if n > hides_up_to and 2 * abs(n - shown) <= rounded_to]
    return behind[0], behind[-1]


class Attacker:
    """Whole numbers for every single cell of every edition that agree with all that is known, or proof of none."""

    def __init__(self, world: World) -> None:
        self.size = world.counts.size
        self.editions = world.edition + 1
        self.truth = np.concatenate([*(t.ravel() for t in world.truths), world.counts.ravel()])
        rows = [(self.row(mask, e), low, high) for mask, low, high, e in world.known]
        # Noughts are shown, so what is hidden is at least one event.
        rows += [(self.row(mask, e), world.least, np.inf) for mask, e in world.hidden]
        self.constraint = LinearConstraint(
            np.array([row for row, _, _ in rows]), [low for _, low, _ in rows], [high for _, _, high in rows]
        )

    def row(self, mask: Mask, edition: int) -> NDArray[np.float64]:
        found = np.zeros(self.size * self.editions)
        found[edition * self.size : (edition + 1) * self.size] = mask.ravel()
        return found

    def recovers(self, row: NDArray[np.float64]) -> bool:
        """Whether `row` · counts is one number in all the worlds that agree with what is known."""
        now = row @ self.truth
        for low, high in ((now + 1, np.inf), (-np.inf, now - 1)):
            found = milp(
                np.zeros(len(row)),
                constraints=[self.constraint, LinearConstraint(row[None, :], low, high)],
                bounds=Bounds(0, 1e4),
                integrality=np.ones(len(row)),
            )
            if found.x is not None:
                return False
        return True


def targets(world: World, attacker: Attacker, random: np.random.Generator, most: int) -> Iterator[NDArray[np.float64]]:
    """Small numbers that nobody may get: hidden ones, nested differences, single cells, and changes by revision."""
    seen: dict[bytes, NDArray[np.float64]] = {}
    for mask, e in world.hidden:
        seen.setdefault(attacker.row(mask, e).tobytes(), attacker.row(mask, e))
    for t, u in itertools.permutations(world.tables, 2):
        for (one, e), (other, f) in itertools.product(t, u):
            if e == f and not (other & ~one).any() and (one & ~other).any() and not tabulated(one & ~other, e, world):
                row = attacker.row(one & ~other, e)
                seen.setdefault(row.tobytes(), row)
            if e < f and (one == other).all():
                row = attacker.row(one, f) - attacker.row(one, e)
                seen.setdefault(row.tobytes(), row)
    for place in range(attacker.size * attacker.editions):
        row = np.zeros(attacker.size * attacker.editions)
        row[place] = 1.0
        seen.setdefault(row.tobytes(), row)
    small = [row for row in seen.values() if abs(row @ attacker.truth) in SMALL]
    for place in random.permutation(len(small))[:most]:
        yield small[place]


def tabulated(region: Mask, edition: int, world: World) -> bool:
    """Whether `region` is several cells of tables: their sum may be known; each of them is what is protected."""
    within = [m for table in world.tables for m, e in table if e == edition and not (m & ~region).any()]
    covered = np.zeros_like(region)
    for mask in within:
        covered |= mask
    return bool((covered == region).all()) and not any((mask == region).all() for mask in within)


# --- families: each releases tables of a world, as a partnership might ------------------------------------------------


def margins(world: World, random: np.random.Generator) -> None:
    world.send("ward", "kind")


def three_way(world: World, random: np.random.Generator) -> None:
    world.send("ward", "kind", "age")


def hierarchies(world: World, random: np.random.Generator) -> None:
    wards, kinds = world.labels["ward"], world.labels["kind"]
    hoods = {"north": wards[:2], "south": wards[2:]}
    groups = {"first": kinds[:2], "other": kinds[2:]}
    for shown in (("ward", "kind"), (("hood", "ward", hoods), "kind"), ("ward", ("group", "kind", groups))):
        world.send(*shown)


def circle(world: World, random: np.random.Generator) -> None:
    for shown in itertools.combinations(("ward", "kind", "age"), 2):
        world.send(*shown)


def overlapping_areas(world: World, random: np.random.Generator) -> None:
    world.send("ward")
    for _ in range(4):
        wards = tuple(w for w in world.labels["ward"] if random.random() < 0.6)
        if wards:
            world.send("kind", where={"ward": wards})


def age_bands(world: World, random: np.random.Generator) -> None:
    ages = world.labels["age"]
    world.send("age")
    for first, last in random.permutation([(0, 2), (0, 3), (1, 3), (2, 4), (0, 4)]).tolist():
        world.send("kind", where={"age": ages[first:last]})


def next_month(world: World, random: np.random.Generator) -> None:
    last = len(world.labels["month"]) - 1
    for month in range(max(last - 3, 0), last + 1):
        world.send("ward", months=(0, month))


def monthly(world: World, random: np.random.Generator) -> None:
    for month in range(len(world.labels["month"])):
        world.send("ward", "kind", months=(month, month))
    world.send("ward", "kind")


def revised(world: World, random: np.random.Generator) -> None:
    world.send("ward", "kind")
    world.revise(random)
    world.send("kind")
    world.send("ward", "kind")


def differences(world: World, random: np.random.Generator) -> None:
    wards = world.labels["ward"]
    world.send("ward")
    for left_out in random.permutation(wards)[:3].tolist():
        world.send("kind", where={"ward": tuple(w for w in wards if w != left_out)})
    world.send("kind")


def several_audiences(world: World, random: np.random.Generator) -> None:
    world.send("ward", "kind", audience="board")
    world.send("ward", ("pair", "kind", {"first two": world.labels["kind"][:2], "rest": world.labels["kind"][2:]}))
    world.send("kind", months=(0, 0))
    world.send("kind", audience="board")


def selections(world: World, random: np.random.Generator) -> None:
    """Pieces that no table shows, by selections of several dimensions at once."""
    world.send("ward", months=(0, 0))
    world.send("kind", months=(0, 0))
    for _ in range(4):
        wards = tuple(w for w in world.labels["ward"] if random.random() < 0.6) or world.labels["ward"][:1]
        kinds = tuple(k for k in world.labels["kind"] if random.random() < 0.6) or world.labels["kind"][:1]
        world.send("month", where={"ward": wards, "kind": kinds})


def rounding(world: World, random: np.random.Generator) -> None:
    world.send("ward", "kind", source_class="health")
    world.send("kind", "age", source_class="health")


def everything(world: World, random: np.random.Generator) -> None:
    for shown in (("ward",), ("month",), ("kind", "age"), ("ward", "kind"), ("month", "kind")):
        world.send(*shown)


Family = Callable[[World, np.random.Generator], None]
FAMILIES: dict[str, tuple[Family, dict[str, int]]] = {
    "margins": (margins, {"ward": 5, "kind": 4}),
    "three-way": (three_way, {"ward": 4, "kind": 3, "age": 2}),
    "hierarchies": (hierarchies, {"ward": 5, "kind": 4}),
    "circle of linked tables": (circle, {"ward": 4, "kind": 3, "age": 3}),
    "overlapping areas": (overlapping_areas, {"ward": 5, "kind": 2}),
    "age bands": (age_bands, {"age": 4, "kind": 3}),
    "month N to N+1": (next_month, {"month": 5, "ward": 3}),
    "a year of months": (monthly, {"month": 12, "ward": 3, "kind": 2}),
    "revised data": (revised, {"ward": 4, "kind": 3}),
    "differences": (differences, {"ward": 4, "kind": 3}),
    "several audiences": (several_audiences, {"month": 2, "ward": 3, "kind": 4}),
    "selections of several dimensions": (selections, {"month": 2, "ward": 3, "kind": 3}),
    "rounding": (rounding, {"ward": 4, "kind": 3, "age": 2}),
    "everything at once": (everything, {"month": 3, "ward": 3, "kind": 2, "age": 2}),
}


@dataclass
class Outcome:
    """What an attempt, or several, came to."""

    attempts: int = 0
    releases: int = 0
    refused: int = 0
    attacked: int = 0
    recovered: int = 0
    seconds: float = 0.0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))


def attempt(name: str, seed: int, home: Path, *, most: int = 60) -> Outcome:
    """One attempt of a family: invent, release, attack at most `most` targets. Seconds are of releasing only."""
    if name in SHARES:
        return _shares(name, seed, home)
    family, sizes = FAMILIES[name]
    random = np.random.default_rng([seed, len(name)])
    sizes = {"month": 1, **sizes}
    labels = {
        axis: tuple(f"{p.start:%Y-%m}" for p in MONTHS[:size])
        if axis == "month"
        else tuple(f"{axis}{i}" for i in range(size))
        for axis, size in sizes.items()
    }
    counts = random.negative_binomial(0.8, 0.08, tuple(sizes.values()))
    world = World(labels, counts, home)
    started = time.process_time()
    family(world, random)
    seconds = time.process_time() - started
    attacker = Attacker(world)
    attacked = list(targets(world, attacker, random, most))
    recovered = sum(attacker.recovers(row) for row in attacked)
    return Outcome(1, world.asked - world.refused, world.refused, len(attacked), recovered, seconds)


# --- percentages and changes: the attacker counts the whole numbers that a printed figure allows ----------------------

SHARES = ("percentages", "changes between years")


def _shares(name: str, seed: int, home: Path) -> Outcome:
    random = np.random.default_rng(seed)
    change = name == SHARES[1]
    cells = []
    for number in range(12):
        base = int(random.integers(1, 30 if number % 2 else 160))
        count = int(random.integers(0, 60 if number % 3 else 8)) if change else int(random.integers(0, base + 1))
        estimate = percent_change(count, base) if change else share(count, base)
        cells.append(Cell((f"g{number}",), count, base=base, estimate=estimate))
    names = tuple(cell.key[0] for cell in cells)
    table = Table("t", "t", "people", (Dimension("group", "group", names),), tuple(cells), additive=False)
    world = World({"month": ("2024-04",)}, np.zeros(1, dtype=np.int64), home)
    started = time.process_time()
    made = world.release(table, MONTHS[0], "public", "police", str(seed))
    seconds = time.process_time() - started
    attacked = recovered = 0
    for was, now in zip(cells, made.tables[0].cells if made else (), strict=bool(made)):
        base = was.base or 0
        hidden_numbers = [was.count, base] if change else [was.count, base, base - was.count]
        for secret in (n for n in hidden_numbers if n in SMALL):
            attacked += 1
            recovered += secret in (now.count, now.base) or _one_pair(now, change)
    return Outcome(1, world.asked - world.refused, world.refused, attacked, recovered, seconds)


def _one_pair(cell: object, change: bool) -> bool:
    """Whether a printed percentage leaves one pair of count and base under 160."""
    estimate = getattr(cell, "estimate", None)
    if estimate is None:
        return False
    pairs = 0
    for base in range(1, 160):
        for count in range(160 if change else base + 1):
            value = 100 * (count - base) / base if change else 100 * count / base
            pairs += any(round(value, places) == estimate.value for places in (0, 1))
            if pairs > 1:
                return False
    return pairs == 1


def main() -> int:
    attempts = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    print(
        f"{'attack':34} {'attempts':>8} {'releases':>8} {'refused':>7} {'attacked':>8} {'recovered':>9} {'seconds':>8}"
    )
    whole = Outcome()
    for name in (*FAMILIES, *SHARES):
        outcome = Outcome()
        for seed in range(attempts):
            with tempfile.TemporaryDirectory() as home:
                outcome += attempt(name, seed, Path(home))
        print(_line(name, outcome), flush=True)
        whole += outcome
    print(_line("all", whole))
    return 1 if whole.recovered else 0


def _line(name: str, o: Outcome) -> str:
    return (
        f"{name:34} {o.attempts:>8} {o.releases:>8} {o.refused:>7} {o.attacked:>8,} {o.recovered:>9} {o.seconds:>8.1f}"
    )


if __name__ == "__main__":
    sys.exit(main())
