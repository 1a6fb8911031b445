"""The form of a decision about one release."""

from __future__ import annotations

from collections.abc import Mapping

from concord.web.shared.forms import Form, long_text, radios


def decision(own: bool, data: Mapping[str, object] | None) -> Form:
    """An approver's three answers; for one's own request only to withdraw it."""
    choices = (
        [("withdraw", "Withdraw it")]
        if own
        else [("approve", "Approve it"), ("change", "Ask for a change"), ("refuse", "Refuse it")]
    )
    hints = {
        "approve": "It is attacked again first, with whatever came out since it was asked for.",
        "change": "For example larger areas, a longer period, fewer breakdowns. Say which.",
        "refuse": "It should not leave in any form. Say why.",
        "withdraw": "You asked for this, so somebody else decides about it.",
    }
    fields = {
        "decision": radios("What is your decision?", choices, missing="Choose one", hints=hints),
        "reason": long_text("Why?", hint="Kept in the release ledger.", missing="Give a reason", rows=3),
    }
    return type("DecisionForm", (Form,), fields)(data)
