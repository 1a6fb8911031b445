"""Ways people have got small numbers back from published tables, each tried on a release."""

from __future__ import annotations

import dataclasses
import itertools
import json
from datetime import date
from pathlib import Path

import pytest
from disclosure_support import NOON, counts, cube, finding, nine_months, policy, send
from pydantic import ValidationError

from concord.evidence.disclosure import Ledger, figure, load_release, release
from concord.evidence.disclosure.codes import SIGNS, figure_code, read_code
from concord.evidence.disclosure.identity import period_of
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.statistics import percent_change, rate, share
from concord.kernel.errors import BadInput, ConcordError, Environment, Refused, Usage
from concord.kernel.lineage import DatasetRef, Lineage
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period

# --- subtraction -----------------------------------------------------------------------------------------------------


def test_a_row_with_one_small_cell_hides_a_second_so_that_the_total_does_not_give_it_back(tmp_path: Path) -> None:
    shown = counts(send(finding(cube({("a",): 3, ("b",): 20, ("c",): 40}, "area")), tmp_path))
    assert shown == {("a",): None, ("b",): None, ("c",): 40, (TOTAL,): 63}


def test_two_ones_in_a_total_of_two_are_not_left_to_the_rule_that_noughts_are_shown(tmp_path: Path) -> None:
    # Hidden and not nought, adding to 2: both are 1, unless more is hidden.
    table = cube(
        {("a", "x"): 1, ("b", "x"): 1, ("a", "y"): 30, ("b", "y"): 40, ("a", "z"): 50, ("b", "z"): 9}, "area", "kind"
    )
    shown = counts(send(finding(table), tmp_path))
    assert shown["a", "x"] is shown["b", "x"] is shown[TOTAL, "x"] is None
    assert sum(value is None for value in shown.values()) > 3


def test_two_findings_with_the_same_cells_hide_the_same_ones(tmp_path: Path) -> None:
    first = send(finding(cube({("a",): 3, ("b",): 20, ("c",): 21}, "area")), tmp_path)
    assert counts(first)["b",] is None
    # Alone, this one would rather hide “c”, which the reader of the first already knows.
    other = cube(
        {("a", "x"): 3, ("b", "x"): 10, ("c", "x"): 6, ("a", "y"): 0, ("b", "y"): 10, ("c", "y"): 15},
        "area",
        "kind",
        called="other",
    )
    second = counts(send(finding(other, name="another_finding"), tmp_path))
    assert second["a", TOTAL] is None
    assert second["b", TOTAL] is None, "shown, it would give 3 back by the first release's total"


def test_a_table_of_neighbourhoods_does_not_give_back_a_ward(tmp_path: Path) -> None:
    wards = {("w1",): 2, ("w2",): 9, ("w3",): 30, ("w4",): 30}
    groups = (("West", ("w1", "w2")), ("East", ("w3", "w4")))
    cells = (Cell(("West",), 11), Cell(("East",), 60), Cell((TOTAL,), 71))
    neighbourhoods = Table(
        "hoods",
        "hoods",
        "offences",
        (Dimension("hood", "Neighbourhood", ("West", "East", TOTAL), of="ward", groups=groups),),
        cells,
        universe="offences",
    )
    made = send(finding(cube(wards, "ward", called="wards"), neighbourhoods), tmp_path)
    west = counts(made, 1)["West",]
    shown = counts(made)
    assert shown["w1",] is None
    assert shown["w2",] is None or west is None


# --- differencing ----------------------------------------------------------------------------------------------------


def test_this_month_s_total_less_last_month_s_is_refused_when_the_month_is_small(tmp_path: Path) -> None:
    send(nine_months(100), tmp_path)
    later = dataclasses.replace(nine_months(102), period=Period(date(2024, 4, 1), date(2025, 1, 31)))
    made = send(later, tmp_path)
    assert counts(made) == {(TOTAL,): None}, "102 − 100 would be January's 2"


def test_an_extra_month_that_is_not_small_is_shown(tmp_path: Path) -> None:
    send(nine_months(100), tmp_path)
    later = dataclasses.replace(nine_months(142), period=Period(date(2024, 4, 1), date(2025, 1, 31)))
    assert counts(send(later, tmp_path)) == {(TOTAL,): 142}


