"""What a figure says of an earlier edition: the difference, whether it can be told from chance, what else changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from publication_support import months, release, roles, wards

from concord.evidence.disclosure.model import Release, ReleasedCell, ReleasedTable
from concord.evidence.publications import earlier
from concord.evidence.publications.earlier import Edition
from concord.evidence.publications.sentences import About
from concord.kernel.errors import BadInput
from concord.kernel.lineage import Lineage
from concord.kernel.measures import Estimate, Interval
from concord.kernel.periods import Period
from concord.strategy.shapes.publication import FigureSpec

ABOUT = About("offences", "Harbourside")
LAST_YEAR = Period(date(2023, 1, 1), date(2023, 12, 31))
SPEC = FigureSpec(finding="wards", chart="rates", subject="offences")


def _edition(table: ReleasedTable, cited: str = "wards", **changes: Any) -> Edition:
    old = release(table, period=LAST_YEAR, **changes)
    return Edition(date(2025, 1, 6), {cited: old}, {cited: table.code})


def _since(table: ReleasedTable, *editions: Edition, spec: FigureSpec = SPEC, about: About = ABOUT) -> tuple[str, ...]:
    return earlier.since(spec, release(table), table, about, editions)


def _other_whole(value: float, spread: float) -> ReleasedTable:
    estimate = Estimate(value, "per 1,000 residents", Interval(value - spread, value + spread))
    cells = (*wards().cells[:-1], ReleasedCell(("Total",), 3500, None, 58_000, estimate))
    return replace(wards(), cells=cells, code="HB-OLD-2A2")


def test_without_an_earlier_edition_nothing_is_said() -> None:
    assert _since(wards()) == ()


def test_a_figure_that_was_not_there_is_said_to_be_new() -> None:
    other = Edition(date(2025, 1, 6), {}, {})
    assert _since(wards(), other) == ("Not in the edition of 6 January 2025.",)


def test_ranges_apart_and_ranges_that_overlap_are_told() -> None:
    assert _since(wards(), _edition(_other_whole(60.3, 1.5))) == (
        "70.4 per 1,000 residents (between 68.3 and 72.5); in the edition of 6 January 2025, 60.3 per 1,000 residents "
        "(between 58.8 and 61.8). The ranges do not overlap.",
    )
    assert _since(wards(), _edition(_other_whole(69.0, 1.5)))[0].endswith(
        "The ranges overlap, so a change is not shown."
    )


def test_counts_differ_by_a_share_and_nothing_is_claimed_of_chance() -> None:
    table = replace(months(), cells=(*months().cells, ReleasedCell(("Total",), 12_000)),
                    dimensions=(replace(months().dimensions[0],
                                        categories=(*months().dimensions[0].categories, "Total")),))  # fmt: skip
    old = replace(table, cells=(*table.cells[:-1], ReleasedCell(("Total",), 10_000)), code="HB-OLD-3B3")
    spec = replace(SPEC, finding="months")
    assert _since(table, _edition(old, "months"), spec=spec) == (
        "12,000; in the edition of 6 January 2025, 10,000, 20% more now.",
    )


def test_a_hidden_total_is_never_compared() -> None:
    hidden = replace(wards(), cells=(*wards().cells[:-1], ReleasedCell(("Total",), hidden="confidential")))
    said = " ".join(_since(hidden, _edition(_other_whole(60.3, 1.5))))
    assert "60.3" not in said
    assert "3,500" not in said


def test_the_same_table_is_said_to_be_the_same() -> None:
    assert _since(wards(), _edition(wards())) == ("The same as in the edition of 6 January 2025.",)


def test_a_changed_definition_or_method_is_said() -> None:
    old = _other_whole(69.0, 1.5)
    lineage = Lineage("wards", "count", (), "SELECT 1", "v0", {}, "0.1.0")
    assert _since(wards(), _edition(old, lineage=lineage))[-1] == (
        "The definition changed in between, so the two do not count the same things."
    )
    assert _since(wards(), _edition(old, method="Other counts"))[-1].startswith("The method changed in between")


def test_a_revision_of_the_same_days_is_called_one() -> None:
    old = _other_whole(69.0, 1.5)
    same_days = Edition(date(2025, 12, 1), {"wards": release(old)}, {"wards": old.code})
    assert _since(wards(), same_days)[0] == "Revised since the edition of 1 December 2025, for the same days."


def test_the_group_that_a_figure_is_about_is_what_is_compared() -> None:
    about = replace(ABOUT, focus="Both")
    old = replace(
        roles(),
        code="HB-OLD-4C4",
        cells=(ReleasedCell(("Both",), 900, 4500, None, Estimate(20.0, "%", Interval(18.8, 21.2))), *roles().cells[1:]),
    )
    spec = replace(SPEC, finding="roles", focus="Both")
    said = _since(roles(), _edition(old, "roles"), spec=spec, about=about)
    assert said[0].startswith("Both: 27% (between 25% and 30%); in the edition of 6 January 2025, 20%")


def test_earlier_values_are_told_where_they_were_different() -> None:
    same, other = _edition(wards()), _edition(_other_whole(60.3, 1.5))
    found = earlier.past(SPEC, wards(), ABOUT, (same, other, other))
    assert [(one.code, one.words) for one in found] == [
        ("HB-OLD-2A2", "60.3 per 1,000 residents (between 58.8 and 61.8)")
    ]


def test_editions_are_kept_beside_the_page_and_read_again(tmp_path: Path) -> None:
    old = _other_whole(60.3, 1.5)
    kept = {old.code: (release(old, period=LAST_YEAR), old), wards().code: (release(wards()), wards())}

    def fetch(code: str) -> tuple[Release, ReleasedTable]:
        if code not in kept:
            raise BadInput("No figure has that code")
        return kept[code]

    (tmp_path / earlier.FILE).write_bytes(
        earlier.record(date(2026, 1, 5), {"wards": wards().code, "gone": "HB-GON-5D5"}, [_edition(old)])
    )
    first, second = earlier.read(tmp_path, fetch)
    assert (first.made_on, set(first.releases)) == (date(2026, 1, 5), {"wards"})
    assert second.label == "the edition of 6 January 2025"
    assert second.table(SPEC) == old
    assert earlier.read(tmp_path / "elsewhere", fetch) == ()


def test_a_figure_that_is_kept_back_now_leaves_no_code_behind() -> None:
    old = Edition(date(2025, 1, 6), {}, {"wards": "HB-OLD-2A2", "kept_back": "HB-KPT-6E6"})
    assert b"HB-KPT-6E6" not in earlier.record(date(2026, 1, 5), {"wards": wards().code}, [old])


def test_an_edition_with_the_same_figures_is_recorded_once() -> None:
    same = Edition(date(2025, 12, 1), {}, {"wards": wards().code})
    assert b"2025-12-01" not in earlier.record(date(2026, 1, 5), {"wards": wards().code}, [same])
