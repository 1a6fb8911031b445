"""Every family of attack, tried on invented partnerships: nothing comes back. The full table is `bench/attacks.py`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from attacks import FAMILIES, SHARES, Attacker, World, attempt


@pytest.mark.parametrize("name", [*FAMILIES, *SHARES])
def test_no_attack_gets_a_small_number_back(name: str) -> None:
    attacked = released = 0
    for seed in (3, 6):
        with tempfile.TemporaryDirectory() as home:
            outcome = attempt(name, seed, Path(home), most=20)
        assert outcome.recovered == 0, f"{name}, seed {seed}"
        attacked += outcome.attacked
        released += outcome.releases
    assert released, "a suite that is refused everything attacks nothing"
    assert attacked, "the seeds must give the attacker something to try"


def test_the_attacker_gets_back_what_is_not_protected(tmp_path: Path) -> None:
    """The suite can fail: hiding only the small cell of a table with margins gives it back."""
    counts = np.array([[[3, 20], [30, 40]]])
    world = World({"month": ("2024-04",), "ward": ("a", "b"), "kind": ("x", "y")}, counts, tmp_path)
    everything = [({"ward": w, "kind": k}) for w in (("a",), ("b",), ("a", "b")) for k in (("x",), ("y",), ("x", "y"))]
    for chosen in everything[1:]:
        mask = world.mask(chosen)
        world.known.append((mask, world.count(mask), world.count(mask), 0))
    secret = world.mask(everything[0])
    world.hidden.append((secret, 0))
    attacker = Attacker(world)
    assert attacker.recovers(attacker.row(secret, 0))
    world.known = [known for known in world.known if known[0].sum() > 1]
    attacker = Attacker(world)
    assert not attacker.recovers(attacker.row(secret, 0))