def test_rolling_years_do_not_give_back_a_small_month(tmp_path: Path) -> None:
    month = cube({("2024-04",): 3, ("2024-05",): 40, ("2024-06",): 50}, "month", called="months")
    first = send(finding(month, period=Period(date(2024, 4, 1), date(2024, 6, 30))), tmp_path)
    assert counts(first)["2024-04",] is None
    rolling = Table(
        "all", "all", "offences", (Dimension("limb", "Limb", (TOTAL,)),), (Cell((TOTAL,), 90),), universe="offences"
    )
    second = finding(rolling, period=Period(date(2024, 5, 1), date(2024, 6, 30)))
    assert counts(send(second, tmp_path)) == {(TOTAL,): None}, "93 − 90 is April's 3"


def test_people_under_25_less_people_under_24_is_a_year_of_age(tmp_path: Path) -> None:
    def under(age: int, people: int) -> Finding:
        years = tuple(f"{year:03d}" for year in range(age))
        table = Table(
            "all",
            "all",
            "people",
            (Dimension("role", "Role", (TOTAL,)),),
            (Cell((TOTAL,), people),),
            universe="people",
            where=(("age", years),),
        )
        return finding(table, name="overlap")

    assert counts(send(under(25, 296), tmp_path)) == {(TOTAL,): 296}
    assert counts(send(under(24, 293), tmp_path)) == {(TOTAL,): None}, "three people aged 24"
    assert counts(send(under(20, 200), tmp_path)) == {(TOTAL,): 200}


def test_a_board_member_also_reads_what_the_public_reads(tmp_path: Path) -> None:
    send(nine_months(100), tmp_path)
    later = dataclasses.replace(nine_months(102), period=Period(date(2024, 4, 1), date(2025, 1, 31)))
    assert counts(send(later, tmp_path, to="board")) == {(TOTAL,): None}
    # And the other way round: the public release reaches board members, who hold the board's.
    other = tmp_path / "other"
    send(nine_months(100), other, to="board")
    assert counts(send(later, other)) == {(TOTAL,): None}


def test_a_number_already_public_cannot_be_hidden_again_and_the_refusal_says_so(tmp_path: Path) -> None:
    loose = policy(hide_to=2)
    send(finding(cube({("a",): 3, ("b",): 20}, "area")), tmp_path, rules=loose)
    again = finding(cube({("a",): 3, ("b",): 20}, "area"), name="again")
    with pytest.raises(Refused, match="An earlier release already shows a number that this rule hides"):
        send(again, tmp_path)


def test_a_revised_source_is_kept_apart_and_hidden_cells_stay_hidden(tmp_path: Path) -> None:
    send(finding(cube({("a",): 3, ("b",): 20, ("c",): 40}, "area")), tmp_path)
    revised = finding(cube({("a",): 3, ("b",): 20, ("c",): 41}, "area"))
    made = send(revised, tmp_path)
    assert counts(made)["b",] is None
    assert counts(made)["a",] is None
    assert made.audit.against == ()


# --- derived numbers -------------------------------------------------------------------------------------------------


def flat(*cells: Cell, **more: object) -> Table:
    names = tuple(cell.key[0] for cell in cells)
    return Table("shares", "Shares", "people", (Dimension("group", "Group", names),), cells, additive=False, **more)  # type: ignore[arg-type]


def test_a_hidden_count_takes_its_rate_and_population_with_it(tmp_path: Path) -> None:
    made = send(finding(flat(Cell(("a",), 3, population=900, estimate=rate(3, 900)), per=1000)), tmp_path)
    cell = made.tables[0].cells[0]
    assert (cell.count, cell.estimate, cell.population, cell.hidden) == (None, None, None, "confidential")


def test_a_share_whose_rest_is_small_is_hidden(tmp_path: Path) -> None:
    made = send(finding(flat(Cell(("a",), 97, base=100, estimate=share(97, 100)))), tmp_path)
    assert made.tables[0].cells[0].hidden == "confidential"


@pytest.mark.parametrize(
    ("count", "base", "value"),
    [(6, 19, None), (8, 20, 40.0), (33, 99, 33.0), (33, 100, 33.0), (331, 1000, 33.1), (45, 99, 45.0)],
)
def test_percentages_go_as_far_as_their_base_bears(tmp_path: Path, count: int, base: int, value: float | None) -> None:
    cell = send(finding(flat(Cell(("a",), count, base=base, estimate=share(count, base)))), tmp_path).tables[0].cells[0]
    assert (cell.estimate.value if cell.estimate else None) == value
    assert (cell.hidden == "low_base") == (base < 20)


