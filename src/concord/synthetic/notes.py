"""Short notes as officers write them, for testing what prompts about language: never loaded, never about anyone."""

from __future__ import annotations

import numpy as np

from concord.synthetic import borough
from concord.synthetic.records import Table
from concord.synthetic.sampling import exactly, flags, objects

BLAMING = 0.03


def notes(rng: np.random.Generator, refs: np.ndarray) -> Table:
    """A note for each reference from neutral templates; a known share has words that blame the child."""
    table = borough.rows("note_templates")
    plain = objects([row["text"] for row in table if row["blaming"] == "N"])
    blaming = objects([row["text"] for row in table if row["blaming"] == "Y"])
    chosen = exactly(rng, BLAMING, len(refs))
    text = plain[rng.integers(0, len(plain), len(refs))]
    text[chosen] = blaming[rng.integers(0, len(blaming), int(chosen.sum()))]
    return {"notification_ref": refs, "note": text, "blaming": flags(chosen)}
