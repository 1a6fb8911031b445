"""What coordinator, chair and members fill in. Choices come from the forum's file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms

from concord.desk.accounts.rules import Member
from concord.desk.instruments.rules import ResultLine
from concord.desk.panels import rules
from concord.desk.panels.rules import ItemPage
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.forum import Forum
from concord.web.shared import partnership
from concord.web.shared.forms import Form, Remembering, checkboxes, day, long_text, radios, select, text


class PlanForm(Form):
    day = day("Which day?", missing="Enter the day of the meeting", hint="For example, 27 3 2026")
    time = text("What time does it start?", hint="For example, 14:00", missing="Enter the time it starts", width="5")
    place = text("Where?", hint="A room, or “video call”", missing="Say where it meets", max_length=120)

    def clean_time(self) -> dt.time:
        try:
            return dt.time.fromisoformat(self.cleaned_data["time"].replace(".", ":").zfill(5))
        except ValueError:
            raise forms.ValidationError("Enter a time like 14:00") from None

    def starts_at(self) -> dt.datetime:
        return dt.datetime.combine(self.cleaned_data["day"], self.cleaned_data["time"], LONDON)


class ResearchForm(Remembering):
    holds = radios(
        "What does your agency hold?",
        [("text", "Something that matters to this case"), ("nothing", "Nothing")],
        missing="Choose whether your agency holds anything",
    )
    text = long_text(
        "What you know, and what it means for the risk",
        required=False,
        rows=8,
        hint="Facts with their dates, then your view. Only what this case needs",
    )


class IntelligenceForm(ResearchForm):
    """For those whose role and organisation see intelligence."""

    intelligence = long_text(
        "Intelligence, kept apart",
        required=False,
        rows=4,
        hint="What you hold and cannot yet prove. Voluntary organisations and landlords never see it, nor that it was "
        "given. It is not in the minutes",
    )


def conflict(others: Sequence[Member], data: Any) -> Form:
    """Who runs the forum may declare it for `others`; everybody else for themselves."""
    why = text("What is the conflict?", hint="A few words, for example “cousin”", missing="Say what the conflict is")
    if not others:
        return _made("ConflictForm", {"why": why}, data, None)
    names = [(str(each.user_id), f"{each.display_name}, {partnership.agency(each.agency)}") for each in others]
    who = select("Who has it?", [("me", "I have it"), *names], missing="Choose who has it")
    return _made("ConflictForm", {"who": who, "why": why}, data, {"who": "me"})


class Versioned(Form):
    version = forms.IntegerField(widget=forms.HiddenInput)


class MoveForm(Versioned, PlanForm):
    """Another time or place for a meeting."""


def listing(forum: Forum, data: Any, initial: Any, results: Sequence[ResultLine] = ()) -> Form:
    return _made("ListForm", _said(forum, ["person"], results), data, initial)


def topic(forum: Forum, data: Any, papers: Sequence[tuple[str, str]], results: Sequence[ResultLine] = ()) -> Form:
    """A place, a group, a theme, an online space, a paper or a question. `papers` are what is published."""
    subjects = {each.subject for each in forum.item} - {"person"}
    fields = _said(forum, sorted(subjects), results)
    first = {"kind": fields.pop("kind")}
    first["about"] = text("What is it called?", missing="Say what it is called", max_length=200, hint=ABOUT_HINT)
    if subjects & {"place", "online"}:
        first["whereabouts"] = text("Where is it?", hint="An address, or the name of the site", required=False)
    if "paper" in subjects and papers:
        first["whereabouts"] = select("Which published paper is it?", papers, required=False)
    return _made("TopicForm", first | fields, data, None)


def person(forum: Forum, data: Any, results: Sequence[ResultLine] = ()) -> Form:
    """Somebody whom no referral brought."""
    fields = _said(forum, ["person"], results)
    first = {
        "kind": fields.pop("kind"),
        "given_name": text("First name", missing="Enter the first name", max_length=100),
        "family_name": text("Last name", missing="Enter the last name", max_length=100),
        "born_on": day("Date of birth, if it is known", hint="For example, 27 3 1986", required=False),
        "safe_contact": text("How can they be reached safely?", required=False, max_length=200),
    }
    return _made("PersonForm", first | fields, data, None)


def facets_given(forum: Forum, given: dict[str, Any]) -> dict[str, list[str]]:
    """What was answered of the forum's facets, for the kind of item that was chosen."""
    asked = {each.key for each in rules.facets_of(forum, given["kind"])}
    answers = {key: given.get(f"facet_{key}") or [] for key in asked}
    return {key: [value] if isinstance(value, str) else list(value) for key, value in answers.items() if value}


ABOUT_HINT = "The name people here know it by. Use the same name each time, so that its history stays together"


