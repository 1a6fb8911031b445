"""Each kind of mistake: a sentence that makes it, and one near it that does not."""

from __future__ import annotations

import pytest

from concord.strategy.proofread import Remark, examine
from concord.strategy.proofread.document import Line, build


def remarks(text: str) -> list[Remark]:
    lines = text.split("\n")
    return examine(build([Line(n, line) for n, line in enumerate(lines, start=1)], wrapped=True))


def kinds(text: str) -> list[tuple[int, str]]:
    return [(remark.line, remark.kind) for remark in remarks(text)]


WRONG = [
    (
        "change_does_not_compute",
        "Northmere recorded 1,041 sexual offences in 2022-23, a decrease of 9.32% (109 offences) on the previous year.",
        "1,041 + 109 = 1,150",
    ),
    ("change_does_not_compute", "Robbery rose from 200 to 250 offences (20%) in 2023/24.", "is 25%, not 20%"),
    (
        "change_does_not_compute",
        "Robbery fell by 25% from 200 offences to 250 offences in 2023/24.",
        "the words say the opposite",
    ),
    ("change_does_not_compute", "In 2023, 60 of 150 cases (45%) were repeat cases.", "60 of 150 is 40%, not 45%"),
    ("change_does_not_compute", "There were 500 offences in 2023, up 10% (80) on 2022.", "80 / 420 is 19%, not 10%"),
    ("small_count_disclosed", "First time entrants saw a 45.95% reduction in 2022.", "37 to 20, 74 to 40 or 111 to 60"),
    ("small_count_disclosed", "In 2023 the scheme saw 14.29% of the group return.", "1 of 7"),
    ("small_count_disclosed", "In 2023 there were three children excluded for carrying a knife.", "“three children”"),
    ("small_count_disclosed", "Between April 2020 and March 2023 there were 21 cases of slavery.", "about 7 a year"),
    ("small_count_disclosed", "In 2023, 25% of 12 young people (3 of 12) went on to offend.", "base of 12"),
    ("percent_or_points", "The reoffending rate was 31% in 2022. It is a rate 6% higher than the national one.", "25%"),
    (
        "percent_or_points",
        "The proportion of repeat cases rose from 20% in 2021 to 25% in 2022, an increase of 5%.",
        "5 percentage points",
    ),
    ("placeholder", "Knife crime figures (if a reduction)", "whatever its direction"),
    ("placeholder", "The board will meet TBC times in 2025.", "“TBC”"),
    ("placeholder", "INSERT", "never put in"),
    ("placeholder", "Image of Leader", "picture"),
    ("placeholder", "The partnership recorded XX offences in 2023.", "“XX”"),
    ("placeholder", "See [insert link to the needs assessment] for the method used by the analysts.", "filled in"),
    ("dead_link", "Read the needs assessment on the website [here](#).", "leads nowhere"),
    ("dead_link", "Read [the needs assessment]() for the method.", "empty"),
    ("dead_link", "Read the needs assessment [here](https://www.gov.uk/assessment).", "do not say where"),
    ("dead_link", "Read [the annex](#annex-nine) for the method.", "not in this document"),
    ("dead_link", "Read [the plan](file:///C:/Users/plan.docx) for more.", "readers outside cannot open"),
    ("truncated", "The partnership held a series of", "stops at “of”"),
    ("truncated", "The partnership will improve triage -", "ends with a dash"),
    ("truncated", "Our work is overseen by the board, the executive,", "stops at a comma"),
    ("area_unclear", "In 2023 there were 24 drug lines identified in the Western BCU.", "wider area"),
    ("area_unclear", "In 2023, 60 of 90 violent offences were in the west of the borough.", "not a defined area"),
    ("no_base_or_period", "34% of exploitation reports are online.", "how many it is a share of, nor the period"),
    ("no_base_or_period", "The operation led to 114 warrants and 72 arrests.", "no stated time"),
    ("no_base_or_period", "The borough is the 4th highest in England for robbery.", "the value it ranks on or a year"),
    ("no_base_or_period", "The council has spent £3.9 million on cameras.", "no stated year"),
    ("no_base_or_period", "Robbery rose by 12% in 2023.", "has no counts"),
    (
        "no_base_or_period",
        "Between 2018-2022, 1,230 children were victims of abuse.",
        "4 financial years or 5 calendar years",
    ),
    ("no_base_or_period", "Over half of victims knew the person who harmed them.", "no number behind it"),
    (
        "no_base_or_period",
        "It is estimated that 43% of expected offences were reported in 2022.",
        "worked out from an estimate",
    ),
    ("unquantified", "There has been a sharp increase in absence since 2017/18.", "“sharp increase in absence”"),
    ("unquantified", "In 2023 there were higher rates of violence than in London.", "no figure"),
    ("unquantified", "Those suspended are more likely to be boys.", "more likely"),
    (
        "missing_word",
        "To support victims of we work with the probation service and the police.",
        "between “of” and “we”",
    ),
    ("missing_word", "We work with local partners to provide robust and relevant for people at risk.", "has no noun"),
    ("missing_word", "It counts where a knife is used, threatened or intimidated.", "cannot be intimidated"),
    ("repeated_word", "The board will will meet each quarter.", "“will will”"),
    ("repeated_word", "This follows the home office Home Office definition.", "Write “Home Office” once"),
    ("acronym_unexplained", "The QZPB oversees this work.", "QZPB is never spelt out"),
]


