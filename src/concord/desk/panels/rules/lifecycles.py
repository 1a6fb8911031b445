"""The lifecycles of a meeting, a case and an action."""

from __future__ import annotations

from concord.kernel.lifecycles import Lifecycle, NotNow, Step

__all__ = [
    "ACTION",
    "ITEM",
    "LIFECYCLES",
    "MEETING",
    "NEEDS_REASON",
    "PACK",
    "PRIOR_CONTACT",
    "QUESTION",
    "Lifecycle",
    "NotNow",
    "Step",
]

MEETING = Lifecycle(
    "Meeting",
    "planned",
    {"planned": "Planned", "open": "Sitting", "closed": "Closed", "signed": "Minutes signed"},
    (
        Step("open", ("planned",), "open"),
        Step("close", ("open",), "closed"),
        Step("sign", ("closed",), "signed"),
    ),
)


ITEM = Lifecycle(
    "Case",
    "listed",
    {"listed": "Listed", "decided": "Decided", "carried_over": "Carried over", "withdrawn": "Withdrawn"},
    (
        Step("decide", ("listed",), "decided"),
        Step("carry_over", ("listed",), "carried_over"),
        Step("withdraw", ("listed",), "withdrawn"),
    ),
)


ACTION = Lifecycle(
    "Action",
    "open",
    {
        "open": "Open",
        "done": "Done",
        "circumstances_changed": "Circumstances changed",
        "not_undertaken": "Not undertaken",
    },
    (
        Step("done", ("open",), "done"),
        Step("circumstances_changed", ("open",), "circumstances_changed"),
        Step("not_undertaken", ("open",), "not_undertaken"),
    ),
)


QUESTION = Lifecycle(
    "Question to a board",
    "waiting",
    {"waiting": "Waiting to be read", "published": "Waiting for an answer", "answered": "Answered",
     "declined": "Not published"},
    (
        Step("publish", ("waiting",), "published"),
        Step("decline", ("waiting", "published"), "declined"),
        Step("answer", ("published",), "answered"),
    ),
)  # fmt: skip


PACK = Lifecycle(
    "Pack of a meeting",
    "asked",
    {"asked": "Waiting for approval", "made": "Made", "failed": "Not made"},
    (
        Step("make", ("asked",), "made"),
        Step("fail", ("asked",), "failed"),
    ),
)


LIFECYCLES = (MEETING, ITEM, ACTION, QUESTION, PACK)


PRIOR_CONTACT = {
    "reached": "Spoken with",
    "not_reached": "Tried, not reached",
    "not_safe": "Not tried: there was no safe way",
}
"""How contact with the person at risk before the meeting ended."""


NEEDS_REASON = ("circumstances_changed", "not_undertaken")
"""Ways to end an action that say why: they mean different things in the return, so they are kept apart."""
