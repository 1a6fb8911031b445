"""The strategy as it is agreed: themes, outcomes, actions, money, and what the assessment asks of them."""

from __future__ import annotations

from concord.evidence.publications import words
from concord.evidence.publications.listings import Listing
from concord.jobs.listings import About, day_words
from concord.strategy.shapes.plan import Action, Plan

STATUS = {
    "in_place": "In place",
    "continuing": "Continuing",
    "planned": "Planned",
    "bid": "Waits for money",
    "draft": "Being written",
}


def _themes(about: About) -> list[Plan]:
    found = [each for each in about.partnership.themes.values() if each.kind == "theme"]
    return sorted(found, key=lambda plan: (plan.number or 99, plan.name))


def themes(about: About) -> Listing:
    """Each theme with what it sets out to do and the board that answers for it."""
    rows = [
        (f"{plan.number}. {plan.name}" if plan.number else plan.name,
         "; ".join(intention.name for intention in plan.intentions) or plan.summary or "Not stated",
         about.board(plan.board))
        for plan in _themes(about)
    ]  # fmt: skip
    return Listing("", ("Theme", "What it sets out to do", "Answers for it"), tuple(rows))


def outcomes(about: About) -> Listing:
    """Each outcome with its owner, what measures it and the actions towards it."""
    rows = []
    for plan in _themes(about):
        for outcome in plan.outcomes:
            measured = [each for each in about.partnership.indicators.values() if each.outcome == outcome.code]
            acts = [action for action in plan.actions if outcome.code in action.outcomes]
            rows.append(
                (
                    f"{outcome.code} {outcome.name}",
                    about.board(outcome.owner or plan.board),
                    "; ".join(sorted(each.title for each in measured)) or "No measure yet",
                    "; ".join(f"{action.code} {action.name}" for action in acts) or "No action yet",
                )
            )
    return Listing("", ("Outcome", "Owner", "Measured by", "Actions"), tuple(rows))


def actions(about: About, *, due_within_days: int = 0) -> Listing:
    """Every action: who owns it, with whom, by when. With `due_within_days`, only what is late or falls due by then."""
    rows = []
    for plan in _themes(about):
        for action in plan.actions:
            if due_within_days and not (action.due and (action.due - about.day).days <= due_within_days):
                continue
            rows.append(
                (
                    f"{action.code} {action.name}",
                    about.agency(action.owner),
                    ", ".join(about.agency(each) for each in action.partners) or "No other named",
                    _when(action, about),
                )
            )
    return Listing(
        "", ("Action", "Owner", "With", "Standing"), tuple(rows),
        empty="No action is late or falls due by then." if due_within_days else "The plan holds no action yet.",
    )  # fmt: skip


def _when(action: Action, about: About) -> str:
    words_of = STATUS[action.status]
    if action.due is None:
        return words_of if action.status in ("in_place", "continuing") else f"{words_of}; no day set"
    late = action.due < about.day and action.status not in ("in_place", "continuing")
    return f"{words_of}; due {day_words(action.due)}{', overdue' if late else ''}"


def money(about: About) -> Listing:
    """Every funding stream: who gives it, how much, until when, and what it pays for."""
    streams = about.partnership.funding.streams if about.partnership.funding else {}
    services = {key: each for group in about.partnership.services.values() for key, each in group.services.items()}
    acts = [action for plan in about.partnership.themes.values() for action in plan.actions]
    rows = []
    for key, stream in streams.items():
        pays = [services[each].name for each in stream.pays_for if each in services]
        pays += [f"{action.code} {action.name}" for action in acts if key in action.funding]
        ended = stream.ends is not None and stream.ends < about.day
        rows.append(
            (
                stream.name,
                about.agency(stream.funder),
                f"£{words.number(stream.amount)}" if stream.amount else "Not stated",
                ("Ended " if ended else "To ") + day_words(stream.ends) if stream.ends else "No end stated",
                "; ".join(dict.fromkeys(pays)) or stream.purpose,
            )
        )
    return Listing("", ("Funding", "From", "Amount", "Until", "Pays for"), tuple(rows))


def boards(about: About) -> Listing:
    """The boards that lead, decide and deliver: how often they meet and who sits."""
    order = ("executive", "lead", "subgroup", "linked", "community")
    found = sorted(about.partnership.boards.values(), key=lambda board: (order.index(board.kind), board.name))
    rows = [
        (board.name, board.purpose, (board.cadence or "not stated").capitalize(),
         ", ".join(about.agency(key) for key in board.members) or "Members not stated")
        for board in found
    ]  # fmt: skip
    return Listing("", ("Board", "What it is for", "Meets", "Members"), tuple(rows))


def recommendations(about: About) -> Listing:
    """Finding, priority, action and measure of each recommendation: the chain that `concord check` holds together."""
    held = about.partnership.recommendations
    outcomes = {o.code: o.name for plan in about.partnership.themes.values() for o in plan.outcomes}
    acts = {action.code: action for plan in about.partnership.themes.values() for action in plan.actions}
    rows = []
    for item in held.recommendation if held else ():
        readings = [
            f"{about.partnership.indicators[key].title}: {about.readings.get(key, {}).get('value') or 'no reading yet'}"
            for key in item.indicators
        ]
        rows.append(
            (
                item.text,
                "; ".join(f"{{{{figure:{name}}}}}" for name in item.because),
                "; ".join(f"{code} {outcomes.get(code, '')}".strip() for code in item.outcomes),
                "; ".join(f"{code} {acts[code].name} ({about.agency(acts[code].owner)})" for code in item.actions),
                "; ".join(readings),
                about.board(item.board),
            )
        )
    return Listing(
        "",
        ("We recommend", "Because", "For the priority", "Through", "Shown by", "Decided by"),
        tuple(rows),
        empty="No recommendation has been made yet.",
    )