@pytest.mark.parametrize(("kind", "text", "words"), WRONG, ids=[text[:50] for _, text, _ in WRONG])
def test_a_mistake_is_found_with_its_reason(kind: str, text: str, words: str) -> None:
    found = remarks(text)
    assert [(r.line, r.kind) for r in found] == [(1, kind)]
    assert words in f"{found[0].message} {found[0].suggestion}"


RIGHT = [
    "Northmere recorded 4,331 incidents in 2022-23; a slight decrease of 1.34% (59 incidents) on the previous year.",
    "There were 465 drug trafficking offences in 2022-23: an increase of 32.1% (113 offences) on the previous year.",
    "Robbery fell from 480 offences in 2022/23 to 420 offences in 2023/24 (12.5%).",
    "Robbery fell by nearly 13% from 480 offences in 2022/23 to 420 offences in 2023/24.",
    "The rate fell from 212.4 to 187.9 per 100,000 between 2021/22 and 2022/23 (11.5%).",
    "In 2023, 60 of 150 cases (40%) were repeat cases.",
    "73% of residents reported in the Census 2021 that English is their main language; 6.2% do not speak it well.",
    "The proportion of repeat cases rose from 20% in 2021 to 25% in 2022, an increase of 5 percentage points.",
    "The proportion of repeat cases rose from 20% in 2021 to 25% in 2022, an increase of 25%.",
    "The service is open to 11–19-year-olds, and to those with special needs up to 25.",
    "Two youth workers support children in custody suites.",
    "A global estimate is that over a quarter of women aged 15–49 have been harmed by a partner in their lifetime.",
    "We will reduce the number of children who are excluded, and increase the number who are heard.",
    "The strategy runs from 2024 to 2027 and is reviewed each year.",
    "These are the places they live in",
    "The Youth Justice Service (YJS) works with children. The YJS meets weekly.",
    "Read [the needs assessment](https://www.gov.uk/needs-assessment) for the method.",
    "We had had enough of meetings that that board held.",
    "The interval is given at 95% confidence throughout.",
    "During Hate Crime Awareness Week 2022, the council and partners delivered 21 activities.",
    "Children as young as 10 may be held responsible for a crime.",
    "One child harmed is one too many.",
    "Call 999 in an emergency, or 101 at any other time.",
    "The Act received Royal Assent on 28 April 2022 and the duty began on 31 January 2023.",
]


@pytest.mark.parametrize("text", RIGHT, ids=[text[:50] for text in RIGHT])
def test_what_is_right_is_left_alone(text: str) -> None:
    assert remarks(text) == []


def test_quoted_law_is_left_alone() -> None:
    law = (
        "(3) Behaviour is “abusive” if it consists of any of the following— (a) physical or sexual abuse; "
        "(b) violent or threatening behaviour; (c) controlling or coercive behaviour; and it does not matter whether"
    )
    assert remarks(law) == []