def test_a_change_in_per_cent_does_not_give_the_year_before(tmp_path: Path) -> None:
    # 37 to 20 children is −45.95%: with two decimals only three pairs of counts are possible under 120.
    change = percent_change(20, 37)
    cell = Cell(("children",), 20, base=37, estimate=change)
    made = send(finding(flat(cell)), tmp_path).tables[0].cells[0]
    assert made.estimate is not None
    assert made.estimate.value == -46.0


def test_an_estimate_that_rests_on_a_hidden_cell_goes_with_it(tmp_path: Path) -> None:
    years = cube({("2023/24",): 3, ("2024/25",): 30}, "year", called="years")
    change = flat(Cell(("all",), 30, base=None, estimate=Estimate(10.0, "ratio"), rests_on=(("years", ("2023/24",)),)))
    made = send(finding(years, change), tmp_path)
    assert made.tables[1].cells[0].hidden == "confidential"


def test_a_base_that_is_a_hidden_total_does_not_bring_it_back(tmp_path: Path) -> None:
    table = cube({("a",): 3, ("b",): 30}, "area")  # two cells: the total or “b” must go too
    made = send(
        finding(
            table,
            flat(Cell(("x",), 12, base=33, estimate=share(12, 33)), Cell(("y",), 12, base=30, estimate=share(12, 30))),
        ),
        tmp_path,
    )
    shown = counts(made)
    for cell in made.tables[1].cells:
        assert cell.base is None or cell.base not in {
            {("a",): 3, ("b",): 30, (TOTAL,): 33}[key] for key, value in shown.items() if value is None
        }


def test_facts_leave_only_where_nothing_is_hidden_or_the_rule_lists_them(tmp_path: Path) -> None:
    facts = {"mean": 21.0, "trend_p_value": 0.012345, "p_value": 0.5}
    hiding = send(finding(cube({("a",): 3, ("b",): 20, ("c",): 40}, "area"), facts=facts), tmp_path)
    assert hiding.facts == {"trend_p_value": 0.0123, "p_value": 0.5}
    open_ = send(finding(cube({("a",): 30, ("b",): 20}, "ward"), name="b_finding", facts=facts), tmp_path / "2")
    assert open_.facts == facts


def test_words_that_state_a_hidden_number_are_refused(tmp_path: Path) -> None:
    table = cube({("a",): 3, ("b",): 20, ("c",): 40}, "area")
    with pytest.raises(Refused, match="state a number that is hidden") as caught:
        send(finding(table, base="all 3 offences in a"), tmp_path)
    assert "found: 3" in str(caught.value)
    assert Ledger(tmp_path).entries()[-1].event == "refused"


def test_small_and_complementary_cells_look_alike(tmp_path: Path) -> None:
    made = send(finding(cube({("a",): 3, ("b",): 20, ("c",): 40}, "area")), tmp_path)
    assert {cell.hidden for cell in made.tables[0].cells if cell.hidden} == {"confidential"}
    text = (tmp_path / "releases" / f"{made.id}.json").read_text()
    assert '"small"' not in text
    assert '"complementary"' not in text


def test_neither_name_nor_code_of_a_release_lets_a_reader_try_hidden_values(tmp_path: Path) -> None:
    made = [
        send(finding(cube({("a",): small, ("b",): 23 - small, ("c",): 40}, "area")), tmp_path / str(small))
        for small in (2, 3)
    ]
    assert made[0].tables[0].code == made[1].tables[0].code, "the code is of what is shown"
    again = send(finding(cube({("a",): 2, ("b",): 21, ("c",): 40}, "area")), tmp_path / "elsewhere")
    assert again.id != made[0].id, "the name is keyed"


def test_the_rows_of_a_dataset_do_not_give_a_hidden_total_back(tmp_path: Path) -> None:
    lineage = Lineage("a_finding", "counted", (DatasetRef("recorded_crime", 1, "abc", 1234),))
    hiding = dataclasses.replace(finding(cube({("a",): 3, ("b",): 20, ("c",): 4}, "area")), lineage=lineage)
    assert send(hiding, tmp_path).lineage.datasets[0].rows == 1200
    shown = dataclasses.replace(finding(cube({("a",): 30, ("b",): 20}, "ward")), lineage=lineage)
    assert send(shown, tmp_path / "2").lineage.datasets[0].rows == 1234


def test_a_remark_is_not_made_about_a_group_that_is_hidden(tmp_path: Path) -> None:
    table = cube({("a", "x"): 3, ("a", "y"): 0, ("b", "x"): 10, ("b", "y"): 12}, "area", "kind")
    assert not [flag for flag in send(finding(table), tmp_path).audit.flags if "in a is" in flag]


