"""What people say in surveys: of single answers with weights, or as a survey's own organisation counted them.

A survey that anybody may answer has no margin of error, because who answers is not left to chance: its shares carry
none. Groups of fewer than thirty who answered are not given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.shares import NOT_KNOWN, answer, in_words
from concord.evidence.findings.survey import LEAST_ASKED, Design, self_selected
from concord.evidence.findings.survey import share as weighted_share
from concord.kernel.errors import BadInput, Usage, Where
from concord.kernel.intervals import wilson
from concord.kernel.measures import Estimate, Interval
from concord.kernel.names import did_you_mean
from concord.kernel.periods import Period

NAME, RETURNED = "survey", "survey_results"
GROUPS = {"age_band": "Age", "sex": "Sex", "neighbourhood": "Neighbourhood"}
SEXES = {"F": "Female", "M": "Male"}
SAMPLED = (
    "Weighted shares with linearised variance and logit limits, as R's survey package has them (Lumley, 2010); each "
    "question over those who answered it. Groups of fewer than thirty are not given."
)
CHOSE = (
    "Shares of those who chose to answer, each question over those who answered it, without a margin of error: who "
    "answers is not left to chance. Groups of fewer than thirty are not given."
)
RETURNED_METHOD = (
    "Shares as the survey's organisation weighted them. Wilson's interval on the answers divided by the design effect, "
    "for surveys whose sample was drawn by chance; none for those that anybody may answer. Groups of fewer than thirty "
    "are not given."
)


def find(store: Store, partnership: Any, period: Period, *, dataset: str = "young_people_survey") -> Finding:
    """The last wave that began in `period`: every question that is answered yes or no, by group.

    Raises BadInput where no wave began in `period`, or the feed's contract is not in the folder.
    """
    questions = _questions(partnership, dataset)
    sampled = any(
        row["key"] == dataset and row["sampled"] == "Y"
        for row in getattr(partnership, "codelists", {}).get("surveys", ())
    )
    with Question(store, dataset) as question:
        held = question.columns(dataset)
        asked = {column: words for column, words in questions.items() if column in held}
        groups = {column: label for column, label in GROUPS.items() if column in held}
        wave = question.rows(
            f"SELECT max(year) FROM {dataset} WHERE answered_on::DATE BETWEEN $start AND $end",
            {"start": period.start, "end": period.end},
        )[0][0]
        if wave is None:
            raise BadInput(
                f"No wave of “{dataset}” was answered in {period.label}",
                next_step=f"Load one: concord load {dataset} FILE",
            )
        rows = question.rows(
            f"SELECT weight, {', '.join((*groups, *asked))} FROM {dataset} WHERE year = $wave ORDER BY respondent",
            {"wave": wave},
        )
        first, last = question.rows(
            f"SELECT min(answered_on)::DATE, max(answered_on)::DATE FROM {dataset} WHERE year = $wave", {"wave": wave}
        )[0]
        fielded = Period(first, last)
        answers = {
            column: [(row[0], row[1 : 1 + len(groups)], row[1 + len(groups) + place]) for row in rows]
            for place, column in enumerate(asked)
        }
        universe = f"answers to {dataset}"
        words = tuple(asked.values())
        whole = Dimension("question", "Question", words)
        facts: dict[str, float] = {}
        cells, bases = [], []
        for column, called in asked.items():
            answered = [(weight, said) for weight, _, said in answers[column] if said is not None]
            cell, effect = _cell((called,), answered, sampled, (("answered", (called,)),))
            cells.append(cell)
            bases.append(Cell((called,), len(answered)))
            if effect is not None:
                facts[f"{column}_design_effect"] = effect
        tables = [
            Table("answered", f"Who answered each question, {fielded.label}", "answers", (whole,), tuple(bases),
                  additive=False, universe=universe, period=fielded),
            Table("answers", f"Answers to the survey, {fielded.label}", "answers", (whole,), tuple(cells),
                  additive=False, universe=f"{universe}: yes", period=fielded),
        ]  # fmt: skip
        for place, (group, label) in enumerate(groups.items()):
            tables += _by_group(group, label, place, asked, answers, sampled, universe, fielded)
        return answer(
            question,
            NAME,
            "What do people say in the survey, and of which age, sex and part of the borough?",
            tables,
            base="Answers to each question of the wave",
            period=period,
            source=_name(partnership, dataset),
            method=SAMPLED if sampled else CHOSE,
            cannot_say=(
                "What those think who did not answer.",
                *(() if sampled else ("How far the shares hold for everyone: people chose to answer.",)),
                "Small differences between groups are not differences.",
            ),
            source_class="open",
            parameters={"dataset": dataset},
            facts=facts,
        )


def _by_group(
    group: str, label: str, place: int, asked: dict[str, str], answers: dict[str, list[Any]], sampled: bool,
    universe: str, fielded: Period,
) -> list[Table]:  # fmt: skip
    """Each question by one group; groups that too few belong to are counted and have no share."""
    named = sorted({_group(row[1][place]) for row in next(iter(answers.values()), [])})
    dimensions = (Dimension("question", "Question", tuple(asked.values())), Dimension(group, label, tuple(named)))
    cells, bases = [], []
    for column, called in asked.items():
        for each in named:
            answered = [
                (w, said) for w, groups, said in answers[column] if said is not None and _group(groups[place]) == each
            ]
            key = (called, each)
            cells.append(_cell(key, answered, sampled, ((f"answered_{group}", key),))[0])
            bases.append(Cell(key, len(answered)))
    return [
        Table(f"answered_{group}", f"Who answered each question, by {label.lower()}, {fielded.label}", "answers",
              dimensions, tuple(bases), additive=False, universe=universe, period=fielded),
        Table(f"answers_{group}", f"Answers to the survey by {label.lower()}, {fielded.label}", "answers", dimensions,
              tuple(cells), additive=False, universe=f"{universe}: yes", period=fielded),
    ]  # fmt: skip


def _cell(
    key: tuple[str, ...], answered: Sequence[tuple[float, str]], sampled: bool, rests_on: tuple[Any, ...]
) -> tuple[Cell, float | None]:
    """A question's cell and its design effect, where it has one."""
    yes, asked = sum(said == "Y" for _, said in answered), len(answered)
    estimate, effect = None, None
    if sampled:
        made = weighted_share([said == "Y" for _, said in answered], Design([weight for weight, _ in answered]))
        if made is not None:
            estimate, effect = made
    else:
        estimate = self_selected(yes, asked)
    return Cell(key, yes, base=asked, estimate=estimate, rests_on=rests_on), effect


