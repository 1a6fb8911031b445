"""Tables of few events are suppressed, not refused: a small partnership may publish what can be said."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from concord.evidence.disclosure import release
from concord.evidence.findings.build import with_total
from concord.evidence.findings.desk_timeliness import DONE, _outcomes
from concord.evidence.findings.model import Finding
from concord.kernel.lineage import Lineage
from concord.kernel.periods import Period
from concord.strategy import load

FOLDER = Path(__file__).resolve().parents[2] / "partnerships" / "harbourside"
FORUMS = ("mace", "marac", "x", "y")
PERIOD = Period(date(2026, 6, 1), date(2026, 10, 31))
# Forums with nothing late, or nothing at all, beside busy ones: where nobody anywhere is in a category, its noughts
# can be seen from the total, and hiding them would be hiding nothing.
counts = st.tuples(
    *[st.tuples(st.integers(0, 30), st.sampled_from([0, 0, 1, 4, 9]), st.sampled_from([0, 0, 2, 7]))] * 4
)


@settings(max_examples=40, deadline=None)
@given(counts)
def test_few_actions_are_never_a_reason_to_publish_nothing(rows: tuple[tuple[int, int, int], ...]) -> None:
    tally = Counter({(forum, DONE[i]): n for forum, row in zip(FORUMS, rows, strict=True) for i, n in enumerate(row)})
    table = _outcomes("forums", "Actions", "actions", with_total("forum", "Forum", FORUMS), DONE, tally, "desk actions")
    finding = Finding(
        name="actions_on_time",
        question="?",
        tables=(table,),
        base="Actions",
        period=PERIOD,
        source="desk",
        method="counted",
        lineage=Lineage("actions_on_time", "counted", ()),
        source_class="desk",
        synthetic=True,
    )
    rules = load(FOLDER).disclosure
    assert rules is not None
    with tempfile.TemporaryDirectory() as home:
        made = release(
            finding,
            rule=rules.rule("public"),
            audience="public",
            home=Path(home),
            requested_by="one",
            approved_by="another",
            clock=lambda: datetime(2026, 11, 22, tzinfo=UTC),
        )
    shown = {cell.key: cell for cell in made.tables[0].cells if cell.hidden is None}
    assert all(not 0 < (cell.count or 0) <= 4 for cell in shown.values())
    assert not made.audit.exposed