# --- classes, rounding, audiences ------------------------------------------------------------------------------------


def test_a_group_all_in_one_category_is_flagged_or_hidden(tmp_path: Path) -> None:
    table = cube({("a", "x"): 9, ("a", "y"): 0, ("b", "x"): 10, ("b", "y"): 12}, "area", "kind")
    assert "table: everyone in a is in one category of kind" in send(finding(table), tmp_path).audit.flags
    strict = policy(class_disclosure="hide", zeros="may_hide")
    shown = counts(send(finding(table), tmp_path / "strict", rules=strict))
    assert shown["a", "x"] is shown["a", "y"] is None


def test_health_counts_are_rounded_and_hidden_up_to_seven(tmp_path: Path) -> None:
    table = cube({("a",): 7, ("b",): 22, ("c",): 41, ("d",): 0}, "area")
    made = send(finding(table, source_class="health"), tmp_path)
    assert made.rule == "public/health"
    assert counts(made) == {("a",): None, ("b",): 20, ("c",): 40, ("d",): 0, (TOTAL,): 70}
    assert "nearest 5" in made.notice


def test_a_rounded_rate_does_not_give_the_exact_count(tmp_path: Path) -> None:
    cell = Cell(("a",), 22, population=1000, estimate=rate(22, 1000))
    made = send(finding(flat(cell, per=1000), source_class="health"), tmp_path).tables[0].cells[0]
    assert made.estimate is not None
    assert made.estimate.value == 20.0


def test_a_restricted_audience_sees_small_numbers_and_is_told_so(tmp_path: Path) -> None:
    made = send(finding(cube({("a",): 3, ("b",): 20}, "area")), tmp_path, to="tactical")
    assert counts(made)["a",] == 3
    assert made.notice.startswith("Holds small numbers. For tactical readers only under the agreement “tasking”")
    # What the meeting knows does not loosen or block what the public gets.
    assert counts(send(finding(cube({("a",): 3, ("b",): 20}, "area")), tmp_path))["a",] is None