def _said(forum: Forum, subjects: Sequence[str], results: Sequence[ResultLine]) -> dict[str, Any]:
    """The fields every listing has: kind, why, the forum's own facets, the assessment its score is read from."""
    kinds = [each for each in forum.item if each.subject in subjects]
    fields: dict[str, Any] = {
        "kind": radios(
            "What kind of item is it?",
            [(each.key, each.name) for each in kinds],
            missing="Choose what kind of item it is",
        ),
        "reason": long_text(
            "Why is it heard?", rows=4, missing="Say why it is heard", hint="The members read this first"
        ),
    }
    fields |= _facets(forum, {each.key for each in kinds})
    if forum.threshold is not None:
        fields["result"] = _rests_on(forum, results)
    return fields


def _facets(forum: Forum, kinds: Collection[str]) -> dict[str, Any]:
    """A field for each thing the forum records of an item of one of these kinds."""
    fields: dict[str, Any] = {}
    for facet in forum.facet:
        if facet.kinds and not set(kinds) & set(facet.kinds):
            continue
        ask = checkboxes if facet.many else radios
        must = facet.required and (not facet.kinds or len(kinds) == 1)
        fields[f"facet_{facet.key}"] = ask(
            facet.name, list(facet.choices.items()), required=must, hint=facet.hint, missing=f"Say: {facet.name}"
        )
    return fields


def facets(forum: Forum, page: ItemPage, held: Mapping[str, Sequence[str]], data: Any) -> Form:
    """What is recorded of one case, to put right or to complete."""
    many = {each.key for each in forum.facet if each.many}
    said = {f"facet_{key}": list(value) if key in many else value[0] for key, value in held.items() if value}
    return _made("FacetsForm", _facets(forum, [page.kind]), data, said | {"version": page.version}, Versioned)


def _rests_on(forum: Forum, results: Sequence[ResultLine]) -> forms.ChoiceField:
    """The decided assessments that the coordinator holds: the score is read from one, nobody types it."""
    rule = forum.threshold
    above = rule.above if rule else 0
    choices = [
        (str(each.result_id), f"{each.about}: {_scored(each, rule.counts if rule else '')}, {each.at:%-d %B %Y}")
        for each in results
    ]
    return select(
        "Which assessment does it rest on?",
        choices,
        required=False,
        hint=f"The {rule.score.lower() if rule else 'score'} and the factors are read from it. Above {above} is "
        f"{rule.name if rule else ''}; judgement may differ",
    )


def _scored(each: ResultLine, counts: str) -> str:
    score = each.score(counts)
    return "no score" if score is None else f"score {score:g}"


def result_given(given: dict[str, Any]) -> UUID | None:
    """The assessment that was chosen."""
    return UUID(given["result"]) if given.get("result") else None


def review(forum: Forum, months: Sequence[int], data: Any) -> Form:
    levels = list(forum.movement.levels.items()) if forum.movement else []
    return _made(
        "ReviewForm",
        {
            "month": radios(
                "Which review is it?", [(str(each), f"At {each} months") for each in months], missing="Choose which"
            ),
            "level": radios("How is the risk now?", levels, missing="Choose how the risk is now"),
            "reason": long_text("Why?", rows=4, missing="Say why the risk is as it is"),
        },
        data,
        {"month": str(months[0])} if months else None,
    )


def decision(forum: Forum, kind: str, data: Any, version: int) -> Form:
    level: dict[str, Any] = {}
    if forum.movement and (not forum.movement.kinds or kind in forum.movement.kinds):
        level["level"] = radios(
            "How is the risk now?",
            list(forum.movement.levels.items()),
            required=False,
            hint=f"Judged again after {' and '.join(map(str, forum.movement.months))} months",
        )
    return _made(
        "DecisionForm",
        {
            "outcome": radios(
                "What is advised?" if forum.advisory else "What is decided?",
                [(each.key, each.name) for each in rules.outcomes_of(forum, kind)],
                missing="Choose what is decided",
            ),
            **level,
            "reason": long_text(
                "Why?",
                rows=5,
                missing="Give the reason for the decision",
                hint="The risk as it stands, and what tipped the balance",
            ),
        },
        data,
        {"version": version},
        Versioned,
    )


def sitting(
    forum: Forum,
    page: ItemPage,
    owners: Sequence[tuple[str, str]],
    data: Any,
    *,
    stay: bool = False,
) -> Form:
    """What was said, the decision and one action together, for a meeting that goes through many items. With `stay`
    there is no decision yet."""
    made = decision(forum, page.kind, None, page.version)
    fields: dict[str, Any] = {
        "minute": long_text("What is said", rows=6, required=False, hint="It goes into the minutes as it stands here"),
        "task": text("Action, if there is one", required=False, max_length=500),
        "agency": select("Who does it?", owners, required=False),
        "due_on": day("By when?", hint="For example, 27 3 2026", required=False),
    } | {name: field for name, field in made.fields.items() if name != "version"}
    if stay:
        for name in ("outcome", "reason"):
            fields[name].required = False
    return _made("SitForm", fields, data, {"version": page.version, "minute": page.minute}, Versioned)