def _group(value: Any) -> str:
    return NOT_KNOWN if value in (None, "", "U", "X") else SEXES.get(str(value), str(value))


def _questions(partnership: Any, dataset: str) -> dict[str, str]:
    """Columns that are answered yes or no, with their words, from the contract of the feed that fills `dataset`."""
    for feed in getattr(partnership, "feeds", {}).values():
        for table in feed.tables.values():
            if dataset in table.datasets:
                return {
                    key: field.description.rstrip(".") for key, field in table.fields.items() if field.type == "flag"
                }
    raise BadInput(
        f"No contract says what was asked in “{dataset}”",
        where=Where(file=f"feeds/{dataset}.toml"),
        next_step="Write the contract, with a field of type flag for each question.",
    )


def _name(partnership: Any, dataset: str) -> str:
    rows = getattr(partnership, "codelists", {}).get("surveys", ())
    return next((row["name"] for row in rows if row["key"] == dataset), in_words(dataset))


def find_returned(store: Store, partnership: Any, period: Period, *, question: str = "", survey: str = "") -> Finding:
    """One question of a survey that was sent as counted shares: the last wave that ended in `period`, by group, and the
    wave before. Raises Usage for a question or survey that was not sent, with the nearest."""
    with Question(store, "survey_results") as asked:
        held = asked.rows("SELECT DISTINCT survey, question FROM survey_results ORDER BY 1, 2")
        _known("question", question, {row[1] for row in held if not survey or row[0] == survey})
        rows = asked.rows(
            "SELECT wave_from, wave_to, breakdown, category, respondents, agreed, weighted_percent, design_effect, "
            "sampled FROM survey_results WHERE question = $question AND wave_to <= $end"
            + (" AND survey = $survey" if survey else "")
            + " ORDER BY wave_to, breakdown, category",
            {"question": question, "end": period.end, "survey": survey},
        )
        if not rows:
            raise BadInput(f"No wave that asked “{question}” ended by {period.end:%d %B %Y}",
                           next_step="Load one: concord load survey_results FILE")  # fmt: skip
        waves = sorted({(row[0], row[1]) for row in rows}, key=lambda wave: wave[1])
        tables: list[Table] = []
        universe = f"survey answers: {survey} {question}"
        for place, name in ((-1, ""), (-2, "_before")):
            if len(waves) < -place:
                continue
            fielded = Period(*waves[place])
            mine = [row for row in rows if (row[0], row[1]) == waves[place]]
            for breakdown in sorted({row[2] for row in mine}, key=lambda each: (each != "all", each)):
                some = [row for row in mine if row[2] == breakdown]
                tables += _returned(question, breakdown, some, name, universe, fielded)
        return answer(
            asked,
            RETURNED,
            f"What share of people agree: {in_words(question).lower()}?",
            tables,
            base="People who answered the question in the wave",
            period=period,
            source=in_words(survey or "survey results"),
            method=RETURNED_METHOD,
            cannot_say=(
                "What those think who did not answer.",
                "Waves may share answers (rolling years): a small change between them means nothing.",
            ),
            source_class="open",
            parameters={"question": question, **({"survey": survey} if survey else {})},
        )


