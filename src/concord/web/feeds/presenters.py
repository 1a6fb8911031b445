"""How feeds stand, in the words of those who send them and those who wait."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace

from concord.desk.sharing.rules import AgreementLine
from concord.evidence.extracts import FeedStatus, Receipt
from concord.strategy.loader import Partnership
from concord.web.shared.present import extended

STATES = {
    "received": ("Up to date", "done"),
    "due": ("Due", "amber"),
    "late": ("Late", "red"),
    "never received": ("Never received", "grey"),
}
AGREEMENTS = {
    "in force": ("In force", "green"),
    "ends soon": ("Ends soon", "amber"),
    "ended": ("Not in force", "red"),
    "not begun": ("Not begun", "grey"),
}
RESULTS = {
    "loaded": ("Loaded", "done"),
    "already received": ("Received before", "grey"),
    "refused": ("Refused", "red"),
    "skipped": ("Not data", "grey"),
}


def status(found: FeedStatus, home: Partnership) -> SimpleNamespace:
    word, shape = STATES.get(found.state, (found.state, "grey"))
    agency = home.agencies.get(found.owner)
    return extended(
        found,
        word=word,
        shape=shape,
        owner_name=agency.name if agency else found.owner or "Not named",
        refusal=receipt(found.last_refusal) if found.last_refusal else None,
    )


def agreement(found: AgreementLine, home: Partnership) -> SimpleNamespace:
    """An agreement with its last day as a date, and what stops then by the names people know."""
    feeds = [f"feed “{home.feeds[key].title}”" for key in found.feeds if key in home.feeds]
    forums = [f"cases of {home.forums[key].abbreviation}" for key in found.forums if key in home.forums]
    pathways = [f"pathway “{home.pathways[key].name}”" for key in found.pathways if key in home.pathways]
    word, shape = AGREEMENTS[found.state]
    ends = date.fromisoformat(found.expires_on)
    return extended(found, ends=ends, stopping=[*feeds, *forums, *pathways], word=word, shape=shape)


def receipt(found: Receipt) -> SimpleNamespace:
    word, shape = RESULTS.get(found.status, (found.status, "grey"))
    return extended(
        found,
        at=datetime.fromisoformat(found.received_at),
        word=word,
        shape=shape,
        why=[found.refused[key] for key in ("what", "why", "next") if found.refused.get(key)],
        digest=found.sha256[:12],
    )
