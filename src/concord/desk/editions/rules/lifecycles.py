"""The lifecycles of an edition and of a comment on it."""

from __future__ import annotations

from concord.kernel.lifecycles import Lifecycle, Step

EDITION = Lifecycle(
    "Edition",
    "drafting",
    {
        "drafting": "Being written",
        "in_review": "In review",
        "frozen": "Waiting for approval",
        "approved": "Approved",
        "published": "Published",
        "superseded": "Superseded",
        "withdrawn": "Withdrawn",
    },
    (
        Step("send_for_review", ("drafting",), "in_review"),
        Step("write_again", ("in_review",), "drafting"),
        Step("freeze", ("in_review",), "frozen"),
        Step("send_back", ("frozen", "approved"), "drafting"),
        Step("approve", ("frozen",), "approved"),
        Step("publish", ("approved",), "published"),
        Step("supersede", ("published",), "superseded"),
        Step("withdraw", ("drafting", "in_review", "frozen", "approved", "published", "superseded"), "withdrawn"),
    ),
)

COMMENT = Lifecycle(
    "Comment",
    "open",
    {"open": "Open", "resolved": "Resolved"},
    (Step("resolve", ("open",), "resolved"), Step("open_again", ("resolved",), "open")),
)

LIFECYCLES = (EDITION, COMMENT)

WRITTEN_IN = ("drafting",)
"""States in which the narrative may change."""
DISCUSSED_IN = ("drafting", "in_review")
"""States in which comments are made, changed figures are looked at, and passages are gone through."""
FIXED = ("frozen", "approved", "published", "superseded")
"""States in which what readers get is settled, to the byte."""
GIVEN_OUT = ("published", "superseded")
"""States in which its readers have it."""
