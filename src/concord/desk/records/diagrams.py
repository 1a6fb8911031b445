"""Draws every lifecycle of the desk: `python -m concord.desk.records.diagrams FOLDER > docs/reference/lifecycles.md`.

This room stands above the others, so it can ask all of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from concord.desk.panels.diagrams import page
from concord.desk.records.rules import LIFECYCLES
from concord.strategy import load

ABOVE = {"records": LIFECYCLES}

if __name__ == "__main__":
    sys.stdout.write(page(load(Path(sys.argv[1])).pathways.values(), ABOVE))