def _returned(
    question: str, breakdown: str, rows: list[tuple[Any, ...]], suffix: str, universe: str, fielded: Period
) -> list[Table]:
    names = tuple(TOTAL if breakdown == "all" else in_words(row[3]) for row in rows)
    dimension = Dimension(breakdown, "All" if breakdown == "all" else in_words(breakdown), names)
    of = "" if breakdown == "all" else f"by {in_words(breakdown).lower()}, "
    table = f"{'value' if breakdown == 'all' else f'by_{breakdown}'}{suffix}"
    cells, bases = [], []
    for name, (*_, respondents, agreed, percent, effect, sampled) in zip(names, rows, strict=True):
        rests = ((f"{table}_answered", (name,)),)
        estimate = counted_share(float(percent), int(respondents), float(effect or 1), drawn=sampled == "Y")
        cells.append(Cell((name,), int(agreed), base=int(respondents), estimate=estimate, rests_on=rests))
        bases.append(Cell((name,), int(respondents)))
    title = f"{in_words(question)}, {of}{fielded.label}"
    return [
        Table(f"{table}_answered", f"Who answered: {title}", "answers", (dimension,), tuple(bases), additive=False,
              universe=universe, period=fielded),
        Table(table, title, "answers", (dimension,), tuple(cells), additive=False, universe=f"{universe}: yes",
              period=fielded),
    ]  # fmt: skip


def counted_share(percent: float, respondents: int, effect: float, *, drawn: bool) -> Estimate | None:
    """A share that somebody else weighted: Wilson's limits on as many answers as the design effect leaves.

    None where fewer than thirty answered; without limits where the sample was not drawn by chance.
    """
    if respondents < LEAST_ASKED:
        return None
    if not drawn:
        return Estimate(percent, "%", None, f"share of {respondents} who chose to answer; not a sample of residents")
    worth = respondents / max(effect, 1.0)
    low, high = wilson(percent / 100 * worth, worth)
    return Estimate(percent, "%", Interval(100 * low, 100 * high), "Wilson score on answers over the design effect")


def _known(what: str, asked: str, held: set[str]) -> None:
    if asked not in held:
        raise Usage(f"No {what} “{asked}” was sent", next_step=did_you_mean(asked, sorted(held)))
