"""What the answers come to: which questions are asked, scores, bands, routes and prompts. A pure function of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from concord.strategy import expressions
from concord.strategy.expressions import Scope, Value
from concord.strategy.shapes.instrument import Instrument, Question, Section

Given = str | float | list[str] | None
"""One answer as it is kept: a key, a number, a date as ISO 8601, text, or several keys."""


@dataclass(frozen=True, slots=True)
class Place:
    """One question where it is asked: in a repeated part, for each of its rows."""

    address: str
    section: Section
    question: Question
    row: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that follows from the answers and the level judged. The same answers always give the same outcome.

    `unanswered` are required questions that were asked. A score is None where it leans on what is missing and its
    rule says so. `suggested` are the levels that the bands point to: advice, and none where the level is only judged.
    """

    asked: tuple[str, ...]
    unanswered: tuple[str, ...]
    scores: Mapping[str, float | None] = field(default_factory=dict)
    bands: Mapping[str, str] = field(default_factory=dict)
    routes: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    eligible: bool | None = None
    suggested: tuple[str, ...] = ()
    factors: tuple[str, ...] | None = None
    """Those present; None for an instrument that tells none."""

    def kept(self) -> dict[str, object]:
        """What is stored beside the answers, and must come out again when they are counted again."""
        told = {} if self.factors is None else {"factors": list(self.factors)}
        return {
            **told,
            "scores": dict(self.scores),
            "bands": dict(self.bands),
            "routes": list(self.routes),
            "prompts": list(self.prompts),
            "eligible": self.eligible,
            "suggested": list(self.suggested),
        }


def address(section: Section, question: Question, row: int = 0) -> str:
    """The name under which an answer is kept: "voice", or "people.2.who" in a repeated part."""
    return f"{section.key}.{row}.{question.key}" if section.repeats else question.key


def rows_of(section: Section, values: Mapping[str, Given]) -> int:
    """How many times a repeated part was filled in; 1 for any other part."""
    if section.repeats is None:
        return 1
    begins = f"{section.key}."
    rows = {
        int(key.split(".")[1])
        for key, value in values.items()
        if key.startswith(begins) and value not in (None, "", [])
    }
    return max(rows, default=0)


def months_between(born: date, day: date) -> int:
    """Whole months of age on a day."""
    return (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)


def outcome(instrument: Instrument, values: Mapping[str, Given], *, age_months: int | None, level: str = "") -> Outcome:
    """What `values` (by address) come to. An answer to a question that is not asked counts for nothing."""
    counted = _Counted(instrument, values, age_months, level)
    scores: dict[str, float | None] = {}
    for score in instrument.score:
        found = counted.says(score.counts, zero=score.missing == "zero")
        scores[score.key] = counted.names[score.key] = (
            None if found is None or isinstance(found, str) else _whole(float(found))
        )
    bands = {key: band for key in scores if (band := band_of(instrument, key, scores[key]))}
    counted.bands = bands
    # No level is known before somebody judges it, so that a route which reads it stays silent until then.
    counted.names["level"] = level or None
    eligible = instrument.eligible
    asked = tuple(place for place in counted.asked if place.section.key != "")
    return Outcome(
        asked=tuple(place.address for place in asked),
        unanswered=tuple(
            place.address for place in asked if place.question.required and place.address not in counted.answered
        ),
        scores=scores,
        bands=bands,
        routes=tuple(each.key for each in instrument.route if counted.says(each.when) is True),
        prompts=tuple(each.key for each in instrument.prompt if counted.says(each.when) is True),
        eligible=None if eligible is None else _truth(counted.says(eligible.when)),
        suggested=tuple(
            each.key for each in instrument.judgement.level if set(each.bands) & set(bands.values())
        ),
        factors=tuple(each.key for each in instrument.factor if counted.says(each.when) is True)
        if instrument.factor else None,
    )  # fmt: skip


def joint_needed(instrument: Instrument, values: Mapping[str, Given], *, age_months: int | None, level: str) -> bool:
    """Whether the second agency's view must be there before `level` is decided: unless certainly not."""
    joint = instrument.judgement.joint
    if joint is None:
        return False
    found = outcome(instrument, values, age_months=age_months, level=level)
    names: dict[str, Value] = {**found.scores, "level": level or None}
    counted = _Counted(instrument, values, age_months, level)
    return counted.says(joint.needed_when, names={**counted.names, **names}) is not False


