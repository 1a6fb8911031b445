"""What several integration tests start from, made once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from linkage_support import good_links

from concord.jobs.pipeline import Loop
from concord.strategy import load

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2026, 11, 22, 9, tzinfo=ZoneInfo("Europe/London"))


@pytest.fixture(scope="session")
def harbourside_loaded(tmp_path_factory: pytest.TempPathFactory) -> Loop:
    """A fifth of Harbourside, loaded and classified. To be copied by tests that publish; nobody is linked in it."""
    loop = Loop(tmp_path_factory.mktemp("harbourside"), load(ROOT / "partnerships" / "harbourside"), lambda: AT)
    loop.generate(0.2, 1, lambda _message: None)
    loop.load(lambda _message: None)
    loop.classify(lambda _message: None)
    # Linkage has tests of its own; here everybody stands alone.
    nobody = pa.table({"feed": ["crime_persons"], "person_ref": ["-"], "linked_ref": ["-"], "match_probability": [1.0]})
    loop.store.write("person_links", {"all": nobody}, source="test", synthetic=True, clock=loop.clock)
    good_links(loop.store)
    return loop