def test_a_rule_is_for_its_audience_only(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Rule “board” is not for the audience “public”"):
        release(
            nine_months(50),
            rule=policy().rule("board"),
            audience="public",
            home=tmp_path,
            requested_by="Ann",
            approved_by="Bo",
            clock=lambda: NOON,
        )


@pytest.mark.parametrize(
    ("by", "ok", "says"),
    [
        ("Ann", "Ann", "Ann cannot approve their own release"),
        ("Ann", " ANN ", "cannot approve their own"),
        ("Ann", "", "needs a named requester and a named approver"),
    ],
)
def test_one_person_cannot_release(tmp_path: Path, by: str, ok: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        send(nine_months(50), tmp_path, by=by, ok=ok)
    assert not (tmp_path / "releases").exists()


def test_the_policy_refuses_small_numbers_for_an_open_audience() -> None:
    with pytest.raises(ValidationError, match=r"rules.public shows small numbers .* “public” is not restricted"):
        policy(hide_to=0, hide_from=0)
    with pytest.raises(ValidationError, match="needs zeros"):
        policy(class_disclosure="hide")
    with pytest.raises(Usage, match="no disclosure rule “publik”") as caught:
        policy().rule("publik")
    assert caught.value.next_step == "Did you mean “public”?"


# --- tables that are not what they say -------------------------------------------------------------------------------


def test_a_table_that_leaves_a_cell_out_is_refused(tmp_path: Path) -> None:
    table = cube({("a",): 3, ("b",): 20}, "area")
    with pytest.raises(BadInput, match="additive but holds 2 of its 3 cells"):
        send(finding(dataclasses.replace(table, cells=table.cells[1:])), tmp_path)


def test_a_table_that_does_not_add_up_is_refused(tmp_path: Path) -> None:
    table = cube({("a",): 30, ("b",): 20}, "area")
    wrong = dataclasses.replace(table.cells[-1], count=51)
    with pytest.raises(BadInput, match="does not add up over area at \\(Total\\)"):
        send(finding(dataclasses.replace(table, cells=(*table.cells[:-1], wrong))), tmp_path)


def test_two_tables_of_one_finding_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    tables = (cube({("a",): 30, ("b",): 20}, "area"), cube({("x",): 30, ("y",): 21}, "kind", called="kinds"))
    with pytest.raises(Refused, match="cannot be released to public"):
        send(finding(*tables), tmp_path)


# --- the ledger, files and codes -------------------------------------------------------------------------------------


def test_the_ledger_finds_a_changed_line_a_cut_end_and_an_edited_release(tmp_path: Path) -> None:
    first = send(nine_months(100), tmp_path)
    send(finding(cube({("a",): 30, ("b",): 20}, "area", universe="other"), name="other"), tmp_path)
    ledger = Ledger(tmp_path)
    assert ledger.verify() == 2
    whole = ledger.path.read_text()

    ledger.path.write_text(whole.replace('"approved_by": "Bo"', '"approved_by": "Al"', 1))
    with pytest.raises(Refused, match="ledger has been changed") as caught:
        ledger.verify()
    assert "line 1" in str(caught.value)

    ledger.path.write_text(whole.split("\n")[0] + "\n")
    with pytest.raises(Refused, match="is in no line of the ledger"):
        ledger.verify()

    ledger.path.write_text(whole)
    path = tmp_path / "releases" / f"{first.id}.json"
    path.write_text(path.read_text().replace('"count": 100', '"count": 101'))
    with pytest.raises(Refused, match="has been changed since it was approved"):
        ledger.verify()
    with pytest.raises(Refused, match="is not as it was approved"):
        load_release(tmp_path, first.id)


def test_a_line_torn_by_a_crash_is_dropped_and_the_release_is_made_again(tmp_path: Path) -> None:
    made = send(nine_months(100), tmp_path)
    ledger = Ledger(tmp_path)
    ledger.path.write_bytes(ledger.path.read_bytes()[:-40])
    assert send(nine_months(100), tmp_path).id == made.id
    assert ledger.verify() == 1


def test_nothing_is_released_when_the_disk_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    send(finding(cube({("a",): 30, ("b",): 20}, "area", universe="other"), name="other"), tmp_path)
    monkeypatch.setattr("concord.evidence.disclosure.files.os.fsync", full)
    with pytest.raises(Environment, match="Could not write") as caught:
        send(nine_months(100), tmp_path)
    assert "No space left" in str(caught.value)
    monkeypatch.undo()
    assert len(Ledger(tmp_path).entries()) == 1
    assert not list((tmp_path / "releases").glob(".R-*"))
    assert send(nine_months(100), tmp_path).tables[0].cells[0].count == 100


def test_a_release_comes_back_as_it_was_and_by_its_figure_code(tmp_path: Path) -> None:
    made = send(finding(cube({("a",): 30, ("b",): 20}, "area")), tmp_path)
    assert load_release(tmp_path, made.id) == made
    code = made.tables[0].code
    assert figure(tmp_path, code.replace("-", " ").lower()) == (made, made.tables[0])


def test_figure_codes_catch_every_single_slip_and_swap() -> None:
    code = figure_code("serious_violence_rate", "content")
    assert code.startswith("SV-")
    signs = code.replace("-", "")
    for place, sign in itertools.product(range(8), SIGNS):
        if sign != signs[place]:
            with pytest.raises(BadInput, match=r"has a slip in it|is not a figure code"):
                read_code(signs[:place] + sign + signs[place + 1 :])
    for place in range(7):
        if signs[place] != signs[place + 1]:
            with pytest.raises(BadInput):
                read_code(signs[:place] + signs[place + 1] + signs[place] + signs[place + 2 :])


def test_an_unknown_figure_names_the_nearest(tmp_path: Path) -> None:
    made = send(finding(cube({("a",): 30, ("b",): 20}, "area")), tmp_path)
    with pytest.raises(BadInput, match="No figure has the code") as caught:
        figure(tmp_path, figure_code("a_finding", "other content"))
    assert caught.value.next_step
    with pytest.raises(ConcordError, match="is not a figure code"):
        figure(tmp_path, "OI-1100-0L")
    assert json.loads((tmp_path / "figures" / f"{made.tables[0].code}.json").read_text())["releases"] == [made.id]


@pytest.mark.parametrize(
    ("category", "start", "end"),
    [
        ("2024-04", date(2024, 4, 1), date(2024, 4, 30)),
        ("2024/25", date(2024, 4, 1), date(2025, 3, 31)),
        ("2024-Q2", date(2024, 4, 1), date(2024, 6, 30)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
        ("2024-W14", date(2024, 4, 1), date(2024, 4, 7)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
    ],
)
def test_periods_are_read_from_categories(category: str, start: date, end: date) -> None:
    assert period_of(category) == Period(start, end)


@pytest.mark.parametrize("category", ["2024/26", "2024-13", "autumn", "2023-02-29", "2025-W53", "2024-W00"])
def test_what_is_not_a_period_is_none(category: str) -> None:
    assert period_of(category) is None