def test_a_table_of_contents_is_left_alone() -> None:
    assert remarks("Contents\n\nForeword.....\t3\nIntroduction\t4\nTheme 1: Prevention and\t15\n.....\t16") == []


LISTS = [
    ("We have four boards. These are:\n- Youth Board\n- Adults Board\n- Drugs Board", [(1, "count_mismatch")]),
    ("We have three boards. These are:\n- Youth Board\n- Adults Board\n- Drugs Board", []),
    ("The plan has two aims:\n- safer streets\n- safer homes\n- safer schools", [(1, "count_mismatch")]),
    ("Through these three aims, the partnership works to four outcomes:\n- a\n- b\n- c\n- d", []),
    ("We visited twelve schools last term, and learned to:\n- listen\n- act\n- report back", []),
    ("In the next 3 years we will:\n- listen\n- act\n- report back\n- learn", []),
    (
        "The plan has 7 actions. This includes but is not limited to:\n- lights\n- patrols\n- cameras",
        [(1, "count_mismatch")],
    ),
    ("The plan has three aims: prevention, pursuit and support.", []),
    ("The plan has four aims: prevention, pursuit and support.", [(1, "count_mismatch")]),
    ("The plan has three aims: prevention and early help, pursuit and support.", []),
]


@pytest.mark.parametrize(("text", "expected"), LISTS, ids=[text[:45] for text, _ in LISTS])
def test_counts_are_held_against_their_lists(text: str, expected: list[tuple[int, str]]) -> None:
    assert kinds(text) == expected


def test_a_lead_in_with_no_list_names_the_gap() -> None:
    text = (
        "The assessment identified the following priorities:\n\n\n\n"
        "Each of them has a plan that the board agreed in 2024."
    )
    [remark] = remarks(text)
    assert (remark.line, remark.kind, remark.lines) == (1, "truncated", (2, 3, 4))


PAIRS = [
    (
        "trend",
        "Sexual offences saw a decrease in 2022-23 of 10% (100 offences) to 900 offences on the previous year.",
        "Since 2021/22 the rate of sexual offences has increased, by 4% (36 offences).",
    ),
    (
        "rank",
        "Northmere is the 6th most deprived borough in London on the Crime domain, 2019: 27.9 against 21.8.",
        "In 2019 Northmere was the 6th most deprived borough in London with an overall score of 27.9.",
    ),
    (
        "figure",
        "Of the referrals to the service, 120 came from local schools during 2023/24.",
        "Of the referrals to the service, 140 came from local schools during 2023/24.",
    ),
    (
        "and/or",
        "In 2023, 60 of 80 victims had poor mental health, learning difficulties or past experiences of abuse.",
        "Most had several needs, among them poor mental health, learning difficulties and past experiences of abuse.",
    ),
    (
        "time",
        "This plan sets priorities over the next three years.",
        "The board has agreed these priorities for the next 12 months.",
    ),
]


@pytest.mark.parametrize(("what", "first", "second"), PAIRS, ids=[p[0] for p in PAIRS])
def test_contradictions_are_marked_on_both_lines(what: str, first: str, second: str) -> None:
    found = remarks(f"{first}\n\n{second}")
    assert [(r.line, r.kind, r.lines) for r in found] == [(1, "contradiction", (3,)), (3, "contradiction", (1,))]


NO_CONTRADICTION = [
    "Sexual offences fell by 10% (100 offences) to 900 in 2022-23.\n\nIn 2015-16, sexual offences rose "
    "by 4% (36 offences) to 936.",
    "Knife crime offences fell by 10% (100 offences) to 900 in 2022-23.\n\nHate crime offences rose by "
    "4% (36 offences) to 936 in 2022-23.",
    "Of the referrals to the service, 120 came from local schools during 2022/23.\n\n"
    "Of the referrals to the service, 140 came from local schools during 2023/24.",
    "This plan sets priorities over the next three years.\n\nThe youth centre will open within the next 12 months.",
]


