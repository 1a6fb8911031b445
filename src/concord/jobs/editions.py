"""The work of an edition, for the screens and the command alike. The one way in: both do the same."""

from concord.jobs.choosing import valid as choices
from concord.jobs.drafting import (
    check_parameters,
    figures_of,
    grounds_of,
    in_one_line,
    make_figures,
    prepared,
    standing,
    texts_of,
)
from concord.jobs.making import Making, making, note, start
from concord.jobs.settling import (
    MadeAgain,
    approve,
    folder,
    freeze,
    give_out,
    make_again,
    preview,
    send_back,
    withdraw,
)

__all__ = [
    "MadeAgain",
    "Making",
    "approve",
    "check_parameters",
    "choices",
    "figures_of",
    "folder",
    "freeze",
    "give_out",
    "grounds_of",
    "in_one_line",
    "make_again",
    "make_figures",
    "making",
    "note",
    "prepared",
    "preview",
    "send_back",
    "standing",
    "start",
    "texts_of",
    "withdraw",
]
