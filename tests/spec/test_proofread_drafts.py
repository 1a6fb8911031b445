"""Drafts of invented places, as Word, PDF and Markdown, with known mistakes and known-good figures on known lines."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
import typst
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from concord.strategy.proofread import Remark, as_json, proofread, read, render_text


def _by_text(path: Path) -> dict[str, Remark]:
    """Each remark under the words of the line it stands on."""
    lines = {line.number: line.text.strip() for line in read(path).lines if line.text.strip()}
    return {lines[remark.line]: remark for remark in proofread(path)}


def _link(
    paragraph: docx.text.paragraph.Paragraph, words: str, *, to: str | None = None, anchor: str | None = None
) -> None:
    link = OxmlElement("w:hyperlink")
    if to is not None:
        link.set(qn("r:id"), paragraph.part.relate_to(to, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    if anchor is not None:
        link.set(qn("w:anchor"), anchor)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = words
    run.append(text)
    link.append(run)
    paragraph._p.append(link)


@pytest.fixture
def word_draft(tmp_path: Path) -> Path:
    """Northmere: tables, lists, links, a text box's worth of placeholders; seven mistakes and six sound figures."""
    draft = docx.Document()
    draft.add_heading("Northmere Violence Reduction Strategy", level=0)
    draft.add_paragraph("Prepared by the Northmere Community Safety Partnership for publication in March 2025.")
    draft.add_heading("What we know", level=1)
    draft.add_paragraph("Northmere recorded 640 robberies in 2023/24, a rise of 6.7% (40 offences) on 2022/23.")
    draft.add_paragraph("Burglary fell from 1,250 offences in 2022/23 to 1,100 offences in 2023/24, a fall of 15%.")
    draft.add_paragraph("Children entering the justice system fell by 18.18% in 2023/24.")
    draft.add_paragraph("Of 1,200 people who answered in May 2024, 300 (25%) felt unsafe after dark.")
    table = draft.add_table(rows=3, cols=3)
    for row, cells in zip(
        table.rows,
        [
            ("Measure", "2023/24", "What it shows"),
            ("Hate crime", "550 offences", "an increase of 10% (50 offences) on 2022/23"),
            ("Weapon possession", "330 offences", "an increase of 20% (30 offences) on 2022/23"),
        ],
        strict=True,
    ):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    draft.add_heading("Who decides", level=1)
    draft.add_paragraph("The partnership has five boards. These are:")
    for name in ("Youth Justice Board", "Drugs and Alcohol Board", "Safer Streets Board", "Prevent Board"):
        draft.add_paragraph(name, style="List Bullet")
    draft.add_paragraph("The partnership has three aims:")
    for aim in ("fewer victims", "safer streets", "stronger families"):
        draft.add_paragraph(aim, style="List Number")
    linked = draft.add_paragraph("The boards publish their minutes ")
    _link(linked, "here", to="#")
    sound = draft.add_paragraph("The full assessment is on ")
    _link(sound, "the partnership's assessment page", to="https://northmere.example.gov.uk/assessment")
    inner = draft.add_paragraph("The method is set out in ")
    _link(inner, "the annex on method", anchor="no_such_bookmark")
    draft.add_heading("Voluntary sector", level=1)
    draft.add_paragraph("[Insert paragraph from the alliance]")
    draft.add_heading("Next steps", level=1)
    path = tmp_path / "northmere.docx"
    draft.save(path)
    return path


def test_a_word_draft_of_another_place(word_draft: Path) -> None:
    found = {words[:30]: remark.kind for words, remark in _by_text(word_draft).items()}
    assert found == {
        "Burglary fell from 1,250 offen": "change_does_not_compute",
        "Children entering the justice ": "small_count_disclosed",
        "Weapon possession | 330 offenc": "change_does_not_compute",
        "The partnership has five board": "count_mismatch",
        "The boards publish their minut": "dead_link",
        "The method is set out in [the ": "dead_link",
        "[Insert paragraph from the all": "placeholder",
        "Next steps": "truncated",
    }


def test_remarks_on_a_word_draft_work_the_figures_out(word_draft: Path) -> None:
    found = {words.split()[0]: remark for words, remark in _by_text(word_draft).items()}
    assert "is 12%, not 15%" in found["Burglary"].message
    assert "11 to 9" in found["Children"].message
    assert "30 / 300 is 10%, not 20%" in found["Weapon"].message
    assert "has 4, not 5" in found["The"].message or "five boards" in render_text(proofread(word_draft), word_draft)


