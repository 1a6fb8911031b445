"""`concord definition`: what enters and leaves, why a crime is what it is, and what may not be said to anyone."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from concord.cli.main import cli, explain
from concord.definition import Definition
from concord.definition.compare import differences
from concord.evidence.datasets.definition_diff import diff
from concord.evidence.datasets.store import Store
from concord.strategy import load

ROOT = Path(__file__).resolve().parents[2]
EARLIER = ROOT / "partnerships" / "harbourside" / "definitions" / "edition_2022.toml"

CRIMES = [
    # reference, offence, recorded, domestic abuse, hate strand; victim's age, suspect's age; 2022 -> now
    ("KILLED", "1", date(2025, 5, 1), "N", None, 40, 40),  # out -> in
    ("ATTEMPT", "2", date(2025, 6, 1), "N", None, 40, 40),  # out -> in
    ("WOMAN-20", "34B", date(2025, 7, 1), "N", None, 20, 40),  # out -> in
    ("BOY-15", "34B", date(2025, 8, 1), "N", None, 15, 40),  # in -> in
    ("THREAT", "3B", date(2024, 8, 1), "N", "race", 40, 40),  # out -> in
    ("UNSEEN", "8N", date(2024, 9, 1), "N", "race", 40, None),  # undetermined -> in
    ("UNSEEN-2", "8N", date(2024, 9, 1), "N", None, 40, None),  # undetermined -> undetermined
    ("MAN-23", "5D", date(2024, 9, 1), "N", None, 23, None),  # undetermined -> in
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    store, clock = Store(tmp_path), datetime(2026, 1, 1, tzinfo=UTC)
    crimes = {
        "crime_ref": [c[0] for c in CRIMES],
        "offence_code": [c[1] for c in CRIMES],
        "recorded_on": [c[2] for c in CRIMES],
        "domestic_abuse": [c[3] for c in CRIMES],
        "hate_strand": [c[4] for c in CRIMES],
    }
    people = [(c[0], role, age) for c in CRIMES for role, age in (("victim", c[5]), ("suspect", c[6]))]
    persons = {name: [row[k] for row in people] for k, name in enumerate(("crime_ref", "role", "age"))}
    store.write("recorded_crime", {"all": pa.table(crimes)}, source="a test", synthetic=True, clock=clock)
    store.write("crime_persons", {"all": pa.table(persons)}, source="a test", synthetic=True, clock=clock)
    return tmp_path


def concord(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["definition", *map(str, arguments)])


def test_what_enters_and_leaves_is_counted_by_offence_limb_and_year_with_reasons(home: Path) -> None:
    old = Definition.of(load(ROOT / "partnerships" / "harbourside").definitions["edition_2022"])
    new = Definition.of(load(ROOT / "partnerships" / "harbourside").definition)
    found = diff(Store(home), old, new)
    assert found.before == {"in": 1, "undetermined": 3, "out": 4}
    assert found.after == {"in": 7, "undetermined": 1, "out": 0}
    assert found.decided == 2
    ways = {(each.before, each.after): each for each in found.moved}
    assert {way: each.count for way, each in ways.items()} == {("out", "in"): 4, ("undetermined", "in"): 2}
    entered = ways["out", "in"]
    assert entered.years == {"2024": 1, "2025": 3}
    assert entered.groups == {
        "Attempted murder": 1,
        "Homicide": 1,
        "Robbery of personal property (s8 Theft Act 1968)": 1,
        "Threats to kill (s16 OAPA 1861)": 1,
    }
    assert entered.limbs == {"no limb that is certain": 2, "it affects a young person": 1, "it is hate crime": 1}
    assert sum(entered.reasons.values()) == 4
    robbed = next(pair for pair in entered.reasons if "A victim was under 25." in pair[1])
    assert "No victim was under 18." in robbed[0]
    back = diff(Store(home), new, old)
    assert {(each.before, each.after): each.count for each in back.moved} == {
        ("in", "out"): 4,
        ("in", "undetermined"): 2,
    }


def test_the_same_definition_moves_nothing(home: Path) -> None:
    rule = Definition.of(load(ROOT / "partnerships" / "harbourside").definition)
    assert diff(Store(home), rule, rule).moved == ()
    assert differences(rule, rule) == ()
    said = concord("diff", "harbourside", "harbourside", "--home", home)
    assert "Both say the same." in said.output
    assert "No loaded crime changes its verdict." in said.output


def test_an_analyst_is_told_that_the_counts_are_unsafe(home: Path) -> None:
    said = concord("diff", "harbourside:edition_2022", "harbourside", "--home", home)
    assert said.exit_code == 0
    assert "nothing here may be published or passed on" in said.output
    assert "Synthetic data" in said.output
    assert "4 from out to in" in said.output
    assert "2 crimes that were undetermined no longer are." in said.output
    assert "only in harbourside: A young person is under this age" in said.output


def test_the_public_form_holds_no_count(home: Path) -> None:
    said = concord("diff", EARLIER, "harbourside", "--home", home, "--public")
    assert said.exit_code == 0
    assert "only in harbourside" in said.output
    assert "Counts are left out" in said.output
    assert "from out to in" not in said.output
    assert "KILLED" not in said.output
    machine = json.loads(concord("diff", EARLIER, "harbourside", "--home", home, "--public", "--json").output)
    assert set(machine) == {"before", "after", "rule"}


def test_a_machine_gets_everything(home: Path) -> None:
    said = json.loads(concord("diff", EARLIER, "harbourside", "--home", home, "--json").stdout)
    assert said["totals"]["after"] == {"in": 7, "undetermined": 1, "out": 0}
    assert said["no_longer_undetermined"] == 2
    assert said["moved"][0]["count"] == 4
    assert said["unsafe"] and said["synthetic"] is True
    assert {"before", "after", "count"} == set(said["moved"][0]["reasons"][0])


def test_a_crime_is_explained(home: Path) -> None:
    done = concord("classify", "--home", home, "--json")
    assert json.loads(done.stdout)["rows"] == len(CRIMES)
    said = concord("why", "WOMAN-20", "--home", home).output
    assert said.startswith("WOMAN-20: in (definition ")
    assert "- A victim was under 25." in said
    assert "Limbs that hold: young_person" in said
    assert json.loads(concord("why", "UNSEEN-2", "--home", home, "--json").output)["verdict"] == "undetermined"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("diff", "harborside", "harbourside"), 2, "Did you mean “harbourside”?"),
        (("diff", "harbourside:edition_2021", "harbourside"), 2, "Did you mean “edition_2022”?"),
        (("diff", "nowhere/definition.toml", "harbourside"), 2, "There is no definition file"),
        (("show", "--rule", "serious_youth"), 2, "Did you mean “serious_youth_violence”?"),
        (("why", "NOBODY"), 3, "No crime “NOBODY” has been decided."),
        (("classify", "--engine", "sparc"), 2, "There is no engine “sparc”. "),
    ],
)
def test_what_cannot_be_done_is_said_in_words(home: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    if arguments[0] == "why":
        assert concord("classify", "--home", home).exit_code == 0
    done = concord(*arguments, *(() if arguments[0] == "show" else ("--home", home)))
    assert done.exception is not None
    explained = explain(done.exception)
    assert explained is not None, done.exception
    assert explained[1] == code
    assert words.strip() in explained[0]


def test_a_broken_definition_file_is_refused_with_its_line(home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text(EARLIER.read_text("utf-8").replace('"victim_under_age"', '"victim_under_ag"'), "utf-8")
    done = concord("diff", broken, "harbourside", "--home", home)
    assert done.exception is not None
    explained = explain(done.exception)
    assert explained is not None
    assert explained[1] == 3
    assert "broken.toml" in explained[0]
    assert "Did you mean “victim_under_age”?" in explained[0]


def test_the_words_come_in_three_forms() -> None:
    text, markdown, page = (concord("show", *form).output for form in ((), ("--markdown",), ("--html",)))
    assert markdown.startswith("# Serious violence in Harbourside\n")
    assert page.startswith("<!doctype html>")
    for each in (text, markdown, page):
        assert "a victim was under 25" in each
        assert "homicide, attempted murder" in each
    assert "Open: not recorded yet" in markdown
    assert "| A shop robbed by boys of 16. | Not counted |" in markdown


def test_a_definition_that_its_own_cases_contradict_is_put_right_first(tmp_path: Path) -> None:
    folder = tmp_path / "partnerships" / "harbourside"
    shutil.copytree(ROOT / "partnerships", tmp_path / "partnerships")
    file = folder / "definitions" / "edition_2022.toml"
    file.write_text(
        file.read_text("utf-8").replace('suspects = [30]\nverdict = "out"', 'suspects = [30]\nverdict = "in"')
    )
    done = CliRunner().invoke(cli, ["check", str(folder)], standalone_mode=False)
    assert done.return_value == 3
    assert "A woman of 20 robbed by a man of 30." in done.output
    assert "is said to be in, but the rule says out" in done.output
    assert "edition_2022.toml" in done.output
    sound = CliRunner().invoke(cli, ["check", str(ROOT / "partnerships" / "harbourside")], standalone_mode=False)
    assert sound.return_value == 0
