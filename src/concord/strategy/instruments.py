"""What must hold inside an instrument: every expression reads what was asked before it, every band can be reached."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from concord.kernel.names import did_you_mean
from concord.strategy import expressions
from concord.strategy.problems import Problem
from concord.strategy.reading import Document, Folder
from concord.strategy.shapes.instrument import Instrument, Question
from concord.strategy.toml_lines import Path

GIVEN = ("age", "age_months")
"""Names every expression may read: the person's age on the day the assessment began, in years and in months."""


def problems(read: Folder) -> Iterator[Problem]:
    """The mistakes in every instrument of the folder, each with its key path and line."""
    for document in read.of_kind("instrument"):
        if isinstance(document.value, Instrument):
            yield from _Checked(document, document.value).problems()


class _Checked:
    def __init__(self, document: Document, instrument: Instrument) -> None:
        self.document, self.of = document, instrument
        self.parts: set[str] = set()
        self.asked: dict[str, Question] = {}
        self.scores: set[str] = set()

    def problems(self) -> Iterator[Problem]:
        of, seen = self.of, set[str]()
        for at, section in enumerate(of.section):
            for number, question in enumerate(section.question):
                place: Path = ("section", at, "question", number)
                if question.key in seen or question.key in GIVEN:
                    yield self._say((*place, "key"), f"“{question.key}” is already a question.", "another key")
                seen.add(question.key)
                inside = {each.key: each for each in section.question[:number]} if section.repeats else {}
                yield from self._expression((*place, "shown_when"), question.shown_when, {**self.asked, **inside})
                if section.repeats is None:
                    self.asked[question.key] = question
            self.parts.add(section.key)
        for at, score in enumerate(of.score):
            yield from self._expression(("score", at, "counts"), score.counts, self.asked)
            self.scores.add(score.key)
        yield from self._bands()
        levels = {level.key for level in of.judgement.level}
        after: dict[str, Collection[str] | Question] = {**self.asked, "level": levels}
        for at, route in enumerate(of.route):
            yield from self._expression(("route", at, "when"), route.when, after)
        for at, prompt in enumerate(of.prompt):
            yield from self._expression(("prompt", at, "when"), prompt.when, after)
        for at, factor in enumerate(of.factor):
            yield from self._expression(("factor", at, "when"), factor.when, self.asked)
        if of.judgement.joint:
            yield from self._expression(("judgement", "joint", "needed_when"), of.judgement.joint.needed_when, after)
        yield from self._triggers()
        if of.eligible:
            yield from self._expression(("eligible", "when"), of.eligible.when, self.asked)
        if of.deadline and of.deadline.starts:
            dates = [key for key, each in self.asked.items() if each.kind == "date"]
            if of.deadline.starts not in dates:
                hint = did_you_mean(of.deadline.starts, dates)
                yield self._say(
                    ("deadline", "starts"), f"“{of.deadline.starts}” is no date of this instrument.",
                    "the key of a question with kind = \"date\"", hint,
                )  # fmt: skip
        bands = {band.key for band in of.band}
        for at, level in enumerate(of.judgement.level):
            for position, band in enumerate(level.bands):
                if band not in bands:
                    yield self._say(
                        ("judgement", "level", at, "bands", position), f"There is no band “{band}”.",
                        "the key of a [[band]]", did_you_mean(band, bands),
                    )  # fmt: skip

    def _triggers(self) -> Iterator[Problem]:
        for at, trigger in enumerate(self.of.trigger):
            for key, value in trigger.answers.items():
                question = self.asked.get(key)
                place: Path = ("trigger", at, "answers", key)
                if question is None:
                    hint = did_you_mean(key, self.asked)
                    yield self._say(place, f"“{key}” is no question of this instrument.", "the key of a question", hint)
                elif question.answers and value not in question.answers:
                    hint = did_you_mean(value, question.answers)
                    expected = f"one of {', '.join(question.answers)}"
                    yield self._say(place, f"“{value}” is no answer to “{key}”.", expected, hint)

    def _bands(self) -> Iterator[Problem]:
        last: dict[str, float | None] = {}
        for at, band in enumerate(self.of.band):
            if band.score not in self.scores:
                hint = did_you_mean(band.score, self.scores)
                yield self._say(("band", at, "score"), f"There is no score “{band.score}”.", "the key of a score", hint)
                continue
            first = band.score not in last
            before = last.get(band.score)
            if first and band.at_least is not None:
                yield self._say(
                    ("band", at, "at_least"), "The lowest band leaves low scores without a band.",
                    "no at_least in the first band of a score",
                )  # fmt: skip
            elif not first and (band.at_least is None or (before is not None and band.at_least <= before)):
                yield self._say(
                    ("band", at), "This band does not begin above the one before it.", "bands from low to high"
                )
            last[band.score] = band.at_least

    def _expression(self, place: Path, text: str, known: Mapping[str, Collection[str] | Question]) -> Iterator[Problem]:
        if not text:
            return
        try:
            tree = expressions.parse(text)
        except ValueError as wrong:
            yield self._say(place, f"“{text}” is not an expression: {wrong}.", "an expression over earlier answers")
            return
        valid = {*known, *self.parts, *self.scores, *GIVEN}
        for name in sorted(expressions.names(tree) - valid):
            yield self._say(
                place, f"“{name}” is not known here.", "a question, part or score that comes before",
                did_you_mean(name, valid),
            )  # fmt: skip
        for node in tree.nodes():
            yield from self._answers(place, node, known)

    def _answers(
        self, place: Path, node: expressions.Node, known: Mapping[str, Collection[str] | Question]
    ) -> Iterator[Problem]:
        """An answer that nobody can give: the expression would never be true."""
        name, said = "", []
        if node.op in ("==", "!=") and all(isinstance(each, expressions.Node) for each in node.args):
            left, right = (each for each in node.args if isinstance(each, expressions.Node))
            if left.op == "name" and right.op == "value":
                name, said = str(left.args[0]), [right.args[0]]
        elif node.op == "call" and node.args[0] in ("chosen", "ticked"):
            name, said = str(node.args[1]), list(node.args[2:])
        about = known.get(name)
        answers = about.answers if isinstance(about, Question) else about
        for each in said if answers else ():
            if each not in (answers or ()):
                yield self._say(
                    place, f"“{each}” is no answer to “{name}”.", f"one of {', '.join(map(str, answers or ()))}",
                    did_you_mean(str(each), [str(one) for one in answers or ()]),
                )  # fmt: skip

    def _say(self, place: Path, what: str, expected: str, hint: str | None = None) -> Problem:
        return self.document.problem(place, what, expected, hint)
