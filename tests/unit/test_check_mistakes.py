"""One test for each kind of mistake a person can make in a partnership folder, and the words that put it right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from concord.strategy import BrokenFolder, Problem, check_folder, load

TODAY = dt.date(2026, 1, 15)

SOUND = {
    "base/partnership.toml": 'key = "base"\nname = "Base"\nbase = true\n',
    "base/duty.toml": """\
exchange_due = "quarterly"
seriousness_factors = ["penalty"]
[sectors.police]
name = "Police"
duty = "specified"
body = "specified_authority"
law = "PCSC Act 2022 s8"
section_16_personal = true
[requirements.plan]
name = "Plan"
law = "PCSC Act 2022 s8"
evidence = "The plan"
[exchange_items.crime]
holder = "police"
item = "Crimes"
law = "SI 2007/1831"
""",
    "base/codelists/legal_gateways.csv": "key,name\ns16,PCSC Act 2022 s16\ns115,CDA 1998 s115\n",
    "town/partnership.toml": """\
key = "town"
name = "Town"
extends = "base"
lead_body = "csp"

[agencies.police]
name = "Town Police"
sector = "police"

[agencies.council]
name = "Town Council"
sector = "police"
""",
    "town/boards/csp.toml": 'name = "Partnership"\nkind = "lead"\npurpose = "Leads"\nmembers = ["police", "council"]\n',
    "town/boards/group.toml": 'name = "Group"\nkind = "subgroup"\npurpose = "Delivers"\nreports_to = "csp"\n',
    "town/plan/prevention.toml": """\
name = "Prevention"
kind = "theme"
number = 1
assumed = ["actions.*.owner"]

[[outcomes]]
code = "T1.1"
name = "Fewer children harmed"
owner = "group"

[[actions]]
code = "A1.1"
name = "Visit shops"
owner = "council"
status = "planned"
due = 2026-03-31
""",
    "town/sharing/crime.toml": """\
name = "Crime sharing"
parties = ["police", "council"]
purposes = ["prevention"]
gateways = ["s16"]
information = []
starts_on = 2024-04-01
expires_on = 2027-03-31
lawful_basis = "public task"
retention = "two years"
""",
    "town/codelists/columns.toml": """\
