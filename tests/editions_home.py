"""A small borough, loaded and classified, whose folder holds one short publication: enough for an edition's steps."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from concord.jobs.pipeline import Loop
from concord.kernel.working_time import LONDON
from concord.strategy import Partnership, load

ROOT = Path(__file__).resolve().parents[1]
LOADED_AT = datetime(2026, 11, 22, 9, 0, tzinfo=LONDON)
SHORT = "short_assessment"
FEEDS = ("recorded_crime", "crime_persons", "population", "areas")

PUBLICATION = """
key = "short_assessment"
title = "Short assessment"
summary = "How much serious violence is recorded, and where."
audience = "public"
rule = "public"
cadence = "annual"
months = 24
headlines = true

[source]
title = "Invented for tests"

[[sections]]
key = "how_much"
heading = "How much is recorded"
prose = "short_how_much"

[[sections.figures]]
finding = "serious_violence_rate"
name = "bounds"
table = "bounds"
chart = "bars"
subject = "recorded offences"

[[sections.figures]]
finding = "serious_violence_rate"
name = "kinds"
table = "rate"
chart = "bars"
subject = "serious violence offences"

[[sections]]
key = "where"
heading = "Where it happens"
prose = "short_where"

[[sections.figures]]
finding = "places"
name = "wards"
table = "wards"
chart = "map"
subject = "serious violence offences"
"""
PROSE = {
    "short_how_much": "In the last year {{figure:bounds/bounds/in#count}} recorded offences were in the definition.\n",
    "short_where": "Rates are per resident, because residents are what we can count.\n",
}


def folder(parent: Path) -> Path:
    """Harbourside's folder with the short publication beside its own."""
    for name in ("national", "harbourside"):
        shutil.copytree(ROOT / "partnerships" / name, parent / name)
    made = parent / "harbourside"
    (made / "publications").mkdir(exist_ok=True)
    (made / "publications" / f"{SHORT}.toml").write_text(PUBLICATION, "utf-8")
    for name, text in PROSE.items():
        (made / "prose" / f"{name}.md").write_text(text, "utf-8")
    return made


def home(at: Path, partnership: Partnership, size: float = 0.06) -> Loop:
    """A home at `at` with what the short publication rests on."""
    loop = Loop(at, partnership, lambda: LOADED_AT)
    loop.generate(size, 1, lambda _words: None)
    generated = loop.generated()
    for feed in FEEDS:
        for _day, files in generated.deliveries(feed, LOADED_AT.date()):
            loop.receive(feed, files, lambda _words: None)
    loop.classify(lambda _words: None)
    return loop


def partnership(parent: Path) -> Partnership:
    return load(folder(parent))
