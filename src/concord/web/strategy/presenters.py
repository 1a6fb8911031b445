"""From a partnership folder (and what has been released) to what the strategy pages show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from concord.strategy.loader import Partnership
from concord.strategy.shapes.funding import Funding
from concord.strategy.shapes.plan import Action, Outcome, Plan
from concord.web.shared import words
from concord.web.strategy.measures import Measure, Measures

STATUS = {
    "in_place": ("In place", "done"),
    "continuing": ("Continuing", "green"),
    "planned": ("Planned", "grey"),
    "bid": ("Waiting for money", "amber"),
    "draft": ("Unfinished in the strategy", "red"),
}


@dataclass(frozen=True, slots=True)
class ActionLine:
    code: str
    name: str
    owner: str
    partners: str
    status: str
    shape: str
    due: str
    money: str


@dataclass(frozen=True, slots=True)
class OutcomeBlock:
    code: str
    name: str
    owner: str
    measures: tuple[Measure, ...]
    unmeasured: tuple[Measure, ...]
    actions: tuple[ActionLine, ...]


@dataclass(frozen=True, slots=True)
class Money:
    name: str
    funder: str
    amount: str
    period: str


@dataclass(frozen=True, slots=True)
class ThemeLine:
    key: str
    number: int | None
    name: str
    summary: str
    board: str
    outcomes: int
    actions: int


@dataclass(frozen=True, slots=True)
class ThemePage:
    name: str
    number: int | None
    summary: str
    board: str
    intentions: tuple[str, ...]
    outcomes: tuple[OutcomeBlock, ...]
    other_actions: tuple[ActionLine, ...]
    money: tuple[Money, ...]
    unknown: tuple[str, ...]


def themes(partnership: Partnership) -> list[ThemeLine]:
    """Themes in their own order, then the plans that stand beside them."""
    lines = [
        ThemeLine(
            key,
            plan.number,
            plan.name,
            plan.summary or "",
            _board(partnership, plan.board),
            len(plan.outcomes),
            len(plan.actions),
        )
        for key, plan in partnership.themes.items()
    ]
    return sorted(lines, key=lambda line: (line.number is None, line.number or 0, line.name))


def theme(partnership: Partnership, key: str, measures: Measures) -> ThemePage | None:
    plan = partnership.themes.get(key)
    if plan is None:
        return None
    actions = {action.code: _action(partnership, action) for action in plan.actions}
    by_outcome: dict[str, list[ActionLine]] = {}
    placed = set()
    for action in plan.actions:
        for code in action.outcomes:
            by_outcome.setdefault(code, []).append(actions[action.code])
            placed.add(action.code)
    outcomes = tuple(
        _outcome(partnership, plan, outcome, list(measures.of_outcome(outcome.code)), by_outcome)
        for outcome in plan.outcomes
    )
    return ThemePage(
        plan.name,
        plan.number,
        plan.summary or "",
        _board(partnership, plan.board),
        tuple(intention.name for intention in plan.intentions),
        outcomes,
        tuple(line for code, line in actions.items() if code not in placed),
        tuple(_money(partnership, partnership.funding, plan.actions)) if partnership.funding else (),
        tuple(_unknown(plan, outcomes)),
    )


def _outcome(
    partnership: Partnership,
    plan: Plan,
    outcome: Outcome,
    found: list[Measure],
    by_outcome: dict[str, list[ActionLine]],
) -> OutcomeBlock:
    return OutcomeBlock(
        code=outcome.code,
        name=outcome.name,
        owner=_board(partnership, outcome.owner or plan.board),
        measures=tuple(each for each in found if each.reading is not None),
        unmeasured=tuple(each for each in found if each.reading is None),
        actions=tuple(by_outcome.get(outcome.code, ())),
    )


def _board(partnership: Partnership, key: str | None) -> str:
    if not key:
        return "No board is named"
    board = partnership.boards.get(key)
    return board.name if board else key


def _agency(partnership: Partnership, key: str) -> str:
    agency = partnership.agencies.get(key)
    return agency.name if agency else key


def _action(partnership: Partnership, action: Action) -> ActionLine:
    text, shape = STATUS[action.status]
    streams = partnership.funding.streams if partnership.funding else {}
    money = [streams[key].name for key in action.funding if key in streams]
    return ActionLine(
        action.code,
        action.name,
        _agency(partnership, action.owner),
        words.listed([_agency(partnership, key) for key in action.partners]),
        text,
        shape,
        f"{action.due.day} {action.due:%B %Y}" if action.due else "No date is given",
        words.listed(money),
    )


def _money(partnership: Partnership, funding: Funding, actions: Sequence[Action]) -> Iterator[Money]:
    """Each stream that the actions name, once."""
    for key in dict.fromkeys(key for action in actions for key in action.funding):
        stream = funding.streams[key]
        known = stream.starts and stream.ends
        period = f"{stream.starts:%B %Y} to {stream.ends:%B %Y}" if known else "Period not stated"
        amount = f"£{stream.amount:,}" if stream.amount else "Amount not stated"
        if stream.status == "bid":
            amount += ", not yet awarded"
        yield Money(stream.name, _agency(partnership, stream.funder), amount, period)


def _unknown(plan: Plan, outcomes: tuple[OutcomeBlock, ...]) -> list[str]:
    """What a reader would want and the strategy does not say, counted, then the questions put to the board."""
    undated = sum(action.due is None for action in plan.actions)
    unmeasured = [outcome.code for outcome in outcomes if not outcome.measures and not outcome.unmeasured]
    unread = [outcome.code for outcome in outcomes if not outcome.measures and outcome.unmeasured]
    unplaced = [outcome.code for outcome in outcomes if not outcome.actions]
    status = Counter(action.status for action in plan.actions)
    said = []
    if undated:
        said.append(
            f"{undated} of {words.counted(len(plan.actions), 'action')} have no date."
            if undated > 1
            else f"1 of {words.counted(len(plan.actions), 'action')} has no date."
        )
    if unmeasured and len(unmeasured) == len(outcomes):
        said.append("No measure is agreed for any of its outcomes.")
    elif unmeasured:
        said.append(f"No measure is agreed for {words.listed(unmeasured)}.")
    if unread:
        said.append(f"Measures are agreed and not read yet for {words.listed(unread)}.")
    if not plan.actions:
        said.append("No action is named.")
    elif unplaced:
        said.append(f"No action is tied to {words.listed(unplaced)}.")
    if status["draft"]:
        said.append(f"{words.counted(status['draft'], 'action')} broke off in the strategy’s text.")
    return said + [f"{question.text} Read here as: {question.read_as}" for question in plan.open_question]