@pytest.mark.parametrize("text", NO_CONTRADICTION, ids=[t[:40] for t in NO_CONTRADICTION])
def test_statements_that_can_both_stand_are_left_alone(text: str) -> None:
    assert remarks(text) == []


NAMES = [
    ("The Combatting Drugs Partnership meets.", "Our Combating Drugs Partnership meets.", "is spelt"),
    (
        "Northmere has a Multi-Agency Safeguarding Hub.",
        "Reports go to the Multi-Agency Safeguarding Team.",
        "one body with two names",
    ),
    ("The Violence Strategy Group reports.", "It answers to the Serious Violence Strategy Group.", "same thing"),
    ("It covers North East London today.", "It covers Northeast London today.", "Join the words one way"),
    (
        "The High Risk Panel (HRP) meets weekly.",
        "The Hate Response Programme (HRP) meets weekly.",
        "spelt out as",
    ),
]


@pytest.mark.parametrize(("first", "second", "words"), NAMES, ids=[n[2] for n in NAMES])
def test_one_thing_with_two_names_is_found(first: str, second: str, words: str) -> None:
    [remark] = remarks(f"{first}\n\n{second}")
    assert (remark.line, remark.kind, remark.lines) == (3, "name_varies", (1,))
    assert words in f"{remark.message} {remark.suggestion}"


def test_bodies_listed_side_by_side_are_different_bodies() -> None:
    text = (
        "The boards are:\n"
        "- Violence and Exploitation Strategy Group\n- Violence and Abuse Strategy Group\n- Youth Justice Board"
    )
    assert remarks(text) == []


def test_letters_spelt_out_too_late_are_found() -> None:
    [remark] = remarks("Cases go to the MACE each month.\n\nThe Multi-Agency Child Exploitation (MACE) panel decides.")
    assert (remark.line, remark.kind, remark.lines) == (1, "acronym_unexplained", (3,))


def test_two_mistakes_on_a_line_are_one_remark_led_by_the_more_serious() -> None:
    [remark] = remarks(
        "In 2022-23 there were were 1,041 offences, a decrease of 9.32% (109 offences) on the previous year."
    )
    assert remark.kind == "change_does_not_compute"
    assert "Also (repeated word): “were were” repeats itself." in remark.message


def test_a_survey_of_mixed_answers_is_one_remark() -> None:
    text = (
        "Out of roughly 1000 young people surveyed:\n"
        "- 183 felt unsafe\n- 25% feared gangs\n- 603 told family, only 40 the police"
    )
    [remark] = remarks(text)
    assert (remark.line, remark.kind, remark.lines) == (1, "no_base_or_period", (2, 3, 4))
    for words in ("roughly 1000", "some percentages", "no date", "more than one answer"):
        assert words in remark.message


def test_work_planned_for_hours_without_a_peak_is_found() -> None:
    text = "In 2023, 90 of 400 violent offences were at peaks at 9am.\n\nThe project works in schools during 3-6pm."
    assert (3, "contradiction") in kinds(text)
    assert (3, "contradiction") not in kinds(text.replace("9am", "4pm"))


def test_outcomes_without_a_measure_are_one_remark() -> None:
    text = (
        "Outcomes we want\n\n- Safer streets\n- Safer homes\n- Safer schools\n\n"
        "Outcomes for victims\n\n- Victims are heard\n- Victims recover"
    )
    [remark] = [r for r in remarks(text) if r.kind == "unquantified"]
    assert (remark.line, remark.lines) == (1, (7,))
    assert "None of the 5 outcomes" in remark.message
    measured = text.replace("Safer streets", "Robbery down from 480 offences to 400 by 2027")
    assert not [r for r in remarks(measured) if r.kind == "unquantified"]


def test_lines_of_a_broken_paragraph_keep_their_numbers() -> None:
    text = (
        "The partnership has worked hard in the last two years to make the streets of\n"
        "the borough safer. Northmere recorded 1,041 sexual offences in 2022-23, which\n"
        "is a decrease of 9.32% (109 offences) when it is compared to the previous year."
    )
    assert kinds(text) == [(3, "change_does_not_compute")]
