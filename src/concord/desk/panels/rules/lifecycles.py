"""The lifecycles of a meeting, a case and an action."""

from __future__ import annotations

from concord.kernel.lifecycles import Lifecycle, NotNow, Step

__all__ = ["ACTION", "ITEM", "LIFECYCLES", "MEETING", "NEEDS_REASON", "Lifecycle", "NotNow", "Step"]

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


LIFECYCLES = (MEETING, ITEM, ACTION)


NEEDS_REASON = ("circumstances_changed", "not_undertaken")
"""Ways to end an action that say why: they mean different things in the return, so they are kept apart."""
