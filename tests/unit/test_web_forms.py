"""Forms drawn with GOV.UK components: what a person typed can never become markup, and errors point at their field."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.web.shared import components, forms
from concord.web.templatetags.concord import errors, field


class Sample(forms.Form):
    name = forms.text("Name of the child", missing="Enter the child’s name")
    story = forms.long_text("What happened?", hint="In your own words", missing="Say what happened", max_length=50)
    born = forms.day("Date of birth", required=False)
    level = forms.radios(
        "How worried are you?",
        [("1", "A little"), ("2", "Very")],
        missing="Choose how worried you are",
        hints={"2": "Something must happen today"},
    )


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_what_was_typed_is_never_markup(typed: str) -> None:
    form = Sample({"name": f"<script>{typed}</script>\"'>", "story": f"</textarea><b>{typed}"})
    shown = str(field(form["name"])) + str(field(form["story"]))
    assert "<script>" not in shown and "<b>" not in shown
    assert shown.count("</textarea>") == 1


def test_a_component_escapes_text_and_trusts_only_html() -> None:
    assert "&lt;b&gt;" in components.render("button", {"text": "<b>"})


def test_errors_point_at_their_fields_in_page_order() -> None:
    form = Sample({"born_0": "31", "born_1": "2", "born_2": "2010"})
    summary = str(errors(form))
    wanted = ["#id_name", "#id_story", "#id_born_0", "#id_level"]
    places = [summary.index(f'href="{target}"') for target in wanted]
    assert places == sorted(places)
    assert "Enter a real date, for example 27 3 2011" in summary
    assert "Choose how worried you are" in summary
    assert 'role="alert"' in summary
    for target in wanted:
        shown = "".join(str(field(form[name])) for name in form.fields)
        assert f'id="{target[1:]}"' in shown


def test_a_form_that_holds_says_nothing() -> None:
    form = Sample({"name": "SYN Ada", "story": "x", "level": "1", "born_0": "27", "born_1": "3", "born_2": "2011"})
    assert errors(form) == ""
    assert form.cleaned_data["born"] == date(2011, 3, 27)


@pytest.mark.parametrize("typed", [("31", "2", "2010"), ("x", "1", "2010"), ("1", "1", "10"), ("1", "", "2010")])
def test_an_impossible_date_is_refused_in_words(typed: tuple[str, str, str]) -> None:
    form = Sample({f"born_{index}": value for index, value in enumerate(typed)})
    assert form.errors["born"] == ["Enter a real date, for example 27 3 2011"]


def test_what_was_chosen_stays_chosen_and_the_hint_belongs_to_its_answer() -> None:
    shown = str(field(Sample({"level": "2"})["level"]))
    assert shown.count(" checked") == 1
    assert 'value="2" checked' in " ".join(shown.split())
    assert "Something must happen today" in shown


def test_a_label_can_be_the_heading_of_its_page() -> None:
    shown = str(field(Sample()["story"], heading=True))
    assert "<h1" in shown and "govuk-label--l" in shown


def test_the_trail_of_a_paper_has_an_address_though_its_reference_is_a_path() -> None:
    from django.urls import resolve, reverse

    address = reverse("who-looked-one", args=("paper", "board/public_strategy/index.html"))
    assert resolve(address).kwargs == {"object_type": "paper", "reference": "board/public_strategy/index.html"}
