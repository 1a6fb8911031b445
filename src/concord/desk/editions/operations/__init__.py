"""Writes of editions: begin, write, comment, look, go through, and each step from a draft to its readers.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.editions.operations.discussing import add_comment, answer_comment, open_comment_again
from concord.desk.editions.operations.moving import (
    approve,
    freeze,
    give_out,
    send_back,
    send_for_review,
    withdraw,
    write_again,
)
from concord.desk.editions.operations.releasing import decide_release, open_paper
from concord.desk.editions.operations.screening import keep_back, leave_in, nothing_more
from concord.desk.editions.operations.writing import begin, figures_made, look, write

__all__ = [
    "add_comment",
    "answer_comment",
    "approve",
    "begin",
    "decide_release",
    "figures_made",
    "freeze",
    "give_out",
    "keep_back",
    "leave_in",
    "look",
    "nothing_more",
    "open_comment_again",
    "open_paper",
    "send_back",
    "send_for_review",
    "withdraw",
    "write",
    "write_again",
]