def band_of(instrument: Instrument, score: str, value: float | None) -> str:
    """The key of the band that a score falls in; blank without a score or without bands."""
    found = ""
    for band in instrument.band:
        if band.score == score and value is not None and (band.at_least is None or value >= band.at_least):
            found = band.key
    return found


def asked_on_decision(instrument: Instrument, values: Mapping[str, Given]) -> tuple[Question, ...]:
    """The questions of the decision page that are asked, given what was answered there so far."""
    known: dict[str, Value] = {}
    shown = []
    for question in instrument.judgement.asks:
        scope = Scope(known, lambda *_: None)
        if not question.shown_when or expressions.evaluate(expressions.parse(question.shown_when), scope) is True:
            shown.append(question)
            known[question.key] = _plain(values.get(question.key))
    return tuple(shown)


class _Counted:
    """The answers read in order, each question asked or not by those before it."""

    def __init__(self, instrument: Instrument, values: Mapping[str, Given], age_months: int | None, level: str) -> None:
        self.instrument, self.values = instrument, values
        self.names: dict[str, Value] = {
            "age": None if age_months is None else age_months // 12,
            "age_months": age_months,
        }
        self.sections = {section.key: section for section in instrument.section}
        self.bands: Mapping[str, str] = {}
        self.asked: list[Place] = []
        self.answered: set[str] = set()
        for section in instrument.section:
            # A repeated part that nobody filled in asks nothing.
            for row in range(1, rows_of(section, values) + 1) if section.repeats else (0,):
                self._read(section, row)

    def _read(self, section: Section, row: int) -> None:
        own = dict(self.names) if section.repeats else self.names
        for question in section.question:
            shown = not question.shown_when or self.says(question.shown_when, names=own) is True
            if not shown:
                own[question.key] = None
                continue
            place = Place(address(section, question, row), section, question, row)
            self.asked.append(place)
            if self.values.get(place.address) not in (None, "", []):
                self.answered.add(place.address)
            own[question.key] = _plain(self.values.get(place.address))

    def says(self, text: str, *, zero: bool = False, names: Mapping[str, Value] | None = None) -> Value:
        scope = Scope(self.names if names is None else names, self._about)
        return expressions.evaluate(expressions.parse(text), scope, zero=zero)

    def _about(self, function: str, name: str, texts: tuple[str, ...], zero: bool) -> Value:
        if function == "band":
            return self.bands.get(name) or band_of(self.instrument, name, _number(self.names.get(name))) or None
        if function == "rows":
            return rows_of(self.sections[name], self.values) if name in self.sections else None
        places = list(self._places(name))
        if function == "unanswered":
            return sum(place.address not in self.answered for place in places)
        if function in ("chosen", "ticked"):
            return self._several(function, name, texts, zero)
        unsaid = [place for place in places if place.address not in self.answered and place.question.answers]
        if unsaid and not zero:
            return None
        if function == "count":
            return sum(self.values.get(place.address) in texts for place in places if place.address in self.answered)
        return _whole(sum(self._points(place) for place in places if place.address in self.answered))

    def _several(self, function: str, name: str, texts: tuple[str, ...], zero: bool) -> Value:
        ticked = self.values.get(name) if name in self.answered else None
        if not isinstance(ticked, list):
            return (False if function == "chosen" else 0) if zero else None
        return texts[0] in ticked if function == "chosen" else len(set(ticked) - set(texts))

    def _places(self, name: str) -> Iterator[Place]:
        return (place for place in self.asked if name in (place.section.key, place.question.key))

    def _points(self, place: Place) -> float:
        given = self.values.get(place.address)
        chosen = given if isinstance(given, list) else [given]
        return sum(option.points for option in place.question.option if option.key in chosen)


def recompute(
    instrument: Instrument, values: Mapping[str, Given], *, age_months: int | None, level: str
) -> dict[str, object]:
    """What should have been stored for these answers: compared with what was."""
    return outcome(instrument, values, age_months=age_months, level=level).kept()


def _plain(value: Given) -> Value:
    return None if value in (None, "", []) or isinstance(value, list) else value


def _number(value: Value) -> float | None:
    return None if value is None or isinstance(value, str) else float(value)


def _truth(value: Value) -> bool | None:
    return value if isinstance(value, bool) else None


def _whole(value: float) -> float:
    return int(value) if float(value).is_integer() else value
