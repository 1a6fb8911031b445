"""A board as the forum it is when it sits: papers, decisions and actions, by the pattern of its kind. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concord.strategy.shapes.board import Board
    from concord.strategy.shapes.forum import Forum
    from concord.strategy.shapes.sitting import Sitting, Sittings


def as_forum(key: str, board: Board, pattern: Sitting, names: Mapping[str, str]) -> Forum:
    """The forum that a board is when it meets. `names` are those of the agencies."""
    from concord.strategy.shapes.forum import Forum, Quorum, ResearchRule, Seat

    here = dict.fromkeys([*([board.chair] if board.chair else []), *board.members]) or {"chair": None}
    seats = tuple(Seat(key=each, name=names.get(each, each.capitalize())) for each in here)
    must = (board.chair,) if board.chair else ()
    return Forum(
        key=key,
        name=board.name,
        abbreviation=board.aliases[0] if board.aliases else board.name,
        purpose=pattern.purpose,
        hears="papers",
        public=pattern.public or board.papers == "public",
        cadence=board.cadence or pattern.cadence,
        item=pattern.item,
        seat=seats,
        quorum=Quorum(minimum=max(1, ceil(len(seats) * pattern.quorum_share)), must_have=must),
        research=ResearchRule(cut_off_hours=24.0 * pattern.papers_days, hidden_before=False),
        outcome=pattern.outcome,
        minutes_working_days=pattern.minutes_working_days,
        access_days_after=0,
        confidentiality=pattern.confidentiality,
        pack=board.pack,
        source=board.source,
    )


def with_boards(
    forums: Mapping[str, Forum], boards: Mapping[str, Board], sittings: Sittings | None, names: Mapping[str, str]
) -> dict[str, Forum]:
    """The forums of a partnership and, by the patterns, its boards. A forum's own file comes before a board's."""
    patterns = sittings.sitting if sittings else ()
    by_kind = {kind: each for each in patterns for kind in each.kinds}
    sit = {key: as_forum(key, each, by_kind[each.kind], names) for key, each in boards.items() if each.kind in by_kind}
    return sit | dict(forums)