[lists.wards]
title = "Wards"
columns = ["code", "name"]
unique = ["code"]
""",
    "town/codelists/wards.csv": "code,name\nW1,Quay\nW2,Bridge\n",
    "town/prose/foreword.md": "We agreed this in 2024. {{outcome:T1.1}} matters most to people under 25.\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in SOUND.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path / "town"


def write(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert text.count(old) == 1
    write(folder, name, text.replace(old, new))


def only(folder: Path, **options: object) -> Problem:
    problems = check_folder(folder, today=TODAY, **options)  # type: ignore[arg-type]
    assert len(problems) == 1, "\n".join(map(str, problems))
    return problems[0]


def said(folder: Path, problem: Problem) -> str:
    return str(problem).replace(str(folder.parent), "…")


def test_a_sound_folder_has_nothing_to_say(folder: Path) -> None:
    assert check_folder(folder, today=TODAY) == []
    assert load(folder).name == "Town"


def test_two_mistakes_are_both_shown_and_load_refuses_with_both(folder: Path) -> None:
    change(folder, "plan/prevention.toml", "number = 1", 'number = "one"')
    change(folder, "boards/group.toml", 'reports_to = "csp"', 'reports_to = "cps"')
    assert [problem.key for problem in check_folder(folder, today=TODAY)] == ["reports_to", "number"]
    with pytest.raises(BrokenFolder) as refused:
        load(folder)
    words = str(refused.value)
    assert refused.value.exit_code == 3
    assert "has 2 mistakes" in words
    assert "group.toml, line 4, key “reports_to”" in words
    assert "prevention.toml, line 3, key “number”" in words
    assert f"concord check {folder}" in words


def test_not_toml(folder: Path) -> None:
    write(folder, "boards/csp.toml", 'name = "Partnership"\nkind = lead\n')
    assert said(folder, only(folder)) == (
        "…/town/boards/csp.toml, line 2: The file is not TOML: Invalid value.\n"
        "  Expected: key = value lines and [tables]"
    )


def test_a_file_that_breaks_off_points_at_its_end(folder: Path) -> None:
    write(folder, "boards/group.toml", 'name = "Group"\nmembers = [\n')
    problem = only(folder)
    assert problem.line == 3
    assert "at the end of the file" in problem.what


def test_a_key_written_twice(folder: Path) -> None:
    change(folder, "boards/group.toml", 'purpose = "Delivers"\n', 'purpose = "Delivers"\npurpose = "Delivers more"\n')
    problem = only(folder)
    assert (problem.line, problem.key) == (4, "purpose")
    assert problem.what == "“purpose” is written twice in this file."


def test_a_table_written_twice(folder: Path) -> None:
    with (folder / "partnership.toml").open("a") as file:
        file.write('[agencies.police]\nname = "Again"\n')
    problem = check_folder(folder, today=TODAY)[0]
    assert (problem.key, problem.what) == ("agencies.police", "“agencies.police” is written twice in this file.")


def test_an_unknown_key_with_the_nearest_valid_one(folder: Path) -> None:
    change(folder, "plan/prevention.toml", "due = 2026", "dew = 2026")
    problem = only(folder)
    assert (problem.line, problem.key) == (16, "actions[1].dew")
    assert problem.what == "The key “dew” is not known here."
    assert problem.hint == "Did you mean “due”?"
    assert "owner, partners" in problem.expected


def test_a_missing_key_names_its_table_and_its_type(folder: Path) -> None:
    change(folder, "plan/prevention.toml", 'status = "planned"\n', "")
    problem = only(folder)
    assert (problem.line, problem.key) == (11, "actions[1].status")
    assert problem.what == "The key “status” is missing."
    change(folder, "plan/prevention.toml", 'name = "Visit shops"\n', 'status = "planned"\n')
    assert only(folder).expected == "name = “text”"


@pytest.mark.parametrize(
    ("file", "old", "new", "what", "expected"),
    [
        ("plan/prevention.toml", "number = 1", 'number = "1"', "“1” is text.", "a whole number, without quotation"),
        ("plan/prevention.toml", "number = 1", "number = 1.5", "“1.5” is a number.", "a whole number"),
        ("partnership.toml", 'name = "Town"', "name = 7", "“7” is a number.", "text in quotation marks"),
        ("partnership.toml", 'name = "Town"', 'name = "  "', "“  ” is text.", "words; it may not be blank"),
        ("boards/csp.toml", '["police", "council"]', '"police"', "“police” is text.", "a list in square brackets"),
        ("boards/csp.toml", 'purpose = "Leads"', 'purpose = ["x"]', "What is written here is a list.", "text in"),
        ("partnership.toml", 'key = "town"', 'key = "town"\nsynthetic = 1', "“1” is a number.", "true or false"),
        ("partnership.toml", 'key = "town"', 'key = "town"\nstrategy = 1', "“1” is a number.", "a table of keys"),
    ],
)  # fmt: skip
def test_a_wrong_type(folder: Path, file: str, old: str, new: str, what: str, expected: str) -> None:
    change(folder, file, old, new)
    problem = next(problem for problem in check_folder(folder, today=TODAY))
    assert problem.what == what
    assert problem.expected.startswith(expected)


def test_a_value_outside_its_list_with_the_nearest(folder: Path) -> None:
    change(folder, "plan/prevention.toml", 'status = "planned"', 'status = "planed"')
    problem = only(folder)
    assert (problem.line, problem.key) == (15, "actions[1].status")
    assert problem.what == "“planed” is not a value this key can have."
    assert problem.expected == "one of bid, continuing, draft, in_place, planned"
    assert problem.hint == "Did you mean “planned”?"


def test_an_unknown_file(folder: Path) -> None:
    write(folder, "publicatons.toml", "")
    problem = only(folder)
    assert problem.what == "Nothing in a partnership folder is called “publicatons.toml”."
    assert problem.hint == "Did you mean “publications”?"


def test_an_unknown_folder(folder: Path) -> None:
    write(folder, "forum/mace.toml", "")
    problem = only(folder)
    assert problem.what == "Nothing in a partnership folder is called “forum”."
    assert problem.hint == "Did you mean “forums”?"


def test_a_file_of_the_wrong_sort_in_a_known_folder(folder: Path) -> None:
    write(folder, "boards/minutes.docx", "x")
    assert only(folder).expected == "files that end in .toml"


def test_a_file_too_deep(folder: Path) -> None:
    write(folder, "boards/old/group.toml", "x")
    assert only(folder).expected == "the file directly in boards/"


DANGLING = [
    ("boards/group.toml", '"csp"', '"csb"', "board called “csb”", "Did you mean “csp”?"),
    ("boards/csp.toml", '"council"]', '"counsil"]', "agency called “counsil”", "Did you mean “council”?"),
    ("partnership.toml", '"csp"', '"xyz"', "board called “xyz”", "Valid names: csp, group."),
    ("plan/prevention.toml", '"council"', '"counci"', "agency called “counci”", "Did you mean “council”?"),
    ("plan/prevention.toml", 'due =', 'outcomes = ["T1.2"]\ndue =', "outcome called “T1.2”", "Did you mean “T1.1”?"),
    ("plan/prevention.toml", 'due =', 'forums = ["mace"]\ndue =', "forum called “mace”", "No name is valid here yet."),
    ("sharing/crime.toml", '"council"]', '"counsel"]', "agency called “counsel”", "Did you mean “council”?"),
    ("sharing/crime.toml", '["s16"]', '["s17"]', "legal gateway called “s17”", "Did you mean “s16”?"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "what", "hint"), DANGLING)
def test_a_reference_to_nothing(folder: Path, file: str, old: str, new: str, what: str, hint: str) -> None:
    change(folder, file, old, new)
    problem = only(folder)
    assert (problem.what, problem.hint) == (f"There is no {what}.", hint)
    line = (folder / file).read_text().splitlines()[(problem.line or 0) - 1]
    assert new.split("\n")[0].rstrip("]") in line


def test_names_that_only_higher_rooms_know_are_checked_where_they_are_given(folder: Path) -> None:
    write(
        folder, "publications/needs.toml",
        'title = "Needs"\nsummary = "x"\naudience = "public"\nrule = "public"\ncadence = "annual"\n'
        '[[sections]]\nkey = "where"\nheading = "Where"\nfigures = [\n'
        '    { finding = "hotspot", chart = "map", subject = "offences" },\n]\n',
    )  # fmt: skip
    problems = check_folder(folder, today=TODAY, known={"finding": {"hotspots", "trend"}})
    assert [(each.key, each.line) for each in problems if "finding" in each.what] == [
        ("sections[1].figures[1].finding", 10)
    ]
    assert [each.hint for each in problems if "finding" in each.what] == ["Did you mean “hotspots”?"]
    assert not [each for each in check_folder(folder, today=TODAY) if "finding" in each.what]


def test_a_definition_that_names_an_unknown_condition_points_at_the_limb(folder: Path) -> None:
    write(
        folder, "definition.toml",
        'title = "Violence"\nversion = "1"\nadopted_on = 2024-08-01\nserious_violence = "knife"\n'
        '[limbs.other]\ntitle = "x"\nany_of = ["knife_used"]\n'
        '[limbs.knife]\ntitle = "a knife"\nany_of = ["knife_usd"]\n',
    )  # fmt: skip
    problem = only(folder)
    assert (problem.line, problem.key) == (8, "limbs.knife")
    assert problem.what.startswith("limbs.knife names “knife_usd”, which is neither a condition nor a limb.")
    assert "Did you mean “knife_used”?" in problem.what


def test_a_pathway_that_routes_to_an_unknown_forum(folder: Path) -> None:
    write(
        folder, "pathways/mash.toml",
        'name = "MASH"\nsubject = "child"\npurpose = "x"\ngateway = "s16"\nagreement = "crime"\n'
        'received_by = "team:mash"\nreceiver_name = "MASH"\nshared_with = []\ninitial = "received"\n'
        '[hours]\nopens = 09:00:00\ncloses = 17:00:00\ndays = ["mon"]\n'
        '[[state]]\nkey = "received"\nname = "Received"\ntold = "x"\n'
        '[[transition]]\nverb = "decide"\nsources = ["received"]\ntarget = "received"\n'
        '[[route]]\nkey = "mace"\nname = "MACE"\ntold = "x"\nforum = "mace"\n',
    )  # fmt: skip
    problem = only(folder)
    assert (problem.line, problem.key) == (26, "route[1].forum")
    assert problem.what == "There is no forum called “mace”."


def test_a_feed_under_an_unknown_agreement(folder: Path) -> None:
    write(
        folder, "feeds/crimes.toml",
        'title = "Crimes"\nowner = "polise"\ndata_class = "aggregate"\ngateway = "s16"\npurpose = "x"\n'
        'agreement = "crimes"\ndue = { every = "month" }\n'
        '[tables.crimes]\ndataset = "crimes"\ntitle = "Crimes"\nfields = { ref = { description = "x" } }\n',
    )  # fmt: skip
    owner, agreement = check_folder(folder, today=TODAY)
    assert (owner.line, owner.what) == (2, "There is no agency called “polise”.")
    assert (agreement.line, agreement.hint) == (6, "Did you mean “crime”?")


INDICATOR = (
    'code = "T1.1"\ntitle = "x"\noutcome = "T1.8"\nowner = "grp"\nnumerator = "x"\ndenominator = "x"\nunit = "x"\n'
    'direction = "up"\ncadence = "annual"\ndata = "x"\nfinding = "tren"\ntable = "t"\ncell = ["a"]\n'
)


def test_an_indicator_of_an_unknown_outcome_board_and_finding(folder: Path) -> None:
    write(folder, "indicators/harm.toml", INDICATOR)
    found = check_folder(folder, today=TODAY, known={"finding": ["trend"]})
    assert [(each.line, each.what, each.hint) for each in found] == [
        (3, "There is no outcome called “T1.8”.", "Did you mean “T1.1”?"),
        (4, "There is no board called “grp”.", "Did you mean “group”?"),
        (11, "There is no finding called “tren”.", "Did you mean “trend”?"),
    ]


def test_an_indicator_inherited_from_a_base_may_speak_of_an_outcome_this_plan_has_not(folder: Path) -> None:
    write(folder.parent / "base", "indicators/harm.toml", INDICATOR)
    assert check_folder(folder, today=TODAY) == []


def test_a_duplicate_id_across_files_names_the_other_file(folder: Path) -> None:
    text = (folder / "plan/prevention.toml").read_text().replace("number = 1", "number = 2").replace("A1.1", "A2.1")
    write(folder, "plan/second.toml", text)
    problem = only(folder)
    assert problem.key == "outcomes[1].code"
    assert said(folder, problem).startswith(
        "…/town/plan/second.toml, line 7, key “outcomes[1].code”: “T1.1” is already used in …"
    )
    assert "prevention.toml" in problem.what


def test_a_duplicate_id_in_one_list(folder: Path) -> None:
    with (folder / "plan/prevention.toml").open("a") as file:
        file.write('[[outcomes]]\ncode = "T1.1"\nname = "Again"\n')
    problem = only(folder)
    assert (problem.line, problem.key, problem.what) == (18, "outcomes[2].code", "“T1.1” is in this list twice.")


def test_a_file_that_calls_itself_something_else(folder: Path) -> None:
    write(folder, "sharing/crime.toml", 'key = "crimes"\n' + (folder / "sharing/crime.toml").read_text())
    problem = only(folder)
    assert problem.what == "The file calls itself “crimes”, and other files know it by its name, “crime”."


def test_an_assumed_path_that_does_not_exist(folder: Path) -> None:
    change(folder, "plan/prevention.toml", '"actions.*.owner"', '"actions.A1.1.owner", "actions.1.wner"')
    problem = only(folder)
    assert (problem.line, problem.key) == (4, "assumed[2]")
    assert problem.what == "“actions.1.wner” is marked as assumed, and this file has no such key."


@pytest.mark.parametrize("said_so", ["2026-02-30", '"2026-02-30"', '"next March"'])
def test_a_date_that_does_not_exist(folder: Path, said_so: str) -> None:
    change(folder, "plan/prevention.toml", "due = 2026-03-31", f"due = {said_so}")
    problem = only(folder)
    assert problem.line == 16
    if said_so.startswith('"'):
        assert problem.what == f"“{said_so.strip(chr(34))}” is not a date or time that exists."
        assert problem.expected == "a date that exists, written 2024-08-01"
    else:
        assert problem.what == "The file is not TOML: Invalid date or datetime."
        assert problem.expected == "a date that exists, written 2024-08-01"


def test_dates_the_wrong_way_round(folder: Path) -> None:
    change(
        folder, "partnership.toml", 'lead_body = "csp"',
        'lead_body = "csp"\nstrategy = { title = "S", starts = 2027-04-01, ends = 2024-03-31 }',
    )  # fmt: skip
    problem = only(folder)
    assert (problem.line, problem.key) == (5, "strategy.ends")
    assert problem.what == "ends (2024-03-31) comes before starts (2027-04-01)."


def test_an_agreement_that_has_expired_is_reported_but_does_not_stop_the_folder(folder: Path) -> None:
    change(folder, "sharing/crime.toml", "2027-03-31", "2025-12-31")
    problem = only(folder)
    assert problem.key == "expires_on"
    assert problem.what.startswith("It expired on 2025-12-31, and today is 2026-01-15")
    assert load(folder).agreements["crime"].expires_on == dt.date(2025, 12, 31)


def test_the_last_day_of_an_agreement_is_still_in_force(folder: Path) -> None:
    change(folder, "sharing/crime.toml", "2027-03-31", TODAY.isoformat())
    assert check_folder(folder, today=TODAY) == []
    assert len(check_folder(folder, today=TODAY + dt.timedelta(days=1))) == 1


@pytest.mark.parametrize(
    ("text", "line", "what", "hint"),
    [
        ("code\nW1\n", 1, "The column “name” is missing.", None),
        ("code,nam\nW1,x\n", 1, "The column “name” is missing.", "Is it the column called “nam”?"),
        ("code,name,note\nW1,x,y\n", 1, "The column “note” is not one this list has.", None),
        ("code,name\nW1,Quay\nW2\n", 3, "The row has 1 value, and the header has 2.", None),
        ("code,name\nW1,Quay, the old one\n", 2, "The row has 3 values, and the header has 2.", None),
        ("code,name\nW1,Quay\nW1,Bridge\n", 3, "“W1” is already in row 2.", None),
        ('code,name\n"W1,Quay\n', 2, "The list cannot be read: unexpected end of data.", None),
        ("code,code,name\nW1,W1,x\n", 1, "Two columns are called “code”.", None),
        ("", 1, "The list is empty.", None),
    ],
)
def test_a_code_list_with_a_mistake(folder: Path, text: str, line: int, what: str, hint: str | None) -> None:
    write(folder, "codelists/wards.csv", text)
    problem = check_folder(folder, today=TODAY)[0]
    assert problem.what == what
    assert problem.line == line
    if hint:
        assert problem.hint == hint


DECLARED = """\
[lists.wards]
title = "Wards"
columns = ["code", "name", "level", "within", "since"]
unique = ["code"]
names = { within = "wards" }
coded = { level = "area_levels" }
dates = ["since"]
"""


@pytest.mark.parametrize(
    ("row", "what", "hint"),
    [
        ("W2,Bridge,ward,W3,2024-01-01", "“W3” is no code of the list wards.", "Valid names: W1, W2."),
        ("W2,Bridge,wrad,W1,2024-01-01", "“wrad” is no code of area_levels.", "Did you mean “ward”?"),
        ("W2,Bridge,ward,W1,2024-02-30", "“2024-02-30” is not a date.", None),
        ("W2,Bridge,ward,W1,", "“” is not a date.", None),
    ],
)
def test_a_code_list_names_codes_and_dates_what_is_there(folder: Path, row: str, what: str, hint: str | None) -> None:
    write(folder, "codelists/columns.toml", DECLARED)
    write(folder, "codelists/wards.csv", f"code,name,level,within,since\nW1,Quay,borough,,2024-01-01\n{row}\n")
    problem = only(folder)
    assert (problem.what, problem.line) == (what, 3)
    if hint:
        assert problem.hint == hint


def test_a_code_list_coded_by_a_list_that_does_not_exist(folder: Path) -> None:
    write(folder, "codelists/columns.toml", DECLARED.replace('"area_levels"', '"area_level"'))
    write(folder, "codelists/wards.csv", "code,name,level,within,since\nW1,Quay,borough,,2024-01-01\n")
    problem = only(folder)
    assert problem.what == "There is no national code list called “area_level”."
    assert problem.hint == "Did you mean “area_levels”?"


def test_a_code_list_must_have_the_columns_of_the_one_it_replaces(folder: Path) -> None:
    write(folder, "codelists/legal_gateways.csv", "key\ns16\n")
    problem = only(folder)
    assert problem.what == "The column “name” is missing."
    assert "base/codelists/legal_gateways.csv" in problem.expected


def test_extends_nothing(folder: Path) -> None:
    change(folder, "partnership.toml", '"base"', '"bass"')
    problem = check_folder(folder, today=TODAY)[0]
    assert said(folder, problem).startswith(
        "…/town/partnership.toml, line 3, key “extends”: It extends “bass”, and there is no such"
    )
    assert problem.hint == "Did you mean “base”?"


def test_extends_in_a_circle(folder: Path) -> None:
    write(folder.parent / "base", "partnership.toml", 'key = "base"\nname = "Base"\nextends = "town"\n')
    problem = check_folder(folder, today=TODAY)[0]
    assert problem.key == "extends"
    assert problem.what == "The folders extend one another in a circle: town extends base extends town."


def test_extends_itself(folder: Path) -> None:
    change(folder, "partnership.toml", '"base"', '"town"')
    assert check_folder(folder, today=TODAY)[0].what == "The folders extend one another in a circle: town extends town."


def test_an_empty_folder(tmp_path: Path) -> None:
    assert only(tmp_path).what == "The folder is empty."


def test_a_folder_that_is_not_a_partnership(tmp_path: Path) -> None:
    write(tmp_path, "notes.txt", "x")
    assert only(tmp_path).what == "The folder has no partnership.toml, so it is not a partnership."


def test_no_such_folder_and_a_file_instead(tmp_path: Path) -> None:
    problem = only(tmp_path / "nowhere")
    assert problem.what == "There is no such folder."
    assert problem.file == str(tmp_path / "nowhere")
    write(tmp_path, "file.toml", "")
    assert only(tmp_path / "file.toml").what == "This is a file, not a folder."


@pytest.mark.parametrize("name", ["boards/group.toml", "partnership.toml", "prose/foreword.md", "codelists/wards.csv"])
def test_a_file_that_is_not_utf8(folder: Path, name: str) -> None:
    text = (folder / name).read_bytes()
    (folder / name).write_bytes(text + b"\n# caf\xe9\n")
    problem = check_folder(folder, today=TODAY)[0]
    assert problem.what == "The file is not UTF-8 text: byte 0xe9 cannot be read."
    assert problem.line == text.count(b"\n") + 2
    assert problem.expected == "text saved with the encoding UTF-8"


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("Offences fell by 9.3%.", "9.3%"),
        ("Offences fell by nine, or 12 per cent.", "12 per cent"),
        ("There were 1,041 offences.", "1,041"),
        ("There were 465 offences.", "465"),
        ("We spent £1.3m.", "£1.3m"),
        ("A rate of 4 per 1,000 people.", "4 per 1,000"),
    ],
)
def test_prose_that_states_a_figure_by_hand(folder: Path, text: str, figure: str) -> None:
    write(folder, "prose/foreword.md", f"# Foreword\n\n{text}\n")
    problem = only(folder)
    assert (problem.line, problem.what) == (3, f"The figure “{figure}” is typed by hand.")
    assert "{{indicator:" in problem.expected


@pytest.mark.parametrize(
    "text",
    [
        "Agreed on 1 August 2024, for 2024-2027 and 2022/23.",
        "Under section 16 of the Act, SI 2007/1831, s115 and Schedule 2.",
        "People under 25, in six themes and 28 outcomes.",
        "See [the map](https://example.org/2021/12345) and `code 500`.",
    ],
)
def test_prose_may_write_years_ages_law_and_small_counts(folder: Path, text: str) -> None:
    write(folder, "prose/foreword.md", text)
    assert check_folder(folder, today=TODAY) == []


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("See {{prose:forward}}.", "There is no prose block called “forward”.", "Did you mean “foreword”?"),
        ("See {{outcome:T1.9}}.", "There is no outcome called “T1.9”.", "Did you mean “T1.1”?"),
        ("See {{bord:csp}}.", "Prose cannot cite a “bord”.", "Did you mean “board”?"),
        ("See {{csp}}.", "“{{csp}}” is not a citation.", None),
    ],
)
def test_prose_that_cites_what_is_not_there(folder: Path, text: str, what: str, hint: str | None) -> None:
    write(folder, "prose/foreword.md", f"\n{text}\n")
    problem = only(folder)
    assert (problem.line, problem.what, problem.hint) == (2, what, hint)


@pytest.mark.parametrize("ask", [False, True])
def test_a_stated_count_that_differs_must_be_an_open_question(folder: Path, ask: bool) -> None:
    with (folder / "boards/csp.toml").open("a") as file:
        file.write('subgroups = ["group"]\n[[stated_count]]\nof = "subgroups"\nsays = 2\n')
        if ask:
            file.write('[[open_question]]\ntext = "Which is the second?"\nread_as = "One."\nabout = "subgroups"\n')
    if ask:
        assert check_folder(folder, today=TODAY) == []
        assert load(folder).open_questions["boards/csp.toml"][0].about == "subgroups"
    else:
        problem = only(folder)
        assert (problem.line, problem.key) == (8, "stated_count[1].says")
        assert problem.what == "The source says 2, and “subgroups” lists 1."
        assert "[[open_question]]" in problem.expected


def test_a_count_of_something_that_is_not_a_list(folder: Path) -> None:
    with (folder / "boards/csp.toml").open("a") as file:
        file.write('[[stated_count]]\nof = "subgrups"\nsays = 2\n')
    assert only(folder).what == "“subgrups” is not a list in this file."


def test_a_mistake_in_the_folder_it_extends_is_found_and_placed_there(folder: Path) -> None:
    write(folder.parent / "base", "boards/top.toml", 'name = "Top"\nkind = "lead"\npurpse = "x"\npurpose = "y"\n')
    problem = only(folder)
    assert said(folder, problem).startswith("…/base/boards/top.toml, line 3, key “purpse”")


def test_a_link_to_nothing_cannot_be_read(folder: Path) -> None:
    (folder / "boards/lost.toml").symlink_to(folder / "nowhere.toml")
    problem = only(folder)
    assert problem.what == "The file cannot be read: No such file or directory."


def test_a_file_nested_past_reading_and_a_number_past_counting(folder: Path) -> None:
    write(folder, "boards/group.toml", "a = " + "[" * 5000 + "]" * 5000)
    assert only(folder).what == "Its lists or tables are nested too deeply to read."
    write(folder, "boards/group.toml", "a = " + "1" * 5000)
    assert "not TOML" in only(folder).what


Mutation = Callable[[str], str]
BREAKS: list[Mutation] = [
    lambda text: text[: len(text) // 2],
    lambda text: text.replace('"', "", 1),
    lambda text: text.replace("=", "", 1),
    lambda text: text.upper(),
    lambda text: "\x00" + text,
    lambda text: "",
    lambda text: text + text,
    lambda text: "[[[[\n" + text,
]


@pytest.mark.parametrize("name", [name.removeprefix("town/") for name in SOUND if name.startswith("town/")])
@pytest.mark.parametrize("break_it", BREAKS)
def test_no_damage_to_any_file_escapes_as_a_traceback(folder: Path, name: str, break_it: Mutation) -> None:
    write(folder, name, break_it((folder / name).read_text()))
    for problem in check_folder(folder, today=TODAY):
        assert problem.what and problem.expected
        assert problem.file.startswith(str(folder.parent))