PDF_DRAFT = """
#set document(title: "Eastmarsh Serious Violence Plan", date: none)
#set page(width: 14cm, height: 16cm, footer: context [Eastmarsh Serious Violence Plan #h(1fr) #counter(page).display()])
#set text(lang: "en", size: 11pt)
= Eastmarsh Serious Violence Plan
Eastmarsh County Council and its partners have written this plan together, and the people who live in the county have
been heard while it was being written.

== What we know
Knife crime fell by 12.5% from 480 offences in 2022/23 to 420 offences in 2023/24, after two years in which the force
recorded more of it than any of its neighbours.

The reoffending rate was 28% in 2022. The rate is 4% higher than in England and 2% higher than in the region
as a whole.

The county recorded 2,090 violent offences in 2023/24, which is an increase of 5.5% (90 offences) when it is compared
with the previous year.

Our Multi-Agency Safeguarding Hub (MASH) takes every referral within one working day.

#pagebreak()
== What we will do
We will reduce harm through four priorities:
- early help for families
- safer town centres
- support for victims

Police reports go to the Multi-Agency Safeguarding Team, which decides on them.

62% of referrals came from schools.

Between April 2022 and March 2024 the panel heard 14 cases of slavery.

#pagebreak()
== Who pays
The fund gives £2.4 million in 2024/25 for the work in this plan, and £2.1 million in 2025/26.

The plan will be kept under review by the board, the executive and the
"""


@pytest.fixture
def pdf_draft(tmp_path: Path) -> Path:
    path = tmp_path / "eastmarsh.pdf"
    path.write_bytes(typst.compile(PDF_DRAFT.encode()))
    return path


def test_a_pdf_draft_of_another_place(pdf_draft: Path) -> None:
    found = {words[:30]: remark.kind for words, remark in _by_text(pdf_draft).items()}
    assert sorted(found.values()) == sorted(
        [
            "percent_or_points",
            "change_does_not_compute",
            "count_mismatch",
            "name_varies",
            "no_base_or_period",
            "small_count_disclosed",
            "truncated",
        ]
    ), found


def test_a_pdf_remark_stands_on_the_line_that_holds_the_figure(pdf_draft: Path) -> None:
    [(words, remark)] = [(w, r) for w, r in _by_text(pdf_draft).items() if r.kind == "change_does_not_compute"]
    assert "5.5%" in words
    assert "90 / 2,000 is 4.5%, not 5.5%" in remark.message


def test_a_pdf_remark_says_which_page_it_is_on(pdf_draft: Path) -> None:
    pages = {r.kind: r.message[-8:] for r in proofread(pdf_draft)}
    assert pages["percent_or_points"] == "(page 1)"
    assert pages["count_mismatch"] == "(page 2)"
    assert pages["truncated"] == "(page 3)"


def test_a_word_remark_says_which_heading_it_is_under(word_draft: Path) -> None:
    places = {r.kind: r.message for r in proofread(word_draft)}
    assert places["small_count_disclosed"].endswith("(under “What we know”)")
    assert places["count_mismatch"].endswith("(under “Who decides”)")


MARKDOWN_DRAFT = """\
# Southvale Community Safety Plan

## Evidence

Southvale saw 305 stalking offences in 2023/24, an increase of 22% (55 offences)
on the year before. Across the county, 41% of victims were under 25.

| Measure | 2022/23 | 2023/24 | Change |
|---|---|---|---|
| Arson | 40 offences | 50 offences | up from 40 to 50 (25%) |
| Threats | 60 offences | 90 offences | up from 60 to 90 (40%) |

See [the evidence](#evidence) and [the budget](#budget).

```
x = TBC  # code is not prose
```

## Priorities

1. Safer nights
2. Safer schools
"""


def test_a_markdown_draft_of_another_place(tmp_path: Path) -> None:
    path = tmp_path / "southvale.md"
    path.write_text(MARKDOWN_DRAFT, encoding="utf-8")
    assert [(r.line, r.kind) for r in proofread(path)] == [
        (6, "no_base_or_period"),
        (11, "change_does_not_compute"),
        (13, "dead_link"),
    ]


def test_the_same_draft_reads_the_same_as_word_and_as_text(word_draft: Path, tmp_path: Path) -> None:
    lines = [line.text for line in read(word_draft).lines]
    as_text = tmp_path / "northmere.txt"
    as_text.write_text("\n\n".join(lines), encoding="utf-8")
    kinds = sorted(r.kind for r in proofread(as_text) if r.kind not in ("count_mismatch", "truncated", "dead_link"))
    assert kinds == sorted(
        r.kind for r in proofread(word_draft) if r.kind not in ("count_mismatch", "truncated", "dead_link")
    )


def test_machine_and_person_get_the_same_remarks(word_draft: Path) -> None:
    import json

    remarks = proofread(word_draft)
    told = json.loads(as_json(remarks))
    assert [set(each) for each in told] == [{"line", "lines", "kind", "message", "suggestion"}] * len(remarks)
    text = " ".join(render_text(remarks, word_draft).split())
    for each in told:
        assert f"northmere.docx:{each['line']} " in text
        assert " ".join(each["message"].split()) in text
        assert " ".join(each["suggestion"].split()) in text