def owners(
    members: tuple[Member, ...], here: Collection[UUID], kept_out: Collection[str] = ()
) -> list[tuple[str, str]]:
    """Who can take an action on: people in the room first, then those who are not, then agencies without a name."""
    people = {each.user_id: each for each in members if each.display_name not in kept_out}
    order = sorted(people.values(), key=lambda one: (one.user_id not in here, one.display_name))
    named = [
        (
            str(each.user_id),
            f"{each.display_name}, {partnership.agency(each.agency)}{'' if each.user_id in here else ' (not here)'}",
        )
        for each in order
    ]
    sits = sorted({each.agency for each in members}, key=partnership.agency)
    return [*named, *((key, f"{partnership.agency(key)}, nobody by name") for key in sits)]


def taken_on(chosen: str) -> tuple[str, UUID | None]:
    """Agency and owner of what was chosen among `owners`: one of the two is empty."""
    try:
        return "", UUID(chosen)
    except ValueError:
        return chosen, None


def prior_contact(data: Any, initial: Any) -> Form:
    return _made(
        "PriorContactForm",
        {
            "outcome": radios("How did it end?", list(rules.PRIOR_CONTACT.items()), missing="Choose how it ended"),
            "text": long_text(
                "What do they want, and what makes them safe or unsafe?",
                rows=6,
                required=False,
                hint="Needed if you spoke with them. In their words where you can",
            ),
        },
        data,
        initial,
    )


def transfer(way: str, data: Any, initial: Any) -> Form:
    other = "Which area does it come from?" if way == "in" else "Which area does it go to?"
    return _made(
        "TransferForm",
        {
            "area": text(other, missing="Say which area", max_length=120),
            "sent_on": day("When was it sent?", missing="Enter the day it was sent", hint="For example, 27 3 2026"),
            "confirmed_on": day("When was its arrival confirmed?", required=False, hint="Leave empty until it is"),
        },
        data,
        initial,
    )


def reason(label: str, data: Any) -> Form:
    return _made("ReasonForm", {"reason": long_text(label, rows=4, missing="Give the reason")}, data, None)


def ask(data: Any) -> Form:
    """A resident's question to a board that sits in public."""
    hint = "About an area, a service or a decision. Leave out names, addresses, numbers and anything about one person"
    return _made(
        "AskForm",
        {
            "text": long_text(
                "What do you want to ask?", rows=5, max_length=500, missing="Write your question", hint=hint
            )
        },
        data,
        None,
    )


def moderation(said: str, data: Any) -> Form:
    choices = [("publish", "Publish it in these words"), *rules.DECLINED.items()]
    return _made(
        "ModerationForm",
        {
            "text": long_text("The question", rows=5, max_length=500, required=False),
            "what": radios("What happens to it?", choices, missing="Choose what happens to it"),
        },
        data,
        {"text": said},
    )


def answer(drafted: str, data: Any) -> Form:
    return _made(
        "AnswerForm",
        {"answer": long_text("Answer", rows=6, max_length=rules.ANSWER, missing="Write the answer")},
        data,
        {"answer": drafted},
    )


def action(choices: Sequence[tuple[str, str]], data: Any) -> Form:
    return _made(
        "ActionForm",
        {
            "text": long_text(
                "What is to be done?",
                rows=3,
                max_length=500,
                missing="Say what is to be done",
                hint="One thing, so that it can be said whether it was done",
            ),
            "agency": select("Who does it?", choices, missing="Choose who does it"),
            "due_on": day("By when?", missing="Enter the day it is due", hint="For example, 27 3 2026"),
        },
        data,
        None,
    )


def off(choices: Sequence[tuple[str, str]], data: Any, version: int) -> Form:
    """Off an agenda: to another meeting, or not heard."""
    fields = {
        "where": radios("What becomes of it?", choices, missing="Choose what becomes of it"),
        "reason": long_text("Why?", rows=3, missing="Say why", hint="For example, the referrer asked to wait"),
    }
    return _made("OffForm", fields, data, {"version": version}, Versioned)


def attendance(members: tuple[Member, ...], data: Any, initial: Any) -> Form:
    names = {str(each.user_id): f"{each.display_name}, {partnership.agency(each.agency)}" for each in members}
    return _made(
        "AttendanceForm",
        {
            "here": checkboxes(
                "Who is here, and has signed the confidentiality statement?",
                list(names.items()),
                required=False,
                hint="Only they count towards quorum. Leave out who is not here",
            ),
        },
        data,
        initial,
        Remembering,
    )


def _made(name: str, fields: dict[str, Any], data: Any, initial: Any, base: type[Form] = Form) -> Form:
    built: Form = type(name, (base,), fields)(data, initial=initial)
    return built
